//! Finding an attribute along the method resolution order of a type.

use crate::object::{Object, Raised, Ref, Type};
use crate::threads::Thread;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

impl Type {
    /// The attribute `name` of this type or the first of its bases that has it, unbound (`_PyType_Lookup`).
    #[inline]
    pub fn lookup(&self, name: &Str) -> Option<Ref> {
        // SAFETY: what is known is held at once.
        match unsafe { self.known(name) } {
            Some(known) => known.map(Ref::from_borrowed),
            None => self.lookup_slow(name),
        }
    }

    /// What `lookup` finds, where the cache of attributes knows it.
    ///
    /// # Safety
    /// It is borrowed from a class: as soon as Python code runs, or a class is changed, it may be gone.
    #[inline(always)]
    pub(crate) unsafe fn known(&self, name: &Str) -> Option<Option<&Object>> {
        let version = self.tp_version_tag.get();
        if version == 0 { None } else { Thread::current().interpreter().type_cache.get(version, name) }
    }

    #[inline(never)]
    fn lookup_slow(&self, name: &Str) -> Option<Ref> {
        let found = self.lookup_in_mro(name);
        if name.interned() != 0 && self.assign_version() {
            let cache = &Thread::current().interpreter().type_cache;
            cache.set(self.tp_version_tag.get(), name, found.as_deref());
        }
        found
    }

    /// As `lookup`, without a look at the cache of attributes nor an entry in it.
    pub(super) fn lookup_in_mro(&self, name: &Str) -> Option<Ref> {
        let mro: Ref<Tuple> = self.tp_mro.get()?;
        mro.as_slice().iter().find_map(|entry| {
            let dict: Ref<Dict> = entry.downcast::<Type>()?.tp_dict.get()?;
            dict.get_name(name)
        })
    }
}

impl Type {
    /// `type.__getattribute__`; nothing where there is no such attribute. Data descriptors of the metaclass go before the type's own attributes, and
    /// its other attributes come last.
    pub fn attribute(&self, name: &Str) -> Result<Option<Ref>, Raised> {
        let metatype = self.type_ref();
        let meta = metatype.lookup(name);
        if let Some(meta) = &meta
            && DescriptorKind::of(meta) == DescriptorKind::Data
            && let Some(bind) = meta.ty().tp_descr_get.get()
        {
            // SAFETY: the slot belongs to the type of what was found.
            return unsafe { bind(meta, Some(self), Some(&metatype)) }.map(Some);
        }
        if let Some(found) = self.lookup(name) {
            return match found.ty().tp_descr_get.get() {
                // SAFETY: as above.
                Some(bind) => unsafe { bind(&found, None, Some(self)) }.map(Some),
                None => Ok(Some(found)),
            };
        }
        let Some(meta) = meta else { return Ok(None) };
        match meta.ty().tp_descr_get.get() {
            // SAFETY: as above.
            Some(bind) => unsafe { bind(&meta, Some(self), Some(&metatype)) }.map(Some),
            None => Ok(Some(meta)),
        }
    }
}

/// What a class attribute does when it is read through an instance.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum DescriptorKind {
    /// Has `__get__` and `__set__` or `__delete__`: goes before the instance's dictionary.
    Data,
    /// Has `__get__` alone.
    Plain,
    /// Is no descriptor.
    None,
}

impl DescriptorKind {
    /// The kind of an attribute.
    #[inline]
    pub fn of(attribute: &Object) -> DescriptorKind {
        let ty = attribute.ty();
        match (ty.tp_descr_get.get().is_some(), ty.tp_descr_set.get().is_some()) {
            (_, true) => DescriptorKind::Data,
            (true, false) => DescriptorKind::Plain,
            (false, false) => DescriptorKind::None,
        }
    }
}

/// For lookups on the type of an object.
pub fn lookup_on_type(object: &Object, name: &Str) -> Option<Ref> {
    object.ty().lookup(name)
}
