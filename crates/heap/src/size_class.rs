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

/// The most pages that a pool takes.
pub(crate) const PAGES_MAX: usize = 4;

/// Blocks larger than this have pools of one page: a larger pool would seldom be free as a whole.
const RUN_MAX: usize = 96;

/// How many pages of 4 KiB a pool of a slot takes where as many adjoin: as few as leave the least unused at their end for each page. In a single page
/// 85 blocks of 48 bytes leave 16; in three 256 leave none.
const PAGES: [u8; SLOTS] = {
    let mut table = [1; SLOTS];
    let mut slot = 0;
    while slot < SLOTS && block_size(slot) <= RUN_MAX {
        let (size, mut best, mut pages) = (block_size(slot), 1, 2);
        while pages <= PAGES_MAX {
            if (pages * 4096 % size) * best < (best * 4096 % size) * pages {
                best = pages;
            }
            pages += 1;
        }
        table[slot] = best as u8;
        slot += 1;
    }
    table
};

/// See [`PAGES`]; 1 for pools of another size.
pub(crate) fn pages_of(slot: usize, pool_size: usize) -> usize {
    if pool_size == 4096 { PAGES.get(slot).map_or(1, |&pages| usize::from(pages)) } else { 1 }
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

    #[test]
    fn pools_of_small_blocks_end_with_little_unused() {
        for size in (8..=RUN_MAX).step_by(8) {
            let pages = pages_of(slot_of(size - 1), 4096);
            assert!((1..=PAGES_MAX).contains(&pages));
            assert!(pages * 4096 % size <= 16 * pages, "{size}");
        }
        assert_eq!([24, 32, 48, 56, 104, 512].map(|size| pages_of(slot_of(size - 1), 4096)), [3, 1, 3, 1, 1, 1]);
        assert_eq!(pages_of(slot_of(47), 16384), 1);
    }
}
