//! Size classes: which slot of a heap serves a request, without a branch on the geometry.
//!
//! A heap has 64 slots, one for each multiple of 8 up to 512. A request of `size` bytes belongs
//! to slot `(size - 1) / 8`, whose free list serves it. The pools behind the list are those of the
//! slot itself, or, where classes are 16 bytes apart, those of the odd one of each two slots; so in that
//! geometry two free lists may hold blocks of the same pools. Since the fast path need not know, the
//! place of a free list is a constant where the size is. CPython's counterpart is `size >> ALIGNMENT_SHIFT`.

/// The largest request, in bytes, that is served from a pool.
pub const SMALL_MAX: usize = 512;

/// Slots in a heap: one for each multiple of 8.
pub(crate) const SLOTS: usize = SMALL_MAX / 8;

/// The slot whose free list serves a request of `top + 1` bytes.
#[inline(always)]
pub(crate) const fn slot_of(top: usize) -> usize {
    top >> 3
}

/// Whether blocks of two sizes, each from 1 to [`SMALL_MAX`], are of one size class: then a block may be freed by either.
#[inline(always)]
pub const fn same_class(left: usize, right: usize) -> bool {
    slot_of(left.wrapping_sub(1)) == slot_of(right.wrapping_sub(1))
}

/// The size in bytes of the blocks in the pools of a slot.
#[inline(always)]
pub(crate) const fn block_size(slot: usize) -> usize {
    (slot + 1) * 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_the_smallest_class_that_holds_it() {
        for size in 1..=SMALL_MAX {
            assert_eq!(block_size(slot_of(size - 1)), size.next_multiple_of(8));
            assert_eq!(block_size(slot_of(size - 1) | 1), size.next_multiple_of(16));
            assert!(slot_of(size - 1) < SLOTS);
        }
    }
}
