//! What callers use: matching at a place, matching all of a text, and searching.

use super::program::{First, Prefilter, Program};
use super::run::{Goal, Machine, State};
use super::{Environment, MatchError};
use crate::{Chars, CodeUnit, search, with_units};

/// How a pattern is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// At the start.
    Match,
    /// From the start to the end.
    FullMatch,
    /// Anywhere.
    Search,
}

/// Where a pattern matched. Groups are asked of the [`Matcher`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// Where the match starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The number of the group that closed last, counted from one: `Match.lastindex`.
    pub last_index: Option<usize>,
}

/// The working memory of matches. Keep it for a series of matches; any program will do.
#[derive(Debug)]
pub struct Matcher {
    state: State,
}

impl Default for Matcher {
    fn default() -> Matcher {
        Matcher::new()
    }
}

impl Matcher {
    /// An empty memory, which may grow without a limit of its own.
    pub fn new() -> Matcher {
        Matcher::with_limit(usize::MAX)
    }

    /// A memory of about so many bytes, beyond which a match fails with [`MatchError::OutOfMemory`].
    pub fn with_limit(bytes: usize) -> Matcher {
        let limit = bytes / std::mem::size_of::<[usize; 3]>();
        Matcher { state: State::with_limit(limit) }
    }

    /// Applies a program to the part of a text between two positions, which are held to its length. What is before the
    /// start can be looked back at; the text is taken to end at the end. `advance`: an empty match at the start does not
    /// count.
    pub fn run(
        &mut self,
        program: &Program,
        text: Chars<'_>,
        (start, end): (usize, usize),
        mode: Mode,
        advance: bool,
        environment: &mut dyn Environment,
    ) -> Result<Option<Match>, MatchError> {
        let (start, end) = (start.min(text.len()), end.min(text.len()));
        self.state.prepare(program)?;
        if start > end || end - start < program.width {
            return Ok(None);
        }
        with_units!(text, units => {
            let text = units.get(..end).unwrap_or_default();
            let mut machine = Machine { program, text, environment };
            match mode {
                Mode::Search => search(&mut machine, &mut self.state, start, advance),
                _ => attempt(&mut machine, &mut self.state, start, Goal { whole: mode == Mode::FullMatch, advance }),
            }
        })
    }

    /// The span of a group in the last match, counted from one.
    pub fn group(&self, number: usize) -> Option<(usize, usize)> {
        self.state.span(u32::try_from(number.checked_sub(1)?).ok()?)
    }
}

fn attempt<U: CodeUnit>(
    machine: &mut Machine<'_, U>,
    state: &mut State,
    start: usize,
    goal: Goal,
) -> Result<Option<Match>, MatchError> {
    let found = machine.run(state, start, goal)?;
    Ok(found.map(|end| Match { start, end, last_index: Some(state.last_group as usize).filter(|&group| group > 0) }))
}

fn search<U: CodeUnit>(
    machine: &mut Machine<'_, U>,
    state: &mut State,
    start: usize,
    advance: bool,
) -> Result<Option<Match>, MatchError> {
    let program = machine.program;
    let text = machine.text;
    // No match can start behind this.
    let last = text.len().saturating_sub(program.width);
    let mut goal = Goal { whole: false, advance };
    let mut from = start;
    while from <= last {
        let Some(at) = candidate(&program.prefilter, text, from) else { break };
        if at > last {
            break;
        }
        if let Prefilter::Literal { text, is_all: true, .. } = &program.prefilter {
            return Ok(Some(Match { start: at, end: at + text.len(), last_index: None }));
        }
        goal.advance = advance && at == start;
        let found = attempt(machine, state, at, goal)?;
        if found.is_some() || matches!(program.prefilter, Prefilter::Anchored) {
            return Ok(found);
        }
        from = at + 1;
    }
    Ok(None)
}

/// The first place from a position on where a match may start.
#[inline]
fn candidate<U: CodeUnit>(prefilter: &Prefilter, text: &[U], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let found = match prefilter {
        Prefilter::Nothing | Prefilter::Anchored => Some(0),
        Prefilter::Literal { text: wanted, bytes, .. } => match (U::as_bytes(rest), bytes) {
            (Some(rest), Some(finder)) => finder.find(rest),
            _ => search::find(rest, wanted),
        },
        Prefilter::Window(window) => return window.find(text, from),
        Prefilter::First { first, few } => match (U::as_bytes(rest), few.as_slice()) {
            (Some(rest), [one]) => memchr::memchr(*one, rest),
            (Some(rest), [one, two]) => memchr::memchr2(*one, *two, rest),
            (Some(rest), [one, two, three]) => memchr::memchr3(*one, *two, *three, rest),
            _ => match first {
                First::Table { small, high } => rest.iter().position(|unit| {
                    let code = unit.code();
                    if code < 256 { small[code as usize] } else { *high }
                }),
                first => rest.iter().position(|unit| first.allows(Some(unit.code()))),
            },
        },
    };
    found.map(|found| from + found)
}
