//! The system's expat (`libexpat.so.1`), opened when the module is first imported: its functions, as `expat.h` declares them.
//!
//! Expat is a parser that tells everything through callbacks, down to how attribute lists and entities were declared; `pyexpat` is its face in
//! Python, and programs rely on its messages, positions and order of events. Therefore the library itself is used where it is there, as CPython
//! uses its own copy, and the module cannot be imported where it is not.

use std::ffi::{CStr, c_char, c_int, c_long, c_uchar, c_uint, c_ulong, c_void};
use std::sync::OnceLock;

use habu_runtime::exceptions::{exc, raise_import_error};
use habu_runtime::object::Raised;
use habu_runtime::types::str::Str;

/// A parser of expat.
pub(super) type XmlParser = *mut c_void;

/// A callback, as expat stores it.
pub(super) type Callback = *const c_void;

/// `XML_Memory_Handling_Suite`
#[repr(C)]
pub(super) struct Memory {
    pub(super) malloc: unsafe extern "C" fn(usize) -> *mut c_void,
    pub(super) realloc: unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void,
    pub(super) free: unsafe extern "C" fn(*mut c_void),
}

/// `XML_Encoding`: what characters the bytes of an encoding are.
#[repr(C)]
pub(super) struct Encoding {
    pub(super) map: [c_int; 256],
    pub(super) data: *mut c_void,
    pub(super) convert: Option<unsafe extern "C" fn(*mut c_void, *const c_char) -> c_int>,
    pub(super) release: Option<unsafe extern "C" fn(*mut c_void)>,
}

/// `XML_Content`: what an element may hold.
#[repr(C)]
pub(super) struct Content {
    pub(super) kind: c_int,
    pub(super) quantifier: c_int,
    pub(super) name: *const c_char,
    pub(super) count: c_uint,
    pub(super) children: *const Content,
}

/// `XML_Feature`
#[repr(C)]
pub(super) struct Feature {
    pub(super) kind: c_int,
    pub(super) name: *const c_char,
    pub(super) value: c_long,
}

/// `XML_Expat_Version`
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Version {
    pub(super) major: c_int,
    pub(super) minor: c_int,
    pub(super) micro: c_int,
}

/// Declares the functions by their types, and how they are found.
macro_rules! library {
    ($($field:ident = $name:literal: fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions.
        pub(super) struct Library {
            $(pub(super) $field: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        impl Library {
            /// Finds all functions in an open library.
            ///
            /// # Safety
            /// The handle is of expat, whose functions have these types.
            unsafe fn find(handle: *mut c_void) -> Option<Library> {
                let symbol = |name: &CStr| {
                    // SAFETY: an open library and a C string.
                    let found = unsafe { libc::dlsym(handle, name.as_ptr()) };
                    (!found.is_null()).then_some(found)
                };
                Some(Library {
                    $($field: {
                        let name = CStr::from_bytes_with_nul(concat!($name, "\0").as_bytes()).unwrap_or_default();
                        // SAFETY: by the contract.
                        unsafe {
                            std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($argument),*) $(-> $result)?>(symbol(name)?)
                        }
                    },)*
                })
            }
        }
    };
}

library! {
    create = "XML_ParserCreate_MM": fn(*const c_char, *const Memory, *const c_char) -> XmlParser;
    create_external = "XML_ExternalEntityParserCreate": fn(XmlParser, *const c_char, *const c_char) -> XmlParser;
    free = "XML_ParserFree": fn(XmlParser);
    parse = "XML_Parse": fn(XmlParser, *const c_char, c_int, c_int) -> c_int;
    stop = "XML_StopParser": fn(XmlParser, c_uchar) -> c_int;
    set_user_data = "XML_SetUserData": fn(XmlParser, *const c_void);
    set_encoding = "XML_SetEncoding": fn(XmlParser, *const c_char) -> c_int;
    set_base = "XML_SetBase": fn(XmlParser, *const c_char) -> c_int;
    base = "XML_GetBase": fn(XmlParser) -> *const c_char;
    set_hash_salt = "XML_SetHashSalt": fn(XmlParser, c_ulong) -> c_int;
    set_param_entity_parsing = "XML_SetParamEntityParsing": fn(XmlParser, c_int) -> c_int;
    use_foreign_dtd = "XML_UseForeignDTD": fn(XmlParser, c_uchar) -> c_int;
    set_return_triplet = "XML_SetReturnNSTriplet": fn(XmlParser, c_int);
    specified_count = "XML_GetSpecifiedAttributeCount": fn(XmlParser) -> c_int;
    input_context = "XML_GetInputContext": fn(XmlParser, *mut c_int, *mut c_int) -> *const c_char;
    free_content = "XML_FreeContentModel": fn(XmlParser, *mut Content);
    error_code = "XML_GetErrorCode": fn(XmlParser) -> c_int;
    error_text = "XML_ErrorString": fn(c_int) -> *const c_char;
    line = "XML_GetCurrentLineNumber": fn(XmlParser) -> c_ulong;
    column = "XML_GetCurrentColumnNumber": fn(XmlParser) -> c_ulong;
    byte_index = "XML_GetCurrentByteIndex": fn(XmlParser) -> c_long;
    version_text = "XML_ExpatVersion": fn() -> *const c_char;
    version = "XML_ExpatVersionInfo": fn() -> Version;
    features = "XML_GetFeatureList": fn() -> *const Feature;
    on_unknown_encoding = "XML_SetUnknownEncodingHandler": fn(XmlParser, Callback, *const c_void);
    on_start_element = "XML_SetStartElementHandler": fn(XmlParser, Callback);
    on_end_element = "XML_SetEndElementHandler": fn(XmlParser, Callback);
    on_element = "XML_SetElementHandler": fn(XmlParser, Callback, Callback);
    on_instruction = "XML_SetProcessingInstructionHandler": fn(XmlParser, Callback);
    on_text = "XML_SetCharacterDataHandler": fn(XmlParser, Callback);
    on_unparsed_entity = "XML_SetUnparsedEntityDeclHandler": fn(XmlParser, Callback);
    on_notation = "XML_SetNotationDeclHandler": fn(XmlParser, Callback);
    on_start_namespace = "XML_SetStartNamespaceDeclHandler": fn(XmlParser, Callback);
    on_end_namespace = "XML_SetEndNamespaceDeclHandler": fn(XmlParser, Callback);
    on_namespace = "XML_SetNamespaceDeclHandler": fn(XmlParser, Callback, Callback);
    on_comment = "XML_SetCommentHandler": fn(XmlParser, Callback);
    on_start_cdata = "XML_SetStartCdataSectionHandler": fn(XmlParser, Callback);
    on_end_cdata = "XML_SetEndCdataSectionHandler": fn(XmlParser, Callback);
    on_default = "XML_SetDefaultHandler": fn(XmlParser, Callback);
    on_default_expand = "XML_SetDefaultHandlerExpand": fn(XmlParser, Callback);
    on_not_standalone = "XML_SetNotStandaloneHandler": fn(XmlParser, Callback);
    on_external_entity = "XML_SetExternalEntityRefHandler": fn(XmlParser, Callback);
    on_start_doctype = "XML_SetStartDoctypeDeclHandler": fn(XmlParser, Callback);
    on_end_doctype = "XML_SetEndDoctypeDeclHandler": fn(XmlParser, Callback);
    on_entity = "XML_SetEntityDeclHandler": fn(XmlParser, Callback);
    on_xml = "XML_SetXmlDeclHandler": fn(XmlParser, Callback);
    on_element_declaration = "XML_SetElementDeclHandler": fn(XmlParser, Callback);
    on_attributes_declaration = "XML_SetAttlistDeclHandler": fn(XmlParser, Callback);
    on_skipped_entity = "XML_SetSkippedEntityHandler": fn(XmlParser, Callback);
}

static LIBRARY: OnceLock<Option<Library>> = OnceLock::new();

fn open() -> Option<Library> {
    // SAFETY: opening a library of the system; it is never closed.
    let handle = unsafe { libc::dlopen(c"libexpat.so.1".as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
    if handle.is_null() {
        return None;
    }
    // SAFETY: the soname says what it is.
    unsafe { Library::find(handle) }
}

/// The library.
///
/// Raises ImportError where the system has none.
pub(super) fn library() -> Result<&'static Library, Raised> {
    match LIBRARY.get_or_init(open) {
        Some(library) => Ok(library),
        None => {
            let message = format_args!("libexpat.so.1: cannot open shared object file, or it is older than 2.1");
            Err(raise_import_error(exc::ImportError(), Some(&*Str::intern("pyexpat")?), None, message))
        }
    }
}

/// The library, for what has a parser and so opened it.
pub(super) fn opened() -> Option<&'static Library> {
    LIBRARY.get().and_then(Option::as_ref)
}
