//! The three domains of memory, and the geometry and options that a heap is made with.
//!
//! CPython's counterparts are `PyMemAllocatorDomain` and the `PYTHONMALLOC` variable.

/// What a piece of memory is for, which decides who may ask for it and where it comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum Domain {
    /// Straight from the system; any thread may use it, with or without the interpreter's lock.
    Raw = 0,
    /// Buffers that the interpreter or its objects own. Needs the interpreter's lock.
    Mem = 1,
    /// Objects themselves. Needs the interpreter's lock.
    Object = 2,
}

impl Domain {
    /// All domains, in the order of their numbers.
    pub const ALL: [Domain; 3] = [Domain::Raw, Domain::Mem, Domain::Object];

    /// The letter that CPython's debug layer writes in front of a block: `r`, `m` or `o`.
    pub const fn letter(self) -> u8 {
        match self {
            Domain::Raw => b'r',
            Domain::Mem => b'm',
            Domain::Object => b'o',
        }
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// How arenas are cut into pools and requests into size classes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Geometry {
    /// Arenas of 256 KiB, pools of 4 KiB, classes 8, 16, .. 512; blocks are aligned to 8 bytes.
    #[default]
    Documents,
    /// CPython 3.11's own on 64-bit machines: 1 MiB, 16 KiB, 16, 32, .. 512; aligned to 16 bytes.
    CPython311,
}

impl Geometry {
    /// Bytes in an arena, a power of two; arenas are aligned to their size.
    pub const fn arena_size(self) -> usize {
        match self {
            Geometry::Documents => 256 << 10,
            Geometry::CPython311 => 1 << 20,
        }
    }

    /// Bytes in a pool. There are 64 pools in an arena in either geometry.
    pub const fn pool_size(self) -> usize {
        self.arena_size() / crate::arena::POOLS
    }

    /// The step from one size class to the next, and the alignment of every block.
    pub const fn alignment(self) -> usize {
        match self {
            Geometry::Documents => 8,
            Geometry::CPython311 => 16,
        }
    }
}

/// What a heap is made with.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The sizes of arenas, pools and classes.
    pub geometry: Geometry,
    /// Whether small requests go to pools; otherwise everything goes to the system (`PYTHONMALLOC=malloc`).
    pub pymalloc: bool,
    /// Fillers and guard bytes around every block, checked when it is freed (`PYTHONMALLOC=debug`).
    pub debug: bool,
    /// Freed memory is overwritten with 0xDD, without the rest of the debug layer.
    pub poison: bool,
    /// Called when the debug layer finds a damaged block. It should not return; the default
    /// prints what was found to standard error and aborts, as CPython does.
    pub on_corruption: fn(&crate::Corruption),
}

impl Default for Config {
    fn default() -> Config {
        Config {
            geometry: Geometry::default(),
            pymalloc: true,
            debug: false,
            poison: false,
            on_corruption: crate::debug::report_and_abort,
        }
    }
}
