//! Repacking between 30-bit digits and `num-bigint`, for operands so large that its algorithms win.

use num_bigint::BigUint;

use super::SHIFT;
use super::limbs::{LIMB, LIMB_MASK, Writer};
use super::place::Place;

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
pub(crate) fn write_big<P: Place>(value: &BigUint, out: &mut [P]) -> usize {
    let (mut buffer, mut filled) = (0u128, 0);
    let mut to = Writer::new(out);
    for word in value.iter_u64_digits() {
        buffer |= u128::from(word) << filled;
        filled += 64;
        while filled >= LIMB {
            to.put(buffer as u64 & LIMB_MASK);
            buffer >>= LIMB;
            filled -= LIMB;
        }
    }
    if buffer != 0 {
        to.put(buffer as u64);
    }
    to.len()
}

/// `value` as digits.
pub(crate) fn from_big(value: &BigUint) -> Vec<u32> {
    let mut out = vec![0; super::digits_for_bits(value.bits())];
    let len = write_big(value, &mut out);
    out.truncate(len);
    out
}
