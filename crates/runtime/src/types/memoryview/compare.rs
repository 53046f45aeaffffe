//! Equality of memory views with other buffers: of their shapes and, by value, of their items.

use std::ffi::CStr;

use super::items::{self, native};
use super::value::MemoryView;
use super::walk::{FullView, Layout};
use crate::object::protocol::{self, equal};
use crate::object::{Object, Raised, Ref};
use crate::types::bytes::Bytes;
use crate::types::str::Str;

/// Whether two buffers have the same lengths; behind a length of zero nothing matters.
fn same_shape(one: &Layout<'_>, two: &Layout<'_>) -> bool {
    if one.shape.len() != two.shape.len() {
        return false;
    }
    for (one, two) in one.shape.iter().zip(two.shape) {
        if one != two {
            return false;
        }
        if *one == 0 {
            break;
        }
    }
    true
}

/// How the items of a buffer are read: by a native format, or by the module `struct`.
enum Reader {
    Native(u8),
    Struct(Ref),
}

impl Reader {
    /// A reader of a format; nothing where nobody knows the format.
    fn new(format: &CStr) -> Result<Option<Reader>, Raised> {
        if let Some(character) = native(format) {
            return Ok(Some(Reader::Native(character)));
        }
        let module = crate::import::import_module("struct")?;
        let class = protocol::get_attribute_str(&module, "Struct")?;
        match protocol::call1(&class, &*Str::new(&format.to_string_lossy())?) {
            Ok(unpacker) => Ok(Some(Reader::Struct(protocol::get_attribute_str(&unpacker, "unpack")?))),
            Err(raised) => {
                raised.clear();
                Ok(None)
            }
        }
    }

    /// The item at a place.
    ///
    /// # Safety
    /// The place has `size` bytes of an item of the format.
    unsafe fn read(&self, at: *const u8, size: usize) -> Result<Ref, Raised> {
        // SAFETY: by the contract.
        unsafe {
            match self {
                Reader::Native(character) => items::read(at, *character),
                Reader::Struct(unpack) => protocol::call1(unpack, &*Bytes::new(std::slice::from_raw_parts(at, size))?),
            }
        }
    }
}

/// The places of all items.
fn places(layout: &Layout<'_>) -> Result<habu_heap::Buffer<*mut u8>, Raised> {
    let mut places = habu_heap::Buffer::with_capacity(layout.count())?;
    // SAFETY: the caller holds the view, so that the memory stays in place.
    unsafe { layout.for_each(false, |at| Ok(places.push(at)?)) }?;
    Ok(places)
}

/// Whether a view equals another object; nothing where that is no buffer.
pub(super) fn equals(view: &MemoryView, other: &Object) -> Result<Option<bool>, Raised> {
    if view.is_released() || other.downcast::<MemoryView>().is_some_and(MemoryView::is_released) {
        return Ok(Some(view.is(other)));
    }
    let ours = match FullView::new(view) {
        Ok(ours) => ours,
        Err(raised) => {
            raised.clear();
            return Ok(None);
        }
    };
    let theirs = match FullView::new(other) {
        Ok(theirs) => theirs,
        Err(raised) => {
            raised.clear();
            return Ok(None);
        }
    };
    let (one, two) = (ours.layout(), theirs.layout());
    if !same_shape(&one, &two) {
        return Ok(Some(false));
    }
    let integers = |format: &CStr| native(format).is_some_and(|character| !matches!(character, b'f' | b'd' | b'?'));
    if integers(ours.format()) && native(ours.format()) == native(theirs.format()) {
        // Equal bytes are equal numbers.
        // SAFETY: the views are held.
        return Ok(Some(unsafe { one.gather(false)?.as_slice() == two.gather(false)?.as_slice() }));
    }
    let (Some(read_one), Some(read_two)) = (Reader::new(ours.format())?, Reader::new(theirs.format())?) else {
        return Ok(Some(false));
    };
    for (at_one, at_two) in places(&one)?.iter().zip(&places(&two)?) {
        // SAFETY: both places have an item of their format; the views keep the memory in place.
        let (item_one, item_two) =
            unsafe { (read_one.read(*at_one, one.itemsize)?, read_two.read(*at_two, two.itemsize)?) };
        if !equal(&item_one, &item_two)? {
            return Ok(Some(false));
        }
    }
    Ok(Some(true))
}
