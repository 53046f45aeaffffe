//! The bytes object as Rust uses it: the bytes stand behind the header, in the object itself, ended by a zero.

use std::cell::Cell;

use habu_macros::pytype;

use crate::object::{Raised, Ref, VarObject};

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
#[pytype(name = "bytes", basetype, subclass_flag = BYTES_SUBCLASS, flag = SEQUENCE, flag = MATCH_SELF, basicsize = 33, itemsize = 1)]
pub struct Bytes {
    /// The header; its size is the number of bytes.
    pub base: VarObject,
    hash: Cell<isize>,
}

crate::assert_layout!(Bytes, size 32, hash @ 24);

impl Bytes {
    /// A copy of a slice.
    pub fn new(bytes: &[u8]) -> Result<Ref<Bytes>, Raised> {
        let memory = crate::object::allocate::raw_memory(0, size_of::<Bytes>() + bytes.len() + 1, false)?;
        // SAFETY: the memory is ours and has room for the header, the bytes and the zero.
        unsafe {
            let object = memory.cast::<Bytes>();
            object.write(Bytes {
                base: VarObject::header(&raw const BYTES_TYPE.ty, bytes.len() as isize),
                hash: Cell::new(-1),
            });
            let data = object.add(1).cast::<u8>();
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), data.as_ptr(), bytes.len());
            data.add(bytes.len()).write(0);
            Ok(Ref::from_owned(object))
        }
    }

    /// The bytes.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: so many bytes follow the header.
        unsafe {
            std::slice::from_raw_parts(std::ptr::from_ref(self).add(1).cast(), self.base.size.get() as usize)
        }
    }
}

#[habu_macros::pymethods]
impl Bytes {}
