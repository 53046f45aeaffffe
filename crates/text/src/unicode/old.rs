//! Unicode 3.2.0 as differences from the present database: `unicodedata.ucd_3_2_0`, which `stringprep` and with it the
//! codec `idna` are bound to. Only what is not here is the same in both.

use super::named;
use super::normalize::{Form, normalize_by};
use super::tables::database::{BIDIRECTIONAL, CATEGORIES, WIDTHS};
use super::tables::old::{ASSIGNED, CHANGES, MAPPINGS};
use crate::{Chars, OutOfMemory};

/// The version of the database.
pub const VERSION: &str = "3.2.0";

/// What changed of a code point that was assigned.
fn change(code: u32) -> Option<&'static (u32, u8, u8, u8, bool, u8)> {
    let at = CHANGES.binary_search_by_key(&code, |row| row.0).ok()?;
    CHANGES.get(at)
}

/// Whether the code point was assigned.
pub fn is_assigned(code: u32) -> bool {
    ASSIGNED.partition_point(|&start| start <= code) % 2 == 1
}

/// The general category; `Cn` for what was not assigned.
pub fn category(code: u32) -> &'static str {
    match change(code) {
        Some(change) => named(&CATEGORIES, change.1),
        None if is_assigned(code) => super::category(code),
        None => "Cn",
    }
}

/// The bidirectional class; empty for what was not assigned.
pub fn bidirectional(code: u32) -> &'static str {
    match change(code) {
        Some(change) => named(&BIDIRECTIONAL, change.2),
        None if is_assigned(code) => super::bidirectional(code),
        None => "",
    }
}

/// The canonical combining class; zero for what was not assigned.
pub fn combining(code: u32) -> u8 {
    if is_assigned(code) { super::combining(code) } else { 0 }
}

/// The East Asian width; `F` for what was not assigned, as CPython has it.
pub fn east_asian_width(code: u32) -> &'static str {
    match change(code) {
        Some(change) => named(&WIDTHS, change.3),
        None if is_assigned(code) => super::east_asian_width(code),
        None => "F",
    }
}

/// Whether the character is mirrored in bidirectional text.
pub fn is_mirrored(code: u32) -> bool {
    match change(code) {
        Some(change) => change.4,
        None => is_assigned(code) && super::is_mirrored(code),
    }
}

/// The value as a decimal digit.
pub fn decimal(code: u32) -> Option<u8> {
    match change(code) {
        Some(change) => Some(change.5).filter(|&value| value != 255),
        None => super::decimal(code).filter(|_| is_assigned(code)),
    }
}

/// The value as a digit: CPython has the present one, also for what was not assigned.
pub fn digit(code: u32) -> Option<u8> {
    super::digit(code)
}

/// The numeric value.
pub fn numeric(code: u32) -> Option<f64> {
    super::numeric(code).filter(|_| is_assigned(code))
}

/// The decomposition that `unicodedata.ucd_3_2_0.decomposition` shows: that of today, for what was assigned.
pub fn decomposition(code: u32) -> Option<(&'static str, &'static [u32])> {
    super::decomposition(code).filter(|_| is_assigned(code))
}

/// The decomposition that normalising uses: corrections since are undone.
fn uncorrected(code: u32) -> Option<(&'static str, &'static [u32])> {
    match MAPPINGS.iter().find(|row| row.0 == code) {
        Some((_, mapping)) => Some(("", mapping)),
        None => decomposition(code),
    }
}

/// The text in a normal form.
pub fn normalize(text: Chars<'_>, form: Form) -> Result<Vec<u32>, OutOfMemory> {
    normalize_by(text, form, uncorrected)
}

/// Whether the text is in a normal form.
pub fn is_normalized(text: Chars<'_>, form: Form) -> Result<bool, OutOfMemory> {
    let normal = normalize(text, form)?;
    Ok(normal.len() == text.len() && text.iter().eq(normal))
}
