//! The iterator of sets.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::table::SetCore;
use crate::object::{Field, Object, Raised, Ref};
use crate::raise;
use crate::types::tuple::Tuple;

/// Iterates over a set.
#[pytype(name = "set_iterator", generic_get, c_name = "PySetIter_Type", doc = "", gc)]
pub struct SetIterator {
    base: Object,
    #[traverse]
    set: Field,
    /// The size when the iteration began; it may not change.
    used: Cell<usize>,
    at: Cell<usize>,
    left: Cell<usize>,
}

crate::assert_layout!(SetIterator, size 48);

impl SetIterator {
    /// An iterator over a set.
    pub fn new(set: &SetCore) -> Result<Ref<SetIterator>, Raised> {
        crate::object::create(SetIterator {
            base: Object::of::<SetIterator>(),
            set: Field::new(set.base.to_ref()),
            used: Cell::new(set.len()),
            at: Cell::new(0),
            left: Cell::new(set.len()),
        })
    }
}

#[pymethods]
impl SetIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        // SAFETY: the borrow ends before the field is set; nothing runs until then that could do so.
        let Some(object) = (unsafe { self.set.borrow() }) else { return Ok(None) };
        let Some(set) = SetCore::of(object) else { return Ok(None) };
        if set.len() != self.used.get() {
            self.used.set(usize::MAX);
            return Err(raise!(RuntimeError, "Set changed size during iteration"));
        }
        let mut at = self.at.get();
        let found = set.next(&mut at);
        self.at.set(at);
        match found {
            Some((key, _)) => {
                self.left.set(self.left.get().saturating_sub(1));
                Ok(Some(key))
            }
            None => {
                self.set.set(None);
                Ok(None)
            }
        }
    }

    /// Private method returning an estimate of len(list(it)).
    #[no_signature]
    fn __length_hint__(&self) -> Result<usize, Raised> {
        let same = self.set.get().is_some_and(|set| SetCore::of(&set).is_some_and(|set| set.len() == self.used.get()));
        Ok(if same { self.left.get() } else { 0 })
    }

    /// Return state information for pickling.
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        // The items that are left, without moving the iterator itself.
        let rest = crate::types::list::List::new()?;
        if let Some(object) = self.set.get()
            && let Some(set) = SetCore::of(&object)
        {
            let mut at = self.at.get();
            while let Some((key, _)) = set.next(&mut at) {
                rest.push(key)?;
            }
        }
        let iter = crate::types::iterators::builtin(&*crate::types::str::Str::intern("iter")?)?;
        Tuple::from_refs([iter, Tuple::from_refs([rest.into_object()])?.into_object()])
    }
}
