//! `Ref<T>`: an owned reference.  Cloning it adds one to the object's count; dropping it takes one away, and the last
//! one deallocates the object.
//!
//! A `Ref` is neither `Send` nor `Sync`: code that runs without the interpreter's lock cannot hold one.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;

use super::convert::PyType;
use super::dealloc::dealloc;
use super::header::Object;
use super::raised::Raised;

/// An owned reference to an object of the layout `T`.
#[repr(transparent)]
pub struct Ref<T: AsRef<Object> = Object> {
    pointer: NonNull<T>,
    /// Owned by the thread that holds the lock.
    local: PhantomData<*const T>,
}

// One word, null for an error: this is CPython's calling convention.
const _: () = assert!(size_of::<Result<Ref, Raised>>() == size_of::<usize>());
const _: () = assert!(size_of::<Option<Ref>>() == size_of::<usize>());

impl AsRef<Object> for Object {
    #[inline(always)]
    fn as_ref(&self) -> &Object {
        self
    }
}

impl<T: AsRef<Object>> Ref<T> {
    /// A new reference to what is borrowed.
    #[inline(always)]
    pub fn from_borrowed(object: &T) -> Ref<T> {
        let count = &object.as_ref().refcount;
        count.set(count.get().wrapping_add(1));
        Ref { pointer: NonNull::from(object), local: PhantomData }
    }

    /// Takes over a reference that the caller owns.
    ///
    /// # Safety
    /// `pointer` must point to a live `T`, and the caller must own one reference, which passes to the result.
    #[inline(always)]
    pub unsafe fn from_owned(pointer: NonNull<T>) -> Ref<T> {
        Ref { pointer, local: PhantomData }
    }

    /// Gives the reference away as a pointer: the count stays.
    #[inline(always)]
    pub fn into_pointer(self) -> NonNull<T> {
        ManuallyDrop::new(self).pointer
    }

    /// The pointer; the reference stays here.
    #[inline(always)]
    pub fn as_pointer(&self) -> NonNull<T> {
        self.pointer
    }

    /// The same reference, seen as one to a plain object.
    #[inline(always)]
    pub fn into_object(self) -> Ref<Object> {
        // SAFETY: every T begins with its object header; ownership passes on.
        unsafe { Ref::from_owned(self.into_pointer().cast()) }
    }
}

impl Ref<Object> {
    /// The same reference as one to a `T`, when the object's type is `T`'s or a subtype; else given back.
    #[inline]
    pub fn downcast_into<T: PyType>(self) -> Result<Ref<T>, Ref<Object>> {
        if T::check(&self) {
            // SAFETY: T::check vouches for the layout; ownership passes on.
            Ok(unsafe { Ref::from_owned(self.into_pointer().cast()) })
        } else {
            Err(self)
        }
    }

    /// The same reference as one to a `T`.
    ///
    /// # Safety
    /// The object's type must be `T`'s or a subtype of it.
    #[inline(always)]
    pub unsafe fn cast_into_unchecked<T: PyType>(self) -> Ref<T> {
        debug_assert!(T::check(&self));
        // SAFETY: by the contract of this function.
        unsafe { Ref::from_owned(self.into_pointer().cast()) }
    }
}

impl<T: AsRef<Object>> Clone for Ref<T> {
    #[inline(always)]
    fn clone(&self) -> Ref<T> {
        Ref::from_borrowed(self)
    }
}

impl<T: AsRef<Object>> Drop for Ref<T> {
    #[inline(always)]
    fn drop(&mut self) {
        let object = (**self).as_ref();
        let count = object.refcount.get().wrapping_sub(1);
        object.refcount.set(count);
        if count == 0 {
            // SAFETY: this was the last reference, so nobody else reaches the object from here on.
            unsafe { dealloc(self.pointer.cast()) }
        }
    }
}

impl<T: AsRef<Object>> Deref for Ref<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: an owned reference keeps the object alive.
        unsafe { self.pointer.as_ref() }
    }
}

impl<T: AsRef<Object>> AsRef<Object> for Ref<T> {
    #[inline(always)]
    fn as_ref(&self) -> &Object {
        (**self).as_ref()
    }
}

impl<T: AsRef<Object>> std::fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self.as_ref(), f)
    }
}
