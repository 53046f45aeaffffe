//! The operating system, behind one thin seam: aligned mappings for arenas, and the C library's allocator.
//!
//! Nothing else in the crate calls `libc`.

use std::ptr::{self, NonNull};

/// Maps `size` bytes of zeroed memory at an address that is a multiple of `size` (a power of two
/// and a multiple of the page size). `None` when the system has no more.
pub(crate) fn map_aligned(size: usize) -> Option<NonNull<u8>> {
    let start = map(size)?;
    if start.addr().get() & (size - 1) == 0 {
        return Some(start);
    }
    // Neighbouring mappings are usually placed one under the other, so that after one aligned
    // arena the next is aligned by itself and this happens rarely.
    // SAFETY: `start` was mapped above with this size, and nobody knows of it.
    unsafe { unmap(start, size) };
    let span = size.checked_mul(2)?;
    let start = map(span)?;
    let before = start.addr().get().next_multiple_of(size) - start.addr().get();
    let after = span - size - before;
    // SAFETY: `before <= size`, so `aligned` and the two cuts lie within the `span` bytes mapped
    // above, and the cuts do not overlap the `size` bytes that are handed out.
    unsafe {
        let aligned = start.add(before);
        if before > 0 {
            unmap(start, before);
        }
        if after > 0 {
            unmap(aligned.add(size), after);
        }
        Some(aligned)
    }
}

fn map(size: usize) -> Option<NonNull<u8>> {
    // SAFETY: an anonymous private mapping at an address of the system's choice touches no memory that exists.
    let start = unsafe {
        libc::mmap(
            ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if start == libc::MAP_FAILED { None } else { NonNull::new(start.cast()) }
}

/// Gives `size` bytes at `start` back to the system. Says whether it took them: it can refuse
/// when a cut in the middle of a mapping would make one mapping too many.
///
/// # Safety
/// The bytes must have come from [`map_aligned`], page-aligned, and must not be used again.
pub(crate) unsafe fn unmap(start: NonNull<u8>, size: usize) -> bool {
    // SAFETY: the caller owns the mapping.
    unsafe { libc::munmap(start.as_ptr().cast(), size) == 0 }
}

/// Lets the system give memory to all of `size` mapped bytes at `start` at once, which takes a fraction of
/// the time that it takes to be asked page by page. If it will not, that is what happens.
///
/// # Safety
/// The bytes must have come from [`map_aligned`].
pub(crate) unsafe fn populate(start: NonNull<u8>, size: usize) {
    #[cfg(target_os = "linux")]
    // SAFETY: the caller owns the mapping, whose contents are not changed by this.
    unsafe {
        libc::madvise(start.as_ptr().cast(), size, libc::MADV_POPULATE_WRITE);
    }
}

/// Drops the contents of `size` mapped bytes at `start`; they read as zero afterwards.
///
/// # Safety
/// The bytes must have come from [`map_aligned`], page-aligned, and hold nothing of value.
pub(crate) unsafe fn discard(start: NonNull<u8>, size: usize) {
    // SAFETY: the caller owns the mapping. A refusal only means that the memory stays resident.
    unsafe { libc::madvise(start.as_ptr().cast(), size, libc::MADV_DONTNEED) };
}

/// Whether the system would give so many bytes now. Nothing is kept, and the C library's allocator is not asked: it would change its ways
/// after a large block.
pub(crate) fn can_map(bytes: usize) -> bool {
    // SAFETY: a new private mapping, which is taken away again at once.
    unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let start = libc::mmap(std::ptr::null_mut(), bytes, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
        start != libc::MAP_FAILED && libc::munmap(start, bytes) == 0
    }
}

/// `malloc`, with at least one byte.
pub(crate) fn malloc(size: usize) -> Option<NonNull<u8>> {
    // SAFETY: `malloc` may be called with any size.
    NonNull::new(unsafe { libc::malloc(size.max(1)) }.cast())
}

/// `calloc` of single bytes, with at least one.
pub(crate) fn calloc(size: usize) -> Option<NonNull<u8>> {
    // SAFETY: `calloc` may be called with any size.
    NonNull::new(unsafe { libc::calloc(size.max(1), 1) }.cast())
}

/// `realloc`, with at least one byte.
///
/// # Safety
/// `pointer` must be a live block of the C library's allocator. It is gone when the result is `Some`.
pub(crate) unsafe fn realloc(pointer: NonNull<u8>, size: usize) -> Option<NonNull<u8>> {
    // SAFETY: the caller vouches for the block.
    NonNull::new(unsafe { libc::realloc(pointer.as_ptr().cast(), size.max(1)) }.cast())
}

/// `free`.
///
/// # Safety
/// `pointer` must be a live block of the C library's allocator.
pub(crate) unsafe fn free(pointer: NonNull<u8>) {
    // SAFETY: the caller vouches for the block.
    unsafe { libc::free(pointer.as_ptr().cast()) }
}

/// The bytes that a block of the C library's allocator really has.
///
/// # Safety
/// `pointer` must be a live block of the C library's allocator.
pub(crate) unsafe fn usable_size(pointer: NonNull<u8>) -> usize {
    // SAFETY: the caller vouches for the block.
    #[cfg(target_os = "macos")]
    unsafe {
        libc::malloc_size(pointer.as_ptr().cast())
    }
    // SAFETY: the caller vouches for the block.
    #[cfg(not(target_os = "macos"))]
    unsafe {
        libc::malloc_usable_size(pointer.as_ptr().cast())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_are_aligned_and_zeroed() {
        for size in [256 << 10, 1 << 20] {
            let mut all = Vec::new();
            for _ in 0..20 {
                let start = map_aligned(size).unwrap();
                assert_eq!(start.addr().get() % size, 0);
                // SAFETY: `size` bytes were just mapped.
                unsafe {
                    assert_eq!(*start.as_ptr(), 0);
                    assert_eq!(*start.as_ptr().add(size - 1), 0);
                    *start.as_ptr() = 1;
                }
                all.push(start);
            }
            for start in all {
                // SAFETY: mapped above, not used again.
                assert!(unsafe { unmap(start, size) });
            }
        }
    }
}
