//! The module `_thread`: locks, thread-local data, identities of threads.

pub mod local;
pub mod lock;

use habu_macros::pymodule;
use habu_runtime::exceptions::report::exception_text;
use habu_runtime::exceptions::{BaseException, exc};
use habu_runtime::object::{Object, PyType, Raised, Ref, protocol};
use habu_runtime::threads::{Thread, spawn};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::float::Float;
use habu_runtime::types::module::Module;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::traceback::Traceback;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::weakref::WeakReference;
use habu_runtime::{id, raise, struct_sequence};
use std::sync::atomic::{AtomicIsize, AtomicU32, Ordering};

use crate::system::CInt;
use lock::Lock;

struct_sequence! {
    heap doc "ExceptHookArgs\n\nType used to pass arguments to threading.excepthook."
    pub static EXCEPT_HOOK_ARGS = "_thread._ExceptHookArgs", visible 4,
    {
        exc_type: "Exception type",
        exc_value: "Exception value",
        exc_traceback: "Exception traceback",
        thread: "Thread",
    }
}

/// The module.
pub struct ThreadModule;

pub use habu_runtime::threads::identity;

/// The threads that `start_new_thread` started and that have not ended.
static RUNNING: AtomicU32 = AtomicU32::new(0);

/// The stack size of new threads in bytes, 0 for the system's default.
static STACK_SIZE: AtomicIsize = AtomicIsize::new(0);

/// The name under which a thread keeps the lock that is freed when it ends.
const SENTINEL: &str = "_thread.sentinel";

/// What a process that was just forked must know: it has this thread alone.
pub fn after_fork() {
    let thread = Thread::current();
    let interpreter = thread.interpreter();
    // SAFETY: the other threads are not in this process.
    unsafe { interpreter.lock.after_fork(thread) };
    interpreter.threads.keep_only(thread);
    thread.thread_id.set(identity());
    thread.running_loop_inherited.set(true);
    RUNNING.store(0, Ordering::Relaxed);
}

/// The size of the native stack of threads that start from now on, 0 for the system's; sets another where one is given.
pub fn stack_size_of_new_threads(size: Option<usize>) -> usize {
    let size = size.and_then(|size| isize::try_from(size).ok());
    let before = match size {
        Some(size) => STACK_SIZE.swap(size, Ordering::Relaxed),
        None => STACK_SIZE.load(Ordering::Relaxed),
    };
    before.unsigned_abs()
}

/// What a thread does when it ends: its thread-local objects forget it, and the lock that says that it runs is freed.
fn at_end(thread: &Thread) {
    local::forget(thread);
    let sentinel = thread.state.get().and_then(|state| state.get_str(SENTINEL).ok().flatten());
    let lock = sentinel.and_then(|reference| reference.downcast::<WeakReference>().and_then(WeakReference::target));
    if let Some(lock) = lock.as_ref().and_then(|lock| lock.downcast::<Lock>())
        && lock.raw().is_held()
    {
        lock.raw().release();
    }
}

/// What a new thread runs.
fn run(function: &Object, args: &Tuple, kwargs: Option<&Dict>) {
    RUNNING.fetch_add(1, Ordering::Relaxed);
    if let Err(raised) = protocol::call_tuple(function, args, kwargs) {
        let exception = raised.take();
        if !exception.ty().is_subtype(exc::SystemExit()) {
            let raised = Thread::current().set_exception(exception);
            habu_runtime::exceptions::unraisable_with(raised, "Exception ignored in thread started by", Some(function));
        }
    }
}

/// The state dictionary of a thread, made if there is none.
fn state_of(thread: &Thread) -> Result<Ref<Dict>, Raised> {
    match thread.state.get() {
        Some(state) => Ok(state),
        None => {
            let state = Dict::new()?;
            thread.state.set(Some(state.clone()));
            Ok(state)
        }
    }
}

/// This module provides primitive operations to write multi-threaded programs.
/// The 'threading' module provides a more convenient interface.
#[pymodule(name = "_thread")]
impl ThreadModule {
    /// start_new_thread(function, args[, kwargs])
    /// (start_new() is an obsolete synonym)
    ///
    /// Start a new thread and return its identifier.
    ///
    /// The thread will call the function with positional arguments from the
    /// tuple args and keyword arguments taken from the optional dictionary
    /// kwargs.  The thread exits when the function returns; the return value
    /// is ignored.  The thread will also exit when the function raises an
    /// unhandled exception; a stack trace will be printed unless the exception
    /// is SystemExit.
    #[signature(function, args, kwargs = None, /)]
    #[no_signature]
    #[varargs(unpack)]
    fn start_new_thread(function: &Object, args: &Object, kwargs: Option<&Object>) -> Result<u64, Raised> {
        if !protocol::is_callable(function) {
            return Err(raise!(TypeError, "first arg must be callable"));
        }
        let Some(args) = args.downcast::<Tuple>() else {
            return Err(raise!(TypeError, "2nd arg must be a tuple"));
        };
        let kwargs = match kwargs {
            None => None,
            Some(kwargs) => match kwargs.downcast::<Dict>() {
                Some(kwargs) => Some(Ref::from_borrowed(kwargs)),
                None => return Err(raise!(TypeError, "optional 3rd arg must be a dictionary")),
            },
        };
        let (function, args) = (function.to_ref(), Ref::from_borrowed(args));
        let body = move || {
            run(&function, &args, kwargs.as_deref());
            drop((function, args, kwargs));
            RUNNING.fetch_sub(1, Ordering::Relaxed);
        };
        let stack = STACK_SIZE.load(Ordering::Relaxed) as usize;
        // SAFETY: interpreters are never freed.
        let interpreter = unsafe { &*std::ptr::from_ref(Thread::current().interpreter()) };
        match spawn::spawn(interpreter, stack, Box::new(body)) {
            Some(identity) => Ok(identity),
            None => Err(raise!(RuntimeError, "can't start new thread")),
        }
    }

    /// start_new_thread(function, args[, kwargs])
    #[signature(function, args, kwargs = None, /)]
    #[no_signature]
    #[varargs(unpack)]
    fn start_new(function: &Object, args: &Object, kwargs: Option<&Object>) -> Result<u64, Raised> {
        ThreadModule::start_new_thread(function, args, kwargs)
    }

    /// allocate_lock() -> lock object
    /// (allocate() is an obsolete synonym)
    ///
    /// Create a new lock object. See help(type(threading.Lock())) for
    /// information about locks.
    #[no_signature]
    fn allocate_lock() -> Result<Ref<Lock>, Raised> {
        Lock::new()
    }

    /// allocate_lock() -> lock object
    #[no_signature]
    fn allocate() -> Result<Ref<Lock>, Raised> {
        Lock::new()
    }

    /// exit()
    /// (exit_thread() is an obsolete synonym)
    ///
    /// This is synonymous to ``raise SystemExit''.  It will cause the current
    /// thread to exit silently unless the exception is caught.
    #[no_signature]
    fn exit() -> Result<(), Raised> {
        Err(habu_runtime::exceptions::raise_with_arguments(exc::SystemExit(), &[]))
    }

    /// exit()
    #[no_signature]
    fn exit_thread() -> Result<(), Raised> {
        ThreadModule::exit()
    }

    /// interrupt_main(signum=signal.SIGINT, /)
    ///
    /// Simulate the arrival of the given signal in the main thread,
    /// where the corresponding signal handler will be executed.
    /// If *signum* is omitted, SIGINT is assumed.
    /// A subthread can use this function to interrupt the main thread.
    ///
    /// Note: the default signal handler for SIGINT raises ``KeyboardInterrupt``.
    #[signature(signum = CInt(libc::SIGINT), /)]
    #[no_signature]
    fn interrupt_main(signum: CInt) -> Result<(), Raised> {
        crate::signal::signal_number(signum.0)?;
        crate::signal::pending::trip(signum.0);
        Ok(())
    }

    /// get_ident() -> integer
    ///
    /// Return a non-zero integer that uniquely identifies the current thread
    /// amongst other threads that exist simultaneously.
    ///
    /// This may be used to identify per-thread resources.  Even though on
    /// some platforms threads identities may appear to be allocated
    /// consecutive numbers starting at 1, this behavior should not be relied
    /// upon, and the number should be seen purely as a magic cookie.
    /// A thread's identity may be reused for another thread after it exits.
    #[no_signature]
    fn get_ident() -> Result<u64, Raised> {
        Ok(identity())
    }

    /// get_native_id() -> integer
    ///
    /// Return a non-negative integer identifying the thread as reported
    /// by the OS (kernel). This may be used to uniquely identify a
    /// particular thread within a system.
    #[no_signature]
    fn get_native_id() -> Result<i64, Raised> {
        // SAFETY: a plain call.
        Ok(unsafe { libc::syscall(libc::SYS_gettid) })
    }

    /// _count() -> integer
    ///
    /// Return the number of currently running Python threads, excluding
    /// the main thread. The returned number comprises all threads created
    /// through `start_new_thread()` as well as `threading.Thread`, and not
    /// yet finished.
    ///
    /// This function is meant for internal and specialized purposes only.
    /// In most applications `threading.enumerate()` should be used instead.
    #[name = "_count"]
    #[no_signature]
    fn count() -> Result<u32, Raised> {
        Ok(RUNNING.load(Ordering::Relaxed))
    }

    /// stack_size([size]) -> size
    ///
    /// Return the thread stack size used when creating new threads.  The
    /// optional size argument specifies the stack size (in bytes) to be used
    /// for subsequent new threads.  The size must be 0 (use platform or
    /// configured default) or a positive integer value of at least 32,768 (32k).
    #[signature(size = 0, /)]
    #[no_signature]
    fn stack_size(size: isize) -> Result<isize, Raised> {
        if size < 0 {
            return Err(raise!(ValueError, "size must be 0 or a positive value"));
        }
        if size > 0 && size < 32768 {
            return Err(raise!(ValueError, "size not valid: {size} bytes"));
        }
        Ok(STACK_SIZE.swap(size, Ordering::Relaxed))
    }

    /// _set_sentinel() -> lock
    ///
    /// Set a sentinel lock that will be released when the current thread
    /// state is finalized (after it is untied from the interpreter).
    ///
    /// This is a private API for the threading module.
    #[name = "_set_sentinel"]
    #[no_signature]
    fn set_sentinel() -> Result<Ref<Lock>, Raised> {
        let lock = Lock::new()?;
        let reference = WeakReference::plain(&lock)?;
        state_of(Thread::current())?.set_str(SENTINEL, &reference)?;
        Ok(lock)
    }

    /// excepthook(exc_type, exc_value, exc_traceback, thread)
    ///
    /// Handle uncaught Thread.run() exception.
    #[name = "_excepthook"]
    #[no_signature]
    fn excepthook(args: &Object) -> Result<(), Raised> {
        let field = |index| habu_runtime::types::structseq::field(EXCEPT_HOOK_ARGS, args, index);
        let (Some(kind), Some(value), Some(traceback)) = (field(0), field(1), field(2)) else {
            return Err(raise!(TypeError, "_thread.excepthook argument type must be ExceptHookArgs"));
        };
        if kind.is(exc::SystemExit()) {
            return Ok(());
        }
        let thread = field(3).filter(|thread| !is_none(thread));
        // A thread remembers what stderr was when it started.
        let mut stderr = crate::system::sys_attribute("stderr")?.filter(|file| !is_none(file));
        if let (None, Some(thread)) = (&stderr, &thread) {
            let kept = protocol::lookup_attribute(thread, &*Str::intern("_stderr")?)?;
            stderr = kept.filter(|file| !is_none(file));
        }
        let Some(stderr) = stderr else { return Ok(()) };
        let name = match thread {
            Some(thread) => protocol::str(&*protocol::get_attribute_str(&thread, "name")?)?.to_string_lossy(),
            None => identity().to_string(),
        };
        let write = |text: &Str| protocol::call_method(&stderr, id!(write), &[text]);
        write(&*Str::new(&format!("Exception in thread {name}:\n"))?)?;
        match value.downcast::<BaseException>() {
            Some(exception) => {
                if exception.traceback.is_empty() {
                    exception.traceback.set(traceback.downcast_into::<Traceback>().ok());
                }
                write(&*exception_text(exception)?)?;
            }
            None => {
                let found = value.ty().full_name();
                let text = format!("TypeError: print_exception(): Exception expected for value, {found} found\n");
                write(&*Str::new(&text)?)?;
            }
        }
        protocol::call_method(&stderr, &*Str::intern("flush")?, &[]).map(drop)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        use habu_runtime::types::type_::ready::ready_static;
        Thread::current().interpreter().threads.at_end(at_end);
        ready_static(Lock::static_type())?;
        module.set("LockType", Lock::type_object())?;
        module.add_type(lock::RLock::static_type())?;
        module.add_type(local::Local::static_type())?;
        EXCEPT_HOOK_ARGS.ready()?;
        module.set("_ExceptHookArgs", EXCEPT_HOOK_ARGS.type_object())?;
        module.set("error", exc::RuntimeError())?;
        module.set("TIMEOUT_MAX", &*Float::new(lock::TIMEOUT_MAX)?)
    }
}
