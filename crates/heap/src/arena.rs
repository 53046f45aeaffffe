//! Arenas: the pieces in which pools come from the system and go back to it.
//!
//! An arena is aligned to its size and has 64 pools in either geometry. It begins with their
//! 12-byte headers and its own, and what these leave of the first pool is a pool like the others, but shorter.
//! So from any block, `address & arena_mask` is the arena and
//! `address >> pool_shift & 63` the number of the pool. CPython's counterpart is `struct arena_object`, kept
//! in an array apart from the arenas, where a pool holds its arena's index.
//!
//! Arenas with pools to give stand in 64 lists by the number of those pools, and a word of 64 bits
//! says which lists are not empty. A pool is taken from the fullest arena (the lowest
//! bit), so that those nearly empty can become empty. When one does, it is kept if no other
//! empty one is, and goes back to the system otherwise.

use std::cell::Cell;
use std::ptr::{self, NonNull};

use crate::numbers::{Link, Numbers};
use crate::pool::Pool;

/// Pools in an arena.
pub(crate) const POOLS: usize = 64;

/// The set of all pools.
pub(crate) const ALL_POOLS: u64 = !0;

/// Bytes at the start of an arena that are taken by headers. Some are left over, so that a write shortly before the first block does no damage.
pub(crate) const HEADERS: usize = 832;

/// What an arena begins with.
#[repr(C, align(64))]
pub(crate) struct Arena {
    /// The headers of the pools.
    pools: [Pool; POOLS],
    /// The heap that owns the arena, to tell a stray pointer by.
    pub(crate) heap: Cell<*const crate::Heap>,
    /// The pools that are unused.
    pub(crate) unused: Cell<u64>,
    /// Neighbours among the arenas with as many unused pools.
    pub(crate) next: Cell<*const Arena>,
    pub(crate) previous: Cell<*const Arena>,
    /// Neighbours among all arenas of the heap, newest first.
    pub(crate) all_next: Cell<*const Arena>,
    pub(crate) all_previous: Cell<*const Arena>,
    /// The number by which headers of pools know the arena.
    number: Cell<u32>,
    /// The sixteenths for which the system is still to be asked for memory, each when its first pool is taken.
    pub(crate) bare: Cell<u16>,
}

const _: () = assert!(size_of::<Arena>() == HEADERS);

impl Arena {
    /// How many pools are unused.
    pub(crate) fn unused_count(&self) -> usize {
        self.unused.get().count_ones() as usize
    }

    /// The number of the list that the arena belongs to: one less than it has unused pools; none if it has none.
    fn list(&self) -> Option<usize> {
        self.unused_count().checked_sub(1)
    }

    /// The header of pool `index`.
    ///
    /// # Safety
    /// The arena is mapped, and `index < POOLS`.
    pub(crate) unsafe fn pool(arena: *const Arena, index: usize) -> *const Pool {
        debug_assert!(index < POOLS);
        // SAFETY: the headers fill the first bytes of the arena.
        unsafe { arena.cast::<Pool>().add(index) }
    }

    /// Writes the header of an arena that was just mapped (and so is zeroed): all pools unused.
    ///
    /// # Safety
    /// `start` is an arena of zeroed memory that nobody else knows of.
    pub(crate) unsafe fn start(start: NonNull<u8>, heap: *const crate::Heap) -> *const Arena {
        let arena = start.cast::<Arena>();
        // SAFETY: the arena is aligned to its size and begins with space for what it begins with, of which all-zero bytes are right
        // for all but these two.
        unsafe {
            let arena = arena.as_ref();
            arena.heap.set(heap);
            arena.unused.set(ALL_POOLS);
        }
        arena.as_ptr()
    }
}

/// The arenas of a heap, sorted by how full they are.
pub(crate) struct Arenas {
    /// Bit `n` is set when list `n` is not empty.
    occupied: Cell<u64>,
    /// The first arena with `n + 1` unused pools.
    by_unused: [Cell<*const Arena>; POOLS],
    /// The newest of all arenas.
    pub(crate) all: Cell<*const Arena>,
    numbers: Numbers,
    /// Arenas mapped now, the most there ever were at once, and all there ever were.
    pub(crate) count: Cell<usize>,
    pub(crate) highwater: Cell<usize>,
    pub(crate) total: Cell<usize>,
}

impl Arenas {
    pub(crate) const fn new() -> Arenas {
        Arenas {
            occupied: Cell::new(0),
            by_unused: [const { Cell::new(ptr::null()) }; POOLS],
            all: Cell::new(ptr::null()),
            numbers: Numbers::new(),
            count: Cell::new(0),
            highwater: Cell::new(0),
            total: Cell::new(0),
        }
    }

    /// The arena with the fewest unused pools, but at least one.
    pub(crate) fn fullest(&self) -> Option<*const Arena> {
        match self.occupied.get() {
            0 => None,
            lists => Some(self.by_unused[lists.trailing_zeros() as usize].get()),
        }
    }

    /// The first arena in which every pool is unused.
    pub(crate) fn empty(&self) -> Option<*const Arena> {
        let first = self.by_unused[POOLS - 1].get();
        (!first.is_null()).then_some(first)
    }

    /// Takes note of an arena that was just started. `None` if there is no memory to number it; never right after another was forgotten.
    ///
    /// # Safety
    /// `arena` is started and in none of the lists.
    pub(crate) unsafe fn add(&self, arena: *const Arena) -> Option<()> {
        let number = self.numbers.take(arena)?;
        // SAFETY: arenas in the lists are mapped.
        unsafe {
            (*arena).number.set(number);
            let first = self.all.get();
            (*arena).all_next.set(first);
            if let Some(first) = first.as_ref() {
                first.all_previous.set(arena);
            }
            self.all.set(arena);
            self.link(arena);
        }
        self.count.set(self.count.get() + 1);
        self.total.set(self.total.get() + 1);
        self.highwater.set(self.highwater.get().max(self.count.get()));
        Some(())
    }

    /// Forgets an arena that goes back to the system.
    ///
    /// # Safety
    /// `arena` was added and not forgotten since.
    pub(crate) unsafe fn forget(&self, arena: *const Arena) {
        // SAFETY: arenas in the lists are mapped.
        unsafe {
            self.unlink(arena);
            self.numbers.give_back((*arena).number.get());
            let (next, previous) = ((*arena).all_next.get(), (*arena).all_previous.get());
            match previous.as_ref() {
                Some(previous) => previous.all_next.set(next),
                None => self.all.set(next),
            }
            if let Some(next) = next.as_ref() {
                next.all_previous.set(previous);
            }
        }
        self.count.set(self.count.get() - 1);
    }

    /// Changes the set of unused pools of an arena, and moves it to the list that it then belongs to.
    ///
    /// # Safety
    /// `arena` was added and not forgotten since.
    pub(crate) unsafe fn set_unused(&self, arena: *const Arena, unused: u64) {
        // SAFETY: the caller vouches for the arena.
        unsafe {
            self.unlink(arena);
            (*arena).unused.set(unused);
            self.link(arena);
        }
    }

    /// What leads to the header of a pool; to none if it is null.
    ///
    /// # Safety
    /// `pool` is null, or in an arena that was added and not forgotten since, whose address is given.
    pub(crate) unsafe fn link_to(&self, pool: *const Pool, arena: *const Arena) -> Link {
        if pool.is_null() {
            return Link::NONE;
        }
        // SAFETY: the caller vouches for the arena.
        Link::new(unsafe { (*arena).number.get() }, (pool.addr() - arena.addr()) / size_of::<Pool>())
    }

    /// The header of the pool that a link leads to; null if it leads to none.
    pub(crate) fn linked(&self, link: Link) -> *const Pool {
        match self.numbers.get(link.number()) {
            arena if arena.is_null() => ptr::null(),
            // SAFETY: an arena that has a number is mapped, and the page is below `POOLS`.
            arena => unsafe { Arena::pool(arena, link.page()) },
        }
    }

    /// # Safety
    /// `arena` is mapped, and in no list by number of unused pools.
    unsafe fn link(&self, arena: *const Arena) {
        // SAFETY: arenas in the lists are mapped.
        unsafe {
            let Some(count) = (*arena).list() else { return };
            let first = self.by_unused[count].get();
            (*arena).previous.set(ptr::null());
            (*arena).next.set(first);
            if let Some(first) = first.as_ref() {
                first.previous.set(arena);
            }
            self.by_unused[count].set(arena);
            self.occupied.set(self.occupied.get() | 1 << count);
        }
    }

    /// # Safety
    /// `arena` is in the list by number of unused pools that it belongs to.
    unsafe fn unlink(&self, arena: *const Arena) {
        // SAFETY: arenas in the lists are mapped.
        unsafe {
            let Some(count) = (*arena).list() else { return };
            let (next, previous) = ((*arena).next.get(), (*arena).previous.get());
            match previous.as_ref() {
                Some(previous) => previous.next.set(next),
                None => self.by_unused[count].set(next),
            }
            if let Some(next) = next.as_ref() {
                next.previous.set(previous);
            }
            if self.by_unused[count].get().is_null() {
                self.occupied.set(self.occupied.get() & !(1 << count));
            }
        }
    }

    /// The arenas from the newest to the oldest. The next one is found before one is yielded, so
    /// that the one yielded may be released.
    pub(crate) fn iter(&self) -> impl Iterator<Item = *const Arena> {
        let mut next = self.all.get();
        std::iter::from_fn(move || {
            let arena = next;
            // SAFETY: arenas in the lists are mapped; the one after this is not released by the caller.
            next = unsafe { arena.as_ref() }?.all_next.get();
            Some(arena)
        })
    }

    /// Whether an arena stands in the list that it belongs to. For audits.
    pub(crate) fn is_in_its_list(&self, arena: &Arena) -> bool {
        let Some(count) = arena.list() else { return true };
        let mut at = self.by_unused[count].get();
        // SAFETY: arenas in the lists are mapped.
        while let Some(other) = unsafe { at.as_ref() } {
            if ptr::eq(other, arena) {
                return self.occupied.get() & (1 << count) != 0;
            }
            at = other.next.get();
        }
        false
    }
}
