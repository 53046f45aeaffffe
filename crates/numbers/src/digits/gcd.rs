//! The greatest common divisor: Lehmer's algorithm, and the binary one at its end.

use super::basic::compare;
use super::div::divmod;
use super::shift::shr;
use super::{Int, MASK, SHIFT, bit_length, normalised_len, small};

/// The greatest common divisor of two magnitudes; `gcd(0, x)` is `x`. Temporaries take three times the operands.
pub fn gcd(a: &[u32], b: &[u32]) -> Int {
    let (mut a, mut b) = if compare(a, b).is_ge() { (a.to_vec(), b.to_vec()) } else { (b.to_vec(), a.to_vec()) };
    let mut scratch = vec![0; a.len() + 1];
    while b.len() > 2 {
        let steps = Cosequence::of(&a, &b);
        if steps.b == 0 {
            scratch.clear();
            scratch.resize(a.len() - b.len() + 1, 0);
            let mut rest = vec![0; b.len()];
            let (_, len) = divmod(&a, &b, &mut scratch, &mut rest);
            rest.truncate(len);
            a = std::mem::replace(&mut b, rest);
        } else {
            (a, b) = combine(&a, &b, &steps);
        }
    }
    if b.is_empty() {
        return Int { negative: false, magnitude: a };
    }
    let small_b = small::to_u64(&b).unwrap_or(0);
    let mut quotient = vec![0; a.len()];
    let mut rest = [0; 2];
    let (_, len) = divmod(&a, &b, &mut quotient, &mut rest);
    Int::from(gcd_u64(small_b, small::to_u64(&rest[..len]).unwrap_or(0)))
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

/// What several of Euclid's steps do at once: `(a, b)` becomes `(a*A + b*B, a*C + b*D)`.
struct Cosequence {
    a: i64,
    b: i64,
    c: i64,
    d: i64,
}

impl Cosequence {
    /// Runs Euclid on the leading 62 bits, as long as the quotients are certain (Knuth's algorithm L).
    fn of(a: &[u32], b: &[u32]) -> Self {
        let drop = bit_length(a).saturating_sub(62);
        let (mut x, mut y) = (leading(a, drop), leading(b, drop));
        let mut s = Cosequence { a: 1, b: 0, c: 0, d: 1 };
        while y + s.c != 0 && y + s.d != 0 {
            let q = (x + s.a) / (y + s.c);
            // The other bound has the same quotient if what it leaves is a remainder; that takes no second division.
            let rest = i128::from(x + s.b) - i128::from(q) * i128::from(y + s.d);
            if rest < 0 || rest >= i128::from(y + s.d) {
                break;
            }
            let (Some(c), Some(d)) = (step(s.a, q, s.c), step(s.b, q, s.d)) else { break };
            s = Cosequence { a: s.c, b: s.d, c, d };
            (x, y) = (y, x - q * y);
        }
        s
    }
}

/// `a - q * c`, while it stays so small that nothing in the loop can overflow.
fn step(a: i64, q: i64, c: i64) -> Option<i64> {
    let value = a.checked_sub(q.checked_mul(c)?)?;
    (value.unsigned_abs() < 1 << 61).then_some(value)
}

fn leading(a: &[u32], drop: u64) -> i64 {
    let words = (drop / u64::from(SHIFT)) as usize;
    let mut out = [0; 4];
    let Some(a) = a.get(words..) else { return 0 };
    let len = shr(&a[..a.len().min(4)], drop % u64::from(SHIFT), &mut out);
    small::to_u64(&out[..len]).map_or(0, |v| v as i64)
}

/// `a*A + b*B` and `a*C + b*D`: neither is negative, and both are at most `a`. Two digits are taken at a time.
fn combine(a: &[u32], b: &[u32], steps: &Cosequence) -> (Vec<u32>, Vec<u32>) {
    const PAIR: u64 = 1 << (2 * SHIFT);
    let size = a.len().next_multiple_of(2);
    let (mut left, mut right) = (Vec::with_capacity(size), Vec::with_capacity(size));
    // A coefficient is below 2**61 and a pair below 2**60, so that a sum of two products and a carry stays below 2**123.
    let (mut carry, mut other_carry) = (0i128, 0i128);
    for (x, at) in a.chunks(2).zip((0..).step_by(2)) {
        let y = b.get(at..).map_or(0, |rest| pair(&rest[..rest.len().min(2)]));
        let (x, y) = (pair(x), y);
        carry += i128::from(steps.a) * i128::from(x) + i128::from(steps.b) * i128::from(y);
        other_carry += i128::from(steps.c) * i128::from(x) + i128::from(steps.d) * i128::from(y);
        for (sum, out) in [(&mut carry, &mut left), (&mut other_carry, &mut right)] {
            let low = *sum as u64 & (PAIR - 1);
            out.extend_from_slice(&[low as u32 & MASK, (low >> SHIFT) as u32]);
            *sum >>= 2 * SHIFT;
        }
    }
    for out in [&mut left, &mut right] {
        out.truncate(normalised_len(out));
    }
    (left, right)
}

/// One or two digits as a number.
fn pair(digits: &[u32]) -> i64 {
    match *digits {
        [low, high] => i64::from(low) | i64::from(high) << SHIFT,
        [low] => i64::from(low),
        _ => 0,
    }
}
