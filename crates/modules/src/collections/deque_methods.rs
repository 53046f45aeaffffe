//! What Python calls on deques.

use habu_macros::pymethods;
use habu_runtime::exceptions::{exc, memory_error};
use habu_runtime::object::protocol::number::index_as_size;
use habu_runtime::object::protocol::repr_guard::guarded;
use habu_runtime::object::protocol::sequence::SliceIndex;
use habu_runtime::object::protocol::{self, TextBuilder, call, compare, equal, for_each, iterator, repr, to_list};
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{IntoObject, Object, PyType, Raised, Ref, Stopped, Type, Visit};
use habu_runtime::raise;
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, none, not_implemented};

use super::deque::Deque;
use super::deque_iterator::{DequeIterator, DequeReverseIterator};

fn mutated() -> Raised {
    raise!(RuntimeError, "deque mutated during iteration")
}

fn out_of_range() -> Raised {
    raise!(IndexError, "deque index out of range")
}

impl Deque {
    /// The place of the first item that equals `value`, from `start` up to `stop`.
    fn find(&self, value: &Object, start: usize, stop: usize) -> Result<Option<usize>, Raised> {
        let state = self.state.get();
        for index in start..stop.min(self.len()) {
            let Some(item) = self.get(index) else { break };
            let found = equal(&item, value)?;
            if self.state.get() != state {
                return Err(mutated());
            }
            if found {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    fn extend_right(&self, iterable: &Object) -> Result<(), Raised> {
        if self.is(iterable) {
            return self.extend_right(&*to_list(iterable)?);
        }
        self.start_at_end(false);
        for_each(iterable, |item| self.append_item(item))
    }

    fn duplicate(&self) -> Result<Ref, Raised> {
        let maxlen = self.maxlen.get();
        if self.is_exact::<Deque>() {
            let new = habu_runtime::object::create(Deque::fields(Deque::type_object()))?;
            new.maxlen.set(maxlen);
            new.extend_right(&*to_list(self)?)?;
            return Ok(new.into_object());
        }
        let new = if maxlen < 0 {
            call(&self.type_ref(), &[self])?
        } else {
            call(&self.type_ref(), &[self, &*maxlen.into_object()?])?
        };
        if !new.isinstance::<Deque>() {
            return Err(raise!(
                TypeError,
                "{}() must return a deque, not {}",
                self.ty().full_name(),
                new.ty().full_name()
            ));
        }
        Ok(new)
    }

    /// Makes the deque `count` times as long by repeating its items.
    fn repeat_items(&self, count: isize) -> Result<(), Raised> {
        let length = self.len();
        if length == 0 || count == 1 {
            return Ok(());
        }
        if count <= 0 {
            self.clear_items();
            return Ok(());
        }
        let all = length.checked_mul(count as usize).filter(|all| *all <= isize::MAX as usize / 8);
        if all.is_none() && self.maxlen.get() < 0 {
            return Err(memory_error());
        }
        let items = to_list(self)?;
        // With a greatest length, only the last rounds are seen.
        let mut rounds = count as usize - 1;
        if self.maxlen.get() >= 0 {
            rounds = rounds.min((self.maxlen.get() as usize).div_ceil(length) + 1);
        }
        for _ in 0..rounds {
            self.extend_right(&items)?;
        }
        Ok(())
    }

    /// A key as an index within the deque.
    fn position(&self, index: isize) -> Result<usize, Raised> {
        usize::try_from(index).ok().filter(|index| *index < self.len()).ok_or_else(out_of_range)
    }

    /// Takes out the item at `index`.
    fn remove_at(&self, index: usize) -> Option<Ref> {
        self.rotate_by(-(index as isize));
        let item = self.pop_left();
        self.rotate_by(index as isize);
        item
    }
}

#[pymethods]
impl Deque {
    #[slot(tp_new)]
    fn construct(cls: &Type) -> Result<Ref<Deque>, Raised> {
        habu_runtime::object::instantiate(cls, Deque::fields(cls))
    }

    #[slot(tp_init)]
    #[signature(iterable = None, maxlen = None)]
    fn init(&self, iterable: Option<&Object>, maxlen: Option<&Object>) -> Result<(), Raised> {
        let mut most = -1;
        if let Some(maxlen) = maxlen.filter(|maxlen| !is_none(maxlen)) {
            if !maxlen.isinstance::<Int>() {
                return Err(raise!(TypeError, "an integer is required"));
            }
            most = index_as_size(maxlen, Some(exc::OverflowError()))?;
            if most < 0 {
                return Err(raise!(ValueError, "maxlen must be non-negative"));
            }
        }
        self.maxlen.set(most);
        if self.len() > 0 {
            self.clear_items();
        }
        iterable.map_or(Ok(()), |iterable| self.extend_right(iterable))
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        (0..self.len()).try_for_each(|index| self.visit_item(index, visit))
    }

    #[slot(tp_clear)]
    fn drop_items(&self) {
        self.clear_items();
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        guarded(
            self,
            || Str::new("[...]"),
            || {
                let items = repr(&*to_list(self)?)?;
                let mut text = TextBuilder::new();
                text.push(&*Str::new(self.ty().name())?)?;
                text.push_ascii("(")?;
                text.push(&items)?;
                if self.maxlen.get() >= 0 {
                    text.push(&*Str::from_format(format_args!(", maxlen={}", self.maxlen.get()))?)?;
                }
                text.push_ascii(")")?;
                text.finish()
            },
        )
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<DequeIterator>, Raised> {
        DequeIterator::new(self)
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<Deque>() else { return Ok(not_implemented()) };
        if self.is(other) {
            return Ok(boolean(op.holds(std::cmp::Ordering::Equal)));
        }
        if self.len() != other.len() && matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(boolean(op == CompareOp::Ne));
        }
        let states = (self.state.get(), other.state.get());
        let mut index = 0;
        while let (Some(left), Some(right)) = (self.get(index), other.get(index)) {
            if !equal(&left, &right)? {
                return match op {
                    CompareOp::Eq => Ok(boolean(false)),
                    CompareOp::Ne => Ok(boolean(true)),
                    _ => compare(&left, &right, op),
                };
            }
            if states != (self.state.get(), other.state.get()) {
                return Err(mutated());
            }
            index += 1;
        }
        Ok(boolean(op.holds(self.len().cmp(&other.len()))))
    }

    #[slot(sq_length)]
    fn length(&self) -> Result<usize, Raised> {
        Ok(self.len())
    }

    #[slot(sq_item)]
    fn item(&self, index: isize) -> Result<Ref, Raised> {
        self.get(self.position(index)?).ok_or_else(out_of_range)
    }

    #[slot(sq_ass_item)]
    fn assign_item(&self, index: isize, value: Option<&Object>) -> Result<(), Raised> {
        let index = self.position(index)?;
        match value {
            Some(value) => drop(self.replace(index, value.to_ref())),
            None => drop(self.remove_at(index)),
        }
        Ok(())
    }

    #[slot(sq_contains)]
    fn contains(&self, value: &Object) -> Result<bool, Raised> {
        Ok(self.find(value, 0, usize::MAX)?.is_some())
    }

    #[slot(sq_concat)]
    fn concat(&self, other: &Object) -> Result<Ref, Raised> {
        if !other.isinstance::<Deque>() {
            let name = other.ty().full_name();
            return Err(raise!(TypeError, "can only concatenate deque (not \"{name}\") to deque"));
        }
        let new = self.duplicate()?;
        if let Some(new) = new.downcast::<Deque>() {
            new.extend_right(other)?;
        }
        Ok(new)
    }

    #[slot(sq_inplace_concat)]
    fn concat_in_place(&self, other: &Object) -> Result<Ref, Raised> {
        self.extend_right(other)?;
        Ok(self.to_ref())
    }

    #[slot(sq_repeat)]
    fn repeat(&self, count: isize) -> Result<Ref, Raised> {
        let new = self.duplicate()?;
        if let Some(new) = new.downcast::<Deque>() {
            new.repeat_items(count)?;
        }
        Ok(new)
    }

    #[slot(sq_inplace_repeat)]
    fn repeat_in_place(&self, count: isize) -> Result<Ref, Raised> {
        self.repeat_items(count)?;
        Ok(self.to_ref())
    }

    /// Add an element to the right side of the deque.
    #[no_signature]
    fn append(&self, item: &Object) -> Result<(), Raised> {
        self.append_item(item.to_ref())
    }

    /// Add an element to the left side of the deque.
    #[no_signature]
    fn appendleft(&self, item: &Object) -> Result<(), Raised> {
        self.append_left(item.to_ref())
    }

    /// Remove all elements from the deque.
    #[no_signature]
    fn clear(&self) -> Result<(), Raised> {
        self.clear_items();
        Ok(())
    }

    /// Return a shallow copy of a deque.
    #[name = "__copy__"]
    #[no_signature]
    fn shallow_copy(&self) -> Result<Ref, Raised> {
        self.duplicate()
    }

    /// Return a shallow copy of a deque.
    #[no_signature]
    fn copy(&self) -> Result<Ref, Raised> {
        self.duplicate()
    }

    /// D.count(value) -> integer -- return number of occurrences of value
    #[no_signature]
    fn count(&self, value: &Object) -> Result<usize, Raised> {
        let (state, mut count) = (self.state.get(), 0);
        for index in 0..self.len() {
            let Some(item) = self.get(index) else { break };
            count += usize::from(equal(&item, value)?);
            if self.state.get() != state {
                return Err(mutated());
            }
        }
        Ok(count)
    }

    /// Extend the right side of the deque with elements from the iterable
    #[no_signature]
    fn extend(&self, iterable: &Object) -> Result<(), Raised> {
        self.extend_right(iterable)
    }

    /// Extend the left side of the deque with elements from the iterable
    #[no_signature]
    fn extendleft(&self, iterable: &Object) -> Result<(), Raised> {
        if self.is(iterable) {
            return self.extendleft(&*to_list(iterable)?);
        }
        self.start_at_end(true);
        for_each(iterable, |item| self.append_left(item))
    }

    /// D.index(value, [start, [stop]]) -> integer -- return first index of value.
    /// Raises ValueError if the value is not present.
    #[signature(value, start = SliceIndex::FIRST, stop = SliceIndex::LAST, /)]
    #[no_signature]
    #[parsed]
    fn index(&self, value: &Object, start: SliceIndex, stop: SliceIndex) -> Result<usize, Raised> {
        let length = self.len();
        match self.find(value, start.within(length), stop.within(length))? {
            Some(index) => Ok(index),
            None => Err(raise!(ValueError, "{} is not in deque", repr(value)?)),
        }
    }

    /// D.insert(index, object) -- insert object before index
    #[no_signature]
    #[parsed]
    fn insert(&self, index: isize, object: &Object) -> Result<(), Raised> {
        let length = self.len() as isize;
        if length == self.maxlen.get() {
            return Err(raise!(IndexError, "deque already at its maximum size"));
        }
        if index >= length {
            return self.append_item(object.to_ref());
        }
        if index <= -length || index == 0 {
            return self.append_left(object.to_ref());
        }
        self.rotate_by(-index);
        if index < 0 {
            self.append_item(object.to_ref())?;
        } else {
            self.append_left(object.to_ref())?;
        }
        self.rotate_by(index);
        Ok(())
    }

    /// Remove and return the rightmost element.
    #[no_signature]
    fn pop(&self) -> Result<Ref, Raised> {
        self.pop_right().ok_or_else(|| raise!(IndexError, "pop from an empty deque"))
    }

    /// Remove and return the leftmost element.
    #[no_signature]
    fn popleft(&self) -> Result<Ref, Raised> {
        self.pop_left().ok_or_else(|| raise!(IndexError, "pop from an empty deque"))
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let state = protocol::call_method(self, habu_runtime::id!(__getstate__), &[])?;
        let items = iterator(self)?;
        let arguments = match self.maxlen.get() {
            maxlen if maxlen < 0 => Tuple::empty(),
            maxlen => Tuple::from_refs([Tuple::empty().into_object(), maxlen.into_object()?])?,
        };
        Tuple::from_refs([self.type_ref().into_object(), arguments.into_object(), state, items])
    }

    /// D.remove(value) -- remove first occurrence of value.
    #[no_signature]
    fn remove(&self, value: &Object) -> Result<(), Raised> {
        let state = self.state.get();
        for index in 0..self.len() {
            let Some(item) = self.get(index) else { break };
            let found = equal(&item, value)?;
            if self.state.get() != state {
                return Err(raise!(IndexError, "deque mutated during remove()."));
            }
            if found {
                drop(self.remove_at(index));
                return Ok(());
            }
        }
        Err(raise!(ValueError, "{} is not in deque", repr(value)?))
    }

    /// D.__reversed__() -- return a reverse iterator over the deque
    #[name = "__reversed__"]
    #[no_signature]
    fn reversed(&self) -> Result<Ref<DequeReverseIterator>, Raised> {
        DequeReverseIterator::new(self)
    }

    /// D.reverse() -- reverse *IN PLACE*
    #[no_signature]
    fn reverse(&self) -> Result<(), Raised> {
        let length = self.len();
        (0..length / 2).for_each(|index| self.swap(index, length - 1 - index));
        Ok(())
    }

    /// Rotate the deque n steps to the right (default n=1).  If n is negative, rotates left.
    #[signature(n = 1, /)]
    #[no_signature]
    fn rotate(&self, n: isize) -> Result<(), Raised> {
        self.rotate_by(n);
        Ok(())
    }

    /// D.__sizeof__() -- size of D in memory, in bytes
    #[name = "__sizeof__"]
    #[no_signature]
    fn size_of(&self) -> Result<isize, Raised> {
        Ok(self.ty().tp_basicsize.get() + self.blocks_size())
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    #[no_signature]
    fn class_getitem(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        habu_runtime::types::generic_alias::alias(cls, item)
    }

    /// maximum size of a deque or None if unbounded
    #[getter]
    #[name = "maxlen"]
    fn most(&self) -> Result<Ref, Raised> {
        match self.maxlen.get() {
            maxlen if maxlen < 0 => Ok(none()),
            maxlen => maxlen.into_object(),
        }
    }
}
