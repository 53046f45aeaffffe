//! Multiplication and squaring.

use super::bridge::{to_big, write_big};
use super::{MASK, SHIFT, Signed, normalised_len};

/// From this many digits of the shorter operand on, `num-bigint` multiplies.
pub const BIG: usize = 48;

/// `a * b`. `out` needs `a.len() + b.len()` digits.
///
/// From [`BIG`] digits on, temporaries take about four times the memory of the result.
pub fn mul(a: &[u32], b: &[u32], out: &mut [u32]) -> usize {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    match *short {
        [] => 0,
        [d] => mul_digit(long, d, out),
        [d0, d1] => mul_wide(long, u64::from(d0) | u64::from(d1) << SHIFT, out),
        _ if short.len() >= BIG => write_big(&(to_big(a) * to_big(b)), &mut out[..a.len() + b.len()]),
        _ => schoolbook(long, short, out),
    }
}

/// `a * b` with signs: the result's sign and length. `out` needs `a` plus `b` digits.
pub fn mul_signed(a: Signed<'_>, b: Signed<'_>, out: &mut [u32]) -> (bool, usize) {
    let len = mul(a.magnitude, b.magnitude, out);
    ((a.negative != b.negative) && len > 0, len)
}

/// `a * d`. `out` needs one digit more than `a`.
pub fn mul_digit(a: &[u32], d: u32, out: &mut [u32]) -> usize {
    let out = &mut out[..a.len() + 1];
    let mut carry = 0;
    for (&x, o) in a.iter().zip(out.iter_mut()) {
        carry += u64::from(x) * u64::from(d);
        *o = carry as u32 & MASK;
        carry >>= SHIFT;
    }
    out[a.len()] = carry as u32;
    normalised_len(out)
}

/// `a * d` for a `d` below 2**60. `out` needs two digits more than `a`.
fn mul_wide(a: &[u32], d: u64, out: &mut [u32]) -> usize {
    let out = &mut out[..a.len() + 2];
    let mut carry = 0u128;
    for (&x, o) in a.iter().zip(out.iter_mut()) {
        carry += u128::from(x) * u128::from(d);
        *o = carry as u32 & MASK;
        carry >>= SHIFT;
    }
    out[a.len()] = carry as u32 & MASK;
    out[a.len() + 1] = (carry >> SHIFT) as u32;
    normalised_len(out)
}

/// A row for each digit of the shorter operand: sums stay below 2**60 + 2**31.
fn schoolbook(long: &[u32], short: &[u32], out: &mut [u32]) -> usize {
    let out = &mut out[..long.len() + short.len()];
    out.fill(0);
    for (i, &y) in short.iter().enumerate() {
        let mut carry = 0;
        let (low, high) = out[i..].split_at_mut(long.len());
        for (&x, o) in long.iter().zip(low) {
            carry += u64::from(*o) + u64::from(x) * u64::from(y);
            *o = carry as u32 & MASK;
            carry >>= SHIFT;
        }
        high[0] = carry as u32;
    }
    normalised_len(out)
}

/// `a * a`. `out` needs twice as many digits as `a`.
pub fn square(a: &[u32], out: &mut [u32]) -> usize {
    if a.len() < 3 || a.len() >= BIG {
        return mul(a, a, out);
    }
    let out = &mut out[..2 * a.len()];
    out.fill(0);
    for (i, &x) in a.iter().enumerate() {
        let mut carry = u64::from(out[2 * i]) + u64::from(x) * u64::from(x);
        out[2 * i] = carry as u32 & MASK;
        carry >>= SHIFT;
        // 2 * x * y + carry + digit stays below 2**62.
        let twice = u64::from(x) << 1;
        let (low, high) = out[2 * i + 1..].split_at_mut(a.len() - i - 1);
        for (&y, o) in a[i + 1..].iter().zip(low) {
            carry += u64::from(*o) + twice * u64::from(y);
            *o = carry as u32 & MASK;
            carry >>= SHIFT;
        }
        for o in high {
            if carry == 0 {
                break;
            }
            carry += u64::from(*o);
            *o = carry as u32 & MASK;
            carry >>= SHIFT;
        }
    }
    normalised_len(out)
}
