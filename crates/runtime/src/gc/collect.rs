//! A collection: the garbage of a generation, and its end.
//!
//! `search` finds what nobody outside of the generation holds. Of that, what has a legacy finalizer (`tp_del`, from compiled extensions) and
//! what such objects lead to is kept. For the rest, weak references are cleared and their callbacks called, finalizers run, what these
//! brought back is found by a second search among the garbage alone, and what remains is cleared. Where nothing has a finalizer or a
//! callback, no code can run between the searches, and the second is left out.

use super::head::{GcHead, PREV_COLLECTING, PREV_FINALIZED, PREV_UNREACHABLE, head_of, is_collectable};
use super::list::{append, at, heads, initialise, is_empty, merge, size, unlink};
use super::search::{Aside, Untrack, for_each_referent, is_collecting, split};
use super::state::{GENERATIONS, GcState};
use crate::object::{Object, Ref};
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::weakref::WeakReference;

/// `gc.DEBUG_*`
pub mod debug {
    /// Print statistics.
    pub const STATS: i32 = 1;
    /// Print collectable objects.
    pub const COLLECTABLE: i32 = 2;
    /// Print uncollectable objects.
    pub const UNCOLLECTABLE: i32 = 4;
    /// Keep all garbage in `gc.garbage`.
    pub const SAVEALL: i32 = 32;
    /// What finds leaks.
    pub const LEAK: i32 = COLLECTABLE | UNCOLLECTABLE | SAVEALL;
}

/// What there is in a list of garbage.
#[derive(Default)]
struct Survey {
    count: isize,
    has_weak: bool,
    has_finalizer: bool,
    has_legacy: bool,
}

/// Looks for what there is in a list of garbage, where any of it is of a type for which there may be something.
fn survey(garbage: &GcHead, aside: Aside) -> Survey {
    let mut found = Survey { count: aside.count, ..Survey::default() };
    if aside.special == 0 {
        return found;
    }
    for head in heads(garbage) {
        let object = head.object();
        let ty = object.ty();
        found.has_weak |= crate::types::weakref::value::list_of(object).is_some_and(|list| !list.get().is_null())
            || object.downcast::<WeakReference>().is_some();
        found.has_finalizer |= ty.tp_finalize.get().is_some() && head.prev.get() & PREV_FINALIZED == 0;
        found.has_legacy |= ty.tp_del.get().is_some();
    }
    found
}

/// Takes the marks of the search off.
#[inline(always)]
fn unmark(head: &GcHead) {
    head.prev.set(head.prev.get() & !(PREV_COLLECTING | PREV_UNREACHABLE));
}

/// Moves objects with legacy finalizers, and all that they lead to, from the garbage to `kept`.
fn keep_legacy(garbage: &GcHead, kept: &GcHead) {
    let keep = |head: &GcHead| {
        unmark(head);
        unlink(head);
        append(kept, head);
    };
    heads(garbage).filter(|head| head.object().ty().tp_del.get().is_some()).for_each(keep);
    let mut head = at(kept.next.get());
    while !std::ptr::eq(head, kept) {
        for_each_referent(head.object(), |referent| {
            if is_collectable(referent) {
                // SAFETY: just checked.
                let head = unsafe { head_of(referent) };
                if is_collecting(head) {
                    keep(head);
                }
            }
        });
        head = at(head.next.get());
    }
}

/// Clears the weak references to garbage, and calls the callbacks of those that are not garbage themselves. Gives how many of these died
/// with their callback, and whether any was called.
fn handle_weak_references(garbage: &GcHead) -> (isize, bool) {
    let mut calls = habu_heap::Buffer::<Ref<WeakReference>>::new();
    for head in heads(garbage) {
        let object = head.object();
        if let Some(reference) = object.downcast::<WeakReference>() {
            reference.unlink();
        }
        let Some(list) = crate::types::weakref::value::list_of(object) else { continue };
        // SAFETY: references in the list are alive.
        while let Some(reference) = unsafe { list.get().as_ref() } {
            reference.unlink();
            // SAFETY: weak references are collectable.
            if !reference.callback.is_empty() && !is_collecting(unsafe { head_of(reference) }) {
                // Without memory for the note the callback is not called, as if the reference had died first.
                let _ = calls.push(Ref::from_borrowed(reference));
            }
        }
    }
    let (mut died, called) = (0, !calls.is_empty());
    for reference in calls.into_iter() {
        if let Some(callback) = reference.callback.get()
            && let Err(raised) = crate::object::protocol::call1(&callback, &reference)
        {
            crate::exceptions::unraisable(raised, Some(&callback));
        }
        died += isize::from(reference.refcount() == 1);
    }
    (died, called)
}

/// Runs the finalizers of garbage that were not run before.
fn finalize(garbage: &GcHead) {
    let seen = GcHead::anchor();
    initialise(&seen);
    while !is_empty(garbage) {
        let head = at(garbage.next.get());
        unlink(head);
        append(&seen, head);
        let object = head.object();
        if head.prev.get() & PREV_FINALIZED == 0
            && let Some(finalize) = object.ty().tp_finalize.get()
        {
            head.prev.set(head.prev.get() | PREV_FINALIZED);
            let keep = object.to_ref();
            // SAFETY: the slot belongs to the object's own type, and the object is kept.
            unsafe { finalize(keep.as_pointer()) };
        }
    }
    merge(&seen, garbage);
}

/// Ends garbage by clearing what it refers to.
fn delete(garbage: &GcHead, old: &GcHead, state: &GcState) {
    while !is_empty(garbage) {
        let head = at(garbage.next.get());
        if state.debug.get() & debug::SAVEALL != 0 {
            state.save(head.object());
        } else if let Some(clear) = head.object().ty().tp_clear.get() {
            let object = head.object().to_ref();
            // SAFETY: the slot belongs to the object's own type, and the object is kept.
            if let Err(raised) = unsafe { clear(&object) }.result() {
                crate::exceptions::unraisable(raised, None);
            }
        }
        if garbage.next.get() == head.address() {
            // Still there: others hold it, or its type cannot be cleared.
            unmark(head);
            unlink(head);
            append(old, head);
        }
    }
}

/// What a collection found.
#[derive(Clone, Copy, Default)]
pub struct Found {
    /// Objects that were collected.
    pub collected: isize,
    /// Objects that could not be.
    pub uncollectable: isize,
}

impl GcState {
    /// Adds an object to `gc.garbage`.
    fn save(&self, object: &Object) {
        if let Some(list) = self.garbage.get() {
            let _ = list.push(object.to_ref()).map_err(crate::object::Raised::clear);
        }
    }

    /// Collects a generation and all younger ones; gives what was found.
    pub fn collect(&self, generation: usize) -> Found {
        let thread = crate::threads::Thread::current();
        let kept = thread.take_exception();
        let found = self.collect_inner(generation.min(GENERATIONS - 1));
        if let Some(kept) = kept {
            let _ = thread.set_exception(kept);
        }
        found
    }

    fn collect_inner(&self, generation: usize) -> Found {
        let began = self.report_start(generation);
        if let Some(next) = self.generations.get(generation + 1) {
            next.count.set(next.count.get() + 1);
        }
        for younger in &self.generations[..=generation] {
            younger.count.set(0);
        }
        let young = &self.generations[generation].anchor;
        for younger in &self.generations[..generation] {
            merge(&younger.anchor, young);
        }
        let is_full = generation == GENERATIONS - 1;
        let old = self.generations.get(generation + 1).map_or(young, |next| &next.anchor);
        let garbage = GcHead::anchor();
        initialise(&garbage);
        let untrack = if is_full { Untrack::TuplesAndDicts } else { Untrack::Tuples };
        let (survivors, aside) = split(young, &garbage, is_full && is_empty(&self.permanent.anchor), untrack);
        if is_full {
            self.long_lived_pending.set(0);
            self.long_lived_total.set(survivors);
        } else {
            if generation == GENERATIONS - 2 {
                self.long_lived_pending.set(self.long_lived_pending.get() + survivors);
            }
            merge(young, old);
        }
        let found = self.end_garbage(&garbage, aside, old);
        self.report_end(began, found.collected + found.uncollectable, found.uncollectable);
        let stats = &self.stats[generation];
        stats.collections.set(stats.collections.get() + 1);
        stats.collected.set(stats.collected.get() + found.collected);
        stats.uncollectable.set(stats.uncollectable.get() + found.uncollectable);
        if is_full {
            let interpreter = crate::threads::Thread::current().interpreter();
            interpreter.free_lists.clear();
            interpreter.heap.trim();
        }
        found
    }

    /// Ends what the search left in `garbage`, but for what cannot be collected or is brought back, which goes to `old`.
    fn end_garbage(&self, garbage: &GcHead, aside: Aside, old: &GcHead) -> Found {
        let survey = survey(garbage, aside);
        let kept = GcHead::anchor();
        initialise(&kept);
        if survey.has_legacy {
            keep_legacy(garbage, &kept);
        }
        self.report_objects(debug::COLLECTABLE, "collectable", garbage);
        let mut collected = 0;
        let mut ran = survey.has_finalizer;
        if survey.has_weak {
            let (died, called) = handle_weak_references(garbage);
            collected += died;
            ran |= called;
        }
        if survey.has_finalizer {
            finalize(garbage);
        }
        if ran {
            // What finalizers and callbacks brought back is found by the same search among the garbage alone.
            let dead = GcHead::anchor();
            initialise(&dead);
            heads(garbage).for_each(unmark);
            let (_, aside) = split(garbage, &dead, false, Untrack::Nothing);
            merge(garbage, old);
            collected += aside.count;
            delete(&dead, old, self);
        } else {
            collected += if survey.has_legacy { size(garbage) } else { survey.count };
            delete(garbage, old, self);
        }
        let uncollectable = size(&kept);
        if uncollectable > 0 {
            self.report_objects(debug::UNCOLLECTABLE, "uncollectable", &kept);
            let all = self.debug.get() & debug::SAVEALL != 0;
            for head in heads(&kept).filter(|head| all || head.object().ty().tp_del.get().is_some()) {
                self.save(head.object());
            }
            merge(&kept, old);
        }
        Found { collected, uncollectable }
    }

    /// Collects the oldest generation whose count is above its threshold. Full collections wait until a quarter of the objects is new.
    #[cold]
    pub fn collect_due(&self) {
        if self.collecting.get() || crate::threads::Thread::current().has_exception() {
            return;
        }
        if self.generations[0].threshold.get() < 0 && self.relieve() {
            return;
        }
        if !self.enabled.get() {
            return;
        }
        for generation in (0..GENERATIONS).rev() {
            if !self.is_due(generation) {
                continue;
            }
            if generation == GENERATIONS - 1 && self.long_lived_pending.get() < self.long_lived_total.get() / 4 {
                continue;
            }
            self.collect_guarded(generation);
            return;
        }
    }

    /// Collects unless a collection runs already; calls `gc.callbacks` before and after.
    pub fn collect_guarded(&self, generation: usize) -> Found {
        if self.collecting.replace(true) {
            return Found::default();
        }
        self.call_back("start", generation, Found::default());
        let found = self.collect(generation);
        self.call_back("stop", generation, found);
        self.collecting.set(false);
        if self.auditing.get() {
            self.audit_or_abort();
        }
        found
    }

    fn call_back(&self, phase: &str, generation: usize, found: Found) {
        let Some(callbacks) = self.callbacks.get().filter(|callbacks| callbacks.len() > 0) else { return };
        let tell = |callbacks: &List| -> Result<(), crate::object::Raised> {
            let info = Dict::new()?;
            for (name, value) in [
                ("generation", generation as i64),
                ("collected", found.collected as i64),
                ("uncollectable", found.uncollectable as i64),
            ] {
                info.set_str(name, &*crate::types::int::Int::from_i64(value)?)?;
            }
            let phase = crate::types::str::Str::intern(phase)?;
            let mut index = 0;
            // A callback may change the list.
            while let Some(callback) = callbacks.get(index) {
                // CPython passes what a format string describes, which has references of its own.
                let _held = crate::object::args::hold(&[&phase, &info]);
                if let Err(raised) = crate::object::protocol::call(&callback, &[&phase, &info]) {
                    crate::exceptions::unraisable(raised, Some(&callback));
                }
                index += 1;
            }
            Ok(())
        };
        crate::exceptions::keep_current(|| {
            if let Err(raised) = tell(&callbacks) {
                raised.clear();
            }
        });
    }

    /// Calls `each` for every tracked object of a generation; it must run no Python code.
    pub fn for_each(&self, generation: usize, mut each: impl FnMut(&Object)) {
        heads(&self.generations[generation].anchor).for_each(|head| each(head.object()));
    }

    /// Calls `each` for every object that was frozen; it must run no Python code.
    pub fn for_each_frozen(&self, mut each: impl FnMut(&Object)) {
        heads(&self.permanent.anchor).for_each(|head| each(head.object()));
    }

    /// Moves all objects to the permanent generation.
    pub fn freeze(&self) {
        for generation in &self.generations {
            merge(&generation.anchor, &self.permanent.anchor);
            generation.count.set(0);
        }
    }

    /// Moves the objects of the permanent generation to the oldest.
    pub fn unfreeze(&self) {
        merge(&self.permanent.anchor, &self.generations[GENERATIONS - 1].anchor);
    }

    /// The number of objects in the permanent generation.
    pub fn frozen(&self) -> isize {
        size(&self.permanent.anchor)
    }
}

/// Collects everything for the end of an interpreter: `gc.callbacks` are not called, and it does not matter whether the collector is enabled.
pub fn collect_at_end() {
    let state = GcState::current();
    if !state.collecting.replace(true) {
        state.collect(GENERATIONS - 1);
        state.collecting.set(false);
        if state.auditing.get() {
            state.audit_or_abort();
        }
    }
}

/// Collects everything, as at the end of a program.
pub fn collect_all() {
    let state = GcState::current();
    state.collect_guarded(GENERATIONS - 1);
}
