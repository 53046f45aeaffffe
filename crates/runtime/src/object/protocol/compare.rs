//! Comparison of any two objects (`PyObject_RichCompare`).

use super::basic::truth;
use crate::object::slots::CompareOp;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::threads::thread::NativeCall;
use crate::types::int::{Int, compare as integers};
use crate::types::singletons::{boolean, not_implemented_static};
use crate::types::str::Str;

/// `left op right`
pub fn compare(left: &Object, right: &Object, op: CompareOp) -> Result<Ref, Raised> {
    let _depth = NativeCall::enter(" in comparison")?;
    let (left_type, right_type) = (left.ty(), right.ty());
    let mut tried_right = false;
    // SAFETY: each slot belongs to the type of its first operand.
    unsafe {
        if !std::ptr::eq(left_type, right_type)
            && right_type.is_subtype(left_type)
            && let Some(slot) = right_type.tp_richcompare.get()
        {
            tried_right = true;
            let result = slot(right, left, op.swapped() as i32)?;
            if !result.is(not_implemented_static()) {
                return Ok(result);
            }
        }
        if let Some(slot) = left_type.tp_richcompare.get() {
            let result = slot(left, right, op as i32)?;
            if !result.is(not_implemented_static()) {
                return Ok(result);
            }
        }
        if !tried_right && let Some(slot) = right.ty().tp_richcompare.get() {
            let result = slot(right, left, op.swapped() as i32)?;
            if !result.is(not_implemented_static()) {
                return Ok(result);
            }
        }
    }
    match op {
        CompareOp::Eq => Ok(boolean(left.is(right))),
        CompareOp::Ne => Ok(boolean(!left.is(right))),
        _ => Err(raise!(
            TypeError,
            "'{}' not supported between instances of '{}' and '{}'",
            op.symbol(),
            left.ty().full_name(),
            right.ty().full_name()
        )),
    }
}

/// Whether `left op right`; an object equals itself without being asked.
pub fn compare_truth(left: &Object, right: &Object, op: CompareOp) -> Result<bool, Raised> {
    if left.is(right) {
        if op == CompareOp::Eq {
            return Ok(true);
        }
        if op == CompareOp::Ne {
            return Ok(false);
        }
    }
    truth(&*compare(left, right, op)?)
}

/// As [`compare`]; integers, which rows hold most, are compared without their slots.
#[inline]
pub fn compare_items(left: &Object, right: &Object, op: CompareOp) -> Result<Ref, Raised> {
    if let (Some(left), Some(right)) = (left.downcast_exact::<Int>(), right.downcast_exact::<Int>()) {
        return Ok(boolean(op.holds(integers::compare(left, right))));
    }
    compare(left, right, op)
}

/// Whether the two are one object or equal. Strings and integers, which are looked for most, are compared without their slots.
pub fn equal(left: &Object, right: &Object) -> Result<bool, Raised> {
    if left.is(right) {
        return Ok(true);
    }
    if let (Some(left), Some(right)) = (left.downcast_exact::<Str>(), right.downcast_exact::<Str>()) {
        return Ok(left.same_text(right));
    }
    if let (Some(left), Some(right)) = (left.downcast_exact::<Int>(), right.downcast_exact::<Int>()) {
        return Ok(integers::equal(left, right));
    }
    compare_truth(left, right, CompareOp::Eq)
}
