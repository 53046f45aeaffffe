//! Decoding: drives a decoder of `habu_text` over bytes, and mends what it stops at.

use habu_text::codec::Problem;
use habu_text::codec::handlers::{Standard, decode_replacement};

use super::errors::{Direction, Errors, Halt, Report};
use crate::object::{Raised, Ref};
use crate::types::bytes::Bytes;
use crate::types::str::{Str, StrBuilder};

/// A decoder: input, where to start, whether the input is complete, where the text goes; gives how far it came.
pub type Step<'a> = dyn FnMut(&[u8], usize, bool, &mut StrBuilder) -> Result<usize, Halt> + 'a;

/// What is decoded, and how.
pub struct Decoding<'a> {
    /// The name in exceptions.
    pub encoding: &'a str,
    /// What `surrogatepass` takes the encoding for.
    pub standard: Option<Standard>,
    /// The error handler.
    pub errors: &'a Errors,
    /// Whether the input is complete.
    pub last: bool,
}

impl Decoding<'_> {
    /// Decodes all of the input; gives the text and how many bytes it took.
    pub fn run(&self, input: &[u8], step: &mut Step<'_>) -> Result<(Ref<Str>, usize), Raised> {
        let mut text = StrBuilder::with_capacity(input.len())?;
        let consumed = self.run_into(input, 0, &mut text, step)?;
        Ok((text.finish()?, consumed))
    }

    /// Decodes from a position and appends the text.
    pub fn run_into(
        &self,
        input: &[u8],
        from: usize,
        text: &mut StrBuilder,
        step: &mut Step<'_>,
    ) -> Result<usize, Raised> {
        let mut report = Report::default();
        // A handler written in Python may exchange the input; then this is it.
        let mut own: Option<Ref<Bytes>> = None;
        let mut at = from;
        loop {
            let bytes = own.as_ref().map_or(input, |own| own.as_slice());
            let problem = match step(bytes, at, self.last, text) {
                Ok(consumed) => return Ok(consumed),
                Err(Halt::Raised(raised)) => return Err(raised),
                Err(Halt::Problem(problem)) => problem,
            };
            // Of a handler that only encodes, what is registered by its name says that it cannot.
            let registered = match self.errors {
                Errors::Builtin(handler) => handler.only_encodes().map(Str::new).transpose()?.map(Errors::Named),
                _ => None,
            };
            match registered.as_ref().unwrap_or(self.errors) {
                Errors::Strict => return Err(self.raise(&mut report, bytes, problem)),
                Errors::Builtin(handler) => match decode_replacement(*handler, self.standard, bytes, problem, text)? {
                    Some(next) => at = next,
                    None => return Err(self.raise(&mut report, bytes, problem)),
                },
                Errors::Named(name) => {
                    let object = match &own {
                        Some(own) => own.clone(),
                        None => Bytes::new(input)?,
                    };
                    let mut length = object.len();
                    let mended = report.call(name, Direction::Decode, self.encoding, &object, problem, &mut length)?;
                    own = Some(report.exchanged()?);
                    at = mended.position;
                    if let Some(replacement) = mended.replacement.downcast::<Str>() {
                        text.push(replacement)?;
                    }
                }
            }
        }
    }

    /// Raises the UnicodeDecodeError.
    fn raise(&self, report: &mut Report, bytes: &[u8], problem: Problem) -> Raised {
        match Bytes::new(bytes) {
            Ok(object) => report.raise(Direction::Decode, self.encoding, &object, problem),
            Err(raised) => raised,
        }
    }
}
