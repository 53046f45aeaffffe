//! Reading objects: the stack machine that a pickle is a program for. `build` has the opcodes that make and change objects.
//!
//! The stack is the reader's own, so that a nested `load` of the same unpickler cannot change it. `fence` is the place of the last mark:
//! what is under it belongs to an outer value, and no opcode may take it.

use habu_heap::Buffer;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::set::{FrozenSet, Set};
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, none};

use super::input::{Input, truncated};
use super::opcodes::*;
use super::text;
use super::unpickler::{Unpickler, no_persistent_load};
use super::{UNPICKLING_ERROR, error};

/// An `UnpicklingError`.
macro_rules! corrupt {
    ($($message:tt)*) => { $crate::pickle::error(&$crate::pickle::UNPICKLING_ERROR, format_args!($($message)*)) };
}
pub(super) use corrupt;

/// One `load`.
pub(super) struct Loading<'a> {
    pub(super) unpickler: &'a Unpickler,
    pub(super) input: Input,
    pub(super) stack: Buffer<Ref>,
    marks: Buffer<usize>,
    pub(super) fence: usize,
}

impl<'a> Loading<'a> {
    /// Begins to read.
    pub(super) fn new(unpickler: &'a Unpickler, input: Input) -> Loading<'a> {
        unpickler.protocol.set(0);
        Loading { unpickler, input, stack: Buffer::new(), marks: Buffer::new(), fence: 0 }
    }

    /// Reads to the end of the pickle.
    pub(super) fn run(mut self) -> Result<Ref, Raised> {
        loop {
            let Some(opcode) = self.input.next()? else { return Err(raise!(EOFError, "Ran out of input")) };
            if opcode == STOP {
                break;
            }
            self.step(opcode)?;
        }
        self.input.finish()?;
        self.pop()
    }

    #[inline]
    pub(super) fn push(&mut self, object: Ref) -> Result<(), Raised> {
        Ok(self.stack.push(object)?)
    }

    /// The error of a stack that has too little above the last mark.
    #[cold]
    pub(super) fn underflow(&self) -> Raised {
        match self.marks.is_empty() {
            true => corrupt!("unpickling stack underflow"),
            false => corrupt!("unexpected MARK found"),
        }
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Result<Ref, Raised> {
        if self.stack.len() <= self.fence {
            return Err(self.underflow());
        }
        self.stack.pop().ok_or_else(|| corrupt!("unpickling stack underflow"))
    }

    /// The object on top.
    pub(super) fn top(&self) -> Result<Ref, Raised> {
        match self.stack.last() {
            Some(top) if self.stack.len() > self.fence => Ok(top.clone()),
            _ => Err(self.underflow()),
        }
    }

    fn mark(&mut self) -> Result<(), Raised> {
        self.marks.push(self.stack.len())?;
        self.fence = self.stack.len();
        // CPython's room for marks shows in sizes.
        if self.marks.len() > self.unpickler.marks.get() {
            self.unpickler.marks.set((self.unpickler.marks.get() << 1) + 20);
        }
        Ok(())
    }

    /// Takes the last mark: where it stands.
    pub(super) fn take_mark(&mut self) -> Result<usize, Raised> {
        let Some(mark) = self.marks.pop() else { return Err(corrupt!("could not find MARK")) };
        self.fence = self.marks.last().copied().unwrap_or(0);
        Ok(mark)
    }

    /// Takes the objects from `start` on, the last one first out of the way.
    pub(super) fn take_from(&mut self, start: usize) -> Result<Buffer<Ref>, Raised> {
        let mut taken = Buffer::with_capacity(self.stack.len().saturating_sub(start))?;
        while self.stack.len() > start
            && let Some(object) = self.stack.pop()
        {
            taken.push(object)?;
        }
        taken.reverse();
        Ok(taken)
    }

    fn pop_tuple(&mut self, start: usize) -> Result<Ref<Tuple>, Raised> {
        let tuple = Tuple::from_slice(self.stack.get(start..).unwrap_or_default())?;
        self.stack.truncate(start);
        Ok(tuple)
    }

    /// Makes a tuple of the topmost objects.
    fn short_tuple(&mut self, count: usize) -> Result<(), Raised> {
        if self.stack.len() < self.fence + count {
            return Err(self.underflow());
        }
        let tuple = self.pop_tuple(self.stack.len() - count)?;
        self.push(tuple.into_object())
    }

    fn step(&mut self, opcode: u8) -> Result<(), Raised> {
        match opcode {
            BININT => self.int(|this| Ok(i64::from(i32::from_le_bytes(this.input.array()?)))),
            BININT1 => self.int(|this| Ok(i64::from(u8::from_le_bytes(this.input.array()?)))),
            BININT2 => self.int(|this| Ok(i64::from(u16::from_le_bytes(this.input.array()?)))),
            SHORT_BINUNICODE | BINUNICODE | BINUNICODE8 => {
                let count = self.length(opcode, "BINUNICODE")?;
                let text = self.input.take(count, text::from_utf8)??;
                self.push(text)
            }
            BINGET | LONG_BINGET => {
                let number = match opcode {
                    BINGET => usize::from(u8::from_le_bytes(self.input.array()?)),
                    _ => u32::from_le_bytes(self.input.array()?) as usize,
                };
                self.get(number)
            }
            MEMOIZE => {
                let top = self.top()?;
                self.unpickler.memoize(self.unpickler.memo_count(), top)
            }
            BINPUT | LONG_BINPUT => {
                let number = match opcode {
                    BINPUT => usize::from(u8::from_le_bytes(self.input.array()?)),
                    _ => u32::from_le_bytes(self.input.array()?) as usize,
                };
                let top = self.top()?;
                self.unpickler.memoize(number, top)
            }
            MARK => self.mark(),
            EMPTY_DICT => self.push(Dict::new()?.into_object()),
            EMPTY_LIST => self.push(List::new()?.into_object()),
            EMPTY_TUPLE => self.push(Tuple::empty().into_object()),
            EMPTY_SET => self.push(Set::new()?.into_object()),
            TUPLE1 => self.short_tuple(1),
            TUPLE2 => self.short_tuple(2),
            TUPLE3 => self.short_tuple(3),
            TUPLE => {
                let mark = self.take_mark()?;
                let tuple = self.pop_tuple(mark)?;
                self.push(tuple.into_object())
            }
            APPEND | APPENDS | SETITEM | SETITEMS | ADDITEMS => self.add_items(opcode),
            NONE => self.push(none()),
            NEWTRUE => self.push(boolean(true)),
            NEWFALSE => self.push(boolean(false)),
            BINFLOAT => {
                let value = f64::from_be_bytes(self.input.array()?);
                self.push(Float::new(value)?.into_object())
            }
            SHORT_BINBYTES | BINBYTES | BINBYTES8 => {
                let count = self.length(opcode, "BINBYTES")?;
                let bytes = self.input.take_object(count)?;
                self.push(bytes.into_object())
            }
            FRAME => {
                let length = u64::from_le_bytes(self.input.array()?);
                match isize::try_from(length) {
                    Ok(length) => self.input.frame(length.unsigned_abs()),
                    Err(_) => {
                        let most = isize::MAX;
                        Err(raise!(OverflowError, "FRAME length exceeds system's maximum of {most} bytes"))
                    }
                }
            }
            PROTO => match self.input.array::<1>()? {
                [version] if i64::from(version) <= HIGHEST => {
                    self.unpickler.protocol.set(i64::from(version));
                    Ok(())
                }
                [version] => Err(raise!(ValueError, "unsupported pickle protocol: {version}")),
            },
            _ => self.rarer(opcode),
        }
    }

    /// The opcodes that are met less often.
    fn rarer(&mut self, opcode: u8) -> Result<(), Raised> {
        match opcode {
            LONG1 | LONG4 => self.counted_long(opcode),
            INT | LONG | FLOAT | STRING | UNICODE | PERSID | GET | PUT => self.lines(opcode),
            BINSTRING | SHORT_BINSTRING => {
                let count = match opcode {
                    SHORT_BINSTRING => u32::from(u8::from_le_bytes(self.input.array()?)),
                    _ => u32::from_le_bytes(self.input.array()?),
                } as usize;
                let bytes = self.input.take(count, Buffer::from_slice)??;
                self.old_string(&bytes)
            }
            BYTEARRAY8 => {
                let count = self.length(opcode, "BYTEARRAY8")?;
                let bytes = self.input.take(count, ByteArray::new)??;
                self.push(bytes.into_object())
            }
            NEXT_BUFFER => {
                let Some(buffers) = self.unpickler.buffers.get() else {
                    let message = "pickle stream refers to out-of-band data but no *buffers* argument was given";
                    return Err(corrupt!("{message}"));
                };
                match protocol::next(&buffers)? {
                    Some(buffer) => self.push(buffer),
                    None => Err(corrupt!("not enough out-of-band buffers")),
                }
            }
            READONLY_BUFFER => self.make_readonly(),
            LIST => {
                let mark = self.take_mark()?;
                let list = List::from_slice(self.stack.get(mark..).unwrap_or_default())?;
                self.stack.truncate(mark);
                self.push(list.into_object())
            }
            DICT => {
                let mark = self.take_mark()?;
                let items = self.take_from(mark)?;
                if !items.len().is_multiple_of(2) {
                    return Err(corrupt!("odd number of items for DICT"));
                }
                let dict = Dict::new()?;
                for pair in items.chunks_exact(2) {
                    dict.set(&pair[0], &pair[1])?;
                }
                self.push(dict.into_object())
            }
            FROZENSET => {
                let mark = self.take_mark()?;
                let items = self.take_from(mark)?;
                let set = FrozenSet::from_refs(&items)?;
                self.push(set.into_object())
            }
            BINPERSID => match self.unpickler.has_persistent_load() {
                true => {
                    let id = self.pop()?;
                    let object = self.unpickler.persistent_load(&id)?;
                    self.push(object)
                }
                false => Err(no_persistent_load()),
            },
            POP => self.pop_or_unmark(),
            POP_MARK => {
                let mark = self.take_mark()?;
                self.take_from(mark).map(drop)
            }
            DUP => {
                let top = self.top()?;
                self.push(top)
            }
            _ => self.build(opcode),
        }
    }

    #[inline]
    fn int(&mut self, read: impl FnOnce(&mut Self) -> Result<i64, Raised>) -> Result<(), Raised> {
        let value = read(self)?;
        self.push(Int::from_i64(value)?.into_object())
    }

    /// The length before bytes: of one byte, four or eight.
    fn length(&mut self, opcode: u8, name: &str) -> Result<usize, Raised> {
        let length = match opcode {
            SHORT_BINUNICODE | SHORT_BINBYTES => u64::from(u8::from_le_bytes(self.input.array()?)),
            BINUNICODE | BINBYTES => u64::from(u32::from_le_bytes(self.input.array()?)),
            _ => u64::from_le_bytes(self.input.array()?),
        };
        match isize::try_from(length) {
            Ok(length) => Ok(length.unsigned_abs()),
            Err(_) => Err(raise!(OverflowError, "{name} exceeds system's maximum size of {} bytes", isize::MAX)),
        }
    }

    fn get(&mut self, number: usize) -> Result<(), Raised> {
        match self.unpickler.memoized(number) {
            Some(object) => self.push(object),
            None => Err(corrupt!("Memo value not found at index {number}")),
        }
    }

    fn counted_long(&mut self, opcode: u8) -> Result<(), Raised> {
        let count = match opcode {
            LONG1 => i64::from(u8::from_le_bytes(self.input.array()?)),
            _ => i64::from(i32::from_le_bytes(self.input.array()?)),
        };
        let Ok(count) = usize::try_from(count) else {
            return Err(corrupt!("LONG pickle has negative byte count"));
        };
        let value = self.input.take(count, |bytes| {
            let room = habu_numbers::digits::bytes::from_bytes_size(bytes.len());
            Int::build_signed(room, |digits| habu_numbers::digits::bytes::from_bytes(bytes, true, true, digits))
        })??;
        self.push(value.into_object())
    }

    /// The opcodes with a line of text.
    fn lines(&mut self, opcode: u8) -> Result<(), Raised> {
        let line = self.input.line()?;
        self.unpickler.line.set(line.len() + 2);
        // Two bytes at the least, the end of the line included.
        let not_empty = || if line.is_empty() { Err(truncated()) } else { Ok(()) };
        match opcode {
            INT => {
                not_empty()?;
                let value = match &line[..] {
                    b"00" => boolean(false),
                    b"01" => boolean(true),
                    line => text::integer(line)?,
                };
                self.push(value)
            }
            LONG => {
                not_empty()?;
                self.push(text::long(&line)?)
            }
            FLOAT => {
                not_empty()?;
                self.push(text::float(&line)?)
            }
            STRING => match &line[..] {
                [first @ (b'\'' | b'"'), inner @ .., last] if first == last => {
                    let bytes = text::escape_decoded(inner)?;
                    self.old_string(bytes.as_slice())
                }
                _ => Err(corrupt!("the STRING opcode argument must be quoted")),
            },
            UNICODE => self.push(text::raw_unescaped(&line)?),
            PERSID => {
                if !self.unpickler.has_persistent_load() {
                    return Err(no_persistent_load());
                }
                if !line.is_ascii() {
                    return Err(corrupt!("persistent IDs in protocol 0 must be ASCII strings"));
                }
                let id = Str::from_latin1(&line)?;
                let object = self.unpickler.persistent_load(&id)?;
                self.push(object)
            }
            GET => {
                not_empty()?;
                let number = text::memo_index(&line)?;
                match number.to_i64().and_then(|number| usize::try_from(number).ok()) {
                    Some(number) => self.get(number),
                    None => Err(corrupt!("Memo value not found at index {}", protocol::repr(&number)?)),
                }
            }
            _ => {
                not_empty()?;
                let top = self.top()?;
                let number = text::memo_index(&line)?;
                match number.to_i64() {
                    Some(number) if number >= 0 => self.unpickler.memoize(number.unsigned_abs() as usize, top),
                    Some(_) => Err(raise!(ValueError, "negative PUT argument")),
                    None => Err(raise!(OverflowError, "Python int too large to convert to C ssize_t")),
                }
            }
        }
    }

    /// A string of Python 2: text or bytes, as the unpickler was told.
    fn old_string(&mut self, bytes: &[u8]) -> Result<(), Raised> {
        let (Some(encoding), Some(errors)) = (self.unpickler.encoding.get(), self.unpickler.errors.get()) else {
            return Err(error(&UNPICKLING_ERROR, format_args!("no encoding was set")));
        };
        if encoding.equals("bytes") {
            return self.push(Bytes::new(bytes)?.into_object());
        }
        let text = text::decoded(bytes, &encoding, &errors)?;
        self.push(text)
    }

    fn make_readonly(&mut self) -> Result<(), Raised> {
        let buffer = self.top()?;
        let view = habu_runtime::types::memoryview::MemoryView::new(&buffer)?;
        let readonly = protocol::get_attribute_str(&view, "readonly")?;
        if protocol::truth(&readonly)? {
            return Ok(());
        }
        let view = protocol::call_method(&view, &*Str::intern("toreadonly")?, &[])?;
        self.pop()?;
        self.push(view)
    }

    /// Drops the mark on top, or the object.
    fn pop_or_unmark(&mut self) -> Result<(), Raised> {
        if self.marks.last() == Some(&self.stack.len()) {
            return self.take_mark().map(drop);
        }
        self.pop().map(drop)
    }
}

/// The arguments of a call that a pickle asks for, which must be a tuple.
pub(super) fn argument_tuple(arguments: &Object) -> Result<&Tuple, Raised> {
    match arguments.downcast::<Tuple>() {
        Some(arguments) => Ok(arguments),
        None => Err(raise!(TypeError, "argument list must be a tuple")),
    }
}
