//! The built-in modules, one folder or file for each, and the life of an interpreter.

pub mod collections;
pub mod itertools;

use habu_runtime::types::module::ModuleDef;

/// The modules that need no file, in any order.
pub static BUILTIN_MODULES: &[&ModuleDef] = &[&collections::Collections::DEFINITION, &itertools::Itertools::DEFINITION];
