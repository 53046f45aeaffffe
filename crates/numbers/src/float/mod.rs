//! `float`: text in both directions, rounding, ratios, division, powers, hashes.

pub mod arithmetic;
mod fixed;
pub mod hash;
pub mod hex;
pub mod parse;
pub mod ratio;
pub mod round;
#[cfg(test)]
mod tests;
pub mod text;
