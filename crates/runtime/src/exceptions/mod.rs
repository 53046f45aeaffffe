//! Exceptions: their layouts and types, raising them from Rust, and what is done with one that nobody catches.
//!
//! `value` has the layout that all begin with and `methods` what Python calls on it; `simple`, `os_error`, `syntax_error`,
//! `unicode_error` and `group` are those with more fields; `hierarchy` lists them all; `raise` raises them; `chain` keeps contexts.

pub mod chain;
pub mod group;
pub mod hierarchy;
mod members;
pub mod methods;
pub mod os_error;
pub mod raise;
pub mod report;
pub mod reserve;
pub mod simple;
pub mod syntax_error;
#[cfg(test)]
mod tests;
pub mod unicode_error;
pub mod unraisable;
pub mod value;
pub mod warn;

pub use hierarchy as exc;
pub use os_error::{raise_io_error, raise_last_os_error, raise_os_error};
pub use raise::{
    last_resort, memory_error, raise_attribute_error, raise_import_error, raise_key_error, raise_name_error,
    raise_no_attribute, raise_object, raise_stop_iteration, raise_text, raise_with_arguments, set_cause_of_current,
};
pub use simple::stop_iteration_value;
pub use unraisable::{keep_current, unraisable, unraisable_with};
pub use value::{BaseException, is_exception_class, matches};
pub use warn::warn;
