//! `longobject.h`

use std::ffi::{c_char, c_int, c_long, c_ulong, c_void};

use habu_numbers::digits;
use habu_runtime::object::protocol::number;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::int::{Int, arithmetic, text};
use habu_runtime::types::str::Str;

use crate::border::*;

/// The integer that an object is or has by `__index__`; null is an internal error.
fn integer(object: Option<&Object>) -> Result<Ref<Int>, Raised> {
    match object {
        None => Err(bad_internal_call()),
        Some(object) => match object.downcast::<Int>() {
            Some(value) => Ok(Ref::from_borrowed(value)),
            None => number::index(object),
        },
    }
}

/// The integer that an object is; nothing else will do.
fn exact(object: Option<&Object>) -> Result<&Int, Raised> {
    match object {
        None => Err(bad_internal_call()),
        Some(object) => object.downcast::<Int>().ok_or_else(|| raise!(TypeError, "an integer is required")),
    }
}

/// The low 64 bits in two's complement.
fn mask(value: &Int) -> u64 {
    let mut bits = 0u64;
    for (index, digit) in value.digits().iter().enumerate().take(3) {
        bits |= u64::from(*digit).checked_shl(30 * index as u32).unwrap_or(0);
    }
    if value.is_negative() { bits.wrapping_neg() } else { bits }
}

#[inline(always)]
fn signed(object: Option<&Object>, name: &str) -> Result<i64, Raised> {
    // Nearly always a small integer, which is read where it stands.
    match object.and_then(Object::downcast::<Int>).and_then(Int::two_digits) {
        Some(value) => Ok(value),
        None => signed_any(object, name),
    }
}

#[inline(never)]
fn signed_any(object: Option<&Object>, name: &str) -> Result<i64, Raised> {
    let value = integer(object)?;
    value.to_i64().ok_or_else(|| raise!(OverflowError, "Python int too large to convert to C {name}"))
}

fn unsigned(object: Option<&Object>, name: &str) -> Result<u64, Raised> {
    let value = exact(object)?;
    match value.to_u64() {
        Some(value) => Ok(value),
        None if value.is_negative() => Err(raise!(OverflowError, "can't convert negative value to {name}")),
        None => Err(raise!(OverflowError, "Python int too large to convert to C {name}")),
    }
}

/// As `signed`, with overflow told by -1 or 1.
fn with_overflow(object: Option<&Object>, overflow: Out<c_int>) -> Result<i64, Raised> {
    overflow.set(0);
    let value = integer(object)?;
    match value.to_i64() {
        Some(value) => Ok(value),
        None => {
            overflow.set(if value.is_negative() { -1 } else { 1 });
            Ok(-1)
        }
    }
}

/// What a converter of `PyArg_Parse` for unsigned numbers does: values that do not fit are errors.
fn convert<T: TryFrom<u64>>(object: &Object, result: Out<T>, name: &str) -> Result<bool, Raised> {
    let value = match object.downcast::<Int>() {
        Some(value) => Ref::from_borrowed(value),
        None => number::index(object)?,
    };
    if value.is_negative() {
        return Err(raise!(ValueError, "value must be positive"));
    }
    match value.to_u64().and_then(|value| T::try_from(value).ok()) {
        Some(value) => {
            result.set(value);
            Ok(true)
        }
        None => Err(raise!(OverflowError, "Python int too large to convert to C {name}")),
    }
}

/// A converter gives 1, or 0 with an exception.
pub(crate) fn converted(result: Result<bool, Raised>) -> c_int {
    c_int::from(result.unwrap_or(false))
}

export! {
    fn PyLong_FromLong(value: c_long) => New { Int::from_i64(value) }
    fn PyLong_FromUnsignedLong(value: c_ulong) => New { Int::from_u64(value) }
    fn PyLong_FromLongLong(value: i64) => New { Int::from_i64(value) }
    fn PyLong_FromUnsignedLongLong(value: u64) => New { Int::from_u64(value) }
    fn PyLong_FromSsize_t(value: isize) => New { Int::from_i64(value as i64) }
    fn PyLong_FromSize_t(value: usize) => New { Int::from_u64(value as u64) }
    fn PyLong_FromVoidPtr(value: *const c_void) => New { Int::from_u64(value as u64) }
    fn PyLong_FromDouble(value: f64) => New {
        habu_runtime::types::float::construct::truncated(value)
    }
    fn PyLong_FromString(text: Text, end: Out<*mut c_char>, base: c_int) => New {
        let bytes = text.bytes();
        if end.is_null() {
            return parse(bytes, base).map(Ref::into_object);
        }
        // The longest part that is a number counts; the caller looks at where it ends.
        for length in (1..=bytes.len()).rev() {
            if let Ok(value) = parse(&bytes[..length], base) {
                // SAFETY: within the string.
                end.set(unsafe { text.0.add(length) }.cast_mut());
                return Ok(value.into_object());
            }
            Raised::set().clear();
        }
        end.set(text.0.cast_mut());
        parse(bytes, base).map(Ref::into_object)
    }
    fn PyLong_FromUnicodeObject(text: &Object, base: c_int) => New {
        check_base(base)?;
        text::parse_str(expect::<Str>(text)?, base as u32)
    }
    fn PyLong_AsLong(object: Option<&Object>) => c_long { signed(object, "long") }
    fn PyLong_AsLongAndOverflow(object: Option<&Object>, overflow: Out<c_int>) => c_long { with_overflow(object, overflow) }
    fn PyLong_AsLongLong(object: Option<&Object>) => i64 { signed(object, "long long") }
    fn PyLong_AsLongLongAndOverflow(object: Option<&Object>, overflow: Out<c_int>) => i64 { with_overflow(object, overflow) }
    fn PyLong_AsSsize_t(object: Option<&Object>) => isize {
        let value = exact(object)?;
        if let Some(value) = value.two_digits() {
            return Ok(value as isize);
        }
        let number = value.to_i64().map(|value| value as isize);
        number.ok_or_else(|| raise!(OverflowError, "Python int too large to convert to C ssize_t"))
    }
    fn PyLong_AsSize_t(object: Option<&Object>) => u64 {
        let value = exact(object)?;
        match value.to_u64() {
            Some(value) => Ok(value),
            None if value.is_negative() => Err(raise!(OverflowError, "can't convert negative value to size_t")),
            None => Err(raise!(OverflowError, "Python int too large to convert to C size_t")),
        }
    }
    fn PyLong_AsUnsignedLong(object: Option<&Object>) => u64 {
        unsigned(object, "unsigned long")
    }
    fn PyLong_AsUnsignedLongLong(object: Option<&Object>) => u64 {
        let value = exact(object)?;
        match value.to_u64() {
            Some(value) => Ok(value),
            None if value.is_negative() => Err(raise!(OverflowError, "can't convert negative int to unsigned")),
            None => Err(raise!(OverflowError, "int too big to convert")),
        }
    }
    fn PyLong_AsUnsignedLongMask(object: Option<&Object>) => u64 { Ok(mask(&*integer(object)?)) }
    fn PyLong_AsUnsignedLongLongMask(object: Option<&Object>) => u64 { Ok(mask(&*integer(object)?)) }
    fn PyLong_AsDouble(object: Option<&Object>) => f64 {
        habu_runtime::types::int::value::to_f64(exact(object)?)
    }
    fn PyLong_AsVoidPtr(object: Option<&Object>) => *mut c_void {
        let value = exact(object)?;
        match value.to_i64() {
            Some(value) => Ok(value as usize as *mut c_void),
            None => Ok(unsigned(object, "unsigned long")? as usize as *mut c_void),
        }
    }
    fn _PyLong_AsInt(object: Option<&Object>) => c_int {
        let value = integer(object)?;
        let number = value.to_i64().and_then(|value| c_int::try_from(value).ok());
        number.ok_or_else(|| raise!(OverflowError, "Python int too large to convert to C int"))
    }
    fn _PyLong_AsTime_t(object: Option<&Object>) => i64 { signed(object, "time_t") }
    fn _PyLong_FromTime_t(value: i64) => New { Int::from_i64(value) }
    fn _PyLong_New(count: isize) => New { Int::unfilled(count.max(0) as usize) }
    fn _PyLong_Copy(value: &Int) => New { value.to_exact() }
    fn _PyLong_Sign(value: &Int) -> c_int { value.base.size.get().signum() as c_int }
    fn _PyLong_NumBits(value: &Int) => usize {
        let digits = value.digits();
        match digits.last() {
            None => Ok(0),
            Some(last) => Ok((digits.len() - 1) * 30 + (32 - last.leading_zeros()) as usize),
        }
    }
    fn _PyLong_AsByteArray(value: &Int, bytes: *mut u8, length: usize, little: c_int, is_signed: c_int) => c_int {
        // SAFETY: the caller gives that many bytes.
        let out = unsafe { std::slice::from_raw_parts_mut(bytes, length) };
        match digits::bytes::to_bytes(value.signed(), out, little != 0, is_signed != 0) {
            Ok(()) => Ok(()),
            Err(error) => Err(raise!(OverflowError, "{}", error.message())),
        }
    }
    fn _PyLong_FromByteArray(bytes: *const c_char, length: usize, little: c_int, is_signed: c_int) => New {
        let bytes = memory(bytes, length as isize);
        Int::build_signed(digits::bytes::from_bytes_size(length), |out| {
            digits::bytes::from_bytes(bytes, little != 0, is_signed != 0, out)
        })
    }
    fn _PyLong_GCD(left: &Int, right: &Int) => New {
        Int::from_number(&digits::gcd::gcd(left.digits(), right.digits()))
    }
    fn _PyLong_Frexp(value: &Int, exponent: Out<isize>) => f64 {
        let (fraction, power) = digits::float::frexp(value.signed());
        exponent.set(power as isize);
        Ok(fraction)
    }
    fn _PyLong_Format(value: &Object, base: c_int) => New {
        let number = number::index(value)?;
        let spec = match base {
            2 => "#b",
            8 => "#o",
            16 => "#x",
            _ => return Ok(habu_runtime::object::protocol::repr(&number)?.into_object()),
        };
        Ok(habu_runtime::object::protocol::format(&number, Some(&*Str::new(spec)?))?.into_object())
    }
    fn _PyLong_DivmodNear(left: &Object, right: &Object) => New {
        let (left, right) = (expect::<Int>(left)?, expect::<Int>(right)?);
        let (mut quotient, mut rest) = arithmetic::divmod(left, right)?;
        // To the nearest, a half to the even one.
        let twice = arithmetic::add(&rest, &rest)?;
        let (rest_size, right_size) = (arithmetic::absolute(&twice)?, arithmetic::absolute(right)?);
        let order = habu_runtime::types::int::compare::compare(&rest_size, &right_size);
        let odd = mask(&quotient) & 1 == 1;
        if order.is_gt() || (order.is_eq() && odd) {
            quotient = arithmetic::add(&quotient, &*Int::from_i64(1)?)?;
            rest = arithmetic::subtract(&rest, right)?;
        }
        habu_runtime::types::tuple::Tuple::from_refs([quotient.into_object(), rest.into_object()])
    }
    fn _PyLong_Rshift(value: &Object, count: usize) => New {
        habu_runtime::types::int::bits::right_shift(expect::<Int>(value)?, &*Int::from_u64(count as u64)?)
    }
    fn _PyLong_Lshift(value: &Object, count: usize) => New {
        habu_runtime::types::int::bits::left_shift(expect::<Int>(value)?, &*Int::from_u64(count as u64)?)
    }
    fn _PyLong_FromBytes(text: *const c_char, length: isize, base: c_int) => New { parse(memory(text, length), base) }
    fn _PyLong_UnsignedShort_Converter(object: &Object, result: Out<u16>) -> c_int {
        converted(convert(object, result, "unsigned short"))
    }
    fn _PyLong_UnsignedInt_Converter(object: &Object, result: Out<u32>) -> c_int {
        converted(convert(object, result, "unsigned int"))
    }
    fn _PyLong_UnsignedLong_Converter(object: &Object, result: Out<u64>) -> c_int {
        converted(convert(object, result, "unsigned long"))
    }
    fn _PyLong_UnsignedLongLong_Converter(object: &Object, result: Out<u64>) -> c_int {
        converted(convert(object, result, "unsigned long long"))
    }
    fn _PyLong_Size_t_Converter(object: &Object, result: Out<usize>) -> c_int {
        converted(convert(object, result, "size_t"))
    }
    fn _PyLong_FileDescriptor_Converter(object: &Object, result: Out<c_int>) -> c_int {
        match crate::fileobject::descriptor(object) {
            Ok(descriptor) => {
                result.set(descriptor);
                1
            }
            Err(_) => 0,
        }
    }
    fn PyOS_strtol(text: Text, end: Out<*mut c_char>, base: c_int) -> c_long {
        // SAFETY: a C string; the place may be null.
        unsafe { libc::strtol(text.0, end.0, base) }
    }
    fn PyOS_strtoul(text: Text, end: Out<*mut c_char>, base: c_int) -> c_ulong {
        // SAFETY: a C string; the place may be null.
        unsafe { libc::strtoul(text.0, end.0, base) }
    }
    fn PyLong_GetInfo() => New {
        let sys = habu_runtime::import::import_module("sys")?;
        habu_runtime::object::protocol::get_attribute_str(&sys, "int_info")
    }
}

fn check_base(base: c_int) -> Result<(), Raised> {
    if base != 0 && !(2..=36).contains(&base) {
        return Err(raise!(ValueError, "int() arg 2 must be >= 2 and <= 36"));
    }
    Ok(())
}

fn parse(bytes: &[u8], base: c_int) -> Result<Ref<Int>, Raised> {
    check_base(base)?;
    text::parse(bytes, base as u32, || habu_runtime::object::protocol::repr(&*utf8_replace(bytes)?))
}
