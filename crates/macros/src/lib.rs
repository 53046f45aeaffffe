//! Attributes that turn Rust items into the static descriptors of Python types, methods and modules.
//!
//! - `#[pytype(name = "list", generic_get, gc, ..)]` on a struct: its layout is a Python type's; declares the static type object.
//! - `#[pymethods]` on an `impl`: each function becomes a method, or with `#[getter]`, `#[setter]`, `#[classmethod]`, `#[staticmethod]`,
//!   `#[slot(tp_repr)]` what it says.
//! - `#[pymodule(name = "math")]` on an `impl` of a unit struct: each function becomes a function of the module.
//!
//! They declare data and argument parsing; they hide no control flow, reference or captured variable. `docs/macros.md` shows what each
//! expands to.

mod function;
mod methods;
mod module;
mod pytype;
mod signature;
mod slot;

use proc_macro::TokenStream;

/// Declares a struct as the layout of a Python type.
///
/// `name = "module.name"` (no module means builtins), `base = PATH_TO_STATIC` (default: object), `metatype = PATH`, `gc`, `basetype`,
/// `flag = NAME` (of `typeobject::flags`, repeatable), `subclass_flag = NAME`, `itemsize = EXPR`, `basicsize = EXPR`,
/// `dict = FIELD`, `weaklist = FIELD`, `vectorcall = FIELD`.  Fields marked `#[traverse]` are shown to the collector.  The doc comment
/// becomes `__doc__` unless `doc = "..."` is given.
#[proc_macro_attribute]
pub fn pytype(arguments: TokenStream, item: TokenStream) -> TokenStream {
    pytype::expand(arguments.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declares the functions of an `impl` as the methods and slots of a type.
///
/// `#[pymethods]` stands once for each type; further blocks are `#[pymethods(table = NAME)]`, which the first one takes
/// in by `#[pymethods(with(NAME, ..))]`; `members = EXPR` adds a `&'static [MemberDef]`.  `#[shown("($self, x=nothing, /)")]` states
/// the text signature of a function whose defaults have no literal in Rust.
#[proc_macro_attribute]
pub fn pymethods(arguments: TokenStream, item: TokenStream) -> TokenStream {
    methods::expand(arguments.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declares the functions of an `impl` as the functions of a module: `#[pymodule(name = "math")]`, or with `table = NAME` a further
/// table of them, taken in by `with(NAME, ..)`.  A function marked `#[exec]` fills the module.
#[proc_macro_attribute]
pub fn pymodule(arguments: TokenStream, item: TokenStream) -> TokenStream {
    module::expand(arguments.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
