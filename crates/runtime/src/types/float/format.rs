//! `repr`, `format` and `%` of floats.

use habu_numbers::format_spec::{Defaults, Formatted, Spec, number};
use habu_numbers::percent;

use super::Float;
use crate::exceptions::memory_error;
use crate::object::{Object, Raised, Ref};
use crate::types::int::format::{defaults_for, parse_spec, refused, to_str, with_locale};
use crate::types::str::builder::StrBuilder;
use crate::types::str::{Chars, Str};

/// `repr(value)`
pub fn repr(value: f64) -> Result<Ref<Str>, Raised> {
    let mut text = Vec::with_capacity(32);
    habu_numbers::float::text::write_repr(value, &mut text);
    Str::from_ascii(&text)
}

/// `format(value, spec)`
pub fn format(value: &Float, spec: &Str) -> Result<Ref<Str>, Raised> {
    if spec.len() == 0 {
        return crate::object::protocol::str(value);
    }
    let name = value.ty().full_name();
    let defaults = defaults_for(Defaults::FLOAT, name);
    let (text, mut spec) = (spec, Spec::empty(&defaults));
    parse_spec(text, &mut spec, &defaults)?;
    if spec.is_plain() {
        let mut text = Vec::new();
        number::write_plain_float(value.value(), &spec, name, &mut text).map_err(refused)?;
        return Str::from_ascii(&text);
    }
    let formatted =
        with_locale(spec.kind, |locale| number::format_float(value.value(), &spec, locale, name)).map_err(refused)?;
    to_str(&formatted)
}

/// Appends a number by `%e`, `%f`, `%g` or their capitals, without padding or a sign for what is not negative.
pub fn push_plain(
    value: &Object,
    kind: u8,
    alternate: bool,
    precision: Option<usize>,
    out: &mut StrBuilder,
) -> Result<(), Raised> {
    let value = crate::object::protocol::number::to_f64(value)?;
    let mut text = Vec::new();
    percent::write_float_plain(value, kind, alternate, precision, &mut text).map_err(|_| memory_error())?;
    out.push_chars(Chars::One(&text))
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
