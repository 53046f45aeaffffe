//! Exceptions: their layouts and types, raising them from Rust, and what is done with one that nobody catches.

pub mod hierarchy;
pub mod raise;
pub mod reserve;
pub mod value;

pub use hierarchy as exc;
pub use raise::{last_resort, memory_error, raise_object, raise_text, raise_with_arguments};
pub use value::BaseException;
