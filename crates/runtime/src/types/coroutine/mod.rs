//! `coroutine`: what a call of an `async def` function makes, and `coroutine_wrapper`, what its `__await__` gives.

use habu_macros::{pymethods, pytype};

use crate::object::descriptor_tables::{AUDIT_READ, MemberDef, READONLY, T_OBJECT};
use crate::object::{Field, Object, Raised, Ref, Stopped, Visit};
use crate::types::frame::FrameObject;
use crate::types::generator::{Generator, State, close, methods};
use crate::types::str::Str;

/// A coroutine: the layout of a generator.
#[pytype(name = "coroutine", generic_get, c_name = "PyCoro_Type", doc = "", gc, flag = DISALLOW_INSTANTIATION, weaklist = generator.weaklist, basicsize = 152, itemsize = 8)]
pub struct Coroutine {
    /// All of it.
    pub generator: Generator,
}

crate::assert_layout!(Coroutine, size 80);

/// The members that are read from the layout, which begins with the generator's.
static MEMBERS: &[MemberDef] = &[
    MemberDef {
        name: c"cr_code".as_ptr(),
        kind: T_OBJECT,
        offset: std::mem::offset_of!(Generator, code) as isize,
        flags: READONLY | AUDIT_READ,
        doc: std::ptr::null(),
    },
    MemberDef {
        name: c"cr_origin".as_ptr(),
        kind: T_OBJECT,
        offset: std::mem::offset_of!(Generator, origin_or_finalizer) as isize,
        flags: READONLY,
        doc: std::ptr::null(),
    },
];

#[pymethods(members = MEMBERS)]
impl Coroutine {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        methods::repr(&self.generator, "coroutine")
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.generator.traverse_fields(visit)
    }

    #[slot(tp_finalize)]
    fn finalize(&self) {
        close::finalize(&self.generator);
    }

    #[slot(am_await)]
    fn wait(&self) -> Result<Ref<CoroutineWrapper>, Raised> {
        crate::object::create(CoroutineWrapper {
            base: Object::of::<CoroutineWrapper>(),
            // SAFETY: the reference is to this coroutine.
            coroutine: Field::new(unsafe { self.to_ref().cast_into_unchecked() }),
        })
    }

    #[slot(am_send)]
    fn send_value(&self, item: &Object) -> (std::ffi::c_int, Option<Ref>) {
        methods::send_slot(&self.generator, item)
    }

    /// send(arg) -> send 'arg' into coroutine,
    /// return next yielded value or raise StopIteration.
    #[no_signature]
    fn send(&self, item: &Object) -> Result<Ref, Raised> {
        close::send(&self.generator, item)
    }

    /// throw(value)
    /// throw(type[,value[,traceback]])
    ///
    /// Raise exception in coroutine, return next yielded value or raise
    /// StopIteration.
    #[no_signature]
    #[signature(typ, value = None, traceback = None, /)]
    fn throw(&self, typ: &Object, value: Option<&Object>, traceback: Option<&Object>) -> Result<Ref, Raised> {
        methods::throw(&self.generator, typ, value, traceback)
    }

    /// close() -> raise GeneratorExit inside coroutine.
    #[no_signature]
    fn close(&self) -> Result<(), Raised> {
        close::close(&self.generator)
    }

    /// gen.__sizeof__() -> size of gen in memory, in bytes
    #[no_signature]
    fn __sizeof__(&self) -> Result<usize, Raised> {
        Ok(methods::size(&self.generator))
    }

    /// name of the coroutine
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

    /// qualified name of the coroutine
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
    fn cr_await(&self) -> Result<Option<Ref>, Raised> {
        Ok(close::delegate(&self.generator))
    }

    #[getter]
    fn cr_running(&self) -> Result<bool, Raised> {
        Ok(self.generator.state() == State::Executing)
    }

    #[getter]
    fn cr_suspended(&self) -> Result<bool, Raised> {
        Ok(self.generator.state() == State::Suspended)
    }

    #[getter]
    fn cr_frame(&self) -> Result<Option<Ref<FrameObject>>, Raised> {
        methods::frame(&self.generator)
    }
}

/// A wrapper object implementing __await__ for coroutines.
#[pytype(name = "coroutine_wrapper", generic_get, c_name = "_PyCoroWrapper_Type", gc, flag = DISALLOW_INSTANTIATION)]
pub struct CoroutineWrapper {
    /// The header.
    pub base: Object,
    /// The coroutine.
    #[traverse]
    pub coroutine: Field<Coroutine>,
}

crate::assert_layout!(CoroutineWrapper, size 24, coroutine @ 16);

#[pymethods]
impl CoroutineWrapper {
    #[hidden]
    fn inner(&self) -> Result<Ref<Coroutine>, Raised> {
        self.coroutine.get().ok_or_else(|| crate::raise!(SystemError, "coroutine wrapper without a coroutine"))
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        methods::next(&self.inner()?.generator)
    }

    /// send(arg) -> send 'arg' into coroutine,
    /// return next yielded value or raise StopIteration.
    #[no_signature]
    fn send(&self, item: &Object) -> Result<Ref, Raised> {
        close::send(&self.inner()?.generator, item)
    }

    /// throw(value)
    /// throw(type[,value[,traceback]])
    ///
    /// Raise exception in coroutine, return next yielded value or raise
    /// StopIteration.
    #[no_signature]
    #[signature(typ, value = None, traceback = None, /)]
    fn throw(&self, typ: &Object, value: Option<&Object>, traceback: Option<&Object>) -> Result<Ref, Raised> {
        methods::throw(&self.inner()?.generator, typ, value, traceback)
    }

    /// close() -> raise GeneratorExit inside coroutine.
    #[no_signature]
    fn close(&self) -> Result<(), Raised> {
        close::close(&self.inner()?.generator)
    }
}
