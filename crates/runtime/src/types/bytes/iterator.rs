//! The iterator of bytes objects.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::Bytes;
use crate::object::{Field, Object, Raised, Ref, create};
use crate::types::int::Int;
use crate::types::iterators::{builtin, nothing, reduce_at};
use crate::types::tuple::Tuple;

/// An iterator over bytes; it lets go of them at its end.
#[pytype(name = "bytes_iterator", generic_get, c_name = "PyBytesIter_Type", doc = "", gc)]
pub struct BytesIterator {
    base: Object,
    index: Cell<isize>,
    #[traverse]
    bytes: Field<Bytes>,
}

crate::assert_layout!(BytesIterator, size 32, index @ 16, bytes @ 24);

impl BytesIterator {
    /// `iter(bytes)`
    pub fn new(bytes: &Bytes) -> Result<Ref<BytesIterator>, Raised> {
        let bytes = Field::new(Ref::from_borrowed(bytes));
        create(BytesIterator { base: Object::of::<BytesIterator>(), index: Cell::new(0), bytes })
    }
}

#[pymethods]
impl BytesIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        // SAFETY: no Python code runs before the borrow ends.
        let Some(bytes) = (unsafe { self.bytes.borrow() }) else { return Ok(None) };
        let at = self.index.get();
        match bytes.as_slice().get(at as usize) {
            Some(&byte) => {
                self.index.set(at + 1);
                Ok(Some(Int::from_i64(i64::from(byte))?.into_object()))
            }
            None => {
                self.bytes.set(None);
                Ok(None)
            }
        }
    }

    /// Private method returning an estimate of len(list(it)).
    #[no_signature]
    fn __length_hint__(&self) -> Result<usize, Raised> {
        Ok(self.bytes.get().map_or(0, |bytes| bytes.len().saturating_sub(self.index.get() as usize)))
    }

    /// Return state information for pickling.
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let iter = builtin(crate::id!(iter))?;
        reduce_at(iter, self.bytes.get().map(Ref::into_object), self.index.get(), nothing)
    }

    /// Set state information for unpickling.
    #[no_signature]
    fn __setstate__(&self, state: &Int) -> Result<(), Raised> {
        if let Some(bytes) = self.bytes.get() {
            let wanted = state.to_i64().unwrap_or(if state.is_negative() { 0 } else { i64::MAX });
            self.index.set(wanted.clamp(0, bytes.len() as i64) as isize);
        }
        Ok(())
    }
}
