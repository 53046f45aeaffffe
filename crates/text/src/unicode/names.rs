//! Names of characters, both ways: `unicodedata.name`, `unicodedata.lookup` and `\N{...}`.
//!
//! Names never change once given, so the data of a later version than 14.0 answer rightly for every character that 14.0
//! has. Which these are, the category says. Scripts whose names CPython does not have are left out alike.

use std::fmt;

use super::is_assigned;
use super::tables::aliases::ALIASES;

/// The longest name that is looked up.
pub const MAX_NAME: usize = 256;

/// The name of a character, without its aliases (control characters have none).
pub fn name(code: u32) -> Option<impl fmt::Display + Iterator<Item = &'static str>> {
    let character = char::from_u32(code).filter(|_| is_assigned(code) && !is_nameless(code))?;
    unicode_names2::name(character)
}

/// Characters that 14.0 has and CPython 3.11 gives no name to: ideographs of Tangut.
fn is_nameless(code: u32) -> bool {
    matches!(code, 0x17000..=0x187F7 | 0x18D00..=0x18D08)
}

/// The code points that a name stands for, in capitals or not: a character's name, an alias, or, where `sequences` says
/// so (`unicodedata.lookup`, not `\N`), a named sequence.
pub fn lookup(wanted: &[u8], sequences: bool) -> Option<Named> {
    let mut buffer = [0; MAX_NAME];
    let capitals = buffer.get_mut(..wanted.len())?;
    capitals.copy_from_slice(wanted);
    capitals.make_ascii_uppercase();
    let capitals = std::str::from_utf8(capitals).ok()?;
    if let Some(codes) = ALIASES.binary_search_by_key(&capitals, |row| row.0).ok().and_then(|at| ALIASES.get(at)) {
        return match codes.1 {
            [code] => Some(Named::Character(*code)),
            codes if sequences => Some(Named::Sequence(codes)),
            _ => None,
        };
    }
    // The crate forgives blanks and hyphens, CPython does not: compare what was found.
    let code = u32::from(unicode_names2::character(capitals)?);
    let mut rest = capitals;
    for part in name(code)? {
        rest = rest.strip_prefix(part)?;
    }
    rest.is_empty().then_some(Named::Character(code))
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A character.
    Character(u32),
    /// More than one character, from the table of named sequences.
    Sequence(&'static [u32]),
}
