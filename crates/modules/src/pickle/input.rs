//! Where an unpickler reads: bytes that are there, or a file.
//!
//! Of a file no more is taken than the pickle has: where it can be looked ahead (`peek`), bytes are looked at first and taken by `read`
//! when they are used up, so that the file ends up just behind the pickle.

use habu_heap::Buffer;
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol::{self, lookup_attribute};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;

use super::text::current_is;
use super::{UNPICKLING_ERROR, error};

/// How many bytes are looked at in advance.
const LOOK_AHEAD: usize = 128 * 1024;

/// The methods of a file.
pub(super) struct File {
    pub(super) read: Ref,
    pub(super) readline: Ref,
    pub(super) peek: Option<Ref>,
}

impl File {
    /// The methods of a file object.
    pub(super) fn of(file: &Object) -> Result<File, Raised> {
        let method = |name: &str| lookup_attribute(file, &*Str::intern(name)?);
        let peek = method("peek")?;
        match (method("read")?, method("readline")?) {
            (Some(read), Some(readline)) => Ok(File { read, readline, peek }),
            _ => Err(raise!(TypeError, "file must have 'read' and 'readline' attributes")),
        }
    }

    fn bytes(&self, result: Result<Ref, Raised>, function: &str) -> Result<Ref<Bytes>, Raised> {
        result?.downcast_into::<Bytes>().map_err(|given| match protocol::repr(&given) {
            Ok(shown) => raise!(ValueError, "{function}() returned non-bytes object ({shown})"),
            Err(raised) => raised,
        })
    }

    fn read(&self, count: usize) -> Result<Ref<Bytes>, Raised> {
        self.bytes(protocol::call1(&self.read, &*Int::from_u64(count as u64)?), "read")
    }
}

/// The bytes of a pickle.
pub(super) struct Input {
    view: Option<ByteView>,
    buffer: Buffer<u8>,
    at: usize,
    /// How many bytes of the buffer were taken from the file; the others were only looked at.
    taken: usize,
    file: Option<File>,
}

/// The error of a pickle that ends too early.
#[cold]
pub(super) fn truncated() -> Raised {
    error(&UNPICKLING_ERROR, format_args!("pickle data was truncated"))
}

impl Input {
    /// Bytes that are there.
    pub(super) fn of_bytes(view: ByteView) -> Input {
        Input { view: Some(view), buffer: Buffer::new(), at: 0, taken: 0, file: None }
    }

    /// A file.
    pub(super) fn of_file(file: File) -> Input {
        Input { view: None, buffer: Buffer::new(), at: 0, taken: 0, file: Some(file) }
    }

    /// What is there and not used yet. It must not be looked at across Python code.
    #[inline]
    fn rest(&self) -> &[u8] {
        let all = match &self.view {
            Some(view) => view.as_slice(),
            None => &self.buffer,
        };
        all.get(self.at..).unwrap_or_default()
    }

    /// The next byte, if there is one.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<u8>, Raised> {
        if let Some(&byte) = self.rest().first() {
            self.at += 1;
            return Ok(Some(byte));
        }
        if self.file.is_none() || !self.fill(1)? {
            return Ok(None);
        }
        let byte = self.rest().first().copied();
        self.at += 1;
        Ok(byte)
    }

    /// Uses `count` bytes.
    #[inline]
    pub(super) fn take<R>(&mut self, count: usize, with: impl FnOnce(&[u8]) -> R) -> Result<R, Raised> {
        if self.rest().len() < count && !self.fill(count)? {
            return Err(truncated());
        }
        match self.rest().get(..count) {
            Some(bytes) => {
                let result = with(bytes);
                self.at += count;
                Ok(result)
            }
            None => Err(truncated()),
        }
    }

    /// The next `N` bytes.
    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Raised> {
        self.take(N, |bytes| {
            let mut array = [0; N];
            array.copy_from_slice(bytes);
            array
        })
    }

    /// Uses `count` bytes, as a bytes object.
    pub(super) fn take_object(&mut self, count: usize) -> Result<Ref<Bytes>, Raised> {
        if self.file.is_some() && self.rest().is_empty() && count >= LOOK_AHEAD {
            // Large ones need not go through the buffer.
            self.skip_used()?;
            if let Some(file) = &self.file {
                let bytes = file.read(count)?;
                return if bytes.len() == count { Ok(bytes) } else { Err(truncated()) };
            }
        }
        self.take(count, Bytes::new)?
    }

    /// Tells the file to take what was looked at and used.
    fn skip_used(&mut self) -> Result<(), Raised> {
        if let Some(file) = &self.file
            && self.at > self.taken
        {
            let used = self.at - self.taken;
            self.taken = self.at;
            file.read(used)?;
        }
        Ok(())
    }

    /// Has at least `count` bytes ready, if the file has them.
    #[cold]
    fn fill(&mut self, count: usize) -> Result<bool, Raised> {
        if self.file.is_none() {
            return Ok(false);
        }
        self.skip_used()?;
        // What was taken but not used stays; what was only looked at comes again.
        let left = Buffer::from_slice(self.buffer.get(self.at..self.taken).unwrap_or_default())?;
        self.buffer = left;
        self.at = 0;
        self.taken = self.buffer.len();
        let missing = count.saturating_sub(self.taken);
        if missing < LOOK_AHEAD && self.look_ahead()? && self.buffer.len() >= count {
            return Ok(true);
        }
        self.buffer.truncate(self.taken);
        let Some(file) = &self.file else { return Ok(false) };
        let bytes = file.read(missing)?;
        self.buffer.extend_from_slice(bytes.as_slice())?;
        self.taken = self.buffer.len();
        Ok(self.buffer.len() >= count)
    }

    /// Looks at what comes, where the file lets it.
    fn look_ahead(&mut self) -> Result<bool, Raised> {
        let Some(file) = self.file.as_mut() else { return Ok(false) };
        let Some(peek) = file.peek.clone() else { return Ok(false) };
        match protocol::call1(&peek, &*Int::from_u64(LOOK_AHEAD as u64)?) {
            Ok(bytes) => {
                let bytes = file.bytes(Ok(bytes), "peek")?;
                self.buffer.extend_from_slice(bytes.as_slice())?;
                Ok(true)
            }
            Err(raised) if current_is(exc::NotImplementedError()) => {
                raised.clear();
                file.peek = None;
                Ok(false)
            }
            Err(raised) => Err(raised),
        }
    }

    /// Uses a line, and gives it without its end.
    pub(super) fn line(&mut self) -> Result<Buffer<u8>, Raised> {
        if let Some(end) = self.rest().iter().position(|byte| *byte == b'\n') {
            let line = Buffer::from_slice(self.rest().get(..end).unwrap_or_default())?;
            self.at += end + 1;
            return Ok(line);
        }
        if self.file.is_none() {
            return Err(truncated());
        }
        self.skip_used()?;
        let mut line = Buffer::from_slice(self.buffer.get(self.at..self.taken).unwrap_or_default())?;
        self.buffer.clear();
        (self.at, self.taken) = (0, 0);
        let Some(file) = &self.file else { return Err(truncated()) };
        let more = file.bytes(protocol::call0(&file.readline), "readline")?;
        line.extend_from_slice(more.as_slice())?;
        match line.pop() {
            Some(b'\n') => Ok(line),
            _ => Err(truncated()),
        }
    }

    /// Has a whole frame ready.
    pub(super) fn frame(&mut self, length: usize) -> Result<(), Raised> {
        match self.rest().len() >= length || self.fill(length)? {
            true => Ok(()),
            false => Err(truncated()),
        }
    }

    /// Ends the reading: the file stands behind the pickle.
    pub(super) fn finish(&mut self) -> Result<(), Raised> {
        self.skip_used()
    }
}
