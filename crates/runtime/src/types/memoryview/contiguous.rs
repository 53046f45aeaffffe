//! Views whose items lie in a row, for C code that cannot use others (`PyMemoryView_GetContiguous`).

use std::collections::BTreeSet;
use std::ffi::{CStr, CString};
use std::sync::Mutex;

use super::items::{native, text};
use super::value::{MAX_NDIM, ManagedBuffer, MemoryView, Shape, c_strides};
use crate::object::{Raised, Ref};
use crate::raise;
use crate::types::bytes::Bytes;

/// Texts of formats that outlive their exporters: there are as many as there are formats.
static FORMATS: Mutex<BTreeSet<&'static CStr>> = Mutex::new(BTreeSet::new());

/// A format that stays: a copy's exporter knows nothing of its items.
fn lasting(format: &CStr) -> &'static CStr {
    if let Some(character) = native(format) {
        return text(character, format.to_bytes().starts_with(b"@"));
    }
    let Ok(mut formats) = FORMATS.lock() else { return c"B" };
    match formats.get(format) {
        Some(known) => known,
        None => {
            let kept: &'static CStr = Box::leak(CString::from(format).into_boxed_c_str());
            formats.insert(kept);
            kept
        }
    }
}

/// The strides of memory without gaps, first index fastest.
fn fortran_strides(shape: &[isize], itemsize: usize) -> [isize; MAX_NDIM] {
    let mut strides = [0; MAX_NDIM];
    let mut step = itemsize as isize;
    for (stride, length) in strides.iter_mut().zip(shape) {
        *stride = step;
        step = step.wrapping_mul(*length);
    }
    strides
}

impl MemoryView {
    /// The view itself where its items lie in a row in the order `C`, `F` or (`A`) either; else one of a copy.
    ///
    /// Raises BufferError where it must be writable and is not, or where the copy's owner would not see what is written.
    pub fn in_a_row(&self, order: u8, writable: bool) -> Result<Ref<MemoryView>, Raised> {
        if writable && self.shape().readonly {
            return Err(raise!(BufferError, "underlying buffer is not writable"));
        }
        let fits = match order {
            b'C' => self.is_c_contiguous(),
            b'F' => self.is_f_contiguous(),
            _ => self.is_c_contiguous() || self.is_f_contiguous(),
        };
        if fits {
            return Ok(Ref::from_borrowed(self));
        }
        if writable {
            return Err(raise!(BufferError, "writable contiguous buffer requested for a non-contiguous object."));
        }
        self.copied(order == b'F')
    }

    fn copied(&self, fortran: bool) -> Result<Ref<MemoryView>, Raised> {
        // SAFETY: the exporter keeps the memory while this view holds it; copying runs no Python code.
        let bytes = Bytes::new(&unsafe { self.layout().gather(fortran) }?)?;
        let managed = ManagedBuffer::new(&bytes)?;
        let shape = self.shape();
        let strides = match fortran {
            true => fortran_strides(shape.shape, shape.itemsize),
            false => c_strides(shape.shape, shape.itemsize),
        };
        let data = bytes.as_slice().as_ptr().cast_mut();
        let strides = strides.get(..shape.shape.len()).unwrap_or_default();
        let format = lasting(shape.format);
        MemoryView::make(
            &managed,
            &Shape { data, length: bytes.len(), format, readonly: true, strides, suboffsets: None, ..shape },
        )
    }
}
