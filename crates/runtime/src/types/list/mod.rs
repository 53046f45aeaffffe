//! `list`: a growing row of references (`PyListObject`).

mod methods;
mod slices;
mod sort;
mod timsort;
pub mod value;

pub use sort::sort;
pub use value::{LIST_TYPE, List};

use crate::object::slots::CompareOp;
use crate::object::{Raised, protocol};

/// Sorts a list by `<`.
pub fn sort(list: &List) -> Result<(), Raised> {
    let mut items = list.take_all();
    let mut error = None;
    items.as_mut_slice().sort_by(|left, right| match protocol::compare_truth(left, right, CompareOp::Lt) {
        Ok(true) => std::cmp::Ordering::Less,
        Ok(false) => std::cmp::Ordering::Greater,
        Err(raised) => {
            error = Some(raised);
            std::cmp::Ordering::Equal
        }
    });
    items.put_back(list);
    error.map_or(Ok(()), Err)
}
