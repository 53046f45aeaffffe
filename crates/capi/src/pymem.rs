//! `pymem.h`: the three domains of memory. The raw domain may be used without the interpreter's lock, and is the system's.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, Ordering};

use habu_heap::Domain;
use habu_runtime::threads::Thread;
use habu_runtime::threads::start::main_interpreter;

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
    if domain != Domain::Raw && !Thread::is_attached() {
        refuse_without_lock();
    }
    habu_heap::alloc(domain, aligned(size))
}

/// Ends the process where the debug layer is on: only the raw domain may be used without the interpreter's lock.
#[cold]
fn refuse_without_lock() {
    if main_interpreter().is_some_and(|interpreter| interpreter.heap.config().debug) {
        let text = "_PyMem_DebugMalloc: Python memory allocator called without holding the GIL";
        habu_modules::faulthandler::fatal(text, || false);
    }
}

/// What the allocators are called, by PYTHONMALLOC or development mode.
fn allocator_name() -> &'static std::ffi::CStr {
    let config = Thread::current().interpreter().heap.config();
    match (config.pymalloc, config.debug) {
        (true, false) => c"pymalloc",
        (true, true) => c"pymalloc_debug",
        (false, false) => c"malloc",
        (false, true) => c"malloc_debug",
    }
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
#[derive(Clone, Copy)]
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
    // The pieces of the stack of frames come from this domain too: extensions that switch native stacks free them here.
    block(habu_heap::alloc(Domain::Mem, size))
}

unsafe extern "C" fn arena_free(_: *mut c_void, memory: Pointer, size: usize) {
    if let Some(memory) = NonNull::new(memory.cast::<u8>()) {
        // SAFETY: what `arena_alloc` gave, or a piece of a stack, of this size, not used any more.
        unsafe { habu_heap::free(Domain::Mem, memory, size) };
    }
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

/// The allocators that C set (`PyMem_SetAllocator`), null for Habu's own. They serve what C asks for; Habu's own objects stay on its heap.
static HOOKS: [AtomicPtr<Allocator>; 3] = [const { AtomicPtr::new(std::ptr::null_mut()) }; 3];

/// The allocator that C set for a domain.
#[inline(always)]
pub(crate) fn hook(domain: usize) -> Option<&'static Allocator> {
    // SAFETY: null or what `set_hook` leaked.
    unsafe { HOOKS[domain].load(Ordering::Acquire).as_ref() }
}

/// Sets the allocator of a domain. It stays in memory for ever: another thread may be in it.
fn set_hook(domain: usize, allocator: Allocator) {
    let own = allocator.malloc as usize == context_malloc as *const () as usize && allocator.context as usize == domain;
    let hook = if own { std::ptr::null_mut() } else { Box::into_raw(Box::new(allocator)) };
    HOOKS[domain].store(hook, Ordering::Release);
}

impl Allocator {
    pub(crate) fn malloc(&self, size: usize) -> Pointer {
        // SAFETY: the function came with its context.
        unsafe { (self.malloc)(self.context, size) }
    }

    pub(crate) fn calloc(&self, count: usize, size: usize) -> Pointer {
        // SAFETY: as above.
        unsafe { (self.calloc)(self.context, count, size) }
    }

    /// # Safety
    /// The memory is null or of this allocator.
    pub(crate) unsafe fn realloc(&self, memory: Pointer, size: usize) -> Pointer {
        // SAFETY: by the contract.
        unsafe { (self.realloc)(self.context, memory, size) }
    }

    /// # Safety
    /// As `realloc`; the memory is not used any more.
    pub(crate) unsafe fn free(&self, memory: Pointer) {
        // SAFETY: by the contract.
        unsafe { (self.free)(self.context, memory) }
    }
}

/// The functions of a domain: through the allocator that C set, or Habu's own.
macro_rules! domain {
    ($number:literal: $malloc:ident $calloc:ident $realloc:ident $free:ident) => {
        export! {
            fn $malloc(size: usize) -> Pointer {
                match hook($number) {
                    Some(hook) => hook.malloc(size),
                    // SAFETY: the context is this domain's number.
                    None => unsafe { context_malloc(std::ptr::without_provenance_mut::<c_void>($number), size) },
                }
            }
            fn $calloc(count: usize, size: usize) -> Pointer {
                match hook($number) {
                    Some(hook) => hook.calloc(count, size),
                    // SAFETY: as above.
                    None => unsafe { context_calloc(std::ptr::without_provenance_mut::<c_void>($number), count, size) },
                }
            }
            fn $realloc(memory: Pointer, size: usize) -> Pointer {
                // SAFETY: a block of this domain, or null.
                unsafe {
                    match hook($number) {
                        Some(hook) => hook.realloc(memory, size),
                        None => context_realloc(std::ptr::without_provenance_mut::<c_void>($number), memory, size),
                    }
                }
            }
            fn $free(memory: Pointer) -> () {
                // SAFETY: a block of this domain, or null.
                unsafe {
                    match hook($number) {
                        Some(hook) => hook.free(memory),
                        None => context_free(std::ptr::without_provenance_mut::<c_void>($number), memory),
                    }
                }
            }
        }
    };
}

/// The raw domain.
pub mod raw {
    use super::*;
    domain!(0: PyMem_RawMalloc PyMem_RawCalloc PyMem_RawRealloc PyMem_RawFree);
}

/// The domain of buffers.
pub mod buffers {
    use super::*;
    domain!(1: PyMem_Malloc PyMem_Calloc PyMem_Realloc PyMem_Free);
}

/// The domain of objects.
pub mod objects {
    use super::*;
    domain!(2: PyObject_Malloc PyObject_Calloc PyObject_Realloc PyObject_Free);
}

/// A copy of a text in memory of the raw domain.
pub(crate) fn raw_text(text: &[u8]) -> *mut c_char {
    // SAFETY: a plain call.
    let memory = unsafe { libc::malloc(text.len() + 1) }.cast::<u8>();
    if !memory.is_null() {
        // SAFETY: there is room for the text and its end.
        unsafe {
            memory.copy_from_nonoverlapping(text.as_ptr(), text.len());
            memory.add(text.len()).write(0);
        }
    }
    memory.cast()
}

export! {
    fn PyMem_SetAllocator(domain: c_int, allocator: Out<Allocator>) -> () {
        if let (Some(allocator), 0..=2) = (allocator.get(), domain) {
            set_hook(domain as usize, allocator);
        }
    }
    fn _PyMem_Strdup(text: Text) -> *mut c_char {
        duplicate(text, |size| block(habu_heap::alloc(Domain::Mem, size)))
    }
    fn _PyMem_RawStrdup(text: Text) -> *mut c_char {
        // SAFETY: a plain call.
        duplicate(text, |size| unsafe { libc::malloc(size) })
    }
    fn PyMem_GetAllocator(domain: c_int, allocator: Out<Allocator>) -> () {
        let own = Allocator {
            context: std::ptr::without_provenance_mut(domain.max(0) as usize),
            malloc: context_malloc,
            calloc: context_calloc,
            realloc: context_realloc,
            free: context_free,
        };
        allocator.set(usize::try_from(domain).ok().filter(|domain| *domain < 3).and_then(hook).copied().unwrap_or(own));
    }
    fn PyObject_GetArenaAllocator(allocator: Out<ArenaAllocator>) -> () {
        allocator.set(ArenaAllocator { context: std::ptr::null_mut(), alloc: arena_alloc, free: arena_free });
    }
    fn _PyMem_GetCurrentAllocatorName() -> Text { Text(allocator_name().as_ptr()) }
}
