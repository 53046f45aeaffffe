//! `complex`: two doubles (`PyComplexObject`).

pub mod construct;
mod methods;
pub mod value;

pub use value::{COMPLEX_TYPE, Complex};
