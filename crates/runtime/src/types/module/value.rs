//! The module object (`PyModuleObject`) and its definition.

use std::cell::Cell;
use std::ffi::{CStr, c_void};

use habu_macros::pytype;

use crate::object::{Field, MethodDef, Object, Raised};
use crate::types::dict::Dict;

/// Create a module object.
///
/// The name must be a string; the optional docstring can have any type.
#[pytype(name = "module", gc, basetype, dict = dict, weaklist = weaklist)]
pub struct Module {
    /// The header.
    pub base: Object,
    /// The module's attributes.
    #[traverse]
    pub dict: Field<Dict>,
    /// The definition of a module made in C.
    pub definition: Cell<*const c_void>,
    /// The state of a module made in C.
    pub state: Cell<*mut c_void>,
    /// Weak references to the module.
    pub weaklist: Cell<*const Object>,
    /// The name, for messages.
    #[traverse]
    pub name: Field,
}

crate::assert_layout!(Module, size 56, dict @ 16, weaklist @ 40, name @ 48);

/// What a built-in module is made from; `#[pymodule]` writes it.
pub struct ModuleDef {
    /// The name.
    pub name: &'static str,
    /// The docstring.
    pub doc: Option<&'static CStr>,
    /// The functions, in tables.
    pub functions: &'static [&'static [MethodDef]],
    /// Fills the module with what is not a function.
    pub exec: Option<fn(&Module) -> Result<(), Raised>>,
}

impl Module {
    /// `__name__`, when it is a string.
    pub fn name_text(&self) -> Option<String> {
        let name = self.dict.get()?.get_name(crate::id!(__name__))?;
        Some(name.downcast::<crate::types::str::Str>()?.to_string_lossy())
    }
}

#[habu_macros::pymethods]
impl Module {}
