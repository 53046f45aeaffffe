//! `dict`: the compact ordered hash table of CPython 3.11 (`PyDictObject`, `PyDictKeysObject`).
//!
//! `keys` is the table (layout, creation), `table` searches and changes it, `value` is the object as Rust uses it.

pub mod instance;
pub mod keys;
pub mod table;
pub mod value;

pub use value::{DICT_TYPE, Dict};
