//! Integers as text, in any radix from 2 to 36.

use super::bridge::to_big;
use super::div::div_digit_in_place;
use super::{SHIFT, Signed, bit_length, normalised_len, small};

/// From this many digits on, `num-bigint` divides and conquers.
const BIG: usize = 36;

const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// An upper bound of the characters of a magnitude in this radix (without a sign).
pub fn text_size(a: &[u32], radix: u32) -> usize {
    let bits = bit_length(a);
    // log2 of the radix, rounded down to a 64th.
    let per_digit = (f64::from(radix.max(2)).log2() * 64.0) as u64;
    usize::try_from(bits.saturating_mul(64) / per_digit.max(1)).unwrap_or(usize::MAX).saturating_add(1)
}

/// Whether the integer surely has more than `limit` decimal digits, from its size alone: the check before a
/// conversion under `sys.set_int_max_str_digits`. What passes has at most about 1 % more than `limit`, and must be
/// counted once converted.
pub fn surely_longer_than(a: &[u32], limit: usize) -> bool {
    // 2**(bits - 1) has more than (bits - 1) * 0.30102 digits.
    let least = u128::from(bit_length(a).saturating_sub(1)) * 30102 / 100_000 + 1;
    !a.is_empty() && least > limit as u128
}

/// Appends the magnitude in lower case to `out`, without sign or prefix. `radix` is from 2 to 36.
pub fn write_magnitude(a: &[u32], radix: u32, out: &mut Vec<u8>) {
    let radix = radix.clamp(2, 36);
    if a.is_empty() {
        out.push(b'0');
    } else if radix.is_power_of_two() {
        write_power_of_two(a, radix.trailing_zeros(), out);
    } else if let Some(value) = small::to_u64(a) {
        write_u64(value, u64::from(radix), out);
    } else if a.len() < BIG {
        write_general(a, radix, out);
    } else {
        out.extend(to_big(a).to_radix_be(radix).iter().map(|&d| DIGITS[usize::from(d)]));
    }
}

/// Appends the integer with its sign; no prefix.
pub fn write_signed(a: Signed<'_>, radix: u32, out: &mut Vec<u8>) {
    if a.negative {
        out.push(b'-');
    }
    write_magnitude(a.magnitude, radix, out);
}

fn write_u64(value: u64, radix: u64, out: &mut Vec<u8>) {
    // With a constant the divisions are multiplications, and decimal is what nearly everything is.
    let mut buffer = [0; 64];
    let start = if radix == 10 { fill(value, 10, &mut buffer) } else { fill(value, radix, &mut buffer) };
    out.extend_from_slice(&buffer[start..]);
}

/// Fills the end of the buffer with the number's digits; returns where they start.
#[inline(always)]
fn fill(mut value: u64, radix: u64, buffer: &mut [u8; 64]) -> usize {
    let mut start = buffer.len();
    while start > 0 {
        start -= 1;
        buffer[start] = DIGITS[(value % radix) as usize];
        value /= radix;
        if value == 0 {
            break;
        }
    }
    start
}

fn write_power_of_two(a: &[u32], bits: u32, out: &mut Vec<u8>) {
    let chars = bit_length(a).div_ceil(u64::from(bits)) as usize;
    let start = out.len();
    out.resize(start + chars, b'0');
    // With a constant the loop over the characters of a digit needs no shifts of its own.
    match bits {
        1 => fill_power_of_two::<1>(a, &mut out[start..]),
        2 => fill_power_of_two::<2>(a, &mut out[start..]),
        3 => fill_power_of_two::<3>(a, &mut out[start..]),
        4 => fill_power_of_two::<4>(a, &mut out[start..]),
        _ => fill_power_of_two::<5>(a, &mut out[start..]),
    }
}

/// Fills the characters from the last to the first, `BITS` bits each.
fn fill_power_of_two<const BITS: u32>(a: &[u32], out: &mut [u8]) {
    let (mut rest, mut filled) = (0u64, 0);
    let mut digits = a.iter();
    for place in out.iter_mut().rev() {
        if filled < BITS {
            rest |= u64::from(digits.next().copied().unwrap_or(0)) << filled;
            filled += SHIFT;
        }
        *place = DIGITS[rest as usize & ((1 << BITS) - 1)];
        rest >>= BITS;
        filled -= BITS;
    }
}

/// The largest power of `radix` that is a digit, and its exponent.
pub(crate) fn largest_power(radix: u32) -> (u32, usize) {
    let (mut power, mut exponent) = (radix, 1);
    while u64::from(power) * u64::from(radix) < u64::from(super::BASE) {
        power *= radix;
        exponent += 1;
    }
    (power, exponent)
}

fn write_general(a: &[u32], radix: u32, out: &mut Vec<u8>) {
    let (power, width) = largest_power(radix);
    let start = out.len();
    let mut rest = a.to_vec();
    out.reserve(text_size(a, radix) + width);
    while !rest.is_empty() {
        if radix == 10 {
            write_chunk(&mut rest, 10, 1_000_000_000, 9, out);
        } else {
            write_chunk(&mut rest, radix, power, width, out);
        }
    }
    while out.len() > start + 1 && out.last() == Some(&b'0') {
        out.pop();
    }
    out[start..].reverse();
}

/// Divides by the power and appends the remainder's digits, the lowest first.
#[inline(always)]
fn write_chunk(rest: &mut Vec<u32>, radix: u32, power: u32, width: usize, out: &mut Vec<u8>) {
    let mut chunk = div_digit_in_place(rest, power);
    rest.truncate(normalised_len(rest));
    for _ in 0..width {
        out.push(DIGITS[(chunk % radix) as usize]);
        chunk /= radix;
    }
}
