//! `hash(int)`: the integer modulo the Mersenne prime 2**61 - 1, with the integer's sign.
//!
//! The same modulus serves `float`, `Fraction` and `Decimal` (see "Hashing of numeric types" in Python's reference).

use super::{SHIFT, Signed};

/// The bits of the modulus (`_PyHASH_BITS`).
pub const HASH_BITS: u32 = 61;
/// The modulus (`sys.hash_info.modulus`).
pub const HASH_MODULUS: u64 = (1 << HASH_BITS) - 1;

/// `value * 2**bits` modulo the modulus, for a reduced value and `bits < 61`: a rotation of 61 bits.
pub(crate) fn rotate(value: u64, bits: u32) -> u64 {
    (value << bits & HASH_MODULUS) | value >> (HASH_BITS - bits)
}

/// `hash(a)`; never -1, which stands for an error.
pub fn hash(a: Signed<'_>) -> i64 {
    if let [] | [_] | [_, _] = a.magnitude {
        // Less than 60 bits: the number is its own remainder.
        let value = a.magnitude.iter().rev().fold(0, |value, digit| value << SHIFT | i64::from(*digit));
        return match if a.negative { -value } else { value } {
            -1 => -2,
            hash => hash,
        };
    }
    let mut value = 0;
    for &digit in a.magnitude.iter().rev() {
        value = rotate(value, SHIFT) + u64::from(digit);
        if value >= HASH_MODULUS {
            value -= HASH_MODULUS;
        }
    }
    let value = value as i64;
    match if a.negative { -value } else { value } {
        -1 => -2,
        hash => hash,
    }
}
