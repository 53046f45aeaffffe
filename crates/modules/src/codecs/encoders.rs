//! The encoders: `(text, errors) -> (bytes, number of characters)`.

use habu_macros::pymodule;
use habu_runtime::object::args::Nullable;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::builder::ByteBuilder;
use habu_runtime::types::str::codecs::charmap;
use habu_runtime::types::str::codecs::errors::Errors;
use habu_runtime::types::str::codecs::standard::Codec;
use habu_runtime::types::tuple::Tuple;
use habu_text::codec::{ByteOrder, bytes_escape, escape, utf7};

use super::{Codecs, pair};

type Name<'a> = Nullable<&'a Str>;

/// Encodes with a built-in codec.
fn encode(codec: Codec, text: &Str, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
    pair(codec.encode(text, &Errors::new(errors.0))?, text.len())
}

/// The byte order of an argument: negative little, positive big, 0 native with a mark.
pub(super) fn order(order: i32) -> Option<ByteOrder> {
    match order {
        ..0 => Some(ByteOrder::Little),
        0 => None,
        _ => Some(ByteOrder::Big),
    }
}

/// The bytes of `s*`: a string in UTF-8, or a buffer.
pub(super) fn bytes_or_text(data: &Object) -> Result<ByteView, Raised> {
    match data.downcast::<Str>() {
        Some(text) => ByteView::new(&*Codec::Utf8.encode(text, &Errors::Strict)?),
        None => ByteView::new(data),
    }
}

#[pymodule(table = ENCODERS)]
impl Codecs {
    #[signature(str, errors = Nullable(None), /)]
    #[shown("($module, str, errors=None, /)")]
    fn ascii_encode(str: &Str, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        encode(Codec::Ascii, str, errors)
    }

    #[signature(str, errors = Nullable(None), /)]
    #[shown("($module, str, errors=None, /)")]
    fn latin_1_encode(str: &Str, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        encode(Codec::Latin1, str, errors)
    }

    #[signature(str, errors = Nullable(None), /)]
    #[shown("($module, str, errors=None, /)")]
    fn utf_8_encode(str: &Str, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        encode(Codec::Utf8, str, errors)
    }

    #[signature(str, errors = Nullable(None), byteorder = 0, /)]
    #[shown("($module, str, errors=None, byteorder=0, /)")]
    fn utf_16_encode(str: &Str, errors: Name<'_>, byteorder: i32) -> Result<Ref<Tuple>, Raised> {
        encode(Codec::Utf16(order(byteorder)), str, errors)
    }

    #[signature(str, errors = Nullable(None), /)]
    #[shown("($module, str, errors=None, /)")]
    fn utf_16_le_encode(str: &Str, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        encode(Codec::Utf16(Some(ByteOrder::Little)), str, errors)
    }

    #[signature(str, errors = Nullable(None), /)]
    #[shown("($module, str, errors=None, /)")]
    fn utf_16_be_encode(str: &Str, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        encode(Codec::Utf16(Some(ByteOrder::Big)), str, errors)
    }

    #[signature(str, errors = Nullable(None), byteorder = 0, /)]
    #[shown("($module, str, errors=None, byteorder=0, /)")]
    fn utf_32_encode(str: &Str, errors: Name<'_>, byteorder: i32) -> Result<Ref<Tuple>, Raised> {
        encode(Codec::Utf32(order(byteorder)), str, errors)
    }

    #[signature(str, errors = Nullable(None), /)]
    #[shown("($module, str, errors=None, /)")]
    fn utf_32_le_encode(str: &Str, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        encode(Codec::Utf32(Some(ByteOrder::Little)), str, errors)
    }

    #[signature(str, errors = Nullable(None), /)]
    #[shown("($module, str, errors=None, /)")]
    fn utf_32_be_encode(str: &Str, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        encode(Codec::Utf32(Some(ByteOrder::Big)), str, errors)
    }

    #[signature(str, errors = Nullable(None), /)]
    #[shown("($module, str, errors=None, /)")]
    fn utf_7_encode(str: &Str, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        let _ = errors;
        let mut out = ByteBuilder::default();
        utf7::encode(str.chars(), &mut out)?;
        pair(Bytes::new(&out.0)?, str.len())
    }

    #[signature(str, errors = Nullable(None), /)]
    #[shown("($module, str, errors=None, /)")]
    fn unicode_escape_encode(str: &Str, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        let _ = errors;
        let mut out = ByteBuilder::default();
        escape::encode(str.chars(), &mut out)?;
        pair(Bytes::new(&out.0)?, str.len())
    }

    #[signature(str, errors = Nullable(None), /)]
    #[shown("($module, str, errors=None, /)")]
    fn raw_unicode_escape_encode(str: &Str, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        let _ = errors;
        let mut out = ByteBuilder::default();
        escape::encode_raw(str.chars(), &mut out)?;
        pair(Bytes::new(&out.0)?, str.len())
    }

    #[signature(data, errors = Nullable(None), /)]
    #[shown("($module, data, errors=None, /)")]
    fn escape_encode(data: &Bytes, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        let _ = errors;
        let mut out = ByteBuilder::default();
        bytes_escape::encode(data.as_slice(), &mut out)?;
        pair(Bytes::new(&out.0)?, data.len())
    }

    #[signature(data, errors = Nullable(None), /)]
    #[shown("($module, data, errors=None, /)")]
    fn readbuffer_encode(data: &Object, errors: Name<'_>) -> Result<Ref<Tuple>, Raised> {
        let _ = errors;
        let view = bytes_or_text(data)?;
        pair(Bytes::new(&view)?, view.len())
    }

    #[signature(str, errors = Nullable(None), mapping = None, /)]
    #[shown("($module, str, errors=None, mapping=None, /)")]
    fn charmap_encode(str: &Str, errors: Name<'_>, mapping: Option<&Object>) -> Result<Ref<Tuple>, Raised> {
        match mapping.filter(|mapping| !is_none(mapping)) {
            Some(mapping) => pair(charmap::encode(str, &Errors::new(errors.0), mapping)?, str.len()),
            None => encode(Codec::Latin1, str, errors),
        }
    }

    fn charmap_build(map: &Str) -> Result<Ref, Raised> {
        charmap::build(map)
    }
}
