//! Strings in pickles: UTF-8 in which surrogates have bytes too, and lines of the text protocol.

use habu_heap::Buffer;
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol::call1;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::{Int, text as int_text};
use habu_runtime::types::str::Str;
use habu_runtime::types::str::codecs::errors::Errors;
use habu_runtime::types::str::codecs::standard::Codec;

fn surrogatepass() -> Result<Errors, Raised> {
    Ok(Errors::new(Some(&*Str::intern("surrogatepass")?)))
}

/// The bytes of a string.
pub(super) fn to_utf8(text: &Str) -> Result<Ref<Bytes>, Raised> {
    Codec::Utf8.encode(text, &surrogatepass()?)
}

/// The string of bytes.
pub(super) fn from_utf8(bytes: &[u8]) -> Result<Ref, Raised> {
    if bytes.is_ascii() {
        return Str::from_latin1(bytes).map(Ref::into_object);
    }
    Ok(Codec::Utf8.decode(bytes, &surrogatepass()?, true)?.0.into_object())
}

/// The string of a line with a name, in strict UTF-8.
pub(super) fn name(bytes: &[u8]) -> Result<Ref<Str>, Raised> {
    Ok(Codec::Utf8.decode(bytes, &Errors::new(None), true)?.0)
}

/// A string for a line of the text protocol: as `raw-unicode-escape`, with what would end the line or an escape escaped too.
pub(super) fn raw_escaped(text: &Str) -> Result<Buffer<u8>, Raised> {
    let mut line = Buffer::new();
    for code in text.chars().iter() {
        match code {
            0x1_0000.. => line.extend_from_slice(format!("\\U{code:08x}").as_bytes())?,
            0x100.. | 0 | 0x0a | 0x0d | 0x1a | 0x5c => line.extend_from_slice(format!("\\u{code:04x}").as_bytes())?,
            _ => line.push(code as u8)?,
        }
    }
    Ok(line)
}

/// Bytes decoded by a codec.
pub(super) fn decoded(bytes: &[u8], encoding: &Str, errors: &Str) -> Result<Ref, Raised> {
    if bytes.is_ascii() && Codec::from_name(encoding).is_some_and(|codec| matches!(codec, Codec::Ascii | Codec::Utf8)) {
        return Str::from_latin1(bytes).map(Ref::into_object);
    }
    let bytes = Bytes::new(bytes)?;
    habu_runtime::types::str::codecs::decode_object(&bytes, Some(encoding), Some(errors)).map(Ref::into_object)
}

/// A line of the text protocol as a string.
pub(super) fn raw_unescaped(line: &[u8]) -> Result<Ref, Raised> {
    decoded(line, &*Str::intern("raw-unicode-escape")?, &*Str::intern("strict")?)
}

/// The bytes that a literal in a line stands for, without its quotes.
pub(super) fn escape_decoded(literal: &[u8]) -> Result<Ref<Bytes>, Raised> {
    let codecs = habu_runtime::import::import_module("_codecs")?;
    let decode = protocol::get_attribute_str(&codecs, "escape_decode")?;
    let pair = call1(&decode, &*Bytes::new(literal)?)?;
    let bytes = protocol::get_item(&pair, &*Int::from_i64(0)?)?;
    bytes.downcast_into::<Bytes>().map_err(|_| raise!(TypeError, "escape_decode() gave no bytes"))
}

/// An integer in a line, as C's `strtol` reads it, else as Python does.
pub(super) fn integer(line: &[u8]) -> Result<Ref, Raised> {
    let trimmed = line.trim_ascii_start();
    let (negative, digits) = match trimmed {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, trimmed),
    };
    let (base, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', rest @ ..] if !rest.is_empty() => (8, rest),
        _ => (10, digits),
    };
    let plain = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with(['+', '-']));
    if let Some(value) = plain.and_then(|digits| i64::from_str_radix(digits, base).ok()) {
        return Int::from_i64(if negative { -value } else { value }).map(Ref::into_object);
    }
    match int_text::parse(line, 0, || Str::from_latin1(line)) {
        Ok(value) => Ok(value.into_object()),
        Err(raised) => {
            raised.clear();
            Err(raise!(ValueError, "could not convert string to int"))
        }
    }
}

/// A long integer in a line, which ends in `L` as a rule.
pub(super) fn long(line: &[u8]) -> Result<Ref, Raised> {
    let digits = line.strip_suffix(b"L").unwrap_or(line);
    let shown = || {
        let mut whole = Buffer::from_slice(digits)?;
        if whole.len() == line.len() {
            whole.push(b'\n')?;
        }
        protocol::repr(&*Str::from_latin1(&whole)?)
    };
    int_text::parse(digits, 10, shown).map(Ref::into_object)
}

/// A number in a line that says a place in the memo.
pub(super) fn memo_index(line: &[u8]) -> Result<Ref<Int>, Raised> {
    let shown = || {
        let mut whole = Buffer::from_slice(line)?;
        whole.push(b'\n')?;
        protocol::repr(&*Str::from_latin1(&whole)?)
    };
    int_text::parse(line, 10, shown)
}

/// A floating point number in a line.
pub(super) fn float(line: &[u8]) -> Result<Ref, Raised> {
    match habu_runtime::types::float::construct::parse_str(&*Str::from_latin1(line)?) {
        Ok(value) => Float::new(value).map(Ref::into_object),
        Err(raised) => {
            if current_is(exc::ValueError()) {
                raised.clear();
                let line = Str::from_latin1(line)?;
                return Err(raise!(ValueError, "could not convert string to float: '{line}\n'"));
            }
            Err(raised)
        }
    }
}

/// Whether the exception that is being raised is of a class.
pub(super) fn current_is(class: &Object) -> bool {
    let Some(class) = class.downcast::<habu_runtime::object::Type>() else { return false };
    Thread::current().exception().is_some_and(|exception| exception.ty().is_subtype(class))
}
