//! Calls that may block or be interrupted by a signal (PEP 475).
//!
//! A blocking call runs in a closure that handles no objects, so that the interpreter's lock can be released around it. When a signal
//! interrupts it, the signal's Python handler runs; the call is made again unless the handler raised.

use habu_runtime::object::Raised;
pub use habu_runtime::threads::lock::outside;

/// Runs `call` with the interpreter's lock released; `errno` is kept.
pub fn without_lock<R>(call: impl FnOnce() -> R + Send) -> R {
    habu_runtime::threads::lock::released(call)
}

/// Runs the Python handlers of the signals that have arrived.
pub fn check_signals() -> Result<(), Raised> {
    crate::signal::pending::run_handlers()
}

/// Makes a blocking call that gives -1 and sets errno where it fails; the result is what the call gave, or the errno. Interrupted
/// calls are made again.
pub fn retry<R: Copy + PartialEq + From<i8>>(mut call: impl FnMut() -> R + Send) -> Result<Result<R, i32>, Raised> {
    loop {
        // errno must be read before anything else can change it.
        let (result, errno) = without_lock(|| {
            let result = call();
            (result, if result == R::from(-1) { super::errno() } else { 0 })
        });
        if result != R::from(-1) {
            return Ok(Ok(result));
        }
        if errno != libc::EINTR {
            return Ok(Err(errno));
        }
        check_signals()?;
    }
}

/// As `retry`; a failure is raised as an OSError.
pub fn retry_or_raise<R: Copy + PartialEq + From<i8>>(call: impl FnMut() -> R + Send) -> Result<R, Raised> {
    retry(call)?.map_err(|errno| habu_runtime::exceptions::raise_os_error(errno, None))
}
