//! Running a task: one step sends into its coroutine, or throws, and looks at what comes back.
//!
//! A coroutine that yields a future waits for it: the future's callback is `task_wakeup`, which steps the task with the future's outcome. One that
//! yields None runs on at the loop's next turn. All else is an error, which is thrown into the coroutine at the next turn.

use habu_macros::{pymethods, pytype};
use habu_runtime::eval::generators::{Sent, send, stopped_value};
use habu_runtime::exceptions::{BaseException, exc};
use habu_runtime::object::descriptor_tables::{METH_O, MethodDef, MethodFunction};
use habu_runtime::object::protocol::{self, lookup_attribute, truth, vectorcall};
use habu_runtime::object::{Field, Object, Raised, Ref, create};
use habu_runtime::threads::Thread;
use habu_runtime::types::builtin_function::BuiltinFunction;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::generator::{Generator, close};
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, none};
use habu_runtime::{id, raise};

use super::future::{Future, Got, Progress, call_soon};
use super::state::State;
use super::task::Task;

#[pytype(name = "TaskStepMethWrapper", generic_get, doc = "", gc, flag = DISALLOW_INSTANTIATION)]
/// What a loop calls to run a task on.
pub(super) struct TaskStep {
    base: Object,
    #[traverse]
    task: Field<Task>,
    /// What is to be thrown in.
    #[traverse]
    thrown: Field,
}

habu_runtime::assert_layout!(TaskStep, size 32);

#[pymethods]
impl TaskStep {
    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        if kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
            return Err(raise!(TypeError, "function takes no keyword arguments"));
        }
        if args.len() > 0 {
            return Err(raise!(TypeError, "function takes no positional arguments"));
        }
        match self.task.get() {
            Some(task) => step(&task, self.thrown.get()),
            None => Ok(none()),
        }
    }

    #[getter]
    #[name = "__self__"]
    fn get_self(&self) -> Result<Option<Ref<Task>>, Raised> {
        Ok(self.task.get())
    }
}

/// Has the loop run the task on at its next turn.
pub(super) fn step_soon(task: &Task, thrown: Option<Ref>) -> Result<(), Raised> {
    let call = create(TaskStep {
        base: Object::of::<TaskStep>(),
        task: Field::new(Ref::from_borrowed(task)),
        thrown: Field::optional(thrown),
    })?;
    call_soon(&*task.future.looped()?, &call, None, task.context.get().as_deref())
}

/// The callback of the futures that tasks wait for.
static WAKEUP: MethodDef = MethodDef {
    name: c"task_wakeup".as_ptr(),
    function: MethodFunction { one: wakeup_entry },
    flags: METH_O,
    doc: std::ptr::null(),
};

/// `task.task_wakeup(future)`
///
/// # Safety
/// The receiver is a task: the function is made for tasks alone.
unsafe extern "C" fn wakeup_entry(receiver: Option<&Object>, future: Option<&Object>) -> Result<Ref, Raised> {
    match (receiver.and_then(Object::downcast::<Task>), future) {
        (Some(task), Some(future)) => wake(task, future),
        _ => Err(raise!(SystemError, "task_wakeup without a task")),
    }
}

/// Runs a task on: what it waited for is done.
fn wake(task: &Task, waited: &Object) -> Result<Ref, Raised> {
    let got = match Future::exact(waited) {
        Some(future) => future.outcome(),
        None => protocol::call_method(waited, id!(result), &[]).map(Got::Result),
    };
    match got {
        // The coroutine gets the result from the future itself.
        Ok(Got::Result(_)) => step(task, None),
        Ok(Got::Exception(exception)) => step(task, Some(exception.into_object())),
        Err(raised) => step(task, Some(raised.take().into_object())),
    }
}

/// Runs a task on as the loop's current task.
fn step(task: &Task, thrown: Option<Ref>) -> Result<Ref, Raised> {
    // The coroutine may drop the last other reference to its task.
    let task = Ref::from_borrowed(task);
    let state = State::current()?;
    let event_loop = task.future.looped()?;
    state.enter_task(&event_loop, &task)?;
    match advance(&state, &task, &event_loop, thrown) {
        Ok(()) => {
            state.leave_task(&event_loop, &task)?;
            Ok(none())
        }
        Err(raised) => {
            let kept = raised.take();
            match state.leave_task(&event_loop, &task) {
                Ok(()) => Err(Thread::current().set_exception(kept)),
                Err(raised) => {
                    let error = raised.take();
                    if error.context.is_empty() && !error.is(&kept) {
                        error.context.set(Some(kept));
                    }
                    Err(Thread::current().set_exception(error))
                }
            }
        }
    }
}

fn advance(state: &State, task: &Ref<Task>, event_loop: &Object, thrown: Option<Ref>) -> Result<(), Raised> {
    if task.future.progress.get() != Progress::Pending {
        let (task, thrown) = (protocol::repr(task)?, protocol::repr(&super::or_none(thrown))?);
        return Err(State::invalid_state(format_args!("_step(): already done: {task} {thrown}")));
    }
    let mut thrown = thrown;
    if task.must_cancel.get() != 0 {
        let already = match &thrown {
            Some(thrown) => state.is_cancelled(thrown)?,
            None => false,
        };
        if !already {
            thrown = Some(task.future.cancelled_error()?);
        }
        task.must_cancel.set(0);
    }
    drop(task.waiter.take());
    let Some(coroutine) = task.coroutine.get() else {
        return Err(raise!(RuntimeError, "uninitialized Task object"));
    };
    match run(&coroutine, thrown) {
        Sent::Returned(result) => returned(task, result),
        Sent::Yielded(item) => yielded(task, event_loop, item),
        Sent::Raised(raised) => failed(state, task, raised),
    }
}

/// Sends None into the coroutine, or throws.
fn run(coroutine: &Object, thrown: Option<Ref>) -> Sent {
    let thread = Thread::current();
    let Some(thrown) = thrown else { return send(thread, coroutine, &none()) };
    let result = match close::as_generator(coroutine) {
        Some(generator) => close::throw(generator, true, &[&thrown]),
        None => protocol::call_method(coroutine, id!(throw), &[&thrown]),
    };
    match result {
        Ok(item) => Sent::Yielded(item),
        Err(raised) => {
            let _ = raised;
            match stopped_value(thread) {
                Ok(result) => Sent::Returned(result),
                Err(raised) => Sent::Raised(raised),
            }
        }
    }
}

fn returned(task: &Task, result: Ref) -> Result<(), Raised> {
    if task.must_cancel.replace(0) != 0 {
        // It was cancelled just before it ended.
        return task.future.cancel_with(task.future.cancel_message.get()).map(drop);
    }
    task.future.finish(result)
}

fn failed(state: &State, task: &Task, raised: Raised) -> Result<(), Raised> {
    let exception: Ref<BaseException> = raised.take();
    if state.is_cancelled(&exception)? {
        task.future.cancelled_exception.set(Some(exception.into_object()));
        return task.future.cancel_with(None).map(drop);
    }
    task.future.fail(&exception)?;
    // These end the loop as well.
    if exception.is_a(exc::KeyboardInterrupt()) || exception.is_a(exc::SystemExit()) {
        return Err(Thread::current().set_exception(exception));
    }
    Ok(())
}

/// Throws a RuntimeError into the coroutine at the next turn.
#[cold]
fn fail_soon(task: &Task, message: std::fmt::Arguments<'_>) -> Result<(), Raised> {
    let error = protocol::call1(exc::RuntimeError(), &*Str::from_format(message)?)?;
    step_soon(task, Some(error))
}

/// Looks at what the coroutine yielded.
fn yielded(task: &Ref<Task>, event_loop: &Object, item: Ref) -> Result<(), Raised> {
    if item.is(task) {
        return fail_soon(task, format_args!("Task cannot await on itself: {}", &*protocol::repr(task)?));
    }
    if let Some(future) = Future::exact(&item) {
        if future.event_loop.pointer() != std::ptr::from_ref(event_loop) {
            return other_loop(task, &item);
        }
        if future.blocking.replace(0) == 0 {
            return not_awaited(task, &item);
        }
        let wakeup = BuiltinFunction::bound(&WAKEUP, task)?;
        future.when_done(&wakeup, super::or_none(task.context.get()))?;
        return wait_for(task, item);
    }
    if is_none(&item) {
        return step_soon(task, None);
    }
    if let Some(blocking) = lookup_attribute(&item, id!(_asyncio_future_blocking))?
        && !is_none(&blocking)
    {
        let theirs = match lookup_attribute(&item, id!(get_loop))? {
            Some(get_loop) => protocol::call0(&get_loop)?,
            None => protocol::get_attribute(&item, id!(_loop))?,
        };
        if !theirs.is(event_loop) {
            return other_loop(task, &item);
        }
        if !truth(&blocking)? {
            return not_awaited(task, &item);
        }
        protocol::set_attribute(&item, id!(_asyncio_future_blocking), Some(&*boolean(false)))?;
        let add = protocol::get_attribute(&item, id!(add_done_callback))?;
        let wakeup = BuiltinFunction::bound(&WAKEUP, task)?;
        let names = State::current()?.context_name()?;
        vectorcall(&add, &[&wakeup, &super::or_none(task.context.get())], Some(&names))?;
        return wait_for(task, item);
    }
    let (shown_task, shown_item) = (protocol::repr(task)?, protocol::repr(&item)?);
    if item.is_exact::<Generator>() {
        return fail_soon(
            task,
            format_args!("yield was used instead of yield from for generator in task {shown_task} with {shown_item}"),
        );
    }
    fail_soon(task, format_args!("Task got bad yield: {shown_item}"))
}

/// The task waits from now on; if it is to be cancelled, what it waits for is.
fn wait_for(task: &Task, item: Ref) -> Result<(), Raised> {
    task.waiter.set(Some(item.clone()));
    if task.must_cancel.get() != 0 && task.cancel_waiter(&item, task.future.cancel_message.get().as_deref())? {
        task.must_cancel.set(0);
    }
    Ok(())
}

#[cold]
fn other_loop(task: &Task, item: &Object) -> Result<(), Raised> {
    let (shown, item) = (protocol::repr(task)?, protocol::repr(item)?);
    fail_soon(task, format_args!("Task {shown} got Future {item} attached to a different loop"))
}

#[cold]
fn not_awaited(task: &Task, item: &Object) -> Result<(), Raised> {
    let (shown, item) = (protocol::repr(task)?, protocol::repr(item)?);
    fail_soon(task, format_args!("yield was used instead of yield from in task {shown} with {item}"))
}
