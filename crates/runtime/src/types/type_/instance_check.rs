//! `isinstance`, `issubclass`, and the names that `dir` shows of a class.

use crate::object::protocol::{self, lookup_attribute};
use crate::object::{Object, Raised, Ref, Type};
use crate::threads::thread::NativeCall;
use crate::types::dict::Dict;
use crate::types::tuple::Tuple;
use crate::{id, raise};

/// `isinstance(object, class)`
pub fn isinstance(object: &Object, class: &Object) -> Result<bool, Raised> {
    if std::ptr::addr_eq(object.ty(), class) {
        return Ok(true);
    }
    if class.is_exact::<Type>() {
        return real_isinstance(object, class);
    }
    let members = class.downcast::<crate::types::union_::UnionType>().map(|union| union.args());
    if let Some(classes) = members.as_deref().or_else(|| class.downcast::<Tuple>()) {
        return any(classes, |class| isinstance(object, class), " in __instancecheck__");
    }
    if let Some(check) = protocol::lookup_special(class, id!(__instancecheck__))? {
        let _depth = NativeCall::enter(" in __instancecheck__")?;
        return protocol::truth(&*protocol::call1(&check, object)?);
    }
    real_isinstance(object, class)
}

/// `issubclass(derived, class)`
pub fn issubclass(derived: &Object, class: &Object) -> Result<bool, Raised> {
    if class.is_exact::<Type>() {
        if derived.is(class) {
            return Ok(true);
        }
        return real_issubclass(derived, class);
    }
    let members = class.downcast::<crate::types::union_::UnionType>().map(|union| union.args());
    if let Some(classes) = members.as_deref().or_else(|| class.downcast::<Tuple>()) {
        return any(classes, |class| issubclass(derived, class), " in __subclasscheck__");
    }
    if let Some(check) = protocol::lookup_special(class, id!(__subclasscheck__))? {
        let _depth = NativeCall::enter(" in __subclasscheck__")?;
        return protocol::truth(&*protocol::call1(&check, derived)?);
    }
    real_issubclass(derived, class)
}

fn any(classes: &Tuple, check: impl Fn(&Object) -> Result<bool, Raised>, place: &str) -> Result<bool, Raised> {
    let _depth = NativeCall::enter(place)?;
    for class in classes.as_slice() {
        if check(class)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What `type.__instancecheck__` does.
pub fn real_isinstance(object: &Object, class: &Object) -> Result<bool, Raised> {
    if let Some(class) = class.downcast::<Type>() {
        if object.ty().is_subtype(class) {
            return Ok(true);
        }
        let shown = lookup_attribute(object, id!(__class__))?;
        return Ok(shown
            .as_deref()
            .and_then(Object::downcast::<Type>)
            .is_some_and(|shown| !std::ptr::eq(shown, object.ty()) && shown.is_subtype(class)));
    }
    if bases_of(class)?.is_none() {
        return Err(raise!(TypeError, "isinstance() arg 2 must be a type, a tuple of types, or a union"));
    }
    match lookup_attribute(object, id!(__class__))? {
        Some(shown) => abstract_issubclass(&shown, class),
        None => Ok(false),
    }
}

/// What `type.__subclasscheck__` does.
pub fn real_issubclass(derived: &Object, class: &Object) -> Result<bool, Raised> {
    if let (Some(derived), Some(class)) = (derived.downcast::<Type>(), class.downcast::<Type>()) {
        return Ok(derived.is_subtype(class));
    }
    if bases_of(derived)?.is_none() {
        return Err(raise!(TypeError, "issubclass() arg 1 must be a class"));
    }
    if bases_of(class)?.is_none() {
        return Err(raise!(TypeError, "issubclass() arg 2 must be a class, a tuple of classes, or a union"));
    }
    abstract_issubclass(derived, class)
}

/// `__bases__` when it is a tuple.
fn bases_of(class: &Object) -> Result<Option<Ref<Tuple>>, Raised> {
    Ok(lookup_attribute(class, id!(__bases__))?.and_then(|bases| bases.downcast_into::<Tuple>().ok()))
}

/// Follows `__bases__` of things that need not be types.
fn abstract_issubclass(derived: &Object, class: &Object) -> Result<bool, Raised> {
    let _depth = NativeCall::enter(" in __issubclass__")?;
    if derived.is(class) {
        return Ok(true);
    }
    let Some(bases) = bases_of(derived)? else { return Ok(false) };
    for base in bases.as_slice() {
        if abstract_issubclass(base, class)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Adds the names of a class and its bases, as `dir` shows them.
pub fn merge_class_dict(names: &Dict, class: &Object) -> Result<(), Raised> {
    let _depth = NativeCall::enter(" in __dir__")?;
    if let Some(dict) = lookup_attribute(class, id!(__dict__))? {
        names.update(&dict)?;
    }
    if let Some(bases) = lookup_attribute(class, id!(__bases__))?
        && let Ok(bases) = bases.downcast_into::<Tuple>()
    {
        for base in bases.as_slice() {
            merge_class_dict(names, base)?;
        }
    }
    Ok(())
}

/// The class of an object as it shows itself.
pub fn shown_class(object: &Object) -> Result<Ref, Raised> {
    Ok(lookup_attribute(object, id!(__class__))?.unwrap_or_else(|| object.type_ref().into_object()))
}
