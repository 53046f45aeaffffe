//! The error handlers that are built in, without Python exceptions: codecs use them directly where the name of the
//! handler is one of these, and `codecs.lookup_error` gives callables made of the same.

use super::escape::push_escape;
use super::{ByteOrder, Problem, is_surrogate, utf8, utf16, utf32};
use crate::unicode::names;
use crate::{ByteSink, Chars, OutOfMemory, TextSink};

/// A built-in error handler other than `strict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handler {
    /// Leaves out what is wrong.
    Ignore,
    /// Writes U+FFFD, or a question mark when encoding.
    Replace,
    /// Maps bytes from 0x80 up to U+DC80 to U+DCFF, and back (PEP 383).
    SurrogateEscape,
    /// Lets surrogates through in UTF-8, -16 and -32.
    SurrogatePass,
    /// Writes `\xXX`, `\uXXXX` or `\UXXXXXXXX`.
    BackslashReplace,
    /// Writes `&#NUMBER;`; encoding only.
    XmlCharRefReplace,
    /// Writes `\N{NAME}`; encoding only.
    NameReplace,
}

impl Handler {
    /// The name of a handler that cannot mend what is decoded.
    pub fn only_encodes(self) -> Option<&'static str> {
        match self {
            Handler::XmlCharRefReplace => Some("xmlcharrefreplace"),
            Handler::NameReplace => Some("namereplace"),
            _ => None,
        }
    }

    /// The handler with a name; `None` for `strict` and for those that Python code registered.
    pub fn from_name(name: &[u8]) -> Option<Handler> {
        Some(match name {
            b"ignore" => Handler::Ignore,
            b"replace" => Handler::Replace,
            b"surrogateescape" => Handler::SurrogateEscape,
            b"surrogatepass" => Handler::SurrogatePass,
            b"backslashreplace" => Handler::BackslashReplace,
            b"xmlcharrefreplace" => Handler::XmlCharRefReplace,
            b"namereplace" => Handler::NameReplace,
            _ => return None,
        })
    }
}

/// The encodings that `surrogatepass` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    /// UTF-8
    Utf8,
    /// UTF-16 in some order
    Utf16(ByteOrder),
    /// UTF-32 in some order
    Utf32(ByteOrder),
}

impl Standard {
    /// The encoding that a name stands for, in the spellings that `surrogatepass` takes.
    pub fn from_name(name: &[u8]) -> Option<Standard> {
        let mut plain = [0; 16];
        let plain = plain.get_mut(..name.len())?;
        plain.copy_from_slice(name);
        plain.make_ascii_lowercase();
        let rest = plain.strip_prefix(b"utf")?;
        let rest = rest.strip_prefix(b"-").or(rest.strip_prefix(b"_")).unwrap_or(rest);
        let (number, order) = match rest {
            [number @ .., b'l', b'e'] => (number, Some(ByteOrder::Little)),
            [number @ .., b'b', b'e'] => (number, Some(ByteOrder::Big)),
            number => (number, None),
        };
        let number = match number {
            [number @ .., b'-' | b'_'] if order.is_some() => number,
            number => number,
        };
        match number {
            b"8" if order.is_none() => Some(Standard::Utf8),
            b"16" => Some(Standard::Utf16(order.unwrap_or(ByteOrder::NATIVE))),
            b"32" => Some(Standard::Utf32(order.unwrap_or(ByteOrder::NATIVE))),
            _ => None,
        }
    }
}

/// Mends a decoding problem: writes the replacement and returns where to go on, or `None` where the handler cannot and
/// the error is to be raised.
pub fn decode_replacement(
    handler: Handler,
    encoding: Option<Standard>,
    input: &[u8],
    problem: Problem,
    sink: &mut impl TextSink,
) -> Result<Option<usize>, OutOfMemory> {
    let end = problem.end.min(input.len());
    let start = problem.start.min(end);
    let wrong = input.get(start..end).unwrap_or_default();
    match handler {
        Handler::Ignore => {}
        Handler::Replace => sink.push_code(0xFFFD)?,
        Handler::SurrogateEscape => {
            // ASCII bytes cannot be escaped; what stands before them (four at most) can.
            let mut taken = 0;
            for &byte in wrong.iter().take(4).take_while(|byte| !byte.is_ascii()) {
                sink.push_code(0xDC00 + u32::from(byte))?;
                taken += 1;
            }
            return Ok(Some(start + taken).filter(|_| taken > 0));
        }
        Handler::SurrogatePass => {
            let Some((code, length)) = encoding.and_then(|standard| encoded_surrogate(standard, input, start)) else {
                return Ok(None);
            };
            sink.push_code(code)?;
            return Ok(Some(start + length));
        }
        Handler::BackslashReplace => {
            let mut text = Vec::new();
            wrong.iter().try_for_each(|&byte| push_escape(u32::from(byte), &mut text))?;
            sink.push_latin1(&text)?;
        }
        Handler::XmlCharRefReplace | Handler::NameReplace => return Ok(None),
    }
    Ok(Some(end))
}

/// The surrogate that is encoded at a position, and the length of that.
fn encoded_surrogate(standard: Standard, input: &[u8], at: usize) -> Option<(u32, usize)> {
    let rest = input.get(at..)?;
    let (code, length) = match standard {
        Standard::Utf8 => {
            let &[lead @ 0xE0..=0xEF, second @ 0x80..=0xBF, third @ 0x80..=0xBF] = rest.first_chunk::<3>()? else {
                return None;
            };
            (u32::from(lead & 15) << 12 | u32::from(second & 63) << 6 | u32::from(third & 63), 3)
        }
        Standard::Utf16(order) => {
            let unit = *rest.first_chunk::<2>()?;
            (u32::from(if order == ByteOrder::Little { u16::from_le_bytes(unit) } else { u16::from_be_bytes(unit) }), 2)
        }
        Standard::Utf32(order) => {
            let unit = *rest.first_chunk::<4>()?;
            (if order == ByteOrder::Little { u32::from_le_bytes(unit) } else { u32::from_be_bytes(unit) }, 4)
        }
    };
    is_surrogate(code).then_some((code, length))
}

/// What a handler puts in the place of characters that cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// ASCII text, which is encoded in its turn.
    Text(Vec<u8>),
    /// Bytes, which are written as they are.
    Bytes(Vec<u8>),
}

/// Mends an encoding problem: the replacement and where to go on, or `None` where the error is to be raised.
pub fn encode_replacement(
    handler: Handler,
    encoding: Option<Standard>,
    text: Chars<'_>,
    problem: Problem,
) -> Result<Option<(Replacement, usize)>, OutOfMemory> {
    let wrong = text.slice(problem.start, problem.end);
    let mut out = Vec::new();
    match handler {
        Handler::SurrogateEscape => {
            for code in wrong.iter() {
                match code {
                    0xDC80..=0xDCFF => out.push_byte((code - 0xDC00) as u8)?,
                    _ => return Ok(None),
                }
            }
            return Ok(Some((Replacement::Bytes(out), problem.end)));
        }
        Handler::SurrogatePass => {
            for code in wrong.iter() {
                match encoding.filter(|_| is_surrogate(code)) {
                    Some(Standard::Utf8) => utf8::push_surrogate(code, &mut out)?,
                    Some(Standard::Utf16(order)) => utf16::push_unit(code as u16, order, &mut out)?,
                    Some(Standard::Utf32(order)) => utf32::push_unit(code, order, &mut out)?,
                    None => return Ok(None),
                }
            }
            return Ok(Some((Replacement::Bytes(out), problem.end)));
        }
        _ => {
            write_replacement(handler, wrong, &mut out)?;
        }
    }
    Ok(Some((Replacement::Text(out), problem.end)))
}

/// Writes the ASCII text that a handler puts in the place of `wrong`; says whether it is one of those that put text.
pub fn write_replacement(handler: Handler, wrong: Chars<'_>, out: &mut impl ByteSink) -> Result<bool, OutOfMemory> {
    match handler {
        Handler::Ignore => {}
        Handler::Replace => wrong.iter().try_for_each(|_| out.push_byte(b'?'))?,
        Handler::BackslashReplace => wrong.iter().try_for_each(|code| push_escape(code, out))?,
        Handler::XmlCharRefReplace => wrong.iter().try_for_each(|code| push_display(format_args!("&#{code};"), out))?,
        Handler::NameReplace => wrong.iter().try_for_each(|code| match names::name(code) {
            Some(name) => push_display(format_args!("\\N{{{name}}}"), out),
            None => push_escape(code, out),
        })?,
        Handler::SurrogateEscape | Handler::SurrogatePass => return Ok(false),
    }
    Ok(true)
}

/// Formats into bytes without an allocation that could abort.
fn push_display(arguments: std::fmt::Arguments<'_>, out: &mut impl ByteSink) -> Result<(), OutOfMemory> {
    struct Adapter<'a, S>(&'a mut S);
    impl<S: ByteSink> std::fmt::Write for Adapter<'_, S> {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.push_bytes(text.as_bytes()).map_err(|_| std::fmt::Error)
        }
    }
    std::fmt::Write::write_fmt(&mut Adapter(out), arguments).map_err(|_| OutOfMemory)
}
