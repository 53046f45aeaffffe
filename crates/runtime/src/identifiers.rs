//! The names that the runtime itself uses, as static interned strings: `id!(__init__)` is a `&'static Str`.
//!
//! One line a name, in any order; each name once. Those that are static in CPython too are `shared`: their counts start as high as CPython's. The
//! others are `counted` like strings made at run time, but for the one reference that the static itself stands for.

use crate::types::str::intern::InternTable;

/// Declares the names.
macro_rules! identifiers {
    (shared { $($name:ident)* } counted { $($counted:ident)* }) => {
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
            $(
                #[doc = concat!("`", stringify!($counted), "`")]
                pub static $counted: ProcessStatic<StaticStr<{ stringify!($counted).len() + 1 }>> =
                    StaticStr::counted(stringify!($counted));
            )*
        }

        /// Makes the names the interned strings of their texts; done once for each interpreter, before any other string is interned.
        pub fn register(table: &InternTable) {
            table.add_letters();
            $(table.add_static(names::$name.0.text());)*
            $(table.add_static(names::$counted.0.text());)*
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
    shared {
        TextIOWrapper
        __IOBase_closed
        __abc_tpflags__
        __abstractmethods__
        __aiter__
        __all__
        __and__
        __anext__
        __args__
        __await__
        __bases__
        __builtins__
        __call__
        __class__
        __class_getitem__
        __classcell__
        __contains__
        __delattr__
        __delitem__
        __dict__
        __doc__
        __enter__
        __eq__
        __exit__
        __file__
        __fspath__
        __ge__
        __getattr__
        __getattribute__
        __getitem__
        __gt__
        __hash__
        __iadd__
        __iand__
        __import__
        __init__
        __instancecheck__
        __ior__
        __isabstractmethod__
        __isub__
        __iter__
        __ixor__
        __le__
        __len__
        __loader__
        __lt__
        __main__
        __module__
        __name__
        __new__
        __next__
        __or__
        __package__
        __parameters__
        __path__
        __qualname__
        __rand__
        __reduce__
        __repr__
        __reversed__
        __ror__
        __rsub__
        __rxor__
        __setitem__
        __slots__
        __spec__
        __sub__
        __subclasscheck__
        __subclasshook__
        __xor__
        _abc_impl
        _bootstrap
        _find_and_load
        _fix_up_module
        _get_sourcefile
        _handle_fromlist
        _initializing
        _is_text_encoding
        _lock_unlock_module
        _uninitialized_submodules
        add
        append
        buffer
        builtins
        clear
        close
        code
        copy
        decode
        default
        encode
        encoding
        errors
        excepthook
        extend
        filename
        get
        get_source
        getattr
        getstate
        ignore
        importlib
        isinstance
        items
        iter
        join
        keys
        latin1
        len
        line
        lineno
        little
        locale
        metaclass
        mode
        modules
        mro
        msg
        name
        next
        obj
        offset
        open
        parent
        path
        read
        readline
        replace
        reset
        reversed
        seek
        send
        setstate
        stderr
        stdin
        stdout
        strict
        sys
        tell
        text
        throw
        top
        truncate
        values
        version
        warnings
        write
        zipimporter
    }
    counted {
        __abs__
        __add__
        __aenter__
        __aexit__
        __annotations__
        __bool__
        __build_class__
        __bytes__
        __ceil__
        __complex__
        __copy__
        __del__
        __delete__
        __dir__
        __divmod__
        __float__
        __floor__
        __floordiv__
        __format__
        __get__
        __getinitargs__
        __getnewargs__
        __getnewargs_ex__
        __getstate__
        __ifloordiv__
        __ilshift__
        __imatmul__
        __imod__
        __imul__
        __index__
        __init_subclass__
        __int__
        __invert__
        __ipow__
        __irshift__
        __itruediv__
        __length_hint__
        __lshift__
        __match_args__
        __matmul__
        __missing__
        __mod__
        __mro_entries__
        __mul__
        __ne__
        __neg__
        __newobj__
        __newobj_ex__
        __notes__
        __objclass__
        __orig_bases__
        __orig_class__
        __origin__
        __pos__
        __pow__
        __prepare__
        __radd__
        __rdivmod__
        __reduce_ex__
        __rfloordiv__
        __rlshift__
        __rmatmul__
        __rmod__
        __rmul__
        __round__
        __rpow__
        __rrshift__
        __rshift__
        __rtruediv__
        __self__
        __set__
        __set_name__
        __setattr__
        __setstate__
        __sizeof__
        __slotnames__
        __str__
        __text_signature__
        __truediv__
        __trunc__
        __typing_is_unpacked_typevartuple__
        __typing_prepare_subst__
        __typing_subst__
        __typing_unpacked_tuple_args__
        __warningregistry__
        __weakref__
        __wrapped__
        copyreg
    }
}
