//! Between Rust types and objects: `PyType` ties a layout to its type object, `IntoObject` makes results into objects.

use super::header::Object;
use super::raised::Raised;
use super::reference::Ref;
use super::typeobject::{StaticType, Type};

/// A Rust struct that is the layout of the instances of a Python type.
///
/// # Safety
/// The struct is `repr(C)` and begins with an object header; `check` is true only for objects whose memory is a `Self`.
pub unsafe trait PyType: AsRef<Object> + Sized + 'static {
    /// The type's name, without its module.
    const NAME: &'static str;
    /// Whether objects of exactly this type are known to be collectable; false says nothing, since that may be inherited.
    const COLLECTABLE: bool = false;
    /// Whether instances of exactly this type end without the finalizer that it inherits, as where CPython's type has a `tp_dealloc` of its own that
    /// does not call it. The collector calls it all the same.
    const UNFINALIZED: bool = false;

    /// Whether the type is a heap type, so that an instance holds a reference to its type.
    const HEAP: bool = false;

    /// The free list that exact instances go to.
    const FREE_LIST: Option<super::free_list::Kind> = None;

    /// The static type with its tables.
    fn static_type() -> &'static StaticType;

    /// The type object.
    #[inline(always)]
    fn type_object() -> &'static Type {
        &Self::static_type().ty
    }

    /// Whether `object`'s type is this one or a subtype of it.
    #[inline(always)]
    fn check(object: &Object) -> bool {
        object.is_exact::<Self>() || object.ty().is_subtype(Self::type_object())
    }
}

/// What a function written in Rust may return to Python.
pub trait IntoObject {
    /// The value as an object.
    fn into_object(self) -> Result<Ref, Raised>;
}

impl<T: AsRef<Object>> IntoObject for Ref<T> {
    #[inline(always)]
    fn into_object(self) -> Result<Ref, Raised> {
        Ok(Ref::into_object(self))
    }
}

impl<T: IntoObject> IntoObject for Option<T> {
    fn into_object(self) -> Result<Ref, Raised> {
        match self {
            Some(value) => value.into_object(),
            None => Ok(crate::types::none()),
        }
    }
}

impl IntoObject for () {
    #[inline(always)]
    fn into_object(self) -> Result<Ref, Raised> {
        Ok(crate::types::none())
    }
}

impl IntoObject for bool {
    #[inline(always)]
    fn into_object(self) -> Result<Ref, Raised> {
        Ok(crate::types::boolean(self))
    }
}

macro_rules! integers_into_object {
    ($($signed:ty)*, $($unsigned:ty)*) => {
        $(impl IntoObject for $signed {
            fn into_object(self) -> Result<Ref, Raised> {
                Ok(crate::types::int::Int::from_i64(self as i64)?.into_object())
            }
        })*
        $(impl IntoObject for $unsigned {
            fn into_object(self) -> Result<Ref, Raised> {
                Ok(crate::types::int::Int::from_u64(self as u64)?.into_object())
            }
        })*
    };
}
integers_into_object!(i32 i64 isize, u8 u32 u64 usize);

impl IntoObject for f64 {
    fn into_object(self) -> Result<Ref, Raised> {
        Ok(crate::types::float::Float::new(self)?.into_object())
    }
}

impl IntoObject for &str {
    fn into_object(self) -> Result<Ref, Raised> {
        Ok(crate::types::str::Str::new(self)?.into_object())
    }
}
