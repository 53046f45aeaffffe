//! The slow paths of small blocks: finding a pool with a block, and giving pools and arenas back.
//!
//! The path of an allocation that the free list of its class's first pool cannot serve:
//! 1. carve the next portion of that pool, if some of it was never used;
//! 2. else take the pool out of the list as full, and try the next one of the list;
//! 3. else take an unused pool from the fullest arena that has one;
//! 4. else map an arena, if the limit allows it.
//!
//! The path of a free that ends its pool's countdown: a full pool becomes partial again and the first
//! of its class's list, so that its block is the next handed out; an empty pool goes back to its
//! arena, and an empty arena to the system. There are two exceptions, which keep a program that allocates and
//! frees one block in turns from going this way each time: a pool that is alone in its class's list is
//! kept, unless nothing but such pools keeps its arena mapped; and one empty arena is kept.

use std::ptr::{self, NonNull};

use crate::arena::{ALL_POOLS, Arena};
use crate::heap::{Heap, NO_POOL};
use crate::os;
use crate::pool::{Pool, State};
use crate::size_class::block_size;

impl Heap {
    /// The header of the pool that a small block belongs to.
    ///
    /// # Safety
    /// `block` lies in an arena of this heap.
    #[inline(always)]
    pub(crate) unsafe fn pool_of(&self, block: NonNull<u8>) -> NonNull<Pool> {
        // SAFETY: arenas are aligned to their size and never at address 0, so the result is not null.
        block.cast::<Pool>().map_addr(|address| unsafe {
            let address = address.get();
            let header = (address & self.arena_mask) | ((address >> self.header_shift) & (63 << 6));
            std::num::NonZero::new_unchecked(header)
        })
    }

    fn arena_of(&self, pool: *const Pool) -> (*const Arena, u64) {
        let arena = pool.map_addr(|address| address & self.arena_mask).cast::<Arena>();
        let index = (pool.addr() & !self.arena_mask) / size_of::<Pool>();
        (arena, 1 << index)
    }

    /// A block of class `slot`, wherever it has to come from.
    ///
    /// # Safety
    /// The caller holds the heap's lock, and `slot` exists in the heap's geometry.
    pub(crate) unsafe fn alloc_small(&self, slot: usize) -> Option<NonNull<u8>> {
        loop {
            let head = self.partial[slot].get();
            // SAFETY: pools in the lists are assigned and mapped, and so is the one just taken.
            unsafe {
                if let Some(block) = (*head).pop() {
                    return Some(block);
                }
                if head == NO_POOL {
                    let pool = self.take_pool(slot)?;
                    self.link(pool);
                } else if !(*head).carve(block_size(slot)) {
                    self.set_full(head);
                }
            }
        }
    }

    /// # Safety
    /// `block` is a block in use of a pool of this heap, and the caller holds the heap's lock.
    pub(crate) unsafe fn free_small(&self, block: NonNull<u8>) {
        // SAFETY: the caller vouches for the block.
        unsafe {
            let pool = self.pool_of(block);
            if pool.as_ref().push(block) {
                self.countdown_ended(pool);
            }
        }
    }

    /// Takes the first pool of a class out of its list: everything in it is in use.
    ///
    /// # Safety
    /// `pool` is partial and linked, with an empty free list and nothing left to carve.
    unsafe fn set_full(&self, pool: *const Pool) {
        // SAFETY: the caller vouches for the pool.
        unsafe {
            let pool = &*pool;
            if pool.bias.replace(0) != 0 {
                let (arena, bit) = self.arena_of(pool);
                (*arena).kept.set((*arena).kept.get() & !bit);
            }
            self.unlink(pool);
            pool.state.set(State::Full);
            pool.countdown.set(1);
        }
    }

    /// Looks at a pool after a free has taken its countdown to 0.
    ///
    /// # Safety
    /// `pool` is a pool of this heap that is not unused; the caller holds the heap's lock.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn countdown_ended(&self, pool: NonNull<Pool>) {
        // SAFETY: the caller vouches for the pool.
        unsafe {
            let header = pool.as_ref();
            match header.state.get() {
                State::Full => {
                    // One block came back. Capacities are 8 at least, so others are in use.
                    header.state.set(State::Partial);
                    header.countdown.set(header.capacity.get() - 1);
                    self.link(pool.as_ptr());
                }
                State::Partial => self.retire(pool.as_ptr()),
                State::Unused => debug_assert!(false, "a block of an unused pool was freed"),
            }
        }
    }

    /// Decides what becomes of an empty pool: it is kept or goes back to its arena.
    ///
    /// # Safety
    /// `pool` is partial, linked, empty, and not biased.
    unsafe fn retire(&self, pool: *const Pool) {
        let (arena, bit) = self.arena_of(pool);
        // SAFETY: the caller vouches for the pool, which is in an arena that is mapped.
        unsafe {
            let (pool, arena) = (&*pool, &*arena);
            let alone = pool.next.get().is_null() && pool.previous.get().is_null();
            let idle = arena.unused.get() | arena.kept.get() | bit;
            if alone && (idle != ALL_POOLS || self.arenas.count.get() == 1) {
                pool.bias.set(1);
                pool.countdown.set(1);
                arena.kept.set(arena.kept.get() | bit);
                return;
            }
            self.release_pool(pool);
            if arena.unused.get() | arena.kept.get() == ALL_POOLS && self.arenas.count.get() > 1 {
                self.stop_keeping(arena);
                if arena.unused.get() == ALL_POOLS {
                    self.arena_emptied(arena);
                }
            }
        }
    }

    /// Gives an empty pool back to its arena.
    ///
    /// # Safety
    /// `pool` is partial, linked and empty.
    unsafe fn release_pool(&self, pool: &Pool) {
        let (arena, bit) = self.arena_of(pool);
        // SAFETY: the caller vouches for the pool, which is in an arena that is mapped.
        unsafe {
            self.unlink(pool);
            pool.state.set(State::Unused);
            pool.free.set(ptr::null());
            self.arenas.set_unused(arena, (*arena).unused.get() | bit);
        }
    }

    /// Ends the keeping of pools in an arena: those that are empty go back to it.
    ///
    /// # Safety
    /// `arena` is mapped and of this heap.
    unsafe fn stop_keeping(&self, arena: &Arena) {
        let mut kept = arena.kept.replace(0);
        while kept != 0 {
            // SAFETY: kept pools are partial, linked and biased, so their countdown is 1 at least.
            unsafe {
                let pool = &*Arena::pool(arena, kept.trailing_zeros() as usize);
                pool.bias.set(0);
                pool.countdown.set(pool.countdown.get() - 1);
                if pool.countdown.get() == 0 {
                    self.release_pool(pool);
                }
            }
            kept &= kept - 1;
        }
    }

    /// Ends the keeping of the pools in a class's list.
    ///
    /// # Safety
    /// `head` is the first pool of a list.
    pub(crate) unsafe fn stop_keeping_list(&self, head: *const Pool) {
        let mut at = head;
        // SAFETY: pools in the lists are assigned and mapped; the next one is found before one is released.
        while let Some(pool) = unsafe { at.as_ref() } {
            at = pool.next.get();
            if pool.bias.replace(0) != 0 {
                let (arena, bit) = self.arena_of(pool);
                // SAFETY: the arena of a pool in use is mapped; a biased pool's countdown is 1 at least.
                unsafe {
                    (*arena).kept.set((*arena).kept.get() & !bit);
                    pool.countdown.set(pool.countdown.get() - 1);
                    if pool.countdown.get() == 0 {
                        self.release_pool(pool);
                    }
                }
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
                if self.map.insert(start).is_some() {
                    self.arenas.add(arena);
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
        let pool_size = self.config.geometry.pool_size();
        // SAFETY: the arena is mapped and has an unused pool, whose number is 1 to 63.
        unsafe {
            let unused = (*arena).unused.get();
            let index = unused.trailing_zeros() as usize;
            self.arenas.set_unused(arena, unused & (unused - 1));
            let pool = Arena::pool(arena, index);
            let memory = Arena::memory(arena, index, pool_size);
            (*pool).assign(memory, pool_size, slot, block_size(slot));
            Some(pool)
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
        unsafe { self.arenas.add(Arena::start(start, self)) };
        self.account.add_arena(size);
        Some(())
    }

    /// Makes a pool the first of its class's list.
    ///
    /// # Safety
    /// `pool` is partial and not linked.
    unsafe fn link(&self, pool: *const Pool) {
        // SAFETY: pools in the lists are mapped.
        unsafe {
            let head = &self.partial[(*pool).slot.get() as usize];
            let first = head.get();
            (*pool).previous.set(ptr::null());
            if first == NO_POOL {
                (*pool).next.set(ptr::null());
            } else {
                (*pool).next.set(first);
                (*first).previous.set(pool);
            }
            head.set(pool);
        }
    }

    /// # Safety
    /// `pool` is linked.
    unsafe fn unlink(&self, pool: &Pool) {
        let (next, previous) = (pool.next.get(), pool.previous.get());
        // SAFETY: pools in the lists are mapped.
        unsafe {
            match previous.as_ref() {
                Some(previous) => previous.next.set(next),
                None => {
                    let head = &self.partial[pool.slot.get() as usize];
                    head.set(if next.is_null() { NO_POOL } else { next });
                }
            }
            if let Some(next) = next.as_ref() {
                next.previous.set(previous);
            }
        }
    }
}
