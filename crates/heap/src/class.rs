//! The free list of a size class: what the fast path pops and pushes.
//!
//! It stands in front of the pools. Blocks on it count as used in their pools, so that neither an
//! allocation nor a free touches a pool's header; they come from a pool all at once, and go back when the
//! list has grown by `limit`. The block freed last is the next handed out, whichever pool it belongs to.
//!
//! What it costs is that a block on the list keeps its pool, and so its arena, from going back. So
//! `limit` is small, and adapts: it halves when a flush has sent an arena back to the system (the program
//! is giving up memory on a large scale), and doubles when the list has run dry.
//!
//! Rejected: popping and pushing the free list of a pool itself, as `pymalloc` and mimalloc do. It needs
//! no limit and holds nothing back, and is as fast for one block allocated and freed in turns. But
//! with pools of 4 KiB, a program that replaces blocks at random finds the first pool empty, or its
//! block in a full pool, nearly every time, and goes the slow way twice.

use std::cell::Cell;
use std::ptr::{self, NonNull};

use crate::pool::Block;
use crate::size_class::block_size;

/// The limit that a list shrinks to, and starts with.
const LEAST: u32 = 16;

/// The free list of one class.
#[repr(C)]
pub(crate) struct Class {
    free: Cell<*const Block>,
    /// How many more blocks may be pushed. The push that takes it to 0 has to flush.
    room: Cell<u32>,
    /// What `room` is after a refill.
    limit: Cell<u32>,
}

impl Class {
    pub(crate) const fn new() -> Class {
        Class { free: Cell::new(ptr::null()), room: Cell::new(LEAST), limit: Cell::new(LEAST) }
    }

    /// Takes the first block.
    ///
    /// # Safety
    /// The caller holds the heap's lock.
    #[inline(always)]
    pub(crate) unsafe fn pop(&self) -> Option<NonNull<u8>> {
        let block = NonNull::new(self.free.get().cast_mut())?;
        // SAFETY: a block on the list is nobody's, and its first word was written when it was put there.
        self.free.set(unsafe { block.as_ref() }.next.get());
        self.room.set(self.room.get().wrapping_add(1));
        Some(block.cast())
    }

    /// Puts a block first. Says whether that was the last for which there was room.
    ///
    /// # Safety
    /// The block is of this class and in use, and the caller holds the heap's lock.
    #[inline(always)]
    #[must_use]
    pub(crate) unsafe fn push(&self, block: NonNull<u8>) -> bool {
        let block = block.cast::<Block>();
        // SAFETY: the block is the caller's to give up, and at least a word in size and alignment.
        unsafe { block.write(Block { next: Cell::new(self.free.get()) }) };
        self.free.set(block.as_ptr());
        let room = self.room.get().wrapping_sub(1);
        self.room.set(room);
        room == 0
    }

    /// Makes `blocks`, a chain, the list, which is empty.
    pub(crate) fn refill(&self, blocks: *const Block, slot: usize) {
        debug_assert!(self.free.get().is_null());
        self.free.set(blocks);
        // At most half a pool of 4 KiB; fits.
        let most = (2048 / block_size(slot)).clamp(LEAST as usize, 64) as u32;
        self.limit.set((self.limit.get() * 2).min(most));
        self.room.set(self.limit.get());
    }

    /// How many blocks stay on the list when it is flushed.
    pub(crate) fn keep(&self) -> usize {
        self.limit.get() as usize / 4
    }

    /// Cuts the list behind its first `keep` blocks, and returns the rest, a chain.
    ///
    /// # Safety
    /// The caller holds the heap's lock.
    pub(crate) unsafe fn split_off(&self, keep: usize) -> *const Block {
        let mut link = &self.free;
        for _ in 0..keep {
            // SAFETY: as in `pop`.
            match unsafe { link.get().as_ref() } {
                Some(block) => link = &block.next,
                None => return ptr::null(),
            }
        }
        link.replace(ptr::null())
    }

    /// Sets the room anew, after all but `keep` blocks were taken off; `released` says whether an
    /// arena went back to the system by that.
    pub(crate) fn flushed(&self, released: bool) {
        let keep = self.keep() as u32;
        if released {
            self.limit.set((self.limit.get() / 2).max(LEAST));
        }
        self.room.set((self.limit.get()).saturating_sub(keep).max(1));
    }

    /// Blocks on the list.
    pub(crate) fn count(&self) -> usize {
        self.iter().count()
    }

    /// The blocks on the list. A block is read only after it was yielded, so that the caller can
    /// stop at one that does not belong there.
    pub(crate) fn iter(&self) -> impl Iterator<Item = *const Block> {
        let mut link: *const Cell<*const Block> = &raw const self.free;
        std::iter::from_fn(move || {
            // SAFETY: the list's own cell, or that of a block that the caller was content with.
            let block = unsafe { (*link).get() };
            link = block.cast();
            (!block.is_null()).then_some(block)
        })
    }
}
