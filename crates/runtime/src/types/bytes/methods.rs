//! What Python calls on bytes objects; most methods come from `shared_methods`.

use std::ffi::c_int;

use habu_macros::pymethods;
use habu_text::search;
use habu_text::search::split::{is_byte_line_break, is_byte_space, lines, rsplit, split, words};

use super::common;
use super::iterator::BytesIterator;
use super::shared_methods::shared_byte_methods;
use super::value::Bytes;
use crate::exceptions::exc;
use crate::id;
use crate::object::protocol::number::{has_index, index_as_size};
use crate::object::protocol::{call0, lookup_special};
use crate::object::slots::{BufferView, CompareOp};
use crate::object::{Object, PyType, Raised, Ref, Type};
use crate::raise;
use crate::types::buffer::{self, ByteView, supports_buffer};
use crate::types::int::Int;
use crate::types::list::List;
use crate::types::singletons::is_none;
use crate::types::slice::Slice;
use crate::types::str::Str;
use crate::types::str::search::{FindArguments, limit};
use crate::types::tuple::Tuple;
use crate::types::{boolean, not_implemented};

/// Refuses an encoding or error handler that comes without a string.
pub(crate) fn refuse_encoding(
    source: Option<&Object>,
    encoding: Option<&Str>,
    errors: Option<&Str>,
) -> Result<(), Raised> {
    if encoding.is_some() {
        return Err(raise!(TypeError, "encoding without a string argument"));
    }
    if errors.is_some() {
        let is_text = source.is_some_and(|source| source.isinstance::<Str>());
        let what = if is_text { "string argument without an encoding" } else { "errors without a string argument" };
        return Err(raise!(TypeError, "{what}"));
    }
    Ok(())
}

/// `bytes(source, encoding, errors)`
fn construct(source: Option<&Object>, encoding: Option<&Str>, errors: Option<&Str>) -> Result<Ref<Bytes>, Raised> {
    if let (Some(text), Some(encoding)) = (source.and_then(|source| source.downcast::<Str>()), encoding) {
        return crate::types::str::codecs::encode(text, Some(encoding), errors);
    }
    refuse_encoding(source, encoding, errors)?;
    let Some(source) = source else { return Ok(Bytes::empty()) };
    if let Some(bytes) = special(source)? {
        return Ok(bytes);
    }
    if source.isinstance::<Str>() {
        return Err(raise!(TypeError, "string argument without an encoding"));
    }
    if let Some(count) = common::count_argument(source)? {
        return Bytes::zeros(count);
    }
    from_object(source)
}

/// What `__bytes__` gives, where the object has it.
fn special(source: &Object) -> Result<Option<Ref<Bytes>>, Raised> {
    let Some(method) = lookup_special(source, id!(__bytes__))? else { return Ok(None) };
    let bytes = call0(&method)?.downcast_into::<Bytes>();
    bytes.map(Some).map_err(|other| raise!(TypeError, "__bytes__ returned non-bytes (type {})", other.ty().full_name()))
}

/// Bytes of an object with `__bytes__`, a buffer or an iterable of integers (`PyObject_Bytes`).
pub fn from_special(source: &Object) -> Result<Ref<Bytes>, Raised> {
    if let Some(bytes) = source.downcast_exact::<Bytes>() {
        return Ok(Ref::from_borrowed(bytes));
    }
    match special(source)? {
        Some(bytes) => Ok(bytes),
        None => from_object(source),
    }
}

/// Bytes of a buffer or an iterable of integers (`PyBytes_FromObject`).
pub fn from_object(source: &Object) -> Result<Ref<Bytes>, Raised> {
    if supports_buffer(source) {
        return buffer::to_bytes(source);
    }
    match common::from_iterable(source, "bytes")? {
        Some(bytes) => Bytes::new(&bytes),
        None => Err(raise!(TypeError, "cannot convert '{}' object to bytes", source.ty().full_name())),
    }
}

impl Bytes {
    /// Lends the bytes.
    #[inline(always)]
    pub fn lend<R>(&self, with: impl FnOnce(&[u8]) -> R) -> R {
        with(self.as_slice())
    }

    fn make(bytes: &[u8]) -> Result<Ref<Bytes>, Raised> {
        Bytes::new(bytes)
    }

    /// This object when it is exactly bytes, else an exact copy.
    fn same(&self) -> Result<Ref<Bytes>, Raised> {
        if self.is_exact::<Bytes>() { Ok(Ref::from_borrowed(self)) } else { Bytes::new(self.as_slice()) }
    }

    /// The three parts of `partition`, with the separator object itself between.
    fn three(&self, at: usize, sep: &Object, length: usize) -> Result<Ref<Tuple>, Raised> {
        let text = self.as_slice();
        let part = |from: usize, to: usize| Bytes::new(text.get(from..to).unwrap_or_default());
        let (before, after) = (part(0, at)?, part(at + length, text.len())?);
        Tuple::from_refs([before.into_object(), sep.to_ref(), after.into_object()])
    }

    fn joined(&self, iterable: &Object) -> Result<Ref<Bytes>, Raised> {
        if let Some(list) = iterable.downcast_exact::<List>()
            && list.len() == 1
            && let Some(only) = list.get(0)
            && let Ok(only) = only.downcast_into::<Bytes>()
            && only.is_exact::<Bytes>()
        {
            return Ok(only);
        }
        Bytes::new(&common::join(self.as_slice(), iterable)?)
    }

    /// `left + right` of any bytes-like objects.
    pub fn concat(left: &Object, right: &Object) -> Result<Ref<Bytes>, Raised> {
        if let (Some(first), Some(second)) = (left.downcast_exact::<Bytes>(), right.downcast_exact::<Bytes>())
            && first.len() > 0
            && second.len() > 0
            && let Some(length) = first.len().checked_add(second.len())
        {
            return Bytes::build(length, |to| {
                let (head, tail) = to.split_at_mut(first.len().min(length));
                head.copy_from_slice(first.as_slice());
                tail.copy_from_slice(second.as_slice());
            });
        }
        if !supports_buffer(left) || !supports_buffer(right) {
            return Err(raise!(TypeError, "can't concat {} to {}", right.ty().full_name(), left.ty().full_name()));
        }
        let (first, second) = (ByteView::new(left)?, ByteView::new(right)?);
        let exact = |object: &Object| object.downcast_exact::<Bytes>().map(Ref::from_borrowed);
        if first.is_empty()
            && let Some(same) = exact(right)
        {
            return Ok(same);
        }
        if second.is_empty()
            && let Some(same) = exact(left)
        {
            return Ok(same);
        }
        let Some(length) = first.len().checked_add(second.len()).filter(|length| *length <= isize::MAX as usize) else {
            return Err(crate::exceptions::memory_error());
        };
        Bytes::build(length, |to| {
            let (head, tail) = to.split_at_mut(first.len().min(length));
            head.copy_from_slice(&first);
            tail.copy_from_slice(&second);
        })
    }

    /// The bytes `count` times.
    pub fn repeat(&self, count: isize) -> Result<Ref<Bytes>, Raised> {
        let count = usize::try_from(count).unwrap_or(0);
        let Some(length) = self.len().checked_mul(count).filter(|length| *length <= isize::MAX as usize) else {
            return Err(raise!(OverflowError, "repeated bytes are too long"));
        };
        if count == 1 {
            return self.same();
        }
        if length <= 1 {
            // A new object even where there is one for all.
            let made = Bytes::zeros_unshared(length)?;
            return Ok(made);
        }
        let text = self.as_slice();
        Bytes::build(length, |to| match text {
            [byte] => to.fill(*byte),
            _ => to.chunks_exact_mut(text.len().max(1)).for_each(|part| part.copy_from_slice(text)),
        })
    }
}

shared_byte_methods!(Bytes, "bytes");

#[pymethods(with(COMMON, COMMON_CASE))]
impl Bytes {
    #[slot(tp_new)]
    #[signature(source = None, encoding = None, errors = None)]
    fn new_object(
        cls: &Type,
        source: Option<&Object>,
        encoding: Option<&Str>,
        errors: Option<&Str>,
    ) -> Result<Ref<Bytes>, Raised> {
        let bytes = construct(source, encoding, errors)?;
        if std::ptr::eq(cls, Bytes::type_object()) { Ok(bytes) } else { Bytes::instantiate(cls, bytes.as_slice()) }
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        common::repr(self.as_slice())
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        crate::types::str::codecs::warn_bytes("str() on a bytes instance")?;
        self.repr()
    }

    #[slot(tp_hash)]
    fn hash_slot(&self) -> Result<isize, Raised> {
        Ok(self.hash())
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<Bytes>() else {
            if matches!(op, CompareOp::Eq | CompareOp::Ne) {
                if other.isinstance::<Str>() {
                    crate::types::str::codecs::warn_bytes("Comparison between bytes and string")?;
                } else if other.isinstance::<Int>() {
                    crate::types::str::codecs::warn_bytes("Comparison between bytes and int")?;
                }
            }
            return Ok(not_implemented());
        };
        Ok(boolean(op.holds(self.as_slice().cmp(other.as_slice()))))
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<BytesIterator>, Raised> {
        BytesIterator::new(self)
    }

    #[slot(nb_remainder)]
    fn remainder(left: &Object, right: &Object) -> Result<Ref, Raised> {
        match left.downcast::<Bytes>() {
            Some(format) => Ok(Bytes::new(&super::percent::format(format.as_slice(), right)?)?.into_object()),
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
    fn add(&self, other: &Object) -> Result<Ref<Bytes>, Raised> {
        Bytes::concat(self, other)
    }

    #[slot(sq_repeat)]
    fn repeat_slot(&self, count: isize) -> Result<Ref<Bytes>, Raised> {
        self.repeat(count)
    }

    #[slot(sq_item)]
    fn item(&self, index: isize) -> Result<Ref<Int>, Raised> {
        match usize::try_from(index).ok().and_then(|index| self.as_slice().get(index)) {
            Some(byte) => Int::from_i64(i64::from(*byte)),
            None => Err(raise!(IndexError, "index out of range")),
        }
    }

    #[slot(sq_contains)]
    fn contains(&self, item: &Object) -> Result<bool, Raised> {
        common::contains(self.as_slice(), item)
    }

    #[slot(mp_subscript)]
    fn subscript(&self, key: &Object) -> Result<Ref, Raised> {
        if has_index(key) {
            let index = index_as_size(key, Some(exc::IndexError()))?;
            let index = if index < 0 { index.saturating_add(self.len() as isize) } else { index };
            return Ok(self.item(index)?.into_object());
        }
        let Some(slice) = key.downcast::<Slice>() else {
            return Err(raise!(TypeError, "byte indices must be integers or slices, not {}", key.ty().full_name()));
        };
        let indices = slice.resolve(|| self.len())?;
        let text = self.as_slice();
        if indices.step == 1 {
            if indices.count == self.len() && self.is_exact::<Bytes>() {
                return Ok(self.to_ref());
            }
            let start = indices.start.max(0) as usize;
            return Ok(Bytes::new(text.get(start..start + indices.count).unwrap_or_default())?.into_object());
        }
        let picked = Bytes::build(indices.count, |to| {
            to.iter_mut().zip(indices.iter()).for_each(|(to, at)| *to = text.get(at).copied().unwrap_or_default());
        })?;
        Ok(picked.into_object())
    }

    #[slot(bf_getbuffer)]
    fn get_buffer(&self, view: *mut BufferView, flags: c_int) -> Result<(), Raised> {
        // SAFETY: the consumer gave a place for the view; the bytes stay where they are while the object lives.
        unsafe { buffer::fill(view, self, self.as_slice().as_ptr().cast_mut(), self.len(), true, flags) }
    }

    #[no_signature]
    fn __getnewargs__(&self) -> Result<Ref<Tuple>, Raised> {
        let copy = Bytes::new(self.as_slice())?;
        Tuple::from_refs([copy.into_object()])
    }

    /// Convert this value to exact type bytes.
    fn __bytes__(&self) -> Result<Ref<Bytes>, Raised> {
        self.same()
    }

    /// Create a bytes object from a string of hexadecimal numbers.
    ///
    /// Spaces between two numbers are accepted.
    /// Example: bytes.fromhex('B9 01EF') -> b'\\xb9\\x01\\xef'.
    #[classmethod]
    #[shown("($type, string, /)")]
    fn fromhex(cls: &Type, string: &Str) -> Result<Ref, Raised> {
        let bytes = Bytes::new(&common::from_hex(string)?)?;
        if std::ptr::eq(cls, Bytes::type_object()) {
            return Ok(bytes.into_object());
        }
        crate::object::protocol::call1(cls, &bytes)
    }
}
