//! UTF-8. Surrogates are refused in both directions; truncated and wrong sequences get the spans that CPython gives.

use super::{SURROGATES, Stopped, ascii_prefix, is_surrogate, run_end};
use crate::gather::{Bytes, Codes};
use crate::{ByteSink, Chars, CodeUnit, OutOfMemory, TextSink, with_units};

/// Decodes from a position; see the module above for the contract.
pub fn decode(input: &[u8], from: usize, last: bool, sink: &mut impl TextSink) -> Result<usize, Stopped> {
    let mut at = from;
    let mut codes = Codes::new(sink);
    let stopped = loop {
        let rest = input.get(at..).unwrap_or_default();
        let run = ascii_prefix(rest);
        if run > 0 {
            codes.push_latin1(rest.get(..run).unwrap_or_default())?;
            at += run;
        }
        match decode_mixed(rest.get(run..).unwrap_or_default(), &mut codes)? {
            (taken, None) if at + taken >= input.len() => break Ok(input.len()),
            (taken, None) => at += taken,
            (taken, Some(sequence)) => break stop(input, at + taken, last, sequence),
        }
    };
    codes.flush()?;
    stopped
}

/// Decodes characters until a long run of ASCII or what is no character; gives how many bytes it took and what it stopped at.
#[inline(always)]
fn decode_mixed<S: TextSink>(bytes: &[u8], codes: &mut Codes<'_, S>) -> Result<(usize, Option<Sequence>), OutOfMemory> {
    let mut rest = bytes;
    while let Some(&lead) = rest.first() {
        if lead < 0x80 {
            // Short runs of ASCII between other characters are not worth a call of the sink's bulk path.
            if rest.first_chunk::<16>().is_some_and(|chunk| chunk.is_ascii()) {
                break;
            }
            codes.push(u32::from(lead))?;
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        match sequence(rest) {
            Sequence::Whole(code, length) => {
                codes.push(code)?;
                rest = rest.get(length..).unwrap_or_default();
            }
            wrong => return Ok((bytes.len() - rest.len(), Some(wrong))),
        }
    }
    Ok((bytes.len() - rest.len(), None))
}

/// What the decoder says about what is no character.
#[cold]
fn stop(input: &[u8], at: usize, last: bool, sequence: Sequence) -> Result<usize, Stopped> {
    match sequence {
        // Two bytes of a surrogate: with the third one `surrogatepass` can treat it.
        Sequence::Wrong(..) if !last && matches!(input.get(at..), Some([0xED, 0xA0..=0xBF])) => Ok(at),
        Sequence::Wrong(length, reason) => Err(Stopped::problem(at, at + length, reason)),
        Sequence::Cut if last => Err(Stopped::problem(at, input.len(), "unexpected end of data")),
        Sequence::Whole(..) | Sequence::Cut => Ok(at),
    }
}

/// What stands at the start of bytes that do not start with ASCII.
enum Sequence {
    /// A character and its length.
    Whole(u32, usize),
    /// How much of it is wrong, and why.
    Wrong(usize, &'static str),
    /// Well so far, but the input ends.
    Cut,
}

#[inline(always)]
fn sequence(bytes: &[u8]) -> Sequence {
    match *bytes {
        [lead @ 0xC2..=0xDF, last @ 0x80..=0xBF, ..] => {
            Sequence::Whole(u32::from(lead & 0x1F) << 6 | u32::from(last & 0x3F), 2)
        }
        // The leads of overlong forms and of surrogates are left to the other function.
        [lead @ (0xE1..=0xEC | 0xEE | 0xEF), second @ 0x80..=0xBF, last @ 0x80..=0xBF, ..] => {
            let high = u32::from(lead & 0x0F) << 12 | u32::from(second & 0x3F) << 6;
            Sequence::Whole(high | u32::from(last & 0x3F), 3)
        }
        _ => any_sequence(bytes),
    }
}

/// As `sequence`, for all that there is.
fn any_sequence(bytes: &[u8]) -> Sequence {
    const CONTINUATION: &str = "invalid continuation byte";
    let lead = bytes.first().copied().unwrap_or_default();
    // The range of the second byte keeps out overlong forms, surrogates and what lies beyond U+10FFFF.
    let (length, second) = match lead {
        0xC2..=0xDF => (2, 0x80..=0xBF),
        0xE0 => (3, 0xA0..=0xBF),
        0xED => (3, 0x80..=0x9F),
        0xE1..=0xEF => (3, 0x80..=0xBF),
        0xF0 => (4, 0x90..=0xBF),
        0xF1..=0xF3 => (4, 0x80..=0xBF),
        0xF4 => (4, 0x80..=0x8F),
        _ => return Sequence::Wrong(1, "invalid start byte"),
    };
    let mut code = u32::from(lead) & (0x7F >> length);
    for index in 1..length {
        let Some(&byte) = bytes.get(index) else { return Sequence::Cut };
        if index == 1 && !second.contains(&byte) || byte & 0xC0 != 0x80 {
            return Sequence::Wrong(index, CONTINUATION);
        }
        code = code << 6 | u32::from(byte & 0x3F);
    }
    Sequence::Whole(code, length)
}

/// The shape of text: enough to allocate it exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The number of code points.
    pub length: usize,
    /// A bound on the largest code point: 0x7F, 0xFF, 0xFFFF or 0x10FFFF, as PEP 393 rounds it.
    pub maximum: u32,
}

/// The shape of the text that valid UTF-8 decodes to, or nothing where the bytes are not valid.
pub fn measure(input: &[u8]) -> Option<Shape> {
    let ascii = ascii_prefix(input);
    if ascii == input.len() {
        return Some(Shape { length: ascii, maximum: 0x7F });
    }
    let rest = input.get(ascii..)?;
    std::str::from_utf8(rest).ok()?;
    let mut length = 0;
    let mut highest = 0;
    for &byte in rest {
        length += usize::from(byte & 0xC0 != 0x80);
        highest = highest.max(byte);
    }
    let maximum = match highest {
        0..=0xC3 => 0xFF,
        0xC4..=0xEF => 0xFFFF,
        _ => 0x10_FFFF,
    };
    Some(Shape { length: ascii + length, maximum })
}

/// Fills a slice of the measured length with valid UTF-8 decoded, and says whether it fitted.
pub fn decode_into<U: CodeUnit>(input: &[u8], units: &mut [U]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let mut slots = units.iter_mut();
    for character in text.chars() {
        match (slots.next(), U::from_code(u32::from(character))) {
            (Some(slot), Some(unit)) => *slot = unit,
            _ => return false,
        }
    }
    slots.next().is_none()
}

/// Encodes from a position.
pub fn encode(text: Chars<'_>, from: usize, sink: &mut impl ByteSink) -> Result<(), Stopped> {
    with_units!(text, units => encode_units(units, from, sink))
}

fn encode_units<U: CodeUnit>(text: &[U], from: usize, sink: &mut impl ByteSink) -> Result<(), Stopped> {
    let mut at = from;
    if let Some(bytes) = U::as_bytes(text) {
        let rest = bytes.get(from..).unwrap_or_default();
        let run = ascii_prefix(rest);
        sink.push_bytes(rest.get(..run).unwrap_or_default())?;
        at += run;
    }
    let mut gathered = Bytes::new(sink);
    for unit in text.get(at..).unwrap_or_default() {
        let code = unit.code();
        if is_surrogate(code) {
            gathered.flush()?;
            return Err(Stopped::problem(at, run_end(text, at, is_surrogate), SURROGATES));
        }
        let (bytes, length) = sequence_of(code);
        gathered.push_some(bytes, length)?;
        at += 1;
    }
    gathered.flush()?;
    Ok(())
}

/// The bytes of a code point (a surrogate too), and how many they are.
#[inline(always)]
fn sequence_of(code: u32) -> ([u8; 4], usize) {
    let tail = |shift: u32| (code >> shift & 0x3F) as u8 | 0x80;
    match code {
        0..=0x7F => ([code as u8, 0, 0, 0], 1),
        0x80..=0x7FF => ([(code >> 6) as u8 | 0xC0, tail(0), 0, 0], 2),
        0x800..=0xFFFF => ([(code >> 12) as u8 | 0xE0, tail(6), tail(0), 0], 3),
        _ => ([(code >> 18) as u8 | 0xF0, tail(12), tail(6), tail(0)], 4),
    }
}

/// Appends the three bytes that a surrogate would have in UTF-8, as the handler `surrogatepass` does.
pub fn push_surrogate(code: u32, sink: &mut impl ByteSink) -> Result<(), OutOfMemory> {
    let (bytes, length) = sequence_of(code);
    sink.push_bytes(bytes.get(..length).unwrap_or_default())
}

/// The number of bytes of the text in UTF-8, surrogates included: room that is enough whatever there is.
pub fn encoded_bound(text: Chars<'_>) -> usize {
    // Sums without a branch for each character, which the compiler turns into vector instructions.
    with_units!(text, units => {
        let of = |code: u32| 1 + u32::from(code >= 0x80) + u32::from(code >= 0x800) + u32::from(code >= 0x1_0000);
        units.chunks(1 << 16).map(|chunk| chunk.iter().map(|unit| of(unit.code())).sum::<u32>() as usize).sum()
    })
}

/// The number of bytes of the text in UTF-8, or nothing where it has a surrogate.
pub fn encoded_length(text: Chars<'_>) -> Option<usize> {
    with_units!(text, units => {
        let mut length = 0_usize;
        for unit in units {
            length += match unit.code() {
                0..=0x7F => 1,
                0x80..=0x7FF => 2,
                code if is_surrogate(code) => return None,
                0x800..=0xFFFF => 3,
                _ => 4,
            };
        }
        Some(length)
    })
}
