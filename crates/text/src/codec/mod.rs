//! Encoders and decoders, which stop at what they cannot treat and can be taken up again.
//!
//! A decoder reads bytes from a position and writes code points. It returns how far it came: the end of the input, or,
//! where more input may follow (`last` is false), the start of what is incomplete. At wrong input it stops with a
//! [`Problem`], which has CPython's span and reason. The caller asks the error handler, writes its replacement and calls
//! again with the position that the handler gave. Encoders do the same in the other direction; their positions count
//! code points.

pub mod bytes_escape;
pub mod escape;
pub mod handlers;
pub mod single;
#[cfg(test)]
mod tests;
pub mod utf16;
pub mod utf32;
pub mod utf7;
pub mod utf8;

use crate::{CodeUnit, OutOfMemory};

/// What `UnicodeDecodeError` and `UnicodeEncodeError` say: the part of the input that is wrong, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Why a codec stopped early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The input has an error, which a handler may mend.
    Problem(Problem),
    /// The sink refused.
    OutOfMemory,
}

impl From<OutOfMemory> for Stopped {
    fn from(_: OutOfMemory) -> Stopped {
        Stopped::OutOfMemory
    }
}

impl Stopped {
    pub(crate) fn problem(start: usize, end: usize, reason: &'static str) -> Stopped {
        Stopped::Problem(Problem { start, end, reason })
    }
}

/// The order of the bytes of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The least significant byte first.
    Little,
    /// The most significant byte first.
    Big,
}

impl ByteOrder {
    /// The order of this machine.
    pub const NATIVE: ByteOrder = if cfg!(target_endian = "little") { ByteOrder::Little } else { ByteOrder::Big };
}

/// The reason for a surrogate in text that is encoded.
pub(crate) const SURROGATES: &str = "surrogates not allowed";

/// Whether a code point is a surrogate.
#[inline]
pub fn is_surrogate(code: u32) -> bool {
    (0xD800..0xE000).contains(&code)
}

/// The number of ASCII bytes at the start.
#[inline]
pub fn ascii_prefix(bytes: &[u8]) -> usize {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, _) = bytes.as_chunks::<8>();
    let mut length = 0;
    for word in words {
        let high = u64::from_le_bytes(*word) & HIGH;
        if high != 0 {
            return length + (high.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    let rest = bytes.get(length..).unwrap_or_default();
    length + rest.iter().take_while(|byte| byte.is_ascii()).count()
}

/// The end of the run of units at a position for which a test holds.
pub(crate) fn run_end<U: CodeUnit>(text: &[U], from: usize, test: impl Fn(u32) -> bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|unit| test(unit.code())).count()
}
