//! Splitting into parts, which are given as ranges: at separators, at white space, at line ends; from either side.

use std::ops::Range;

use super::find::{Matches, matches};
use super::rfind;
use crate::CodeUnit;
use crate::unicode::{is_line_break, is_space};

/// White space of bytes, in `bytes.split` and its kin.
#[inline]
pub fn is_byte_space(code: u32) -> bool {
    matches!(code, 9..=13 | 32)
}

/// White space of text.
#[inline]
pub fn is_text_space(code: u32) -> bool {
    is_space(code)
}

/// Line ends of bytes, in `bytes.splitlines`.
#[inline]
pub fn is_byte_line_break(code: u32) -> bool {
    matches!(code, 10 | 13)
}

/// Line ends of text.
#[inline]
pub fn is_text_line_break(code: u32) -> bool {
    is_line_break(code)
}

/// Parts between separators, from left to right.
#[derive(Debug)]
pub struct Split<'h, 'n, H, N> {
    found: Matches<'h, 'n, H, N>,
    length: usize,
    separator: usize,
    at: Option<usize>,
    left: usize,
}

/// `split(separator, limit)`: at most `limit` cuts. The separator must not be empty (then there is no cut).
pub fn split<'h, 'n, H: CodeUnit, N: CodeUnit>(text: &'h [H], separator: &'n [N], limit: usize) -> Split<'h, 'n, H, N> {
    Split { found: matches(text, separator), length: text.len(), separator: separator.len(), at: Some(0), left: limit }
}

impl<H: CodeUnit, N: CodeUnit> Iterator for Split<'_, '_, H, N> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.at?;
        let cut = if self.left > 0 { self.found.next() } else { None };
        self.left = self.left.saturating_sub(1);
        self.at = cut.map(|cut| cut + self.separator);
        Some(start..cut.unwrap_or(self.length))
    }
}

/// Parts between separators, from right to left.
#[derive(Debug)]
pub struct RSplit<'h, 'n, H, N> {
    text: &'h [H],
    separator: &'n [N],
    end: Option<usize>,
    left: usize,
}

/// `rsplit(separator, limit)`: at most `limit` cuts, the last part first.
pub fn rsplit<'h, 'n, H: CodeUnit, N: CodeUnit>(
    text: &'h [H],
    separator: &'n [N],
    limit: usize,
) -> RSplit<'h, 'n, H, N> {
    RSplit { text, separator, end: Some(text.len()), left: limit }
}

impl<H: CodeUnit, N: CodeUnit> Iterator for RSplit<'_, '_, H, N> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let end = self.end?;
        let usable = self.left > 0 && !self.separator.is_empty();
        let cut = if usable { rfind(self.text.get(..end)?, self.separator) } else { None };
        self.left = self.left.saturating_sub(1);
        self.end = cut;
        Some(cut.map_or(0, |cut| cut + self.separator.len())..end)
    }
}

/// Words between runs of white space.
#[derive(Debug)]
pub struct Words<'h, H, F> {
    text: &'h [H],
    is_space: F,
    start: usize,
    end: usize,
    left: usize,
}

/// `split(None, limit)`: after `limit` words the rest is one part, without the white space before it. Taken from the
/// back (`next_back`) it is `rsplit(None, limit)`.
pub fn words<H: CodeUnit, F: Fn(u32) -> bool>(text: &[H], limit: usize, is_space: F) -> Words<'_, H, F> {
    Words { text, is_space, start: 0, end: text.len(), left: limit }
}

impl<H: CodeUnit, F: Fn(u32) -> bool> Words<'_, H, F> {
    fn rest(&self) -> &[H] {
        self.text.get(self.start..self.end).unwrap_or_default()
    }
}

impl<H: CodeUnit, F: Fn(u32) -> bool> Iterator for Words<'_, H, F> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.rest();
        let skipped = rest.iter().position(|unit| !(self.is_space)(unit.code()))?;
        let start = self.start + skipped;
        let length = match self.left {
            0 => None,
            _ => rest.get(skipped..)?.iter().position(|unit| (self.is_space)(unit.code())),
        };
        self.left = self.left.saturating_sub(1);
        self.start = length.map_or(self.end, |length| start + length);
        Some(start..self.start)
    }
}

impl<H: CodeUnit, F: Fn(u32) -> bool> DoubleEndedIterator for Words<'_, H, F> {
    fn next_back(&mut self) -> Option<Range<usize>> {
        let rest = self.rest();
        let last = rest.iter().rposition(|unit| !(self.is_space)(unit.code()))?;
        let end = self.start + last + 1;
        let space = match self.left {
            0 => None,
            _ => rest.get(..=last)?.iter().rposition(|unit| (self.is_space)(unit.code())),
        };
        self.left = self.left.saturating_sub(1);
        self.end = space.map_or(self.start, |space| self.start + space + 1);
        Some(self.end..end)
    }
}

/// Lines of a text.
#[derive(Debug)]
pub struct Lines<'h, H, F> {
    text: &'h [H],
    is_break: F,
    keep: bool,
    at: usize,
}

/// `splitlines(keep)`: a carriage return and a line feed after it end one line.
pub fn lines<H: CodeUnit, F: Fn(u32) -> bool>(text: &[H], keep: bool, is_break: F) -> Lines<'_, H, F> {
    Lines { text, is_break, keep, at: 0 }
}

impl<H: CodeUnit, F: Fn(u32) -> bool> Iterator for Lines<'_, H, F> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|unit| (self.is_break)(unit.code()));
        let Some(length) = length else {
            self.at = self.text.len();
            return Some(start..self.at);
        };
        let end = start + length;
        let code_at = |index: usize| self.text.get(index).map(|unit| unit.code());
        let both = code_at(end) == Some(13) && code_at(end + 1) == Some(10);
        self.at = end + if both { 2 } else { 1 };
        Some(start..if self.keep { self.at } else { end })
    }
}
