//! Copying words that were just written, and references by the row.

use super::{Object, Ref};

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

/// Copies `count` references, of which each counts `times` more then, up to the first place that holds none, as C code may leave in a list. Gives how
/// many were copied.
///
/// # Safety
/// `from` holds so many references or nulls, and `to` has as much memory, which is not that of `from`.
#[inline(always)]
pub(crate) unsafe fn copy_references(from: *const Ref, to: *mut Ref, count: usize, times: isize) -> usize {
    let (from, to) = (from.cast::<*const Object>(), to.cast::<*const Object>());
    // SAFETY: by the contract; a reference is a pointer to a live object. Nothing runs meanwhile.
    unsafe {
        for index in 0..count {
            let object = *from.add(index);
            let Some(held) = object.as_ref() else { return index };
            held.add_references(times);
            *to.add(index) = object;
        }
    }
    count
}

/// Copies `count` references so often behind each other, all of which count. Gives how many there are then; fewer than asked for where a place holds none.
///
/// # Safety
/// As for `copy_references`, with memory for all copies.
pub(crate) unsafe fn repeat_references(from: *const Ref, to: *mut Ref, count: usize, times: usize) -> usize {
    // SAFETY: by the contract; all copies were counted by the first.
    unsafe {
        let row = copy_references(from, to, count, times as isize);
        let (mut end, all) = (row, row * times);
        while end < all {
            let more = end.min(all - end);
            to.copy_to_nonoverlapping(to.add(end), more);
            end += more;
        }
        all
    }
}
