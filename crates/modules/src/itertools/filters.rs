//! `compress`, `dropwhile`, `takewhile`, `filterfalse` and `islice`: some of the items of one iterable.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol::number::index_as_size;
use habu_runtime::object::protocol::{call1, iterator, next, truth};
use habu_runtime::object::{Field, IntoObject, Object, PyType, Raised, Ref, Type};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::value::Bool;
use habu_runtime::types::list::List;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, ends_in_order, raise};

use super::{argument, plain_arguments, reduced};

/// The items that a selector picks.
#[pytype(
    name = "itertools.compress",
    generic_get,
    gc,
    basetype,
    doc = "compress(data, selectors)\n--\n\nReturn data elements corresponding to true selector elements.\n\nForms a shorter iterator from selected data elements using the selectors to\nchoose the data elements."
)]
pub(super) struct Compress {
    base: Object,
    #[traverse]
    data: Field,
    #[traverse]
    selectors: Field,
}

assert_layout!(Compress, size 32);

#[pymethods]
impl Compress {
    #[slot(tp_new)]
    #[signature(data, selectors)]
    fn new(cls: &Type, data: &Object, selectors: &Object) -> Result<Ref<Compress>, Raised> {
        let (data, selectors) = (Field::new(iterator(data)?), Field::new(iterator(selectors)?));
        habu_runtime::object::instantiate(cls, Compress { base: Object::header(cls), data, selectors })
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let (Some(data), Some(selectors)) = (self.data.get(), self.selectors.get()) else { return Ok(None) };
        while let Some(item) = next(&data)? {
            let Some(selector) = next(&selectors)? else { return Ok(None) };
            if truth(&selector)? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let (data, selectors) = (self.data.get().unwrap_or_else(none), self.selectors.get().unwrap_or_else(none));
        reduced(self, Tuple::from_refs([data, selectors])?, None)
    }
}

/// The items from the first one for which a predicate is false.
#[pytype(
    name = "itertools.dropwhile",
    generic_get,
    gc,
    basetype,
    doc = "dropwhile(predicate, iterable, /)\n--\n\nDrop items from the iterable while predicate(item) is true.\n\nAfterwards, return every element until the iterable is exhausted."
)]
pub(super) struct DropWhile {
    base: Object,
    #[traverse]
    items: Field,
    #[traverse]
    predicate: Field,
    /// Whether an item was found for which the predicate is false.
    found: Cell<bool>,
}

/// The items up to the first one for which a predicate is false.
#[pytype(
    name = "itertools.takewhile",
    generic_get,
    gc,
    basetype,
    doc = "takewhile(predicate, iterable, /)\n--\n\nReturn successive entries from an iterable as long as the predicate evaluates to true for each entry."
)]
pub(super) struct TakeWhile {
    base: Object,
    #[traverse]
    items: Field,
    #[traverse]
    predicate: Field,
    found: Cell<bool>,
}

assert_layout!(DropWhile, size 40);
assert_layout!(TakeWhile, size 40);
ends_in_order!(DropWhile: predicate, items);
ends_in_order!(TakeWhile: predicate, items);

/// What the two share.
macro_rules! predicate_methods {
    ($ty:ident) => {
        #[pymethods]
        impl $ty {
            #[slot(tp_new)]
            fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<$ty>, Raised> {
                plain_arguments::<$ty>(cls, args, kwargs, 2, 2)?;
                let (predicate, items) = (Field::new(argument(args, 0)), Field::new(super::iterator_of(args, 1)?));
                let found = Cell::new(false);
                habu_runtime::object::instantiate(cls, $ty { base: Object::header(cls), predicate, items, found })
            }

            #[slot(tp_iter)]
            fn iter(&self) -> Result<Ref, Raised> {
                Ok(self.to_ref())
            }

            #[slot(tp_iternext)]
            fn next(&self) -> Result<Option<Ref>, Raised> {
                let (Some(predicate), Some(items)) = (self.predicate.get(), self.items.get()) else { return Ok(None) };
                self.advance(&predicate, &items)
            }

            /// Return state information for pickling.
            #[name = "__reduce__"]
            #[no_signature]
            fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
                let (predicate, items) =
                    (self.predicate.get().unwrap_or_else(none), self.items.get().unwrap_or_else(none));
                let found = i64::from(self.found.get()).into_object()?;
                reduced(self, Tuple::from_refs([predicate, items])?, Some(found))
            }

            /// Set state information for unpickling.
            #[name = "__setstate__"]
            #[no_signature]
            fn set_state(&self, state: &Object) -> Result<(), Raised> {
                self.found.set(truth(state)?);
                Ok(())
            }
        }
    };
}

predicate_methods!(DropWhile);
predicate_methods!(TakeWhile);

impl DropWhile {
    fn advance(&self, predicate: &Object, items: &Object) -> Result<Option<Ref>, Raised> {
        while let Some(item) = next(items)? {
            if self.found.get() {
                return Ok(Some(item));
            }
            if !truth(&*call1(predicate, &item)?)? {
                self.found.set(true);
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}

impl TakeWhile {
    fn advance(&self, predicate: &Object, items: &Object) -> Result<Option<Ref>, Raised> {
        if self.found.get() {
            return Ok(None);
        }
        let Some(item) = next(items)? else { return Ok(None) };
        if truth(&*call1(predicate, &item)?)? {
            return Ok(Some(item));
        }
        self.found.set(true);
        Ok(None)
    }
}

/// The items for which a function is false.
#[pytype(
    name = "itertools.filterfalse",
    generic_get,
    gc,
    basetype,
    doc = "filterfalse(function, iterable, /)\n--\n\nReturn those items of iterable for which function(item) is false.\n\nIf function is None, return the items that are false."
)]
pub(super) struct FilterFalse {
    base: Object,
    #[traverse]
    items: Field,
    #[traverse]
    function: Field,
}

assert_layout!(FilterFalse, size 32);
ends_in_order!(FilterFalse: function, items);

#[pymethods]
impl FilterFalse {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<FilterFalse>, Raised> {
        plain_arguments::<FilterFalse>(cls, args, kwargs, 2, 2)?;
        let (function, items) = (Field::new(argument(args, 0)), Field::new(super::iterator_of(args, 1)?));
        habu_runtime::object::instantiate(cls, FilterFalse { base: Object::header(cls), function, items })
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let (Some(function), Some(items)) = (self.function.get(), self.items.get()) else { return Ok(None) };
        let by_truth = is_none(&function) || function.is(Bool::type_object());
        while let Some(item) = next(&items)? {
            let holds = if by_truth { truth(&item)? } else { truth(&*call1(&function, &item)?)? };
            if !holds {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let (function, items) = (self.function.get().unwrap_or_else(none), self.items.get().unwrap_or_else(none));
        reduced(self, Tuple::from_refs([function, items])?, None)
    }
}

/// islice(iterable, stop) --> islice object
/// islice(iterable, start, stop[, step]) --> islice object
///
/// Return an iterator whose next() method returns selected values from an
/// iterable.  If start is specified, will skip all preceding elements;
/// otherwise, start defaults to zero.  Step defaults to one.  If
/// specified as another value, step determines how many values are
/// skipped between successive calls.  Works like a slice() on a list
/// but returns an iterator.
#[pytype(name = "itertools.islice", generic_get, gc, basetype)]
pub(super) struct Slice {
    base: Object,
    #[traverse]
    items: Field,
    /// The position of the next item to give.
    next: Cell<isize>,
    /// Where to stop; -1 for nowhere.
    stop: isize,
    step: isize,
    /// How many items were taken.
    taken: Cell<isize>,
}

assert_layout!(Slice, size 56);

/// An index of a slice that is not negative; nothing for what is none.
fn position(value: &Object) -> Option<isize> {
    match index_as_size(value, Some(exc::OverflowError())) {
        Ok(value) => Some(value),
        Err(raised) => {
            raised.clear();
            None
        }
    }
}

fn bad_stop() -> Raised {
    raise!(ValueError, "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
}

fn bad_indices() -> Raised {
    raise!(ValueError, "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
}

#[pymethods]
impl Slice {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Slice>, Raised> {
        if habu_runtime::types::map::refuses_keywords::<Slice>(cls) {
            habu_runtime::object::protocol::sequence::no_keywords("islice", kwargs)?;
        }
        habu_runtime::object::protocol::sequence::check_count("islice", args.len(), 2, 4)?;
        let none = none();
        let (start, stop, step): (&Object, &Object, &Object) = match *args.as_borrowed_slice() {
            [_, stop] => (&none, stop, &none),
            [_, start, stop] => (start, stop, &none),
            [_, start, stop, step, ..] => (start, stop, step),
            _ => (&none, &none, &none),
        };
        let stop = match is_none(stop) {
            true => -1,
            false => position(stop).filter(|stop| *stop != -1).ok_or_else(bad_stop)?,
        };
        let start = if is_none(start) { 0 } else { position(start).ok_or_else(bad_indices)? };
        if start < 0 || stop < -1 {
            return Err(bad_indices());
        }
        let step = if is_none(step) { Some(1) } else { position(step).filter(|step| *step > 0) };
        let Some(step) = step else {
            return Err(raise!(ValueError, "Step for islice() must be a positive integer or None."));
        };
        let slice = Slice {
            base: Object::header(cls),
            items: Field::new(super::iterator_of(args, 0)?),
            next: Cell::new(start),
            stop,
            step,
            taken: Cell::new(0),
        };
        habu_runtime::object::instantiate(cls, slice)
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(items) = self.items.get() else { return Ok(None) };
        let advance = || -> Result<Option<Ref>, Raised> {
            let item = next(&items)?;
            if item.is_some() {
                self.taken.set(self.taken.get().saturating_add(1));
            }
            Ok(item)
        };
        while self.taken.get() < self.next.get() {
            if advance()?.is_none() {
                self.items.set(None);
                return Ok(None);
            }
        }
        let item = if self.stop != -1 && self.taken.get() >= self.stop { None } else { advance()? };
        if item.is_none() {
            self.items.set(None);
            return Ok(None);
        }
        let following = self.next.get().checked_add(self.step);
        let following = following.filter(|next| self.stop == -1 || *next <= self.stop);
        self.next.set(following.unwrap_or(if self.stop == -1 { isize::MAX } else { self.stop }));
        Ok(item)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let Some(items) = self.items.get() else {
            let empty = iterator(&*List::new()?)?;
            return reduced(self, Tuple::from_refs([empty, 0i64.into_object()?])?, Some(0i64.into_object()?));
        };
        let stop = if self.stop == -1 { none() } else { self.stop.into_object()? };
        let arguments = Tuple::from_refs([items, self.next.get().into_object()?, stop, self.step.into_object()?])?;
        reduced(self, arguments, Some(self.taken.get().into_object()?))
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        self.taken.set(habu_runtime::types::iterators::state_index(state)?);
        Ok(())
    }
}
