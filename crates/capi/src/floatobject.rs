//! `floatobject.h`, `pystrtod.h`

use std::ffi::{c_char, c_int};

use habu_runtime::object::protocol::number;
use habu_runtime::object::{Object, Raised};
use habu_runtime::raise;
use habu_runtime::types::float::{Float, construct};
use habu_runtime::types::str::Str;

use crate::border::*;

/// The float that an object has; null is an internal error.
pub(crate) fn double(object: Option<&Object>) -> Result<f64, Raised> {
    match object {
        None => Err(bad_bad_argument()),
        Some(object) => match object.downcast::<Float>() {
            Some(value) => Ok(value.value()),
            None => number::to_f64(object),
        },
    }
}

fn bad_bad_argument() -> Raised {
    raise!(TypeError, "bad argument type for built-in operation")
}

/// Text of a float in memory of the mem domain, for C to free.
fn c_text(text: &str) -> Result<*mut c_char, Raised> {
    let Some(memory) = habu_heap::alloc(habu_heap::Domain::Mem, text.len() + 1) else {
        return Err(habu_runtime::exceptions::memory_error());
    };
    // SAFETY: there is room for the text and its end.
    unsafe {
        memory.as_ptr().copy_from_nonoverlapping(text.as_ptr(), text.len());
        memory.add(text.len()).write(0);
    }
    Ok(memory.as_ptr().cast())
}

/// The bits of a half-precision float, rounded to the nearest even; nothing when it is too large.
fn half(value: f64) -> Option<u16> {
    let sign = if value.is_sign_negative() { 0x8000u16 } else { 0 };
    let size = value.abs();
    if value.is_nan() {
        return Some(sign | 0x7e00);
    }
    if size.is_infinite() {
        return Some(sign | 0x7c00);
    }
    if size == 0.0 {
        return Some(sign);
    }
    let exponent = ((size.to_bits() >> 52) as i32 - 1023).max(-14);
    let unit = 2f64.powi(exponent - 10);
    let steps = (size / unit).round_ties_even();
    let bits = if exponent == -14 { steps as u32 } else { ((exponent + 14) as u32) * 1024 + steps as u32 };
    (bits < 0x7c00).then_some(sign | bits as u16)
}

fn from_half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits & 0x8000 != 0 { -size } else { size }
}

/// Writes bytes in the order that is asked for.
fn write<const N: usize>(out: *mut u8, mut bytes: [u8; N], little: c_int) {
    if little == 0 {
        bytes.reverse();
    }
    // SAFETY: the caller gives that many bytes.
    unsafe { out.copy_from_nonoverlapping(bytes.as_ptr(), N) }
}

fn read<const N: usize>(from: *const u8, little: c_int) -> [u8; N] {
    let mut bytes = [0; N];
    // SAFETY: the caller gives that many bytes.
    unsafe { bytes.as_mut_ptr().copy_from_nonoverlapping(from, N) }
    if little == 0 {
        bytes.reverse();
    }
    bytes
}

export! {
    fn PyFloat_FromDouble(value: f64) => New { Float::new(value) }
    fn PyFloat_AsDouble(object: Option<&Object>) => f64 { double(object) }
    fn PyFloat_FromString(object: &Object) => New {
        match object.downcast::<Str>() {
            Some(text) => Float::new(construct::parse_str(text)?),
            None => construct::from_object(object),
        }
    }
    fn PyFloat_GetMax() -> f64 { f64::MAX }
    fn PyFloat_GetMin() -> f64 { f64::MIN_POSITIVE }
    fn PyFloat_GetInfo() => New {
        let sys = habu_runtime::import::import_module("sys")?;
        habu_runtime::object::protocol::get_attribute_str(&sys, "float_info")
    }
    fn PyFloat_Pack2(value: f64, out: *mut u8, little: c_int) => c_int {
        match half(value) {
            Some(bits) => write(out, bits.to_le_bytes(), little),
            None => return Err(raise!(OverflowError, "float too large to pack with e format")),
        }
        Ok(())
    }
    fn PyFloat_Pack4(value: f64, out: *mut u8, little: c_int) => c_int {
        let single = value as f32;
        if single.is_infinite() && !value.is_infinite() {
            return Err(raise!(OverflowError, "float too large to pack with f format"));
        }
        write(out, single.to_le_bytes(), little);
        Ok(())
    }
    fn PyFloat_Pack8(value: f64, out: *mut u8, little: c_int) => c_int {
        write(out, value.to_le_bytes(), little);
        Ok(())
    }
    fn PyFloat_Unpack2(from: *const u8, little: c_int) -> f64 { from_half(u16::from_le_bytes(read(from, little))) }
    fn PyFloat_Unpack4(from: *const u8, little: c_int) -> f64 { f64::from(f32::from_le_bytes(read(from, little))) }
    fn PyFloat_Unpack8(from: *const u8, little: c_int) -> f64 { f64::from_le_bytes(read(from, little)) }
    fn PyOS_string_to_double(text: Text, end: Out<*mut c_char>, overflow: Option<&Object>) => f64 {
        let bytes = text.bytes();
        // Underscores between digits are the language's, not this function's: a number ends there.
        let number = bytes.split(|byte| *byte == b'_').next().unwrap_or_default();
        let parsed = habu_numbers::float::parse::parse_prefix(number);
        let wrong = || raise!(ValueError, "could not convert string to float: '{}'", text.lossy());
        let Some((value, rest)) = parsed.filter(|_| bytes.first().is_some_and(|byte| !byte.is_ascii_whitespace())) else {
            end.set(text.0.cast_mut());
            return Err(wrong());
        };
        let taken = number.len() - rest.len();
        if end.is_null() && taken < bytes.len() {
            return Err(wrong());
        }
        // SAFETY: within the string.
        end.set(unsafe { text.0.add(taken) }.cast_mut());
        let spelled = bytes[..taken].iter().any(|byte| byte.eq_ignore_ascii_case(&b'n'));
        if value.is_infinite()
            && !spelled
            && let Some(kind) = overflow
        {
            let message = Str::from_format(format_args!("value too large to convert to float: '{}'", text.lossy()))?;
            return Err(crate::pyerrors::set(kind, Some(message.into_object())));
        }
        Ok(value)
    }
    fn PyOS_double_to_string(value: f64, format: c_char, precision: c_int, flags: c_int, kind: Out<c_int>) => *mut c_char {
        kind.set(if value.is_nan() { 2 } else { c_int::from(value.is_infinite()) });
        let mut text = match format as u8 {
            b'r' => habu_numbers::float::text::repr(value).trim_end_matches(".0").to_owned(),
            code => {
                let spec = format!(".{}{}", precision.max(0), code as char);
                let made = Float::new(value)?;
                let formatted = habu_runtime::types::float::format::format(&made, &*Str::new(&spec)?)?;
                formatted.to_string_lossy()
            }
        };
        const SIGN: c_int = 1;
        const ADD_DOT_0: c_int = 2;
        if flags & ADD_DOT_0 != 0 && value.is_finite() && !text.contains(['.', 'e', 'E']) {
            text.push_str(".0");
        }
        if flags & SIGN != 0 && !text.starts_with('-') {
            text.insert(0, '+');
        }
        c_text(&text)
    }
    fn _Py_HashDouble(object: &Object, value: f64) -> isize {
        habu_runtime::types::float::compare::hash_of(value, object)
    }
}
