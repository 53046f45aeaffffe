//! The machine that runs a program over text of one kind.

use super::case::{Fold, ascii_lower, unicode_lower};
use super::charset::{is_ascii_word, is_locale_word, is_unicode_word};
use super::compile::folds_to;
use super::opcode::{Alphabet, Place};
use super::program::{First, Inst, Program, Repeat, Unit};
use super::{Environment, MatchError};
use crate::CodeUnit;

/// A mark that is not set, or no position at all.
pub(super) const NOWHERE: usize = usize::MAX;

/// How many steps are done between two questions whether to stop.
const PATIENCE: u32 = 4096;

/// What is on the way back: something to try next, or something to undo.
#[derive(Clone, Copy, Debug)]
enum Frame {
    /// Go on with the alternatives of a branch from this one on.
    Branch { alternative: u32, end: u32, position: usize },
    /// Give back characters of a repetition, down to `low`.
    Greedy { pc: u32, low: usize, position: usize },
    /// Take one more character, as long as fewer than the most were taken from `start` on.
    Lazy { pc: u32, start: usize, position: usize },
    /// The body of a greedy loop failed: leave the loop.
    LeaveLoop { pc: u32, position: usize, last: usize },
    /// What follows a lazy loop failed: go round once more.
    EnterLoop { pc: u32, position: usize },
    /// The body of a possessive loop failed after `count` rounds.
    Possessive { end: u32, position: usize, count: usize },
    /// An assertion or an atomic part failed. Keeps the position where it began.
    Barrier { position: usize },
    /// What must not be there is not there: go on.
    Absent { pc: u32, position: usize },
    /// Undo a mark, and the last group with it.
    Mark { mark: u32, old: usize, last_group: u32 },
    /// Undo the state of a loop.
    Loop { slot: u32, count: u32, last: usize },
}

/// The state of a loop: rounds begun, and where the last one began.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoopState {
    count: u32,
    last: usize,
}

/// The working memory of matches, which can be used again and again.
#[derive(Debug, Default)]
pub(super) struct State {
    stack: Vec<Frame>,
    marks: Vec<usize>,
    loops: Vec<LoopState>,
    /// Where the frames of an assertion or atomic part begin.
    bases: Vec<usize>,
    /// One more than the number of the group that closed last, or zero.
    pub(super) last_group: u32,
    /// Whether marks were set that no frame undoes.
    is_dirty: bool,
    steps: u32,
    /// The most frames there may be.
    limit: usize,
}

impl State {
    /// An empty memory for at most so many frames.
    pub(super) fn with_limit(limit: usize) -> State {
        State { limit, ..State::default() }
    }

    /// Makes room for a program, and forgets what was.
    pub(super) fn prepare(&mut self, program: &Program) -> Result<(), MatchError> {
        fn resize<T: Clone>(list: &mut Vec<T>, length: usize, item: T) -> Result<(), MatchError> {
            list.clear();
            list.try_reserve(length)?;
            list.resize(length, item);
            Ok(())
        }
        resize(&mut self.marks, program.groups() * 2, NOWHERE)?;
        resize(&mut self.loops, program.loops.len(), LoopState { count: 0, last: NOWHERE })?;
        resize(&mut self.bases, program.bases as usize + program.loops.len(), 0)?;
        self.clear();
        Ok(())
    }

    fn clear(&mut self) {
        self.stack.clear();
        self.last_group = 0;
        if self.is_dirty {
            self.marks.fill(NOWHERE);
            self.is_dirty = false;
        }
    }

    #[inline(always)]
    fn push(&mut self, frame: Frame) -> Result<(), MatchError> {
        if self.stack.len() == self.stack.capacity() {
            self.grow()?;
        }
        self.stack.push(frame);
        Ok(())
    }

    #[cold]
    fn grow(&mut self) -> Result<(), MatchError> {
        if self.stack.len() >= self.limit {
            return Err(MatchError::OutOfMemory);
        }
        Ok(self.stack.try_reserve(self.stack.len().max(64))?)
    }

    /// Sets a mark, in a way that can be undone where there is a way back.
    #[inline(always)]
    fn mark(&mut self, mark: u32, position: usize) -> Result<(), MatchError> {
        let last_group = self.last_group;
        let Some(slot) = self.marks.get_mut(mark as usize) else { return Ok(()) };
        let old = std::mem::replace(slot, position);
        if mark & 1 == 1 {
            self.last_group = mark / 2 + 1;
        }
        if self.stack.is_empty() {
            self.is_dirty = true;
            return Ok(());
        }
        self.push(Frame::Mark { mark, old, last_group })
    }

    fn loop_state(&mut self, slot: u32) -> LoopState {
        self.loops.get(slot as usize).copied().unwrap_or(LoopState { count: 0, last: NOWHERE })
    }

    fn set_loop(&mut self, slot: u32, count: u32, last: usize) {
        if let Some(state) = self.loops.get_mut(slot as usize) {
            *state = LoopState { count, last };
        }
    }

    /// Makes it possible to undo a change of a loop's state, where there is a way back.
    #[inline(always)]
    fn save_loop(&mut self, slot: u32, count: u32, last: usize) -> Result<(), MatchError> {
        if self.stack.is_empty() { Ok(()) } else { self.push(Frame::Loop { slot, count, last }) }
    }

    /// Notes that the frames from here on belong to a part.
    fn set_base(&mut self, slot: u32) {
        let length = self.stack.len();
        if let Some(base) = self.bases.get_mut(slot as usize) {
            *base = length;
        }
    }

    fn base(&self, slot: u32) -> usize {
        self.bases.get(slot as usize).copied().unwrap_or_default()
    }

    /// The span of a group, counted from zero.
    #[inline]
    pub(super) fn span(&self, group: u32) -> Option<(usize, usize)> {
        let start = *self.marks.get(group as usize * 2)?;
        let end = *self.marks.get(group as usize * 2 + 1)?;
        (start != NOWHERE && end != NOWHERE && start <= end).then_some((start, end))
    }

    /// Drops the choices above a height, but not what is to be undone.
    fn cut(&mut self, base: usize) {
        let base = base.min(self.stack.len());
        let mut kept = base;
        for at in base..self.stack.len() {
            let frame = self.stack[at];
            if matches!(frame, Frame::Mark { .. } | Frame::Loop { .. }) {
                self.stack[kept] = frame;
                kept += 1;
            }
        }
        self.stack.truncate(kept);
    }

    fn undo(&mut self, frame: Frame) {
        match frame {
            Frame::Mark { mark, old, last_group } => {
                if let Some(slot) = self.marks.get_mut(mark as usize) {
                    *slot = old;
                }
                self.last_group = last_group;
            }
            Frame::Loop { slot, count, last } => self.set_loop(slot, count, last),
            _ => {}
        }
    }

    /// Goes back to a height and tries nothing of what is above it. Loops whose choices are skipped so are inside the part
    /// that is left: entered again, they start anew.
    fn unwind(&mut self, base: usize) {
        while self.stack.len() > base {
            if let Some(frame) = self.stack.pop() {
                self.undo(frame);
            }
        }
    }

    #[inline(always)]
    fn step(&mut self, environment: &mut dyn Environment) -> Result<(), MatchError> {
        self.steps = self.steps.wrapping_add(1);
        if self.steps.is_multiple_of(PATIENCE) && environment.interrupted() {
            return Err(MatchError::Interrupted);
        }
        Ok(())
    }
}

/// What a match must do beside matching.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    /// It must end where the text ends.
    pub(super) whole: bool,
    /// It must not be empty.
    pub(super) advance: bool,
}

/// A program and the text it runs over.
pub(super) struct Machine<'a, U> {
    pub(super) program: &'a Program,
    pub(super) text: &'a [U],
    pub(super) environment: &'a mut dyn Environment,
}

impl<U: CodeUnit> Machine<'_, U> {
    /// Matches at a position and returns the end.
    pub(super) fn run(&mut self, state: &mut State, start: usize, goal: Goal) -> Result<Option<usize>, MatchError> {
        state.clear();
        let program = self.program;
        let text = self.text;
        let mut pc = 0_u32;
        let mut position = start;
        loop {
            let Some(&inst) = program.code.get(pc as usize) else { return Ok(None) };
            pc += 1;
            let goes_on = match inst {
                Inst::Char(code) => match text.get(position) {
                    Some(unit) if unit.code() == code => {
                        position += 1;
                        true
                    }
                    _ => false,
                },
                Inst::Set(set) => match text.get(position) {
                    Some(unit) if self.set_has(set, unit.code()) => {
                        position += 1;
                        true
                    }
                    _ => false,
                },
                Inst::One(unit) => match text.get(position) {
                    Some(found) if self.unit_has(unit, found.code()) => {
                        position += 1;
                        true
                    }
                    _ => false,
                },
                Inst::Literal { start, end } => {
                    let wanted = program.literals.get(start as usize..end as usize).unwrap_or_default();
                    match text.get(position..).and_then(|rest| rest.get(..wanted.len())) {
                        Some(found) if found.iter().zip(wanted).all(|(unit, &code)| unit.code() == code) => {
                            position += wanted.len();
                            true
                        }
                        _ => false,
                    }
                }
                Inst::RepeatOne(number) => match self.greedy(state, number, pc, position)? {
                    Some(end) => {
                        position = end;
                        true
                    }
                    None => false,
                },
                Inst::LazyOne(number) => match self.lazy(state, number, pc, position, position)? {
                    Some(end) => {
                        position = end;
                        true
                    }
                    None => false,
                },
                Inst::PossessiveOne(number) => match program.repeats.get(number as usize) {
                    Some(repeat) => {
                        let count = self.count(repeat.unit, position, repeat.bounds.max);
                        position += count;
                        count >= repeat.bounds.min as usize
                    }
                    None => false,
                },
                Inst::Mark(mark) => {
                    state.mark(mark, position)?;
                    true
                }
                Inst::Jump(to) => {
                    pc = to;
                    true
                }
                Inst::At(place) => self.is_at(place, position),
                Inst::Branch { start, end } => match self.branch(state, start, end, position)? {
                    Some(body) => {
                        pc = body;
                        true
                    }
                    None => false,
                },
                Inst::Loop { slot, until, save } => {
                    if save {
                        let LoopState { count, last } = state.loop_state(slot);
                        state.save_loop(slot, count, last)?;
                    }
                    state.set_loop(slot, 0, NOWHERE);
                    pc = until;
                    true
                }
                Inst::MaxUntil { slot, body } => {
                    state.step(self.environment)?;
                    if let Some(info) = program.loops.get(slot as usize) {
                        let LoopState { count, last } = state.loop_state(slot);
                        if count < info.bounds.min {
                            state.save_loop(slot, count, last)?;
                            state.set_loop(slot, count + 1, last);
                            pc = body;
                        } else if info.bounds.allow(count)
                            && position != last
                            && info.first.allows(self.code_at(position))
                        {
                            state.push(Frame::LeaveLoop { pc, position, last })?;
                            state.set_loop(slot, count.saturating_add(1), position);
                            pc = body;
                        }
                    }
                    true
                }
                Inst::MinUntil { slot, body } => {
                    state.step(self.environment)?;
                    if let Some(info) = program.loops.get(slot as usize) {
                        let LoopState { count, last } = state.loop_state(slot);
                        if count < info.bounds.min {
                            state.save_loop(slot, count, last)?;
                            state.set_loop(slot, count + 1, last);
                            pc = body;
                        } else {
                            state.push(Frame::EnterLoop { pc: pc - 1, position })?;
                        }
                    }
                    true
                }
                Inst::Backreference { group, fold } => match self.backreference(state, group, fold, position) {
                    Some(end) => {
                        position = end;
                        true
                    }
                    None => false,
                },
                Inst::IfGroup { group, otherwise } => {
                    if state.span(group).is_none() {
                        pc = otherwise;
                    }
                    true
                }
                Inst::Assert { slot, back, .. } => match position.checked_sub(back as usize) {
                    Some(from) => {
                        state.push(Frame::Barrier { position })?;
                        state.set_base(slot);
                        position = from;
                        true
                    }
                    None => false,
                },
                Inst::AssertEnd(slot) => {
                    let barrier = state.base(slot).saturating_sub(1);
                    if let Some(Frame::Barrier { position: from }) = state.stack.get(barrier) {
                        position = *from;
                    }
                    state.cut(barrier);
                    true
                }
                Inst::AssertNot { slot, back, next } => {
                    match position.checked_sub(back as usize) {
                        Some(from) => {
                            state.push(Frame::Absent { pc: next, position })?;
                            state.set_base(slot);
                            position = from;
                        }
                        None => pc = next,
                    }
                    true
                }
                Inst::AssertNotEnd(slot) => {
                    state.unwind(state.base(slot).saturating_sub(1));
                    false
                }
                Inst::Atomic(slot) => {
                    state.push(Frame::Barrier { position })?;
                    state.set_base(slot);
                    true
                }
                Inst::AtomicEnd(slot) => {
                    state.cut(state.base(slot).saturating_sub(1));
                    true
                }
                Inst::Possessive { slot, end } => {
                    let bounds = program.loops.get(slot as usize).map(|info| info.bounds);
                    if bounds.is_some_and(|bounds| bounds.allow(0)) {
                        state.push(Frame::Possessive { end, position, count: 0 })?;
                        state.set_base(program.bases + slot);
                    } else {
                        pc = end + 1;
                    }
                    true
                }
                Inst::PossessiveEnd { slot, body } => {
                    state.step(self.environment)?;
                    let barrier = state.base(program.bases + slot).saturating_sub(1);
                    let begun = match state.stack.get(barrier) {
                        Some(&Frame::Possessive { position, count, .. }) => (position, count + 1),
                        _ => (position, 0),
                    };
                    state.cut(barrier);
                    if let Some(info) = program.loops.get(slot as usize) {
                        let (from, count) = begun;
                        let rounds = u32::try_from(count).unwrap_or(u32::MAX);
                        // The round after those that must be is made even if the last one matched nothing.
                        let goes_on = position != from || rounds == info.bounds.min;
                        if rounds < info.bounds.min || info.bounds.allow(rounds) && goes_on {
                            state.push(Frame::Possessive { end: pc - 1, position, count })?;
                            state.set_base(program.bases + slot);
                            pc = body;
                        }
                    }
                    true
                }
                Inst::Match => {
                    if (!goal.whole || position == text.len()) && (!goal.advance || position != start) {
                        return Ok(Some(position));
                    }
                    false
                }
                Inst::Fail => false,
            };
            if goes_on {
                continue;
            }
            match self.back(state)? {
                Some(place) => (pc, position) = place,
                None => return Ok(None),
            }
        }
    }

    /// Goes back to the last choice that has something left, and says where to go on.
    fn back(&mut self, state: &mut State) -> Result<Option<(u32, usize)>, MatchError> {
        state.step(self.environment)?;
        while let Some(frame) = state.stack.pop() {
            match frame {
                Frame::Absent { pc, position } => return Ok(Some((pc, position))),
                Frame::Branch { alternative, end, position } => {
                    if let Some(pc) = self.branch(state, alternative, end, position)? {
                        return Ok(Some((pc, position)));
                    }
                }
                Frame::Greedy { pc, low, position } => {
                    if let Some(repeat) = self.repeat_before(pc)
                        && let Some(position) = self.give_back(state, repeat, pc, low, position)?
                    {
                        return Ok(Some((pc, position)));
                    }
                }
                Frame::Lazy { pc, start, position } => {
                    if let Some(position) = self.take_more(state, pc, start, position)? {
                        return Ok(Some((pc, position)));
                    }
                }
                Frame::LeaveLoop { pc, position, last } => {
                    if let Some(&Inst::MaxUntil { slot, .. }) = self.program.code.get(pc as usize - 1) {
                        let LoopState { count, .. } = state.loop_state(slot);
                        state.set_loop(slot, count.saturating_sub(1), last);
                    }
                    return Ok(Some((pc, position)));
                }
                Frame::EnterLoop { pc, position } => {
                    let Some(&Inst::MinUntil { slot, body }) = self.program.code.get(pc as usize) else { continue };
                    let Some(info) = self.program.loops.get(slot as usize) else { continue };
                    let LoopState { count, last } = state.loop_state(slot);
                    if info.bounds.allow(count) && position != last {
                        state.push(Frame::Loop { slot, count, last })?;
                        state.set_loop(slot, count.saturating_add(1), position);
                        return Ok(Some((body, position)));
                    }
                }
                Frame::Possessive { end, position, count } => {
                    if let Some(&Inst::PossessiveEnd { slot, .. }) = self.program.code.get(end as usize)
                        && let Some(info) = self.program.loops.get(slot as usize)
                        && count >= info.bounds.min as usize
                    {
                        return Ok(Some((end + 1, position)));
                    }
                }
                Frame::Barrier { .. } => {}
                Frame::Mark { .. } | Frame::Loop { .. } => state.undo(frame),
            }
        }
        Ok(None)
    }

    #[inline(always)]
    fn code_at(&self, position: usize) -> Option<u32> {
        self.text.get(position).map(|unit| unit.code())
    }

    #[inline(always)]
    fn set_has(&self, set: u32, code: u32) -> bool {
        let Some(set) = self.program.sets.get(set as usize) else { return false };
        if set.is_dynamic {
            return set.ask(code, &self.program.pool, self.environment);
        }
        if code < 256 {
            return set.small[code as usize];
        }
        match set.high {
            Some(answer) => answer,
            None => set.ask(code, &self.program.pool, self.environment),
        }
    }

    #[inline(always)]
    fn unit_has(&self, unit: Unit, code: u32) -> bool {
        match unit {
            Unit::Any => code != 10,
            Unit::AnyAll => true,
            Unit::Char(wanted) => code == wanted,
            Unit::NotChar(refused) => code != refused,
            Unit::Set(set) => self.set_has(set, code),
            Unit::Folded(wanted, fold) => self.folds(code, wanted, fold),
            Unit::NotFolded(refused, fold) => !self.folds(code, refused, fold),
        }
    }

    fn folds(&self, code: u32, wanted: u32, fold: Fold) -> bool {
        match (fold, u8::try_from(code)) {
            (Fold::Locale, Ok(byte)) => {
                code == wanted
                    || u32::from(self.environment.lower(byte)) == wanted
                    || u32::from(self.environment.upper(byte)) == wanted
            }
            _ => folds_to(code, wanted, fold),
        }
    }

    /// How many characters from a position on a unit matches, up to a limit.
    #[inline]
    fn count(&self, unit: Unit, position: usize, limit: u32) -> usize {
        let rest = self.text.get(position..).unwrap_or_default();
        let rest = rest.get(..limit as usize).filter(|_| limit != u32::MAX).unwrap_or(rest);
        let until = |found: Option<usize>| found.unwrap_or(rest.len());
        let before = |code: u32| match U::from_code(code) {
            Some(unit) => until(U::position(rest, unit)),
            None => rest.len(),
        };
        match unit {
            Unit::AnyAll => rest.len(),
            Unit::Any => before(10),
            Unit::NotChar(code) => before(code),
            Unit::Char(code) => until(rest.iter().position(|unit| unit.code() != code)),
            Unit::Set(number) => match self.program.sets.get(number as usize) {
                Some(set) if !set.is_dynamic => {
                    let small = &set.small;
                    until(rest.iter().position(|unit| {
                        let code = unit.code();
                        if code < 256 { !small[code as usize] } else { !self.set_has(number, code) }
                    }))
                }
                _ => until(rest.iter().position(|unit| !self.set_has(number, unit.code()))),
            },
            unit => until(rest.iter().position(|found| !self.unit_has(unit, found.code()))),
        }
    }

    /// The repetition in front of an instruction.
    #[inline(always)]
    fn repeat_before(&self, pc: u32) -> Option<&'_ Repeat> {
        match self.program.code.get(pc as usize - 1) {
            Some(Inst::RepeatOne(number) | Inst::LazyOne(number)) => self.program.repeats.get(*number as usize),
            _ => None,
        }
    }

    #[inline]
    fn greedy(&self, state: &mut State, number: u32, pc: u32, position: usize) -> Result<Option<usize>, MatchError> {
        let Some(repeat) = self.program.repeats.get(number as usize) else { return Ok(None) };
        let count = self.count(repeat.unit, position, repeat.bounds.max);
        if count < repeat.bounds.min as usize {
            return Ok(None);
        }
        let end = position + count;
        // With a limit there may be more of the same behind the end, but then it is not disjoint from what follows.
        if repeat.is_disjoint || count == repeat.bounds.min as usize {
            return Ok(Some(end).filter(|_| repeat.next.allows(self.code_at(end))));
        }
        let low = position + repeat.bounds.min as usize;
        if repeat.next.allows(self.code_at(end)) {
            state.push(Frame::Greedy { pc, low, position: end })?;
            return Ok(Some(end));
        }
        self.give_back(state, repeat, pc, low, end)
    }

    /// Finds the last place before a position, and not before another, where what follows can match.
    #[inline]
    fn give_back(
        &self,
        state: &mut State,
        repeat: &Repeat,
        pc: u32,
        low: usize,
        position: usize,
    ) -> Result<Option<usize>, MatchError> {
        let Some(range) = self.text.get(low..position) else { return Ok(None) };
        let found = match &repeat.next {
            First::Unknown => range.len().checked_sub(1),
            First::Char(code) => U::from_code(*code).and_then(|unit| U::last_position(range, unit)),
            next => range.iter().rposition(|unit| next.allows(Some(unit.code()))),
        };
        let Some(found) = found else { return Ok(None) };
        if found > 0 {
            state.push(Frame::Greedy { pc, low, position: low + found })?;
        }
        Ok(Some(low + found))
    }

    /// Repeats lazily from a position where a repetition that began at `start` has come.
    #[inline]
    fn lazy(
        &self,
        state: &mut State,
        number: u32,
        pc: u32,
        start: usize,
        position: usize,
    ) -> Result<Option<usize>, MatchError> {
        let Some(repeat) = self.program.repeats.get(number as usize) else { return Ok(None) };
        let min = repeat.bounds.min as usize;
        if min > 0 && (repeat.bounds.min == u32::MAX || self.count(repeat.unit, position, repeat.bounds.min) < min) {
            return Ok(None);
        }
        self.take_until(state, repeat, pc, start, position + min)
    }

    /// Takes one more character, and then as many as are needed for what follows.
    fn take_more(
        &self,
        state: &mut State,
        pc: u32,
        start: usize,
        position: usize,
    ) -> Result<Option<usize>, MatchError> {
        let Some(repeat) = self.repeat_before(pc) else { return Ok(None) };
        let may = repeat.bounds.max == u32::MAX || position - start < repeat.bounds.max as usize;
        match self.code_at(position) {
            Some(code) if may && self.unit_has(repeat.unit, code) => {
                self.take_until(state, repeat, pc, start, position + 1)
            }
            _ => Ok(None),
        }
    }

    /// Takes characters until what follows can match.
    fn take_until(
        &self,
        state: &mut State,
        repeat: &Repeat,
        pc: u32,
        start: usize,
        mut position: usize,
    ) -> Result<Option<usize>, MatchError> {
        let limit = match repeat.bounds.max {
            u32::MAX => self.text.len(),
            max => start.saturating_add(max as usize).min(self.text.len()),
        };
        loop {
            let code = self.code_at(position);
            if repeat.next.allows(code) {
                if position < limit {
                    state.push(Frame::Lazy { pc, start, position })?;
                }
                return Ok(Some(position));
            }
            match code {
                Some(code) if position < limit && self.unit_has(repeat.unit, code) => position += 1,
                _ => return Ok(None),
            }
        }
    }

    /// The body of the first alternative of a range that can match; the others are left for later.
    #[inline]
    fn branch(&self, state: &mut State, start: u32, end: u32, position: usize) -> Result<Option<u32>, MatchError> {
        let code = self.code_at(position);
        let all = self.program.alternatives.get(start as usize..end as usize).unwrap_or_default();
        let Some(at) = all.iter().position(|alternative| alternative.first.allows(code)) else { return Ok(None) };
        let rest = all.get(at + 1..).unwrap_or_default();
        if let Some(next) = rest.iter().position(|alternative| alternative.first.allows(code)) {
            let alternative = start + (at + 1 + next) as u32;
            state.push(Frame::Branch { alternative, end, position })?;
        }
        Ok(all.get(at).map(|alternative| alternative.body))
    }

    /// The end of what a group matched, where it stands at a position again.
    fn backreference(&self, state: &State, group: u32, fold: Fold, position: usize) -> Option<usize> {
        let (start, end) = state.span(group)?;
        let wanted = self.text.get(start..end)?;
        let found = self.text.get(position..)?.get(..wanted.len())?;
        let same = |one: u32, two: u32| match fold {
            Fold::None => one == two,
            Fold::Ascii => ascii_lower(one) == ascii_lower(two),
            Fold::Unicode => unicode_lower(one) == unicode_lower(two),
            Fold::Locale => {
                let lower = |code: u32| match u8::try_from(code) {
                    Ok(byte) => u32::from(self.environment.lower(byte)),
                    Err(_) => code,
                };
                lower(one) == lower(two)
            }
        };
        let equal = wanted.iter().zip(found).all(|(one, two)| same(one.code(), two.code()));
        equal.then_some(position + wanted.len())
    }

    fn is_at(&self, place: Place, position: usize) -> bool {
        let length = self.text.len();
        let is_feed = |index: usize| self.code_at(index) == Some(10);
        match place {
            Place::Beginning => position == 0,
            Place::BeginningLine => position == 0 || is_feed(position - 1),
            Place::End => position == length || position + 1 == length && is_feed(position),
            Place::EndLine => position == length || is_feed(position),
            Place::EndString => position == length,
            Place::Boundary(alphabet) => length > 0 && self.is_boundary(alphabet, position),
            Place::NonBoundary(alphabet) => length > 0 && !self.is_boundary(alphabet, position),
        }
    }

    fn is_boundary(&self, alphabet: Alphabet, position: usize) -> bool {
        let is_word = |index: Option<usize>| {
            let code = index.and_then(|index| self.code_at(index));
            code.is_some_and(|code| match alphabet {
                Alphabet::Ascii => is_ascii_word(code),
                Alphabet::Unicode => is_unicode_word(code),
                Alphabet::Locale => is_locale_word(code, self.environment),
            })
        };
        is_word(position.checked_sub(1)) != is_word(Some(position))
    }
}
