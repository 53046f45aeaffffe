//! The current thread's heap, and the functions that everybody calls.
//!
//! An allocation with nothing switched on: load the thread's heap; compare the size with `small`; pop
//! the class's free list; count. A free: compare, push, count. These are inlined where they are
//! called. All else is behind one cold call.

use std::cell::Cell;
use std::ptr::{self, NonNull};

use crate::Domain;
use crate::heap::{Heap, NO_HEAP};
use crate::size_class::slot_of;

thread_local! {
    /// Never null, so that the fast path has no branch for "none": `NO_HEAP` has `small == 0`.
    static CURRENT: Cell<*const Heap> = const { Cell::new(NO_HEAP) };
}

/// Makes `heap` the current thread's and returns the one before; null stands for none.
///
/// # Safety
/// While it is current, the heap is alive, and this thread alone uses it (it holds the
/// interpreter's lock; a thread that lets go of the lock may leave the heap current, as long as it only
/// uses the raw domain until it has the lock again). Blocks are freed with the heap current that
/// they were allocated with. References from [`current`] are not used once the heap is dropped.
pub unsafe fn set_current(heap: *const Heap) -> *const Heap {
    let before = CURRENT.replace(if heap.is_null() { NO_HEAP } else { heap });
    if before == NO_HEAP { ptr::null() } else { before }
}

/// The current thread's heap. The lifetime is as long as the caller of [`set_current`] vouched for:
/// until the heap is dropped, which is when its interpreter ends.
pub fn current() -> Option<&'static Heap> {
    let heap = CURRENT.get();
    // SAFETY: alive, by the contract of `set_current`.
    if heap == NO_HEAP { None } else { Some(unsafe { &*heap }) }
}

#[inline(always)]
pub(crate) fn heap() -> &'static Heap {
    // SAFETY: `NO_HEAP`, which is a static, or alive by the contract of `set_current`.
    unsafe { &*CURRENT.get() }
}

/// Allocates `size` bytes (0 counts as 1), aligned to the geometry's step or, if they are more than
/// 512, to 16. `None` when memory or the limit is exhausted, or if the thread has no heap and
/// the domain is not raw.
#[inline]
pub fn alloc(domain: Domain, size: usize) -> Option<NonNull<u8>> {
    if domain != Domain::Raw
        && let Some(block) = alloc_ready(size)
    {
        return Some(block);
    }
    slow_alloc(domain, size)
}

/// Allocates like [`alloc`], in the mem or the object domain, if a free list has a block at hand. `None` says nothing about memory: who gets it
/// calls something out of line that asks [`alloc`], so that the usual case needs no registers kept over a call.
#[inline(always)]
pub fn alloc_ready(size: usize) -> Option<NonNull<u8>> {
    let heap = heap();
    let top = size.wrapping_sub(1);
    if top >= heap.small.get() {
        return None;
    }
    // SAFETY: `small` is at most 512, so the slot is below 64. Blocks on the list are free. This thread holds the heap's lock.
    unsafe { heap.classes.get_unchecked(slot_of(top)).pop() }
}

/// Allocates like [`alloc`], and sets the bytes to 0.
#[inline]
pub fn alloc_zeroed(domain: Domain, size: usize) -> Option<NonNull<u8>> {
    if domain != Domain::Raw && size.wrapping_sub(1) < heap().small.get() {
        let block = alloc(domain, size)?;
        // SAFETY: the block has `size` bytes.
        unsafe { ptr::write_bytes(block.as_ptr(), 0, size) };
        return Some(block);
    }
    slow_alloc_zeroed(domain, size)
}

/// Frees a block whose size is known; nothing is looked up.
///
/// # Safety
/// `pointer` was allocated in `domain`, with this heap current, with `size` bytes (or resized to
/// them last), and is not used again.
#[inline]
pub unsafe fn free(domain: Domain, pointer: NonNull<u8>, size: usize) {
    if domain != Domain::Raw {
        let heap = heap();
        let top = size.wrapping_sub(1);
        if top < heap.small.get() {
            let slot = slot_of(top);
            debug_assert!(
                heap.is_of_class(pointer, slot),
                "freed with another size or heap than it was allocated with"
            );
            // SAFETY: `small` is at most 512, so the slot is below 64; the block was allocated from it.
            unsafe {
                if heap.classes.get_unchecked(slot).push(pointer) {
                    heap.flush(slot);
                }
            }
            return;
        }
    }
    // SAFETY: passed on.
    unsafe { slow_free(domain, pointer, size) }
}

/// Frees a block whose size is not known. Whether it is in a pool is told by its address.
///
/// # Safety
/// As for [`free`], but for the size.
pub unsafe fn free_unsized(domain: Domain, pointer: NonNull<u8>) {
    let heap = heap();
    // SAFETY: passed on; a block in the address map is in a pool.
    unsafe {
        if heap.small.get() != 0 && domain != Domain::Raw && heap.map.contains(pointer.addr().get()) {
            heap.free_small(pointer, None);
        } else {
            heap.slow_free(domain, pointer, None);
        }
    }
}

/// Frees a block whose size should be `size`, but may not be: its owner can have been told another length since. Where its pool is of another class,
/// the pool is right. The usual case takes the free list's place from the size, and so need not wait for what the pool says.
///
/// # Safety
/// As for [`free_unsized`].
#[inline]
pub unsafe fn free_hinted(domain: Domain, pointer: NonNull<u8>, size: usize) {
    let heap = heap();
    let top = size.wrapping_sub(1);
    if domain != Domain::Raw && top < heap.small.get() {
        let slot = slot_of(top);
        if heap.is_of_class(pointer, slot) {
            // SAFETY: `small` is at most 512, so the slot is below 64; the block was allocated from it.
            unsafe {
                if heap.classes.get_unchecked(slot).push(pointer) {
                    heap.flush(slot);
                }
            }
            return;
        }
    }
    // SAFETY: passed on.
    unsafe { free_unsized(domain, pointer) }
}

/// Frees a block of at most [`SMALL_MAX`](crate::SMALL_MAX) bytes whose size is not known otherwise: its pool knows the class.
///
/// # Safety
/// As for [`free_unsized`], and the block was asked for with at most that many bytes.
#[inline]
pub unsafe fn free_small_unsized(domain: Domain, pointer: NonNull<u8>) {
    let heap = heap();
    // SAFETY: passed on; with pools in use a small block is in one of them.
    unsafe {
        if heap.small.get() != 0 && domain != Domain::Raw {
            heap.free_small(pointer, None);
        } else {
            heap.slow_free(domain, pointer, None);
        }
    }
}

/// Resizes a block of `old` bytes to `new`, and perhaps moves it. On `None` the block is as it was.
///
/// # Safety
/// As for [`free`], but that the block is given up only when the result is `Some`.
pub unsafe fn realloc(domain: Domain, pointer: NonNull<u8>, old: usize, new: usize) -> Option<NonNull<u8>> {
    // SAFETY: passed on.
    unsafe { heap().slow_realloc(domain, pointer, Some(old), new) }
}

/// Resizes a block whose size is not known, like [`realloc`].
///
/// # Safety
/// As for [`realloc`], but for the size.
pub unsafe fn realloc_unsized(domain: Domain, pointer: NonNull<u8>, new: usize) -> Option<NonNull<u8>> {
    // SAFETY: passed on.
    unsafe { heap().slow_realloc(domain, pointer, None, new) }
}

/// The bytes of a block that may be used, which are at least those that were asked for.
///
/// # Safety
/// `pointer` was allocated in `domain`, with this heap current, and is not freed.
pub unsafe fn usable_size(domain: Domain, pointer: NonNull<u8>) -> usize {
    // SAFETY: passed on.
    unsafe { heap().slow_usable_size(domain, pointer) }
}

/// Whether `pointer` lies in an arena of the current heap. It may be any address; it is not read.
pub fn owns(pointer: *const u8) -> bool {
    heap().owns(pointer)
}

#[cold]
#[inline(never)]
fn slow_alloc(domain: Domain, size: usize) -> Option<NonNull<u8>> {
    // SAFETY: this thread holds the lock of its current heap, by the contract of `set_current`.
    unsafe { heap().slow_alloc(domain, size, false) }
}

#[cold]
#[inline(never)]
fn slow_alloc_zeroed(domain: Domain, size: usize) -> Option<NonNull<u8>> {
    // SAFETY: this thread holds the lock of its current heap, by the contract of `set_current`.
    unsafe { heap().slow_alloc(domain, size, true) }
}

#[cold]
#[inline(never)]
unsafe fn slow_free(domain: Domain, pointer: NonNull<u8>, size: usize) {
    // SAFETY: passed on.
    unsafe { heap().slow_free(domain, pointer, Some(size)) }
}
