//! What `_asyncio` keeps for its interpreter: what it imported, the set of all tasks, the task that each loop runs.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, create, protocol};
use habu_runtime::threads::Thread;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{id, raise};

#[pytype(name = "_asyncio.state", doc = "", gc, flag = DISALLOW_INSTANTIATION)]
/// What is kept; filled once, before the interpreter refers to it.
pub(super) struct State {
    base: Object,
    #[traverse]
    current_tasks: Field<Dict>,
    #[traverse]
    all_tasks: Field,
    #[traverse]
    get_event_loop_policy: Field,
    #[traverse]
    future_repr: Field,
    #[traverse]
    task_repr: Field,
    #[traverse]
    task_get_stack: Field,
    #[traverse]
    task_print_stack: Field,
    #[traverse]
    invalid_state_error: Field,
    #[traverse]
    cancelled_error: Field,
    #[traverse]
    is_coroutine: Field,
    #[traverse]
    extract_stack: Field,
    /// `('context',)`: the names of the named arguments of `call_soon`.
    #[traverse]
    context_name: Field<Tuple>,
    /// `('msg',)`: those of `cancel`.
    #[traverse]
    message_name: Field<Tuple>,
    tasks_named: Cell<u64>,
}

#[pymethods]
impl State {}

/// Declares functions that give what a field of the state holds.
macro_rules! held {
    ($($name:ident: $type:ty),* $(,)?) => {
        $(
            pub(super) fn $name(&self) -> Result<Ref<$type>, Raised> {
                self.$name.get().ok_or_else(|| raise!(RuntimeError, "the interpreter is shutting down"))
            }
        )*
    };
}

impl State {
    held! {
        current_tasks: Dict, all_tasks: Object, get_event_loop_policy: Object, future_repr: Object, task_repr: Object,
        task_get_stack: Object, task_print_stack: Object, invalid_state_error: Object, cancelled_error: Object,
        is_coroutine: Object, extract_stack: Object, context_name: Tuple, message_name: Tuple,
    }

    /// The interpreter's, made at first use.
    pub(super) fn current() -> Result<Ref<State>, Raised> {
        let place = &Thread::current().interpreter().asyncio;
        if let Some(known) = place.get() {
            // SAFETY: nothing else is stored there.
            return Ok(unsafe { known.cast_into_unchecked() });
        }
        let made = State::import()?;
        place.set(Some(made.clone().into_object()));
        Ok(made)
    }

    fn import() -> Result<Ref<State>, Raised> {
        let from = |module: &str, name: &str| -> Result<Field, Raised> {
            let module = habu_runtime::import::import_module(module)?;
            Ok(Field::new(protocol::get_attribute_str(&module, name)?))
        };
        habu_runtime::types::type_::ready::ready_static(State::static_type())?;
        let weak_set = habu_runtime::import::import_module("weakref")
            .and_then(|module| protocol::get_attribute_str(&module, "WeakSet"))?;
        let all_tasks = protocol::call0(&weak_set)?;
        create(State {
            base: Object::of::<State>(),
            current_tasks: Field::new(Dict::new()?),
            all_tasks: Field::new(all_tasks),
            get_event_loop_policy: from("asyncio.events", "get_event_loop_policy")?,
            future_repr: from("asyncio.base_futures", "_future_repr")?,
            task_repr: from("asyncio.base_tasks", "_task_repr")?,
            task_get_stack: from("asyncio.base_tasks", "_task_get_stack")?,
            task_print_stack: from("asyncio.base_tasks", "_task_print_stack")?,
            invalid_state_error: from("asyncio.exceptions", "InvalidStateError")?,
            cancelled_error: from("asyncio.exceptions", "CancelledError")?,
            is_coroutine: from("asyncio.coroutines", "iscoroutine")?,
            extract_stack: from("traceback", "extract_stack")?,
            context_name: Field::new(Tuple::from_refs([id!(context).to_ref()])?),
            message_name: Field::new(Tuple::from_refs([id!(msg).to_ref()])?),
            tasks_named: Cell::new(0),
        })
    }

    /// The number for the name of the next task that is given none.
    pub(super) fn next_number(&self) -> u64 {
        let number = self.tasks_named.get().wrapping_add(1);
        self.tasks_named.set(number);
        number
    }

    pub(super) fn register(&self, task: &Object) -> Result<(), Raised> {
        protocol::call_method(&*self.all_tasks()?, id!(add), &[task]).map(drop)
    }

    pub(super) fn unregister(&self, task: &Object) -> Result<(), Raised> {
        protocol::call_method(&*self.all_tasks()?, id!(discard), &[task]).map(drop)
    }

    /// Notes that a loop runs a task.
    pub(super) fn enter_task(&self, running: &Object, task: &Object) -> Result<(), Raised> {
        let tasks = self.current_tasks()?;
        let hash = protocol::hash(running)?;
        if let Some(other) = tasks.get_hashed(running, hash)? {
            let (task, other) = (protocol::repr(task)?, protocol::repr(&other)?);
            return Err(raise!(
                RuntimeError,
                "Cannot enter into task {task} while another task {other} is being executed."
            ));
        }
        tasks.set_hashed(running, hash, task)
    }

    /// Notes that it does not run it any more.
    pub(super) fn leave_task(&self, running: &Object, task: &Object) -> Result<(), Raised> {
        let tasks = self.current_tasks()?;
        let hash = protocol::hash(running)?;
        let current = super::or_none(tasks.get_hashed(running, hash)?);
        if !current.is(task) {
            let (task, current) = (protocol::repr(task)?, protocol::repr(&current)?);
            return Err(raise!(RuntimeError, "Leaving task {task} does not match the current task {current}."));
        }
        tasks.remove_hashed(running, hash).map(drop)
    }

    /// Raises `InvalidStateError`.
    #[cold]
    pub(super) fn invalid_state(message: std::fmt::Arguments<'_>) -> Raised {
        let made = State::current()
            .and_then(|state| state.invalid_state_error())
            .and_then(|kind| protocol::call1(&kind, &*Str::from_format(message)?));
        match made {
            Ok(made) => habu_runtime::exceptions::raise_object(made),
            Err(raised) => raised,
        }
    }

    /// Whether an exception is a CancelledError.
    pub(super) fn is_cancelled(&self, exception: &Object) -> Result<bool, Raised> {
        Ok(habu_runtime::exceptions::matches(exception, &*self.cancelled_error()?))
    }
}
