//! What is running: frames, handled exceptions, tracing, coroutine hooks.

use habu_macros::pymodule;
use habu_runtime::eval;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::threads::audit::audit;
use habu_runtime::threads::{Thread, spawn};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;

use super::Sys;

#[pymodule(table = FRAMES)]
impl Sys {
    /// Return a frame object from the call stack.
    ///
    /// If optional integer depth is given, return the frame object that many
    /// calls below the top of the stack.  If that is deeper than the call
    /// stack, ValueError is raised.  The default for depth is zero, returning
    /// the frame at the top of the call stack.
    ///
    /// This function should be used for internal and specialized purposes
    /// only.
    #[name = "_getframe"]
    #[signature(depth = 0, /)]
    fn getframe(depth: i32) -> Result<Ref, Raised> {
        let mut frame = eval::current_frame()?;
        for _ in 0..depth.max(0) {
            frame = match frame {
                Some(frame) => frame.back()?,
                None => None,
            };
        }
        match frame {
            Some(frame) => {
                habu_runtime::audit!("sys._getframe", frame.clone())?;
                Ok(frame.into_object())
            }
            None => Err(raise!(ValueError, "call stack is not deep enough")),
        }
    }

    /// Return a dict mapping each thread's thread id to its current stack frame.
    ///
    /// This function should be used for specialized purposes only.
    #[name = "_current_frames"]
    fn current_frames() -> Result<Ref<Dict>, Raised> {
        audit("sys._current_frames", &[])?;
        let frames = Dict::new()?;
        for (identity, frame) in spawn::current_frames(Thread::current().interpreter())? {
            frames.set(&*Int::from_u64(identity)?, &frame)?;
        }
        Ok(frames)
    }

    /// Return a dict mapping each thread's identifier to its current raised exception.
    ///
    /// This function should be used for specialized purposes only.
    #[name = "_current_exceptions"]
    fn current_exceptions() -> Result<Ref<Dict>, Raised> {
        audit("sys._current_exceptions", &[])?;
        let exceptions = Dict::new()?;
        for thread in Thread::current().interpreter().threads.snapshot() {
            let shown = match thread.handled_exception() {
                None => Tuple::from_refs([none(), none(), none()])?,
                Some(exception) => {
                    let traceback = exception.traceback.get().map_or_else(none, |traceback| traceback.into_object());
                    Tuple::from_refs([exception.type_ref().into_object(), exception.into_object(), traceback])?
                }
            };
            exceptions.set(&*Int::from_u64(thread.thread_id.get())?, &shown)?;
        }
        Ok(exceptions)
    }

    /// Return current exception information: (type, value, traceback).
    ///
    /// Return information about the most recent exception caught by an except
    /// clause in the current stack frame or in an older stack frame.
    fn exc_info() -> Result<Ref<Tuple>, Raised> {
        match Thread::current().handled_exception() {
            None => Tuple::from_refs([none(), none(), none()]),
            Some(exception) => {
                let traceback = exception.traceback.get().map_or_else(none, |traceback| traceback.into_object());
                Tuple::from_refs([exception.type_ref().into_object(), exception.into_object(), traceback])
            }
        }
    }

    /// Return the current exception.
    ///
    /// Return the most recent exception caught by an except clause
    /// in the current stack frame or in an older stack frame, or None
    /// if no such clause exists.
    fn exception() -> Result<Option<Ref>, Raised> {
        Ok(Thread::current().handled_exception().map(Ref::into_object))
    }

    /// Set the global debug tracing function.
    ///
    /// It will be called on each function call.  See the debugger chapter
    /// in the library manual.
    #[no_signature]
    fn settrace(function: &Object) -> Result<(), Raised> {
        audit("sys.settrace", &[])?;
        eval::trace::set_python_trace(Some(function).filter(|function| !is_none(function)))
    }

    /// Set the profiling function.
    ///
    /// It will be called on each function call and return.  See the profiler
    /// chapter in the library manual.
    #[no_signature]
    fn setprofile(function: &Object) -> Result<(), Raised> {
        audit("sys.setprofile", &[])?;
        eval::trace::set_python_profile(Some(function).filter(|function| !is_none(function)))
    }

    /// Call func(*args), while tracing is enabled.
    ///
    /// The tracing state is saved, and restored afterwards.  This is intended
    /// to be called from a debugger from a checkpoint, to recursively debug
    /// some other code.
    #[signature(func, args, /)]
    fn call_tracing(func: &Object, args: &Tuple) -> Result<Ref, Raised> {
        Thread::current().eval.tracing.outside(|| protocol::call_tuple(func, args, None))
    }

    /// Return the global debug tracing function set with sys.settrace.
    ///
    /// See the debugger chapter in the library manual.
    fn gettrace() -> Result<Option<Ref>, Raised> {
        Ok(Thread::current().eval.tracing.trace_argument())
    }

    /// Return the profiling function set with sys.setprofile.
    ///
    /// See the profiler chapter in the library manual.
    fn getprofile() -> Result<Option<Ref>, Raised> {
        Ok(Thread::current().eval.tracing.profile_argument())
    }

    /// Check status of origin tracking for coroutine objects in this thread.
    fn get_coroutine_origin_tracking_depth() -> Result<i32, Raised> {
        Ok(Thread::current().eval.coroutine_origin_depth.get())
    }

    /// Enable or disable origin tracking for coroutine objects in this thread.
    ///
    /// Coroutine objects will track 'depth' frames of traceback information
    /// about where they came from, available in their cr_origin attribute.
    ///
    /// Set a depth of 0 to disable.
    #[signature(depth)]
    fn set_coroutine_origin_tracking_depth(depth: i32) -> Result<(), Raised> {
        if depth < 0 {
            return Err(raise!(ValueError, "depth must be >= 0"));
        }
        Thread::current().eval.coroutine_origin_depth.set(depth);
        Ok(())
    }

    /// Return the installed asynchronous generators hooks.
    ///
    /// This returns a namedtuple of the form (firstiter, finalizer).
    fn get_asyncgen_hooks() -> Result<Ref<Tuple>, Raised> {
        ASYNCGEN_HOOKS.ready()?;
        let eval = &Thread::current().eval;
        let hooks = [eval.asyncgen_firstiter.get(), eval.asyncgen_finalizer.get()];
        ASYNCGEN_HOOKS.build(|index| Ok(hooks[index].clone().unwrap_or_else(habu_runtime::types::none)))
    }

    /// set_asyncgen_hooks(* [, firstiter] [, finalizer])
    ///
    /// Set a finalizer for async generators objects.
    #[signature(firstiter = None, finalizer = None)]
    #[no_signature]
    fn set_asyncgen_hooks(firstiter: Option<&Object>, finalizer: Option<&Object>) -> Result<(), Raised> {
        let hook = |name: &str, given: Option<&Object>| match given.filter(|given| !is_none(given)) {
            Some(given) if !protocol::is_callable(given) => {
                Err(raise!(TypeError, "callable {name} expected, got {}", given.ty().full_name()))
            }
            given => Ok(given.map(Object::to_ref)),
        };
        let new_finalizer = hook("finalizer", finalizer)?;
        let new_firstiter = hook("firstiter", firstiter)?;
        let eval = &Thread::current().eval;
        if finalizer.is_some() {
            habu_runtime::threads::audit::audit("sys.set_asyncgen_hook_finalizer", &[])?;
            eval.asyncgen_finalizer.set(new_finalizer);
        }
        if firstiter.is_some() {
            habu_runtime::threads::audit::audit("sys.set_asyncgen_hook_firstiter", &[])?;
            eval.asyncgen_firstiter.set(new_firstiter);
        }
        Ok(())
    }
}

habu_runtime::struct_sequence! {
    doc "asyncgen_hooks\n\nA named tuple providing information about asynchronous\ngenerators hooks.  The attributes are read only."
    pub static ASYNCGEN_HOOKS = "asyncgen_hooks", visible 2,
    {
        firstiter: "Hook to intercept first iteration",
        finalizer: "Hook to intercept finalization",
    }
}
