//! `objimpl.h`: memory of objects, and what the collector offers to types made in C.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use habu_heap::Domain;
use habu_runtime::exceptions::memory_error;
use habu_runtime::gc;
use habu_runtime::object::allocate::{self, is_ended_by_extension};
use habu_runtime::object::typeobject::flags;
use habu_runtime::object::{Object, Raised, Type};
use habu_runtime::threads::Thread;

use crate::border::*;

/// The bytes before the header of a collectable object.
const GC_HEAD: usize = 16;

/// Makes memory an object of a type, with one reference.
///
/// # Safety
/// The memory is as large as the type's instances, and the caller's.
pub(crate) unsafe fn initialise(object: NonNull<Object>, ty: &Type) -> NonNull<Object> {
    // SAFETY: by the contract; count and type are the first two words.
    unsafe {
        object.cast::<isize>().write(1);
        object.cast::<*const Type>().add(1).write(ty);
    }
    allocate::own_type(ty);
    object
}

/// Memory for an instance with room for `count` items, with its header; zeroed.
fn new_object(ty: &Type, count: isize, collectable: bool) -> Result<NonNull<Object>, Raised> {
    let size = ty.tp_itemsize.get().checked_mul(count).and_then(|size| size.checked_add(ty.tp_basicsize.get() + 7));
    let Some(size) = size.filter(|size| *size >= 16) else { return Err(memory_error()) };
    let size = if ty.tp_itemsize.get() == 0 { ty.tp_basicsize.get() } else { size & !7 } as usize;
    let preheader = if collectable { ty.preheader_size().max(GC_HEAD) } else { 0 };
    // As `tp_alloc` does: an instance that does not end in C code is freed by its size.
    let size = match is_ended_by_extension(ty) {
        true => (size + preheader).next_multiple_of(16) - preheader,
        false => size,
    };
    let object = allocate::raw_memory(preheader, size, collectable)?;
    // SAFETY: the memory has this size.
    unsafe {
        object.cast::<u8>().write_bytes(0, size);
        if ty.tp_itemsize.get() != 0 {
            object.cast::<isize>().add(2).write(count);
        }
        Ok(initialise(object, ty))
    }
}

fn made(object: Result<NonNull<Object>, Raised>) -> *mut Object {
    object.map_or(std::ptr::null_mut(), NonNull::as_ptr)
}

/// A block of memory, as C returns it: no memory is null, without an exception.
pub(crate) fn block(memory: Option<NonNull<u8>>) -> Pointer {
    memory.map_or(std::ptr::null_mut(), |memory| memory.as_ptr().cast())
}

export! {
    fn _PyObject_New(ty: &Type) -> *mut Object { made(new_object(ty, 0, false)) }
    fn _PyObject_NewVar(ty: &Type, count: isize) -> *mut Object { made(new_object(ty, count, false)) }
    fn _PyObject_GC_New(ty: &Type) -> *mut Object { made(new_object(ty, 0, true)) }
    fn _PyObject_GC_NewVar(ty: &Type, count: isize) -> *mut Object { made(new_object(ty, count, true)) }
    fn _PyObject_GC_Resize(object: NonNull<Object>, count: isize) -> *mut Object {
        // SAFETY: an untracked object of variable size that the caller alone holds.
        unsafe {
            let ty = object.as_ref().ty();
            let size = (ty.tp_basicsize.get() + ty.tp_itemsize.get() * count.max(0) + 7) & !7;
            let preheader = ty.preheader_size().max(GC_HEAD);
            let start = object.cast::<u8>().sub(preheader);
            match habu_heap::realloc_unsized(Domain::Object, start, (preheader + size as usize).next_multiple_of(16)) {
                Some(start) => {
                    let object = start.add(preheader).cast::<Object>();
                    object.cast::<isize>().add(2).write(count);
                    object.as_ptr()
                }
                None => {
                    let _ = memory_error();
                    std::ptr::null_mut()
                }
            }
        }
    }
    fn PyObject_GC_Del(object: Pointer) -> () {
        // SAFETY: an object whose fields are gone.
        unsafe { allocate::free_collectable_slot(object) }
    }
    fn PyObject_GC_Track(object: &Object) -> () {
        if object.ty().has_flag(flags::HAVE_GC) {
            gc::track(object);
        }
    }
    fn PyObject_GC_UnTrack(object: &Object) -> () {
        // SAFETY: the caller says that the object has a GC head; its type may be half gone.
        gc::untrack(object);
    }
    fn PyObject_GC_IsTracked(object: &Object) -> c_int { c_int::from(gc::is_tracked(object)) }
    fn PyObject_GC_IsFinalized(object: &Object) -> c_int {
        c_int::from(gc::is_collectable(object) && gc::is_finalized(object))
    }
    fn PyObject_IS_GC(object: &Object) -> c_int { c_int::from(gc::is_collectable(object)) }
    fn PyGC_Collect() -> isize {
        let state = &Thread::current().interpreter().gc;
        if !state.enabled.get() {
            return 0;
        }
        state.collect_guarded(2).collected
    }
    fn PyGC_Enable() -> c_int { c_int::from(Thread::current().interpreter().gc.enabled.replace(true)) }
    fn PyGC_Disable() -> c_int { c_int::from(Thread::current().interpreter().gc.enabled.replace(false)) }
    fn PyGC_IsEnabled() -> c_int { c_int::from(Thread::current().interpreter().gc.enabled.get()) }
    fn PyObject_GET_WEAKREFS_LISTPTR(object: &Object) -> *mut c_void {
        let offset = object.ty().tp_weaklistoffset.get();
        // SAFETY: the type says that the word stands there.
        unsafe { std::ptr::from_ref(object).cast::<c_void>().byte_offset(offset).cast_mut() }
    }
}
