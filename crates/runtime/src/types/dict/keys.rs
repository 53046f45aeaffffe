//! The table of a dictionary (`PyDictKeysObject`): a 32-byte header, an array of indices, an array of entries.
//!
//! Indices are 1, 2, 4 or 8 bytes wide and say at which entry a hash leads, `EMPTY` for nowhere, `DUMMY` for a deleted one.
//! Entries stand in the order of insertion. A *unicode* table has only exact strings as keys and keeps no hashes (16 bytes
//! an entry instead of 24). A *split* table is shared by instances of a class: its entries have no values.

use std::cell::Cell;
use std::ptr::NonNull;

use habu_heap::Domain;

use crate::exceptions::memory_error;
use crate::object::{Object, Raised, Ref};
use crate::threads::Thread;
use crate::types::str::Str;

/// No entry here, and none was.
pub const EMPTY: isize = -1;
/// An entry was here.
pub const DUMMY: isize = -2;

/// What a table's entries are.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Hash, key, value.
    General = 0,
    /// Key and value; keys are exact strings.
    Unicode = 1,
    /// As `Unicode`, with the values elsewhere.
    Split = 2,
}

impl Kind {
    /// The kind of a table of its own, for keys that are all exact strings or not.
    #[inline(always)]
    pub fn unicode(text: bool) -> Kind {
        if text { Kind::Unicode } else { Kind::General }
    }
}

/// The header of a table.
#[repr(C)]
pub struct Keys {
    /// How many dictionaries and classes use the table.
    pub refcount: Cell<isize>,
    /// log2 of the number of indices.
    pub log2_size: u8,
    /// log2 of the bytes that the indices take.
    pub log2_index_bytes: u8,
    /// What the entries are.
    pub kind: Kind,
    /// For inline caches: 0, or a number that stands for exactly these keys.
    pub version: Cell<u32>,
    /// How many entries are left.
    pub usable: Cell<isize>,
    /// How many entries were used, deleted ones included.
    pub entries: Cell<isize>,
}

crate::assert_layout!(Keys, size 32, log2_size @ 8, kind @ 10, version @ 12, usable @ 16, entries @ 24);

/// An entry of a general table.
#[repr(C)]
pub struct GeneralEntry {
    /// The key's hash.
    pub hash: Cell<isize>,
    /// The key, owned, or null.
    pub key: Cell<*const Object>,
    /// The value, owned, or null.
    pub value: Cell<*const Object>,
}

/// An entry of a unicode or split table.
#[repr(C)]
pub struct UnicodeEntry {
    /// The key, owned, or null.
    pub key: Cell<*const Object>,
    /// The value, owned, or null.
    pub value: Cell<*const Object>,
}

/// The table of every dictionary that is empty since it was made: one index, no entries.
#[repr(C)]
pub struct EmptyKeys {
    keys: Keys,
    index: [Cell<i8>; 8],
}

// SAFETY: nothing in it is ever written but the count, whose value does not matter: it is never freed.
unsafe impl Sync for EmptyKeys {}

static EMPTY_KEYS: EmptyKeys = EmptyKeys {
    keys: Keys {
        refcount: Cell::new(crate::object::header::SHARED_REFCOUNT),
        log2_size: 0,
        log2_index_bytes: 3,
        kind: Kind::Unicode,
        version: Cell::new(1),
        usable: Cell::new(0),
        entries: Cell::new(0),
    },
    index: [const { Cell::new(-1) }; 8],
};

/// The smallest table that holds entries.
pub const MINIMAL_LOG2: u8 = 3;

/// The bytes of the smallest table of text keys.
pub const fn minimal_size() -> usize {
    size_of::<Keys>() + (1 << MINIMAL_LOG2) + usable_fraction(MINIMAL_LOG2) as usize * size_of::<UnicodeEntry>()
}

/// How many entries a table of `1 << log2` indices holds.
pub const fn usable_fraction(log2: u8) -> isize {
    ((1isize << log2) << 1) / 3
}

/// The most keys that the instances of a class share.
pub const SHARED_KEYS_MAX: isize = 30;
/// log2 of the size of a shared table.
pub const SHARED_LOG2: u8 = 6;

/// log2 of a table for which `1 << log2` is at least `size`. It is CPython's choice, which programs see in `sys.getsizeof`: not the
/// smallest for fewer than 8, nor for powers of two above.
pub fn log2_for_size(size: usize) -> u8 {
    (usize::BITS - (((size | 8) - 1) | 7).leading_zeros()) as u8
}

/// log2 of the size for a table that will hold `count` entries.
pub fn log2_for_entries(count: usize) -> u8 {
    log2_for_size(count.saturating_mul(3).div_ceil(2))
}

fn index_bytes_log2(log2: u8) -> u8 {
    log2 + match log2 {
        0..8 => 0,
        8..16 => 1,
        16..32 => 2,
        _ => 3,
    }
}

impl Keys {
    /// The empty table.
    pub fn empty() -> NonNull<Keys> {
        NonNull::from(&EMPTY_KEYS.keys)
    }

    /// Whether this is the empty table.
    #[inline(always)]
    pub fn is_empty_table(&self) -> bool {
        std::ptr::eq(self, &EMPTY_KEYS.keys)
    }

    /// The bytes of a table.
    pub fn size_of(log2: u8, kind: Kind, slots: isize) -> usize {
        let entry = if kind == Kind::General { size_of::<GeneralEntry>() } else { size_of::<UnicodeEntry>() };
        size_of::<Keys>() + (1usize << index_bytes_log2(log2)) + slots as usize * entry
    }

    /// The bytes of this table.
    pub fn size(&self) -> usize {
        Keys::size_of(self.log2_size, self.kind, usable_fraction(self.log2_size))
    }

    /// A new table without entries, with one reference.
    pub fn allocate(log2: u8, kind: Kind) -> Result<NonNull<Keys>, Raised> {
        if log2 >= 60 {
            return Err(memory_error());
        }
        let usable = usable_fraction(log2);
        let size = Keys::size_of(log2, kind, usable);
        let kept = match (log2, kind) {
            (MINIMAL_LOG2, Kind::Unicode) => Thread::current().interpreter().free_lists.take_keys(),
            _ => None,
        };
        let Some(memory) = kept.or_else(|| habu_heap::alloc(Domain::Object, size)) else { return Err(memory_error()) };
        let keys = memory.cast::<Keys>();
        // SAFETY: the memory has `size` bytes: header, indices (all bits set is EMPTY at every width), entries.
        unsafe {
            keys.write(Keys {
                refcount: Cell::new(1),
                log2_size: log2,
                log2_index_bytes: index_bytes_log2(log2),
                kind,
                version: Cell::new(0),
                usable: Cell::new(usable),
                entries: Cell::new(0),
            });
            let indices = 1usize << index_bytes_log2(log2);
            memory.add(size_of::<Keys>()).write_bytes(0xff, indices);
            memory.add(size_of::<Keys>() + indices).write_bytes(0, size - size_of::<Keys>() - indices);
        }
        Ok(keys)
    }

    /// A table that the instances of a class are to share.
    pub fn allocate_shared() -> Result<NonNull<Keys>, Raised> {
        let keys = Keys::allocate(SHARED_LOG2, Kind::Split)?;
        // SAFETY: just allocated.
        unsafe { keys.as_ref() }.usable.set(SHARED_KEYS_MAX);
        Ok(keys)
    }

    /// How many values go with a shared table: one for each key that it has or can come to have.
    #[inline(always)]
    pub fn shared_size(&self) -> usize {
        (self.entries.get() + self.usable.get()) as usize
    }

    /// One user more.
    #[inline(always)]
    pub fn retain(&self) {
        self.refcount.set(self.refcount.get() + 1);
    }

    /// A copy of a table that is not shared, deleted entries included.
    pub fn duplicate(&self) -> Result<NonNull<Keys>, Raised> {
        let copy = Keys::allocate(self.log2_size, self.kind)?;
        // SAFETY: both tables have the same geometry, so the copy's indices and entries are as many bytes; what the entries
        // hold is owned once more below.
        unsafe {
            let new = copy.as_ref();
            std::ptr::copy_nonoverlapping(self.indices(), new.indices().cast_mut(), self.size() - size_of::<Keys>());
            new.usable.set(self.usable.get());
            new.entries.set(self.entries.get());
            for (key, value) in new.words() {
                for held in [key, value] {
                    if let Some(held) = held.as_ref() {
                        held.add_references(1);
                    }
                }
            }
        }
        Ok(copy)
    }

    /// One user less; the last one ends the entries and frees the table.
    ///
    /// # Safety
    /// The caller owns one use of the table.
    pub unsafe fn release(keys: NonNull<Keys>) {
        // SAFETY: alive while used.
        let table = unsafe { keys.as_ref() };
        if table.is_empty_table() {
            return;
        }
        table.refcount.set(table.refcount.get() - 1);
        if table.refcount.get() > 0 {
            return;
        }
        // SAFETY: what the entries hold is theirs, and nobody sees them any more.
        unsafe {
            for (key, value) in table.words() {
                drop(own_cell(key));
                drop(own_cell(value));
            }
        }
        if table.log2_size == MINIMAL_LOG2
            && table.kind == Kind::Unicode
            // SAFETY: the table is of the size of all minimal ones, and nobody uses it any more.
            && unsafe { Thread::current().interpreter().free_lists.give_keys(keys.cast()) }
        {
            return;
        }
        let size = table.size();
        // SAFETY: allocated with this size in `allocate`; nobody uses it any more.
        unsafe { habu_heap::free(Domain::Object, keys.cast(), size) }
    }

    /// The number of indices less one.
    #[inline(always)]
    pub fn mask(&self) -> usize {
        (1usize << self.log2_size) - 1
    }

    fn indices(&self) -> *const u8 {
        // SAFETY: the indices follow the header.
        unsafe { std::ptr::from_ref(self).add(1).cast() }
    }

    /// What the index `at` holds.
    #[inline(always)]
    pub fn index(&self, at: usize) -> isize {
        debug_assert!(at <= self.mask());
        let indices = self.indices();
        // SAFETY: `at` is within the array, whose width follows from the size.
        unsafe {
            match self.log2_size {
                0..8 => *indices.cast::<i8>().add(at) as isize,
                8..16 => *indices.cast::<i16>().add(at) as isize,
                16..32 => *indices.cast::<i32>().add(at) as isize,
                _ => *indices.cast::<i64>().add(at) as isize,
            }
        }
    }

    /// Stores into the index `at`.
    #[inline(always)]
    pub fn set_index(&self, at: usize, entry: isize) {
        debug_assert!(at <= self.mask());
        let indices = self.indices().cast_mut();
        // SAFETY: as in `index`; the memory is the table's own and is written through a pointer derived at allocation.
        unsafe {
            match self.log2_size {
                0..8 => *indices.cast::<i8>().add(at) = entry as i8,
                8..16 => *indices.cast::<i16>().add(at) = entry as i16,
                16..32 => *indices.cast::<i32>().add(at) = entry as i32,
                _ => *indices.cast::<i64>().add(at) = entry as i64,
            }
        }
    }

    #[inline(always)]
    fn entry_memory(&self) -> *const u8 {
        // SAFETY: the entries follow the indices.
        unsafe { self.indices().add(1usize << self.log2_index_bytes) }
    }

    /// An entry of a unicode or split table.
    #[inline(always)]
    pub fn unicode_entry(&self, index: isize) -> &UnicodeEntry {
        debug_assert!(self.kind != Kind::General && (0..usable_fraction(self.log2_size)).contains(&index));
        // SAFETY: the index is within the table, whose entries are of this kind.
        unsafe { &*self.entry_memory().cast::<UnicodeEntry>().offset(index) }
    }

    /// An entry of a general table.
    #[inline(always)]
    pub fn general_entry(&self, index: isize) -> &GeneralEntry {
        debug_assert!(self.kind == Kind::General && (0..usable_fraction(self.log2_size)).contains(&index));
        // SAFETY: the index is within the table, whose entries are of this kind.
        unsafe { &*self.entry_memory().cast::<GeneralEntry>().offset(index) }
    }

    /// The cells of key and value of an entry.
    #[inline(always)]
    pub fn entry_cells(&self, index: isize) -> (&Cell<*const Object>, &Cell<*const Object>) {
        if self.kind == Kind::General {
            let entry = self.general_entry(index);
            (&entry.key, &entry.value)
        } else {
            let entry = self.unicode_entry(index);
            (&entry.key, &entry.value)
        }
    }

    /// Key and value of each entry so far, as they stand there, for code that changes no entries meanwhile.
    #[inline(always)]
    fn words(&self) -> impl Iterator<Item = (*const Object, *const Object)> {
        let stride = if self.kind == Kind::General { 3 } else { 2 };
        // SAFETY: a general entry has its hash before the key. There are so many entries, of as many words.
        unsafe {
            let first = self.entry_memory().cast::<*const Object>().add(stride - 2);
            (0..self.entries.get() as usize).map(move |index| {
                let key = first.add(index * stride);
                (*key, *key.add(1))
            })
        }
    }

    /// Moves all entries of a table of the same kind, none of which was deleted, to this one, which is new and has room for them.
    pub(super) fn take_entries_of(&self, old: &Keys) {
        debug_assert!(self.kind == old.kind && self.entries.get() == 0);
        let count = old.entries.get();
        let words = count as usize * if self.kind == Kind::General { 3 } else { 2 };
        // SAFETY: both tables have memory for so many entries, and are not the same.
        unsafe {
            let from = old.entry_memory().cast::<usize>();
            from.copy_to_nonoverlapping(self.entry_memory().cast_mut().cast(), words);
        }
        old.entries.set(0);
        self.entries.set(count);
        self.usable.set(usable_fraction(self.log2_size) - count);
        match self.log2_size {
            0..8 => self.index_entries(|entry| entry as i8),
            8..16 => self.index_entries(|entry| entry as i16),
            16..32 => self.index_entries(|entry| entry as i32),
            _ => self.index_entries(|entry| entry as i64),
        }
    }

    /// Writes the indices of all entries to a table that has none so far, in the type that its indices have.
    #[inline(always)]
    fn index_entries<I: Copy + PartialEq>(&self, narrow: impl Fn(isize) -> I) {
        let indices = self.indices().cast_mut().cast::<I>();
        let empty = narrow(EMPTY);
        for (entry, (key, _)) in (0..).zip(self.words()) {
            let hash = match self.kind {
                Kind::General => self.general_entry(entry).hash.get(),
                // SAFETY: keys of such tables are exact strings.
                _ => unsafe { (*key).cast_unchecked::<Str>() }.hash(),
            };
            let mut probe = Probe::new(hash, self.mask());
            // SAFETY: a probe is within the indices, which have this type.
            unsafe {
                while *indices.add(probe.at) != empty {
                    probe.step();
                }
                *indices.add(probe.at) = narrow(entry);
            }
        }
    }

    /// Takes key and value out of an entry.
    pub fn take_entry(&self, index: isize) -> (Option<Ref>, Option<Ref>) {
        let (key, value) = self.entry_cells(index);
        (take_cell(key), take_cell(value))
    }

    /// Finds the index position that leads to `entry`, along the probes of `hash`.
    pub fn position_of(&self, hash: isize, entry: isize) -> Option<usize> {
        let mut probe = Probe::new(hash, self.mask());
        loop {
            match self.index(probe.at) {
                found if found == entry => return Some(probe.at),
                EMPTY => return None,
                _ => probe.step(),
            }
        }
    }

    /// Finds the first free index position along the probes of `hash`; the table has one.
    #[inline]
    pub fn free_position(&self, hash: isize) -> usize {
        let mut probe = Probe::new(hash, self.mask());
        while self.index(probe.at) >= 0 {
            probe.step();
        }
        probe.at
    }
}

/// The places where a hash may stand, in order.
pub struct Probe {
    /// The current place.
    pub at: usize,
    perturb: usize,
    mask: usize,
}

impl Probe {
    /// The first place.
    #[inline(always)]
    pub fn new(hash: isize, mask: usize) -> Probe {
        Probe { at: hash as usize & mask, perturb: hash as usize, mask }
    }

    /// The next place.
    #[inline(always)]
    pub fn step(&mut self) {
        self.perturb >>= 5;
        self.at = self.at.wrapping_mul(5).wrapping_add(self.perturb).wrapping_add(1) & self.mask;
    }
}

/// Takes the owned reference out of a cell.
#[inline(always)]
pub fn take_cell(cell: &Cell<*const Object>) -> Option<Ref> {
    let pointer = NonNull::new(cell.replace(std::ptr::null()).cast_mut())?;
    // SAFETY: the cell owned the reference.
    Some(unsafe { Ref::from_owned(pointer) })
}

/// The owned reference that was read from a cell.
///
/// # Safety
/// The cell owned what it held, and does so no longer.
#[inline(always)]
unsafe fn own_cell(held: *const Object) -> Option<Ref> {
    // SAFETY: by the contract.
    NonNull::new(held.cast_mut()).map(|held| unsafe { Ref::from_owned(held) })
}

/// A new reference to what the cell holds.
#[inline(always)]
pub fn cell_ref(cell: &Cell<*const Object>) -> Option<Ref> {
    // SAFETY: what a cell holds is alive.
    unsafe { cell.get().as_ref() }.map(Ref::from_borrowed)
}

/// Gives a reference to a cell that holds none.
#[inline(always)]
pub fn fill_cell(cell: &Cell<*const Object>, object: Ref) {
    cell.set(object.into_pointer().as_ptr());
}
