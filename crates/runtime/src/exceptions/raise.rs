//! Raising exceptions from Rust.

use crate::exceptions::BaseException;
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

/// Raises `kind(*arguments)`.
#[cold]
pub fn raise_with_arguments(kind: &Type, arguments: &[&Object]) -> Raised {
    let made = Tuple::from_borrowed(arguments)
        .and_then(|arguments| crate::object::protocol::call_tuple(kind, &arguments, None));
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
    Thread::current().set_exception(last_resort())
}

/// A MemoryError that needs no memory: one of those kept ready.
pub fn last_resort() -> Ref<BaseException> {
    super::hierarchy::reserved_memory_error()
}

/// Raises AttributeError for the attribute `name` of `object`.
#[cold]
pub fn raise_attribute_error(_object: &Object, _name: &Str, message: std::fmt::Arguments<'_>) -> Raised {
    raise_text(crate::exceptions::exc::AttributeError(), message)
}

/// Makes `cause` the cause of the exception that is set.
pub fn set_cause_of_current(cause: Ref<BaseException>) -> Raised {
    if let Some(current) = Thread::current().exception() {
        current.cause.set(Some(cause.clone()));
        current.context.set(Some(cause));
        current.suppress_context.set(true);
    }
    Raised::set()
}
