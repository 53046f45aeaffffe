//! The layout of an array and its memory: the only file here that touches it directly.

use std::cell::Cell;
use std::ffi::c_int;
use std::ptr::NonNull;

use habu_heap::Domain;
use habu_macros::pytype;
use habu_runtime::exceptions::memory_error;
use habu_runtime::object::slots::BufferView;
use habu_runtime::object::{Object, PyType, Raised, Ref, Type, VarObject, instantiate};
use habu_runtime::raise;
use habu_runtime::types::buffer::request;

use super::kind::Kind;

/// array(typecode [, initializer]) -> array
///
/// Return a new array whose items are restricted by typecode, and
/// initialized from the optional initializer value, which must be a list,
/// string or iterable over elements of the appropriate type.
///
/// Arrays represent basic values and behave very much like lists, except
/// the type of objects stored in them is constrained. The type is specified
/// at object creation time by using a type code, which is a single character.
/// The following type codes are defined:
///
///     Type code   C Type             Minimum size in bytes
///     'b'         signed integer     1
///     'B'         unsigned integer   1
///     'u'         Unicode character  2 (see note)
///     'h'         signed integer     2
///     'H'         unsigned integer   2
///     'i'         signed integer     2
///     'I'         unsigned integer   2
///     'l'         signed integer     4
///     'L'         unsigned integer   4
///     'q'         signed integer     8 (see note)
///     'Q'         unsigned integer   8 (see note)
///     'f'         floating point     4
///     'd'         floating point     8
///
/// NOTE: The 'u' typecode corresponds to Python's unicode character. On
/// narrow builds this is 2-bytes on wide builds this is 4-bytes.
///
/// NOTE: The 'q' and 'Q' type codes are only available if the platform
/// C compiler used to build Python supports 'long long', or, on Windows,
/// '__int64'.
///
/// Methods:
///
/// append() -- append a new item to the end of the array
/// buffer_info() -- return information giving the current memory info
/// byteswap() -- byteswap all the items of the array
/// count() -- return number of occurrences of an object
/// extend() -- extend array by appending multiple elements from an iterable
/// fromfile() -- read items from a file object
/// fromlist() -- append items from the list
/// frombytes() -- append items from the string
/// index() -- return index of first occurrence of an object
/// insert() -- insert a new item into the array at a provided position
/// pop() -- remove and return item (default last)
/// remove() -- remove first occurrence of an object
/// reverse() -- reverse the order of the items in the array
/// tofile() -- write all items to a file object
/// tolist() -- return the array converted to an ordinary list
/// tobytes() -- return the array converted to a string
///
/// Attributes:
///
/// typecode -- the typecode character used to create the array
/// itemsize -- the length in bytes of one array item
#[pytype(name = "array.array", generic_get, gc, heap, immutable, basetype, flag = SEQUENCE, weaklist = weaklist)]
pub struct Array {
    /// The header; its size is the number of items.
    base: VarObject,
    /// A block of `allocated` items, or null for none.
    items: Cell<*mut u8>,
    allocated: Cell<isize>,
    kind: Cell<&'static Kind>,
    weaklist: Cell<*const Object>,
    /// How many buffers are lent.
    exports: Cell<isize>,
}

habu_runtime::assert_layout!(Array, size 64, items @ 24, exports @ 56);

impl Drop for Array {
    fn drop(&mut self) {
        self.free_items();
    }
}

impl Array {
    /// An empty array.
    pub(super) fn empty(cls: &Type, kind: &'static Kind) -> Result<Ref<Array>, Raised> {
        instantiate(
            cls,
            Array {
                base: VarObject::header(Array::type_object(), 0),
                items: Cell::new(std::ptr::null_mut()),
                allocated: Cell::new(0),
                kind: Cell::new(kind),
                weaklist: Cell::new(std::ptr::null()),
                exports: Cell::new(0),
            },
        )
    }

    /// An array with these bytes, which are whole items.
    pub(super) fn from_bytes(kind: &'static Kind, bytes: &[u8]) -> Result<Ref<Array>, Raised> {
        let made = Array::empty(Array::type_object(), kind)?;
        made.reserve(bytes.len() / kind.size)?;
        made.replace(0, 0, bytes)?;
        Ok(made)
    }

    /// The kind of the items.
    pub(super) fn kind(&self) -> &'static Kind {
        self.kind.get()
    }

    /// The number of items.
    pub(super) fn len(&self) -> usize {
        self.base.size.get() as usize
    }

    /// The number of items that there is room for.
    pub(super) fn allocated(&self) -> usize {
        self.allocated.get() as usize
    }

    /// Where the items are.
    pub(super) fn address(&self) -> usize {
        self.items.get() as usize
    }

    fn free_items(&self) {
        let size = self.allocated() * self.kind().size;
        if let Some(block) = NonNull::new(self.items.replace(std::ptr::null_mut())) {
            // SAFETY: the block was allocated with this size, and nothing points to it any more.
            unsafe { habu_heap::free(Domain::Mem, block, size) };
        }
        self.allocated.set(0);
    }

    /// Lends the bytes of all items to a closure that runs no Python code and does not change the array.
    pub(super) fn lend<R>(&self, with: impl FnOnce(&[u8]) -> R) -> R {
        match NonNull::new(self.items.get()) {
            // SAFETY: the block has that many items, and by this function's contract stays.
            Some(block) => with(unsafe { std::slice::from_raw_parts(block.as_ptr(), self.len() * self.kind().size) }),
            None => with(&[]),
        }
    }

    /// Lends the bytes of all items to a closure that runs no Python code and changes them in place.
    pub(super) fn lend_mut<R>(&self, with: impl FnOnce(&mut [u8]) -> R) -> R {
        match NonNull::new(self.items.get()) {
            Some(block) => {
                // SAFETY: as for `lend`; consumers of the buffer look at it only while Python code or theirs runs.
                with(unsafe { std::slice::from_raw_parts_mut(block.as_ptr(), self.len() * self.kind().size) })
            }
            None => with(&mut []),
        }
    }

    /// The bytes of the item at `index`.
    #[inline]
    pub(super) fn raw(&self, index: usize) -> Option<[u8; 8]> {
        if index >= self.len() {
            return None;
        }
        let size = self.kind().size;
        let mut bytes = [0; 8];
        // SAFETY: there are more than `index` items of `size` bytes, at most 8.
        unsafe { bytes.as_mut_ptr().copy_from_nonoverlapping(self.items.get().add(index * size), size) };
        Some(bytes)
    }

    /// The item at `index`.
    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<Result<Ref, Raised>> {
        self.raw(index).map(|bytes| self.kind().decode(bytes))
    }

    /// Writes the bytes of an item; whether it is there.
    #[inline]
    pub(super) fn put(&self, index: usize, bytes: [u8; 8]) -> bool {
        if index >= self.len() {
            return false;
        }
        let size = self.kind().size;
        // SAFETY: as for `raw`.
        unsafe { self.items.get().add(index * size).copy_from_nonoverlapping(bytes.as_ptr(), size) };
        true
    }

    /// Refuses to be resized while buffers are lent.
    pub(super) fn check_exports(&self) -> Result<(), Raised> {
        if self.exports.get() > 0 {
            return Err(raise!(BufferError, "cannot resize an array that is exporting buffers"));
        }
        Ok(())
    }

    /// Makes a block of exactly `count` items for an array that is still empty.
    pub(super) fn reserve(&self, count: usize) -> Result<(), Raised> {
        if count > 0 && self.items.get().is_null() { self.reallocate(count) } else { Ok(()) }
    }

    /// Changes the number of items, with some room to grow; new ones are zero. A block is kept that is large enough, unless the array shrinks
    /// by 16 items or more at once.
    pub(super) fn resize(&self, count: usize) -> Result<(), Raised> {
        let old = self.len();
        if count == old {
            return Ok(());
        }
        self.check_exports()?;
        let size = self.kind().size;
        let stays = self.allocated() >= count && old < count.saturating_add(16) && !self.items.get().is_null();
        if count == 0 && !stays {
            self.base.size.set(0);
            self.free_items();
            return Ok(());
        }
        if !stays {
            let room = count.saturating_add(count >> 4).saturating_add(if old < 8 { 3 } else { 7 });
            self.reallocate(room)?;
        }
        if count > old {
            // SAFETY: there is room for `count` items.
            unsafe { self.items.get().add(old * size).write_bytes(0, (count - old) * size) };
        }
        self.base.size.set(count as isize);
        Ok(())
    }

    /// Moves to a block of `room` items, which hold what there is or its beginning.
    fn reallocate(&self, room: usize) -> Result<(), Raised> {
        let size = self.kind().size;
        let Some(bytes) = room.checked_mul(size).filter(|bytes| *bytes <= isize::MAX as usize) else {
            return Err(memory_error());
        };
        let block = match NonNull::new(self.items.get()) {
            // SAFETY: the block was allocated with this size.
            Some(old) => unsafe { habu_heap::realloc(Domain::Mem, old, self.allocated() * size, bytes) },
            None => habu_heap::alloc(Domain::Mem, bytes),
        };
        let Some(block) = block else { return Err(memory_error()) };
        self.items.set(block.as_ptr());
        self.allocated.set(room as isize);
        Ok(())
    }

    /// Puts whole items in the place of those from `start` to `end`, which are within the array.
    pub(super) fn replace(&self, start: usize, end: usize, with: &[u8]) -> Result<(), Raised> {
        let (size, length) = (self.kind().size, self.len());
        let (start, end) = (start.min(length), end.clamp(start.min(length), length));
        let new = length - (end - start) + with.len() / size;
        if new > length {
            self.resize(new)?;
        } else if new < length {
            self.check_exports()?;
        }
        let base = self.items.get();
        if !base.is_null() {
            // SAFETY: both the old and the new number of items fit in the block.
            unsafe {
                base.add(start * size + with.len()).copy_from(base.add(end * size), (length - end) * size);
                base.add(start * size).copy_from_nonoverlapping(with.as_ptr(), with.len());
            }
        }
        if new < length { self.resize(new) } else { Ok(()) }
    }

    /// Fills in a view of the items.
    pub(super) fn fill_view(&self, view: *mut BufferView, flags: c_int) -> Result<(), Raised> {
        static NOTHING: [u8; 1] = [0];
        if view.is_null() {
            return Err(raise!(BufferError, "array_buffer_getbuf: view==NULL argument is obsolete"));
        }
        let kind = self.kind();
        let start = if self.items.get().is_null() { NOTHING.as_ptr().cast_mut() } else { self.items.get() };
        let asks = |bits: c_int| flags & bits == bits;
        // SAFETY: the consumer gave a place for the view, which stays while it is held; the shape is the array's own size, which
        // does not change while the view is held.
        unsafe {
            view.write(BufferView {
                buf: start.cast(),
                obj: Some(self.to_ref()),
                len: (self.len() * kind.size) as isize,
                itemsize: kind.size as isize,
                readonly: 0,
                ndim: 1,
                format: if asks(request::FORMAT) { kind.buffer_format.as_ptr() } else { std::ptr::null() },
                shape: if asks(request::ND) { self.base.size.as_ptr() } else { std::ptr::null_mut() },
                strides: std::ptr::null_mut(),
                suboffsets: std::ptr::null_mut(),
                internal: std::ptr::null_mut(),
            });
            if asks(request::STRIDES) {
                (*view).strides = &raw mut (*view).itemsize;
            }
        }
        self.exports.set(self.exports.get() + 1);
        Ok(())
    }

    /// A view was given back.
    pub(super) fn released(&self) {
        self.exports.set(self.exports.get() - 1);
    }
}
