//! Attributes of any object: `getattr`, `setattr`, and special methods looked up on the type.

use crate::exceptions::exc;
use crate::exceptions::simple::AttributeError;
use crate::object::{Object, PyType, Raised, Ref, Type};
use crate::raise;
use crate::threads::Thread;
use crate::types::object::generic_get;
use crate::types::str::Str;

/// `object.name`
#[inline]
pub fn get_attribute(object: &Object, name: &Str) -> Result<Ref, Raised> {
    match object.ty().tp_getattro.get() {
        // SAFETY: the slot belongs to the object's own type.
        Some(slot) => unsafe { slot(object, name) }.map_err(|raised| note_attribute(raised, object, name)),
        None => get_by_text(object, name),
    }
}

/// `object.name` of types that take the name as a C string (`tp_getattr`), or that have no attributes.
#[cold]
fn get_by_text(object: &Object, name: &Str) -> Result<Ref, Raised> {
    match object.ty().tp_getattr.get() {
        Some(slot) => {
            let name = c_name(name)?;
            // SAFETY: the slot belongs to the object's own type; the text lives through the call.
            unsafe { slot(object, name.as_ptr()) }
        }
        None => Err(raise!(AttributeError, "'{}' object has no attribute '{}'", object.ty().full_name(), name)),
    }
}

/// A name as a C string.
fn c_name(name: &Str) -> Result<std::ffi::CString, Raised> {
    let bytes = crate::types::str::codecs::encode(name, None, None)?;
    match std::ffi::CString::new(bytes.as_slice()) {
        Ok(text) => Ok(text),
        Err(_) => Err(raise!(ValueError, "embedded null character")),
    }
}

/// Notes in an AttributeError that says nothing of what was missing where, as those of `__getattr__` do, the object and the name.
#[cold]
fn note_attribute(raised: Raised, object: &Object, name: &Str) -> Raised {
    if let Some(exception) = Thread::current().exception()
        && let Some(fields) = exception.downcast::<AttributeError>()
        && fields.obj.is_empty()
        && fields.name.is_empty()
    {
        fields.obj.set(Some(object.to_ref()));
        fields.name.set(Some(name.to_ref()));
    }
    raised
}

/// `object.name`, by a name known to Rust that is not in `identifiers`.
pub fn get_attribute_str(object: &Object, name: &str) -> Result<Ref, Raised> {
    get_attribute(object, &*Str::intern(name)?)
}

/// `object.name`, or nothing where that is an AttributeError (`_PyObject_LookupAttr`). The usual ways to find attributes say that there is none
/// without an exception.
pub fn lookup_attribute(object: &Object, name: &Str) -> Result<Option<Ref>, Raised> {
    let slot_of = |ty: &Type| ty.tp_getattro.get().map(|slot| slot as usize);
    let slot = slot_of(object.ty());
    let found = if slot == slot_of(Object::type_object()) {
        generic_get(object, name)
    } else if slot == slot_of(Type::type_object())
        && let Some(ty) = object.downcast::<Type>()
    {
        ty.attribute(name)
    } else {
        get_attribute(object, name).map(Some)
    };
    match found {
        Ok(found) => Ok(found),
        Err(raised) => ignore(raised, exc::AttributeError()),
    }
}

/// Whether `object.name` gives something.
pub fn has_attribute(object: &Object, name: &Str) -> Result<bool, Raised> {
    Ok(lookup_attribute(object, name)?.is_some())
}

/// Nothing, when what was raised is a `kind`; else still the error.
pub fn ignore<T>(raised: Raised, kind: &crate::object::Type) -> Result<Option<T>, Raised> {
    if Thread::current().exception().is_some_and(|exception| exception.ty().is_subtype(kind)) {
        raised.clear();
        return Ok(None);
    }
    Err(raised)
}

/// `object.name = value`, or `del object.name` for None.
pub fn set_attribute(object: &Object, name: &Str, value: Option<&Object>) -> Result<(), Raised> {
    match object.ty().tp_setattro.get() {
        // SAFETY: the slot belongs to the object's own type.
        Some(slot) => unsafe { slot(object, name, value) }.result(),
        None => set_by_text(object, name, value),
    }
}

/// `object.name = value` of types that take the name as a C string (`tp_setattr`), or that have no attributes to set.
#[cold]
fn set_by_text(object: &Object, name: &Str, value: Option<&Object>) -> Result<(), Raised> {
    match object.ty().tp_setattr.get() {
        Some(slot) => {
            let name = c_name(name)?;
            // SAFETY: the slot belongs to the object's own type; the text lives through the call.
            unsafe { slot(object, name.as_ptr(), value) }.result()
        }
        None => Err(raise!(
            TypeError,
            "'{}' object has {} attributes ({} .{})",
            object.ty().full_name(),
            if object.ty().tp_getattro.get().is_some() { "only read-only" } else { "no" },
            if value.is_some() { "assign to" } else { "del" },
            name
        )),
    }
}

/// The special method `name` of the object's type, bound to the object, or nothing (`_PyObject_LookupSpecial`).
pub fn lookup_special(object: &Object, name: &Str) -> Result<Option<Ref>, Raised> {
    let Some(found) = object.ty().lookup(name) else { return Ok(None) };
    match found.ty().tp_descr_get.get() {
        // SAFETY: the slot belongs to the type of what was found.
        Some(bind) => unsafe { bind(&found, Some(object), Some(&*object.type_ref())) }.map(Some),
        None => Ok(Some(found)),
    }
}

/// Nothing for a KeyError, as mappings raise it.
pub fn ignore_none(found: Result<Ref, Raised>) -> Result<Option<Ref>, Raised> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(raised) => ignore(raised, exc::KeyError()),
    }
}
