//! Integer square roots: Zimmermann's "Karatsuba square root", the root of the upper half first and one division for the rest.

use super::basic::{add, compare, sub};
use super::div::{divide, quotient_size};
use super::mul::square;
use super::shift::{shl, shr};
use super::store::Store;
use super::{BASE, Int, SHIFT, normalised, normalised_len, small};

/// The largest integer whose square is at most `a` (`math.isqrt`). Temporaries take twice the operand.
pub fn isqrt(a: &[u32]) -> Int {
    if let Some(value) = small::to_u128(a) {
        return Int { negative: false, magnitude: digits_of(value.isqrt()).to_vec() };
    }
    // An even number of digits, the highest of which has one of its two upper bits set.
    let top = a.last().map_or(0, |top| top.leading_zeros() - (32 - SHIFT)) & !1;
    let odd = a.len() % 2;
    let len = a.len() + odd;
    let shifted = Store::made(len, |out| shl(a, u64::from(top) + odd as u64 * u64::from(SHIFT), out));
    let (root, _) = root_and_rest(&shifted);
    let magnitude = Store::made(root.len(), |out| shr(&root, u64::from(top / 2 + odd as u32 * (SHIFT / 2)), out));
    Int { negative: false, magnitude: magnitude.to_vec() }
}

/// The root of an even number of digits, the highest of which is at least a quarter of the base, and what its square leaves. The depth is that
/// of halving the length.
fn root_and_rest(a: &[u32]) -> (Store, Store) {
    debug_assert!(a.len().is_multiple_of(2) && a.last().is_some_and(|&top| top >= BASE / 4));
    if a.len() <= 4 {
        let value = a.iter().rev().fold(0u128, |value, &d| value << SHIFT | u128::from(d));
        let root = value.isqrt();
        return (digits_of(root), digits_of(value - root * root));
    }
    let half = a.len() / 4;
    let (low, high) = a.split_at(2 * half);
    let (mut root, rest) = root_and_rest(high);
    let (lowest, second) = low.split_at(half);
    // The next digits of the root are (rest * B + second) / (2 * root), with B the base to the power of `half`.
    let dividend = joined(&rest, second);
    let twice = Store::made(root.len() + 1, |out| shl(&root, 1, out));
    let mut quotient = Store::zeros(quotient_size(&dividend, &twice));
    let mut left = Store::zeros(twice.len().min(dividend.len()));
    let (len, left_len) = divide(&dividend, &twice, Some(&mut quotient[..]), Some(&mut left[..]));
    quotient.truncate(len);
    left.truncate(left_len);
    let mut whole = Store::zeros(half + root.len());
    whole[half..].copy_from_slice(&root);
    root = sum(&whole, &quotient);
    let rest = joined(&left, lowest);
    let squared = Store::made(2 * quotient.len(), |out| square(&quotient, out));
    if compare(&rest, &squared).is_ge() {
        let rest = difference(&rest, &squared);
        return (root, rest);
    }
    // The quotient was one too large: 2 * root - 1 comes back.
    let smaller = difference(&root, &[1]);
    let rest = sum(&sum(&rest, &root), &smaller);
    (smaller, difference(&rest, &squared))
}

fn digits_of(value: u128) -> Store {
    Store::made(5, |out| small::from_u128(value, out))
}

/// `high` with the digits of `low` below it, normalised.
fn joined(high: &[u32], low: &[u32]) -> Store {
    Store::made(low.len() + high.len(), |out| {
        out[..low.len()].copy_from_slice(low);
        out[low.len()..].copy_from_slice(high);
        normalised_len(out)
    })
}

fn sum(a: &[u32], b: &[u32]) -> Store {
    Store::made(a.len().max(b.len()) + 1, |out| add(a, b, out))
}

/// `a - b` for an `a` that is not smaller.
fn difference(a: &[u32], b: &[u32]) -> Store {
    Store::made(a.len(), |out| sub(a, normalised(b), out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digits::MASK;

    #[test]
    fn the_square_is_not_above_and_that_of_the_next_is() {
        let mut random = crate::chance::numbers();
        for round in 0..4000u64 {
            let len = (round % 60) as usize;
            let kind = random() % 5;
            let mut a: Vec<u32> = (0..len)
                .map(|_| match kind {
                    0 => MASK,
                    1 => 0,
                    _ => random() as u32 & MASK,
                })
                .collect();
            if let Some(top) = a.last_mut() {
                *top = ((*top | 1) >> (random() % 30)).max(1);
            }
            if kind == 4 {
                // A square, and its neighbours below.
                let mut squared = vec![0; 2 * a.len()];
                let used = square(&a, &mut squared);
                squared.truncate(used);
                a = if round % 2 == 0 || squared.is_empty() { squared } else { difference(&squared, &[1]).to_vec() };
            }
            let root = isqrt(&a).magnitude;
            let mut squared = vec![0; 2 * root.len()];
            let used = square(&root, &mut squared);
            assert!(compare(&squared[..used], &a).is_le(), "{a:?}");
            let next = sum(&root, &[1]);
            let mut squared = vec![0; 2 * next.len()];
            let used = square(&next, &mut squared);
            assert!(compare(&squared[..used], &a).is_gt(), "{a:?}");
        }
    }
}
