//! The buffered streams: `BufferedReader`, `BufferedWriter`, `BufferedRandom`, `BufferedRWPair`.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::id;
use habu_runtime::object::descriptor_tables::{MemberDef, READONLY, T_BOOL, T_OBJECT};
use habu_runtime::object::protocol::call_method;
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::str::Str;

use super::base::{BUFFERED_IO_BASE_TYPE, is_closed};
use super::buffered::{Buffered, FINALIZING_OFFSET, Needs, RAW_OFFSET};
use super::{after, interned, size_argument, writable_error};

static MEMBERS: &[MemberDef] = &[
    MemberDef {
        name: c"raw".as_ptr(),
        kind: T_OBJECT,
        offset: RAW_OFFSET as isize,
        flags: READONLY,
        doc: std::ptr::null(),
    },
    MemberDef {
        name: c"_finalizing".as_ptr(),
        kind: T_BOOL,
        offset: FINALIZING_OFFSET as isize,
        flags: 0,
        doc: std::ptr::null(),
    },
];

/// What every buffered stream over one raw stream has.
macro_rules! common_methods {
    ($type:ident, $needs:expr) => {
        impl $type {
            /// What it needs of the raw stream.
            const NEEDS: Needs = $needs;

            /// A stream over `raw`.
            pub fn over(raw: &Object, size: isize) -> Result<Ref<$type>, Raised> {
                let cls = $type::type_object();
                let this = habu_runtime::object::instantiate(cls, $type { inner: Buffered::fields(cls) })?;
                this.inner.setup(raw, size, $type::NEEDS)?;
                Ok(this)
            }

            /// What the buffered streams share.
            pub fn inner(&self) -> &Buffered {
                &self.inner
            }
        }

        #[pymethods(table = COMMON)]
        impl $type {
            #[no_signature]
            fn detach(&self) -> Result<Ref, Raised> {
                self.inner.detach()
            }

            #[no_signature]
            fn close(&self) -> Result<(), Raised> {
                self.inner.close()
            }

            #[no_signature]
            fn seekable(&self) -> Result<Ref, Raised> {
                self.inner.ask("seekable")
            }

            #[no_signature]
            fn fileno(&self) -> Result<Ref, Raised> {
                self.inner.ask("fileno")
            }

            #[no_signature]
            fn isatty(&self) -> Result<Ref, Raised> {
                self.inner.ask("isatty")
            }

            #[name = "_dealloc_warn"]
            #[no_signature]
            fn dealloc_warn(&self, source: &Object) -> Result<(), Raised> {
                self.inner.dealloc_warn(source)
            }

            #[signature(target, whence = 0, /)]
            fn seek(&self, target: &Object, whence: i32) -> Result<i64, Raised> {
                self.inner.seek(target, whence)
            }

            #[no_signature]
            fn tell(&self) -> Result<i64, Raised> {
                self.inner.tell()
            }

            #[signature(pos = None, /)]
            fn truncate(&self, pos: Option<&Object>) -> Result<Ref, Raised> {
                self.inner.truncate(pos)
            }

            #[name = "__sizeof__"]
            #[no_signature]
            fn size_of(&self) -> Result<usize, Raised> {
                Ok(self.inner.size_of())
            }

            #[name = "__getstate__"]
            #[no_signature]
            fn getstate(&self) -> Result<(), Raised> {
                Err(raise!(TypeError, "cannot pickle '{}' object", self.ty().full_name()))
            }

            #[getter]
            fn closed(&self) -> Result<bool, Raised> {
                self.inner.closed()
            }

            #[getter]
            fn name(&self) -> Result<Ref, Raised> {
                self.inner.attribute("name")
            }

            #[getter]
            fn mode(&self) -> Result<Ref, Raised> {
                self.inner.attribute("mode")
            }
        }
    };
}

/// What the streams that read have.
macro_rules! reading_methods {
    ($type:ident) => {
        #[pymethods(table = READING)]
        impl $type {
            #[no_signature]
            fn readable(&self) -> Result<Ref, Raised> {
                self.inner.ask("readable")
            }

            #[signature(size = None, /)]
            #[shown("($self, size=-1, /)")]
            fn read(&self, size: Option<&Object>) -> Result<Option<Ref<Bytes>>, Raised> {
                self.inner.read(size_argument(size)?)
            }

            #[signature(size = 0, /)]
            fn peek(&self, size: isize) -> Result<Ref<Bytes>, Raised> {
                let _ = size;
                self.inner.peek()
            }

            #[signature(size = -1, /)]
            fn read1(&self, size: isize) -> Result<Ref<Bytes>, Raised> {
                self.inner.read1(size)
            }

            fn readinto(&self, buffer: &Object) -> Result<Option<usize>, Raised> {
                let view = ByteView::writable(buffer).map_err(|raised| writable_error(raised, "readinto", buffer))?;
                // SAFETY: the exporter keeps the memory in place while the view is held.
                unsafe { self.inner.read_into(view.pointer(), view.len(), false) }
            }

            fn readinto1(&self, buffer: &Object) -> Result<Option<usize>, Raised> {
                let view = ByteView::writable(buffer).map_err(|raised| writable_error(raised, "readinto1", buffer))?;
                // SAFETY: the exporter keeps the memory in place while the view is held.
                unsafe { self.inner.read_into(view.pointer(), view.len(), true) }
            }

            #[signature(size = None, /)]
            #[shown("($self, size=-1, /)")]
            fn readline(&self, size: Option<&Object>) -> Result<Ref<Bytes>, Raised> {
                self.inner.read_line(size_argument(size)?)
            }
        }

        impl $type {
            /// The next line; nothing at the end.
            fn next_line(&self) -> Result<Option<Ref>, Raised> {
                if self.is_exact::<$type>() {
                    if !self.inner.is_open_file() && self.inner.closed()? {
                        return Err(raise!(ValueError, "I/O operation on closed file."));
                    }
                    let line = self.inner.read_line(-1)?;
                    return Ok(Some(line.into_object())
                        .filter(|line| line.downcast::<Bytes>().is_some_and(|line| line.len() > 0)));
                }
                let line = call_method(self, id!(readline), &[])?;
                let Some(bytes) = line.downcast::<Bytes>() else {
                    let got = line.ty().full_name();
                    return Err(raise!(OSError, "readline() should have returned a bytes object, not '{got}'"));
                };
                Ok(if bytes.len() == 0 { None } else { Some(line) })
            }
        }
    };
}

/// What the streams that write have.
macro_rules! writing_methods {
    ($type:ident) => {
        #[pymethods(table = WRITING)]
        impl $type {
            #[no_signature]
            fn writable(&self) -> Result<Ref, Raised> {
                self.inner.ask("writable")
            }

            fn write(&self, buffer: &Object) -> Result<usize, Raised> {
                let view = ByteView::new(buffer)?;
                self.inner.write(view.as_slice())
            }

            #[no_signature]
            fn flush(&self) -> Result<(), Raised> {
                self.inner.flush()
            }
        }
    };
}

/// A stream that reads ahead of a raw stream.
#[pytype(
    name = "_io.BufferedReader",
    doc = "BufferedReader(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nCreate a new buffered reader using the given readable raw IO object.",
    gc, basetype, base = BUFFERED_IO_BASE_TYPE, dict = inner.dict, weaklist = inner.weaklist
)]
pub struct BufferedReader {
    #[traverse]
    inner: Buffered,
}

common_methods!(BufferedReader, Needs { read: true, write: false, seek: false });
reading_methods!(BufferedReader);

#[pymethods(with(COMMON, READING), members = MEMBERS)]
impl BufferedReader {
    #[slot(tp_new)]
    fn new(cls: &Type) -> Result<Ref<BufferedReader>, Raised> {
        habu_runtime::object::instantiate(cls, BufferedReader { inner: Buffered::fields(cls) })
    }

    #[slot(tp_init)]
    #[signature(raw, buffer_size = Buffered::DEFAULT)]
    fn init(&self, raw: &Object, buffer_size: isize) -> Result<(), Raised> {
        self.inner.setup(raw, buffer_size, BufferedReader::NEEDS)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        self.inner.repr()
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        self.next_line()
    }

    #[no_signature]
    fn flush(&self) -> Result<Ref, Raised> {
        self.inner.ask("flush")
    }
}

/// A stream that collects what is written to a raw stream.
#[pytype(
    name = "_io.BufferedWriter",
    doc = "BufferedWriter(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nA buffer for a writeable sequential RawIO object.\n\nThe constructor creates a BufferedWriter for the given writeable raw\nstream. If the buffer_size is not given, it defaults to\nDEFAULT_BUFFER_SIZE.",
    gc, basetype, base = BUFFERED_IO_BASE_TYPE, dict = inner.dict, weaklist = inner.weaklist
)]
pub struct BufferedWriter {
    #[traverse]
    inner: Buffered,
}

common_methods!(BufferedWriter, Needs { read: false, write: true, seek: false });
writing_methods!(BufferedWriter);

#[pymethods(with(COMMON, WRITING), members = MEMBERS)]
impl BufferedWriter {
    #[slot(tp_new)]
    fn new(cls: &Type) -> Result<Ref<BufferedWriter>, Raised> {
        habu_runtime::object::instantiate(cls, BufferedWriter { inner: Buffered::fields(cls) })
    }

    #[slot(tp_init)]
    #[signature(raw, buffer_size = Buffered::DEFAULT)]
    fn init(&self, raw: &Object, buffer_size: isize) -> Result<(), Raised> {
        self.inner.setup(raw, buffer_size, BufferedWriter::NEEDS)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        self.inner.repr()
    }
}

/// A stream that reads and writes, and moves about, over a raw stream.
#[pytype(
    name = "_io.BufferedRandom",
    doc = "BufferedRandom(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nA buffered interface to random access streams.\n\nThe constructor creates a reader and writer for a seekable stream,\nraw, given in the first argument. If the buffer_size is omitted it\ndefaults to DEFAULT_BUFFER_SIZE.",
    gc, basetype, base = BUFFERED_IO_BASE_TYPE, dict = inner.dict, weaklist = inner.weaklist
)]
pub struct BufferedRandom {
    #[traverse]
    inner: Buffered,
}

common_methods!(BufferedRandom, Needs { read: true, write: true, seek: true });
reading_methods!(BufferedRandom);
writing_methods!(BufferedRandom);

#[pymethods(with(COMMON, READING, WRITING), members = MEMBERS)]
impl BufferedRandom {
    #[slot(tp_new)]
    fn new(cls: &Type) -> Result<Ref<BufferedRandom>, Raised> {
        habu_runtime::object::instantiate(cls, BufferedRandom { inner: Buffered::fields(cls) })
    }

    #[slot(tp_init)]
    #[signature(raw, buffer_size = Buffered::DEFAULT)]
    fn init(&self, raw: &Object, buffer_size: isize) -> Result<(), Raised> {
        self.inner.setup(raw, buffer_size, BufferedRandom::NEEDS)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        self.inner.repr()
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        self.next_line()
    }
}

/// Two streams, one to read from and one to write to, as one.
#[pytype(
    name = "_io.BufferedRWPair",
    doc = "BufferedRWPair(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)\n--\n\nA buffered reader and writer object together.\n\nA buffered reader object and buffered writer object put together to\nform a sequential IO object that can read and write. This is typically\nused with a socket or two-way pipe.\n\nreader and writer are RawIOBase objects that are readable and\nwriteable respectively. If the buffer_size is omitted it defaults to\nDEFAULT_BUFFER_SIZE.",
    gc, basetype, base = BUFFERED_IO_BASE_TYPE, dict = dict, weaklist = weaklist
)]
pub struct BufferedRwPair {
    base: Object,
    #[traverse]
    reader: Field,
    #[traverse]
    writer: Field,
    #[traverse]
    dict: Field<Dict>,
    weaklist: Cell<*const Object>,
}

habu_runtime::assert_layout!(BufferedRwPair, size 48, dict @ 32, weaklist @ 40);

impl BufferedRwPair {
    fn call(&self, field: &Field, method: &str, args: &[&Object]) -> Result<Ref, Raised> {
        match field.get() {
            Some(stream) => call_method(&stream, &*interned(method)?, args),
            None => Err(raise!(ValueError, "I/O operation on uninitialized object")),
        }
    }
}

#[pymethods]
impl BufferedRwPair {
    #[slot(tp_new)]
    fn new(cls: &Type) -> Result<Ref<BufferedRwPair>, Raised> {
        habu_runtime::object::instantiate(
            cls,
            BufferedRwPair {
                base: Object::header(cls),
                reader: Field::empty(),
                writer: Field::empty(),
                dict: Field::empty(),
                weaklist: Cell::new(std::ptr::null()),
            },
        )
    }

    #[slot(tp_init)]
    #[signature(reader, writer, buffer_size = Buffered::DEFAULT, /)]
    fn init(&self, reader: &Object, writer: &Object, buffer_size: isize) -> Result<(), Raised> {
        for (stream, question, message) in [
            (reader, "readable", "File or stream is not readable."),
            (writer, "writable", "File or stream is not writable."),
        ] {
            let answer = call_method(stream, &*interned(question)?, &[])?;
            if !answer.is(&habu_runtime::types::boolean(true)) {
                return Err(super::unsupported(message));
            }
        }
        self.reader.set(Some(BufferedReader::over(reader, buffer_size)?.into_object()));
        self.writer.set(Some(BufferedWriter::over(writer, buffer_size)?.into_object()));
        Ok(())
    }

    #[signature(*args)]
    #[no_signature]
    #[varargs(unpack)]
    fn read(&self, args: &[&Object]) -> Result<Ref, Raised> {
        self.call(&self.reader, "read", args)
    }

    #[signature(*args)]
    #[no_signature]
    #[varargs(unpack)]
    fn peek(&self, args: &[&Object]) -> Result<Ref, Raised> {
        self.call(&self.reader, "peek", args)
    }

    #[signature(*args)]
    #[no_signature]
    #[varargs(unpack)]
    fn read1(&self, args: &[&Object]) -> Result<Ref, Raised> {
        self.call(&self.reader, "read1", args)
    }

    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn readinto(&self, args: &[&Object]) -> Result<Ref, Raised> {
        self.call(&self.reader, "readinto", args)
    }

    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn readinto1(&self, args: &[&Object]) -> Result<Ref, Raised> {
        self.call(&self.reader, "readinto1", args)
    }

    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn write(&self, args: &[&Object]) -> Result<Ref, Raised> {
        self.call(&self.writer, "write", args)
    }

    #[no_signature]
    fn flush(&self) -> Result<Ref, Raised> {
        self.call(&self.writer, "flush", &[])
    }

    #[no_signature]
    fn readable(&self) -> Result<Ref, Raised> {
        self.call(&self.reader, "readable", &[])
    }

    #[no_signature]
    fn writable(&self) -> Result<Ref, Raised> {
        self.call(&self.writer, "writable", &[])
    }

    #[no_signature]
    fn close(&self) -> Result<(), Raised> {
        let writer = self.call(&self.writer, "close", &[]).map(drop);
        after(writer, || self.call(&self.reader, "close", &[]).map(drop))
    }

    #[no_signature]
    fn isatty(&self) -> Result<Ref, Raised> {
        let writer = self.call(&self.writer, "isatty", &[])?;
        if writer.is(&habu_runtime::types::boolean(false)) {
            return self.call(&self.reader, "isatty", &[]);
        }
        Ok(writer)
    }

    #[getter]
    fn closed(&self) -> Result<bool, Raised> {
        match self.writer.get() {
            Some(writer) => is_closed(&writer),
            None => Err(raise!(RuntimeError, "the BufferedRWPair object is being garbage-collected")),
        }
    }
}

/// Whether the object is a stream of this file that reads, and exactly that.
pub fn as_reader(object: &Object) -> Option<&Buffered> {
    object
        .downcast_exact::<BufferedReader>()
        .map(BufferedReader::inner)
        .or_else(|| object.downcast_exact::<BufferedRandom>().map(BufferedRandom::inner))
}

/// Whether the object is a stream of this file that writes, and exactly that.
pub fn as_writer(object: &Object) -> Option<&Buffered> {
    object
        .downcast_exact::<BufferedWriter>()
        .map(BufferedWriter::inner)
        .or_else(|| object.downcast_exact::<BufferedRandom>().map(BufferedRandom::inner))
}
