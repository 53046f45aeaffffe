//! Operating system threads on stacks of our own, for an interpreter in a copy of the C library that is not the process's first.
//!
//! The C library keeps the stacks of threads that have ended for the next ones, whichever copy of it those belong to; the copy that takes one up frees the
//! thread-local memory that hangs on it, which the linker had taken from the first copy's `malloc`, by its own `free` (seen in glibc 2.36: the first
//! copy's heap is corrupt from then on). Stacks that are given to it are left out of this, and their thread-local memory is freed by the linker.
//!
//! Invariant: a stack is unmapped when its thread is gone from the process, or was never started.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

/// Whether the process has a thread with this number.
pub(super) fn exists(number: libc::pid_t) -> bool {
    // SAFETY: the signal 0 is none: it is only asked whether the thread is there.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), number, 0) == 0 }
}

/// The system's number of this thread.
pub(super) fn number() -> libc::pid_t {
    // SAFETY: the call only tells.
    unsafe { libc::gettid() }
}

/// The page under a stack that cannot be written to.
const GUARD: usize = 4096;

/// The memory of a stack, with the guard under it.
struct Memory {
    start: NonNull<c_void>,
    size: usize,
}

impl Memory {
    fn new(size: usize) -> Option<Memory> {
        let size = size.max(64 * 1024).checked_next_multiple_of(GUARD)?.checked_add(GUARD)?;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_STACK;
        // SAFETY: new memory, at a place of the system's choice.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return None;
        }
        let memory = Memory { start: NonNull::new(start)?, size };
        // SAFETY: the first page of what was just mapped, which nothing uses.
        let guarded = unsafe { libc::mprotect(start, GUARD, libc::PROT_NONE) };
        (guarded == 0).then_some(memory)
    }
}

// SAFETY: memory that nobody but its thread uses; the address is for unmapping it.
unsafe impl Send for Memory {}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: mapped by `new` with this size; no thread runs on it.
        unsafe { libc::munmap(self.start.as_ptr(), self.size) };
    }
}

/// A thread with its stack. It must not be dropped while the thread is there.
pub struct Native {
    /// The system's number, 0 before it runs.
    number: Arc<AtomicI32>,
    /// Unmapped with this.
    _memory: Memory,
    /// The identity.
    pub identity: libc::pthread_t,
}

/// What a thread is started with.
struct Begin {
    number: Arc<AtomicI32>,
    body: Box<dyn FnOnce() + Send>,
}

extern "C" fn enter(begin: *mut c_void) -> *mut c_void {
    // SAFETY: `start` hands over a box, to this thread alone.
    let Begin { number: place, body } = *unsafe { Box::from_raw(begin.cast::<Begin>()) };
    place.store(number(), Ordering::Release);
    drop(place);
    // What went wrong was told by the panic's hook.
    let _ = catch_unwind(AssertUnwindSafe(body));
    std::ptr::null_mut()
}

impl Native {
    /// Starts a thread, which nobody needs to wait for if it is `detached`; nothing where the system has no more.
    pub fn start(stack: usize, detached: bool, body: Box<dyn FnOnce() + Send>) -> Option<Native> {
        let memory = Memory::new(stack)?;
        let number = Arc::new(AtomicI32::new(0));
        let begin = Box::into_raw(Box::new(Begin { number: number.clone(), body }));
        // SAFETY: the attributes are initialised before use; the stack is the thread's alone; the box is the thread's if it starts, ours if not.
        unsafe {
            let mut attributes = std::mem::zeroed::<libc::pthread_attr_t>();
            let mut identity = std::mem::zeroed::<libc::pthread_t>();
            libc::pthread_attr_init(&mut attributes);
            if detached {
                libc::pthread_attr_setdetachstate(&mut attributes, libc::PTHREAD_CREATE_DETACHED);
            }
            let bottom = memory.start.as_ptr().byte_add(GUARD);
            let mut failed = libc::pthread_attr_setstack(&mut attributes, bottom, memory.size - GUARD);
            if failed == 0 {
                failed = libc::pthread_create(&mut identity, &attributes, enter, begin.cast());
            }
            libc::pthread_attr_destroy(&mut attributes);
            if failed != 0 {
                drop(Box::from_raw(begin));
                return None;
            }
            Some(Native { number, _memory: memory, identity })
        }
    }

    /// Waits for the end of a thread that is not detached.
    pub fn join(self) {
        // SAFETY: nobody else waits for the thread or has detached it: it is joined by its only owner.
        unsafe { libc::pthread_join(self.identity, std::ptr::null_mut()) };
    }

    /// Whether the thread is gone from the process.
    pub fn is_gone(&self) -> bool {
        let number = self.number.load(Ordering::Acquire);
        number != 0 && !exists(number)
    }
}
