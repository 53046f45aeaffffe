//! The four normal forms (UAX #15): `unicodedata.normalize` and `is_normalized`.

use super::tables::database_record;
use super::tables::decompositions::COMPOSITIONS;
use super::{combining, decomposition};
use crate::{Chars, OutOfMemory};

/// A normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Canonical composition.
    Nfc,
    /// Canonical decomposition.
    Nfd,
    /// Compatibility composition.
    Nfkc,
    /// Compatibility decomposition.
    Nfkd,
}

impl Form {
    /// The form with a name, as Python spells it.
    pub fn from_name(name: &[u8]) -> Option<Form> {
        match name {
            b"NFC" => Some(Form::Nfc),
            b"NFD" => Some(Form::Nfd),
            b"NFKC" => Some(Form::Nfkc),
            b"NFKD" => Some(Form::Nfkd),
            _ => None,
        }
    }

    fn composes(self) -> bool {
        matches!(self, Form::Nfc | Form::Nfkc)
    }

    fn is_compatible(self) -> bool {
        matches!(self, Form::Nfkc | Form::Nfkd)
    }

    fn bit(self) -> u8 {
        match self {
            Form::Nfc => 8,
            Form::Nfd => 4,
            Form::Nfkc => 2,
            Form::Nfkd => 1,
        }
    }
}

/// A database of decompositions: [`decomposition`] or that of another version.
pub(super) type Lookup = fn(u32) -> Option<(&'static str, &'static [u32])>;

/// Jamo and syllables of Hangul, which (de)compose by arithmetic.
mod hangul {
    pub(super) const S: u32 = 0xAC00;
    pub(super) const L: u32 = 0x1100;
    pub(super) const V: u32 = 0x1161;
    pub(super) const T: u32 = 0x11A7;
    pub(super) const L_COUNT: u32 = 19;
    pub(super) const V_COUNT: u32 = 21;
    pub(super) const T_COUNT: u32 = 28;
    pub(super) const S_COUNT: u32 = L_COUNT * V_COUNT * T_COUNT;
}

/// Whether the text surely is in the form; `false` where only normalising tells.
pub fn is_surely_normalized(text: Chars<'_>, form: Form) -> bool {
    if text.is_ascii() || matches!(text, Chars::One(_)) && form == Form::Nfc {
        return true;
    }
    let mut last_class = 0;
    for code in text.iter() {
        let record = database_record(code);
        if record.normal & form.bit() == 0 || record.combining != 0 && record.combining < last_class {
            return false;
        }
        last_class = record.combining;
        if form.composes() && code >= 0x300 && may_follow(code) {
            return false;
        }
    }
    true
}

/// Whether a character may compose with one before it: combining marks and the later jamo.
fn may_follow(code: u32) -> bool {
    (hangul::V..=0x11FF).contains(&code) || matches!(super::category(code), "Mn" | "Mc" | "Me")
}

/// The text in a normal form.
pub fn normalize(text: Chars<'_>, form: Form) -> Result<Vec<u32>, OutOfMemory> {
    normalize_by(text, form, decomposition)
}

/// The text in a normal form, by given decompositions.
pub(super) fn normalize_by(text: Chars<'_>, form: Form, decomposition: Lookup) -> Result<Vec<u32>, OutOfMemory> {
    let mut codes = Vec::new();
    codes.try_reserve(text.len())?;
    for code in text.iter() {
        decompose(code, form.is_compatible(), decomposition, &mut codes)?;
    }
    order(&mut codes)?;
    if form.composes() {
        compose(&mut codes);
    }
    Ok(codes)
}

/// Whether the text is in a normal form.
pub fn is_normalized(text: Chars<'_>, form: Form) -> Result<bool, OutOfMemory> {
    if is_surely_normalized(text, form) {
        return Ok(true);
    }
    let normal = normalize(text, form)?;
    Ok(normal.len() == text.len() && text.iter().eq(normal))
}

fn push(codes: &mut Vec<u32>, code: u32) -> Result<(), OutOfMemory> {
    codes.try_reserve(1)?;
    codes.push(code);
    Ok(())
}

/// Appends the full decomposition of a character. Mappings nest a few levels only, and the table is
/// fixed: the recursion is bounded.
fn decompose(code: u32, compatible: bool, decomposition: Lookup, codes: &mut Vec<u32>) -> Result<(), OutOfMemory> {
    if code < 0x80 {
        return push(codes, code);
    }
    let syllable = code.wrapping_sub(hangul::S);
    if syllable < hangul::S_COUNT {
        push(codes, hangul::L + syllable / (hangul::V_COUNT * hangul::T_COUNT))?;
        push(codes, hangul::V + syllable / hangul::T_COUNT % hangul::V_COUNT)?;
        if !syllable.is_multiple_of(hangul::T_COUNT) {
            push(codes, hangul::T + syllable % hangul::T_COUNT)?;
        }
        return Ok(());
    }
    match decomposition(code) {
        Some((kind, mapping)) if compatible || kind.is_empty() => {
            mapping.iter().try_for_each(|&code| decompose(code, compatible, decomposition, codes))
        }
        _ => push(codes, code),
    }
}

/// Puts each run of combining characters in the order of their classes, keeping that of equal ones.
fn order(codes: &mut [u32]) -> Result<(), OutOfMemory> {
    let mut rest = codes;
    while !rest.is_empty() {
        let run = rest.iter().take_while(|&&code| combining(code) != 0).count();
        let Some((marks, tail)) = rest.split_at_mut_checked(run) else { break };
        if run > LONG_RUN {
            order_long(marks)?;
        } else {
            order_short(marks);
        }
        rest = tail.get_mut(1..).unwrap_or_default();
    }
    Ok(())
}

/// From here on a run of marks is sorted in linear time.
const LONG_RUN: usize = 32;

fn order_short(marks: &mut [u32]) {
    for sorted in 1..marks.len() {
        let mut at = sorted;
        while at > 0 && combining(marks[at - 1]) > combining(marks[at]) {
            marks.swap(at - 1, at);
            at -= 1;
        }
    }
}

fn order_long(marks: &mut [u32]) -> Result<(), OutOfMemory> {
    let mut sorted: Vec<u32> = Vec::new();
    sorted.try_reserve_exact(marks.len())?;
    for class in 1..=u8::MAX {
        sorted.extend(marks.iter().filter(|&&code| combining(code) == class));
    }
    if sorted.len() == marks.len() {
        marks.copy_from_slice(&sorted);
    }
    Ok(())
}

fn pair(first: u32, second: u32) -> Option<u32> {
    let lead = first.wrapping_sub(hangul::L);
    let vowel = second.wrapping_sub(hangul::V);
    if lead < hangul::L_COUNT && vowel < hangul::V_COUNT {
        return Some(hangul::S + (lead * hangul::V_COUNT + vowel) * hangul::T_COUNT);
    }
    let syllable = first.wrapping_sub(hangul::S);
    let tail = second.wrapping_sub(hangul::T);
    if syllable < hangul::S_COUNT && syllable.is_multiple_of(hangul::T_COUNT) && tail > 0 && tail < hangul::T_COUNT {
        return Some(first + tail);
    }
    let at = COMPOSITIONS.binary_search_by_key(&(first, second), |row| (row.0, row.1)).ok()?;
    COMPOSITIONS.get(at).map(|row| row.2)
}

/// Composes in place: each character that is not blocked from the last starter joins it where a pair exists.
fn compose(codes: &mut Vec<u32>) {
    let mut kept = 0;
    let mut starter: Option<usize> = None;
    let mut last_class = 0;
    for at in 0..codes.len() {
        let Some(&code) = codes.get(at) else { break };
        let class = combining(code);
        if let Some(first) = starter {
            let adjacent = first + 1 == kept;
            if adjacent || last_class != 0 && last_class < class {
                let joined = codes.get(first).and_then(|&lead| pair(lead, code));
                if let Some((slot, joined)) = codes.get_mut(first).zip(joined) {
                    *slot = joined;
                    continue;
                }
            }
        }
        if class == 0 {
            starter = Some(kept);
        }
        last_class = class;
        if let Some(slot) = codes.get_mut(kept) {
            *slot = code;
        }
        kept += 1;
    }
    codes.truncate(kept);
}
