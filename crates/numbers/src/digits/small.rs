//! Between digits and machine integers: the fast paths' conversions.

use super::{MASK, SHIFT, Signed};

/// Writes `value` to `out` (room for 3 digits) and returns the number of digits.
#[inline]
pub fn from_u64(value: u64, out: &mut [u32]) -> usize {
    let mut rest = value;
    let mut len = 0;
    while rest != 0 {
        out[len] = (rest as u32) & MASK;
        rest >>= SHIFT;
        len += 1;
    }
    len
}

/// Writes `value` to `out` (room for 5 digits) and returns the number of digits.
pub fn from_u128(value: u128, out: &mut [u32]) -> usize {
    let mut rest = value;
    let mut len = 0;
    while rest != 0 {
        out[len] = (rest as u32) & MASK;
        rest >>= SHIFT;
        len += 1;
    }
    len
}

/// The magnitude as `u64`, or `None` if it does not fit.
#[inline]
pub fn to_u64(a: &[u32]) -> Option<u64> {
    match *a {
        [] => Some(0),
        [d0] => Some(u64::from(d0)),
        [d0, d1] => Some(u64::from(d0) | u64::from(d1) << SHIFT),
        [d0, d1, d2] if d2 < 16 => Some(u64::from(d0) | u64::from(d1) << SHIFT | u64::from(d2) << (2 * SHIFT)),
        _ => None,
    }
}

/// The magnitude as `u128`, or `None` if it does not fit.
pub fn to_u128(a: &[u32]) -> Option<u128> {
    if a.len() > 5 || (a.len() == 5 && a[4] >= 1 << 8) {
        return None;
    }
    Some(a.iter().rev().fold(0, |value, &d| value << SHIFT | u128::from(d)))
}

/// The low 64 bits of the two's complement of the integer (`PyLong_AsUnsignedLongLongMask`).
pub fn wrapping_u64(a: Signed<'_>) -> u64 {
    let low = a.magnitude.iter().take(3).rev().fold(0u64, |value, &d| value << SHIFT | u64::from(d));
    if a.negative { low.wrapping_neg() } else { low }
}

/// The integer as `i64`, or `None` if it does not fit.
#[inline]
pub fn to_i64(a: Signed<'_>) -> Option<i64> {
    let magnitude = to_u64(a.magnitude)?;
    if a.negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

/// The integer as `i64`, clamped to its range.
pub fn to_i64_clamped(a: Signed<'_>) -> i64 {
    to_i64(a).unwrap_or(if a.negative { i64::MIN } else { i64::MAX })
}

/// Writes the magnitude of `value` to `out` (room for 3 digits); returns whether it is negative, and the digits.
#[inline]
pub fn from_i64(value: i64, out: &mut [u32]) -> (bool, usize) {
    (value < 0, from_u64(value.unsigned_abs(), out))
}

/// Floor division of machine integers: quotient and remainder with the divisor's sign, as Python's `divmod`.
/// `None` if the divisor is 0 or the quotient overflows (`i64::MIN // -1`).
#[inline]
pub fn floor_divmod(a: i64, b: i64) -> Option<(i64, i64)> {
    let quotient = a.checked_div(b)?;
    let remainder = a.checked_rem(b)?;
    if remainder != 0 && (remainder < 0) != (b < 0) {
        Some((quotient - 1, remainder + b))
    } else {
        Some((quotient, remainder))
    }
}
