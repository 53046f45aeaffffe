//! A long list or tuple that is gone through in step with the list of heads.
//!
//! The items of a long list were mostly made one after the other, so that their heads follow each other in the collector's list in the same order.
//! Going through the items first and through the heads afterwards would fetch each head twice from memory, with more between the two than any
//! cache holds. A companion waits until the walk comes to its next item instead.
//!
//! A search brings the items of a list back in the reverse order, and those that were added since follow in theirs. So the items that the walk
//! has come to are a *run* that grows at both ends. Where neither end fits any more, the object is looked for among the others, and a new run
//! begins there. That is for a few times; then what is left is gone through as it would have been at the beginning.

use std::ops::Range;

use super::head::{GcHead, is_collectable};
use super::list::prefetch;
use crate::object::{Object, PyType, Ref};
use crate::types::list::List;
use crate::types::tuple::Tuple;

/// Shorter lists and tuples have no companion: what they hold stays in the cache.
const LENGTH: usize = 4096;

/// After so many objects that are at neither end of the run, the next one is looked for. What else was made between two items is not.
const PATIENCE: u32 = 1024;

/// Looking for objects may take as long as going by so many times the items.
const BUDGET: usize = 4;

/// The most runs, the growing one excepted.
const RUNS: usize = 7;

/// The items, and which of them were gone through. `left` is the number of those that were not; `low <= from <= to <= high <= items.len()`.
#[derive(Default)]
pub(super) struct Companion<'a> {
    items: &'a [Option<Ref>],
    /// The head of the list or tuple.
    owner: Option<&'static GcHead>,
    left: usize,
    /// The run that grows.
    from: usize,
    to: usize,
    /// How far it may: to where other runs are.
    low: usize,
    high: usize,
    /// The addresses of the items that would let it grow at either end, or 0. Before the first run, the first and the last item.
    above: usize,
    below: usize,
    /// Earlier runs, in the order of their items; unused ones are empty and stand at the end of the items.
    runs: [(usize, usize); RUNS],
    /// How many items may still be looked at in search of objects.
    budget: usize,
    waited: u32,
    /// Where the object stands that was met last.
    met: usize,
}

/// What is known of an object that is not at an end of the run.
pub(super) enum Sought {
    /// It is an item, so often in a row.
    Item(usize),
    /// It is no item that was not gone through.
    Other,
    /// It was not looked for: that has been done too often.
    Unknown,
}

/// The items of a list or tuple.
#[inline(always)]
fn items_of(object: &Object) -> Option<&[Option<Ref>]> {
    let ty = object.ty();
    if std::ptr::eq(ty, List::type_object()) {
        Some(object.downcast_exact::<List>()?.optional_items())
    } else if std::ptr::eq(ty, Tuple::type_object()) {
        Some(object.downcast_exact::<Tuple>()?.optional_items())
    } else {
        None
    }
}

/// The items of a list or tuple that is long enough for a companion.
#[inline(always)]
pub(super) fn long_items(object: &Object) -> Option<&[Option<Ref>]> {
    items_of(object).filter(|items| items.len() >= LENGTH)
}

/// Whether items are such that the walk comes to them, as far as a few of them tell.
#[cold]
fn are_collectable(items: &[Option<Ref>]) -> bool {
    let samples = [items.first(), items.get(items.len() / 2), items.last()];
    samples.into_iter().flatten().flatten().any(|item| is_collectable(item))
}

#[inline(always)]
fn is(item: Option<&Option<Ref>>, object: &Object) -> bool {
    address_of(item) == object.address()
}

/// The address of an item, or 0.
#[inline(always)]
fn address_of(item: Option<&Option<Ref>>) -> usize {
    item.and_then(Option::as_ref).map_or(0, |item| item.address())
}

impl<'a> Companion<'a> {
    /// Begins with the items of a list that has this head, of which none was gone through.
    fn new(items: &'a [Option<Ref>], owner: &'static GcHead) -> Companion<'a> {
        let count = items.len();
        Companion {
            items,
            owner: Some(owner),
            left: count,
            high: count,
            runs: [(count, count); RUNS],
            above: address_of(items.first()),
            below: address_of(items.last()),
            budget: BUDGET * count,
            ..Companion::default()
        }
    }

    /// A companion for a list or tuple that is worth it more than this one, which is finished first then.
    #[inline(always)]
    pub(super) fn better(&self, head: &'static GcHead) -> Option<Companion<'static>> {
        let items = long_items(head.object()).filter(|items| items.len() > self.left)?;
        are_collectable(items).then(|| Companion::new(items, head))
    }

    /// The list or tuple, by its head, and where in it the object stands that was met last.
    #[inline(always)]
    pub(super) fn place(&self) -> Option<(&'static GcHead, usize)> {
        Some((self.owner?, self.met))
    }

    /// Whether every item was gone through.
    #[inline(always)]
    pub(super) fn is_done(&self) -> bool {
        self.left == 0
    }

    /// Tells that the walk has come to an object, and gives how often it is the next item.
    #[inline(always)]
    pub(super) fn meet(&mut self, object: &Object) -> usize {
        let address = object.address();
        if address == self.above {
            self.grow_up(address)
        } else if address == self.below {
            self.grow_down(address)
        } else {
            self.waited = self.waited.wrapping_add(1);
            0
        }
    }

    /// Lets the run grow at its end by an object that stands there, once or more often.
    #[inline]
    fn grow_up(&mut self, address: usize) -> usize {
        let before = self.to;
        loop {
            self.to += 1;
            self.above = if self.to < self.high { address_of(self.items.get(self.to)) } else { 0 };
            if self.above != address {
                break;
            }
        }
        if before == self.from {
            // The first run begins with the first item, so that it cannot grow down.
            self.below = if before > self.low { address_of(self.items.get(before - 1)) } else { 0 };
        }
        (self.waited, self.met) = (0, before);
        self.left -= self.to - before;
        self.to - before
    }

    /// Lets the run grow at its beginning.
    #[inline]
    fn grow_down(&mut self, address: usize) -> usize {
        if self.from == self.to {
            // The first run begins with the last item.
            (self.from, self.to, self.above) = (self.high, self.high, 0);
        }
        let before = self.from;
        loop {
            self.from -= 1;
            self.below = if self.from > self.low { address_of(self.items.get(self.from - 1)) } else { 0 };
            if self.below != address {
                break;
            }
        }
        (self.waited, self.met) = (0, self.from);
        self.left -= before - self.from;
        before - self.from
    }

    /// Whether an object that was not met is worth looking for.
    #[inline(always)]
    pub(super) fn is_impatient(&self) -> bool {
        self.waited > PATIENCE && self.left > 0
    }

    /// Looks for an object that is at neither end of the run among the items that were not gone through; where it is, a new run begins.
    #[cold]
    pub(super) fn seek(&mut self, object: &Object) -> Sought {
        self.waited = 0;
        if self.left > self.budget || self.runs[RUNS - 1].0 < self.items.len() {
            return Sought::Unknown;
        }
        let gaps = self.gaps();
        for gap in &gaps {
            // The items of a list that was brought back come in the reverse order.
            let last = gap.end.saturating_sub(1);
            let found = if gap.is_empty() {
                None
            } else if is(self.items.get(last), object) {
                Some(last)
            } else {
                self.budget = self.budget.saturating_sub(gap.len());
                self.items[gap.clone()].iter().position(|item| is(Some(item), object)).map(|at| gap.start + at)
            };
            if let Some(at) = found {
                self.runs[RUNS - 1] = (self.from, self.to);
                if self.from == self.to {
                    self.runs[RUNS - 1] = (self.items.len(), self.items.len());
                }
                self.runs.sort_unstable();
                (self.from, self.to, self.low, self.high) = (at, at, gap.start, gap.end);
                return Sought::Item(self.grow_up(object.address()));
            }
        }
        Sought::Other
    }

    /// What was not gone through, between the runs.
    fn gaps(&self) -> [Range<usize>; RUNS + 2] {
        let mut runs = [(self.items.len(), self.items.len()); RUNS + 2];
        runs[..RUNS].copy_from_slice(&self.runs);
        if self.from < self.to {
            runs[RUNS] = (self.from, self.to);
        }
        runs.sort_unstable();
        let mut start = 0;
        runs.map(|(from, to)| std::mem::replace(&mut start, to)..from)
    }

    /// Goes through what is left.
    pub(super) fn finish(&mut self, visit: impl FnMut(&Object)) {
        if self.left > 0 {
            let gaps = self.gaps();
            let items = std::mem::take(self).items;
            go_through(items, gaps.into_iter(), visit);
        }
    }
}

/// Calls `visit` with the items of gaps from the last one on. They may be anywhere in memory: so they are asked for some time before.
pub(super) fn go_through(
    items: &[Option<Ref>],
    gaps: impl DoubleEndedIterator<Item = Range<usize>>,
    mut visit: impl FnMut(&Object),
) {
    const AHEAD: usize = 12;
    for index in gaps.rev().flat_map(Iterator::rev) {
        if let Some(Some(ahead)) = items.get(index.wrapping_sub(AHEAD)) {
            prefetch(ahead.address() - size_of::<GcHead>());
        }
        if let Some(Some(item)) = items.get(index) {
            visit(item);
        }
    }
}
