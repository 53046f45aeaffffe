//! The iterators that `_string.formatter_parser` and `_string.formatter_field_name_split` give.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::field::{self, Key, Step, Steps};
use super::markup::Markup;
use crate::object::{Field, Object, Raised, Ref, Room, create};
use crate::types::int::Int;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::{boolean, none};

/// Gives the pieces of a format as tuples: literal text, field name, specification, conversion.
#[pytype(name = "formatteriterator", generic_get, doc = "")]
pub struct FormatterIterator {
    base: Object,
    format: Field<Str>,
    at: Cell<usize>,
    room: Room<16>,
}

crate::assert_layout!(FormatterIterator, size 48);

/// Gives the steps of a field's name as tuples: whether it is an attribute, and its name or number.
#[pytype(name = "fieldnameiterator", generic_get, doc = "")]
pub struct FieldNameIterator {
    base: Object,
    name: Field<Str>,
    at: Cell<usize>,
    room: Room<24>,
}

crate::assert_layout!(FieldNameIterator, size 56);

impl FormatterIterator {
    /// The pieces of `format`.
    pub fn new(format: &Str) -> Result<Ref<FormatterIterator>, Raised> {
        create(FormatterIterator {
            base: Object::of::<FormatterIterator>(),
            format: Field::new(Ref::from_borrowed(format)),
            at: Cell::new(0),
            room: Room::new(),
        })
    }
}

fn key_object(name: &Str, key: Key) -> Result<Ref, Raised> {
    match key {
        Key::Number(number) => Ok(Int::from_u64(number as u64)?.into_object()),
        Key::Name(part) => Ok(name.substring_new(part.start, part.end)?.into_object()),
    }
}

impl FieldNameIterator {
    /// The first part of a field's name, and the steps behind it.
    pub fn split(name: &Str) -> Result<(Ref, Ref<FieldNameIterator>), Raised> {
        let (first, steps) = field::split(name.chars(), 0..name.len())?;
        let steps = create(FieldNameIterator {
            base: Object::of::<FieldNameIterator>(),
            name: Field::new(Ref::from_borrowed(name)),
            at: Cell::new(steps.position()),
            room: Room::new(),
        })?;
        Ok((key_object(name, first)?, steps))
    }
}

#[pymethods]
impl FormatterIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(format) = self.format.get() else { return Ok(None) };
        let mut markup = Markup::new(self.at.get(), format.len());
        let piece = markup.next(format.chars());
        self.at.set(markup.position());
        let Some(piece) = piece? else { return Ok(None) };
        let part = |range: std::ops::Range<usize>| -> Result<Ref, Raised> {
            Ok(format.substring_new(range.start, range.end)?.into_object())
        };
        let literal = part(piece.literal)?;
        let rest = match piece.field {
            None => [none(), none(), none()],
            Some(field) => {
                let conversion = match field.conversion {
                    Some(code) => Str::from_char(code)?.into_object(),
                    None => none(),
                };
                [part(field.name)?, part(field.spec)?, conversion]
            }
        };
        let [name, spec, conversion] = rest;
        Ok(Some(Tuple::from_refs([literal, name, spec, conversion])?.into_object()))
    }
}

#[pymethods]
impl FieldNameIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(name) = self.name.get() else { return Ok(None) };
        let mut steps = Steps::new(self.at.get(), name.len());
        let step = steps.next(name.chars());
        self.at.set(steps.position());
        let Some(step) = step? else { return Ok(None) };
        let (is_attribute, key) = match step {
            Step::Attribute(part) => (true, Key::Name(part)),
            Step::Item(key) => (false, key),
        };
        Ok(Some(Tuple::from_refs([boolean(is_attribute), key_object(&name, key)?])?.into_object()))
    }
}
