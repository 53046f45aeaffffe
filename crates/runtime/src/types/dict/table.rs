//! Searching and changing a dictionary's table.
//!
//! Comparing keys may run Python code that changes the dictionary: after each such comparison the table and the entry are looked at again,
//! and the search starts over when they changed.

use super::keys::{DUMMY, EMPTY, Keys, Kind, Probe, cell_ref, fill_cell, log2_for_size, usable_fraction};
use super::value::Dict;
use crate::object::protocol;
use crate::object::slots::CompareOp;
use crate::object::{Object, Raised, Ref};
use crate::types::str::Str;

/// The hash of a key: cached for exact strings.
#[inline(always)]
pub fn hash_key(key: &Object) -> Result<isize, Raised> {
    match key.downcast_exact::<Str>() {
        Some(text) => Ok(text.hash()),
        None => protocol::hash(key),
    }
}

impl Dict {
    /// The entry of `key`, or EMPTY.
    #[inline]
    pub fn find(&self, key: &Object, hash: isize) -> Result<isize, Raised> {
        let keys = self.keys();
        if keys.kind != Kind::General
            && let Some(text) = key.downcast_exact::<Str>()
        {
            return Ok(find_text(keys, text, hash));
        }
        self.find_slow(key, hash)
    }

    fn find_slow(&self, key: &Object, hash: isize) -> Result<isize, Raised> {
        'search: loop {
            let table = self.keys_pointer();
            let keys = self.keys();
            let mut probe = Probe::new(hash, keys.mask());
            loop {
                let index = keys.index(probe.at);
                if index == EMPTY {
                    return Ok(EMPTY);
                }
                if index >= 0 {
                    let (cell, _) = keys.entry_cells(index);
                    if std::ptr::eq(cell.get(), key) {
                        return Ok(index);
                    }
                    let known = match keys.kind {
                        Kind::General => keys.general_entry(index).hash.get(),
                        // SAFETY: keys of such tables are exact strings with a cached hash.
                        _ => unsafe { (*cell.get()).cast_unchecked::<Str>() }.hash(),
                    };
                    if known == hash
                        && let Some(other) = cell_ref(cell)
                    {
                        let equal = protocol::compare_truth(&other, key, CompareOp::Eq)?;
                        if self.keys_pointer() != table
                            || !std::ptr::eq(self.keys().entry_cells(index).0.get(), &*other)
                        {
                            continue 'search;
                        }
                        if equal {
                            return Ok(index);
                        }
                    }
                }
                probe.step();
            }
        }
    }

    /// Stores `value` under `key`, whose entry `find` did not find.
    pub(super) fn insert_new(&self, key: Ref, hash: isize, value: Ref) -> Result<(), Raised> {
        let is_text = key.is_exact::<Str>();
        if self.keys().kind == Kind::Split || (self.keys().kind == Kind::Unicode && !is_text) {
            self.resize(self.len(), if is_text { Kind::Unicode } else { Kind::General })?;
        }
        if self.keys().usable.get() <= 0 {
            let kind = match self.keys().is_empty_table() {
                true if is_text => Kind::Unicode,
                true => Kind::General,
                false => self.keys().kind,
            };
            self.resize(self.len() * 3, kind)?;
        }
        let keys = self.keys();
        let at = keys.free_position(hash);
        let index = keys.entries.get();
        keys.set_index(at, index);
        if keys.kind == Kind::General {
            keys.general_entry(index).hash.set(hash);
        }
        let (key_cell, value_cell) = keys.entry_cells(index);
        self.maintain_tracking(&key, &value);
        fill_cell(key_cell, key);
        fill_cell(value_cell, value);
        keys.entries.set(index + 1);
        keys.usable.set(keys.usable.get() - 1);
        keys.version.set(0);
        self.set_used(self.len() + 1);
        Ok(())
    }

    /// Takes the entry `index` out.
    pub(super) fn remove_entry(&self, hash: isize, index: isize) -> Option<(Ref, Ref)> {
        let keys = self.keys();
        if let Some(at) = keys.position_of(hash, index) {
            keys.set_index(at, DUMMY);
        }
        keys.version.set(0);
        self.set_used(self.len() - 1);
        let (key, value) = keys.take_entry(index);
        key.zip(value)
    }

    /// Moves the entries to a new table with room for `size` indices.
    pub(super) fn resize(&self, size: usize, kind: Kind) -> Result<(), Raised> {
        let kind = if kind == Kind::Split { Kind::Unicode } else { kind };
        let mut log2 = log2_for_size(size + 1);
        while usable_fraction(log2) < self.len() as isize {
            log2 += 1;
        }
        let table = Keys::allocate(log2, kind)?;
        // SAFETY: the new table is ours alone.
        let new = unsafe { table.as_ref() };
        let old = self.keys();
        let mut count = 0;
        for index in 0..old.entries.get() {
            let (key_cell, value_cell) = self.cells_at(index);
            if value_cell.get().is_null() {
                continue;
            }
            let hash = match old.kind {
                Kind::General => old.general_entry(index).hash.get(),
                // SAFETY: keys of such tables are exact strings.
                _ => unsafe { (*key_cell.get()).cast_unchecked::<Str>() }.hash(),
            };
            if kind == Kind::General {
                new.general_entry(count).hash.set(hash);
            }
            let (new_key, new_value) = new.entry_cells(count);
            if old.kind == Kind::Split {
                if let Some(key) = cell_ref(key_cell) {
                    fill_cell(new_key, key);
                }
                new_value.set(value_cell.replace(std::ptr::null()));
            } else {
                new_key.set(key_cell.replace(std::ptr::null()));
                new_value.set(value_cell.replace(std::ptr::null()));
            }
            new.set_index(new.free_position(hash), count);
            count += 1;
        }
        new.entries.set(count);
        new.usable.set(usable_fraction(log2) - count);
        self.replace_table(table);
        Ok(())
    }
}

/// The entry of a string in a table whose keys are exact strings: runs no Python code.
#[inline]
pub fn find_text(keys: &Keys, text: &Str, hash: isize) -> isize {
    let mut probe = Probe::new(hash, keys.mask());
    loop {
        let index = keys.index(probe.at);
        if index == EMPTY {
            return EMPTY;
        }
        if index >= 0 {
            let key = keys.unicode_entry(index).key.get();
            if std::ptr::addr_eq(key, text) {
                return index;
            }
            // SAFETY: keys of such tables are exact strings.
            let other = unsafe { (*key).cast_unchecked::<Str>() };
            if other.hash() == hash && other.same_text(text) {
                return index;
            }
        }
        probe.step();
    }
}
