//! `Field<T>`: a place inside an object that holds an owned reference, or nothing.  It is one word, as in C.

use std::cell::Cell;
use std::ptr::NonNull;

use super::header::Object;
use super::reference::Ref;
use super::visit::{Stopped, Traverse, Visit};

/// A reference inside an object (`PyObject *` in C): null or owned.
#[repr(transparent)]
pub struct Field<T: AsRef<Object> = Object>(Cell<Option<NonNull<T>>>);

impl<T: AsRef<Object>> Default for Field<T> {
    fn default() -> Field<T> {
        Field::empty()
    }
}

impl<T: AsRef<Object>> Field<T> {
    /// A field that holds nothing.
    pub const fn empty() -> Field<T> {
        Field(Cell::new(None))
    }

    /// A field that holds `value`.
    #[inline(always)]
    pub fn new(value: Ref<T>) -> Field<T> {
        Field(Cell::new(Some(value.into_pointer())))
    }

    /// A field that holds `value`, or nothing.
    #[inline(always)]
    pub fn optional(value: Option<Ref<T>>) -> Field<T> {
        Field(Cell::new(value.map(Ref::into_pointer)))
    }

    /// A field of a static object that points at another static object.
    pub const fn of_static(value: &'static T) -> Field<T> {
        // SAFETY: a reference is never null.
        Field(Cell::new(Some(unsafe { NonNull::new_unchecked(std::ptr::from_ref(value).cast_mut()) })))
    }

    /// What the field holds, as a new reference.
    #[inline(always)]
    pub fn get(&self) -> Option<Ref<T>> {
        // SAFETY: what a field holds is alive while the field holds it.
        self.0.get().map(|pointer| Ref::from_borrowed(unsafe { pointer.as_ref() }))
    }

    /// Stores `value`; what was there before is dropped after the field has changed.
    #[inline(always)]
    pub fn set(&self, value: Option<Ref<T>>) {
        drop(self.replace(value));
    }

    /// Stores `value` and gives what was there before.
    #[inline(always)]
    pub fn replace(&self, value: Option<Ref<T>>) -> Option<Ref<T>> {
        let old = self.0.replace(value.map(Ref::into_pointer));
        // SAFETY: the field owned that reference.
        old.map(|pointer| unsafe { Ref::from_owned(pointer) })
    }

    /// Takes what the field holds.
    #[inline(always)]
    pub fn take(&self) -> Option<Ref<T>> {
        self.replace(None)
    }

    /// Whether the field holds nothing.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.0.get().is_none()
    }

    /// The address that is held, to compare identities.
    #[inline(always)]
    pub fn pointer(&self) -> *const T {
        self.0.get().map_or(std::ptr::null(), |pointer| pointer.as_ptr())
    }

    /// What the field holds, borrowed.
    ///
    /// # Safety
    /// The field must not change while the borrow lives: no code that may run Python in between, or a field that is
    /// written only once.
    #[inline(always)]
    pub unsafe fn borrow(&self) -> Option<&T> {
        // SAFETY: alive while the field holds it, which the caller promises.
        self.0.get().map(|pointer| unsafe { pointer.as_ref() })
    }
}

impl<T: AsRef<Object>> Drop for Field<T> {
    #[inline(always)]
    fn drop(&mut self) {
        drop(self.take());
    }
}

impl<T: AsRef<Object>> Traverse for Field<T> {
    #[inline(always)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        match self.0.get() {
            // SAFETY: alive while the field holds it; a visitor runs no Python code.
            Some(pointer) => visit.object(unsafe { pointer.as_ref() }.as_ref()),
            None => Ok(()),
        }
    }

    fn clear(&self) {
        drop(self.take());
    }
}
