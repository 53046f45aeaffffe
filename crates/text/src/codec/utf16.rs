//! UTF-16 in either byte order, with or without a byte order mark.

use super::{ByteOrder, SURROGATES, Stopped, is_surrogate};
use crate::gather::{Bytes, Codes};
use crate::{ByteSink, Chars, OutOfMemory, TextSink, with_units};

/// The byte order that a mark at the start of the input tells; the mark has two bytes.
pub fn mark(input: &[u8]) -> Option<ByteOrder> {
    match input {
        [0xFF, 0xFE, ..] => Some(ByteOrder::Little),
        [0xFE, 0xFF, ..] => Some(ByteOrder::Big),
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
    let unit_at = |at: usize| {
        let pair = input.get(at..)?.first_chunk::<2>()?;
        Some(u32::from(match order {
            ByteOrder::Little => u16::from_le_bytes(*pair),
            ByteOrder::Big => u16::from_be_bytes(*pair),
        }))
    };
    let mut at = from;
    let mut codes = Codes::new(sink);
    while let Some(unit) = unit_at(at) {
        if !is_surrogate(unit) {
            codes.push(unit)?;
            at += 2;
            continue;
        }
        let next = unit_at(at + 2);
        if unit < 0xDC00
            && let Some(low @ 0xDC00..0xE000) = next
        {
            codes.push(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00))?;
            at += 4;
            continue;
        }
        codes.flush()?;
        if unit >= 0xDC00 {
            return Err(Stopped::problem(at, at + 2, "illegal encoding"));
        }
        return match next {
            Some(_) => Err(Stopped::problem(at, at + 2, "illegal UTF-16 surrogate")),
            None if last => Err(Stopped::problem(at, input.len(), "unexpected end of data")),
            None => Ok(at),
        };
    }
    codes.flush()?;
    if last && at < input.len() {
        return Err(Stopped::problem(at, input.len(), "truncated data"));
    }
    Ok(at)
}

/// Appends a unit.
pub fn push_unit(unit: u16, order: ByteOrder, sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
    sink.push_bytes(&match order {
        ByteOrder::Little => unit.to_le_bytes(),
        ByteOrder::Big => unit.to_be_bytes(),
    })
}

/// Encodes from a position, without a mark.
pub fn encode(text: Chars<'_>, from: usize, order: ByteOrder, sink: &mut impl ByteSink) -> Result<(), Stopped> {
    let bytes_of = |unit: u16| match order {
        ByteOrder::Little => unit.to_le_bytes(),
        ByteOrder::Big => unit.to_be_bytes(),
    };
    let mut gathered = Bytes::new(sink);
    with_units!(text, units => {
        for (at, unit) in units.iter().enumerate().skip(from) {
            let code = crate::CodeUnit::code(*unit);
            match u16::try_from(code) {
                Ok(_) if is_surrogate(code) => {
                    gathered.flush()?;
                    return Err(Stopped::problem(at, at + 1, SURROGATES));
                }
                Ok(unit) => gathered.push(bytes_of(unit))?,
                Err(_) => {
                    let above = code.wrapping_sub(0x1_0000);
                    gathered.push(bytes_of(0xD800 | (above >> 10 & 0x3FF) as u16))?;
                    gathered.push(bytes_of(0xDC00 | (above & 0x3FF) as u16))?;
                }
            }
        }
    });
    gathered.flush()?;
    Ok(())
}
