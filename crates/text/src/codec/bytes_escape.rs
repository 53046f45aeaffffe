//! The escapes of bytes literals: `codecs.escape_decode` and `escape_encode`.

use super::escape::{InvalidEscape, push_escape};
use crate::{ByteSink, OutOfMemory};

/// What to do with a wrong `\x` escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnWrongEscape {
    /// Stop.
    Strict,
    /// Write a question mark.
    Replace,
    /// Write nothing.
    Ignore,
}

/// Why decoding stopped; CPython raises `ValueError` for the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EscapeError {
    /// `Trailing \ in string`
    Trailing,
    /// `invalid \x escape at position N`
    Invalid(usize),
    /// The sink refused.
    OutOfMemory,
}

impl From<OutOfMemory> for EscapeError {
    fn from(_: OutOfMemory) -> EscapeError {
        EscapeError::OutOfMemory
    }
}

/// Decodes; returns the first invalid escape, which stays in the output as it is.
pub fn decode(
    input: &[u8],
    wrong: OnWrongEscape,
    sink: &mut impl ByteSink,
) -> Result<Option<InvalidEscape>, EscapeError> {
    let mut invalid = None;
    let mut at = 0;
    while let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) {
        let run = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        sink.push_bytes(rest.get(..run).unwrap_or_default())?;
        at += run;
        let Some(escape) = rest.get(run + 1..) else { break };
        let Some(&kind) = escape.first() else { return Err(EscapeError::Trailing) };
        let position = at + 1;
        at += 2;
        match kind {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => sink.push_byte(kind)?,
            b'b' => sink.push_byte(8)?,
            b't' => sink.push_byte(b'\t')?,
            b'n' => sink.push_byte(b'\n')?,
            b'f' => sink.push_byte(12)?,
            b'r' => sink.push_byte(b'\r')?,
            b'v' => sink.push_byte(11)?,
            b'a' => sink.push_byte(7)?,
            b'0'..=b'7' => {
                let digits = escape.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7'));
                let (value, count) =
                    digits.fold((0_u32, 0), |(value, count), &byte| (value << 3 | u32::from(byte - b'0'), count + 1));
                if value > 0o377 {
                    invalid.get_or_insert(InvalidEscape { position, octal: true });
                }
                sink.push_byte(value as u8)?;
                at = position + count;
            }
            b'x' => {
                let digit = |index: usize| input.get(index).and_then(|&byte| char::from(byte).to_digit(16));
                match (digit(at), digit(at + 1)) {
                    (Some(high), Some(low)) => {
                        sink.push_byte((high << 4 | low) as u8)?;
                        at += 2;
                    }
                    (first, _) => {
                        match wrong {
                            OnWrongEscape::Strict => return Err(EscapeError::Invalid(at - 2)),
                            OnWrongEscape::Replace => sink.push_byte(b'?')?,
                            OnWrongEscape::Ignore => {}
                        }
                        at += usize::from(first.is_some());
                    }
                }
            }
            _ => {
                invalid.get_or_insert(InvalidEscape { position, octal: false });
                sink.push_bytes(&[b'\\', kind])?;
            }
        }
    }
    Ok(invalid)
}

/// Encodes as between single quotes.
pub fn encode(input: &[u8], sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
    encode_between(input, b'\'', sink)
}

/// `repr` of bytes, without the prefix that `bytearray` has: single quotes, unless only single ones occur within.
pub fn repr(input: &[u8], sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
    let quote = if input.contains(&b'\'') && !input.contains(&b'"') { b'"' } else { b'\'' };
    sink.push_bytes(&[b'b', quote])?;
    encode_between(input, quote, sink)?;
    sink.push_byte(quote)
}

fn encode_between(input: &[u8], quote: u8, sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
    for &byte in input {
        match byte {
            b'\t' => sink.push_bytes(b"\\t")?,
            b'\n' => sink.push_bytes(b"\\n")?,
            b'\r' => sink.push_bytes(b"\\r")?,
            b'\\' => sink.push_bytes(b"\\\\")?,
            _ if byte == quote => sink.push_bytes(&[b'\\', quote])?,
            0x20..0x7F => sink.push_byte(byte)?,
            _ => push_escape(u32::from(byte), sink)?,
        }
    }
    Ok(())
}
