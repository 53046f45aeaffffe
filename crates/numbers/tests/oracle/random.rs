//! A small generator of random operands, with a liking for the edges.

use habu_numbers::digits::{Int, MASK};

/// xorshift64*: the same cases every time.
pub(crate) struct Random(u64);

impl Random {
    /// A generator with this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        (self.bits() >> 11) % limit
    }

    /// An integer of up to `max` digits; runs of zeros and ones are frequent.
    pub(crate) fn int(&mut self, max: u64) -> Int {
        let len = self.below(max + 1);
        let style = self.below(4);
        let digits = (0..len)
            .map(|_| match (style, self.below(4)) {
                (0, 0 | 1) => MASK,
                (0, 2) | (1, 0..=2) => 0,
                (2, 0) => 1 << self.below(30),
                _ => self.bits() as u32 & MASK,
            })
            .collect();
        Int::new(self.below(2) == 0, digits)
    }

    /// A float: any bits, small integers, simple decimals, powers of two and their neighbours.
    pub(crate) fn float(&mut self) -> f64 {
        let sign = if self.below(2) == 0 { 1.0 } else { -1.0 };
        sign * match self.below(10) {
            0 | 1 => f64::from_bits(self.bits() >> 1),
            2 => self.below(100) as f64,
            3 => self.below(1_000_000) as f64 / 1000.0,
            4 => self.below(100_000) as f64 / 64.0,
            5 => self.below(1 << 53) as f64 * 2f64.powi(self.below(40) as i32 - 20),
            6 => f64::from_bits(((self.below(2046) + 1) << 52).wrapping_add(self.below(3)).wrapping_sub(1)),
            7 => self.bits() as f64 / 2f64.powi(64),
            8 => 10f64.powi(self.below(40) as i32 - 20) * self.below(1000) as f64,
            _ => match self.below(8) {
                0 => 0.0,
                1 => f64::INFINITY,
                2 => f64::NAN,
                3 => f64::MAX,
                4 => f64::from_bits(self.below(10)),
                5 => f64::MIN_POSITIVE,
                6 => 0.5,
                _ => 2.5,
            },
        }
    }
}
