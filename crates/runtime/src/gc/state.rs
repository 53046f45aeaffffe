//! The collector's state of one interpreter: its generations, thresholds and counts.

use std::cell::Cell;

use super::head::{GcHead, PREV_MASK};
use crate::object::field::Field;
use crate::threads::Thread;
use crate::types::list::List;

/// The number of generations.
pub const GENERATIONS: usize = 3;

/// A generation: the anchor of its list, the threshold and the count.
pub struct Generation {
    /// The anchor of the circular list; its links are set by `GcState::initialise`.
    pub anchor: GcHead,
    /// The count above which the generation is collected.
    pub threshold: Cell<i32>,
    /// Allocations less deallocations for the youngest; collections of the next younger one for the others.
    pub count: Cell<i32>,
}

/// What the collections of a generation came to.
pub struct Stats {
    /// How many there were.
    pub collections: Cell<isize>,
    /// How many objects they collected.
    pub collected: Cell<isize>,
    /// How many objects could not be collected.
    pub uncollectable: Cell<isize>,
}

impl Stats {
    const fn new() -> Stats {
        Stats { collections: Cell::new(0), collected: Cell::new(0), uncollectable: Cell::new(0) }
    }
}

/// The collector's state.
pub struct GcState {
    /// From the youngest to the oldest.
    pub generations: [Generation; GENERATIONS],
    /// Objects that `gc.freeze` put aside.
    pub permanent: Generation,
    /// Whether collections run on their own.
    pub enabled: Cell<bool>,
    /// Whether a collection is running.
    pub collecting: Cell<bool>,
    /// The threshold of the youngest generation as it was set: 0 switches collection off.
    pub threshold0: Cell<i32>,
    /// What is asked for at the next allocation of a collectable object, see `pressure`.
    pub pressure: Cell<u32>,
    /// Collect at each so many-th allocation, and how many are left; 0 for no stress.
    pub stress: Cell<u32>,
    /// See `stress`.
    pub until_stress: Cell<u32>,
    /// Whether every collection is followed by an audit.
    pub auditing: Cell<bool>,
    /// Called when memory in use crosses its soft limit.
    pub soft_limit_callback: Field,
    /// `gc.set_debug`
    pub debug: Cell<i32>,
    /// `gc.garbage`
    pub garbage: Field<List>,
    /// `gc.callbacks`
    pub callbacks: Field<List>,
    /// `gc.get_stats`, for each generation.
    pub stats: [Stats; GENERATIONS],
    /// Objects that survived the last full collection.
    pub long_lived_total: Cell<isize>,
    /// Objects that survived collections of the middle generation since then.
    pub long_lived_pending: Cell<isize>,
}

impl Generation {
    /// An empty generation; the anchor's links are set once it stands at its final place.
    pub const fn new(threshold: i32) -> Generation {
        Generation {
            anchor: GcHead { next: Cell::new(0), prev: Cell::new(0) },
            threshold: Cell::new(threshold),
            count: Cell::new(0),
        }
    }

    /// Makes the list empty.
    pub fn initialise(&self) {
        self.anchor.next.set(self.anchor.address());
        self.anchor.prev.set(self.anchor.address());
    }

    /// Puts an untracked head at the end of the list, keeping its flags.
    #[inline(always)]
    pub fn append(&self, head: &GcHead) {
        let last = self.anchor.prev.get();
        // SAFETY: the anchor's links are always alive heads or the anchor itself.
        unsafe { (*(last as *const GcHead)).next.set(head.address()) };
        head.prev.set(head.prev.get() & !PREV_MASK | last);
        head.next.set(self.anchor.address());
        self.anchor.prev.set(head.address());
    }
}

impl GcState {
    /// CPython's thresholds, nothing tracked.
    pub const fn new() -> GcState {
        GcState {
            generations: [Generation::new(700), Generation::new(10), Generation::new(10)],
            permanent: Generation::new(0),
            enabled: Cell::new(true),
            collecting: Cell::new(false),
            threshold0: Cell::new(700),
            pressure: Cell::new(0),
            stress: Cell::new(0),
            until_stress: Cell::new(0),
            auditing: Cell::new(false),
            soft_limit_callback: Field::empty(),
            debug: Cell::new(0),
            garbage: Field::empty(),
            callbacks: Field::empty(),
            stats: [const { Stats::new() }; GENERATIONS],
            long_lived_total: Cell::new(0),
            long_lived_pending: Cell::new(0),
        }
    }

    /// Links the anchors to themselves; the state must not move afterwards.
    pub fn initialise(&self) {
        self.generations.iter().for_each(Generation::initialise);
        self.permanent.initialise();
    }

    /// The state of the current thread's interpreter.
    #[inline(always)]
    pub fn current() -> &'static GcState {
        &Thread::current().interpreter().gc
    }
}

impl Default for GcState {
    fn default() -> GcState {
        GcState::new()
    }
}

/// Counts an allocation of a collectable object, and runs a collection when it is due.
#[inline(always)]
pub fn before_allocation() {
    let state = GcState::current();
    let young = &state.generations[0];
    let count = young.count.get() + 1;
    young.count.set(count);
    if count > young.threshold.get() && (state.enabled.get() || young.threshold.get() < 0) {
        state.collect_due();
    }
}

/// Makes objects that the young generation does not count and that start no collection: those that stand for static data of CPython's, such
/// as the code of its frozen modules.
pub fn uncounted<R>(make: impl FnOnce() -> R) -> R {
    let young = &GcState::current().generations[0];
    let before = young.count.replace(i32::MIN / 2);
    let made = make();
    young.count.set(before);
    made
}

/// Counts a deallocation of a collectable object.
#[inline(always)]
pub fn after_deallocation() {
    let young = &GcState::current().generations[0];
    if young.count.get() > 0 {
        young.count.set(young.count.get() - 1);
    }
}
