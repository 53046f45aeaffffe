//! Division: by a digit, by two, Knuth's algorithm D, and Python's floor division.

use std::cmp::Ordering;

use super::basic::{compare, increment};
use super::bridge::{to_big, write_big};
use super::shift::{shl, shr};
use super::words::Divisor;
use super::{BASE, Int, MASK, SHIFT, Signed, normalised_len};

/// From this many digits of both divisor and quotient on, `num-bigint` divides.
pub const BIG: usize = 56;

/// From this many digits on, dividing by a digit goes by its reciprocal, two digits at a time.
const RECIPROCAL: usize = 6;

/// `a / d`: the quotient goes to `quotient` (as many digits as `a`); returns its length and the remainder.
/// `d` is not 0.
pub fn div_digit(a: &[u32], d: u32, quotient: &mut [u32]) -> (usize, u32) {
    let quotient = &mut quotient[..a.len()];
    let (pairs, top) = if a.len() < RECIPROCAL { (0, a.len()) } else { (a.len() / 2, a.len() % 2) };
    let d = u64::from(d.max(1));
    let mut rest = 0;
    for (&x, q) in a[2 * pairs..].iter().zip(&mut quotient[2 * pairs..]).rev().take(top) {
        let chunk = rest << SHIFT | u64::from(x);
        *q = (chunk / d) as u32;
        rest = chunk % d;
    }
    if pairs > 0 {
        let divisor = Divisor::new(d);
        for (x, q) in a.as_chunks::<2>().0.iter().zip(quotient.as_chunks_mut::<2>().0).rev() {
            let pair;
            (pair, rest) = divisor.divide(u128::from(rest) << (2 * SHIFT) | u128::from(wide(x)));
            *q = [pair as u32 & MASK, (pair >> SHIFT) as u32];
        }
    }
    (normalised_len(quotient), rest as u32)
}

/// Two digits as a number.
fn wide(pair: &[u32; 2]) -> u64 {
    u64::from(pair[0]) | u64::from(pair[1]) << SHIFT
}

/// `a % d` for a `d` that is not 0.
pub fn rem_digit(a: &[u32], d: u32) -> u32 {
    let d = u64::from(d.max(1));
    a.iter().rev().fold(0, |rest, &x| (rest << SHIFT | u64::from(x)) % d) as u32
}

/// `a / b` truncated, and the remainder: the lengths of both. `b` is not 0 (that gives two zeros).
///
/// `quotient` needs `a.len() - b.len() + 1` digits (none if that is negative), `remainder` as many as the shorter
/// operand. Temporaries take the operands' memory, for large operands three times that.
pub fn divmod(a: &[u32], b: &[u32], quotient: &mut [u32], remainder: &mut [u32]) -> (usize, usize) {
    if b.is_empty() {
        return (0, 0);
    }
    if compare(a, b) == Ordering::Less {
        remainder[..a.len()].copy_from_slice(a);
        return (0, a.len());
    }
    if let [d] = *b {
        let (len, rest) = div_digit(a, d, quotient);
        remainder[0] = rest;
        return (len, usize::from(rest != 0));
    }
    if a.len() <= 4
        && let (Some(x), Some(y)) = (super::small::to_u128(a), super::small::to_u128(b))
    {
        let (mut q, mut r) = ([0; 5], [0; 5]);
        let q_len = super::small::from_u128(x / y, &mut q);
        let r_len = super::small::from_u128(x % y, &mut r);
        quotient[..q_len].copy_from_slice(&q[..q_len]);
        remainder[..r_len].copy_from_slice(&r[..r_len]);
        return (q_len, r_len);
    }
    if b.len() >= BIG && a.len() - b.len() >= BIG {
        let (big_a, big_b) = (to_big(a), to_big(b));
        let q = &big_a / &big_b;
        let r = big_a - &q * big_b;
        return (write_big(&q, quotient), write_big(&r, remainder));
    }
    knuth(a, b, quotient, remainder)
}

/// Digits that are set aside on the stack; more are allocated.
const ON_STACK: usize = 96;

/// Knuth, "The Art of Computer Programming" 2, section 4.3.1, algorithm D. `a >= b`, `b.len() >= 2`.
fn knuth(a: &[u32], b: &[u32], quotient: &mut [u32], remainder: &mut [u32]) -> (usize, usize) {
    let room = a.len() + b.len() + 2;
    if room <= ON_STACK {
        return knuth_in(a, b, quotient, remainder, &mut [0; ON_STACK][..room]);
    }
    knuth_in(a, b, quotient, remainder, &mut vec![0; room])
}

/// As [`knuth`], with room for both operands and a digit more of each.
fn knuth_in(a: &[u32], b: &[u32], quotient: &mut [u32], remainder: &mut [u32], room: &mut [u32]) -> (usize, usize) {
    let n = b.len();
    let m = a.len() - n;
    // Shift so that the divisor's highest bit is set: then a guessed digit is at most 2 too large.
    let shift = u64::from(b[n - 1].leading_zeros() - (32 - SHIFT));
    let (v, u) = room.split_at_mut(n + 1);
    shl(b, shift, v);
    let v = &v[..n];
    shl(a, shift, u);
    let (top, second) = (u64::from(v[n - 1]), u64::from(v[n - 2]));
    for j in (0..=m).rev() {
        let high = u64::from(u[j + n]) << SHIFT | u64::from(u[j + n - 1]);
        let (mut guess, mut rest) = (high / top, high % top);
        while guess >= u64::from(BASE) || guess * second > (rest << SHIFT | u64::from(u[j + n - 2])) {
            guess -= 1;
            rest += top;
            if rest >= u64::from(BASE) {
                break;
            }
        }
        let window = &mut u[j..=j + n];
        if sub_mul(window, v, guess as u32) {
            guess -= 1;
            add_back(window, v);
        }
        quotient[j] = guess as u32;
    }
    let rest = normalised_len(&u[..n]);
    (normalised_len(&quotient[..=m]), shr(&u[..rest], shift, remainder))
}

/// `window -= v * d`, where `window` has one digit more than `v`; whether it fell below zero (and wrapped).
fn sub_mul(window: &mut [u32], v: &[u32], d: u32) -> bool {
    let mut borrow = 0i64;
    for (w, &x) in window.iter_mut().zip(v) {
        // At least -(2**30 - 1)**2 - 2**31, so far from the end of i64.
        borrow += i64::from(*w) - i64::from(x) * i64::from(d);
        *w = borrow as u32 & MASK;
        borrow >>= SHIFT;
    }
    let top = &mut window[v.len()];
    borrow += i64::from(*top);
    *top = borrow as u32 & MASK;
    borrow < 0
}

fn add_back(window: &mut [u32], v: &[u32]) {
    let mut carry = 0;
    for (w, &x) in window.iter_mut().zip(v) {
        carry += *w + x;
        *w = carry & MASK;
        carry >>= SHIFT;
    }
    let top = &mut window[v.len()];
    *top = (*top + carry) & MASK;
}

/// Quotient and remainder of a division, each with sign and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloorDivision {
    /// Whether the quotient is below zero.
    pub quotient_negative: bool,
    /// Digits of the quotient.
    pub quotient_len: usize,
    /// Whether the remainder is below zero (as the divisor is).
    pub remainder_negative: bool,
    /// Digits of the remainder.
    pub remainder_len: usize,
}

/// Python's `divmod(a, b)`: the quotient is rounded towards minus infinity, the remainder has `b`'s sign.
///
/// `quotient` needs `a.len() - b.len() + 2` digits (at least 1), `remainder` as many as `b`, and as `a` if that is longer.
/// Returns `None` if `b` is zero.
pub fn floor_divmod(
    a: Signed<'_>,
    b: Signed<'_>,
    quotient: &mut [u32],
    remainder: &mut [u32],
) -> Option<FloorDivision> {
    if b.is_zero() {
        return None;
    }
    let (mut quotient_len, mut remainder_len) = divmod(a.magnitude, b.magnitude, quotient, remainder);
    let mut remainder_negative = a.negative;
    if a.negative != b.negative && remainder_len > 0 {
        quotient_len = increment(quotient, quotient_len);
        remainder_len = subtract_from(b.magnitude, remainder, remainder_len);
        remainder_negative = b.negative;
    }
    Some(FloorDivision {
        quotient_negative: a.negative != b.negative && quotient_len > 0,
        quotient_len,
        remainder_negative: remainder_negative && remainder_len > 0,
        remainder_len,
    })
}

/// `rest = b - rest` for a rest of `len` digits that is below `b`; gives its length.
fn subtract_from(b: &[u32], rest: &mut [u32], len: usize) -> usize {
    let rest = &mut rest[..b.len()];
    rest[len..].fill(0);
    let mut borrow = 0i32;
    for (r, &x) in rest.iter_mut().zip(b) {
        borrow += x as i32 - *r as i32;
        *r = borrow as u32 & MASK;
        borrow >>= SHIFT;
    }
    normalised_len(rest)
}

/// The digits that the two buffers of [`floor_divmod`] need.
pub fn floor_divmod_sizes(a: Signed<'_>, b: Signed<'_>) -> (usize, usize) {
    let (a, b) = (a.magnitude.len(), b.magnitude.len());
    ((a + 2).saturating_sub(b).max(1), a.max(b))
}

/// `a // b` and `a % b` in buffers of their own; `None` if `b` is zero.
pub fn floor_divmod_int(a: Signed<'_>, b: Signed<'_>) -> Option<(Int, Int)> {
    let (q_size, r_size) = floor_divmod_sizes(a, b);
    let (mut q, mut r) = (vec![0; q_size], vec![0; r_size]);
    let done = floor_divmod(a, b, &mut q, &mut r)?;
    q.truncate(done.quotient_len);
    r.truncate(done.remainder_len);
    Some((Int::new(done.quotient_negative, q), Int::new(done.remainder_negative, r)))
}
