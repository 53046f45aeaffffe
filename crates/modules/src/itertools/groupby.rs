//! `groupby`: runs of items with equal keys, each an iterator that shares its items with the whole.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::assert_layout;
use habu_runtime::object::protocol::{equal, iterator, next};
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::iterators;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;

use super::joins::key_of;
use super::{argument, plain_arguments, reduced, state_tuple};

/// Runs of items with equal keys.
#[pytype(
    name = "itertools.groupby",
    generic_get,
    gc,
    basetype,
    doc = "groupby(iterable, key=None)\n--\n\nmake an iterator that returns consecutive keys and groups from the iterable\n\n  iterable\n    Elements to divide into groups according to the key function.\n  key\n    A function for computing the group category for each element.\n    If the key function is not specified or is None, the element itself\n    is used for grouping."
)]
pub(super) struct GroupBy {
    base: Object,
    #[traverse]
    items: Field,
    #[traverse]
    function: Field,
    /// The key of the group that was given last.
    #[traverse]
    target_key: Field,
    /// The key of the item read last.
    #[traverse]
    current_key: Field,
    /// The item read last, until a group gives it.
    #[traverse]
    current_value: Field,
    /// The address of the group that was given last, which alone goes on.
    group: Cell<*const Object>,
}

/// One group.
#[pytype(name = "itertools._grouper", generic_get, doc = "", gc)]
pub(super) struct Grouper {
    base: Object,
    #[traverse]
    parent: Field<GroupBy>,
    #[traverse]
    target_key: Field,
}

assert_layout!(GroupBy, size 64);
assert_layout!(Grouper, size 32);

impl GroupBy {
    /// Reads the next item and its key; false at the end.
    fn step(&self) -> Result<bool, Raised> {
        let Some(items) = self.items.get() else { return Ok(false) };
        let Some(value) = next(&items)? else { return Ok(false) };
        let key = key_of(self.function.get().filter(|key| !is_none(key)), &value)?;
        self.current_value.set(Some(value));
        self.current_key.set(Some(key));
        Ok(true)
    }

    fn start_group(&self, target_key: Ref) -> Result<Ref<Grouper>, Raised> {
        let group = habu_runtime::object::create(Grouper {
            base: Object::of::<Grouper>(),
            parent: Field::new(Ref::from_borrowed(self)),
            target_key: Field::new(target_key),
        })?;
        self.group.set(std::ptr::from_ref::<Object>(&group));
        Ok(group)
    }
}

#[pymethods]
impl GroupBy {
    #[slot(tp_new)]
    #[signature(iterable, key = None)]
    fn new(cls: &Type, iterable: &Object, key: Option<&Object>) -> Result<Ref<GroupBy>, Raised> {
        let groups = GroupBy {
            base: Object::header(cls),
            items: Field::new(iterator(iterable)?),
            function: Field::new(key.map_or_else(none, Object::to_ref)),
            target_key: Field::empty(),
            current_key: Field::empty(),
            current_value: Field::empty(),
            group: Cell::new(std::ptr::null()),
        };
        habu_runtime::object::instantiate(cls, groups)
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        self.group.set(std::ptr::null());
        // Goes past what is left of the group before.
        loop {
            match (self.current_key.get(), self.target_key.get()) {
                (None, _) => {}
                (Some(_), None) => break,
                (Some(current), Some(target)) => {
                    if !equal(&target, &current)? {
                        break;
                    }
                }
            }
            if !self.step()? {
                return Ok(None);
            }
        }
        let Some(key) = self.current_key.get() else { return Ok(None) };
        self.target_key.set(Some(key.clone()));
        let group = self.start_group(key.clone())?;
        Ok(Some(Tuple::from_refs([key, group.into_object()])?.into_object()))
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let items = self.items.get().unwrap_or_else(none);
        let arguments = Tuple::from_refs([items, self.function.get().unwrap_or_else(none)])?;
        let state = match (self.current_key.get(), self.current_value.get(), self.target_key.get()) {
            (Some(key), Some(value), Some(target)) => Some(Tuple::from_refs([key, value, target])?.into_object()),
            _ => None,
        };
        reduced(self, arguments, state)
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        let state = state_tuple(state)?;
        let [key, value, target] = state.as_slice() else {
            return Err(raise!(TypeError, "function takes exactly 3 arguments ({} given)", state.len()));
        };
        self.current_key.set(Some(key.clone()));
        self.current_value.set(Some(value.clone()));
        self.target_key.set(Some(target.clone()));
        Ok(())
    }
}

#[pymethods]
impl Grouper {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Grouper>, Raised> {
        plain_arguments::<Grouper>(cls, args, kwargs, 2, 2)?;
        match argument(args, 0).downcast::<GroupBy>() {
            Some(parent) => parent.start_group(argument(args, 1)),
            None => Err(raise!(
                TypeError,
                "_grouper() argument 1 must be {}, not {}",
                GroupBy::type_object().full_name(),
                argument(args, 0).ty().full_name()
            )),
        }
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let (Some(parent), Some(target)) = (self.parent.get(), self.target_key.get()) else { return Ok(None) };
        if !std::ptr::addr_eq(parent.group.get(), self) {
            return Ok(None);
        }
        if parent.current_value.is_empty() && !parent.step()? {
            return Ok(None);
        }
        let Some(key) = parent.current_key.get() else { return Ok(None) };
        if !equal(&target, &key)? {
            return Ok(None);
        }
        let value = parent.current_value.take();
        parent.current_key.set(None);
        Ok(value)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        match (self.parent.get(), self.target_key.get()) {
            (Some(parent), Some(target)) if std::ptr::addr_eq(parent.group.get(), self) => {
                reduced(self, Tuple::from_refs([parent.into_object(), target])?, None)
            }
            _ => {
                let iter = iterators::builtin(habu_runtime::id!(iter))?;
                iterators::reduce_at(iter, None, 0, iterators::nothing)
            }
        }
    }
}
