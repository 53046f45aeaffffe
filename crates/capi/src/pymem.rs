//! `pymem.h`: the three domains of memory. The raw domain may be used without the interpreter's lock, and is the system's.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::NonNull;

use habu_heap::Domain;

use crate::border::*;
use crate::objimpl::block;

/// A size rounded up so that its block is aligned to 16 bytes, as C relies on; nothing counts as one byte.
fn aligned(size: usize) -> usize {
    size.max(1).checked_next_multiple_of(16).unwrap_or(usize::MAX)
}

/// Memory of a domain, aligned to 16 bytes.
pub(crate) fn allocate(domain: Domain, size: usize) -> Option<NonNull<u8>> {
    if size > isize::MAX as usize - 16 {
        return None;
    }
    habu_heap::alloc(domain, aligned(size))
}

/// Zeroed memory of a domain.
pub(crate) fn zeroed(domain: Domain, count: usize, size: usize) -> Pointer {
    let Some(size) = count.checked_mul(size).filter(|size| *size <= isize::MAX as usize) else {
        return std::ptr::null_mut();
    };
    let memory = allocate(domain, size);
    if let Some(memory) = memory {
        // SAFETY: the block has this size.
        unsafe { memory.write_bytes(0, size) };
    }
    block(memory)
}

/// Changes the size of a block.
///
/// # Safety
/// Null, or a block of this domain.
pub(crate) unsafe fn resize(domain: Domain, memory: Pointer, size: usize) -> Pointer {
    if size > isize::MAX as usize {
        return std::ptr::null_mut();
    }
    match NonNull::new(memory.cast::<u8>()) {
        None => block(allocate(domain, size)),
        // SAFETY: by the contract.
        Some(memory) => block(unsafe { habu_heap::realloc_unsized(domain, memory, aligned(size)) }),
    }
}

/// Frees a block.
///
/// # Safety
/// Null, or a block of this domain, not used any more.
pub(crate) unsafe fn release(domain: Domain, memory: Pointer) {
    if let Some(memory) = NonNull::new(memory.cast::<u8>()) {
        // SAFETY: by the contract.
        unsafe { habu_heap::free_unsized(domain, memory) }
    }
}

/// An allocator as extensions see it (`PyMemAllocatorEx`).
#[repr(C)]
pub struct Allocator {
    context: *mut c_void,
    malloc: unsafe extern "C" fn(*mut c_void, usize) -> Pointer,
    calloc: unsafe extern "C" fn(*mut c_void, usize, usize) -> Pointer,
    realloc: unsafe extern "C" fn(*mut c_void, Pointer, usize) -> Pointer,
    free: unsafe extern "C" fn(*mut c_void, Pointer),
}

/// The domain that a number of C means; the context of the functions below is that number.
fn domain_of(number: usize) -> Option<Domain> {
    match number {
        1 => Some(Domain::Mem),
        2 => Some(Domain::Object),
        _ => None,
    }
}

unsafe extern "C" fn context_malloc(context: *mut c_void, size: usize) -> Pointer {
    match domain_of(context as usize) {
        Some(domain) => block(allocate(domain, size)),
        // SAFETY: a plain call.
        None => unsafe { libc::malloc(size.max(1)) },
    }
}

unsafe extern "C" fn context_calloc(context: *mut c_void, count: usize, size: usize) -> Pointer {
    match domain_of(context as usize) {
        Some(domain) => zeroed(domain, count, size),
        // SAFETY: a plain call.
        None => unsafe { libc::calloc(count.max(1), size.max(1)) },
    }
}

unsafe extern "C" fn context_realloc(context: *mut c_void, memory: Pointer, size: usize) -> Pointer {
    // SAFETY: a block of the context's domain, or null.
    unsafe {
        match domain_of(context as usize) {
            Some(domain) => resize(domain, memory, size),
            None => libc::realloc(memory, size.max(1)),
        }
    }
}

unsafe extern "C" fn context_free(context: *mut c_void, memory: Pointer) {
    // SAFETY: a block of the context's domain, or null.
    unsafe {
        match domain_of(context as usize) {
            Some(domain) => release(domain, memory),
            None => libc::free(memory),
        }
    }
}

/// An allocator of arenas as extensions see it (`PyObjectArenaAllocator`).
#[repr(C)]
pub struct ArenaAllocator {
    context: *mut c_void,
    alloc: unsafe extern "C" fn(*mut c_void, usize) -> Pointer,
    free: unsafe extern "C" fn(*mut c_void, Pointer, usize),
}

unsafe extern "C" fn arena_alloc(_: *mut c_void, size: usize) -> Pointer {
    // SAFETY: asks for new memory.
    let memory = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if memory == libc::MAP_FAILED { std::ptr::null_mut() } else { memory }
}

unsafe extern "C" fn arena_free(_: *mut c_void, memory: Pointer, size: usize) {
    // SAFETY: what `arena_alloc` gave, not used any more.
    unsafe { libc::munmap(memory, size) };
}

/// A copy of a C string in memory that `allocate` gives.
fn duplicate(text: Text, allocate: impl FnOnce(usize) -> Pointer) -> *mut c_char {
    let bytes = text.bytes();
    let memory = allocate(bytes.len() + 1).cast::<u8>();
    if !memory.is_null() {
        // SAFETY: there is room for the text and its end.
        unsafe {
            memory.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            memory.add(bytes.len()).write(0);
        }
    }
    memory.cast()
}

export! {
    fn PyMem_Malloc(size: usize) -> Pointer { block(allocate(Domain::Mem, size)) }
    fn PyMem_Calloc(count: usize, size: usize) -> Pointer { zeroed(Domain::Mem, count, size) }
    fn PyMem_Realloc(memory: Pointer, size: usize) -> Pointer {
        // SAFETY: a block of this domain, or null.
        unsafe { resize(Domain::Mem, memory, size) }
    }
    fn PyMem_Free(memory: Pointer) -> () {
        // SAFETY: a block of this domain, or null.
        unsafe { release(Domain::Mem, memory) }
    }
    fn PyMem_RawMalloc(size: usize) -> Pointer {
        // SAFETY: a plain call.
        unsafe { libc::malloc(size.max(1)) }
    }
    fn PyMem_RawCalloc(count: usize, size: usize) -> Pointer {
        // SAFETY: a plain call.
        unsafe { libc::calloc(count.max(1), size.max(1)) }
    }
    fn PyMem_RawRealloc(memory: Pointer, size: usize) -> Pointer {
        // SAFETY: a block of the system's, or null.
        unsafe { libc::realloc(memory, size.max(1)) }
    }
    fn PyMem_RawFree(memory: Pointer) -> () {
        // SAFETY: a block of the system's, or null.
        unsafe { libc::free(memory) }
    }
    fn _PyMem_Strdup(text: Text) -> *mut c_char {
        duplicate(text, |size| block(habu_heap::alloc(Domain::Mem, size)))
    }
    fn _PyMem_RawStrdup(text: Text) -> *mut c_char {
        // SAFETY: a plain call.
        duplicate(text, |size| unsafe { libc::malloc(size) })
    }
    fn PyMem_GetAllocator(domain: c_int, allocator: Out<Allocator>) -> () {
        allocator.set(Allocator {
            context: domain.max(0) as usize as *mut c_void,
            malloc: context_malloc,
            calloc: context_calloc,
            realloc: context_realloc,
            free: context_free,
        });
    }
    fn PyObject_GetArenaAllocator(allocator: Out<ArenaAllocator>) -> () {
        allocator.set(ArenaAllocator { context: std::ptr::null_mut(), alloc: arena_alloc, free: arena_free });
    }
    fn _PyMem_GetCurrentAllocatorName() -> Text { Text(c"pymalloc".as_ptr()) }
}
