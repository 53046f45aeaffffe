//! The iterator over an array.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::protocol::{get_attribute_str, iterator};
use habu_runtime::object::{Field, Object, Raised, Ref, Room, create};
use habu_runtime::threads::Thread;
use habu_runtime::types::int::Int;
use habu_runtime::types::tuple::Tuple;

use super::store::Array;

/// An iterator: the array, gone at the end, and the place in it.
#[pytype(name = "array.arrayiterator", generic_get, doc = "", gc, heap, immutable, flag = DISALLOW_INSTANTIATION)]
pub(super) struct ArrayIterator {
    base: Object,
    #[traverse]
    array: Field<Array>,
    at: Cell<usize>,
    room: Room<8>,
}

habu_runtime::assert_layout!(ArrayIterator, size 40);

#[pymethods]
impl ArrayIterator {
    #[hidden]
    pub(super) fn new(array: &Array) -> Result<Ref<ArrayIterator>, Raised> {
        create(ArrayIterator {
            base: Object::of::<ArrayIterator>(),
            array: Field::new(Ref::from_borrowed(array)),
            at: Cell::new(0),
            room: Room::new(),
        })
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(array) = self.array.get() else { return Ok(None) };
        match array.get(self.at.get()) {
            Some(item) => {
                self.at.set(self.at.get() + 1);
                item.map(Some)
            }
            None => {
                self.array.set(None);
                Ok(None)
            }
        }
    }

    /// Return state information for pickling.
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let builtins = Thread::current().interpreter().builtins.get();
        let iter = match builtins {
            Some(builtins) => builtins.get_str("iter")?,
            None => None,
        };
        let iter = match iter {
            Some(iter) => iter,
            None => get_attribute_str(&*habu_runtime::import::import_module("builtins")?, "iter")?,
        };
        let Some(array) = self.array.get() else {
            let nothing = Tuple::from_refs([iterator(&Tuple::empty())?])?;
            return Tuple::from_refs([iter, nothing.into_object()]);
        };
        let arguments = Tuple::from_refs([array.into_object()])?;
        Tuple::from_refs([iter, arguments.into_object(), Int::from_u64(self.at.get() as u64)?.into_object()])
    }

    /// Set state information for unpickling.
    fn __setstate__(&self, state: isize) -> Result<(), Raised> {
        if let Some(array) = self.array.get() {
            self.at.set((state.max(0) as usize).min(array.len()));
        }
        Ok(())
    }
}
