//! Powers, powers modulo an integer, modular inverses and integer square roots.

use super::basic::compare;
use super::bridge::{from_big, to_big};
use super::div::{divide_limbs, divmod, floor_divmod_int, limb_shift};
use super::limbs::{self, LIMB, LIMB_MASK, limbs_for, pack, pack_shifted, unpack_shifted, used, with_limbs};
use super::mul::{BIG, mul, mul_digit, square};
use super::words::Divisor;
use super::{Int, Signed, bit_length, digits_for_bits, probe, shift, small, trailing_zeros};
use crate::OutOfMemory;

/// An upper bound of the digits of `base ** exponent`, `None` if beyond what memory can address.
pub fn pow_size(base: &[u32], exponent: u64) -> Option<usize> {
    let bits = bit_length(base).checked_mul(exponent)?;
    usize::try_from(bits / 30 + 2).ok()
}

/// `base ** exponent`. Fails if the result would not fit in memory; temporaries take three times the result.
pub fn pow(base: Signed<'_>, exponent: u64) -> Result<Int, OutOfMemory> {
    let negative = base.negative && exponent & 1 == 1;
    if exponent == 0 {
        return Ok(Int::from(1u64));
    }
    let magnitude = base.magnitude;
    if magnitude.is_empty() || magnitude == [1] {
        return Ok(Int { negative, magnitude: magnitude.to_vec() });
    }
    probe(bit_length(magnitude).checked_mul(exponent).ok_or(OutOfMemory)?)?;
    // A power of two comes out of the loop, as a shift at the end.
    let zeros = trailing_zeros(magnitude);
    if zeros == 0 {
        return Ok(Int { negative, magnitude: pow_odd(magnitude, exponent) });
    }
    let mut odd = vec![0; magnitude.len()];
    let len = shift::shr(magnitude, zeros, &mut odd);
    odd.truncate(len);
    let power = pow_odd(&odd, exponent);
    let bits = zeros.saturating_mul(exponent);
    let mut out = vec![0; shift::shl_size(power.len(), bits).unwrap_or(usize::MAX)];
    let len = shift::shl(&power, bits, &mut out);
    out.truncate(len);
    Ok(Int { negative, magnitude: out })
}

/// The power of a base that is not 0.
fn pow_odd(base: &[u32], exponent: u64) -> Vec<u32> {
    const ON_STACK: usize = 48;
    if base == [1] {
        return vec![1];
    }
    let size = digits_for_bits(bit_length(base).saturating_mul(exponent)) + base.len() + 2;
    if size <= ON_STACK {
        let (mut value, mut next) = ([0; ON_STACK], [0; ON_STACK]);
        return pow_in(base, exponent, &mut value, &mut next).to_vec();
    }
    let (mut value, mut next) = (vec![0; size], vec![0; size]);
    let len = pow_in(base, exponent, &mut value, &mut next).len();
    // The result is in the buffer that was written last.
    let mut power = if writes(exponent).is_multiple_of(2) { value } else { next };
    power.truncate(len);
    power
}

/// How many products [`pow_in`] makes: one for each bit but the highest, and one more where it is set.
fn writes(exponent: u64) -> u32 {
    63 - exponent.leading_zeros() + exponent.count_ones() - 1
}

/// Left to right over the exponent's bits, two buffers in turn, which have room for the result and for two digits and the base more; the first
/// one holds the result where the number of products is even.
fn pow_in<'a>(base: &[u32], exponent: u64, value: &'a mut [u32], next: &'a mut [u32]) -> &'a [u32] {
    let (mut value, mut next) = (value, next);
    value[..base.len()].copy_from_slice(base);
    let mut len = base.len();
    for bit in (0..63 - exponent.leading_zeros()).rev() {
        len = square(&value[..len], &mut next[..2 * len]);
        std::mem::swap(&mut value, &mut next);
        if exponent >> bit & 1 == 1 {
            len = match *base {
                [d] => mul_digit(&value[..len], d, &mut next[..=len]),
                _ => mul(&value[..len], base, &mut next[..len + base.len()]),
            };
            std::mem::swap(&mut value, &mut next);
        }
    }
    &value[..len]
}

/// Why [`pow_mod`] has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowModError {
    /// ValueError: "pow() 3rd argument cannot be 0".
    ZeroModulus,
    /// ValueError: "base is not invertible for the given modulus".
    NotInvertible,
}

impl PowModError {
    /// The words of the ValueError.
    pub fn message(self) -> &'static str {
        match self {
            PowModError::ZeroModulus => "pow() 3rd argument cannot be 0",
            PowModError::NotInvertible => "base is not invertible for the given modulus",
        }
    }
}

/// `pow(base, exponent, modulus)`: the result has the modulus' sign; a negative exponent takes the inverse.
pub fn pow_mod(base: Signed<'_>, exponent: Signed<'_>, modulus: Signed<'_>) -> Result<Int, PowModError> {
    if modulus.is_zero() {
        return Err(PowModError::ZeroModulus);
    }
    if modulus.magnitude == [1] {
        return Ok(Int::ZERO);
    }
    let positive = Signed { negative: false, magnitude: modulus.magnitude };
    let mut base = floor_divmod_int(base, positive).map_or(Int::ZERO, |(_, rest)| rest);
    if exponent.negative {
        base = inverse(&base, positive).ok_or(PowModError::NotInvertible)?;
    }
    let result = match small::to_u64(modulus.magnitude) {
        Some(m) => Int::from(pow_mod_u64(small::to_u64(&base.magnitude).unwrap_or(0), exponent.magnitude, m)),
        None if bit_length(exponent.magnitude) <= SHORT => {
            let (base, exponent) = (&base.magnitude[..], small::to_u64(exponent.magnitude).unwrap_or(0));
            let few = modulus.magnitude.len() <= BIG;
            let power = if few { pow_mod_few } else { pow_mod_short }(base, exponent, modulus.magnitude);
            Int { negative: false, magnitude: power }
        }
        None => {
            let power = to_big(&base.magnitude).modpow(&to_big(exponent.magnitude), &to_big(modulus.magnitude));
            Int { negative: false, magnitude: from_big(&power) }
        }
    };
    if modulus.negative && !result.magnitude.is_empty() {
        let mut out = vec![0; modulus.magnitude.len()];
        let len = super::basic::sub(modulus.magnitude, &result.magnitude, &mut out);
        out.truncate(len);
        return Ok(Int::new(true, out));
    }
    Ok(result)
}

/// Up to this many bits of the exponent, squaring and dividing is less work than what Montgomery's form needs beforehand.
const SHORT: u64 = 64;

/// Left to right over the exponent's bits. The base is reduced.
fn pow_mod_short(base: &[u32], exponent: u64, modulus: &[u32]) -> Vec<u32> {
    if exponent == 0 {
        return vec![1];
    }
    let mut value = base.to_vec();
    let mut product = Vec::new();
    let mut quotient = Vec::new();
    for bit in (0..63 - exponent.leading_zeros()).rev() {
        times_mod(&mut value, None, modulus, &mut product, &mut quotient);
        if exponent >> bit & 1 == 1 {
            times_mod(&mut value, Some(base), modulus, &mut product, &mut quotient);
        }
    }
    value
}

/// As [`pow_mod_short`], in limbs from the first square to the last division. The modulus has two limbs at least and [`BIG`] digits at most.
fn pow_mod_few(base: &[u32], exponent: u64, modulus: &[u32]) -> Vec<u32> {
    if exponent == 0 {
        return vec![1];
    }
    if base.is_empty() {
        return Vec::new();
    }
    let n = limbs_for(modulus.len());
    let shift = limb_shift(modulus);
    with_limbs(5 * n + 2, |room| {
        let (v, room) = room.split_at_mut(n + 1);
        let (value, room) = room.split_at_mut(n);
        let (factor, u) = room.split_at_mut(n);
        pack_shifted(modulus, shift, v);
        pack(base, factor);
        value.copy_from_slice(factor);
        let modulus = Modulus { limbs: &v[..n], shift, top: Divisor::new(v[n - 1]) };
        for bit in (0..63 - exponent.leading_zeros()).rev() {
            // What is short stays so for a while.
            let short = used(value);
            if short.is_empty() {
                break;
            }
            let product = &mut u[..=2 * short.len()];
            let mut at = product.iter_mut();
            limbs::square(short, |limb| store_next(&mut at, limb));
            modulus.reduce(product, value);
            let (short, factor) = (used(value), used(factor));
            if exponent >> bit & 1 == 1 && !short.is_empty() {
                let product = &mut u[..=short.len() + factor.len()];
                let mut at = product.iter_mut();
                limbs::multiply(short, factor, |limb| store_next(&mut at, limb));
                modulus.reduce(product, value);
            }
        }
        let mut out = vec![0; 2 * n];
        let len = unpack_shifted(value, 0, &mut out);
        out.truncate(len);
        out
    })
}

#[inline(always)]
fn store_next<'a>(places: &mut impl Iterator<Item = &'a mut u64>, limb: u64) {
    if let Some(place) = places.next() {
        *place = limb;
    }
}

/// A modulus of two limbs at least, made ready for division.
struct Modulus<'a> {
    /// Shifted so that the highest bit is one.
    limbs: &'a [u64],
    shift: u32,
    /// The highest limb.
    top: Divisor,
}

impl Modulus<'_> {
    /// `value = u % modulus`; `u` has room for a limb more than it uses, and is changed.
    #[inline(always)]
    fn reduce(&self, u: &mut [u64], value: &mut [u64]) {
        let (shift, back, len) = (self.shift, LIMB - self.shift, u.len() - 1);
        if len < self.limbs.len() {
            let (low, high) = value.split_at_mut(len);
            low.copy_from_slice(&u[..len]);
            return high.fill(0);
        }
        let mut below = 0;
        for limb in &mut u[..len] {
            let whole = *limb;
            *limb = (whole << shift | below >> back) & LIMB_MASK;
            below = whole;
        }
        u[len] = below >> back;
        divide_limbs(u, self.limbs, &self.top, |_, _| ());
        for (value, pair) in value.iter_mut().zip(u.windows(2)) {
            *value = (pair[0] >> shift | pair[1] << back) & LIMB_MASK;
        }
    }
}

/// `value = value * factor % modulus`, or its square; the buffers are for what comes up on the way.
fn times_mod(
    value: &mut Vec<u32>,
    factor: Option<&[u32]>,
    modulus: &[u32],
    product: &mut Vec<u32>,
    quotient: &mut Vec<u32>,
) {
    product.clear();
    product.resize(value.len() + factor.map_or(value.len(), <[u32]>::len), 0);
    let len = match factor {
        None => square(value, product),
        Some(factor) => mul(value, factor, product),
    };
    product.truncate(len);
    if compare(product, modulus).is_lt() {
        return std::mem::swap(value, product);
    }
    quotient.clear();
    quotient.resize(product.len() - modulus.len() + 1, 0);
    value.clear();
    value.resize(modulus.len(), 0);
    let (_, len) = divmod(product, modulus, quotient, value);
    value.truncate(len);
}

fn pow_mod_u64(base: u64, exponent: &[u32], modulus: u64) -> u64 {
    let m = u128::from(modulus);
    let bits = bit_length(exponent);
    let mut value = 1u64;
    for i in (0..bits).rev() {
        value = (u128::from(value) * u128::from(value) % m) as u64;
        if exponent[(i / 30) as usize] >> (i % 30) & 1 == 1 {
            value = (u128::from(value) * u128::from(base) % m) as u64;
        }
    }
    value
}

/// The inverse of `a` (reduced) modulo a positive `modulus` above 1.
fn inverse(a: &Int, modulus: Signed<'_>) -> Option<Int> {
    let result = to_big(&a.magnitude).modinv(&to_big(modulus.magnitude))?;
    Some(Int { negative: false, magnitude: from_big(&result) })
}
