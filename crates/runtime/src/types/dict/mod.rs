//! `dict`: the compact ordered hash table of CPython 3.11 (`PyDictObject`, `PyDictKeysObject`).
//!
//! `keys` is the table (layout, creation) and `values` what a split table has beside it; `table` searches and changes it, `merge` copies and
//! merges, `value` is the object as Rust uses it, `methods` what Python calls, with `views` and `iterators`; `instance` has the
//! dictionaries of instances.

pub(crate) mod cached;
pub(crate) mod display;
pub mod instance;
pub mod iterators;
pub mod keys;
pub mod merge;
pub mod methods;
pub mod table;
pub mod value;
pub mod values;
pub mod views;

pub use merge::Override;
pub use value::{DICT_TYPE, Dict};
