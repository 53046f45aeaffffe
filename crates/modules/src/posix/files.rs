//! File descriptors: opening, closing, reading, writing, and what can be asked of them.

use habu_macros::pymodule;
use habu_runtime::exceptions::raise_os_error;
use habu_runtime::object::args::Nullable;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::Posix;
use super::path::{CURRENT, DirFd, PATH, PATH_OR_FD, Path};
use crate::system::blocking::{check_signals, outside, retry, retry_or_raise, without_lock};
use crate::system::{CInt, Descriptor, check, check_size, errno, last_error};

/// The most that one read or write asks for.
const MOST: usize = isize::MAX as usize;

/// Reads up to `length` bytes.
pub fn read_some(length: isize, mut call: impl FnMut(*mut libc::c_void, usize) -> isize) -> Result<Ref<Bytes>, Raised> {
    let Ok(length) = usize::try_from(length) else { return Err(raise_os_error(libc::EINVAL, None)) };
    let mut room = habu_heap::Buffer::<u8>::with_capacity(length.min(MOST))?;
    let start = room.as_mut_ptr();
    // SAFETY: the call fills memory of this function alone, and touches no object.
    let count = retry_or_raise(unsafe { outside(|| call(start.cast(), length)) })?;
    // SAFETY: the system wrote `count` bytes, no more than there is room for.
    let bytes = unsafe { std::slice::from_raw_parts(start, (count.max(0) as usize).min(length)) };
    Bytes::new(bytes)
}

/// Two numbers as a tuple.
fn pair(first: i32, second: i32) -> Result<Ref<Tuple>, Raised> {
    Tuple::from_refs([Int::from_i64(first.into())?.into_object(), Int::from_i64(second.into())?.into_object()])
}

/// Makes a descriptor pass to programs that are executed, or not.
pub fn set_inheritable(fd: i32, inheritable: bool) -> Result<(), Raised> {
    // SAFETY: plain calls.
    unsafe {
        let flags = check(libc::fcntl(fd, libc::F_GETFD))?;
        let wanted = if inheritable { flags & !libc::FD_CLOEXEC } else { flags | libc::FD_CLOEXEC };
        if wanted != flags {
            check(libc::fcntl(fd, libc::F_SETFD, wanted))?;
        }
    }
    Ok(())
}

#[pymodule(table = FILES)]
impl Posix {
    /// Open a file for low level IO.  Returns a file descriptor (integer).
    ///
    /// If dir_fd is not None, it should be a file descriptor open to a directory,
    ///   and path should be relative; path will then be relative to that directory.
    /// dir_fd may not be implemented on your platform.
    ///   If it is unavailable, using it will raise a NotImplementedError.
    #[signature(path, flags, mode = 511, *, dir_fd = CURRENT)]
    #[shown("($module, /, path, flags, mode=511, *, dir_fd=None)")]
    fn open(path: &Object, flags: CInt, mode: i32, dir_fd: DirFd) -> Result<i32, Raised> {
        let path = Path::new(Some(path), "open", "path", PATH)?;
        habu_runtime::audit!("open", path.object.clone(), (), flags.0 | libc::O_CLOEXEC)?;
        let flags = flags.0 | libc::O_CLOEXEC;
        // SAFETY: the path is a C string.
        retry(unsafe { outside(|| libc::openat(dir_fd.0, path.as_ptr(), flags, mode)) })?
            .map_err(|failed| path.error_of(failed))
    }

    /// Close a file descriptor.
    #[signature(fd)]
    fn close(fd: CInt) -> Result<(), Raised> {
        // A close that a signal interrupts has closed: it is not made again.
        // SAFETY: a plain call.
        match without_lock(|| unsafe { libc::close(fd.0) }) {
            -1 if errno() != libc::EINTR => Err(last_error()),
            _ => Ok(()),
        }
    }

    /// Closes all file descriptors in [fd_low, fd_high), ignoring errors.
    fn closerange(fd_low: CInt, fd_high: CInt) -> Result<(), Raised> {
        let (low, high) = (fd_low.0.max(0), fd_high.0);
        if high > low {
            // SAFETY: plain calls.
            without_lock(|| unsafe {
                let closed = libc::syscall(libc::SYS_close_range, low as u32, (high - 1) as u32, 0);
                if closed != 0 {
                    (low..high).for_each(|fd| {
                        libc::close(fd);
                    });
                }
            });
        }
        Ok(())
    }

    /// Return a duplicate of a file descriptor.
    fn dup(fd: CInt) -> Result<i32, Raised> {
        // SAFETY: a plain call.
        check(without_lock(|| unsafe { libc::fcntl(fd.0, libc::F_DUPFD_CLOEXEC, 0) }))
    }

    /// Duplicate file descriptor.
    #[signature(fd, fd2, inheritable = true)]
    fn dup2(fd: CInt, fd2: CInt, inheritable: bool) -> Result<i32, Raised> {
        if fd.0 < 0 || fd2.0 < 0 {
            return Err(raise_os_error(errno(), None));
        }
        // SAFETY: plain calls.
        without_lock(|| unsafe {
            if inheritable || fd.0 == fd2.0 {
                libc::dup2(fd.0, fd2.0)
            } else {
                libc::dup3(fd.0, fd2.0, libc::O_CLOEXEC)
            }
        });
        let made = errno();
        // SAFETY: a plain call.
        if unsafe { libc::fcntl(fd2.0, libc::F_GETFD) } < 0 || unsafe { libc::fcntl(fd.0, libc::F_GETFD) } < 0 {
            return Err(raise_os_error(if made != 0 { made } else { libc::EBADF }, None));
        }
        Ok(fd2.0)
    }

    /// Read from a file descriptor.  Returns a bytes object.
    fn read(fd: CInt, length: isize) -> Result<Ref<Bytes>, Raised> {
        // SAFETY: `read_some` gives room of that length.
        read_some(length, |start, length| unsafe { libc::read(fd.0, start, length) })
    }

    /// Write a bytes object to a file descriptor.
    fn write(fd: CInt, data: &Object) -> Result<isize, Raised> {
        let data = ByteView::new(data)?;
        let (start, length) = (data.pointer(), data.len().min(MOST));
        // SAFETY: the exporter keeps the memory in place while the view is held.
        retry_or_raise(unsafe { outside(|| libc::write(fd.0, start.cast(), length)) })
    }

    /// Read a number of bytes from a file descriptor starting at a particular offset.
    ///
    /// Read length bytes from file descriptor fd, starting at offset bytes from
    /// the beginning of the file.  The file offset remains unchanged.
    fn pread(fd: CInt, length: isize, offset: i64) -> Result<Ref<Bytes>, Raised> {
        // SAFETY: `read_some` gives room of that length.
        read_some(length, |start, length| unsafe { libc::pread(fd.0, start, length, offset) })
    }

    /// Write bytes to a file descriptor starting at a particular offset.
    ///
    /// Write buffer to fd, starting at offset bytes from the beginning of
    /// the file.  Returns the number of bytes written.  Does not change the
    /// current file offset.
    fn pwrite(fd: CInt, buffer: &Object, offset: i64) -> Result<isize, Raised> {
        let data = ByteView::new(buffer)?;
        let (start, length) = (data.pointer(), data.len());
        // SAFETY: the exporter keeps the memory in place while the view is held.
        retry_or_raise(unsafe { outside(|| libc::pwrite(fd.0, start.cast(), length, offset)) })
    }

    /// Copy count bytes from file descriptor in_fd to file descriptor out_fd.
    #[signature(out_fd, in_fd, offset, count)]
    fn sendfile(out_fd: CInt, in_fd: CInt, offset: Nullable<i64>, count: isize) -> Result<isize, Raised> {
        let from = offset.0;
        retry_or_raise(|| {
            let mut at = from.unwrap_or(0);
            let place = if from.is_some() { &raw mut at } else { std::ptr::null_mut() };
            // SAFETY: the place is null or an offset that lives during the call.
            unsafe { libc::sendfile(out_fd.0, in_fd.0, place, count as usize) }
        })
    }

    /// Set the position of a file descriptor.  Return the new position.
    ///
    /// Return the new cursor position in number of bytes
    /// relative to the beginning of the file.
    fn lseek(fd: CInt, position: i64, how: CInt) -> Result<i64, Raised> {
        // SAFETY: a plain call.
        check_size(without_lock(|| unsafe { libc::lseek(fd.0, position, how.0) }) as isize).map(|place| place as i64)
    }

    /// Create a pipe.
    ///
    /// Returns a tuple of two file descriptors:
    ///   (read_fd, write_fd)
    fn pipe() -> Result<Ref<Tuple>, Raised> {
        let mut ends = [0; 2];
        // SAFETY: there is room for two descriptors.
        check(without_lock(|| unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }))?;
        pair(ends[0], ends[1])
    }

    /// Create a pipe with flags set atomically.
    ///
    /// Returns a tuple of two file descriptors:
    ///   (read_fd, write_fd)
    ///
    /// flags can be constructed by ORing together one or more of these values:
    /// O_NONBLOCK, O_CLOEXEC.
    fn pipe2(flags: CInt) -> Result<Ref<Tuple>, Raised> {
        let mut ends = [0; 2];
        // SAFETY: there is room for two descriptors.
        check(without_lock(|| unsafe { libc::pipe2(ends.as_mut_ptr(), flags.0) }))?;
        pair(ends[0], ends[1])
    }

    /// Return True if the fd is connected to a terminal.
    ///
    /// Return True if the file descriptor is an open file descriptor
    /// connected to the slave end of a terminal.
    fn isatty(fd: CInt) -> Result<bool, Raised> {
        // SAFETY: a plain call.
        Ok(unsafe { libc::isatty(fd.0) } == 1)
    }

    /// Force write of fd to disk.
    #[signature(fd)]
    fn fsync(fd: Descriptor) -> Result<(), Raised> {
        // SAFETY: a plain call.
        retry_or_raise(|| unsafe { libc::fsync(fd.0) }).map(drop)
    }

    /// Force write of fd to disk without forcing update of metadata.
    #[signature(fd)]
    fn fdatasync(fd: Descriptor) -> Result<(), Raised> {
        // SAFETY: a plain call.
        retry_or_raise(|| unsafe { libc::fdatasync(fd.0) }).map(drop)
    }

    /// Force write of everything to disk.
    fn sync() -> Result<(), Raised> {
        // SAFETY: a plain call.
        without_lock(|| unsafe { libc::sync() });
        Ok(())
    }

    /// Truncate a file, specified by file descriptor, to a specific length.
    fn ftruncate(fd: CInt, length: i64) -> Result<(), Raised> {
        // SAFETY: a plain call.
        retry_or_raise(|| unsafe { libc::ftruncate(fd.0, length) }).map(drop)
    }

    /// Truncate a file, specified by path, to a specific length.
    ///
    /// On some platforms, path may also be specified as an open file descriptor.
    /// If this functionality is unavailable, using it raises an exception.
    #[signature(path, length)]
    fn truncate(path: &Object, length: i64) -> Result<(), Raised> {
        let path = Path::new(Some(path), "truncate", "path", PATH_OR_FD)?;
        habu_runtime::audit!("os.truncate", path.object.clone(), length)?;
        // SAFETY: the path is a C string.
        super::done(&path, || unsafe {
            match path.fd {
                Some(fd) => libc::ftruncate(fd, length),
                None => libc::truncate(path.as_ptr(), length),
            }
        })
    }

    /// Get the close-on-exe flag of the specified file descriptor.
    fn get_inheritable(fd: CInt) -> Result<bool, Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::fcntl(fd.0, libc::F_GETFD) }).map(|flags| flags & libc::FD_CLOEXEC == 0)
    }

    /// Set the inheritable flag of the specified file descriptor.
    fn set_inheritable(fd: CInt, inheritable: CInt) -> Result<(), Raised> {
        set_inheritable(fd.0, inheritable.0 != 0)
    }

    /// Get the blocking mode of the file descriptor.
    ///
    /// Return False if the O_NONBLOCK flag is set, True if the flag is cleared.
    fn get_blocking(fd: CInt) -> Result<bool, Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::fcntl(fd.0, libc::F_GETFL) }).map(|flags| flags & libc::O_NONBLOCK == 0)
    }

    /// Set the blocking mode of the specified file descriptor.
    ///
    /// Set the O_NONBLOCK flag if blocking is False,
    /// clear the O_NONBLOCK flag otherwise.
    fn set_blocking(fd: CInt, blocking: bool) -> Result<(), Raised> {
        // SAFETY: plain calls.
        unsafe {
            let flags = check(libc::fcntl(fd.0, libc::F_GETFL))?;
            let wanted = if blocking { flags & !libc::O_NONBLOCK } else { flags | libc::O_NONBLOCK };
            check(libc::fcntl(fd.0, libc::F_SETFL, wanted)).map(drop)
        }
    }

    /// Return a string describing the encoding of a terminal's file descriptor.
    ///
    /// The file descriptor must be attached to a terminal.
    /// If the device is not a terminal, return None.
    #[signature(fd)]
    fn device_encoding(fd: CInt) -> Result<Option<Ref<Str>>, Raised> {
        // SAFETY: a plain call.
        match unsafe { libc::isatty(fd.0) } {
            1 => Str::new("UTF-8").map(Some),
            _ => Ok(None),
        }
    }

    /// Apply, test or remove a POSIX lock on an open file descriptor.
    ///
    ///   fd
    ///     An open file descriptor.
    ///   command
    ///     One of F_LOCK, F_TLOCK, F_ULOCK or F_TEST.
    ///   length
    ///     The number of bytes to lock, starting at the current position.
    fn lockf(fd: CInt, command: CInt, length: i64) -> Result<(), Raised> {
        habu_runtime::audit!("os.lockf", fd.0, command.0, length)?;
        // SAFETY: a plain call.
        retry_or_raise(|| unsafe { libc::lockf(fd.0, command.0, length) }).map(drop)
    }

    /// Announce an intention to access data in a specific pattern.
    ///
    /// Announce an intention to access data in a specific pattern, thus allowing
    /// the kernel to make optimizations.
    /// The advice applies to the region of the file specified by fd starting at
    /// offset and continuing for length bytes.
    /// advice is one of POSIX_FADV_NORMAL, POSIX_FADV_SEQUENTIAL,
    /// POSIX_FADV_RANDOM, POSIX_FADV_NOREUSE, POSIX_FADV_WILLNEED, or
    /// POSIX_FADV_DONTNEED.
    fn posix_fadvise(fd: CInt, offset: i64, length: i64, advice: CInt) -> Result<(), Raised> {
        numbered(|| {
            // SAFETY: a plain call.
            unsafe { libc::posix_fadvise(fd.0, offset, length, advice.0) }
        })
    }

    /// Ensure a file has allocated at least a particular number of bytes on disk.
    ///
    /// Ensure that the file specified by fd encompasses a range of bytes
    /// starting at offset bytes from the beginning and continuing for length bytes.
    fn posix_fallocate(fd: CInt, offset: i64, length: i64) -> Result<(), Raised> {
        numbered(|| {
            // SAFETY: a plain call.
            unsafe { libc::posix_fallocate(fd.0, offset, length) }
        })
    }

    /// Open a pseudo-terminal.
    ///
    /// Return a tuple of (master_fd, slave_fd) containing open file descriptors
    /// for both the master and slave ends.
    fn openpty() -> Result<Ref<Tuple>, Raised> {
        let (mut master, mut slave) = (-1, -1);
        let name = std::ptr::null_mut();
        // SAFETY: the descriptors go to the two places; the others may be null.
        let result = without_lock(unsafe {
            outside(|| libc::openpty(&mut master, &mut slave, name, std::ptr::null(), std::ptr::null()))
        });
        check(result)?;
        set_inheritable(master, false)?;
        set_inheritable(slave, false)?;
        pair(master, slave)
    }

    /// Prepare the tty of which fd is a file descriptor for a new login session.
    ///
    /// Make the calling process a session leader; make the tty the
    /// controlling tty, the stdin, the stdout, and the stderr of the
    /// calling process; close fd.
    fn login_tty(fd: Descriptor) -> Result<(), Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::login_tty(fd.0) }).map(drop)
    }

    /// Return the name of the terminal device connected to 'fd'.
    ///
    ///   fd
    ///     Integer file descriptor handle.
    fn ttyname(fd: CInt) -> Result<Ref<Str>, Raised> {
        let mut name = [0u8; 256];
        // SAFETY: the buffer has the length that is told.
        let failed = unsafe { libc::ttyname_r(fd.0, name.as_mut_ptr().cast(), name.len()) };
        if failed != 0 {
            return Err(raise_os_error(failed, None));
        }
        let length = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        crate::system::text::decode(&name[..length])
    }

    /// Return the name of the controlling terminal for this process.
    fn ctermid() -> Result<Ref<Str>, Raised> {
        Str::new("/dev/tty")
    }

    /// Return the process group associated with the terminal specified by fd.
    fn tcgetpgrp(fd: CInt) -> Result<i32, Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::tcgetpgrp(fd.0) })
    }

    /// Set the process group associated with the terminal specified by fd.
    #[parsed]
    fn tcsetpgrp(fd: CInt, pgid: CInt) -> Result<(), Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::tcsetpgrp(fd.0, pgid.0) }).map(drop)
    }

    #[signature(name, flags = libc::MFD_CLOEXEC)]
    #[shown("($module, /, name, flags=MFD_CLOEXEC)")]
    fn memfd_create(name: &Object, flags: u32) -> Result<i32, Raised> {
        let name = crate::system::text::CText::of_path(name)?;
        // SAFETY: the name is a C string.
        check(without_lock(unsafe { outside(|| libc::memfd_create(name.as_ptr(), flags)) }))
    }

    /// Creates and returns an event notification file descriptor.
    #[signature(initval, flags = CInt(libc::EFD_CLOEXEC))]
    #[shown("($module, /, initval, flags=EFD_CLOEXEC)")]
    fn eventfd(initval: &Object, flags: CInt) -> Result<i32, Raised> {
        let value = habu_runtime::object::protocol::number::index(initval)?;
        let Some(value) = value.to_i64().filter(|value| *value >= 0) else {
            return Err(raise!(ValueError, "value must be positive"));
        };
        let Ok(value) = u32::try_from(value) else {
            return Err(raise!(OverflowError, "Python int too large to convert to C unsigned int"));
        };
        // SAFETY: a plain call.
        check(without_lock(|| unsafe { libc::eventfd(value, flags.0) }))
    }

    /// Read eventfd value
    #[signature(fd)]
    fn eventfd_read(fd: Descriptor) -> Result<u64, Raised> {
        let mut value = 0u64;
        // SAFETY: there is room for the value.
        check(without_lock(|| unsafe { libc::eventfd_read(fd.0, &mut value) })).map(|_| value)
    }

    /// Write eventfd value.
    #[signature(fd, value)]
    fn eventfd_write(fd: Descriptor, value: u64) -> Result<(), Raised> {
        // SAFETY: a plain call.
        check(without_lock(|| unsafe { libc::eventfd_write(fd.0, value) })).map(drop)
    }
}

/// Makes a call that gives an errno.
fn numbered(mut call: impl FnMut() -> i32) -> Result<(), Raised> {
    loop {
        // SAFETY: callers make a system call with numbers and texts that live as long; it touches no object.
        match without_lock(unsafe { outside(&mut call) }) {
            0 => return Ok(()),
            libc::EINTR => check_signals()?,
            failed => return Err(raise_os_error(failed, None)),
        }
    }
}
