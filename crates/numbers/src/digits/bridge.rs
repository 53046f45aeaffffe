//! Repacking between 30-bit digits and `num-bigint`, for operands so large that its algorithms win.

use num_bigint::BigUint;

use super::{MASK, SHIFT, normalised_len};

/// The magnitude as `num-bigint` has it. Allocates as much as the magnitude takes.
pub(crate) fn to_big(a: &[u32]) -> BigUint {
    let mut words = Vec::with_capacity(a.len());
    let (mut buffer, mut filled) = (0u64, 0);
    for &digit in a {
        buffer |= u64::from(digit) << filled;
        filled += SHIFT;
        if filled >= 32 {
            words.push(buffer as u32);
            buffer >>= 32;
            filled -= 32;
        }
    }
    words.push(buffer as u32);
    BigUint::new(words)
}

/// Writes `value` to `out`, which must hold it; returns the number of digits.
pub(crate) fn write_big(value: &BigUint, out: &mut [u32]) -> usize {
    let mut len = 0;
    let (mut buffer, mut filled) = (0u128, 0);
    for word in value.iter_u64_digits() {
        buffer |= u128::from(word) << filled;
        filled += 64;
        while filled >= SHIFT {
            // What lies beyond `out` can only be zeros: it holds the value.
            if let Some(o) = out.get_mut(len) {
                *o = buffer as u32 & MASK;
            }
            len += 1;
            buffer >>= SHIFT;
            filled -= SHIFT;
        }
    }
    if let Some(o) = out.get_mut(len) {
        *o = buffer as u32 & MASK;
        len += 1;
    }
    let len = len.min(out.len());
    normalised_len(&out[..len])
}

/// `value` as digits.
pub(crate) fn from_big(value: &BigUint) -> Vec<u32> {
    let mut out = vec![0; super::digits_for_bits(value.bits())];
    let len = write_big(value, &mut out);
    out.truncate(len);
    out
}
