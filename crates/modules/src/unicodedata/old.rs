//! `ucd_3_2_0`: the character database of version 3.2.0, with the module's functions as methods.

use habu_macros::{pymethods, pytype};
use habu_runtime::object::{Object, Raised, Ref, Room, create};
use habu_runtime::types::str::Str;

use super::database::{Character, FormName, OLD};
use super::{look_up, name_of};

/// The database.
#[pytype(name = "unicodedata.UCD", generic_get, doc = "", gc, heap, unbound, immutable, flag = DISALLOW_INSTANTIATION)]
pub(super) struct OldDatabase {
    base: Object,
    room: Room<24>,
}

habu_runtime::assert_layout!(OldDatabase, size 40);

impl OldDatabase {
    /// The one instance that the module has.
    pub(super) fn new() -> Result<Ref<OldDatabase>, Raised> {
        create(OldDatabase { base: Object::of::<OldDatabase>(), room: Room::new() })
    }
}

#[pymethods]
impl OldDatabase {
    #[getter]
    fn unidata_version(&self) -> Result<Ref<Str>, Raised> {
        Str::new("3.2.0")
    }

    /// Converts a Unicode character into its equivalent decimal value.
    ///
    /// Returns the decimal value assigned to the character chr as integer.
    /// If no such value is defined, default is returned, or, if not given,
    /// ValueError is raised.
    #[signature(chr, default = None, /)]
    #[shown("($self, chr, default=<unrepresentable>, /)")]
    fn decimal(&self, chr: Character, default: Option<&Object>) -> Result<Ref, Raised> {
        OLD.decimal_value(&chr, default)
    }

    /// Converts a Unicode character into its equivalent digit value.
    ///
    /// Returns the digit value assigned to the character chr as integer.
    /// If no such value is defined, default is returned, or, if not given,
    /// ValueError is raised.
    #[signature(chr, default = None, /)]
    #[shown("($self, chr, default=<unrepresentable>, /)")]
    fn digit(&self, chr: Character, default: Option<&Object>) -> Result<Ref, Raised> {
        OLD.digit_value(&chr, default)
    }

    /// Converts a Unicode character into its equivalent numeric value.
    ///
    /// Returns the numeric value assigned to the character chr as float.
    /// If no such value is defined, default is returned, or, if not given,
    /// ValueError is raised.
    #[signature(chr, default = None, /)]
    #[shown("($self, chr, default=<unrepresentable>, /)")]
    fn numeric(&self, chr: Character, default: Option<&Object>) -> Result<Ref, Raised> {
        OLD.numeric_value(&chr, default)
    }

    /// Returns the general category assigned to the character chr as string.
    #[signature(chr, /)]
    #[shown("($self, chr, /)")]
    fn category(&self, chr: Character) -> Result<Ref<Str>, Raised> {
        Str::intern((OLD.category)(chr.0))
    }

    /// Returns the bidirectional class assigned to the character chr as string.
    ///
    /// If no such value is defined, an empty string is returned.
    #[signature(chr, /)]
    #[shown("($self, chr, /)")]
    fn bidirectional(&self, chr: Character) -> Result<Ref<Str>, Raised> {
        Str::intern((OLD.bidirectional)(chr.0))
    }

    /// Returns the canonical combining class assigned to the character chr as integer.
    ///
    /// Returns 0 if no combining class is defined.
    #[signature(chr, /)]
    #[shown("($self, chr, /)")]
    fn combining(&self, chr: Character) -> Result<u8, Raised> {
        Ok((OLD.combining)(chr.0))
    }

    /// Returns the mirrored property assigned to the character chr as integer.
    ///
    /// Returns 1 if the character has been identified as a "mirrored"
    /// character in bidirectional text, 0 otherwise.
    #[signature(chr, /)]
    #[shown("($self, chr, /)")]
    fn mirrored(&self, chr: Character) -> Result<u8, Raised> {
        Ok(u8::from((OLD.mirrored)(chr.0)))
    }

    /// Returns the east asian width assigned to the character chr as string.
    #[signature(chr, /)]
    #[shown("($self, chr, /)")]
    fn east_asian_width(&self, chr: Character) -> Result<Ref<Str>, Raised> {
        Str::intern((OLD.east_asian_width)(chr.0))
    }

    /// Returns the character decomposition mapping assigned to the character chr as string.
    ///
    /// An empty string is returned in case no such mapping is defined.
    #[signature(chr, /)]
    #[shown("($self, chr, /)")]
    fn decomposition(&self, chr: Character) -> Result<Ref<Str>, Raised> {
        OLD.decomposition_text(&chr)
    }

    /// Return whether the Unicode string unistr is in the normal form 'form'.
    ///
    /// Valid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'.
    #[signature(form, unistr, /)]
    #[shown("($self, form, unistr, /)")]
    fn is_normalized(&self, form: FormName, unistr: &Str) -> Result<bool, Raised> {
        OLD.is_normal(&form, unistr)
    }

    /// Return the normal form 'form' for the Unicode string unistr.
    ///
    /// Valid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'.
    #[signature(form, unistr, /)]
    #[shown("($self, form, unistr, /)")]
    fn normalize(&self, form: FormName, unistr: &Str) -> Result<Ref<Str>, Raised> {
        OLD.normal(&form, unistr)
    }

    /// Returns the name assigned to the character chr as a string.
    ///
    /// If no name is defined, default is returned, or, if not given,
    /// ValueError is raised.
    #[signature(chr, default = None, /)]
    #[shown("($self, chr, default=<unrepresentable>, /)")]
    fn name(&self, chr: Character, default: Option<&Object>) -> Result<Ref, Raised> {
        name_of(&chr, default, OLD.assigned)
    }

    /// Look up character by name.
    ///
    /// If a character with the given name is found, return the
    /// corresponding character.  If not found, KeyError is raised.
    #[signature(name, /)]
    #[shown("($self, name, /)")]
    fn lookup(&self, name: &Str) -> Result<Ref<Str>, Raised> {
        let found = look_up(name, OLD.assigned)?;
        // Names of sequences, and other names of characters, came later.
        let own = || match found.len() {
            1 => habu_text::unicode::names::name(found.chars().at(0)),
            _ => None,
        };
        match own() {
            Some(own) if format!("{own}").eq_ignore_ascii_case(&name.to_string_lossy()) => Ok(found),
            _ => Err(super::missing(name)),
        }
    }
}
