//! Padding to a width, and tabulators.

use habu_macros::pymethods;
use habu_text::search;

use super::builder::StrBuilder;
use super::value::Str;
use crate::object::args::{FromArg, Signature};
use crate::object::{Object, Raised, Ref};
use crate::raise;

/// A fill character: an argument that is a string of one character.
pub(super) struct FillChar(u32);

impl FromArg<'_> for FillChar {
    fn from_arg(object: &Object, _: &Signature, _: usize) -> Result<FillChar, Raised> {
        let Some(text) = object.downcast::<Str>() else {
            let name = object.ty().full_name();
            return Err(raise!(TypeError, "The fill character must be a unicode character, not {name}"));
        };
        if text.len() != 1 {
            return Err(raise!(TypeError, "The fill character must be exactly one character long"));
        }
        Ok(FillChar(text.chars().at(0)))
    }
}

impl FillChar {
    /// The default.
    const SPACE: FillChar = FillChar(0x20);
}

/// The text between `left` and `right` fill characters.
fn pad(text: &Str, left: usize, right: usize, fill: u32) -> Result<Ref<Str>, Raised> {
    if left == 0 && right == 0 {
        return text.to_exact();
    }
    let length = left.checked_add(right).and_then(|all| all.checked_add(text.len()));
    let Some(length) = length.filter(|length| *length <= isize::MAX as usize) else {
        return Err(raise!(OverflowError, "padded string is too long"));
    };
    if length == 1 {
        return Str::from_char(fill);
    }
    Str::assemble(length, text.class().max(fill), |to| {
        to.fill(fill, left);
        to.push(text.chars());
        to.fill(fill, right);
    })
}

/// How many characters are missing for `width`.
fn missing(text: &Str, width: isize) -> usize {
    usize::try_from(width).map_or(0, |width| width.saturating_sub(text.len()))
}

#[pymethods(table = LAYOUT)]
impl Str {
    /// Return a centered string of length width.
    ///
    /// Padding is done using the specified fill character (default is a space).
    #[signature(width, fillchar = FillChar::SPACE, /)]
    #[shown("($self, width, fillchar=' ', /)")]
    fn center(&self, width: isize, fillchar: FillChar) -> Result<Ref<Str>, Raised> {
        let all = missing(self, width);
        // With an odd number of fill characters the larger half stands to the left when the width is odd.
        let left = all / 2 + (all & width as usize & 1);
        pad(self, left, all - left, fillchar.0)
    }

    /// Return a left-justified string of length width.
    ///
    /// Padding is done using the specified fill character (default is a space).
    #[signature(width, fillchar = FillChar::SPACE, /)]
    #[shown("($self, width, fillchar=' ', /)")]
    fn ljust(&self, width: isize, fillchar: FillChar) -> Result<Ref<Str>, Raised> {
        pad(self, 0, missing(self, width), fillchar.0)
    }

    /// Return a right-justified string of length width.
    ///
    /// Padding is done using the specified fill character (default is a space).
    #[signature(width, fillchar = FillChar::SPACE, /)]
    #[shown("($self, width, fillchar=' ', /)")]
    fn rjust(&self, width: isize, fillchar: FillChar) -> Result<Ref<Str>, Raised> {
        pad(self, missing(self, width), 0, fillchar.0)
    }

    /// Pad a numeric string with zeros on the left, to fill a field of the given width.
    ///
    /// The string is never truncated.
    fn zfill(&self, width: isize) -> Result<Ref<Str>, Raised> {
        let zeros = missing(self, width);
        let text = self.chars();
        match text.get(0) {
            Some(sign @ (0x2B | 0x2D)) if zeros > 0 => {
                let length = self.len().saturating_add(zeros);
                Str::assemble(length, self.class(), |to| {
                    to.put(sign);
                    to.fill(0x30, zeros);
                    to.push(text.slice(1, text.len()));
                })
            }
            _ => pad(self, zeros, 0, 0x30),
        }
    }

    /// Return a copy where all tab characters are expanded using spaces.
    ///
    /// If tabsize is not given, a tab size of 8 characters is assumed.
    #[signature(tabsize = 8)]
    fn expandtabs(&self, tabsize: i32) -> Result<Ref<Str>, Raised> {
        if search::find_chars(self.chars(), habu_text::Chars::One(b"\t")).is_none() {
            return self.to_exact();
        }
        let size = usize::try_from(tabsize).unwrap_or(0);
        let tabs = search::count_chars(self.chars(), habu_text::Chars::One(b"\t"), usize::MAX);
        if size
            .checked_mul(tabs)
            .and_then(|all| all.checked_add(self.len()))
            .is_none_or(|all| all > isize::MAX as usize)
        {
            return Err(raise!(OverflowError, "new string is too long"));
        }
        let mut text = StrBuilder::with_capacity(self.len())?;
        search::expand_tabs(self.chars(), size, &mut text)?;
        text.finish()
    }
}
