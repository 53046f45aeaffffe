//! `setobject.h`, `sliceobject.h`, `iterobject.h`, `boolobject.h`, `enumobject.h`, `rangeobject.h`

use std::ffi::{c_int, c_long};

use habu_runtime::object::{Object, PyType, protocol};
use habu_runtime::types::iterators::{CallableIterator, SequenceIterator};
use habu_runtime::types::set::{FrozenSet, Set, SetCore};
use habu_runtime::types::slice::Slice;
use habu_runtime::types::{boolean, none};

use crate::border::*;

/// The object as a set or frozenset.
fn any_set(object: &Object) -> Result<&SetCore, habu_runtime::object::Raised> {
    SetCore::of(object).ok_or_else(bad_internal_call)
}

export! {
    fn PySet_New(iterable: Option<&Object>) => New {
        let set = Set::new()?;
        if let Some(iterable) = iterable {
            set.update_from(iterable)?;
        }
        Ok(set)
    }
    fn PyFrozenSet_New(iterable: Option<&Object>) => New {
        match iterable {
            Some(iterable) => protocol::call1(FrozenSet::type_object(), iterable),
            None => Ok(FrozenSet::new()?.into_object()),
        }
    }
    fn PySet_Size(set: &Object) => isize { Ok(any_set(set)?.len()) }
    fn PySet_Contains(set: &Object, key: &Object) => c_int { any_set(set)?.contains(key) }
    fn PySet_Discard(set: &Object, key: &Object) => c_int { any_set(set)?.remove(key) }
    fn PySet_Add(set: &Object, key: &Object) => c_int { any_set(set)?.add(key) }
    fn PySet_Clear(set: &Object) => c_int {
        any_set(set)?.clear_keys();
        Ok(())
    }
    fn PySet_Pop(set: &Object) => New {
        match any_set(set)?.pop() {
            Some(key) => Ok(key),
            None => Err(habu_runtime::raise!(KeyError, "pop from an empty set")),
        }
    }
    fn _PySet_NextEntry(set: &Object, position: Out<isize>, key: Out<Borrowed>, hash: Out<isize>) => c_int {
        let set = any_set(set)?;
        let mut at = position.get().unwrap_or(0).max(0) as usize;
        match set.next(&mut at) {
            Some((found, its_hash)) => {
                position.set(at as isize);
                key.set(borrow(&found));
                hash.set(its_hash);
                Ok(true)
            }
            None => Ok(false),
        }
    }
    fn _PySet_Update(set: &Object, iterable: &Object) => c_int {
        habu_runtime::types::set::algebra::update(any_set(set)?, iterable)
    }
    fn PyBool_FromLong(value: c_long) -> New { Ok(boolean(value != 0)) }
    fn PySlice_New(start: Option<&Object>, stop: Option<&Object>, step: Option<&Object>) => New {
        let of = |bound: Option<&Object>| bound.map_or_else(none, Object::to_ref);
        Slice::new(of(start), of(stop), of(step))
    }
    fn _PySlice_FromIndices(start: isize, stop: isize) => New { Slice::from_positions(start, stop) }
    fn PySlice_Unpack(slice: &Object, start: Out<isize>, stop: Out<isize>, step: Out<isize>) => c_int {
        let (first, last, by) = expect::<Slice>(slice)?.unpack()?;
        start.set(first);
        stop.set(last);
        step.set(by);
        Ok(())
    }
    fn PySlice_AdjustIndices(length: isize, start: Out<isize>, stop: Out<isize>, step: isize) -> isize {
        let (Some(first), Some(last)) = (start.get(), stop.get()) else { return 0 };
        let (first, last) = (clamp(first, length, step), clamp(last, length, step));
        start.set(first);
        stop.set(last);
        count(first, last, step)
    }
    fn PySlice_GetIndicesEx(slice: &Object, length: isize, start: Out<isize>, stop: Out<isize>, step: Out<isize>, number: Out<isize>) => c_int {
        let (first, last, by) = expect::<Slice>(slice)?.unpack()?;
        let (first, last) = (clamp(first, length, by), clamp(last, length, by));
        start.set(first);
        stop.set(last);
        step.set(by);
        number.set(count(first, last, by));
        Ok(())
    }
    fn PySlice_GetIndices(slice: &Object, length: isize, start: Out<isize>, stop: Out<isize>, step: Out<isize>) => c_int {
        let (first, last, by) = expect::<Slice>(slice)?.unpack()?;
        start.set(if first < 0 { first + length } else { first });
        stop.set(if last < 0 { last + length } else { last });
        step.set(by);
        Ok(())
    }
    fn _PySlice_GetLongIndices(slice: &Object, length: &Object, start: Out<*mut Object>, stop: Out<*mut Object>, step: Out<*mut Object>) => c_int {
        let indices = protocol::call_method(
            slice, &*habu_runtime::types::str::Str::intern("indices")?, &[length],
        )?;
        let indices = expect::<habu_runtime::types::tuple::Tuple>(&indices)?;
        start.give(indices.get(0));
        stop.give(indices.get(1));
        step.give(indices.get(2));
        Ok(())
    }
    fn PySeqIter_New(sequence: &Object) => New { SequenceIterator::new(sequence.to_ref()) }
    fn PyCallIter_New(callable: &Object, sentinel: &Object) => New {
        CallableIterator::new(callable.to_ref(), sentinel.to_ref())
    }
    fn _PyEval_SliceIndex(value: Option<&Object>, result: Out<isize>) -> c_int {
        match value {
            Some(value) if !value.is(&none()) => slice_index(value, result),
            _ => 1,
        }
    }
    fn _PyEval_SliceIndexNotNone(value: &Object, result: Out<isize>) -> c_int { slice_index(value, result) }
}

/// A bound of a slice kept within a length, as `adjust_indices` has it.
fn clamp(bound: isize, length: isize, step: isize) -> isize {
    let (lowest, highest) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let bound = if bound < 0 { bound.saturating_add(length) } else { bound };
    bound.clamp(lowest, highest.max(lowest))
}

/// How many items a slice with such bounds has.
fn count(start: isize, stop: isize, step: isize) -> isize {
    if step < 0 {
        if stop < start { (start - stop - 1) / step.saturating_neg() + 1 } else { 0 }
    } else if start < stop && step > 0 {
        (stop - start - 1) / step + 1
    } else {
        0
    }
}

/// The index that a slice's bound is, cut to what fits.
fn slice_index(value: &Object, result: Out<isize>) -> c_int {
    if !protocol::number::has_index(value) {
        let _ = habu_runtime::raise!(TypeError, "slice indices must be integers or None or have an __index__ method");
        return 0;
    }
    match protocol::number::index_as_size(value, None) {
        Ok(index) => {
            result.set(index);
            1
        }
        Err(_) => 0,
    }
}
