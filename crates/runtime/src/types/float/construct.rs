//! `float(...)`, `float.fromhex`, and conversions from floats to integers.

use habu_numbers::float::hex::HexError;
use habu_numbers::float::parse::parse_float;
use habu_numbers::float::ratio::{NotFinite, to_int};

use super::Float;
use crate::object::protocol::number::number_to_float;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::int::Int;
use crate::types::int::text::{AsciiText, buffer_text};
use crate::types::str::Str;

/// The value of a string.
pub fn parse_str(text: &Str) -> Result<f64, Raised> {
    let ascii = AsciiText::of(text)?;
    match parse_float(ascii.as_bytes()) {
        Some(value) => Ok(value),
        None => {
            let shown = crate::object::protocol::repr(text)?;
            Err(raise!(ValueError, "could not convert string to float: {}", &*shown))
        }
    }
}

/// `float(value)`
pub fn from_object(value: &Object) -> Result<Ref<Float>, Raised> {
    if let Some(text) = value.downcast_exact::<Str>() {
        return Float::new(parse_str(text)?);
    }
    if let Some(value) = number_to_float(value)? {
        return Ok(value);
    }
    if let Some(text) = value.downcast::<Str>() {
        return Float::new(parse_str(text)?);
    }
    if let Some(text) = buffer_text(value)? {
        return match parse_float(&text) {
            Some(value) => Float::new(value),
            None => {
                let shown = crate::object::protocol::repr(value)?;
                Err(raise!(ValueError, "could not convert string to float: {}", &*shown))
            }
        };
    }
    Err(raise!(TypeError, "float() argument must be a string or a real number, not '{}'", value.ty().full_name()))
}

/// `int(value)`
pub fn truncated(value: f64) -> Result<Ref<Int>, Raised> {
    if value.abs() < 9.0e18 {
        return Int::from_i64(value as i64);
    }
    match to_int(value) {
        Ok(value) => Int::from_number(&value),
        Err(error @ NotFinite::Infinite) => Err(raise!(OverflowError, "{}", error.integer_message())),
        Err(error @ NotFinite::NaN) => Err(raise!(ValueError, "{}", error.integer_message())),
    }
}

/// The value of a hexadecimal string.
pub(super) fn from_hex(text: &Object) -> Result<f64, Raised> {
    let Some(text) = text.downcast::<Str>() else {
        return Err(raise!(TypeError, "bad argument type for built-in operation"));
    };
    let text = text.to_string_lossy();
    habu_numbers::float::hex::from_hex(text.as_bytes()).map_err(|error| match error {
        HexError::Invalid => raise!(ValueError, "{}", error.message()),
        HexError::Overflow => raise!(OverflowError, "{}", error.message()),
    })
}
