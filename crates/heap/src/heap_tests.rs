//! Tests of the heap as its users see it.

use std::ptr::NonNull;

use crate::arena::HEADERS;
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
        for index in 1..(geometry.pool_size() - HEADERS) / 48 {
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
        // At most those of the blocks on the class's free list, and an empty one.
        assert!(stats.arenas <= 16, "{stats}");
        assert_eq!(stats.arenas_total, stats.arenas_reclaimed + stats.arenas);
        heap.trim();
        assert_eq!(heap.stats().arenas, 0);
        assert_eq!(heap.bytes_in_use(), 0);
    });
}

#[test]
fn a_kept_arena_is_not_mapped_again_and_again() {
    both(|heap, _| {
        for _ in 0..100 {
            let blocks: Vec<_> = (0..500).map(|_| take(256)).collect();
            // SAFETY: taken with this size.
            blocks.into_iter().for_each(|block| unsafe { give(block, 256) });
        }
        let stats = heap.stats();
        assert!(stats.arenas_total <= 2 * stats.arenas_highwater, "{stats}");
    });
}

#[test]
fn the_hard_limit_holds_over_all_domains() {
    let limit = 4 << 20;
    both(|heap, _| {
        heap.set_limit(Some(limit));
        let mut small = Vec::new();
        while let Some(block) = alloc(Domain::Object, 100) {
            small.push(block);
        }
        assert!(heap.bytes_in_use() <= limit && heap.bytes_in_use() > limit - (2 << 20));
        for domain in Domain::ALL {
            assert!(alloc(domain, limit).is_none() && alloc_zeroed(domain, limit).is_none());
        }
        assert!(alloc(Domain::Mem, usize::MAX).is_none() && alloc(Domain::Raw, usize::MAX - 7).is_none());
        heap.set_limit(None);
        let large = alloc(Domain::Mem, 1000).unwrap();
        heap.set_limit(Some(limit));
        // SAFETY: allocated above with these sizes.
        unsafe {
            assert!(realloc(Domain::Mem, large, 1000, limit).is_none());
            let shrunk = realloc_unsized(Domain::Mem, large, 900).unwrap();
            free(Domain::Mem, shrunk, 900);
            small.into_iter().for_each(|block| give(block, 100));
        }
        assert!(alloc(Domain::Object, 300).is_some());
    });
}

#[test]
fn the_soft_limit_calls_back_when_it_is_crossed() {
    use std::cell::Cell;
    thread_local!(static CALLS: Cell<usize> = const { Cell::new(0) });
    with_heap(Config::default(), |heap| {
        heap.set_soft_limit(Some(1 << 20), |in_use| {
            assert!(in_use > 1 << 20);
            CALLS.set(CALLS.get() + 1);
        });
        for round in 1..=3 {
            let blocks: Vec<_> = (0..3).map(|_| alloc(Domain::Raw, 600_000).unwrap()).collect();
            assert_eq!(CALLS.get(), round);
            // SAFETY: allocated above.
            blocks.into_iter().for_each(|block| unsafe { free_unsized(Domain::Raw, block) });
        }
        assert!(heap.peak_bytes() >= 1_800_000 && heap.bytes_in_use() == 0);
        heap.reset_peak();
        assert_eq!(heap.peak_bytes(), 0);
    });
}

#[test]
fn faults_hit_the_allocations_that_they_name() {
    both(|heap, _| {
        heap.set_faults(Some(Faults { start: 2, stop: Some(4) }));
        let results: Vec<_> = (0..6).map(|index| alloc(Domain::ALL[index % 3], 40)).collect();
        let succeeded: Vec<_> = results.iter().map(Option::is_some).collect();
        assert_eq!(succeeded, [true, true, false, false, true, true]);
        assert_eq!(heap.counted_allocations(), 6);
        heap.set_faults(Some(Faults { start: 0, stop: None }));
        assert!(alloc_zeroed(Domain::Mem, 4000).is_none());
        heap.set_faults(None);
        for (index, block) in results.into_iter().enumerate() {
            if let Some(block) = block {
                // SAFETY: allocated above.
                unsafe { free(Domain::ALL[index % 3], block, 40) };
            }
        }
        assert_eq!(heap.allocated_blocks(), 0);
    });
}

/// What a trace has seen.
#[derive(Default)]
struct Seen {
    live: std::collections::HashMap<usize, (Domain, usize)>,
    refuse: bool,
}

unsafe fn seen_allocated(seen: *mut (), domain: Domain, block: NonNull<u8>, size: usize) -> bool {
    // SAFETY: the context is a `Seen` that outlives the trace.
    let seen = unsafe { &mut *seen.cast::<Seen>() };
    if !seen.refuse {
        assert!(seen.live.insert(block.addr().get(), (domain, size)).is_none());
    }
    !seen.refuse
}

unsafe fn seen_reallocated(seen: *mut (), domain: Domain, old: NonNull<u8>, new: NonNull<u8>, size: usize) {
    // SAFETY: as above.
    let seen = unsafe { &mut *seen.cast::<Seen>() };
    seen.live.remove(&old.addr().get());
    assert!(seen.live.insert(new.addr().get(), (domain, size)).is_none());
}

unsafe fn seen_freed(seen: *mut (), domain: Domain, block: NonNull<u8>) {
    // SAFETY: as above.
    let seen = unsafe { &mut *seen.cast::<Seen>() };
    assert_eq!(seen.live.remove(&block.addr().get()).map(|(domain, _)| domain), Some(domain));
}

#[test]
fn a_trace_sees_every_block_of_its_domain() {
    for debug in [false, true] {
        with_heap(Config { debug, ..Config::default() }, |heap| {
            let mut seen = Seen::default();
            let trace = Trace {
                context: (&raw mut seen).cast(),
                allocated: seen_allocated,
                reallocated: seen_reallocated,
                freed: seen_freed,
            };
            // SAFETY: the trace is removed before it goes out of scope.
            unsafe {
                assert!(heap.set_trace(Domain::Mem, &raw const trace).is_null());
                let blocks = [8, 100, 513, 10_000].map(|size| (alloc(Domain::Mem, size).unwrap(), size));
                let untraced = take(8);
                assert_eq!(seen.live.len(), 4);
                for (block, size) in blocks {
                    let moved = realloc(Domain::Mem, block, size, size * 2).unwrap();
                    assert_eq!(seen.live[&moved.addr().get()], (Domain::Mem, size * 2));
                    free_unsized(Domain::Mem, moved);
                }
                assert!(seen.live.is_empty());
                seen.refuse = true;
                assert!(alloc(Domain::Mem, 8).is_none());
                assert_eq!(heap.set_trace(Domain::Mem, ptr_null()), &raw const trace);
                give(untraced, 8);
            }
            assert_eq!(heap.allocated_blocks(), 0);
        });
    }
}

fn ptr_null() -> *const Trace {
    std::ptr::null()
}

#[test]
fn the_debug_layer_has_cpythons_layout_and_finds_damage() {
    use std::cell::Cell;
    thread_local!(static FOUND: Cell<Option<Corruption>> = const { Cell::new(None) });
    let on_corruption = |corruption: &Corruption| FOUND.set(Some(*corruption));
    with_heap(Config { debug: true, on_corruption, ..Config::default() }, |_| {
        let found = || FOUND.take().map(|corruption| corruption.what);
        // SAFETY: only bytes of the debug layer and of blocks that are allocated are touched.
        unsafe {
            let block = take(5);
            let around = std::slice::from_raw_parts(block.sub(16).as_ptr(), 16 + 5 + 8);
            assert_eq!(around[..8], [0, 0, 0, 0, 0, 0, 0, 5]);
            assert_eq!(around[8..16], [b'o', 0xFD, 0xFD, 0xFD, 0xFD, 0xFD, 0xFD, 0xFD]);
            assert_eq!(around[16..21], [0xCD; 5]);
            assert_eq!(around[21..], [0xFD; 8]);
            give(block, 5);
            assert_eq!(found(), None);
            // The first word of the freed memory is the free list's; the rest is dead.
            assert_eq!(around[8..], [0xDD; 21]);

            let block = take(5);
            block.add(5).write(0);
            give(block, 5);
            assert_eq!(found(), Some("bad trailing pad byte"));
            let block = take(5);
            block.sub(1).write(0);
            free_unsized(Domain::Object, block);
            assert_eq!(found(), Some("bad leading pad byte"));
            let block = take(700);
            free(Domain::Mem, block, 700);
            assert_eq!(found(), Some("bad ID, verified using API 'm'"));
            give(block, 700);
            let block = take(5);
            give(block, 5);
            give(block, 5);
            assert_eq!(found(), Some("block was freed before"));
        }
    });
}

#[test]
fn an_audit_finds_what_a_stray_write_did() {
    let heap = Heap::new(Config::default()).unwrap();
    // SAFETY: the heap outlives its being current; freed memory of its pools stays mapped.
    unsafe {
        let before = set_current(&raw const *heap);
        let (first, second) = (take(32), take(32));
        give(first, 32);
        heap.validate().unwrap();
        let link = first.cast::<*const u8>();
        let good = link.replace(second.as_ptr().wrapping_add(8));
        assert_eq!(heap.validate().unwrap_err().what, "free list leads into the middle of a block");
        link.write(&raw const heap as *const u8);
        assert_eq!(heap.validate().unwrap_err().what, "free list leads out of the heap");
        link.write(first.as_ptr());
        assert_eq!(heap.validate().unwrap_err().what, "free list is longer than blocks are in use");
        link.write(good);
        heap.validate().unwrap();
        set_current(before);
    }
}

#[test]
fn a_thread_without_a_heap_has_the_raw_domain_only() {
    assert!(current().is_none());
    assert!(alloc(Domain::Object, 8).is_none() && alloc_zeroed(Domain::Mem, 1000).is_none());
    let block = alloc(Domain::Raw, 8).unwrap();
    // SAFETY: allocated the line before.
    unsafe {
        let block = realloc(Domain::Raw, block, 8, 8000).unwrap();
        assert!(usable_size(Domain::Raw, block) >= 8000 && !owns(block.as_ptr()));
        free(Domain::Raw, block, 8000);
    }
}

#[test]
fn the_raw_domain_counts_from_many_threads() {
    struct Pointer(*const Heap);
    // SAFETY: the threads use the raw domain only.
    unsafe impl Sync for Pointer {}
    with_heap(Config::default(), |heap| {
        let pointer = Pointer(heap);
        let pointer = &pointer;
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(move || {
                    // SAFETY: the heap outlives the scope; nothing but the raw domain is used.
                    unsafe { set_current(pointer.0) };
                    for size in 1..2000 {
                        let block = alloc(Domain::Raw, size).unwrap();
                        // SAFETY: allocated the line before.
                        unsafe { free(Domain::Raw, block, size) };
                    }
                });
            }
        });
        assert_eq!(heap.stats().system(Domain::Raw), SystemStats::default());
        assert_eq!(heap.allocated_blocks(), 0);
    });
}

#[test]
fn statistics_are_printed_as_cpython_prints_them() {
    with_heap(Config { geometry: Geometry::CPython311, ..Config::default() }, |heap| {
        let _blocks: Vec<_> = (0..2000).map(|_| take(500)).collect();
        let report = heap.stats().to_string();
        let expected = [
            "Small block threshold = 512, in 32 size classes.",
            "class   size   num pools   blocks in use  avail blocks",
            "   31    512          63            2000            14",
            "# arenas allocated total           =                    1",
            "1 arenas * 1048576 bytes/arena     =            1,048,576",
            "# bytes in allocated blocks        =            1,024,000",
            "Total                              =            1,048,576",
        ];
        for line in expected {
            assert!(report.lines().any(|found| found == line), "{line}\n{report}");
        }
    });
}

#[test]
fn pools_are_taken_from_the_fullest_arena() {
    both(|heap, geometry| {
        let per_pool = geometry.pool_size() / 512;
        let arena_of = |block: NonNull<u8>| block.addr().get() / geometry.arena_size();
        let shorter = (geometry.pool_size() - HEADERS) / 512;
        let per_arena = shorter + 63 * per_pool;
        let blocks: Vec<_> = (0..3 * per_arena).map(|_| take(512)).collect();
        let arenas: Vec<_> = (0..3).map(|index| arena_of(blocks[index * per_arena])).collect();
        assert_eq!(heap.stats().unused_pools, 0);
        // Three pools of the first arena become unused, one of the second, and two of the third.
        for (arena, pools) in [(0, 3), (1, 1), (2, 2)] {
            let first = arena * per_arena + shorter;
            // SAFETY: taken with this size.
            blocks[first..first + pools * per_pool].iter().for_each(|&block| unsafe { give(block, 512) });
        }
        heap.trim();
        assert_eq!(heap.stats().unused_pools, 6);
        let order: Vec<_> = (0..6 * per_pool).map(|_| arena_of(take(8 * 63))).step_by(per_pool).collect();
        let expected = [1, 2, 2, 0, 0, 0].map(|arena: usize| arenas[arena]);
        assert_eq!(order, expected);
    });
}
