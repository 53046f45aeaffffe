//! Exceptions that nobody can catch: raised while an object dies or in a callback (`sys.unraisablehook`).

use crate::exceptions::BaseException;
use crate::object::{Object, Raised, Ref};
use crate::threads::Thread;

/// Runs `action` with no exception set, and sets the one that was set before again.
pub fn keep_current(action: impl FnOnce()) {
    let thread = Thread::current();
    let kept: Option<Ref<BaseException>> = thread.take_exception();
    action();
    if let Some(kept) = kept {
        let _ = thread.set_exception(kept);
    }
}

/// Hands what was raised to `sys.unraisablehook`.
pub fn unraisable(raised: Raised, object: Option<&Object>) {
    let exception = raised.take();
    crate::exceptions::report::write_unraisable(&exception, object);
}

/// As `unraisable`, with words that say where it happened.
pub fn unraisable_with(raised: Raised, message: &str, object: Option<&Object>) {
    let exception = raised.take();
    crate::exceptions::report::write_unraisable_with(&exception, Some(message), object);
}
