//! Unicode 14.0.0 character data, as CPython 3.11's `str` methods and `unicodedata` see it.
//!
//! The data are generated (`cargo xtask unicode`) from CPython's answers, so that its peculiarities are kept: identifiers
//! are those that stay identifiers under NFKC, spaces include U+001C to U+001F, and so on.

pub mod case;
pub mod names;
pub mod normalize;
pub mod old;
pub mod predicates;
mod tables;
#[cfg(test)]
mod tests;

use crate::{ByteSink, Chars, OutOfMemory};
use tables::{database_record, type_record};

/// The version of the Unicode character database.
pub const VERSION: &str = "14.0.0";

/// Bits of a type record.
mod flag {
    pub(super) const ALPHA: u16 = 1;
    pub(super) const DECIMAL: u16 = 2;
    pub(super) const DIGIT: u16 = 4;
    pub(super) const NUMERIC: u16 = 8;
    pub(super) const SPACE: u16 = 0x10;
    pub(super) const PRINTABLE: u16 = 0x20;
    pub(super) const UPPER: u16 = 0x40;
    pub(super) const LOWER: u16 = 0x80;
    pub(super) const TITLE: u16 = 0x100;
    pub(super) const XID_START: u16 = 0x200;
    pub(super) const XID_CONTINUE: u16 = 0x400;
    pub(super) const LINE_BREAK: u16 = 0x800;
    pub(super) const CASED: u16 = 0x1000;
    pub(super) const CASE_IGNORABLE: u16 = 0x2000;
    pub(super) const ALNUM: u16 = ALPHA | DECIMAL | DIGIT | NUMERIC;
}

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $flag:ident;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(code: u32) -> bool {
            type_record(code).flags & flag::$flag != 0
        }
    )*};
}

flags! {
    /// `str.isalpha` of a character.
    is_alpha = ALPHA;
    /// `str.isdecimal` of a character.
    is_decimal = DECIMAL;
    /// `str.isdigit` of a character.
    is_digit = DIGIT;
    /// `str.isnumeric` of a character.
    is_numeric = NUMERIC;
    /// `str.isalnum` of a character.
    is_alnum = ALNUM;
    /// `str.isprintable` of a character: what `repr` does not escape.
    is_printable = PRINTABLE;
    /// `str.isupper` of a character.
    is_upper = UPPER;
    /// `str.islower` of a character.
    is_lower = LOWER;
    /// Whether the character is a title-case letter (Lt).
    is_title_letter = TITLE;
    /// Whether an identifier can start with the character.
    is_xid_start = XID_START;
    /// Whether an identifier can go on with the character.
    is_xid_continue = XID_CONTINUE;
    /// Whether the character has case (upper, lower, title, or another one of the property Cased).
    is_cased = CASED;
    /// Whether the rule for the final sigma looks through the character.
    is_case_ignorable = CASE_IGNORABLE;
}

/// `str.isspace` of a character.
#[inline]
pub fn is_space(code: u32) -> bool {
    if code < 0x80 { matches!(code, 9..=13 | 28..=32) } else { type_record(code).flags & flag::SPACE != 0 }
}

/// Whether `str.splitlines` ends a line at the character.
#[inline]
pub fn is_line_break(code: u32) -> bool {
    if code < 0x80 { matches!(code, 10..=13 | 28..=30) } else { type_record(code).flags & flag::LINE_BREAK != 0 }
}

/// The value as a decimal digit, 0 to 9 (`unicodedata.decimal`).
#[inline]
pub fn decimal(code: u32) -> Option<u8> {
    Some(type_record(code).decimal).filter(|&value| value != 255)
}

/// The value as a digit, 0 to 9 (`unicodedata.digit`).
#[inline]
pub fn digit(code: u32) -> Option<u8> {
    Some(type_record(code).digit).filter(|&value| value != 255)
}

/// The numeric value, fractions and negative ones included (`unicodedata.numeric`).
pub fn numeric(code: u32) -> Option<f64> {
    let table = &tables::database::NUMERIC;
    let at = table.binary_search_by_key(&code, |row| row.0).ok()?;
    table.get(at).map(|row| row.1)
}

/// Writes a number's text as ASCII: digits of any script and white space as what they stand for. Stops before the first
/// character that is neither that nor ASCII, and says where it stopped (the length, if it did not).
pub fn ascii_number(text: Chars<'_>, sink: &mut impl ByteSink) -> Result<usize, OutOfMemory> {
    for (index, code) in text.iter().enumerate() {
        let byte = match (u8::try_from(code), decimal(code)) {
            (Ok(byte), _) if byte.is_ascii() => byte,
            (_, Some(digit)) => b'0' + digit,
            _ if is_space(code) => b' ',
            _ => return Ok(index),
        };
        sink.push_byte(byte)?;
    }
    Ok(text.len())
}

fn named(names: &[&'static str], index: u8) -> &'static str {
    names.get(usize::from(index)).copied().unwrap_or_default()
}

/// The general category: two letters, `Cn` for an unassigned code point.
pub fn category(code: u32) -> &'static str {
    named(&tables::database::CATEGORIES, database_record(code).category)
}

/// Whether the code point is assigned (its category is not `Cn`).
pub fn is_assigned(code: u32) -> bool {
    database_record(code).category != 0
}

/// The bidirectional class, or an empty text where none is defined.
pub fn bidirectional(code: u32) -> &'static str {
    named(&tables::database::BIDIRECTIONAL, database_record(code).bidirectional)
}

/// The canonical combining class.
#[inline]
pub fn combining(code: u32) -> u8 {
    database_record(code).combining
}

/// The East Asian width: `F`, `H`, `W`, `Na`, `A` or `N`.
pub fn east_asian_width(code: u32) -> &'static str {
    named(&tables::database::WIDTHS, database_record(code).width)
}

/// Whether the character is mirrored in bidirectional text.
pub fn is_mirrored(code: u32) -> bool {
    database_record(code).mirrored
}

/// The decomposition in the database: the name of its kind (empty for a canonical one) and the code points.
/// `unicodedata.decomposition` shows them as `<kind> 0020 0308`. Hangul syllables have none here.
pub fn decomposition(code: u32) -> Option<(&'static str, &'static [u32])> {
    let table = &tables::decompositions::DECOMPOSITIONS;
    let at = table.binary_search_by_key(&code, |row| row.0).ok()?;
    let &(_, tag, length, start) = table.get(at)?;
    let start = usize::from(start);
    let mapping = tables::decompositions::MAPPINGS.get(start..start + usize::from(length))?;
    Some((named(&tables::decompositions::TAGS, tag), mapping))
}
