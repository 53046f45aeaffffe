//! Paths as arguments of the functions of `posix`: str, bytes, path-like objects, and where a function allows it a file descriptor or
//! None. The object that was given is kept for the error, which names it.

use std::ffi::c_char;

use habu_heap::Buffer;
use habu_runtime::exceptions::exc;
use habu_runtime::exceptions::os_error::raise_os_error_two;
use habu_runtime::exceptions::raise_os_error;
use habu_runtime::object::args::{FromArg, Signature};
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::buffer::{supports_buffer, to_bytes};
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::str::Str;

use crate::system::text::{CText, decode, encode};
use crate::system::{errno, is_index};

/// What a path may be beside str, bytes and path-like objects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Allow {
    /// None, which means the current directory.
    pub none: bool,
    /// A file descriptor.
    pub fd: bool,
}

/// Only a path.
pub const PATH: Allow = Allow { none: false, fd: false };
/// A path or a file descriptor.
pub const PATH_OR_FD: Allow = Allow { none: false, fd: true };
/// A path, a file descriptor or None.
pub const PATH_FD_OR_NONE: Allow = Allow { none: true, fd: true };

impl Allow {
    fn expected(self) -> &'static str {
        match (self.fd, self.none) {
            (true, true) => "string, bytes, os.PathLike, integer or None",
            (true, false) => "string, bytes, os.PathLike or integer",
            (false, true) => "string, bytes, os.PathLike or None",
            (false, false) => "string, bytes or os.PathLike",
        }
    }
}

/// A path argument.
pub struct Path {
    function: &'static str,
    /// What was given.
    pub object: Option<Ref>,
    text: Option<CText>,
    /// The file descriptor, where one was given.
    pub fd: Option<i32>,
    /// Whether it was bytes, so that results are bytes too.
    pub is_bytes: bool,
}

impl Path {
    /// Converts the argument `argument` of `function`; `object` is nothing where it was left out.
    pub fn new(object: Option<&Object>, function: &'static str, argument: &str, allow: Allow) -> Result<Path, Raised> {
        let given = object.filter(|object| !(allow.none && habu_runtime::types::singletons::is_none(object)));
        let mut path = Path { function, object: given.map(Object::to_ref), text: None, fd: None, is_bytes: false };
        let Some(object) = given else {
            path.text = CText::new(Buffer::from_slice(b".")?)?;
            return Ok(path);
        };
        let wrong = || raise!(TypeError, "{}", wrong_text(function, argument, allow, object));
        let plain = object.isinstance::<Str>() || object.isinstance::<Bytes>();
        let object = if plain {
            object.to_ref()
        } else if supports_buffer(object) {
            // Still taken, as the bytes that it lends.
            path.is_bytes = true;
            let text = wrong_text(function, argument, allow, object);
            crate::system::warn::warn(exc::DeprecationWarning(), format_args!("{text}"), 1, None)?;
            path.text = CText::new(Buffer::from_slice(to_bytes(object)?.as_slice())?)?;
            if path.text.is_none() {
                return Err(raise!(ValueError, "{function}: embedded null character in {argument}"));
            }
            return Ok(path);
        } else if allow.fd && is_index(object) {
            path.fd = Some(dir_fd_number(object)?);
            return Ok(path);
        } else {
            let Some(method) = protocol::lookup_special(object, &*Str::intern("__fspath__")?)? else {
                return Err(wrong());
            };
            let result = protocol::call0(&method)?;
            if !result.isinstance::<Str>() && !result.isinstance::<Bytes>() {
                let (name, got) = (object.ty().full_name(), result.ty().full_name());
                return Err(raise!(TypeError, "expected {name}.__fspath__() to return str or bytes, not {got}"));
            }
            path.object = Some(result.clone());
            result
        };
        if let Some(text) = object.downcast::<Str>() {
            path.text = CText::new(encode(text)?)?;
            if path.text.is_none() {
                return Err(raise!(ValueError, "embedded null byte"));
            }
        } else if let Some(bytes) = object.downcast::<Bytes>() {
            path.is_bytes = true;
            path.text = CText::new(Buffer::from_slice(bytes.as_slice())?)?;
            if path.text.is_none() {
                return Err(raise!(ValueError, "{function}: embedded null character in {argument}"));
            }
        }
        Ok(path)
    }

    /// The path as a C string; a null pointer for a file descriptor.
    pub fn as_ptr(&self) -> *const c_char {
        self.text.as_ref().map_or(std::ptr::null(), CText::as_ptr)
    }

    /// The bytes of the path.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_ref().map_or(&[], CText::as_bytes)
    }

    /// Raises the OSError of the last system call, with the path.
    #[cold]
    pub fn error(&self) -> Raised {
        self.error_of(errno())
    }

    /// Raises an OSError with the path.
    #[cold]
    pub fn error_of(&self, errno: i32) -> Raised {
        raise_os_error(errno, self.object.as_deref())
    }

    /// Raises the OSError of the last system call, about two paths.
    #[cold]
    pub fn error_with(&self, other: &Path) -> Raised {
        raise_os_error_two(errno(), self.object.as_deref(), other.object.as_deref())
    }

    /// Refuses a file descriptor together with `dir_fd`.
    pub fn check_dir_fd(&self, dir_fd: DirFd) -> Result<(), Raised> {
        if self.fd.is_some() && dir_fd.0 != libc::AT_FDCWD {
            return Err(raise!(ValueError, "{}: can't specify dir_fd without matching path", self.function));
        }
        Ok(())
    }

    /// Refuses a file descriptor together with `follow_symlinks=False`.
    pub fn check_follow(&self, follow: bool) -> Result<(), Raised> {
        if self.fd.is_some() && !follow {
            return Err(raise!(ValueError, "{}: cannot use fd and follow_symlinks together", self.function));
        }
        Ok(())
    }

    /// A name that the system gave, as str or bytes after the kind of this path.
    pub fn name(&self, name: &[u8]) -> Result<Ref, Raised> {
        if self.is_bytes {
            return Ok(Bytes::new(name)?.into_object());
        }
        Ok(decode(name)?.into_object())
    }
}

/// What is said of an object that is no path.
#[cold]
fn wrong_text(function: &str, argument: &str, allow: Allow, object: &Object) -> String {
    let name = object.ty().full_name();
    let name = name.rsplit_once('.').map_or(name, |(_, last)| last);
    format!("{function}: {argument} should be {}, not {name}", allow.expected())
}

/// An integer as a file descriptor that a path or directory stands for.
fn dir_fd_number(object: &Object) -> Result<i32, Raised> {
    let value = protocol::number::index(object)?;
    match value.to_i64().map(i32::try_from) {
        Some(Ok(fd)) => Ok(fd),
        _ if value.is_negative() => Err(raise!(OverflowError, "fd is less than minimum")),
        _ => Err(raise!(OverflowError, "fd is greater than maximum")),
    }
}

/// The argument `dir_fd`: a directory's file descriptor, or None for the current directory.
#[derive(Clone, Copy)]
pub struct DirFd(pub i32);

impl DirFd {
    /// What audit hooks are told: -1 for the current directory.
    pub fn shown(self) -> i32 {
        if self.0 == libc::AT_FDCWD { -1 } else { self.0 }
    }
}

/// No directory was given.
pub const CURRENT: DirFd = DirFd(libc::AT_FDCWD);

impl<'a> FromArg<'a> for DirFd {
    fn from_arg(object: &'a Object, _: &Signature, _: usize) -> Result<DirFd, Raised> {
        if habu_runtime::types::singletons::is_none(object) {
            return Ok(CURRENT);
        }
        if !is_index(object) {
            return Err(raise!(TypeError, "argument should be integer or None, not {}", object.ty().full_name()));
        }
        dir_fd_number(object).map(DirFd)
    }
}

/// A user's or group's number as an argument; -1 stands for "leave it".
pub struct Id(pub u32);

/// Converts a user's or group's number; `kind` is "uid" or "gid".
pub fn id(object: &Object, kind: &str) -> Result<Id, Raised> {
    if !is_index(object) {
        return Err(raise!(TypeError, "{kind} should be integer, not {}", object.ty().full_name()));
    }
    let value = protocol::number::index(object)?;
    match value.to_i64() {
        Some(-1) => Ok(Id(u32::MAX)),
        Some(value) => match u32::try_from(value) {
            Ok(value) => Ok(Id(value)),
            // What a C long holds is cut first, and then differs: CPython says this of large numbers too.
            Err(_) => Err(raise!(OverflowError, "{kind} is less than minimum")),
        },
        None if value.is_negative() => Err(raise!(OverflowError, "{kind} is less than minimum")),
        None => Err(raise!(OverflowError, "{kind} is greater than maximum")),
    }
}

impl habu_runtime::object::IntoObject for Id {
    fn into_object(self) -> Result<Ref, Raised> {
        let number = match self.0 {
            u32::MAX => habu_runtime::types::int::Int::from_i64(-1),
            number => habu_runtime::types::int::Int::from_u64(number.into()),
        };
        Ok(number?.into_object())
    }
}
