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
fn put_halves<P: Place>(word: u64, to: &mut [P]) {
    // Masked together, so that they are stored together.
    let word = word & BOTH;
    to[0].put(word as u32);
    to[1].put((word >> 32) as u32);
}

/// Fills the two free bits above each half, so that a carry out of a digit is one out of its half: into the next half by itself, or
/// out of the word.
const FILLED: u64 = 0xC000_0000_C000_0000;

/// `a + b`. `out` needs one digit more than the longer operand, where the sum carries into it.
#[inline(always)]
pub fn add<P: Place>(a: &[u32], b: &[u32], out: &mut [P]) -> usize {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let (low, high) = long.split_at(short.len());
    let (out_low, out_high) = out.split_at_mut(short.len());
    let carry = add_up(high, add_low(low, short, out_low), out_high);
    if carry != 0 {
        out_high[high.len()].put(carry);
    }
    long.len() + carry as usize
}

/// `a + b` of equally many digits. `out` needs as many, and one more where the sum carries into it.
///
/// [`add`] would do as well, but asks more before it begins, which is much for a few digits.
#[inline(always)]
pub fn add_equal<P: Place>(a: &[u32], b: &[u32], out: &mut [P]) -> usize {
    let (low, above) = out.split_at_mut(a.len());
    let carry = add_low(a, b, low);
    if carry != 0 {
        above[0].put(carry);
    }
    a.len() + carry as usize
}

/// Writes the sum of equally many digits to as many places: what is carried out of them.
#[inline(always)]
fn add_low<P: Place>(a: &[u32], b: &[u32], low: &mut [P]) -> u32 {
    let len = a.len();
    let (b, low) = (&b[..len], &mut low[..len]);
    let (mut at, mut carry) = (0, false);
    while at + 1 < len {
        let [x, y] = [a, b].map(|digits| [digits[at], digits[at + 1]]);
        let (sum, out_of_pair) = (halves(&x) | FILLED).carrying_add(halves(&y), carry);
        put_halves(sum, &mut low[at..at + 2]);
        (at, carry) = (at + 2, out_of_pair);
    }
    let mut carry = u32::from(carry);
    if at < len {
        carry += a[at] + b[at];
        low[at].put(carry & MASK);
        carry >>= SHIFT;
    }
    carry
}

/// From so many digits on, what no carry reaches is copied.
const COPIED: usize = 12;

/// Writes the digits and adds the carry, which seldom goes far; what is carried out of them.
#[inline]
fn add_up<P: Place>(from: &[u32], mut carry: u32, to: &mut [P]) -> u32 {
    let to = &mut to[..from.len()];
    let mut at = 0;
    while at < from.len() && (carry != 0 || from.len() < COPIED) {
        let sum = from[at] + carry;
        to[at].put(sum & MASK);
        carry = sum >> SHIFT;
        at += 1;
    }
    if at < from.len() {
        P::put_all(&mut to[at..], &from[at..]);
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
    take_up(high, sub_low(low, b, out_low), out_high);
}

/// `a - b` of equally many digits, where `a >= b`, in as many digits.
#[inline(always)]
pub fn sub_equal<P: Place>(a: &[u32], b: &[u32], out: &mut [P]) {
    sub_low(a, b, &mut out[..a.len()]);
}

/// Writes the difference of equally many digits to as many places: what is borrowed from those above.
#[inline(always)]
fn sub_low<P: Place>(a: &[u32], b: &[u32], low: &mut [P]) -> u32 {
    let len = a.len();
    let (b, low) = (&b[..len], &mut low[..len]);
    let (mut at, mut borrow) = (0, false);
    while at + 1 < len {
        let [x, y] = [a, b].map(|digits| [digits[at], digits[at + 1]]);
        let (difference, out_of_pair) = halves(&x).borrowing_sub(halves(&y), borrow);
        put_halves(difference, &mut low[at..at + 2]);
        (at, borrow) = (at + 2, out_of_pair);
    }
    let mut borrow = u32::from(borrow);
    if at < len {
        borrow = a[at].wrapping_sub(b[at]).wrapping_sub(borrow);
        low[at].put(borrow & MASK);
        borrow >>= 31;
    }
    borrow
}

/// Writes the digits and takes the borrow from them.
#[inline]
fn take_up<P: Place>(from: &[u32], mut borrow: u32, to: &mut [P]) {
    let to = &mut to[..from.len()];
    let mut at = 0;
    while at < from.len() && (borrow != 0 || from.len() < COPIED) {
        let difference = from[at].wrapping_sub(borrow);
        to[at].put(difference & MASK);
        borrow = difference >> 31;
        at += 1;
    }
    if at < from.len() {
        P::put_all(&mut to[at..], &from[at..]);
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
