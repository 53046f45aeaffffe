//! The tables of `_tracemalloc`: arrays and hash tables in the raw domain, so that what tracing takes is counted apart from what it traces.
//!
//! Nothing here knows of Python. Every operation that may grow a table can fail; none panics. CPython's counterpart is `_Py_hashtable_t`.
//!
//! Invariants: a table of traces is a power of two long, at most two thirds full, and probed linearly; a slot whose address is 0 is free.

use std::ptr::NonNull;

use habu_heap::{Domain, OutOfMemory, alloc, free, realloc};

/// A growable array of plain values in the raw domain.
pub(super) struct RawArray<T: Copy> {
    pointer: NonNull<T>,
    capacity: usize,
    length: usize,
}

impl<T: Copy> RawArray<T> {
    /// An empty array, without memory.
    pub(super) const fn new() -> RawArray<T> {
        RawArray { pointer: NonNull::dangling(), capacity: 0, length: 0 }
    }

    /// An array of `length` copies of a value.
    pub(super) fn filled(value: T, length: usize) -> Result<RawArray<T>, OutOfMemory> {
        let mut array = RawArray::new();
        array.grow(length)?;
        for _ in 0..length {
            array.push(value)?;
        }
        Ok(array)
    }

    /// An empty array with room for `capacity` elements.
    pub(super) fn with_capacity(capacity: usize) -> Result<RawArray<T>, OutOfMemory> {
        let mut array = RawArray::new();
        if capacity > 0 {
            array.grow(capacity)?;
        }
        Ok(array)
    }

    /// Forgets the elements and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.length = 0;
    }

    /// The bytes that the array takes.
    pub(super) fn bytes(&self) -> usize {
        self.capacity * size_of::<T>()
    }

    /// The elements.
    pub(super) fn as_slice(&self) -> &[T] {
        // SAFETY: the first `length` elements were written.
        unsafe { std::slice::from_raw_parts(self.pointer.as_ptr(), self.length) }
    }

    /// The elements, to change.
    pub(super) fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as above; the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.pointer.as_ptr(), self.length) }
    }

    /// Adds an element at the end.
    pub(super) fn push(&mut self, value: T) -> Result<(), OutOfMemory> {
        if self.length == self.capacity {
            self.grow((self.capacity * 2).max(64))?;
        }
        // SAFETY: `length < capacity`.
        unsafe { self.pointer.add(self.length).write(value) };
        self.length += 1;
        Ok(())
    }

    /// Makes the capacity `capacity`, which is larger than it was.
    fn grow(&mut self, capacity: usize) -> Result<(), OutOfMemory> {
        let bytes = capacity.checked_mul(size_of::<T>()).ok_or(OutOfMemory)?;
        let block = match self.capacity {
            0 => alloc(Domain::Raw, bytes),
            // SAFETY: the block is ours, of that size.
            _ => unsafe { realloc(Domain::Raw, self.pointer.cast(), self.bytes(), bytes) },
        };
        self.pointer = block.ok_or(OutOfMemory)?.cast();
        self.capacity = capacity;
        Ok(())
    }
}

impl<T: Copy> Drop for RawArray<T> {
    fn drop(&mut self) {
        if self.capacity > 0 {
            // SAFETY: the block is ours, of that size.
            unsafe { free(Domain::Raw, self.pointer.cast(), self.bytes()) };
        }
    }
}

/// One traced block.
#[derive(Clone, Copy)]
pub(super) struct TraceEntry {
    /// The block's address; 0 in a free slot.
    pub(super) address: usize,
    /// The size that was asked for.
    pub(super) size: usize,
    /// The domain: 0 for the three of the heap.
    pub(super) domain: u32,
    /// The number of the traceback.
    pub(super) traceback: u32,
}

const FREE: TraceEntry = TraceEntry { address: 0, size: 0, domain: 0, traceback: 0 };

/// All traced blocks, by domain and address.
pub(super) struct Traces {
    slots: RawArray<TraceEntry>,
    used: usize,
}

impl Traces {
    /// Nothing traced.
    pub(super) const fn new() -> Traces {
        Traces { slots: RawArray::new(), used: 0 }
    }

    /// The bytes that the table takes.
    pub(super) fn bytes(&self) -> usize {
        self.slots.bytes()
    }

    /// The slots, free ones included.
    pub(super) fn slots(&self) -> &[TraceEntry] {
        self.slots.as_slice()
    }

    /// The number of traces.
    pub(super) fn len(&self) -> usize {
        self.used
    }

    fn home(mask: usize, address: usize) -> usize {
        // Fibonacci hashing of 128 bytes of memory, the upper half of the product being mixed best; which 16 of them it is tells the place among eight
        // slots. Blocks are mostly allocated and freed one beside the other, and then their traces share the processor's cache lines.
        let group = ((address >> 7) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        ((group as usize) << 3 | address >> 4 & 7) & mask
    }

    /// The slot of a block, or the free one where it would go; nothing when the table has no slots.
    fn find(&self, domain: u32, address: usize) -> Option<usize> {
        let slots = self.slots.as_slice();
        let mask = slots.len().checked_sub(1)?;
        let mut at = Self::home(mask, address);
        loop {
            let slot = slots.get(at)?;
            if slot.address == 0 || (slot.address == address && slot.domain == domain) {
                return Some(at);
            }
            at = (at + 1) & mask;
        }
    }

    /// The trace of a block.
    pub(super) fn get(&self, domain: u32, address: usize) -> Option<TraceEntry> {
        let slot = self.slots.as_slice().get(self.find(domain, address)?)?;
        (slot.address != 0).then_some(*slot)
    }

    /// Adds a trace, and gives the one of the same block that it replaces.
    pub(super) fn insert(&mut self, entry: TraceEntry) -> Result<Option<TraceEntry>, OutOfMemory> {
        if self.used * 3 >= self.slots.as_slice().len() * 2 {
            self.enlarge()?;
        }
        let found = self.find(entry.domain, entry.address);
        let Some(slot) = found.and_then(|at| self.slots.as_mut_slice().get_mut(at)) else { return Err(OutOfMemory) };
        let before = std::mem::replace(slot, entry);
        if before.address != 0 {
            return Ok(Some(before));
        }
        self.used += 1;
        Ok(None)
    }

    /// Takes out the trace of a block.
    pub(super) fn remove(&mut self, domain: u32, address: usize) -> Option<TraceEntry> {
        let mut hole = self.find(domain, address)?;
        let slots = self.slots.as_mut_slice();
        let mask = slots.len() - 1;
        let removed = std::mem::replace(slots.get_mut(hole)?, FREE);
        if removed.address == 0 {
            return None;
        }
        self.used -= 1;
        // Later entries of the same run move up, unless that would put them before their home.
        let mut at = (hole + 1) & mask;
        while let Some(&entry) = slots.get(at).filter(|entry| entry.address != 0) {
            let home = Self::home(mask, entry.address);
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(hole) & mask {
                slots[hole] = entry;
                slots[at] = FREE;
                hole = at;
            }
            at = (at + 1) & mask;
        }
        Some(removed)
    }

    fn enlarge(&mut self) -> Result<(), OutOfMemory> {
        let length = (self.slots.as_slice().len() * 2).max(1024);
        let mut larger = Traces { slots: RawArray::filled(FREE, length)?, used: 0 };
        for entry in self.slots.as_slice().iter().filter(|entry| entry.address != 0) {
            if let Some(at) = larger.find(entry.domain, entry.address)
                && let Some(slot) = larger.slots.as_mut_slice().get_mut(at)
            {
                *slot = *entry;
                larger.used += 1;
            }
        }
        *self = larger;
        Ok(())
    }
}

/// Numbers of things that are kept elsewhere, found by hash.
pub(super) struct Index {
    /// The number plus one, or 0; and the hash.
    slots: RawArray<(u32, u32)>,
    used: usize,
}

impl Index {
    /// An empty index.
    pub(super) const fn new() -> Index {
        Index { slots: RawArray::new(), used: 0 }
    }

    /// The bytes that the index takes.
    pub(super) fn bytes(&self) -> usize {
        self.slots.bytes()
    }

    /// The number whose hash is `hash` and that `is_it` accepts.
    pub(super) fn find(&self, hash: u32, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let slots = self.slots.as_slice();
        let mask = slots.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        loop {
            let &(number, found) = slots.get(at)?;
            match number.checked_sub(1) {
                None => return None,
                Some(number) if found == hash && is_it(number) => return Some(number),
                Some(_) => at = (at + 1) & mask,
            }
        }
    }

    /// Adds a number that is not there.
    pub(super) fn insert(&mut self, hash: u32, number: u32) -> Result<(), OutOfMemory> {
        if self.used * 3 >= self.slots.as_slice().len() * 2 {
            let length = (self.slots.as_slice().len() * 2).max(64);
            let mut larger = Index { slots: RawArray::filled((0, 0), length)?, used: 0 };
            for &(number, hash) in self.slots.as_slice().iter().filter(|slot| slot.0 != 0) {
                larger.place(hash, number);
            }
            *self = larger;
        }
        self.place(hash, number + 1);
        Ok(())
    }

    fn place(&mut self, hash: u32, number: u32) {
        let slots = self.slots.as_mut_slice();
        let mask = slots.len() - 1;
        let mut at = hash as usize & mask;
        while slots[at].0 != 0 {
            at = (at + 1) & mask;
        }
        slots[at] = (number, hash);
        self.used += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(address: usize, size: usize) -> TraceEntry {
        TraceEntry { address, size, domain: 0, traceback: 7 }
    }

    #[test]
    fn traces_come_and_go() {
        let mut traces = Traces::new();
        assert!(traces.get(0, 16).is_none() && traces.remove(0, 16).is_none());
        for number in 1..5000 {
            assert!(traces.insert(entry(number * 16, number)).is_ok_and(|before| before.is_none()));
        }
        for number in (1..5000).step_by(2) {
            assert_eq!(traces.remove(0, number * 16).map(|entry| entry.size), Some(number));
        }
        for number in 1..5000 {
            let expected = (number % 2 == 0).then_some(number);
            assert_eq!(traces.get(0, number * 16).map(|entry| entry.size), expected);
        }
        assert_eq!(traces.len(), 2499);
    }

    #[test]
    fn a_second_trace_of_a_block_replaces_the_first() {
        let mut traces = Traces::new();
        assert!(traces.insert(entry(64, 1)).is_ok_and(|before| before.is_none()));
        assert!(traces.insert(entry(64, 2)).is_ok_and(|before| before.map(|entry| entry.size) == Some(1)));
        assert!(traces.get(1, 64).is_none(), "domains are apart");
        assert_eq!(traces.len(), 1);
    }

    #[test]
    fn an_index_finds_by_hash_and_predicate() {
        let mut index = Index::new();
        for number in 0..500 {
            assert!(index.insert(number % 7, number).is_ok());
        }
        assert_eq!(index.find(3, |number| number == 10), Some(10));
        assert_eq!(index.find(3, |number| number == 11), None);
    }
}
