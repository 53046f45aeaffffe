//! Running a generator on.

use super::value::{Generator, State};
use crate::eval::frame::Frame;
use crate::eval::value::value;
use crate::exceptions::exc;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::threads::Thread;
use crate::types::singletons::{is_none, none};

/// Where running on led to.
pub enum Outcome {
    /// To the next yield.
    Yielded(Ref),
    /// To the end; a generator that had ended before gives None.
    Returned(Ref),
    /// An exception is set.
    Raised(Raised),
}

/// Runs a generator on: with a value that is sent, with nothing for `next()`, or with the exception that is set (`throwing`).
pub fn resume(generator: &Generator, sent: Option<Ref>, throwing: bool, closing: bool) -> Outcome {
    let state = generator.state();
    if state != State::Suspended
        && let Some(outcome) = check_state(generator, state, sent.as_deref(), throwing, closing)
    {
        return outcome;
    }
    let thread = Thread::current();
    // Who calls owns a reference, which nothing takes away meanwhile. One that is the only one is not seen by anybody: there it costs nothing to be
    // sure.
    let _held = (generator.refcount() == 1).then(|| generator.to_ref());
    let frame = generator.frame();
    // SAFETY: the frame is suspended: its slots up to its top are filled, and there is room for the value that it waits for.
    let result = unsafe {
        let top = (*frame).stack_top as usize;
        (*frame).slots().add(top).write(value(sent.unwrap_or_else(none)));
        (*frame).stack_top = top as i32 + 1;
        (*frame).returns = crate::eval::frame::Returns::Value;
        begin(thread, generator);
        if throwing {
            chain_context(thread);
        }
        let result = crate::eval::run::run(thread, frame, throwing);
        end(thread, generator);
        result
    };
    finish(thread, generator, result)
}

/// Puts the generator's handled exceptions on the thread's list.
#[inline(always)]
pub fn begin(thread: &Thread, generator: &Generator) {
    generator.handled.previous.set(thread.handled_item());
    thread.exc_info.set(&generator.handled);
    generator.frame_state.set(State::Executing);
}

/// Takes them off.
#[inline(always)]
pub fn end(thread: &Thread, generator: &Generator) {
    thread.exc_info.set(generator.handled.previous.replace(std::ptr::null()));
}

/// The exception that is thrown in has the one that its thrower handles as context, if it has none.
fn chain_context(thread: &Thread) {
    if let Some(exception) = thread.exception()
        && exception.context.is_empty()
    {
        crate::eval::set_context(&exception);
    }
}

#[inline(always)]
fn finish(thread: &Thread, generator: &Generator, result: Result<Ref, Raised>) -> Outcome {
    match result {
        Ok(item) if generator.state() == State::Suspended => Outcome::Yielded(item),
        Ok(item) => {
            ended(generator);
            Outcome::Returned(item)
        }
        Err(raised) => Outcome::Raised(failed(thread, generator, raised)),
    }
}

/// What remains to be done when a generator has returned.
#[inline(always)]
pub fn ended(generator: &Generator) {
    drop(generator.handled.exception.take());
    generator.clear_frame();
}

/// What remains to be done when a generator has raised: StopIteration must not leave it.
#[cold]
#[inline(never)]
pub fn failed(thread: &Thread, generator: &Generator, raised: Raised) -> Raised {
    let is = |kind| thread.exception().is_some_and(|exception| exception.ty().is_subtype(kind));
    let kind = if is(exc::StopIteration()) {
        Some("StopIteration")
    } else if generator.is_async_generator() && is(exc::StopAsyncIteration()) {
        Some("StopAsyncIteration")
    } else {
        None
    };
    let raised = match kind {
        None => raised,
        Some(kind) => {
            let cause = raised.take();
            let raised = raise!(RuntimeError, "{} raised {kind}", generator.kind());
            crate::eval::generators::with_cause(raised, cause)
        }
    };
    let kept = raised.take();
    ended(generator);
    thread.set_exception(kept)
}

/// What becomes of running on a generator that does not stand at a yield; nothing when it has yet to start and may.
#[cold]
fn check_state(
    generator: &Generator,
    state: State,
    sent: Option<&Object>,
    throwing: bool,
    closing: bool,
) -> Option<Outcome> {
    let kind = generator.kind();
    match state {
        State::Created => match sent {
            Some(sent) if !throwing && !is_none(sent) => {
                Some(Outcome::Raised(raise!(TypeError, "can't send non-None value to a just-started {kind}")))
            }
            _ => None,
        },
        State::Executing => Some(Outcome::Raised(raise!(ValueError, "{kind} already executing"))),
        _ if generator.is_coroutine() && !closing => {
            Some(Outcome::Raised(raise!(RuntimeError, "cannot reuse already awaited coroutine")))
        }
        _ if throwing => Some(Outcome::Raised(Raised::set())),
        _ => Some(Outcome::Returned(none())),
    }
}

/// The words of a frame that is resumed, for callers that link it themselves.
pub fn frame_of(generator: &Generator) -> *mut Frame {
    generator.frame()
}
