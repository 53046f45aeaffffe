//! Finding one text in another.
//!
//! Bytes in bytes are the business of `memchr::memmem`. Other pairs look for the first unit of the needle and compare
//! there, which is fast on usual text; where that compares too much, the two-way algorithm takes over.

use std::mem::ManuallyDrop;

use super::two_way::TwoWay;
use crate::{Chars, CodeUnit, OutOfMemory, TextSink};

/// The units that simple comparison may look at in vain, beside twice those that were passed.
const PATIENCE: usize = 256;

/// How many places are looked at one by one before a searcher is prepared.
const NEAR: usize = 24;

/// The position of the first occurrence.
pub fn find<H: CodeUnit, N: CodeUnit>(text: &[H], needle: &[N]) -> Option<usize> {
    if needle.len() > text.len() {
        return None;
    }
    let (&first, rest) = match needle.split_first() {
        Some(split) => split,
        None => return Some(0),
    };
    let first = H::from_code(first.code())?;
    if rest.is_empty() {
        return H::position(text, first);
    }
    if let (Some(text), Some(needle)) = (H::as_bytes(text), N::as_bytes(needle)) {
        return find_near(text, needle).or_else(|| memchr::memmem::find(text, needle));
    }
    let starts = text.len() - needle.len() + 1;
    let mut at = 0;
    let mut wasted = 0;
    while let Some(step) = text.get(at..starts).and_then(|part| H::position(part, first)) {
        at += step;
        let tail = text.get(at + 1..at + needle.len()).unwrap_or_default();
        let same = tail.iter().zip(rest).take_while(|(one, two)| one.code() == two.code()).count();
        if same == rest.len() {
            return Some(at);
        }
        wasted += same;
        at += 1;
        if wasted > 2 * at + PATIENCE {
            return TwoWay::<N, false>::new(needle).find(text.get(at..)?).map(|found| at + found);
        }
    }
    None
}

/// The first occurrence, where a short needle occurs so near that a searcher costs more to prepare than it saves.
#[inline]
fn find_near(text: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.len() > 16 {
        return None;
    }
    let (starts, first) = (text.get(..NEAR.min(text.len() - needle.len() + 1))?, needle.first()?);
    let same = |at: &usize| text.get(*at..at + needle.len()) == Some(needle);
    starts.iter().enumerate().filter(|(_, byte)| *byte == first).map(|(at, _)| at).find(same)
}

/// The position of the last occurrence.
pub fn rfind<H: CodeUnit, N: CodeUnit>(text: &[H], needle: &[N]) -> Option<usize> {
    if needle.len() > text.len() {
        return None;
    }
    let (&last, rest) = match needle.split_last() {
        Some(split) => split,
        None => return Some(text.len()),
    };
    let last = H::from_code(last.code())?;
    if rest.is_empty() {
        return H::last_position(text, last);
    }
    let mut end = text.len();
    let mut wasted = 0;
    while let Some(at) = text.get(rest.len()..end).and_then(|part| H::last_position(part, last)) {
        // The occurrence would start at `at` and end with the unit found.
        let head = text.get(at..at + rest.len()).unwrap_or_default();
        let pairs = head.iter().rev().zip(rest.iter().rev());
        let same = pairs.take_while(|(one, two)| one.code() == two.code()).count();
        if same == rest.len() {
            return Some(at);
        }
        wasted += same;
        end = at + rest.len();
        if wasted > 2 * (text.len() - end) + PATIENCE {
            let from_end = TwoWay::<N, true>::new(needle).find(text.get(..end)?)?;
            return Some(end - from_end - needle.len());
        }
    }
    None
}

/// Occurrences that do not overlap, from left to right. An empty needle occurs nowhere: callers treat it apart.
#[derive(Debug)]
pub struct Matches<'h, 'n, H, N> {
    text: &'h [H],
    needle: &'n [N],
    /// Not dropped: with a needle that is lent it owns nothing.
    bytes: Option<ManuallyDrop<memchr::memmem::Finder<'n>>>,
    at: usize,
}

/// The occurrences of a needle that do not overlap.
pub fn matches<'h, 'n, H: CodeUnit, N: CodeUnit>(text: &'h [H], needle: &'n [N]) -> Matches<'h, 'n, H, N> {
    let bytes = match (H::as_bytes(text), N::as_bytes(needle)) {
        (Some(_), Some(needle)) if needle.len() > 1 => Some(ManuallyDrop::new(memchr::memmem::Finder::new(needle))),
        _ => None,
    };
    Matches { text, needle, bytes, at: 0 }
}

impl<H: CodeUnit, N: CodeUnit> Iterator for Matches<'_, '_, H, N> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.needle.is_empty() {
            return None;
        }
        let rest = self.text.get(self.at..)?;
        let found = match (&self.bytes, H::as_bytes(rest)) {
            (Some(finder), Some(rest)) => finder.find(rest),
            _ => find(rest, self.needle),
        };
        let Some(found) = found else {
            self.at = self.text.len();
            return None;
        };
        let found = self.at + found;
        self.at = found + self.needle.len();
        Some(found)
    }
}

/// The number of occurrences that do not overlap, up to a limit. Nothing occurs between all units and at both ends.
pub fn count<H: CodeUnit, N: CodeUnit>(text: &[H], needle: &[N], limit: usize) -> usize {
    match (needle, H::as_bytes(text)) {
        ([], _) => text.len().saturating_add(1).min(limit),
        ([unit], Some(bytes)) if limit >= bytes.len() => match u8::from_code(unit.code()) {
            Some(byte) => memchr::memchr_iter(byte, bytes).count(),
            None => 0,
        },
        ([unit], None) if limit >= text.len() => match H::from_code(unit.code()) {
            Some(unit) => text.iter().filter(|&&other| other == unit).count(),
            None => 0,
        },
        _ => matches(text, needle).take(limit).count(),
    }
}

/// Writes the text with up to `limit` occurrences of the needle replaced.
pub fn replace<H: CodeUnit, N: CodeUnit>(
    text: &[H],
    needle: &[N],
    with: Chars<'_>,
    limit: usize,
    sink: &mut impl TextSink,
) -> Result<(), OutOfMemory> {
    if needle.is_empty() {
        for (index, unit) in text.iter().enumerate() {
            if index < limit {
                sink.push_text(with)?;
            }
            sink.push_code(unit.code())?;
        }
        return if text.len() < limit { sink.push_text(with) } else { Ok(()) };
    }
    let mut done = 0;
    for found in matches(text, needle).take(limit) {
        sink.push_text(H::chars(text.get(done..found).unwrap_or_default()))?;
        sink.push_text(with)?;
        done = found + needle.len();
    }
    sink.push_text(H::chars(text.get(done..).unwrap_or_default()))
}
