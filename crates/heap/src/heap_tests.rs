//! Tests of the heap as its users see it.

use std::ptr::NonNull;

use crate::*;

/// Runs `body` with a fresh heap current, and audits it afterwards.
fn with_heap<R>(config: Config, body: impl FnOnce(&Heap) -> R) -> R {
    let heap = Heap::new(config).unwrap();
    // SAFETY: the heap outlives its being current, and only this thread uses it.
    let before = unsafe { set_current(&raw const *heap) };
    let result = body(&heap);
    heap.validate().unwrap();
    // SAFETY: the one before is still alive.
    unsafe { set_current(before) };
    result
}

fn both(body: impl Fn(&Heap, Geometry)) {
    for geometry in [Geometry::Documents, Geometry::CPython311] {
        with_heap(Config { geometry, ..Config::default() }, |heap| body(heap, geometry));
    }
}

fn take(size: usize) -> NonNull<u8> {
    alloc(Domain::Object, size).unwrap()
}

/// # Safety
/// `block` came from `take(size)`.
unsafe fn give(block: NonNull<u8>, size: usize) {
    // SAFETY: the caller vouches for it.
    unsafe { free(Domain::Object, block, size) }
}

#[test]
fn the_block_freed_last_is_handed_out_first() {
    both(|_, _| {
        for size in [1, 8, 24, 56, 512, 0] {
            let (first, second) = (take(size), take(size));
            // SAFETY: taken with these sizes.
            unsafe {
                give(first, size);
                assert_eq!(take(size), first);
                give(second, size);
                give(first, size);
                assert_eq!(take(size), first);
                assert_eq!(take(size), second);
            }
        }
    });
}

#[test]
fn a_block_of_a_full_pool_is_handed_out_next() {
    both(|_, geometry| {
        let per_pool = geometry.pool_size() / 64;
        let blocks: Vec<_> = (0..per_pool * 3 + 1).map(|_| take(64)).collect();
        // SAFETY: taken with this size.
        unsafe { give(blocks[5], 64) };
        assert_eq!(take(64), blocks[5]);
    });
}

#[test]
fn fresh_blocks_come_in_address_order() {
    both(|_, geometry| {
        let first = take(48);
        for index in 1..geometry.pool_size() / 48 {
            assert_eq!(take(48).addr().get(), first.addr().get() + index * 48);
        }
    });
}

#[test]
fn empty_arenas_go_back_to_the_system() {
    both(|heap, geometry| {
        let count = 8 * geometry.arena_size() / 128;
        let blocks: Vec<_> = (0..count).map(|_| take(128)).collect();
        assert_eq!(heap.allocated_blocks(), count);
        assert!(heap.stats().arenas >= 8);
        // Far from the order in which they were taken.
        for index in 0..count {
            // SAFETY: taken with this size; 7919 is prime to the count, so each is freed once.
            unsafe { give(blocks[index * 7919 % count], 128) };
        }
        assert_eq!(heap.allocated_blocks(), 0);
        let stats = heap.stats();
        assert!(stats.arenas <= 2, "{stats}");
        assert_eq!(stats.arenas_total, stats.arenas_reclaimed + stats.arenas);
        heap.trim();
        assert_eq!(heap.stats().arenas, 0);
        assert_eq!(heap.bytes_in_use(), 0);
    });
}
