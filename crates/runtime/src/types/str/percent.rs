//! `text % values`.

use habu_heap::Buffer;
use habu_numbers::format_spec::Formatted;
use habu_numbers::percent::{Conversion, Flags, parse, unsupported_character};
use habu_text::{Chars, search};

use super::build::{Joined, join_items};
use super::builder::StrBuilder;
use super::percent_arguments::{Amounts, Arguments};
use super::value::Str;
use crate::object::protocol::{self, number::index};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::int::Int;
use crate::types::{float, int};

/// `format % operand`
pub(super) fn format(format: &Str, operand: &Object) -> Result<Ref<Str>, Raised> {
    crate::eval::breaker::check_signals()?;
    let text = format.chars();
    let is_plain = search::find_chars(text, Chars::One(b"%")).is_none();
    let mut arguments = Arguments::new(operand, "string");
    let mut out = StrBuilder::with_capacity(format.len().saturating_add(16))?;
    // Large strings stand aside, with the text before each, and are copied once, into the result.
    let mut pieces = Buffer::<Ref>::new();
    let mut at = 0;
    let mut conversion = Conversion::default();
    while at < text.len() {
        let rest = text.slice(at, text.len());
        let found = search::find_chars(rest, Chars::One(b"%"));
        let literal = found.unwrap_or(rest.len());
        out.push_chars(rest.slice(0, literal))?;
        if found.is_none() {
            break;
        }
        at += literal + 1;
        if at < text.len() && text.at(at) == u32::from(b'(') {
            arguments.check_mapping()?;
        }
        let read = match text {
            Chars::One(bytes) => parse(bytes.len(), |at| bytes[at].into(), at, &mut conversion),
            _ => parse(text.len(), |at| text.at(at), at, &mut conversion),
        };
        read.map_err(|error| arguments.unreadable(error))?;
        let plain = at;
        at = conversion.end;
        if let Some(key) = &conversion.key {
            arguments.select(&*format.substring_new(key.start, key.end)?)?;
        }
        let amounts = arguments.amounts(&conversion)?;
        if conversion.kind == u32::from(b'%') && conversion.end == plain + 1 {
            out.push_char(conversion.kind)?;
            continue;
        }
        let value = arguments.next()?;
        // What is one exact string as a whole is that string.
        if found == Some(0)
            && plain == 1
            && at == text.len()
            && conversion.kind == u32::from(b's')
            && let Some(whole) = value.downcast_exact::<Str>()
            && amounts.precision.is_none_or(|most| most >= whole.len())
            && amounts.width <= whole.len()
        {
            arguments.finish()?;
            return Ok(Ref::from_borrowed(whole));
        }
        if conversion.kind == u32::from(b's')
            && let Some(large) = value.downcast_exact::<Str>().filter(|text| text.len() >= LARGE)
            && amounts.precision.is_none_or(|most| most >= large.len())
            && amounts.width <= large.len()
        {
            pieces.push(std::mem::take(&mut out).finish()?.into_object())?;
            pieces.push(value.into_ref())?;
            continue;
        }
        push_value(&value, &conversion, amounts, &mut out)?;
    }
    arguments.finish()?;
    if is_plain && format.is_exact::<Str>() {
        return Ok(Ref::from_borrowed(format));
    }
    let rest = out.finish()?;
    if pieces.is_empty() {
        return Ok(rest);
    }
    pieces.push(rest.into_object())?;
    match join_items(&Str::empty(), &pieces)? {
        Joined::Text(text) => Ok(text),
        Joined::TooLong | Joined::NotText(_) => Err(crate::exceptions::memory_error()),
    }
}

/// From this many characters on a string is not copied into the builder first.
const LARGE: usize = 4096;

/// Appends one converted value.
fn push_value(value: &Object, conversion: &Conversion, amounts: Amounts, out: &mut StrBuilder) -> Result<(), Raised> {
    let flags = Flags { left: amounts.left, ..conversion.flags };
    let kind = u8::try_from(conversion.kind).unwrap_or(0);
    match kind {
        b's' | b'r' | b'a' => {
            let shown = match kind {
                b's' => protocol::str(value)?,
                b'r' => protocol::repr(value)?,
                _ => super::ascii(value)?,
            };
            let kept = amounts.precision.map_or(shown.len(), |most| most.min(shown.len()));
            push_padded(shown.chars().slice(0, kept), flags.left, amounts.width, out)
        }
        b'c' => {
            let code = [character(value)?];
            push_padded(Chars::Four(&code), flags.left, amounts.width, out)
        }
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' => {
            // Plain small integers need no detour.
            if kind == b'd'
                && amounts.width == 0
                && amounts.precision.is_none()
                && conversion.flags == Flags::default()
                && value.is_exact::<Int>()
            {
                return out.push(&*protocol::repr(value)?);
            }
            push_formatted(&int::format::percent(value, kind, flags, amounts.width, amounts.precision)?, out)
        }
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            if amounts.width == 0 && !flags.plus && !flags.space {
                return float::format::push_plain(value, kind, flags.alternate, amounts.precision, out);
            }
            push_formatted(&float::format::percent(value, kind, flags, amounts.width, amounts.precision)?, out)
        }
        _ => Err(raise!(ValueError, "{}", unsupported_character(conversion.kind, conversion.end - 1))),
    }
}

/// Appends a formatted number.
pub(crate) fn push_formatted(formatted: &Formatted, out: &mut StrBuilder) -> Result<(), Raised> {
    formatted.for_each(|code, count| if count == 1 { out.push_char(code) } else { out.push_repeated(code, count) })
}

fn push_padded(text: Chars<'_>, left: bool, width: usize, out: &mut StrBuilder) -> Result<(), Raised> {
    let missing = width.saturating_sub(text.len());
    if missing > 0 && !left {
        out.push_repeated(0x20, missing)?;
    }
    out.push_chars(text)?;
    if missing > 0 && left {
        out.push_repeated(0x20, missing)?;
    }
    Ok(())
}

/// The character of `%c`: a string of one character, or a code point.
fn character(value: &Object) -> Result<u32, Raised> {
    let refused = || raise!(TypeError, "%c requires int or char");
    if let Some(text) = value.downcast::<Str>() {
        return text.chars().get(0).filter(|_| text.len() == 1).ok_or_else(refused);
    }
    let number = match value.downcast::<Int>() {
        Some(number) => Ref::from_borrowed(number),
        None => index(value).map_err(|raised| {
            raised.clear();
            refused()
        })?,
    };
    match number.to_i64() {
        Some(code @ 0..0x11_0000) => Ok(code as u32),
        _ => Err(raise!(OverflowError, "%c arg not in range(0x110000)")),
    }
}
