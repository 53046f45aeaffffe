//! How strings are made: from text of any kind, piece by piece, by joining, by growing one that nobody else holds.
//!
//! Exact strings are one block: header, text, a zero character. Their kind is the smallest that holds the largest character, so makers
//! state a *class*: a number that lies on the same side of 128, 256 and 65,536 as the largest character.

use std::cell::Cell;
use std::fmt;
use std::ptr::NonNull;

use habu_heap::Domain;

use super::intern;
use super::value::{ASCII_HEADER, COMPACT, COMPACT_HEADER, Chars, Str, state};
use crate::exceptions::memory_error;
use crate::object::allocate::{allocate_zeroed, own_type};
use crate::object::typeobject::flags;
use crate::object::{Object, Raised, Ref, Type};
use crate::{gc, raise};

/// Writes the characters of a string that is being made, in order.  What does not fit is left out; what is not written is zero.
pub struct Writer {
    data: *mut u8,
    kind: usize,
    at: usize,
    length: usize,
}

/// Copies units to memory of another width.
///
/// # Safety
/// `to` has room for all of `from`, and does not overlap it.
#[inline(always)]
unsafe fn copy<F: Copy, T>(to: *mut T, from: &[F], convert: impl Fn(F) -> T) {
    for (index, &unit) in from.iter().enumerate() {
        // SAFETY: by the contract.
        unsafe { to.add(index).write(convert(unit)) };
    }
}

impl Writer {
    /// How many characters were written.
    pub fn written(&self) -> usize {
        self.at
    }

    /// Writes one character.
    #[inline(always)]
    pub fn put(&mut self, character: u32) {
        self.fill(character, 1);
    }

    /// Writes a character `count` times.
    #[inline]
    pub fn fill(&mut self, character: u32, count: usize) {
        let count = count.min(self.length - self.at);
        // SAFETY: `at + count <= length` characters of the kind have room.
        unsafe {
            match self.kind {
                1 => self.data.add(self.at).write_bytes(character as u8, count),
                2 => std::slice::from_raw_parts_mut(self.data.cast::<u16>().add(self.at), count).fill(character as u16),
                _ => std::slice::from_raw_parts_mut(self.data.cast::<u32>().add(self.at), count).fill(character),
            }
        }
        self.at += count;
    }

    /// Writes what an iterator gives, which must belong to the string's class.
    #[inline(always)]
    pub fn put_all(&mut self, characters: impl ExactSizeIterator<Item = u32>) {
        let count = characters.len().min(self.length - self.at);
        let characters = characters.take(count).enumerate();
        // SAFETY: `at + count <= length` characters of the kind have room, and the iterator gives no more than `count`.
        unsafe {
            match self.kind {
                1 => characters.for_each(|(index, code)| self.data.add(self.at + index).write(code as u8)),
                2 => {
                    characters.for_each(|(index, code)| self.data.cast::<u16>().add(self.at + index).write(code as u16))
                }
                _ => characters.for_each(|(index, code)| self.data.cast::<u32>().add(self.at + index).write(code)),
            }
        }
        // An iterator that gives fewer than it says leaves out the last ones, which are zero then.
        self.at += count;
    }

    /// Writes text of any kind; its characters must belong to the string's class.
    #[inline]
    pub fn push(&mut self, text: Chars<'_>) {
        let count = text.len();
        if count > self.length - self.at {
            debug_assert!(false, "more characters than announced");
            return;
        }
        // SAFETY: `at + count <= length`; the string is new, so the text is elsewhere.
        unsafe {
            let (one, two, four) = (
                self.data.add(self.at),
                self.data.cast::<u16>().add(if self.kind == 2 { self.at } else { 0 }),
                self.data.cast::<u32>().add(if self.kind == 4 { self.at } else { 0 }),
            );
            match (self.kind, text) {
                (1, Chars::One(text)) => copy_bytes(text.as_ptr(), one, count),
                (2, Chars::Two(text)) => two.copy_from_nonoverlapping(text.as_ptr(), count),
                (4, Chars::Four(text)) => four.copy_from_nonoverlapping(text.as_ptr(), count),
                (1, Chars::Two(text)) => copy(one, text, |unit| unit as u8),
                (1, Chars::Four(text)) => copy(one, text, |unit| unit as u8),
                (2, Chars::One(text)) => copy(two, text, u16::from),
                (2, Chars::Four(text)) => copy(two, text, |unit| unit as u16),
                (_, Chars::One(text)) => copy(four, text, u32::from),
                (_, Chars::Two(text)) => copy(four, text, u32::from),
                // The kind is 1, 2 or 4.
                (_, Chars::Four(_)) => {}
            }
        }
        self.at += count;
    }
}

/// Copies bytes. Most texts are short: these are moved as two words that may overlap, without the call that finds out how to move many.
///
/// # Safety
/// Both have `count` bytes, which do not overlap.
#[inline(always)]
unsafe fn copy_bytes(from: *const u8, to: *mut u8, count: usize) {
    macro_rules! in_words_of {
        ($word:ty) => {{
            let last = count - size_of::<$word>();
            let (head, tail) = (from.cast::<$word>().read_unaligned(), from.add(last).cast::<$word>().read_unaligned());
            to.cast::<$word>().write_unaligned(head);
            to.add(last).cast::<$word>().write_unaligned(tail);
        }};
    }
    // SAFETY: the words lie within the bytes.
    unsafe {
        match count {
            0 => {}
            1 => to.write(*from),
            2..4 => in_words_of!(u16),
            4..8 => in_words_of!(u32),
            8..=16 => in_words_of!(u64),
            _ => to.copy_from_nonoverlapping(from, count),
        }
    }
}

/// The kind and the bytes of the header for a class of characters.
#[inline(always)]
fn shape(class: u32) -> (usize, usize) {
    match class {
        0..128 => (1, ASCII_HEADER),
        128..256 => (1, COMPACT_HEADER),
        256..65_536 => (2, COMPACT_HEADER),
        _ => (4, COMPACT_HEADER),
    }
}

/// The bytes of an exact string, or nothing where there are too many.
#[inline(always)]
fn block_size(length: usize, kind: usize, header: usize) -> Option<usize> {
    let size = length.checked_add(1)?.checked_mul(kind)?.checked_add(header)?;
    (size <= isize::MAX as usize).then_some(size)
}

impl Str {
    /// A string for `text`.
    pub fn new(text: &str) -> Result<Ref<Str>, Raised> {
        if text.is_ascii() {
            return Str::from_ascii(text.as_bytes());
        }
        if let (2, Some(character)) = (text.len(), text.chars().next()) {
            return Str::from_char(character.into());
        }
        let class = text.chars().fold(0, |all, character| all | u32::from(character));
        Str::assemble(text.chars().count(), class, |to| text.chars().for_each(|character| to.put(character.into())))
    }

    /// A string of characters below 128, which the caller has looked at.
    pub fn from_ascii(text: &[u8]) -> Result<Ref<Str>, Raised> {
        debug_assert!(text.is_ascii());
        match text.len() {
            0 | 1 => Str::from_latin1(text),
            length => Str::assemble(length, 0x7F, |to| to.push(Chars::One(text))),
        }
    }

    /// A string of characters below 256.
    #[inline]
    pub fn from_latin1(text: &[u8]) -> Result<Ref<Str>, Raised> {
        Str::from_chars(Chars::One(text))
    }

    /// A string of these characters, in its smallest kind.
    #[inline]
    pub fn from_chars(text: Chars<'_>) -> Result<Ref<Str>, Raised> {
        match text.len() {
            0 => Ok(intern::empty()),
            1 => Str::from_char(text.at(0)),
            length => Str::assemble(length, text.class(), |to| to.push(text)),
        }
    }

    /// A string of these code points.
    pub fn from_code_points(text: &[u32]) -> Result<Ref<Str>, Raised> {
        Str::from_chars(Chars::Four(text))
    }

    /// The string of one character.
    #[inline]
    pub fn from_char(character: u32) -> Result<Ref<Str>, Raised> {
        if character < 256 {
            return Ok(intern::latin1(character as u8));
        }
        Str::assemble(1, character, |to| to.put(character))
    }

    /// The empty string.
    #[inline]
    pub fn empty() -> Ref<Str> {
        intern::empty()
    }

    /// A formatted string.
    pub fn from_format(text: fmt::Arguments<'_>) -> Result<Ref<Str>, Raised> {
        if let Some(text) = text.as_str() {
            return Str::new(text);
        }
        // Most texts fit in what is asked for at first.
        let mut buffer = habu_heap::Buffer::<u8>::with_capacity(96)?;
        if fmt::write(&mut buffer, text).is_err() {
            return Err(memory_error());
        }
        match std::str::from_utf8(&buffer) {
            Ok(text) => Str::new(text),
            Err(_) => Err(memory_error()),
        }
    }

    /// A new string of `length` characters of the class `class`, which `write` writes.  Empty and one-character strings are made anew
    /// here: callers who want the shared ones ask for them first.
    ///
    /// Raises MemoryError.
    #[inline]
    pub fn assemble(length: usize, class: u32, write: impl FnOnce(&mut Writer)) -> Result<Ref<Str>, Raised> {
        let (kind, header) = shape(class);
        let Some(size) = block_size(length, kind, header) else { return Err(memory_error()) };
        let Some(memory) = habu_heap::alloc(Domain::Object, size) else { return Err(memory_error()) };
        let object = memory.cast::<Str>();
        // SAFETY: the block has room for the header, the tail where there is one, the text and a zero; the writer stays within
        // the text, and what it leaves out is zeroed before anybody reads it.
        unsafe {
            object.write(Str {
                base: Object::of::<Str>(),
                length: Cell::new(length as isize),
                hash: Cell::new(-1),
                state: Cell::new(state(0, kind as u32, class < 128)),
                wstr: Cell::new(std::ptr::null()),
            });
            if header == COMPACT_HEADER {
                memory.add(ASCII_HEADER).cast::<[usize; 3]>().write([0; 3]);
            }
            let data = memory.add(header).as_ptr();
            let mut writer = Writer { data, kind, at: 0, length };
            write(&mut writer);
            if kind == 1 && writer.at == length {
                data.add(length).write(0);
            } else {
                let written = writer.at * kind;
                data.add(written).write_bytes(0, (length + 1) * kind - written);
            }
            Ok(Ref::from_owned(object))
        }
    }

    /// A string of `length` characters up to `largest`, all zero, which C code fills before any other code sees it.
    pub fn unfilled(length: usize, largest: u32) -> Result<Ref<Str>, Raised> {
        if length == 0 {
            return Ok(Str::empty());
        }
        Str::assemble(length, largest, |_| ())
    }

    /// A new string of `length` characters of ASCII, which `write` puts into zeroed places. Short ones are made anew, as by `assemble`.
    #[inline]
    pub fn assemble_bytes(length: usize, write: impl FnOnce(&mut [u8])) -> Result<Ref<Str>, Raised> {
        let made = Str::assemble(length, 0, |_| ())?;
        // SAFETY: the string is new and nobody else holds it; its text is `length` bytes behind the header.
        write(unsafe { std::slice::from_raw_parts_mut(made.data().cast_mut(), length) });
        debug_assert!(made.ascii_bytes().is_some_and(<[u8]>::is_ascii));
        Ok(made)
    }

    /// A string of ASCII text that `change` changes, to ASCII text.
    pub(super) fn assemble_ascii(text: &[u8], change: impl FnOnce(&mut [u8])) -> Result<Ref<Str>, Raised> {
        let made = Str::assemble(text.len(), 0, |to| to.push(Chars::One(text)))?;
        // SAFETY: the string is new and nobody else holds it; its text is `len` bytes behind the header.
        change(unsafe { std::slice::from_raw_parts_mut(made.data().cast_mut(), made.len()) });
        Ok(made)
    }

    /// A new instance of `cls`, a subclass of str, with the text of `text`.
    pub fn instantiate(cls: &Type, text: &Str) -> Result<Ref<Str>, Raised> {
        let bytes = (text.len() + 1) * text.kind();
        let Some(data) = habu_heap::alloc(Domain::Object, bytes) else { return Err(memory_error()) };
        let object = match allocate_zeroed(cls, cls.tp_basicsize.get() as usize) {
            Ok(object) => object,
            Err(raised) => {
                // SAFETY: the block was just allocated with this size.
                unsafe { habu_heap::free(Domain::Object, data, bytes) };
                return Err(raised);
            }
        };
        // SAFETY: the text has `bytes` bytes with its zero; an instance has the 80 bytes of str's basicsize at least.
        unsafe {
            data.copy_from_nonoverlapping(NonNull::new_unchecked(text.data().cast_mut()), bytes);
            object.cast::<Str>().write(Str {
                base: Object::header(cls),
                length: Cell::new(text.len() as isize),
                hash: Cell::new(text.hash.get()),
                state: Cell::new(state(0, text.kind() as u32, text.is_ascii()) & !COMPACT),
                wstr: Cell::new(std::ptr::null()),
            });
            object.cast::<u8>().add(COMPACT_HEADER).cast::<*mut u8>().write(data.as_ptr());
            own_type(cls);
            let object = Ref::from_owned(object.cast::<Str>());
            if cls.has_flag(flags::HAVE_GC) {
                gc::track(&object);
            }
            Ok(object)
        }
    }

    /// A number of the class of the largest character.
    #[inline(always)]
    pub fn class(&self) -> u32 {
        match (self.is_ascii(), self.kind()) {
            (true, _) => 0x7F,
            (false, 1) => 0xFF,
            (false, 2) => 0xFFFF,
            _ => 0x10_FFFF,
        }
    }

    /// This string when it is exactly a str, else one with the same text.
    #[inline]
    pub fn to_exact(&self) -> Result<Ref<Str>, Raised> {
        if self.is_exact::<Str>() {
            return Ok(Ref::from_borrowed(self));
        }
        Str::from_chars(self.chars())
    }

    /// The characters from `start` to `end`, both held to the length.
    #[inline]
    pub fn substring(&self, start: usize, end: usize) -> Result<Ref<Str>, Raised> {
        let end = end.min(self.len());
        let start = start.min(end);
        if end - start == self.len() {
            return self.to_exact();
        }
        let part = self.chars().slice(start, end);
        if self.is_ascii() && part.len() > 1 {
            return Str::assemble(part.len(), 0, |to| to.push(part));
        }
        Str::from_chars(part)
    }

    /// The characters from `start` to `end` as an exact string, also where that is all of an instance of a subclass.
    pub fn substring_new(&self, start: usize, end: usize) -> Result<Ref<Str>, Raised> {
        Str::from_chars(self.chars().slice(start, end))
    }

    /// `left + right`
    pub fn concat(left: &Str, right: &Str) -> Result<Ref<Str>, Raised> {
        if left.len() == 0 {
            return right.to_exact();
        }
        if right.len() == 0 {
            return left.to_exact();
        }
        let Some(length) = left.len().checked_add(right.len()).filter(|length| *length <= isize::MAX as usize) else {
            return Err(raise!(OverflowError, "strings are too large to concat"));
        };
        Str::assemble(length, left.class().max(right.class()), |to| {
            to.push(left.chars());
            to.push(right.chars());
        })
    }

    /// `target + other`, in the memory of `target` when nobody else holds it (`PyUnicode_Append`).
    pub fn append_in_place(target: Ref<Str>, other: &Str) -> Result<Ref<Str>, Raised> {
        let grows = target.refcount() == 1
            && target.is_exact::<Str>()
            && target.is_compact()
            && target.interned() == 0
            && target.len() > 0
            && target.kind() >= other.kind()
            && (!target.is_ascii() || other.is_ascii());
        if !grows || other.len() == 0 {
            return Str::concat(&target, other);
        }
        let (kind, header) = (target.kind(), target.header_size());
        let (old, length) = (target.len(), target.len().saturating_add(other.len()));
        let Some(size) = block_size(length, kind, header) else {
            return Err(raise!(OverflowError, "strings are too large to concat"));
        };
        target.drop_utf8();
        target.drop_wide();
        let old_size = target.size_without_utf8();
        let block = target.into_pointer();
        // SAFETY: nobody else holds the string, which is one block of `old_size` bytes; `other` is another string.
        unsafe {
            let Some(moved) = habu_heap::realloc(Domain::Object, block.cast(), old_size, size) else {
                drop(Ref::from_owned(block));
                return Err(memory_error());
            };
            let target = Ref::from_owned(moved.cast::<Str>());
            target.length.set(length as isize);
            target.hash.set(-1);
            let data = moved.add(header).as_ptr();
            let mut writer = Writer { data, kind, at: old, length };
            writer.push(other.chars());
            data.add(length * kind).write_bytes(0, kind);
            Ok(target)
        }
    }

    /// The text `count` times.
    pub fn repeat(&self, count: isize) -> Result<Ref<Str>, Raised> {
        let length = self.len();
        if count < 1 || length == 0 {
            return Ok(intern::empty());
        }
        if count == 1 {
            return self.to_exact();
        }
        let count = count as usize;
        let Some(total) = length.checked_mul(count).filter(|total| *total <= isize::MAX as usize) else {
            return Err(raise!(OverflowError, "repeated string is too long"));
        };
        let text = self.chars();
        Str::assemble(total, self.class(), |to| {
            if length == 1 {
                return to.fill(text.at(0), count);
            }
            to.push(text);
            to.double(total);
        })
    }

    /// The bytes before the text of a compact string.
    pub(super) fn header_size(&self) -> usize {
        if self.is_ascii() { ASCII_HEADER } else { COMPACT_HEADER }
    }

    /// The UTF-8 form with a NUL behind it, kept by the string, and its length in bytes.
    pub fn utf8_with_end(&self) -> Result<(*const std::ffi::c_char, usize), Raised> {
        if self.is_ascii() && self.is_compact() {
            return Ok((self.data().cast(), self.len()));
        }
        let Some(tail) = self.tail() else { return Ok((self.data().cast(), self.len())) };
        if tail.utf8.get().is_null() {
            self.keep_utf8()?;
        }
        Ok((tail.utf8.get(), tail.utf8_length.get() as usize))
    }

    /// Keeps the UTF-8 form, with a NUL behind it, in a string that is not its own (`PyUnicode_AsUTF8`); `sys.getsizeof` counts it.
    pub fn keep_utf8(&self) -> Result<(), Raised> {
        let Some(tail) = self.tail().filter(|tail| tail.utf8.get().is_null()) else { return Ok(()) };
        let encoded = super::codecs::encode(self, None, None)?;
        let bytes = encoded.as_slice();
        let Some(memory) = habu_heap::alloc(Domain::Object, bytes.len() + 1) else {
            return Err(crate::exceptions::memory_error());
        };
        // SAFETY: there is room for the text and its end.
        unsafe {
            memory.as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            memory.add(bytes.len()).write(0);
        }
        tail.utf8.set(memory.as_ptr().cast());
        tail.utf8_length.set(bytes.len() as isize);
        Ok(())
    }

    /// Frees the cached UTF-8 form.
    pub(super) fn drop_utf8(&self) {
        if let Some(tail) = self.tail()
            && let Some(utf8) = NonNull::new(tail.utf8.replace(std::ptr::null_mut()))
        {
            // SAFETY: the cached form was allocated with its length and a NUL.
            unsafe { habu_heap::free(Domain::Object, utf8.cast(), tail.utf8_length.get() as usize + 1) };
        }
    }
}

impl Writer {
    /// Repeats what was written until there are `total` characters: each copy doubles what there is.
    fn double(&mut self, total: usize) {
        let total = total.min(self.length);
        while self.at > 0 && self.at < total {
            let count = self.at.min(total - self.at);
            // SAFETY: `count` characters are written, and as many have room behind them.
            unsafe {
                let end = self.data.add(self.at * self.kind);
                end.copy_from_nonoverlapping(self.data, count * self.kind);
            }
            self.at += count;
        }
    }
}

/// What a join found.
pub enum Joined {
    /// The text.
    Text(Ref<Str>),
    /// The item at this place is no string.
    NotText(usize),
    /// There are too many characters.
    TooLong,
}

/// The strings `items` with `separator` between them.  No Python code runs in here but for MemoryError.
pub fn join_items(separator: &Str, items: &[Ref]) -> Result<Joined, Raised> {
    if let [only] = items
        && only.is_exact::<Str>()
        && let Ok(only) = only.clone().downcast_into::<Str>()
    {
        return Ok(Joined::Text(only));
    }
    let Some(gaps) = items.len().checked_sub(1) else { return Ok(Joined::Text(intern::empty())) };
    let mut class = if gaps > 0 { separator.class() } else { 0 };
    let Some(mut length) = separator.len().checked_mul(gaps) else { return Ok(Joined::TooLong) };
    for (index, item) in items.iter().enumerate() {
        let Some(item) = item.downcast::<Str>() else { return Ok(Joined::NotText(index)) };
        class = class.max(item.class());
        match length.checked_add(item.len()).filter(|length| *length <= isize::MAX as usize) {
            Some(sum) => length = sum,
            None => return Ok(Joined::TooLong),
        }
    }
    if length == 0 {
        return Ok(Joined::Text(intern::empty()));
    }
    let between = separator.chars();
    Str::assemble(length, class, |to| {
        for (index, item) in items.iter().filter_map(|item| item.downcast::<Str>()).enumerate() {
            if index > 0 && !between.is_empty() {
                to.push(between);
            }
            to.push(item.chars());
        }
    })
    .map(Joined::Text)
}
