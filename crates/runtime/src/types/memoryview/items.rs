//! Reading and writing one item: the native formats of `struct`, one character each.

use std::ffi::CStr;

use crate::exceptions::exc;
use crate::object::protocol::attribute::ignore;
use crate::object::protocol::number::{index, to_f64};
use crate::object::protocol::truth;
use crate::object::{IntoObject, Object, Raised, Ref};
use crate::raise;
use crate::types::boolean;
use crate::types::bytes::Bytes;
use crate::types::float::Float;
use crate::types::int::Int;

/// The character of a native format, with or without `@` before it.
pub fn native(format: &CStr) -> Option<u8> {
    let character = match format.to_bytes() {
        [b'@', character] | [character] => *character,
        _ => return None,
    };
    size(character).map(|_| character)
}

/// The bytes of an item.
pub fn size(character: u8) -> Option<usize> {
    Some(match character {
        b'c' | b'b' | b'B' | b'?' => 1,
        b'h' | b'H' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' | b'q' | b'Q' | b'n' | b'N' | b'd' | b'P' => 8,
        _ => return None,
    })
}

/// The static text of a native format.
pub fn text(character: u8, with_at: bool) -> &'static CStr {
    macro_rules! table {
        ($($letter:literal $plain:literal $at:literal),*) => {
            match character {
                $($letter => if with_at { $at } else { $plain },)*
                _ => c"B",
            }
        };
    }
    table!(
        b'c' c"c" c"@c", b'b' c"b" c"@b", b'B' c"B" c"@B", b'?' c"?" c"@?", b'h' c"h" c"@h", b'H' c"H" c"@H",
        b'i' c"i" c"@i", b'I' c"I" c"@I", b'l' c"l" c"@l", b'L' c"L" c"@L", b'q' c"q" c"@q", b'Q' c"Q" c"@Q",
        b'n' c"n" c"@n", b'N' c"N" c"@N", b'f' c"f" c"@f", b'd' c"d" c"@d", b'P' c"P" c"@P"
    )
}

/// The error of a format that views cannot read.
#[cold]
pub fn unsupported(format: &CStr) -> Raised {
    let (shown, bytes) = (format.to_string_lossy(), format.to_bytes());
    match bytes.strip_prefix(b"@").unwrap_or(bytes) {
        [_] => raise!(NotImplementedError, "memoryview: format {shown} not supported"),
        _ => raise!(NotImplementedError, "memoryview: unsupported format {shown}"),
    }
}

/// The item at `at` as an object.
///
/// # Safety
/// `at` has an item of the format `character`.
pub unsafe fn read(at: *const u8, character: u8) -> Result<Ref, Raised> {
    // SAFETY: by the contract; the place need not be aligned.
    unsafe {
        match character {
            b'b' => i64::from(at.cast::<i8>().read()).into_object(),
            b'B' => Ok(Int::from_i64(i64::from(at.read()))?.into_object()),
            b'c' => Ok(Bytes::single(at.read()).into_object()),
            b'?' => Ok(boolean(at.read() != 0)),
            b'h' => i64::from(at.cast::<i16>().read_unaligned()).into_object(),
            b'H' => i64::from(at.cast::<u16>().read_unaligned()).into_object(),
            b'i' => i64::from(at.cast::<i32>().read_unaligned()).into_object(),
            b'I' => i64::from(at.cast::<u32>().read_unaligned()).into_object(),
            b'l' | b'q' | b'n' => at.cast::<i64>().read_unaligned().into_object(),
            b'L' | b'Q' | b'N' | b'P' => at.cast::<u64>().read_unaligned().into_object(),
            b'f' => Ok(Float::new(f64::from(at.cast::<f32>().read_unaligned()))?.into_object()),
            _ => Ok(Float::new(at.cast::<f64>().read_unaligned())?.into_object()),
        }
    }
}

/// An item as bytes, ready to be written.
#[derive(Clone, Copy)]
pub struct Packed {
    bytes: [u8; 8],
    size: usize,
}

impl Packed {
    fn new(bytes: &[u8]) -> Packed {
        let mut packed = Packed { bytes: [0; 8], size: bytes.len() };
        packed.bytes[..bytes.len().min(8)].copy_from_slice(bytes);
        packed
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.size).unwrap_or_default()
    }
}

/// The bytes of an item for a value.  This may run Python code.
pub fn pack(value: &Object, character: u8, format: &CStr) -> Result<Packed, Raised> {
    let shown = || format.to_string_lossy().into_owned();
    let wrong_type = || raise!(TypeError, "memoryview: invalid type for format '{}'", shown());
    let wrong_value = || raise!(ValueError, "memoryview: invalid value for format '{}'", shown());
    macro_rules! integer {
        ($ty:ty) => {{
            let number = index(value).map_err(|raised| match ignore::<()>(raised, exc::TypeError()) {
                Ok(_) => wrong_type(),
                Err(raised) => raised,
            })?;
            let number = number.to_i128().and_then(|number| <$ty>::try_from(number).ok()).ok_or_else(wrong_value)?;
            Ok(Packed::new(&number.to_ne_bytes()))
        }};
    }
    match character {
        b'b' => integer!(i8),
        b'B' => integer!(u8),
        b'h' => integer!(i16),
        b'H' => integer!(u16),
        b'i' => integer!(i32),
        b'I' => integer!(u32),
        b'l' | b'q' | b'n' => integer!(i64),
        b'L' | b'Q' | b'N' | b'P' => integer!(u64),
        b'f' | b'd' => {
            let number = to_f64(value).map_err(|raised| match ignore::<()>(raised, exc::TypeError()) {
                Ok(_) => wrong_type(),
                Err(raised) => match ignore::<()>(raised, exc::OverflowError()) {
                    Ok(_) => wrong_value(),
                    Err(raised) => raised,
                },
            })?;
            Ok(match character {
                b'f' => Packed::new(&(number as f32).to_ne_bytes()),
                _ => Packed::new(&number.to_ne_bytes()),
            })
        }
        b'?' => Ok(Packed::new(&[u8::from(truth(value)?)])),
        b'c' => {
            let bytes = value.downcast::<Bytes>().ok_or_else(wrong_type)?;
            match bytes.as_slice() {
                [byte] => Ok(Packed::new(&[*byte])),
                _ => Err(wrong_value()),
            }
        }
        _ => Err(unsupported(format)),
    }
}
