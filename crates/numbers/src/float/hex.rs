//! `float.hex` and `float.fromhex`.

use crate::digits::float::assemble;
use crate::digits::parse::trim;

/// `value.hex()`.
pub fn to_hex(value: f64) -> String {
    let sign = if value.is_sign_negative() && !value.is_nan() { "-" } else { "" };
    if value.is_nan() {
        return "nan".to_string();
    }
    if value.is_infinite() {
        return format!("{sign}inf");
    }
    if value == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let bits = value.abs().to_bits();
    let mantissa = bits & ((1 << 52) - 1);
    let (lead, exponent) = match bits >> 52 {
        0 => (0, -1022),
        biased => (1, biased as i64 - 1023),
    };
    format!("{sign}0x{lead}.{mantissa:013x}p{exponent:+}")
}

/// Why a text is not a hexadecimal float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HexError {
    /// ValueError: "invalid hexadecimal floating-point string".
    Invalid,
    /// OverflowError: "hexadecimal value too large to represent as a float".
    Overflow,
}

impl HexError {
    /// CPython's words.
    pub fn message(self) -> &'static str {
        match self {
            HexError::Invalid => "invalid hexadecimal floating-point string",
            HexError::Overflow => "hexadecimal value too large to represent as a float",
        }
    }
}

/// `float.fromhex(text)`.
pub fn from_hex(text: &[u8]) -> Result<f64, HexError> {
    let text = trim(text);
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let value = if text.eq_ignore_ascii_case(b"inf") || text.eq_ignore_ascii_case(b"infinity") {
        f64::INFINITY
    } else if text.eq_ignore_ascii_case(b"nan") {
        f64::NAN
    } else {
        number(text)?
    };
    Ok(if negative { -value } else { value })
}

/// The longest number at the start must fit before what follows it is looked at, as in CPython.
fn number(text: &[u8]) -> Result<f64, HexError> {
    let mut text = match text {
        [b'0', b'x' | b'X', rest @ ..] => rest,
        _ => text,
    };
    let (mut mantissa, mut sticky, mut seen, mut after_point, mut exponent) = (0u64, false, false, false, 0);
    while let [byte, rest @ ..] = text {
        if *byte == b'.' && !after_point {
            after_point = true;
            text = rest;
            continue;
        }
        let Some(digit) = char::from(*byte).to_digit(16) else { break };
        text = rest;
        seen = true;
        if mantissa >> 60 == 0 {
            mantissa = mantissa << 4 | u64::from(digit);
            exponent -= if after_point { 4 } else { 0 };
        } else {
            sticky |= digit != 0;
            exponent += if after_point { 0 } else { 4 };
        }
    }
    if !seen {
        return Err(HexError::Invalid);
    }
    if let [b'p' | b'P', rest @ ..] = text {
        let (written, rest) = parse_exponent(rest).ok_or(HexError::Invalid)?;
        exponent += written;
        text = rest;
    }
    match assemble(mantissa, sticky, exponent) {
        value if value.is_infinite() => Err(HexError::Overflow),
        _ if !text.is_empty() => Err(HexError::Invalid),
        value => Ok(value),
    }
}

/// A decimal exponent with a sign, clamped far out of the range of floats but far from overflow; and what follows.
fn parse_exponent(text: &[u8]) -> Option<(i64, &[u8])> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let len = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    if len == 0 {
        return None;
    }
    let (digits, rest) = digits.split_at(len);
    let value = digits.iter().fold(0, |value: i64, byte| (value * 10 + i64::from(byte - b'0')).min(1 << 59));
    Some((if negative { -value } else { value }, rest))
}
