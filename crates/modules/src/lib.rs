//! The built-in modules, one folder or file for each, and the life of an interpreter.

pub mod builtins;
pub mod compiling;
pub mod imp;
pub mod marshal_;
pub mod startup;
pub mod sys_;
pub mod warnings;
