//! `Task`: a future that runs a coroutine. What Python sees; `step` has how it runs.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::protocol::{self, truth, vectorcall};
use habu_runtime::object::{Field, Object, Raised, Ref, Stopped, Traverse, Type, Visit, instantiate};
use habu_runtime::types::coroutine::Coroutine;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, id, raise};

use super::future::{Future, Progress, context_or_copy, settable};
use super::state::State;
use super::step;

/// A coroutine wrapped in a Future.
#[pytype(name = "_asyncio.Task", signature = "(coro, *, loop=None, name=None, context=None)", gc, basetype, base = crate::asyncio::future::FUTURE_TYPE)]
#[repr(C)]
pub struct Task {
    pub(super) future: Future,
    /// What the task waits for.
    pub(super) waiter: Field,
    pub(super) coroutine: Field,
    name: Field,
    /// The context that the coroutine runs in.
    pub(super) context: Field,
    /// Whether the next step throws a CancelledError in.
    pub(super) must_cancel: Cell<i32>,
    log_destroy_pending: Cell<i32>,
    cancels_requested: Cell<i32>,
}

assert_layout!(Task, size 176, waiter @ 128, must_cancel @ 160);

/// Whether an object can be run as a coroutine.
fn is_coroutine(object: &Object) -> Result<bool, Raised> {
    if object.is_exact::<Coroutine>() {
        return Ok(true);
    }
    truth(&*protocol::call1(&*State::current()?.is_coroutine()?, object)?)
}

/// A name as text.
fn text(name: &Object) -> Result<Ref, Raised> {
    if name.is_exact::<Str>() { Ok(name.to_ref()) } else { Ok(protocol::str(name)?.into_object()) }
}

/// `Task-1` and so on.
fn numbered(number: u64) -> Result<Ref<Str>, Raised> {
    // The longest number has twenty digits.
    let mut text = *b"Task-....................";
    let mut at = text.len();
    let mut left = number;
    loop {
        at -= 1;
        text[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    text.copy_within(..5, at - 5);
    Str::from_ascii(&text[at - 5..])
}

impl Task {
    /// Asks what the task waits for to be cancelled; whether it will be.
    pub(super) fn cancel_waiter(&self, waiter: &Object, message: Option<&Object>) -> Result<bool, Raised> {
        if let Some(future) = waiter.downcast_exact::<Future>() {
            return future.cancel_with(message.map(Object::to_ref));
        }
        let cancel = protocol::get_attribute(waiter, id!(cancel))?;
        let message = message.map_or_else(none, Object::to_ref);
        let names = State::current()?.message_name()?;
        truth(&*vectorcall(&cancel, &[&message], Some(&names))?)
    }

    fn method_call(&self, function: Ref, limit: Option<&Object>, file: Option<&Object>) -> Result<Ref, Raised> {
        let limit = limit.map_or_else(none, Object::to_ref);
        match file {
            Some(file) => protocol::call(&function, &[self, &limit, file]),
            None => protocol::call(&function, &[self, &limit]),
        }
    }

    /// The part of `__init__` that the future does not do.
    fn begin(&self, coroutine: &Object, name: Option<&Object>, context: Option<&Object>) -> Result<(), Raised> {
        if !is_coroutine(coroutine)? {
            self.log_destroy_pending.set(0);
            return Err(raise!(TypeError, "a coroutine was expected, got {}", &*protocol::repr(coroutine)?));
        }
        let state = State::current()?;
        self.context.set(Some(context_or_copy(context.filter(|context| !is_none(context)))?));
        drop(self.waiter.take());
        self.must_cancel.set(0);
        self.log_destroy_pending.set(1);
        self.cancels_requested.set(0);
        self.coroutine.set(Some(coroutine.to_ref()));
        let name = match name.filter(|name| !is_none(name)) {
            Some(name) => text(name)?,
            None => numbered(state.next_number())?.into_object(),
        };
        self.name.set(Some(name));
        step::step_soon(self, None)?;
        state.register(self)
    }
}

#[pymethods]
impl Task {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Task>, Raised> {
        let _ = (args, kwargs);
        instantiate(
            cls,
            Task {
                future: Future::fields(Object::of::<Task>()),
                waiter: Field::empty(),
                coroutine: Field::empty(),
                name: Field::empty(),
                context: Field::empty(),
                must_cancel: Cell::new(0),
                log_destroy_pending: Cell::new(0),
                cancels_requested: Cell::new(0),
            },
        )
    }

    #[slot(tp_init)]
    #[signature(coro, *, r#loop = None, name = None, context = None)]
    fn init(
        &self,
        coro: &Object,
        r#loop: Option<&Object>,
        name: Option<&Object>,
        context: Option<&Object>,
    ) -> Result<(), Raised> {
        self.future.start(r#loop)?;
        self.begin(coro, name, context)
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.waiter.traverse(visit)?;
        self.coroutine.traverse(visit)?;
        self.name.traverse(visit)?;
        self.context.traverse(visit)?;
        self.future.traverse_fields(visit)
    }

    #[slot(tp_clear)]
    fn clear(&self) {
        self.future.clear_all();
        drop(self.waiter.take());
        drop(self.coroutine.take());
        drop(self.name.take());
        drop(self.context.take());
    }

    #[slot(tp_finalize)]
    fn finalize(&self) {
        if self.future.progress.get() == Progress::Pending && self.log_destroy_pending.get() != 0 {
            habu_runtime::exceptions::keep_current(|| match Str::new("Task was destroyed but it is pending!") {
                Ok(message) => self.future.tell_handler(&[("task", self), ("message", &*message)]),
                Err(raised) => raised.clear(),
            });
        }
        self.future.finalize_future();
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref, Raised> {
        self.future.looped()?;
        protocol::call1(&*State::current()?.task_repr()?, self)
    }

    #[name = "set_result"]
    fn refuse_result(&self, result: &Object) -> Result<(), Raised> {
        let _ = result;
        Err(raise!(RuntimeError, "Task does not support set_result operation"))
    }

    #[name = "set_exception"]
    #[shown("($self, exception, /)")]
    fn refuse_exception(&self, exception: &Object) -> Result<(), Raised> {
        let _ = exception;
        Err(raise!(RuntimeError, "Task does not support set_exception operation"))
    }

    /// Request that this task cancel itself.
    ///
    /// This arranges for a CancelledError to be thrown into the
    /// wrapped coroutine on the next cycle through the event loop.
    /// The coroutine then has a chance to clean up or even deny
    /// the request using try/except/finally.
    ///
    /// Unlike Future.cancel, this does not guarantee that the
    /// task will be cancelled: the exception might be caught and
    /// acted upon, delaying cancellation of the task or preventing
    /// cancellation completely.  The task may also return a value or
    /// raise a different exception.
    ///
    /// Immediately after this method is called, Task.cancelled() will
    /// not return True (unless the task was already cancelled).  A
    /// task will be marked as cancelled when the wrapped coroutine
    /// terminates with a CancelledError exception (even if cancel()
    /// was not called).
    ///
    /// This also increases the task's count of cancellation requests.
    #[signature(msg = None)]
    fn cancel(&self, msg: Option<&Object>) -> Result<bool, Raised> {
        self.future.log_traceback.set(0);
        if self.future.progress.get() != Progress::Pending {
            return Ok(false);
        }
        self.cancels_requested.set(self.cancels_requested.get().saturating_add(1));
        if let Some(waiter) = self.waiter.get()
            && self.cancel_waiter(&waiter, msg)?
        {
            return Ok(true);
        }
        self.must_cancel.set(1);
        self.future.cancel_message.set(Some(msg.map_or_else(none, Object::to_ref)));
        Ok(true)
    }

    /// Return the count of the task's cancellation requests.
    ///
    /// This count is incremented when .cancel() is called
    /// and may be decremented using .uncancel().
    fn cancelling(&self) -> Result<i32, Raised> {
        Ok(self.cancels_requested.get())
    }

    /// Decrement the task's count of cancellation requests.
    ///
    /// This should be used by tasks that catch CancelledError
    /// and wish to continue indefinitely until they are cancelled again.
    ///
    /// Returns the remaining number of cancellation requests.
    fn uncancel(&self) -> Result<i32, Raised> {
        let left = (self.cancels_requested.get() - 1).max(0);
        self.cancels_requested.set(left);
        Ok(left)
    }

    /// Return the list of stack frames for this task's coroutine.
    ///
    /// If the coroutine is not done, this returns the stack where it is
    /// suspended.  If the coroutine has completed successfully or was
    /// cancelled, this returns an empty list.  If the coroutine was
    /// terminated by an exception, this returns the list of traceback
    /// frames.
    ///
    /// The frames are always ordered from oldest to newest.
    ///
    /// The optional limit gives the maximum number of frames to
    /// return; by default all available frames are returned.
    #[signature(*, limit = None)]
    fn get_stack(&self, limit: Option<&Object>) -> Result<Ref, Raised> {
        self.method_call(State::current()?.task_get_stack()?, limit, None)
    }

    /// Print the stack or traceback for this task's coroutine.
    ///
    /// This produces output similar to that of the traceback module,
    /// for the frames retrieved by get_stack().  The limit argument
    /// is passed to get_stack().  The file argument is an I/O stream
    /// to which the output is written; by default output is written
    /// to sys.stderr.
    #[signature(*, limit = None, file = None)]
    fn print_stack(&self, limit: Option<&Object>, file: Option<&Object>) -> Result<Ref, Raised> {
        let file = file.map_or_else(none, Object::to_ref);
        self.method_call(State::current()?.task_print_stack()?, limit, Some(&file))
    }

    fn get_coro(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.coroutine.get())
    }

    fn get_name(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.name.get())
    }

    fn set_name(&self, value: &Object) -> Result<(), Raised> {
        self.name.set(Some(text(value)?));
        Ok(())
    }

    #[getter]
    fn _log_destroy_pending(&self) -> Result<bool, Raised> {
        Ok(self.log_destroy_pending.get() != 0)
    }

    #[setter]
    #[name = "_log_destroy_pending"]
    fn set_log_destroy_pending(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.log_destroy_pending.set(i32::from(truth(settable(value)?)?));
        Ok(())
    }

    #[getter]
    fn _must_cancel(&self) -> Result<bool, Raised> {
        Ok(self.must_cancel.get() != 0)
    }

    #[getter]
    fn _coro(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.coroutine.get())
    }

    #[getter]
    fn _fut_waiter(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.waiter.get())
    }
}
