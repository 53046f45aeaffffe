//! Making a type at run time: what a class statement ends in (`type.__new__`).
//!
//! The steps: the metatype is chosen; `__slots__` are read; the type object is allocated with room for its members; its
//! dictionary is completed; it is readied; its slots are filled from its special methods; `__set_name__` and `__init_subclass__` are called.

use std::cell::Cell;
use std::ffi::c_char;
use std::ptr::NonNull;

use habu_heap::Buffer;

use super::instance;
use crate::object::descriptor_tables::{MemberDef, T_OBJECT_EX};
use crate::object::protocol::{self, lookup_special};
use crate::object::typeobject::{Type, flags};
use crate::object::{Field, HeapType, Object, PyType, Raised, Ref};
use crate::threads::thread::NativeCall;
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::{gc, id, raise};

/// The metatype of a class with these bases: the most derived of theirs and the one asked for.
pub fn metatype_of(asked: &Type, bases: &Tuple) -> Result<Ref<Type>, Raised> {
    let mut winner = Ref::from_borrowed(asked);
    for base in bases.as_slice() {
        let candidate = base.type_ref();
        if winner.is_subtype(&candidate) {
            continue;
        }
        if !candidate.is_subtype(&winner) {
            return Err(raise!(
                TypeError,
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases"
            ));
        }
        winner = candidate;
    }
    Ok(winner)
}

/// `type(name, bases, dict, **kwargs)`
pub fn type_new(metatype: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
    let [name, bases, dict] = args.as_slice() else {
        return Err(raise!(TypeError, "type.__new__() takes exactly 3 arguments ({} given)", args.len()));
    };
    let wrong = |index: usize, expected: &str, got: &Object| {
        raise!(TypeError, "type.__new__() argument {index} must be {expected}, not {}", got.ty().full_name())
    };
    let name = name.downcast::<Str>().ok_or_else(|| wrong(1, "str", name))?;
    let bases = bases.downcast::<Tuple>().ok_or_else(|| wrong(2, "tuple", bases))?;
    let dict = dict.downcast::<Dict>().ok_or_else(|| wrong(3, "dict", dict))?;
    let mut bases = Ref::from_borrowed(bases);
    if bases.len() == 0 {
        bases = Tuple::from_borrowed(&[Object::type_object()])?;
    } else {
        for base in bases.as_slice().iter().filter(|base| !base.isinstance::<Type>()) {
            if protocol::has_attribute(base, id!(__mro_entries__))? {
                return Err(raise!(TypeError, "type() doesn't support MRO entry resolution; use types.new_class()"));
            }
        }
    }
    let winner = metatype_of(metatype, &bases)?;
    if !winner.is(metatype)
        && let Some(new) = winner.tp_new.get()
        && new as usize != Type::type_object().tp_new.get().map_or(0, |new| new as usize)
    {
        // SAFETY: the slot is the metatype's own.
        return unsafe { new(&winner, args, kwargs) };
    }
    let base = super::mro::best_base(&bases)?;
    let dict = dict.copy()?;
    let slots = Slots::read(&base, &bases, &dict, name)?;
    let ty = allocate(&winner, name, &base, &bases, &dict, &slots)?;
    complete_dict(&ty, &dict)?;
    add_members(&ty, &base, &dict, &slots)?;
    instance::add_getsets(&ty, &dict, slots.add_dict, slots.add_weak)?;
    super::ready::ready(&ty)?;
    super::slotdefs::fill_slots(&ty)?;
    instance::share_keys(&ty)?;
    set_names(&ty, &dict)?;
    init_subclass(&ty, kwargs)?;
    Ok(ty.into_object())
}

/// What `__slots__` asks for.
struct Slots {
    names: Option<Ref<Tuple>>,
    add_dict: bool,
    add_weak: bool,
}

impl Slots {
    fn read(base: &Type, bases: &Tuple, dict: &Dict, class: &Str) -> Result<Slots, Raised> {
        let may_add_dict = base.tp_dictoffset.get() == 0;
        let may_add_weak = base.tp_weaklistoffset.get() == 0 && base.tp_itemsize.get() == 0;
        let Some(given) = dict.get_name(id!(__slots__)) else {
            return Ok(Slots { names: None, add_dict: may_add_dict, add_weak: may_add_weak });
        };
        let given = match given.isinstance::<Str>() {
            true => Tuple::from_refs([given])?,
            false => protocol::sequence::to_tuple(&given)?,
        };
        if given.len() > 0 && base.tp_itemsize.get() != 0 {
            return Err(raise!(TypeError, "nonempty __slots__ not supported for subtype of '{}'", base.full_name()));
        }
        let (mut add_dict, mut add_weak) = (false, false);
        let names = List::new()?;
        for slot in given.as_slice() {
            let Some(text) = slot.downcast::<Str>() else {
                return Err(raise!(TypeError, "__slots__ items must be strings, not '{}'", slot.ty().full_name()));
            };
            if !crate::types::str::is_identifier(text) {
                return Err(raise!(TypeError, "__slots__ must be identifiers"));
            }
            if text.equals("__dict__") {
                if !may_add_dict || add_dict {
                    return Err(raise!(TypeError, "__dict__ slot disallowed: we already got one"));
                }
                add_dict = true;
            } else if text.equals("__weakref__") {
                if !may_add_weak || add_weak {
                    return Err(raise!(
                        TypeError,
                        "__weakref__ slot disallowed: either we already got one, or __itemsize__ != 0"
                    ));
                }
                add_weak = true;
            } else {
                let mangled = mangle(class, text)?;
                if dict.get(&mangled)?.is_some() && !mangled.equals("__qualname__") && !mangled.equals("__classcell__")
                {
                    return Err(raise!(
                        ValueError,
                        "{} in __slots__ conflicts with class variable",
                        protocol::repr(&mangled)?
                    ));
                }
                names.push(mangled.into_object())?;
            }
        }
        crate::types::list::sort(&names, None, false)?;
        let names = protocol::sequence::to_tuple(&names)?;
        // Bases beside the first may bring a dictionary or weak references.
        for other in bases.as_slice().iter().filter(|other| !other.is(base)) {
            let Some(other) = other.downcast::<Type>() else { continue };
            add_dict |= may_add_dict && other.tp_dictoffset.get() != 0;
            add_weak |= may_add_weak && other.tp_weaklistoffset.get() != 0;
        }
        Ok(Slots { names: Some(names), add_dict, add_weak })
    }
}

/// A private name, `__x`, as the class `class` sees it.
fn mangle(class: &Str, name: &Str) -> Result<Ref<Str>, Raised> {
    let (class, text) = (class.to_string_lossy(), name.to_string_lossy());
    let class = class.trim_start_matches('_');
    if !text.starts_with("__") || text.ends_with("__") || text.contains('.') || class.is_empty() {
        return Ok(Ref::from_borrowed(name));
    }
    Str::intern(&format!("_{class}{text}"))
}

/// Allocates the type object and sets its fields, sizes and flags.
fn allocate(
    metatype: &Type,
    name: &Str,
    base: &Ref<Type>,
    bases: &Ref<Tuple>,
    dict: &Ref<Dict>,
    slots: &Slots,
) -> Result<Ref<Type>, Raised> {
    let count = slots.names.as_ref().map_or(0, |names| names.len());
    let size = metatype.tp_basicsize.get() as usize + count * size_of::<MemberDef>();
    let object = crate::object::allocate::allocate_zeroed(metatype, size)?;
    // SAFETY: the memory is as large as the metatype's instances; zero is a valid value of every field of a type.
    let ty: Ref<Type> = unsafe {
        let header = object.cast::<Object>().as_ref();
        header.refcount.set(1);
        header.ty.set(metatype);
        crate::object::allocate::own_type(metatype);
        Ref::from_owned(object.cast())
    };
    ty.tp_dealloc.set(Some(instance::subtype_dealloc));
    ty.tp_flags.set(flags::HEAPTYPE | flags::BASETYPE);
    // A built-in base's own function would leave no room for what stands before an instance.
    ty.tp_alloc.set(Some(crate::object::allocate::alloc_slot));
    ty.base.size.set(count as isize);
    gc::track(&ty);
    // SAFETY: types with the flag have the larger layout, which the metatype's size includes.
    let heap: &HeapType = unsafe { &*std::ptr::from_ref(&*ty).cast() };
    ty.tp_as_async.set(&heap.as_async);
    ty.tp_as_number.set(&heap.as_number);
    ty.tp_as_mapping.set(&heap.as_mapping);
    ty.tp_as_sequence.set(&heap.as_sequence);
    ty.tp_as_buffer.set(&heap.as_buffer);
    heap.ht_slots.set(slots.names.clone().map(Ref::into_object));
    ty.tp_base.set(Some(base.clone()));
    ty.tp_bases.set(Some(bases.clone()));
    ty.tp_dict.set(Some(dict.clone()));
    set_name(&ty, name)?;
    let mut offset = base.tp_basicsize.get() + 8 * count as isize;
    if slots.add_dict {
        if base.tp_itemsize.get() != 0 {
            ty.tp_dictoffset.set(-8);
            offset += 8;
        } else {
            ty.tp_flags.set(ty.tp_flags.get() | flags::MANAGED_DICT);
        }
    }
    if slots.add_weak {
        ty.tp_weaklistoffset.set(offset);
        offset += 8;
    }
    if ty.has_flag(flags::MANAGED_DICT) {
        // Counted from the end of the instance, as for every negative offset: three words before its header.
        ty.tp_dictoffset.set(-offset - 24);
    }
    ty.tp_basicsize.set(offset);
    ty.tp_itemsize.set(base.tp_itemsize.get());
    // Instances are collectable even where they hold nothing but their type, whose reference they show to the collector.
    ty.tp_flags.set(ty.tp_flags.get() | flags::HAVE_GC);
    ty.tp_traverse.set(Some(instance::subtype_traverse));
    ty.tp_clear.set(Some(instance::subtype_clear));
    Ok(ty)
}

/// Sets `__name__`, and the C string that messages use.
pub fn set_name(ty: &Type, name: &Str) -> Result<(), Raised> {
    let Some(heap) = ty.as_heap_type() else { return Ok(()) };
    let text = name.to_string_lossy();
    if text.contains('\0') {
        return Err(raise!(ValueError, "type name must not contain null characters"));
    }
    check_encodable(name)?;
    let Some(memory) = habu_heap::alloc(habu_heap::Domain::Mem, text.len() + 1) else {
        return Err(crate::exceptions::memory_error());
    };
    // SAFETY: the memory has room for the text and its end; the old name is no longer referred to.
    unsafe {
        memory.as_ptr().copy_from_nonoverlapping(text.as_ptr(), text.len());
        memory.add(text.len()).write(0);
        ty.tp_name.set(memory.as_ptr().cast());
        free_c_name(heap.ht_tpname.replace(memory.as_ptr().cast()));
    }
    heap.ht_name.set(Some(name.to_ref()));
    if heap.ht_qualname.is_empty() {
        heap.ht_qualname.set(Some(name.to_ref()));
    }
    Ok(())
}

/// Refuses surrogates, which UTF-8 has no bytes for.
fn check_encodable(text: &Str) -> Result<(), Raised> {
    if text.chars().iter().any(|code| (0xd800..0xe000).contains(&code)) {
        crate::types::str::codecs::encode(text, None, None)?;
    }
    Ok(())
}

/// Frees a name that `set_name` made.
unsafe fn free_c_name(name: *mut c_char) {
    if let Some(name) = NonNull::new(name) {
        // SAFETY: allocated in the mem domain by `set_name`.
        unsafe { habu_heap::free_unsized(habu_heap::Domain::Mem, name.cast()) };
    }
}

/// Completes the class's namespace: qualified name, module, implicit static and class methods, the class cell.
fn complete_dict(ty: &Type, dict: &Dict) -> Result<(), Raised> {
    if let Some(heap) = ty.as_heap_type()
        && let Some(name) = dict.get_name(id!(__qualname__))
    {
        if !name.isinstance::<Str>() {
            return Err(raise!(TypeError, "type __qualname__ must be a str, not {}", name.ty().full_name()));
        }
        heap.ht_qualname.set(Some(name));
        dict.remove(id!(__qualname__))?;
    }
    if dict.get_name(id!(__module__)).is_none()
        && let Some(name) = crate::types::pending::current_globals().and_then(|globals| globals.get_name(id!(__name__)))
    {
        dict.set(id!(__module__), &name)?;
    }
    if let Some(doc) = dict.get_name(id!(__doc__))
        && let Some(doc) = doc.downcast::<Str>()
    {
        check_encodable(doc)?;
    }
    for (name, is_static) in [(id!(__new__), true), (id!(__init_subclass__), false), (id!(__class_getitem__), false)] {
        let Some(function) = dict.get_name(name) else { continue };
        if !crate::types::pending::is_function(&function) {
            continue;
        }
        if is_static {
            dict.set(name, &*crate::types::property::StaticMethod::wrap(&function)?)?;
        } else {
            dict.set(name, &*crate::types::property::ClassMethod::wrap(&function)?)?;
        }
    }
    if let Some(cell) = dict.get_name(id!(__classcell__)) {
        if !crate::types::pending::fill_cell(&cell, ty) {
            return Err(raise!(
                TypeError,
                "__classcell__ must be a nonlocal cell, not {}",
                protocol::repr(&cell.type_ref())?
            ));
        }
        dict.remove(id!(__classcell__))?;
    }
    Ok(())
}

/// Adds the members that `__slots__` names: they stand behind the fields of the base. What they are stands behind the type as well, where C code
/// finds it.
fn add_members(ty: &Type, base: &Type, dict: &Dict, slots: &Slots) -> Result<(), Raised> {
    let mut offset = base.tp_basicsize.get();
    // SAFETY: `allocate` made room for as many definitions behind what the metatype's instances are.
    let mut place =
        unsafe { std::ptr::from_ref(ty).byte_offset(ty.ty().tp_basicsize.get()) }.cast::<MemberDef>().cast_mut();
    for slot in slots.names.iter().flat_map(|names| names.as_slice()) {
        if let Some(slot) = slot.downcast::<Str>() {
            // The type keeps the names, and so their text.
            let name = slot.utf8_with_end()?.0;
            let member = MemberDef { name, kind: T_OBJECT_EX, offset, flags: 0, doc: std::ptr::null() };
            // SAFETY: within that room.
            unsafe {
                place.write(member);
                place = place.add(1);
            }
            let slot = crate::types::str::intern::intern(Ref::from_borrowed(slot));
            dict.set(&slot, &*crate::types::descriptor::MemberDescriptor::new(ty, &slot, member)?)?;
        }
        offset += 8;
    }
    Ok(())
}

/// Calls `__set_name__` of each attribute that has it.
fn set_names(ty: &Type, dict: &Dict) -> Result<(), Raised> {
    let items = dict.copy()?;
    let mut at = 0;
    while let Some((name, value)) = items.next_item(&mut at) {
        let Some(method) = lookup_special(&value, id!(__set_name__))? else { continue };
        // The copy holds it; the count that the method sees has no reference of this loop's.
        drop(value);
        if let Err(raised) = protocol::call(&method, &[ty, &name]) {
            let cause = raised.take();
            let value = items.get(&name)?.unwrap_or_else(crate::types::none);
            let name = protocol::repr(&name)?;
            let _ = raise!(
                RuntimeError,
                "Error calling __set_name__ on '{}' instance {} in '{}'",
                value.ty().full_name(),
                name,
                ty.full_name()
            );
            return Err(crate::exceptions::set_cause_of_current(cause));
        }
    }
    Ok(())
}

/// Calls `super().__init_subclass__(**kwargs)`.
fn init_subclass(ty: &Type, kwargs: Option<&Dict>) -> Result<(), Raised> {
    let parent = protocol::call(<crate::types::super_::Super as PyType>::type_object(), &[ty, ty])?;
    let hook = protocol::get_attribute(&parent, id!(__init_subclass__))?;
    drop(parent);
    protocol::call_tuple(&hook, &Tuple::empty(), kwargs).map(drop)
}

/// The bytes of the keys that instances share.
pub fn cached_keys_size(heap: &HeapType) -> usize {
    instance::cached_keys_size(heap)
}

/// `T.__bases__ = ..`
pub fn set_bases(ty: &Type, value: Option<&Object>) -> Result<(), Raised> {
    let Some(bases) = value.and_then(Object::downcast::<Tuple>) else {
        let got = value.map_or("NULL", |value| value.ty().full_name()).to_owned();
        return Err(raise!(TypeError, "can only assign tuple to {}.__bases__, not {got}", ty.full_name()));
    };
    if bases.len() == 0 {
        return Err(raise!(TypeError, "can only assign non-empty tuple to {}.__bases__, not ()", ty.full_name()));
    }
    for base in bases.as_slice() {
        let Some(base) = base.downcast::<Type>() else {
            return Err(raise!(
                TypeError,
                "{}.__bases__ must be tuple of classes, not '{}'",
                ty.full_name(),
                base.ty().full_name()
            ));
        };
        // The order may not be up to date when an `mro()` of the metatype came here: the chain of bases is.
        if base.is_subtype(ty) || (!base.tp_mro.is_empty() && in_base_chain(base, ty)) {
            return Err(raise!(TypeError, "a __bases__ item causes an inheritance cycle"));
        }
    }
    let base = super::mro::best_base(bases)?;
    let old_base = ty.tp_base.get();
    if let Some(old) = &old_base
        && !instance::same_layout(&base, old)
    {
        return Err(raise!(
            TypeError,
            "__bases__ assignment: '{}' object layout differs from '{}'",
            base.full_name(),
            old.full_name()
        ));
    }
    let old_bases = ty.tp_bases.replace(Some(Ref::from_borrowed(bases)));
    ty.tp_base.set(Some(base.clone()));
    // An `mro()` of the metatype may assign other bases meanwhile: then those are what counts.
    let is_current = || ty.tp_bases.get().is_some_and(|now| std::ptr::eq(&*now, bases));
    let mut changed = Buffer::new();
    if let Err(raised) = update_orders(ty, &mut changed) {
        for Reordered { ty, new, old } in changed {
            if ty.tp_mro.get().is_some_and(|now| now.is(&new)) {
                super::cache::modified(&ty);
                ty.tp_mro.set(old);
            }
        }
        if is_current() {
            ty.tp_bases.set(old_bases);
            ty.tp_base.set(old_base);
        }
        return Err(raised);
    }
    if !is_current() {
        return Ok(());
    }
    for old in old_bases.iter().flat_map(|bases| bases.as_slice()) {
        if let Some(old) = old.downcast::<Type>() {
            super::subclasses::remove(old, ty);
        }
    }
    for base in bases.as_slice() {
        if let Some(base) = base.downcast::<Type>() {
            super::subclasses::add(base, ty)?;
        }
    }
    fill_tree(ty)
}

/// Whether `other` is the type, or a base along the chain of first bases.
fn in_base_chain(ty: &Type, other: &Type) -> bool {
    let mut next = Some(Ref::from_borrowed(ty));
    while let Some(ty) = next {
        if std::ptr::eq(&*ty, other) {
            return true;
        }
        next = ty.tp_base.get();
    }
    false
}

/// A type whose order was changed.
struct Reordered {
    ty: Ref<Type>,
    new: Ref<Tuple>,
    old: Option<Ref<Tuple>>,
}

/// Gives a type, and all that derive from it, new orders; by `mro()` where a metatype overrides it. A type whose order such a call
/// has changed already is left as it is.
fn update_orders(ty: &Type, changed: &mut Buffer<Reordered>) -> Result<(), Raised> {
    let _depth = NativeCall::enter(" while changing the bases of a class")?;
    super::cache::modified(ty);
    let before = ty.tp_mro.pointer();
    let new = super::mro::resolve(ty)?;
    if !std::ptr::eq(before, ty.tp_mro.pointer()) {
        return Ok(());
    }
    super::cache::modified(ty);
    let old = ty.tp_mro.replace(Some(new.clone()));
    changed.push(Reordered { ty: Ref::from_borrowed(ty), new, old })?;
    super::subclasses::for_each(ty, |subclass| update_orders(subclass, changed))
}

fn fill_tree(ty: &Type) -> Result<(), Raised> {
    let _depth = NativeCall::enter(" while changing the bases of a class")?;
    super::slotdefs::fill_slots(ty)?;
    super::subclasses::for_each(ty, fill_tree)
}

/// Ends a type made at run time.
///
/// # Safety
/// As `tp_dealloc`.
pub unsafe fn dealloc_type(object: NonNull<Object>) {
    // SAFETY: the object is intact; nobody else reaches it.
    unsafe {
        let ty = object.cast::<Type>().as_ref();
        gc::untrack(object.as_ref());
        super::cache::modified(ty);
        if let Some(bases) = ty.tp_bases.get() {
            for base in bases.as_slice() {
                if let Some(base) = base.downcast::<Type>() {
                    super::subclasses::remove(base, ty);
                }
            }
        }
        crate::object::dealloc::clear_weak_references(object, ty.ty());
        let metatype = ty.type_ref();
        let preheader = metatype.preheader_size();
        if let Some(heap) = ty.as_heap_type() {
            instance::release_keys(heap);
            free_c_name(heap.ht_tpname.replace(std::ptr::null_mut()));
            let fields = object.cast::<HeapType>();
            instance::end_extra_fields(object, &metatype);
            fields.drop_in_place();
        }
        // A metatype made at run time is given back by `subtype_dealloc`, which called this.
        crate::object::allocate::free_memory_unsized(object, preheader);
    }
}

/// For tables that hold a type's name.
pub type NameCell = Cell<*const c_char>;
/// A field of a type that may hold anything.
pub type AnyField = Field;
