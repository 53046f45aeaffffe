//! The iterator of memory views.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::MemoryView;
use crate::object::{Field, Object, Raised, Ref, create};
use crate::raise;

/// An iterator over the items of a view of one dimension.
#[pytype(name = "memory_iterator", generic_get, doc = "", gc)]
pub struct MemoryIterator {
    base: Object,
    index: Cell<isize>,
    #[traverse]
    view: Field<MemoryView>,
    length: Cell<isize>,
    format: Cell<u8>,
}

crate::assert_layout!(MemoryIterator, size 48);

impl MemoryIterator {
    /// `iter(view)`
    pub fn new(view: &MemoryView) -> Result<Ref<MemoryIterator>, Raised> {
        view.check()?;
        match view.ndim() {
            0 => return Err(raise!(TypeError, "invalid indexing of 0-dim memory")),
            1 => {}
            _ => return Err(raise!(NotImplementedError, "multi-dimensional sub-views are not implemented")),
        }
        let format = view.native_format()?;
        create(MemoryIterator {
            base: Object::of::<MemoryIterator>(),
            index: Cell::new(0),
            view: Field::new(Ref::from_borrowed(view)),
            length: Cell::new(view.lengths().first().copied().unwrap_or(0)),
            format: Cell::new(format),
        })
    }
}

#[pymethods]
impl MemoryIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(view) = self.view.get() else { return Ok(None) };
        let at = self.index.get();
        if at < self.length.get() {
            self.index.set(at + 1);
            return view.item_at(at).map(Some);
        }
        self.view.set(None);
        Ok(None)
    }
}
