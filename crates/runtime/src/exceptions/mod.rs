//! Exceptions: their layouts and types, raising them from Rust, and what is done with one that nobody catches.

pub mod hierarchy;
pub mod raise;
pub mod report;
pub mod reserve;
pub mod unraisable;
pub mod value;

pub use hierarchy as exc;
pub use raise::{
    last_resort, memory_error, raise_attribute_error, raise_object, raise_text, raise_with_arguments,
    set_cause_of_current,
};
pub use unraisable::{keep_current, unraisable};
pub use value::BaseException;
