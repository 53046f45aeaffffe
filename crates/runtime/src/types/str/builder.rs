//! `StrBuilder`: text that grows and becomes a string of the smallest kind that holds it.

use std::fmt;

use habu_heap::Buffer;
use habu_text::{Chars, OutOfMemory, TextSink};

use super::value::Str;
use crate::object::{Raised, Ref};

/// The text so far, in the smallest kind that holds it.
enum Units {
    One(Buffer<u8>),
    Two(Buffer<u16>),
    Four(Buffer<u32>),
}

/// A string in the making.
pub struct StrBuilder(Units);

impl StrBuilder {
    /// Nothing yet.
    pub const fn new() -> StrBuilder {
        StrBuilder(Units::One(Buffer::new()))
    }

    /// Nothing yet, with room for `capacity` characters below 256.
    pub fn with_capacity(capacity: usize) -> Result<StrBuilder, Raised> {
        Ok(StrBuilder(Units::One(Buffer::with_capacity(capacity)?)))
    }

    /// The number of characters so far.
    #[expect(clippy::len_without_is_empty, reason = "compare with 0, as for strings")]
    pub fn len(&self) -> usize {
        self.as_chars().len()
    }

    /// The characters so far.
    pub fn as_chars(&self) -> Chars<'_> {
        match &self.0 {
            Units::One(units) => Chars::One(units),
            Units::Two(units) => Chars::Two(units),
            Units::Four(units) => Chars::Four(units),
        }
    }

    /// Appends ASCII text.
    #[inline]
    pub fn push_ascii(&mut self, text: &str) -> Result<(), Raised> {
        debug_assert!(text.is_ascii());
        self.push_chars(Chars::One(text.as_bytes()))
    }

    /// Appends a string.
    #[inline]
    pub fn push(&mut self, text: &Str) -> Result<(), Raised> {
        self.push_chars(text.chars())
    }

    /// Appends text of Rust.
    pub fn push_str(&mut self, text: &str) -> Result<(), Raised> {
        if text.is_ascii() {
            return self.push_ascii(text);
        }
        text.chars().try_for_each(|character| self.push_char(character.into()))
    }

    /// Appends one character.
    #[inline]
    pub fn push_char(&mut self, character: u32) -> Result<(), Raised> {
        Ok(self.add_char(character)?)
    }

    /// Appends a character `count` times.
    pub fn push_repeated(&mut self, character: u32, count: usize) -> Result<(), Raised> {
        self.widen(width_of(character))?;
        match &mut self.0 {
            Units::One(units) => fill(units, character as u8, count),
            Units::Two(units) => fill(units, character as u16, count),
            Units::Four(units) => fill(units, character, count),
        }
    }

    /// Appends characters of any kind.
    #[inline]
    pub fn push_chars(&mut self, text: Chars<'_>) -> Result<(), Raised> {
        Ok(self.add_chars(text)?)
    }

    #[inline]
    fn add_char(&mut self, character: u32) -> Result<(), habu_heap::OutOfMemory> {
        match &mut self.0 {
            Units::One(units) if character < 256 => return units.push(character as u8),
            Units::Two(units) if character < 65_536 => return units.push(character as u16),
            Units::Four(units) => return units.push(character),
            _ => {}
        }
        self.widen(width_of(character))?;
        match &mut self.0 {
            Units::One(units) => units.push(character as u8),
            Units::Two(units) => units.push(character as u16),
            Units::Four(units) => units.push(character),
        }
    }

    fn add_chars(&mut self, text: Chars<'_>) -> Result<(), habu_heap::OutOfMemory> {
        if let (Units::One(units), Chars::One(text)) = (&mut self.0, text) {
            return units.extend_from_slice(text);
        }
        self.widen(width_of(text.class()))?;
        match (&mut self.0, text) {
            (Units::One(units), Chars::One(text)) => units.extend_from_slice(text),
            (Units::Two(units), Chars::Two(text)) => units.extend_from_slice(text),
            (Units::Four(units), Chars::Four(text)) => units.extend_from_slice(text),
            (Units::One(units), Chars::Two(text)) => extend(units, text, |unit| unit as u8),
            (Units::One(units), Chars::Four(text)) => extend(units, text, |unit| unit as u8),
            (Units::Two(units), Chars::One(text)) => extend(units, text, u16::from),
            (Units::Two(units), Chars::Four(text)) => extend(units, text, |unit| unit as u16),
            (Units::Four(units), Chars::One(text)) => extend(units, text, u32::from),
            (Units::Four(units), Chars::Two(text)) => extend(units, text, u32::from),
        }
    }

    /// Makes the units at least `width` bytes wide.
    #[inline]
    fn widen(&mut self, width: usize) -> Result<(), habu_heap::OutOfMemory> {
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

    /// Writes characters over those from `at` on; what lies between the end and `at` becomes zero characters.
    pub fn write_at(&mut self, at: usize, text: Chars<'_>) -> Result<(), Raised> {
        if at >= self.len() {
            self.push_repeated(0, at - self.len())?;
            return self.push_chars(text);
        }
        self.widen(width_of(text.class()))?;
        let over = text.len().min(self.len() - at);
        let replace = text.slice(0, over);
        match &mut self.0 {
            Units::One(units) => {
                units[at..at + over].iter_mut().zip(replace.iter()).for_each(|(unit, new)| *unit = new as u8);
            }
            Units::Two(units) => {
                units[at..at + over].iter_mut().zip(replace.iter()).for_each(|(unit, new)| *unit = new as u16);
            }
            Units::Four(units) => {
                units[at..at + over].iter_mut().zip(replace.iter()).for_each(|(unit, new)| *unit = new);
            }
        }
        self.push_chars(text.slice(over, text.len()))
    }

    /// Shortens the text.
    pub fn truncate(&mut self, length: usize) {
        match &mut self.0 {
            Units::One(units) => units.truncate(length),
            Units::Two(units) => units.truncate(length),
            Units::Four(units) => units.truncate(length),
        }
    }

    /// The text as a string.
    pub fn finish(self) -> Result<Ref<Str>, Raised> {
        Str::from_chars(self.as_chars())
    }
}

impl Default for StrBuilder {
    fn default() -> StrBuilder {
        StrBuilder::new()
    }
}

fn width_of(class: u32) -> usize {
    match class {
        0..256 => 1,
        256..65_536 => 2,
        _ => 4,
    }
}

/// Appends units of another width. They are converted in pieces, without a question for room between them.
fn extend<F: Copy, T: Copy + Default>(
    units: &mut Buffer<T>,
    text: &[F],
    convert: impl Fn(F) -> T,
) -> Result<(), habu_heap::OutOfMemory> {
    units.reserve(text.len())?;
    let mut piece = [T::default(); 64];
    for part in text.chunks(piece.len()) {
        piece.iter_mut().zip(part).for_each(|(to, &unit)| *to = convert(unit));
        units.extend_from_slice(piece.get(..part.len()).unwrap_or_default())?;
    }
    Ok(())
}

fn fill<T: Copy>(units: &mut Buffer<T>, unit: T, count: usize) -> Result<(), Raised> {
    let Some(length) = units.len().checked_add(count) else { return Err(crate::exceptions::memory_error()) };
    Ok(units.resize(length, unit)?)
}

impl TextSink for StrBuilder {
    #[inline]
    fn push_code(&mut self, code: u32) -> Result<(), OutOfMemory> {
        self.add_char(code).map_err(|_| OutOfMemory)
    }

    #[inline]
    fn push_latin1(&mut self, text: &[u8]) -> Result<(), OutOfMemory> {
        self.add_chars(Chars::One(text)).map_err(|_| OutOfMemory)
    }

    fn push_text(&mut self, text: Chars<'_>) -> Result<(), OutOfMemory> {
        self.add_chars(text).map_err(|_| OutOfMemory)
    }
}

impl fmt::Write for StrBuilder {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let wrote = match text.is_ascii() {
            true => self.add_chars(Chars::One(text.as_bytes())),
            false => text.chars().try_for_each(|character| self.add_char(character.into())),
        };
        wrote.map_err(|_| fmt::Error)
    }
}

/// Bytes in the making, as a sink of the algorithms on text.
#[derive(Default)]
pub struct ByteBuilder(pub Buffer<u8>);

impl habu_text::ByteSink for ByteBuilder {
    #[inline]
    fn push_byte(&mut self, byte: u8) -> Result<(), OutOfMemory> {
        self.0.push(byte).map_err(|_| OutOfMemory)
    }

    #[inline]
    fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), OutOfMemory> {
        self.0.extend_from_slice(bytes).map_err(|_| OutOfMemory)
    }
}

impl From<OutOfMemory> for Raised {
    #[cold]
    fn from(_: OutOfMemory) -> Raised {
        crate::exceptions::memory_error()
    }
}
