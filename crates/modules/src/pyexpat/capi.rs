//! `pyexpat.expat_CAPI`: expat's functions for compiled parsers, which so need no expat of their own (`struct PyExpat_CAPI` of `pyexpat.h`).

use std::ffi::{c_char, c_int, c_void};

use habu_runtime::object::Raised;
use habu_runtime::types::capsule::Capsule;
use habu_runtime::types::module::Module;

use super::handlers::unknown_encoding;
use super::library::library;

/// The capsule's contents.
#[repr(C)]
struct Api {
    magic: *const c_char,
    size: c_int,
    version: [c_int; 3],
    functions: [*const c_void; 19],
}

/// Adds the capsule to the module.
pub(super) fn add(module: &Module) -> Result<(), Raised> {
    let library = library()?;
    // SAFETY: the function takes nothing.
    let version = unsafe { (library.version)() };
    let api = Api {
        magic: c"pyexpat.expat_CAPI 1.1".as_ptr(),
        size: size_of::<Api>() as c_int,
        version: [version.major, version.minor, version.micro],
        functions: [
            library.error_text as *const c_void,
            library.error_code as *const c_void,
            library.column as *const c_void,
            library.line as *const c_void,
            library.parse as *const c_void,
            library.create as *const c_void,
            library.free as *const c_void,
            library.on_text as *const c_void,
            library.on_comment as *const c_void,
            library.on_default_expand as *const c_void,
            library.on_element as *const c_void,
            library.on_namespace as *const c_void,
            library.on_instruction as *const c_void,
            library.on_unknown_encoding as *const c_void,
            library.set_user_data as *const c_void,
            library.on_start_doctype as *const c_void,
            library.set_encoding as *const c_void,
            unknown_encoding as *const c_void,
            library.set_hash_salt as *const c_void,
        ],
    };
    // C code may keep the structure as long as the process lives.
    let api: *mut Api = Box::leak(Box::new(api));
    let capsule = Capsule::new(api.cast(), c"pyexpat.expat_CAPI".as_ptr(), None)?;
    module.set("expat_CAPI", &capsule)
}
