//! What is done about text that cannot be encoded and bytes that cannot be decoded: the built-in error handlers without exceptions,
//! others by calling them with one.

use habu_text::codec::handlers::Handler;
use habu_text::codec::{Problem, Stopped};

use super::registry;
use crate::exceptions::unicode_error::UnicodeErrorFields;
use crate::exceptions::{BaseException, exc, raise_object};
use crate::object::protocol::number::index_as_size;
use crate::object::{Object, Raised, Ref, protocol};
use crate::raise;
use crate::types::bytes::Bytes;
use crate::types::int::Int;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Why a codec stopped early.
pub enum Halt {
    /// The input has an error, which a handler may mend.
    Problem(Problem),
    /// Something else was raised.
    Raised(Raised),
}

impl From<Stopped> for Halt {
    fn from(stopped: Stopped) -> Halt {
        match stopped {
            Stopped::Problem(problem) => Halt::Problem(problem),
            Stopped::OutOfMemory => Halt::Raised(crate::exceptions::memory_error()),
        }
    }
}

impl From<Raised> for Halt {
    fn from(raised: Raised) -> Halt {
        Halt::Raised(raised)
    }
}

/// An error handler, by name.
pub enum Errors {
    /// The error is raised.
    Strict,
    /// A built-in handler.
    Builtin(Handler),
    /// One that is looked up when it is needed.
    Named(Ref<Str>),
}

impl Errors {
    /// The handler with a name; none is `strict`.
    pub fn new(name: Option<&Str>) -> Errors {
        let Some(name) = name else { return Errors::Strict };
        match name.ascii_bytes() {
            Some(b"strict") => Errors::Strict,
            Some(text) => {
                Handler::from_name(text).map_or_else(|| Errors::Named(Ref::from_borrowed(name)), Errors::Builtin)
            }
            None => Errors::Named(Ref::from_borrowed(name)),
        }
    }

    /// As `new`, where even the built-in handlers are called with an exception, because one may have been registered in their place.
    pub fn by_call(name: Option<&Str>) -> Errors {
        match name {
            Some(name) if !name.equals("strict") => Errors::Named(Ref::from_borrowed(name)),
            _ => Errors::Strict,
        }
    }
}

/// The exception that tells a handler about the problem; one for a whole conversion, changed for each problem.
#[derive(Default)]
pub(super) struct Report(Option<Ref<BaseException>>);

/// The kinds of exceptions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// UnicodeEncodeError
    Encode,
    /// UnicodeDecodeError
    Decode,
}

/// What a handler gave.
pub(super) struct Mended {
    /// The replacement: str, or bytes when encoding.
    pub(super) replacement: Ref,
    /// Where to go on.
    pub(super) position: usize,
}

fn fields(exception: &BaseException) -> Option<&UnicodeErrorFields> {
    let known = [exc::UnicodeEncodeError(), exc::UnicodeDecodeError(), exc::UnicodeTranslateError()];
    // SAFETY: instances of these three types begin with that layout.
    known
        .iter()
        .any(|kind| exception.ty().is_subtype(kind))
        .then(|| unsafe { &*std::ptr::from_ref(exception).cast::<UnicodeErrorFields>() })
}

impl Report {
    /// The exception about `problem` in `object`.
    pub(super) fn exception(
        &mut self,
        direction: Direction,
        encoding: &str,
        object: &Object,
        problem: Problem,
    ) -> Result<Ref<BaseException>, Raised> {
        if let Some(exception) = &self.0
            && let Some(fields) = fields(exception)
        {
            fields.start.set(problem.start as isize);
            fields.end.set(problem.end as isize);
            fields.reason.set(Some(Str::new(problem.reason)?.into_object()));
            return Ok(exception.clone());
        }
        let size = |value: usize| Int::from_u64(value as u64).map(Ref::into_object);
        let (start, end) = (size(problem.start)?, size(problem.end)?);
        let reason = Str::new(problem.reason)?.into_object();
        let encoding = Str::new(encoding)?.into_object();
        let kind = match direction {
            Direction::Encode => exc::UnicodeEncodeError(),
            Direction::Decode => exc::UnicodeDecodeError(),
        };
        let arguments = Tuple::from_refs([encoding, object.to_ref(), start, end, reason])?;
        let made = protocol::call_tuple(kind, &arguments, None)?;
        let made = made
            .downcast_into::<BaseException>()
            .map_err(|_| raise!(SystemError, "a Unicode error that is no exception"))?;
        self.0 = Some(made.clone());
        Ok(made)
    }

    /// Raises the exception about `problem`.
    #[cold]
    pub(super) fn raise(&mut self, direction: Direction, encoding: &str, object: &Object, problem: Problem) -> Raised {
        match self.exception(direction, encoding, object, problem) {
            Ok(exception) => raise_object(exception.into_object()),
            Err(raised) => raised,
        }
    }

    /// Calls the handler `name` about `problem` in `object`, which has `length` units.
    pub(super) fn call(
        &mut self,
        name: &Str,
        direction: Direction,
        encoding: &str,
        object: &Object,
        problem: Problem,
        length: &mut usize,
    ) -> Result<Mended, Raised> {
        let handler = registry::lookup_error(Some(name))?;
        let exception = self.exception(direction, encoding, object, problem)?;
        let result = protocol::call1(&handler, &exception)?;
        let refused = || match direction {
            Direction::Encode => raise!(TypeError, "encoding error handler must return (str/bytes, int) tuple"),
            Direction::Decode => raise!(TypeError, "decoding error handler must return (str, int) tuple"),
        };
        let Some([replacement, position]) = result.downcast::<Tuple>().map(Tuple::as_slice) else {
            return Err(refused());
        };
        let fits =
            replacement.isinstance::<Str>() || direction == Direction::Encode && replacement.isinstance::<Bytes>();
        if !fits || !position.isinstance::<Int>() {
            return Err(refused());
        }
        // A handler may put other bytes in the place of those that are decoded.
        if direction == Direction::Decode
            && let Some(object) = self.object()
        {
            *length = object.len();
        }
        let given = index_as_size(position, Some(exc::IndexError()))?;
        let place = if given < 0 { given.saturating_add(*length as isize) } else { given };
        if place < 0 || place as usize > *length {
            return Err(raise!(IndexError, "position {given} from error handler out of bounds"));
        }
        Ok(Mended { replacement: replacement.clone(), position: place as usize })
    }

    /// The bytes that the exception is about now.
    pub(super) fn object(&self) -> Option<Ref<Bytes>> {
        let object = fields(self.0.as_ref()?)?.object.get()?;
        object.downcast_into::<Bytes>().ok()
    }

    /// Takes over the bytes that a handler may have exchanged.
    pub(super) fn exchanged(&self) -> Result<Ref<Bytes>, Raised> {
        self.object().ok_or_else(|| raise!(TypeError, "object attribute must be bytes"))
    }
}
