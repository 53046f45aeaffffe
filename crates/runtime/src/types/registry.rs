//! The static types of the runtime, in the order in which they are readied: bases before what derives from them is not
//! required, readying a type readies its bases first.

use crate::object::{StaticType, Type};
use crate::types::*;

/// All static types of this crate, exceptions excepted.
pub static STATIC_TYPES: &[&StaticType] = &[
    &object::OBJECT_TYPE,
    &type_::TYPE_TYPE,
    &str::STR_TYPE,
    &str::STR_ITERATOR_TYPE,
    &str::STR_ASCII_ITERATOR_TYPE,
    &bytes::BYTES_TYPE,
    &bytes::BYTES_ITERATOR_TYPE,
    &bytearray::BYTE_ARRAY_TYPE,
    &bytearray::BYTE_ARRAY_ITERATOR_TYPE,
    &int::INT_TYPE,
    &int::BOOL_TYPE,
    &float::FLOAT_TYPE,
    &complex::COMPLEX_TYPE,
    &tuple::TUPLE_TYPE,
    &list::LIST_TYPE,
    &iterators::LIST_ITERATOR_TYPE,
    &iterators::LIST_REVERSE_ITERATOR_TYPE,
    &iterators::TUPLE_ITERATOR_TYPE,
    &iterators::SEQUENCE_ITERATOR_TYPE,
    &iterators::CALLABLE_ITERATOR_TYPE,
    &slice::SLICE_TYPE,
    &generic_alias::GENERIC_ALIAS_TYPE,
    &generic_alias::GENERIC_ALIAS_ITERATOR_TYPE,
    &union_::UNION_TYPE_TYPE,
    &range::RANGE_TYPE,
    &range::RANGE_ITERATOR_TYPE,
    &range::LONG_RANGE_ITERATOR_TYPE,
    &enumerate::ENUMERATE_TYPE,
    &zip::ZIP_TYPE,
    &map::MAP_TYPE,
    &filter::FILTER_TYPE,
    &reversed::REVERSED_TYPE,
    &dict::DICT_TYPE,
    &module::MODULE_TYPE,
    &traceback::TRACEBACK_TYPE,
    &weakref::WEAK_REFERENCE_TYPE,
    &descriptor::wrapper::WRAPPER_DESCRIPTOR_TYPE,
    &descriptor::wrapper::METHOD_WRAPPER_TYPE,
    &descriptor::method::METHOD_DESCRIPTOR_TYPE,
    &descriptor::method::CLASS_METHOD_DESCRIPTOR_TYPE,
    &descriptor::getset::GET_SET_DESCRIPTOR_TYPE,
    &descriptor::member::MEMBER_DESCRIPTOR_TYPE,
    &builtin_function::BUILTIN_FUNCTION_TYPE,
    &property::PROPERTY_TYPE,
    &property::STATIC_METHOD_TYPE,
    &property::CLASS_METHOD_TYPE,
    &super_::SUPER_TYPE,
    &bytes::BYTES_TYPE,
    &code::CODE_TYPE,
    &function::FUNCTION_TYPE,
    &method::METHOD_TYPE,
    &cell::CELL_TYPE,
    &frame::FRAME_OBJECT_TYPE,
    &generator::GENERATOR_TYPE,
    &coroutine::COROUTINE_TYPE,
    &coroutine::COROUTINE_WRAPPER_TYPE,
    &async_generator::ASYNC_GENERATOR_TYPE,
    &async_generator::WRAPPED_VALUE_TYPE,
    &async_generator::asend::ASYNC_GEN_ASEND_TYPE,
    &async_generator::athrow::ASYNC_GEN_ATHROW_TYPE,
    &async_generator::anext::ANEXT_AWAITABLE_TYPE,
    &singletons::NONE_OBJECT_TYPE,
    &singletons::ELLIPSIS_OBJECT_TYPE,
    &singletons::NOT_IMPLEMENTED_OBJECT_TYPE,
];

/// The static type whose type object `ty` is.
pub fn static_type_of(ty: &Type) -> Option<&'static StaticType> {
    let all = STATIC_TYPES.iter().copied().chain(crate::exceptions::hierarchy::all());
    all.into_iter().find(|known| std::ptr::eq(&known.ty, ty))
}
