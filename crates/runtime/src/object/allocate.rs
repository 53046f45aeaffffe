//! How an object is made: memory from the object domain, the dictionary words and the GC head before it, then its fields.
//!
//! An instance of the type `ty` takes `preheader_size + basicsize + n * itemsize` bytes. A collectable object counts as
//! an allocation of the youngest generation, which may run a collection *before* the object exists; it is tracked after its
//! fields are in place.

use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr::NonNull;

use super::convert::PyType;
use super::header::Object;
use super::raised::Raised;
use super::reference::Ref;
use super::typeobject::{Type, flags};
use crate::exceptions::memory_error;
use crate::gc;
use habu_heap::Domain;

/// Makes an object of exactly the type that `value`'s header names, and tracks it when that type is collectable.
///
/// Raises MemoryError.
#[inline(always)]
pub fn create<T: PyType>(value: T) -> Result<Ref<T>, Raised> {
    let ty = T::type_object();
    let collectable = T::COLLECTABLE || ty.has_flag(flags::HAVE_GC);
    let preheader = if collectable { 16 } else { 0 };
    let value = ManuallyDrop::new(value);
    let object = match T::FREE_LIST {
        Some(kind) => super::free_list::take(kind, 0, size_of::<T>()),
        None => raw_memory(preheader, size_of::<T>(), collectable),
    };
    let object = match object {
        Ok(object) => object.cast::<T>(),
        // SAFETY: the value is not used any more.
        Err(raised) => return Err(unsafe { give_up(&value, raised) }),
    };
    // SAFETY: the memory is ours, large enough and aligned to 8, as every layout needs.
    unsafe {
        object.write(ManuallyDrop::into_inner(value));
        if T::HEAP {
            own_type(ty);
        }
        let object = Ref::from_owned(object);
        if collectable {
            gc::track((*object).as_ref());
        }
        Ok(object)
    }
}

/// Drops a value for which there is no memory, and passes on why.
///
/// It is a copy that is dropped. What drops a value takes its address, and a value whose address is taken stands in memory: its fields would be written
/// one by one and then read in pairs to be moved to their object, before the processor has them ready for that, which takes as long as all the rest.
///
/// # Safety
/// The value is not used any more.
#[inline(always)]
unsafe fn give_up<T>(value: &ManuallyDrop<T>, raised: Raised) -> Raised {
    #[cold]
    #[inline(never)]
    unsafe fn drop_copy<T>(copy: &mut MaybeUninit<T>) {
        // SAFETY: it was written just before.
        unsafe { copy.assume_init_drop() };
    }
    let mut copy = MaybeUninit::<T>::uninit();
    // SAFETY: both are whole values of the type, and only the copy is used from here on.
    unsafe {
        std::ptr::copy_nonoverlapping(&raw const **value, copy.as_mut_ptr(), 1);
        drop_copy(&mut copy);
    }
    raised
}

/// Makes an instance of `cls`, which is `T`'s type or a subtype: `value` becomes its first fields, the rest is zero.
///
/// Raises MemoryError.
pub fn instantiate<T: PyType>(cls: &Type, value: T) -> Result<Ref<T>, Raised> {
    // A metaclass may give a class any method resolution order, so that only the layout says what the instance is.
    debug_assert!(cls.tp_basicsize.get() as usize >= size_of::<T>(), "{} is no subtype of {}", cls.name(), T::NAME);
    let value = ManuallyDrop::new(value);
    let object = match allocate_zeroed(cls, cls.tp_basicsize.get() as usize) {
        Ok(object) => object.cast::<T>(),
        // SAFETY: the value is not used any more.
        Err(raised) => return Err(unsafe { give_up(&value, raised) }),
    };
    // SAFETY: basicsize of a subtype is at least the size of T.
    unsafe {
        object.write(ManuallyDrop::into_inner(value));
        let header = object.cast::<Object>().as_ref();
        header.ty.set(cls);
        own_type(cls);
        let object = Ref::from_owned(object);
        // As in CPython, `object.__new__` alone gives an instance its values; others get a dictionary with their first attribute.
        if cls.has_flag(flags::MANAGED_DICT) && std::ptr::eq(T::type_object(), Object::type_object()) {
            crate::types::dict::instance::initialise((*object).as_ref());
        }
        if cls.has_flag(flags::HAVE_GC) {
            gc::track((*object).as_ref());
        }
        Ok(object)
    }
}

/// Memory of `size` bytes for an instance of `cls`, after its preheader; all zero, header included. It is not tracked.
///
/// Raises MemoryError.
pub fn allocate_zeroed(cls: &Type, size: usize) -> Result<NonNull<Object>, Raised> {
    let object = raw_memory(cls.preheader_size(), size, cls.has_flag(flags::HAVE_GC))?;
    // SAFETY: raw_memory gave size bytes after the preheader.
    unsafe {
        if size <= 64 {
            // A call of memset costs more than this; volatile, or the compiler makes it one.
            let words = object.cast::<usize>();
            for word in 0..size / 8 {
                words.add(word).write_volatile(0);
            }
            object.cast::<u8>().add(size & !7).write_bytes(0, size & 7);
        } else {
            object.cast::<u8>().write_bytes(0, size);
        }
    }
    Ok(object)
}

/// Memory for an object of `size` bytes behind a zeroed preheader; counts the allocation when it is collectable.
#[inline(always)]
pub fn raw_memory(preheader: usize, size: usize, collectable: bool) -> Result<NonNull<Object>, Raised> {
    if collectable {
        gc::before_allocation();
    }
    let block = habu_heap::alloc(Domain::Object, preheader + size).or_else(|| {
        // A collection may run here anyway.
        if collectable && gc::pressure::make_room() { habu_heap::alloc(Domain::Object, preheader + size) } else { None }
    });
    let Some(start) = block else {
        return Err(memory_error());
    };
    // SAFETY: the preheader is within the block; it is 0, 16 or 32 bytes of words.
    unsafe {
        for word in 0..preheader / 8 {
            start.cast::<usize>().add(word).write(0);
        }
        Ok(start.add(preheader).cast())
    }
}

/// Instances of heap types own a reference to their type.
#[inline(always)]
pub fn own_type(cls: &Type) {
    if cls.has_flag(flags::HEAPTYPE) {
        std::mem::forget(Ref::from_borrowed(cls));
    }
}

/// Frees the memory of an object whose fields are gone, when its size is known.
///
/// # Safety
/// `object` must have been allocated with `size` bytes behind a preheader of `preheader`, and must not be used again.
#[inline]
pub unsafe fn free_memory(object: NonNull<Object>, preheader: usize, size: usize) {
    if preheader != 0 {
        gc::state::after_deallocation();
    }
    // SAFETY: by the contract.
    unsafe { habu_heap::free(Domain::Object, object.cast::<u8>().sub(preheader), preheader + size) }
}

/// Frees the memory of an object whose fields are gone, when its size is known from a length that C code may have changed.
///
/// # Safety
/// As `free_memory_unsized`.
#[inline]
pub unsafe fn free_memory_hinted(object: NonNull<Object>, preheader: usize, size: usize) {
    if preheader != 0 {
        gc::state::after_deallocation();
    }
    // SAFETY: by the contract.
    unsafe { habu_heap::free_hinted(Domain::Object, object.cast::<u8>().sub(preheader), preheader + size) }
}

/// Frees the memory of an object whose fields are gone, when its size is not known.
///
/// # Safety
/// `object` must have been allocated behind a preheader of `preheader` bytes, and must not be used again.
pub unsafe fn free_memory_unsized(object: NonNull<Object>, preheader: usize) {
    if preheader != 0 {
        gc::state::after_deallocation();
    }
    // SAFETY: by the contract.
    unsafe { habu_heap::free_unsized(Domain::Object, object.cast::<u8>().sub(preheader)) }
}

/// `PyType_GenericAlloc`: a zeroed instance with room for `count` items, tracked when it is collectable.
pub fn generic_alloc(cls: &Type, count: isize) -> Result<Ref, Raised> {
    let (basic, item) = (cls.tp_basicsize.get(), cls.tp_itemsize.get());
    // One item more than asked for, as a sentinel, like CPython.
    let size = if item == 0 {
        Some(basic)
    } else {
        count.checked_add(1).and_then(|count| count.checked_mul(item)).and_then(|size| size.checked_add(basic + 7))
    };
    let Some(size) = size.filter(|size| *size >= 16) else { return Err(memory_error()) };
    let mut size = if item == 0 { size } else { size & !7 };
    if is_ended_by_extension(cls) {
        // Compiled code may rely on its instances being aligned like C's memory: to 16 bytes, as blocks of such sizes are.
        let preheader = cls.preheader_size() as isize;
        size = ((size + preheader + 15) & !15) - preheader;
    }
    let object = allocate_zeroed(cls, size as usize)?;
    // SAFETY: the memory is ours and holds a header at least; all zero is what instances start with.
    unsafe {
        let header = object.as_ref();
        header.refcount.set(1);
        header.ty.set(cls);
        if item != 0 {
            object.cast::<super::header::VarObject>().as_ref().size.set(count);
        }
        own_type(cls);
        let object = Ref::from_owned(object);
        if cls.has_flag(flags::MANAGED_DICT) {
            crate::types::dict::instance::initialise(&object);
        }
        if cls.has_flag(flags::HAVE_GC) {
            gc::track(&object);
        }
        Ok(object)
    }
}

unsafe extern "C" {
    /// The program's first byte and the end of its code, by the linker.
    static __ehdr_start: u8;
    static etext: u8;
}

/// Whether instances of a type end in code of an extension, which frees them without their size: then their blocks are aligned to 16 bytes.
pub fn is_ended_by_extension(cls: &Type) -> bool {
    let subtype = crate::types::type_::instance::subtype_dealloc as *const () as usize;
    let mut ty: *const Type = cls;
    // SAFETY: a type keeps its bases alive.
    unsafe {
        while let Some(this) = ty.as_ref() {
            match this.tp_dealloc.get().map(|dealloc| dealloc as usize) {
                Some(dealloc) if dealloc != subtype => {
                    return !(&raw const __ehdr_start as usize..&raw const etext as usize).contains(&dealloc);
                }
                _ => ty = this.tp_base.pointer(),
            }
        }
    }
    false
}

/// `tp_alloc` of most types.
///
/// # Safety
/// As for the slot.
pub unsafe extern "C" fn alloc_slot(cls: &Type, count: isize) -> Result<Ref, Raised> {
    generic_alloc(cls, count)
}

/// `tp_free` of types whose instances are not collectable (`PyObject_Free`).
///
/// # Safety
/// `memory` is null or a block of the object domain, not used any more.
pub unsafe extern "C" fn free_slot(memory: *mut std::ffi::c_void) {
    if let Some(memory) = NonNull::new(memory) {
        // SAFETY: by the contract.
        unsafe { habu_heap::free_unsized(Domain::Object, memory.cast()) }
    }
}

/// `tp_free` of types whose instances are collectable (`PyObject_GC_Del`).
///
/// # Safety
/// `memory` is an instance whose fields are gone, not used any more.
pub unsafe extern "C" fn free_collectable_slot(memory: *mut std::ffi::c_void) {
    let Some(object) = NonNull::new(memory.cast::<Object>()) else { return };
    // SAFETY: by the contract; the header is still there.
    unsafe {
        let preheader = object.as_ref().ty().preheader_size();
        gc::untrack(object.as_ref());
        free_memory_unsized(object, preheader.max(16));
    }
}
