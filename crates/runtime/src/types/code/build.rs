//! From the compiler's data to code objects, and back.
//!
//! Equal constants of one compilation become one object, as CPython's compiler makes them; names and constants that look like names are
//! interned.

use std::collections::{HashMap, HashSet};

use habu_bytecode::{Constant, Opcode, Text};
use habu_heap::Buffer;
use num_bigint::{BigInt, Sign};

use super::value::{Code, Parts, REFUSED};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::threads::thread::check_native_stack;
use crate::types::bytes::Bytes;
use crate::types::complex::Complex;
use crate::types::float::Float;
use crate::types::int::value::{DIGIT_BITS, DIGIT_MASK};
use crate::types::int::{Bool, Int};
use crate::types::set::FrozenSet;
use crate::types::singletons::{boolean, ellipsis, is_none, none};
use crate::types::str::Str;
use crate::types::str::value::Chars;
use crate::types::tuple::Tuple;

/// The objects of one compilation that were made already.
#[derive(Default)]
struct Made<'a> {
    constants: HashMap<&'a Constant, Ref>,
    /// Tuples of constants, tuples of names, and tables.
    tuples: HashMap<&'a [Constant], Ref<Tuple>>,
    name_tuples: HashMap<&'a [Text], Ref<Tuple>>,
    tables: HashMap<&'a [u8], Ref<Bytes>>,
    /// Whether `literals` is wanted.
    from_source: bool,
    /// The texts of all names, which the parser interns before any constant is made.
    names: HashSet<&'a Text>,
    /// Constants that are the very objects of the syntax tree.
    literals: Buffer<Ref>,
}

impl<'a> Made<'a> {
    fn gather_names(&mut self, code: &'a habu_bytecode::Code) {
        self.names.extend(code.names.iter().chain(code.localsplusnames.iter()).chain([&code.name]));
        for constant in &code.consts {
            if let Constant::Code(inner) = constant {
                self.gather_names(inner);
            }
        }
    }

    /// The tuple of a code object's constants.  One with inner code stays its own.
    fn constants_of(&mut self, constants: &'a [Constant]) -> Result<Ref<Tuple>, Raised> {
        let has_code = constants.iter().any(|value| matches!(value, Constant::Code(_)));
        if let Some(known) = self.tuples.get(constants).filter(|_| !has_code) {
            return Ok(known.clone());
        }
        let tuple = Tuple::build(constants.len(), |index| constant(&constants[index], self))?;
        if !has_code {
            self.tuples.insert(constants, tuple.clone());
        }
        Ok(tuple)
    }

    fn names_of(&mut self, names: &'a [Text]) -> Result<Ref<Tuple>, Raised> {
        if let Some(known) = self.name_tuples.get(names) {
            return Ok(known.clone());
        }
        let tuple = interned_names(names)?;
        self.name_tuples.insert(names, tuple.clone());
        Ok(tuple)
    }

    fn bytes_of(&mut self, bytes: &'a [u8]) -> Result<Ref<Bytes>, Raised> {
        if let Some(known) = self.tables.get(bytes) {
            return Ok(known.clone());
        }
        let made = Bytes::new(bytes)?;
        self.tables.insert(bytes, made.clone());
        Ok(made)
    }

    /// Whether `object`, just made of `value`, is the syntax tree's own: not so when interning gave a string that was there already.
    fn is_literal(&self, value: &Constant, object: &Object) -> bool {
        match value {
            Constant::Str(text) if looks_like_name(text) => object.refcount() == 1 && !self.names.contains(text),
            _ => true,
        }
    }
}

impl Code {
    /// The code object for what the compiler or marshal made, inner code objects included.
    ///
    /// Raises MemoryError, and RecursionError for constants nested too deeply.
    pub fn from_data(data: &habu_bytecode::Code) -> Result<Ref<Code>, Raised> {
        from_data(data, &mut Made::default())
    }

    /// As `from_data`, for code that was compiled just now; and the objects of the literals in its syntax tree. CPython keeps the tree, and so
    /// another reference to each of these, while the code of a script, of `exec` or of `eval` runs.
    pub fn with_literals(data: &habu_bytecode::Code) -> Result<(Ref<Code>, Buffer<Ref>), Raised> {
        let mut made = Made { from_source: true, ..Made::default() };
        made.gather_names(data);
        let code = from_data(data, &mut made)?;
        Ok((code, made.literals))
    }

    /// The data of a code object, as marshal stores it.
    ///
    /// Raises ValueError for constants that marshal cannot store.
    pub fn to_data(&self) -> Result<habu_bytecode::Code, Raised> {
        let consts = self.consts().as_slice().iter().map(|item| constant_of(item)).collect::<Result<_, _>>()?;
        self.to_data_with(consts)
    }

    /// The data of a code object, with other constants.
    pub(super) fn to_data_with(&self, consts: Box<[Constant]>) -> Result<habu_bytecode::Code, Raised> {
        Ok(habu_bytecode::Code {
            argcount: self.argcount.get() as u32,
            posonlyargcount: self.posonlyargcount.get() as u32,
            kwonlyargcount: self.kwonlyargcount.get() as u32,
            stacksize: self.stacksize.get() as u32,
            flags: self.flags.get(),
            code: self.plain_bytes()?.as_slice().into(),
            consts,
            names: texts(self.names())?,
            localsplusnames: texts(self.localsplusnames())?,
            localspluskinds: self.localspluskinds().into(),
            filename: text(&self.filename())?,
            name: text(self.name())?,
            qualname: text(self.qualname())?,
            firstlineno: self.firstlineno.get(),
            linetable: self.linetable().into(),
            exceptiontable: self.exceptiontable().into(),
        })
    }
}

fn from_data<'a>(data: &'a habu_bytecode::Code, made: &mut Made<'a>) -> Result<Ref<Code>, Raised> {
    check_native_stack()?;
    let consts = made.constants_of(&data.consts)?;
    Code::from_parts(parts_of(data, consts, made)?, &data.code)
}

/// The table of locations that a code object gets: without columns where the program does not want them.
pub(super) fn shown_table(table: Ref<Bytes>, firstlineno: i32) -> Result<Ref<Bytes>, Raised> {
    if !crate::threads::Thread::current().interpreter().config.no_debug_ranges {
        return Ok(table);
    }
    Bytes::new(&habu_bytecode::linetable::without_columns(table.as_slice(), firstlineno))
}

/// A code object of data, with constants that are objects already.
pub(super) fn from_data_with(data: &habu_bytecode::Code, consts: Ref<Tuple>) -> Result<Ref<Code>, Raised> {
    Code::from_parts(parts_of(data, consts, &mut Made::default())?, &data.code)
}

/// A code object whose instructions the loop cannot run: Python sees them, and running it raises SystemError at once.
pub(super) fn not_to_be_run(data: &habu_bytecode::Code, consts: Ref<Tuple>) -> Result<Ref<Code>, Raised> {
    // The instructions in its place are never run.
    let mut refused = Buffer::<u8>::with_capacity(data.code.len())?;
    refused.try_extend((0..data.code.len()).map(|_| Opcode::Cache as u8))?;
    let code = Code::from_parts(parts_of(data, consts, &mut Made::default())?, &refused)?;
    code.code_bytes.set(Some(Bytes::new(&data.code)?));
    code.unverified.set(REFUSED);
    Ok(code)
}

/// The fields of a code object; equal ones of one compilation are one object.
fn parts_of<'a>(data: &'a habu_bytecode::Code, consts: Ref<Tuple>, made: &mut Made<'a>) -> Result<Parts, Raised> {
    Ok(Parts {
        counts: (data.argcount, data.posonlyargcount, data.kwonlyargcount),
        stacksize: data.stacksize,
        flags: data.flags,
        firstlineno: data.firstlineno,
        consts,
        names: made.names_of(&data.names)?,
        localsplusnames: made.names_of(&data.localsplusnames)?,
        localspluskinds: Bytes::new(&data.localspluskinds)?,
        filename: string(&data.filename, true)?,
        name: string(&data.name, true)?,
        qualname: string(&data.qualname, true)?,
        linetable: shown_table(made.bytes_of(&data.linetable)?, data.firstlineno)?,
        exceptiontable: made.bytes_of(&data.exceptiontable)?,
    })
}

fn interned_names(names: &[Text]) -> Result<Ref<Tuple>, Raised> {
    Tuple::build(names.len(), |index| Ok(string(&names[index], true)?.into_object()))
}

/// A string object; interned when asked for.
fn string(text: &Text, intern: bool) -> Result<Ref<Str>, Raised> {
    let object = match text.as_str() {
        Some(plain) => Str::new(plain)?,
        None => {
            let mut points = habu_heap::Buffer::<u32>::new();
            points.try_extend(text.code_points())?;
            Str::from_chars(Chars::Four(&points))?
        }
    };
    Ok(if intern { crate::types::str::intern::intern(object) } else { object })
}

/// An integer object of a big integer.
fn big_int(number: &BigInt) -> Result<Ref<Int>, Raised> {
    let magnitude = number.magnitude().to_u32_digits();
    let room = (magnitude.len() * 32).div_ceil(DIGIT_BITS as usize);
    Int::build(room, number.sign() == Sign::Minus, |digits| {
        let (mut held, mut bits, mut from) = (0u64, 0u32, magnitude.iter());
        for digit in digits.iter_mut() {
            if bits < DIGIT_BITS
                && let Some(more) = from.next()
            {
                held |= u64::from(*more) << bits;
                bits += 32;
            }
            *digit = held as u32 & DIGIT_MASK;
            held >>= DIGIT_BITS;
            bits = bits.saturating_sub(DIGIT_BITS);
        }
        room
    })
}

/// A big integer of an integer object.
fn to_bigint(value: &Int) -> BigInt {
    let (mut words, mut held, mut bits) = (Vec::new(), 0u64, 0u32);
    for digit in value.digits() {
        held |= u64::from(*digit) << bits;
        bits += DIGIT_BITS;
        if bits >= 32 {
            words.push(held as u32);
            held >>= 32;
            bits -= 32;
        }
    }
    words.push(held as u32);
    BigInt::from_slice(if value.is_negative() { Sign::Minus } else { Sign::Plus }, &words)
}

/// Whether a string constant is interned: letters of names only.
fn looks_like_name(text: &Text) -> bool {
    text.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// Whether an integer is one of those that the process has one object for.
fn is_small(number: i64) -> bool {
    (-5..=256).contains(&number)
}

/// The object of a constant by itself.
pub fn constant_object(value: &Constant) -> Result<Ref, Raised> {
    constant(value, &mut Made::default())
}

/// The object of a constant.
fn constant<'a>(value: &'a Constant, made: &mut Made<'a>) -> Result<Ref, Raised> {
    match value {
        Constant::None => return Ok(none()),
        Constant::True => return Ok(boolean(true)),
        Constant::False => return Ok(boolean(false)),
        Constant::Ellipsis => return Ok(ellipsis()),
        Constant::Int(number) if is_small(*number) => return Ok(Int::from_i64(*number)?.into_object()),
        Constant::Code(code) => return Ok(from_data(code, made)?.into_object()),
        _ => {}
    }
    if let Some(known) = made.constants.get(value) {
        return Ok(known.clone());
    }
    let object = match value {
        Constant::Int(number) => Int::from_i64(*number)?.into_object(),
        Constant::BigInt(number) => big_int(number)?.into_object(),
        Constant::Float(number) => Float::new(*number)?.into_object(),
        Constant::Complex(real, imaginary) => {
            Complex::new(habu_numbers::complex::Complex { real: *real, imag: *imaginary })?.into_object()
        }
        Constant::Str(text) => string(text, looks_like_name(text))?.into_object(),
        Constant::Bytes(bytes) => Bytes::new(bytes)?.into_object(),
        Constant::Tuple(items) => {
            check_native_stack()?;
            Tuple::build(items.len(), |index| constant(&items[index], made))?.into_object()
        }
        Constant::FrozenSet(items) => {
            check_native_stack()?;
            let items = Tuple::build(items.len(), |index| constant(&items[index], made))?;
            FrozenSet::from_refs(items.as_slice())?.into_object()
        }
        _ => none(),
    };
    if made.from_source && made.is_literal(value, &object) {
        made.literals.push(object.clone())?;
    }
    made.constants.insert(value, object.clone());
    Ok(object)
}

/// The text of a string object.
pub(super) fn text(value: &Str) -> Result<Text, Raised> {
    if let Some(ascii) = value.as_ascii() {
        return Ok(Text::from(ascii));
    }
    Text::from_code_points(value.chars().iter()).ok_or_else(|| raise!(SystemError, "string holds no characters"))
}

/// The texts of a tuple of strings.
pub(super) fn texts(names: &Tuple) -> Result<Box<[Text]>, Raised> {
    names
        .as_slice()
        .iter()
        .map(|name| match name.downcast::<Str>() {
            Some(name) => text(name),
            None => Err(raise!(TypeError, "name tuples must contain only strings, not '{}'", name.ty().full_name())),
        })
        .collect()
}

/// The constant for an object.
pub fn constant_of(object: &Object) -> Result<Constant, Raised> {
    check_native_stack()?;
    if is_none(object) {
        return Ok(Constant::None);
    }
    if object.is(&ellipsis()) {
        return Ok(Constant::Ellipsis);
    }
    if let Some(value) = object.downcast_exact::<Bool>() {
        return Ok(Constant::from_bool(value.is(crate::types::singletons::boolean_static(true))));
    }
    if let Some(value) = object.downcast_exact::<Int>() {
        return Ok(match value.to_i64() {
            Some(small) => Constant::Int(small),
            None => Constant::from_bigint(to_bigint(value)),
        });
    }
    if let Some(value) = object.downcast_exact::<Float>() {
        return Ok(Constant::Float(value.value()));
    }
    if let Some(value) = object.downcast_exact::<Complex>() {
        let number = value.value();
        return Ok(Constant::Complex(number.real, number.imag));
    }
    if let Some(value) = object.downcast_exact::<Str>() {
        return Ok(Constant::Str(text(value)?));
    }
    if let Some(value) = object.downcast_exact::<Bytes>() {
        return Ok(Constant::Bytes(value.as_slice().into()));
    }
    if let Some(value) = object.downcast_exact::<Tuple>() {
        let items = value.as_slice().iter().map(|item| constant_of(item)).collect::<Result<_, _>>()?;
        return Ok(Constant::Tuple(items));
    }
    if object.is_exact::<FrozenSet>() {
        let items = crate::object::protocol::to_tuple(object)?;
        let items = items.as_slice().iter().map(|item| constant_of(item)).collect::<Result<_, _>>()?;
        return Ok(Constant::FrozenSet(items));
    }
    if let Some(value) = object.downcast_exact::<Code>() {
        return Ok(Constant::Code(std::sync::Arc::new(value.to_data()?)));
    }
    Err(raise!(ValueError, "unmarshallable object"))
}
