//! Writing objects: atoms, strings, bytes and the built-in containers. `reduce` has all that is written by what it says of itself.

use std::cell::OnceCell;

use habu_runtime::object::{Object, PyType, Raised, Ref, Type, protocol};
use habu_runtime::raise;
use habu_runtime::threads::thread::NativeCall;
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::float::Float;
use habu_runtime::types::function::Function;
use habu_runtime::types::int::{Bool, Int};
use habu_runtime::types::list::List;
use habu_runtime::types::set::{FrozenSet, Set, SetCore};
use habu_runtime::types::singletons::{is_none, not_implemented_static};
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::buffer::PickleBuffer;
use super::memo::Memo;
use super::opcodes::*;
use super::output::Output;
use super::pickler::{Pickler, nothing};
use super::{PICKLING_ERROR, error};

/// From this depth on, values are noted in the mode without a memo, to find those inside themselves.
const NOTED_DEPTH: isize = 50;

/// One `dump`.
pub(super) struct Saving<'a> {
    pub(super) pickler: &'a Pickler,
    pub(super) out: Output,
    pub(super) protocol: i64,
    reducer_override: Option<Ref>,
    /// `copyreg.dispatch_table`
    pub(super) registered: OnceCell<Ref<Dict>>,
    /// The values that are being written, by identity, in the mode without a memo.
    noted: Option<Memo>,
}

impl<'a> Saving<'a> {
    /// Begins to write to a file, or to a buffer.
    pub(super) fn new(pickler: &'a Pickler, write: Option<Ref>, reducer_override: Option<Ref>) -> Saving<'a> {
        Saving {
            pickler,
            out: Output::new(write),
            protocol: pickler.protocol.get(),
            reducer_override,
            registered: OnceCell::new(),
            noted: None,
        }
    }

    /// Writes a whole pickle.
    pub(super) fn run(mut self, object: &Object) -> Result<Ref, Raised> {
        if self.protocol >= 2 {
            self.out.push(&[PROTO, self.protocol as u8])?;
            self.out.framing = self.protocol >= 4;
        }
        self.save(object, false)?;
        self.out.push(&[STOP])?;
        self.out.finish().map(Ref::into_object)
    }

    /// Whether opcodes may be binary.
    #[inline]
    pub(super) fn binary(&self) -> bool {
        self.pickler.bin.get() != 0
    }

    /// Writes one opcode.
    #[inline]
    pub(super) fn op(&mut self, opcode: u8) -> Result<(), Raised> {
        self.out.push(&[opcode])
    }

    /// Notes that an object was written, and says so in the pickle.
    pub(super) fn memoize(&mut self, object: &Object) -> Result<(), Raised> {
        if self.pickler.fast.get() != 0 {
            return Ok(());
        }
        let number = {
            let mut memo = self.pickler.memo.borrow_mut();
            let memo = match memo.as_mut() {
                Some(memo) => memo,
                None => memo.insert(Memo::new()?),
            };
            let number = memo.len();
            memo.set(object, number)?;
            number
        };
        if self.protocol >= 4 {
            return self.op(MEMOIZE);
        }
        self.numbered(number, PUT, BINPUT, LONG_BINPUT)
    }

    /// Refers to an object that was written.
    pub(super) fn refer(&mut self, number: usize) -> Result<(), Raised> {
        self.numbered(number, GET, BINGET, LONG_BINGET)
    }

    fn numbered(&mut self, number: usize, text: u8, short: u8, long: u8) -> Result<(), Raised> {
        if !self.binary() {
            self.op(text)?;
            return self.out.push(format!("{number}\n").as_bytes());
        }
        match (u8::try_from(number), u32::try_from(number)) {
            (Ok(number), _) => self.out.push(&[short, number]),
            (_, Ok(number)) => {
                let [a, b, c, d] = number.to_le_bytes();
                self.out.push(&[long, a, b, c, d])
            }
            _ => Err(error(&PICKLING_ERROR, format_args!("memo id too large for LONG_BINPUT"))),
        }
    }

    /// Writes an object; `persistent` says that it is a persistent id itself.
    pub(super) fn save(&mut self, object: &Object, persistent: bool) -> Result<(), Raised> {
        self.out.boundary()?;
        if !persistent && self.pickler.has_persistent_id() && self.save_persistent(object)? {
            return Ok(());
        }
        if is_none(object) {
            return self.op(NONE);
        }
        if let Some(value) = object.downcast_exact::<Bool>() {
            return match (self.protocol >= 2, value.value()) {
                (true, true) => self.op(NEWTRUE),
                (true, false) => self.op(NEWFALSE),
                (false, true) => self.out.push(b"I01\n"),
                (false, false) => self.out.push(b"I00\n"),
            };
        }
        if let Some(value) = object.downcast_exact::<Int>() {
            return self.save_int(value);
        }
        if let Some(value) = object.downcast_exact::<Float>() {
            return self.save_float(value.value());
        }
        if let Some(number) = self.pickler.memoized(object) {
            return self.refer(number);
        }
        if let Some(text) = object.downcast_exact::<Str>() {
            return self.save_text(text);
        }
        if let Some(bytes) = object.downcast_exact::<Bytes>() {
            return self.save_bytes(bytes);
        }
        let _depth = NativeCall::enter(" while pickling an object")?;
        self.save_object(object)
    }

    /// Writes what is not an atom.
    fn save_object(&mut self, object: &Object) -> Result<(), Raised> {
        if let Some(dict) = object.downcast_exact::<Dict>() {
            return self.unless_inside_itself(object, |this| this.save_dict(dict));
        }
        if let Some(set) = object.downcast_exact::<Set>() {
            return self.save_set(set);
        }
        if let Some(set) = object.downcast_exact::<FrozenSet>() {
            return self.unless_inside_itself(object, |this| this.save_frozenset(set));
        }
        if let Some(list) = object.downcast_exact::<List>() {
            return self.unless_inside_itself(object, |this| this.save_list(list));
        }
        if let Some(tuple) = object.downcast_exact::<Tuple>() {
            return self.save_tuple(tuple);
        }
        if let Some(bytes) = object.downcast_exact::<ByteArray>() {
            return self.save_bytearray(bytes);
        }
        if let Some(buffer) = object.downcast_exact::<PickleBuffer>() {
            return self.save_buffer(buffer);
        }
        if let Some(reducer) = self.reducer_override.clone() {
            let reduced = protocol::call1(&reducer, object)?;
            if !reduced.is(not_implemented_static()) {
                return self.save_reduced(&reduced, object);
            }
        }
        if object.is_exact::<Type>() {
            return self.save_type(object);
        }
        if object.is_exact::<Function>() {
            return self.save_global(object, None);
        }
        self.save_by_reduction(object)
    }

    /// The persistent id of an object, if it has one, in the place of the object.
    fn save_persistent(&mut self, object: &Object) -> Result<bool, Raised> {
        let Some(id) = self.pickler.persistent_id(object)? else { return Ok(false) };
        if nothing(&id) {
            return Ok(false);
        }
        if self.binary() {
            self.save(&id, true)?;
            self.op(BINPERSID)?;
            return Ok(true);
        }
        let text = protocol::str(&id)?;
        match text.as_ascii() {
            Some(ascii) => {
                self.op(PERSID)?;
                self.out.push(ascii.as_bytes())?;
                self.out.push(b"\n")?;
                Ok(true)
            }
            None => Err(error(&PICKLING_ERROR, format_args!("persistent IDs in protocol 0 must be ASCII strings"))),
        }
    }

    fn save_int(&mut self, value: &Int) -> Result<(), Raised> {
        if let Some(small) = value.to_i64().and_then(|value| i32::try_from(value).ok()) {
            if !self.binary() {
                return self.out.push(format!("I{small}\n").as_bytes());
            }
            return match small.to_le_bytes() {
                [low, 0, 0, 0] => self.out.push(&[BININT1, low]),
                [low, high, 0, 0] => self.out.push(&[BININT2, low, high]),
                [a, b, c, d] => self.out.push(&[BININT, a, b, c, d]),
            };
        }
        if self.protocol < 2 {
            self.op(LONG)?;
            let text = habu_runtime::types::int::text::repr(value)?;
            self.out.push(text.as_ascii().unwrap_or_default().as_bytes())?;
            return self.out.push(b"L\n");
        }
        let bits = habu_numbers::digits::bit_length(value.digits());
        let Ok(room) = usize::try_from((bits >> 3) + 1) else {
            return Err(raise!(OverflowError, "int too large to pickle"));
        };
        let mut bytes = habu_heap::Buffer::<u8>::new();
        bytes.resize(room, 0)?;
        if habu_numbers::digits::bytes::to_bytes(value.signed(), &mut bytes, true, true).is_err() {
            return Err(raise!(OverflowError, "int too large to pickle"));
        }
        // A negative number may do without a last byte of ones.
        if value.is_negative() && room > 1 && bytes.last() == Some(&0xff) && bytes[room - 2] & 0x80 != 0 {
            bytes.truncate(room - 1);
        }
        match (u8::try_from(bytes.len()), i32::try_from(bytes.len())) {
            (Ok(length), _) => self.out.push(&[LONG1, length])?,
            (_, Ok(length)) => {
                self.op(LONG4)?;
                self.out.push(&length.to_le_bytes())?;
            }
            _ => return Err(raise!(OverflowError, "int too large to pickle")),
        }
        self.out.push(&bytes)
    }

    fn save_float(&mut self, value: f64) -> Result<(), Raised> {
        if self.binary() {
            let mut bytes = [BINFLOAT; 9];
            bytes[1..].copy_from_slice(&value.to_be_bytes());
            return self.out.push(&bytes);
        }
        self.op(FLOAT)?;
        let text = habu_runtime::types::float::format::repr(value)?;
        self.out.push(text.as_ascii().unwrap_or_default().as_bytes())?;
        self.out.push(b"\n")
    }

    /// Writes bytes with the opcode for their length: up to 255, up to 4 GiB, more. `object` has the bytes.
    fn save_counted(&mut self, ops: [Option<u8>; 3], bytes: &[u8], object: Option<&Object>) -> Result<bool, Raised> {
        let length = bytes.len();
        match (ops, u8::try_from(length), u32::try_from(length)) {
            ([Some(op), ..], Ok(short), _) => self.out.push_large(&[op, short], bytes, object)?,
            ([_, Some(op), _], _, Ok(long)) => {
                let [a, b, c, d] = long.to_le_bytes();
                self.out.push_large(&[op, a, b, c, d], bytes, object)?;
            }
            ([_, _, Some(op)], ..) => {
                let mut header = [op; 9];
                header[1..].copy_from_slice(&(length as u64).to_le_bytes());
                self.out.push_large(&header, bytes, object)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn save_text(&mut self, text: &Str) -> Result<(), Raised> {
        if !self.binary() {
            self.op(UNICODE)?;
            let line = super::text::raw_escaped(text)?;
            self.out.push(&line)?;
            self.out.push(b"\n")?;
            return self.memoize(text);
        }
        let new = self.protocol >= 4;
        let ops = [new.then_some(SHORT_BINUNICODE), Some(BINUNICODE), new.then_some(BINUNICODE8)];
        let written = match text.as_ascii() {
            Some(ascii) => self.save_counted(ops, ascii.as_bytes(), None)?,
            None => {
                let bytes = super::text::to_utf8(text)?;
                self.save_counted(ops, bytes.as_slice(), Some(&bytes))?
            }
        };
        if !written {
            return Err(raise!(
                OverflowError,
                "serializing a string larger than 4 GiB requires pickle protocol 4 or higher"
            ));
        }
        self.memoize(text)
    }

    fn save_bytes(&mut self, bytes: &Bytes) -> Result<(), Raised> {
        if self.protocol < 3 {
            // The old protocols have no bytes: a call makes them, by a codec where there are any.
            let reduced = match bytes.len() {
                0 => Tuple::from_refs([Bytes::type_object().to_ref(), Tuple::empty().into_object()])?,
                _ => {
                    let text = Str::from_latin1(bytes.as_slice())?.into_object();
                    let arguments = Tuple::from_refs([text, Str::intern("latin1")?.into_object()])?;
                    Tuple::from_refs([super::state::codecs_encode()?, arguments.into_object()])?
                }
            };
            return self.save_reduced(&reduced, bytes);
        }
        self.save_bytes_data(bytes, bytes.as_slice(), Some(bytes))
    }

    fn save_bytes_data(&mut self, object: &Object, bytes: &[u8], whole: Option<&Object>) -> Result<(), Raised> {
        let ops = [Some(SHORT_BINBYTES), Some(BINBYTES), (self.protocol >= 4).then_some(BINBYTES8)];
        if !self.save_counted(ops, bytes, whole)? {
            return Err(raise!(
                OverflowError,
                "serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher"
            ));
        }
        self.memoize(object)
    }

    fn save_bytearray(&mut self, bytes: &ByteArray) -> Result<(), Raised> {
        let copy = bytes.lend(Bytes::new)?;
        if self.protocol < 5 {
            let arguments = if copy.len() == 0 { Tuple::empty() } else { Tuple::from_refs([copy.into_object()])? };
            let reduced = Tuple::from_refs([ByteArray::type_object().to_ref(), arguments.into_object()])?;
            return self.save_reduced(&reduced, bytes);
        }
        self.save_counted([None, None, Some(BYTEARRAY8)], copy.as_slice(), Some(bytes))?;
        self.memoize(bytes)
    }

    fn save_buffer(&mut self, buffer: &PickleBuffer) -> Result<(), Raised> {
        if self.protocol < 5 {
            return Err(error(&PICKLING_ERROR, format_args!("PickleBuffer can only be pickled with protocol >= 5")));
        }
        let gaps = || {
            let message = "PickleBuffer can not be pickled when pointing to a non-contiguous buffer";
            error(&PICKLING_ERROR, format_args!("{message}"))
        };
        let readonly = buffer.contents(gaps)?.readonly;
        let in_band = match self.pickler.buffer_callback.get() {
            Some(callback) => protocol::truth(&*protocol::call1(&callback, buffer)?)?,
            None => true,
        };
        if !in_band {
            self.op(NEXT_BUFFER)?;
            return if readonly { self.op(READONLY_BUFFER) } else { Ok(()) };
        }
        // The callback may have released it.
        let copy = Bytes::new(buffer.contents(gaps)?.bytes)?;
        if readonly {
            return self.save_bytes_data(buffer, copy.as_slice(), Some(&copy));
        }
        self.save_counted([None, None, Some(BYTEARRAY8)], copy.as_slice(), Some(&copy))?;
        self.memoize(buffer)
    }

    /// In the mode without a memo, refuses a value inside itself.
    pub(super) fn unless_inside_itself(
        &mut self,
        object: &Object,
        write: impl FnOnce(&mut Self) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        if self.pickler.fast.get() == 0 {
            return write(self);
        }
        let nesting = &self.pickler.nesting;
        nesting.set(nesting.get() + 1);
        if nesting.get() >= NOTED_DEPTH {
            let noted = match self.noted.as_mut() {
                Some(noted) => noted,
                None => self.noted.insert(Memo::new()?),
            };
            if noted.get(object).is_some_and(|depth| depth != 0) {
                let name = object.ty().name();
                let address = object.address();
                nesting.set(0);
                return Err(raise!(
                    ValueError,
                    "fast mode: can't pickle cyclic objects including object type {name} at {address:#x}"
                ));
            }
            noted.set(object, 1)?;
        }
        let result = write(self);
        if let Some(noted) = self.noted.as_mut()
            && noted.get(object).is_some()
        {
            // The number says whether it is being written: the object stays in the table.
            noted.set(object, 0)?;
        }
        nesting.set(nesting.get() - 1);
        result
    }

    fn save_tuple(&mut self, tuple: &Tuple) -> Result<(), Raised> {
        let items = tuple.as_slice();
        if items.is_empty() {
            return if self.binary() { self.op(EMPTY_TUPLE) } else { self.out.push(&[MARK, TUPLE]) };
        }
        let short = items.len() <= 3 && self.protocol >= 2;
        if !short {
            self.op(MARK)?;
        }
        for item in items {
            self.save(item, false)?;
        }
        // Written in the meantime, so it contains itself: what stands on the stack is thrown away.
        if let Some(number) = self.pickler.memoized(tuple) {
            match (short, self.binary()) {
                (false, true) => self.op(POP_MARK)?,
                (true, _) => items.iter().try_for_each(|_| self.op(POP))?,
                (false, false) => (0..=items.len()).try_for_each(|_| self.op(POP))?,
            }
            return self.refer(number);
        }
        self.op(match (short, items.len()) {
            (true, 1) => TUPLE1,
            (true, 2) => TUPLE2,
            (true, _) => TUPLE3,
            (false, _) => TUPLE,
        })?;
        self.memoize(tuple)
    }

    fn save_list(&mut self, list: &List) -> Result<(), Raised> {
        if self.binary() {
            self.op(EMPTY_LIST)?;
        } else {
            self.out.push(&[MARK, LIST])?;
        }
        self.memoize(list)?;
        if self.protocol == 0 {
            return match list.len() {
                0 => Ok(()),
                _ => self.append_from(&*protocol::iterator(list)?),
            };
        }
        if list.len() == 1 {
            if let Some(item) = list.get(0) {
                self.save(&item, false)?;
            }
            return self.op(APPEND);
        }
        let mut at = 0;
        while at < list.len() {
            self.op(MARK)?;
            for _ in 0..BATCH {
                let Some(item) = list.get(at) else { break };
                self.save(&item, false)?;
                at += 1;
            }
            self.op(APPENDS)?;
        }
        Ok(())
    }

    /// Writes the items that an iterator gives, and how they go into the list below them.
    pub(super) fn append_from(&mut self, items: &Object) -> Result<(), Raised> {
        if self.protocol == 0 {
            while let Some(item) = protocol::next(items)? {
                self.save(&item, false)?;
                self.op(APPEND)?;
            }
            return Ok(());
        }
        loop {
            let Some(first) = protocol::next(items)? else { return Ok(()) };
            let Some(mut item) = protocol::next(items)? else {
                self.save(&first, false)?;
                return self.op(APPEND);
            };
            self.op(MARK)?;
            self.save(&first, false)?;
            let mut count = 1;
            let more = loop {
                self.save(&item, false)?;
                count += 1;
                if count == BATCH {
                    break true;
                }
                match protocol::next(items)? {
                    Some(next) => item = next,
                    None => break false,
                }
            };
            self.op(APPENDS)?;
            if !more {
                return Ok(());
            }
        }
    }

    fn save_dict(&mut self, dict: &Dict) -> Result<(), Raised> {
        if self.binary() {
            self.op(EMPTY_DICT)?;
        } else {
            self.out.push(&[MARK, DICT])?;
        }
        self.memoize(dict)?;
        if dict.len() == 0 {
            return Ok(());
        }
        if self.protocol == 0 {
            let items = protocol::call_method(dict, habu_runtime::id!(items), &[])?;
            return self.set_items_from(&*protocol::iterator(&items)?);
        }
        let (size, mut at) = (dict.len(), 0);
        if size == 1 {
            if let Some((key, value)) = dict.next_item(&mut at) {
                self.save(&key, false)?;
                self.save(&value, false)?;
            }
            return self.op(SETITEM);
        }
        loop {
            let mut count = 0;
            self.op(MARK)?;
            while let Some((key, value)) = dict.next_item(&mut at) {
                self.save(&key, false)?;
                self.save(&value, false)?;
                count += 1;
                if count == BATCH {
                    break;
                }
            }
            self.op(SETITEMS)?;
            if dict.len() != size {
                return Err(raise!(RuntimeError, "dictionary changed size during iteration"));
            }
            if count < BATCH {
                return Ok(());
            }
        }
    }

    fn save_pair(&mut self, pair: &Object) -> Result<(), Raised> {
        match pair.downcast::<Tuple>().map(Tuple::as_slice) {
            Some([key, value]) => {
                self.save(key, false)?;
                self.save(value, false)
            }
            _ => Err(raise!(TypeError, "dict items iterator must return 2-tuples")),
        }
    }

    /// As `append_from`, of pairs for a dictionary.
    pub(super) fn set_items_from(&mut self, items: &Object) -> Result<(), Raised> {
        if self.protocol == 0 {
            while let Some(pair) = protocol::next(items)? {
                self.save_pair(&pair)?;
                self.op(SETITEM)?;
            }
            return Ok(());
        }
        loop {
            let Some(first) = protocol::next(items)? else { return Ok(()) };
            let Some(mut pair) = protocol::next(items)? else {
                self.save_pair(&first)?;
                return self.op(SETITEM);
            };
            self.op(MARK)?;
            self.save_pair(&first)?;
            let mut count = 1;
            let more = loop {
                self.save_pair(&pair)?;
                count += 1;
                if count == BATCH {
                    break true;
                }
                match protocol::next(items)? {
                    Some(next) => pair = next,
                    None => break false,
                }
            };
            self.op(SETITEMS)?;
            if !more {
                return Ok(());
            }
        }
    }

    /// `(type, ([items],))`, as sets are written where they have no opcodes.
    fn reduce_set(&mut self, set: &Object) -> Result<(), Raised> {
        let items = protocol::to_list(set)?.into_object();
        let arguments = Tuple::from_refs([items])?.into_object();
        let reduced = Tuple::from_refs([set.type_ref().into_object(), arguments])?;
        self.save_reduced(&reduced, set)
    }

    fn save_set(&mut self, object: &Set) -> Result<(), Raised> {
        let Some(set) = SetCore::of(object).filter(|_| self.protocol >= 4) else { return self.reduce_set(object) };
        self.op(EMPTY_SET)?;
        self.memoize(object)?;
        let (size, mut at) = (set.len(), 0);
        if size == 0 {
            return Ok(());
        }
        loop {
            let mut count = 0;
            self.op(MARK)?;
            while let Some((item, _)) = set.next(&mut at) {
                self.save(&item, false)?;
                count += 1;
                if count == BATCH {
                    break;
                }
            }
            self.op(ADDITEMS)?;
            if set.len() != size {
                return Err(raise!(RuntimeError, "set changed size during iteration"));
            }
            if count < BATCH {
                return Ok(());
            }
        }
    }

    fn save_frozenset(&mut self, object: &FrozenSet) -> Result<(), Raised> {
        if self.protocol < 4 {
            return self.reduce_set(object);
        }
        self.op(MARK)?;
        let items = protocol::iterator(object)?;
        while let Some(item) = protocol::next(&items)? {
            self.save(&item, false)?;
        }
        if let Some(number) = self.pickler.memoized(object) {
            self.op(POP_MARK)?;
            return self.refer(number);
        }
        self.op(FROZENSET)?;
        self.memoize(object)
    }

    /// The type of None, Ellipsis or NotImplemented is written as a call of `type`; other classes by name.
    fn save_type(&mut self, object: &Object) -> Result<(), Raised> {
        for value in
            [habu_runtime::types::none(), habu_runtime::types::ellipsis(), habu_runtime::types::not_implemented()]
        {
            if object.is(value.ty()) {
                let arguments = Tuple::from_refs([value])?.into_object();
                let reduced = Tuple::from_refs([Type::type_object().to_ref(), arguments])?;
                return self.save_reduced(&reduced, object);
            }
        }
        self.save_global(object, None)
    }
}
