//! Throwing into generators and closing them, through what they delegate to with `yield from` and `await`.

use std::ptr::NonNull;

use habu_bytecode::Opcode;
use habu_bytecode::code::CO_COROUTINE;
use habu_heap::Buffer;

use super::resume::{Outcome, resume};
use super::value::{Generator, State};
use crate::eval::frame::{drop_values, generator_of};
use crate::eval::generators::{raise_stop_iteration, stopped_value};
use crate::eval::value::own;
use crate::exceptions::{BaseException, exc};
use crate::object::{Object, Raised, Ref, Type, protocol};
use crate::raise;
use crate::threads::Thread;
use crate::threads::thread::NativeCall;
use crate::types::coroutine::Coroutine;
use crate::types::singletons::{is_none, none};
use crate::types::str::Str;
use crate::types::traceback::Traceback;

/// A generator or coroutine as its layout.
#[inline(always)]
pub fn as_generator(object: &Object) -> Option<&Generator> {
    if object.is_exact::<Generator>() || object.is_exact::<Coroutine>() {
        // SAFETY: both have this layout.
        return Some(unsafe { &*std::ptr::from_ref(object).cast() });
    }
    None
}

/// What a suspended generator delegates to (`_PyGen_yf`).
pub fn delegate(generator: &Generator) -> Option<Ref> {
    if generator.state() != State::Suspended {
        return None;
    }
    let frame = generator.frame();
    // SAFETY: the frame is suspended at a yield, behind which stands a RESUME; the receiver of a SEND is on top of its stack.
    unsafe {
        let next = *(*frame).previous_unit.add(1);
        let op = Opcode::from_u8(next as u8).map(Opcode::deopt);
        if op != Some(Opcode::Resume) || next >> 8 < 2 {
            return None;
        }
        let top = (*frame).stack_top.max(1) as usize;
        (*(*frame).slots().add(top - 1)).as_ref().map(Object::to_ref)
    }
}

/// What a method of a generator returns of an outcome.
pub fn result_of(generator: &Generator, outcome: Outcome) -> Result<Ref, Raised> {
    match outcome {
        Outcome::Yielded(item) => Ok(item),
        Outcome::Raised(raised) => Err(raised),
        Outcome::Returned(_) if generator.is_async_generator() => {
            Err(crate::exceptions::raise_with_arguments(exc::StopAsyncIteration(), &[]))
        }
        Outcome::Returned(item) => Err(raise_stop_iteration(item)),
    }
}

/// `generator.send(item)`
pub fn send(generator: &Generator, item: &Object) -> Result<Ref, Raised> {
    let outcome = resume(generator, Some(item.to_ref()), false, false);
    result_of(generator, outcome)
}

/// Runs on with the exception that is set.
fn resume_throwing(generator: &Generator, closing: bool) -> Outcome {
    resume(generator, Some(none()), true, closing)
}

/// `generator.close()`: the innermost of the generators that it delegates to ends first; a chain of them may have any length.
pub fn close(generator: &Generator) -> Result<(), Raised> {
    let _depth = NativeCall::enter("")?;
    let mut waiting = Buffer::<NonNull<Generator>>::default();
    let mut current = generator;
    let mut closed = Ok(());
    while let Some(inner) = delegate(current) {
        let Some(next) = as_generator(&inner) else {
            current.frame_state.set(State::Executing);
            closed = close_iterator(&inner);
            current.frame_state.set(State::Suspended);
            break;
        };
        if let Err(full) = waiting.push(NonNull::from(current)) {
            closed = Err(full.into());
            break;
        }
        current.frame_state.set(State::Executing);
        // SAFETY: it is on the stack of a frame that nobody resumes before it counts as suspended again.
        current = unsafe { &*std::ptr::from_ref(next) };
    }
    closed = end(current, closed);
    while let Some(outer) = waiting.pop() {
        // SAFETY: the caller holds the first one, and each holds the next.
        let outer = unsafe { outer.as_ref() };
        outer.frame_state.set(State::Suspended);
        closed = end(outer, closed);
    }
    closed
}

/// Whether an exception that is thrown in would be noticed: by a handler around the yield, or by a hook. Generators that have yet to start or
/// ended are not asked.
fn has_handler(generator: &Generator) -> bool {
    if generator.state() != State::Suspended || Thread::current().eval.tracing.active.get() {
        return true;
    }
    let frame = generator.frame();
    // SAFETY: the frame is suspended at an instruction of its code.
    unsafe {
        let offset = u32::try_from((*frame).unit_index() * 2).unwrap_or(0);
        habu_bytecode::exceptiontable::find((*frame).code().exceptiontable(), offset).is_some()
    }
}

/// Ends a generator by GeneratorExit, or by the error that closing what it delegated to gave.
fn end(generator: &Generator, closed: Result<(), Raised>) -> Result<(), Raised> {
    if closed.is_ok() && !has_handler(generator) {
        generator.frame_state.set(State::Completed);
        // As the exception would: what is on the stack goes before the locals.
        let frame = generator.frame();
        // SAFETY: the frame does not run any more; its values are owned, and each place is null before its value is dropped.
        unsafe {
            let first = (*frame).code().nlocalsplus.get();
            let top = std::mem::replace(&mut (*frame).stack_top, first).max(first);
            drop_values((*frame).slots().add(first as usize), (*frame).slots().add(top as usize));
        }
        super::resume::ended(generator);
        return Ok(());
    }
    if closed.is_ok() {
        let _ = crate::exceptions::raise_with_arguments(exc::GeneratorExit(), &[]);
    }
    let raised = match resume_throwing(generator, true) {
        Outcome::Yielded(item) => {
            drop(item);
            return Err(raise!(RuntimeError, "{} ignored GeneratorExit", generator.kind()));
        }
        Outcome::Returned(_) => return Ok(()),
        Outcome::Raised(raised) => raised,
    };
    let stopped = Thread::current().exception().is_some_and(|exception| {
        exception.ty().is_subtype(exc::StopIteration()) || exception.ty().is_subtype(exc::GeneratorExit())
    });
    if stopped {
        raised.clear();
        return Ok(());
    }
    Err(raised)
}

/// Closes what a generator delegates to; what has no `close` needs none.
fn close_iterator(inner: &Object) -> Result<(), Raised> {
    if let Some(generator) = as_generator(inner) {
        return close(generator);
    }
    let method = match protocol::lookup_attribute(inner, crate::id!(close)) {
        Ok(method) => method,
        Err(raised) => {
            crate::exceptions::unraisable::unraisable(raised, Some(inner));
            None
        }
    };
    match method {
        Some(method) => protocol::call0(&method).map(drop),
        None => Ok(()),
    }
}

/// `generator.throw(...)`; with `closing`, GeneratorExit closes what is delegated to.
pub fn throw(generator: &Generator, closing: bool, arguments: &[&Object]) -> Result<Ref, Raised> {
    let _depth = match NativeCall::enter("") {
        Ok(depth) => depth,
        // It is this error that ends the generator.
        Err(raised) if generator.state() < State::Executing && delegate(generator).is_none() => {
            let thread = Thread::current();
            // SAFETY: the frame is alive and stands where it was suspended; the error is raised there.
            unsafe { crate::eval::unwind::add_traceback(thread, generator.frame()) };
            return Err(super::resume::failed(thread, generator, raised));
        }
        Err(raised) => return Err(raised),
    };
    let thread = Thread::current();
    let mut current = generator;
    let mut waiting = 0_usize;
    let mut thrown = loop {
        let Some(inner) = delegate(current) else { break throw_here(current, arguments) };
        if closing && matches_exit(arguments) {
            break throw_exit(current, &inner, arguments);
        }
        let Some(next) = as_generator(&inner) else {
            break throw_into(thread, current, &inner, arguments);
        };
        link(thread, current);
        waiting += 1;
        // SAFETY: it is on the stack of a frame that nobody resumes before it is unlinked.
        current = unsafe { &*std::ptr::from_ref(next) };
    };
    for _ in 0..waiting {
        // SAFETY: what ran inside has left its frames: the one that was linked last is the thread's, and its generator is held as above.
        let outer = unsafe { &*generator_of(thread.frame().get()) };
        unlink(thread, outer);
        if let Err(raised) = thrown {
            let _ = raised;
            thrown = go_on_behind(outer);
        }
    }
    thrown
}

/// Throws into the generator itself.
fn throw_here(generator: &Generator, arguments: &[&Object]) -> Result<Ref, Raised> {
    set_thrown(arguments)?;
    let outcome = resume_throwing(generator, false);
    result_of(generator, outcome)
}

/// GeneratorExit closes what a generator delegates to, then is thrown into it.
fn throw_exit(generator: &Generator, inner: &Object, arguments: &[&Object]) -> Result<Ref, Raised> {
    generator.frame_state.set(State::Executing);
    let closed = close_iterator(inner);
    generator.frame_state.set(State::Suspended);
    match closed {
        Ok(()) => throw_here(generator, arguments),
        Err(raised) => {
            let _ = raised;
            let outcome = resume_throwing(generator, false);
            result_of(generator, outcome)
        }
    }
}

/// Throws into what is no generator; what has no `throw` leaves it to the generator that delegates to it.
fn throw_into(thread: &Thread, generator: &Generator, inner: &Object, arguments: &[&Object]) -> Result<Ref, Raised> {
    let Some(method) = protocol::lookup_attribute(inner, crate::id!(throw))? else {
        return throw_here(generator, arguments);
    };
    link(thread, generator);
    let thrown = protocol::call(&method, arguments);
    unlink(thread, generator);
    thrown.or_else(|raised| {
        let _ = raised;
        go_on_behind(generator)
    })
}

/// Puts a generator's frame on the thread's while what it waits for runs, so that tracebacks and `f_back` see it.
fn link(thread: &Thread, generator: &Generator) {
    let frame = generator.frame();
    // SAFETY: the frame is the generator's own, and suspended.
    unsafe { (*frame).previous = thread.frame().get() };
    thread.frame().set(frame);
    generator.frame_state.set(State::Executing);
}

fn unlink(thread: &Thread, generator: &Generator) {
    generator.frame_state.set(State::Suspended);
    let frame = generator.frame();
    // SAFETY: as above.
    let caller = unsafe { std::mem::replace(&mut (*frame).previous, std::ptr::null_mut()) };
    thread.frame().set(caller);
}

/// Whether what is thrown is a GeneratorExit.
fn matches_exit(arguments: &[&Object]) -> bool {
    let Some(thrown) = arguments.first() else { return false };
    match thrown.downcast::<Type>() {
        Some(class) => class.is_subtype(exc::GeneratorExit()),
        None => thrown.ty().is_subtype(exc::GeneratorExit()),
    }
}

/// What a generator delegated to has ended with the exception that is set: the generator goes on behind its SEND with the value of a
/// StopIteration, or with the exception.
fn go_on_behind(generator: &Generator) -> Result<Ref, Raised> {
    let frame = generator.frame();
    // SAFETY: the frame is suspended at the YIELD_VALUE behind a SEND, whose operand leads behind the loop; the receiver is on top of the stack.
    unsafe {
        let top = (*frame).stack_top as usize - 1;
        (*frame).stack_top = top as i32;
        let slot = (*frame).slots().add(top);
        let inner = own(std::mem::replace(&mut *slot, std::ptr::null_mut()));
        let send = (*frame).previous_unit.sub(1);
        debug_assert_eq!(Opcode::from_u8(*send as u8), Some(Opcode::Send));
        (*frame).previous_unit = send.add(usize::from(*send >> 8));
        crate::exceptions::unraisable::keep_current(|| drop(inner));
    }
    let outcome = match stopped_value(Thread::current()) {
        Ok(result) => resume(generator, Some(result), false, false),
        Err(raised) => {
            let _ = raised;
            resume_throwing(generator, false)
        }
    };
    result_of(generator, outcome)
}

/// Sets the exception that the arguments of `throw` describe: an instance, or a type with a value and a traceback.
fn set_thrown(arguments: &[&Object]) -> Result<(), Raised> {
    let given = |index: usize| arguments.get(index).copied().filter(|argument| !is_none(argument));
    let traceback = match given(2).map(|traceback| traceback.downcast::<Traceback>()) {
        None => None,
        Some(Some(traceback)) => Some(Ref::from_borrowed(traceback)),
        Some(None) => return Err(raise!(TypeError, "throw() third argument must be a traceback object")),
    };
    let Some(thrown) = arguments.first().copied() else {
        return Err(raise!(TypeError, "throw expected at least 1 argument, got 0"));
    };
    let exception = exception_of(thrown, given(1))?;
    if let Some(traceback) = traceback {
        exception.traceback.set(Some(traceback));
    }
    let _ = Thread::current().set_exception(exception);
    Ok(())
}

/// The exception for a type and a value, or for an instance.
fn exception_of(thrown: &Object, item: Option<&Object>) -> Result<Ref<BaseException>, Raised> {
    if let Some(class) = thrown.downcast::<Type>()
        && class.is_subtype(exc::BaseExceptionType())
    {
        if let Some(exception) = item.and_then(Object::downcast::<BaseException>)
            && exception.ty().is_subtype(class)
        {
            return Ok(Ref::from_borrowed(exception));
        }
        // What goes wrong in making it is thrown in its place.
        return Ok(crate::threads::raised_triple::normalize(class, item.map(Object::to_ref)));
    }
    match thrown.downcast::<BaseException>() {
        Some(_) if item.is_some() => Err(raise!(TypeError, "instance exception may not have a separate value")),
        Some(exception) => Ok(Ref::from_borrowed(exception)),
        None => Err(raise!(
            TypeError,
            "exceptions must be classes or instances deriving from BaseException, not {}",
            thrown.ty().full_name()
        )),
    }
}

/// What happens to a generator that dies before it ended: it is closed (`_PyGen_Finalize`).
pub fn finalize(generator: &Generator) {
    if generator.state() >= State::Completed {
        return;
    }
    let thread = Thread::current();
    let kept = thread.take_exception();
    let object: &Object = generator;
    let finalizer = if generator.is_async_generator() { generator.origin_or_finalizer.get() } else { None };
    let result = match finalizer.filter(|_| !generator.closed.get()) {
        Some(finalizer) => protocol::call1(&finalizer, object).map(drop),
        None => {
            let is_coroutine = generator.code.get().is_some_and(|code| code.has_flags(CO_COROUTINE));
            if is_coroutine && generator.state() == State::Created {
                warn_never_awaited(generator);
                Ok(())
            } else {
                close(generator)
            }
        }
    };
    if let Err(raised) = result {
        crate::exceptions::unraisable::unraisable(raised, Some(object));
    }
    if let Some(kept) = kept {
        let _ = thread.set_exception(kept);
    }
}

/// Warns of a coroutine that nobody awaited, through `warnings` unless the interpreter ends.
fn warn_never_awaited(coroutine: &Generator) {
    let told = (|| {
        if Thread::current().interpreter().finalizing.get() {
            return Ok(false);
        }
        let Ok(module) = crate::import::import_module("warnings").map_err(Raised::clear) else { return Ok(false) };
        match protocol::lookup_attribute(&module, &*Str::intern("_warn_unawaited_coroutine")?)? {
            Some(function) => protocol::call1(&function, coroutine).map(|_| true),
            None => Ok(false),
        }
    })();
    let told = told.unwrap_or_else(|raised| {
        // The warning itself, made an error, was told of.
        let warned = Thread::current().exception().is_some_and(|error| error.ty().is_subtype(exc::RuntimeWarning()));
        crate::exceptions::unraisable::unraisable(raised, Some(coroutine));
        warned
    });
    if told {
        return;
    }
    let text = format_args!("coroutine '{}' was never awaited", coroutine.qualname());
    if let Err(raised) = crate::exceptions::warn(exc::RuntimeWarning(), text, 1) {
        crate::exceptions::unraisable::unraisable(raised, Some(coroutine));
    }
}
