//! Addition, subtraction and comparison.

use std::cmp::Ordering;

use super::{MASK, SHIFT, Signed, normalised_len};

/// Compares two magnitudes.
#[inline]
pub fn compare(a: &[u32], b: &[u32]) -> Ordering {
    if a.len() != b.len() {
        return a.len().cmp(&b.len());
    }
    // Numbers of one length mostly differ in their first digits.
    for (x, y) in a.iter().zip(b).rev() {
        if x != y {
            return x.cmp(y);
        }
    }
    Ordering::Equal
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

/// Two digits in the halves of a machine word.
#[inline(always)]
fn halves(digits: &[u32; 2]) -> u64 {
    u64::from(digits[0]) | u64::from(digits[1]) << 32
}

/// The digits in the halves of a machine word; what carried or borrowed above them is cut off.
#[inline(always)]
fn store_halves(word: u64, to: &mut [u32; 2]) {
    *to = [word as u32 & MASK, (word >> 32) as u32 & MASK];
}

/// Fills the two free bits above each half, so that a carry out of a digit is one out of its half: into the next half by itself, or
/// out of the word.
const FILLED: u64 = 0xC000_0000_C000_0000;

/// `a + b`. `out` needs one digit more than the longer operand, where the sum carries into it.
#[inline]
pub fn add(a: &[u32], b: &[u32], out: &mut [u32]) -> usize {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let (low, high) = long.split_at(short.len());
    let (out_low, out_high) = out.split_at_mut(short.len());
    let (low, last) = low.as_chunks::<2>();
    let (short, short_last) = short.as_chunks::<2>();
    let (out_low, out_last) = out_low.as_chunks_mut::<2>();
    let mut carried = false;
    for ((x, y), o) in low.iter().zip(short).zip(out_low) {
        let (sum, over) = (halves(x) | FILLED).carrying_add(halves(y), carried);
        carried = over;
        store_halves(sum, o);
    }
    let mut carry = u32::from(carried);
    if let ([x], [y], [o]) = (last, short_last, out_last) {
        carry += x + y;
        *o = carry & MASK;
        carry >>= SHIFT;
    }
    for (&x, o) in high.iter().zip(out_high.iter_mut()) {
        carry += x;
        *o = carry & MASK;
        carry >>= SHIFT;
    }
    if let Some(top) = out_high.get_mut(high.len()) {
        *top = carry;
    }
    long.len() + carry as usize
}

/// `a - b`, where `a >= b`. `out` needs as many digits as `a`.
#[inline]
pub fn sub(a: &[u32], b: &[u32], out: &mut [u32]) -> usize {
    debug_assert!(compare(a, b) != Ordering::Less);
    let (low, high) = a.split_at(b.len());
    let out = &mut out[..a.len()];
    let (out_low, out_high) = out.split_at_mut(b.len());
    let (low, last) = low.as_chunks::<2>();
    let (b, b_last) = b.as_chunks::<2>();
    let (out_low, out_last) = out_low.as_chunks_mut::<2>();
    let mut borrowed = false;
    for ((x, y), o) in low.iter().zip(b).zip(out_low) {
        let (difference, under) = halves(x).borrowing_sub(halves(y), borrowed);
        borrowed = under;
        store_halves(difference, o);
    }
    let mut borrow = u32::from(borrowed);
    if let ([x], [y], [o]) = (last, b_last, out_last) {
        borrow = x.wrapping_sub(*y).wrapping_sub(borrow);
        *o = borrow & MASK;
        borrow >>= 31;
    }
    for (&x, o) in high.iter().zip(out_high) {
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

/// The operands without the highest digits that they have in common, where one is taken from the other, and the digits that
/// [`add_signed`] of them may need: one more than the longer operand only where the highest ones may carry.
#[inline]
pub fn prepare_sum<'a>(a: Signed<'a>, b: Signed<'a>) -> (Signed<'a>, Signed<'a>, usize) {
    let (mut x, mut y) = (a.magnitude, b.magnitude);
    if a.negative != b.negative {
        while let ([rest_x @ .., top_x], [rest_y @ .., top_y]) = (x, y)
            && x.len() == y.len()
            && top_x == top_y
        {
            (x, y) = (rest_x, rest_y);
        }
        let len = x.len().max(y.len());
        return (Signed { magnitude: x, ..a }, Signed { magnitude: y, ..b }, len);
    }
    let len = x.len().max(y.len());
    let top = |digits: &[u32]| digits.get(len.wrapping_sub(1)).copied().unwrap_or(0);
    (a, b, len + usize::from(top(x) + top(y) >= MASK))
}

/// `a + b` with signs: the result's sign and length. `out` needs as many digits as [`prepare_sum`] says; operands that it gave need
/// not be normalised.
#[inline]
pub fn add_signed(a: Signed<'_>, b: Signed<'_>, out: &mut [u32]) -> (bool, usize) {
    if a.negative == b.negative {
        let len = add(a.magnitude, b.magnitude, out);
        (a.negative && len > 0, len)
    } else {
        let (less, len) = abs_diff(a.magnitude, b.magnitude, out);
        ((a.negative != less) && len > 0, len)
    }
}

/// `a - b` with signs, as [`add_signed`].
pub fn sub_signed(a: Signed<'_>, b: Signed<'_>, out: &mut [u32]) -> (bool, usize) {
    add_signed(a, b.negated(), out)
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
