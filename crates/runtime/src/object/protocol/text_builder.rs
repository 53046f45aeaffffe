//! Text that grows and becomes a string: what `repr` of containers is written into.

pub use crate::types::str::builder::StrBuilder as TextBuilder;
