//! `complex(...)`, and any object as a complex number.

use habu_numbers::complex::Complex as Number;
use habu_numbers::complex::text::{ParseComplexError, parse};

use super::Complex;
use crate::id;
use crate::object::protocol::number::{has_index, number_to_float, to_f64};
use crate::object::protocol::{call0, lookup_special};
use crate::object::{Object, PyType, Raised, Ref, Type};
use crate::raise;
use crate::types::float::Float;
use crate::types::int::text::AsciiText;
use crate::types::str::Str;

/// What `__complex__` gives, where the object has it.
fn special(object: &Object) -> Result<Option<Ref<Complex>>, Raised> {
    if let Some(value) = object.downcast_exact::<Complex>() {
        return Ok(Some(Ref::from_borrowed(value)));
    }
    let Some(method) = lookup_special(object, id!(__complex__))? else { return Ok(None) };
    let value = call0(&method)?
        .downcast_into::<Complex>()
        .map_err(|other| raise!(TypeError, "__complex__ returned non-complex (type {})", other.ty().full_name()))?;
    if !value.is_exact::<Complex>() {
        crate::exceptions::warn::warn(
            crate::exceptions::exc::DeprecationWarning(),
            format_args!(
                "__complex__ returned non-complex (type {}).  The ability to return an instance of a strict subclass of \
                 complex is deprecated, and may be removed in a future version of Python.",
                value.ty().full_name()
            ),
            1,
        )?;
    }
    Ok(Some(value))
}

/// The object as a complex number (`PyComplex_AsCComplex`): by `__complex__`, `__float__` or `__index__`.
pub fn to_complex(object: &Object) -> Result<Number, Raised> {
    if let Some(value) = object.downcast::<Complex>() {
        return Ok(value.value());
    }
    if let Some(value) = special(object)? {
        return Ok(value.value());
    }
    Ok(Number::new(to_f64(object)?, 0.0))
}

/// Whether the object may stand for a real number.
fn is_real(object: &Object) -> bool {
    object.isinstance::<Float>()
        || has_index(object)
        || object.ty().number().is_some_and(|suite| suite.nb_float.get().is_some())
}

fn parse_str(text: &Str) -> Result<Number, Raised> {
    let ascii = AsciiText::of(text)?;
    match parse(ascii.as_bytes()) {
        Ok(value) => Ok(value),
        Err(ParseComplexError::Malformed) => Err(raise!(ValueError, "complex() arg is a malformed string")),
        Err(ParseComplexError::Underscore) => {
            let shown = crate::object::protocol::repr(text)?;
            Err(raise!(ValueError, "could not convert string to complex: {}", &*shown))
        }
    }
}

/// `cls(real, imag)`
pub(super) fn new(cls: &Type, real: Option<&Object>, imag: Option<&Object>) -> Result<Ref<Complex>, Raised> {
    let exact = std::ptr::eq(cls, Complex::type_object());
    if let (Some(value), None) = (real, imag)
        && exact
        && let Some(value) = value.downcast_exact::<Complex>()
    {
        return Ok(Ref::from_borrowed(value));
    }
    if let Some(text) = real.and_then(Object::downcast::<Str>) {
        if imag.is_some() {
            return Err(raise!(TypeError, "complex() can't take second arg if first is a string"));
        }
        return Complex::instantiate(cls, parse_str(text)?);
    }
    if imag.is_some_and(|imag| imag.isinstance::<Str>()) {
        return Err(raise!(TypeError, "complex() second arg can't be a string"));
    }
    let made = match real {
        None => None,
        Some(real) => special(real)?,
    };
    let first: Option<&Object> = made.as_deref().map(|made| &**made).or(real);
    if let Some(first) = first.filter(|first| !first.isinstance::<Complex>() && !is_real(first)) {
        return Err(raise!(
            TypeError,
            "complex() first argument must be a string or a number, not '{}'",
            first.ty().full_name()
        ));
    }
    if let Some(imag) = imag.filter(|imag| !imag.isinstance::<Complex>() && !is_real(imag)) {
        return Err(raise!(TypeError, "complex() second argument must be a number, not '{}'", imag.ty().full_name()));
    }
    let part = |object: &Object| match object.downcast::<Complex>() {
        Some(value) => Ok((value.value(), true)),
        // A float of another class may say itself what it is.
        None => match number_to_float(object)? {
            Some(value) => Ok::<_, Raised>((Number::new(value.value(), 0.0), false)),
            None => Ok((Number::new(to_f64(object)?, 0.0), false)),
        },
    };
    let (mut value, first_is_complex) = first.map_or(Ok((Number::default(), false)), part)?;
    if let Some(imag) = imag {
        let (second, second_is_complex) = part(imag)?;
        // `real + imag * 1j`, without the roundings and signs of zeros that this would give.
        if second_is_complex {
            value.real -= second.imag;
        }
        value.imag = if first_is_complex { value.imag + second.real } else { second.real };
    }
    Complex::instantiate(cls, value)
}
