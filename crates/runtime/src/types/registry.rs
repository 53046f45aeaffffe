//! The static types of the runtime, in the order in which they are readied: bases before what derives from them is not
//! required, readying a type readies its bases first.

use crate::object::StaticType;
use crate::types::*;

/// All static types of this crate, exceptions excepted.
pub static STATIC_TYPES: &[&StaticType] = &[
    &object::OBJECT_TYPE,
    &type_::TYPE_TYPE,
    &str::STR_TYPE,
    &int::INT_TYPE,
    &int::BOOL_TYPE,
    &float::FLOAT_TYPE,
    &tuple::TUPLE_TYPE,
    &list::LIST_TYPE,
    &iterators::SEQUENCE_ITERATOR_TYPE,
    &iterators::CALLABLE_ITERATOR_TYPE,
    &dict::DICT_TYPE,
    &module::MODULE_TYPE,
    &traceback::TRACEBACK_TYPE,
    &weakref::WEAK_REFERENCE_TYPE,
    &singletons::NONE_OBJECT_TYPE,
    &singletons::ELLIPSIS_OBJECT_TYPE,
    &singletons::NOT_IMPLEMENTED_OBJECT_TYPE,
];
