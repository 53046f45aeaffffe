//! What Python sees of generators; coroutines and asynchronous generators share most of it.

use habu_macros::pymethods;

use super::close;
use super::resume::{Outcome, resume};
use super::value::{Generator, State};
use crate::eval::generators::raise_stop_iteration;
use crate::object::descriptor_tables::{AUDIT_READ, MemberDef, READONLY, T_OBJECT};
use crate::object::{Object, Raised, Ref, Stopped, Visit};
use crate::raise;
use crate::types::frame::FrameObject;
use crate::types::singletons::is_none;
use crate::types::str::Str;

/// `tp_iternext`: nothing, with no exception set, for an end with None.
pub(crate) fn next(generator: &Generator) -> Result<Option<Ref>, Raised> {
    match resume(generator, None, false, false) {
        Outcome::Yielded(item) => Ok(Some(item)),
        Outcome::Returned(item) if is_none(&item) => Ok(None),
        Outcome::Returned(item) => Err(raise_stop_iteration(item)),
        Outcome::Raised(raised) => Err(raised),
    }
}

/// `am_send`
pub(crate) fn send_slot(generator: &Generator, item: &Object) -> (std::ffi::c_int, Option<Ref>) {
    match resume(generator, Some(item.to_ref()), false, false) {
        Outcome::Returned(item) => (0, Some(item)),
        Outcome::Yielded(item) => (1, Some(item)),
        Outcome::Raised(_) => (-1, None),
    }
}

/// `<generator object f at 0x..>`
pub(crate) fn repr(generator: &Generator, kind: &str) -> Result<Ref<Str>, Raised> {
    Str::from_format(format_args!("<{kind} object {} at {:#x}>", generator.qualname(), generator.address()))
}

/// `gi_frame` and its like.
pub(crate) fn frame(generator: &Generator) -> Result<Option<Ref<FrameObject>>, Raised> {
    if generator.state() == State::Cleared {
        return Ok(None);
    }
    // SAFETY: the frame is alive until it is cleared.
    unsafe { FrameObject::of(generator.frame()) }.map(Some)
}

/// The size in memory.
pub(crate) fn size(generator: &Generator) -> usize {
    let slots = generator.code.get().map_or(0, |code| code.nlocalsplus.get() + code.stacksize.get());
    152 + slots as usize * 8
}

/// A string for `__name__` or `__qualname__`.
pub(crate) fn text(value: Option<&Object>, what: &str) -> Result<Option<Ref<Str>>, Raised> {
    match value.and_then(Object::downcast::<Str>) {
        Some(text) => Ok(Some(Ref::from_borrowed(text))),
        None => Err(raise!(TypeError, "{what} must be set to a string object")),
    }
}

/// The members that are read from the layout.
static MEMBERS: &[MemberDef] = &[MemberDef {
    name: c"gi_code".as_ptr(),
    kind: T_OBJECT,
    offset: std::mem::offset_of!(Generator, code) as isize,
    flags: READONLY | AUDIT_READ,
    doc: std::ptr::null(),
}];

#[pymethods(members = MEMBERS)]
impl Generator {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        repr(self, "generator")
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.traverse_fields(visit)
    }

    #[slot(tp_finalize)]
    fn finalize(&self) {
        close::finalize(self);
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        next(self)
    }

    #[slot(am_send)]
    fn send_value(&self, item: &Object) -> (std::ffi::c_int, Option<Ref>) {
        send_slot(self, item)
    }

    /// send(arg) -> send 'arg' into generator,
    /// return next yielded value or raise StopIteration.
    #[no_signature]
    fn send(&self, item: &Object) -> Result<Ref, Raised> {
        close::send(self, item)
    }

    /// throw(value)
    /// throw(type[,value[,tb]])
    ///
    /// Raise exception in generator, return next yielded value or raise
    /// StopIteration.
    #[no_signature]
    #[signature(typ, value = None, traceback = None, /)]
    fn throw(&self, typ: &Object, value: Option<&Object>, traceback: Option<&Object>) -> Result<Ref, Raised> {
        throw(self, typ, value, traceback)
    }

    /// close() -> raise GeneratorExit inside generator.
    #[no_signature]
    fn close(&self) -> Result<(), Raised> {
        close::close(self)
    }

    /// gen.__sizeof__() -> size of gen in memory, in bytes
    #[no_signature]
    fn __sizeof__(&self) -> Result<usize, Raised> {
        Ok(size(self))
    }

    /// name of the generator
    #[getter]
    #[name = "__name__"]
    fn get_name(&self) -> Result<Option<Ref<Str>>, Raised> {
        Ok(self.name.get())
    }

    #[setter]
    #[name = "__name__"]
    fn set_name(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.name.set(text(value, "__name__")?);
        Ok(())
    }

    /// qualified name of the generator
    #[getter]
    #[name = "__qualname__"]
    fn get_qualname(&self) -> Result<Option<Ref<Str>>, Raised> {
        Ok(self.qualname.get())
    }

    #[setter]
    #[name = "__qualname__"]
    fn set_qualname(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.qualname.set(text(value, "__qualname__")?);
        Ok(())
    }

    /// object being iterated by yield from, or None
    #[getter]
    fn gi_yieldfrom(&self) -> Result<Option<Ref>, Raised> {
        Ok(close::delegate(self))
    }

    #[getter]
    fn gi_running(&self) -> Result<bool, Raised> {
        Ok(self.state() == State::Executing)
    }

    #[getter]
    fn gi_suspended(&self) -> Result<bool, Raised> {
        Ok(self.state() == State::Suspended)
    }

    #[getter]
    fn gi_frame(&self) -> Result<Option<Ref<FrameObject>>, Raised> {
        crate::audit!("object.__getattr__", self.to_ref(), "gi_frame")?;
        frame(self)
    }
}

/// `throw` with one to three arguments.
pub(crate) fn throw(
    generator: &Generator,
    typ: &Object,
    value: Option<&Object>,
    traceback: Option<&Object>,
) -> Result<Ref, Raised> {
    let mut arguments = [typ, typ, typ];
    let mut count = 1;
    for (index, given) in [value, traceback].into_iter().enumerate() {
        match given {
            Some(given) => {
                arguments[index + 1] = given;
                count = index + 2;
            }
            None => break,
        }
    }
    close::throw(generator, true, &arguments[..count])
}
