//! `async_generator`: a function with both `async def` and `yield`, and the awaitables that its methods give.

pub mod anext;
pub mod asend;
pub mod athrow;

use habu_macros::{pymethods, pytype};

use crate::eval::generators::Sent;
use crate::exceptions::exc;
use crate::object::descriptor_tables::{AUDIT_READ, MemberDef, READONLY, T_BOOL, T_OBJECT};
use crate::object::{Field, Object, Raised, Ref, Stopped, Type, Visit, protocol};
use crate::threads::Thread;
use crate::types::frame::FrameObject;
use crate::types::generator::resume::Outcome;
use crate::types::generator::{Generator, close, methods};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use asend::AsyncGenAsend;
use athrow::AsyncGenAthrow;

/// An asynchronous generator: the layout of a generator.
#[pytype(name = "async_generator", generic_get, c_name = "PyAsyncGen_Type", doc = "", gc, flag = DISALLOW_INSTANTIATION, weaklist = generator.weaklist, basicsize = 152, itemsize = 8)]
pub struct AsyncGenerator {
    /// All of it.
    pub generator: Generator,
}

crate::assert_layout!(AsyncGenerator, size 80);

/// A value that an asynchronous generator yields, told apart from what it awaits.
#[pytype(name = "async_generator_wrapped_value", generic_get, c_name = "_PyAsyncGenWrappedValue_Type", doc = "", gc, flag = DISALLOW_INSTANTIATION)]
pub struct WrappedValue {
    /// The header.
    pub base: Object,
    /// The value.
    #[traverse]
    pub value: Field,
}

#[pymethods]
impl WrappedValue {}

/// `ASYNC_GEN_WRAP`
pub fn wrap(item: &Object) -> Result<Ref<WrappedValue>, Raised> {
    crate::object::create(WrappedValue { base: Object::of::<WrappedValue>(), value: Field::new(item.to_ref()) })
}

impl AsyncGenerator {
    /// Asks for the hooks of `sys.set_asyncgen_hooks` at the first iteration.
    fn init_hooks(&self) -> Result<(), Raised> {
        if self.generator.hooks_inited.replace(true) {
            return Ok(());
        }
        let eval = &Thread::current().eval;
        if let Some(finalizer) = eval.asyncgen_finalizer.get() {
            self.generator.origin_or_finalizer.set(Some(finalizer));
        }
        match eval.asyncgen_firstiter.get() {
            Some(first) => protocol::call1(&first, self).map(drop),
            None => Ok(()),
        }
    }

    fn own_ref(&self) -> Ref<AsyncGenerator> {
        Ref::from_borrowed(self)
    }
}

/// What running an asynchronous generator on gave its awaitable: a yielded value ends the awaiting with a StopIteration.
fn unwrap(generator: &Generator, result: Result<Ref, Raised>) -> Result<Ref, Raised> {
    match result {
        Ok(item) => match item.downcast_exact::<WrappedValue>() {
            None => Ok(item),
            Some(wrapped) => {
                generator.running_async.set(false);
                let held = wrapped.value.get().unwrap_or_else(crate::types::none);
                Err(crate::exceptions::raise_with_arguments(exc::StopIteration(), &[&held]))
            }
        },
        Err(raised) => {
            if ended(&raised) {
                generator.closed.set(true);
            }
            generator.running_async.set(false);
            Err(raised)
        }
    }
}

/// As `unwrap` for an awaitable that is run by an instruction: the value needs no StopIteration.
fn unwrap_outcome(generator: &Generator, outcome: Outcome) -> Sent {
    match outcome {
        Outcome::Yielded(item) => match item.downcast_exact::<WrappedValue>() {
            None => Sent::Yielded(item),
            Some(wrapped) => {
                generator.running_async.set(false);
                Sent::Returned(wrapped.value.get().unwrap_or_else(crate::types::none))
            }
        },
        outcome => match unwrap(generator, close::result_of(generator, outcome)) {
            Ok(item) => Sent::Yielded(item),
            Err(raised) => Sent::Raised(raised),
        },
    }
}

/// Whether what is set is the end of an asynchronous generator.
fn ended(_raised: &Raised) -> bool {
    Thread::current().exception().is_some_and(|exception| {
        exception.ty().is_subtype(exc::StopAsyncIteration()) || exception.ty().is_subtype(exc::GeneratorExit())
    })
}

/// The members that are read from the layout, which begins with the generator's.
static MEMBERS: &[MemberDef] = &[
    MemberDef {
        name: c"ag_running".as_ptr(),
        kind: T_BOOL,
        offset: std::mem::offset_of!(Generator, running_async) as isize,
        flags: READONLY,
        doc: std::ptr::null(),
    },
    MemberDef {
        name: c"ag_code".as_ptr(),
        kind: T_OBJECT,
        offset: std::mem::offset_of!(Generator, code) as isize,
        flags: READONLY | AUDIT_READ,
        doc: std::ptr::null(),
    },
];

#[pymethods(members = MEMBERS)]
impl AsyncGenerator {
    /// See PEP 585
    #[classmethod]
    #[no_signature]
    fn __class_getitem__(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        crate::types::generic_alias::alias(cls, item)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        methods::repr(&self.generator, "async_generator")
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.generator.traverse_fields(visit)
    }

    #[slot(tp_finalize)]
    fn finalize(&self) {
        close::finalize(&self.generator);
    }

    #[slot(am_aiter)]
    fn aiter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(am_anext)]
    fn anext(&self) -> Result<Ref<AsyncGenAsend>, Raised> {
        self.init_hooks()?;
        AsyncGenAsend::new(self.own_ref(), None)
    }

    /// asend(v) -> send 'v' in generator.
    #[no_signature]
    fn asend(&self, item: &Object) -> Result<Ref<AsyncGenAsend>, Raised> {
        self.init_hooks()?;
        AsyncGenAsend::new(self.own_ref(), Some(item.to_ref()))
    }

    /// athrow(typ[,val[,tb]]) -> raise exception in generator.
    #[no_signature]
    #[signature(*args)]
    fn athrow(&self, args: &[&Object]) -> Result<Ref<AsyncGenAthrow>, Raised> {
        self.init_hooks()?;
        AsyncGenAthrow::new(self.own_ref(), Some(Tuple::from_borrowed(args)?))
    }

    /// aclose() -> raise GeneratorExit inside generator.
    #[no_signature]
    fn aclose(&self) -> Result<Ref<AsyncGenAthrow>, Raised> {
        self.init_hooks()?;
        AsyncGenAthrow::new(self.own_ref(), None)
    }

    /// gen.__sizeof__() -> size of gen in memory, in bytes
    #[no_signature]
    fn __sizeof__(&self) -> Result<usize, Raised> {
        Ok(methods::size(&self.generator))
    }

    /// name of the async generator
    #[getter]
    #[name = "__name__"]
    fn get_name(&self) -> Result<Option<Ref<Str>>, Raised> {
        Ok(self.generator.name.get())
    }

    #[setter]
    #[name = "__name__"]
    fn set_name(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.generator.name.set(methods::text(value, "__name__")?);
        Ok(())
    }

    /// qualified name of the async generator
    #[getter]
    #[name = "__qualname__"]
    fn get_qualname(&self) -> Result<Option<Ref<Str>>, Raised> {
        Ok(self.generator.qualname.get())
    }

    #[setter]
    #[name = "__qualname__"]
    fn set_qualname(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.generator.qualname.set(methods::text(value, "__qualname__")?);
        Ok(())
    }

    /// object being awaited on, or None
    #[getter]
    fn ag_await(&self) -> Result<Option<Ref>, Raised> {
        Ok(close::delegate(&self.generator))
    }

    #[getter]
    fn ag_frame(&self) -> Result<Option<Ref<FrameObject>>, Raised> {
        methods::frame(&self.generator)
    }
}
