//! Helpers for filling modules.

use std::cell::Cell;

use habu_runtime::object::slots::*;
use habu_runtime::object::{IntoObject, Raised, Ref, StaticType, TypeMethods, TypeSpec};
use habu_runtime::raise;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_runtime::types::type_::instance;

/// `module.name = value`
pub(crate) fn set(module: &Module, name: &str, value: impl IntoObject) -> Result<(), Raised> {
    let value = value.into_object()?;
    match module.dict.get() {
        Some(dict) => dict.set(&*Str::intern(name)?, &value),
        None => Err(raise!(SystemError, "module without a dictionary")),
    }
}

/// Declares an exception of a module as a class: `static_exception!(pub ERROR, "binascii.Error", VALUE_ERROR_TYPE)`. Its instances may be
/// referred to weakly, unless the name is followed by `plain`.
macro_rules! static_exception {
    ($(#[$about:meta])* $vis:vis $static:ident, $name:literal, $base:path) => {
        crate::fill::static_exception!(
            @declare $(#[$about])* $vis $static, $name, $base, weak size_of::<habu_runtime::exceptions::BaseException>()
        );
    };
    ($(#[$about:meta])* $vis:vis $static:ident, $name:literal plain, $base:path) => {
        crate::fill::static_exception!(@declare $(#[$about])* $vis $static, $name, $base, weak 0);
    };
    (@declare $(#[$about:meta])* $vis:vis $static:ident, $name:literal, $base:path, weak $weak:expr) => {
        $(#[$about])*
        $vis static $static: &habu_runtime::object::StaticType = {
            use habu_runtime::exceptions::BaseException;
            use habu_runtime::object::typeobject::{StaticType, TypeFacts, flags};
            static HEADED: habu_runtime::object::Headed<StaticType> =
                habu_runtime::object::Headed::new(StaticType::new::<crate::fill::ExceptionClass<{ $weak != 0 }>>(
                    &raw const habu_runtime::types::type_::TYPE_TYPE.ty,
                    TypeFacts {
                        name: match std::ffi::CStr::from_bytes_with_nul(concat!($name, "\0").as_bytes()) {
                            Ok(name) => name,
                            Err(_) => c"",
                        },
                        doc: None,
                        basicsize: size_of::<BaseException>() + if $weak != 0 { 8 } else { 0 },
                        itemsize: 0,
                        flags: flags::HEAPTYPE | flags::HAVE_GC | flags::BASETYPE | flags::BASE_EXC_SUBCLASS,
                        base: Some(&$base),
                        dictoffset: std::mem::offset_of!(BaseException, dict) as isize,
                        weaklistoffset: $weak as isize,
                        vectorcall_offset: 0,
                    },
                ).bound_if($weak == 0));
            &HEADED.of
        };
    };
}
pub(crate) use static_exception;

/// The tables of exceptions: what every class has, with or without weak references.
pub(crate) struct ExceptionClass<const WEAK: bool>;

#[allow(clippy::declare_interior_mutable_const, reason = "a template for the slots of static types")]
impl<const WEAK: bool> TypeMethods for ExceptionClass<WEAK> {
    const SPEC: TypeSpec =
        TypeSpec { methods: &[], getsets: if WEAK { &[&instance::WEAKREF_GETSETS] } else { &[] }, members: &[] };
    const SLOTS: TypeSlots = TypeSlots {
        tp_dealloc: Cell::new(Some(instance::subtype_dealloc)),
        tp_traverse: Cell::new(Some(instance::subtype_traverse)),
        tp_clear: Cell::new(Some(instance::subtype_clear)),
        ..TypeSlots::EMPTY
    };
    const NUMBER: NumberMethods = NumberMethods::EMPTY;
    const SEQUENCE: SequenceMethods = SequenceMethods::EMPTY;
    const MAPPING: MappingMethods = MappingMethods::EMPTY;
    const ASYNC: AsyncMethods = AsyncMethods::EMPTY;
    const BUFFER: BufferMethods = BufferMethods::EMPTY;
}

/// Readies a static type and makes it an attribute of the module.
pub(crate) fn set_type(module: &Module, name: &str, ty: &'static StaticType) -> Result<(), Raised> {
    module.ready_type(ty)?;
    set(module, name, Ref::from_borrowed(&ty.ty))
}
