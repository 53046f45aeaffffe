//! `module`, and the definitions that built-in modules are made from.

pub mod value;

pub use value::{MODULE_TYPE, Module, ModuleDef};
