//! Addition, subtraction and comparison.

use std::cmp::Ordering;

use super::place::Place;
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

/// Both digits of a word.
const BOTH: u64 = (MASK as u64) << 32 | MASK as u64;

/// Writes the digits in the halves of a machine word; what carried or borrowed above them is cut off.
#[inline(always)]
fn put_halves<P: Place>(word: u64, to: &mut [P; 2]) {
    // Masked together, so that they are stored together.
    let word = word & BOTH;
    let [low, high] = to;
    low.put(word as u32);
    high.put((word >> 32) as u32);
}

/// Fills the two free bits above each half, so that a carry out of a digit is one out of its half: into the next half by itself, or
/// out of the word.
const FILLED: u64 = 0xC000_0000_C000_0000;

/// Two digits of a sum, and whether it carries.
#[inline(always)]
fn add_pair<P: Place>(x: &[u32; 2], y: &[u32; 2], carry: bool, to: &mut [P; 2]) -> bool {
    let (sum, carry) = (halves(x) | FILLED).carrying_add(halves(y), carry);
    put_halves(sum, to);
    carry
}

/// Two digits of a difference, and whether it borrows.
#[inline(always)]
fn sub_pair<P: Place>(x: &[u32; 2], y: &[u32; 2], borrow: bool, to: &mut [P; 2]) -> bool {
    let (difference, borrow) = halves(x).borrowing_sub(halves(y), borrow);
    put_halves(difference, to);
    borrow
}

/// Combines equally long operands pair after pair, but for an odd digit at their end: whether the last pair carries.
#[inline(always)]
fn by_pairs<P: Place>(
    x: &[u32],
    y: &[u32],
    out: &mut [P],
    step: impl Fn(&[u32; 2], &[u32; 2], bool, &mut [P; 2]) -> bool,
) -> bool {
    let mut carry = false;
    for ((x, y), out) in x.as_chunks().0.iter().zip(y.as_chunks().0).zip(out.as_chunks_mut().0) {
        carry = step(x, y, carry, out);
    }
    carry
}

/// `a + b`. `out` needs one digit more than the longer operand, where the sum carries into it.
#[inline(always)]
pub fn add<P: Place>(a: &[u32], b: &[u32], out: &mut [P]) -> usize {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let (low, high) = long.split_at(short.len());
    let (out_low, out_high) = out.split_at_mut(short.len());
    let mut carry = u32::from(by_pairs(low, short, out_low, add_pair));
    if short.len() % 2 == 1
        && let (Some(x), Some(y), Some(o)) = (low.last(), short.last(), out_low.last_mut())
    {
        carry += x + y;
        o.put(carry & MASK);
        carry >>= SHIFT;
    }
    if !high.is_empty() {
        carry = add_up(high, carry, out_high);
    }
    if carry != 0 {
        out_high[high.len()].put(carry);
    }
    long.len() + carry as usize
}

/// From so many digits on, what no carry reaches is copied.
const COPIED: usize = 4;

/// Writes the digits and adds the carry, which seldom goes far; what is carried out of them.
#[inline]
fn add_up<P: Place>(from: &[u32], mut carry: u32, to: &mut [P]) -> u32 {
    for (at, (digit, place)) in from.iter().zip(to.iter_mut()).enumerate() {
        if carry == 0 && from.len() - at >= COPIED {
            P::put_all(&mut to[at..from.len()], &from[at..]);
            return 0;
        }
        let sum = digit + carry;
        place.put(sum & MASK);
        carry = sum >> SHIFT;
    }
    carry
}

/// `a - b`, where `a >= b`. `out` needs as many digits as `a`.
#[inline]
pub fn sub(a: &[u32], b: &[u32], out: &mut [u32]) -> usize {
    sub_unnormalised(a, b, out);
    normalised_len(&out[..a.len()])
}

/// `a - b`, where `a >= b`, in as many digits as `a` has, of which the highest may be zeros.
#[inline(always)]
pub fn sub_unnormalised<P: Place>(a: &[u32], b: &[u32], out: &mut [P]) {
    debug_assert!(compare(a, b) != Ordering::Less);
    let (low, high) = a.split_at(b.len());
    let (out_low, out_high) = out.split_at_mut(b.len());
    let mut borrow = u32::from(by_pairs(low, b, out_low, sub_pair));
    if b.len() % 2 == 1
        && let (Some(x), Some(y), Some(o)) = (low.last(), b.last(), out_low.last_mut())
    {
        borrow = x.wrapping_sub(*y).wrapping_sub(borrow);
        o.put(borrow & MASK);
        borrow >>= 31;
    }
    if !high.is_empty() {
        take_up(high, borrow, out_high);
    }
}

/// Writes the digits and takes the borrow from them.
#[inline]
fn take_up<P: Place>(from: &[u32], mut borrow: u32, to: &mut [P]) {
    for (at, (digit, place)) in from.iter().zip(to.iter_mut()).enumerate() {
        if borrow == 0 && from.len() - at >= COPIED {
            return P::put_all(&mut to[at..from.len()], &from[at..]);
        }
        let difference = digit.wrapping_sub(borrow);
        place.put(difference & MASK);
        borrow = difference >> 31;
    }
}

/// `|a - b|`, and whether `a < b`. `out` needs as many digits as the longer operand.
pub fn abs_diff(a: &[u32], b: &[u32], out: &mut [u32]) -> (bool, usize) {
    match compare(a, b) {
        Ordering::Equal => (false, 0),
        Ordering::Greater => (false, sub(a, b, out)),
        Ordering::Less => (true, sub(b, a, out)),
    }
}

/// The digits that [`add`] may need: one more than the longer operand only where the highest ones may carry.
#[inline(always)]
pub fn sum_size(a: &[u32], b: &[u32]) -> usize {
    let len = a.len().max(b.len());
    let top = |digits: &[u32]| digits.get(len.wrapping_sub(1)).copied().unwrap_or(0);
    len + usize::from(top(a) + top(b) >= MASK)
}

/// The operands of a difference without the highest digits that they have in common, the larger one first, and whether they changed
/// places; `None` if they are equal.
#[inline(always)]
pub fn prepare_difference<'a>(a: &'a [u32], b: &'a [u32]) -> Option<(&'a [u32], &'a [u32], bool)> {
    let (mut x, mut y) = (a, b);
    if x.len() != y.len() {
        return Some(if x.len() > y.len() { (x, y, false) } else { (y, x, true) });
    }
    while let ([rest_x @ .., top_x], [rest_y @ .., top_y]) = (x, y) {
        if top_x != top_y {
            return Some(if top_x > top_y { (x, y, false) } else { (y, x, true) });
        }
        (x, y) = (rest_x, rest_y);
    }
    None
}

/// `a + b` with signs: the result's sign and length. `out` needs one digit more than the longer operand.
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
