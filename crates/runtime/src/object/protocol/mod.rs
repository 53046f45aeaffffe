//! What can be done with any object: the abstract protocols (`Include/abstract.h`), one file for each.

pub mod attribute;
pub mod basic;
pub mod call;
pub mod compare;
pub mod format;
pub mod iterate;
pub mod mapping;
pub mod number;
pub mod operator;
pub mod repr_guard;
pub mod sequence;
pub mod text_builder;

pub use attribute::{get_attribute, get_attribute_str, has_attribute, lookup_attribute, lookup_special, set_attribute};
pub use basic::{hash, is_callable, repr, repr_of_item, str, truth};
pub use call::{call, call_method, call_method_named, call_tuple, call_with_keywords, call0, call1, vectorcall};
pub use compare::{compare, compare_items, compare_truth, equal};
pub use format::format;
pub use iterate::{for_each, iterator, next};
pub use number::{Operator, binary_op, inplace_op};
pub use sequence::{contains, delete_item, get_item, length, length_hint, set_item, to_list, to_tuple};
pub use text_builder::TextBuilder;
