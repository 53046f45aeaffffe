//! `ProcessStatic`: objects that live as long as the process and are shared by all interpreters.

/// A static object.  What is shared by the process is written only while the process starts (and its reference count, whose
/// lost updates cannot matter because it starts at `SHARED_REFCOUNT`).
#[repr(transparent)]
pub struct ProcessStatic<T>(pub T);

// SAFETY: written only during start-up, by one thread; reference counts are plain words that may lose updates harmlessly.
unsafe impl<T> Sync for ProcessStatic<T> {}

impl<T> std::ops::Deref for ProcessStatic<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        &self.0
    }
}
