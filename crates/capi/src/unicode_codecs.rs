//! `unicodeobject.h`, `codecs.h`: encoding and decoding.

use std::ffi::{c_char, c_int};

use habu_runtime::object::protocol;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::codecs::errors::Errors;
use habu_runtime::types::str::codecs::registry;
use habu_runtime::types::str::codecs::standard::Codec;
use habu_runtime::types::str::codecs::{self, charmap};

use crate::border::*;
use crate::unicodeobject::text;

/// Decodes with a built-in codec.
fn decode(codec: Codec, data: *const c_char, length: isize, errors: Text) -> Result<Ref<Str>, Raised> {
    let errors = errors.optional()?;
    Ok(codec.decode(memory(data, length), &Errors::new(errors.as_deref()), true)?.0)
}

/// Decodes what may be the beginning of more; tells how much was taken.
fn decode_part(
    codec: Codec,
    data: *const c_char,
    length: isize,
    errors: Text,
    taken: Out<isize>,
) -> Result<Ref<Str>, Raised> {
    let errors = errors.optional()?;
    let last = taken.is_null();
    let (text, count) = codec.decode(memory(data, length), &Errors::new(errors.as_deref()), last)?;
    taken.set(count as isize);
    Ok(text)
}

fn encode(codec: Codec, object: &Object, errors: Text) -> Result<Ref<Bytes>, Raised> {
    let errors = errors.optional()?;
    codec.encode(text(object)?, &Errors::new(errors.as_deref()))
}

/// Calls a function of `_codecs` that gives a pair, and gives the first of it.
fn through_module(function: &str, argument: &Object, errors: Text) -> Result<Ref, Raised> {
    let module = habu_runtime::import::import_module("_codecs")?;
    let function = protocol::get_attribute_str(&module, function)?;
    let errors = match errors.optional()? {
        Some(errors) => errors,
        None => Str::intern("strict")?,
    };
    let pair = protocol::call(&function, &[argument, &errors])?;
    protocol::sequence::get_index(&pair, 0)
}

fn order(order: Out<c_int>) -> Option<habu_text::codec::ByteOrder> {
    match order.get().unwrap_or(0) {
        0 => None,
        value if value < 0 => Some(habu_text::codec::ByteOrder::Little),
        _ => Some(habu_text::codec::ByteOrder::Big),
    }
}

/// What `codecs.lookup` gives at an index.
fn codec_item(encoding: Text, index: usize) -> Result<Ref, Raised> {
    let found = registry::lookup(&*encoding.to_str()?)?;
    found.get(index).ok_or_else(null_error)
}

/// An object of a stream or incremental class.
fn make(encoding: Text, errors: Text, attribute: &str) -> Result<Ref, Raised> {
    let found = registry::lookup(&*encoding.to_str()?)?;
    let factory = protocol::get_attribute_str(&found, attribute)?;
    match errors.optional()? {
        Some(errors) => protocol::call1(&factory, &errors),
        None => protocol::call0(&factory),
    }
}

export! {
    fn PyUnicode_Decode(data: *const c_char, length: isize, encoding: Text, errors: Text) => New {
        let (encoding, errors) = (encoding.optional()?, errors.optional()?);
        codecs::decode_method(&*Bytes::new(memory(data, length))?, encoding.as_deref(), errors.as_deref())
    }
    fn PyUnicode_FromEncodedObject(object: Option<&Object>, encoding: Text, errors: Text) => New {
        let Some(object) = object else { return Err(bad_internal_call()) };
        let (encoding, errors) = (encoding.optional()?, errors.optional()?);
        codecs::decode_object(object, encoding.as_deref(), errors.as_deref())
    }
    fn PyUnicode_AsEncodedString(object: &Object, encoding: Text, errors: Text) => New {
        let (encoding, errors) = (encoding.optional()?, errors.optional()?);
        codecs::encode(text(object)?, encoding.as_deref(), errors.as_deref())
    }
    fn PyUnicode_DecodeUTF8(data: *const c_char, length: isize, errors: Text) => New {
        decode(Codec::Utf8, data, length, errors)
    }
    fn PyUnicode_DecodeUTF8Stateful(data: *const c_char, length: isize, errors: Text, taken: Out<isize>) => New {
        decode_part(Codec::Utf8, data, length, errors, taken)
    }
    fn PyUnicode_AsUTF8String(object: &Object) => New { encode_utf8(text(object)?) }
    fn _PyUnicode_AsUTF8String(object: &Object, errors: Text) => New { encode(Codec::Utf8, object, errors) }
    fn PyUnicode_DecodeASCII(data: *const c_char, length: isize, errors: Text) => New {
        decode(Codec::Ascii, data, length, errors)
    }
    fn PyUnicode_AsASCIIString(object: &Object) => New { encode(Codec::Ascii, object, Text(std::ptr::null())) }
    fn _PyUnicode_AsASCIIString(object: &Object, errors: Text) => New { encode(Codec::Ascii, object, errors) }
    fn PyUnicode_DecodeLatin1(data: *const c_char, length: isize, errors: Text) => New {
        decode(Codec::Latin1, data, length, errors)
    }
    fn PyUnicode_AsLatin1String(object: &Object) => New { encode(Codec::Latin1, object, Text(std::ptr::null())) }
    fn _PyUnicode_AsLatin1String(object: &Object, errors: Text) => New { encode(Codec::Latin1, object, errors) }
    fn PyUnicode_DecodeUTF16(data: *const c_char, length: isize, errors: Text, byte_order: Out<c_int>) => New {
        decode(Codec::Utf16(order(byte_order)), data, length, errors)
    }
    fn PyUnicode_DecodeUTF16Stateful(data: *const c_char, length: isize, errors: Text, byte_order: Out<c_int>, taken: Out<isize>) => New {
        decode_part(Codec::Utf16(order(byte_order)), data, length, errors, taken)
    }
    fn PyUnicode_AsUTF16String(object: &Object) => New { encode(Codec::Utf16(None), object, Text(std::ptr::null())) }
    fn PyUnicode_DecodeUTF32(data: *const c_char, length: isize, errors: Text, byte_order: Out<c_int>) => New {
        decode(Codec::Utf32(order(byte_order)), data, length, errors)
    }
    fn PyUnicode_DecodeUTF32Stateful(data: *const c_char, length: isize, errors: Text, byte_order: Out<c_int>, taken: Out<isize>) => New {
        decode_part(Codec::Utf32(order(byte_order)), data, length, errors, taken)
    }
    fn PyUnicode_AsUTF32String(object: &Object) => New { encode(Codec::Utf32(None), object, Text(std::ptr::null())) }
    fn PyUnicode_DecodeUnicodeEscape(data: *const c_char, length: isize, errors: Text) => New {
        through_module("unicode_escape_decode", &*Bytes::new(memory(data, length))?, errors)
    }
    fn PyUnicode_AsUnicodeEscapeString(object: &Object) => New {
        through_module("unicode_escape_encode", text(object)?, Text(std::ptr::null()))
    }
    fn PyUnicode_DecodeRawUnicodeEscape(data: *const c_char, length: isize, errors: Text) => New {
        through_module("raw_unicode_escape_decode", &*Bytes::new(memory(data, length))?, errors)
    }
    fn PyUnicode_AsRawUnicodeEscapeString(object: &Object) => New {
        through_module("raw_unicode_escape_encode", text(object)?, Text(std::ptr::null()))
    }
    fn PyUnicode_DecodeUTF7(data: *const c_char, length: isize, errors: Text) => New {
        through_module("utf_7_decode", &*Bytes::new(memory(data, length))?, errors)
    }
    fn PyUnicode_DecodeCharmap(data: *const c_char, length: isize, mapping: &Object, errors: Text) => New {
        let errors = errors.optional()?;
        Ok(charmap::decode(memory(data, length), &Errors::new(errors.as_deref()), mapping)?.0)
    }
    fn PyUnicode_AsCharmapString(object: &Object, mapping: &Object) => New {
        charmap::encode(text(object)?, &Errors::new(None), mapping)
    }
    fn PyUnicode_BuildEncodingMap(object: &Object) => New { charmap::build(text(object)?) }
    fn PyUnicode_DecodeLocale(source: Text, _errors: Text) => New { codecs::fs_decode(source.bytes()) }
    fn PyUnicode_DecodeLocaleAndSize(data: *const c_char, length: isize, _errors: Text) => New {
        codecs::fs_decode(memory(data, length))
    }
    fn PyUnicode_EncodeLocale(object: &Object, _errors: Text) => New {
        let encoded = codecs::path_text(text(object)?)?;
        if encoded.as_slice().contains(&0) {
            return Err(raise!(ValueError, "embedded null byte"));
        }
        Ok(encoded)
    }
    fn PyUnicode_DecodeFSDefault(source: Text) => New { codecs::fs_decode(source.bytes()) }
    fn PyUnicode_DecodeFSDefaultAndSize(data: *const c_char, length: isize) => New { codecs::fs_decode(memory(data, length)) }
    fn PyUnicode_EncodeFSDefault(object: &Object) => New { codecs::path_text(text(object)?) }
    fn PyUnicode_GetDefaultEncoding() -> Text { Text(c"utf-8".as_ptr()) }
    fn PyUnicode_FSConverter(object: Option<&Object>, place: Out<*mut Object>) -> c_int {
        let Some(object) = object else {
            drop(place.take());
            return 1;
        };
        match codecs::fs_encode(object).and_then(|bytes| Bytes::new(&bytes)) {
            Ok(bytes) => {
                place.give(Some(bytes.into_object()));
                0x20000
            }
            Err(_) => 0,
        }
    }
    fn PyUnicode_FSDecoder(object: Option<&Object>, place: Out<*mut Object>) -> c_int {
        let Some(object) = object else {
            drop(place.take());
            return 1;
        };
        let decoded = || -> Result<Ref<Str>, Raised> {
            let path = codecs::path_object(object)?;
            let decoded = match path.downcast_into::<Str>() {
                Ok(text) => text,
                Err(bytes) => codecs::fs_decode(expect::<Bytes>(&bytes)?.as_slice())?,
            };
            if decoded.chars().iter().any(|code| code == 0) {
                return Err(raise!(ValueError, "embedded null character"));
            }
            Ok(decoded)
        };
        match decoded() {
            Ok(text) => {
                place.give(Some(text.into_object()));
                0x20000
            }
            Err(_) => 0,
        }
    }
    fn PyOS_FSPath(object: &Object) => New { codecs::path_object(object) }
    fn PyCodec_Register(function: &Object) => c_int { registry::register(function) }
    fn PyCodec_Unregister(function: &Object) => c_int { registry::unregister(function) }
    fn _PyCodec_Lookup(encoding: Text) => New { registry::lookup(&*encoding.to_str()?) }
    fn PyCodec_KnownEncoding(encoding: Text) -> c_int {
        match encoding.to_str().and_then(|encoding| registry::lookup(&encoding)) {
            Ok(_) => 1,
            Err(raised) => {
                raised.clear();
                0
            }
        }
    }
    fn PyCodec_Encode(object: &Object, encoding: Text, errors: Text) => New {
        let (encoding, errors) = (encoding.to_str()?, errors.optional()?);
        let found = registry::lookup(&encoding)?;
        registry::convert(&found, 0, object, errors.as_deref(), &encoding)
    }
    fn PyCodec_Decode(object: &Object, encoding: Text, errors: Text) => New {
        let (encoding, errors) = (encoding.to_str()?, errors.optional()?);
        let found = registry::lookup(&encoding)?;
        registry::convert(&found, 1, object, errors.as_deref(), &encoding)
    }
    fn PyCodec_Encoder(encoding: Text) => New { codec_item(encoding, 0) }
    fn PyCodec_Decoder(encoding: Text) => New { codec_item(encoding, 1) }
    fn PyCodec_IncrementalEncoder(encoding: Text, errors: Text) => New { make(encoding, errors, "incrementalencoder") }
    fn PyCodec_IncrementalDecoder(encoding: Text, errors: Text) => New { make(encoding, errors, "incrementaldecoder") }
    fn PyCodec_RegisterError(name: Text, handler: &Object) => c_int { registry::register_error(&*name.to_str()?, handler) }
    fn PyCodec_LookupError(name: Text) => New { registry::lookup_error(name.optional()?.as_deref()) }
    fn PyCodec_StrictErrors(exception: &Object) => New { handle("strict", exception) }
    fn PyCodec_IgnoreErrors(exception: &Object) => New { handle("ignore", exception) }
    fn PyCodec_ReplaceErrors(exception: &Object) => New { handle("replace", exception) }
    fn PyCodec_XMLCharRefReplaceErrors(exception: &Object) => New { handle("xmlcharrefreplace", exception) }
    fn PyCodec_BackslashReplaceErrors(exception: &Object) => New { handle("backslashreplace", exception) }
    fn PyCodec_NameReplaceErrors(exception: &Object) => New { handle("namereplace", exception) }
}

/// Calls an error handler.
fn handle(name: &str, exception: &Object) -> New {
    protocol::call1(&*registry::lookup_error(Some(&*Str::intern(name)?))?, exception)
}
