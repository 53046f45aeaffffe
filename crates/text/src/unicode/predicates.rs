//! The `is...` methods of `str` on whole texts, and what identifiers are.

use super::flag;
use super::tables::type_record;
use crate::{Chars, CodeUnit, with_units};

/// Whether there is a character and all of them have one of the flags.
fn all(text: Chars<'_>, flags: u16) -> bool {
    !text.is_empty() && with_units!(text, units => units.iter().all(|unit| type_record(unit.code()).flags & flags != 0))
}

/// `str.isalpha`
pub fn text_is_alpha(text: Chars<'_>) -> bool {
    all(text, flag::ALPHA)
}

/// `str.isalnum`
pub fn text_is_alnum(text: Chars<'_>) -> bool {
    all(text, flag::ALNUM)
}

/// `str.isdecimal`
pub fn text_is_decimal(text: Chars<'_>) -> bool {
    all(text, flag::DECIMAL)
}

/// `str.isdigit`
pub fn text_is_digit(text: Chars<'_>) -> bool {
    all(text, flag::DIGIT)
}

/// `str.isnumeric`
pub fn text_is_numeric(text: Chars<'_>) -> bool {
    all(text, flag::NUMERIC)
}

/// `str.isspace`
pub fn text_is_space(text: Chars<'_>) -> bool {
    all(text, flag::SPACE)
}

/// `str.isprintable`: true of an empty text too.
pub fn text_is_printable(text: Chars<'_>) -> bool {
    text.is_empty() || all(text, flag::PRINTABLE)
}

/// `str.isidentifier`: keywords count as identifiers.
pub fn text_is_identifier(text: Chars<'_>) -> bool {
    let Some(first) = text.get(0) else { return false };
    type_record(first).flags & flag::XID_START != 0 && all(text, flag::XID_CONTINUE)
}
