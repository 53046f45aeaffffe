//! Evaluation: frames, the loop, and what each thread keeps of it.
//!
//! - `frame` has the frames and the stack they live on, `value` the raw values in them;
//! - `run` is the loop; `call` binds arguments, `unwind` finds handlers, and the other files hold the meaning of instructions by
//!   family: `names`, `build`, `raise`, `patterns`, `operators`, `generators`;
//! - `specialize` rewrites instructions in place from what they see; `fast` and `fast_calls` are what the rewritten ones do;
//! - `breaker` is what makes a running thread stop and look: signals, pending calls, requests for the lock.

mod arithmetic;
pub mod breaker;
pub mod build;
pub mod call;
pub(crate) mod fast;
mod fast_calls;
pub mod frame;
pub mod generators;
pub mod groups;
pub mod imports;
pub mod names;
mod opcodes;
pub mod operators;
pub mod patterns;
pub mod raise;
mod rare;
pub mod run;
pub mod specialize;
pub(crate) mod steps;
pub mod trace;
pub mod unwind;
pub mod value;

use std::cell::Cell;
use std::sync::atomic::AtomicU32;

use crate::exceptions::BaseException;
use crate::object::{Field, Object, Raised, Ref};
use crate::threads::Thread;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::frame::FrameObject;
use crate::types::frame::value::complete;
use frame::{DataStack, Frame};

pub use raise::set_context;

/// What evaluation keeps of a thread.
#[repr(C)]
pub struct EvalState {
    /// Where frames of functions live.
    pub stack: DataStack,
    /// The outermost of the exceptions that are being handled.
    pub handled: HandledExceptions,
    /// The outermost of what points to the frame that runs.
    pub root: CFrame,
    /// A piece of the stack that was left, kept for the next call.
    pub spare: frame::SpareChunk,
    /// What the thread is asked to look at, as bits of `breaker`; other threads set them.
    pub breaker: AtomicU32,
    /// Called at first iteration of an asynchronous generator (`sys.set_asyncgen_hooks`).
    pub asyncgen_firstiter: Field,
    /// Called when an asynchronous generator is about to be collected.
    pub asyncgen_finalizer: Field,
    /// How deep coroutines note where they were made (`sys.set_coroutine_origin_tracking_depth`).
    pub coroutine_origin_depth: Cell<i32>,
    /// `sys.settrace` and `sys.setprofile`.
    pub tracing: trace::Tracing,
}

/// What points to the frame that runs (`_PyCFrame`): extensions that switch native stacks have one for each.
#[repr(C)]
pub struct CFrame {
    /// Whether calls are traced, as extensions see it.
    pub use_tracing: Cell<u8>,
    /// The frame that runs.
    pub current_frame: Cell<*mut Frame>,
    /// The one before.
    pub previous: Cell<*const CFrame>,
}

const _: () =
    assert!(std::mem::offset_of!(EvalState, handled) == 0x18 && std::mem::offset_of!(EvalState, root) == 0x28);

/// What evaluation keeps of an interpreter.
pub struct InterpreterState {
    /// The next version of a function; 0 when all were given out.
    pub next_function_version: Cell<u32>,
    /// The next version of a dictionary's keys; 0 when all were given out.
    pub next_keys_version: Cell<u32>,
}

/// An exception that is being handled by a frame or generator (`_PyErr_StackItem`).
#[repr(C)]
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
            stack: DataStack::new(),
            handled: HandledExceptions { exception: Field::empty(), previous: Cell::new(std::ptr::null()) },
            root: CFrame {
                use_tracing: Cell::new(0),
                current_frame: Cell::new(std::ptr::null_mut()),
                previous: Cell::new(std::ptr::null()),
            },
            spare: Default::default(),
            breaker: AtomicU32::new(0),
            asyncgen_firstiter: Field::empty(),
            asyncgen_finalizer: Field::empty(),
            coroutine_origin_depth: Cell::new(0),
            tracing: Default::default(),
        }
    }

    /// Drops what is kept of objects.
    pub fn clear(&self) {
        for unset in [self.tracing.set_trace(None, None), self.tracing.set_profile(None, None)] {
            unset.unwrap_or_else(Raised::clear);
        }
        drop(self.asyncgen_firstiter.take());
        drop(self.asyncgen_finalizer.take());
        drop(self.handled.exception.take());
    }
}

impl Default for EvalState {
    fn default() -> EvalState {
        EvalState::new()
    }
}

impl InterpreterState {
    /// Nothing given out yet.
    pub const fn new() -> InterpreterState {
        InterpreterState { next_function_version: Cell::new(1), next_keys_version: Cell::new(2) }
    }
}

impl Default for InterpreterState {
    fn default() -> InterpreterState {
        InterpreterState::new()
    }
}

/// Runs code in the given globals and locals, as `exec` and `eval` do; `globals` must have `__builtins__` unless the current
/// builtins are meant.
pub fn run_code(code: &Code, globals: &Dict, locals: &Object) -> Result<Ref, Raised> {
    call::run_code(code, globals, locals)
}

/// Runs the code of a module whose dictionary the caller gives up, and which has its `__builtins__`.
pub fn run_module_code(code: &Code, dict: Ref<Dict>) -> Result<Ref, Raised> {
    call::run_module_code(code, dict)
}

/// As `run_code`, for code with free variables: `closure` holds their cells.
pub fn run_code_with_closure(
    code: &Code,
    globals: &Dict,
    locals: &Object,
    closure: Option<&crate::types::tuple::Tuple>,
) -> Result<Ref, Raised> {
    let function = crate::types::function::Function::new(code, globals)?;
    function.set_closure(closure.map(Ref::from_borrowed));
    call::call_with_locals(&function, Some(locals))
}

/// Runs a class body in its namespace; gives the class cell, or None.
pub fn run_class_body(body: &crate::types::function::Function, namespace: &Object) -> Result<Ref, Raised> {
    call::call_with_locals(body, Some(namespace))
}

/// The code that runs.
pub fn running_code() -> Option<Ref<Code>> {
    // SAFETY: the thread's frames are alive.
    unsafe { current_frame_raw().as_ref() }.map(|frame| Ref::from_borrowed(frame.code()))
}

/// The frame that runs, as far as Python may see it.
pub fn current_frame() -> Result<Option<Ref<FrameObject>>, Raised> {
    // SAFETY: the thread's frames are alive.
    unsafe {
        match complete(Thread::current().frame().get()).as_mut() {
            Some(frame) => FrameObject::of(frame).map(Some),
            None => Ok(None),
        }
    }
}

/// The innermost frame that Python may see; null when none runs.
pub fn current_frame_raw() -> *mut Frame {
    // SAFETY: the thread's frames are alive.
    unsafe { complete(Thread::current().frame().get()) }
}

/// Tells of each frame of the current thread, the innermost first: file, line, and the function's name.
pub fn for_each_place(mut tell: impl FnMut(&str, i32, &str)) {
    let mut frame = current_frame_raw();
    // SAFETY: the thread's frames are alive.
    while let Some(this) = unsafe { frame.as_ref() } {
        let code = this.code();
        tell(&code.filename().to_string_lossy(), this.line().unwrap_or(0), &code.name().to_string_lossy());
        // SAFETY: as above.
        frame = unsafe { complete(this.previous) };
    }
}

/// The builtins of the frame that runs, or of the interpreter.
pub fn builtins() -> Ref {
    // SAFETY: the thread's frames are alive.
    match unsafe { current_frame_raw().as_ref() } {
        Some(frame) => frame.builtins().to_ref(),
        None => match Thread::current().interpreter().builtins.get() {
            Some(builtins) => builtins.into_object(),
            None => crate::types::none(),
        },
    }
}

/// The globals of the frame that runs.
pub fn globals() -> Option<Ref<Dict>> {
    // SAFETY: the thread's frames are alive.
    unsafe { current_frame_raw().as_ref() }.map(|frame| Ref::from_borrowed(frame.globals()))
}

/// The locals of the frame that runs, as `locals()` gives them.
pub fn locals() -> Result<Ref, Raised> {
    let frame = current_frame_raw();
    if frame.is_null() {
        return Err(crate::raise!(SystemError, "frame does not exist"));
    }
    // SAFETY: the frame is alive.
    unsafe { crate::types::frame::locals::fast_to_locals(frame) }
}
