//! Unwinding: from an exception that is set to the handler of the frame, if it has one.

use super::frame::{Frame, Returns, drop_values};
use super::value::{Value, new_value, value};
use crate::exceptions::BaseException;
use crate::object::{Object, Raised, Ref};
use crate::threads::Thread;
use crate::types::frame::FrameObject;
use crate::types::int::Int;
use crate::types::traceback::Traceback;

/// Why the inner loop was left.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// An instruction raised: the frame goes into the traceback.
    Raised,
    /// An exception goes on that passed here before: its traceback has the frame.
    Reraised,
    /// A hook raised when the frame was about to be left: it is left at once.
    Left,
}

/// Where evaluation goes on after a failure.
pub struct Resumed {
    /// The frame that has the handler.
    pub frame: *mut Frame,
    /// Its stack pointer.
    pub stack: *mut Value,
    /// The handler's first unit.
    pub unit: *mut u16,
}

/// Leaves frames up to the one that handles the exception that is set; nothing when that is none of this loop's.
///
/// # Safety
/// `frame` is the frame that runs, and `top` its stack pointer.
#[cold]
#[inline(never)]
pub unsafe fn recover(
    thread: &Thread,
    mut frame: *mut Frame,
    mut top: *mut Value,
    mut failure: Failure,
    mut reraised_at: Option<isize>,
) -> Option<Resumed> {
    // SAFETY: by the contract; callers' frames have their tops set.
    unsafe {
        loop {
            if failure == Failure::Raised {
                add_traceback(thread, frame);
                if thread.eval.tracing.active.get() {
                    super::trace::tell_exception(thread, frame);
                }
            }
            if failure == Failure::Left {
                drop_values((*frame).slots().add((*frame).code().nlocalsplus.get() as usize), top);
            } else if let Some(handler) = find_handler(thread, frame, top, reraised_at.take()) {
                let unit = (*frame).code().first_unit().add(handler.unit);
                return Some(Resumed { frame, stack: handler.stack, unit });
            } else if thread.eval.tracing.active.get() {
                super::trace::tell_unwound(thread, frame);
            }
            (*frame).stack_top = (*frame).code().nlocalsplus.get();
            let returns = (*frame).returns;
            frame = super::steps::leave(thread, frame)?;
            top = (*frame).slots().add((*frame).stack_top.max(0) as usize);
            if matches!(returns, Returns::Instance | Returns::NamedInstance) {
                super::call::unwind_init(frame, &mut top, returns);
            }
            failure = Failure::Raised;
        }
    }
}

/// Where a frame goes on with its handler: the stack pointer, and the index of the handler's first unit.
pub struct Handler {
    /// The stack pointer.
    pub stack: *mut Value,
    /// The unit.
    pub unit: usize,
}

/// Adds the frame to the traceback of the exception that is set.
///
/// # Safety
/// `frame` is the frame that runs.
pub unsafe fn add_traceback(thread: &Thread, frame: *mut Frame) {
    // SAFETY: by the contract.
    unsafe {
        if (*frame).is_incomplete() {
            return;
        }
        let (exception, replaced) = thread.raised.take_noting();
        let exception = exception.unwrap_or_else(|| Raised::set().take());
        if replaced && !exception.traceback.is_empty() {
            // What was raised could not be made: the error of that has its own place.
            let _ = thread.set_exception(exception);
            return;
        }
        let next = exception.traceback.get();
        let last = (*frame).last_instruction();
        let line = (*frame).code().line_at(last).unwrap_or(-1);
        let made = FrameObject::of(frame).and_then(|object| Traceback::new(next, object, last, line));
        match made {
            Ok(traceback) => exception.traceback.set(Some(traceback)),
            // A MemoryError's traceback may lack this frame; of any other exception, MemoryError takes the place.
            Err(raised) if exception.ty().is_subtype(crate::exceptions::exc::MemoryError()) => raised.clear(),
            Err(raised) => {
                let error = raised.take();
                error.context.set(Some(exception));
                let _ = thread.set_exception(error);
                return;
            }
        }
        let _ = thread.set_exception(exception);
    }
}

/// Finds the handler of the instruction that raised (for a RERAISE that is itself, while the index it pushes is `reraised_at`), drops what lies above it on the stack, and pushes what it expects: the index
/// of the instruction if it asks for that, and the exception. Nothing, with an empty stack, if the frame has no handler.
///
/// # Safety
/// `frame` is the frame that runs, and `top` its stack pointer.
#[cold]
#[inline(never)]
pub unsafe fn find_handler(
    thread: &Thread,
    frame: *mut Frame,
    top: *mut Value,
    reraised_at: Option<isize>,
) -> Option<Handler> {
    // SAFETY: by the contract; the verifier makes sure that a handler's depth is at most that of the instructions it covers.
    unsafe {
        let code = (*frame).code();
        let index = (*frame).unit_index();
        let base = (*frame).slots().add(code.nlocalsplus.get() as usize);
        let offset = u32::try_from(index * 2).unwrap_or(0);
        let Some(handler) = habu_bytecode::exceptiontable::find(code.exceptiontable(), offset) else {
            drop_values(base, top);
            // The frame ends where the exception came from, for `f_lineno`.
            if let Some(from) = reraised_at.filter(|from| (0..=index).contains(from)) {
                (*frame).previous_unit = code.first_unit().offset(from);
            }
            return None;
        };
        let mut stack = base.add(handler.depth as usize);
        drop_values(stack, top);
        let exception = match thread.take_exception() {
            Some(exception) => exception,
            None => Raised::set().take(),
        };
        if handler.push_lasti {
            let index = reraised_at.unwrap_or(index) as i64;
            // The handler must run, or what it undoes would stay. Without memory for the index, `f_lineno` of an exception that it
            // raises again is that of an earlier instruction: small integers are always there.
            let pushed = Int::from_i64(index).or_else(|raised| {
                raised.clear();
                Int::from_i64(index.clamp(0, 256))
            });
            let Ok(index) = pushed else {
                drop_values(base, stack);
                return None;
            };
            stack.write(value(index));
            stack = stack.add(1);
        }
        stack.write(value(exception));
        Some(Handler { stack: stack.add(1), unit: handler.target as usize / 2 })
    }
}

/// `PUSH_EXC_INFO`: makes `exception` the one that is being handled; gives the one before, None for none.
pub fn push_handled(thread: &Thread, exception: &Object) -> Value {
    let item = thread.handled_item();
    let exception = exception.downcast::<BaseException>().map(Ref::from_borrowed);
    match item.exception.replace(exception) {
        Some(previous) => value(previous),
        None => new_value(crate::types::singletons::none_static()),
    }
}

/// `POP_EXCEPT`: makes `previous` the exception that is being handled again.
pub fn pop_handled(thread: &Thread, previous: Ref) {
    let previous = previous.downcast_into::<BaseException>().ok();
    drop(thread.handled_item().exception.replace(previous));
}

/// Makes `exception` the one that is being handled, in the place of another one.
pub fn replace_handled(thread: &Thread, exception: &Object) {
    let exception = exception.downcast::<BaseException>().map(Ref::from_borrowed);
    drop(thread.handled_item().exception.replace(exception));
}
