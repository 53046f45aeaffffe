//! Division: by a digit, by a limb, by limbs; truncated, and Python's floor division.

use super::basic::{compare, increment};
use super::bridge::{to_big, write_big};
use super::limbs::{LIMB, LIMB_MASK, join, limbs_for, pack_shifted, put_at, unpack_shifted, with_limbs};
use super::place::Place;
use super::words::Divisor;
use super::{Int, MASK, SHIFT, Signed, normalised_len, small};

/// From this many digits of both divisor and quotient on, `num-bigint` divides.
pub const BIG: usize = 180;

/// From this many digits on, dividing by a digit goes by its reciprocal, two digits at a time.
const RECIPROCAL: usize = 8;

/// The digits of `a / b`: as many as [`divide`] writes. `b` is not 0.
#[inline]
pub fn quotient_size(a: &[u32], b: &[u32]) -> usize {
    match a.len().checked_sub(b.len()) {
        None => 0,
        Some(more) => more + usize::from(compare(&a[more..], b).is_ge()),
    }
}

/// `a / b` truncated, and the remainder: the lengths of both, 0 for what is not wanted. `b` is not 0 (that gives two zeros).
///
/// `quotient` needs [`quotient_size`] digits, `remainder` as many as the shorter operand.
/// Temporaries take the operands' memory, for large operands three times that.
#[inline]
pub fn divide<P: Place, Q: Place>(
    a: &[u32],
    b: &[u32],
    quotient: Option<&mut [P]>,
    remainder: Option<&mut [Q]>,
) -> (usize, usize) {
    match *b {
        [] => (0, 0),
        [d] => {
            let (len, rest) = match quotient {
                Some(quotient) => div_digit(a, d, quotient),
                None => (0, rem_digit(a, d)),
            };
            (len, put_small(rest.into(), remainder))
        }
        _ if a.len() <= 4 && b.len() <= 4 => divide_few(a, b, quotient, remainder),
        _ => divide_long(a, b, quotient, remainder),
    }
}

/// Both have at most four digits.
#[inline]
fn divide_few<P: Place, Q: Place>(
    a: &[u32],
    b: &[u32],
    quotient: Option<&mut [P]>,
    remainder: Option<&mut [Q]>,
) -> (usize, usize) {
    let (Some(x), Some(y)) = (small::to_u128(a), small::to_u128(b)) else { return (0, 0) };
    // Compared beforehand, since the division of such numbers is a call.
    if x < y {
        return (0, put_small(x, remainder));
    }
    let q = x / y;
    (put_small(q, quotient), put_small(x - q * y, remainder))
}

/// Writes what has at most as many digits as there are places; their number.
#[inline(always)]
fn put_small<P: Place>(value: u128, out: Option<&mut [P]>) -> usize {
    let Some(out) = out else { return 0 };
    let (mut rest, mut len) = (value, 0);
    while rest != 0 {
        out[len].put(rest as u32 & MASK);
        rest >>= SHIFT;
        len += 1;
    }
    len
}

#[inline(never)]
fn divide_long<P: Place, Q: Place>(
    a: &[u32],
    b: &[u32],
    quotient: Option<&mut [P]>,
    remainder: Option<&mut [Q]>,
) -> (usize, usize) {
    let quotient_len = quotient_size(a, b);
    if quotient_len == 0 {
        let Some(remainder) = remainder else { return (0, 0) };
        Q::put_all(&mut remainder[..a.len()], a);
        return (0, a.len());
    }
    let mut quotient = quotient;
    let put = |at, limb| {
        if let Some(quotient) = &mut quotient {
            put_at(&mut quotient[..quotient_len], at, limb);
        }
    };
    let rest_len = match *b {
        [low, high] => put_small(div_limb(a, join(&[low, high]), put).into(), remainder),
        _ if b.len() >= BIG && a.len() - b.len() >= BIG => return divide_big(a, b, quotient, remainder),
        _ => knuth(a, b, put, remainder),
    };
    (if quotient.is_some() { quotient_len } else { 0 }, rest_len)
}

fn divide_big<P: Place, Q: Place>(
    a: &[u32],
    b: &[u32],
    quotient: Option<&mut [P]>,
    remainder: Option<&mut [Q]>,
) -> (usize, usize) {
    let (a, b) = (to_big(a), to_big(b));
    let q = &a / &b;
    let rest_len = remainder.map_or(0, |remainder| write_big(&(a - &q * b), remainder));
    (quotient.map_or(0, |quotient| write_big(&q, quotient)), rest_len)
}

/// `a / d`: the quotient goes to `quotient` (as many digits as `a`); returns its length and the remainder.
/// `d` is not 0.
pub fn div_digit<P: Place>(a: &[u32], d: u32, quotient: &mut [P]) -> (usize, u32) {
    let d = d.max(1);
    let len = quotient_size(a, &[d]);
    let quotient = &mut quotient[..len];
    if a.len() >= RECIPROCAL {
        let rest = div_limb(a, d.into(), |at, limb| put_at(quotient, at, limb));
        return (len, rest as u32);
    }
    let mut rest = 0;
    for (at, &x) in a.iter().enumerate().rev() {
        let chunk = rest << SHIFT | u64::from(x);
        let digit = chunk / u64::from(d);
        rest = chunk - digit * u64::from(d);
        if let Some(place) = quotient.get_mut(at) {
            place.put(digit as u32);
        }
    }
    (len, rest as u32)
}

/// `a % d` for a `d` that is not 0.
pub fn rem_digit(a: &[u32], d: u32) -> u32 {
    let d = u64::from(d.max(1));
    if a.len() >= RECIPROCAL {
        return div_limb(a, d, |_, _| ()) as u32;
    }
    a.iter().rev().fold(0, |rest, &x| (rest << SHIFT | u64::from(x)) % d) as u32
}

/// `a / d` for a `d` below 2**60 that is not 0: the quotient's limbs, the highest first, and the remainder.
///
/// Both are shifted so that the divisor's highest bit is one. A shifted remainder and the next limb, four bits further up, are the two words
/// that a division by a word's reciprocal takes.
#[inline(always)]
fn div_limb(a: &[u32], d: u64, mut put: impl FnMut(usize, u64)) -> u64 {
    let divisor = Divisor::new(d);
    let shift = d.leading_zeros() - (u64::BITS - LIMB);
    let (pairs, last) = a.as_chunks::<2>();
    let (mut at, mut limb, mut pairs) = match (last, pairs) {
        ([top], _) => (pairs.len(), u64::from(*top), pairs),
        (_, [rest @ .., top]) => (rest.len(), join(top), rest),
        _ => return 0,
    };
    let mut rest = limb >> (LIMB - shift);
    loop {
        let below = pairs.last().map_or(0, join);
        let shifted = (limb << shift | below >> (LIMB - shift)) & LIMB_MASK;
        let quotient;
        (quotient, rest) = divisor.divide_shifted(u128::from(rest) << 64 | u128::from(shifted << (u64::BITS - LIMB)));
        rest >>= u64::BITS - LIMB;
        put(at, quotient);
        let Some((_, before)) = pairs.split_last() else { break };
        (limb, pairs, at) = (below, before, at - 1);
    }
    rest >> shift
}

/// Knuth, "The Art of Computer Programming" 2, section 4.3.1, algorithm D, on limbs: gives the quotient's, and writes the remainder, whose length
/// it returns. `a >= b`, and `b` has more than two digits.
fn knuth<Q: Place>(a: &[u32], b: &[u32], put: impl FnMut(usize, u64), remainder: Option<&mut [Q]>) -> usize {
    let (a_room, b_room) = (limbs_for(a.len()) + 1, limbs_for(b.len()) + 1);
    with_limbs(a_room + b_room, |room| {
        let (u, v) = room.split_at_mut(a_room);
        // The divisor's highest bit becomes one: then a guessed limb is at most 2 too large.
        let shift = limb_shift(b);
        pack_shifted(a, shift, u);
        pack_shifted(b, shift, v);
        let n = b_room - 1;
        divide_limbs(u, &v[..n], &Divisor::new(v[n - 1]), put);
        remainder.map_or(0, |remainder| unpack_shifted(&u[..n], shift, remainder))
    })
}

/// By how much a divisor is shifted, so that the highest bit of its highest limb is one.
pub(super) fn limb_shift(b: &[u32]) -> u32 {
    let odd = if b.len() % 2 == 1 { SHIFT } else { 0 };
    b.last().map_or(0, |top| top.leading_zeros() - (u32::BITS - SHIFT) + odd)
}

/// Divides in place, so that the remainder is left, and gives the quotient's limbs, the highest first. The divisor's highest bit is one, it has
/// two limbs at least, and what the dividend's highest limbs say is less. `divisor` is the highest limb.
#[inline(always)]
pub(super) fn divide_limbs(u: &mut [u64], v: &[u64], divisor: &Divisor, mut put: impl FnMut(usize, u64)) {
    let [.., second, top] = *v else { return };
    for j in (0..u.len() - v.len()).rev() {
        let window = &mut u[j..=j + v.len()];
        let [.., third, next, highest] = *window else { return };
        let mut limb = guess([highest, next, third], top, second, divisor);
        if sub_mul(window, v, limb) {
            limb -= 1;
            add_back(window, v);
        }
        put(j, limb);
    }
}

/// The next limb of a quotient from the dividend's three highest ones and the divisor's two: at most 1 too large.
#[inline(always)]
fn guess(dividend: [u64; 3], top: u64, second: u64, divisor: &Divisor) -> u64 {
    let [highest, next, third] = dividend;
    let (mut limb, mut rest) = if highest < top {
        let number = u128::from(highest) << 64 | u128::from(next << (u64::BITS - LIMB));
        let (limb, rest) = divisor.divide_shifted(number);
        (limb, rest >> (u64::BITS - LIMB))
    } else {
        // More than the largest limb.
        (LIMB_MASK, next + top)
    };
    while rest <= LIMB_MASK && u128::from(limb) * u128::from(second) > u128::from(rest) << LIMB | u128::from(third) {
        limb -= 1;
        rest += top;
    }
    limb
}

/// `window -= v * d`, where `window` has one limb more than `v`; whether it fell below zero (and wrapped).
#[inline(always)]
fn sub_mul(window: &mut [u64], v: &[u64], d: u64) -> bool {
    // Four bits up, so that the halves of a product are limbs.
    let d = u128::from(d << (u64::BITS - LIMB));
    let mut carry = 0;
    for (w, &x) in window.iter_mut().zip(v) {
        let product = u128::from(x) * d;
        let difference = *w as i64 - (product as u64 >> (u64::BITS - LIMB)) as i64 - carry;
        *w = difference as u64 & LIMB_MASK;
        carry = (product >> 64) as i64 - (difference >> LIMB);
    }
    let Some(top) = window.get_mut(v.len()) else { return false };
    let difference = *top as i64 - carry;
    *top = difference as u64 & LIMB_MASK;
    difference < 0
}

#[cold]
fn add_back(window: &mut [u64], v: &[u64]) {
    let mut carry = 0;
    for (w, &x) in window.iter_mut().zip(v) {
        let sum = *w + x + carry;
        *w = sum & LIMB_MASK;
        carry = sum >> LIMB;
    }
    if let Some(top) = window.get_mut(v.len()) {
        *top = (*top + carry) & LIMB_MASK;
    }
}

/// As [`divide`], of both. `quotient` needs `a.len() - b.len() + 1` digits (none if that is negative).
pub fn divmod(a: &[u32], b: &[u32], quotient: &mut [u32], remainder: &mut [u32]) -> (usize, usize) {
    divide(a, b, Some(quotient), Some(remainder))
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
