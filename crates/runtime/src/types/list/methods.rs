//! What Python calls on lists.

use std::cell::Cell;

use habu_macros::pymethods;

use super::value::{LIST_TYPE, List};
use crate::exceptions::{exc, memory_error};
use crate::object::protocol::number::{has_index, index_as_size};
use crate::object::protocol::repr_guard::guarded;
use crate::object::protocol::sequence::{SliceIndex, check_count, no_keywords};
use crate::object::protocol::{TextBuilder, compare_items, equal, repr, repr_of_item};
use crate::object::slots::CompareOp;
use crate::object::{Object, PyType, Raised, Ref, Stopped, Type, VarObject, Visit};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::iterators::{ListIterator, ListReverseIterator};
use crate::types::slice::Slice;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::{boolean, not_implemented};

impl List {
    /// The place of an item that equals `value`, from `start` up to `stop`.
    fn find(&self, value: &Object, start: usize, stop: usize) -> Result<Option<usize>, Raised> {
        let mut index = start;
        while index < stop {
            let Some(item) = self.get(index) else { break };
            if equal(&item, value)? {
                return Ok(Some(index));
            }
            index += 1;
        }
        Ok(None)
    }

    /// Passes over places from `start` on at which both lists have one object, which is equal to itself.
    fn same_from(&self, other: &List, start: usize) -> usize {
        let (ours, theirs) = (self.optional_items().get(start..), other.optional_items().get(start..));
        let pairs = ours.unwrap_or_default().iter().zip(theirs.unwrap_or_default());
        let is_same = |(left, right): &(&Option<Ref>, &Option<Ref>)| match (left, right) {
            (Some(left), Some(right)) => left.is(right),
            _ => false,
        };
        start + pairs.take_while(is_same).count()
    }

    /// A key as an index from the start, which may still be out of range.
    fn position(&self, key: &Object) -> Result<isize, Raised> {
        let index = index_as_size(key, Some(exc::IndexError()))?;
        Ok(if index < 0 { index.saturating_add(self.len() as isize) } else { index })
    }

    fn wrong_key(key: &Object) -> Raised {
        raise!(TypeError, "list indices must be integers or slices, not {}", key.ty().full_name())
    }
}

#[pymethods]
impl List {
    #[slot(tp_new)]
    fn construct(cls: &Type) -> Result<Ref<List>, Raised> {
        // Not from the free list: calls of the type allocate.
        crate::object::instantiate(
            cls,
            List {
                base: VarObject::header(&raw const LIST_TYPE.ty, 0),
                items: Cell::new(std::ptr::null_mut()),
                allocated: Cell::new(0),
            },
        )
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        let own_new = self.ty().tp_new.get().map(|slot| slot as usize)
            != List::type_object().tp_new.get().map(|slot| slot as usize);
        if self.is_exact::<List>() || !own_new {
            no_keywords("list", kwargs)?;
        }
        check_count("list", args.len(), 0, 1)?;
        drop(self.take_all());
        match args.as_slice().first() {
            Some(iterable) => self.extend(iterable),
            None => Ok(()),
        }
    }

    #[slot(tp_vectorcall)]
    fn call_type(_cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref<List>, Raised> {
        if names.is_some_and(|names| names.len() > 0) {
            return Err(raise!(TypeError, "list() takes no keyword arguments"));
        }
        check_count("list", arguments.len(), 0, 1)?;
        let list = List::construct(List::type_object())?;
        if let Some(iterable) = arguments.first() {
            list.extend(iterable)?;
        }
        Ok(list)
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        // A list that C code is still filling has null items.
        self.optional_items().iter().rev().flatten().try_for_each(|item| visit.object(item))
    }

    #[slot(tp_clear)]
    fn drop_items(&self) {
        drop(self.take_all());
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        if self.len() == 0 {
            return Str::new("[]");
        }
        guarded(
            self,
            || Str::new("[...]"),
            || {
                let mut text = TextBuilder::new();
                text.push_ascii("[")?;
                let mut index = 0;
                while let Some(item) = self.get(index) {
                    if index > 0 {
                        text.push_ascii(", ")?;
                    }
                    text.push(&*repr_of_item(item)?)?;
                    index += 1;
                }
                text.push_ascii("]")?;
                text.finish()
            },
        )
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<ListIterator>, Raised> {
        ListIterator::new(Ref::from_borrowed(self))
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<List>() else { return Ok(not_implemented()) };
        if self.len() != other.len() && matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(boolean(op == CompareOp::Ne));
        }
        let mut index = self.same_from(other, 0);
        while let (Some(left), Some(right)) = (self.get(index), other.get(index)) {
            if !equal(&left, &right)? {
                // Comparing may have taken the items out, and then only the lengths tell.
                if index >= self.len() || index >= other.len() {
                    break;
                }
                return match op {
                    CompareOp::Eq => Ok(boolean(false)),
                    CompareOp::Ne => Ok(boolean(true)),
                    _ => compare_items(&left, &right, op),
                };
            }
            index = self.same_from(other, index + 1);
        }
        Ok(boolean(op.holds(self.len().cmp(&other.len()))))
    }

    #[slot(sq_length)]
    fn length(&self) -> Result<usize, Raised> {
        Ok(self.len())
    }

    #[slot(mp_length)]
    fn mapping_length(&self) -> Result<usize, Raised> {
        Ok(self.len())
    }

    #[slot(sq_item)]
    fn item(&self, index: isize) -> Result<Ref, Raised> {
        let item = usize::try_from(index).ok().and_then(|index| self.get(index));
        item.ok_or_else(|| raise!(IndexError, "list index out of range"))
    }

    #[slot(mp_subscript)]
    fn subscript(&self, key: &Object) -> Result<Ref, Raised> {
        if has_index(key) {
            return self.item(self.position(key)?);
        }
        match key.downcast::<Slice>() {
            Some(slice) => self.get_slice(slice).map(Ref::into_object),
            None => Err(List::wrong_key(key)),
        }
    }

    #[slot(sq_ass_item)]
    fn assign_item(&self, index: isize, value: Option<&Object>) -> Result<(), Raised> {
        let out_of_range = || raise!(IndexError, "list assignment index out of range");
        let index = usize::try_from(index).map_err(|_| out_of_range())?;
        let old = match value {
            Some(value) => self.replace(index, value.to_ref()),
            None => self.remove_at(index),
        };
        old.map(drop).ok_or_else(out_of_range)
    }

    #[slot(mp_ass_subscript)]
    fn assign(&self, key: &Object, value: Option<&Object>) -> Result<(), Raised> {
        if has_index(key) {
            return self.assign_item(self.position(key)?, value);
        }
        match (key.downcast::<Slice>(), value) {
            (Some(slice), Some(value)) => self.set_slice(slice, value),
            (Some(slice), None) => self.delete_slice(slice),
            (None, _) => Err(List::wrong_key(key)),
        }
    }

    #[slot(sq_concat)]
    fn concat(&self, other: &Object) -> Result<Ref<List>, Raised> {
        let Some(other) = other.downcast::<List>() else {
            return Err(raise!(TypeError, "can only concatenate list (not \"{}\") to list", other.ty().full_name()));
        };
        let (ours, theirs) = (self.len(), other.len());
        let list = List::with_capacity(ours + theirs)?;
        // SAFETY: there is room. Making the list may have changed the others: their lengths are asked for again.
        unsafe {
            list.append_copies(self.items.get(), ours.min(self.len()));
            list.append_copies(other.items.get(), theirs.min(other.len()));
        }
        Ok(list)
    }

    #[slot(sq_repeat)]
    fn repeat(&self, count: isize) -> Result<Ref<List>, Raised> {
        let length = self.len();
        let all = length.checked_mul(count.max(0) as usize).filter(|all| *all <= isize::MAX as usize / 8);
        let Some(all) = all else { return Err(memory_error()) };
        let list = List::with_capacity(all)?;
        if all > 0 {
            // SAFETY: there is room for as many items as this list had before the new one was made; it may have fewer now.
            unsafe { list.append_repeated(self, length.min(self.len()), count as usize) };
        }
        Ok(list)
    }

    #[slot(sq_contains)]
    fn contains(&self, value: &Object) -> Result<bool, Raised> {
        Ok(self.find(value, 0, usize::MAX)?.is_some())
    }

    #[slot(sq_inplace_concat)]
    fn extend_in_place(&self, other: &Object) -> Result<Ref, Raised> {
        self.extend(other)?;
        Ok(self.to_ref())
    }

    #[slot(sq_inplace_repeat)]
    fn repeat_self(&self, count: isize) -> Result<Ref, Raised> {
        self.repeat_in_place(count)?;
        Ok(self.to_ref())
    }

    /// x.__getitem__(y) <==> x[y]
    #[name = "__getitem__"]
    #[no_signature]
    #[coexist]
    fn get_item(&self, y: &Object) -> Result<Ref, Raised> {
        self.subscript(y)
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    #[no_signature]
    fn class_getitem(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        crate::types::generic_alias::alias(cls, item)
    }

    /// Return a reverse iterator over the list.
    #[name = "__reversed__"]
    fn reversed(&self) -> Result<Ref<ListReverseIterator>, Raised> {
        ListReverseIterator::new(Ref::from_borrowed(self))
    }

    /// Return the size of the list in memory, in bytes.
    #[name = "__sizeof__"]
    fn size_of(&self) -> Result<isize, Raised> {
        Ok(self.ty().tp_basicsize.get() + self.allocated.get() * 8)
    }

    /// Remove all items from list.
    fn clear(&self) -> Result<(), Raised> {
        drop(self.take_all());
        Ok(())
    }

    /// Return a shallow copy of the list.
    fn copy(&self) -> Result<Ref<List>, Raised> {
        self.slice(0, self.len())
    }

    /// Append object to the end of the list.
    fn append(&self, object: &Object) -> Result<(), Raised> {
        self.push(object.to_ref())
    }

    /// Insert object before index.
    fn insert(&self, index: isize, object: &Object) -> Result<(), Raised> {
        self.insert_at(SliceIndex(index).within(self.len()), object.to_ref())
    }

    /// Extend list by appending elements from the iterable.
    #[name = "extend"]
    fn extend_with(&self, iterable: &Object) -> Result<(), Raised> {
        self.extend(iterable)
    }

    /// Remove and return item at index (default last).
    ///
    /// Raises IndexError if list is empty or index is out of range.
    #[signature(index = -1, /)]
    fn pop(&self, index: isize) -> Result<Ref, Raised> {
        if self.len() == 0 {
            return Err(raise!(IndexError, "pop from empty list"));
        }
        let index = if index < 0 { index.saturating_add(self.len() as isize) } else { index };
        let item = usize::try_from(index).ok().and_then(|index| self.remove_at(index));
        item.ok_or_else(|| raise!(IndexError, "pop index out of range"))
    }

    /// Remove first occurrence of value.
    ///
    /// Raises ValueError if the value is not present.
    fn remove(&self, value: &Object) -> Result<(), Raised> {
        match self.find(value, 0, usize::MAX)? {
            Some(index) => {
                drop(self.remove_at(index));
                Ok(())
            }
            None => Err(raise!(ValueError, "list.remove(x): x not in list")),
        }
    }

    /// Return first index of value.
    ///
    /// Raises ValueError if the value is not present.
    #[signature(value, start = SliceIndex::FIRST, stop = SliceIndex::LAST, /)]
    #[shown("($self, value, start=0, stop=sys.maxsize, /)")]
    fn index(&self, value: &Object, start: SliceIndex, stop: SliceIndex) -> Result<usize, Raised> {
        let length = self.len();
        match self.find(value, start.within(length), stop.within(length))? {
            Some(index) => Ok(index),
            None => Err(raise!(ValueError, "{} is not in list", repr(value)?)),
        }
    }

    /// Return number of occurrences of value.
    fn count(&self, value: &Object) -> Result<usize, Raised> {
        let (mut index, mut count) = (0, 0);
        while let Some(item) = self.get(index) {
            count += usize::from(equal(&item, value)?);
            index += 1;
        }
        Ok(count)
    }

    /// Reverse *IN PLACE*.
    fn reverse(&self) -> Result<(), Raised> {
        if self.len() > 1 {
            // SAFETY: the items are initialised, and moving them runs no Python code.
            unsafe { std::slice::from_raw_parts_mut(self.items.get(), self.len()) }.reverse();
        }
        Ok(())
    }

    /// Sort the list in ascending order and return None.
    ///
    /// The sort is in-place (i.e. the list itself is modified) and stable (i.e. the
    /// order of two equal elements is maintained).
    ///
    /// If a key function is given, apply it once to each list item and sort them,
    /// ascending or descending, according to their function values.
    ///
    /// The reverse flag can be set to sort in descending order.
    #[signature(*, key = None, reverse = 0)]
    #[shown("($self, /, *, key=None, reverse=False)")]
    fn sort(&self, key: Option<&Object>, reverse: i32) -> Result<(), Raised> {
        super::sort::sort(self, key.filter(|key| !crate::types::singletons::is_none(key)), reverse != 0)
    }
}
