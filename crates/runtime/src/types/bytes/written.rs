//! `WrittenBytes`: a bytes object that its owner writes to for as long as nobody else holds it (what `BytesIO` keeps).
//!
//! Such an owner gives its bytes away, and takes the initial ones, without a copy: only when it writes while somebody holds the object
//! does it take a new one. The object may be longer than what was written; it is cut to its length before it is given away.

use std::cell::Cell;

use super::value::Bytes;
use crate::exceptions::memory_error;
use crate::object::{Field, Raised, Ref};
use crate::raise;

/// See the top of the file. Invariant: `length` is at most the object's length, and 0 where there is none.
#[repr(C)]
pub struct WrittenBytes {
    bytes: Field<Bytes>,
    length: Cell<usize>,
}

impl WrittenBytes {
    /// No bytes.
    pub fn new() -> WrittenBytes {
        WrittenBytes { bytes: Field::new(Bytes::empty()), length: Cell::new(0) }
    }

    /// Takes these bytes instead, none for an owner that is closed.
    pub fn set(&self, bytes: Option<Ref<Bytes>>) {
        self.length.set(bytes.as_ref().map_or(0, |bytes| bytes.len()));
        self.bytes.set(bytes);
    }

    /// Whether the bytes were taken away.
    pub fn is_closed(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Forgets what was written and keeps the memory.
    pub fn restart(&self) {
        self.length.set(0);
    }

    /// The number of bytes.
    #[expect(clippy::len_without_is_empty, reason = "compare with 0, as for every sequence")]
    pub fn len(&self) -> usize {
        self.length.get()
    }

    /// Lends the bytes to a closure that runs no Python code.
    pub fn lend<R>(&self, look: impl FnOnce(&[u8]) -> R) -> R {
        // SAFETY: the closure changes neither the field nor the object.
        let bytes = unsafe { self.bytes.borrow() };
        look(bytes.map_or(&[], |bytes| bytes.as_slice().get(..self.length.get()).unwrap_or(&[])))
    }

    /// The object, if it has no bytes beyond those written.
    pub fn whole(&self) -> Option<Ref<Bytes>> {
        self.bytes.get().filter(|bytes| bytes.len() == self.length.get())
    }

    /// The bytes as an object that is shared from now on.
    pub fn value(&self) -> Result<Ref<Bytes>, Raised> {
        if self.length.get() > 1 && self.whole().is_none() {
            self.resize(self.length.get())?;
        }
        match self.whole() {
            Some(whole) => Ok(whole),
            None => self.lend(Bytes::new),
        }
    }

    /// Writes bytes from `place` on; what lies between the end and `place` becomes zero.
    pub fn write(&self, place: usize, data: &[u8]) -> Result<(), Raised> {
        let Some(end) = place.checked_add(data.len()).filter(|end| *end <= isize::MAX as usize) else {
            return Err(raise!(OverflowError, "new buffer size too large"));
        };
        let length = self.length.get();
        if end > self.room() {
            self.make_room(end)?;
        } else if self.is_shared() {
            self.resize(end.max(length))?;
        }
        self.own_memory(|memory| {
            if let Some(gap) = memory.get_mut(length..place) {
                gap.fill(0);
            }
            if let Some(target) = memory.get_mut(place..end) {
                target.copy_from_slice(data);
            }
        });
        self.length.set(length.max(end));
        Ok(())
    }

    /// Cuts off what lies behind `length`.
    pub fn truncate(&self, length: usize) -> Result<(), Raised> {
        if length < self.length.get() {
            self.length.set(length);
            self.make_room(length)?;
        }
        Ok(())
    }

    /// The memory, which stays until the bytes are written to or replaced; nobody else holds it.
    pub fn exported(&self) -> Result<*mut u8, Raised> {
        if self.is_shared() {
            self.resize(self.length.get())?;
        }
        Ok(self.own_memory(|memory| memory.as_mut_ptr()))
    }

    /// The bytes that the object takes, where nobody else holds it.
    pub fn own_size(&self) -> usize {
        if self.is_shared() { 0 } else { self.room() + size_of::<Bytes>() + 1 }
    }

    fn is_shared(&self) -> bool {
        // SAFETY: nothing changes the field here.
        unsafe { self.bytes.borrow() }.is_none_or(|bytes| bytes.refcount() > 1)
    }

    /// The object's length.
    fn room(&self) -> usize {
        // SAFETY: nothing changes the field here.
        unsafe { self.bytes.borrow() }.map_or(0, Bytes::len)
    }

    /// Makes the object long enough for `length` bytes, and not more than twice as long; a steady stream of small writes takes an eighth more.
    fn make_room(&self, length: usize) -> Result<(), Raised> {
        let room = self.room();
        if length < room / 2 {
            self.resize(length + 1)
        } else if length < room {
            Ok(())
        } else if length <= room + room / 8 {
            self.resize(length + (length >> 3) + if length < 9 { 3 } else { 6 })
        } else {
            self.resize(length.saturating_add(1))
        }
    }

    /// Makes the object as long as this, in place where nobody else holds it. New bytes are not written yet.
    fn resize(&self, length: usize) -> Result<(), Raised> {
        let Some(old) = self.bytes.take() else { return Ok(()) };
        match Bytes::resized(old, length) {
            Ok(bytes) => {
                self.bytes.set(Some(bytes));
                Ok(())
            }
            Err((old, raised)) => {
                self.bytes.set(Some(old));
                Err(raised)
            }
        }
    }

    /// Lends the object's memory to a closure that runs no Python code.
    fn own_memory<R>(&self, with: impl FnOnce(&mut [u8]) -> R) -> R {
        debug_assert!(!self.is_shared(), "somebody else holds the bytes");
        // SAFETY: nothing changes the field here.
        match unsafe { self.bytes.borrow() } {
            // SAFETY: only this field holds the object, and the closure does not use it.
            Some(bytes) if bytes.refcount() == 1 => with(unsafe { bytes.rewritten() }),
            _ => with(&mut []),
        }
    }
}

impl Default for WrittenBytes {
    fn default() -> WrittenBytes {
        WrittenBytes::new()
    }
}

impl Bytes {
    /// The bytes of `old`, cut or with bytes behind them that are not written yet, so that there are `length`: the same object where nobody
    /// else holds it. The old one comes back with the error.
    fn resized(old: Ref<Bytes>, length: usize) -> Result<Ref<Bytes>, (Ref<Bytes>, Raised)> {
        if old.refcount() == 1 && old.is_exact::<Bytes>() {
            return Bytes::resized_in_place(old, length);
        }
        match Bytes::allocate(length) {
            Ok(made) => {
                let kept = old.len().min(length);
                // SAFETY: the new object has room for them, and nobody else holds it.
                unsafe { made.rewritten()[..kept].copy_from_slice(&old.as_slice()[..kept]) };
                Ok(made)
            }
            Err(raised) => Err((old, raised)),
        }
    }

    fn resized_in_place(old: Ref<Bytes>, length: usize) -> Result<Ref<Bytes>, (Ref<Bytes>, Raised)> {
        let bytes = |length: usize| size_of::<Bytes>() + 1 + length;
        if length > isize::MAX as usize - bytes(0) {
            return Err((old, memory_error()));
        }
        let before = bytes(old.len());
        let memory = old.into_pointer();
        // SAFETY: the object was alone in a block of its size, which now has the other size; its header moves with it.
        unsafe {
            match habu_heap::realloc(habu_heap::Domain::Object, memory.cast(), before, bytes(length)) {
                Some(moved) => {
                    let made = Ref::from_owned(moved.cast::<Bytes>());
                    made.base.size.set(length as isize);
                    made.rewritten();
                    moved.add(bytes(length) - 1).write(0);
                    Ok(made)
                }
                None => Err((Ref::from_owned(memory), memory_error())),
            }
        }
    }
}
