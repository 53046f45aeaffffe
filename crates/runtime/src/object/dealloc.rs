//! How an object dies: `tp_dealloc`, finalizers, weak references, the trashcan.
//!
//! Order, as in CPython: the finalizer (once, and it may bring the object back), then weak references and their callbacks, then
//! fields, then memory. Containers nested deeper than `TRASHCAN_LIMIT` are put aside and ended by the outermost call, so that a deep
//! structure dies without deep native recursion.

use std::ptr::NonNull;

use super::allocate::{free_memory, free_memory_hinted, free_memory_unsized};
use super::convert::PyType;
use super::header::{Object, VarObject};
use super::reference::Ref;
use super::typeobject::{Type, flags};
use crate::gc;
use crate::threads::Thread;

/// How many containers may be ending inside one another on the native stack.
const TRASHCAN_LIMIT: u32 = 50;

/// Ends an object whose count has reached zero.
///
/// # Safety
/// `object` must be alive with a count of zero, and reached by nobody else.
#[cold]
#[inline(never)]
pub unsafe fn dealloc(object: NonNull<Object>) {
    // SAFETY: the object is alive until its tp_dealloc has run.
    let ty = unsafe { object.as_ref() }.ty();
    if std::ptr::eq(ty, crate::types::float::Float::type_object()) {
        // What ends most often has nothing to end but its block.
        // SAFETY: an exact float's block has the size of its layout.
        return unsafe {
            habu_heap::free(habu_heap::Domain::Object, object.cast(), size_of::<crate::types::float::Float>())
        };
    }
    if std::ptr::eq(ty, crate::types::int::Int::type_object()) {
        // SAFETY: by the contract; this is the type's own `tp_dealloc`.
        return unsafe { crate::types::int::value::dealloc(object) };
    }
    let dealloc = ty.tp_dealloc.get();
    debug_assert!(dealloc.is_some(), "type without tp_dealloc");
    if let Some(dealloc) = dealloc {
        // SAFETY: as for this function.
        unsafe { dealloc(object) }
    }
}

/// The `tp_dealloc` of built-in types of fixed size, and of variable size whose `Drop` ends the items.
///
/// # Safety
/// As `tp_dealloc`: the object's count is zero and nobody else reaches it; its layout is `T`.
pub unsafe extern "C" fn dealloc_of<T: PyType>(object: NonNull<Object>) {
    // SAFETY: alive until freed below.
    let ty = unsafe { object.as_ref() }.ty();
    if std::ptr::eq(ty, T::type_object()) && (T::UNFINALIZED || ty.tp_finalize.get().is_none()) {
        // The usual case, with what is known of the type.
        // SAFETY: by the contract; the object is of exactly this type.
        return unsafe {
            if T::COLLECTABLE {
                gc::untrack(object.as_ref());
                with_trashcan(object, |object| {
                    clear_weak_references(object, T::type_object());
                    end_exact::<T>(object, 16);
                    disown::<T>(T::type_object());
                });
            } else {
                debug_assert_eq!(ty.preheader_size(), 0);
                clear_weak_references(object, T::type_object());
                end_exact::<T>(object, 0);
                disown::<T>(T::type_object());
            }
        };
    }
    // The tp_dealloc of types made at run time has done the finalizer, weak references and the trashcan already; a static
    // subtype may share this function.
    if ty.has_flag(flags::HEAPTYPE) && !(T::HEAP && std::ptr::eq(ty, T::type_object())) {
        // SAFETY: by the contract.
        return unsafe {
            // The function of a compiled type between the two tracks the instance again before it calls that of its base.
            if T::COLLECTABLE {
                gc::untrack(object.as_ref());
            }
            end_fields::<T>(object, ty);
        };
    }
    // SAFETY: by the contract.
    unsafe {
        if let Some(finalize) = ty.tp_finalize.get()
            && finalize_brought_back(object, finalize)
        {
            return;
        }
        let is_own = ty.tp_dealloc.get().is_some_and(|own| own as usize == dealloc_of::<T> as *const () as usize);
        if ty.has_flag(flags::HAVE_GC) && !is_own {
            // A compiled type's function called this one: what was put aside would be ended by that once more.
            gc::untrack(object.as_ref());
            clear_weak_references(object, ty);
            end_fields::<T>(object, ty);
        } else if ty.has_flag(flags::HAVE_GC) {
            gc::untrack(object.as_ref());
            with_trashcan(object, |object| {
                clear_weak_references(object, ty);
                end_fields::<T>(object, ty);
            });
        } else {
            clear_weak_references(object, ty);
            end_fields::<T>(object, ty);
        }
    }
}

/// Drops the fields of an object of exactly the type `T`, and frees its memory, which has `preheader` bytes before the object.
///
/// # Safety
/// As `tp_dealloc`.
#[inline(always)]
unsafe fn end_exact<T: PyType>(object: NonNull<Object>, preheader: usize) {
    // SAFETY: the fields are intact and used no more; the memory was allocated for this type.
    unsafe {
        if let Some(kind) = T::FREE_LIST {
            let (basicsize, itemsize) = (T::type_object().tp_basicsize.get(), T::type_object().tp_itemsize.get());
            // Types of variable size with a free list have the length where `VarObject` has it.
            let length = if itemsize == 0 { 0 } else { object.cast::<VarObject>().as_ref().size.get() as usize };
            object.cast::<T>().drop_in_place();
            if !super::free_list::give(kind, length, object) {
                free_memory(object, preheader, basicsize as usize + length * itemsize as usize);
            }
            return;
        }
        let (basicsize, itemsize) = (T::type_object().tp_basicsize.get() as usize, T::type_object().tp_itemsize.get());
        if itemsize == 0 {
            object.cast::<T>().drop_in_place();
            free_memory(object, preheader, basicsize);
        } else {
            let length = object.cast::<VarObject>().as_ref().size.get().unsigned_abs();
            object.cast::<T>().drop_in_place();
            free_memory_hinted(object, preheader, basicsize.wrapping_add(length.wrapping_mul(itemsize as usize)));
        }
    }
}

/// Drops the fields of a `T` and frees its memory.
///
/// # Safety
/// As `tp_dealloc`.
unsafe fn end_fields<T: PyType>(object: NonNull<Object>, ty: &Type) {
    let (preheader, basicsize, itemsize) = (ty.preheader_size(), ty.tp_basicsize.get(), ty.tp_itemsize.get());
    // SAFETY: the fields are intact and used no more; the memory was allocated for this type. Types of variable size with a free list
    // have the length where `VarObject` has it.
    unsafe {
        if let Some(kind) = T::FREE_LIST
            && std::ptr::eq(ty, T::type_object())
        {
            let length = if itemsize == 0 { 0 } else { object.cast::<VarObject>().as_ref().size.get() as usize };
            object.cast::<T>().drop_in_place();
            if !super::free_list::give(kind, length, object) {
                free_memory(object, preheader, basicsize as usize + length * itemsize as usize);
            }
            disown::<T>(ty);
            return;
        }
        object.cast::<T>().drop_in_place();
        // Instances of compiled types were aligned when they were made.
        let exact =
            itemsize == 0 && (std::ptr::eq(ty, T::type_object()) || !super::allocate::is_ended_by_extension(ty));
        if exact {
            free_memory(object, preheader, basicsize as usize);
        } else {
            free_memory_unsized(object, preheader);
        }
        disown::<T>(ty);
    }
}

/// Drops the reference that an instance of a heap type, which has ended, had to its type.
///
/// # Safety
/// The instance was of the type `ty`, whose nearest built-in base is `T`'s.
#[inline(always)]
unsafe fn disown<T: PyType>(ty: &Type) {
    if T::HEAP {
        // SAFETY: by the contract the instance owned it.
        drop(unsafe { Ref::from_owned(NonNull::from(ty)) });
    }
}

/// Calls the weak references' callbacks and clears them.
///
/// # Safety
/// As `tp_dealloc`.
pub unsafe fn clear_weak_references(object: NonNull<Object>, ty: &Type) {
    let offset = ty.tp_weaklistoffset.get();
    if offset > 0 {
        // SAFETY: the type says that a word for the list stands at this offset.
        let list = unsafe { object.cast::<u8>().offset(offset).cast::<*const Object>().read() };
        if !list.is_null() {
            crate::types::weakref::clear_references(object);
        }
    }
}

/// Runs the finalizer with the object alive; true when it has references again afterwards.
///
/// # Safety
/// The object's count is zero.
pub unsafe fn finalize_brought_back(object: NonNull<Object>, finalize: unsafe extern "C" fn(NonNull<Object>)) -> bool {
    // SAFETY: the object is intact.
    let header = unsafe { object.as_ref() };
    let collectable = gc::is_collectable(header);
    if collectable && gc::is_finalized(header) {
        return false;
    }
    header.refcount.set(1);
    // SAFETY: the object is alive with one reference, held here.
    unsafe { finalize(object) };
    if collectable {
        gc::set_finalized(header);
    }
    header.refcount.set(header.refcount.get() - 1);
    header.refcount.get() > 0
}

/// Runs `end` now, or later when too many containers are ending inside one another.
///
/// # Safety
/// The object's count is zero, it is untracked and has a GC head.
pub unsafe fn with_trashcan(object: NonNull<Object>, end: impl FnOnce(NonNull<Object>)) {
    let trash = &Thread::current().trash;
    if trash.depth.get() >= TRASHCAN_LIMIT {
        // SAFETY: an untracked object's GC head is free to hold the link.
        unsafe { gc::head_of(object.as_ref()) }.set_trash_link(trash.later.get());
        trash.later.set(object.as_ptr());
        return;
    }
    trash.depth.set(trash.depth.get() + 1);
    end(object);
    trash.depth.set(trash.depth.get() - 1);
    if trash.depth.get() == 0 && !trash.later.get().is_null() {
        empty_trash();
    }
}

/// The first half of [`with_trashcan`] for deallocators in C (`_PyTrash_begin`): true when the object was put aside.
///
/// # Safety
/// As `with_trashcan`.
pub unsafe fn trash_begin(object: NonNull<Object>) -> bool {
    let trash = &Thread::current().trash;
    if trash.depth.get() >= TRASHCAN_LIMIT {
        // SAFETY: as in `with_trashcan`.
        unsafe { gc::head_of(object.as_ref()) }.set_trash_link(trash.later.get());
        trash.later.set(object.as_ptr());
        return true;
    }
    trash.depth.set(trash.depth.get() + 1);
    false
}

/// The other half (`_PyTrash_end`).
pub fn trash_end() {
    let trash = &Thread::current().trash;
    trash.depth.set(trash.depth.get().saturating_sub(1));
    if trash.depth.get() == 0 && !trash.later.get().is_null() {
        empty_trash();
    }
}

/// Ends what was put aside, object by object, from the outermost level.
#[cold]
fn empty_trash() {
    let trash = &Thread::current().trash;
    trash.depth.set(trash.depth.get() + 1);
    while let Some(object) = NonNull::new(trash.later.get()) {
        // SAFETY: it was put aside intact with a count of zero, and its head holds the next one.
        unsafe {
            trash.later.set(gc::head_of(object.as_ref()).take_trash_link());
            dealloc(object);
        }
    }
    trash.depth.set(trash.depth.get() - 1);
}

/// Drops a reference that C owns (`Py_DECREF`).
///
/// # Safety
/// The caller owns one reference, which is gone afterwards.
pub unsafe fn decref(object: NonNull<Object>) {
    // SAFETY: by the contract.
    drop(unsafe { Ref::from_owned(object) });
}
