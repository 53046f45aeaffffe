//! `Context`: a mapping of variables to values, and the one that is current.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::raise_key_error;
use habu_runtime::gc;
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Room, Type, create, instantiate, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, not_implemented};

use super::hamt::{Array, Bitmap, Collision, Hamt, Walk};
use super::variable::ContextVar;

#[pytype(name = "_contextvars.Context", generic_get, c_name = "PyContext_Type", doc = "", gc, weaklist = weaklist)]
/// Values of context variables.
pub struct Context {
    base: Object,
    /// The context that was current when this one was entered.
    #[traverse]
    previous: Field,
    #[traverse]
    values: Field<Hamt>,
    weaklist: Cell<*const Object>,
    entered: Cell<bool>,
}

habu_runtime::assert_layout!(Context, size 48, weaklist @ 32);

impl Context {
    fn fields(values: Ref<Hamt>) -> Context {
        Context {
            base: Object::of::<Context>(),
            previous: Field::empty(),
            values: Field::new(values),
            weaklist: Cell::new(std::ptr::null()),
            entered: Cell::new(false),
        }
    }

    /// The values; none are there any more when the collector has cleared the context.
    fn mapping(&self) -> Result<Ref<Hamt>, Raised> {
        match self.values.get() {
            Some(values) => Ok(values),
            None => Hamt::empty(),
        }
    }

    /// A context without values.
    pub fn empty() -> Result<Ref<Context>, Raised> {
        create(Context::fields(Hamt::empty()?))
    }

    /// A context with the same values.
    pub fn duplicate(&self) -> Result<Ref<Context>, Raised> {
        create(Context::fields(self.mapping()?))
    }

    /// The thread's current context, if it has one yet.
    pub fn current_or_none() -> Option<Ref<Context>> {
        Thread::current().context.get()?.downcast_into::<Context>().ok()
    }

    /// The thread's current context, made now where there is none yet.
    pub fn current() -> Result<Ref<Context>, Raised> {
        if let Some(context) = Context::current_or_none() {
            return Ok(context);
        }
        let context = Context::empty()?;
        Thread::current().context.set(Some(context.clone().into_object()));
        Ok(context)
    }

    /// Makes this the current context.
    ///
    /// Raises RuntimeError where it is entered already.
    pub fn enter(&self) -> Result<(), Raised> {
        if self.entered.get() {
            let shown = protocol::repr(self)?;
            return Err(raise!(RuntimeError, "cannot enter context: {shown} is already entered"));
        }
        let thread = Thread::current();
        self.previous.set(thread.context.get());
        self.entered.set(true);
        thread.context.set(Some(self.to_ref()));
        Ok(())
    }

    /// Makes the context current again that was so before this one.
    ///
    /// Raises RuntimeError where this is not the current one.
    pub fn exit(&self) -> Result<(), Raised> {
        if !self.entered.get() {
            let shown = protocol::repr(self)?;
            return Err(raise!(RuntimeError, "cannot exit context: {shown} has not been entered"));
        }
        let thread = Thread::current();
        if thread.context.pointer() != std::ptr::from_ref(self).cast() {
            return Err(raise!(
                RuntimeError,
                "cannot exit context: thread state references a different context object"
            ));
        }
        self.entered.set(false);
        let previous = self.previous.take();
        thread.context.set(previous);
        Ok(())
    }

    /// Runs `body` inside this context.
    pub fn within<R>(&self, body: impl FnOnce() -> Result<R, Raised>) -> Result<R, Raised> {
        self.enter()?;
        let result = body();
        match result {
            Ok(value) => self.exit().map(|()| value),
            Err(raised) => {
                // Leaving must not lose the error.
                let kept = raised.take();
                self.exit()?;
                Err(Thread::current().set_exception(kept))
            }
        }
    }

    pub(super) fn find(&self, variable: &ContextVar) -> Option<Ref> {
        self.values.get()?.find(variable)
    }

    pub(super) fn put(&self, variable: &ContextVar, value: &Object) -> Result<(), Raised> {
        self.values.set(Some(self.mapping()?.with(variable, value)?));
        Ok(())
    }

    pub(super) fn remove(&self, variable: &ContextVar) -> Result<(), Raised> {
        if let Some(left) = self.mapping()?.without(variable)? {
            self.values.set(Some(left));
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.values.get().map_or(0, |values| values.len())
    }

    fn same_as(&self, other: &Context) -> Result<bool, Raised> {
        if std::ptr::eq(self, other) || self.values.pointer() == other.values.pointer() {
            return Ok(true);
        }
        if self.len() != other.len() {
            return Ok(false);
        }
        let walk = self.mapping()?.walk();
        while let Some((key, value)) = walk.next() {
            match other.find(variable(&key)?) {
                Some(theirs) if protocol::equal(&value, &theirs)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// A key as a variable.
fn variable(key: &Object) -> Result<&ContextVar, Raised> {
    match key.downcast::<ContextVar>() {
        Some(key) => Ok(key),
        None => Err(raise!(TypeError, "a ContextVar key was expected, got {}", &*protocol::repr(key)?)),
    }
}

#[pymethods]
impl Context {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Context>, Raised> {
        if args.len() > 0 || kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
            return Err(raise!(TypeError, "Context() does not accept any arguments"));
        }
        instantiate(cls, Context::fields(Hamt::empty()?))
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        match (other.downcast::<Context>(), op) {
            (Some(other), CompareOp::Eq) => Ok(boolean(self.same_as(other)?)),
            (Some(other), CompareOp::Ne) => Ok(boolean(!self.same_as(other)?)),
            _ => Ok(not_implemented()),
        }
    }

    #[slot(mp_length)]
    fn length(&self) -> Result<usize, Raised> {
        Ok(self.len())
    }

    #[slot(mp_subscript)]
    fn subscript(&self, key: &Object) -> Result<Ref, Raised> {
        self.find(variable(key)?).ok_or_else(|| raise_key_error(key))
    }

    #[slot(sq_contains)]
    fn contains(&self, key: &Object) -> Result<bool, Raised> {
        Ok(self.find(variable(key)?).is_some())
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        self.keys()
    }

    /// Return the value for `key` if `key` has the value in the context object.
    ///
    /// If `key` does not exist, return `default`. If `default` is not given,
    /// return None.
    #[signature(key, default = None, /)]
    fn get(&self, key: &Object, default: Option<&Object>) -> Result<Option<Ref>, Raised> {
        Ok(self.find(variable(key)?).or_else(|| default.map(Object::to_ref)))
    }

    /// Return all variables and their values in the context object.
    ///
    /// The result is returned as a list of 2-tuples (variable, value).
    fn items(&self) -> Result<Ref, Raised> {
        items_of(self.mapping()?)
    }

    /// Return a list of all variables in the context object.
    fn keys(&self) -> Result<Ref, Raised> {
        keys_of(self.mapping()?)
    }

    /// Return a list of all variables' values in the context object.
    fn values(&self) -> Result<Ref, Raised> {
        values_of(self.mapping()?)
    }

    /// Return a shallow copy of the context object.
    fn copy(&self) -> Result<Ref<Context>, Raised> {
        self.duplicate()
    }

    #[raw]
    #[no_signature]
    fn run(&self, args: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        let named = names.map_or(0, Tuple::len);
        match args.split_first() {
            Some((callable, rest)) if rest.len() >= named => {
                self.within(|| protocol::call::vectorcall(callable, rest, names))
            }
            _ => Err(raise!(TypeError, "run() missing 1 required positional argument")),
        }
    }
}

/// Declares an iterator over what a context holds, as it was when asked.
macro_rules! iterator {
    ($type:ident, $name:literal, $make:ident, $shown:expr) => {
        /// An iterator over a mapping, which knows its length.
        fn $make(values: Ref<Hamt>) -> Result<Ref, Raised> {
            let walk = values.walk();
            let made = create($type { base: Object::of::<$type>(), values: Field::new(values), walk, room: Room::new() })?;
            // As in CPython, the collector does not know it.
            gc::untrack(&made);
            Ok(made.into_object())
        }

        #[pytype(name = $name, doc = "", gc, flag = DISALLOW_INSTANTIATION)]
        struct $type {
            base: Object,
            #[traverse]
            values: Field<Hamt>,
            walk: Walk,
            room: Room<8>,
        }

        habu_runtime::assert_layout!($type, size 168);

        #[pymethods]
        impl $type {
            #[slot(tp_iter)]
            fn iter(&self) -> Result<Ref, Raised> {
                Ok(self.to_ref())
            }

            #[slot(tp_iternext)]
            fn next(&self) -> Result<Option<Ref>, Raised> {
                let shown: fn((Ref, Ref)) -> Result<Ref, Raised> = $shown;
                self.walk.next().map(shown).transpose()
            }

            #[slot(mp_length)]
            fn length(&self) -> Result<usize, Raised> {
                Ok(self.values.get().map_or(0, |values| values.len()))
            }
        }
    };
}
iterator!(Items, "items", items_of, |(key, value)| Ok(Tuple::from_refs([key, value])?.into_object()));
iterator!(Keys, "keys", keys_of, |(key, _)| Ok(key));
iterator!(Values, "values", values_of, |(_, value)| Ok(value));

/// Readies the types that have no names.
pub(super) fn ready() -> Result<(), Raised> {
    [
        Hamt::static_type(),
        Bitmap::static_type(),
        Array::static_type(),
        Collision::static_type(),
        Items::static_type(),
        Keys::static_type(),
        Values::static_type(),
    ]
    .into_iter()
    .try_for_each(habu_runtime::types::type_::ready::ready_static)
}
