//! `PyUnicode_FromFormat`: text from a C format with variable arguments.

use habu_heap::Buffer;
use habu_runtime::object::protocol;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::str::{Str, StrBuilder};

use crate::border::*;
use crate::unicodeobject::text;

/// One conversion of a format: flags, width, precision and size of the argument.
#[derive(Default)]
struct Conversion {
    zero: bool,
    width: usize,
    precision: Option<usize>,
    size: Size,
}

/// How large an integer argument is.
#[derive(Default, Clone, Copy, PartialEq)]
enum Size {
    #[default]
    Int,
    Long,
}

/// The format as bytes, read from the front.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.rest.first().copied().unwrap_or(0)
    }

    fn next(&mut self) -> u8 {
        let byte = self.peek();
        self.rest = self.rest.get(1..).unwrap_or(&[]);
        byte
    }

    fn number(&mut self) -> usize {
        let mut value = 0usize;
        while self.peek().is_ascii_digit() {
            value = value.saturating_mul(10).saturating_add(usize::from(self.next() - b'0'));
        }
        value
    }
}

/// The text of a format and its arguments (`PyUnicode_FromFormatV`).
pub(crate) fn format(format: Text, list: &mut VaList) -> Result<Ref<Str>, Raised> {
    let mut made = StrBuilder::new();
    let mut reader = Reader { rest: format.bytes() };
    while !reader.rest.is_empty() {
        let plain = reader.rest.iter().position(|byte| *byte == b'%').unwrap_or(reader.rest.len());
        let (before, rest) = reader.rest.split_at(plain);
        if !before.is_ascii() {
            let byte = before.iter().find(|byte| !byte.is_ascii()).copied().unwrap_or(0);
            return Err(raise!(
                ValueError,
                "PyUnicode_FromFormatV() expects an ASCII-encoded format string, got a non-ASCII byte: 0x{byte:02x}"
            ));
        }
        made.push_str(std::str::from_utf8(before).unwrap_or(""))?;
        reader.rest = rest;
        if !rest.is_empty() && !conversion(&mut reader, list, &mut made)? {
            break;
        }
    }
    made.finish()
}

/// One conversion; false when it is not known: then the rest of the format is copied as it is.
fn conversion(reader: &mut Reader<'_>, list: &mut VaList, made: &mut StrBuilder) -> Result<bool, Raised> {
    let whole = reader.rest;
    reader.next();
    let mut facts = Conversion::default();
    if reader.peek() == b'0' {
        facts.zero = true;
        reader.next();
    }
    facts.width = reader.number();
    if reader.peek() == b'.' {
        reader.next();
        facts.precision = Some(if reader.peek() == b'*' {
            reader.next();
            list.int().max(0) as usize
        } else {
            reader.number()
        });
    }
    if reader.peek() == b'%' {
        if facts.precision.is_some() {
            // A precision of nothing is no conversion.
            made.push(&*utf8_replace(whole)?)?;
            return Ok(false);
        }
        reader.next();
        made.push_char(u32::from('%'))?;
        return Ok(true);
    }
    while matches!(reader.peek(), b'l' | b'z' | b'j' | b't') {
        reader.next();
        facts.size = Size::Long;
    }
    match reader.next() {
        b'%' => made.push_char(u32::from('%'))?,
        b'c' => {
            let code = list.int();
            match u32::try_from(code).ok().filter(|code| *code <= 0x10_FFFF) {
                Some(code) => made.push_char(code)?,
                None => {
                    return Err(raise!(OverflowError, "character argument not in range(0x110000)"));
                }
            }
        }
        b'd' | b'i' => {
            let value = if facts.size == Size::Long { list.long() } else { i64::from(list.int()) };
            integer(&facts, &value.unsigned_abs().to_string(), value < 0, made)?;
        }
        b'u' => {
            let value = if facts.size == Size::Long { list.long() as u64 } else { u64::from(list.int() as u32) };
            integer(&facts, &value.to_string(), false, made)?;
        }
        b'x' => {
            let value = if facts.size == Size::Long { list.long() as u64 } else { u64::from(list.int() as u32) };
            integer(&facts, &format!("{value:x}"), false, made)?;
        }
        b'p' => {
            let value = list.long() as u64;
            made.push_str(&format!("{value:#x}"))?;
        }
        b's' => {
            let text = bytes(list.text(), facts.precision)?;
            padded(&facts, &text, None, made)?;
        }
        b'U' => padded(&facts, self::text(object(list)?)?, facts.precision, made)?,
        b'V' => {
            let (object, fallback) = (list.object(), list.text());
            match object {
                Some(object) => padded(&facts, text(object)?, facts.precision, made)?,
                None => padded(&facts, &*bytes(fallback, facts.precision)?, None, made)?,
            }
        }
        b'S' => padded(&facts, &*protocol::str(object(list)?)?, facts.precision, made)?,
        b'R' => padded(&facts, &*protocol::repr(object(list)?)?, facts.precision, made)?,
        b'A' => padded(&facts, &*habu_runtime::types::str::ascii(object(list)?)?, facts.precision, made)?,
        _ => {
            made.push(&*utf8_replace(whole)?)?;
            return Ok(false);
        }
    }
    Ok(true)
}

fn object<'a>(list: &mut VaList) -> Result<&'a Object, Raised> {
    list.object().ok_or_else(null_error)
}

/// A C string up to a number of bytes; a character that is cut there or wrong is replaced.
fn bytes(text: Text, precision: Option<usize>) -> Result<Ref<Str>, Raised> {
    let bytes = match precision {
        None => text.bytes(),
        Some(most) => {
            // The text need not end where the precision says so.
            // SAFETY: up to the precision or an earlier NUL the caller gives bytes.
            let count = unsafe { libc::strnlen(text.0, most) };
            memory(text.0, count as isize)
        }
    };
    utf8_replace(bytes)
}

/// An integer with its precision and width.
fn integer(facts: &Conversion, digits: &str, negative: bool, made: &mut StrBuilder) -> Result<(), Raised> {
    let zeros = facts.precision.unwrap_or(0).saturating_sub(digits.len());
    let sign = usize::from(negative);
    let padding = facts.width.saturating_sub(digits.len() + zeros + sign);
    let zero_padded = facts.zero && facts.precision.is_none();
    if !zero_padded {
        made.push_repeated(0x20, padding)?;
    }
    if negative {
        made.push_ascii("-")?;
    }
    made.push_repeated(0x30, if zero_padded { padding } else { zeros })?;
    made.push_ascii(digits)
}

/// Text cut to a precision, with spaces before it up to the width.
fn padded(facts: &Conversion, text: &Str, precision: Option<usize>, made: &mut StrBuilder) -> Result<(), Raised> {
    let length = precision.map_or(text.len(), |most| most.min(text.len()));
    made.push_repeated(0x20, facts.width.saturating_sub(length))?;
    if length == text.len() {
        return made.push(text);
    }
    made.push(&*text.substring(0, length)?)
}

/// `PyUnicode_FromFormatV`
unsafe extern "C" fn from_format(format_text: Text, list: &mut VaList) -> New {
    format(format_text, list).map(Ref::into_object)
}

/// `PyBytes_FromFormat`
unsafe extern "C" fn bytes_from_format(format_text: Text, list: &mut VaList) -> New {
    Ok(format_bytes(format_text, list)?.into_object())
}

/// The bytes of a format and its arguments: widths and flags are passed over, and a conversion that is not known ends the format, the rest of
/// which is copied.
fn format_bytes(format: Text, list: &mut VaList) -> Result<Ref<Bytes>, Raised> {
    let mut made = Buffer::new();
    let mut reader = Reader { rest: format.bytes() };
    while !reader.rest.is_empty() {
        let plain = reader.rest.iter().position(|byte| *byte == b'%').unwrap_or(reader.rest.len());
        let (before, rest) = reader.rest.split_at(plain);
        made.extend_from_slice(before)?;
        reader.rest = rest;
        if !rest.is_empty() && !conversion_of_bytes(&mut reader, list, &mut made)? {
            made.extend_from_slice(rest)?;
            break;
        }
    }
    Bytes::new(&made)
}

/// One conversion; false when it is not known.
fn conversion_of_bytes(reader: &mut Reader<'_>, list: &mut VaList, made: &mut Buffer<u8>) -> Result<bool, Raised> {
    reader.next();
    reader.number();
    let precision = if reader.peek() == b'.' {
        reader.next();
        Some(reader.number()).filter(|precision| *precision > 0)
    } else {
        None
    };
    while !matches!(reader.peek(), 0 | b'%') && !reader.peek().is_ascii_alphabetic() {
        reader.next();
    }
    let is_long = matches!(reader.rest, [b'l' | b'z', b'd' | b'u', ..]);
    if is_long {
        reader.next();
    }
    match reader.next() {
        b'c' => match u8::try_from(list.int()) {
            Ok(byte) => made.push(byte)?,
            Err(_) => {
                return Err(raise!(
                    OverflowError,
                    "PyBytes_FromFormatV(): %c format expects an integer in range [0; 255]"
                ));
            }
        },
        b'd' | b'i' => {
            let value = if is_long { list.long() } else { i64::from(list.int()) };
            made.extend_from_slice(value.to_string().as_bytes())?;
        }
        b'u' => {
            let value = if is_long { list.long() as u64 } else { u64::from(list.int() as u32) };
            made.extend_from_slice(value.to_string().as_bytes())?;
        }
        b'x' => made.extend_from_slice(format!("{:x}", list.int()).as_bytes())?,
        b'p' => made.extend_from_slice(format!("{:#x}", list.long()).as_bytes())?,
        b's' => {
            let text = list.text();
            match precision {
                None => made.extend_from_slice(text.bytes())?,
                Some(most) => {
                    // SAFETY: up to the precision or an earlier NUL the caller gives bytes.
                    let count = unsafe { libc::strnlen(text.0, most) };
                    made.extend_from_slice(memory(text.0, count as isize))?;
                }
            }
        }
        b'%' => made.push(b'%')?,
        _ => return Ok(false),
    }
    Ok(true)
}

export! {
    fn PyUnicode_FromFormatV(format_text: Text, list: &mut VaList) => New { format(format_text, list) }
    fn PyBytes_FromFormatV(format_text: Text, list: &mut VaList) => New {
        format_bytes(format_text, list)
    }
}

variadic! {
    PyUnicode_FromFormat fixed 1 => from_format;
    PyBytes_FromFormat fixed 1 => bytes_from_format;
}
