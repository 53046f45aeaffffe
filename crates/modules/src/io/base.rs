//! The abstract classes of streams: `_IOBase`, `_RawIOBase`, `_BufferedIOBase`, `_TextIOBase`.
//!
//! Their methods work through the methods of the instance, so that classes written in Python need to define few of them.

use std::cell::Cell;

use habu_heap::Buffer;
use habu_macros::{pymethods, pytype};
use habu_runtime::id;
use habu_runtime::object::protocol::{self, call_method};
use habu_runtime::object::{Field, Object, Raised, Ref, Stopped, Traverse, Type, Visit};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;

use super::{DEFAULT_BUFFER_SIZE, interned, size_argument, unsupported};

/// The abstract base class for all I/O classes.
///
/// This class provides dummy implementations for many methods that
/// derived classes can override selectively; the default implementations
/// represent a file that cannot be read, written or seeked.
///
/// Even though IOBase does not declare read, readinto, or write because
/// their signatures will vary, implementations and clients should
/// consider those methods part of the interface. Also, implementations
/// may raise UnsupportedOperation when operations they do not support are
/// called.
///
/// The basic type used for binary data read from or written to a file is
/// bytes. Other bytes-like objects are accepted as method arguments too.
/// In some cases (such as readinto), a writable object is required. Text
/// I/O classes work with str data.
///
/// Note that calling any method (except additional calls to close(),
/// which are ignored) on a closed stream should raise a ValueError.
///
/// IOBase (and its subclasses) support the iterator protocol, meaning
/// that an IOBase object can be iterated over yielding the lines in a
/// stream.
///
/// IOBase also supports the :keyword:`with` statement. In this example,
/// fp is closed after the suite of the with statement is complete:
///
/// with open('spam.txt', 'r') as fp:
///     fp.write('Spam and eggs!')
#[pytype(name = "_io._IOBase", gc, basetype, dict = dict, weaklist = weaklist)]
pub struct IoBase {
    base: Object,
    #[traverse]
    dict: Field<Dict>,
    weaklist: Cell<*const Object>,
}

habu_runtime::assert_layout!(IoBase, size 32);

impl IoBase {
    /// The fields of an instance of `cls`.
    pub fn fields(cls: &Type) -> IoBase {
        IoBase { base: Object::header(cls), dict: Field::empty(), weaklist: Cell::new(std::ptr::null()) }
    }
}

impl Traverse for IoBase {
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.dict.traverse(visit)
    }

    fn clear(&self) {
        self.dict.clear();
    }
}

/// Whether the stream says that it is closed.
pub fn is_closed(stream: &Object) -> Result<bool, Raised> {
    protocol::truth(&*protocol::get_attribute(stream, &*interned("closed")?)?)
}

/// Raises the ValueError of a closed stream.
pub fn check_closed(stream: &Object) -> Result<(), Raised> {
    if is_closed(stream)? {
        return Err(raise!(ValueError, "I/O operation on closed file."));
    }
    Ok(())
}

/// Checks that the method `question` of the stream says True; else it is `io.UnsupportedOperation` with the message.
fn check_ability(stream: &Object, question: &str, message: &str) -> Result<(), Raised> {
    let answer = call_method(stream, &*interned(question)?, &[])?;
    if !answer.is(&habu_runtime::types::boolean(true)) {
        return Err(unsupported(message));
    }
    Ok(())
}

/// Closes a stream that nobody refers to any more, unless it is closed.
pub fn finalize(stream: &Object) {
    habu_runtime::exceptions::keep_current(|| {
        let run = || -> Result<(), Raised> {
            let closed = match protocol::lookup_attribute(stream, &*interned("closed")?) {
                Ok(Some(closed)) => protocol::truth(&closed).unwrap_or_else(|raised| {
                    raised.clear();
                    false
                }),
                Ok(None) => false,
                Err(raised) => {
                    raised.clear();
                    false
                }
            };
            if closed {
                return Ok(());
            }
            let set =
                protocol::set_attribute(stream, &*interned("_finalizing")?, Some(&*habu_runtime::types::boolean(true)));
            if let Err(raised) = set {
                raised.clear();
            }
            call_method(stream, id!(close), &[]).map(drop)
        };
        // A destructor tells nobody of errors, but in development mode.
        if let Err(raised) = run() {
            if habu_runtime::threads::Thread::current().interpreter().config.flags.dev_mode {
                habu_runtime::exceptions::unraisable(raised, Some(stream));
            } else {
                raised.clear();
            }
        }
    });
}

/// Reads a line through `peek` and `read` of the stream, up to `limit` bytes where it is not negative.
fn read_line(stream: &Object, limit: isize) -> Result<Ref<Bytes>, Raised> {
    let peek = protocol::lookup_attribute(stream, &*interned("peek")?)?;
    let read = interned("read")?;
    let mut line = Buffer::<u8>::new();
    while limit < 0 || line.len() < limit as usize {
        let mut wanted = 1;
        if let Some(peek) = &peek {
            let ahead = protocol::call1(peek, &*Int::from_i64(1)?)?;
            let Some(ahead) = ahead.downcast::<Bytes>() else {
                let got = ahead.ty().full_name();
                return Err(raise!(OSError, "peek() should have returned a bytes object, not '{got}'"));
            };
            let bytes = ahead.as_slice();
            if !bytes.is_empty() {
                let most = if limit < 0 { bytes.len() } else { bytes.len().min(limit as usize - line.len()) };
                wanted = match bytes[..most].iter().position(|byte| *byte == b'\n') {
                    Some(at) => at + 1,
                    None => most,
                };
            }
        }
        let got = call_method(stream, &read, &[&*Int::from_u64(wanted as u64)?])?;
        let Some(bytes) = got.downcast::<Bytes>() else {
            let kind = got.ty().full_name();
            return Err(raise!(OSError, "read() should have returned a bytes object, not '{kind}'"));
        };
        if bytes.len() == 0 {
            break;
        }
        line.extend_from_slice(bytes.as_slice())?;
        if line.last() == Some(&b'\n') {
            break;
        }
    }
    Bytes::new(&line)
}

#[pymethods]
impl IoBase {
    #[slot(tp_new)]
    fn new(cls: &Type) -> Result<Ref<IoBase>, Raised> {
        habu_runtime::object::instantiate(cls, IoBase::fields(cls))
    }

    #[slot(tp_finalize)]
    fn del(&self) {
        finalize(self);
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        check_closed(self)?;
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let line = call_method(self, id!(readline), &[])?;
        Ok(if protocol::length(&line)? == 0 { None } else { Some(line) })
    }

    /// Change stream position.
    ///
    /// Change the stream position to the given byte offset. The offset is
    /// interpreted relative to the position indicated by whence.  Values
    /// for whence are:
    ///
    /// * 0 -- start of stream (the default); offset should be zero or positive
    /// * 1 -- current stream position; offset may be negative
    /// * 2 -- end of stream; offset is usually negative
    ///
    /// Return the new absolute position.
    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn seek(&self, _args: &[&Object]) -> Result<(), Raised> {
        Err(unsupported("seek"))
    }

    /// Return current stream position.
    fn tell(&self) -> Result<Ref, Raised> {
        call_method(self, id!(seek), &[&*Int::from_i64(0)?, &*Int::from_i64(1)?])
    }

    /// Truncate file to size bytes.
    ///
    /// File pointer is left unchanged. Size defaults to the current IO position
    /// as reported by tell(). Return the new size.
    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn truncate(&self, _args: &[&Object]) -> Result<(), Raised> {
        Err(unsupported("truncate"))
    }

    /// Flush write buffers, if applicable.
    ///
    /// This is not implemented for read-only and non-blocking streams.
    fn flush(&self) -> Result<(), Raised> {
        if self.marked_closed()? {
            return Err(raise!(ValueError, "I/O operation on closed file."));
        }
        Ok(())
    }

    /// Whether `close` of this class was called: an attribute of the instance says so.
    #[hidden]
    fn marked_closed(&self) -> Result<bool, Raised> {
        Ok(protocol::lookup_attribute(self, id!(__IOBase_closed))?.is_some())
    }

    /// Flush and close the IO object.
    ///
    /// This method has no effect if the file is already closed.
    fn close(&self) -> Result<(), Raised> {
        if self.marked_closed()? {
            return Ok(());
        }
        let flushed = call_method(self, &*interned("flush")?, &[]).map(drop);
        let name = interned("__IOBase_closed")?;
        let mark = || protocol::set_attribute(self, &name, Some(&*habu_runtime::types::boolean(true)));
        super::after(flushed, mark)
    }

    /// Return whether object supports random access.
    ///
    /// If False, seek(), tell() and truncate() will raise OSError.
    /// This method may need to do a test seek().
    fn seekable(&self) -> Result<bool, Raised> {
        Ok(false)
    }

    /// Return whether object was opened for reading.
    ///
    /// If False, read() will raise OSError.
    fn readable(&self) -> Result<bool, Raised> {
        Ok(false)
    }

    /// Return whether object was opened for writing.
    ///
    /// If False, write() will raise OSError.
    fn writable(&self) -> Result<bool, Raised> {
        Ok(false)
    }

    #[name = "_checkClosed"]
    #[no_signature]
    fn check_closed(&self) -> Result<(), Raised> {
        check_closed(self)
    }

    #[name = "_checkSeekable"]
    #[no_signature]
    fn check_seekable(&self) -> Result<bool, Raised> {
        check_ability(self, "seekable", "File or stream is not seekable.").map(|()| true)
    }

    #[name = "_checkReadable"]
    #[no_signature]
    fn check_readable(&self) -> Result<bool, Raised> {
        check_ability(self, "readable", "File or stream is not readable.").map(|()| true)
    }

    #[name = "_checkWritable"]
    #[no_signature]
    fn check_writable(&self) -> Result<bool, Raised> {
        check_ability(self, "writable", "File or stream is not writable.").map(|()| true)
    }

    /// Returns underlying file descriptor if one exists.
    ///
    /// An OSError is raised if the IO object does not use a file descriptor.
    fn fileno(&self) -> Result<(), Raised> {
        Err(unsupported("fileno"))
    }

    /// Return whether this is an 'interactive' stream.
    ///
    /// Return False if it can't be determined.
    fn isatty(&self) -> Result<bool, Raised> {
        check_closed(self)?;
        Ok(false)
    }

    #[name = "__enter__"]
    #[no_signature]
    fn enter(&self) -> Result<Ref, Raised> {
        check_closed(self)?;
        Ok(self.to_ref())
    }

    #[name = "__exit__"]
    #[varargs]
    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn exit(&self, _args: &[&Object]) -> Result<(), Raised> {
        call_method(self, id!(close), &[]).map(drop)
    }

    /// Read and return a line from the stream.
    ///
    /// If size is specified, at most size bytes will be read.
    ///
    /// The line terminator is always b'\n' for binary files; for text
    /// files, the newlines argument to open can be used to select the line
    /// terminator(s) recognized.
    #[signature(size = None, /)]
    #[shown("($self, size=-1, /)")]
    fn readline(&self, size: Option<&Object>) -> Result<Ref<Bytes>, Raised> {
        read_line(self, size_argument(size)?)
    }

    /// Return a list of lines from the stream.
    ///
    /// hint can be specified to control the number of lines read: no more
    /// lines will be read if the total size (in bytes/characters) of all
    /// lines so far exceeds hint.
    #[signature(hint = None, /)]
    #[shown("($self, hint=-1, /)")]
    fn readlines(&self, hint: Option<&Object>) -> Result<Ref<List>, Raised> {
        let hint = size_argument(hint)?;
        let lines = List::new()?;
        let iterator = protocol::iterator(self)?;
        let mut length = 0;
        while let Some(line) = protocol::next(&iterator)? {
            length += protocol::length(&line)? as isize;
            lines.push(line)?;
            if hint > 0 && length > hint {
                break;
            }
        }
        Ok(lines)
    }

    /// Write a list of lines to stream.
    ///
    /// Line separators are not added, so it is usual for each of the
    /// lines provided to have a line separator at the end.
    fn writelines(&self, lines: &Object) -> Result<(), Raised> {
        check_closed(self)?;
        let write = interned("write")?;
        protocol::for_each(lines, |line| call_method(self, &write, &[&line]).map(drop))
    }

    #[getter]
    #[name = "__dict__"]
    fn get_dict(&self) -> Result<Ref<Dict>, Raised> {
        habu_runtime::types::dict::instance::dictionary(self)
    }

    #[getter]
    fn closed(&self) -> Result<bool, Raised> {
        self.marked_closed()
    }
}

/// Base class for raw binary I/O.
#[pytype(name = "_io._RawIOBase", gc, basetype, base = IO_BASE_TYPE)]
pub struct RawIoBase {
    #[traverse]
    base: IoBase,
}

#[pymethods]
impl RawIoBase {
    #[signature(size = -1, /)]
    fn read(&self, size: isize) -> Result<Ref, Raised> {
        if size < 0 {
            return call_method(self, &*interned("readall")?, &[]);
        }
        let room = ByteArray::new(&[])?;
        room.resize(size as usize)?;
        let count = call_method(self, &*interned("readinto")?, &[&room])?;
        if is_none(&count) {
            return Ok(count);
        }
        let count = protocol::number::index_as_size(&count, Some(habu_runtime::exceptions::exc::ValueError()))?;
        let bytes = room.lend(|bytes| Bytes::new(bytes.get(..count.max(0) as usize).unwrap_or(bytes)));
        Ok(bytes?.into_object())
    }

    /// Read until EOF, using multiple read() call.
    fn readall(&self) -> Result<Ref, Raised> {
        let read = interned("read")?;
        let size = Int::from_i64(DEFAULT_BUFFER_SIZE as i64)?;
        let mut all = Buffer::<u8>::new();
        let mut any = false;
        loop {
            let part = call_method(self, &read, &[&size])?;
            if is_none(&part) {
                return if any { Ok(Bytes::new(&all)?.into_object()) } else { Ok(part) };
            }
            let Some(bytes) = part.downcast::<Bytes>() else {
                return Err(raise!(TypeError, "read() should return bytes"));
            };
            if bytes.len() == 0 {
                return Ok(Bytes::new(&all)?.into_object());
            }
            any = true;
            all.extend_from_slice(bytes.as_slice())?;
        }
    }

    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn readinto(&self, _args: &[&Object]) -> Result<(), Raised> {
        Err(habu_runtime::exceptions::raise_with_arguments(habu_runtime::exceptions::exc::NotImplementedError(), &[]))
    }

    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn write(&self, _args: &[&Object]) -> Result<(), Raised> {
        Err(habu_runtime::exceptions::raise_with_arguments(habu_runtime::exceptions::exc::NotImplementedError(), &[]))
    }
}

/// Base class for buffered IO objects.
///
/// The main difference with RawIOBase is that the read() method
/// supports omitting the size argument, and does not have a default
/// implementation that defers to readinto().
///
/// In addition, read(), readinto() and write() may raise
/// BlockingIOError if the underlying raw stream is in non-blocking
/// mode and not ready; unlike their raw counterparts, they will never
/// return None.
///
/// A typical implementation should not inherit from a RawIOBase
/// implementation, but wrap one.
#[pytype(name = "_io._BufferedIOBase", gc, basetype, base = IO_BASE_TYPE)]
pub struct BufferedIoBase {
    #[traverse]
    base: IoBase,
}

/// `readinto` and `readinto1` by `read` or `read1`.
fn read_into(stream: &Object, buffer: &Object, method: &str) -> Result<usize, Raised> {
    let view = ByteView::writable(buffer).map_err(|raised| super::writable_error(raised, "readinto", buffer))?;
    let size = Int::from_u64(view.len() as u64)?;
    let data = call_method(stream, &*interned(method)?, &[&size])?;
    let Some(bytes) = data.downcast::<Bytes>() else {
        return Err(raise!(TypeError, "read() should return bytes"));
    };
    if bytes.len() > view.len() {
        let (got, room) = (bytes.len(), view.len());
        return Err(raise!(ValueError, "read() returned too much data: {room} bytes requested, {got} returned"));
    }
    view.write(0, bytes.as_slice());
    Ok(bytes.len())
}

#[pymethods]
impl BufferedIoBase {
    /// Disconnect this buffer from its underlying raw stream and return it.
    ///
    /// After the raw stream has been detached, the buffer is in an unusable
    /// state.
    fn detach(&self) -> Result<(), Raised> {
        Err(unsupported("detach"))
    }

    /// Read and return up to n bytes.
    ///
    /// If the argument is omitted, None, or negative, read and
    /// return all data until EOF.
    ///
    /// If the argument is positive, and the underlying raw stream is
    /// not 'interactive', multiple raw reads may be issued to satisfy
    /// the byte count (unless EOF is reached first).
    /// However, for interactive raw streams (as well as sockets and pipes),
    /// at most one raw read will be issued, and a short result does not
    /// imply that EOF is imminent.
    ///
    /// Return an empty bytes object on EOF.
    ///
    /// Return None if the underlying raw stream was open in non-blocking
    /// mode and no data is available at the moment.
    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn read(&self, _args: &[&Object]) -> Result<(), Raised> {
        Err(unsupported("read"))
    }

    /// Read and return up to n bytes, with at most one read() call
    /// to the underlying raw stream. A short result does not imply
    /// that EOF is imminent.
    ///
    /// Return an empty bytes object on EOF.
    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn read1(&self, _args: &[&Object]) -> Result<(), Raised> {
        Err(unsupported("read1"))
    }

    fn readinto(&self, buffer: &Object) -> Result<usize, Raised> {
        read_into(self, buffer, "read")
    }

    fn readinto1(&self, buffer: &Object) -> Result<usize, Raised> {
        read_into(self, buffer, "read1")
    }

    /// Write the given buffer to the IO stream.
    ///
    /// Return the number of bytes written, which is always
    /// the length of b in bytes.
    ///
    /// Raise BlockingIOError if the buffer is full and the
    /// underlying raw stream cannot accept more data at the moment.
    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn write(&self, _args: &[&Object]) -> Result<(), Raised> {
        Err(unsupported("write"))
    }
}

/// Base class for text I/O.
///
/// This class provides a character and line based interface to stream
/// I/O. There is no readinto method because Python's character strings
/// are immutable.
#[pytype(name = "_io._TextIOBase", gc, basetype, base = IO_BASE_TYPE)]
pub struct TextIoBase {
    #[traverse]
    base: IoBase,
}

#[pymethods]
impl TextIoBase {
    /// Separate the underlying buffer from the TextIOBase and return it.
    ///
    /// After the underlying buffer has been detached, the TextIO is in an
    /// unusable state.
    #[no_signature]
    fn detach(&self) -> Result<(), Raised> {
        Err(unsupported("detach"))
    }

    /// Read at most n characters from stream.
    ///
    /// Read from underlying buffer until we have n characters or we hit EOF.
    /// If n is negative or omitted, read until EOF.
    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn read(&self, _args: &[&Object]) -> Result<(), Raised> {
        Err(unsupported("read"))
    }

    /// Read until newline or EOF.
    ///
    /// Returns an empty string if EOF is hit immediately.
    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn readline(&self, _args: &[&Object]) -> Result<(), Raised> {
        Err(unsupported("readline"))
    }

    /// Write string to stream.
    /// Returns the number of characters written (which is always equal to
    /// the length of the string).
    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn write(&self, _args: &[&Object]) -> Result<(), Raised> {
        Err(unsupported("write"))
    }

    /// Encoding of the text stream.
    ///
    /// Subclasses should override.
    #[getter]
    fn encoding(&self) -> Result<(), Raised> {
        Ok(())
    }

    /// Line endings translated so far.
    ///
    /// Only line endings translated during reading are considered.
    ///
    /// Subclasses should override.
    #[getter]
    fn newlines(&self) -> Result<(), Raised> {
        Ok(())
    }

    /// The error setting of the decoder or encoder.
    ///
    /// Subclasses should override.
    #[getter]
    fn errors(&self) -> Result<(), Raised> {
        Ok(())
    }
}

/// The name of a stream for its `repr`: its attribute `name`, or nothing.
pub fn shown_name(stream: &Object) -> Result<Option<Ref<Str>>, Raised> {
    match protocol::lookup_attribute(stream, id!(name)) {
        Ok(Some(name)) => protocol::repr(&name).map(Some),
        Ok(None) => Ok(None),
        Err(raised) => protocol::attribute::ignore(raised, habu_runtime::exceptions::exc::ValueError()),
    }
}
