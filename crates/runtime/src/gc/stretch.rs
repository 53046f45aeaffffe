//! Stretches: objects in a row of which a search need not write anything down.
//!
//! Each object of a stretch has one reference, which a long list or tuple holds, its *owner*, and leads to nothing that takes part but its class. So it
//! is reachable if and only if its owner is, and nothing else is reachable through it but the class. A million rows of numbers in a list are such.
//! The first pass leaves their heads as they are, and the second steps over the whole stretch, when it finds that the owner was
//! reachable. Where it does not know that yet, it marks the objects as the first pass would have done, and goes on as if there were no stretch.
//!
//! The first pass finds stretches where it walks in step with the owner's items (`companion.rs`).

use std::ops::Range;

use super::head::{GcHead, PREV_COLLECTING, PREV_FINALIZED};
use super::list::heads_between;
use super::search::LEAF;
use crate::object::Type;

/// The most stretches of a search. What would be one more is marked at once.
const MOST: usize = 32;

/// Shorter ones are not worth their place.
const LEAST: usize = 64;

/// Heads that follow each other, of objects that stand beside each other in a list or tuple.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    /// The head of the list or tuple.
    owner: &'static GcHead,
    pub(super) first: &'static GcHead,
    pub(super) last: &'static GcHead,
    /// Where the objects stand in the owner: from the first place to that after the last.
    from: usize,
    to: usize,
    /// The class of all, if it can be collected itself.
    pub(super) class: Option<&'static Type>,
}

impl Stretch {
    /// A stretch of one object, at a place of its owner.
    pub(super) fn new(
        owner: &'static GcHead,
        head: &'static GcHead,
        place: usize,
        class: Option<&'static Type>,
    ) -> Stretch {
        Stretch { owner, first: head, last: head, from: place, to: place + 1, class }
    }

    /// How many objects there are.
    pub(super) fn count(&self) -> usize {
        self.to - self.from
    }

    /// Whether the search has found the owner to be reachable.
    pub(super) fn is_reachable(&self) -> bool {
        self.owner.prev.get() & PREV_COLLECTING == 0
    }

    /// Lets another stretch of one object follow, if it goes on where this one ends.
    #[inline(always)]
    fn grow(&mut self, next: &Stretch) -> bool {
        let same =
            |left: Option<&Type>, right: Option<&Type>| left.map(std::ptr::from_ref) == right.map(std::ptr::from_ref);
        let follows = std::ptr::eq(self.owner, next.owner)
            && self.last.next.get() == next.first.address()
            && same(self.class, next.class);
        if follows && self.to == next.from {
            self.to += 1;
        } else if follows && self.from == next.to {
            self.from -= 1;
        } else {
            return false;
        }
        self.last = next.first;
        true
    }

    /// Marks the objects as a search marks what takes part, nothing but its owner holds, and leads to nothing.
    #[cold]
    pub(super) fn dissolve(&self) {
        let end = self.last.next.get();
        for head in heads_between(self.first.address(), end) {
            head.prev.set(head.prev.get() & PREV_FINALIZED | PREV_COLLECTING | LEAF);
        }
    }
}

/// The stretches of a search, in the order of the list that is searched.
pub(super) struct Stretches {
    all: [Option<Stretch>; MOST],
    /// How many there are, and how many the second pass has come to.
    count: usize,
    passed: usize,
    /// The one that may go on.
    open: Option<Stretch>,
}

impl Stretches {
    pub(super) fn new() -> Stretches {
        Stretches { all: [None; MOST], count: 0, passed: 0, open: None }
    }

    /// Adds an object that the first pass has come to.
    #[inline(always)]
    pub(super) fn add(&mut self, next: Stretch) {
        if !self.open.as_mut().is_some_and(|open| open.grow(&next)) {
            self.close();
            self.open = Some(next);
        }
    }

    /// Ends the stretch that may go on.
    pub(super) fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        match self.all.get_mut(self.count) {
            Some(free) if open.count() >= LEAST => {
                *free = Some(open);
                self.count += 1;
            }
            _ => open.dissolve(),
        }
    }

    /// The address of the first head of the next stretch that the second pass comes to, or 0.
    pub(super) fn next_address(&self) -> usize {
        self.all[self.passed..].first().and_then(Option::as_ref).map_or(0, |stretch| stretch.first.address())
    }

    /// The next stretch, which the second pass has come to.
    pub(super) fn pass(&mut self) -> Option<Stretch> {
        let next = self.all.get(self.passed).copied().flatten();
        self.passed += usize::from(next.is_some());
        next
    }

    /// What is in none of the stretches to come, of the items of a list or tuple; none if it owns none of these.
    #[cold]
    pub(super) fn others(&self, owner: &GcHead, length: usize) -> Option<[Range<usize>; MOST + 1]> {
        let mut taken = [(length, length); MOST + 1];
        let own = self.all[self.passed..].iter().flatten().filter(|stretch| std::ptr::eq(stretch.owner, owner));
        let mut count = 0;
        for (place, stretch) in taken.iter_mut().zip(own) {
            *place = (stretch.from, stretch.to);
            count += 1;
        }
        taken.sort_unstable();
        let mut start = 0;
        (count > 0).then(|| taken.map(|(from, to)| std::mem::replace(&mut start, to)..from))
    }
}
