//! A collection: which objects of a generation nobody outside of it holds, and their end.
//!
//! Every object of the generation gets a copy of its count (`prev` holds it while the collection runs). Each reference between them is taken
//! off the copies. What is left above zero is held from outside; it and all that it leads to is reachable. The rest is garbage: its finalizers
//! run, then the callbacks of weak references to it, then it is cleared. What a finalizer brought back is kept.
//!
//! While the reachable part is found, an object is in one of three states: *unseen* in the young list with its copied count, *reachable* in
//! the young list with its links restored and the collecting flag gone, or *tentatively unreachable* in a second list, its `next` marked by bit
//! 0. The last ones come back when something reachable leads to them.

use std::cell::Cell;
use std::ffi::{c_int, c_void};

use super::head::{GcHead, PREV_COLLECTING, PREV_FINALIZED, PREV_MASK, head_of, is_collectable};
use super::state::{GENERATIONS, GcState};
use crate::object::{Object, Ref};
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::types::weakref::WeakReference;

/// Marks `next` of an object that is tentatively unreachable.
const NEXT_UNREACHABLE: usize = 1;
/// Copied counts stand above the flags.
const REFS_SHIFT: u32 = 2;

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

/// A list of heads on the native stack; it must not move.
struct List2 {
    anchor: GcHead,
}

impl List2 {
    fn new() -> Box<List2> {
        let list = Box::new(List2 { anchor: GcHead { next: Cell::new(0), prev: Cell::new(0) } });
        initialise(&list.anchor);
        list
    }
}

fn initialise(anchor: &GcHead) {
    anchor.next.set(anchor.address());
    anchor.prev.set(anchor.address());
}

/// The head at an address that a list holds.
fn at(address: usize) -> &'static GcHead {
    // SAFETY: lists hold addresses of anchors and of heads of objects that are alive.
    unsafe { &*(address as *const GcHead) }
}

fn is_empty(anchor: &GcHead) -> bool {
    anchor.next.get() == anchor.address()
}

fn previous(head: &GcHead) -> usize {
    head.prev.get() & PREV_MASK
}

fn set_previous(head: &GcHead, address: usize) {
    head.prev.set(head.prev.get() & !PREV_MASK | address);
}

fn unlink(head: &GcHead) {
    let (prev, next) = (at(previous(head)), at(head.next.get()));
    prev.next.set(next.address());
    set_previous(next, prev.address());
}

fn append(anchor: &GcHead, head: &GcHead) {
    let last = at(previous(anchor));
    last.next.set(head.address());
    set_previous(head, last.address());
    head.next.set(anchor.address());
    set_previous(anchor, head.address());
}

/// Moves all of `from` to the end of `to`.
fn merge(from: &GcHead, to: &GcHead) {
    if !is_empty(from) {
        let (first, last) = (at(from.next.get()), at(previous(from)));
        let tail = at(previous(to));
        tail.next.set(first.address());
        set_previous(first, tail.address());
        last.next.set(to.address());
        set_previous(to, last.address());
    }
    initialise(from);
}

fn size(anchor: &GcHead) -> isize {
    let mut count = 0;
    let mut head = at(anchor.next.get());
    while !std::ptr::eq(head, anchor) {
        count += 1;
        head = at(head.next.get());
    }
    count
}

fn is_collecting(head: &GcHead) -> bool {
    head.prev.get() & PREV_COLLECTING != 0
}

fn refs(head: &GcHead) -> usize {
    head.prev.get() >> REFS_SHIFT
}

fn set_refs(head: &GcHead, refs: usize) {
    head.prev.set(head.prev.get() & (PREV_FINALIZED | PREV_COLLECTING) | refs << REFS_SHIFT);
}

/// Shows what an object refers to.
///
/// # Safety
/// The visitor must accept `argument`.
unsafe fn traverse(object: &Object, visitor: crate::object::visit::VisitProc, argument: *mut c_void) {
    if let Some(traverse) = object.ty().tp_traverse.get() {
        // SAFETY: the slot belongs to the object's own type.
        unsafe { traverse(object, visitor, argument) };
    }
}

/// Takes one reference off the copied count of a referent that is being collected.
unsafe extern "C" fn visit_subtract(object: &Object, _: *mut c_void) -> c_int {
    if is_collectable(object) {
        // SAFETY: just checked.
        let head = unsafe { head_of(object) };
        if is_collecting(head) && refs(head) > 0 {
            set_refs(head, refs(head) - 1);
        }
    }
    0
}

/// The young list and its last element while its links back are counts.
struct Reachable<'a> {
    young: &'a GcHead,
    tail: Cell<usize>,
}

/// Notes that a referent is reachable: brings it back where it was put aside.
unsafe extern "C" fn visit_reachable(object: &Object, argument: *mut c_void) -> c_int {
    if !is_collectable(object) {
        return 0;
    }
    // SAFETY: checked; the argument is the one that `split` passes.
    let (head, reachable) = unsafe { (head_of(object), &*argument.cast::<Reachable<'_>>()) };
    if !is_collecting(head) {
        return 0;
    }
    if head.next.get() & NEXT_UNREACHABLE != 0 {
        // Out of the list of unreachable ones, whose links forward are marked.
        let (prev, next) = (at(previous(head)), at(head.next.get() & !NEXT_UNREACHABLE));
        prev.next.set(head.next.get());
        set_previous(next, prev.address());
        let tail = at(reachable.tail.get());
        tail.next.set(head.address());
        head.next.set(reachable.young.address());
        reachable.tail.set(head.address());
        set_refs(head, 1);
    } else if refs(head) == 0 {
        set_refs(head, 1);
    }
    0
}

/// Moves what only the list itself holds from `base` to `unreachable`; those keep the collecting flag.
fn split(base: &GcHead, unreachable: &GcHead) {
    let mut head = at(base.next.get());
    while !std::ptr::eq(head, base) {
        head.prev.set(
            head.prev.get() & PREV_FINALIZED | PREV_COLLECTING | (head.object().refcount() as usize) << REFS_SHIFT,
        );
        head = at(head.next.get());
    }
    head = at(base.next.get());
    while !std::ptr::eq(head, base) {
        // SAFETY: the visitor takes no argument.
        unsafe { traverse(head.object(), visit_subtract, std::ptr::null_mut()) };
        head = at(head.next.get());
    }
    let reachable = Reachable { young: base, tail: Cell::new(previous(base)) };
    let mut last = base;
    head = at(base.next.get());
    while !std::ptr::eq(head, base) {
        if refs(head) > 0 {
            // SAFETY: the visitor takes this argument.
            unsafe { traverse(head.object(), visit_reachable, (&raw const reachable).cast_mut().cast()) };
            head.prev.set(head.prev.get() & PREV_FINALIZED | last.address());
            last = head;
        } else {
            last.next.set(head.next.get());
            if reachable.tail.get() == head.address() {
                reachable.tail.set(last.address());
            }
            let end = at(previous(unreachable));
            end.next.set(head.address() | NEXT_UNREACHABLE);
            head.prev.set(head.prev.get() & (PREV_FINALIZED | PREV_COLLECTING) | end.address());
            head.next.set(unreachable.address() | NEXT_UNREACHABLE);
            set_previous(unreachable, head.address());
        }
        head = at(last.next.get());
    }
    set_previous(base, last.address());
    // The marks were for the search alone.
    unreachable.next.set(unreachable.next.get() & !NEXT_UNREACHABLE);
    head = at(unreachable.next.get());
    while !std::ptr::eq(head, unreachable) {
        head.next.set(head.next.get() & !NEXT_UNREACHABLE);
        head = at(head.next.get());
    }
}

/// Stops tracking tuples that hold nothing that is tracked.
fn untrack_tuples(list: &GcHead) {
    let mut head = at(list.next.get());
    while !std::ptr::eq(head, list) {
        let next = at(head.next.get());
        if let Some(tuple) = head.object().downcast_exact::<Tuple>()
            && !tuple.as_slice().iter().any(|item| crate::types::dict::value::may_be_tracked(item))
        {
            super::untrack(tuple);
        }
        head = next;
    }
}

/// Stops tracking dictionaries that hold nothing that is tracked.
fn untrack_dicts(list: &GcHead) {
    let mut head = at(list.next.get());
    while !std::ptr::eq(head, list) {
        let next = at(head.next.get());
        if let Some(dict) = head.object().downcast_exact::<Dict>() {
            dict.maybe_untrack();
        }
        head = next;
    }
}

/// Clears the weak references to garbage, and calls the callbacks of those that are not garbage themselves.
fn handle_weak_references(unreachable: &GcHead) {
    let mut calls = habu_heap::Buffer::<Ref<WeakReference>>::new();
    let mut head = at(unreachable.next.get());
    while !std::ptr::eq(head, unreachable) {
        let object = head.object();
        if let Some(reference) = object.downcast::<WeakReference>() {
            reference.unlink();
        }
        if let Some(list) = crate::types::weakref::value::list_of(object) {
            // SAFETY: references in the list are alive.
            while let Some(reference) = unsafe { list.get().as_ref() } {
                reference.unlink();
                // SAFETY: weak references are collectable.
                if !reference.callback.is_empty() && !is_collecting(unsafe { head_of(reference) }) {
                    let _ = calls.push(Ref::from_borrowed(reference));
                }
            }
        }
        head = at(head.next.get());
    }
    for reference in calls.into_iter() {
        let Some(callback) = reference.callback.get() else { continue };
        if let Err(raised) = crate::object::protocol::call1(&callback, &reference) {
            crate::exceptions::unraisable(raised, Some(&callback));
        }
    }
}

/// Runs the finalizers of garbage that were not run before.
fn finalize(unreachable: &GcHead) {
    let seen = List2::new();
    while !is_empty(unreachable) {
        let head = at(unreachable.next.get());
        unlink(head);
        append(&seen.anchor, head);
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
    merge(&seen.anchor, unreachable);
}

/// Ends garbage by clearing what it refers to.
fn delete(garbage: &GcHead, old: &GcHead, state: &GcState) {
    while !is_empty(garbage) {
        let head = at(garbage.next.get());
        let object = head.object().to_ref();
        if state.debug.get() & debug::SAVEALL != 0 {
            if let Some(list) = state.garbage.get() {
                let _ = list.push(object.clone()).map_err(crate::object::Raised::clear);
            }
        } else if let Some(clear) = object.ty().tp_clear.get() {
            // SAFETY: the slot belongs to the object's own type, and the object is kept.
            if let Err(raised) = unsafe { clear(&object) }.result() {
                crate::exceptions::unraisable(raised, None);
            }
        }
        drop(object);
        if garbage.next.get() == head.address() {
            // Still there: others hold it, or its type cannot be cleared.
            head.prev.set(head.prev.get() & !PREV_COLLECTING);
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
        let unreachable = List2::new();
        let unreachable = &unreachable.anchor;
        split(young, unreachable);
        untrack_tuples(young);
        if is_full {
            untrack_dicts(young);
            self.long_lived_pending.set(0);
            self.long_lived_total.set(size(young));
        } else {
            if generation == GENERATIONS - 2 {
                self.long_lived_pending.set(self.long_lived_pending.get() + size(young));
            }
            merge(young, old);
        }
        if self.debug.get() & debug::COLLECTABLE != 0 {
            let mut head = at(unreachable.next.get());
            while !std::ptr::eq(head, unreachable) {
                let object = head.object();
                eprintln!("gc: collectable <{} {:#x}>", object.ty().name(), object.address());
                head = at(head.next.get());
            }
        }
        handle_weak_references(unreachable);
        finalize(unreachable);
        // What finalizers brought back is found by the same search among the garbage alone.
        let mut head = at(unreachable.next.get());
        while !std::ptr::eq(head, unreachable) {
            head.prev.set(head.prev.get() & !PREV_COLLECTING);
            head = at(head.next.get());
        }
        let garbage = List2::new();
        let garbage = &garbage.anchor;
        split(unreachable, garbage);
        merge(unreachable, old);
        let found = Found { collected: size(garbage), uncollectable: 0 };
        delete(garbage, old, self);
        let stats = &self.stats[generation];
        stats.collections.set(stats.collections.get() + 1);
        stats.collected.set(stats.collected.get() + found.collected);
        if is_full {
            crate::threads::Thread::current().interpreter().free_lists.clear();
            crate::threads::Thread::current().interpreter().heap.trim();
        }
        found
    }

    /// Collects the oldest generation whose count is above its threshold. Full collections wait until a quarter of the objects is new.
    #[cold]
    pub fn collect_due(&self) {
        if self.collecting.get() {
            return;
        }
        for generation in (0..GENERATIONS).rev() {
            let this = &self.generations[generation];
            if this.count.get() <= this.threshold.get() {
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
            for index in 0..callbacks.len() {
                if let Some(callback) = callbacks.get(index)
                    && let Err(raised) = crate::object::protocol::call(&callback, &[&phase, &info])
                {
                    crate::exceptions::unraisable(raised, Some(&callback));
                }
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
        let anchor = &self.generations[generation].anchor;
        let mut head = at(anchor.next.get());
        while !std::ptr::eq(head, anchor) {
            each(head.object());
            head = at(head.next.get());
        }
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

/// Collects everything, as at the end of a program.
pub fn collect_all() {
    let state = GcState::current();
    state.collect_guarded(GENERATIONS - 1);
}
