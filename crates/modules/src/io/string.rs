//! `StringIO`: a stream of text in memory.

use std::cell::{Cell, RefCell};

use habu_macros::{pymethods, pytype};
use habu_runtime::object::{Field, Object, Raised, Ref, Room, Type, protocol};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::{Str, StrBuilder};
use habu_runtime::types::tuple::Tuple;
use habu_text::Chars;

use super::base::TEXT_IO_BASE_TYPE;
use super::newlines::Newlines;
use super::{optional_text, size_argument};

/// A stream of text in memory.
#[pytype(
    name = "_io.StringIO",
    doc = "StringIO(initial_value='', newline='\\n')\n--\n\nText I/O implementation using an in-memory buffer.\n\nThe initial_value argument sets the value of object.  The newline\nargument is like the one of TextIOWrapper's constructor.",
    gc, unfinalized, basetype, base = TEXT_IO_BASE_TYPE, dict = dict, weaklist = weaklist
)]
pub struct StringIo {
    base: Object,
    text: RefCell<StrBuilder>,
    pos: Cell<usize>,
    ok: Cell<bool>,
    closed: Cell<bool>,
    read_universal: Cell<bool>,
    read_translate: Cell<bool>,
    newlines: Newlines,
    /// The line end that is looked for, and what `\n` becomes when it is written.
    newline: Field<Str>,
    room: Room<24>,
    #[traverse]
    dict: Field<Dict>,
    weaklist: Cell<*const Object>,
}

habu_runtime::assert_layout!(StringIo, size 120, dict @ 104, weaklist @ 112);

/// The first place of a character from `from` on.
fn find(text: Chars<'_>, from: usize, character: u32) -> Option<usize> {
    let found = match text.slice(from, text.len()) {
        Chars::One(units) => memchr::memchr(character as u8, units),
        Chars::Two(units) => units.iter().position(|unit| u32::from(*unit) == character),
        Chars::Four(units) => units.iter().position(|unit| *unit == character),
    };
    found.map(|at| from + at)
}

impl StringIo {
    fn check(&self) -> Result<(), Raised> {
        if !self.ok.get() {
            return Err(raise!(ValueError, "I/O operation on uninitialized object"));
        }
        if self.closed.get() {
            return Err(raise!(ValueError, "I/O operation on closed file"));
        }
        Ok(())
    }

    fn take(&self, most: usize) -> Result<Ref<Str>, Raised> {
        let text = self.text.borrow();
        let from = self.pos.get().min(text.len());
        let to = from.saturating_add(most).min(text.len());
        if from < to {
            self.pos.set(to);
        }
        Str::from_chars(text.as_chars().slice(from, to))
    }

    /// How many characters the next line has, up to the limit.
    fn line_length(&self, limit: isize) -> usize {
        let text = self.text.borrow();
        let from = self.pos.get().min(text.len());
        let end = from.saturating_add(usize::try_from(limit).unwrap_or(usize::MAX)).min(text.len());
        let rest = text.as_chars().slice(from, end);
        const CR: u32 = b'\r' as u32;
        const LF: u32 = b'\n' as u32;
        let newline = self.newline.get();
        let end = match newline.as_ref().and_then(|newline| newline.as_ascii()) {
            _ if self.read_translate.get() => find(rest, 0, LF).map(|at| at + 1),
            _ if self.read_universal.get() => rest.iter().position(|code| code == CR || code == LF).map(|at| {
                if rest.at(at) == CR && at + 1 < rest.len() && rest.at(at + 1) == LF { at + 2 } else { at + 1 }
            }),
            Some("\r\n") => {
                let mut from = 0;
                loop {
                    match find(rest, from, CR) {
                        Some(at) if at + 1 < rest.len() && rest.at(at + 1) == LF => break Some(at + 2),
                        Some(at) => from = at + 1,
                        None => break None,
                    }
                }
            }
            Some("\r") => find(rest, 0, CR).map(|at| at + 1),
            _ => find(rest, 0, LF).map(|at| at + 1),
        };
        end.unwrap_or(rest.len())
    }

    /// Writes text at the place, after its line ends are translated.
    fn put(&self, text: &Str) -> Result<(), Raised> {
        let mut given = Ref::from_borrowed(text);
        if self.read_universal.get() {
            given = self.newlines.process(given, true)?;
        }
        let newline = self.newline.get();
        let with = newline.as_ref().and_then(|newline| newline.as_ascii()).filter(|newline| newline.starts_with('\r'));
        let mut translated = StrBuilder::new();
        let given = match with {
            None => given.chars(),
            Some(with) => {
                for code in given.chars().iter() {
                    if code == u32::from(b'\n') {
                        translated.push_ascii(with)?;
                    } else {
                        translated.push_char(code)?;
                    }
                }
                translated.as_chars()
            }
        };
        let pos = self.pos.get();
        let Some(end) = pos.checked_add(given.len()).filter(|end| *end <= isize::MAX as usize / 4) else {
            return Err(raise!(OverflowError, "new position too large"));
        };
        if !given.is_empty() {
            self.text.borrow_mut().write_at(pos, given)?;
            self.pos.set(end);
        }
        Ok(())
    }

    fn setup(&self, initial: Option<&Str>, newline: Option<&Str>) -> Result<(), Raised> {
        if let Some(newline) = newline
            && !["", "\n", "\r", "\r\n"].iter().any(|legal| newline.equals(legal))
        {
            return Err(raise!(ValueError, "illegal newline value: {}", protocol::repr(newline)?));
        }
        self.ok.set(false);
        *self.text.borrow_mut() = StrBuilder::new();
        self.pos.set(0);
        self.closed.set(false);
        self.read_universal.set(newline.is_none_or(|newline| newline.len() == 0));
        self.read_translate.set(newline.is_none());
        self.newlines.reset();
        self.newlines.translate.set(newline.is_none());
        self.newline.set(newline.map(Ref::from_borrowed));
        if let Some(initial) = initial {
            self.put(initial)?;
        }
        self.pos.set(0);
        self.ok.set(true);
        Ok(())
    }
}

#[pymethods]
impl StringIo {
    #[slot(tp_new)]
    fn new(cls: &Type) -> Result<Ref<StringIo>, Raised> {
        habu_runtime::object::instantiate(
            cls,
            StringIo {
                base: Object::header(cls),
                text: RefCell::new(StrBuilder::new()),
                pos: Cell::new(0),
                ok: Cell::new(false),
                closed: Cell::new(false),
                read_universal: Cell::new(false),
                read_translate: Cell::new(false),
                newlines: Newlines::default(),
                newline: Field::empty(),
                room: Room::new(),
                dict: Field::empty(),
                weaklist: Cell::new(std::ptr::null()),
            },
        )
    }

    #[slot(tp_init)]
    #[signature(initial_value = None, newline = None)]
    fn init(&self, initial_value: Option<&Object>, newline: Option<&Object>) -> Result<(), Raised> {
        let initial = match initial_value.filter(|initial| !is_none(initial)) {
            None => None,
            Some(initial) => match initial.downcast::<Str>() {
                Some(initial) => Some(Ref::from_borrowed(initial)),
                None => {
                    let got = initial.ty().full_name();
                    return Err(raise!(TypeError, "initial_value must be str or None, not {got}"));
                }
            },
        };
        let newline = match newline {
            None => Some(Str::new("\n")?),
            Some(newline) => optional_text(Some(newline), "StringIO", "newline")?,
        };
        self.setup(initial.as_deref(), newline.as_deref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        self.check()?;
        let line = if self.is_exact::<StringIo>() {
            self.take(self.line_length(-1))?
        } else {
            let line = protocol::call_method(self, &*super::interned("readline")?, &[])?;
            line.downcast_into::<Str>().map_err(|other| {
                let got = other.ty().full_name();
                raise!(OSError, "readline() should have returned an str object, not '{got}'")
            })?
        };
        Ok(if line.len() == 0 { None } else { Some(line.into_object()) })
    }

    /// Close the IO object.
    ///
    /// Attempting any further operation after the object is closed
    /// will raise a ValueError.
    ///
    /// This method has no effect if the file is already closed.
    fn close(&self) -> Result<(), Raised> {
        self.closed.set(true);
        *self.text.borrow_mut() = StrBuilder::new();
        Ok(())
    }

    /// Retrieve the entire contents of the object.
    fn getvalue(&self) -> Result<Ref<Str>, Raised> {
        self.check()?;
        Str::from_chars(self.text.borrow().as_chars())
    }

    /// Read at most size characters, returned as a string.
    ///
    /// If the argument is negative or omitted, read until EOF
    /// is reached. Return an empty string at EOF.
    #[signature(size = None, /)]
    #[shown("($self, size=-1, /)")]
    fn read(&self, size: Option<&Object>) -> Result<Ref<Str>, Raised> {
        let size = size_argument(size)?;
        self.check()?;
        self.take(usize::try_from(size).unwrap_or(usize::MAX))
    }

    /// Read until newline or EOF.
    ///
    /// Returns an empty string if EOF is hit immediately.
    #[signature(size = None, /)]
    #[shown("($self, size=-1, /)")]
    fn readline(&self, size: Option<&Object>) -> Result<Ref<Str>, Raised> {
        let size = size_argument(size)?;
        self.check()?;
        self.take(self.line_length(size))
    }

    /// Tell the current file position.
    fn tell(&self) -> Result<usize, Raised> {
        self.check()?;
        Ok(self.pos.get())
    }

    /// Truncate size to pos.
    ///
    /// The pos argument defaults to the current file position, as
    /// returned by tell().  The current file position is unchanged.
    /// Returns the new absolute position.
    #[signature(pos = None, /)]
    fn truncate(&self, pos: Option<&Object>) -> Result<usize, Raised> {
        self.check()?;
        let size = match pos.filter(|pos| !is_none(pos)) {
            None => self.pos.get(),
            Some(pos) => {
                let size = size_argument(Some(pos))?;
                usize::try_from(size).map_err(|_| raise!(ValueError, "Negative size value {size}"))?
            }
        };
        self.text.borrow_mut().truncate(size);
        Ok(size)
    }

    /// Change stream position.
    ///
    /// Seek to character offset pos relative to position indicated by whence:
    ///     0  Start of stream (the default).  pos should be >= 0;
    ///     1  Current position - pos must be 0;
    ///     2  End of stream - pos must be 0.
    /// Returns the new absolute position.
    #[signature(pos, whence = 0, /)]
    fn seek(&self, pos: isize, whence: i32) -> Result<usize, Raised> {
        self.check()?;
        if !(0..=2).contains(&whence) {
            return Err(raise!(ValueError, "Invalid whence ({whence}, should be 0, 1 or 2)"));
        }
        if pos < 0 && whence == 0 {
            return Err(raise!(ValueError, "Negative seek position {pos}"));
        }
        if whence != 0 && pos != 0 {
            return Err(raise!(OSError, "Can't do nonzero cur-relative seeks"));
        }
        self.pos.set(match whence {
            0 => pos as usize,
            1 => self.pos.get(),
            _ => self.text.borrow().len(),
        });
        Ok(self.pos.get())
    }

    /// Write string to file.
    ///
    /// Returns the number of characters written, which is always equal to
    /// the length of the string.
    fn write(&self, s: &Object) -> Result<usize, Raised> {
        let Some(text) = s.downcast::<Str>() else {
            return Err(raise!(TypeError, "string argument expected, got '{}'", s.ty().full_name()));
        };
        self.check()?;
        self.put(text)?;
        Ok(text.len())
    }

    /// Returns True if the IO object can be seeked.
    fn seekable(&self) -> Result<bool, Raised> {
        self.check().map(|()| true)
    }

    /// Returns True if the IO object can be read.
    fn readable(&self) -> Result<bool, Raised> {
        self.check().map(|()| true)
    }

    /// Returns True if the IO object can be written.
    fn writable(&self) -> Result<bool, Raised> {
        self.check().map(|()| true)
    }

    #[name = "__getstate__"]
    #[no_signature]
    fn getstate(&self) -> Result<Ref<Tuple>, Raised> {
        let value = self.getvalue()?.into_object();
        let newline = self.newline.get().map_or_else(habu_runtime::types::none, Ref::into_object);
        let dict = match habu_runtime::types::dict::instance::dictionary(self)? {
            dict if dict.len() > 0 => dict.copy()?.into_object(),
            _ => habu_runtime::types::none(),
        };
        Tuple::from_refs([value, newline, Int::from_u64(self.pos.get() as u64)?.into_object(), dict])
    }

    #[name = "__setstate__"]
    #[no_signature]
    fn setstate(&self, state: &Object) -> Result<(), Raised> {
        let Some([value, newline, place, dict]) = state.downcast::<Tuple>().map(Tuple::as_slice) else {
            let (name, got) = (self.ty().full_name(), state.ty().full_name());
            return Err(raise!(TypeError, "{name}.__setstate__ argument should be 4-tuple, got {got}"));
        };
        if self.closed.get() {
            return Err(raise!(ValueError, "I/O operation on closed file"));
        }
        let Some(value) = value.downcast::<Str>() else {
            return Err(raise!(TypeError, "initial_value must be str or None, not {}", value.ty().full_name()));
        };
        let newline = optional_text(Some(newline), "StringIO", "newline")?;
        self.setup(None, newline.as_deref())?;
        // The value is what it was, with its line ends as they are.
        self.text.borrow_mut().push(value)?;
        if !place.isinstance::<Int>() {
            return Err(raise!(TypeError, "third item of state must be an integer, got {}", place.ty().full_name()));
        }
        let place = protocol::number::index_as_size(place, Some(habu_runtime::exceptions::exc::OverflowError()))?;
        match usize::try_from(place) {
            Ok(place) => self.pos.set(place),
            Err(_) => return Err(raise!(ValueError, "position value cannot be negative")),
        }
        if !is_none(dict) {
            let Some(dict) = dict.downcast::<Dict>() else {
                return Err(raise!(
                    TypeError,
                    "fourth item of state should be a dict, got a {}",
                    dict.ty().full_name()
                ));
            };
            habu_runtime::types::dict::instance::dictionary(self)?.update_from(dict)?;
        }
        Ok(())
    }

    #[getter]
    fn closed(&self) -> Result<bool, Raised> {
        if !self.ok.get() {
            self.check()?;
        }
        Ok(self.closed.get())
    }

    #[getter]
    fn newlines(&self) -> Result<Ref, Raised> {
        self.check()?;
        if !self.read_universal.get() {
            return Ok(habu_runtime::types::none());
        }
        self.newlines.seen()
    }

    #[getter]
    fn line_buffering(&self) -> Result<bool, Raised> {
        self.check()?;
        Ok(false)
    }
}
