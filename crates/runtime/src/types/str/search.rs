//! Searching in strings: `find` and its kin, `startswith`, `replace`, `strip`, the prefixes.

use std::ops::Range;

use habu_macros::pymethods;
use habu_text::search::trim::{CharSet, strip};
use habu_text::search::{self, split::is_text_space};
use habu_text::{CodeUnit, with_two, with_units};

use super::value::{Chars, Str};
use crate::object::protocol::number::{has_index, index_as_size};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::singletons::is_none;
use crate::types::tuple::Tuple;

/// The arguments of `find` and its kin: what is looked for, start, end.
pub(crate) struct FindArguments<'a> {
    /// What is looked for.
    pub(crate) wanted: &'a Object,
    start: isize,
    end: isize,
}

/// An optional index of a slice: None is `missing`.
fn place(value: Option<&&Object>, missing: isize) -> Result<isize, Raised> {
    let Some(value) = value.filter(|value| !is_none(value)) else { return Ok(missing) };
    if !has_index(value) {
        return Err(raise!(TypeError, "slice indices must be integers or None or have an __index__ method"));
    }
    index_as_size(value, None)
}

impl<'a> FindArguments<'a> {
    /// Parses the arguments of the method `name`.
    pub(crate) fn parse(
        name: &str,
        arguments: &[&'a Object],
        names: Option<&Tuple>,
    ) -> Result<FindArguments<'a>, Raised> {
        if names.is_some_and(|names| names.len() > 0) {
            return Err(raise!(TypeError, "{name}() takes no keyword arguments"));
        }
        let count = arguments.len();
        let Some(wanted) = arguments.first().filter(|_| count <= 3) else {
            let (bound, limit) = if count == 0 { ("least", "1 argument") } else { ("most", "3 arguments") };
            return Err(raise!(TypeError, "{name}() takes at {bound} {limit} ({count} given)"));
        };
        let start = place(arguments.get(1), 0)?;
        let end = place(arguments.get(2), isize::MAX)?;
        Ok(FindArguments { wanted, start, end })
    }

    /// The range in a sequence of `length` items; nothing where even the empty sequence is not found.
    pub(crate) fn range(&self, length: usize) -> Option<Range<usize>> {
        search::range(self.start, self.end, length)
    }

    /// What is looked for, as a string.
    fn text(&self) -> Result<&'a Str, Raised> {
        self.wanted.downcast().ok_or_else(|| raise!(TypeError, "must be str, not {}", self.wanted.ty().full_name()))
    }
}

/// Where `find` or `rfind` finds something.
fn locate(
    text: &Str,
    name: &str,
    arguments: &[&Object],
    names: Option<&Tuple>,
    search: fn(Chars<'_>, Chars<'_>) -> Option<usize>,
) -> Result<Option<usize>, Raised> {
    let arguments = FindArguments::parse(name, arguments, names)?;
    let wanted = arguments.text()?;
    let Some(range) = arguments.range(text.len()) else { return Ok(None) };
    if wanted.kind() > text.kind() || wanted.len() > range.len() {
        return Ok(None);
    }
    let found = search(text.chars().slice(range.start, range.end), wanted.chars());
    Ok(found.map(|found| found + range.start))
}

fn or_missing(found: Option<usize>) -> isize {
    found.map_or(-1, |found| found as isize)
}

fn or_raise(found: Option<usize>) -> Result<usize, Raised> {
    found.ok_or_else(|| raise!(ValueError, "substring not found"))
}

/// `startswith` and `endswith`.
fn affix(
    text: &Str,
    name: &str,
    arguments: &[&Object],
    names: Option<&Tuple>,
    test: fn(Chars<'_>, Chars<'_>) -> bool,
) -> Result<bool, Raised> {
    let arguments = FindArguments::parse(name, arguments, names)?;
    let matches = |affix: &Str| {
        let Some(range) = arguments.range(text.len()) else { return false };
        affix.kind() <= text.kind() && test(text.chars().slice(range.start, range.end), affix.chars())
    };
    if let Some(affix) = arguments.wanted.downcast::<Str>() {
        return Ok(matches(affix));
    }
    let Some(affixes) = arguments.wanted.downcast::<Tuple>() else {
        let got = arguments.wanted.ty().full_name();
        return Err(raise!(TypeError, "{name} first arg must be str or a tuple of str, not {got}"));
    };
    for affix in affixes.as_slice() {
        let Some(affix) = affix.downcast::<Str>() else {
            let got = affix.ty().full_name();
            return Err(raise!(TypeError, "tuple for {name} must only contain str, not {got}"));
        };
        if matches(affix) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `strip` and its kin.
fn stripped(text: &Str, name: &str, chars: Option<&Object>, start: bool, end: bool) -> Result<Ref<Str>, Raised> {
    let range = match chars.filter(|chars| !is_none(chars)) {
        None => with_units!(text.chars(), units => strip(units, start, end, is_text_space)),
        Some(chars) => {
            let Some(chars) = chars.downcast::<Str>() else {
                return Err(raise!(TypeError, "{name} arg must be None or str"));
            };
            let set = CharSet::new(chars.chars());
            with_units!(text.chars(), units => strip(units, start, end, |code| set.contains(code)))
        }
    };
    text.substring(range.start, range.end)
}

/// The largest number of replacements that `count` allows.
pub(crate) fn limit(count: isize) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

impl Str {
    /// `text.replace(old, new, count)`
    pub fn replaced(&self, old: &Str, new: &Str, count: isize) -> Result<Ref<Str>, Raised> {
        let most = limit(count);
        if most == 0 || old.kind() > self.kind() || old.len() > self.len() || (old.len() == 0 && new.len() == 0) {
            return self.to_exact();
        }
        if let (Some(text), Some(&[from]), Some(&[to])) = (self.ascii_bytes(), old.ascii_bytes(), new.ascii_bytes()) {
            return self.with_bytes_replaced(text, from, to, most);
        }
        let found = search::count_chars(self.chars(), old.chars(), most);
        if found == 0 || old.same_text(new) {
            return self.to_exact();
        }
        let grown = (new.len() as isize - old.len() as isize).checked_mul(found as isize);
        let length = grown.and_then(|grown| (self.len() as isize).checked_add(grown));
        let Some(length) = length.and_then(|length| usize::try_from(length).ok()) else {
            return Err(raise!(OverflowError, "replace string is too long"));
        };
        if length == 0 {
            return Ok(Str::empty());
        }
        // A bound on the class; a narrower one is possible only where what made the text wide was replaced.
        let bound = self.class().max(new.class());
        let narrows = old.class() >= self.class() && self.class() > 127 && new.class() < self.class();
        if !narrows && length > 1 {
            return Str::assemble(length, bound, |to| replace_into(self, old, new, most, to));
        }
        let mut text = super::StrBuilder::with_capacity(length)?;
        with_two!(self.chars(), old.chars(), units, old => search::replace(units, old, new.chars(), most, &mut text))?;
        text.finish()
    }
}

impl Str {
    /// ASCII text with up to `most` of one character replaced by another, in the places where they stand.
    fn with_bytes_replaced(&self, text: &[u8], from: u8, to: u8, most: usize) -> Result<Ref<Str>, Raised> {
        let Some(first) = u8::position(text, from).filter(|_| from != to) else { return self.to_exact() };
        if text.len() == 1 {
            return Str::from_char(u32::from(to));
        }
        Str::assemble_ascii(text, |text| {
            for byte in text.iter_mut().skip(first).filter(|byte| **byte == from).take(most) {
                *byte = to;
            }
        })
    }
}

/// Writes the text with `most` occurrences replaced.
fn replace_into(text: &Str, old: &Str, new: &Str, most: usize, to: &mut super::build::Writer) {
    let (whole, with) = (text.chars(), new.chars());
    if old.len() == 0 {
        for (index, code) in whole.iter().enumerate() {
            if index < most {
                to.push(with);
            }
            to.put(code);
        }
        if whole.len() < most {
            to.push(with);
        }
        return;
    }
    let mut done = 0;
    with_two!(whole, old.chars(), units, wanted => {
        for found in search::matches(units, wanted).take(most) {
            to.push(whole.slice(done, found));
            to.push(with);
            done = found + wanted.len();
        }
    });
    to.push(whole.slice(done, whole.len()));
}

#[pymethods(table = SEARCH)]
impl Str {
    /// S.find(sub[, start[, end]]) -> int
    ///
    /// Return the lowest index in S where substring sub is found,
    /// such that sub is contained within S[start:end].  Optional
    /// arguments start and end are interpreted as in slice notation.
    ///
    /// Return -1 on failure.
    #[raw]
    #[no_signature]
    fn find(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<isize, Raised> {
        Ok(or_missing(locate(self, "find", arguments, names, search::find_chars)?))
    }

    /// S.rfind(sub[, start[, end]]) -> int
    ///
    /// Return the highest index in S where substring sub is found,
    /// such that sub is contained within S[start:end].  Optional
    /// arguments start and end are interpreted as in slice notation.
    ///
    /// Return -1 on failure.
    #[raw]
    #[no_signature]
    fn rfind(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<isize, Raised> {
        Ok(or_missing(locate(self, "rfind", arguments, names, search::rfind_chars)?))
    }

    /// S.index(sub[, start[, end]]) -> int
    ///
    /// Return the lowest index in S where substring sub is found,
    /// such that sub is contained within S[start:end].  Optional
    /// arguments start and end are interpreted as in slice notation.
    ///
    /// Raises ValueError when the substring is not found.
    #[raw]
    #[no_signature]
    fn index(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<usize, Raised> {
        or_raise(locate(self, "index", arguments, names, search::find_chars)?)
    }

    /// S.rindex(sub[, start[, end]]) -> int
    ///
    /// Return the highest index in S where substring sub is found,
    /// such that sub is contained within S[start:end].  Optional
    /// arguments start and end are interpreted as in slice notation.
    ///
    /// Raises ValueError when the substring is not found.
    #[raw]
    #[no_signature]
    fn rindex(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<usize, Raised> {
        or_raise(locate(self, "rindex", arguments, names, search::rfind_chars)?)
    }

    /// S.count(sub[, start[, end]]) -> int
    ///
    /// Return the number of non-overlapping occurrences of substring sub in
    /// string S[start:end].  Optional arguments start and end are
    /// interpreted as in slice notation.
    #[raw]
    #[no_signature]
    fn count(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<usize, Raised> {
        let arguments = FindArguments::parse("count", arguments, names)?;
        let wanted = arguments.text()?;
        Ok(match arguments.range(self.len()) {
            Some(range) if wanted.kind() <= self.kind() => {
                search::count_chars(self.chars().slice(range.start, range.end), wanted.chars(), usize::MAX)
            }
            _ => 0,
        })
    }

    /// S.startswith(prefix[, start[, end]]) -> bool
    ///
    /// Return True if S starts with the specified prefix, False otherwise.
    /// With optional start, test S beginning at that position.
    /// With optional end, stop comparing S at that position.
    /// prefix can also be a tuple of strings to try.
    #[raw]
    #[no_signature]
    fn startswith(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<bool, Raised> {
        affix(self, "startswith", arguments, names, search::starts_with_chars)
    }

    /// S.endswith(suffix[, start[, end]]) -> bool
    ///
    /// Return True if S ends with the specified suffix, False otherwise.
    /// With optional start, test S beginning at that position.
    /// With optional end, stop comparing S at that position.
    /// suffix can also be a tuple of strings to try.
    #[raw]
    #[no_signature]
    fn endswith(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<bool, Raised> {
        affix(self, "endswith", arguments, names, search::ends_with_chars)
    }

    /// Return a copy with all occurrences of substring old replaced by new.
    ///
    ///   count
    ///     Maximum number of occurrences to replace.
    ///     -1 (the default value) means replace all occurrences.
    ///
    /// If the optional argument count is given, only the first count occurrences are
    /// replaced.
    #[signature(old, new, count = -1, /)]
    fn replace(&self, old: &Str, new: &Str, count: isize) -> Result<Ref<Str>, Raised> {
        self.replaced(old, new, count)
    }

    /// Return a copy of the string with leading and trailing whitespace removed.
    ///
    /// If chars is given and not None, remove characters in chars instead.
    #[signature(chars = None, /)]
    fn strip(&self, chars: Option<&Object>) -> Result<Ref<Str>, Raised> {
        stripped(self, "strip", chars, true, true)
    }

    /// Return a copy of the string with leading whitespace removed.
    ///
    /// If chars is given and not None, remove characters in chars instead.
    #[signature(chars = None, /)]
    fn lstrip(&self, chars: Option<&Object>) -> Result<Ref<Str>, Raised> {
        stripped(self, "lstrip", chars, true, false)
    }

    /// Return a copy of the string with trailing whitespace removed.
    ///
    /// If chars is given and not None, remove characters in chars instead.
    #[signature(chars = None, /)]
    fn rstrip(&self, chars: Option<&Object>) -> Result<Ref<Str>, Raised> {
        stripped(self, "rstrip", chars, false, true)
    }

    /// Return a str with the given prefix string removed if present.
    ///
    /// If the string starts with the prefix string, return string[len(prefix):].
    /// Otherwise, return a copy of the original string.
    fn removeprefix(&self, prefix: &Str) -> Result<Ref<Str>, Raised> {
        let found = search::starts_with_chars(self.chars(), prefix.chars());
        self.substring(if found { prefix.len() } else { 0 }, self.len())
    }

    /// Return a str with the given suffix string removed if present.
    ///
    /// If the string ends with the suffix string and that suffix is not empty,
    /// return string[:-len(suffix)]. Otherwise, return a copy of the original
    /// string.
    fn removesuffix(&self, suffix: &Str) -> Result<Ref<Str>, Raised> {
        let found = search::ends_with_chars(self.chars(), suffix.chars());
        self.substring(0, self.len() - if found { suffix.len() } else { 0 })
    }
}
