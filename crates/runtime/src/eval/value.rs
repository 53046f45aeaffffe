//! Values as the evaluation loop holds them: owned references as plain pointers, null for none.
//!
//! The stack, the locals and the fast paths use them so that a value is moved by one load and one store, and a count is touched only
//! where one changes.

use std::ptr::NonNull;

use crate::object::{Object, Ref};

/// An owned reference, or null.
pub type Value = *mut Object;

/// No value.
pub const NULL: Value = std::ptr::null_mut();

/// Gives a reference away as a value.
#[inline(always)]
pub fn value<T: AsRef<Object>>(reference: Ref<T>) -> Value {
    reference.into_pointer().as_ptr().cast()
}

/// Gives a reference away as a value; null for none.
#[inline(always)]
pub fn optional<T: AsRef<Object>>(reference: Option<Ref<T>>) -> Value {
    reference.map_or(NULL, value)
}

/// A new owned value of what is borrowed.
#[inline(always)]
pub fn new_value(object: &Object) -> Value {
    object.refcount.set(object.refcount.get() + 1);
    std::ptr::from_ref(object).cast_mut()
}

/// One more reference.
///
/// # Safety
/// `value` is a live object.
#[inline(always)]
pub unsafe fn incref(value: Value) {
    // SAFETY: by the contract.
    let object = unsafe { &*value };
    object.refcount.set(object.refcount.get() + 1);
}

/// Takes a value as a reference.
///
/// # Safety
/// `value` is owned and passes to the result.
#[inline(always)]
pub unsafe fn own(value: Value) -> Ref {
    // SAFETY: by the contract.
    unsafe { Ref::from_owned(NonNull::new_unchecked(value)) }
}

/// Takes a value that may be null as a reference.
///
/// # Safety
/// `value` is null, or owned and passes to the result.
#[inline(always)]
pub unsafe fn own_optional(value: Value) -> Option<Ref> {
    // SAFETY: by the contract.
    NonNull::new(value).map(|value| unsafe { Ref::from_owned(value) })
}

/// Drops a value.
///
/// # Safety
/// `value` is owned and gone afterwards.
#[inline(always)]
pub unsafe fn decref(value: Value) {
    // SAFETY: by the contract.
    drop(unsafe { own(value) });
}

/// Drops an exact float.
///
/// # Safety
/// As `decref`; `value` is exactly a float.
#[inline(always)]
pub unsafe fn decref_float(value: Value) {
    // SAFETY: by the contract; a float has no fields that need ending, and its block is of its layout's size.
    unsafe {
        let count = (*value).refcount.get() - 1;
        (*value).refcount.set(count);
        if count == 0 {
            let size = size_of::<crate::types::float::Float>();
            habu_heap::free(habu_heap::Domain::Object, NonNull::new_unchecked(value.cast()), size);
        }
    }
}

/// Drops an exact integer of at most two digits.
///
/// # Safety
/// As `decref`; `value` is exactly an integer of at most two digits.
#[inline(always)]
pub unsafe fn decref_int(value: Value) {
    // SAFETY: by the contract; integers of one and two digits are in blocks of 28 and 32 bytes.
    unsafe {
        let count = (*value).refcount.get() - 1;
        (*value).refcount.set(count);
        if count == 0 {
            let digits = (*value).cast_unchecked::<crate::types::int::Int>().base.size.get().unsigned_abs();
            let size = if digits > 1 { 32 } else { 28 };
            habu_heap::free(habu_heap::Domain::Object, NonNull::new_unchecked(value.cast()), size);
        }
    }
}

/// Drops a value that may be null.
///
/// # Safety
/// `value` is null, or owned and gone afterwards.
#[inline(always)]
pub unsafe fn xdecref(value: Value) {
    if !value.is_null() {
        // SAFETY: by the contract.
        unsafe { decref(value) }
    }
}

/// Takes one away from a count that is known not to reach zero by it.
///
/// # Safety
/// `value` is owned, and somebody else owns a reference too.
#[inline(always)]
pub unsafe fn decref_shared(value: Value) {
    // SAFETY: by the contract.
    let object = unsafe { &*value };
    debug_assert!(object.refcount.get() > 1);
    object.refcount.set(object.refcount.get() - 1);
}

/// Looks at a value.
///
/// # Safety
/// `value` is a live object for as long as the borrow is used.
#[inline(always)]
pub unsafe fn see<'a>(value: Value) -> &'a Object {
    // SAFETY: by the contract.
    unsafe { &*value }
}
