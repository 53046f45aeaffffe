//! `bytesobject.h`, `bytearrayobject.h`

use std::ffi::{c_char, c_int};

use habu_runtime::object::{Object, Ref};
use habu_runtime::raise;
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::bytes::{Bytes, methods};

use crate::border::*;

/// The bytes of a bytes object; else a TypeError.
fn bytes(object: &Object) -> Result<&Bytes, habu_runtime::object::Raised> {
    match object.downcast::<Bytes>() {
        Some(bytes) => Ok(bytes),
        None => Err(raise!(TypeError, "expected bytes, {} found", object.ty().full_name())),
    }
}

/// A bytes object that C fills, or of what C gives.
fn build(data: *const c_char, length: isize) -> Result<Ref<Bytes>, habu_runtime::object::Raised> {
    if length < 0 {
        return Err(raise!(SystemError, "Negative size passed to PyBytes_FromStringAndSize"));
    }
    if data.is_null() && length > 0 {
        return Bytes::allocate(length as usize);
    }
    Bytes::new(memory(data, length))
}

/// The byte array's data, for C to write to.
fn array_data(array: &ByteArray) -> *mut c_char {
    let pointer = array.data_pointer();
    if pointer.is_null() { (&raw const EMPTY).cast_mut().cast() } else { pointer.cast() }
}

/// What an empty byte array's data is.
#[unsafe(export_name = "_PyByteArray_empty_string")]
pub static EMPTY: [u8; 1] = [0];

export! {
    fn PyBytes_FromStringAndSize(data: *const c_char, length: isize) => New { build(data, length) }
    fn PyBytes_FromString(text: Text) => New { Bytes::new(text.bytes()) }
    fn PyBytes_FromObject(object: Option<&Object>) => New {
        match object {
            None => Err(bad_internal_call()),
            Some(object) if object.is_exact::<Bytes>() => Ok(object.to_ref()),
            Some(object) => Ok(methods::from_object(object)?.into_object()),
        }
    }
    fn PyBytes_Size(object: &Object) => isize { Ok(bytes(object)?.len()) }
    fn PyBytes_AsString(object: &Object) => *mut c_char { Ok(bytes(object)?.as_slice().as_ptr().cast_mut().cast()) }
    fn PyBytes_AsStringAndSize(object: &Object, data: Out<*mut c_char>, length: Out<isize>) => c_int {
        if data.is_null() {
            return Err(bad_internal_call());
        }
        let found = bytes(object)?;
        data.set(found.as_slice().as_ptr().cast_mut().cast());
        if length.is_null() && found.as_slice().contains(&0) {
            return Err(raise!(ValueError, "embedded null byte"));
        }
        length.set(found.len() as isize);
        Ok(())
    }
    fn PyBytes_Repr(object: &Object, _smart: c_int) => New {
        habu_runtime::types::bytes::common::repr(bytes(object)?.as_slice())
    }
    fn PyBytes_Concat(place: Out<*mut Object>, other: Option<&Object>) -> () { concat(place, other); }
    fn PyBytes_ConcatAndDel(place: Out<*mut Object>, other: Option<Ref>) -> () { concat(place, other.as_deref()); }
    fn _PyBytes_Resize(place: Out<*mut Object>, length: isize) => c_int {
        let Some(object) = place.take() else { return Err(bad_internal_call()) };
        let Some(old) = object.downcast::<Bytes>().filter(|_| length >= 0) else { return Err(bad_internal_call()) };
        if old.len() == length as usize {
            place.give(Some(object));
            return Ok(());
        }
        let made = build(std::ptr::null(), length)?;
        if length > 0 {
            let kept = old.len().min(length as usize);
            // SAFETY: the new object has room for them and is held here alone.
            unsafe { made.as_slice().as_ptr().cast_mut().copy_from_nonoverlapping(old.as_slice().as_ptr(), kept) };
        }
        place.give(Some(made.into_object()));
        Ok(())
    }
    fn _PyBytes_Join(separator: &Object, iterable: &Object) => New {
        let joined = habu_runtime::types::bytes::common::join(bytes(separator)?.as_slice(), iterable)?;
        Bytes::new(&joined)
    }
    fn _PyBytes_Find(text: *const c_char, length: isize, part: *const c_char, part_length: isize, offset: isize) -> isize {
        let (text, part) = (memory(text, length), memory(part, part_length));
        habu_text::search::find(text, part).map_or(-1, |at| at as isize + offset)
    }
    fn _PyBytes_ReverseFind(text: *const c_char, length: isize, part: *const c_char, part_length: isize, offset: isize) -> isize {
        let (text, part) = (memory(text, length), memory(part, part_length));
        let found = if part.is_empty() {
            Some(text.len())
        } else {
            text.windows(part.len()).rposition(|window| window == part)
        };
        found.map_or(-1, |at| at as isize + offset)
    }
    fn _PyBytes_DecodeEscape(text: *const c_char, length: isize, _errors: Text, _first_bad: Out<*const c_char>) => New {
        let codecs = habu_runtime::import::import_module("_codecs")?;
        let decode = habu_runtime::object::protocol::get_attribute_str(&codecs, "escape_decode")?;
        let pair = habu_runtime::object::protocol::call1(&decode, &*Bytes::new(memory(text, length))?)?;
        habu_runtime::object::protocol::sequence::get_index(&pair, 0)
    }
    fn PyBytes_DecodeEscape(text: *const c_char, length: isize, errors: Text, _unicode: isize, _encoding: Text) -> New {
        // SAFETY: as for this function.
        unsafe { _PyBytes_DecodeEscape(text, length, errors, Out(std::ptr::null_mut())) }
    }
    fn PyByteArray_FromObject(object: &Object) => New { habu_runtime::object::protocol::call1(<ByteArray as habu_runtime::object::PyType>::type_object(), object) }
    fn PyByteArray_FromStringAndSize(data: *const c_char, length: isize) => New {
        if length < 0 {
            return Err(raise!(SystemError, "Negative size passed to PyByteArray_FromStringAndSize"));
        }
        if data.is_null() {
            let made = ByteArray::new(&[])?;
            made.resize(length as usize)?;
            return Ok(made);
        }
        ByteArray::new(memory(data, length))
    }
    fn PyByteArray_Size(array: &Object) => isize { Ok(expect::<ByteArray>(array)?.len()) }
    fn PyByteArray_AsString(array: &Object) => *mut c_char { Ok(array_data(expect::<ByteArray>(array)?)) }
    fn PyByteArray_Resize(array: &Object, length: isize) => c_int {
        expect::<ByteArray>(array)?.resize(length.max(0) as usize)
    }
    fn PyByteArray_Concat(left: &Object, right: &Object) => New {
        let (left, right) = (
            habu_runtime::types::buffer::ByteView::new(left)?,
            habu_runtime::types::buffer::ByteView::new(right)?,
        );
        let made = ByteArray::new(left.as_slice())?;
        made.extend(right.as_slice())?;
        Ok(made)
    }
}

/// Replaces a bytes object by itself with another one behind it; nothing of it on errors.
fn concat(place: Out<*mut Object>, other: Option<&Object>) {
    let Some(left) = place.take() else { return };
    let Some(other) = other else { return };
    if let Ok(made) = Bytes::concat(&left, other) {
        place.give(Some(made.into_object()));
    }
}
