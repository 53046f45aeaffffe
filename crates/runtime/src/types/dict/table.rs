//! Searching and changing a dictionary's table.
//!
//! Comparing keys may run Python code that changes the dictionary: after each such comparison the table and the entry are looked at again,
//! and the search starts over when they changed.

use super::keys::{DUMMY, EMPTY, Keys, Kind, Probe, cell_ref, fill_cell, log2_for_size, take_cell, usable_fraction};
use super::value::Dict;
use crate::object::protocol;
use crate::object::slots::CompareOp;
use crate::object::{Object, Raised, Ref};
use crate::types::int::Int;
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
    /// The entry of `key`, or EMPTY.  In a split table the entry may be there without a value.
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
            let (log2, kind) = (keys.log2_size, keys.kind);
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
                    let known = match kind {
                        Kind::General => keys.general_entry(index).hash.get(),
                        // SAFETY: keys of such tables are exact strings with a cached hash.
                        _ => unsafe { (*cell.get()).cast_unchecked::<Str>() }.hash(),
                    };
                    if known == hash
                        // SAFETY: a key that is there is alive; nothing runs Python code while it is borrowed.
                        && let Some(same) = plainly_equal(unsafe { &*cell.get() }, key)
                    {
                        if same {
                            return Ok(index);
                        }
                    } else if known == hash
                        && let Some(other) = cell_ref(cell)
                    {
                        let equal = protocol::compare_truth(&other, key, CompareOp::Eq)?;
                        // The table may have been replaced, even by one at the same address.
                        let now = self.keys();
                        if self.keys_pointer() != table
                            || (now.log2_size, now.kind) != (log2, kind)
                            || !std::ptr::eq(now.entry_cells(index).0.get(), &*other)
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

    /// Stores `value` under a string; one that is there already is not counted in between.
    #[inline]
    pub(super) fn insert_text(&self, key: &Str, value: Ref) -> Result<(), Raised> {
        let (keys, hash) = (self.keys(), key.hash());
        if keys.kind != Kind::General && !keys.is_empty_table() {
            let index = find_text(keys, key, hash);
            if index != EMPTY {
                // A finalizer of the value before sees the key counted.
                // SAFETY: what a cell holds is alive, and nothing runs while this is looked at.
                let old = unsafe { self.value_cell(index).get().as_ref() };
                let _held = old.is_some_and(|old| old.refcount() == 1).then(|| key.to_ref());
                self.maintain_tracking(key, &value);
                self.store_at(index, value);
                return Ok(());
            }
        }
        self.insert(key.to_ref().into_object(), hash, value)
    }

    /// Stores `value` under `key`.
    #[inline]
    pub fn insert(&self, key: Ref, hash: isize, value: Ref) -> Result<(), Raised> {
        let text = key.is_exact::<Str>();
        if self.keys().is_empty_table() {
            self.replace_table(Keys::allocate(super::keys::MINIMAL_LOG2, Kind::unicode(text))?);
            self.insert_new(key, hash, value);
            return Ok(());
        }
        if !text && self.keys().kind != Kind::General {
            self.grow(false)?;
        }
        match self.find(&key, hash)? {
            EMPTY => {
                // Comparisons may have changed everything.
                if self.keys().usable.get() <= 0 || (!text && self.keys().kind != Kind::General) {
                    self.grow(text)?;
                }
                self.insert_new(key, hash, value);
            }
            index => {
                self.maintain_tracking(&key, &value);
                self.store_at(index, value);
            }
        }
        Ok(())
    }

    /// The value of `key`; where there is none, `default` is stored and given.  The key is searched for once.
    pub(super) fn insert_default(&self, key: &Object, hash: isize, default: &Object) -> Result<Ref, Raised> {
        if self.keys().is_empty_table() {
            self.insert(key.to_ref(), hash, default.to_ref())?;
            return Ok(default.to_ref());
        }
        let text = key.is_exact::<Str>();
        if !text && self.keys().kind != Kind::General {
            self.grow(false)?;
        }
        match self.find(key, hash)? {
            EMPTY => {
                if self.keys().usable.get() <= 0 || (!text && self.keys().kind != Kind::General) {
                    self.grow(text)?;
                }
                self.insert_new(key.to_ref(), hash, default.to_ref());
            }
            index => {
                if let Some(value) = cell_ref(self.value_cell(index)) {
                    return Ok(value);
                }
                self.maintain_tracking(key, default);
                self.store_at(index, default.to_ref());
            }
        }
        Ok(default.to_ref())
    }

    /// Puts a value into the entry `index`, which exists.
    pub(super) fn store_at(&self, index: isize, value: Ref) {
        let cell = self.value_cell(index);
        if std::ptr::eq(cell.get(), &*value) {
            return;
        }
        let old = take_cell(cell);
        fill_cell(cell, value);
        if old.is_none() {
            if let Some(values) = self.values.get() {
                values.append(index);
            }
            self.set_used(self.len() + 1);
        }
        self.changed();
        drop(old);
    }

    /// Appends an entry for `key`, which is not there; there is room, and the table takes keys of its kind.
    fn insert_new(&self, key: Ref, hash: isize, value: Ref) {
        self.maintain_tracking(&key, &value);
        let keys = self.keys();
        let at = keys.free_position(hash);
        let index = keys.entries.get();
        keys.set_index(at, index);
        if keys.kind == Kind::General {
            keys.general_entry(index).hash.set(hash);
        }
        let (key_cell, value_cell) = keys.entry_cells(index);
        fill_cell(key_cell, key);
        match self.values.get() {
            Some(values) => {
                fill_cell(values.cell(index), value);
                values.append(index);
            }
            None => fill_cell(value_cell, value),
        }
        keys.entries.set(index + 1);
        keys.usable.set(keys.usable.get() - 1);
        keys.version.set(0);
        self.set_used(self.len() + 1);
        self.changed();
    }

    /// Takes the entry `index` out and gives its value; nothing when a split table has no value there.
    pub(super) fn remove_entry(&self, hash: isize, index: isize) -> Option<Ref> {
        if self.value_cell(index).get().is_null() {
            return None;
        }
        self.set_used(self.len() - 1);
        self.changed();
        if let Some(values) = self.values.get() {
            values.forget(index);
            return take_cell(values.cell(index));
        }
        let keys = self.keys();
        if let Some(at) = keys.position_of(hash, index) {
            keys.set_index(at, DUMMY);
        }
        keys.version.set(0);
        let (key, value) = keys.take_entry(index);
        drop(key);
        value
    }

    /// Makes the table larger, as insertion does when it is full: three times the items.
    pub(super) fn grow(&self, text: bool) -> Result<(), Raised> {
        self.resize(log2_for_size(self.len() * 3), text)
    }

    /// Moves the entries to a new table of its own with `1 << log2` indices, or more where they do not fit.  `text` says
    /// whether keys may go without hashes, when they do already.
    pub(super) fn resize(&self, mut log2: u8, text: bool) -> Result<(), Raised> {
        let old = self.keys();
        let kind = Kind::unicode(text && old.kind != Kind::General);
        while usable_fraction(log2) < self.len() as isize {
            log2 += 1;
        }
        let table = Keys::allocate(log2, kind)?;
        // SAFETY: the new table is ours alone.
        let new = unsafe { table.as_ref() };
        if self.values.get().is_none() && kind == old.kind && self.len() > 0 && self.len() as isize == old.entries.get()
        {
            new.take_entries_of(old);
            self.replace_table(table);
            return Ok(());
        }
        let mut count = 0;
        let mut at = 0;
        while let Some(index) = self.next_index(&mut at) {
            let (key_cell, _) = old.entry_cells(index);
            let hash = match old.kind {
                Kind::General => old.general_entry(index).hash.get(),
                // SAFETY: keys of such tables are exact strings.
                _ => unsafe { (*key_cell.get()).cast_unchecked::<Str>() }.hash(),
            };
            if kind == Kind::General {
                new.general_entry(count).hash.set(hash);
            }
            let (new_key, new_value) = new.entry_cells(count);
            if self.values.get().is_some() {
                if let Some(key) = cell_ref(key_cell) {
                    fill_cell(new_key, key);
                }
            } else {
                new_key.set(key_cell.get());
            }
            new_value.set(self.value_cell(index).get());
            new.set_index(new.free_position(hash), count);
            count += 1;
        }
        new.entries.set(count);
        new.usable.set(usable_fraction(log2) - count);
        if self.values.get().is_none() {
            // The references have moved.
            for index in 0..old.entries.get() {
                let (key, value) = old.entry_cells(index);
                key.set(std::ptr::null());
                value.set(std::ptr::null());
            }
        } else if let Some(values) = self.values.take() {
            // SAFETY: the values have moved, and the dictionary owned them.
            unsafe { values.free() };
        }
        self.replace_table(table);
        Ok(())
    }
}

/// Whether two exact integers of few digits, or two exact strings, are equal: what can be told at once. Nothing for other keys.
#[inline(always)]
fn plainly_equal(left: &Object, right: &Object) -> Option<bool> {
    if let (Some(left), Some(right)) = (left.downcast_exact::<Int>(), right.downcast_exact::<Int>()) {
        return Some(left.digits() == right.digits() && left.is_negative() == right.is_negative());
    }
    let (left, right) = (left.downcast_exact::<Str>()?, right.downcast_exact::<Str>()?);
    Some(left.same_text(right))
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
