//! Reading a format: literal text, and fields in braces with their conversion and specification.

use std::ops::Range;

use habu_text::Chars;

use crate::object::Raised;
use crate::raise;

/// A replacement field; ranges are places in the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name.
    pub name: Range<usize>,
    /// The character after `!`.
    pub conversion: Option<u32>,
    /// What stands after `:`.
    pub spec: Range<usize>,
    /// Whether the specification has fields itself.
    pub nested: bool,
}

/// Some literal text and the field behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text, with doubled braces undone.
    pub literal: Range<usize>,
    /// The field, unless the text ends the format or was cut at a doubled brace.
    pub field: Option<Field>,
}

const OPEN: u32 = '{' as u32;
const CLOSE: u32 = '}' as u32;

/// Reads pieces from a part of a format.
pub struct Markup {
    at: usize,
    end: usize,
}

fn wrong(message: &str) -> Raised {
    raise!(ValueError, "{message}")
}

impl Markup {
    /// A reader of the part from `start` to `end`.
    pub fn new(start: usize, end: usize) -> Markup {
        Markup { at: start, end }
    }

    /// How far the format was read.
    pub fn position(&self) -> usize {
        self.at
    }

    fn take(&mut self, text: Chars<'_>) -> Option<u32> {
        let code = (self.at < self.end).then(|| text.at(self.at))?;
        self.at += 1;
        Some(code)
    }

    /// The next piece, or nothing at the end.
    pub fn next(&mut self, text: Chars<'_>) -> Result<Option<Piece>, Raised> {
        let start = self.at;
        if start >= self.end {
            return Ok(None);
        }
        let brace = loop {
            match self.take(text) {
                Some(code @ (OPEN | CLOSE)) => break code,
                Some(_) => {}
                None => return Ok(Some(Piece { literal: start..self.end, field: None })),
            }
        };
        let doubled = self.at < self.end && text.at(self.at) == brace;
        if doubled {
            let literal = start..self.at;
            self.at += 1;
            return Ok(Some(Piece { literal, field: None }));
        }
        if brace == CLOSE {
            return Err(wrong("Single '}' encountered in format string"));
        }
        if self.at >= self.end {
            return Err(wrong("Single '{' encountered in format string"));
        }
        let literal = start..self.at - 1;
        Ok(Some(Piece { literal, field: Some(self.field(text)?) }))
    }

    /// The field whose brace was just passed.
    fn field(&mut self, text: Chars<'_>) -> Result<Field, Raised> {
        let start = self.at;
        let stop = loop {
            match self.take(text).and_then(char::from_u32) {
                Some('{') => return Err(wrong("unexpected '{' in field name")),
                // What stands in brackets does not end the name.
                Some('[') => {
                    while self.at < self.end && text.at(self.at) != ']' as u32 {
                        self.at += 1;
                    }
                }
                Some(stop @ ('}' | ':' | '!')) => break stop,
                _ if self.at < self.end => {}
                _ => return Err(wrong("expected '}' before end of string")),
            }
        };
        let name = start..self.at - 1;
        let mut field = Field { name, conversion: None, spec: self.at..self.at, nested: false };
        if stop == '}' {
            return Ok(field);
        }
        if stop == '!' {
            let Some(conversion) = self.take(text) else {
                return Err(wrong("end of string while looking for conversion specifier"));
            };
            field.conversion = Some(conversion);
            match self.take(text).and_then(char::from_u32) {
                Some('}') => return Ok(field),
                Some(':') => {}
                Some(_) => return Err(wrong("expected ':' after conversion specifier")),
                None if self.at < self.end => return Err(wrong("expected ':' after conversion specifier")),
                None => return Err(wrong("unmatched '{' in format spec")),
            }
        }
        let start = self.at;
        let mut open = 1;
        while let Some(code) = self.take(text) {
            match code {
                OPEN => {
                    field.nested = true;
                    open += 1;
                }
                CLOSE => {
                    open -= 1;
                    if open == 0 {
                        field.spec = start..self.at - 1;
                        return Ok(field);
                    }
                }
                _ => {}
            }
        }
        Err(wrong("unmatched '{' in format spec"))
    }
}
