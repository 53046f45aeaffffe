//! Calls that any thread has the main thread make, also one without the interpreter's lock (`Py_AddPendingCall`).
//!
//! They wait until the main thread comes to where it answers requests, between instructions; a call that is under way is not interrupted by others.

use std::collections::VecDeque;
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use habu_runtime::eval::breaker;
use habu_runtime::object::Raised;

use super::pending;

/// What is called; other than 0 says that it raised.
pub type Function = unsafe extern "C" fn(*mut c_void) -> c_int;

struct Call {
    function: Function,
    argument: *mut c_void,
}

// SAFETY: who adds a call has it made by another thread.
unsafe impl Send for Call {}

/// The most calls that wait at a time: CPython's ring of 32 is full then.
const MOST: usize = 31;

static WAITING: Mutex<VecDeque<Call>> = Mutex::new(VecDeque::new());
static RUNNING: AtomicBool = AtomicBool::new(false);

fn waiting() -> MutexGuard<'static, VecDeque<Call>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has `function` called with `argument`; false when too many calls wait already.
///
/// # Safety
/// The call is sound in the main thread at any later time.
pub unsafe fn add(function: Function, argument: *mut c_void) -> bool {
    {
        let mut waiting = waiting();
        if waiting.len() >= MOST {
            return false;
        }
        waiting.push_back(Call { function, argument });
    }
    pending::request(breaker::PENDING_CALLS);
    true
}

/// In the main thread, makes the calls that wait, as many as may wait at most; the first that fails ends it with its exception, and the others stay.
pub fn make() -> Result<(), Raised> {
    if !pending::is_main_thread() || RUNNING.swap(true, Ordering::Acquire) {
        return Ok(());
    }
    let mut result = Ok(());
    for _ in 0..MOST {
        let Some(call) = waiting().pop_front() else { break };
        // SAFETY: by the contract of `add`.
        if unsafe { (call.function)(call.argument) } != 0 {
            result = Err(Raised::set());
            break;
        }
    }
    RUNNING.store(false, Ordering::Release);
    if !waiting().is_empty() {
        pending::request(breaker::PENDING_CALLS);
    }
    result
}
