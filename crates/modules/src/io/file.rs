//! `FileIO`: a file descriptor as a raw stream.

use std::cell::Cell;

use habu_heap::Buffer;
use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::{exc, raise_os_error};
use habu_runtime::id;
use habu_runtime::object::descriptor_tables::{MemberDef, T_BOOL, T_UINT};
use habu_runtime::object::protocol;
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;

use super::base::RAW_IO_BASE_TYPE;
use super::{size_argument, unsupported, writable_error};
use crate::system::blocking::{outside, retry, without_lock};
use crate::system::text::CText;
use crate::system::{c_int, errno};

/// A file descriptor as a raw stream.
#[pytype(
    name = "_io.FileIO", generic_get, doc = "FileIO(file, mode='r', closefd=True, opener=None)\n--\n\nOpen a file.\n\nThe mode can be 'r' (default), 'w', 'x' or 'a' for reading,\nwriting, exclusive creation or appending.  The file will be created if it\ndoesn't exist when opened for writing or appending; it will be truncated\nwhen opened for writing.  A FileExistsError will be raised if it already\nexists when opened for creating. Opening a file for creating implies\nwriting so this mode behaves in a similar way to 'w'.Add a '+' to the mode\nto allow simultaneous reading and writing. A custom opener can be used by\npassing a callable as *opener*. The underlying file descriptor for the file\nobject is then obtained by calling opener with (*name*, *flags*).\n*opener* must return an open file descriptor (passing os.open as *opener*\nresults in functionality similar to passing None).",
    gc, basetype, base = RAW_IO_BASE_TYPE, dict = dict, weaklist = weaklist
)]
pub struct FileIo {
    base: Object,
    fd: Cell<i32>,
    blksize: Cell<u32>,
    created: Cell<bool>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    appending: Cell<bool>,
    /// -1 not known, else whether it is.
    seekable: Cell<i8>,
    closefd: Cell<bool>,
    finalizing: Cell<bool>,
    weaklist: Cell<*const Object>,
    #[traverse]
    dict: Field<Dict>,
}

habu_runtime::assert_layout!(FileIo, size 48, weaklist @ 32, dict @ 40);

static MEMBERS: &[MemberDef] = &[
    MemberDef {
        name: c"_blksize".as_ptr(),
        kind: T_UINT,
        offset: std::mem::offset_of!(FileIo, blksize) as isize,
        flags: 0,
        doc: std::ptr::null(),
    },
    MemberDef {
        name: c"_finalizing".as_ptr(),
        kind: T_BOOL,
        offset: std::mem::offset_of!(FileIo, finalizing) as isize,
        flags: 0,
        doc: std::ptr::null(),
    },
];

/// What a mode asks for.
struct Mode {
    created: bool,
    readable: bool,
    writable: bool,
    appending: bool,
    flags: i32,
}

impl Mode {
    fn parse(mode: &Str) -> Result<Mode, Raised> {
        let mut parsed = Mode { created: false, readable: false, writable: false, appending: false, flags: 0 };
        let (mut kinds, mut plus, mut flags) = (0, 0, 0);
        for code in mode.chars().iter() {
            match char::from_u32(code) {
                Some('x') => {
                    kinds += 1;
                    parsed.created = true;
                    parsed.writable = true;
                    flags |= libc::O_EXCL | libc::O_CREAT;
                }
                Some('r') => {
                    kinds += 1;
                    parsed.readable = true;
                }
                Some('w') => {
                    kinds += 1;
                    parsed.writable = true;
                    flags |= libc::O_CREAT | libc::O_TRUNC;
                }
                Some('a') => {
                    kinds += 1;
                    parsed.writable = true;
                    parsed.appending = true;
                    flags |= libc::O_APPEND | libc::O_CREAT;
                }
                Some('+') => plus += 1,
                Some('b') => {}
                _ => return Err(raise!(ValueError, "invalid mode: {}", mode)),
            }
        }
        if kinds != 1 || plus > 1 {
            return Err(raise!(
                ValueError,
                "Must have exactly one of create/read/write/append mode and at most one plus"
            ));
        }
        if plus == 1 {
            parsed.readable = true;
            parsed.writable = true;
        }
        flags |= match (parsed.readable, parsed.writable) {
            (true, true) => libc::O_RDWR,
            (true, false) => libc::O_RDONLY,
            _ => libc::O_WRONLY,
        };
        parsed.flags = flags | libc::O_CLOEXEC;
        Ok(parsed)
    }
}

impl FileIo {
    /// A stream that is not open yet.
    pub fn unopened(cls: &Type) -> Result<Ref<FileIo>, Raised> {
        habu_runtime::object::instantiate(
            cls,
            FileIo {
                base: Object::header(cls),
                fd: Cell::new(-1),
                blksize: Cell::new(0),
                created: Cell::new(false),
                readable: Cell::new(false),
                writable: Cell::new(false),
                appending: Cell::new(false),
                seekable: Cell::new(-1),
                closefd: Cell::new(true),
                finalizing: Cell::new(false),
                weaklist: Cell::new(std::ptr::null()),
                dict: Field::empty(),
            },
        )
    }

    /// Opens a file, as the constructor does.
    pub fn open(file: &Object, mode: &Str, closefd: bool, opener: Option<&Object>) -> Result<Ref<FileIo>, Raised> {
        let this = FileIo::unopened(FileIo::type_object())?;
        this.initialise(file, mode, closefd, opener)?;
        Ok(this)
    }

    /// The descriptor, -1 when closed.
    pub fn fd(&self) -> i32 {
        self.fd.get()
    }

    /// Whether it may be read.
    pub fn is_readable(&self) -> bool {
        self.readable.get()
    }

    /// Whether it may be written.
    pub fn is_writable(&self) -> bool {
        self.writable.get()
    }

    /// The best size of a buffer, which the system tells.
    pub fn block_size(&self) -> u32 {
        self.blksize.get()
    }

    /// Whether it is a terminal.
    pub fn is_terminal(&self) -> bool {
        // SAFETY: a plain call.
        self.fd.get() >= 0 && unsafe { libc::isatty(self.fd.get()) } == 1
    }

    fn initialise(&self, file: &Object, mode: &Str, closefd: bool, opener: Option<&Object>) -> Result<(), Raised> {
        if self.fd.get() >= 0 {
            if self.closefd.get() {
                self.close_descriptor()?;
            } else {
                self.fd.set(-1);
            }
        }
        let mut number = -1;
        if file.isinstance::<Float>() {
            return Err(raise!(TypeError, "integer argument expected, got float"));
        }
        if protocol::number::has_index(file) {
            match c_int(file) {
                Ok(fd) if fd < 0 => return Err(raise!(ValueError, "negative file descriptor")),
                Ok(fd) => number = fd,
                // A number that is no descriptor is taken for a path, and refused as one.
                Err(raised) => raised.clear(),
            }
        }
        let path = if number < 0 { Some(CText::of_path(file)?) } else { None };
        let wanted = Mode::parse(mode)?;
        habu_runtime::audit!("open", file.to_ref(), mode.to_ref(), wanted.flags)?;
        self.created.set(wanted.created);
        self.readable.set(wanted.readable);
        self.writable.set(wanted.writable);
        self.appending.set(wanted.appending);
        self.seekable.set(-1);
        self.closefd.set(true);
        let mut opened_here = false;
        match &path {
            None => {
                self.fd.set(number);
                self.closefd.set(closefd);
            }
            Some(path) => {
                if !closefd {
                    return Err(raise!(ValueError, "Cannot use closefd=False with file name"));
                }
                let fd = match opener.filter(|opener| !is_none(opener)) {
                    None => {
                        // SAFETY: the path is a C string.
                        retry(unsafe { outside(|| libc::open(path.as_ptr(), wanted.flags, 0o666)) })?
                            .map_err(|failed| raise_os_error(failed, Some(file)))?
                    }
                    Some(opener) => {
                        let fd = protocol::call(opener, &[file, &*Int::from_i64(wanted.flags.into())?])?;
                        if !fd.isinstance::<Int>() {
                            return Err(raise!(TypeError, "expected integer from opener"));
                        }
                        let fd = c_int(&fd)?;
                        if fd < 0 {
                            return Err(raise!(ValueError, "opener returned {fd}"));
                        }
                        crate::posix::files::set_inheritable(fd, false)?;
                        fd
                    }
                };
                opened_here = true;
                self.fd.set(fd);
            }
        }
        let done = self.inspect(file).and_then(|()| {
            protocol::set_attribute(self, id!(name), Some(file))?;
            if wanted.appending {
                // What cannot be told its place is appended to all the same.
                let fd = self.fd.get();
                // SAFETY: a plain call.
                let end = without_lock(|| unsafe { libc::lseek(fd, 0, libc::SEEK_END) });
                if end >= 0 {
                    self.seekable.set(1);
                } else if errno() != libc::ESPIPE {
                    return Err(crate::system::last_error());
                }
            }
            Ok(())
        });
        if let Err(raised) = done {
            if !opened_here {
                self.fd.set(-1);
            } else {
                habu_runtime::exceptions::keep_current(|| {
                    let _ = self.close_descriptor().map_err(Raised::clear);
                });
            }
            return Err(raised);
        }
        Ok(())
    }

    /// Refuses folders, and asks for the best size of a buffer.
    fn inspect(&self, file: &Object) -> Result<(), Raised> {
        self.blksize.set(super::DEFAULT_BUFFER_SIZE as u32);
        let fd = self.fd.get();
        // SAFETY: the structure is plain data that the call fills.
        let (stat, result) = without_lock(|| unsafe {
            let mut stat = std::mem::zeroed::<libc::stat>();
            let result = libc::fstat(fd, &mut stat);
            (stat, result)
        });
        if result < 0 {
            let failed = errno();
            return if failed == libc::EBADF { Err(raise_os_error(failed, None)) } else { Ok(()) };
        }
        if stat.st_mode & libc::S_IFMT == libc::S_IFDIR {
            return Err(raise_os_error(libc::EISDIR, Some(file)));
        }
        if stat.st_blksize > 1 {
            self.blksize.set(stat.st_blksize as u32);
        }
        Ok(())
    }

    fn close_descriptor(&self) -> Result<(), Raised> {
        let fd = self.fd.replace(-1);
        if fd >= 0 {
            // SAFETY: the descriptor is this stream's own.
            let result = without_lock(|| unsafe { libc::close(fd) });
            if result < 0 && errno() != libc::EINTR {
                return Err(crate::system::last_error());
            }
        }
        Ok(())
    }

    fn check_open(&self) -> Result<(), Raised> {
        if self.fd.get() < 0 {
            return Err(raise!(ValueError, "I/O operation on closed file"));
        }
        Ok(())
    }

    fn check_readable(&self) -> Result<(), Raised> {
        self.check_open()?;
        if self.readable.get() { Ok(()) } else { Err(unsupported("File not open for reading")) }
    }

    fn check_writable(&self) -> Result<(), Raised> {
        self.check_open()?;
        if self.writable.get() { Ok(()) } else { Err(unsupported("File not open for writing")) }
    }

    /// Reads once into memory; nothing when that would block.
    ///
    /// # Safety
    /// `start` has room for `length` bytes that stays while signals' handlers run.
    pub unsafe fn read_into_raw(&self, start: *mut u8, length: usize) -> Result<Option<usize>, Raised> {
        self.check_readable()?;
        let fd = self.fd.get();
        // SAFETY: by the contract.
        match retry(unsafe { outside(|| libc::read(fd, start.cast(), length)) })? {
            Ok(count) => Ok(Some(count as usize)),
            Err(libc::EAGAIN) => Ok(None),
            Err(failed) => Err(raise_os_error(failed, None)),
        }
    }

    /// Writes once; nothing when that would block.
    pub fn write_bytes(&self, bytes: &[u8]) -> Result<Option<usize>, Raised> {
        self.check_writable()?;
        let (fd, start, length) = (self.fd.get(), bytes.as_ptr(), bytes.len());
        // SAFETY: the slice is alive during the call.
        match retry(unsafe { outside(|| libc::write(fd, start.cast(), length)) })? {
            Ok(count) => Ok(Some(count as usize)),
            Err(libc::EAGAIN) => Ok(None),
            Err(failed) => Err(raise_os_error(failed, None)),
        }
    }

    /// Moves the place; gives the new one.
    pub fn seek_to(&self, place: i64, whence: i32) -> Result<i64, Raised> {
        self.check_open()?;
        let fd = self.fd.get();
        // SAFETY: a plain call.
        let place = without_lock(|| unsafe { libc::lseek(fd, place, whence) });
        if self.seekable.get() < 0 {
            self.seekable.set(i8::from(place >= 0));
        }
        if place < 0 { Err(crate::system::last_error()) } else { Ok(place) }
    }

    /// Reads to the end.
    pub fn read_all(&self) -> Result<Option<Ref<Bytes>>, Raised> {
        self.check_open()?;
        let fd = self.fd.get();
        // SAFETY: the structure is plain data that the call fills; the others are plain calls.
        let (place, size) = without_lock(|| unsafe {
            let mut stat = std::mem::zeroed::<libc::stat>();
            let place = libc::lseek(fd, 0, libc::SEEK_CUR);
            let result = libc::fstat(fd, &mut stat);
            (place, if result == 0 { stat.st_size } else { -1 })
        });
        let mut room = match usize::try_from(size - place) {
            Ok(left) if place >= 0 && size >= place && left < isize::MAX as usize => left + 1,
            _ => super::DEFAULT_BUFFER_SIZE,
        };
        let mut all = Buffer::<u8>::new();
        let mut used = 0;
        loop {
            if used >= room {
                room = room.saturating_add(room.max(super::DEFAULT_BUFFER_SIZE));
            }
            all.resize(room, 0)?;
            // SAFETY: the buffer is this function's own, and has that much room behind what is used.
            let got = unsafe { self.read_into_raw(all.as_mut_ptr().add(used), room - used) }?;
            match got {
                Some(0) => break,
                Some(count) => used += count,
                None if used == 0 => return Ok(None),
                None => break,
            }
        }
        Bytes::new(all.get(..used).unwrap_or(&[])).map(Some)
    }

    /// The mode as text.
    fn mode_text(&self) -> &'static str {
        match (self.created.get(), self.appending.get(), self.readable.get(), self.writable.get()) {
            (true, _, true, _) => "xb+",
            (true, _, false, _) => "xb",
            (_, true, true, _) => "ab+",
            (_, true, false, _) => "ab",
            (_, _, true, true) => "rb+",
            (_, _, true, false) => "rb",
            _ => "wb",
        }
    }

    /// Warns of a stream that is ended without having been closed.
    fn warn_unclosed(&self, source: &Object) {
        if self.fd.get() < 0 || !self.closefd.get() {
            return;
        }
        habu_runtime::exceptions::keep_current(|| {
            let warned = protocol::repr(source)
                .and_then(|text| crate::system::warn::resource_warning(source, format_args!("unclosed file {text}")));
            if let Err(raised) = warned {
                if habu_runtime::threads::Thread::current()
                    .exception()
                    .is_some_and(|exception| exception.ty().is_subtype(exc::Warning()))
                {
                    habu_runtime::exceptions::unraisable(raised, Some(self));
                } else {
                    raised.clear();
                }
            }
        });
    }
}

#[pymethods(members = MEMBERS)]
impl FileIo {
    #[slot(tp_new)]
    fn new(cls: &Type) -> Result<Ref<FileIo>, Raised> {
        FileIo::unopened(cls)
    }

    #[slot(tp_init)]
    #[signature(file, mode = None, closefd = true, opener = None)]
    fn init(&self, file: &Object, mode: Option<&Object>, closefd: bool, opener: Option<&Object>) -> Result<(), Raised> {
        let mode = super::text_argument(mode, "FileIO", "mode", "r")?;
        self.initialise(file, &mode, closefd, opener)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let (ty, closefd) = (self.ty().full_name(), if self.closefd.get() { "True" } else { "False" });
        if self.fd.get() < 0 {
            return Str::from_format(format_args!("<{ty} [closed]>"));
        }
        let mode = self.mode_text();
        match protocol::lookup_attribute(self, id!(name))? {
            None => Str::from_format(format_args!("<{ty} fd={} mode='{mode}' closefd={closefd}>", self.fd.get())),
            Some(name) => {
                let _depth = habu_runtime::threads::thread::NativeCall::enter(" while getting the repr of an object")?;
                let name = protocol::repr(&name)?;
                Str::from_format(format_args!("<{ty} name={name} mode='{mode}' closefd={closefd}>"))
            }
        }
    }

    /// Read at most size bytes, returned as bytes.
    ///
    /// Only makes one system call, so less data may be returned than requested.
    /// In non-blocking mode, returns None if no data is available.
    /// Return an empty bytes object at EOF.
    #[signature(size = None, /)]
    #[shown("($self, size=-1, /)")]
    fn read(&self, size: Option<&Object>) -> Result<Ref, Raised> {
        self.check_readable()?;
        let Ok(size) = usize::try_from(size_argument(size)?) else {
            return Ok(self.read_all()?.map_or_else(habu_runtime::types::none, Ref::into_object));
        };
        let mut room = Buffer::<u8>::with_capacity(size)?;
        let start = room.as_mut_ptr();
        // SAFETY: the buffer is this function's own, with that much room.
        let got = unsafe { self.read_into_raw(start, size) }?;
        match got {
            // SAFETY: the system wrote that many bytes.
            Some(count) => Ok(Bytes::new(unsafe { std::slice::from_raw_parts(start, count.min(size)) })?.into_object()),
            None => Ok(habu_runtime::types::none()),
        }
    }

    /// Read all data from the file, returned as bytes.
    ///
    /// In non-blocking mode, returns as much as is immediately available,
    /// or None if no data is available.  Return an empty bytes object at EOF.
    fn readall(&self) -> Result<Option<Ref<Bytes>>, Raised> {
        self.read_all()
    }

    /// Same as RawIOBase.readinto().
    fn readinto(&self, buffer: &Object) -> Result<Option<usize>, Raised> {
        let view = ByteView::writable(buffer).map_err(|raised| writable_error(raised, "readinto", buffer))?;
        // SAFETY: the exporter keeps the memory in place while the view is held.
        unsafe { self.read_into_raw(view.pointer(), view.len()) }
    }

    /// Write buffer b to file, return number of bytes written.
    ///
    /// Only makes one system call, so not all of the data may be written.
    /// The number of bytes actually written is returned.  In non-blocking mode,
    /// returns None if the write would block.
    fn write(&self, b: &Object) -> Result<Option<usize>, Raised> {
        self.check_writable()?;
        let view = ByteView::new(b)?;
        self.write_bytes(view.as_slice())
    }

    /// Move to new file position and return the file position.
    ///
    /// Argument offset is a byte count.  Optional argument whence defaults to
    /// SEEK_SET or 0 (offset from start of file, offset should be >= 0); other values
    /// are SEEK_CUR or 1 (move relative to current position, positive or negative),
    /// and SEEK_END or 2 (move relative to end of file, usually negative, although
    /// many platforms allow seeking beyond the end of a file).
    ///
    /// Note that not all file objects are seekable.
    #[signature(pos, whence = 0, /)]
    fn seek(&self, pos: &Object, whence: i32) -> Result<i64, Raised> {
        self.check_open()?;
        self.seek_to(super::offset_argument(pos)?, whence)
    }

    /// Current file position.
    ///
    /// Can raise OSError for non seekable files.
    fn tell(&self) -> Result<i64, Raised> {
        self.seek_to(0, libc::SEEK_CUR)
    }

    /// Truncate the file to at most size bytes and return the truncated size.
    ///
    /// Size defaults to the current file position, as returned by tell().
    /// The current file position is changed to the value of size.
    #[signature(size = None, /)]
    fn truncate(&self, size: Option<&Object>) -> Result<Ref, Raised> {
        self.check_writable()?;
        let size = match size.filter(|size| !is_none(size)) {
            Some(size) => size.to_ref(),
            None => Int::from_i64(self.seek_to(0, libc::SEEK_CUR)?)?.into_object(),
        };
        let length = super::offset_argument(&size)?;
        let fd = self.fd.get();
        // SAFETY: a plain call.
        match retry(|| unsafe { libc::ftruncate(fd, length) })? {
            Ok(_) => Ok(size),
            Err(failed) => Err(raise_os_error(failed, None)),
        }
    }

    /// Close the file.
    ///
    /// A closed file cannot be used for further I/O operations.  close() may be
    /// called more than once without error.
    fn close(&self) -> Result<(), Raised> {
        let base = call_method_of_base(self)?;
        if !self.closefd.get() {
            self.fd.set(-1);
            return base;
        }
        if self.finalizing.get() {
            self.warn_unclosed(self);
        }
        super::after(base, || self.close_descriptor())
    }

    /// True if file supports random-access.
    fn seekable(&self) -> Result<bool, Raised> {
        self.check_open()?;
        if self.seekable.get() < 0
            && let Err(raised) = self.seek_to(0, libc::SEEK_CUR)
        {
            raised.clear();
        }
        Ok(self.seekable.get() == 1)
    }

    /// True if file was opened in a read mode.
    fn readable(&self) -> Result<bool, Raised> {
        self.check_open()?;
        Ok(self.readable.get())
    }

    /// True if file was opened in a write mode.
    fn writable(&self) -> Result<bool, Raised> {
        self.check_open()?;
        Ok(self.writable.get())
    }

    /// Return the underlying file descriptor (an integer).
    fn fileno(&self) -> Result<i32, Raised> {
        self.check_open()?;
        Ok(self.fd.get())
    }

    /// True if the file is connected to a TTY device.
    fn isatty(&self) -> Result<bool, Raised> {
        self.check_open()?;
        Ok(self.is_terminal())
    }

    #[name = "_dealloc_warn"]
    #[no_signature]
    fn dealloc_warn(&self, source: &Object) -> Result<(), Raised> {
        self.warn_unclosed(source);
        Ok(())
    }

    /// True if the file is closed
    #[getter]
    fn closed(&self) -> Result<bool, Raised> {
        Ok(self.fd.get() < 0)
    }

    /// True if the file descriptor will be closed by close().
    #[getter]
    fn closefd(&self) -> Result<bool, Raised> {
        Ok(self.closefd.get())
    }

    /// String giving the file mode
    #[getter]
    fn mode(&self) -> Result<&'static str, Raised> {
        Ok(self.mode_text())
    }
}

/// `_RawIOBase.close(self)`: flushes, and marks the stream.
fn call_method_of_base(file: &FileIo) -> Result<Result<(), Raised>, Raised> {
    let close = protocol::get_attribute(&RAW_IO_BASE_TYPE.ty, id!(close))?;
    Ok(protocol::call1(&close, file).map(drop))
}
