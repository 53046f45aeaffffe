//! `_count_elements`: how `Counter` counts.

use habu_runtime::id;
use habu_runtime::object::protocol::number::{Operator, binary_op};
use habu_runtime::object::protocol::{call, for_each, get_attribute_str, hash, set_item};
use habu_runtime::object::{IntoObject, Object, PyType, Raised, Ref};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;

/// Whether the mapping is a dictionary whose class changes neither `get` nor `__setitem__`.
fn plain_dict(mapping: &Object) -> Result<Option<&Dict>, Raised> {
    let Some(dict) = mapping.downcast::<Dict>() else { return Ok(None) };
    for name in [id!(get), id!(__setitem__)] {
        let (ours, plain) = (mapping.ty().lookup(name), Dict::type_object().lookup(name));
        match (ours, plain) {
            (Some(ours), Some(plain)) if ours.is(&plain) => {}
            _ => return Ok(None),
        }
    }
    Ok(Some(dict))
}

/// One more than `count`.
fn incremented(count: &Object) -> Result<Ref, Raised> {
    match count.downcast_exact::<Int>() {
        Some(count) if count.is_single() => (count.small_value() + 1).into_object(),
        _ => binary_op(count, &*1i64.into_object()?, Operator::Add),
    }
}

/// Adds one for each item to the item's value in the mapping.
pub(super) fn count_elements(mapping: &Object, iterable: &Object) -> Result<(), Raised> {
    if let Some(dict) = plain_dict(mapping)? {
        return for_each(iterable, |key| {
            let hash = hash(&key)?;
            let count = match dict.get_hashed(&key, hash)? {
                Some(count) => incremented(&count)?,
                None => 1i64.into_object()?,
            };
            dict.set_hashed(&key, hash, &count)
        });
    }
    let get = get_attribute_str(mapping, "get")?;
    let zero = 0i64.into_object()?;
    for_each(iterable, |key| {
        let count = call(&get, &[&key, &zero])?;
        set_item(mapping, &key, &*incremented(&count)?)
    })
}
