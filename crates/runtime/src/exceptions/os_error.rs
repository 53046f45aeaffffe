//! OSError: its five arguments, the subclass that an errno chooses, and how it is raised from Rust.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::members::{members, object};
use super::methods::no_keywords;
use crate::exceptions::hierarchy::EXCEPTION_TYPE;
use crate::exceptions::{BaseException, exc, raise_object};
use crate::object::protocol::number::{has_index, index_as_size};
use crate::object::{Field, MemberDef, Object, PyType, Raised, Ref, Type, TypeMethods, protocol};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::singletons::is_none;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Base class for I/O related errors.
#[pytype(name = "OSError", gc, basetype, base = EXCEPTION_TYPE, flag = BASE_EXC_SUBCLASS)]
pub struct OsError {
    /// What every exception has.
    #[traverse(last)]
    pub base: BaseException,
    /// The error's number.
    #[traverse]
    pub errno: Field,
    /// What it means.
    #[traverse]
    pub strerror: Field,
    /// The file.
    #[traverse]
    pub filename: Field,
    /// The other file.
    #[traverse]
    pub filename2: Field,
    /// How much a BlockingIOError has written; -1 for not known.
    pub written: Cell<isize>,
}

crate::assert_layout!(OsError, size 112, errno @ 72, filename @ 88, written @ 104);
crate::ends_in_order!(OsError: errno, strerror, filename, filename2);

static MEMBERS: &[MemberDef] = members![
    object(c"errno", std::mem::offset_of!(OsError, errno), c"POSIX exception code"),
    object(c"strerror", std::mem::offset_of!(OsError, strerror), c"exception strerror"),
    object(c"filename", std::mem::offset_of!(OsError, filename), c"exception filename"),
    object(c"filename2", std::mem::offset_of!(OsError, filename2), c"second exception filename"),
];

/// Which subclass stands for an errno.
fn class_of_errno(errno: i64) -> Option<&'static Type> {
    Some(match i32::try_from(errno).ok()? {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => exc::BlockingIOError(),
        libc::EPIPE | libc::ESHUTDOWN => exc::BrokenPipeError(),
        libc::ECHILD => exc::ChildProcessError(),
        libc::ECONNABORTED => exc::ConnectionAbortedError(),
        libc::ECONNREFUSED => exc::ConnectionRefusedError(),
        libc::ECONNRESET => exc::ConnectionResetError(),
        libc::EEXIST => exc::FileExistsError(),
        libc::ENOENT => exc::FileNotFoundError(),
        libc::EISDIR => exc::IsADirectoryError(),
        libc::ENOTDIR => exc::NotADirectoryError(),
        libc::EINTR => exc::InterruptedError(),
        libc::EACCES | libc::EPERM => exc::PermissionError(),
        libc::ESRCH => exc::ProcessLookupError(),
        libc::ETIMEDOUT => exc::TimeoutError(),
        _ => return None,
    })
}

/// Whether `__init__` takes the arguments in: a subclass that has its own `__init__` but not its own `__new__` may be given
/// arguments that are not OSError's.
fn init_parses(cls: &Type) -> bool {
    let own = |slot: Option<usize>, ours: Option<usize>| slot != ours;
    let slots = const { <OsError as TypeMethods>::SLOTS };
    own(cls.tp_init.get().map(|slot| slot as usize), slots.tp_init.get().map(|slot| slot as usize))
        && !own(cls.tp_new.get().map(|slot| slot as usize), slots.tp_new.get().map(|slot| slot as usize))
}

impl OsError {
    /// Takes the arguments in: two to five of them are errno, strerror, filename, winerror, filename2.
    fn parse(&self, args: &Tuple) -> Result<(), Raised> {
        let mut kept = Ref::from_borrowed(args);
        if let 2..=5 = args.len() {
            if let Some(filename) = args.get(2).filter(|filename| !is_none(filename)) {
                if std::ptr::eq(self.ty(), exc::BlockingIOError()) && is_number(&filename) {
                    self.written.set(index_as_size(&filename, Some(exc::ValueError()))?);
                } else {
                    self.filename.set(Some(filename));
                    self.filename2.set(args.get(4).filter(|other| !is_none(other)));
                    kept = Tuple::from_slice(&args.as_slice()[..2])?;
                }
            }
            self.errno.set(args.get(0));
            self.strerror.set(args.get(1));
        }
        self.base.args.set(Some(kept));
        Ok(())
    }
}

/// Whether the object counts as a number (`PyNumber_Check`).
fn is_number(object: &Object) -> bool {
    has_index(object)
        || object.ty().number().is_some_and(|suite| suite.nb_int.get().is_some() || suite.nb_float.get().is_some())
}

#[pymethods(members = MEMBERS)]
impl OsError {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<OsError>, Raised> {
        let mut cls = cls;
        let parses = !init_parses(cls);
        if parses {
            no_keywords(cls, kwargs)?;
            if let 2..=5 = args.len()
                && std::ptr::eq(cls, exc::OSError())
                && let Some(errno) = args.as_slice()[0].downcast::<Int>().and_then(Int::to_i64)
            {
                cls = class_of_errno(errno).unwrap_or(cls);
            }
        }
        let this = crate::object::instantiate(
            cls,
            OsError {
                base: BaseException::fields(Tuple::empty()),
                errno: Field::empty(),
                strerror: Field::empty(),
                filename: Field::empty(),
                filename2: Field::empty(),
                written: Cell::new(-1),
            },
        )?;
        if parses {
            this.parse(args)?;
        }
        Ok(this)
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        if !init_parses(self.ty()) {
            return Ok(());
        }
        no_keywords(self.ty(), kwargs)?;
        self.parse(args)
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        let (errno, strerror) = (self.errno.get(), self.strerror.get());
        let or_none = |value: Option<Ref>| value.unwrap_or_else(crate::types::none);
        let mut text = protocol::TextBuilder::new();
        if errno.is_none() && strerror.is_none() && self.filename.is_empty() {
            return self.base.str();
        }
        if self.filename.is_empty() && (errno.is_none() || strerror.is_none()) {
            return self.base.str();
        }
        text.push_ascii("[Errno ")?;
        text.push(&*protocol::str(&or_none(errno))?)?;
        text.push_ascii("] ")?;
        text.push(&*protocol::str(&or_none(strerror))?)?;
        if let Some(filename) = self.filename.get() {
            text.push_ascii(": ")?;
            text.push(&*protocol::repr(&filename)?)?;
            if let Some(other) = self.filename2.get() {
                text.push_ascii(" -> ")?;
                text.push(&*protocol::repr(&other)?)?;
            }
        }
        text.finish()
    }

    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let mut args = self.base.arguments();
        if let ([errno, strerror], Some(filename)) = (args.as_slice(), self.filename.get()) {
            let (errno, strerror) = (errno.clone(), strerror.clone());
            args = match self.filename2.get() {
                // The winerror stands between the two.
                Some(other) => Tuple::from_refs([errno, strerror, filename, crate::types::none(), other])?,
                None => Tuple::from_refs([errno, strerror, filename])?,
            };
        }
        let cls = self.type_ref().into_object();
        match self.base.dict.get() {
            Some(dict) => Tuple::from_refs([cls, args.into_object(), dict.into_object()]),
            None => Tuple::from_refs([cls, args.into_object()]),
        }
    }

    #[getter]
    fn characters_written(&self) -> Result<isize, Raised> {
        match self.written.get() {
            -1 => Err(raise!(AttributeError, "characters_written")),
            written => Ok(written),
        }
    }

    #[setter]
    fn set_characters_written(&self, value: Option<&Object>) -> Result<(), Raised> {
        match value {
            Some(value) => self.written.set(index_as_size(value, Some(exc::ValueError()))?),
            None if self.written.get() == -1 => return Err(raise!(AttributeError, "characters_written")),
            None => self.written.set(-1),
        }
        Ok(())
    }
}

/// What the system says of an errno.
pub fn error_text(errno: i32) -> String {
    let mut buffer = [0u8; 256];
    // SAFETY: the buffer has the length that is told; the text in it ends with NUL.
    let failed = unsafe { libc::strerror_r(errno, buffer.as_mut_ptr().cast(), buffer.len()) };
    let text = std::ffi::CStr::from_bytes_until_nul(&buffer).map(|text| text.to_string_lossy().into_owned());
    match text {
        Ok(text) if failed == 0 || !text.is_empty() => text,
        _ => format!("Unknown error {errno}"),
    }
}

/// Raises the OSError of an errno, with the file that it is about.
#[cold]
pub fn raise_os_error(errno: i32, filename: Option<&Object>) -> Raised {
    raise_os_error_two(errno, filename, None)
}

/// Raises the OSError of an errno about two files.
#[cold]
pub fn raise_os_error_two(errno: i32, filename: Option<&Object>, other: Option<&Object>) -> Raised {
    let make = || -> Result<Ref, Raised> {
        let number = Int::from_i64(errno.into())?.into_object();
        let text = Str::new(&error_text(errno))?.into_object();
        let args = match (filename, other) {
            (None, _) => Tuple::from_refs([number, text])?,
            (Some(name), None) => Tuple::from_refs([number, text, name.to_ref()])?,
            (Some(name), Some(other)) => {
                Tuple::from_refs([number, text, name.to_ref(), crate::types::none(), other.to_ref()])?
            }
        };
        Ok(OsError::new(OsError::type_object(), &args, None)?.into_object())
    };
    match make() {
        Ok(exception) => raise_object(exception),
        Err(raised) => raised,
    }
}

/// Raises the OSError of the last system call's errno.
#[cold]
pub fn raise_last_os_error(filename: Option<&Object>) -> Raised {
    raise_os_error(std::io::Error::last_os_error().raw_os_error().unwrap_or(0), filename)
}

/// Raises the OSError of an error of Rust's standard library.
#[cold]
pub fn raise_io_error(error: &std::io::Error, filename: Option<&Object>) -> Raised {
    match error.raw_os_error() {
        Some(errno) => raise_os_error(errno, filename),
        None => raise!(OSError, "{error}"),
    }
}

const _: () = assert!(libc::EAGAIN == libc::EWOULDBLOCK);
