//! `bytes`: an immutable sequence of bytes.

pub mod value;

pub use value::{BYTES_TYPE, Bytes};
