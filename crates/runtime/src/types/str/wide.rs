//! The wide form of a string that C may ask for (`wchar_t *`, deprecated): made once, kept by the string, freed with it.

use std::ptr::NonNull;

use habu_heap::Domain;

use super::value::Str;
use crate::exceptions::memory_error;
use crate::object::Raised;

impl Str {
    /// The characters as 32-bit numbers with a zero behind them, which live as long as the string (`PyUnicode_AsUnicode`).
    pub fn wide(&self) -> Result<*const u32, Raised> {
        if self.kind() == 4 {
            return Ok(self.data().cast());
        }
        if self.wstr.get().is_null() {
            let Some(memory) = habu_heap::alloc(Domain::Object, self.wide_size()) else {
                return Err(memory_error());
            };
            let out = memory.as_ptr().cast::<u32>();
            let end = [0];
            for (index, code) in self.chars().iter().chain(end).enumerate() {
                // SAFETY: there is room for all characters and the end.
                unsafe { out.add(index).write(code) }
            }
            self.wstr.set(out);
        }
        Ok(self.wstr.get())
    }

    /// The bytes of the wide form.
    pub(super) fn wide_size(&self) -> usize {
        (self.len() + 1) * 4
    }

    /// Frees the wide form.
    #[inline]
    pub(super) fn drop_wide(&self) {
        if let Some(memory) = NonNull::new(self.wstr.replace(std::ptr::null()).cast_mut()) {
            // SAFETY: allocated by `wide` with this size: nothing changes the length without dropping the wide form first.
            unsafe { habu_heap::free(Domain::Object, memory.cast(), self.wide_size()) }
        }
    }
}
