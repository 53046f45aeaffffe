//! `_asyncio`: futures and tasks in Rust, the loop that runs in a thread, the tasks that exist and the one that a loop runs.
//!
//! What the module needs of the Python package (how futures are shown, the exceptions, the policy) it imports when it is filled, and keeps with the
//! set of tasks in a `State` of the interpreter. The running loop is a field of the thread.

pub mod future;
mod future_iter;
mod state;
mod step;
pub mod task;

use habu_macros::pymodule;
use habu_runtime::object::{Object, PyType, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::module::Module;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;

use self::future::Future;
use self::state::State;
use self::task::Task;
use crate::fill::set_type;

/// The module.
pub struct AsyncioModule;

/// The loop that runs in this thread; one that ran when the process was forked does not run in the child.
fn running_loop() -> Option<Ref> {
    let thread = Thread::current();
    if thread.running_loop_inherited.get() { None } else { thread.running_loop.get() }
}

/// The loop that runs in this thread, or the one that the policy has for it.
fn event_loop() -> Result<Ref, Raised> {
    if let Some(running) = running_loop() {
        return Ok(running);
    }
    let policy = protocol::call0(&*State::current()?.get_event_loop_policy()?)?;
    protocol::call_method(&policy, habu_runtime::id!(get_event_loop), &[])
}

/// Accelerator module for asyncio
#[pymodule(name = "_asyncio")]
impl AsyncioModule {
    /// Return the running event loop or None.
    ///
    /// This is a low-level function intended to be used by event loops.
    /// This function is thread-specific.
    fn _get_running_loop() -> Result<Option<Ref>, Raised> {
        Ok(running_loop())
    }

    /// Set the running event loop.
    ///
    /// This is a low-level function intended to be used by event loops.
    /// This function is thread-specific.
    #[shown("($module, loop, /)")]
    fn _set_running_loop(running: &Object) -> Result<(), Raised> {
        let thread = Thread::current();
        let kept = if is_none(running) { None } else { Some(running.to_ref()) };
        thread.running_loop_inherited.set(false);
        thread.running_loop.set(kept);
        Ok(())
    }

    /// Return an asyncio event loop.
    ///
    /// When called from a coroutine or a callback (e.g. scheduled with
    /// call_soon or similar API), this function will always return the
    /// running event loop.
    ///
    /// If there is no running event loop set, the function will return
    /// the result of `get_event_loop_policy().get_event_loop()` call.
    fn get_event_loop() -> Result<Ref, Raised> {
        event_loop()
    }

    #[signature(stacklevel = 3)]
    fn _get_event_loop(stacklevel: i32) -> Result<Ref, Raised> {
        let _ = stacklevel;
        event_loop()
    }

    /// Return the running event loop.  Raise a RuntimeError if there is none.
    ///
    /// This function is thread-specific.
    fn get_running_loop() -> Result<Ref, Raised> {
        running_loop().ok_or_else(|| raise!(RuntimeError, "no running event loop"))
    }

    /// Register a new task in asyncio as executed by loop.
    ///
    /// Returns None.
    #[signature(task)]
    fn _register_task(task: &Object) -> Result<(), Raised> {
        State::current()?.register(task)
    }

    /// Unregister a task.
    ///
    /// Returns None.
    #[signature(task)]
    fn _unregister_task(task: &Object) -> Result<(), Raised> {
        State::current()?.unregister(task)
    }

    /// Enter into task execution or resume suspended task.
    ///
    /// Task belongs to loop.
    ///
    /// Returns None.
    #[signature(r#loop, task)]
    fn _enter_task(r#loop: &Object, task: &Object) -> Result<(), Raised> {
        State::current()?.enter_task(r#loop, task)
    }

    /// Leave task execution or suspend a task.
    ///
    /// Task belongs to loop.
    ///
    /// Returns None.
    #[signature(r#loop, task)]
    fn _leave_task(r#loop: &Object, task: &Object) -> Result<(), Raised> {
        State::current()?.leave_task(r#loop, task)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        habu_runtime::types::type_::ready::ready_static(future_iter::FutureIter::static_type())?;
        habu_runtime::types::type_::ready::ready_static(step::TaskStep::static_type())?;
        set_type(module, "Future", Future::static_type())?;
        set_type(module, "Task", Task::static_type())?;
        let state = State::current()?;
        module.set("_all_tasks", &*state.all_tasks()?)?;
        module.set("_current_tasks", &*state.current_tasks()?)
    }
}

/// What an empty field of a future shows as.
fn or_none(value: Option<Ref>) -> Ref {
    value.unwrap_or_else(none)
}
