//! `_Py_Identifier`: a static name in an extension, with the string made of it at first use.

use std::cell::Cell;

use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::types::str::Str;

use crate::border::{Text, export};

/// A static name (`_Py_Identifier`).  Its number, -1 at first, is here the address of the string, which stays for ever.
#[repr(C)]
pub struct Identifier {
    string: Text,
    index: Cell<isize>,
}

impl Identifier {
    /// The string, kept.
    fn kept(&self) -> Result<&'static Object, Raised> {
        if self.index.get() <= 0 {
            let name = self.string.intern()?.into_object().into_pointer();
            self.index.set(name.as_ptr() as isize);
        }
        // SAFETY: the reference that the identifier owns is never given back.
        Ok(unsafe { &*(self.index.get() as *const Object) })
    }

    /// The string.
    pub(crate) fn name(&self) -> Result<Ref<Str>, Raised> {
        // SAFETY: `kept` gives a string.
        Ok(unsafe { self.kept()?.to_ref().cast_into_unchecked() })
    }
}

export! {
    fn _PyUnicode_FromId(identifier: &Identifier) -> *const Object {
        identifier.kept().map_or(std::ptr::null(), std::ptr::from_ref)
    }
    fn _PyUnicode_EqualToASCIIId(left: &Object, right: &Identifier) -> std::ffi::c_int {
        let text = left.downcast::<Str>();
        std::ffi::c_int::from(text.is_some_and(|text| text.equals(&right.string.lossy())))
    }
}
