//! `repr`, `format` and `%` of floats.

use habu_numbers::format_spec::{Defaults, Formatted, number};
use habu_numbers::percent;

use super::Float;
use crate::exceptions::memory_error;
use crate::object::{Object, Raised, Ref};
use crate::types::int::format::{parse_spec, refused, to_str, with_locale};
use crate::types::str::Str;

/// `repr(value)`
pub fn repr(value: f64) -> Result<Ref<Str>, Raised> {
    let mut text = Vec::with_capacity(32);
    habu_numbers::float::text::write_repr(value, &mut text);
    Str::from_latin1(&text)
}

/// `format(value, spec)`
pub fn format(value: &Float, spec: &Str) -> Result<Ref<Str>, Raised> {
    if spec.len() == 0 {
        return crate::object::protocol::str(value);
    }
    let name = value.ty().full_name();
    let spec = parse_spec(spec, &Defaults { type_name: name, ..Defaults::FLOAT })?;
    let formatted =
        with_locale(spec.kind, |locale| number::format_float(value.value(), &spec, locale, name)).map_err(refused)?;
    to_str(&formatted)
}

/// A number by `%e`, `%f`, `%g` or their capitals, as `kind` says.
pub fn percent(
    value: &Object,
    kind: u8,
    flags: percent::Flags,
    width: usize,
    precision: Option<usize>,
) -> Result<Formatted, Raised> {
    let value = crate::object::protocol::number::to_f64(value)?;
    percent::format_float(value, kind, flags, width, precision).map_err(|_| memory_error())
}
