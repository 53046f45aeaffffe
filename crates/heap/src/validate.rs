//! The audit: walks every arena, pool, list and free block of a heap and checks the invariants that
//! the other files state. It costs time in proportion to the heap, and is for tests and for finding out
//! who has damaged it. CPython's counterpart is `pymalloc`'s `address_in_range` asserts and `_PyMem_DebugCheckAddress`.

use std::fmt;
use std::ptr;

use crate::arena::{Arena, POOLS};
use crate::heap::Heap;
use crate::pool::{Pool, State};
use crate::size_class::{SLOTS, block_size};

/// Damage that was found in a heap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Corruption {
    /// What is wrong, in words.
    pub what: &'static str,
    /// Where: the address of a block, pool header or arena.
    pub address: usize,
    /// Whether it is a block that the debug layer has dressed.
    pub is_block: bool,
}

impl fmt::Display for Corruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "block at address p=0x{:x}: {}", self.address, self.what)
    }
}

impl std::error::Error for Corruption {}

fn ensure<T>(holds: bool, what: &'static str, at: *const T) -> Result<(), Corruption> {
    if holds { Ok(()) } else { Err(Corruption { what, address: at.addr(), is_block: false }) }
}

/// The blocks of a pool that are on its free list, as a set of their numbers.
pub(crate) struct FreeBlocks {
    bits: [u64; 16],
    pub(crate) count: usize,
    pub(crate) sound: Result<(), Corruption>,
}

impl FreeBlocks {
    /// Walks the free list of a pool of blocks of `size` bytes, as far as it is sound: each block is
    /// looked at only after its address was found to be one of a carved block, and only once.
    pub(crate) fn of(pool: &Pool, pool_size: usize, size: usize) -> FreeBlocks {
        let mut set = FreeBlocks { bits: [0; 16], count: 0, sound: Ok(()) };
        let mut at = pool.free(pool_size);
        while !at.is_null() {
            let offset = at.addr().wrapping_sub(pool.start(pool_size).addr());
            let index = offset / size;
            if !offset.is_multiple_of(size) || index >= pool.carved(pool_size) || index >= 64 * 16 {
                set.sound = ensure(false, "free list leads outside of the pool", at);
                break;
            }
            if set.contains(index) {
                set.sound = ensure(false, "free list has a circle", at);
                break;
            }
            set.bits[index / 64] |= 1 << (index % 64);
            set.count += 1;
            // SAFETY: a carved block of a pool of a mapped arena is readable.
            at = unsafe { (*at).next.get() };
        }
        set
    }

    pub(crate) fn contains(&self, index: usize) -> bool {
        self.bits.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }
}

impl Heap {
    /// Checks everything. The first violation that is found is the error.
    pub fn validate(&self) -> Result<(), Corruption> {
        let mut partial = 0;
        let (mut count, mut empty_before) = (0, ptr::null());
        for arena in self.arenas.iter() {
            // SAFETY: `iter` yields mapped arenas.
            partial += self.validate_arena(unsafe { &*arena }, empty_before)?;
            empty_before = arena;
            count += 1;
            ensure(count <= self.arenas.count.get(), "more arenas linked than counted", arena)?;
        }
        ensure(count == self.arenas.count.get(), "fewer arenas linked than counted", self)?;
        let arenas_bytes = self.account.arenas.load(std::sync::atomic::Ordering::Relaxed);
        ensure(arenas_bytes == count * self.config.geometry.arena_size(), "arenas are charged wrongly", self)?;
        let mut linked = 0;
        for slot in 0..SLOTS {
            linked += self.validate_list(slot, partial)?;
            self.validate_class(slot)?;
        }
        ensure(linked == partial, "a partial pool is not linked", self)
    }

    /// Checks an arena and its pools, and returns the number of the partial ones.
    fn validate_arena(&self, arena: &Arena, previous: *const Arena) -> Result<usize, Corruption> {
        let unused = arena.unused.get();
        ensure(ptr::eq(arena.heap.get(), self), "arena belongs to another heap", arena)?;
        ensure(self.map.contains(ptr::from_ref(arena).addr()), "arena is not in the address map", arena)?;
        ensure(arena.all_previous.get() == previous, "arenas are linked wrongly", arena)?;
        ensure(self.arenas.is_in_its_list(arena), "arena is not in the list that it belongs to", arena)?;
        let mut partial = 0;
        for index in 0..POOLS {
            // SAFETY: the arena is mapped, and the index is in range.
            let pool = unsafe { &*Arena::pool(arena, index) };
            let is_unused = unused & (1 << index) != 0;
            ensure(is_unused == (pool.state() == State::Unused), "pool is in two states", pool)?;
            if pool.state() == State::Tail {
                let back = pool.back();
                ensure((1..=index).contains(&back), "a page of a pool leads out of the arena", pool)?;
                // SAFETY: the index is in range, as was just found.
                let first = unsafe { &*Arena::pool(arena, index - back) };
                let is_pool = matches!(first.state(), State::Partial | State::Full) && first.slot() == pool.slot();
                ensure(is_pool && first.pages() > back, "a page belongs to no pool", pool)?;
            } else if !is_unused {
                ensure(index + pool.pages() <= POOLS, "a pool leads out of the arena", pool)?;
                let all_are_tails = (1..pool.pages()).all(|more| {
                    // SAFETY: the index is in range, as was just found.
                    unsafe { (*Arena::pool(arena, index + more)).back() == more }
                });
                ensure(all_are_tails, "a page of a pool is not marked", pool)?;
                self.validate_pool(pool)?;
                partial += usize::from(pool.state() == State::Partial);
            }
        }
        Ok(partial)
    }

    fn validate_pool(&self, pool: &Pool) -> Result<(), Corruption> {
        let slot = pool.slot();
        ensure(slot < SLOTS && slot & self.odd == self.odd, "pool has an impossible class", pool)?;
        let size = block_size(slot);
        let pool_size = self.config.geometry.pool_size();
        let (carved, capacity) = (pool.carved(pool_size), pool.capacity(pool_size, size));
        ensure(carved <= capacity, "more blocks are carved than fit", pool)?;
        let free = FreeBlocks::of(pool, pool_size, size);
        free.sound?;
        let used = pool.used();
        ensure(used + free.count == carved, "blocks in use and free do not add up", pool)?;
        ensure((used == capacity) == (pool.state() == State::Full), "a full pool is not marked as full", pool)?;
        ensure(used > 0, "an empty pool was not released", pool)
    }

    /// Checks the list of a class, and returns its length, which is at most `limit`.
    fn validate_list(&self, slot: usize, limit: usize) -> Result<usize, Corruption> {
        let (mut length, mut previous) = (0, ptr::null());
        let mut at = self.partial[slot].get();
        while !at.is_null() {
            ensure(self.map.contains(at.addr()), "list leads out of the heap", at)?;
            // SAFETY: the address is in a mapped arena, where headers are written only by the heap.
            let pool = unsafe { &*at };
            ensure(pool.state() == State::Partial, "a pool is linked that is not partial", pool)?;
            ensure(pool.slot() == slot, "a pool is linked in another class's list", pool)?;
            ensure(self.arenas.linked(pool.previous()) == previous, "pools are linked wrongly", pool)?;
            length += 1;
            ensure(length <= limit, "list has a circle", pool)?;
            previous = at;
            at = self.arenas.linked(pool.next());
        }
        Ok(length)
    }

    /// Checks the free list of a class.
    fn validate_class(&self, slot: usize) -> Result<(), Corruption> {
        let mut used = 0;
        let pool_size = self.config.geometry.pool_size();
        let blocks = self.classes[slot].iter();
        let slot = slot | self.odd;
        self.for_each_pool(|pool| used += if pool.slot() == slot { pool.used() } else { 0 });
        for block in blocks {
            ensure(self.map.contains(block.addr()), "free list leads out of the heap", block)?;
            ensure(used > 0, "free list is longer than blocks are in use", block)?;
            used -= 1;
            let Some(at) = ptr::NonNull::new(block.cast_mut().cast()) else { break };
            // SAFETY: the address is in a mapped arena.
            let pool = unsafe { self.pool_of(at).as_ref() };
            let state = pool.state();
            ensure(state != State::Unused, "free list leads into an unused pool", block)?;
            ensure(pool.slot() == slot, "free list leads into another class", block)?;
            let offset = block.addr().wrapping_sub(pool.start(pool_size).addr());
            let index = offset / block_size(slot);
            ensure(offset.is_multiple_of(block_size(slot)), "free list leads into the middle of a block", block)?;
            ensure(index < pool.carved(pool_size), "free list leads out of the carved blocks", block)?;
            let both = FreeBlocks::of(pool, pool_size, block_size(slot)).contains(index);
            ensure(!both, "block is free twice", block)?;
        }
        Ok(())
    }
}
