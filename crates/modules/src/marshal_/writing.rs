//! Objects as marshalled bytes. An object that is referred to more than once is written once and referred to after that.

use std::collections::HashMap;

use habu_bytecode::marshal::{MarshalError, Writer};
use habu_runtime::exceptions::exc;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::threads::thread::NativeCall;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::code::Code;
use habu_runtime::types::complex::Complex;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::set::{FrozenSet, Set};
use habu_runtime::types::singletons::{boolean_static, is_none};
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

const MAX_DEPTH: usize = 2000;

struct Writing {
    to: Writer,
    /// The numbers of objects that were written with a flag, by address; they are kept alive in `kept`.
    numbers: HashMap<usize, usize>,
    kept: Vec<Ref>,
    depth: usize,
}

fn format<T>(result: Result<T, MarshalError>) -> Result<T, Raised> {
    result.map_err(|error| super::raise_marshal(&error))
}

/// The bytes of an object.
pub fn dumps(value: &Object, version: i32) -> Result<Ref<Bytes>, Raised> {
    let mut writing = Writing { to: Writer::new(version), numbers: HashMap::new(), kept: vec![], depth: 0 };
    writing.object(value)?;
    Bytes::new(writing.to.as_bytes())
}

impl Writing {
    /// Whether the object is one that was written already, in which case the reference is written; else whether it gets a number.
    fn reference(&mut self, object: &Object) -> Result<Option<bool>, Raised> {
        if !self.to.has_references() || object.refcount() == 1 {
            return Ok(Some(false));
        }
        if let Some(number) = self.numbers.get(&object.address()) {
            format(self.to.reference(*number))?;
            return Ok(None);
        }
        self.numbers.insert(object.address(), self.numbers.len());
        self.kept.push(object.to_ref());
        Ok(Some(true))
    }

    fn object(&mut self, object: &Object) -> Result<(), Raised> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(raise!(ValueError, "object too deeply nested to marshal"));
        }
        // Nesting does not count against the recursion limit, only the native stack's end.
        let remaining = &habu_runtime::threads::Thread::current().recursion_remaining;
        let before = remaining.get();
        remaining.set(before.max(2));
        let depth = NativeCall::enter(" while marshalling");
        remaining.set(before);
        let result = depth.and_then(|depth| {
            std::mem::forget(depth);
            self.object_inside(object)
        });
        self.depth -= 1;
        result
    }

    fn object_inside(&mut self, object: &Object) -> Result<(), Raised> {
        let singleton = if is_none(object) {
            Some(b'N')
        } else if object.is(exc::StopIteration()) {
            Some(b'S')
        } else if object.is(&habu_runtime::types::ellipsis()) {
            Some(b'.')
        } else if object.is(boolean_static(false)) {
            Some(b'F')
        } else if object.is(boolean_static(true)) {
            Some(b'T')
        } else {
            None
        };
        if let Some(code) = singleton {
            return format(self.to.code(code, false));
        }
        let Some(flag) = self.reference(object)? else { return Ok(()) };
        if let Some(value) = object.downcast_exact::<Int>() {
            return self.int(value, flag);
        }
        if let Some(value) = object.downcast_exact::<Float>() {
            return format(self.to.float(value.value(), flag));
        }
        if let Some(value) = object.downcast_exact::<Complex>() {
            let value = value.value();
            return format(self.to.complex(value.real, value.imag, flag));
        }
        if let Some(bytes) = object.downcast_exact::<Bytes>() {
            return format(self.to.bytes(bytes.as_slice(), flag));
        }
        if let Some(text) = object.downcast_exact::<Str>() {
            let interned = text.interned() != 0;
            return match text.as_ascii() {
                Some(ascii) => format(self.to.unicode(ascii.as_bytes(), interned, flag)),
                None => {
                    let bytes = generalised_utf8(text);
                    format(self.to.unicode(&bytes, interned, flag))
                }
            };
        }
        if let Some(tuple) = object.downcast_exact::<Tuple>() {
            format(self.to.tuple(tuple.len(), flag))?;
            return tuple.as_slice().iter().try_for_each(|item| self.object(item));
        }
        if let Some(list) = object.downcast_exact::<List>() {
            let count = list.len();
            format(self.to.sized(b'[', count, flag))?;
            return (0..count).try_for_each(|index| match list.get(index) {
                Some(item) => self.object(&item),
                None => Err(raise!(ValueError, "list changed while it was marshalled")),
            });
        }
        if let Some(dict) = object.downcast_exact::<Dict>() {
            format(self.to.code(b'{', flag))?;
            let mut at = 0;
            while let Some((key, value)) = dict.next_item(&mut at) {
                self.object(&key)?;
                self.object(&value)?;
            }
            return format(self.to.code(b'0', false));
        }
        if object.is_exact::<Set>() || object.is_exact::<FrozenSet>() {
            let code = if object.is_exact::<Set>() { b'<' } else { b'>' };
            return self.set(object, code, flag);
        }
        if let Some(code) = object.downcast_exact::<Code>() {
            return self.code(code, flag);
        }
        if habu_runtime::types::buffer::supports_buffer(object) {
            let view = ByteView::new(object)?;
            return format(self.to.bytes(view.as_slice(), flag));
        }
        Err(raise!(ValueError, "unmarshallable object"))
    }

    fn int(&mut self, value: &Int, flag: bool) -> Result<(), Raised> {
        if let Some(value) = value.to_i64().filter(|value| i32::try_from(*value).is_ok()) {
            return format(self.to.int(value, flag));
        }
        let mut digits: Vec<u16> =
            value.digits().iter().flat_map(|digit| [(digit & 0x7fff) as u16, (digit >> 15) as u16]).collect();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        format(self.to.digits(value.is_negative(), &digits, flag))
    }

    /// The items of a set in the order of their own marshalled bytes, so that equal sets give equal data.
    fn set(&mut self, object: &Object, code: u8, flag: bool) -> Result<(), Raised> {
        let items = protocol::sequence::to_list(object)?;
        format(self.to.sized(code, items.len(), flag))?;
        let mut keyed = vec![];
        for index in 0..items.len() {
            if let Some(item) = items.get(index) {
                let key = dumps(&item, self.to.version())?;
                keyed.push((key.as_slice().to_vec(), item));
            }
        }
        keyed.sort_by(|left, right| left.0.cmp(&right.0));
        keyed.iter().try_for_each(|(_, item)| self.object(item))
    }

    fn code(&mut self, code: &Code, flag: bool) -> Result<(), Raised> {
        format(self.to.code(b'c', flag))?;
        for number in code.marshal_numbers() {
            format(self.to.long(number))?;
        }
        let [parts @ .., lines, handlers] = code.marshal_objects()?;
        for part in &parts {
            self.object(part)?;
        }
        format(self.to.long(code.first_line()))?;
        self.object(&lines)?;
        self.object(&handlers)
    }
}

/// UTF-8 in which surrogates are let pass.
fn generalised_utf8(text: &Str) -> Vec<u8> {
    let mut bytes = vec![];
    for code in text.chars().iter() {
        match char::from_u32(code) {
            Some(character) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            None => bytes.extend_from_slice(&[
                0xe0 | (code >> 12) as u8,
                0x80 | (code >> 6 & 0x3f) as u8,
                0x80 | (code & 0x3f) as u8,
            ]),
        }
    }
    bytes
}
