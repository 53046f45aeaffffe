//! A growable array in the memory domain of the current heap: what `Vec` is elsewhere.
//!
//! It never aborts: every operation that may grow it says so in its type. It counts against the
//! heap's limit and is seen by its traces. It must be grown and dropped with the same heap current
//! as when it was made, which holds for everything that an interpreter owns.
//!
//! Invariants: `length <= capacity`; the first `length` elements are initialised; `pointer` is a block of
//! `capacity * size_of::<T>()` bytes of the domain `Mem`, or dangling if that is 0.

use std::fmt;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};

use crate::{Domain, alloc, free, realloc};

/// Memory, or the heap's limit, is exhausted. In Python it becomes `MemoryError`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OutOfMemory;

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of memory")
    }
}

impl std::error::Error for OutOfMemory {}

/// A growable array of `T` in the domain `Mem`. See the top of the file.
pub struct Buffer<T> {
    pointer: NonNull<T>,
    capacity: usize,
    length: usize,
    /// It owns elements, and is tied to its thread's heap: not `Send`.
    owns: PhantomData<*mut T>,
}

impl<T> Buffer<T> {
    /// Blocks of pools are aligned to 8 bytes in the smaller geometry, and no more is promised.
    const FITS: () = assert!(align_of::<T>() <= 8, "elements of a Buffer are aligned to 8 bytes at most");
    const SIZE: usize = size_of::<T>();

    /// An empty buffer, which has no memory yet.
    pub const fn new() -> Buffer<T> {
        let () = Self::FITS;
        let capacity = if Self::SIZE == 0 { usize::MAX } else { 0 };
        Buffer { pointer: NonNull::dangling(), capacity, length: 0, owns: PhantomData }
    }

    /// An empty buffer with room for `capacity` elements.
    #[inline]
    pub fn with_capacity(capacity: usize) -> Result<Buffer<T>, OutOfMemory> {
        if capacity == 0 || Self::SIZE == 0 {
            return Ok(Buffer::new());
        }
        // Made at once, not grown from an empty one: fields that a call writes one by one and the caller moves in pairs keep the processor waiting.
        let bytes = Self::bytes(capacity)?;
        let pointer = alloc(Domain::Mem, bytes).ok_or(OutOfMemory)?.cast();
        Ok(Buffer { pointer, capacity, length: 0, owns: PhantomData })
    }

    /// The size of so many elements, if a block can be that large.
    #[inline(always)]
    fn bytes(capacity: usize) -> Result<usize, OutOfMemory> {
        capacity.checked_mul(Self::SIZE).filter(|bytes| *bytes <= isize::MAX as usize).ok_or(OutOfMemory)
    }

    /// A copy of a slice.
    pub fn from_slice(slice: &[T]) -> Result<Buffer<T>, OutOfMemory>
    where
        T: Copy,
    {
        let mut buffer = Buffer::with_capacity(slice.len())?;
        buffer.extend_from_slice(slice)?;
        Ok(buffer)
    }

    /// Clones of a slice's elements, with room for `more`.
    pub fn from_clones(slice: &[T], more: usize) -> Result<Buffer<T>, OutOfMemory>
    where
        T: Clone,
    {
        let mut buffer = Buffer::with_capacity(slice.len().saturating_add(more))?;
        for item in slice {
            let item = item.clone();
            // SAFETY: there is room for as many as the slice has; each is counted once it is written.
            unsafe { buffer.pointer.add(buffer.length).write(item) };
            buffer.length += 1;
        }
        Ok(buffer)
    }

    /// Collects what an iterator yields.
    pub fn try_from_iter(items: impl IntoIterator<Item = T>) -> Result<Buffer<T>, OutOfMemory> {
        let mut buffer = Buffer::new();
        buffer.try_extend(items)?;
        Ok(buffer)
    }

    /// Elements in the buffer.
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Elements that fit without growing.
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// The elements.
    pub const fn as_slice(&self) -> &[T] {
        // SAFETY: the first `length` elements are initialised, and borrowed with the buffer.
        unsafe { std::slice::from_raw_parts(self.pointer.as_ptr(), self.length) }
    }

    /// The elements, to change.
    pub const fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as in `as_slice`; the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.pointer.as_ptr(), self.length) }
    }

    /// Where the first element is or would be.
    pub const fn as_ptr(&self) -> *const T {
        self.pointer.as_ptr()
    }

    /// Where the first element is or would be.
    pub const fn as_mut_ptr(&mut self) -> *mut T {
        self.pointer.as_ptr()
    }

    /// Makes room for `more` elements, and for growth in steps of half the size beyond that.
    pub fn reserve(&mut self, more: usize) -> Result<(), OutOfMemory> {
        if self.capacity - self.length >= more {
            return Ok(());
        }
        let needed = self.length.checked_add(more).ok_or(OutOfMemory)?;
        let least = if Self::SIZE <= 64 { 4 } else { 1 };
        let ample = needed.max(self.capacity + self.capacity / 2).max(least);
        // A limit may leave room for what is needed, though not for more.
        self.set_capacity(ample).or_else(|_| self.set_capacity(needed))
    }

    /// Makes room for `more` elements and no others.
    pub fn reserve_exact(&mut self, more: usize) -> Result<(), OutOfMemory> {
        if self.capacity - self.length >= more {
            return Ok(());
        }
        self.set_capacity(self.length.checked_add(more).ok_or(OutOfMemory)?)
    }

    /// Gives back the room that is not used. If that fails, the buffer stays as it is.
    pub fn shrink_to_fit(&mut self) {
        if self.capacity > self.length && Self::SIZE != 0 {
            // Failure to shrink leaves a larger block, which serves as well.
            let _ = self.set_capacity(self.length);
        }
    }

    /// Resizes the block. `capacity` is not below the length.
    #[cold]
    #[inline(never)]
    fn set_capacity(&mut self, capacity: usize) -> Result<(), OutOfMemory> {
        debug_assert!(capacity >= self.length);
        if Self::SIZE == 0 {
            return if capacity == usize::MAX { Ok(()) } else { Err(OutOfMemory) };
        }
        let (old, new) = (self.capacity * Self::SIZE, Self::bytes(capacity)?);
        let bytes = self.pointer.cast::<u8>();
        // SAFETY: unless the capacity is 0, the block is one of `Mem` with `old` bytes.
        let moved = unsafe {
            match (old, new) {
                (0, _) => alloc(Domain::Mem, new),
                (_, 0) => {
                    free(Domain::Mem, bytes, old);
                    Some(NonNull::<T>::dangling().cast())
                }
                _ => realloc(Domain::Mem, bytes, old, new),
            }
        };
        self.pointer = moved.ok_or(OutOfMemory)?.cast();
        self.capacity = capacity;
        Ok(())
    }

    /// Appends an element.
    #[inline]
    pub fn push(&mut self, item: T) -> Result<(), OutOfMemory> {
        if self.length == self.capacity {
            self.reserve(1)?;
        }
        // SAFETY: there is room for one more.
        unsafe { self.pointer.add(self.length).write(item) };
        self.length += 1;
        Ok(())
    }

    /// Takes the last element.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        self.length = self.length.checked_sub(1)?;
        // SAFETY: it is initialised, and not counted any more.
        Some(unsafe { self.pointer.add(self.length).read() })
    }

    /// Appends copies of the elements of a slice.
    pub fn extend_from_slice(&mut self, slice: &[T]) -> Result<(), OutOfMemory>
    where
        T: Copy,
    {
        self.reserve(slice.len())?;
        // SAFETY: there is room, and the slice cannot lie in the room, which is not initialised.
        unsafe { ptr::copy_nonoverlapping(slice.as_ptr(), self.pointer.add(self.length).as_ptr(), slice.len()) };
        self.length += slice.len();
        Ok(())
    }

    /// Appends what an iterator yields. On an error, what was yielded before stays.
    pub fn try_extend(&mut self, items: impl IntoIterator<Item = T>) -> Result<(), OutOfMemory> {
        let items = items.into_iter();
        self.reserve(items.size_hint().0)?;
        for item in items {
            self.push(item)?;
        }
        Ok(())
    }

    /// Makes the length `length`, with copies of `item` for what is new.
    pub fn resize(&mut self, length: usize, item: T) -> Result<(), OutOfMemory>
    where
        T: Clone,
    {
        if length <= self.length {
            self.truncate(length);
            return Ok(());
        }
        let more = length - self.length;
        self.reserve(more)?;
        // SAFETY: after `reserve` the buffer has room for `more` elements behind the `self.length` that are counted. They are uninitialised, as
        // `MaybeUninit` says, and the mutable borrow of the buffer is the only way to them. Should `clone` panic, then the elements written so
        // far are not counted: they are leaked, and nothing reads or drops them.
        let spare = unsafe {
            std::slice::from_raw_parts_mut(self.pointer.add(self.length).as_ptr().cast::<MaybeUninit<T>>(), more)
        };
        for place in spare {
            place.write(item.clone());
        }
        self.length = length;
        Ok(())
    }

    /// Drops the elements from `length` on, if there are any.
    pub fn truncate(&mut self, length: usize) {
        if length < self.length {
            let dropped = self.length - length;
            // Not counted any more before they are dropped: whatever their drop does, it happens once.
            self.length = length;
            // SAFETY: the elements are initialised, and this is their only drop.
            unsafe {
                ptr::slice_from_raw_parts_mut(self.pointer.add(length).as_ptr(), dropped).drop_in_place();
            }
        }
    }

    /// Drops all elements, and keeps the room.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Puts an element in front of the one at `index`; an index past the end appends.
    pub fn insert(&mut self, index: usize, item: T) -> Result<(), OutOfMemory> {
        self.reserve(1)?;
        let index = index.min(self.length);
        // SAFETY: there is room for one more, and `index` is not past the end.
        unsafe {
            let at = self.pointer.add(index);
            ptr::copy(at.as_ptr(), at.add(1).as_ptr(), self.length - index);
            at.write(item);
        }
        self.length += 1;
        Ok(())
    }

    /// Takes the element at `index`, and closes the gap.
    pub fn remove(&mut self, index: usize) -> Option<T> {
        if index >= self.length {
            return None;
        }
        self.length -= 1;
        // SAFETY: `index` is that of an element; those behind it move into its place.
        unsafe {
            let at = self.pointer.add(index);
            let item = at.read();
            ptr::copy(at.add(1).as_ptr(), at.as_ptr(), self.length - index);
            Some(item)
        }
    }

    /// Takes the element at `index`, and moves the last one into its place.
    pub fn swap_remove(&mut self, index: usize) -> Option<T> {
        if index >= self.length {
            return None;
        }
        let last = self.length - 1;
        self.as_mut_slice().swap(index, last);
        self.pop()
    }

    /// Keeps the elements that `keep` holds of, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let mut kept = 0;
        for index in 0..self.length {
            // Swapping keeps every element initialised and counted, whatever `keep` does.
            if keep(&self.as_slice()[index]) {
                self.as_mut_slice().swap(kept, index);
                kept += 1;
            }
        }
        self.truncate(kept);
    }

    /// Claims `length` elements.
    ///
    /// # Safety
    /// `length <= capacity`, and the first `length` elements are initialised.
    pub unsafe fn set_len(&mut self, length: usize) {
        debug_assert!(length <= self.capacity);
        self.length = length;
    }

    /// The pointer, length and capacity, which the caller has to put together again or free.
    pub fn into_raw_parts(self) -> (NonNull<T>, usize, usize) {
        let this = ManuallyDrop::new(self);
        (this.pointer, this.length, this.capacity)
    }

    /// Puts together what [`into_raw_parts`](Buffer::into_raw_parts) took apart.
    ///
    /// # Safety
    /// The invariants at the top of the file hold of the parts, and nobody else owns them.
    pub const unsafe fn from_raw_parts(pointer: NonNull<T>, length: usize, capacity: usize) -> Buffer<T> {
        let () = Self::FITS;
        Buffer { pointer, capacity, length, owns: PhantomData }
    }
}

impl<T> Drop for Buffer<T> {
    fn drop(&mut self) {
        self.clear();
        if Self::SIZE != 0 && self.capacity != 0 {
            // SAFETY: the block is one of `Mem` with so many bytes, and is not used again.
            unsafe { free(Domain::Mem, self.pointer.cast(), self.capacity * Self::SIZE) };
        }
    }
}

impl<T> Default for Buffer<T> {
    fn default() -> Buffer<T> {
        Buffer::new()
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<T> DerefMut for Buffer<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        self.as_mut_slice()
    }
}

impl<T: fmt::Debug> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

impl<T: PartialEq> PartialEq for Buffer<T> {
    fn eq(&self, other: &Buffer<T>) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl<T: Eq> Eq for Buffer<T> {}

impl fmt::Write for Buffer<u8> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.extend_from_slice(text.as_bytes()).map_err(|OutOfMemory| fmt::Error)
    }
}

impl<'a, T> IntoIterator for &'a Buffer<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> std::slice::Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut Buffer<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> std::slice::IterMut<'a, T> {
        self.iter_mut()
    }
}

impl<T> IntoIterator for Buffer<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(mut self) -> IntoIter<T> {
        let end = mem::replace(&mut self.length, 0);
        IntoIter { buffer: self, start: 0, end }
    }
}

/// The elements of a buffer, one after the other.
#[derive(Debug)]
pub struct IntoIter<T> {
    /// The memory. Its length is 0: the elements in `start..end` are the iterator's.
    buffer: Buffer<T>,
    start: usize,
    end: usize,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        if self.start == self.end {
            return None;
        }
        self.start += 1;
        // SAFETY: an element of the range, which is not in the range any more.
        Some(unsafe { self.buffer.pointer.add(self.start - 1).read() })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.end - self.start, Some(self.end - self.start))
    }
}

impl<T> DoubleEndedIterator for IntoIter<T> {
    fn next_back(&mut self) -> Option<T> {
        if self.start == self.end {
            return None;
        }
        self.end -= 1;
        // SAFETY: an element of the range, which is not in the range any more.
        Some(unsafe { self.buffer.pointer.add(self.end).read() })
    }
}

impl<T> ExactSizeIterator for IntoIter<T> {}

impl<T> Drop for IntoIter<T> {
    fn drop(&mut self) {
        self.for_each(drop);
    }
}

#[cfg(test)]
#[path = "buffer_tests.rs"]
mod tests;
