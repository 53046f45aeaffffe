//! A filter for searches: which characters the first few places of a match may have.
//!
//! The pattern is followed from its start along up to eight ways through its alternatives, each a sequence of tests of
//! one character. The text is then read once, with a bit for each way and place that says whether the last characters
//! fit the way up to there ("shift-and"). Only where a way fits as a whole does the machine have to run.

use super::analyse::Gathered;
use super::program::{Inst, Program, Unit};
use crate::CodeUnit;

/// The ways that are followed, and the places of each: one bit of a word for each pair.
const WAYS: usize = 8;
const PLACES: usize = 8;
/// The most instructions that are looked at.
const STEPS: usize = 256;
/// Characters that are read between two thoughts about skipping.
const BLOCK: usize = 64;

/// The filter. Way `w` and place `p` have bit `8 * w + p`.
#[derive(Debug)]
pub(super) struct Window {
    /// The ways and places that each character below 256 fits.
    small: Box<[u64; 256]>,
    /// Those that a larger character may fit.
    high: u64,
    /// The first and last places of all ways.
    starts: u64,
    ends: u64,
    /// The number of places.
    length: usize,
    /// The bytes that a match can start with, if there are one to three.
    few: Vec<u8>,
}

/// A way so far.
#[derive(Clone, Copy)]
struct Way {
    pc: u32,
    length: usize,
    units: [Unit; PLACES],
}

impl Way {
    fn add(&mut self, unit: Unit) {
        if let Some(slot) = self.units.get_mut(self.length) {
            *slot = unit;
            self.length += 1;
        }
    }
}

impl Window {
    /// The filter for a program, where there is one that is worth its while.
    pub(super) fn new(program: &Program) -> Option<Window> {
        let (ways, count) = ways(program)?;
        let ways = ways.get(..count)?;
        let length = ways.iter().map(|way| way.length).min().filter(|&length| length > 1)?;
        let mut window = Window { small: Box::new([0; 256]), high: 0, starts: 0, ends: 0, length, few: Vec::new() };
        let mut passing = 0.0;
        for (number, way) in ways.iter().enumerate() {
            window.starts |= 1 << (number * PLACES);
            window.ends |= 1 << (number * PLACES + length - 1);
            let mut chance = 1.0;
            for (place, &unit) in way.units.iter().take(length).enumerate() {
                let bit = 1 << (number * PLACES + place);
                chance *= window.admit(program, unit, bit);
            }
            passing += chance;
        }
        if passing > 0.3 {
            return None;
        }
        let firsts = || (0..=u8::MAX).filter(|&byte| window.small[usize::from(byte)] & window.starts != 0);
        if firsts().count() <= 3 {
            window.few = firsts().collect();
        }
        Some(window)
    }

    /// Lets the characters of a unit pass at a bit, and returns how many of 256 these are.
    fn admit(&mut self, program: &Program, unit: Unit, bit: u64) -> f64 {
        if let Unit::Char(code) = unit {
            match self.small.get_mut(code as usize) {
                Some(slot) => *slot |= bit,
                None => self.high |= bit,
            }
            return 1.0 / 256.0;
        }
        let mut gathered = Gathered::new();
        gathered.add(unit, program);
        let mut count = 0;
        for (slot, _) in self.small.iter_mut().zip(&gathered.small).filter(|(_, has)| **has) {
            *slot |= bit;
            count += 1;
        }
        if gathered.high {
            self.high |= bit;
        }
        f64::from(count) / 256.0
    }

    #[inline(always)]
    fn bits(&self, code: u32) -> u64 {
        if code < 256 { self.small[code as usize] } else { self.high }
    }

    /// The first place from a position on where a way fits.
    pub(super) fn find<U: CodeUnit>(&self, text: &[U], from: usize) -> Option<usize> {
        let mut at = from;
        let mut fits = 0_u64;
        loop {
            if fits == 0 {
                at += self.skip(text.get(at..)?)?;
            }
            let rest = text.get(at..).unwrap_or_default();
            let block = rest.get(..BLOCK).unwrap_or(rest);
            for (index, unit) in block.iter().enumerate() {
                fits = (fits << 1 | self.starts) & self.bits(unit.code());
                if fits & self.ends != 0 {
                    return Some(at + index + 1 - self.length);
                }
            }
            at += block.len();
            if block.len() < BLOCK {
                return None;
            }
        }
    }

    /// How much of a text certainly has no start.
    fn skip<U: CodeUnit>(&self, text: &[U]) -> Option<usize> {
        match (U::as_bytes(text), self.few.as_slice()) {
            (Some(text), [one]) => memchr::memchr(*one, text),
            (Some(text), [one, two]) => memchr::memchr2(*one, *two, text),
            (Some(text), [one, two, three]) => memchr::memchr3(*one, *two, *three, text),
            _ => Some(0),
        }
    }
}

/// Follows the ways until each has all places or cannot be followed further.
fn ways(program: &Program) -> Option<([Way; WAYS], usize)> {
    let start = Way { pc: 0, length: 0, units: [Unit::AnyAll; PLACES] };
    let mut ways = [start; WAYS];
    let mut count = 1;
    let mut at = 0;
    let mut steps = 0;
    // Ways before `at` are finished; new ones are put at the end.
    while at < count {
        steps += 1;
        let way = ways.get_mut(at)?;
        if way.length >= PLACES || steps > STEPS {
            at += 1;
            continue;
        }
        let pc = way.pc;
        way.pc = pc + 1;
        match program.code.get(pc as usize).copied()? {
            Inst::Char(code) => way.add(Unit::Char(code)),
            Inst::Set(set) => way.add(Unit::Set(set)),
            Inst::One(unit) => way.add(unit),
            Inst::Literal { start, end } => {
                let codes = program.literals.get(start as usize..end as usize).unwrap_or_default();
                codes.iter().for_each(|&code| way.add(Unit::Char(code)));
            }
            Inst::At(_) | Inst::Mark(_) | Inst::Atomic(_) | Inst::AtomicEnd(_) => {}
            Inst::Jump(to) => way.pc = to,
            Inst::Assert { next, .. } | Inst::AssertNot { next, .. } => way.pc = next,
            Inst::RepeatOne(number) | Inst::LazyOne(number) | Inst::PossessiveOne(number) => {
                let repeat = program.repeats.get(number as usize)?;
                (0..repeat.bounds.min.min(PLACES as u32)).for_each(|_| way.add(repeat.unit));
                if repeat.bounds.max == repeat.bounds.min {
                    continue;
                }
                if repeat.bounds.max == repeat.bounds.min + 1 && count < WAYS {
                    let mut longer = *way;
                    longer.add(repeat.unit);
                    *ways.get_mut(count)? = longer;
                    count += 1;
                    continue;
                }
                at += 1;
            }
            Inst::Loop { slot, .. } if program.loops.get(slot as usize)?.bounds.min > 0 => {}
            Inst::Possessive { slot, .. } if program.loops.get(slot as usize)?.bounds.min > 0 => {}
            Inst::Branch { start, end } => {
                let alternatives = program.alternatives.get(start as usize..end as usize)?;
                let (first, others) = alternatives.split_first()?;
                if count + others.len() > WAYS {
                    at += 1;
                    continue;
                }
                way.pc = first.body;
                let fork = *way;
                for other in others {
                    *ways.get_mut(count)? = Way { pc: other.body, ..fork };
                    count += 1;
                }
            }
            Inst::Fail => {
                // A dead end: another way takes its place.
                count -= 1;
                let last = ways.get(count).copied()?;
                *ways.get_mut(at)? = last;
            }
            _ => at += 1,
        }
    }
    (count > 0).then_some((ways, count))
}
