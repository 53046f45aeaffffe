//! `str.translate` and `str.maketrans`.

use habu_macros::pymethods;

use super::builder::StrBuilder;
use super::value::{Chars, Str};
use crate::exceptions::exc;
use crate::object::protocol::attribute::ignore;
use crate::object::protocol::get_item;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::none;
use crate::types::singletons::is_none;

/// What a character becomes.
enum Mapped {
    /// It stays.
    Same,
    /// It goes.
    Gone,
    /// Another character.
    Char(u32),
    /// Some text.
    Text(Ref<Str>),
}

/// Asks the table for a character.
fn look_up(table: &Object, character: u32) -> Result<Mapped, Raised> {
    let key = Int::from_i64(i64::from(character))?;
    let found = match get_item(table, &key) {
        Ok(found) => found,
        Err(raised) => {
            ignore::<()>(raised, exc::LookupError())?;
            return Ok(Mapped::Same);
        }
    };
    if is_none(&found) {
        return Ok(Mapped::Gone);
    }
    if let Some(number) = found.downcast::<Int>() {
        return match number.to_i64() {
            Some(code @ 0..=0x10_FFFF) => Ok(Mapped::Char(code as u32)),
            _ => Err(raise!(ValueError, "character mapping must be in range(0x110000)")),
        };
    }
    found
        .downcast_into::<Str>()
        .map(Mapped::Text)
        .map_err(|_| raise!(TypeError, "character mapping must return integer, None or str"))
}

/// What `translate_ascii` knows of a character besides the one that it becomes: nothing yet, that it goes, that it becomes something else.
const UNKNOWN: u8 = 0x80;
const GONE: u8 = 0x81;
const OTHER: u8 = 0x82;

/// Translates ASCII text while it maps to ASCII characters, each looked up once; gives how far that went. A plain dictionary, which does
/// not notice how often it is asked, need not be left for what maps to anything else.
fn translate_ascii(text: &[u8], table: &Object, out: &mut StrBuilder) -> Result<usize, Raised> {
    let plain_table = table.downcast_exact::<Dict>().is_some();
    let mut known = [UNKNOWN; 128];
    let mut gathered = [0u8; 256];
    let mut used = 0;
    for (index, &byte) in text.iter().enumerate() {
        let place = usize::from(byte & 0x7F);
        let mut to = known[place];
        if to == UNKNOWN || to == OTHER {
            let mapped = look_up(table, u32::from(byte))?;
            to = ascii_of(&mapped, byte);
            known[place] = to;
            if to == OTHER {
                out.push_chars(Chars::One(&gathered[..used]))?;
                used = 0;
                if !plain_table {
                    return Ok(index);
                }
                push_mapped(mapped, u32::from(byte), out)?;
                continue;
            }
        }
        // What goes is written too, and written over.
        gathered[used] = to;
        used += usize::from(to != GONE);
        if used == gathered.len() {
            out.push_chars(Chars::One(&gathered))?;
            used = 0;
        }
    }
    out.push_chars(Chars::One(&gathered[..used]))?;
    Ok(text.len())
}

/// The ASCII character that `byte` becomes, or what else is known of it.
fn ascii_of(mapped: &Mapped, byte: u8) -> u8 {
    match mapped {
        Mapped::Same => byte,
        Mapped::Gone => GONE,
        Mapped::Char(code @ 0..128) => *code as u8,
        Mapped::Char(_) => OTHER,
        Mapped::Text(text) => match text.ascii_bytes() {
            Some([one]) => *one,
            _ => OTHER,
        },
    }
}

/// Appends what a character becomes.
fn push_mapped(mapped: Mapped, character: u32, out: &mut StrBuilder) -> Result<(), Raised> {
    match mapped {
        Mapped::Same => out.push_char(character),
        Mapped::Gone => Ok(()),
        Mapped::Char(code) => out.push_char(code),
        Mapped::Text(text) => out.push(&text),
    }
}

/// `text.translate(table)`
pub fn translate(text: &Str, table: &Object) -> Result<Ref<Str>, Raised> {
    let mut out = StrBuilder::with_capacity(text.len())?;
    let mut at = 0;
    loop {
        // The quick way is taken anew behind each character that it stopped at, which the table is asked for again, as in CPython.
        if let Some(rest) = text.ascii_bytes().and_then(|ascii| ascii.get(at..)) {
            at += translate_ascii(rest, table, &mut out)?;
        }
        let Some(character) = text.chars().get(at) else { return out.finish() };
        push_mapped(look_up(table, character)?, character, &mut out)?;
        at += 1;
    }
}

fn code_object(code: u32) -> Result<Ref, Raised> {
    Ok(Int::from_i64(i64::from(code))?.into_object())
}

/// The table of two or three strings.
fn from_strings(x: &Object, y: &Object, z: Option<&Object>) -> Result<Ref<Dict>, Raised> {
    let signature = &MAKETRANS;
    let Some(y) = y.downcast::<Str>() else {
        return Err(crate::object::args::bad_argument(signature, 1, "str", y));
    };
    let z = match z {
        Some(z) => match z.downcast::<Str>() {
            Some(z) => Some(z),
            None => return Err(crate::object::args::bad_argument(signature, 2, "str", z)),
        },
        None => None,
    };
    let Some(x) = x.downcast::<Str>() else {
        let what = "first maketrans argument must be a string if there is a second argument";
        return Err(raise!(TypeError, "{what}"));
    };
    if x.len() != y.len() {
        return Err(raise!(ValueError, "the first two maketrans arguments must have equal length"));
    }
    let table = Dict::new()?;
    for (from, to) in x.chars().iter().zip(y.chars().iter()) {
        table.set(&*code_object(from)?, &*code_object(to)?)?;
    }
    for gone in z.iter().flat_map(|z| z.chars().iter()) {
        table.set(&*code_object(gone)?, &none())?;
    }
    Ok(table)
}

/// For the messages about wrong arguments.
static MAKETRANS: crate::object::args::Signature = crate::object::args::Signature {
    function: "maketrans",
    names: &["x", "y", "z"],
    required: &[true, false, false],
    positional_only: 3,
    positional: 3,
    varargs: false,
    words: crate::object::args::Words::Clinic,
};

/// The table of a dictionary whose keys may be strings of one character.
fn from_dict(x: &Object) -> Result<Ref<Dict>, Raised> {
    let Some(dict) = x.downcast_exact::<Dict>().or_else(|| x.downcast::<Dict>()) else {
        return Err(raise!(TypeError, "if you give only one argument to maketrans it must be a dict"));
    };
    let table = Dict::new()?;
    let mut at = 0;
    while let Some((key, value)) = dict.next_item(&mut at) {
        if let Some(text) = key.downcast::<Str>() {
            if text.len() != 1 {
                return Err(raise!(ValueError, "string keys in translate table must be of length 1"));
            }
            table.set(&*code_object(text.chars().at(0))?, &value)?;
        } else if key.isinstance::<Int>() {
            table.set(&key, &value)?;
        } else {
            return Err(raise!(TypeError, "keys in translate table must be strings or integers"));
        }
    }
    Ok(table)
}

#[pymethods(table = TRANSLATE)]
impl Str {
    /// Replace each character in the string using the given translation table.
    ///
    ///   table
    ///     Translation table, which must be a mapping of Unicode ordinals to
    ///     Unicode ordinals, strings, or None.
    ///
    /// The table must implement lookup/indexing via __getitem__, for instance a
    /// dictionary or list.  If this operation raises LookupError, the character is
    /// left untouched.  Characters mapped to None are deleted.
    fn translate(&self, table: &Object) -> Result<Ref<Str>, Raised> {
        translate(self, table)
    }

    /// Return a translation table usable for str.translate().
    ///
    /// If there is only one argument, it must be a dictionary mapping Unicode
    /// ordinals (integers) or characters to Unicode ordinals, strings or None.
    /// Character keys will be then converted to ordinals.
    /// If there are two arguments, they must be strings of equal length, and
    /// in the resulting dictionary, each character in x will be mapped to the
    /// character at the same position in y. If there is a third argument, it
    /// must be a string, whose characters will be mapped to None in the result.
    #[staticmethod]
    #[signature(x, y = None, z = None, /)]
    #[shown("(x, y=<unrepresentable>, z=<unrepresentable>, /)")]
    fn maketrans(x: &Object, y: Option<&Object>, z: Option<&Object>) -> Result<Ref<Dict>, Raised> {
        match y {
            Some(y) => from_strings(x, y, z),
            None => from_dict(x),
        }
    }
}
