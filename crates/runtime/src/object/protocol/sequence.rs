//! Sequences, and what they share with mappings: length, subscripts, membership (`PyObject_Size`, `PyObject_GetItem`,
//! `PySequence_*`).

use super::iterate::{Items, iterator};
use super::number::{Operator, binary_op, has_index, index_as_size, inplace_op};
use crate::exceptions::exc;
use crate::id;
use crate::object::protocol::attribute::ignore;
use crate::object::slots::SizeArgFunc;
use crate::object::typeobject::flags;
use crate::object::{Object, PyType, Raised, Ref, Type};
use crate::raise;
use crate::threads::Thread;
use crate::types::int::Int;
use crate::types::list::List;
use crate::types::singletons::not_implemented_static;
use crate::types::tuple::Tuple;

/// The length of a sequence or mapping, where it has one: by the sequence suite, else by the mapping suite.
#[inline]
fn length_slot(object: &Object) -> Option<Result<usize, Raised>> {
    let ty = object.ty();
    let slot = ty
        .sequence()
        .and_then(|suite| suite.sq_length.get())
        .or_else(|| ty.mapping().and_then(|suite| suite.mp_length.get()))?;
    // SAFETY: the slot belongs to the object's own type.
    Some(unsafe { slot(object) }.result())
}

/// `len(object)`
#[inline]
pub fn length(object: &Object) -> Result<usize, Raised> {
    length_slot(object)
        .unwrap_or_else(|| Err(raise!(TypeError, "object of type '{}' has no len()", object.ty().full_name())))
}

/// The expected number of items (`operator.length_hint`): `len`, else `__length_hint__`, else `default`.
pub fn length_hint(object: &Object, default: usize) -> Result<usize, Raised> {
    if let Some(length) = length_slot(object) {
        match length {
            Ok(length) => return Ok(length),
            Err(raised) => {
                ignore::<()>(raised, exc::TypeError())?;
            }
        }
    }
    let Some(hint) = super::lookup_special(object, id!(__length_hint__))? else { return Ok(default) };
    let value = match super::call0(&hint) {
        Ok(value) => value,
        Err(raised) => {
            ignore::<()>(raised, exc::TypeError())?;
            return Ok(default);
        }
    };
    if value.is(not_implemented_static()) {
        return Ok(default);
    }
    let Some(value) = value.downcast::<Int>() else {
        return Err(raise!(TypeError, "__length_hint__ must be an integer, not {}", value.ty().full_name()));
    };
    match value.to_i64() {
        Some(value) if value < 0 => Err(raise!(ValueError, "__length_hint__() should return >= 0")),
        Some(value) => Ok(value as usize),
        None => Err(raise!(OverflowError, "Python int too large to convert to C ssize_t")),
    }
}

/// Whether the object supports subscripts by position (`PySequence_Check`).
pub fn is_sequence(object: &Object) -> bool {
    !object.ty().has_flag(flags::DICT_SUBCLASS)
        && object.ty().sequence().is_some_and(|suite| suite.sq_item.get().is_some())
}

/// `left` and `right` one after the other (`PySequence_Concat`): by the slot for that, else by `+` of two sequences.
pub fn concatenated(left: &Object, right: &Object) -> Result<Ref, Raised> {
    match left.ty().sequence().and_then(|suite| suite.sq_concat.get()) {
        // SAFETY: the slot belongs to the object's own type.
        Some(slot) => unsafe { slot(left, right) },
        None if is_sequence(left) && is_sequence(right) => binary_op(left, right, Operator::Add),
        None => Err(not_concatenated(left)),
    }
}

/// As `concatenated`, and `left` may become the result itself (`PySequence_InPlaceConcat`).
pub fn concatenated_in_place(left: &Object, right: &Object) -> Result<Ref, Raised> {
    match left.ty().sequence().and_then(|suite| suite.sq_inplace_concat.get().or(suite.sq_concat.get())) {
        // SAFETY: the slot belongs to the object's own type.
        Some(slot) => unsafe { slot(left, right) },
        None if is_sequence(left) && is_sequence(right) => inplace_op(left, right, Operator::Add),
        None => Err(not_concatenated(left)),
    }
}

fn not_concatenated(object: &Object) -> Raised {
    raise!(TypeError, "'{}' object can't be concatenated", object.ty().full_name())
}

/// `object` so many times (`PySequence_Repeat`): by the slot for that, else by `*` of a sequence.
pub fn repeated(object: &Object, count: isize) -> Result<Ref, Raised> {
    match object.ty().sequence().and_then(|suite| suite.sq_repeat.get()) {
        // SAFETY: the slot belongs to the object's own type.
        Some(slot) => unsafe { slot(object, count) },
        None if is_sequence(object) => binary_op(object, &*Int::from_i64(count as i64)?, Operator::Multiply),
        None => Err(not_repeated(object)),
    }
}

/// As `repeated`, and `object` may become the result itself (`PySequence_InPlaceRepeat`).
pub fn repeated_in_place(object: &Object, count: isize) -> Result<Ref, Raised> {
    match object.ty().sequence().and_then(|suite| suite.sq_inplace_repeat.get().or(suite.sq_repeat.get())) {
        // SAFETY: the slot belongs to the object's own type.
        Some(slot) => unsafe { slot(object, count) },
        None if is_sequence(object) => inplace_op(object, &*Int::from_i64(count as i64)?, Operator::Multiply),
        None => Err(not_repeated(object)),
    }
}

fn not_repeated(object: &Object) -> Raised {
    raise!(TypeError, "'{}' object can't be repeated", object.ty().full_name())
}

/// `object[key]`
#[inline]
pub fn get_item(object: &Object, key: &Object) -> Result<Ref, Raised> {
    match object.ty().mapping().and_then(|suite| suite.mp_subscript.get()) {
        // SAFETY: the slot belongs to the object's own type.
        Some(slot) => unsafe { slot(object, key) },
        None => get_item_otherwise(object, key),
    }
}

/// `object[key]` where the type has no `mp_subscript`: by position, or `__class_getitem__` of a type.
#[inline(never)]
fn get_item_otherwise(object: &Object, key: &Object) -> Result<Ref, Raised> {
    if let Some(slot) = object.ty().sequence().and_then(|suite| suite.sq_item.get()) {
        if !has_index(key) {
            return Err(raise!(TypeError, "sequence index must be integer, not '{}'", key.ty().full_name()));
        }
        let index = index_as_size(key, Some(exc::IndexError()))?;
        return item_from_end(object, slot, index);
    }
    if let Some(ty) = object.downcast::<Type>() {
        if std::ptr::eq(ty, Type::type_object()) {
            return crate::types::generic_alias::alias(object, key);
        }
        let getter = super::lookup_attribute(object, id!(__class_getitem__))?;
        let Some(getter) = getter.filter(|getter| !crate::types::singletons::is_none(getter)) else {
            return Err(raise!(TypeError, "type '{}' is not subscriptable", ty.full_name()));
        };
        return super::call1(&getter, key);
    }
    Err(raise!(TypeError, "'{}' object is not subscriptable", object.ty().full_name()))
}

/// Calls `sq_item` with a negative index counted from the end.
fn item_from_end(object: &Object, slot: SizeArgFunc, index: isize) -> Result<Ref, Raised> {
    let index = from_end(object, index)?;
    // SAFETY: the slot belongs to the object's own type.
    unsafe { slot(object, index) }
}

/// A negative index plus the length, where the sequence suite has one.
fn from_end(object: &Object, index: isize) -> Result<isize, Raised> {
    if index < 0
        && let Some(slot) = object.ty().sequence().and_then(|suite| suite.sq_length.get())
    {
        // SAFETY: the slot belongs to the object's own type.
        let length = unsafe { slot(object) }.result()?;
        return Ok(index.saturating_add(length as isize));
    }
    Ok(index)
}

/// The item of a sequence at a position; a negative one counts from the end (`PySequence_GetItem`).
pub fn get_index(object: &Object, index: isize) -> Result<Ref, Raised> {
    match object.ty().sequence().and_then(|suite| suite.sq_item.get()) {
        Some(slot) => item_from_end(object, slot, index),
        None if object.ty().mapping().is_some_and(|suite| suite.mp_subscript.get().is_some()) => {
            Err(raise!(TypeError, "{} is not a sequence", object.ty().full_name()))
        }
        None => Err(raise!(TypeError, "'{}' object does not support indexing", object.ty().full_name())),
    }
}

/// Stores or deletes the item of a sequence at a position (`PySequence_SetItem`, `PySequence_DelItem`).
pub fn set_index(object: &Object, index: isize, value: Option<&Object>) -> Result<(), Raised> {
    if let Some(slot) = object.ty().sequence().and_then(|suite| suite.sq_ass_item.get()) {
        let index = from_end(object, index)?;
        // SAFETY: the slot belongs to the object's own type.
        return unsafe { slot(object, index, value) }.result();
    }
    let name = object.ty().full_name();
    if object.ty().mapping().is_some_and(|suite| suite.mp_ass_subscript.get().is_some()) {
        return Err(raise!(TypeError, "{name} is not a sequence"));
    }
    Err(match value {
        Some(_) => raise!(TypeError, "'{name}' object does not support item assignment"),
        None => raise!(TypeError, "'{name}' object doesn't support item deletion"),
    })
}

/// `object[key] = value`
#[inline]
pub fn set_item(object: &Object, key: &Object, value: &Object) -> Result<(), Raised> {
    store_item(object, key, Some(value))
}

/// `del object[key]`
#[inline]
pub fn delete_item(object: &Object, key: &Object) -> Result<(), Raised> {
    store_item(object, key, None)
}

#[inline]
fn store_item(object: &Object, key: &Object, value: Option<&Object>) -> Result<(), Raised> {
    match object.ty().mapping().and_then(|suite| suite.mp_ass_subscript.get()) {
        // SAFETY: the slot belongs to the object's own type.
        Some(slot) => unsafe { slot(object, key, value) }.result(),
        None => store_item_otherwise(object, key, value),
    }
}

#[inline(never)]
fn store_item_otherwise(object: &Object, key: &Object, value: Option<&Object>) -> Result<(), Raised> {
    if let Some(suite) = object.ty().sequence() {
        if has_index(key) {
            return set_index(object, index_as_size(key, Some(exc::IndexError()))?, value);
        }
        if suite.sq_ass_item.get().is_some() {
            return Err(raise!(TypeError, "sequence index must be integer, not '{}'", key.ty().full_name()));
        }
    }
    let name = object.ty().full_name();
    Err(match value {
        Some(_) => raise!(TypeError, "'{name}' object does not support item assignment"),
        None => raise!(TypeError, "'{name}' object does not support item deletion"),
    })
}

/// `value in object`
#[inline]
pub fn contains(object: &Object, value: &Object) -> Result<bool, Raised> {
    match object.ty().sequence().and_then(|suite| suite.sq_contains.get()) {
        // SAFETY: the slot belongs to the object's own type.
        Some(slot) => unsafe { slot(object, value) }.truth(),
        None => contains_by_iteration(object, value),
    }
}

/// An iterator for a search, whose TypeError names the operand.
fn search_iterator(object: &Object) -> Result<Ref, Raised> {
    iterator(object).map_err(|raised| {
        if !Thread::current().exception().is_some_and(|error| error.ty().is_subtype(exc::TypeError())) {
            return raised;
        }
        raised.clear();
        raise!(TypeError, "argument of type '{}' is not iterable", object.ty().full_name())
    })
}

/// Membership by comparing with each item in turn.
pub fn contains_by_iteration(object: &Object, value: &Object) -> Result<bool, Raised> {
    let mut items = Items::from(search_iterator(object)?)?;
    while let Some(item) = items.next()? {
        if super::equal(&item, value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many items equal `value` (`operator.countOf`).
pub fn count(object: &Object, value: &Object) -> Result<usize, Raised> {
    let mut items = Items::from(search_iterator(object)?)?;
    let mut count = 0isize;
    while let Some(item) = items.next()? {
        if super::equal(&item, value)? {
            count = count.checked_add(1).ok_or_else(|| raise!(OverflowError, "count exceeds C integer size"))?;
        }
    }
    Ok(count as usize)
}

/// The position of the first item that equals `value` (`operator.indexOf`).
pub fn index_of(object: &Object, value: &Object) -> Result<usize, Raised> {
    let mut items = Items::from(search_iterator(object)?)?;
    let mut index = 0isize;
    while let Some(item) = items.next()? {
        if super::equal(&item, value)? {
            return Ok(index as usize);
        }
        index = index.checked_add(1).ok_or_else(|| raise!(OverflowError, "index exceeds C integer size"))?;
    }
    Err(raise!(ValueError, "sequence.index(x): x not in sequence"))
}

/// `list(object)`: always a new list.
pub fn to_list(object: &Object) -> Result<Ref<List>, Raised> {
    let list = List::new()?;
    list.extend(object)?;
    Ok(list)
}

/// `tuple(object)`: an exact tuple is given back itself.
pub fn to_tuple(object: &Object) -> Result<Ref<Tuple>, Raised> {
    if let Some(tuple) = object.downcast_exact::<Tuple>() {
        return Ok(Ref::from_borrowed(tuple));
    }
    if let Some(list) = object.downcast_exact::<List>() {
        return list.to_tuple();
    }
    let iterator = iterator(object)?;
    let mut items = habu_heap::Buffer::<Ref>::with_capacity(length_hint(object, 10)?)?;
    while let Some(item) = super::next(&iterator)? {
        items.push(item)?;
    }
    Tuple::from_buffer(items)
}

/// The object itself when it is a list or a tuple, else a list of its items; what cannot be iterated raises TypeError with
/// `message` (`PySequence_Fast`).
pub fn sequence_fast(object: &Object, message: &str) -> Result<Ref, Raised> {
    // A subclass may be iterated otherwise.
    if object.is_exact::<List>() || object.is_exact::<Tuple>() {
        return Ok(object.to_ref());
    }
    let items = iterator(object).map_err(|raised| {
        if !Thread::current().exception().is_some_and(|error| error.ty().is_subtype(exc::TypeError())) {
            return raised;
        }
        raised.clear();
        raise!(TypeError, "{message}")
    })?;
    Ok(to_list(&items)?.into_object())
}

/// The items of a list or tuple in a buffer of references of its own, to be used while Python code runs.
pub fn fast_items(object: &Object, message: &str) -> Result<habu_heap::Buffer<Ref>, Raised> {
    let sequence = sequence_fast(object, message)?;
    let mut items = habu_heap::Buffer::new();
    if let Some(tuple) = sequence.downcast::<Tuple>() {
        items.try_extend(tuple.as_slice().iter().cloned())?;
    } else if let Some(list) = sequence.downcast::<List>() {
        // SAFETY: cloning references runs no Python code.
        unsafe { list.with_slice(|slice| items.try_extend(slice.iter().cloned())) }?;
    }
    Ok(items)
}

/// An argument that is an index of a slice (`start` and `stop` of `index` methods): by `__index__`, clipped.
#[derive(Clone, Copy)]
pub struct SliceIndex(pub isize);

impl<'a> crate::object::args::FromArg<'a> for SliceIndex {
    fn from_arg(object: &'a Object, _: &crate::object::args::Signature, _: usize) -> Result<SliceIndex, Raised> {
        if !has_index(object) {
            return Err(raise!(TypeError, "slice indices must be integers or have an __index__ method"));
        }
        index_as_size(object, None).map(SliceIndex)
    }
}

impl SliceIndex {
    /// The first index.
    pub const FIRST: SliceIndex = SliceIndex(0);
    /// Beyond every index.
    pub const LAST: SliceIndex = SliceIndex(isize::MAX);

    /// The index with a negative one counted from the end of `length` items, and 0 where that is still before the first.
    pub fn within(self, length: usize) -> usize {
        if self.0 < 0 { self.0.saturating_add(length as isize).max(0) as usize } else { self.0 as usize }
    }
}

/// Refuses named arguments to a constructor.
pub fn no_keywords(name: &str, kwargs: Option<&crate::types::dict::Dict>) -> Result<(), Raised> {
    match kwargs {
        Some(kwargs) if kwargs.len() > 0 => Err(raise!(TypeError, "{name}() takes no keyword arguments")),
        _ => Ok(()),
    }
}

/// The arguments of a constructor that takes from `least` to `most` positional ones.
pub fn check_count(name: &str, count: usize, least: usize, most: usize) -> Result<(), Raised> {
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    if count < least {
        let at_least = if least == most { "" } else { "at least " };
        return Err(raise!(TypeError, "{name} expected {at_least}{least} argument{}, got {count}", plural(least)));
    }
    if count > most {
        let at_most = if least == most { "" } else { "at most " };
        return Err(raise!(TypeError, "{name} expected {at_most}{most} argument{}, got {count}", plural(most)));
    }
    Ok(())
}

/// A slice made to fit a sequence of some length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SliceIndices {
    /// The first index; where there are no items, the place to insert.
    pub start: isize,
    /// The index to stop at; -1 may be it for a negative step.
    pub stop: isize,
    /// From one index to the next; never 0.
    pub step: isize,
    /// The number of indices.
    pub count: usize,
}

/// Clips `start` and `stop` to a sequence of `length` items and counts (`PySlice_AdjustIndices`); `step` must not be 0.
pub fn adjust_indices(length: usize, start: isize, stop: isize, step: isize) -> SliceIndices {
    let length = length as isize;
    let (lowest, highest) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let clip = |index: isize| {
        if index < 0 { index.saturating_add(length).max(lowest) } else { index.min(highest) }
    };
    let (start, stop) = (clip(start), clip(stop));
    let count = if step < 0 {
        if stop < start { (start - stop - 1) as usize / step.unsigned_abs() + 1 } else { 0 }
    } else if start < stop {
        (stop - start - 1) as usize / step as usize + 1
    } else {
        0
    };
    SliceIndices { start, stop, step, count }
}

impl SliceIndices {
    /// The indices in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = usize> {
        // Neither product nor sum leaves the sequence for indices below the count.
        (0..self.count).map(move |at| (self.start + at as isize * self.step) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_clipped_as_slice_indices_does() {
        let all = |length, start, stop, step| adjust_indices(length, start, stop, step).iter().collect::<Vec<_>>();
        assert_eq!(all(5, 0, isize::MAX, 1), [0, 1, 2, 3, 4]);
        assert_eq!(all(5, isize::MAX, isize::MIN, -2), [4, 2, 0]);
        assert_eq!(all(5, -2, 10, 1), [3, 4]);
        assert_eq!(all(5, 3, 1, 1), [0usize; 0]);
        assert_eq!(all(0, isize::MAX, isize::MIN, -1), [0usize; 0]);
        assert_eq!(all(3, 0, 3, isize::MAX), [0]);
        assert_eq!(all(3, 2, isize::MIN, -isize::MAX), [2]);
        assert_eq!(adjust_indices(5, 4, 2, 1), SliceIndices { start: 4, stop: 2, step: 1, count: 0 });
    }
}
