//! Collections for other reasons than thresholds: memory that nears its limit, and stress.
//!
//! While there is such a reason the threshold of the youngest generation is below zero, so that the next allocation of a collectable object
//! takes the slow path and looks here. So neither costs anything while it is off.

use super::collect::Found;
use super::state::{GENERATIONS, GcState};
use crate::threads::Thread;

/// A full collection is wanted.
pub const COLLECT: u32 = 1;
/// The soft limit was crossed, and its callback is to be called.
pub const SOFT_LIMIT: u32 = 2;

impl GcState {
    /// Asks for something at the next allocation of a collectable object.
    pub fn request(&self, what: u32) {
        self.pressure.set(self.pressure.get() | what);
        self.arm();
    }

    /// Collects everything at each `every`-th allocation of a collectable object; 0 switches that off.
    pub fn set_stress(&self, every: u32) {
        self.stress.set(every);
        self.until_stress.set(every);
        self.arm();
    }

    /// The threshold of the youngest generation as the program set it.
    fn young_threshold(&self) -> i32 {
        match self.threshold0.get() {
            0 => i32::MAX,
            threshold => threshold,
        }
    }

    /// Sets the threshold that allocations compare with.
    pub fn arm(&self) {
        let waits = self.pressure.get() != 0 || self.stress.get() != 0;
        self.generations[0].threshold.set(if waits { -1 } else { self.young_threshold() });
    }

    /// Whether the count of a generation is above its threshold.
    pub(super) fn is_due(&self, generation: usize) -> bool {
        let this = &self.generations[generation];
        let threshold = if generation == 0 { self.young_threshold() } else { this.threshold.get() };
        this.count.get() > threshold
    }

    /// Does what was asked for; true when a full collection ran.
    pub(super) fn relieve(&self) -> bool {
        let pressure = self.pressure.replace(0);
        let mut collect = pressure & COLLECT != 0;
        if self.stress.get() != 0 {
            let left = self.until_stress.get().saturating_sub(1);
            self.until_stress.set(if left == 0 { self.stress.get() } else { left });
            collect |= left == 0;
        }
        self.arm();
        if collect {
            let _: Found = self.collect_guarded(GENERATIONS - 1);
            set_mark();
        }
        if pressure & SOFT_LIMIT != 0 {
            self.call_soft_limit();
        }
        collect
    }

    fn call_soft_limit(&self) {
        let Some(callback) = self.soft_limit_callback.get() else { return };
        crate::exceptions::keep_current(|| {
            let in_use = Thread::current().interpreter().heap.bytes_in_use();
            let call = || {
                let in_use = crate::types::int::Int::from_u64(in_use as u64)?;
                crate::object::protocol::call1(&callback, &in_use)
            };
            if let Err(raised) = call() {
                crate::exceptions::unraisable(raised, Some(&callback));
            }
        });
    }
}

/// Tells the heap of the current interpreter when to ask for a collection: once half of what the limit leaves is used up, and at seven eighths
/// of the limit at the latest, so that there is another one when the use has fallen and grows again.
pub fn set_mark() {
    let heap = &Thread::current().interpreter().heap;
    heap.set_mark(heap.limit().map(|limit| {
        let in_use = heap.bytes_in_use();
        (in_use + limit.saturating_sub(in_use) / 2).min(limit - limit / 8)
    }));
}

/// What the heap calls when its use crosses the mark or the soft limit.
pub fn crossed(in_use: usize) {
    if !Thread::is_attached() {
        return;
    }
    let interpreter = Thread::current().interpreter();
    if interpreter.heap.mark().is_some_and(|mark| in_use > mark) {
        interpreter.gc.request(COLLECT);
    }
    if interpreter.heap.soft_limit().is_some_and(|soft| in_use > soft) {
        interpreter.gc.request(SOFT_LIMIT);
    }
}

/// Frees what can be freed after an allocation failed, where Python code may run; false when there is no point in trying again.
#[cold]
pub fn make_room() -> bool {
    let interpreter = Thread::current().interpreter();
    if interpreter.heap.limit().is_none() || interpreter.gc.collecting.get() {
        return false;
    }
    interpreter.gc.collect_guarded(GENERATIONS - 1);
    set_mark();
    true
}
