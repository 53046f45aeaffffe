//! `format(object, spec)`: by the type's `__format__` (`PyObject_Format`).

use crate::id;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::int::Int;
use crate::types::str::Str;

/// `format(object, spec)`; no specification is the empty one.
pub fn format(object: &Object, spec: Option<&Object>) -> Result<Ref<Str>, Raised> {
    crate::eval::breaker::check_signals()?;
    let empty;
    let spec: &Object = match spec {
        Some(spec) => spec,
        None => {
            empty = Str::new("")?;
            &empty
        }
    };
    let Some(text) = spec.downcast::<Str>() else {
        return Err(raise!(SystemError, "Format specifier must be a string, not {}", spec.ty().full_name()));
    };
    if text.len() == 0 {
        if let Some(object) = object.downcast_exact::<Str>() {
            return Ok(Ref::from_borrowed(object));
        }
        if object.is_exact::<Int>() {
            return super::str(object);
        }
    }
    let Some(method) = super::lookup_special(object, id!(__format__))? else {
        return Err(raise!(TypeError, "Type {} doesn't define __format__", object.ty().full_name()));
    };
    super::call1(&method, spec)?
        .downcast_into::<Str>()
        .map_err(|other| raise!(TypeError, "__format__ must return a str, not {}", other.ty().full_name()))
}
