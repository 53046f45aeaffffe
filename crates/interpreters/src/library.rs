//! A copy of a shared library, in a link namespace of its own.

use std::cell::Cell;
use std::ffi::{CStr, CString, OsStr, c_void};
use std::os::unix::ffi::OsStrExt;

/// A loaded copy; it is unloaded when this goes, unless it is to stay.
pub(crate) struct Library {
    handle: *mut c_void,
    stays: Cell<bool>,
}

/// What the linker says of the last error.
fn error() -> String {
    // SAFETY: null or a string, which stays until this thread asks the linker again.
    let text = unsafe { libc::dlerror() };
    if text.is_null() {
        return "unknown error".to_owned();
    }
    // SAFETY: as above.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

impl Library {
    /// Loads a copy of the library at a path with all that it depends on.
    pub(crate) fn load(path: &OsStr) -> Result<Library, String> {
        let path = CString::new(path.as_bytes()).map_err(|error| error.to_string())?;
        // SAFETY: the path is a C string. What the library does when it is loaded is to fill tables of its own.
        let handle = unsafe { libc::dlmopen(libc::LM_ID_NEWLM, path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if handle.is_null() { Err(error()) } else { Ok(Library { handle, stays: Cell::new(false) }) }
    }

    /// The address of a function.
    pub(crate) fn find(&self, name: &CStr) -> Result<*mut c_void, String> {
        // SAFETY: the library is loaded, the name is a C string.
        let address = unsafe { libc::dlsym(self.handle, name.as_ptr()) };
        if address.is_null() { Err(error()) } else { Ok(address) }
    }

    /// Keeps the copy loaded for ever: threads are still in it.
    pub(crate) fn leave(&self) {
        self.stays.set(true);
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        if !self.stays.get() {
            // SAFETY: nothing of the library is used any more; its threads have ended.
            unsafe { libc::dlclose(self.handle) };
        }
    }
}
