//! Reading into several buffers and writing several at once, and copying between files.

use habu_heap::Buffer;
use habu_macros::pymodule;
use habu_runtime::object::args::Nullable;
use habu_runtime::object::{Object, Raised, protocol};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;

use super::Posix;
use crate::system::CInt;
use crate::system::blocking::{outside, retry_or_raise};

/// Buffers that are held while a call uses their memory.
struct Views {
    parts: Buffer<libc::iovec>,
    _held: Buffer<ByteView>,
}

impl Views {
    fn new(buffers: &Object, function: &str, writable: bool) -> Result<Views, Raised> {
        if !protocol::sequence::is_sequence(buffers) {
            return Err(raise!(TypeError, "{function}() arg 2 must be a sequence"));
        }
        let count = protocol::sequence::length(buffers)?;
        let (mut parts, mut held) = (Buffer::new(), Buffer::new());
        for index in 0..count as isize {
            let buffer = protocol::sequence::get_index(buffers, index)?;
            let view = if writable { ByteView::writable(&buffer)? } else { ByteView::new(&buffer)? };
            parts.push(libc::iovec { iov_base: view.pointer().cast(), iov_len: view.len() })?;
            held.push(view)?;
        }
        Ok(Views { parts, _held: held })
    }

    fn count(&self) -> i32 {
        i32::try_from(self.parts.len()).unwrap_or(i32::MAX)
    }
}

/// Makes a call with the views' addresses; they are held until it is over.
fn with_views(views: &Views, mut call: impl FnMut(*const libc::iovec, i32) -> isize) -> Result<isize, Raised> {
    let (start, count) = (views.parts.as_ptr(), views.count());
    // SAFETY: the exporters keep their memory in place while the views are held; the call touches no object.
    retry_or_raise(unsafe { outside(|| call(start, count)) })
}

#[pymodule(table = VECTORS)]
impl Posix {
    /// Read from a file descriptor fd into an iterable of buffers.
    ///
    /// The buffers should be mutable buffers accepting bytes.
    /// readv will transfer data into each buffer until it is full
    /// and then move on to the next buffer in the sequence to hold
    /// the rest of the data.
    ///
    /// readv returns the total number of bytes read,
    /// which may be less than the total capacity of all the buffers.
    fn readv(fd: CInt, buffers: &Object) -> Result<isize, Raised> {
        let views = Views::new(buffers, "readv", true)?;
        // SAFETY: the parts are memory that may be written to.
        with_views(&views, |start, count| unsafe { libc::readv(fd.0, start, count) })
    }

    /// Iterate over buffers, and write the contents of each to a file descriptor.
    ///
    /// Returns the total number of bytes written.
    /// buffers must be a sequence of bytes-like objects.
    fn writev(fd: CInt, buffers: &Object) -> Result<isize, Raised> {
        let views = Views::new(buffers, "writev", false)?;
        // SAFETY: the parts are memory that may be read.
        with_views(&views, |start, count| unsafe { libc::writev(fd.0, start, count) })
    }

    /// Reads from a file descriptor into a number of mutable bytes-like objects.
    ///
    /// Combines the functionality of readv() and pread(). As readv(), it will
    /// transfer data into each buffer until it is full and then move on to the next
    /// buffer in the sequence to hold the rest of the data. Its fourth argument,
    /// specifies the file offset at which the input operation is to be performed. It
    /// will return the total number of bytes read (which can be less than the total
    /// capacity of all the objects).
    #[signature(fd, buffers, offset, flags = CInt(0), /)]
    #[shown("($module, fd, buffers, offset, flags=0, /)")]
    fn preadv(fd: CInt, buffers: &Object, offset: i64, flags: CInt) -> Result<isize, Raised> {
        let views = Views::new(buffers, "preadv2", true)?;
        // SAFETY: the parts are memory that may be written to.
        with_views(&views, |start, count| unsafe { libc::preadv2(fd.0, start, count, offset, flags.0) })
    }

    /// Writes the contents of bytes-like objects to a file descriptor at a given offset.
    ///
    /// Combines the functionality of writev() and pwrite(). All buffers must be a sequence
    /// of bytes-like objects. Buffers are processed in array order. Entire contents of first
    /// buffer is written before proceeding to second, and so on. The operating system may
    /// set a limit (sysconf() value SC_IOV_MAX) on the number of buffers that can be used.
    /// This function writes the contents of each object to the file descriptor and returns
    /// the total number of bytes written.
    #[signature(fd, buffers, offset, flags = CInt(0), /)]
    #[shown("($module, fd, buffers, offset, flags=0, /)")]
    fn pwritev(fd: CInt, buffers: &Object, offset: i64, flags: CInt) -> Result<isize, Raised> {
        let views = Views::new(buffers, "pwritev2", false)?;
        // SAFETY: the parts are memory that may be read.
        with_views(&views, |start, count| unsafe { libc::pwritev2(fd.0, start, count, offset, flags.0) })
    }

    /// Copy count bytes from one file descriptor to another.
    ///
    ///   src
    ///     Source file descriptor.
    ///   dst
    ///     Destination file descriptor.
    ///   count
    ///     Number of bytes to copy.
    ///   offset_src
    ///     Starting offset in src.
    ///   offset_dst
    ///     Starting offset in dst.
    ///
    /// If offset_src is None, then src is read from the current position;
    /// respectively for offset_dst.
    #[signature(src, dst, count, offset_src = Nullable(None), offset_dst = Nullable(None))]
    #[shown("($module, /, src, dst, count, offset_src=None, offset_dst=None)")]
    fn copy_file_range(
        src: CInt,
        dst: CInt,
        count: isize,
        offset_src: Nullable<i64>,
        offset_dst: Nullable<i64>,
    ) -> Result<isize, Raised> {
        let Ok(count) = usize::try_from(count) else {
            return Err(raise!(ValueError, "negative value for 'count' not allowed"));
        };
        let (from, to) = (offset_src.0, offset_dst.0);
        retry_or_raise(|| {
            let (mut from_at, mut to_at) = (from.unwrap_or(0), to.unwrap_or(0));
            let from_place = if from.is_some() { &raw mut from_at } else { std::ptr::null_mut() };
            let to_place = if to.is_some() { &raw mut to_at } else { std::ptr::null_mut() };
            // SAFETY: each place is null or an offset that lives during the call.
            unsafe { libc::copy_file_range(src.0, from_place, dst.0, to_place, count, 0) }
        })
    }

    /// Transfer count bytes from one pipe to a descriptor or vice versa.
    ///
    ///   src
    ///     Source file descriptor.
    ///   dst
    ///     Destination file descriptor.
    ///   count
    ///     Number of bytes to copy.
    ///   offset_src
    ///     Starting offset in src.
    ///   offset_dst
    ///     Starting offset in dst.
    ///   flags
    ///     Flags to modify the semantics of the call.
    ///
    /// If offset_src is None, then src is read from the current position;
    /// respectively for offset_dst. The offset associated to the file
    /// descriptor that refers to a pipe must be None.
    #[signature(src, dst, count, offset_src = Nullable(None), offset_dst = Nullable(None), flags = 0)]
    #[shown("($module, /, src, dst, count, offset_src=None, offset_dst=None,\n       flags=0)")]
    fn splice(
        src: CInt,
        dst: CInt,
        count: isize,
        offset_src: Nullable<i64>,
        offset_dst: Nullable<i64>,
        flags: u32,
    ) -> Result<isize, Raised> {
        let Ok(count) = usize::try_from(count) else {
            return Err(raise!(ValueError, "negative value for 'count' not allowed"));
        };
        retry_or_raise(|| {
            let (mut from, mut to) = (offset_src.0, offset_dst.0);
            let place = |offset: &mut Option<i64>| offset.as_mut().map_or(std::ptr::null_mut(), std::ptr::from_mut);
            // SAFETY: each place is null or an offset that lives during the call.
            unsafe { libc::splice(src.0, place(&mut from), dst.0, place(&mut to), count, flags) }
        })
    }
}
