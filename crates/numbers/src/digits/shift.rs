//! Shifts, of magnitudes and, with floor semantics, of integers.

use super::basic::increment;
use super::place::Place;
use super::{MASK, SHIFT, Signed};

/// The number of digits that [`shl`] needs for a magnitude of `len` digits; `None` if that overflows.
pub fn shl_size(len: usize, bits: u64) -> Option<usize> {
    usize::try_from(bits / u64::from(SHIFT)).ok()?.checked_add(len)?.checked_add(1)
}

/// The digits of `a << bits`; `None` if that overflows.
#[inline]
pub fn shl_digits(a: &[u32], bits: u64) -> Option<usize> {
    let rest = (bits % u64::from(SHIFT)) as u32;
    let out_of_top = a.last().is_some_and(|top| top >> (SHIFT - rest) != 0);
    usize::try_from(bits / u64::from(SHIFT)).ok()?.checked_add(a.len() + usize::from(out_of_top))
}

/// The digits of `a >> bits`, truncated.
#[inline]
pub fn shr_digits(a: &[u32], bits: u64) -> usize {
    let rest = (bits % u64::from(SHIFT)) as u32;
    let left = (a.len() as u64).saturating_sub(bits / u64::from(SHIFT)) as usize;
    left - usize::from(left > 0 && a.last().is_some_and(|top| top >> rest == 0))
}

/// Up to so many digits, shifting several at once takes more to begin and end with than it saves.
const FEW: usize = 16;

/// `a << bits`. `out` needs [`shl_digits`] digits.
#[inline(always)]
pub fn shl<P: Place>(a: &[u32], bits: u64, out: &mut [P]) -> usize {
    let (Some(first), Some(last)) = (a.first(), a.last()) else { return 0 };
    let words = (bits / u64::from(SHIFT)) as usize;
    let rest = (bits % u64::from(SHIFT)) as u32;
    let (zeros, out) = out.split_at_mut(words);
    match zeros {
        // Mostly it is few of them, for which filling would take a call.
        [] => (),
        [one] => one.put(0),
        [one, two] => {
            one.put(0);
            two.put(0);
        }
        _ => zeros.iter_mut().for_each(|zero| zero.put(0)),
    }
    let (out, top) = out.split_at_mut(a.len());
    if a.len() <= FEW {
        let mut below = 0;
        for (&d, o) in a.iter().zip(out) {
            below |= u64::from(d) << rest;
            o.put(below as u32 & MASK);
            below >>= SHIFT;
        }
    } else {
        // No step waits for the one before it, so that several are done at once. A shift by 30 leaves nothing below the mask.
        out[0].put(first << rest & MASK);
        for ((&below, &d), o) in a.iter().zip(&a[1..]).zip(&mut out[1..]) {
            o.put(d << rest & MASK | below >> (SHIFT - rest));
        }
    }
    let carry = last >> (SHIFT - rest);
    if carry != 0 {
        top[0].put(carry);
    }
    words + a.len() + usize::from(carry != 0)
}

/// `a >> bits`, truncated. `out` needs [`shr_digits`] digits.
#[inline(always)]
pub fn shr<P: Place>(a: &[u32], bits: u64, out: &mut [P]) -> usize {
    let words = bits / u64::from(SHIFT);
    if words >= a.len() as u64 {
        return 0;
    }
    let a = &a[words as usize..];
    let rest = (bits % u64::from(SHIFT)) as u32;
    let (out, last) = out.split_at_mut(a.len() - 1);
    if a.len() <= FEW {
        let mut digit = a[0] >> rest;
        for (&above, o) in a[1..].iter().zip(out) {
            o.put(digit | above << (SHIFT - rest) & MASK);
            digit = above >> rest;
        }
    } else {
        for ((&d, &above), o) in a.iter().zip(&a[1..]).zip(out) {
            o.put(d >> rest | above << (SHIFT - rest) & MASK);
        }
    }
    let top = a[a.len() - 1] >> rest;
    if top != 0 {
        last[0].put(top);
    }
    a.len() - usize::from(top == 0)
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
