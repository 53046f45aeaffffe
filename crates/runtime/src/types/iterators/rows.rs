//! The iterators of list and tuple: `list_iterator`, `list_reverseiterator`, `tuple_iterator`.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::{nothing, reduce_at, state_index};
use crate::id;
use crate::object::{Field, Object, Raised, Ref};
use crate::types::list::List;
use crate::types::tuple::Tuple;

/// The iterator of a list, which sees what is added meanwhile.
#[pytype(name = "list_iterator", generic_get, c_name = "PyListIter_Type", doc = "", gc)]
pub struct ListIterator {
    base: Object,
    pub(crate) index: Cell<isize>,
    #[traverse]
    pub(crate) sequence: Field<List>,
}

/// The iterator of a list from its last item.
#[pytype(name = "list_reverseiterator", generic_get, c_name = "PyListRevIter_Type", doc = "", gc)]
pub struct ListReverseIterator {
    base: Object,
    /// The next item's index; -1 at the end.
    index: Cell<isize>,
    #[traverse]
    sequence: Field<List>,
}

/// The iterator of a tuple.
#[pytype(name = "tuple_iterator", generic_get, c_name = "PyTupleIter_Type", doc = "", gc)]
pub struct TupleIterator {
    base: Object,
    pub(crate) index: Cell<isize>,
    #[traverse]
    pub(crate) sequence: Field<Tuple>,
}

crate::assert_layout!(ListIterator, size 32, index @ 16, sequence @ 24);
crate::assert_layout!(ListReverseIterator, size 32, index @ 16, sequence @ 24);
crate::assert_layout!(TupleIterator, size 32, index @ 16, sequence @ 24);

/// What the two forward iterators share.
macro_rules! forward_iterator {
    ($iterator:ident over $sequence:ident) => {
        impl $iterator {
            /// An iterator from the first item.
            pub fn new(sequence: Ref<$sequence>) -> Result<Ref<$iterator>, Raised> {
                crate::object::create($iterator {
                    base: Object::of::<$iterator>(),
                    index: Cell::new(0),
                    sequence: Field::new(sequence),
                })
            }

            /// The next item; at the end the iterator lets go of what it iterates over.
            #[inline(always)]
            pub(crate) fn advance(&self) -> Option<Ref> {
                // SAFETY: taking an item runs no code, and the field does not change before the borrow ends.
                let sequence = unsafe { self.sequence.borrow() }?;
                let index = self.index.get();
                match sequence.get(index as usize) {
                    Some(item) => {
                        self.index.set(index + 1);
                        Some(item)
                    }
                    None => {
                        self.sequence.set(None);
                        None
                    }
                }
            }
        }

        #[pymethods]
        impl $iterator {
            #[slot(tp_iter)]
            fn iter(&self) -> Result<Ref, Raised> {
                Ok(self.to_ref())
            }

            #[slot(tp_iternext)]
            fn next(&self) -> Result<Option<Ref>, Raised> {
                Ok(self.advance())
            }

            /// Private method returning an estimate of len(list(it)).
            #[name = "__length_hint__"]
            #[no_signature]
            fn length_hint(&self) -> Result<isize, Raised> {
                Ok(self.sequence.get().map_or(0, |sequence| (sequence.len() as isize - self.index.get()).max(0)))
            }

            /// Return state information for pickling.
            #[name = "__reduce__"]
            #[no_signature]
            fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
                let iter = super::builtin(id!(iter))?;
                reduce_at(iter, self.sequence.get().map(Ref::into_object), self.index.get(), $iterator::empty)
            }

            /// Set state information for unpickling.
            #[name = "__setstate__"]
            #[no_signature]
            fn set_state(&self, state: &Object) -> Result<(), Raised> {
                let index = state_index(state)?;
                if let Some(sequence) = self.sequence.get() {
                    self.index.set($iterator::clip(index, sequence.len()));
                }
                Ok(())
            }
        }
    };
}

forward_iterator!(ListIterator over List);
forward_iterator!(TupleIterator over Tuple);

impl ListIterator {
    fn empty() -> Result<Ref, Raised> {
        Ok(List::new()?.into_object())
    }

    /// A list may grow, so that an index beyond its end is kept.
    fn clip(index: isize, _length: usize) -> isize {
        index.max(0)
    }
}

impl TupleIterator {
    fn empty() -> Result<Ref, Raised> {
        nothing()
    }

    fn clip(index: isize, length: usize) -> isize {
        index.clamp(0, length as isize)
    }
}

impl ListReverseIterator {
    /// An iterator from the last item.
    pub fn new(sequence: Ref<List>) -> Result<Ref<ListReverseIterator>, Raised> {
        crate::object::create(ListReverseIterator {
            base: Object::of::<ListReverseIterator>(),
            index: Cell::new(sequence.len() as isize - 1),
            sequence: Field::new(sequence),
        })
    }
}

#[pymethods]
impl ListReverseIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(sequence) = self.sequence.get() else { return Ok(None) };
        let index = self.index.get();
        if let Some(item) = usize::try_from(index).ok().and_then(|index| sequence.get(index)) {
            self.index.set(index - 1);
            return Ok(Some(item));
        }
        self.index.set(-1);
        self.sequence.set(None);
        Ok(None)
    }

    /// Private method returning an estimate of len(list(it)).
    #[name = "__length_hint__"]
    #[no_signature]
    fn length_hint(&self) -> Result<isize, Raised> {
        let length = self.index.get() + 1;
        let fits = self.sequence.get().is_some_and(|sequence| sequence.len() as isize >= length);
        Ok(if fits { length } else { 0 })
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let reversed = super::builtin(id!(reversed))?;
        match self.sequence.get() {
            Some(sequence) => reduce_at(reversed, Some(sequence.into_object()), self.index.get(), nothing),
            None => reduce_at(super::builtin(id!(iter))?, None, 0, ListIterator::empty),
        }
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        let index = state_index(state)?;
        if let Some(sequence) = self.sequence.get() {
            self.index.set(index.clamp(-1, sequence.len() as isize - 1));
        }
        Ok(())
    }
}
