//! `_string`: how `str.format` reads formats and the names of fields, for `string.Formatter`.

use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::format::iterators::{FieldNameIterator, FormatterIterator};
use habu_runtime::types::tuple::Tuple;

/// string helper module
pub struct Strings;

fn text(object: &Object) -> Result<&Str, Raised> {
    object.downcast().ok_or_else(|| raise!(TypeError, "expected str, got {}", object.ty().full_name()))
}

/// string helper module
#[pymodule(name = "_string")]
impl Strings {
    /// split the argument as a field name
    #[no_signature]
    fn formatter_field_name_split(name: &Object) -> Result<Ref<Tuple>, Raised> {
        let (first, steps) = FieldNameIterator::split(text(name)?)?;
        Tuple::from_refs([first, steps.into_object()])
    }

    /// parse the argument as a format string
    #[no_signature]
    fn formatter_parser(format: &Object) -> Result<Ref<FormatterIterator>, Raised> {
        FormatterIterator::new(text(format)?)
    }
}
