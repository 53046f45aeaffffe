//! The exception that is being raised, as the three words of `PyThreadState` that compiled extensions read and write.
//!
//! The runtime's own exceptions are always whole: the value is an instance, which keeps its traceback itself, beside it stands its
//! type. What an extension puts there may be a class with arguments still to be called, and a traceback that the instance does not
//! have yet; whoever takes it here gets the instance with it.

use std::cell::Cell;

use crate::exceptions::BaseException;
use crate::object::{Field, Object, PyType, Raised, Ref, Type, protocol};
use crate::types::traceback::Traceback;
use crate::types::tuple::Tuple;

/// `curexc_type`, `curexc_value`, `curexc_traceback`.
#[repr(C)]
pub struct RaisedTriple {
    kind: Field,
    value: Field,
    traceback: Field,
}

impl RaisedTriple {
    /// No exception.
    pub(crate) const fn new() -> RaisedTriple {
        RaisedTriple { kind: Field::empty(), value: Field::empty(), traceback: Field::empty() }
    }

    /// Whether an exception is being raised.
    #[inline(always)]
    pub fn is_set(&self) -> bool {
        !self.kind.is_empty()
    }

    /// Raises an instance.
    pub(crate) fn set(&self, exception: Ref<BaseException>) {
        let kind = exception.type_ref().into_object();
        self.put(Some(kind), Some(exception.into_object()), None);
    }

    /// Stores the three as they are; what was there goes after the change.
    pub fn put(&self, kind: Option<Ref>, value: Option<Ref>, traceback: Option<Ref>) {
        let old = (self.kind.replace(kind), self.value.replace(value), self.traceback.replace(traceback));
        drop(old);
    }

    /// Takes the three as they are.
    pub fn take_raw(&self) -> (Option<Ref>, Option<Ref>, Option<Ref>) {
        (self.kind.take(), self.value.take(), self.traceback.take())
    }

    /// The type of the exception that is being raised.
    pub fn kind(&self) -> Option<Ref> {
        self.kind.get()
    }

    /// The address of the type, null for no exception.
    pub fn kind_pointer(&self) -> *const Object {
        self.kind.pointer()
    }

    /// Takes the exception, as an instance.
    pub(crate) fn take(&self) -> Option<Ref<BaseException>> {
        self.take_noting().0
    }

    /// As `take`; and whether it is not what was raised, but what making that raised.
    pub(crate) fn take_noting(&self) -> (Option<Ref<BaseException>>, bool) {
        let Some(kind) = self.kind.take() else { return (None, false) };
        let (value, traceback) = (self.value.take(), self.traceback.take());
        let (exception, replaced) = match value.map(Ref::downcast_into::<BaseException>) {
            Some(Ok(exception)) if std::ptr::addr_eq(exception.ty(), kind.as_pointer().as_ptr()) => (exception, false),
            Some(Ok(exception)) => normalize_noting(&kind, Some(exception.into_object())),
            Some(Err(value)) => normalize_noting(&kind, Some(value)),
            None => normalize_noting(&kind, None),
        };
        if let Some(traceback) = traceback
            && let Ok(traceback) = traceback.downcast_into::<Traceback>()
        {
            exception.traceback.set(Some(traceback));
        }
        (Some(exception), replaced)
    }

    /// The exception, as an instance, left in place.
    pub(crate) fn get(&self) -> Option<Ref<BaseException>> {
        let exception = self.take()?;
        self.set(exception.clone());
        Some(exception)
    }
}

thread_local! {
    /// How deep exceptions arise while exceptions are made.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// The instance that a class and a value stand for: the value itself, or the class called with it. What that call raises stands in
/// for it.
pub fn normalize(kind: &Object, value: Option<Ref>) -> Ref<BaseException> {
    normalize_noting(kind, value).0
}

/// As `normalize`; and whether the exception stands in for another.
fn normalize_noting(kind: &Object, value: Option<Ref>) -> (Ref<BaseException>, bool) {
    if DEPTH.get() > 32 {
        let raised = crate::raise!(RecursionError, "maximum recursion depth exceeded while normalizing an exception");
        return (raised.take(), true);
    }
    DEPTH.set(DEPTH.get() + 1);
    let made = instance(kind, value);
    let exception = match made {
        Ok(exception) => (exception, false),
        Err(raised) => (raised.take(), true),
    };
    DEPTH.set(DEPTH.get() - 1);
    exception
}

fn instance(kind: &Object, value: Option<Ref>) -> Result<Ref<BaseException>, Raised> {
    let Some(class) = kind.downcast::<Type>().filter(|class| class.is_subtype(BaseException::type_object())) else {
        return Err(match kind.downcast::<BaseException>() {
            Some(exception) => crate::exceptions::raise_object(exception.to_ref()),
            None => crate::raise!(SystemError, "exception {} is not a BaseException subclass", kind.ty().full_name()),
        });
    };
    if let Some(value) = &value
        && value.isinstance::<BaseException>()
        && value.ty().is_subtype(class)
    {
        // SAFETY: checked above.
        return Ok(unsafe { value.clone().cast_into_unchecked() });
    }
    let made = match &value {
        None => protocol::call0(class)?,
        Some(value) if crate::types::singletons::is_none(value) => protocol::call0(class)?,
        Some(value) => match value.downcast::<Tuple>() {
            Some(arguments) => protocol::call_tuple(class, arguments, None)?,
            None => protocol::call1(class, value)?,
        },
    };
    made.downcast_into().map_err(|made| match protocol::repr(class) {
        Ok(shown) => crate::raise!(
            TypeError,
            "calling {shown} should have returned an instance of BaseException, not {}",
            made.ty().full_name()
        ),
        Err(raised) => raised,
    })
}
