//! `int`: integers of any size in digits of 30 bits (`PyLongObject`).

pub mod value;

pub use value::{BOOL_TYPE, Bool, INT_TYPE, Int};
