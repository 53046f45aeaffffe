//! Raising exceptions from Rust.

use crate::exceptions::simple::{AttributeError, ImportError, NameError};
use crate::exceptions::{BaseException, exc};
use crate::object::typeobject::flags;
use crate::object::{Object, Raised, Ref, Type};
use crate::threads::Thread;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Raises a built-in exception with a message: `return Err(raise!(TypeError, "bad {}", x))`.  Objects are shown by
/// `Display` where they have it (`Str`); names of types by `ty().name()`.
#[macro_export]
macro_rules! raise {
    ($kind:ident, $($message:tt)+) => {
        $crate::exceptions::raise_text($crate::exceptions::exc::$kind(), format_args!($($message)+))
    };
}

/// Raises `kind` with a message.
#[cold]
#[inline(never)]
pub fn raise_text(kind: &'static Type, message: std::fmt::Arguments<'_>) -> Raised {
    match Str::from_format(message) {
        Ok(message) => raise_with_arguments(kind, &[&message]),
        Err(raised) => raised,
    }
}

/// `kind(*arguments)`: built-in exceptions are made by their slots, without a call through the type.
pub(super) fn instance(kind: &Type, arguments: &Tuple) -> Result<Ref, Raised> {
    if !kind.has_flag(flags::HEAPTYPE)
        && let (Some(new), Some(init)) = (kind.tp_new.get(), kind.tp_init.get())
    {
        // SAFETY: the slots belong to the type; what an exception's tp_new made of a built-in class has that class's
        // layout.
        unsafe {
            let made = new(kind, arguments, None)?;
            made.ty().tp_init.get().unwrap_or(init)(&made, arguments, None).result()?;
            return Ok(made);
        }
    }
    crate::object::protocol::call_tuple(kind, arguments, None)
}

/// Raises `kind(*arguments)`.
#[cold]
pub fn raise_with_arguments(kind: &Type, arguments: &[&Object]) -> Raised {
    let made = Tuple::from_borrowed(arguments).and_then(|arguments| instance(kind, &arguments));
    match made {
        Ok(exception) => raise_object(exception),
        Err(raised) => raised,
    }
}

/// Raises an instance; what is no exception is a TypeError.  The exception that is being handled becomes its context.
pub fn raise_object(exception: Ref) -> Raised {
    match exception.downcast_into::<BaseException>() {
        Ok(exception) => {
            crate::eval::set_context(&exception);
            Thread::current().set_exception(exception)
        }
        Err(_) => crate::raise!(TypeError, "exceptions must derive from BaseException"),
    }
}

/// Raises the MemoryError that was made at start-up for this purpose.
#[cold]
#[inline(never)]
pub fn memory_error() -> Raised {
    let thread = Thread::current();
    let heap = &thread.interpreter().heap;
    if let (Some(limit), Some(asked)) = (heap.limit(), heap.take_refusal()) {
        // The error itself is made of what was kept back.
        let in_use = heap.bytes_in_use();
        thread.interpreter().gc.request(crate::gc::pressure::COLLECT);
        heap.set_limit(Some(limit.saturating_add(ERROR_RESERVE)));
        let text = crate::types::str::Str::from_format(format_args!(
            "cannot allocate {asked} bytes: {in_use} are in use, the limit is {limit}"
        ));
        let made = text.and_then(|text| crate::object::protocol::call1(super::exc::MemoryError(), &text));
        heap.set_limit(Some(limit));
        heap.take_refusal();
        if let Some(Ok(error)) = made.map_err(Raised::clear).ok().map(Ref::downcast_into::<BaseException>) {
            return thread.set_exception(error);
        }
    }
    thread.set_exception(last_resort())
}

/// Bytes above the limit that the error which tells of it may take.
const ERROR_RESERVE: usize = 512 << 10;

/// A MemoryError that needs no memory: one of those kept ready.
pub fn last_resort() -> Ref<BaseException> {
    super::hierarchy::reserved_memory_error()
}

/// Raises `KeyError(key)`; a tuple is one key, not several arguments.
#[cold]
pub fn raise_key_error(key: &Object) -> Raised {
    raise_with_arguments(exc::KeyError(), &[key])
}

/// Raises StopIteration, with what a generator returned.
#[cold]
pub fn raise_stop_iteration(value: Option<Ref>) -> Raised {
    match super::simple::stop_iteration(value) {
        Ok(exception) => raise_object(exception.into_object()),
        Err(raised) => raised,
    }
}

/// Raises AttributeError with the message, and with the object and the attribute's name in `obj` and `name`, for suggestions.
#[cold]
pub fn raise_attribute_error(object: &Object, name: &Object, text: std::fmt::Arguments<'_>) -> Raised {
    let made = Str::from_format(text)
        .and_then(|text| Tuple::from_refs([text.into_object()]))
        .and_then(|arguments| instance(exc::AttributeError(), &arguments));
    match made {
        Ok(exception) => {
            if let Some(fields) = exception.downcast::<AttributeError>() {
                fields.obj.set(Some(object.to_ref()));
                fields.name.set(Some(name.to_ref()));
            }
            raise_object(exception)
        }
        Err(raised) => raised,
    }
}

/// Raises the AttributeError of an object without the attribute `name`.
#[cold]
pub fn raise_no_attribute(object: &Object, name: &Str) -> Raised {
    let kind = object.type_ref();
    raise_attribute_error(object, name, format_args!("'{}' object has no attribute '{}'", kind.full_name(), name))
}

/// Raises a NameError or UnboundLocalError, with the name in `name`, for suggestions.
#[cold]
pub fn raise_name_error(kind: &'static Type, name: &Object, text: std::fmt::Arguments<'_>) -> Raised {
    let made = Str::from_format(text)
        .and_then(|text| Tuple::from_refs([text.into_object()]))
        .and_then(|arguments| instance(kind, &arguments));
    match made {
        Ok(exception) => {
            if let Some(fields) = exception.downcast::<NameError>() {
                fields.name.set(Some(name.to_ref()));
            }
            raise_object(exception)
        }
        Err(raised) => raised,
    }
}

/// Raises an ImportError or ModuleNotFoundError with the module's name and file.
#[cold]
pub fn raise_import_error(
    kind: &'static Type,
    name: Option<&Object>,
    path: Option<&Object>,
    text: std::fmt::Arguments<'_>,
) -> Raised {
    let made = Str::from_format(text)
        .and_then(|text| Tuple::from_refs([text.into_object()]))
        .and_then(|arguments| instance(kind, &arguments));
    match made {
        Ok(exception) => {
            if let Some(fields) = exception.downcast::<ImportError>() {
                fields.name.set(name.map(Ref::from_borrowed));
                fields.path.set(path.map(Ref::from_borrowed));
            }
            raise_object(exception)
        }
        Err(raised) => raised,
    }
}

/// Makes `cause` the cause of the exception that is set.
pub fn set_cause_of_current(cause: Ref<BaseException>) -> Raised {
    if let Some(current) = Thread::current().exception() {
        current.context.set(Some(cause.clone()));
        current.set_cause(Some(cause));
    }
    Raised::set()
}
