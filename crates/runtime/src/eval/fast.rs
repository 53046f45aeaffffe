//! Fast paths: what specialised instructions do when their operands are as expected.
//!
//! Each function looks at its operands first and gives nothing where they are not; then the general instruction runs. Operands that are
//! consumed are dropped only once the result is there.

use std::cmp::Ordering;

use habu_bytecode::Opcode;

use super::fast_calls::{CALL_MASK, FAST_KEYWORDS};
use super::value::{NULL, Value, decref, decref_float, decref_int, incref, new_value, own, value, xdecref};
use crate::object::descriptor_tables::{METH_FASTCALL, METH_NOARGS, METH_O};
use crate::object::slots::VECTORCALL_ARGUMENTS_OFFSET;
use crate::object::typeobject::flags;
use crate::object::{Object, PyType, Raised, Ref, Type, protocol};
use crate::threads::thread::NativeCall;
use crate::types::builtin_function::{BUILTIN_FUNCTION_TYPE, BuiltinFunction};
use crate::types::descriptor::MethodDescriptor;
use crate::types::descriptor::method::METHOD_DESCRIPTOR_TYPE;
use crate::types::dict::Dict;
use crate::types::dict::instance;
use crate::types::dict::keys::EMPTY;
use crate::types::float::Float;
use crate::types::int::Int;
use crate::types::int::value::DIGIT_MASK;
use crate::types::list::List;
use crate::types::module::Module;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::tuple::value::items_pointer;

/// An exact integer of at most two digits.
#[inline(always)]
unsafe fn int(operand: Value) -> Option<i64> {
    // SAFETY: by the callers' contract.
    let int = unsafe { &*operand }.downcast_exact::<Int>()?;
    if int.is_single() { Some(int.small_value()) } else { int.two_digits() }
}

/// An exact integer of at most one digit.
#[inline(always)]
unsafe fn small_int(operand: Value) -> Option<i64> {
    // SAFETY: by the callers' contract.
    let int = unsafe { &*operand }.downcast_exact::<Int>()?;
    int.is_single().then(|| int.small_value())
}

/// Two exact integers of at most two digits.
///
/// # Safety
/// The operands are live.
#[inline(always)]
pub(crate) unsafe fn ints(left: Value, right: Value) -> Option<(i64, i64)> {
    // SAFETY: by the contract.
    unsafe { Some((int(left)?, int(right)?)) }
}

/// Two exact floats.
///
/// # Safety
/// The operands are live.
#[inline(always)]
pub(crate) unsafe fn floats(left: Value, right: Value) -> Option<(f64, f64)> {
    // SAFETY: by the contract.
    unsafe { Some(((*left).downcast_exact::<Float>()?.value(), (*right).downcast_exact::<Float>()?.value())) }
}

/// What an operation of two integers of any length gives, which are dropped; nothing where not both are integers. There is one such function
/// for each operation, which is part of it.
///
/// # Safety
/// The operands are owned; they are gone unless this fails or gives nothing.
#[inline(never)]
pub(crate) unsafe fn long_result(
    left: Value,
    right: Value,
    operation: impl Fn(&Int, &Int) -> Result<Ref<Int>, Raised>,
) -> Option<Result<Value, Raised>> {
    // SAFETY: by the contract.
    unsafe {
        let result = operation((*left).downcast_exact()?, (*right).downcast_exact()?);
        Some(result.map(|result| {
            decref(left);
            decref(right);
            value(result)
        }))
    }
}

/// The text that an operation of two strings gave, which are dropped.
///
/// # Safety
/// The operands are owned; they are gone unless the operation failed.
#[inline(always)]
pub(crate) unsafe fn text_result(left: Value, right: Value, result: Result<Ref<Str>, Raised>) -> Result<Value, Raised> {
    let result = value(result?);
    // SAFETY: by the contract.
    unsafe {
        decref(left);
        decref(right);
    }
    Ok(result)
}

/// The integer that an operation of two integers gives, which are dropped; a left operand that nobody else has is used again.
///
/// # Safety
/// The operands are owned exact integers; they are gone unless this fails.
#[inline(always)]
pub(crate) unsafe fn int_result(left: Value, right: Value, result: i64) -> Result<Value, Raised> {
    // SAFETY: by the contract; an integer with one reference is on the heap, has room for a digit, and nobody else sees it.
    unsafe {
        if let Some(small) = Int::small(result) {
            let result = new_value(small);
            decref_int(left);
            decref_int(right);
            return Ok(result);
        }
        let magnitude = result.unsigned_abs();
        if (*left).refcount() == 1 && magnitude <= u64::from(DIGIT_MASK) {
            let int = (*left).cast_unchecked::<Int>();
            int.base.size.set(if result < 0 { -1 } else { 1 });
            left.cast::<u8>().add(size_of::<Int>()).cast::<u32>().write(magnitude as u32);
            decref_int(right);
            return Ok(left);
        }
        let result = value(Int::from_i64(result)?);
        decref_int(left);
        decref_int(right);
        Ok(result)
    }
}

/// The float that an operation of two floats gives, which are dropped; an operand that nobody else has is used again.
///
/// # Safety
/// The operands are owned exact floats; they are gone unless this fails.
#[inline(always)]
pub(crate) unsafe fn float_result(left: Value, right: Value, result: f64) -> Result<Value, Raised> {
    // SAFETY: by the contract; a float with one reference is seen by nobody else.
    unsafe {
        if (*left).refcount() == 1 {
            (*left).cast_unchecked::<Float>().set_unshared(result);
            decref_float(right);
            return Ok(left);
        }
        if (*right).refcount() == 1 {
            (*right).cast_unchecked::<Float>().set_unshared(result);
            decref_float(left);
            return Ok(right);
        }
        let result = value(Float::new(result)?);
        decref_float(left);
        decref_float(right);
        Ok(result)
    }
}

/// Two exact strings.
///
/// # Safety
/// The operands are live.
#[inline(always)]
pub(crate) unsafe fn strings<'a>(left: Value, right: Value) -> Option<(&'a Str, &'a Str)> {
    // SAFETY: by the contract.
    unsafe { Some(((*left).downcast_exact::<Str>()?, (*right).downcast_exact::<Str>()?)) }
}

/// Appends a string to the one that a variable holds, in place where nobody else has that.
///
/// # Safety
/// `left` is an owned exact string, which the variable at `slot` holds too, `right` an owned string; both are gone afterwards. On an error the
/// variable is unset.
#[inline]
pub(crate) unsafe fn append_to_variable(slot: *mut Value, left: Value, right: Value) -> Result<(), Raised> {
    // SAFETY: by the contract. The variable gives its reference up, so that the string may grow in place.
    unsafe {
        *slot = NULL;
        decref(left);
        let target = own(left).cast_into_unchecked::<Str>();
        let joined = Str::append_in_place(target, (*right).cast_unchecked::<Str>());
        decref(right);
        *slot = value(joined?);
        Ok(())
    }
}

/// Whether a unit stores into a local variable, alone or as the first of a pair.
#[inline(always)]
pub(crate) fn stores_local(unit: u16) -> bool {
    let number = unit as u8;
    number == Opcode::StoreFast as u8
        || number == Opcode::StoreFastLoadFast as u8
        || number == Opcode::StoreFastStoreFast as u8
}

/// The bit of a comparison's outcome in a mask: less, equal, greater, or unordered.
#[inline(always)]
pub(crate) fn outcome(ordering: Option<Ordering>) -> u16 {
    match ordering {
        Some(Ordering::Less) => 1,
        Some(Ordering::Equal) => 2,
        Some(Ordering::Greater) => 4,
        None => 8,
    }
}

/// The outcome of comparing two integers.
#[inline(always)]
pub(crate) fn int_outcome(left: i64, right: i64) -> u16 {
    outcome(Some(left.cmp(&right)))
}

/// The outcome of comparing two floats.
#[inline(always)]
pub(crate) fn float_outcome(left: f64, right: f64) -> u16 {
    outcome(left.partial_cmp(&right))
}

/// The outcome of comparing two strings for being equal: all that is asked of them is which of both it is.
#[inline(always)]
pub(crate) fn text_outcome(left: &Str, right: &Str) -> u16 {
    if std::ptr::eq(left, right) || left.same_text(right) { 2 } else { 1 }
}

/// Whether a comparison of this outcome holds.
#[inline(always)]
pub(crate) fn holds(argument: u8, ordering: Ordering) -> bool {
    // Three bits for each comparison: for less, equal and greater.
    const HOLDING: u32 = 0b110_100_101_010_011_001;
    HOLDING.wrapping_shr(u32::from(argument) * 3 + (ordering as i32 + 1) as u32) & 1 != 0
}

/// The outcomes for which a comparison holds.
pub(crate) fn holding(argument: u8) -> u16 {
    match argument {
        0 => 1,
        1 => 1 | 2,
        2 => 2,
        3 => 1 | 4 | 8,
        4 => 4,
        _ => 4 | 2,
    }
}

/// The truth of a comparison of two small integers or floats.
#[inline(always)]
pub(crate) fn compare(left: &Object, right: &Object, argument: u8) -> Option<bool> {
    if let (Some(left), Some(right)) = (left.downcast_exact::<Int>(), right.downcast_exact::<Int>()) {
        let value = |int: &Int| if int.is_single() { Some(int.small_value()) } else { int.two_digits() };
        let ordering = value(left)?.cmp(&value(right)?);
        return Some(holding(argument) & outcome(Some(ordering)) != 0);
    }
    let (left, right) = (left.downcast_exact::<Float>()?, right.downcast_exact::<Float>()?);
    Some(holding(argument) & outcome(left.value().partial_cmp(&right.value())) != 0)
}

/// An item of an exact list by a small index.
///
/// # Safety
/// The operands are live.
#[inline(always)]
pub(crate) unsafe fn list_item(list: Value, index: Value) -> Option<Value> {
    // SAFETY: by the contract; the index is checked against the length.
    unsafe {
        let list = (*list).downcast_exact::<List>()?;
        let index = small_int(index)?;
        if index as u64 >= list.len() as u64 {
            return None;
        }
        let item = *list.items.get().cast::<Value>().add(index as usize);
        incref(item);
        Some(item)
    }
}

/// An item of an exact tuple by a small index.
///
/// # Safety
/// The operands are live.
#[inline(always)]
pub(crate) unsafe fn tuple_item(tuple: Value, index: Value) -> Option<Value> {
    // SAFETY: by the contract; the index is checked against the length.
    unsafe {
        let tuple = (*tuple).downcast_exact::<Tuple>()?;
        let index = small_int(index)?;
        if index as u64 >= tuple.len() as u64 {
            return None;
        }
        let item = *items_pointer(tuple).as_ptr().cast::<Value>().add(index as usize);
        incref(item);
        Some(item)
    }
}

/// The items of an exact tuple of two, as references.
///
/// # Safety
/// The operand is live.
#[inline(always)]
pub(crate) unsafe fn pair(tuple: Value) -> Option<[Value; 2]> {
    // SAFETY: by the contract; the length is compared.
    unsafe {
        let tuple = (*tuple).downcast_exact::<Tuple>().filter(|tuple| tuple.len() == 2)?;
        let items = items_pointer(tuple).as_ptr().cast::<[Value; 2]>().read();
        incref(items[0]);
        incref(items[1]);
        Some(items)
    }
}

/// Stores an item into an exact list by a small index; the item moves. False when that is not what the operands are.
///
/// # Safety
/// The operands are live, and the item owned.
#[inline(always)]
pub(crate) unsafe fn store_list_item(list: Value, index: Value, item: Value) -> bool {
    // SAFETY: by the contract; the index is checked against the length, and the old item is dropped after the new one is there.
    unsafe {
        let (Some(list), Some(index)) = ((*list).downcast_exact::<List>(), small_int(index)) else { return false };
        if index as u64 >= list.len() as u64 {
            return false;
        }
        let place = list.items.get().cast::<Value>().add(index as usize);
        let old = std::mem::replace(&mut *place, item);
        decref(old);
        true
    }
}

/// The value of a key in an exact dictionary, which are dropped; nothing for a key that is not there, whose error the general path makes.
///
/// # Safety
/// Both are owned; they are gone where there is a value.
#[inline(always)]
pub(crate) unsafe fn dict_item(dict: Value, key: Value) -> Option<Result<Option<Value>, Raised>> {
    // SAFETY: by the contract.
    unsafe {
        let found = (*dict).downcast_exact::<Dict>()?.get(&*key);
        if let Ok(Some(item)) = found {
            let item = value(item);
            decref(dict);
            decref(key);
            return Some(Ok(Some(item)));
        }
        Some(found.map(|_| None))
    }
}

/// The next item of an iterator over a list, a tuple or a range: nothing for other iterators, and for the end.
///
/// # Safety
/// The iterator is live.
#[inline(always)]
pub(crate) unsafe fn next_item(iterator: Value) -> Option<Value> {
    use crate::types::iterators::rows::{LIST_ITERATOR_TYPE, ListIterator, TUPLE_ITERATOR_TYPE, TupleIterator};
    use crate::types::range::iterators::{RANGE_ITERATOR_TYPE, RangeIterator};
    // SAFETY: the type is compared before the layout is used; positions are checked against lengths.
    unsafe {
        let ty = (*iterator).ty.get();
        if std::ptr::eq(ty, &RANGE_ITERATOR_TYPE.ty) {
            let range = &*iterator.cast::<RangeIterator>();
            let index = range.index.get();
            if index >= range.length.get() {
                return None;
            }
            let number = range.start.get().wrapping_add(index.wrapping_mul(range.step.get()));
            let item = Int::from_i64(number).ok()?;
            range.index.set(index + 1);
            return Some(value(item));
        }
        if std::ptr::eq(ty, &LIST_ITERATOR_TYPE.ty) {
            let rows = &*iterator.cast::<ListIterator>();
            let (list, index) = (rows.sequence.borrow()?, rows.index.get());
            if index as usize >= list.len() {
                return None;
            }
            rows.index.set(index + 1);
            let item = *list.items.get().cast::<Value>().add(index as usize);
            incref(item);
            return Some(item);
        }
        if std::ptr::eq(ty, &TUPLE_ITERATOR_TYPE.ty) {
            let rows = &*iterator.cast::<TupleIterator>();
            let (tuple, index) = (rows.sequence.borrow()?, rows.index.get());
            if index as usize >= tuple.len() {
                return None;
            }
            rows.index.set(index + 1);
            let item = *items_pointer(tuple).as_ptr().cast::<Value>().add(index as usize);
            incref(item);
            return Some(item);
        }
    }
    None
}

/// The value at `index` of an instance whose attributes stand in values, borrowed; null for none.
///
/// # Safety
/// The instance is live, and of the type that the index was found for.
#[inline(always)]
pub(crate) unsafe fn instance_value(owner: Value, index: usize) -> Value {
    // SAFETY: by the contract.
    match instance::inline_values(unsafe { &*owner }) {
        Some(values) => values.cell(index as isize).get().cast_mut(),
        None => NULL,
    }
}

/// The value of the entry at `index` of an instance's dictionary, if that is `name`'s, borrowed; null for none.
///
/// # Safety
/// The instance is live.
#[inline(always)]
pub(crate) unsafe fn hinted_value(owner: Value, index: usize, name: &Str) -> Value {
    // SAFETY: by the contract; the instance keeps its dictionary.
    let found = instance::managed_dictionary(unsafe { &*owner });
    let value = found.as_ref().and_then(|dict| dict.hinted(index, name));
    value.map_or(NULL, |value| std::ptr::from_ref(value).cast_mut())
}

/// The value of a member at an offset, borrowed; null for none.
///
/// # Safety
/// The instance is live, and of the type that the offset was found for.
#[inline(always)]
pub(crate) unsafe fn slot_value(owner: Value, offset: usize) -> Value {
    // SAFETY: by the contract.
    unsafe { *owner.cast::<u8>().add(offset).cast::<Value>() }
}

/// The value at `index` of an exact module whose keys have this version, borrowed; null for none.
///
/// # Safety
/// The owner is live.
#[inline(always)]
pub(crate) unsafe fn module_value(owner: Value, version: u32, index: usize) -> Value {
    // SAFETY: by the contract; the module keeps its dictionary, whose version says that the entry is there.
    unsafe {
        let Some(module) = (*owner).downcast_exact::<Module>() else { return NULL };
        match module.dict.borrow() {
            Some(dict) if dict.keys_version() == version => {
                dict.unicode_value(index).map_or(NULL, |value| std::ptr::from_ref(value).cast_mut())
            }
            _ => NULL,
        }
    }
}

/// Stores into the values of an instance where something is set already; the value moves.
///
/// # Safety
/// As `instance_value`; `new` is owned.
#[inline(always)]
pub(crate) unsafe fn store_instance_value(owner: Value, index: usize, new: Value) -> bool {
    // SAFETY: by the contract; the old value is dropped after the new one is there.
    unsafe {
        let Some(values) = instance::inline_values(&*owner) else { return false };
        let cell = values.cell(index as isize);
        let old = cell.replace(new);
        if old.is_null() {
            values.append(index as isize);
        } else {
            decref(old.cast_mut());
        }
        true
    }
}

/// Stores into the entry at `index` of an instance's dictionary, if that is `name`'s; the value moves.
///
/// # Safety
/// The instance is live, `new` is owned.
#[inline(always)]
pub(crate) unsafe fn store_hinted(owner: Value, index: usize, name: &Str, new: Value) -> bool {
    // SAFETY: by the contract.
    unsafe {
        let Some(dict) = instance::managed_dictionary(&*owner) else { return false };
        match dict.store_hinted(index, name, own(new)) {
            Ok(()) => true,
            Err(given_back) => {
                std::mem::forget(given_back);
                false
            }
        }
    }
}

/// Stores into a member at an offset; the value moves.
///
/// # Safety
/// As `slot_value`; `new` is owned.
#[inline(always)]
pub(crate) unsafe fn store_slot(owner: Value, offset: usize, new: Value) -> bool {
    // SAFETY: by the contract; the old value is dropped after the new one is there.
    unsafe {
        let old = std::mem::replace(&mut *owner.cast::<u8>().add(offset).cast::<Value>(), new);
        xdecref(old);
    }
    true
}

/// Whether an instance's attributes stand in values whose shared keys have this version.
///
/// # Safety
/// The instance is live.
#[inline(always)]
pub(crate) unsafe fn has_shared_keys(owner: Value, version: u32) -> bool {
    // SAFETY: by the contract.
    let owner = unsafe { &*owner };
    instance::inline_values(owner).is_some()
        && instance::shared_keys(owner.ty()).is_some_and(|keys| keys.version.get() == version)
}

/// Whether an instance has no attribute `name` of its own.
///
/// # Safety
/// The instance is live.
#[inline(always)]
pub(crate) unsafe fn lacks(owner: Value, name: &Str) -> bool {
    // SAFETY: by the contract.
    let owner = unsafe { &*owner };
    if !owner.ty().has_flag(flags::MANAGED_DICT) {
        return instance::lacks_name(owner, name);
    }
    match instance::managed_dictionary(owner) {
        None => instance::inline_values(owner).is_none(),
        Some(dict) => dict.has_only_names() && dict.entry_of_name(name) == EMPTY,
    }
}

/// Whether the owner is a class with this version.
///
/// # Safety
/// The owner is live.
#[inline(always)]
pub(crate) unsafe fn is_class_version(owner: Value, version: u32) -> bool {
    // SAFETY: by the contract; the metatype is type itself.
    unsafe {
        std::ptr::eq((*owner).ty.get(), Type::type_object()) && (*owner.cast::<Type>()).tp_version_tag.get() == version
    }
}

/// Calls what is not a Python function with positional arguments: built-in functions and methods directly, without their vectorcall.
///
/// # Safety
/// `arguments` points to `count` live objects, before which a slot may be overwritten.
#[inline(always)]
pub(crate) unsafe fn call(callable: &Object, arguments: *const &'static Object, count: usize) -> Result<Ref, Raised> {
    // SAFETY: by the contract; the flags say which function an entry has, and receivers are checked.
    unsafe {
        let ty = callable.ty.get();
        if std::ptr::eq(ty, &METHOD_DESCRIPTOR_TYPE.ty) && count > 0 {
            let descriptor = callable.cast_unchecked::<MethodDescriptor>();
            let (method, receiver) = (descriptor.method, *arguments);
            if descriptor.head.accepts(receiver) {
                match (method.flags & CALL_MASK, count) {
                    (METH_NOARGS, 1) => {
                        let _depth = NativeCall::enter(" while calling a Python object")?;
                        return protocol::call::checked_with(
                            callable,
                            arguments,
                            count,
                            (method.function.one)(Some(receiver), None),
                        );
                    }
                    (METH_O, 2) => {
                        let _depth = NativeCall::enter(" while calling a Python object")?;
                        return protocol::call::checked_with(
                            callable,
                            arguments,
                            count,
                            (method.function.one)(Some(receiver), Some(*arguments.add(1))),
                        );
                    }
                    (METH_FASTCALL, _) => {
                        return protocol::call::checked_with(
                            callable,
                            arguments,
                            count,
                            (method.function.fast)(Some(receiver), arguments.add(1), count as isize - 1),
                        );
                    }
                    (FAST_KEYWORDS, _) => {
                        let rest = arguments.add(1);
                        return protocol::call::checked_with(
                            callable,
                            arguments,
                            count,
                            (method.function.fast_keywords)(Some(receiver), rest, count as isize - 1, None),
                        );
                    }
                    _ => {}
                }
            }
        } else if std::ptr::eq(ty, &BUILTIN_FUNCTION_TYPE.ty) {
            let function = callable.cast_unchecked::<BuiltinFunction>();
            let (method, receiver) = (function.method, function.receiver.borrow());
            match (method.flags & CALL_MASK, count) {
                (METH_NOARGS, 0) => {
                    let _depth = NativeCall::enter(" while calling a Python object")?;
                    return protocol::call::checked_with(
                        callable,
                        arguments,
                        count,
                        (method.function.one)(receiver, None),
                    );
                }
                (METH_O, 1) => {
                    let _depth = NativeCall::enter(" while calling a Python object")?;
                    return protocol::call::checked_with(
                        callable,
                        arguments,
                        count,
                        (method.function.one)(receiver, Some(*arguments)),
                    );
                }
                (METH_FASTCALL, _) => {
                    return protocol::call::checked_with(
                        callable,
                        arguments,
                        count,
                        (method.function.fast)(receiver, arguments, count as isize),
                    );
                }
                (FAST_KEYWORDS, _) => {
                    return protocol::call::checked_with(
                        callable,
                        arguments,
                        count,
                        (method.function.fast_keywords)(receiver, arguments, count as isize, None),
                    );
                }
                _ => {}
            }
        }
        protocol::call::vectorcall_raw(callable, arguments, count | VECTORCALL_ARGUMENTS_OFFSET, None)
    }
}
