//! The layout of bytes objects (`PyBytesObject`), and how Rust makes them.
//!
//! Invariant: a zero byte stands behind the last one. The empty object and those of one byte are static.

use std::cell::Cell;

use habu_macros::pytype;

use crate::exceptions::memory_error;
use crate::object::allocate::{allocate_zeroed, own_type, raw_memory};
use crate::object::static_cell::ProcessStatic;
use crate::object::typeobject::flags;
use crate::object::{Raised, Ref, Type, VarObject};
use crate::{gc, raise};

/// bytes(iterable_of_ints) -> bytes
/// bytes(string, encoding[, errors]) -> bytes
/// bytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer
/// bytes(int) -> bytes object of size given by the parameter initialized with null bytes
/// bytes() -> empty bytes object
///
/// Construct an immutable array of bytes from:
///   - an iterable yielding integers in range(256)
///   - a text string encoded using the specified encoding
///   - any object implementing the buffer API.
///   - an integer
#[pytype(name = "bytes", generic_get, c_name = "PyBytes_Type", basetype, subclass_flag = BYTES_SUBCLASS, flag = MATCH_SELF, itemsize = 1, basicsize = 33)]
pub struct Bytes {
    /// The header; its size is the number of bytes.
    pub base: VarObject,
    hash: Cell<isize>,
    data: [u8; 0],
}

crate::assert_layout!(Bytes, size 32, hash @ 24, data @ 32);

/// The bytes before the data.
const HEADER: usize = 32;

/// A static object of at most one byte.
#[repr(C)]
struct SmallBytes {
    bytes: Bytes,
    data: [u8; 2],
}

const fn small(length: isize, byte: u8) -> ProcessStatic<SmallBytes> {
    let base = VarObject::shared_header(&raw const BYTES_TYPE.ty, length);
    ProcessStatic(SmallBytes { bytes: Bytes { base, hash: Cell::new(-1), data: [] }, data: [byte, 0] })
}

static EMPTY: ProcessStatic<SmallBytes> = small(0, 0);

static SINGLE: [ProcessStatic<SmallBytes>; 256] = {
    let mut all = [const { small(1, 0) }; 256];
    let mut byte = 0;
    while byte < 256 {
        all[byte].0.data[0] = byte as u8;
        byte += 1;
    }
    all
};

impl Bytes {
    /// The empty object.
    #[inline]
    pub fn empty() -> Ref<Bytes> {
        Ref::from_borrowed(&EMPTY.0.bytes)
    }

    /// The object of one byte.
    #[inline]
    pub fn single(byte: u8) -> Ref<Bytes> {
        // SAFETY: a SmallBytes has the layout of a bytes object of one byte.
        Ref::from_borrowed(unsafe { &*(&raw const SINGLE[usize::from(byte)]).cast::<Bytes>() })
    }

    /// A bytes object with these bytes.
    #[inline]
    pub fn new(bytes: &[u8]) -> Result<Ref<Bytes>, Raised> {
        match bytes {
            [] => Ok(Bytes::empty()),
            [one] => Ok(Bytes::single(*one)),
            _ => {
                let made = Bytes::allocate(bytes.len())?;
                // SAFETY: the object is new and has room for them.
                unsafe { made.pointer().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
                Ok(made)
            }
        }
    }

    /// As `zeros`; a new object even for none.
    pub fn zeros_unshared(length: usize) -> Result<Ref<Bytes>, Raised> {
        let made = Bytes::allocate(length)?;
        // SAFETY: the object is new and held by nobody else.
        unsafe { made.pointer().write_bytes(0, length) };
        Ok(made)
    }

    /// So many zero bytes; a new object even for one.
    pub fn zeros(length: usize) -> Result<Ref<Bytes>, Raised> {
        if length == 0 {
            return Ok(Bytes::empty());
        }
        let made = Bytes::allocate(length)?;
        // SAFETY: the object is new and held by nobody else.
        unsafe { made.pointer().write_bytes(0, length) };
        Ok(made)
    }

    /// A bytes object of `length` zeros, which `fill` changes.
    pub fn build(length: usize, fill: impl FnOnce(&mut [u8])) -> Result<Ref<Bytes>, Raised> {
        if length == 0 {
            return Ok(Bytes::empty());
        }
        let made = Bytes::allocate(length)?;
        // SAFETY: the object is new and held by nobody else.
        unsafe {
            made.pointer().write_bytes(0, length);
            fill(std::slice::from_raw_parts_mut(made.pointer(), length));
        }
        if length == 1 {
            return Ok(Bytes::single(made.as_slice()[0]));
        }
        Ok(made)
    }

    /// A new object with room for `length` bytes, which the caller writes before anybody else sees it.
    pub fn allocate(length: usize) -> Result<Ref<Bytes>, Raised> {
        let Some(size) = length.checked_add(HEADER + 1).filter(|size| *size <= isize::MAX as usize) else {
            return Err(raise!(OverflowError, "byte string is too large"));
        };
        let object = raw_memory(0, size, false)?.cast::<Bytes>();
        // SAFETY: the memory has room for the header and `length + 1` bytes.
        unsafe {
            object.write(Bytes {
                base: VarObject::header(&raw const BYTES_TYPE.ty, length as isize),
                hash: Cell::new(-1),
                data: [],
            });
            object.cast::<u8>().add(HEADER + length).write(0);
            Ok(Ref::from_owned(object))
        }
    }

    /// A new instance of `cls`, a subclass of bytes.
    pub fn instantiate(cls: &Type, bytes: &[u8]) -> Result<Ref<Bytes>, Raised> {
        let size = (cls.tp_basicsize.get() as usize).checked_add(bytes.len()).and_then(|size| size.checked_add(7));
        let Some(size) = size.filter(|size| *size <= isize::MAX as usize) else { return Err(memory_error()) };
        let object = allocate_zeroed(cls, size & !7)?.cast::<Bytes>();
        // SAFETY: the memory has room for the header, the bytes, a zero and what the subclass adds.
        unsafe {
            object.write(Bytes { base: VarObject::header(cls, bytes.len() as isize), hash: Cell::new(-1), data: [] });
            object.cast::<u8>().add(HEADER).as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            own_type(cls);
            let object = Ref::from_owned(object);
            if cls.has_flag(flags::HAVE_GC) {
                gc::track(&object);
            }
            Ok(object)
        }
    }

    fn pointer(&self) -> *mut u8 {
        // SAFETY: the data stand behind the header.
        unsafe { std::ptr::from_ref(self).cast::<u8>().add(HEADER).cast_mut() }
    }

    /// The bytes, to be written; the hash is forgotten.
    ///
    /// # Safety
    /// Nobody else holds the object, nor looks at its bytes while the borrow lives.
    #[expect(clippy::mut_from_ref, reason = "an object is only ever reached by shared references")]
    pub(super) unsafe fn rewritten(&self) -> &mut [u8] {
        self.hash.set(-1);
        // SAFETY: `len` bytes stand behind the header; by the contract nobody else uses them.
        unsafe { std::slice::from_raw_parts_mut(self.pointer(), self.len()) }
    }

    /// The number of bytes.
    #[inline(always)]
    #[expect(clippy::len_without_is_empty, reason = "compare with 0, as for every sequence")]
    pub fn len(&self) -> usize {
        self.base.size.get() as usize
    }

    /// The bytes.
    #[inline(always)]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: `len` bytes stand behind the header and never change.
        unsafe { std::slice::from_raw_parts(self.pointer(), self.len()) }
    }

    /// The hash of the bytes, computed once; a string of the same ASCII text has the same.
    #[inline]
    pub fn hash(&self) -> isize {
        if self.hash.get() == -1 {
            self.hash.set(crate::hashing::hash_bytes(self.as_slice()));
        }
        self.hash.get()
    }
}
