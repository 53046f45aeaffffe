//! Where a SyntaxError is: its file, line, the line's text and the marks under it.

use super::output::Output;
use crate::exceptions::syntax_error::SyntaxError;
use crate::exceptions::{BaseException, exc};
use crate::object::protocol;
use crate::object::{Raised, Ref};
use crate::types::int::Int;
use crate::types::singletons::is_none;
use crate::types::str::Str;

/// Writes the place of an exception with `print_file_and_line`; its message is what is to be shown of the exception itself.
pub(super) fn write_place(output: &mut Output, exception: &BaseException) -> Result<Option<Ref>, Raised> {
    if !exception.is_a(exc::SyntaxError()) {
        return Ok(None);
    }
    let Some(error) = exception.downcast::<SyntaxError>() else { return Ok(None) };
    let number = |value: Option<Ref>| value.and_then(|value| value.downcast::<Int>().and_then(Int::to_i64));
    let Some(line) = number(error.lineno.get()) else { return Ok(None) };
    let message = error.msg.get().unwrap_or_else(crate::types::none);
    output.margin()?;
    output.push_str("  File \"")?;
    match error.filename.get().filter(|name| !is_none(name)) {
        Some(name) => output.push_or(protocol::str(&name), "<string>")?,
        None => output.push_str("<string>")?,
    }
    output.push_str(&format!("\", line {line}\n"))?;
    if let Some(text) = error.text.get().and_then(|text| text.downcast_into::<Str>().ok()) {
        let offset = number(error.offset.get()).unwrap_or(-1);
        let end = number(error.end_offset.get()).unwrap_or(-1);
        write_text(output, &text, offset, end)?;
    }
    Ok(Some(message))
}

/// Writes the line, stripped, and carets from column `offset` (from 1) up to `end`.
fn write_text(output: &mut Output, text: &Str, offset: i64, end: i64) -> Result<(), Raised> {
    let chars: Vec<u32> = text.chars().iter().collect();
    // No mark goes past the text.
    let end = end.min(chars.len() as i64 + i64::from(chars.last() != Some(&0x0a)));
    let count = if end > 0 && end > offset { end - offset } else { 1 };
    let mut offset = offset - 1;
    let blank = |character: &u32| [0x20, 0x09, 0x0c].contains(character);
    let stripped = chars.iter().take_while(|character| blank(character)).count();
    let mut line = &chars[stripped..];
    offset -= stripped as i64;
    let mut length = line.len();
    if line.last() == Some(&0x0a) {
        length -= 1;
    }
    offset = offset.min(length as i64);
    // Lines before the one that the offset is in are not shown.
    while let Some(newline) = line.iter().position(|character| *character == 0x0a) {
        if newline as i64 >= offset || newline >= length {
            break;
        }
        line = &line[newline + 1..];
        length -= newline + 1;
        offset -= newline as i64 + 1;
    }
    output.margin()?;
    output.push_str("    ")?;
    output.push(&*Str::from_code_points(&line[..length.min(line.len())])?)?;
    output.push_str("\n")?;
    if offset < 0 {
        return Ok(());
    }
    output.margin()?;
    output.push_str("    ")?;
    output.push_str(&" ".repeat(offset.clamp(0, 100_000) as usize))?;
    output.push_str(&"^".repeat(count.clamp(1, 100_000) as usize))?;
    output.push_str("\n")
}
