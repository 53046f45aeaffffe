//! The memo of a pickler: which objects were written, and under which number.
//!
//! An open table from addresses to numbers that keeps the objects alive, so that an address stands for one object. Its size is a power
//! of two of at least 8 entries and at most two thirds full; it grows as CPython's does, since `__sizeof__` shows that.

use habu_heap::Buffer;
use habu_runtime::object::{Object, Raised, Ref};

/// The least number of entries.
const LEAST: usize = 8;

struct Entry {
    key: Option<Ref>,
    number: usize,
}

/// The table.
pub(super) struct Memo {
    entries: Buffer<Entry>,
    used: usize,
}

impl Memo {
    /// An empty table.
    pub(super) fn new() -> Result<Memo, Raised> {
        Ok(Memo { entries: Memo::room(LEAST)?, used: 0 })
    }

    fn room(count: usize) -> Result<Buffer<Entry>, Raised> {
        let mut entries = Buffer::with_capacity(count)?;
        for _ in 0..count {
            entries.push(Entry { key: None, number: 0 })?;
        }
        Ok(entries)
    }

    /// How many objects there are.
    pub(super) fn len(&self) -> usize {
        self.used
    }

    /// How many there is room for.
    pub(super) fn allocated(&self) -> usize {
        self.entries.len()
    }

    /// The place of the object with an address, or the free one where it would stand.
    fn place(&self, address: usize) -> usize {
        let mask = self.entries.len().wrapping_sub(1);
        let mut at = (address >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        loop {
            at &= mask;
            match self.entries.get(at).and_then(|entry| entry.key.as_ref()) {
                Some(key) if key.address() != address => at += 1,
                _ => return at,
            }
        }
    }

    /// The number of an object.
    #[inline]
    pub(super) fn get(&self, object: &Object) -> Option<usize> {
        let entry = self.entries.get(self.place(object.address()))?;
        entry.key.as_ref().map(|_| entry.number)
    }

    /// Gives an object a number.
    pub(super) fn set(&mut self, object: &Object, number: usize) -> Result<(), Raised> {
        let place = self.place(object.address());
        let Some(entry) = self.entries.get_mut(place) else { return Ok(()) };
        entry.number = number;
        if entry.key.is_some() {
            return Ok(());
        }
        entry.key = Some(object.to_ref());
        self.used += 1;
        if self.used * 3 >= self.entries.len() * 2 {
            self.grow(if self.used > 50_000 { self.used * 2 } else { self.used * 4 })?;
        }
        Ok(())
    }

    fn grow(&mut self, least: usize) -> Result<(), Raised> {
        let mut size = LEAST;
        while size < least {
            size = size.saturating_mul(2);
        }
        let mut old = std::mem::replace(&mut self.entries, Memo::room(size)?);
        while let Some(entry) = old.pop() {
            if let Some(key) = entry.key {
                let place = self.place(key.address());
                if let Some(free) = self.entries.get_mut(place) {
                    *free = Entry { key: Some(key), number: entry.number };
                }
            }
        }
        Ok(())
    }

    /// All objects with their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Ref, usize)> {
        self.entries.iter().filter_map(|entry| Some((entry.key.as_ref()?, entry.number)))
    }
}
