//! Readying: a static type gets its bases, its order, its dictionary with descriptors, and the slots of its bases.

use super::inherit::{inherit_pattern_flags, inherit_slots, inherit_special};
use super::slotdefs::add_wrappers;
use crate::object::typeobject::flags;
use crate::object::{Object, PyType, Raised, Ref, StaticType, Type};
use crate::types::descriptor::{add_getsets, add_members, add_methods};
use crate::types::dict::Dict;
use crate::types::singletons::none;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::{id, raise};

/// Readies a built-in type from its tables.
pub fn ready_static(this: &'static StaticType) -> Result<(), Raised> {
    let ty = &this.ty;
    if ty.has_flag(flags::READY) {
        return Ok(());
    }
    if ty.has_flag(flags::HEAPTYPE) {
        return ready_heap(this);
    }
    if ty.tp_as_number.get().is_null() && !this.number.is_empty() {
        ty.tp_as_number.set(&this.number);
    }
    if ty.tp_as_sequence.get().is_null() && !this.sequence.is_empty() {
        ty.tp_as_sequence.set(&this.sequence);
    }
    if ty.tp_as_mapping.get().is_null() && !this.mapping.is_empty() {
        ty.tp_as_mapping.set(&this.mapping);
    }
    if ty.tp_as_async.get().is_null() && !this.asynchronous.is_empty() {
        ty.tp_as_async.set(&this.asynchronous);
    }
    if ty.tp_as_buffer.get().is_null() && !this.buffer.is_empty() {
        ty.tp_as_buffer.set(&this.buffer);
    }
    ty.tp_flags.set(ty.tp_flags.get() | flags::IMMUTABLETYPE);
    if ty.tp_dict.is_empty() {
        ty.tp_dict.set(Some(Dict::new()?));
    }
    let base = ty.tp_base.get();
    if let Some(base) = &base
        && !base.has_flag(flags::READY)
    {
        ready(base)?;
    }
    // Static bases stand by their address in the tables of the types that derive from them.
    ready_with(ty, Some(this))
}

/// Readies a built-in type that is a heap type: it has all suites, its names and module are attributes of its own, and the collector knows it.
fn ready_heap(this: &'static StaticType) -> Result<(), Raised> {
    let ty = &this.ty;
    ty.tp_as_async.set(&this.asynchronous);
    ty.tp_as_number.set(&this.number);
    ty.tp_as_mapping.set(&this.mapping);
    ty.tp_as_sequence.set(&this.sequence);
    ty.tp_as_buffer.set(&this.buffer);
    if let Some(heap) = ty.as_heap_type() {
        let name = Str::intern(ty.name())?.into_object();
        heap.ht_qualname.set(Some(name.clone()));
        heap.ht_name.set(Some(name));
    }
    if let Some(base) = ty.tp_base.get()
        && base.has_flag(flags::HEAPTYPE)
        && ty.tp_dict.is_empty()
    {
        // The static refers to its base without a count; the collector counts what it sees.
        std::mem::forget(base);
    }
    if ty.tp_dict.is_empty() {
        ty.tp_dict.set(Some(Dict::new()?));
    }
    ready_with(ty, Some(this))?;
    if let Some((module, _)) = ty.full_name().rsplit_once('.')
        && let Some(dict) = ty.tp_dict.get()
        && dict.get_name(id!(__module__)).is_none()
    {
        dict.set(id!(__module__), &*Str::intern(module)?)?;
    }
    crate::gc::track(ty);
    Ok(())
}

/// Readies a type that was made at run time or by an extension.
pub fn ready(ty: &Type) -> Result<(), Raised> {
    if ty.has_flag(flags::READY) {
        return Ok(());
    }
    // A static type that is readied as the base of another: find its tables.
    if let Some(this) = crate::types::registry::static_type_of(ty) {
        return ready_static(this);
    }
    if !ty.has_flag(flags::HEAPTYPE) {
        ty.tp_flags.set(ty.tp_flags.get() | flags::IMMUTABLETYPE);
    }
    ready_with(ty, None)
}

/// How instances are allocated and freed, where neither the type nor a base says it; a collectable type does not use the way of a base
/// that is not.
fn set_memory_slots(ty: &Type) {
    use crate::object::allocate::{alloc_slot, free_collectable_slot, free_slot};
    if ty.tp_alloc.get().is_none() {
        ty.tp_alloc.set(Some(alloc_slot));
    }
    let free = ty.tp_free.get().map(|free| free as usize);
    if ty.has_flag(flags::HAVE_GC) {
        if free.is_none() || free == Some(free_slot as *const () as usize) {
            ty.tp_free.set(Some(free_collectable_slot));
        }
    } else if free.is_none() {
        ty.tp_free.set(Some(free_slot));
    }
}

fn ready_with(ty: &Type, tables: Option<&'static StaticType>) -> Result<(), Raised> {
    ty.tp_flags.set(ty.tp_flags.get() | flags::READYING);
    if ty.tp_base.is_empty() && !std::ptr::eq(ty, Object::type_object()) {
        ty.tp_base.set(Some(Ref::from_borrowed(Object::type_object())));
    }
    let base = ty.tp_base.get();
    if let Some(base) = &base {
        // One that is being readied has called Python code, which derived from it: `linearise` refuses that.
        if base.tp_flags.get() & (flags::READY | flags::READYING) == 0 {
            ready(base)?;
        }
        if ty.ty.get().is_null() {
            ty.ty.set(base.ty.get());
        }
    }
    if ty.tp_bases.is_empty() {
        ty.tp_bases.set(Some(match &base {
            Some(base) => Tuple::from_borrowed(&[base])?,
            None => Tuple::empty(),
        }));
    }
    let dict = match ty.tp_dict.get() {
        Some(dict) => dict,
        None => {
            let dict = Dict::new()?;
            ty.tp_dict.set(Some(dict.clone()));
            dict
        }
    };
    fill_dict(ty, &dict, tables)?;
    if ty.tp_mro.is_empty() {
        ty.tp_mro.set(Some(super::mro::resolve(ty)?));
    }
    if let Some(base) = &base {
        inherit_new(ty, base);
        inherit_special(ty, base);
        if ty.has_flag(flags::HAVE_GC) && ty.tp_traverse.get().is_none() {
            if tables.is_none() {
                return Err(raise!(
                    SystemError,
                    "type {} has the Py_TPFLAGS_HAVE_GC flag but has no traverse function",
                    ty.full_name()
                ));
            }
            ty.tp_traverse.set(base.tp_traverse.get());
            ty.tp_clear.set(base.tp_clear.get());
        }
    }
    if let Some(mro) = ty.tp_mro.get() {
        for entry in mro.as_slice().iter().skip(1) {
            if let Some(entry) = entry.downcast::<Type>() {
                inherit_slots(ty, entry);
                inherit_pattern_flags(ty, entry);
            }
        }
    }
    // Only now: a suite that is shared with a base must not be filled from other bases.
    if let Some(base) = &base {
        inherit_suites(ty, base);
    }
    set_hash_and_doc(ty, &dict)?;
    set_memory_slots(ty);
    ty.tp_flags.set(ty.tp_flags.get() & !flags::READYING | flags::READY);
    if let Some(bases) = ty.tp_bases.get() {
        for base in bases.as_slice() {
            if let Some(base) = base.downcast::<Type>() {
                super::subclasses::add(base, ty)?;
            }
        }
    }
    Ok(())
}

/// Adds wrappers of the type's own slots, its methods, members and computed attributes.
fn fill_dict(ty: &Type, dict: &Dict, tables: Option<&'static StaticType>) -> Result<(), Raised> {
    add_wrappers(ty, dict)?;
    if let Some(this) = tables {
        for methods in this.spec.methods {
            add_methods(ty, dict, methods)?;
        }
        for members in this.spec.members {
            add_members(ty, dict, members)?;
        }
        for getsets in this.spec.getsets {
            add_getsets(ty, dict, getsets)?;
        }
    }
    if tables.is_none() {
        super::foreign::fill_dict(ty, dict)?;
    }
    // A class's own `tp_new` is filled in later, from its `__new__`: what is there now was made in C.
    if ty.tp_new.get().is_some() && !ty.has_flag(flags::DISALLOW_INSTANTIATION) {
        super::construct::add_new(ty, dict)?;
    }
    Ok(())
}

/// `tp_new` is inherited from any base but `object`; static types that derive from `object` must say it themselves.
fn inherit_new(ty: &Type, base: &Type) {
    if ty.has_flag(flags::DISALLOW_INSTANTIATION) || ty.tp_new.get().is_some() {
        return;
    }
    if std::ptr::eq(base, Object::type_object()) && !ty.has_flag(flags::HEAPTYPE) {
        ty.tp_flags.set(ty.tp_flags.get() | flags::DISALLOW_INSTANTIATION);
    } else {
        ty.tp_new.set(base.tp_new.get());
    }
}

/// A type without a suite of its own uses its base's.
fn inherit_suites(ty: &Type, base: &Type) {
    if ty.tp_as_number.get().is_null() {
        ty.tp_as_number.set(base.tp_as_number.get());
    }
    if ty.tp_as_sequence.get().is_null() {
        ty.tp_as_sequence.set(base.tp_as_sequence.get());
    }
    if ty.tp_as_mapping.get().is_null() {
        ty.tp_as_mapping.set(base.tp_as_mapping.get());
    }
    if ty.tp_as_async.get().is_null() {
        ty.tp_as_async.set(base.tp_as_async.get());
    }
    if ty.tp_as_buffer.get().is_null() {
        ty.tp_as_buffer.set(base.tp_as_buffer.get());
    }
}

/// `__hash__ = None` where comparison is defined without a hash; `__doc__`.
fn set_hash_and_doc(ty: &Type, dict: &Dict) -> Result<(), Raised> {
    if ty.tp_hash.get().is_none() && dict.get_name(crate::id!(__hash__)).is_none() {
        dict.set(crate::id!(__hash__), &none())?;
        ty.tp_hash.set(Some(super::slot_functions::hash_not_implemented));
    }
    if dict.get_name(crate::id!(__doc__)).is_none() {
        let doc = ty.tp_doc.get();
        if doc.is_null() {
            dict.set(crate::id!(__doc__), &none())?;
        } else {
            // SAFETY: tp_doc is a C string that lives as long as the type.
            let doc = unsafe { std::ffi::CStr::from_ptr(doc) }.to_str().unwrap_or("");
            let (_, text) = crate::object::descriptor_tables::split_doc(ty.name(), doc);
            dict.set(crate::id!(__doc__), &*Str::new(text)?)?;
        }
    }
    Ok(())
}

/// The error of changing a built-in type.
pub fn immutable(ty: &Type, name: &Str) -> Raised {
    raise!(TypeError, "cannot set '{}' attribute of immutable type '{}'", name, ty.full_name())
}
