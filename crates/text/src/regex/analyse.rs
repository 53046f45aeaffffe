//! What can be known of a program before it runs: the first characters of its parts, and how to search for it.

use super::case::Fold;
use super::compile::{CompileError, Info, folds_to};
use super::opcode::Place;
use super::program::{First, Inst, Prefilter, Program, Unit};
use super::window::Window;

/// The most instructions that are looked at for the first characters of a part.
const STEPS: usize = 64;
/// The same for the first characters of the whole pattern, which may be a long list of words.
const MANY_STEPS: usize = 512;

/// A set of first characters in the making.
pub(super) struct Gathered {
    pub(super) small: [bool; 256],
    pub(super) high: bool,
    /// The only character so far, as long as there is only one.
    only: Option<u32>,
    is_empty: bool,
}

impl Gathered {
    pub(super) fn new() -> Gathered {
        Gathered { small: [false; 256], high: false, only: None, is_empty: true }
    }

    fn add_char(&mut self, code: u32) {
        match self.small.get_mut(code as usize) {
            Some(slot) => *slot = true,
            None => self.high = true,
        }
        self.only = if self.is_empty || self.only == Some(code) { Some(code) } else { None };
        self.is_empty = false;
    }

    fn add_where(&mut self, high: bool, test: impl Fn(u32) -> bool) {
        for (code, slot) in (0..).zip(self.small.iter_mut()) {
            *slot |= test(code);
        }
        self.high |= high;
        self.only = None;
        self.is_empty = false;
    }

    pub(super) fn add(&mut self, unit: Unit, program: &Program) {
        match unit {
            Unit::Char(code) => self.add_char(code),
            Unit::AnyAll | Unit::NotFolded(..) | Unit::Folded(_, Fold::Locale) => self.add_where(true, |_| true),
            Unit::Any => self.add_where(true, |code| code != 10),
            Unit::NotChar(not) => self.add_where(true, |code| code != not),
            Unit::Folded(wanted, fold) => {
                self.add_where(wanted > 255 || fold == Fold::Unicode, |code| folds_to(code, wanted, fold));
            }
            Unit::Set(number) => match program.sets.get(number as usize) {
                Some(set) if !set.is_dynamic => {
                    let small = &set.small;
                    self.add_where(set.high.unwrap_or(true), |code| small[(code & 255) as usize]);
                }
                _ => self.add_where(true, |_| true),
            },
        }
    }

    fn finish(self) -> First {
        match self.only {
            Some(code) => First::Char(code),
            None => First::Table { small: Box::new(self.small), high: self.high },
        }
    }
}

/// The characters that a match from an instruction on can start with: at least those.
fn first_of<const STEPS: usize>(program: &Program, pc: u32) -> First {
    let mut gathered = Gathered::new();
    let mut seen = [0_u32; STEPS];
    let mut known = 0;
    let mut done = 0;
    // Instructions to look at are in `seen`, the first `done` of them looked at.
    let reach = |pc: u32, known: &mut usize, seen: &mut [u32; STEPS]| -> bool {
        if seen.iter().take(*known).any(|&other| other == pc) {
            return true;
        }
        match seen.get_mut(*known) {
            Some(slot) => {
                *slot = pc;
                *known += 1;
                true
            }
            None => false,
        }
    };
    reach(pc, &mut known, &mut seen);
    while done < known {
        let pc = seen[done];
        done += 1;
        let next = pc + 1;
        let (one, two) = match program.code.get(pc as usize).copied().unwrap_or(Inst::Match) {
            Inst::Fail => (None, None),
            Inst::Char(code) => {
                gathered.add_char(code);
                (None, None)
            }
            Inst::Literal { start, .. } => {
                gathered.add_char(program.literals.get(start as usize).copied().unwrap_or_default());
                (None, None)
            }
            Inst::Set(set) => {
                gathered.add(Unit::Set(set), program);
                (None, None)
            }
            Inst::One(unit) => {
                gathered.add(unit, program);
                (None, None)
            }
            Inst::At(_) | Inst::Mark(_) | Inst::Atomic(_) => (Some(next), None),
            Inst::Jump(to) => (Some(to), None),
            Inst::Assert { next, .. } | Inst::AssertNot { next, .. } => (Some(next), None),
            Inst::RepeatOne(number) | Inst::LazyOne(number) | Inst::PossessiveOne(number) => {
                match program.repeats.get(number as usize) {
                    Some(repeat) if repeat.bounds.max > 0 => {
                        gathered.add(repeat.unit, program);
                        (Some(next).filter(|_| repeat.bounds.min == 0), None)
                    }
                    _ => (Some(next), None),
                }
            }
            Inst::Loop { slot, until, .. } => (Some(next), skip_of(program, slot, until)),
            Inst::Possessive { slot, end } => (Some(next), skip_of(program, slot, end)),
            Inst::MaxUntil { body, .. } | Inst::MinUntil { body, .. } => (Some(body), Some(next)),
            Inst::IfGroup { otherwise, .. } => (Some(next), Some(otherwise)),
            Inst::Branch { start, end } => {
                let range = start as usize..end as usize;
                for alternative in program.alternatives.get(range).unwrap_or_default() {
                    if !reach(alternative.body, &mut known, &mut seen) {
                        return First::Unknown;
                    }
                }
                (None, None)
            }
            // What an atomic part matches does not depend on what follows it.
            Inst::Match
            | Inst::Backreference { .. }
            | Inst::AssertEnd(_)
            | Inst::AssertNotEnd(_)
            | Inst::AtomicEnd(_)
            | Inst::PossessiveEnd { .. } => {
                return First::Unknown;
            }
        };
        for pc in [one, two].into_iter().flatten() {
            if !reach(pc, &mut known, &mut seen) {
                return First::Unknown;
            }
        }
    }
    gathered.finish()
}

/// What follows a loop, if it need not go round.
fn skip_of(program: &Program, slot: u32, end: u32) -> Option<u32> {
    let info = program.loops.get(slot as usize)?;
    (info.bounds.min == 0).then_some(end + 1)
}

/// Whether nothing that a unit matches is among first characters.
fn are_disjoint(program: &Program, unit: Unit, first: &First) -> bool {
    let mut gathered = Gathered::new();
    gathered.add(unit, program);
    match first {
        First::Unknown => false,
        First::Char(code) => match gathered.small.get(*code as usize) {
            Some(has) => !has,
            None => !gathered.high || matches!(unit, Unit::Char(other) if other != *code),
        },
        First::Table { small, high } => {
            let both_small = small.iter().zip(&gathered.small).any(|(one, two)| *one && *two);
            !(both_small || gathered.high && *high)
        }
    }
}

/// Fills in what the passes over the code could not know yet.
pub(super) fn finish(program: &mut Program, info: Info) -> Result<(), CompileError> {
    for at in 0..program.code.len() {
        let pc = at as u32;
        match program.code[at] {
            Inst::RepeatOne(number) | Inst::LazyOne(number) => {
                let next = first_of::<STEPS>(program, pc + 1);
                let unit = program.repeats.get(number as usize).map(|repeat| repeat.unit);
                let is_disjoint = unit.is_some_and(|unit| are_disjoint(program, unit, &next));
                if let Some(repeat) = program.repeats.get_mut(number as usize) {
                    repeat.next = next;
                    repeat.is_disjoint = is_disjoint;
                }
            }
            Inst::Loop { slot, .. } => {
                let first = first_of::<STEPS>(program, pc + 1);
                if let Some(info) = program.loops.get_mut(slot as usize) {
                    info.first = first;
                }
            }
            Inst::Branch { start, end } => {
                for number in start as usize..end as usize {
                    let body = program.alternatives.get(number).map_or(0, |alternative| alternative.body);
                    let first = first_of::<STEPS>(program, body);
                    if let Some(alternative) = program.alternatives.get_mut(number) {
                        alternative.first = first;
                    }
                }
            }
            _ => {}
        }
    }
    program.width = info.width as usize;
    program.prefilter = prefilter(program, info)?;
    Ok(())
}

fn prefilter(program: &Program, info: Info) -> Result<Prefilter, CompileError> {
    let lead = program.code.iter().find(|inst| !matches!(inst, Inst::Mark(_)));
    if lead == Some(&Inst::At(Place::Beginning)) {
        return Ok(Prefilter::Anchored);
    }
    if info.prefix.len() > 1 || info.is_literal && program.groups == 0 && !info.prefix.is_empty() {
        return literal(info.prefix, info.is_literal && program.groups == 0);
    }
    if let Some(window) = Window::new(program) {
        return Ok(Prefilter::Window(window));
    }
    Ok(match first_of::<MANY_STEPS>(program, 0) {
        First::Unknown => Prefilter::Nothing,
        First::Char(code) => {
            let mut text = Vec::new();
            text.try_reserve_exact(1)?;
            text.push(code);
            literal(text, false)?
        }
        First::Table { small, high } => {
            let mut few = Vec::new();
            let count = small.iter().filter(|&&has| has).count();
            if count <= 3 {
                few.try_reserve_exact(3)?;
                few.extend((0..=u8::MAX).filter(|&byte| small[usize::from(byte)]));
            }
            if count >= 250 && high {
                Prefilter::Nothing
            } else {
                Prefilter::First { first: First::Table { small, high }, few }
            }
        }
    })
}

fn literal(text: Vec<u32>, is_all: bool) -> Result<Prefilter, CompileError> {
    let mut bytes: Vec<u8> = Vec::new();
    bytes.try_reserve_exact(text.len())?;
    bytes.extend(text.iter().filter_map(|&code| u8::try_from(code).ok()));
    let usable = text.len() > 1 && bytes.len() == text.len();
    let bytes = usable.then(|| Box::new(memchr::memmem::Finder::new(&bytes).into_owned()));
    Ok(Prefilter::Literal { text, bytes, is_all })
}
