//! Searching, splitting, stripping and comparing, over units of any width: what `str` and `bytes` methods stand on.
//!
//! The functions take slices, so that the range that a method was given is cut out first ([`range`]); positions are
//! relative to the slice. Searches take linear time in the worst case, and haystack and needle may differ in kind.

mod find;
pub mod repr;
pub mod split;
#[cfg(test)]
mod tests;
pub mod trim;
mod two_way;

use std::cmp::Ordering;
use std::ops::Range;

pub use find::{Matches, count, find, matches, replace, rfind};

use crate::{Chars, CodeUnit, OutOfMemory, TextSink, with_units};

/// Runs a body with the slices of two [`Chars`], whatever their kinds.
#[macro_export]
macro_rules! with_two {
    ($one:expr, $two:expr, $a:ident, $b:ident => $body:expr) => {
        $crate::with_units!($one, $a => $crate::with_units!($two, $b => $body))
    };
}

/// The part of a sequence that optional arguments `start` and `end` of a method mean: negative ones count from the end,
/// and what lies outside is cut. `None` where the start is behind the end, in which not even nothing is found.
pub fn range(start: isize, end: isize, length: usize) -> Option<Range<usize>> {
    let place = |index: isize| match usize::try_from(index) {
        Ok(index) => index,
        Err(_) => length.saturating_sub(index.unsigned_abs()),
    };
    let (start, end) = (place(start), place(end).min(length));
    (start <= end).then_some(start..end)
}

/// Whether two texts are equal.
pub fn equal<A: CodeUnit, B: CodeUnit>(one: &[A], two: &[B]) -> bool {
    if one.len() != two.len() {
        return false;
    }
    match (A::as_bytes(one), B::as_bytes(two)) {
        (Some(one), Some(two)) => one == two,
        _ => one.iter().zip(two).all(|(one, two)| one.code() == two.code()),
    }
}

/// Whether a text starts with another.
pub fn starts_with<A: CodeUnit, B: CodeUnit>(text: &[A], start: &[B]) -> bool {
    text.get(..start.len()).is_some_and(|head| equal(head, start))
}

/// Whether a text ends with another.
pub fn ends_with<A: CodeUnit, B: CodeUnit>(text: &[A], end: &[B]) -> bool {
    let Some(at) = text.len().checked_sub(end.len()) else { return false };
    text.get(at..).is_some_and(|tail| equal(tail, end))
}

/// The order of two texts by code points.
pub fn compare(one: Chars<'_>, two: Chars<'_>) -> Ordering {
    match (one, two) {
        (Chars::One(one), Chars::One(two)) => one.cmp(two),
        (Chars::Two(one), Chars::Two(two)) => one.cmp(two),
        (Chars::Four(one), Chars::Four(two)) => one.cmp(two),
        _ => one.iter().cmp(two.iter()),
    }
}

/// [`find`] for texts of any kinds.
pub fn find_chars(text: Chars<'_>, needle: Chars<'_>) -> Option<usize> {
    with_two!(text, needle, text, needle => find(text, needle))
}

/// [`rfind`] for texts of any kinds.
pub fn rfind_chars(text: Chars<'_>, needle: Chars<'_>) -> Option<usize> {
    with_two!(text, needle, text, needle => rfind(text, needle))
}

/// [`count`] for texts of any kinds.
pub fn count_chars(text: Chars<'_>, needle: Chars<'_>, limit: usize) -> usize {
    with_two!(text, needle, text, needle => count(text, needle, limit))
}

/// [`starts_with`] for texts of any kinds.
pub fn starts_with_chars(text: Chars<'_>, start: Chars<'_>) -> bool {
    with_two!(text, start, text, start => starts_with(text, start))
}

/// [`ends_with`] for texts of any kinds.
pub fn ends_with_chars(text: Chars<'_>, end: Chars<'_>) -> bool {
    with_two!(text, end, text, end => ends_with(text, end))
}

/// `expandtabs`: writes blanks for tabulators, to the next column that `size` divides; columns start anew at line ends.
pub fn expand_tabs(text: Chars<'_>, size: usize, sink: &mut impl TextSink) -> Result<(), OutOfMemory> {
    with_units!(text, units => {
        let mut column = 0;
        for unit in units {
            match unit.code() {
                9 => {
                    for _ in 0..size.saturating_sub(column) {
                        sink.push_code(0x20)?;
                    }
                    column = 0;
                }
                code => {
                    column = if matches!(code, 10 | 13) { 0 } else { column + 1 };
                    if column >= size {
                        column = 0;
                    }
                    sink.push_code(code)?;
                }
            }
        }
        Ok(())
    })
}

/// `bytes.translate`: writes each byte that is not deleted as the table has it.
pub fn translate_bytes(bytes: &[u8], table: Option<&[u8; 256]>, delete: &[u8], out: &mut [u8]) -> usize {
    let mut keep = [true; 256];
    for &byte in delete {
        keep[usize::from(byte)] = false;
    }
    let kept = bytes.iter().filter(|&&byte| keep[usize::from(byte)]);
    let mapped = kept.map(|&byte| table.map_or(byte, |table| table[usize::from(byte)]));
    out.iter_mut().zip(mapped).map(|(slot, byte)| *slot = byte).count()
}
