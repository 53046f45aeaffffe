//! The dictionary object as Rust uses it.

use std::cell::Cell;
use std::ptr::NonNull;

use habu_macros::pytype;

use super::keys::{EMPTY, Keys, Kind, cell_ref, fill_cell, log2_for_entries, take_cell};
use super::table::hash_key;
use crate::gc;
use crate::object::{Object, Raised, Ref};
use crate::types::str::Str;

/// dict() -> new empty dictionary
/// dict(mapping) -> new dictionary initialized from a mapping object's
///     (key, value) pairs
/// dict(iterable) -> new dictionary initialized as if via:
///     d = {}
///     for k, v in iterable:
///         d[k] = v
/// dict(**kwargs) -> new dictionary initialized with the name=value pairs
///     in the keyword argument list.  For example:  dict(one=1, two=2)
#[pytype(name = "dict", gc, basetype, subclass_flag = DICT_SUBCLASS, flag = MAPPING, flag = MATCH_SELF)]
pub struct Dict {
    /// The header.
    pub base: Object,
    used: Cell<usize>,
    version: Cell<u64>,
    keys: Cell<NonNull<Keys>>,
    /// The values of a split table, else null: a word for each entry, behind the order of insertion.
    pub(super) values: Cell<*const Cell<*const Object>>,
}

crate::assert_layout!(Dict, size 48, used @ 16, version @ 24, keys @ 32, values @ 40);

impl Dict {
    /// An empty dictionary.  The collector learns of it when something collectable is stored.
    pub fn new() -> Result<Ref<Dict>, Raised> {
        Dict::from_table(Keys::empty())
    }

    /// An empty dictionary with room for `count` entries.
    pub fn with_capacity(count: usize) -> Result<Ref<Dict>, Raised> {
        if count <= 5 {
            return Dict::new();
        }
        Dict::from_table(Keys::allocate(log2_for_entries(count), Kind::Unicode)?)
    }

    fn from_table(keys: NonNull<Keys>) -> Result<Ref<Dict>, Raised> {
        let dict = crate::object::create(Dict::fields(keys))?;
        gc::untrack(&dict);
        Ok(dict)
    }

    /// The fields of a dictionary of its own with the given table.
    pub(super) fn fields(keys: NonNull<Keys>) -> Dict {
        Dict {
            base: Object::of::<Dict>(),
            used: Cell::new(0),
            version: Cell::new(0),
            keys: Cell::new(keys),
            values: Cell::new(std::ptr::null()),
        }
    }

    /// The number of items.
    #[inline(always)]
    #[expect(clippy::len_without_is_empty, reason = "Python has no is_empty either")]
    pub fn len(&self) -> usize {
        self.used.get()
    }

    #[inline(always)]
    pub(super) fn set_used(&self, used: usize) {
        self.used.set(used);
    }

    /// The table.  Valid until the dictionary changes.
    #[inline(always)]
    pub(crate) fn keys(&self) -> &Keys {
        // SAFETY: the dictionary owns a use of its table; callers keep the borrow over nothing that runs Python code.
        unsafe { self.keys.get().as_ref() }
    }

    #[inline(always)]
    pub(super) fn keys_pointer(&self) -> NonNull<Keys> {
        self.keys.get()
    }

    /// Puts `table` in the place of the old one, which is released, with the values of a split one.
    pub(super) fn replace_table(&self, table: NonNull<Keys>) {
        let old = self.keys.replace(table);
        self.values.set(std::ptr::null());
        // SAFETY: the dictionary owned one use of the old table.
        unsafe { Keys::release(old) };
    }

    /// The cells of key and value of an entry, wherever the values stand.
    #[inline(always)]
    pub(super) fn cells_at(&self, index: isize) -> (&Cell<*const Object>, &Cell<*const Object>) {
        let (key, value) = self.keys().entry_cells(index);
        let values = self.values.get();
        if values.is_null() {
            (key, value)
        } else {
            // SAFETY: a split dictionary has a value for each entry of its table.
            (key, unsafe { &*values.offset(index) })
        }
    }

    /// Tracks the dictionary once it holds something that the collector tracks or may track later.
    #[inline(always)]
    pub(super) fn maintain_tracking(&self, key: &Object, value: &Object) {
        if !gc::is_tracked(self) && (may_be_tracked(key) || may_be_tracked(value)) {
            gc::track(self);
        }
    }

    /// The value of `key`.  Hashing and comparing may run Python code and raise.
    #[inline]
    pub fn get(&self, key: &Object) -> Result<Option<Ref>, Raised> {
        let hash = hash_key(key)?;
        self.get_hashed(key, hash)
    }

    /// The value of `key`, whose hash is known.
    #[inline]
    pub fn get_hashed(&self, key: &Object, hash: isize) -> Result<Option<Ref>, Raised> {
        match self.find(key, hash)? {
            EMPTY => Ok(None),
            index => Ok(cell_ref(self.cells_at(index).1)),
        }
    }

    /// The value of an exact string in a dictionary whose keys are strings, as namespaces are; an error of another key's comparison is
    /// forgotten (`PyDict_GetItem`).
    #[inline]
    pub fn get_name(&self, key: &Str) -> Option<Ref> {
        match self.get(key) {
            Ok(found) => found,
            Err(raised) => {
                raised.clear();
                None
            }
        }
    }

    /// The value of a string that is a name: `get` for the keys of namespaces.
    pub fn get_str(&self, key: &str) -> Result<Option<Ref>, Raised> {
        self.get(&*Str::new(key)?)
    }

    /// Whether `key` is there.
    pub fn contains(&self, key: &Object) -> Result<bool, Raised> {
        Ok(self.get(key)?.is_some())
    }

    /// Stores `value` under `key`.
    #[inline]
    pub fn set(&self, key: &Object, value: &Object) -> Result<(), Raised> {
        let hash = hash_key(key)?;
        self.set_hashed(key, hash, value)
    }

    /// Stores `value` under `key`, whose hash is known.
    pub fn set_hashed(&self, key: &Object, hash: isize, value: &Object) -> Result<(), Raised> {
        match self.find(key, hash)? {
            EMPTY => self.insert_new(key.to_ref(), hash, value.to_ref())?,
            index => {
                let cell = self.cells_at(index).1;
                self.maintain_tracking(key, value);
                let old = take_cell(cell);
                fill_cell(cell, value.to_ref());
                self.changed();
                if old.is_none() {
                    self.set_used(self.len() + 1);
                }
                drop(old);
            }
        }
        self.changed();
        Ok(())
    }

    /// Stores `value` under a name.
    pub fn set_str(&self, key: &str, value: &Object) -> Result<(), Raised> {
        self.set(&*Str::intern(key)?, value)
    }

    /// Takes the item of `key` out and gives its value.
    pub fn remove(&self, key: &Object) -> Result<Option<Ref>, Raised> {
        let hash = hash_key(key)?;
        match self.find(key, hash)? {
            EMPTY => Ok(None),
            index => {
                if !self.values.get().is_null() {
                    self.resize(self.len(), Kind::Unicode)?;
                    return self.remove(key);
                }
                self.changed();
                Ok(self.remove_entry(hash, index).map(|(_key, value)| value))
            }
        }
    }

    /// The item at or after the position `at`, which moves behind it: walks through the dictionary in order.  The
    /// dictionary may change between calls; then the walk sees some of the items.
    pub fn next_item(&self, at: &mut usize) -> Option<(Ref, Ref)> {
        while (*at as isize) < self.keys().entries.get() {
            let (key, value) = self.cells_at(*at as isize);
            *at += 1;
            if let (Some(key), Some(value)) = (cell_ref(key), cell_ref(value)) {
                return Some((key, value));
            }
        }
        None
    }

    /// A new dictionary with the same items.
    pub fn copy(&self) -> Result<Ref<Dict>, Raised> {
        let copy = Dict::with_capacity(self.len())?;
        copy.update_from(self)?;
        Ok(copy)
    }

    /// Takes over all items of `other`.
    pub fn update_from(&self, other: &Dict) -> Result<(), Raised> {
        let mut at = 0;
        while let Some((key, value)) = other.next_item(&mut at) {
            self.set(&key, &value)?;
        }
        Ok(())
    }

    /// Takes over all items of a mapping.
    pub fn update(&self, other: &Object) -> Result<(), Raised> {
        if let Some(other) = other.downcast::<Dict>() {
            return self.update_from(other);
        }
        let keys = crate::object::protocol::mapping::keys(other)?;
        for index in 0..keys.len() {
            if let Some(key) = keys.get(index) {
                self.set(&key, &*crate::object::protocol::sequence::get_item(other, &key)?)?;
            }
        }
        Ok(())
    }

    /// Calls `each` with every item.  For dictionaries that nothing else can change meanwhile.
    pub fn for_each_borrowed<'a>(
        &'a self,
        mut each: impl FnMut(&'a Object, &'a Object) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        for index in 0..self.keys().entries.get() {
            let (key, value) = self.cells_at(index);
            // SAFETY: the caller says that nothing changes the dictionary, so what the cells hold stays alive.
            if let (Some(key), Some(value)) = unsafe { (key.get().as_ref(), value.get().as_ref()) } {
                each(key, value)?;
            }
        }
        Ok(())
    }

    /// Empties the dictionary.
    pub fn clear_items(&self) {
        let old = self.keys.replace(Keys::empty());
        self.values.set(std::ptr::null());
        self.set_used(0);
        self.changed();
        // SAFETY: the dictionary owned one use of the old table.
        unsafe { Keys::release(old) };
    }

    /// Notes a change: the version is one that no dictionary had before.
    #[inline(always)]
    pub(super) fn changed(&self) {
        self.version.set(self.version.get().wrapping_add(1));
    }
}

/// Whether the collector tracks the object or may come to (`_PyObject_GC_MAY_BE_TRACKED`).
pub(crate) fn may_be_tracked(object: &Object) -> bool {
    gc::is_collectable(object) && (!object.is_exact::<crate::types::tuple::Tuple>() || gc::is_tracked(object))
}

impl Drop for Dict {
    fn drop(&mut self) {
        // SAFETY: the dictionary owns one use of its table.
        unsafe { Keys::release(self.keys.get()) };
    }
}

#[habu_macros::pymethods]
impl Dict {}
