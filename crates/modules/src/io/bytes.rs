//! `BytesIO`: a stream of bytes in memory.
//!
//! While a buffer is lent (`getbuffer`) the bytes neither move nor change their number.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::protocol;
use habu_runtime::object::slots::BufferView;
use habu_runtime::object::{Field, Object, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::buffer::{ByteView, fill};
use habu_runtime::types::bytes::{Bytes, WrittenBytes};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;

use super::base::BUFFERED_IO_BASE_TYPE;
use super::{size_argument, writable_error};

/// A stream of bytes in memory.
#[pytype(
    name = "_io.BytesIO",
    doc = "BytesIO(initial_bytes=b'')\n--\n\nBuffered I/O implementation using an in-memory bytes buffer.",
    gc, unfinalized, basetype, base = BUFFERED_IO_BASE_TYPE, dict = dict, weaklist = weaklist
)]
pub struct BytesIo {
    base: Object,
    bytes: WrittenBytes,
    pos: Cell<usize>,
    #[traverse]
    dict: Field<Dict>,
    weaklist: Cell<*const Object>,
    exports: Cell<usize>,
}

habu_runtime::assert_layout!(BytesIo, size 64, dict @ 40, weaklist @ 48);

impl BytesIo {
    fn check(&self) -> Result<(), Raised> {
        if self.bytes.is_closed() {
            return Err(raise!(ValueError, "I/O operation on closed file."));
        }
        Ok(())
    }

    fn check_exports(&self) -> Result<(), Raised> {
        self.check()?;
        if self.exports.get() > 0 {
            return Err(raise!(BufferError, "Existing exports of data: object cannot be re-sized"));
        }
        Ok(())
    }

    fn take(&self, most: usize) -> Result<Ref<Bytes>, Raised> {
        let length = self.bytes.len();
        let from = self.pos.get().min(length);
        let to = from.saturating_add(most).min(length);
        if from < to {
            self.pos.set(to);
        }
        // All of it is given away as it is.
        if from == 0
            && to == length
            && length > 1
            && self.exports.get() == 0
            && let Some(whole) = self.bytes.whole()
        {
            return Ok(whole);
        }
        self.bytes.lend(|bytes| Bytes::new(&bytes[from..to]))
    }

    fn take_line(&self, limit: isize) -> Result<Ref<Bytes>, Raised> {
        let length = self.bytes.lend(|bytes| {
            let rest = bytes.get(self.pos.get()..).unwrap_or(&[]);
            let rest = &rest[..rest.len().min(usize::try_from(limit).unwrap_or(usize::MAX))];
            memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1)
        });
        self.take(length)
    }

    fn put(&self, data: &[u8]) -> Result<usize, Raised> {
        if data.is_empty() {
            return Ok(0);
        }
        let pos = self.pos.get();
        self.bytes.write(pos, data)?;
        self.pos.set(pos + data.len());
        Ok(data.len())
    }
}

#[pymethods]
impl BytesIo {
    #[slot(tp_new)]
    fn new(cls: &Type) -> Result<Ref<BytesIo>, Raised> {
        habu_runtime::object::instantiate(
            cls,
            BytesIo {
                base: Object::header(cls),
                bytes: WrittenBytes::new(),
                pos: Cell::new(0),
                dict: Field::empty(),
                weaklist: Cell::new(std::ptr::null()),
                exports: Cell::new(0),
            },
        )
    }

    #[slot(tp_init)]
    #[signature(initial_bytes = None)]
    fn init(&self, initial_bytes: Option<&Object>) -> Result<(), Raised> {
        if self.exports.get() > 0 {
            return Err(raise!(BufferError, "Existing exports of data: object cannot be re-sized"));
        }
        if self.bytes.is_closed() {
            self.bytes.set(Some(Bytes::empty()));
        }
        self.bytes.restart();
        self.pos.set(0);
        let Some(initial) = initial_bytes.filter(|initial| !is_none(initial)) else { return Ok(()) };
        match initial.downcast_exact::<Bytes>() {
            Some(initial) => self.bytes.set(Some(Ref::from_borrowed(initial))),
            None => {
                BytesIo::write(self, initial)?;
                self.pos.set(0);
            }
        }
        Ok(())
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        self.check()?;
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        self.check()?;
        let line = self.take_line(-1)?;
        Ok(if line.len() == 0 { None } else { Some(line.into_object()) })
    }

    /// Returns True if the IO object can be read.
    fn readable(&self) -> Result<bool, Raised> {
        self.check().map(|()| true)
    }

    /// Returns True if the IO object can be seeked.
    fn seekable(&self) -> Result<bool, Raised> {
        self.check().map(|()| true)
    }

    /// Returns True if the IO object can be written.
    fn writable(&self) -> Result<bool, Raised> {
        self.check().map(|()| true)
    }

    /// Disable all I/O operations.
    fn close(&self) -> Result<(), Raised> {
        if self.exports.get() > 0 {
            return Err(raise!(BufferError, "Existing exports of data: object cannot be re-sized"));
        }
        self.bytes.set(None);
        Ok(())
    }

    /// Does nothing.
    fn flush(&self) -> Result<(), Raised> {
        self.check()
    }

    /// Always returns False.
    ///
    /// BytesIO objects are not connected to a TTY-like device.
    fn isatty(&self) -> Result<bool, Raised> {
        self.check().map(|()| false)
    }

    /// Current file position, an integer.
    fn tell(&self) -> Result<usize, Raised> {
        self.check()?;
        Ok(self.pos.get())
    }

    /// Write bytes to file.
    ///
    /// Return the number of bytes written.
    fn write(&self, b: &Object) -> Result<usize, Raised> {
        self.check_exports()?;
        if let Some(data) = b.downcast_exact::<Bytes>() {
            return self.put(data.as_slice());
        }
        let data = ByteView::new(b)?;
        if b.is_exact::<BytesIoBuffer>() {
            return self.put(&data.to_buffer()?);
        }
        self.check_exports()?;
        self.put(data.as_slice())
    }

    /// Write lines to the file.
    ///
    /// Note that newlines are not added.  lines can be any iterable object
    /// producing bytes-like objects. This is equivalent to calling write() for
    /// each element.
    fn writelines(&self, lines: &Object) -> Result<(), Raised> {
        self.check()?;
        protocol::for_each(lines, |line| BytesIo::write(self, &line).map(drop))
    }

    /// Read at most size bytes, returned as a bytes object.
    ///
    /// If the size argument is negative or omitted, read until EOF is reached.
    /// Return an empty bytes object at EOF.
    #[signature(size = -1, /)]
    fn read1(&self, size: isize) -> Result<Ref<Bytes>, Raised> {
        self.check()?;
        self.take(usize::try_from(size).unwrap_or(usize::MAX))
    }

    /// Read bytes into buffer.
    ///
    /// Returns number of bytes read (0 for EOF), or None if the object
    /// is set not to block and has no data to read.
    fn readinto(&self, buffer: &Object) -> Result<usize, Raised> {
        self.check()?;
        let view = ByteView::writable(buffer).map_err(|raised| writable_error(raised, "readinto", buffer))?;
        self.check()?;
        let bytes = self.take(view.len())?;
        view.write(0, bytes.as_slice());
        Ok(bytes.len())
    }

    /// Next line from the file, as a bytes object.
    ///
    /// Retain newline.  A non-negative size argument limits the maximum
    /// number of bytes to return (an incomplete line may be returned then).
    /// Return an empty bytes object at EOF.
    #[signature(size = None, /)]
    #[shown("($self, size=-1, /)")]
    fn readline(&self, size: Option<&Object>) -> Result<Ref<Bytes>, Raised> {
        let size = size_argument(size)?;
        self.check()?;
        self.take_line(size)
    }

    /// List of bytes objects, each a line from the file.
    ///
    /// Call readline() repeatedly and return a list of the lines so read.
    /// The optional size argument, if given, is an approximate bound on the
    /// total number of bytes in the lines returned.
    #[signature(size = None, /)]
    fn readlines(&self, size: Option<&Object>) -> Result<Ref<List>, Raised> {
        let most = size_argument(size)?;
        self.check()?;
        let lines = List::new()?;
        let mut total = 0;
        loop {
            let line = self.take_line(-1)?;
            if line.len() == 0 {
                return Ok(lines);
            }
            total += line.len() as isize;
            lines.push(line.into_object())?;
            if most > 0 && total >= most {
                return Ok(lines);
            }
        }
    }

    /// Read at most size bytes, returned as a bytes object.
    ///
    /// If the size argument is negative, read until EOF is reached.
    /// Return an empty bytes object at EOF.
    #[signature(size = None, /)]
    #[shown("($self, size=-1, /)")]
    fn read(&self, size: Option<&Object>) -> Result<Ref<Bytes>, Raised> {
        let size = size_argument(size)?;
        self.check()?;
        self.take(usize::try_from(size).unwrap_or(usize::MAX))
    }

    /// Get a read-write view over the contents of the BytesIO object.
    fn getbuffer(&self) -> Result<Ref, Raised> {
        self.check()?;
        let lender = habu_runtime::object::create(BytesIoBuffer {
            base: Object::of::<BytesIoBuffer>(),
            source: Field::new(Ref::from_borrowed(self)),
        })?;
        Ok(habu_runtime::types::memoryview::MemoryView::new(&lender)?.into_object())
    }

    /// Retrieve the entire contents of the BytesIO object.
    fn getvalue(&self) -> Result<Ref<Bytes>, Raised> {
        self.check()?;
        if self.exports.get() > 0 {
            return self.bytes.lend(Bytes::new);
        }
        self.bytes.value()
    }

    /// Change stream position.
    ///
    /// Seek to byte offset pos relative to position indicated by whence:
    ///      0  Start of stream (the default).  pos should be >= 0;
    ///      1  Current position - pos may be negative;
    ///      2  End of stream - pos usually negative.
    /// Returns the new absolute position.
    #[signature(pos, whence = 0, /)]
    fn seek(&self, pos: isize, whence: i32) -> Result<usize, Raised> {
        self.check()?;
        if pos < 0 && whence == 0 {
            return Err(raise!(ValueError, "negative seek value {pos}"));
        }
        let start = match whence {
            0 => 0,
            1 => self.pos.get(),
            2 => self.bytes.len(),
            _ => return Err(raise!(ValueError, "invalid whence ({whence}, should be 0, 1 or 2)")),
        };
        let Some(place) = (start as isize).checked_add(pos) else {
            return Err(raise!(OverflowError, "new position too large"));
        };
        self.pos.set(place.max(0) as usize);
        Ok(self.pos.get())
    }

    /// Truncate the file to at most size bytes.
    ///
    /// Size defaults to the current file position, as returned by tell().
    /// The current file position is unchanged.  Returns the new size.
    #[signature(size = None, /)]
    fn truncate(&self, size: Option<&Object>) -> Result<usize, Raised> {
        self.check_exports()?;
        let size = match size.filter(|size| !is_none(size)) {
            None => self.pos.get(),
            Some(size) => {
                let size = size_argument(Some(size))?;
                self.check_exports()?;
                match usize::try_from(size) {
                    Ok(size) => size,
                    Err(_) => return Err(raise!(ValueError, "negative size value {size}")),
                }
            }
        };
        self.bytes.truncate(size)?;
        Ok(size)
    }

    #[name = "__getstate__"]
    #[no_signature]
    fn getstate(&self) -> Result<Ref<Tuple>, Raised> {
        let value = self.getvalue()?.into_object();
        let dict = match habu_runtime::types::dict::instance::dictionary(self)? {
            dict if dict.len() > 0 => dict.copy()?.into_object(),
            _ => habu_runtime::types::none(),
        };
        Tuple::from_refs([value, Int::from_u64(self.pos.get() as u64)?.into_object(), dict])
    }

    #[name = "__setstate__"]
    #[no_signature]
    fn setstate(&self, state: &Object) -> Result<(), Raised> {
        let Some([value, place, dict]) = state.downcast::<Tuple>().map(Tuple::as_slice) else {
            let (name, got) = (self.ty().full_name(), state.ty().full_name());
            return Err(raise!(TypeError, "{name}.__setstate__ argument should be 3-tuple, got {got}"));
        };
        self.check_exports()?;
        self.bytes.restart();
        self.pos.set(0);
        BytesIo::write(self, value)?;
        if !place.isinstance::<Int>() {
            return Err(raise!(TypeError, "second item of state must be an integer, not {}", place.ty().full_name()));
        }
        let place = protocol::number::index_as_size(place, Some(habu_runtime::exceptions::exc::OverflowError()))?;
        match usize::try_from(place) {
            Ok(place) => self.pos.set(place),
            Err(_) => return Err(raise!(ValueError, "position value cannot be negative")),
        }
        if !is_none(dict) {
            let Some(dict) = dict.downcast::<Dict>() else {
                return Err(raise!(TypeError, "third item of state should be a dict, got a {}", dict.ty().full_name()));
            };
            habu_runtime::types::dict::instance::dictionary(self)?.update_from(dict)?;
        }
        Ok(())
    }

    #[name = "__sizeof__"]
    #[no_signature]
    fn size_of(&self) -> Result<usize, Raised> {
        Ok(self.ty().tp_basicsize.get() as usize + self.bytes.own_size())
    }

    /// True if the file is closed.
    #[getter]
    fn closed(&self) -> Result<bool, Raised> {
        Ok(self.bytes.is_closed())
    }
}

/// What lends the bytes of a BytesIO to memory views.
#[pytype(name = "_io._BytesIOBuffer", c_name = "_PyBytesIOBuffer_Type", doc = "", gc)]
pub struct BytesIoBuffer {
    base: Object,
    #[traverse]
    source: Field<BytesIo>,
}

#[pymethods]
impl BytesIoBuffer {
    #[slot(bf_getbuffer)]
    fn get_buffer(&self, view: *mut BufferView, flags: i32) -> Result<(), Raised> {
        let Some(source) = self.source.get() else {
            return Err(raise!(BufferError, "the BytesIO object is gone"));
        };
        let (start, length) = (source.bytes.exported()?, source.bytes.len());
        // SAFETY: the caller gives room for a view; the bytes stay while `exports` is not 0, which the stream's methods heed.
        unsafe { fill(view, self, start, length, false, flags) }?;
        source.exports.set(source.exports.get() + 1);
        Ok(())
    }

    #[slot(bf_releasebuffer)]
    fn release_buffer(&self, _view: *mut BufferView) {
        if let Some(source) = self.source.get() {
            source.exports.set(source.exports.get().saturating_sub(1));
        }
    }
}
