//! `PyCapsule`: a pointer of an extension in an object, to hand it to another one.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::NonNull;

use habu_macros::{pymethods, pytype};

use crate::object::{Object, Raised, Ref};
use crate::types::str::Str;

/// What is called with a capsule that ends.
pub type Destructor = unsafe extern "C" fn(NonNull<Object>);

/// Capsule objects let you wrap a C "void *" pointer in a Python
/// object.  They're a way of passing data through the Python interpreter
/// without creating your own custom type.
///
/// Capsules are used for communication between extension modules.
/// They provide a way for an extension module to export a C interface
/// to other extension modules, so that extension modules can use the
/// Python import mechanism to link to one another.
#[pytype(name = "PyCapsule", c_name = "PyCapsule_Type")]
pub struct Capsule {
    base: Object,
    /// The pointer, never null.
    pub pointer: Cell<*mut c_void>,
    /// The name, not owned, or null.
    pub name: Cell<*const c_char>,
    /// Something of the owner's.
    pub context: Cell<*mut c_void>,
    /// Called when the capsule ends.
    pub destructor: Cell<Option<Destructor>>,
}

crate::assert_layout!(Capsule, size 48, pointer @ 16, name @ 24, context @ 32, destructor @ 40);

impl Capsule {
    /// A capsule of a pointer.
    pub fn new(
        pointer: *mut c_void,
        name: *const c_char,
        destructor: Option<Destructor>,
    ) -> Result<Ref<Capsule>, Raised> {
        crate::object::create(Capsule {
            base: Object::of::<Capsule>(),
            pointer: Cell::new(pointer),
            name: Cell::new(name),
            context: Cell::new(std::ptr::null_mut()),
            destructor: Cell::new(destructor),
        })
    }

    /// The name as text.
    pub fn name_text(&self) -> Option<String> {
        // SAFETY: the name of a capsule outlives it, by the C API's contract.
        (!self.name.get().is_null()).then(|| unsafe { CStr::from_ptr(self.name.get()) }.to_string_lossy().into_owned())
    }
}

impl Drop for Capsule {
    fn drop(&mut self) {
        if let Some(destructor) = self.destructor.get() {
            // SAFETY: the object is still whole; the function came with it.
            unsafe { destructor(NonNull::from(&mut *self).cast()) }
        }
    }
}

#[pymethods]
impl Capsule {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        match self.name_text() {
            Some(name) => Str::from_format(format_args!("<capsule object \"{name}\" at {:#x}>", self.address())),
            None => Str::from_format(format_args!("<capsule object NULL at {:#x}>", self.address())),
        }
    }
}
