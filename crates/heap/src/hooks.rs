//! Trace hooks and fault injection: what stands between a caller and the heap when somebody watches.
//!
//! `tracemalloc` and the like install a [`Trace`] for a domain. CPython's counterpart is
//! `PyMem_SetAllocator`, where each layer wraps the one below; here a trace is told of what happened and
//! does not allocate itself, which is all that its users want. With any of this in use, the heap's
//! fast path is closed (see `Heap::small`), so it costs nothing otherwise.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering::Relaxed};

use crate::Domain;

/// What is told of the blocks of a domain. The functions are called on the thread that allocates,
/// in the raw domain perhaps without the interpreter's lock. They may allocate, and then they are
/// called again: to break that circle is theirs.
#[derive(Debug)]
pub struct Trace {
    /// Handed to every function.
    pub context: *mut (),
    /// A block was allocated. `false` refuses it: the block is freed and the allocation fails.
    pub allocated: unsafe fn(context: *mut (), domain: Domain, block: NonNull<u8>, size: usize) -> bool,
    /// A block was resized, and perhaps moved; `old` is gone.
    pub reallocated: unsafe fn(context: *mut (), domain: Domain, old: NonNull<u8>, new: NonNull<u8>, size: usize),
    /// A block is about to be freed.
    pub freed: unsafe fn(context: *mut (), domain: Domain, block: NonNull<u8>),
}

// SAFETY: a table of functions and a word. Whoever makes one and installs it for the raw domain vouches
// that the functions may be called with the context on any thread.
unsafe impl Sync for Trace {}
// SAFETY: as for `Sync`.
unsafe impl Send for Trace {}

/// Which allocations fail on purpose. Counted over all domains from when it is set, a
/// successful or failing allocation or growing reallocation being one, the first having number 0.
/// CPython's counterpart is `_testcapi.set_nomemory(start, stop)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Faults {
    /// The number of the first allocation that fails.
    pub start: u64,
    /// The number of the first after that which succeeds again; `None` if none does.
    pub stop: Option<u64>,
}

/// Traces, domain by domain.
pub(crate) const TRACE: u32 = 1;
/// Fault injection is on.
pub(crate) const FAULTS: u32 = 1 << 3;
/// The debug layer is on, from the making of the heap.
pub(crate) const DEBUG: u32 = 1 << 4;
/// Freed blocks are overwritten.
pub(crate) const POISON: u32 = 1 << 5;

/// What is switched on, and the state of it. Atomic because of the raw domain.
pub(crate) struct Hooks {
    switches: AtomicU32,
    traces: [AtomicPtr<Trace>; 3],
    count: AtomicU64,
    start: AtomicU64,
    stop: AtomicU64,
}

impl Hooks {
    pub(crate) const fn new(switches: u32) -> Hooks {
        Hooks {
            switches: AtomicU32::new(switches),
            traces: [const { AtomicPtr::new(std::ptr::null_mut()) }; 3],
            count: AtomicU64::new(0),
            start: AtomicU64::new(0),
            stop: AtomicU64::new(0),
        }
    }

    /// All switches.
    #[inline]
    pub(crate) fn switches(&self) -> u32 {
        self.switches.load(Relaxed)
    }

    /// Whether a switch is on that concerns `domain`.
    #[inline]
    pub(crate) fn concern(&self, domain: Domain) -> bool {
        self.switches() & (FAULTS | DEBUG | POISON | TRACE << domain.index()) != 0
    }

    pub(crate) fn switch(&self, switch: u32, on: bool) {
        if on {
            self.switches.fetch_or(switch, Relaxed);
        } else {
            self.switches.fetch_and(!switch, Relaxed);
        }
    }

    /// Installs a trace and returns the one before.
    pub(crate) fn set_trace(&self, domain: Domain, trace: *const Trace) -> *const Trace {
        let before = self.traces[domain.index()].swap(trace.cast_mut(), std::sync::atomic::Ordering::AcqRel);
        self.switch(TRACE << domain.index(), !trace.is_null());
        before
    }

    /// The trace of a domain.
    pub(crate) fn trace(&self, domain: Domain) -> Option<&'static Trace> {
        let trace = self.traces[domain.index()].load(std::sync::atomic::Ordering::Acquire);
        // SAFETY: null or a trace that whoever installed it keeps alive, see `Heap::set_trace`.
        unsafe { trace.as_ref() }
    }

    pub(crate) fn set_faults(&self, faults: Option<Faults>) {
        if let Some(faults) = faults {
            self.count.store(0, Relaxed);
            self.start.store(faults.start, Relaxed);
            self.stop.store(faults.stop.unwrap_or(u64::MAX), Relaxed);
        }
        self.switch(FAULTS, faults.is_some());
    }

    /// Allocations counted since faults were set.
    pub(crate) fn counted(&self) -> u64 {
        self.count.load(Relaxed)
    }

    /// Whether the next allocation is to fail.
    pub(crate) fn fault(&self) -> bool {
        if self.switches() & FAULTS == 0 {
            return false;
        }
        let number = self.count.fetch_add(1, Relaxed);
        (self.start.load(Relaxed)..self.stop.load(Relaxed)).contains(&number)
    }
}
