//! The heap: arenas, pools and blocks behind three domains of memory. Nothing of Python in it.
//!
//! One [[`Heap`]] for each interpreter; a thread makes it its own with `set_current` while it holds the
//! interpreter's lock, and then allocates with `alloc`, `free` and their like, or through a
//! [`Buffer`]. `docs/heap.md` walks the path of an allocation. From the bottom up:
//!
//! - `os`: the system; `size_class`, `domain`: sizes, geometries, domains;
//! - `pool`, `arena`, `numbers`, `radix`: blocks in pools, pools in arenas, arenas by number and by address;
//! - `class`, `heap`, `blocks`: free lists, a heap, and how pools and arenas come and go; `plain`: requests large and small;
//! - `limit`, `hooks`, `debug`, `layers`: accounts and limits, traces and faults, guards, all in order;
//! - `current`: the thread's heap and the fast paths; `buffer`: growable arrays;
//! - `stats`, `validate`: looking at a heap.

mod arena;
mod blocks;
mod buffer;
mod class;
mod current;
pub mod debug;
mod domain;
mod heap;
mod hooks;
mod layers;
mod limit;
mod numbers;
mod os;
mod plain;
mod pool;
mod radix;
mod size_class;
mod stats;
mod validate;
mod working;

pub use buffer::{Buffer, IntoIter, OutOfMemory};
pub use current::{
    alloc, alloc_ready, alloc_zeroed, current, free, free_hinted, free_small_unsized, free_unsized, owns, realloc,
    realloc_unsized, set_current, usable_size,
};
pub use domain::{Config, Domain, Geometry};
pub use heap::Heap;
pub use hooks::{Faults, Trace};
pub use limit::SoftLimitCallback;
pub use size_class::{SMALL_MAX, same_class};
pub use stats::{ClassStats, Stats, SystemStats, grouped};
pub use validate::Corruption;
pub use working::Working;
