//! A row of indices in one word: what the combinatoric iterators count with.

use std::cell::Cell;
use std::ptr::NonNull;

use habu_heap::Domain;
use habu_runtime::exceptions::memory_error;
use habu_runtime::object::{Raised, Ref};
use habu_runtime::types::int::Int;
use habu_runtime::types::tuple::Tuple;

/// The indices; the block begins with their number.
pub(super) struct Indices(NonNull<usize>);

impl Indices {
    /// `count` indices, which `fill` gives.
    pub(super) fn new(count: usize, fill: impl Fn(usize) -> usize) -> Result<Indices, Raised> {
        let size = count.checked_add(1).and_then(|words| words.checked_mul(8));
        let Some(size) = size.filter(|size| *size <= isize::MAX as usize) else { return Err(memory_error()) };
        let Some(block) = habu_heap::alloc(Domain::Mem, size) else { return Err(memory_error()) };
        let block = block.cast::<usize>();
        // SAFETY: the block has room for the number and the indices.
        unsafe {
            block.write(count);
            for index in 0..count {
                block.add(index + 1).write(fill(index));
            }
        }
        Ok(Indices(block))
    }

    /// The indices.
    pub(super) fn cells(&self) -> &[Cell<usize>] {
        // SAFETY: the block holds its number and that many indices; only cells to them are lent.
        unsafe { std::slice::from_raw_parts(self.0.add(1).cast::<Cell<usize>>().as_ptr(), self.0.read()) }
    }

    /// The index at a place.
    pub(super) fn get(&self, at: usize) -> usize {
        self.cells()[at].get()
    }

    /// Stores an index.
    pub(super) fn set(&self, at: usize, value: usize) {
        self.cells()[at].set(value);
    }

    /// The number of indices.
    pub(super) fn len(&self) -> usize {
        self.cells().len()
    }

    /// The indices as a tuple of integers.
    pub(super) fn to_tuple(&self) -> Result<Ref<Tuple>, Raised> {
        Tuple::build(self.len(), |at| Ok(Int::from_i64(self.get(at) as i64)?.into_object()))
    }
}

impl Drop for Indices {
    fn drop(&mut self) {
        let size = (self.len() + 1) * 8;
        // SAFETY: the block was allocated with this size and is not used again.
        unsafe { habu_heap::free(Domain::Mem, self.0.cast(), size) };
    }
}
