//! Interned strings: the one string of each text that names share, so that equal names are one object.
//!
//! The table is the interpreter's. It holds no counted references: a string that dies takes itself out. Static strings (the empty one, the
//! 256 of one character, the names in `identifiers`) are interned for ever.

use std::cell::{Cell, UnsafeCell};
use std::ptr::NonNull;

use habu_heap::Buffer;

use super::value::Str;
use crate::object::Ref;
use crate::object::static_cell::ProcessStatic;
use crate::threads::Thread;

/// A static ASCII string of `N` bytes, its end included.
#[repr(C)]
pub struct StaticStr<const N: usize> {
    text: Str,
    data: [u8; N],
}

impl<const N: usize> StaticStr<N> {
    /// The string object for `text`, which must be ASCII of `N - 1` bytes.
    pub const fn new(text: &str) -> ProcessStatic<StaticStr<N>> {
        StaticStr::with_header(Str::static_header(N - 1, true), text)
    }

    /// As `new`, with a count that starts at one.
    pub const fn counted(text: &str) -> ProcessStatic<StaticStr<N>> {
        StaticStr::with_header(Str::counted_static_header(N - 1), text)
    }

    const fn with_header(header: Str, text: &str) -> ProcessStatic<StaticStr<N>> {
        let bytes = text.as_bytes();
        assert!(bytes.len() + 1 == N, "wrong length");
        let mut data = [0; N];
        let mut index = 0;
        while index + 1 < N {
            assert!(bytes[index] < 128, "not ASCII");
            data[index] = bytes[index];
            index += 1;
        }
        ProcessStatic(StaticStr { text: header, data })
    }

    /// The string.
    pub const fn text(&'static self) -> &'static Str {
        &self.text
    }
}

/// A static string of one character from 128 to 255.
#[repr(C)]
struct Latin1Str {
    text: Str,
    tail: [usize; 3],
    data: [u8; 2],
}

static EMPTY: ProcessStatic<StaticStr<1>> = StaticStr::new("");

static ASCII_CHARS: [ProcessStatic<StaticStr<2>>; 128] = {
    let mut all = [const { ProcessStatic(StaticStr { text: Str::static_header(1, true), data: [0; 2] }) }; 128];
    let mut code = 0;
    while code < 128 {
        all[code].0.data[0] = code as u8;
        code += 1;
    }
    let mut index = 0;
    while index < LETTERS.len() {
        all[LETTERS[index] as usize].0.text = Str::plain_static_header(1);
        index += 1;
    }
    all
};

/// The letters that are names in the modules that CPython has built in. There they are strings of their own, interned before the ones of one
/// character could be, so that `chr(97) is "a"` is false.
const LETTERS: &[u8] = b"BCLST_abcdefhijklmnopqrstvwxy";

static LETTER_NAMES: [ProcessStatic<StaticStr<2>>; LETTERS.len()] = {
    let mut all =
        [const { ProcessStatic(StaticStr { text: Str::static_header(1, true), data: [0; 2] }) }; LETTERS.len()];
    let mut index = 0;
    while index < LETTERS.len() {
        all[index].0.data[0] = LETTERS[index];
        index += 1;
    }
    all
};

static LATIN1_CHARS: [ProcessStatic<Latin1Str>; 128] = {
    let mut all =
        [const { ProcessStatic(Latin1Str { text: Str::static_header(1, false), tail: [0; 3], data: [0; 2] }) }; 128];
    let mut code = 0;
    while code < 128 {
        all[code].0.data[0] = code as u8 + 128;
        code += 1;
    }
    all
};

/// The empty string.
pub fn empty() -> Ref<Str> {
    Ref::from_borrowed(EMPTY.0.text())
}

/// The string of one character below 256.
#[inline]
pub fn latin1(code: u8) -> Ref<Str> {
    let text = match code {
        0..128 => ASCII_CHARS[code as usize].0.text(),
        _ => &LATIN1_CHARS[code as usize - 128].0.text,
    };
    Ref::from_borrowed(text)
}

/// The interned strings of an interpreter: open addressing over pointers, half full at most. The sixteen highest bits of a pointer, which
/// are zero on this machine, hold those of the string's hash, so that strings with another one are not looked at.
pub struct InternTable {
    slots: UnsafeCell<Buffer<*const Str>>,
    used: Cell<usize>,
}

/// A place whose string died.
const GONE: *const Str = std::ptr::without_provenance(1);

/// The bits of a slot that hold those of a hash.
const TAG: usize = 0xFFFF << 48;

/// What stands in the slot of a string.
fn tagged(text: *const Str, hash: isize) -> *const Str {
    text.map_addr(|address| address & !TAG | hash as usize & TAG)
}

/// The string of a slot.
fn untagged(slot: *const Str) -> *const Str {
    slot.map_addr(|address| address & !TAG)
}

impl InternTable {
    /// An empty table.
    pub const fn new() -> InternTable {
        InternTable { slots: UnsafeCell::new(Buffer::new()), used: Cell::new(0) }
    }

    /// Lends the slots to code that runs no Python code.
    #[expect(clippy::mut_from_ref, reason = "the borrow ends before anything else can reach the table")]
    fn slots(&self) -> &mut Buffer<*const Str> {
        // SAFETY: every caller finishes with the slots before it returns, and calls nothing that comes back here.
        unsafe { &mut *self.slots.get() }
    }

    /// The place of the string with this text, or the first free one.
    fn find(&self, text: &Str) -> Option<usize> {
        let slots = self.slots();
        let mask = slots.len().checked_sub(1)?;
        let hash = text.hash();
        let mut at = hash as usize & mask;
        let mut free = None;
        loop {
            let slot = slots[at];
            if slot.is_null() {
                return free.or(Some(at));
            }
            if slot == GONE {
                free = free.or(Some(at));
            // SAFETY: a string in the table is alive: it takes itself out when it dies.
            } else if (slot.addr() ^ hash as usize) & TAG == 0 && unsafe { &*untagged(slot) }.same_text(text) {
                return Some(at);
            }
            at = (at + 1) & mask;
        }
    }

    /// Makes room; false when memory ran out.
    fn grow(&self) -> bool {
        let size = (self.slots().len() * 2).max(1024);
        let mut fresh = Buffer::new();
        if fresh.resize(size, std::ptr::null()).is_err() {
            return false;
        }
        let old = std::mem::replace(self.slots(), fresh);
        self.used.set(0);
        for slot in old.iter().copied().filter(|slot| !slot.is_null() && *slot != GONE) {
            // SAFETY: as in `find`.
            if let Some(at) = self.find(unsafe { &*untagged(slot) }) {
                self.slots()[at] = slot;
                self.used.set(self.used.get() + 1);
            }
        }
        true
    }

    /// The interned string of this text: `text` itself when there was none.
    pub fn intern(&self, text: Ref<Str>) -> Ref<Str> {
        if text.interned() != 0 || !text.is_exact::<Str>() {
            return text;
        }
        if self.used.get() * 2 >= self.slots().len() && !self.grow() {
            return text;
        }
        let Some(at) = self.find(&text) else { return text };
        let slot = self.slots()[at];
        if !slot.is_null() && slot != GONE {
            // SAFETY: as in `find`.
            return Ref::from_borrowed(unsafe { &*untagged(slot) });
        }
        let shared = shared_text(&text);
        let (pointer, state) = match shared {
            Some(shared) => (std::ptr::from_ref(shared), 2),
            None => (text.as_pointer().as_ptr().cast_const(), 1),
        };
        self.slots()[at] = tagged(pointer, text.hash());
        self.used.set(self.used.get() + usize::from(slot.is_null()));
        match shared {
            Some(shared) => Ref::from_borrowed(shared),
            None => {
                text.set_interned(state);
                text
            }
        }
    }

    /// Adds the names of one letter.
    pub fn add_letters(&self) {
        LETTER_NAMES.iter().for_each(|letter| self.add_static(letter.0.text()));
    }

    /// Adds a static string.
    pub fn add_static(&self, text: &'static Str) {
        if self.used.get() * 2 >= self.slots().len() && !self.grow() {
            return;
        }
        if let Some(at) = self.find(text)
            && self.slots()[at].is_null()
        {
            self.slots()[at] = tagged(text, text.hash());
            self.used.set(self.used.get() + 1);
        }
    }

    fn forget(&self, text: &Str) {
        if let Some(at) = self.find(text)
            && std::ptr::eq(untagged(self.slots()[at]), text)
        {
            self.slots()[at] = GONE;
        }
    }
}

impl Default for InternTable {
    fn default() -> InternTable {
        InternTable::new()
    }
}

/// The static string of this text, if it is empty or one character.
fn shared_text(text: &Str) -> Option<&'static Str> {
    match text.chars() {
        super::value::Chars::One([]) => Some(EMPTY.0.text()),
        super::value::Chars::One([one]) if *one < 128 => Some(ASCII_CHARS[*one as usize].0.text()),
        super::value::Chars::One([one]) => Some(&LATIN1_CHARS[*one as usize - 128].0.text),
        _ => None,
    }
}

/// The interned string of this text.
pub fn intern(text: Ref<Str>) -> Ref<Str> {
    Thread::current().interpreter().interned.intern(text)
}

/// Takes a dying string out of the table.
pub(super) fn forget(text: &Str) {
    if Thread::is_attached() {
        Thread::current().interpreter().interned.forget(text);
    }
}

/// For `StaticStr` outside: the pointer of a static string.
pub fn pointer(text: &'static Str) -> NonNull<Str> {
    NonNull::from(text)
}
