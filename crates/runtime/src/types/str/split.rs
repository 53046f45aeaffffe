//! Taking strings apart: `split`, `rsplit`, `splitlines`, `partition`, `rpartition`.

use std::ops::Range;

use habu_macros::pymethods;
use habu_text::search::split::{is_text_line_break, is_text_space, lines, rsplit, split, words};
use habu_text::search::{find_chars, rfind_chars};
use habu_text::{CodeUnit, with_two, with_units};

use super::search::limit;
use super::value::{Chars, Str};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::list::List;
use crate::types::singletons::is_none;
use crate::types::tuple::Tuple;

/// Adds the part `range` of the text.
fn push(list: &List, text: &Str, range: Range<usize>) -> Result<(), Raised> {
    list.push(text.substring(range.start, range.end)?.into_object())
}

/// The separator as a string, or nothing for white space.
fn separator(sep: Option<&Object>) -> Result<Option<&Str>, Raised> {
    let Some(sep) = sep.filter(|sep| !is_none(sep)) else { return Ok(None) };
    let Some(sep) = sep.downcast::<Str>() else {
        return Err(raise!(TypeError, "must be str or None, not {}", sep.ty().full_name()));
    };
    if sep.len() == 0 { Err(empty_separator()) } else { Ok(Some(sep)) }
}

fn empty_separator() -> Raised {
    raise!(ValueError, "empty separator")
}

/// Three parts as a tuple.
fn three(text: &Str, parts: [Range<usize>; 3], separator: &Str) -> Result<Ref<Tuple>, Raised> {
    let [before, _, after] = parts;
    let first = text.substring(before.start, before.end)?;
    let last = text.substring(after.start, after.end)?;
    Tuple::from_refs([first.into_object(), Ref::from_borrowed(separator).into_object(), last.into_object()])
}

/// The white space of ASCII text, by byte.
static ASCII_SPACE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = matches!(byte, 9..=13 | 28..=32);
        byte += 1;
    }
    table
};

impl Str {
    /// Splits by a single byte, the usual separator, which needs no searcher to be prepared.
    fn split_at(&self, text: &[u8], unit: u8, most: usize, list: &List) -> Result<(), Raised> {
        let (mut start, mut left) = (0, most);
        while left > 0
            && let Some(found) = text.get(start..).and_then(|rest| u8::position(rest, unit))
        {
            push(list, self, start..start + found)?;
            start += found + 1;
            left -= 1;
        }
        push(list, self, start..text.len())
    }

    /// Splits ASCII text by white space.
    fn split_words(&self, text: &[u8], most: usize, list: &List) -> Result<(), Raised> {
        let is_space = |byte: u8| ASCII_SPACE[usize::from(byte)];
        let (mut at, mut left) = (0, most);
        loop {
            while text.get(at).is_some_and(|&byte| is_space(byte)) {
                at += 1;
            }
            let start = at;
            if start == text.len() {
                return Ok(());
            }
            at = if left == 0 { text.len() } else { start + 1 };
            while text.get(at).is_some_and(|&byte| !is_space(byte)) {
                at += 1;
            }
            left = left.saturating_sub(1);
            push(list, self, start..at)?;
        }
    }

    /// `text.split(sep, maxsplit)` by white space or a separator that is not empty.
    pub fn split_list(&self, sep: Option<&Str>, maxsplit: isize) -> Result<Ref<List>, Raised> {
        let (list, most) = (List::for_parts(maxsplit)?, limit(maxsplit));
        if let (Some(text), None) = (self.ascii_bytes(), sep) {
            self.split_words(text, most, &list)?;
            return Ok(list);
        }
        if let (Chars::One(text), Some(Chars::One([unit]))) = (self.chars(), sep.map(Str::chars)) {
            self.split_at(text, *unit, most, &list)?;
            return Ok(list);
        }
        match sep {
            None => with_units!(self.chars(), units => {
                words(units, most, is_text_space).try_for_each(|part| push(&list, self, part))
            }),
            Some(sep) => with_two!(self.chars(), sep.chars(), units, sep => {
                split(units, sep, most).try_for_each(|part| push(&list, self, part))
            }),
        }?;
        Ok(list)
    }
}

#[pymethods(table = SPLIT)]
impl Str {
    /// Return a list of the substrings in the string, using sep as the separator string.
    ///
    ///   sep
    ///     The separator used to split the string.
    ///
    ///     When set to None (the default value), will split on any whitespace
    ///     character (including \\n \\r \\t \\f and spaces) and will discard
    ///     empty strings from the result.
    ///   maxsplit
    ///     Maximum number of splits (starting from the left).
    ///     -1 (the default value) means no limit.
    ///
    /// Note, str.split() is mainly useful for data that has been intentionally
    /// delimited.  With natural text that includes punctuation, consider using
    /// the regular expression module.
    #[signature(sep = None, maxsplit = -1)]
    #[varargs(unpack)]
    fn split(&self, sep: Option<&Object>, maxsplit: isize) -> Result<Ref<List>, Raised> {
        self.split_list(separator(sep)?, maxsplit)
    }

    /// Return a list of the substrings in the string, using sep as the separator string.
    ///
    ///   sep
    ///     The separator used to split the string.
    ///
    ///     When set to None (the default value), will split on any whitespace
    ///     character (including \\n \\r \\t \\f and spaces) and will discard
    ///     empty strings from the result.
    ///   maxsplit
    ///     Maximum number of splits (starting from the left).
    ///     -1 (the default value) means no limit.
    ///
    /// Splitting starts at the end of the string and works to the front.
    #[signature(sep = None, maxsplit = -1)]
    fn rsplit(&self, sep: Option<&Object>, maxsplit: isize) -> Result<Ref<List>, Raised> {
        let (list, most) = (List::for_parts(maxsplit)?, limit(maxsplit));
        match separator(sep)? {
            None => with_units!(self.chars(), units => {
                words(units, most, is_text_space).rev().try_for_each(|part| push(&list, self, part))
            }),
            Some(sep) => with_two!(self.chars(), sep.chars(), units, sep => {
                rsplit(units, sep, most).try_for_each(|part| push(&list, self, part))
            }),
        }?;
        let mut parts = list.take_all();
        parts.as_mut_slice().reverse();
        parts.put_back(&list);
        Ok(list)
    }

    /// Return a list of the lines in the string, breaking at line boundaries.
    ///
    /// Line breaks are not included in the resulting list unless keepends is given and
    /// true.
    #[signature(keepends = 0)]
    #[shown("($self, /, keepends=False)")]
    fn splitlines(&self, keepends: i32) -> Result<Ref<List>, Raised> {
        let keepends = keepends != 0;
        let list = List::new()?;
        with_units!(self.chars(), units => {
            lines(units, keepends, is_text_line_break).try_for_each(|part| push(&list, self, part))
        })?;
        Ok(list)
    }

    /// Partition the string into three parts using the given separator.
    ///
    /// This will search for the separator in the string.  If the separator is found,
    /// returns a 3-tuple containing the part before the separator, the separator
    /// itself, and the part after it.
    ///
    /// If the separator is not found, returns a 3-tuple containing the original string
    /// and two empty strings.
    #[shown("($self, sep, /)")]
    fn partition(&self, sep: &Object) -> Result<Ref<Tuple>, Raised> {
        let sep = text_separator(sep)?;
        match find_chars(self.chars(), sep.chars()) {
            Some(at) => three(self, [0..at, 0..0, at + sep.len()..self.len()], sep),
            None => {
                let empty = || Str::empty().into_object();
                Tuple::from_refs([self.to_exact()?.into_object(), empty(), empty()])
            }
        }
    }

    /// Partition the string into three parts using the given separator.
    ///
    /// This will search for the separator in the string, starting at the end. If
    /// the separator is found, returns a 3-tuple containing the part before the
    /// separator, the separator itself, and the part after it.
    ///
    /// If the separator is not found, returns a 3-tuple containing two empty strings
    /// and the original string.
    #[shown("($self, sep, /)")]
    fn rpartition(&self, sep: &Object) -> Result<Ref<Tuple>, Raised> {
        let sep = text_separator(sep)?;
        match rfind_chars(self.chars(), sep.chars()) {
            Some(at) => three(self, [0..at, 0..0, at + sep.len()..self.len()], sep),
            None => {
                let empty = || Str::empty().into_object();
                Tuple::from_refs([empty(), empty(), self.to_exact()?.into_object()])
            }
        }
    }
}

/// The separator of `partition`.
fn text_separator(sep: &Object) -> Result<&Str, Raised> {
    let Some(sep) = sep.downcast::<Str>() else {
        return Err(raise!(TypeError, "must be str, not {}", sep.ty().full_name()));
    };
    if sep.len() == 0 { Err(empty_separator()) } else { Ok(sep) }
}
