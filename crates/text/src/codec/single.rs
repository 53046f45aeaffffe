//! Codecs of one byte a character: ASCII, Latin-1 and tables (charmap).

use super::{Stopped, ascii_prefix, run_end};
use crate::gather::Bytes;
use crate::{ByteSink, Chars, CodeUnit, OutOfMemory, TextSink, with_units};

/// The reason why a table refuses a character or a byte.
pub const UNDEFINED: &str = "character maps to <undefined>";

const NOT_ASCII: &str = "ordinal not in range(128)";
const NOT_LATIN1: &str = "ordinal not in range(256)";

/// Decodes ASCII from a position.
pub fn decode_ascii(input: &[u8], from: usize, sink: &mut impl TextSink) -> Result<usize, Stopped> {
    let rest = input.get(from..).unwrap_or_default();
    let run = ascii_prefix(rest);
    sink.push_latin1(rest.get(..run).unwrap_or_default())?;
    if run < rest.len() {
        return Err(Stopped::problem(from + run, from + run + 1, NOT_ASCII));
    }
    Ok(from + run)
}

/// Encodes to ASCII from a position.
pub fn encode_ascii(text: Chars<'_>, from: usize, sink: &mut impl ByteSink) -> Result<(), Stopped> {
    with_units!(text, units => encode_below(units, from, 0x80, NOT_ASCII, sink))
}

/// Encodes to Latin-1 from a position.
pub fn encode_latin1(text: Chars<'_>, from: usize, sink: &mut impl ByteSink) -> Result<(), Stopped> {
    with_units!(text, units => encode_below(units, from, 0x100, NOT_LATIN1, sink))
}

fn encode_below<U: CodeUnit>(
    text: &[U],
    from: usize,
    limit: u32,
    reason: &'static str,
    sink: &mut impl ByteSink,
) -> Result<(), Stopped> {
    let rest = text.get(from..).unwrap_or_default();
    let good = match U::as_bytes(rest) {
        Some(bytes) => {
            let good = if limit > 0xFF { bytes.len() } else { ascii_prefix(bytes) };
            sink.push_bytes(bytes.get(..good).unwrap_or_default())?;
            good
        }
        None => {
            let good = rest.iter().take_while(|unit| unit.code() < limit).count();
            let mut gathered = Bytes::new(sink);
            for unit in rest.iter().take(good) {
                gathered.push([unit.code() as u8])?;
            }
            gathered.flush()?;
            good
        }
    };
    if good < rest.len() {
        let start = from + good;
        return Err(Stopped::problem(start, run_end(text, start, |code| code >= limit), reason));
    }
    Ok(())
}

/// Decodes from a position with a table of up to 256 characters, in which U+FFFE stands for none.
pub fn decode_table(input: &[u8], from: usize, table: Chars<'_>, sink: &mut impl TextSink) -> Result<usize, Stopped> {
    for (at, &byte) in input.iter().enumerate().skip(from) {
        match table.get(usize::from(byte)) {
            Some(code) if code != 0xFFFE => sink.push_code(code)?,
            _ => return Err(Stopped::problem(at, at + 1, UNDEFINED)),
        }
    }
    Ok(input.len().max(from))
}

/// The inverse of a decoding table: what `codecs.charmap_build` makes.
///
/// The upper bits of a character choose a row, the lower ones a byte in it. Row 0 is empty.
#[derive(Debug, Clone)]
pub struct EncodingTable {
    /// The number of the row for each 32 characters below U+10000.
    rows: Box<[u16]>,
    /// The bytes; zero is none, except for the character that byte zero stands for.
    cells: Box<[[u8; 32]]>,
    /// What byte zero decodes to.
    zero: Option<u32>,
}

impl EncodingTable {
    /// Inverts a decoding table. Characters beyond the basic plane cannot be had: nothing is returned for them, nor for
    /// a table with no characters.
    pub fn build(table: Chars<'_>) -> Result<Option<EncodingTable>, OutOfMemory> {
        if table.is_empty() || table.iter().any(|code| code > 0xFFFF) {
            return Ok(None);
        }
        let (mut rows, mut cells, mut zero) = (Vec::new(), Vec::new(), None);
        rows.try_reserve_exact(0x800)?;
        rows.resize(0x800, 0);
        cells.try_reserve(table.len().min(256) + 1)?;
        cells.push([0; 32]);
        for (byte, code) in (0..=u8::MAX).zip(table.iter()) {
            if code == 0xFFFE {
                continue;
            }
            if byte == 0 {
                zero = Some(code);
                continue;
            }
            let Some(row) = rows.get_mut((code >> 5) as usize) else { continue };
            if *row == 0 {
                *row = cells.len() as u16;
                cells.push([0; 32]);
            }
            if let Some(row) = cells.get_mut(usize::from(*row)) {
                row[(code & 31) as usize] = byte;
            }
        }
        Ok(Some(EncodingTable { rows: rows.into_boxed_slice(), cells: cells.into_boxed_slice(), zero }))
    }

    /// The byte for a character.
    #[inline]
    pub fn get(&self, code: u32) -> Option<u8> {
        let row = self.rows.get((code >> 5) as usize)?;
        match self.cells.get(usize::from(*row))?[(code & 31) as usize] {
            0 => (self.zero == Some(code)).then_some(0),
            byte => Some(byte),
        }
    }

    /// The number of rows in use, which `sys.getsizeof` of the Python object can be derived from.
    pub fn row_count(&self) -> usize {
        self.cells.len()
    }

    /// Encodes from a position. A problem spans the run of characters that have no byte.
    pub fn encode(&self, text: Chars<'_>, from: usize, sink: &mut impl ByteSink) -> Result<(), Stopped> {
        with_units!(text, units => {
            for (at, unit) in units.iter().enumerate().skip(from) {
                match self.get(unit.code()) {
                    Some(byte) => sink.push_byte(byte)?,
                    None => {
                        let end = run_end(units, at, |code| self.get(code).is_none());
                        return Err(Stopped::problem(at, end, UNDEFINED));
                    }
                }
            }
            Ok(())
        })
    }
}
