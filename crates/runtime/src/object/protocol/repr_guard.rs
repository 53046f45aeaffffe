//! What keeps the `repr` of a container that contains itself from going on for ever (`Py_ReprEnter`).
//!
//! The containers whose `repr` is running form a list through the native stack, which hangs off the thread.

use std::cell::Cell;

use crate::object::Object;
use crate::threads::Thread;

/// A `repr` that is running.
pub struct Running {
    object: *const Object,
    outer: *const Running,
}

/// The innermost `repr` that is running in a thread.
pub struct Innermost(Cell<*const Running>);

impl Innermost {
    /// None is running.
    pub const fn new() -> Innermost {
        Innermost(Cell::new(std::ptr::null()))
    }
}

impl Default for Innermost {
    fn default() -> Innermost {
        Innermost::new()
    }
}

/// Runs `body`, or `again` when the body of this same object is running already.
pub fn guarded<R>(object: &Object, again: impl FnOnce() -> R, body: impl FnOnce() -> R) -> R {
    let innermost = &Thread::current().repr_running.0;
    let outer = innermost.get();
    let mut at = outer;
    // SAFETY: every entry stands in the frame of a `guarded` call that has not returned.
    while let Some(running) = unsafe { at.as_ref() } {
        if std::ptr::eq(running.object, object) {
            return again();
        }
        at = running.outer;
    }
    let running = Running { object, outer };
    innermost.set(&raw const running);
    let result = body();
    innermost.set(outer);
    result
}
