<<<<<<< HEAD
//! What two sets make together, and the filling of a set from anything that can be iterated.

use super::table::SetCore;
use crate::object::protocol::iterate;
use crate::object::slots::CompareOp;
use crate::object::{Object, Raised, Ref};
use crate::types::dict::Dict;
use crate::types::dict::table::hash_key;
use crate::types::singletons::{boolean, not_implemented};

/// Adds all items of an iterable.
pub fn update(set: &SetCore, other: &Object) -> Result<(), Raised> {
    if let Some(other) = SetCore::of(other) {
        return set.merge(other);
    }
    if let Some(dict) = other.downcast_exact::<Dict>() {
        set.reserve(dict.len())?;
        let mut at = 0;
        while let Some((key, _)) = dict.next_item(&mut at) {
            set.add(&key)?;
        }
        return Ok(());
    }
    iterate::for_each(other, |item| set.add(&item))
}

/// Puts into `result` what stands in both.
pub fn intersect(result: &SetCore, set: &SetCore, other: &Object) -> Result<(), Raised> {
    if let Some(theirs) = SetCore::of(other) {
        let (small, large) = if theirs.len() > set.len() { (set, theirs) } else { (theirs, set) };
        let mut at = 0;
        while let Some((key, hash)) = small.next(&mut at) {
            if large.contains_hashed(&key, hash)? {
                result.add_hashed(&key, hash)?;
            }
        }
        return Ok(());
    }
    iterate::for_each(other, |item| {
        let hash = hash_key(&item)?;
        if set.contains_hashed(&item, hash)? {
            result.add_hashed(&item, hash)?;
        }
        Ok(())
    })
}

/// Takes all items of an iterable out.
pub fn subtract(set: &SetCore, other: &Object) -> Result<(), Raised> {
    if std::ptr::addr_eq(set, other) {
        set.clear_keys();
        return Ok(());
    }
    if let Some(theirs) = SetCore::of(other) {
        // The other set may change while keys are compared: it is walked by place.
        let mut at = 0;
        while let Some((key, hash)) = theirs.next(&mut at) {
            set.remove_hashed(&key, hash)?;
        }
        return Ok(());
    }
    iterate::for_each(other, |item| set.remove(&item).map(drop))
}

/// Puts into `result` what stands in `set` and not in `other`.
pub fn difference(result: &SetCore, set: &SetCore, other: &Object) -> Result<(), Raised> {
    let theirs = SetCore::of(other);
    let dict = other.downcast_exact::<Dict>();
    let size = theirs.map(SetCore::len).or(dict.map(Dict::len));
    if size.is_none_or(|size| set.len() >> 2 > size) {
        result.merge(set)?;
        return subtract(result, other);
    }
    let mut at = 0;
    while let Some((key, hash)) = set.next(&mut at) {
        let found = match (theirs, dict) {
            (Some(theirs), _) => theirs.contains_hashed(&key, hash)?,
            (None, Some(dict)) => dict.get_hashed(&key, hash)?.is_some(),
            (None, None) => false,
        };
        if !found {
            result.add_hashed(&key, hash)?;
        }
    }
    Ok(())
}

/// Keeps what stands in exactly one of the two; `other` must have each key once.
pub fn symmetric_update(set: &SetCore, other: &SetCore) -> Result<(), Raised> {
    if std::ptr::eq(set, other) {
        set.clear_keys();
        return Ok(());
    }
    let mut at = 0;
    while let Some((key, hash)) = other.next(&mut at) {
        if !set.remove_hashed(&key, hash)? {
            set.add_hashed(&key, hash)?;
        }
    }
    Ok(())
}

/// Whether no item of the iterable is in the set.
pub fn is_disjoint(set: &SetCore, other: &Object) -> Result<bool, Raised> {
    if let Some(theirs) = SetCore::of(other) {
        let (small, large) = if theirs.len() > set.len() { (set, theirs) } else { (theirs, set) };
        let mut at = 0;
        while let Some((key, hash)) = small.next(&mut at) {
            if large.contains_hashed(&key, hash)? {
=======
//! What sets do with each other and with iterables.  Names say what is done with `self`; results are new tables' contents.

use super::set::Set;
use super::table::SetTable;
use super::{FrozenSet, as_set};
use crate::object::{Object, PyType, Raised, Ref, Type, protocol};
use crate::types::dict::Dict;
use crate::types::dict::table::hash_key;

/// A new set or frozenset: whichever `like` is an instance of, never a subclass.
pub(super) fn same_kind(like: &Object) -> Result<Ref, Raised> {
    make(if like.isinstance::<Set>() { Set::type_object() } else { FrozenSet::type_object() }, None)
}

/// A new instance of `cls`, a subtype of set or frozenset, with the keys of an iterable.
pub(super) fn make(cls: &Type, iterable: Option<&Object>) -> Result<Ref, Raised> {
    let made = if cls.is_subtype(Set::type_object()) {
        Set::empty_instance(cls)?.into_object()
    } else {
        FrozenSet::empty_instance(cls)?.into_object()
    };
    if let (Some(iterable), Some(table)) = (iterable, as_set(&made)) {
        table.add_all(iterable)?;
    }
    Ok(made)
}

/// A copy that is a plain set or frozenset.
pub(super) fn copy(set: &Object) -> Result<Ref, Raised> {
    let new = same_kind(set)?;
    if let (Some(table), Some(other)) = (as_set(&new), as_set(set)) {
        table.merge(other)?;
    }
    Ok(new)
}

/// The table of a set that was just made.
pub(super) fn table_of(object: &Object) -> Result<&SetTable, Raised> {
    as_set(object).ok_or_else(|| crate::raise!(SystemError, "bad argument to internal function"))
}

impl SetTable {
    /// Adds all keys of an iterable (`update`).
    pub fn add_all(&self, other: &Object) -> Result<(), Raised> {
        if let Some(other) = as_set(other) {
            return self.merge(other);
        }
        if let Some(dict) = other.downcast_exact::<Dict>() {
            self.reserve(dict.len())?;
            let mut at = 0;
            while let Some((key, hash, _)) = dict.next_hashed(&mut at) {
                self.add_hashed(key, hash)?;
            }
            return Ok(());
        }
        protocol::for_each(other, |key| {
            let hash = hash_key(&key)?;
            self.add_hashed(key, hash).map(|_| ())
        })
    }

    /// Takes out all keys of an iterable (`difference_update`).
    pub fn remove_all(&self, other: &Object) -> Result<(), Raised> {
        if let Some(theirs) = as_set(other) {
            if std::ptr::eq(theirs, self) {
                self.clear();
                return Ok(());
            }
            // A much larger set is asked for the keys that are here, instead of walked through.
            if theirs.len() >> 3 > self.len() {
                let mut at = 0;
                let common = Set::new()?;
                while let Some((key, hash)) = self.next(&mut at) {
                    if theirs.find(&key, hash)?.is_some() {
                        common.table().add_hashed(key, hash)?;
                    }
                }
                self.discard_keys(common.table())?;
            } else {
                self.discard_keys(theirs)?;
            }
        } else {
            protocol::for_each(other, |key| self.discard(&key).map(|_| ()))?;
        }
        if self.deleted_count() <= self.mask() / 4 {
            return Ok(());
        }
        self.resize(self.growth())
    }

    fn discard_keys(&self, other: &SetTable) -> Result<(), Raised> {
        let mut at = 0;
        while let Some((key, hash)) = other.next(&mut at) {
            self.discard_hashed(&key, hash)?;
        }
        Ok(())
    }

    /// Takes out what is there of an iterable's keys and adds what is not (`symmetric_difference_update`).
    pub fn toggle_all(&self, other: &Object) -> Result<(), Raised> {
        if as_set(other).is_some_and(|other| std::ptr::eq(other, self)) {
            self.clear();
            return Ok(());
        }
        if let Some(dict) = other.downcast_exact::<Dict>() {
            let mut at = 0;
            while let Some((key, hash, _)) = dict.next_hashed(&mut at) {
                if !self.discard_hashed(&key, hash)? {
                    self.add_hashed(key, hash)?;
                }
            }
            return Ok(());
        }
        let collected;
        let theirs = match as_set(other) {
            Some(theirs) => theirs,
            None => {
                collected = Set::from_iterable(other)?;
                collected.table()
            }
        };
        let mut at = 0;
        while let Some((key, hash)) = theirs.next(&mut at) {
            if !self.discard_hashed(&key, hash)? {
                self.add_hashed(key, hash)?;
            }
        }
        Ok(())
    }

    /// Adds to `result` the keys that are in an iterable too.
    pub(super) fn intersect_into(&self, other: &Object, result: &SetTable) -> Result<(), Raised> {
        if let Some(theirs) = as_set(other) {
            let (walked, asked) = if theirs.len() > self.len() { (self, theirs) } else { (theirs, self) };
            let mut at = 0;
            while let Some((key, hash)) = walked.next(&mut at) {
                if asked.find(&key, hash)?.is_some() {
                    result.add_hashed(key, hash)?;
                }
            }
            return Ok(());
        }
        protocol::for_each(other, |key| {
            let hash = hash_key(&key)?;
            if self.find(&key, hash)?.is_some() {
                result.add_hashed(key, hash)?;
            }
            Ok(())
        })
    }

    /// Whether every key is in `other`.
    pub fn is_subset(&self, other: &SetTable) -> Result<bool, Raised> {
        if self.len() > other.len() {
            return Ok(false);
        }
        let mut at = 0;
        while let Some((key, hash)) = self.next(&mut at) {
            if other.find(&key, hash)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// `left & right`
pub(super) fn intersection(set: &Object, other: &Object) -> Result<Ref, Raised> {
    if set.is(other) {
        return copy(set);
    }
    let result = same_kind(set)?;
    table_of(set)?.intersect_into(other, table_of(&result)?)?;
    Ok(result)
}

/// `left - right`
pub(super) fn difference(set: &Object, other: &Object) -> Result<Ref, Raised> {
    let table = table_of(set)?;
    let size = match (as_set(other), other.downcast_exact::<Dict>()) {
        (Some(other), _) => Some(other.len()),
        (None, Some(dict)) => Some(dict.len()),
        (None, None) => None,
    };
    if size.is_none_or(|size| table.len() >> 2 > size) {
        let result = copy(set)?;
        table_of(&result)?.remove_all(other)?;
        return Ok(result);
    }
    let result = same_kind(set)?;
    let target = table_of(&result)?;
    let mut at = 0;
    while let Some((key, hash)) = table.next(&mut at) {
        let there = match (as_set(other), other.downcast_exact::<Dict>()) {
            (Some(other), _) => other.find(&key, hash)?.is_some(),
            (None, Some(dict)) => dict.contains_hashed(&key, hash)?,
            (None, None) => false,
        };
        if !there {
            target.add_hashed(key, hash)?;
        }
    }
    Ok(result)
}

/// `left ^ right`
pub(super) fn symmetric_difference(set: &Object, other: &Object) -> Result<Ref, Raised> {
    let result = same_kind(set)?;
    let table = table_of(&result)?;
    table.add_all(other)?;
    table.toggle_all(set)?;
    Ok(result)
}

/// Whether the two have no key in common.
pub(super) fn is_disjoint(set: &Object, other: &Object) -> Result<bool, Raised> {
    let table = table_of(set)?;
    if set.is(other) {
        return Ok(table.len() == 0);
    }
    if let Some(theirs) = as_set(other) {
        let (walked, asked) = if theirs.len() > table.len() { (table, theirs) } else { (theirs, table) };
        let mut at = 0;
        while let Some((key, hash)) = walked.next(&mut at) {
            if asked.find(&key, hash)?.is_some() {
>>>>>>> 651b183 (Add dict's methods, views and iterators, split tables, set, frozenset, mappingproxy and SimpleNamespace)
                return Ok(false);
            }
        }
        return Ok(true);
    }
<<<<<<< HEAD
    let iterator = iterate::iterator(other)?;
    while let Some(item) = iterate::next(&iterator)? {
        if set.contains(&item)? {
=======
    let iterator = protocol::iterator(other)?;
    while let Some(key) = protocol::next(&iterator)? {
        if table.contains(&key)? {
>>>>>>> 651b183 (Add dict's methods, views and iterators, split tables, set, frozenset, mappingproxy and SimpleNamespace)
            return Ok(false);
        }
    }
    Ok(true)
}

<<<<<<< HEAD
/// Whether all keys of `set` are in `other`.
pub fn is_subset(set: &SetCore, other: &SetCore) -> Result<bool, Raised> {
    if set.len() > other.len() {
        return Ok(false);
    }
    let mut at = 0;
    while let Some((key, hash)) = set.next(&mut at) {
        if !other.contains_hashed(&key, hash)? {
=======
/// Whether every key of `set` is in an iterable.
pub(super) fn is_subset(set: &Object, other: &Object) -> Result<bool, Raised> {
    let table = table_of(set)?;
    if let Some(other) = as_set(other) {
        return table.is_subset(other);
    }
    let common = intersection(set, other)?;
    Ok(table_of(&common)?.len() == table.len())
}

/// Whether every key of an iterable is in `set`.
pub(super) fn is_superset(set: &Object, other: &Object) -> Result<bool, Raised> {
    let table = table_of(set)?;
    if let Some(other) = as_set(other) {
        return other.is_subset(table);
    }
    let iterator = protocol::iterator(other)?;
    while let Some(key) = protocol::next(&iterator)? {
        if !table.contains(&key)? {
>>>>>>> 651b183 (Add dict's methods, views and iterators, split tables, set, frozenset, mappingproxy and SimpleNamespace)
            return Ok(false);
        }
    }
    Ok(true)
}

<<<<<<< HEAD
/// Compares two sets: order is inclusion.
pub fn compare(set: &SetCore, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
    let Some(theirs) = SetCore::of(other) else { return Ok(not_implemented()) };
    let equal = || -> Result<bool, Raised> {
        if set.len() != theirs.len() {
            return Ok(false);
        }
        let (own, known) = (set.hash.get(), theirs.hash.get());
        if own != -1 && known != -1 && own != known {
            return Ok(false);
        }
        is_subset(set, theirs)
    };
    Ok(boolean(match op {
        CompareOp::Eq => equal()?,
        CompareOp::Ne => !equal()?,
        CompareOp::Le => is_subset(set, theirs)?,
        CompareOp::Ge => is_subset(theirs, set)?,
        CompareOp::Lt => set.len() < theirs.len() && is_subset(set, theirs)?,
        CompareOp::Gt => theirs.len() < set.len() && is_subset(theirs, set)?,
    }))
=======
/// Asks for a key; one that is a set, and so has no hash, is asked for as a frozenset.
pub(super) fn with_frozen_key<R>(
    key: &Object,
    ask: impl Fn(&Object) -> Result<R, Raised>,
) -> Result<R, Raised> {
    match ask(key) {
        Err(raised) if key.isinstance::<Set>() => {
            crate::object::protocol::attribute::ignore::<()>(raised, crate::exceptions::exc::TypeError())?;
            let frozen = make(FrozenSet::type_object(), Some(key))?;
            ask(&frozen)
        }
        answer => answer,
    }
>>>>>>> 651b183 (Add dict's methods, views and iterators, split tables, set, frozenset, mappingproxy and SimpleNamespace)
}
