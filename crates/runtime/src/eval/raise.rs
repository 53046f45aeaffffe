//! Raising, catching and the exceptions that are being handled.

use crate::exceptions::{BaseException, exc};
use crate::object::protocol;
use crate::object::{Object, Raised, Ref, Type};
use crate::raise;
use crate::threads::Thread;
use crate::types::singletons::is_none;
use crate::types::tuple::Tuple;

/// Makes the exception that is being handled the context of a new one.
pub fn set_context(exception: &Ref<BaseException>) {
    let Some(handled) = Thread::current().handled_exception() else { return };
    crate::exceptions::chain::set_context(exception, &handled);
}

/// An instance of what is raised: a class is called.
fn instance(raised: &Object, message: &str) -> Result<Ref<BaseException>, Raised> {
    if let Some(class) = raised.downcast::<Type>()
        && class.is_subtype(exc::BaseExceptionType())
    {
        let made = protocol::call0(class)?;
        return made.downcast_into::<BaseException>().map_err(|other| {
            let shown = protocol::repr(class).map_or_else(
                |raised| {
                    raised.clear();
                    String::new()
                },
                |r| r.to_string(),
            );
            raise!(
                TypeError,
                "calling {shown} should have returned an instance of BaseException, not {}",
                protocol::repr(other.ty()).map_or_else(
                    |raised| {
                        raised.clear();
                        String::new()
                    },
                    |r| r.to_string()
                )
            )
        });
    }
    match raised.downcast::<BaseException>() {
        Some(exception) => Ok(Ref::from_borrowed(exception)),
        None => Err(raise!(TypeError, "{message}")),
    }
}

/// `raise exception` and `raise exception from cause`.
pub fn raise_from(exception: &Object, cause: Option<&Object>) -> Raised {
    match prepare(exception, cause) {
        Ok(exception) => crate::exceptions::raise_object(exception.into_object()),
        Err(raised) => raised,
    }
}

fn prepare(exception: &Object, cause: Option<&Object>) -> Result<Ref<BaseException>, Raised> {
    let exception = instance(exception, "exceptions must derive from BaseException")?;
    if let Some(cause) = cause {
        let cause = if is_none(cause) {
            None
        } else {
            Some(instance(cause, "exception causes must derive from BaseException")?)
        };
        exception.suppress_context.set(true);
        exception.cause.set(cause);
    }
    Ok(exception)
}

/// `CHECK_EXC_MATCH`: whether an exception is caught by a class or a tuple of classes.
pub fn matches(exception: &Object, pattern: &Object) -> Result<bool, Raised> {
    check_pattern(pattern)?;
    Ok(given_matches(exception.ty(), pattern))
}

/// Whether an exception of this type is of a class, or of one in a tuple of classes (`PyErr_GivenExceptionMatches`).
pub fn given_matches(ty: &Type, pattern: &Object) -> bool {
    if let Some(class) = pattern.downcast::<Type>() {
        return ty.is_subtype(class);
    }
    match pattern.downcast::<Tuple>() {
        Some(classes) => {
            classes.as_slice().iter().any(|class| class.downcast::<Type>().is_some_and(|class| ty.is_subtype(class)))
        }
        None => false,
    }
}

/// What may stand behind `except`: classes of exceptions.
fn check_pattern(pattern: &Object) -> Result<(), Raised> {
    let is_class = |object: &Object| {
        object
            .downcast::<Type>()
            .is_some_and(|class| class.has_flag(crate::object::typeobject::flags::BASE_EXC_SUBCLASS))
    };
    let good = match pattern.downcast::<Tuple>() {
        Some(classes) => classes.as_slice().iter().all(|class| is_class(class)),
        None => is_class(pattern),
    };
    if good {
        return Ok(());
    }
    Err(raise!(TypeError, "catching classes that do not inherit from BaseException is not allowed"))
}

/// What may stand behind `except*`: no groups.
fn check_group_pattern(pattern: &Object) -> Result<(), Raised> {
    check_pattern(pattern)?;
    let is_group =
        |object: &Object| object.downcast::<Type>().is_some_and(|class| class.is_subtype(exc::BaseExceptionGroup()));
    let groups = match pattern.downcast::<Tuple>() {
        Some(classes) => classes.as_slice().iter().any(|class| is_group(class)),
        None => is_group(pattern),
    };
    if groups {
        return Err(raise!(TypeError, "catching ExceptionGroup with except* is not allowed. Use except instead."));
    }
    Ok(())
}

/// `CHECK_EG_MATCH`: splits what an `except*` is given into what it takes and the rest; nothing for none.
pub fn match_group(exception: &Object, pattern: &Object) -> Result<(Option<Ref>, Option<Ref>), Raised> {
    check_group_pattern(pattern)?;
    if is_none(exception) {
        return Ok((None, None));
    }
    if given_matches(exception.ty(), pattern) {
        if exception.ty().is_subtype(exc::BaseExceptionGroup()) {
            return Ok((Some(exception.to_ref()), None));
        }
        // A naked exception is wrapped, with its traceback.
        let list = Tuple::from_borrowed(&[exception])?;
        let group = protocol::call(&*exc::ExceptionGroup()?, &[&*crate::types::str::intern::empty(), &list])?;
        if let (Some(group), Some(exception)) =
            (group.downcast::<BaseException>(), exception.downcast::<BaseException>())
        {
            group.traceback.set(exception.traceback.get());
        }
        return Ok((Some(group), None));
    }
    if exception.ty().is_subtype(exc::BaseExceptionGroup()) {
        let pair = protocol::call_method(exception, &*crate::types::str::Str::intern("split")?, &[pattern])?;
        let Some(pair) = pair.downcast::<Tuple>() else {
            return Err(raise!(
                TypeError,
                "{}.split must return a tuple, not {}",
                exception.ty().full_name(),
                pair.ty().full_name()
            ));
        };
        if pair.len() < 2 {
            return Err(raise!(
                TypeError,
                "{}.split must return a 2-tuple, got tuple of size {}",
                exception.ty().full_name(),
                pair.len()
            ));
        }
        let part = |index| pair.get(index).filter(|part| !is_none(part));
        return Ok((part(0), part(1)));
    }
    Ok((None, Some(exception.to_ref())))
}

/// `RAISE_VARARGS`
///
/// # Safety
/// `sp` is the stack pointer of the frame that runs, with `count` values under it.
#[cold]
#[inline(never)]
pub unsafe fn raise_varargs(thread: &Thread, count: usize, sp: *mut super::value::Value) -> super::unwind::Failure {
    use super::unwind::Failure;
    if count == 0
        && let Some(exception) = thread.handled_exception()
    {
        // Raised again: its traceback has this frame.
        let _ = thread.set_exception(exception);
        return Failure::Reraised;
    }
    // SAFETY: by the contract.
    let raised = unsafe {
        match count {
            0 => raise!(RuntimeError, "No active exception to reraise"),
            1 => raise_from(&**sp.sub(1), None),
            _ => raise_from(&**sp.sub(2), Some(&**sp.sub(1))),
        }
    };
    let _ = raised;
    Failure::Raised
}

/// Raises an exception that was handled again: `RERAISE` and its like.
pub fn set_again(thread: &Thread, exception: Ref) -> Result<(), Raised> {
    match exception.downcast_into() {
        Ok(exception) => {
            let _ = thread.set_exception(exception);
            Ok(())
        }
        Err(_) => Err(raise!(SystemError, "RERAISE without an exception")),
    }
}
