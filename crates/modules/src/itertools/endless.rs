//! `count`, `cycle` and `repeat`: the iterators that need not end.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol::number::{Operator, binary_op, index_as_size};
use habu_runtime::object::protocol::{call_method, iterator, next, repr, truth};
use habu_runtime::object::{Field, IntoObject, Object, Raised, Ref, Type};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, none};
use habu_runtime::{assert_layout, raise};

use super::{plain_arguments, reduced, state_tuple};

/// Consecutive values from a start.
#[pytype(
    name = "itertools.count",
    generic_get,
    gc,
    basetype,
    doc = "count(start=0, step=1)\n--\n\nReturn a count object whose .__next__() method returns consecutive values.\n\nEquivalent to:\n    def count(firstval=0, step=1):\n        x = firstval\n        while 1:\n            yield x\n            x += step"
)]
pub(super) struct Count {
    base: Object,
    /// The next value, while values are machine words and the step is 1; then `value` is empty.
    index: Cell<isize>,
    /// The next value otherwise.
    #[traverse]
    value: Field,
    #[traverse]
    step: Field,
}

assert_layout!(Count, size 40);

/// Whether the object is a number of any kind (`PyNumber_Check`).
pub(crate) fn is_number(object: &Object) -> bool {
    object.ty().name() == "complex"
        || object.ty().number().is_some_and(|suite| {
            suite.nb_index.get().is_some() || suite.nb_int.get().is_some() || suite.nb_float.get().is_some()
        })
}

/// Whether the object is the integer 1.
fn is_one(object: &Object) -> bool {
    object.downcast::<Int>().is_some_and(|value| value.to_i64() == Some(1))
}

impl Count {
    fn step_or_one(&self) -> Result<Ref, Raised> {
        self.step.get().map_or_else(|| 1i64.into_object(), Ok)
    }
}

#[pymethods]
impl Count {
    #[slot(tp_new)]
    #[signature(start = None, step = None)]
    fn new(cls: &Type, start: Option<&Object>, step: Option<&Object>) -> Result<Ref<Count>, Raised> {
        if start.is_some_and(|start| !is_number(start)) || step.is_some_and(|step| !is_number(step)) {
            return Err(raise!(TypeError, "a number is required"));
        }
        let step = match step {
            Some(step) => step.to_ref(),
            None => 1i64.into_object()?,
        };
        let start = match start {
            Some(start) => start.to_ref(),
            None => 0i64.into_object()?,
        };
        let index = start.downcast::<Int>().filter(|_| is_one(&step)).and_then(Int::to_i64);
        let count = Count {
            base: Object::header(cls),
            index: Cell::new(index.unwrap_or(i64::MAX) as isize),
            value: Field::optional(if index.is_some() { None } else { Some(start) }),
            step: Field::new(step),
        };
        habu_runtime::object::instantiate(cls, count)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let Some(value) = self.value.get() else {
            return Str::from_format(format_args!("count({})", self.index.get()));
        };
        let step = self.step_or_one()?;
        if is_one(&step) {
            return Str::from_format(format_args!("count({})", repr(&value)?));
        }
        Str::from_format(format_args!("count({}, {})", repr(&value)?, repr(&step)?))
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let index = self.index.get();
        let value = match self.value.get() {
            None if index < isize::MAX => {
                self.index.set(index + 1);
                return index.into_object().map(Some);
            }
            None => index.into_object()?,
            Some(value) => value,
        };
        let following = binary_op(&value, &*self.step_or_one()?, Operator::Add)?;
        self.value.set(Some(following));
        Ok(Some(value))
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let arguments = match self.value.get() {
            None => Tuple::from_refs([self.index.get().into_object()?])?,
            Some(value) => Tuple::from_refs([value, self.step_or_one()?])?,
        };
        reduced(self, arguments, None)
    }
}

/// The items of an iterable again and again.
#[pytype(
    name = "itertools.cycle",
    generic_get,
    gc,
    basetype,
    doc = "cycle(iterable, /)\n--\n\nReturn elements from the iterable until it is exhausted. Then repeat the sequence indefinitely."
)]
pub(super) struct Cycle {
    base: Object,
    /// The iterator, until its end.
    #[traverse]
    items: Field,
    /// What it gave.
    #[traverse]
    saved: Field<List>,
    /// The next item of those saved.
    index: Cell<usize>,
    /// Whether what the iterator gives is saved already.
    replay: Cell<bool>,
}

assert_layout!(Cycle, size 48);

#[pymethods]
impl Cycle {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Cycle>, Raised> {
        plain_arguments::<Cycle>(cls, args, kwargs, 1, 1)?;
        let cycle = Cycle {
            base: Object::header(cls),
            items: Field::new(super::iterator_of(args, 0)?),
            saved: Field::new(List::new()?),
            index: Cell::new(0),
            replay: Cell::new(false),
        };
        habu_runtime::object::instantiate(cls, cycle)
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(saved) = self.saved.get() else { return Ok(None) };
        if let Some(items) = self.items.get() {
            if let Some(item) = next(&items)? {
                if !self.replay.get() {
                    saved.push(item.clone())?;
                }
                return Ok(Some(item));
            }
            self.items.set(None);
        }
        let index = self.index.get();
        let item = saved.get(index);
        self.index.set(if index + 1 >= saved.len() { 0 } else { index + 1 });
        Ok(item)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let saved = self.saved.get().map_or_else(List::new, Ok)?;
        let (items, replay) = match self.items.get() {
            Some(items) => (items, self.replay.get()),
            None => {
                let items = iterator(&saved)?;
                if self.index.get() > 0 {
                    let name = Str::intern("__setstate__")?;
                    call_method(&items, &name, &[&*self.index.get().into_object()?])?;
                }
                (items, true)
            }
        };
        let state = Tuple::from_refs([saved.into_object(), boolean(replay)])?;
        reduced(self, Tuple::from_refs([items])?, Some(state.into_object()))
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        let state = state_tuple(state)?;
        let [saved, replay] = state.as_slice() else {
            return Err(raise!(TypeError, "function takes exactly 2 arguments ({} given)", state.len()));
        };
        let Ok(saved) = saved.clone().downcast_into::<List>() else {
            return Err(raise!(TypeError, "argument 1 must be list, not {}", saved.ty().full_name()));
        };
        if !replay.isinstance::<Int>() {
            return Err(raise!(TypeError, "'{}' object cannot be interpreted as an integer", replay.ty().full_name()));
        }
        self.replay.set(truth(replay)?);
        self.saved.set(Some(saved));
        self.index.set(0);
        Ok(())
    }
}

/// repeat(object [,times]) -> create an iterator which returns the object
/// for the specified number of times.  If not specified, returns the object
/// endlessly.
#[pytype(name = "itertools.repeat", generic_get, gc, basetype)]
pub(super) struct Repeat {
    base: Object,
    #[traverse]
    element: Field,
    /// How many times are left; -1 for ever.
    left: Cell<isize>,
}

assert_layout!(Repeat, size 32);

#[pymethods]
impl Repeat {
    #[slot(tp_new)]
    #[signature(object, times = None)]
    fn new(cls: &Type, object: &Object, times: Option<&Object>) -> Result<Ref<Repeat>, Raised> {
        let left = match times {
            Some(times) => index_as_size(times, Some(exc::OverflowError()))?.max(0),
            None => -1,
        };
        let repeat = Repeat { base: Object::header(cls), element: Field::new(object.to_ref()), left: Cell::new(left) };
        habu_runtime::object::instantiate(cls, repeat)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let element = repr(&self.element.get().unwrap_or_else(none))?;
        match self.left.get() {
            -1 => Str::from_format(format_args!("repeat({element})")),
            left => Str::from_format(format_args!("repeat({element}, {left})")),
        }
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        match self.left.get() {
            0 => return Ok(None),
            left if left > 0 => self.left.set(left - 1),
            _ => {}
        }
        Ok(self.element.get())
    }

    /// Private method returning an estimate of len(list(it)).
    #[name = "__length_hint__"]
    #[no_signature]
    fn length_hint(&self) -> Result<isize, Raised> {
        match self.left.get() {
            -1 => Err(raise!(TypeError, "len() of unsized object")),
            left => Ok(left),
        }
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let element = self.element.get().unwrap_or_else(none);
        let arguments = match self.left.get() {
            -1 => Tuple::from_refs([element])?,
            left => Tuple::from_refs([element, left.into_object()?])?,
        };
        reduced(self, arguments, None)
    }
}
