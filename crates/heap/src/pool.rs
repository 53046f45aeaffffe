//! Pools: a run of memory cut into blocks of one size class, and its header.
//!
//! CPython's counterpart is `struct pool_header`. Here the headers do not stand at the start of
//! their pools but together in the first pages of the arena, 64 bytes each. Found by two masks and
//! a shift, they cost the same to reach, a pool holds a full 4 KiB of blocks, a write before the
//! first block of a pool cannot damage a header, and the headers of a thousand pools do not all
//! fall into the same set of the processor's cache.
//!
//! Invariants of a pool that is not unused:
//! - `used + (length of the free list) == carved <= capacity`;
//! - a `Partial` pool is linked in its class's list, and `countdown == used + bias`;
//! - a `Full` pool is not linked, `used == capacity` when it became full, and `countdown == 1`, so that
//!   the first block to be freed takes the slow path, where the pool is linked again;
//! - `bias` is 1 only in a pool that was kept although its last block was freed (see `Heap::retire`).

use std::cell::Cell;
use std::ptr::{self, NonNull};

/// A free block: its first word leads to the next.
#[repr(C)]
pub(crate) struct Block {
    pub(crate) next: Cell<*const Block>,
}

/// Where a pool stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum State {
    /// Not cut into blocks; any class can have it. All-zero headers are unused pools.
    Unused = 0,
    /// It has blocks to give, or is the head of its class's list and was not yet found to be full.
    Partial = 1,
    /// Every block was in use when it was last looked at; no list holds it.
    Full = 2,
}

/// The header of a pool.
#[repr(C, align(64))]
pub(crate) struct Pool {
    /// Blocks that were freed, last one first, and behind them those carved but never used.
    pub(crate) free: Cell<*const Block>,
    /// `used + bias`, or 1 for a full pool. The free that takes it to 0 has work to do.
    pub(crate) countdown: Cell<u32>,
    /// 1 when the pool stays although it may be empty.
    pub(crate) bias: Cell<u32>,
    /// Blocks that fit.
    pub(crate) capacity: Cell<u32>,
    /// Blocks that have been put on the free list so far, from the start of the pool on.
    pub(crate) carved: Cell<u32>,
    pub(crate) state: Cell<State>,
    /// The size class, as a slot number.
    pub(crate) slot: Cell<u8>,
    /// Neighbours in the list of partial pools of the class.
    pub(crate) next: Cell<*const Pool>,
    pub(crate) previous: Cell<*const Pool>,
    /// The first block.
    pub(crate) start: Cell<*mut u8>,
}

const _: () = assert!(size_of::<Pool>() == 64);

/// Blocks are carved from a fresh pool in portions of this many bytes, so that a pool of 16 KiB
/// which holds three objects has touched one page.
const PORTION: usize = 4096;

impl Pool {
    /// The pool of a class that has none: nothing to pop, and never written to.
    pub(crate) const fn none() -> Pool {
        Pool {
            free: Cell::new(ptr::null()),
            countdown: Cell::new(0),
            bias: Cell::new(0),
            capacity: Cell::new(0),
            carved: Cell::new(0),
            state: Cell::new(State::Unused),
            slot: Cell::new(0),
            next: Cell::new(ptr::null()),
            previous: Cell::new(ptr::null()),
            start: Cell::new(ptr::null_mut()),
        }
    }

    /// Makes an unused pool one of blocks of `block_size` bytes, none carved yet.
    pub(crate) fn assign(&self, start: *mut u8, pool_size: usize, slot: usize, block_size: usize) {
        self.free.set(ptr::null());
        self.countdown.set(0);
        self.bias.set(0);
        // Both fit: a pool has at most 16 KiB, a heap 64 slots.
        self.capacity.set((pool_size / block_size) as u32);
        self.carved.set(0);
        self.state.set(State::Partial);
        self.slot.set(slot as u8);
        self.start.set(start);
    }

    /// Blocks in use.
    pub(crate) fn used(&self) -> u32 {
        match self.state.get() {
            State::Unused => 0,
            State::Partial => self.countdown.get() - self.bias.get(),
            State::Full => self.capacity.get(),
        }
    }

    /// Takes the first block of the free list, and counts it.
    ///
    /// # Safety
    /// The pool is `Partial` (or has an empty free list), and the caller holds the heap's lock.
    #[inline(always)]
    pub(crate) unsafe fn pop(&self) -> Option<NonNull<u8>> {
        let block = NonNull::new(self.free.get().cast_mut())?;
        // SAFETY: a block on the free list is memory of the pool that nobody uses; its first
        // word was written when it was put there.
        self.free.set(unsafe { block.as_ref() }.next.get());
        self.countdown.set(self.countdown.get().wrapping_add(1));
        Some(block.cast())
    }

    /// Puts a block on the free list and counts it out. Says whether the countdown has ended, in
    /// which case `Heap::countdown_ended` has to look at the pool.
    ///
    /// # Safety
    /// The block is one of this pool's that is in use, and the caller holds the heap's lock.
    #[inline(always)]
    pub(crate) unsafe fn push(&self, block: NonNull<u8>) -> bool {
        let block = block.cast::<Block>();
        // SAFETY: the block is the caller's to give up, and at least a word in size and alignment.
        unsafe { block.as_ptr().write(Block { next: Cell::new(self.free.get()) }) };
        self.free.set(block.as_ptr());
        let countdown = self.countdown.get().wrapping_sub(1);
        self.countdown.set(countdown);
        countdown == 0
    }

    /// Puts the next portion of never used blocks on the empty free list, in address order. Says
    /// whether there were any.
    ///
    /// # Safety
    /// The pool is assigned, its free list is empty, and the caller holds the heap's lock.
    pub(crate) unsafe fn carve(&self, block_size: usize) -> bool {
        let carved = self.carved.get() as usize;
        let count = (self.capacity.get() as usize - carved).min((PORTION / block_size).max(1));
        if count == 0 {
            return false;
        }
        let mut next = ptr::null();
        for index in (carved..carved + count).rev() {
            // SAFETY: `index < capacity`, so the block lies in the pool; it was never handed out.
            unsafe {
                let block = self.start.get().add(index * block_size).cast::<Block>();
                block.write(Block { next: Cell::new(next) });
                next = block;
            }
        }
        self.free.set(next);
        self.carved.set((carved + count) as u32);
        true
    }
}
