//! The slots and methods of `array.array`.

use std::ffi::c_int;

use habu_heap::Buffer;
use habu_macros::pymethods;
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol::number::{has_index, index_as_size};
use habu_runtime::object::protocol::sequence::{get_index, length};
use habu_runtime::object::protocol::{
    TextBuilder, call_method, compare_truth, equal, for_each, get_attribute_str, lookup_attribute, repr,
};
use habu_runtime::object::slots::{BufferView, CompareOp};
use habu_runtime::object::{Object, PyType, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::slice::Slice;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, none, not_implemented};

use super::iterator::ArrayIterator;
use super::kind::{Kind, kind_of};
use super::store::Array;

/// The kind that a typecode argument names.
fn kind_argument(code: &Object) -> Result<&'static Kind, Raised> {
    let Some(code) = code.downcast::<Str>().filter(|code| code.len() == 1) else {
        let name = code.ty().full_name();
        return Err(raise!(TypeError, "array() argument 1 must be a unicode character, not {name}"));
    };
    kind_of(code.chars().at(0))
        .ok_or_else(|| raise!(ValueError, "bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)"))
}

impl Array {
    /// The index that a subscript means.
    fn position(&self, key: &Object, message: &str) -> Result<usize, Raised> {
        let index = index_as_size(key, Some(exc::IndexError()))?;
        let from_start = if index < 0 { index + self.len() as isize } else { index };
        usize::try_from(from_start)
            .ok()
            .filter(|index| *index < self.len())
            .ok_or_else(|| raise!(IndexError, "{message}"))
    }

    fn push(&self, value: &Object) -> Result<(), Raised> {
        let bytes = self.kind().encode(value)?;
        let length = self.len();
        self.resize(length + 1)?;
        self.put(length, bytes);
        Ok(())
    }

    /// A copy of the bytes of all items.
    fn copied(&self) -> Result<Buffer<u8>, Raised> {
        Ok(self.lend(Buffer::from_slice)?)
    }

    fn push_all(&self, items: &Object) -> Result<(), Raised> {
        let Some(other) = items.downcast::<Array>() else {
            return for_each(items, |item| self.push(&item));
        };
        if other.kind().code != self.kind().code {
            return Err(raise!(TypeError, "can only extend with array of same kind"));
        }
        let bytes = other.copied()?;
        self.replace(self.len(), self.len(), &bytes)
    }

    fn push_bytes(&self, bytes: &[u8]) -> Result<(), Raised> {
        if !bytes.len().is_multiple_of(self.kind().size) {
            return Err(raise!(ValueError, "bytes length not a multiple of item size"));
        }
        self.replace(self.len(), self.len(), bytes)
    }

    fn push_text(&self, text: &Str) -> Result<(), Raised> {
        let mut bytes = Buffer::new();
        for code in text.chars().iter() {
            bytes.extend_from_slice(&code.to_ne_bytes())?;
        }
        self.push_bytes(&bytes)
    }

    /// Fills a new array as its second argument says.
    fn initialise(&self, initial: &Object) -> Result<(), Raised> {
        let code = self.kind().code;
        if let Some(text) = initial.downcast::<Str>() {
            if code != b'u' {
                let code = char::from(code);
                return Err(raise!(TypeError, "cannot use a str to initialize an array with typecode '{code}'"));
            }
            self.reserve(text.len())?;
            return self.push_text(text);
        }
        if let Some(other) = initial.downcast::<Array>() {
            if other.kind().code == b'u' && code != b'u' {
                let code = char::from(code);
                return Err(raise!(
                    TypeError,
                    "cannot use a unicode array to initialize an array with typecode '{code}'"
                ));
            }
            if other.kind().code == code {
                self.reserve(other.len())?;
                return self.push_all(initial);
            }
            let mut index = 0;
            while let Some(item) = other.get(index) {
                self.push(&*item?)?;
                index += 1;
            }
            return Ok(());
        }
        if initial.isinstance::<Bytes>() || initial.isinstance::<ByteArray>() {
            let bytes = ByteView::new(initial)?.to_buffer()?;
            return self.push_bytes(&bytes);
        }
        if initial.isinstance::<List>() || initial.isinstance::<Tuple>() {
            // By index, also where a subclass is iterated otherwise.
            self.reserve(length(initial)?)?;
            for index in 0..length(initial)? {
                self.push(&*get_index(initial, index as isize)?)?;
            }
            return Ok(());
        }
        for_each(initial, |item| self.push(&item))
    }

    /// The place of the first item from `start` to `stop` that equals `value`.
    fn find(&self, value: &Object, start: usize, stop: usize) -> Result<Option<usize>, Raised> {
        let mut index = start;
        while index < stop
            && let Some(item) = self.get(index)
        {
            if equal(&*item?, value)? {
                return Ok(Some(index));
            }
            index += 1;
        }
        Ok(None)
    }

    fn text(&self) -> Result<Ref<Str>, Raised> {
        let mut codes = Buffer::<u32>::new();
        let mut index = 0;
        while let Some([a, b, c, d, ..]) = self.raw(index) {
            let code = u32::from_ne_bytes([a, b, c, d]);
            if code > 0x10_ffff {
                return Err(raise!(ValueError, "character U+{code:x} is not in range [U+0000; U+10ffff]"));
            }
            codes.push(code)?;
            index += 1;
        }
        Str::from_code_points(&codes)
    }

    fn repeated(&self, count: isize) -> Result<Buffer<u8>, Raised> {
        let bytes = self.copied()?;
        let count = usize::try_from(count).unwrap_or(0);
        let Some(total) = bytes.len().checked_mul(count).filter(|total| *total <= isize::MAX as usize) else {
            return Err(habu_runtime::exceptions::memory_error());
        };
        let mut all = Buffer::with_capacity(total)?;
        if !bytes.is_empty() {
            for _ in 0..count {
                all.extend_from_slice(&bytes)?;
            }
        }
        Ok(all)
    }

    fn list(&self) -> Result<Ref<List>, Raised> {
        let list = List::with_capacity(self.len())?;
        let mut index = 0;
        while let Some(item) = self.get(index) {
            list.push(item?)?;
            index += 1;
        }
        Ok(list)
    }

    /// The array that an operator's other operand must be.
    fn operand<'a>(&self, other: &'a Object, action: &str) -> Result<&'a Array, Raised> {
        other.downcast::<Array>().ok_or_else(|| raise!(TypeError, "{action} (not \"{}\")", other.ty().full_name()))
    }
}

fn other_kind() -> Raised {
    raise!(TypeError, "bad argument type for built-in operation")
}

#[pymethods(with(METHODS))]
impl Array {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Array>, Raised> {
        if std::ptr::eq(cls, Array::type_object()) && kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
            return Err(raise!(TypeError, "array.array() takes no keyword arguments"));
        }
        let (code, initial) = match args.as_slice() {
            [code] => (code, None),
            [code, initial] => (code, Some(initial)),
            [] => return Err(raise!(TypeError, "array() takes at least 1 argument (0 given)")),
            more => return Err(raise!(TypeError, "array() takes at most 2 arguments ({} given)", more.len())),
        };
        habu_runtime::audit!("array.__new__", code.clone(), initial.cloned())?;
        let made = Array::empty(cls, kind_argument(code)?)?;
        if let Some(initial) = initial {
            made.initialise(initial)?;
        }
        Ok(made)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let code = char::from(self.kind().code);
        let mut text = TextBuilder::new();
        text.push(&*Str::from_format(format_args!("{}('{code}'", self.ty().name()))?)?;
        if self.len() > 0 {
            text.push_ascii(", ")?;
            let items = if code == 'u' { self.text()?.into_object() } else { self.list()?.into_object() };
            text.push(&*repr(&items)?)?;
        }
        text.push_ascii(")")?;
        text.finish()
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<Array>() else { return Ok(not_implemented()) };
        if self.len() != other.len() && matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(boolean(op == CompareOp::Ne));
        }
        if self.kind().code == other.kind().code
            && self.kind().is_integer()
            && matches!(op, CompareOp::Eq | CompareOp::Ne)
        {
            let same = self.lend(|left| other.lend(|right| left == right));
            return Ok(boolean(same == (op == CompareOp::Eq)));
        }
        let mut index = 0;
        while let (Some(left), Some(right)) = (self.get(index), other.get(index)) {
            let (left, right) = (left?, right?);
            if !equal(&left, &right)? {
                return match op {
                    CompareOp::Eq => Ok(boolean(false)),
                    CompareOp::Ne => Ok(boolean(true)),
                    _ => Ok(boolean(compare_truth(&left, &right, op)?)),
                };
            }
            index += 1;
        }
        Ok(boolean(op.holds(self.len().cmp(&other.len()))))
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<ArrayIterator>, Raised> {
        ArrayIterator::new(self)
    }

    #[slot(sq_length)]
    fn length(&self) -> Result<usize, Raised> {
        Ok(self.len())
    }

    #[slot(mp_length)]
    fn mapping_length(&self) -> Result<usize, Raised> {
        Ok(self.len())
    }

    #[slot(sq_item)]
    fn item(&self, index: isize) -> Result<Ref, Raised> {
        match usize::try_from(index).ok().and_then(|index| self.get(index)) {
            Some(item) => item,
            None => Err(raise!(IndexError, "array index out of range")),
        }
    }

    #[slot(sq_ass_item)]
    fn set_item(&self, index: isize, value: Option<&Object>) -> Result<(), Raised> {
        let Some(index) = usize::try_from(index).ok().filter(|index| *index < self.len()) else {
            return Err(raise!(IndexError, "array assignment index out of range"));
        };
        match value {
            None => self.replace(index, index + 1, &[]),
            Some(value) => {
                let bytes = self.kind().encode(value)?;
                self.put(index, bytes);
                Ok(())
            }
        }
    }

    #[slot(sq_contains)]
    fn contains(&self, value: &Object) -> Result<bool, Raised> {
        Ok(self.find(value, 0, usize::MAX)?.is_some())
    }

    #[slot(sq_concat)]
    fn concat(&self, other: &Object) -> Result<Ref<Array>, Raised> {
        let other = self.operand(other, "can only append array")?;
        if other.kind().code != self.kind().code {
            return Err(other_kind());
        }
        let sum = Array::empty(Array::type_object(), self.kind())?;
        sum.reserve(self.len().saturating_add(other.len()))?;
        sum.push_all(self)?;
        sum.push_all(other)?;
        Ok(sum)
    }

    #[slot(sq_inplace_concat)]
    fn extend_in_place(&self, other: &Object) -> Result<Ref, Raised> {
        let other = self.operand(other, "can only extend array with array")?;
        self.push_all(other)?;
        Ok(self.to_ref())
    }

    #[slot(sq_repeat)]
    fn repeat(&self, count: isize) -> Result<Ref<Array>, Raised> {
        Array::from_bytes(self.kind(), &self.repeated(count)?)
    }

    #[slot(sq_inplace_repeat)]
    fn repeat_in_place(&self, count: isize) -> Result<Ref, Raised> {
        let all = self.repeated(count)?;
        self.replace(0, self.len(), &all)?;
        Ok(self.to_ref())
    }

    #[slot(mp_subscript)]
    fn subscript(&self, key: &Object) -> Result<Ref, Raised> {
        if has_index(key) {
            let index = self.position(key, "array index out of range")?;
            return self.item(index as isize);
        }
        let Some(slice) = key.downcast::<Slice>() else {
            return Err(raise!(TypeError, "array indices must be integers"));
        };
        let places = slice.resolve(|| self.len())?;
        let size = self.kind().size;
        let mut bytes = Buffer::with_capacity(places.count * size)?;
        for index in places.iter() {
            if let Some(item) = self.raw(index) {
                bytes.extend_from_slice(&item[..size])?;
            }
        }
        Ok(Array::from_bytes(self.kind(), &bytes)?.into_object())
    }

    #[slot(mp_ass_subscript)]
    fn set_subscript(&self, key: &Object, value: Option<&Object>) -> Result<(), Raised> {
        if has_index(key) {
            let index = self.position(key, "array assignment index out of range")?;
            return self.set_item(index as isize, value);
        }
        let Some(slice) = key.downcast::<Slice>() else {
            return Err(raise!(TypeError, "array indices must be integers"));
        };
        let new = match value {
            None => Buffer::new(),
            Some(value) => {
                let Some(other) = value.downcast::<Array>() else {
                    let name = value.ty().full_name();
                    return Err(raise!(TypeError, "can only assign array (not \"{name}\") to array slice"));
                };
                if other.kind().code != self.kind().code {
                    return Err(other_kind());
                }
                other.copied()?
            }
        };
        let places = slice.resolve(|| self.len())?;
        let size = self.kind().size;
        let given = new.len() / size;
        if places.step == 1 {
            let start = places.start.max(0) as usize;
            return self.replace(start, start + places.count, &new);
        }
        if value.is_none() {
            return self.delete_places(places.iter().collect());
        }
        if given != places.count {
            let count = places.count;
            return Err(raise!(
                ValueError,
                "attempt to assign array of size {given} to extended slice of size {count}"
            ));
        }
        for (index, item) in places.iter().zip(new.chunks_exact(size)) {
            let mut bytes = [0; 8];
            bytes[..size].copy_from_slice(item);
            self.put(index, bytes);
        }
        Ok(())
    }

    /// Takes out the items at these places.
    #[hidden]
    fn delete_places(&self, mut places: Vec<usize>) -> Result<(), Raised> {
        if places.is_empty() {
            return Ok(());
        }
        self.check_exports()?;
        places.sort_unstable();
        let size = self.kind().size;
        let mut kept = Buffer::with_capacity(self.len() * size)?;
        for index in 0..self.len() {
            if places.binary_search(&index).is_err()
                && let Some(item) = self.raw(index)
            {
                kept.extend_from_slice(&item[..size])?;
            }
        }
        self.replace(0, self.len(), &kept)
    }

    #[slot(bf_getbuffer)]
    fn get_buffer(&self, view: *mut BufferView, flags: c_int) -> Result<(), Raised> {
        self.fill_view(view, flags)
    }

    #[slot(bf_releasebuffer)]
    fn release_buffer(&self, _view: *mut BufferView) {
        self.released();
    }

    /// the typecode character used to create the array
    #[getter]
    fn typecode(&self) -> Result<Ref<Str>, Raised> {
        Str::from_char(u32::from(self.kind().code))
    }

    /// the size, in bytes, of one array item
    #[getter]
    fn itemsize(&self) -> Result<usize, Raised> {
        Ok(self.kind().size)
    }
}

#[pymethods(table = METHODS)]
impl Array {
    /// Append new value v to the end of the array.
    fn append(&self, v: &Object) -> Result<(), Raised> {
        self.push(v)
    }

    /// Return a tuple (address, length) giving the current memory address and the length in items of the buffer used to hold array's contents.
    ///
    /// The length should be multiplied by the itemsize attribute to calculate
    /// the buffer length in bytes.
    fn buffer_info(&self) -> Result<Ref<Tuple>, Raised> {
        let address = Int::from_u64(self.address() as u64)?.into_object();
        Tuple::from_refs([address, Int::from_u64(self.len() as u64)?.into_object()])
    }

    /// Byteswap all items of the array.
    ///
    /// If the items in the array are not 1, 2, 4, or 8 bytes in size, RuntimeError is
    /// raised.
    fn byteswap(&self) -> Result<(), Raised> {
        let size = self.kind().size;
        self.lend_mut(|bytes| bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse));
        Ok(())
    }

    /// Return a copy of the array.
    fn __copy__(&self) -> Result<Ref<Array>, Raised> {
        Array::from_bytes(self.kind(), &self.copied()?)
    }

    /// Return a copy of the array.
    fn __deepcopy__(&self, unused: &Object) -> Result<Ref<Array>, Raised> {
        let _ = unused;
        Array::from_bytes(self.kind(), &self.copied()?)
    }

    /// Return number of occurrences of v in the array.
    fn count(&self, v: &Object) -> Result<usize, Raised> {
        let (mut count, mut index) = (0, 0);
        while let Some(item) = self.get(index) {
            count += usize::from(equal(&*item?, v)?);
            index += 1;
        }
        Ok(count)
    }

    /// Append items to the end of the array.
    #[of_class]
    fn extend(&self, bb: &Object) -> Result<(), Raised> {
        self.push_all(bb)
    }

    /// Read n objects from the file object f and append them to the end of the array.
    #[of_class]
    fn fromfile(&self, f: &Object, n: isize) -> Result<(), Raised> {
        let Ok(count) = usize::try_from(n) else { return Err(raise!(ValueError, "negative count")) };
        let Some(length) = count.checked_mul(self.kind().size) else {
            return Err(habu_runtime::exceptions::memory_error());
        };
        let read = call_method(f, &*Str::intern("read")?, &[&*Int::from_u64(length as u64)?])?;
        let Some(bytes) = read.downcast::<Bytes>() else {
            return Err(raise!(TypeError, "read() didn't return bytes"));
        };
        let enough = bytes.len() == length;
        self.push_bytes(bytes.as_slice())?;
        if enough { Ok(()) } else { Err(raise!(EOFError, "read() didn't return enough bytes")) }
    }

    /// Append items to array from list.
    fn fromlist(&self, list: &Object) -> Result<(), Raised> {
        let Some(list) = list.downcast::<List>() else { return Err(raise!(TypeError, "arg must be list")) };
        let (old, count) = (self.len(), list.len());
        let size = self.kind().size;
        let mut bytes = Buffer::with_capacity(count * size)?;
        for index in 0..count {
            let Some(item) = list.get(index) else { break };
            let item = self.kind().encode(&item)?;
            bytes.extend_from_slice(&item[..size])?;
            if list.len() != count {
                return Err(raise!(RuntimeError, "list changed size during iteration"));
            }
        }
        self.replace(old, old, &bytes)
    }

    /// Appends items from the string, interpreting it as an array of machine values, as if it had been read from a file using the fromfile() method.
    fn frombytes(&self, buffer: &Object) -> Result<(), Raised> {
        let bytes = ByteView::new(buffer)?.to_buffer()?;
        self.push_bytes(&bytes)
    }

    /// Extends this array with data from the unicode string ustr.
    ///
    /// The array must be a unicode type array; otherwise a ValueError is raised.
    /// Use array.frombytes(ustr.encode(...)) to append Unicode data to an array of
    /// some other type.
    fn fromunicode(&self, ustr: &Str) -> Result<(), Raised> {
        if self.kind().code != b'u' {
            return Err(raise!(ValueError, "fromunicode() may only be called on unicode type arrays"));
        }
        self.push_text(ustr)
    }

    /// Return index of first occurrence of v in the array.
    ///
    /// Raise ValueError if the value is not present.
    #[signature(v, start = 0, stop = isize::MAX, /)]
    fn index(&self, v: &Object, start: isize, stop: isize) -> Result<usize, Raised> {
        let place = |at: isize| {
            if at < 0 { at.saturating_add(self.len() as isize).max(0) as usize } else { at as usize }
        };
        match self.find(v, place(start), place(stop))? {
            Some(index) => Ok(index),
            None => Err(raise!(ValueError, "array.index(x): x not in array")),
        }
    }

    /// Insert a new item v into the array before position i.
    fn insert(&self, i: isize, v: &Object) -> Result<(), Raised> {
        let bytes = self.kind().encode(v)?;
        let length = self.len() as isize;
        let index = if i < 0 { i.saturating_add(length).max(0) } else { i.min(length) } as usize;
        self.replace(index, index, &bytes[..self.kind().size])
    }

    /// Return the i-th element and delete it from the array.
    ///
    /// i defaults to -1.
    #[signature(i = -1, /)]
    fn pop(&self, i: isize) -> Result<Ref, Raised> {
        if self.len() == 0 {
            return Err(raise!(IndexError, "pop from empty array"));
        }
        let index = if i < 0 { i.saturating_add(self.len() as isize) } else { i };
        let Some((index, item)) = usize::try_from(index).ok().and_then(|at| Some((at, self.get(at)?))) else {
            return Err(raise!(IndexError, "pop index out of range"));
        };
        let item = item?;
        self.replace(index, index + 1, &[])?;
        Ok(item)
    }

    /// Remove the first occurrence of v in the array.
    fn remove(&self, v: &Object) -> Result<(), Raised> {
        match self.find(v, 0, usize::MAX)? {
            Some(index) => self.replace(index, index + 1, &[]),
            None => Err(raise!(ValueError, "array.remove(x): x not in array")),
        }
    }

    /// Reverse the order of the items in the array.
    fn reverse(&self) -> Result<(), Raised> {
        let size = self.kind().size;
        self.lend_mut(|bytes| {
            bytes.reverse();
            bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        });
        Ok(())
    }

    /// Write all items (as machine values) to the file object f.
    #[of_class]
    fn tofile(&self, f: &Object) -> Result<(), Raised> {
        const BLOCK: usize = 64 * 1024;
        let bytes = self.copied()?;
        for block in bytes.chunks(BLOCK) {
            call_method(f, &*Str::intern("write")?, &[&*Bytes::new(block)?])?;
        }
        Ok(())
    }

    /// Convert array to an ordinary list with the same items.
    fn tolist(&self) -> Result<Ref<List>, Raised> {
        self.list()
    }

    /// Convert the array to an array of machine values and return the bytes representation.
    fn tobytes(&self) -> Result<Ref<Bytes>, Raised> {
        self.lend(Bytes::new)
    }

    /// Extends this array with data from the unicode string ustr.
    ///
    /// Convert the array to a unicode string.  The array must be a unicode type array;
    /// otherwise a ValueError is raised.  Use array.tobytes().decode() to obtain a
    /// unicode string from an array of some other type.
    fn tounicode(&self) -> Result<Ref<Str>, Raised> {
        if self.kind().code != b'u' {
            return Err(raise!(ValueError, "tounicode() may only be called on unicode type arrays"));
        }
        self.text()
    }

    /// Return state information for pickling.
    #[of_class]
    fn __reduce_ex__(&self, value: &Object) -> Result<Ref<Tuple>, Raised> {
        let Some(protocol) = value.downcast::<Int>() else {
            return Err(raise!(TypeError, "__reduce_ex__ argument should be an integer"));
        };
        let state = lookup_attribute(self, habu_runtime::id!(__dict__))?.unwrap_or_else(none);
        let (cls, code) = (self.type_ref().into_object(), self.typecode()?.into_object());
        if protocol.to_i64().is_some_and(|protocol| protocol < 3) {
            let items = if self.kind().code == b'u' { self.text()?.into_object() } else { self.list()?.into_object() };
            let arguments = Tuple::from_refs([code, items])?;
            return Tuple::from_refs([cls, arguments.into_object(), state]);
        }
        let module = habu_runtime::import::import_module("array")?;
        let make = get_attribute_str(&module, "_array_reconstructor")?;
        let format = Int::from_i64(i64::from(self.kind().format))?.into_object();
        let arguments = Tuple::from_refs([cls, code, format, self.tobytes()?.into_object()])?;
        Tuple::from_refs([make, arguments.into_object(), state])
    }

    /// Size of the array in memory, in bytes.
    fn __sizeof__(&self) -> Result<usize, Raised> {
        Ok(self.ty().tp_basicsize.get() as usize + self.allocated() * self.kind().size)
    }
}
