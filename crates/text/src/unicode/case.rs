//! Changes of case: simple mappings of a character, and the full ones that `str.lower`, `upper`, `title`, `capitalize`,
//! `swapcase` and `casefold` make of a text, with the rule for the final sigma.

use super::tables::{type_record, types::FULL_CASES};
use super::{flag, is_case_ignorable, is_cased, is_lower, is_title_letter, is_upper};
use crate::gather::Codes;
use crate::{Chars, CodeUnit, OutOfMemory, TextSink, with_units};

const CAPITAL_SIGMA: u32 = 0x3A3;

/// Makes the letters of ASCII small.
pub fn lower_ascii(bytes: &mut [u8]) {
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        let old = u64::from_ne_bytes(*word);
        *word = (old | letters(old, b'A')).to_ne_bytes();
    }
    rest.make_ascii_lowercase();
}

/// Makes the letters of ASCII capitals.
pub fn upper_ascii(bytes: &mut [u8]) {
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        let old = u64::from_ne_bytes(*word);
        *word = (old & !letters(old, b'a')).to_ne_bytes();
    }
    rest.make_ascii_uppercase();
}

/// The bit that tells small letters from capitals, in each of eight bytes that is one of the 26 from `first` on.
#[inline(always)]
fn letters(word: u64, first: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    // Sums of seven bits do not reach the next byte; their high bits say which bytes are large enough.
    let low = word & !HIGH;
    let reaches = low + u64::from(0x80 - first) * ONES;
    let exceeds = low + u64::from(0x80 - first - 26) * ONES;
    (reaches & !exceeds & !word & HIGH) >> 2
}

/// The simple lower case of a character.
#[inline]
pub fn to_lower(code: u32) -> u32 {
    code.wrapping_add_signed(type_record(code).lower)
}

/// The simple upper case of a character.
#[inline]
pub fn to_upper(code: u32) -> u32 {
    code.wrapping_add_signed(type_record(code).upper)
}

/// The simple title case of a character.
#[inline]
pub fn to_title(code: u32) -> u32 {
    code.wrapping_add_signed(type_record(code).title)
}

/// One to three code points that a character becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    codes: [u32; 3],
    length: u8,
}

impl Mapping {
    fn one(code: u32) -> Mapping {
        Mapping { codes: [code, 0, 0], length: 1 }
    }

    /// The code points.
    #[inline]
    pub fn as_slice(&self) -> &[u32] {
        self.codes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

/// A full mapping: `which` counts lower, upper, title, fold.
#[inline]
fn full(code: u32, which: usize) -> Mapping {
    let record = type_record(code);
    if record.full == 0 {
        let step = match which {
            0 => record.lower,
            1 => record.upper,
            2 => record.title,
            _ => record.fold,
        };
        return Mapping::one(code.wrapping_add_signed(step));
    }
    let cases = FULL_CASES.get(usize::from(record.full) - 1).and_then(|cases| cases.get(which));
    let mut mapping = Mapping { codes: [0; 3], length: 0 };
    for (slot, &to) in mapping.codes.iter_mut().zip(cases.copied().unwrap_or_default()) {
        *slot = to;
        mapping.length += 1;
    }
    mapping
}

/// The full lower case of a character on its own.
pub fn full_lower(code: u32) -> Mapping {
    full(code, 0)
}

/// The full upper case of a character.
pub fn full_upper(code: u32) -> Mapping {
    full(code, 1)
}

/// The full title case of a character.
pub fn full_title(code: u32) -> Mapping {
    full(code, 2)
}

/// The full case folding of a character.
pub fn full_fold(code: u32) -> Mapping {
    full(code, 3)
}

/// What to make of a text's case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseChange {
    /// `str.lower`
    Lower,
    /// `str.upper`
    Upper,
    /// `str.title`
    Title,
    /// `str.capitalize`
    Capitalize,
    /// `str.swapcase`
    Swap,
    /// `str.casefold`
    Fold,
}

/// Writes a text with its case changed.
pub fn change_case(text: Chars<'_>, change: CaseChange, sink: &mut impl TextSink) -> Result<(), OutOfMemory> {
    with_units!(text, units => change_units(units, change, sink))
}

fn change_units<U: CodeUnit>(text: &[U], change: CaseChange, sink: &mut impl TextSink) -> Result<(), OutOfMemory> {
    let mut after_cased = false;
    let mut changed = Codes::new(sink);
    for (index, unit) in text.iter().enumerate() {
        let code = unit.code();
        if let Some(code) = changed_alone(code, change) {
            changed.push(code)?;
            continue;
        }
        let mapping = match change {
            CaseChange::Lower => lower_at(text, index, code),
            CaseChange::Upper => full_upper(code),
            CaseChange::Fold => full_fold(code),
            CaseChange::Title => {
                let mapping = if after_cased { lower_at(text, index, code) } else { full_title(code) };
                after_cased = is_cased(code);
                mapping
            }
            CaseChange::Capitalize if index == 0 => full_title(code),
            CaseChange::Capitalize => lower_at(text, index, code),
            CaseChange::Swap if is_upper(code) => lower_at(text, index, code),
            CaseChange::Swap if is_lower(code) => full_upper(code),
            CaseChange::Swap => Mapping::one(code),
        };
        for &code in mapping.as_slice() {
            changed.push(code)?;
        }
    }
    changed.flush()
}

/// What a character becomes, where it becomes one character wherever it stands.
#[inline(always)]
fn changed_alone(code: u32, change: CaseChange) -> Option<u32> {
    if !matches!(change, CaseChange::Lower | CaseChange::Upper | CaseChange::Fold) {
        return None;
    }
    let record = type_record(code);
    if record.full != 0 || code == CAPITAL_SIGMA {
        return None;
    }
    Some(code.wrapping_add_signed(match change {
        CaseChange::Lower => record.lower,
        CaseChange::Upper => record.upper,
        _ => record.fold,
    }))
}

/// The lower case of a character where it stands: a capital sigma at the end of a word becomes a final one.
fn lower_at<U: CodeUnit>(text: &[U], index: usize, code: u32) -> Mapping {
    if code != CAPITAL_SIGMA {
        return full_lower(code);
    }
    let (before, rest) = text.split_at_checked(index).unwrap_or_default();
    let ignored = |unit: &&U| !is_case_ignorable(unit.code());
    let cased = |unit: Option<&U>| unit.is_some_and(|unit| is_cased(unit.code()));
    let is_final = cased(before.iter().rev().find(ignored)) && !cased(rest.iter().skip(1).find(ignored));
    Mapping::one(if is_final { 0x3C2 } else { 0x3C3 })
}

/// `str.islower`: there is a cased character, and none is upper or title case.
pub fn text_is_lower(text: Chars<'_>) -> bool {
    text_has_case(text, flag::LOWER, flag::UPPER | flag::TITLE)
}

/// `str.isupper`: there is a cased character, and none is lower or title case.
pub fn text_is_upper(text: Chars<'_>) -> bool {
    text_has_case(text, flag::UPPER, flag::LOWER | flag::TITLE)
}

fn text_has_case(text: Chars<'_>, wanted: u16, refused: u16) -> bool {
    with_units!(text, units => {
        let mut any = false;
        for unit in units {
            let flags = type_record(unit.code()).flags;
            if flags & refused != 0 {
                return false;
            }
            any |= flags & wanted != 0;
        }
        any
    })
}

/// `str.istitle`: upper and title case only after uncased characters, lower case only after cased ones, and some case.
pub fn text_is_title(text: Chars<'_>) -> bool {
    let mut any = false;
    let mut after_cased = false;
    for code in text.iter() {
        let capital = is_upper(code) || is_title_letter(code);
        let small = !capital && is_lower(code);
        if capital && after_cased || small && !after_cased {
            return false;
        }
        after_cased = capital || small;
        any |= after_cased;
    }
    any
}
