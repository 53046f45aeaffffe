//! And, or and exclusive or of integers as infinite two's complement, and inversion.

use super::basic::increment;
use super::{BASE, MASK, SHIFT, Signed, normalised_len};

/// The digits of an integer's two's complement, from the lowest; endless.
struct TwosComplement<'a> {
    digits: std::slice::Iter<'a, u32>,
    /// All ones for a negative integer, else 0.
    flip: u32,
    carry: u32,
}

impl<'a> TwosComplement<'a> {
    fn new(a: Signed<'a>) -> Self {
        TwosComplement {
            digits: a.magnitude.iter(),
            flip: if a.negative { MASK } else { 0 },
            carry: u32::from(a.negative),
        }
    }

    fn next(&mut self) -> u32 {
        let digit = (self.digits.next().copied().unwrap_or(0) ^ self.flip) + self.carry;
        self.carry = digit >> SHIFT;
        digit & MASK
    }
}

/// The number of digits that the functions here need for their result.
pub fn size(a: Signed<'_>, b: Signed<'_>) -> usize {
    a.magnitude.len().max(b.magnitude.len()) + 1
}

fn combine(a: Signed<'_>, b: Signed<'_>, out: &mut [u32], op: impl Fn(u32, u32) -> u32) -> (bool, usize) {
    let negative = op(u32::from(a.negative), u32::from(b.negative)) & 1 == 1;
    let out = &mut out[..size(a, b)];
    let (mut left, mut right) = (TwosComplement::new(a), TwosComplement::new(b));
    for o in out.iter_mut() {
        *o = op(left.next(), right.next()) & MASK;
    }
    if negative {
        let mut carry = 1;
        for o in out.iter_mut() {
            let digit = (*o ^ MASK) + carry;
            carry = digit >> SHIFT;
            *o = digit % BASE;
        }
    }
    let len = normalised_len(out);
    (negative && len > 0, len)
}

/// `a & b`: the sign and the length. `out` needs [`size`] digits.
pub fn and(a: Signed<'_>, b: Signed<'_>, out: &mut [u32]) -> (bool, usize) {
    combine(a, b, out, |x, y| x & y)
}

/// `a | b`: the sign and the length. `out` needs [`size`] digits.
pub fn or(a: Signed<'_>, b: Signed<'_>, out: &mut [u32]) -> (bool, usize) {
    combine(a, b, out, |x, y| x | y)
}

/// `a ^ b`: the sign and the length. `out` needs [`size`] digits.
pub fn xor(a: Signed<'_>, b: Signed<'_>, out: &mut [u32]) -> (bool, usize) {
    combine(a, b, out, |x, y| x ^ y)
}

/// `~a`, which is `-a - 1`: the sign and the length. `out` needs one digit more than `a`.
pub fn invert(a: Signed<'_>, out: &mut [u32]) -> (bool, usize) {
    let len = a.magnitude.len();
    if a.negative {
        (false, super::basic::sub(a.magnitude, &[1], out))
    } else {
        out[..len].copy_from_slice(a.magnitude);
        (true, increment(out, len))
    }
}
