//! `repr`, `str`, `hash`, truth and callability of any object.

use crate::eval::breaker::check_signals;
use crate::object::protocol::call::Lent;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::threads::thread::NativeCall;
use crate::types::singletons::{boolean_static, none_static};
use crate::types::str::Str;

/// `repr(object)`
pub fn repr(object: &Object) -> Result<Ref<Str>, Raised> {
    check_signals()?;
    repr_now(object)
}

/// As `repr`, for an item that its container owns: a `__repr__` in Python sees the count without the caller's reference.
pub fn repr_of_item(item: Ref) -> Result<Ref<Str>, Raised> {
    check_signals()?;
    let lent = Lent::to_method(item, crate::id!(__repr__));
    // SAFETY: the method is the first to run, and what failed is told of without the object.
    repr_now(unsafe { lent.get() })
}

fn repr_now(object: &Object) -> Result<Ref<Str>, Raised> {
    let Some(slot) = object.ty().tp_repr.get() else {
        return Str::from_format(format_args!("<{} object at {:#x}>", object.ty().full_name(), object.address()));
    };
    let _depth = NativeCall::enter(" while getting the repr of an object")?;
    // SAFETY: the slot belongs to the object's own type.
    let text = unsafe { slot(object) }?;
    text.downcast_into::<Str>()
        .map_err(|other| raise!(TypeError, "__repr__ returned non-string (type {})", other.ty().full_name()))
}

/// `str(object)`
pub fn str(object: &Object) -> Result<Ref<Str>, Raised> {
    check_signals()?;
    if let Some(text) = object.downcast_exact::<Str>() {
        return Ok(Ref::from_borrowed(text));
    }
    let Some(slot) = object.ty().tp_str.get() else { return repr(object) };
    let _depth = NativeCall::enter(" while getting the str of an object")?;
    // SAFETY: the slot belongs to the object's own type.
    let text = unsafe { slot(object) }?;
    text.downcast_into::<Str>()
        .map_err(|other| raise!(TypeError, "__str__ returned non-string (type {})", other.ty().full_name()))
}

/// `hash(object)`; never -1.
#[inline]
pub fn hash(object: &Object) -> Result<isize, Raised> {
    match object.ty().tp_hash.get() {
        Some(slot) => {
            // Tuples of tuples nest as deeply as a program makes them.
            crate::threads::thread::check_native_stack()?;
            // SAFETY: the slot belongs to the object's own type.
            unsafe { slot(object) }.result()
        }
        None => Err(unhashable(object)),
    }
}

/// The error of an object without a hash.
#[cold]
pub fn unhashable(object: &Object) -> Raised {
    raise!(TypeError, "unhashable type: '{}'", object.ty().full_name())
}

/// `bool(object)`
#[inline]
pub fn truth(object: &Object) -> Result<bool, Raised> {
    if object.is(boolean_static(true)) {
        return Ok(true);
    }
    if object.is(boolean_static(false)) || object.is(none_static()) {
        return Ok(false);
    }
    let ty = object.ty();
    // SAFETY: the slots belong to the object's own type.
    unsafe {
        if let Some(slot) = ty.number().and_then(|suite| suite.nb_bool.get()) {
            return slot(object).truth();
        }
        if let Some(slot) = ty.mapping().and_then(|suite| suite.mp_length.get()) {
            return slot(object).result().map(|length| length > 0);
        }
        if let Some(slot) = ty.sequence().and_then(|suite| suite.sq_length.get()) {
            return slot(object).result().map(|length| length > 0);
        }
    }
    Ok(true)
}

/// `callable(object)`
pub fn is_callable(object: &Object) -> bool {
    object.ty().tp_call.get().is_some()
}
