//! Stripping from the ends: white space, or the characters of a set.

use std::ops::Range;

use crate::{Chars, CodeUnit};

/// A set of characters, for `strip` and its kin. Small code points are looked up in a bitmap.
#[derive(Debug, Clone, Copy)]
pub struct CharSet<'a> {
    small: [u64; 4],
    all: Chars<'a>,
}

impl<'a> CharSet<'a> {
    /// The set of the characters of a text.
    pub fn new(all: Chars<'a>) -> CharSet<'a> {
        let mut small = [0; 4];
        for code in all.iter().filter(|&code| code < 256) {
            small[(code >> 6) as usize] |= 1 << (code & 63);
        }
        CharSet { small, all }
    }

    /// Whether a character is in the set.
    #[inline]
    pub fn contains(&self, code: u32) -> bool {
        match self.small.get((code >> 6) as usize) {
            Some(word) => word >> (code & 63) & 1 != 0,
            None => self.all.iter().any(|other| other == code),
        }
    }
}

/// The range that is left when units that a test accepts are taken off the start, the end, or both.
pub fn strip<U: CodeUnit>(text: &[U], start: bool, end: bool, test: impl Fn(u32) -> bool) -> Range<usize> {
    let kept = |unit: &U| !test(unit.code());
    let first = if start { text.iter().position(kept) } else { Some(0) };
    let Some(first) = first else { return text.len()..text.len() };
    if !end {
        return first..text.len();
    }
    let rest = text.get(first..).unwrap_or_default();
    first..rest.iter().rposition(kept).map_or(first, |last| first + last + 1)
}
