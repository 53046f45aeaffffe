//! `float.as_integer_ratio`, and integers from floats.

use crate::digits::float::magnitude_of_f64;
use crate::digits::{Int, shift};

/// A float that has no ratio or no integer, because it is not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFinite {
    /// OverflowError: "cannot convert Infinity to integer ratio", "cannot convert float infinity to integer".
    Infinite,
    /// ValueError: "cannot convert NaN to integer ratio", "cannot convert float NaN to integer".
    NaN,
}

impl NotFinite {
    /// CPython's words where an integer was wanted.
    pub fn integer_message(self) -> &'static str {
        match self {
            NotFinite::Infinite => "cannot convert float infinity to integer",
            NotFinite::NaN => "cannot convert float NaN to integer",
        }
    }

    /// CPython's words where a ratio was wanted.
    pub fn ratio_message(self) -> &'static str {
        match self {
            NotFinite::Infinite => "cannot convert Infinity to integer ratio",
            NotFinite::NaN => "cannot convert NaN to integer ratio",
        }
    }

    fn check(value: f64) -> Result<(), NotFinite> {
        match value {
            _ if value.is_nan() => Err(NotFinite::NaN),
            _ if value.is_infinite() => Err(NotFinite::Infinite),
            _ => Ok(()),
        }
    }
}

/// The integer part, truncated towards zero (`int(value)`).
pub fn to_int(value: f64) -> Result<Int, NotFinite> {
    NotFinite::check(value)?;
    let mut digits = vec![0; if value.abs() < 1e18 { 3 } else { 38 }];
    let len = magnitude_of_f64(value, &mut digits);
    digits.truncate(len);
    Ok(Int::new(value < 0.0, digits))
}

/// `value.as_integer_ratio()`: numerator and denominator in lowest terms.
pub fn as_integer_ratio(value: f64) -> Result<(Int, Int), NotFinite> {
    NotFinite::check(value)?;
    if value == value.trunc() {
        return Ok((to_int(value)?, Int::from(1u64)));
    }
    let bits = value.abs().to_bits();
    let (mantissa, exponent) = match bits >> 52 {
        0 => (bits, 1074),
        biased => (bits & ((1 << 52) - 1) | 1 << 52, 1075u64.saturating_sub(biased)),
    };
    // Not an integer, so the mantissa is odd before the exponent is used up.
    let zeros = u64::from(mantissa.trailing_zeros());
    let mut numerator = Int::from(mantissa >> zeros);
    numerator.negative = value < 0.0;
    let power = exponent.saturating_sub(zeros);
    let mut denominator = vec![0; shift::shl_size(1, power).unwrap_or(1)];
    let len = shift::shl(&[1], power, &mut denominator);
    denominator.truncate(len);
    Ok((numerator, Int { negative: false, magnitude: denominator }))
}
