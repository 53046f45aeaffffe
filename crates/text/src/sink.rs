//! Where produced text and bytes go: traits that the runtime implements for its own buffers, and growable ones for here.

use crate::{Chars, CodeUnit};

/// Memory ran out, or a limit on it was reached. The runtime raises `MemoryError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

impl From<std::collections::TryReserveError> for OutOfMemory {
    fn from(_: std::collections::TryReserveError) -> OutOfMemory {
        OutOfMemory
    }
}

/// Takes code points.
pub trait TextSink {
    /// Appends a code point (at most U+10FFFF; surrogates are welcome).
    fn push_code(&mut self, code: u32) -> Result<(), OutOfMemory>;

    /// Appends code points up to U+00FF.
    fn push_latin1(&mut self, text: &[u8]) -> Result<(), OutOfMemory> {
        text.iter().try_for_each(|&unit| self.push_code(unit.code()))
    }

    /// Appends text of any kind.
    fn push_text(&mut self, text: Chars<'_>) -> Result<(), OutOfMemory> {
        match text {
            Chars::One(units) => self.push_latin1(units),
            Chars::Two(units) => units.iter().try_for_each(|&unit| self.push_code(unit.code())),
            Chars::Four(units) => units.iter().try_for_each(|&unit| self.push_code(unit)),
        }
    }
}

/// Takes bytes.
pub trait ByteSink {
    /// Appends a byte.
    fn push_byte(&mut self, byte: u8) -> Result<(), OutOfMemory>;

    /// Appends bytes.
    fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), OutOfMemory>;
}

impl ByteSink for Vec<u8> {
    #[inline]
    fn push_byte(&mut self, byte: u8) -> Result<(), OutOfMemory> {
        self.try_reserve(1)?;
        self.push(byte);
        Ok(())
    }

    fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), OutOfMemory> {
        self.try_reserve(bytes.len())?;
        self.extend_from_slice(bytes);
        Ok(())
    }
}

impl TextSink for Vec<u32> {
    #[inline]
    fn push_code(&mut self, code: u32) -> Result<(), OutOfMemory> {
        self.try_reserve(1)?;
        self.push(code);
        Ok(())
    }
}

/// Text that grows and takes the smallest kind that holds all of it.
#[derive(Debug, Clone)]
pub enum TextBuffer {
    /// Code points up to U+00FF so far.
    One(Vec<u8>),
    /// Code points up to U+FFFF so far, with one above U+00FF.
    Two(Vec<u16>),
    /// Text with a code point above U+FFFF.
    Four(Vec<u32>),
}

impl Default for TextBuffer {
    fn default() -> TextBuffer {
        TextBuffer::One(Vec::new())
    }
}

impl TextBuffer {
    /// An empty buffer with room for some code points of one byte.
    pub fn with_capacity(capacity: usize) -> Result<TextBuffer, OutOfMemory> {
        let mut units = Vec::new();
        units.try_reserve(capacity)?;
        Ok(TextBuffer::One(units))
    }

    /// What was written.
    pub fn as_chars(&self) -> Chars<'_> {
        match self {
            TextBuffer::One(units) => Chars::One(units),
            TextBuffer::Two(units) => Chars::Two(units),
            TextBuffer::Four(units) => Chars::Four(units),
        }
    }

    /// Makes room for a code point that the present kind cannot hold.
    #[cold]
    fn widen(&mut self, code: u32) -> Result<(), OutOfMemory> {
        let length = self.as_chars().len();
        *self = if code > 0xFFFF {
            let mut units: Vec<u32> = Vec::new();
            units.try_reserve(length.saturating_add(length / 4 + 16))?;
            units.extend(self.as_chars().iter());
            TextBuffer::Four(units)
        } else {
            let mut units: Vec<u16> = Vec::new();
            units.try_reserve(length.saturating_add(length / 4 + 16))?;
            if let TextBuffer::One(old) = self {
                units.extend(old.iter().map(|&unit| u16::from(unit)));
            }
            TextBuffer::Two(units)
        };
        self.push_code(code)
    }
}

impl TextSink for TextBuffer {
    #[inline]
    fn push_code(&mut self, code: u32) -> Result<(), OutOfMemory> {
        match self {
            TextBuffer::One(units) => {
                if let Some(unit) = u8::from_code(code) {
                    units.try_reserve(1)?;
                    units.push(unit);
                    return Ok(());
                }
            }
            TextBuffer::Two(units) => {
                if let Some(unit) = u16::from_code(code) {
                    units.try_reserve(1)?;
                    units.push(unit);
                    return Ok(());
                }
            }
            TextBuffer::Four(units) => {
                units.try_reserve(1)?;
                units.push(code);
                return Ok(());
            }
        }
        self.widen(code)
    }

    fn push_latin1(&mut self, text: &[u8]) -> Result<(), OutOfMemory> {
        match self {
            TextBuffer::One(units) => {
                units.try_reserve(text.len())?;
                units.extend_from_slice(text);
            }
            TextBuffer::Two(units) => {
                units.try_reserve(text.len())?;
                units.extend(text.iter().map(|&unit| u16::from(unit)));
            }
            TextBuffer::Four(units) => {
                units.try_reserve(text.len())?;
                units.extend(text.iter().map(|&unit| u32::from(unit)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_widens_as_needed() -> Result<(), OutOfMemory> {
        let mut buffer = TextBuffer::default();
        buffer.push_latin1(b"ab")?;
        assert!(matches!(buffer, TextBuffer::One(_)));
        buffer.push_code(0x20AC)?;
        assert!(matches!(buffer, TextBuffer::Two(_)));
        buffer.push_code(0x1F600)?;
        buffer.push_code(0x7A)?;
        assert!(matches!(buffer, TextBuffer::Four(_)));
        assert_eq!(buffer.as_chars().iter().collect::<Vec<_>>(), [0x61, 0x62, 0x20AC, 0x1F600, 0x7A]);
        Ok(())
    }
}
