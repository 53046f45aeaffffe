//! The buffer protocol as Rust asks for it: an object's memory, lent until the guard is dropped (`PyObject_GetBuffer`).

use std::ffi::c_int;

use crate::object::slots::BufferView;
use crate::object::{Object, Raised};
use crate::raise;

/// What is asked of a buffer (`PyBUF_*`).
pub mod request {
    use std::ffi::c_int;

    /// Plain bytes.
    pub const SIMPLE: c_int = 0;
    /// Memory that may be written.
    pub const WRITABLE: c_int = 1;
    /// The format of items.
    pub const FORMAT: c_int = 4;
    /// The shape.
    pub const ND: c_int = 8;
    /// Shape and strides.
    pub const STRIDES: c_int = 0x10 | ND;
    /// Contiguous in C's order, with shape and strides.
    pub const C_CONTIGUOUS: c_int = 0x20 | STRIDES;
}

/// Memory that an object lends; given back when this is dropped.
pub struct Lent {
    view: BufferView,
}

impl Lent {
    /// Asks for the object's memory as the flags say; what has no buffer is a TypeError.
    pub fn new(object: &Object, flags: c_int) -> Result<Lent, Raised> {
        let Some(get) = object.ty().buffer().and_then(|suite| suite.bf_getbuffer.get()) else {
            return Err(raise!(TypeError, "a bytes-like object is required, not '{}'", object.ty().full_name()));
        };
        let mut view = BufferView {
            buf: std::ptr::null_mut(),
            obj: None,
            len: 0,
            itemsize: 1,
            readonly: 0,
            ndim: 0,
            format: std::ptr::null(),
            shape: std::ptr::null_mut(),
            strides: std::ptr::null_mut(),
            suboffsets: std::ptr::null_mut(),
            internal: std::ptr::null_mut(),
        };
        // SAFETY: the slot belongs to the object's own type; the view is ours to be filled.
        unsafe { get(object, &raw mut view, flags) }.result()?;
        Ok(Lent { view })
    }

    /// The object's memory as plain bytes, or nothing where it has no buffer.
    pub fn simple_if_any(object: &Object) -> Result<Option<Lent>, Raised> {
        match object.ty().buffer().and_then(|suite| suite.bf_getbuffer.get()) {
            Some(_) => Lent::new(object, request::SIMPLE).map(Some),
            None => Ok(None),
        }
    }

    /// The bytes. They may change when Python code runs: do not keep them across calls.
    pub fn bytes(&self) -> &[u8] {
        if self.view.buf.is_null() || self.view.len <= 0 {
            return &[];
        }
        // SAFETY: the exporter keeps this memory in place until the view is released.
        unsafe { std::slice::from_raw_parts(self.view.buf.cast(), self.view.len as usize) }
    }

    /// The bytes, to be written; the view must have been asked for with `WRITABLE`.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        if self.view.buf.is_null() || self.view.len <= 0 || self.view.readonly != 0 {
            return &mut [];
        }
        // SAFETY: as for `bytes`; it may be written, and the borrow of the guard keeps this one the only slice made from it.
        unsafe { std::slice::from_raw_parts_mut(self.view.buf.cast(), self.view.len as usize) }
    }

    /// The description of the memory.
    pub fn view(&self) -> &BufferView {
        &self.view
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(object) = self.view.obj.take() else { return };
        if let Some(release) = object.ty().buffer().and_then(|suite| suite.bf_releasebuffer.get()) {
            // SAFETY: the view was filled by this object's type, and is released once.
            unsafe { release(&object, &raw mut self.view) };
        }
    }
}
