//! Encoding: drives an encoder of `habu_text` over a string, and mends what it stops at.

use habu_text::codec::Problem;
use habu_text::codec::handlers::{Handler, Replacement, Standard, encode_replacement, write_replacement};
use habu_text::{ByteSink, Chars};

use super::errors::{Direction, Errors, Halt, Report};
use crate::object::{Raised, Ref};
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::types::str::builder::ByteBuilder;

/// An encoder: text, where to start, where the bytes go.
pub type Step<'a> = dyn FnMut(Chars<'_>, usize, &mut ByteBuilder) -> Result<(), Halt> + 'a;

/// What is encoded, and how.
pub struct Encoding<'a> {
    /// The name in exceptions.
    pub encoding: &'a str,
    /// What `surrogatepass` takes the encoding for.
    pub standard: Option<Standard>,
    /// The error handler.
    pub errors: &'a Errors,
    /// The bytes of a unit: bytes that a handler gives must be whole units.
    pub unit: usize,
    /// Whether replacements must be ASCII, as in UTF-8, -16 and -32.
    pub ascii_only: bool,
    /// Whether an error begins behind the characters that `surrogateescape` could write, as in the codecs that do so by themselves.
    pub begins_behind_escapes: bool,
    /// Whether bytes of ASCII stand for themselves, so that replacements need not be encoded.
    pub plain_ascii: bool,
}

impl Encoding<'_> {
    /// Encodes all of the text, and appends the bytes.
    pub fn run_into(&self, text: &Str, out: &mut ByteBuilder, step: &mut Step<'_>) -> Result<(), Raised> {
        let mut report = Report::default();
        let mut at = 0;
        loop {
            let problem = match step(text.chars(), at, out) {
                Ok(()) => return Ok(()),
                Err(Halt::Raised(raised)) => return Err(raised),
                Err(Halt::Problem(problem)) => problem,
            };
            let raise = |report: &mut Report| report.raise(Direction::Encode, self.encoding, text, problem);
            match self.errors {
                Errors::Strict => return Err(raise(&mut report)),
                Errors::Builtin(handler) => {
                    let wrong = text.chars().slice(problem.start, problem.end);
                    if self.plain_ascii && write_replacement(*handler, wrong, out)? {
                        at = problem.end;
                        continue;
                    }
                    let mended = encode_replacement(*handler, self.standard, text.chars(), problem)?;
                    let Some((replacement, next)) = mended else {
                        let problem = self.behind_escapes(*handler, text, problem);
                        return Err(report.raise(Direction::Encode, self.encoding, text, problem));
                    };
                    let fits = match &replacement {
                        Replacement::Bytes(bytes) => self.push_bytes(bytes, out)?,
                        Replacement::Text(text) => self.push_text(Chars::One(text), out, step)?,
                    };
                    if !fits {
                        return Err(raise(&mut report));
                    }
                    at = next;
                }
                Errors::Named(name) => {
                    let mut length = text.len();
                    let mended = report.call(name, Direction::Encode, self.encoding, text, problem, &mut length)?;
                    let fits = if let Some(bytes) = mended.replacement.downcast::<Bytes>() {
                        self.push_bytes(bytes.as_slice(), out)?
                    } else if let Some(text) = mended.replacement.downcast::<Str>() {
                        self.push_text(text.chars(), out, step)?
                    } else {
                        false
                    };
                    if !fits {
                        return Err(raise(&mut report));
                    }
                    at = mended.position;
                }
            }
        }
    }

    /// The problem that is told of, of one that the handler cannot mend.
    fn behind_escapes(&self, handler: Handler, text: &Str, mut problem: Problem) -> Problem {
        if handler == Handler::SurrogateEscape && self.begins_behind_escapes {
            let wrong = text.chars().slice(problem.start, problem.end);
            problem.start += wrong.iter().take_while(|code| matches!(code, 0xDC80..=0xDCFF)).count();
        }
        problem
    }

    /// Encodes all of the text.
    pub fn run(&self, text: &Str, step: &mut Step<'_>) -> Result<Ref<Bytes>, Raised> {
        let mut out = ByteBuilder(habu_heap::Buffer::with_capacity(text.len())?);
        self.run_into(text, &mut out, step)?;
        Bytes::new(&out.0)
    }

    /// Appends bytes that a handler gave, where they are whole units.
    fn push_bytes(&self, bytes: &[u8], out: &mut ByteBuilder) -> Result<bool, Raised> {
        if !bytes.len().is_multiple_of(self.unit) {
            return Ok(false);
        }
        out.push_bytes(bytes)?;
        Ok(true)
    }

    /// Encodes text that a handler gave, where that can be done.
    fn push_text(&self, text: Chars<'_>, out: &mut ByteBuilder, step: &mut Step<'_>) -> Result<bool, Raised> {
        if self.ascii_only && !text.is_ascii() {
            return Ok(false);
        }
        match step(text, 0, out) {
            Ok(()) => Ok(true),
            Err(Halt::Raised(raised)) => Err(raised),
            Err(Halt::Problem(_)) => Ok(false),
        }
    }
}
