//! Bridges to types that land on their own.

use crate::object::{Object, Raised, Ref, Type};
use crate::raise;
use crate::types::dict::Dict;

/// Whether the object is a function written in Python.
pub fn is_function(object: &Object) -> bool {
    object.ty().name() == "function"
}

/// A method bound to `receiver`.
pub fn bind_method(_function: &Object, _receiver: &Object) -> Result<Ref, Raised> {
    Err(raise!(SystemError, "no methods yet"))
}

/// Fills a class cell; false when the object is no cell.
pub fn fill_cell(_cell: &Object, _class: &Type) -> bool {
    false
}

/// A read-only view of a dictionary.
pub fn mapping_proxy(dict: &Dict) -> Result<Ref, Raised> {
    Ok(dict.to_ref())
}

/// The class and first argument of the running method.
pub fn super_arguments() -> Result<(Ref, Ref), Raised> {
    Err(raise!(RuntimeError, "super(): no current frame"))
}

/// The globals of the running function.
pub fn current_globals() -> Option<Ref<Dict>> {
    None
}
