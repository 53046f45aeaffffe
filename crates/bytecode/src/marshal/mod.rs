//! The marshal format: what `.pyc` files and `marshal.dumps` hold.
//!
//! There is one reader, [`Reader`], which is generic over what it builds: a [`Builder`] makes
//! either the [`Value`]s of this crate, or the objects of a runtime. It keeps a stack of its own, so
//! that hostile nesting costs no native stack, and it believes no length before the bytes
//! are there. Writing is less uniform (a runtime decides by identity and reference count which objects
//! are shared), so [`Writer`] offers the primitives, and [`write()`] is their use on [`Value`]s.
//!
//! An object is a type code, perhaps with [`FLAG_REF`], and what belongs to the type. Numbers are
//! little-endian. An object with the flag takes the next number in a table of references, in the
//! order in which the *flags* appear; `r` and a number is that object again.
//!
//! Versions: 0 and 1 write floats as text; 2 writes them in binary; 3 adds references and interned
//! strings; 4, which 3.11 writes, adds the short forms of ASCII strings and tuples.

mod float;
mod reader;
mod value;
mod writer;

#[cfg(test)]
mod tests;

use std::fmt;

pub use reader::{Builder, CodeParts, Container, Reader, Source};
pub use value::{Value, read, read_code, write, write_code};
pub use writer::Writer;

/// The version that CPython 3.11 writes.
pub const VERSION: i32 = 4;

/// How deep objects may be nested, the innermost counted.
pub const MAX_DEPTH: usize = 2000;

/// The bit of a type code that enters the object into the table of references.
pub const FLAG_REF: u8 = 0x80;

/// The type codes.
pub mod code {
    /// No object: the end of a dictionary.
    pub const NULL: u8 = b'0';
    /// `None`
    pub const NONE: u8 = b'N';
    /// `False`
    pub const FALSE: u8 = b'F';
    /// `True`
    pub const TRUE: u8 = b'T';
    /// `StopIteration`
    pub const STOP_ITERATION: u8 = b'S';
    /// `Ellipsis`
    pub const ELLIPSIS: u8 = b'.';
    /// An `int` of 32 bits.
    pub const INT: u8 = b'i';
    /// An `int` of 64 bits; read, never written.
    pub const INT64: u8 = b'I';
    /// An `int` in digits of 15 bits.
    pub const LONG: u8 = b'l';
    /// A `float` as text with a length of one byte.
    pub const FLOAT: u8 = b'f';
    /// A `float` in eight bytes.
    pub const BINARY_FLOAT: u8 = b'g';
    /// A `complex` as two texts.
    pub const COMPLEX: u8 = b'x';
    /// A `complex` in sixteen bytes.
    pub const BINARY_COMPLEX: u8 = b'y';
    /// A `bytes`.
    pub const BYTES: u8 = b's';
    /// An interned `str` in UTF-8.
    pub const INTERNED: u8 = b't';
    /// A `str` in UTF-8.
    pub const UNICODE: u8 = b'u';
    /// A `str` of ASCII.
    pub const ASCII: u8 = b'a';
    /// An interned `str` of ASCII.
    pub const ASCII_INTERNED: u8 = b'A';
    /// A `str` of ASCII with a length of one byte.
    pub const SHORT_ASCII: u8 = b'z';
    /// An interned `str` of ASCII with a length of one byte.
    pub const SHORT_ASCII_INTERNED: u8 = b'Z';
    /// A `tuple`.
    pub const TUPLE: u8 = b'(';
    /// A `tuple` with a length of one byte.
    pub const SMALL_TUPLE: u8 = b')';
    /// A `list`.
    pub const LIST: u8 = b'[';
    /// A `dict`: keys and values, then [`NULL`].
    pub const DICT: u8 = b'{';
    /// A `set`.
    pub const SET: u8 = b'<';
    /// A `frozenset`.
    pub const FROZENSET: u8 = b'>';
    /// A code object.
    pub const CODE: u8 = b'c';
    /// An object of the table of references.
    pub const REF: u8 = b'r';
}

/// Why data could not be read or written. `Display` is the message of CPython's exception.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarshalError {
    /// `EOFError`: there is no object where one should start.
    NoObject,
    /// `EOFError`: the data ends inside an object.
    TooShort,
    /// `ValueError`: what is wrong with the data, as `bad marshal data (..)` gives it.
    Bad(&'static str),
    /// `ValueError`: nested deeper than [`MAX_DEPTH`], found by the reader.
    ReadTooDeep,
    /// `ValueError`: nested deeper than [`MAX_DEPTH`], found by the writer.
    WriteTooDeep,
    /// `ValueError`: an object that marshal cannot write.
    Unmarshallable,
    /// `ValueError`: the text of a float is not one.
    BadFloat,
    /// `TypeError`: no object inside of the named one.
    Null(&'static str),
    /// `SystemError`: a code object's fields are not of their types or in their ranges.
    BadCode,
    /// `MemoryError`
    NoMemory,
}

impl fmt::Display for MarshalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MarshalError::NoObject => f.write_str("EOF read where object expected"),
            MarshalError::TooShort => f.write_str("marshal data too short"),
            MarshalError::Bad(what) => write!(f, "bad marshal data ({what})"),
            MarshalError::ReadTooDeep => f.write_str("recursion limit exceeded"),
            MarshalError::WriteTooDeep => f.write_str("object too deeply nested to marshal"),
            MarshalError::Unmarshallable => f.write_str("unmarshallable object"),
            MarshalError::BadFloat => f.write_str("could not convert string to float"),
            MarshalError::Null(kind) => write!(f, "NULL object in marshal data for {kind}"),
            MarshalError::BadCode => f.write_str("bad argument to internal function"),
            MarshalError::NoMemory => f.write_str("out of memory"),
        }
    }
}

impl std::error::Error for MarshalError {}
