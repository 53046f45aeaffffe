//! Integers as text and text as integers, with the limit on the number of decimal digits.

use std::cell::Cell;

use habu_numbers::digits::parse::{self as reading, LIMIT_THRESHOLD, ParseIntError, parse_int};
use habu_numbers::digits::text as writing;

use super::Int;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::threads::Thread;
use crate::types::buffer::{ByteView, supports_buffer};
use crate::types::str::Str;
use crate::types::str::value::Chars;

/// The limit of `sys.set_int_max_str_digits`, which each interpreter has.
pub struct DigitLimit(Cell<usize>);

impl DigitLimit {
    /// The limit that an interpreter starts with.
    pub const DEFAULT: usize = 4300;

    /// The default limit.
    pub const fn new() -> DigitLimit {
        DigitLimit(Cell::new(DigitLimit::DEFAULT))
    }

    /// The limit; 0 for none.
    pub fn get(&self) -> usize {
        self.0.get()
    }

    /// Changes the limit (`sys.set_int_max_str_digits`): 0 for none, else at least 640.
    pub fn set(&self, limit: usize) -> Result<(), Raised> {
        if limit != 0 && limit < LIMIT_THRESHOLD {
            return Err(raise!(ValueError, "maxdigits must be 0 or larger than {LIMIT_THRESHOLD}"));
        }
        self.0.set(limit);
        Ok(())
    }
}

impl Default for DigitLimit {
    fn default() -> DigitLimit {
        DigitLimit::new()
    }
}

/// The limit of the current interpreter.
pub fn digit_limit() -> usize {
    Thread::current().interpreter().int_max_str_digits.get()
}

#[cold]
fn too_long(limit: usize) -> Raised {
    raise!(
        ValueError,
        "Exceeds the limit ({limit} digits) for integer string conversion; use sys.set_int_max_str_digits() to increase \
         the limit"
    )
}

/// Refuses an integer that surely has more decimal digits than allowed; `written` digits are known exactly.
pub(super) fn check_limit(value: &Int, written: Option<usize>) -> Result<(), Raised> {
    // Fewer digits of 30 bits can never exceed the smallest limit.
    if value.digits().len() < 10 * LIMIT_THRESHOLD / (3 * 30) + 2 {
        return Ok(());
    }
    let limit = digit_limit();
    let exceeds = limit > 0
        && match written {
            Some(count) => count > limit,
            None => writing::surely_longer_than(value.digits(), limit),
        };
    if exceeds { Err(too_long(limit)) } else { Ok(()) }
}

/// Refuses an integer of about as many decimal digits as are allowed, if it has more: they are counted.
pub(super) fn check_written(value: &Int) -> Result<(), Raised> {
    let limit = digit_limit();
    let bits = value.digits().len().saturating_mul(30);
    // A decimal digit takes more than three bits.
    if limit == 0 || bits / 3 < limit {
        return Ok(());
    }
    let _working = super::arithmetic::working_memory(value.digits().len())?;
    let mut text = Vec::new();
    text.try_reserve(writing::text_size(value.digits(), 10) + 1).map_err(|_| crate::exceptions::memory_error())?;
    writing::write_signed(value.signed(), 10, &mut text);
    check_limit(value, Some(text.len() - usize::from(value.is_negative())))
}

/// `repr(value)`
pub fn repr(value: &Int) -> Result<Ref<Str>, Raised> {
    // A digit is a string of its own, not the one that is shared, as in CPython.
    if let Some(small) = value.two_digits() {
        return of_chunks(&[small.unsigned_abs()], small < 0);
    }
    let mut chunks = [0; writing::FEW_CHUNKS];
    let count = writing::decimal_chunks(value.digits(), &mut chunks);
    if count > 0 {
        return of_chunks(&chunks[..count], value.is_negative());
    }
    check_limit(value, None)?;
    let _working = super::arithmetic::working_memory(value.digits().len())?;
    let mut text = Vec::new();
    text.try_reserve(writing::text_size(value.digits(), 10) + 1).map_err(|_| crate::exceptions::memory_error())?;
    writing::write_signed(value.signed(), 10, &mut text);
    check_limit(value, Some(text.len() - usize::from(value.is_negative())))?;
    Str::from_latin1(&text)
}

/// The text of a number's chunks of decimal digits.
#[inline(always)]
fn of_chunks(chunks: &[u64], negative: bool) -> Result<Ref<Str>, Raised> {
    let sign = usize::from(negative);
    Str::assemble_bytes(sign + writing::chunks_len(chunks), |text| {
        if negative {
            text[0] = b'-';
        }
        writing::write_chunks(chunks, &mut text[sign..]);
    })
}

/// Text for a number's parser: decimal digits and spaces of all scripts as those of ASCII; it ends with a `?` for the first other
/// character beyond ASCII.
pub enum AsciiText<'a> {
    /// It was ASCII.
    Borrowed(&'a [u8]),
    /// It was changed.
    Owned(habu_heap::Buffer<u8>),
}

impl AsciiText<'_> {
    /// The characters of a string.
    pub fn of(text: &Str) -> Result<AsciiText<'_>, Raised> {
        if text.is_ascii()
            && let Chars::One(bytes) = text.chars()
        {
            return Ok(AsciiText::Borrowed(bytes));
        }
        let chars = text.chars();
        let mut ascii = habu_heap::Buffer::with_capacity(chars.len())?;
        for code in chars.iter() {
            let byte = match code {
                0..128 => Some(code as u8),
                _ if habu_text::unicode::is_space(code) => Some(b' '),
                _ => habu_text::unicode::decimal(code).map(|digit| b'0' + digit),
            };
            ascii.push(byte.unwrap_or(b'?'))?;
            if byte.is_none() {
                break;
            }
        }
        Ok(AsciiText::Owned(ascii))
    }

    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            AsciiText::Borrowed(text) => text,
            AsciiText::Owned(text) => text,
        }
    }
}

/// The value of text that is a sign and some hundred ASCII digits at most: nearly all that is parsed.
fn plain_decimal(text: &[u8]) -> Option<Result<Ref<Int>, Raised>> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let mut words = [0; reading::FEW_WORDS];
    match reading::plain_decimal(digits, &mut words)? {
        0 | 1 => Some(Int::from_u128(words[0].into(), negative)),
        2 => Some(Int::from_u128(u128::from(words[1]) << 64 | u128::from(words[0]), negative)),
        count => {
            let mut few = [0; reading::FEW_DIGITS];
            let len = reading::digits_of_words(&words[..count], &mut few);
            Some(Int::from_digits(&few[..len], negative))
        }
    }
}

/// Parses text as `int(text, base)` does; `shown` is the object for the message of the error.
pub fn parse(text: &[u8], base: u32, shown: impl FnOnce() -> Result<Ref<Str>, Raised>) -> Result<Ref<Int>, Raised> {
    if base == 10
        && let Some(number) = plain_decimal(text)
    {
        return number;
    }
    let limit = digit_limit();
    let _working = super::arithmetic::working_memory(text.len() / 5)?;
    match parse_int(text, base, limit) {
        Ok(value) => Int::from_number(&value),
        Err(ParseIntError::TooManyDigits(count)) => Err(raise!(
            ValueError,
            "Exceeds the limit ({limit} digits) for integer string conversion: value has {count} digits; use \
             sys.set_int_max_str_digits() to increase the limit"
        )),
        Err(ParseIntError::Invalid) => {
            let shown = first_characters(&*shown()?, 200)?;
            Err(raise!(ValueError, "invalid literal for int() with base {base}: {}", &*shown))
        }
    }
}

/// `int(text, base)` of a string.
pub fn parse_str(text: &Str, base: u32) -> Result<Ref<Int>, Raised> {
    let ascii = AsciiText::of(text)?;
    parse(ascii.as_bytes(), base, || crate::object::protocol::repr(text))
}

/// The first `count` characters of a string.
fn first_characters(text: &Str, count: usize) -> Result<Ref<Str>, Raised> {
    if text.len() <= count {
        return Ok(Ref::from_borrowed(text));
    }
    let codes: Vec<u32> = text.chars().iter().take(count).collect();
    Str::from_code_points(&codes)
}

/// `repr` of bytes, for messages about what is no bytes object.
pub fn bytes_repr(bytes: &[u8]) -> Result<Ref<Str>, Raised> {
    crate::types::bytes::common::repr(bytes)
}

/// The text of an object's bytes for a number's parser: a copy of what its buffer holds, or nothing when it has none.
pub fn buffer_text(object: &Object) -> Result<Option<habu_heap::Buffer<u8>>, Raised> {
    if !supports_buffer(object) {
        return Ok(None);
    }
    ByteView::new(object)?.to_buffer().map(Some)
}
