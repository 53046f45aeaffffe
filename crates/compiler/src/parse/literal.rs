//! The values of literals, read from their source text.

use habu_bytecode::{Constant, Text};
use num_bigint::BigInt;

/// Builds a `Text` from pieces of source and single code points.
#[derive(Default)]
pub(super) struct TextBuilder {
    /// Generalised UTF-8.
    bytes: Vec<u8>,
}

impl TextBuilder {
    pub(super) fn push_str(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn push_point(&mut self, point: u32) {
        match char::from_u32(point) {
            Some(c) => self.push_str(c.encode_utf8(&mut [0; 4])),
            // A surrogate, in the form of three bytes that it would have if it were a character.
            None => self.bytes.extend_from_slice(&[
                0xE0 | (point >> 12) as u8 & 0x0F,
                0x80 | (point >> 6) as u8 & 0x3F,
                0x80 | point as u8 & 0x3F,
            ]),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The text so far; the builder is empty afterwards.
    pub(super) fn take(&mut self) -> Text {
        Text::from_bytes(std::mem::take(&mut self.bytes)).unwrap_or_default()
    }
}

/// An escape that means nothing, and so stands for itself; or an octal one beyond a byte, which has its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InvalidEscape {
    /// A backslash and this character.
    Char(char),
    /// A backslash and three octal digits of this value.
    Octal(u32),
}

impl std::fmt::Display for InvalidEscape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            InvalidEscape::Char(char) => write!(f, "invalid escape sequence '\\{char}'"),
            InvalidEscape::Octal(value) => write!(f, "invalid octal escape sequence '\\{value:o}'"),
        }
    }
}

/// Append the value of a string literal's body.
///
/// The error is the message of a `SyntaxError`, in the words of CPython's `unicodeescape` codec.
pub(super) fn decode_str(body: &str, out: &mut TextBuilder) -> Result<Option<InvalidEscape>, String> {
    let mut invalid = None;
    let mut rest = body;
    // The codec sees every other character that is not ASCII as an escape of ten bytes.
    let mut position = 0;
    while let Some(index) = rest.find('\\') {
        let (plain, escape) = rest.split_at(index);
        out.push_str(plain);
        position += plain.chars().map(|c| if c.is_ascii() { 1 } else { 10 }).sum::<usize>();
        let length = escape_sequence(escape, position, out, &mut invalid)?;
        position += length;
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    Ok(invalid)
}

/// Append what `escape` begins with means, and return its length in bytes.
fn escape_sequence(
    escape: &str,
    position: usize,
    out: &mut TextBuilder,
    invalid: &mut Option<InvalidEscape>,
) -> Result<usize, String> {
    let fail = |length: usize, reason: &str| {
        let place = match length {
            1 => format!("byte 0x5c in position {position}"),
            _ => format!("bytes in position {position}-{}", position + length - 1),
        };
        Err(format!("(unicode error) 'unicodeescape' codec can't decode {place}: {reason}"))
    };
    let Some(kind) = escape[1..].chars().next() else { return fail(1, "\\ at end of string") };
    if let Some(value) = simple_escape(kind) {
        out.push_str(value);
        return Ok(2);
    }
    let (digits, name) = match kind {
        '0'..='7' => {
            let digits = octal_digits(&escape.as_bytes()[1..]);
            let value = octal(&escape.as_bytes()[1..=digits]);
            if value > 0xFF {
                invalid.get_or_insert(InvalidEscape::Octal(value));
            }
            out.push_point(value);
            return Ok(1 + digits);
        }
        'x' => (2, "truncated \\xXX escape"),
        'u' => (4, "truncated \\uXXXX escape"),
        'U' => (8, "truncated \\UXXXXXXXX escape"),
        'N' => return named_character(escape, out, fail),
        _ => {
            invalid.get_or_insert(InvalidEscape::Char(kind));
            out.push_str("\\");
            return Ok(1);
        }
    };
    let hex = &escape.as_bytes()[2..];
    let found = hex.iter().take(digits).take_while(|byte| byte.is_ascii_hexdigit()).count();
    if found < digits {
        return fail(2 + found, name);
    }
    let point = hex[..digits].iter().fold(0_u32, |value, &byte| value << 4 | hex_value(byte));
    if point > 0x10_FFFF {
        return fail(2 + digits, "illegal Unicode character");
    }
    out.push_point(point);
    Ok(2 + digits)
}

/// `\N{name}`.
fn named_character(
    escape: &str,
    out: &mut TextBuilder,
    fail: impl Fn(usize, &str) -> Result<usize, String>,
) -> Result<usize, String> {
    const MALFORMED: &str = "malformed \\N character escape";
    let Some(rest) = escape.strip_prefix("\\N{") else { return fail(2, MALFORMED) };
    let Some(end) = rest.find('}') else {
        return fail(3 + rest.chars().map(|c| if c.is_ascii() { 1 } else { 10 }).sum::<usize>(), MALFORMED);
    };
    if end == 0 {
        return fail(3, MALFORMED);
    }
    match unicode_names2::character(&rest[..end]) {
        Some(c) => {
            out.push_point(c.into());
            Ok(end + 4)
        }
        None => fail(end + 4, "unknown Unicode character name"),
    }
}

/// The escapes of one character, which strings and bytes share.
fn simple_escape(kind: char) -> Option<&'static str> {
    Some(match kind {
        '\n' => "",
        '\\' => "\\",
        '\'' => "'",
        '"' => "\"",
        'a' => "\x07",
        'b' => "\x08",
        'f' => "\x0c",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'v' => "\x0b",
        _ => return None,
    })
}

fn octal_digits(bytes: &[u8]) -> usize {
    bytes.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count()
}

fn octal(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, &byte| value << 3 | u32::from(byte & 7))
}

fn hex_value(byte: u8) -> u32 {
    char::from(byte).to_digit(16).unwrap_or(0)
}

/// Append the value of a bytes literal's body, which is ASCII.
pub(super) fn decode_bytes(body: &str, out: &mut Vec<u8>) -> Result<Option<InvalidEscape>, String> {
    let mut invalid = None;
    let bytes = body.as_bytes();
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let rest = bytes.get(index + 1..).unwrap_or_default();
        let kind = match rest.first() {
            Some(&kind) if byte == b'\\' => kind,
            _ => {
                out.push(byte);
                index += 1;
                continue;
            }
        };
        if let Some(value) = simple_escape(char::from(kind)) {
            out.extend_from_slice(value.as_bytes());
            index += 2;
        } else if matches!(kind, b'0'..=b'7') {
            let digits = octal_digits(rest);
            let value = octal(&rest[..digits]);
            if value > 0xFF {
                invalid.get_or_insert(InvalidEscape::Octal(value));
            }
            out.push(value as u8);
            index += 1 + digits;
        } else if kind == b'x' {
            match rest.get(1..3) {
                Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => {
                    out.push((hex_value(digits[0]) << 4 | hex_value(digits[1])) as u8);
                    index += 4;
                }
                _ => return Err(format!("(value error) invalid \\x escape at position {index}")),
            }
        } else {
            invalid.get_or_insert(InvalidEscape::Char(char::from(kind)));
            out.push(b'\\');
            index += 1;
        }
    }
    Ok(invalid)
}

/// The value of a number, of whose form the tokenizer has made sure.
///
/// A decimal integer may have `max_digits` digits (0: any number).
pub(super) fn number(text: &str, max_digits: usize) -> Result<Constant, String> {
    let text = text.replace('_', "");
    let lower = text.to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = lower.strip_prefix(prefix) {
            return Ok(integer(digits, radix));
        }
    }
    if let Some(imaginary) = lower.strip_suffix('j') {
        return Ok(Constant::Complex(0.0, imaginary.parse().unwrap_or(0.0)));
    }
    if lower.contains(['.', 'e']) {
        return Ok(Constant::Float(lower.parse().unwrap_or(0.0)));
    }
    if max_digits != 0 && lower.len() > max_digits {
        return Err(format!(
            "Exceeds the limit ({max_digits} digits) for integer string conversion: value has {} digits; use \
             sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to \
             avoid decimal conversion limits.",
            lower.len()
        ));
    }
    Ok(integer(&lower, 10))
}

fn integer(digits: &str, radix: u32) -> Constant {
    match i64::from_str_radix(digits, radix) {
        Ok(value) => Constant::Int(value),
        Err(_) => Constant::from_bigint(BigInt::parse_bytes(digits.as_bytes(), radix).unwrap_or_default()),
    }
}
