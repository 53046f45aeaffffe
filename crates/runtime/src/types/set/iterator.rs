<<<<<<< HEAD
//! The iterator of sets.
=======
//! `set_iterator`: walks through a set or frozenset.
>>>>>>> 651b183 (Add dict's methods, views and iterators, split tables, set, frozenset, mappingproxy and SimpleNamespace)

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

<<<<<<< HEAD
use super::table::SetCore;
use crate::object::{Field, Object, Raised, Ref};
use crate::raise;
use crate::types::tuple::Tuple;

/// Iterates over a set.
#[pytype(name = "set_iterator", doc = "", gc)]
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
=======
use super::{SetTable, as_set};
use crate::id;
use crate::object::{Field, Object, Raised, Ref};
use crate::raise;
use crate::types::iterators::builtin;
use crate::types::list::List;
use crate::types::tuple::Tuple;

/// The iterator of a set.
#[pytype(name = "set_iterator", doc = "", gc)]
pub struct SetIterator {
    base: Object,
    /// The set, until the end.
    #[traverse]
    set: Field,
    /// The number of keys at the start; -1 once it was found changed.
    used: Cell<isize>,
    position: Cell<usize>,
    left: Cell<isize>,
}

crate::assert_layout!(SetIterator, size 48, set @ 16, used @ 24, position @ 32, left @ 40);

impl SetIterator {
    /// An iterator over a set or frozenset.
    pub fn new(set: Ref) -> Result<Ref<SetIterator>, Raised> {
        let used = as_set(&set).map_or(0, SetTable::len) as isize;
        crate::object::create(SetIterator {
            base: Object::of::<SetIterator>(),
            set: Field::new(set),
            used: Cell::new(used),
            position: Cell::new(0),
            left: Cell::new(used),
>>>>>>> 651b183 (Add dict's methods, views and iterators, split tables, set, frozenset, mappingproxy and SimpleNamespace)
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
<<<<<<< HEAD
        let Some(object) = self.set.get() else { return Ok(None) };
        let Some(set) = SetCore::of(&object) else { return Ok(None) };
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
=======
        let Some(set) = self.set.get() else { return Ok(None) };
        let Some(table) = as_set(&set) else { return Ok(None) };
        if self.used.get() != table.len() as isize {
            self.used.set(-1);
            return Err(raise!(RuntimeError, "Set changed size during iteration"));
        }
        let mut at = self.position.get();
        let found = table.next(&mut at);
        self.position.set(at);
        match found {
            Some((key, _)) => {
                self.left.set(self.left.get() - 1);
>>>>>>> 651b183 (Add dict's methods, views and iterators, split tables, set, frozenset, mappingproxy and SimpleNamespace)
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
<<<<<<< HEAD
    fn __length_hint__(&self) -> Result<usize, Raised> {
        let same = self.set.get().is_some_and(|set| SetCore::of(&set).is_some_and(|set| set.len() == self.used.get()));
        Ok(if same { self.left.get() } else { 0 })
=======
    fn __length_hint__(&self) -> Result<isize, Raised> {
        let used = self.set.get().and_then(|set| as_set(&set).map(SetTable::len));
        Ok(if used.is_some_and(|used| used as isize == self.used.get()) { self.left.get() } else { 0 })
>>>>>>> 651b183 (Add dict's methods, views and iterators, split tables, set, frozenset, mappingproxy and SimpleNamespace)
    }

    /// Return state information for pickling.
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
<<<<<<< HEAD
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
=======
        let list = List::new()?;
        if let Some(set) = self.set.get()
            && let Some(table) = as_set(&set)
        {
            if self.used.get() != table.len() as isize {
                return Err(raise!(RuntimeError, "Set changed size during iteration"));
            }
            let mut at = self.position.get();
            while let Some((key, _)) = table.next(&mut at) {
                list.push(key)?;
            }
        }
        let args = Tuple::from_refs([list.into_object()])?.into_object();
        Tuple::from_refs([builtin(id!(iter))?, args])
>>>>>>> 651b183 (Add dict's methods, views and iterators, split tables, set, frozenset, mappingproxy and SimpleNamespace)
    }
}
