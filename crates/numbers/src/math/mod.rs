//! What `math` needs beyond the standard library.

pub mod gamma;
pub mod integers;
pub mod neighbours;
pub mod norm;
pub mod seam;
pub mod sum;

/// Why a function of `math` or `cmath` has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MathError {
    /// ValueError: "math domain error".
    Domain,
    /// OverflowError: "math range error".
    Range,
}

impl MathError {
    /// CPython's words.
    pub fn message(self) -> &'static str {
        match self {
            MathError::Domain => "math domain error",
            MathError::Range => "math range error",
        }
    }
}
