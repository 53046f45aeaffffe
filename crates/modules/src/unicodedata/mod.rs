//! `unicodedata`: Unicode 14.0.0, and 3.2.0 as the object `ucd_3_2_0`.

mod database;
mod old;

use habu_macros::pymodule;
use habu_runtime::exceptions::exc;
use habu_runtime::exceptions::raise_with_arguments;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_text::unicode::names::{self, Named};

use database::{Character, FormName, NEW};

use old::OLD_DATABASE_TYPE;

/// The module.
pub struct UnicodeData;

/// The name of a character, where it has one.
fn name_of(character: &Character, default: Option<&Object>, assigned: fn(u32) -> bool) -> Result<Ref, Raised> {
    match names::name(character.0).filter(|_| assigned(character.0)) {
        Some(name) => Ok(Str::from_format(format_args!("{name}"))?.into_object()),
        None => default.map(Object::to_ref).ok_or_else(|| raise!(ValueError, "no such name")),
    }
}

/// The error of a name that no character has.
#[cold]
fn missing(name: &Str) -> Raised {
    match Str::from_format(format_args!("undefined character name '{name}'")) {
        Ok(message) => raise_with_arguments(exc::KeyError(), &[&message]),
        Err(raised) => raised,
    }
}

/// The text of a name.
fn look_up(name: &Str, assigned: fn(u32) -> bool) -> Result<Ref<Str>, Raised> {
    let text = name.to_string_lossy();
    if text.len() > names::MAX_NAME {
        return Err(raise_with_arguments(exc::KeyError(), &[&*Str::new("name too long")?]));
    }
    match names::lookup(text.as_bytes(), true) {
        Some(Named::Character(code)) if assigned(code) => Str::from_char(code),
        Some(Named::Sequence(codes)) => Str::from_code_points(codes),
        _ => Err(missing(name)),
    }
}

/// This module provides access to the Unicode Character Database which
/// defines character properties for all Unicode characters. The data in
/// this database is based on the UnicodeData.txt file version
/// 14.0.0 which is publicly available from ftp://ftp.unicode.org/.
///
/// The module uses the same names and symbols as defined by the
/// UnicodeData File Format 14.0.0.
#[pymodule(name = "unicodedata")]
impl UnicodeData {
    /// Converts a Unicode character into its equivalent decimal value.
    ///
    /// Returns the decimal value assigned to the character chr as integer.
    /// If no such value is defined, default is returned, or, if not given,
    /// ValueError is raised.
    #[signature(chr, default = None, /)]
    #[shown("($self, chr, default=<unrepresentable>, /)")]
    fn decimal(chr: Character, default: Option<&Object>) -> Result<Ref, Raised> {
        NEW.decimal_value(&chr, default)
    }

    /// Converts a Unicode character into its equivalent digit value.
    ///
    /// Returns the digit value assigned to the character chr as integer.
    /// If no such value is defined, default is returned, or, if not given,
    /// ValueError is raised.
    #[signature(chr, default = None, /)]
    #[shown("($self, chr, default=<unrepresentable>, /)")]
    fn digit(chr: Character, default: Option<&Object>) -> Result<Ref, Raised> {
        NEW.digit_value(&chr, default)
    }

    /// Converts a Unicode character into its equivalent numeric value.
    ///
    /// Returns the numeric value assigned to the character chr as float.
    /// If no such value is defined, default is returned, or, if not given,
    /// ValueError is raised.
    #[signature(chr, default = None, /)]
    #[shown("($self, chr, default=<unrepresentable>, /)")]
    fn numeric(chr: Character, default: Option<&Object>) -> Result<Ref, Raised> {
        NEW.numeric_value(&chr, default)
    }

    /// Returns the general category assigned to the character chr as string.
    #[signature(chr, /)]
    #[shown("($self, chr, /)")]
    fn category(chr: Character) -> Result<Ref<Str>, Raised> {
        Str::intern((NEW.category)(chr.0))
    }

    /// Returns the bidirectional class assigned to the character chr as string.
    ///
    /// If no such value is defined, an empty string is returned.
    #[signature(chr, /)]
    #[shown("($self, chr, /)")]
    fn bidirectional(chr: Character) -> Result<Ref<Str>, Raised> {
        Str::intern((NEW.bidirectional)(chr.0))
    }

    /// Returns the canonical combining class assigned to the character chr as integer.
    ///
    /// Returns 0 if no combining class is defined.
    #[signature(chr, /)]
    #[shown("($self, chr, /)")]
    fn combining(chr: Character) -> Result<u8, Raised> {
        Ok((NEW.combining)(chr.0))
    }

    /// Returns the mirrored property assigned to the character chr as integer.
    ///
    /// Returns 1 if the character has been identified as a "mirrored"
    /// character in bidirectional text, 0 otherwise.
    #[signature(chr, /)]
    #[shown("($self, chr, /)")]
    fn mirrored(chr: Character) -> Result<u8, Raised> {
        Ok(u8::from((NEW.mirrored)(chr.0)))
    }

    /// Returns the east asian width assigned to the character chr as string.
    #[signature(chr, /)]
    #[shown("($self, chr, /)")]
    fn east_asian_width(chr: Character) -> Result<Ref<Str>, Raised> {
        Str::intern((NEW.east_asian_width)(chr.0))
    }

    /// Returns the character decomposition mapping assigned to the character chr as string.
    ///
    /// An empty string is returned in case no such mapping is defined.
    #[signature(chr, /)]
    #[shown("($self, chr, /)")]
    fn decomposition(chr: Character) -> Result<Ref<Str>, Raised> {
        NEW.decomposition_text(&chr)
    }

    /// Return whether the Unicode string unistr is in the normal form 'form'.
    ///
    /// Valid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'.
    #[signature(form, unistr, /)]
    #[shown("($self, form, unistr, /)")]
    fn is_normalized(form: FormName, unistr: &Str) -> Result<bool, Raised> {
        NEW.is_normal(&form, unistr)
    }

    /// Return the normal form 'form' for the Unicode string unistr.
    ///
    /// Valid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'.
    #[signature(form, unistr, /)]
    #[shown("($self, form, unistr, /)")]
    fn normalize(form: FormName, unistr: &Str) -> Result<Ref<Str>, Raised> {
        NEW.normal(&form, unistr)
    }

    /// Returns the name assigned to the character chr as a string.
    ///
    /// If no name is defined, default is returned, or, if not given,
    /// ValueError is raised.
    #[signature(chr, default = None, /)]
    #[shown("($self, chr, default=<unrepresentable>, /)")]
    fn name(chr: Character, default: Option<&Object>) -> Result<Ref, Raised> {
        name_of(&chr, default, NEW.assigned)
    }

    /// Look up character by name.
    ///
    /// If a character with the given name is found, return the
    /// corresponding character.  If not found, KeyError is raised.
    #[signature(name, /)]
    #[shown("($self, name, /)")]
    fn lookup(name: &Str) -> Result<Ref<Str>, Raised> {
        look_up(name, NEW.assigned)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        module.set_text("unidata_version", habu_text::unicode::VERSION)?;
        module.add_type(OLD_DATABASE_TYPE)?;
        module.set("ucd_3_2_0", &*old::OldDatabase::new()?)
    }
}
