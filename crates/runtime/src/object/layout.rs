//! The layouts that compiled extensions rely on, asserted at compile time against CPython 3.11's headers (x86-64).

use std::mem::offset_of;

use super::header::{Object, VarObject};
use super::slots::*;
use super::typeobject::{HeapType, StaticType, Type};

/// Asserts a struct's size and the offsets of its fields.
#[macro_export]
macro_rules! assert_layout {
    ($ty:ty, size $size:expr $(, $field:ident @ $offset:expr)* $(,)?) => {
        const _: () = assert!(std::mem::size_of::<$ty>() == $size, concat!("size of ", stringify!($ty)));
        $(const _: () = assert!(std::mem::offset_of!($ty, $field) == $offset, concat!("offset of ", stringify!($field)));)*
    };
}

/// Has fields of a type end in an order of their own, which is CPython's and which finalizers show; those not named end after them, in the
/// order in which they stand.
#[macro_export]
macro_rules! ends_in_order {
    ($ty:ty: $($field:ident),+ $(,)?) => {
        impl Drop for $ty {
            fn drop(&mut self) {
                $(drop(self.$field.take());)+
            }
        }
    };
}

assert_layout!(Object, size 16, refcount @ 0, ty @ 8);
assert_layout!(VarObject, size 24, size @ 16);
assert_layout!(AsyncMethods, size 32);
assert_layout!(NumberMethods, size 288);
assert_layout!(SequenceMethods, size 80);
assert_layout!(MappingMethods, size 24);
assert_layout!(BufferMethods, size 16);
assert_layout!(BufferView, size 80, obj @ 8, len @ 16, readonly @ 32, ndim @ 36, format @ 40, internal @ 72);
assert_layout!(Type, size 408, tp_name @ 24, tp_basicsize @ 32, tp_dealloc @ 48, tp_as_async @ 80, tp_hash @ 120,
    tp_flags @ 168, tp_doc @ 176, tp_weaklistoffset @ 208, tp_iter @ 216, tp_methods @ 232, tp_base @ 256, tp_dict @ 264,
    tp_dictoffset @ 288, tp_init @ 296, tp_new @ 312, tp_mro @ 344, tp_version_tag @ 384, tp_vectorcall @ 400);
assert_layout!(HeapType, size 904, as_number @ 440, as_mapping @ 728, as_sequence @ 752, as_buffer @ 832, ht_name @ 848,
    ht_slots @ 856, ht_qualname @ 864, ht_cached_keys @ 872, ht_module @ 880, ht_tpname @ 888, ht_getitem @ 896);
const _: () = assert!(offset_of!(HeapType, as_async) == 408);
// A static type begins with a heap type.
assert_layout!(StaticType, size 960, asynchronous @ 408, number @ 440, mapping @ 728, sequence @ 752, buffer @ 832, spec @ 904);
