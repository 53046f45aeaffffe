//! The built-in modules, one folder or file for each.
