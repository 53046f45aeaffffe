//! Lines of uuencode: a length, then six bits a character from the space on.

use habu_heap::Buffer;
use habu_runtime::object::{Raised, Ref};
use habu_runtime::types::bytes::Bytes;

use super::error;

/// The most bytes in a line.
const LONGEST: usize = 45;

/// Encodes a line.
pub(super) fn encode(data: &[u8], backtick: bool) -> Result<Ref<Bytes>, Raised> {
    if data.len() > LONGEST {
        return Err(error(format_args!("At most 45 bytes at once")));
    }
    let symbol = |value: u8| if value == 0 && backtick { b'`' } else { b' ' + value };
    let mut line = Buffer::with_capacity(LONGEST / 3 * 4 + 2)?;
    line.push(symbol(data.len() as u8))?;
    for group in data.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for shift in [18, 12, 6, 0] {
            line.push(symbol((bits >> shift) as u8 & 63))?;
        }
    }
    line.push(b'\n')?;
    Bytes::new(&line)
}

/// Decodes a line; what is missing at its end reads as spaces.
pub(super) fn decode(line: &[u8]) -> Result<Ref<Bytes>, Raised> {
    let (first, mut rest) = line.split_first().map_or((0, line), |(first, rest)| (*first, rest));
    let length = usize::from(first.wrapping_sub(b' ') & 63);
    let mut out = Buffer::with_capacity(length)?;
    let (mut bits, mut filled) = (0u32, 0);
    while out.len() < length {
        let value = match rest.first() {
            // Lines may have lost their spaces.
            None | Some(b'\n' | b'\r') => 0,
            Some(byte @ b' '..=b'`') => (byte - b' ') & 63,
            Some(_) => return Err(error(format_args!("Illegal char"))),
        };
        rest = rest.get(1..).unwrap_or(&[]);
        bits = bits << 6 | u32::from(value);
        filled += 6;
        if filled >= 8 {
            filled -= 8;
            out.push((bits >> filled) as u8)?;
            bits &= (1 << filled) - 1;
        }
    }
    if rest.iter().any(|byte| !matches!(byte, b' ' | b'`' | b'\n' | b'\r')) {
        return Err(error(format_args!("Trailing garbage")));
    }
    Bytes::new(&out)
}
