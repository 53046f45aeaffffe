//! The buffer protocol (PEP 3118): asking an object for its memory, giving it back, and answering such requests.
//!
//! While a buffer is held its exporter neither moves nor frees the memory (it refuses to be resized). Its *contents* may still change
//! where the memory is writable, so the borrow of a `ByteView` is for code that runs no Python code.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::NonNull;

use habu_heap::Buffer;

use crate::object::args::{FromArg, Signature};
use crate::object::slots::BufferView;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::bytes::Bytes;

/// What a consumer asks for (`PyBUF_*`).
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
    /// The strides.
    pub const STRIDES: c_int = 0x10 | ND;
    /// Contiguous, last index fastest.
    pub const C_CONTIGUOUS: c_int = 0x20 | STRIDES;
    /// Contiguous, first index fastest.
    pub const F_CONTIGUOUS: c_int = 0x40 | STRIDES;
    /// Contiguous in either order.
    pub const ANY_CONTIGUOUS: c_int = 0x80 | STRIDES;
    /// Suboffsets are understood.
    pub const INDIRECT: c_int = 0x100 | STRIDES;
    /// Everything, read only.
    pub const FULL_RO: c_int = INDIRECT | FORMAT;
    /// Everything, writable.
    pub const FULL: c_int = FULL_RO | WRITABLE;
    /// Contiguous memory that may be written.
    pub const CONTIG: c_int = ND | WRITABLE;
}

impl BufferView {
    /// The same memory without its exporter.
    pub fn without_object(&self) -> BufferView {
        BufferView {
            buf: self.buf,
            obj: None,
            len: self.len,
            itemsize: self.itemsize,
            readonly: self.readonly,
            ndim: self.ndim,
            format: self.format,
            shape: self.shape,
            strides: self.strides,
            suboffsets: self.suboffsets,
            internal: std::ptr::null_mut(),
        }
    }

    /// A view of nothing.
    pub const fn empty() -> BufferView {
        BufferView {
            buf: std::ptr::null_mut(),
            obj: None,
            len: 0,
            itemsize: 1,
            readonly: 1,
            ndim: 0,
            format: std::ptr::null(),
            shape: std::ptr::null_mut(),
            strides: std::ptr::null_mut(),
            suboffsets: std::ptr::null_mut(),
            internal: std::ptr::null_mut(),
        }
    }
}

/// Whether the object lends memory.
pub fn supports_buffer(object: &Object) -> bool {
    object.ty().buffer().is_some_and(|suite| suite.bf_getbuffer.get().is_some())
}

/// The error of an object that does not lend memory.
#[cold]
pub fn not_bytes_like(object: &Object) -> Raised {
    raise!(TypeError, "a bytes-like object is required, not '{}'", object.ty().full_name())
}

/// Asks `object` for its memory (`PyObject_GetBuffer`).
///
/// # Safety
/// `view` is valid for a write, and stays where it is until it is released: the exporter may point into it.
pub unsafe fn get_buffer(object: &Object, view: *mut BufferView, flags: c_int) -> Result<(), Raised> {
    let Some(slot) = object.ty().buffer().and_then(|suite| suite.bf_getbuffer.get()) else {
        return Err(not_bytes_like(object));
    };
    // SAFETY: by the contract; the slot belongs to the object's own type.
    unsafe {
        view.write(BufferView::empty());
        let result = slot(object, view, flags).result();
        if result.is_err() {
            // An exporter that failed may have left anything there: nothing was lent, so nothing is given back.
            view.write(BufferView::empty());
        }
        result
    }
}

/// Gives a buffer back (`PyBuffer_Release`); a view that holds nothing stays as it is.
///
/// # Safety
/// `view` was filled by `get_buffer`.
pub unsafe fn release_buffer(view: *mut BufferView) {
    // SAFETY: by the contract.
    unsafe {
        let Some(object) = (*view).obj.clone() else { return };
        if let Some(slot) = object.ty().buffer().and_then(|suite| suite.bf_releasebuffer.get()) {
            slot(&object, view);
        }
        drop((*view).obj.take());
    }
}

/// Answers a request for plain bytes (`PyBuffer_FillInfo`).
///
/// # Safety
/// `view` is valid for a write; `memory` points to `length` bytes that stay there until the buffer is released.
pub unsafe fn fill(
    view: *mut BufferView,
    exporter: &Object,
    memory: *mut u8,
    length: usize,
    readonly: bool,
    flags: c_int,
) -> Result<(), Raised> {
    if view.is_null() {
        return Err(raise!(BufferError, "PyBuffer_FillInfo: view==NULL argument is obsolete"));
    }
    if readonly && flags & request::WRITABLE != 0 {
        return Err(raise!(BufferError, "Object is not writable."));
    }
    // SAFETY: by the contract; shape and strides point into the view itself, which stays in place.
    unsafe {
        view.write(BufferView {
            buf: memory.cast::<c_void>(),
            obj: Some(exporter.to_ref()),
            len: length as isize,
            itemsize: 1,
            readonly: c_int::from(readonly),
            ndim: 1,
            format: if flags & request::FORMAT != 0 { c"B".as_ptr() } else { std::ptr::null::<c_char>() },
            shape: std::ptr::null_mut(),
            strides: std::ptr::null_mut(),
            suboffsets: std::ptr::null_mut(),
            internal: std::ptr::null_mut(),
        });
        if flags & request::ND != 0 {
            (*view).shape = &raw mut (*view).len;
        }
        if flags & request::STRIDES == request::STRIDES {
            (*view).strides = &raw mut (*view).itemsize;
        }
    }
    Ok(())
}

/// Contiguous bytes that an object lends, until this is dropped.
pub struct ByteView {
    view: BufferView,
}

impl ByteView {
    /// Asks for bytes to read.
    ///
    /// Raises TypeError ("a bytes-like object is required, not 'int'") or BufferError.
    #[inline]
    pub fn new(object: &Object) -> Result<ByteView, Raised> {
        // What lends most is made where it is used: a copy of what a slot has just written is waited for.
        if let Some(bytes) = object.downcast_exact::<Bytes>() {
            let mut view = BufferView::empty();
            view.buf = bytes.as_slice().as_ptr().cast_mut().cast();
            view.len = bytes.len() as isize;
            view.ndim = 1;
            view.obj = Some(object.to_ref());
            return Ok(ByteView { view });
        }
        ByteView::request(object, request::SIMPLE)
    }

    /// Asks for bytes to write; what lends only read-only memory is a TypeError with `message` before " not ".
    pub fn writable(object: &Object) -> Result<ByteView, Raised> {
        ByteView::request(object, request::WRITABLE)
    }

    fn request(object: &Object, flags: c_int) -> Result<ByteView, Raised> {
        let mut guard = ByteView { view: BufferView::empty() };
        // SAFETY: a request without ND makes no pointers into the view, so it may move.
        unsafe { get_buffer(object, &raw mut guard.view, flags) }?;
        Ok(guard)
    }

    /// The bytes.  They must not be looked at across code that runs Python code, which may write to them.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        let length = self.len();
        match NonNull::new(self.view.buf.cast::<u8>()) {
            // SAFETY: the exporter keeps `len` bytes there until the view is released.
            Some(memory) if length > 0 => unsafe { std::slice::from_raw_parts(memory.as_ptr(), length) },
            _ => &[],
        }
    }

    /// A view of nothing.
    pub const fn nothing() -> ByteView {
        ByteView { view: BufferView::empty() }
    }

    /// The object that lends the bytes.
    pub fn object(&self) -> Option<&Object> {
        self.view.obj.as_deref()
    }

    /// The number of bytes.
    #[expect(clippy::len_without_is_empty, reason = "compare with 0, as for every sequence")]
    pub fn len(&self) -> usize {
        usize::try_from(self.view.len).unwrap_or(0)
    }

    /// Where the memory is, to write to where it is writable.
    pub fn pointer(&self) -> *mut u8 {
        self.view.buf.cast()
    }

    /// Whether the memory must not be written.
    pub fn is_readonly(&self) -> bool {
        self.view.readonly != 0
    }

    /// Copies `bytes` to the place `at`; the view must be one to write to, and what does not fit is left out.
    pub fn write(&self, at: usize, bytes: &[u8]) {
        let room = self.len().saturating_sub(at);
        let count = bytes.len().min(room);
        if self.is_readonly() || count == 0 {
            return;
        }
        // SAFETY: within the memory, which the exporter said may be written; the two may overlap.
        unsafe { self.pointer().add(at).copy_from(bytes.as_ptr(), count) };
    }

    /// A copy of the bytes.
    pub fn to_buffer(&self) -> Result<Buffer<u8>, Raised> {
        Ok(Buffer::from_slice(self.as_slice())?)
    }
}

impl std::ops::Deref for ByteView {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl Drop for ByteView {
    fn drop(&mut self) {
        // SAFETY: filled by `get_buffer`, or empty.
        unsafe { release_buffer(&raw mut self.view) }
    }
}

impl FromArg<'_> for ByteView {
    fn from_arg(object: &Object, _: &Signature, _: usize) -> Result<ByteView, Raised> {
        ByteView::new(object)
    }
}

/// An argument that lends memory to write to (`w*`).
pub struct WritableBytes(pub ByteView);

impl FromArg<'_> for WritableBytes {
    fn from_arg(object: &Object, signature: &Signature, index: usize) -> Result<WritableBytes, Raised> {
        match ByteView::writable(object) {
            Ok(view) => Ok(WritableBytes(view)),
            Err(raised) => {
                raised.clear();
                Err(crate::object::args::bad_argument(signature, index, "read-write bytes-like object", object))
            }
        }
    }
}

/// Lends the bytes of a bytes-like object to a closure that must not run Python code.
pub fn with_buffer<R>(object: &Object, with: impl FnOnce(&[u8]) -> R) -> Result<R, Raised> {
    if let Some(bytes) = object.downcast::<Bytes>() {
        return Ok(with(bytes.as_slice()));
    }
    let view = ByteView::new(object)?;
    Ok(with(view.as_slice()))
}

/// A bytes object with the contents of a bytes-like one; an exact bytes object is given back itself.
pub fn to_bytes(object: &Object) -> Result<Ref<Bytes>, Raised> {
    if let Some(bytes) = object.downcast_exact::<Bytes>() {
        return Ok(Ref::from_borrowed(bytes));
    }
    super::memoryview::contiguous_bytes(object)
}
