//! Line ends of text: `\r\n` and `\r` as `\n`, and which of them were seen (`IncrementalNewlineDecoder`).

use std::cell::Cell;

use habu_heap::Buffer;
use habu_macros::{pymethods, pytype};
use habu_runtime::id;
use habu_runtime::object::protocol::{self, call_method};
use habu_runtime::object::{Field, Object, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::value::Chars;
use habu_runtime::types::tuple::Tuple;

const SEEN_CR: u8 = 1;
const SEEN_LF: u8 = 2;
const SEEN_CRLF: u8 = 4;

/// What is known of line ends so far.
#[derive(Default)]
pub struct Newlines {
    /// Whether line ends become `\n`.
    pub translate: Cell<bool>,
    /// A `\r` at the end of what was decoded waits for what follows.
    pub pending: Cell<bool>,
    seen: Cell<u8>,
}

/// Part of a string, as an exact one.
pub fn slice(text: &Str, from: usize, to: usize) -> Result<Ref<Str>, Raised> {
    text.substring(from, to)
}

/// Where a character is, from `from` on.
pub fn find(text: &Str, character: u8, from: usize) -> Option<usize> {
    match text.chars() {
        Chars::One(chars) => memchr::memchr(character, chars.get(from..)?).map(|at| at + from),
        Chars::Two(chars) => {
            chars.get(from..)?.iter().position(|unit| *unit == u16::from(character)).map(|at| at + from)
        }
        Chars::Four(chars) => {
            chars.get(from..)?.iter().position(|unit| *unit == u32::from(character)).map(|at| at + from)
        }
    }
}

impl Newlines {
    /// Which line ends were seen: None, one of them, or a tuple.
    pub fn seen(&self) -> Result<Ref, Raised> {
        let mut all = Buffer::<Ref>::new();
        for (bit, text) in [(SEEN_CR, "\r"), (SEEN_LF, "\n"), (SEEN_CRLF, "\r\n")] {
            if self.seen.get() & bit != 0 {
                all.push(Str::new(text)?.into_object())?;
            }
        }
        match all.len() {
            0 => Ok(habu_runtime::types::none()),
            1 => all.pop().ok_or_else(|| raise!(SystemError, "no newline")),
            _ => Ok(Tuple::from_buffer(all)?.into_object()),
        }
    }

    /// Forgets all.
    pub fn reset(&self) {
        self.seen.set(0);
        self.pending.set(false);
    }

    /// Notes and translates the line ends of decoded text.
    pub fn process(&self, text: Ref<Str>, last: bool) -> Result<Ref<Str>, Raised> {
        let has_pending = self.pending.get() && (last || text.len() > 0);
        if !has_pending && find(&text, b'\r', 0).is_none() {
            if self.seen.get() & SEEN_LF == 0 && find(&text, b'\n', 0).is_some() {
                self.seen.set(self.seen.get() | SEEN_LF);
            }
            return Ok(text);
        }
        let mut codes = Buffer::<u32>::with_capacity(text.len() + 1)?;
        if has_pending {
            codes.push(b'\r'.into())?;
            self.pending.set(false);
        }
        codes.try_extend(text.chars().iter())?;
        if !last && codes.last() == Some(&u32::from(b'\r')) {
            codes.pop();
            self.pending.set(true);
        }
        let mut seen = self.seen.get();
        let mut result = Buffer::<u32>::with_capacity(codes.len())?;
        let mut at = 0;
        while let Some(code) = codes.get(at).copied() {
            at += 1;
            if code == u32::from(b'\r') {
                if codes.get(at) == Some(&u32::from(b'\n')) {
                    seen |= SEEN_CRLF;
                    at += 1;
                    if !self.translate.get() {
                        result.push(code)?;
                    }
                    result.push(b'\n'.into())?;
                } else {
                    seen |= SEEN_CR;
                    result.push(if self.translate.get() { b'\n'.into() } else { code })?;
                }
                continue;
            }
            if code == u32::from(b'\n') {
                seen |= SEEN_LF;
            }
            result.push(code)?;
        }
        self.seen.set(seen);
        Str::from_code_points(&result)
    }
}

/// A decoder of line ends over another decoder.
#[pytype(
    name = "_io.IncrementalNewlineDecoder",
    doc = "IncrementalNewlineDecoder(decoder, translate, errors='strict')\n--\n\nCodec used when reading a file in universal newlines mode.\n\nIt wraps another incremental decoder, translating \\r\\n and \\r into \\n.\nIt also records the types of newlines encountered.  When used with\ntranslate=False, it ensures that the newline sequence is returned in\none piece. When used with decoder=None, it expects unicode strings as\ndecode input and translates newlines without first invoking an external\ndecoder.",
    basetype
)]
pub struct IncrementalNewlineDecoder {
    base: Object,
    decoder: Field,
    errors: Field,
    newlines: Newlines,
    ready: Cell<bool>,
}

impl IncrementalNewlineDecoder {
    fn decoder(&self) -> Result<Option<Ref>, Raised> {
        if !self.ready.get() {
            return Err(raise!(ValueError, "IncrementalNewlineDecoder.__init__() not called"));
        }
        Ok(self.decoder.get().filter(|decoder| !is_none(decoder)))
    }
}

#[pymethods]
impl IncrementalNewlineDecoder {
    #[slot(tp_new)]
    fn new(cls: &Type) -> Result<Ref<IncrementalNewlineDecoder>, Raised> {
        habu_runtime::object::instantiate(
            cls,
            IncrementalNewlineDecoder {
                base: Object::header(cls),
                decoder: Field::empty(),
                errors: Field::empty(),
                newlines: Newlines::default(),
                ready: Cell::new(false),
            },
        )
    }

    #[slot(tp_init)]
    #[signature(decoder, translate, errors = None)]
    fn init(&self, decoder: &Object, translate: bool, errors: Option<&Object>) -> Result<(), Raised> {
        self.decoder.set(Some(decoder.to_ref()));
        self.errors.set(errors.map(Object::to_ref));
        self.newlines.translate.set(translate);
        self.newlines.reset();
        self.ready.set(true);
        Ok(())
    }

    #[signature(input, final_ = false)]
    #[shown("($self, /, input, final=False)")]
    fn decode(&self, input: &Object, final_: bool) -> Result<Ref<Str>, Raised> {
        let text = match self.decoder()? {
            Some(decoder) => {
                let last = habu_runtime::types::boolean(final_);
                call_method(&decoder, id!(decode), &[input, &last])?
            }
            None => input.to_ref(),
        };
        let text = text.downcast_into::<Str>().map_err(|other| {
            raise!(TypeError, "decoder should return a string result, not '{}'", other.ty().full_name())
        })?;
        self.newlines.process(text, final_)
    }

    fn getstate(&self) -> Result<Ref<Tuple>, Raised> {
        let (buffer, flag) = match self.decoder()? {
            Some(decoder) => {
                let state = call_method(&decoder, id!(getstate), &[])?;
                match state.downcast::<Tuple>().map(Tuple::as_slice) {
                    Some([buffer, flag]) => (buffer.clone(), protocol::number::index(flag)?),
                    _ => return Err(raise!(TypeError, "illegal decoder state")),
                }
            }
            None => (Bytes::empty().into_object(), Int::from_i64(0)?),
        };
        let flag = flag.to_i64().unwrap_or(0) << 1 | i64::from(self.newlines.pending.get());
        Tuple::from_refs([buffer, Int::from_i64(flag)?.into_object()])
    }

    fn setstate(&self, state: &Object) -> Result<(), Raised> {
        let Some(state) = state.downcast::<Tuple>() else {
            return Err(raise!(TypeError, "state argument must be a tuple"));
        };
        let [buffer, flag] = state.as_slice() else {
            return Err(raise!(TypeError, "setstate(): illegal state argument"));
        };
        let flag = protocol::number::index(flag)?.to_i64().unwrap_or(0);
        let decoder = self.decoder()?;
        self.newlines.pending.set(flag & 1 != 0);
        if let Some(decoder) = decoder {
            let inner = Tuple::from_refs([buffer.clone(), Int::from_i64(flag >> 1)?.into_object()])?;
            call_method(&decoder, id!(setstate), &[&inner])?;
        }
        Ok(())
    }

    fn reset(&self) -> Result<(), Raised> {
        let decoder = self.decoder()?;
        self.newlines.reset();
        match decoder {
            Some(decoder) => call_method(&decoder, id!(reset), &[]).map(drop),
            None => Ok(()),
        }
    }

    #[getter]
    fn newlines(&self) -> Result<Ref, Raised> {
        self.decoder()?;
        self.newlines.seen()
    }
}
