//! Mappings of any type: keys, values and items as lists (`PyMapping_*`).

use super::iterate::iterator;
use super::sequence::to_list;
use crate::exceptions::exc;
use crate::id;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::threads::Thread;
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Whether the object has subscripts by key (`PyMapping_Check`).
pub fn is_mapping(object: &Object) -> bool {
    object.ty().mapping().is_some_and(|suite| suite.mp_subscript.get().is_some())
}

/// The keys in a new list.
pub fn keys(mapping: &Object) -> Result<Ref<List>, Raised> {
    match mapping.downcast_exact::<Dict>() {
        Some(dict) => of_dict(dict, |key, _| Ok(key)),
        None => through_method(mapping, id!(keys)),
    }
}

/// The values in a new list.
pub fn values(mapping: &Object) -> Result<Ref<List>, Raised> {
    match mapping.downcast_exact::<Dict>() {
        Some(dict) => of_dict(dict, |_, value| Ok(value)),
        None => through_method(mapping, id!(values)),
    }
}

/// The items in a new list of pairs.
pub fn items(mapping: &Object) -> Result<Ref<List>, Raised> {
    match mapping.downcast_exact::<Dict>() {
        Some(dict) => of_dict(dict, |key, value| Ok(Tuple::from_refs([key, value])?.into_object())),
        None => through_method(mapping, id!(items)),
    }
}

fn of_dict(dict: &Dict, select: impl Fn(Ref, Ref) -> Result<Ref, Raised>) -> Result<Ref<List>, Raised> {
    let list = List::with_capacity(dict.len())?;
    let mut at = 0;
    while let Some((key, value)) = dict.next_item(&mut at) {
        list.push(select(key, value)?)?;
    }
    Ok(list)
}

/// A list of what a method's result iterates over.
fn through_method(mapping: &Object, name: &Str) -> Result<Ref<List>, Raised> {
    let result = super::call_method(mapping, name, &[])?;
    if let Some(list) = result.downcast_exact::<List>()
        && list.refcount() == 1
    {
        return Ok(Ref::from_borrowed(list));
    }
    let items = iterator(&result).map_err(|raised| {
        if !Thread::current().exception().is_some_and(|error| error.ty().is_subtype(exc::TypeError())) {
            return raised;
        }
        raised.clear();
        raise!(
            TypeError,
            "{}.{}() returned a non-iterable (type {})",
            mapping.ty().full_name(),
            name,
            result.ty().full_name()
        )
    })?;
    to_list(&items)
}
