//! Values to bytes and back.

use habu_runtime::object::protocol::number::{has_index, index, to_f64};
use habu_runtime::object::protocol::truth;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::boolean;
use habu_runtime::types::tuple::Tuple;

use super::error;
use super::layout::{Item, Kind, Layout};

/// The bits of a half-precision float, rounded half to even; nothing when it is too large.
fn to_half(value: f64) -> Option<u16> {
    let sign = if value.is_sign_negative() { 0x8000 } else { 0 };
    let size = value.abs();
    if value.is_nan() {
        return Some(sign | 0x7e00);
    }
    if size.is_infinite() {
        return Some(sign | 0x7c00);
    }
    if size >= 65520.0 {
        return None;
    }
    let bits = if size < 6.103515625e-05 {
        // Subnormal, or just rounded up to the smallest that is not.
        (size * 16_777_216.0).round_ties_even() as u16
    } else {
        let exponent = (size.to_bits() >> 52) as i32 - 1023;
        let mantissa = (size * 2f64.powi(10 - exponent)).round_ties_even() as u16;
        (((exponent + 15) as u16) << 10) + (mantissa - 1024)
    };
    Some(sign | bits)
}

/// The value of a half-precision float.
fn from_half(bits: u16) -> f64 {
    let mantissa = f64::from(bits & 0x3ff);
    let size = match bits >> 10 & 31 {
        0 => mantissa / 16_777_216.0,
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1.0 + mantissa / 1024.0) * 2f64.powi(i32::from(exponent) - 15),
    };
    if bits & 0x8000 != 0 { -size } else { size }
}

/// The value as an integer.
fn integer(value: &Object) -> Result<Ref<Int>, Raised> {
    if let Some(value) = value.downcast::<Int>() {
        return Ok(Ref::from_borrowed(value));
    }
    if !has_index(value) {
        return Err(error(format_args!("required argument is not an integer")));
    }
    index(value)
}

#[cold]
fn too_large() -> Raised {
    error(format_args!("int too large to convert"))
}

#[cold]
fn out_of_range() -> Raised {
    error(format_args!("argument out of range"))
}

/// The error of an integer that the item has no room for.
#[cold]
fn no_room(layout: &Layout, item: &Item) -> Raised {
    match (item.kind, item.size) {
        (Kind::Signed, 1) => error(format_args!("byte format requires -128 <= number <= 127")),
        (Kind::Unsigned, 1) => error(format_args!("ubyte format requires 0 <= number <= 255")),
        (Kind::Signed, 2) if !layout.big => error(format_args!("short format requires -32768 <= number <= 32767")),
        (Kind::Unsigned, 2) if !layout.big => error(format_args!("ushort format requires 0 <= number <= 65535")),
        (Kind::Signed, size) => {
            let limit = 1i64 << (8 * size - 1).min(62);
            let letter = char::from(item.letter);
            error(format_args!("'{letter}' format requires {} <= number <= {}", -limit, limit - 1))
        }
        (_, size) => {
            let limit = u64::MAX >> (64 - 8 * size.clamp(1, 8));
            error(format_args!("'{}' format requires 0 <= number <= {limit}", char::from(item.letter)))
        }
    }
}

/// An integer's bits in as many bytes as the item has, in the low end.
///
/// CPython has functions of its own for each order of bytes, and so messages: those of the machine's order are of the native types.
fn integer_bits(layout: &Layout, item: &Item, value: &Object) -> Result<u64, Raised> {
    let value = integer(value)?;
    let bits = 8 * item.size as u32;
    let out_of_range = || if layout.big && bits >= 64 { too_large() } else { out_of_range() };
    match item.kind {
        Kind::Pointer => match value.to_i64() {
            Some(value) => Ok(value as u64),
            None => value.to_u64().ok_or_else(too_large),
        },
        Kind::Unsigned if item.size > 2 || layout.big && item.size == 2 => {
            let value = value.to_u64().ok_or_else(out_of_range)?;
            if bits < 64 && value >> bits != 0 { Err(no_room(layout, item)) } else { Ok(value) }
        }
        kind => {
            let value = value.to_i64().ok_or_else(out_of_range)?;
            let fits = match kind {
                Kind::Signed if bits >= 64 => true,
                Kind::Signed => (-(1i64 << (bits - 1))..1i64 << (bits - 1)).contains(&value),
                _ => (0..1i64 << bits).contains(&value),
            };
            if fits { Ok(value as u64) } else { Err(no_room(layout, item)) }
        }
    }
}

/// A float's bits.
fn float_bits(layout: &Layout, item: &Item, value: &Object) -> Result<u64, Raised> {
    let given = value;
    // An integer that is too large as a float is said to be one.
    let overflow = |letter: &str| match given.isinstance::<Int>() {
        true => too_large(),
        false => raise!(OverflowError, "float too large to pack with {letter} format"),
    };
    let value = match value.downcast::<Float>() {
        Some(value) => value.value(),
        None => to_f64(value).map_err(|raised| {
            raised.clear();
            error(format_args!("required argument is not a float"))
        })?,
    };
    match item.size {
        8 => Ok(value.to_bits()),
        4 => {
            let narrow = value as f32;
            if narrow.is_infinite() && value.is_finite() && !layout.native {
                return Err(overflow("f"));
            }
            Ok(u64::from(narrow.to_bits()))
        }
        _ => to_half(value).map(u64::from).ok_or_else(|| overflow("e")),
    }
}

/// Writes the low bytes of `bits`.
#[inline]
fn store(bits: u64, out: &mut [u8], big: bool) {
    let count = out.len().min(8);
    if big {
        out[..count].copy_from_slice(&bits.to_be_bytes()[8 - count..]);
    } else {
        out[..count].copy_from_slice(&bits.to_le_bytes()[..count]);
    }
}

/// The bytes of a bytes or bytearray, for `s` and `p`.
fn with_bytes<R>(value: &Object, letter: u8, run: impl FnOnce(&[u8]) -> R) -> Result<R, Raised> {
    if let Some(bytes) = value.downcast::<Bytes>() {
        return Ok(run(bytes.as_slice()));
    }
    if let Some(bytes) = value.downcast::<ByteArray>() {
        return Ok(bytes.lend(run));
    }
    Err(error(format_args!("argument for '{}' must be a bytes object", char::from(letter))))
}

/// Writes a value to its place, which is zeroed.
fn pack_value(layout: &Layout, item: &Item, value: &Object, out: &mut [u8]) -> Result<(), Raised> {
    match item.kind {
        Kind::Signed | Kind::Unsigned | Kind::Pointer => store(integer_bits(layout, item, value)?, out, layout.big),
        Kind::Float => store(float_bits(layout, item, value)?, out, layout.big),
        Kind::Bool => out[0] = u8::from(truth(value)?),
        Kind::Char => match value.downcast::<Bytes>().map(Bytes::as_slice) {
            Some([byte]) => out[0] = *byte,
            _ => return Err(error(format_args!("char format requires a bytes object of length 1"))),
        },
        Kind::Bytes => with_bytes(value, item.letter, |bytes| {
            let count = bytes.len().min(out.len());
            out[..count].copy_from_slice(&bytes[..count]);
        })?,
        Kind::Pascal => with_bytes(value, item.letter, |bytes| {
            let Some((length, text)) = out.split_first_mut() else { return };
            let count = bytes.len().min(text.len());
            text[..count].copy_from_slice(&bytes[..count]);
            *length = count.min(255) as u8;
        })?,
    }
    Ok(())
}

/// Writes as many values as the layout has to `out`, which has its size and is zeroed.
pub(super) fn pack(layout: &Layout, values: &[&Object], out: &mut [u8]) -> Result<(), Raised> {
    let mut values = values.iter();
    for item in layout.items.iter() {
        for index in 0..item.repeat {
            let Some(value) = values.next() else { return Ok(()) };
            let start = item.offset + index * item.size;
            pack_value(layout, item, value, &mut out[start..start + item.size])?;
        }
    }
    Ok(())
}

/// Reads up to eight bytes.
#[inline]
fn load(bytes: &[u8], big: bool) -> u64 {
    // The whole of a size that a machine has is one load: pieces that are put together in memory would be waited for.
    macro_rules! whole {
        ($word:ty, $bytes:expr) => {
            if big { <$word>::from_be_bytes(*$bytes).into() } else { <$word>::from_le_bytes(*$bytes).into() }
        };
    }
    match bytes.len() {
        1 => bytes[0].into(),
        2 => bytes.first_chunk().map_or(0, |bytes| whole!(u16, bytes)),
        4 => bytes.first_chunk().map_or(0, |bytes| whole!(u32, bytes)),
        8 => bytes.first_chunk().map_or(0, |bytes| whole!(u64, bytes)),
        _ => {
            let add = |all: u64, byte: &u8| all << 8 | u64::from(*byte);
            if big { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
        }
    }
}

/// The value at a place.
fn unpack_value(layout: &Layout, item: &Item, bytes: &[u8]) -> Result<Ref, Raised> {
    match item.kind {
        Kind::Signed => {
            let unused = 64 - 8 * item.size as u32;
            Ok(Int::from_i64((load(bytes, layout.big) << unused) as i64 >> unused)?.into_object())
        }
        Kind::Unsigned | Kind::Pointer => Ok(Int::from_u64(load(bytes, layout.big))?.into_object()),
        Kind::Float => {
            let bits = load(bytes, layout.big);
            let value = match item.size {
                8 => f64::from_bits(bits),
                4 => f64::from(f32::from_bits(bits as u32)),
                _ => from_half(bits as u16),
            };
            Ok(Float::new(value)?.into_object())
        }
        Kind::Bool => Ok(boolean(bytes[0] != 0)),
        Kind::Char => Ok(Bytes::single(bytes[0]).into_object()),
        Kind::Bytes => Ok(Bytes::new(bytes)?.into_object()),
        Kind::Pascal => match bytes.split_first() {
            Some((length, text)) => Ok(Bytes::new(&text[..usize::from(*length).min(text.len())])?.into_object()),
            None => Err(raise!(SystemError, "Negative size passed to PyBytes_FromStringAndSize")),
        },
    }
}

/// The values in `bytes`, which has the layout's size. No Python code may write to it meanwhile.
pub(super) fn unpack(layout: &Layout, bytes: &[u8]) -> Result<Ref<Tuple>, Raised> {
    let mut items = layout.items.iter();
    let mut current: Option<(&Item, usize)> = None;
    Tuple::build(layout.count, |_| {
        loop {
            match current {
                Some((item, index)) if index < item.repeat => {
                    current = Some((item, index + 1));
                    let start = item.offset + index * item.size;
                    return unpack_value(layout, item, &bytes[start..start + item.size]);
                }
                _ => match items.next() {
                    Some(item) => current = Some((item, 0)),
                    None => return Err(raise!(SystemError, "struct layout with too few items")),
                },
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{from_half, to_half};

    #[test]
    fn all_halves_round_trip() {
        for bits in 0..=0xffffu16 {
            let value = from_half(bits);
            if value.is_nan() {
                continue;
            }
            assert_eq!(to_half(value), Some(bits), "{bits:#x} {value}");
        }
        assert_eq!(to_half(65519.99), Some(0x7bff));
        assert_eq!(to_half(65520.0), None);
        assert_eq!(to_half(2f64.powi(-25)), Some(0));
        assert_eq!(to_half(2f64.powi(-25) * 1.5), Some(1));
    }
}
