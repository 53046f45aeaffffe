//! What the modules that call the operating system share: text as the file system has it, calls that signals interrupt, file
//! descriptors as arguments.
//!
//! The file system's encoding is UTF-8 with `surrogateescape`: bytes that are no UTF-8 stand in strings as U+DC80 to U+DCFF.

pub mod blocking;
pub mod guarded;
pub mod state;
pub mod text;
pub mod warn;

use habu_runtime::exceptions::raise_os_error;
use habu_runtime::object::protocol::number::{has_index, index};
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::int::Int;

/// The errno of the last system call.
pub fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// Sets the number of the last error, for calls that give theirs as a result.
pub fn set_errno(number: i32) {
    // SAFETY: the place is the thread's own.
    unsafe { *libc::__errno_location() = number };
}

/// Raises the OSError of the last system call.
#[cold]
pub fn last_error() -> Raised {
    raise_os_error(errno(), None)
}

/// Raises the OSError of the last system call, when its result says that it failed.
pub fn check(result: i32) -> Result<i32, Raised> {
    if result == -1 { Err(last_error()) } else { Ok(result) }
}

/// As `check`, for calls that give a `ssize_t` or `off_t`.
pub fn check_size(result: isize) -> Result<isize, Raised> {
    if result == -1 { Err(last_error()) } else { Ok(result) }
}

/// An argument as a C `int`.
pub fn c_int(object: &Object) -> Result<i32, Raised> {
    let value = index(object)?;
    match value.to_i64().map(i32::try_from) {
        Some(Ok(value)) => Ok(value),
        _ => Err(raise!(OverflowError, "Python int too large to convert to C int")),
    }
}

/// A file descriptor: an integer, or an object with a method `fileno` (`PyObject_AsFileDescriptor`).
pub fn file_descriptor(object: &Object) -> Result<i32, Raised> {
    let number: Ref<Int> = match object.downcast::<Int>() {
        Some(number) => Ref::from_borrowed(number),
        None => {
            let name = habu_runtime::types::str::Str::intern("fileno")?;
            let Some(method) = protocol::lookup_attribute(object, &name)? else {
                return Err(raise!(TypeError, "argument must be an int, or have a fileno() method."));
            };
            protocol::call0(&method)?
                .downcast_into::<Int>()
                .map_err(|_| raise!(TypeError, "fileno() returned a non-integer"))?
        }
    };
    let fd = c_int(&number)?;
    if fd < 0 {
        return Err(raise!(ValueError, "file descriptor cannot be a negative integer ({fd})"));
    }
    Ok(fd)
}

/// Whether the object is an integer or has `__index__`.
pub fn is_index(object: &Object) -> bool {
    has_index(object)
}

/// A file descriptor as an argument: an integer or an object with `fileno`.
#[derive(Clone, Copy)]
pub struct Descriptor(pub i32);

impl<'a> habu_runtime::object::args::FromArg<'a> for Descriptor {
    fn from_arg(object: &'a Object, _: &habu_runtime::object::args::Signature, _: usize) -> Result<Descriptor, Raised> {
        file_descriptor(object).map(Descriptor)
    }
}

/// A C `int` as an argument.
#[derive(Clone, Copy)]
pub struct CInt(pub i32);

impl<'a> habu_runtime::object::args::FromArg<'a> for CInt {
    fn from_arg(object: &'a Object, _: &habu_runtime::object::args::Signature, _: usize) -> Result<CInt, Raised> {
        c_int(object).map(CInt)
    }
}

/// A class of exceptions made at run time, as a module's own: `module.name` with the given bases.
pub fn new_exception(module: &str, name: &str, bases: &[&Object]) -> Result<Ref, Raised> {
    use habu_runtime::object::{PyType, Type};
    use habu_runtime::types::{dict::Dict, str::Str, tuple::Tuple};
    let namespace = Dict::new()?;
    namespace.set_str("__module__", &*Str::intern(module)?)?;
    let (name, bases) = (Str::intern(name)?, Tuple::from_borrowed(bases)?);
    protocol::call(Type::type_object(), &[&name, &bases, &namespace])
}

/// The attribute `name` of `sys`.
pub fn sys_attribute(name: &str) -> Result<Option<Ref>, Raised> {
    match habu_runtime::threads::Thread::current().interpreter().sys_dict.get() {
        Some(dict) => dict.get_str(name),
        None => Ok(None),
    }
}

/// An argument that may be left out (but not be None): `#[signature(data = Optional::MISSING)]`.
pub struct Optional<T>(pub Option<T>);

impl<T> Optional<T> {
    /// No argument.
    pub const MISSING: Optional<T> = Optional(None);
}

impl<'a, T: habu_runtime::object::args::FromArg<'a>> habu_runtime::object::args::FromArg<'a> for Optional<T> {
    fn from_arg(
        object: &'a Object,
        signature: &habu_runtime::object::args::Signature,
        index: usize,
    ) -> Result<Optional<T>, Raised> {
        T::from_arg(object, signature, index).map(|value| Optional(Some(value)))
    }
}
