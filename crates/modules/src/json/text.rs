//! JSON strings (RFC 8259): read with their escapes, and written.

use habu_runtime::object::{Raised, Ref, protocol};
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::builder::StrBuilder;

/// Raises `json.JSONDecodeError(message, text, position)`.
#[cold]
pub(super) fn decode_error(message: &str, text: &Str, position: isize) -> Raised {
    let make = || -> Result<Ref, Raised> {
        let module = habu_runtime::import::import_module("json.decoder")?;
        let class = protocol::attribute::get_attribute_str(&module, "JSONDecodeError")?;
        protocol::call(&class, &[&*Str::new(message)?, text, &*Int::from_i64(position as i64)?])
    };
    match make() {
        Ok(exception) => habu_runtime::exceptions::raise::raise_object(exception),
        Err(raised) => raised,
    }
}

/// The four digits from `start`: nothing where one is no digit, or where the text ends with them.
fn four_digits(text: &Str, start: usize) -> Option<u32> {
    let chars = text.chars();
    if start + 4 >= chars.len() {
        return None;
    }
    (start..start + 4).try_fold(0, |value, at| {
        let digit = char::from_u32(chars.get(at)?)?.to_digit(16)?;
        Some(value << 4 | digit)
    })
}

/// Reads the string whose first character behind the quote is at `begin`: the value, and the index behind the closing quote.
pub(super) fn scan(text: &Str, begin: usize, strict: bool) -> Result<(Ref<Str>, usize), Raised> {
    let chars = text.chars();
    let unterminated = || decode_error("Unterminated string starting at", text, begin as isize - 1);
    let (mut built, mut at) = (None::<StrBuilder>, begin);
    loop {
        let start = at;
        let stop = loop {
            match chars.get(at) {
                None => return Err(unterminated()),
                Some(code) if code == u32::from('"') || code == u32::from('\\') => break code,
                Some(code) if code <= 0x1f && strict => {
                    return Err(decode_error("Invalid control character at", text, at as isize));
                }
                Some(_) => at += 1,
            }
        };
        if stop == u32::from('"') {
            let Some(mut built) = built else { return Ok((text.substring_new(start, at)?, at + 1)) };
            built.push_chars(chars.slice(start, at))?;
            return Ok((built.finish()?, at + 1));
        }
        let out = match &mut built {
            Some(out) => out,
            None => built.insert(StrBuilder::new()),
        };
        out.push_chars(chars.slice(start, at))?;
        let backslash = at;
        let Some(kind) = chars.get(at + 1) else { return Err(unterminated()) };
        at += 2;
        let plain = match char::from_u32(kind) {
            Some(same @ ('"' | '\\' | '/')) => Some(same as u32),
            Some('b') => Some(8),
            Some('f') => Some(12),
            Some('n') => Some(10),
            Some('r') => Some(13),
            Some('t') => Some(9),
            Some('u') => None,
            _ => return Err(decode_error("Invalid \\escape", text, backslash as isize)),
        };
        let code = match plain {
            Some(code) => code,
            None => {
                let (code, next) = escaped_code(text, at)?;
                at = next;
                code
            }
        };
        out.push_char(code)?;
    }
}

/// The code behind `\u`, with a low surrogate where one follows a high one.
fn escaped_code(text: &Str, at: usize) -> Result<(u32, usize), Raised> {
    let invalid = |u: usize| decode_error("Invalid \\uXXXX escape", text, u as isize);
    let chars = text.chars();
    let code = four_digits(text, at).ok_or_else(|| invalid(at - 1))?;
    let next = at + 4;
    let follows = (0xD800..=0xDBFF).contains(&code)
        && next + 6 < chars.len()
        && chars.get(next) == Some(u32::from('\\'))
        && chars.get(next + 1) == Some(u32::from('u'));
    if follows {
        let low = four_digits(text, next + 2).ok_or_else(|| invalid(next + 1))?;
        if (0xDC00..=0xDFFF).contains(&low) {
            return Ok((0x10000 + ((code - 0xD800) << 10 | (low - 0xDC00)), next + 6));
        }
    }
    Ok((code, next))
}

fn push_unit(out: &mut StrBuilder, unit: u32) -> Result<(), Raised> {
    out.push_ascii("\\u")?;
    for shift in [12, 8, 4, 0] {
        out.push_char(char::from_digit(unit >> shift & 15, 16).map_or(u32::from('0'), u32::from))?;
    }
    Ok(())
}

/// Whether a character stands for itself.
fn is_plain(code: u32, ascii: bool) -> bool {
    match code {
        0x22 | 0x5c => false,
        0x20..=0x7e => true,
        0x7f.. => !ascii,
        _ => false,
    }
}

/// Writes a string with its quotes.
pub(super) fn write(out: &mut StrBuilder, text: &Str, ascii: bool) -> Result<(), Raised> {
    let chars = text.chars();
    out.push_ascii("\"")?;
    let mut start = 0;
    for (at, code) in chars.iter().enumerate() {
        if is_plain(code, ascii) {
            continue;
        }
        out.push_chars(chars.slice(start, at))?;
        start = at + 1;
        match code {
            0x22 => out.push_ascii("\\\"")?,
            0x5c => out.push_ascii("\\\\")?,
            8 => out.push_ascii("\\b")?,
            12 => out.push_ascii("\\f")?,
            10 => out.push_ascii("\\n")?,
            13 => out.push_ascii("\\r")?,
            9 => out.push_ascii("\\t")?,
            0x10000.. => {
                let code = code - 0x10000;
                push_unit(out, 0xD800 | code >> 10)?;
                push_unit(out, 0xDC00 | code & 0x3ff)?;
            }
            _ => push_unit(out, code)?,
        }
    }
    out.push_chars(chars.slice(start, chars.len()))?;
    out.push_ascii("\"")
}

/// A string as JSON.
pub(super) fn encoded(text: &Str, ascii: bool) -> Result<Ref<Str>, Raised> {
    let mut out = StrBuilder::with_capacity(text.len() + 2)?;
    write(&mut out, text, ascii)?;
    out.finish()
}
