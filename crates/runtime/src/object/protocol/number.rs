//! Numbers: conversion of any object to an integer or a double, and arithmetic.

use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::float::Float;
use crate::types::int::Int;

/// The object as an integer by `__index__` (`PyNumber_Index`).
pub fn index(object: &Object) -> Result<Ref<Int>, Raised> {
    if let Some(value) = object.downcast::<Int>() {
        return Ok(Ref::from_borrowed(value));
    }
    let Some(slot) = object.ty().number().and_then(|suite| suite.nb_index.get()) else {
        return Err(raise!(TypeError, "'{}' object cannot be interpreted as an integer", object.ty().name()));
    };
    // SAFETY: the slot belongs to the object's own type.
    let value = unsafe { slot(object) }?;
    value
        .downcast_into::<Int>()
        .map_err(|other| raise!(TypeError, "__index__ returned non-int (type {})", other.ty().name()))
}

/// The object as a wide integer by `__index__`; beyond that an OverflowError that names the C type `name`.
pub fn to_i128_index(object: &Object, name: &str) -> Result<i128, Raised> {
    index(object)?.to_i128().ok_or_else(|| match name {
        "ssize_t" => raise!(OverflowError, "cannot fit 'int' into an index-sized integer"),
        _ => raise!(OverflowError, "Python int too large to convert to C {name}"),
    })
}

/// The object as a double by `__float__` or `__index__` (`PyFloat_AsDouble`).
pub fn to_f64(object: &Object) -> Result<f64, Raised> {
    if let Some(value) = object.downcast::<Float>() {
        return Ok(value.value());
    }
    let number = object.ty().number();
    if let Some(slot) = number.and_then(|suite| suite.nb_float.get()) {
        // SAFETY: the slot belongs to the object's own type.
        let value = unsafe { slot(object) }?;
        return match value.downcast::<Float>() {
            Some(value) => Ok(value.value()),
            None => Err(raise!(
                TypeError,
                "{}.__float__ returned non-float (type {})",
                object.ty().name(),
                value.ty().name()
            )),
        };
    }
    if number.is_some_and(|suite| suite.nb_index.get().is_some()) {
        return crate::types::int::value::to_f64(&*index(object)?);
    }
    Err(raise!(TypeError, "must be real number, not {}", object.ty().name()))
}
