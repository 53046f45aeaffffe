//! Magnitudes as words of 64 bits, and division of and by a single word: what texts in bases that are no power of two take, and short divisors.

use super::{MASK, SHIFT};

/// A divisor of one word with its reciprocal, so that dividing by it is two multiplications (Möller and Granlund, "Improved division
/// by invariant integers", algorithm 4).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Divisor {
    /// Shifted so that its highest bit is set.
    value: u64,
    /// By how much it was shifted.
    shift: u32,
    /// `(2**128 - 1) / value - 2**64`
    reciprocal: u64,
}

impl Divisor {
    /// A divisor that is not 0.
    pub(crate) const fn new(divisor: u64) -> Divisor {
        let divisor = if divisor == 0 { 1 } else { divisor };
        let shift = divisor.leading_zeros();
        let value = divisor << shift;
        // The quotient of the 128 ones by `value`, less 2**64, which is one of a word.
        Divisor { value, shift, reciprocal: (((!value as u128) << 64 | u64::MAX as u128) / value as u128) as u64 }
    }

    /// Quotient and remainder of a number below `divisor * 2**64`.
    #[inline(always)]
    pub(crate) fn divide(&self, number: u128) -> (u64, u64) {
        let (quotient, rest) = self.divide_shifted(number << self.shift);
        (quotient, rest >> self.shift)
    }

    /// As [`Divisor::divide`], of a number that is shifted as the divisor is; so is the remainder.
    #[inline(always)]
    pub(crate) fn divide_shifted(&self, number: u128) -> (u64, u64) {
        let (high, low) = ((number >> 64) as u64, number as u64);
        let guess = u128::from(self.reciprocal) * u128::from(high) + number;
        let mut quotient = ((guess >> 64) as u64).wrapping_add(1);
        let mut rest = low.wrapping_sub(quotient.wrapping_mul(self.value));
        if rest > guess as u64 {
            quotient = quotient.wrapping_sub(1);
            rest = rest.wrapping_add(self.value);
        }
        if rest >= self.value {
            quotient = quotient.wrapping_add(1);
            rest -= self.value;
        }
        (quotient, rest)
    }

    /// Divides the words in place; gives the remainder.
    #[inline(always)]
    pub(crate) fn divide_words(&self, words: &mut [u64]) -> u64 {
        let mut rest = 0;
        for word in words.iter_mut().rev() {
            (*word, rest) = self.divide(u128::from(rest) << 64 | u128::from(*word));
        }
        rest
    }
}

/// How many words hold that many digits.
pub(crate) fn words_for(digits: usize) -> usize {
    // 32 digits are 15 words.
    digits / 32 * 15 + (digits % 32 * SHIFT as usize).div_ceil(64)
}

/// Repacks digits into `words`, which has room for all of them ([`words_for`]); gives how many are used.
pub(crate) fn pack(a: &[u32], words: &mut [u64]) -> usize {
    let (mut buffer, mut filled, mut len) = (0u128, 0, 0);
    for &digit in a {
        buffer |= u128::from(digit) << filled;
        filled += SHIFT;
        if filled >= 64 {
            words[len] = buffer as u64;
            len += 1;
            buffer >>= 64;
            filled -= 64;
        }
    }
    if filled > 0 && len < words.len() {
        words[len] = buffer as u64;
        len += 1;
    }
    while len > 0 && words[len - 1] == 0 {
        len -= 1;
    }
    len
}

/// Words as digits, which may end with zeros.
pub(crate) fn unpack(words: &[u64]) -> Vec<u32> {
    let mut out = Vec::with_capacity(words.len() * 64 / SHIFT as usize + 1);
    let (mut buffer, mut filled) = (0u128, 0);
    for &word in words {
        buffer |= u128::from(word) << filled;
        filled += 64;
        while filled >= SHIFT {
            out.push(buffer as u32 & MASK);
            buffer >>= SHIFT;
            filled -= SHIFT;
        }
    }
    if filled > 0 {
        out.push(buffer as u32 & MASK);
    }
    out
}

/// The largest power of `radix` below 2**64, and its exponent.
pub(crate) const fn largest_power(radix: u32) -> (u64, usize) {
    let (mut power, mut exponent) = (radix as u64, 1);
    while let Some(next) = power.checked_mul(radix as u64) {
        power = next;
        exponent += 1;
    }
    (power, exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_by_a_reciprocal_is_division() {
        let mut random = crate::chance::numbers();
        for round in 0..20_000 {
            let divisor = (random() >> (round % 64)).max(1);
            let high = random() % divisor;
            let low = if round % 7 == 0 { u64::MAX } else { random() };
            let number = u128::from(high) << 64 | u128::from(low);
            let (quotient, rest) = Divisor::new(divisor).divide(number);
            assert_eq!(u128::from(quotient), number / u128::from(divisor));
            assert_eq!(u128::from(rest), number % u128::from(divisor));
        }
        for divisor in [1, 2, 10, u64::MAX, 1 << 63, (1 << 63) + 1] {
            let number = u128::from(divisor - 1) << 64 | u128::from(u64::MAX);
            let (quotient, rest) = Divisor::new(divisor).divide(number);
            assert_eq!(
                (u128::from(quotient), u128::from(rest)),
                (number / u128::from(divisor), number % u128::from(divisor))
            );
        }
    }

    #[test]
    fn words_hold_digits() {
        for len in 0..200usize {
            let digits: Vec<u32> = (0..len as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 2) | 1 << 29).collect();
            let mut words = vec![0; words_for(len)];
            let used = pack(&digits, &mut words);
            let back = unpack(&words[..used]);
            assert_eq!(crate::digits::normalised(&back), &digits[..]);
        }
    }

    #[test]
    fn powers_are_the_largest() {
        assert_eq!(largest_power(10), (10u64.pow(19), 19));
        assert_eq!(largest_power(3), (3u64.pow(40), 40));
    }
}
