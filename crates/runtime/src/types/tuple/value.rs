//! The tuple object as Rust uses it: the items stand behind the header, in the object itself.

use std::ptr::NonNull;

use habu_macros::pytype;

use crate::gc;
use crate::object::free_list::Kind;
use crate::object::static_cell::ProcessStatic;
use crate::object::words::{copy_references, copy_words, repeat_references};
use crate::object::{Field, Object, Raised, Ref, Type, VarObject};

/// tuple(iterable=(), /)
/// --
///
/// Built-in immutable sequence.
///
/// If no argument is given, the constructor returns an empty tuple.
/// If iterable is specified the tuple is initialized from iterable's items.
///
/// If the argument is a tuple, the return value is the same object.
#[pytype(name = "tuple", generic_get, c_name = "PyTuple_Type", gc, basetype, subclass_flag = TUPLE_SUBCLASS, flag = SEQUENCE, flag = MATCH_SELF, itemsize = 8, free_list = Tuple)]
pub struct Tuple {
    /// The header; its size is the number of items.
    pub base: VarObject,
    items: [Ref; 0],
}

crate::assert_layout!(Tuple, size 24, items @ 24);

/// A GC head and the empty tuple, which all share.
#[repr(C)]
struct EmptyTuple {
    head: [usize; 2],
    tuple: Tuple,
}

static EMPTY: ProcessStatic<EmptyTuple> = ProcessStatic(EmptyTuple {
    head: [0; 2],
    tuple: Tuple { base: VarObject::shared_header(&raw const TUPLE_TYPE.ty, 0), items: [] },
});

impl Tuple {
    /// The empty tuple.
    pub fn empty() -> Ref<Tuple> {
        Ref::from_borrowed(&EMPTY.0.tuple)
    }

    /// A tuple of `count` items, which `next` gives in order.  Nothing of it is seen by Python before it is complete.
    pub fn build(count: usize, mut next: impl FnMut(usize) -> Result<Ref, Raised>) -> Result<Ref<Tuple>, Raised> {
        if count == 0 {
            return Ok(Tuple::empty());
        }
        let tuple = Tuple::allocate(count)?;
        for index in 0..count {
            // The tuple is not tracked yet. After an error what is missing becomes None, so that the tuple ends with the size of its memory.
            let (item, error) = match next(index) {
                Ok(item) => (item, None),
                Err(raised) => (crate::types::none(), Some(raised)),
            };
            // SAFETY: there is room for `count` items.
            unsafe { tuple.slot(index).write(item) };
            if let Some(raised) = error {
                for missing in index + 1..count {
                    // SAFETY: as above.
                    unsafe { tuple.slot(missing).write(crate::types::none()) };
                }
                tuple.base.size.set(count as isize);
                return Err(raised);
            }
        }
        tuple.base.size.set(count as isize);
        gc::track(&tuple);
        Ok(tuple)
    }

    /// A tuple of `count` references that are moved from `items`; on an error they stay there.
    ///
    /// # Safety
    /// `items` points to that many owned references, which the caller has no more afterwards.
    #[inline]
    pub unsafe fn take_from(items: *const Ref, count: usize) -> Result<Ref<Tuple>, Raised> {
        if count == 0 {
            return Ok(Tuple::empty());
        }
        let tuple = Tuple::allocate(count)?;
        // SAFETY: by the contract; there is room for `count` items.
        unsafe { copy_words(items, tuple.slot(0), count) };
        tuple.base.size.set(count as isize);
        gc::track(&tuple);
        Ok(tuple)
    }

    /// A tuple of new references to `count` items. Where they stand is asked for once there is memory, since a collection before may change that;
    /// nothing when there are not as many any more.
    ///
    /// Raises MemoryError.
    #[inline]
    pub fn copied(count: usize, items: impl FnOnce() -> Option<*const Ref>) -> Result<Option<Ref<Tuple>>, Raised> {
        if count == 0 {
            return Ok(Some(Tuple::empty()));
        }
        let tuple = Tuple::allocate(count)?;
        let items = items();
        for index in 0..count {
            // SAFETY: the caller's items are that many, and nothing runs while they are copied; there is room for `count`.
            unsafe {
                tuple.slot(index).write(items.map_or_else(crate::types::none, |items| (*items.add(index)).clone()))
            };
        }
        tuple.base.size.set(count as isize);
        if items.is_none() {
            return Ok(None);
        }
        gc::track(&tuple);
        Ok(Some(tuple))
    }

    /// A tuple of the items of two others.
    pub fn joined(first: &[Ref], second: &[Ref]) -> Result<Ref<Tuple>, Raised> {
        Tuple::written(first.len() + second.len(), |to| {
            // SAFETY: there is room for all.
            unsafe {
                let copied = copy_references(first.as_ptr(), to, first.len(), 1);
                copied + copy_references(second.as_ptr(), to.add(copied), second.len(), 1)
            }
        })
    }

    /// A tuple of the items of another one, so often; `count` is theirs together.
    pub fn repeated(items: &[Ref], times: usize, count: usize) -> Result<Ref<Tuple>, Raised> {
        // SAFETY: there is room for all.
        Tuple::written(count, |to| unsafe { repeat_references(items.as_ptr(), to, items.len(), times) })
    }

    /// A tuple of up to `count` references that `write` puts in place, and counts.
    fn written(count: usize, write: impl FnOnce(*mut Ref) -> usize) -> Result<Ref<Tuple>, Raised> {
        if count == 0 {
            return Ok(Tuple::empty());
        }
        let tuple = Tuple::allocate(count)?;
        tuple.base.size.set(write(tuple.slot(0)) as isize);
        gc::track(&tuple);
        Ok(tuple)
    }

    /// A tuple of references to what is borrowed.
    pub fn from_borrowed(items: &[&Object]) -> Result<Ref<Tuple>, Raised> {
        Tuple::build(items.len(), |index| Ok(items[index].to_ref()))
    }

    /// A tuple of these references.
    pub fn from_refs<const N: usize>(items: [Ref; N]) -> Result<Ref<Tuple>, Raised> {
        let items = std::mem::ManuallyDrop::new(items);
        // SAFETY: there are N references, which are dropped only where they stay.
        match unsafe { Tuple::take_from(items.as_ptr(), N) } {
            Ok(tuple) => Ok(tuple),
            Err(raised) => {
                drop(std::mem::ManuallyDrop::into_inner(items));
                Err(raised)
            }
        }
    }

    /// A tuple of the references in a buffer.
    pub fn from_buffer(items: habu_heap::Buffer<Ref>) -> Result<Ref<Tuple>, Raised> {
        let count = items.len();
        let mut items = items.into_iter();
        Tuple::build(count, |_| items.next().ok_or_else(crate::exceptions::memory_error))
    }

    /// A tuple of new references to the items of a slice.
    pub fn from_slice(items: &[Ref]) -> Result<Ref<Tuple>, Raised> {
        Tuple::build(items.len(), |index| Ok(items[index].clone()))
    }

    /// An untracked tuple with room for `count` items and none of them there yet: its size is 0, and must be `count` before it ends, since that
    /// is how large its block is.
    #[inline]
    fn allocate(count: usize) -> Result<Ref<Tuple>, Raised> {
        let Some(size) =
            count.checked_mul(8).and_then(|size| size.checked_add(24)).filter(|size| *size < isize::MAX as usize / 2)
        else {
            return Err(crate::exceptions::memory_error());
        };
        let object = crate::object::free_list::take(Kind::Tuple, count, size)?.cast::<Tuple>();
        // SAFETY: the memory is ours and large enough.
        unsafe {
            object.write(Tuple { base: VarObject::header(&raw const TUPLE_TYPE.ty, 0), items: [] });
            Ok(Ref::from_owned(object))
        }
    }

    /// A tuple of these items: the one that `kept` holds, when nobody else refers to it, else a new one.  Iterators that give tuples use
    /// theirs again this way while the one before is not kept by anybody.
    #[inline]
    pub fn reused<const N: usize>(kept: &Field<Tuple>, items: [Ref; N]) -> Result<Ref, Raised> {
        if let Some(tuple) = kept.get()
            && tuple.refcount() == 2
            && tuple.len() == N
        {
            for (index, item) in items.into_iter().enumerate() {
                // SAFETY: only `kept` refers to the tuple, so that nobody sees it change.
                drop(unsafe { tuple.replace_item(index, item) });
            }
            gc::track(&tuple);
            return Ok(tuple.into_object());
        }
        Ok(Tuple::from_refs(items)?.into_object())
    }

    /// Stores an item in the place of another, which is given back.
    ///
    /// # Safety
    /// `index` is below the length, and nobody but the caller sees the tuple.
    pub unsafe fn replace_item(&self, index: usize, item: Ref) -> Ref {
        debug_assert!(index < self.len());
        // SAFETY: by the contract.
        unsafe { self.slot(index).replace(item) }
    }

    /// An instance of the subclass `cls` with new references to these items.
    pub fn instantiate(cls: &Type, items: &[Ref]) -> Result<Ref<Tuple>, Raised> {
        let size = items
            .len()
            .checked_mul(8)
            .and_then(|size| size.checked_add(cls.tp_basicsize.get() as usize))
            .filter(|size| *size < isize::MAX as usize / 2);
        let Some(size) = size else { return Err(crate::exceptions::memory_error()) };
        let object = crate::object::allocate::allocate_zeroed(cls, size)?.cast::<Tuple>();
        crate::object::allocate::own_type(cls);
        // SAFETY: the memory has room for the header, the items behind it, and what the subclass adds after them; copying
        // references runs no code, so that the object is complete when it is first seen.
        unsafe {
            object.write(Tuple { base: VarObject::header(cls, items.len() as isize), items: [] });
            let object = Ref::from_owned(object);
            for (index, item) in items.iter().enumerate() {
                object.slot(index).write(item.clone());
            }
            gc::track(&object);
            Ok(object)
        }
    }

    #[inline(always)]
    fn slot(&self, index: usize) -> *mut Ref {
        // SAFETY: stays within the object for indices up to its room.
        unsafe { std::ptr::from_ref(self).cast::<u8>().add(24).cast::<Ref>().add(index).cast_mut() }
    }

    /// The number of items.
    #[inline(always)]
    #[expect(clippy::len_without_is_empty, reason = "compare with 0, as for every sequence")]
    pub fn len(&self) -> usize {
        self.base.size.get() as usize
    }

    /// The items.  A tuple does not change once Python code has seen it.
    #[inline(always)]
    pub fn as_slice(&self) -> &[Ref] {
        // SAFETY: the object has `len` items behind its header.
        unsafe { std::slice::from_raw_parts(self.slot(0), self.len()) }
    }

    /// The items, of a tuple that C code may still be filling.
    pub fn optional_items(&self) -> &[Option<Ref>] {
        // SAFETY: as for `as_slice`; a null item is None.
        unsafe { std::slice::from_raw_parts(self.slot(0).cast(), self.len()) }
    }

    /// A tuple of `count` null items, which C code fills before any other code sees it.
    pub fn unfilled(count: usize) -> Result<Ref<Tuple>, Raised> {
        if count == 0 {
            return Ok(Tuple::empty());
        }
        let tuple = Tuple::allocate(count)?;
        // SAFETY: there is room for `count` items.
        unsafe { tuple.slot(0).cast::<usize>().write_bytes(0, count) };
        tuple.base.size.set(count as isize);
        gc::track(&tuple);
        Ok(tuple)
    }

    /// Stores an item that the caller owns, giving back what was there; `index` is below the length.
    pub fn put(&self, index: usize, item: Option<Ref>) -> Option<Ref> {
        debug_assert!(index < self.len());
        // SAFETY: within the tuple.
        unsafe { self.slot(index).cast::<Option<Ref>>().replace(item) }
    }

    /// The items as plain borrows.
    #[inline(always)]
    pub fn as_borrowed_slice(&self) -> &[&Object] {
        // SAFETY: a Ref and a reference are both one pointer to the object.
        unsafe { std::slice::from_raw_parts(self.slot(0).cast(), self.len()) }
    }

    /// The item at `index`.
    pub fn get(&self, index: usize) -> Option<Ref> {
        self.as_slice().get(index).cloned()
    }
}

impl Drop for Tuple {
    fn drop(&mut self) {
        let count = self.len();
        for index in (0..count).rev() {
            // SAFETY: the items are initialised, or null where C code has not filled them, and dropped once.
            unsafe { self.slot(index).cast::<Option<Ref>>().drop_in_place() };
        }
    }
}

/// The pointer of the items, for the evaluation loop.
#[inline(always)]
pub fn items_pointer(tuple: &Tuple) -> NonNull<Ref> {
    // SAFETY: within the object, never null.
    unsafe { NonNull::new_unchecked(tuple.slot(0)) }
}
