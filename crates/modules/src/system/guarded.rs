//! A value of an object that one thread at a time may use while the interpreter's lock is released.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};

use habu_runtime::object::Raised;

use crate::thread::lock::RawLock;

/// A value behind a lock of its own.
pub struct Guarded<T> {
    lock: RawLock,
    value: UnsafeCell<T>,
}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T>(&'a Guarded<T>);

impl<T> Guarded<T> {
    /// Guards a value.
    pub const fn new(value: T) -> Guarded<T> {
        Guarded { lock: RawLock::new(), value: UnsafeCell::new(value) }
    }

    /// Waits for the value. It must not be held over Python code, which may want it too.
    ///
    /// Raises what the handler of a signal raises meanwhile.
    pub fn lock(&self) -> Result<Guard<'_, T>, Raised> {
        self.lock.acquire(None)?;
        Ok(Guard(self))
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the lock is held, so there is no other borrow.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held, so there is no other borrow.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.0.lock.release();
    }
}
