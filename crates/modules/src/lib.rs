//! The built-in modules, one folder or file for each, and the life of an interpreter.
