//! Algorithms on text and bytes, with no Python object in them.
//!
//! Text is what CPython 3.11's `str` holds: a sequence of code points, lone surrogates included, in units of one, two or
//! four bytes ([`Chars`]). `str`, `bytes`, the codecs, `_sre` and `unicodedata` stand on this crate.
//!
//! Nothing here panics on any input, and nothing allocates without being able to say [`OutOfMemory`].
#![forbid(unsafe_code)]

pub mod codec;
mod gather;
pub mod kind;
#[cfg(test)]
mod oracle;
pub mod regex;
pub mod search;
pub mod sink;
pub mod unicode;

pub use kind::{Chars, CodeUnit};
pub use sink::{ByteSink, OutOfMemory, TextBuffer, TextSink};
