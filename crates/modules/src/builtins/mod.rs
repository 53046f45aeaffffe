//! The module `builtins`: the functions that every program has, the built-in types and exceptions.

pub mod attributes;
pub mod class;
pub mod code;
pub mod iteration;
pub mod line_editor;
pub mod numbers;
pub mod output;

use habu_macros::pymodule;
use habu_runtime::exceptions::hierarchy;
use habu_runtime::object::{Object, PyType, Raised, Ref, Type, protocol};
use habu_runtime::raise;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, ellipsis, none, not_implemented};

/// The module.
pub struct Builtins;

/// Built-in functions, types, exceptions, and other objects.
///
/// This module provides direct access to all 'built-in'
/// identifiers of Python; for example, builtins.len is
/// the full name for the built-in function len().
///
/// This module is not normally accessed explicitly by most
/// applications, but can be useful in modules that provide
/// objects with the same name as a builtin and for which the
/// built-in of that name is also needed.
#[pymodule(name = "builtins", with(ATTRIBUTES, CLASS, CODE, ITERATION, NUMBERS, OUTPUT))]
impl Builtins {
    /// Return the identity of an object.
    ///
    /// This is guaranteed to be unique among simultaneously existing objects.
    /// (CPython uses the object's memory address.)
    fn id(obj: &Object) -> Result<usize, Raised> {
        habu_runtime::audit!("builtins.id", obj.address())?;
        Ok(obj.address())
    }

    /// Return the hash value for the given object.
    ///
    /// Two objects that compare equal must also have the same hash value, but the
    /// reverse is not necessarily true.
    fn hash(obj: &Object) -> Result<isize, Raised> {
        protocol::hash(obj)
    }

    /// Return whether the object is callable (i.e., some kind of function).
    ///
    /// Note that classes are callable, as are instances of classes with a
    /// __call__() method.
    fn callable(obj: &Object) -> Result<bool, Raised> {
        Ok(protocol::is_callable(obj))
    }

    /// Return the canonical string representation of the object.
    ///
    /// For many object types, including most builtins, eval() will return
    /// an object of the same value.
    fn repr(obj: &Object) -> Result<Ref<Str>, Raised> {
        protocol::repr(obj)
    }

    /// Return an ASCII-only representation of an object.
    ///
    /// As repr(), return a string containing a printable representation of an
    /// object, but escape the non-ASCII characters in the string returned by
    /// repr() using \\x, \\u or \\U escapes. This generates a string similar
    /// to that returned by repr() in Python 2.
    fn ascii(obj: &Object) -> Result<Ref<Str>, Raised> {
        habu_runtime::types::str::ascii(obj)
    }

    /// Return the number of items in a container.
    fn len(obj: &Object) -> Result<usize, Raised> {
        protocol::sequence::length(obj)
    }

    /// Return whether an object is an instance of a class or of a subclass thereof.
    ///
    /// A tuple, as in ``isinstance(x, (A, B, ...))``, may be given as the target to
    /// check against. This is equivalent to ``isinstance(x, A) or isinstance(x, B)
    /// or ...`` etc.
    fn isinstance(obj: &Object, class_or_tuple: &Object) -> Result<bool, Raised> {
        habu_runtime::types::type_::instance_check::isinstance(obj, class_or_tuple)
    }

    /// Return whether 'cls' is derived from another class or is the same class.
    ///
    /// A tuple, as in ``issubclass(x, (A, B, ...))``, may be given as the target to
    /// check against. This is equivalent to ``issubclass(x, A) or issubclass(x, B)
    /// or ...``.
    fn issubclass(cls: &Object, class_or_tuple: &Object) -> Result<bool, Raised> {
        habu_runtime::types::type_::instance_check::issubclass(cls, class_or_tuple)
    }

    /// Return value.__format__(format_spec).
    ///
    /// Many built-in types implement format_spec according to the
    /// Format Specification Mini-language. See help('FORMATTING')
    /// for details.
    #[signature(value, format_spec = None, /)]
    #[shown("($module, value, format_spec='', /)")]
    fn format(value: &Object, format_spec: Option<&Object>) -> Result<Ref<Str>, Raised> {
        if let Some(spec) = format_spec.filter(|spec| !spec.isinstance::<Str>()) {
            return Err(raise!(TypeError, "format() argument 2 must be str, not {}", spec.ty().full_name()));
        }
        protocol::format::format(value, format_spec)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        module.set("None", &none())?;
        module.set("Ellipsis", &ellipsis())?;
        module.set("NotImplemented", &not_implemented())?;
        module.set("False", &boolean(false))?;
        module.set("True", &boolean(true))?;
        module.set("__debug__", &boolean(true))?;
        for ty in TYPES {
            let ty: &Type = &(ty)().ty;
            module.set(ty.name(), ty)?;
        }
        for (name, ty) in hierarchy::ALL {
            module.set(name, &ty.ty)?;
        }
        module.set("ExceptionGroup", &*hierarchy::ExceptionGroup()?)?;
        module.set("EnvironmentError", hierarchy::OSError())?;
        module.set("IOError", hierarchy::OSError())
    }
}

macro_rules! types {
    ($($ty:path),* $(,)?) => {
        /// The types that are names in `builtins`.
        static TYPES: &[fn() -> &'static habu_runtime::object::StaticType] = &[$(<$ty as PyType>::static_type),*];
    };
}

types![
    habu_runtime::types::int::Bool,
    habu_runtime::types::bytearray::ByteArray,
    habu_runtime::types::bytes::Bytes,
    habu_runtime::types::property::ClassMethod,
    habu_runtime::types::complex::Complex,
    habu_runtime::types::dict::Dict,
    habu_runtime::types::enumerate::Enumerate,
    habu_runtime::types::filter::Filter,
    habu_runtime::types::float::Float,
    habu_runtime::types::set::FrozenSet,
    habu_runtime::types::property::Property,
    habu_runtime::types::int::Int,
    habu_runtime::types::list::List,
    habu_runtime::types::map::Map,
    habu_runtime::types::memoryview::MemoryView,
    Object,
    habu_runtime::types::range::Range,
    habu_runtime::types::reversed::Reversed,
    habu_runtime::types::set::Set,
    habu_runtime::types::slice::Slice,
    habu_runtime::types::property::StaticMethod,
    Str,
    habu_runtime::types::super_::Super,
    Tuple,
    Type,
    habu_runtime::types::zip::Zip,
];

/// The error of an argument that no rule fits.
pub(crate) fn internal() -> Raised {
    raise!(SystemError, "bad argument to internal function")
}
