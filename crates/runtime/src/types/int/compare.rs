//! Comparison and hash of integers.

use std::cmp::Ordering;

use habu_numbers::digits::{basic, hash as hashes};

use super::Int;

/// Which of the two is larger.
#[inline(always)]
pub fn compare(left: &Int, right: &Int) -> Ordering {
    if left.is_single() && right.is_single() {
        return left.small_value().cmp(&right.small_value());
    }
    // Sizes carry the signs.
    let sizes = left.base.size.get().cmp(&right.base.size.get());
    if sizes.is_ne() {
        return sizes;
    }
    let magnitudes = basic::compare(left.digits(), right.digits());
    if left.is_negative() { magnitudes.reverse() } else { magnitudes }
}

/// Whether the two are equal.
#[inline(always)]
pub fn equal(left: &Int, right: &Int) -> bool {
    if std::ptr::eq(left, right) {
        return true;
    }
    if left.is_single() && right.is_single() {
        return left.small_value() == right.small_value();
    }
    left.base.size.get() == right.base.size.get() && basic::compare(left.digits(), right.digits()).is_eq()
}

/// `hash(value)`; never -1.
#[inline(always)]
pub fn hash(value: &Int) -> isize {
    if value.is_single() {
        let value = value.small_value() as isize;
        return if value == -1 { -2 } else { value };
    }
    hashes::hash(value.signed()) as isize
}
