//! `round(float, ndigits)`, rounded correctly, half to even.

use std::fmt::{self, Write};

use crate::digits::basic::{add, compare};
use crate::digits::div::divmod;
use crate::digits::float::{magnitude_of_f64, to_f64};
use crate::digits::mul::mul;
use crate::digits::{Int, Signed, power};

/// The rounded value is beyond the largest float: OverflowError "rounded value too large to represent".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundOverflow;

/// `round(value, places)`: the float nearest to the multiple of `10**-places` that is nearest to `value`.
pub fn round(value: f64, places: i64) -> Result<f64, RoundOverflow> {
    if !value.is_finite() || value == 0.0 || places > 323 {
        return Ok(value);
    }
    if places < -308 {
        return Ok(0.0 * value);
    }
    if places >= 0 {
        if let Some(rounded) = super::fixed::round(value, places as usize) {
            return Ok(rounded);
        }
        let mut text = Buffer { bytes: [0; 700], len: 0 };
        let width = places as usize;
        let rounded = write!(text, "{value:.width$}").ok().and_then(|()| text.as_str()?.parse().ok());
        return Ok(rounded.unwrap_or(value));
    }
    round_to_power(value, places.unsigned_abs())
}

/// Rounds to a multiple of `10**exponent` on integers.
fn round_to_power(value: f64, exponent: u64) -> Result<f64, RoundOverflow> {
    let mut digits = [0; 38];
    let len = magnitude_of_f64(value, &mut digits);
    let whole = &digits[..len];
    let ten = Int::from(10u64);
    // At most 10**308: it fits.
    let unit = power::pow(ten.as_signed(), exponent).map_err(|_| RoundOverflow)?.magnitude;
    let mut quotient = vec![0; whole.len() + 2];
    let mut rest = vec![0; whole.len().max(unit.len())];
    let (mut q_len, r_len) = divmod(whole, &unit, &mut quotient, &mut rest);
    let mut twice = vec![0; r_len + 1];
    let twice_len = add(&rest[..r_len], &rest[..r_len], &mut twice);
    let odd = q_len > 0 && quotient[0] & 1 == 1;
    let up = match compare(&twice[..twice_len], &unit) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => odd || value.fract() != 0.0,
        std::cmp::Ordering::Greater => true,
    };
    if up {
        let copy = quotient[..q_len].to_vec();
        q_len = add(&copy, &[1], &mut quotient);
    }
    let mut product = vec![0; q_len + unit.len()];
    let len = mul(&quotient[..q_len], &unit, &mut product);
    let rounded = to_f64(Signed::new(false, &product[..len])).ok_or(RoundOverflow)?;
    Ok(rounded.copysign(value))
}

/// Room for 309 digits, a point and 323 digits.
struct Buffer {
    bytes: [u8; 700],
    len: usize,
}

impl Buffer {
    fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes[..self.len]).ok()
    }
}

impl Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
