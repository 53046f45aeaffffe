//! `faulthandler`: tracebacks where the process fails, on a signal, or after a time.
//!
//! Handlers of signals belong to the process, so their state is static: numbers that handlers can read at any time.

mod dump;
mod fatal;
mod later;

pub use self::fatal::fatal;

use std::cell::UnsafeCell;
use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering};
use std::time::Duration;

use habu_macros::pymodule;
use habu_runtime::object::protocol::call_method;
use habu_runtime::object::{Object, Raised};
use habu_runtime::raise;
use habu_runtime::threads::{Interpreter, Thread};
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;

use crate::system::blocking::without_lock;
use crate::system::{last_error, state, sys_attribute};

/// The fatal signals with their names.
const FATAL: [(c_int, &str); 5] = [
    (libc::SIGBUS, "Bus error"),
    (libc::SIGILL, "Illegal instruction"),
    (libc::SIGFPE, "Floating point exception"),
    (libc::SIGABRT, "Aborted"),
    (libc::SIGSEGV, "Segmentation fault"),
];

/// How many signals there are.
const SIGNALS: usize = 65;

/// A place of the former action of a signal, written before the handler is installed.
struct Former(UnsafeCell<std::mem::MaybeUninit<libc::sigaction>>);

// SAFETY: it is written with the interpreter's lock held and before the handler that reads it is installed.
unsafe impl Sync for Former {}

impl Former {
    const fn new() -> Former {
        Former(UnsafeCell::new(std::mem::MaybeUninit::uninit()))
    }

    fn place(&self) -> *mut libc::sigaction {
        self.0.get().cast()
    }
}

static ENABLED: AtomicBool = AtomicBool::new(false);
static FATAL_FD: AtomicI32 = AtomicI32::new(2);
static FATAL_ALL: AtomicBool = AtomicBool::new(true);
/// The interpreter whose threads are shown: that of who asked last.
static INTERPRETER: AtomicPtr<Interpreter> = AtomicPtr::new(std::ptr::null_mut());

/// Shows one thread or all of them.
fn dump(fd: c_int, all: bool) {
    if all { dump::dump_all(fd) } else { dump::dump_current(fd) }
}

/// Remembers whose threads there are to show.
fn note_interpreter() {
    INTERPRETER.store(std::ptr::from_ref(Thread::current().interpreter()).cast_mut(), Ordering::Release);
}
static FATAL_FORMER: [Former; 5] = [const { Former::new() }; 5];

/// A signal that `register` took over.
struct User {
    fd: AtomicI32,
    all: AtomicBool,
    chain: AtomicBool,
    taken: AtomicBool,
    former: Former,
}

static USERS: [User; SIGNALS] = [const {
    User {
        fd: AtomicI32::new(2),
        all: AtomicBool::new(true),
        chain: AtomicBool::new(false),
        taken: AtomicBool::new(false),
        former: Former::new(),
    }
}; SIGNALS];

/// Handles a fatal signal: shows it, and lets the former action follow.
extern "C" fn on_fatal(signal: c_int) {
    let fd = FATAL_FD.load(Ordering::Relaxed);
    let errno = crate::system::errno();
    for (index, (number, name)) in FATAL.iter().enumerate() {
        if *number == signal {
            // SAFETY: the former action was written before this handler was installed.
            unsafe { libc::sigaction(signal, FATAL_FORMER[index].place(), std::ptr::null_mut()) };
            dump::write(fd, b"Fatal Python error: ");
            dump::write(fd, name.as_bytes());
            dump::write(fd, b"\n\n");
        }
    }
    dump(fd, FATAL_ALL.load(Ordering::Relaxed));
    dump::dump_extensions(fd);
    // SAFETY: errno is the thread's own.
    unsafe {
        *libc::__errno_location() = errno;
        libc::raise(signal);
        // A former handler that returns, as that of the stack's guard page does, leaves the fault to the system.
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

/// Handles a signal of `register`.
extern "C" fn on_user(signal: c_int) {
    let Some(user) = usize::try_from(signal).ok().and_then(|signal| USERS.get(signal)) else { return };
    if !user.taken.load(Ordering::Relaxed) {
        return;
    }
    let errno = crate::system::errno();
    dump(user.fd.load(Ordering::Relaxed), user.all.load(Ordering::Relaxed));
    // SAFETY: errno is the thread's own.
    unsafe { *libc::__errno_location() = errno };
    if user.chain.load(Ordering::Relaxed) {
        // SAFETY: the former action was written before this handler was installed.
        unsafe {
            libc::sigaction(signal, user.former.place(), std::ptr::null_mut());
            libc::raise(signal);
            install_user(signal, user);
        }
    }
}

/// Installs the handler of a signal of `register`.
///
/// # Safety
/// Nothing reads the former action meanwhile.
unsafe fn install_user(signal: c_int, user: &User) -> c_int {
    // SAFETY: the structure holds numbers; the handler does only what a handler may.
    unsafe {
        let mut action = std::mem::zeroed::<libc::sigaction>();
        action.sa_sigaction = on_user as *const () as usize;
        let again = if user.chain.load(Ordering::Relaxed) { libc::SA_NODEFER } else { 0 };
        action.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK | again;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(signal, &raw const action, user.former.place())
    }
}

/// A stack of its own for the handlers, so that they can run when the stack has overflown.
fn alternative_stack() {
    static MADE: AtomicBool = AtomicBool::new(false);
    if MADE.swap(true, Ordering::Relaxed) {
        return;
    }
    let size = libc::SIGSTKSZ.max(64 * 1024);
    // SAFETY: the memory is fresh and stays to the end of the process.
    unsafe {
        let memory = libc::mmap(
            std::ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        );
        if memory != libc::MAP_FAILED {
            let stack = libc::stack_t { ss_sp: memory, ss_flags: 0, ss_size: size };
            libc::sigaltstack(&raw const stack, std::ptr::null_mut());
        }
    }
}

/// The descriptor of a file argument; the file is kept by `name` as long as it is in use.
fn descriptor(file: Option<&Object>, name: &str) -> Result<i32, Raised> {
    let found = match file.filter(|file| !is_none(file)) {
        Some(file) => file.to_ref(),
        None => match sys_attribute("stderr")? {
            None => return Err(raise!(RuntimeError, "unable to get sys.stderr")),
            Some(file) if is_none(&file) => return Err(raise!(RuntimeError, "sys.stderr is None")),
            Some(file) => file,
        },
    };
    if let Some(number) = found.downcast::<Int>() {
        let fd = crate::system::c_int(number)?;
        if fd < 0 {
            return Err(raise!(ValueError, "file is not a valid file descripter"));
        }
        return Ok(fd);
    }
    let number = call_method(&found, &*Str::intern("fileno")?, &[])?;
    let fd = match number.downcast::<Int>().and_then(Int::to_i64).map(i32::try_from) {
        Some(Ok(fd)) if fd >= 0 => fd,
        _ => return Err(raise!(RuntimeError, "file.fileno() is not a valid file descriptor")),
    };
    if let Err(raised) = call_method(&found, &*Str::intern("flush")?, &[]) {
        raised.clear();
    }
    if !name.is_empty() {
        state::set(name, &found)?;
    }
    Ok(fd)
}

fn signal_of(signal: i32) -> Result<&'static User, Raised> {
    if FATAL.iter().any(|(fatal, _)| *fatal == signal) {
        return Err(raise!(RuntimeError, "signal {signal} cannot be registered, use enable() instead"));
    }
    match usize::try_from(signal).ok().filter(|signal| *signal >= 1).and_then(|signal| USERS.get(signal)) {
        Some(user) => Ok(user),
        None => Err(raise!(ValueError, "signal number out of range")),
    }
}

/// Gives the fatal signals back to their former actions.
fn disable_now() -> bool {
    if !ENABLED.swap(false, Ordering::Relaxed) {
        return false;
    }
    for (index, (signal, _)) in FATAL.iter().enumerate() {
        // SAFETY: the former action was written when the handler was installed.
        unsafe { libc::sigaction(*signal, FATAL_FORMER[index].place(), std::ptr::null_mut()) };
    }
    true
}

/// Installs the handlers of the fatal signals, if they are not.
fn install_fatal() -> Result<(), Raised> {
    if ENABLED.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    alternative_stack();
    for (index, (signal, _)) in FATAL.iter().enumerate() {
        // SAFETY: the structure holds numbers; the handler does only what a handler may.
        let result = unsafe {
            let mut action = std::mem::zeroed::<libc::sigaction>();
            action.sa_sigaction = on_fatal as *const () as usize;
            action.sa_flags = libc::SA_NODEFER | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut action.sa_mask);
            libc::sigaction(*signal, &raw const action, FATAL_FORMER[index].place())
        };
        if result != 0 {
            return Err(raise!(RuntimeError, "failed to enable the fault handler"));
        }
    }
    Ok(())
}

/// `-X faulthandler`: as `import faulthandler; faulthandler.enable()`.
pub fn enable_at_start() -> Result<(), Raised> {
    let module = habu_runtime::import::import_module("faulthandler")?;
    call_method(&module, &*Str::intern("enable")?, &[]).map(drop)
}

/// `Timeout (0:00:00.100000)!`
fn header(timeout: Duration) -> Vec<u8> {
    let (seconds, parts) = (timeout.as_secs(), timeout.subsec_micros());
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let parts = if parts == 0 { String::new() } else { format!(".{parts:06}") };
    format!("Timeout ({hours}:{minutes:02}:{seconds:02}{parts})!\n").into_bytes()
}

/// The module.
pub struct FaultHandler;

/// faulthandler module.
#[pymodule(name = "faulthandler")]
impl FaultHandler {
    /// enable(file=sys.stderr, all_threads=True): enable the fault handler
    #[no_signature]
    #[signature(file = None, all_threads = true)]
    fn enable(file: Option<&Object>, all_threads: bool) -> Result<(), Raised> {
        let fd = descriptor(file, "faulthandler.file")?;
        note_interpreter();
        FATAL_FD.store(fd, Ordering::Relaxed);
        FATAL_ALL.store(all_threads, Ordering::Relaxed);
        install_fatal()
    }

    /// disable(): disable the fault handler
    #[no_signature]
    fn disable() -> Result<bool, Raised> {
        Ok(disable_now())
    }

    /// is_enabled()->bool: check if the handler is enabled
    #[no_signature]
    fn is_enabled() -> Result<bool, Raised> {
        Ok(ENABLED.load(Ordering::Relaxed))
    }

    /// dump_traceback(file=sys.stderr, all_threads=True): dump the traceback of the current thread, or of all threads if all_threads is True, into file
    #[no_signature]
    #[signature(file = None, all_threads = true)]
    fn dump_traceback(file: Option<&Object>, all_threads: bool) -> Result<(), Raised> {
        let fd = descriptor(file, "")?;
        note_interpreter();
        dump(fd, all_threads);
        Ok(())
    }

    /// dump_traceback_later(timeout, repeat=False, file=sys.stderrn, exit=False):
    /// dump the traceback of all threads in timeout seconds,
    /// or each timeout seconds if repeat is True. If exit is True, call _exit(1) which is not safe.
    #[no_signature]
    #[signature(timeout, repeat = false, file = None, exit = false)]
    fn dump_traceback_later(timeout: &Object, repeat: bool, file: Option<&Object>, exit: bool) -> Result<(), Raised> {
        let nanoseconds = crate::time::seconds_as_nanoseconds(timeout)?;
        // Microseconds, rounded up.
        let timeout = match u64::try_from(nanoseconds) {
            Ok(nanoseconds) if nanoseconds > 0 => Duration::from_micros(nanoseconds.div_ceil(1000)),
            _ => return Err(raise!(ValueError, "timeout must be greater than 0")),
        };
        let fd = descriptor(file, "faulthandler.later")?;
        note_interpreter();
        let plan = later::Plan { timeout, repeat, fd, exit, header: header(timeout) };
        if later::start(plan) { Ok(()) } else { Err(raise!(RuntimeError, "unable to start watchdog thread")) }
    }

    /// cancel_dump_traceback_later():
    /// cancel the previous call to dump_traceback_later().
    #[no_signature]
    fn cancel_dump_traceback_later() -> Result<(), Raised> {
        later::cancel();
        Ok(())
    }

    /// register(signum, file=sys.stderr, all_threads=True, chain=False): register a handler for the signal 'signum': dump the traceback of the current thread, or of all threads if all_threads is True, into file
    #[no_signature]
    #[signature(signum, file = None, all_threads = true, chain = false)]
    fn register(signum: i32, file: Option<&Object>, all_threads: bool, chain: bool) -> Result<(), Raised> {
        let user = signal_of(signum)?;
        let fd = descriptor(file, &format!("faulthandler.file{signum}"))?;
        note_interpreter();
        user.all.store(all_threads, Ordering::Relaxed);
        user.fd.store(fd, Ordering::Relaxed);
        user.chain.store(chain, Ordering::Relaxed);
        if !user.taken.swap(true, Ordering::Relaxed) {
            alternative_stack();
            // SAFETY: the handler is not installed yet, so nothing reads the former action.
            if unsafe { install_user(signum, user) } != 0 {
                user.taken.store(false, Ordering::Relaxed);
                return Err(last_error());
            }
        }
        Ok(())
    }

    /// unregister(signum): unregister the handler of the signal 'signum' registered by register()
    #[no_signature]
    fn unregister(signum: i32) -> Result<bool, Raised> {
        let user = signal_of(signum)?;
        if !user.taken.swap(false, Ordering::Relaxed) {
            return Ok(false);
        }
        // SAFETY: the former action was written when the handler was installed.
        unsafe { libc::sigaction(signum, user.former.place(), std::ptr::null_mut()) };
        Ok(true)
    }

    /// _read_null(): read from NULL, raise a SIGSEGV or SIGBUS signal depending on the platform
    #[no_signature]
    fn _read_null() -> Result<(), Raised> {
        fail(libc::SIGSEGV)
    }

    /// _sigsegv(release_gil=False): raise a SIGSEGV signal
    #[no_signature]
    #[signature(*args)]
    fn _sigsegv(args: &[&Object]) -> Result<(), Raised> {
        let _ = args;
        fail(libc::SIGSEGV)
    }

    /// _sigabrt(): raise a SIGABRT signal
    #[no_signature]
    fn _sigabrt() -> Result<(), Raised> {
        fail(libc::SIGABRT)
    }

    /// _sigfpe(): raise a SIGFPE signal
    #[no_signature]
    fn _sigfpe() -> Result<(), Raised> {
        fail(libc::SIGFPE)
    }

    /// fatal_error_c_thread(): call Py_FatalError() in a new C thread.
    #[no_signature]
    fn _fatal_error_c_thread() -> Result<(), Raised> {
        no_core_file();
        let started =
            std::thread::Builder::new().spawn(|| fatal("faulthandler_fatal_error_thread: in new thread", || false));
        match started {
            // The thread ends the process.
            Ok(thread) => without_lock(|| drop(thread.join())),
            Err(_) => return Err(raise!(RuntimeError, "unable to start the thread")),
        }
        Ok(())
    }

    /// _stack_overflow(): recursive call to raise a stack overflow
    #[no_signature]
    fn _stack_overflow() -> Result<(), Raised> {
        no_core_file();
        let here = 0u8;
        let (calls, end) = overflow(std::ptr::from_ref(&here).addr(), 0);
        let size = std::ptr::from_ref(&here).addr().abs_diff(end);
        Err(raise!(
            RuntimeError,
            "unable to raise a stack overflow (allocated {size} bytes on the stack, {calls} recursive calls)"
        ))
    }
}

/// Raises a fatal signal in a process that wants to see what follows, without a core file.
fn fail(signal: c_int) -> Result<(), Raised> {
    no_core_file();
    // SAFETY: a plain call.
    unsafe { libc::raise(signal) };
    Ok(())
}

/// Has the process leave no core file.
fn no_core_file() {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a plain call.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
}

/// Takes stack until there is no more, or 100 MiB: then the number of calls, and the address of the last one's.
#[inline(never)]
fn overflow(start: usize, calls: usize) -> (usize, usize) {
    let room = std::hint::black_box([1u8; 4096]);
    let here = room.as_ptr().addr();
    if start.abs_diff(here) > 100 << 20 {
        return (calls, here);
    }
    let found = overflow(start, calls + 1);
    // Not a tail call: the room stays in use.
    (found.0, found.1.min(here) + usize::from(std::hint::black_box(room)[0]) - 1)
}

/// Gives signals and threads back at the end of an interpreter.
pub fn finish() {
    later::cancel();
    disable_now();
    for (signal, user) in USERS.iter().enumerate() {
        if user.taken.swap(false, Ordering::Relaxed) {
            // SAFETY: the former action was written when the handler was installed.
            unsafe { libc::sigaction(signal as c_int, user.former.place(), std::ptr::null_mut()) };
        }
    }
}
