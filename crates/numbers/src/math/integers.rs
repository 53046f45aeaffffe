//! Logarithms of integers of any size.

use crate::digits::Signed;
use crate::digits::float::{frexp, to_f64};

/// Which logarithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// Of base e.
    Natural,
    /// Of base 2.
    Binary,
    /// Of base 10.
    Decimal,
}

impl Log {
    /// Of a positive float.
    pub fn of(self, x: f64) -> f64 {
        match self {
            Log::Natural => x.ln(),
            Log::Binary => x.log2(),
            Log::Decimal => x.log10(),
        }
    }

    /// Of an integer; `None` (ValueError "math domain error") if it is not positive.
    pub fn of_int(self, a: Signed<'_>) -> Option<f64> {
        if a.negative || a.is_zero() {
            return None;
        }
        Some(match to_f64(a) {
            Some(value) => self.of(value),
            None => {
                let (mantissa, exponent) = frexp(a);
                self.of(mantissa) + self.of(2.0) * exponent as f64
            }
        })
    }
}
