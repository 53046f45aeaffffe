//! The iterators of ranges: one for machine words, one for integers of any size.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::value::{Range, arithmetic, count, integer};
use crate::id;
use crate::object::protocol::compare_truth;
use crate::object::protocol::number::{Operator, index};
use crate::object::slots::CompareOp;
use crate::object::{Field, Object, Raised, Ref};
use crate::types::int::Int;
use crate::types::iterators::{builtin, state_index};
use crate::types::tuple::Tuple;

/// The iterator of a range whose items are machine words, past the last one too.
#[pytype(name = "range_iterator", generic_get, c_name = "PyRangeIter_Type", doc = "")]
pub struct RangeIterator {
    base: Object,
    pub(crate) index: Cell<i64>,
    pub(crate) start: Cell<i64>,
    pub(crate) step: Cell<i64>,
    pub(crate) length: Cell<i64>,
}

/// The iterator of any other range.
#[pytype(name = "longrange_iterator", generic_get, c_name = "PyLongRangeIter_Type", doc = "")]
pub struct LongRangeIterator {
    base: Object,
    index: Field<Int>,
    start: Field<Int>,
    step: Field<Int>,
    length: Field<Int>,
}

crate::assert_layout!(RangeIterator, size 48, index @ 16, start @ 24, step @ 32, length @ 40);
crate::assert_layout!(LongRangeIterator, size 48);

/// The iterator of a range from its first item, or from its last one.
pub(super) fn iterate(range: &Range, backwards: bool) -> Result<Ref, Raised> {
    if let (Some(start), Some(stop), Some(step)) =
        (range.start().to_i64(), range.stop().to_i64(), range.step().to_i64())
    {
        let length = count(start, stop, step);
        let (wide_start, wide_step) = (i128::from(start), i128::from(step));
        let (first, step) = if backwards {
            (wide_start + (i128::from(length) - 1) * wide_step, -wide_step)
        } else {
            (wide_start, wide_step)
        };
        let past = first + i128::from(length) * step;
        if let (Ok(first), Ok(step), Ok(length), Ok(_)) =
            (i64::try_from(first), i64::try_from(step), i64::try_from(length), i64::try_from(past))
        {
            return Ok(crate::object::create(RangeIterator {
                base: Object::of::<RangeIterator>(),
                index: Cell::new(0),
                start: Cell::new(first),
                step: Cell::new(step),
                length: Cell::new(length),
            })?
            .into_object());
        }
    }
    let (zero, one) = (Int::from_i64(0)?, Int::from_i64(1)?);
    let (start, step) = if backwards {
        let last = arithmetic(range.length(), &one, Operator::Subtract)?;
        (range.item_at(&last)?, arithmetic(&zero, range.step(), Operator::Subtract)?)
    } else {
        (Ref::from_borrowed(range.start()), Ref::from_borrowed(range.step()))
    };
    Ok(crate::object::create(LongRangeIterator {
        base: Object::of::<LongRangeIterator>(),
        index: Field::new(zero),
        start: Field::new(start),
        step: Field::new(step),
        length: Field::new(Ref::from_borrowed(range.length())),
    })?
    .into_object())
}

impl RangeIterator {
    /// The next item as a machine word.
    #[inline(always)]
    pub(crate) fn advance(&self) -> Option<i64> {
        let index = self.index.get();
        if index >= self.length.get() {
            return None;
        }
        self.index.set(index + 1);
        // Neither step overflows: even the place past the last item is a machine word.
        Some(self.start.get().wrapping_add(index.wrapping_mul(self.step.get())))
    }
}

#[pymethods]
impl RangeIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        match self.advance() {
            Some(value) => Ok(Some(Int::from_i64(value)?.into_object())),
            None => Ok(None),
        }
    }

    /// Private method returning an estimate of len(list(it)).
    #[name = "__length_hint__"]
    #[no_signature]
    fn length_hint(&self) -> Result<i64, Raised> {
        Ok(self.length.get() - self.index.get())
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let (start, step) = (i128::from(self.start.get()), i128::from(self.step.get()));
        let stop = start + i128::from(self.length.get()) * step;
        let range = Range::new(integer(start)?, integer(stop)?, integer(step)?)?;
        let index = Int::from_i64(self.index.get())?.into_object();
        Tuple::from_refs([builtin(id!(iter))?, Tuple::from_refs([range.into_object()])?.into_object(), index])
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        self.index.set((state_index(state)? as i64).clamp(0, self.length.get()));
        Ok(())
    }
}

#[pymethods]
impl LongRangeIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some((index, start, step, length)) = self.parts() else { return Ok(None) };
        if !compare_truth(&index, &length, CompareOp::Lt)? {
            return Ok(None);
        }
        let item = arithmetic(&start, &*arithmetic(&index, &step, Operator::Multiply)?, Operator::Add)?;
        self.index.set(Some(arithmetic(&index, &*Int::from_i64(1)?, Operator::Add)?));
        Ok(Some(item.into_object()))
    }

    /// Private method returning an estimate of len(list(it)).
    #[name = "__length_hint__"]
    #[no_signature]
    fn length_hint(&self) -> Result<Option<Ref<Int>>, Raised> {
        let Some((index, _, _, length)) = self.parts() else { return Ok(None) };
        arithmetic(&length, &index, Operator::Subtract).map(Some)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Option<Ref<Tuple>>, Raised> {
        let Some((index, start, step, length)) = self.parts() else { return Ok(None) };
        let stop = arithmetic(&start, &*arithmetic(&length, &step, Operator::Multiply)?, Operator::Add)?;
        let range = Range::new(start, stop, step)?.into_object();
        Tuple::from_refs([builtin(id!(iter))?, Tuple::from_refs([range])?.into_object(), index.into_object()]).map(Some)
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        let Some((_, _, _, length)) = self.parts() else { return Ok(()) };
        let state = index(state)?;
        let index = if state.is_negative() {
            Int::from_i64(0)?
        } else if compare_truth(&length, &state, CompareOp::Lt)? {
            length
        } else {
            state
        };
        self.index.set(Some(index));
        Ok(())
    }
}

impl LongRangeIterator {
    /// Index, start, step and length; all are there while the iterator lives.
    #[expect(clippy::type_complexity, reason = "four fields at once")]
    fn parts(&self) -> Option<(Ref<Int>, Ref<Int>, Ref<Int>, Ref<Int>)> {
        Some((self.index.get()?, self.start.get()?, self.step.get()?, self.length.get()?))
    }
}
