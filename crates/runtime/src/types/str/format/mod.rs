//! `str.format`, `str.format_map`, `str.__format__`, and the iterators of the module `_string` that show how they read a format.
//!
//! `markup` finds the fields of a format, `field` takes the name of one apart, `render` puts the text together.

pub mod field;
pub mod iterators;
pub mod markup;
mod render;

use habu_macros::pymethods;
use habu_numbers::format_spec::{Defaults, Spec};

use super::value::Str;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::int::format::{defaults_for, parse_spec, refused};
use crate::types::tuple::Tuple;

/// `format(text, spec)`
pub fn format_text(text: &Str, spec: &Str) -> Result<Ref<Str>, Raised> {
    if spec.len() == 0 {
        return text.to_exact();
    }
    let defaults = defaults_for(Defaults::STR, text.ty().full_name());
    let (given, mut spec) = (spec, Spec::empty(&defaults));
    parse_spec(given, &mut spec, &defaults)?;
    let layout = spec.layout_str(text.len()).map_err(refused)?;
    let all = layout.left.checked_add(layout.kept).and_then(|sum| sum.checked_add(layout.right));
    let Some(length) = all.filter(|length| *length <= isize::MAX as usize) else {
        return Err(crate::exceptions::memory_error());
    };
    if layout.left == 0 && layout.right == 0 {
        return text.substring(0, layout.kept);
    }
    if length == 1 {
        return Str::from_char(layout.fill);
    }
    let kept = text.chars().slice(0, layout.kept);
    Str::assemble(length, kept.class().max(layout.fill), |to| {
        to.fill(layout.fill, layout.left);
        to.push(kept);
        to.fill(layout.fill, layout.right);
    })
}

#[pymethods(table = FORMAT)]
impl Str {
    /// S.format(*args, **kwargs) -> str
    ///
    /// Return a formatted version of S, using substitutions from args and kwargs.
    /// The substitutions are identified by braces ('{' and '}').
    #[raw]
    #[no_signature]
    fn format(&self, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref<Str>, Raised> {
        let named = names.map_or(0, Tuple::len);
        let (positional, values) = arguments.split_at(arguments.len().saturating_sub(named));
        let _held = crate::object::args::hold(arguments);
        render::render(self, &render::Source::Call { positional, names, values })
    }

    /// S.format_map(mapping) -> str
    ///
    /// Return a formatted version of S, using substitutions from mapping.
    /// The substitutions are identified by braces ('{' and '}').
    #[no_signature]
    fn format_map(&self, mapping: &Object) -> Result<Ref<Str>, Raised> {
        render::render(self, &render::Source::Mapping(mapping))
    }

    /// Return a formatted version of the string as described by format_spec.
    fn __format__(&self, format_spec: &Object) -> Result<Ref<Str>, Raised> {
        let Some(spec) = format_spec.downcast::<Str>() else {
            let name = format_spec.ty().full_name();
            return Err(raise!(TypeError, "__format__() argument must be str, not {name}"));
        };
        if self.len() == 0 && spec.len() == 0 || spec.len() == 0 {
            return if self.is_exact::<Str>() { self.to_exact() } else { crate::object::protocol::str(self) };
        }
        format_text(self, spec)
    }
}
