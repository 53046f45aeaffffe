//! `TextIOWrapper`: text over a buffered stream of bytes.
//!
//! Reading decodes a chunk at a time; `decoded[used..]` is what was decoded and not taken yet. Writing encodes at once, and keeps bytes
//! until there is a chunk of them. `snapshot` is the decoder's state before the last chunk with the bytes given to it, from which
//! `tell` works out a place (`position`).

use std::cell::{Cell, RefCell};

use habu_heap::Buffer;
use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::exc;
use habu_runtime::id;
use habu_runtime::object::descriptor_tables::{MemberDef, READONLY, T_BOOL, T_OBJECT_EX};
use habu_runtime::object::protocol::{self, TextBuilder, call_method};
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Stopped, Traverse, Type, Visit};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::threads::thread::NativeCall;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::codecs::check_no_nul;
use habu_runtime::types::str::codecs::errors::Errors;
use habu_runtime::types::str::codecs::registry::{lookup_error, lookup_text_encoding};
use habu_runtime::types::str::codecs::standard::Codec;

use super::base::{TEXT_IO_BASE_TYPE, is_closed};
use super::decoder::Decoder;
use super::newlines::{find, slice};
use super::streams::{as_reader, as_writer};
use super::{after, interned, optional_text, size_argument, unsupported};

/// What the constructor is given beside the stream.
#[derive(Clone)]
pub struct Options {
    /// The encoding; nothing is the locale's.
    pub encoding: Option<Ref<Str>>,
    /// The error handler; nothing is `strict`.
    pub errors: Option<Ref<Str>>,
    /// How lines end.
    pub newline: Option<Ref<Str>>,
    /// Whether a line end flushes.
    pub line_buffering: bool,
    /// Whether every write is handed on.
    pub write_through: bool,
}

/// What `\n` becomes when it is written.
#[derive(Clone, Copy, PartialEq)]
enum WriteNewline {
    /// Itself.
    Plain,
    /// `\r`
    Cr,
    /// `\r\n`
    CrLf,
}

/// Text over a stream of bytes.
#[pytype(
    name = "_io.TextIOWrapper",
    doc = "TextIOWrapper(buffer, encoding=None, errors=None, newline=None,\n              line_buffering=False, write_through=False)\n--\n\nCharacter and line based layer over a BufferedIOBase object, buffer.\n\nencoding gives the name of the encoding that the stream will be\ndecoded or encoded with. It defaults to locale.getencoding().\n\nerrors determines the strictness of encoding and decoding (see\nhelp(codecs.Codec) or the documentation for codecs.register) and\ndefaults to \"strict\".\n\nnewline controls how line endings are handled. It can be None, '',\n'\\n', '\\r', and '\\r\\n'.  It works as follows:\n\n* On input, if newline is None, universal newlines mode is\n  enabled. Lines in the input can end in '\\n', '\\r', or '\\r\\n', and\n  these are translated into '\\n' before being returned to the\n  caller. If it is '', universal newline mode is enabled, but line\n  endings are returned to the caller untranslated. If it has any of\n  the other legal values, input lines are only terminated by the given\n  string, and the line ending is returned to the caller untranslated.\n\n* On output, if newline is None, any '\\n' characters written are\n  translated to the system default line separator, os.linesep. If\n  newline is '' or '\\n', no translation takes place. If newline is any\n  of the other legal values, any '\\n' characters written are translated\n  to the given string.\n\nIf line_buffering is True, a call to flush is implied when a call to\nwrite contains a newline character.",
    gc, basetype, base = TEXT_IO_BASE_TYPE, dict = dict, weaklist = weaklist
)]
pub struct TextIoWrapper {
    base: Object,
    ok: Cell<bool>,
    detached: Cell<bool>,
    line_buffering: Cell<bool>,
    write_through: Cell<bool>,
    finalizing: Cell<bool>,
    pub(super) seekable: Cell<bool>,
    pub(super) telling: Cell<bool>,
    has_read1: Cell<bool>,
    /// Whether the encoder is at the start of the stream, where a mark may be due.
    encoder_at_start: Cell<bool>,
    write_newline: Cell<WriteNewline>,
    read_translate: Cell<bool>,
    read_universal: Cell<bool>,
    native: Cell<Option<Codec>>,
    pub(super) chunk_size: Cell<usize>,
    #[traverse]
    buffer: Field,
    encoding: Field<Str>,
    errors: Field<Str>,
    /// The line end that is looked for, where it is one.
    newline: Field<Str>,
    #[traverse]
    encoder: Field,
    #[traverse]
    pub(super) decoder: Held,
    pub(super) decoded: Field<Str>,
    pub(super) used: Cell<usize>,
    /// The decoder's flags and the bytes given to it, before the last chunk was decoded.
    pub(super) snapshot_flags: Cell<i64>,
    pub(super) snapshot: Field<Bytes>,
    pending: RefCell<Buffer<u8>>,
    weaklist: Cell<*const Object>,
    #[traverse]
    dict: Field<Dict>,
}

habu_runtime::assert_layout!(TextIoWrapper, size 192, weaklist @ 176, dict @ 184);

/// A decoder inside the stream, for the collector.
pub struct Held(pub Decoder);

impl std::ops::Deref for Held {
    type Target = Decoder;
    fn deref(&self) -> &Decoder {
        &self.0
    }
}

impl Traverse for Held {
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.0.object().traverse(visit)
    }

    fn clear(&self) {
        self.0.object().clear();
    }
}

macro_rules! member {
    ($name:literal, $field:ident, $kind:expr, $flags:expr) => {
        MemberDef {
            name: $name.as_ptr(),
            kind: $kind,
            offset: std::mem::offset_of!(TextIoWrapper, $field) as isize,
            flags: $flags,
            doc: std::ptr::null(),
        }
    };
}

static MEMBERS: &[MemberDef] = &[
    member!(c"encoding", encoding, T_OBJECT_EX, READONLY),
    member!(c"buffer", buffer, T_OBJECT_EX, READONLY),
    member!(c"line_buffering", line_buffering, T_BOOL, READONLY),
    member!(c"write_through", write_through, T_BOOL, READONLY),
    member!(c"_finalizing", finalizing, T_BOOL, 0),
];

/// The codec of the interpreter's own that an encoding's canonical name stands for, when it is one that keeps no state.
fn native_codec(name: &Str) -> Option<Codec> {
    let text = name.as_ascii()?;
    match text {
        "utf-8" => Some(Codec::Utf8),
        "iso8859-1" | "latin-1" => Some(Codec::Latin1),
        "ascii" => Some(Codec::Ascii),
        _ => None,
    }
}

/// Refuses the name of an error handler that cannot be one, and in development mode one that is none.
fn check_handler(errors: &Str) -> Result<(), Raised> {
    if !errors.is_ascii() {
        // Surrogates have no UTF-8.
        errors.keep_utf8()?;
    }
    if !errors.equals("strict") && Thread::current().interpreter().config.flags.dev_mode {
        lookup_error(Some(errors))?;
    }
    Ok(())
}

/// A name up to its first null character: the constructor refuses names with one, `reconfigure` looks up what stands before it.
fn until_nul(name: &Str) -> Result<Ref<Str>, Raised> {
    match find(name, 0, 0) {
        Some(at) => slice(name, 0, at),
        None => Ok(Ref::from_borrowed(name)),
    }
}

/// Refuses what is no line end.
fn check_newline(newline: Option<&Str>) -> Result<(), Raised> {
    match newline {
        Some(newline) if !["", "\n", "\r", "\r\n"].iter().any(|legal| newline.equals(legal)) => {
            Err(raise!(ValueError, "illegal newline value: {}", protocol::repr(newline)?))
        }
        _ => Ok(()),
    }
}

impl TextIoWrapper {
    fn fields(cls: &Type) -> TextIoWrapper {
        TextIoWrapper {
            base: Object::header(cls),
            ok: Cell::new(false),
            detached: Cell::new(false),
            line_buffering: Cell::new(false),
            write_through: Cell::new(false),
            finalizing: Cell::new(false),
            seekable: Cell::new(false),
            telling: Cell::new(false),
            has_read1: Cell::new(false),
            encoder_at_start: Cell::new(false),
            write_newline: Cell::new(WriteNewline::Plain),
            read_translate: Cell::new(false),
            read_universal: Cell::new(false),
            native: Cell::new(None),
            chunk_size: Cell::new(super::DEFAULT_BUFFER_SIZE),
            buffer: Field::empty(),
            encoding: Field::empty(),
            errors: Field::empty(),
            newline: Field::empty(),
            encoder: Field::empty(),
            decoder: Held(Decoder::none()),
            decoded: Field::empty(),
            used: Cell::new(0),
            snapshot_flags: Cell::new(0),
            snapshot: Field::empty(),
            pending: RefCell::new(Buffer::new()),
            weaklist: Cell::new(std::ptr::null()),
            dict: Field::empty(),
        }
    }

    /// A wrapper over `buffer`.
    pub fn over(buffer: &Object, options: &Options) -> Result<Ref<TextIoWrapper>, Raised> {
        let cls = TextIoWrapper::type_object();
        let this = habu_runtime::object::instantiate(cls, TextIoWrapper::fields(cls))?;
        this.setup(buffer, options)?;
        Ok(this)
    }

    fn setup(&self, buffer: &Object, options: &Options) -> Result<(), Raised> {
        self.ok.set(false);
        self.detached.set(false);
        check_no_nul(options.encoding.as_deref())?;
        check_no_nul(options.errors.as_deref())?;
        check_newline(options.newline.as_deref())?;
        let flags = &Thread::current().interpreter().config.flags;
        if options.encoding.is_none() && flags.warn_default_encoding != 0 {
            crate::system::warn::warn(
                exc::EncodingWarning(),
                format_args!("'encoding' argument not specified"),
                1,
                None,
            )?;
        }
        let encoding = match &options.encoding {
            Some(encoding) if encoding.equals("locale") => Str::new("utf-8")?,
            Some(encoding) => encoding.clone(),
            None => Str::new(if flags.utf8_mode != 0 { "utf-8" } else { "UTF-8" })?,
        };
        let errors = match &options.errors {
            Some(errors) => errors.clone(),
            None => Str::intern("strict")?,
        };
        self.set_newline(options.newline.as_deref());
        self.decoded.set(None);
        self.used.set(0);
        self.snapshot.set(None);
        *self.pending.borrow_mut() = Buffer::new();
        self.chunk_size.set(super::DEFAULT_BUFFER_SIZE);
        self.line_buffering.set(options.line_buffering);
        self.write_through.set(options.write_through);
        self.buffer.set(Some(buffer.to_ref()));
        self.set_codec(buffer, &encoding, &errors)?;
        let known = as_reader(buffer).is_some() || as_writer(buffer).is_some();
        self.has_read1.set(known || protocol::has_attribute(buffer, &*interned("read1")?)?);
        let seekable = protocol::truth(&*call_method(buffer, &*interned("seekable")?, &[])?)?;
        self.seekable.set(seekable);
        self.telling.set(seekable);
        self.fix_encoder()?;
        self.ok.set(true);
        Ok(())
    }

    fn set_newline(&self, newline: Option<&Str>) {
        let text = newline.and_then(Str::as_ascii);
        self.read_universal.set(text.is_none_or(str::is_empty));
        self.read_translate.set(text.is_none());
        self.write_newline.set(match text {
            Some("\r") => WriteNewline::Cr,
            Some("\r\n") => WriteNewline::CrLf,
            _ => WriteNewline::Plain,
        });
        self.newline.set(newline.filter(|newline| newline.len() > 0).map(Ref::from_borrowed));
    }

    /// Looks the encoding up, and makes its decoder and encoder as the stream needs them.
    fn set_codec(&self, buffer: &Object, encoding: &Str, errors: &Str) -> Result<(), Raised> {
        let quick = native_codec(encoding);
        let info = match quick {
            Some(_) => None,
            None => Some(lookup_text_encoding(&*until_nul(encoding)?, "codecs.open()")?),
        };
        let native = match &info {
            None => quick,
            Some(info) => {
                let name = protocol::lookup_attribute(info, id!(name))?;
                name.as_deref().and_then(Object::downcast::<Str>).and_then(native_codec)
            }
        };
        check_handler(errors)?;
        self.encoding.set(Some(Ref::from_borrowed(encoding)));
        self.errors.set(Some(Ref::from_borrowed(errors)));
        self.native.set(native);
        self.encoder.set(None);
        self.decoder.remove();
        let none = habu_runtime::types::none();
        let info: &Object = info.as_deref().map_or(&none, |info| info);
        if protocol::truth(&*call_method(buffer, &*interned("readable")?, &[])?)? {
            let (universal, translate) = (self.read_universal.get(), self.read_translate.get());
            self.decoder.setup(info, native, errors, universal, translate)?;
        }
        if protocol::truth(&*call_method(buffer, &*interned("writable")?, &[])?)? {
            let encoder = match native {
                // The stream encodes by itself; that there is an encoder says that it may be written.
                Some(_) => habu_runtime::types::boolean(true),
                None => {
                    let make = protocol::get_attribute(info, &*interned("incrementalencoder")?)?;
                    protocol::call1(&make, errors)?
                }
            };
            self.encoder.set(Some(encoder));
        }
        Ok(())
    }

    /// Tells the encoder whether it stands at the start of the stream.
    fn fix_encoder(&self) -> Result<(), Raised> {
        self.encoder_at_start.set(false);
        let (Some(encoder), Some(buffer), None) = (self.encoder.get(), self.buffer.get(), self.native.get()) else {
            return Ok(());
        };
        if !self.seekable.get() {
            return Ok(());
        }
        self.encoder_at_start.set(true);
        let place = call_method(&buffer, id!(tell), &[])?;
        if protocol::truth(&place)? {
            self.encoder_at_start.set(false);
            call_method(&encoder, id!(setstate), &[&*Int::from_i64(0)?])?;
        }
        Ok(())
    }

    /// Sets the encoder for a place in the stream: at the start it writes a mark, if it has one.
    pub(super) fn reset_encoder(&self, at_start: bool) -> Result<(), Raised> {
        let (Some(encoder), None) = (self.encoder.get(), self.native.get()) else { return Ok(()) };
        self.encoder_at_start.set(at_start);
        if at_start {
            return call_method(&encoder, id!(reset), &[]).map(drop);
        }
        call_method(&encoder, id!(setstate), &[&*Int::from_i64(0)?]).map(drop)
    }

    /// The stream of bytes; a wrapper without one is a ValueError.
    pub(super) fn stream(&self) -> Result<Ref, Raised> {
        match self.buffer.get().filter(|_| self.ok.get()) {
            Some(buffer) => Ok(buffer),
            None if self.detached.get() => Err(raise!(ValueError, "underlying buffer has been detached")),
            None => Err(raise!(ValueError, "I/O operation on uninitialized object")),
        }
    }

    /// Refuses a wrapper that was not set up; one that was detached still tells about itself.
    fn check_initialised(&self) -> Result<(), Raised> {
        if self.detached.get() { Ok(()) } else { self.stream().map(drop) }
    }

    /// The stream of bytes, open.
    pub(super) fn open_stream(&self) -> Result<Ref, Raised> {
        let buffer = self.stream()?;
        let closed = match as_reader(&buffer).or_else(|| as_writer(&buffer)) {
            Some(known) if self.is_exact::<TextIoWrapper>() => known.closed()?,
            _ if self.is_exact::<TextIoWrapper>() => is_closed(&buffer)?,
            _ => is_closed(self)?,
        };
        if closed {
            return Err(raise!(ValueError, "I/O operation on closed file."));
        }
        Ok(buffer)
    }

    /// Refuses to go on where the stream of bytes is not open.
    fn check_open(&self) -> Result<(), Raised> {
        let buffer = self.buffer.get().filter(|_| self.ok.get() && self.is_exact::<TextIoWrapper>());
        match buffer.as_deref().and_then(as_reader) {
            Some(reader) if reader.is_open_file() => Ok(()),
            _ => self.open_stream().map(drop),
        }
    }

    /// Hands the encoded bytes on.
    pub(super) fn write_out(&self) -> Result<(), Raised> {
        if self.pending.borrow().is_empty() {
            return Ok(());
        }
        let bytes = std::mem::replace(&mut *self.pending.borrow_mut(), Buffer::new());
        let buffer = self.stream()?;
        match as_writer(&buffer) {
            Some(writer) => writer.write(&bytes).map(drop),
            None => call_method(&buffer, id!(write), &[&*Bytes::new(&bytes)?]).map(drop),
        }
    }

    fn flush_stream(&self, buffer: &Object) -> Result<(), Raised> {
        match as_writer(buffer) {
            Some(writer) => writer.flush(),
            None => call_method(buffer, &*interned("flush")?, &[]).map(drop),
        }
    }

    /// Appends the encoded text to what waits.
    fn encode(&self, text: &Str) -> Result<(), Raised> {
        let Some(codec) = self.native.get() else {
            let Some(encoder) = self.encoder.get() else { return Err(unsupported("not writable")) };
            let bytes = call_method(&encoder, id!(encode), &[text])?;
            self.encoder_at_start.set(false);
            let Some(bytes) = bytes.downcast::<Bytes>() else {
                let got = bytes.ty().full_name();
                return Err(raise!(TypeError, "encoder should return a bytes object, not '{got}'"));
            };
            return self.push(bytes.as_slice());
        };
        if let Some(ascii) = text.as_ascii() {
            return self.push(ascii.as_bytes());
        }
        let errors = self.errors.get();
        let bytes = codec.encode(text, &Errors::new(errors.as_deref()))?;
        self.push(bytes.as_slice())
    }

    /// Has bytes wait; those that waited before are handed on where both would be more than a chunk.
    fn push(&self, bytes: &[u8]) -> Result<(), Raised> {
        if self.pending.borrow().len() + bytes.len() > self.chunk_size.get() {
            self.write_out()?;
        }
        Ok(self.pending.borrow_mut().extend_from_slice(bytes)?)
    }

    /// `write(text)`
    pub fn write_text(&self, text: &Str) -> Result<usize, Raised> {
        let buffer = self.open_stream()?;
        if self.encoder.is_empty() {
            return Err(unsupported("not writable"));
        }
        let has_line_end = (self.write_newline.get() != WriteNewline::Plain || self.line_buffering.get())
            && find(text, b'\n', 0).is_some();
        let count = text.len();
        let needs_flush = self.line_buffering.get() && (has_line_end || find(text, b'\r', 0).is_some());
        match (has_line_end, self.write_newline.get()) {
            (true, WriteNewline::Cr) => self.encode(&*replace_line_ends(text, "\r")?)?,
            (true, WriteNewline::CrLf) => self.encode(&*replace_line_ends(text, "\r\n")?)?,
            _ => self.encode(text)?,
        }
        let waiting = self.pending.borrow().len();
        if waiting >= self.chunk_size.get() || needs_flush || self.write_through.get() {
            self.write_out()?;
        }
        if needs_flush {
            self.flush_stream(&buffer)?;
        }
        self.decoded.set(None);
        self.used.set(0);
        if !self.snapshot.is_empty() {
            self.snapshot.set(None);
        }
        if !self.decoder.is_none() {
            self.decoder.reset()?;
        }
        Ok(count)
    }

    /// Takes up to `most` decoded characters.
    pub(super) fn take(&self, most: usize) -> Result<Ref<Str>, Raised> {
        let Some(decoded) = self.decoded.get() else { return Str::new("") };
        let from = self.used.get().min(decoded.len());
        let to = from.saturating_add(most).min(decoded.len());
        self.used.set(to);
        slice(&decoded, from, to)
    }

    /// Reads and decodes a chunk; false at the end.
    pub(super) fn read_chunk(&self, hint: usize) -> Result<bool, Raised> {
        if self.decoder.is_none() {
            return Err(unsupported("not readable"));
        }
        let before = if self.telling.get() { Some(self.decoder.state()?) } else { None };
        let size = self.chunk_size.get().max(hint);
        let buffer = self.stream()?;
        let input = match as_reader(&buffer) {
            Some(reader) => reader.read1(size as isize)?,
            None => {
                let method = interned(if self.has_read1.get() { "read1" } else { "read" })?;
                let data = call_method(&buffer, &method, &[&*Int::from_u64(size as u64)?])?;
                match data.downcast_into::<Bytes>() {
                    Ok(bytes) => bytes,
                    Err(other) => bytes_of(&other, &method)?,
                }
            }
        };
        let at_end = input.len() == 0;
        let text = self.decoder.decode(&input, at_end)?;
        let got = text.len() > 0;
        self.used.set(0);
        self.decoded.set(Some(text));
        if let Some(before) = before {
            let given = if before.bytes.len() == 0 {
                input
            } else {
                let mut all = Buffer::from_slice(before.bytes.as_slice())?;
                all.extend_from_slice(input.as_slice())?;
                Bytes::new(&all)?
            };
            self.snapshot_flags.set(before.flags);
            self.snapshot.set(Some(given));
        }
        Ok(got || !at_end)
    }

    /// `read(size)`
    fn read_text(&self, size: isize) -> Result<Ref<Str>, Raised> {
        let buffer = self.open_stream()?;
        if self.decoder.is_none() {
            return Err(unsupported("not readable"));
        }
        self.write_out()?;
        let Ok(size) = usize::try_from(size) else {
            let data = match as_reader(&buffer) {
                Some(reader) => reader.read(-1)?.map_or_else(habu_runtime::types::none, Ref::into_object),
                None => call_method(&buffer, id!(read), &[])?,
            };
            let bytes = match data.downcast_into::<Bytes>() {
                Ok(bytes) => bytes,
                Err(other) => bytes_of(&other, id!(read))?,
            };
            let rest = self.decoder.decode(&bytes, true)?;
            let before = self.take(usize::MAX)?;
            self.decoded.set(None);
            self.used.set(0);
            self.snapshot.set(None);
            if before.len() == 0 {
                return Ok(rest);
            }
            let mut all = TextBuilder::new();
            all.push(&before)?;
            all.push(&rest)?;
            return all.finish();
        };
        let first = self.take(size)?;
        if first.len() == size {
            return Ok(first);
        }
        let mut all = TextBuilder::new();
        let mut count = first.len();
        all.push(&first)?;
        while count < size {
            if !self.read_chunk((size - count).min(1 << 20))? {
                break;
            }
            let part = self.take(size - count)?;
            count += part.len();
            all.push(&part)?;
        }
        all.finish()
    }

    /// Where a line ends in decoded text from `from` on: behind its end.
    fn line_end(&self, text: &Str, from: usize) -> Option<usize> {
        if self.read_translate.get() {
            return find(text, b'\n', from).map(|at| at + 1);
        }
        if self.read_universal.get() {
            let newline = find(text, b'\n', from);
            return match find(text, b'\r', from) {
                Some(at) if newline.is_none_or(|newline| at < newline) => {
                    Some(if newline == Some(at + 1) { at + 2 } else { at + 1 })
                }
                _ => newline.map(|at| at + 1),
            };
        }
        let newline = self.newline.get()?;
        match newline.as_ascii().map(str::as_bytes) {
            Some([one]) => find(text, *one, from).map(|at| at + 1),
            Some([first, second]) => {
                let mut at = find(text, *first, from)?;
                loop {
                    if text.chars().iter().nth(at + 1) == Some(u32::from(*second)) {
                        return Some(at + 2);
                    }
                    at = find(text, *first, at + 1)?;
                }
            }
            _ => None,
        }
    }

    /// `readline(limit)`
    pub fn read_line(&self, limit: isize) -> Result<Ref<Str>, Raised> {
        self.check_open()?;
        self.write_out()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        // Most lines are whole in what is decoded already.
        if let Some(decoded) = self.decoded.get().filter(|_| self.read_translate.get())
            && let Some(at) = find(&decoded, b'\n', self.used.get())
            && at - self.used.get() < limit
        {
            let from = self.used.replace(at + 1);
            return slice(&decoded, from, at + 1);
        }
        self.read_line_in_pieces(limit)
    }

    /// As `read_line`, of a line of which parts may be missing yet.
    fn read_line_in_pieces(&self, limit: usize) -> Result<Ref<Str>, Raised> {
        let mut line = TextBuilder::new();
        let mut length = 0;
        // Whether the line so far ends with the first half of a line end of two characters.
        let mut half = false;
        loop {
            let here = self.decoded.get().filter(|decoded| self.used.get() < decoded.len());
            let Some(decoded) = here else {
                if length < limit && self.read_chunk(0)? {
                    continue;
                }
                self.decoded.set(None);
                self.used.set(0);
                break;
            };
            let from = self.used.get();
            let most = from.saturating_add(limit - length);
            let two = self.newline.get().is_some_and(|newline| newline.len() == 2);
            let end = if half && two && decoded.chars().at(from) == u32::from(b'\n') {
                Some(from + 1)
            } else {
                self.line_end(&decoded, from)
            };
            let complete = end.is_some_and(|end| end <= most);
            let to = end.unwrap_or(decoded.len()).min(most).min(decoded.len());
            self.used.set(to);
            if (complete || to == most) && length == 0 {
                return slice(&decoded, from, to);
            }
            let part = slice(&decoded, from, to)?;
            half = part.len() > 0 && part.chars().at(part.len() - 1) == u32::from(b'\r');
            length += part.len();
            line.push(&part)?;
            if complete || length >= limit {
                return line.finish();
            }
        }
        line.finish()
    }

    /// Whether bytes wait.
    pub(super) fn forget_pending(&self) {
        self.pending.borrow_mut().clear();
    }
}

/// What a stream of bytes gave, when it is bytes-like.
fn bytes_of(object: &Object, method: &Str) -> Result<Ref<Bytes>, Raised> {
    if habu_runtime::types::buffer::supports_buffer(object) {
        return habu_runtime::types::buffer::to_bytes(object);
    }
    let got = object.ty().full_name();
    Err(raise!(TypeError, "underlying {}() should have returned a bytes-like object, not '{got}'", method))
}

/// Text with another line end.
fn replace_line_ends(text: &Str, with: &str) -> Result<Ref<Str>, Raised> {
    let mut result = TextBuilder::new();
    let mut from = 0;
    while let Some(at) = find(text, b'\n', from) {
        result.push(&*slice(text, from, at)?)?;
        result.push_ascii(with)?;
        from = at + 1;
    }
    result.push(&*slice(text, from, text.len())?)?;
    result.finish()
}

#[pymethods(with(PLACES), members = MEMBERS)]
impl TextIoWrapper {
    #[slot(tp_new)]
    fn new(cls: &Type) -> Result<Ref<TextIoWrapper>, Raised> {
        habu_runtime::object::instantiate(cls, TextIoWrapper::fields(cls))
    }

    #[slot(tp_init)]
    #[signature(
        buffer, encoding = None, errors = None, newline = None, line_buffering = false, write_through = false
    )]
    fn init(
        &self,
        buffer: &Object,
        encoding: Option<&Object>,
        errors: Option<&Object>,
        newline: Option<&Object>,
        line_buffering: bool,
        write_through: bool,
    ) -> Result<(), Raised> {
        let options = Options {
            encoding: optional_text(encoding, "TextIOWrapper", "encoding")?,
            errors: match errors.filter(|errors| !is_none(errors)) {
                Some(errors) if !errors.isinstance::<Str>() => {
                    let got = errors.ty().full_name();
                    return Err(raise!(TypeError, "TextIOWrapper() argument 'errors' must be str or None, not {got}"));
                }
                errors => optional_text(errors, "TextIOWrapper", "errors")?,
            },
            newline: optional_text(newline, "TextIOWrapper", "newline")?,
            line_buffering,
            write_through,
        };
        self.setup(buffer, &options)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        self.check_initialised()?;
        let _depth = NativeCall::enter(" while getting the repr of an object")?;
        let mut text = TextBuilder::new();
        text.push_ascii("<")?;
        text.push(&*Str::new(self.ty().full_name())?)?;
        if let Some(name) = super::base::shown_name(self)? {
            text.push_ascii(" name=")?;
            text.push(&name)?;
        }
        if let Some(mode) = protocol::lookup_attribute(self, id!(mode))? {
            text.push_ascii(" mode=")?;
            text.push(&*protocol::repr(&mode)?)?;
        }
        text.push_ascii(" encoding=")?;
        let encoding = self.encoding.get().map_or_else(habu_runtime::types::none, Ref::into_object);
        text.push(&*protocol::repr(&encoding)?)?;
        text.push_ascii(">")?;
        text.finish()
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        self.stream()?;
        self.telling.set(false);
        let line = if self.is_exact::<TextIoWrapper>() {
            self.read_line(-1)?
        } else {
            let line = call_method(self, id!(readline), &[])?;
            line.downcast_into::<Str>().map_err(|other| {
                let got = other.ty().full_name();
                raise!(OSError, "readline() should have returned an str object, not '{got}'")
            })?
        };
        if line.len() == 0 {
            self.snapshot.set(None);
            self.telling.set(self.seekable.get());
            return Ok(None);
        }
        Ok(Some(line.into_object()))
    }

    fn detach(&self) -> Result<Ref, Raised> {
        self.stream()?;
        call_method(self, &*interned("flush")?, &[])?;
        let buffer = self.stream()?;
        self.buffer.set(None);
        self.detached.set(true);
        self.ok.set(false);
        Ok(buffer)
    }

    /// Reconfigure the text stream with new parameters.
    ///
    /// This also does an implicit stream flush.
    #[signature(*, encoding = None, errors = None, newline = None, line_buffering = None, write_through = None)]
    #[shown(
        "($self, /, *, encoding=None, errors=None, newline=None,\n            line_buffering=None, write_through=None)"
    )]
    fn reconfigure(
        &self,
        encoding: Option<&Object>,
        errors: Option<&Object>,
        newline: Option<&Object>,
        line_buffering: Option<&Object>,
        write_through: Option<&Object>,
    ) -> Result<(), Raised> {
        let buffer = self.open_stream()?;
        let encoding = optional_text(encoding, "reconfigure", "encoding")?;
        let errors = optional_text(errors, "reconfigure", "errors")?;
        let given_newline = match newline {
            Some(newline) => Some(optional_text(Some(newline), "reconfigure", "newline")?),
            None => None,
        };
        let changes_codec = encoding.is_some() || errors.is_some() || given_newline.is_some();
        if self.decoded.get().is_some() && changes_codec {
            return Err(unsupported(
                "It is not possible to set the encoding or newline of stream after the first read",
            ));
        }
        if let Some(newline) = &given_newline {
            check_newline(newline.as_deref())?;
        }
        let switch = |given: Option<&Object>, now: bool| match given.filter(|given| !is_none(given)) {
            None => Ok(now),
            Some(given) => match protocol::number::index(given)?.to_i64() {
                Some(given) => Ok(given != 0),
                None => Err(raise!(OverflowError, "Python int too large to convert to C long")),
            },
        };
        let line_buffering = switch(line_buffering, self.line_buffering.get())?;
        let write_through = switch(write_through, self.write_through.get())?;
        call_method(self, &*interned("flush")?, &[])?;
        if changes_codec {
            if let Some(newline) = &given_newline {
                self.set_newline(newline.as_deref());
            }
            let errors = match (&errors, &encoding) {
                (Some(errors), _) => errors.clone(),
                (None, Some(_)) => Str::intern("strict")?,
                (None, None) => self.errors.get().map_or_else(|| Str::intern("strict"), Ok)?,
            };
            let encoding = match encoding {
                Some(encoding) if encoding.equals("locale") => Str::new("utf-8")?,
                Some(encoding) => encoding,
                None => self.encoding.get().map_or_else(|| Str::new("utf-8"), Ok)?,
            };
            self.set_codec(&buffer, &encoding, &errors)?;
            self.fix_encoder()?;
        }
        self.line_buffering.set(line_buffering);
        self.write_through.set(write_through);
        Ok(())
    }

    fn write(&self, text: &Object) -> Result<usize, Raised> {
        self.stream()?;
        match text.downcast::<Str>() {
            Some(text) => self.write_text(text),
            None => Err(raise!(TypeError, "write() argument must be str, not {}", text.ty().full_name())),
        }
    }

    #[signature(size = None, /)]
    #[shown("($self, size=-1, /)")]
    fn read(&self, size: Option<&Object>) -> Result<Ref<Str>, Raised> {
        self.read_text(size_argument(size)?)
    }

    #[signature(size = -1, /)]
    fn readline(&self, size: isize) -> Result<Ref<Str>, Raised> {
        self.read_line(size)
    }

    fn flush(&self) -> Result<(), Raised> {
        let buffer = self.open_stream()?;
        self.telling.set(self.seekable.get());
        self.write_out()?;
        self.flush_stream(&buffer)
    }

    fn close(&self) -> Result<(), Raised> {
        let buffer = self.stream()?;
        if is_closed(self)? {
            return Ok(());
        }
        if self.finalizing.get()
            && let Err(raised) = call_method(&buffer, &*interned("_dealloc_warn")?, &[self])
        {
            raised.clear();
        }
        let flushed = call_method(self, &*interned("flush")?, &[]).map(drop);
        let close = interned("close")?;
        after(flushed, || call_method(&buffer, &close, &[]).map(drop))
    }

    fn fileno(&self) -> Result<Ref, Raised> {
        call_method(&*self.stream()?, &*interned("fileno")?, &[])
    }

    fn seekable(&self) -> Result<Ref, Raised> {
        call_method(&*self.stream()?, &*interned("seekable")?, &[])
    }

    fn readable(&self) -> Result<Ref, Raised> {
        call_method(&*self.stream()?, &*interned("readable")?, &[])
    }

    fn writable(&self) -> Result<Ref, Raised> {
        call_method(&*self.stream()?, &*interned("writable")?, &[])
    }

    fn isatty(&self) -> Result<Ref, Raised> {
        call_method(&*self.stream()?, &*interned("isatty")?, &[])
    }

    #[name = "__getstate__"]
    #[no_signature]
    fn getstate(&self) -> Result<(), Raised> {
        Err(raise!(TypeError, "cannot pickle '{}' object", self.ty().full_name()))
    }

    #[getter]
    fn name(&self) -> Result<Ref, Raised> {
        protocol::get_attribute(&*self.stream()?, id!(name))
    }

    #[getter]
    fn closed(&self) -> Result<Ref, Raised> {
        protocol::get_attribute(&*self.stream()?, &*interned("closed")?)
    }

    #[getter]
    fn newlines(&self) -> Result<Ref, Raised> {
        self.stream()?;
        if self.decoder.is_none() {
            return Ok(habu_runtime::types::none());
        }
        self.decoder.newlines.seen()
    }

    #[getter]
    fn errors(&self) -> Result<Option<Ref<Str>>, Raised> {
        self.check_initialised()?;
        Ok(self.errors.get())
    }

    #[getter]
    #[name = "_CHUNK_SIZE"]
    fn chunk_size(&self) -> Result<usize, Raised> {
        self.stream()?;
        Ok(self.chunk_size.get())
    }

    #[setter]
    #[name = "_CHUNK_SIZE"]
    fn set_chunk_size(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.stream()?;
        let Some(value) = value else {
            return Err(raise!(AttributeError, "cannot delete attribute"));
        };
        let size = protocol::number::index_as_size(value, Some(exc::ValueError()))?;
        match usize::try_from(size).ok().filter(|size| *size > 0) {
            Some(size) => self.chunk_size.set(size),
            None => return Err(raise!(ValueError, "a strictly positive integer is required")),
        }
        Ok(())
    }
}
