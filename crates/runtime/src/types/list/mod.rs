//! `list`: a growing row of references (`PyListObject`).

pub mod value;

pub use value::{LIST_TYPE, List};
