//! `abstract.h`: number, sequence, mapping and iterator protocols.

use std::ffi::{c_char, c_int};

use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol::{self, number, operator, sequence};
use habu_runtime::object::{Object, PyType, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use operator::Operator;

use crate::border::*;
use crate::identifier::Identifier;

/// Both operands; null is an internal error.
fn both<'a>(left: Option<&'a Object>, right: Option<&'a Object>) -> Result<(&'a Object, &'a Object), Raised> {
    match (left, right) {
        (Some(left), Some(right)) => Ok((left, right)),
        _ => Err(null_error()),
    }
}

/// One operand; null is an internal error.
pub(crate) fn one(object: Option<&Object>) -> Result<&Object, Raised> {
    object.ok_or_else(null_error)
}

fn binary(left: Option<&Object>, right: Option<&Object>, operator: Operator) -> New {
    let (left, right) = both(left, right)?;
    protocol::binary_op(left, right, operator)
}

fn inplace(left: Option<&Object>, right: Option<&Object>, operator: Operator) -> New {
    let (left, right) = both(left, right)?;
    protocol::inplace_op(left, right, operator)
}

/// A slice object of two positions.
fn slice(low: isize, high: isize) -> Result<Ref, Raised> {
    habu_runtime::types::slice::Slice::from_positions(low, high).map(Ref::into_object)
}

/// What mappings return without errors: 1 when the key is there.
fn has_key(found: Result<Ref, Raised>) -> c_int {
    match found {
        Ok(_) => 1,
        Err(raised) => {
            raised.clear();
            0
        }
    }
}

/// `mapping.name()` as a list.
fn listed(mapping: &Object, name: &str, direct: fn(&Object) -> Result<Ref<List>, Raised>) -> Result<Ref<List>, Raised> {
    if mapping.is_exact::<Dict>() {
        return direct(mapping);
    }
    let found = protocol::call_method(mapping, &*Str::intern(name)?, &[])?;
    if found.is_exact::<List>() {
        // SAFETY: just checked.
        return Ok(unsafe { found.cast_into_unchecked() });
    }
    match protocol::iterator(&found) {
        Ok(iterator) => sequence::to_list(&iterator),
        Err(raised) if raised_type_error() => {
            raised.clear();
            Err(raise!(
                TypeError,
                "{}.{name}() returned a non-iterable (type {})",
                mapping.ty().name(),
                found.ty().name()
            ))
        }
        Err(raised) => Err(raised),
    }
}

fn raised_type_error() -> bool {
    let thread = habu_runtime::threads::Thread::current();
    thread.exception().is_some_and(|exception| exception.is_a(exc::TypeError()))
}

export! {
    fn PyNumber_Check(object: Option<&Object>) -> c_int {
        c_int::from(object.is_some_and(|object| {
            let suite = object.ty().number();
            suite.is_some_and(|suite| suite.nb_index.get().is_some() || suite.nb_int.get().is_some() || suite.nb_float.get().is_some())
                || object.isinstance::<habu_runtime::types::complex::Complex>()
        }))
    }
    fn PyIndex_Check(object: &Object) -> c_int { c_int::from(number::has_index(object)) }
    fn PyNumber_Add(left: Option<&Object>, right: Option<&Object>) -> New { binary(left, right, Operator::Add) }
    fn PyNumber_Subtract(left: Option<&Object>, right: Option<&Object>) -> New { binary(left, right, Operator::Subtract) }
    fn PyNumber_Multiply(left: Option<&Object>, right: Option<&Object>) -> New { binary(left, right, Operator::Multiply) }
    fn PyNumber_MatrixMultiply(left: Option<&Object>, right: Option<&Object>) -> New { binary(left, right, Operator::MatrixMultiply) }
    fn PyNumber_FloorDivide(left: Option<&Object>, right: Option<&Object>) -> New { binary(left, right, Operator::FloorDivide) }
    fn PyNumber_TrueDivide(left: Option<&Object>, right: Option<&Object>) -> New { binary(left, right, Operator::TrueDivide) }
    fn PyNumber_Remainder(left: Option<&Object>, right: Option<&Object>) -> New { binary(left, right, Operator::Remainder) }
    fn PyNumber_Lshift(left: Option<&Object>, right: Option<&Object>) -> New { binary(left, right, Operator::LeftShift) }
    fn PyNumber_Rshift(left: Option<&Object>, right: Option<&Object>) -> New { binary(left, right, Operator::RightShift) }
    fn PyNumber_And(left: Option<&Object>, right: Option<&Object>) -> New { binary(left, right, Operator::And) }
    fn PyNumber_Xor(left: Option<&Object>, right: Option<&Object>) -> New { binary(left, right, Operator::Xor) }
    fn PyNumber_Or(left: Option<&Object>, right: Option<&Object>) -> New { binary(left, right, Operator::Or) }
    fn PyNumber_InPlaceAdd(left: Option<&Object>, right: Option<&Object>) -> New { inplace(left, right, Operator::Add) }
    fn PyNumber_InPlaceSubtract(left: Option<&Object>, right: Option<&Object>) -> New { inplace(left, right, Operator::Subtract) }
    fn PyNumber_InPlaceMultiply(left: Option<&Object>, right: Option<&Object>) -> New { inplace(left, right, Operator::Multiply) }
    fn PyNumber_InPlaceMatrixMultiply(left: Option<&Object>, right: Option<&Object>) -> New { inplace(left, right, Operator::MatrixMultiply) }
    fn PyNumber_InPlaceFloorDivide(left: Option<&Object>, right: Option<&Object>) -> New { inplace(left, right, Operator::FloorDivide) }
    fn PyNumber_InPlaceTrueDivide(left: Option<&Object>, right: Option<&Object>) -> New { inplace(left, right, Operator::TrueDivide) }
    fn PyNumber_InPlaceRemainder(left: Option<&Object>, right: Option<&Object>) -> New { inplace(left, right, Operator::Remainder) }
    fn PyNumber_InPlaceLshift(left: Option<&Object>, right: Option<&Object>) -> New { inplace(left, right, Operator::LeftShift) }
    fn PyNumber_InPlaceRshift(left: Option<&Object>, right: Option<&Object>) -> New { inplace(left, right, Operator::RightShift) }
    fn PyNumber_InPlaceAnd(left: Option<&Object>, right: Option<&Object>) -> New { inplace(left, right, Operator::And) }
    fn PyNumber_InPlaceXor(left: Option<&Object>, right: Option<&Object>) -> New { inplace(left, right, Operator::Xor) }
    fn PyNumber_InPlaceOr(left: Option<&Object>, right: Option<&Object>) -> New { inplace(left, right, Operator::Or) }
    fn PyNumber_Divmod(left: Option<&Object>, right: Option<&Object>) => New {
        let (left, right) = both(left, right)?;
        operator::divmod(left, right)
    }
    fn PyNumber_Power(base: Option<&Object>, exponent: Option<&Object>, modulus: Option<&Object>) => New {
        let (base, exponent) = both(base, exponent)?;
        operator::power(base, exponent, modulus.unwrap_or(&none()))
    }
    fn PyNumber_InPlacePower(base: Option<&Object>, exponent: Option<&Object>, modulus: Option<&Object>) => New {
        let (base, exponent) = both(base, exponent)?;
        operator::inplace_power(base, exponent, modulus.unwrap_or(&none()))
    }
    fn PyNumber_Negative(object: Option<&Object>) => New { operator::negative(one(object)?) }
    fn PyNumber_Positive(object: Option<&Object>) => New { operator::positive(one(object)?) }
    fn PyNumber_Invert(object: Option<&Object>) => New { operator::invert(one(object)?) }
    fn PyNumber_Absolute(object: Option<&Object>) => New { operator::absolute(one(object)?) }
    fn PyNumber_Index(object: Option<&Object>) => New { number::index_exact(one(object)?) }
    fn _PyNumber_Index(object: Option<&Object>) => New { number::index(one(object)?) }
    fn PyNumber_AsSsize_t(object: &Object, overflow: Option<&Type>) => isize { number::index_as_size(object, overflow) }
    fn PyNumber_Long(object: Option<&Object>) => New {
        let object = one(object)?;
        if object.is_exact::<Int>() {
            return Ok(object.to_ref());
        }
        protocol::call1(Int::type_object(), object)
    }
    fn PyNumber_Float(object: Option<&Object>) => New {
        let object = one(object)?;
        if object.is_exact::<Float>() {
            return Ok(object.to_ref());
        }
        protocol::call1(Float::type_object(), object)
    }
    fn PyNumber_ToBase(object: &Object, base: c_int) => New {
        let value = number::index(object)?;
        match base {
            2 => protocol::format(&value, Some(&*Str::new("#b")?)).map(Ref::into_object),
            8 => protocol::format(&value, Some(&*Str::new("#o")?)).map(Ref::into_object),
            10 => protocol::repr(&value).map(Ref::into_object),
            16 => protocol::format(&value, Some(&*Str::new("#x")?)).map(Ref::into_object),
            _ => Err(raise!(SystemError, "PyNumber_ToBase: base must be 2, 8, 10 or 16")),
        }
    }
    fn PyObject_Size(object: Option<&Object>) => isize { protocol::length(one(object)?) }
    fn PyObject_Length(object: Option<&Object>) => isize { protocol::length(one(object)?) }
    fn PyObject_LengthHint(object: &Object, default: isize) => isize {
        protocol::length_hint(object, default.max(0) as usize)
    }
    fn PyObject_GetItem(object: Option<&Object>, key: Option<&Object>) => New {
        let (object, key) = both(object, key)?;
        protocol::get_item(object, key)
    }
    fn PyObject_SetItem(object: Option<&Object>, key: Option<&Object>, value: Option<&Object>) => c_int {
        let (object, key) = both(object, key)?;
        protocol::set_item(object, key, one(value)?)
    }
    fn PyObject_DelItem(object: Option<&Object>, key: Option<&Object>) => c_int {
        let (object, key) = both(object, key)?;
        protocol::delete_item(object, key)
    }
    fn PyObject_DelItemString(object: Option<&Object>, key: Text) => c_int {
        protocol::delete_item(one(object)?, &*key.to_str()?)
    }
    fn PyObject_Format(object: &Object, spec: Option<&Object>) => New { protocol::format(object, spec) }
    fn PySequence_Check(object: Option<&Object>) -> c_int { c_int::from(object.is_some_and(sequence::is_sequence)) }
    fn PySequence_Size(object: Option<&Object>) => isize { sequence_length(one(object)?) }
    fn PySequence_Length(object: Option<&Object>) => isize { sequence_length(one(object)?) }
    fn PySequence_Concat(left: Option<&Object>, right: Option<&Object>) => New {
        let (left, right) = both(left, right)?;
        sequence::concatenated(left, right)
    }
    fn PySequence_Repeat(object: Option<&Object>, count: isize) => New { sequence::repeated(one(object)?, count) }
    fn PySequence_InPlaceConcat(left: Option<&Object>, right: Option<&Object>) => New {
        let (left, right) = both(left, right)?;
        sequence::concatenated_in_place(left, right)
    }
    fn PySequence_InPlaceRepeat(object: Option<&Object>, count: isize) => New {
        sequence::repeated_in_place(one(object)?, count)
    }
    fn PySequence_GetItem(object: Option<&Object>, index: isize) => New { sequence::get_index(one(object)?, index) }
    fn PySequence_SetItem(object: Option<&Object>, index: isize, value: Option<&Object>) => c_int {
        sequence::set_index(one(object)?, index, value)
    }
    fn PySequence_DelItem(object: Option<&Object>, index: isize) => c_int { sequence::set_index(one(object)?, index, None) }
    fn PySequence_GetSlice(object: Option<&Object>, low: isize, high: isize) => New {
        let object = one(object)?;
        if object.ty().mapping().is_none_or(|suite| suite.mp_subscript.get().is_none()) {
            return Err(raise!(TypeError, "'{}' object is unsliceable", object.ty().full_name()));
        }
        protocol::get_item(object, &*slice(low, high)?)
    }
    fn PySequence_SetSlice(object: Option<&Object>, low: isize, high: isize, value: &Object) => c_int {
        let object = one(object)?;
        if object.ty().mapping().is_none_or(|suite| suite.mp_ass_subscript.get().is_none()) {
            return Err(raise!(TypeError, "'{}' object doesn't support slice assignment", object.ty().full_name()));
        }
        protocol::set_item(object, &*slice(low, high)?, value)
    }
    fn PySequence_DelSlice(object: Option<&Object>, low: isize, high: isize) => c_int {
        let object = one(object)?;
        if object.ty().mapping().is_none_or(|suite| suite.mp_ass_subscript.get().is_none()) {
            return Err(raise!(TypeError, "'{}' object doesn't support slice deletion", object.ty().full_name()));
        }
        protocol::delete_item(object, &*slice(low, high)?)
    }
    fn PySequence_Tuple(object: Option<&Object>) => New { sequence::to_tuple(one(object)?) }
    fn PySequence_List(object: Option<&Object>) => New { sequence::to_list(one(object)?) }
    fn PySequence_Fast(object: Option<&Object>, message: Text) => New {
        let object = one(object)?;
        if object.isinstance::<List>() || object.isinstance::<Tuple>() {
            return Ok(object.to_ref());
        }
        match protocol::iterator(object) {
            Ok(iterator) => sequence::to_list(&iterator).map(Ref::into_object),
            Err(raised) if raised_type_error() => {
                raised.clear();
                Err(raise!(TypeError, "{}", message.lossy()))
            }
            Err(raised) => Err(raised),
        }
    }
    fn PySequence_Count(object: &Object, value: &Object) => isize { sequence::count(object, value) }
    fn PySequence_Contains(object: &Object, value: &Object) => c_int { protocol::contains(object, value) }
    fn PySequence_In(object: &Object, value: &Object) => c_int { protocol::contains(object, value) }
    fn PySequence_Index(object: &Object, value: &Object) => isize { sequence::index_of(object, value) }
    fn PyMapping_Check(object: Option<&Object>) -> c_int { c_int::from(object.is_some_and(protocol::mapping::is_mapping)) }
    fn PyMapping_Size(object: Option<&Object>) => isize { protocol::length(one(object)?) }
    fn PyMapping_Length(object: Option<&Object>) => isize { protocol::length(one(object)?) }
    fn PyMapping_HasKeyString(object: &Object, key: Text) -> c_int {
        has_key(key.to_str().and_then(|key| protocol::get_item(object, &key)))
    }
    fn PyMapping_HasKey(object: &Object, key: &Object) -> c_int { has_key(protocol::get_item(object, key)) }
    fn PyMapping_Keys(object: Option<&Object>) => New { listed(one(object)?, "keys", protocol::mapping::keys) }
    fn PyMapping_Values(object: Option<&Object>) => New { listed(one(object)?, "values", protocol::mapping::values) }
    fn PyMapping_Items(object: Option<&Object>) => New { listed(one(object)?, "items", protocol::mapping::items) }
    fn PyMapping_GetItemString(object: Option<&Object>, key: Text) => New { protocol::get_item(one(object)?, &*key.to_str()?) }
    fn PyMapping_SetItemString(object: &Object, key: Text, value: &Object) => c_int {
        protocol::set_item(object, &*key.to_str()?, value)
    }
    fn PyObject_GetIter(object: &Object) => New { protocol::iterator(object) }
    fn PyObject_GetAIter(object: &Object) => New { protocol::iterate::async_iterator(object) }
    fn PyIter_Check(object: &Object) -> c_int { c_int::from(protocol::iterate::is_iterator(object)) }
    fn PyAIter_Check(object: &Object) -> c_int {
        c_int::from(object.ty().asynchronous().is_some_and(|suite| suite.am_anext.get().is_some()))
    }
    fn PyIter_Next(iterator: &Object) => Option<Ref> { protocol::next(iterator) }
    fn PyIter_Send(iterator: &Object, value: &Object, result: Out<*mut Object>) -> c_int {
        use habu_runtime::eval::generators::{Sent, send};
        match send(habu_runtime::threads::Thread::current(), iterator, value) {
            Sent::Yielded(value) => {
                result.give(Some(value));
                1
            }
            Sent::Returned(value) => {
                result.give(Some(value));
                0
            }
            Sent::Raised(_) => {
                result.give(None);
                -1
            }
        }
    }
    fn _PyObject_HasLen(object: &Object) -> c_int {
        let ty = object.ty();
        c_int::from(
            ty.sequence().is_some_and(|suite| suite.sq_length.get().is_some())
                || ty.mapping().is_some_and(|suite| suite.mp_length.get().is_some()),
        )
    }
    fn _PySequence_IterSearch(object: &Object, value: &Object, operation: c_int) => isize {
        match operation {
            1 => sequence::count(object, value).map(|count| count as isize),
            2 => sequence::index_of(object, value).map(|index| index as isize),
            _ => sequence::contains_by_iteration(object, value).map(isize::from),
        }
    }
    fn _Py_convert_optional_to_ssize_t(object: &Object, result: Out<isize>) => c_int {
        if object.is(&none()) {
            return Ok(true);
        }
        if !number::has_index(object) {
            let _ = raise!(TypeError, "argument should be integer or None, not {}", object.ty().full_name());
            return Ok(false);
        }
        match number::index_as_size(object, Some(exc::OverflowError())) {
            Ok(value) => {
                result.set(value);
                Ok(true)
            }
            Err(_) => Ok(false),
        }
    }
    fn _PyObject_CallMethodIdNoArgs(object: &Object, name: &Identifier) => New {
        protocol::call_method(object, &*name.name()?, &[])
    }
    fn _Py_strhex(memory: *const c_char, length: isize) => New { hex(memory, length, None, 0) }
    fn _Py_strhex_bytes(memory: *const c_char, length: isize) => New {
        let text = hex(memory, length, None, 0)?;
        encode_utf8(expect::<Str>(&text)?)
    }
    fn _Py_strhex_with_sep(memory: *const c_char, length: isize, separator: Option<&Object>, group: c_int) => New {
        hex(memory, length, separator, group)
    }
}

fn hex(memory: *const c_char, length: isize, separator: Option<&Object>, group: c_int) -> New {
    let bytes = crate::border::memory(memory, length);
    habu_runtime::types::bytes::common::hex(bytes, separator, group).map(Ref::into_object)
}

fn sequence_length(object: &Object) -> Result<usize, Raised> {
    match object.ty().sequence().and_then(|suite| suite.sq_length.get()) {
        // SAFETY: the slot belongs to the object's own type.
        Some(slot) => unsafe { slot(object) }.result(),
        None if object.ty().mapping().is_some_and(|suite| suite.mp_length.get().is_some()) => {
            Err(raise!(TypeError, "{} is not a sequence", object.ty().full_name()))
        }
        None => Err(raise!(TypeError, "object of type '{}' has no len()", object.ty().full_name())),
    }
}

/// Whether an object is bytes or a byte array.
pub(crate) fn is_bytes_like(object: &Object) -> bool {
    object.isinstance::<Bytes>() || object.isinstance::<ByteArray>()
}
