//! Gathering: what is produced one by one reaches its sink in pieces, so that the sink is asked for room, and which kind it has, once for
//! many. Whoever gathers ends with `flush`, also before it reports an error.

use crate::{ByteSink, Chars, OutOfMemory, TextSink};

/// How many code points are gathered.
const CODES: usize = 128;
/// How many bytes are gathered.
const BYTES: usize = 256;

/// Code points on their way to a sink.
pub(crate) struct Codes<'a, S> {
    sink: &'a mut S,
    codes: [u32; CODES],
    used: usize,
}

impl<'a, S: TextSink> Codes<'a, S> {
    /// Nothing yet.
    #[inline]
    pub(crate) fn new(sink: &'a mut S) -> Codes<'a, S> {
        Codes { sink, codes: [0; CODES], used: 0 }
    }

    /// Adds a code point.
    #[inline(always)]
    pub(crate) fn push(&mut self, code: u32) -> Result<(), OutOfMemory> {
        if self.used >= CODES {
            self.flush()?;
        }
        if let Some(place) = self.codes.get_mut(self.used) {
            *place = code;
        }
        self.used += 1;
        Ok(())
    }

    /// Hands over what was gathered.
    pub(crate) fn flush(&mut self) -> Result<(), OutOfMemory> {
        let used = std::mem::take(&mut self.used);
        self.sink.push_text(Chars::Four(self.codes.get(..used).unwrap_or_default()))
    }

    /// Adds characters below 256 without gathering them.
    pub(crate) fn push_latin1(&mut self, text: &[u8]) -> Result<(), OutOfMemory> {
        self.flush()?;
        self.sink.push_latin1(text)
    }
}

/// Bytes on their way to a sink.
pub(crate) struct Bytes<'a, S> {
    sink: &'a mut S,
    bytes: [u8; BYTES],
    used: usize,
}

impl<'a, S: ByteSink> Bytes<'a, S> {
    /// Nothing yet.
    #[inline]
    pub(crate) fn new(sink: &'a mut S) -> Bytes<'a, S> {
        Bytes { sink, bytes: [0; BYTES], used: 0 }
    }

    /// Adds the first `count` bytes of a few.
    #[inline(always)]
    pub(crate) fn push_some<const N: usize>(&mut self, bytes: [u8; N], count: usize) -> Result<(), OutOfMemory> {
        if self.used + N > BYTES {
            self.flush()?;
        }
        if let Some(room) = self.bytes.get_mut(self.used..).and_then(|room| room.first_chunk_mut::<N>()) {
            *room = bytes;
        }
        self.used += count;
        Ok(())
    }

    /// Adds a few bytes.
    #[inline(always)]
    pub(crate) fn push<const N: usize>(&mut self, bytes: [u8; N]) -> Result<(), OutOfMemory> {
        self.push_some(bytes, N)
    }

    /// Adds many bytes without gathering them.
    pub(crate) fn push_run(&mut self, bytes: &[u8]) -> Result<(), OutOfMemory> {
        self.flush()?;
        self.sink.push_bytes(bytes)
    }

    /// Hands over what was gathered.
    pub(crate) fn flush(&mut self) -> Result<(), OutOfMemory> {
        let used = std::mem::take(&mut self.used);
        self.sink.push_bytes(self.bytes.get(..used).unwrap_or_default())
    }
}

impl<S: ByteSink> ByteSink for Bytes<'_, S> {
    #[inline]
    fn push_byte(&mut self, byte: u8) -> Result<(), OutOfMemory> {
        self.push([byte])
    }

    fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), OutOfMemory> {
        self.push_run(bytes)
    }
}

/// The number of bytes at the start that stand for themselves in source text: ASCII that prints, but no backslash.
#[inline]
pub(crate) fn plain_prefix(bytes: &[u8]) -> usize {
    let plain = |byte: u8| byte.wrapping_sub(0x20) < 0x5F && byte != b'\\';
    // Whole chunks are tested without a branch for each byte, which the compiler turns into vector instructions.
    let (chunks, _) = bytes.as_chunks::<16>();
    let whole = chunks.iter().take_while(|chunk| chunk.iter().fold(true, |all, &byte| all & plain(byte))).count() * 16;
    whole + bytes.get(whole..).unwrap_or_default().iter().take_while(|&&byte| plain(byte)).count()
}
