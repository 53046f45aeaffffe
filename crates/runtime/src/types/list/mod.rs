//! `list`: a growing row of references (`PyListObject`).

mod methods;
mod slices;
mod sort;
mod timsort;
pub mod value;

pub use sort::sort;
pub use value::{LIST_TYPE, List};
