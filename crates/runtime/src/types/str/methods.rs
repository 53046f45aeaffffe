//! What Python calls on strings: construction, the operators, and the tables of methods that other files here declare.

use habu_macros::pymethods;
use habu_text::{CodeUnit, search, with_units};

use super::iterator;
use super::value::{Chars, Str};
use crate::exceptions::exc;
use crate::object::protocol::number::{has_index, index_as_size};
use crate::object::protocol::{self, sequence};
use crate::object::slots::CompareOp;
use crate::object::{Object, PyType, Raised, Ref, Type};
use crate::raise;
use crate::types::bytes::Bytes;
use crate::types::slice::Slice;
use crate::types::tuple::Tuple;
use crate::types::{boolean, not_implemented};

/// `str(object, encoding, errors)` as an exact string or, from `__str__`, an instance of a subclass.
fn construct(object: Option<&Object>, encoding: Option<&Str>, errors: Option<&Str>) -> Result<Ref<Str>, Raised> {
    let Some(object) = object else { return Ok(Str::empty()) };
    if encoding.is_none() && errors.is_none() {
        return protocol::str(object);
    }
    super::codecs::decode_object(object, encoding, errors)
}

#[pymethods(with(SEARCH, SPLIT, CASE, PREDICATES, LAYOUT, TRANSLATE, FORMAT))]
impl Str {
    #[slot(tp_new)]
    #[signature(object = None, encoding = None, errors = None)]
    fn new_object(
        cls: &Type,
        object: Option<&Object>,
        encoding: Option<&Str>,
        errors: Option<&Str>,
    ) -> Result<Ref<Str>, Raised> {
        let text = construct(object, encoding, errors)?;
        if std::ptr::eq(cls, Str::type_object()) { Ok(text) } else { Str::instantiate(cls, &text) }
    }

    #[slot(tp_vectorcall)]
    fn call_type(cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        match (arguments, names) {
            ([], None) => Ok(Str::empty().into_object()),
            ([object], None) => {
                let _held = crate::object::args::hold(arguments);
                crate::object::protocol::str(object).map(Ref::into_object)
            }
            _ => crate::object::protocol::call::call_through_tuple(cls, arguments, names),
        }
    }

    #[slot(tp_dealloc)]
    unsafe fn end(object: std::ptr::NonNull<Object>) {
        // SAFETY: as `tp_dealloc`.
        unsafe { super::value::dealloc(object) }
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        if let Chars::One(text) = self.chars()
            && text.iter().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'\'' | b'\\'))
        {
            return Str::assemble(text.len().saturating_add(2), 127, |out| {
                out.push(Chars::One(b"'"));
                out.push(Chars::One(text));
                out.push(Chars::One(b"'"));
            });
        }
        let mut text = super::StrBuilder::with_capacity(self.len().saturating_add(2))?;
        search::repr::repr(self.chars(), &mut text)?;
        text.finish()
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        self.to_exact()
    }

    #[slot(tp_hash)]
    fn hash_slot(&self) -> Result<isize, Raised> {
        Ok(self.hash())
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<Str>() else { return Ok(not_implemented()) };
        Ok(boolean(match op {
            CompareOp::Eq => self.same_text(other),
            CompareOp::Ne => !self.same_text(other),
            _ => op.holds(search::compare(self.chars(), other.chars())),
        }))
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        iterator::iterate(self)
    }

    #[slot(nb_remainder)]
    fn remainder(left: &Object, right: &Object) -> Result<Ref, Raised> {
        match left.downcast::<Str>() {
            Some(format) => Ok(super::percent::format(format, right)?.into_object()),
            None => Ok(not_implemented()),
        }
    }

    #[slot(sq_length)]
    fn length(&self) -> Result<usize, Raised> {
        Ok(self.len())
    }

    #[slot(mp_length)]
    fn mapping_length(&self) -> Result<usize, Raised> {
        Ok(self.len())
    }

    #[slot(sq_concat)]
    fn add(&self, other: &Object) -> Result<Ref<Str>, Raised> {
        let Some(other) = other.downcast::<Str>() else {
            return Err(raise!(TypeError, "can only concatenate str (not \"{}\") to str", other.ty().full_name()));
        };
        Str::concat(self, other)
    }

    #[slot(sq_repeat)]
    fn repeat_slot(&self, count: isize) -> Result<Ref<Str>, Raised> {
        self.repeat(count)
    }

    #[slot(sq_item)]
    fn item(&self, index: isize) -> Result<Ref<Str>, Raised> {
        match usize::try_from(index).ok().and_then(|index| self.chars().get(index)) {
            Some(character) => Str::from_char(character),
            None => Err(raise!(IndexError, "string index out of range")),
        }
    }

    #[slot(sq_contains)]
    fn contains(&self, item: &Object) -> Result<bool, Raised> {
        let Some(item) = item.downcast::<Str>() else {
            return Err(raise!(
                TypeError,
                "'in <string>' requires string as left operand, not {}",
                item.ty().full_name()
            ));
        };
        Ok(self.includes(item))
    }

    #[slot(mp_subscript)]
    fn subscript(&self, key: &Object) -> Result<Ref<Str>, Raised> {
        if has_index(key) {
            let index = index_as_size(key, Some(exc::IndexError()))?;
            return self.item(if index < 0 { index.saturating_add(self.len() as isize) } else { index });
        }
        let Some(slice) = key.downcast::<Slice>() else {
            return Err(raise!(TypeError, "string indices must be integers, not '{}'", key.ty().full_name()));
        };
        self.slice(slice.resolve(|| self.len())?)
    }

    /// Return the size of the string in memory, in bytes.
    fn __sizeof__(&self) -> Result<usize, Raised> {
        Ok(self.size())
    }

    #[no_signature]
    fn __getnewargs__(&self) -> Result<Ref<Tuple>, Raised> {
        let copy = if self.len() < 2 { self.to_exact()? } else { self.copy()? };
        Tuple::from_refs([copy.into_object()])
    }

    /// Encode the string using the codec registered for encoding.
    ///
    ///   encoding
    ///     The encoding in which to encode the string.
    ///   errors
    ///     The error handling scheme to use for encoding errors.
    ///     The default is 'strict' meaning that encoding errors raise a
    ///     UnicodeEncodeError.  Other possible values are 'ignore', 'replace' and
    ///     'xmlcharrefreplace' as well as any other name registered with
    ///     codecs.register_error that can handle UnicodeEncodeErrors.
    #[signature(encoding = None, errors = None)]
    #[shown("($self, /, encoding='utf-8', errors='strict')")]
    fn encode(&self, encoding: Option<&Str>, errors: Option<&Str>) -> Result<Ref<Bytes>, Raised> {
        super::codecs::encode(self, encoding, errors)
    }

    /// Concatenate any number of strings.
    ///
    /// The string whose method is called is inserted in between each given string.
    /// The result is returned as a new string.
    ///
    /// Example: '.'.join(['ab', 'pq', 'rs']) -> 'ab.pq.rs'
    fn join(&self, iterable: &Object) -> Result<Ref<Str>, Raised> {
        super::join::join(self, iterable)
    }
}

impl Str {
    /// Whether `item` occurs in the text.
    pub fn includes(&self, item: &Str) -> bool {
        if item.kind() > self.kind() {
            return false;
        }
        search::find_chars(self.chars(), item.chars()).is_some()
    }

    /// A string of its own with the same text.
    fn copy(&self) -> Result<Ref<Str>, Raised> {
        Str::assemble(self.len(), self.class(), |to| to.push(self.chars()))
    }

    /// The characters that a resolved slice means.
    pub fn slice(&self, indices: sequence::SliceIndices) -> Result<Ref<Str>, Raised> {
        if indices.step == 1 {
            let start = indices.start.max(0) as usize;
            return self.substring(start, start + indices.count);
        }
        match indices.count {
            0 => Ok(Str::empty()),
            1 => Str::from_char(self.chars().at(indices.start as usize)),
            _ => with_units!(self.chars(), units => picked(units, self.is_ascii(), indices)),
        }
    }
}

/// The characters of a slice with a step.
fn picked<U: CodeUnit>(units: &[U], ascii: bool, indices: sequence::SliceIndices) -> Result<Ref<Str>, Raised> {
    let (start, count) = (indices.start as usize, indices.count);
    if indices.step == -1 {
        let part = units.get((start + 1).saturating_sub(count)..=start).unwrap_or_default();
        let class = if ascii { 0 } else { U::chars(part).class() };
        return Str::assemble(count, class, |to| to.put_all(part.iter().rev().map(|unit| unit.code())));
    }
    let at = |index: usize| start.wrapping_add_signed((index as isize).wrapping_mul(indices.step));
    let code = |index: usize| units.get(at(index)).map_or(0, |unit| unit.code());
    let class = if ascii { 0 } else { (0..count).fold(0, |all, index| all | code(index)) };
    Str::assemble(count, class, |to| to.put_all((0..count).map(code)))
}

/// `ascii(object)`
pub fn ascii(object: &Object) -> Result<Ref<Str>, Raised> {
    let shown = protocol::repr(object)?;
    if shown.is_ascii() {
        return Ok(shown);
    }
    let mut escaped = super::builder::ByteBuilder::default();
    habu_text::codec::escape::escape_beyond_ascii(shown.chars(), &mut escaped)?;
    Str::from_latin1(&escaped.0)
}
