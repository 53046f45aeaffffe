//! `memoryobject.h`, `pybuffer.h`: the buffer protocol and memory views.

use std::ffi::{c_char, c_int, c_void};

use habu_runtime::object::slots::BufferView;
use habu_runtime::object::{Object, protocol};
use habu_runtime::raise;
use habu_runtime::types::buffer::{self, get_buffer, release_buffer};
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::memoryview::MemoryView;

use crate::border::*;

/// A view's numbers along its dimensions.
struct Shape<'a> {
    view: &'a BufferView,
}

impl Shape<'_> {
    fn dimensions(&self) -> usize {
        self.view.ndim.max(0) as usize
    }

    fn length(&self, dimension: usize) -> isize {
        if self.view.shape.is_null() {
            return self.view.len / self.view.itemsize.max(1);
        }
        // SAFETY: a shape has a number for each dimension.
        unsafe { self.view.shape.add(dimension).read() }
    }

    fn stride(&self, dimension: usize) -> Option<isize> {
        // SAFETY: strides have a number for each dimension.
        (!self.view.strides.is_null()).then(|| unsafe { self.view.strides.add(dimension).read() })
    }

    /// Whether items follow one another without gaps, the last index fastest or the first.
    fn is_contiguous(&self, fortran: bool) -> bool {
        if !self.view.suboffsets.is_null() {
            return false;
        }
        if self.view.len == 0 {
            return true;
        }
        if self.view.strides.is_null() {
            let count = self.dimensions();
            return !fortran || count <= 1 || (0..count).filter(|dimension| self.length(*dimension) > 1).count() <= 1;
        }
        let mut expected = self.view.itemsize;
        let check = |dimension: usize, expected: &mut isize| {
            let length = self.length(dimension);
            if length > 1 && self.stride(dimension) != Some(*expected) {
                return false;
            }
            *expected *= length;
            true
        };
        if fortran {
            (0..self.dimensions()).all(|dimension| check(dimension, &mut expected))
        } else {
            (0..self.dimensions()).rev().all(|dimension| check(dimension, &mut expected))
        }
    }

    /// Where the item at these indices stands.
    fn place(&self, indices: &[isize]) -> *mut u8 {
        let mut at = self.view.buf.cast::<u8>();
        for (dimension, index) in indices.iter().enumerate() {
            let stride = self.stride(dimension).unwrap_or_else(|| {
                let after = dimension + 1..self.dimensions();
                self.view.itemsize * after.map(|dimension| self.length(dimension)).product::<isize>()
            });
            // SAFETY: indices are within the shape, so that this is within the exporter's memory.
            unsafe {
                at = at.offset(stride * index);
                if !self.view.suboffsets.is_null() {
                    let offset = self.view.suboffsets.add(dimension).read();
                    if offset >= 0 {
                        at = at.cast::<*mut u8>().read().offset(offset);
                    }
                }
            }
        }
        at
    }

    /// Calls `each` with where every item stands, in the order of C or Fortran.
    fn for_each(&self, fortran: bool, mut each: impl FnMut(*mut u8)) {
        let count = self.dimensions();
        if (0..count).any(|dimension| self.length(dimension) <= 0) {
            return;
        }
        let mut indices = vec![0isize; count];
        loop {
            each(self.place(&indices));
            let mut order: Vec<usize> = (0..count).collect();
            if !fortran {
                order.reverse();
            }
            let advanced = order.into_iter().any(|dimension| {
                indices[dimension] += 1;
                if indices[dimension] < self.length(dimension) {
                    return true;
                }
                indices[dimension] = 0;
                false
            });
            if !advanced {
                return;
            }
        }
    }
}

fn is_contiguous(view: &BufferView, order: c_char) -> bool {
    let shape = Shape { view };
    match order as u8 {
        b'C' => shape.is_contiguous(false),
        b'F' => shape.is_contiguous(true),
        _ => shape.is_contiguous(false) || shape.is_contiguous(true),
    }
}

/// Copies between a view and contiguous memory.
fn copy(view: &BufferView, memory: *mut u8, length: isize, order: c_char, to_view: bool) {
    let size = view.itemsize.max(1) as usize;
    let mut at = 0;
    let fortran = order as u8 == b'F';
    Shape { view }.for_each(fortran, |item| {
        if at + size as isize <= length {
            // SAFETY: the item is in the exporter's memory, and the caller's memory has `length` bytes.
            unsafe {
                let other = memory.offset(at);
                if to_view { item.copy_from(other, size) } else { other.copy_from(item, size) }
            }
        }
        at += size as isize;
    });
}

/// The strides of items in a row.
fn fill_strides(shape: &[isize], strides: &mut [isize], itemsize: isize, fortran: bool) {
    let mut size = itemsize;
    let count = shape.len().min(strides.len());
    for step in 0..count {
        let dimension = if fortran { step } else { count - 1 - step };
        strides[dimension] = size;
        size = size.wrapping_mul(shape[dimension]);
    }
}

export! {
    fn PyObject_CheckBuffer(object: &Object) -> c_int { c_int::from(buffer::supports_buffer(object)) }
    fn PyObject_GetBuffer(object: &Object, view: *mut BufferView, flags: c_int) => c_int {
        if view.is_null() {
            let owner = if object.isinstance::<ByteArray>() { "bytearray_getbuffer" } else { "PyBuffer_FillInfo" };
            return Err(raise!(BufferError, "{owner}: view==NULL argument is obsolete"));
        }
        // SAFETY: the caller gives a place that stays until the buffer is released.
        unsafe { get_buffer(object, view, flags) }
    }
    fn PyBuffer_Release(view: *mut BufferView) -> () {
        // SAFETY: a view that was filled, or one that holds nothing.
        unsafe { release_buffer(view) }
    }
    fn PyBuffer_FillInfo(view: *mut BufferView, exporter: Option<&Object>, memory: *mut c_void, length: isize, readonly: c_int, flags: c_int) => c_int {
        if view.is_null() {
            return Err(raise!(BufferError, "PyBuffer_FillInfo: view==NULL argument is obsolete"));
        }
        let none = habu_runtime::types::none();
        // SAFETY: the caller gives a place for the view, and memory that stays.
        unsafe {
            buffer::fill(view, exporter.unwrap_or(&none), memory.cast(), length.max(0) as usize, readonly != 0, flags)?;
            if exporter.is_none() {
                drop((*view).obj.take());
            }
        }
        Ok(())
    }
    fn PyBuffer_IsContiguous(view: &BufferView, order: c_char) -> c_int { c_int::from(is_contiguous(view, order)) }
    fn PyBuffer_GetPointer(view: &BufferView, indices: *const isize) -> *mut c_void {
        let shape = Shape { view };
        // SAFETY: the caller gives an index for each dimension.
        let indices = unsafe { std::slice::from_raw_parts(indices, shape.dimensions()) };
        shape.place(indices).cast()
    }
    fn PyBuffer_SizeFromFormat(format: Text) => isize {
        let module = habu_runtime::import::import_module("struct")?;
        let calcsize = protocol::get_attribute_str(&module, "calcsize")?;
        protocol::number::index_as_size(&*protocol::call1(&calcsize, &*format.to_str()?)?, None)
    }
    fn PyBuffer_ToContiguous(memory: *mut c_void, view: &BufferView, length: isize, order: c_char) => c_int {
        if length != view.len {
            return Err(raise!(ValueError, "PyBuffer_ToContiguous: len != view->len"));
        }
        let order = if order as u8 == b'A' { if is_contiguous(view, b'F' as c_char) { b'F' as c_char } else { b'C' as c_char } } else { order };
        copy(view, memory.cast(), length, order, false);
        Ok(())
    }
    fn PyBuffer_FromContiguous(view: &BufferView, memory: *mut c_void, length: isize, order: c_char) => c_int {
        copy(view, memory.cast(), length.min(view.len), order, true);
        Ok(())
    }
    fn PyObject_CopyData(to: &Object, from: &Object) => c_int {
        let to = buffer::ByteView::writable(to)?;
        let from = buffer::ByteView::new(from)?;
        if to.len() < from.len() {
            return Err(raise!(BufferError, "destination is too small to receive data from source"));
        }
        to.write(0, from.as_slice());
        Ok(())
    }
    fn PyBuffer_FillContiguousStrides(count: c_int, shape: *const isize, strides: *mut isize, itemsize: c_int, order: c_char) -> () {
        if count > 0 {
            let count = count as usize;
            // SAFETY: the caller gives that many numbers; without any the pointers may be null.
            let (shape, strides) = unsafe { (std::slice::from_raw_parts(shape, count), std::slice::from_raw_parts_mut(strides, count)) };
            fill_strides(shape, strides, itemsize as isize, order as u8 == b'F');
        }
    }
    fn PyMemoryView_FromObject(object: &Object) => New { MemoryView::new(object) }
    fn PyMemoryView_FromBuffer(view: &BufferView) => New { MemoryView::of_view(view) }
    fn PyMemoryView_FromMemory(memory: *mut c_char, length: isize, flags: c_int) => New {
        const WRITE: c_int = 0x200;
        MemoryView::of_memory(memory.cast(), length, flags != WRITE)
    }
    fn PyMemoryView_GetContiguous(object: &Object, kind: c_int, order: c_char) => New {
        const WRITE: c_int = 0x200;
        MemoryView::new(object)?.in_a_row(order as u8, kind == WRITE)
    }
    fn PyObject_AsReadBuffer(object: &Object, memory: Out<*const c_void>, length: Out<isize>) => c_int {
        let view = buffer::ByteView::new(object)?;
        memory.set(view.pointer().cast());
        length.set(view.len() as isize);
        Ok(())
    }
    fn PyObject_AsCharBuffer(object: &Object, memory: Out<*const c_char>, length: Out<isize>) => c_int {
        let view = buffer::ByteView::new(object)?;
        memory.set(view.pointer().cast());
        length.set(view.len() as isize);
        Ok(())
    }
    fn PyObject_AsWriteBuffer(object: &Object, memory: Out<*mut c_void>, length: Out<isize>) => c_int {
        let view = buffer::ByteView::writable(object)?;
        memory.set(view.pointer().cast());
        length.set(view.len() as isize);
        Ok(())
    }
    fn PyObject_CheckReadBuffer(object: &Object) -> c_int {
        match buffer::ByteView::new(object) {
            Ok(_) => 1,
            Err(raised) => {
                raised.clear();
                0
            }
        }
    }
}
