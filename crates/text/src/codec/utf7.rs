//! UTF-7 (RFC 2152), in CPython's reading of it: the optional direct characters and blanks stand for themselves, and
//! lone surrogates pass.

use super::Stopped;
use crate::{ByteSink, Chars, OutOfMemory, TextSink, with_units};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn sextet(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// Whether a character is written as it is.
fn is_direct(code: u32) -> bool {
    matches!(u8::try_from(code), Ok(byte) if byte.is_ascii_alphanumeric()
        || b"'(),-./:?!\"#$%&*;<=>@[]^_`{|} \t\n\r".contains(&byte))
}

/// Decodes from a position. An unfinished shifted run is left for later as a whole where more may follow.
pub fn decode(input: &[u8], from: usize, last: bool, sink: &mut impl TextSink) -> Result<usize, Stopped> {
    let mut at = from;
    while let Some(&byte) = input.get(at) {
        match byte {
            b'+' => match input.get(at + 1) {
                Some(b'-') => {
                    sink.push_code(u32::from(b'+'))?;
                    at += 2;
                }
                Some(&next) if sextet(next).is_none() => {
                    return Err(Stopped::problem(at, at + 2, "ill-formed sequence"));
                }
                _ => {
                    let rest = input.get(at + 1..).unwrap_or_default();
                    let run = rest.iter().take_while(|&&byte| sextet(byte).is_some()).count();
                    let end = at + 1 + run;
                    if end >= input.len() && !last {
                        return Ok(at);
                    }
                    at = shifted(input, at, end, sink)?;
                }
            },
            0..=0x7F => {
                sink.push_code(u32::from(byte))?;
                at += 1;
            }
            _ => return Err(Stopped::problem(at, at + 1, "unexpected special character")),
        }
    }
    Ok(at)
}

/// Decodes a run between its plus sign and its end, and returns where to go on.
fn shifted(input: &[u8], start: usize, end: usize, sink: &mut impl TextSink) -> Result<usize, Stopped> {
    let mut buffer = 0_u32;
    let mut bits = 0_u32;
    let mut high: Option<u32> = None;
    for &byte in input.get(start + 1..end).unwrap_or_default() {
        buffer = buffer << 6 | sextet(byte).unwrap_or_default();
        bits += 6;
        if bits < 16 {
            continue;
        }
        bits -= 16;
        let unit = buffer >> bits;
        buffer &= (1 << bits) - 1;
        match (high.take(), unit) {
            (Some(high), 0xDC00..0xE000) => sink.push_code(0x1_0000 + ((high - 0xD800) << 10) + (unit - 0xDC00))?,
            (pending, _) => {
                if let Some(pending) = pending {
                    sink.push_code(pending)?;
                }
                if (0xD800..0xDC00).contains(&unit) {
                    high = Some(unit);
                } else {
                    sink.push_code(unit)?;
                }
            }
        }
    }
    let Some(&next) = input.get(end) else {
        if high.is_some() || bits >= 6 || buffer != 0 {
            return Err(Stopped::problem(start, end, "unterminated shift sequence"));
        }
        return Ok(end);
    };
    if bits >= 6 {
        return Err(Stopped::problem(start, end + 1, "partial character in shift sequence"));
    }
    if buffer != 0 {
        return Err(Stopped::problem(start, end + 1, "non-zero padding bits in shift sequence"));
    }
    if let Some(high) = high.filter(|_| next.is_ascii()) {
        sink.push_code(high)?;
    }
    Ok(end + usize::from(next == b'-'))
}

/// The shifted state of an encoder.
#[derive(Default)]
struct Shift {
    on: bool,
    buffer: u32,
    bits: u32,
}

impl Shift {
    fn unit(&mut self, unit: u32, sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
        self.buffer = self.buffer << 16 | unit;
        self.bits += 16;
        while self.bits >= 6 {
            self.bits -= 6;
            self.digit(self.buffer >> self.bits, sink)?;
        }
        self.buffer &= (1 << self.bits) - 1;
        Ok(())
    }

    fn digit(&self, value: u32, sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
        sink.push_byte(ALPHABET[(value & 63) as usize])
    }

    /// Ends the run; the minus sign is written where the next character would seem part of it.
    fn end(&mut self, minus: bool, sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
        if self.bits > 0 {
            self.digit(self.buffer << (6 - self.bits), sink)?;
        }
        *self = Shift::default();
        if minus { sink.push_byte(b'-') } else { Ok(()) }
    }
}

/// Encodes; nothing is refused.
pub fn encode(text: Chars<'_>, sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
    let mut shift = Shift::default();
    with_units!(text, units => {
        for unit in units {
            let code = crate::CodeUnit::code(*unit);
            if is_direct(code) {
                let byte = code as u8;
                if shift.on {
                    shift.end(sextet(byte).is_some() || byte == b'-', sink)?;
                }
                sink.push_byte(byte)?;
                continue;
            }
            if !shift.on {
                if code == u32::from(b'+') {
                    sink.push_bytes(b"+-")?;
                    continue;
                }
                sink.push_byte(b'+')?;
                shift.on = true;
            }
            if code > 0xFFFF {
                let above = code.wrapping_sub(0x1_0000);
                shift.unit(0xD800 | (above >> 10 & 0x3FF), sink)?;
                shift.unit(0xDC00 | (above & 0x3FF), sink)?;
            } else {
                shift.unit(code, sink)?;
            }
        }
    });
    if shift.on { shift.end(true, sink) } else { Ok(()) }
}
