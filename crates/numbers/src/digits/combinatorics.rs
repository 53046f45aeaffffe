//! Factorials, falling products and binomials (`math.factorial`, `perm`, `comb`).
//!
//! They fail where the result would not fit in memory.

use super::div::divmod;
use super::mul::mul;
use super::{Int, Signed, basic, bit_length, normalised, probe, shift, small};
use crate::OutOfMemory;

/// The product of `first, first + 1, ..., last` (1 if that is empty), by halves.
fn product_range(first: u64, last: u64) -> Vec<u32> {
    if first > last {
        return vec![1];
    }
    // A stack in place of recursion: products of short runs, joined when two have the same rank, like a binary counter.
    let mut stack: Vec<(u32, Vec<u32>)> = Vec::new();
    let mut next = first;
    loop {
        let mut value = next;
        while next < last && value < 1 << 30 && (next + 1) < 1 << 30 {
            next += 1;
            value *= next;
        }
        let mut digits = vec![0; 3];
        let len = small::from_u64(value, &mut digits);
        digits.truncate(len);
        let mut rank = 0;
        while stack.last().is_some_and(|top| top.0 == rank) {
            if let Some((_, top)) = stack.pop() {
                digits = product(&top, &digits);
            }
            rank += 1;
        }
        stack.push((rank, digits));
        if next == last {
            break;
        }
        next += 1;
    }
    stack.into_iter().rev().map(|(_, digits)| digits).reduce(|low, high| product(&high, &low)).unwrap_or_default()
}

fn product(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut out = vec![0; a.len() + b.len()];
    let len = mul(a, b, &mut out);
    out.truncate(len);
    out
}

/// `n!`: the odd parts of the ranges (n/2**(i+1), n/2**i], each as often as it occurs, and a shift.
pub fn factorial(n: u64) -> Result<Int, OutOfMemory> {
    probe(n.checked_mul(u64::from(64 - n.leading_zeros())).ok_or(OutOfMemory)?)?;
    let mut odd = vec![1];
    let mut inner = vec![1];
    let mut low = 1;
    for i in (0..64).rev() {
        let high = n >> i;
        if high < 3 {
            continue;
        }
        // The odd numbers above `low` and up to `high`.
        inner = product(&inner, &product_odd(low, high));
        odd = product(&odd, &inner);
        low = high;
    }
    let zeros = n - u64::from(n.count_ones());
    let mut out = vec![0; shift::shl_size(odd.len(), zeros).unwrap_or(usize::MAX)];
    let len = shift::shl(&odd, zeros, &mut out);
    out.truncate(len);
    Ok(Int { negative: false, magnitude: out })
}

/// The product of the odd numbers `x` with `low < x <= high`.
fn product_odd(low: u64, high: u64) -> Vec<u32> {
    let mut stack: Vec<(u32, Vec<u32>)> = Vec::new();
    let mut x = (low + 1) | 1;
    while x <= high {
        let mut value = x;
        x += 2;
        while x <= high && value < 1 << 32 && x < 1 << 32 {
            value *= x;
            x += 2;
        }
        let mut digits = vec![0; 3];
        let len = small::from_u64(value, &mut digits);
        digits.truncate(len);
        let mut rank = 0;
        while stack.last().is_some_and(|top| top.0 == rank) {
            if let Some((_, top)) = stack.pop() {
                digits = product(&top, &digits);
            }
            rank += 1;
        }
        stack.push((rank, digits));
    }
    stack
        .into_iter()
        .rev()
        .map(|(_, digits)| digits)
        .reduce(|low, high| product(&high, &low))
        .unwrap_or_else(|| vec![1])
}

/// `n * (n - 1) * ... * (n - k + 1)`, for a magnitude `n` that is at least `k`.
pub fn perm(n: &[u32], k: u64) -> Result<Int, OutOfMemory> {
    if k == 0 {
        return Ok(Int::from(1u64));
    }
    probe(bit_length(n).checked_mul(k).ok_or(OutOfMemory)?)?;
    if let Some(n) = small::to_u64(n) {
        if k > n {
            return Ok(Int::ZERO);
        }
        return Ok(Int { negative: false, magnitude: product_range(n - k + 1, n) });
    }
    let mut result = n.to_vec();
    let mut factor = n.to_vec();
    for _ in 1..k {
        let mut next = vec![0; factor.len()];
        let len = basic::sub(&factor, &[1], &mut next);
        next.truncate(len);
        factor = next;
        result = product(&result, &factor);
    }
    Ok(Int { negative: false, magnitude: result })
}

/// `n` over `k`, for a magnitude `n` that is at least `k`. The caller passes the smaller of `k` and `n - k`.
pub fn comb(n: &[u32], k: u64) -> Result<Int, OutOfMemory> {
    if let Some(small_n) = small::to_u64(n)
        && let Some(value) = comb_u64(small_n, k)
    {
        return Ok(Int::from(value));
    }
    let numerator = perm(n, k)?;
    let denominator = factorial(k)?;
    let mut quotient = vec![0; (numerator.magnitude.len() + 1).saturating_sub(denominator.magnitude.len()).max(1)];
    let mut rest = vec![0; numerator.magnitude.len().min(denominator.magnitude.len())];
    let (len, _) = divmod(&numerator.magnitude, &denominator.magnitude, &mut quotient, &mut rest);
    quotient.truncate(len);
    Ok(Int { negative: false, magnitude: quotient })
}

/// Step by step, each an exact division, while it fits.
fn comb_u64(n: u64, k: u64) -> Option<u64> {
    if k > n {
        return Some(0);
    }
    if k > 64 && n - k > 64 {
        return None;
    }
    let mut value = 1u128;
    for i in 0..k.min(n - k) {
        value = value.checked_mul(u128::from(n - i))? / u128::from(i + 1);
        if value > u128::from(u64::MAX) << 16 {
            return None;
        }
    }
    u64::try_from(value).ok()
}

/// `k` or `n - k`, whichever is smaller, as a machine integer: what [`comb`] wants. `None` if both are beyond `u64`.
pub fn smaller_k(n: &[u32], k: &[u32]) -> Option<u64> {
    let mut rest = vec![0; n.len()];
    if basic::compare(n, k).is_lt() {
        return None;
    }
    let len = basic::sub(n, k, &mut rest);
    let least = if basic::compare(&rest[..len], k).is_lt() { &rest[..len] } else { k };
    small::to_u64(normalised(least))
}

/// The least common multiple's magnitude.
pub fn lcm(a: Signed<'_>, b: Signed<'_>) -> Int {
    if a.is_zero() || b.is_zero() {
        return Int::ZERO;
    }
    let divisor = super::gcd::gcd(a.magnitude, b.magnitude);
    let mut quotient = vec![0; a.magnitude.len() + 1 - divisor.magnitude.len()];
    let mut rest = vec![0; divisor.magnitude.len()];
    let (len, _) = divmod(a.magnitude, &divisor.magnitude, &mut quotient, &mut rest);
    Int { negative: false, magnitude: product(&quotient[..len], b.magnitude) }
}
