//! `hash(float)`: the same as the hash of an equal integer or fraction.

use crate::digits::hash::{HASH_BITS, HASH_MODULUS, rotate};

/// `hash(inf)` (`sys.hash_info.inf`).
pub const HASH_INFINITY: i64 = 314_159;

/// `hash(value)`; `None` for a NaN, which hashes by identity.
pub fn hash(value: f64) -> Option<i64> {
    if value.is_nan() {
        return None;
    }
    let negative = value < 0.0;
    let hash = if value.is_infinite() { HASH_INFINITY } else { reduce(value.abs()) };
    Some(match if negative { -hash } else { hash } {
        -1 => -2,
        hash => hash,
    })
}

/// `mantissa * 2**exponent` modulo 2**61 - 1: multiplying by a power of two is a rotation.
fn reduce(value: f64) -> i64 {
    let bits = value.to_bits();
    let (mantissa, exponent) = match bits >> 52 {
        0 => (bits, -1074),
        biased => (bits & ((1 << 52) - 1) | 1 << 52, biased as i32 - 1075),
    };
    let hash = rotate(mantissa, exponent.rem_euclid(HASH_BITS as i32) as u32);
    (if hash == HASH_MODULUS { 0 } else { hash }) as i64
}
