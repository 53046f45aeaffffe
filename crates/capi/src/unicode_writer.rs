//! `cpython/unicodeobject.h`, `pycore_accu.h`: building strings piece by piece (`_PyUnicodeWriter`, `_PyAccu`).

use std::ffi::{c_char, c_int};

use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::list::List;
use habu_runtime::types::str::{Chars, Str};

use crate::border::*;

/// A string that grows (`_PyUnicodeWriter`): extensions write to its memory themselves, within `size` characters of `kind` bytes.
#[repr(C)]
pub struct Writer {
    buffer: *mut Object,
    data: *mut u8,
    kind: c_int,
    maxchar: u32,
    size: isize,
    pos: isize,
    min_length: isize,
    min_char: u32,
    overallocate: u8,
    readonly: u8,
}

const _: () = assert!(size_of::<Writer>() == 56);

impl Writer {
    fn clear(&mut self) {
        *self = Writer {
            buffer: std::ptr::null_mut(),
            data: std::ptr::null_mut(),
            kind: 0,
            maxchar: 0,
            size: 0,
            pos: 0,
            min_length: 0,
            min_char: 0,
            overallocate: 0,
            readonly: 0,
        };
    }

    /// What was written.
    fn written(&self) -> Chars<'_> {
        let count = self.pos.max(0) as usize;
        if self.buffer.is_null() || count == 0 {
            return Chars::One(&[]);
        }
        // SAFETY: the buffer has that many characters of this kind, which the writer owns.
        unsafe {
            match self.kind {
                1 => Chars::One(std::slice::from_raw_parts(self.data, count)),
                2 => Chars::Two(std::slice::from_raw_parts(self.data.cast(), count)),
                _ => Chars::Four(std::slice::from_raw_parts(self.data.cast(), count)),
            }
        }
    }

    /// Takes the buffer out.
    fn take(&mut self) -> Option<Ref> {
        let buffer = std::ptr::NonNull::new(std::mem::replace(&mut self.buffer, std::ptr::null_mut()))?;
        // SAFETY: the writer owns its buffer.
        Some(unsafe { Ref::from_owned(buffer) })
    }

    /// Makes room for `count` more characters up to `largest`.
    fn prepare(&mut self, count: isize, largest: u32) -> Result<(), Raised> {
        let Some(mut length) = self.pos.checked_add(count) else {
            return Err(habu_runtime::exceptions::memory_error());
        };
        let largest = largest.max(self.min_char).max(self.maxchar);
        if length <= self.size && largest <= self.maxchar && !self.buffer.is_null() {
            return Ok(());
        }
        length = length.max(self.size).max(self.min_length);
        if self.overallocate != 0 {
            length += length / 4;
        }
        let made = Str::unfilled(length.max(1) as usize, largest)?;
        let (data, kind) = (made.data().cast_mut(), made.kind());
        for (index, code) in self.written().iter().enumerate() {
            put(data, kind, index, code);
        }
        drop(self.take());
        self.buffer = own(Some(made.into_object()));
        self.data = data;
        self.kind = kind as c_int;
        self.maxchar = match kind {
            1 if largest < 128 => 0x7f,
            1 => 0xff,
            2 => 0xffff,
            _ => 0x10_ffff,
        };
        self.size = length;
        Ok(())
    }

    fn push(&mut self, text: Chars<'_>) -> Result<(), Raised> {
        let largest = text.iter().max().unwrap_or(0);
        self.prepare(text.len() as isize, largest)?;
        for (index, code) in text.iter().enumerate() {
            put(self.data, self.kind as usize, self.pos as usize + index, code);
        }
        self.pos += text.len() as isize;
        Ok(())
    }
}

/// Writes a character to a string's memory.
fn put(data: *mut u8, kind: usize, index: usize, code: u32) {
    // SAFETY: the writer made room for the index.
    unsafe {
        match kind {
            1 => data.add(index).write(code as u8),
            2 => data.cast::<u16>().add(index).write(code as u16),
            _ => data.cast::<u32>().add(index).write(code),
        }
    }
}

/// Strings collected to be joined (`_PyAccu`).
#[repr(C)]
pub struct Accumulator {
    large: *mut Object,
    small: *mut Object,
}

impl Accumulator {
    fn list(&self) -> Result<&List, Raised> {
        // SAFETY: null, or the list that `_PyAccu_Init` made.
        expect_some::<List>(unsafe { self.small.as_ref() })
    }

    fn take(&mut self) -> Option<Ref> {
        self.large = std::ptr::null_mut();
        let list = std::ptr::NonNull::new(std::mem::replace(&mut self.small, std::ptr::null_mut()))?;
        // SAFETY: the list is owned.
        Some(unsafe { Ref::from_owned(list) })
    }
}

export! {
    fn _PyUnicodeWriter_Init(writer: &mut Writer) -> () { writer.clear(); }
    fn _PyUnicodeWriter_PrepareInternal(writer: &mut Writer, count: isize, largest: u32) => c_int { writer.prepare(count, largest) }
    fn _PyUnicodeWriter_PrepareKindInternal(writer: &mut Writer, kind: c_int) => c_int {
        writer.prepare(0, match kind { 1 => 0xff, 2 => 0xffff, _ => 0x10_ffff })
    }
    fn _PyUnicodeWriter_WriteChar(writer: &mut Writer, code: u32) => c_int {
        writer.prepare(1, code)?;
        put(writer.data, writer.kind as usize, writer.pos as usize, code);
        writer.pos += 1;
        Ok(())
    }
    fn _PyUnicodeWriter_WriteStr(writer: &mut Writer, text: &Object) => c_int { writer.push(expect::<Str>(text)?.chars()) }
    fn _PyUnicodeWriter_WriteSubstring(writer: &mut Writer, text: &Object, start: isize, end: isize) => c_int {
        let text = expect::<Str>(text)?;
        let piece = text.substring(start.max(0) as usize, (end.max(0) as usize).min(text.len()))?;
        writer.push(piece.chars())
    }
    fn _PyUnicodeWriter_WriteASCIIString(writer: &mut Writer, data: *const c_char, length: isize) => c_int {
        let bytes = if length < 0 { Text(data).bytes() } else { memory(data, length) };
        writer.push(Chars::One(bytes))
    }
    fn _PyUnicodeWriter_WriteLatin1String(writer: &mut Writer, data: *const c_char, length: isize) => c_int {
        writer.push(Chars::One(memory(data, length)))
    }
    fn _PyUnicodeWriter_Finish(writer: &mut Writer) => New {
        let made = Str::from_chars(writer.written())?;
        drop(writer.take());
        writer.clear();
        Ok(made)
    }
    fn _PyUnicodeWriter_Dealloc(writer: &mut Writer) -> () { drop(writer.take()); }
    fn _PyAccu_Init(accumulator: &mut Accumulator) => c_int {
        accumulator.large = std::ptr::null_mut();
        accumulator.small = own(Some(List::new()?.into_object()));
        Ok(())
    }
    fn _PyAccu_Accumulate(accumulator: &mut Accumulator, text: &Object) => c_int {
        if !text.isinstance::<Str>() {
            return Err(raise!(TypeError, "sequence item 0: expected str instance, {} found", text.ty().name()));
        }
        accumulator.list()?.push(text.to_ref())
    }
    fn _PyAccu_FinishAsList(accumulator: &mut Accumulator) -> Option<Ref> { accumulator.take() }
    fn _PyAccu_Finish(accumulator: &mut Accumulator) => New {
        let Some(list) = accumulator.take() else { return Err(bad_internal_call()) };
        habu_runtime::types::str::join(&Str::empty(), &list)
    }
    fn _PyAccu_Destroy(accumulator: &mut Accumulator) -> () { drop(accumulator.take()); }
}
