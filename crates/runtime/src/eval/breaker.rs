//! The eval breaker: what makes a thread that runs Python stop and look.
//!
//! Other threads and signal handlers set bits; the loop looks at them when a function starts and when it jumps back.

use std::sync::atomic::{AtomicPtr, Ordering};

use crate::exceptions::BaseException;
use crate::object::{Object, Raised, Ref, protocol};
use crate::raise;
use crate::threads::Thread;

/// Another thread wants the lock.
pub const DROP_LOCK: u32 = 1;
/// Signals have arrived.
pub const SIGNALS: u32 = 2;
/// Calls are pending (`Py_AddPendingCall`).
pub const PENDING_CALLS: u32 = 4;
/// An exception was sent to the thread.
pub const ASYNC_EXCEPTION: u32 = 8;

/// Answers the requests in the bits; it raises what a handler raises.
pub type Handler = fn(&Thread, u32) -> Result<(), Raised>;

/// What answers requests; it is installed once, when the process starts.
static HANDLER: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

/// Installs what answers requests.
pub fn install(handler: Handler) {
    HANDLER.store(handler as *mut (), Ordering::Release);
}

/// Asks `thread` to look; may be called from a signal handler or another thread.
pub fn request(thread: &Thread, bits: u32) {
    thread.eval.breaker.fetch_or(bits, Ordering::Relaxed);
}

/// Answers the requests, if there are any.
#[inline]
pub fn check(thread: &Thread) -> Result<(), Raised> {
    if thread.eval.breaker.load(Ordering::Relaxed) == 0 { Ok(()) } else { answer(thread) }
}

/// Runs the handlers of signals that have arrived, in what may take long or be asked for again and again without a call or a jump between
/// (`PyErr_CheckSignals`): texts of objects and arithmetic on long integers, as in CPython.
#[inline]
pub fn check_signals() -> Result<(), Raised> {
    let thread = Thread::current();
    if thread.eval.breaker.load(Ordering::Relaxed) & SIGNALS == 0 { Ok(()) } else { answer_signals(thread) }
}

#[cold]
#[inline(never)]
fn answer_signals(thread: &Thread) -> Result<(), Raised> {
    thread.eval.breaker.fetch_and(!SIGNALS, Ordering::Acquire);
    handle(thread, SIGNALS)
}

/// Takes the requests and answers them.
#[cold]
#[inline(never)]
pub fn answer(thread: &Thread) -> Result<(), Raised> {
    let bits = thread.eval.breaker.swap(0, Ordering::Acquire);
    if bits & DROP_LOCK != 0 {
        // SAFETY: the thread that runs the loop is current, and holds the lock.
        unsafe { thread.interpreter().lock.hand_over(thread) };
    }
    if bits & ASYNC_EXCEPTION != 0
        && let Some(exception) = thread.async_exception.take()
    {
        request(thread, bits & (SIGNALS | PENDING_CALLS));
        return Err(raise_sent(&exception));
    }
    if bits & !DROP_LOCK == 0 { Ok(()) } else { handle(thread, bits) }
}

/// Has requests answered by what was installed for it.
fn handle(thread: &Thread, bits: u32) -> Result<(), Raised> {
    let handler = HANDLER.load(Ordering::Acquire);
    if handler.is_null() {
        return Ok(());
    }
    // SAFETY: only `install` stores here, a function of this type.
    let handler = unsafe { std::mem::transmute::<*mut (), Handler>(handler) };
    handler(thread, bits)
}

/// Raises what another thread sent: an instance, or a class that is called without arguments.
fn raise_sent(exception: &Object) -> Raised {
    if let Some(instance) = exception.downcast::<BaseException>() {
        return Thread::current().set_exception(Ref::from_borrowed(instance));
    }
    match protocol::call0(exception).map(Ref::downcast_into::<BaseException>) {
        Ok(Ok(instance)) => Thread::current().set_exception(instance),
        Ok(Err(_)) => raise!(TypeError, "exceptions must derive from BaseException"),
        Err(raised) => raised,
    }
}
