//! `object`: the base of all types.

use habu_macros::pymethods;

use crate::object::typeobject::{StaticType, TypeFacts, flags};
use crate::object::visit::DerivedSlots;
use crate::object::{Object, PyType};

/// The type object of `object`.
pub static OBJECT_TYPE: StaticType = StaticType::new::<Object>(
    &raw const crate::types::type_::TYPE_TYPE.ty,
    TypeFacts {
        name: c"object",
        doc: Some(
            c"object()\n--\n\nThe base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\ninstance that has no instance attributes and cannot be given any.\n",
        ),
        basicsize: 16,
        itemsize: 0,
        flags: flags::BASETYPE,
        base: None,
        dictoffset: 0,
        weaklistoffset: 0,
        vectorcall_offset: 0,
    },
);

// SAFETY: every object begins with the header.
unsafe impl PyType for Object {
    const NAME: &'static str = "object";
    #[inline(always)]
    fn static_type() -> &'static StaticType {
        &OBJECT_TYPE
    }
    #[inline(always)]
    fn check(_: &Object) -> bool {
        true
    }
}

impl DerivedSlots for Object {
    #[allow(clippy::declare_interior_mutable_const)]
    const DERIVED: crate::object::slots::TypeSlots = crate::object::slots::TypeSlots::EMPTY;
}

#[pymethods]
impl Object {}
