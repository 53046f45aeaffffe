//! Shifts, of magnitudes and, with floor semantics, of integers.

use super::basic::increment;
use super::{MASK, SHIFT, Signed, normalised_len};

/// The number of digits that [`shl`] needs for a magnitude of `len` digits; `None` if that overflows.
pub fn shl_size(len: usize, bits: u64) -> Option<usize> {
    usize::try_from(bits / u64::from(SHIFT)).ok()?.checked_add(len)?.checked_add(1)
}

/// `a << bits`. `out` needs [`shl_size`] digits.
pub fn shl(a: &[u32], bits: u64, out: &mut [u32]) -> usize {
    if a.is_empty() {
        return 0;
    }
    let words = (bits / u64::from(SHIFT)) as usize;
    let rest = (bits % u64::from(SHIFT)) as u32;
    out[..words].fill(0);
    let out = &mut out[words..=words + a.len()];
    // No step waits for the one before it, so that several are done at once. A shift by 30 leaves nothing below the mask.
    out[0] = a[0] << rest & MASK;
    for ((&below, &d), o) in a.iter().zip(&a[1..]).zip(&mut out[1..]) {
        *o = d << rest & MASK | below >> (SHIFT - rest);
    }
    let carry = a[a.len() - 1] >> (SHIFT - rest);
    out[a.len()] = carry;
    words + a.len() + usize::from(carry != 0)
}

/// `a >> bits`, truncated. `out` needs `a.len() - bits / 30` digits (none if that is negative).
pub fn shr(a: &[u32], bits: u64, out: &mut [u32]) -> usize {
    let words = bits / u64::from(SHIFT);
    if words >= a.len() as u64 {
        return 0;
    }
    let a = &a[words as usize..];
    let rest = (bits % u64::from(SHIFT)) as u32;
    let out = &mut out[..a.len()];
    for ((&d, &above), o) in a.iter().zip(&a[1..]).zip(out.iter_mut()) {
        *o = d >> rest | above << (SHIFT - rest) & MASK;
    }
    out[a.len() - 1] = a[a.len() - 1] >> rest;
    normalised_len(out)
}

/// Whether any of the lowest `bits` bits is 1.
pub fn any_below(a: &[u32], bits: u64) -> bool {
    let words = bits / u64::from(SHIFT);
    if words >= a.len() as u64 {
        return !a.is_empty();
    }
    let rest = (bits % u64::from(SHIFT)) as u32;
    a[..words as usize].iter().any(|&d| d != 0) || a[words as usize] & ((1 << rest) - 1) != 0
}

/// `a >> bits` as Python has it, rounded towards minus infinity: the sign and the length.
/// `out` needs one digit more than [`shr`], and at least one.
pub fn shr_signed(a: Signed<'_>, bits: u64, out: &mut [u32]) -> (bool, usize) {
    let mut len = shr(a.magnitude, bits, out);
    if a.negative && any_below(a.magnitude, bits) {
        len = increment(out, len);
    }
    (a.negative && len > 0, len)
}
