//! `bool`: two integers with operators of their own.

use std::ptr::NonNull;

use super::{Bool, Int, bits};
use crate::object::{Object, Raised, Ref, Type};
use crate::types::singletons::{boolean, not_implemented};
use crate::types::str::Str;

/// `bool` of both operands, when both are of that type.
#[inline(always)]
fn both(left: &Object, right: &Object) -> Option<(bool, bool)> {
    Some((left.downcast_exact::<Bool>()?.value(), right.downcast_exact::<Bool>()?.value()))
}

/// What integers make of the operands.
fn as_integers(
    left: &Object,
    right: &Object,
    operate: impl FnOnce(&Int, &Int) -> Result<Ref<Int>, Raised>,
) -> Result<Ref, Raised> {
    match (left.downcast::<Int>(), right.downcast::<Int>()) {
        (Some(left), Some(right)) => Ok(operate(left, right)?.into_object()),
        _ => Ok(not_implemented()),
    }
}

#[habu_macros::pymethods]
impl Bool {
    /// The value.
    #[inline(always)]
    #[hidden]
    pub fn value(&self) -> bool {
        self.base.size.get() != 0
    }

    #[slot(tp_new)]
    #[signature(x = None, /)]
    fn new(_cls: &Type, x: Option<&Object>) -> Result<Ref, Raised> {
        match x {
            Some(x) => Ok(boolean(crate::object::protocol::truth(x)?)),
            None => Ok(boolean(false)),
        }
    }

    #[slot(tp_vectorcall)]
    fn call_type(
        _cls: &Object,
        arguments: &[&Object],
        names: Option<&crate::types::tuple::Tuple>,
    ) -> Result<Ref, Raised> {
        match (arguments, names) {
            ([], None) => Ok(boolean(false)),
            ([x], None) => Ok(boolean(crate::object::protocol::truth(x)?)),
            (_, Some(names)) if names.len() > 0 => Err(crate::raise!(TypeError, "bool() takes no keyword arguments")),
            _ => Err(crate::raise!(TypeError, "bool expected at most 1 argument, got {}", arguments.len())),
        }
    }

    /// The two are static: they never die.
    #[slot(tp_dealloc)]
    unsafe fn dealloc(object: NonNull<Object>) {
        // SAFETY: static objects are always there.
        unsafe { object.as_ref() }.refcount.set(crate::object::header::SHARED_REFCOUNT);
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        Str::intern(if self.value() { "True" } else { "False" })
    }

    #[slot(nb_and)]
    fn and(left: &Object, right: &Object) -> Result<Ref, Raised> {
        match both(left, right) {
            Some((left, right)) => Ok(boolean(left & right)),
            None => as_integers(left, right, bits::and),
        }
    }

    #[slot(nb_xor)]
    fn xor(left: &Object, right: &Object) -> Result<Ref, Raised> {
        match both(left, right) {
            Some((left, right)) => Ok(boolean(left ^ right)),
            None => as_integers(left, right, bits::xor),
        }
    }

    #[slot(nb_or)]
    fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
        match both(left, right) {
            Some((left, right)) => Ok(boolean(left | right)),
            None => as_integers(left, right, bits::or),
        }
    }
}
