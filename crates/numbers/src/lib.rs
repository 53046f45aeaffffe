//! The algorithms under `int`, `float`, `complex`, `format`, `random`, `math` and `cmath`. No Python objects, no runtime.
//!
//! Everything here is a function of plain data: slices of 30-bit digits, `f64`, bytes, code points. Results agree with
//! CPython 3.11 bit for bit; `tests/oracle` asks a `python3.11` on PATH for thousands of random cases of each kind.
//!
//! Memory: what can be as large as its operands is written into buffers of the caller where the size is known
//! beforehand ([`digits`] says how much each function needs). Functions that return a `Vec` do so because the size
//! shows only at the end; their temporaries are bounded by a small multiple of the result and the operands.
//!
//! Errors are enums that know CPython's words for them, and leave it to the caller to raise the exception.

#![deny(unsafe_code)]

#[cfg(test)]
mod chance;
pub mod complex;
pub mod digits;
pub mod float;
pub mod math;

/// Memory for a result could not be had: MemoryError.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;
pub mod cmath;
pub mod format_spec;
pub mod percent;
pub mod random;
