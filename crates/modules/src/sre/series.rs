//! Matches in one subject, one after the other.

use std::cell::Cell;

use habu_runtime::exceptions::memory_error;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_text::regex::{Environment, Match as Span, MatchError, Matcher, Mode};

use super::found::Match;
use super::pattern::Pattern;
use super::subject::Subject;
use crate::system::blocking::check_signals;

thread_local! {
    /// The engine's memory, while no match is under way.
    static SPARE: Cell<Option<Box<Matcher>>> = const { Cell::new(None) };
}

/// The engine's working memory, borrowed from the thread. A signal's handler that matches meanwhile gets memory of its own.
struct Memory {
    /// There until the memory is dropped.
    matcher: Option<Box<Matcher>>,
    /// Whether to keep it: what a large subject made large is given back to the system.
    keep: bool,
}

impl Memory {
    fn take(length: usize) -> Memory {
        let matcher = SPARE.try_with(Cell::take).ok().flatten().unwrap_or_default();
        Memory { matcher: Some(matcher), keep: length < 1 << 16 }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if self.keep {
            let matcher = self.matcher.take();
            let _ = SPARE.try_with(|spare| spare.set(matcher));
        }
    }
}

/// What the engine asks: whether a signal's handler raised, and the locale's view of bytes.
struct Surroundings {
    /// Handlers run only where they cannot change the subject.
    interruptible: bool,
    raised: Option<Raised>,
}

impl Environment for Surroundings {
    fn interrupted(&mut self) -> bool {
        if self.interruptible
            && let Err(raised) = check_signals()
        {
            self.raised = Some(raised);
        }
        self.raised.is_some()
    }

    fn lower(&self, byte: u8) -> u8 {
        // SAFETY: takes any value of unsigned char.
        unsafe { libc::tolower(byte.into()) as u8 }
    }

    fn upper(&self, byte: u8) -> u8 {
        // SAFETY: takes any value of unsigned char.
        unsafe { libc::toupper(byte.into()) as u8 }
    }

    fn is_alnum(&self, byte: u8) -> bool {
        // SAFETY: takes any value of unsigned char.
        unsafe { libc::isalnum(byte.into()) != 0 }
    }
}

/// A subject, the part of it that is looked at, and where the next match is looked for.
pub(super) struct Series {
    pub(super) subject: Subject,
    /// `Match.pos`
    pub(super) pos: usize,
    /// `Match.endpos`
    pub(super) endpos: usize,
    /// Where the next search starts.
    from: Cell<usize>,
    /// Whether an empty match there does not count.
    advance: Cell<bool>,
}

/// A match with its groups.
pub(super) struct Found {
    pub(super) span: Span,
    memory: Memory,
}

impl Found {
    /// The span of a group, counted from one.
    pub(super) fn group(&self, number: usize) -> Option<(usize, usize)> {
        self.memory.matcher.as_ref()?.group(number)
    }
}

impl Series {
    /// Begins with a subject; positions are as in a slice, but negative ones count as zero.
    pub(super) fn new(pattern: &Pattern, object: &Object, pos: isize, endpos: isize) -> Result<Series, Raised> {
        let subject = Subject::new(object)?;
        match (pattern.is_bytes.get(), subject.is_bytes()) {
            (0, true) => return Err(raise!(TypeError, "cannot use a string pattern on a bytes-like object")),
            (1, false) => return Err(raise!(TypeError, "cannot use a bytes pattern on a string-like object")),
            _ => {}
        }
        let within = |position: isize| usize::try_from(position).unwrap_or(0).min(subject.len());
        let (pos, endpos) = (within(pos), within(endpos));
        Ok(Series { subject, pos, endpos, from: Cell::new(pos), advance: Cell::new(false) })
    }

    /// The next match, behind which the one after that is looked for.
    pub(super) fn next(&self, pattern: &Pattern, mode: Mode) -> Result<Option<Found>, Raised> {
        let mut memory = Memory::take(self.subject.len());
        let mut surroundings = Surroundings { interruptible: self.subject.is_constant(), raised: None };
        let Some(matcher) = &mut memory.matcher else { return Err(memory_error()) };
        let result = matcher.run(
            pattern.program(),
            self.subject.chars(),
            (self.from.get(), self.endpos),
            mode,
            self.advance.get(),
            &mut surroundings,
        );
        match (result, surroundings.raised) {
            (Ok(None), _) => Ok(None),
            (Ok(Some(span)), _) => {
                self.from.set(span.end);
                self.advance.set(span.start == span.end);
                Ok(Some(Found { span, memory }))
            }
            (Err(MatchError::Interrupted), Some(raised)) => Err(raised),
            (Err(_), _) => Err(memory_error()),
        }
    }

    /// The next match as an object; `string` is the subject's.
    pub(super) fn next_match(
        &self,
        pattern: &Pattern,
        mode: Mode,
        string: &Object,
    ) -> Result<Option<Ref<Match>>, Raised> {
        match self.next(pattern, mode)? {
            Some(found) => Ok(Some(Match::new(pattern, self, &found, string)?)),
            None => Ok(None),
        }
    }
}
