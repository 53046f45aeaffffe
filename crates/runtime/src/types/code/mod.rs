//! `code`: compiled source (`PyCodeObject`).
//!
//! `value` has the layout, `build` makes objects of the compiler's data and data of objects, `methods` is what Python sees, `lines` the
//! iterators over locations.

pub mod build;
pub mod extra;
pub mod lines;
pub mod methods;
pub mod outside;
pub mod value;

pub use build::{constant_object, constant_of};
pub use value::{CODE_TYPE, Code, Parts};
