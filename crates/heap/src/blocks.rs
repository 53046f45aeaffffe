//! The slow paths of small blocks: finding a pool with a block, and giving pools and arenas back.
//!
//! The path of an allocation that finds its class's free list empty:
//! 1. take all free blocks of the first pool in the class's list of partial pools, which is full then;
//! 2. if that pool has none, carve its next portion first;
//! 3. if there is no such pool, take an unused one from the fullest arena that has one;
//! 4. if there is no such arena, map one, if the limit allows it.
//!
//! The path of a free that leaves its class's free list no room (see `class.rs`): the blocks that were
//! freed longest ago go back to their pools. A full pool becomes partial, and the first of its
//! list; an empty one goes back to its arena; an empty arena goes back to the system, unless it is
//! the only one, which is kept so that a program at the edge of an arena does not map and unmap it in turns.

use std::ptr::NonNull;

use crate::arena::{ALL_POOLS, Arena, POOLS};
use crate::heap::Heap;
use crate::numbers::Link;
use crate::os;
use crate::pool::{Block, Pool, State};
use crate::size_class::{SLOTS, SMALL_MAX, block_size, pages_of, slot_of};

/// A heap with this many arenas is one that grows: it will use the whole of the next one soon.
const POPULATE_FROM: usize = 4;

/// The bits of `pages` pages from `index` on.
fn run(index: usize, pages: usize) -> u64 {
    ((1 << pages) - 1) << index
}

/// The first of `pages` adjoining pages that are all unused.
fn first_run(unused: u64, pages: usize) -> Option<usize> {
    let starts = (1..pages).fold(unused, |starts, more| starts & unused >> more);
    (starts != 0).then(|| starts.trailing_zeros() as usize)
}

impl Heap {
    /// The header of the page that a small block lies in.
    ///
    /// # Safety
    /// `block` lies in an arena of this heap.
    #[inline(always)]
    unsafe fn page_of(&self, block: NonNull<u8>) -> NonNull<Pool> {
        block.cast::<Pool>().map_addr(|address| {
            let address = address.get();
            let header = (address & self.arena_mask) + ((address >> self.pool_shift) % POOLS) * size_of::<Pool>();
            // SAFETY: arenas are aligned to their size and never at address 0, so the result is not null.
            unsafe { std::num::NonZero::new_unchecked(header) }
        })
    }

    /// The header of the pool that a small block belongs to.
    ///
    /// # Safety
    /// `block` lies in an arena of this heap.
    #[inline(always)]
    pub(crate) unsafe fn pool_of(&self, block: NonNull<u8>) -> NonNull<Pool> {
        // SAFETY: passed on. A tail's header is in the same arena as that of its pool, as many headers before it as it says.
        unsafe {
            let page = self.page_of(block);
            page.sub(page.as_ref().back())
        }
    }

    /// The size class of a small block, as a slot number. The first page of a pool need not be found for it: every page says it.
    ///
    /// # Safety
    /// `block` lies in an arena of this heap.
    #[inline(always)]
    pub(crate) unsafe fn slot_of_block(&self, block: NonNull<u8>) -> usize {
        // SAFETY: passed on.
        unsafe { self.page_of(block).as_ref().slot() }
    }

    /// Whether `block` lies in a pool of class `slot`.
    #[inline]
    pub(crate) fn is_of_class(&self, block: NonNull<u8>, slot: usize) -> bool {
        // SAFETY: the address map has the address.
        self.owns(block.as_ptr()) && unsafe { self.slot_of_block(block) == slot | self.odd }
    }

    fn arena_of(&self, pool: *const Pool) -> (*const Arena, usize) {
        let arena = pool.map_addr(|address| address & self.arena_mask).cast::<Arena>();
        let index = (pool.addr() & !self.arena_mask) / size_of::<Pool>();
        (arena, index)
    }

    /// A block of class `slot`, wherever it has to come from.
    ///
    /// # Safety
    /// The caller holds the heap's lock.
    pub(crate) unsafe fn alloc_small(&self, slot: usize) -> Option<NonNull<u8>> {
        let class = self.classes.get(slot)?;
        // SAFETY: blocks on the list are free and belong to the class.
        unsafe {
            if let Some(block) = class.pop() {
                return Some(block);
            }
            self.refill(slot)?;
            class.pop()
        }
    }

    /// Frees a small block of `size` bytes. If that is not known, the pool knows the class.
    ///
    /// # Safety
    /// `block` is a block in use of a pool of this heap, and the caller holds the heap's lock.
    pub(crate) unsafe fn free_small(&self, block: NonNull<u8>, size: Option<usize>) {
        // SAFETY: the caller vouches for the block, whose pool is assigned.
        unsafe {
            let slot = match size {
                Some(size) => slot_of(size.clamp(1, SMALL_MAX) - 1),
                None => self.slot_of_block(block),
            };
            if self.classes[slot].push(block) {
                self.flush(slot);
            }
        }
    }

    /// Puts blocks on the empty free list of a class.
    ///
    /// # Safety
    /// The caller holds the heap's lock.
    unsafe fn refill(&self, slot: usize) -> Option<()> {
        // SAFETY: pools in the lists are assigned and mapped, and so is the one just taken.
        unsafe {
            let class = &self.classes[slot];
            let slot = slot | self.odd;
            let mut pool = self.partial[slot].get();
            if pool.is_null() {
                pool = self.take_pool(slot)?;
                self.link(pool);
            }
            let pool = &*pool;
            let pool_size = self.config.geometry.pool_size();
            if pool.has_none_free() {
                pool.carve(pool_size, block_size(slot));
            }
            let blocks = pool.take_all(pool_size);
            if pool.carved(pool_size) == pool.capacity(pool_size, block_size(slot)) {
                self.unlink(pool);
                pool.set_state(State::Full);
            }
            class.refill(blocks, slot);
            Some(())
        }
    }

    /// Gives the blocks back to their pools that have been on the free list of a class for longest.
    ///
    /// # Safety
    /// The caller holds the heap's lock.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn flush(&self, slot: usize) {
        let class = &self.classes[slot];
        // SAFETY: blocks on the list are free and belong to pools of the class.
        unsafe {
            let rest = class.split_off(class.keep());
            let arenas = self.arenas.count.get();
            self.put_back(rest);
            let released = self.arenas.count.get() < arenas;
            class.flushed(released);
            if released {
                // The program is giving up memory on a large scale: the other classes shall not hold any
                // back. This one does, so that the block freed last is still handed out first.
                (0..SLOTS).filter(|&other| other != slot).for_each(|other| self.empty_class(other));
            }
        }
    }

    /// Empties the free lists of all classes into the pools.
    pub(crate) fn flush_all(&self) {
        (0..SLOTS).for_each(|slot| self.empty_class(slot));
    }

    /// Empties the free list of a class into the pools.
    fn empty_class(&self, slot: usize) {
        let class = &self.classes[slot];
        // SAFETY: blocks on the list are free and belong to pools of the class. Who has a reference
        // to a heap and is not only in the raw domain holds its lock.
        unsafe {
            let all = class.split_off(0);
            if !all.is_null() {
                self.put_back(all);
                class.flushed(true);
            }
        }
    }

    /// Gives a chain of blocks back to their pools.
    ///
    /// # Safety
    /// The blocks are of this heap, chained, not in use, and on no list.
    unsafe fn put_back(&self, mut chain: *const Block) {
        while let Some(first) = NonNull::new(chain.cast_mut()) {
            // SAFETY: the caller vouches for the blocks; the pool of a block that counts as used is assigned.
            unsafe {
                // Neighbours on a list are often of one pool. They are put back together, chained as they are.
                let pool = self.pool_of(first.cast());
                let (mut last, mut count) = (first, 1);
                while let Some(next) = NonNull::new(last.as_ref().next.get().cast_mut())
                    && self.pool_of(next.cast()) == pool
                {
                    (last, count) = (next, count + 1);
                }
                chain = last.as_ref().next.get();
                let pool = pool.as_ref();
                pool.put(first.as_ptr(), last.as_ref(), count, self.config.geometry.pool_size());
                if pool.state() == State::Full {
                    pool.set_state(State::Partial);
                    self.link(pool);
                }
                if pool.used() == 0 {
                    self.release_pool(pool);
                }
            }
        }
    }

    /// Gives an empty pool back to its arena, and an empty arena to the system.
    ///
    /// # Safety
    /// `pool` is partial, linked and empty.
    unsafe fn release_pool(&self, pool: &Pool) {
        let (arena, index) = self.arena_of(pool);
        let pages = pool.pages();
        // SAFETY: the caller vouches for the pool, which is in an arena that is mapped.
        unsafe {
            self.unlink(pool);
            (index..index + pages).for_each(|page| (*Arena::pool(arena, page)).end());
            let unused = (*arena).unused.get() | run(index, pages);
            self.arenas.set_unused(arena, unused);
            if unused == ALL_POOLS {
                self.arena_emptied(arena);
            }
        }
    }

    /// Keeps an empty arena if it is the only one, gives it back if it is not.
    ///
    /// # Safety
    /// `arena` is mapped, of this heap, and has no pool in use.
    unsafe fn arena_emptied(&self, arena: *const Arena) {
        if let Some(other) = self.arenas.empty() {
            // SAFETY: both are empty arenas of this heap.
            unsafe {
                if other != arena || !(*other).next.get().is_null() {
                    self.release_arena(arena);
                }
            }
        }
    }

    /// Gives an empty arena back to the system.
    ///
    /// # Safety
    /// `arena` is mapped, of this heap, and has no pool in use.
    pub(crate) unsafe fn release_arena(&self, arena: *const Arena) {
        let size = self.config.geometry.arena_size();
        let Some(start) = NonNull::new(arena.cast_mut().cast::<u8>()) else { return };
        // SAFETY: nothing in the arena is in use, and after `forget` and `remove` nothing leads to it.
        unsafe {
            self.arenas.forget(arena);
            self.map.remove(start);
            if os::unmap(start, size) {
                self.account.remove_arena(size);
            } else {
                // The mapping stays, and so the arena does, though without its contents.
                os::discard(start, size);
                let arena = Arena::start(start, self);
                // The number that it had is free.
                if self.map.insert(start).is_some() && self.arenas.add(arena).is_some() {
                    self.arenas.total.set(self.arenas.total.get() - 1);
                }
            }
        }
    }

    /// An unused pool, assigned to class `slot` but not linked.
    unsafe fn take_pool(&self, slot: usize) -> Option<*const Pool> {
        if self.arenas.fullest().is_none() {
            self.new_arena()?;
        }
        // Asked again, because a soft limit's callback may have used the new arena.
        let arena = self.arenas.fullest()?;
        // SAFETY: the arena is mapped and has an unused pool.
        unsafe {
            let unused = (*arena).unused.get();
            let wanted = pages_of(slot, self.config.geometry.pool_size());
            let (index, pages) = match first_run(unused, wanted) {
                Some(index) => (index, wanted),
                None => (unused.trailing_zeros() as usize, 1),
            };
            self.arenas.set_unused(arena, unused & !run(index, pages));
            self.populate(arena, index, pages);
            let pool = Arena::pool(arena, index);
            (*pool).assign(slot, pages);
            (1..pages).for_each(|back| (*Arena::pool(arena, index + back)).assign_tail(slot, back));
            Some(pool)
        }
    }

    /// Asks the system for the memory of the sixteenths of an arena in which pages are taken, if that is still to be done.
    ///
    /// # Safety
    /// `arena` is mapped and of this heap, and has the pages.
    unsafe fn populate(&self, arena: *const Arena, index: usize, pages: usize) {
        let part = self.config.geometry.arena_size() / 16;
        for number in index / 4..=(index + pages - 1) / 4 {
            // SAFETY: the caller vouches for the arena; the part lies in it.
            unsafe {
                let bare = (*arena).bare.get();
                if bare & (1 << number) != 0 {
                    (*arena).bare.set(bare & !(1 << number));
                    if let Some(start) = NonNull::new(arena.cast_mut().cast::<u8>().add(number * part)) {
                        os::populate(start, part);
                    }
                }
            }
        }
    }

    /// Maps an arena, if the limit allows it.
    fn new_arena(&self) -> Option<()> {
        let size = self.config.geometry.arena_size();
        if !self.account.allows(size) {
            return None;
        }
        let start = os::map_aligned(size)?;
        if self.map.insert(start).is_none() {
            // SAFETY: mapped above, and nobody knows of it.
            unsafe { os::unmap(start, size) };
            return None;
        }
        // SAFETY: the mapping is fresh, hence zeroed, and belongs to nobody.
        unsafe {
            let arena = Arena::start(start, self);
            if self.arenas.add(arena).is_none() {
                self.map.remove(start);
                os::unmap(start, size);
                return None;
            }
            if self.arenas.count.get() > POPULATE_FROM {
                (*arena).bare.set(!0);
            }
        }
        self.account.add_arena(size);
        Some(())
    }

    /// Makes a pool the first of its class's list.
    ///
    /// # Safety
    /// `pool` is partial and not linked.
    unsafe fn link(&self, pool: *const Pool) {
        // SAFETY: pools in the lists are mapped, in arenas that were added.
        unsafe {
            let head = &self.partial[(*pool).slot()];
            let first = head.replace(pool);
            (*pool).set_previous(Link::NONE);
            (*pool).set_next(self.link_to(first));
            if let Some(first) = first.as_ref() {
                first.set_previous(self.link_to(pool));
            }
        }
    }

    /// # Safety
    /// `pool` is linked.
    unsafe fn unlink(&self, pool: &Pool) {
        let (next, previous) = (pool.next(), pool.previous());
        // SAFETY: pools in the lists are mapped.
        unsafe {
            let next_pool = self.arenas.linked(next);
            match self.arenas.linked(previous).as_ref() {
                Some(previous) => previous.set_next(next),
                None => self.partial[pool.slot()].set(next_pool),
            }
            if let Some(next_pool) = next_pool.as_ref() {
                next_pool.set_previous(previous);
            }
        }
    }

    /// What leads to the header of a pool; to none if it is null.
    ///
    /// # Safety
    /// `pool` is null or the header of a pool of this heap.
    unsafe fn link_to(&self, pool: *const Pool) -> Link {
        // SAFETY: passed on.
        unsafe { self.arenas.link_to(pool, self.arena_of(pool).0) }
    }
}
