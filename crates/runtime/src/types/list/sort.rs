//! `list.sort`: keys, their fast comparisons, and what keeps the list safe meanwhile.
//!
//! While a list is being sorted it is empty for everybody else, and `allocated` is -1, so that a change shows. The sort works on copies of
//! the keys' addresses or values; the items are put in their new order once it is done, so an error leaves the old order.

use std::ptr::NonNull;

use habu_heap::Buffer;

use super::timsort;
use super::value::List;
use crate::object::protocol::{call1, compare, compare_truth, equal, truth};
use crate::object::slots::{CompareOp, RichCmpFunc};
use crate::object::{Object, Raised, Ref, Type};
use crate::raise;
use crate::types::float::Float;
use crate::types::int::Int;
use crate::types::singletons::not_implemented_static;
use crate::types::str::{Chars, Str};
use crate::types::tuple::Tuple;

/// Sorts the list in place, stably.
///
/// Raises what comparing or the key function raises; ValueError when the list was changed meanwhile.
pub fn sort(list: &List, key: Option<&Object>, reverse: bool) -> Result<(), Raised> {
    let mut items = list.take_all();
    list.allocated.set(-1);
    let result = sort_items(items.as_mut_slice(), key, reverse);
    let changed = list.allocated.get() != -1;
    if !changed {
        list.allocated.set(0);
    }
    items.put_back(list);
    result?;
    if changed {
        return Err(raise!(ValueError, "list modified during sort"));
    }
    Ok(())
}

/// Sorts a row of items that nobody else sees.
fn sort_items(items: &mut [Ref], key: Option<&Object>, reverse: bool) -> Result<(), Raised> {
    let mut keys = Buffer::<Ref>::new();
    if let Some(key) = key {
        keys.reserve_exact(items.len())?;
        for item in items.iter() {
            keys.push(call1(key, item)?)?;
        }
    }
    if items.len() < 2 {
        return Ok(());
    }
    // Reversing before and after keeps equal items in their order.
    if reverse {
        items.reverse();
        keys.reverse();
    }
    let by = if key.is_some() { keys.as_slice() } else { &[] };
    let result = order(by, items);
    if reverse {
        items.reverse();
    }
    result
}

/// What is sorted: a key, as a value or by its address, and the address of the item that it belongs to.
#[derive(Clone, Copy)]
struct Entry<K: Copy> {
    key: K,
    item: NonNull<Object>,
}

/// The kinds of rows of keys that have a comparison of their own.
#[derive(Clone, Copy)]
enum Kind {
    /// Integers of one digit.
    Small,
    /// Floats.
    Float,
    /// Strings with one byte a character.
    Latin,
    /// Any one type, by its slot.
    Same(RichCmpFunc),
    /// Anything.
    Mixed,
}

/// The kind of a row of keys.
fn kind_of<'a>(keys: impl Iterator<Item = &'a Object> + Clone) -> Kind {
    let Some(first) = keys.clone().next() else { return Kind::Mixed };
    let ty: *const Type = first.ty();
    if !keys.clone().all(|key| std::ptr::eq(key.ty(), ty)) {
        return Kind::Mixed;
    }
    let mut keys = keys;
    if first.is_exact::<Int>() && keys.clone().all(|key| key.downcast_exact::<Int>().is_some_and(Int::is_single)) {
        return Kind::Small;
    }
    if first.is_exact::<Float>() {
        return Kind::Float;
    }
    if first.is_exact::<Str>() && keys.all(|key| key.downcast_exact::<Str>().is_some_and(|text| text.kind() == 1)) {
        return Kind::Latin;
    }
    first.ty().tp_richcompare.get().map_or(Kind::Mixed, Kind::Same)
}

/// Puts the items in the order of their keys; without keys, in their own. Where comparing fails they stay as they are.
fn order(keys: &[Ref], items: &mut [Ref]) -> Result<(), Raised> {
    let kind = kind_of(if keys.is_empty() { &*items } else { keys }.iter().map(|key| &**key));
    if keys.is_empty() && items.len() <= FEW && insert_all(items, kind) {
        return Ok(());
    }
    let by = if keys.is_empty() { &*items } else { keys };
    let address = |key: &Ref| Ok(key.as_pointer());
    // SAFETY: the keys' owner outlives the sort, and the kind says what they are.
    let borrow = |key: &NonNull<Object>| -> &Object { unsafe { &*key.as_ptr() } };
    match kind {
        Kind::Small => {
            let value = |key: &Ref| Ok(key.downcast_exact::<Int>().map_or(0, Int::small_value));
            sort_entries(keys, items, value, |left, right| Ok(left < right))
        }
        Kind::Float => {
            let value = |key: &Ref| Ok(key.downcast_exact::<Float>().map_or(0.0, Float::value));
            sort_entries(keys, items, value, |left: &f64, right: &f64| Ok(left < right))
        }
        Kind::Latin => sort_entries(keys, items, address, |left, right| Ok(latin(borrow(left)) < latin(borrow(right)))),
        Kind::Same(_) if by.iter().all(|key| key.downcast_exact::<Tuple>().is_some_and(|row| row.len() > 0)) => {
            let firsts = by.iter().filter_map(|key| key.downcast_exact::<Tuple>());
            let first = kind_of(firsts.filter_map(|row| row.as_slice().first()).map(|item| &**item));
            sort_entries(keys, items, address, |left, right| tuple_less(borrow(left), borrow(right), first))
        }
        kind => sort_entries(keys, items, address, |left, right| less(borrow(left), borrow(right), kind)),
    }
}

/// Up to so many items are sorted where they are.
const FEW: usize = 12;

/// Sorts a few items whose comparison no program sees, and which all stable sorts put in the same order; false for others.
fn insert_all(items: &mut [Ref], kind: Kind) -> bool {
    match kind {
        Kind::Small => insert_each(items, |item| item.downcast_exact::<Int>().map_or(0, Int::small_value)),
        Kind::Float => {
            let value = |item: &Object| item.downcast_exact::<Float>().map_or(0.0, Float::value);
            // What is not a number has no place of its own: where it ends up is the algorithm's.
            if items.iter().any(|item| value(item).is_nan()) {
                return false;
            }
            insert_each(items, value);
        }
        Kind::Latin => insert_each(items, latin),
        Kind::Same(_) | Kind::Mixed => return false,
    }
    true
}

/// Sorts items by insertion from the end of those before, by values that are ordered.
#[inline(always)]
fn insert_each<'a, K: PartialOrd + 'a>(items: &mut [Ref], value: impl Fn(&'a Object) -> K) {
    let place = items.as_mut_ptr().cast::<*const Object>();
    // SAFETY: the references only change places, one word at a time, and nothing runs meanwhile; `at` and `hole` are within the slice.
    unsafe {
        for at in 1..items.len() {
            let item = place.add(at).read();
            let own = value(&*item);
            let mut hole = at;
            while hole > 0 {
                let before = place.add(hole - 1).read();
                if own >= value(&*before) {
                    break;
                }
                place.add(hole).write(before);
                hole -= 1;
            }
            place.add(hole).write(item);
        }
    }
}

/// Pairs keys with items, sorts, and puts the items in their places.
fn sort_entries<K: Copy>(
    keys: &[Ref],
    items: &mut [Ref],
    value: impl Fn(&Ref) -> Result<K, Raised>,
    mut less: impl FnMut(&K, &K) -> Result<bool, Raised>,
) -> Result<(), Raised> {
    let by = if keys.is_empty() { &*items } else { keys };
    let mut entries = Buffer::with_capacity(items.len())?;
    for (key, item) in by.iter().zip(items.iter()) {
        entries.push(Entry { key: value(key)?, item: item.as_pointer() })?;
    }
    timsort::sort(&mut entries, |left, right| less(&left.key, &right.key))?;
    for (place, entry) in items.iter_mut().zip(entries.iter()) {
        // SAFETY: the sorted addresses are those of the items, each once: the references change places.
        unsafe { std::ptr::write(place, Ref::from_owned(entry.item)) };
    }
    Ok(())
}

/// The bytes of a string that has one a character.
#[inline(always)]
fn latin(text: &Object) -> &[u8] {
    match text.downcast_exact::<Str>().map(Str::chars) {
        Some(Chars::One(text)) => text,
        _ => &[],
    }
}

/// Whether `left` is below `right`, both of a row of this kind.
#[inline]
fn less(left: &Object, right: &Object, kind: Kind) -> Result<bool, Raised> {
    match kind {
        Kind::Small => {
            let value = |object: &Object| object.downcast_exact::<Int>().map_or(0, Int::small_value);
            Ok(value(left) < value(right))
        }
        Kind::Float => {
            let value = |object: &Object| object.downcast_exact::<Float>().map_or(0.0, Float::value);
            Ok(value(left) < value(right))
        }
        Kind::Latin => Ok(latin(left) < latin(right)),
        // The type's slot may have been changed since: then the general way is taken.
        Kind::Same(slot) if left.ty().tp_richcompare.get().is_some_and(|now| now as usize == slot as usize) => {
            // SAFETY: the slot is that of the left operand's type.
            let result = unsafe { slot(left, right, CompareOp::Lt as i32) }?;
            if result.is(not_implemented_static()) {
                return compare_truth(left, right, CompareOp::Lt);
            }
            truth(&result)
        }
        _ => truth(&*compare(left, right, CompareOp::Lt)?),
    }
}

/// Whether one tuple is below another; the first items of all of them are of the kind `first`.
fn tuple_less(left: &Object, right: &Object, first: Kind) -> Result<bool, Raised> {
    let (Some(left), Some(right)) = (left.downcast_exact::<Tuple>(), right.downcast_exact::<Tuple>()) else {
        return compare_truth(left, right, CompareOp::Lt);
    };
    for (index, (ours, theirs)) in left.as_slice().iter().zip(right.as_slice()).enumerate() {
        if !equal(ours, theirs)? {
            return if index == 0 { less(ours, theirs, first) } else { compare_truth(ours, theirs, CompareOp::Lt) };
        }
    }
    Ok(left.len() < right.len())
}
