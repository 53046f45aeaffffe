//! The names that the runtime itself uses, as static interned strings: `id!(__init__)` is a `&'static Str`.
//!
//! One line a name, in any order; each name once.

use crate::types::str::intern::InternTable;

/// Declares the names.
macro_rules! identifiers {
    ($($name:ident)*) => {
        /// The strings.
        #[allow(non_upper_case_globals)]
        pub mod names {
            use crate::object::static_cell::ProcessStatic;
            use crate::types::str::intern::StaticStr;
            $(
                #[doc = concat!("`", stringify!($name), "`")]
                pub static $name: ProcessStatic<StaticStr<{ stringify!($name).len() + 1 }>> =
                    StaticStr::new(stringify!($name));
            )*
        }

        /// Makes the names the interned strings of their texts; done once for each interpreter, before any other string is interned.
        pub fn register(table: &InternTable) {
            $(table.add_static(names::$name.0.text());)*
        }
    };
}

/// The static string of a name in `identifiers.rs`.
#[macro_export]
macro_rules! id {
    ($name:ident) => {
        $crate::identifiers::names::$name.0.text()
    };
}

identifiers! {
    __abs__
    __add__
    __aenter__
    __aexit__
    __aiter__
    __all__
    __and__
    __anext__
    __annotations__
    __await__
    __bases__
    __bool__
    __build_class__
    __builtins__
    __bytes__
    __ceil__
    __call__
    __class__
    __class_getitem__
    __classcell__
    __complex__
    __contains__
    __copy__
    __del__
    __delattr__
    __delete__
    __delitem__
    __dict__
    __dir__
    __divmod__
    __doc__
    __enter__
    __eq__
    __exit__
    __file__
    __floor__
    __float__
    __floordiv__
    __format__
    __fspath__
    __ge__
    __get__
    __getattr__
    __getattribute__
    __getinitargs__
    __getitem__
    __getnewargs__
    __getnewargs_ex__
    __getstate__
    __gt__
    __hash__
    __iadd__
    __iand__
    __ifloordiv__
    __ilshift__
    __imatmul__
    __imod__
    __import__
    __imul__
    __index__
    __init__
    __init_subclass__
    __instancecheck__
    __int__
    __invert__
    __ior__
    __ipow__
    __irshift__
    __isabstractmethod__
    __isub__
    __iter__
    __itruediv__
    __ixor__
    __le__
    __len__
    __length_hint__
    __loader__
    __lshift__
    __lt__
    __main__
    __match_args__
    __matmul__
    __missing__
    __mod__
    __module__
    __mro_entries__
    __mul__
    __name__
    __ne__
    __neg__
    __new__
    __newobj__
    __newobj_ex__
    __next__
    __notes__
    __objclass__
    __or__
    __origin__
    __args__
    __parameters__
    __orig_bases__
    __package__
    __path__
    __pos__
    __pow__
    __prepare__
    __qualname__
    __radd__
    __rand__
    __rdivmod__
    __reduce__
    __reduce_ex__
    __repr__
    __reversed__
    __rfloordiv__
    __rlshift__
    __rmatmul__
    __rmod__
    __rmul__
    __ror__
    __round__
    __rpow__
    __rrshift__
    __rshift__
    __rsub__
    __rtruediv__
    __rxor__
    __self__
    __set__
    __set_name__
    __setattr__
    __setitem__
    __setstate__
    __sizeof__
    __slotnames__
    __slots__
    __spec__
    __str__
    __sub__
    __subclasscheck__
    __subclasshook__
    __text_signature__
    __truediv__
    __trunc__
    __typing_subst__
    __typing_unpacked_tuple_args__
    __typing_prepare_subst__
    __warningregistry__
    __weakref__
    __wrapped__
    __xor__
    builtins
    _find_and_load
    _handle_fromlist
    _initializing
    _lock_unlock_module
    parent
    close
    items
    next
    __typing_is_unpacked_typevartuple__
    __orig_class__
    iter
    keys
    reversed
    values
    copyreg
    mro
    send
    throw
    metaclass
    sys
}
