//! `unicodeobject.h`: making strings, reading them, comparing and searching.

use std::ffi::{c_char, c_int, c_void};

use habu_runtime::exceptions::memory_error;
use habu_runtime::object::protocol;
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::list::List;
use habu_runtime::types::str::{Chars, Str, StrBuilder, intern};

use crate::border::*;

/// The object as a string; else a TypeError.
pub(crate) fn text(object: &Object) -> Result<&Str, Raised> {
    object.downcast::<Str>().ok_or_else(|| raise!(TypeError, "bad argument type for built-in operation"))
}

/// The object as a string, for operations that name what they got instead.
fn must_be_str(object: &Object) -> Result<&Str, Raised> {
    object.downcast::<Str>().ok_or_else(|| raise!(TypeError, "must be str, not {}", object.ty().full_name()))
}

/// The UTF-8 form with a NUL behind it, kept by the string.
pub(crate) fn cached_utf8(object: &Object) -> Result<(*const c_char, usize), Raised> {
    text(object)?.utf8_with_end()
}

/// A string of `count` characters of `kind` bytes at `data`.
fn from_kind(kind: c_int, data: *const c_void, count: isize) -> Result<Ref<Str>, Raised> {
    if count < 0 {
        return Err(raise!(ValueError, "size must be positive"));
    }
    if count == 0 {
        return Ok(Str::empty());
    }
    let count = count as usize;
    // SAFETY: the caller gives that many characters of that kind.
    unsafe {
        match kind {
            1 => Str::from_latin1(std::slice::from_raw_parts(data.cast(), count)),
            2 => Str::from_chars(Chars::Two(std::slice::from_raw_parts(data.cast(), count))),
            4 => Str::from_code_points(std::slice::from_raw_parts(data.cast(), count)),
            _ => Err(raise!(SystemError, "invalid kind")),
        }
    }
}

/// The number of wide characters, for a length of -1 up to the end.
fn wide<'a>(data: *const u32, count: isize) -> &'a [u32] {
    if data.is_null() {
        return &[];
    }
    // SAFETY: the caller gives that many characters, or a string with an end.
    unsafe {
        let count = match count {
            -1 => (0..).take_while(|index| *data.add(*index) != 0).count(),
            count => count.max(0) as usize,
        };
        std::slice::from_raw_parts(data, count)
    }
}

/// The string of 32-bit numbers, which must be code points.
fn from_wide(wide: &[u32]) -> Result<Ref<Str>, Raised> {
    match wide.iter().find(|code| **code > 0x10_FFFF) {
        Some(wrong) => Err(raise!(ValueError, "character U+{wrong:x} is not in range [U+0000; U+10ffff]")),
        None => Str::from_code_points(wide),
    }
}

/// Characters as 32-bit numbers at `out`.
fn write_wide(text: &Str, out: *mut u32, room: usize) -> usize {
    let count = text.len().min(room);
    for (index, code) in text.chars().iter().take(count).enumerate() {
        // SAFETY: the caller gives room for that many.
        unsafe { out.add(index).write(code) }
    }
    count
}

/// Characters as 32-bit numbers in new memory, with a zero behind them.
fn wide_copy(text: &Str) -> Result<*mut u32, Raised> {
    let Some(memory) = habu_heap::alloc(habu_heap::Domain::Mem, (text.len() + 1) * 4) else {
        return Err(memory_error());
    };
    let out = memory.as_ptr().cast::<u32>();
    write_wide(text, out, text.len());
    // SAFETY: there is room for one more.
    unsafe { out.add(text.len()).write(0) };
    Ok(out)
}

/// Puts one character into a string that the caller is still filling.
fn put(text: &Str, index: usize, character: u32) {
    let data = text.data().cast_mut();
    // SAFETY: the index is below the length, and the text is of this kind.
    unsafe {
        match text.kind() {
            1 => data.add(index).write(character as u8),
            2 => data.cast::<u16>().add(index).write(character as u16),
            _ => data.cast::<u32>().add(index).write(character),
        }
    }
}

/// The largest character that fits into the string.
fn largest(text: &Str) -> u32 {
    match text.class() {
        class if class > 0xFFFF => 0x10_FFFF,
        class => class,
    }
}

/// Whether the string may still be written to.
fn check_writable(text: &Str) -> Result<(), Raised> {
    if text.refcount() != 1 || text.interned() != 0 || !text.is_exact::<Str>() {
        return Err(raise!(SystemError, "Cannot modify a string currently used"));
    }
    Ok(())
}

/// Bounds of a search, as slices have them.
fn range(start: isize, end: isize, length: usize) -> Option<(usize, usize)> {
    let length = length as isize;
    let fix = |at: isize| if at < 0 { (at + length).max(0) } else { at };
    let (start, end) = (fix(start), fix(end).min(length));
    (start <= end).then_some((start as usize, end as usize))
}

/// Compares code point by code point.
fn order(left: &Str, right: &Str) -> c_int {
    habu_text::search::compare(left.chars(), right.chars()) as c_int
}

/// Appends in place, leaving null on errors.
fn append(place: Out<*mut Object>, other: Option<&Object>) {
    let left = place.take();
    let (Some(left), Some(right)) = (left.and_then(|left| left.downcast_into::<Str>().ok()), other) else {
        if !habu_runtime::threads::Thread::current().has_exception() {
            let _ = bad_internal_call();
        }
        return;
    };
    let Ok(right) = text(right) else { return };
    if let Ok(joined) = Str::append_in_place(left, right) {
        place.give(Some(joined.into_object()));
    }
}

export! {
    fn PyUnicode_New(length: isize, largest: u32) => New {
        if length < 0 {
            return Err(raise!(SystemError, "Negative size passed to PyUnicode_New"));
        }
        if largest > 0x10_FFFF {
            return Err(raise!(SystemError, "invalid maximum character passed to PyUnicode_New"));
        }
        Str::unfilled(length as usize, largest)
    }
    fn _PyUnicode_Ready(_object: &Object) -> c_int { 0 }
    fn PyUnicode_FromString(source: Text) => New { source.to_str() }
    fn PyUnicode_FromStringAndSize(data: *const c_char, length: isize) => New {
        if length < 0 {
            return Err(raise!(SystemError, "Negative size passed to PyUnicode_FromStringAndSize"));
        }
        if data.is_null() && length > 0 {
            return Str::unfilled(length as usize, 0x10_FFFF);
        }
        utf8(memory(data, length))
    }
    fn PyUnicode_FromKindAndData(kind: c_int, data: *const c_void, count: isize) => New { from_kind(kind, data, count) }
    fn PyUnicode_FromOrdinal(character: c_int) => New {
        match u32::try_from(character).ok().filter(|code| *code <= 0x10_FFFF) {
            Some(code) => Str::from_char(code),
            None => Err(raise!(ValueError, "chr() arg not in range(0x110000)")),
        }
    }
    fn PyUnicode_FromObject(object: &Object) => New {
        match object.downcast::<Str>() {
            Some(text) => Ok(text.to_exact()?.into_object()),
            None => Err(raise!(TypeError, "Can't convert '{}' object to str implicitly", object.ty().full_name())),
        }
    }
    fn _PyUnicode_Copy(object: &Object) => New { Str::from_chars(text(object)?.chars()) }
    fn PyUnicode_FromWideChar(data: *const u32, count: isize) => New {
        from_wide(wide(data, count))
    }
    fn PyUnicode_FromUnicode(data: *const u32, count: isize) => New {
        if data.is_null() {
            // A string that is filled later would have no kind yet, which nothing else here allows for.
            return Err(raise!(SystemError, "PyUnicode_FromUnicode(NULL, size) is not supported: use PyUnicode_New()"));
        }
        from_wide(wide(data, count))
    }
    fn PyUnicode_AsWideChar(object: Option<&Object>, out: *mut u32, room: isize) => isize {
        let Some(object) = object else { return Err(bad_internal_call()) };
        let text = text(object)?;
        if out.is_null() {
            return Ok(text.len() + 1);
        }
        let room = room.max(0) as usize;
        let count = write_wide(text, out, room);
        if count < room {
            // SAFETY: the caller gives room for one more.
            unsafe { out.add(count).write(0) };
        }
        Ok(count)
    }
    fn PyUnicode_AsWideCharString(object: Option<&Object>, count: Out<isize>) => *mut u32 {
        let Some(object) = object else { return Err(bad_internal_call()) };
        let text = text(object)?;
        if count.is_null() && text.chars().iter().any(|code| code == 0) {
            return Err(raise!(ValueError, "embedded null character"));
        }
        count.set(text.len() as isize);
        wide_copy(text)
    }
    fn PyUnicode_AsUCS4(object: &Object, out: *mut u32, room: isize, with_null: c_int) => *mut u32 {
        let text = text(object)?;
        if out.is_null() || room < text.len() as isize + isize::from(with_null != 0) {
            return Err(raise!(SystemError, "string is longer than the buffer"));
        }
        let count = write_wide(text, out, room as usize);
        if with_null != 0 {
            // SAFETY: there is room, as checked.
            unsafe { out.add(count).write(0) };
        }
        Ok(out)
    }
    fn PyUnicode_AsUnicode(object: &Object) => *const u32 { text(object)?.wide() }
    fn _PyUnicode_AsUnicode(object: &Object) => *const u32 { text(object)?.wide() }
    fn PyUnicode_AsUnicodeAndSize(object: &Object, length: Out<isize>) => *const u32 {
        let text = text(object)?;
        length.set(text.len() as isize);
        text.wide()
    }
    fn PyUnicode_AsUCS4Copy(object: &Object) => *mut u32 { wide_copy(text(object)?) }
    fn PyUnicode_AsUTF8AndSize(object: &Object, length: Out<isize>) => *const c_char {
        let (data, count) = cached_utf8(object)?;
        length.set(count as isize);
        Ok(data)
    }
    fn PyUnicode_AsUTF8(object: &Object) => *const c_char { Ok(cached_utf8(object)?.0) }
    fn PyUnicode_GetLength(object: &Object) => isize { Ok(text(object)?.len()) }
    fn PyUnicode_GetSize(object: &Object) => isize { Ok(text(object)?.len()) }
    fn PyUnicode_ReadChar(object: &Object, index: isize) => c_int {
        let text = text(object)?;
        if index < 0 || index as usize >= text.len() {
            return Err(raise!(IndexError, "string index out of range"));
        }
        Ok(text.chars().at(index as usize) as c_int)
    }
    fn PyUnicode_WriteChar(object: &Object, index: isize, character: u32) => c_int {
        let text = text(object)?;
        if index < 0 || index as usize >= text.len() {
            return Err(raise!(IndexError, "string index out of range"));
        }
        check_writable(text)?;
        if character > largest(text) {
            return Err(raise!(ValueError, "character out of range"));
        }
        put(text, index as usize, character);
        Ok(())
    }
    fn PyUnicode_Fill(object: &Object, start: isize, length: isize, character: u32) => isize {
        let text = text(object)?;
        check_writable(text)?;
        if character > largest(text) {
            return Err(raise!(
                ValueError, "fill character is bigger than the string maximum character"
            ));
        }
        if start < 0 {
            return Err(raise!(IndexError, "string index out of range"));
        }
        let count = length.min(text.len() as isize - start);
        for index in 0..count.max(0) {
            put(text, (start + index) as usize, character);
        }
        Ok(count.max(0))
    }
    fn _PyUnicode_FastFill(object: &Object, start: isize, length: isize, character: u32) -> () {
        if let Some(text) = object.downcast::<Str>() {
            for index in start.max(0)..(start + length).min(text.len() as isize) {
                put(text, index as usize, character);
            }
        }
    }
    fn PyUnicode_CopyCharacters(to: &Object, to_start: isize, from: &Object, from_start: isize, count: isize) => isize {
        let (to, from) = (expect::<Str>(to)?, expect::<Str>(from)?);
        if from_start < 0 || from_start as usize > from.len() || to_start < 0 || to_start as usize > to.len() {
            return Err(raise!(IndexError, "string index out of range"));
        }
        if count < 0 {
            return Err(raise!(SystemError, "how_many cannot be negative"));
        }
        let count = count.min(from.len() as isize - from_start);
        if to_start + count > to.len() as isize {
            return Err(raise!(
                SystemError, "Cannot write {count} characters at {to_start} in a string of {} characters", to.len()
            ));
        }
        if count == 0 {
            return Ok(0);
        }
        check_writable(to)?;
        let chars = from.chars();
        let copied = (0..count as usize).map(|index| chars.at(from_start as usize + index));
        if copied.clone().any(|code| code > largest(to)) {
            return Err(raise!(
                SystemError, "Cannot copy UCS{} characters into a string of UCS{} characters", from.kind(), to.kind()
            ));
        }
        for (index, code) in copied.enumerate() {
            put(to, to_start as usize + index, code);
        }
        Ok(count)
    }
    fn _PyUnicode_FastCopyCharacters(to: &Object, to_start: isize, from: &Object, from_start: isize, count: isize) -> () {
        let (Some(to), Some(from)) = (to.downcast::<Str>(), from.downcast::<Str>()) else { return };
        for index in 0..count.max(0) {
            put(to, (to_start + index) as usize, from.chars().at((from_start + index) as usize));
        }
    }
    fn PyUnicode_Resize(place: Out<*mut Object>, length: isize) => c_int {
        let Some(old) = place.take() else { return Err(bad_internal_call()) };
        let Some(old_text) = old.downcast::<Str>().filter(|_| length >= 0) else {
            place.give(Some(old));
            return Err(bad_internal_call());
        };
        let made = Str::unfilled(length as usize, largest(old_text))?;
        for index in 0..old_text.len().min(length as usize) {
            put(&made, index, old_text.chars().at(index));
        }
        place.give(Some(made.into_object()));
        Ok(())
    }
    fn PyUnicode_GetMax() -> u32 { 0x10_FFFF }
    fn _PyUnicode_FindMaxChar(object: &Object, start: isize, end: isize) -> u32 {
        let Some(text) = object.downcast::<Str>() else { return 0 };
        let (start, end) = (start.max(0) as usize, end.max(0) as usize);
        let most = text.chars().iter().take(end).skip(start).max().unwrap_or(0);
        match most {
            0..=0x7f => 0x7f,
            0x80..=0xff => 0xff,
            0x100..=0xffff => 0xffff,
            _ => 0x10_FFFF,
        }
    }
    fn PyUnicode_Substring(object: &Object, start: isize, end: isize) => New {
        let text = text(object)?;
        if start < 0 || end < 0 {
            return Err(raise!(IndexError, "string index out of range"));
        }
        let end = (end as usize).min(text.len());
        text.substring((start as usize).min(end), end)
    }
    fn PyUnicode_InternInPlace(place: Out<*mut Object>) -> () {
        if let Some(object) = place.take() {
            match object.downcast_into::<Str>() {
                Ok(text) => place.give(Some(intern::intern(text).into_object())),
                Err(object) => place.give(Some(object)),
            }
        }
    }
    fn PyUnicode_InternImmortal(place: Out<*mut Object>) -> () {
        // SAFETY: as for this function.
        unsafe { PyUnicode_InternInPlace(place) }
    }
    fn PyUnicode_InternFromString(source: Text) => New { source.intern() }
    fn PyUnicode_CHECK_INTERNED(object: &Object) -> c_int {
        object.downcast::<Str>().map_or(0, |text| text.interned() as c_int)
    }
    fn PyUnicode_Concat(left: &Object, right: &Object) => New {
        let left = must_be_str(left)?;
        let Some(right) = right.downcast::<Str>() else {
            return Err(raise!(TypeError, "can only concatenate str (not \"{}\") to str", right.ty().full_name()));
        };
        Str::concat(left, right)
    }
    fn PyUnicode_Append(place: Out<*mut Object>, other: Option<&Object>) -> () { append(place, other); }
    fn PyUnicode_AppendAndDel(place: Out<*mut Object>, other: Option<Ref>) -> () { append(place, other.as_deref()); }
    fn PyUnicode_Join(separator: Option<&Object>, iterable: &Object) => New {
        match separator {
            None => habu_runtime::types::str::join(&*Str::new(" ")?, iterable),
            Some(separator) => habu_runtime::types::str::join(must_be_str(separator)?, iterable),
        }
    }
    fn _PyUnicode_JoinArray(separator: Option<&Object>, parts: *const &'static Object, count: isize) => New {
        let list = List::new()?;
        for part in items(parts, count.max(0) as usize) {
            list.push(part.to_ref())?;
        }
        let space = Str::new(" ")?;
        let separator = match separator {
            Some(separator) => must_be_str(separator)?,
            None => &space,
        };
        habu_runtime::types::str::join(separator, &list)
    }
    fn PyUnicode_Split(object: &Object, separator: Option<&Object>, most: isize) => New {
        let separator = separator.map(must_be_str).transpose()?;
        must_be_str(object)?.split_list(separator, most)
    }
    fn PyUnicode_RSplit(object: &Object, separator: Option<&Object>, most: isize) => New {
        let none = habu_runtime::types::none();
        let most = habu_runtime::types::int::Int::from_i64(most as i64)?;
        protocol::call_method(must_be_str(object)?, &*Str::intern("rsplit")?, &[separator.unwrap_or(&none), &most])
    }
    fn PyUnicode_Splitlines(object: &Object, keep: c_int) => New {
        let keep = habu_runtime::types::boolean(keep != 0);
        protocol::call_method(must_be_str(object)?, &*Str::intern("splitlines")?, &[&keep])
    }
    fn PyUnicode_Partition(object: &Object, separator: &Object) => New {
        protocol::call_method(must_be_str(object)?, &*Str::intern("partition")?, &[separator])
    }
    fn PyUnicode_RPartition(object: &Object, separator: &Object) => New {
        protocol::call_method(must_be_str(object)?, &*Str::intern("rpartition")?, &[separator])
    }
    fn PyUnicode_Translate(object: &Object, table: &Object, _errors: Text) => New {
        habu_runtime::types::str::translate::translate(must_be_str(object)?, table)
    }
    fn PyUnicode_Replace(object: &Object, old: &Object, new: &Object, most: isize) => New {
        let text = must_be_str(object)?;
        text.replaced(must_be_str(old)?, must_be_str(new)?, most)
    }
    fn PyUnicode_Format(format: &Object, arguments: &Object) => New {
        protocol::binary_op(must_be_str(format)?, arguments, protocol::Operator::Remainder)
    }
    fn PyUnicode_Contains(object: &Object, part: &Object) => c_int {
        let Some(part) = part.downcast::<Str>() else {
            return Err(raise!(
                TypeError, "'in <string>' requires string as left operand, not {}", part.ty().full_name()
            ));
        };
        Ok(must_be_str(object)?.includes(part))
    }
    fn PyUnicode_Count(object: &Object, part: &Object, start: isize, end: isize) => isize {
        found(object, "count", part, start, end)
    }
    fn PyUnicode_Find(object: &Object, part: &Object, start: isize, end: isize, direction: c_int) -> isize {
        found(object, if direction < 0 { "rfind" } else { "find" }, part, start, end).unwrap_or(-2)
    }
    fn PyUnicode_FindChar(object: &Object, character: u32, start: isize, end: isize, direction: c_int) -> isize {
        let Ok(text) = text(object) else { return -2 };
        let Some((start, end)) = range(start, end, text.len()) else { return -1 };
        let chars = text.chars();
        let found = if direction < 0 {
            (start..end).rev().find(|index| chars.at(*index) == character)
        } else {
            (start..end).find(|index| chars.at(*index) == character)
        };
        found.map_or(-1, |index| index as isize)
    }
    fn PyUnicode_Tailmatch(object: &Object, part: &Object, start: isize, end: isize, direction: c_int) => isize {
        let (text, part) = (must_be_str(object)?, must_be_str(part)?);
        let Some((start, end)) = range(start, end, text.len()) else { return Ok(0) };
        let piece = text.substring(start, end)?;
        if part.len() > piece.len() {
            return Ok(0);
        }
        let from = if direction > 0 { piece.len() - part.len() } else { 0 };
        Ok(isize::from(piece.substring(from, from + part.len())?.same_text(part)))
    }
    fn PyUnicode_Compare(left: &Object, right: &Object) => c_int {
        match (left.downcast::<Str>(), right.downcast::<Str>()) {
            (Some(left), Some(right)) => Ok(order(left, right)),
            _ => Err(raise!(
                TypeError, "Can't compare {} and {}", left.ty().full_name(), right.ty().full_name()
            )),
        }
    }
    fn PyUnicode_CompareWithASCIIString(left: &Object, right: Text) -> c_int {
        let Some(left) = left.downcast::<Str>() else { return -1 };
        left.chars().iter().cmp(right.bytes().iter().map(|byte| u32::from(*byte))) as c_int
    }
    fn _PyUnicode_EqualToASCIIString(left: &Object, right: Text) -> c_int {
        c_int::from(left.downcast::<Str>().is_some_and(|left| left.ascii_bytes() == Some(right.bytes())))
    }
    fn _PyUnicode_EQ(left: &Object, right: &Object) -> c_int {
        match (left.downcast::<Str>(), right.downcast::<Str>()) {
            (Some(left), Some(right)) => c_int::from(left.same_text(right)),
            _ => 0,
        }
    }
    fn PyUnicode_RichCompare(left: &Object, right: &Object, op: c_int) => New {
        match (left.downcast::<Str>(), right.downcast::<Str>()) {
            (Some(left), Some(right)) => {
                let order = habu_text::search::compare(left.chars(), right.chars());
                Ok(habu_runtime::types::boolean(CompareOp::from_c(op).holds(order)))
            }
            _ => Ok(habu_runtime::types::not_implemented()),
        }
    }
    fn PyUnicode_IsIdentifier(object: &Object) -> c_int {
        c_int::from(object.downcast::<Str>().is_some_and(habu_runtime::types::str::is_identifier))
    }
    fn _PyUnicode_XStrip(object: &Object, kind: c_int, characters: &Object) => New {
        let name = ["strip", "lstrip", "rstrip"].get(match kind { 2 => 0, 0 => 1, _ => 2 }).copied().unwrap_or("strip");
        protocol::call_method(must_be_str(object)?, &*Str::intern(name)?, &[characters])
    }
    fn _PyUnicode_TransformDecimalAndSpaceToASCII(object: &Object) => New {
        let text = text(object)?;
        let mut made = StrBuilder::new();
        for code in text.chars().iter() {
            let plain = if code < 128 {
                code
            } else if habu_text::unicode::is_space(code) {
                0x20
            } else {
                habu_text::unicode::decimal(code).map_or(u32::from('?'), |digit| 0x30 + u32::from(digit))
            };
            made.push_char(plain)?;
        }
        made.finish()
    }
    fn _PyUnicode_IsPrintable(code: u32) -> c_int { c_int::from(habu_text::unicode::is_printable(code)) }
    fn _PyUnicode_IsWhitespace(code: u32) -> c_int { c_int::from(habu_text::unicode::is_space(code)) }
    fn _PyUnicode_IsLinebreak(code: u32) -> c_int { c_int::from(habu_text::unicode::is_line_break(code)) }
    fn _PyUnicode_IsAlpha(code: u32) -> c_int { c_int::from(habu_text::unicode::is_alpha(code)) }
    fn _PyUnicode_IsLowercase(code: u32) -> c_int { c_int::from(habu_text::unicode::is_lower(code)) }
    fn _PyUnicode_IsTitlecase(code: u32) -> c_int { c_int::from(habu_text::unicode::is_title_letter(code)) }
    fn _PyUnicode_Equal(left: &Object, right: &Object) -> c_int {
        match (left.downcast::<Str>(), right.downcast::<Str>()) {
            (Some(left), Some(right)) => c_int::from(left.same_text(right)),
            _ => 0,
        }
    }
    fn _PyUnicode_IsUppercase(code: u32) -> c_int { c_int::from(habu_text::unicode::is_upper(code)) }
    fn _PyUnicode_IsDecimalDigit(code: u32) -> c_int { c_int::from(habu_text::unicode::decimal(code).is_some()) }
    fn _PyUnicode_ToDecimalDigit(code: u32) -> c_int { habu_text::unicode::decimal(code).map_or(-1, c_int::from) }
    fn _PyUnicode_IsNumeric(code: u32) -> c_int { c_int::from(habu_text::unicode::numeric(code).is_some()) }
    fn _PyUnicode_ToNumeric(code: u32) -> f64 { habu_text::unicode::numeric(code).unwrap_or(-1.0) }
    fn _PyUnicode_IsDigit(code: u32) -> c_int { c_int::from(habu_text::unicode::digit(code).is_some()) }
    fn _PyUnicode_ToDigit(code: u32) -> c_int { habu_text::unicode::digit(code).map_or(-1, c_int::from) }
    fn _PyUnicode_ToLowercase(code: u32) -> u32 { habu_text::unicode::case::to_lower(code) }
    fn _PyUnicode_ToUppercase(code: u32) -> u32 { habu_text::unicode::case::to_upper(code) }
    fn _PyUnicode_ToTitlecase(code: u32) -> u32 { habu_text::unicode::case::to_title(code) }
    fn _PyUnicode_ToLowerFull(code: u32, to: *mut u32) -> c_int { mapped(habu_text::unicode::case::full_lower(code), to) }
    fn _PyUnicode_ToUpperFull(code: u32, to: *mut u32) -> c_int { mapped(habu_text::unicode::case::full_upper(code), to) }
    fn _PyUnicode_ToTitleFull(code: u32, to: *mut u32) -> c_int { mapped(habu_text::unicode::case::full_title(code), to) }
    fn _PyUnicode_ToFoldedFull(code: u32, to: *mut u32) -> c_int { mapped(habu_text::unicode::case::full_fold(code), to) }
}

/// Writes a mapping where there is room for three characters, and gives how many it has.
fn mapped(mapping: habu_text::unicode::case::Mapping, to: *mut u32) -> c_int {
    let codes = mapping.as_slice();
    // SAFETY: the caller has that room.
    unsafe { to.copy_from_nonoverlapping(codes.as_ptr(), codes.len()) };
    codes.len() as c_int
}

/// What a searching method gives.
fn found(object: &Object, method: &str, part: &Object, start: isize, end: isize) -> Result<isize, Raised> {
    use habu_runtime::types::int::Int;
    let (start, end) = (Int::from_i64(start as i64)?, Int::from_i64(end as i64)?);
    let method = Str::intern(method)?;
    let result = protocol::call_method(must_be_str(object)?, &method, &[must_be_str(part)?, &start, &end])?;
    protocol::number::index_as_size(&result, None)
}
