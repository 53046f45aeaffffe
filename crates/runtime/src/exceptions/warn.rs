//! Warnings that Rust code gives, through the module `_warnings` (`PyErr_WarnEx`).

use std::fmt;

use crate::object::protocol::{call, get_attribute_str};
use crate::object::{Raised, Type};
use crate::types::int::Int;
use crate::types::str::Str;

/// Warns; an error is a warning that a filter made an exception, or a failure on the way.
pub fn warn(category: &Type, message: fmt::Arguments<'_>, stack_level: i64) -> Result<(), Raised> {
    let message = Str::from_format(message)?;
    let module = crate::import::import_module("_warnings")?;
    let function = get_attribute_str(&module, "warn")?;
    call(&function, &[&message, category, &*Int::from_i64(stack_level)?]).map(drop)
}
