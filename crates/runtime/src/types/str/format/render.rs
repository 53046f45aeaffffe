//! Putting a formatted text together.

use std::ops::Range;

use super::field::{Key, Step, split};
use super::markup::{Field, Markup};
use crate::exceptions::{exc, raise_with_arguments};
use crate::object::protocol::sequence::get_index;
use crate::object::protocol::{self, get_attribute, get_item};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::str::{Str, StrBuilder};
use crate::types::tuple::Tuple;
use habu_text::Chars;

/// How deep specifications may have fields themselves: `'{:{}}'`, and no deeper.
const DEPTH: u32 = 2;

/// Where the values come from.
pub(super) enum Source<'a> {
    /// The arguments of a call.
    Call {
        /// Positional ones.
        positional: &'a [&'a Object],
        /// The names of the others.
        names: Option<&'a Tuple>,
        /// The values of those.
        values: &'a [&'a Object],
    },
    /// A mapping.
    Mapping(&'a Object),
}

/// How the fields of a format are numbered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbering {
    Unknown,
    Automatic(usize),
    Manual,
}

impl Numbering {
    /// The number of a field: `given`, or the next one where none is given.
    fn number(&mut self, given: Option<usize>) -> Result<usize, Raised> {
        match (*self, given) {
            (Numbering::Manual, None) => {
                Err(raise!(ValueError, "cannot switch from manual field specification to automatic field numbering"))
            }
            (Numbering::Automatic(_), Some(_)) => {
                Err(raise!(ValueError, "cannot switch from automatic field numbering to manual field specification"))
            }
            (Numbering::Automatic(next), None) => {
                *self = Numbering::Automatic(next + 1);
                Ok(next)
            }
            (Numbering::Unknown, None) => {
                *self = Numbering::Automatic(1);
                Ok(0)
            }
            (_, Some(given)) => {
                *self = Numbering::Manual;
                Ok(given)
            }
        }
    }
}

impl Source<'_> {
    /// The value of a positional field.
    fn positional(&self, number: usize) -> Result<Ref, Raised> {
        let Source::Call { positional, .. } = self else {
            return Err(raise!(ValueError, "Format string contains positional fields"));
        };
        match positional.get(number) {
            Some(value) => Ok(value.to_ref()),
            None => Err(raise!(IndexError, "Replacement index {number} out of range for positional args tuple")),
        }
    }

    /// The value of a named field.
    fn named(&self, name: &Str) -> Result<Ref, Raised> {
        match self {
            Source::Mapping(mapping) => get_item(mapping, name),
            Source::Call { names, values, .. } => {
                let known = names.map_or(&[] as &[Ref], |names| names.as_slice());
                for (known, value) in known.iter().zip(*values) {
                    if known.downcast::<Str>().is_some_and(|known| known.same_text(name)) {
                        return Ok(value.to_ref());
                    }
                }
                Err(raise_with_arguments(exc::KeyError(), &[name]))
            }
        }
    }
}

/// A format that is being rendered.
struct Rendering<'a> {
    format: &'a Str,
    source: &'a Source<'a>,
    numbering: Numbering,
}

/// `format.format(...)`
pub(super) fn render(format: &Str, source: &Source<'_>) -> Result<Ref<Str>, Raised> {
    let has_markup = format.chars().iter().any(|code| code == u32::from(b'{') || code == u32::from(b'}'));
    if !has_markup {
        // The text itself, of whatever class it is.
        return Ok(Ref::from_borrowed(format));
    }
    let mut rendering = Rendering { format, source, numbering: Numbering::Unknown };
    let mut out = Output { text: StrBuilder::with_capacity(format.len())?, whole: None };
    rendering.part(0..format.len(), DEPTH, &mut out)?;
    out.finish()
}

/// The text so far. While it is one string as a whole, it is that string.
struct Output {
    text: StrBuilder,
    whole: Option<Ref<Str>>,
}

impl Output {
    fn push(&mut self, piece: Ref<Str>) -> Result<(), Raised> {
        if self.whole.is_none() && self.text.len() == 0 && piece.is_exact::<Str>() {
            self.whole = Some(piece);
            return Ok(());
        }
        self.push_chars(piece.chars())
    }

    fn push_chars(&mut self, piece: Chars<'_>) -> Result<(), Raised> {
        if piece.is_empty() {
            return Ok(());
        }
        if let Some(whole) = self.whole.take() {
            self.text.push(&whole)?;
        }
        self.text.push_chars(piece)
    }

    fn finish(self) -> Result<Ref<Str>, Raised> {
        match self.whole {
            Some(whole) => Ok(whole),
            None => self.text.finish(),
        }
    }
}

impl Rendering<'_> {
    /// Renders a part of the format: all of it, or a specification.
    fn part(&mut self, part: Range<usize>, depth: u32, out: &mut Output) -> Result<(), Raised> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(raise!(ValueError, "Max string recursion exceeded"));
        };
        let text = self.format.chars();
        let mut markup = Markup::new(part.start, part.end);
        while let Some(piece) = markup.next(text)? {
            if piece.literal == (0..text.len()) {
                out.push(Ref::from_borrowed(self.format))?;
            } else {
                out.push_chars(text.slice(piece.literal.start, piece.literal.end))?;
            }
            if let Some(field) = piece.field {
                self.field(field, depth, out)?;
            }
        }
        Ok(())
    }

    fn field(&mut self, field: Field, depth: u32, out: &mut Output) -> Result<(), Raised> {
        let mut value = self.value(field.name)?;
        if let Some(conversion) = field.conversion {
            value = converted(&value, conversion)?.into_object();
        }
        let spec = if field.nested {
            let mut spec = Output { text: StrBuilder::new(), whole: None };
            self.part(field.spec, depth, &mut spec)?;
            spec.finish()?
        } else {
            self.format.substring_new(field.spec.start, field.spec.end)?
        };
        out.push(protocol::format(&value, Some(&spec))?)
    }

    /// The object that a field names.
    fn value(&mut self, name: Range<usize>) -> Result<Ref, Raised> {
        let format = self.format;
        let text = format.chars();
        let part = |range: Range<usize>| format.substring_new(range.start, range.end);
        let (first, mut steps) = split(text, name)?;
        let mut value = match first {
            Key::Number(number) => {
                let number = self.numbering.number(Some(number))?;
                self.source.positional(number)?
            }
            Key::Name(name) if name.is_empty() => {
                let number = self.numbering.number(None)?;
                self.source.positional(number)?
            }
            Key::Name(name) => self.source.named(&*part(name)?)?,
        };
        while let Some(step) = steps.next(text)? {
            value = match step {
                Step::Attribute(name) => get_attribute(&value, &*part(name)?)?,
                Step::Item(Key::Name(name)) => get_item(&value, &*part(name)?)?,
                Step::Item(Key::Number(number)) => numbered_item(&value, number)?,
            };
        }
        Ok(value)
    }
}

/// `value[number]`
fn numbered_item(value: &Object, number: usize) -> Result<Ref, Raised> {
    if protocol::sequence::is_sequence(value)
        && value.ty().mapping().is_none_or(|suite| suite.mp_subscript.get().is_none())
    {
        return get_index(value, number as isize);
    }
    get_item(value, &*crate::types::int::Int::from_u64(number as u64)?)
}

/// What `!r`, `!s` and `!a` make of a value.
fn converted(value: &Object, conversion: u32) -> Result<Ref<Str>, Raised> {
    match char::from_u32(conversion) {
        Some('r') => protocol::repr(value),
        Some('s') => protocol::str(value),
        Some('a') => crate::types::str::ascii(value),
        Some(other) if conversion > 32 && conversion < 127 => {
            Err(raise!(ValueError, "Unknown conversion specifier {other}"))
        }
        _ => Err(raise!(ValueError, "Unknown conversion specifier \\x{conversion:x}")),
    }
}
