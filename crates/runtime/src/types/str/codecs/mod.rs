//! Encoding strings and decoding bytes.

use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::buffer::{supports_buffer, with_buffer};
use crate::types::bytes::Bytes;
use crate::types::str::builder::ByteBuilder;
use crate::types::str::{Str, StrBuilder};

/// `str(object, encoding, errors)`
pub fn decode_object(object: &Object, encoding: Option<&Str>, errors: Option<&Str>) -> Result<Ref<Str>, Raised> {
    if object.isinstance::<Str>() {
        return Err(raise!(TypeError, "decoding str is not supported"));
    }
    if !supports_buffer(object) {
        let name = object.ty().name();
        return Err(raise!(TypeError, "decoding to str: need a bytes-like object, {name} found"));
    }
    decode_method(object, encoding, errors)
}

/// `bytes.decode(encoding, errors)` of any bytes-like object.
pub fn decode_method(object: &Object, _encoding: Option<&Str>, _errors: Option<&Str>) -> Result<Ref<Str>, Raised> {
    with_buffer(object, |bytes| {
        let mut text = StrBuilder::new();
        match habu_text::codec::utf8::decode(bytes, 0, true, &mut text) {
            Ok(_) => text.finish(),
            Err(_) => Err(raise!(ValueError, "cannot decode")),
        }
    })?
}

/// `text.encode(encoding, errors)`
pub fn encode(text: &Str, _encoding: Option<&Str>, _errors: Option<&Str>) -> Result<Ref<Bytes>, Raised> {
    let mut bytes = ByteBuilder::default();
    match habu_text::codec::utf8::encode(text.chars(), 0, &mut bytes) {
        Ok(()) => Bytes::new(&bytes.0),
        Err(_) => Err(raise!(ValueError, "cannot encode")),
    }
}

/// The BytesWarning of option `-b`.
pub fn warn_bytes(_message: &str) -> Result<(), Raised> {
    Ok(())
}
