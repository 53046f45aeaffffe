//! Requests without hooks: small ones to the pools, large and raw ones to the C library.
//!
//! A block of the C library is charged to the account in the size that it really has, which can be
//! asked of the block itself when it is freed. So nobody has to remember it.
//!
//! Whether a block is in a pool is told by its size where the caller knows it, and else by the
//! address map. For this to hold, a block may never be in another place than its size says: a
//! shrinking `realloc` moves it to the smaller class, or from the C library to a pool.

use std::ptr::{self, NonNull};

use crate::heap::Heap;
use crate::size_class::{SMALL_MAX, block_size, slot_of};
use crate::{Domain, os};

impl Heap {
    /// Whether a block of `size` bytes is in a pool.
    #[inline]
    fn is_small(&self, domain: Domain, size: usize) -> bool {
        domain != Domain::Raw && size <= SMALL_MAX && self.config.pymalloc
    }

    /// Whether the block at `block`, of `size` bytes if that is known, is in a pool.
    #[inline]
    fn is_in_pool(&self, domain: Domain, block: NonNull<u8>, size: Option<usize>) -> bool {
        match size {
            Some(size) => {
                let small = self.is_small(domain, size);
                debug_assert_eq!(
                    small,
                    domain != Domain::Raw && self.map.contains(block.addr().get()),
                    "freed or resized with another size, domain or heap than it was allocated with"
                );
                small
            }
            None => domain != Domain::Raw && self.map.contains(block.addr().get()),
        }
    }

    /// # Safety
    /// The caller holds the heap's lock, unless the domain is raw. So it is for all of these.
    pub(crate) unsafe fn plain_alloc(&self, domain: Domain, size: usize) -> Option<NonNull<u8>> {
        if self.is_small(domain, size) {
            // SAFETY: a size of 1 to `SMALL_MAX` has a slot.
            unsafe { self.alloc_small(slot_of(size.max(1) - 1)) }
        } else {
            self.charged(domain, size, os::malloc)
        }
    }

    /// # Safety
    /// As for `plain_alloc`.
    pub(crate) unsafe fn plain_alloc_zeroed(&self, domain: Domain, size: usize) -> Option<NonNull<u8>> {
        if self.is_small(domain, size) {
            // SAFETY: as in `plain_alloc`; the block has at least `size` bytes.
            unsafe {
                let block = self.alloc_small(slot_of(size.max(1) - 1))?;
                ptr::write_bytes(block.as_ptr(), 0, size);
                Some(block)
            }
        } else {
            self.charged(domain, size, os::calloc)
        }
    }

    fn charged(
        &self,
        domain: Domain,
        size: usize,
        allocate: impl FnOnce(usize) -> Option<NonNull<u8>>,
    ) -> Option<NonNull<u8>> {
        if size > isize::MAX as usize || !self.account.allows(size) {
            return None;
        }
        let block = allocate(size)?;
        // SAFETY: the block was just allocated.
        self.account.add_system(domain, unsafe { os::usable_size(block) }, 1);
        Some(block)
    }

    /// # Safety
    /// As for `plain_alloc`, and `block` was allocated in this domain, with `size` bytes if given.
    pub(crate) unsafe fn plain_free(&self, domain: Domain, block: NonNull<u8>, size: Option<usize>) {
        // SAFETY: the caller vouches for the block.
        unsafe {
            if self.is_in_pool(domain, block, size) {
                self.free_small(block, size);
            } else {
                self.account.remove_system(domain, os::usable_size(block), 1);
                os::free(block);
            }
        }
    }

    /// The bytes that a block really has.
    ///
    /// # Safety
    /// As for `plain_free`.
    pub(crate) unsafe fn plain_usable_size(&self, domain: Domain, block: NonNull<u8>) -> usize {
        // SAFETY: the caller vouches for the block.
        unsafe {
            if self.is_in_pool(domain, block, None) {
                block_size(self.slot_of_block(block))
            } else {
                os::usable_size(block)
            }
        }
    }

    /// # Safety
    /// As for `plain_free`. The block is gone if and only if the result is `Some`.
    pub(crate) unsafe fn plain_realloc(
        &self,
        domain: Domain,
        block: NonNull<u8>,
        old: Option<usize>,
        new: usize,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the caller vouches for the block, and a copy is of no more bytes than either block has.
        unsafe {
            let old_small = self.is_in_pool(domain, block, old);
            let new_small = self.is_small(domain, new);
            if !old_small && !new_small {
                return self.resize_system(domain, block, new);
            }
            let had = self.plain_usable_size(domain, block);
            if old_small && new_small && block_size(slot_of(new.max(1) - 1) | self.odd) == had {
                return Some(block);
            }
            let moved = self.plain_alloc(domain, new)?;
            ptr::copy_nonoverlapping(block.as_ptr(), moved.as_ptr(), had.min(new));
            self.plain_free(domain, block, old);
            Some(moved)
        }
    }

    /// # Safety
    /// `block` is a live block of the C library.
    unsafe fn resize_system(&self, domain: Domain, block: NonNull<u8>, new: usize) -> Option<NonNull<u8>> {
        // SAFETY: the caller vouches for the block.
        unsafe {
            let had = os::usable_size(block);
            if new > isize::MAX as usize || (new > had && !self.account.allows(new - had)) {
                return None;
            }
            let block = os::realloc(block, new)?;
            let has = os::usable_size(block);
            if has >= had {
                self.account.add_system(domain, has - had, 0);
            } else {
                self.account.remove_system(domain, had - has, 0);
            }
            Some(block)
        }
    }
}
