//! Addition, subtraction and comparison.

use std::cmp::Ordering;

use super::{MASK, SHIFT, Signed, normalised_len};

/// Compares two magnitudes.
#[inline]
pub fn compare(a: &[u32], b: &[u32]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

/// Compares two integers.
pub fn compare_signed(a: Signed<'_>, b: Signed<'_>) -> Ordering {
    match (a.negative, b.negative) {
        (false, false) => compare(a.magnitude, b.magnitude),
        (true, true) => compare(b.magnitude, a.magnitude),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

/// `a + b`. `out` needs one digit more than the longer operand.
pub fn add(a: &[u32], b: &[u32], out: &mut [u32]) -> usize {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let (low, high) = long.split_at(short.len());
    let out = &mut out[..long.len() + 1];
    let mut carry = 0;
    if short.len() >= WIDE {
        carry = add_wide(low, short, out);
    } else {
        for ((&x, &y), o) in low.iter().zip(short).zip(out.iter_mut()) {
            carry += x + y;
            *o = carry & MASK;
            carry >>= SHIFT;
        }
    }
    for (&x, o) in high.iter().zip(&mut out[short.len()..]) {
        carry += x;
        *o = carry & MASK;
        carry >>= SHIFT;
    }
    out[long.len()] = carry;
    long.len() + carry as usize
}

/// From this many digits on, sums are made without waiting for the carry of the digit below.
const WIDE: usize = 12;

/// The digits of `a + b`, which are equally long and not empty, and the carry. Each place takes the carry of the two digits below
/// alone, so that several places are made at once; the rare carry that goes on through a place of ones is mended afterwards.
fn add_wide(a: &[u32], b: &[u32], out: &mut [u32]) -> u32 {
    let out = &mut out[..a.len()];
    out[0] = (a[0] + b[0]) & MASK;
    let mut all = 0;
    for (((x, y), o), (&z, &w)) in a.iter().zip(b).zip(&mut out[1..]).zip(a[1..].iter().zip(&b[1..])) {
        *o = ((z + w) & MASK) + ((x + y) >> SHIFT);
        all |= *o;
    }
    let mut carry = (a[a.len() - 1] + b[b.len() - 1]) >> SHIFT;
    if all > MASK {
        let mut more = 0;
        for o in out {
            more += *o;
            *o = more & MASK;
            more >>= SHIFT;
        }
        carry += more;
    }
    carry
}

/// The digits of `a - b`, which are equally long and not empty, and the borrow; as `add_wide`.
fn sub_wide(a: &[u32], b: &[u32], out: &mut [u32]) -> u32 {
    let out = &mut out[..a.len()];
    out[0] = a[0].wrapping_sub(b[0]) & MASK;
    let mut all = 0;
    for (((x, y), o), (&z, &w)) in a.iter().zip(b).zip(&mut out[1..]).zip(a[1..].iter().zip(&b[1..])) {
        *o = (z.wrapping_sub(w) & MASK).wrapping_sub(x.wrapping_sub(*y) >> 31);
        all |= *o;
    }
    let mut borrow = a[a.len() - 1].wrapping_sub(b[b.len() - 1]) >> 31;
    if all > MASK {
        // Places below zero are minus one.
        let mut less = 0u32;
        for o in out {
            less = o.wrapping_sub(less);
            *o = less & MASK;
            less >>= 31;
        }
        borrow += less;
    }
    borrow
}

/// `a - b`, where `a >= b`. `out` needs as many digits as `a`.
pub fn sub(a: &[u32], b: &[u32], out: &mut [u32]) -> usize {
    debug_assert!(compare(a, b) != Ordering::Less);
    let (low, high) = a.split_at(b.len());
    let out = &mut out[..a.len()];
    let mut borrow = 0;
    if b.len() >= WIDE {
        borrow = sub_wide(low, b, out);
    } else {
        for ((&x, &y), o) in low.iter().zip(b).zip(out.iter_mut()) {
            borrow = x.wrapping_sub(y).wrapping_sub(borrow);
            *o = borrow & MASK;
            borrow >>= 31;
        }
    }
    for (&x, o) in high.iter().zip(&mut out[b.len()..]) {
        borrow = x.wrapping_sub(borrow);
        *o = borrow & MASK;
        borrow >>= 31;
    }
    normalised_len(out)
}

/// `|a - b|`, and whether `a < b`. `out` needs as many digits as the longer operand.
pub fn abs_diff(a: &[u32], b: &[u32], out: &mut [u32]) -> (bool, usize) {
    match compare(a, b) {
        Ordering::Equal => (false, 0),
        Ordering::Greater => (false, sub(a, b, out)),
        Ordering::Less => (true, sub(b, a, out)),
    }
}

/// `a + b` with signs: the result's sign and length. `out` needs one digit more than the longer operand.
pub fn add_signed(a: Signed<'_>, b: Signed<'_>, out: &mut [u32]) -> (bool, usize) {
    if a.negative == b.negative {
        let len = add(a.magnitude, b.magnitude, out);
        (a.negative && len > 0, len)
    } else {
        let (less, len) = abs_diff(a.magnitude, b.magnitude, out);
        ((a.negative != less) && len > 0, len)
    }
}

/// `a - b` with signs: the result's sign and length. `out` needs one digit more than the longer operand.
pub fn sub_signed(a: Signed<'_>, b: Signed<'_>, out: &mut [u32]) -> (bool, usize) {
    add_signed(a, Signed { negative: !b.negative, magnitude: b.magnitude }, out)
}

/// Adds 1 in place to `digits[..len]`; the slice needs one digit more than `len`. Returns the new length.
pub(crate) fn increment(digits: &mut [u32], len: usize) -> usize {
    for digit in &mut digits[..len] {
        if *digit < MASK {
            *digit += 1;
            return len;
        }
        *digit = 0;
    }
    digits[len] = 1;
    len + 1
}
