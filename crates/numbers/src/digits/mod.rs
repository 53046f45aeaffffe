//! Arithmetic on integers as CPython's `int` lays them out: little-endian digits of 30 bits in `u32`.
//!
//! A *magnitude* is a slice of digits, each below [`BASE`]. It is *normalised* when its last digit is not zero; zero is
//! the empty slice. All functions take normalised magnitudes unless they say otherwise, and give back normalised ones.
//!
//! Functions that take `out: &mut [u32]` write their result there and return the number of digits of the normalised
//! result; `out` must hold at least what the function's documentation says (it is the caller's bug to pass less: an
//! index panic), and what lies beyond the returned length is unspecified. So an `int` object can be allocated with the
//! bound, computed in place, and its size set afterwards. [`Int`] is for results whose size is not known beforehand.
//!
//! Small operands are computed here, digit by digit. From [`mul::BIG`] and [`div::BIG`] digits on (found by
//! measurement) operands are repacked for `num-bigint`, which has Toom-3 and Burnikel-Ziegler.

pub mod basic;
pub mod bitwise;
mod bridge;
pub mod bytes;
pub mod combinatorics;
pub mod compare;
pub mod div;
pub mod float;
pub mod gcd;
pub mod hash;
mod limbs;
pub mod mul;
pub mod parse;
pub mod place;
pub mod power;
pub mod shift;
pub mod small;
pub mod sqrt;
mod store;
#[cfg(test)]
mod tests;

use crate::OutOfMemory;
pub mod text;
mod words;

/// Bits in a digit (`PyLong_SHIFT`).
pub const SHIFT: u32 = 30;
/// One more than the largest digit (`PyLong_BASE`).
pub const BASE: u32 = 1 << SHIFT;
/// The largest digit (`PyLong_MASK`).
pub const MASK: u32 = BASE - 1;

/// A borrowed integer: a sign and a normalised magnitude. Zero is never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed<'a> {
    /// Whether the integer is below zero.
    pub negative: bool,
    /// Its absolute value.
    pub magnitude: &'a [u32],
}

impl<'a> Signed<'a> {
    /// The integer with this sign and magnitude; the magnitude is normalised, and zero loses its sign.
    pub fn new(negative: bool, magnitude: &'a [u32]) -> Self {
        let magnitude = normalised(magnitude);
        Signed { negative: negative && !magnitude.is_empty(), magnitude }
    }

    /// `-self`, except that a zero gets a sign, which sums do not look at.
    #[inline]
    pub fn negated(self) -> Self {
        Signed { negative: !self.negative, ..self }
    }

    /// Whether this is 0.
    pub fn is_zero(&self) -> bool {
        self.magnitude.is_empty()
    }

    /// Whether this is an odd number.
    pub fn is_odd(&self) -> bool {
        self.magnitude.first().is_some_and(|d| d & 1 == 1)
    }

    /// An owned copy.
    pub fn to_int(&self) -> Int {
        Int { negative: self.negative, magnitude: self.magnitude.to_vec() }
    }
}

/// An owned integer, for results whose size is not known beforehand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Int {
    /// Whether the integer is below zero.
    pub negative: bool,
    /// Its absolute value, normalised.
    pub magnitude: Vec<u32>,
}

impl Int {
    /// The integer 0.
    pub const ZERO: Int = Int { negative: false, magnitude: Vec::new() };

    /// The integer with this sign and magnitude; leading zeros are dropped, and zero loses its sign.
    pub fn new(negative: bool, mut magnitude: Vec<u32>) -> Self {
        let len = normalised(&magnitude).len();
        magnitude.truncate(len);
        Int { negative: negative && len > 0, magnitude }
    }

    /// A view of it.
    pub fn as_signed(&self) -> Signed<'_> {
        Signed { negative: self.negative, magnitude: &self.magnitude }
    }
}

impl From<i64> for Int {
    fn from(value: i64) -> Self {
        let mut buffer = [0; 3];
        let len = small::from_u64(value.unsigned_abs(), &mut buffer);
        Int { negative: value < 0, magnitude: buffer[..len].to_vec() }
    }
}

impl From<u64> for Int {
    fn from(value: u64) -> Self {
        let mut buffer = [0; 3];
        let len = small::from_u64(value, &mut buffer);
        Int { negative: false, magnitude: buffer[..len].to_vec() }
    }
}

/// The slice without its leading zeros (the digits at its end).
pub fn normalised(digits: &[u32]) -> &[u32] {
    let len = digits.iter().rposition(|&d| d != 0).map_or(0, |i| i + 1);
    &digits[..len]
}

/// The number of digits of `digits` without leading zeros.
pub fn normalised_len(digits: &[u32]) -> usize {
    normalised(digits).len()
}

/// The number of digits that hold `bits` bits.
pub fn digits_for_bits(bits: u64) -> usize {
    usize::try_from(bits.div_ceil(u64::from(SHIFT))).unwrap_or(usize::MAX)
}

/// Fails if that many digits cannot be had; for results that can be far larger than what they come from, so that a
/// hopeless computation is refused before it starts.
pub(crate) fn probe(bits: u64) -> Result<(), OutOfMemory> {
    const HARMLESS: u64 = 1 << 16;
    if bits < HARMLESS {
        return Ok(());
    }
    // The result, and as much again twice for what leads to it.
    let digits = digits_for_bits(bits).checked_mul(3).ok_or(OutOfMemory)?;
    Vec::<u32>::new().try_reserve_exact(digits).map_err(|_| OutOfMemory)
}

/// The number of bits of the magnitude: the place of its highest 1, counted from 1; 0 for zero.
pub fn bit_length(a: &[u32]) -> u64 {
    match a.last() {
        None => 0,
        Some(top) => (a.len() as u64 - 1) * u64::from(SHIFT) + u64::from(32 - top.leading_zeros()),
    }
}

/// The number of ones in the magnitude (`int.bit_count`).
pub fn bit_count(a: &[u32]) -> u64 {
    a.iter().map(|d| u64::from(d.count_ones())).sum()
}

/// The number of zeros under the lowest 1; 0 for zero.
pub fn trailing_zeros(a: &[u32]) -> u64 {
    match a.iter().position(|&d| d != 0) {
        None => 0,
        Some(i) => i as u64 * u64::from(SHIFT) + u64::from(a[i].trailing_zeros()),
    }
}
