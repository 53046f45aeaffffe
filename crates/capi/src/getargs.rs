//! `modsupport.h`: arguments by format (`PyArg_ParseTuple` and its family): the units of formats and how arguments are converted.
//!
//! A unit that takes something that must be given back (a buffer, memory, what a converter made) notes it, so that it is given back
//! when a later unit fails.

use std::ffi::{c_char, c_int, c_short, c_uchar, c_ushort, c_void};

use habu_runtime::object::protocol::{self, number};
use habu_runtime::object::slots::BufferView;
use habu_runtime::object::{Object, PyType, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::buffer::{get_buffer, not_bytes_like, release_buffer, request, supports_buffer};
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::complex::construct::to_complex;
use habu_runtime::types::int::Int;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::codecs;
use habu_runtime::types::tuple::Tuple;

use crate::border::*;
use crate::unicodeobject::cached_utf8;

/// Why an argument was refused.
pub(crate) enum Refused {
    /// What the message says of the argument: "must be str, not int".
    Text(String),
    /// An exception is set.
    Raised(Raised),
    /// The format is wrong: a SystemError.
    Format(String),
}

impl From<Raised> for Refused {
    fn from(raised: Raised) -> Refused {
        Refused::Raised(raised)
    }
}

/// What is given back when a later unit fails.
enum Taken {
    Buffer(*mut BufferView),
    Memory(Out<*mut c_char>),
    Converted(Converter, *mut c_void),
}

/// A converter of `O&`.
type Converter = unsafe extern "C" fn(Option<&Object>, *mut c_void) -> c_int;

/// The conversion of one call's arguments.
pub(crate) struct Arguments {
    taken: Vec<Taken>,
}

/// A converter that can be asked to give back what it made.
const CLEANUP_SUPPORTED: c_int = 0x20000;

impl Arguments {
    /// Nothing taken yet.
    pub(crate) fn new() -> Arguments {
        Arguments { taken: vec![] }
    }

    /// All went well: what was taken belongs to the caller.
    pub(crate) fn keep(mut self) {
        self.taken.clear();
    }
}

impl Drop for Arguments {
    fn drop(&mut self) {
        for taken in self.taken.drain(..) {
            // SAFETY: the places were filled by units of this call and are the caller's still.
            unsafe {
                match taken {
                    Taken::Buffer(view) => release_buffer(view),
                    Taken::Memory(place) => {
                        crate::pymem::release(
                            habu_heap::Domain::Mem,
                            place.get().unwrap_or(std::ptr::null_mut()).cast(),
                        );
                        place.set(std::ptr::null_mut());
                    }
                    Taken::Converted(converter, place) => {
                        converter(None, place);
                    }
                }
            }
        }
    }
}

/// Units of a format, read from the front.
#[derive(Clone, Copy)]
pub(crate) struct Units<'a> {
    pub(crate) rest: &'a [u8],
    /// Whether the caller has sizes of the width that `#` writes (`PY_SSIZE_T_CLEAN`).
    pub(crate) clean: bool,
}

/// What `#` is without `PY_SSIZE_T_CLEAN`.
pub(crate) const NOT_CLEAN: &str = "PY_SSIZE_T_CLEAN macro must be defined for '#' formats";

impl<'a> Units<'a> {
    pub(crate) fn peek(&self) -> u8 {
        self.rest.first().copied().unwrap_or(0)
    }

    pub(crate) fn next(&mut self) -> u8 {
        let byte = self.peek();
        self.rest = self.rest.get(1..).unwrap_or(&[]);
        byte
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        if found {
            self.next();
        }
        found
    }

    /// Takes a `#`, which callers must be clean for.
    fn take_size(&mut self) -> Result<bool, Refused> {
        match self.take(b'#') {
            true if !self.clean => Err(raise!(SystemError, "{NOT_CLEAN}").into()),
            found => Ok(found),
        }
    }

    /// As `take_size`, for a unit that is passed.
    fn skip_size(&mut self) -> Result<(), Refused> {
        match self.take(b'#') {
            true if !self.clean => Err(Refused::Format(NOT_CLEAN.to_owned())),
            _ => Ok(()),
        }
    }

    /// Whether the units of this level are over.
    pub(crate) fn at_end(&self) -> bool {
        matches!(self.peek(), 0 | b':' | b';' | b')')
    }
}

/// "must be EXPECTED, not GOT"
fn must_be(expected: &str, got: &Object) -> Refused {
    let got = if got.is(&none()) { "None" } else { got.ty().full_name() };
    Refused::Text(format!("must be {expected}, not {got}"))
}

/// An integer for a unit, range-checked by the caller; floats are refused with CPython's message.
fn integer(argument: &Object) -> Result<Ref<Int>, Refused> {
    Ok(number::index(argument)?)
}

fn fits<T: TryFrom<i64>>(argument: &Object, name: &str) -> Result<T, Refused> {
    let value = integer(argument)?;
    let Some(number) = value.to_i64() else {
        return Err(raise!(OverflowError, "Python int too large to convert to C long").into());
    };
    T::try_from(number).map_err(|_| {
        let bound = if number < 0 { "less than minimum" } else { "greater than maximum" };
        raise!(OverflowError, "{name} is {bound}").into()
    })
}

/// The low 64 bits of an integer.
fn masked(argument: &Object) -> Result<u64, Refused> {
    let value = integer(argument)?;
    let mut bits = 0u64;
    for (index, digit) in value.digits().iter().enumerate().take(3) {
        bits |= u64::from(*digit) << (30 * index as u32);
    }
    Ok(if value.is_negative() { bits.wrapping_neg() } else { bits })
}

impl Arguments {
    /// Converts one argument by the unit at the front: a single one, or a group in parentheses.
    pub(crate) fn item(&mut self, argument: &Object, units: &mut Units<'_>, list: &mut VaList) -> Result<(), Refused> {
        if units.peek() != b'(' {
            return self.single(argument, units, list);
        }
        units.next();
        let mut count = 0;
        let mut ahead = *units;
        while !ahead.at_end() {
            skip(&mut ahead)?;
            count += 1;
        }
        if !protocol::sequence::is_sequence(argument) || argument.isinstance::<Str>() || argument.isinstance::<Bytes>()
        {
            let got = if argument.is(&none()) { "None" } else { argument.ty().full_name() };
            return Err(Refused::Text(format!("must be {count}-item sequence, not {got}")));
        }
        let length = protocol::length(argument)?;
        if length != count {
            return Err(Refused::Text(format!("must be sequence of length {count}, not {length}")));
        }
        for index in 0..count {
            let item = match protocol::sequence::get_index(argument, index as isize) {
                Ok(item) => item,
                Err(raised) => {
                    raised.clear();
                    return Err(Refused::Text("is not retrievable".to_owned()));
                }
            };
            self.item(&item, units, list)?;
        }
        if !units.take(b')') {
            return Err(Refused::Format("(unmatched parentheses in format)".to_owned()));
        }
        Ok(())
    }

    fn single(&mut self, argument: &Object, units: &mut Units<'_>, list: &mut VaList) -> Result<(), Refused> {
        match units.next() {
            b'b' => list.out::<c_uchar>().set(byte(argument)?),
            b'B' => list.out::<c_uchar>().set(masked(argument)? as c_uchar),
            b'h' => list.out::<c_short>().set(signed_short(argument)?),
            b'H' => list.out::<c_ushort>().set(masked(argument)? as c_ushort),
            b'i' => list.out::<c_int>().set(fits(argument, "signed integer")?),
            b'I' => list.out::<u32>().set(masked(argument)? as u32),
            b'l' => list.out::<i64>().set(long(argument, "long")?),
            b'L' => list.out::<i64>().set(long(argument, "long long")?),
            b'n' => list.out::<isize>().set(size(argument)?),
            b'k' | b'K' => {
                if !argument.isinstance::<Int>() {
                    return Err(must_be("int", argument));
                }
                list.out::<u64>().set(masked(argument)?);
            }
            b'f' => list.out::<f32>().set(number::to_f64(argument)? as f32),
            b'd' => list.out::<f64>().set(number::to_f64(argument)?),
            b'D' => {
                let value = to_complex(argument)?;
                list.out::<[f64; 2]>().set([value.real, value.imag]);
            }
            b'c' => list.out::<c_char>().set(one_byte(argument)?),
            b'C' => {
                let text = argument.downcast::<Str>().filter(|text| text.len() == 1);
                match text {
                    Some(text) => list.out::<u32>().set(text.chars().at(0)),
                    None => return Err(must_be("a unicode character", argument)),
                }
            }
            b'p' => list.out::<c_int>().set(c_int::from(protocol::truth(argument)?)),
            b's' => self.text(argument, units, list, Kind { none: false, text: true })?,
            b'z' => self.text(argument, units, list, Kind { none: true, text: true })?,
            b'y' => self.text(argument, units, list, Kind { none: false, text: false })?,
            unit @ (b'u' | b'Z') => {
                let none_too = unit == b'Z';
                wide(argument, units, list, none_too)?;
            }
            b'e' => self.encoded(argument, units, list)?,
            b'S' => store_checked::<Bytes>(argument, "bytes", list)?,
            b'Y' => store_checked::<ByteArray>(argument, "bytearray", list)?,
            b'U' => store_checked::<Str>(argument, "str", list)?,
            b'O' => self.object(argument, units, list)?,
            b'w' => {
                if !units.take(b'*') {
                    return Err(Refused::Format("(invalid use of 'w' format character)".to_owned()));
                }
                let view = list.pointer::<BufferView>();
                self.buffer(argument, view, request::WRITABLE, "read-write bytes-like object")?;
            }
            _ => return Err(Refused::Format("(impossible<bad format char>)".to_owned())),
        }
        Ok(())
    }

    fn object(&mut self, argument: &Object, units: &mut Units<'_>, list: &mut VaList) -> Result<(), Refused> {
        match units.peek() {
            b'!' => {
                units.next();
                let ty = list.pointer::<Type>();
                let place = list.out::<Borrowed>();
                // SAFETY: the caller gives a type.
                let ty = unsafe { &*ty };
                if !argument.ty().is_subtype(ty) {
                    return Err(must_be(ty.full_name(), argument));
                }
                place.set(argument);
            }
            b'&' => {
                units.next();
                let converter = list.pointer::<c_void>();
                let place = list.pointer::<c_void>();
                // SAFETY: the caller gives a converter, which gets an object or null.
                let converter = unsafe { std::mem::transmute::<*mut c_void, Converter>(converter) };
                // SAFETY: the place is what the converter asks for.
                match unsafe { converter(Some(argument), place) } {
                    0 => {
                        if habu_runtime::threads::Thread::current().has_exception() {
                            return Err(Refused::Raised(Raised::set()));
                        }
                        return Err(Refused::Text("(unspecified)".to_owned()));
                    }
                    CLEANUP_SUPPORTED => self.taken.push(Taken::Converted(converter, place)),
                    _ => {}
                }
            }
            _ => list.out::<Borrowed>().set(argument),
        }
        Ok(())
    }

    fn buffer(
        &mut self,
        argument: &Object,
        view: *mut BufferView,
        flags: c_int,
        expected: &str,
    ) -> Result<(), Refused> {
        // SAFETY: the caller gives a place for a view, which stays there.
        if let Err(raised) = unsafe { get_buffer(argument, view, flags) } {
            if flags & request::WRITABLE == 0 {
                return Err(raised.into());
            }
            raised.clear();
            return Err(must_be(expected, argument));
        }
        self.taken.push(Taken::Buffer(view));
        Ok(())
    }

    /// `s`, `z`, `y` with `*` or `#` or nothing behind.
    fn text(&mut self, argument: &Object, units: &mut Units<'_>, list: &mut VaList, kind: Kind) -> Result<(), Refused> {
        let absent = kind.none && argument.is(&none());
        if units.take(b'*') {
            let view = list.pointer::<BufferView>();
            if absent {
                // SAFETY: the caller gives a place for a view.
                unsafe { view.write(BufferView::empty()) };
                return Ok(());
            }
            if kind.text
                && let Some(text) = argument.downcast::<Str>()
            {
                let (data, length) = cached_utf8(text)?;
                // SAFETY: the string keeps its UTF-8 form.
                unsafe {
                    habu_runtime::types::buffer::fill(
                        view,
                        text,
                        data.cast_mut().cast(),
                        length,
                        true,
                        request::SIMPLE,
                    )?;
                }
                self.taken.push(Taken::Buffer(view));
                return Ok(());
            }
            return self.buffer(argument, view, request::SIMPLE, "");
        }
        if units.take_size()? {
            let (place, length) = (list.out::<*const c_char>(), list.out::<isize>());
            let (data, count) = match absent {
                true => (std::ptr::null(), 0),
                false => kind.data(argument)?,
            };
            place.set(data);
            length.set(count as isize);
            return Ok(());
        }
        let place = list.out::<*const c_char>();
        if absent {
            place.set(std::ptr::null());
            return Ok(());
        }
        if kind.text && !argument.isinstance::<Str>() {
            return Err(must_be(if kind.none { "str or None" } else { "str" }, argument));
        }
        if !kind.text && !argument.isinstance::<Bytes>() {
            return Err(match supports_buffer(argument) {
                true => must_be("read-only bytes-like object", argument),
                false => Refused::Raised(raise!(
                    TypeError,
                    "a bytes-like object is required, not '{}'",
                    argument.ty().full_name()
                )),
            });
        }
        let (data, count) = kind.data(argument)?;
        if memory(data, count as isize).contains(&0) {
            let what = if kind.text { "character" } else { "byte" };
            return Err(raise!(ValueError, "embedded null {what}").into());
        }
        place.set(data);
        Ok(())
    }

    /// `es`, `et`, with `#` or nothing behind.
    fn encoded(&mut self, argument: &Object, units: &mut Units<'_>, list: &mut VaList) -> Result<(), Refused> {
        let encoding = list.text();
        let place = list.out::<*mut c_char>();
        let accepts_bytes = match units.next() {
            b's' => false,
            b't' => true,
            _ => return Err(Refused::Format("(unknown parser marker combination)".to_owned())),
        };
        let bytes: Ref = if accepts_bytes && crate::abstract_::is_bytes_like(argument) {
            argument.to_ref()
        } else {
            let Some(text) = argument.downcast::<Str>() else {
                return Err(must_be(if accepts_bytes { "str, bytes or bytearray" } else { "str" }, argument));
            };
            codecs::encode(text, encoding.optional()?.as_deref(), None)?.into_object()
        };
        let view = habu_runtime::types::buffer::ByteView::new(&bytes)?;
        let data = view.as_slice();
        if units.take_size()? {
            let length = list.out::<isize>();
            let given = place.get().filter(|given| !given.is_null());
            let room = length.get().unwrap_or(0);
            if given.is_some() && data.len() as isize + 1 > room {
                return Err(raise!(
                    ValueError,
                    "encoded string too long ({}, maximum length {})",
                    data.len(),
                    room - 1
                )
                .into());
            }
            self.copy(data, place, given)?;
            length.set(data.len() as isize);
            return Ok(());
        }
        if data.contains(&0) {
            return Err(must_be("encoded string without null bytes", argument));
        }
        self.copy(data, place, None)
    }

    /// Copies bytes with an end to where the caller has room, or to new memory.
    fn copy(&mut self, data: &[u8], place: Out<*mut c_char>, given: Option<*mut c_char>) -> Result<(), Refused> {
        let out = match given {
            Some(given) => given,
            None => {
                let Some(made) = habu_heap::alloc(habu_heap::Domain::Mem, data.len() + 1) else {
                    return Err(habu_runtime::exceptions::memory_error().into());
                };
                place.set(made.as_ptr().cast());
                self.taken.push(Taken::Memory(place));
                made.as_ptr().cast()
            }
        };
        // SAFETY: there is room for the bytes and their end.
        unsafe {
            out.cast::<u8>().copy_from_nonoverlapping(data.as_ptr(), data.len());
            out.add(data.len()).write(0);
        }
        Ok(())
    }
}

/// Which text unit it is.
#[derive(Clone, Copy)]
struct Kind {
    none: bool,
    text: bool,
}

impl Kind {
    /// Where the bytes of an argument stand, which keeps them there.
    fn data(self, argument: &Object) -> Result<(*const c_char, usize), Refused> {
        if self.text && argument.isinstance::<Str>() {
            return Ok(cached_utf8(argument)?);
        }
        if let Some(bytes) = argument.downcast::<Bytes>() {
            return Ok((bytes.as_slice().as_ptr().cast(), bytes.len()));
        }
        if !supports_buffer(argument) {
            return Err(not_bytes_like(argument).into());
        }
        let releases = argument.ty().buffer().is_some_and(|suite| suite.bf_releasebuffer.get().is_some());
        if releases {
            return Err(must_be("read-only bytes-like object", argument));
        }
        let view = habu_runtime::types::buffer::ByteView::new(argument)?;
        Ok((view.pointer().cast(), view.len()))
    }
}

fn store_checked<T: PyType>(argument: &Object, expected: &str, list: &mut VaList) -> Result<(), Refused> {
    let place = list.out::<Borrowed>();
    if !argument.isinstance::<T>() {
        return Err(must_be(expected, argument));
    }
    place.set(argument);
    Ok(())
}

fn byte(argument: &Object) -> Result<c_uchar, Refused> {
    let value: i64 = long(argument, "long")?;
    match value {
        0..=255 => Ok(value as c_uchar),
        value if value < 0 => Err(raise!(OverflowError, "unsigned byte integer is less than minimum").into()),
        _ => Err(raise!(OverflowError, "unsigned byte integer is greater than maximum").into()),
    }
}

fn signed_short(argument: &Object) -> Result<c_short, Refused> {
    fits(argument, "signed short integer")
}

fn long(argument: &Object, name: &str) -> Result<i64, Refused> {
    let value = integer(argument)?;
    value.to_i64().ok_or_else(|| raise!(OverflowError, "Python int too large to convert to C {name}").into())
}

fn size(argument: &Object) -> Result<isize, Refused> {
    let value = integer(argument)?;
    let number = value.to_i64().map(|value| value as isize);
    number.ok_or_else(|| raise!(OverflowError, "Python int too large to convert to C ssize_t").into())
}

fn one_byte(argument: &Object) -> Result<c_char, Refused> {
    if let Some(bytes) = argument.downcast::<Bytes>().filter(|bytes| bytes.len() == 1) {
        return Ok(bytes.as_slice()[0] as c_char);
    }
    if let Some(bytes) = argument.downcast::<ByteArray>().filter(|bytes| bytes.len() == 1) {
        return Ok(bytes.get(0).unwrap_or(0) as c_char);
    }
    Err(must_be("a byte string of length 1", argument))
}

/// `u` and `Z`: characters as `wchar_t`, their number where `#` follows.
fn wide(argument: &Object, units: &mut Units<'_>, list: &mut VaList, none_too: bool) -> Result<(), Refused> {
    let category = habu_runtime::exceptions::exc::DeprecationWarning();
    let unit = if none_too { 'Z' } else { 'u' };
    let message = format_args!("getargs: The '{unit}' format is deprecated. Use 'U' instead.");
    habu_runtime::exceptions::warn::warn(category, message, 1)?;
    let place = list.out::<*const u32>();
    let length = if units.take_size()? { list.out::<isize>() } else { Out(std::ptr::null_mut()) };
    if none_too && argument.is(&none()) {
        place.set(std::ptr::null());
        length.set(0);
        return Ok(());
    }
    let Some(text) = argument.downcast::<Str>() else {
        return Err(must_be(if none_too { "str or None" } else { "str" }, argument));
    };
    let characters = text.wide()?;
    if length.is_null() && text.chars().iter().any(|code| code == 0) {
        return Err(raise!(ValueError, "embedded null character").into());
    }
    place.set(characters);
    length.set(text.len() as isize);
    Ok(())
}

/// Passes a unit without converting anything.
pub(crate) fn skip(units: &mut Units<'_>) -> Result<(), Refused> {
    match units.next() {
        b'(' => {
            while !units.at_end() {
                skip(units)?;
            }
            if !units.take(b')') {
                return Err(Refused::Format("(unmatched parentheses in format)".to_owned()));
            }
        }
        b'e' => {
            if !matches!(units.next(), b's' | b't') {
                return Err(Refused::Format(BAD_UNIT.to_owned()));
            }
            units.skip_size()?;
        }
        b's' | b'z' | b'y' | b'w' => {
            if !units.take(b'*') {
                units.skip_size()?;
            }
        }
        b'u' | b'Z' => units.skip_size()?,
        b'O' => {
            let _ = units.take(b'!') || units.take(b'&');
        }
        b'b' | b'B' | b'h' | b'H' | b'i' | b'I' | b'l' | b'k' | b'L' | b'K' | b'n' | b'f' | b'd' | b'D' | b'c'
        | b'C' | b'p' | b'S' | b'Y' | b'U' => {}
        _ => return Err(Refused::Format(BAD_UNIT.to_owned())),
    }
    Ok(())
}

/// A character that no format has.
pub(crate) const BAD_UNIT: &str = "impossible<bad format char>";

/// Passes a unit, and the places for its results with it: an argument that is not given.
pub(crate) fn skip_places(units: &mut Units<'_>, list: &mut VaList) -> Result<(), Refused> {
    let start = units.peek();
    if start == b'(' {
        units.next();
        while !units.at_end() {
            skip_places(units, list)?;
        }
        units.take(b')');
        return Ok(());
    }
    let before = units.rest;
    skip(units)?;
    let used = &before[..before.len() - units.rest.len()];
    let places = match used {
        [b'e', _, b'#'] => 3,
        [b'e', ..] | [_, b'#'] | [b'O', b'!' | b'&'] => 2,
        _ => 1,
    };
    for _ in 0..places {
        list.pointer::<c_void>();
    }
    Ok(())
}

/// What a tuple of arguments is for messages.
pub(crate) fn refuse(refused: Refused, function: Option<&str>, message: Option<&str>, index: usize) -> Raised {
    match refused {
        Refused::Raised(raised) => raised,
        Refused::Format(text) => raise!(SystemError, "{}", full(function, index, &text)),
        Refused::Text(text) => match message {
            Some(message) => raise!(TypeError, "{message}"),
            None if text.starts_with('(') => raise!(SystemError, "{}", full(function, index, &text)),
            None => raise!(TypeError, "{}", full(function, index, &text)),
        },
    }
}

fn full(function: Option<&str>, index: usize, text: &str) -> String {
    let prefix = function.map(|function| format!("{function}() ")).unwrap_or_default();
    let number = if index > 0 { format!(" {index}") } else { String::new() };
    format!("{prefix}argument{number} {text}")
}

/// The tuple that arguments are in.
pub(crate) fn tuple(args: Option<&Object>) -> Result<&Tuple, Raised> {
    match args.and_then(Object::downcast::<Tuple>) {
        Some(args) => Ok(args),
        None => Err(raise!(SystemError, "new style getargs format but argument is not a tuple")),
    }
}
