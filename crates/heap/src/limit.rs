//! The account of what a heap has taken from the system, and the limits on it.
//!
//! What counts is memory that the process really holds: whole arenas, and blocks of the C library
//! in the size that it gave them. So a limit bounds the resident size, the fast path never looks
//! at it, and a limit set below the current use only stops growth. The hard limit makes
//! allocations fail, over all domains. The soft limit calls back once each time it is crossed.
//!
//! The counters are atomic because the raw domain may be used by any thread. Those of arenas and of
//! the other domains are only written by the thread with the lock, with a plain load and store.

use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed};

use crate::Domain;

/// Called with the bytes in use when the soft limit is crossed, from within the allocation that
/// crosses it: it should take a note and return. If that allocation is a raw one, the thread may not
/// hold the interpreter's lock.
pub type SoftLimitCallback = fn(in_use: usize);

/// Blocks of the C library that one domain holds.
pub(crate) struct SystemCount {
    pub(crate) bytes: AtomicUsize,
    pub(crate) blocks: AtomicUsize,
}

/// Bytes taken from the system, and the limits.
pub(crate) struct Account {
    pub(crate) arenas: AtomicUsize,
    pub(crate) system: [SystemCount; 3],
    peak: AtomicUsize,
    hard: AtomicUsize,
    soft: AtomicUsize,
    /// Another level at which the callback is called.
    mark: AtomicUsize,
    /// The bytes that the hard limit refused last; 0 for none.
    refused: AtomicUsize,
    /// A `SoftLimitCallback`, or null.
    callback: AtomicPtr<()>,
}

impl Account {
    pub(crate) const fn new() -> Account {
        Account {
            arenas: AtomicUsize::new(0),
            system: [const { SystemCount { bytes: AtomicUsize::new(0), blocks: AtomicUsize::new(0) } }; 3],
            peak: AtomicUsize::new(0),
            hard: AtomicUsize::new(usize::MAX),
            soft: AtomicUsize::new(usize::MAX),
            mark: AtomicUsize::new(usize::MAX),
            refused: AtomicUsize::new(0),
            callback: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// Bytes in arenas and system blocks. A raw block that was freed under another heap than its
    /// own can take its counter below zero, so the sum wraps, and negative is nothing.
    pub(crate) fn in_use(&self) -> usize {
        let sum = self
            .system
            .iter()
            .fold(self.arenas.load(Relaxed), |sum, count| sum.wrapping_add(count.bytes.load(Relaxed)));
        (sum as isize).max(0) as usize
    }

    /// System blocks that a domain holds.
    pub(crate) fn blocks(&self, domain: Domain) -> usize {
        self.system[domain.index()].blocks.load(Relaxed)
    }

    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Relaxed).max(self.in_use())
    }

    pub(crate) fn reset_peak(&self) {
        self.peak.store(self.in_use(), Relaxed);
    }

    pub(crate) fn limit(&self) -> Option<usize> {
        Some(self.hard.load(Relaxed)).filter(|&limit| limit != usize::MAX)
    }

    pub(crate) fn set_limit(&self, limit: Option<usize>) {
        self.hard.store(limit.unwrap_or(usize::MAX), Relaxed);
    }

    pub(crate) fn set_soft_limit(&self, limit: Option<usize>, callback: SoftLimitCallback) {
        self.callback.store(callback as *mut (), Relaxed);
        self.soft.store(limit.unwrap_or(usize::MAX), Relaxed);
    }

    /// Whether `more` bytes are within the hard limit.
    #[inline]
    pub(crate) fn allows(&self, more: usize) -> bool {
        let hard = self.hard.load(Relaxed);
        let allowed = hard == usize::MAX || self.in_use().checked_add(more).is_some_and(|sum| sum <= hard);
        if !allowed {
            self.refused.store(more, Relaxed);
        }
        allowed
    }

    pub(crate) fn take_refusal(&self) -> Option<usize> {
        Some(self.refused.swap(0, Relaxed)).filter(|&bytes| bytes > 0)
    }

    pub(crate) fn soft_limit(&self) -> Option<usize> {
        Some(self.soft.load(Relaxed)).filter(|&limit| limit != usize::MAX)
    }

    pub(crate) fn mark(&self) -> Option<usize> {
        Some(self.mark.load(Relaxed)).filter(|&limit| limit != usize::MAX)
    }

    pub(crate) fn set_mark(&self, mark: Option<usize>) {
        self.mark.store(mark.unwrap_or(usize::MAX), Relaxed);
    }

    /// Counts `bytes` of an arena.
    pub(crate) fn add_arena(&self, bytes: usize) {
        self.arenas.store(self.arenas.load(Relaxed).wrapping_add(bytes), Relaxed);
        self.grew(bytes);
    }

    pub(crate) fn remove_arena(&self, bytes: usize) {
        self.arenas.store(self.arenas.load(Relaxed).wrapping_sub(bytes), Relaxed);
    }

    /// Counts a system block of `bytes` in (`blocks` is 1), or more bytes of one (`blocks` is 0).
    #[inline]
    pub(crate) fn add_system(&self, domain: Domain, bytes: usize, blocks: usize) {
        self.change(domain, bytes, blocks);
        self.grew(bytes);
    }

    /// Counts a system block, or some of its bytes, out.
    #[inline]
    pub(crate) fn remove_system(&self, domain: Domain, bytes: usize, blocks: usize) {
        self.change(domain, bytes.wrapping_neg(), blocks.wrapping_neg());
    }

    #[inline]
    fn change(&self, domain: Domain, bytes: usize, blocks: usize) {
        let count = &self.system[domain.index()];
        if domain == Domain::Raw {
            count.bytes.fetch_add(bytes, Relaxed);
            count.blocks.fetch_add(blocks, Relaxed);
        } else {
            count.bytes.store(count.bytes.load(Relaxed).wrapping_add(bytes), Relaxed);
            count.blocks.store(count.blocks.load(Relaxed).wrapping_add(blocks), Relaxed);
        }
    }

    /// Notes a new peak, and calls back when `bytes` more have crossed the soft limit. Two threads
    /// that race for the peak may lose the higher by one block; nothing stands on it.
    #[inline]
    fn grew(&self, bytes: usize) {
        let now = self.in_use();
        if now > self.peak.load(Relaxed) {
            self.peak.store(now, Relaxed);
        }
        let before = now.saturating_sub(bytes);
        let crossed = |level: usize| now > level && before <= level;
        if crossed(self.soft.load(Relaxed)) || crossed(self.mark.load(Relaxed)) {
            self.crossed(now);
        }
    }

    #[cold]
    #[inline(never)]
    fn crossed(&self, now: usize) {
        let callback = self.callback.load(Relaxed);
        if !callback.is_null() {
            // SAFETY: only `set_soft_limit` stores here, and it stores a `SoftLimitCallback`;
            // function pointers and data pointers are alike on the platforms that have `mmap`.
            let callback: SoftLimitCallback = unsafe { std::mem::transmute(callback) };
            callback(now);
        }
    }
}
