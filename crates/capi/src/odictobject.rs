//! `odictobject.h`: ordered dictionaries, made and changed through their own methods; and a persistent map, which tests of the C API ask for.

use std::cell::Cell;
use std::ffi::c_int;

use habu_macros::{pymethods, pytype};
use habu_modules::collections::ordered::OrderedDict;
use habu_modules::contextvars::listed::{items_of, keys_of, values_of};
use habu_runtime::exceptions::raise_key_error;
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, create, protocol};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::type_::ready::ready_static;

use crate::border::*;

/// A persistent map (`hamt`): a change gives a new one. Each has a dictionary of its own, which nobody else sees and nothing changes. Contexts,
/// whose keys are variables alone, have a trie instead; this map is for keys that compare by Python code.
#[pytype(name = "hamt", generic_get, doc = "", gc, weaklist = weaklist)]
pub struct PersistentMap {
    base: Object,
    #[traverse]
    items: Field<Dict>,
    weaklist: Cell<*const Object>,
}

impl PersistentMap {
    fn of(items: Ref<Dict>) -> Result<Ref<PersistentMap>, Raised> {
        create(PersistentMap {
            base: Object::of::<PersistentMap>(),
            items: Field::new(items),
            weaklist: Cell::new(std::ptr::null()),
        })
    }

    fn dict(&self) -> Result<Ref<Dict>, Raised> {
        match self.items.get() {
            Some(items) => Ok(items),
            None => Dict::new(),
        }
    }
}

#[pymethods]
impl PersistentMap {
    /// The map with one more item.
    fn set(&self, key: &Object, value: &Object) -> Result<Ref<PersistentMap>, Raised> {
        let items = self.dict()?;
        if items.get(key)?.is_some_and(|known| known.is(value)) {
            return Ok(Ref::from_borrowed(self));
        }
        let items = items.copy()?;
        items.set(key, value)?;
        PersistentMap::of(items)
    }

    /// The map without a key.
    fn delete(&self, key: &Object) -> Result<Ref<PersistentMap>, Raised> {
        let items = self.dict()?.copy()?;
        match items.remove(key)? {
            Some(_) => PersistentMap::of(items),
            None => Ok(Ref::from_borrowed(self)),
        }
    }

    /// The value of a key, or a default.
    #[signature(key, default = None, /)]
    fn get(&self, key: &Object, default: Option<&Object>) -> Result<Ref, Raised> {
        let found = self.dict()?.get(key)?;
        Ok(found.unwrap_or_else(|| default.map_or_else(habu_runtime::types::none, Object::to_ref)))
    }

    /// The keys.
    fn keys(&self) -> Result<Ref, Raised> {
        keys_of(self.view("keys")?)
    }

    /// The values.
    fn values(&self) -> Result<Ref, Raised> {
        values_of(self.view("values")?)
    }

    /// The items.
    fn items(&self) -> Result<Ref, Raised> {
        items_of(self.view("items")?)
    }

    #[hidden]
    fn view(&self, name: &str) -> Result<Ref<Tuple>, Raised> {
        protocol::sequence::to_tuple(&*call(&*self.dict()?, name, &[])?)
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        protocol::iterator(&*self.view("keys")?)
    }

    #[slot(mp_length)]
    fn length(&self) -> Result<usize, Raised> {
        Ok(self.dict()?.len())
    }

    #[slot(mp_subscript)]
    fn subscript(&self, key: &Object) -> Result<Ref, Raised> {
        self.dict()?.get(key)?.ok_or_else(|| raise_key_error(key))
    }

    #[slot(sq_contains)]
    fn contains(&self, key: &Object) -> Result<bool, Raised> {
        Ok(self.dict()?.get(key)?.is_some())
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<PersistentMap>().filter(|_| matches!(op, CompareOp::Eq | CompareOp::Ne))
        else {
            return Ok(habu_runtime::types::not_implemented());
        };
        protocol::compare(&*self.dict()?, &*other.dict()?, op)
    }
}

/// Readies the types that C sees.
pub(crate) fn ready() -> Result<(), Raised> {
    ready_static(OrderedDict::static_type())
}

/// Calls a method of an ordered dictionary.
fn call(dict: &Object, method: &str, arguments: &[&Object]) -> Result<Ref, Raised> {
    protocol::call_method(dict, &*habu_runtime::types::str::Str::intern(method)?, arguments)
}

export! {
    fn PyODict_New() => New {
        let collections = habu_runtime::import::import_module("_collections")?;
        protocol::call0(&*protocol::get_attribute_str(&collections, "OrderedDict")?)
    }
    fn PyODict_SetItem(dict: &Object, key: &Object, value: &Object) => c_int {
        call(dict, "__setitem__", &[key, value]).map(drop)
    }
    fn PyODict_DelItem(dict: &Object, key: &Object) => c_int { call(dict, "__delitem__", &[key]).map(drop) }
    fn _PyContext_NewHamtForTests() => New {
        ready_static(PersistentMap::static_type())?;
        PersistentMap::of(Dict::new()?)
    }
}
