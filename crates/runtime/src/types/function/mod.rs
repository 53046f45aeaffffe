//! `function`: code with its globals, defaults and closure (`PyFunctionObject`).
//!
//! `value` has the layout and what Rust calls, `methods` what Python sees.

pub mod methods;
pub mod value;

pub use value::{FUNCTION_TYPE, Function};
