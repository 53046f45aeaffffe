//! `float`: an IEEE 754 double (`PyFloatObject`).
//!
//! `arithmetic` and `compare` are typed functions for the evaluation loop and the slots.

pub mod arithmetic;
pub mod compare;
pub mod construct;
pub mod format;
mod methods;
pub mod value;

pub use value::{FLOAT_TYPE, Float};
