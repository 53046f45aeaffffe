//! What Python calls on every exception.

use habu_macros::pymethods;

use super::members::{boolean, members};
use crate::exceptions::BaseException;
use crate::id;
use crate::object::{MemberDef, Object, Raised, Ref, Type, protocol};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::singletons::is_none;
use crate::types::str::Str;
use crate::types::traceback::Traceback;
use crate::types::tuple::Tuple;

static MEMBERS: &[MemberDef] =
    members![boolean(c"__suppress_context__", std::mem::offset_of!(BaseException, suppress_context))];

/// Refuses named arguments, as the constructors of most exceptions do.
pub(super) fn no_keywords(cls: &Type, kwargs: Option<&Dict>) -> Result<(), Raised> {
    if kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
        return Err(raise!(TypeError, "{}() takes no keyword arguments", cls.name()));
    }
    Ok(())
}

/// The class's name without its module.
pub(super) fn short_name(cls: &Type) -> &str {
    let full = cls.full_name();
    full.rsplit('.').next().unwrap_or(full)
}

#[pymethods(members = MEMBERS)]
impl BaseException {
    #[slot(tp_new)]
    pub(super) fn new(cls: &Type, args: &Tuple, _kwargs: Option<&Dict>) -> Result<Ref<BaseException>, Raised> {
        BaseException::instantiate(cls, Ref::from_borrowed(args))
    }

    #[slot(tp_init)]
    pub(super) fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        no_keywords(self.ty(), kwargs)?;
        self.args.set(Some(Ref::from_borrowed(args)));
        Ok(())
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let args = self.arguments();
        let name = short_name(self.ty()).to_owned();
        let mut text = protocol::TextBuilder::new();
        text.push(&*Str::new(&name)?)?;
        if let [one] = args.as_slice() {
            text.push_ascii("(")?;
            text.push(&*protocol::repr(one)?)?;
            text.push_ascii(")")?;
        } else {
            text.push(&*protocol::repr(&args)?)?;
        }
        text.finish()
    }

    #[slot(tp_str)]
    pub(super) fn str(&self) -> Result<Ref<Str>, Raised> {
        let args = self.arguments();
        match args.as_slice() {
            [] => Ok(crate::types::str::intern::empty()),
            [one] => protocol::str(one),
            _ => protocol::str(&args),
        }
    }

    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let (cls, args) = (self.type_ref().into_object(), self.arguments().into_object());
        match self.dict.get() {
            Some(dict) => Tuple::from_refs([cls, args, dict.into_object()]),
            None => Tuple::from_refs([cls, args]),
        }
    }

    #[no_signature]
    fn __setstate__(&self, state: &Object) -> Result<(), Raised> {
        if is_none(state) {
            return Ok(());
        }
        let Some(state) = state.downcast::<Dict>() else {
            return Err(raise!(TypeError, "state is not a dictionary"));
        };
        let mut at = 0;
        while let Some((name, value)) = state.next_item(&mut at) {
            let Some(name) = name.downcast::<Str>() else {
                return Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name()));
            };
            protocol::set_attribute(self, name, Some(&value))?;
        }
        Ok(())
    }

    /// Exception.with_traceback(tb) --
    ///     set self.__traceback__ to tb and return self.
    #[no_signature]
    fn with_traceback(&self, tb: &Object) -> Result<Ref, Raised> {
        self.set_traceback(Some(tb))?;
        Ok(self.to_ref())
    }

    /// Exception.add_note(note) --
    ///     add a note to the exception
    #[no_signature]
    fn add_note(&self, note: &Object) -> Result<(), Raised> {
        if !note.isinstance::<Str>() {
            return Err(raise!(TypeError, "note must be a str, not '{}'", note.ty().full_name()));
        }
        let notes = match protocol::lookup_attribute(self, id!(__notes__))? {
            Some(notes) => notes,
            None => {
                let notes = List::new()?.into_object();
                protocol::set_attribute(self, id!(__notes__), Some(&notes))?;
                notes
            }
        };
        let Some(notes) = notes.downcast::<List>() else {
            return Err(raise!(TypeError, "Cannot add note: __notes__ is not a list"));
        };
        notes.push(note.to_ref())
    }

    #[getter]
    fn __dict__(&self) -> Result<Ref<Dict>, Raised> {
        if let Some(dict) = self.dict.get() {
            return Ok(dict);
        }
        let dict = Dict::new()?;
        self.dict.set(Some(dict.clone()));
        Ok(dict)
    }

    #[setter]
    #[name = "__dict__"]
    fn set_dict(&self, value: Option<&Object>) -> Result<(), Raised> {
        let Some(value) = value else { return Err(raise!(TypeError, "cannot delete __dict__")) };
        let Some(dict) = value.downcast::<Dict>() else {
            return Err(raise!(TypeError, "__dict__ must be set to a dictionary, not a '{}'", value.ty().full_name()));
        };
        self.dict.set(Some(Ref::from_borrowed(dict)));
        Ok(())
    }

    #[getter]
    #[name = "args"]
    fn get_args(&self) -> Result<Option<Ref<Tuple>>, Raised> {
        Ok(self.args.get())
    }

    #[setter]
    #[name = "args"]
    fn set_args(&self, value: Option<&Object>) -> Result<(), Raised> {
        let Some(value) = value else { return Err(raise!(TypeError, "args may not be deleted")) };
        let args = protocol::to_tuple(value)?;
        self.args.set(Some(args));
        Ok(())
    }

    #[getter]
    fn __traceback__(&self) -> Result<Option<Ref<Traceback>>, Raised> {
        Ok(self.traceback.get())
    }

    #[setter]
    #[name = "__traceback__"]
    fn set_traceback(&self, value: Option<&Object>) -> Result<(), Raised> {
        let Some(value) = value else { return Err(raise!(TypeError, "__traceback__ may not be deleted")) };
        let traceback = match value.downcast::<Traceback>() {
            Some(traceback) => Some(Ref::from_borrowed(traceback)),
            None if is_none(value) => None,
            None => return Err(raise!(TypeError, "__traceback__ must be a traceback or None")),
        };
        self.traceback.set(traceback);
        Ok(())
    }

    /// exception context
    #[getter]
    fn __context__(&self) -> Result<Option<Ref<BaseException>>, Raised> {
        Ok(self.context.get())
    }

    #[setter]
    #[name = "__context__"]
    fn set_context(&self, value: Option<&Object>) -> Result<(), Raised> {
        let Some(value) = value else { return Err(raise!(TypeError, "__context__ may not be deleted")) };
        self.context.set(exception_or_none(value, "context")?);
        Ok(())
    }

    /// exception cause
    #[getter]
    fn __cause__(&self) -> Result<Option<Ref<BaseException>>, Raised> {
        Ok(self.cause.get())
    }

    #[setter]
    #[name = "__cause__"]
    fn set_cause_attribute(&self, value: Option<&Object>) -> Result<(), Raised> {
        let Some(value) = value else { return Err(raise!(TypeError, "__cause__ may not be deleted")) };
        self.set_cause(exception_or_none(value, "cause")?);
        Ok(())
    }
}

fn exception_or_none(value: &Object, what: &str) -> Result<Option<Ref<BaseException>>, Raised> {
    match value.downcast::<BaseException>() {
        Some(exception) => Ok(Some(Ref::from_borrowed(exception))),
        None if is_none(value) => Ok(None),
        None => Err(raise!(TypeError, "exception {what} must be None or derive from BaseException")),
    }
}
