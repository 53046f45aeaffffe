//! From the bytes of a source file to text: byte order mark, encoding declaration (PEP 263), null bytes.

use super::error::{ErrorKind, SyntaxError};

/// What is said of a source with null bytes.
pub(super) const NULL_BYTES: &str = "source code string cannot contain null bytes";

/// How a source is encoded, as `tokenize.detect_encoding` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, by default or by declaration.
    Utf8,
    /// Latin-1: each byte is a character.
    Latin1,
    /// Latin-9.
    Latin9,
    /// ASCII.
    Ascii,
    /// Another codec, by its declared name.
    Other(String),
}

/// Why a codec refused a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodecError {
    /// There is no such codec.
    Unknown,
    /// The codec raised an exception with this text.
    Failed(String),
}

/// Decodes bytes by the codec of this name.
pub type Codec<'a> = dyn FnMut(&str, &[u8]) -> Result<String, CodecError> + 'a;

/// Decode a source file. `codec` is asked for the codecs that are not built in here.
pub fn decode(source: &[u8], codec: &mut Codec<'_>) -> Result<String, SyntaxError> {
    let (source, has_mark) = match source.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (source, false),
    };
    let declared = declaration(source);
    let encoding = match &declared {
        Some(name) => named(name),
        None => Encoding::Utf8,
    };
    // With a mark, only the plain spellings of UTF-8 are declared rightly; `utf8` is not among them.
    let is_plain = declared.as_ref().is_none_or(|name| {
        let name = name.to_ascii_lowercase().replace('_', "-");
        name == "utf-8" || name.starts_with("utf-8-")
    });
    if has_mark && !is_plain {
        let name = match encoding {
            Encoding::Latin1 => "iso-8859-1".to_owned(),
            _ => declared.unwrap_or_default(),
        };
        return Err(plain(format!("encoding problem: {name} with BOM")));
    }
    let text = match encoding {
        Encoding::Utf8 => utf8(source, is_plain)?,
        Encoding::Latin1 => source.iter().map(|&byte| char::from(byte)).collect(),
        Encoding::Latin9 => source.iter().map(|&byte| latin9(byte)).collect(),
        Encoding::Ascii => ascii(source)?,
        Encoding::Other(name) => match codec(&name, source) {
            Ok(text) => text,
            Err(CodecError::Unknown) => return Err(plain(format!("unknown encoding: {name}"))),
            Err(CodecError::Failed(reason)) => return Err(plain(reason)),
        },
    };
    if text.contains('\0') {
        return Err(SyntaxError::without_place(ErrorKind::Syntax, NULL_BYTES));
    }
    Ok(text)
}

/// What the tokenizer finds wrong with the bytes of a file of source, as it reads line after line: a null byte, or bytes that are not
/// UTF-8 where no other encoding is declared.
pub fn check_file(source: &[u8], filename: &str) -> Result<(), SyntaxError> {
    let utf8_is_wanted = !source.starts_with(b"\xef\xbb\xbf") && declaration(source).is_none();
    for (index, line) in source.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let number = index + 1;
        if let Some(at) = line.iter().position(|byte| *byte == 0) {
            let text = String::from_utf8_lossy(&line[..at]).into_owned();
            let error = plain("source code cannot contain null bytes".to_owned());
            return Err(SyntaxError { line: u32::try_from(number).unwrap_or(0), text: Some(text), ..error });
        }
        if utf8_is_wanted && let Err(error) = std::str::from_utf8(line) {
            let byte = line.get(error.valid_up_to()).copied().unwrap_or_default();
            return Err(plain(format!(
                "Non-UTF-8 code starting with '\\x{byte:02x}' in file {filename} on line {number}, but no encoding declared; see \
                 https://peps.python.org/pep-0263/ for details"
            )));
        }
    }
    Ok(())
}

fn plain(message: String) -> SyntaxError {
    // CPython gives these line 0 and offset -1.
    SyntaxError { offset: -1, ..SyntaxError::without_place(ErrorKind::Syntax, message) }
}

/// The encoding that one of the first two lines declares, if the lines before it are blank or comments.
pub fn declaration(source: &[u8]) -> Option<String> {
    let mut rest = source;
    for _ in 0..2 {
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        let (line, tail) = rest.split_at(end);
        let start = line.iter().position(|byte| !matches!(byte, b' ' | b'\t' | 0x0c)).unwrap_or(line.len());
        match line.get(start) {
            Some(b'#') => {
                if let Some(name) = cookie(&line[start..]) {
                    return Some(name);
                }
            }
            None => {}
            Some(_) => return None,
        }
        rest = match tail {
            [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
            [] => return None,
        };
    }
    None
}

/// `coding[:=]\s*([-\w.]+)` in a comment.
fn cookie(comment: &[u8]) -> Option<String> {
    let mut from = 0;
    while let Some(found) = comment.get(from..)?.windows(6).position(|window| window == b"coding") {
        let after = from + found + 6;
        from = after;
        if !matches!(comment.get(after), Some(b':' | b'=')) {
            continue;
        }
        let rest = comment.get(after + 1..)?;
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let rest = &rest[blanks..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        let name = &rest[..length.count()];
        if !name.is_empty() {
            return String::from_utf8(name.to_vec()).ok();
        }
    }
    None
}

/// The codec of a declared name; aliases as Python has them.
fn named(name: &str) -> Encoding {
    let normal = name.to_ascii_lowercase().replace('_', "-");
    let starts = |prefix: &str| normal == prefix || normal.starts_with(&format!("{prefix}-"));
    match normal.as_str() {
        _ if starts("utf-8") => Encoding::Utf8,
        "utf8" | "u8" | "utf" | "cp65001" | "utf8-ucs2" | "utf8-ucs4" => Encoding::Utf8,
        _ if starts("latin-1") || starts("iso-8859-1") || starts("iso-latin-1") => Encoding::Latin1,
        "latin1" | "latin" | "l1" | "8859" | "cp819" | "iso8859" | "iso8859-1" | "ibm819" => Encoding::Latin1,
        "iso-8859-15" | "iso8859-15" | "latin-9" | "latin9" | "l9" => Encoding::Latin9,
        "ascii" | "us-ascii" | "646" | "us" | "iso646-us" | "ansi-x3.4-1968" | "cp367" | "ibm367" => Encoding::Ascii,
        _ => Encoding::Other(name.to_owned()),
    }
}

/// The eight characters in which Latin-9 differs from Latin-1.
fn latin9(byte: u8) -> char {
    match byte {
        0xA4 => '€',
        0xA6 => 'Š',
        0xA8 => 'š',
        0xB4 => 'Ž',
        0xB8 => 'ž',
        0xBC => 'Œ',
        0xBD => 'œ',
        0xBE => 'Ÿ',
        _ => char::from(byte),
    }
}

/// Decode UTF-8. Spelled plainly, or by default, a source is read token by token, so that an error has a place.
fn utf8(source: &[u8], is_plain: bool) -> Result<String, SyntaxError> {
    match std::str::from_utf8(source) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) if is_plain && !source.contains(&0) => super::badbytes::decode_by_token(source),
        Err(_) => Err(plain(invalid(source).unwrap_or_default())),
    }
}

/// What Python's codec says of bytes that are not UTF-8; `None` if they are.
pub(super) fn invalid(bytes: &[u8]) -> Option<String> {
    let error = std::str::from_utf8(bytes).err()?;
    let position = error.valid_up_to();
    let byte = bytes.get(position).copied().unwrap_or(0);
    let reason = match (byte, error.error_len()) {
        (_, None) => "unexpected end of data",
        (0x80..=0xC1 | 0xF5.., _) => "invalid start byte",
        _ => "invalid continuation byte",
    };
    Some(format!("'utf-8' codec can't decode byte 0x{byte:02x} in position {position}: {reason}"))
}

/// The bytes with `\n` as the only newline.
pub(super) fn plain_lines(source: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(source.len());
    let mut rest = source.iter().peekable();
    while let Some(&byte) = rest.next() {
        if byte == b'\r' {
            rest.next_if(|next| **next == b'\n');
        }
        out.push(if byte == b'\r' { b'\n' } else { byte });
    }
    out
}

fn ascii(source: &[u8]) -> Result<String, SyntaxError> {
    match source.iter().position(|byte| *byte >= 128) {
        None => Ok(source.iter().map(|&byte| char::from(byte)).collect()),
        Some(at) => {
            let byte = source[at];
            Err(plain(format!(
                "'ascii' codec can't decode byte 0x{byte:02x} in position {at}: ordinal not in range(128)"
            )))
        }
    }
}
