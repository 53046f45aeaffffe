//! What Python calls on `weakref.ref`.

use habu_macros::pymethods;

use super::value::{WeakReference, list_of};
use crate::object::protocol::{self};
use crate::object::slots::CompareOp;
use crate::object::{Object, PyType, Raised, Ref, Type};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::singletons::{is_none, none, not_implemented};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Calls a reference: its object, or None.
unsafe extern "C" fn call_reference(
    callable: &Object,
    _arguments: *const &'static Object,
    flagged: usize,
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    let count = flagged & !crate::object::slots::VECTORCALL_ARGUMENTS_OFFSET;
    if count > 0 || names.is_some_and(|names| names.len() > 0) {
        return Err(match names.is_some_and(|names| names.len() > 0) {
            true => raise!(TypeError, "weakref() takes no keyword arguments"),
            false => raise!(TypeError, "weakref expected 0 arguments, got {count}"),
        });
    }
    // SAFETY: the function belongs to weak references.
    let this = unsafe { callable.cast_unchecked::<WeakReference>() };
    Ok(this.target().unwrap_or_else(none))
}

impl WeakReference {
    /// A reference of the class `cls` to `object`: the plain one there is, where nothing speaks against it.
    pub fn make(cls: &Type, object: &Object, callback: Option<&Object>) -> Result<Ref<WeakReference>, Raised> {
        let Some(list) = list_of(object) else {
            return Err(raise!(TypeError, "cannot create weak reference to '{}' object", object.ty().full_name()));
        };
        let callback = callback.filter(|callback| !is_none(callback));
        if callback.is_none() && std::ptr::eq(cls, WeakReference::type_object()) {
            return WeakReference::plain(object);
        }
        let reference = crate::object::instantiate(cls, WeakReference::fields(object, callback.map(Object::to_ref)))?;
        reference.vectorcall.set(Some(call_reference));
        reference.link_behind_plain(list);
        Ok(reference)
    }

    /// Puts the reference behind the plain ones of its object's list.
    fn link_behind_plain(&self, list: &std::cell::Cell<*const WeakReference>) {
        // SAFETY: references in the list are alive.
        unsafe {
            let Some(first) = list.get().as_ref().filter(|first| first.is_plain()) else {
                return self.link_first(list);
            };
            let last = first.next.get().as_ref().filter(|next| super::proxy::is_plain_proxy(next));
            self.link_after(last.unwrap_or(first));
        }
    }

    /// The function that calls a reference.
    pub(super) fn entry() -> crate::object::slots::VectorcallFunc {
        call_reference
    }
}

#[pymethods]
impl WeakReference {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<WeakReference>, Raised> {
        let _ = kwargs;
        match args.as_slice() {
            [object] => WeakReference::make(cls, object, None),
            [object, callback] => WeakReference::make(cls, object, Some(callback)),
            [] => Err(raise!(TypeError, "__new__ expected at least 1 argument, got 0")),
            more => Err(raise!(TypeError, "__new__ expected at most 2 arguments, got {}", more.len())),
        }
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        if kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
            return Err(raise!(TypeError, "ref() takes no keyword arguments"));
        }
        match args.len() {
            1 | 2 => Ok(()),
            0 => Err(raise!(TypeError, "__init__ expected at least 1 argument, got 0")),
            more => Err(raise!(TypeError, "__init__ expected at most 2 arguments, got {more}")),
        }
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        if kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
            return Err(raise!(TypeError, "weakref() takes no keyword arguments"));
        }
        if args.len() > 0 {
            return Err(raise!(TypeError, "weakref expected 0 arguments, got {}", args.len()));
        }
        Ok(self.target().unwrap_or_else(none))
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let Some(target) = self.target() else {
            return Str::from_format(format_args!("<weakref at {:#x}; dead>", self.address()));
        };
        // An object whose attributes cannot be read can still be shown.
        let name = protocol::lookup_attribute(&target, crate::id!(__name__)).unwrap_or_else(|raised| {
            raised.clear();
            None
        });
        let (address, kind, place) = (self.address(), target.ty().full_name(), target.address());
        match name.as_deref().and_then(Object::downcast::<Str>) {
            Some(name) => {
                Str::from_format(format_args!("<weakref at {address:#x}; to '{kind}' at {place:#x} ({name})>"))
            }
            None => Str::from_format(format_args!("<weakref at {address:#x}; to '{kind}' at {place:#x}>")),
        }
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        if self.hash.get() != -1 {
            return Ok(self.hash.get());
        }
        let Some(target) = self.target() else { return Err(raise!(TypeError, "weak object has gone away")) };
        let hash = protocol::hash(&target)?;
        self.hash.set(hash);
        Ok(hash)
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(theirs) = other.downcast::<WeakReference>() else { return Ok(not_implemented()) };
        if op != CompareOp::Eq && op != CompareOp::Ne {
            return Ok(not_implemented());
        }
        match (self.target(), theirs.target()) {
            (Some(left), Some(right)) => protocol::compare(&left, &right, op),
            _ => Ok(crate::types::boolean(self.is(other) == (op == CompareOp::Eq))),
        }
    }

    #[getter]
    fn __callback__(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.callback.get())
    }

    /// See PEP 585
    #[classmethod]
    #[no_signature]
    fn __class_getitem__(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        crate::types::generic_alias::alias(cls, item)
    }
}
