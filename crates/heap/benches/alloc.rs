//! Allocation and freeing, against the C library's allocator and mimalloc.
//!
//! `pair`: one block allocated and freed, over and over: the life of a temporary. `burst`: 1,000
//! blocks allocated, then freed in the order of a program's (first in, first out; last in, first
//! out; at random). `churn`: a table of 10,000 blocks in which a random one is replaced. `grow`: 50 MB
//! of small blocks from the system and back. All are per block.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::ptr::NonNull;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use habu_heap::{Config, Domain, Geometry, Heap, set_current};

/// What is measured.
trait Allocator: Copy {
    fn alloc(self, size: usize) -> NonNull<u8>;
    /// # Safety
    /// The block came from `alloc(size)`.
    unsafe fn free(self, block: NonNull<u8>, size: usize);
}

#[derive(Clone, Copy)]
struct Habu;

impl Allocator for Habu {
    #[inline(always)]
    fn alloc(self, size: usize) -> NonNull<u8> {
        habu_heap::alloc(Domain::Object, size).unwrap()
    }

    #[inline(always)]
    unsafe fn free(self, block: NonNull<u8>, size: usize) {
        // SAFETY: the caller vouches for the block.
        unsafe { habu_heap::free(Domain::Object, block, size) }
    }
}

#[derive(Clone, Copy)]
struct Global<A>(A);

impl<A: GlobalAlloc + Copy> Allocator for Global<A> {
    #[inline(always)]
    fn alloc(self, size: usize) -> NonNull<u8> {
        // SAFETY: the size is not 0.
        NonNull::new(unsafe { self.0.alloc(Layout::from_size_align_unchecked(size, 8)) }).unwrap()
    }

    #[inline(always)]
    unsafe fn free(self, block: NonNull<u8>, size: usize) {
        // SAFETY: the caller vouches for the block.
        unsafe { self.0.dealloc(block.as_ptr(), Layout::from_size_align_unchecked(size, 8)) }
    }
}

#[derive(Clone, Copy)]
struct Mimalloc;

// SAFETY: every call is passed on.
unsafe impl GlobalAlloc for Mimalloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: passed on.
        unsafe { mimalloc::MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: passed on.
        unsafe { mimalloc::MiMalloc.dealloc(block, layout) }
    }
}

/// A generator of numbers that costs next to nothing.
struct Random(u64);

impl Random {
    #[inline(always)]
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 as usize
    }
}

fn shuffled(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut random = Random(88172645463325252);
    for index in (1..count).rev() {
        order.swap(index, random.next() % (index + 1));
    }
    order
}

/// The size class is known when the code is compiled, as that of a `float` is.
fn pair<A: Allocator>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, allocator: A) {
    group.throughput(Throughput::Elements(1));
    group.bench_function(BenchmarkId::new(name, "32, constant"), |b| {
        b.iter(|| {
            let block = black_box(allocator.alloc(32));
            // SAFETY: allocated the line before.
            unsafe { allocator.free(block, 32) };
        });
    });
    for size in [32, 256] {
        group.bench_function(BenchmarkId::new(name, size), |b| {
            b.iter(|| {
                let block = black_box(allocator.alloc(black_box(size)));
                // SAFETY: allocated the line before.
                unsafe { allocator.free(block, black_box(size)) };
            });
        });
    }
}

fn burst<A: Allocator>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, allocator: A) {
    const COUNT: usize = 1000;
    group.throughput(Throughput::Elements(COUNT as u64));
    let orders = [("fifo", (0..COUNT).collect()), ("lifo", (0..COUNT).rev().collect()), ("random", shuffled(COUNT))];
    for (order_name, order) in &orders {
        let mut blocks = Vec::with_capacity(COUNT);
        group.bench_function(BenchmarkId::new(name, order_name), |b| {
            b.iter(|| {
                blocks.extend((0..COUNT).map(|_| allocator.alloc(32)));
                for &index in order {
                    // SAFETY: each is freed once.
                    unsafe { allocator.free(blocks[index], 32) };
                }
                blocks.clear();
            });
        });
    }
}

fn churn<A: Allocator>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, allocator: A) {
    const COUNT: usize = 10_000;
    group.throughput(Throughput::Elements(1));
    group.bench_function(BenchmarkId::new(name, "16..256"), |b| {
        let mut random = Random(88172645463325252);
        let mut size = || 16 + random.next() % 240;
        let mut table: Vec<_> = (0..COUNT).map(|_| size()).map(|size| (allocator.alloc(size), size)).collect();
        let mut random = Random(123456789123456789);
        b.iter(|| {
            let number = random.next();
            let slot = &mut table[number % COUNT];
            // SAFETY: what is in the table is allocated, and replaced.
            unsafe { allocator.free(slot.0, slot.1) };
            let size = 16 + (number >> 32) % 240;
            *slot = (allocator.alloc(size), size);
        });
        for (block, size) in table {
            // SAFETY: what is in the table is allocated.
            unsafe { allocator.free(block, size) };
        }
    });
}

fn grow<A: Allocator>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, allocator: A) {
    const COUNT: usize = 50_000_000 / 64;
    group.throughput(Throughput::Elements(COUNT as u64));
    group.sample_size(10);
    let mut blocks = Vec::with_capacity(COUNT);
    group.bench_function(BenchmarkId::new(name, "50 MB"), |b| {
        b.iter(|| {
            blocks.extend((0..COUNT).map(|_| allocator.alloc(64)));
            for block in blocks.drain(..) {
                // SAFETY: each is freed once.
                unsafe { allocator.free(block, 64) };
            }
        });
    });
}

fn all(criterion: &mut Criterion) {
    let heap = Heap::new(Config::default()).unwrap();
    // SAFETY: the heap outlives its being current, and only this thread uses it.
    unsafe { set_current(&raw const *heap) };
    let other = Heap::new(Config { geometry: Geometry::CPython311, ..Config::default() }).unwrap();
    macro_rules! compare {
        ($name:ident) => {
            let mut group = criterion.benchmark_group(stringify!($name));
            group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
            $name(&mut group, "habu", Habu);
            // SAFETY: as above; blocks of one heap are not freed with the other current.
            unsafe { set_current(&raw const *other) };
            $name(&mut group, "habu, CPython's geometry", Habu);
            // SAFETY: as above.
            unsafe { set_current(&raw const *heap) };
            $name(&mut group, "libc", Global(System));
            $name(&mut group, "mimalloc", Global(Mimalloc));
            group.finish();
        };
    }
    compare!(pair);
    compare!(burst);
    compare!(churn);
    compare!(grow);
    // SAFETY: null is none.
    unsafe { set_current(std::ptr::null()) };
}

criterion_group!(benches, all);
criterion_main!(benches);
