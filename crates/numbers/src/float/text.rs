//! Floats as text: `repr`, and the codes `e`, `f` and `g` of `%` and `format` (`PyOS_double_to_string`).
//!
//! The digits come from the standard library, whose shortest and exact conversions round half to even as CPython's
//! do; here they are laid out by Python's rules.

use std::fmt::{self, Write};

use crate::OutOfMemory;

/// How a float is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// `r`: the fewest digits that read back as the same float. The precision is ignored.
    Repr,
    /// `e`: with an exponent, and as many digits after the point as the precision says.
    Exponent,
    /// `f`: without an exponent, as many digits after the point as the precision says.
    Fixed,
    /// `g`: as many significant digits as the precision says (at least 1), in whichever of both forms is shorter.
    General,
}

/// What else the layout heeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `E`, `INF` and `NAN` instead of lower case.
    pub upper: bool,
    /// A `+` before what is not negative (`Py_DTSF_SIGN`).
    pub sign: bool,
    /// `.0` at the end of what looks like an integer (`Py_DTSF_ADD_DOT_0`).
    pub add_dot_0: bool,
    /// A decimal point always, and `g` keeps trailing zeros (`Py_DTSF_ALT`).
    pub alternate: bool,
}

/// The most digits after the point that a float can have: beyond them are zeros.
const MAX_FRACTION: usize = 1074;
/// The most significant digits that a float can have.
const MAX_SIGNIFICANT: usize = 767;
/// Room for all of them with a point and an exponent.
const MAX_TEXT: usize = MAX_SIGNIFICANT + 16;
/// Room for the shortest text that reads back: 17 digits, a point and an exponent.
const SHORTEST_TEXT: usize = 32;

/// `repr(value)`, appended to `out`.
pub fn write_repr(value: f64, out: &mut Vec<u8>) {
    let flags = Flags { add_dot_0: true, ..Flags::default() };
    // A repr has no padding, the only thing that can be too large.
    let _ = write_float(value, Code::Repr, 0, flags, out);
}

/// `repr(value)` as a string.
pub fn repr(value: f64) -> String {
    let mut out = Vec::with_capacity(24);
    write_repr(value, &mut out);
    out.into_iter().map(char::from).collect()
}

/// Appends `value` in the given layout to `out`, all ASCII. Fails only if a huge precision does not fit in memory.
pub fn write_float(
    value: f64,
    code: Code,
    precision: usize,
    flags: Flags,
    out: &mut Vec<u8>,
) -> Result<(), OutOfMemory> {
    if value.is_sign_negative() && !value.is_nan() {
        out.push(b'-');
    } else if flags.sign {
        out.push(b'+');
    }
    if !value.is_finite() {
        let text: &[u8] = match (value.is_nan(), flags.upper) {
            (true, false) => b"nan",
            (true, true) => b"NAN",
            (false, false) => b"inf",
            (false, true) => b"INF",
        };
        out.extend_from_slice(text);
        return Ok(());
    }
    let value = value.abs();
    match code {
        Code::Fixed => write_fixed(value, precision, flags, out),
        Code::Exponent => {
            let mut room = [0; MAX_TEXT];
            let digits = Digits::rounded(value, precision.saturating_add(1), &mut room);
            reserve(out, precision)?;
            write_exponential(&digits, precision.saturating_add(1), flags, out);
            Ok(())
        }
        Code::General => {
            let precision = precision.max(1);
            let mut room = [0; MAX_TEXT];
            let digits = Digits::rounded(value, precision, &mut room);
            let wanted = if flags.alternate { precision } else { digits.significant() };
            reserve(out, if flags.alternate { precision } else { 0 })?;
            let limit = i64::try_from(precision).unwrap_or(i64::MAX) - i64::from(flags.add_dot_0);
            write_general(&digits, wanted, limit, flags, out);
            Ok(())
        }
        Code::Repr => {
            let (mut room, mut second) = ([0; SHORTEST_TEXT], [0; SHORTEST_TEXT]);
            let digits = Digits::shortest(value, &mut room, &mut second);
            write_general(&digits, digits.significant(), 16, flags, out);
            Ok(())
        }
    }
}

/// Makes room for `more` bytes and a bit, without aborting.
fn reserve(out: &mut Vec<u8>, more: usize) -> Result<(), OutOfMemory> {
    out.try_reserve(more.saturating_add(16)).map_err(|_| OutOfMemory)
}

fn write_fixed(value: f64, precision: usize, flags: Flags, out: &mut Vec<u8>) -> Result<(), OutOfMemory> {
    reserve(out, 32)?;
    let exact = precision.min(MAX_FRACTION);
    if !super::fixed::write(value, precision, out) {
        reserve(out, precision.saturating_add(310))?;
        // Writing to a Vec does not fail.
        let _ = write!(Ascii(out), "{value:.exact$}");
        out.resize(out.len() + (precision - exact), b'0');
    }
    if precision == 0 && flags.alternate {
        out.push(b'.');
    } else if precision == 0 && flags.add_dot_0 {
        out.extend_from_slice(b".0");
    }
    Ok(())
}

/// With an exponent; `wanted` digits in all.
fn write_exponential(digits: &Digits<'_>, wanted: usize, flags: Flags, out: &mut Vec<u8>) {
    digits.write(0, 1, out);
    if wanted > 1 {
        out.push(b'.');
        digits.write(1, wanted, out);
    } else if flags.alternate {
        out.push(b'.');
    }
    out.push(if flags.upper { b'E' } else { b'e' });
    let exponent = digits.point - 1;
    let _ = write!(Ascii(out), "{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs());
}

/// Without an exponent if the point lies from 3 places before the digits to `limit` places after.
fn write_general(digits: &Digits<'_>, wanted: usize, limit: i64, flags: Flags, out: &mut Vec<u8>) {
    let point = digits.point;
    if point <= -4 || i64::from(point) > limit {
        return write_exponential(digits, wanted, flags, out);
    }
    let whole = usize::try_from(point).unwrap_or(0);
    if whole == 0 {
        out.push(b'0');
    } else {
        digits.write(0, whole, out);
    }
    if wanted > whole {
        out.push(b'.');
        out.extend(std::iter::repeat_n(b'0', usize::try_from(-point).unwrap_or(0)));
        digits.write(whole, wanted, out);
    } else if flags.add_dot_0 {
        out.extend_from_slice(b".0");
    } else if flags.alternate {
        out.push(b'.');
    }
}

/// Significant decimal digits and the place of the point: `0.d1d2d3... * 10**point`.
struct Digits<'a> {
    text: Buffer<'a>,
    point: i32,
}

impl<'a> Digits<'a> {
    fn shortest(value: f64, room: &'a mut [u8], second: &'a mut [u8]) -> Self {
        let mut text = Buffer { bytes: room, len: 0 };
        let _ = write!(text, "{value:e}");
        let digits = Self::split(text, value);
        let count = digits.text.len;
        if count < 16 || !is_halfway(value, digits.point, count) {
            return digits;
        }
        // The even one may lie below a power of two, where floats are denser, and read as another float.
        let mut even = Buffer { bytes: second, len: 0 };
        let _ = write!(even, "{value:.*e}", count - 1);
        let reads_back = std::str::from_utf8(even.as_bytes()).is_ok_and(|text| text.parse() == Ok(value));
        if reads_back { Self::split(even, value) } else { digits }
    }

    fn rounded(value: f64, significant: usize, room: &'a mut [u8]) -> Self {
        let mut text = Buffer { bytes: room, len: 0 };
        let _ = write!(text, "{value:.*e}", significant.clamp(1, MAX_SIGNIFICANT) - 1);
        Self::split(text, value)
    }

    /// Takes `d.ddde-x` apart. Zero has its point after its digit, as if it were 0.0.
    fn split(mut text: Buffer<'a>, value: f64) -> Self {
        let bytes = text.as_bytes();
        let e = bytes.iter().position(|&b| b == b'e').unwrap_or(bytes.len());
        let (negative, exponent) = match bytes.get(e + 1..).unwrap_or(b"") {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let exponent = exponent.iter().fold(0, |value, &b| value * 10 + i32::from(b.wrapping_sub(b'0')));
        let point = if value == 0.0 { 1 } else { 1 + if negative { -exponent } else { exponent } };
        text.len = e;
        if text.len > 1 {
            // Over the point.
            text.bytes.copy_within(2..e, 1);
            text.len -= 1;
        }
        Digits { text, point }
    }

    /// The number of digits up to the last that is not 0, at least 1.
    fn significant(&self) -> usize {
        self.text.as_bytes().iter().rposition(|&b| b != b'0').map_or(1, |i| i + 1)
    }

    /// Appends the digits from place `from` to `to`; beyond the last are zeros.
    fn write(&self, from: usize, to: usize, out: &mut Vec<u8>) {
        let bytes = self.text.as_bytes();
        let end = to.min(bytes.len());
        if from < end {
            out.extend_from_slice(&bytes[from..end]);
        }
        out.extend(std::iter::repeat_n(b'0', to.saturating_sub(end.max(from))));
    }
}

/// Whether `value` lies exactly in the middle of two numbers of `count` digits: one digit more, and it is written out.
///
/// Two shortest texts are then equally near; CPython takes the even one. It can only be with 16 or 17 digits: fewer
/// tell floats apart with room to spare. And only with a fraction: an odd integer of 17 digits is no float.
fn is_halfway(value: f64, point: i32, count: usize) -> bool {
    let bits = value.to_bits();
    let biased = (bits >> 52) as i32;
    let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
    // An odd number over 2**k has k digits after the point.
    let decimals = 1075 - biased - mantissa.trailing_zeros() as i32;
    biased > 0 && decimals > 0 && i64::from(decimals + point) == count as i64 + 1
}

/// Text on the stack of whoever wants it: as large as it is, it must not move.
struct Buffer<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl Buffer<'_> {
    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Write for Buffer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// Lets `write!` append to bytes.
struct Ascii<'a>(&'a mut Vec<u8>);

impl Write for Ascii<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
