//! `tuple`: a fixed row of references (`PyTupleObject`).

pub(crate) mod methods;
pub mod value;

pub use value::{TUPLE_TYPE, Tuple};
