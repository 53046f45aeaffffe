//! `int(...)`: of numbers, of text and bytes with a base.

use super::text::{buffer_text, bytes_repr, parse, parse_str};
use super::{INT_TYPE, Int};
use crate::object::args::{self, Signature};
use crate::object::protocol::number::{index_as_size, number_to_int};
use crate::object::{Object, Raised, Ref, Type};
use crate::raise;
use crate::types::bytearray::ByteArray;
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// The parameters of `int`.
static SIGNATURE: Signature = TABLE;
const TABLE: Signature = Signature {
    function: "int",
    names: &["", "base"],
    required: &[false, false],
    positional_only: 1,
    positional: 2,
    varargs: false,
    words: crate::object::args::Words::Clinic,
};

/// `int(*arguments, **{names: ..})`, without a tuple.
pub(super) fn call_type(arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref<Int>, Raised> {
    match (arguments, names) {
        ([], _) => return Int::from_i64(0),
        ([value], None) => return from_object(value),
        _ => {}
    }
    let mut bound = [None; 2];
    args::bind(&SIGNATURE, const { TABLE.needed() }, arguments, names, &mut bound)?;
    make(bound[0], bound[1])
}

/// `cls(value, base)`
pub(super) fn new(cls: &Type, value: Option<&Object>, base: Option<&Object>) -> Result<Ref<Int>, Raised> {
    let made = make(value, base)?;
    if std::ptr::eq(cls, &raw const INT_TYPE.ty) { Ok(made) } else { made.instantiate(cls) }
}

fn make(value: Option<&Object>, base: Option<&Object>) -> Result<Ref<Int>, Raised> {
    match (value, base) {
        (None, None) => Int::from_i64(0),
        (None, Some(_)) => Err(raise!(TypeError, "int() missing string argument")),
        (Some(value), None) => from_object(value),
        (Some(value), Some(base)) => with_base(value, index_as_size(base, None)?),
    }
}

/// `int(value, base)`
fn with_base(value: &Object, base: isize) -> Result<Ref<Int>, Raised> {
    if base != 0 && !(2..=36).contains(&base) {
        return Err(raise!(ValueError, "int() base must be >= 2 and <= 36, or 0"));
    }
    if let Some(text) = value.downcast::<Str>() {
        return parse_str(text, base as u32);
    }
    if (value.isinstance::<Bytes>() || value.isinstance::<ByteArray>())
        && let Some(text) = buffer_text(value)?
    {
        return parse_bytes(&text, base as u32);
    }
    Err(raise!(TypeError, "int() can't convert non-string with explicit base"))
}

fn parse_bytes(text: &[u8], base: u32) -> Result<Ref<Int>, Raised> {
    parse(text, base, || bytes_repr(&text[..text.len().min(200)]))
}

/// `int(value)`: by `__int__`, `__index__` or `__trunc__`, or of text in base 10.
pub fn from_object(value: &Object) -> Result<Ref<Int>, Raised> {
    if let Some(value) = value.downcast_exact::<Int>() {
        return Ok(Ref::from_borrowed(value));
    }
    if let Some(text) = value.downcast_exact::<Str>() {
        return parse_str(text, 10);
    }
    if let Some(value) = number_to_int(value)? {
        return Ok(value);
    }
    if let Some(text) = value.downcast::<Str>() {
        return parse_str(text, 10);
    }
    if let Some(text) = buffer_text(value)? {
        return parse_bytes(&text, 10);
    }
    Err(raise!(
        TypeError,
        "int() argument must be a string, a bytes-like object or a real number, not '{}'",
        value.ty().full_name()
    ))
}
