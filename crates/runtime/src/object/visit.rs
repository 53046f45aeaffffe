//! Traversal: how the collector sees what an object refers to (`tp_traverse`, `visitproc`).

use std::ffi::{c_int, c_void};

use super::header::Object;
use super::slots::TraverseProc;

/// A C visitor.
pub type VisitProc = unsafe extern "C" fn(&Object, *mut c_void) -> c_int;

/// The visitor and its argument, as `tp_traverse` gets them.
pub struct Visit {
    /// The function called for each referent.
    pub function: VisitProc,
    /// Its second argument.
    pub argument: *mut c_void,
}

/// The visitor asked to stop, with this non-zero value.
#[derive(Debug, Clone, Copy)]
pub struct Stopped(pub c_int);

impl Visit {
    /// Shows one referent to the visitor.
    #[inline(always)]
    pub fn object(&self, object: &Object) -> Result<(), Stopped> {
        // SAFETY: the visitor came with this argument; it keeps no borrow.
        match unsafe { (self.function)(object, self.argument) } {
            0 => Ok(()),
            code => Err(Stopped(code)),
        }
    }

    /// Shows what `function` shows of an object.
    ///
    /// # Safety
    /// It is a `tp_traverse` for objects of this layout.
    pub unsafe fn by(&self, function: TraverseProc, object: &Object) -> Result<(), Stopped> {
        // SAFETY: by the contract; the visitor came with this argument.
        match unsafe { function(object, self.function, self.argument) } {
            0 => Ok(()),
            code => Err(Stopped(code)),
        }
    }
}

/// What holds references, for fields marked `#[traverse]`.
pub trait Traverse {
    /// Shows every reference held to the visitor.  Must not run Python code or change a count.
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped>;

    /// Drops every reference held, so that cycles through it break.
    fn clear(&self);
}

/// The slots that `#[pytype]` derives from the fields of a struct: traversal and clearing of those marked `#[traverse]`.
pub trait DerivedSlots {
    /// The derived slots.
    const DERIVED: super::slots::TypeSlots;
}
