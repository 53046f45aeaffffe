//! `binascii`: bytes as text: base64, hexadecimal, uuencode, quoted-printable; and checksums.

mod base64;
mod checksums;
mod quoted;
mod uu;

use habu_macros::pymodule;
use habu_runtime::exceptions::hierarchy::{EXCEPTION_TYPE, VALUE_ERROR_TYPE};
use habu_runtime::exceptions::raise_text;
use habu_runtime::object::args::{FromArg, Given, Signature, omitted};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::buffer::{ByteView, supports_buffer};
use habu_runtime::types::bytes::{Bytes, common};
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

use crate::fill::{set_type, static_exception};

static_exception!(
    /// `binascii.Error`
    pub ERROR,
    "binascii.Error",
    VALUE_ERROR_TYPE
);
static_exception!(
    /// `binascii.Incomplete`
    pub INCOMPLETE,
    "binascii.Incomplete",
    EXCEPTION_TYPE
);

/// Raises `binascii.Error`.
#[cold]
fn error(message: std::fmt::Arguments<'_>) -> Raised {
    raise_text(&ERROR.ty, message)
}

/// An argument that is a bytes-like object or a string of ASCII.
enum AsciiData<'a> {
    Text(&'a Str),
    Lent(ByteView),
}

impl AsciiData<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            AsciiData::Text(text) => text.as_ascii().map_or(b"", str::as_bytes),
            AsciiData::Lent(view) => view,
        }
    }
}

impl<'a> FromArg<'a> for AsciiData<'a> {
    fn from_arg(object: &'a Object, _: &Signature, _: usize) -> Result<AsciiData<'a>, Raised> {
        if let Some(text) = object.downcast::<Str>() {
            if !text.is_ascii() {
                return Err(raise!(ValueError, "string argument should contain only ASCII characters"));
            }
            return Ok(AsciiData::Text(text));
        }
        if !supports_buffer(object) {
            let name = object.ty().full_name();
            return Err(raise!(TypeError, "argument should be bytes, buffer or ASCII string, not '{name}'"));
        }
        ByteView::new(object).map(AsciiData::Lent)
    }
}

/// The low 32 bits of an integer argument.
fn low_bits(object: Option<&Object>) -> Result<u32, Raised> {
    match object {
        None => Ok(0),
        Some(object) => {
            let value = habu_runtime::object::protocol::number::index(object)?;
            Ok(habu_numbers::digits::small::wrapping_u64(value.signed()) as u32)
        }
    }
}

fn hex(data: &ByteView, sep: Option<&Object>, group: i32) -> Result<Ref<Bytes>, Raised> {
    if sep.is_none() {
        return Bytes::build(data.len().saturating_mul(2), |out| common::write_hex(data, out));
    }
    let text = common::hex(data, sep, group)?;
    Bytes::new(text.as_ascii().map_or(b"", str::as_bytes))
}

fn unhex(text: &AsciiData<'_>) -> Result<Ref<Bytes>, Raised> {
    let text = text.bytes();
    if text.len() % 2 == 1 {
        return Err(error(format_args!("Odd-length string")));
    }
    let mut bad = false;
    let bytes = Bytes::build(text.len() / 2, |out| {
        for (to, pair) in out.iter_mut().zip(text.as_chunks::<2>().0) {
            match common::hex_value(*pair) {
                Some(byte) => *to = byte,
                None => bad = true,
            }
        }
    })?;
    if bad { Err(error(format_args!("Non-hexadecimal digit found"))) } else { Ok(bytes) }
}

/// The module.
pub struct Binascii;

/// Conversion between binary data and ASCII
#[pymodule(name = "binascii")]
impl Binascii {
    /// Decode a line of base64 data.
    ///
    ///   strict_mode
    ///     When set to True, bytes that are not part of the base64 standard are not allowed.
    ///     The same applies to excess data after padding (= / ==).
    #[signature(data, /, *, strict_mode = false)]
    fn a2b_base64(data: AsciiData<'_>, strict_mode: bool) -> Result<Ref<Bytes>, Raised> {
        base64::decode(data.bytes(), strict_mode)
    }

    /// Base64-code line of data.
    #[signature(data, /, *, newline = true)]
    fn b2a_base64(data: ByteView, newline: bool) -> Result<Ref<Bytes>, Raised> {
        base64::encode(&data, newline)
    }

    /// Binary data of hexadecimal representation.
    ///
    /// hexstr must contain an even number of hex digits (upper or lower case).
    /// This function is also available as "unhexlify()".
    fn a2b_hex(hexstr: AsciiData<'_>) -> Result<Ref<Bytes>, Raised> {
        unhex(&hexstr)
    }

    /// Binary data of hexadecimal representation.
    ///
    /// hexstr must contain an even number of hex digits (upper or lower case).
    fn unhexlify(hexstr: AsciiData<'_>) -> Result<Ref<Bytes>, Raised> {
        unhex(&hexstr)
    }

    /// Hexadecimal representation of binary data.
    ///
    ///   sep
    ///     An optional single character or byte to separate hex bytes.
    ///   bytes_per_sep
    ///     How many bytes between separators.  Positive values count from the
    ///     right, negative values count from the left.
    ///
    /// The return value is a bytes object.  This function is also
    /// available as "hexlify()".
    ///
    /// Example:
    /// >>> binascii.b2a_hex(b'\xb9\x01\xef')
    /// b'b901ef'
    /// >>> binascii.hexlify(b'\xb9\x01\xef', ':')
    /// b'b9:01:ef'
    /// >>> binascii.b2a_hex(b'\xb9\x01\xef', b'_', 2)
    /// b'b9_01ef'
    #[signature(data, sep = Option::None, bytes_per_sep = 1)]
    fn b2a_hex(data: ByteView, sep: Option<&Object>, bytes_per_sep: i32) -> Result<Ref<Bytes>, Raised> {
        hex(&data, sep, bytes_per_sep)
    }

    /// Hexadecimal representation of binary data.
    ///
    ///   sep
    ///     An optional single character or byte to separate hex bytes.
    ///   bytes_per_sep
    ///     How many bytes between separators.  Positive values count from the
    ///     right, negative values count from the left.
    ///
    /// The return value is a bytes object.  This function is also
    /// available as "b2a_hex()".
    #[signature(data, sep = Option::None, bytes_per_sep = 1)]
    fn hexlify(data: ByteView, sep: Option<&Object>, bytes_per_sep: i32) -> Result<Ref<Bytes>, Raised> {
        hex(&data, sep, bytes_per_sep)
    }

    /// Decode a line of uuencoded data.
    fn a2b_uu(data: AsciiData<'_>) -> Result<Ref<Bytes>, Raised> {
        uu::decode(data.bytes())
    }

    /// Uuencode line of data.
    #[signature(data, /, *, backtick = false)]
    fn b2a_uu(data: ByteView, backtick: bool) -> Result<Ref<Bytes>, Raised> {
        uu::encode(&data, backtick)
    }

    /// Decode a string of qp-encoded data.
    #[signature(data, header = false)]
    fn a2b_qp(data: AsciiData<'_>, header: bool) -> Result<Ref<Bytes>, Raised> {
        quoted::decode(data.bytes(), header)
    }

    /// Encode a string using quoted-printable encoding.
    ///
    /// On encoding, when istext is set, newlines are not encoded, and white
    /// space at end of lines is.  When istext is not set, \r and \n (CR/LF)
    /// are both encoded.  When quotetabs is set, space and tabs are encoded.
    #[signature(data, quotetabs = false, istext = true, header = false)]
    fn b2a_qp(data: ByteView, quotetabs: bool, istext: bool, header: bool) -> Result<Ref<Bytes>, Raised> {
        quoted::encode(&data, quotetabs, istext, header)
    }

    /// Compute CRC-32 incrementally.
    #[signature(data, crc = omitted("0"), /)]
    fn crc32(data: ByteView, crc: Given<'_>) -> Result<Ref<Int>, Raised> {
        Int::from_u64(u64::from(checksums::crc32(&data, low_bits(crc.0)?)))
    }

    /// Compute CRC-CCITT incrementally.
    fn crc_hqx(data: ByteView, crc: &Object) -> Result<Ref<Int>, Raised> {
        Int::from_u64(u64::from(checksums::crc_hqx(&data, low_bits(Some(crc))? as u16)))
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "Error", ERROR)?;
        set_type(module, "Incomplete", INCOMPLETE)
    }
}
