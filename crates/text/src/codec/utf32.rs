//! UTF-32 in either byte order, with or without a byte order mark.

use super::{ByteOrder, SURROGATES, Stopped, is_surrogate};
use crate::{ByteSink, Chars, OutOfMemory, TextSink, with_units};

/// The byte order that a mark at the start of the input tells; the mark has four bytes.
pub fn mark(input: &[u8]) -> Option<ByteOrder> {
    match input {
        [0xFF, 0xFE, 0, 0, ..] => Some(ByteOrder::Little),
        [0, 0, 0xFE, 0xFF, ..] => Some(ByteOrder::Big),
        _ => None,
    }
}

/// Decodes from a position.
pub fn decode(
    input: &[u8],
    from: usize,
    order: ByteOrder,
    last: bool,
    sink: &mut impl TextSink,
) -> Result<usize, Stopped> {
    let mut at = from;
    while let Some(unit) = input.get(at..).and_then(|rest| rest.first_chunk::<4>()) {
        let code = match order {
            ByteOrder::Little => u32::from_le_bytes(*unit),
            ByteOrder::Big => u32::from_be_bytes(*unit),
        };
        if is_surrogate(code) {
            let reason = "code point in surrogate code point range(0xd800, 0xe000)";
            return Err(Stopped::problem(at, at + 4, reason));
        }
        if code > 0x10_FFFF {
            return Err(Stopped::problem(at, at + 4, "code point not in range(0x110000)"));
        }
        sink.push_code(code)?;
        at += 4;
    }
    if last && at < input.len() {
        return Err(Stopped::problem(at, input.len(), "truncated data"));
    }
    Ok(at)
}

/// Appends a unit.
pub fn push_unit(unit: u32, order: ByteOrder, sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
    sink.push_bytes(&match order {
        ByteOrder::Little => unit.to_le_bytes(),
        ByteOrder::Big => unit.to_be_bytes(),
    })
}

/// Encodes from a position, without a mark.
pub fn encode(text: Chars<'_>, from: usize, order: ByteOrder, sink: &mut impl ByteSink) -> Result<(), Stopped> {
    with_units!(text, units => {
        for (at, unit) in units.iter().enumerate().skip(from) {
            let code = crate::CodeUnit::code(*unit);
            if is_surrogate(code) {
                return Err(Stopped::problem(at, at + 1, SURROGATES));
            }
            push_unit(code, order, sink)?;
        }
        Ok(())
    })
}
