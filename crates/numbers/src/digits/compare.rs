//! Exact comparison of integers with floats.

use std::cmp::Ordering;

use super::basic::compare;
use super::float::magnitude_of_f64;
use super::{Signed, bit_length};

/// Compares an integer with a float, exactly; `None` for a NaN.
pub fn compare_f64(a: Signed<'_>, b: f64) -> Option<Ordering> {
    if b.is_nan() {
        return None;
    }
    let b_negative = b < 0.0;
    if a.is_zero() || a.negative != b_negative || b == 0.0 {
        let sign = |negative: bool, zero: bool| if zero { 0 } else { 1 - 2 * i32::from(negative) };
        return Some(sign(a.negative, a.is_zero()).cmp(&sign(b_negative, b == 0.0)));
    }
    let size = b.abs();
    let order = if size.is_infinite() || bit_length(a.magnitude) > 1024 {
        if size.is_infinite() { Ordering::Less } else { Ordering::Greater }
    } else {
        let mut digits = [0; 38];
        let len = magnitude_of_f64(size, &mut digits);
        compare(a.magnitude, &digits[..len])
            .then_with(|| if size.fract() > 0.0 { Ordering::Less } else { Ordering::Equal })
    };
    Some(if a.negative { order.reverse() } else { order })
}
