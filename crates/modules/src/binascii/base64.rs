//! Base64 (RFC 4648), as forgiving on decoding as `binascii` is.

use habu_heap::Buffer;
use habu_runtime::object::{Raised, Ref};
use habu_runtime::types::bytes::Bytes;

use super::error;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a byte stands for; 64 for none.
const VALUES: [u8; 256] = {
    let mut values = [64; 256];
    let mut index = 0;
    while index < 64 {
        values[ALPHABET[index] as usize] = index as u8;
        index += 1;
    }
    values
};

/// Encodes, with a line end or not.
pub(super) fn encode(data: &[u8], newline: bool) -> Result<Ref<Bytes>, Raised> {
    let length = data.len().div_ceil(3) * 4;
    Bytes::build(length + usize::from(newline), |out| {
        let symbol = |bits: u32| ALPHABET[(bits & 63) as usize];
        let (text, end) = out.split_at_mut(length);
        for (to, from) in text.as_chunks_mut::<4>().0.iter_mut().zip(data.chunks(3)) {
            let byte = |index: usize| u32::from(from.get(index).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            *to = [symbol(bits >> 18), symbol(bits >> 12), symbol(bits >> 6), symbol(bits)];
            if from.len() < 3 {
                to[3] = b'=';
            }
            if from.len() < 2 {
                to[2] = b'=';
            }
        }
        end.fill(b'\n');
    })
}

/// Decodes whole groups of plain symbols from the start: how many bytes of text that was.
fn decode_plain(text: &[u8], out: &mut Buffer<u8>) -> Result<usize, Raised> {
    let mut taken = 0;
    for group in text.as_chunks::<4>().0 {
        let values = group.map(|byte| VALUES[usize::from(byte)]);
        if values.contains(&64) {
            break;
        }
        let bits = values.iter().fold(0u32, |bits, value| bits << 6 | u32::from(*value));
        out.extend_from_slice(&[(bits >> 16) as u8, (bits >> 8) as u8, bits as u8])?;
        taken += 4;
    }
    Ok(taken)
}

/// Decodes; what is no symbol is skipped unless `strict`.
pub(super) fn decode(text: &[u8], strict: bool) -> Result<Ref<Bytes>, Raised> {
    if strict && text.first() == Some(&b'=') {
        return Err(error(format_args!("Leading padding not allowed")));
    }
    let mut out = Buffer::with_capacity(text.len() / 4 * 3 + 3)?;
    let start = decode_plain(text, &mut out)?;
    let (mut place, mut pads, mut padded, mut left) = (0, 0, false, 0u8);
    for (index, &byte) in text.iter().enumerate().skip(start) {
        if byte == b'=' {
            padded = true;
            if place >= 2 {
                pads += 1;
                if place + pads >= 4 {
                    if strict && index + 1 < text.len() {
                        return Err(error(format_args!("Excess data after padding")));
                    }
                    return Bytes::new(&out);
                }
            }
            continue;
        }
        let value = VALUES[usize::from(byte)];
        if value == 64 {
            if strict {
                return Err(error(format_args!("Only base64 data is allowed")));
            }
            continue;
        }
        if strict && padded {
            return Err(error(format_args!("Discontinuous padding not allowed")));
        }
        pads = 0;
        match place {
            0 => left = value,
            1 => {
                out.push(left << 2 | value >> 4)?;
                left = value & 15;
            }
            2 => {
                out.push(left << 4 | value >> 2)?;
                left = value & 3;
            }
            _ => {
                out.push(left << 6 | value)?;
                left = 0;
            }
        }
        place = (place + 1) % 4;
    }
    match place {
        0 => Bytes::new(&out),
        1 => Err(error(format_args!(
            "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
            out.len() / 3 * 4 + 1
        ))),
        _ => Err(error(format_args!("Incorrect padding"))),
    }
}
