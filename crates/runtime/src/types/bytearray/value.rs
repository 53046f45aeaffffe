//! The layout of bytearrays (`PyByteArrayObject`) and their storage.
//!
//! Invariants: `bytes` is a block of `allocated` bytes of the object domain, or null where `allocated` is 0; `start` lies within it;
//! `start + size` is within it too and holds a zero. While `exports` is not 0 neither block nor size changes.

use std::cell::Cell;
use std::ptr::NonNull;

use habu_heap::Domain;
use habu_macros::pytype;

use crate::exceptions::memory_error;
use crate::object::{Raised, Ref, VarObject, create};
use crate::raise;

/// bytearray(iterable_of_ints) -> bytearray
/// bytearray(string, encoding[, errors]) -> bytearray
/// bytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer
/// bytearray(int) -> bytes array of size given by the parameter initialized with null bytes
/// bytearray() -> empty bytes array
///
/// Construct a mutable bytearray object from:
///   - an iterable yielding integers in range(256)
///   - a text string encoded using the specified encoding
///   - a bytes or a buffer object
///   - any object implementing the buffer API.
///   - an integer
#[pytype(name = "bytearray", generic_get, c_name = "PyByteArray_Type", basetype, flag = MATCH_SELF)]
pub struct ByteArray {
    /// The header; its size is the number of bytes.
    pub base: VarObject,
    allocated: Cell<isize>,
    bytes: Cell<*mut u8>,
    start: Cell<*mut u8>,
    exports: Cell<isize>,
}

crate::assert_layout!(ByteArray, size 56, allocated @ 24, bytes @ 32, start @ 40, exports @ 48);

/// An export that ends when this is dropped.
struct Export<'a>(&'a ByteArray);

impl Drop for Export<'_> {
    fn drop(&mut self) {
        self.0.exports.set(self.0.exports.get() - 1);
    }
}

impl ByteArray {
    /// The fields of an empty one.
    pub(super) fn fields() -> ByteArray {
        ByteArray {
            base: VarObject::header(&raw const BYTE_ARRAY_TYPE.ty, 0),
            allocated: Cell::new(0),
            bytes: Cell::new(std::ptr::null_mut()),
            start: Cell::new(std::ptr::null_mut()),
            exports: Cell::new(0),
        }
    }

    /// A bytearray with these bytes.
    pub fn new(bytes: &[u8]) -> Result<Ref<ByteArray>, Raised> {
        let made = create(ByteArray::fields())?;
        if !bytes.is_empty() {
            made.reallocate(bytes.len() + 1)?;
            made.write(0, bytes);
            made.set_length(bytes.len());
        }
        Ok(made)
    }

    /// The number of bytes.
    #[inline(always)]
    #[expect(clippy::len_without_is_empty, reason = "compare with 0, as for every sequence")]
    pub fn len(&self) -> usize {
        self.base.size.get() as usize
    }

    /// The bytes in the block, room and the end included.
    pub fn allocated(&self) -> usize {
        self.allocated.get() as usize
    }

    /// The byte at `index`.
    #[inline]
    pub fn get(&self, index: usize) -> Option<u8> {
        // SAFETY: checked to be within the bytes.
        (index < self.len()).then(|| unsafe { self.start.get().add(index).read() })
    }

    /// Where the bytes start, null for none.
    pub fn data_pointer(&self) -> *mut u8 {
        self.start.get()
    }

    /// Changes the byte at `index`, where there is one.
    #[inline]
    pub fn put(&self, index: usize, byte: u8) {
        if index < self.len() {
            // SAFETY: checked to be within the bytes.
            unsafe { self.start.get().add(index).write(byte) }
        }
    }

    /// Lends the bytes to a closure; while it runs they cannot be resized.
    #[inline]
    pub fn lend<R>(&self, with: impl FnOnce(&[u8]) -> R) -> R {
        if self.len() == 0 {
            return with(&[]);
        }
        self.exports.set(self.exports.get() + 1);
        let _export = Export(self);
        // SAFETY: the export keeps `len` bytes in place.
        with(unsafe { std::slice::from_raw_parts(self.start.get(), self.len()) })
    }

    /// Lends the bytes to be changed, to a closure that runs no Python code.
    pub(super) fn lend_mut<R>(&self, with: impl FnOnce(&mut [u8]) -> R) -> R {
        if self.len() == 0 {
            return with(&mut []);
        }
        // SAFETY: `len` bytes are there, and the closure calls nothing that reaches them by another way.
        with(unsafe { std::slice::from_raw_parts_mut(self.start.get(), self.len()) })
    }

    /// Where the bytes are, for the buffer protocol.
    pub(super) fn pointer(&self) -> *mut u8 {
        static END: [u8; 1] = [0];
        match NonNull::new(self.start.get()) {
            Some(start) => start.as_ptr(),
            None => END.as_ptr().cast_mut(),
        }
    }

    /// Counts a consumer of the memory.
    pub(super) fn export(&self) {
        self.exports.set(self.exports.get() + 1);
    }

    /// A consumer gave the memory back.
    pub(super) fn release(&self) {
        self.exports.set(self.exports.get() - 1);
    }

    /// Refuses to be resized while there are consumers.
    pub(super) fn check_exports(&self) -> Result<(), Raised> {
        if self.exports.get() > 0 {
            return Err(raise!(BufferError, "Existing exports of data: object cannot be re-sized"));
        }
        Ok(())
    }

    fn set_length(&self, length: usize) {
        self.base.size.set(length as isize);
        // SAFETY: the block has room for the bytes and a zero.
        unsafe { self.start.get().add(length).write(0) };
    }

    /// Writes bytes at a place in the block; the caller has made room.
    fn write(&self, at: usize, bytes: &[u8]) {
        // SAFETY: the callers have made room behind `start`; the bytes may be this array's own.
        unsafe { self.start.get().add(at).copy_from(bytes.as_ptr(), bytes.len()) };
    }

    /// Moves to a block of exactly `room` bytes, keeping what fits.
    fn reallocate(&self, room: usize) -> Result<(), Raised> {
        if room > isize::MAX as usize {
            return Err(memory_error());
        }
        let (old_room, offset) = (self.allocated(), self.offset());
        let block = match NonNull::new(self.bytes.get()) {
            // SAFETY: the block has this size; the bytes stand at its start.
            Some(block) if offset == 0 => unsafe { habu_heap::realloc(Domain::Object, block, old_room, room) },
            old => {
                let Some(fresh) = habu_heap::alloc(Domain::Object, room) else { return Err(memory_error()) };
                if let Some(block) = old {
                    // SAFETY: both blocks have that many bytes; the old one is given back.
                    unsafe {
                        fresh.as_ptr().copy_from_nonoverlapping(self.start.get(), self.len().min(room));
                        habu_heap::free(Domain::Object, block, old_room);
                    }
                }
                Some(fresh)
            }
        };
        let Some(block) = block else { return Err(memory_error()) };
        self.bytes.set(block.as_ptr());
        self.start.set(block.as_ptr());
        self.allocated.set(room as isize);
        Ok(())
    }

    /// The bytes before the first one in the block.
    fn offset(&self) -> usize {
        self.start.get() as usize - self.bytes.get() as usize
    }

    /// Changes the number of bytes, with CPython's growth; new ones are zero (`PyByteArray_Resize`).
    pub fn resize(&self, length: usize) -> Result<(), Raised> {
        let old = self.len();
        if length == old {
            return Ok(());
        }
        self.check_exports()?;
        let (room, offset) = (self.allocated(), self.offset());
        if length.saturating_add(offset).saturating_add(1) <= room {
            if length < room / 2 {
                // Much smaller: give memory back.
                self.base.size.set(old.min(length) as isize);
                self.reallocate(length + 1)?;
            }
        } else {
            let ample = (length as f64) <= room as f64 * 1.125;
            let extra = if ample { (length >> 3) + if length < 9 { 3 } else { 6 } } else { 1 };
            self.reallocate(length.saturating_add(extra))?;
        }
        if length > old {
            // SAFETY: the block has room for them.
            unsafe { self.start.get().add(old).write_bytes(0, length - old) };
        }
        self.set_length(length);
        Ok(())
    }

    /// Puts `with` in the place of the bytes from `start` to `end`.
    pub(super) fn splice(&self, start: usize, end: usize, with: &[u8]) -> Result<(), Raised> {
        let length = self.len();
        let (start, end) = (start.min(length), end.clamp(start.min(length), length));
        let removed = end - start;
        if with.len() == removed {
            self.write(start, with);
            return Ok(());
        }
        self.check_exports()?;
        if with.len() < removed {
            let less = removed - with.len();
            if start == 0 {
                // Bytes at the front are only passed over.
                // SAFETY: `less` is at most the number of bytes.
                self.start.set(unsafe { self.start.get().add(less) });
                self.base.size.set((length - less) as isize);
            } else {
                // SAFETY: moves the tail within the bytes.
                unsafe { self.start.get().add(start + with.len()).copy_from(self.start.get().add(end), length - end) };
            }
            self.write(start, with);
            return self.shrink_to(length - less, start == 0);
        }
        self.resize(length + (with.len() - removed))?;
        // SAFETY: moves the tail within the bytes, which now are long enough.
        unsafe { self.start.get().add(start + with.len()).copy_from(self.start.get().add(end), length - end) };
        self.write(start, with);
        Ok(())
    }

    /// Notes that only `length` bytes are left, and gives memory back where much is unused.
    fn shrink_to(&self, length: usize, passed_over: bool) -> Result<(), Raised> {
        if passed_over {
            // The size is right already; `resize` looks at the room alone.
            self.set_length(length);
            if length + self.offset() < self.allocated() && length < self.allocated() / 2 {
                self.reallocate(length + 1)?;
                self.set_length(length);
            }
            return Ok(());
        }
        self.resize(length)
    }

    /// Adds a byte at the end.
    pub fn push(&self, byte: u8) -> Result<(), Raised> {
        let length = self.len();
        if length == isize::MAX as usize {
            return Err(raise!(OverflowError, "cannot add more objects to bytearray"));
        }
        self.resize(length + 1)?;
        self.put(length, byte);
        Ok(())
    }

    /// Adds bytes at the end, which are not this array's own.
    pub fn extend(&self, bytes: &[u8]) -> Result<(), Raised> {
        let length = self.len();
        let Some(total) = length.checked_add(bytes.len()).filter(|total| *total <= isize::MAX as usize) else {
            return Err(memory_error());
        };
        self.resize(total)?;
        if !bytes.is_empty() {
            self.write(length, bytes);
        }
        Ok(())
    }
}

impl Drop for ByteArray {
    fn drop(&mut self) {
        if let Some(block) = NonNull::new(self.bytes.get()) {
            // SAFETY: the block has this size and nobody uses it any more.
            unsafe { habu_heap::free(Domain::Object, block, self.allocated()) };
        }
    }
}
