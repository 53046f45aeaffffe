//! The numbers of arenas, by which the headers of pools lead to each other.
//!
//! A header has two links. As addresses they would take a third of it; as the number of an arena and that of a page they are 30 bits
//! each. An arena's number is its place in a table, which grows with the most arenas that there are at once and costs 8 bytes for each: 0.003 %
//! of an arena of 256 KiB.
//!
//! Invariant: an entry of the table is the address of an arena that was added to the heap and not forgotten since, or leads to the next
//! free entry, or is 0.

use std::cell::Cell;
use std::ptr::{self, NonNull};

use crate::arena::{Arena, POOLS};
use crate::os;

/// The width of a link: 24 bits for the arena, 6 for the page. So there are at most 4 TiB of small blocks.
pub(crate) const LINK_BITS: u32 = 30;

/// One more than the greatest number.
const END: usize = 1 << LINK_BITS >> POOLS.trailing_zeros();

/// Entries that the table has at first.
const FIRST: usize = 64;

/// What leads to the header of a pool, or to none.
#[derive(Clone, Copy)]
pub(crate) struct Link(pub(crate) u32);

impl Link {
    pub(crate) const NONE: Link = Link(0);

    /// A link to page `page` of the arena with a number, which is not 0.
    pub(crate) fn new(number: u32, page: usize) -> Link {
        debug_assert!(number != 0 && page < POOLS);
        Link(number << POOLS.trailing_zeros() | page as u32)
    }

    /// The number of the arena; 0 if the link leads to none.
    pub(crate) fn number(self) -> u32 {
        self.0 >> POOLS.trailing_zeros()
    }

    /// The number of the page in its arena.
    pub(crate) fn page(self) -> usize {
        self.0 as usize % POOLS
    }
}

/// The table from numbers to arenas. Number 0 stands for none.
pub(crate) struct Numbers {
    table: Cell<*mut usize>,
    /// Entries of the table.
    size: Cell<usize>,
    /// The first free entry; 0 for none. Each leads to the next, as twice its number and one.
    free: Cell<usize>,
}

impl Numbers {
    /// An empty table. It allocates nothing yet.
    pub(crate) const fn new() -> Numbers {
        Numbers { table: Cell::new(ptr::null_mut()), size: Cell::new(0), free: Cell::new(0) }
    }

    /// Numbers an arena. `None` without memory for the table.
    pub(crate) fn take(&self, arena: *const Arena) -> Option<u32> {
        if self.free.get() == 0 {
            self.grow()?;
        }
        let number = self.free.get();
        // SAFETY: a free entry is one of the table's.
        unsafe {
            let entry = self.table.get().add(number);
            self.free.set(*entry >> 1);
            *entry = arena.expose_provenance();
        }
        Some(number as u32)
    }

    /// Makes a number free. The next arena gets it.
    pub(crate) fn give_back(&self, number: u32) {
        let number = number as usize;
        debug_assert!(number < self.size.get());
        // SAFETY: the number was given by `take`, so it is an entry of the table.
        unsafe { *self.table.get().add(number) = self.free.get() << 1 | 1 };
        self.free.set(number);
    }

    /// The arena with a number; null if there is none.
    pub(crate) fn get(&self, number: u32) -> *const Arena {
        if number as usize >= self.size.get() {
            return ptr::null();
        }
        // SAFETY: the number is one of an entry.
        match unsafe { *self.table.get().add(number as usize) } {
            entry if entry & 1 != 0 => ptr::null(),
            entry => ptr::with_exposed_provenance(entry),
        }
    }

    /// Doubles the table, whose entries are all taken.
    fn grow(&self) -> Option<()> {
        let old = self.size.get();
        let new = (old * 2).clamp(FIRST, END);
        if new == old {
            return None;
        }
        let bytes = new * size_of::<usize>();
        let table = match NonNull::new(self.table.get()) {
            None => os::malloc(bytes),
            // SAFETY: the table is a block of the C library's allocator, and is replaced at once.
            Some(table) => unsafe { os::realloc(table.cast(), bytes) },
        }?;
        self.table.set(table.as_ptr().cast());
        self.size.set(new);
        // Number 0 is never given. The lowest is given first.
        for number in (old.max(1)..new).rev() {
            self.give_back(number as u32);
        }
        if old == 0 {
            // SAFETY: the table has more than one entry.
            unsafe { *self.table.get() = 0 };
        }
        Some(())
    }
}

impl Drop for Numbers {
    fn drop(&mut self) {
        if let Some(table) = NonNull::new(self.table.get()) {
            // SAFETY: the table is a block of the C library's allocator, and nobody else's.
            unsafe { os::free(table.cast()) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_to_their_arenas_and_are_given_again() {
        let numbers = Numbers::new();
        let arena = |place: usize| ptr::without_provenance::<Arena>(place << 18);
        let all: Vec<u32> = (1..200).map(|place| numbers.take(arena(place)).unwrap()).collect();
        assert_eq!(all, (1..200).collect::<Vec<u32>>());
        assert!((1..200).all(|place| numbers.get(place as u32) == arena(place)));
        numbers.give_back(70);
        assert!(numbers.get(70).is_null() && numbers.get(0).is_null() && numbers.get(1 << 23).is_null());
        assert_eq!(numbers.take(arena(500)), Some(70));
        assert_eq!(numbers.get(70), arena(500));
    }

    #[test]
    fn a_link_keeps_its_arena_and_page() {
        let link = Link::new(END as u32 - 1, 63);
        assert_eq!((link.number(), link.page()), (END as u32 - 1, 63));
        assert!(link.0 < 1 << LINK_BITS);
        assert_eq!(Link::NONE.number(), 0);
    }
}
