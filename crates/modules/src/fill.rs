//! Helpers for filling modules.

use habu_runtime::object::{IntoObject, Raised, Ref, StaticType};
use habu_runtime::raise;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

/// `module.name = value`
pub(crate) fn set(module: &Module, name: &str, value: impl IntoObject) -> Result<(), Raised> {
    let value = value.into_object()?;
    match module.dict.get() {
        Some(dict) => dict.set(&*Str::intern(name)?, &value),
        None => Err(raise!(SystemError, "module without a dictionary")),
    }
}

/// Declares an exception of a module as a static type: `static_exception!(pub ERROR, "binascii.Error", VALUE_ERROR_TYPE)`.
macro_rules! static_exception {
    ($(#[$about:meta])* $vis:vis $static:ident, $name:literal, $base:path) => {
        $(#[$about])*
        $vis static $static: habu_runtime::object::StaticType = {
            use habu_runtime::exceptions::BaseException;
            use habu_runtime::exceptions::hierarchy::Plain;
            use habu_runtime::object::typeobject::{StaticType, TypeFacts, flags};
            StaticType::new::<Plain<BaseException>>(
                &raw const habu_runtime::types::type_::TYPE_TYPE.ty,
                TypeFacts {
                    name: match std::ffi::CStr::from_bytes_with_nul(concat!($name, "\0").as_bytes()) {
                        Ok(name) => name,
                        Err(_) => c"",
                    },
                    doc: None,
                    basicsize: size_of::<BaseException>(),
                    itemsize: 0,
                    flags: flags::HAVE_GC | flags::BASETYPE | flags::BASE_EXC_SUBCLASS,
                    base: Some(&$base),
                    dictoffset: std::mem::offset_of!(BaseException, dict) as isize,
                    weaklistoffset: 0,
                    vectorcall_offset: 0,
                },
            )
        };
    };
}
pub(crate) use static_exception;

/// Readies a static type and makes it an attribute of the module.
pub(crate) fn set_type(module: &Module, name: &str, ty: &'static StaticType) -> Result<(), Raised> {
    habu_runtime::types::type_::ready::ready_static(ty)?;
    set(module, name, Ref::from_borrowed(&ty.ty))
}
