//! The layout of memory views (`PyMemoryViewObject`) and of the buffers that they share (`_PyManagedBufferObject`).
//!
//! A managed buffer asks an object for its memory once; every view of it counts as an export, and the last one that goes gives the memory
//! back. Invariants: a view that is not released has a managed buffer that is not released; its `view` has shape, strides and, where there
//! are any, suboffsets in the words behind the object, `ndim` each; `view.obj` is borrowed from the managed buffer.

use std::cell::{Cell, UnsafeCell};
use std::ffi::{CStr, c_int};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use habu_macros::{pymethods, pytype};

use super::walk::Layout;
use crate::gc;
use crate::object::allocate::raw_memory;
use crate::object::slots::BufferView;
use crate::object::{Field, Object, Raised, Ref, Stopped, VarObject, Visit, create};
use crate::raise;
use crate::types::buffer::{get_buffer, release_buffer, request, supports_buffer};

/// The most dimensions of a buffer.
pub const MAX_NDIM: usize = 64;

/// The memory that an object lends, shared by views.
#[pytype(name = "managedbuffer", generic_get, c_name = "_PyManagedBuffer_Type", doc = "", gc, flag = DISALLOW_INSTANTIATION)]
pub struct ManagedBuffer {
    base: Object,
    flags: Cell<c_int>,
    exports: Cell<isize>,
    master: UnsafeCell<BufferView>,
}

crate::assert_layout!(ManagedBuffer, size 112, flags @ 16, exports @ 24, master @ 32);

/// In the flags of a managed buffer and of a view: the memory was given back.
const RELEASED: c_int = 1;
/// In the flags of a view: last index fastest, without gaps.
const C_CONTIGUOUS: c_int = 2;
/// First index fastest, without gaps.
const F_CONTIGUOUS: c_int = 4;
/// No dimensions.
const SCALAR: c_int = 8;
/// There are suboffsets.
const INDIRECT: c_int = 16;

impl ManagedBuffer {
    pub(super) fn new(object: &Object) -> Result<Ref<ManagedBuffer>, Raised> {
        let made = create(ManagedBuffer {
            base: Object::of::<ManagedBuffer>(),
            flags: Cell::new(0),
            exports: Cell::new(0),
            master: UnsafeCell::new(BufferView::empty()),
        })?;
        // SAFETY: the place for the view is in the object, which does not move.
        unsafe { get_buffer(object, made.master.get(), request::FULL_RO) }?;
        Ok(made)
    }

    /// A buffer that nobody is asked to release.
    fn unmanaged(view: BufferView) -> Result<Ref<ManagedBuffer>, Raised> {
        create(ManagedBuffer {
            base: Object::of::<ManagedBuffer>(),
            flags: Cell::new(0),
            exports: Cell::new(0),
            master: UnsafeCell::new(view),
        })
    }

    /// The view that the object gave.
    fn master(&self) -> &BufferView {
        // SAFETY: written when the buffer was made; `release` changes `obj` only.
        unsafe { &*self.master.get() }
    }

    fn is_released(&self) -> bool {
        self.flags.get() & RELEASED != 0
    }

    /// Gives the memory back.
    fn release(&self) {
        if !self.is_released() {
            self.flags.set(self.flags.get() | RELEASED);
            // SAFETY: filled by `get_buffer`, and released once.
            unsafe { release_buffer(self.master.get()) }
        }
    }

    /// A view less.
    fn leave(&self) {
        self.exports.set(self.exports.get() - 1);
        if self.exports.get() == 0 {
            self.release();
        }
    }
}

impl Drop for ManagedBuffer {
    fn drop(&mut self) {
        self.release();
    }
}

#[pymethods]
impl ManagedBuffer {
    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        match &self.master().obj {
            Some(object) => visit.object(object),
            None => Ok(()),
        }
    }

    #[slot(tp_clear)]
    fn clear(&self) {
        if self.exports.get() == 0 {
            self.release();
        }
    }
}

/// Create a new memoryview object which references the given object.
#[pytype(name = "memoryview", generic_get, c_name = "PyMemoryView_Type",
    doc = "memoryview(object)\n--\n\nCreate a new memoryview object which references the given object.",
    gc,
    flag = SEQUENCE,
    itemsize = 8,
    basicsize = 144,
    weaklist = weaklist
)]
pub struct MemoryView {
    base: VarObject,
    managed: Field<ManagedBuffer>,
    pub(super) hash: Cell<isize>,
    flags: Cell<c_int>,
    exports: Cell<isize>,
    view: UnsafeCell<ManuallyDrop<BufferView>>,
    weaklist: Cell<*const Object>,
    arrays: [isize; 0],
}

crate::assert_layout!(MemoryView, size 144, managed @ 24, hash @ 32, flags @ 40, exports @ 48, view @ 56, weaklist @ 136);

/// What makes a new view differ from the one that it is made of.
pub(super) struct Shape<'a> {
    pub(super) data: *mut u8,
    pub(super) length: usize,
    pub(super) itemsize: usize,
    pub(super) format: &'a CStr,
    pub(super) readonly: bool,
    pub(super) shape: &'a [isize],
    pub(super) strides: &'a [isize],
    pub(super) suboffsets: Option<&'a [isize]>,
}

/// The strides of memory without gaps, last index fastest.
pub(super) fn c_strides(shape: &[isize], itemsize: usize) -> [isize; MAX_NDIM] {
    let mut strides = [0; MAX_NDIM];
    let mut step = itemsize as isize;
    let used = strides.get_mut(..shape.len()).unwrap_or_default();
    for (stride, length) in used.iter_mut().zip(shape).rev() {
        *stride = step;
        step = step.wrapping_mul(*length);
    }
    strides
}

/// The format of a view, `B` where it has none.
///
/// # Safety
/// The view's format is null or a C string that lives as long as the view.
pub(super) unsafe fn format_of(view: &BufferView) -> &CStr {
    if view.format.is_null() {
        return c"B";
    }
    // SAFETY: by the contract.
    unsafe { CStr::from_ptr(view.format) }
}

/// A row of words of a view, or nothing where it has none.
///
/// # Safety
/// `row` is null or points to `count` words that live as long as the borrow.
pub(super) unsafe fn row<'a>(row: *const isize, count: usize) -> Option<&'a [isize]> {
    // SAFETY: by the contract.
    (!row.is_null()).then(|| unsafe { std::slice::from_raw_parts(row, count) })
}

impl MemoryView {
    /// `memoryview(object)`
    pub fn new(object: &Object) -> Result<Ref<MemoryView>, Raised> {
        if let Some(view) = object.downcast::<MemoryView>() {
            view.check()?;
            return view.derive(&view.shape());
        }
        if !supports_buffer(object) {
            let name = object.ty().full_name();
            return Err(raise!(TypeError, "memoryview: a bytes-like object is required, not '{name}'"));
        }
        MemoryView::of_managed(&ManagedBuffer::new(object)?)
    }

    /// The bytes of contiguous memory that an object lends, in one row, whatever its items are.
    pub fn flat(object: &Object) -> Result<Ref<MemoryView>, Raised> {
        let whole = MemoryView::new(object)?;
        let shape = whole.shape();
        let row = [shape.length as isize];
        whole.derive(&Shape { itemsize: 1, format: c"B", shape: &row, strides: &[1], suboffsets: None, ..shape })
    }

    /// A view of a buffer that C code keeps, which must outlive it (`PyMemoryView_FromBuffer`).
    pub fn of_view(view: &BufferView) -> Result<Ref<MemoryView>, Raised> {
        if view.buf.is_null() {
            return Err(raise!(ValueError, "PyMemoryView_FromBuffer(): info->buf must not be NULL"));
        }
        let managed = ManagedBuffer::unmanaged(view.without_object())?;
        MemoryView::of_managed(&managed)
    }

    /// A view of plain memory that C code keeps, which must outlive it (`PyMemoryView_FromMemory`).
    pub fn of_memory(memory: *mut u8, length: isize, readonly: bool) -> Result<Ref<MemoryView>, Raised> {
        let view = BufferView {
            buf: memory.cast(),
            len: length,
            readonly: c_int::from(readonly),
            ndim: 1,
            ..BufferView::empty()
        };
        MemoryView::of_managed(&ManagedBuffer::unmanaged(view)?)
    }

    fn of_managed(managed: &Ref<ManagedBuffer>) -> Result<Ref<MemoryView>, Raised> {
        let master = managed.master();
        let Some(ndim) = usize::try_from(master.ndim).ok().filter(|ndim| *ndim <= MAX_NDIM) else {
            return Err(raise!(ValueError, "memoryview: number of dimensions must not exceed {MAX_NDIM}"));
        };
        let (length, itemsize) = (master.len.max(0) as usize, master.itemsize.max(0) as usize);
        // SAFETY: the exporter filled the view in; its rows live while it is not released.
        let (shape, strides, suboffsets, format) = unsafe {
            (row(master.shape, ndim), row(master.strides, ndim), row(master.suboffsets, ndim), format_of(master))
        };
        let plain = [master.len.checked_div(master.itemsize).unwrap_or(0)];
        let shape = shape.unwrap_or(if ndim == 1 { &plain } else { &[] });
        if shape.len() != ndim {
            return Err(raise!(BufferError, "memoryview: the exporter gave no shape"));
        }
        let packed = c_strides(shape, itemsize);
        let strides = strides.unwrap_or(packed.get(..ndim).unwrap_or_default());
        let readonly = master.readonly != 0;
        let data = master.buf.cast();
        MemoryView::make(managed, &Shape { data, length, itemsize, format, readonly, shape, strides, suboffsets })
    }

    /// A view with the given shape of the memory of `managed`.
    pub(super) fn make(managed: &Ref<ManagedBuffer>, shape: &Shape<'_>) -> Result<Ref<MemoryView>, Raised> {
        let ndim = shape.shape.len();
        let object = raw_memory(16, 144 + 24 * ndim, true)?.cast::<MemoryView>();
        // SAFETY: the memory has room for the object and three rows of `ndim` words behind it.  `obj` is not owned: it is
        // wrapped in ManuallyDrop, and the managed buffer keeps the object alive.
        unsafe {
            let rows = object.cast::<u8>().add(144).cast::<isize>();
            let write = |at: usize, from: &[isize]| {
                let to = rows.add(at * ndim);
                to.as_ptr().copy_from_nonoverlapping(from.as_ptr(), ndim.min(from.len()));
                // As with CPython, a view without dimensions has no rows.
                if ndim == 0 { std::ptr::null_mut() } else { to.as_ptr() }
            };
            let exporter = managed.master().obj.as_ref().map(|object| Ref::from_owned(object.as_pointer()));
            let view = BufferView {
                buf: shape.data.cast(),
                obj: exporter,
                len: shape.length as isize,
                itemsize: shape.itemsize as isize,
                readonly: c_int::from(shape.readonly),
                ndim: ndim as c_int,
                format: shape.format.as_ptr(),
                shape: write(0, shape.shape),
                strides: write(1, shape.strides),
                suboffsets: shape.suboffsets.map_or(std::ptr::null_mut(), |suboffsets| write(2, suboffsets)),
                internal: std::ptr::null_mut(),
            };
            object.write(MemoryView {
                base: VarObject::header(&raw const MEMORY_VIEW_TYPE.ty, 3 * ndim as isize),
                managed: Field::new(managed.clone()),
                hash: Cell::new(-1),
                flags: Cell::new(0),
                exports: Cell::new(0),
                view: UnsafeCell::new(ManuallyDrop::new(view)),
                weaklist: Cell::new(std::ptr::null()),
                arrays: [],
            });
            managed.exports.set(managed.exports.get() + 1);
            let object = Ref::from_owned(object);
            object.set_flags();
            gc::track(&object);
            Ok(object)
        }
    }

    /// A view with another shape of the same memory.
    pub(super) fn derive(&self, shape: &Shape<'_>) -> Result<Ref<MemoryView>, Raised> {
        match self.managed.get() {
            Some(managed) => MemoryView::make(&managed, shape),
            None => Err(released()),
        }
    }

    /// Notes how the items lie in memory.
    fn set_flags(&self) {
        let layout = self.layout();
        let mut flags = 0;
        if layout.shape.is_empty() {
            flags |= SCALAR;
        }
        if layout.suboffsets.is_some() {
            flags |= INDIRECT;
        } else {
            flags |= if layout.is_contiguous(false) { C_CONTIGUOUS } else { 0 };
            flags |= if layout.is_contiguous(true) { F_CONTIGUOUS } else { 0 };
        }
        self.flags.set(flags);
    }

    /// The view as C sees it.
    pub(super) fn view(&self) -> &BufferView {
        // SAFETY: written when the object was made, and never changed.
        unsafe { &*self.view.get() }
    }

    /// The number of dimensions.
    pub(super) fn ndim(&self) -> usize {
        self.view().ndim as usize
    }

    /// The lengths along the dimensions.
    pub(super) fn lengths(&self) -> &[isize] {
        // SAFETY: the row stands behind the object.
        unsafe { row(self.view().shape, self.ndim()) }.unwrap_or_default()
    }

    /// The format of items.
    pub(super) fn format(&self) -> &CStr {
        // SAFETY: the exporter keeps the format while the managed buffer is not released; others are static.
        unsafe { format_of(self.view()) }
    }

    /// How the items lie in memory.
    pub(super) fn layout(&self) -> Layout<'_> {
        // SAFETY: the view's rows stand behind the object.
        unsafe { Layout::of(self.view()) }
    }

    /// The shape of this view, to make others of.
    pub(super) fn shape(&self) -> Shape<'_> {
        let (view, layout) = (self.view(), self.layout());
        Shape {
            data: layout.data,
            length: view.len.max(0) as usize,
            itemsize: layout.itemsize,
            format: self.format(),
            readonly: view.readonly != 0,
            shape: layout.shape,
            strides: layout.strides,
            suboffsets: layout.suboffsets,
        }
    }

    /// Whether the items lie without gaps, last index fastest.
    pub(super) fn is_c_contiguous(&self) -> bool {
        self.flags.get() & (SCALAR | C_CONTIGUOUS) != 0
    }

    /// Whether the items lie without gaps, first index fastest.
    pub(super) fn is_f_contiguous(&self) -> bool {
        self.flags.get() & (SCALAR | F_CONTIGUOUS) != 0
    }

    /// Whether the view, or the memory under it, was given back.
    pub(super) fn is_released(&self) -> bool {
        if self.flags.get() & RELEASED != 0 {
            return true;
        }
        // SAFETY: the borrow ends here.
        unsafe { self.managed.borrow() }.is_none_or(ManagedBuffer::is_released)
    }

    /// Refuses what needs the memory once that was given back.
    pub(super) fn check(&self) -> Result<(), Raised> {
        if self.is_released() { Err(released()) } else { Ok(()) }
    }

    /// The object that lends the memory.
    pub(super) fn exporter(&self) -> Option<Ref> {
        self.managed.get().and_then(|managed| managed.master().obj.clone())
    }

    /// Gives the memory back.
    pub(super) fn release(&self) -> Result<(), Raised> {
        if self.flags.get() & RELEASED != 0 {
            return Ok(());
        }
        match self.exports.get() {
            0 => {
                self.flags.set(self.flags.get() | RELEASED);
                if let Some(managed) = self.managed.get() {
                    managed.leave();
                }
                Ok(())
            }
            count => {
                let plural = if count == 1 { "" } else { "s" };
                Err(raise!(BufferError, "memoryview has {count} exported buffer{plural}"))
            }
        }
    }

    /// Lends the memory on.
    pub(super) fn lend(&self, to: *mut BufferView, flags: c_int) -> Result<(), Raised> {
        self.check()?;
        let wants = |bits: c_int| flags & bits == bits;
        let refused = |what: &str| Err(raise!(BufferError, "memoryview: {what}"));
        let view = self.view();
        if wants(request::WRITABLE) && view.readonly != 0 {
            return refused("underlying buffer is not writable");
        }
        let (c, f) = (self.is_c_contiguous(), self.is_f_contiguous());
        if wants(request::C_CONTIGUOUS) && !c {
            return refused("underlying buffer is not C-contiguous");
        }
        if wants(request::F_CONTIGUOUS) && !f {
            return refused("underlying buffer is not Fortran contiguous");
        }
        if wants(request::ANY_CONTIGUOUS) && !c && !f {
            return refused("underlying buffer is not contiguous");
        }
        if !wants(request::INDIRECT) && !view.suboffsets.is_null() {
            return refused("underlying buffer requires suboffsets");
        }
        if !wants(request::STRIDES) && !c {
            return refused("underlying buffer is not C-contiguous");
        }
        let shaped = wants(request::ND);
        if !shaped && flags & request::FORMAT != 0 {
            return refused("cannot cast to unsigned bytes if the format flag is present");
        }
        let null = std::ptr::null_mut();
        // SAFETY: the consumer gave a place for the view; the rows stand behind this object, which the view keeps alive.
        unsafe {
            to.write(BufferView {
                buf: view.buf,
                obj: Some(self.to_ref()),
                len: view.len,
                itemsize: view.itemsize,
                readonly: view.readonly,
                ndim: if shaped { view.ndim } else { 1 },
                format: if flags & request::FORMAT != 0 { view.format } else { std::ptr::null() },
                shape: if shaped { view.shape } else { null },
                strides: if wants(request::STRIDES) { view.strides } else { null },
                suboffsets: view.suboffsets,
                internal: std::ptr::null_mut(),
            });
        }
        self.exports.set(self.exports.get() + 1);
        Ok(())
    }

    /// A consumer gave its buffer back.
    pub(super) fn take_back(&self) {
        self.exports.set(self.exports.get() - 1);
    }

    /// Shows the collector the managed buffer.
    pub(super) fn visit(&self, visit: &Visit) -> Result<(), Stopped> {
        match NonNull::new(self.managed.pointer().cast_mut()) {
            // SAFETY: alive while the field holds it; a visitor runs no Python code.
            Some(managed) => visit.object(unsafe { managed.as_ref() }.as_ref()),
            None => Ok(()),
        }
    }

    /// Lets go of the managed buffer, unless the memory was lent on.
    pub(super) fn let_go(&self) {
        if self.exports.get() == 0 && self.release().is_ok() {
            drop(self.managed.take());
        }
    }
}

impl Drop for MemoryView {
    fn drop(&mut self) {
        // There are no exports: each one holds a reference to the view.
        let _ = self.release().map_err(Raised::clear);
    }
}

/// The error of a view whose memory was given back.
#[cold]
pub(super) fn released() -> Raised {
    raise!(ValueError, "operation forbidden on released memoryview object")
}
