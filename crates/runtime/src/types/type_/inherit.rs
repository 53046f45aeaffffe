//! What a type takes over from its bases when it is readied: flags, sizes, slots.
//!
//! Rules that are not plain filling of empty slots: `tp_hash` and `tp_richcompare` are inherited together, and only when the type
//! defines neither; traversal and clearing come with the collectable flag.

use crate::object::Type;
use crate::object::typeobject::flags;
use crate::types::dict::Dict;

/// Takes over what makes instances collectable and of which fast subclass they are, from the best base.
pub fn inherit_special(ty: &Type, base: &Type) {
    let mut set = ty.tp_flags.get();
    if set & flags::HAVE_GC == 0
        && base.has_flag(flags::HAVE_GC)
        && ty.tp_traverse.get().is_none()
        && ty.tp_clear.get().is_none()
    {
        set |= flags::HAVE_GC;
        ty.tp_traverse.set(base.tp_traverse.get());
        ty.tp_clear.set(base.tp_clear.get());
    }
    const FAST: usize = flags::LONG_SUBCLASS
        | flags::LIST_SUBCLASS
        | flags::TUPLE_SUBCLASS
        | flags::BYTES_SUBCLASS
        | flags::UNICODE_SUBCLASS
        | flags::DICT_SUBCLASS
        | flags::BASE_EXC_SUBCLASS
        | flags::TYPE_SUBCLASS;
    set |= base.tp_flags.get() & (FAST | flags::MATCH_SELF);
    ty.tp_flags.set(set);
    if ty.tp_basicsize.get() == 0 {
        ty.tp_basicsize.set(base.tp_basicsize.get());
    }
    if ty.tp_itemsize.get() == 0 {
        ty.tp_itemsize.set(base.tp_itemsize.get());
    }
    if ty.tp_weaklistoffset.get() == 0 {
        ty.tp_weaklistoffset.set(base.tp_weaklistoffset.get());
    }
    if ty.tp_dictoffset.get() == 0 {
        ty.tp_dictoffset.set(base.tp_dictoffset.get());
        if base.has_flag(flags::MANAGED_DICT) {
            ty.tp_flags.set(ty.tp_flags.get() | flags::MANAGED_DICT);
        }
    }
}

/// Fills the empty slots from `base`, one of the types in the resolution order.
pub fn inherit_slots(ty: &Type, base: &Type) {
    macro_rules! fill {
        ($($slot:ident)*) => {
            $(if ty.$slot.get().is_none() { ty.$slot.set(base.$slot.get()); })*
        };
    }
    if let (Some(own), Some(other)) = (ty.number(), base.number()) {
        own.inherit(other);
    }
    if let (Some(own), Some(other)) = (ty.sequence(), base.sequence()) {
        own.inherit(other);
    }
    if let (Some(own), Some(other)) = (ty.mapping(), base.mapping()) {
        own.inherit(other);
    }
    if let (Some(own), Some(other)) = (ty.asynchronous(), base.asynchronous()) {
        own.inherit(other);
    }
    if let (Some(own), Some(other)) = (ty.buffer(), base.buffer()) {
        own.inherit(other);
    }
    // A type that reads attributes by C strings is not given a base's way by objects.
    if ty.tp_getattr.get().is_none() && ty.tp_getattro.get().is_none() {
        fill!(tp_getattr tp_getattro);
    }
    if ty.tp_setattr.get().is_none() && ty.tp_setattro.get().is_none() {
        fill!(tp_setattr tp_setattro);
    }
    fill!(tp_dealloc tp_repr tp_str tp_iter tp_iternext tp_descr_get tp_descr_set tp_init tp_alloc
        tp_is_gc tp_finalize);
    // Memory before the instances is freed by those types alone that have it.
    if ty.has_flag(flags::HAVE_GC) == base.has_flag(flags::HAVE_GC) {
        fill!(tp_free);
    }
    if ty.tp_call.get().is_none() {
        ty.tp_call.set(base.tp_call.get());
    }
    if ty.tp_vectorcall_offset.get() == 0 {
        ty.tp_vectorcall_offset.set(base.tp_vectorcall_offset.get());
    }
    if ty.tp_hash.get().is_none() && ty.tp_richcompare.get().is_none() && !overrides_hash(ty) {
        ty.tp_hash.set(base.tp_hash.get());
        ty.tp_richcompare.set(base.tp_richcompare.get());
    }
    let base_is_immutable_callable = base.has_flag(flags::HAVE_VECTORCALL) && base.has_flag(flags::IMMUTABLETYPE);
    if base_is_immutable_callable
        && ty.has_flag(flags::IMMUTABLETYPE)
        && same_function(
            ty.tp_call.get().map(|slot| slot as *const ()),
            base.tp_call.get().map(|slot| slot as *const ()),
        )
    {
        ty.tp_flags.set(ty.tp_flags.get() | flags::HAVE_VECTORCALL);
    }
    if base.has_flag(flags::METHOD_DESCRIPTOR)
        && ty.has_flag(flags::IMMUTABLETYPE)
        && same_function(
            ty.tp_descr_get.get().map(|slot| slot as *const ()),
            base.tp_descr_get.get().map(|slot| slot as *const ()),
        )
    {
        ty.tp_flags.set(ty.tp_flags.get() | flags::METHOD_DESCRIPTOR);
    }
}

/// Takes over whether patterns see a sequence or a mapping, from the first type in the resolution order that says so.
pub fn inherit_pattern_flags(ty: &Type, base: &Type) {
    const PATTERNS: usize = flags::SEQUENCE | flags::MAPPING;
    if ty.tp_flags.get() & PATTERNS == 0 {
        ty.tp_flags.set(ty.tp_flags.get() | base.tp_flags.get() & PATTERNS);
    }
}

/// Whether two slots are one function, or both empty. That two functions may stand at one address does no harm: they do the same.
fn same_function(own: Option<*const ()>, other: Option<*const ()>) -> bool {
    own == other
}

/// Whether the type's own dictionary says how its instances hash or compare.
fn overrides_hash(ty: &Type) -> bool {
    ty.tp_dict.get().is_some_and(|dict: crate::object::Ref<Dict>| {
        dict.get_name(crate::id!(__eq__)).is_some() || dict.get_name(crate::id!(__hash__)).is_some()
    })
}
