//! Instances of classes made at run time: how they are traversed, cleared and ended, and their `__dict__` and `__weakref__`.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use crate::object::dealloc::{clear_weak_references, finalize_brought_back, with_trashcan};
use crate::object::descriptor_tables::T_OBJECT_EX;
use crate::object::slots::Destructor;
use crate::object::typeobject::{Type, flags};
use crate::object::visit::{Traverse, VisitProc};
use crate::object::{Field, GetSetDef, HeapType, Object, Raised, Ref, Status, Visit};
use crate::types::descriptor::MemberDescriptor;
use crate::types::dict::{Dict, instance};
use crate::types::none;
use crate::types::weakref::WeakReference;
use crate::{gc, raise};

/// The nearest base that is not ended by `subtype_dealloc`.
#[inline]
fn built_in_base(ty: &Type) -> &Type {
    let mut base = ty;
    while base.tp_dealloc.get().is_some_and(|dealloc| dealloc as usize == subtype_dealloc as *const () as usize) {
        // SAFETY: a class keeps its base; where Python changes it, while an instance of it is looked at, the new base has the same
        // layout and so the same nearest built-in base, and those of the old one live as long as the instance's class was made for.
        let Some(next) = (unsafe { base.tp_base.borrow() }) else { break };
        base = next;
    }
    base
}

/// Calls `each` with the field of every `__slots__` member of the instance, the type's own and inherited ones.
fn for_each_slot(object: &Object, ty: &Type, mut each: impl FnMut(&Field)) {
    let mut class = Some(ty);
    while let Some(ty) = class {
        if !ty.has_flag(flags::HEAPTYPE) {
            break;
        }
        // SAFETY: a class keeps its base. Where there are members, whose end may run Python code, that is looked at before.
        let base = unsafe { ty.tp_base.borrow() };
        let start = base.map_or(0, |base| base.tp_basicsize.get());
        for index in 0..ty.base.size.get() {
            // SAFETY: the type's own members follow its base's fields, as many as its size says.
            each(unsafe { &*std::ptr::from_ref(object).byte_offset(start + 8 * index).cast::<Field>() });
        }
        class = base;
    }
}

/// `tp_traverse` of classes made at run time.
///
/// # Safety
/// As for the slot.
pub unsafe extern "C" fn subtype_traverse(object: &Object, function: VisitProc, argument: *mut c_void) -> c_int {
    let visit = Visit { function, argument };
    let ty = object.ty();
    let mut stopped = 0;
    for_each_slot(object, ty, |field| {
        if stopped == 0
            && let Err(code) = field.traverse(&visit)
        {
            stopped = code.0;
        }
    });
    if stopped != 0 {
        return stopped;
    }
    let base = built_in_base(ty);
    if ty.tp_dictoffset.get() != base.tp_dictoffset.get()
        && let Err(code) = instance::visit(object, &visit)
    {
        return code.0;
    }
    // A heap type made in C shows its instances' type itself.
    if ty.has_flag(flags::HEAPTYPE)
        && !(base.has_flag(flags::HEAPTYPE) && base.tp_traverse.get().is_some())
        && let Err(code) = visit.object(ty)
    {
        return code.0;
    }
    match base.tp_traverse.get() {
        // SAFETY: the base's layout is the beginning of the instance's.
        Some(traverse) if traverse as usize != subtype_traverse as *const () as usize => unsafe {
            traverse(object, function, argument)
        },
        _ => 0,
    }
}

/// `tp_clear` of classes made at run time.
///
/// # Safety
/// As for the slot.
pub unsafe extern "C" fn subtype_clear(object: &Object) -> Status {
    let ty = object.type_ref();
    for_each_slot(object, &ty, |field| field.set(None));
    let base = built_in_base(&ty);
    if ty.tp_dictoffset.get() != base.tp_dictoffset.get() {
        instance::clear(object);
    }
    match base.tp_clear.get() {
        // SAFETY: the base's layout is the beginning of the instance's.
        Some(clear) if clear as usize != subtype_clear as *const () as usize => unsafe { clear(object) },
        _ => Status::OK,
    }
}

/// `tp_dealloc` of classes made at run time: finalizer, weak references, members, dictionary, then the built-in base.
///
/// # Safety
/// As for the slot.
pub unsafe extern "C" fn subtype_dealloc(object: NonNull<Object>) {
    // SAFETY: by the contract of tp_dealloc.
    unsafe {
        let finalize = object.as_ref().ty().tp_finalize.get();
        if !object.as_ref().ty().has_flag(flags::HAVE_GC) {
            if !finalize.is_some_and(|finalize| finalize_brought_back(object, finalize)) {
                end(object);
            }
            return;
        }
        gc::untrack(object.as_ref());
        // Finalizers count against the depth too: one whose last object has a finalizer must not lead to the end of the native stack.
        with_trashcan(object, |object| {
            if let Some(finalize) = finalize {
                gc::track(object.as_ref());
                if finalize_brought_back(object, finalize) {
                    return;
                }
                gc::untrack(object.as_ref());
            }
            end(object);
        });
    }
}

/// # Safety
/// As `tp_dealloc`; the object is untracked.
unsafe fn end(object: NonNull<Object>) {
    // SAFETY: by the contract. The instance's reference to its type keeps that, and so its built-in base, until the last line.
    unsafe {
        let ty = &*object.as_ref().ty.get();
        let base = built_in_base(ty);
        if base.tp_weaklistoffset.get() == 0 {
            clear_weak_references(object, ty);
        }
        if let Some(delete) = ty.tp_del.get()
            && deleted_brought_back(object, ty, delete)
        {
            return;
        }
        for_each_slot(object.as_ref(), ty, |field| field.set(None));
        if ty.tp_dictoffset.get() != 0 && base.tp_dictoffset.get() == 0 {
            instance::end(object.as_ref());
        }
        let dealloc: Option<Destructor> = base.tp_dealloc.get();
        if base.tp_weaklistoffset.get() != 0 {
            clear_weak_references(object, ty);
        }
        // A heap type made in C gives its instances' reference to their type back itself.
        let base_disowns = base.has_flag(flags::HEAPTYPE);
        if let Some(dealloc) = dealloc {
            dealloc(object);
        }
        if !base_disowns && ty.has_flag(flags::HEAPTYPE) {
            drop(Ref::<Type>::from_owned(NonNull::from(ty)));
        }
    }
}

/// Calls a legacy finalizer (`tp_del`), which a class has from C code; true when the object has references again afterwards.
///
/// # Safety
/// As `tp_dealloc`; the object is untracked.
#[cold]
unsafe fn deleted_brought_back(object: NonNull<Object>, ty: &Type, delete: Destructor) -> bool {
    let collectable = ty.has_flag(flags::HAVE_GC);
    // SAFETY: the object is intact, and tracked while the finalizer, which counts for itself, may bring it back.
    unsafe {
        if collectable {
            gc::track(object.as_ref());
        }
        delete(object);
        if object.as_ref().refcount() > 0 {
            return true;
        }
        if collectable {
            gc::untrack(object.as_ref());
        }
    }
    false
}

/// Gives back the reference that an instance had to its type.
pub fn disown_type(ty: &Ref<Type>) {
    if ty.has_flag(flags::HEAPTYPE) {
        // SAFETY: the instance owned one reference, which goes with it; `ty` holds another.
        drop(unsafe { Ref::from_owned(ty.as_pointer()) });
    }
}

/// Ends the members and the dictionary that a metaclass adds to its classes.
///
/// # Safety
/// As `tp_dealloc` of a type.
pub unsafe fn end_extra_fields(object: NonNull<Object>, metatype: &Type) {
    // SAFETY: by the contract.
    let object = unsafe { object.as_ref() };
    for_each_slot(object, metatype, |field| field.set(None));
}

static DICT_GETSET: GetSetDef = GetSetDef {
    name: c"__dict__".as_ptr(),
    get: Some(get_dict),
    set: Some(set_dict),
    doc: c"dictionary for instance variables".as_ptr(),
    closure: std::ptr::null_mut(),
};

/// `__weakref__` of classes whose instances may be referred to weakly.
pub static WEAKREF_GETSETS: [GetSetDef; 1] = [GetSetDef {
    name: c"__weakref__".as_ptr(),
    get: Some(get_weakref),
    set: None,
    doc: c"list of weak references to the object".as_ptr(),
    closure: std::ptr::null_mut(),
}];

/// The `__dict__` of a built-in base whose instances have one: it decides, as for classes and modules, which keep theirs.
fn built_in_dict(object: &Object) -> Result<Option<Ref>, Raised> {
    let mut base = object.type_ref();
    while base.has_flag(flags::HEAPTYPE) {
        let Some(next) = base.tp_base.get() else { return Ok(None) };
        base = next;
    }
    if base.tp_dictoffset.get() == 0 {
        return Ok(None);
    }
    match base.lookup(crate::id!(__dict__)) {
        Some(found) if found.ty().tp_descr_set.get().is_some() => Ok(Some(found)),
        _ => {
            let name = object.ty().full_name();
            Err(raise!(TypeError, "this __dict__ descriptor does not support '{name}' objects"))
        }
    }
}

/// `__dict__` of an instance.
unsafe extern "C" fn get_dict(object: &Object, _: *mut c_void) -> Result<Ref, Raised> {
    if let Some(descriptor) = built_in_dict(object)?
        && let Some(get) = descriptor.ty().tp_descr_get.get()
    {
        // SAFETY: the slot belongs to the descriptor's own type.
        return unsafe { get(&descriptor, Some(object), Some(&*object.type_ref())) };
    }
    instance::dictionary(object).map(Ref::into_object)
}

unsafe extern "C" fn set_dict(object: &Object, value: Option<&Object>, _: *mut c_void) -> Status {
    match built_in_dict(object) {
        Ok(Some(descriptor)) => match descriptor.ty().tp_descr_set.get() {
            // SAFETY: the slot belongs to the descriptor's own type.
            Some(set) => unsafe { set(&descriptor, object, value) },
            None => Status::OK,
        },
        Ok(None) => Status::from(instance::set_dictionary(object, value)),
        Err(raised) => Status::from(Err::<(), _>(raised)),
    }
}

unsafe extern "C" fn get_weakref(object: &Object, _: *mut c_void) -> Result<Ref, Raised> {
    match crate::types::weakref::value::list_of(object) {
        // SAFETY: references in the list are alive.
        Some(list) => Ok(unsafe { list.get().as_ref() }.map_or_else(none, |first: &WeakReference| first.to_ref())),
        None => Err(raise!(AttributeError, "This object has no __weakref__")),
    }
}

/// Adds `__dict__` and `__weakref__` to a class that brings them.
pub fn add_getsets(ty: &Type, dict: &Dict, add_dict: bool, add_weak: bool) -> Result<(), Raised> {
    for (wanted, getset) in [(add_dict, &DICT_GETSET), (add_weak, &WEAKREF_GETSETS[0])] {
        if wanted {
            crate::types::descriptor::add_getsets(ty, dict, std::slice::from_ref(getset))?;
        }
    }
    Ok(())
}

/// Prepares the keys that the instances' dictionaries share.
pub fn share_keys(ty: &Type) -> Result<(), Raised> {
    instance::share_keys(ty)
}

/// Releases the keys that the instances' dictionaries shared.
pub fn release_keys(heap: &HeapType) {
    instance::release_keys(heap);
}

/// The bytes of the keys that instances share.
pub fn cached_keys_size(heap: &HeapType) -> usize {
    instance::cached_keys_size(heap)
}

/// What says where the fields of a type's instances are.
fn layout(ty: &Type) -> (isize, isize, isize, isize, usize) {
    (
        ty.tp_basicsize.get(),
        ty.tp_itemsize.get(),
        ty.tp_dictoffset.get(),
        ty.tp_weaklistoffset.get(),
        ty.tp_flags.get() & (flags::HAVE_GC | flags::MANAGED_DICT),
    )
}

/// Whether instances of one class could be instances of the other, as far as their layout goes: both chains of bases lead to
/// the same type that added fields, or to two that added the same members to the same base.
pub fn same_layout(new: &Type, old: &Type) -> bool {
    if std::ptr::eq(new, old) {
        return true;
    }
    if layout(new) != layout(old) || !std::ptr::eq(built_in_base(new), built_in_base(old)) {
        return false;
    }
    let (new, old) = (last_extension(new), last_extension(old));
    if new.is(&old) {
        return true;
    }
    match (new.tp_base.get(), old.tp_base.get()) {
        (Some(left), Some(right)) => left.is(&right) && member_names(&new) == member_names(&old),
        _ => false,
    }
}

/// The nearest type among this and its bases whose instances differ in layout from those of its base.
fn last_extension(ty: &Type) -> Ref<Type> {
    let mut ty = Ref::from_borrowed(ty);
    while ty.has_flag(flags::HEAPTYPE)
        && let Some(base) = ty.tp_base.get()
        && layout(&ty) == layout(&base)
    {
        ty = base;
    }
    ty
}

/// The names in a type's own `__slots__`, in the order of their places.
fn member_names(ty: &Type) -> Vec<String> {
    let Some(slots) = super::methods::slots_field(ty).and_then(Field::get) else { return vec![] };
    let Some(slots) = slots.downcast::<crate::types::tuple::Tuple>() else { return vec![] };
    let text = |slot: &Ref| slot.downcast::<crate::types::str::Str>().map(|name| name.to_string_lossy());
    slots.as_slice().iter().map(|slot| text(slot).unwrap_or_default()).collect()
}

/// Whether an attribute is a `__slots__` member.
pub fn is_slot_member(object: &Object) -> bool {
    object.downcast_exact::<MemberDescriptor>().is_some_and(|member| member.definition().kind == T_OBJECT_EX)
}
