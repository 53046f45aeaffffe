//! `match` statements: the instructions that look at subjects.

use crate::object::typeobject::flags;
use crate::object::{Object, Raised, Ref, Type, protocol};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// `MATCH_KEYS`: the values of the keys in a mapping as a tuple, or nothing when it lacks one.
pub fn match_keys(mapping: &Object, keys: &Object) -> Result<Option<Ref<Tuple>>, Raised> {
    let Some(keys) = keys.downcast::<Tuple>() else { return Err(raise!(SystemError, "MATCH_KEYS needs a tuple")) };
    if keys.len() == 0 {
        return Ok(Some(Tuple::empty()));
    }
    let get = protocol::get_attribute(mapping, &*Str::intern("get")?)?;
    let seen = Dict::new()?;
    let values = List::with_capacity(keys.len())?;
    // A default that is nothing else: `get` gives it back for a key that is not there.
    let missing = Dict::new()?;
    for key in keys.as_slice() {
        if seen.contains(key)? {
            let key = protocol::repr(key)?;
            return Err(raise!(ValueError, "mapping pattern checks duplicate key ({key})"));
        }
        seen.set(key, &crate::types::none())?;
        let value = protocol::call(&get, &[key, &missing])?;
        if value.is(&missing) {
            return Ok(None);
        }
        values.push(value)?;
    }
    protocol::to_tuple(&values).map(Some)
}

/// `MATCH_CLASS`: the attributes of a subject that a class pattern asks for, or nothing when it does not match.
pub fn match_class(
    subject: &Object,
    class: &Object,
    positional: usize,
    names: &Object,
) -> Result<Option<Ref<Tuple>>, Raised> {
    let Some(class) = class.downcast::<Type>() else {
        return Err(raise!(TypeError, "called match pattern must be a type"));
    };
    let Some(names) = names.downcast::<Tuple>() else { return Err(raise!(SystemError, "MATCH_CLASS needs a tuple")) };
    if !crate::types::type_::instance_check::isinstance(subject, class)? {
        return Ok(None);
    }
    let values = List::with_capacity(positional + names.len())?;
    let seen = Dict::new()?;
    if positional > 0 && !positional_attributes(subject, class, positional, &seen, &values)? {
        return Ok(None);
    }
    for name in names.as_slice() {
        match attribute(subject, class, name, &seen)? {
            Some(value) => values.push(value)?,
            None => return Ok(None),
        }
    }
    protocol::to_tuple(&values).map(Some)
}

/// The attributes that `__match_args__` names for the positional patterns; false when one is not there.
fn positional_attributes(
    subject: &Object,
    class: &Type,
    positional: usize,
    seen: &Dict,
    values: &List,
) -> Result<bool, Raised> {
    let names = protocol::lookup_attribute(class, crate::id!(__match_args__))?;
    let (names, itself) = match names {
        Some(names) => match names.downcast_into::<Tuple>() {
            Ok(names) => (names, false),
            Err(other) => {
                let got = other.ty().full_name();
                return Err(raise!(TypeError, "{}.__match_args__ must be a tuple (got {got})", class.full_name()));
            }
        },
        None => (Tuple::empty(), class.has_flag(flags::MATCH_SELF)),
    };
    let allowed = if itself { 1 } else { names.len() };
    if allowed < positional {
        let plural = if allowed == 1 { "" } else { "s" };
        return Err(raise!(
            TypeError,
            "{}() accepts {allowed} positional sub-pattern{plural} ({positional} given)",
            class.full_name()
        ));
    }
    if itself {
        values.push(subject.to_ref())?;
        return Ok(true);
    }
    for name in &names.as_slice()[..positional] {
        if !name.is_exact::<Str>() {
            return Err(raise!(TypeError, "__match_args__ elements must be strings (got {})", name.ty().full_name()));
        }
        match attribute(subject, class, name, seen)? {
            Some(value) => values.push(value)?,
            None => return Ok(false),
        }
    }
    Ok(true)
}

/// One attribute of the subject; each may be asked for once.
fn attribute(subject: &Object, class: &Type, name: &Object, seen: &Dict) -> Result<Option<Ref>, Raised> {
    if seen.contains(name)? {
        let name = protocol::repr(name)?;
        return Err(raise!(TypeError, "{}() got multiple sub-patterns for attribute {name}", class.full_name()));
    }
    seen.set(name, &crate::types::none())?;
    match name.downcast::<Str>() {
        Some(name) => protocol::lookup_attribute(subject, name),
        None => Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name())),
    }
}
