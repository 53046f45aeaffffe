//! Codecs of one byte a character by a table: a string, a mapping, or the inverse of a string (`EncodingMap`).

use habu_macros::{pymethods, pytype};
use habu_text::codec::Problem;
use habu_text::codec::single::{EncodingTable, UNDEFINED, decode_table};
use habu_text::{ByteSink, Chars, TextSink};

use super::decode::Decoding;
use super::encode::Encoding;
use super::errors::{Errors, Halt};
use crate::exceptions::exc;
use crate::object::protocol::attribute::ignore;
use crate::object::protocol::get_item;
use crate::object::{Object, Raised, Ref, create};
use crate::raise;
use crate::types::bytes::Bytes;
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::singletons::is_none;
use crate::types::str::builder::ByteBuilder;
use crate::types::str::{Str, StrBuilder};

/// The inverse of a decoding table.
#[pytype(name = "EncodingMap", doc = "")]
pub struct EncodingMap {
    base: Object,
    table: EncodingTable,
    size: usize,
}

crate::assert_layout!(EncodingMap, size 64);

impl EncodingMap {
    fn new(table: EncodingTable) -> Result<Ref<EncodingMap>, Raised> {
        let size = table.row_count();
        create(EncodingMap { base: Object::of::<EncodingMap>(), table, size })
    }
}

#[pymethods]
impl EncodingMap {
    /// Return the size (in bytes) of this object
    #[no_signature]
    fn size(&self) -> Result<usize, Raised> {
        Ok(self.size * 32)
    }
}

/// `codecs.charmap_build(map)`: an EncodingMap, or a dictionary where the table has no simple inverse.
pub fn build(map: &Str) -> Result<Ref, Raised> {
    if map.len() == 0 {
        return Err(raise!(SystemError, "bad argument to internal function"));
    }
    let text = map.chars().slice(0, 256);
    let simple = text.iter().enumerate().all(|(index, code)| (code == 0) == (index == 0));
    if simple && let Some(table) = EncodingTable::build(text)? {
        return Ok(EncodingMap::new(table)?.into_object());
    }
    let table = Dict::new()?;
    for (byte, code) in text.iter().enumerate() {
        table.set(&*Int::from_i64(i64::from(code))?, &*Int::from_u64(byte as u64)?)?;
    }
    Ok(table.into_object())
}

/// What a mapping has for a key: nothing for LookupError and None.
fn look_up(mapping: &Object, key: u32) -> Result<Option<Ref>, Raised> {
    match get_item(mapping, &*Int::from_i64(i64::from(key))?) {
        Ok(found) if is_none(&found) => Ok(None),
        Ok(found) => Ok(Some(found)),
        Err(raised) => ignore(raised, exc::LookupError()),
    }
}

fn undefined(start: usize, end: usize) -> Halt {
    Halt::Problem(Problem { start, end, reason: UNDEFINED })
}

/// Decodes with a mapping, byte by byte.
fn decode_by_mapping(input: &[u8], from: usize, mapping: &Object, text: &mut StrBuilder) -> Result<usize, Halt> {
    for (at, &byte) in input.iter().enumerate().skip(from) {
        let Some(found) = look_up(mapping, u32::from(byte))? else { return Err(undefined(at, at + 1)) };
        if let Some(number) = found.downcast::<Int>() {
            match number.to_i64() {
                Some(0xFFFE) => return Err(undefined(at, at + 1)),
                Some(code @ 0..0x11_0000) => text.push_code(code as u32).map_err(Raised::from)?,
                _ => return Err(raise!(TypeError, "character mapping must be in range(0x110000)").into()),
            }
        } else if let Some(found) = found.downcast::<Str>() {
            if found.len() == 1 && found.chars().at(0) == 0xFFFE {
                return Err(undefined(at, at + 1));
            }
            text.push(found)?;
        } else {
            return Err(raise!(TypeError, "character mapping must return integer, None or str").into());
        }
    }
    Ok(input.len().max(from))
}

/// `codecs.charmap_decode(data, errors, mapping)`
pub fn decode(input: &[u8], errors: &Errors, mapping: &Object) -> Result<(Ref<Str>, usize), Raised> {
    let decoding = Decoding { encoding: "charmap", standard: None, errors, last: true };
    match mapping.downcast::<Str>() {
        Some(table) => {
            decoding.run(input, &mut |input, from, _, text| Ok(decode_table(input, from, table.chars(), text)?))
        }
        None => {
            // A mapping runs Python code, which must not change what is decoded.
            let input = Bytes::new(input)?;
            decoding.run(input.as_slice(), &mut |input, from, _, text| decode_by_mapping(input, from, mapping, text))
        }
    }
}

/// The bytes that a mapping has for a character.
fn encoded(mapping: &Object, code: u32) -> Result<Option<Ref<Bytes>>, Raised> {
    let Some(found) = look_up(mapping, code)? else { return Ok(None) };
    if let Some(number) = found.downcast::<Int>() {
        return match number.to_i64().map(u8::try_from) {
            Some(Ok(byte)) => Ok(Some(Bytes::single(byte))),
            _ => Err(raise!(TypeError, "character mapping must be in range(256)")),
        };
    }
    found.downcast_into::<Bytes>().map(Some).map_err(|other| {
        raise!(TypeError, "character mapping must return integer, bytes or None, not {}", other.ty().full_name())
    })
}

/// Encodes with a mapping, character by character; a problem is the whole run of characters that it does not have.
fn encode_by_mapping(text: Chars<'_>, from: usize, mapping: &Object, out: &mut ByteBuilder) -> Result<(), Halt> {
    for at in from..text.len() {
        match encoded(mapping, text.at(at))? {
            Some(bytes) => out.push_bytes(bytes.as_slice()).map_err(Raised::from)?,
            None => {
                let mut end = at + 1;
                while end < text.len() && encoded(mapping, text.at(end))?.is_none() {
                    end += 1;
                }
                return Err(undefined(at, end));
            }
        }
    }
    Ok(())
}

/// `codecs.charmap_encode(text, errors, mapping)`
pub fn encode(text: &Str, errors: &Errors, mapping: &Object) -> Result<Ref<Bytes>, Raised> {
    let encoding = Encoding {
        encoding: "charmap",
        standard: None,
        errors,
        unit: 1,
        ascii_only: false,
        begins_behind_escapes: false,
        plain_ascii: false,
    };
    match mapping.downcast::<EncodingMap>() {
        Some(map) => encoding.run(text, &mut |text, from, out| Ok(map.table.encode(text, from, out)?)),
        None => encoding.run(text, &mut |text, from, out| encode_by_mapping(text, from, mapping, out)),
    }
}
