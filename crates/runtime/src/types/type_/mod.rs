//! `type`: what types do. The layout is in `object/typeobject`.
//!
//! `ready` completes a static type, `lookup` and `cache` find attributes, `inherit` fills slots from bases, `slotdefs` ties
//! special methods to slots.

pub mod cache;
pub mod construct;
pub mod create;
pub mod foreign;
pub mod from_spec;
pub mod inherit;
pub mod instance;
pub mod instance_check;
pub mod lookup;
pub mod methods;
pub mod mro;
pub mod ready;
pub mod slot_functions;
pub mod slotdefs;
pub mod subclasses;
pub mod wrappers;

use crate::object::typeobject::{StaticType, TypeFacts, flags};
use crate::object::visit::DerivedSlots;
use crate::object::{HeapType, Object, PyType, Type};

/// The type object of `type`.
#[unsafe(export_name = "PyType_Type")]
pub static TYPE_TYPE: StaticType = StaticType::new::<Type>(
    &raw const TYPE_TYPE.ty,
    TypeFacts {
        name: c"type",
        doc: Some(c"type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type"),
        basicsize: size_of::<HeapType>(),
        itemsize: size_of::<crate::object::MemberDef>(),
        flags: flags::HAVE_GC | flags::BASETYPE | flags::TYPE_SUBCLASS | flags::HAVE_VECTORCALL,
        base: Some(&crate::types::object::OBJECT_TYPE),
        dictoffset: std::mem::offset_of!(Type, tp_dict) as isize,
        weaklistoffset: std::mem::offset_of!(Type, tp_weaklist) as isize,
        vectorcall_offset: std::mem::offset_of!(Type, tp_vectorcall) as isize,
    },
);

impl AsRef<Object> for Type {
    #[inline(always)]
    fn as_ref(&self) -> &Object {
        &self.base.base
    }
}

impl std::ops::Deref for Type {
    type Target = Object;
    #[inline(always)]
    fn deref(&self) -> &Object {
        &self.base.base
    }
}

// SAFETY: the layout begins with the header; only subclasses of type pass the check.
unsafe impl PyType for Type {
    const NAME: &'static str = "type";
    #[inline(always)]
    fn static_type() -> &'static StaticType {
        &TYPE_TYPE
    }
    #[inline(always)]
    fn check(object: &Object) -> bool {
        object.ty().has_flag(flags::TYPE_SUBCLASS)
    }
}

impl DerivedSlots for Type {
    #[allow(clippy::declare_interior_mutable_const)]
    const DERIVED: crate::object::slots::TypeSlots = crate::object::slots::TypeSlots::EMPTY;
}
