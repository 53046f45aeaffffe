//! Views on an `OrderedDict` and the iterator over it.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::raise_key_error;
use habu_runtime::object::protocol;
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, create};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::dict::views::{DictItems, DictKeys, DictValues};
use habu_runtime::types::tuple::Tuple;

use super::order::Node;
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

#[pytype(name = "odict_iterator", generic_get, c_name = "PyODictIter_Type", doc = "", gc, flag = DISALLOW_INSTANTIATION)]
/// An iterator in either direction.
pub(super) struct OrderedIterator {
    base: Object,
    kind: Kind,
    back: bool,
    #[traverse]
    dict: Field<OrderedDict>,
    length: usize,
    /// The state of the list in which `at` is good.
    state: usize,
    at: Cell<*const Node>,
    unused: usize,
}

habu_runtime::assert_layout!(OrderedIterator, size 64);

impl OrderedIterator {
    fn start(dict: &OrderedDict, kind: Kind, back: bool) -> Result<Ref<OrderedIterator>, Raised> {
        create(OrderedIterator {
            base: Object::of::<OrderedIterator>(),
            kind,
            back,
            dict: Field::new(Ref::from_borrowed(dict)),
            length: dict.items().len(),
            state: dict.order().state(),
            at: Cell::new(dict.order().end(back)),
            unused: 0,
        })
    }

    pub(super) fn forward(dict: &OrderedDict, kind: Kind) -> Result<Ref<OrderedIterator>, Raised> {
        OrderedIterator::start(dict, kind, false)
    }

    pub(super) fn backward(dict: &OrderedDict, kind: Kind) -> Result<Ref<OrderedIterator>, Raised> {
        OrderedIterator::start(dict, kind, true)
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
        if dict.order().state() != self.state {
            return Err(raise!(RuntimeError, "OrderedDict mutated during iteration"));
        }
        if dict.items().len() != self.length {
            return Err(raise!(RuntimeError, "OrderedDict changed size during iteration"));
        }
        // SAFETY: the list is in the state in which it gave the node.
        let Some((key, _, next)) = (unsafe { dict.order().step(self.at.get(), self.back) }) else {
            self.dict.set(None);
            return Ok(None);
        };
        self.at.set(next);
        if self.kind == Kind::Keys {
            return Ok(Some(key));
        }
        let value = dict.items().get(&key)?.ok_or_else(|| raise_key_error(&key))?;
        match self.kind {
            Kind::Values => Ok(Some(value)),
            _ => Ok(Some(Tuple::from_refs([key, value])?.into_object())),
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
                let copy = OrderedIterator::start(&dict, self.kind, self.back)?;
                // A state that has passed makes the copy fail as this one would.
                if copy.state != self.state {
                    return Err(raise!(RuntimeError, "OrderedDict mutated during iteration"));
                }
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
    ($type:ident, $name:literal, $symbol:literal, $base:ident, $base_type:path, $kind:expr) => {
        #[pytype(name = $name, c_name = $symbol, doc = "", gc, base = $base_type)]
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
view!(
    OrderedKeys,
    "odict_keys",
    "PyODictKeys_Type",
    DictKeys,
    habu_runtime::types::dict::views::DICT_KEYS_TYPE,
    Kind::Keys
);
view!(
    OrderedValues,
    "odict_values",
    "PyODictValues_Type",
    DictValues,
    habu_runtime::types::dict::views::DICT_VALUES_TYPE,
    Kind::Values
);
view!(
    OrderedItems,
    "odict_items",
    "PyODictItems_Type",
    DictItems,
    habu_runtime::types::dict::views::DICT_ITEMS_TYPE,
    Kind::Items
);

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
