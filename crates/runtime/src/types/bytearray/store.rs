//! Assignment to items and slices of bytearrays, and deletion of them.

use habu_heap::Buffer;

use super::ByteArray;
use crate::exceptions::exc;
use crate::object::protocol::number::{has_index, index_as_size};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::buffer::{ByteView, supports_buffer};
use crate::types::bytes::common::byte_value;
use crate::types::slice::Slice;

/// The bytes that are assigned to a slice, as a copy: the source may be the array itself.
fn assigned(value: &Object) -> Result<Buffer<u8>, Raised> {
    if supports_buffer(value) {
        return ByteView::new(value)?.to_buffer();
    }
    if has_index(value) || value.isinstance::<crate::types::str::Str>() {
        return Err(raise!(TypeError, "can assign only bytes, buffers, or iterables of ints in range(0, 256)"));
    }
    let bytes: Ref<ByteArray> = ByteArray::from_object(value)?;
    bytes.lend(|bytes| Ok(Buffer::from_slice(bytes)?))
}

/// `array[key] = value`, or `del array[key]`
pub(super) fn assign(array: &ByteArray, key: &Object, value: Option<&Object>) -> Result<(), Raised> {
    if has_index(key) {
        let index = index_as_size(key, Some(exc::IndexError()))?;
        return assign_index(array, index, value);
    }
    let Some(slice) = key.downcast::<Slice>() else {
        let name = key.ty().full_name();
        return Err(raise!(TypeError, "bytearray indices must be integers or slices, not {name}"));
    };
    // The value is read first: that, like the slice's parts, may run Python code which changes the array.
    let parts = slice.unpack()?;
    let bytes = value.map(assigned).transpose()?;
    let indices = crate::object::protocol::sequence::adjust_indices(array.len(), parts.0, parts.1, parts.2);
    let with = bytes.as_deref().unwrap_or_default();
    if indices.step == 1 {
        let start = indices.start.max(0) as usize;
        return array.splice(start, start + indices.count, with);
    }
    if with.is_empty() {
        return delete_steps(array, indices);
    }
    if with.len() != indices.count {
        let (given, wanted) = (with.len(), indices.count);
        return Err(raise!(ValueError, "attempt to assign bytes of size {given} to extended slice of size {wanted}"));
    }
    indices.iter().zip(with).for_each(|(at, byte)| array.put(at, *byte));
    Ok(())
}

/// `array[index] = value`, or `del array[index]`
pub(super) fn assign_index(array: &ByteArray, index: isize, value: Option<&Object>) -> Result<(), Raised> {
    // Converting the value may run Python code that changes the length.
    let byte = value.map(|value| byte_value(value, "byte")).transpose()?;
    let length = array.len() as isize;
    let index = if index < 0 { index.saturating_add(length) } else { index };
    if index < 0 || index >= length {
        return Err(raise!(IndexError, "bytearray index out of range"));
    }
    match byte {
        Some(byte) => {
            array.put(index as usize, byte);
            Ok(())
        }
        None => array.splice(index as usize, index as usize + 1, &[]),
    }
}

/// `del array[start:stop:step]`
fn delete_steps(array: &ByteArray, indices: crate::object::protocol::sequence::SliceIndices) -> Result<(), Raised> {
    if indices.count == 0 {
        return Ok(());
    }
    array.check_exports()?;
    let step = indices.step.unsigned_abs();
    let first = if indices.step < 0 {
        (indices.start + (indices.count as isize - 1) * indices.step) as usize
    } else {
        indices.start as usize
    };
    let left = array.lend_mut(|bytes| {
        let mut to = first.min(bytes.len());
        for from in first..bytes.len() {
            let gone = (from - first).is_multiple_of(step) && (from - first) / step < indices.count;
            if !gone {
                bytes[to] = bytes[from];
                to += 1;
            }
        }
        to
    });
    array.resize(left)
}
