//! `Room`: bytes of a layout that CPython's struct uses and Habu's does not.
//!
//! An instance is as large as CPython's in memory too, so that what `sys.getsizeof` says of it is true, and a class derived from the
//! type adds its fields where CPython's class has them. What CPython keeps in these bytes stands elsewhere, or is not needed.

use std::mem::MaybeUninit;

/// So many bytes that nothing is kept in.
#[repr(transparent)]
pub struct Room<const BYTES: usize>(MaybeUninit<[u8; BYTES]>);

impl<const BYTES: usize> Room<BYTES> {
    /// The bytes, which are not written.
    #[inline(always)]
    pub const fn new() -> Room<BYTES> {
        Room(MaybeUninit::uninit())
    }
}

impl<const BYTES: usize> Default for Room<BYTES> {
    fn default() -> Room<BYTES> {
        Room::new()
    }
}
