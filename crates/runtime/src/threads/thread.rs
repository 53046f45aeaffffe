//! A thread that runs Python: its exception, its depth, its trashcan.

use std::cell::Cell;
use std::ptr::NonNull;

use super::interpreter::Interpreter;
use crate::exceptions::BaseException;
use crate::object::field::Field;
use crate::object::header::Object;
use crate::object::raised::Raised;
use crate::object::reference::Ref;

/// What is put aside while deep structures end.
pub struct Trash {
    /// How many containers are ending inside one another.
    pub depth: Cell<u32>,
    /// The objects put aside, linked through their GC heads.
    pub later: Cell<*mut Object>,
}

/// The state of one thread in one interpreter (`PyThreadState`).
pub struct Thread {
    interpreter: NonNull<Interpreter>,
    /// The exception that is being raised.
    pub(crate) exception: Field<BaseException>,
    /// How many calls may nest before RecursionError.
    pub recursion_limit: Cell<i32>,
    /// How many more calls may nest before RecursionError.
    pub recursion_remaining: Cell<i32>,
    /// The lowest address that the native stack may reach.
    pub stack_limit: Cell<usize>,
    /// Containers put aside by the trashcan.
    pub trash: Trash,
    /// The containers whose `repr` is running.
    pub repr_running: crate::object::protocol::repr_guard::Innermost,
    /// The current context of context variables (PEP 567), once it is needed.
    pub context: Field,
    /// What evaluation keeps of the thread: frames, handled exceptions, tracing.
    pub eval: crate::eval::EvalState,
}

thread_local! {
    static CURRENT: Cell<*const Thread> = const { Cell::new(std::ptr::null()) };
}

impl Thread {
    /// A thread of `interpreter`, not current yet.
    pub fn new(interpreter: NonNull<Interpreter>) -> Thread {
        Thread {
            interpreter,
            exception: Field::empty(),
            recursion_limit: Cell::new(1000),
            recursion_remaining: Cell::new(1000),
            stack_limit: Cell::new(native_stack_limit()),
            repr_running: Default::default(),
            trash: Trash { depth: Cell::new(0), later: Cell::new(std::ptr::null_mut()) },
            context: Field::empty(),
            eval: crate::eval::EvalState::new(),
        }
    }

    /// Makes `thread` the current one of this operating system thread; gives the one before.
    ///
    /// # Safety
    /// `thread` is null or stays alive as long as it is current, and its interpreter's lock is held.
    pub unsafe fn make_current(thread: *const Thread) -> *const Thread {
        CURRENT.replace(thread)
    }

    /// The current thread.  Python code and all that handles objects runs with one: it holds the interpreter's lock.
    /// The borrow must stay on this operating system thread, which `Thread`, being neither `Send` nor `Sync`, ensures.
    #[inline(always)]
    pub fn current() -> &'static Thread {
        let thread = CURRENT.get();
        debug_assert!(!thread.is_null(), "no current Python thread");
        // SAFETY: code that handles objects runs only while a thread is current, and make_current's caller keeps it alive.
        unsafe { &*thread }
    }

    /// Whether this operating system thread has a current thread.
    pub fn is_attached() -> bool {
        !CURRENT.get().is_null()
    }

    /// The thread's interpreter.
    #[inline(always)]
    pub fn interpreter(&self) -> &Interpreter {
        // SAFETY: an interpreter outlives its threads.
        unsafe { self.interpreter.as_ref() }
    }

    /// Sets the exception that is being raised.
    #[inline]
    pub fn set_exception(&self, exception: Ref<BaseException>) -> Raised {
        self.exception.set(Some(exception));
        Raised::set()
    }

    /// Takes the exception that is being raised: the error is handled from here on.
    #[inline]
    pub fn take_exception(&self) -> Option<Ref<BaseException>> {
        self.exception.take()
    }

    /// Whether an exception is being raised.
    #[inline(always)]
    pub fn has_exception(&self) -> bool {
        !self.exception.is_empty()
    }

    /// The exception that is being raised, left in place.
    pub fn exception(&self) -> Option<Ref<BaseException>> {
        self.exception.get()
    }
}

impl Raised {
    /// Takes the exception that this says is set.  When none is (a fault of Habu), it is a SystemError.
    pub fn take(self) -> Ref<BaseException> {
        let thread = Thread::current();
        match thread.take_exception() {
            Some(exception) => exception,
            None => {
                let _ = crate::raise!(SystemError, "error return without exception set");
                match thread.take_exception() {
                    Some(exception) => exception,
                    None => crate::exceptions::last_resort(),
                }
            }
        }
    }

    /// Handles the error by forgetting it.
    pub fn clear(self) {
        drop(Thread::current().take_exception());
    }
}

/// The lowest address that this operating system thread's stack may reach, with a reserve for the error to be raised.
fn native_stack_limit() -> usize {
    const RESERVE: usize = 128 * 1024;
    // SAFETY: the attributes are initialised by pthread_getattr_np before they are read, and destroyed once.
    unsafe {
        let mut attributes = std::mem::zeroed::<libc::pthread_attr_t>();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            return 0;
        }
        let (mut start, mut size) = (std::ptr::null_mut(), 0);
        let found = libc::pthread_attr_getstack(&attributes, &mut start, &mut size);
        libc::pthread_attr_destroy(&mut attributes);
        if found == 0 { start as usize + RESERVE } else { 0 }
    }
}

/// A call that recurses in native code: counted against the recursion limit, and stopped before the native stack ends.
pub struct NativeCall(());

impl NativeCall {
    /// Enters the call; `place` ends the message of the RecursionError.
    #[inline]
    pub fn enter(place: &str) -> Result<NativeCall, Raised> {
        let thread = Thread::current();
        let remaining = thread.recursion_remaining.get() - 1;
        let marker = 0u8;
        if remaining < 0 || (&raw const marker as usize) < thread.stack_limit.get() {
            return Err(recursion_error(place));
        }
        thread.recursion_remaining.set(remaining);
        Ok(NativeCall(()))
    }
}

impl Drop for NativeCall {
    #[inline]
    fn drop(&mut self) {
        let remaining = &Thread::current().recursion_remaining;
        remaining.set(remaining.get() + 1);
    }
}

/// Raises RecursionError, with some more calls allowed while the error is made.
#[cold]
pub fn recursion_error(place: &str) -> Raised {
    let thread = Thread::current();
    let (remaining, stack) = (thread.recursion_remaining.get(), thread.stack_limit.get());
    thread.recursion_remaining.set(remaining + 50);
    thread.stack_limit.set(stack.saturating_sub(64 * 1024));
    let raised = crate::raise!(RecursionError, "maximum recursion depth exceeded{place}");
    thread.recursion_remaining.set(remaining);
    thread.stack_limit.set(stack);
    raised
}
