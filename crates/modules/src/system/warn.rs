//! Warnings that the built-in modules give, through the module `warnings`.

use habu_runtime::exceptions::exc;
use habu_runtime::object::{Object, Raised, Type};
use habu_runtime::types::str::Str;

/// `warnings.warn(message, category, stacklevel, source)`.
pub fn warn(
    category: &Type,
    message: std::fmt::Arguments<'_>,
    stack_level: isize,
    source: Option<&Object>,
) -> Result<(), Raised> {
    crate::warnings::issue(category, &*Str::from_format(message)?, stack_level, source)
}

/// A ResourceWarning about an object that was not closed.
pub fn resource_warning(source: &Object, message: std::fmt::Arguments<'_>) -> Result<(), Raised> {
    warn(exc::ResourceWarning(), message, 1, Some(source))
}
