//! The header that every object starts with: its reference count and its type (`PyObject`, `PyVarObject`).
//!
//! Invariant: the count is the number of owned references; an object whose count reaches zero is deallocated at once.
//! The count is a plain word: only the thread that holds the interpreter's lock touches it.

use std::cell::Cell;
use std::ops::Deref;
use std::ptr::NonNull;

use super::convert::PyType;
use super::reference::Ref;
use super::typeobject::Type;

/// The count that objects shared by the whole process start with, as in 3.11 (`_PyObject_IMMORTAL_REFCNT`).
pub const SHARED_REFCOUNT: isize = 999_999_999;

/// The first 16 bytes of every object (`PyObject`).
#[repr(C)]
pub struct Object {
    pub(crate) refcount: Cell<isize>,
    pub(crate) ty: Cell<*const Type>,
}

/// The first 24 bytes of every object of variable size (`PyVarObject`).
#[repr(C)]
pub struct VarObject {
    /// The header.
    pub base: Object,
    /// The number of items; `int` keeps its sign here too.
    pub size: Cell<isize>,
}

impl Object {
    /// A header with one reference, for an object of the static type `ty`, to be moved into place by `create`.
    pub const fn header(ty: *const Type) -> Object {
        Object { refcount: Cell::new(1), ty: Cell::new(ty) }
    }

    /// A header for an object that the whole process shares.
    pub const fn shared_header(ty: *const Type) -> Object {
        Object { refcount: Cell::new(SHARED_REFCOUNT), ty: Cell::new(ty) }
    }

    /// The header of a static object whose references are counted, its own being the first.
    pub const fn static_header(ty: *const Type) -> Object {
        Object { refcount: Cell::new(1), ty: Cell::new(ty) }
    }

    /// The header of a new object of type `T`.
    pub fn of<T: PyType>() -> Object {
        Object::header(T::type_object())
    }

    /// The type.  The borrow is good until Python code may assign to `__class__`: do not keep it across such calls,
    /// take `type_ref` there.
    #[inline(always)]
    pub fn ty(&self) -> &Type {
        // SAFETY: every object has a type, set when it was made, which it owns a reference to or which is static.
        unsafe { &*self.ty.get() }
    }

    /// The type, owned.
    pub fn type_ref(&self) -> Ref<Type> {
        Ref::from_borrowed(self.ty())
    }

    /// The number of references.
    #[inline(always)]
    pub fn refcount(&self) -> isize {
        self.refcount.get()
    }

    /// Counts so many references more. The caller owns them.
    #[inline(always)]
    pub(crate) fn add_references(&self, count: isize) {
        self.refcount.set(self.refcount.get() + count);
    }

    /// Whether the two are one object.
    #[inline(always)]
    pub fn is(&self, other: &Object) -> bool {
        std::ptr::eq(self, other)
    }

    /// One more reference to this object.
    #[inline(always)]
    pub fn to_ref(&self) -> Ref<Object> {
        Ref::from_borrowed(self)
    }

    /// The address, which is Python's `id`.
    #[inline(always)]
    pub fn address(&self) -> usize {
        std::ptr::from_ref(self) as usize
    }

    /// Whether the object's type is `T`'s or a subtype of it.
    #[inline(always)]
    pub fn isinstance<T: PyType>(&self) -> bool {
        T::check(self)
    }

    /// Whether the object's type is exactly `T`'s.
    #[inline(always)]
    pub fn is_exact<T: PyType>(&self) -> bool {
        std::ptr::eq(self.ty.get(), T::type_object())
    }

    /// The object as a `T`, when its type is `T`'s or a subtype of it.
    #[inline(always)]
    pub fn downcast<T: PyType>(&self) -> Option<&T> {
        // SAFETY: T::check vouches for the layout.
        T::check(self).then(|| unsafe { self.cast_unchecked() })
    }

    /// The object as a `T`, when its type is exactly `T`'s.
    #[inline(always)]
    pub fn downcast_exact<T: PyType>(&self) -> Option<&T> {
        // SAFETY: the type was compared.
        self.is_exact::<T>().then(|| unsafe { self.cast_unchecked() })
    }

    /// The object as a `T`.
    ///
    /// # Safety
    /// The object's type must be `T`'s or a subtype of it.
    #[inline(always)]
    pub unsafe fn cast_unchecked<T: PyType>(&self) -> &T {
        debug_assert!(T::check(self), "cast to {} of an object of another type", T::NAME);
        // SAFETY: by the contract of this function and of PyType, the memory at this address is a T.
        unsafe { &*std::ptr::from_ref(self).cast::<T>() }
    }

    /// The address as a pointer.
    #[inline(always)]
    pub fn as_pointer(&self) -> NonNull<Object> {
        NonNull::from(self)
    }
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{} object at {:#x}>", self.ty().name(), self.address())
    }
}

impl VarObject {
    /// A header of `size` items for an object of the type `ty`, with one reference.
    pub const fn header(ty: *const Type, size: isize) -> VarObject {
        VarObject { base: Object::header(ty), size: Cell::new(size) }
    }

    /// A header of `size` items for an object that the whole process shares.
    pub const fn shared_header(ty: *const Type, size: isize) -> VarObject {
        VarObject { base: Object::shared_header(ty), size: Cell::new(size) }
    }
}

impl Deref for VarObject {
    type Target = Object;
    #[inline(always)]
    fn deref(&self) -> &Object {
        &self.base
    }
}
