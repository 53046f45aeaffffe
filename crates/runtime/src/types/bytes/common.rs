//! What `bytes` and `bytearray` share: the algorithms of their methods over plain slices, and how arguments become bytes.

use habu_heap::Buffer;
use habu_text::search;
use habu_text::search::split::is_byte_space;
use habu_text::search::trim::{CharSet, strip};
use habu_text::unicode::case::{lower_ascii, upper_ascii};
use habu_text::{Chars, codec};

use crate::exceptions::exc;
use crate::object::protocol::attribute::ignore;
use crate::object::protocol::iterate::{iterator, next};
use crate::object::protocol::number::{has_index, index, index_as_size};
use crate::object::protocol::sequence::length_hint;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::buffer::{ByteView, not_bytes_like, supports_buffer, with_buffer};
use crate::types::int::Int;
use crate::types::list::List;
use crate::types::str::builder::ByteBuilder;
use crate::types::str::search::FindArguments;
use crate::types::str::{Str, StrBuilder};
use crate::types::tuple::Tuple;

/// A byte by `__index__`; `subject` begins the message about one out of range ("byte" or "bytes").
pub fn byte_value(object: &Object, subject: &str) -> Result<u8, Raised> {
    let value = match object.downcast_exact::<Int>() {
        Some(value) => value.to_i64(),
        None => index(object)?.to_i64(),
    };
    value
        .and_then(|value| u8::try_from(value).ok())
        .ok_or_else(|| raise!(ValueError, "{subject} must be in range(0, 256)"))
}

/// The bytes that an iterable of integers gives; nothing where the object cannot be iterated.
pub fn from_iterable(object: &Object, subject: &str) -> Result<Option<Buffer<u8>>, Raised> {
    let mut bytes = Buffer::new();
    if let Some(tuple) = object.downcast_exact::<Tuple>() {
        for item in tuple.as_slice() {
            bytes.push(byte_value(item, subject)?)?;
        }
        return Ok(Some(bytes));
    }
    if let Some(list) = object.downcast_exact::<List>() {
        let mut at = 0;
        while let Some(item) = list.get(at) {
            bytes.push(byte_value(&item, subject)?)?;
            at += 1;
        }
        return Ok(Some(bytes));
    }
    if object.isinstance::<Str>() {
        return Ok(None);
    }
    let items = match iterator(object) {
        Ok(items) => items,
        Err(raised) => return ignore(raised, exc::TypeError()),
    };
    let hint = length_hint(object, 64)?;
    // A hint is only that: too large a one is no reason to fail.
    let _ = bytes.reserve(hint.min(1 << 20));
    while let Some(item) = next(&items)? {
        bytes.push(byte_value(&item, subject)?)?;
    }
    Ok(Some(bytes))
}

/// The count that an integer argument of a constructor means; nothing where the object is no integer.
pub fn count_argument(object: &Object) -> Result<Option<usize>, Raised> {
    if !has_index(object) {
        return Ok(None);
    }
    match index_as_size(object, Some(exc::OverflowError())) {
        Ok(count) => match usize::try_from(count) {
            Ok(count) => Ok(Some(count)),
            Err(_) => Err(raise!(ValueError, "negative count")),
        },
        Err(raised) => ignore(raised, exc::TypeError()),
    }
}

/// What `find` and its kin look for: a bytes-like object, or one byte.
pub enum Needle {
    /// Bytes.
    Bytes(ByteView),
    /// One byte.
    Byte([u8; 1]),
}

impl Needle {
    /// From an argument that may be an integer.
    pub fn new(object: &Object) -> Result<Needle, Raised> {
        if supports_buffer(object) {
            return ByteView::new(object).map(Needle::Bytes);
        }
        if has_index(object) {
            let value = index_as_size(object, Some(exc::ValueError()));
            let value = value.map_err(|raised| {
                raised.clear();
                raise!(ValueError, "byte must be in range(0, 256)")
            })?;
            return match u8::try_from(value) {
                Ok(byte) => Ok(Needle::Byte([byte])),
                Err(_) => Err(raise!(ValueError, "byte must be in range(0, 256)")),
            };
        }
        let name = object.ty().full_name();
        Err(raise!(TypeError, "argument should be integer or bytes-like object, not '{name}'"))
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Needle::Bytes(view) => view,
            Needle::Byte(byte) => byte,
        }
    }
}

/// Where `find` or `rfind` finds something in what `text` lends.
pub(crate) fn locate(
    text: &[u8],
    arguments: &FindArguments<'_>,
    needle: &Needle,
    search: fn(&[u8], &[u8]) -> Option<usize>,
) -> Option<usize> {
    let range = arguments.range(text.len())?;
    let found = search(text.get(range.clone())?, needle.as_slice())?;
    Some(found + range.start)
}

/// `count`
pub(crate) fn count(text: &[u8], arguments: &FindArguments<'_>, needle: &Needle) -> usize {
    match arguments.range(text.len()).and_then(|range| text.get(range)) {
        Some(part) => search::count(part, needle.as_slice(), usize::MAX),
        None => 0,
    }
}

/// `startswith` and `endswith`; `name` is for messages.
pub(crate) fn affix(
    text: &[u8],
    name: &str,
    arguments: &FindArguments<'_>,
    test: fn(&[u8], &[u8]) -> bool,
) -> Result<bool, Raised> {
    let part = arguments.range(text.len()).and_then(|range| text.get(range));
    let matches = |affix: &Object| with_buffer(affix, |affix| part.is_some_and(|part| test(part, affix)));
    let wanted = arguments.wanted;
    if let Some(affixes) = wanted.downcast::<Tuple>() {
        for affix in affixes.as_slice() {
            if matches(affix)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if !supports_buffer(wanted) {
        let got = wanted.ty().full_name();
        return Err(raise!(TypeError, "{name} first arg must be bytes or a tuple of bytes, not {got}"));
    }
    matches(wanted)
}

/// `item in bytes`
pub fn contains(text: &[u8], item: &Object) -> Result<bool, Raised> {
    if has_index(item) && !supports_buffer(item) {
        let byte = byte_value(item, "byte")?;
        return Ok(text.contains(&byte));
    }
    with_buffer(item, |item| search::find(text, item).is_some())
}

/// The range that `strip` and its kin leave.
pub fn stripped(text: &[u8], chars: Option<&Object>, start: bool, end: bool) -> Result<std::ops::Range<usize>, Raised> {
    match chars.filter(|chars| !crate::types::singletons::is_none(chars)) {
        None => Ok(strip(text, start, end, is_byte_space)),
        Some(chars) => with_buffer(chars, |chars| {
            let set = CharSet::new(Chars::One(chars));
            strip(text, start, end, |code| set.contains(code))
        }),
    }
}

/// `replace`: nothing where the text stays as it is.
pub fn replace(text: &[u8], old: &[u8], new: &[u8], count: isize) -> Result<Option<Buffer<u8>>, Raised> {
    let most = crate::types::str::search::limit(count);
    if most == 0 || old.len() > text.len() || (old.is_empty() && new.is_empty()) {
        return Ok(None);
    }
    let found = search::count(text, old, most);
    if found == 0 {
        return Ok(None);
    }
    let grown = (new.len() as isize - old.len() as isize).checked_mul(found as isize);
    let length = grown.and_then(|grown| (text.len() as isize).checked_add(grown));
    let Some(length) = length.and_then(|length| usize::try_from(length).ok()) else {
        return Err(raise!(OverflowError, "replace bytes is too long"));
    };
    let mut out = Buffer::with_capacity(length)?;
    if old.is_empty() {
        for (index, byte) in text.iter().enumerate() {
            if index < most {
                out.extend_from_slice(new)?;
            }
            out.push(*byte)?;
        }
        if text.len() < most {
            out.extend_from_slice(new)?;
        }
        return Ok(Some(out));
    }
    let mut done = 0;
    for at in search::matches(text, old).take(most) {
        out.extend_from_slice(text.get(done..at).unwrap_or_default())?;
        out.extend_from_slice(new)?;
        done = at + old.len();
    }
    out.extend_from_slice(text.get(done..).unwrap_or_default())?;
    Ok(Some(out))
}

/// The text between fill bytes.
pub fn pad(text: &[u8], left: usize, right: usize, fill: u8) -> Result<Buffer<u8>, Raised> {
    let Some(length) = left.checked_add(right).and_then(|all| all.checked_add(text.len())) else {
        return Err(crate::exceptions::memory_error());
    };
    let mut out = Buffer::with_capacity(length)?;
    out.resize(left, fill)?;
    out.extend_from_slice(text)?;
    out.resize(length, fill)?;
    Ok(out)
}

/// `zfill`
pub fn zfill(text: &[u8], width: isize) -> Result<Buffer<u8>, Raised> {
    let zeros = usize::try_from(width).map_or(0, |width| width.saturating_sub(text.len()));
    let mut out = pad(text, zeros, 0, b'0')?;
    if zeros > 0
        && let Some(sign @ (b'+' | b'-')) = text.first()
    {
        out[0] = *sign;
        out[zeros] = b'0';
    }
    Ok(out)
}

/// `expandtabs`
pub fn expand_tabs(text: &[u8], tabsize: i32) -> Result<Buffer<u8>, Raised> {
    let size = usize::try_from(tabsize).unwrap_or(0);
    let mut out = Buffer::with_capacity(text.len())?;
    let mut column = 0usize;
    for &byte in text {
        if byte == b'\t' {
            if size > 0 {
                let blanks = size - column % size;
                let Some(length) = out.len().checked_add(blanks).filter(|length| *length <= isize::MAX as usize) else {
                    return Err(raise!(OverflowError, "result too long"));
                };
                out.resize(length, b' ')?;
                column += blanks;
            }
            continue;
        }
        column = if matches!(byte, b'\n' | b'\r') { 0 } else { column + 1 };
        out.push(byte)?;
    }
    Ok(out)
}

/// The fill byte of `center` and its kin.
pub struct FillByte(pub u8);

impl crate::object::args::FromArg<'_> for FillByte {
    fn from_arg(object: &Object, signature: &crate::object::args::Signature, index: usize) -> Result<FillByte, Raised> {
        let bad = || crate::object::args::bad_argument(signature, index, "a byte string of length 1", object);
        if let Some(bytes) = object.downcast::<super::Bytes>()
            && let [byte] = bytes.as_slice()
        {
            return Ok(FillByte(*byte));
        }
        if let Some(bytes) = object.downcast::<crate::types::bytearray::ByteArray>()
            && bytes.len() == 1
        {
            return bytes.get(0).map(FillByte).ok_or_else(bad);
        }
        Err(bad())
    }
}

/// How the case of ASCII letters is changed.
#[derive(Clone, Copy)]
pub enum Case {
    /// `lower`
    Lower,
    /// `upper`
    Upper,
    /// `title`
    Title,
    /// `capitalize`
    Capitalize,
    /// `swapcase`
    Swap,
}

/// The bytes with the case of ASCII letters changed.
pub fn change_case(text: &[u8], case: Case) -> Result<Buffer<u8>, Raised> {
    let mut out = Buffer::from_slice(text)?;
    match case {
        Case::Lower => lower_ascii(&mut out),
        Case::Upper => upper_ascii(&mut out),
        Case::Capitalize => {
            lower_ascii(&mut out);
            if let Some(first) = out.first_mut() {
                first.make_ascii_uppercase();
            }
        }
        Case::Swap => {
            for byte in out.iter_mut().filter(|byte| byte.is_ascii_alphabetic()) {
                *byte ^= 0x20;
            }
        }
        Case::Title => {
            let mut inside = false;
            for byte in &mut out {
                if inside {
                    byte.make_ascii_lowercase();
                } else {
                    byte.make_ascii_uppercase();
                }
                inside = byte.is_ascii_alphabetic();
            }
        }
    }
    Ok(out)
}

/// Whether there is a byte and all of them pass a test.
pub fn all(text: &[u8], test: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.iter().all(|&byte| test(byte))
}

/// `islower` (and `isupper`, with the tests swapped): a byte is `wanted`, none is `refused`.
pub fn has_case(text: &[u8], wanted: fn(&u8) -> bool, refused: fn(&u8) -> bool) -> bool {
    !text.iter().any(refused) && text.iter().any(wanted)
}

/// `istitle`
pub fn is_title(text: &[u8]) -> bool {
    let (mut any, mut inside) = (false, false);
    for byte in text {
        if byte.is_ascii_uppercase() && inside || byte.is_ascii_lowercase() && !inside {
            return false;
        }
        inside = byte.is_ascii_alphabetic();
        any |= inside;
    }
    any
}

/// `maketrans(frm, to)`: 256 bytes.
pub fn make_translation(from: &[u8], to: &[u8]) -> Result<[u8; 256], Raised> {
    if from.len() != to.len() {
        return Err(raise!(ValueError, "maketrans arguments must have same length"));
    }
    let mut table = std::array::from_fn(|byte| byte as u8);
    for (&from, &to) in from.iter().zip(to) {
        table[usize::from(from)] = to;
    }
    Ok(table)
}

/// A translation table as one of 256 bytes.
pub fn check_translation(table: Option<&[u8]>) -> Result<Option<&[u8; 256]>, Raised> {
    match table.map(<&[u8; 256]>::try_from) {
        None => Ok(None),
        Some(Ok(table)) => Ok(Some(table)),
        Some(Err(_)) => Err(raise!(ValueError, "translation table must be 256 characters long")),
    }
}

/// `translate(table, delete)`; no table maps each byte to itself.
pub fn translate(text: &[u8], table: Option<&[u8]>, delete: &[u8]) -> Result<Buffer<u8>, Raised> {
    let table = check_translation(table)?;
    let mut out = Buffer::new();
    out.resize(text.len(), 0)?;
    let kept = search::translate_bytes(text, table, delete, &mut out);
    out.truncate(kept);
    Ok(out)
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// The two digits of each byte.
static HEX_PAIRS: [[u8; 2]; 256] = {
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [HEX[byte >> 4], HEX[byte & 15]];
        byte += 1;
    }
    pairs
};

/// The value of each byte that is a hexadecimal digit; of others, 0xFF.
static HEX_VALUES: [u8; 256] = {
    let mut values = [0xFF; 256];
    let mut digit = 0;
    while digit < 16 {
        values[HEX[digit] as usize] = digit as u8;
        values[HEX[digit].to_ascii_uppercase() as usize] = digit as u8;
        digit += 1;
    }
    values
};

/// Writes two digits for each byte.
pub fn write_hex(text: &[u8], out: &mut [u8]) {
    out.as_chunks_mut::<2>().0.iter_mut().zip(text).for_each(|(pair, &byte)| *pair = HEX_PAIRS[usize::from(byte)]);
}

/// The byte that two digits stand for.
#[inline(always)]
pub fn hex_value(pair: [u8; 2]) -> Option<u8> {
    let (high, low) = (HEX_VALUES[usize::from(pair[0])], HEX_VALUES[usize::from(pair[1])]);
    ((high | low) != 0xFF).then_some(high << 4 | low)
}

/// The separator of `hex`: a string or bytes object of one ASCII character.
fn hex_separator(sep: &Object) -> Result<u8, Raised> {
    let length = crate::object::protocol::length(sep)?;
    if length != 1 {
        return Err(raise!(ValueError, "sep must be length 1."));
    }
    let byte = if let Some(text) = sep.downcast::<Str>() {
        match text.chars() {
            Chars::One([byte]) => Some(*byte),
            _ => None,
        }
    } else if let Some(bytes) = sep.downcast::<super::Bytes>() {
        bytes.as_slice().first().copied()
    } else {
        return Err(raise!(TypeError, "sep must be str or bytes."));
    };
    byte.filter(u8::is_ascii).ok_or_else(|| raise!(ValueError, "sep must be ASCII."))
}

/// `hex(sep, bytes_per_sep)`
pub fn hex(text: &[u8], sep: Option<&Object>, group: i32) -> Result<Ref<Str>, Raised> {
    let sep = sep.map(hex_separator).transpose()?.filter(|_| group != 0);
    if sep.is_none() {
        return Str::assemble_bytes(text.len().saturating_mul(2), |out| write_hex(text, out));
    }
    let size = group.unsigned_abs() as usize;
    let mut out = Buffer::with_capacity(text.len().saturating_mul(3))?;
    for (index, &byte) in text.iter().enumerate() {
        // Groups are counted from the right when the number is positive.
        let place = if group >= 0 { text.len() - index } else { index };
        if let Some(sep) = sep
            && index > 0
            && place % size == 0
        {
            out.push(sep)?;
        }
        out.push(HEX[usize::from(byte >> 4)])?;
        out.push(HEX[usize::from(byte & 15)])?;
    }
    Str::from_latin1(&out)
}

/// `fromhex(string)`
pub fn from_hex(text: &Str) -> Result<Buffer<u8>, Raised> {
    let mut out = Buffer::with_capacity(text.len() / 2)?;
    let chars = text.chars();
    // Digits without spaces between them go pair by pair.
    if let Chars::One(digits) = chars {
        for pair in digits.as_chunks::<2>().0 {
            let Some(byte) = hex_value(*pair) else { break };
            out.push(byte)?;
        }
    }
    let wrong = |at: usize| raise!(ValueError, "non-hexadecimal number found in fromhex() arg at position {at}");
    let digit = |at: usize| chars.get(at).and_then(char::from_u32).and_then(|c| c.to_digit(16));
    let mut at = out.len() * 2;
    while let Some(code) = chars.get(at) {
        if is_byte_space(code) {
            at += 1;
            continue;
        }
        let Some(high) = digit(at) else { return Err(wrong(at)) };
        let Some(low) = digit(at + 1) else { return Err(wrong(at + 1)) };
        out.push((high << 4 | low) as u8)?;
        at += 2;
    }
    Ok(out)
}

/// `separator.join(iterable)`
pub fn join(separator: &[u8], iterable: &Object) -> Result<Buffer<u8>, Raised> {
    let items = crate::object::protocol::sequence::fast_items(iterable, "can only join an iterable")?;
    let mut out = Buffer::new();
    // What plain bytes will need is known; other items ask for their room.
    let plain = items.iter().filter_map(|item| item.downcast_exact::<super::Bytes>()).map(super::Bytes::len);
    let known = plain.fold(separator.len().saturating_mul(items.len().saturating_sub(1)), usize::saturating_add);
    out.reserve(known)?;
    for (index, item) in items.iter().enumerate() {
        if !supports_buffer(item) {
            let name = item.ty().full_name();
            return Err(raise!(TypeError, "sequence item {index}: expected a bytes-like object, {name} found"));
        }
        if index > 0 {
            out.extend_from_slice(separator)?;
        }
        let view = ByteView::new(item)?;
        out.extend_from_slice(&view)?;
    }
    Ok(out)
}

/// `repr` of bytes.
pub fn repr(text: &[u8]) -> Result<Ref<Str>, Raised> {
    let mut quoted = ByteBuilder::default();
    codec::bytes_escape::repr(text, &mut quoted)?;
    Str::from_latin1(&quoted.0)
}

/// `repr` of a bytearray of the type `name`: as of bytes in parentheses, but a single quote is escaped between double ones too.
pub fn repr_in(text: &[u8], name: &str) -> Result<Ref<Str>, Raised> {
    let mut quoted = ByteBuilder::default();
    codec::bytes_escape::repr(text, &mut quoted)?;
    let doubled = quoted.0.get(1) == Some(&b'"');
    let mut out = StrBuilder::with_capacity(quoted.0.len() + name.len() + 2)?;
    out.push_str(name)?;
    out.push_ascii("(")?;
    for &byte in &quoted.0 {
        if doubled && byte == b'\'' {
            out.push_char(u32::from(b'\\'))?;
        }
        out.push_char(u32::from(byte))?;
    }
    out.push_ascii(")")?;
    out.finish()
}

/// The separator of `partition`, which must not be empty.
pub fn separator(object: &Object) -> Result<ByteView, Raised> {
    if !supports_buffer(object) {
        return Err(not_bytes_like(object));
    }
    let view = ByteView::new(object)?;
    if view.is_empty() {
        return Err(raise!(ValueError, "empty separator"));
    }
    Ok(view)
}
