//! `format(integer, spec)` and `%d` and its like; the strings that `habu_numbers` describes.

use habu_numbers::digits::Signed;
use habu_numbers::format_spec::{Defaults, FormatError, Formatted, Locale, Spec, number};
use habu_numbers::percent;

use super::Int;
use super::arithmetic::working_memory;
use super::text::{check_limit, check_written};
use crate::exceptions::{exc, memory_error};
use crate::object::protocol::number::{has_index, index, number_to_int};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::threads::Thread;
use crate::types::str::{Chars, Str};

/// The exception that a refused specification raises.
#[cold]
pub fn refused(error: FormatError) -> Raised {
    match error {
        FormatError::Value(text) => raise!(ValueError, "{text}"),
        FormatError::Points(points) => match Str::from_code_points(&points) {
            Ok(message) => crate::exceptions::raise_with_arguments(exc::ValueError(), &[&message]),
            Err(raised) => raised,
        },
        FormatError::Overflow(text) => raise!(OverflowError, "{text}"),
        FormatError::Memory => memory_error(),
    }
}

/// The string that a formatted number is.
pub fn to_str(formatted: &Formatted) -> Result<Ref<Str>, Raised> {
    let length = formatted.len();
    if length <= 1 {
        let mut only = None;
        let _ = formatted.for_each::<()>(|code, _| {
            only = Some(code);
            Ok(())
        });
        return match only {
            Some(code) => Str::from_char(code),
            None => Str::new(""),
        };
    }
    Str::assemble(length, formatted.max_code_point(), |to| {
        let _ = formatted.for_each::<()>(|code, count| {
            to.fill(code, count);
            Ok(())
        });
    })
}

/// The defaults of a type, for an object whose type has this name; digits of any script are digits.
pub fn defaults_for<'a>(defaults: Defaults<'static>, type_name: &'a str) -> Defaults<'a> {
    Defaults { type_name, decimal: habu_text::unicode::decimal, ..defaults }
}

/// Parses a specification into an empty one.
pub fn parse_spec(text: &Str, spec: &mut Spec, defaults: &Defaults<'_>) -> Result<(), Raised> {
    let chars = text.chars();
    let read = match chars {
        Chars::One(bytes) => spec.read(bytes.len(), |index| bytes[index].into(), defaults),
        _ => spec.read(chars.len(), |index| chars.at(index), defaults),
    };
    read.map_err(refused)
}

/// Calls `body` with what the C library's locale says about numbers, which the type `n` heeds.
pub fn with_locale<R>(kind: u32, body: impl FnOnce(&Locale<'_>) -> R) -> R {
    if kind != u32::from(b'n') {
        return body(&Locale::C);
    }
    // SAFETY: localeconv gives a pointer to static data, whose strings end with NUL; they are copied before anything else runs.
    let (point, separator, grouping) = unsafe {
        let found = &*libc::localeconv();
        let copy = |text: *const std::ffi::c_char| std::ffi::CStr::from_ptr(text).to_bytes().to_vec();
        (copy(found.decimal_point), copy(found.thousands_sep), copy(found.grouping))
    };
    let (point, separator) = (String::from_utf8_lossy(&point), String::from_utf8_lossy(&separator));
    body(&Locale { decimal_point: &point, thousands_separator: &separator, grouping: &grouping })
}

/// `format(value, spec)`
pub fn format(value: &Int, spec: &Str) -> Result<Ref<Str>, Raised> {
    if spec.len() == 0 {
        return crate::object::protocol::str(value);
    }
    let name = value.ty().full_name();
    let defaults = defaults_for(Defaults::INT, name);
    let (text, mut spec) = (spec, Spec::empty(&defaults));
    parse_spec(text, &mut spec, &defaults)?;
    if spec.kind == u32::from(b'd') || spec.kind == u32::from(b'n') {
        check_limit(value, None)?;
        check_written(value)?;
    }
    let _working = characters(value, spec.kind)?;
    let formatted =
        with_locale(spec.kind, |locale| number::format_int(value.signed(), &spec, locale, name)).map_err(refused)?;
    to_str(&formatted)
}

/// Charges what the text of a large number takes until it is a string: a character for each bit of a binary one.
fn characters(value: &Int, kind: u32) -> Result<Option<habu_heap::Working>, Raised> {
    let for_a_digit = match u8::try_from(kind) {
        Ok(b'b') => 3,
        Ok(b'x' | b'X' | b'o') => 1,
        _ => 2,
    };
    working_memory(value.digits().len().saturating_mul(for_a_digit))
}

/// The object as the integer that a conversion of `%` shows: for `o`, `x` and `X` by `__index__`, else as `int` does it.
fn percent_operand(value: &Object, kind: u8) -> Result<Ref<Int>, Raised> {
    if let Some(value) = value.downcast::<Int>() {
        return Ok(Ref::from_borrowed(value));
    }
    let by_index = matches!(kind, b'o' | b'x' | b'X');
    let wanted = if by_index { "an integer" } else { "a real number" };
    let refuse =
        || raise!(TypeError, "%{} format: {wanted} is required, not {}", char::from(kind), value.ty().full_name());
    let is_number = has_index(value)
        || value.ty().number().is_some_and(|suite| suite.nb_int.get().is_some() || suite.nb_float.get().is_some());
    if !is_number {
        return Err(refuse());
    }
    let converted = if by_index { index(value).map(Some) } else { number_to_int(value) };
    match converted {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(refuse()),
        Err(raised) => {
            let is_type_error =
                Thread::current().exception().is_some_and(|error| error.ty().is_subtype(exc::TypeError()));
            if !is_type_error {
                return Err(raised);
            }
            raised.clear();
            Err(refuse())
        }
    }
}

/// An integer by `%d`, `%i`, `%u`, `%o`, `%x` or `%X`, as `kind` says.
pub fn percent(
    value: &Object,
    kind: u8,
    flags: percent::Flags,
    width: usize,
    precision: Option<usize>,
) -> Result<Formatted, Raised> {
    let value = percent_operand(value, kind)?;
    if !matches!(kind, b'o' | b'x' | b'X') {
        check_limit(&value, None)?;
        check_written(&value)?;
    }
    let _working = characters(&value, kind.into())?;
    percent_digits(value.signed(), kind, flags, width, precision)
}

/// As `percent`, of digits.
pub fn percent_digits(
    value: Signed<'_>,
    kind: u8,
    flags: percent::Flags,
    width: usize,
    precision: Option<usize>,
) -> Result<Formatted, Raised> {
    percent::format_int(value, kind, flags, width, precision).map_err(|_| memory_error())
}
