//! The iterator over an object that has `__getitem__` but no `__iter__` (`PySeqIter_Type`).

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::{nothing, reduce_at, state_index};
use crate::exceptions::exc;
use crate::id;
use crate::object::protocol::attribute::ignore;
use crate::object::protocol::call::Lent;
use crate::object::protocol::sequence::{get_index, length};
use crate::object::{Field, IntoObject, Object, Raised, Ref};
use crate::raise;
use crate::types::not_implemented;
use crate::types::tuple::Tuple;

/// The iterator; it lets go of the sequence at its end.
#[pytype(name = "iterator", generic_get, c_name = "PySeqIter_Type", doc = "", gc)]
pub struct SequenceIterator {
    base: Object,
    index: Cell<isize>,
    #[traverse]
    sequence: Field,
}

crate::assert_layout!(SequenceIterator, size 32);

impl SequenceIterator {
    /// An iterator over `sequence` from its first item.
    pub fn new(sequence: Ref) -> Result<Ref<SequenceIterator>, Raised> {
        crate::object::create(SequenceIterator {
            base: Object::of::<SequenceIterator>(),
            index: Cell::new(0),
            sequence: Field::new(sequence),
        })
    }
}

#[pymethods]
impl SequenceIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(sequence) = self.sequence.get() else { return Ok(None) };
        let index = self.index.get();
        if index == isize::MAX {
            return Err(raise!(OverflowError, "iter index too large"));
        }
        let sequence = Lent::to_method(sequence, id!(__getitem__));
        // SAFETY: a `__getitem__` in Python is the first to run, and the sequence is not looked at afterwards.
        match get_index(unsafe { sequence.get() }, index) {
            Ok(item) => {
                self.index.set(index + 1);
                Ok(Some(item))
            }
            Err(raised) => {
                if let Err(raised) = ignore::<()>(raised, exc::IndexError()) {
                    ignore::<()>(raised, exc::StopIteration())?;
                }
                self.sequence.set(None);
                Ok(None)
            }
        }
    }

    /// Private method returning an estimate of len(list(it)).
    #[name = "__length_hint__"]
    #[no_signature]
    fn length_hint(&self) -> Result<Ref, Raised> {
        let Some(sequence) = self.sequence.get() else { return 0i64.into_object() };
        let ty = sequence.ty();
        let has_length = ty.sequence().is_some_and(|suite| suite.sq_length.get().is_some())
            || ty.mapping().is_some_and(|suite| suite.mp_length.get().is_some());
        if !has_length {
            return Ok(not_implemented());
        }
        (length(&sequence)? as i64).saturating_sub(self.index.get() as i64).max(0).into_object()
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let iter = super::builtin(id!(iter))?;
        reduce_at(iter, self.sequence.get(), self.index.get(), nothing)
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        let index = state_index(state)?;
        if !self.sequence.is_empty() {
            self.index.set(index.max(0));
        }
        Ok(())
    }
}
