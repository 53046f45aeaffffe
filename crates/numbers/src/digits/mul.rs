//! Multiplication and squaring.

use super::bridge::{to_big, write_big};
use super::{MASK, SHIFT, Signed, normalised_len};

/// From this many digits of the shorter operand on, `num-bigint` multiplies.
pub const BIG: usize = 44;

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

/// Two digits of each operand at a time, so that four products are one multiplication of 60 bits.
/// `short` is not empty.
fn schoolbook(long: &[u32], short: &[u32], out: &mut [u32]) -> usize {
    let out = &mut out[..long.len() + short.len()];
    out.fill(0);
    let (long_pairs, long_rest) = long.as_chunks::<2>();
    for (i, y) in short.chunks(2).enumerate() {
        let row = &mut out[2 * i..];
        let (places, after) = row.split_at_mut(2 * long_pairs.len());
        let y = pair(y);
        // Below 2**60 always: product, digit and carry stay below 2**120.
        let mut carry = 0u64;
        for (x, place) in long_pairs.iter().zip(places.as_chunks_mut::<2>().0) {
            let sum = u128::from(pair(x)) * u128::from(y) + u128::from(pair(place)) + u128::from(carry);
            place[0] = sum as u32 & MASK;
            place[1] = (sum >> SHIFT) as u32 & MASK;
            carry = (sum >> (2 * SHIFT)) as u64;
        }
        if let [x] = *long_rest {
            let sum = u128::from(x) * u128::from(y) + u128::from(carry);
            store(sum, after);
        } else {
            store(u128::from(carry), after);
        }
    }
    normalised_len(out)
}

/// One or two digits as a number.
fn pair(digits: &[u32]) -> u64 {
    match *digits {
        [low, high] => u64::from(low) | u64::from(high) << SHIFT,
        [low] => u64::from(low),
        _ => 0,
    }
}

/// Adds a row's last sum into the places above it, which nothing has gone to but one digit of the row before.
fn store(sum: u128, places: &mut [u32]) {
    let mut carry = sum;
    for place in places {
        if carry == 0 {
            break;
        }
        carry += u128::from(*place);
        *place = carry as u32 & MASK;
        carry >>= SHIFT;
    }
}

/// `a * a`. `out` needs twice as many digits as `a`.
pub fn square(a: &[u32], out: &mut [u32]) -> usize {
    mul(a, a, out)
}
