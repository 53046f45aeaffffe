//! `tuple`: a fixed row of references (`PyTupleObject`).

pub mod value;

pub use value::{TUPLE_TYPE, Tuple};
