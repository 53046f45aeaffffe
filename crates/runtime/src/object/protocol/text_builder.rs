//! Text that grows and becomes a string of the smallest kind that holds it: what `repr` of containers is written into.

use habu_heap::Buffer;

use crate::object::{Raised, Ref};
use crate::types::str::Str;
use crate::types::str::value::Chars;

/// The text so far, in the smallest kind that holds it.
enum Units {
    One(Buffer<u8>),
    Two(Buffer<u16>),
    Four(Buffer<u32>),
}

/// A string in the making.
pub struct TextBuilder(Units);

impl TextBuilder {
    /// Nothing yet.
    pub const fn new() -> TextBuilder {
        TextBuilder(Units::One(Buffer::new()))
    }

    /// Appends ASCII text.
    pub fn push_ascii(&mut self, text: &str) -> Result<(), Raised> {
        debug_assert!(text.is_ascii());
        self.push_chars(Chars::One(text.as_bytes()))
    }

    /// Appends a string.
    pub fn push(&mut self, text: &Str) -> Result<(), Raised> {
        self.push_chars(text.chars())
    }

    /// Appends characters of any kind.
    pub fn push_chars(&mut self, text: Chars<'_>) -> Result<(), Raised> {
        self.widen(text.width())?;
        match (&mut self.0, text) {
            (Units::One(units), Chars::One(text)) => units.extend_from_slice(text)?,
            (Units::Two(units), Chars::One(text)) => units.try_extend(text.iter().map(|&unit| u16::from(unit)))?,
            (Units::Two(units), Chars::Two(text)) => units.extend_from_slice(text)?,
            (Units::Four(units), Chars::Four(text)) => units.extend_from_slice(text)?,
            (Units::Four(units), text) => units.try_extend(text.iter())?,
            // `widen` made the kind at least as wide as the text.
            _ => {}
        }
        Ok(())
    }

    /// Makes the units at least `width` bytes wide.
    fn widen(&mut self, width: usize) -> Result<(), Raised> {
        match (&self.0, width) {
            (Units::One(old), 2) => {
                self.0 = Units::Two(Buffer::try_from_iter(old.iter().map(|&unit| u16::from(unit)))?);
            }
            (Units::One(old), 4) => {
                self.0 = Units::Four(Buffer::try_from_iter(old.iter().map(|&unit| u32::from(unit)))?);
            }
            (Units::Two(old), 4) => {
                self.0 = Units::Four(Buffer::try_from_iter(old.iter().map(|&unit| u32::from(unit)))?);
            }
            _ => {}
        }
        Ok(())
    }

    /// The text as a string.
    pub fn finish(self) -> Result<Ref<Str>, Raised> {
        match &self.0 {
            Units::One(units) => Str::from_latin1(units),
            Units::Two(units) => Str::from_chars(Chars::Two(units)),
            Units::Four(units) => Str::from_chars(Chars::Four(units)),
        }
    }
}

impl Default for TextBuilder {
    fn default() -> TextBuilder {
        TextBuilder::new()
    }
}
