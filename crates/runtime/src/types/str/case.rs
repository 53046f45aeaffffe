//! Changes of case, and the `is...` methods.

use habu_macros::pymethods;
use habu_text::unicode::case::{self, CaseChange, change_case};
use habu_text::unicode::predicates;

use super::builder::StrBuilder;
use super::value::Str;
use crate::object::{Raised, Ref};

/// The text with its case changed.
fn changed(text: &Str, change: CaseChange) -> Result<Ref<Str>, Raised> {
    if let Some(ascii) = text.ascii_bytes()
        && ascii.len() > 1
    {
        return Str::assemble_ascii(ascii, |bytes| change_ascii(bytes, change));
    }
    let mut changed = StrBuilder::with_capacity(text.len())?;
    change_case(text.chars(), change, &mut changed)?;
    changed.finish()
}

/// Changes the case of ASCII in place.
fn change_ascii(bytes: &mut [u8], change: CaseChange) {
    match change {
        CaseChange::Lower | CaseChange::Fold => case::lower_ascii(bytes),
        CaseChange::Upper => case::upper_ascii(bytes),
        CaseChange::Capitalize => {
            case::lower_ascii(bytes);
            if let Some(first) = bytes.first_mut() {
                first.make_ascii_uppercase();
            }
        }
        CaseChange::Swap => {
            for byte in bytes.iter_mut().filter(|byte| byte.is_ascii_alphabetic()) {
                *byte ^= 0x20;
            }
        }
        CaseChange::Title => {
            let mut inside = false;
            for byte in bytes {
                if inside {
                    byte.make_ascii_lowercase();
                } else {
                    byte.make_ascii_uppercase();
                }
                inside = byte.is_ascii_alphabetic();
            }
        }
    }
}

#[pymethods(table = CASE)]
impl Str {
    /// Return a capitalized version of the string.
    ///
    /// More specifically, make the first character have upper case and the rest lower
    /// case.
    fn capitalize(&self) -> Result<Ref<Str>, Raised> {
        changed(self, CaseChange::Capitalize)
    }

    /// Return a version of the string suitable for caseless comparisons.
    fn casefold(&self) -> Result<Ref<Str>, Raised> {
        changed(self, CaseChange::Fold)
    }

    /// Return a version of the string where each word is titlecased.
    ///
    /// More specifically, words start with uppercased characters and all remaining
    /// cased characters have lower case.
    fn title(&self) -> Result<Ref<Str>, Raised> {
        changed(self, CaseChange::Title)
    }

    /// Return a copy of the string converted to lowercase.
    fn lower(&self) -> Result<Ref<Str>, Raised> {
        changed(self, CaseChange::Lower)
    }

    /// Convert uppercase characters to lowercase and lowercase characters to uppercase.
    fn swapcase(&self) -> Result<Ref<Str>, Raised> {
        changed(self, CaseChange::Swap)
    }

    /// Return a copy of the string converted to uppercase.
    fn upper(&self) -> Result<Ref<Str>, Raised> {
        changed(self, CaseChange::Upper)
    }
}

#[pymethods(table = PREDICATES)]
impl Str {
    /// Return True if all characters in the string are ASCII, False otherwise.
    ///
    /// ASCII characters have code points in the range U+0000-U+007F.
    /// Empty string is ASCII too.
    fn isascii(&self) -> Result<bool, Raised> {
        Ok(self.is_ascii())
    }

    /// Return True if the string is a lowercase string, False otherwise.
    ///
    /// A string is lowercase if all cased characters in the string are lowercase and
    /// there is at least one cased character in the string.
    fn islower(&self) -> Result<bool, Raised> {
        Ok(case::text_is_lower(self.chars()))
    }

    /// Return True if the string is an uppercase string, False otherwise.
    ///
    /// A string is uppercase if all cased characters in the string are uppercase and
    /// there is at least one cased character in the string.
    fn isupper(&self) -> Result<bool, Raised> {
        Ok(case::text_is_upper(self.chars()))
    }

    /// Return True if the string is a title-cased string, False otherwise.
    ///
    /// In a title-cased string, upper- and title-case characters may only
    /// follow uncased characters and lowercase characters only cased ones.
    fn istitle(&self) -> Result<bool, Raised> {
        Ok(case::text_is_title(self.chars()))
    }

    /// Return True if the string is a whitespace string, False otherwise.
    ///
    /// A string is whitespace if all characters in the string are whitespace and there
    /// is at least one character in the string.
    fn isspace(&self) -> Result<bool, Raised> {
        Ok(predicates::text_is_space(self.chars()))
    }

    /// Return True if the string is a decimal string, False otherwise.
    ///
    /// A string is a decimal string if all characters in the string are decimal and
    /// there is at least one character in the string.
    fn isdecimal(&self) -> Result<bool, Raised> {
        Ok(predicates::text_is_decimal(self.chars()))
    }

    /// Return True if the string is a digit string, False otherwise.
    ///
    /// A string is a digit string if all characters in the string are digits and there
    /// is at least one character in the string.
    fn isdigit(&self) -> Result<bool, Raised> {
        Ok(predicates::text_is_digit(self.chars()))
    }

    /// Return True if the string is a numeric string, False otherwise.
    ///
    /// A string is numeric if all characters in the string are numeric and there is at
    /// least one character in the string.
    fn isnumeric(&self) -> Result<bool, Raised> {
        Ok(predicates::text_is_numeric(self.chars()))
    }

    /// Return True if the string is an alphabetic string, False otherwise.
    ///
    /// A string is alphabetic if all characters in the string are alphabetic and there
    /// is at least one character in the string.
    fn isalpha(&self) -> Result<bool, Raised> {
        Ok(predicates::text_is_alpha(self.chars()))
    }

    /// Return True if the string is an alpha-numeric string, False otherwise.
    ///
    /// A string is alpha-numeric if all characters in the string are alpha-numeric and
    /// there is at least one character in the string.
    fn isalnum(&self) -> Result<bool, Raised> {
        Ok(predicates::text_is_alnum(self.chars()))
    }

    /// Return True if the string is a valid Python identifier, False otherwise.
    ///
    /// Call keyword.iskeyword(s) to test whether string s is a reserved identifier,
    /// such as "def" or "class".
    fn isidentifier(&self) -> Result<bool, Raised> {
        Ok(predicates::text_is_identifier(self.chars()))
    }

    /// Return True if the string is printable, False otherwise.
    ///
    /// A string is printable if all of its characters are considered printable in
    /// repr() or if it is empty.
    fn isprintable(&self) -> Result<bool, Raised> {
        Ok(predicates::text_is_printable(self.chars()))
    }
}
