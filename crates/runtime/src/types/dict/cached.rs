//! What inline caches of the evaluation loop use of dictionaries: versions of keys, and values by the index of their entry.

use super::keys::{EMPTY, Kind, fill_cell, take_cell};
use super::table::find_text;
use super::value::Dict;
use crate::object::{Object, Ref};
use crate::threads::Thread;
use crate::types::str::Str;

impl Dict {
    /// The version of the keys; 0 for none.  While it stays, so do the keys and their entries.
    #[inline(always)]
    pub(crate) fn keys_version(&self) -> u32 {
        self.keys().version.get()
    }

    /// The version of the keys, given out now if they have none; 0 when there are no more, and for keys that are not all strings.
    pub(crate) fn keys_version_for_cache(&self) -> u32 {
        let keys = self.keys();
        if keys.kind != Kind::Unicode || keys.is_empty_table() {
            return 0;
        }
        if keys.version.get() == 0 {
            let next = &Thread::current().interpreter().eval.next_keys_version;
            let version = next.get();
            if version != 0 {
                keys.version.set(version);
                next.set(version.wrapping_add(1));
            }
        }
        keys.version.get()
    }

    /// The entry of a name in a dictionary with its own table, whose keys are all strings; EMPTY for none.
    pub(crate) fn entry_of_name(&self, name: &Str) -> isize {
        if self.keys().kind != Kind::Unicode || self.values.get().is_some() {
            return EMPTY;
        }
        find_text(self.keys(), name, name.hash())
    }

    /// Whether the dictionary has its own table, whose keys are all strings.
    #[inline(always)]
    pub(crate) fn has_only_names(&self) -> bool {
        self.keys().kind == Kind::Unicode && self.values.get().is_none()
    }

    /// The value of an entry of a table whose keys are all strings.
    ///
    /// # Safety
    /// The table has that entry, and is neither general nor split; the borrow is used before the dictionary can change.
    #[inline(always)]
    pub(crate) unsafe fn unicode_value(&self, index: usize) -> Option<&Object> {
        // SAFETY: by the contract; what the cell holds is alive while it does.
        unsafe { self.keys().unicode_entry(index as isize).value.get().as_ref() }
    }

    /// The value of the entry at `index`, if that is `name`'s.
    #[inline(always)]
    pub(crate) fn hinted(&self, index: usize, name: &Str) -> Option<&Object> {
        let keys = self.keys();
        if keys.kind != Kind::Unicode || index as isize >= keys.entries.get() {
            return None;
        }
        let entry = keys.unicode_entry(index as isize);
        if !std::ptr::addr_eq(entry.key.get(), name) {
            return None;
        }
        // SAFETY: what the cell holds is alive; the caller takes a reference before the dictionary can change.
        unsafe { entry.value.get().as_ref() }
    }

    /// Stores into the entry at `index`, if that is `name`'s and has a value; else gives the value back.
    #[inline(always)]
    pub(crate) fn store_hinted(&self, index: usize, name: &Str, value: Ref) -> Result<(), Ref> {
        if self.hinted(index, name).is_none() {
            return Err(value);
        }
        self.maintain_tracking(name, &value);
        let cell = &self.keys().unicode_entry(index as isize).value;
        let old = take_cell(cell);
        fill_cell(cell, value);
        self.changed();
        drop(old);
        Ok(())
    }
}
