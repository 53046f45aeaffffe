//! `modsupport.h`: objects by format (`Py_BuildValue`).

use std::ffi::c_void;

use habu_numbers::complex::Complex as Number;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::complex::Complex;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use crate::border::*;
use crate::getargs::{NOT_CLEAN, Units};

/// What builds an object from a pointer for `O&`.
type Builder = unsafe extern "C" fn(*mut c_void) -> Option<Ref>;

/// How many units there are up to `end`: those in brackets count as one.
fn count(units: &Units<'_>, end: u8) -> usize {
    let (mut depth, mut count) = (0usize, 0);
    for byte in units.rest {
        if depth == 0 && *byte == end {
            break;
        }
        match byte {
            b'(' | b'[' | b'{' => {
                count += usize::from(depth == 0);
                depth += 1;
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'#' | b'&' | b',' | b':' | b' ' | b'\t' => {}
            _ => count += usize::from(depth == 0),
        }
    }
    count
}

/// Passes what stands between units.
fn skip_separators(units: &mut Units<'_>) {
    while matches!(units.peek(), b',' | b':' | b' ' | b'\t') {
        units.next();
    }
}

/// The objects of all units up to `end`. Every unit is read even when one failed, so that references that are handed over are not lost.
fn values(units: &mut Units<'_>, end: u8, list: &mut VaList) -> Result<Ref<Tuple>, Raised> {
    let number = count(units, end);
    let mut failed = None;
    let mut read = |units: &mut Units<'_>| {
        skip_separators(units);
        value(units, list).unwrap_or_else(|raised| {
            // Where several fail the first is told of.
            match failed {
                None => failed = Some(raised.take()),
                Some(_) => raised.clear(),
            }
            none()
        })
    };
    let made = match Tuple::build(number, |_| Ok(read(units))) {
        Ok(made) => made,
        Err(raised) => {
            // There is no memory for the tuple, and no unit was read.
            let exception = raised.take();
            for _ in 0..number {
                drop(read(units));
            }
            return Err(habu_runtime::threads::Thread::current().set_exception(exception));
        }
    };
    skip_separators(units);
    let next = units.next();
    match failed {
        Some(exception) => {
            drop(made);
            Err(habu_runtime::threads::Thread::current().set_exception(exception))
        }
        None if next != end => Err(raise!(SystemError, "unmatched paren in format")),
        None => Ok(made),
    }
}

/// The object of the unit at the front.
fn value(units: &mut Units<'_>, list: &mut VaList) -> Result<Ref, Raised> {
    match units.next() {
        b'(' => Ok(values(units, b')', list)?.into_object()),
        b'[' => Ok(List::from_slice(values(units, b']', list)?.as_slice())?.into_object()),
        b'{' => {
            let items = values(units, b'}', list)?;
            if items.len() % 2 != 0 {
                return Err(raise!(SystemError, "Bad dict format"));
            }
            let dict = Dict::new()?;
            for pair in items.as_slice().chunks_exact(2) {
                dict.set(&pair[0], &pair[1])?;
            }
            Ok(dict.into_object())
        }
        b'b' | b'B' | b'h' | b'i' => Ok(Int::from_i64(i64::from(list.int()))?.into_object()),
        b'H' => Ok(Int::from_i64(i64::from(list.int() as u16))?.into_object()),
        b'I' => Ok(Int::from_u64(u64::from(list.int() as u32))?.into_object()),
        b'l' | b'L' | b'n' => Ok(Int::from_i64(list.long())?.into_object()),
        b'k' | b'K' => Ok(Int::from_u64(list.long() as u64)?.into_object()),
        b'd' | b'f' => Ok(Float::new(list.double())?.into_object()),
        b'D' => {
            let pointer = list.pointer::<[f64; 2]>();
            // SAFETY: the caller gives a complex number.
            let [re, im] = unsafe { pointer.read() };
            Ok(Complex::new(Number { real: re, imag: im })?.into_object())
        }
        b'p' => Ok(habu_runtime::types::boolean(list.int() != 0)),
        b'c' => Ok(Bytes::new(&[list.int() as u8])?.into_object()),
        b'C' => match u32::try_from(list.int()).ok().filter(|code| *code <= 0x10_FFFF) {
            Some(code) => Ok(Str::from_char(code)?.into_object()),
            None => Err(raise!(ValueError, "chr() arg not in range(0x110000)")),
        },
        b's' | b'z' | b'U' => match sized(units, list)? {
            Some(bytes) => Ok(utf8(bytes)?.into_object()),
            None => Ok(none()),
        },
        b'y' => match sized(units, list)? {
            Some(bytes) => Ok(Bytes::new(bytes)?.into_object()),
            None => Ok(none()),
        },
        b'u' => wide(units, list),
        b'N' => object(units, list, true),
        b'S' | b'O' => object(units, list, false),
        other => Err(raise!(SystemError, "bad format char passed to Py_BuildValue: {}", other as char)),
    }
}

/// The length that `#` asks for; callers without `PY_SSIZE_T_CLEAN` cannot say it.
fn length(units: &mut Units<'_>, list: &mut VaList) -> Result<Option<isize>, Raised> {
    if units.peek() != b'#' {
        return Ok(None);
    }
    units.next();
    if !units.clean {
        // What was given is passed over, so that the units after it are read from their own places.
        list.int();
        return Err(raise!(SystemError, "{NOT_CLEAN}"));
    }
    Ok(Some(list.long() as isize))
}

/// A C string with or without its length.
fn sized<'a>(units: &mut Units<'_>, list: &mut VaList) -> Result<Option<&'a [u8]>, Raised> {
    let text = list.text();
    let length = length(units, list)?;
    if text.is_null() {
        return Ok(None);
    }
    Ok(Some(match length {
        Some(length) if length >= 0 => memory(text.0, length),
        _ => text.bytes(),
    }))
}

fn wide(units: &mut Units<'_>, list: &mut VaList) -> Result<Ref, Raised> {
    let data = list.pointer::<u32>();
    let length = length(units, list)?;
    if data.is_null() {
        return Ok(none());
    }
    // SAFETY: the caller gives that many characters, or a string with an end.
    unsafe { crate::unicodeobject::PyUnicode_FromWideChar(data, length.unwrap_or(-1)) }
}

/// `O`, `S`, `N`, `O&`
fn object(units: &mut Units<'_>, list: &mut VaList, handed_over: bool) -> Result<Ref, Raised> {
    if units.peek() == b'&' {
        units.next();
        let builder = list.pointer::<c_void>();
        let argument = list.pointer::<c_void>();
        // SAFETY: the caller gives such a function and its argument.
        let made = unsafe { std::mem::transmute::<*mut c_void, Builder>(builder)(argument) };
        return made.ok_or_else(null_error);
    }
    let pointer = list.pointer::<Object>();
    let Some(pointer) = std::ptr::NonNull::new(pointer) else {
        if habu_runtime::threads::Thread::current().has_exception() {
            return Err(Raised::set());
        }
        return Err(raise!(SystemError, "NULL object passed to Py_BuildValue"));
    };
    // SAFETY: the caller gives an object, with a reference for `N`.
    unsafe {
        Ok(match handed_over {
            true => Ref::from_owned(pointer),
            false => pointer.as_ref().to_ref(),
        })
    }
}

/// `Py_BuildValue`: nothing is None, one unit its object, more a tuple.
fn build(format: Text, list: &mut VaList, clean: bool) -> Result<Ref, Raised> {
    let mut units = Units { rest: format.bytes(), clean };
    match count(&units, 0) {
        0 => Ok(none()),
        1 => {
            skip_separators(&mut units);
            value(&mut units, list)
        }
        _ => Ok(values(&mut units, 0, list)?.into_object()),
    }
}

/// The arguments of a call by format: a single tuple stands for all of them.
pub(crate) fn build_arguments(format: Text, list: &mut VaList, clean: bool) -> Result<Ref<Tuple>, Raised> {
    if format.is_null() || format.bytes().is_empty() {
        return Ok(Tuple::empty());
    }
    let mut units = Units { rest: format.bytes(), clean };
    let values = values(&mut units, 0, list)?;
    match values.as_slice() {
        [only] if only.isinstance::<Tuple>() => only.to_ref().downcast_into::<Tuple>().map_err(|_| null_error()),
        _ => Ok(values),
    }
}

/// `_Py_BuildValue_SizeT`; with `CLEAN` false `Py_BuildValue`, whose callers did not define `PY_SSIZE_T_CLEAN`.
unsafe extern "C" fn build_value<const CLEAN: bool>(format: Text, list: &mut VaList) -> New {
    build(format, list, CLEAN)
}

export! {
    fn Py_VaBuildValue(format: Text, list: &mut VaList) => New { build(format, list, false) }
    fn _Py_VaBuildValue_SizeT(format: Text, list: &mut VaList) => New { build(format, list, true) }
}

variadic! {
    Py_BuildValue fixed 1 => build_value::<false>;
    _Py_BuildValue_SizeT fixed 1 => build_value::<true>;
}
