//! Comparison and hash of floats.

use std::cmp::Ordering;

use habu_numbers::digits::compare::compare_f64;
use habu_numbers::float::hash as hashes;

use super::Float;
use crate::object::slots::CompareOp;
use crate::object::{Object, Ref};
use crate::types::int::Int;
use crate::types::singletons::{boolean, not_implemented};

/// Whether `left op right`.
#[inline(always)]
pub fn holds(left: f64, right: f64, op: CompareOp) -> bool {
    match op {
        CompareOp::Lt => left < right,
        CompareOp::Le => left <= right,
        CompareOp::Eq => left == right,
        CompareOp::Ne => left != right,
        CompareOp::Gt => left > right,
        CompareOp::Ge => left >= right,
    }
}

/// `left op right` for a float or an integer on the right; else NotImplemented.
pub(super) fn compare(left: f64, right: &Object, op: CompareOp) -> Ref {
    if let Some(right) = right.downcast::<Float>() {
        return boolean(holds(left, right.value(), op));
    }
    let Some(right) = right.downcast::<Int>() else { return not_implemented() };
    boolean(match compare_f64(right.signed(), left).map(Ordering::reverse) {
        Some(order) => op.holds(order),
        None => op == CompareOp::Ne,
    })
}

/// `hash(value)`: that of the integer where it is one; a NaN is hashed by its object.
pub fn hash(value: &Float) -> isize {
    hash_of(value.value(), value)
}

/// The hash of a double that is `object` or a part of it.
pub fn hash_of(value: f64, object: &Object) -> isize {
    match hashes::hash(value) {
        Some(hash) => hash as isize,
        None => crate::hashing::hash_pointer(object.address()),
    }
}
