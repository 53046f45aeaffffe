//! Numbers: conversion of any object to an integer or a double (`PyNumber_Index` and its like); arithmetic is in `operator`.

use crate::id;
use crate::object::{Object, PyType, Raised, Ref, Type};
use crate::raise;
use crate::types::float::Float;
use crate::types::int::Int;

pub use super::operator::{
    Operator, absolute, binary_op, binary_op_argument, divmod, inplace_op, inplace_power, invert, negative, positive,
    power,
};

/// The object as an integer by `__index__` (`_PyNumber_Index`): an instance of a subclass of int stays one.
#[inline]
pub fn index(object: &Object) -> Result<Ref<Int>, Raised> {
    if let Some(value) = object.downcast::<Int>() {
        return Ok(Ref::from_borrowed(value));
    }
    index_slow(object)
}

fn index_slow(object: &Object) -> Result<Ref<Int>, Raised> {
    let Some(slot) = object.ty().number().and_then(|suite| suite.nb_index.get()) else {
        return Err(raise!(TypeError, "'{}' object cannot be interpreted as an integer", object.ty().full_name()));
    };
    // SAFETY: the slot belongs to the object's own type.
    let value = unsafe { slot(object) }?;
    integer_result(value, "__index__")
}

/// What `__index__` or `__int__` gave, which must be an integer and should be one of exactly that type.
fn integer_result(value: Ref, method: &str) -> Result<Ref<Int>, Raised> {
    let value = value
        .downcast_into::<Int>()
        .map_err(|other| raise!(TypeError, "{method} returned non-int (type {})", other.ty().full_name()))?;
    if !value.is_exact::<Int>() {
        crate::exceptions::warn::warn(
            crate::exceptions::exc::DeprecationWarning(),
            format_args!(
                "{method} returned non-int (type {}).  The ability to return an instance of a strict subclass of int \
                 is deprecated, and may be removed in a future version of Python.",
                value.ty().full_name()
            ),
            1,
        )?;
    }
    Ok(value)
}

/// The object as an integer of exactly that type, by `__index__` (`PyNumber_Index`, `operator.index`).
pub fn index_exact(object: &Object) -> Result<Ref<Int>, Raised> {
    exact(index(object)?)
}

/// The same value as an integer of exactly that type.
fn exact(value: Ref<Int>) -> Result<Ref<Int>, Raised> {
    if value.is_exact::<Int>() {
        return Ok(value);
    }
    Int::from_digits(value.digits(), value.is_negative())
}

/// Whether the object has `__index__` (`PyIndex_Check`).
#[inline]
pub fn has_index(object: &Object) -> bool {
    object.is_exact::<Int>() || object.ty().number().is_some_and(|suite| suite.nb_index.get().is_some())
}

/// The object as an index by `__index__` (`PyNumber_AsSsize_t`): what does not fit raises `overflow`, or is clipped where there is
/// none.
#[inline]
pub fn index_as_size(object: &Object, overflow: Option<&Type>) -> Result<isize, Raised> {
    if let Some(value) = object.downcast_exact::<Int>()
        && value.is_single()
    {
        return Ok(value.small_value() as isize);
    }
    index_as_size_slow(object, overflow)
}

fn index_as_size_slow(object: &Object, overflow: Option<&Type>) -> Result<isize, Raised> {
    let value = index(object)?;
    match (value.to_i64(), overflow) {
        (Some(value), _) => Ok(value as isize),
        (None, None) => Ok(if value.is_negative() { isize::MIN } else { isize::MAX }),
        (None, Some(kind)) => {
            let message = crate::types::str::Str::from_format(format_args!(
                "cannot fit '{}' into an index-sized integer",
                object.ty().full_name()
            ))?;
            Err(crate::exceptions::raise_with_arguments(kind, &[&message]))
        }
    }
}

/// The object as an integer, as `int(object)` does for what is no text (`PyNumber_Long`): by `__int__`, `__index__` or
/// `__trunc__`; nothing where it has none of them.
pub fn number_to_int(object: &Object) -> Result<Option<Ref<Int>>, Raised> {
    if let Some(value) = object.downcast_exact::<Int>() {
        return Ok(Some(Ref::from_borrowed(value)));
    }
    if let Some(suite) = object.ty().number() {
        if let Some(slot) = suite.nb_int.get() {
            // SAFETY: the slot belongs to the object's own type.
            let value = unsafe { slot(object) }?;
            return exact(integer_result(value, "__int__")?).map(Some);
        }
        if suite.nb_index.get().is_some() {
            return index_exact(object).map(Some);
        }
    }
    let Some(truncate) = super::lookup_special(object, id!(__trunc__))? else { return Ok(None) };
    crate::exceptions::warn::warn(
        crate::exceptions::exc::DeprecationWarning(),
        format_args!("The delegation of int() to __trunc__ is deprecated."),
        1,
    )?;
    let value = super::call0(&truncate)?;
    if !has_index(&value) {
        return Err(raise!(TypeError, "__trunc__ returned non-Integral (type {})", value.ty().full_name()));
    }
    index_exact(&value).map(Some)
}

/// The object as a wide integer by `__index__`; beyond that an OverflowError that names the C type `name`.
pub fn to_i128_index(object: &Object, name: &str) -> Result<i128, Raised> {
    if let Some(value) = object.downcast_exact::<Int>()
        && value.is_single()
    {
        return Ok(i128::from(value.small_value()));
    }
    index(object)?.to_i128().ok_or_else(|| raise!(OverflowError, "Python int too large to convert to C {name}"))
}

/// The object as a double by `__float__` or `__index__` (`PyFloat_AsDouble`).
pub fn to_f64(object: &Object) -> Result<f64, Raised> {
    if let Some(value) = object.downcast::<Float>() {
        return Ok(value.value());
    }
    match special_float(object)? {
        Some(value) => Ok(value.value()),
        None if has_index(object) => crate::types::int::value::to_f64(&*index(object)?),
        None => Err(raise!(TypeError, "must be real number, not {}", object.ty().full_name())),
    }
}

/// What `__float__` gives, where the object has it.
fn special_float(object: &Object) -> Result<Option<Ref<Float>>, Raised> {
    let Some(slot) = object.ty().number().and_then(|suite| suite.nb_float.get()) else { return Ok(None) };
    // SAFETY: the slot belongs to the object's own type.
    let value = unsafe { slot(object) }?;
    let value = value.downcast_into::<Float>().map_err(|value| {
        raise!(TypeError, "{}.__float__ returned non-float (type {})", object.ty().full_name(), value.ty().full_name())
    })?;
    if !value.is_exact::<Float>() {
        crate::exceptions::warn::warn(
            crate::exceptions::exc::DeprecationWarning(),
            format_args!(
                "{}.__float__ returned non-float (type {}).  The ability to return an instance of a strict subclass of \
                 float is deprecated, and may be removed in a future version of Python.",
                object.ty().full_name(),
                value.ty().full_name()
            ),
            1,
        )?;
    }
    Ok(Some(value))
}

/// The object as a float of exactly that type, as `float(object)` does for what is no text (`PyNumber_Float`); nothing where
/// it has neither `__float__` nor `__index__`.
pub fn number_to_float(object: &Object) -> Result<Option<Ref<Float>>, Raised> {
    if let Some(value) = object.downcast_exact::<Float>() {
        return Ok(Some(Ref::from_borrowed(value)));
    }
    if let Some(value) = special_float(object)? {
        return if value.is_exact::<Float>() { Ok(Some(value)) } else { Float::new(value.value()).map(Some) };
    }
    if has_index(object) {
        return Float::new(crate::types::int::value::to_f64(&*index(object)?)?).map(Some);
    }
    object.downcast::<Float>().map(|value| Float::new(value.value())).transpose()
}

/// Whether the object's type is exactly int, for fast paths.
#[inline(always)]
pub fn is_exact_int(object: &Object) -> bool {
    std::ptr::eq(object.ty(), Int::type_object())
}
