//! The cycle collector: GC heads, generations, and when a collection runs.
//!
//! Every collectable object has a 16-byte head before its header (`PyGC_Head`). Tracked objects are in the doubly
//! linked list of their generation.

pub mod audit;
pub mod collect;
mod companion;
pub mod head;
mod list;
pub mod pressure;
mod report;
mod search;
pub mod state;
mod stretch;

pub use collect::{collect_all, collect_at_end, debug};
pub use head::{GcHead, head_of, is_collectable, is_finalized, is_tracked, set_finalized, track, untrack};
pub use state::{GcState, before_allocation};
