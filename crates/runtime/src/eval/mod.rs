//! Evaluation: frames, the loop, and what each thread keeps of it.

use std::cell::Cell;

use crate::exceptions::BaseException;
use crate::object::{Field, Ref};

/// What evaluation keeps of a thread.
pub struct EvalState {
    /// The innermost of the exceptions that are being handled.
    pub handled: HandledExceptions,
    /// The stack item in use: the thread's own, or a running generator's.
    pub handled_top: Cell<*const HandledExceptions>,
}

/// An exception that is being handled by a frame or generator (`_PyErr_StackItem`).
pub struct HandledExceptions {
    /// The exception, or nothing.
    pub exception: Field<BaseException>,
    /// The item of the caller.
    pub previous: Cell<*const HandledExceptions>,
}

impl EvalState {
    /// Nothing runs yet.
    pub fn new() -> EvalState {
        EvalState {
            handled: HandledExceptions { exception: Field::empty(), previous: Cell::new(std::ptr::null()) },
            handled_top: Cell::new(std::ptr::null()),
        }
    }
}

impl Default for EvalState {
    fn default() -> EvalState {
        EvalState::new()
    }
}

/// Makes the exception that is being handled the context of a new one.
pub fn set_context(_exception: &Ref<BaseException>) {}
