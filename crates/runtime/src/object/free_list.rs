//! Free lists: dead lists, dictionaries and tuples that the next ones of their kind are made of.
//!
//! They stand where CPython 3.11 has them and are as long, because programs see them: an object from a free list does not count as an
//! allocation of the youngest generation, nor does one that goes there as a deallocation, and its block stays allocated. A full collection
//! empties them.
//!
//! Invariants: what is in a free list is an exact instance of its type, untracked, without fields; its reference count's word links to the
//! next. Only literals and the runtime take from them: `list()` and `dict()` allocate, as in CPython.

use std::cell::Cell;
use std::ptr::NonNull;

use super::allocate::{free_memory, raw_memory};
use super::header::Object;
use super::raised::Raised;
use crate::threads::Thread;

/// Which free list a type has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Lists.
    List,
    /// Dictionaries.
    Dict,
    /// Tuples, one list for each length.
    Tuple,
    /// The slice that ended last; a collection leaves it alone.
    Slice,
}

/// Tuples of up to so many items are kept.
const TUPLE_LENGTHS: usize = 20;
/// Tuples of each length that are kept.
const TUPLES_MAX: u32 = 2000;
/// Lists, dictionaries and tables of dictionaries that are kept.
const MOST: u32 = 80;

/// One free list.
struct FreeList {
    first: Cell<*mut Link>,
    count: Cell<u32>,
}

/// The first word of what is in a free list.
#[repr(C)]
struct Link {
    next: *mut Link,
}

impl FreeList {
    const fn new() -> FreeList {
        FreeList { first: Cell::new(std::ptr::null_mut()), count: Cell::new(0) }
    }

    #[inline(always)]
    fn pop(&self) -> Option<NonNull<Link>> {
        let first = NonNull::new(self.first.get())?;
        // SAFETY: what is in the list is ours, and its first word links to the next.
        self.first.set(unsafe { first.as_ref() }.next);
        self.count.set(self.count.get() - 1);
        Some(first)
    }

    /// Takes something in, unless there are `most` already.
    ///
    /// # Safety
    /// The memory is the caller's to give, and at least a word long.
    #[inline(always)]
    unsafe fn push(&self, dead: NonNull<Link>, most: u32) -> bool {
        if self.count.get() >= most {
            return false;
        }
        // SAFETY: by the contract.
        unsafe { dead.write(Link { next: self.first.get() }) };
        self.first.set(dead.as_ptr());
        self.count.set(self.count.get() + 1);
        true
    }
}

/// The free lists of an interpreter.
pub struct FreeLists {
    lists: FreeList,
    dicts: FreeList,
    slices: FreeList,
    tuples: [FreeList; TUPLE_LENGTHS],
    keys: FreeList,
    /// Told of the block of each object that is taken, while memory is traced.
    taken: Cell<Option<fn(NonNull<u8>)>>,
}

impl FreeLists {
    /// Empty ones.
    pub const fn new() -> FreeLists {
        FreeLists {
            lists: FreeList::new(),
            dicts: FreeList::new(),
            slices: FreeList::new(),
            tuples: [const { FreeList::new() }; TUPLE_LENGTHS],
            keys: FreeList::new(),
            taken: Cell::new(None),
        }
    }

    /// Sets who is told of the blocks of objects that are taken.
    pub fn set_taken(&self, taken: Option<fn(NonNull<u8>)>) {
        self.taken.set(taken);
    }

    #[inline(always)]
    fn of(&self, kind: Kind, length: usize) -> Option<(&FreeList, u32)> {
        match kind {
            Kind::List => Some((&self.lists, MOST)),
            Kind::Dict => Some((&self.dicts, MOST)),
            Kind::Slice => Some((&self.slices, 1)),
            Kind::Tuple => self.tuples.get(length.wrapping_sub(1)).map(|list| (list, TUPLES_MAX)),
        }
    }

    /// How many lists, dictionaries and tables of dictionaries wait, and tuples by length from 1 on.
    pub fn counts(&self) -> (u32, u32, u32, [u32; TUPLE_LENGTHS]) {
        let tuples = std::array::from_fn(|index| self.tuples.get(index).map_or(0, |list| list.count.get()));
        (self.lists.count.get(), self.dicts.count.get(), self.keys.count.get(), tuples)
    }

    /// Frees all that waits.
    pub fn clear(&self) {
        let collectable = [&self.lists, &self.dicts].into_iter().zip([40, 48]);
        let tuples = self.tuples.iter().enumerate().map(|(index, list)| (list, 24 + (index + 1) * 8));
        for (list, size) in collectable.chain(tuples) {
            while let Some(dead) = list.pop() {
                // SAFETY: objects in the list have this size behind a GC head.
                unsafe { free_memory(dead.cast(), 16, size) };
            }
        }
        while let Some(dead) = self.keys.pop() {
            // SAFETY: tables in the list have this size.
            unsafe {
                habu_heap::free(habu_heap::Domain::Object, dead.cast(), crate::types::dict::keys::minimal_size())
            };
        }
    }

    /// Memory for a minimal table of text keys.
    #[inline]
    pub fn take_keys(&self) -> Option<NonNull<u8>> {
        self.keys.pop().map(NonNull::cast)
    }

    /// Keeps the memory of such a table; false when there are enough.
    ///
    /// # Safety
    /// The table is the caller's to free, of `minimal_size` bytes.
    #[inline]
    pub unsafe fn give_keys(&self, dead: NonNull<u8>) -> bool {
        // SAFETY: by the contract.
        unsafe { self.keys.push(dead.cast(), MOST) }
    }
}

impl Default for FreeLists {
    fn default() -> FreeLists {
        FreeLists::new()
    }
}

/// Memory for a collectable object of `size` bytes that has a free list, from there or new; the GC head is zero. `length` is that of a tuple.
///
/// Raises MemoryError.
#[inline(always)]
pub fn take(kind: Kind, length: usize, size: usize) -> Result<NonNull<Object>, Raised> {
    let lists = &Thread::current().interpreter().free_lists;
    if let Some((list, _)) = lists.of(kind, length)
        && let Some(found) = list.pop()
    {
        let object = found.cast::<Object>();
        // SAFETY: the GC head stands before the object.
        unsafe {
            let head = object.cast::<usize>().sub(2);
            head.write(0);
            head.add(1).write(0);
            if let Some(taken) = lists.taken.get() {
                taken(head.cast());
            }
        }
        return Ok(object);
    }
    raw_memory(16, size, true)
}

/// Keeps the memory of a dead object whose fields are gone; false when there are enough.
///
/// # Safety
/// The object is an untracked exact instance of the type that `kind` stands for, of `length` items if it is a tuple, and used no more.
#[inline(always)]
pub unsafe fn give(kind: Kind, length: usize, object: NonNull<Object>) -> bool {
    let lists = &Thread::current().interpreter().free_lists;
    match lists.of(kind, length) {
        // SAFETY: by the contract.
        Some((list, most)) => unsafe { list.push(object.cast(), most) },
        None => false,
    }
}
