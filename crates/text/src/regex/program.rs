//! What a pattern becomes: instructions with resolved targets, and the tables they refer to.

use super::case::Fold;
use super::charset::Set;
use super::opcode::Place;
use super::window::Window;

/// A test of one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Not a line feed.
    Any,
    /// Whatever there is.
    AnyAll,
    /// This one.
    Char(u32),
    /// Any other one.
    NotChar(u32),
    /// One of a set.
    Set(u32),
    /// One that folds to this one.
    Folded(u32, Fold),
    /// One that does not fold to this one.
    NotFolded(u32, Fold),
}

/// An instruction. Numbers called `slot` count loops or atomic parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inst {
    /// Go back.
    Fail,
    /// The pattern has matched.
    Match,
    /// Match a character.
    Char(u32),
    /// Match one of a set.
    Set(u32),
    /// Match a character by another test.
    One(Unit),
    /// Match a part of the literals.
    Literal { start: u32, end: u32 },
    /// Be at a place.
    At(Place),
    /// Note the position of a start or end of a group.
    Mark(u32),
    /// Go on elsewhere.
    Jump(u32),
    /// Try alternatives, a range of the table.
    Branch { start: u32, end: u32 },
    /// Repeat a character: as often as can be, and less on the way back.
    RepeatOne(u32),
    /// Repeat a character: as rarely as can be, and more on the way back.
    LazyOne(u32),
    /// Repeat a character as often as can be.
    PossessiveOne(u32),
    /// Begin a loop and go to its end, which decides. `save`: the loop is inside another one.
    Loop { slot: u32, until: u32, save: bool },
    /// The end of a greedy loop.
    MaxUntil { slot: u32, body: u32 },
    /// The end of a lazy loop.
    MinUntil { slot: u32, body: u32 },
    /// Match what a group matched.
    Backreference { group: u32, fold: Fold },
    /// Go on elsewhere unless a group has matched.
    IfGroup { group: u32, otherwise: u32 },
    /// Look ahead, or from a distance behind.
    Assert { slot: u32, back: u32, next: u32 },
    /// What was looked for is there.
    AssertEnd(u32),
    /// Look ahead, or from a distance behind, for what must not be there.
    AssertNot { slot: u32, back: u32, next: u32 },
    /// What was looked for is there, which is wrong.
    AssertNotEnd(u32),
    /// Begin a part that is not taken up again.
    Atomic(u32),
    /// The end of that.
    AtomicEnd(u32),
    /// Begin a loop of which nothing is taken up again.
    Possessive { slot: u32, end: u32 },
    /// The end of its body.
    PossessiveEnd { slot: u32, body: u32 },
}

/// How often a loop goes round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) min: u32,
    pub(super) max: u32,
}

impl Bounds {
    /// Whether a loop that went round so often may go on.
    #[inline]
    pub(super) fn allow(self, count: u32) -> bool {
        count < self.max || self.max == super::opcode::MAX_REPEAT
    }
}

/// Characters with which something must start to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// Nothing is known; it may match nothing at all.
    Unknown,
    /// This character.
    Char(u32),
    /// Those of a table below 256, and above it all or none.
    Table { small: Box<[bool; 256]>, high: bool },
}

impl First {
    /// Whether a match can start with a character, or at the end of the text.
    #[inline(always)]
    pub(super) fn allows(&self, code: Option<u32>) -> bool {
        match (self, code) {
            (First::Unknown, _) => true,
            (_, None) => false,
            (First::Char(wanted), Some(code)) => *wanted == code,
            (First::Table { small, high }, Some(code)) => {
                if code < 256 {
                    small[code as usize]
                } else {
                    *high
                }
            }
        }
    }
}

/// A repeated character.
#[derive(Clone, Debug)]
pub(super) struct Repeat {
    pub(super) unit: Unit,
    pub(super) bounds: Bounds,
    /// What must follow.
    pub(super) next: First,
    /// Whether nothing that the unit matches can follow, so that giving back is in vain.
    pub(super) is_disjoint: bool,
}

/// An alternative of a branch.
#[derive(Clone, Debug)]
pub(super) struct Alternative {
    pub(super) body: u32,
    pub(super) first: First,
}

/// A loop of more than one character.
#[derive(Clone, Debug)]
pub(super) struct LoopInfo {
    pub(super) bounds: Bounds,
    /// What the body must start with.
    pub(super) first: First,
}

/// How a search finds places where a match may start.
#[derive(Debug)]
pub(super) enum Prefilter {
    /// Everywhere.
    Nothing,
    /// Only where the search starts.
    Anchored,
    /// Where a literal stands. `is_all`: it is the whole pattern, and there are no groups.
    Literal { text: Vec<u32>, bytes: Option<Box<memchr::memmem::Finder<'static>>>, is_all: bool },
    /// Where characters stand that the first places of a match may have.
    Window(Window),
    /// Where one of some characters stands; if these are one to three small ones, they are listed too.
    First { first: First, few: Vec<u8> },
}

/// A compiled pattern.
#[derive(Debug)]
pub struct Program {
    pub(super) code: Vec<Inst>,
    pub(super) sets: Vec<Set>,
    pub(super) pool: Vec<u32>,
    pub(super) literals: Vec<u32>,
    pub(super) alternatives: Vec<Alternative>,
    pub(super) repeats: Vec<Repeat>,
    pub(super) loops: Vec<LoopInfo>,
    /// The number of slots for assertions and atomic parts.
    pub(super) bases: u32,
    pub(super) groups: u32,
    /// The least number of characters of a match.
    pub(super) width: usize,
    pub(super) prefilter: Prefilter,
}

impl Program {
    /// The number of groups, the whole match not counted.
    pub fn groups(&self) -> usize {
        self.groups as usize
    }
}
