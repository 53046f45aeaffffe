//! Conversions of the `%` operator: `%(key)-#0*.*ld`.
//!
//! [`parse`] reads one conversion; the caller fetches its arguments. Numbers come out as
//! [`Formatted`](crate::format_spec::Formatted), as those of `format` do.

use std::ops::Range;

use crate::OutOfMemory;
use crate::digits::{Signed, text};
use crate::float::text::{Code, Flags as FloatFlags, write_float};
use crate::format_spec::number::ascii;
use crate::format_spec::{Align, Body, Formatted, Lead};

/// The flags between `%` and the width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `-`: padding goes to the right, and consists of spaces.
    pub left: bool,
    /// `+`: a plus before what is not negative.
    pub plus: bool,
    /// ` `: a space before what is not negative.
    pub space: bool,
    /// `#`: the alternate form.
    pub alternate: bool,
    /// `0`: padding with zeros, after the sign.
    pub zero: bool,
}

/// A width or a precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Written as a number.
    Fixed(usize),
    /// `*`: the next argument. A negative width means its absolute value and the flag `-`; a negative precision 0.
    Argument,
}

/// One conversion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversion {
    /// Where the mapping key is, without its parentheses.
    pub key: Option<Range<usize>>,
    /// The flags.
    pub flags: Flags,
    /// The least width.
    pub width: Option<Amount>,
    /// The precision; a point alone is 0.
    pub precision: Option<Amount>,
    /// The type as a code point, such as `d`; not checked. `%` stands for itself only right after the first one (then
    /// it takes no argument); elsewhere it is a type that is not supported, and takes one.
    pub kind: u32,
    /// Where the text goes on.
    pub end: usize,
}

/// Why a conversion cannot be read; each is a ValueError.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// "incomplete format key".
    IncompleteKey,
    /// "incomplete format".
    Incomplete,
    /// "width too big".
    WidthTooBig,
    /// "precision too big" (for bytes "prec too big").
    PrecisionTooBig,
}

impl ParseError {
    /// CPython's words for strings.
    pub fn message(self) -> &'static str {
        match self {
            ParseError::IncompleteKey => "incomplete format key",
            ParseError::Incomplete => "incomplete format",
            ParseError::WidthTooBig => "width too big",
            ParseError::PrecisionTooBig => "precision too big",
        }
    }
}

/// The message for a type that is none; `index` is where it stands.
pub fn unsupported_character(kind: u32, index: usize) -> String {
    let shown = match u8::try_from(kind) {
        Ok(byte @ 31..=126) => char::from(byte),
        _ => '?',
    };
    format!("unsupported format character '{shown}' (0x{kind:x}) at index {index}")
}

/// Reads the conversion whose `%` stands before `start`, in a text of `len` code points that `at` gives, into `found`, which
/// stays where it is: a copy of what was just written field by field is waited for.
pub fn parse(len: usize, at: impl Fn(usize) -> u32, start: usize, found: &mut Conversion) -> Result<(), ParseError> {
    let peek = |pos: usize| (pos < len).then(|| at(pos)).and_then(|c| u8::try_from(c).ok());
    let mut pos = start;
    let mut key = None;
    if peek(pos) == Some(b'(') {
        let end = key_end(len, &peek, pos + 1).ok_or(ParseError::IncompleteKey)?;
        key = Some(pos + 1..end);
        pos = end + 1;
    }
    let mut flags = Flags::default();
    loop {
        match peek(pos) {
            Some(b'-') => flags.left = true,
            Some(b'+') => flags.plus = true,
            Some(b' ') => flags.space = true,
            Some(b'#') => flags.alternate = true,
            Some(b'0') => flags.zero = true,
            _ => break,
        }
        pos += 1;
    }
    let width = amount(&peek, &mut pos, isize::MAX as usize).ok_or(ParseError::WidthTooBig)?;
    let mut precision = None;
    if peek(pos) == Some(b'.') {
        pos += 1;
        let found = amount(&peek, &mut pos, i32::MAX as usize).ok_or(ParseError::PrecisionTooBig)?;
        precision = Some(found.unwrap_or(Amount::Fixed(0)));
    }
    if matches!(peek(pos), Some(b'h' | b'l' | b'L')) {
        pos += 1;
    }
    if pos >= len {
        return Err(ParseError::Incomplete);
    }
    *found = Conversion { key, flags, width, precision, kind: at(pos), end: pos + 1 };
    Ok(())
}

/// Where the parenthesis is closed that was opened before `pos`.
fn key_end(len: usize, peek: &impl Fn(usize) -> Option<u8>, mut pos: usize) -> Option<usize> {
    let mut open = 1;
    while pos < len {
        match peek(pos) {
            Some(b'(') => open += 1,
            Some(b')') => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(pos);
        }
        pos += 1;
    }
    None
}

/// A number of at most `max`, or `*`; nothing if neither stands there. `None` if it is larger.
fn amount(peek: &impl Fn(usize) -> Option<u8>, pos: &mut usize, max: usize) -> Option<Option<Amount>> {
    if peek(*pos) == Some(b'*') {
        *pos += 1;
        return Some(Some(Amount::Argument));
    }
    let mut value = None;
    while let Some(digit @ b'0'..=b'9') = peek(*pos) {
        let next = value.unwrap_or(0usize).checked_mul(10)?.checked_add(usize::from(digit - b'0'))?;
        if next > max {
            return None;
        }
        value = Some(next);
        *pos += 1;
    }
    Some(value.map(Amount::Fixed))
}

/// An integer by `%d`, `%i`, `%u`, `%o`, `%x` or `%X`; the precision is the least number of digits.
pub fn format_int(
    value: Signed<'_>,
    kind: u8,
    flags: Flags,
    width: usize,
    precision: Option<usize>,
) -> Result<Formatted, OutOfMemory> {
    let radix = match kind {
        b'o' => 8,
        b'x' | b'X' => 16,
        _ => 10,
    };
    let mut lead = Lead::default();
    push_sign(&mut lead, value.negative, flags);
    if flags.alternate && radix != 10 {
        lead.push(b'0');
        lead.push(kind);
    }
    let mut digits = Vec::new();
    digits.try_reserve(text::text_size(value.magnitude, radix)).map_err(|_| OutOfMemory)?;
    text::write_magnitude(value.magnitude, radix, &mut digits);
    if kind == b'X' {
        digits.make_ascii_uppercase();
    }
    let zeros = precision.unwrap_or(0).saturating_sub(digits.len());
    if zeros > 0 {
        digits.try_reserve(zeros).map_err(|_| OutOfMemory)?;
        digits.splice(0..0, std::iter::repeat_n(b'0', zeros));
    }
    Ok(pad(lead, ascii(digits), flags, width))
}

/// A float by `%e`, `%f`, `%g` or their capitals; the precision is 6 if none is given.
pub fn format_float(
    value: f64,
    kind: u8,
    flags: Flags,
    width: usize,
    precision: Option<usize>,
) -> Result<Formatted, OutOfMemory> {
    let mut out = Vec::new();
    write_float_plain(value, kind, flags.alternate, precision, &mut out)?;
    let negative = out.first() == Some(&b'-');
    if negative {
        out.remove(0);
    }
    let mut lead = Lead::default();
    push_sign(&mut lead, negative, flags);
    Ok(pad(lead, ascii(out), flags, width))
}

/// Appends a float as [`format_float`] gives it without flags and width.
pub fn write_float_plain(
    value: f64,
    kind: u8,
    alternate: bool,
    precision: Option<usize>,
    out: &mut Vec<u8>,
) -> Result<(), OutOfMemory> {
    let code = match kind | 32 {
        b'e' => Code::Exponent,
        b'f' => Code::Fixed,
        _ => Code::General,
    };
    let style = FloatFlags { upper: kind.is_ascii_uppercase(), alternate, ..FloatFlags::default() };
    write_float(value, code, precision.unwrap_or(6), style, out)
}

fn push_sign(lead: &mut Lead, negative: bool, flags: Flags) {
    if negative {
        lead.push(b'-');
    } else if flags.plus {
        lead.push(b'+');
    } else if flags.space {
        lead.push(b' ');
    }
}

fn pad(lead: Lead, body: String, flags: Flags, width: usize) -> Formatted {
    let (fill, align) = match flags {
        Flags { left: true, .. } => (b' ', Align::Left),
        Flags { zero: true, .. } => (b'0', Align::AfterSign),
        _ => (b' ', Align::Right),
    };
    Formatted::pad(u32::from(fill), align, width, lead, Body::Text(body))
}
