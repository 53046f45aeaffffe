//! Arrays from pickles, in the formats of other machines.

use habu_heap::Buffer;
use habu_runtime::object::protocol::call1;
use habu_runtime::object::{Object, PyType, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::str::Str;

use super::kind::{KINDS, Kind, kind_of};
use super::store::Array;

/// A machine format: the bytes of an item, whether integers have a sign, and whether the highest byte comes first.
struct Format {
    size: usize,
    signed: bool,
    big: bool,
}

/// The format of a number: integers up to 13, floats from 14, text from 18.
fn format_of(code: i32) -> Option<Format> {
    let (size, signed) = match code {
        0 | 1 => return Some(Format { size: 1, signed: code == 1, big: false }),
        2 | 3 => (2, false),
        4 | 5 => (2, true),
        6 | 7 => (4, false),
        8 | 9 => (4, true),
        10 | 11 => (8, false),
        12 | 13 => (8, true),
        14 | 15 => (4, true),
        16 | 17 => (8, true),
        18 | 19 => (2, false),
        20 | 21 => (4, false),
        _ => return None,
    };
    Some(Format { size, signed, big: code % 2 == 1 })
}

/// An item's bytes as a number.
fn load(item: &[u8], big: bool) -> u64 {
    let add = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    if big { item.iter().fold(0, add) } else { item.iter().rev().fold(0, add) }
}

/// `cls(typecode, items)`
fn construct(cls: &Type, kind: &Kind, items: &Object) -> Result<Ref, Raised> {
    let code = Str::from_char(u32::from(kind.code))?;
    habu_runtime::object::protocol::call(cls, &[&*code, items])
}

/// The text of units of 16 or 32 bits.
fn text(bytes: &[u8], format: &Format) -> Result<Ref, Raised> {
    let name = match (format.size, format.big) {
        (2, false) => "utf-16-le",
        (2, true) => "utf-16-be",
        (_, false) => "utf-32-le",
        (_, true) => "utf-32-be",
    };
    let bytes = Bytes::new(bytes)?;
    let decode = habu_runtime::object::protocol::get_attribute_str(&bytes, "decode")?;
    call1(&decode, &*Str::new(name)?)
}

/// `array._array_reconstructor`
pub(super) fn reconstruct(cls: &Object, code: &Object, format_code: i32, items: &Object) -> Result<Ref, Raised> {
    let Some(cls) = cls.downcast::<Type>() else {
        return Err(raise!(TypeError, "first argument must be a type object, not {}", cls.ty().full_name()));
    };
    if !cls.is_subtype(Array::type_object()) {
        return Err(raise!(TypeError, "{} is not a subtype of array.array", cls.full_name()));
    }
    let kind = code.downcast::<Str>().filter(|code| code.len() == 1).and_then(|code| kind_of(code.chars().at(0)));
    let Some(kind) = kind else { return Err(raise!(ValueError, "second argument must be a valid type code")) };
    let Some(format) = format_of(format_code) else {
        return Err(raise!(ValueError, "third argument must be a valid machine format code."));
    };
    let Some(bytes) = items.downcast::<Bytes>() else {
        return Err(raise!(TypeError, "fourth argument should be bytes, not {}", items.ty().full_name()));
    };
    if format_code == kind.format {
        return construct(cls, kind, items);
    }
    let bytes = bytes.as_slice();
    if bytes.len() % format.size != 0 {
        return Err(raise!(ValueError, "bytes length not a multiple of item size"));
    }
    if format_code >= 18 {
        return construct(cls, kind, &*text(bytes, &format)?);
    }
    let mut values = Buffer::<Ref>::new();
    for item in bytes.chunks_exact(format.size) {
        let word = load(item, format.big);
        let unused = 64 - 8 * format.size as u32;
        values.push(match format_code {
            14 | 15 => Float::new(f64::from(f32::from_bits(word as u32)))?.into_object(),
            16 | 17 => Float::new(f64::from_bits(word))?.into_object(),
            _ if format.signed => Int::from_i64((word << unused) as i64 >> unused)?.into_object(),
            _ => Int::from_u64(word)?.into_object(),
        })?;
    }
    // Integers go to the kind that has their size here.
    let fitting = KINDS.iter().rfind(|other| {
        format_code < 14 && other.is_integer() && other.size == format.size && other.is_signed() == format.signed
    });
    construct(cls, fitting.unwrap_or(kind), &*List::from_slice(&values)?)
}
