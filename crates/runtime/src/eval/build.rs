//! Instructions that build containers and strings from the stack, or take them apart onto it.
//!
//! Values are moved from the stack only once nothing can fail any more; until then they stay the stack's, and unwinding drops them.

use super::value::{Value, value};
use crate::exceptions::{exc, memory_error};
use crate::object::protocol::attribute::ignore;
use crate::object::words::copy_words;
use crate::object::{Object, Raised, Ref, protocol};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::dict::merge::plain_dict;
use crate::types::list::List;
use crate::types::set::Set;
use crate::types::singletons::is_none;
use crate::types::slice::Slice;
use crate::types::str::Str;
use crate::types::str::value::Chars;
use crate::types::tuple::Tuple;

/// Borrows `count` values.
///
/// # Safety
/// They are live for as long as the borrow is used.
pub(super) unsafe fn objects<'a>(from: *mut Value, count: usize) -> &'a [&'a Object] {
    // SAFETY: by the contract; a value and a borrow are both one pointer.
    unsafe { std::slice::from_raw_parts(from.cast(), count) }
}

/// `BUILD_TUPLE`
///
/// # Safety
/// `from` points to `count` owned values, which are moved if this succeeds.
#[inline]
pub unsafe fn tuple(from: *mut Value, count: usize) -> Result<Ref<Tuple>, Raised> {
    // SAFETY: by the contract.
    unsafe { Tuple::take_from(from.cast(), count) }
}

/// `BUILD_LIST`
///
/// # Safety
/// As `tuple`.
#[inline]
pub unsafe fn list(from: *mut Value, count: usize) -> Result<Ref<List>, Raised> {
    let list = List::with_capacity(count)?;
    if count > 0 {
        // SAFETY: the list has room for exactly these, and nobody else has seen it.
        unsafe { copy_words(from.cast::<Ref>(), list.items.get(), count) };
        list.base.size.set(count as isize);
    }
    Ok(list)
}

/// `BUILD_SET`
///
/// # Safety
/// `from` points to `count` live values, which stay the caller's.
pub unsafe fn set(from: *mut Value, count: usize) -> Result<Ref<Set>, Raised> {
    let set = Set::new()?;
    // SAFETY: by the contract.
    for item in unsafe { objects(from, count) } {
        set.add_item(item)?;
    }
    Ok(set)
}

/// `BUILD_MAP`
///
/// # Safety
/// `from` points to `count` live pairs, which stay the caller's.
pub unsafe fn map(from: *mut Value, count: usize) -> Result<Ref<Dict>, Raised> {
    // SAFETY: by the contract.
    let items = unsafe { objects(from, count * 2) };
    if let Some(dict) = Dict::of_few_texts(count, |at| (items[2 * at], items[2 * at + 1]))? {
        return Ok(dict);
    }
    let dict = Dict::with_capacity(count)?;
    for pair in items.chunks_exact(2) {
        dict.set(pair[0], pair[1])?;
    }
    Ok(dict)
}

/// `BUILD_CONST_KEY_MAP`
///
/// # Safety
/// `from` points to `count` live values, which stay the caller's.
pub unsafe fn const_key_map(keys: &Object, from: *mut Value, count: usize) -> Result<Ref<Dict>, Raised> {
    let Some(keys) = keys.downcast::<Tuple>().filter(|keys| keys.len() == count) else {
        return Err(raise!(SystemError, "bad BUILD_CONST_KEY_MAP keys argument"));
    };
    // SAFETY: by the contract.
    let items = unsafe { objects(from, count) };
    if let Some(dict) = Dict::of_few_texts(count, |at| (&*keys.as_slice()[at], items[at]))? {
        return Ok(dict);
    }
    let dict = Dict::with_capacity(count)?;
    for (key, item) in keys.as_slice().iter().zip(items) {
        dict.set(key, item)?;
    }
    Ok(dict)
}

/// `BUILD_STRING`
///
/// # Safety
/// `from` points to `count` live strings, which stay the caller's.
pub unsafe fn string(from: *mut Value, count: usize) -> Result<Ref<Str>, Raised> {
    // SAFETY: by the contract.
    let parts = unsafe { objects(from, count) };
    let (mut length, mut largest) = (0usize, 0u32);
    for part in parts {
        let Some(text) = part.downcast::<Str>() else {
            return Err(raise!(TypeError, "sequence item: expected str instance, {} found", part.ty().full_name()));
        };
        length = length.checked_add(text.len()).ok_or_else(memory_error)?;
        largest = largest.max(match text.chars() {
            _ if text.is_ascii() => 127,
            Chars::One(_) => 255,
            Chars::Two(_) => 0xFFFF,
            Chars::Four(_) => 0x10_FFFF,
        });
    }
    if length == 0 {
        return Ok(Str::empty());
    }
    Str::assemble(length, largest, |out| {
        for text in parts.iter().filter_map(|part| part.downcast::<Str>()) {
            out.push(text.chars());
        }
    })
}

/// `BUILD_SLICE` of two or three values.
///
/// # Safety
/// `count` live objects stand under `top`, which stay the caller's.
pub unsafe fn slice(top: *mut Value, count: usize) -> Result<Ref, Raised> {
    // SAFETY: by the contract.
    let [start, stop, step] = unsafe {
        let at = |down: usize| (*(*top.sub(down))).to_ref();
        if count == 3 { [at(3), at(2), at(1)] } else { [at(2), at(1), crate::types::none()] }
    };
    Ok(Slice::new(start, stop, step)?.into_object())
}

/// `LIST_EXTEND`
pub fn list_extend(list: &Object, iterable: &Object) -> Result<(), Raised> {
    let Some(list) = list.downcast::<List>() else { return Err(not_internal()) };
    let ty = iterable.ty();
    if ty.tp_iter.get().is_none() && !protocol::sequence::is_sequence(iterable) {
        return Err(raise!(TypeError, "Value after * must be an iterable, not {}", ty.full_name()));
    }
    list.extend(iterable)
}

/// `SET_UPDATE`
pub fn set_update(set: &Object, iterable: &Object) -> Result<(), Raised> {
    let Some(set) = set.downcast::<Set>() else { return Err(not_internal()) };
    set.update_from(iterable)
}

/// `DICT_UPDATE`: the items of a mapping, the last ones count.
pub fn dict_update(dict: &Object, mapping: &Object) -> Result<(), Raised> {
    let Some(dict) = dict.downcast::<Dict>() else { return Err(not_internal()) };
    match dict.update(mapping) {
        Ok(()) => Ok(()),
        Err(raised) => {
            ignore::<()>(raised, exc::AttributeError())?;
            Err(raise!(TypeError, "'{}' object is not a mapping", mapping.ty().full_name()))
        }
    }
}

/// `DICT_MERGE`: the items of the mapping behind `**` in a call of `callable`; no key may be there twice.
pub fn dict_merge(dict: &Object, mapping: &Object, callable: &Object) -> Result<(), Raised> {
    let Some(dict) = dict.downcast::<Dict>() else { return Err(not_internal()) };
    let result = update(dict, mapping, |key| {
        if dict.contains(key)? {
            let function = function_name(callable)?;
            let key = protocol::str(key)?;
            return Err(raise!(TypeError, "{function} got multiple values for keyword argument '{key}'"));
        }
        Ok(())
    });
    match result {
        Ok(()) => Ok(()),
        Err(raised) => {
            ignore::<()>(raised, exc::AttributeError())?;
            let function = function_name(callable)?;
            Err(raise!(TypeError, "{function} argument after ** must be a mapping, not {}", mapping.ty().full_name()))
        }
    }
}

/// Stores the items of a mapping, after `check` has seen each key.
fn update(dict: &Dict, mapping: &Object, check: impl Fn(&Object) -> Result<(), Raised>) -> Result<(), Raised> {
    if let Some(other) = plain_dict(mapping) {
        if dict.len() == 0 {
            return dict.update_from(other);
        }
        let mut at = 0;
        while let Some((key, item)) = other.next_item(&mut at) {
            check(&key)?;
            dict.set(&key, &item)?;
        }
        return Ok(());
    }
    let keys = protocol::get_attribute(mapping, &*Str::intern("keys")?)?;
    let keys = protocol::call0(&keys)?;
    protocol::for_each(&keys, |key| {
        check(&key)?;
        let item = protocol::get_item(mapping, &key)?;
        dict.set(&key, &item)
    })
}

/// The function in messages about a call of it: `module.qualname()` (`_PyObject_FunctionStr`).
pub fn function_name(callable: &Object) -> Result<Ref<Str>, Raised> {
    let Some(name) = protocol::lookup_attribute(callable, crate::id!(__qualname__))? else {
        return protocol::str(callable);
    };
    let name = protocol::str(&name)?;
    if let Some(module) = protocol::lookup_attribute(callable, crate::id!(__module__))?
        && !is_none(&module)
        && !module.downcast::<Str>().is_some_and(|module| module.equals("builtins"))
    {
        return Str::from_format(format_args!("{}.{name}()", protocol::str(&module)?));
    }
    Str::from_format(format_args!("{name}()"))
}

#[cold]
fn not_internal() -> Raised {
    raise!(SystemError, "bad argument to internal function")
}

/// `UNPACK_SEQUENCE` and `UNPACK_EX`: writes the items in front of `top`, the first one nearest to it; with `after`, a list of the items
/// between `before` ones and `after` ones stands in the middle. On an error nothing is left there.
///
/// # Safety
/// There is room for `before` values, and with `after` for one and so many more.
pub unsafe fn unpack(sequence: &Object, before: usize, after: Option<usize>, top: *mut Value) -> Result<(), Raised> {
    let ty = sequence.ty();
    if ty.tp_iter.get().is_none() && !protocol::sequence::is_sequence(sequence) {
        return Err(raise!(TypeError, "cannot unpack non-iterable {} object", ty.full_name()));
    }
    let iterator = protocol::iterator(sequence)?;
    let mut items = habu_heap::Buffer::<Ref>::with_capacity(before)?;
    while items.len() < before {
        match protocol::next(&iterator)? {
            Some(item) => items.push(item)?,
            None => return Err(not_enough(before, after, items.len())),
        }
    }
    let Some(after) = after else {
        if protocol::next(&iterator)?.is_some() {
            return Err(raise!(ValueError, "too many values to unpack (expected {before})"));
        }
        for (index, item) in items.into_iter().enumerate() {
            // SAFETY: there is room for `before` values.
            unsafe { top.sub(index + 1).write(value(item)) };
        }
        return Ok(());
    };
    let rest = protocol::to_list(&iterator)?;
    if rest.len() < after {
        return Err(not_enough(before, Some(after), before + rest.len()));
    }
    // The list is seen by nobody else: its last items move to the stack.
    let keep = rest.len() - after;
    // SAFETY: there is room for all of these; the list's length is what keeps its items.
    unsafe {
        rest.base.size.set(keep as isize);
        for index in 0..after {
            let item = rest.items.get().add(keep + index).read();
            top.sub(before + index + 2).write(value(item));
        }
        top.sub(before + 1).write(value(rest));
        for (index, item) in items.into_iter().enumerate() {
            top.sub(index + 1).write(value(item));
        }
    }
    Ok(())
}

#[cold]
fn not_enough(before: usize, after: Option<usize>, got: usize) -> Raised {
    match after {
        None => raise!(ValueError, "not enough values to unpack (expected {before}, got {got})"),
        Some(after) => {
            let expected = before + after;
            raise!(ValueError, "not enough values to unpack (expected at least {expected}, got {got})")
        }
    }
}
