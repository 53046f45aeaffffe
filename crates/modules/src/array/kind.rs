//! The kinds of items by their typecodes: their size, and how they become objects and are made of them.

use habu_runtime::object::protocol::number::{index, to_f64};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;

/// A kind of items.
pub(super) struct Kind {
    /// The letter.
    pub(super) code: u8,
    /// The bytes of an item.
    pub(super) size: usize,
    /// The number of its machine format, for pickles.
    pub(super) format: i32,
    /// As a buffer tells it.
    pub(super) buffer_format: &'static std::ffi::CStr,
}

/// All kinds, in the order of `typecodes`.
pub(super) static KINDS: [Kind; 13] = [
    Kind { code: b'b', size: 1, format: 1, buffer_format: c"b" },
    Kind { code: b'B', size: 1, format: 0, buffer_format: c"B" },
    Kind { code: b'u', size: 4, format: 20, buffer_format: c"w" },
    Kind { code: b'h', size: 2, format: 4, buffer_format: c"h" },
    Kind { code: b'H', size: 2, format: 2, buffer_format: c"H" },
    Kind { code: b'i', size: 4, format: 8, buffer_format: c"i" },
    Kind { code: b'I', size: 4, format: 6, buffer_format: c"I" },
    Kind { code: b'l', size: 8, format: 12, buffer_format: c"l" },
    Kind { code: b'L', size: 8, format: 10, buffer_format: c"L" },
    Kind { code: b'q', size: 8, format: 12, buffer_format: c"q" },
    Kind { code: b'Q', size: 8, format: 10, buffer_format: c"Q" },
    Kind { code: b'f', size: 4, format: 14, buffer_format: c"f" },
    Kind { code: b'd', size: 8, format: 16, buffer_format: c"d" },
];

/// The kind of a typecode.
pub(super) fn kind_of(code: u32) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| u32::from(kind.code) == code)
}

/// An integer between two bounds, by way of C's `long`; `names` are what the messages call it below and above.
fn bounded(value: &Object, least: i64, most: i64, name: &str) -> Result<i64, Raised> {
    let Some(value) = index(value)?.to_i64() else {
        return Err(raise!(OverflowError, "Python int too large to convert to C long"));
    };
    if value < least {
        return Err(raise!(OverflowError, "{name} is less than minimum"));
    }
    if value > most {
        return Err(raise!(OverflowError, "{name} is greater than maximum"));
    }
    Ok(value)
}

fn unsigned_long(value: &Object) -> Result<u64, Raised> {
    let value = index(value)?;
    if value.is_negative() {
        return Err(raise!(OverflowError, "can't convert negative value to unsigned int"));
    }
    value.to_u64().ok_or_else(|| raise!(OverflowError, "Python int too large to convert to C unsigned long"))
}

impl Kind {
    /// Whether items are integers.
    pub(super) fn is_integer(&self) -> bool {
        !matches!(self.code, b'u' | b'f' | b'd')
    }

    /// Whether integers have a sign.
    pub(super) fn is_signed(&self) -> bool {
        self.code.is_ascii_lowercase()
    }

    /// The item that `bytes` are.
    pub(super) fn decode(&self, bytes: [u8; 8]) -> Result<Ref, Raised> {
        let word = u64::from_ne_bytes(bytes);
        let low = word as u32;
        Ok(match self.code {
            b'b' => Int::from_i64(i64::from(bytes[0] as i8))?.into_object(),
            b'B' => Int::from_i64(i64::from(bytes[0]))?.into_object(),
            b'h' => Int::from_i64(i64::from(low as i16))?.into_object(),
            b'H' => Int::from_i64(i64::from(low as u16))?.into_object(),
            b'i' => Int::from_i64(i64::from(low as i32))?.into_object(),
            b'I' => Int::from_u64(u64::from(low))?.into_object(),
            b'l' | b'q' => Int::from_i64(word as i64)?.into_object(),
            b'L' | b'Q' => Int::from_u64(word)?.into_object(),
            b'f' => Float::new(f64::from(f32::from_bits(low)))?.into_object(),
            b'd' => Float::new(f64::from_bits(word))?.into_object(),
            _ if low > 0x10_ffff => {
                return Err(raise!(ValueError, "character U+{low:x} is not in range [U+0000; U+10ffff]"));
            }
            _ => Str::from_char(low)?.into_object(),
        })
    }

    /// The bytes of an item, of which the first ones count.
    pub(super) fn encode(&self, value: &Object) -> Result<[u8; 8], Raised> {
        let word = match self.code {
            b'b' => {
                let value = bounded(value, i16::MIN.into(), i16::MAX.into(), "signed short integer")?;
                if value < i64::from(i8::MIN) {
                    return Err(raise!(OverflowError, "signed char is less than minimum"));
                }
                if value > i64::from(i8::MAX) {
                    return Err(raise!(OverflowError, "signed char is greater than maximum"));
                }
                value as u64
            }
            b'B' => bounded(value, 0, 255, "unsigned byte integer")? as u64,
            b'h' => bounded(value, i16::MIN.into(), i16::MAX.into(), "signed short integer")? as u64,
            b'H' => {
                let value = bounded(value, i32::MIN.into(), i32::MAX.into(), "signed integer")?;
                if value < 0 {
                    return Err(raise!(OverflowError, "unsigned short is less than minimum"));
                }
                if value > i64::from(u16::MAX) {
                    return Err(raise!(OverflowError, "unsigned short is greater than maximum"));
                }
                value as u64
            }
            b'i' => bounded(value, i32::MIN.into(), i32::MAX.into(), "signed integer")? as u64,
            b'I' => {
                let value = unsigned_long(value)?;
                if value > u64::from(u32::MAX) {
                    return Err(raise!(OverflowError, "unsigned int is greater than maximum"));
                }
                value
            }
            b'l' => bounded(value, i64::MIN, i64::MAX, "signed integer")? as u64,
            b'L' => unsigned_long(value)?,
            b'q' => match index(value)?.to_i64() {
                Some(value) => value as u64,
                None => return Err(raise!(OverflowError, "int too big to convert")),
            },
            b'Q' => {
                let value = index(value)?;
                if value.is_negative() {
                    return Err(raise!(OverflowError, "can't convert negative int to unsigned"));
                }
                value.to_u64().ok_or_else(|| raise!(OverflowError, "int too big to convert"))?
            }
            b'f' => u64::from((to_f64(value)? as f32).to_bits()),
            b'd' => to_f64(value)?.to_bits(),
            _ => match value.downcast::<Str>() {
                Some(text) if text.len() == 1 => u64::from(text.chars().at(0)),
                _ => return Err(raise!(TypeError, "array item must be unicode character")),
            },
        };
        let mut bytes = [0; 8];
        match self.size {
            1 => bytes[0] = word as u8,
            2 => bytes[..2].copy_from_slice(&(word as u16).to_ne_bytes()),
            4 => bytes[..4].copy_from_slice(&(word as u32).to_ne_bytes()),
            _ => bytes = word.to_ne_bytes(),
        }
        Ok(bytes)
    }
}
