//! Reading marshal data into whatever a [`Builder`] builds.
//!
//! The reader is a loop over a stack of unfinished objects: it reads a type code, and either has a
//! finished value at once or opens a container; finished values go into the innermost container,
//! which may finish it in turn. So nesting is bounded by [`MAX_DEPTH`] and costs no native stack.
//!
//! Lengths in the data are not believed: a [`Source`] that knows how much is left refuses a
//! container with more items than there are bytes, and nothing here allocates by a length.

use super::{FLAG_REF, MAX_DEPTH, MarshalError, code};

/// Where the data comes from: a slice, or a file of the runtime's.
pub trait Source<E> {
    /// The next `count` bytes. `None` if there are fewer.
    fn take(&mut self, count: usize) -> Result<Option<&[u8]>, E>;

    /// How many bytes are left, if that is known.
    fn remaining(&self) -> Option<usize> {
        None
    }
}

impl<E> Source<E> for &[u8] {
    fn take(&mut self, count: usize) -> Result<Option<&[u8]>, E> {
        Ok(self.split_off(..count))
    }

    fn remaining(&self) -> Option<usize> {
        Some(self.len())
    }
}

/// The kinds of objects that hold others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Container {
    /// `tuple`
    Tuple,
    /// `list`
    List,
    /// `set`
    Set,
    /// `frozenset`
    FrozenSet,
    /// `dict`: keys and values in turn.
    Dict,
}

/// What marshal holds of a code object, before its types are checked.
#[derive(Debug)]
pub struct CodeParts<V> {
    /// `co_argcount`
    pub argcount: i32,
    /// `co_posonlyargcount`
    pub posonlyargcount: i32,
    /// `co_kwonlyargcount`
    pub kwonlyargcount: i32,
    /// `co_stacksize`
    pub stacksize: i32,
    /// `co_flags`
    pub flags: i32,
    /// `co_firstlineno`
    pub firstlineno: i32,
    /// In order: code, consts, names, localsplusnames, localspluskinds, filename, name, qualname,
    /// linetable, exceptiontable.
    pub objects: [V; 10],
}

/// Makes values for a [`Reader`].
pub trait Builder {
    /// A finished value.
    type Value;
    /// A container that is being filled.
    type Open;
    /// What can go wrong.
    type Error: From<MarshalError>;

    /// One of the values without content: `None`, `True`, `False`, `Ellipsis`, `StopIteration`, by type code.
    fn singleton(&mut self, code: u8) -> Result<Self::Value, Self::Error>;
    /// An `int` that fits.
    fn int(&mut self, value: i64) -> Result<Self::Value, Self::Error>;
    /// An `int` from little-endian digits of 15 bits, two bytes each. There is at least one, all are
    /// in range, and the last is not zero.
    fn long(&mut self, negative: bool, digits: &[u8]) -> Result<Self::Value, Self::Error>;
    /// A `float`.
    fn float(&mut self, value: f64) -> Result<Self::Value, Self::Error>;
    /// A `float` from text: [`MarshalError::BadFloat`] unless the builder has a better message.
    fn bad_float(&mut self, _text: &[u8]) -> Self::Error {
        MarshalError::BadFloat.into()
    }
    /// A `complex`.
    fn complex(&mut self, real: f64, imaginary: f64) -> Result<Self::Value, Self::Error>;
    /// A `bytes`.
    fn bytes(&mut self, bytes: &[u8]) -> Result<Self::Value, Self::Error>;
    /// A `str` from Latin-1 (the data should be ASCII).
    fn latin1(&mut self, bytes: &[u8], interned: bool) -> Result<Self::Value, Self::Error>;
    /// A `str` from UTF-8 in which surrogates are let pass; not yet checked.
    fn unicode(&mut self, bytes: &[u8], interned: bool) -> Result<Self::Value, Self::Error>;

    /// Starts a container. The length (0 for a `dict`) is only claimed: allocate for it with care.
    fn open(&mut self, kind: Container, length: usize) -> Result<Self::Open, Self::Error>;
    /// The container as a value, while it is being filled, if it may be referred to so early
    /// (a list that holds itself). `None` makes such references invalid.
    fn early(&mut self, open: &Self::Open) -> Result<Option<Self::Value>, Self::Error>;
    /// Adds an item. For a `dict` `key` is the key.
    fn push(&mut self, open: &mut Self::Open, key: Option<Self::Value>, item: Self::Value) -> Result<(), Self::Error>;
    /// Finishes a container.
    fn close(&mut self, open: Self::Open) -> Result<Self::Value, Self::Error>;
    /// Makes a code object, whose parts are unchecked.
    fn code(&mut self, parts: CodeParts<Self::Value>) -> Result<Self::Value, Self::Error>;

    /// The same value once more: it is entered into the table of references, or taken from it.
    fn share(&mut self, value: &Self::Value) -> Result<Self::Value, Self::Error>;
}

/// An object whose end has not been read yet.
enum Unfinished<B: Builder> {
    Container {
        kind: Container,
        open: B::Open,
        /// How many items are missing; not used for a `dict`.
        missing: usize,
        /// The key whose value comes next.
        key: Option<B::Value>,
        reference: Option<usize>,
    },
    Code {
        numbers: [i32; 5],
        firstlineno: i32,
        objects: Vec<B::Value>,
        reference: Option<usize>,
    },
}

/// What a type code led to.
enum Step<V> {
    Finished(V),
    /// The end of a dictionary.
    Null,
    /// A container was put on the stack.
    Opened,
}

/// Reads objects from a source.
pub struct Reader<'b, S, B: Builder> {
    source: S,
    builder: &'b mut B,
    /// The table of references; `None` while the object is being read and cannot be referred to.
    references: Vec<Option<B::Value>>,
    stack: Vec<Unfinished<B>>,
}

impl<'b, S: Source<B::Error>, B: Builder> Reader<'b, S, B> {
    /// A reader with an empty table of references.
    pub fn new(source: S, builder: &'b mut B) -> Self {
        Reader { source, builder, references: Vec::new(), stack: Vec::new() }
    }

    /// Reads one object. What follows it stays in the source.
    pub fn read(&mut self) -> Result<B::Value, B::Error> {
        self.stack.clear();
        loop {
            if self.stack.len() >= MAX_DEPTH {
                return Err(MarshalError::ReadTooDeep.into());
            }
            let mut finished = match self.step()? {
                Step::Opened => self.close_if_full()?,
                Step::Finished(value) => Some(value),
                Step::Null => Some(self.null()?),
            };
            // The finished object may be the last of the one around it, and so on.
            while let Some(value) = finished {
                finished = match self.add(value)? {
                    Some(outermost) => return Ok(outermost),
                    None => self.close_if_full()?,
                };
            }
        }
    }

    /// The source, after the objects that were read.
    pub fn into_source(self) -> S {
        self.source
    }

    /// Puts a finished value into the innermost object; gives it back if there is none.
    fn add(&mut self, value: B::Value) -> Result<Option<B::Value>, B::Error> {
        match self.stack.last_mut() {
            None => return Ok(Some(value)),
            Some(Unfinished::Container { kind: Container::Dict, open, key, .. }) => match key.take() {
                None => *key = Some(value),
                Some(key) => self.builder.push(open, Some(key), value)?,
            },
            Some(Unfinished::Container { open, missing, .. }) => {
                self.builder.push(open, None, value)?;
                *missing = missing.saturating_sub(1);
            }
            Some(Unfinished::Code { objects, .. }) => {
                objects.push(value);
                if objects.len() == 8 {
                    let line = self.long()?;
                    if let Some(Unfinished::Code { firstlineno, .. }) = self.stack.last_mut() {
                        *firstlineno = line;
                    }
                }
            }
        }
        Ok(None)
    }

    /// Finishes the innermost object if nothing is missing.
    fn close_if_full(&mut self) -> Result<Option<B::Value>, B::Error> {
        let full = match self.stack.last() {
            None | Some(Unfinished::Container { kind: Container::Dict, .. }) => false,
            Some(Unfinished::Container { missing, .. }) => *missing == 0,
            Some(Unfinished::Code { objects, .. }) => objects.len() == 10,
        };
        if full { self.close().map(Some) } else { Ok(None) }
    }

    /// Finishes the innermost object.
    fn close(&mut self) -> Result<B::Value, B::Error> {
        let (value, reference) = match self.stack.pop() {
            None => return Err(MarshalError::Null("object").into()),
            Some(Unfinished::Container { open, reference, .. }) => (self.builder.close(open)?, reference),
            Some(Unfinished::Code { numbers, firstlineno, objects, reference }) => {
                let Ok(objects) = <[B::Value; 10]>::try_from(objects) else {
                    return Err(MarshalError::BadCode.into());
                };
                let [argcount, posonlyargcount, kwonlyargcount, stacksize, flags] = numbers;
                let parts =
                    CodeParts { argcount, posonlyargcount, kwonlyargcount, stacksize, flags, firstlineno, objects };
                (self.builder.code(parts)?, reference)
            }
        };
        if let Some(slot) = reference.and_then(|index| self.references.get_mut(index))
            && slot.is_none()
        {
            *slot = Some(self.builder.share(&value)?);
        }
        Ok(value)
    }

    /// A null ends a dictionary and is an error elsewhere.
    fn null(&mut self) -> Result<B::Value, B::Error> {
        let place = match self.stack.last() {
            // A key without a value is dropped, as CPython does.
            Some(Unfinished::Container { kind: Container::Dict, .. }) => return self.close(),
            Some(Unfinished::Container { kind: Container::Tuple, .. }) => "tuple",
            Some(Unfinished::Container { kind: Container::List, .. }) => "list",
            Some(Unfinished::Container { .. }) => "set",
            Some(Unfinished::Code { .. }) => "code object",
            None => "object",
        };
        Err(MarshalError::Null(place).into())
    }

    /// Reads a type code and what belongs to it, items of containers excepted.
    fn step(&mut self) -> Result<Step<B::Value>, B::Error> {
        let byte = match self.source.take(1)? {
            Some(&[byte]) => byte,
            _ => return Err(MarshalError::NoObject.into()),
        };
        let flag = byte & FLAG_REF != 0;
        let value = match byte & !FLAG_REF {
            code::NULL => return Ok(Step::Null),
            // These are never entered into the table, whatever the flag says.
            kind @ (code::NONE | code::TRUE | code::FALSE | code::ELLIPSIS | code::STOP_ITERATION) => {
                return self.builder.singleton(kind).map(Step::Finished);
            }
            code::REF => return self.reference().map(Step::Finished),
            code::TUPLE => return self.sized(Container::Tuple, "tuple size out of range", flag),
            code::LIST => return self.sized(Container::List, "list size out of range", flag),
            code::SET => return self.sized(Container::Set, "set size out of range", flag),
            code::FROZENSET => return self.sized(Container::FrozenSet, "set size out of range", flag),
            code::SMALL_TUPLE => {
                let length = usize::from(self.byte()?);
                return self.open(Container::Tuple, length, flag);
            }
            code::DICT => return self.open(Container::Dict, 0, flag),
            code::CODE => return self.open_code(flag),
            code::INT => {
                let value = self.long()?;
                self.builder.int(value.into())?
            }
            code::INT64 => {
                let value = i64::from_le_bytes(self.array()?);
                self.builder.int(value)?
            }
            code::LONG => self.digits()?,
            code::FLOAT => {
                let value = self.float_text()?;
                self.builder.float(value)?
            }
            code::BINARY_FLOAT => {
                let value = f64::from_le_bytes(self.array()?);
                self.builder.float(value)?
            }
            code::COMPLEX => {
                let (real, imaginary) = (self.float_text()?, self.float_text()?);
                self.builder.complex(real, imaginary)?
            }
            code::BINARY_COMPLEX => {
                let real = f64::from_le_bytes(self.array()?);
                let imaginary = f64::from_le_bytes(self.array()?);
                self.builder.complex(real, imaginary)?
            }
            code::BYTES => {
                let length = self.length("bytes object size out of range")?;
                self.builder.bytes(take(&mut self.source, length)?)?
            }
            kind @ (code::UNICODE | code::INTERNED) => {
                let length = self.length("string size out of range")?;
                self.builder.unicode(take(&mut self.source, length)?, kind == code::INTERNED)?
            }
            kind @ (code::ASCII | code::ASCII_INTERNED) => {
                let length = self.length("string size out of range")?;
                self.builder.latin1(take(&mut self.source, length)?, kind == code::ASCII_INTERNED)?
            }
            kind @ (code::SHORT_ASCII | code::SHORT_ASCII_INTERNED) => {
                let length = usize::from(self.byte()?);
                self.builder.latin1(take(&mut self.source, length)?, kind == code::SHORT_ASCII_INTERNED)?
            }
            _ => return Err(MarshalError::Bad("unknown type code").into()),
        };
        if flag {
            let shared = self.builder.share(&value)?;
            self.enter(Some(shared))?;
        }
        Ok(Step::Finished(value))
    }

    /// Takes the next number of the table of references.
    fn enter(&mut self, value: Option<B::Value>) -> Result<usize, B::Error> {
        self.references.try_reserve(1).map_err(|_| MarshalError::NoMemory)?;
        self.references.push(value);
        Ok(self.references.len() - 1)
    }

    fn reference(&mut self) -> Result<B::Value, B::Error> {
        let index = self.long()?;
        let value = usize::try_from(index).ok().and_then(|index| self.references.get(index)?.as_ref());
        match value {
            Some(value) => self.builder.share(value),
            None => Err(MarshalError::Bad("invalid reference").into()),
        }
    }

    fn sized(&mut self, kind: Container, out_of_range: &'static str, flag: bool) -> Result<Step<B::Value>, B::Error> {
        let length = self.length(out_of_range)?;
        self.open(kind, length, flag)
    }

    fn open(&mut self, kind: Container, length: usize, flag: bool) -> Result<Step<B::Value>, B::Error> {
        // Each item takes a byte at least.
        if self.source.remaining().is_some_and(|remaining| length > remaining) {
            return Err(MarshalError::NoObject.into());
        }
        let open = self.builder.open(kind, length)?;
        let reference = if flag {
            let early = self.builder.early(&open)?;
            Some(self.enter(early)?)
        } else {
            None
        };
        self.stack.push(Unfinished::Container { kind, open, missing: length, key: None, reference });
        Ok(Step::Opened)
    }

    fn open_code(&mut self, flag: bool) -> Result<Step<B::Value>, B::Error> {
        let reference = if flag { Some(self.enter(None)?) } else { None };
        let mut numbers = [0; 5];
        for number in &mut numbers {
            *number = self.long()?;
        }
        self.stack.push(Unfinished::Code { numbers, firstlineno: 0, objects: Vec::with_capacity(10), reference });
        Ok(Step::Opened)
    }

    fn digits(&mut self) -> Result<B::Value, B::Error> {
        let count = self.long()?;
        if count == i32::MIN {
            return Err(MarshalError::Bad("long size out of range").into());
        }
        if count == 0 {
            return self.builder.int(0);
        }
        let digits = take(&mut self.source, 2 * count.unsigned_abs() as usize)?;
        if digits.iter().skip(1).step_by(2).any(|high| high & 0x80 != 0) {
            return Err(MarshalError::Bad("digit out of range in long").into());
        }
        if digits.ends_with(&[0, 0]) {
            return Err(MarshalError::Bad("unnormalized long data").into());
        }
        self.builder.long(count < 0, digits)
    }

    fn float_text(&mut self) -> Result<f64, B::Error> {
        let length = usize::from(self.byte()?);
        let text = take(&mut self.source, length)?;
        match std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()) {
            Some(value) => Ok(value),
            None => Err(self.builder.bad_float(text)),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], B::Error> {
        let bytes = take(&mut self.source, N)?;
        bytes.try_into().map_err(|_| MarshalError::TooShort.into())
    }

    fn byte(&mut self) -> Result<u8, B::Error> {
        self.array().map(|[byte]| byte)
    }

    fn long(&mut self) -> Result<i32, B::Error> {
        self.array().map(i32::from_le_bytes)
    }

    fn length(&mut self, out_of_range: &'static str) -> Result<usize, B::Error> {
        let length = self.long()?;
        usize::try_from(length).map_err(|_| MarshalError::Bad(out_of_range).into())
    }
}

/// The next bytes, or `marshal data too short`. A function, so that only the source is borrowed.
fn take<S: Source<E>, E: From<MarshalError>>(source: &mut S, count: usize) -> Result<&[u8], E> {
    match source.take(count)? {
        Some(bytes) => Ok(bytes),
        None => Err(MarshalError::TooShort.into()),
    }
}
