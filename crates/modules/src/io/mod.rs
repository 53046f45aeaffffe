//! The module `_io`: streams of bytes and text.
//!
//! `base` has the abstract classes, `file` descriptors as raw streams, `buffered` and `streams` the buffered ones, `bytes` and `string`
//! streams in memory, `text`, `decoder` and `newlines` the wrapper that makes text of bytes.

pub mod base;
pub mod buffered;
pub mod bytes;
pub mod decoder;
pub mod file;
pub mod newlines;
pub mod position;
pub mod streams;
pub mod string;
pub mod text;

use habu_heap::Buffer;
use habu_macros::pymodule;
use habu_runtime::exceptions::{exc, raise_object};
use habu_runtime::id;
use habu_runtime::object::protocol::{self, call_method};
use habu_runtime::object::{Object, PyType, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;

use crate::system::state;
use file::FileIo;

/// The size of buffers where nothing says another.
pub const DEFAULT_BUFFER_SIZE: usize = 8192;

/// The module.
pub struct Io;

/// The interned string of a name.
pub fn interned(name: &str) -> Result<Ref<Str>, Raised> {
    Str::intern(name)
}

/// Raises `io.UnsupportedOperation`.
#[cold]
pub fn unsupported(message: &str) -> Raised {
    let make = || -> Result<Raised, Raised> {
        let text = Str::new(message)?;
        match state::get("io.UnsupportedOperation")? {
            Some(kind) => Ok(raise_object(protocol::call1(&kind, &text)?)),
            None => Ok(raise!(OSError, "{message}")),
        }
    };
    make().unwrap_or_else(|raised| raised)
}

/// A size as an argument: None or nothing is -1.
pub fn size_argument(size: Option<&Object>) -> Result<isize, Raised> {
    match size.filter(|size| !is_none(size)) {
        None => Ok(-1),
        Some(size) if protocol::number::has_index(size) => {
            protocol::number::index_as_size(size, Some(exc::OverflowError()))
        }
        Some(size) => Err(raise!(TypeError, "argument should be integer or None, not '{}'", size.ty().full_name())),
    }
}

/// A place in a file as an argument.
pub fn offset_argument(object: &Object) -> Result<i64, Raised> {
    let value = protocol::number::index(object)?;
    match value.to_i64() {
        Some(value) => Ok(value),
        None => Err(raise!(OverflowError, "cannot fit '{}' into an offset-sized integer", object.ty().full_name())),
    }
}

/// A string as an argument that may be left out.
pub fn text_argument(object: Option<&Object>, function: &str, name: &str, default: &str) -> Result<Ref<Str>, Raised> {
    let Some(object) = object else { return Str::new(default) };
    match object.downcast::<Str>() {
        Some(text) => Ok(Ref::from_borrowed(text)),
        None => {
            let got = if is_none(object) { "None" } else { object.ty().full_name() };
            Err(raise!(TypeError, "{function}() argument '{name}' must be str, not {got}"))
        }
    }
}

/// A string or None as an argument.
pub fn optional_text(object: Option<&Object>, function: &str, name: &str) -> Result<Option<Ref<Str>>, Raised> {
    match object.filter(|object| !is_none(object)) {
        None => Ok(None),
        Some(object) => match object.downcast::<Str>() {
            Some(text) => Ok(Some(Ref::from_borrowed(text))),
            None => {
                let got = object.ty().full_name();
                Err(raise!(TypeError, "{function}() argument '{name}' must be str or None, not {got}"))
            }
        },
    }
}

/// The error of an argument that lends no memory to write to.
#[cold]
pub fn writable_error(raised: Raised, function: &str, object: &Object) -> Raised {
    raised.clear();
    raise!(
        TypeError,
        "{function}() argument must be read-write bytes-like object, not {}",
        habu_runtime::object::args::shown_type(object)
    )
}

/// A view of a bytearray, which keeps its size from being changed.
pub fn view_of(bytes: &ByteArray) -> Result<Ref, Raised> {
    Ok(habu_runtime::types::memoryview::MemoryView::new(bytes)?.into_object())
}

/// Runs `then` also where `first` failed; of two errors the first becomes the context of the second.
pub fn after(first: Result<(), Raised>, then: impl FnOnce() -> Result<(), Raised>) -> Result<(), Raised> {
    let Err(raised) = first else { return then() };
    let kept = raised.take();
    match then() {
        Ok(()) => Err(Thread::current().set_exception(kept)),
        Err(second) => {
            let second = second.take();
            if second.context.is_empty() && !std::ptr::eq(&*second, &*kept) {
                second.context.set(Some(kept));
            }
            Err(Thread::current().set_exception(second))
        }
    }
}

/// Makes a buffer longer by what was written behind its end.
///
/// # Safety
/// The buffer has room for `count` more bytes, which were written.
pub unsafe fn extend_length(buffer: &mut Buffer<u8>, count: usize) {
    let length = buffer.len() + count;
    debug_assert!(length <= buffer.capacity());
    // SAFETY: by the contract.
    unsafe { buffer.set_len(length) };
}

/// Calls `object.name()` and forgets the result.
fn tell(object: &Object, name: &str) -> Result<(), Raised> {
    call_method(object, &*interned(name)?, &[]).map(drop)
}

/// What a mode string of `open` asks for.
struct OpenMode {
    creating: bool,
    reading: bool,
    writing: bool,
    appending: bool,
    updating: bool,
    text: bool,
    binary: bool,
}

impl OpenMode {
    fn parse(mode: &Str) -> Result<OpenMode, Raised> {
        let mut parsed = OpenMode {
            creating: false,
            reading: false,
            writing: false,
            appending: false,
            updating: false,
            text: false,
            binary: false,
        };
        let invalid = || {
            let shown = protocol::repr(mode)?;
            Err(raise!(ValueError, "invalid mode: {shown}"))
        };
        for (index, code) in mode.chars().iter().enumerate() {
            let place = match char::from_u32(code) {
                Some('x') => &mut parsed.creating,
                Some('r') => &mut parsed.reading,
                Some('w') => &mut parsed.writing,
                Some('a') => &mut parsed.appending,
                Some('+') => &mut parsed.updating,
                Some('t') => &mut parsed.text,
                Some('b') => &mut parsed.binary,
                _ => return invalid(),
            };
            *place = true;
            if mode.chars().iter().take(index).any(|before| before == code) {
                return invalid();
            }
        }
        if parsed.text && parsed.binary {
            return Err(raise!(ValueError, "can't have text and binary mode at once"));
        }
        let kinds = [parsed.creating, parsed.reading, parsed.writing, parsed.appending];
        if kinds.iter().filter(|kind| **kind).count() != 1 {
            return Err(raise!(ValueError, "must have exactly one of create/read/write/append mode"));
        }
        Ok(parsed)
    }

    /// The mode of the raw stream.
    fn raw(&self) -> String {
        let mut mode = String::new();
        for (wanted, letter) in [
            (self.creating, 'x'),
            (self.reading, 'r'),
            (self.writing, 'w'),
            (self.appending, 'a'),
            (self.updating, '+'),
        ] {
            if wanted {
                mode.push(letter);
            }
        }
        mode
    }

    /// Refuses what is for text in binary mode.
    fn check_text_arguments(&self, given: [(bool, &str); 3]) -> Result<(), Raised> {
        match given.iter().find(|(given, _)| *given) {
            Some((_, name)) if self.binary => Err(raise!(ValueError, "binary mode doesn't take an {name} argument")),
            _ => Ok(()),
        }
    }
}

/// The arguments of `open` beside file and mode.
struct OpenArguments<'a> {
    buffering: i32,
    encoding: Option<Ref<Str>>,
    errors: Option<Ref<Str>>,
    newline: Option<Ref<Str>>,
    closefd: bool,
    opener: Option<&'a Object>,
}

/// The stream over a raw one that `open` gives.
fn stream_over(raw: &Ref<FileIo>, mode: &Str, wanted: &OpenMode, given: &OpenArguments<'_>) -> Result<Ref, Raised> {
    let terminal = given.buffering < 0 && raw.is_terminal();
    let line_buffering = given.buffering == 1 || terminal;
    if given.buffering == 1 && wanted.binary {
        crate::system::warn::warn(
            exc::RuntimeWarning(),
            format_args!(
                "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used"
            ),
            1,
            None,
        )?;
    }
    let size = match given.buffering {
        0 if !wanted.binary => return Err(raise!(ValueError, "can't have unbuffered text I/O")),
        0 => return Ok(raw.clone().into_object()),
        1 => raw.block_size() as isize,
        size if size < 0 => raw.block_size() as isize,
        size => size as isize,
    };
    let buffer = if wanted.updating {
        streams::BufferedRandom::over(raw, size)?.into_object()
    } else if wanted.reading {
        streams::BufferedReader::over(raw, size)?.into_object()
    } else {
        streams::BufferedWriter::over(raw, size)?.into_object()
    };
    if wanted.binary {
        return Ok(buffer);
    }
    let options = text::Options {
        encoding: given.encoding.clone(),
        errors: given.errors.clone(),
        newline: given.newline.clone(),
        line_buffering,
        write_through: false,
    };
    let wrapper = match text::TextIoWrapper::over(&buffer, &options) {
        Ok(wrapper) => wrapper,
        Err(raised) => return Err(close_after(raised, &buffer)),
    };
    protocol::set_attribute(&wrapper, id!(mode), Some(mode))?;
    Ok(wrapper.into_object())
}

/// Closes a stream because of an error, which stays.
fn close_after(raised: Raised, stream: &Object) -> Raised {
    match after(Err(raised), || tell(stream, "close")) {
        Ok(()) => Raised::set(),
        Err(raised) => raised,
    }
}

/// `open(...)`
fn open_stream(file: &Object, mode: &Str, given: &OpenArguments<'_>) -> Result<Ref, Raised> {
    let path = if protocol::number::has_index(file) { file.to_ref() } else { crate::system::text::fspath(file)? };
    let wanted = OpenMode::parse(mode)?;
    wanted.check_text_arguments([
        (given.encoding.is_some(), "encoding"),
        (given.errors.is_some(), "errors"),
        (given.newline.is_some(), "newline"),
    ])?;
    let raw = FileIo::open(&path, &*Str::new(&wanted.raw())?, given.closefd, given.opener)?;
    stream_over(&raw, mode, &wanted, given).map_err(|raised| close_after(raised, &raw))
}

/// A standard stream over a file descriptor that stays open: `mode` is "rb" or "wb".
pub fn create_stdio(
    fd: i32,
    mode: &str,
    name: &str,
    encoding: &str,
    errors: &str,
    line_buffering: bool,
) -> Result<Ref, Raised> {
    let writing = mode.starts_with('w');
    let unbuffered = writing && Thread::current().interpreter().config.flags.unbuffered;
    let raw = FileIo::open(&*Int::from_i64(fd.into())?, &*Str::new(mode)?, false, None)?;
    let shown = Str::new(name)?;
    protocol::set_attribute(&raw, id!(name), Some(&shown))?;
    let terminal = raw.is_terminal();
    let buffer = if unbuffered {
        raw.into_object()
    } else if writing {
        streams::BufferedWriter::over(&raw, DEFAULT_BUFFER_SIZE as isize)?.into_object()
    } else {
        streams::BufferedReader::over(&raw, DEFAULT_BUFFER_SIZE as isize)?.into_object()
    };
    let options = text::Options {
        encoding: Some(Str::new(encoding)?),
        errors: Some(Str::new(errors)?),
        newline: if writing { Some(Str::new("\n")?) } else { None },
        line_buffering: terminal || line_buffering,
        write_through: unbuffered,
    };
    let wrapper = text::TextIoWrapper::over(&buffer, &options)?;
    protocol::set_attribute(&wrapper, id!(mode), Some(&*Str::new(if writing { "w" } else { "r" })?))?;
    Ok(wrapper.into_object())
}

/// The io module provides the Python interfaces to stream handling. The
/// builtin open function is defined in this module.
///
/// At the top of the I/O hierarchy is the abstract base class IOBase. It
/// defines the basic interface to a stream. Note, however, that there is no
/// separation between reading and writing to streams; implementations are
/// allowed to raise an OSError if they do not support a given operation.
///
/// Extending IOBase is RawIOBase which deals simply with the reading and
/// writing of raw bytes to a stream. FileIO subclasses RawIOBase to provide
/// an interface to OS files.
///
/// BufferedIOBase deals with buffering on a raw byte stream (RawIOBase). Its
/// subclasses, BufferedWriter, BufferedReader, and BufferedRWPair buffer
/// streams that are readable, writable, and both respectively.
/// BufferedRandom provides a buffered interface to random access
/// streams. BytesIO is a simple stream of in-memory bytes.
///
/// Another IOBase subclass, TextIOBase, deals with the encoding and decoding
/// of streams into text. TextIOWrapper, which extends it, is a buffered text
/// interface to a buffered raw stream (`BufferedIOBase`). Finally, StringIO
/// is an in-memory stream for text.
///
/// Argument names are not part of the specification, and only the arguments
/// of open() are intended to be used as keyword arguments.
///
/// data:
///
/// DEFAULT_BUFFER_SIZE
///
///    An int containing the default buffer size used by the module's buffered
///    I/O classes. open() uses the file's blksize (as obtained by os.stat) if
///    possible.
#[pymodule(name = "_io")]
impl Io {
    /// Open file and return a stream.  Raise OSError upon failure.
    ///
    /// file is either a text or byte string giving the name (and the path
    /// if the file isn't in the current working directory) of the file to
    /// be opened or an integer file descriptor of the file to be
    /// wrapped. (If a file descriptor is given, it is closed when the
    /// returned I/O object is closed, unless closefd is set to False.)
    ///
    /// mode is an optional string that specifies the mode in which the file
    /// is opened. It defaults to 'r' which means open for reading in text
    /// mode.
    #[signature(
        file, mode = None, buffering = -1, encoding = None, errors = None, newline = None, closefd = true, opener = None
    )]
    #[shown(
        "($module, /, file, mode='r', buffering=-1, encoding=None,\n     errors=None, newline=None, closefd=True, opener=None)"
    )]
    #[expect(clippy::too_many_arguments, reason = "they are Python's")]
    fn open(
        file: &Object,
        mode: Option<&Object>,
        buffering: i32,
        encoding: Option<&Object>,
        errors: Option<&Object>,
        newline: Option<&Object>,
        closefd: bool,
        opener: Option<&Object>,
    ) -> Result<Ref, Raised> {
        let mode = text_argument(mode, "open", "mode", "r")?;
        let given = OpenArguments {
            buffering,
            encoding: optional_text(encoding, "open", "encoding")?,
            errors: optional_text(errors, "open", "errors")?,
            newline: optional_text(newline, "open", "newline")?,
            closefd,
            opener,
        };
        open_stream(file, &mode, &given)
    }

    /// Opens the provided file with the intent to import the contents.
    ///
    /// This may perform extra validation beyond open(), but is otherwise interchangeable
    /// with calling open(path, 'rb').
    #[signature(path)]
    fn open_code(path: &Str) -> Result<Ref, Raised> {
        let given =
            OpenArguments { buffering: -1, encoding: None, errors: None, newline: None, closefd: true, opener: None };
        open_stream(path, &*Str::new("rb")?, &given)
    }

    /// A helper function to choose the text encoding.
    ///
    /// When encoding is not None, this function returns it.
    /// Otherwise, this function returns the default text encoding
    /// (i.e. "locale" or "utf-8" depends on UTF-8 mode).
    ///
    /// This function emits an EncodingWarning if encoding is None and
    /// sys.flags.warn_default_encoding is true.
    ///
    /// This can be used in APIs with an encoding=None parameter.
    /// However, please consider using encoding="utf-8" for new APIs.
    #[signature(encoding, stacklevel = 2, /)]
    fn text_encoding(encoding: &Object, stacklevel: i32) -> Result<Ref, Raised> {
        if !is_none(encoding) {
            return Ok(encoding.to_ref());
        }
        let flags = &Thread::current().interpreter().config.flags;
        if flags.warn_default_encoding != 0 {
            crate::system::warn::warn(
                exc::EncodingWarning(),
                format_args!("'encoding' argument not specified"),
                stacklevel as isize,
                None,
            )?;
        }
        Ok(Str::new(if flags.utf8_mode != 0 { "utf-8" } else { "locale" })?.into_object())
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        module.set_int("DEFAULT_BUFFER_SIZE", DEFAULT_BUFFER_SIZE as i64)?;
        module.set("BlockingIOError", exc::BlockingIOError())?;
        let error = crate::system::new_exception("io", "UnsupportedOperation", &[exc::OSError(), exc::ValueError()])?;
        state::set("io.UnsupportedOperation", &error)?;
        module.set("UnsupportedOperation", &error)?;
        for ty in [
            base::IoBase::static_type(),
            base::RawIoBase::static_type(),
            base::BufferedIoBase::static_type(),
            base::TextIoBase::static_type(),
            FileIo::static_type(),
            bytes::BytesIo::static_type(),
            string::StringIo::static_type(),
            newlines::IncrementalNewlineDecoder::static_type(),
            streams::BufferedReader::static_type(),
            streams::BufferedWriter::static_type(),
            streams::BufferedRandom::static_type(),
            streams::BufferedRwPair::static_type(),
            text::TextIoWrapper::static_type(),
        ] {
            module.add_type(ty)?;
        }
        habu_runtime::types::type_::ready::ready_static(bytes::BytesIoBuffer::static_type())
    }
}
