//! What two sets make together, and the filling of a set from anything that can be iterated.

use super::table::SetCore;
use crate::object::protocol::iterate::{self, Items};
use crate::object::slots::CompareOp;
use crate::object::{Object, Raised, Ref};
use crate::types::dict::Dict;
use crate::types::dict::table::hash_key;
use crate::types::set::Set;
use crate::types::singletons::{boolean, not_implemented};

/// Adds all items of an iterable.
pub fn update(set: &SetCore, other: &Object) -> Result<(), Raised> {
    if let Some(other) = SetCore::of(other) {
        return set.merge(other);
    }
    if let Some(dict) = other.downcast_exact::<Dict>() {
        set.reserve(dict.len())?;
        let mut at = 0;
        while let Some((key, hash, _)) = dict.next_hashed(&mut at) {
            set.add_hashed(&key, hash)?;
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
    let mut items = Items::of(other)?;
    while let Some(item) = items.next()? {
        let hash = hash_key(&item)?;
        if set.contains_hashed(&item, hash)? {
            result.add_hashed(&item, hash)?;
            // All are found: nothing more is asked for.
            if result.len() >= set.len() {
                break;
            }
        }
    }
    Ok(())
}

/// Takes all items of an iterable out.
pub fn subtract(set: &SetCore, other: &Object) -> Result<(), Raised> {
    take_out(set, other)?;
    set.sweep()
}

fn take_out(set: &SetCore, other: &Object) -> Result<(), Raised> {
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
    if let Some(dict) = other.downcast_exact::<Dict>() {
        let mut at = 0;
        while let Some((key, hash, _)) = dict.next_hashed(&mut at) {
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

/// Keeps what stands in exactly one of the two. A dictionary is walked as it is, another iterable made a set first, so that each key comes
/// once.
pub fn symmetric_update(set: &SetCore, other: &Object) -> Result<(), Raised> {
    if let Some(dict) = other.downcast_exact::<Dict>() {
        let mut at = 0;
        while let Some((key, hash, _)) = dict.next_hashed(&mut at) {
            exchange(set, &key, hash)?;
        }
        return Ok(());
    }
    if let Some(theirs) = SetCore::of(other) {
        return symmetric_update_by(set, theirs);
    }
    let theirs = Set::new()?;
    update(&theirs.core, other)?;
    symmetric_update_by(set, &theirs.core)
}

/// As [`symmetric_update`], by a set.
pub fn symmetric_update_by(set: &SetCore, other: &SetCore) -> Result<(), Raised> {
    if std::ptr::eq(set, other) {
        set.clear_keys();
        return Ok(());
    }
    let mut at = 0;
    while let Some((key, hash)) = other.next(&mut at) {
        exchange(set, &key, hash)?;
    }
    Ok(())
}

/// Takes out the key, or adds it.
fn exchange(set: &SetCore, key: &Object, hash: isize) -> Result<(), Raised> {
    if set.remove_hashed(key, hash)? { Ok(()) } else { set.add_hashed(key, hash).map(drop) }
}

/// Whether no item of the iterable is in the set.
pub fn is_disjoint(set: &SetCore, other: &Object) -> Result<bool, Raised> {
    if let Some(theirs) = SetCore::of(other) {
        let (small, large) = if theirs.len() > set.len() { (set, theirs) } else { (theirs, set) };
        let mut at = 0;
        while let Some((key, hash)) = small.next(&mut at) {
            if large.contains_hashed(&key, hash)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    let mut items = Items::of(other)?;
    while let Some(item) = items.next()? {
        if set.contains(&item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether all keys of `set` are in `other`.
pub fn is_subset(set: &SetCore, other: &SetCore) -> Result<bool, Raised> {
    if set.len() > other.len() {
        return Ok(false);
    }
    let mut at = 0;
    while let Some((key, hash)) = set.next(&mut at) {
        if !other.contains_hashed(&key, hash)? {
            return Ok(false);
        }
    }
    Ok(true)
}

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
}
