//! The cache of attribute lookups on types: by the type's version tag and the name's address.
//!
//! An entry is good while the type keeps its version; a type that changes, or one of whose bases changes, gets a new one.

use std::cell::Cell;

use crate::object::Object;
use crate::types::str::Str;

const SIZE: usize = 1 << 12;

/// What a lookup of a name on a version of a type gave; the value is borrowed from the type, or null for nothing.
#[derive(Clone, Copy)]
struct Entry {
    version: u32,
    name: *const Str,
    value: *const Object,
}

/// The cache of one interpreter.
pub struct TypeCache {
    entries: Box<[Cell<Entry>]>,
    /// The next version tag to give out; 0 when all were.
    pub next_version: Cell<u32>,
}

impl TypeCache {
    /// An empty cache.
    pub fn new() -> TypeCache {
        let empty = Entry { version: 0, name: std::ptr::null(), value: std::ptr::null() };
        TypeCache { entries: (0..SIZE).map(|_| Cell::new(empty)).collect(), next_version: Cell::new(1) }
    }

    #[inline(always)]
    fn place(&self, version: u32, name: &Str) -> &Cell<Entry> {
        &self.entries[(version as usize ^ (std::ptr::from_ref(name) as usize >> 3)) & (SIZE - 1)]
    }

    /// What is known of `name` on the type of this version: nothing known, or found or not.
    #[inline(always)]
    pub fn get(&self, version: u32, name: &Str) -> Option<Option<&Object>> {
        let entry = self.place(version, name).get();
        if entry.version == version && std::ptr::eq(entry.name, name) {
            // SAFETY: the value is borrowed from a type that still has this version, so it is still in that type's dictionaries.
            Some(unsafe { entry.value.as_ref() })
        } else {
            None
        }
    }

    /// Notes what a lookup of an interned name gave.
    pub fn set(&self, version: u32, name: &Str, value: Option<&Object>) {
        // A name that lives for ever in an entry could be freed and its address reused: entries hold a reference.
        let place = self.place(version, name);
        let old = place.replace(Entry {
            version,
            name: crate::object::Ref::from_borrowed(name).into_pointer().as_ptr(),
            value: value.map_or(std::ptr::null(), std::ptr::from_ref),
        });
        if let Some(name) = std::ptr::NonNull::new(old.name.cast_mut()) {
            // SAFETY: the entry owned a reference to its name.
            drop(unsafe { crate::object::Ref::from_owned(name) });
        }
    }
}

impl Default for TypeCache {
    fn default() -> TypeCache {
        TypeCache::new()
    }
}

impl crate::object::Type {
    /// Gives the type a version if it has none; false when there are no more or a base has none.
    pub fn assign_version(&self) -> bool {
        use crate::object::typeobject::flags;
        if self.tp_version_tag.get() != 0 {
            return true;
        }
        if !self.has_flag(flags::READY) {
            return false;
        }
        if let Some(bases) = self.tp_bases.get() {
            for base in bases.as_slice() {
                if base.downcast::<crate::object::Type>().is_none_or(|base| !base.assign_version()) {
                    return false;
                }
            }
        }
        let next = &crate::threads::Thread::current().interpreter().type_cache.next_version;
        if next.get() == 0 {
            return false;
        }
        self.tp_version_tag.set(next.get());
        next.set(next.get().wrapping_add(1));
        self.tp_flags.set(self.tp_flags.get() | flags::VALID_VERSION_TAG);
        true
    }
}

/// Notes that a type's attributes changed: it and all that derive from it lose their versions.
pub fn modified(ty: &crate::object::Type) {
    use crate::object::typeobject::flags;
    if ty.tp_version_tag.get() == 0 {
        // Subclasses have a version only while their bases do.
        return;
    }
    ty.tp_version_tag.set(0);
    ty.tp_flags.set(ty.tp_flags.get() & !flags::VALID_VERSION_TAG);
    super::subclasses::visit(ty, modified);
}
