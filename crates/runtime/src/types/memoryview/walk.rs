//! Going over the items of a buffer of any number of dimensions.

use habu_heap::Buffer;

use super::value::{MAX_NDIM, c_strides, row};
use crate::object::slots::BufferView;
use crate::object::{Object, Raised, Ref};
use crate::types::buffer::{get_buffer, release_buffer, request};
use crate::types::bytes::Bytes;

/// How the items of a buffer lie in memory.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    /// Where the first item is.
    pub data: *mut u8,
    /// The bytes of an item.
    pub itemsize: usize,
    /// Items along each dimension.
    pub shape: &'a [isize],
    /// Bytes from one item to the next along each dimension.
    pub strides: &'a [isize],
    /// Where to go on behind a pointer, for each dimension; negative where there is none.
    pub suboffsets: Option<&'a [isize]>,
}

impl<'a> Layout<'a> {
    /// The layout of a view that has all its rows.
    ///
    /// # Safety
    /// The view has `ndim` lengths and strides, which live as long as the borrow.
    pub(super) unsafe fn of(view: &'a BufferView) -> Layout<'a> {
        let ndim = usize::try_from(view.ndim).unwrap_or(0);
        // SAFETY: by the contract.
        let (shape, strides, suboffsets) =
            unsafe { (row(view.shape, ndim), row(view.strides, ndim), row(view.suboffsets, ndim)) };
        Layout {
            data: view.buf.cast(),
            itemsize: view.itemsize.max(0) as usize,
            shape: shape.unwrap_or_default(),
            strides: strides.unwrap_or_default(),
            suboffsets,
        }
    }

    /// The number of items.
    pub fn count(&self) -> usize {
        self.shape.iter().fold(1usize, |all, length| all.saturating_mul((*length).max(0) as usize))
    }

    /// Whether there are no gaps, with the last index fastest, or the first.
    pub fn is_contiguous(&self, fortran: bool) -> bool {
        if self.suboffsets.is_some() {
            return false;
        }
        if self.count() == 0 {
            return true;
        }
        let mut step = self.itemsize as isize;
        let mut fits = |(length, stride): (&isize, &isize)| {
            let good = *length <= 1 || *stride == step;
            step = step.wrapping_mul(*length);
            good
        };
        let pairs = self.shape.iter().zip(self.strides);
        if fortran { pairs.into_iter().all(&mut fits) } else { pairs.rev().all(&mut fits) }
    }

    /// The item behind one step along dimension `dimension` from `at`.
    ///
    /// # Safety
    /// `at` is a place that such steps lead to, and `index` is below the length of the dimension.
    pub unsafe fn step(&self, at: *mut u8, dimension: usize, index: usize) -> *mut u8 {
        let stride = self.strides.get(dimension).copied().unwrap_or(0);
        let at = at.wrapping_offset(stride.wrapping_mul(index as isize));
        match self.suboffsets.and_then(|suboffsets| suboffsets.get(dimension)) {
            // SAFETY: the exporter says that a pointer stands there.
            Some(offset) if *offset >= 0 => unsafe { at.cast::<*mut u8>().read_unaligned() }.wrapping_offset(*offset),
            _ => at,
        }
    }

    /// Calls `each` with every item's place, last index fastest, or the first one.
    ///
    /// # Safety
    /// The layout describes memory that stays in place while this runs.
    pub unsafe fn for_each(
        &self,
        fortran: bool,
        mut each: impl FnMut(*mut u8) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        let ndim = self.shape.len().min(MAX_NDIM);
        let mut index = [0usize; MAX_NDIM];
        for _ in 0..self.count() {
            let mut at = self.data;
            for (dimension, index) in index.iter().take(ndim).enumerate() {
                // SAFETY: the index is below the length of its dimension.
                at = unsafe { self.step(at, dimension, *index) };
            }
            each(at)?;
            for place in 0..ndim {
                let dimension = if fortran { place } else { ndim - 1 - place };
                index[dimension] += 1;
                if (index[dimension] as isize) < self.shape[dimension] {
                    break;
                }
                index[dimension] = 0;
            }
        }
        Ok(())
    }

    /// The bytes of all items in a row.
    ///
    /// # Safety
    /// As `for_each`.
    pub unsafe fn gather(&self, fortran: bool) -> Result<Buffer<u8>, Raised> {
        let size = self.count().saturating_mul(self.itemsize);
        let mut out = Buffer::with_capacity(size)?;
        // SAFETY: each place has an item of `itemsize` bytes; a contiguous layout has all of them in a row.
        unsafe {
            if size == 0 {
            } else if self.is_contiguous(fortran) {
                out.extend_from_slice(std::slice::from_raw_parts(self.data, size))?;
            } else {
                self.for_each(fortran, |at| Ok(out.extend_from_slice(std::slice::from_raw_parts(at, self.itemsize))?))?;
            }
        }
        Ok(out)
    }
}

/// A buffer with everything about it, given back when this is dropped.  It stays where it was made.
pub(super) struct FullView {
    view: Box<BufferView>,
    plain: ([isize; 1], [isize; MAX_NDIM]),
}

impl FullView {
    /// Asks for a buffer with format, shape and strides.
    pub(super) fn new(object: &Object) -> Result<FullView, Raised> {
        let mut full = FullView { view: Box::new(BufferView::empty()), plain: ([0; 1], [0; MAX_NDIM]) };
        // SAFETY: the box keeps the view in place.
        unsafe { get_buffer(object, &raw mut *full.view, request::FULL_RO) }?;
        let ndim = usize::try_from(full.view.ndim).unwrap_or(0);
        full.plain.0 = [full.view.len.checked_div(full.view.itemsize).unwrap_or(0)];
        // SAFETY: the exporter's row has `ndim` lengths.
        let shape = unsafe { row(full.view.shape, ndim.min(MAX_NDIM)) }.unwrap_or(&full.plain.0);
        full.plain.1 = c_strides(shape, full.view.itemsize.max(0) as usize);
        Ok(full)
    }

    /// The layout.
    pub(super) fn layout(&self) -> Layout<'_> {
        let ndim = usize::try_from(self.view.ndim).unwrap_or(0).min(MAX_NDIM);
        // SAFETY: the exporter filled the view in.
        let mut layout = unsafe { Layout::of(&self.view) };
        if self.view.shape.is_null() {
            layout.shape = self.plain.0.get(..ndim.min(1)).unwrap_or_default();
        }
        if self.view.strides.is_null() {
            layout.strides = self.plain.1.get(..layout.shape.len()).unwrap_or_default();
        }
        layout
    }

    /// The format of items.
    pub(super) fn format(&self) -> &std::ffi::CStr {
        // SAFETY: the exporter keeps it until the view is released.
        unsafe { super::value::format_of(&self.view) }
    }
}

impl Drop for FullView {
    fn drop(&mut self) {
        // SAFETY: filled by `get_buffer`, or empty.
        unsafe { release_buffer(&raw mut *self.view) }
    }
}

/// The contents of any buffer as a bytes object, last index fastest.
pub fn contiguous_bytes(object: &Object) -> Result<Ref<Bytes>, Raised> {
    let view = FullView::new(object)?;
    let length = usize::try_from(view.view.len).unwrap_or(0);
    if length > 0 && view.layout().is_contiguous(false) {
        // The length counts, not the items: those of an empty structure of `ctypes` have no size, and such an object may be resized.
        // SAFETY: the exporter keeps that many bytes in place until the view is dropped.
        return Bytes::new(unsafe { std::slice::from_raw_parts(view.view.buf.cast::<u8>(), length) });
    }
    // SAFETY: the memory stays in place until the view is dropped.
    Bytes::new(&unsafe { view.layout().gather(false) }?)
}
