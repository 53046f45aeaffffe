//! The greatest common divisor: Euclid's steps in bundles, on the leading bits of the numbers (Lehmer), and the binary algorithm at the end.
//!
//! A bundle is a matrix of determinant 1 or -1, and every such matrix keeps the divisor, whether its quotients are Euclid's or not. So
//! the steps are taken on 122 leading bits without asking whether each is certain: a wrong one at the end costs a bit of progress, and a
//! result below zero is negated. Where a bundle brings nothing (the numbers' sizes are far apart), one division does.

use super::basic::compare;
use super::div::divmod;
use super::{Int, MASK, SHIFT, bit_length, normalised_len, small};

/// The greatest common divisor of two magnitudes; `gcd(0, x)` is `x`. Temporaries take three times the operands.
pub fn gcd(a: &[u32], b: &[u32]) -> Int {
    let (long, short) = if compare(a, b).is_ge() { (a, b) } else { (b, a) };
    if short.is_empty() {
        return Int { negative: false, magnitude: long.to_vec() };
    }
    let (mut a, mut b, mut quotient) = (Vec::new(), short.to_vec(), Vec::new());
    if long.len() > short.len() + 1 {
        // One division brings them to one size.
        let mut rest = vec![0; short.len()];
        quotient.resize(long.len() - short.len() + 1, 0);
        let (_, len) = divmod(long, short, &mut quotient, &mut rest);
        rest.truncate(len);
        a = std::mem::replace(&mut b, rest);
    } else {
        a.extend_from_slice(long);
    }
    while b.len() > 2 {
        let bundle = Bundle::of(&a, &b);
        if bundle.is_trivial() || !bundle.apply(&mut a, &mut b) {
            step(&mut a, &mut b, &mut quotient);
        }
    }
    if b.is_empty() {
        return Int { negative: false, magnitude: a };
    }
    if a.len() > 2 {
        step(&mut a, &mut b, &mut quotient);
    }
    let (a, b) = (small::to_u64(&a), small::to_u64(&b));
    Int::from(gcd_u64(a.unwrap_or(0), b.unwrap_or(0)))
}

/// One of Euclid's steps: `(a, b)` becomes `(b, a % b)`. `b` is not zero.
fn step(a: &mut Vec<u32>, b: &mut Vec<u32>, quotient: &mut Vec<u32>) {
    quotient.clear();
    quotient.resize(a.len() - b.len() + 1, 0);
    let mut rest = vec![0; b.len()];
    let (_, len) = divmod(a, b, quotient, &mut rest);
    rest.truncate(len);
    *a = std::mem::replace(b, rest);
}

/// The greatest common divisor of machine integers.
pub fn gcd_u64(mut a: u64, mut b: u64) -> u64 {
    if a == 0 || b == 0 {
        return a | b;
    }
    let shift = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    while b != 0 {
        b >>= b.trailing_zeros();
        (a, b) = (a.min(b), a.abs_diff(b));
    }
    a << shift
}

/// What several of Euclid's steps do at once: `(a, b)` becomes `(a*A + b*B, a*C + b*D)`. All are below 2**61.
#[derive(Clone, Copy)]
struct Bundle {
    a: i64,
    b: i64,
    c: i64,
    d: i64,
}

impl Bundle {
    const NOTHING: Bundle = Bundle { a: 1, b: 0, c: 0, d: 1 };

    fn is_trivial(&self) -> bool {
        self.b == 0
    }

    /// The steps that the leading 122 bits tell: some 60 bits' worth.
    fn of(a: &[u32], b: &[u32]) -> Bundle {
        let drop = bit_length(a).saturating_sub(122);
        let (x, y) = (leading(a, drop), leading(b, drop));
        let first = Bundle::half(x, y);
        // The products run over, the sums do not: both results are some 30 bits shorter than what went in.
        let row = |a: i64, b: i64| i128::from(a).wrapping_mul(x).wrapping_add(i128::from(b).wrapping_mul(y));
        let (mut x, mut y, mut first) = (row(first.a, first.b), row(first.c, first.d), first);
        if x < 0 {
            (x, first.a, first.b) = (-x, -first.a, -first.b);
        }
        if y < 0 {
            (y, first.c, first.d) = (-y, -first.c, -first.d);
        }
        if x < y {
            (x, y) = (y, x);
            first = Bundle { a: first.c, b: first.d, c: first.a, d: first.b };
        }
        Bundle::half(x, y).after(&first)
    }

    /// Euclid on the leading 61 bits, as long as the remainder has more than 31: so the coefficients stay below 2**30.
    fn half(x: i128, y: i128) -> Bundle {
        let drop = (128 - x.leading_zeros()).saturating_sub(61);
        let (mut x, mut y) = ((x >> drop) as i64, (y >> drop) as i64);
        let mut s = Bundle::NOTHING;
        while y >= 1 << 31 {
            // Two of three quotients are 1 or 2, which takes no division to find.
            let mut rest = x - y;
            let mut q = 1;
            if rest >= y {
                rest -= y;
                q = 2;
                if rest >= y {
                    q = x / y;
                    rest = x - q * y;
                }
            }
            s = Bundle { a: s.c, b: s.d, c: s.a - q * s.c, d: s.b - q * s.d };
            (x, y) = (y, rest);
        }
        s
    }

    /// The bundle of `first` and then this one; both have coefficients of up to 30 bits.
    fn after(&self, first: &Bundle) -> Bundle {
        Bundle {
            a: self.a * first.a + self.b * first.c,
            b: self.a * first.b + self.b * first.d,
            c: self.c * first.a + self.d * first.c,
            d: self.c * first.b + self.d * first.d,
        }
    }

    /// Replaces both numbers in place, two digits at a time, and puts the larger first. Whether that made the pair smaller; if it did not,
    /// the pair is another one with the same divisor all the same.
    fn apply(&self, a: &mut Vec<u32>, b: &mut Vec<u32>) -> bool {
        const PAIR: u64 = 1 << (2 * SHIFT);
        let before = bit_length(a) + bit_length(b);
        let size = a.len().max(b.len()).next_multiple_of(2);
        a.resize(size, 0);
        b.resize(size, 0);
        // A coefficient is below 2**61 and a pair below 2**60, so that a sum of two products and a carry stays below 2**123.
        let (mut carry, mut other) = (0i128, 0i128);
        for (x, y) in a.as_chunks_mut::<2>().0.iter_mut().zip(b.as_chunks_mut::<2>().0) {
            let (p, q) = (pair(x), pair(y));
            carry += i128::from(self.a) * i128::from(p) + i128::from(self.b) * i128::from(q);
            other += i128::from(self.c) * i128::from(p) + i128::from(self.d) * i128::from(q);
            let (low, other_low) = (carry as u64 & (PAIR - 1), other as u64 & (PAIR - 1));
            *x = [low as u32 & MASK, (low >> SHIFT) as u32];
            *y = [other_low as u32 & MASK, (other_low >> SHIFT) as u32];
            carry >>= 2 * SHIFT;
            other >>= 2 * SHIFT;
        }
        settle(a, carry);
        settle(b, other);
        if compare(a, b).is_lt() {
            std::mem::swap(a, b);
        }
        bit_length(a) + bit_length(b) < before
    }
}

/// Makes the digits and what was carried out of them a magnitude: the absolute value, normalised.
fn settle(digits: &mut Vec<u32>, carry: i128) {
    let mut carry = carry;
    if carry < 0 {
        // The digits are those of the value plus a power of the base for each -1 that was carried.
        let mut borrow = 1;
        for digit in digits.iter_mut() {
            let value = (!*digit & MASK) + borrow;
            *digit = value & MASK;
            borrow = value >> SHIFT;
        }
        carry = -carry - 1 + i128::from(borrow);
    }
    while carry != 0 {
        digits.push(carry as u32 & MASK);
        carry >>= SHIFT;
    }
    digits.truncate(normalised_len(digits));
}

/// The number without its lowest `drop` bits; what is left has at most 122.
fn leading(a: &[u32], drop: u64) -> i128 {
    let words = (drop / u64::from(SHIFT)) as usize;
    let Some(top) = a.get(words..) else { return 0 };
    let shift = drop % u64::from(SHIFT);
    let (Some(&lowest), rest) = (top.first(), top.get(1..).unwrap_or(&[])) else { return 0 };
    let value = rest.iter().take(5).rev().fold(0u128, |value, &digit| value << SHIFT | u128::from(digit));
    (value << (u64::from(SHIFT) - shift) | u128::from(lowest >> shift)) as i128
}

/// Two digits as a number.
fn pair(digits: &[u32; 2]) -> i64 {
    i64::from(digits[0]) | i64::from(digits[1]) << SHIFT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_division(a: &[u32], b: &[u32]) -> Vec<u32> {
        let (mut a, mut b, mut quotient) = (a.to_vec(), b.to_vec(), Vec::new());
        if compare(&a, &b).is_lt() {
            std::mem::swap(&mut a, &mut b);
        }
        while !b.is_empty() {
            step(&mut a, &mut b, &mut quotient);
        }
        a
    }

    fn number(random: &mut impl FnMut() -> u64, len: usize) -> Vec<u32> {
        let kind = random() % 4;
        let mut digits: Vec<u32> = (0..len)
            .map(|_| match kind {
                0 => MASK,
                1 => u32::from(random().is_multiple_of(5)),
                _ => random() as u32 & MASK,
            })
            .collect();
        digits.truncate(normalised_len(&digits));
        digits
    }

    #[test]
    fn bundles_find_what_division_finds() {
        let random = &mut crate::chance::numbers();
        for round in 0..3000 {
            let (a, b) = (number(random, round % 40), number(random, (round / 7) % 40));
            let common = number(random, round % 9);
            let times = |x: &[u32]| {
                let mut out = vec![0; x.len() + common.len()];
                let len = crate::digits::mul::mul(x, &common, &mut out);
                out.truncate(len);
                out
            };
            for (a, b) in [(a.clone(), b.clone()), (times(&a), times(&b)), (times(&a), a.clone())] {
                assert_eq!(gcd(&a, &b).magnitude, by_division(&a, &b), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn neighbours_in_the_series_of_fibonacci_have_only_ones_as_quotients() {
        let (mut a, mut b) = (vec![1u32], vec![1u32]);
        for _ in 0..3000 {
            let mut sum = vec![0; a.len() + 1];
            let len = crate::digits::basic::add(&a, &b, &mut sum);
            sum.truncate(len);
            b = std::mem::replace(&mut a, sum);
        }
        assert_eq!(gcd(&a, &b).magnitude, [1]);
    }
}
