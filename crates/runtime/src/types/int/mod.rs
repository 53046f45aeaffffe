//! `int`: integers of any size in digits of 30 bits (`PyLongObject`), and `bool`.
//!
//! `arithmetic`, `bits` and `compare` are typed functions for the evaluation loop and the slots; `construct` is `int(..)`; `text` and
//! `format` are its texts.

pub mod arithmetic;
pub mod bits;
mod boolean;
pub mod compare;
pub mod construct;
pub mod format;
mod methods;
#[cfg(test)]
mod tests;
pub mod text;
pub mod value;

pub use value::{BOOL_TYPE, Bool, INT_TYPE, Int};
