//! The primitives of writing marshal data.
//!
//! Each takes the flag for the table of references, because only the caller knows which objects
//! are shared. The caller also counts the references: flagged objects get numbers from 0, in the
//! order in which they are *begun*.

use super::{FLAG_REF, MarshalError, code, float};

/// Bytes under construction, in a version of the format.
#[derive(Clone, Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    version: i32,
}

impl Writer {
    /// An empty writer for that version.
    pub fn new(version: i32) -> Writer {
        Writer { bytes: Vec::new(), version }
    }

    /// The version that is written.
    pub fn version(&self) -> i32 {
        self.version
    }

    /// Whether this version has references.
    pub fn has_references(&self) -> bool {
        self.version >= 3
    }

    /// What has been written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What has been written so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), MarshalError> {
        self.bytes.try_reserve(bytes.len()).map_err(|_| MarshalError::NoMemory)?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// A type code, flagged or not. By itself it writes `None`, `True` and the other singletons.
    pub fn code(&mut self, code: u8, flag: bool) -> Result<(), MarshalError> {
        self.raw(&[if flag { code | FLAG_REF } else { code }])
    }

    /// A number of 32 bits.
    pub fn long(&mut self, value: i32) -> Result<(), MarshalError> {
        self.raw(&value.to_le_bytes())
    }

    /// A length. Past 31 bits the object cannot be marshalled.
    pub fn length(&mut self, length: usize) -> Result<(), MarshalError> {
        self.long(i32::try_from(length).map_err(|_| MarshalError::Unmarshallable)?)
    }

    /// A reference to the flagged object of that number.
    pub fn reference(&mut self, index: usize) -> Result<(), MarshalError> {
        self.code(code::REF, false)?;
        self.length(index)
    }

    /// An `int` that fits 64 bits.
    pub fn int(&mut self, value: i64, flag: bool) -> Result<(), MarshalError> {
        if let Ok(value) = i32::try_from(value) {
            self.code(code::INT, flag)?;
            return self.long(value);
        }
        let mut rest = value.unsigned_abs();
        let mut digits = [0u16; 5];
        let mut count = 0;
        for digit in &mut digits {
            if rest != 0 {
                *digit = (rest & 0x7FFF) as u16;
                rest >>= 15;
                count += 1;
            }
        }
        self.digits(value < 0, &digits[..count], flag)
    }

    /// An `int` from little-endian digits of 15 bits, the last of which is not zero.
    pub fn digits(&mut self, negative: bool, digits: &[u16], flag: bool) -> Result<(), MarshalError> {
        let count = i32::try_from(digits.len()).map_err(|_| MarshalError::Unmarshallable)?;
        self.code(code::LONG, flag)?;
        self.long(if negative { -count } else { count })?;
        for digit in digits {
            self.raw(&digit.to_le_bytes())?;
        }
        Ok(())
    }

    /// A `float`: text in versions 0 and 1.
    pub fn float(&mut self, value: f64, flag: bool) -> Result<(), MarshalError> {
        if self.version > 1 {
            self.code(code::BINARY_FLOAT, flag)?;
            self.raw(&value.to_le_bytes())
        } else {
            self.code(code::FLOAT, flag)?;
            self.float_text(value)
        }
    }

    /// A `complex`.
    pub fn complex(&mut self, real: f64, imaginary: f64, flag: bool) -> Result<(), MarshalError> {
        if self.version > 1 {
            self.code(code::BINARY_COMPLEX, flag)?;
            self.raw(&real.to_le_bytes())?;
            self.raw(&imaginary.to_le_bytes())
        } else {
            self.code(code::COMPLEX, flag)?;
            self.float_text(real)?;
            self.float_text(imaginary)
        }
    }

    fn float_text(&mut self, value: f64) -> Result<(), MarshalError> {
        let text = float::format_17g(value);
        // A double needs 24 characters at most.
        self.raw(&[text.len() as u8])?;
        self.raw(text.as_bytes())
    }

    /// A `bytes`, or anything else that exports a buffer.
    pub fn bytes(&mut self, bytes: &[u8], flag: bool) -> Result<(), MarshalError> {
        let length = i32::try_from(bytes.len()).map_err(|_| MarshalError::Unmarshallable)?;
        self.code(code::BYTES, flag)?;
        self.long(length)?;
        self.raw(bytes)
    }

    /// A `str`, from UTF-8 in which surrogates pass.
    pub fn unicode(&mut self, utf8: &[u8], interned: bool, flag: bool) -> Result<(), MarshalError> {
        let length = i32::try_from(utf8.len()).map_err(|_| MarshalError::Unmarshallable)?;
        if self.version >= 4 && utf8.is_ascii() {
            if let Ok(short) = u8::try_from(length) {
                self.code(if interned { code::SHORT_ASCII_INTERNED } else { code::SHORT_ASCII }, flag)?;
                self.raw(&[short])?;
            } else {
                self.code(if interned { code::ASCII_INTERNED } else { code::ASCII }, flag)?;
                self.long(length)?;
            }
        } else {
            let interned = self.version >= 3 && interned;
            self.code(if interned { code::INTERNED } else { code::UNICODE }, flag)?;
            self.long(length)?;
        }
        self.raw(utf8)
    }

    /// The head of a `tuple`, whose items follow.
    pub fn tuple(&mut self, length: usize, flag: bool) -> Result<(), MarshalError> {
        match u8::try_from(length) {
            Ok(short) if self.version >= 4 => {
                self.code(code::SMALL_TUPLE, flag)?;
                self.raw(&[short])
            }
            _ => {
                self.code(code::TUPLE, flag)?;
                self.length(length)
            }
        }
    }

    /// The head of a `list`, `set` or `frozenset` by its type code. The items follow; those of sets
    /// in the order of their bytes when each is written on its own.
    pub fn sized(&mut self, code: u8, length: usize, flag: bool) -> Result<(), MarshalError> {
        self.code(code, flag)?;
        self.length(length)
    }
}
