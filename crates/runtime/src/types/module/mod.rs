//! `module`, and the definitions that built-in modules are made from.

pub mod definition;
pub mod definition_object;
pub mod value;

pub use definition::ModuleDef;
pub use definition_object::{ModuleDefObject, ModuleSlot};
pub use value::{MODULE_TYPE, Module};
