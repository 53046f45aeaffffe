//! Copying words that were just written.

/// Up to so many words are copied one by one.
const FEW: usize = 16;

/// Copies `count` references or other words, as `copy_nonoverlapping` does, one by one if they are few.
///
/// What stands on a stack was often pushed a moment ago, word by word. A processor hands a word on to a load of that word before it is in the cache, but
/// makes a load of several such words, as of `memcpy` or a loop that the compiler widened, wait until all of them are: longer than most calls take.
///
/// # Safety
/// As for `copy_nonoverlapping`.
#[inline(always)]
pub unsafe fn copy_words<T>(from: *const T, to: *mut T, count: usize) {
    const { assert!(size_of::<T>() == size_of::<usize>()) };
    // SAFETY: by the contract. A volatile load is one of a word, and is not put together with others.
    unsafe {
        if count > FEW {
            to.copy_from_nonoverlapping(from, count);
            return;
        }
        for index in 0..count {
            to.add(index).write(from.add(index).read_volatile());
        }
    }
}
