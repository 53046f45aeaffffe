//! How exceptions that nobody catches are told.

use crate::exceptions::BaseException;
use crate::object::Object;
use crate::object::protocol;

/// Writes an exception that could not be raised to the standard error.
pub fn write_unraisable(exception: &BaseException, object: Option<&Object>) {
    let shown = object.and_then(|object| protocol::repr(object).ok()).map(|text| text.to_string_lossy());
    let text = protocol::str(exception).map(|text| text.to_string_lossy()).unwrap_or_default();
    eprintln!("Exception ignored in: {}\n{}: {text}", shown.unwrap_or_default(), exception.ty().name());
}
