//! A bound on recursion over trees whose depth the source decides.
//!
//! A sum of ten thousand terms is a tree ten thousand nodes deep. Passes that recurse count their depth with [`Depth`] and
//! fail at a limit that the caller sets (CPython's `sys.getrecursionlimit()`, three times over), and they take more native
//! stack when it runs short, so that the limit, and not the stack of the thread, decides.

use crate::error::Fault;

/// More stack is taken when less than this is left: more than the largest chain of frames between two checks.
const RED_ZONE: usize = 256 * 1024;
/// How much stack is taken at a time.
const SEGMENT: usize = 2 * 1024 * 1024;

/// Runs `f`, on more stack if there is little left.
pub(crate) fn grow<R>(f: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(RED_ZONE, SEGMENT, f)
}

/// How deep a pass is, and how deep it may get.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depth {
    current: u32,
    limit: u32,
}

impl Depth {
    /// Starts at the top of a tree.
    pub(crate) fn new(limit: u32) -> Depth {
        Depth { current: 0, limit }
    }

    /// One level down.
    pub(crate) fn enter(&mut self) -> Result<(), Fault> {
        if self.current >= self.limit {
            return Err(Fault::Recursion);
        }
        self.current += 1;
        Ok(())
    }

    /// One level up.
    pub(crate) fn leave(&mut self) {
        self.current = self.current.saturating_sub(1);
    }
}
