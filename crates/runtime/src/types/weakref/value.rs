//! The layout of weak references (`PyWeakReference`): a doubly linked list that starts in the object referred to.
//!
//! The first of the list is the plain reference without a callback, if there is one, which is handed out again and again;
//! then the plain proxy; then the others.

use std::cell::Cell;
use std::ptr::NonNull;

use habu_macros::pytype;

use crate::object::slots::VectorcallFunc;
use crate::object::typeobject::flags;
use crate::object::{Field, Object, Raised, Ref, protocol};
use crate::raise;

/// A weak reference to an object.
#[pytype(name = "weakref.ReferenceType", c_name = "_PyWeakref_RefType", doc = "", gc, basetype, vectorcall = vectorcall)]
pub struct WeakReference {
    /// The header.
    pub base: Object,
    /// The object, not owned; null once it died.
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

/// The word of an object that its weak references hang from.
pub fn list_of(object: &Object) -> Option<&Cell<*const WeakReference>> {
    let offset = object.ty().tp_weaklistoffset.get();
    // SAFETY: the type says that the word stands at this offset.
    (offset > 0).then(|| unsafe { &*std::ptr::from_ref(object).byte_offset(offset).cast() })
}

impl WeakReference {
    /// The plain reference to an object, without a callback: the one there is, or a new one.
    ///
    /// Raises TypeError where the type has no place for weak references.
    pub fn plain(object: &Object) -> Result<Ref<WeakReference>, Raised> {
        let Some(list) = list_of(object) else {
            return Err(raise!(TypeError, "cannot create weak reference to '{}' object", object.ty().full_name()));
        };
        // SAFETY: references in the list are alive: a dying one takes itself out.
        if let Some(first) = unsafe { list.get().as_ref() }
            && first.is_plain()
        {
            return Ok(Ref::from_borrowed(first));
        }
        let reference = crate::object::create(WeakReference::fields(object, None))?;
        reference.vectorcall.set(Some(WeakReference::entry()));
        // Making it may have collected, and a callback may have made a plain one meanwhile: then there are two, which is harmless.
        reference.link_first(list);
        Ok(reference)
    }

    /// The fields of a reference that is not in a list yet.
    pub fn fields(object: &Object, callback: Option<Ref>) -> WeakReference {
        WeakReference {
            base: Object::of::<WeakReference>(),
            object: Cell::new(object),
            callback: Field::optional(callback),
            hash: Cell::new(-1),
            prev: Cell::new(std::ptr::null()),
            next: Cell::new(std::ptr::null()),
            vectorcall: Cell::new(None),
        }
    }

    /// Whether this is a plain reference: exactly of this type, without a callback.
    pub fn is_plain(&self) -> bool {
        self.is_exact::<WeakReference>() && self.callback.is_empty()
    }

    /// The object, if it is alive.
    pub fn target(&self) -> Option<Ref> {
        // SAFETY: the pointer is cleared before the object's memory goes; one whose count is zero is dying.
        let object = unsafe { self.object.get().as_ref() }?;
        (object.refcount() > 0).then(|| object.to_ref())
    }

    /// Puts the reference at the head of an object's list.
    pub fn link_first(&self, list: &Cell<*const WeakReference>) {
        let first = list.replace(self);
        self.next.set(first);
        // SAFETY: references in the list are alive.
        if let Some(first) = unsafe { first.as_ref() } {
            first.prev.set(self);
        }
    }

    /// Puts the reference behind another of its object's list.
    pub fn link_after(&self, other: &WeakReference) {
        self.prev.set(other);
        self.next.set(other.next.replace(self));
        // SAFETY: references in the list are alive.
        if let Some(next) = unsafe { self.next.get().as_ref() } {
            next.prev.set(self);
        }
    }

    /// Takes the reference out of its object's list; the object counts as dead for it.
    pub fn unlink(&self) {
        // SAFETY: the object is alive while references point to it, its neighbours too.
        unsafe {
            let Some(object) = self.object.replace(std::ptr::null()).as_ref() else { return };
            if let Some(list) = list_of(object)
                && std::ptr::eq(list.get(), self)
            {
                list.set(self.next.get());
            }
            if let Some(prev) = self.prev.get().as_ref() {
                prev.next.set(self.next.get());
            }
            if let Some(next) = self.next.get().as_ref() {
                next.prev.set(self.prev.get());
            }
        }
        self.prev.set(std::ptr::null());
        self.next.set(std::ptr::null());
    }
}

impl Drop for WeakReference {
    fn drop(&mut self) {
        self.unlink();
    }
}

/// Clears the weak references of a dying object, then calls their callbacks, the first of the list first.
pub fn clear_references(object: NonNull<Object>) {
    // SAFETY: the object's fields are intact while it dies.
    let object = unsafe { object.as_ref() };
    let Some(list) = list_of(object) else { return };
    // SAFETY: references in the list are alive.
    let first = || unsafe { list.get().as_ref() };
    // Those without callbacks that all share come first: a plain reference and a proxy.
    for _ in 0..2 {
        if let Some(reference) = first().filter(|reference| reference.callback.is_empty()) {
            reference.unlink();
        }
    }
    let Some(reference) = first() else { return };
    if reference.next.get().is_null() {
        let callback = reference.callback.take();
        reference.unlink();
        if let Some(callback) = callback
            && reference.refcount() > 0
        {
            // Nobody else holds it on the callback's behalf.
            let _held = (!protocol::call::takes_references(&callback)).then(|| reference.to_ref());
            call_back(&callback, reference);
        }
        return;
    }
    let mut calls = habu_heap::Buffer::<Ref>::new();
    while let Some(reference) = first() {
        let callback = reference.callback.take();
        reference.unlink();
        if let Some(callback) = callback
            && reference.refcount() > 0
        {
            // Out of memory here means that a callback is not called; nothing else can be done while an object dies.
            let _ = calls.try_extend([reference.to_ref(), callback]);
        }
    }
    for call in calls.as_slice().chunks_exact(2) {
        call_back(&call[1], &call[0]);
    }
    // All were held until here, and go from the last to the first.
    while calls.pop().is_some() {}
}

fn call_back(callback: &Object, reference: &Object) {
    crate::exceptions::keep_current(|| {
        if let Err(raised) = protocol::call1(callback, reference) {
            crate::exceptions::unraisable(raised, Some(callback));
        }
    });
}

/// Whether objects of this type may be referred to weakly.
pub fn supports_weak_references(ty: &crate::object::Type) -> bool {
    ty.tp_weaklistoffset.get() > 0 && ty.has_flag(flags::READY)
}
