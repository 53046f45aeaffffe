//! Complex numbers as text, and back.

use super::Complex;
use crate::digits::parse::trim;
use crate::float::parse::parse_prefix;
use crate::float::text::{Code, Flags, write_float};

/// `repr(value)`: `2j`, `(1+2j)`; the real part shows unless it is a positive zero.
pub fn repr(value: Complex) -> String {
    let mut out = Vec::with_capacity(48);
    let plain = Flags::default();
    // A repr has no padding, the only thing that can be too large.
    if value.real == 0.0 && value.real.is_sign_positive() {
        let _ = write_float(value.imag, Code::Repr, 0, plain, &mut out);
        out.push(b'j');
    } else {
        out.push(b'(');
        let _ = write_float(value.real, Code::Repr, 0, plain, &mut out);
        let _ = write_float(value.imag, Code::Repr, 0, Flags { sign: true, ..plain }, &mut out);
        out.extend_from_slice(b"j)");
    }
    out.into_iter().map(char::from).collect()
}

/// Why a text is not a complex number; both are ValueErrors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseComplexError {
    /// "complex() arg is a malformed string".
    Malformed,
    /// An underscore that is not between digits: "could not convert string to complex: '...'".
    Underscore,
}

/// Parses `text` as `complex(text)` does: `1`, `2j`, `1+2j`, `j`, `-j`, `(1+2j)`, with white space around and inside
/// the parentheses. The caller maps Unicode digits and spaces to ASCII first.
pub fn parse(text: &[u8]) -> Result<Complex, ParseComplexError> {
    // Underscores behind a null are not looked at: the null is what is wrong.
    let checked = text.split(|&byte| byte == 0).next().unwrap_or_default();
    let digit = |i: Option<usize>| i.and_then(|i| text.get(i)).is_some_and(u8::is_ascii_digit);
    let misplaced = |(i, &b): (usize, &u8)| b == b'_' && !(digit(i.checked_sub(1)) && digit(Some(i + 1)));
    if checked.iter().enumerate().any(misplaced) {
        return Err(ParseComplexError::Underscore);
    }
    parse_parts(text).ok_or(ParseComplexError::Malformed)
}

fn parse_parts(text: &[u8]) -> Option<Complex> {
    let text = trim(text);
    let text = match text {
        [b'(', inner @ .., b')'] => trim(inner),
        _ => text,
    };
    let Some((first, rest)) = parse_prefix(text) else {
        return Some(Complex::new(0.0, unit(text)?));
    };
    match rest {
        [] => Some(Complex::new(first, 0.0)),
        [b'j' | b'J'] => Some(Complex::new(0.0, first)),
        [b'+' | b'-', ..] => {
            let imag = match parse_prefix(rest) {
                Some((imag, [b'j' | b'J'])) => imag,
                Some(_) => return None,
                None => unit(rest)?,
            };
            Some(Complex::new(first, imag))
        }
        _ => None,
    }
}

/// `j`, `+j` or `-j`.
fn unit(text: &[u8]) -> Option<f64> {
    match text {
        [b'j' | b'J'] | [b'+', b'j' | b'J'] => Some(1.0),
        [b'-', b'j' | b'J'] => Some(-1.0),
        _ => None,
    }
}
