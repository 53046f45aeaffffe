//! The layout of strings (`PyASCIIObject`, `PyCompactUnicodeObject`, `PyUnicodeObject`), and what Rust does with them.
//!
//! Invariants: a string's kind is the smallest that holds its largest character; `ascii` is set exactly when all are below 128; the text is
//! followed by a zero character. Exact strings are compact: the text stands behind the header. Instances of subclasses have it elsewhere.

use std::cell::Cell;
use std::ffi::c_char;
use std::fmt;
use std::ptr::NonNull;

use habu_heap::Domain;
use habu_macros::pytype;

use crate::object::{Object, PyType, Raised, Ref};

/// str(object='') -> str
/// str(bytes_or_buffer[, encoding[, errors]]) -> str
///
/// Create a new string object from the given object. If encoding or
/// errors is specified, then the object must expose a data buffer
/// that will be decoded using the given encoding and error handler.
/// Otherwise, returns the result of object.__str__() (if defined)
/// or repr(object).
/// encoding defaults to sys.getdefaultencoding().
/// errors defaults to 'strict'.
#[pytype(name = "str", generic_get, c_name = "PyUnicode_Type", basetype, subclass_flag = UNICODE_SUBCLASS, flag = MATCH_SELF, basicsize = 80)]
pub struct Str {
    /// The header.
    pub base: Object,
    pub(super) length: Cell<isize>,
    pub(super) hash: Cell<isize>,
    pub(super) state: Cell<u32>,
    pub(super) wstr: Cell<*const u32>,
}

crate::assert_layout!(Str, size 48, length @ 16, hash @ 24, state @ 32, wstr @ 40);

/// What a string that is not ASCII has behind the header (`PyCompactUnicodeObject`).
#[repr(C)]
pub struct CompactTail {
    /// The length of the cached UTF-8 form.
    pub utf8_length: Cell<isize>,
    /// The cached UTF-8 form, owned, or null.
    pub utf8: Cell<*mut c_char>,
    /// Unused.
    pub wstr_length: Cell<isize>,
}

/// The bytes before the text of an ASCII string.
pub const ASCII_HEADER: usize = 48;
/// The bytes before the text of another compact string.
pub const COMPACT_HEADER: usize = 72;

const INTERNED_MASK: u32 = 3;
const KIND_SHIFT: u32 = 2;
pub(super) const COMPACT: u32 = 1 << 5;
const ASCII: u32 = 1 << 6;
const READY: u32 = 1 << 7;

pub use habu_text::Chars;

/// The memory of characters.
pub fn memory(text: Chars<'_>) -> &[u8] {
    let (pointer, length) = match text {
        Chars::One(text) => return text,
        Chars::Two(text) => (text.as_ptr().cast(), text.len() * 2),
        Chars::Four(text) => (text.as_ptr().cast(), text.len() * 4),
    };
    // SAFETY: plain integers may be looked at as bytes.
    unsafe { std::slice::from_raw_parts(pointer, length) }
}

pub(super) const fn state(interned: u32, kind: u32, ascii: bool) -> u32 {
    interned | kind << KIND_SHIFT | COMPACT | if ascii { ASCII } else { 0 } | READY
}

impl Str {
    /// The header of a static ASCII string; `interned` is 2 for ever.
    pub(super) const fn static_header(length: usize, kind_is_ascii: bool) -> Str {
        Str {
            base: Object::shared_header(&raw const STR_TYPE.ty),
            length: Cell::new(length as isize),
            hash: Cell::new(-1),
            state: Cell::new(state(2, 1, kind_is_ascii)),
            wstr: Cell::new(std::ptr::null()),
        }
    }

    /// As `static_header`, of an ASCII string that is not interned.
    pub(super) const fn plain_static_header(length: usize) -> Str {
        let mut header = Str::static_header(length, true);
        header.state = Cell::new(state(0, 1, true));
        header
    }

    /// As `static_header`, of a string whose references are counted from one, the static's own.
    pub(super) const fn counted_static_header(length: usize) -> Str {
        Str {
            base: Object::static_header(&raw const STR_TYPE.ty),
            length: Cell::new(length as isize),
            hash: Cell::new(-1),
            state: Cell::new(state(2, 1, true)),
            wstr: Cell::new(std::ptr::null()),
        }
    }

    /// The number of characters.
    #[inline(always)]
    #[expect(clippy::len_without_is_empty, reason = "compare with 0, as for every sequence")]
    pub fn len(&self) -> usize {
        self.length.get() as usize
    }

    /// Whether all characters are below 128.
    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.state.get() & ASCII != 0
    }

    /// The bytes of a character: 1, 2 or 4.
    #[inline(always)]
    pub fn kind(&self) -> usize {
        (self.state.get() >> KIND_SHIFT & 7) as usize
    }

    /// Whether the text stands behind the header.
    #[inline(always)]
    pub fn is_compact(&self) -> bool {
        self.state.get() & COMPACT != 0
    }

    /// Where the text stands.
    #[inline(always)]
    pub fn data(&self) -> *const u8 {
        let start = std::ptr::from_ref(self).cast::<u8>();
        let state = self.state.get();
        // SAFETY: the state says where the text stands.
        unsafe {
            if state & COMPACT == 0 {
                start.add(COMPACT_HEADER).cast::<*const u8>().read()
            } else if state & ASCII != 0 {
                start.add(ASCII_HEADER)
            } else {
                start.add(COMPACT_HEADER)
            }
        }
    }

    /// The characters.
    #[inline(always)]
    pub fn chars(&self) -> Chars<'_> {
        let (data, length) = (self.data(), self.len());
        // SAFETY: the text has `length` characters of the string's kind, and never changes.
        unsafe {
            match self.kind() {
                1 => Chars::One(std::slice::from_raw_parts(data, length)),
                2 => Chars::Two(std::slice::from_raw_parts(data.cast(), length)),
                _ => Chars::Four(std::slice::from_raw_parts(data.cast(), length)),
            }
        }
    }

    /// The text, when it is ASCII.
    #[inline(always)]
    pub fn as_ascii(&self) -> Option<&str> {
        match self.chars() {
            // SAFETY: ASCII is UTF-8.
            Chars::One(text) if self.is_ascii() => Some(unsafe { std::str::from_utf8_unchecked(text) }),
            _ => None,
        }
    }

    /// The text in a Rust string; a lone surrogate becomes U+FFFD.  For messages and system calls, not for hot paths.
    pub fn to_string_lossy(&self) -> String {
        self.chars().iter().map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }

    /// Whether the text is `other`.
    pub fn equals(&self, other: &str) -> bool {
        match self.as_ascii() {
            Some(text) => text == other,
            None => self.chars().iter().eq(other.chars().map(u32::from)),
        }
    }

    /// Whether the two have the same characters.
    #[inline]
    pub fn same_text(&self, other: &Str) -> bool {
        self.len() == other.len() && self.kind() == other.kind() && memory(self.chars()) == memory(other.chars())
    }

    /// The hash of the text, computed once.
    #[inline(always)]
    pub fn hash(&self) -> isize {
        match self.hash.get() {
            -1 => self.compute_hash(),
            hash => hash,
        }
    }

    #[cold]
    fn compute_hash(&self) -> isize {
        let hash = crate::hashing::hash_bytes(memory(self.chars()));
        self.hash.set(hash);
        hash
    }

    /// The text as bytes of UTF-8 without a copy, when it is ASCII, else nothing.
    #[inline(always)]
    pub fn ascii_bytes(&self) -> Option<&[u8]> {
        self.as_ascii().map(str::as_bytes)
    }

    /// The string of this text that the interpreter keeps for all to share.
    pub fn intern(text: &str) -> Result<Ref<Str>, Raised> {
        Ok(super::intern::intern(Str::new(text)?))
    }

    /// How the string is interned: 0 not, 1 until it dies, 2 for ever.
    pub fn interned(&self) -> u32 {
        self.state.get() & INTERNED_MASK
    }

    /// Notes how the string is interned.
    pub(super) fn set_interned(&self, interned: u32) {
        self.state.set(self.state.get() & !INTERNED_MASK | interned);
    }

    /// What stands behind the header of a string that is not compact ASCII.
    pub fn tail(&self) -> Option<&CompactTail> {
        let state = self.state.get();
        // SAFETY: such strings are allocated with the tail.
        (state & COMPACT == 0 || state & ASCII == 0)
            .then(|| unsafe { &*std::ptr::from_ref(self).add(1).cast::<CompactTail>() })
    }

    /// The bytes of the object and its text, as `sys.getsizeof` counts them without a GC head.
    pub fn size(&self) -> usize {
        let text = (self.len() + 1) * self.kind();
        let utf8 = self.tail().filter(|tail| !tail.utf8.get().is_null()).map_or(0, |tail| tail.utf8_length.get() + 1);
        let header = match (self.is_compact(), self.is_ascii()) {
            (true, true) => ASCII_HEADER,
            (true, false) => COMPACT_HEADER,
            _ => COMPACT_HEADER + 8,
        };
        let wide = if self.wstr.get().is_null() { 0 } else { self.wide_size() };
        header + text + utf8 as usize + wide
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.as_ascii() {
            return f.pad(text);
        }
        self.chars()
            .iter()
            .try_for_each(|code| fmt::Write::write_char(f, char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)))
    }
}

impl fmt::Display for Ref<Str> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

/// The `tp_dealloc` of strings: takes the string out of the interned ones, frees what hangs off it.
///
/// # Safety
/// As `tp_dealloc`.
pub(super) unsafe fn dealloc(object: NonNull<Object>) {
    // SAFETY: the slot is str's own; the object is intact.
    let text = unsafe { object.cast::<Str>().as_ref() };
    if text.interned() == 1 {
        super::intern::forget(text);
    }
    text.drop_utf8();
    text.drop_wide();
    if !text.is_compact()
        && let Some(data) = NonNull::new(text.data().cast_mut())
    {
        // SAFETY: a subclass's instance owns its text, allocated with its length and a zero character.
        unsafe { habu_heap::free(Domain::Object, data, (text.len() + 1) * text.kind()) };
    }
    let ty = text.ty();
    let preheader = ty.preheader_size();
    // SAFETY: the memory is as large as `build` or the subclass's allocation made it.
    unsafe {
        if std::ptr::eq(ty, Str::type_object()) {
            crate::object::allocate::free_memory(object, 0, text.size_without_utf8());
        } else {
            crate::object::allocate::free_memory(object, preheader, ty.tp_basicsize.get() as usize);
        }
    }
}

impl Str {
    pub(super) fn size_without_utf8(&self) -> usize {
        (if self.is_ascii() { ASCII_HEADER } else { COMPACT_HEADER }) + (self.len() + 1) * self.kind()
    }
}
