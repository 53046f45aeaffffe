//! The head that precedes a collectable object (`PyGC_Head`): links of its generation's list, and flags.
//!
//! `next`: 0 while the object is not tracked. `prev`: the previous head's address in all but the three lowest bits; bit 0 says
//! that the finalizer was run, bit 1 that the object is being collected, bit 2 that the collection has put it aside as unreachable. Blocks of
//! the heap are aligned to 8 bytes, so that these bits are free. CPython keeps the third mark in `next`.

use std::cell::Cell;

use super::state::GcState;
use crate::object::header::Object;
use crate::object::typeobject::flags;

/// The finalizer was run.
pub const PREV_FINALIZED: usize = 1;
/// The object is part of the collection that is running.
pub const PREV_COLLECTING: usize = 2;
/// The object has been put aside as unreachable by the collection that is running.
pub const PREV_UNREACHABLE: usize = 4;
/// The address in `prev`.
pub const PREV_MASK: usize = !7;

/// `PyGC_Head`
#[repr(C)]
pub struct GcHead {
    /// The next head of the list, or 0 when not tracked.
    pub next: Cell<usize>,
    /// The previous head of the list, and flags; a copied count while a collection runs.
    pub prev: Cell<usize>,
}

crate::assert_layout!(GcHead, size 16, next @ 0, prev @ 8);

impl GcHead {
    /// The object that follows this head.
    #[inline(always)]
    pub fn object(&self) -> &Object {
        // SAFETY: a head in a list is followed by its object.
        unsafe { &*std::ptr::from_ref(self).add(1).cast::<Object>() }
    }

    /// Keeps the trashcan's link in the unused list words.
    pub fn set_trash_link(&self, later: *mut Object) {
        self.prev.set(self.prev.get() & !PREV_MASK | later as usize);
    }

    /// Takes the trashcan's link.
    pub fn take_trash_link(&self) -> *mut Object {
        let later = (self.prev.get() & PREV_MASK) as *mut Object;
        self.prev.set(self.prev.get() & !PREV_MASK);
        later
    }

    /// The address of this head, as the links keep it.
    #[inline(always)]
    pub fn address(&self) -> usize {
        std::ptr::from_ref(self) as usize
    }
}

/// The head of a collectable object.
///
/// # Safety
/// The object must have a GC head (`is_collectable`).
#[inline(always)]
pub unsafe fn head_of(object: &Object) -> &GcHead {
    // SAFETY: collectable objects are allocated with the head before them.
    unsafe { &*std::ptr::from_ref(object).cast::<GcHead>().sub(1) }
}

/// Whether the object has a GC head.
#[inline(always)]
pub fn is_collectable(object: &Object) -> bool {
    let ty = object.ty();
    ty.has_flag(flags::HAVE_GC)
        // SAFETY: the slot belongs to the object's own type.
        && ty.tp_is_gc.get().is_none_or(|is_gc| unsafe { is_gc(object) }.0 != 0)
}

/// Puts a collectable object into the youngest generation; nothing happens when it is tracked already.
#[inline(always)]
pub fn track(object: &Object) {
    // The type's `tp_is_gc` is not asked: an extension may not have filled the instance in yet.
    debug_assert!(object.ty().has_flag(flags::HAVE_GC), "tracking an object without a GC head");
    // SAFETY: the caller's object is collectable.
    let head = unsafe { head_of(object) };
    if head.next.get() == 0 {
        GcState::current().generations[0].append(head);
    }
}

/// Takes a collectable object out of its generation; nothing happens when it is not tracked.
#[inline(always)]
pub fn untrack(object: &Object) {
    // SAFETY: the caller's object is collectable.
    let head = unsafe { head_of(object) };
    let next = head.next.get();
    if next != 0 {
        let prev = head.prev.get() & PREV_MASK;
        // SAFETY: neighbours in a list are alive heads.
        unsafe {
            (*(prev as *const GcHead)).next.set(next);
            let next = &*(next as *const GcHead);
            next.prev.set(next.prev.get() & !PREV_MASK | prev);
        }
        head.next.set(0);
        head.prev.set(head.prev.get() & PREV_FINALIZED);
    }
}

/// Whether the collector knows the object.
pub fn is_tracked(object: &Object) -> bool {
    // SAFETY: checked to be collectable.
    is_collectable(object) && unsafe { head_of(object) }.next.get() != 0
}

/// Whether the object's finalizer was run; the object must be collectable.
pub fn is_finalized(object: &Object) -> bool {
    // SAFETY: the caller's object is collectable.
    unsafe { head_of(object) }.prev.get() & PREV_FINALIZED != 0
}

/// Notes that the object's finalizer was run; the object must be collectable.
pub fn set_finalized(object: &Object) {
    // SAFETY: the caller's object is collectable.
    let head = unsafe { head_of(object) };
    head.prev.set(head.prev.get() | PREV_FINALIZED);
}
