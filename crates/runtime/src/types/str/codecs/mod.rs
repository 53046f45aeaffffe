//! Encoding strings and decoding bytes: built-in codecs without a detour, all others through the registry; names of files.
//!
//! `standard` has the built-in codecs, `decode` and `encode` drive them over errors, `errors` calls handlers, `registry` keeps search
//! functions and handlers.

pub mod charmap;
pub mod decode;
pub mod encode;
pub mod errors;
pub mod paths;
pub mod registry;
pub mod standard;

pub use paths::{fs_decode, fs_encode, path_object, path_text};
pub use registry::CodecRegistry;

use errors::Errors;
use standard::Codec;

use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::buffer::{ByteView, supports_buffer};
use crate::types::bytearray::ByteArray;
use crate::types::bytes::Bytes;
use crate::types::str::Str;

/// Refuses text that C could not take as a string.
pub fn check_no_nul(text: Option<&Str>) -> Result<(), Raised> {
    match text {
        Some(text) => {
            if !text.is_ascii() {
                // Surrogates have no UTF-8.
                text.keep_utf8()?;
            }
            match text.chars().iter().any(|code| code == 0) {
                true => Err(raise!(ValueError, "embedded null character")),
                false => Ok(()),
            }
        }
        None => Ok(()),
    }
}

/// `str(object, encoding, errors)`
pub fn decode_object(object: &Object, encoding: Option<&Str>, errors: Option<&Str>) -> Result<Ref<Str>, Raised> {
    if object.isinstance::<Str>() {
        return Err(raise!(TypeError, "decoding str is not supported"));
    }
    if !supports_buffer(object) {
        let name = object.ty().full_name();
        return Err(raise!(TypeError, "decoding to str: need a bytes-like object, {name} found"));
    }
    decode_method(object, encoding, errors)
}

/// In development mode, refuses encodings and error handlers that do not exist even where they are not needed.
fn check_names(encoding: Option<&Str>, errors: Option<&Str>) -> Result<(), Raised> {
    let interpreter = crate::threads::Thread::current().interpreter();
    if !interpreter.config.flags.dev_mode || interpreter.finalizing.get() || encoding.is_none() && errors.is_none() {
        return Ok(());
    }
    // The built-in ones, which starting needs, must not be looked up: the library's codecs are not there yet then.
    if let Some(encoding) = encoding.filter(|name| Codec::from_name(name).is_none()) {
        registry::lookup(encoding)?;
    }
    if let Some(errors) = errors.filter(|name| matches!(Errors::new(Some(name)), Errors::Named(_))) {
        registry::lookup_error(Some(errors))?;
    }
    Ok(())
}

/// `bytes.decode(encoding, errors)` of any bytes-like object.
pub fn decode_method(object: &Object, encoding: Option<&Str>, errors: Option<&Str>) -> Result<Ref<Str>, Raised> {
    check_no_nul(encoding)?;
    check_no_nul(errors)?;
    check_names(encoding, errors)?;
    let codec = encoding.map_or(Some(Codec::Utf8), Codec::from_name);
    if let Some(codec) = codec {
        let errors = Errors::new(errors);
        if let Some(bytes) = object.downcast_exact::<Bytes>() {
            return Ok(codec.decode(bytes.as_slice(), &errors, true)?.0);
        }
        let view = ByteView::new(object)?;
        return Ok(codec.decode(&view, &errors, true)?.0);
    }
    // Nothing is the empty text in every encoding, also in one that does not exist.
    if ByteView::new(object)?.is_empty() {
        return Ok(Str::empty());
    }
    let Some(encoding) = encoding else { return Ok(Str::empty()) };
    let found = registry::lookup_text_encoding(encoding, "codecs.decode()")?;
    // What is decoded by Python code must not change meanwhile.
    let result = registry::convert(&found, 1, object, errors, encoding)?;
    result.downcast_into::<Str>().map_err(|other| {
        raise!(
            TypeError,
            "'{}' decoder returned '{}' instead of 'str'; use codecs.decode() to decode to arbitrary types",
            encoding,
            other.ty().full_name()
        )
    })
}

/// `text.encode(encoding, errors)`
pub fn encode(text: &Str, encoding: Option<&Str>, errors: Option<&Str>) -> Result<Ref<Bytes>, Raised> {
    check_no_nul(encoding)?;
    check_no_nul(errors)?;
    check_names(encoding, errors)?;
    if let Some(codec) = encoding.map_or(Some(Codec::Utf8), Codec::from_name) {
        return codec.encode(text, &Errors::new(errors));
    }
    let Some(encoding) = encoding else { return Ok(Bytes::empty()) };
    let found = registry::lookup_text_encoding(encoding, "codecs.encode()")?;
    let result = registry::convert(&found, 0, text, errors, encoding)?;
    let result = match result.downcast_into::<Bytes>() {
        Ok(bytes) => return Ok(bytes),
        Err(other) => other,
    };
    if let Some(bytes) = result.downcast::<ByteArray>() {
        crate::exceptions::warn(
            crate::exceptions::exc::RuntimeWarning(),
            format_args!(
                "encoder {} returned bytearray instead of bytes; use codecs.encode() to encode to arbitrary types",
                encoding
            ),
            1,
        )?;
        return bytes.lend(Bytes::new);
    }
    Err(raise!(
        TypeError,
        "'{}' encoder returned '{}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
        encoding,
        result.ty().full_name()
    ))
}

/// The BytesWarning of option `-b`, raised as an exception for `-bb`.
pub fn warn_bytes(message: &str) -> Result<(), Raised> {
    match crate::threads::Thread::current().interpreter().bytes_warning.get() {
        0 => Ok(()),
        1 => crate::exceptions::warn(crate::exceptions::exc::BytesWarning(), format_args!("{message}"), 1),
        _ => Err(raise!(BytesWarning, "{message}")),
    }
}
