//! Working memory: what an algorithm takes that does not allocate from the heap (a parser, big-number arithmetic of another crate).
//!
//! Such code cannot be told that memory is short: Rust's collections abort then. So its caller says beforehand how much it will take at
//! most. The limit is asked, a large request is tried out, and the bytes count as in use, in the raw domain, until the guard ends. It is an
//! estimate that is charged, not what is really taken; what is small is charged but not tried.

use crate::{Domain, OutOfMemory, current, os};

/// From this many bytes on the system is asked whether it can give them.
const TRIED: usize = 1 << 16;

/// Bytes charged to the current heap while this lives.
#[derive(Debug)]
pub struct Working {
    bytes: usize,
}

impl Working {
    /// Charges `bytes` to the current heap.
    ///
    /// # Errors
    /// The hard limit does not allow them, the system does not give them, or it is this allocation's turn to fail.
    pub fn reserve(bytes: usize) -> Result<Working, OutOfMemory> {
        let heap = current::heap();
        if heap.hooks.fault() || !heap.account.allows(bytes) {
            return Err(OutOfMemory);
        }
        if bytes >= TRIED && !os::can_map(bytes) {
            return Err(OutOfMemory);
        }
        heap.account.add_system(Domain::Raw, bytes, 0);
        Ok(Working { bytes })
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        current::heap().account.remove_system(Domain::Raw, self.bytes, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Heap;

    #[test]
    fn working_memory_counts_while_it_is_used() {
        let heap = Heap::new(crate::Config::default()).unwrap();
        // SAFETY: the heap outlives its being current.
        let before = unsafe { crate::set_current(&raw const *heap) };
        let used = heap.bytes_in_use();
        let working = Working::reserve(1 << 20).unwrap();
        assert_eq!(heap.bytes_in_use(), used + (1 << 20));
        heap.set_limit(Some(used + (2 << 20)));
        assert!(Working::reserve((1 << 20) + 1).is_err());
        assert!(Working::reserve(usize::MAX).is_err());
        drop(working);
        assert_eq!(heap.bytes_in_use(), used);
        // SAFETY: as it was.
        unsafe { crate::set_current(before) };
    }
}
