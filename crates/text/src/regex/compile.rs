//! From code words to a program, in one pass that checks and translates.
//!
//! Each construct that has a body opens a region of the code, which must end exactly where its length says and with the
//! word that belongs there. Open regions are on a stack, so that nesting may be as deep as the code is long.

use super::analyse::finish;
use super::case::{Fold, ascii_lower, unicode_lower};
use super::charset::{Item, Set};
use super::opcode::*;
use super::program::{Alternative, Bounds, First, Inst, LoopInfo, Prefilter, Program, Repeat, Unit};
use crate::OutOfMemory;

/// Why there is no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompileError {
    /// The words are not what `re` makes: `RuntimeError: invalid SRE code`.
    Invalid,
    /// Memory ran out.
    OutOfMemory,
}

impl From<OutOfMemory> for CompileError {
    fn from(_: OutOfMemory) -> CompileError {
        CompileError::OutOfMemory
    }
}

impl From<std::collections::TryReserveError> for CompileError {
    fn from(_: std::collections::TryReserveError) -> CompileError {
        CompileError::OutOfMemory
    }
}

type Outcome<T> = Result<T, CompileError>;

/// What the block of information in front of the code says.
#[derive(Debug, Default)]
pub(super) struct Info {
    /// The least number of characters of a match.
    pub(super) width: u32,
    /// The literal that matches start with.
    pub(super) prefix: Vec<u32>,
    /// Whether that is all.
    pub(super) is_literal: bool,
}

/// An open region and what ends it.
struct Region {
    end: usize,
    close: Close,
}

enum Close {
    /// `SUCCESS`, the last word of all.
    Whole,
    /// `SUCCESS`; the instruction that opened it gets to know what follows.
    Assert {
        slot: u32,
        opener: usize,
    },
    AssertNot {
        slot: u32,
        opener: usize,
    },
    Atomic {
        slot: u32,
    },
    Possessive {
        slot: u32,
        opener: usize,
    },
    /// One of the `UNTIL`s.
    Loop {
        slot: u32,
        opener: usize,
    },
    /// A jump to the end of the branch, and the length of the next alternative or zero.
    Alternative(Box<Branch>),
    /// A jump over the other part, which is an instruction to patch.
    Then {
        opener: usize,
        has_else: bool,
    },
    Else {
        jump: usize,
    },
}

/// A branch of which an alternative is being read.
struct Branch {
    opener: usize,
    target: Option<usize>,
    bodies: Vec<u32>,
    jumps: Vec<usize>,
}

struct Compiler<'c> {
    words: &'c [u32],
    at: usize,
    end: usize,
    regions: Vec<Region>,
    /// Loops that are open, to tell nested ones.
    open_loops: usize,
    /// Literals are not joined with what stands before this instruction.
    barrier: usize,
    info: Info,
    program: Program,
}

impl Program {
    /// Checks and translates the code words of a pattern with a number of groups (the whole match not counted).
    pub fn compile(words: &[u32], groups: usize) -> Result<Program, CompileError> {
        let groups = u32::try_from(groups).ok().filter(|&groups| groups <= MAX_GROUPS).ok_or(CompileError::Invalid)?;
        let program = Program {
            code: Vec::new(),
            sets: Vec::new(),
            pool: Vec::new(),
            literals: Vec::new(),
            alternatives: Vec::new(),
            repeats: Vec::new(),
            loops: Vec::new(),
            bases: 0,
            groups,
            width: 0,
            prefilter: Prefilter::Nothing,
        };
        let info = Info::default();
        let mut compiler =
            Compiler { words, at: 0, end: 0, regions: Vec::new(), open_loops: 0, barrier: 0, info, program };
        compiler.run()?;
        let Compiler { mut program, info, .. } = compiler;
        finish(&mut program, info)?;
        Ok(program)
    }
}

fn push<T>(list: &mut Vec<T>, item: T) -> Outcome<()> {
    list.try_reserve(1)?;
    list.push(item);
    Ok(())
}

impl Compiler<'_> {
    fn run(&mut self) -> Outcome<()> {
        let end = self.words.len().checked_sub(1).ok_or(CompileError::Invalid)?;
        if u32::try_from(end).is_err() {
            return Err(CompileError::Invalid);
        }
        self.open(end, Close::Whole)?;
        while let Some(region) = self.regions.last() {
            self.end = region.end;
            if self.at < self.end {
                self.operation()?;
            } else {
                self.close()?;
            }
        }
        Ok(())
    }

    /// The next word of the region.
    fn word(&mut self) -> Outcome<u32> {
        if self.at >= self.end {
            return Err(CompileError::Invalid);
        }
        let word = self.words.get(self.at).copied().ok_or(CompileError::Invalid)?;
        self.at += 1;
        Ok(word)
    }

    /// A word that must be this one, at the end of a region or right behind it.
    fn expect(&mut self, wanted: u32) -> Outcome<()> {
        self.end = self.regions.last().map_or(self.words.len(), |region| region.end);
        if self.word()? == wanted { Ok(()) } else { Err(CompileError::Invalid) }
    }

    /// A word that says where something ends, counted from itself. `least`: what the count must be at least.
    fn length(&mut self, least: usize) -> Outcome<usize> {
        let from = self.at;
        let length = self.word()? as usize;
        if length < least || length > self.end - from {
            return Err(CompileError::Invalid);
        }
        Ok(from + length)
    }

    /// Opens a region, at whose end `close` is asked for.
    fn open(&mut self, end: usize, close: Close) -> Outcome<()> {
        if end < self.at {
            return Err(CompileError::Invalid);
        }
        self.barrier = self.program.code.len();
        push(&mut self.regions, Region { end, close })
    }

    fn emit(&mut self, inst: Inst) -> Outcome<usize> {
        let at = self.program.code.len();
        push(&mut self.program.code, inst)?;
        Ok(at)
    }

    fn here(&self) -> u32 {
        self.program.code.len() as u32
    }

    fn base(&mut self) -> u32 {
        self.program.bases += 1;
        self.program.bases - 1
    }

    fn bounds(&mut self) -> Outcome<Bounds> {
        let (min, max) = (self.word()?, self.word()?);
        if min > max {
            return Err(CompileError::Invalid);
        }
        Ok(Bounds { min, max })
    }

    fn operation(&mut self) -> Outcome<()> {
        let operation = self.word()?;
        match operation {
            SUCCESS => {
                self.emit(Inst::Match)?;
            }
            FAILURE => {
                self.emit(Inst::Fail)?;
            }
            LITERAL => {
                let code = self.word()?;
                self.literal(code)?;
            }
            ANY
            | ANY_ALL
            | NOT_LITERAL
            | LITERAL_IGNORE
            | NOT_LITERAL_IGNORE
            | LITERAL_LOC_IGNORE
            | NOT_LITERAL_LOC_IGNORE
            | LITERAL_UNI_IGNORE
            | NOT_LITERAL_UNI_IGNORE
            | IN
            | IN_IGNORE
            | IN_LOC_IGNORE
            | IN_UNI_IGNORE => {
                let unit = self.unit(operation)?;
                self.emit(match unit {
                    Unit::Char(code) => Inst::Char(code),
                    Unit::Set(set) => Inst::Set(set),
                    unit => Inst::One(unit),
                })?;
            }
            AT => {
                let place = Place::from_code(self.word()?).ok_or(CompileError::Invalid)?;
                self.emit(Inst::At(place))?;
            }
            MARK => {
                let mark = self.word()?;
                // One more than there are is let through by CPython, to no good: it is refused here.
                if mark >= 2 * self.program.groups {
                    return Err(CompileError::Invalid);
                }
                self.emit(Inst::Mark(mark))?;
            }
            INFO => self.information()?,
            BRANCH => self.branch()?,
            REPEAT_ONE | MIN_REPEAT_ONE | POSSESSIVE_REPEAT_ONE => self.repeat_one(operation)?,
            REPEAT => {
                let end = self.length(3)?;
                let bounds = self.bounds()?;
                let slot = self.program.loops.len() as u32;
                push(&mut self.program.loops, LoopInfo { bounds, first: First::Unknown })?;
                let opener = self.emit(Inst::Loop { slot, until: 0, save: self.open_loops > 0 })?;
                self.open_loops += 1;
                self.open(end, Close::Loop { slot, opener })?;
            }
            POSSESSIVE_REPEAT => {
                let end = self.length(3)?;
                let bounds = self.bounds()?;
                let slot = self.program.loops.len() as u32;
                push(&mut self.program.loops, LoopInfo { bounds, first: First::Unknown })?;
                let opener = self.emit(Inst::Possessive { slot, end: 0 })?;
                self.open_loops += 1;
                self.open(end, Close::Possessive { slot, opener })?;
            }
            ATOMIC_GROUP => {
                let end = self.length(2)?;
                let slot = self.base();
                self.emit(Inst::Atomic(slot))?;
                self.open(end - 1, Close::Atomic { slot })?;
            }
            ASSERT | ASSERT_NOT => self.assertion(operation)?,
            GROUPREF | GROUPREF_IGNORE | GROUPREF_LOC_IGNORE | GROUPREF_UNI_IGNORE => {
                let group = self.group()?;
                let fold = match operation {
                    GROUPREF => Fold::None,
                    GROUPREF_IGNORE => Fold::Ascii,
                    GROUPREF_LOC_IGNORE => Fold::Locale,
                    _ => Fold::Unicode,
                };
                self.emit(Inst::Backreference { group, fold })?;
            }
            GROUPREF_EXISTS => self.conditional()?,
            _ => return Err(CompileError::Invalid),
        }
        Ok(())
    }

    fn group(&mut self) -> Outcome<u32> {
        let group = self.word()?;
        if group < self.program.groups { Ok(group) } else { Err(CompileError::Invalid) }
    }

    /// A literal character, joined with the ones before it.
    fn literal(&mut self, code: u32) -> Outcome<()> {
        let joins = self.program.code.len() > self.barrier;
        let here = self.program.literals.len() as u32;
        match self.program.code.last_mut() {
            Some(last @ Inst::Char(_)) if joins => {
                if let Inst::Char(before) = *last {
                    *last = Inst::Literal { start: here, end: here + 2 };
                    push(&mut self.program.literals, before)?;
                    push(&mut self.program.literals, code)?;
                }
            }
            Some(Inst::Literal { end, .. }) if joins && *end == here => {
                *end += 1;
                push(&mut self.program.literals, code)?;
            }
            _ => {
                self.emit(Inst::Char(code))?;
            }
        }
        Ok(())
    }

    /// An operation that matches one character.
    fn unit(&mut self, operation: u32) -> Outcome<Unit> {
        Ok(match operation {
            ANY => Unit::Any,
            ANY_ALL => Unit::AnyAll,
            LITERAL => Unit::Char(self.word()?),
            NOT_LITERAL => Unit::NotChar(self.word()?),
            LITERAL_IGNORE => Unit::Folded(self.word()?, Fold::Ascii),
            LITERAL_UNI_IGNORE => Unit::Folded(self.word()?, Fold::Unicode),
            LITERAL_LOC_IGNORE => Unit::Folded(self.word()?, Fold::Locale),
            NOT_LITERAL_IGNORE => Unit::NotFolded(self.word()?, Fold::Ascii),
            NOT_LITERAL_UNI_IGNORE => Unit::NotFolded(self.word()?, Fold::Unicode),
            NOT_LITERAL_LOC_IGNORE => Unit::NotFolded(self.word()?, Fold::Locale),
            IN => self.set(Fold::None)?,
            IN_IGNORE => self.set(Fold::Ascii)?,
            IN_UNI_IGNORE => self.set(Fold::Unicode)?,
            IN_LOC_IGNORE => self.set(Fold::Locale)?,
            _ => return Err(CompileError::Invalid),
        })
    }

    fn set(&mut self, fold: Fold) -> Outcome<Unit> {
        let end = self.length(2)?;
        let items = self.items(end - 1)?;
        if items == [Item::Negate] {
            return Ok(Unit::AnyAll);
        }
        let set = Set::new(items, fold, &self.program.pool);
        push(&mut self.program.sets, set)?;
        Ok(Unit::Set(self.program.sets.len() as u32 - 1))
    }

    /// The items of a set up to a position, where `FAILURE` must stand.
    fn items(&mut self, end: usize) -> Outcome<Vec<Item>> {
        let outer = std::mem::replace(&mut self.end, end);
        let mut items = Vec::new();
        while self.at < end {
            let item = match self.word()? {
                NEGATE => Item::Negate,
                LITERAL => {
                    let code = self.word()?;
                    Item::Range(code, code)
                }
                RANGE => Item::Range(self.word()?, self.word()?),
                RANGE_UNI_IGNORE => Item::RangeIgnore(self.word()?, self.word()?),
                CATEGORY => {
                    Item::Category(self.word().ok().filter(|&code| code < CATEGORIES).ok_or(CompileError::Invalid)?)
                }
                CHARSET => Item::Bitmap(self.pooled(8)?),
                BIGCHARSET => {
                    let chunks = self.word()?;
                    let table = self.words.get(self.at..self.at.saturating_add(64)).ok_or(CompileError::Invalid)?;
                    if table.iter().any(|word| word.to_le_bytes().iter().any(|&chunk| u32::from(chunk) >= chunks)) {
                        return Err(CompileError::Invalid);
                    }
                    Item::Chunks(self.pooled((chunks as usize).saturating_mul(8).saturating_add(64))?)
                }
                _ => return Err(CompileError::Invalid),
            };
            push(&mut items, item)?;
        }
        self.end = outer;
        if self.word()? != FAILURE {
            return Err(CompileError::Invalid);
        }
        Ok(items)
    }

    /// Copies words to the pool.
    fn pooled(&mut self, count: usize) -> Outcome<u32> {
        if count > self.end - self.at {
            return Err(CompileError::Invalid);
        }
        let words = self.words.get(self.at..self.at + count).ok_or(CompileError::Invalid)?;
        let start = self.program.pool.len() as u32;
        self.program.pool.try_reserve(count)?;
        self.program.pool.extend_from_slice(words);
        self.at += count;
        Ok(start)
    }

    fn repeat_one(&mut self, operation: u32) -> Outcome<()> {
        let end = self.length(4)?;
        let bounds = self.bounds()?;
        let unit_operation = self.word()?;
        let unit = self.unit(unit_operation)?;
        if self.at != end - 1 || self.word()? != SUCCESS {
            return Err(CompileError::Invalid);
        }
        let number = self.program.repeats.len() as u32;
        push(&mut self.program.repeats, Repeat { unit, bounds, next: First::Unknown, is_disjoint: false })?;
        self.emit(match operation {
            REPEAT_ONE => Inst::RepeatOne(number),
            MIN_REPEAT_ONE => Inst::LazyOne(number),
            _ => Inst::PossessiveOne(number),
        })?;
        Ok(())
    }

    fn assertion(&mut self, operation: u32) -> Outcome<()> {
        let end = self.length(3)?;
        let back = self.word()?;
        if back & 0x8000_0000 != 0 {
            return Err(CompileError::Invalid);
        }
        let slot = self.base();
        let close = if operation == ASSERT {
            Close::Assert { slot, opener: self.emit(Inst::Assert { slot, back, next: 0 })? }
        } else {
            Close::AssertNot { slot, opener: self.emit(Inst::AssertNot { slot, back, next: 0 })? }
        };
        self.open(end - 1, close)
    }

    fn branch(&mut self) -> Outcome<()> {
        let opener = self.emit(Inst::Branch { start: 0, end: 0 })?;
        let branch = Branch { opener, target: None, bodies: Vec::new(), jumps: Vec::new() };
        self.alternative(Box::new(branch))
    }

    /// Reads the length of an alternative and opens it; a zero ends the branch.
    fn alternative(&mut self, mut branch: Box<Branch>) -> Outcome<()> {
        let from = self.at;
        if self.words.get(from) != Some(&0) || from >= self.end {
            let end = self.length(3)?;
            push(&mut branch.bodies, self.here())?;
            return self.open(end - 2, Close::Alternative(branch));
        }
        self.at += 1;
        if branch.target != Some(self.at) {
            return Err(CompileError::Invalid);
        }
        let here = self.here();
        for jump in branch.jumps {
            self.patch(jump, |inst| *inst = Inst::Jump(here));
        }
        let start = self.program.alternatives.len() as u32;
        for body in branch.bodies {
            push(&mut self.program.alternatives, Alternative { body, first: First::Unknown })?;
        }
        let end = self.program.alternatives.len() as u32;
        self.patch(branch.opener, |inst| *inst = Inst::Branch { start, end });
        self.barrier = self.program.code.len();
        Ok(())
    }

    fn conditional(&mut self) -> Outcome<()> {
        let group = self.group()?;
        let from = self.at;
        let length = self.word()? as usize;
        // The length counts from the number of the group, one word earlier.
        if length < 2 || length - 1 > self.end - from {
            return Err(CompileError::Invalid);
        }
        let opener = self.emit(Inst::IfGroup { group, otherwise: 0 })?;
        let has_else = length >= 4 && self.jumps_at(from + 1, from + length - 3);
        let end = if has_else { from + length - 3 } else { from + length - 1 };
        self.open(end, Close::Then { opener, has_else })
    }

    /// Whether a JUMP stands at `target`, as an instruction of the row that begins at `at`: the same number may also be part of the last
    /// instruction there.
    fn jumps_at(&self, mut at: usize, target: usize) -> bool {
        while at < target {
            let Some(next) = self.behind(at) else { return false };
            at = next;
        }
        at == target && self.words.get(at) == Some(&JUMP)
    }

    /// Where the instruction at `at` ends, by the form that its number says.
    fn behind(&self, at: usize) -> Option<usize> {
        let skip = |place: usize| Some(at + place + *self.words.get(at + place)? as usize);
        match *self.words.get(at)? {
            ANY | ANY_ALL | SUCCESS | FAILURE => Some(at + 1),
            LITERAL
            | NOT_LITERAL
            | LITERAL_IGNORE
            | NOT_LITERAL_IGNORE
            | LITERAL_UNI_IGNORE
            | NOT_LITERAL_UNI_IGNORE
            | LITERAL_LOC_IGNORE
            | NOT_LITERAL_LOC_IGNORE
            | AT
            | MARK
            | GROUPREF
            | GROUPREF_IGNORE
            | GROUPREF_UNI_IGNORE
            | GROUPREF_LOC_IGNORE => Some(at + 2),
            GROUPREF_EXISTS => Some(at + 1 + *self.words.get(at + 2)? as usize),
            // A loop's length leads to what ends it.
            REPEAT | POSSESSIVE_REPEAT => skip(1).map(|until| until + 1),
            BRANCH => {
                let mut alternative = at + 1;
                while let length @ 1.. = *self.words.get(alternative)? {
                    alternative += length as usize;
                }
                Some(alternative + 1)
            }
            _ => skip(1),
        }
    }

    fn information(&mut self) -> Outcome<()> {
        let is_first = self.at == 1;
        let end = self.length(4)?;
        let (flags, min, _max) = (self.word()?, self.word()?, self.word()?);
        let has = |flag: u32| flags & flag != 0;
        if flags & !(INFO_PREFIX | INFO_LITERAL | INFO_CHARSET) != 0
            || has(INFO_PREFIX) && has(INFO_CHARSET)
            || has(INFO_LITERAL) && !has(INFO_PREFIX)
        {
            return Err(CompileError::Invalid);
        }
        let outer = std::mem::replace(&mut self.end, end);
        let mut prefix = Vec::new();
        if has(INFO_PREFIX) {
            let length = self.word()? as usize;
            self.word()?;
            if length.saturating_mul(2) > end - self.at {
                return Err(CompileError::Invalid);
            }
            prefix.try_reserve_exact(length)?;
            for _ in 0..length {
                prefix.push(self.word()?);
            }
            for _ in 0..length {
                if self.word()? as usize >= length {
                    return Err(CompileError::Invalid);
                }
            }
        }
        if has(INFO_CHARSET) {
            let end = end.checked_sub(1).ok_or(CompileError::Invalid)?;
            self.items(end)?;
        }
        if self.at != end {
            return Err(CompileError::Invalid);
        }
        self.end = outer;
        if is_first {
            self.info = Info { width: min, prefix, is_literal: has(INFO_LITERAL) };
        }
        Ok(())
    }

    fn patch(&mut self, at: usize, change: impl FnOnce(&mut Inst)) {
        if let Some(inst) = self.program.code.get_mut(at) {
            change(inst);
        }
    }

    /// Ends the innermost region.
    fn close(&mut self) -> Outcome<()> {
        let Some(region) = self.regions.pop() else { return Ok(()) };
        self.barrier = self.program.code.len();
        match region.close {
            Close::Whole => {
                self.expect(SUCCESS)?;
                self.emit(Inst::Match)?;
            }
            Close::Assert { slot, opener } => {
                self.expect(SUCCESS)?;
                self.emit(Inst::AssertEnd(slot))?;
                let here = self.here();
                self.patch(opener, |inst| {
                    if let Inst::Assert { next, .. } = inst {
                        *next = here;
                    }
                });
            }
            Close::AssertNot { slot, opener } => {
                self.expect(SUCCESS)?;
                self.emit(Inst::AssertNotEnd(slot))?;
                let here = self.here();
                self.patch(opener, |inst| {
                    if let Inst::AssertNot { next, .. } = inst {
                        *next = here;
                    }
                });
            }
            Close::Atomic { slot } => {
                self.expect(SUCCESS)?;
                self.emit(Inst::AtomicEnd(slot))?;
            }
            Close::Possessive { slot, opener } => {
                self.expect(SUCCESS)?;
                self.open_loops -= 1;
                let at = self.emit(Inst::PossessiveEnd { slot, body: opener as u32 + 1 })? as u32;
                self.patch(opener, |inst| *inst = Inst::Possessive { slot, end: at });
            }
            Close::Loop { slot, opener } => self.close_loop(slot, opener)?,
            Close::Alternative(branch) => self.close_alternative(branch)?,
            Close::Then { opener, has_else } => self.close_then(opener, has_else)?,
            Close::Else { jump } => {
                let here = self.here();
                self.patch(jump, |inst| *inst = Inst::Jump(here));
            }
        }
        Ok(())
    }

    fn close_loop(&mut self, slot: u32, opener: usize) -> Outcome<()> {
        self.end = self.regions.last().map_or(0, |region| region.end);
        let body = opener as u32 + 1;
        let until = match self.word()? {
            MAX_UNTIL => self.emit(Inst::MaxUntil { slot, body })?,
            MIN_UNTIL => self.emit(Inst::MinUntil { slot, body })?,
            _ => return Err(CompileError::Invalid),
        };
        self.open_loops -= 1;
        self.patch(opener, |inst| {
            if let Inst::Loop { until: to, .. } = inst {
                *to = until as u32;
            }
        });
        self.barrier = self.program.code.len();
        Ok(())
    }

    fn close_alternative(&mut self, mut branch: Box<Branch>) -> Outcome<()> {
        self.expect(JUMP)?;
        let target = self.length(0)?;
        if branch.target.is_some_and(|known| known != target) {
            return Err(CompileError::Invalid);
        }
        branch.target = Some(target);
        let jump = self.emit(Inst::Jump(0))?;
        push(&mut branch.jumps, jump)?;
        self.alternative(branch)
    }

    fn close_then(&mut self, opener: usize, has_else: bool) -> Outcome<()> {
        let mut jump = None;
        if has_else {
            self.expect(JUMP)?;
            let end = self.length(1)?;
            jump = Some((self.emit(Inst::Jump(0))?, end));
        }
        let here = self.here();
        self.patch(opener, |inst| {
            if let Inst::IfGroup { otherwise, .. } = inst {
                *otherwise = here;
            }
        });
        self.barrier = self.program.code.len();
        match jump {
            Some((jump, end)) => self.open(end, Close::Else { jump }),
            None => Ok(()),
        }
    }
}

/// Whether a character folds to another one, the locale apart.
pub(super) fn folds_to(code: u32, wanted: u32, fold: Fold) -> bool {
    match fold {
        Fold::Ascii => ascii_lower(code) == wanted,
        Fold::Unicode => unicode_lower(code) == wanted,
        Fold::None | Fold::Locale => code == wanted,
    }
}
