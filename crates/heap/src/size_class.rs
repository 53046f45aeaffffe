//! Size classes: which slot of a heap serves a request, without a branch on the geometry.
//!
//! A heap has 64 slots, one for each multiple of 8 up to 512. A request of `size` bytes belongs
//! to slot `(size - 1) / 8`. In the geometry with steps of 16 only the odd slots exist, and the
//! slot number is or-ed with 1; so either geometry costs one shift and one `or`, and slot `s`
//! always holds blocks of `(s + 1) * 8` bytes. CPython's counterpart is `size >> ALIGNMENT_SHIFT`.

/// The largest request, in bytes, that is served from a pool.
pub const SMALL_MAX: usize = 512;

/// Slots in a heap: one for each multiple of 8.
pub(crate) const SLOTS: usize = SMALL_MAX / 8;

/// The slot that serves a request of `top + 1` bytes. `odd` is 1 where classes are 16 bytes apart.
#[inline(always)]
pub(crate) const fn slot_of(top: usize, odd: usize) -> usize {
    (top >> 3) | odd
}

/// The size in bytes of the blocks in a slot.
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
            assert_eq!(block_size(slot_of(size - 1, 0)), size.next_multiple_of(8));
            assert_eq!(block_size(slot_of(size - 1, 1)), size.next_multiple_of(16));
            assert!(slot_of(size - 1, 1) < SLOTS);
        }
    }
}
