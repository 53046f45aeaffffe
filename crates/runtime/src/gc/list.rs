//! Circular lists of GC heads: an anchor, and the objects of a generation or of a set that a collection works on.
//!
//! Links hold addresses. Backward links share their word with flags, which every function here leaves as they are. An anchor must not move
//! while its list is in use: those of generations stand in the interpreter's state, those of a collection in the native frame that runs it.

use std::cell::Cell;

use super::head::{GcHead, PREV_MASK};

impl GcHead {
    /// An anchor, to be linked to itself with `initialise` where it stays.
    pub(super) const fn anchor() -> GcHead {
        GcHead { next: Cell::new(0), prev: Cell::new(0) }
    }
}

/// Makes an anchor's list empty.
pub(super) fn initialise(anchor: &GcHead) {
    anchor.next.set(anchor.address());
    anchor.prev.set(anchor.address());
}

/// The head at an address that a list holds.
#[inline(always)]
pub(super) fn at(address: usize) -> &'static GcHead {
    // SAFETY: lists hold addresses of anchors and of heads of objects that are alive.
    unsafe { &*(address as *const GcHead) }
}

pub(super) fn is_empty(anchor: &GcHead) -> bool {
    anchor.next.get() == anchor.address()
}

#[inline(always)]
pub(super) fn previous(head: &GcHead) -> usize {
    head.prev.get() & PREV_MASK
}

#[inline(always)]
pub(super) fn set_previous(head: &GcHead, address: usize) {
    head.prev.set(head.prev.get() & !PREV_MASK | address);
}

/// Takes a head out of its list; its own links stay as they are.
#[inline(always)]
pub(super) fn unlink(head: &GcHead) {
    let (prev, next) = (at(previous(head)), at(head.next.get()));
    prev.next.set(next.address());
    set_previous(next, prev.address());
}

/// Puts a head that is in no list at the end of one.
#[inline(always)]
pub(super) fn append(anchor: &GcHead, head: &GcHead) {
    let last = at(previous(anchor));
    last.next.set(head.address());
    set_previous(head, last.address());
    head.next.set(anchor.address());
    set_previous(anchor, head.address());
}

/// Moves all of `from` to the end of `to`.
pub(super) fn merge(from: &GcHead, to: &GcHead) {
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

/// The number of heads in a list.
pub(super) fn size(anchor: &GcHead) -> isize {
    heads(anchor).count() as isize
}

/// Asks the processor to fetch a head that is needed soon.
#[inline(always)]
pub(super) fn prefetch(address: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint, for any address.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(address as *const i8);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// The heads of a list. Each is left before it is yielded, so that it may be moved or untracked; nothing else of the list may change.
pub(super) fn heads(anchor: &GcHead) -> impl Iterator<Item = &'static GcHead> {
    heads_between(anchor.next.get(), anchor.address())
}

/// The heads of a list from one address on and before another.
pub(super) fn heads_between(first: usize, end: usize) -> impl Iterator<Item = &'static GcHead> {
    let mut next = first;
    std::iter::from_fn(move || {
        (next != end).then(|| {
            let head = at(next);
            next = head.next.get();
            prefetch(next);
            head
        })
    })
}
