//! The dictionaries of instances: where they stand, and how attributes are read and written without making one.

use std::cell::Cell;

use super::keys::Keys;
use super::value::Dict;
use crate::object::typeobject::flags;
use crate::object::{Field, HeapType, Object, Raised, Ref, Stopped, Traverse, Type, Visit};
use crate::raise;
use crate::types::str::Str;

/// The place of an object's dictionary, if its type has one.
pub fn place(object: &Object) -> Option<&Field<Dict>> {
    let ty = object.ty();
    let offset = ty.tp_dictoffset.get();
    if offset == 0 {
        return None;
    }
    let start = std::ptr::from_ref(object).cast::<u8>();
    let offset = if ty.has_flag(flags::MANAGED_DICT) {
        -24
    } else if offset < 0 {
        // SAFETY: such types have objects of variable size.
        let size = unsafe { &*std::ptr::from_ref(object).cast::<crate::object::VarObject>() }.size.get().abs();
        let whole = ty.tp_basicsize.get() + size * ty.tp_itemsize.get();
        ((whole + 7) & !7) + offset
    } else {
        offset
    };
    // SAFETY: the type says that a dictionary or null stands there.
    Some(unsafe { &*start.offset(offset).cast() })
}

/// The instance attribute `name`.
pub fn get(object: &Object, name: &Str) -> Result<Option<Ref>, Raised> {
    match place(object).and_then(Field::get) {
        Some(dict) => dict.get(name),
        None => Ok(None),
    }
}

/// Sets or deletes an instance attribute; false when there was none to delete.
pub fn set(object: &Object, name: &Str, value: Option<&Object>) -> Result<bool, Raised> {
    match value {
        Some(value) => {
            dictionary(object)?.set(name, value)?;
            Ok(true)
        }
        None => match place(object).and_then(Field::get) {
            Some(dict) => Ok(dict.remove(name)?.is_some()),
            None => Ok(false),
        },
    }
}

/// `object.__dict__`, made when it is asked for.
pub fn dictionary(object: &Object) -> Result<Ref<Dict>, Raised> {
    let Some(place) = place(object) else {
        return Err(raise!(AttributeError, "This object has no __dict__"));
    };
    if let Some(dict) = place.get() {
        return Ok(dict);
    }
    let dict = Dict::new()?;
    place.set(Some(dict.clone()));
    Ok(dict)
}

/// `object.__dict__ = value`
pub fn set_dictionary(object: &Object, value: Option<&Object>) -> Result<(), Raised> {
    let Some(place) = place(object) else {
        return Err(raise!(AttributeError, "This object has no __dict__"));
    };
    let Some(value) = value else {
        place.set(None);
        return Ok(());
    };
    let Some(dict) = value.downcast::<Dict>() else {
        return Err(raise!(TypeError, "__dict__ must be set to a dictionary, not a '{}'", value.ty().name()));
    };
    place.set(Some(Ref::from_borrowed(dict)));
    Ok(())
}

/// Shows the collector what the instance's dictionary holds.
pub fn visit(object: &Object, visit: &Visit) -> Result<(), Stopped> {
    place(object).map_or(Ok(()), |place| place.traverse(visit))
}

/// Breaks cycles through the instance's dictionary.
pub fn clear(object: &Object) {
    if let Some(place) = place(object) {
        place.set(None);
    }
}

/// Ends the dictionary of a dying instance.
pub fn end(object: &Object) {
    clear(object);
}

/// Gives an object whose class is about to change a dictionary of its own.
pub fn unshare(_object: &Object) -> Result<(), Raised> {
    Ok(())
}

/// Prepares the keys that instances of a class share.
pub fn share_keys(_ty: &Type) -> Result<(), Raised> {
    Ok(())
}

/// Releases the keys that instances of a class shared.
pub fn release_keys(heap: &HeapType) {
    let _: &Cell<*mut std::ffi::c_void> = &heap.ht_cached_keys;
}

/// The bytes of the keys that instances of a class share.
pub fn cached_keys_size(heap: &HeapType) -> usize {
    // SAFETY: null or a table.
    unsafe { heap.ht_cached_keys.get().cast::<Keys>().as_ref() }.map_or(0, Keys::size)
}
