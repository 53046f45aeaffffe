//! Pools: a run of memory cut into blocks of one size class, and its header.
//!
//! CPython's counterpart is `struct pool_header`. Here the headers do not stand at the start of
//! their pools but together in the first pages of the arena, 64 bytes each. Found by two masks and
//! a shift, they cost the same to reach, a pool holds a full 4 KiB of blocks, a write before the
//! first block of a pool cannot damage a header, and the headers of a thousand pools do not all
//! fall into the same set of the processor's cache.
//!
//! Invariants of a pool that is not unused:
//! - `used + (length of the free list) == carved <= capacity`, where blocks count as used that stand
//!   on the class's free list (see `class.rs`);
//! - a `Partial` pool is linked in its class's list, and has blocks on its free list or not yet carved;
//! - a `Full` pool is not linked, and `used == capacity`.

use std::cell::Cell;
use std::ptr;

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
    /// It has blocks to give.
    Partial = 1,
    /// Every block is in use.
    Full = 2,
}

/// The header of a pool.
#[repr(C, align(64))]
pub(crate) struct Pool {
    /// Carved blocks that are not used, last freed one first.
    pub(crate) free: Cell<*const Block>,
    /// Blocks in use or on the class's free list.
    pub(crate) used: Cell<u32>,
    /// Blocks that fit.
    pub(crate) capacity: Cell<u32>,
    /// Blocks that have ever been on the free list: the first ones of the pool.
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
    /// Makes an unused pool one of blocks of `block_size` bytes, none carved yet.
    pub(crate) fn assign(&self, start: *mut u8, pool_size: usize, slot: usize, block_size: usize) {
        self.free.set(ptr::null());
        self.used.set(0);
        // Both fit: a pool has at most 16 KiB, a heap 64 slots.
        self.capacity.set((pool_size / block_size) as u32);
        self.carved.set(0);
        self.state.set(State::Partial);
        self.slot.set(slot as u8);
        self.start.set(start);
    }

    /// Takes all blocks off the free list, and counts them. They are chained as they were.
    pub(crate) fn take_all(&self) -> *const Block {
        self.used.set(self.carved.get());
        self.free.replace(ptr::null())
    }

    /// Puts the blocks from `first` to `last`, a chain of `count`, on the free list, and counts them out.
    ///
    /// # Safety
    /// The blocks are this pool's and count as used, and the caller holds the heap's lock.
    pub(crate) unsafe fn put(&self, first: *const Block, last: &Block, count: u32) {
        last.next.set(self.free.replace(first));
        self.used.set(self.used.get() - count);
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
