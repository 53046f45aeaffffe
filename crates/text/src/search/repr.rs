//! `repr` of text: quotes, and escapes for what does not print.

use crate::codec::escape::escape_of;
use crate::gather::{Codes, plain_prefix};
use crate::unicode::is_printable;
use crate::{Chars, CodeUnit, OutOfMemory, TextSink, with_units};

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
    with_units!(text, units => quote_of(units))
}

fn quote_of<U: CodeUnit>(units: &[U]) -> u32 {
    let has = |wanted: u8| U::from_code(u32::from(wanted)).is_some_and(|unit| U::position(units, unit).is_some());
    u32::from(if has(b'\'') && !has(b'"') { b'"' } else { b'\'' })
}

fn write(text: Chars<'_>, ascii: bool, sink: &mut impl TextSink) -> Result<(), OutOfMemory> {
    let quote = quote(text);
    let mut shown = Codes::new(sink);
    shown.push(quote)?;
    match text {
        Chars::One(units) => write_bytes(units, quote, ascii, &mut shown)?,
        Chars::Two(units) => {
            units.iter().try_for_each(|&unit| push_shown(u32::from(unit), quote, ascii, &mut shown))?
        }
        Chars::Four(units) => units.iter().try_for_each(|&unit| push_shown(unit, quote, ascii, &mut shown))?,
    }
    shown.push(quote)?;
    shown.flush()
}

/// Writes text of bytes: long runs of what shows as itself at once.
fn write_bytes<S: TextSink>(
    units: &[u8],
    quote: u32,
    ascii: bool,
    shown: &mut Codes<'_, S>,
) -> Result<(), OutOfMemory> {
    let mut rest = units;
    while let Some(&unit) = rest.first() {
        let (plain, behind) = rest.split_at_checked(plain_prefix(rest)).unwrap_or_default();
        if plain.is_empty() {
            push_shown(u32::from(unit), quote, ascii, shown)?;
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        for (index, part) in plain.split(|&unit| u32::from(unit) == quote).enumerate() {
            if index > 0 {
                shown.push_latin1(&[b'\\', quote as u8])?;
            }
            shown.push_latin1(part)?;
        }
        rest = behind;
    }
    Ok(())
}

#[inline(always)]
fn push_shown<S: TextSink>(code: u32, quote: u32, ascii: bool, shown: &mut Codes<'_, S>) -> Result<(), OutOfMemory> {
    let letter = match code {
        9 => b't',
        10 => b'n',
        13 => b'r',
        0x5C => b'\\',
        _ if code == quote => quote as u8,
        0x20..0x7F => return shown.push(code),
        _ if code >= 0x80 && !ascii && is_printable(code) => return shown.push(code),
        _ => {
            let (bytes, length) = escape_of(code);
            return bytes.iter().take(length).try_for_each(|&byte| shown.push(u32::from(byte)));
        }
    };
    shown.push(u32::from(b'\\'))?;
    shown.push(u32::from(letter))
}
