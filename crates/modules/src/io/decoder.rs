//! The decoder of a text stream: built in for UTF-8, Latin-1 and ASCII, else the codec's own incremental decoder; line ends after it.

use std::cell::Cell;

use habu_heap::Buffer;
use habu_runtime::id;
use habu_runtime::object::protocol::{self, call_method};
use habu_runtime::object::{Field, Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::codecs::errors::Errors;
use habu_runtime::types::str::codecs::standard::Codec;
use habu_runtime::types::tuple::Tuple;

use super::interned;
use super::newlines::Newlines;

/// What decodes.
#[derive(Clone, Copy)]
enum Kind {
    /// Nothing: the stream cannot be read.
    None,
    /// A built-in codec that keeps at most an unfinished character.
    Native(Codec),
    /// An object with `decode`, `getstate`, `setstate`, `reset`.
    Object,
}

/// A decoder's state: bytes that it keeps, and a number.
pub struct State {
    /// Bytes that it has taken and not decoded.
    pub bytes: Ref<Bytes>,
    /// The rest of its state.
    pub flags: i64,
}

/// The decoder of a text stream.
pub struct Decoder {
    kind: Cell<Kind>,
    object: Field,
    errors: Field<Str>,
    /// The bytes of an unfinished character; nothing for none.
    pending: Field<Bytes>,
    /// Whether line ends are looked at.
    universal: Cell<bool>,
    /// The line ends.
    pub newlines: Newlines,
}

impl Decoder {
    /// No decoder.
    pub fn none() -> Decoder {
        Decoder {
            kind: Cell::new(Kind::None),
            object: Field::empty(),
            errors: Field::empty(),
            pending: Field::empty(),
            universal: Cell::new(false),
            newlines: Newlines::default(),
        }
    }

    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        matches!(self.kind.get(), Kind::None)
    }

    /// Takes the decoder away.
    pub fn remove(&self) {
        self.kind.set(Kind::None);
        self.object.set(None);
    }

    /// The field that refers to an object, for the collector.
    pub fn object(&self) -> &Field {
        &self.object
    }

    /// Makes a decoder for an encoding: built in where the codec is one of the interpreter's own that are fast.
    pub fn setup(
        &self,
        info: &Object,
        native: Option<Codec>,
        errors: &Str,
        universal: bool,
        translate: bool,
    ) -> Result<(), Raised> {
        self.pending.set(None);
        self.newlines.reset();
        self.newlines.translate.set(translate);
        self.universal.set(universal);
        match native {
            Some(codec) => {
                self.errors.set(Some(Ref::from_borrowed(errors)));
                self.object.set(None);
                self.kind.set(Kind::Native(codec));
            }
            None => {
                let make = protocol::get_attribute(info, &*interned("incrementaldecoder")?)?;
                let object = protocol::call1(&make, errors)?;
                self.object.set(Some(object));
                self.kind.set(Kind::Object);
            }
        }
        Ok(())
    }

    /// Decodes bytes; the rest of an unfinished character waits, unless they are the last.
    pub fn decode(&self, input: &Bytes, last: bool) -> Result<Ref<Str>, Raised> {
        let text = match self.kind.get() {
            Kind::None => return Err(super::unsupported("not readable")),
            Kind::Native(codec) => self.decode_native(codec, input.as_slice(), last)?,
            Kind::Object => {
                let Some(object) = self.object.get() else { return Err(super::unsupported("not readable")) };
                let final_ = habu_runtime::types::boolean(last);
                let text = call_method(&object, id!(decode), &[input, &final_])?;
                text.downcast_into::<Str>().map_err(|other| {
                    raise!(TypeError, "decoder should return a string result, not '{}'", other.ty().full_name())
                })?
            }
        };
        if self.universal.get() { self.newlines.process(text, last) } else { Ok(text) }
    }

    fn decode_native(&self, codec: Codec, input: &[u8], last: bool) -> Result<Ref<Str>, Raised> {
        let errors = self.errors.get();
        let errors = Errors::new(errors.as_deref());
        // A handler of errors may run Python code, so the bytes are taken out first.
        let Some(kept) = self.pending.take() else {
            let (text, used) = codec.decode(input, &errors, last)?;
            self.keep(input.get(used..).unwrap_or(&[]))?;
            return Ok(text);
        };
        let mut bytes = Buffer::from_slice(kept.as_slice())?;
        bytes.extend_from_slice(input)?;
        match codec.decode(&bytes, &errors, last) {
            Ok((text, used)) => {
                self.keep(bytes.get(used..).unwrap_or(&[]))?;
                Ok(text)
            }
            Err(raised) => {
                self.pending.set(Some(kept));
                Err(raised)
            }
        }
    }

    /// Keeps the bytes of an unfinished character.
    fn keep(&self, bytes: &[u8]) -> Result<(), Raised> {
        if !bytes.is_empty() {
            self.pending.set(Some(Bytes::new(bytes)?));
        }
        Ok(())
    }

    /// The state, from which the same bytes give the same text.
    pub fn state(&self) -> Result<State, Raised> {
        let (bytes, flags) = match self.kind.get() {
            Kind::None => (Bytes::empty(), 0),
            Kind::Native(_) => (self.pending.get().unwrap_or_else(Bytes::empty), 0),
            Kind::Object => {
                let Some(object) = self.object.get() else { return Err(super::unsupported("not readable")) };
                let state = call_method(&object, id!(getstate), &[])?;
                let Some([bytes, flags]) = state.downcast::<Tuple>().map(Tuple::as_slice) else {
                    return Err(raise!(TypeError, "illegal decoder state"));
                };
                let Some(bytes) = bytes.downcast::<Bytes>() else {
                    let got = bytes.ty().full_name();
                    return Err(raise!(
                        TypeError,
                        "illegal decoder state: the first item should be a bytes object, not '{got}'"
                    ));
                };
                (Ref::from_borrowed(bytes), protocol::number::index(flags)?.to_i64().unwrap_or(0))
            }
        };
        let flags = if self.universal.get() { flags << 1 | i64::from(self.newlines.pending.get()) } else { flags };
        Ok(State { bytes, flags })
    }

    /// Goes back to a state.
    pub fn set_state(&self, bytes: &Bytes, flags: i64) -> Result<(), Raised> {
        let mut flags = flags;
        if self.universal.get() {
            self.newlines.pending.set(flags & 1 != 0);
            flags >>= 1;
        }
        match self.kind.get() {
            Kind::None => Ok(()),
            Kind::Native(_) => {
                self.pending.set(None);
                self.keep(bytes.as_slice())
            }
            Kind::Object => {
                let Some(object) = self.object.get() else { return Ok(()) };
                let state =
                    Tuple::from_refs([Ref::from_borrowed(bytes).into_object(), Int::from_i64(flags)?.into_object()])?;
                call_method(&object, id!(setstate), &[&state]).map(drop)
            }
        }
    }

    /// Goes back to the start.
    pub fn reset(&self) -> Result<(), Raised> {
        self.pending.set(None);
        self.newlines.reset();
        match (self.kind.get(), self.object.get()) {
            (Kind::Object, Some(object)) => call_method(&object, id!(reset), &[]).map(drop),
            _ => Ok(()),
        }
    }
}
