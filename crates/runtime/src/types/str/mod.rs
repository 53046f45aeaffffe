//! `str`: text in 1, 2 or 4 bytes a character (PEP 393), immutable, hashed once, some of it interned.

pub mod intern;
pub mod value;

pub use value::{Chars, STR_TYPE, Str};
