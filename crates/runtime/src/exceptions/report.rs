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

/// Shows an exception that nobody caught.
pub fn print_exception(exception: &BaseException) {
    let text = protocol::str(exception).map(|text| text.to_string_lossy()).unwrap_or_default();
    let mut at = exception.traceback.get();
    while let Some(traceback) = at {
        eprintln!("  line {}", traceback.line.get());
        at = traceback.next.get();
    }
    eprintln!("{}: {text}", exception.ty().name());
}

/// What `sys.unraisablehook` does.
pub fn default_unraisable_hook(unraisable: &Object) -> Result<(), crate::object::Raised> {
    let value = protocol::get_attribute_str(unraisable, "exc_value")?;
    if let Some(exception) = value.downcast::<BaseException>() {
        print_exception(exception);
    }
    Ok(())
}
