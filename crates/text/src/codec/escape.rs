//! `unicode_escape` and `raw_unicode_escape`: the escapes of string literals.

use super::Stopped;
use crate::gather::{Bytes, plain_prefix};
use crate::unicode::names::{Named, lookup};
use crate::{ByteSink, Chars, OutOfMemory, TextSink, with_units};

/// The first escape that is not one, for the `DeprecationWarning`. Its text is kept as it is (an octal escape beyond
/// `\377` still counts).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidEscape {
    /// The position of the character behind the backslash.
    pub position: usize,
    /// Whether it is an octal escape that is too large: three digits are shown, else one character.
    pub octal: bool,
}

/// Decodes `unicode_escape` from a position. `invalid` gets the first invalid escape, unless it has one.
pub fn decode(
    input: &[u8],
    from: usize,
    last: bool,
    invalid: &mut Option<InvalidEscape>,
    sink: &mut impl TextSink,
) -> Result<usize, Stopped> {
    let mut at = from;
    while let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) {
        let run = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        sink.push_latin1(rest.get(..run).unwrap_or_default())?;
        at += run;
        let Some(escape) = rest.get(run + 1..) else { break };
        let Some(&kind) = escape.first() else {
            return incomplete(at, at + 1, last, "\\ at end of string");
        };
        let simple = match kind {
            b'\n' => {
                at += 2;
                continue;
            }
            b'\\' | b'\'' | b'"' => Some(kind),
            b'b' => Some(8),
            b't' => Some(b'\t'),
            b'n' => Some(b'\n'),
            b'f' => Some(12),
            b'r' => Some(b'\r'),
            b'v' => Some(11),
            b'a' => Some(7),
            _ => None,
        };
        if let Some(byte) = simple {
            sink.push_code(u32::from(byte))?;
            at += 2;
            continue;
        }
        match kind {
            b'0'..=b'7' => {
                let digits = escape.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7'));
                let (value, count) =
                    digits.fold((0, 0), |(value, count), &byte| (value << 3 | u32::from(byte - b'0'), count + 1));
                if value > 0o377 && invalid.is_none() {
                    *invalid = Some(InvalidEscape { position: at + 1, octal: true });
                }
                sink.push_code(value)?;
                at += 1 + count;
            }
            b'x' | b'u' | b'U' => match hexadecimal(input, at, kind, last, "illegal Unicode character")? {
                Some((code, end)) => {
                    sink.push_code(code)?;
                    at = end;
                }
                None => return Ok(at),
            },
            b'N' => match name(input, at, last)? {
                Some((code, end)) => {
                    sink.push_code(code)?;
                    at = end;
                }
                None => return Ok(at),
            },
            _ => {
                invalid.get_or_insert(InvalidEscape { position: at + 1, octal: false });
                sink.push_latin1(&[b'\\', kind])?;
                at += 2;
            }
        }
    }
    Ok(at.max(from))
}

fn incomplete(start: usize, end: usize, last: bool, reason: &'static str) -> Result<usize, Stopped> {
    if last { Err(Stopped::problem(start, end, reason)) } else { Ok(start) }
}

/// The value and the end of an escape of 2, 4 or 8 digits at a position; nothing where the input ends too early and
/// more may follow.
fn hexadecimal(
    input: &[u8],
    start: usize,
    kind: u8,
    last: bool,
    beyond: &'static str,
) -> Result<Option<(u32, usize)>, Stopped> {
    let (count, reason) = match kind {
        b'x' => (2, "truncated \\xXX escape"),
        b'u' => (4, "truncated \\uXXXX escape"),
        _ => (8, "truncated \\UXXXXXXXX escape"),
    };
    let mut code = 0_u32;
    for index in 0..count {
        let at = start + 2 + index;
        match input.get(at).map(|&byte| char::from(byte).to_digit(16)) {
            Some(Some(digit)) => code = code << 4 | digit,
            None if !last => return Ok(None),
            _ => return Err(Stopped::problem(start, at, reason)),
        }
    }
    let end = start + 2 + count;
    if code > 0x10_FFFF {
        return Err(Stopped::problem(start, end, beyond));
    }
    Ok(Some((code, end)))
}

/// The character and the end of `\N{NAME}` at a position.
fn name(input: &[u8], start: usize, last: bool) -> Result<Option<(u32, usize)>, Stopped> {
    const MALFORMED: &str = "malformed \\N character escape";
    let open = start + 2;
    match input.get(open) {
        Some(b'{') => {}
        None if !last => return Ok(None),
        _ => return Err(Stopped::problem(start, open, MALFORMED)),
    }
    let rest = input.get(open + 1..).unwrap_or_default();
    let Some(length) = memchr::memchr(b'}', rest) else {
        return if last { Err(Stopped::problem(start, input.len(), MALFORMED)) } else { Ok(None) };
    };
    if length == 0 {
        return Err(Stopped::problem(start, open + 1, MALFORMED));
    }
    let end = open + 1 + length + 1;
    match rest.get(..length).and_then(|name| lookup(name, false)) {
        Some(Named::Character(code)) => Ok(Some((code, end))),
        _ => Err(Stopped::problem(start, end, "unknown Unicode character name")),
    }
}

/// Decodes `raw_unicode_escape` from a position: only `\u` and `\U` behind an odd number of backslashes count.
pub fn decode_raw(input: &[u8], from: usize, last: bool, sink: &mut impl TextSink) -> Result<usize, Stopped> {
    let mut at = from;
    while let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) {
        let run = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        sink.push_latin1(rest.get(..run).unwrap_or_default())?;
        at += run;
        let Some(escape) = rest.get(run + 1..) else { break };
        match escape.first() {
            Some(&kind @ (b'u' | b'U')) => match hexadecimal(input, at, kind, last, "\\Uxxxxxxxx out of range")? {
                Some((code, end)) => {
                    sink.push_code(code)?;
                    at = end;
                }
                None => return Ok(at),
            },
            Some(&other) => {
                sink.push_latin1(&[b'\\', other])?;
                at += 2;
            }
            None if last => {
                sink.push_code(u32::from(b'\\'))?;
                at += 1;
            }
            None => return Ok(at),
        }
    }
    Ok(at.max(from))
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// So many hexadecimal digits of a number.
#[inline(always)]
fn digits<const N: usize>(code: u32) -> [u8; N] {
    std::array::from_fn(|index| DIGITS[(code >> (4 * (N - 1 - index)) & 15) as usize])
}

/// The shortest of `\xXX`, `\uXXXX` and `\UXXXXXXXX`, and its length.
#[inline(always)]
pub(crate) fn escape_of(code: u32) -> ([u8; 10], usize) {
    match code {
        0..=0xFF => {
            let [a, b] = digits(code);
            ([b'\\', b'x', a, b, 0, 0, 0, 0, 0, 0], 4)
        }
        0x100..=0xFFFF => {
            let [a, b, c, d] = digits(code);
            ([b'\\', b'u', a, b, c, d, 0, 0, 0, 0], 6)
        }
        _ => {
            let [a, b, c, d, e, f, g, h] = digits(code);
            ([b'\\', b'U', a, b, c, d, e, f, g, h], 10)
        }
    }
}

/// Appends the shortest of `\xXX`, `\uXXXX` and `\UXXXXXXXX`.
pub(crate) fn push_escape(code: u32, sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
    let (bytes, length) = escape_of(code);
    sink.push_bytes(bytes.get(..length).unwrap_or_default())
}

/// Appends text with everything beyond ASCII as the shortest of `\xXX`, `\uXXXX` and `\UXXXXXXXX`.
pub fn escape_beyond_ascii(text: Chars<'_>, sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
    let mut gathered = Bytes::new(sink);
    with_units!(text, units => {
        for unit in units {
            match crate::CodeUnit::code(*unit) {
                code @ 0..0x80 => gathered.push([code as u8])?,
                code => {
                    let (bytes, length) = escape_of(code);
                    gathered.push_some(bytes, length)?;
                }
            }
        }
    });
    gathered.flush()
}

/// Encodes to `unicode_escape`; nothing is refused.
pub fn encode(text: Chars<'_>, sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
    let mut gathered = Bytes::new(sink);
    match text {
        Chars::One(mut rest) => {
            while let Some(&unit) = rest.first() {
                let plain = plain_prefix(rest);
                if plain > 0 {
                    gathered.push_run(rest.get(..plain).unwrap_or_default())?;
                    rest = rest.get(plain..).unwrap_or_default();
                    continue;
                }
                push_encoded(u32::from(unit), &mut gathered)?;
                rest = rest.get(1..).unwrap_or_default();
            }
        }
        Chars::Two(units) => units.iter().try_for_each(|&unit| push_encoded(u32::from(unit), &mut gathered))?,
        Chars::Four(units) => units.iter().try_for_each(|&unit| push_encoded(unit, &mut gathered))?,
    }
    gathered.flush()
}

/// Appends what a character is in `unicode_escape`.
#[inline(always)]
fn push_encoded<S: ByteSink>(code: u32, gathered: &mut Bytes<'_, S>) -> Result<(), OutOfMemory> {
    match code {
        9 => gathered.push(*b"\\t"),
        10 => gathered.push(*b"\\n"),
        13 => gathered.push(*b"\\r"),
        0x5C => gathered.push(*b"\\\\"),
        0x20..0x7F => gathered.push([code as u8]),
        _ => {
            let (bytes, length) = escape_of(code);
            gathered.push_some(bytes, length)
        }
    }
}

/// Encodes to `raw_unicode_escape`; nothing is refused.
pub fn encode_raw(text: Chars<'_>, sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
    with_units!(text, units => {
        for unit in units {
            match crate::CodeUnit::code(*unit) {
                code @ 0..=0xFF => sink.push_byte(code as u8)?,
                code => push_escape(code, sink)?,
            }
        }
        Ok(())
    })
}
