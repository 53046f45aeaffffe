//! The search of a collection: which objects of a list are held from outside of it, and what these lead to.
//!
//! Every object of the list gets a copy of its count (`prev` holds it meanwhile). Each reference between them is taken off the copies. What is
//! left above zero is held from outside. While the reachable part is found, an object is in one of three states: *unseen* in the list with its
//! copied count, *reachable* in the list with its links restored and the collecting flag gone, or *tentatively unreachable* in a second
//! list, marked as that. The last ones come back when something reachable leads to them.
//!
//! Both passes are bound by memory, by how often a head is fetched. So there are only these two: where all tracked objects take part, a copy is
//! made when the object is first met, be it as a referent; and what may stop being tracked does so when it is found to be reachable. The first pass
//! marks *leaves*, which lead to nothing that takes part: the second does not look into them. And long lists and tuples are walked in step
//! with the list of heads where they have the same order (`companion.rs`), so that a million rows are fetched once in each pass, not twice.

use std::cell::Cell;
use std::ffi::{c_int, c_void};

use super::companion::{Companion, Sought, go_through, long_items};
use super::head::{GcHead, PREV_COLLECTING, PREV_FINALIZED, PREV_UNREACHABLE, head_of, is_collectable};
use super::list::{at, heads, is_empty, prefetch, previous, set_previous};
use super::stretch::{Stretch, Stretches};
use crate::object::typeobject::flags;
use crate::object::{Object, PyType, Type};
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::set::Set;
use crate::types::tuple::Tuple;
use crate::types::weakref::WeakReference;

/// Beside a copied count: the object is a leaf. It leads to nothing that takes part in the collection, its own class excepted.
pub(super) const LEAF: usize = 8;
/// Copied counts stand above the flags.
const REFS_SHIFT: u32 = 4;
const ONE_REF: usize = 1 << REFS_SHIFT;

#[inline(always)]
pub(super) fn is_collecting(head: &GcHead) -> bool {
    head.prev.get() & PREV_COLLECTING != 0
}

#[inline(always)]
fn refs(head: &GcHead) -> usize {
    head.prev.get() >> REFS_SHIFT
}

/// Takes `count` references off the copy; more than there are, which only a wrong count gives, leave none.
#[inline(always)]
fn take_refs(head: &GcHead, count: usize) {
    head.prev.set(head.prev.get() - refs(head).min(count) * ONE_REF);
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
    } else if std::ptr::eq(ty, Dict::type_object())
        && let Some(dict) = object.downcast_exact::<Dict>()
    {
        dict.for_each_referent(visit);
    } else if std::ptr::eq(ty, Set::type_object())
        && let Some(set) = object.downcast_exact::<Set>()
    {
        set.core.keys().for_each(visit);
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
fn subtract(list: &GcHead, all: bool, stretches: &mut Stretches) {
    if all {
        subtract_from::<true>(list, stretches);
    } else {
        heads(list).for_each(begin);
        subtract_from::<false>(list, stretches);
    }
}

/// Takes a reference to `referent` off its copy, and says whether it takes part. With `ALL`, what is tracked does, and may be met for the first time.
#[inline(always)]
fn take_reference<const ALL: bool>(referent: &Object) -> bool {
    if !is_collectable(referent) {
        return false;
    }
    // SAFETY: just checked.
    let head = unsafe { head_of(referent) };
    if !is_collecting(head) {
        if !ALL || head.next.get() == 0 {
            return false;
        }
        begin(head);
    }
    take_refs(head, 1);
    true
}

/// The pass of `subtract` in which the objects are looked into. Without `ALL`, the copies were made before; with it, stretches are found.
fn subtract_from<const ALL: bool>(list: &GcHead, stretches: &mut Stretches) {
    let mut companion = Companion::default();
    for head in heads(list) {
        let object = head.object();
        let met = companion.meet(object);
        // The companion's item alone refers to it, as far as its count says: it may stand in a stretch, and then has no copy.
        let is_sole = ALL && met == 1 && object.refcount() == 1 && !is_collecting(head);
        if !is_sole {
            if ALL && !is_collecting(head) {
                begin(head);
            }
            if met > 0 {
                take_refs(head, met);
            } else if companion.is_impatient() {
                match companion.seek(object) {
                    Sought::Item(times) => take_refs(head, times),
                    Sought::Other => {}
                    Sought::Unknown => companion.finish(|item| {
                        take_reference::<ALL>(item);
                    }),
                }
            }
        }
        let better = companion.better(head);
        let is_leaf = better.is_none() && is_leaf::<ALL>(object);
        if is_sole {
            if is_leaf && let Some(stretch) = stretch_of(head, &companion) {
                stretches.add(stretch);
                continue;
            }
            if !is_collecting(head) {
                begin(head);
            }
            take_refs(head, 1);
        }
        if let Some(better) = better {
            companion.finish(|item| {
                take_reference::<ALL>(item);
            });
            companion = better;
        } else if is_leaf {
            head.prev.set(head.prev.get() | LEAF);
        }
    }
    companion.finish(|item| {
        take_reference::<ALL>(item);
    });
    stretches.close();
}

/// Takes references off the copies of all that an object refers to. Says whether none of that takes part but its class.
#[inline(always)]
fn is_leaf<const ALL: bool>(object: &Object) -> bool {
    let own_type: &Object = object.ty();
    let mut is_leaf = true;
    for_each_referent(object, |referent| {
        if take_reference::<ALL>(referent) && !std::ptr::eq(referent, own_type) {
            is_leaf = false;
        }
    });
    is_leaf
}

/// The beginning of a stretch with an object that is a leaf and was just met, if it may be in one: no copy was made meanwhile, and it stays tracked.
#[inline(always)]
fn stretch_of(head: &'static GcHead, companion: &Companion<'_>) -> Option<Stretch> {
    let ty = head.object().ty();
    let may_leave = std::ptr::eq(ty, Tuple::type_object()) || std::ptr::eq(ty, Dict::type_object());
    if may_leave || is_collecting(head) {
        return None;
    }
    let (owner, place) = companion.place()?;
    Some(Stretch::new(owner, head, place, ty.has_flag(flags::HEAPTYPE).then_some(ty)))
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

/// What a search put aside as unreachable.
#[derive(Clone, Copy, Default)]
pub(super) struct Aside {
    /// How many objects there are.
    pub(super) count: isize,
    /// How many of them have a type with a finalizer or weak references.
    pub(super) special: isize,
}

/// Whether the end of objects of a type may take more than clearing them: finalizers, weak references.
#[inline(always)]
fn is_special(ty: &Type) -> bool {
    let plain = std::ptr::eq(ty, List::type_object()) || std::ptr::eq(ty, Dict::type_object());
    !plain
        && (ty.tp_finalize.get().is_some()
            || ty.tp_del.get().is_some()
            || ty.tp_weaklistoffset.get() != 0
            || ty.is_subtype(WeakReference::type_object()))
}

/// The second pass of a search, as it goes.
struct Parting<'a> {
    base: &'a GcHead,
    unreachable: &'a GcHead,
    /// The last element of `base`, while its links back are counts.
    tail: Cell<usize>,
    aside: Cell<Aside>,
}

impl Parting<'_> {
    /// Takes the head behind `last` out of `base`.
    #[inline(always)]
    fn leave(&self, head: &GcHead, last: &GcHead) {
        last.next.set(head.next.get());
        if self.tail.get() == head.address() {
            self.tail.set(last.address());
        }
    }

    fn count(&self, head: &GcHead, by: isize) {
        let Aside { count, special } = self.aside.get();
        let special = special + if is_special(head.object().ty()) { by } else { 0 };
        self.aside.set(Aside { count: count + by, special });
    }

    /// Puts the head behind `last` aside.
    #[inline(always)]
    fn put_aside(&self, head: &GcHead, last: &GcHead) {
        self.leave(head, last);
        let end = at(previous(self.unreachable));
        end.next.set(head.address());
        let flags = head.prev.get() & PREV_FINALIZED | PREV_COLLECTING | PREV_UNREACHABLE;
        head.prev.set(flags | end.address());
        head.next.set(self.unreachable.address());
        set_previous(self.unreachable, head.address());
        self.count(head, 1);
    }

    /// Notes that a referent is reachable: brings it back where it was put aside.
    #[inline(always)]
    fn note_reachable(&self, referent: &Object) {
        if !is_collectable(referent) {
            return;
        }
        // SAFETY: just checked.
        let head = unsafe { head_of(referent) };
        let state = head.prev.get();
        if state & PREV_COLLECTING == 0 {
            return;
        }
        if state & PREV_UNREACHABLE != 0 {
            let (prev, next) = (at(previous(head)), at(head.next.get()));
            prev.next.set(next.address());
            set_previous(next, prev.address());
            at(self.tail.get()).next.set(head.address());
            head.next.set(self.base.address());
            self.tail.set(head.address());
            head.prev.set(state & PREV_FINALIZED | PREV_COLLECTING | ONE_REF);
            self.count(head, -1);
        } else if refs(head) == 0 {
            head.prev.set(state + ONE_REF);
        }
    }

    /// Notes what a reachable object leads to, as far as the first pass has not seen that there is nothing.
    #[inline(always)]
    fn look_into(&self, head: &GcHead) {
        let object = head.object();
        if head.prev.get() & LEAF == 0 {
            for_each_referent(object, |referent| self.note_reachable(referent));
        } else if object.ty().has_flag(flags::HEAPTYPE) {
            self.note_reachable(object.ty());
        }
    }
}

/// Moves what only the list itself holds from `base` to `unreachable`, where it keeps the flags that say so.
/// Gives the number of those that stay, and what was put aside.
///
/// `all` says that every tracked object of the interpreter is in the list.
pub(super) fn split(base: &GcHead, unreachable: &GcHead, all: bool, untrack: Untrack) -> (isize, Aside) {
    let mut stretches = Stretches::new();
    subtract(base, all, &mut stretches);
    let parting = Parting { base, unreachable, tail: Cell::new(previous(base)), aside: Cell::new(Aside::default()) };
    let mut count = 0;
    let mut last = base;
    let mut companion = Companion::default();
    let mut head = at(base.next.get());
    let mut next_stretch = stretches.next_address();
    while !std::ptr::eq(head, base) {
        if head.address() == next_stretch
            && let Some(stretch) = stretches.pass()
        {
            next_stretch = stretches.next_address();
            if stretch.is_reachable() {
                if let Some(class) = stretch.class {
                    parting.note_reachable(class);
                }
                set_previous(head, last.address());
                last = stretch.last;
                count += stretch.count() as isize;
                head = at(last.next.get());
                continue;
            }
            stretch.dissolve();
        }
        prefetch(head.next.get());
        // A companion begins while nothing is aside, and only what is not among its items is put aside meanwhile. So none of its items is brought
        // back by it, and it makes no difference when they are noted, if only before they would be put aside.
        let met = companion.meet(head.object());
        if refs(head) == 0 {
            if met > 0 {
                head.prev.set(head.prev.get() + ONE_REF);
            } else if !companion.is_done() {
                match companion.seek(head.object()) {
                    Sought::Item(_) => head.prev.set(head.prev.get() + ONE_REF),
                    Sought::Other => {}
                    Sought::Unknown => companion.finish(|item| parting.note_reachable(item)),
                }
            }
        }
        if refs(head) > 0 {
            let long = long_items(head.object());
            if let Some(items) = long
                && let Some(others) = stretches.others(head, items.len())
            {
                go_through(items, others.into_iter(), |item| parting.note_reachable(item));
            } else if is_empty(unreachable)
                && let Some(better) = companion.better(head)
            {
                companion.finish(|item| parting.note_reachable(item));
                companion = better;
            } else {
                parting.look_into(head);
            }
            if may_untrack(head.object(), untrack) {
                parting.leave(head, last);
                head.next.set(0);
                head.prev.set(head.prev.get() & PREV_FINALIZED);
            } else {
                head.prev.set(head.prev.get() & PREV_FINALIZED | last.address());
                last = head;
                count += 1;
            }
        } else {
            parting.put_aside(head, last);
        }
        head = at(last.next.get());
    }
    // What is left of a companion are items that the walk has come to for other reasons, or that do not take part.
    set_previous(base, last.address());
    (count, parting.aside.get())
}
