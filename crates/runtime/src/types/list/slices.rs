//! Slices of lists: reading, assigning and deleting them, and what else moves whole stretches of items.

use habu_heap::Buffer;

use super::value::List;
use crate::object::protocol::sequence::{SliceIndices, adjust_indices, fast_items};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::slice::Slice;

impl List {
    /// A new list of exactly so much room with the items from `start`, `count` of them or fewer.
    pub fn slice(&self, start: usize, count: usize) -> Result<Ref<List>, Raised> {
        let list = List::with_capacity(count)?;
        // Making the list may have changed this one: its length is asked for now, and nothing runs Python code from here on.
        let count = count.min(self.len().saturating_sub(start));
        // SAFETY: the items from `start` are there, the new list has room for `count`, and nobody else has seen it.
        unsafe {
            list.append_copies(self.items.get().wrapping_add(start), count);
        }
        Ok(list)
    }

    /// `self[slice]`
    pub(super) fn get_slice(&self, slice: &Slice) -> Result<Ref<List>, Raised> {
        let indices = slice.resolve(|| self.len())?;
        if indices.step == 1 {
            return self.slice(indices.start as usize, indices.count);
        }
        let length = self.len();
        let list = List::with_capacity(indices.count)?;
        if self.len() < length {
            // Making the list has changed this one.
            indices.iter().map_while(|index| self.get(index)).try_for_each(|item| list.push(item))?;
            return Ok(list);
        }
        let (items, to) = (self.optional_items(), list.items.get());
        let mut end = 0;
        for item in indices.iter().filter_map(|index| items.get(index)?.as_ref()) {
            // SAFETY: the new list has room for all.
            unsafe { to.add(end).write(item.clone()) };
            end += 1;
        }
        list.base.size.set(end as isize);
        Ok(list)
    }

    /// Puts `new` in the place of the items from `low` up to `high`.
    pub fn splice(&self, low: usize, high: usize, new: Buffer<Ref>) -> Result<(), Raised> {
        let length = self.len();
        let low = low.min(length);
        let high = high.clamp(low, length);
        let (removed, added) = (high - low, new.len());
        let left = length - removed + added;
        if left == 0 {
            drop(self.take_all());
            return Ok(());
        }
        let mut old = Buffer::<Ref>::with_capacity(removed)?;
        if left > length {
            self.fit(left)?;
        }
        let items = self.items.get();
        // SAFETY: the block has room for `left` items; those removed move to `old`, the tail behind the new ones; nothing here
        // runs Python code before the list is whole again.
        unsafe {
            if removed > 0 {
                std::ptr::copy_nonoverlapping(items.add(low), old.as_mut_ptr(), removed);
                old.set_len(removed);
            }
            std::ptr::copy(items.add(high), items.add(low + added), length - high);
            for (index, item) in new.into_iter().enumerate() {
                items.add(low + index).write(item);
            }
        }
        self.base.size.set(left as isize);
        if left < length {
            // A smaller block that cannot be had is no loss.
            if let Err(raised) = self.fit(left) {
                raised.clear();
            }
        }
        // From the last to the first, as CPython does.
        while let Some(item) = old.pop() {
            drop(item);
        }
        Ok(())
    }

    /// `self[start:stop] = value`, where the value is another list with as many items as are replaced, and only a few: no block is
    /// needed then. Nothing for other values.
    fn set_slice_in_place(&self, start: isize, stop: isize, value: &Object) -> Option<Result<(), Raised>> {
        const FEW: usize = 16;
        let value = value.downcast_exact::<List>().filter(|value| !value.is(self))?;
        let indices = adjust_indices(self.len(), start, stop, 1);
        let (low, count) = (indices.start as usize, indices.count);
        if count != value.len() || count == 0 || count > FEW {
            return None;
        }
        let mut old = [const { None::<Ref> }; FEW];
        for index in (0..count).rev() {
            // The lists do not change before the old items end, which is from the last to the first.
            old[count - 1 - index] = self.replace(low + index, value.get(index)?);
        }
        drop(old);
        Some(Ok(()))
    }

    /// `self[slice] = value`
    pub(super) fn set_slice(&self, slice: &Slice, value: &Object) -> Result<(), Raised> {
        let (start, stop, step) = slice.unpack()?;
        if step == 1 {
            if let Some(done) = self.set_slice_in_place(start, stop, value) {
                return done;
            }
            let new = fast_items(value, "can only assign an iterable")?;
            // Making the items may have run code: the indices are those of the list as it is now.
            let indices = adjust_indices(self.len(), start, stop, step);
            let low = indices.start as usize;
            return self.splice(low, (indices.stop as usize).max(low), new);
        }
        let new = fast_items(value, "must assign iterable to extended slice")?;
        let indices = adjust_indices(self.len(), start, stop, step);
        if new.len() != indices.count {
            return Err(raise!(
                ValueError,
                "attempt to assign sequence of size {} to extended slice of size {}",
                new.len(),
                indices.count
            ));
        }
        let mut old = Buffer::with_capacity(new.len())?;
        for (index, item) in indices.iter().zip(new) {
            // There is room, so that nothing is lost.
            if let Some(item) = self.replace(index, item) {
                old.push(item)?;
            }
        }
        drop(old);
        Ok(())
    }

    /// `del self[slice]`
    pub(super) fn delete_slice(&self, slice: &Slice) -> Result<(), Raised> {
        let SliceIndices { start, step, count, .. } = slice.resolve(|| self.len())?;
        if count == 0 {
            return Ok(());
        }
        if step == 1 {
            return self.splice(start as usize, start as usize + count, Buffer::new());
        }
        // In ascending order, whichever way the slice goes.
        let (start, step) = if step < 0 {
            ((start + step * (count as isize - 1)) as usize, step.unsigned_abs())
        } else {
            (start as usize, step as usize)
        };
        let mut old = Buffer::<Ref>::with_capacity(count)?;
        let (length, items) = (self.len(), self.items.get());
        let mut to = start;
        for from in start..length {
            // SAFETY: `to` <= `from` < length; each item moves once, to `old` or down; nothing here runs Python code.
            unsafe {
                if old.len() < count && (from - start) % step == 0 {
                    old.push(items.add(from).read())?;
                } else {
                    std::ptr::copy(items.add(from), items.add(to), 1);
                    to += 1;
                }
            }
        }
        self.base.size.set(to as isize);
        if let Err(raised) = self.fit(to) {
            raised.clear();
        }
        drop(old);
        Ok(())
    }

    /// Puts an item in front of the one at `index`; an index past the end appends.
    pub fn insert_at(&self, index: usize, item: Ref) -> Result<(), Raised> {
        let length = self.len();
        if length as isize >= self.allocated.get() {
            self.grow(length + 1)?;
        }
        let index = index.min(length);
        // SAFETY: there is room for one more; the tail moves up by one.
        unsafe {
            let at = self.items.get().add(index);
            std::ptr::copy(at, at.add(1), length - index);
            at.write(item);
        }
        self.base.size.set(length as isize + 1);
        Ok(())
    }

    /// Takes out the item at `index`, which must be below the length.
    pub fn remove_at(&self, index: usize) -> Option<Ref> {
        let length = self.len();
        if index >= length {
            return None;
        }
        // SAFETY: the index is within the list; the tail moves down by one.
        let item = unsafe {
            let at = self.items.get().add(index);
            let item = at.read();
            std::ptr::copy(at.add(1), at, length - index - 1);
            item
        };
        self.base.size.set(length as isize - 1);
        if length == 1 {
            drop(self.take_all());
        } else if let Err(raised) = self.fit(length - 1) {
            raised.clear();
        }
        Some(item)
    }

    /// Exchanges two items; nothing happens where there are none.
    pub fn swap(&self, first: usize, second: usize) {
        if first < self.len() && second < self.len() {
            // SAFETY: both are places of items.
            unsafe { std::ptr::swap(self.items.get().add(first), self.items.get().add(second)) };
        }
    }

    /// Makes the list `count` times as long by repeating its items.
    pub(super) fn repeat_in_place(&self, count: isize) -> Result<(), Raised> {
        let length = self.len();
        if length == 0 || count == 1 {
            return Ok(());
        }
        if count < 1 {
            drop(self.take_all());
            return Ok(());
        }
        let all = length.checked_mul(count as usize).filter(|all| *all <= isize::MAX as usize / 8);
        let Some(all) = all else { return Err(crate::exceptions::memory_error()) };
        self.fit(all)?;
        // SAFETY: there is room for all.
        unsafe { self.append_repeated(self, length, count as usize) };
        Ok(())
    }
}
