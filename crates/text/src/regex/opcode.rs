//! The numbers that `re._constants` gives operations, places and categories, for [`MAGIC`].

/// The version of the code words.
pub const MAGIC: u32 = 20_220_615;
/// Bytes in a code word.
pub const CODE_SIZE: usize = 4;
/// The count that means no limit.
pub const MAX_REPEAT: u32 = u32::MAX;
/// The most groups a pattern can have.
pub const MAX_GROUPS: u32 = 0x3FFF_FFFF;

macro_rules! numbered {
    ($($number:literal $name:ident,)*) => {
        $(pub(super) const $name: u32 = $number;)*
    };
}

numbered! {
    0 FAILURE, 1 SUCCESS, 2 ANY, 3 ANY_ALL, 4 ASSERT, 5 ASSERT_NOT, 6 AT, 7 BRANCH, 8 CATEGORY, 9 CHARSET,
    10 BIGCHARSET, 11 GROUPREF, 12 GROUPREF_EXISTS, 13 IN, 14 INFO, 15 JUMP, 16 LITERAL, 17 MARK, 18 MAX_UNTIL,
    19 MIN_UNTIL, 20 NOT_LITERAL, 21 NEGATE, 22 RANGE, 23 REPEAT, 24 REPEAT_ONE, 26 MIN_REPEAT_ONE, 27 ATOMIC_GROUP,
    28 POSSESSIVE_REPEAT, 29 POSSESSIVE_REPEAT_ONE, 30 GROUPREF_IGNORE, 31 IN_IGNORE, 32 LITERAL_IGNORE,
    33 NOT_LITERAL_IGNORE, 34 GROUPREF_LOC_IGNORE, 35 IN_LOC_IGNORE, 36 LITERAL_LOC_IGNORE,
    37 NOT_LITERAL_LOC_IGNORE, 38 GROUPREF_UNI_IGNORE, 39 IN_UNI_IGNORE, 40 LITERAL_UNI_IGNORE,
    41 NOT_LITERAL_UNI_IGNORE, 42 RANGE_UNI_IGNORE,
}

/// The block of information has a literal prefix.
pub(super) const INFO_PREFIX: u32 = 1;
/// The prefix is the whole pattern.
pub(super) const INFO_LITERAL: u32 = 2;
/// The block of information has a set of first characters.
pub(super) const INFO_CHARSET: u32 = 4;

/// A place between characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Beginning,
    BeginningLine,
    End,
    EndLine,
    EndString,
    Boundary(Alphabet),
    NonBoundary(Alphabet),
}

/// Which characters are in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    Ascii,
    Locale,
    Unicode,
}

impl Place {
    pub(super) fn from_code(code: u32) -> Option<Place> {
        Some(match code {
            0 | 2 => Place::Beginning,
            1 => Place::BeginningLine,
            3 => Place::Boundary(Alphabet::Ascii),
            4 => Place::NonBoundary(Alphabet::Ascii),
            5 => Place::End,
            6 => Place::EndLine,
            7 => Place::EndString,
            8 => Place::Boundary(Alphabet::Locale),
            9 => Place::NonBoundary(Alphabet::Locale),
            10 => Place::Boundary(Alphabet::Unicode),
            11 => Place::NonBoundary(Alphabet::Unicode),
            _ => return None,
        })
    }
}

/// The number of categories; those with an odd number are the contrary of the one before.
pub(super) const CATEGORIES: u32 = 18;
/// The category that the locale decides, and its contrary.
pub(super) const LOCALE_WORD: u32 = 8;
