//! `OrderedDict`: a dictionary whose order can be changed.
//!
//! The items are those of the dictionary that it is, their order is a list of its own (see `order`): an item moves to either end, or goes
//! from there, in one step. Methods of `dict` that are called past this type's leave the list as it was, as in CPython: a key that only
//! the list knows is a KeyError when its value is asked for. The layout has CPython's size, with the dictionary of attributes and the
//! weak references at its offsets.

use std::cell::Cell;

use habu_heap::Buffer;
use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::raise_key_error;
use habu_runtime::object::protocol::repr_guard::guarded;
use habu_runtime::object::protocol::{self, TextBuilder, call_method, call0, set_item};
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Stopped, Traverse, Type, Visit};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::dict::table::hash_key;
use habu_runtime::types::list::List;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, none, not_implemented};
use habu_runtime::{assert_layout, id, raise};

use super::order::Order;
use super::ordered_views::{Kind, OrderedItems, OrderedIterator, OrderedKeys, OrderedValues};

/// Dictionary that remembers insertion order
#[pytype(
    name = "collections.OrderedDict",
    c_name = "PyODict_Type",
    gc,
    basetype,
    base = habu_runtime::types::dict::DICT_TYPE,
    dict = attributes,
    weaklist = weaklist
)]
pub struct OrderedDict {
    dict: Dict,
    order: Order,
    attributes: Field<Dict>,
    weaklist: Cell<*const Object>,
}

assert_layout!(OrderedDict, size 112, attributes @ 96, weaklist @ 104);

// Attributes first, then the keys in their order, then the dictionary: as in CPython.
impl Drop for OrderedDict {
    fn drop(&mut self) {
        drop(self.attributes.take());
        self.order.clear();
    }
}

impl OrderedDict {
    /// The dictionary under this one.
    pub(super) fn items(&self) -> &Dict {
        &self.dict
    }

    /// The order of the keys.
    pub(super) fn order(&self) -> &Order {
        &self.order
    }

    fn put(&self, key: &Object, value: &Object) -> Result<(), Raised> {
        let hash = hash_key(key)?;
        self.dict.set_hashed(key, hash, value)?;
        self.order.append(&self.dict, key, hash).inspect_err(|_| {
            // What has no place in the order must not stay.
            habu_runtime::exceptions::keep_current(|| match self.dict.remove_hashed(key, hash) {
                Ok(value) => drop(value),
                Err(raised) => raised.clear(),
            });
        })
    }

    fn take(&self, key: &Object) -> Result<Option<Ref>, Raised> {
        let hash = hash_key(key)?;
        let own = self.order.unlink(&self.dict, key, hash)?;
        let value = self.dict.remove_hashed(key, hash)?;
        drop(own);
        Ok(value)
    }

    /// The items in order. A key that only the list knows is a KeyError.
    fn pairs(&self) -> Result<Buffer<(Ref, Ref)>, Raised> {
        let mut out = Buffer::with_capacity(self.dict.len())?;
        let state = self.order.state();
        for (key, _) in self.order.keys()?.iter() {
            let value = self.dict.get(key)?.ok_or_else(|| raise_key_error(key))?;
            out.push((key.clone(), value))?;
            if self.order.state() != state {
                return Err(raise!(RuntimeError, "OrderedDict mutated during iteration"));
            }
        }
        Ok(out)
    }

    /// Takes in what `update` accepts; each item goes through the instance's own `__setitem__`.
    fn take_in(&self, other: &Object) -> Result<(), Raised> {
        if let Some(dict) = other.downcast_exact::<Dict>() {
            let items = protocol::mapping::items(dict)?;
            return self.take_in_pairs(&items);
        }
        if let Some(method) = protocol::lookup_attribute(other, id!(keys))? {
            let keys = protocol::iterator(&*call0(&method)?)?;
            while let Some(key) = protocol::next(&keys)? {
                let value = protocol::sequence::get_item(other, &key)?;
                set_item(self, &key, &value)?;
            }
            return Ok(());
        }
        if let Some(method) = protocol::lookup_attribute(other, id!(items))? {
            return self.take_in_pairs(&*call0(&method)?);
        }
        self.take_in_pairs(other)
    }

    fn take_in_pairs(&self, pairs: &Object) -> Result<(), Raised> {
        let pairs = protocol::iterator(pairs)?;
        while let Some(pair) = protocol::next(&pairs)? {
            let parts = protocol::iterator(&pair)?;
            let next = || protocol::next(&parts);
            let Some(key) = next()? else {
                return Err(raise!(ValueError, "need more than 0 values to unpack"));
            };
            let Some(value) = next()? else {
                return Err(raise!(ValueError, "need more than 1 value to unpack"));
            };
            if next()?.is_some() {
                return Err(raise!(ValueError, "too many values to unpack (expected 2)"));
            }
            set_item(self, &key, &value)?;
        }
        Ok(())
    }

    fn take_in_arguments(&self, args: &[Ref], kwargs: Option<&Dict>) -> Result<(), Raised> {
        if let Some(other) = args.first() {
            self.take_in(other)?;
        }
        match kwargs {
            Some(kwargs) => self.take_in_pairs(&*protocol::mapping::items(kwargs)?),
            None => Ok(()),
        }
    }

    fn is_plain(&self) -> bool {
        std::ptr::eq(self.ty(), OrderedDict::type_object())
    }

    fn empty_of(cls: &Type) -> Result<Ref, Raised> {
        call0(cls)
    }

    fn same_order(&self, other: &OrderedDict) -> Result<bool, Raised> {
        let (ours, theirs) = (self.order.keys()?, other.order.keys()?);
        for ((mine, _), (other, _)) in ours.iter().zip(theirs.iter()) {
            if !protocol::equal(mine, other)? {
                return Ok(false);
            }
        }
        Ok(ours.len() == theirs.len())
    }
}

#[pymethods]
impl OrderedDict {
    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        if args.len() > 1 {
            return Err(raise!(TypeError, "expected at most 1 arguments, got {}", args.len()));
        }
        self.take_in_arguments(args.as_slice(), kwargs)
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.attributes.traverse(visit)?;
        self.order.visit(visit)?;
        if let Some(traverse) = Dict::type_object().tp_traverse.get() {
            // SAFETY: this is an instance of a subclass of dict.
            unsafe { visit.by(traverse, self) }?;
        }
        Ok(())
    }

    #[slot(tp_clear)]
    fn drop_items(&self) {
        self.attributes.set(None);
        self.dict.clear_items();
        self.order.clear();
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let name = Str::new(self.ty().name())?;
        if self.dict.len() == 0 {
            return Str::from_format(format_args!("{name}()"));
        }
        guarded(
            self,
            || Str::new("..."),
            || {
                let items = if self.is_plain() {
                    let items = List::new()?;
                    for (key, value) in self.pairs()?.iter() {
                        items.push(Tuple::from_refs([key.clone(), value.clone()])?.into_object())?;
                    }
                    items
                } else {
                    protocol::sequence::to_list(&*call_method(self, id!(items), &[])?)?
                };
                let mut text = TextBuilder::new();
                text.push(&name)?;
                text.push_ascii("(")?;
                text.push(&*protocol::repr(&items)?)?;
                text.push_ascii(")")?;
                text.finish()
            },
        )
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let same = match op {
            CompareOp::Eq => true,
            CompareOp::Ne => false,
            _ => return Ok(not_implemented()),
        };
        if !other.isinstance::<Dict>() {
            return Ok(not_implemented());
        }
        let Some(slot) = Dict::type_object().tp_richcompare.get() else { return Ok(not_implemented()) };
        // SAFETY: this is an instance of a subclass of dict.
        let mut equal = protocol::truth(&*unsafe { slot(self, other, CompareOp::Eq as std::ffi::c_int) }?)?;
        if equal && let Some(other) = other.downcast::<OrderedDict>() {
            equal = self.same_order(other)?;
        }
        Ok(boolean(equal == same))
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<OrderedIterator>, Raised> {
        OrderedIterator::forward(self, Kind::Keys)
    }

    #[slot(mp_ass_subscript)]
    fn assign(&self, key: &Object, value: Option<&Object>) -> Result<(), Raised> {
        match value {
            Some(value) => self.put(key, value),
            None => match self.take(key)? {
                Some(_) => Ok(()),
                None => Err(raise_key_error(key)),
            },
        }
    }

    #[slot(nb_or)]
    fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
        if !left.isinstance::<Dict>() || !right.isinstance::<Dict>() {
            return Ok(not_implemented());
        }
        let cls = if left.isinstance::<OrderedDict>() { left.type_ref() } else { right.type_ref() };
        let new = protocol::call1(&cls, left)?;
        match new.downcast::<OrderedDict>() {
            Some(ordered) => ordered.take_in(right)?,
            None => drop(call_method(&new, &*Str::intern("update")?, &[right])?),
        }
        Ok(new)
    }

    #[slot(nb_inplace_or)]
    fn inplace_or(&self, other: &Object) -> Result<Ref, Raised> {
        self.take_in(other)?;
        Ok(self.to_ref())
    }

    /// Create a new ordered dictionary with keys from iterable and values set to value.
    #[classmethod]
    #[signature(iterable, value = None)]
    fn fromkeys(cls: &Type, iterable: &Object, value: Option<&Object>) -> Result<Ref, Raised> {
        let new = OrderedDict::empty_of(cls)?;
        let nothing = none();
        protocol::for_each(iterable, |key| set_item(&new, &key, value.unwrap_or(&nothing)))?;
        Ok(new)
    }

    #[name = "__sizeof__"]
    #[no_signature]
    fn size(&self) -> Result<usize, Raised> {
        Ok(self.dict.size() + self.order.size(self.dict.len()))
    }

    /// Return state information for pickling
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let state = call_method(self, &*Str::intern("__getstate__")?, &[])?;
        let items = protocol::iterator(&*call_method(self, id!(items), &[])?)?;
        Tuple::from_refs([self.type_ref().into_object(), Tuple::empty().into_object(), state, none(), items])
    }

    /// Insert key with a value of default if key is not in the dictionary.
    ///
    /// Return the value for key if key is in the dictionary, else default.
    #[signature(key, default = None)]
    fn setdefault(&self, key: &Object, default: Option<&Object>) -> Result<Ref, Raised> {
        let nothing = none();
        let default = default.unwrap_or(&nothing);
        if self.is_plain() {
            if let Some(value) = self.dict.get(key)? {
                return Ok(value);
            }
            self.put(key, default)?;
            return Ok(default.to_ref());
        }
        if protocol::contains(self, key)? {
            return protocol::sequence::get_item(self, key);
        }
        set_item(self, key, default)?;
        Ok(default.to_ref())
    }

    /// od.pop(key[,default]) -> v, remove specified key and return the corresponding value.
    ///
    /// If the key is not found, return the default if given; otherwise,
    /// raise a KeyError.
    #[signature(key, default = None)]
    #[shown("($self, /, key, default=<unrepresentable>)")]
    fn pop(&self, key: &Object, default: Option<&Object>) -> Result<Ref, Raised> {
        match (self.take(key)?, default) {
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok(default.to_ref()),
            (None, None) => Err(raise_key_error(key)),
        }
    }

    /// Remove and return a (key, value) pair from the dictionary.
    ///
    /// Pairs are returned in LIFO order if last is true or FIFO order if false.
    #[signature(last = true)]
    fn popitem(&self, last: bool) -> Result<Ref<Tuple>, Raised> {
        let node = self.order.end(last);
        // SAFETY: nothing has changed the list since.
        let Some((key, hash, _)) = (unsafe { self.order.step(node, last) }) else {
            return Err(raise!(KeyError, "dictionary is empty"));
        };
        let state = self.order.state();
        let own = match self.order.unlink(&self.dict, &key, hash)? {
            Some(own) => Some(own),
            // The key is in the list alone: it goes from there.
            // SAFETY: the state says that nothing changed the list since the node was found.
            None if self.order.state() == state => unsafe { self.order.unlink_node(node) },
            None => None,
        };
        let value = self.dict.remove_hashed(&key, hash)?;
        drop(own);
        match value {
            Some(value) => Tuple::from_refs([key, value]),
            None => Err(raise_key_error(&key)),
        }
    }

    /// od.keys() -> a view of the keys
    #[no_signature]
    fn keys(&self) -> Result<Ref<OrderedKeys>, Raised> {
        OrderedKeys::create(self)
    }

    /// od.values() -> a view of the values
    #[no_signature]
    fn values(&self) -> Result<Ref<OrderedValues>, Raised> {
        OrderedValues::create(self)
    }

    /// od.items() -> a view of the items
    #[name = "items"]
    #[no_signature]
    fn items_view(&self) -> Result<Ref<OrderedItems>, Raised> {
        OrderedItems::create(self)
    }

    /// D.update([E, ]**F) -> None.  Update D from mapping/iterable E and F.
    #[raw]
    #[no_signature]
    fn update(&self, args: &[&Object], names: Option<&Tuple>) -> Result<(), Raised> {
        let count = args.len() - names.map_or(0, Tuple::len);
        let (positional, named) = args.split_at(count);
        if count > 1 {
            return Err(raise!(TypeError, "update() takes at most 1 positional argument ({count} given)"));
        }
        if let Some(other) = positional.first() {
            self.take_in(other)?;
        }
        for (name, value) in names.map_or(&[][..], Tuple::as_slice).iter().zip(named) {
            set_item(self, name, value)?;
        }
        Ok(())
    }

    /// od.clear() -> None.  Remove all items from od.
    #[no_signature]
    fn clear(&self) -> Result<(), Raised> {
        self.dict.clear_items();
        self.order.clear();
        Ok(())
    }

    /// od.copy() -> a shallow copy of od
    #[no_signature]
    fn copy(&self) -> Result<Ref, Raised> {
        let new = OrderedDict::empty_of(self.ty())?;
        let plain = self.is_plain();
        for (key, value) in self.pairs()?.iter() {
            if plain {
                set_item(&new, key, value)?;
            } else {
                let value = protocol::sequence::get_item(self, key)?;
                set_item(&new, key, &value)?;
            }
        }
        Ok(new)
    }

    /// od.__reversed__() <==> reversed(od)
    #[name = "__reversed__"]
    #[no_signature]
    fn reversed(&self) -> Result<Ref<OrderedIterator>, Raised> {
        OrderedIterator::backward(self, Kind::Keys)
    }

    /// Move an existing element to the end (or beginning if last is false).
    ///
    /// Raise KeyError if the element does not exist.
    #[signature(key, last = true)]
    fn move_to_end(&self, key: &Object, last: bool) -> Result<(), Raised> {
        let hash = hash_key(key)?;
        let node = self.order.find(&self.dict, key, hash)?;
        if node.is_null() {
            return Err(raise_key_error(key));
        }
        // SAFETY: the node was found just now.
        unsafe { self.order.move_to(node, last) };
        Ok(())
    }

    #[getter]
    #[name = "__dict__"]
    fn get_dict(&self) -> Result<Ref<Dict>, Raised> {
        crate::functools::own_dict(&self.attributes)
    }

    #[setter]
    #[name = "__dict__"]
    fn set_dict(&self, value: Option<&Object>) -> Result<(), Raised> {
        crate::functools::set_own_dict(&self.attributes, value)
    }
}
