//! What Python calls on bytearrays; most methods come from `bytes/shared_methods`.

use std::ffi::c_int;

use habu_heap::Buffer;
use habu_macros::pymethods;
use habu_text::search;
use habu_text::search::split::{is_byte_line_break, is_byte_space, lines, rsplit, split, words};

use super::iterator::ByteArrayIterator;
use super::{ByteArray, store};
use crate::exceptions::exc;
use crate::object::protocol::number::{has_index, index_as_size};
use crate::object::protocol::{self, attribute::ignore};
use crate::object::slots::{BufferView, CompareOp};
use crate::object::{Object, Raised, Ref, Type, instantiate};
use crate::raise;
use crate::types::buffer::{self, ByteView, supports_buffer};
use crate::types::bytes::shared_methods::shared_byte_methods;
use crate::types::bytes::{Bytes, common};
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::list::List;
use crate::types::singletons::is_none;
use crate::types::slice::Slice;
use crate::types::str::Str;
use crate::types::str::search::{FindArguments, limit};
use crate::types::tuple::Tuple;
use crate::types::{boolean, not_implemented};

impl ByteArray {
    fn make(bytes: &[u8]) -> Result<Ref<ByteArray>, Raised> {
        ByteArray::new(bytes)
    }

    /// A copy: a bytearray is never shared.
    fn same(&self) -> Result<Ref<ByteArray>, Raised> {
        self.lend(ByteArray::new)
    }

    /// The three parts of `partition`.
    fn three(&self, at: usize, sep: &Object, length: usize) -> Result<Ref<Tuple>, Raised> {
        let parts = self.lend(|text| {
            let part = |range: std::ops::Range<usize>| ByteArray::new(text.get(range).unwrap_or_default());
            Ok::<_, Raised>((part(0..at)?, part(at + length..text.len())?))
        })?;
        let middle = buffer::with_buffer(sep, ByteArray::new)??;
        Tuple::from_refs([parts.0.into_object(), middle.into_object(), parts.1.into_object()])
    }

    fn joined(&self, iterable: &Object) -> Result<Ref<ByteArray>, Raised> {
        // While the items come, which may run Python code, the separator cannot be resized.
        let joined = self.lend(|separator| common::join(separator, iterable))?;
        ByteArray::new(&joined)
    }

    /// A bytearray of a buffer or an iterable of integers (`PyByteArray_FromObject`, without counts).
    pub fn from_object(source: &Object) -> Result<Ref<ByteArray>, Raised> {
        if let Some(bytes) = source.downcast_exact::<Bytes>() {
            return ByteArray::new(bytes.as_slice());
        }
        if supports_buffer(source) {
            return ByteArray::new(buffer::to_bytes(source)?.as_slice());
        }
        match common::from_iterable(source, "byte")? {
            Some(bytes) => ByteArray::new(&bytes),
            None => Err(raise!(TypeError, "cannot convert '{}' object to bytearray", source.ty().full_name())),
        }
    }

    /// Adds the bytes of a bytes-like object, which may be this one.
    fn extend_by(&self, other: &Object) -> Result<(), Raised> {
        if !supports_buffer(other) {
            let (theirs, ours) = (other.ty().full_name(), self.ty().full_name());
            return Err(raise!(TypeError, "can't concat {theirs} to {ours}"));
        }
        // Added to itself, the array is its own consumer and cannot grow: a BufferError, as in CPython.
        let view = ByteView::new(other)?;
        self.extend(&view)
    }

    /// The position that an index from Python means.
    fn position(&self, index: isize) -> Option<usize> {
        let index = if index < 0 { index.saturating_add(self.len() as isize) } else { index };
        usize::try_from(index).ok().filter(|index| *index < self.len())
    }

    /// `(type, arguments, dictionary)` for pickling: as text of Latin-1 below protocol 3.
    fn reduced(&self, protocol: i32) -> Result<Ref<Tuple>, Raised> {
        let state = crate::types::object::state_of(self)?;
        let arguments = if self.len() == 0 {
            Tuple::empty()
        } else if protocol < 3 {
            let text = self.lend(Str::from_latin1)?;
            Tuple::from_refs([text.into_object(), Str::new("latin-1")?.into_object()])?
        } else {
            let bytes = self.lend(Bytes::new)?;
            Tuple::from_refs([bytes.into_object()])?
        };
        Tuple::from_refs([self.type_ref().into_object(), arguments.into_object(), state])
    }
}

shared_byte_methods!(ByteArray, "bytearray");

#[pymethods(with(COMMON, COMMON_CASE, CHANGES))]
impl ByteArray {
    #[slot(tp_new)]
    fn new_object(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<ByteArray>, Raised> {
        // The arguments are for `init`.
        let _ = (args, kwargs);
        instantiate(cls, ByteArray::fields())
    }

    #[slot(tp_init)]
    #[signature(source = None, encoding = None, errors = None)]
    fn init(&self, source: Option<&Object>, encoding: Option<&Str>, errors: Option<&Str>) -> Result<(), Raised> {
        if self.len() > 0 {
            self.resize(0)?;
        }
        if let Some(text) = source.and_then(|source| source.downcast::<Str>()) {
            if encoding.is_none() {
                return Err(raise!(TypeError, "string argument without an encoding"));
            }
            let bytes = crate::types::str::codecs::encode(text, encoding, errors)?;
            return self.extend(bytes.as_slice());
        }
        crate::types::bytes::refuse_encoding(source, encoding, errors)?;
        let Some(source) = source else { return Ok(()) };
        if let Some(count) = common::count_argument(source)? {
            return self.resize(count);
        }
        if supports_buffer(source) {
            let bytes = buffer::to_bytes(source)?;
            return self.extend(bytes.as_slice());
        }
        if source.is_exact::<List>() || source.is_exact::<Tuple>() || source.isinstance::<Str>() {
            return match common::from_iterable(source, "byte")? {
                Some(bytes) => self.extend(&bytes),
                None => Err(raise!(TypeError, "cannot convert '{}' object to bytearray", source.ty().full_name())),
            };
        }
        let items = match protocol::iterate::iterator(source) {
            Ok(items) => items,
            Err(raised) => {
                ignore::<()>(raised, exc::TypeError())?;
                let name = source.ty().full_name();
                return Err(raise!(TypeError, "cannot convert '{name}' object to bytearray"));
            }
        };
        // What came so far can be seen while the next item is made.
        while let Some(item) = protocol::iterate::next(&items)? {
            self.push(common::byte_value(&item, "byte")?)?;
        }
        Ok(())
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let name = self.ty().full_name().to_owned();
        self.lend(|text| common::repr_in(text, &name))
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        crate::types::str::codecs::warn_bytes("str() on a bytearray instance")?;
        self.repr()
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        if other.isinstance::<Str>() {
            if matches!(op, CompareOp::Eq | CompareOp::Ne) {
                crate::types::str::codecs::warn_bytes("Comparison between bytearray and string")?;
            }
            return Ok(not_implemented());
        }
        if !supports_buffer(other) {
            return Ok(not_implemented());
        }
        let Ok(view) = ByteView::new(other).map_err(Raised::clear) else { return Ok(not_implemented()) };
        Ok(boolean(self.lend(|text| op.holds(text.cmp(&view)))))
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<ByteArrayIterator>, Raised> {
        ByteArrayIterator::new(self)
    }

    #[slot(nb_remainder)]
    fn remainder(left: &Object, right: &Object) -> Result<Ref, Raised> {
        let Some(format) = left.downcast::<ByteArray>() else { return Ok(not_implemented()) };
        let format = format.lend(|text| Ok::<_, Raised>(Buffer::from_slice(text)?))?;
        Ok(ByteArray::new(&crate::types::bytes::percent::format(&format, right)?)?.into_object())
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
    fn add(&self, other: &Object) -> Result<Ref<ByteArray>, Raised> {
        if !supports_buffer(other) {
            let (theirs, ours) = (other.ty().full_name(), self.ty().full_name());
            return Err(raise!(TypeError, "can't concat {theirs} to {ours}"));
        }
        let view = ByteView::new(other)?;
        let both = self.lend(|text| {
            let mut both = Buffer::with_capacity(text.len().saturating_add(view.len()))?;
            both.extend_from_slice(text)?;
            both.extend_from_slice(&view)?;
            Ok::<_, Raised>(both)
        })?;
        ByteArray::new(&both)
    }

    #[slot(sq_repeat)]
    fn repeat_slot(&self, count: isize) -> Result<Ref<ByteArray>, Raised> {
        let copy = ByteArray::new(b"")?;
        copy.extend(&self.repeated(count)?)?;
        Ok(copy)
    }

    #[slot(sq_item)]
    fn item(&self, index: isize) -> Result<Ref<Int>, Raised> {
        match usize::try_from(index).ok().and_then(|index| self.get(index)) {
            Some(byte) => Int::from_i64(i64::from(byte)),
            None => Err(raise!(IndexError, "bytearray index out of range")),
        }
    }

    #[slot(sq_ass_item)]
    fn set_item(&self, index: isize, value: Option<&Object>) -> Result<(), Raised> {
        store::assign_index(self, index, value)
    }

    #[slot(sq_contains)]
    fn contains(&self, item: &Object) -> Result<bool, Raised> {
        self.lend(|text| common::contains(text, item))
    }

    #[slot(sq_inplace_concat)]
    fn inplace_add(&self, other: &Object) -> Result<Ref, Raised> {
        self.extend_by(other)?;
        Ok(self.to_ref())
    }

    #[slot(sq_inplace_repeat)]
    fn inplace_repeat(&self, count: isize) -> Result<Ref, Raised> {
        if count != 1 {
            let text = self.repeated(count)?;
            self.resize(text.len())?;
            self.lend_mut(|bytes| bytes.copy_from_slice(&text));
        }
        Ok(self.to_ref())
    }

    #[slot(mp_subscript)]
    fn subscript(&self, key: &Object) -> Result<Ref, Raised> {
        if has_index(key) {
            let index = index_as_size(key, Some(exc::IndexError()))?;
            return match self.position(index).and_then(|index| self.get(index)) {
                Some(byte) => Ok(Int::from_i64(i64::from(byte))?.into_object()),
                None => Err(raise!(IndexError, "bytearray index out of range")),
            };
        }
        let Some(slice) = key.downcast::<Slice>() else {
            let name = key.ty().full_name();
            return Err(raise!(TypeError, "bytearray indices must be integers or slices, not {name}"));
        };
        let indices = slice.resolve(|| self.len())?;
        let picked = self.lend(|text| {
            if indices.step == 1 {
                let start = indices.start.max(0) as usize;
                return ByteArray::new(text.get(start..start + indices.count).unwrap_or_default());
            }
            let picked = Buffer::try_from_iter(indices.iter().filter_map(|at| text.get(at).copied()))?;
            ByteArray::new(&picked)
        })?;
        Ok(picked.into_object())
    }

    #[slot(mp_ass_subscript)]
    fn assign(&self, key: &Object, value: Option<&Object>) -> Result<(), Raised> {
        store::assign(self, key, value)
    }

    #[slot(bf_getbuffer)]
    fn get_buffer(&self, view: *mut BufferView, flags: c_int) -> Result<(), Raised> {
        // SAFETY: the consumer gave a place for the view; the export keeps the bytes where they are.
        unsafe { buffer::fill(view, self, self.pointer(), self.len(), false, flags) }?;
        self.export();
        Ok(())
    }

    #[slot(bf_releasebuffer)]
    fn release_buffer(&self, _view: *mut BufferView) {
        self.release();
    }

    /// Return state information for pickling.
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        self.reduced(2)
    }

    /// Return state information for pickling.
    #[signature(proto = 0, /)]
    fn __reduce_ex__(&self, proto: i32) -> Result<Ref<Tuple>, Raised> {
        self.reduced(proto)
    }

    /// Returns the size of the bytearray object in memory, in bytes.
    fn __sizeof__(&self) -> Result<usize, Raised> {
        Ok(self.ty().tp_basicsize.get() as usize + self.allocated())
    }

    /// Create a bytearray object from a string of hexadecimal numbers.
    ///
    /// Spaces between two numbers are accepted.
    /// Example: bytearray.fromhex('B9 01EF') -> bytearray(b'\\xb9\\x01\\xef')
    #[classmethod]
    #[shown("($type, string, /)")]
    fn fromhex(cls: &Type, string: &Str) -> Result<Ref, Raised> {
        let bytes = ByteArray::new(&common::from_hex(string)?)?;
        if std::ptr::eq(cls, <ByteArray as crate::object::PyType>::type_object()) {
            return Ok(bytes.into_object());
        }
        crate::object::protocol::call1(cls, &bytes)
    }
}

impl ByteArray {
    /// The bytes `count` times.
    fn repeated(&self, count: isize) -> Result<Buffer<u8>, Raised> {
        let count = usize::try_from(count).unwrap_or(0);
        let Some(length) = self.len().checked_mul(count).filter(|length| *length <= isize::MAX as usize) else {
            return Err(crate::exceptions::memory_error());
        };
        self.lend(|text| {
            let mut out = Buffer::with_capacity(length)?;
            if let [byte] = text {
                out.resize(length, *byte)?;
            } else {
                for _ in 0..if text.is_empty() { 0 } else { count } {
                    out.extend_from_slice(text)?;
                }
            }
            Ok(out)
        })
    }
}

#[pymethods(table = CHANGES)]
impl ByteArray {
    /// B.__alloc__() -> int
    ///
    /// Return the number of bytes actually allocated.
    #[no_signature]
    fn __alloc__(&self) -> Result<usize, Raised> {
        Ok(self.allocated())
    }

    /// Append a single item to the end of the bytearray.
    ///
    ///   item
    ///     The item to be appended.
    fn append(&self, item: &Object) -> Result<(), Raised> {
        self.push(common::byte_value(item, "byte")?)
    }

    /// Remove all items from the bytearray.
    fn clear(&self) -> Result<(), Raised> {
        self.resize(0)
    }

    /// Return a copy of B.
    fn copy(&self) -> Result<Ref<ByteArray>, Raised> {
        self.same()
    }

    /// Append all the items from the iterator or sequence to the end of the bytearray.
    ///
    ///   iterable_of_ints
    ///     The iterable of items to append.
    #[name = "extend"]
    #[shown("($self, iterable_of_ints, /)")]
    fn extend_method(&self, iterable: &Object) -> Result<(), Raised> {
        if supports_buffer(iterable) {
            let bytes = buffer::to_bytes(iterable)?;
            return self.extend(bytes.as_slice());
        }
        match common::from_iterable(iterable, "byte")? {
            Some(bytes) => self.extend(&bytes),
            // As the items of other iterables.
            None if iterable.downcast::<Str>().is_some_and(|text| text.len() == 0) => Ok(()),
            None if iterable.isinstance::<Str>() => {
                Err(raise!(TypeError, "'str' object cannot be interpreted as an integer"))
            }
            None => Err(raise!(TypeError, "can't extend bytearray with {}", iterable.ty().full_name())),
        }
    }

    /// Insert a single item into the bytearray before the given index.
    ///
    ///   index
    ///     The index where the value is to be inserted.
    ///   item
    ///     The item to be inserted.
    #[signature(index, item, /)]
    fn insert(&self, index: isize, item: &Object) -> Result<(), Raised> {
        let byte = common::byte_value(item, "byte")?;
        let length = self.len() as isize;
        let at = if index < 0 { index.saturating_add(length).max(0) } else { index.min(length) } as usize;
        self.splice(at, at, &[byte])
    }

    /// Remove and return a single item from B.
    ///
    ///   index
    ///     The index from where to remove the item.
    ///     -1 (the default value) means remove the last item.
    ///
    /// If no index argument is given, will pop the last item.
    #[signature(index = -1, /)]
    fn pop(&self, index: isize) -> Result<u8, Raised> {
        if self.len() == 0 {
            return Err(raise!(IndexError, "pop from empty bytearray"));
        }
        let Some((at, byte)) = self.position(index).and_then(|at| Some((at, self.get(at)?))) else {
            return Err(raise!(IndexError, "pop index out of range"));
        };
        self.check_exports()?;
        let length = self.len();
        self.lend_mut(|bytes| bytes.copy_within(at + 1.., at));
        self.resize(length - 1)?;
        Ok(byte)
    }

    /// Remove the first occurrence of a value in the bytearray.
    ///
    ///   value
    ///     The value to remove.
    fn remove(&self, value: &Object) -> Result<(), Raised> {
        let byte = common::byte_value(value, "byte")?;
        let Some(at) = self.lend(|text| search::find(text, &[byte])) else {
            return Err(raise!(ValueError, "value not found in bytearray"));
        };
        self.check_exports()?;
        let length = self.len();
        self.lend_mut(|bytes| bytes.copy_within(at + 1.., at));
        self.resize(length - 1)
    }

    /// Reverse the order of the values in B in place.
    fn reverse(&self) -> Result<(), Raised> {
        self.lend_mut(<[u8]>::reverse);
        Ok(())
    }
}
