//! The layers that a request goes through when something is switched on: faults, then traces, then the
//! debug layer or poisoning, then the plain heap. None of this is on the fast path.

use std::ptr::{self, NonNull};

use crate::debug::{self, BEFORE, DEAD, EXTRA};
use crate::heap::{Heap, NO_HEAP};
use crate::hooks::{DEBUG, POISON};
use crate::{Domain, os};

impl Heap {
    fn has(&self, switch: u32) -> bool {
        self.hooks.switches() & switch != 0
    }

    /// Allocates, through whatever layers are on.
    ///
    /// # Safety
    /// The caller holds the heap's lock, unless the domain is raw. So it is for all of these.
    pub(crate) unsafe fn slow_alloc(&self, domain: Domain, size: usize, zeroed: bool) -> Option<NonNull<u8>> {
        // SAFETY: passed on, and the trace's functions are called as they ask.
        unsafe {
            if !self.hooks.concern(domain) {
                return self.bare_alloc(domain, size, zeroed);
            }
            if self.hooks.fault() {
                return None;
            }
            let block = self.dressed_alloc(domain, size, zeroed)?;
            if let Some(trace) = self.hooks.trace(domain)
                && !(trace.allocated)(trace.context, domain, block, size)
            {
                self.undressed_free(domain, block, Some(size));
                return None;
            }
            Some(block)
        }
    }

    /// # Safety
    /// As for `slow_alloc`, and the block is one of this heap and domain, of `size` bytes if given.
    pub(crate) unsafe fn slow_free(&self, domain: Domain, block: NonNull<u8>, size: Option<usize>) {
        // SAFETY: passed on, and the trace's functions are called as they ask.
        unsafe {
            if let Some(trace) = self.hooks.trace(domain) {
                (trace.freed)(trace.context, domain, block);
            }
            self.undressed_free(domain, block, size);
        }
    }

    /// # Safety
    /// As for `slow_free`. The block is gone if and only if the result is `Some`.
    pub(crate) unsafe fn slow_realloc(
        &self,
        domain: Domain,
        block: NonNull<u8>,
        old: Option<usize>,
        new: usize,
    ) -> Option<NonNull<u8>> {
        // SAFETY: passed on, and the trace's functions are called as they ask.
        unsafe {
            if self.hooks.fault() {
                return None;
            }
            let moved = if self.has(DEBUG | POISON) {
                self.dressed_realloc(domain, block, old, new)?
            } else {
                self.bare_realloc(domain, block, old, new)?
            };
            if let Some(trace) = self.hooks.trace(domain) {
                (trace.reallocated)(trace.context, domain, block, moved, new);
            }
            Some(moved)
        }
    }

    /// The size that the caller of an allocation could use.
    ///
    /// # Safety
    /// As for `slow_free`.
    pub(crate) unsafe fn slow_usable_size(&self, domain: Domain, block: NonNull<u8>) -> usize {
        // SAFETY: the caller vouches for the block.
        unsafe {
            if self.has(DEBUG) {
                debug::size_of_block(block)
            } else if self.is_none() {
                os::usable_size(block)
            } else {
                self.plain_usable_size(domain, block)
            }
        }
    }

    /// Whether this is the heap of a thread that has none. It knows the raw domain only, and counts nothing.
    fn is_none(&self) -> bool {
        ptr::eq(self, NO_HEAP)
    }

    unsafe fn bare_alloc(&self, domain: Domain, size: usize, zeroed: bool) -> Option<NonNull<u8>> {
        // SAFETY: passed on.
        unsafe {
            match (self.is_none(), zeroed) {
                (false, false) => self.plain_alloc(domain, size),
                (false, true) => self.plain_alloc_zeroed(domain, size),
                (true, _) if domain != Domain::Raw => None,
                (true, false) => os::malloc(size),
                (true, true) => os::calloc(size),
            }
        }
    }

    unsafe fn bare_free(&self, domain: Domain, block: NonNull<u8>, size: Option<usize>) {
        // SAFETY: passed on. Without a heap, only raw blocks can be told from those of pools; the
        // others are leaked, which is safe.
        unsafe {
            if !self.is_none() {
                self.plain_free(domain, block, size);
            } else if domain == Domain::Raw {
                os::free(block);
            } else {
                debug_assert!(false, "a block was freed on a thread without a heap");
            }
        }
    }

    unsafe fn bare_realloc(
        &self,
        domain: Domain,
        block: NonNull<u8>,
        old: Option<usize>,
        new: usize,
    ) -> Option<NonNull<u8>> {
        // SAFETY: passed on.
        unsafe {
            match self.is_none() {
                false => self.plain_realloc(domain, block, old, new),
                true if domain == Domain::Raw => os::realloc(block, new),
                true => None,
            }
        }
    }

    unsafe fn dressed_alloc(&self, domain: Domain, size: usize, zeroed: bool) -> Option<NonNull<u8>> {
        // SAFETY: passed on; the bytes that are dressed were allocated just before.
        unsafe {
            if !self.has(DEBUG) {
                return self.bare_alloc(domain, size, zeroed);
            }
            let start = self.bare_alloc(domain, size.checked_add(EXTRA)?, zeroed)?;
            Some(debug::dress(domain, start, size, zeroed))
        }
    }

    unsafe fn undressed_free(&self, domain: Domain, block: NonNull<u8>, size: Option<usize>) {
        // SAFETY: the caller vouches for the block, whose memory is all overwritten before it is given up.
        unsafe {
            if self.has(DEBUG) {
                if let Err(corruption) = debug::check(domain, block) {
                    // Its size cannot be trusted. If the callback returns, the block is leaked.
                    return (self.config.on_corruption)(&corruption);
                }
                let whole = debug::size_of_block(block) + EXTRA;
                let start = block.sub(BEFORE);
                ptr::write_bytes(start.as_ptr(), DEAD, whole);
                self.bare_free(domain, start, Some(whole));
            } else {
                if self.has(POISON) {
                    let whole = self.plain_usable_size(domain, block);
                    ptr::write_bytes(block.as_ptr(), DEAD, whole);
                }
                self.bare_free(domain, block, size);
            }
        }
    }

    /// Always moves the block, so that whoever holds on to the old one reads dead bytes.
    unsafe fn dressed_realloc(
        &self,
        domain: Domain,
        block: NonNull<u8>,
        old: Option<usize>,
        new: usize,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the caller vouches for the block; no more bytes are copied than either block has.
        unsafe {
            if self.has(DEBUG)
                && let Err(corruption) = debug::check(domain, block)
            {
                (self.config.on_corruption)(&corruption);
                return None;
            }
            let had = self.slow_usable_size(domain, block);
            let moved = self.dressed_alloc(domain, new, false)?;
            ptr::copy_nonoverlapping(block.as_ptr(), moved.as_ptr(), had.min(new));
            self.undressed_free(domain, block, old);
            Some(moved)
        }
    }
}
