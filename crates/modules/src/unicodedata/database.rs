//! A version of the character database as a table of functions, and what the module and `ucd_3_2_0` make of it.

use habu_runtime::object::args::{FromArg, Signature, bad_argument};
use habu_runtime::object::{IntoObject, Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::str::{Chars, Str, StrBuilder};
use habu_text::OutOfMemory;
use habu_text::unicode::{self, normalize::Form, old};

/// The functions of a version.
pub(super) struct Database {
    pub(super) assigned: fn(u32) -> bool,
    pub(super) category: fn(u32) -> &'static str,
    pub(super) bidirectional: fn(u32) -> &'static str,
    pub(super) combining: fn(u32) -> u8,
    pub(super) mirrored: fn(u32) -> bool,
    pub(super) east_asian_width: fn(u32) -> &'static str,
    decimal: fn(u32) -> Option<u8>,
    digit: fn(u32) -> Option<u8>,
    numeric: fn(u32) -> Option<f64>,
    decomposition: fn(u32) -> Option<(&'static str, &'static [u32])>,
    normalize: fn(Chars<'_>, Form) -> Result<Vec<u32>, OutOfMemory>,
    is_normalized: fn(Chars<'_>, Form) -> Result<bool, OutOfMemory>,
}

/// Version 14.0.0.
pub(super) static NEW: Database = Database {
    assigned: unicode::is_assigned,
    category: unicode::category,
    bidirectional: unicode::bidirectional,
    combining: unicode::combining,
    mirrored: unicode::is_mirrored,
    east_asian_width: unicode::east_asian_width,
    decimal: unicode::decimal,
    digit: unicode::digit,
    numeric: unicode::numeric,
    decomposition: unicode::decomposition,
    normalize: unicode::normalize::normalize,
    is_normalized: unicode::normalize::is_normalized,
};

/// Version 3.2.0.
pub(super) static OLD: Database = Database {
    assigned: old::is_assigned,
    category: old::category,
    bidirectional: old::bidirectional,
    combining: old::combining,
    mirrored: old::is_mirrored,
    east_asian_width: old::east_asian_width,
    decimal: old::decimal,
    digit: old::digit,
    numeric: old::numeric,
    decomposition: old::decomposition,
    normalize: old::normalize,
    is_normalized: old::is_normalized,
};

/// An argument that is one character.
pub(super) struct Character(pub(super) u32);

impl FromArg<'_> for Character {
    fn from_arg(object: &Object, signature: &Signature, index: usize) -> Result<Character, Raised> {
        match object.downcast::<Str>() {
            Some(text) if text.len() == 1 => Ok(Character(text.chars().at(0))),
            _ => Err(bad_argument(signature, index, "a unicode character", object)),
        }
    }
}

/// An argument that names a normal form; it is looked at after the text.
pub(super) struct FormName(Option<Form>);

impl FromArg<'_> for FormName {
    fn from_arg(object: &Object, signature: &Signature, index: usize) -> Result<FormName, Raised> {
        match object.downcast::<Str>() {
            Some(text) => Ok(FormName(text.ascii_bytes().and_then(Form::from_name))),
            None => Err(bad_argument(signature, index, "str", object)),
        }
    }
}

impl Database {
    fn value<T: IntoObject>(value: Option<T>, default: Option<&Object>, what: &str) -> Result<Ref, Raised> {
        match (value, default) {
            (Some(value), _) => value.into_object(),
            (None, Some(default)) => Ok(default.to_ref()),
            (None, None) => Err(raise!(ValueError, "not a {what}")),
        }
    }

    pub(super) fn decimal_value(&self, chr: &Character, default: Option<&Object>) -> Result<Ref, Raised> {
        Database::value((self.decimal)(chr.0), default, "decimal")
    }

    pub(super) fn digit_value(&self, chr: &Character, default: Option<&Object>) -> Result<Ref, Raised> {
        Database::value((self.digit)(chr.0), default, "digit")
    }

    pub(super) fn numeric_value(&self, chr: &Character, default: Option<&Object>) -> Result<Ref, Raised> {
        Database::value((self.numeric)(chr.0), default, "numeric character")
    }

    /// The decomposition as hexadecimal numbers, after its kind.
    pub(super) fn decomposition_text(&self, chr: &Character) -> Result<Ref<Str>, Raised> {
        let Some((kind, codes)) = (self.decomposition)(chr.0) else { return Ok(Str::empty()) };
        let mut text = StrBuilder::new();
        if !kind.is_empty() {
            text.push_str(&format!("<{kind}>"))?;
        }
        for code in codes {
            if text.len() > 0 {
                text.push_ascii(" ")?;
            }
            text.push_str(&format!("{code:04X}"))?;
        }
        text.finish()
    }

    fn form(form: &FormName) -> Result<Form, Raised> {
        form.0.ok_or_else(|| raise!(ValueError, "invalid normalization form"))
    }

    pub(super) fn is_normal(&self, form: &FormName, text: &Str) -> Result<bool, Raised> {
        if text.len() == 0 {
            return Ok(true);
        }
        Ok((self.is_normalized)(text.chars(), Database::form(form)?)?)
    }

    pub(super) fn normal(&self, form: &FormName, text: &Str) -> Result<Ref<Str>, Raised> {
        if text.len() == 0 {
            return text.to_exact();
        }
        let form = Database::form(form)?;
        if (self.is_normalized)(text.chars(), form)? {
            return text.to_exact();
        }
        Str::from_code_points(&(self.normalize)(text.chars(), form)?)
    }
}
