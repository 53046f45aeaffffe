//! `_json`: the parts of `json` that must be fast: reading, writing, strings.
//!
//! `text` reads and writes JSON strings, `scanner` reads values, `encoder` writes them.

pub mod encoder;
pub mod scanner;
mod text;

use habu_macros::pymodule;
use habu_runtime::object::{Object, PyType, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use self::encoder::Encoder;
use self::scanner::Scanner;
use crate::fill::set_type;
use crate::system::state;

/// Where the function is kept that encoders may replace by a direct call.
const ASCII: &str = "_json.encode_basestring_ascii";
const PLAIN: &str = "_json.encode_basestring";

/// The first argument, which must be a string.
fn string(object: &Object) -> Result<&Str, Raised> {
    match object.downcast::<Str>() {
        Some(text) => Ok(text),
        None => Err(raise!(TypeError, "first argument must be a string, not {}", object.ty().full_name())),
    }
}

/// The module.
pub struct Json;

/// json speedups
#[pymodule(name = "_json")]
impl Json {
    /// encode_basestring_ascii(string) -> string
    ///
    /// Return an ASCII-only JSON representation of a Python string
    #[no_signature]
    fn encode_basestring_ascii(string: &Object) -> Result<Ref<Str>, Raised> {
        text::encoded(self::string(string)?, true)
    }

    /// encode_basestring(string) -> string
    ///
    /// Return a JSON representation of a Python string
    #[no_signature]
    fn encode_basestring(string: &Object) -> Result<Ref<Str>, Raised> {
        text::encoded(self::string(string)?, false)
    }

    /// scanstring(string, end, strict=True) -> (string, end)
    ///
    /// Scan the string s for a JSON string. End is the index of the
    /// character in s after the quote that started the JSON string.
    /// Unescapes all valid JSON string escape sequences and raises ValueError
    /// on attempt to decode an invalid string. If strict is False then literal
    /// control characters are allowed in the string.
    ///
    /// Returns a tuple of the decoded string and the index of the character in s
    /// after the end quote.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn scanstring(args: &[&Object]) -> Result<Ref<Tuple>, Raised> {
        let count = args.len();
        if !(2..=3).contains(&count) {
            let (word, limit) = if count < 2 { ("at least", 2) } else { ("at most", 3) };
            return Err(raise!(TypeError, "scanstring() takes {word} {limit} arguments ({count} given)"));
        }
        let end = habu_runtime::object::protocol::number::index_as_size(
            args[1],
            Some(habu_runtime::exceptions::exc::OverflowError()),
        )?;
        let strict = args.get(2).map_or(Ok(true), |strict| habu_runtime::object::protocol::truth(strict))?;
        let text = string(args[0])?;
        let Some(end) = usize::try_from(end).ok().filter(|end| *end <= text.len()) else {
            return Err(raise!(ValueError, "end is out of bounds"));
        };
        let (value, end) = text::scan(text, end, strict)?;
        Tuple::from_refs([value.into_object(), Int::from_u64(end as u64)?.into_object()])
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "make_scanner", Scanner::static_type())?;
        set_type(module, "make_encoder", Encoder::static_type())?;
        for (place, name) in [(ASCII, "encode_basestring_ascii"), (PLAIN, "encode_basestring")] {
            if let Some(function) = module.dictionary()?.get_str(name)? {
                state::set(place, &function)?;
            }
        }
        Ok(())
    }
}
