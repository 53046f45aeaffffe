//! `deque`: a row of items that grows and shrinks at both ends, in a ring.
//!
//! The ring's size is a power of two; the items stand from `head` on, round its end. `sys.getsizeof` tells what CPython's
//! linked blocks of 64 items would take, so `left` and `right` follow where the first and last item would stand in theirs.

use std::cell::Cell;
use std::ptr::NonNull;

use habu_heap::Domain;
use habu_macros::pytype;
use habu_runtime::assert_layout;
use habu_runtime::exceptions::memory_error;
use habu_runtime::object::{Object, Raised, Ref, Stopped, VarObject, Visit};

/// The items of one of CPython's blocks, and the bytes of a block.
const BLOCK: i32 = 64;
const BLOCK_SIZE: isize = (BLOCK as isize + 2) * 8;

/// deque([iterable[, maxlen]]) --> deque object
///
/// A list-like sequence optimized for data accesses near its endpoints.
#[pytype(name = "collections.deque", generic_get, gc, basetype, flag = SEQUENCE, weaklist = weaklist)]
pub(super) struct Deque {
    base: VarObject,
    ring: Cell<*mut Ref>,
    /// A power of two, or 0 without a ring.
    room: Cell<usize>,
    head: Cell<usize>,
    left: Cell<i32>,
    right: Cell<i32>,
    /// Changes with every change of the items.
    pub(super) state: Cell<usize>,
    /// The most items; -1 for any number.
    pub(super) maxlen: Cell<isize>,
    /// As large as CPython's.
    unused: [usize; 17],
    weaklist: Cell<*const Object>,
}

assert_layout!(Deque, size 216, weaklist @ 208);

impl Deque {
    /// The fields of an empty deque.
    pub(super) fn fields(cls: &habu_runtime::object::Type) -> Deque {
        Deque {
            base: VarObject::header(cls, 0),
            ring: Cell::new(std::ptr::null_mut()),
            room: Cell::new(0),
            head: Cell::new(0),
            left: Cell::new(BLOCK / 2),
            right: Cell::new(BLOCK / 2 - 1),
            state: Cell::new(0),
            maxlen: Cell::new(-1),
            unused: [0; 17],
            weaklist: Cell::new(std::ptr::null()),
        }
    }

    /// The number of items.
    pub(super) fn len(&self) -> usize {
        self.base.size.get() as usize
    }

    fn set_len(&self, length: usize) {
        self.base.size.set(length as isize);
    }

    /// The place of the item `index`, which must be below `room`.
    fn place(&self, index: usize) -> *mut Ref {
        // SAFETY: the mask keeps the place within the ring, which exists where there is room.
        unsafe { self.ring.get().add((self.head.get().wrapping_add(index)) & (self.room.get() - 1)) }
    }

    /// The item at `index`.
    pub(super) fn get(&self, index: usize) -> Option<Ref> {
        // SAFETY: the index is that of an item.
        (index < self.len()).then(|| unsafe { (*self.place(index)).clone() })
    }

    /// Shows the item at `index`, which must be below the length, to a visitor.
    pub(super) fn visit_item(&self, index: usize, visit: &Visit) -> Result<(), Stopped> {
        // SAFETY: the index is that of an item; a visitor changes nothing.
        visit.object(unsafe { &*self.place(index) })
    }

    /// Puts an item in the place of another, which is given back.
    pub(super) fn replace(&self, index: usize, item: Ref) -> Option<Ref> {
        // SAFETY: the index is that of an item.
        (index < self.len()).then(|| unsafe { self.place(index).replace(item) })
    }

    /// Notes a change of the items.
    pub(super) fn changed(&self) {
        self.state.set(self.state.get().wrapping_add(1));
    }

    /// Makes room for one more item.
    fn reserve(&self) -> Result<(), Raised> {
        let (length, room) = (self.len(), self.room.get());
        if length < room {
            return Ok(());
        }
        let new_room = (room * 2).max(8);
        let size = new_room.checked_mul(8).filter(|size| *size <= isize::MAX as usize).ok_or_else(memory_error)?;
        let ring = habu_heap::alloc(Domain::Mem, size).ok_or_else(memory_error)?.cast::<Ref>().as_ptr();
        let head = self.head.get();
        // SAFETY: the items move, in order, from the old ring into the new one, which is larger; the old one is freed with its size.
        unsafe {
            if let Some(old) = NonNull::new(self.ring.get()) {
                let first = length.min(room - head);
                std::ptr::copy_nonoverlapping(old.as_ptr().add(head), ring, first);
                std::ptr::copy_nonoverlapping(old.as_ptr(), ring.add(first), length - first);
                habu_heap::free(Domain::Mem, old.cast(), room * 8);
            }
        }
        self.ring.set(ring);
        self.room.set(new_room);
        self.head.set(0);
        Ok(())
    }

    /// Adds an item at the right end.
    pub(super) fn push_right(&self, item: Ref) -> Result<(), Raised> {
        self.reserve()?;
        // SAFETY: there is room behind the last item.
        unsafe { self.place(self.len()).write(item) };
        self.set_len(self.len() + 1);
        self.right.set(if self.right.get() == BLOCK - 1 { 0 } else { self.right.get() + 1 });
        self.changed();
        Ok(())
    }

    /// Adds an item at the left end.
    pub(super) fn push_left(&self, item: Ref) -> Result<(), Raised> {
        self.reserve()?;
        self.head.set(self.head.get().wrapping_sub(1) & (self.room.get() - 1));
        // SAFETY: there is room before the first item.
        unsafe { self.place(0).write(item) };
        self.set_len(self.len() + 1);
        self.left.set(if self.left.get() == 0 { BLOCK - 1 } else { self.left.get() - 1 });
        self.changed();
        Ok(())
    }

    /// Takes the item at the right end.
    pub(super) fn pop_right(&self) -> Option<Ref> {
        let length = self.len().checked_sub(1)?;
        // SAFETY: the last item, which is not counted any more.
        let item = unsafe { self.place(length).read() };
        self.set_len(length);
        self.right.set(self.right.get() - 1);
        if self.right.get() < 0 {
            if length > 0 { self.right.set(BLOCK - 1) } else { self.centre() }
        }
        self.changed();
        Some(item)
    }

    /// Takes the item at the left end.
    pub(super) fn pop_left(&self) -> Option<Ref> {
        let length = self.len().checked_sub(1)?;
        // SAFETY: the first item, which is not counted any more.
        let item = unsafe { self.place(0).read() };
        self.head.set((self.head.get() + 1) & (self.room.get() - 1));
        self.set_len(length);
        self.left.set(self.left.get() + 1);
        if self.left.get() == BLOCK {
            if length > 0 { self.left.set(0) } else { self.centre() }
        }
        self.changed();
        Some(item)
    }

    /// Before many items are added at an end of an empty deque: CPython then starts at the far end of a block.
    pub(super) fn start_at_end(&self, left: bool) {
        if self.len() == 0 {
            let first = if left { BLOCK - 1 } else { 1 };
            self.left.set(first);
            self.right.set(first - 1);
        }
    }

    fn centre(&self) {
        self.left.set(BLOCK / 2);
        self.right.set(BLOCK / 2 - 1);
    }

    /// Adds an item at the right end, and lets one go at the left where there are too many.
    pub(super) fn append_item(&self, item: Ref) -> Result<(), Raised> {
        self.push_right(item)?;
        if self.is_too_long() {
            drop(self.pop_left());
        }
        Ok(())
    }

    /// Adds an item at the left end, and lets one go at the right where there are too many.
    pub(super) fn append_left(&self, item: Ref) -> Result<(), Raised> {
        self.push_left(item)?;
        if self.is_too_long() {
            drop(self.pop_right());
        }
        Ok(())
    }

    fn is_too_long(&self) -> bool {
        self.maxlen.get() >= 0 && self.len() as isize > self.maxlen.get()
    }

    /// Moves `count` items from the right end to the left one, or the other way for a negative count.
    pub(super) fn rotate_by(&self, count: isize) {
        let length = self.len() as isize;
        if length <= 1 {
            return;
        }
        let mut steps = count % length;
        if steps > length / 2 {
            steps -= length;
        } else if steps < -(length / 2) {
            steps += length;
        }
        let mask = self.room.get() - 1;
        for _ in 0..steps.unsigned_abs() {
            // SAFETY: an item moves from one end to the place beyond the other: where the ring is full, that is its own place.
            unsafe {
                if steps > 0 {
                    let item = self.place(self.len() - 1).read();
                    self.head.set(self.head.get().wrapping_sub(1) & mask);
                    self.place(0).write(item);
                } else {
                    let item = self.place(0).read();
                    self.head.set((self.head.get() + 1) & mask);
                    self.place(self.len() - 1).write(item);
                }
            }
        }
        let shift = |at: i32| (at as isize - steps).rem_euclid(BLOCK as isize) as i32;
        self.left.set(shift(self.left.get()));
        self.right.set(shift(self.right.get()));
        self.changed();
    }

    /// Exchanges two items.
    pub(super) fn swap(&self, first: usize, second: usize) {
        if first < self.len() && second < self.len() {
            // SAFETY: both are places of items.
            unsafe { std::ptr::swap(self.place(first), self.place(second)) };
        }
    }

    /// Takes all items out, from the left.
    pub(super) fn clear_items(&self) {
        let items = Deque::fields(self.ty());
        items.ring.set(self.ring.replace(std::ptr::null_mut()));
        items.room.set(self.room.replace(0));
        items.head.set(self.head.replace(0));
        items.set_len(self.len());
        self.set_len(0);
        self.centre();
        self.changed();
        drop(items);
    }

    /// The bytes that CPython's blocks would take.
    pub(super) fn blocks_size(&self) -> isize {
        let blocks = (self.left.get() as isize + self.len() as isize + BLOCK as isize - 1) / BLOCK as isize;
        blocks.max(1) * BLOCK_SIZE
    }
}

impl Drop for Deque {
    fn drop(&mut self) {
        while let Some(item) = self.pop_left() {
            drop(item);
        }
        if let Some(ring) = NonNull::new(self.ring.replace(std::ptr::null_mut())) {
            // SAFETY: the ring was allocated with this size and holds nothing any more.
            unsafe { habu_heap::free(Domain::Mem, ring.cast(), self.room.replace(0) * 8) };
        }
    }
}
