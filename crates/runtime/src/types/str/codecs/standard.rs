//! The codecs that need no table: UTF-8, -16, -32, ASCII, Latin-1; each with its fast path, and by name.

use habu_heap::Buffer;
use habu_text::codec::handlers::Standard;
use habu_text::codec::{ByteOrder, single, utf8, utf16, utf32};
use habu_text::{ByteSink, Chars};

use super::decode::Decoding;
use super::encode::Encoding;
use super::errors::Errors;
use crate::object::{Raised, Ref};
use crate::types::bytes::Bytes;
use crate::types::str::builder::ByteBuilder;
use crate::types::str::{Str, StrBuilder};

/// A codec that is built in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Codec {
    /// ASCII
    Ascii,
    /// ISO 8859-1
    Latin1,
    /// UTF-8
    Utf8,
    /// UTF-16, with a mark for the byte order where none is given
    Utf16(Option<ByteOrder>),
    /// UTF-32, with a mark for the byte order where none is given
    Utf32(Option<ByteOrder>),
}

impl Codec {
    /// The codec that a name stands for, without asking the registry: only the usual spellings of the most used ones.
    pub fn from_name(name: &Str) -> Option<Codec> {
        let name = name.ascii_bytes()?;
        let mut plain = [0; 12];
        let mut length = 0;
        // Letters in lower case; runs of what is neither letter nor digit become one underscore.
        for &byte in name {
            let byte = match byte {
                b'a'..=b'z' | b'0'..=b'9' => byte,
                b'A'..=b'Z' => byte | 0x20,
                b'.' => return None,
                _ if length > 0 && plain.get(length - 1) == Some(&b'_') => continue,
                _ => b'_',
            };
            *plain.get_mut(length)? = byte;
            length += 1;
        }
        match plain.get(..length)? {
            b"utf_8" | b"utf8" => Some(Codec::Utf8),
            b"utf_16" | b"utf16" => Some(Codec::Utf16(None)),
            b"utf_32" | b"utf32" => Some(Codec::Utf32(None)),
            b"ascii" | b"us_ascii" => Some(Codec::Ascii),
            b"latin1" | b"latin_1" | b"iso_8859_1" | b"iso8859_1" => Some(Codec::Latin1),
            _ => None,
        }
    }

    /// The name in exceptions.
    pub fn name(self) -> &'static str {
        match self {
            Codec::Ascii => "ascii",
            Codec::Latin1 => "latin-1",
            Codec::Utf8 => "utf-8",
            Codec::Utf16(None) => "utf-16",
            Codec::Utf16(Some(ByteOrder::Little)) => "utf-16-le",
            Codec::Utf16(Some(ByteOrder::Big)) => "utf-16-be",
            Codec::Utf32(None) => "utf-32",
            Codec::Utf32(Some(ByteOrder::Little)) => "utf-32-le",
            Codec::Utf32(Some(ByteOrder::Big)) => "utf-32-be",
        }
    }

    fn standard(self) -> Option<Standard> {
        match self {
            Codec::Ascii | Codec::Latin1 => None,
            Codec::Utf8 => Some(Standard::Utf8),
            Codec::Utf16(order) => Some(Standard::Utf16(order.unwrap_or(ByteOrder::NATIVE))),
            Codec::Utf32(order) => Some(Standard::Utf32(order.unwrap_or(ByteOrder::NATIVE))),
        }
    }

    /// Decodes bytes; gives the text and how many bytes it took.
    pub fn decode(self, input: &[u8], errors: &Errors, last: bool) -> Result<(Ref<Str>, usize), Raised> {
        match self {
            Codec::Latin1 => return Ok((Str::from_latin1(input)?, input.len())),
            Codec::Ascii | Codec::Utf8 if input.is_ascii() => return Ok((Str::from_ascii(input)?, input.len())),
            _ => {}
        }
        let mut decoding = Decoding { encoding: self.name(), standard: self.standard(), errors, last };
        match self {
            Codec::Latin1 => Ok((Str::from_latin1(input)?, input.len())),
            Codec::Ascii => {
                decoding.run(input, &mut |input, from, _, text| Ok(single::decode_ascii(input, from, text)?))
            }
            Codec::Utf8 => {
                decoding.run(input, &mut |input, from, last, text| Ok(utf8::decode(input, from, last, text)?))
            }
            Codec::Utf16(order) => {
                let (order, skipped) = match (order, utf16::mark(input)) {
                    (None, Some(found)) => (found, 2),
                    (order, _) => (order.unwrap_or(ByteOrder::NATIVE), 0),
                };
                // Problems are those of the encoding with the order found.
                decoding.standard = Some(Standard::Utf16(order));
                decoding.encoding = Codec::Utf16(Some(order)).name();
                from_mark(&decoding, input, skipped, &mut |input, from, last, text| {
                    Ok(utf16::decode(input, from, order, last, text)?)
                })
            }
            Codec::Utf32(order) => {
                let (order, skipped) = match (order, utf32::mark(input)) {
                    (None, Some(found)) => (found, 4),
                    (order, _) => (order.unwrap_or(ByteOrder::NATIVE), 0),
                };
                decoding.standard = Some(Standard::Utf32(order));
                decoding.encoding = Codec::Utf32(Some(order)).name();
                from_mark(&decoding, input, skipped, &mut |input, from, last, text| {
                    Ok(utf32::decode(input, from, order, last, text)?)
                })
            }
        }
    }

    /// Encodes text.
    pub fn encode(self, text: &Str, errors: &Errors) -> Result<Ref<Bytes>, Raised> {
        match (self, text.chars()) {
            (Codec::Latin1, Chars::One(bytes)) => return Bytes::new(bytes),
            (Codec::Ascii | Codec::Utf8, Chars::One(bytes)) if text.is_ascii() => return Bytes::new(bytes),
            _ => {}
        }
        let (unit, ascii_only) = match self {
            Codec::Ascii | Codec::Latin1 => (1, false),
            Codec::Utf8 => (1, true),
            Codec::Utf16(_) => (2, true),
            Codec::Utf32(_) => (4, true),
        };
        let encoding = Encoding {
            encoding: self.name(),
            standard: self.standard(),
            errors,
            unit,
            ascii_only,
            begins_behind_escapes: matches!(self, Codec::Ascii | Codec::Latin1 | Codec::Utf8),
            plain_ascii: unit == 1,
        };
        match self {
            Codec::Ascii => encoding.run(text, &mut |text, from, out| Ok(single::encode_ascii(text, from, out)?)),
            Codec::Latin1 => encoding.run(text, &mut |text, from, out| Ok(single::encode_latin1(text, from, out)?)),
            Codec::Utf8 => {
                let mut out = ByteBuilder(Buffer::with_capacity(utf8::encoded_bound(text.chars()))?);
                encoding.run_into(text, &mut out, &mut |text, from, out| Ok(utf8::encode(text, from, out)?))?;
                Bytes::new(&out.0)
            }
            Codec::Utf16(order) => {
                let mut out = ByteBuilder(Buffer::with_capacity((text.len() + 1).saturating_mul(2))?);
                if order.is_none() {
                    out.push_bytes(&0xFEFFu16.to_ne_bytes())?;
                }
                let order = order.unwrap_or(ByteOrder::NATIVE);
                encoding.run_into(text, &mut out, &mut |text, from, out| Ok(utf16::encode(text, from, order, out)?))?;
                Bytes::new(&out.0)
            }
            Codec::Utf32(order) => {
                let mut out = ByteBuilder::default();
                if order.is_none() {
                    out.push_bytes(&0xFEFFu32.to_ne_bytes())?;
                }
                let order = order.unwrap_or(ByteOrder::NATIVE);
                encoding.run_into(text, &mut out, &mut |text, from, out| Ok(utf32::encode(text, from, order, out)?))?;
                Bytes::new(&out.0)
            }
        }
    }
}

/// Decodes what stands behind a mark of `skipped` bytes.
fn from_mark(
    decoding: &Decoding<'_>,
    input: &[u8],
    skipped: usize,
    step: &mut super::decode::Step<'_>,
) -> Result<(Ref<Str>, usize), Raised> {
    let mut text = StrBuilder::with_capacity(input.len() / 2)?;
    let consumed = decoding.run_into(input, skipped, &mut text, step)?;
    Ok((text.finish()?, consumed))
}
