//! `dictobject.h`

use std::ffi::{c_int, c_void};

use habu_runtime::exceptions::raise_key_error;
use habu_runtime::object::{Object, protocol};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::mappingproxy::MappingProxy;

use crate::border::*;
use crate::identifier::Identifier;

/// Looks a key up with every error forgotten, and one that was set before kept.
fn forgiving(dict: &Object, key: &Object) -> Borrowed {
    let Some(dict) = dict.downcast::<Dict>() else { return NULL };
    let mut result = NULL;
    habu_runtime::exceptions::keep_current(|| match dict.get(key) {
        Ok(found) => result = found.map_or(NULL, |value| borrow(&value)),
        Err(raised) => raised.clear(),
    });
    result
}

/// Removes a key, which must be there.
fn remove(dict: &Object, key: &Object) -> Result<(), habu_runtime::object::Raised> {
    match expect::<Dict>(dict)?.remove(key)? {
        Some(_) => Ok(()),
        None => Err(raise_key_error(key)),
    }
}

export! {
    fn PyDict_New() => New { Dict::new() }
    fn _PyDict_NewPresized(count: isize) => New { Dict::with_capacity(count.max(0) as usize) }
    fn PyDict_GetItem(dict: &Object, key: &Object) -> Borrowed { forgiving(dict, key) }
    fn PyDict_GetItemString(dict: &Object, key: Text) -> Borrowed {
        match key.to_str() {
            Ok(key) => forgiving(dict, &key),
            Err(raised) => {
                raised.clear();
                NULL
            }
        }
    }
    fn PyDict_GetItemWithError(dict: &Object, key: &Object) => Borrowed { expect::<Dict>(dict)?.get(key) }
    fn _PyDict_GetItemStringWithError(dict: &Object, key: Text) => Borrowed {
        expect::<Dict>(dict)?.get(&*key.to_str()?)
    }
    fn _PyDict_GetItemWithError(dict: &Object, key: &Object) => Borrowed { expect::<Dict>(dict)?.get(key) }
    fn _PyDict_GetItemIdWithError(dict: &Object, key: &Identifier) => Borrowed {
        expect::<Dict>(dict)?.get(&*key.name()?)
    }
    fn _PyDict_GetItem_KnownHash(dict: &Object, key: &Object, hash: isize) => Borrowed {
        expect::<Dict>(dict)?.get_hashed(key, hash)
    }
    fn PyDict_SetItem(dict: &Object, key: &Object, value: &Object) => c_int { expect::<Dict>(dict)?.set(key, value) }
    fn PyDict_SetItemString(dict: &Object, key: Text, value: &Object) => c_int {
        expect::<Dict>(dict)?.set(&*key.intern()?, value)
    }
    fn _PyDict_SetItemId(dict: &Object, key: &Identifier, value: &Object) => c_int {
        expect::<Dict>(dict)?.set(&*key.name()?, value)
    }
    fn _PyDict_SetItem_KnownHash(dict: &Object, key: &Object, value: &Object, hash: isize) => c_int {
        expect::<Dict>(dict)?.set_hashed(key, hash, value)
    }
    fn PyDict_DelItem(dict: &Object, key: &Object) => c_int { remove(dict, key) }
    fn PyDict_DelItemString(dict: &Object, key: Text) => c_int { remove(dict, &*key.to_str()?) }
    fn _PyDict_DelItemId(dict: &Object, key: &Identifier) => c_int { remove(dict, &*key.name()?) }
    fn _PyDict_DelItem_KnownHash(dict: &Object, key: &Object, hash: isize) => c_int {
        match expect::<Dict>(dict)?.remove_hashed(key, hash)? {
            Some(_) => Ok(()),
            None => Err(raise_key_error(key)),
        }
    }
    fn _PyDict_Pop(dict: &Object, key: &Object, default: Option<&Object>) => New {
        match (expect::<Dict>(dict)?.remove(key)?, default) {
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok(default.to_ref()),
            (None, None) => Err(raise_key_error(key)),
        }
    }
    fn PyDict_SetDefault(dict: &Object, key: &Object, default: Option<&Object>) => Borrowed {
        let none = habu_runtime::types::none();
        expect::<Dict>(dict)?.get_or_insert(key, default.unwrap_or(&none)).map(Some)
    }
    fn PyDict_Clear(dict: &Object) -> () {
        if let Some(dict) = dict.downcast::<Dict>() {
            dict.clear_items();
        }
    }
    fn PyDict_Next(dict: &Object, position: Out<isize>, key: Out<Borrowed>, value: Out<Borrowed>) -> c_int {
        let (Some(dict), Some(at)) = (dict.downcast::<Dict>(), position.get()) else { return 0 };
        let mut next = at.max(0) as usize;
        match dict.next_item(&mut next) {
            Some((found_key, found_value)) => {
                position.set(next as isize);
                key.set(borrow(&found_key));
                value.set(borrow(&found_value));
                1
            }
            None => 0,
        }
    }
    fn _PyDict_Next(dict: &Object, position: Out<isize>, key: Out<Borrowed>, value: Out<Borrowed>, hash: Out<isize>) -> c_int {
        let (Some(dict), Some(at)) = (dict.downcast::<Dict>(), position.get()) else { return 0 };
        let mut next = at.max(0) as usize;
        match dict.next_item(&mut next) {
            Some((found_key, found_value)) => {
                position.set(next as isize);
                hash.set(protocol::hash(&found_key).unwrap_or(-1));
                key.set(borrow(&found_key));
                value.set(borrow(&found_value));
                1
            }
            None => 0,
        }
    }
    fn PyDict_Keys(dict: &Object) => New { protocol::mapping::keys(expect::<Dict>(dict)?) }
    fn PyDict_Values(dict: &Object) => New { protocol::mapping::values(expect::<Dict>(dict)?) }
    fn PyDict_Items(dict: &Object) => New { protocol::mapping::items(expect::<Dict>(dict)?) }
    fn PyDict_Size(dict: &Object) => isize { Ok(expect::<Dict>(dict)?.len()) }
    fn PyDict_Copy(dict: Option<&Object>) => New { expect_some::<Dict>(dict)?.copy() }
    fn PyDict_Contains(dict: &Object, key: &Object) => c_int { expect::<Dict>(dict)?.contains(key) }
    fn _PyDict_ContainsId(dict: &Object, key: &Identifier) => c_int { expect::<Dict>(dict)?.contains(&*key.name()?) }
    fn _PyDict_Contains_KnownHash(dict: &Object, key: &Object, hash: isize) => c_int {
        expect::<Dict>(dict)?.contains_hashed(key, hash)
    }
    fn PyDict_Update(dict: &Object, other: &Object) => c_int { expect::<Dict>(dict)?.update(other) }
    fn PyDict_Merge(dict: &Object, other: &Object, replace: c_int) => c_int {
        use habu_runtime::types::dict::merge::Override;
        expect::<Dict>(dict)?.merge(other, if replace != 0 { Override::Replace } else { Override::Keep })
    }
    fn PyDict_MergeFromSeq2(dict: &Object, pairs: &Object, replace: c_int) => c_int {
        use habu_runtime::types::dict::merge::Override;
        expect::<Dict>(dict)?.merge_pairs(pairs, if replace != 0 { Override::Replace } else { Override::Keep })
    }
    fn _PyDict_SizeOf(dict: &Object) => isize {
        Ok(expect::<Dict>(dict)?.size())
    }
    fn _PyDict_MaybeUntrack(dict: &Object) -> () {
        if let Some(dict) = dict.downcast::<Dict>() {
            dict.maybe_untrack();
        }
    }
    fn _PyDict_HasOnlyStringKeys(dict: &Object) -> c_int {
        let Some(dict) = dict.downcast::<Dict>() else { return 0 };
        let mut at = 0;
        while let Some((key, _)) = dict.next_item(&mut at) {
            if !key.isinstance::<habu_runtime::types::str::Str>() {
                return 0;
            }
        }
        1
    }
    fn PyDictProxy_New(mapping: &Object) => New {
        if !protocol::mapping::is_mapping(mapping) || mapping.isinstance::<habu_runtime::types::list::List>() {
            return Err(raise!(TypeError, "mappingproxy() argument must be a mapping, not {}", mapping.ty().name()));
        }
        MappingProxy::of(mapping.to_ref())
    }
    fn _PyObjectDict_SetItem(_ty: *const c_void, place: Out<*mut Object>, key: &Object, value: Option<&Object>) => c_int {
        let dict = match place.get().filter(|dict| !dict.is_null()) {
            // SAFETY: the place holds a dictionary.
            Some(dict) => unsafe { &*dict }.to_ref(),
            None => {
                let dict = Dict::new()?.into_object();
                place.give(Some(dict.clone()));
                dict
            }
        };
        match value {
            Some(value) => expect::<Dict>(&dict)?.set(key, value),
            None => remove(&dict, key),
        }
    }
}
