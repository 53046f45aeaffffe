//! `repr` of text: quotes, and escapes for what does not print.

use crate::unicode::is_printable;
use crate::{Chars, OutOfMemory, TextSink, with_units};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Writes the `repr`: in single quotes, unless only single quotes occur within.
pub fn repr(text: Chars<'_>, sink: &mut impl TextSink) -> Result<(), OutOfMemory> {
    write(text, false, sink)
}

/// Writes what `ascii` shows: as `repr`, with everything beyond ASCII escaped.
pub fn ascii(text: Chars<'_>, sink: &mut impl TextSink) -> Result<(), OutOfMemory> {
    write(text, true, sink)
}

/// The quote that the `repr` uses.
pub fn quote(text: Chars<'_>) -> u32 {
    let has = |wanted: u8| with_units!(text, units => units.iter().any(|unit| crate::CodeUnit::code(*unit) == u32::from(wanted)));
    u32::from(if has(b'\'') && !has(b'"') { b'"' } else { b'\'' })
}

fn write(text: Chars<'_>, ascii: bool, sink: &mut impl TextSink) -> Result<(), OutOfMemory> {
    let quote = quote(text);
    sink.push_code(quote)?;
    with_units!(text, units => {
        for unit in units {
            push_shown(crate::CodeUnit::code(*unit), quote, ascii, sink)?;
        }
    });
    sink.push_code(quote)
}

#[inline]
fn push_shown(code: u32, quote: u32, ascii: bool, sink: &mut impl TextSink) -> Result<(), OutOfMemory> {
    match code {
        9 => sink.push_latin1(b"\\t"),
        10 => sink.push_latin1(b"\\n"),
        13 => sink.push_latin1(b"\\r"),
        0x5C => sink.push_latin1(b"\\\\"),
        _ if code == quote => {
            sink.push_code(0x5C)?;
            sink.push_code(code)
        }
        0x20..0x7F => sink.push_code(code),
        _ if code >= 0x80 && !ascii && is_printable(code) => sink.push_code(code),
        0..=0xFF => push_escape(b'x', 2, code, sink),
        0x100..=0xFFFF => push_escape(b'u', 4, code, sink),
        _ => push_escape(b'U', 8, code, sink),
    }
}

fn push_escape(letter: u8, digits: u32, code: u32, sink: &mut impl TextSink) -> Result<(), OutOfMemory> {
    sink.push_latin1(&[b'\\', letter])?;
    (0..digits).rev().try_for_each(|digit| sink.push_latin1(&[DIGITS[(code >> (4 * digit) & 15) as usize]]))
}
