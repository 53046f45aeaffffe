//! `structseq.h`, `context.h`, `pycore_hashtable.h`

use std::ffi::{CStr, c_char, c_int, c_void};

use habu_modules::contextvars::context::Context;
use habu_modules::contextvars::variable::{ContextVar, Token};
use habu_runtime::object::{Object, PyType, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::str::Str;
use habu_runtime::types::structseq::{FieldText, StructSequence};

use crate::border::*;

/// A field of a description (`PyStructSequence_Field`).
#[repr(C)]
pub struct FieldDescription {
    name: *const c_char,
    doc: *const c_char,
}

/// What a type of named tuples is made from (`PyStructSequence_Desc`).
#[repr(C)]
pub struct Description {
    name: *const c_char,
    doc: *const c_char,
    fields: *const FieldDescription,
    visible: c_int,
}

/// The name of fields without one (`PyStructSequence_UnnamedField`): told by its address.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static PyStructSequence_UnnamedField: crate::fileobject::StaticText =
    crate::fileobject::StaticText(c"unnamed field".as_ptr());

/// A copy of a C string that lives as long as the process.
///
/// # Safety
/// A C string, or null.
unsafe fn leaked(text: *const c_char) -> Option<&'static CStr> {
    if text.is_null() {
        return None;
    }
    // SAFETY: by the contract.
    Some(Box::leak(unsafe { CStr::from_ptr(text) }.to_owned().into_boxed_c_str()))
}

/// The kind of named tuples that a description says.
fn described(description: &Description, flags: usize) -> Result<&'static StructSequence, Raised> {
    let mut fields: Vec<FieldText> = vec![];
    // SAFETY: the fields end with one without a name; all texts are C strings.
    unsafe {
        let mut at = description.fields;
        while !(*at).name.is_null() {
            let unnamed = std::ptr::eq((*at).name, PyStructSequence_UnnamedField.0);
            fields.push((if unnamed { None } else { leaked((*at).name) }, leaked((*at).doc)));
            at = at.add(1);
        }
        let name = leaked(description.name).unwrap_or(c"?");
        StructSequence::leaked(
            name,
            leaked(description.doc),
            Box::leak(fields.into_boxed_slice()),
            description.visible.max(0) as usize,
            flags,
        )
    }
}

fn new_type(description: &Description, flags: usize) -> Result<Ref, Raised> {
    let ty = described(description, flags)?.type_object();
    if let (Some((module, _)), Some(dict)) = (ty.full_name().rsplit_once('.'), ty.tp_dict.get()) {
        dict.set_str("__module__", &*Str::new(module)?)?;
    }
    Ok(ty.to_ref())
}

/// The object as a context variable.
fn variable(object: &Object) -> Result<&ContextVar, Raised> {
    match object.downcast::<ContextVar>() {
        Some(variable) => Ok(variable),
        None => Err(raise!(TypeError, "an instance of ContextVar was expected")),
    }
}

fn context(object: &Object) -> Result<&Context, Raised> {
    match object.downcast::<Context>() {
        Some(context) => Ok(context),
        None => Err(raise!(TypeError, "an instance of Context was expected")),
    }
}

type HashKey = unsafe extern "C" fn(*const c_void) -> usize;
type SameKey = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;
type Destroy = unsafe extern "C" fn(*mut c_void);

/// A hash table of C (`_Py_hashtable_t`), whose fields extensions do not look at.
pub struct HashTable {
    hash: HashKey,
    same: SameKey,
    destroy_key: Option<Destroy>,
    destroy_value: Option<Destroy>,
    entries: Vec<(usize, *mut c_void, *mut c_void)>,
}

impl HashTable {
    fn find(&self, key: *const c_void) -> Option<usize> {
        // SAFETY: the functions came with the keys.
        unsafe {
            let hash = (self.hash)(key);
            self.entries.iter().position(|entry| entry.0 == hash && (self.same)(key, entry.1) != 0)
        }
    }

    fn clear(&mut self) {
        for (_, key, value) in self.entries.drain(..) {
            // SAFETY: the functions came with what they destroy.
            unsafe {
                if let Some(destroy) = self.destroy_key {
                    destroy(key);
                }
                if let Some(destroy) = self.destroy_value {
                    destroy(value);
                }
            }
        }
    }
}

export! {
    fn PyStructSequence_NewType(description: &Description) => New { new_type(description, 0) }
    fn _PyStructSequence_NewType(description: &Description, flags: u64) => New { new_type(description, flags as usize) }
    fn PyStructSequence_InitType2(ty: &'static Type, description: &Description) => c_int { described(description, 0)?.adopt(ty) }
    fn PyStructSequence_InitType(ty: &'static Type, description: &Description) -> () {
        if let Err(raised) = described(description, 0).and_then(|kind| kind.adopt(ty)) {
            // It has no result: the exception stays set.
            let _ = raised;
        }
    }
    fn PyStructSequence_New(ty: &Type) -> New { StructSequence::unfilled(ty) }
    fn PyStructSequence_SetItem(object: &Object, index: isize, value: Option<Ref>) -> () {
        if let Some(place) = StructSequence::place_of(object, index.max(0) as usize) {
            // SAFETY: the place is a field of the object.
            drop(unsafe { place.replace(value) });
        }
    }
    fn PyStructSequence_GetItem(object: &Object, index: isize) -> Borrowed {
        let place = StructSequence::place_of(object, index.max(0) as usize);
        // SAFETY: the place is a field of the object.
        place.and_then(|place| unsafe { place.as_ref() }.as_ref().map(borrow)).unwrap_or(NULL)
    }
    fn PyContext_New() => New { Context::empty() }
    fn PyContext_Copy(object: &Object) => New { context(object)?.duplicate() }
    fn PyContext_CopyCurrent() => New { Context::current()?.duplicate() }
    fn PyContext_Enter(object: &Object) => c_int { context(object)?.enter() }
    fn PyContext_Exit(object: &Object) => c_int { context(object)?.exit() }
    fn PyContextVar_New(name: Text, default: Option<&Object>) => New {
        ContextVar::create(ContextVar::type_object(), &*name.to_str()?, default)
    }
    fn PyContextVar_Get(object: &Object, default: Option<&Object>, value: Out<*mut Object>) => c_int {
        value.set(std::ptr::null_mut());
        value.give(variable(object)?.value(default)?);
        Ok(())
    }
    fn PyContextVar_Set(object: &Object, value: &Object) => New { variable(object)?.change(value) }
    fn PyContextVar_Reset(object: &Object, token: &Object) => c_int {
        match token.downcast::<Token>() {
            Some(token) => variable(object)?.take_back(token),
            None => Err(raise!(TypeError, "an instance of Token was expected")),
        }
    }
    fn _Py_hashtable_new_full(hash: HashKey, same: SameKey, destroy_key: Option<Destroy>, destroy_value: Option<Destroy>, _allocator: *const c_void) -> *mut HashTable {
        Box::into_raw(Box::new(HashTable { hash, same, destroy_key, destroy_value, entries: vec![] }))
    }
    fn _Py_hashtable_new(hash: HashKey, same: SameKey) -> *mut HashTable {
        Box::into_raw(Box::new(HashTable { hash, same, destroy_key: None, destroy_value: None, entries: vec![] }))
    }
    fn _Py_hashtable_set(table: &mut HashTable, key: *mut c_void, value: *mut c_void) -> c_int {
        // SAFETY: the function came with the keys.
        let hash = unsafe { (table.hash)(key) };
        table.entries.push((hash, key, value));
        0
    }
    fn _Py_hashtable_get(table: &HashTable, key: *const c_void) -> *mut c_void {
        table.find(key).map_or(std::ptr::null_mut(), |at| table.entries[at].2)
    }
    fn _Py_hashtable_steal(table: &mut HashTable, key: *const c_void) -> *mut c_void {
        table.find(key).map_or(std::ptr::null_mut(), |at| table.entries.swap_remove(at).2)
    }
    fn _Py_hashtable_clear(table: &mut HashTable) -> () { table.clear(); }
    fn _Py_hashtable_destroy(table: *mut HashTable) -> () {
        if !table.is_null() {
            // SAFETY: what `_Py_hashtable_new` gave, not used any more.
            let mut table = unsafe { Box::from_raw(table) };
            table.clear();
        }
    }
    fn _Py_hashtable_compare_direct(left: *const c_void, right: *const c_void) -> c_int { c_int::from(left == right) }
    fn _Py_SetLocaleFromEnv(category: c_int) -> *mut c_char {
        // SAFETY: a C string.
        unsafe { libc::setlocale(category, c"".as_ptr()) }
    }
}
