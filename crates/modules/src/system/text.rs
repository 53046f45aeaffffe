//! Text between Python and the operating system: UTF-8 where bytes that are none stand as U+DC80 to U+DCFF.

use std::ffi::CStr;

use habu_heap::Buffer;
use habu_runtime::exceptions::{exc, raise_with_arguments};
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;

/// A string in the file system's encoding.
///
/// Raises UnicodeEncodeError for other surrogates.
pub fn encode(text: &Str) -> Result<Buffer<u8>, Raised> {
    let mut bytes = Buffer::new();
    if let Some(ascii) = text.as_ascii() {
        bytes.extend_from_slice(ascii.as_bytes())?;
        return Ok(bytes);
    }
    for (index, code) in text.chars().iter().enumerate() {
        match (char::from_u32(code), code) {
            (Some(character), _) => {
                let mut room = [0; 4];
                bytes.extend_from_slice(character.encode_utf8(&mut room).as_bytes())?;
            }
            (None, 0xDC80..=0xDCFF) => bytes.push((code - 0xDC00) as u8)?,
            (None, _) => return Err(surrogate(text, index)),
        }
    }
    Ok(bytes)
}

/// The error of a surrogate that stands for no byte.
#[cold]
fn surrogate(text: &Str, index: usize) -> Raised {
    let make = || -> Result<Raised, Raised> {
        let (start, end) = (Int::from_u64(index as u64)?, Int::from_u64(index as u64 + 1)?);
        let (codec, reason) = (Str::new("utf-8")?, Str::new("surrogates not allowed")?);
        Ok(raise_with_arguments(exc::UnicodeEncodeError(), &[&codec, text, &start, &end, &reason]))
    };
    make().unwrap_or_else(|raised| raised)
}

/// A string of bytes in the file system's encoding; every sequence of bytes is one.
pub fn decode(bytes: &[u8]) -> Result<Ref<Str>, Raised> {
    if bytes.is_ascii() {
        return Str::from_latin1(bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Str::new(text);
    }
    let mut codes = Buffer::<u32>::new();
    for chunk in bytes.utf8_chunks() {
        codes.try_extend(chunk.valid().chars().map(u32::from))?;
        codes.try_extend(chunk.invalid().iter().map(|byte| 0xDC00 + u32::from(*byte)))?;
    }
    Str::from_code_points(&codes)
}

/// A C string as a Python string; null is the empty one.
///
/// # Safety
/// `text` is null or points to a string ended by NUL.
pub unsafe fn decode_c(text: *const std::ffi::c_char) -> Result<Ref<Str>, Raised> {
    if text.is_null() {
        return Str::new("");
    }
    // SAFETY: by the contract.
    decode(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// What `os.fspath` gives: the object itself where it is str or bytes, else what its `__fspath__` gives.
pub fn fspath(path: &Object) -> Result<Ref, Raised> {
    if path.isinstance::<Str>() || path.isinstance::<Bytes>() {
        return Ok(path.to_ref());
    }
    let name = Str::intern("__fspath__")?;
    let Some(method) = protocol::lookup_special(path, &name)? else {
        return Err(raise!(TypeError, "expected str, bytes or os.PathLike object, not {}", path.ty().name()));
    };
    let result = protocol::call0(&method)?;
    if result.isinstance::<Str>() || result.isinstance::<Bytes>() {
        return Ok(result);
    }
    Err(raise!(
        TypeError,
        "expected {}.__fspath__() to return str or bytes, not {}",
        path.ty().name(),
        result.ty().name()
    ))
}

/// Bytes ended by NUL, without another in between.
pub struct CText(Buffer<u8>);

impl CText {
    /// The bytes with a NUL behind them; nothing where there is one among them.
    pub fn new(mut bytes: Buffer<u8>) -> Result<Option<CText>, Raised> {
        if bytes.contains(&0) {
            return Ok(None);
        }
        bytes.push(0)?;
        Ok(Some(CText(bytes)))
    }

    /// A path-like object as the system wants it (`PyUnicode_FSConverter`).
    pub fn of_path(path: &Object) -> Result<CText, Raised> {
        let path = fspath(path)?;
        let bytes = match (path.downcast::<Str>(), path.downcast::<Bytes>()) {
            (Some(text), _) => encode(text)?,
            (None, Some(bytes)) => Buffer::from_slice(bytes.as_slice())?,
            (None, None) => Buffer::new(),
        };
        CText::new(bytes)?.ok_or_else(|| raise!(ValueError, "embedded null byte"))
    }

    /// A string as a C string in UTF-8.
    pub fn of_str(text: &Str) -> Result<CText, Raised> {
        CText::new(encode(text)?)?.ok_or_else(|| raise!(ValueError, "embedded null character"))
    }

    /// The text.
    pub fn as_ptr(&self) -> *const std::ffi::c_char {
        self.0.as_ptr().cast()
    }

    /// The bytes without the NUL.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.split_last().map_or(&[], |(_, bytes)| bytes)
    }
}
