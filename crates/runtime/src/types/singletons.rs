//! None, Ellipsis and NotImplemented: one static object each; True and False by their value.

use habu_macros::{pymethods, pytype};

use crate::object::static_cell::ProcessStatic;
use crate::object::{Object, Raised, Ref, Type};
use crate::raise;
use crate::types::str::Str;

/// The type of None.
#[pytype(name = "NoneType", c_name = "_PyNone_Type", doc = "")]
pub struct NoneObject {
    base: Object,
}

/// The type of Ellipsis.
#[pytype(name = "ellipsis", generic_get, c_name = "PyEllipsis_Type", doc = "")]
pub struct EllipsisObject {
    base: Object,
}

/// The type of NotImplemented.
#[pytype(name = "NotImplementedType", c_name = "_PyNotImplemented_Type", doc = "")]
pub struct NotImplementedObject {
    base: Object,
}

#[unsafe(export_name = "_Py_NoneStruct")]
static NONE: ProcessStatic<NoneObject> =
    ProcessStatic(NoneObject { base: Object::header(&raw const NONE_OBJECT_TYPE.ty) });
#[unsafe(export_name = "_Py_EllipsisObject")]
static ELLIPSIS: ProcessStatic<EllipsisObject> =
    ProcessStatic(EllipsisObject { base: Object::header(&raw const ELLIPSIS_OBJECT_TYPE.ty) });
#[unsafe(export_name = "_Py_NotImplementedStruct")]
static NOT_IMPLEMENTED: ProcessStatic<NotImplementedObject> =
    ProcessStatic(NotImplementedObject { base: Object::header(&raw const NOT_IMPLEMENTED_OBJECT_TYPE.ty) });

/// None, borrowed.
#[inline(always)]
pub fn none_static() -> &'static Object {
    &NONE.0.base
}

/// None.
#[inline(always)]
pub fn none() -> Ref {
    Ref::from_borrowed(none_static())
}

/// Ellipsis.
pub fn ellipsis() -> Ref {
    Ref::from_borrowed(&ELLIPSIS.0.base)
}

/// NotImplemented, borrowed.
#[inline(always)]
pub fn not_implemented_static() -> &'static Object {
    &NOT_IMPLEMENTED.0.base
}

/// NotImplemented.
#[inline(always)]
pub fn not_implemented() -> Ref {
    Ref::from_borrowed(not_implemented_static())
}

/// True or False, borrowed.
#[inline(always)]
pub fn boolean_static(value: bool) -> &'static Object {
    crate::types::int::value::boolean_static(value)
}

/// True or False.
#[inline(always)]
pub fn boolean(value: bool) -> Ref {
    Ref::from_borrowed(boolean_static(value))
}

/// Whether the object is None.
#[inline(always)]
pub fn is_none(object: &Object) -> bool {
    object.is(none_static())
}

/// Refuses arguments to the type of a singleton.
fn no_arguments(
    cls: &Type,
    args: &crate::types::tuple::Tuple,
    kwargs: Option<&crate::types::dict::Dict>,
) -> Result<(), Raised> {
    if args.len() > 0 || kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
        return Err(raise!(TypeError, "{} takes no arguments", cls.full_name()));
    }
    Ok(())
}

#[pymethods]
impl NoneObject {
    #[slot(tp_new)]
    fn new(
        cls: &Type,
        args: &crate::types::tuple::Tuple,
        kwargs: Option<&crate::types::dict::Dict>,
    ) -> Result<Ref, Raised> {
        no_arguments(cls, args, kwargs)?;
        Ok(none())
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        Str::intern("None")
    }

    #[slot(nb_bool)]
    fn truth(&self) -> Result<bool, Raised> {
        Ok(false)
    }
}

#[pymethods]
impl EllipsisObject {
    #[slot(tp_new)]
    fn new(
        cls: &Type,
        args: &crate::types::tuple::Tuple,
        kwargs: Option<&crate::types::dict::Dict>,
    ) -> Result<Ref, Raised> {
        if args.len() > 0 || kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
            return Err(raise!(TypeError, "EllipsisType takes no arguments"));
        }
        let _ = cls;
        Ok(ellipsis())
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        Str::intern("Ellipsis")
    }

    /// Helper for pickle.
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Str>, Raised> {
        Str::intern("Ellipsis")
    }
}

#[pymethods]
impl NotImplementedObject {
    #[slot(tp_new)]
    fn new(
        cls: &Type,
        args: &crate::types::tuple::Tuple,
        kwargs: Option<&crate::types::dict::Dict>,
    ) -> Result<Ref, Raised> {
        no_arguments(cls, args, kwargs)?;
        Ok(not_implemented())
    }

    #[slot(nb_bool)]
    fn truth(&self) -> Result<bool, Raised> {
        crate::exceptions::warn::warn(
            crate::exceptions::exc::DeprecationWarning(),
            format_args!("NotImplemented should not be used in a boolean context"),
            1,
        )?;
        Ok(true)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        Str::intern("NotImplemented")
    }

    /// Helper for pickle.
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Str>, Raised> {
        Str::intern("NotImplemented")
    }
}
