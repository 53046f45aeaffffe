//! `memoryview.cast`.

use std::ffi::CStr;

use super::items::{native, size, text};
use super::value::{MAX_NDIM, MemoryView, Shape, c_strides};
use crate::exceptions::exc;
use crate::object::protocol::number::index_as_size;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::int::Int;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

fn is_byte(character: u8) -> bool {
    matches!(character, b'b' | b'B' | b'c')
}

/// The new format as static text, with its character and size.
fn destination(format: &Str) -> Result<(&'static CStr, u8, usize), Raised> {
    let Some(bytes) = format.ascii_bytes() else {
        return Err(raise!(ValueError, "memoryview: format argument must be ASCII"));
    };
    let (character, with_at) = match bytes {
        [b'@', character] => (*character, true),
        [character] => (*character, false),
        _ => (0, false),
    };
    match size(character) {
        Some(size) => Ok((text(character, with_at), character, size)),
        None => Err(raise!(
            ValueError,
            "memoryview: destination format must be a native single character format prefixed with an optional '@'"
        )),
    }
}

/// The items of a list or tuple.
fn items(shape: &Object) -> Result<Ref<Tuple>, Raised> {
    if let Some(list) = shape.downcast::<List>() {
        return list.to_tuple();
    }
    match shape.downcast::<Tuple>() {
        Some(tuple) => Ok(Ref::from_borrowed(tuple)),
        None => Err(raise!(TypeError, "shape must be a list or a tuple")),
    }
}

/// The lengths of a new shape; gives their product with the size of an item.
fn lengths(given: &Tuple, itemsize: usize, to: &mut [isize]) -> Result<usize, Raised> {
    let mut product = itemsize;
    for (length, item) in to.iter_mut().zip(given.as_slice()) {
        if !item.isinstance::<Int>() {
            return Err(raise!(TypeError, "memoryview.cast(): elements of shape must be integers"));
        }
        *length = index_as_size(item, Some(exc::OverflowError()))?;
        if *length <= 0 {
            return Err(raise!(ValueError, "memoryview.cast(): elements of shape must be integers > 0"));
        }
        let next = product.checked_mul(*length as usize).filter(|all| *all <= isize::MAX as usize);
        let Some(next) = next else {
            return Err(raise!(ValueError, "memoryview.cast(): product(shape) > SSIZE_MAX"));
        };
        product = next;
    }
    Ok(product)
}

/// `view.cast(format, shape)`
pub(super) fn cast(view: &MemoryView, format: &Str, shape: Option<&Object>) -> Result<Ref<MemoryView>, Raised> {
    view.check()?;
    if !view.is_c_contiguous() {
        return Err(raise!(TypeError, "memoryview: casts are restricted to C-contiguous views"));
    }
    if (shape.is_some() || view.ndim() != 1) && view.lengths().contains(&0) {
        return Err(raise!(TypeError, "memoryview: cannot cast view with zeros in shape or strides"));
    }
    let given = shape.map(items).transpose()?;
    if let Some(given) = &given {
        if given.len() > MAX_NDIM {
            return Err(raise!(ValueError, "memoryview: number of dimensions must not exceed {MAX_NDIM}"));
        }
        if view.ndim() != 1 && given.len() != 1 {
            return Err(raise!(TypeError, "memoryview: cast must be 1D -> ND or ND -> 1D"));
        }
    }
    let (format, character, itemsize) = destination(format)?;
    if !native(view.format()).is_some_and(is_byte) && !is_byte(character) {
        return Err(raise!(TypeError, "memoryview: cannot cast between two non-byte formats"));
    }
    let old = view.shape();
    if !old.length.is_multiple_of(itemsize) {
        return Err(raise!(TypeError, "memoryview: length is not a multiple of itemsize"));
    }
    let mut new = [0isize; MAX_NDIM];
    let ndim = match &given {
        None => {
            new[0] = (old.length / itemsize) as isize;
            1
        }
        Some(given) => {
            let product = lengths(given, itemsize, &mut new)?;
            if product != old.length {
                return Err(raise!(TypeError, "memoryview: product(shape) * itemsize != buffer size"));
            }
            given.len()
        }
    };
    view.check()?;
    let shape = new.get(..ndim).unwrap_or_default();
    let strides = c_strides(shape, itemsize);
    let strides = strides.get(..ndim).unwrap_or_default();
    view.derive(&Shape { itemsize, format, shape, strides, suboffsets: None, ..old })
}
