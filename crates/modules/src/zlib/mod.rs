//! `zlib`: compressed data (RFC 1950 to 1952), over a library in Rust with zlib's own interface.
//!
//! `stream` is the one place that talks to the library; `compress` and `decompress` are the types of running work.

mod compress;
mod decompress;
mod stream;

use habu_macros::pymodule;
use habu_runtime::exceptions::hierarchy::EXCEPTION_TYPE;
use habu_runtime::exceptions::raise_text;
use habu_runtime::object::{Object, PyType, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::module::Module;
use libz_rs_sys as z;

use self::compress::Compress;
use self::decompress::Decompress;
use self::stream::{Deflater, Inflater};
use crate::fill::{set_type, static_exception};
use crate::system::Optional;

static_exception!(
    /// `zlib.error`
    pub ERROR,
    "zlib.error",
    EXCEPTION_TYPE
);

/// The default size of an output buffer.
const DEFAULT_SIZE: isize = 16384;

/// Raises `zlib.error` as zlib's codes and texts tell it.
#[cold]
fn error(code: i32, text: Option<&str>, doing: &str) -> Raised {
    let text = text.or(match code {
        z::Z_BUF_ERROR => Some("incomplete or truncated stream"),
        z::Z_STREAM_ERROR => Some("inconsistent stream state"),
        z::Z_DATA_ERROR => Some("invalid input data"),
        z::Z_VERSION_ERROR => Some("library version mismatch"),
        _ => None,
    });
    match text {
        Some(text) => raise_text(&ERROR.ty, format_args!("Error {code} {doing}: {text}")),
        None => raise_text(&ERROR.ty, format_args!("Error {code} {doing}")),
    }
}

/// The low 32 bits of a checksum to go on from.
fn start_value(object: Option<&Object>, default: u32) -> Result<u32, Raised> {
    match object {
        None => Ok(default),
        Some(object) => {
            let value = habu_runtime::object::protocol::number::index(object)?;
            Ok(habu_numbers::digits::small::wrapping_u64(value.signed()) as u32)
        }
    }
}

/// The module.
pub struct Zlib;

/// The functions in this module allow compression and decompression using the
/// zlib library, which is based on GNU zip.
///
/// adler32(string[, start]) -- Compute an Adler-32 checksum.
/// compress(data[, level]) -- Compress data, with compression level 0-9 or -1.
/// compressobj([level[, ...]]) -- Return a compressor object.
/// crc32(string[, start]) -- Compute a CRC-32 checksum.
/// decompress(string,[wbits],[bufsize]) -- Decompresses a compressed string.
/// decompressobj([wbits[, zdict]]) -- Return a decompressor object.
///
/// 'wbits' is window buffer size and container format.
/// Compressor objects support compress() and flush() methods; decompressor
/// objects support decompress() and flush().
#[pymodule(name = "zlib")]
impl Zlib {
    /// Compute an Adler-32 checksum of data.
    ///
    ///   value
    ///     Starting value of the checksum.
    ///
    /// The returned checksum is an integer.
    #[signature(data, value = None, /)]
    #[shown("($module, data, value=1, /)")]
    fn adler32(data: ByteView, value: Option<&Object>) -> Result<u32, Raised> {
        let start = start_value(value, 1)?;
        // SAFETY: the view keeps so many bytes in place.
        Ok(unsafe { z::adler32_z(start.into(), data.pointer(), data.len()) } as u32)
    }

    /// Compute a CRC-32 checksum of data.
    ///
    ///   value
    ///     Starting value of the checksum.
    ///
    /// The returned checksum is an integer.
    #[signature(data, value = None, /)]
    #[shown("($module, data, value=0, /)")]
    fn crc32(data: ByteView, value: Option<&Object>) -> Result<u32, Raised> {
        let start = start_value(value, 0)?;
        if data.is_empty() {
            return Ok(start);
        }
        // SAFETY: the view keeps so many bytes in place.
        Ok(unsafe { z::crc32_z(start.into(), data.pointer(), data.len()) } as u32)
    }

    /// Returns a bytes object containing compressed data.
    ///
    ///   data
    ///     Binary data to be compressed.
    ///   level
    ///     Compression level, in 0-9 or -1.
    ///   wbits
    ///     The window buffer size and container format.
    #[signature(data, /, level = -1, wbits = 15)]
    #[shown("($module, data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)")]
    fn compress(data: ByteView, level: i32, wbits: i32) -> Result<Ref<Bytes>, Raised> {
        let mut stream = Deflater::new();
        match stream.start_deflate(level, z::Z_DEFLATED, wbits, 8, z::Z_DEFAULT_STRATEGY) {
            z::Z_OK => {}
            z::Z_MEM_ERROR => return Err(raise!(MemoryError, "Out of memory while compressing data")),
            z::Z_STREAM_ERROR => return Err(raise_text(&ERROR.ty, format_args!("Bad compression level"))),
            code => return Err(error(code, stream.text().as_deref(), "while compressing data")),
        }
        let done = stream.run(&data, z::Z_FINISH, usize::MAX)?;
        if done.code != z::Z_STREAM_END {
            return Err(error(done.code, stream.text().as_deref(), "while compressing data"));
        }
        match stream.end() {
            z::Z_OK => Bytes::new(&done.output),
            code => Err(error(code, None, "while finishing compression")),
        }
    }

    /// Returns a bytes object containing the uncompressed data.
    ///
    ///   data
    ///     Compressed data.
    ///   wbits
    ///     The window buffer size and container format.
    ///   bufsize
    ///     The initial output buffer size.
    #[signature(data, /, wbits = 15, bufsize = DEFAULT_SIZE)]
    #[shown("($module, data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)")]
    fn decompress(data: ByteView, wbits: i32, bufsize: isize) -> Result<Ref<Bytes>, Raised> {
        if bufsize < 0 {
            return Err(raise!(ValueError, "bufsize must be non-negative"));
        }
        let mut stream = Inflater::new();
        match stream.start_inflate(wbits) {
            z::Z_OK => {}
            z::Z_MEM_ERROR => return Err(raise!(MemoryError, "Out of memory while decompressing data")),
            code => return Err(error(code, stream.text().as_deref(), "while preparing to decompress data")),
        }
        let done = stream.run(&data, z::Z_SYNC_FLUSH, usize::MAX)?;
        match done.code {
            z::Z_STREAM_END => {}
            z::Z_MEM_ERROR => return Err(raise!(MemoryError, "Out of memory while decompressing data")),
            z::Z_OK => return Err(error(z::Z_BUF_ERROR, stream.text().as_deref(), "while decompressing data")),
            code => return Err(error(code, stream.text().as_deref(), "while decompressing data")),
        }
        match stream.end() {
            z::Z_OK => Bytes::new(&done.output),
            code => Err(error(code, None, "while finishing decompression")),
        }
    }

    /// Return a compressor object.
    ///
    ///   level
    ///     The compression level (an integer in the range 0-9 or -1; default is
    ///     currently equivalent to 6).  Higher compression levels are slower,
    ///     but produce smaller results.
    ///   method
    ///     The compression algorithm.  If given, this must be DEFLATED.
    ///   wbits
    ///     +9 to +15: The base-two logarithm of the window size.  Include a zlib
    ///         container.
    ///     -9 to -15: Generate a raw stream.
    ///     +25 to +31: Include a gzip container.
    ///   memLevel
    ///     Controls the amount of memory used for internal compression state.
    ///     Valid values range from 1 to 9.  Higher values result in higher memory
    ///     usage, faster compression, and smaller output.
    ///   strategy
    ///     Used to tune the compression algorithm.  Possible values are
    ///     Z_DEFAULT_STRATEGY, Z_FILTERED, and Z_HUFFMAN_ONLY.
    ///   zdict
    ///     The predefined compression dictionary - a sequence of bytes
    ///     containing subsequences that are likely to occur in the input data.
    #[allow(non_snake_case)]
    #[signature(
        level = -1, method = z::Z_DEFLATED, wbits = 15, memLevel = 8, strategy = z::Z_DEFAULT_STRATEGY,
        zdict = Optional::MISSING
    )]
    #[shown(
        "($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED,\n            wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL,\n            strategy=Z_DEFAULT_STRATEGY, zdict=None)"
    )]
    fn compressobj(
        level: i32,
        method: i32,
        wbits: i32,
        memLevel: i32,
        strategy: i32,
        zdict: Optional<ByteView>,
    ) -> Result<Ref<Compress>, Raised> {
        Compress::start(level, method, wbits, memLevel, strategy, zdict.0.as_deref())
    }

    /// Return a decompressor object.
    ///
    ///   wbits
    ///     The window buffer size and container format.
    ///   zdict
    ///     The predefined compression dictionary.  This must be the same
    ///     dictionary as used by the compressor that produced the input data.
    #[signature(wbits = 15, zdict = None)]
    #[shown("($module, /, wbits=MAX_WBITS, zdict=b'')")]
    fn decompressobj(wbits: i32, zdict: Option<&Object>) -> Result<Ref<Decompress>, Raised> {
        Decompress::start(wbits, zdict)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        module.ready_type(Compress::static_type())?;
        module.ready_type(Decompress::static_type())?;
        set_type(module, "error", ERROR)?;
        let constants = [
            ("MAX_WBITS", 15),
            ("DEFLATED", z::Z_DEFLATED),
            ("DEF_MEM_LEVEL", 8),
            ("DEF_BUF_SIZE", DEFAULT_SIZE as i32),
            ("Z_BEST_SPEED", z::Z_BEST_SPEED),
            ("Z_BEST_COMPRESSION", z::Z_BEST_COMPRESSION),
            ("Z_DEFAULT_COMPRESSION", z::Z_DEFAULT_COMPRESSION),
            ("Z_NO_COMPRESSION", 0),
            ("Z_FILTERED", z::Z_FILTERED),
            ("Z_HUFFMAN_ONLY", z::Z_HUFFMAN_ONLY),
            ("Z_RLE", z::Z_RLE),
            ("Z_FIXED", z::Z_FIXED),
            ("Z_DEFAULT_STRATEGY", z::Z_DEFAULT_STRATEGY),
            ("Z_NO_FLUSH", z::Z_NO_FLUSH),
            ("Z_PARTIAL_FLUSH", z::Z_PARTIAL_FLUSH),
            ("Z_SYNC_FLUSH", z::Z_SYNC_FLUSH),
            ("Z_FULL_FLUSH", z::Z_FULL_FLUSH),
            ("Z_FINISH", z::Z_FINISH),
            ("Z_BLOCK", z::Z_BLOCK),
            ("Z_TREES", z::Z_TREES),
        ];
        constants.iter().try_for_each(|(name, value)| module.set_int(name, (*value).into()))?;
        // The release of zlib whose interface and behaviour this is.
        let version = "1.2.13";
        module.set_text("ZLIB_VERSION", version)?;
        module.set_text("ZLIB_RUNTIME_VERSION", version)?;
        module.set_text("__version__", "1.0")
    }
}
