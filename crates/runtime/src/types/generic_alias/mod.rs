//! `types.GenericAlias`: `list[int]` and its like (PEP 585, PEP 646).

pub mod substitute;
pub mod text;
pub mod value;

pub use value::{GENERIC_ALIAS_ITERATOR_TYPE, GENERIC_ALIAS_TYPE, GenericAlias, GenericAliasIterator, alias};
