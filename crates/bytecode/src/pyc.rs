//! The header of `.pyc` files: which source a compiled file belongs to.
//!
//! Sixteen bytes (PEP 552): the magic number, flags, and either the time and size of the source
//! or a hash of it. A marshalled code object follows.

use std::hash::Hasher;

/// The magic number of 3.11's bytecode, 3495, with the two bytes that guard against text mode.
pub const MAGIC: [u8; 4] = *b"\xa7\r\r\n";

/// The size of the header in bytes.
pub const HEADER_SIZE: usize = 16;

const HASH_BASED: u32 = 1;
const CHECK_SOURCE: u32 = 2;

/// How to tell whether a compiled file is up to date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Header {
    /// By the source's time of modification (seconds since 1970) and size, both modulo 2**32.
    Timestamp {
        /// Time of modification.
        mtime: u32,
        /// Size in bytes.
        size: u32,
    },
    /// By the source's hash, see [`source_hash`].
    Hash {
        /// The hash.
        hash: [u8; 8],
        /// Whether to compare the hash with the source at all (`--check-hash-based-pycs default`).
        check_source: bool,
    },
}

/// Why a header was refused. `ImportError`, except for [`HeaderError::TooShort`], which is `EOFError`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeaderError {
    /// Another version's file.
    BadMagic([u8; 4]),
    /// Fewer than sixteen bytes.
    TooShort,
    /// Flags that mean nothing.
    BadFlags(u32),
}

impl Header {
    /// Reads the header and gives back what follows it.
    pub fn parse(data: &[u8]) -> Result<(Header, &[u8]), HeaderError> {
        let Some((magic, _)) = data.split_first_chunk::<4>() else {
            return Err(HeaderError::TooShort);
        };
        if *magic != MAGIC {
            return Err(HeaderError::BadMagic(*magic));
        }
        let Some((&[_, _, _, _, f0, f1, f2, f3, a, b, c, d, e, f, g, h], rest)) =
            data.split_first_chunk::<HEADER_SIZE>()
        else {
            return Err(HeaderError::TooShort);
        };
        let flags = u32::from_le_bytes([f0, f1, f2, f3]);
        if flags & !(HASH_BASED | CHECK_SOURCE) != 0 {
            return Err(HeaderError::BadFlags(flags));
        }
        let header = if flags & HASH_BASED != 0 {
            Header::Hash { hash: [a, b, c, d, e, f, g, h], check_source: flags & CHECK_SOURCE != 0 }
        } else {
            Header::Timestamp { mtime: u32::from_le_bytes([a, b, c, d]), size: u32::from_le_bytes([e, f, g, h]) }
        };
        Ok((header, rest))
    }

    /// The sixteen bytes.
    pub fn to_bytes(self) -> [u8; HEADER_SIZE] {
        let (flags, field) = match self {
            Header::Timestamp { mtime, size } => (0, u64::from(size) << 32 | u64::from(mtime)),
            Header::Hash { hash, check_source } => {
                (HASH_BASED | if check_source { CHECK_SOURCE } else { 0 }, u64::from_le_bytes(hash))
            }
        };
        let head = u64::from(flags) << 32 | u64::from(u32::from_le_bytes(MAGIC));
        (u128::from(field) << 64 | u128::from(head)).to_le_bytes()
    }
}

/// The hash of a source: `_imp.source_hash(MAGIC, source)`, which is SipHash-1-3.
pub fn source_hash(source: &[u8]) -> [u8; 8] {
    keyed_hash(u64::from(u32::from_le_bytes(MAGIC)), source)
}

/// `_imp.source_hash` with any key.
pub fn keyed_hash(key: u64, source: &[u8]) -> [u8; 8] {
    let mut hasher = siphasher::sip::SipHasher13::new_with_keys(key, 0);
    hasher.write(source);
    hasher.finish().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_round_trip() {
        for header in [
            Header::Timestamp { mtime: 0x6543_21F0, size: 1234 },
            Header::Hash { hash: *b"abcdefgh", check_source: true },
            Header::Hash { hash: *b"abcdefgh", check_source: false },
        ] {
            let mut data = header.to_bytes().to_vec();
            assert!(data.starts_with(b"\xa7\r\r\n"));
            data.push(7);
            assert_eq!(Header::parse(&data), Ok((header, &[7][..])));
        }
        let stamp = Header::Timestamp { mtime: 1, size: 2 };
        assert_eq!(&stamp.to_bytes(), b"\xa7\r\r\n\0\0\0\0\x01\0\0\0\x02\0\0\0");
    }

    #[test]
    fn bad_headers_are_refused() {
        assert_eq!(Header::parse(b"\xa7\r\r"), Err(HeaderError::TooShort));
        assert_eq!(Header::parse(b"\xa7\r\r\n\0\0\0\0"), Err(HeaderError::TooShort));
        assert_eq!(Header::parse(b"\xcb\r\r\n\0\0\0\0"), Err(HeaderError::BadMagic(*b"\xcb\r\r\n")));
        assert_eq!(Header::parse(b"\xa7\r\r\n\x04\0\0\0\0\0\0\0\0\0\0\0"), Err(HeaderError::BadFlags(4)));
    }

    #[test]
    fn hash_of_a_source() {
        // What `_imp.source_hash(168627623, ..)` says.
        assert_eq!(source_hash(b"print('hello')\n"), [222, 143, 38, 104, 205, 194, 199, 181]);
    }
}
