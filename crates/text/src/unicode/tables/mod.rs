//! The records of the character tables and the two-stage lookup. The tables beside this file are generated.

#[rustfmt::skip]
pub(crate) mod aliases;
#[rustfmt::skip]
pub(crate) mod database;
#[rustfmt::skip]
pub(crate) mod decompositions;
#[rustfmt::skip]
pub(crate) mod old;
#[rustfmt::skip]
pub(crate) mod types;

/// What `str` methods ask of a character.
#[derive(Debug)]
pub(crate) struct TypeRecord {
    /// Bits, in the order of [`super::flag`].
    pub(crate) flags: u16,
    /// Decimal digit value, or 255.
    pub(crate) decimal: u8,
    /// Digit value, or 255.
    pub(crate) digit: u8,
    /// Distance to the simple lower case.
    pub(crate) lower: i32,
    /// Distance to the simple upper case.
    pub(crate) upper: i32,
    /// Distance to the simple title case.
    pub(crate) title: i32,
    /// Distance to the folded case, where `full` is zero.
    pub(crate) fold: i32,
    /// One more than the index of the full mappings, or zero where the simple ones are all.
    pub(crate) full: u16,
}

/// What `unicodedata` says of a character.
#[derive(Debug)]
pub(crate) struct DatabaseRecord {
    /// Index of the general category; zero is unassigned.
    pub(crate) category: u8,
    /// Index of the bidirectional class.
    pub(crate) bidirectional: u8,
    /// Canonical combining class.
    pub(crate) combining: u8,
    /// Index of the East Asian width.
    pub(crate) width: u8,
    /// Whether it is mirrored in bidirectional text.
    pub(crate) mirrored: bool,
    /// Whether it alone is normalised: bits 8, 4, 2, 1 for NFC, NFD, NFKC, NFKD.
    pub(crate) normal: u8,
}

/// The record of a code point; numbers beyond U+10FFFF get that of an unassigned one.
#[inline]
pub(crate) fn type_record(code: u32) -> &'static TypeRecord {
    let number = types::TYPE_INDEX
        .get((code >> 7) as usize)
        .and_then(|&block| types::TYPE_BLOCKS.get(usize::from(block)))
        .map_or(0, |block| block[(code & 127) as usize]);
    types::TYPES.get(usize::from(number)).unwrap_or(&types::TYPES[0])
}

/// The record of a code point; numbers beyond U+10FFFF get that of U+0000.
#[inline]
pub(crate) fn database_record(code: u32) -> &'static DatabaseRecord {
    let number = database::DATABASE_INDEX
        .get((code >> 7) as usize)
        .and_then(|&block| database::DATABASE_BLOCKS.get(usize::from(block)))
        .map_or(0, |block| block[(code & 127) as usize]);
    database::DATABASE.get(usize::from(number)).unwrap_or(&database::DATABASE[0])
}
