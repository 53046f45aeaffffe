//! The name of a field: what comes first (a number, a name, or nothing), then attributes and items.

use std::ops::Range;

use habu_text::Chars;
use habu_text::unicode;

use crate::object::Raised;
use crate::raise;

/// A number or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Decimal digits only.
    Number(usize),
    /// Other text, also none.
    Name(Range<usize>),
}

/// A step from an object to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `.name`
    Attribute(Range<usize>),
    /// `[key]`
    Item(Key),
}

/// Steps that are read one by one.
pub struct Steps {
    at: usize,
    end: usize,
}

/// A part of the format as a number, when it has digits only.
pub fn key(text: Chars<'_>, part: Range<usize>) -> Result<Key, Raised> {
    let mut number = 0isize;
    if part.is_empty() {
        return Ok(Key::Name(part));
    }
    for at in part.clone() {
        let Some(digit) = unicode::decimal(text.at(at)) else { return Ok(Key::Name(part)) };
        number = match number.checked_mul(10).and_then(|number| number.checked_add(isize::from(digit))) {
            Some(number) => number,
            None => return Err(raise!(ValueError, "Too many decimal digits in format string")),
        };
    }
    Ok(Key::Number(number as usize))
}

/// Takes a name apart: the first key, and the steps behind it.
pub fn split(text: Chars<'_>, name: Range<usize>) -> Result<(Key, Steps), Raised> {
    let is_step = |at: &usize| matches!(char::from_u32(text.at(*at)), Some('.' | '['));
    let first = name.clone().find(is_step).unwrap_or(name.end);
    Ok((key(text, name.start..first)?, Steps { at: first, end: name.end }))
}

impl Steps {
    /// The steps in the part of a text from `at` to `end`.
    pub fn new(at: usize, end: usize) -> Steps {
        Steps { at, end }
    }

    /// How far the steps were read.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The next step, or nothing at the end.
    pub fn next(&mut self, text: Chars<'_>) -> Result<Option<Step>, Raised> {
        if self.at >= self.end {
            return Ok(None);
        }
        let kind = char::from_u32(text.at(self.at));
        self.at += 1;
        let start = self.at;
        let step = match kind {
            Some('.') => {
                let stop = |at: &usize| matches!(char::from_u32(text.at(*at)), Some('.' | '['));
                self.at = (start..self.end).find(stop).unwrap_or(self.end);
                Step::Attribute(start..self.at)
            }
            Some('[') => {
                let close = (start..self.end).find(|at| text.at(*at) == ']' as u32);
                let Some(close) = close else {
                    return Err(raise!(ValueError, "Missing ']' in format string"));
                };
                self.at = close + 1;
                Step::Item(key(text, start..close)?)
            }
            _ => {
                return Err(raise!(ValueError, "Only '.' or '[' may follow ']' in format field specifier"));
            }
        };
        let empty = match &step {
            Step::Attribute(name) | Step::Item(Key::Name(name)) => name.is_empty(),
            Step::Item(Key::Number(_)) => false,
        };
        if empty {
            return Err(raise!(ValueError, "Empty attribute in format string"));
        }
        Ok(Some(step))
    }
}
