//! The values of a split table (`PyDictValues`): a word for each entry of the shared keys, behind the order in which they were set.
//!
//! Before the first value stand, from high to low address: the size of this prefix in bytes, the number of values set, and the index
//! of each of them in order of insertion, a byte each.  Shared tables have at most 30 keys.

use std::cell::Cell;
use std::ptr::NonNull;

use habu_heap::Domain;

use crate::exceptions::memory_error;
use crate::object::{Object, Raised, Ref};

/// The values of one dictionary or instance.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Values(NonNull<Cell<*const Object>>);

impl Values {
    /// Values for `size` keys, none of them set.
    pub fn allocate(size: usize) -> Result<Values, Raised> {
        debug_assert!(size < 240);
        let prefix = (size + 2 + 7) & !7;
        let Some(memory) = habu_heap::alloc(Domain::Mem, prefix + size * 8) else { return Err(memory_error()) };
        // SAFETY: the block has `prefix` bytes and `size` words.
        unsafe {
            // Most are small: a call of memset costs more than this; volatile, or the compiler makes it one.
            for word in 0..prefix / 8 + size {
                memory.as_ptr().cast::<usize>().add(word).write_volatile(0);
            }
            memory.as_ptr().add(prefix - 1).write(prefix as u8);
            Ok(Values(memory.add(prefix).cast()))
        }
    }

    #[inline(always)]
    fn byte(self, before: usize) -> *mut u8 {
        // SAFETY: callers stay within the prefix.
        unsafe { self.0.as_ptr().cast::<u8>().sub(before) }
    }

    /// The place of the value of the key at `index`.
    #[inline(always)]
    pub fn cell<'a>(self, index: isize) -> &'a Cell<*const Object> {
        // SAFETY: there is a value for every key that the shared table can come to have.  The caller keeps the borrow over
        // nothing that frees the values.
        unsafe { &*self.0.as_ptr().offset(index) }
    }

    /// How many are set.
    #[inline(always)]
    pub fn used(self) -> usize {
        // SAFETY: the prefix has this byte.
        usize::from(unsafe { *self.byte(2) })
    }

    /// The index of the key that was set as number `at`.
    #[inline(always)]
    pub fn order(self, at: usize) -> isize {
        debug_assert!(at < self.used());
        // SAFETY: the prefix has a byte for each key.
        unsafe { *self.byte(3 + at) as isize }
    }

    /// Notes that the key at `index` was set, after all others.
    #[inline(always)]
    pub fn append(self, index: isize) {
        let used = self.used();
        // SAFETY: the prefix has a byte for each key, and no key is noted twice.
        unsafe {
            *self.byte(3 + used) = index as u8;
            *self.byte(2) = used as u8 + 1;
        }
    }

    /// Notes that the key at `index` is no longer set.
    pub fn forget(self, index: isize) {
        let used = self.used();
        let Some(found) = (0..used).find(|at| self.order(*at) == index) else { return };
        // SAFETY: the places moved are within the prefix.
        unsafe {
            for at in found..used - 1 {
                *self.byte(3 + at) = *self.byte(4 + at);
            }
            *self.byte(2) = used as u8 - 1;
        }
    }

    /// Drops what is set and frees the memory.
    ///
    /// # Safety
    /// Nobody uses the values afterwards; nobody else reaches them while they are dropped.
    pub unsafe fn end(self) {
        let (mut left, mut index) = (self.used(), 0);
        while left > 0 {
            if let Some(value) = super::keys::take_cell(self.cell(index)) {
                left -= 1;
                drop(value);
            }
            index += 1;
        }
        // SAFETY: by the contract.
        unsafe { self.free() }
    }

    /// Frees the memory; what is set must have been moved away.
    ///
    /// # Safety
    /// Nobody uses the values afterwards.
    pub unsafe fn free(self) {
        // SAFETY: the prefix size leads to the start of the block.
        unsafe {
            let prefix = usize::from(*self.byte(1));
            // At most 30 values and their prefix: always a small block.
            habu_heap::free_small_unsized(Domain::Mem, NonNull::new_unchecked(self.byte(prefix)));
        }
    }

    /// The value of the key at `index`.
    #[inline(always)]
    pub fn get(self, index: isize) -> Option<Ref> {
        super::keys::cell_ref(self.cell(index))
    }
}
