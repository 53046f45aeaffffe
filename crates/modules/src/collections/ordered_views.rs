//! Views on an `OrderedDict` and the iterator over it.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::protocol;
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, create};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::dict::views::{DictItems, DictKeys, DictValues};
use habu_runtime::types::tuple::Tuple;

use super::ordered::OrderedDict;

/// What an iterator gives.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Keys.
    Keys,
    /// Values.
    Values,
    /// Pairs.
    Items,
}

#[pytype(name = "odict_iterator", doc = "", gc, flag = DISALLOW_INSTANTIATION)]
/// An iterator in either direction.
pub(super) struct OrderedIterator {
    base: Object,
    #[traverse]
    dict: Field<OrderedDict>,
    /// An iterator over the keys from the end, for the way back.
    #[traverse]
    backward: Field,
    kind: Kind,
    at: Cell<usize>,
    state: usize,
    length: usize,
}

impl OrderedIterator {
    fn start(dict: &OrderedDict, kind: Kind, backward: Option<Ref>) -> Result<Ref<OrderedIterator>, Raised> {
        create(OrderedIterator {
            base: Object::of::<OrderedIterator>(),
            dict: Field::new(Ref::from_borrowed(dict)),
            backward: Field::optional(backward),
            kind,
            at: Cell::new(0),
            state: dict.state(),
            length: dict.items().len(),
        })
    }

    pub(super) fn forward(dict: &OrderedDict, kind: Kind) -> Result<Ref<OrderedIterator>, Raised> {
        OrderedIterator::start(dict, kind, None)
    }

    pub(super) fn backward(dict: &OrderedDict, kind: Kind) -> Result<Ref<OrderedIterator>, Raised> {
        let method = protocol::attribute::get_attribute_str(Dict::type_object(), "__reversed__")?;
        let keys = protocol::call1(&method, dict)?;
        OrderedIterator::start(dict, kind, Some(keys))
    }
}

#[pymethods]
impl OrderedIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(dict) = self.dict.get() else { return Ok(None) };
        if dict.state() != self.state {
            return Err(raise!(RuntimeError, "OrderedDict mutated during iteration"));
        }
        if dict.items().len() != self.length {
            return Err(raise!(RuntimeError, "OrderedDict changed size during iteration"));
        }
        let pair = match self.backward.get() {
            Some(keys) => match protocol::next(&keys)? {
                Some(key) => dict.items().get(&key)?.map(|value| (key, value)),
                None => None,
            },
            None => {
                let mut at = self.at.get();
                let pair = dict.items().next_item(&mut at);
                self.at.set(at);
                pair
            }
        };
        let Some((key, value)) = pair else {
            self.dict.set(None);
            return Ok(None);
        };
        match self.kind {
            Kind::Keys => Ok(Some(key)),
            Kind::Values => Ok(Some(value)),
            Kind::Items => Ok(Some(Tuple::from_refs([key, value])?.into_object())),
        }
    }

    /// Return state information for pickling
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        // What is left, without taking it from this iterator.
        let rest = match self.dict.get() {
            None => habu_runtime::types::list::List::new()?,
            Some(dict) => {
                let copy = match self.backward.get() {
                    None => OrderedIterator::forward(&dict, self.kind)?,
                    Some(_) => OrderedIterator::backward(&dict, self.kind)?,
                };
                copy.at.set(self.at.get());
                protocol::sequence::to_list(&copy)?
            }
        };
        let iter = habu_runtime::import::import_module("builtins")?;
        let iter = protocol::attribute::get_attribute_str(&iter, "iter")?;
        Tuple::from_refs([iter, Tuple::from_refs([rest.into_object()])?.into_object()])
    }
}

/// Declares a view.
macro_rules! view {
    ($type:ident, $name:literal, $base:ident, $base_type:path, $kind:expr) => {
        #[pytype(name = $name, doc = "", gc, base = $base_type)]
        #[doc = concat!("`", $name, "`")]
        pub(super) struct $type {
            view: $base,
        }

        impl $type {
            pub(super) fn create(dict: &OrderedDict) -> Result<Ref<$type>, Raised> {
                // SAFETY: an OrderedDict is a dictionary.
                let dict: Ref<Dict> = unsafe { dict.to_ref().cast_into_unchecked() };
                create($type { view: $base::fields(Object::of::<$type>(), dict) })
            }

            fn ordered(&self) -> Option<Ref<OrderedDict>> {
                self.view.mapped()?.into_object().downcast_into::<OrderedDict>().ok()
            }
        }

        #[pymethods]
        impl $type {
            #[slot(tp_iter)]
            fn iter(&self) -> Result<Ref, Raised> {
                match self.ordered() {
                    Some(dict) => Ok(OrderedIterator::forward(&dict, $kind)?.into_object()),
                    None => protocol::iterator(&*Tuple::empty()),
                }
            }

            #[name = "__reversed__"]
            #[no_signature]
            fn reversed(&self) -> Result<Ref, Raised> {
                match self.ordered() {
                    Some(dict) => Ok(OrderedIterator::backward(&dict, $kind)?.into_object()),
                    None => protocol::iterator(&*Tuple::empty()),
                }
            }
        }
    };
}
view!(OrderedKeys, "odict_keys", DictKeys, habu_runtime::types::dict::views::DICT_KEYS_TYPE, Kind::Keys);
view!(OrderedValues, "odict_values", DictValues, habu_runtime::types::dict::views::DICT_VALUES_TYPE, Kind::Values);
view!(OrderedItems, "odict_items", DictItems, habu_runtime::types::dict::views::DICT_ITEMS_TYPE, Kind::Items);

/// Readies the types that have no names.
pub(super) fn ready() -> Result<(), Raised> {
    [
        OrderedIterator::static_type(),
        OrderedKeys::static_type(),
        OrderedValues::static_type(),
        OrderedItems::static_type(),
    ]
    .into_iter()
    .try_for_each(habu_runtime::types::type_::ready::ready_static)
}
