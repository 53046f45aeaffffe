//! Warnings that the built-in modules give, through the module `warnings`.

use habu_runtime::exceptions::exc;
use habu_runtime::object::{Object, Raised, Type, protocol};
use habu_runtime::threads::Thread;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;

/// `warnings.warn(message, category, stacklevel, source)`. Without the module `warnings` (early, or late in shutdown) it is lost.
pub fn warn(
    category: &Type,
    message: std::fmt::Arguments<'_>,
    stack_level: i64,
    source: Option<&Object>,
) -> Result<(), Raised> {
    let Some(modules) = Thread::current().interpreter().modules.get() else { return Ok(()) };
    let Some(warnings) = modules.get_str("_warnings")? else { return Ok(()) };
    let Some(function) = protocol::lookup_attribute(&warnings, &*Str::intern("warn")?)? else { return Ok(()) };
    let none = habu_runtime::types::none();
    let (message, level) = (Str::from_format(message)?, Int::from_i64(stack_level)?);
    protocol::call(&function, &[&message, category, &level, source.unwrap_or(&none)]).map(drop)
}

/// A ResourceWarning about an object that was not closed.
pub fn resource_warning(source: &Object, message: std::fmt::Arguments<'_>) -> Result<(), Raised> {
    warn(exc::ResourceWarning(), message, 1, Some(source))
}
