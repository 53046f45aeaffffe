//! `Text`: an immutable string of code points, lone surrogates included.
//!
//! Python's `str` is a sequence of code points 0..=0x10FFFF, surrogates among them, so Rust's
//! `str` cannot hold every name and constant (`'\ud800'` is a legal literal). `Text` stores
//! generalised UTF-8: what `str.encode('utf-8', 'surrogatepass')` gives, which is also
//! how marshal writes strings.
//!
//! Invariant: the bytes are well-formed generalised UTF-8 (shortest form, at most 0x10FFFF). Two
//! surrogates that would form a pair stay two code points, as in Python. Byte order is
//! therefore code point order, and byte equality is equality.

use std::fmt;

/// An immutable string that may hold lone surrogates.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Text(Box<[u8]>);

impl Text {
    /// Takes generalised UTF-8 as it is. `None` if it is not well formed.
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Option<Text> {
        let bytes = bytes.into();
        // The common case is valid UTF-8, which the standard library checks quickly.
        if std::str::from_utf8(&bytes).is_ok() {
            return Some(Text(bytes));
        }
        let mut rest: &[u8] = &bytes;
        while !rest.is_empty() {
            let (_, tail) = decode(rest)?;
            rest = tail;
        }
        Some(Text(bytes))
    }

    /// Builds a string from code points. `None` if one of them is past 0x10FFFF.
    pub fn from_code_points(points: impl IntoIterator<Item = u32>) -> Option<Text> {
        let mut bytes = Vec::new();
        for point in points {
            push_code_point(&mut bytes, point)?;
        }
        Some(Text(bytes.into()))
    }

    /// Builds a string from Latin-1 bytes: each byte is the code point of that number.
    pub fn from_latin1(bytes: &[u8]) -> Text {
        Text(bytes.iter().map(|&byte| char::from(byte)).collect::<String>().into_bytes().into())
    }

    /// The generalised UTF-8 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The string as `str`, unless it holds a surrogate.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The string as `str`, with U+FFFD in place of what `str` cannot hold.
    pub fn to_str_lossy(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// Whether there are no code points.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every code point is below 128.
    pub fn is_ascii(&self) -> bool {
        self.0.is_ascii()
    }

    /// The number of code points: Python's `len`.
    pub fn len(&self) -> usize {
        self.0.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
    }

    /// The code points in order.
    pub fn code_points(&self) -> CodePoints<'_> {
        CodePoints(&self.0)
    }
}

/// Appends one code point in generalised UTF-8. `None` if it is past 0x10FFFF.
fn push_code_point(bytes: &mut Vec<u8>, point: u32) -> Option<()> {
    match char::from_u32(point) {
        Some(char) => {
            let mut buffer = [0; 4];
            bytes.extend_from_slice(char.encode_utf8(&mut buffer).as_bytes());
        }
        None if (0xD800..=0xDFFF).contains(&point) => {
            let [high, low] = (point as u16).to_be_bytes();
            bytes.extend_from_slice(&[0xE0 | high >> 4, 0x80 | (high & 0x0F) << 2 | low >> 6, 0x80 | low & 0x3F]);
        }
        None => return None,
    }
    Some(())
}

/// Splits the first code point off well-formed generalised UTF-8.
fn decode(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let continuation = |byte: u8| (byte & 0xC0 == 0x80).then_some(u32::from(byte & 0x3F));
    let (point, least, tail) = match *bytes {
        [a @ 0..=0x7F, ref tail @ ..] => (u32::from(a), 0, tail),
        [a @ 0xC0..=0xDF, b, ref tail @ ..] => (u32::from(a & 0x1F) << 6 | continuation(b)?, 0x80, tail),
        [a @ 0xE0..=0xEF, b, c, ref tail @ ..] => {
            (u32::from(a & 0x0F) << 12 | continuation(b)? << 6 | continuation(c)?, 0x800, tail)
        }
        [a @ 0xF0..=0xF7, b, c, d, ref tail @ ..] => (
            u32::from(a & 0x07) << 18 | continuation(b)? << 12 | continuation(c)? << 6 | continuation(d)?,
            0x1_0000,
            tail,
        ),
        _ => return None,
    };
    (point >= least && point <= 0x10_FFFF).then_some((point, tail))
}

/// The code points of a [`Text`].
#[derive(Clone, Debug)]
pub struct CodePoints<'a>(&'a [u8]);

impl Iterator for CodePoints<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (point, tail) = decode(self.0)?;
        self.0 = tail;
        Some(point)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text(text.as_bytes().into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text(text.into_bytes().into())
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

/// Python's `repr`, near enough for messages: single quotes, surrogates as `\udc80`.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = if self.0.contains(&b'\'') && !self.0.contains(&b'"') { '"' } else { '\'' };
        write!(f, "{quote}")?;
        for point in self.code_points() {
            match char::from_u32(point) {
                None => write!(f, "\\u{point:04x}")?,
                Some('\n') => f.write_str("\\n")?,
                Some('\r') => f.write_str("\\r")?,
                Some('\t') => f.write_str("\\t")?,
                Some('\\') => f.write_str("\\\\")?,
                Some(char) if char == quote => write!(f, "\\{char}")?,
                Some(char) if char.is_control() => match point {
                    0..=0xFF => write!(f, "\\x{point:02x}")?,
                    _ => write!(f, "\\u{point:04x}")?,
                },
                Some(char) => write!(f, "{char}")?,
            }
        }
        write!(f, "{quote}")
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_str_lossy())
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn surrogates_are_kept_apart() {
        let pair = Text::from_code_points([0xD83D, 0xDE00]).unwrap();
        let face = Text::from_code_points([0x1F600]).unwrap();
        assert_ne!(pair, face);
        assert_eq!(pair.len(), 2);
        assert_eq!(pair.as_bytes(), b"\xed\xa0\xbd\xed\xb8\x80");
        assert_eq!(pair.as_str(), None);
        assert_eq!(face.as_str(), Some("😀"));
        assert_eq!(pair.code_points().collect::<Vec<_>>(), [0xD83D, 0xDE00]);
        assert_eq!(format!("{pair:?}"), r"'\ud83d\ude00'");
        assert_eq!(Text::from_bytes(pair.as_bytes()), Some(pair));
    }

    #[test]
    fn malformed_bytes_are_refused() {
        for bad in [
            &b"\x80"[..],
            b"\xc0\x80",
            b"\xe0\x80\x80",
            b"\xf4\x90\x80\x80",
            b"\xf8\x88\x80\x80\x80",
            b"a\xe2\x82",
            b"\xed\xa0",
        ] {
            assert_eq!(Text::from_bytes(bad), None, "{bad:?}");
        }
        assert_eq!(Text::from_code_points([0x11_0000]), None);
    }

    #[test]
    fn order_is_that_of_code_points() {
        let high = Text::from_code_points([0xFFFF]).unwrap();
        let astral = Text::from_code_points([0x10000]).unwrap();
        let surrogate = Text::from_code_points([0xDFFF]).unwrap();
        assert!(surrogate < high && high < astral);
        assert_eq!(Text::from_latin1(b"\xe9a"), "éa");
        assert_eq!(format!("{:?}", Text::from("it's\n")), "\"it's\\n\"");
    }
}
