//! The Mersenne Twister MT19937, as `random.Random` has it.
//!
//! After M. Matsumoto and T. Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudorandom
//! number generator", 1998, with their initialisation of 2002.

use crate::digits::SHIFT;

/// Words of the state.
pub const STATE_WORDS: usize = 624;
/// How far apart the words are that are combined.
const MIDDLE: usize = 397;

/// A generator: its words, and how many of them are used up (624 means all).
#[derive(Clone, PartialEq, Eq)]
pub struct MersenneTwister {
    words: [u32; STATE_WORDS],
    used: usize,
}

impl std::fmt::Debug for MersenneTwister {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MersenneTwister").field("used", &self.used).finish_non_exhaustive()
    }
}

impl MersenneTwister {
    /// Seeded with an array of words, the lowest first; an empty one counts as a single 0.
    pub fn from_key(key: &[u32]) -> Self {
        let key = if key.is_empty() { &[0] } else { key };
        let mut words = [0u32; STATE_WORDS];
        let mut last = 19_650_218u32;
        for (i, word) in words.iter_mut().enumerate() {
            if i > 0 {
                last = (last ^ last >> 30).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
            }
            *word = last;
        }
        let mut i = 1;
        // Word 0 is a copy of the last whenever the end is reached.
        let advance = |i: &mut usize, words: &mut [u32; STATE_WORDS]| {
            *i += 1;
            if *i == STATE_WORDS {
                words[0] = words[STATE_WORDS - 1];
                *i = 1;
            }
        };
        let mixed = |word: u32, previous: u32, factor: u32| word ^ (previous ^ previous >> 30).wrapping_mul(factor);
        for j in (0..key.len()).cycle().take(key.len().max(STATE_WORDS)) {
            words[i] = mixed(words[i], words[i - 1], 1_664_525).wrapping_add(key[j]).wrapping_add(j as u32);
            advance(&mut i, &mut words);
        }
        for _ in 1..STATE_WORDS {
            words[i] = mixed(words[i], words[i - 1], 1_566_083_941).wrapping_sub(i as u32);
            advance(&mut i, &mut words);
        }
        words[0] = 1 << 31;
        MersenneTwister { words, used: STATE_WORDS }
    }

    /// Seeded with the magnitude of an integer, as `random.seed(int)` does.
    pub fn from_magnitude(magnitude: &[u32]) -> Self {
        let mut key = Vec::with_capacity(magnitude.len());
        let (mut buffer, mut filled) = (0u64, 0);
        for &digit in magnitude {
            buffer |= u64::from(digit) << filled;
            filled += SHIFT;
            if filled >= 32 {
                key.push(buffer as u32);
                buffer >>= 32;
                filled -= 32;
            }
        }
        if buffer != 0 {
            key.push(buffer as u32);
        }
        while key.last() == Some(&0) {
            key.pop();
        }
        Self::from_key(&key)
    }

    /// The state that `random.getstate` shows: the words and how many are used up.
    pub fn state(&self) -> (&[u32; STATE_WORDS], usize) {
        (&self.words, self.used)
    }

    /// A generator with that state; `None` if more words are used up than there are (ValueError "invalid state").
    pub fn from_state(words: [u32; STATE_WORDS], used: usize) -> Option<Self> {
        (used <= STATE_WORDS).then_some(MersenneTwister { words, used })
    }

    /// 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        if self.used >= STATE_WORDS {
            self.refill();
        }
        let mut word = self.words[self.used];
        self.used += 1;
        word ^= word >> 11;
        word ^= word << 7 & 0x9d2c_5680;
        word ^= word << 15 & 0xefc6_0000;
        word ^ word >> 18
    }

    fn refill(&mut self) {
        for i in 0..STATE_WORDS {
            let next = self.words[(i + 1) % STATE_WORDS];
            let joined = self.words[i] & 0x8000_0000 | next & 0x7fff_ffff;
            let twist = if next & 1 == 1 { 0x9908_b0df } else { 0 };
            self.words[i] = self.words[(i + MIDDLE) % STATE_WORDS] ^ joined >> 1 ^ twist;
        }
        self.used = 0;
    }

    /// A float in [0, 1) with 53 random bits (`random.random`).
    pub fn next_f64(&mut self) -> f64 {
        let high = u64::from(self.next_u32() >> 5);
        let low = u64::from(self.next_u32() >> 6);
        (high << 26 | low) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Up to 64 random bits.
    pub fn bits_u64(&mut self, bits: u32) -> u64 {
        match bits {
            0 => 0,
            1..=32 => u64::from(self.next_u32() >> (32 - bits)),
            _ => {
                let low = u64::from(self.next_u32());
                low | u64::from(self.next_u32() >> 64u32.saturating_sub(bits)) << 32
            }
        }
    }

    /// Writes an integer of `bits` random bits to `out`, which needs `bits / 30 + 1` digits; returns its length.
    /// (`random.getrandbits`.)
    pub fn bits_digits(&mut self, bits: u64, out: &mut [u32]) -> usize {
        let mut rest = bits;
        let (mut buffer, mut filled, mut len) = (0u64, 0, 0);
        while rest > 0 {
            let word = self.next_u32();
            let word = if rest < 32 { word >> (32 - rest) } else { word };
            buffer |= u64::from(word) << filled;
            filled += rest.min(32) as u32;
            rest = rest.saturating_sub(32);
            while filled >= SHIFT {
                out[len] = buffer as u32 & crate::digits::MASK;
                len += 1;
                buffer >>= SHIFT;
                filled -= SHIFT;
            }
        }
        if buffer != 0 {
            out[len] = buffer as u32;
            len += 1;
        }
        crate::digits::normalised_len(&out[..len])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_output_of_the_inventors() {
        let mut generator = MersenneTwister::from_key(&[0x123, 0x234, 0x345, 0x456]);
        let first: Vec<u32> = (0..4).map(|_| generator.next_u32()).collect();
        assert_eq!(first, [1_067_595_299, 955_945_823, 477_289_528, 4_107_218_783]);
        let (words, used) = (*generator.state().0, generator.state().1);
        let mut copy = MersenneTwister::from_state(words, used).unwrap();
        assert_eq!(copy.next_u32(), generator.next_u32());
        assert_eq!(MersenneTwister::from_state(words, 625), None);
    }
}
