//! Generators, coroutines and their like as instructions see them: making them, sending into them, awaiting.

use habu_bytecode::code::{CO_ASYNC_GENERATOR, CO_COROUTINE, CO_ITERABLE_COROUTINE};

use super::frame::{Frame, Returns};
use super::value::{Value, new_value, value};
use crate::exceptions::{BaseException, exc};
use crate::object::protocol::attribute::ignore;
use crate::object::{Object, Raised, Ref, StaticType, protocol};
use crate::raise;
use crate::threads::Thread;
use crate::types::async_generator::AsyncGenerator;
use crate::types::async_generator::asend::AsyncGenAsend;
use crate::types::coroutine::Coroutine;
use crate::types::dict::Dict;
use crate::types::generator::resume::{Outcome, resume};
use crate::types::generator::{Generator, State, close};
use crate::types::singletons::{is_none, none};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// `RETURN_GENERATOR`: the frame's values move to a new generator, and its memory is given back; the generator, and the caller unless the
/// loop is to be left.
///
/// # Safety
/// `frame` runs, lies on the thread's stack, and its `stack_top` is set.
pub unsafe fn detach(thread: &Thread, frame: *mut Frame) -> Result<(Value, Option<*mut Frame>), Raised> {
    // SAFETY: by the contract.
    unsafe {
        let flags = (*frame).code().flags.get();
        let made = Generator::of_frame(type_for(flags), frame)?;
        if flags & CO_COROUTINE != 0 {
            note_origin(thread, &made, (*frame).previous);
        }
        let (caller, is_entry) = ((*frame).previous, (*frame).is_entry);
        thread.frame().set(caller);
        thread.recursion_remaining.set(thread.recursion_remaining.get() + 1);
        thread.eval.stack.pop(frame);
        Ok((value(made), if is_entry { None } else { Some(caller) }))
    }
}

/// Whether the loop may run this on itself: a generator or coroutine.
#[inline(always)]
pub fn is_resumable(receiver: &Object) -> bool {
    receiver.is_exact::<Generator>() || receiver.is_exact::<Coroutine>()
}

/// Prepares to run a generator on in the same loop: the value that is sent moves to its stack (null for `next()`). Nothing when it is not one
/// that waits; then nothing was moved.
///
/// # Safety
/// `generator` is a live generator or coroutine; `sent` is owned or null.
#[inline(always)]
pub unsafe fn step_into(generator: Value, sent: Value, returns: Returns) -> Option<*mut Frame> {
    // SAFETY: by the contract; a suspended frame has room for the value that it waits for.
    unsafe {
        let generator = &*generator.cast::<Generator>();
        let started = match generator.state() {
            State::Suspended => true,
            State::Created => false,
            _ => return None,
        };
        let none = crate::types::singletons::none_static();
        if !started && !sent.is_null() && !std::ptr::eq(sent, none) {
            return None;
        }
        let frame = generator.frame();
        let top = (*frame).stack_top as usize;
        (*frame).slots().add(top).write(if sent.is_null() { new_value(none) } else { sent });
        (*frame).stack_top = top as i32 + 1;
        (*frame).returns = returns;
        crate::types::generator::resume::begin(Thread::current(), generator);
        // The stack of the caller keeps the generator alive while it runs.
        Some(frame)
    }
}

/// Undoes `step_into`, with an exception set: the generator ends with it.
///
/// # Safety
/// `frame` is what `step_into` gave, and has not run.
#[cold]
pub unsafe fn step_out(thread: &Thread, frame: *mut Frame) {
    // SAFETY: by the contract.
    unsafe { leave(thread, frame) }
}

/// Ends a generator whose frame returned or raised in the loop that its caller runs in.
///
/// # Safety
/// `frame` is a generator's, has been unlinked, and its `stack_top` is set.
pub unsafe fn leave(thread: &Thread, frame: *mut Frame) {
    // SAFETY: by the contract.
    unsafe {
        let generator = &*super::frame::generator_of(frame);
        (*frame).returns = Returns::Value;
        generator.frame_state.set(State::Completed);
        crate::types::generator::resume::end(thread, generator);
        if thread.has_exception() {
            let _ = crate::types::generator::resume::failed(thread, generator, Raised::set());
        } else {
            crate::types::generator::resume::ended(generator);
        }
    }
}

/// What sending a value gave.
pub enum Sent {
    /// The receiver yielded.
    Yielded(Ref),
    /// The receiver ended with a value.
    Returned(Ref),
    /// The receiver raised.
    Raised(Raised),
}

/// The type of what a call of code with these flags makes.
pub fn type_for(flags: u32) -> &'static StaticType {
    if flags & CO_COROUTINE != 0 {
        &crate::types::coroutine::COROUTINE_TYPE
    } else if flags & CO_ASYNC_GENERATOR != 0 {
        &crate::types::async_generator::ASYNC_GENERATOR_TYPE
    } else {
        &crate::types::generator::GENERATOR_TYPE
    }
}

/// Whether `iternext` ended without an error: a StopIteration is forgotten.
#[inline]
pub fn iteration_ended(thread: &Thread) -> Result<(), Raised> {
    if !thread.has_exception() {
        return Ok(());
    }
    if thread.eval.tracing.active.get() {
        // SAFETY: the frame runs.
        unsafe { super::trace::tell_exception(thread, thread.frame().get()) };
    }
    ignore::<()>(Raised::set(), exc::StopIteration()).map(drop)
}

/// `SEND`
pub fn send(thread: &Thread, receiver: &Object, item: &Object) -> Sent {
    if thread.eval.tracing.traces() {
        return send_by_methods(thread, receiver, item);
    }
    if let Some(generator) = close::as_generator(receiver) {
        return match resume(generator, Some(item.to_ref()), false, false) {
            Outcome::Yielded(item) => Sent::Yielded(item),
            Outcome::Returned(item) => Sent::Returned(item),
            Outcome::Raised(raised) => Sent::Raised(raised),
        };
    }
    send_any(thread, receiver, item)
}

#[inline(never)]
fn send_any(thread: &Thread, receiver: &Object, item: &Object) -> Sent {
    if let Some(awaitable) = receiver.downcast_exact::<AsyncGenAsend>() {
        return awaitable.resume(item);
    }
    if let Some(slot) = receiver.ty().asynchronous().and_then(|suite| suite.am_send.get()) {
        let mut result = None;
        // SAFETY: the slot belongs to the receiver's own type.
        let code = unsafe { slot(receiver, item, &raw mut result) };
        return match (code, result) {
            (0, Some(result)) => Sent::Returned(result),
            (1, Some(result)) => Sent::Yielded(result),
            _ => Sent::Raised(Raised::set()),
        };
    }
    send_by_methods(thread, receiver, item)
}

/// `SEND` to what is no generator, and to everything while there is a trace function: it is told of the StopIteration by which the receiver ends.
fn send_by_methods(thread: &Thread, receiver: &Object, item: &Object) -> Sent {
    let sent =
        match receiver.ty().tp_iternext.get().filter(|_| is_none(item) && protocol::iterate::is_iterator(receiver)) {
            // SAFETY: the slot belongs to the receiver's own type.
            Some(next) => unsafe { next(receiver) },
            None => match protocol::call_method(receiver, crate::id!(send), &[item]) {
                Ok(item) => Some(item),
                Err(raised) => {
                    let _ = raised;
                    None
                }
            },
        };
    match sent {
        Some(item) => Sent::Yielded(item),
        None => match told_stopped_value(thread) {
            Ok(result) => Sent::Returned(result),
            Err(raised) => Sent::Raised(raised),
        },
    }
}

/// As `stopped_value`; the trace function, if there is one, is told of the StopIteration.
fn told_stopped_value(thread: &Thread) -> Result<Ref, Raised> {
    if thread.eval.tracing.traces()
        && thread.exception().is_some_and(|exception| exception.ty().is_subtype(exc::StopIteration()))
    {
        // SAFETY: the frame runs.
        unsafe { super::trace::tell_exception(thread, thread.frame().get()) };
    }
    stopped_value(thread)
}

/// The value of the StopIteration that is set, None when nothing is set; another exception stays (`_PyGen_FetchStopIterationValue`).
pub fn stopped_value(thread: &Thread) -> Result<Ref, Raised> {
    let Some(exception) = thread.exception() else { return Ok(none()) };
    if !exception.ty().is_subtype(exc::StopIteration()) {
        return Err(Raised::set());
    }
    drop(thread.take_exception());
    Ok(crate::exceptions::stop_iteration_value(&exception).unwrap_or_else(none))
}

/// `YIELD_VALUE`: the frame stays with its generator, which is suspended; gives the frame to go on in, unless the loop is to be left.
///
/// # Safety
/// `frame` runs, belongs to a generator, and its `stack_top` is set.
#[inline(always)]
pub unsafe fn suspend(thread: &Thread, frame: *mut Frame) -> Option<*mut Frame> {
    // SAFETY: by the contract.
    unsafe {
        let generator = &*super::frame::generator_of(frame);
        generator.frame_state.set(State::Suspended);
        let caller = std::mem::replace(&mut (*frame).previous, std::ptr::null_mut());
        thread.frame().set(caller);
        thread.recursion_remaining.set(thread.recursion_remaining.get() + 1);
        if (*frame).is_entry {
            return None;
        }
        crate::types::generator::resume::end(thread, generator);
        Some(caller)
    }
}

/// The error of a `for` loop over what has no `__next__`.
#[cold]
pub fn not_an_iterator(object: &Object) -> Raised {
    raise!(TypeError, "'{}' object is not an iterator", object.ty().full_name())
}

/// Raises StopIteration with a value, without one for None.
pub fn raise_stop_iteration(result: Ref) -> Raised {
    if is_none(&result) {
        return crate::exceptions::raise_with_arguments(exc::StopIteration(), &[]);
    }
    crate::exceptions::raise_with_arguments(exc::StopIteration(), &[&result])
}

/// `CALL_FUNCTION_EX`
pub fn call_extended(callable: &Object, arguments: &Tuple, keywords: Option<&Object>) -> Result<Ref, Raised> {
    let thread = Thread::current();
    if thread.eval.tracing.active.get() {
        let first = arguments.as_slice().first().cloned();
        return super::trace::profiled(thread, callable, first.as_deref(), || {
            call_extended_plain(callable, arguments, keywords)
        });
    }
    call_extended_plain(callable, arguments, keywords)
}

fn call_extended_plain(callable: &Object, arguments: &Tuple, keywords: Option<&Object>) -> Result<Ref, Raised> {
    let Some(keywords) = keywords else { return protocol::call_tuple(callable, arguments, None) };
    if let Some(keywords) = keywords.downcast_exact::<Dict>() {
        return protocol::call_tuple(callable, arguments, Some(keywords));
    }
    let merged = Dict::new()?;
    super::build::dict_merge(&merged, keywords, callable)?;
    protocol::call_tuple(callable, arguments, Some(&merged))
}

/// `GET_YIELD_FROM_ITER`: what `yield from` iterates over.
pub fn yield_from_iterator(iterable: &Object, allowed: bool) -> Result<Ref, Raised> {
    if iterable.is_exact::<Coroutine>() {
        if !allowed {
            return Err(raise!(TypeError, "cannot 'yield from' a coroutine object in a non-coroutine generator"));
        }
        return Ok(iterable.to_ref());
    }
    if iterable.is_exact::<Generator>() {
        return Ok(iterable.to_ref());
    }
    protocol::iterator(iterable)
}

/// What `await` iterates over (`_PyCoro_GetAwaitableIter`).
pub fn awaitable_iterator(object: &Object) -> Result<Ref, Raised> {
    let is_iterable_coroutine = object
        .downcast_exact::<Generator>()
        .and_then(|generator| generator.code.get())
        .is_some_and(|code| code.has_flags(CO_ITERABLE_COROUTINE));
    if object.is_exact::<Coroutine>() || is_iterable_coroutine {
        return Ok(object.to_ref());
    }
    let Some(slot) = object.ty().asynchronous().and_then(|suite| suite.am_await.get()) else {
        return Err(raise!(TypeError, "object {} can't be used in 'await' expression", object.ty().full_name()));
    };
    // SAFETY: the slot belongs to the object's own type.
    let iterator = unsafe { slot(object) }?;
    if iterator.is_exact::<Coroutine>() {
        return Err(raise!(TypeError, "__await__() returned a coroutine"));
    }
    if !protocol::iterate::is_iterator(&iterator) {
        let got = iterator.ty().full_name();
        return Err(raise!(TypeError, "__await__() returned non-iterator of type '{got}'"));
    }
    Ok(iterator)
}

/// `GET_AWAITABLE`; the operand says what the object came from, for the message.
pub fn awaitable(object: &Object, source: usize) -> Result<Ref, Raised> {
    let iterator = match awaitable_iterator(object) {
        Ok(iterator) => iterator,
        Err(raised) => return Err(not_awaitable(raised, object, source)),
    };
    if let Some(coroutine) = iterator.downcast_exact::<Coroutine>()
        && close::delegate(&coroutine.generator).is_some()
    {
        return Err(raise!(RuntimeError, "coroutine is being awaited already"));
    }
    Ok(iterator)
}

#[cold]
fn not_awaitable(raised: Raised, object: &Object, source: usize) -> Raised {
    let method = match source {
        1 => "__aenter__",
        2 => "__aexit__",
        _ => return raised,
    };
    if object.ty().asynchronous().is_some_and(|suite| suite.am_await.get().is_some()) {
        return raised;
    }
    raised.clear();
    let got = object.ty().full_name();
    raise!(TypeError, "'async with' received an object from {method} that does not implement __await__: {got}")
}

/// `GET_AITER`
pub fn async_iterator(object: &Object) -> Result<Ref, Raised> {
    let Some(slot) = object.ty().asynchronous().and_then(|suite| suite.am_aiter.get()) else {
        let got = object.ty().full_name();
        return Err(raise!(TypeError, "'async for' requires an object with __aiter__ method, got {got}"));
    };
    // SAFETY: the slot belongs to the object's own type.
    let iterator = unsafe { slot(object) }?;
    if iterator.ty().asynchronous().is_none_or(|suite| suite.am_anext.get().is_none()) {
        return Err(raise!(
            TypeError,
            "'async for' received an object from __aiter__ that does not implement __anext__: {}",
            iterator.ty().full_name()
        ));
    }
    Ok(iterator)
}

/// `GET_ANEXT`
pub fn async_next(iterator: &Object) -> Result<Ref, Raised> {
    let Some(slot) = iterator.ty().asynchronous().and_then(|suite| suite.am_anext.get()) else {
        let got = iterator.ty().full_name();
        return Err(raise!(TypeError, "'async for' requires an iterator with __anext__ method, got {got}"));
    };
    // SAFETY: the slot belongs to the iterator's own type.
    let next = unsafe { slot(iterator) }?;
    if iterator.is_exact::<AsyncGenerator>() {
        return Ok(next);
    }
    awaitable_iterator(&next).map_err(|raised| {
        let cause = raised.take();
        let got = next.ty().full_name();
        let raised = raise!(TypeError, "'async for' received an invalid object from __anext__: {got}");
        with_cause(raised, cause)
    })
}

/// Gives the exception that was just raised a cause, which is its context too.
pub fn with_cause(raised: Raised, cause: Ref<BaseException>) -> Raised {
    let exception = raised.take();
    exception.cause.set(Some(cause.clone()));
    exception.suppress_context.set(true);
    exception.context.set(Some(cause));
    Thread::current().set_exception(exception)
}

/// Notes where a coroutine was made, as deep as the thread asks for.
pub fn note_origin(thread: &Thread, made: &Generator, caller: *mut Frame) {
    let depth = thread.eval.coroutine_origin_depth.get();
    if depth <= 0 {
        return;
    }
    match origin(caller, depth as usize) {
        Ok(origin) => made.origin_or_finalizer.set(Some(origin.into_object())),
        Err(raised) => raised.clear(),
    }
}

fn origin(caller: *mut Frame, depth: usize) -> Result<Ref<Tuple>, Raised> {
    let mut entries = habu_heap::Buffer::<Ref>::new();
    let mut frame = caller;
    // SAFETY: the frames of the thread are alive.
    while let Some(at) = unsafe { frame.as_ref() } {
        if entries.len() >= depth {
            break;
        }
        if !at.is_incomplete() {
            let line = crate::object::IntoObject::into_object(at.line())?;
            let (file, name): (Ref<Str>, Ref<Str>) = (at.code().filename(), Ref::from_borrowed(at.code().name()));
            let entry = Tuple::from_refs([file.into_object(), line, name.into_object()])?;
            entries.push(entry.into_object())?;
        }
        frame = at.previous;
    }
    Tuple::from_slice(&entries)
}
