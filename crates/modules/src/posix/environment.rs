//! The environment: `environ`, `putenv`, `unsetenv`.

use std::ffi::CStr;

use habu_macros::pymodule;
use habu_runtime::exceptions::raise_os_error;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;

use super::Posix;
use crate::system::last_error;
use crate::system::text::CText;

unsafe extern "C" {
    /// The environment of the process.
    #[link_name = "environ"]
    static mut ENVIRONMENT: *const *const std::ffi::c_char;
}

/// The environment as a dictionary of bytes; of a name that is there twice the first one counts.
pub fn environ() -> Result<Ref<Dict>, Raised> {
    let dict = Dict::new()?;
    // SAFETY: the environment is an array of C strings that ends with null; it changes only under the interpreter's lock.
    let mut place = unsafe { ENVIRONMENT };
    while !place.is_null() {
        // SAFETY: as above.
        let text = unsafe { *place };
        if text.is_null() {
            break;
        }
        // SAFETY: as above.
        let text = unsafe { CStr::from_ptr(text) }.to_bytes();
        if let Some(at) = text.iter().position(|byte| *byte == b'=') {
            let (name, value) = (Bytes::new(&text[..at])?, Bytes::new(&text[at + 1..])?);
            if dict.get(&name)?.is_none() {
                dict.set(&name, &value)?;
            }
        }
        // SAFETY: the end is not reached yet.
        place = unsafe { place.add(1) };
    }
    Ok(dict)
}

#[pymodule(table = ENVIRONMENT)]
impl Posix {
    /// Change or add an environment variable.
    fn putenv(name: &Object, value: &Object) -> Result<(), Raised> {
        let (name, value) = (CText::of_path(name)?, CText::of_path(value)?);
        habu_runtime::audit!("os.putenv", Bytes::new(name.as_bytes())?, Bytes::new(value.as_bytes())?)?;
        if name.as_bytes().contains(&b'=') {
            return Err(raise!(ValueError, "illegal environment variable name"));
        }
        // SAFETY: both are C strings, which the call copies.
        match unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) } {
            0 => Ok(()),
            _ => Err(last_error()),
        }
    }

    /// Delete an environment variable.
    fn unsetenv(name: &Object) -> Result<(), Raised> {
        let name = CText::of_path(name)?;
        habu_runtime::audit!("os.unsetenv", Bytes::new(name.as_bytes())?)?;
        // SAFETY: a C string.
        match unsafe { libc::unsetenv(name.as_ptr()) } {
            0 => Ok(()),
            _ => Err(raise_os_error(crate::system::errno(), None)),
        }
    }
}
