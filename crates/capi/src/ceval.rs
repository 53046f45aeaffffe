//! `ceval.h`, `pystate.h`, `pythread.h`, `pylifecycle.h`: threads, their states and the interpreter's lock.

use std::ffi::{c_int, c_ulong, c_void};
use std::sync::Mutex;

use habu_modules::signal::calls;
use habu_runtime::eval;
use habu_runtime::eval::trace::Hook;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::threads::audit::audit;
use habu_runtime::threads::spawn::{self, Attached};
use habu_runtime::threads::{Interpreter, Thread};
use habu_runtime::types::code::{Code, extra};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::function::Function;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use crate::border::*;

/// The interpreter, also for a thread that has no state any more; null once it is ending.
fn main() -> *const Interpreter {
    let main = habu_runtime::threads::start::main_interpreter().filter(|main| !main.finalizing.get());
    main.map_or(std::ptr::null(), std::ptr::from_ref)
}

/// Runs the handlers of signals that arrived.
pub(crate) fn check_signals() -> Result<(), Raised> {
    if !habu_modules::signal::pending::is_main_thread() {
        return Ok(());
    }
    habu_modules::signal::pending::run_handlers()
}

/// The current thread's state; null where there is none.
fn current() -> *const Thread {
    if Thread::is_attached() { std::ptr::from_ref(Thread::current()) } else { std::ptr::null() }
}

/// Makes a thread state current, with the lock of its interpreter, or none; gives the one before.
pub(crate) fn swap(thread: *const Thread) -> *const Thread {
    let before = current();
    if std::ptr::eq(before, thread) {
        return before;
    }
    // SAFETY: null, or states that C keeps alive and that belong to this thread of the operating system; the current one holds the lock.
    unsafe {
        if let Some(before) = before.as_ref() {
            OWN.set(before);
            before.interpreter().lock.release(before);
        }
        if let Some(thread) = thread.as_ref() {
            thread.interpreter().lock.take(thread);
            thread.adopt();
        }
    }
    before
}

/// Forgets a state that is about to be freed as this thread's own.
pub(crate) fn forget(thread: *const Thread) {
    if std::ptr::eq(OWN.get(), thread) {
        OWN.set(std::ptr::null());
    }
}

/// `PyGILState_Ensure` without the lock: the thread's own state, or a new one where it has none.
fn ensure() {
    let own = OWN.get();
    if !own.is_null() {
        swap(own);
        return;
    }
    if let Some(interpreter) = habu_runtime::threads::start::main_interpreter() {
        let attached = Attached::new(interpreter);
        OWN.set(attached.thread());
        ATTACHED.set(Some(attached));
    }
}

/// `PyGILState_Release` by who had to ensure the lock.
fn release() {
    let thread = Thread::current();
    if let Some(attached) = ATTACHED.take() {
        if std::ptr::eq(attached.thread(), thread) && thread.gilstate_counter.get() <= 1 {
            OWN.set(std::ptr::null());
            drop(attached);
            return;
        }
        ATTACHED.set(Some(attached));
    }
    swap(std::ptr::null());
}

/// Whether the interpreter is ending.
fn finalizing() -> c_int {
    c_int::from(habu_runtime::threads::start::main_interpreter().is_some_and(|main| main.lock.is_kept()))
}

/// The dictionary of a thread.
fn thread_dict(thread: &Thread) -> Borrowed {
    match thread.dict.get() {
        Some(dict) => borrow(&dict),
        None => match Dict::new() {
            Ok(dict) => {
                let pointer = borrow(&dict);
                thread.dict.set(Some(dict));
                pointer
            }
            Err(raised) => {
                raised.clear();
                NULL
            }
        },
    }
}

/// A lock of C (`PyThread_type_lock`): taken or not, with a condition to wait for.
struct Lock {
    taken: Mutex<bool>,
    freed: std::sync::Condvar,
}

/// # Safety
/// What `PyThread_allocate_lock` gave and nobody freed.
unsafe fn lock<'a>(pointer: *mut c_void) -> &'a Lock {
    // SAFETY: by the contract.
    unsafe { &*pointer.cast::<Lock>() }
}

/// Waits for a lock: microseconds, or -1 for as long as it takes.
fn acquire(lock: &Lock, microseconds: i64) -> bool {
    let Ok(mut taken) = lock.taken.lock() else { return false };
    if microseconds < 0 {
        while *taken {
            match lock.freed.wait(taken) {
                Ok(again) => taken = again,
                Err(_) => return false,
            }
        }
    } else {
        let until = std::time::Instant::now() + std::time::Duration::from_micros(microseconds as u64);
        while *taken {
            let left = until.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() {
                return false;
            }
            match lock.freed.wait_timeout(taken, left) {
                Ok((again, _)) => taken = again,
                Err(_) => return false,
            }
        }
    }
    *taken = true;
    true
}

/// A key for words of each thread (`Py_tss_t`).
#[repr(C)]
pub struct TssKey {
    initialized: c_int,
    key: libc::pthread_key_t,
}

/// Does something with the interpreter's lock, which C code may have let go of.
pub(crate) fn attached<R>(work: impl FnOnce() -> R) -> R {
    if Thread::is_attached() {
        return work();
    }
    ensure();
    let result = work();
    release();
    result
}

export! {
    fn PyEval_SaveThread() -> *const Thread { swap(std::ptr::null()) }
    fn PyEval_RestoreThread(thread: *const Thread) -> () { swap(thread); }
    fn PyEval_AcquireThread(thread: *const Thread) -> () { swap(thread); }
    fn PyEval_ReleaseThread(_thread: *const Thread) -> () { swap(std::ptr::null()); }
    fn PyEval_InitThreads() -> () {}
    fn PyEval_ThreadsInitialized() -> c_int { 1 }
    fn PyThreadState_Get() -> *const Thread {
        let thread = current();
        if thread.is_null() {
            habu_modules::faulthandler::fatal(
                "PyThreadState_Get: the function must be called with the GIL held, but the GIL is released \
                 (the current Python thread state is NULL)",
                || false,
            );
        }
        thread
    }
    fn _PyThreadState_UncheckedGet() -> *const Thread { current() }
    fn PyThreadState_GetUnchecked() -> *const Thread { current() }
    fn PyThreadState_Swap(thread: *const Thread) -> *const Thread { swap(thread) }
    fn PyThreadState_GetDict() -> Borrowed {
        if Thread::is_attached() { thread_dict(Thread::current()) } else { NULL }
    }
    fn _PyThreadState_GetDict(thread: &Thread) -> Borrowed { thread_dict(thread) }
    fn PyThreadState_GetInterpreter(thread: &Thread) -> *const Interpreter { thread.interpreter() }
    fn PyThreadState_GetID(thread: &Thread) -> u64 { thread.id }
    fn PyThreadState_GetFrame(_thread: &Thread) -> Option<Ref> {
        match eval::current_frame() {
            Ok(frame) => frame.map(Ref::into_object),
            Err(raised) => {
                raised.clear();
                None
            }
        }
    }
    fn PyThreadState_Next(thread: &Thread) -> *const Thread { thread.next.get() }
    fn PyThreadState_EnterTracing(thread: &Thread) -> () { thread.tracing.set(thread.tracing.get() + 1); }
    fn PyThreadState_LeaveTracing(thread: &Thread) -> () { thread.tracing.set(thread.tracing.get() - 1); }
    fn PyThreadState_SetAsyncExc(identity: c_ulong, exception: Option<&Object>) -> c_int {
        c_int::from(spawn::send_exception(Thread::current().interpreter(), identity, exception))
    }
    fn PyInterpreterState_Get() -> *const Interpreter { Thread::current().interpreter() }
    fn PyInterpreterState_Main() -> *const Interpreter { main() }
    fn PyInterpreterState_Head() -> *const Interpreter { main() }
    fn PyInterpreterState_Next(_interpreter: *const Interpreter) -> *const Interpreter { std::ptr::null() }
    fn PyInterpreterState_ThreadHead(_interpreter: *const Interpreter) -> *const Thread { current() }
    fn PyInterpreterState_GetID(_interpreter: *const Interpreter) -> i64 { 0 }
    fn PyInterpreterState_GetDict(interpreter: &Interpreter) -> Borrowed {
        match interpreter.extensions.dict() {
            Ok(dict) => borrow(&dict),
            Err(raised) => {
                raised.clear();
                NULL
            }
        }
    }
    fn _PyInterpreterState_GetEvalFrameFunc(_interpreter: *const Interpreter) -> *const c_void { std::ptr::null() }
    fn PyGILState_Ensure() -> c_int {
        if Thread::is_attached() {
            let counter = &Thread::current().gilstate_counter;
            counter.set(counter.get() + 1);
            return 0;
        }
        ensure();
        1
    }
    fn PyGILState_Release(before: c_int) -> () {
        if before == 0 {
            let counter = &Thread::current().gilstate_counter;
            counter.set(counter.get() - 1);
            return;
        }
        release();
    }
    fn PyGILState_Check() -> c_int { c_int::from(Thread::is_attached()) }
    fn PyGILState_GetThisThreadState() -> *const Thread {
        if Thread::is_attached() { current() } else { OWN.get() }
    }
    fn Py_AddPendingCall(function: calls::Function, argument: *mut c_void) -> c_int {
        // SAFETY: the caller promises it.
        if unsafe { calls::add(function, argument) } { 0 } else { -1 }
    }
    fn Py_MakePendingCalls() => c_int {
        check_signals()?;
        calls::make()
    }
    fn _Py_CheckRecursiveCall(thread: &Thread, place: Text) => c_int {
        // The macro has counted the call already.
        if thread.recursion_remaining.get() >= 0 {
            return Ok(());
        }
        thread.recursion_remaining.set(thread.recursion_remaining.get() + 1);
        Err(habu_runtime::threads::thread::recursion_error(&place.lossy()))
    }
    fn Py_EnterRecursiveCall(place: Text) => c_int {
        let call = habu_runtime::threads::thread::NativeCall::enter(&place.lossy())?;
        std::mem::forget(call);
        Ok(())
    }
    fn Py_LeaveRecursiveCall() -> () {
        let remaining = &Thread::current().recursion_remaining;
        remaining.set(remaining.get() + 1);
    }
    fn Py_GetRecursionLimit() -> c_int { Thread::current().recursion_limit.get() }
    fn Py_SetRecursionLimit(limit: c_int) -> () {
        let thread = Thread::current();
        let depth = thread.recursion_limit.get() - thread.recursion_remaining.get();
        thread.recursion_limit.set(limit);
        thread.recursion_remaining.set(limit - depth);
    }
    fn PyEval_GetBuiltins() -> Borrowed { borrow(&eval::builtins()) }
    fn PyEval_GetGlobals() -> Borrowed { eval::globals().map_or(NULL, |globals| borrow(&globals)) }
    fn PyEval_GetLocals() -> Borrowed {
        if eval::current_frame_raw().is_null() {
            let _ = raise!(SystemError, "frame does not exist");
            return NULL;
        }
        eval::locals().map_or(NULL, |locals| borrow(&locals))
    }
    fn PyEval_GetFrame() -> Borrowed {
        match eval::current_frame() {
            Ok(frame) => frame.map_or(NULL, |frame| borrow(&frame)),
            Err(raised) => {
                raised.clear();
                NULL
            }
        }
    }
    fn PyEval_EvalCode(code: &Object, globals: &Object, locals: Option<&Object>) => New {
        let globals = expect::<Dict>(globals)?;
        eval::run_code(expect::<Code>(code)?, globals, locals.unwrap_or(globals))
    }
    fn PyEval_EvalCodeEx(code: &Object, globals: &Object, locals: Option<&Object>, args: *const &'static Object, count: c_int, named: *const &'static Object, named_count: c_int, defaults: *const &'static Object, defaults_count: c_int, named_defaults: Option<&Object>, closure: Option<&Object>) => New {
        let (code, globals) = (expect::<Code>(code)?, expect::<Dict>(globals)?);
        // Code that has its variables in a dictionary takes no arguments.
        const NEW_LOCALS: u32 = 2;
        if code.flags.get() & NEW_LOCALS == 0 {
            return eval::run_code(code, globals, locals.unwrap_or(globals));
        }
        let defaults = items(defaults.cast(), defaults_count.max(0) as usize);
        let function = described_function(code, globals, defaults, named_defaults, closure)?;
        let positional = items(args.cast(), count.max(0) as usize);
        let kwargs = Dict::new()?;
        for pair in items(named.cast(), named_count.max(0) as usize * 2).chunks_exact(2) {
            kwargs.set(pair[0], pair[1])?;
        }
        protocol::call_tuple(&function, &*Tuple::from_borrowed(positional)?, Some(&kwargs))
    }
    fn PyEval_SetTrace(function: Option<Hook>, object: Option<&Object>) -> () {
        if let Err(raised) = Thread::current().eval.tracing.set_trace(function, object.map(Object::to_ref)) {
            habu_runtime::exceptions::unraisable(raised, None);
        }
    }
    fn PyEval_SetProfile(function: Option<Hook>, object: Option<&Object>) -> () {
        if let Err(raised) = Thread::current().eval.tracing.set_profile(function, object.map(Object::to_ref)) {
            habu_runtime::exceptions::unraisable(raised, None);
        }
    }
    fn _PyEval_SetTrace(thread: &Thread, function: Option<Hook>, object: Option<&Object>) => c_int {
        audit("sys.settrace", &[])?;
        thread.eval.tracing.set_trace(function, object.map(Object::to_ref))
    }
    fn _PyEval_SetProfile(thread: &Thread, function: Option<Hook>, object: Option<&Object>) => c_int {
        audit("sys.setprofile", &[])?;
        thread.eval.tracing.set_profile(function, object.map(Object::to_ref))
    }
    fn _PyEval_GetBuiltin(name: &Object) => New { builtin(expect::<Str>(name)?) }
    fn PyThread_get_thread_ident() -> c_ulong {
        // SAFETY: a plain call.
        unsafe { libc::pthread_self() }
    }
    fn PyThread_get_thread_native_id() -> c_ulong {
        // SAFETY: a plain call.
        unsafe { libc::syscall(libc::SYS_gettid) as c_ulong }
    }
    fn PyThread_init_thread() -> () {}
    fn PyThread_allocate_lock() -> *mut c_void {
        Box::into_raw(Box::new(Lock { taken: Mutex::new(false), freed: std::sync::Condvar::new() })).cast()
    }
    fn PyThread_free_lock(pointer: *mut c_void) -> () {
        if !pointer.is_null() {
            // SAFETY: what `PyThread_allocate_lock` gave, not used any more.
            drop(unsafe { Box::from_raw(pointer.cast::<Lock>()) });
        }
    }
    fn PyThread_acquire_lock(pointer: *mut c_void, wait: c_int) -> c_int {
        // SAFETY: a lock of C.
        c_int::from(acquire(unsafe { lock(pointer) }, if wait != 0 { -1 } else { 0 }))
    }
    fn PyThread_acquire_lock_timed(pointer: *mut c_void, microseconds: i64, _interruptible: c_int) -> c_int {
        // SAFETY: a lock of C.
        c_int::from(acquire(unsafe { lock(pointer) }, microseconds))
    }
    fn PyThread_release_lock(pointer: *mut c_void) -> () {
        // SAFETY: a lock of C.
        let lock = unsafe { lock(pointer) };
        if let Ok(mut taken) = lock.taken.lock() {
            *taken = false;
        }
        lock.freed.notify_one();
    }
    fn PyThread_start_new_thread(function: unsafe extern "C" fn(*mut c_void), argument: *mut c_void) -> c_ulong {
        let argument = argument as usize;
        // SAFETY: the function came with its argument.
        match std::thread::Builder::new().spawn(move || unsafe { function(argument as *mut c_void) }) {
            Ok(thread) => std::os::unix::thread::JoinHandleExt::as_pthread_t(&thread),
            Err(_) => c_ulong::MAX,
        }
    }
    fn PyThread_exit_thread() -> () {
        // SAFETY: ends this thread, as C asks for.
        unsafe { libc::pthread_exit(std::ptr::null_mut()) }
    }
    fn PyThread_GetInfo() => New {
        let sys = habu_runtime::import::import_module("sys")?;
        protocol::get_attribute_str(&sys, "thread_info")
    }
    fn PyThread_tss_alloc() -> *mut TssKey {
        // SAFETY: a plain call.
        unsafe { libc::calloc(1, size_of::<TssKey>()) }.cast()
    }
    fn PyThread_tss_free(key: *mut TssKey) -> () {
        // SAFETY: what `PyThread_tss_alloc` gave, or null.
        unsafe {
            if !key.is_null() {
                PyThread_tss_delete(&mut *key);
                libc::free(key.cast());
            }
        }
    }
    fn PyThread_tss_is_created(key: &TssKey) -> c_int { c_int::from(key.initialized != 0) }
    fn PyThread_tss_create(key: &mut TssKey) -> c_int {
        if key.initialized != 0 {
            return 0;
        }
        // SAFETY: the place is the caller's.
        if unsafe { libc::pthread_key_create(&mut key.key, None) } != 0 {
            return -1;
        }
        key.initialized = 1;
        0
    }
    fn PyThread_tss_delete(key: &mut TssKey) -> () {
        if key.initialized != 0 {
            // SAFETY: the key was created.
            unsafe { libc::pthread_key_delete(key.key) };
            key.initialized = 0;
        }
    }
    fn PyThread_tss_get(key: &TssKey) -> *mut c_void {
        // SAFETY: the key was created.
        unsafe { libc::pthread_getspecific(key.key) }
    }
    fn PyThread_tss_set(key: &TssKey, value: *mut c_void) -> c_int {
        // SAFETY: the key was created.
        if unsafe { libc::pthread_setspecific(key.key, value) } == 0 { 0 } else { -1 }
    }
    fn PyOS_AfterFork_Child() -> () { habu_modules::posix::process::after_fork_in_child(); }
    fn PyOS_AfterFork() -> () { habu_modules::posix::process::after_fork_in_child(); }
    fn PyOS_getsig(signal: c_int) -> usize {
        // SAFETY: asks for the handler without changing it.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(signal, std::ptr::null(), &mut action) == -1 { usize::MAX } else { action.sa_sigaction }
        }
    }
    fn PyOS_setsig(signal: c_int, handler: usize) -> usize {
        // SAFETY: the handler is one that the caller may set.
        unsafe {
            let (mut action, mut old): (libc::sigaction, libc::sigaction) = (std::mem::zeroed(), std::mem::zeroed());
            action.sa_sigaction = handler;
            libc::sigemptyset(&mut action.sa_mask);
            if libc::sigaction(signal, &action, &mut old) == -1 { usize::MAX } else { old.sa_sigaction }
        }
    }
    fn Py_IsInitialized() -> c_int {
        let main = habu_runtime::threads::start::main_interpreter();
        c_int::from(main.is_some_and(|main| !main.finalizing.get()))
    }
    fn _Py_IsFinalizing() -> c_int { finalizing() }
    fn _Py_IsCoreInitialized() -> c_int { 1 }
    fn Py_IsFinalizing() -> c_int { finalizing() }
    fn Py_GetVersion() -> Text { Text(c"3.11.7 (habu)".as_ptr()) }
    fn Py_GetPlatform() -> Text { Text(c"linux".as_ptr()) }
    fn Py_GetCopyright() -> Text { Text(c"".as_ptr()) }
    fn Py_GetCompiler() -> Text { Text(c"[rustc]".as_ptr()) }
    fn Py_GetBuildInfo() -> Text { Text(c"main".as_ptr()) }
    fn Py_AtExit(function: extern "C" fn()) -> c_int {
        // SAFETY: registers a plain function.
        unsafe { libc::atexit(function) }
    }
    fn Py_Exit(code: c_int) -> () { std::process::exit(code); }
    fn Py_CompileStringExFlags(source: Text, filename: Text, start: c_int, flags: *const c_int, optimize: c_int) => New {
        crate::pythonrun::compile(source, &filename.lossy(), start, flags, optimize)
    }
    fn _PyEval_RequestCodeExtraIndex(free: Option<extra::Free>) -> isize {
        extra::request(free).map_or(-1, |index| index as isize)
    }
    fn _PyCode_GetExtra(code: &Object, index: isize, word: Out<*mut c_void>) => c_int {
        word.set(extra::get(expect::<Code>(code)?, index as usize).unwrap_or(std::ptr::null_mut()));
        Ok(())
    }
    fn _PyCode_SetExtra(code: &Object, index: isize, word: *mut c_void) => c_int {
        extra::set(expect::<Code>(code)?, index as usize, word).ok_or_else(bad_internal_call)
    }
    fn _Py_HandlePending(_thread: *const Thread) => c_int { check_signals() }
}

/// A function with what `PyEval_EvalCodeEx` says of it.
fn described_function(
    code: &Code,
    globals: &Dict,
    defaults: &[&Object],
    named_defaults: Option<&Object>,
    closure: Option<&Object>,
) -> Result<Ref<Function>, Raised> {
    let function = Function::new(code, globals)?;
    if !defaults.is_empty() {
        function.defaults.set(Some(Tuple::from_borrowed(defaults)?));
    }
    if let Some(named) = named_defaults {
        function.kwdefaults.set(Some(Ref::from_borrowed(expect::<Dict>(named)?)));
    }
    if let Some(closure) = closure {
        function.set_closure(Some(Ref::from_borrowed(expect::<Tuple>(closure)?)));
    }
    Ok(function)
}

/// A name of the builtins.
fn builtin(name: &Str) -> Result<Ref, Raised> {
    let builtins = eval::builtins();
    match expect::<Dict>(&builtins)?.get(name)? {
        Some(found) => Ok(found),
        None => Err(raise!(AttributeError, "{name}")),
    }
}

thread_local! {
    /// The state of a thread that released the lock by a call of C.
    static OWN: std::cell::Cell<*const Thread> = const { std::cell::Cell::new(std::ptr::null()) };
    /// The state that was made for a thread that C started.
    static ATTACHED: std::cell::Cell<Option<Attached>> = const { std::cell::Cell::new(None) };
}
