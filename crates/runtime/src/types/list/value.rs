//! The list object as Rust uses it: a block of references that grows as CPython's does.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use habu_heap::Domain;
use habu_macros::pytype;

use crate::exceptions::memory_error;
use crate::object::protocol::iterate::Items;
use crate::object::words::{copy_references, repeat_references};
use crate::object::{Object, Raised, Ref, VarObject};
use crate::types::tuple::Tuple;

/// list(iterable=(), /)
/// --
///
/// Built-in mutable sequence.
///
/// If no argument is given, the constructor creates a new empty list.
/// The argument must be an iterable if specified.
#[pytype(name = "list", generic_get, c_name = "PyList_Type", gc, basetype, subclass_flag = LIST_SUBCLASS, flag = SEQUENCE, flag = MATCH_SELF, free_list = List)]
pub struct List {
    /// The header; its size is the number of items.
    pub base: VarObject,
    pub(crate) items: Cell<*mut Ref>,
    pub(crate) allocated: Cell<isize>,
}

crate::assert_layout!(List, size 40, items @ 24, allocated @ 32);

impl List {
    /// An empty list.
    pub fn new() -> Result<Ref<List>, Raised> {
        crate::object::create(List {
            base: VarObject::header(&raw const LIST_TYPE.ty, 0),
            items: Cell::new(std::ptr::null_mut()),
            allocated: Cell::new(0),
        })
    }

    /// An empty list with room for exactly `count` items.
    pub fn with_capacity(count: usize) -> Result<Ref<List>, Raised> {
        let list = List::new()?;
        if count > 0 {
            list.reallocate(count)?;
        }
        Ok(list)
    }

    /// An empty list for what a string is split into at most `splits` times (any number if negative), with CPython's room: for 12 at most.
    pub fn for_parts(splits: isize) -> Result<Ref<List>, Raised> {
        const MOST: usize = 12;
        List::with_capacity(usize::try_from(splits).map_or(MOST, |splits| splits.saturating_add(1).min(MOST)))
    }

    /// A list of new references to the items of a slice.
    pub fn from_slice(items: &[Ref]) -> Result<Ref<List>, Raised> {
        let list = List::with_capacity(items.len())?;
        for item in items {
            list.push(item.clone())?;
        }
        Ok(list)
    }

    /// The number of items.
    #[inline(always)]
    #[expect(clippy::len_without_is_empty, reason = "compare with 0, as for every sequence")]
    pub fn len(&self) -> usize {
        self.base.size.get() as usize
    }

    /// The item at `index`.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<Ref> {
        // SAFETY: checked to be within the list.
        (index < self.len()).then(|| unsafe { (*self.items.get().add(index)).clone() })
    }

    /// A list of `count` null items, which C code fills before any other code sees it.
    pub fn unfilled(count: usize) -> Result<Ref<List>, Raised> {
        let list = List::with_capacity(count)?;
        if count > 0 {
            // SAFETY: there is room for `count` items.
            unsafe { list.items.get().cast::<usize>().write_bytes(0, count) };
            list.base.size.set(count as isize);
        }
        Ok(list)
    }

    /// The items, of a list that C code may still be filling; for code that runs no Python code.
    pub(crate) fn optional_items(&self) -> &[Option<Ref>] {
        if self.len() == 0 {
            return &[];
        }
        // SAFETY: that many items are there; a null item is None.
        unsafe { std::slice::from_raw_parts(self.items.get().cast(), self.len()) }
    }

    /// Stores an item that the caller owns, giving back what was there; `index` is below the length.
    pub fn put(&self, index: usize, item: Option<Ref>) -> Option<Ref> {
        debug_assert!(index < self.len());
        // SAFETY: within the list.
        unsafe { self.items.get().add(index).cast::<Option<Ref>>().replace(item) }
    }

    /// Adds an item at the end.
    #[inline]
    pub fn push(&self, item: Ref) -> Result<(), Raised> {
        let length = self.len();
        // While the list is being sorted, `allocated` is -1.
        if length as isize >= self.allocated.get() {
            self.grow(length + 1)?;
        }
        // SAFETY: there is room for one more.
        unsafe { self.items.get().add(length).write(item) };
        self.base.size.set(length as isize + 1);
        Ok(())
    }

    /// Adds an item at the end if there is room for it.
    #[inline(always)]
    pub fn push_if_room(&self, item: &Object) -> bool {
        let length = self.len();
        if length as isize >= self.allocated.get() {
            return false;
        }
        // SAFETY: there is room for one more.
        unsafe { self.items.get().add(length).write(item.to_ref()) };
        self.base.size.set(length as isize + 1);
        true
    }

    /// Makes room for `count` items, and some more, as CPython does.
    pub(crate) fn grow(&self, count: usize) -> Result<(), Raised> {
        if count as isize <= self.allocated.get() {
            return Ok(());
        }
        let extra = (count >> 3) + 6;
        let mut room = (count + extra) & !3;
        if count - self.len() > room - count {
            room = (count + 3) & !3;
        }
        self.reallocate(room)
    }

    /// Makes room for exactly `count` items in a list that has no block yet; an odd count is rounded up, as the heap's blocks
    /// would be anyway.
    fn preallocate(&self, count: usize) -> Result<(), Raised> {
        let Some(room) = count.checked_next_multiple_of(2) else { return Err(memory_error()) };
        self.reallocate(room)
    }

    /// Fits the block to `count` items: CPython's growth when there is no room, and a smaller block when less than half would be in
    /// use.  `count` is at least the number of items.
    pub(crate) fn fit(&self, count: usize) -> Result<(), Raised> {
        let allocated = self.allocated.get().max(0) as usize;
        if count <= allocated && count >= allocated >> 1 {
            return Ok(());
        }
        if count == 0 {
            return self.reallocate(0);
        }
        if count > isize::MAX as usize / 16 {
            return Err(memory_error());
        }
        let mut room = (count + (count >> 3) + 6) & !3;
        if count.saturating_sub(self.len()) > room - count {
            room = (count + 3) & !3;
        }
        self.reallocate(room)
    }

    /// Adds all items of an iterable at the end.
    pub fn extend(&self, iterable: &Object) -> Result<(), Raised> {
        if let Some(tuple) = iterable.downcast_exact::<Tuple>() {
            return self.extend_from_slice(tuple.as_slice());
        }
        if let Some(other) = iterable.downcast_exact::<List>() {
            return self.extend_from_list(other);
        }
        if self.is(iterable) {
            return self.extend_from_list(self);
        }
        let items = crate::object::protocol::iterator(iterable)?;
        let hint = crate::object::protocol::length_hint(iterable, 8)?;
        let length = self.len();
        if self.items.get().is_null() {
            if hint > 0 {
                self.preallocate(hint)?;
            }
        } else if let Some(count) = length.checked_add(hint).filter(|count| *count <= isize::MAX as usize) {
            self.fit(count)?;
        }
        let mut items = Items::from(items)?;
        while let Some(item) = items.next()? {
            self.push(item)?;
        }
        if (self.len() as isize) < self.allocated.get() {
            self.fit(self.len())?;
        }
        Ok(())
    }

    /// Makes room for `more` items at the end, as `extend` by a sequence does.
    fn room_for(&self, more: usize) -> Result<(), Raised> {
        if self.items.get().is_null() { self.preallocate(more) } else { self.fit(self.len() + more) }
    }

    /// Adds new references to the items of a slice, which is not this list's.
    pub fn extend_from_slice(&self, items: &[Ref]) -> Result<(), Raised> {
        if items.is_empty() {
            return Ok(());
        }
        self.room_for(items.len())?;
        // SAFETY: there is room now, and making it has not touched what stands elsewhere.
        unsafe { self.append_copies(items.as_ptr(), items.len()) };
        Ok(())
    }

    /// Adds new references to `count` items that stand at `from`; places that C code has not filled are passed over.
    ///
    /// # Safety
    /// There are so many, and the list has room for them.
    pub(super) unsafe fn append_copies(&self, from: *const Ref, count: usize) {
        let mut done = 0;
        // SAFETY: by the contract; making references runs no code.
        unsafe {
            while done < count {
                let end = self.len();
                let copied = copy_references(from.add(done), self.items.get().add(end), count - done, 1);
                self.base.size.set((end + copied) as isize);
                done += copied + 1;
            }
        }
    }

    /// Adds new references to so many `items` of a list until they are there `count` times. A list that C code has not filled counts up to the first place without an item.
    ///
    /// # Safety
    /// This list has room for them, and no items if it is another one; there are so many.
    pub(super) unsafe fn append_repeated(&self, other: &List, items: usize, count: usize) {
        let length = self.len();
        let times = count - usize::from(length > 0);
        if times == 0 {
            return;
        }
        // SAFETY: there is room.
        let more = unsafe { repeat_references(other.items.get(), self.items.get().add(length), items, times) };
        self.base.size.set((length + more) as isize);
    }

    /// Adds the items of a list, which may be this one.
    fn extend_from_list(&self, other: &List) -> Result<(), Raised> {
        let count = other.len();
        if count == 0 {
            return Ok(());
        }
        self.room_for(count)?;
        // SAFETY: there is room now; where the other list is this one, its items are asked for after they may have moved.
        unsafe { self.append_copies(other.items.get(), count) };
        Ok(())
    }

    /// A tuple of the items.
    pub fn to_tuple(&self) -> Result<Ref<Tuple>, Raised> {
        // Allocating the tuple may collect, and so change the list, which is then begun with anew.
        loop {
            let count = self.len();
            if let Some(tuple) = Tuple::copied(count, || (self.len() == count).then(|| self.items.get().cast_const()))?
            {
                return Ok(tuple);
            }
        }
    }

    /// Changes the block to hold exactly `room` items, at least as many as there are.
    pub(crate) fn reallocate(&self, room: usize) -> Result<(), Raised> {
        let old_size = self.allocated.get().max(0) as usize * 8;
        let Some(size) = room.checked_mul(8).filter(|size| *size <= isize::MAX as usize) else {
            return Err(memory_error());
        };
        let block = NonNull::new(self.items.get().cast::<u8>());
        // SAFETY: the block was allocated with this size in the mem domain.
        let block = unsafe {
            match (block, size) {
                (Some(block), 0) => {
                    habu_heap::free(Domain::Mem, block, old_size);
                    None
                }
                (None, 0) => None,
                (Some(block), _) => Some(habu_heap::realloc(Domain::Mem, block, old_size, size)),
                (None, _) => Some(habu_heap::alloc(Domain::Mem, size)),
            }
        };
        match block {
            None => self.items.set(std::ptr::null_mut()),
            Some(Some(block)) => self.items.set(block.as_ptr().cast()),
            Some(None) => return Err(memory_error()),
        }
        self.allocated.set(room as isize);
        Ok(())
    }

    /// Stores `item` at `index`, which must be below the length; gives what was there.
    pub fn replace(&self, index: usize, item: Ref) -> Option<Ref> {
        // SAFETY: checked to be within the list.
        (index < self.len()).then(|| unsafe { self.items.get().add(index).replace(item) })
    }

    /// Takes all items out; the list is empty when the first of them dies.
    pub fn take_all(&self) -> TakenItems {
        let items = self.items.replace(std::ptr::null_mut());
        // Without a block there is nothing to forget; the mark of a sort that is running stays.
        let allocated = if items.is_null() { 0 } else { self.allocated.replace(0) as usize };
        TakenItems { items, length: self.base.size.replace(0) as usize, allocated }
    }

    /// Lends the items to a closure that must not run Python code.
    ///
    /// # Safety
    /// Nothing that `with` does may change the list.
    #[inline(always)]
    pub unsafe fn with_slice<R>(&self, with: impl FnOnce(&[Ref]) -> R) -> R {
        let length = self.len();
        if length == 0 {
            return with(&[]);
        }
        // SAFETY: `length` items are initialised, and the caller keeps them unchanged.
        with(unsafe { std::slice::from_raw_parts(self.items.get(), length) })
    }
}

/// Items that were taken out of a list, dropped from the last to the first as CPython does.
pub struct TakenItems {
    items: *mut Ref,
    length: usize,
    allocated: usize,
}

impl TakenItems {
    /// The items.
    pub fn as_slice(&self) -> &[Ref] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: the items are initialised and owned.
        unsafe { std::slice::from_raw_parts(self.items, self.length) }
    }

    /// The items, to be reordered.
    pub fn as_mut_slice(&mut self) -> &mut [Ref] {
        if self.length == 0 {
            return &mut [];
        }
        // SAFETY: the items are initialised and owned.
        unsafe { std::slice::from_raw_parts_mut(self.items, self.length) }
    }

    /// Puts the items into a list in the place of what it holds, which is dropped.
    pub fn put_back(self, list: &List) {
        let this = ManuallyDrop::new(self);
        let old = TakenItems {
            items: list.items.replace(this.items),
            length: list.base.size.replace(this.length as isize) as usize,
            allocated: list.allocated.replace(this.allocated as isize).max(0) as usize,
        };
        drop(old);
    }
}

impl Drop for TakenItems {
    fn drop(&mut self) {
        for index in (0..self.length).rev() {
            // SAFETY: each item is initialised, or null where C code has not filled it, and dropped once.
            unsafe { self.items.add(index).cast::<Option<Ref>>().drop_in_place() };
        }
        if let Some(block) = NonNull::new(self.items) {
            // SAFETY: the block has this size.
            unsafe { habu_heap::free(Domain::Mem, block.cast(), self.allocated * 8) };
        }
    }
}

impl Drop for List {
    fn drop(&mut self) {
        drop(self.take_all());
    }
}

/// Whether an object is an exact list.
pub fn is_list(object: &Object) -> bool {
    object.is_exact::<List>()
}
