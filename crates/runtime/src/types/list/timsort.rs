//! A stable merge sort that finds the order already there: timsort with powersort's order of merges, as Tim Peters describes it in CPython's
//! `listsort.txt` and Munro and Wild in "Nearly-Optimal Mergesorts".
//!
//! It sorts plain values that can be copied, with a comparison that may fail; after a failure the slice holds anything, so callers sort a
//! copy of what they want sorted. The comparisons and their order are CPython's, since programs can count them.

use habu_heap::Buffer;

use crate::object::Raised;

/// How often one side must win in a row before the merge looks for whole stretches.
const MIN_GALLOP: usize = 7;

/// A run that waits to be merged with the next one.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    length: usize,
    /// The depth of the node between this run and the next one in the ideal merge tree.
    power: u32,
}

/// The comparison, the scratch space and the threshold of a sort.
struct Sorter<'a, T: Copy, L: FnMut(&T, &T) -> Result<bool, Raised>> {
    items: &'a mut [T],
    less: L,
    scratch: Buffer<T>,
    min_gallop: usize,
    pending: Buffer<Run>,
}

/// Sorts `items` by `less`.
pub(super) fn sort<T: Copy>(items: &mut [T], less: impl FnMut(&T, &T) -> Result<bool, Raised>) -> Result<(), Raised> {
    let total = items.len();
    if total < 2 {
        return Ok(());
    }
    let mut sorter = Sorter { items, less, scratch: Buffer::new(), min_gallop: MIN_GALLOP, pending: Buffer::new() };
    let min_run = min_run(total);
    let mut start = 0;
    while start < total {
        let mut length = sorter.natural_run(start)?;
        if length < min_run {
            let forced = min_run.min(total - start);
            sorter.insert_into_run(start, length, forced)?;
            length = forced;
        }
        if length == total {
            return Ok(());
        }
        sorter.push_run(start, length)?;
        start += length;
    }
    while sorter.pending.len() > 1 {
        let count = sorter.pending.len();
        let at = if count > 2 && sorter.pending[count - 3].length < sorter.pending[count - 1].length {
            count - 3
        } else {
            count - 2
        };
        sorter.merge_at(at)?;
    }
    Ok(())
}

/// The least length of a run: 32 to 64, such that the number of runs is a power of two or a little less.
fn min_run(mut total: usize) -> usize {
    let mut low_bits = 0;
    while total >= 64 {
        low_bits |= total & 1;
        total >>= 1;
    }
    total + low_bits
}

/// The power of the boundary between two neighbouring runs of a sort of `total` items.
fn boundary_power(first_start: usize, first: usize, second: usize, total: usize) -> u32 {
    let mut low = 2 * first_start as u128 + first as u128;
    let mut high = low + first as u128 + second as u128;
    let total = total as u128;
    let mut power = 0;
    loop {
        power += 1;
        if low >= total {
            low -= total;
            high -= total;
        } else if high >= total {
            return power;
        }
        low <<= 1;
        high <<= 1;
    }
}

impl<T: Copy, L: FnMut(&T, &T) -> Result<bool, Raised>> Sorter<'_, T, L> {
    #[inline(always)]
    fn is_less(&mut self, left: T, right: T) -> Result<bool, Raised> {
        (self.less)(&left, &right)
    }

    /// The length of the run that begins at `start`; a strictly descending one is reversed.
    fn natural_run(&mut self, start: usize) -> Result<usize, Raised> {
        let end = self.items.len();
        if start + 1 == end {
            return Ok(1);
        }
        let mut at = start + 2;
        if self.is_less(self.items[start + 1], self.items[start])? {
            while at < end && self.is_less(self.items[at], self.items[at - 1])? {
                at += 1;
            }
            self.items[start..at].reverse();
        } else {
            while at < end && !self.is_less(self.items[at], self.items[at - 1])? {
                at += 1;
            }
        }
        Ok(at - start)
    }

    /// Extends a run of `sorted` items to `length` by binary insertion.
    fn insert_into_run(&mut self, start: usize, sorted: usize, length: usize) -> Result<(), Raised> {
        for at in start + sorted..start + length {
            let pivot = self.items[at];
            let (mut low, mut high) = (start, at);
            while low < high {
                let middle = low + (high - low) / 2;
                if self.is_less(pivot, self.items[middle])? {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            self.items.copy_within(low..at, low + 1);
            self.items[low] = pivot;
        }
        Ok(())
    }

    /// Puts a run on the stack, after merging those that belong together before it.
    fn push_run(&mut self, start: usize, length: usize) -> Result<(), Raised> {
        if let Some(last) = self.pending.last().copied() {
            let power = boundary_power(last.start, last.length, length, self.items.len());
            while self.pending.len() > 1 && self.pending[self.pending.len() - 2].power > power {
                self.merge_at(self.pending.len() - 2)?;
            }
            if let Some(last) = self.pending.last_mut() {
                last.power = power;
            }
        }
        Ok(self.pending.push(Run { start, length, power: 0 })?)
    }

    /// Merges the pending runs `at` and `at + 1`.
    fn merge_at(&mut self, at: usize) -> Result<(), Raised> {
        let (first, second) = (self.pending[at], self.pending[at + 1]);
        self.pending[at].length += second.length;
        self.pending.remove(at + 1);
        // What the second run's first item is not below stays where it is, and so does what the first run's last is not above.
        let head = self.items[second.start];
        let skipped = self.gallop_right(head, Place::Items(first.start, first.length), 0)?;
        let (left, left_length) = (first.start + skipped, first.length - skipped);
        if left_length == 0 {
            return Ok(());
        }
        let tail = self.items[left + left_length - 1];
        let right_length = self.gallop_left(tail, Place::Items(second.start, second.length), second.length - 1)?;
        if right_length == 0 {
            return Ok(());
        }
        if left_length <= right_length {
            self.merge_from_left(left, left_length, second.start, right_length)
        } else {
            self.merge_from_right(left, left_length, second.start, right_length)
        }
    }

    /// Copies a stretch of the items into the scratch space.
    fn save(&mut self, start: usize, length: usize) -> Result<(), Raised> {
        self.scratch.clear();
        self.scratch.extend_from_slice(&self.items[start..start + length])?;
        Ok(())
    }

    /// Merges with the left run, the shorter one, in the scratch space.
    fn merge_from_left(&mut self, left: usize, mut na: usize, right: usize, mut nb: usize) -> Result<(), Raised> {
        self.save(left, na)?;
        // `a` is in the scratch space, `b` in the items, `to` is where the next one goes: to <= b always.
        let (mut a, mut b, mut to) = (0, right, left);
        self.items[to] = self.items[b];
        to += 1;
        b += 1;
        nb -= 1;
        let mut gallop = self.min_gallop;
        'merge: {
            if nb == 0 || na == 1 {
                break 'merge;
            }
            loop {
                let (mut a_wins, mut b_wins) = (0, 0);
                loop {
                    if self.is_less(self.items[b], self.scratch[a])? {
                        self.items[to] = self.items[b];
                        to += 1;
                        b += 1;
                        nb -= 1;
                        b_wins += 1;
                        a_wins = 0;
                        if nb == 0 {
                            break 'merge;
                        }
                        if b_wins >= gallop {
                            break;
                        }
                    } else {
                        self.items[to] = self.scratch[a];
                        to += 1;
                        a += 1;
                        na -= 1;
                        a_wins += 1;
                        b_wins = 0;
                        if na == 1 {
                            break 'merge;
                        }
                        if a_wins >= gallop {
                            break;
                        }
                    }
                }
                gallop += 1;
                loop {
                    gallop -= usize::from(gallop > 1);
                    self.min_gallop = gallop;
                    let head = self.items[b];
                    a_wins = self.gallop_right(head, Place::Scratch(a, na), 0)?;
                    self.items[to..to + a_wins].copy_from_slice(&self.scratch[a..a + a_wins]);
                    to += a_wins;
                    a += a_wins;
                    na -= a_wins;
                    if na <= 1 {
                        break 'merge;
                    }
                    self.items[to] = self.items[b];
                    to += 1;
                    b += 1;
                    nb -= 1;
                    if nb == 0 {
                        break 'merge;
                    }
                    let head = self.scratch[a];
                    b_wins = self.gallop_left(head, Place::Items(b, nb), 0)?;
                    self.items.copy_within(b..b + b_wins, to);
                    to += b_wins;
                    b += b_wins;
                    nb -= b_wins;
                    if nb == 0 {
                        break 'merge;
                    }
                    self.items[to] = self.scratch[a];
                    to += 1;
                    a += 1;
                    na -= 1;
                    if na == 1 {
                        break 'merge;
                    }
                    if a_wins < MIN_GALLOP && b_wins < MIN_GALLOP {
                        break;
                    }
                }
                gallop += 1;
                self.min_gallop = gallop;
            }
        }
        // Either all of `b` is in place, or the one that is left of `a` is the largest (or nothing is left of it).
        if nb > 0 {
            self.items.copy_within(b..b + nb, to);
            to += nb;
        }
        self.items[to..to + na].copy_from_slice(&self.scratch[a..a + na]);
        Ok(())
    }

    /// Merges with the right run, the shorter one, in the scratch space, from the end.
    fn merge_from_right(&mut self, left: usize, mut na: usize, right: usize, mut nb: usize) -> Result<(), Raised> {
        self.save(right, nb)?;
        // `to` is one past where the next one goes; `na` items of the left run and `nb` of the scratch space are left.
        let mut to = right + nb;
        to -= 1;
        na -= 1;
        self.items[to] = self.items[left + na];
        let mut gallop = self.min_gallop;
        'merge: {
            if na == 0 || nb == 1 {
                break 'merge;
            }
            loop {
                let (mut a_wins, mut b_wins) = (0, 0);
                loop {
                    if self.is_less(self.scratch[nb - 1], self.items[left + na - 1])? {
                        to -= 1;
                        na -= 1;
                        self.items[to] = self.items[left + na];
                        a_wins += 1;
                        b_wins = 0;
                        if na == 0 {
                            break 'merge;
                        }
                        if a_wins >= gallop {
                            break;
                        }
                    } else {
                        to -= 1;
                        nb -= 1;
                        self.items[to] = self.scratch[nb];
                        b_wins += 1;
                        a_wins = 0;
                        if nb == 1 {
                            break 'merge;
                        }
                        if b_wins >= gallop {
                            break;
                        }
                    }
                }
                gallop += 1;
                loop {
                    gallop -= usize::from(gallop > 1);
                    self.min_gallop = gallop;
                    let tail = self.scratch[nb - 1];
                    a_wins = na - self.gallop_right(tail, Place::Items(left, na), na - 1)?;
                    to -= a_wins;
                    na -= a_wins;
                    self.items.copy_within(left + na..left + na + a_wins, to);
                    if na == 0 {
                        break 'merge;
                    }
                    to -= 1;
                    nb -= 1;
                    self.items[to] = self.scratch[nb];
                    if nb == 1 {
                        break 'merge;
                    }
                    let tail = self.items[left + na - 1];
                    b_wins = nb - self.gallop_left(tail, Place::Scratch(0, nb), nb - 1)?;
                    to -= b_wins;
                    nb -= b_wins;
                    self.items[to..to + b_wins].copy_from_slice(&self.scratch[nb..nb + b_wins]);
                    if nb <= 1 {
                        break 'merge;
                    }
                    to -= 1;
                    na -= 1;
                    self.items[to] = self.items[left + na];
                    if na == 0 {
                        break 'merge;
                    }
                    if a_wins < MIN_GALLOP && b_wins < MIN_GALLOP {
                        break;
                    }
                }
                gallop += 1;
                self.min_gallop = gallop;
            }
        }
        // Either all of `a` is in place, or the one that is left of `b` is the smallest (or nothing is left of it).
        if na > 0 {
            to -= na;
            self.items.copy_within(left..left + na, to);
        }
        self.items[to - nb..to].copy_from_slice(&self.scratch[..nb]);
        Ok(())
    }

    #[inline(always)]
    fn at(&self, place: Place, index: usize) -> T {
        match place {
            Place::Items(start, _) => self.items[start + index],
            Place::Scratch(start, _) => self.scratch[start + index],
        }
    }

    /// How many items of a sorted stretch are below `key`, searched for outwards from `hint`.
    fn gallop_left(&mut self, key: T, place: Place, hint: usize) -> Result<usize, Raised> {
        let length = place.length();
        let (mut last, mut step) = (0, 1);
        let (mut low, mut high);
        if self.is_less(self.at(place, hint), key)? {
            let most = length - hint;
            while step < most && self.is_less(self.at(place, hint + step), key)? {
                last = step;
                step = step.saturating_mul(2).saturating_add(1);
            }
            (low, high) = (hint + last + 1, hint + step.min(most));
        } else {
            let most = hint + 1;
            while step < most && !self.is_less(self.at(place, hint - step), key)? {
                last = step;
                step = step.saturating_mul(2).saturating_add(1);
            }
            (low, high) = (hint + 1 - step.min(most), hint - last);
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.is_less(self.at(place, middle), key)? {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(high)
    }

    /// How many items of a sorted stretch are not above `key`, searched for outwards from `hint`.
    fn gallop_right(&mut self, key: T, place: Place, hint: usize) -> Result<usize, Raised> {
        let length = place.length();
        let (mut last, mut step) = (0, 1);
        let (mut low, mut high);
        if self.is_less(key, self.at(place, hint))? {
            let most = hint + 1;
            while step < most && self.is_less(key, self.at(place, hint - step))? {
                last = step;
                step = step.saturating_mul(2).saturating_add(1);
            }
            (low, high) = (hint + 1 - step.min(most), hint - last);
        } else {
            let most = length - hint;
            while step < most && !self.is_less(key, self.at(place, hint + step))? {
                last = step;
                step = step.saturating_mul(2).saturating_add(1);
            }
            (low, high) = (hint + last + 1, hint + step.min(most));
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.is_less(key, self.at(place, middle))? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(high)
    }
}

/// A sorted stretch: where it is, from where, and how long.
#[derive(Clone, Copy)]
enum Place {
    Items(usize, usize),
    Scratch(usize, usize),
}

impl Place {
    fn length(self) -> usize {
        match self {
            Place::Items(_, length) | Place::Scratch(_, length) => length,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use habu_heap::{Config, Heap, set_current};

    /// Sorts pairs by their first halves and checks order and stability.
    fn check(keys: impl Iterator<Item = u32>) {
        let mut pairs: Vec<(u32, usize)> = keys.enumerate().map(|(index, key)| (key, index)).collect();
        let mut expected = pairs.clone();
        expected.sort_by_key(|pair| pair.0);
        assert!(sort(&mut pairs, |left, right| Ok(left.0 < right.0)).is_ok());
        assert_eq!(pairs, expected);
    }

    #[test]
    fn sorts_stably_whatever_the_order() {
        let Some(heap) = Heap::new(Config::default()) else { return };
        // SAFETY: the heap outlives its use, which ends with this function.
        let before = unsafe { set_current(&*heap) };
        let mut state = 12345u32;
        let mut random = move |below: u32| {
            state = state.wrapping_mul(1_103_515_245).wrapping_add(12345);
            (state >> 8) % below
        };
        for length in [0, 1, 2, 3, 31, 32, 33, 63, 64, 65, 100, 1000, 5000] {
            check(0..length);
            check((0..length).rev());
            check((0..length).map(|_| random(1 << 20)));
            check((0..length).map(|_| random(4)));
            check((0..length).map(|index| index % 100 + random(3)));
            check((0..length).map(|index| if index < length / 2 { index * 2 } else { (index - length / 2) * 2 + 1 }));
            check((0..length).map(|index| if index % 500 == 0 { random(length) } else { index }));
        }
        // SAFETY: the heap that was current before is made so again.
        unsafe { set_current(before) };
    }
}
