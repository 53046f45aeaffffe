//! Quoted-printable (RFC 2045), and its form in headers (RFC 2047).

use habu_heap::Buffer;
use habu_runtime::object::{Raised, Ref};
use habu_runtime::types::bytes::Bytes;

/// Lines are shorter than this.
const LINE: usize = 76;

/// Decodes; in a header an underscore is a space.
pub(super) fn decode(text: &[u8], header: bool) -> Result<Ref<Bytes>, Raised> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Buffer::with_capacity(text.len())?;
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'=' => match rest {
                [] => break,
                [b'\n', after @ ..] => rest = after,
                [b'\r', ..] => {
                    // A soft line end goes up to its newline.
                    let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
                    rest = &rest[end..];
                }
                [b'=', after @ ..] => {
                    // An equals sign doubled by faulty encoders.
                    out.push(b'=')?;
                    rest = after;
                }
                _ => match (digit(rest.first()), digit(rest.get(1))) {
                    (Some(high), Some(low)) => {
                        out.push((high << 4 | low) as u8)?;
                        rest = &rest[2..];
                    }
                    _ => out.push(b'=')?,
                },
            },
            b'_' if header => out.push(b' ')?,
            byte => out.push(*byte)?,
        }
    }
    Bytes::new(&out)
}

/// A line in the making.
struct Writer {
    out: Buffer<u8>,
    column: usize,
    crlf: bool,
}

impl Writer {
    fn line_end(&mut self) -> Result<(), Raised> {
        let end: &[u8] = if self.crlf { b"\r\n" } else { b"\n" };
        self.column = 0;
        Ok(self.out.extend_from_slice(end)?)
    }

    fn soft_break(&mut self) -> Result<(), Raised> {
        self.out.push(b'=')?;
        self.line_end()
    }

    fn escape(&mut self, byte: u8) -> Result<(), Raised> {
        let hex = |half: u8| b"0123456789ABCDEF"[usize::from(half & 15)];
        Ok(self.out.extend_from_slice(&[b'=', hex(byte >> 4), hex(byte)])?)
    }
}

/// Whether the byte at `index` must be escaped, with the column that it would stand in.
fn is_quoted(data: &[u8], index: usize, column: usize, quotetabs: bool, istext: bool, header: bool) -> bool {
    let next = data.get(index + 1);
    match data[index] {
        127.. | b'=' => true,
        b'_' => header,
        b'.' => column == 0 && matches!(next, None | Some(b'\n' | b'\r' | 0)),
        b'\r' | b'\n' => !istext,
        b'\t' | b' ' => next.is_none() || quotetabs,
        byte => byte < 33,
    }
}

/// Encodes.
pub(super) fn encode(data: &[u8], quotetabs: bool, istext: bool, header: bool) -> Result<Ref<Bytes>, Raised> {
    let crlf = data.iter().position(|byte| *byte == b'\n').is_some_and(|at| at > 0 && data[at - 1] == b'\r');
    let mut writer = Writer { out: Buffer::with_capacity(data.len())?, column: 0, crlf };
    let mut index = 0;
    while index < data.len() {
        let byte = data[index];
        if is_quoted(data, index, writer.column, quotetabs, istext, header) {
            if writer.column + 3 >= LINE {
                writer.soft_break()?;
            }
            writer.escape(byte)?;
            writer.column += 3;
            index += 1;
            continue;
        }
        let ends_line = byte == b'\n' || byte == b'\r' && data.get(index + 1) == Some(&b'\n');
        if istext && ends_line {
            // White space before a line end would be lost on the way.
            if let Some(&last @ (b' ' | b'\t')) = writer.out.last() {
                writer.out.pop();
                writer.escape(last)?;
            }
            writer.line_end()?;
            index += if byte == b'\r' { 2 } else { 1 };
            continue;
        }
        if data.get(index + 1).is_some_and(|next| *next != b'\n') && writer.column + 1 >= LINE {
            writer.soft_break()?;
        }
        writer.column += 1;
        writer.out.push(if header && byte == b' ' { b'_' } else { byte })?;
        index += 1;
    }
    Bytes::new(&writer.out)
}
