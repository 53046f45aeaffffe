//! Pools: a run of memory cut into blocks of one size class, and its header.
//!
//! CPython's counterpart is `struct pool_header`, 48 bytes. Here the headers do not stand at the start of
//! their pools but together at the start of the arena, 12 bytes each. Found by two masks and
//! a shift, they cost the same to reach, a pool holds a full 4 KiB of blocks, a write before the
//! first block of a pool cannot damage a header, and the headers of a thousand pools do not all
//! fall into the same set of the processor's cache. They are packed because with pools of 4 KiB a word in
//! each is 0.2 % of all memory: what follows from the place of a header, its pool's memory, is not stored; links are
//! numbers (see `numbers.rs`); the rest is as wide as a pool of 16 KiB needs.
//!
//! A pool of small blocks takes up to four adjoining pages where a single one would leave bytes unused at its end. It is known by the header of its first
//! page; those of the others are marked as `Tail` and tell how far back that is.
//!
//! Invariants of a pool that is not unused:
//! - `used + (length of the free list) == carved <= capacity`, where blocks count as used that stand
//!   on the class's free list (see `class.rs`);
//! - a `Partial` pool is linked in its class's list, and has blocks on its free list or not yet carved;
//! - a `Full` pool is not linked, and `used == capacity`.

use std::cell::Cell;
use std::ptr;

use crate::arena::{HEADERS, POOLS};
use crate::numbers::{LINK_BITS, Link};
use crate::size_class::block_size;

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
    /// Not the first page of its pool.
    Tail = 3,
}

/// Some bits of one of a header's words: the word's number, the lowest bit, and how many.
struct Bits(usize, u32, u32);

/// Neighbours in the list of partial pools of the class.
const NEXT: Bits = Bits(0, 0, LINK_BITS);
const PREVIOUS: Bits = Bits(1, 0, LINK_BITS);
const STATE: Bits = Bits(0, 30, 2);
/// The pages of the pool but the first; in a tail, how many pages before it the pool begins.
const MORE: Bits = Bits(1, 30, 2);
/// The first of the carved blocks that are not used, last freed one first: one more than its distance from the start of the pool's memory in
/// words; 0 for none.
const FREE: Bits = Bits(2, 0, 12);
/// Blocks in use or on the class's free list.
const USED: Bits = Bits(2, 12, 11);
/// Portions whose blocks have ever been on the free list: the first ones of the pool.
const CARVED: Bits = Bits(2, 23, 3);
/// The size class, as a slot number.
const SLOT: Bits = Bits(2, 26, 6);

/// The header of a pool.
#[repr(C)]
pub(crate) struct Pool([Cell<u32>; 3]);

const _: () = assert!(size_of::<Pool>() == 12);

/// Blocks are carved from a fresh pool in portions of this many bytes, so that a pool of 16 KiB
/// which holds three objects has touched one page.
const PORTION: usize = 4096;

/// Blocks of a portion.
fn portion(block_size: usize) -> usize {
    PORTION / block_size
}

impl Pool {
    fn get(&self, Bits(word, lowest, count): Bits) -> u32 {
        self.0[word].get() >> lowest & ((1 << count) - 1)
    }

    fn put_bits(&self, Bits(word, lowest, count): Bits, value: u32) {
        let mask = (1 << count) - 1;
        debug_assert!(value <= mask);
        self.0[word].set(self.0[word].get() & !(mask << lowest) | value << lowest);
    }

    /// The next partial pool of the class.
    pub(crate) fn next(&self) -> Link {
        Link(self.get(NEXT))
    }

    /// Sets [`next`](Pool::next).
    pub(crate) fn set_next(&self, pool: Link) {
        self.put_bits(NEXT, pool.0);
    }

    /// The partial pool of the class before this one.
    pub(crate) fn previous(&self) -> Link {
        Link(self.get(PREVIOUS))
    }

    /// Sets [`previous`](Pool::previous).
    pub(crate) fn set_previous(&self, pool: Link) {
        self.put_bits(PREVIOUS, pool.0);
    }

    /// The size class, as a slot number.
    pub(crate) fn slot(&self) -> usize {
        self.get(SLOT) as usize
    }

    /// Blocks in use or on the class's free list.
    pub(crate) fn used(&self) -> usize {
        self.get(USED) as usize
    }

    /// Where the pool stands.
    pub(crate) fn state(&self) -> State {
        match self.get(STATE) {
            0 => State::Unused,
            1 => State::Partial,
            2 => State::Full,
            _ => State::Tail,
        }
    }

    /// Sets [`state`](Pool::state).
    pub(crate) fn set_state(&self, state: State) {
        self.put_bits(STATE, state as u32);
    }

    /// Whether no carved block is free.
    pub(crate) fn has_none_free(&self) -> bool {
        self.get(FREE) == 0
    }

    /// The start of the pool's part of the arena, and the bytes at its start that are taken by the headers.
    fn part(&self, pool_size: usize) -> (*mut u8, usize) {
        let at = ptr::from_ref(self).expose_provenance();
        let arena = at & !(pool_size * POOLS - 1);
        let index = (at - arena) / size_of::<Pool>();
        (ptr::with_exposed_provenance_mut(arena + index * pool_size), if index == 0 { HEADERS } else { 0 })
    }

    /// The first block.
    pub(crate) fn start(&self, pool_size: usize) -> *mut u8 {
        let (start, headers) = self.part(pool_size);
        start.wrapping_add(headers)
    }

    /// The pages that the pool takes.
    pub(crate) fn pages(&self) -> usize {
        self.get(MORE) as usize + 1
    }

    /// How many pages before this one its pool begins.
    pub(crate) fn back(&self) -> usize {
        if self.state() == State::Tail { self.get(MORE) as usize } else { 0 }
    }

    /// Bytes for blocks.
    pub(crate) fn room(&self, pool_size: usize) -> usize {
        self.pages() * pool_size - self.part(pool_size).1
    }

    /// Blocks of `block_size` bytes that fit.
    pub(crate) fn capacity(&self, pool_size: usize, block_size: usize) -> usize {
        self.room(pool_size) / block_size
    }

    /// Blocks that have ever been on the free list: the first ones of the pool.
    pub(crate) fn carved(&self, pool_size: usize) -> usize {
        let size = block_size(self.slot());
        (self.get(CARVED) as usize * portion(size)).min(self.capacity(pool_size, size))
    }

    /// The first block of the free list.
    pub(crate) fn free(&self, pool_size: usize) -> *const Block {
        match self.get(FREE) as usize {
            0 => ptr::null(),
            place => self.part(pool_size).0.wrapping_add((place - 1) * 8).cast_const().cast(),
        }
    }

    fn set_free(&self, block: *const Block, pool_size: usize) {
        let place = || (block.addr() - self.part(pool_size).0.addr()) / 8 + 1;
        self.put_bits(FREE, if block.is_null() { 0 } else { place() as u32 });
    }

    /// Makes an unused page the first of a pool of class `slot` with so many pages, no block carved yet.
    pub(crate) fn assign(&self, slot: usize, pages: usize) {
        self.0.iter().for_each(|word| word.set(0));
        self.set_state(State::Partial);
        self.put_bits(SLOT, slot as u32);
        self.put_bits(MORE, pages as u32 - 1);
    }

    /// Makes an unused page one of the pool that begins `back` pages before it.
    pub(crate) fn assign_tail(&self, slot: usize, back: usize) {
        self.0.iter().for_each(|word| word.set(0));
        self.set_state(State::Tail);
        self.put_bits(SLOT, slot as u32);
        self.put_bits(MORE, back as u32);
    }

    /// Makes a page of an empty pool an unused one.
    pub(crate) fn end(&self) {
        self.0.iter().for_each(|word| word.set(0));
    }

    /// Takes all blocks off the free list, and counts them. They are chained as they were.
    pub(crate) fn take_all(&self, pool_size: usize) -> *const Block {
        let first = self.free(pool_size);
        self.put_bits(USED, self.carved(pool_size) as u32);
        self.put_bits(FREE, 0);
        first
    }

    /// Puts the blocks from `first` to `last`, a chain of `count`, on the free list, and counts them out.
    ///
    /// # Safety
    /// The blocks are this pool's and count as used, and the caller holds the heap's lock.
    pub(crate) unsafe fn put(&self, first: *const Block, last: &Block, count: u32, pool_size: usize) {
        last.next.set(self.free(pool_size));
        self.set_free(first, pool_size);
        self.put_bits(USED, self.get(USED) - count);
    }

    /// Puts the next portion of never used blocks on the empty free list, in address order. Says
    /// whether there were any.
    ///
    /// # Safety
    /// The pool is assigned, its free list is empty, and the caller holds the heap's lock.
    pub(crate) unsafe fn carve(&self, pool_size: usize, block_size: usize) -> bool {
        let carved = self.carved(pool_size);
        let count = (self.capacity(pool_size, block_size) - carved).min(portion(block_size));
        if count == 0 {
            return false;
        }
        let start = self.start(pool_size);
        let mut next = ptr::null();
        for index in (carved..carved + count).rev() {
            // SAFETY: `index < capacity`, so the block lies in the pool; it was never handed out.
            unsafe {
                let block = start.add(index * block_size).cast::<Block>();
                block.write(Block { next: Cell::new(next) });
                next = block;
            }
        }
        self.set_free(next, pool_size);
        self.put_bits(CARVED, self.get(CARVED) + 1);
        true
    }
}
