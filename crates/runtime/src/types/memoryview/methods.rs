//! What Python calls on memory views.

use std::ffi::c_int;

use habu_heap::Buffer;
use habu_macros::pymethods;

use super::iterator::MemoryIterator;
use super::value::{MemoryView, Shape};
use super::walk::Layout;
use super::{cast, compare, items};
use crate::object::args::Nullable;
use crate::object::protocol::hash;
use crate::object::slots::{BufferView, CompareOp};
use crate::object::{Object, Raised, Ref, Stopped, Type, Visit};
use crate::raise;
use crate::types::bytes::{Bytes, common};
use crate::types::int::Int;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::{boolean, none, not_implemented};

/// A row of numbers as a tuple.
fn numbers(row: Option<&[isize]>) -> Result<Ref<Tuple>, Raised> {
    let row = row.unwrap_or_default();
    Tuple::build(row.len(), |index| Ok(Int::from_i64(row[index] as i64)?.into_object()))
}

impl MemoryView {
    /// The bytes of all items.
    fn gather(&self, fortran: bool) -> Result<Buffer<u8>, Raised> {
        self.check()?;
        // SAFETY: the view is not released, so the memory stays in place; copying runs no Python code.
        unsafe { self.layout().gather(fortran) }
    }

    /// The items from `at` along the dimensions from `dimension` on, as nested lists.  There are at most 64 dimensions.
    fn nested(&self, layout: &Layout<'_>, at: *mut u8, dimension: usize, character: u8) -> Result<Ref, Raised> {
        let Some(length) = layout.shape.get(dimension) else {
            // SAFETY: a place with an index along each dimension has an item.
            return unsafe { items::read(at, character) };
        };
        let count = (*length).max(0) as usize;
        let list = List::with_capacity(count)?;
        // Making a list may have collected, and so run code that releases the view. Making items does not.
        self.check()?;
        let is_last = dimension + 1 == layout.shape.len();
        for index in 0..count {
            // SAFETY: the index is below the length of its dimension; a place with an index along each dimension has an item.
            let item = unsafe {
                let place = layout.step(at, dimension, index);
                if is_last {
                    items::read(place, character)
                } else {
                    self.nested(layout, place, dimension + 1, character)
                }
            };
            list.push(item?)?;
        }
        Ok(list.into_object())
    }
}

#[pymethods]
impl MemoryView {
    #[slot(tp_new)]
    #[signature(object)]
    fn new_object(cls: &Type, object: &Object) -> Result<Ref<MemoryView>, Raised> {
        let _ = cls;
        MemoryView::new(object)
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.visit(visit)
    }

    #[slot(tp_clear)]
    fn clear(&self) {
        self.let_go();
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let state = if self.is_released() { "released memory" } else { "memory" };
        Str::from_format(format_args!("<{state} at {:#x}>", self.address()))
    }

    #[slot(tp_hash)]
    fn hash_slot(&self) -> Result<isize, Raised> {
        if self.hash.get() != -1 {
            return Ok(self.hash.get());
        }
        self.check()?;
        if self.view().readonly == 0 {
            return Err(raise!(ValueError, "cannot hash writable memoryview object"));
        }
        if !matches!(items::native(self.format()), Some(b'B' | b'b' | b'c')) {
            return Err(raise!(ValueError, "memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
        }
        if let Some(exporter) = self.exporter() {
            hash(&exporter)?;
        }
        let value = crate::hashing::hash_bytes(&self.gather(false)?);
        self.hash.set(value);
        Ok(value)
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(not_implemented());
        }
        Ok(match compare::equals(self, other)? {
            Some(equal) => boolean(equal == (op == CompareOp::Eq)),
            None => not_implemented(),
        })
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<MemoryIterator>, Raised> {
        MemoryIterator::new(self)
    }

    #[slot(sq_length)]
    fn length(&self) -> Result<usize, Raised> {
        self.check()?;
        Ok(self.lengths().first().map_or(1, |length| (*length).max(0) as usize))
    }

    #[slot(mp_length)]
    fn mapping_length(&self) -> Result<usize, Raised> {
        self.length()
    }

    #[slot(sq_item)]
    fn item(&self, index: isize) -> Result<Ref, Raised> {
        self.item_at(index)
    }

    #[slot(mp_subscript)]
    fn subscript(&self, key: &Object) -> Result<Ref, Raised> {
        self.get(key)
    }

    #[slot(mp_ass_subscript)]
    fn assign(&self, key: &Object, value: Option<&Object>) -> Result<(), Raised> {
        self.set(key, value)
    }

    #[slot(bf_getbuffer)]
    fn get_buffer(&self, view: *mut BufferView, flags: c_int) -> Result<(), Raised> {
        self.lend(view, flags)
    }

    #[slot(bf_releasebuffer)]
    fn release_buffer(&self, _view: *mut BufferView) {
        self.take_back();
    }

    /// Release the underlying buffer exposed by the memoryview object.
    #[name = "release"]
    fn release_method(&self) -> Result<(), Raised> {
        self.release()
    }

    /// Return the data in the buffer as a byte string.
    ///
    /// Order can be {'C', 'F', 'A'}. When order is 'C' or 'F', the data of the
    /// original array is converted to C or Fortran order. For contiguous views,
    /// 'A' returns an exact copy of the physical memory. In particular, in-memory
    /// Fortran order is preserved. For non-contiguous views, the data is converted
    /// to C first. order=None is the same as order='C'.
    #[signature(order = Nullable(None))]
    #[shown("($self, /, order='C')")]
    fn tobytes(&self, order: Nullable<&Str>) -> Result<Ref<Bytes>, Raised> {
        self.check()?;
        let fortran = match order.0.map(|order| order.ascii_bytes().unwrap_or_default()) {
            None | Some(b"C") => false,
            Some(b"F") => true,
            Some(b"A") => self.is_f_contiguous() && !self.is_c_contiguous(),
            Some(_) => return Err(raise!(ValueError, "order must be 'C', 'F' or 'A'")),
        };
        Bytes::new(&self.gather(fortran)?)
    }

    /// Return the data in the buffer as a str of hexadecimal numbers.
    ///
    ///   sep
    ///     An optional single character or byte to separate hex bytes.
    ///   bytes_per_sep
    ///     How many bytes between separators.  Positive values count from the
    ///     right, negative values count from the left.
    ///
    /// Example:
    /// >>> value = memoryview(b'\xb9\x01\xef')
    /// >>> value.hex()
    /// 'b901ef'
    /// >>> value.hex(':')
    /// 'b9:01:ef'
    /// >>> value.hex(':', 2)
    /// 'b9:01ef'
    /// >>> value.hex(':', -2)
    /// 'b901:ef'
    #[signature(sep = None, bytes_per_sep = 1)]
    #[shown("($self, /, sep=<unrepresentable>, bytes_per_sep=1)")]
    fn hex(&self, sep: Option<&Object>, bytes_per_sep: i32) -> Result<Ref<Str>, Raised> {
        common::hex(&self.gather(false)?, sep, bytes_per_sep)
    }

    /// Return the data in the buffer as a list of elements.
    fn tolist(&self) -> Result<Ref, Raised> {
        self.check()?;
        let character = self.native_format()?;
        let layout = self.layout();
        self.nested(&layout, layout.data, 0, character)
    }

    /// Cast a memoryview to a new format or shape.
    #[signature(format, shape = None)]
    #[shown("($self, /, format, shape=<unrepresentable>)")]
    fn cast(&self, format: &Str, shape: Option<&Object>) -> Result<Ref<MemoryView>, Raised> {
        cast::cast(self, format, shape)
    }

    /// Return a readonly version of the memoryview.
    fn toreadonly(&self) -> Result<Ref<MemoryView>, Raised> {
        self.check()?;
        self.derive(&Shape { readonly: true, ..self.shape() })
    }

    #[no_signature]
    fn __enter__(&self) -> Result<Ref, Raised> {
        self.check()?;
        Ok(self.to_ref())
    }

    #[no_signature]
    #[raw]
    fn __exit__(&self, _arguments: &[&Object], _names: Option<&Tuple>) -> Result<(), Raised> {
        self.release()
    }

    /// The underlying object of the memoryview.
    #[getter]
    fn obj(&self) -> Result<Ref, Raised> {
        self.check()?;
        Ok(self.exporter().unwrap_or_else(none))
    }

    /// The amount of space in bytes that the array would use in
    ///  a contiguous representation.
    #[getter]
    fn nbytes(&self) -> Result<isize, Raised> {
        self.check()?;
        Ok(self.view().len)
    }

    /// A bool indicating whether the memory is read only.
    #[getter]
    fn readonly(&self) -> Result<bool, Raised> {
        self.check()?;
        Ok(self.view().readonly != 0)
    }

    /// The size in bytes of each element of the memoryview.
    #[getter]
    fn itemsize(&self) -> Result<isize, Raised> {
        self.check()?;
        Ok(self.view().itemsize)
    }

    /// A string containing the format (in struct module style)
    ///  for each element in the view.
    #[getter]
    #[name = "format"]
    fn format_text(&self) -> Result<Ref<Str>, Raised> {
        self.check()?;
        Str::new(&self.format().to_string_lossy())
    }

    /// An integer indicating how many dimensions of a multi-dimensional
    ///  array the memory represents.
    #[getter]
    #[name = "ndim"]
    fn dimensions(&self) -> Result<usize, Raised> {
        self.check()?;
        Ok(self.ndim())
    }

    /// A tuple of ndim integers giving the shape of the memory
    ///  as an N-dimensional array.
    #[getter]
    #[name = "shape"]
    fn shape_tuple(&self) -> Result<Ref<Tuple>, Raised> {
        self.check()?;
        numbers(Some(self.lengths()))
    }

    /// A tuple of ndim integers giving the size in bytes to access
    ///  each element for each dimension of the array.
    #[getter]
    fn strides(&self) -> Result<Ref<Tuple>, Raised> {
        self.check()?;
        numbers(Some(self.layout().strides))
    }

    /// A tuple of integers used internally for PIL-style arrays.
    #[getter]
    fn suboffsets(&self) -> Result<Ref<Tuple>, Raised> {
        self.check()?;
        numbers(self.layout().suboffsets)
    }

    /// A bool indicating whether the memory is C contiguous.
    #[getter]
    fn c_contiguous(&self) -> Result<bool, Raised> {
        self.check()?;
        Ok(self.is_c_contiguous())
    }

    /// A bool indicating whether the memory is Fortran contiguous.
    #[getter]
    fn f_contiguous(&self) -> Result<bool, Raised> {
        self.check()?;
        Ok(self.is_f_contiguous())
    }

    /// A bool indicating whether the memory is contiguous.
    #[getter]
    fn contiguous(&self) -> Result<bool, Raised> {
        self.check()?;
        Ok(self.is_c_contiguous() || self.is_f_contiguous())
    }
}
