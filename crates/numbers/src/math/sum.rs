//! `math.fsum`: sums without error but the last rounding.
//!
//! After J. R. Shewchuk, "Adaptive precision floating-point arithmetic", 1997: the sum so far is kept as partial sums
//! that do not overlap.

/// Why there is no sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumError {
    /// OverflowError: "intermediate overflow in fsum".
    Overflow,
    /// ValueError: "-inf + inf in fsum".
    OppositeInfinities,
    /// MemoryError.
    Memory,
}

impl SumError {
    /// CPython's words.
    pub fn message(self) -> &'static str {
        match self {
            SumError::Overflow => "intermediate overflow in fsum",
            SumError::OppositeInfinities => "-inf + inf in fsum",
            SumError::Memory => "math.fsum partials",
        }
    }
}

/// A sum that grows.
#[derive(Clone, Debug, Default)]
pub struct ExactSum {
    /// Of increasing size, none zero; each is smaller than the last place of the next.
    partials: Vec<f64>,
    infinities: f64,
    special: f64,
}

impl ExactSum {
    /// The empty sum.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a number.
    pub fn add(&mut self, value: f64) -> Result<(), SumError> {
        let mut x = value;
        let mut kept = 0;
        for i in 0..self.partials.len() {
            let (high, low) = two_sum(x, self.partials[i]);
            if low != 0.0 {
                self.partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.partials.truncate(kept);
        if x == 0.0 {
            return Ok(());
        }
        if x.is_finite() {
            self.partials.try_reserve(1).map_err(|_| SumError::Memory)?;
            self.partials.push(x);
            return Ok(());
        }
        if value.is_finite() {
            return Err(SumError::Overflow);
        }
        if value.is_infinite() {
            self.infinities += value;
        }
        self.special += value;
        self.partials.clear();
        Ok(())
    }

    /// The sum, rounded half to even.
    pub fn finish(&self) -> Result<f64, SumError> {
        if self.special != 0.0 {
            return if self.infinities.is_nan() { Err(SumError::OppositeInfinities) } else { Ok(self.special) };
        }
        let mut rest = self.partials.iter().rev().copied();
        let Some(mut high) = rest.next() else { return Ok(0.0) };
        let mut low = 0.0;
        for y in rest.by_ref() {
            let x = high;
            high = x + y;
            low = y - (high - x);
            if low != 0.0 {
                break;
            }
        }
        // The remainder decides a tie: if what follows has its sign, the tie is none.
        if let Some(next) = rest.next()
            && low != 0.0
            && (low < 0.0) == (next < 0.0)
        {
            let doubled = low * 2.0;
            let candidate = high + doubled;
            if doubled == candidate - high {
                high = candidate;
            }
        }
        Ok(high)
    }
}

/// The sum and what its rounding lost, exactly.
fn two_sum(x: f64, y: f64) -> (f64, f64) {
    let (x, y) = if x.abs() < y.abs() { (y, x) } else { (x, y) };
    let high = x + y;
    (high, y - (high - x))
}
