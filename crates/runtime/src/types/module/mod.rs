//! `module`, and the definitions that built-in modules are made from.

pub mod definition;
pub mod value;

pub use definition::ModuleDef;
pub use value::{MODULE_TYPE, Module};
