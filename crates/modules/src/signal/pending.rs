//! Signals between the moment they arrive and the call of their Python handlers.
//!
//! The C handler only sets a flag, asks the main thread to look, and writes to the wake-up descriptor. The handlers written in Python
//! run in the main thread, between instructions or when a blocking call was interrupted.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering};

use habu_runtime::eval::breaker;
use habu_runtime::exceptions::exc;
use habu_runtime::object::{Raised, Ref, protocol};
use habu_runtime::threads::Thread;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;

use crate::system::state;

/// One more than the largest number of a signal.
pub const COUNT: usize = 65;

static ARRIVED: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];
static ANY: AtomicBool = AtomicBool::new(false);
static MAIN: AtomicPtr<Thread> = AtomicPtr::new(std::ptr::null_mut());
static WAKEUP: AtomicI32 = AtomicI32::new(-1);
/// Whether it is told when the wake-up descriptor takes no more.
static WARN_FULL: AtomicBool = AtomicBool::new(true);
/// The error of the last write to the wake-up descriptor, until it was told; else 0.
static WRITE_ERROR: AtomicI32 = AtomicI32::new(0);

/// The name under which the interpreter keeps the handlers: a list by number.
pub const HANDLERS: &str = "signal.handlers";

/// Makes the current thread the one that runs handlers.
pub fn install() {
    MAIN.store(std::ptr::from_ref(Thread::current()).cast_mut(), Ordering::Release);
    answer_requests();
}

/// Has requests of the evaluation loop's breaker answered, by an interpreter that may have no thread for handlers.
pub fn answer_requests() {
    breaker::install(answer);
}

/// Whether the current thread is the one that runs handlers.
pub fn is_main_thread() -> bool {
    std::ptr::eq(MAIN.load(Ordering::Acquire), Thread::current())
}

/// Asks the main thread to look; may be called from a signal handler or any thread.
pub(super) fn request(bits: u32) {
    // SAFETY: the main thread's state lives as long as the process.
    if let Some(main) = unsafe { MAIN.load(Ordering::Acquire).as_ref() } {
        breaker::request(main, bits);
    }
}

/// Answers the requests of the evaluation loop's breaker.
fn answer(thread: &Thread, bits: u32) -> Result<(), Raised> {
    if bits & breaker::SIGNALS != 0
        && let Err(raised) = run_handlers()
    {
        breaker::request(thread, bits & breaker::PENDING_CALLS);
        return Err(raised);
    }
    if bits & breaker::PENDING_CALLS != 0 { super::calls::make() } else { Ok(()) }
}

/// The descriptor that is written to when a signal arrives, or -1; gives the one before.
pub fn set_wakeup(fd: i32, warn_full: bool) -> i32 {
    WARN_FULL.store(warn_full, Ordering::Release);
    WAKEUP.swap(fd, Ordering::AcqRel)
}

/// The handler that the system calls.
pub extern "C" fn on_signal(number: i32) {
    let kept = crate::system::errno();
    trip(number);
    // SAFETY: errno is this thread's.
    unsafe { *libc::__errno_location() = kept };
}

/// Notes that a signal has arrived; may be called in a signal handler.
pub fn trip(number: i32) {
    if let Some(flag) = ARRIVED.get(number as usize) {
        flag.store(true, Ordering::Release);
    }
    ANY.store(true, Ordering::Release);
    request(breaker::SIGNALS);
    let fd = WAKEUP.load(Ordering::Acquire);
    if fd >= 0 {
        let byte = number as u8;
        // SAFETY: one byte is written, which a signal handler may do.
        if unsafe { libc::write(fd, (&raw const byte).cast(), 1) } < 0 {
            let error = crate::system::errno();
            if error != libc::EAGAIN || WARN_FULL.load(Ordering::Acquire) {
                WRITE_ERROR.store(error, Ordering::Release);
            }
        }
    }
}

/// Whether SIGINT has arrived since somebody last looked, for a caller who answers it instead of its handler.
pub fn take_interrupt() -> bool {
    is_main_thread() && ARRIVED[libc::SIGINT as usize].swap(false, Ordering::AcqRel)
}

/// The handler of a signal, when it is a Python object that can be called.
fn handler(number: usize) -> Result<Option<Ref>, Raised> {
    let Some(handlers) = state::get(HANDLERS)? else { return Ok(None) };
    let handler = handlers.downcast::<List>().and_then(|list| list.get(number));
    Ok(handler.filter(|handler| protocol::is_callable(handler)))
}

/// Calls the Python handlers of the signals that have arrived, in the order of their numbers.
pub fn run_handlers() -> Result<(), Raised> {
    if !ANY.load(Ordering::Acquire) || !is_main_thread() {
        return Ok(());
    }
    ANY.store(false, Ordering::Release);
    let error = WRITE_ERROR.swap(0, Ordering::AcqRel);
    if error != 0 {
        let raised = habu_runtime::exceptions::raise_os_error(error, None);
        let message = "Exception ignored when trying to write to the signal wakeup fd";
        habu_runtime::exceptions::unraisable_with(raised, message, None);
    }
    for (number, flag) in ARRIVED.iter().enumerate() {
        if !flag.swap(false, Ordering::AcqRel) {
            continue;
        }
        let Some(handler) = handler(number)? else {
            // It was called off after the signal had arrived.
            let error = Str::from_format(format_args!("Signal {number} ignored due to race condition"))
                .map(|text| habu_runtime::exceptions::raise_with_arguments(exc::OSError(), &[&text]));
            habu_runtime::exceptions::unraisable(error.unwrap_or_else(|raised| raised), None);
            continue;
        };
        let frame = match habu_runtime::eval::current_frame()? {
            Some(frame) => frame.into_object(),
            None => habu_runtime::types::none(),
        };
        let number = Int::from_u64(number as u64)?;
        if let Err(raised) = protocol::call(&handler, &[&number, &frame]) {
            // Those that are left are called later.
            ANY.store(true, Ordering::Release);
            breaker::request(Thread::current(), breaker::SIGNALS);
            return Err(raised);
        }
    }
    Ok(())
}

/// At the interpreter's end: handlers written in Python are called no more, and SIGINT ends the process again.
pub fn call_off() -> Result<(), Raised> {
    let Some(handlers) = state::get(HANDLERS)?.and_then(|list| list.downcast_into::<List>().ok()) else {
        return Ok(());
    };
    for number in 1..COUNT {
        if let Some(old) = handlers.get(number).filter(|old| protocol::is_callable(old)) {
            drop(handlers.replace(number, none()));
            // SAFETY: a plain call.
            unsafe { libc::signal(number as i32, libc::SIG_DFL) };
            drop(old);
        }
    }
    Ok(())
}

/// Forgets, in a process that was just forked, the signals of the parent.
pub fn after_fork() {
    ARRIVED.iter().for_each(|flag| flag.store(false, Ordering::Release));
    ANY.store(false, Ordering::Release);
    MAIN.store(std::ptr::from_ref(Thread::current()).cast_mut(), Ordering::Release);
}
