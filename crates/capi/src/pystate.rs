//! `pystate.h`: thread states that C makes and ends itself, and interpreters.

use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use habu_runtime::threads::{Interpreter, Thread};

use crate::border::*;
use crate::ceval::swap;

/// A state that C made: it stands in a box of its own, which is freed without dropping what is left in it.
type Made = ManuallyDrop<Thread>;

/// Takes a state out of its interpreter and frees its memory; what it held of objects was dropped by `PyThreadState_Clear`.
///
/// # Safety
/// `PyThreadState_New` made the state, it is not current, and the lock of its interpreter is held or nobody else uses it.
unsafe fn free(thread: *mut Thread) {
    // SAFETY: by the contract.
    unsafe {
        (*thread).interpreter().threads.remove(&*thread);
        (*thread).free_stack();
        drop(Box::from_raw(thread.cast::<Made>()));
    }
}

export! {
    fn PyThreadState_New(interpreter: &'static Interpreter) -> *mut Thread {
        let thread = Box::new(ManuallyDrop::new(Thread::new(NonNull::from(interpreter))));
        let limit = interpreter.threads.snapshot().first().map_or(1000, |first| first.recursion_limit.get());
        thread.recursion_limit.set(limit);
        thread.recursion_remaining.set(limit);
        interpreter.threads.add(&thread);
        Box::into_raw(thread).cast()
    }
    fn _PyThreadState_Prealloc(interpreter: &'static Interpreter) -> *mut Thread {
        // SAFETY: as for this function.
        unsafe { PyThreadState_New(interpreter) }
    }
    fn PyThreadState_Clear(thread: &Thread) -> () {
        thread.clear();
        drop(thread.state.take());
        thread.clear();
    }
    fn PyThreadState_Delete(thread: *mut Thread) -> () {
        // SAFETY: a state that C made, not current.
        unsafe { free(thread) }
    }
    fn PyThreadState_DeleteCurrent() -> () {
        let thread = std::ptr::from_ref(Thread::current()).cast_mut();
        // SAFETY: a state that C made, which the thread of the operating system gives up; the list is changed while the lock is held.
        unsafe {
            (*thread).interpreter().threads.remove(&*thread);
            swap(std::ptr::null());
            crate::ceval::forget(thread);
            (*thread).free_stack();
            drop(Box::from_raw(thread.cast::<Made>()));
        }
    }
    fn _PyThreadState_DeleteCurrent(_thread: *mut Thread) -> () {
        // SAFETY: as for this function.
        unsafe { PyThreadState_DeleteCurrent() }
    }
    // There is one interpreter in a process: C is told that there is no room for another.
    fn Py_NewInterpreter() -> *mut Thread { std::ptr::null_mut() }
    fn Py_EndInterpreter(_thread: *mut Thread) -> () {}
}
