//! The dictionary object as Rust uses it.

use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use habu_macros::pytype;

use super::keys::{EMPTY, Keys, Kind, cell_ref, log2_for_entries};
use super::table::hash_key;
use super::values::Values;
use crate::gc;
use crate::object::free_list::Kind as FreeListKind;
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
#[pytype(name = "dict", generic_get, c_name = "PyDict_Type", gc, basetype, subclass_flag = DICT_SUBCLASS, flag = MAPPING, flag = MATCH_SELF, free_list = Dict)]
pub struct Dict {
    /// The header.
    pub base: Object,
    used: Cell<usize>,
    version: Cell<u64>,
    keys: Cell<NonNull<Keys>>,
    /// The values of a split table, else nothing.
    pub(super) values: Cell<Option<Values>>,
}

crate::assert_layout!(Dict, size 48, used @ 16, version @ 24, keys @ 32, values @ 40);

/// The number of changes to dictionaries so far.  Each change gives its dictionary a version that no dictionary had before; dictionaries
/// of different interpreters are never compared, so that a lost update cannot matter.
static VERSIONS: AtomicU64 = AtomicU64::new(1);

#[inline(always)]
fn next_version() -> u64 {
    let next = VERSIONS.load(Ordering::Relaxed).wrapping_add(1);
    VERSIONS.store(next, Ordering::Relaxed);
    next
}

impl Dict {
    /// An empty dictionary.  The collector learns of it when something collectable is stored.
    #[inline]
    pub fn new() -> Result<Ref<Dict>, Raised> {
        Dict::from_table(Keys::empty(), None, 0)
    }

    /// An empty dictionary with room for `count` entries whose keys are strings.
    pub fn with_capacity(count: usize) -> Result<Ref<Dict>, Raised> {
        Dict::presized(count, true)
    }

    /// An empty dictionary with room for `count` entries, for keys that are all exact strings or not.
    pub fn presized(count: usize, text: bool) -> Result<Ref<Dict>, Raised> {
        const MOST: usize = 128 * 1024;
        if count <= 5 {
            return Dict::new();
        }
        let log2 = if count > MOST * 2 / 3 { 17 } else { log2_for_entries(count) };
        Dict::from_table(Keys::allocate(log2, Kind::unicode(text))?, None, 0)
    }

    /// A dictionary of `count` items, as literals make them.
    pub fn from_items<'a>(count: usize, item: impl Fn(usize) -> (&'a Object, &'a Object)) -> Result<Ref<Dict>, Raised> {
        let text = (0..count).all(|index| item(index).0.is_exact::<Str>());
        let dict = Dict::presized(count, text)?;
        for index in 0..count {
            let (key, value) = item(index);
            dict.set(key, value)?;
        }
        Ok(dict)
    }

    /// An untracked dictionary that takes over one use of `keys`, and `values`.
    #[inline]
    pub(super) fn from_table(keys: NonNull<Keys>, values: Option<Values>, used: usize) -> Result<Ref<Dict>, Raised> {
        let memory = match crate::object::free_list::take(FreeListKind::Dict, 0, size_of::<Dict>()) {
            Ok(memory) => memory.cast::<Dict>(),
            Err(raised) => {
                // SAFETY: they were handed over to this function.
                unsafe {
                    if let Some(values) = values {
                        values.end();
                    }
                    Keys::release(keys);
                }
                return Err(raised);
            }
        };
        let fields = Dict::fields(keys);
        fields.values.set(values);
        fields.used.set(used);
        // SAFETY: the memory is ours and large enough.
        unsafe {
            memory.write(fields);
            Ok(Ref::from_owned(memory))
        }
    }

    /// The fields of a dictionary with the given table.
    #[inline(always)]
    pub(super) fn fields(keys: NonNull<Keys>) -> Dict {
        Dict {
            base: Object::of::<Dict>(),
            used: Cell::new(0),
            version: Cell::new(next_version()),
            keys: Cell::new(keys),
            values: Cell::new(None),
        }
    }

    /// The number of items.
    #[inline(always)]
    #[expect(clippy::len_without_is_empty, reason = "Python has no is_empty either")]
    pub fn len(&self) -> usize {
        self.used.get()
    }

    /// A number that no other state of any dictionary has (`ma_version_tag`).
    #[inline(always)]
    pub fn version(&self) -> u64 {
        self.version.get()
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

    /// Puts `table`, which has the same items, in the place of the old one.
    pub(super) fn replace_table(&self, table: NonNull<Keys>) {
        let old = self.keys.replace(table);
        // SAFETY: the dictionary owned one use of the old table.
        unsafe { Keys::release(old) };
    }

    /// The place of the value of an entry.
    #[inline(always)]
    pub(super) fn value_cell(&self, index: isize) -> &Cell<*const Object> {
        match self.values.get() {
            None => self.keys().entry_cells(index).1,
            Some(values) => values.cell(index),
        }
    }

    /// The cells of key and value of an entry, wherever the value stands.
    #[inline(always)]
    pub(super) fn cells_at(&self, index: isize) -> (&Cell<*const Object>, &Cell<*const Object>) {
        let (key, value) = self.keys().entry_cells(index);
        match self.values.get() {
            None => (key, value),
            Some(values) => (key, values.cell(index)),
        }
    }

    /// The entry of the item at or after the position `at`, which moves behind it.
    #[inline(always)]
    pub(super) fn next_index(&self, at: &mut usize) -> Option<isize> {
        if let Some(values) = self.values.get() {
            let position = *at;
            return (position < values.used()).then(|| {
                *at = position + 1;
                values.order(position)
            });
        }
        let keys = self.keys();
        let count = keys.entries.get();
        let mut index = *at as isize;
        while index < count {
            let (_, value) = keys.entry_cells(index);
            if !value.get().is_null() {
                *at = index as usize + 1;
                return Some(index);
            }
            index += 1;
        }
        *at = count.max(0) as usize;
        None
    }

    /// The cells of the item at or after the position `at`, which moves behind it.
    #[inline(always)]
    pub(super) fn next_cells(&self, at: &mut usize) -> Option<(&Cell<*const Object>, &Cell<*const Object>)> {
        let keys = self.keys();
        if self.values.get().is_some() || keys.kind != Kind::General {
            return self.next_index(at).map(|index| self.cells_at(index));
        }
        let count = keys.entries.get();
        for index in *at as isize..count {
            let entry = keys.general_entry(index);
            if !entry.value.get().is_null() {
                *at = index as usize + 1;
                return Some((&entry.key, &entry.value));
            }
        }
        *at = count.max(0) as usize;
        None
    }

    /// Tracks the dictionary once it holds something that the collector tracks or may track later.
    #[inline(always)]
    pub(super) fn maintain_tracking(&self, key: &Object, value: &Object) {
        if !gc::is_tracked(self) && (may_be_tracked(value) || may_be_tracked(key)) {
            gc::track(self);
        }
    }

    /// Untracks the dictionary when nothing in it is tracked; what the collector asks in full collections.
    pub fn maybe_untrack(&self) {
        if self.is_exact::<Dict>() && gc::is_tracked(self) && self.holds_nothing_tracked() {
            gc::untrack(self);
        }
    }

    /// Calls `visit` with what the dictionary refers to, but for keys that are strings; `visit` must run no Python code.
    #[inline]
    pub(crate) fn for_each_referent(&self, mut visit: impl FnMut(&Object)) {
        let text = self.keys().kind != Kind::General;
        let mut at = 0;
        while let Some(index) = self.next_index(&mut at) {
            let (key, value) = self.cells_at(index);
            // SAFETY: the entry is in use; a visitor changes nothing.
            let (key, value) = unsafe { (key.get().as_ref(), value.get().as_ref()) };
            value.into_iter().for_each(&mut visit);
            if !text {
                key.into_iter().for_each(&mut visit);
            }
        }
    }

    /// Whether no key and no value is or may come to be tracked.
    pub(crate) fn holds_nothing_tracked(&self) -> bool {
        let mut at = 0;
        let text = self.keys().kind != Kind::General;
        while let Some(index) = self.next_index(&mut at) {
            let (key, value) = self.cells_at(index);
            // SAFETY: the entry is in use, and nothing runs meanwhile.
            let (key, value) = unsafe { (key.get().as_ref(), value.get().as_ref()) };
            if value.is_some_and(may_be_tracked) || (!text && key.is_some_and(may_be_tracked)) {
                return false;
            }
        }
        true
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
            index => Ok(cell_ref(self.value_cell(index))),
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
        let hash = hash_key(key)?;
        self.contains_hashed(key, hash)
    }

    /// Whether `key`, whose hash is known, is there.
    pub fn contains_hashed(&self, key: &Object, hash: isize) -> Result<bool, Raised> {
        match self.find(key, hash)? {
            EMPTY => Ok(false),
            index => Ok(!self.value_cell(index).get().is_null()),
        }
    }

    /// Stores `value` under `key`. A `__hash__` sees both counted already.
    #[inline]
    pub fn set(&self, key: &Object, value: &Object) -> Result<(), Raised> {
        if let Some(text) = key.downcast_exact::<Str>() {
            // No code runs before the value is there.
            return self.insert_text(text, value.to_ref());
        }
        let (key, value) = (key.to_ref(), value.to_ref());
        let hash = hash_key(&key)?;
        self.insert(key, hash, value)
    }

    /// As `set`, for a key and a value that the caller gives up afterwards: a `__hash__` sees neither counted once more.
    #[inline]
    pub fn set_given(&self, key: &Object, value: &Object) -> Result<(), Raised> {
        let hash = hash_key(key)?;
        self.insert(key.to_ref(), hash, value.to_ref())
    }

    /// Stores `value` under `key`, whose hash is known.
    #[inline]
    pub fn set_hashed(&self, key: &Object, hash: isize, value: &Object) -> Result<(), Raised> {
        self.insert(key.to_ref(), hash, value.to_ref())
    }

    /// Stores `value` under a name.
    pub fn set_str(&self, key: &str, value: &Object) -> Result<(), Raised> {
        self.set(&*Str::intern(key)?, value)
    }

    /// The value of `key`; where there is none, `default` is stored and given.
    pub fn get_or_insert(&self, key: &Object, default: &Object) -> Result<Ref, Raised> {
        let hash = hash_key(key)?;
        self.insert_default(key, hash, default)
    }

    /// The key that is there for one that equals it.
    pub fn key_of(&self, key: &Object) -> Result<Option<Ref>, Raised> {
        let hash = hash_key(key)?;
        match self.find(key, hash)? {
            EMPTY => Ok(None),
            index => {
                let (key, value) = self.cells_at(index);
                Ok(cell_ref(value).and_then(|_| cell_ref(key)))
            }
        }
    }

    /// Where the table is: it changes when the entries are put in order anew.
    pub fn table_address(&self) -> usize {
        self.keys.get().as_ptr() as usize
    }

    /// The number of places in the table's index; 0 for the table that all empty dictionaries share.
    pub fn table_length(&self) -> usize {
        let keys = self.keys();
        if keys.is_empty_table() { 0 } else { keys.mask() + 1 }
    }

    /// Takes the item of `key` out and gives its value.
    pub fn remove(&self, key: &Object) -> Result<Option<Ref>, Raised> {
        let hash = hash_key(key)?;
        self.remove_hashed(key, hash)
    }

    /// Takes the item of `key`, whose hash is known, out and gives its value.
    pub fn remove_hashed(&self, key: &Object, hash: isize) -> Result<Option<Ref>, Raised> {
        match self.find(key, hash)? {
            EMPTY => Ok(None),
            index => Ok(self.remove_entry(hash, index)),
        }
    }

    /// Takes the last item out.
    pub fn pop_last(&self) -> Result<Option<(Ref, Ref)>, Raised> {
        if self.len() == 0 {
            return Ok(None);
        }
        if self.values.get().is_some() {
            self.resize(self.keys().log2_size, true)?;
        }
        let keys = self.keys();
        keys.version.set(0);
        let mut index = keys.entries.get() - 1;
        while index > 0 && keys.entry_cells(index).1.get().is_null() {
            index -= 1;
        }
        let hash = match keys.kind {
            Kind::General => keys.general_entry(index).hash.get(),
            // SAFETY: keys of such tables are exact strings; the entry is in use.
            _ => unsafe { (*keys.unicode_entry(index).key.get()).cast_unchecked::<Str>() }.hash(),
        };
        if let Some(at) = keys.position_of(hash, index) {
            keys.set_index(at, super::keys::DUMMY);
        }
        let (key, value) = keys.take_entry(index);
        keys.entries.set(index);
        self.set_used(self.len() - 1);
        self.changed();
        Ok(key.zip(value))
    }

    /// The item at or after the position `at`, which moves behind it: walks through the dictionary in order.  The
    /// dictionary may change between calls; then the walk sees some of the items.
    #[inline]
    pub fn next_item(&self, at: &mut usize) -> Option<(Ref, Ref)> {
        let index = self.next_index(at)?;
        let (key, value) = self.cells_at(index);
        cell_ref(key).zip(cell_ref(value))
    }

    /// As `next_item`, with the key's hash.
    pub(crate) fn next_hashed(&self, at: &mut usize) -> Option<(Ref, isize, Ref)> {
        let index = self.next_index(at)?;
        let keys = self.keys();
        let (key, value) = self.cells_at(index);
        let (key, value) = cell_ref(key).zip(cell_ref(value))?;
        let hash = match keys.kind {
            Kind::General => keys.general_entry(index).hash.get(),
            // SAFETY: keys of such tables are exact strings.
            _ => unsafe { key.cast_unchecked::<Str>() }.hash(),
        };
        Some((key, hash, value))
    }

    /// Calls `each` with every item.  For dictionaries that nothing else can change meanwhile.
    pub fn for_each_borrowed<'a>(
        &'a self,
        mut each: impl FnMut(&'a Object, &'a Object) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        let mut at = 0;
        while let Some(index) = self.next_index(&mut at) {
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
        if self.keys().is_empty_table() {
            return;
        }
        let old = self.keys.replace(Keys::empty());
        let values = self.values.take();
        self.set_used(0);
        self.changed();
        // SAFETY: the dictionary owned the values and one use of the old table.
        unsafe {
            if let Some(values) = values {
                values.end();
            }
            Keys::release(old);
        }
    }

    /// The bytes that the dictionary takes without its GC head; shared keys count for the class.
    pub fn size(&self) -> usize {
        let mut size = self.ty().tp_basicsize.get() as usize;
        let keys = self.keys();
        if self.values.get().is_some() {
            size += keys.shared_size() * 8;
        }
        if keys.refcount.get() == 1 {
            size += keys.size();
        }
        size
    }

    /// Notes a change: the version is one that no dictionary had before.
    #[inline(always)]
    pub(super) fn changed(&self) {
        self.version.set(next_version());
    }
}

/// Whether the collector tracks the object or may come to (`_PyObject_GC_MAY_BE_TRACKED`).
#[inline(always)]
pub fn may_be_tracked(object: &Object) -> bool {
    gc::is_collectable(object) && (!object.is_exact::<crate::types::tuple::Tuple>() || gc::is_tracked(object))
}

impl Drop for Dict {
    fn drop(&mut self) {
        // SAFETY: the dictionary owns its values and one use of its table.
        unsafe {
            if let Some(values) = self.values.take() {
                values.end();
            }
            Keys::release(self.keys.get());
        }
    }
}
