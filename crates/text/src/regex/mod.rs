//! The engine behind `_sre`: runs the code words that the `re` package of Python 3.11 compiles patterns to.
//!
//! [`Program::compile`] checks the words as strictly as CPython does (else "invalid SRE code") and translates them, in one
//! pass, to instructions whose targets and sets are resolved. [`Matcher::run`] executes them by backtracking:
//!
//! - The way back is a stack of frames: choices to take up and changes to undo (group marks, loop counters).
//!   Nothing recurses, the stack grows fallibly, and a callback can interrupt a match that takes long.
//! - A repeated single character is one frame, whatever it matched. What may follow it is known as a set of first
//!   characters, so that hopeless places are not tried, and no frame is made where the sets do not meet.
//! - A search looks for the literal that matches start with, or for what the first places of a match may have, before it
//!   runs anything.
//!
//! The code is monomorphised for each kind of text. Groups have the values that undoing everything on the way back gives
//! them, which is what CPython 3.11 strives for.

mod analyse;
pub mod case;
mod charset;
mod compile;
mod opcode;
mod program;
mod run;
mod search;
#[cfg(test)]
mod tests;
mod window;

pub use compile::CompileError;
pub use opcode::{CODE_SIZE, MAGIC, MAX_GROUPS, MAX_REPEAT};
pub use program::Program;
pub use search::{Match, Matcher, Mode};

/// Why a match came to no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchError {
    /// The stack could not grow.
    OutOfMemory,
    /// [`Environment::interrupted`] said so.
    Interrupted,
}

impl From<std::collections::TryReserveError> for MatchError {
    fn from(_: std::collections::TryReserveError) -> MatchError {
        MatchError::OutOfMemory
    }
}

/// What a match asks of its surroundings: whether to stop, and the locale's view of bytes (for patterns with the flag
/// `LOCALE`). The answers given here are those of the C locale.
pub trait Environment {
    /// Asked every few thousand steps; `true` ends the match with [`MatchError::Interrupted`].
    fn interrupted(&mut self) -> bool {
        false
    }

    /// The lower case of a byte.
    fn lower(&self, byte: u8) -> u8 {
        byte.to_ascii_lowercase()
    }

    /// The upper case of a byte.
    fn upper(&self, byte: u8) -> u8 {
        byte.to_ascii_uppercase()
    }

    /// Whether a byte is a letter or a digit.
    fn is_alnum(&self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric()
    }
}

/// The C locale, and nobody who interrupts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uninterrupted;

impl Environment for Uninterrupted {}
