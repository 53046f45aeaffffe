//! `_bisect`: places in sorted sequences.

use habu_macros::pymodule;
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol::number::index_as_size;
use habu_runtime::object::protocol::sequence::get_index;
use habu_runtime::object::protocol::{call_method, call1, compare_truth, length};
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{IntoObject, Object, Raised};
use habu_runtime::raise;
use habu_runtime::types::list::List;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;

/// Bisection algorithms.
///
/// This module provides support for maintaining a list in sorted order without
/// having to sort the list after each insertion. For long lists of items with
/// expensive comparison operations, this can be an improvement over the more
/// common approach.
pub struct Bisect;

/// Before or behind the items that are equal.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

/// The place of `x` between `lo` and `hi`.
fn place(
    a: &Object,
    x: &Object,
    lo: isize,
    hi: Option<&Object>,
    key: Option<&Object>,
    side: Side,
) -> Result<isize, Raised> {
    if lo < 0 {
        return Err(raise!(ValueError, "lo must be non-negative"));
    }
    let hi = match hi.filter(|hi| !is_none(hi)) {
        Some(hi) => index_as_size(hi, Some(exc::OverflowError()))?,
        None => -1,
    };
    let (mut low, mut high) = (lo, if hi == -1 { length(a)? as isize } else { hi });
    while low < high {
        let middle = low + (high - low) / 2;
        let mut item = get_index(a, middle)?;
        if let Some(key) = key {
            item = call1(key, &item)?;
        }
        match side {
            Side::Right if compare_truth(x, &item, CompareOp::Lt)? => high = middle,
            Side::Left if !compare_truth(&item, x, CompareOp::Lt)? => high = middle,
            _ => low = middle + 1,
        }
    }
    Ok(low)
}

/// Inserts `x` where it belongs.
fn insert(
    a: &Object,
    x: &Object,
    lo: isize,
    hi: Option<&Object>,
    key: Option<&Object>,
    side: Side,
) -> Result<(), Raised> {
    let index = match key {
        Some(function) => place(a, &*call1(function, x)?, lo, hi, key, side)?,
        None => place(a, x, lo, hi, None, side)?,
    };
    if let Some(list) = a.downcast_exact::<List>() {
        return list.insert_at(index as usize, x.to_ref());
    }
    let name = Str::intern("insert")?;
    call_method(a, &name, &[&*index.into_object()?, x]).map(drop)
}

/// A key function; None is none.
fn given(key: Option<&Object>) -> Option<&Object> {
    key.filter(|key| !is_none(key))
}

#[pymodule(name = "_bisect")]
impl Bisect {
    /// Return the index where to insert item x in list a, assuming a is sorted.
    ///
    /// The return value i is such that all e in a[:i] have e <= x, and all e in
    /// a[i:] have e > x.  So if x already appears in the list, a.insert(i, x) will
    /// insert just after the rightmost x already there.
    ///
    /// Optional args lo (default 0) and hi (default len(a)) bound the
    /// slice of a to be searched.
    #[signature(a, x, lo = 0, hi = None, *, key = None)]
    #[shown("($module, /, a, x, lo=0, hi=None, *, key=None)")]
    fn bisect_right(
        a: &Object,
        x: &Object,
        lo: isize,
        hi: Option<&Object>,
        key: Option<&Object>,
    ) -> Result<isize, Raised> {
        place(a, x, lo, hi, given(key), Side::Right)
    }

    /// Insert item x in list a, and keep it sorted assuming a is sorted.
    ///
    /// If x is already in a, insert it to the right of the rightmost x.
    ///
    /// Optional args lo (default 0) and hi (default len(a)) bound the
    /// slice of a to be searched.
    #[signature(a, x, lo = 0, hi = None, *, key = None)]
    #[shown("($module, /, a, x, lo=0, hi=None, *, key=None)")]
    fn insort_right(
        a: &Object,
        x: &Object,
        lo: isize,
        hi: Option<&Object>,
        key: Option<&Object>,
    ) -> Result<(), Raised> {
        insert(a, x, lo, hi, given(key), Side::Right)
    }

    /// Return the index where to insert item x in list a, assuming a is sorted.
    ///
    /// The return value i is such that all e in a[:i] have e < x, and all e in
    /// a[i:] have e >= x.  So if x already appears in the list, a.insert(i, x) will
    /// insert just before the leftmost x already there.
    ///
    /// Optional args lo (default 0) and hi (default len(a)) bound the
    /// slice of a to be searched.
    #[signature(a, x, lo = 0, hi = None, *, key = None)]
    #[shown("($module, /, a, x, lo=0, hi=None, *, key=None)")]
    fn bisect_left(
        a: &Object,
        x: &Object,
        lo: isize,
        hi: Option<&Object>,
        key: Option<&Object>,
    ) -> Result<isize, Raised> {
        place(a, x, lo, hi, given(key), Side::Left)
    }

    /// Insert item x in list a, and keep it sorted assuming a is sorted.
    ///
    /// If x is already in a, insert it to the left of the leftmost x.
    ///
    /// Optional args lo (default 0) and hi (default len(a)) bound the
    /// slice of a to be searched.
    #[signature(a, x, lo = 0, hi = None, *, key = None)]
    #[shown("($module, /, a, x, lo=0, hi=None, *, key=None)")]
    fn insort_left(a: &Object, x: &Object, lo: isize, hi: Option<&Object>, key: Option<&Object>) -> Result<(), Raised> {
        insert(a, x, lo, hi, given(key), Side::Left)
    }
}
