//! What the buffered streams share: a raw stream, bytes read ahead of it, and bytes that wait to be written to it.
//!
//! Invariants: `read[pos..end]` was read from the raw stream and not taken yet; `write[written..]` was given by the program and not
//! written yet; at most one of the two is not empty, so that the place of the stream is the raw stream's, less what was read ahead, plus
//! what waits. While a method runs `busy` is set, and a call from within it (a handler of a signal, a method of the raw stream) is
//! refused: so the buffers stay in place during calls of the raw stream.

use std::cell::Cell;

use habu_heap::Buffer;
use habu_runtime::exceptions::exc;
use habu_runtime::id;
use habu_runtime::object::protocol::{self, call_method};
use habu_runtime::object::{Field, Object, Raised, Ref, Stopped, Traverse, Type, Visit};
use habu_runtime::raise;
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::memoryview::MemoryView;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;

use crate::system::blocking::check_signals;
use crate::thread::lock::RawLock;

use super::base::{is_closed, shown_name};
use super::file::FileIo;
use super::{DEFAULT_BUFFER_SIZE, after, interned, offset_argument, unsupported, view_of};

/// A buffer of a stream, which is out of its place while code looks into it: so that code must not use the stream.
struct Taken(Cell<Buffer<u8>>);

impl Taken {
    const fn new() -> Taken {
        Taken(Cell::new(Buffer::new()))
    }

    fn set(&self, buffer: Buffer<u8>) {
        self.0.set(buffer);
    }

    #[inline]
    fn with<R>(&self, look: impl FnOnce(&mut Buffer<u8>) -> R) -> R {
        let mut buffer = self.0.take();
        let result = look(&mut buffer);
        self.0.set(buffer);
        result
    }
}

/// The fields of the buffered streams.
#[repr(C)]
pub struct Buffered {
    base: Object,
    raw: Field,
    ok: Cell<bool>,
    detached: Cell<bool>,
    finalizing: Cell<bool>,
    /// Whether `close` has given up the buffers: such a stream is closed, whatever the raw stream says.
    freed: Cell<bool>,
    /// Held while a method runs: other threads wait, the same one must not come again.
    busy: RawLock,
    owner: Cell<u64>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    size: Cell<usize>,
    /// The raw stream's place, or -1 when it is not known.
    place: Cell<i64>,
    read: Taken,
    pos: Cell<usize>,
    end: Cell<usize>,
    write: Taken,
    written: Cell<usize>,
    pub(super) dict: Field<Dict>,
    pub(super) weaklist: Cell<*const Object>,
}

habu_runtime::assert_layout!(Buffered, size 152, dict @ 136, weaklist @ 144);

/// Where the raw stream stands in the layout, for the member `raw`.
pub const RAW_OFFSET: usize = std::mem::offset_of!(Buffered, raw);
/// Where the flag `_finalizing` stands in the layout.
pub const FINALIZING_OFFSET: usize = std::mem::offset_of!(Buffered, finalizing);

impl Traverse for Buffered {
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.raw.traverse(visit)?;
        self.dict.traverse(visit)
    }

    fn clear(&self) {
        self.ok.set(false);
        self.raw.clear();
        self.dict.clear();
    }
}

/// What a buffered stream needs of its raw stream.
#[derive(Clone, Copy)]
pub struct Needs {
    /// Reading.
    pub read: bool,
    /// Writing.
    pub write: bool,
    /// Moving about.
    pub seek: bool,
}

/// A method is running.
struct Busy<'a>(&'a Buffered);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.owner.set(0);
        self.0.busy.release();
    }
}

/// Checks that a question about the raw stream is answered by True.
fn require(raw: &Object, question: &str, message: &str) -> Result<(), Raised> {
    let answer = call_method(raw, &*interned(question)?, &[])?;
    if answer.is(&habu_runtime::types::boolean(true)) { Ok(()) } else { Err(unsupported(message)) }
}

/// Whether a BlockingIOError was raised.
fn is_blocking(_: &Raised) -> bool {
    habu_runtime::threads::Thread::current()
        .exception()
        .is_some_and(|exception| exception.ty().is_subtype(exc::BlockingIOError()))
}

/// Raises an OSError whose cause is the exception that is set.
#[cold]
fn caused(raised: Raised, message: &str) -> Raised {
    let cause = raised.take();
    drop(raise!(OSError, "{message}"));
    habu_runtime::exceptions::set_cause_of_current(cause)
}

/// Raises the BlockingIOError of a write of which `written` bytes were taken.
fn blocked(written: usize) -> Raised {
    let make = || -> Result<Raised, Raised> {
        let number = Int::from_i64(libc::EAGAIN.into())?;
        let text = Str::new("write could not complete without blocking")?;
        let written = Int::from_u64(written as u64)?;
        Ok(habu_runtime::exceptions::raise_with_arguments(exc::BlockingIOError(), &[&number, &text, &written]))
    };
    make().unwrap_or_else(|raised| raised)
}

impl Buffered {
    /// The fields of an instance of `cls` that is not set up yet.
    pub fn fields(cls: &Type) -> Buffered {
        Buffered {
            base: Object::header(cls),
            raw: Field::empty(),
            ok: Cell::new(false),
            detached: Cell::new(false),
            finalizing: Cell::new(false),
            freed: Cell::new(false),
            busy: RawLock::new(),
            owner: Cell::new(0),
            readable: Cell::new(false),
            writable: Cell::new(false),
            size: Cell::new(0),
            place: Cell::new(-1),
            read: Taken::new(),
            pos: Cell::new(0),
            end: Cell::new(0),
            write: Taken::new(),
            written: Cell::new(0),
            dict: Field::empty(),
            weaklist: Cell::new(std::ptr::null()),
        }
    }

    fn object(&self) -> &Object {
        &self.base
    }

    /// Sets the stream up, as the constructors do.
    pub fn setup(&self, raw: &Object, size: isize, needs: Needs) -> Result<(), Raised> {
        let _busy = self.enter()?;
        self.ok.set(false);
        self.detached.set(false);
        if needs.seek {
            require(raw, "seekable", "File or stream is not seekable.")?;
        }
        if needs.read {
            require(raw, "readable", "File or stream is not readable.")?;
        }
        if needs.write {
            require(raw, "writable", "File or stream is not writable.")?;
        }
        let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
            return Err(raise!(ValueError, "buffer size must be strictly positive"));
        };
        self.raw.set(Some(raw.to_ref()));
        self.size.set(size);
        self.readable.set(needs.read);
        self.writable.set(needs.write);
        let (mut read, mut write) = (Buffer::new(), Buffer::new());
        if needs.read {
            read.resize(size, 0)?;
        } else {
            write.reserve_exact(size)?;
        }
        self.read.set(read);
        self.write.set(write);
        self.freed.set(false);
        self.pos.set(0);
        self.end.set(0);
        self.written.set(0);
        self.place.set(-1);
        self.ok.set(true);
        if let Err(raised) = self.raw_tell() {
            raised.clear();
        }
        Ok(())
    }

    fn enter(&self) -> Result<Busy<'_>, Raised> {
        if !self.busy.try_acquire() {
            if self.owner.get() == habu_runtime::threads::identity() {
                let shown = protocol::repr(self.object())?;
                return Err(raise!(RuntimeError, "reentrant call inside {shown}"));
            }
            self.busy.acquire(None)?;
        }
        self.owner.set(habu_runtime::threads::identity());
        Ok(Busy(self))
    }

    /// The raw stream; a stream without one is a ValueError.
    pub fn raw(&self) -> Result<Ref, Raised> {
        match self.raw.get().filter(|_| self.ok.get()) {
            Some(raw) => Ok(raw),
            None if self.detached.get() => Err(raise!(ValueError, "raw stream has been detached")),
            None => Err(raise!(ValueError, "I/O operation on uninitialized object")),
        }
    }

    /// Whether the raw stream is a file that is open, and the stream itself is too; others are asked.
    pub fn is_open_file(&self) -> bool {
        // SAFETY: the borrow ends with the question.
        let raw = unsafe { self.raw.borrow() };
        self.ok.get()
            && !self.freed.get()
            && raw.and_then(Object::downcast_exact::<FileIo>).is_some_and(|file| file.fd() >= 0)
    }

    /// Whether the raw stream is closed.
    pub fn closed(&self) -> Result<bool, Raised> {
        let raw = self.raw()?;
        match raw.downcast_exact::<FileIo>() {
            Some(file) => Ok(file.fd() < 0),
            None => is_closed(&raw),
        }
    }

    /// The raw stream, open; a closed one is a ValueError with the message.
    fn open_raw(&self, message: &str) -> Result<Ref, Raised> {
        let raw = self.raw()?;
        if self.freed.get() || self.closed()? {
            return Err(raise!(ValueError, "{message}"));
        }
        Ok(raw)
    }

    /// Whether the program has set the flag that the stream is being ended.
    pub fn is_finalizing(&self) -> bool {
        self.finalizing.get()
    }

    fn ahead(&self) -> usize {
        self.end.get() - self.pos.get()
    }

    fn waiting(&self) -> usize {
        self.write.with(|write| write.len()) - self.written.get()
    }

    fn raw_tell(&self) -> Result<i64, Raised> {
        let raw = self.raw()?;
        let place = match raw.downcast_exact::<FileIo>() {
            Some(file) => file.seek_to(0, libc::SEEK_CUR)?,
            None => offset_argument(&*call_method(&raw, id!(tell), &[])?)?,
        };
        self.set_place(place)
    }

    fn set_place(&self, place: i64) -> Result<i64, Raised> {
        if place < 0 {
            return Err(raise!(OSError, "Raw stream returned invalid position {place}"));
        }
        self.place.set(place);
        Ok(place)
    }

    fn raw_seek(&self, target: i64, whence: i32) -> Result<i64, Raised> {
        let raw = self.raw()?;
        let place = match raw.downcast_exact::<FileIo>() {
            Some(file) => file.seek_to(target, whence)?,
            None => {
                let (target, whence) = (Int::from_i64(target)?, Int::from_i64(whence.into())?);
                offset_argument(&*call_method(&raw, id!(seek), &[&target, &whence])?)?
            }
        };
        self.set_place(place)
    }

    fn advance(&self, count: usize) {
        if self.place.get() >= 0 {
            self.place.set(self.place.get().saturating_add(count as i64));
        }
    }

    /// Reads once from the raw stream into memory; nothing when that would block.
    ///
    /// # Safety
    /// `start` has room for `length` bytes, which stays while the raw stream's methods run.
    unsafe fn raw_read(&self, start: *mut u8, length: usize) -> Result<Option<usize>, Raised> {
        let raw = self.raw()?;
        let count = if let Some(file) = raw.downcast_exact::<FileIo>() {
            // SAFETY: by the contract.
            unsafe { file.read_into_raw(start, length) }?
        } else {
            // The raw stream gets memory of its own, because it may keep what it is given.
            let room = ByteArray::new(&[])?;
            room.resize(length)?;
            let answer = call_method(&raw, &*interned("readinto")?, &[&*view_of(&room)?])?;
            if is_none(&answer) {
                None
            } else {
                let count = protocol::number::index_as_size(&answer, Some(exc::ValueError()))
                    .map_err(|raised| caused(raised, "raw readinto() failed"))?;
                let Some(count) = usize::try_from(count).ok().filter(|count| *count <= length) else {
                    return Err(raise!(
                        OSError,
                        "raw readinto() returned invalid length {count} (should have been between 0 and {length})"
                    ));
                };
                room.lend(|bytes| {
                    let bytes = bytes.get(..count).unwrap_or(bytes);
                    // SAFETY: `count` is at most the length that there is room for.
                    unsafe { start.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
                });
                Some(count)
            }
        };
        self.advance(count.unwrap_or(0));
        Ok(count)
    }

    /// Fills the empty buffer by one read; nothing when that would block.
    fn fill(&self) -> Result<Option<usize>, Raised> {
        let (start, length) = self.read.with(|read| (read.as_mut_ptr(), read.len()));
        self.pos.set(0);
        self.end.set(0);
        // SAFETY: the buffer stays in place while `busy` is set.
        let count = unsafe { self.raw_read(start, length) }?;
        self.end.set(count.unwrap_or(0));
        Ok(count)
    }

    /// Takes up to `most` bytes that were read ahead, appending them to `to`.
    fn take(&self, most: usize, to: &mut Buffer<u8>) -> Result<usize, Raised> {
        let count = self.ahead().min(most);
        let pos = self.pos.get();
        self.read.with(|read| to.extend_from_slice(read.get(pos..pos + count).unwrap_or(&[])))?;
        self.pos.set(pos + count);
        Ok(count)
    }

    /// Takes `count` bytes that were read ahead as an object.
    fn take_bytes(&self, count: usize) -> Result<Ref<Bytes>, Raised> {
        let pos = self.pos.get();
        let bytes = self.read.with(|read| Bytes::new(read.get(pos..pos + count).unwrap_or(&[])))?;
        self.pos.set(pos + count);
        Ok(bytes)
    }

    /// Before reading: what waits is written.
    fn before_reading(&self) -> Result<(), Raised> {
        if self.writable.get() && self.waiting() > 0 {
            self.write_out()?;
        }
        Ok(())
    }

    /// Before writing: the raw stream goes back to where the program is.
    fn before_writing(&self) -> Result<(), Raised> {
        if self.readable.get() {
            let ahead = self.ahead();
            if ahead > 0 {
                self.raw_seek(-(ahead as i64), 1)?;
            }
            self.pos.set(0);
            self.end.set(0);
        }
        Ok(())
    }

    /// Writes once to the raw stream; nothing when that would block.
    fn raw_write(&self, bytes: &[u8]) -> Result<Option<usize>, Raised> {
        let raw = self.raw()?;
        let count = if let Some(file) = raw.downcast_exact::<FileIo>() {
            file.write_bytes(bytes)?
        } else {
            let length = bytes.len();
            // The raw stream gets a copy, because it may keep what it is given.
            let view = MemoryView::new(&*Bytes::new(bytes)?)?;
            let answer = call_method(&raw, id!(write), &[&view])?;
            if is_none(&answer) {
                None
            } else {
                // What is no number is told of as a wrong length.
                let count =
                    protocol::number::index_as_size(&answer, Some(exc::ValueError())).unwrap_or_else(|raised| {
                        raised.clear();
                        -1
                    });
                match usize::try_from(count).ok().filter(|count| *count <= length) {
                    Some(count) => Some(count),
                    None => {
                        return Err(raise!(
                            OSError,
                            "raw write() returned invalid length {count} (should have been between 0 and {length})"
                        ));
                    }
                }
            }
        };
        self.advance(count.unwrap_or(0));
        Ok(count)
    }

    /// Writes all that waits.
    fn write_out(&self) -> Result<(), Raised> {
        while self.waiting() > 0 {
            let (start, length) = self.write.with(|write| {
                let rest = write.get(self.written.get()..).unwrap_or(&[]);
                (rest.as_ptr(), rest.len())
            });
            // SAFETY: the buffer stays in place while `busy` is set.
            let bytes = unsafe { std::slice::from_raw_parts(start, length) };
            match self.raw_write(bytes)? {
                Some(count) => self.written.set(self.written.get() + count),
                None => return Err(blocked(0)),
            }
            // A signal may have cut the write short: its handler runs before the next one, which may block for ever.
            check_signals()?;
        }
        self.write.with(|write| write.clear());
        self.written.set(0);
        Ok(())
    }

    /// Appends bytes to those that wait.
    fn push(&self, bytes: &[u8]) -> Result<(), Raised> {
        self.write.with(|write| {
            if write.capacity() == 0 {
                write.reserve_exact(self.size.get())?;
            }
            if self.written.get() > 0 {
                // What was written already makes room.
                let rest = Buffer::from_slice(write.get(self.written.get()..).unwrap_or(&[]))?;
                write.clear();
                write.extend_from_slice(&rest)?;
                self.written.set(0);
            }
            Ok(write.extend_from_slice(bytes)?)
        })
    }

    /// `write(b)`
    pub fn write(&self, bytes: &[u8]) -> Result<usize, Raised> {
        self.raw()?;
        let _busy = self.enter()?;
        // Only now: another thread may have been closing the stream.
        self.open_raw("write to closed file")?;
        self.before_writing()?;
        let size = self.size.get();
        if self.waiting() + bytes.len() <= size {
            self.push(bytes)?;
            return Ok(bytes.len());
        }
        if let Err(raised) = self.write_out() {
            if !is_blocking(&raised) {
                return Err(raised);
            }
            // As much as there is room for is taken all the same.
            let room = size.saturating_sub(self.waiting());
            raised.clear();
            let taken = bytes.len().min(room);
            self.push(&bytes[..taken])?;
            return if taken == bytes.len() { Ok(taken) } else { Err(blocked(taken)) };
        }
        let mut at = 0;
        while bytes.len() - at > size {
            match self.raw_write(&bytes[at..])? {
                Some(count) => {
                    at += count;
                    check_signals()?;
                }
                None => {
                    let taken = (bytes.len() - at).min(size);
                    self.push(&bytes[at..at + taken])?;
                    at += taken;
                    if at < bytes.len() {
                        return Err(blocked(at));
                    }
                    break;
                }
            }
        }
        self.push(&bytes[at..])?;
        Ok(bytes.len())
    }

    /// `flush()` of a stream that writes.
    pub fn flush(&self) -> Result<(), Raised> {
        self.open_raw("flush of closed file")?;
        let _busy = self.enter()?;
        self.settle()
    }

    /// Writes what waits, and takes back what was read ahead.
    fn settle(&self) -> Result<(), Raised> {
        self.write_out()?;
        if self.readable.get() && self.writable.get() {
            self.before_writing()?;
        }
        Ok(())
    }

    /// `read(size)`; nothing when there is nothing and more would block.
    pub fn read(&self, size: isize) -> Result<Option<Ref<Bytes>>, Raised> {
        if size < -1 {
            return Err(raise!(ValueError, "read length must be non-negative or -1"));
        }
        self.open_raw("read of closed file")?;
        let _busy = self.enter()?;
        let Ok(size) = usize::try_from(size) else { return self.read_to_end() };
        if size <= self.ahead() {
            return self.take_bytes(size).map(Some);
        }
        self.before_reading()?;
        let mut all = Buffer::with_capacity(size)?;
        self.take(size, &mut all)?;
        while all.len() < size {
            let left = size - all.len();
            // Whole buffers' worth is read in place.
            let direct = left - left % self.size.get().max(1);
            let count = if direct > 0 {
                let used = all.len();
                // SAFETY: the buffer has room for `size` bytes, and is this function's own.
                let count = unsafe { self.raw_read(all.as_mut_ptr().add(used), direct) }?;
                // SAFETY: the raw stream wrote that many bytes behind those in use.
                unsafe { super::extend_length(&mut all, count.unwrap_or(0)) };
                count
            } else {
                let count = self.fill()?;
                self.take(left, &mut all)?;
                count
            };
            match count {
                Some(0) => break,
                None if all.is_empty() => return Ok(None),
                None => break,
                Some(_) => {}
            }
        }
        Bytes::new(&all).map(Some)
    }

    fn read_to_end(&self) -> Result<Option<Ref<Bytes>>, Raised> {
        let mut all = Buffer::new();
        self.take(usize::MAX, &mut all)?;
        if self.writable.get() {
            self.settle()?;
        }
        self.pos.set(0);
        self.end.set(0);
        let raw = self.raw()?;
        let rest = if let Some(file) = raw.downcast_exact::<FileIo>() {
            if !file.is_readable() {
                return Err(unsupported("File not open for reading"));
            }
            file.read_all()?
        } else if let Some(readall) = protocol::lookup_attribute(&raw, &*interned("readall")?)? {
            let rest = protocol::call0(&readall)?;
            if is_none(&rest) {
                None
            } else {
                let rest =
                    rest.downcast_into::<Bytes>().map_err(|_| raise!(TypeError, "readall() should return bytes"));
                Some(rest?)
            }
        } else {
            return self.read_parts(&raw, all);
        };
        match rest {
            Some(rest) if all.is_empty() => {
                self.advance(rest.len());
                Ok(Some(rest))
            }
            Some(rest) => {
                self.advance(rest.len());
                all.extend_from_slice(rest.as_slice())?;
                Bytes::new(&all).map(Some)
            }
            None if all.is_empty() => Ok(None),
            None => Bytes::new(&all).map(Some),
        }
    }

    /// Reads to the end of a raw stream that has no `readall`.
    fn read_parts(&self, raw: &Object, mut all: Buffer<u8>) -> Result<Option<Ref<Bytes>>, Raised> {
        let read = interned("read")?;
        loop {
            let part = call_method(raw, &read, &[])?;
            if is_none(&part) {
                return if all.is_empty() { Ok(None) } else { Bytes::new(&all).map(Some) };
            }
            let Some(bytes) = part.downcast::<Bytes>() else {
                return Err(raise!(TypeError, "read() should return bytes"));
            };
            if bytes.len() == 0 {
                return Bytes::new(&all).map(Some);
            }
            all.extend_from_slice(bytes.as_slice())?;
            self.advance(bytes.len());
        }
    }

    /// `read1(size)`
    pub fn read1(&self, size: isize) -> Result<Ref<Bytes>, Raised> {
        let size = usize::try_from(size).unwrap_or(self.size.get());
        self.open_raw("read of closed file")?;
        if size == 0 {
            return Ok(Bytes::empty());
        }
        let _busy = self.enter()?;
        let ahead = self.ahead();
        if ahead > 0 {
            return self.take_bytes(ahead.min(size));
        }
        self.before_reading()?;
        self.pos.set(0);
        self.end.set(0);
        let mut room = Buffer::<u8>::with_capacity(size)?;
        // SAFETY: the buffer is this function's own, with that much room, of which the raw stream tells what it wrote.
        unsafe {
            let count = self.raw_read(room.as_mut_ptr(), size)?;
            super::extend_length(&mut room, count.unwrap_or(0));
        }
        Bytes::new(&room)
    }

    /// `readinto(buffer)` and `readinto1(buffer)`; nothing when there is nothing and more would block.
    ///
    /// # Safety
    /// `start` has room for `length` bytes that stays while Python code runs.
    pub unsafe fn read_into(&self, start: *mut u8, length: usize, once: bool) -> Result<Option<usize>, Raised> {
        self.open_raw("readinto of closed file")?;
        let _busy = self.enter()?;
        let mut done = 0;
        let copy = |done: usize, room: usize| {
            let pos = self.pos.get();
            let count = self.ahead().min(room);
            self.read.with(|read| {
                let from = read.get(pos..pos + count).unwrap_or(&[]);
                // SAFETY: `done + count` is at most the length that there is room for.
                unsafe { start.add(done).copy_from(from.as_ptr(), from.len()) };
            });
            self.pos.set(pos + count);
            count
        };
        done += copy(done, length);
        if done == length {
            return Ok(Some(done));
        }
        self.before_reading()?;
        while done < length {
            let left = length - done;
            let count = if left > self.size.get() {
                // SAFETY: there is room for what is left.
                let count = unsafe { self.raw_read(start.add(done), left) }?;
                done += count.unwrap_or(0);
                count
            } else if once && done > 0 {
                // There is something to give: nothing is read ahead.
                break;
            } else {
                let count = self.fill()?;
                done += copy(done, left);
                count
            };
            match count {
                Some(0) => break,
                None if done == 0 => return Ok(None),
                None => break,
                Some(_) if once => break,
                Some(_) => {}
            }
        }
        Ok(Some(done))
    }

    /// `peek()`
    pub fn peek(&self) -> Result<Ref<Bytes>, Raised> {
        self.open_raw("peek of closed file")?;
        let _busy = self.enter()?;
        if self.ahead() == 0 {
            self.before_reading()?;
            self.fill()?;
        }
        let (pos, end) = (self.pos.get(), self.end.get());
        self.read.with(|read| Bytes::new(read.get(pos..end).unwrap_or(&[])))
    }

    /// `readline(limit)`
    pub fn read_line(&self, limit: isize) -> Result<Ref<Bytes>, Raised> {
        if !self.is_open_file() {
            self.open_raw("readline of closed file")?;
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        // A line that was read ahead is taken without the lock: nothing runs meanwhile, and who fills the buffer has emptied it before.
        if let Some(count) = self.line_ahead(limit) {
            return self.take_bytes(count);
        }
        let _busy = self.enter()?;
        if let Some(count) = self.line_ahead(limit) {
            return self.take_bytes(count);
        }
        let mut line = Buffer::new();
        loop {
            let left = limit - line.len();
            match self.line_ahead(left) {
                Some(count) => {
                    self.take(count, &mut line)?;
                    break;
                }
                None => {
                    self.take(left, &mut line)?;
                }
            }
            if line.len() >= limit {
                break;
            }
            self.before_reading()?;
            if self.fill()?.unwrap_or(0) == 0 {
                break;
            }
        }
        Bytes::new(&line)
    }

    /// How many bytes read ahead make a line or reach the limit.
    fn line_ahead(&self, limit: usize) -> Option<usize> {
        let (pos, end) = (self.pos.get(), self.end.get());
        self.read.with(|read| {
            let ahead = read.get(pos..end)?;
            let seen = &ahead[..ahead.len().min(limit)];
            match memchr::memchr(b'\n', seen) {
                Some(at) => Some(at + 1),
                None => (seen.len() == limit).then_some(limit),
            }
        })
    }

    /// `seek(target, whence)`
    pub fn seek(&self, target: &Object, whence: i32) -> Result<i64, Raised> {
        if !matches!(whence, 0..=2 | libc::SEEK_DATA | libc::SEEK_HOLE) {
            return Err(raise!(ValueError, "whence value {whence} unsupported"));
        }
        let raw = self.open_raw("seek of closed file")?;
        require(&raw, "seekable", "File or stream is not seekable.")?;
        let mut target = offset_argument(target)?;
        let _busy = self.enter()?;
        if whence < 2 && self.readable.get() && self.waiting() == 0 {
            // Within what was read ahead the raw stream need not move.
            let place = if self.place.get() >= 0 { self.place.get() } else { self.raw_tell()? };
            let here = place - self.ahead() as i64;
            let offset = if whence == 0 { target.checked_sub(here) } else { Some(target) };
            if let Some(offset) = offset
                && offset >= -(self.pos.get() as i64)
                && offset <= self.ahead() as i64
                && self.ahead() > 0
            {
                self.pos.set((self.pos.get() as i64 + offset) as usize);
                return Ok(here + offset);
            }
        }
        self.write_out()?;
        if whence == 1 {
            target = target.saturating_sub(self.ahead() as i64);
        }
        let place = self.raw_seek(target, whence)?;
        self.pos.set(0);
        self.end.set(0);
        Ok(place)
    }

    /// `tell()`
    pub fn tell(&self) -> Result<i64, Raised> {
        self.raw()?;
        let place = self.raw_tell()?;
        Ok((place - self.ahead() as i64).saturating_add(self.waiting() as i64).max(0))
    }

    /// `truncate(size)`
    pub fn truncate(&self, size: Option<&Object>) -> Result<Ref, Raised> {
        let raw = self.open_raw("truncate of closed file")?;
        if !self.writable.get() {
            return Err(unsupported("truncate"));
        }
        let size = size.filter(|size| !is_none(size));
        {
            let _busy = self.enter()?;
            self.settle()?;
        }
        let size = match size {
            Some(size) => size.to_ref(),
            None => Int::from_i64(self.tell()?)?.into_object(),
        };
        let result = call_method(&raw, id!(truncate), &[&size])?;
        if let Err(raised) = self.raw_tell() {
            raised.clear();
        }
        Ok(result)
    }

    /// `close()`
    pub fn close(&self) -> Result<(), Raised> {
        if self.raw.is_empty() && !self.ok.get() {
            self.raw()?;
        }
        let raw = self.raw()?;
        {
            let _busy = self.enter()?;
            if self.closed()? {
                return Ok(());
            }
            if self.finalizing.get()
                && let Err(raised) = call_method(&raw, &*interned("_dealloc_warn")?, &[self.object()])
            {
                raised.clear();
            }
        }
        let flushed = call_method(self.object(), &*interned("flush")?, &[]).map(drop);
        let close = interned("close")?;
        // Who wants to write meanwhile waits, and then finds the stream closed.
        let _busy = self.enter()?;
        let done = after(flushed, || call_method(&raw, &close, &[]).map(drop));
        self.give_up_buffers();
        done
    }

    fn give_up_buffers(&self) {
        self.freed.set(true);
        self.read.set(Buffer::new());
        self.pos.set(0);
        self.end.set(0);
        self.write.set(Buffer::new());
        self.written.set(0);
    }

    /// `detach()`
    pub fn detach(&self) -> Result<Ref, Raised> {
        self.raw()?;
        call_method(self.object(), &*interned("flush")?, &[])?;
        let raw = self.raw()?;
        self.raw.set(None);
        self.detached.set(true);
        self.ok.set(false);
        Ok(raw)
    }

    /// Calls a method of the raw stream.
    pub fn ask(&self, method: &str) -> Result<Ref, Raised> {
        call_method(&*self.raw()?, &*interned(method)?, &[])
    }

    /// Reads an attribute of the raw stream.
    pub fn attribute(&self, name: &str) -> Result<Ref, Raised> {
        protocol::get_attribute(&*self.raw()?, &*interned(name)?)
    }

    /// `_dealloc_warn(source)`
    pub fn dealloc_warn(&self, source: &Object) -> Result<(), Raised> {
        if let Some(raw) = self.raw.get().filter(|_| self.ok.get())
            && let Err(raised) = call_method(&raw, &*interned("_dealloc_warn")?, &[source])
        {
            raised.clear();
        }
        Ok(())
    }

    /// `repr()`
    pub fn repr(&self) -> Result<Ref<Str>, Raised> {
        let ty = self.object().type_ref();
        let _depth = habu_runtime::threads::thread::NativeCall::enter(" while getting the repr of an object")?;
        match shown_name(self.object())? {
            Some(name) => Str::from_format(format_args!("<{} name={name}>", ty.full_name())),
            None => Str::from_format(format_args!("<{}>", ty.full_name())),
        }
    }

    /// The bytes of the object with its buffer.
    pub fn size_of(&self) -> usize {
        let buffer = if self.freed.get() { 0 } else { self.size.get() };
        self.object().ty().tp_basicsize.get() as usize + buffer
    }

    /// The default size of the buffer.
    pub const DEFAULT: isize = DEFAULT_BUFFER_SIZE as isize;
}
