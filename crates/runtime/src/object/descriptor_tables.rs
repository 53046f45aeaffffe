//! The static tables of a type's methods, computed attributes and members (`PyMethodDef`, `PyGetSetDef`, `PyMemberDef`).

use std::ffi::{c_char, c_int};

use super::header::Object;
use super::raised::{Raised, Status};
use super::reference::Ref;
use super::typeobject::Type;
use crate::types::tuple::Tuple;

/// How a method's C function is called (`METH_*`).
pub type MethodFlags = c_int;
/// `METH_VARARGS`
pub const METH_VARARGS: MethodFlags = 0x0001;
/// `METH_KEYWORDS`
pub const METH_KEYWORDS: MethodFlags = 0x0002;
/// `METH_NOARGS`
pub const METH_NOARGS: MethodFlags = 0x0004;
/// `METH_O`
pub const METH_O: MethodFlags = 0x0008;
/// `METH_CLASS`
pub const METH_CLASS: MethodFlags = 0x0010;
/// `METH_STATIC`
pub const METH_STATIC: MethodFlags = 0x0020;
/// `METH_COEXIST`: replaces a slot wrapper of the same name.
pub const METH_COEXIST: MethodFlags = 0x0040;
/// `METH_FASTCALL`
pub const METH_FASTCALL: MethodFlags = 0x0080;
/// Habu's own: CPython calls this one with a tuple, so messages about keywords name it without its type or module.
pub const PLAIN_NAME: MethodFlags = 1 << 24;
/// `METH_METHOD`
pub const METH_METHOD: MethodFlags = 0x0200;

/// `METH_NOARGS` and `METH_O`: self (or null for a plain function), the argument or null.
pub type OneArgFunction = unsafe extern "C" fn(Option<&Object>, Option<&Object>) -> Result<Ref, Raised>;
/// `METH_FASTCALL`
pub type FastFunction = unsafe extern "C" fn(Option<&Object>, *const &'static Object, isize) -> Result<Ref, Raised>;
/// `METH_FASTCALL | METH_KEYWORDS`
pub type FastKeywordsFunction =
    unsafe extern "C" fn(Option<&Object>, *const &'static Object, isize, Option<&Tuple>) -> Result<Ref, Raised>;
/// `METH_METHOD | METH_FASTCALL | METH_KEYWORDS`: the second argument is the class that the method belongs to.
pub type MethodFastFunction = unsafe extern "C" fn(
    Option<&Object>,
    Option<&Type>,
    *const &'static Object,
    isize,
    Option<&Tuple>,
) -> Result<Ref, Raised>;
/// `METH_VARARGS`
pub type VarargsFunction = unsafe extern "C" fn(Option<&Object>, &Tuple) -> Result<Ref, Raised>;
/// `METH_VARARGS | METH_KEYWORDS`
pub type KeywordsFunction = unsafe extern "C" fn(Option<&Object>, &Tuple, Option<&Object>) -> Result<Ref, Raised>;

/// The C function of a method; its flags say which of these it is.
#[repr(C)]
#[derive(Clone, Copy)]
pub union MethodFunction {
    /// `METH_NOARGS`, `METH_O`
    pub one: OneArgFunction,
    /// `METH_FASTCALL`
    pub fast: FastFunction,
    /// `METH_FASTCALL | METH_KEYWORDS`
    pub fast_keywords: FastKeywordsFunction,
    /// `METH_METHOD | METH_FASTCALL | METH_KEYWORDS`
    pub method: MethodFastFunction,
    /// `METH_VARARGS`
    pub varargs: VarargsFunction,
    /// `METH_VARARGS | METH_KEYWORDS`
    pub keywords: KeywordsFunction,
}

/// A method of a type or a function of a module (`PyMethodDef`).
#[repr(C)]
pub struct MethodDef {
    /// The name, ended by NUL.
    pub name: *const c_char,
    /// The function.
    pub function: MethodFunction,
    /// How it is called.
    pub flags: MethodFlags,
    /// The docstring with the text signature as its first line, ended by NUL, or null.
    pub doc: *const c_char,
}

// SAFETY: the pointers are to static strings and functions.
unsafe impl Sync for MethodDef {}
// SAFETY: as above.
unsafe impl Send for MethodDef {}

/// Reads a computed attribute (`getter`).
pub type Getter = unsafe extern "C" fn(&Object, *mut std::ffi::c_void) -> Result<Ref, Raised>;
/// Writes a computed attribute; a null value deletes (`setter`).
pub type Setter = unsafe extern "C" fn(&Object, Option<&Object>, *mut std::ffi::c_void) -> Status;

/// A computed attribute (`PyGetSetDef`).
#[repr(C)]
pub struct GetSetDef {
    /// The name, ended by NUL.
    pub name: *const c_char,
    /// Reads it.
    pub get: Option<Getter>,
    /// Writes or deletes it.
    pub set: Option<Setter>,
    /// The docstring, ended by NUL, or null.
    pub doc: *const c_char,
    /// Passed to both.
    pub closure: *mut std::ffi::c_void,
}

// SAFETY: the pointers are to static strings and functions.
unsafe impl Sync for GetSetDef {}
// SAFETY: as above.
unsafe impl Send for GetSetDef {}

/// A member of an object's layout that Python may read, and perhaps write (`PyMemberDef`).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MemberDef {
    /// The name, ended by NUL.
    pub name: *const c_char,
    /// One of the `T_*` kinds.
    pub kind: c_int,
    /// Bytes from the object's start.
    pub offset: isize,
    /// `READONLY` and its like.
    pub flags: c_int,
    /// The docstring, ended by NUL, or null.
    pub doc: *const c_char,
}

// SAFETY: the pointers are to static strings.
unsafe impl Sync for MemberDef {}
// SAFETY: as above.
unsafe impl Send for MemberDef {}

/// `T_SHORT`
pub const T_SHORT: c_int = 0;
/// `T_INT`
pub const T_INT: c_int = 1;
/// `T_LONG`
pub const T_LONG: c_int = 2;
/// `T_FLOAT`
pub const T_FLOAT: c_int = 3;
/// `T_DOUBLE`
pub const T_DOUBLE: c_int = 4;
/// `T_STRING`
pub const T_STRING: c_int = 5;
/// `T_OBJECT`: null reads as None.
pub const T_OBJECT: c_int = 6;
/// `T_CHAR`
pub const T_CHAR: c_int = 7;
/// `T_BYTE`
pub const T_BYTE: c_int = 8;
/// `T_UBYTE`
pub const T_UBYTE: c_int = 9;
/// `T_USHORT`
pub const T_USHORT: c_int = 10;
/// `T_UINT`
pub const T_UINT: c_int = 11;
/// `T_ULONG`
pub const T_ULONG: c_int = 12;
/// `T_STRING_INPLACE`
pub const T_STRING_INPLACE: c_int = 13;
/// `T_BOOL`
pub const T_BOOL: c_int = 14;
/// `T_OBJECT_EX`: null raises AttributeError.
pub const T_OBJECT_EX: c_int = 16;
/// `T_LONGLONG`
pub const T_LONGLONG: c_int = 17;
/// `T_ULONGLONG`
pub const T_ULONGLONG: c_int = 18;
/// `T_PYSSIZET`
pub const T_PYSSIZET: c_int = 19;
/// `T_NONE`
pub const T_NONE: c_int = 20;
/// `READONLY`
pub const READONLY: c_int = 1;
/// `PY_AUDIT_READ`
pub const AUDIT_READ: c_int = 2;

impl MethodDef {
    /// The name.
    pub fn name(&self) -> &'static str {
        static_str(self.name)
    }

    /// The whole docstring with its text signature, or nothing.
    pub fn doc(&self) -> Option<&'static str> {
        (!self.doc.is_null()).then(|| static_str(self.doc))
    }
}

impl GetSetDef {
    /// The name.
    pub fn name(&self) -> &'static str {
        static_str(self.name)
    }

    /// The docstring.
    pub fn doc(&self) -> Option<&'static str> {
        (!self.doc.is_null()).then(|| static_str(self.doc))
    }
}

impl MemberDef {
    /// The name.
    pub fn name(&self) -> &'static str {
        static_str(self.name)
    }

    /// The docstring.
    pub fn doc(&self) -> Option<&'static str> {
        (!self.doc.is_null()).then(|| static_str(self.doc))
    }
}

/// A name in a static table; what is not UTF-8 reads as empty.
fn static_str(pointer: *const c_char) -> &'static str {
    // SAFETY: tables hold static strings ended by NUL.
    unsafe { std::ffi::CStr::from_ptr(pointer) }.to_str().unwrap_or("")
}

/// The documentation strings have this between signature and text, as in CPython.
pub const SIGNATURE_END: &str = ")\n--\n\n";

/// Splits an internal docstring `name(params)\n--\n\ntext` into the signature `(params)` and the text.
pub fn split_doc<'a>(name: &str, doc: &'a str) -> (Option<&'a str>, &'a str) {
    let Some(rest) = doc.strip_prefix(name.rsplit('.').next().unwrap_or(name)) else { return (None, doc) };
    match rest.find(SIGNATURE_END) {
        Some(at) if rest.starts_with('(') => (Some(&rest[..=at]), &rest[at + SIGNATURE_END.len()..]),
        _ => (None, doc),
    }
}

/// The owner of a table, for messages.
pub fn qualified(owner: Option<&Type>, name: &str) -> String {
    owner.map_or_else(|| name.to_owned(), |ty| format!("{}.{name}", ty.name()))
}
