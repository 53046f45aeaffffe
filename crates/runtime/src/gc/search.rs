//! The search of a collection: which objects of a list are held from outside of it, and what these lead to.
//!
//! Every object of the list gets a copy of its count (`prev` holds it meanwhile). Each reference between them is taken off the copies. What is
//! left above zero is held from outside. While the reachable part is found, an object is in one of three states: *unseen* in the list with its
//! copied count, *reachable* in the list with its links restored and the collecting flag gone, or *tentatively unreachable* in a second
//! list, its `next` marked by bit 0. The last ones come back when something reachable leads to them.
//!
//! Both passes are bound by memory, so there are only these two: where all tracked objects take part, a copy is made when the object is first
//! met, be it as a referent; and what may stop being tracked does so when it is found to be reachable.

use std::cell::Cell;
use std::ffi::{c_int, c_void};

use super::head::{GcHead, PREV_COLLECTING, PREV_FINALIZED, head_of, is_collectable};
use super::list::{at, heads, previous, set_previous};
use crate::object::{Object, PyType};
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::tuple::Tuple;

/// Marks `next` of an object that is tentatively unreachable.
pub(super) const NEXT_UNREACHABLE: usize = 1;
/// Copied counts stand above the flags.
const REFS_SHIFT: u32 = 2;

#[inline(always)]
pub(super) fn is_collecting(head: &GcHead) -> bool {
    head.prev.get() & PREV_COLLECTING != 0
}

#[inline(always)]
fn refs(head: &GcHead) -> usize {
    head.prev.get() >> REFS_SHIFT
}

#[inline(always)]
fn set_refs(head: &GcHead, refs: usize) {
    head.prev.set(head.prev.get() & (PREV_FINALIZED | PREV_COLLECTING) | refs << REFS_SHIFT);
}

/// Copies the object's count, and marks it as taking part.
#[inline(always)]
fn begin(head: &GcHead) {
    let count = head.object().refcount() as usize;
    head.prev.set(head.prev.get() & PREV_FINALIZED | PREV_COLLECTING | count << REFS_SHIFT);
}

/// Calls `visit` with all that an object refers to. The commonest types are looked into without a call for each referent.
#[inline(always)]
pub(super) fn for_each_referent(object: &Object, mut visit: impl FnMut(&Object)) {
    let ty = object.ty();
    if std::ptr::eq(ty, List::type_object())
        && let Some(list) = object.downcast_exact::<List>()
    {
        // What C code is still filling has null items. Visitors of the collector run no Python code.
        list.optional_items().iter().rev().flatten().for_each(|item| visit(item));
    } else if std::ptr::eq(ty, Tuple::type_object())
        && let Some(tuple) = object.downcast_exact::<Tuple>()
    {
        tuple.optional_items().iter().rev().flatten().for_each(|item| visit(item));
    } else if let Some(traverse) = ty.tp_traverse.get() {
        // SAFETY: the slot belongs to the object's own type, and the trampoline takes the closure.
        unsafe { traverse(object, trampoline_of(&visit), (&raw mut visit).cast()) };
    }
}

/// The trampoline for closures of this type.
fn trampoline_of<V: FnMut(&Object)>(_: &V) -> crate::object::visit::VisitProc {
    unsafe extern "C" fn trampoline<V: FnMut(&Object)>(object: &Object, visit: *mut c_void) -> c_int {
        // SAFETY: `for_each_referent` passes the closure.
        unsafe { (*visit.cast::<V>())(object) };
        0
    }
    trampoline::<V>
}

/// Takes the references between the objects of a list off copies of their counts. With `all`, every tracked object is in the list.
fn subtract(list: &GcHead, all: bool) {
    if all {
        for head in heads(list) {
            if !is_collecting(head) {
                begin(head);
            }
            for_each_referent(head.object(), |referent| {
                if is_collectable(referent) {
                    // SAFETY: just checked.
                    let head = unsafe { head_of(referent) };
                    if !is_collecting(head) {
                        if head.next.get() == 0 {
                            return;
                        }
                        begin(head);
                    }
                    if refs(head) > 0 {
                        set_refs(head, refs(head) - 1);
                    }
                }
            });
        }
        return;
    }
    heads(list).for_each(begin);
    for head in heads(list) {
        for_each_referent(head.object(), |referent| {
            if is_collectable(referent) {
                // SAFETY: just checked.
                let head = unsafe { head_of(referent) };
                if is_collecting(head) && refs(head) > 0 {
                    set_refs(head, refs(head) - 1);
                }
            }
        });
    }
}

/// What becomes of reachable tuples and dictionaries that hold nothing that is tracked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Untrack {
    /// They stay.
    Nothing,
    /// Tuples are no longer tracked.
    Tuples,
    /// Tuples and dictionaries are no longer tracked.
    TuplesAndDicts,
}

/// Whether an object may stop being tracked, now that it is reachable.
#[inline(always)]
fn may_untrack(object: &Object, which: Untrack) -> bool {
    if which == Untrack::Nothing {
        return false;
    }
    let ty = object.ty();
    if std::ptr::eq(ty, Tuple::type_object()) {
        return object.downcast_exact::<Tuple>().is_some_and(|tuple| {
            // C code may still be filling the tuple: then it stays tracked.
            let may_be_tracked = |item: &Option<crate::object::Ref>| {
                item.as_ref().is_none_or(|item| crate::types::dict::value::may_be_tracked(item))
            };
            tuple.len() > 0 && !tuple.optional_items().iter().any(may_be_tracked)
        });
    }
    which == Untrack::TuplesAndDicts
        && std::ptr::eq(ty, Dict::type_object())
        && object.downcast_exact::<Dict>().is_some_and(Dict::holds_nothing_tracked)
}

/// Moves what only the list itself holds from `base` to `unreachable`, where it keeps the collecting flag, and its `next` the mark.
/// Gives the number of those that stay.
///
/// `all` says that every tracked object of the interpreter is in the list.
pub(super) fn split(base: &GcHead, unreachable: &GcHead, all: bool, untrack: Untrack) -> isize {
    subtract(base, all);
    let mut count = 0;
    // The list and its last element, while its links back are counts.
    let tail = Cell::new(previous(base));
    let mut last = base;
    let mut head = at(base.next.get());
    while !std::ptr::eq(head, base) {
        if refs(head) > 0 {
            for_each_referent(head.object(), |referent| note_reachable(referent, base, &tail));
            if may_untrack(head.object(), untrack) {
                leave(head, last, &tail);
                head.next.set(0);
                head.prev.set(head.prev.get() & PREV_FINALIZED);
            } else {
                head.prev.set(head.prev.get() & PREV_FINALIZED | last.address());
                last = head;
                count += 1;
            }
        } else {
            leave(head, last, &tail);
            let end = at(previous(unreachable));
            end.next.set(head.address() | NEXT_UNREACHABLE);
            head.prev.set(head.prev.get() & (PREV_FINALIZED | PREV_COLLECTING) | end.address());
            head.next.set(unreachable.address() | NEXT_UNREACHABLE);
            set_previous(unreachable, head.address());
        }
        head = at(last.next.get());
    }
    set_previous(base, last.address());
    unreachable.next.set(unreachable.next.get() & !NEXT_UNREACHABLE);
    count
}

/// Takes the head behind `last` out of the list whose end is `tail`.
#[inline(always)]
fn leave(head: &GcHead, last: &GcHead, tail: &Cell<usize>) {
    last.next.set(head.next.get());
    if tail.get() == head.address() {
        tail.set(last.address());
    }
}

/// Notes that a referent is reachable: brings it back where it was put aside.
#[inline(always)]
fn note_reachable(referent: &Object, base: &GcHead, tail: &Cell<usize>) {
    if !is_collectable(referent) {
        return;
    }
    // SAFETY: just checked.
    let head = unsafe { head_of(referent) };
    if !is_collecting(head) {
        return;
    }
    if head.next.get() & NEXT_UNREACHABLE != 0 {
        // Out of the list of unreachable ones, whose links forward are marked.
        let (prev, next) = (at(previous(head)), at(head.next.get() & !NEXT_UNREACHABLE));
        prev.next.set(head.next.get());
        set_previous(next, prev.address());
        at(tail.get()).next.set(head.address());
        head.next.set(base.address());
        tail.set(head.address());
        set_refs(head, 1);
    } else if refs(head) == 0 {
        set_refs(head, 1);
    }
}
