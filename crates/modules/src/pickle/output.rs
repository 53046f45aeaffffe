//! Where a pickler writes: bytes that are gathered, cut into frames from protocol 4 on, and handed to a file now and then.
//!
//! A frame begins with nine bytes that are kept free until its length is known. One that comes out tiny goes without them; bytes of
//! 64 KiB and more stand outside frames, so that they need not be copied.

use habu_heap::Buffer;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::types::bytes::Bytes;

use super::opcodes::FRAME;

const LEAST_FRAME: usize = 4;
const FULL_FRAME: usize = 64 * 1024;
const HEADER: usize = 9;

/// The bytes written so far.
pub(super) struct Output {
    bytes: Buffer<u8>,
    /// Where the frame begins that is being filled.
    frame: Option<usize>,
    /// Whether there are frames at all.
    pub(super) framing: bool,
    /// `file.write`, when there is a file.
    write: Option<Ref>,
}

impl Output {
    /// An output to a file, or to a buffer that `finish` gives.
    pub(super) fn new(write: Option<Ref>) -> Output {
        Output { bytes: Buffer::new(), frame: None, framing: false, write }
    }

    /// Writes bytes.
    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Raised> {
        if self.framing && self.frame.is_none() {
            self.frame = Some(self.bytes.len());
            self.bytes.extend_from_slice(&[0xfe; HEADER])?;
        }
        Ok(self.bytes.extend_from_slice(bytes)?)
    }

    /// Ends the frame that is being filled.
    pub(super) fn end_frame(&mut self) -> Result<(), Raised> {
        let Some(start) = self.frame.take() else { return Ok(()) };
        let length = self.bytes.len().saturating_sub(start + HEADER);
        if length >= LEAST_FRAME {
            if let Some(header) = self.bytes.get_mut(start..start + HEADER) {
                header[0] = FRAME;
                header[1..].copy_from_slice(&(length as u64).to_le_bytes());
            }
        } else {
            // Too small to be worth a header.
            let whole = start + HEADER + length;
            self.bytes.copy_within(start + HEADER..whole, start);
            self.bytes.truncate(start + length);
        }
        Ok(())
    }

    /// Between two opcodes: ends a frame that is full, and hands it over.
    #[inline]
    pub(super) fn boundary(&mut self) -> Result<(), Raised> {
        match self.frame {
            Some(start) if self.bytes.len() >= start + HEADER + FULL_FRAME => {
                self.end_frame()?;
                self.flush()
            }
            _ => Ok(()),
        }
    }

    /// Hands what was gathered to the file.
    pub(super) fn flush(&mut self) -> Result<(), Raised> {
        let Some(write) = self.write.clone() else { return Ok(()) };
        let gathered = Bytes::new(&self.bytes)?;
        self.bytes.clear();
        protocol::call1(&write, &gathered).map(drop)
    }

    /// Writes a header and bytes that follow it, which may be many; `object` is a bytes object that has them.
    pub(super) fn push_large(&mut self, header: &[u8], bytes: &[u8], object: Option<&Object>) -> Result<(), Raised> {
        if bytes.len() < FULL_FRAME {
            self.push(header)?;
            return self.push(bytes);
        }
        let framing = self.framing;
        self.end_frame()?;
        self.framing = false;
        self.push(header)?;
        match self.write.clone() {
            Some(write) => {
                let made = match object {
                    Some(object) => object.to_ref(),
                    None => Bytes::new(bytes)?.into_object(),
                };
                self.flush()?;
                protocol::call1(&write, &made)?;
            }
            None => self.push(bytes)?,
        }
        self.framing = framing;
        Ok(())
    }

    /// Ends everything: the bytes, where there is no file.
    pub(super) fn finish(mut self) -> Result<Ref<Bytes>, Raised> {
        self.end_frame()?;
        if self.write.is_some() {
            self.flush()?;
            return Ok(Bytes::empty());
        }
        Bytes::new(&self.bytes)
    }
}
