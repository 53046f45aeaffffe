//! A thread that runs Python: its exception, its depth, its trashcan.

use std::cell::Cell;
use std::ffi::c_int;
use std::mem::offset_of;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use super::interpreter::Interpreter;
use super::raised_triple::RaisedTriple;
use crate::exceptions::BaseException;
use crate::object::field::Field;
use crate::object::header::Object;
use crate::object::raised::Raised;
use crate::object::reference::Ref;
use crate::types::dict::Dict;

/// What is put aside while deep structures end.
#[repr(C)]
pub struct Trash {
    /// How many containers are ending inside one another.
    pub depth: Cell<u32>,
    /// The objects put aside, linked through their GC heads.
    pub later: Cell<*mut Object>,
}

/// The state of one thread in one interpreter (`PyThreadState`): its first 360 bytes are as in CPython 3.11, since compiled
/// extensions read and write some of these fields themselves.
#[repr(C)]
pub struct Thread {
    /// The other threads of the interpreter, in a list.
    pub previous: Cell<*const Thread>,
    /// The next one of the list.
    pub next: Cell<*const Thread>,
    interpreter: NonNull<Interpreter>,
    initialized: c_int,
    statically_allocated: c_int,
    /// How many more calls may nest before RecursionError.
    pub recursion_remaining: Cell<i32>,
    /// How many calls may nest before RecursionError.
    pub recursion_limit: Cell<i32>,
    recursion_headroom: Cell<c_int>,
    /// How deep the thread is in trace functions.
    pub tracing: Cell<c_int>,
    tracing_what: Cell<c_int>,
    cframe: Cell<*const crate::eval::CFrame>,
    c_profile_function: Cell<*const ()>,
    c_trace_function: Cell<*const ()>,
    c_profile_object: Cell<*const Object>,
    c_trace_object: Cell<*const Object>,
    /// The exception that is being raised.
    pub raised: RaisedTriple,
    /// The item of the exceptions that are being handled.
    pub exc_info: Cell<*const crate::eval::HandledExceptions>,
    /// `PyThreadState_GetDict`
    pub dict: Field<Dict>,
    /// How often `PyGILState_Ensure` was called.
    pub gilstate_counter: Cell<c_int>,
    /// An exception that another thread asked for.
    pub async_exception: Field,
    /// The identity of the operating system's thread.
    pub thread_id: Cell<u64>,
    /// The operating system's number of the thread.
    pub native_thread_id: Cell<u64>,
    /// Containers put aside by the trashcan.
    pub trash: Trash,
    on_delete: Cell<*const ()>,
    on_delete_data: Cell<*const ()>,
    c_coroutine_origin_depth: Cell<c_int>,
    c_async_gen_hooks: [Cell<*const Object>; 2],
    /// The current context (`contextvars`).
    pub context: Field,
    /// Changes whenever the current context does.
    pub context_version: Cell<u64>,
    /// A number of the thread, unique in its interpreter.
    pub id: u64,
    trace_info: [usize; 6],
    /// What evaluation keeps of the thread: frames, handled exceptions, tracing.
    pub eval: crate::eval::EvalState,
    /// The lowest address that the native stack may reach.
    pub stack_limit: Cell<usize>,
    /// The containers whose `repr` is running.
    pub repr_running: crate::object::protocol::repr_guard::Innermost,
    /// What it does with the interpreter's lock.
    pub lock_use: LockUse,
    /// Objects that modules keep for the thread, by name.
    pub state: Field<crate::types::dict::Dict>,
    /// The event loop that runs in the thread (`asyncio`).
    pub running_loop: Field,
    /// Whether that is a loop of the process that this one was forked from, which does not run here.
    pub running_loop_inherited: Cell<bool>,
}

/// What a thread keeps of its use of the interpreter's lock.
#[derive(Default)]
pub struct LockUse {
    /// Figures for the observer.
    pub figures: super::lock::LockFigures,
    /// When it took the lock, while it holds it.
    pub since: Cell<Option<super::lock::Moment>>,
    /// Whether it gave the lock up by itself after a short while.
    pub eager: Cell<bool>,
    /// When it gave the lock up last.
    pub gone: Cell<Option<super::lock::Moment>>,
}

const _: () = assert!(offset_of!(Thread, interpreter) == 0x10 && offset_of!(Thread, recursion_remaining) == 0x20);
const _: () = assert!(offset_of!(Thread, recursion_limit) == 0x24 && offset_of!(Thread, cframe) == 0x38);
const _: () = assert!(offset_of!(Thread, raised) == 0x60 && offset_of!(Thread, exc_info) == 0x78);
const _: () = assert!(offset_of!(Thread, dict) == 0x80 && offset_of!(Thread, thread_id) == 0x98);
const _: () = assert!(offset_of!(Thread, context) == 0xe0 && offset_of!(Thread, id) == 0xf0);
const _: () = assert!(offset_of!(Thread, trash) == 0xa8 && offset_of!(Thread, eval) == 0x128);

thread_local! {
    static CURRENT: Cell<*const Thread> = const { Cell::new(std::ptr::null()) };
}

impl Thread {
    /// A thread of `interpreter`, not current yet.
    pub fn new(interpreter: NonNull<Interpreter>) -> Thread {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Thread {
            previous: Cell::new(std::ptr::null()),
            next: Cell::new(std::ptr::null()),
            interpreter,
            initialized: 1,
            statically_allocated: 0,
            recursion_remaining: Cell::new(1000),
            recursion_limit: Cell::new(1000),
            recursion_headroom: Cell::new(0),
            tracing: Cell::new(0),
            tracing_what: Cell::new(0),
            cframe: Cell::new(std::ptr::null()),
            c_profile_function: Cell::new(std::ptr::null()),
            c_trace_function: Cell::new(std::ptr::null()),
            c_profile_object: Cell::new(std::ptr::null()),
            c_trace_object: Cell::new(std::ptr::null()),
            raised: RaisedTriple::new(),
            exc_info: Cell::new(std::ptr::null()),
            dict: Field::empty(),
            gilstate_counter: Cell::new(1),
            async_exception: Field::empty(),
            thread_id: Cell::new(super::identity()),
            // SAFETY: a plain call.
            native_thread_id: Cell::new(unsafe { libc::syscall(libc::SYS_gettid) } as u64),
            trash: Trash { depth: Cell::new(0), later: Cell::new(std::ptr::null_mut()) },
            on_delete: Cell::new(std::ptr::null()),
            on_delete_data: Cell::new(std::ptr::null()),
            c_coroutine_origin_depth: Cell::new(0),
            c_async_gen_hooks: [Cell::new(std::ptr::null()), Cell::new(std::ptr::null())],
            context: Field::empty(),
            context_version: Cell::new(1),
            id: LAST.fetch_add(1, Ordering::Relaxed) + 1,
            trace_info: [0; 6],
            eval: crate::eval::EvalState::new(),
            stack_limit: Cell::new(native_stack_limit()),
            repr_running: Default::default(),
            lock_use: Default::default(),
            state: Field::empty(),
            running_loop: Field::empty(),
            running_loop_inherited: Cell::new(false),
        }
    }

    /// Makes `thread` the current one of this operating system thread; gives the one before.
    ///
    /// # Safety
    /// `thread` is null or stays alive as long as it is current, and its interpreter's lock is held.
    pub unsafe fn make_current(thread: *const Thread) -> *const Thread {
        // SAFETY: alive, by the contract.
        if let Some(thread) = unsafe { thread.as_ref() } {
            thread.settle();
        }
        crate::types::int::value::set_running_thread(thread.cast());
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

    /// Says that this operating system thread runs with this state now, where another one made it.
    pub fn adopt(&self) {
        let identity = super::identity();
        if self.thread_id.get() != identity {
            self.thread_id.set(identity);
            // SAFETY: a plain call.
            self.native_thread_id.set(unsafe { libc::syscall(libc::SYS_gettid) } as u64);
            self.stack_limit.set(native_stack_limit());
        }
    }

    /// Fills in what depends on where the thread's state stands.
    fn settle(&self) {
        if self.cframe.get().is_null() {
            self.cframe.set(&raw const self.eval.root);
        }
        if self.exc_info.get().is_null() {
            self.exc_info.set(&raw const self.eval.handled);
        }
    }

    /// The place of the frame that runs. An extension that switches native stacks (greenlet) puts another place here.
    #[inline(always)]
    pub fn frame(&self) -> &Cell<*mut crate::eval::frame::Frame> {
        // SAFETY: set by `settle` before the thread runs anything; what an extension sets lives as long as it is set.
        unsafe { &(*self.cframe.get()).current_frame }
    }

    /// The item of the exceptions that are being handled now.
    #[inline(always)]
    pub fn handled_item(&self) -> &crate::eval::HandledExceptions {
        // SAFETY: set by `settle`; a generator that runs stays alive, and takes its item off when it stops.
        unsafe { &*self.exc_info.get() }
    }

    /// The exception that is being handled, by this frame or a caller (`sys.exception()`).
    pub fn handled_exception(&self) -> Option<Ref<BaseException>> {
        let mut item = self.handled_item();
        loop {
            if let Some(exception) = item.exception.get() {
                return Some(exception);
            }
            // SAFETY: null for the thread's own item; the callers' items live as long as theirs.
            item = unsafe { item.previous.get().as_ref()? };
        }
    }

    /// The thread's interpreter.
    #[inline(always)]
    pub fn interpreter(&self) -> &Interpreter {
        // SAFETY: an interpreter outlives its threads.
        unsafe { self.interpreter.as_ref() }
    }

    /// Drops what evaluation holds of objects: the thread will run no more Python code of its own.
    pub fn clear(&self) {
        drop(self.take_exception());
        drop(self.async_exception.take());
        drop(self.context.take());
        drop(self.dict.take());
        drop(self.running_loop.take());
        self.eval.clear();
    }

    /// Gives the memory of frames back; none is left.
    pub fn free_stack(&self) {
        self.eval.stack.free(&self.eval.spare);
    }

    /// Sets the exception that is being raised.
    #[inline]
    pub fn set_exception(&self, exception: Ref<BaseException>) -> Raised {
        self.raised.set(exception);
        Raised::set()
    }

    /// Takes the exception that is being raised: the error is handled from here on.
    #[inline]
    pub fn take_exception(&self) -> Option<Ref<BaseException>> {
        self.raised.take()
    }

    /// Whether an exception is being raised.
    #[inline(always)]
    pub fn has_exception(&self) -> bool {
        self.raised.is_set()
    }

    /// The exception that is being raised, left in place.
    pub fn exception(&self) -> Option<Ref<BaseException>> {
        self.raised.get()
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

/// Stops a recursion in native code that does not count against the recursion limit, before the native stack ends: iterators over
/// iterators, hashes of nested tuples.
#[inline]
pub fn check_native_stack() -> Result<(), Raised> {
    if native_stack_is_short() {
        return Err(recursion_error(""));
    }
    Ok(())
}

/// Whether so little of the native stack is left that a recursion must end.
#[inline]
pub fn native_stack_is_short() -> bool {
    let marker = 0u8;
    (&raw const marker as usize) < Thread::current().stack_limit.get()
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
