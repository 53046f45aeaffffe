//! The format specification mini-language: what `format(value, spec)`, f-strings and `str.format` share.
//!
//! `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`, as Python 3.11 reads it. A specification is parsed
//! once ([`Spec::parse`]) and applied to a number ([`number`]) or a string ([`Spec::layout_str`]). The result is a
//! [`Formatted`]: short texts and counts of fill characters, from which the caller knows length and widest
//! character before it allocates a string. Fill characters are code points (lone surrogates too), never `char`s.

pub mod grouping;
pub mod number;
mod parse;
#[cfg(test)]
mod tests;

pub use parse::{Defaults, Spec};

use crate::OutOfMemory;

/// Where the padding goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// `<`: after the text.
    Left,
    /// `>`: before the text.
    Right,
    /// `^`: on both sides, the odd one after it.
    Center,
    /// `=`: after the sign and the prefix.
    AfterSign,
}

/// What is shown for the sign of what is not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `-`: nothing.
    Minus,
    /// `+`: a plus.
    Plus,
    /// ` `: a space.
    Space,
}

/// Why a specification is refused. `Display` gives CPython's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatError {
    /// ValueError with these words.
    Value(String),
    /// ValueError with the words of these code points, of which some are surrogates.
    Points(Vec<u32>),
    /// OverflowError with these words.
    Overflow(&'static str),
    /// MemoryError.
    Memory,
}

impl FormatError {
    pub(crate) fn value(text: impl Into<String>) -> Self {
        FormatError::Value(text.into())
    }
}

impl From<OutOfMemory> for FormatError {
    fn from(_: OutOfMemory) -> Self {
        FormatError::Memory
    }
}

impl std::fmt::Display for FormatError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FormatError::Value(text) => f.write_str(text),
            FormatError::Points(points) => points
                .iter()
                .try_for_each(|&code| write!(f, "{}", char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))),
            FormatError::Overflow(text) => f.write_str(text),
            FormatError::Memory => Ok(()),
        }
    }
}

impl std::error::Error for FormatError {}

/// What a locale says about numbers, for the type `n` (`localeconv`).
#[derive(Clone, Copy, Debug)]
pub struct Locale<'a> {
    /// What stands between the whole part and the fraction.
    pub decimal_point: &'a str,
    /// What stands between groups of digits.
    pub thousands_separator: &'a str,
    /// The sizes of the groups from the right; the last repeats, 127 ends grouping.
    pub grouping: &'a [u8],
}

impl Locale<'_> {
    /// The locale "C", where every Python program starts for numbers.
    pub const C: Locale<'static> = Locale { decimal_point: ".", thousands_separator: "", grouping: &[] };
}

/// The text between the paddings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Digits and the like; ASCII but for the separators of a locale.
    Text(String),
    /// The character of type `c`; may be a surrogate.
    CodePoint(u32),
}

/// A formatted number: `left` fills, the lead, `inner` fills, the body, `right` fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    /// The code point that pads.
    pub fill: u32,
    /// How many before everything.
    pub left: usize,
    /// Sign and prefix.
    pub lead: Lead,
    /// How many between lead and body.
    pub inner: usize,
    /// The number itself.
    pub body: Body,
    /// How many after everything.
    pub right: usize,
}

/// A sign and a prefix such as `0x`: at most 3 bytes of ASCII.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lead {
    bytes: [u8; 3],
    len: u8,
}

impl Lead {
    /// Appends a byte; beyond the third it is dropped.
    pub(crate) fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(usize::from(self.len)) {
            *place = byte;
            self.len += 1;
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or(&[])
    }
}

impl Formatted {
    /// Pads `lead` and `body` to `width` characters.
    pub(crate) fn pad(fill: u32, align: Align, width: usize, lead: Lead, body: Body) -> Self {
        let used = lead.as_bytes().len()
            + match &body {
                Body::Text(text) if text.is_ascii() => text.len(),
                Body::Text(text) => text.chars().count(),
                Body::CodePoint(_) => 1,
            };
        let (left, inner, right) = split_padding(align, width.saturating_sub(used));
        Formatted { fill, left, lead, inner, body, right }
    }

    /// The length in characters.
    pub fn len(&self) -> usize {
        let body = match &self.body {
            Body::Text(text) if text.is_ascii() => text.len(),
            Body::Text(text) => text.chars().count(),
            Body::CodePoint(_) => 1,
        };
        let fills = self.left.saturating_add(self.inner).saturating_add(self.right);
        fills.saturating_add(body + self.lead.as_bytes().len())
    }

    /// Whether there is no character at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The widest code point (or something of the same width class up to 127).
    pub fn max_code_point(&self) -> u32 {
        let body = match &self.body {
            Body::Text(text) if text.is_ascii() => 0x7f,
            Body::Text(text) => text.chars().map(u32::from).max().unwrap_or(0),
            Body::CodePoint(c) => *c,
        };
        let padded = self.left + self.inner + self.right > 0;
        if padded { body.max(self.fill) } else { body }
    }

    /// Gives all code points in order, runs of the fill at once: `emit(code point, count)`.
    pub fn for_each<E>(&self, mut emit: impl FnMut(u32, usize) -> Result<(), E>) -> Result<(), E> {
        let fill = |count, emit: &mut dyn FnMut(u32, usize) -> Result<(), E>| match count {
            0 => Ok(()),
            _ => emit(self.fill, count),
        };
        fill(self.left, &mut emit)?;
        for &byte in self.lead.as_bytes() {
            emit(u32::from(byte), 1)?;
        }
        fill(self.inner, &mut emit)?;
        match &self.body {
            Body::Text(text) => {
                for c in text.chars() {
                    emit(u32::from(c), 1)?;
                }
            }
            Body::CodePoint(c) => emit(*c, 1)?,
        }
        fill(self.right, &mut emit)
    }

    /// All code points.
    pub fn to_code_points(&self) -> Result<Vec<u32>, OutOfMemory> {
        let mut out = Vec::new();
        out.try_reserve_exact(self.len()).map_err(|_| OutOfMemory)?;
        self.for_each(|c, count| {
            out.extend(std::iter::repeat_n(c, count));
            Ok(())
        })?;
        Ok(out)
    }
}

/// How a string is cut and padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrLayout {
    /// The code point that pads.
    pub fill: u32,
    /// How many before the string.
    pub left: usize,
    /// How many of the string's characters are kept.
    pub kept: usize,
    /// How many after the string.
    pub right: usize,
}

fn split_padding(align: Align, padding: usize) -> (usize, usize, usize) {
    match align {
        Align::Left => (0, 0, padding),
        Align::Right => (padding, 0, 0),
        Align::Center => (padding / 2, 0, padding - padding / 2),
        Align::AfterSign => (0, padding, 0),
    }
}

impl Spec {
    /// How a string of `len` characters is laid out; errors for what only numbers may have.
    pub fn layout_str(&self, len: usize) -> Result<StrLayout, FormatError> {
        if self.kind != u32::from(b's') {
            return Err(self.unknown_code("str"));
        }
        match self.sign {
            Some(Sign::Space) => return Err(FormatError::value("Space not allowed in string format specifier")),
            Some(_) => return Err(FormatError::value("Sign not allowed in string format specifier")),
            None => {}
        }
        let refused = if self.no_negative_zero {
            "Negative zero coercion (z) not allowed in string format specifier"
        } else if self.alternate {
            "Alternate form (#) not allowed in string format specifier"
        } else if self.align == Align::AfterSign {
            "'=' alignment not allowed in string format specifier"
        } else {
            let kept = self.precision.map_or(len, |precision| precision.min(len));
            let (left, _, right) = split_padding(self.align, self.width.unwrap_or(0).saturating_sub(kept));
            return Ok(StrLayout { fill: self.fill, left, kept, right });
        };
        Err(FormatError::value(refused))
    }

    /// "Unknown format code 'x' for object of type 'str'".
    pub(crate) fn unknown_code(&self, type_name: &str) -> FormatError {
        FormatError::Value(format!("Unknown format code {} for object of type '{type_name}'", quoted(self.kind)))
    }
}

/// A code point in quotes, escaped as in CPython's messages.
pub(crate) fn quoted(c: u32) -> String {
    match u8::try_from(c) {
        Ok(byte @ 33..=127) => format!("'{}'", char::from(byte)),
        _ => format!("'\\x{c:x}'"),
    }
}
