//! Subscripts of memory views.

use super::items::{self, native, pack, unsupported};
use super::value::{MemoryView, Shape};
use super::walk::FullView;
use crate::exceptions::exc;
use crate::object::protocol::number::{has_index, index_as_size};
use crate::object::protocol::sequence::adjust_indices;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::ellipsis;
use crate::types::slice::Slice;
use crate::types::tuple::Tuple;

fn not_implemented(what: &str) -> Raised {
    raise!(NotImplementedError, "{what}")
}

/// Whether all items of a tuple pass a test.
fn all(tuple: &Tuple, test: fn(&Object) -> bool) -> bool {
    tuple.as_slice().iter().all(|item| test(item))
}

impl MemoryView {
    /// The character of the items' format.
    pub(super) fn native_format(&self) -> Result<u8, Raised> {
        native(self.format()).ok_or_else(|| unsupported(self.format()))
    }

    /// The place of an index along a dimension, from `at`.
    fn along(&self, at: *mut u8, dimension: usize, index: isize) -> Result<*mut u8, Raised> {
        let layout = self.layout();
        let length = layout.shape.get(dimension).copied().unwrap_or(0);
        let index = if index < 0 { index.saturating_add(length) } else { index };
        if index < 0 || index >= length {
            return Err(raise!(IndexError, "index out of bounds on dimension {}", dimension + 1));
        }
        // SAFETY: the index is below the length of its dimension.
        Ok(unsafe { layout.step(at, dimension, index as usize) })
    }

    /// The place of an item of a view of one dimension.
    fn place(&self, index: isize, what: &str) -> Result<*mut u8, Raised> {
        match self.ndim() {
            0 => Err(raise!(TypeError, "invalid indexing of 0-dim memory")),
            1 => self.along(self.layout().data, 0, index),
            _ => Err(not_implemented(what)),
        }
    }

    /// The place of the item that a tuple of integers means.
    fn place_of(&self, key: &Tuple) -> Result<*mut u8, Raised> {
        let (given, ndim) = (key.len(), self.ndim());
        if given < ndim {
            return Err(not_implemented("sub-views are not implemented"));
        }
        if given > ndim {
            return Err(raise!(TypeError, "cannot index {ndim}-dimension view with {given}-element tuple"));
        }
        let mut at = self.layout().data;
        for (dimension, index) in key.as_slice().iter().enumerate() {
            let index = index_as_size(index, Some(exc::IndexError()))?;
            self.check()?;
            at = self.along(at, dimension, index)?;
        }
        Ok(at)
    }

    /// The item at `index` of a view of one dimension.
    pub(super) fn item_at(&self, index: isize) -> Result<Ref, Raised> {
        self.check()?;
        let character = self.native_format()?;
        let at = self.place(index, "multi-dimensional sub-views are not implemented")?;
        // SAFETY: the place has an item of the view's format.
        unsafe { items::read(at, character) }
    }

    /// `view[key]`
    pub(super) fn get(&self, key: &Object) -> Result<Ref, Raised> {
        self.check()?;
        let tuple = key.downcast::<Tuple>();
        if self.ndim() == 0 {
            if tuple.is_some_and(|tuple| tuple.len() == 0) {
                let character = self.native_format()?;
                // SAFETY: a view without dimensions has one item.
                return unsafe { items::read(self.layout().data, character) };
            }
            if key.is(&ellipsis()) {
                return Ok(self.to_ref());
            }
            return Err(raise!(TypeError, "invalid indexing of 0-dim memory"));
        }
        if has_index(key) {
            return self.item_at(index_as_size(key, Some(exc::IndexError()))?);
        }
        if let Some(slice) = key.downcast::<Slice>() {
            return Ok(self.sliced(slice)?.into_object());
        }
        if let Some(tuple) = tuple {
            if all(tuple, has_index) {
                let character = self.native_format()?;
                let at = self.place_of(tuple)?;
                // SAFETY: the place has an item of the view's format.
                return unsafe { items::read(at, character) };
            }
            if all(tuple, |item| item.isinstance::<Slice>()) {
                return Err(not_implemented("multi-dimensional slicing is not implemented"));
            }
        }
        Err(raise!(TypeError, "memoryview: invalid slice key"))
    }

    /// The view of a part along the first dimension.
    fn sliced(&self, slice: &Slice) -> Result<Ref<MemoryView>, Raised> {
        // Another view keeps the memory while the slice's parts are converted, which may release this one.
        let kept = self.derive(&self.shape())?;
        let (start, stop, step) = slice.unpack()?;
        let shape = kept.shape();
        let length = shape.shape.first().copied().unwrap_or(0);
        let indices = adjust_indices(length.max(0) as usize, start, stop, step);
        let (mut lengths, mut strides) = ([0isize; super::value::MAX_NDIM], [0isize; super::value::MAX_NDIM]);
        let ndim = shape.shape.len();
        lengths[..ndim].copy_from_slice(shape.shape);
        strides[..ndim].copy_from_slice(shape.strides);
        let data = shape.data.wrapping_offset(strides[0].wrapping_mul(indices.start));
        lengths[0] = indices.count as isize;
        strides[0] = strides[0].wrapping_mul(indices.step);
        let count = lengths[..ndim].iter().fold(1usize, |all, length| all.saturating_mul(*length as usize));
        kept.derive(&Shape {
            data,
            length: count.saturating_mul(shape.itemsize),
            shape: &lengths[..ndim],
            strides: &strides[..ndim],
            ..shape
        })
    }

    /// Writes a value at a place that `find` gives once the value was converted.
    fn store(
        &self,
        value: &Object,
        character: u8,
        find: impl FnOnce() -> Result<*mut u8, Raised>,
    ) -> Result<(), Raised> {
        let packed = pack(value, character, self.format())?;
        self.check()?;
        let at = find()?;
        self.check()?;
        // SAFETY: the place has an item of the view's format, and the memory is writable.
        unsafe { at.copy_from_nonoverlapping(packed.as_slice().as_ptr(), packed.as_slice().len()) };
        Ok(())
    }

    /// `view[key] = value`, or `del view[key]`
    pub(super) fn set(&self, key: &Object, value: Option<&Object>) -> Result<(), Raised> {
        self.check()?;
        let character = self.native_format()?;
        if self.view().readonly != 0 {
            return Err(raise!(TypeError, "cannot modify read-only memory"));
        }
        let Some(value) = value else { return Err(raise!(TypeError, "cannot delete memory")) };
        let tuple = key.downcast::<Tuple>();
        if self.ndim() == 0 {
            if key.is(&ellipsis()) || tuple.is_some_and(|tuple| tuple.len() == 0) {
                return self.store(value, character, || Ok(self.layout().data));
            }
            return Err(raise!(TypeError, "invalid indexing of 0-dim memory"));
        }
        if has_index(key) {
            if self.ndim() > 1 {
                return Err(not_implemented("sub-views are not implemented"));
            }
            let index = index_as_size(key, Some(exc::IndexError()))?;
            self.check()?;
            self.place(index, "")?;
            return self.store(value, character, || self.place(index, ""));
        }
        let is_slice = key.downcast::<Slice>();
        if let Some(slice) = is_slice.filter(|_| self.ndim() == 1) {
            return self.set_slice(slice, value);
        }
        if let Some(tuple) = tuple.filter(|tuple| all(tuple, has_index)) {
            self.place_of(tuple)?;
            return self.store(value, character, || self.place_of(tuple));
        }
        if is_slice.is_some() || tuple.is_some_and(|tuple| all(tuple, |item| item.isinstance::<Slice>())) {
            return Err(not_implemented("memoryview slice assignments are currently restricted to ndim = 1"));
        }
        Err(raise!(TypeError, "memoryview: invalid slice key"))
    }

    /// `view[slice] = value` for a view of one dimension.
    fn set_slice(&self, slice: &Slice, value: &Object) -> Result<(), Raised> {
        let source = FullView::new(value)?;
        let target = self.sliced(slice)?;
        self.check()?;
        let (from, to) = (source.layout(), target.layout());
        let plain = |format: &std::ffi::CStr| {
            let text = format.to_bytes();
            text.strip_prefix(b"@").unwrap_or(text).to_vec()
        };
        let same =
            plain(source.format()) == plain(self.format()) && from.itemsize == to.itemsize && from.shape == to.shape;
        if !same {
            return Err(raise!(ValueError, "memoryview assignment: lvalue and rvalue have different structures"));
        }
        // The two may overlap: the items are copied out first.
        // SAFETY: both memories stay in place while their views are held; copying runs no Python code.
        unsafe {
            let bytes = from.gather(false)?;
            let mut items = bytes.chunks_exact(from.itemsize.max(1));
            to.for_each(false, |at| {
                if let Some(item) = items.next() {
                    at.copy_from_nonoverlapping(item.as_ptr(), item.len());
                }
                Ok(())
            })
        }
    }
}
