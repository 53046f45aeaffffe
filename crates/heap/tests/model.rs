//! Random programs of allocations, against a model that knows every block, its size and its contents.

use std::collections::BTreeMap;
use std::ptr::NonNull;

use habu_heap::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// One step of a program. Blocks are named by any number; it is reduced to one that exists.
#[derive(Clone, Debug)]
enum Step {
    Alloc {
        domain: Domain,
        size: usize,
        zeroed: bool,
    },
    Free {
        which: usize,
        sized: bool,
    },
    Realloc {
        which: usize,
        size: usize,
        sized: bool,
    },
    /// Frees the blocks of a random half.
    FreeMany {
        seed: u64,
    },
    /// Allocates so many of one size.
    AllocMany {
        size: usize,
        count: usize,
    },
    Poison(bool),
    Trim,
    Validate,
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![8 => 0..=64_usize, 4 => 0..=520_usize, 1 => 0..=5000_usize, 1 => 100_000..=300_000_usize]
}

fn domain() -> impl Strategy<Value = Domain> {
    prop_oneof![1 => Just(Domain::Raw), 3 => Just(Domain::Mem), 6 => Just(Domain::Object)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        30 => (domain(), size(), any::<bool>()).prop_map(|(domain, size, zeroed)| Step::Alloc { domain, size, zeroed }),
        20 => (any::<usize>(), any::<bool>()).prop_map(|(which, sized)| Step::Free { which, sized }),
        15 => (any::<usize>(), size(), any::<bool>())
            .prop_map(|(which, size, sized)| Step::Realloc { which, size, sized }),
        2 => any::<u64>().prop_map(|seed| Step::FreeMany { seed }),
        2 => (1..=512_usize, 1..600_usize).prop_map(|(size, count)| Step::AllocMany { size, count }),
        1 => any::<bool>().prop_map(Step::Poison),
        1 => Just(Step::Trim),
        3 => Just(Step::Validate),
    ]
}

#[derive(Clone, Copy)]
struct Block {
    pointer: NonNull<u8>,
    domain: Domain,
    size: usize,
    fill: u8,
}

struct Model<'a> {
    heap: &'a Heap,
    blocks: Vec<Block>,
    /// End and start of every block, to find overlaps.
    ends: BTreeMap<usize, usize>,
    next_fill: u8,
}

impl Model<'_> {
    fn bytes(&self, block: &Block) -> &[u8] {
        // SAFETY: the block is allocated and filled.
        unsafe { std::slice::from_raw_parts(block.pointer.as_ptr(), block.size) }
    }

    /// Takes note of a block, whose first `kept` bytes must be `fill` already.
    fn enter(&mut self, pointer: NonNull<u8>, domain: Domain, size: usize, kept: usize, fill: u8) {
        let address = pointer.addr().get();
        let config = *self.heap.config();
        let aligned = if config.debug { 8 } else { config.geometry.alignment() };
        assert_eq!(address % aligned, 0, "{size} bytes at {address:x}");
        let in_pool = domain != Domain::Raw && config.pymalloc && size + if config.debug { 24 } else { 0 } <= SMALL_MAX;
        assert_eq!(self.heap.owns(pointer.as_ptr()), in_pool);
        let end = address + size.max(1);
        if let Some((_, &start)) = self.ends.range(address + 1..).next() {
            assert!(start >= end, "blocks overlap");
        }
        self.ends.insert(end, address);
        let mut block = Block { pointer, domain, size, fill };
        assert!(self.bytes(&block)[..kept].iter().all(|&byte| byte == fill), "contents were lost");
        self.next_fill = self.next_fill.wrapping_add(1).max(1);
        block.fill = self.next_fill;
        // SAFETY: the block has `size` bytes, and usable ones at least as many.
        unsafe {
            assert!(usable_size(domain, pointer) >= size);
            pointer.write_bytes(block.fill, size);
        }
        self.blocks.push(block);
    }

    fn leave(&mut self, which: usize) -> Block {
        let block = self.blocks.swap_remove(which);
        assert!(self.bytes(&block).iter().all(|&byte| byte == block.fill), "somebody wrote to a block");
        self.ends.remove(&(block.pointer.addr().get() + block.size.max(1)));
        block
    }

    fn alloc(&mut self, domain: Domain, size: usize, zeroed: bool) {
        let pointer = if zeroed { alloc_zeroed(domain, size) } else { alloc(domain, size) }.unwrap();
        self.enter(pointer, domain, size, if zeroed { size } else { 0 }, 0);
    }

    fn free(&mut self, which: usize, sized: bool) {
        let Block { pointer, domain, size, .. } = self.leave(which);
        // SAFETY: the block was allocated so.
        unsafe { if sized { free(domain, pointer, size) } else { free_unsized(domain, pointer) } }
    }

    fn run(&mut self, step: &Step) {
        let count = self.blocks.len();
        match *step {
            Step::Alloc { domain, size, zeroed } => self.alloc(domain, size, zeroed),
            Step::Free { which, sized } if count > 0 => self.free(which % count, sized),
            Step::Realloc { which, size, sized } if count > 0 => {
                let old = self.leave(which % count);
                // SAFETY: the block was allocated so.
                let pointer = unsafe {
                    match sized {
                        true => realloc(old.domain, old.pointer, old.size, size),
                        false => realloc_unsized(old.domain, old.pointer, size),
                    }
                };
                self.enter(pointer.unwrap(), old.domain, size, old.size.min(size), old.fill);
            }
            Step::FreeMany { seed } => {
                let mut random = seed | 1;
                for which in (0..count).rev() {
                    random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    if random >> 63 == 0 {
                        self.free(which, random >> 62 & 1 == 0);
                    }
                }
            }
            Step::AllocMany { size, count } => (0..count).for_each(|_| self.alloc(Domain::Object, size, false)),
            Step::Poison(poison) => self.heap.set_poison(poison),
            Step::Trim => self.heap.trim(),
            _ => self.check(),
        }
    }

    fn check(&self) {
        self.heap.validate().unwrap();
        let in_pools = self.blocks.iter().filter(|block| self.heap.owns(block.pointer.as_ptr())).count();
        assert_eq!(self.heap.allocated_blocks(), in_pools);
        let stats = self.heap.stats();
        assert_eq!(stats.blocks(), in_pools);
        let pools = stats.unused_pools * stats.geometry.pool_size();
        let lost = stats.bytes_headers + stats.bytes_quantization;
        assert_eq!(stats.bytes_used + stats.bytes_available + pools + lost, stats.arenas * stats.geometry.arena_size());
        let system: usize = stats.system.iter().map(|domain| domain.blocks).sum();
        assert_eq!(system, self.blocks.len() - in_pools);
    }
}

fn run(config: Config, steps: &[Step]) {
    let heap = Heap::new(config).unwrap();
    // SAFETY: the heap outlives its being current, and only this thread uses it.
    unsafe { set_current(&raw const *heap) };
    let mut model = Model { heap: &heap, blocks: Vec::new(), ends: BTreeMap::new(), next_fill: 0 };
    for step in steps {
        model.run(step);
    }
    model.check();
    let mut walked = 0;
    heap.for_each_block(|block, _| walked += usize::from(heap.owns(block.as_ptr())));
    assert_eq!(walked, heap.allocated_blocks());
    while !model.blocks.is_empty() {
        model.free(model.blocks.len() - 1, model.blocks.len() & 1 == 0);
    }
    model.check();
    heap.trim();
    assert_eq!(heap.bytes_in_use(), 0, "{}", heap.stats());
    // SAFETY: null is none.
    unsafe { set_current(std::ptr::null()) };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn documents(steps in vec(step(), 1..400)) {
        run(Config::default(), &steps);
    }

    #[test]
    fn cpython(steps in vec(step(), 1..400)) {
        run(Config { geometry: Geometry::CPython311, ..Config::default() }, &steps);
    }

    #[test]
    fn debug(steps in vec(step(), 1..300)) {
        run(Config { debug: true, ..Config::default() }, &steps);
    }

    #[test]
    fn everything_from_the_system(steps in vec(step(), 1..200), debug in any::<bool>()) {
        run(Config { pymalloc: false, debug, ..Config::default() }, &steps);
    }
}
