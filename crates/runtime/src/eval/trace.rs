//! Tracing and profiling: `sys.settrace`, `sys.setprofile`, and what C hooks of the same kind get.
//!
//! The loop asks one flag before each instruction. While it is set, `step` runs before the instruction, and tells the hooks of calls, lines,
//! instructions and returns; exceptions are told where the stack is unwound. Instructions run in their general form meanwhile.
//!
//! Invariants: `active` is set exactly when there is a hook and none of them runs; `Frame::traced` is set in all frames of a thread that has
//! a hook, so that the loop has one byte at hand to look at.

use std::cell::Cell;
use std::ffi::c_int;

use habu_bytecode::Opcode;

use super::frame::Frame;
use super::unwind::Failure;
use super::value::Value;
use crate::exceptions::BaseException;
use crate::object::{Field, Object, Raised, Ref, Status, protocol};
use crate::threads::Thread;
use crate::types::frame::FrameObject;
use crate::types::frame::locals::{fast_to_locals, locals_to_fast};
use crate::types::singletons::{is_none, none_static};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// A hook (`Py_tracefunc`): its argument, the frame, an event, and what the event is about, null for nothing.
pub type Hook = unsafe extern "C" fn(Option<&Object>, &FrameObject, c_int, Option<&Object>) -> Status;

/// What a hook is told of; the numbers are those of `pystate.h`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i32)]
pub enum Event {
    /// A frame starts or goes on.
    Call = 0,
    /// An exception was raised or came from a callee.
    Exception = 1,
    /// Another line is about to run.
    Line = 2,
    /// The frame returns or yields; None and an exception that is set when it is left by that.
    Return = 3,
    /// A built-in function is called.
    CCall = 4,
    /// A built-in function raised.
    CException = 5,
    /// A built-in function returned.
    CReturn = 6,
    /// Another instruction is about to run.
    Opcode = 7,
}

/// The names that hooks written in Python get, by number.
const NAMES: [&str; 8] = ["call", "exception", "line", "return", "c_call", "c_exception", "c_return", "opcode"];

/// A hook that is set, with its argument.
#[derive(Default)]
pub struct Slot {
    function: Cell<Option<Hook>>,
    argument: Field,
    /// Whether it is being set: the old argument goes.
    is_changing: Cell<bool>,
}

/// What a thread keeps of tracing.
#[derive(Default)]
pub struct Tracing {
    /// Whether the loop must call `step`.
    pub active: Cell<bool>,
    /// Whether there is a hook; running frames have a copy.
    pub hooked: Cell<bool>,
    /// How many hooks run, inside one another.
    depth: Cell<u32>,
    /// The event that a hook runs for.
    event: Cell<Option<Event>>,
    trace: Slot,
    profile: Slot,
}

impl Tracing {
    /// Whether there is a trace function at work.
    pub(super) fn traces(&self) -> bool {
        self.active.get() && self.trace.function.get().is_some()
    }

    fn refresh(&self) {
        let hooked = self.trace.function.get().is_some() || self.profile.function.get().is_some();
        self.active.set(hooked && self.depth.get() == 0);
        if self.hooked.replace(hooked) != hooked {
            let mut frame = Thread::current().frame().get();
            // SAFETY: the thread's frames are alive.
            while let Some(at) = unsafe { frame.as_mut() } {
                at.traced = if hooked { u8::MAX } else { 0 };
                frame = at.previous;
            }
        }
    }

    /// The event that a hook runs for, if one runs.
    pub fn event(&self) -> Option<Event> {
        self.event.get()
    }

    /// What `sys.settrace` was given.
    pub fn trace_argument(&self) -> Option<Ref> {
        self.trace.argument.get()
    }

    /// What `sys.setprofile` was given.
    pub fn profile_argument(&self) -> Option<Ref> {
        self.profile.argument.get()
    }

    fn install(&self, slot: &Slot, kind: &str, function: Option<Hook>, argument: Option<Ref>) -> Result<(), Raised> {
        if slot.is_changing.replace(true) {
            return Err(crate::raise!(
                RuntimeError,
                "Cannot install a {kind} function while another {kind} function is being installed"
            ));
        }
        // The old argument may run Python code when it goes, so the hook is off until then.
        slot.function.set(None);
        self.refresh();
        drop(slot.argument.replace(argument));
        slot.function.set(function);
        slot.is_changing.set(false);
        self.refresh();
        Ok(())
    }

    /// Sets the hook for everything but calls of built-in functions (`PyEval_SetTrace`).
    ///
    /// Raises RuntimeError while one is being set: in the finalizer of the old hook.
    pub fn set_trace(&self, function: Option<Hook>, argument: Option<Ref>) -> Result<(), Raised> {
        self.install(&self.trace, "trace", function, argument)
    }

    /// Sets the hook for calls and returns (`PyEval_SetProfile`).
    ///
    /// Raises RuntimeError while one is being set: in the finalizer of the old hook.
    pub fn set_profile(&self, function: Option<Hook>, argument: Option<Ref>) -> Result<(), Raised> {
        self.install(&self.profile, "profile", function, argument)
    }

    /// Runs `body` as if no hook ran (`sys.call_tracing`).
    pub fn outside<T>(&self, body: impl FnOnce() -> T) -> T {
        let depth = self.depth.replace(0);
        self.refresh();
        let result = body();
        self.depth.set(depth);
        self.refresh();
        result
    }
}

impl Tracing {
    /// Runs `body` as if one hook more ran, or one less.
    pub fn stepped<T>(&self, by: i32, body: impl FnOnce() -> T) -> T {
        let depth = self.depth.get();
        self.depth.set(depth.saturating_add_signed(by));
        self.refresh();
        let result = body();
        self.depth.set(depth);
        self.refresh();
        result
    }
}

/// Sets or takes away a trace function written in Python.
pub fn set_python_trace(function: Option<&Object>) -> Result<(), Raised> {
    let hook = function.map(|_| trace_trampoline as Hook);
    Thread::current().eval.tracing.set_trace(hook, function.map(Object::to_ref))
}

/// Sets or takes away a profile function written in Python.
pub fn set_python_profile(function: Option<&Object>) -> Result<(), Raised> {
    let hook = function.map(|_| profile_trampoline as Hook);
    Thread::current().eval.tracing.set_profile(hook, function.map(Object::to_ref))
}

/// Calls a hook, unless one runs already.
fn call_hook(
    thread: &Thread,
    slot: &Slot,
    frame: *mut Frame,
    event: Event,
    argument: Option<&Object>,
) -> Result<(), Raised> {
    let tracing = &thread.eval.tracing;
    let Some(function) = slot.function.get().filter(|_| tracing.depth.get() == 0) else { return Ok(()) };
    // SAFETY: the frame is the one that runs, and holds its object for as long.
    let object = unsafe { FrameObject::of(frame)?.as_pointer().as_ref() };
    let kept = slot.argument.get();
    // Hooks that C code has set get None with these events, and null where a frame is left by an exception.
    let nothing = crate::types::none();
    let argument = match event {
        Event::Call | Event::Line | Event::Opcode => argument.or(Some(&nothing)),
        _ => argument,
    };
    let outer = tracing.event.replace(Some(event));
    tracing.depth.set(tracing.depth.get() + 1);
    tracing.refresh();
    // SAFETY: the hook and its argument were set together, and both stay alive during the call.
    let status = unsafe { function(kept.as_deref(), object, event as c_int, argument) };
    tracing.depth.set(tracing.depth.get().saturating_sub(1));
    tracing.refresh();
    tracing.event.set(outer);
    status.result()
}

/// As `call_hook`, with the exception that is set put aside meanwhile; one of the hook replaces it.
fn call_hook_aside(
    thread: &Thread,
    slot: &Slot,
    frame: *mut Frame,
    event: Event,
    argument: Option<&Object>,
) -> Result<(), Raised> {
    let kept = thread.take_exception();
    call_hook(thread, slot, frame, event, argument)?;
    if let Some(kept) = kept {
        let _ = thread.set_exception(kept);
    }
    Ok(())
}

fn tell_both(thread: &Thread, frame: *mut Frame, event: Event, argument: Option<&Object>) -> Result<(), Raised> {
    let tracing = &thread.eval.tracing;
    call_hook_aside(thread, &tracing.trace, frame, event, argument)?;
    call_hook_aside(thread, &tracing.profile, frame, event, argument)
}

/// Where the hooks of a running loop were told of an instruction last.
pub(super) type Told = (*mut Frame, *mut u16);

/// Tells the hooks, if there are any at work, that the instruction at `(*frame).previous_unit` is to run. Gives the stack pointer, which goes along
/// when a hook moves the frame to another instruction.
///
/// # Safety
/// `frame` runs, and `sp` is its stack pointer.
#[cold]
#[inline(never)]
pub(super) unsafe fn tell(
    thread: &Thread,
    frame: *mut Frame,
    sp: *mut Value,
    told: &mut Told,
) -> Result<*mut Value, Failure> {
    if !thread.eval.tracing.active.get() {
        return Ok(sp);
    }
    // SAFETY: by the contract.
    unsafe {
        // A frame that a hook was not told of last came here from the unit before.
        let before = if told.0 == frame { told.1 } else { (*frame).previous_unit.wrapping_sub(1) };
        (*frame).stack_top = sp.offset_from((*frame).slots()) as i32;
        let stepped = step(thread, frame, before);
        let top = (*frame).slots().add((*frame).stack_top as usize);
        (*frame).stack_top = -1;
        if stepped.is_ok() {
            *told = (frame, (*frame).previous_unit);
        }
        stepped.map(|()| top)
    }
}

/// Runs before the instruction at `(*frame).previous_unit`, whose predecessor in time is `before`; the hook may move the frame to another
/// instruction. The frame's `stack_top` is set.
///
/// # Safety
/// `frame` runs.
unsafe fn step(thread: &Thread, frame: *mut Frame, before: *mut u16) -> Result<(), Failure> {
    // SAFETY: by the contract.
    unsafe {
        let code = (*frame).code();
        let index = (*frame).unit_index();
        let first = code.firsttraceable.get() as isize;
        if index < first {
            return Ok(());
        }
        let op = super::steps::opcode(*(*frame).previous_unit).deopt();
        if op == Opcode::Resume {
            return enter(thread, frame).map_err(|_| Failure::Raised);
        }
        let before = before.offset_from(code.first_unit());
        tell_line(thread, frame, index, before, first).map_err(|_| Failure::Raised)?;
        let op = super::steps::opcode(*(*frame).previous_unit).deopt();
        if matches!(op, Opcode::ReturnValue | Opcode::YieldValue) && thread.eval.tracing.active.get() {
            let top = (*frame).slots().add((*frame).stack_top as usize - 1);
            let result: Value = *top;
            tell_both(thread, frame, Event::Return, Some(&*result)).map_err(|_| Failure::Left)?;
        }
        Ok(())
    }
}

/// Tells that the frame starts or goes on.
///
/// # Safety
/// `frame` runs.
pub(super) unsafe fn enter(thread: &Thread, frame: *mut Frame) -> Result<(), Raised> {
    tell_both(thread, frame, Event::Call, None)
}

unsafe fn tell_line(
    thread: &Thread,
    frame: *mut Frame,
    index: isize,
    before: isize,
    first: isize,
) -> Result<(), Raised> {
    let tracing = &thread.eval.tracing;
    if tracing.trace.function.get().is_none() {
        return Ok(());
    }
    // SAFETY: the frame runs.
    let (code, object) = unsafe { ((*frame).code(), FrameObject::of(frame)?) };
    let line_of = |index: isize| code.line_at(index as i32 * 2);
    let last = if before <= first { None } else { line_of(before) };
    let line = line_of(index);
    if line.is_some() && object.trace_lines.get() {
        // A jump back to the same line is another round of a loop, but a delegating `yield` is none.
        let again = || {
            // SAFETY: the index is within the code.
            let op = unsafe { super::steps::opcode(*(*frame).previous_unit) };
            index < before && op != Opcode::Send
        };
        if line != last || again() {
            call_hook(thread, &tracing.trace, frame, Event::Line, None)?;
        }
    }
    if object.trace_opcodes.get() {
        call_hook(thread, &tracing.trace, frame, Event::Opcode, None)?;
    }
    Ok(())
}

/// Tells the trace function of the exception that is set; one of its own replaces it.
///
/// # Safety
/// `frame` runs.
#[cold]
pub(super) unsafe fn tell_exception(thread: &Thread, frame: *mut Frame) {
    let tracing = &thread.eval.tracing;
    if tracing.trace.function.get().is_none() || tracing.depth.get() > 0 {
        return;
    }
    let Some(exception) = thread.take_exception() else { return };
    let told = describe(&exception)
        .and_then(|description| call_hook(thread, &tracing.trace, frame, Event::Exception, Some(&description)));
    if told.is_ok() {
        let _ = thread.set_exception(exception);
    }
}

fn describe(exception: &Ref<BaseException>) -> Result<Ref<Tuple>, Raised> {
    let traceback = exception.traceback.get().map_or_else(crate::types::none, Ref::into_object);
    Tuple::from_refs([exception.type_ref().into_object(), exception.clone().into_object(), traceback])
}

/// Tells that the frame is left by the exception that is set.
///
/// # Safety
/// `frame` runs.
#[cold]
pub(super) unsafe fn tell_unwound(thread: &Thread, frame: *mut Frame) {
    // SAFETY: the frame runs.
    if unsafe { (*frame).is_incomplete() } {
        return;
    }
    // An error of a hook has replaced the exception.
    let _ = tell_both(thread, frame, Event::Return, None);
}

/// Calls what the loop found to be no Python function, and tells the profile function if it is a built-in one.
///
/// # Safety
/// As `vectorcall_raw`.
#[cold]
pub(super) unsafe fn call(
    thread: &Thread,
    callable: &Object,
    arguments: *const &'static Object,
    count: usize,
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    // SAFETY: by the contract.
    let first = if count > 0 { Some(unsafe { *arguments }) } else { None };
    profiled(thread, callable, first, || {
        let flagged = count | crate::object::slots::VECTORCALL_ARGUMENTS_OFFSET;
        // SAFETY: by the contract.
        unsafe { protocol::call::vectorcall_raw(callable, arguments, flagged, names) }
    })
}

/// Runs a call, and tells the profile function of it where the callable is a built-in function or method.
pub(super) fn profiled(
    thread: &Thread,
    callable: &Object,
    first: Option<&Object>,
    body: impl FnOnce() -> Result<Ref, Raised>,
) -> Result<Ref, Raised> {
    let tracing = &thread.eval.tracing;
    if tracing.profile.function.get().is_none() || tracing.depth.get() > 0 {
        return body();
    }
    let Some(function) = builtin_function(callable, first)? else { return body() };
    let frame = thread.frame().get();
    call_hook(thread, &tracing.profile, frame, Event::CCall, Some(&function))?;
    match body() {
        Ok(result) => {
            call_hook(thread, &tracing.profile, frame, Event::CReturn, Some(&function))?;
            Ok(result)
        }
        Err(raised) => {
            call_hook_aside(thread, &tracing.profile, frame, Event::CException, Some(&function))?;
            Err(raised)
        }
    }
}

/// The built-in function that a call is of: a method descriptor is bound to its first argument.
fn builtin_function(callable: &Object, first: Option<&Object>) -> Result<Option<Ref>, Raised> {
    if callable.is_exact::<crate::types::builtin_function::BuiltinFunction>() {
        return Ok(Some(callable.to_ref()));
    }
    if !callable.is_exact::<crate::types::descriptor::MethodDescriptor>() {
        return Ok(None);
    }
    let (Some(first), Some(bind)) = (first, callable.ty().tp_descr_get.get()) else { return Ok(None) };
    // SAFETY: the slot belongs to the descriptor's own type.
    unsafe { bind(callable, Some(first), Some(first.ty())) }.map(Some)
}

/// Calls a hook written in Python, with the frame's locals at hand as a dictionary.
fn call_python(
    callback: &Object,
    object: &FrameObject,
    event: c_int,
    argument: Option<&Object>,
) -> Result<Ref, Raised> {
    let Some(frame) = object.frame() else { return Ok(crate::types::none()) };
    let frame = frame.as_ptr();
    // SAFETY: the frame runs.
    unsafe {
        drop(fast_to_locals(frame)?);
        let name = Str::intern(NAMES.get(event as usize).copied().unwrap_or("opcode"))?;
        let result = protocol::call(callback, &[object, &name, argument.unwrap_or_else(|| none_static())]);
        let kept = if result.is_err() { Thread::current().take_exception() } else { None };
        locals_to_fast(frame, true);
        if let Some(kept) = kept {
            let _ = Thread::current().set_exception(kept);
        }
        result
    }
}

unsafe extern "C" fn trace_trampoline(
    function: Option<&Object>,
    frame: &FrameObject,
    event: c_int,
    argument: Option<&Object>,
) -> Status {
    let callback = if event == Event::Call as c_int { function.map(Object::to_ref) } else { frame.trace.get() };
    let Some(callback) = callback else { return Status::OK };
    match call_python(&callback, frame, event, argument) {
        Ok(result) => {
            if !is_none(&result) {
                drop(frame.trace.replace(Some(result)));
            }
            Status::OK
        }
        Err(raised) => {
            let exception = raised.take();
            // The exception of the hook is the one that counts.
            set_python_trace(None).unwrap_or_else(Raised::clear);
            drop(frame.trace.take());
            let _ = Thread::current().set_exception(exception);
            Status::RAISED
        }
    }
}

unsafe extern "C" fn profile_trampoline(
    function: Option<&Object>,
    frame: &FrameObject,
    event: c_int,
    argument: Option<&Object>,
) -> Status {
    let Some(callback) = function else { return Status::OK };
    match call_python(callback, frame, event, argument) {
        Ok(_) => Status::OK,
        Err(raised) => {
            let exception = raised.take();
            set_python_profile(None).unwrap_or_else(Raised::clear);
            let _ = Thread::current().set_exception(exception);
            Status::RAISED
        }
    }
}
