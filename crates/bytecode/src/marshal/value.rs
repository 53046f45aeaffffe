//! Marshal data as Rust values, and code objects in particular.

use std::collections::HashMap;
use std::sync::Arc;

use num_bigint::{BigInt, Sign};

use super::{Builder, CodeParts, Container, MAX_DEPTH, MarshalError, Reader, VERSION, Writer, code};
use crate::{Code, Constant, Text};

/// Everything that marshal can hold. What is constant throughout is a [`Constant`].
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// A constant, tuples and frozen sets of constants included.
    Constant(Constant),
    /// The class `StopIteration`.
    StopIteration,
    /// A `tuple` with something that is no constant.
    Tuple(Vec<Value>),
    /// A `frozenset` with something that is no constant.
    FrozenSet(Vec<Value>),
    /// A `list`.
    List(Vec<Value>),
    /// A `set`.
    Set(Vec<Value>),
    /// A `dict`.
    Dict(Vec<(Value, Value)>),
}

/// Reads one value. What follows it is ignored.
pub fn read(data: &[u8]) -> Result<Value, MarshalError> {
    let mut builder = ValueBuilder { budget: BUDGET };
    Ok(Reader::new(data, &mut builder).read()?.value)
}

/// Reads a code object. [`MarshalError::BadCode`] if the data is something else.
pub fn read_code(data: &[u8]) -> Result<Arc<Code>, MarshalError> {
    match read(data)? {
        Value::Constant(Constant::Code(code)) => Ok(code),
        _ => Err(MarshalError::BadCode),
    }
}

/// Writes a value in a version of the format.
pub fn write(value: &Value, version: i32) -> Result<Vec<u8>, MarshalError> {
    let mut writer = ValueWriter::new(version, 0);
    writer.value(value)?;
    Ok(writer.writer.into_bytes())
}

/// Writes a code object as 3.11 does.
pub fn write_code(code: &Code) -> Result<Vec<u8>, MarshalError> {
    let mut writer = ValueWriter::new(VERSION, 1);
    writer.code(code)?;
    Ok(writer.writer.into_bytes())
}

/// How much may be copied by references, in values and strings' 16 bytes. References to references
/// would otherwise let a few bytes become any amount of memory, since values here are copied.
const BUDGET: usize = 1 << 24;

struct ValueBuilder {
    budget: usize,
}

/// A value with a measure of its size.
struct Weighed {
    value: Value,
    weight: usize,
}

impl Weighed {
    fn constant(constant: Constant, extra: usize) -> Result<Weighed, MarshalError> {
        Ok(Weighed { value: Value::Constant(constant), weight: 1 + extra / 16 })
    }
}

struct Filling {
    kind: Container,
    items: Vec<Value>,
    weight: usize,
}

impl Builder for ValueBuilder {
    type Value = Weighed;
    type Open = Filling;
    type Error = MarshalError;

    fn singleton(&mut self, kind: u8) -> Result<Weighed, MarshalError> {
        Weighed::constant(
            match kind {
                code::STOP_ITERATION => return Ok(Weighed { value: Value::StopIteration, weight: 1 }),
                code::TRUE => Constant::True,
                code::FALSE => Constant::False,
                code::ELLIPSIS => Constant::Ellipsis,
                _ => Constant::None,
            },
            0,
        )
    }

    fn int(&mut self, value: i64) -> Result<Weighed, MarshalError> {
        Weighed::constant(Constant::Int(value), 0)
    }

    fn long(&mut self, negative: bool, digits: &[u8]) -> Result<Weighed, MarshalError> {
        // Fifteen bits at a time into 32-bit digits.
        let mut words = Vec::with_capacity(digits.len() / 4 + 1);
        let (mut pending, mut bits) = (0u64, 0);
        for digit in digits.as_chunks().0 {
            pending |= u64::from(u16::from_le_bytes(*digit)) << bits;
            bits += 15;
            if bits >= 32 {
                words.push(pending as u32);
                pending >>= 32;
                bits -= 32;
            }
        }
        words.push(pending as u32);
        let sign = if negative { Sign::Minus } else { Sign::Plus };
        Weighed::constant(Constant::from_bigint(BigInt::from_slice(sign, &words)), digits.len())
    }

    fn float(&mut self, value: f64) -> Result<Weighed, MarshalError> {
        Weighed::constant(Constant::Float(value), 0)
    }

    fn complex(&mut self, real: f64, imaginary: f64) -> Result<Weighed, MarshalError> {
        Weighed::constant(Constant::Complex(real, imaginary), 0)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<Weighed, MarshalError> {
        Weighed::constant(Constant::Bytes(bytes.into()), bytes.len())
    }

    fn latin1(&mut self, bytes: &[u8], _interned: bool) -> Result<Weighed, MarshalError> {
        Weighed::constant(Constant::Str(Text::from_latin1(bytes)), bytes.len())
    }

    fn unicode(&mut self, bytes: &[u8], _interned: bool) -> Result<Weighed, MarshalError> {
        let text = Text::from_bytes(bytes).ok_or(MarshalError::Bad("invalid UTF-8"))?;
        Weighed::constant(Constant::Str(text), bytes.len())
    }

    fn open(&mut self, kind: Container, length: usize) -> Result<Filling, MarshalError> {
        Ok(Filling { kind, items: Vec::with_capacity(length.min(1024)), weight: 1 })
    }

    fn early(&mut self, _open: &Filling) -> Result<Option<Weighed>, MarshalError> {
        Ok(None)
    }

    fn push(&mut self, open: &mut Filling, key: Option<Weighed>, item: Weighed) -> Result<(), MarshalError> {
        for item in key.into_iter().chain([item]) {
            open.weight = open.weight.saturating_add(item.weight);
            open.items.push(item.value);
        }
        Ok(())
    }

    fn close(&mut self, open: Filling) -> Result<Weighed, MarshalError> {
        let Filling { kind, items, weight } = open;
        let value = match kind {
            Container::List => Value::List(items),
            Container::Set => Value::Set(items),
            Container::Dict => {
                let mut items = items.into_iter();
                let pairs = std::iter::from_fn(|| Some((items.next()?, items.next()?)));
                Value::Dict(pairs.collect())
            }
            Container::Tuple => match constants(items) {
                Ok(items) => Value::Constant(Constant::Tuple(items)),
                Err(items) => Value::Tuple(items),
            },
            Container::FrozenSet => match constants(items) {
                Ok(items) => Value::Constant(Constant::FrozenSet(items)),
                Err(items) => Value::FrozenSet(items),
            },
        };
        Ok(Weighed { value, weight })
    }

    fn code(&mut self, parts: CodeParts<Weighed>) -> Result<Weighed, MarshalError> {
        let code = code_from(parts).ok_or(MarshalError::BadCode)?;
        Weighed::constant(Constant::Code(Arc::new(code)), 0)
    }

    fn share(&mut self, value: &Weighed) -> Result<Weighed, MarshalError> {
        self.budget = self.budget.checked_sub(value.weight).ok_or(MarshalError::NoMemory)?;
        Ok(Weighed { value: value.value.clone(), weight: value.weight })
    }
}

/// The items as constants, or as they were if one is none.
fn constants(items: Vec<Value>) -> Result<Box<[Constant]>, Vec<Value>> {
    if !items.iter().all(|item| matches!(item, Value::Constant(_))) {
        return Err(items);
    }
    let constant = |item| match item {
        Value::Constant(constant) => Some(constant),
        _ => None,
    };
    Ok(items.into_iter().filter_map(constant).collect())
}

/// Checks the types of a code object's parts, and its numbers.
fn code_from(parts: CodeParts<Weighed>) -> Option<Code> {
    fn bytes(part: Weighed) -> Option<Box<[u8]>> {
        match part.value {
            Value::Constant(Constant::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }
    fn text(part: Weighed) -> Option<Text> {
        match part.value {
            Value::Constant(Constant::Str(text)) => Some(text),
            _ => None,
        }
    }
    fn tuple(part: Weighed) -> Option<Box<[Constant]>> {
        match part.value {
            Value::Constant(Constant::Tuple(items)) => Some(items),
            _ => None,
        }
    }
    fn texts(part: Weighed) -> Option<Box<[Text]>> {
        let items = tuple(part)?;
        items
            .into_iter()
            .map(|item| match item {
                Constant::Str(text) => Some(text),
                _ => None,
            })
            .collect()
    }
    let [code, consts, names, localsplusnames, localspluskinds, filename, name, qualname, linetable, exceptiontable] =
        parts.objects;
    let code = Code {
        argcount: parts.argcount.try_into().ok()?,
        posonlyargcount: parts.posonlyargcount.try_into().ok()?,
        kwonlyargcount: parts.kwonlyargcount.try_into().ok()?,
        stacksize: parts.stacksize.try_into().ok()?,
        flags: parts.flags as u32,
        code: bytes(code)?,
        consts: tuple(consts)?,
        names: texts(names)?,
        localsplusnames: texts(localsplusnames)?,
        localspluskinds: bytes(localspluskinds)?,
        filename: text(filename)?,
        name: text(name)?,
        qualname: text(qualname)?,
        firstlineno: parts.firstlineno,
        linetable: bytes(linetable)?,
        exceptiontable: bytes(exceptiontable)?,
    };
    let whole = code.code.len().is_multiple_of(2)
        && code.localsplusnames.len() == code.localspluskinds.len()
        && code.posonlyargcount <= code.argcount
        && code.parameters() <= code.localsplusnames.len();
    whole.then_some(code)
}

/// Strings and byte strings that were written with the flag, with their numbers.
#[derive(Default)]
struct Shared {
    numbers: HashMap<Constant, usize>,
    codes: HashMap<*const Code, usize>,
    count: usize,
}

struct ValueWriter {
    writer: Writer,
    shared: Shared,
    depth: usize,
}

impl ValueWriter {
    fn new(version: i32, depth: usize) -> ValueWriter {
        ValueWriter { writer: Writer::new(version), shared: Shared::default(), depth }
    }

    fn value(&mut self, value: &Value) -> Result<(), MarshalError> {
        match value {
            Value::Constant(constant) => return self.constant(constant),
            Value::StopIteration => return self.writer.code(code::STOP_ITERATION, false),
            _ => self.enter()?,
        }
        match value {
            Value::Constant(_) | Value::StopIteration => {}
            Value::Tuple(items) => {
                self.writer.tuple(items.len(), false)?;
                items.iter().try_for_each(|item| self.value(item))?;
            }
            Value::List(items) => {
                self.writer.sized(code::LIST, items.len(), false)?;
                items.iter().try_for_each(|item| self.value(item))?;
            }
            Value::Set(items) | Value::FrozenSet(items) => {
                let kind = if matches!(value, Value::Set(_)) { code::SET } else { code::FROZENSET };
                self.writer.sized(kind, items.len(), false)?;
                let order = self.sorted(items, ValueWriter::value)?;
                order.into_iter().try_for_each(|item| self.value(item))?;
            }
            Value::Dict(pairs) => {
                self.writer.code(code::DICT, false)?;
                for (key, item) in pairs {
                    self.value(key)?;
                    self.value(item)?;
                }
                self.writer.code(code::NULL, false)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn constant(&mut self, constant: &Constant) -> Result<(), MarshalError> {
        self.enter()?;
        match constant {
            Constant::None => self.writer.code(code::NONE, false)?,
            Constant::True => self.writer.code(code::TRUE, false)?,
            Constant::False => self.writer.code(code::FALSE, false)?,
            Constant::Ellipsis => self.writer.code(code::ELLIPSIS, false)?,
            Constant::Int(value) => self.writer.int(*value, false)?,
            Constant::BigInt(value) => {
                let (negative, digits) = digits_of(value);
                self.writer.digits(negative, &digits, false)?;
            }
            Constant::Float(value) => self.writer.float(*value, false)?,
            Constant::Complex(real, imaginary) => self.writer.complex(*real, *imaginary, false)?,
            Constant::Str(text) => {
                let interned = text.as_bytes().iter().all(|&byte| byte == b'_' || byte.is_ascii_alphanumeric());
                self.text(text, interned)?;
            }
            Constant::Bytes(bytes) => self.writer.bytes(bytes, false)?,
            Constant::Tuple(items) => {
                self.writer.tuple(items.len(), false)?;
                items.iter().try_for_each(|item| self.constant(item))?;
            }
            Constant::FrozenSet(items) => {
                self.writer.sized(code::FROZENSET, items.len(), false)?;
                let order = self.sorted(items, ValueWriter::constant)?;
                order.into_iter().try_for_each(|item| self.constant(item))?;
            }
            Constant::Code(code) => {
                let known = self.shared.codes.get(&Arc::as_ptr(code)).copied();
                match known {
                    Some(number) => self.writer.reference(number)?,
                    None => {
                        if Arc::strong_count(code) > 1 && self.writer.has_references() {
                            self.shared.codes.insert(Arc::as_ptr(code), self.shared.count);
                        }
                        self.code(code)?;
                    }
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Writes a string once, and references to it after that.
    fn text(&mut self, text: &Text, interned: bool) -> Result<(), MarshalError> {
        if !self.writer.has_references() {
            return self.writer.unicode(text.as_bytes(), interned, false);
        }
        let key = Constant::Str(text.clone());
        if let Some(&number) = self.shared.numbers.get(&key) {
            return self.writer.reference(number);
        }
        self.shared.numbers.insert(key, self.shared.count);
        self.shared.count += 1;
        self.writer.unicode(text.as_bytes(), interned, true)
    }

    fn texts(&mut self, texts: &[Text]) -> Result<(), MarshalError> {
        self.writer.tuple(texts.len(), false)?;
        texts.iter().try_for_each(|text| self.text(text, true))
    }

    fn code(&mut self, code: &Code) -> Result<(), MarshalError> {
        // Objects are numbered when they begin, so a shared code object comes before its parts.
        let shared = self.shared.codes.get(&std::ptr::from_ref(code)) == Some(&self.shared.count);
        self.shared.count += usize::from(shared);
        self.writer.code(code::CODE, shared)?;
        for number in [code.argcount, code.posonlyargcount, code.kwonlyargcount, code.stacksize, code.flags] {
            self.writer.raw(&number.to_le_bytes())?;
        }
        self.writer.bytes(&code.code, false)?;
        self.writer.tuple(code.consts.len(), false)?;
        code.consts.iter().try_for_each(|constant| self.constant(constant))?;
        self.texts(&code.names)?;
        self.texts(&code.localsplusnames)?;
        self.writer.bytes(&code.localspluskinds, false)?;
        self.text(&code.filename, false)?;
        self.text(&code.name, true)?;
        self.text(&code.qualname, true)?;
        self.writer.long(code.firstlineno)?;
        self.writer.bytes(&code.linetable, false)?;
        self.writer.bytes(&code.exceptiontable, false)
    }

    /// The elements of a set in the order of their bytes, so that equal sets have equal dumps.
    fn sorted<'a, T>(
        &self,
        items: &'a [T],
        dump: impl Fn(&mut ValueWriter, &T) -> Result<(), MarshalError>,
    ) -> Result<Vec<&'a T>, MarshalError> {
        let mut order = Vec::with_capacity(items.len());
        for item in items {
            let mut alone = ValueWriter::new(self.writer.version(), self.depth);
            dump(&mut alone, item)?;
            order.push((alone.writer.into_bytes(), item));
        }
        order.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(order.into_iter().map(|pair| pair.1).collect())
    }

    fn enter(&mut self) -> Result<(), MarshalError> {
        if self.depth >= MAX_DEPTH {
            return Err(MarshalError::WriteTooDeep);
        }
        self.depth += 1;
        Ok(())
    }
}

/// The sign and the digits of 15 bits of an integer.
fn digits_of(value: &BigInt) -> (bool, Vec<u16>) {
    let (mut pending, mut bits) = (0u64, 0);
    let mut digits = Vec::new();
    for word in value.iter_u32_digits() {
        pending |= u64::from(word) << bits;
        bits += 32;
        while bits >= 15 {
            digits.push((pending & 0x7FFF) as u16);
            pending >>= 15;
            bits -= 15;
        }
    }
    digits.push(pending as u16);
    while digits.last() == Some(&0) {
        digits.pop();
    }
    (value.sign() == Sign::Minus, digits)
}
