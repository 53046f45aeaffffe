//! `float`: an IEEE 754 double (`PyFloatObject`).

pub mod value;

pub use value::{FLOAT_TYPE, Float};
