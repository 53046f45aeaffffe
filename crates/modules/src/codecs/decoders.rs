//! The decoders: `(data, errors, final) -> (text, number of bytes)`.

use habu_macros::pymodule;
use habu_runtime::exceptions::{exc, warn};
use habu_runtime::object::args::Nullable;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::builder::ByteBuilder;
use habu_runtime::types::str::codecs::charmap;
use habu_runtime::types::str::codecs::decode::Decoding;
use habu_runtime::types::str::codecs::errors::Errors;
use habu_runtime::types::str::codecs::standard::Codec;
use habu_runtime::types::tuple::Tuple;
use habu_text::codec::bytes_escape::{self, EscapeError, OnWrongEscape};
use habu_text::codec::escape::{self, InvalidEscape};
use habu_text::codec::{ByteOrder, utf7, utf16, utf32};

use super::encoders::{bytes_or_text, order};
use super::{Codecs, pair};

type Name<'a> = Nullable<&'a Str>;

/// Decodes with a built-in codec.
fn decode(codec: Codec, data: &ByteView, errors: Name<'_>, last: bool) -> Result<Ref<Tuple>, Raised> {
    let (text, taken) = codec.decode(data, &Errors::new(errors.0), last)?;
    pair(text, taken)
}

/// Decodes with a byte order that is given or found; gives the order as well.
fn decode_order(
    codec: Codec,
    found: Option<ByteOrder>,
    data: &ByteView,
    errors: Name<'_>,
    given: i32,
    last: bool,
) -> Result<Ref<Tuple>, Raised> {
    let (text, taken) = codec.decode(data, &Errors::new(errors.0), last)?;
    let order = match (given, found) {
        (0, Some(ByteOrder::Little)) => -1,
        (0, Some(ByteOrder::Big)) => 1,
        (given, _) => given,
    };
    let number = |value: i64| Int::from_i64(value).map(Ref::into_object);
    Tuple::from_refs([text.into_object(), number(taken as i64)?, number(i64::from(order))?])
}

/// Warns of an escape that is not one.
fn warn_of_escape(input: &[u8], invalid: Option<InvalidEscape>) -> Result<(), Raised> {
    let Some(InvalidEscape { position, octal }) = invalid else { return Ok(()) };
    let shown = input.get(position..(position + if octal { 3 } else { 1 }).min(input.len())).unwrap_or_default();
    let shown: String = shown.iter().map(|&byte| char::from(byte)).collect();
    let what = if octal { "invalid octal escape sequence" } else { "invalid escape sequence" };
    warn(exc::DeprecationWarning(), format_args!("{what} '\\{shown}'"), 1)
}

#[pymodule(table = DECODERS)]
impl Codecs {
    #[signature(data, errors = Nullable(None), /)]
    #[shown("($module, data, errors=None, /)")]
    fn ascii_decode(data: ByteView, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        decode(Codec::Ascii, &data, errors, true)
    }

    #[signature(data, errors = Nullable(None), /)]
    #[shown("($module, data, errors=None, /)")]
    fn latin_1_decode(data: ByteView, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        decode(Codec::Latin1, &data, errors, true)
    }

    #[signature(data, errors = Nullable(None), final_ = false, /)]
    #[shown("($module, data, errors=None, final=False, /)")]
    fn utf_8_decode(data: ByteView, errors: Name<'_>, final_: bool) -> Result<Ref<Tuple>, Raised> {
        decode(Codec::Utf8, &data, errors, final_)
    }

    #[signature(data, errors = Nullable(None), final_ = false, /)]
    #[shown("($module, data, errors=None, final=False, /)")]
    fn utf_16_decode(data: ByteView, errors: Name<'_>, final_: bool) -> Result<Ref<Tuple>, Raised> {
        decode(Codec::Utf16(None), &data, errors, final_)
    }

    #[signature(data, errors = Nullable(None), final_ = false, /)]
    #[shown("($module, data, errors=None, final=False, /)")]
    fn utf_16_le_decode(data: ByteView, errors: Name<'_>, final_: bool) -> Result<Ref<Tuple>, Raised> {
        decode(Codec::Utf16(Some(ByteOrder::Little)), &data, errors, final_)
    }

    #[signature(data, errors = Nullable(None), final_ = false, /)]
    #[shown("($module, data, errors=None, final=False, /)")]
    fn utf_16_be_decode(data: ByteView, errors: Name<'_>, final_: bool) -> Result<Ref<Tuple>, Raised> {
        decode(Codec::Utf16(Some(ByteOrder::Big)), &data, errors, final_)
    }

    #[signature(data, errors = Nullable(None), byteorder = 0, final_ = false, /)]
    #[shown("($module, data, errors=None, byteorder=0, final=False,\n                 /)")]
    fn utf_16_ex_decode(data: ByteView, errors: Name<'_>, byteorder: i32, final_: bool) -> Result<Ref<Tuple>, Raised> {
        let codec = Codec::Utf16(order(byteorder));
        decode_order(codec, utf16::mark(&data), &data, errors, byteorder, final_)
    }

    #[signature(data, errors = Nullable(None), final_ = false, /)]
    #[shown("($module, data, errors=None, final=False, /)")]
    fn utf_32_decode(data: ByteView, errors: Name<'_>, final_: bool) -> Result<Ref<Tuple>, Raised> {
        decode(Codec::Utf32(None), &data, errors, final_)
    }

    #[signature(data, errors = Nullable(None), final_ = false, /)]
    #[shown("($module, data, errors=None, final=False, /)")]
    fn utf_32_le_decode(data: ByteView, errors: Name<'_>, final_: bool) -> Result<Ref<Tuple>, Raised> {
        decode(Codec::Utf32(Some(ByteOrder::Little)), &data, errors, final_)
    }

    #[signature(data, errors = Nullable(None), final_ = false, /)]
    #[shown("($module, data, errors=None, final=False, /)")]
    fn utf_32_be_decode(data: ByteView, errors: Name<'_>, final_: bool) -> Result<Ref<Tuple>, Raised> {
        decode(Codec::Utf32(Some(ByteOrder::Big)), &data, errors, final_)
    }

    #[signature(data, errors = Nullable(None), byteorder = 0, final_ = false, /)]
    #[shown("($module, data, errors=None, byteorder=0, final=False,\n                 /)")]
    fn utf_32_ex_decode(data: ByteView, errors: Name<'_>, byteorder: i32, final_: bool) -> Result<Ref<Tuple>, Raised> {
        let codec = Codec::Utf32(order(byteorder));
        decode_order(codec, utf32::mark(&data), &data, errors, byteorder, final_)
    }

    #[signature(data, errors = Nullable(None), final_ = false, /)]
    #[shown("($module, data, errors=None, final=False, /)")]
    fn utf_7_decode(data: ByteView, errors: Name<'_>, final_: bool) -> Result<Ref<Tuple>, Raised> {
        let errors = Errors::new(errors.0);
        let decoding = Decoding { encoding: "utf7", standard: None, errors: &errors, last: final_ };
        let (text, taken) =
            decoding.run(&data, &mut |input, from, last, text| Ok(utf7::decode(input, from, last, text)?))?;
        pair(text, taken)
    }

    #[signature(data, errors = Nullable(None), final_ = true, /)]
    #[shown("($module, data, errors=None, final=True, /)")]
    fn unicode_escape_decode(data: &Object, errors: Name<'_>, final_: bool) -> Result<Ref<Tuple>, Raised> {
        let data = bytes_or_text(data)?;
        let errors = Errors::new(errors.0);
        let decoding = Decoding { encoding: "unicodeescape", standard: None, errors: &errors, last: final_ };
        let mut invalid = None;
        let (text, taken) = decoding
            .run(&data, &mut |input, from, last, text| Ok(escape::decode(input, from, last, &mut invalid, text)?))?;
        warn_of_escape(&data, invalid)?;
        pair(text, taken)
    }

    #[signature(data, errors = Nullable(None), final_ = true, /)]
    #[shown("($module, data, errors=None, final=True, /)")]
    fn raw_unicode_escape_decode(data: &Object, errors: Name<'_>, final_: bool) -> Result<Ref<Tuple>, Raised> {
        let data = bytes_or_text(data)?;
        let errors = Errors::new(errors.0);
        let decoding = Decoding { encoding: "rawunicodeescape", standard: None, errors: &errors, last: final_ };
        let (text, taken) =
            decoding.run(&data, &mut |input, from, last, text| Ok(escape::decode_raw(input, from, last, text)?))?;
        pair(text, taken)
    }

    #[signature(data, errors = Nullable(None), /)]
    #[shown("($module, data, errors=None, /)")]
    fn escape_decode(data: &Object, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        let data = bytes_or_text(data)?;
        let wrong = match errors.0.and_then(|errors| errors.ascii_bytes()) {
            Some(b"replace") => OnWrongEscape::Replace,
            Some(b"ignore") => OnWrongEscape::Ignore,
            _ => OnWrongEscape::Strict,
        };
        let known = errors.0.is_none_or(|errors| errors.equals("strict")) || wrong != OnWrongEscape::Strict;
        let mut out = ByteBuilder::default();
        let invalid = bytes_escape::decode(&data, wrong, &mut out).map_err(|error| match (error, errors.0) {
            (EscapeError::Trailing, _) => raise!(ValueError, "Trailing \\ in string"),
            (EscapeError::Invalid(_), Some(errors)) if !known => {
                raise!(ValueError, "decoding error; unknown error handling code: {}", errors)
            }
            (EscapeError::Invalid(at), _) => raise!(ValueError, "invalid \\x escape at position {at}"),
            (EscapeError::OutOfMemory, _) => habu_runtime::exceptions::memory_error(),
        })?;
        warn_of_escape(&data, invalid)?;
        pair(Bytes::new(&out.0)?, data.len())
    }

    #[signature(data, errors = Nullable(None), mapping = None, /)]
    #[shown("($module, data, errors=None, mapping=None, /)")]
    fn charmap_decode(data: ByteView, errors: Name<'_>, mapping: Option<&Object>) -> Result<Ref<Tuple>, Raised> {
        match mapping.filter(|mapping| !is_none(mapping)) {
            Some(mapping) => {
                let (text, taken) = charmap::decode(&data, &Errors::new(errors.0), mapping)?;
                pair(text, taken)
            }
            None => decode(Codec::Latin1, &data, errors, true),
        }
    }
}
