//! `Future`: a result that is not there yet, and what is to be called when it is.
//!
//! A future has its first callback in two fields of its own and further ones in a list: most have one, or none. A future without a loop was not
//! initialised, and its methods say so. The fields stand where CPython has them.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::{BaseException, exc, raise_object};
use habu_runtime::object::protocol::{self, truth};
use habu_runtime::object::{Field, Object, Raised, Ref, Stopped, Traverse, Type, Visit, instantiate};
use habu_runtime::threads::Thread;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::traceback::Traceback;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, id, raise};

use super::future_iter::FutureIter;
use super::or_none;
use super::state::State;
use super::task::Task;
use crate::contextvars::context::Context;

/// How far a future is.
#[repr(i32)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// There is no result yet.
    Pending,
    /// There will be none.
    Cancelled,
    /// There is a result or an exception.
    Finished,
}

/// This class is *almost* compatible with concurrent.futures.Future.
///
/// Differences:
///
/// - result() and exception() do not take a timeout argument and
///   raise an exception when the future isn't done yet.
///
/// - Callbacks registered with add_done_callback() are always called
///   via the event loop's call_soon_threadsafe().
///
/// - This class is not compatible with the wait() and as_completed()
///   methods in the concurrent.futures package.
#[pytype(name = "_asyncio.Future", signature = "(*, loop=None)", gc, basetype, dict = dict, weaklist = weaklist)]
#[repr(C)]
pub struct Future {
    base: Object,
    pub(super) event_loop: Field,
    callback: Field,
    callback_context: Field,
    callbacks: Field<List>,
    exception: Field<BaseException>,
    exception_traceback: Field<Traceback>,
    result: Field,
    source_traceback: Field,
    pub(super) cancel_message: Field,
    pub(super) progress: Cell<Progress>,
    pub(super) log_traceback: Cell<i32>,
    pub(super) blocking: Cell<i32>,
    dict: Field<Dict>,
    weaklist: Cell<*const Object>,
    /// The exception that cancelled a task, to be raised to the first who asks.
    pub(super) cancelled_exception: Field,
}

assert_layout!(Future, size 128, event_loop @ 16, progress @ 88, dict @ 104, weaklist @ 112);

/// What asking for a result gave.
pub(super) enum Got {
    /// The result.
    Result(Ref),
    /// The exception that the future finished with.
    Exception(Ref<BaseException>),
}

impl Future {
    /// The fields of a future that was not initialised.
    pub(super) fn fields(base: Object) -> Future {
        Future {
            base,
            event_loop: Field::empty(),
            callback: Field::empty(),
            callback_context: Field::empty(),
            callbacks: Field::empty(),
            exception: Field::empty(),
            exception_traceback: Field::empty(),
            result: Field::empty(),
            source_traceback: Field::empty(),
            cancel_message: Field::empty(),
            progress: Cell::new(Progress::Pending),
            log_traceback: Cell::new(0),
            blocking: Cell::new(0),
            dict: Field::empty(),
            weaklist: Cell::new(std::ptr::null()),
            cancelled_exception: Field::empty(),
        }
    }

    /// An object as a future or task that no subclass has changed.
    #[inline]
    pub(super) fn exact(object: &Object) -> Option<&Future> {
        if object.is_exact::<Future>() || object.is_exact::<Task>() {
            // SAFETY: a task begins with its future.
            return Some(unsafe { object.cast_unchecked() });
        }
        None
    }

    /// The loop of an initialised future.
    pub(super) fn looped(&self) -> Result<Ref, Raised> {
        self.event_loop.get().ok_or_else(|| raise!(RuntimeError, "Future object is not initialized."))
    }

    /// `__init__`: a future that was used before starts anew.
    pub(super) fn start(&self, event_loop: Option<&Object>) -> Result<(), Raised> {
        self.clear_fields();
        self.progress.set(Progress::Pending);
        self.log_traceback.set(0);
        self.blocking.set(0);
        let event_loop = match event_loop {
            Some(given) if !is_none(given) => given.to_ref(),
            _ => super::event_loop()?,
        };
        self.event_loop.set(Some(event_loop.clone()));
        let debug = protocol::call_method(&event_loop, id!(get_debug), &[])?;
        if truth(&debug)? && !Thread::current().interpreter().finalizing.get() {
            // The stack of who makes the future.
            self.source_traceback.set(Some(protocol::call0(&*State::current()?.extract_stack()?)?));
        }
        Ok(())
    }

    fn clear_fields(&self) {
        drop(self.event_loop.take());
        drop(self.callback.take());
        drop(self.callback_context.take());
        drop(self.callbacks.take());
        drop(self.result.take());
        drop(self.exception.take());
        drop(self.exception_traceback.take());
        drop(self.source_traceback.take());
        drop(self.cancel_message.take());
        drop(self.cancelled_exception.take());
    }

    /// Shows the fields to the collector; a task's come with its own.
    pub(super) fn traverse_fields(&self, visit: &Visit) -> Result<(), Stopped> {
        self.event_loop.traverse(visit)?;
        self.callback.traverse(visit)?;
        self.callback_context.traverse(visit)?;
        self.callbacks.traverse(visit)?;
        self.result.traverse(visit)?;
        self.exception.traverse(visit)?;
        self.exception_traceback.traverse(visit)?;
        self.source_traceback.traverse(visit)?;
        self.cancel_message.traverse(visit)?;
        self.cancelled_exception.traverse(visit)?;
        self.dict.traverse(visit)
    }

    /// Drops what the fields hold, for the collector.
    pub(super) fn clear_all(&self) {
        self.clear_fields();
        drop(self.dict.take());
    }

    /// Has the loop call all callbacks soon; there are none afterwards.
    fn schedule_callbacks(&self) -> Result<(), Raised> {
        let Some(event_loop) = self.event_loop.get() else {
            return Err(raise!(RuntimeError, "uninitialized Future object"));
        };
        if let Some(callback) = self.callback.take() {
            let context = self.callback_context.take();
            call_soon(&event_loop, &callback, Some(self), context.as_deref())?;
        }
        let Some(callbacks) = self.callbacks.take() else { return Ok(()) };
        let mut at = 0;
        while let Some(pair) = callbacks.get(at) {
            if let Some(pair) = pair.downcast::<Tuple>()
                && let (Some(callback), Some(context)) = (pair.get(0), pair.get(1))
            {
                call_soon(&event_loop, &callback, Some(self), Some(&context))?;
            }
            at += 1;
        }
        Ok(())
    }

    fn check_pending(&self) -> Result<(), Raised> {
        if self.progress.get() != Progress::Pending {
            return Err(State::invalid_state(format_args!("invalid state")));
        }
        Ok(())
    }

    /// Finishes with a result.
    pub(super) fn finish(&self, result: Ref) -> Result<(), Raised> {
        self.looped()?;
        self.check_pending()?;
        self.result.set(Some(result));
        self.progress.set(Progress::Finished);
        self.schedule_callbacks()
    }

    /// Finishes with an exception: an instance, or a class to make one of.
    pub(super) fn fail(&self, exception: &Object) -> Result<(), Raised> {
        self.looped()?;
        self.check_pending()?;
        let made = if habu_runtime::exceptions::is_exception_class(exception) {
            let made = protocol::call0(exception)?;
            if self.progress.get() != Progress::Pending {
                return Err(State::invalid_state(format_args!("invalid state")));
            }
            made
        } else {
            exception.to_ref()
        };
        let Ok(made) = made.downcast_into::<BaseException>() else {
            return Err(raise!(TypeError, "invalid exception object"));
        };
        if std::ptr::eq(made.ty(), exc::StopIteration()) {
            return Err(raise!(
                TypeError,
                "StopIteration interacts badly with generators and cannot be raised into a Future"
            ));
        }
        self.exception_traceback.set(made.traceback.get());
        self.exception.set(Some(made));
        self.progress.set(Progress::Finished);
        self.schedule_callbacks()?;
        self.log_traceback.set(1);
        Ok(())
    }

    /// Cancels the future; false when it is done already.
    pub(super) fn cancel_with(&self, message: Option<Ref>) -> Result<bool, Raised> {
        self.log_traceback.set(0);
        if self.progress.get() != Progress::Pending {
            return Ok(false);
        }
        self.progress.set(Progress::Cancelled);
        self.cancel_message.set(message);
        self.schedule_callbacks()?;
        Ok(true)
    }

    /// The exception for those who ask for the result of a cancelled future; the one that cancelled a task is given once.
    pub(super) fn cancelled_error(&self) -> Result<Ref, Raised> {
        if let Some(exception) = self.cancelled_exception.take() {
            return Ok(exception);
        }
        let kind = State::current()?.cancelled_error()?;
        match self.cancel_message.get().filter(|message| !is_none(message)) {
            Some(message) => protocol::call1(&kind, &message),
            None => protocol::call0(&kind),
        }
    }

    fn raise_cancelled(&self) -> Raised {
        match self.cancelled_error() {
            Ok(error) => raise_object(error),
            Err(raised) => raised,
        }
    }

    /// The result, or the exception with the traceback that it had.
    pub(super) fn outcome(&self) -> Result<Got, Raised> {
        match self.progress.get() {
            Progress::Cancelled => Err(self.raise_cancelled()),
            Progress::Pending => Err(State::invalid_state(format_args!("Result is not set."))),
            Progress::Finished => {
                self.log_traceback.set(0);
                match self.exception.get() {
                    None => Ok(Got::Result(or_none(self.result.get()))),
                    Some(exception) => {
                        exception.traceback.set(self.exception_traceback.take());
                        Ok(Got::Exception(exception))
                    }
                }
            }
        }
    }

    /// As `outcome`, with the exception raised.
    pub(super) fn outcome_raised(&self) -> Result<Ref, Raised> {
        match self.outcome()? {
            Got::Result(result) => Ok(result),
            Got::Exception(exception) => Err(raise_object(exception.into_object())),
        }
    }

    /// Adds a callback, or has it called soon when the future is done.
    pub(super) fn when_done(&self, callback: &Object, context: Ref) -> Result<(), Raised> {
        let Some(event_loop) = self.event_loop.get() else {
            return Err(raise!(RuntimeError, "uninitialized Future object"));
        };
        if self.progress.get() != Progress::Pending {
            return call_soon(&event_loop, callback, Some(self), Some(&context));
        }
        if self.callback.is_empty() && self.callbacks.is_empty() {
            self.callback_context.set(Some(context));
            self.callback.set(Some(callback.to_ref()));
            return Ok(());
        }
        let pair = Tuple::from_refs([callback.to_ref(), context])?.into_object();
        match self.callbacks.get() {
            Some(callbacks) => callbacks.push(pair),
            None => {
                self.callbacks.set(Some(List::from_slice(&[pair])?));
                Ok(())
            }
        }
    }

    /// Tells the loop's exception handler.
    pub(super) fn tell_handler(&self, entries: &[(&str, &Object)]) {
        let told = (|| {
            let Some(event_loop) = self.event_loop.get() else { return Ok(()) };
            let context = Dict::new()?;
            for (name, value) in entries {
                context.set_str(name, value)?;
            }
            if let Some(stack) = self.source_traceback.get() {
                context.set_str("source_traceback", &stack)?;
            }
            let handler = protocol::get_attribute(&event_loop, id!(call_exception_handler))?;
            if let Err(raised) = protocol::call1(&handler, &context) {
                habu_runtime::exceptions::unraisable(raised, Some(&handler));
            }
            Ok(())
        })();
        if let Err(raised) = told {
            Raised::clear(raised);
        }
    }

    /// A future that dies with an exception that nobody has seen tells of it.
    pub(super) fn finalize_future(&self) {
        if self.log_traceback.replace(0) == 0 {
            return;
        }
        let Some(exception) = self.exception.get() else { return };
        habu_runtime::exceptions::keep_current(|| {
            let message = Str::from_format(format_args!("{} exception was never retrieved", self.ty().name()));
            match message {
                Ok(message) => {
                    self.tell_handler(&[("message", &*message), ("exception", &*exception), ("future", self)]);
                }
                Err(raised) => raised.clear(),
            }
        });
    }

    /// An attribute that only an initialised future has.
    fn shown(&self, field: &Field) -> Result<Option<Ref>, Raised> {
        self.looped()?;
        Ok(field.get())
    }
}

/// `event_loop.call_soon(callback, argument, context=context)`
pub(super) fn call_soon(
    event_loop: &Object,
    callback: &Object,
    argument: Option<&Object>,
    context: Option<&Object>,
) -> Result<(), Raised> {
    let call = |arguments: &[&Object], names| protocol::call_method_named(event_loop, id!(call_soon), arguments, names);
    let Some(context) = context else {
        return match argument {
            Some(argument) => call(&[callback, argument], None),
            None => call(&[callback], None),
        }
        .map(drop);
    };
    let names = State::current()?.context_name()?;
    match argument {
        Some(argument) => call(&[callback, argument, context], Some(&names)),
        None => call(&[callback, context], Some(&names)),
    }
    .map(drop)
}

/// A copy of the current context, unless one is given.
pub(super) fn context_or_copy(given: Option<&Object>) -> Result<Ref, Raised> {
    match given {
        Some(given) => Ok(given.to_ref()),
        None => Ok(Context::current()?.duplicate()?.into_object()),
    }
}

/// Attributes cannot be deleted.
pub(super) fn settable(value: Option<&Object>) -> Result<&Object, Raised> {
    value.ok_or_else(|| raise!(AttributeError, "cannot delete attribute"))
}

#[pymethods]
impl Future {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Future>, Raised> {
        let _ = (args, kwargs);
        instantiate(cls, Future::fields(Object::of::<Future>()))
    }

    #[slot(tp_init)]
    #[signature(*, r#loop = None)]
    fn init(&self, r#loop: Option<&Object>) -> Result<(), Raised> {
        self.start(r#loop)
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.traverse_fields(visit)
    }

    #[slot(tp_clear)]
    fn clear(&self) {
        self.clear_all();
    }

    #[slot(tp_finalize)]
    fn finalize(&self) {
        self.finalize_future();
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref, Raised> {
        self.looped()?;
        protocol::call1(&*State::current()?.future_repr()?, self)
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<FutureIter>, Raised> {
        FutureIter::of(self)
    }

    #[slot(am_await)]
    fn wait(&self) -> Result<Ref<FutureIter>, Raised> {
        FutureIter::of(self)
    }

    /// Return the result this future represents.
    ///
    /// If the future has been cancelled, raises CancelledError.  If the
    /// future's result isn't yet available, raises InvalidStateError.  If
    /// the future is done and has an exception set, this exception is raised.
    fn result(&self) -> Result<Ref, Raised> {
        if self.event_loop.is_empty() {
            return Err(State::invalid_state(format_args!("Future object is not initialized.")));
        }
        self.outcome_raised()
    }

    /// Return the exception that was set on this future.
    ///
    /// The exception (or None if no exception was set) is returned only if
    /// the future is done.  If the future has been cancelled, raises
    /// CancelledError.  If the future isn't done yet, raises
    /// InvalidStateError.
    fn exception(&self) -> Result<Option<Ref<BaseException>>, Raised> {
        if self.event_loop.is_empty() {
            return Err(State::invalid_state(format_args!("Future object is not initialized.")));
        }
        match self.progress.get() {
            Progress::Cancelled => Err(self.raise_cancelled()),
            Progress::Pending => Err(State::invalid_state(format_args!("Exception is not set."))),
            Progress::Finished => {
                if !self.exception.is_empty() {
                    self.log_traceback.set(0);
                }
                Ok(self.exception.get())
            }
        }
    }

    /// Mark the future done and set its result.
    ///
    /// If the future is already done when this method is called, raises
    /// InvalidStateError.
    fn set_result(&self, result: &Object) -> Result<(), Raised> {
        self.finish(result.to_ref())
    }

    /// Mark the future done and set an exception.
    ///
    /// If the future is already done when this method is called, raises
    /// InvalidStateError.
    fn set_exception(&self, exception: &Object) -> Result<(), Raised> {
        self.fail(exception)
    }

    /// Add a callback to be run when the future becomes done.
    ///
    /// The callback is called with a single argument - the future object. If
    /// the future is already done when this is called, the callback is
    /// scheduled with call_soon.
    #[signature(r#fn, /, *, context = None)]
    #[shown("($self, fn, /, *, context=<unrepresentable>)")]
    fn add_done_callback(&self, r#fn: &Object, context: Option<&Object>) -> Result<(), Raised> {
        self.when_done(r#fn, context_or_copy(context)?)
    }

    /// Remove all instances of a callback from the "call when done" list.
    ///
    /// Returns the number of callbacks removed.
    #[shown("($self, fn, /)")]
    fn remove_done_callback(&self, callback: &Object) -> Result<usize, Raised> {
        self.looped()?;
        let mut removed = 0;
        if let Some(own) = self.callback.get()
            && protocol::equal(callback, &own)?
        {
            removed += 1;
            drop(self.callback.take());
            drop(self.callback_context.take());
        }
        if self.callbacks.is_empty() {
            return Ok(removed);
        }
        // A comparison may change the list, or take it away.
        let kept = List::new()?;
        let mut at = 0;
        while let Some(pair) = self.callbacks.get().and_then(|callbacks| callbacks.get(at)) {
            let known = pair.downcast::<Tuple>().and_then(|pair| pair.get(0));
            match known {
                Some(known) if protocol::equal(&known, callback)? => removed += 1,
                _ => kept.push(pair)?,
            }
            at += 1;
        }
        if !self.callbacks.is_empty() {
            self.callbacks.set(if kept.len() == 0 { None } else { Some(kept) });
        }
        Ok(removed)
    }

    /// Cancel the future and schedule callbacks.
    ///
    /// If the future is already done or cancelled, return False.  Otherwise,
    /// change the future's state to cancelled, schedule the callbacks and
    /// return True.
    #[signature(msg = None)]
    fn cancel(&self, msg: Option<&Object>) -> Result<bool, Raised> {
        self.looped()?;
        self.cancel_with(msg.map(Object::to_ref))
    }

    /// Return True if the future was cancelled.
    fn cancelled(&self) -> Result<bool, Raised> {
        Ok(!self.event_loop.is_empty() && self.progress.get() == Progress::Cancelled)
    }

    /// Return True if the future is done.
    ///
    /// Done means either that a result / exception are available, or that the
    /// future was cancelled.
    fn done(&self) -> Result<bool, Raised> {
        Ok(!self.event_loop.is_empty() && self.progress.get() != Progress::Pending)
    }

    /// Return the event loop the Future is bound to.
    fn get_loop(&self) -> Result<Ref, Raised> {
        self.looped()
    }

    /// Create the CancelledError to raise if the Future is cancelled.
    ///
    /// This should only be called once when handling a cancellation since
    /// it erases the context exception value.
    fn _make_cancelled_error(&self) -> Result<Ref, Raised> {
        self.cancelled_error()
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    #[no_signature]
    fn class_getitem(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        habu_runtime::types::generic_alias::alias(cls, item)
    }

    #[getter]
    fn _state(&self) -> Result<&'static str, Raised> {
        self.looped()?;
        Ok(match self.progress.get() {
            Progress::Pending => "PENDING",
            Progress::Cancelled => "CANCELLED",
            Progress::Finished => "FINISHED",
        })
    }

    #[getter]
    fn _asyncio_future_blocking(&self) -> Result<bool, Raised> {
        Ok(!self.event_loop.is_empty() && self.blocking.get() != 0)
    }

    #[setter]
    #[name = "_asyncio_future_blocking"]
    fn set_blocking(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.looped()?;
        self.blocking.set(i32::from(truth(settable(value)?)?));
        Ok(())
    }

    #[getter]
    fn _loop(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.event_loop.get())
    }

    #[getter]
    fn _callbacks(&self) -> Result<Option<Ref<List>>, Raised> {
        self.looped()?;
        let own = match self.callback.get() {
            Some(callback) => Some(Tuple::from_refs([callback, or_none(self.callback_context.get())])?.into_object()),
            None => None,
        };
        let more = self.callbacks.get();
        if own.is_none() && more.is_none() {
            return Ok(None);
        }
        let all = List::new()?;
        if let Some(own) = own {
            all.push(own)?;
        }
        if let Some(more) = more {
            all.extend(&more)?;
        }
        Ok(Some(all))
    }

    #[getter]
    fn _result(&self) -> Result<Option<Ref>, Raised> {
        self.shown(&self.result)
    }

    #[getter]
    fn _exception(&self) -> Result<Option<Ref<BaseException>>, Raised> {
        self.looped()?;
        Ok(self.exception.get())
    }

    #[getter]
    fn _log_traceback(&self) -> Result<bool, Raised> {
        self.looped()?;
        Ok(self.log_traceback.get() != 0)
    }

    #[setter]
    #[name = "_log_traceback"]
    fn set_log_traceback(&self, value: Option<&Object>) -> Result<(), Raised> {
        if truth(settable(value)?)? {
            return Err(raise!(ValueError, "_log_traceback can only be set to False"));
        }
        self.log_traceback.set(0);
        Ok(())
    }

    #[getter]
    fn _source_traceback(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.source_traceback.get())
    }

    #[getter]
    fn _cancel_message(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.cancel_message.get())
    }

    #[setter]
    #[name = "_cancel_message"]
    fn set_cancel_message(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.cancel_message.set(Some(settable(value)?.to_ref()));
        Ok(())
    }
}
