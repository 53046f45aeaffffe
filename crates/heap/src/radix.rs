//! The address map: which arenas' addresses belong to a heap. It answers "is this a block of a
//! pool?" for any address at all, without reading the memory that the address points to.
//!
//! The leaf that answered last comes first: it covers 256 MiB of addresses, which is all of most heaps. A range check comes next and settles nearly
//! every question about a block of the C library. Behind it stands a radix tree over the arena number (the address without the bits inside an
//! arena): 10 bits of root, 10 bits of middle node, 10 bits in a leaf, one bit for each arena. A leaf
//! of 128 bytes covers 256 MiB of addresses, so that most processes have one middle node and one or
//! two leaves. CPython's counterpart is `arena_map_root`, which takes 650 kB to do the same,
//! because it also has to find the arena of a pool that is not aligned to one.
//!
//! Invariant: a bit is set exactly while its arena is mapped and owned by the heap. Nodes are
//! never freed before the heap is.

use std::cell::Cell;
use std::ptr::{self, NonNull};

use crate::os;

const BITS: u32 = 10;
const FAN: usize = 1 << BITS;

/// The first address that the map cannot hold: user space of four-level paging ends before it.
const ADDRESS_END: usize = 1 << 48;

struct Leaf([Cell<u64>; FAN / 64]);

impl Leaf {
    /// Whether the bit of an arena that this leaf is for is set.
    #[inline(always)]
    fn has(&self, number: usize) -> bool {
        self.0[number % FAN / 64].get() & (1 << (number % 64)) != 0
    }
}

struct Middle([Cell<*const Leaf>; FAN]);
struct Root([Cell<*const Middle>; FAN]);

/// The set of arenas of one heap, by address.
pub(crate) struct AddressMap {
    root: Cell<*const Root>,
    /// log2 of the arena size.
    shift: u32,
    /// All arenas lie within `low..high`.
    low: Cell<usize>,
    high: Cell<usize>,
    /// How many middle nodes and leaves there are.
    middles: Cell<usize>,
    leaves: Cell<usize>,
    /// The leaf that answered last, and the number of its arenas without the lowest bits; at first one that no arena has.
    recent: Cell<*const Leaf>,
    recent_number: Cell<usize>,
}

/// A zeroed node; all-zero bytes are a valid empty `Root`, `Middle` and `Leaf`.
fn node<T>() -> Option<*const T> {
    Some(os::calloc(size_of::<T>())?.as_ptr().cast_const().cast())
}

impl AddressMap {
    /// An empty map for arenas of `1 << shift` bytes. It allocates nothing yet.
    pub(crate) const fn new(shift: u32) -> AddressMap {
        AddressMap {
            root: Cell::new(ptr::null()),
            shift,
            low: Cell::new(usize::MAX),
            high: Cell::new(0),
            middles: Cell::new(0),
            leaves: Cell::new(0),
            recent: Cell::new(ptr::null()),
            recent_number: Cell::new(usize::MAX),
        }
    }

    /// How many middle nodes and leaves there are.
    pub(crate) fn nodes(&self) -> (usize, usize) {
        (self.middles.get(), self.leaves.get())
    }

    /// Bytes that the nodes take.
    pub(crate) fn bytes(&self) -> usize {
        let root = if self.root.get().is_null() { 0 } else { size_of::<Root>() };
        root + self.middles.get() * size_of::<Middle>() + self.leaves.get() * size_of::<Leaf>()
    }

    /// Whether `address` lies in an arena of the heap.
    #[inline]
    pub(crate) fn contains(&self, address: usize) -> bool {
        let number = address >> self.shift;
        if number >> BITS != self.recent_number.get() {
            return self.contains_elsewhere(address);
        }
        // SAFETY: with a number that an arena can have, `recent` is a leaf of the map.
        unsafe { (*self.recent.get()).has(number) }
    }

    /// Asks the tree, and remembers its leaf.
    #[cold]
    fn contains_elsewhere(&self, address: usize) -> bool {
        if address < self.low.get() || address >= self.high.get() {
            return false;
        }
        let number = address >> self.shift;
        let Some(leaf) = self.leaf(number) else { return false };
        self.recent.set(leaf);
        self.recent_number.set(number >> BITS);
        leaf.has(number)
    }

    /// The leaf with the bit of an arena whose address is below `high`, hence below `ADDRESS_END`.
    fn leaf(&self, number: usize) -> Option<&Leaf> {
        // SAFETY: nodes are null or live as long as the map, and are only ever changed through
        // their cells. The indices are reduced to the fan-out, so no access is out of bounds.
        unsafe {
            let root = self.root.get().as_ref()?;
            let middle = root.0[(number >> (2 * BITS)) % FAN].get().as_ref()?;
            middle.0[(number >> BITS) % FAN].get().as_ref()
        }
    }

    /// Adds an arena. `None` when there is no memory for a node, or when the address is one that
    /// the map cannot hold; nothing is changed then.
    pub(crate) fn insert(&self, arena: NonNull<u8>) -> Option<()> {
        let address = arena.addr().get();
        let end = address.checked_add(1 << self.shift)?;
        if end > ADDRESS_END {
            return None;
        }
        let number = address >> self.shift;
        if self.root.get().is_null() {
            self.root.set(node()?);
        }
        // SAFETY: as in `leaf`; each level was made just before where it was missing.
        let leaf = unsafe {
            let middle = &(*self.root.get()).0[(number >> (2 * BITS)) % FAN];
            if middle.get().is_null() {
                middle.set(node()?);
                self.middles.set(self.middles.get() + 1);
            }
            let leaf = &(*middle.get()).0[(number >> BITS) % FAN];
            if leaf.get().is_null() {
                leaf.set(node()?);
                self.leaves.set(self.leaves.get() + 1);
            }
            &*leaf.get()
        };
        let word = &leaf.0[number % FAN / 64];
        word.set(word.get() | 1 << (number % 64));
        self.low.set(self.low.get().min(address));
        self.high.set(self.high.get().max(end));
        Some(())
    }

    /// Takes an arena out again. The range is left as it is: it only has to be wide enough.
    pub(crate) fn remove(&self, arena: NonNull<u8>) {
        let number = arena.addr().get() >> self.shift;
        if let Some(leaf) = self.leaf(number) {
            let word = &leaf.0[number % FAN / 64];
            word.set(word.get() & !(1 << (number % 64)));
        }
    }
}

impl Drop for AddressMap {
    fn drop(&mut self) {
        let release = |node: *mut u8| {
            if let Some(node) = NonNull::new(node) {
                // SAFETY: nodes come from `os::calloc`, and the map that leads to them is going away.
                unsafe { os::free(node) };
            }
        };
        // SAFETY: nodes are null or live until released here, each once, children first.
        unsafe {
            if let Some(root) = self.root.get().as_ref() {
                for middle in &root.0 {
                    if let Some(middle) = middle.get().as_ref() {
                        middle.0.iter().for_each(|leaf| release(leaf.get().cast_mut().cast()));
                    }
                    release(middle.get().cast_mut().cast());
                }
            }
        }
        release(self.root.get().cast_mut().cast());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: usize) -> NonNull<u8> {
        NonNull::new(ptr::without_provenance_mut(address)).unwrap()
    }

    #[test]
    fn holds_what_was_put_in_and_nothing_else() {
        let map = AddressMap::new(18);
        let size = 1 << 18;
        assert!(!map.contains(size));
        let arenas = [size, 5 * size, 0x7fff_0000_0000, 0x5555_0000_0000, ADDRESS_END - size];
        for arena in arenas {
            map.insert(at(arena)).unwrap();
        }
        for arena in arenas {
            assert!(map.contains(arena) && map.contains(arena + size - 1));
            assert!(!map.contains(arena - 1) && !map.contains(arena.wrapping_add(size)));
        }
        map.remove(at(5 * size));
        assert!(!map.contains(5 * size) && map.contains(size));
        assert!(map.insert(at(ADDRESS_END)).is_none());
        assert!(!map.contains(usize::MAX) && !map.contains(0));
    }

    #[test]
    fn counts_its_nodes() {
        let map = AddressMap::new(18);
        assert_eq!((map.nodes(), map.bytes()), ((0, 0), 0));
        // One arena in each of 200 neighbouring leaves, all under one middle node: more than 64 leaves take as much as another middle node.
        let reach = FAN << 18;
        for leaf in 0..200 {
            map.insert(at((1 << 38) + leaf * reach)).unwrap();
            map.insert(at((1 << 38) + leaf * reach + (1 << 18))).unwrap();
        }
        assert_eq!(map.nodes(), (1, 200));
        map.insert(at(1 << 39)).unwrap();
        assert_eq!(map.nodes(), (2, 201));
        assert_eq!(map.bytes(), size_of::<Root>() + 2 * size_of::<Middle>() + 201 * size_of::<Leaf>());
        // Nodes stay when their arenas go.
        map.remove(at(1 << 39));
        assert_eq!(map.nodes(), (2, 201));
    }
}
