//! What can be done with any object: the abstract protocols (`Include/abstract.h`), one file for each.

pub mod attribute;
pub mod basic;
pub mod call;
pub mod compare;
pub mod number;

pub use attribute::{get_attribute, get_attribute_str, has_attribute, lookup_attribute, lookup_special, set_attribute};
pub use basic::{hash, is_callable, repr, str, truth};
pub use call::{call, call_method, call_tuple, call_with_keywords, call0, call1, vectorcall};
pub use compare::{compare, compare_truth, equal};
