//! `PickleBuffer`: memory that may travel beside a pickle instead of in it (PEP 574; `PyPickleBufferObject`).

use std::cell::{Cell, UnsafeCell};
use std::ffi::c_int;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::slots::BufferView;
use habu_runtime::object::{Object, Raised, Ref, Stopped, Type, Visit, instantiate};
use habu_runtime::raise;
use habu_runtime::types::buffer::{get_buffer, release_buffer, request};
use habu_runtime::types::memoryview::MemoryView;

/// Wrapper for potentially out-of-band buffers
#[pytype(name = "pickle.PickleBuffer", c_name = "PyPickleBuffer_Type", doc = "Wrapper for potentially out-of-band buffers", gc, weaklist = weaklist)]
pub struct PickleBuffer {
    base: Object,
    view: UnsafeCell<BufferView>,
    weaklist: Cell<*const Object>,
}

habu_runtime::assert_layout!(PickleBuffer, size 104, view @ 16, weaklist @ 96);

/// The memory of a buffer as a pickler sees it.
pub(super) struct Contents<'a> {
    /// The bytes.
    pub(super) bytes: &'a [u8],
    /// Whether they must not be written.
    pub(super) readonly: bool,
}

#[cold]
fn released() -> Raised {
    raise!(ValueError, "operation forbidden on released PickleBuffer object")
}

impl PickleBuffer {
    /// The view; its exporter is there until the buffer is released.
    pub fn view(&self) -> Result<&BufferView, Raised> {
        // SAFETY: the view is written when the object is made, and changed by `release` alone, which leaves `obj` empty.
        let view = unsafe { &*self.view.get() };
        if view.obj.is_some() { Ok(view) } else { Err(released()) }
    }

    /// Whether the items lie in a row in memory, in the order of C or of Fortran.
    fn is_contiguous(view: &BufferView) -> bool {
        if !view.suboffsets.is_null() {
            return false;
        }
        let dimensions = usize::try_from(view.ndim).unwrap_or(0);
        if view.len == 0 || view.strides.is_null() || dimensions == 0 {
            return true;
        }
        // SAFETY: a full view has a shape and strides for each dimension.
        let (shape, strides) = unsafe {
            (std::slice::from_raw_parts(view.shape, dimensions), std::slice::from_raw_parts(view.strides, dimensions))
        };
        let in_a_row = |last_first: bool| {
            let mut expected = view.itemsize;
            (0..dimensions).all(|step| {
                let axis = if last_first { dimensions - 1 - step } else { step };
                let fits = shape[axis] <= 1 || strides[axis] == expected;
                expected = expected.saturating_mul(shape[axis]);
                fits
            })
        };
        in_a_row(true) || in_a_row(false)
    }

    /// The memory for pickling; it must not be looked at after Python code ran.
    pub(super) fn contents(&self, error: impl FnOnce() -> Raised) -> Result<Contents<'_>, Raised> {
        let view = self.view()?;
        if !PickleBuffer::is_contiguous(view) {
            return Err(error());
        }
        let length = usize::try_from(view.len).unwrap_or(0);
        let bytes = match view.buf.is_null() || length == 0 {
            true => &[][..],
            // SAFETY: the exporter keeps contiguous memory there until the view is released.
            false => unsafe { std::slice::from_raw_parts(view.buf.cast::<u8>(), length) },
        };
        Ok(Contents { bytes, readonly: view.readonly != 0 })
    }

    /// Gives the memory back to its exporter.
    pub fn give_back(&self) {
        // SAFETY: filled by `get_buffer`, or empty; releasing an empty view does nothing.
        unsafe { release_buffer(self.view.get()) }
    }
}

impl Drop for PickleBuffer {
    fn drop(&mut self) {
        self.give_back();
    }
}

#[pymethods]
impl PickleBuffer {
    #[slot(tp_new)]
    #[varargs]
    #[signature(object, /)]
    fn construct(cls: &Type, object: &Object) -> Result<Ref<PickleBuffer>, Raised> {
        let made = instantiate(
            cls,
            PickleBuffer {
                base: Object::header(cls),
                view: UnsafeCell::new(BufferView::empty()),
                weaklist: Cell::new(std::ptr::null()),
            },
        )?;
        // SAFETY: the view has its place in the object, which does not move.
        unsafe { get_buffer(object, made.view.get(), request::FULL_RO) }?;
        Ok(made)
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        // SAFETY: as in `view`.
        match unsafe { &(*self.view.get()).obj } {
            Some(object) => visit.object(object),
            None => Ok(()),
        }
    }

    #[slot(tp_clear)]
    fn clear(&self) {
        self.give_back();
    }

    #[slot(bf_getbuffer)]
    fn get_buffer(&self, view: *mut BufferView, flags: c_int) -> Result<(), Raised> {
        let exporter = match &self.view()?.obj {
            Some(exporter) => exporter.clone(),
            None => return Err(released()),
        };
        // SAFETY: the consumer gave a place for the view.
        unsafe { get_buffer(&exporter, view, flags) }
    }

    /// Return a memoryview of the raw memory underlying this buffer.
    ///
    /// Will raise BufferError is the buffer isn't contiguous.
    fn raw(&self) -> Result<Ref, Raised> {
        self.contents(|| raise!(BufferError, "cannot extract raw buffer from non-contiguous buffer"))?;
        MemoryView::flat(self).map(Ref::into_object)
    }

    /// Release the underlying buffer held by the PickleBuffer object.
    fn release(&self) -> Result<(), Raised> {
        self.give_back();
        Ok(())
    }
}
