//! `chain`, `accumulate`, `starmap`, `pairwise` and `zip_longest`: items put together.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::protocol::call::call_lending;
use habu_runtime::object::protocol::iterate::is_iterator;
use habu_runtime::object::protocol::number::{Operator, binary_op};
use habu_runtime::object::protocol::{call_tuple, call1, iterator, next, to_tuple};
use habu_runtime::object::{Field, IntoObject, Object, PyType, Raised, Ref, Type};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, ends_in_order, raise};

use super::{argument, plain_arguments, reduced, state_tuple};

/// chain(*iterables) --> chain object
///
/// Return a chain object whose .__next__() method returns elements from the
/// first iterable until it is exhausted, then elements from the next
/// iterable, until all of the iterables are exhausted.
#[pytype(name = "itertools.chain", generic_get, gc, basetype)]
pub(super) struct Chain {
    base: Object,
    /// The iterator over the iterables, until its end.
    #[traverse]
    source: Field,
    /// The iterator of the iterable whose turn it is.
    #[traverse]
    active: Field,
}

assert_layout!(Chain, size 32);
ends_in_order!(Chain: active, source);

impl Chain {
    fn of(cls: &Type, iterables: &Object) -> Result<Ref<Chain>, Raised> {
        let source = Field::new(iterator(iterables)?);
        let chain = Chain { base: Object::header(cls), source, active: Field::empty() };
        habu_runtime::object::instantiate(cls, chain)
    }
}

#[pymethods]
impl Chain {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Chain>, Raised> {
        plain_arguments::<Chain>(cls, args, kwargs, 0, usize::MAX)?;
        Chain::of(cls, args)
    }

    /// Alternative chain() constructor taking a single iterable argument that evaluates lazily.
    #[classmethod]
    fn from_iterable(cls: &Type, iterable: &Object) -> Result<Ref<Chain>, Raised> {
        Chain::of(cls, iterable)
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(source) = self.source.get() else { return Ok(None) };
        loop {
            let active = match self.active.get() {
                Some(active) => active,
                None => {
                    let following = match next(&source)? {
                        Some(iterable) => iterator(&iterable).map(Some),
                        None => Ok(None),
                    };
                    match following {
                        Ok(Some(active)) => {
                            self.active.set(Some(active.clone()));
                            active
                        }
                        other => {
                            self.source.set(None);
                            return other;
                        }
                    }
                }
            };
            if let Some(item) = next(&active)? {
                return Ok(Some(item));
            }
            self.active.set(None);
        }
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let state = match (self.source.get(), self.active.get()) {
            (Some(source), Some(active)) => Some(Tuple::from_refs([source, active])?.into_object()),
            (Some(source), None) => Some(Tuple::from_refs([source])?.into_object()),
            (None, _) => None,
        };
        reduced(self, Tuple::empty(), state)
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        let state = state_tuple(state)?;
        if !(1..=2).contains(&state.len()) {
            let bound = if state.len() == 0 { "at least 1 argument" } else { "at most 2 arguments" };
            return Err(raise!(TypeError, "function takes {bound} ({} given)", state.len()));
        }
        if !state.as_slice().iter().all(|item| is_iterator(item)) {
            return Err(raise!(TypeError, "Arguments must be iterators."));
        }
        self.source.set(state.get(0));
        self.active.set(state.get(1));
        Ok(())
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    #[no_signature]
    fn class_getitem(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        habu_runtime::types::generic_alias::alias(cls, item)
    }
}

/// Sums so far.
#[pytype(
    name = "itertools.accumulate",
    generic_get,
    gc,
    basetype,
    doc = "accumulate(iterable, func=None, *, initial=None)\n--\n\nReturn series of accumulated sums (or other binary function results)."
)]
pub(super) struct Accumulate {
    base: Object,
    #[traverse]
    function: Field,
    #[traverse]
    items: Field,
    #[traverse]
    total: Field,
    /// The initial value, or None, until the first item was asked for.
    #[traverse]
    initial: Field,
}

assert_layout!(Accumulate, size 48);
ends_in_order!(Accumulate: function, total, items, initial);

#[pymethods]
impl Accumulate {
    #[slot(tp_new)]
    #[signature(iterable, func = None, *, initial = None)]
    fn new(
        cls: &Type,
        iterable: &Object,
        func: Option<&Object>,
        initial: Option<&Object>,
    ) -> Result<Ref<Accumulate>, Raised> {
        let accumulate = Accumulate {
            base: Object::header(cls),
            total: Field::empty(),
            items: Field::new(iterator(iterable)?),
            function: Field::optional(func.filter(|value| !is_none(value)).map(Object::to_ref)),
            initial: Field::new(initial.map_or_else(none, Object::to_ref)),
        };
        habu_runtime::object::instantiate(cls, accumulate)
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        if let Some(initial) = self.initial.get().filter(|initial| !is_none(initial)) {
            self.initial.set(Some(none()));
            self.total.set(Some(initial.clone()));
            return Ok(Some(initial));
        }
        let Some(items) = self.items.get() else { return Ok(None) };
        let Some(item) = next(&items)? else { return Ok(None) };
        let total = match (self.total.get(), self.function.get()) {
            (None, _) => item,
            (Some(total), None) => binary_op(&total, &item, Operator::Add)?,
            (Some(total), Some(function)) => call_lending(&function, [total], &[&item])?,
        };
        self.total.set(Some(total.clone()));
        Ok(Some(total))
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let items = self.items.get().unwrap_or_else(none);
        let function = self.function.get().unwrap_or_else(none);
        // What comes first again goes in front of the items.
        let led_by = |first: Ref| -> Result<Ref, Raised> {
            let first = Tuple::from_refs([first])?.into_object();
            let both = Tuple::from_refs([first, items.clone()])?;
            Ok(Chain::of(Chain::type_object(), &both)?.into_object())
        };
        if let Some(initial) = self.initial.get().filter(|initial| !is_none(initial)) {
            return reduced(self, Tuple::from_refs([led_by(initial)?, function])?, Some(none()));
        }
        if let Some(total) = self.total.get().filter(|total| is_none(total)) {
            let inner = Tuple::from_refs([led_by(total)?, function])?;
            let again = call_tuple(Accumulate::type_object(), &inner, None)?;
            let arguments = Tuple::from_refs([again, 1i64.into_object()?, none()])?;
            let slice = super::filters::Slice::type_object().to_ref();
            return Tuple::from_refs([slice, arguments.into_object()]);
        }
        reduced(self, Tuple::from_refs([items, function])?, Some(self.total.get().unwrap_or_else(none)))
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        self.total.set(Some(state.to_ref()));
        Ok(())
    }
}

/// The results of a function called with each item as its arguments.
#[pytype(
    name = "itertools.starmap",
    generic_get,
    gc,
    basetype,
    doc = "starmap(function, iterable, /)\n--\n\nReturn an iterator whose values are returned from the function evaluated with an argument tuple taken from the given sequence."
)]
pub(super) struct StarMap {
    base: Object,
    #[traverse]
    items: Field,
    #[traverse]
    function: Field,
}

assert_layout!(StarMap, size 32);
ends_in_order!(StarMap: function, items);

#[pymethods]
impl StarMap {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<StarMap>, Raised> {
        plain_arguments::<StarMap>(cls, args, kwargs, 2, 2)?;
        let (function, items) = (Field::new(argument(args, 0)), Field::new(super::iterator_of(args, 1)?));
        habu_runtime::object::instantiate(cls, StarMap { base: Object::header(cls), function, items })
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let (Some(function), Some(items)) = (self.function.get(), self.items.get()) else { return Ok(None) };
        let Some(item) = next(&items)? else { return Ok(None) };
        let arguments = match item.downcast_into::<Tuple>() {
            Ok(arguments) => arguments,
            Err(item) => to_tuple(&item)?,
        };
        call_tuple(&function, &arguments, None).map(Some)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let (function, items) = (self.function.get().unwrap_or_else(none), self.items.get().unwrap_or_else(none));
        reduced(self, Tuple::from_refs([function, items])?, None)
    }
}

/// Each item with the next one.
#[pytype(
    name = "itertools.pairwise",
    generic_get,
    gc,
    basetype,
    doc = "pairwise(iterable, /)\n--\n\nReturn an iterator of overlapping pairs taken from the input iterator.\n\n    s -> (s0,s1), (s1,s2), (s2, s3), ..."
)]
pub(super) struct Pairwise {
    base: Object,
    #[traverse]
    items: Field,
    #[traverse]
    old: Field,
}

assert_layout!(Pairwise, size 32);

#[pymethods]
impl Pairwise {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Pairwise>, Raised> {
        plain_arguments::<Pairwise>(cls, args, kwargs, 1, 1)?;
        let items = Field::new(super::iterator_of(args, 0)?);
        habu_runtime::object::instantiate(cls, Pairwise { base: Object::header(cls), items, old: Field::empty() })
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(items) = self.items.get() else { return Ok(None) };
        if self.old.is_empty() {
            let first = next(&items);
            if !matches!(first, Ok(Some(_))) {
                self.items.set(None);
            }
            let Some(first) = first? else { return Ok(None) };
            self.old.set(Some(first));
            if self.items.is_empty() {
                self.old.set(None);
                return Ok(None);
            }
        }
        let old = self.old.get();
        let new = next(&items);
        match (old, new) {
            (Some(old), Ok(Some(new))) => {
                self.old.set(Some(new.clone()));
                Ok(Some(Tuple::from_refs([old, new])?.into_object()))
            }
            (_, new) => {
                self.items.set(None);
                self.old.set(None);
                new.map(|_| None)
            }
        }
    }
}

/// zip_longest(iter1 [,iter2 [...]], [fillvalue=None]) --> zip_longest object
///
/// Return a zip_longest object whose .__next__() method returns a tuple where
/// the i-th element comes from the i-th iterable argument.  The .__next__()
/// method continues until the longest iterable in the argument sequence
/// is exhausted and then it raises StopIteration.  When the shorter iterables
/// are exhausted, the fillvalue is substituted in their place.  The fillvalue
/// defaults to None or can be specified by a keyword argument.
#[pytype(name = "itertools.zip_longest", generic_get, gc, basetype)]
pub(super) struct ZipLongest {
    base: Object,
    count: usize,
    /// How many iterators have not ended.
    active: Cell<usize>,
    /// The iterators; None in the place of one that has ended.  Nobody else sees the tuple.
    #[traverse]
    iterators: Field<Tuple>,
    #[traverse]
    result: Field<Tuple>,
    #[traverse]
    fill: Field,
}

assert_layout!(ZipLongest, size 56);

impl ZipLongest {
    /// The next item of the iterator `at`; nothing when all have ended.
    fn item(&self, iterators: &Tuple, at: usize, fill: &Ref) -> Result<Option<Ref>, Raised> {
        let Some(items) = iterators.get(at).filter(|items| !is_none(items)) else { return Ok(Some(fill.clone())) };
        match next(&items) {
            Ok(Some(item)) => Ok(Some(item)),
            Ok(None) => {
                let left = self.active.get().saturating_sub(1);
                self.active.set(left);
                if left == 0 {
                    return Ok(None);
                }
                // SAFETY: nobody else sees the tuple of iterators.
                drop(unsafe { iterators.replace_item(at, none()) });
                Ok(Some(fill.clone()))
            }
            Err(raised) => {
                self.active.set(0);
                Err(raised)
            }
        }
    }
}

#[pymethods]
impl ZipLongest {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<ZipLongest>, Raised> {
        let mut fill = none();
        if let Some(kwargs) = kwargs.filter(|kwargs| kwargs.len() > 0) {
            let value = kwargs.get(&*Str::intern("fillvalue")?)?;
            let Some(value) = value.filter(|_| kwargs.len() == 1) else {
                return Err(raise!(TypeError, "zip_longest() got an unexpected keyword argument"));
            };
            fill = value;
        }
        let items = args.as_slice();
        let zip = ZipLongest {
            base: Object::header(cls),
            count: items.len(),
            active: Cell::new(items.len()),
            iterators: Field::new(Tuple::build(items.len(), |at| iterator(&items[at]))?),
            result: Field::new(Tuple::build(items.len(), |_| Ok(none()))?),
            fill: Field::new(fill),
        };
        habu_runtime::object::instantiate(cls, zip)
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(iterators) = self.iterators.get().filter(|_| self.active.get() > 0) else { return Ok(None) };
        let fill = self.fill.get().unwrap_or_else(none);
        if let Some(result) = self.result.get()
            && result.refcount() == 2
            && result.len() == self.count
        {
            for at in 0..self.count {
                let Some(item) = self.item(&iterators, at, &fill)? else { return Ok(None) };
                // SAFETY: only this iterator refers to the tuple, so that nobody sees it change.
                drop(unsafe { result.replace_item(at, item) });
            }
            habu_runtime::gc::track(&result);
            return Ok(Some(result.into_object()));
        }
        let mut items = habu_heap::Buffer::with_capacity(self.count)?;
        for at in 0..self.count {
            let Some(item) = self.item(&iterators, at, &fill)? else { return Ok(None) };
            items.push(item)?;
        }
        Ok(Some(Tuple::from_buffer(items)?.into_object()))
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let iterators = self.iterators.get().unwrap_or_else(Tuple::empty);
        let shown = Tuple::build(iterators.len(), |at| {
            let items = argument(&iterators, at);
            Ok(if is_none(&items) { Tuple::empty().into_object() } else { items })
        })?;
        reduced(self, shown, Some(self.fill.get().unwrap_or_else(none)))
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        self.fill.set(Some(state.to_ref()));
        Ok(())
    }
}

/// `function(item)`; for the key functions of the grouping iterators.
pub(super) fn key_of(function: Option<Ref>, item: &Ref) -> Result<Ref, Raised> {
    function.map_or_else(|| Ok(item.clone()), |function| call1(&function, item))
}
