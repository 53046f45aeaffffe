//! The iterators of strings: `str_ascii_iterator` for ASCII text, `str_iterator` for other text.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::value::Str;
use crate::object::{Field, Object, Raised, Ref, create};
use crate::types::int::Int;
use crate::types::iterators::{builtin, reduce_at};
use crate::types::tuple::Tuple;

/// An iterator over a string that is not ASCII; it lets go of the string at its end.
#[pytype(name = "str_iterator", generic_get, c_name = "PyUnicodeIter_Type", doc = "", gc)]
pub struct StrIterator {
    base: Object,
    index: Cell<isize>,
    #[traverse]
    text: Field<Str>,
}

/// An iterator over an ASCII string.
#[pytype(name = "str_ascii_iterator", generic_get, doc = "", gc)]
pub struct StrAsciiIterator {
    base: Object,
    index: Cell<isize>,
    #[traverse]
    text: Field<Str>,
}

crate::assert_layout!(StrIterator, size 32, index @ 16, text @ 24);
crate::assert_layout!(StrAsciiIterator, size 32, index @ 16, text @ 24);

/// `iter(text)`
pub fn iterate(text: &Str) -> Result<Ref, Raised> {
    let (index, text_field) = (Cell::new(0), Field::new(Ref::from_borrowed(text)));
    if text.is_ascii() {
        let base = Object::of::<StrAsciiIterator>();
        return Ok(create(StrAsciiIterator { base, index, text: text_field })?.into_object());
    }
    Ok(create(StrIterator { base: Object::of::<StrIterator>(), index, text: text_field })?.into_object())
}

/// The next character.
#[inline(always)]
fn advance(index: &Cell<isize>, field: &Field<Str>) -> Result<Option<Ref<Str>>, Raised> {
    let at = index.get();
    // SAFETY: making a string of one character runs no Python code before the borrow ends.
    let character = match unsafe { field.borrow() } {
        None => return Ok(None),
        // The usual text has a string for each of its characters at hand.
        Some(text) => match text.ascii_bytes().and_then(|bytes| bytes.get(at as usize)) {
            Some(&byte) => {
                index.set(at + 1);
                return Ok(Some(super::intern::latin1(byte)));
            }
            None => text.chars().get(at as usize),
        },
    };
    match character {
        Some(character) => {
            index.set(at + 1);
            Str::from_char(character).map(Some)
        }
        None => {
            field.set(None);
            Ok(None)
        }
    }
}

/// How many characters are left.
fn left(index: &Cell<isize>, field: &Field<Str>) -> usize {
    field.get().map_or(0, |text| text.len().saturating_sub(index.get() as usize))
}

fn reduce(index: &Cell<isize>, field: &Field<Str>) -> Result<Ref<Tuple>, Raised> {
    let iter = builtin(crate::id!(iter))?;
    reduce_at(iter, field.get().map(Ref::into_object), index.get(), || Ok(Str::empty().into_object()))
}

fn set_state(index: &Cell<isize>, field: &Field<Str>, state: &Int) {
    if let Some(text) = field.get() {
        let wanted = state.to_i64().unwrap_or(if state.is_negative() { 0 } else { i64::MAX });
        index.set(wanted.clamp(0, text.len() as i64) as isize);
    }
}

macro_rules! iterator_methods {
    ($name:ident) => {
        #[pymethods]
        impl $name {
            #[slot(tp_iter)]
            fn iter(&self) -> Result<Ref, Raised> {
                Ok(self.to_ref())
            }

            #[slot(tp_iternext)]
            fn next(&self) -> Result<Option<Ref>, Raised> {
                Ok(advance(&self.index, &self.text)?.map(Ref::into_object))
            }

            /// Private method returning an estimate of len(list(it)).
            #[no_signature]
            fn __length_hint__(&self) -> Result<usize, Raised> {
                Ok(left(&self.index, &self.text))
            }

            /// Return state information for pickling.
            #[no_signature]
            fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
                reduce(&self.index, &self.text)
            }

            /// Set state information for unpickling.
            #[no_signature]
            fn __setstate__(&self, state: &Int) -> Result<(), Raised> {
                set_state(&self.index, &self.text, state);
                Ok(())
            }
        }
    };
}

iterator_methods!(StrIterator);
iterator_methods!(StrAsciiIterator);
