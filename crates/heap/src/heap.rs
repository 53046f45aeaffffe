//! A heap: its parts, its making and unmaking, and the switches that its owner has.
//!
//! Invariants:
//! - A heap is used by one thread at a time, the one that holds its interpreter's lock. What the raw
//!   domain touches (`account`, `hooks`, `config`) is atomic or immutable; the rest is in cells.
//! - `small` is `SMALL_MAX` when the fast paths may be taken, and 0 when every request has to go through
//!   the layers: while a trace, a fault, the debug layer or poisoning concerns `Mem` or `Object`, or
//!   when the heap has no pools at all. It is the one branch that all of these cost together.
//! - `partial[slot]` is null or the first of the pools of the slot that have blocks to give.

use std::alloc::{self, Layout};
use std::cell::Cell;
use std::ptr::{self, NonNull};

use crate::arena::{Arena, Arenas};
use crate::class::Class;
use crate::hooks::{DEBUG, FAULTS, Hooks, POISON, TRACE};
use crate::limit::Account;
use crate::pool::{Pool, State};
use crate::radix::AddressMap;
use crate::size_class::{SLOTS, SMALL_MAX, block_size};
use crate::{Config, Domain, Faults, Geometry, SoftLimitCallback, Trace, os};

/// The heap of one interpreter.
#[repr(C)]
pub struct Heap {
    /// Requests of up to this many bytes may take the fast path.
    pub(crate) small: Cell<usize>,
    /// The free list of each slot.
    pub(crate) classes: [Class; SLOTS],
    /// Or-ed to a slot gives that of its pools: 1 where classes are 16 bytes apart.
    pub(crate) odd: usize,
    /// Takes an address to its arena.
    pub(crate) arena_mask: usize,
    /// Takes an address to the number of its pool in its arena, after masking.
    pub(crate) pool_shift: u32,
    /// The list of partial pools of each slot.
    pub(crate) partial: [Cell<*const Pool>; SLOTS],
    pub(crate) arenas: Arenas,
    pub(crate) map: AddressMap,
    pub(crate) account: Account,
    pub(crate) hooks: Hooks,
    pub(crate) config: Config,
}

// SAFETY: a heap may move to another thread; that only one uses it at a time is the contract of `set_current`.
unsafe impl Send for Heap {}

struct Shared<T>(T);
// SAFETY: the static below is never written to: it has `small == 0`, so that all requests go to the
// slow path, which knows it.
unsafe impl<T> Sync for Shared<T> {}

static EMPTY_HEAP: Shared<Heap> = Shared(Heap::empty());

/// The heap of a thread that has none: all requests to it take the slow path, where they fail.
pub(crate) const NO_HEAP: *const Heap = &raw const EMPTY_HEAP.0;

impl Heap {
    const fn empty() -> Heap {
        let config = Config {
            geometry: Geometry::Documents,
            pymalloc: false,
            debug: false,
            poison: false,
            on_corruption: crate::debug::report_and_abort,
        };
        Heap::with_config(config)
    }

    const fn with_config(config: Config) -> Heap {
        let arena_size = config.geometry.arena_size();
        let switches = if config.debug { DEBUG } else { 0 } | if config.poison { POISON } else { 0 };
        Heap {
            small: Cell::new(if config.pymalloc && switches == 0 { SMALL_MAX } else { 0 }),
            odd: config.geometry.alignment() / 16,
            arena_mask: !(arena_size - 1),
            pool_shift: config.geometry.pool_size().trailing_zeros(),
            classes: [const { Class::new() }; SLOTS],
            partial: [const { Cell::new(ptr::null()) }; SLOTS],
            arenas: Arenas::new(),
            map: AddressMap::new(arena_size.trailing_zeros()),
            account: Account::new(),
            hooks: Hooks::new(switches),
            config,
        }
    }

    /// Makes a heap. It has no arena until the first small block is asked for. `None` without memory.
    pub fn new(config: Config) -> Option<Box<Heap>> {
        // `Box::new` would abort where there is no memory.
        // SAFETY: the layout of `Heap` is not empty, and the memory is written before it becomes a `Box`.
        unsafe {
            let heap = NonNull::new(alloc::alloc(Layout::new::<Heap>()).cast::<Heap>())?;
            heap.write(Heap::with_config(config));
            Some(Box::from_raw(heap.as_ptr()))
        }
    }

    /// What the heap was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Whether `pointer` lies in an arena of this heap. It may be any address; it is not read.
    #[inline]
    pub fn owns(&self, pointer: *const u8) -> bool {
        self.map.contains(pointer.addr())
    }

    /// Blocks in use in pools: `sys.getallocatedblocks()`. It walks the pools' headers, about a
    /// microsecond for a megabyte of heap, so that allocating need not count.
    pub fn allocated_blocks(&self) -> usize {
        let mut blocks = 0;
        self.for_each_pool(|pool| blocks += pool.used());
        blocks - self.classes.iter().map(Class::count).sum::<usize>()
    }

    /// Whether there are pools: without them every block is the C library's.
    pub fn has_pools(&self) -> bool {
        self.config.pymalloc
    }

    /// Blocks of the mem and object domains that were too large for a pool.
    pub fn large_blocks(&self) -> usize {
        self.account.blocks(Domain::Mem) + self.account.blocks(Domain::Object)
    }

    /// Bytes that the heap has taken from the system: whole arenas, and system blocks of all domains.
    pub fn bytes_in_use(&self) -> usize {
        self.account.in_use()
    }

    /// The most that [`bytes_in_use`](Heap::bytes_in_use) has been, since the start or the last [`reset_peak`](Heap::reset_peak).
    pub fn peak_bytes(&self) -> usize {
        self.account.peak()
    }

    /// Makes the present use the peak.
    pub fn reset_peak(&self) {
        self.account.reset_peak();
    }

    /// Sets or removes the hard limit, in bytes over all domains as [`bytes_in_use`](Heap::bytes_in_use)
    /// counts them. An allocation that would go past it fails. A limit below the present use frees
    /// nothing, and lets nothing grow but what fits into arenas that are there.
    pub fn set_limit(&self, limit: Option<usize>) {
        self.account.set_limit(limit);
    }

    /// The hard limit.
    pub fn limit(&self) -> Option<usize> {
        self.account.limit()
    }

    /// Sets or removes the soft limit: `callback` is called whenever growth takes the use from
    /// below to above it.
    pub fn set_soft_limit(&self, limit: Option<usize>, callback: SoftLimitCallback) {
        self.account.set_soft_limit(limit, callback);
    }

    /// The soft limit.
    pub fn soft_limit(&self) -> Option<usize> {
        self.account.soft_limit()
    }

    /// Sets or removes a level below the hard limit at which the callback of the soft limit is called as well, so that its owner can
    /// give memory up in time.
    pub fn set_mark(&self, mark: Option<usize>) {
        self.account.set_mark(mark);
    }

    /// The level set by [`set_mark`](Heap::set_mark).
    pub fn mark(&self) -> Option<usize> {
        self.account.mark()
    }

    /// The bytes that the hard limit refused last, forgotten by this.
    pub fn take_refusal(&self) -> Option<usize> {
        self.account.take_refusal()
    }

    /// Installs a trace for a domain, or removes it (null), and returns the one before.
    ///
    /// # Safety
    /// The trace must stay alive until it has been removed and every call of it has returned. The
    /// caller holds the heap's lock.
    pub unsafe fn set_trace(&self, domain: Domain, trace: *const Trace) -> *const Trace {
        let before = self.hooks.set_trace(domain, trace);
        self.switched();
        before
    }

    /// Lets some of the following allocations fail, or stops that.
    pub fn set_faults(&self, faults: Option<Faults>) {
        self.hooks.set_faults(faults);
        self.switched();
    }

    /// Allocations that were counted since faults were set last.
    pub fn counted_allocations(&self) -> u64 {
        self.hooks.counted()
    }

    /// Whether freed blocks are overwritten with 0xDD.
    pub fn set_poison(&self, poison: bool) {
        self.hooks.switch(POISON, poison);
        self.switched();
    }

    /// Opens or closes the fast path after a switch was moved.
    fn switched(&self) {
        const CONCERNS: u32 = FAULTS | DEBUG | POISON | TRACE << Domain::Mem as u32 | TRACE << Domain::Object as u32;
        let open = self.config.pymalloc && self.hooks.switches() & CONCERNS == 0;
        self.small.set(if open { SMALL_MAX } else { 0 });
    }

    /// Gives back to the system what can be given: the pools and arenas that only the classes' free
    /// lists hold, and the empty arena that is kept for the next request. For the end of a full collection.
    pub fn trim(&self) {
        self.flush_all();
        for arena in self.arenas.iter() {
            // SAFETY: `iter` yields mapped arenas, and has already stepped past this one.
            unsafe {
                if (*arena).unused.get() == crate::arena::ALL_POOLS {
                    self.release_arena(arena);
                }
            }
        }
    }

    /// Calls `visit` with the first header of every pool of every arena that is in use.
    pub(crate) fn for_each_pool(&self, mut visit: impl FnMut(&Pool)) {
        for arena in self.arenas.iter() {
            // SAFETY: `iter` yields mapped arenas; a bit of the word is the number of a pool.
            unsafe {
                let mut in_use = !(*arena).unused.get() & crate::arena::ALL_POOLS;
                while in_use != 0 {
                    let pool = &*Arena::pool(arena, in_use.trailing_zeros() as usize);
                    in_use &= in_use - 1;
                    if pool.state() != State::Tail {
                        visit(pool);
                    }
                }
            }
        }
    }

    /// Calls `visit` with each block in use in the pools and its size, in the order of arenas
    /// from the newest on and of addresses within. Blocks of the system are not known to the heap.
    /// `visit` must not allocate from or free to this heap. The classes' free lists are flushed before.
    pub fn for_each_block(&self, mut visit: impl FnMut(NonNull<u8>, usize)) {
        self.flush_all();
        let pool_size = self.config.geometry.pool_size();
        self.for_each_pool(|pool| {
            let size = block_size(pool.slot());
            let free = crate::validate::FreeBlocks::of(pool, pool_size, size);
            for index in (0..pool.carved(pool_size)).filter(|&index| !free.contains(index)) {
                // SAFETY: `index < carved <= capacity`, so the block lies in the pool.
                if let Some(block) = NonNull::new(unsafe { pool.start(pool_size).add(index * size) }) {
                    visit(block, size);
                }
            }
        });
    }
}

impl Drop for Heap {
    /// Unmaps all arenas, whatever is still in use in them. Blocks of the system are their users' to free.
    fn drop(&mut self) {
        let size = self.config.geometry.arena_size();
        for arena in self.arenas.iter() {
            if let Some(start) = NonNull::new(arena.cast_mut().cast::<u8>()) {
                // SAFETY: the arena was mapped with this size; the heap is not used any more, and
                // `iter` has stepped past the arena.
                unsafe { os::unmap(start, size) };
            }
        }
        self.arenas.all.set(ptr::null());
    }
}

#[cfg(test)]
#[path = "heap_tests.rs"]
mod tests;
