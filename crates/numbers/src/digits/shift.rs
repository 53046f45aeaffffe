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
    let mut carry = 0u64;
    for (&d, o) in a.iter().zip(out.iter_mut()) {
        carry |= u64::from(d) << rest;
        *o = carry as u32 & MASK;
        carry >>= SHIFT;
    }
    out[a.len()] = carry as u32;
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
    let above = a.iter().skip(1).chain(std::iter::once(&0));
    for ((&d, &next), o) in a.iter().zip(above).zip(out.iter_mut()) {
        *o = (d >> rest) | ((u64::from(next) << (SHIFT - rest)) as u32 & MASK);
    }
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
