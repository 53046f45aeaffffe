//! A stream of the library: started, run over input, copied, ended.

use std::ffi::CStr;

use habu_heap::Buffer;
use habu_runtime::object::Raised;
use libz_rs_sys as z;

use crate::system::blocking::{outside, without_lock};

/// Bytes of output that are made at a time.
const CHUNK: usize = 16384;

/// A stream that compresses.
pub(super) type Deflater = Stream<true>;
/// A stream that decompresses.
pub(super) type Inflater = Stream<false>;

/// A stream. Once started, which its `state` shows, it must stay where it is, for the library notes the place.
pub(super) struct Stream<const DEFLATES: bool> {
    stream: z::z_stream,
}

/// What a run came to.
pub(super) struct Run {
    /// What was made.
    pub(super) output: Buffer<u8>,
    /// How much of the input was taken.
    pub(super) taken: usize,
    /// The last code: `Z_OK`, `Z_STREAM_END`, `Z_BUF_ERROR` where nothing more could be done, or an error.
    pub(super) code: i32,
}

impl<const DEFLATES: bool> Stream<DEFLATES> {
    pub(super) fn new() -> Stream<DEFLATES> {
        Stream { stream: z::z_stream::default() }
    }

    fn is_started(&self) -> bool {
        !self.stream.state.is_null()
    }

    pub(super) fn start_deflate(&mut self, level: i32, method: i32, wbits: i32, memory: i32, strategy: i32) -> i32 {
        let size = size_of::<z::z_stream>() as i32;
        // SAFETY: the stream is fresh, with the library's own allocator.
        unsafe { z::deflateInit2_(&mut self.stream, level, method, wbits, memory, strategy, z::zlibVersion(), size) }
    }

    pub(super) fn start_inflate(&mut self, wbits: i32) -> i32 {
        let size = size_of::<z::z_stream>() as i32;
        // SAFETY: the stream is fresh, with the library's own allocator.
        unsafe { z::inflateInit2_(&mut self.stream, wbits, z::zlibVersion(), size) }
    }

    /// What the library says of the last error.
    pub(super) fn text(&self) -> Option<String> {
        if self.stream.msg.is_null() {
            return None;
        }
        // SAFETY: the library's texts are static.
        Some(unsafe { CStr::from_ptr(self.stream.msg) }.to_string_lossy().into_owned())
    }

    /// Sets the dictionary.
    pub(super) fn set_dictionary(&mut self, dictionary: &[u8]) -> i32 {
        let Ok(length) = u32::try_from(dictionary.len()) else { return z::Z_STREAM_ERROR };
        if !self.is_started() {
            return z::Z_STREAM_ERROR;
        }
        // SAFETY: the stream is started; so many bytes are there.
        unsafe {
            match DEFLATES {
                true => z::deflateSetDictionary(&mut self.stream, dictionary.as_ptr(), length),
                false => z::inflateSetDictionary(&mut self.stream, dictionary.as_ptr(), length),
            }
        }
    }

    /// One step, from the front of `input` into `output`: the code, what was taken, what was made.
    fn step(&mut self, input: &[u8], flush: i32, output: &mut [u8]) -> (i32, usize, usize) {
        if !self.is_started() {
            return (z::Z_STREAM_ERROR, 0, 0);
        }
        let (given, room) = (input.len().min(u32::MAX as usize), output.len().min(u32::MAX as usize));
        // More input follows than can be told at once: it is not the end yet.
        let flush = if given < input.len() { z::Z_NO_FLUSH } else { flush };
        self.stream.next_in = input.as_ptr();
        self.stream.avail_in = given as u32;
        self.stream.next_out = output.as_mut_ptr();
        self.stream.avail_out = room as u32;
        // SAFETY: the stream is started; input and output are as long as is said.
        let code = unsafe {
            match DEFLATES {
                true => z::deflate(&mut self.stream, flush),
                false => z::inflate(&mut self.stream, flush),
            }
        };
        let (taken, made) = (given - self.stream.avail_in as usize, room - self.stream.avail_out as usize);
        self.stream.next_in = std::ptr::null();
        self.stream.avail_in = 0;
        (code, taken, made)
    }

    /// Runs over the input until it is used up, the stream ends, or `most` bytes are made.
    pub(super) fn run(&mut self, input: &[u8], flush: i32, most: usize) -> Result<Run, Raised> {
        let mut run = Run { output: Buffer::new(), taken: 0, code: z::Z_OK };
        let mut chunk = [0; CHUNK];
        loop {
            let room = CHUNK.min(most - run.output.len());
            if room == 0 {
                return Ok(run);
            }
            let rest = input.get(run.taken..).unwrap_or(&[]);
            // SAFETY: the stream is no object, and its owner keeps other threads from it; the input stays while it is lent.
            let (code, taken, made) = without_lock(unsafe { outside(|| self.step(rest, flush, &mut chunk[..room])) });
            run.taken += taken;
            run.output.extend_from_slice(&chunk[..made])?;
            run.code = code;
            let full = made == room;
            let done = run.taken >= input.len() && !full;
            // A full chunk is no end: `Z_FINISH` calls that an error of the buffer.
            let goes_on = code == z::Z_OK || (code == z::Z_BUF_ERROR && full);
            if !goes_on || done {
                return Ok(run);
            }
        }
    }

    /// Makes `self`, which is fresh, a copy of `other`.
    pub(super) fn copy_of(&mut self, other: &mut Stream<DEFLATES>) -> i32 {
        if !other.is_started() || self.is_started() {
            return z::Z_STREAM_ERROR;
        }
        // SAFETY: `other` is started and `self` is not.
        unsafe {
            match DEFLATES {
                true => z::deflateCopy(&mut self.stream, &mut other.stream),
                false => z::inflateCopy(&mut self.stream, &other.stream),
            }
        }
    }

    /// Ends the stream and frees what it holds.
    pub(super) fn end(&mut self) -> i32 {
        if !self.is_started() {
            return z::Z_OK;
        }
        // SAFETY: the stream is started, and ends once.
        unsafe {
            match DEFLATES {
                true => z::deflateEnd(&mut self.stream),
                false => z::inflateEnd(&mut self.stream),
            }
        }
    }
}

impl<const DEFLATES: bool> Drop for Stream<DEFLATES> {
    fn drop(&mut self) {
        self.end();
    }
}
