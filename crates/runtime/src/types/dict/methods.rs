//! What Python calls on a dictionary.

use habu_macros::pymethods;

use super::iterators::{DictKeyIterator, DictReverseKeyIterator};
use super::keys::log2_for_entries;
use super::merge::Override;
use super::table::hash_key;
use super::value::Dict;
use super::views::{DictItems, DictKeys, DictValues};
use crate::exceptions::raise_key_error;
use crate::object::protocol::repr_guard::guarded;
use crate::object::slots::CompareOp;
use crate::object::{Object, PyType, Raised, Ref, Stopped, Traverse, Type, Visit, protocol};
use crate::raise;
use crate::types::not_implemented;
use crate::types::set::{FrozenSet, Set, SetCore};
use crate::types::singletons::none_static;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

impl Traverse for Dict {
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        let text = self.keys().kind != super::keys::Kind::General;
        let mut at = 0;
        while let Some(index) = self.next_index(&mut at) {
            let (key, value) = self.cells_at(index);
            // SAFETY: the entry is in use; a visitor changes nothing.
            let (key, value) = unsafe { (key.get().as_ref(), value.get().as_ref()) };
            if let Some(value) = value {
                visit.object(value)?;
            }
            if !text && let Some(key) = key {
                visit.object(key)?;
            }
        }
        Ok(())
    }

    fn clear(&self) {
        self.clear_items();
    }
}

impl Dict {
    /// What `dict()`, `__init__` and `update` do with their arguments.
    fn update_common(&self, name: &str, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        match args.as_slice() {
            [] => {}
            [argument] => self.update_argument(argument)?,
            _ => return Err(raise!(TypeError, "{name} expected at most 1 argument, got {}", args.len())),
        }
        if let Some(kwargs) = kwargs.filter(|kwargs| kwargs.len() > 0) {
            let mut at = 0;
            while let Some((key, _)) = kwargs.next_item(&mut at) {
                if !key.isinstance::<Str>() {
                    return Err(raise!(TypeError, "keywords must be strings"));
                }
            }
            self.merge(kwargs, Override::Replace)?;
        }
        Ok(())
    }

    /// Whether two dictionaries have equal values under the same keys.
    fn equals(&self, other: &Dict) -> Result<bool, Raised> {
        if self.len() != other.len() {
            return Ok(false);
        }
        let mut at = 0;
        while let Some((key, hash, value)) = self.next_hashed(&mut at) {
            let Some(theirs) = other.get_hashed(&key, hash)? else { return Ok(false) };
            if !protocol::equal(&value, &theirs)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The value of a key that `self[key]` did not find: `__missing__` of a subclass, or KeyError.
    #[cold]
    fn missing(&self, key: &Object) -> Result<Ref, Raised> {
        if !self.is_exact::<Dict>()
            && let Some(missing) = protocol::lookup_special(self, crate::id!(__missing__))?
        {
            return protocol::call1(&missing, key);
        }
        Err(raise_key_error(key))
    }

    /// `{key: value, ...}`
    fn show(&self) -> Result<Ref<Str>, Raised> {
        let mut text = protocol::TextBuilder::new();
        text.push_ascii("{")?;
        let (mut at, mut first) = (0, true);
        while let Some((key, value)) = self.next_item(&mut at) {
            if !first {
                text.push_ascii(", ")?;
            }
            first = false;
            text.push(&*protocol::repr(&key)?)?;
            text.push_ascii(": ")?;
            text.push(&*protocol::repr(&value)?)?;
        }
        text.push_ascii("}")?;
        text.finish()
    }
}

#[pymethods]
impl Dict {
    #[slot(tp_new)]
    fn new_instance(cls: &Type, args: &Tuple, _kwargs: Option<&Dict>) -> Result<Ref<Dict>, Raised> {
        let _ = args;
        // Not from the free list: calls of the type allocate.
        let dict = crate::object::instantiate(cls, Dict::fields(super::keys::Keys::empty()))?;
        if std::ptr::eq(cls, Dict::type_object()) {
            crate::gc::untrack(&dict);
        }
        Ok(dict)
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        self.update_common("dict", args, kwargs)
    }

    #[slot(tp_vectorcall)]
    fn vectorcall(cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        let Some(cls) = cls.downcast::<Type>() else {
            return Err(raise!(SystemError, "bad argument to internal function"));
        };
        let count = arguments.len() - names.map_or(0, Tuple::len);
        if count > 1 {
            return Err(raise!(TypeError, "dict expected at most 1 argument, got {count}"));
        }
        let dict = Dict::new_instance(cls, &Tuple::empty(), None)?;
        if let Some(argument) = arguments[..count].first() {
            dict.update_argument(argument)?;
        }
        if let Some(names) = names {
            for (name, value) in names.as_slice().iter().zip(&arguments[count..]) {
                dict.set(name, value)?;
            }
        }
        Ok(dict.into_object())
    }

    #[slot(tp_traverse)]
    fn traverse_items(&self, visit: &Visit) -> Result<(), Stopped> {
        self.traverse(visit)
    }

    #[slot(tp_clear)]
    fn clear_slot(&self) {
        self.clear_items();
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        if self.len() == 0 {
            return Str::new("{}");
        }
        guarded(self, || Str::new("{...}"), || self.show())
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let (Some(other), CompareOp::Eq | CompareOp::Ne) = (other.downcast::<Dict>(), op) else {
            return Ok(not_implemented());
        };
        let equal = self.equals(other)?;
        Ok(crate::types::boolean(equal == (op == CompareOp::Eq)))
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<DictKeyIterator>, Raised> {
        DictKeyIterator::new(Ref::from_borrowed(self))
    }

    #[slot(mp_length)]
    fn length(&self) -> Result<usize, Raised> {
        Ok(self.len())
    }

    #[slot(mp_subscript)]
    pub(crate) fn subscript(&self, key: &Object) -> Result<Ref, Raised> {
        match self.get(key)? {
            Some(value) => Ok(value),
            None => self.missing(key),
        }
    }

    #[slot(mp_ass_subscript)]
    fn assign(&self, key: &Object, value: Option<&Object>) -> Result<(), Raised> {
        match value {
            Some(value) => self.set(key, value),
            None => match self.remove(key)? {
                Some(_) => Ok(()),
                None => Err(raise_key_error(key)),
            },
        }
    }

    #[slot(sq_contains)]
    fn has(&self, key: &Object) -> Result<bool, Raised> {
        self.contains(key)
    }

    #[slot(nb_or)]
    fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
        let (Some(left), Some(right)) = (left.downcast::<Dict>(), right.downcast::<Dict>()) else {
            return Ok(not_implemented());
        };
        let both = left.copy()?;
        both.update_argument(right)?;
        Ok(both.into_object())
    }

    #[slot(nb_inplace_or)]
    fn inplace_or(&self, other: &Object) -> Result<Ref, Raised> {
        self.update_argument(other)?;
        Ok(self.to_ref())
    }

    /// True if the dictionary has the specified key, else False.
    #[coexist]
    fn __contains__(&self, key: &Object) -> Result<bool, Raised> {
        self.contains(key)
    }

    /// x.__getitem__(y) <==> x[y]
    #[coexist]
    #[no_signature]
    fn __getitem__(&self, key: &Object) -> Result<Ref, Raised> {
        self.subscript(key)
    }

    /// D.__sizeof__() -> size of D in memory, in bytes
    #[no_signature]
    fn __sizeof__(&self) -> Result<usize, Raised> {
        Ok(self.size())
    }

    /// Return the value for key if key is in the dictionary, else default.
    #[name = "get"]
    #[signature(key, default = None, /)]
    fn get_default(&self, key: &Object, default: Option<&Object>) -> Result<Ref, Raised> {
        Ok(self.get(key)?.unwrap_or_else(|| default.unwrap_or(none_static()).to_ref()))
    }

    /// Insert key with a value of default if key is not in the dictionary.
    ///
    /// Return the value for key if key is in the dictionary, else default.
    #[signature(key, default = None, /)]
    fn setdefault(&self, key: &Object, default: Option<&Object>) -> Result<Ref, Raised> {
        self.get_or_insert(key, default.unwrap_or(none_static()))
    }

    /// D.pop(k[,d]) -> v, remove specified key and return the corresponding value.
    ///
    /// If the key is not found, return the default if given; otherwise,
    /// raise a KeyError.
    #[signature(key, default = Default::default(), /)]
    fn pop(&self, key: &Object, default: Option<&Object>) -> Result<Ref, Raised> {
        let found = if self.len() == 0 { None } else { self.remove(key)? };
        match (found, default) {
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok(default.to_ref()),
            (None, None) => Err(raise_key_error(key)),
        }
    }

    /// Remove and return a (key, value) pair as a 2-tuple.
    ///
    /// Pairs are returned in LIFO (last-in, first-out) order.
    /// Raises KeyError if the dict is empty.
    fn popitem(&self) -> Result<Ref<Tuple>, Raised> {
        match self.pop_last()? {
            Some((key, value)) => Tuple::from_refs([key, value]),
            None => Err(raise!(KeyError, "popitem(): dictionary is empty")),
        }
    }

    /// D.keys() -> a set-like object providing a view on D's keys
    #[no_signature]
    #[name = "keys"]
    pub(crate) fn view_keys(&self) -> Result<Ref<DictKeys>, Raised> {
        DictKeys::new(Ref::from_borrowed(self))
    }

    /// D.items() -> a set-like object providing a view on D's items
    #[no_signature]
    #[name = "items"]
    pub(crate) fn view_items(&self) -> Result<Ref<DictItems>, Raised> {
        DictItems::new(Ref::from_borrowed(self))
    }

    /// D.values() -> an object providing a view on D's values
    #[no_signature]
    #[name = "values"]
    pub(crate) fn view_values(&self) -> Result<Ref<DictValues>, Raised> {
        DictValues::new(Ref::from_borrowed(self))
    }

    /// D.update([E, ]**F) -> None.  Update D from dict/iterable E and F.
    /// If E is present and has a .keys() method, then does:  for k in E: D[k] = E[k]
    /// If E is present and lacks a .keys() method, then does:  for k, v in E: D[k] = v
    /// In either case, this is followed by: for k in F:  D[k] = F[k]
    #[raw]
    #[name = "update"]
    fn update_method(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<(), Raised> {
        let count = arguments.len() - names.map_or(0, Tuple::len);
        if count > 1 {
            return Err(raise!(TypeError, "update expected at most 1 argument, got {count}"));
        }
        if let Some(argument) = arguments[..count].first() {
            self.update_argument(argument)?;
        }
        if let Some(names) = names {
            for (name, value) in names.as_slice().iter().zip(&arguments[count..]) {
                self.set(name, value)?;
            }
        }
        Ok(())
    }

    /// Create a new dictionary with keys from iterable and values set to value.
    #[classmethod]
    #[signature(iterable, value = None, /)]
    fn fromkeys(cls: &Type, iterable: &Object, value: Option<&Object>) -> Result<Ref, Raised> {
        let value = value.unwrap_or(none_static());
        let made = protocol::call0(cls)?;
        let Some(dict) = made.downcast_exact::<Dict>() else {
            protocol::for_each(iterable, |key| protocol::set_item(&made, &key, value))?;
            return Ok(made);
        };
        if let Some(keys) = iterable.downcast_exact::<Dict>() {
            dict.resize(log2_for_entries(keys.len()), keys.keys().kind != super::keys::Kind::General)?;
            let mut at = 0;
            while let Some((key, hash, _)) = keys.next_hashed(&mut at) {
                dict.set_hashed(&key, hash, value)?;
            }
            return Ok(made);
        }
        if (iterable.is_exact::<Set>() || iterable.is_exact::<FrozenSet>())
            && let Some(set) = SetCore::of(iterable)
        {
            dict.resize(log2_for_entries(set.len()), false)?;
            let mut at = 0;
            while let Some((key, hash)) = set.next(&mut at) {
                dict.insert(key, hash, value.to_ref())?;
            }
            return Ok(made);
        }
        protocol::for_each(iterable, |key| dict.insert(key.clone(), hash_key(&key)?, value.to_ref()))?;
        Ok(made)
    }

    /// D.clear() -> None.  Remove all items from D.
    #[no_signature]
    #[name = "clear"]
    fn clear_method(&self) -> Result<(), Raised> {
        self.clear_items();
        Ok(())
    }

    /// D.copy() -> a shallow copy of D
    #[no_signature]
    #[name = "copy"]
    fn copy_method(&self) -> Result<Ref<Dict>, Raised> {
        self.copy()
    }

    /// Return a reverse iterator over the dict keys.
    fn __reversed__(&self) -> Result<Ref<DictReverseKeyIterator>, Raised> {
        DictReverseKeyIterator::new(Ref::from_borrowed(self))
    }

    /// See PEP 585
    #[classmethod]
    #[no_signature]
    fn __class_getitem__(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        crate::types::generic_alias::alias(cls, item)
    }
}
