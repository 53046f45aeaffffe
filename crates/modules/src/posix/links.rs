//! Names in the file system: links, renaming, removing, rights, owners, times.

use habu_macros::pymodule;
use habu_runtime::object::protocol::number::index;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::path::{CURRENT, DirFd, PATH, PATH_OR_FD, Path, id};
use super::{Posix, done};
use crate::system::CInt;
use crate::system::blocking::{outside, retry_or_raise, without_lock};

/// `rename` and `replace`.
fn rename(src: &Object, dst: &Object, from: DirFd, to: DirFd, function: &'static str) -> Result<(), Raised> {
    let source = Path::new(Some(src), function, "src", PATH)?;
    let target = Path::new(Some(dst), function, "dst", PATH)?;
    habu_runtime::audit!("os.rename", source.object.clone(), target.object.clone(), from.shown(), to.shown())?;
    // SAFETY: the paths are C strings.
    let result = without_lock(unsafe { outside(|| libc::renameat(from.0, source.as_ptr(), to.0, target.as_ptr())) });
    if result == 0 { Ok(()) } else { Err(source.error_with(&target)) }
}

/// `unlink` and `remove`.
fn unlink(path: &Object, dir_fd: DirFd, function: &'static str) -> Result<(), Raised> {
    let path = Path::new(Some(path), function, "path", PATH)?;
    habu_runtime::audit!("os.remove", path.object.clone(), dir_fd.shown())?;
    // SAFETY: the path is a C string.
    done(&path, || unsafe { libc::unlinkat(dir_fd.0, path.as_ptr(), 0) })
}

/// Splits nanoseconds into seconds and the rest, rounded down.
fn split_nanoseconds(value: &Object) -> Result<libc::timespec, Raised> {
    let billion = Int::from_i64(1_000_000_000)?;
    let parts = protocol::number::divmod(value, &billion)?;
    let Some(parts) = parts.downcast::<Tuple>().filter(|parts| parts.len() == 2) else {
        let (kind, got) = (value.ty().full_name(), parts.ty().full_name());
        return Err(raise!(TypeError, "{kind}.__divmod__() must return a 2-tuple, not {got}"));
    };
    let word = |part: &Object| -> Result<i64, Raised> {
        index(part)?.to_i64().ok_or_else(|| raise!(OverflowError, "timestamp out of range for platform time_t"))
    };
    Ok(libc::timespec { tv_sec: word(&parts.as_slice()[0])?, tv_nsec: word(&parts.as_slice()[1])? })
}

/// Seconds, perhaps with a fraction, rounded down to nanoseconds.
pub fn timespec_of_seconds(value: &Object) -> Result<libc::timespec, Raised> {
    let Some(seconds) = value.downcast::<Float>() else {
        let seconds = index(value)?
            .to_i64()
            .ok_or_else(|| raise!(OverflowError, "timestamp out of range for platform time_t"))?;
        return Ok(libc::timespec { tv_sec: seconds, tv_nsec: 0 });
    };
    let seconds = seconds.value();
    if seconds.is_nan() {
        return Err(raise!(ValueError, "Invalid value NaN (not a number)"));
    }
    let mut whole = seconds.trunc();
    let mut nanoseconds = ((seconds - whole) * 1e9).floor();
    if nanoseconds < 0.0 {
        nanoseconds += 1e9;
        whole -= 1.0;
    } else if nanoseconds >= 1e9 {
        nanoseconds -= 1e9;
        whole += 1.0;
    }
    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole) {
        return Err(raise!(OverflowError, "timestamp out of range for platform time_t"));
    }
    Ok(libc::timespec { tv_sec: whole as i64, tv_nsec: nanoseconds as i64 })
}

/// The two times of `utime`.
fn times_of(times: Option<&Object>, ns: Option<&Object>) -> Result<[libc::timespec; 2], Raised> {
    let times = times.filter(|times| !is_none(times));
    let now = libc::timespec { tv_sec: 0, tv_nsec: libc::UTIME_NOW };
    match (times, ns) {
        (Some(_), Some(_)) => Err(raise!(ValueError, "utime: you may specify either 'times' or 'ns' but not both")),
        (None, None) => Ok([now, now]),
        (Some(times), None) => match times.downcast::<Tuple>().map(Tuple::as_slice) {
            Some([access, change]) => Ok([timespec_of_seconds(access)?, timespec_of_seconds(change)?]),
            _ => Err(raise!(TypeError, "utime: 'times' must be either a tuple of two ints or None")),
        },
        (None, Some(ns)) => match ns.downcast::<Tuple>().map(Tuple::as_slice) {
            Some([access, change]) => Ok([split_nanoseconds(access)?, split_nanoseconds(change)?]),
            _ => Err(raise!(TypeError, "utime: 'ns' must be a tuple of two ints")),
        },
    }
}

#[pymodule(table = LINKS)]
impl Posix {
    /// Use the real uid/gid to test for access to a path.
    ///
    ///   path
    ///     Path to be tested; can be string, bytes, or a path-like object.
    ///   mode
    ///     Operating-system mode bitfield.  Can be F_OK to test existence,
    ///     or the inclusive-OR of R_OK, W_OK, and X_OK.
    ///   dir_fd
    ///     If not None, it should be a file descriptor open to a directory,
    ///     and path should be relative; path will then be relative to that
    ///     directory.
    ///   effective_ids
    ///     If True, access will use the effective uid/gid instead of
    ///     the real uid/gid.
    ///   follow_symlinks
    ///     If False, and the last element of the path is a symbolic link,
    ///     access will examine the symbolic link itself instead of the file
    ///     the link points to.
    ///
    /// dir_fd, effective_ids, and follow_symlinks may not be implemented
    ///   on your platform.  If they are unavailable, using them will raise a
    ///   NotImplementedError.
    ///
    /// Note that most operations will use the effective uid/gid, therefore this
    ///   routine can be used in a suid/sgid environment to test if the invoking user
    ///   has the specified access to the path.
    #[signature(path, mode, *, dir_fd = CURRENT, effective_ids = false, follow_symlinks = true)]
    #[shown("($module, /, path, mode, *, dir_fd=None, effective_ids=False,\n       follow_symlinks=True)")]
    fn access(
        path: &Object,
        mode: CInt,
        dir_fd: DirFd,
        effective_ids: bool,
        follow_symlinks: bool,
    ) -> Result<bool, Raised> {
        let path = Path::new(Some(path), "access", "path", PATH)?;
        let mut flags = 0;
        if effective_ids {
            flags |= libc::AT_EACCESS;
        }
        if !follow_symlinks {
            flags |= libc::AT_SYMLINK_NOFOLLOW;
        }
        // SAFETY: the path is a C string.
        Ok(without_lock(unsafe { outside(|| libc::faccessat(dir_fd.0, path.as_ptr(), mode.0, flags)) }) == 0)
    }

    /// Change the access permissions of a file.
    ///
    ///   path
    ///     Path to be modified.  May always be specified as a str, bytes, or a path-like object.
    ///     On some platforms, path may also be specified as an open file descriptor.
    ///     If this functionality is unavailable, using it raises an exception.
    ///   mode
    ///     Operating-system mode bitfield.
    ///   dir_fd
    ///     If not None, it should be a file descriptor open to a directory,
    ///     and path should be relative; path will then be relative to that
    ///     directory.
    ///   follow_symlinks
    ///     If False, and the last element of the path is a symbolic link,
    ///     chmod will modify the symbolic link itself instead of the file
    ///     the link points to.
    ///
    /// It is an error to use dir_fd or follow_symlinks when specifying path as
    ///   an open file descriptor.
    /// dir_fd and follow_symlinks may not be implemented on your platform.
    ///   If they are unavailable, using them will raise a NotImplementedError.
    #[signature(path, mode, *, dir_fd = CURRENT, follow_symlinks = true)]
    #[shown("($module, /, path, mode, *, dir_fd=None, follow_symlinks=True)")]
    fn chmod(path: &Object, mode: CInt, dir_fd: DirFd, follow_symlinks: bool) -> Result<(), Raised> {
        let path = Path::new(Some(path), "chmod", "path", PATH_OR_FD)?;
        habu_runtime::audit!("os.chmod", path.object.clone(), mode.0, dir_fd.shown())?;
        let flags = if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        // SAFETY: the path is a C string.
        done(&path, || unsafe {
            match path.fd {
                Some(fd) => libc::fchmod(fd, mode.0 as libc::mode_t),
                None => libc::fchmodat(dir_fd.0, path.as_ptr(), mode.0 as libc::mode_t, flags),
            }
        })
    }

    /// Change the access permissions of the file given by file descriptor fd.
    ///
    /// Equivalent to os.chmod(fd, mode).
    #[signature(fd, mode)]
    fn fchmod(fd: CInt, mode: CInt) -> Result<(), Raised> {
        habu_runtime::audit!("os.chmod", fd.0, mode.0, -1)?;
        // SAFETY: a plain call.
        retry_or_raise(|| unsafe { libc::fchmod(fd.0, mode.0 as libc::mode_t) }).map(drop)
    }

    /// Change the owner and group id of path to the numeric uid and gid.\
    ///
    ///   path
    ///     Path to be examined; can be string, bytes, a path-like object, or open-file-descriptor int.
    ///   dir_fd
    ///     If not None, it should be a file descriptor open to a directory,
    ///     and path should be relative; path will then be relative to that
    ///     directory.
    ///   follow_symlinks
    ///     If False, and the last element of the path is a symbolic link,
    ///     stat will examine the symbolic link itself instead of the file
    ///     the link points to.
    #[signature(path, uid, gid, *, dir_fd = CURRENT, follow_symlinks = true)]
    #[shown("($module, /, path, uid, gid, *, dir_fd=None, follow_symlinks=True)")]
    fn chown(path: &Object, uid: &Object, gid: &Object, dir_fd: DirFd, follow_symlinks: bool) -> Result<(), Raised> {
        let path = Path::new(Some(path), "chown", "path", PATH_OR_FD)?;
        let (uid, gid) = (id(uid, "uid")?.0, id(gid, "gid")?.0);
        habu_runtime::audit!("os.chown", path.object.clone(), uid, gid, dir_fd.shown())?;
        path.check_dir_fd(dir_fd)?;
        path.check_follow(follow_symlinks)?;
        let flags = if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        // SAFETY: the path is a C string.
        done(&path, || unsafe {
            match path.fd {
                Some(fd) => libc::fchown(fd, uid, gid),
                None => libc::fchownat(dir_fd.0, path.as_ptr(), uid, gid, flags),
            }
        })
    }

    /// Change the owner and group id of the file specified by file descriptor.
    ///
    /// Equivalent to os.chown(fd, uid, gid).
    #[signature(fd, uid, gid)]
    fn fchown(fd: CInt, uid: &Object, gid: &Object) -> Result<(), Raised> {
        let (uid, gid) = (id(uid, "uid")?.0, id(gid, "gid")?.0);
        habu_runtime::audit!("os.chown", fd.0, uid, gid, -1)?;
        // SAFETY: a plain call.
        retry_or_raise(|| unsafe { libc::fchown(fd.0, uid, gid) }).map(drop)
    }

    /// Change the owner and group id of path to the numeric uid and gid.
    ///
    /// This function will not follow symbolic links.
    /// Equivalent to os.chown(path, uid, gid, follow_symlinks=False).
    #[signature(path, uid, gid)]
    fn lchown(path: &Object, uid: &Object, gid: &Object) -> Result<(), Raised> {
        let path = Path::new(Some(path), "lchown", "path", PATH)?;
        let (uid, gid) = (id(uid, "uid")?.0, id(gid, "gid")?.0);
        habu_runtime::audit!("os.chown", path.object.clone(), uid, gid, -1)?;
        // SAFETY: the path is a C string.
        done(&path, || unsafe { libc::lchown(path.as_ptr(), uid, gid) })
    }

    /// Change root directory to path.
    #[signature(path)]
    fn chroot(path: &Object) -> Result<(), Raised> {
        let path = Path::new(Some(path), "chroot", "path", PATH)?;
        // SAFETY: the path is a C string.
        done(&path, || unsafe { libc::chroot(path.as_ptr()) })
    }

    /// Create a hard link to a file.
    ///
    /// If either src_dir_fd or dst_dir_fd is not None, it should be a file
    ///   descriptor open to a directory, and the respective path string (src or dst)
    ///   should be relative; the path will then be relative to that directory.
    /// If follow_symlinks is False, and the last element of src is a symbolic
    ///   link, link will create a link to the symbolic link itself instead of the
    ///   file the link points to.
    /// src_dir_fd, dst_dir_fd, and follow_symlinks may not be implemented on your
    ///   platform.  If they are unavailable, using them will raise a
    ///   NotImplementedError.
    #[signature(src, dst, *, src_dir_fd = CURRENT, dst_dir_fd = CURRENT, follow_symlinks = true)]
    #[shown("($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None,\n     follow_symlinks=True)")]
    fn link(
        src: &Object,
        dst: &Object,
        src_dir_fd: DirFd,
        dst_dir_fd: DirFd,
        follow_symlinks: bool,
    ) -> Result<(), Raised> {
        let source = Path::new(Some(src), "link", "src", PATH)?;
        let target = Path::new(Some(dst), "link", "dst", PATH)?;
        habu_runtime::audit!(
            "os.link",
            source.object.clone(),
            target.object.clone(),
            src_dir_fd.shown(),
            dst_dir_fd.shown()
        )?;
        let named = src_dir_fd.0 != libc::AT_FDCWD || dst_dir_fd.0 != libc::AT_FDCWD;
        // Without directories `link` is called, which on Linux does not follow the last link either.
        let flags = if named && follow_symlinks { libc::AT_SYMLINK_FOLLOW } else { 0 };
        // SAFETY: the paths are C strings.
        let result = without_lock(unsafe {
            outside(|| libc::linkat(src_dir_fd.0, source.as_ptr(), dst_dir_fd.0, target.as_ptr(), flags))
        });
        if result == 0 { Ok(()) } else { Err(source.error_with(&target)) }
    }

    /// Create a symbolic link pointing to src named dst.
    ///
    /// target_is_directory is required on Windows if the target is to be
    ///   interpreted as a directory.  (On Windows, symlink requires
    ///   Windows 6.0 or greater, and raises a NotImplementedError otherwise.)
    ///   target_is_directory is ignored on non-Windows platforms.
    ///
    /// If dir_fd is not None, it should be a file descriptor open to a directory,
    ///   and path should be relative; path will then be relative to that directory.
    /// dir_fd may not be implemented on your platform.
    ///   If it is unavailable, using it will raise a NotImplementedError.
    #[signature(src, dst, target_is_directory = false, *, dir_fd = CURRENT)]
    #[shown("($module, /, src, dst, target_is_directory=False, *, dir_fd=None)")]
    fn symlink(src: &Object, dst: &Object, target_is_directory: bool, dir_fd: DirFd) -> Result<(), Raised> {
        let _ = target_is_directory;
        let source = Path::new(Some(src), "symlink", "src", PATH)?;
        let target = Path::new(Some(dst), "symlink", "dst", PATH)?;
        habu_runtime::audit!("os.symlink", source.object.clone(), target.object.clone(), dir_fd.shown())?;
        // SAFETY: the paths are C strings.
        let result = without_lock(unsafe { outside(|| libc::symlinkat(source.as_ptr(), dir_fd.0, target.as_ptr())) });
        if result == 0 { Ok(()) } else { Err(source.error_with(&target)) }
    }

    /// Return a string representing the path to which the symbolic link points.
    ///
    /// If dir_fd is not None, it should be a file descriptor open to a directory,
    /// and path should be relative; path will then be relative to that directory.
    ///
    /// dir_fd may not be implemented on your platform.  If it is unavailable,
    /// using it will raise a NotImplementedError.
    #[signature(path, *, dir_fd = CURRENT)]
    #[shown("($module, /, path, *, dir_fd=None)")]
    fn readlink(path: &Object, dir_fd: DirFd) -> Result<Ref, Raised> {
        let path = Path::new(Some(path), "readlink", "path", PATH)?;
        let mut room = habu_heap::Buffer::<u8>::new();
        room.resize(4097, 0)?;
        let (start, length) = (room.as_mut_ptr(), room.len());
        // SAFETY: the path is a C string, the buffer has the length that is told.
        let count =
            without_lock(unsafe { outside(|| libc::readlinkat(dir_fd.0, path.as_ptr(), start.cast(), length)) });
        match usize::try_from(count) {
            Ok(count) => path.name(room.get(..count).unwrap_or(&[])),
            Err(_) => Err(path.error()),
        }
    }

    /// Rename a file or directory.
    ///
    /// If either src_dir_fd or dst_dir_fd is not None, it should be a file
    ///   descriptor open to a directory, and the respective path string (src or dst)
    ///   should be relative; the path will then be relative to that directory.
    /// src_dir_fd and dst_dir_fd, may not be implemented on your platform.
    ///   If they are unavailable, using them will raise a NotImplementedError.
    #[signature(src, dst, *, src_dir_fd = CURRENT, dst_dir_fd = CURRENT)]
    #[shown("($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)")]
    fn rename(src: &Object, dst: &Object, src_dir_fd: DirFd, dst_dir_fd: DirFd) -> Result<(), Raised> {
        rename(src, dst, src_dir_fd, dst_dir_fd, "rename")
    }

    /// Rename a file or directory, overwriting the destination.
    ///
    /// If either src_dir_fd or dst_dir_fd is not None, it should be a file
    ///   descriptor open to a directory, and the respective path string (src or dst)
    ///   should be relative; the path will then be relative to that directory.
    /// src_dir_fd and dst_dir_fd, may not be implemented on your platform.
    ///   If they are unavailable, using them will raise a NotImplementedError.
    #[signature(src, dst, *, src_dir_fd = CURRENT, dst_dir_fd = CURRENT)]
    #[shown("($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)")]
    fn replace(src: &Object, dst: &Object, src_dir_fd: DirFd, dst_dir_fd: DirFd) -> Result<(), Raised> {
        rename(src, dst, src_dir_fd, dst_dir_fd, "replace")
    }

    /// Remove a file (same as remove()).
    ///
    /// If dir_fd is not None, it should be a file descriptor open to a directory,
    ///   and path should be relative; path will then be relative to that directory.
    /// dir_fd may not be implemented on your platform.
    ///   If it is unavailable, using it will raise a NotImplementedError.
    #[signature(path, *, dir_fd = CURRENT)]
    #[shown("($module, /, path, *, dir_fd=None)")]
    fn unlink(path: &Object, dir_fd: DirFd) -> Result<(), Raised> {
        unlink(path, dir_fd, "unlink")
    }

    /// Remove a file (same as unlink()).
    ///
    /// If dir_fd is not None, it should be a file descriptor open to a directory,
    ///   and path should be relative; path will then be relative to that directory.
    /// dir_fd may not be implemented on your platform.
    ///   If it is unavailable, using it will raise a NotImplementedError.
    #[signature(path, *, dir_fd = CURRENT)]
    #[shown("($module, /, path, *, dir_fd=None)")]
    fn remove(path: &Object, dir_fd: DirFd) -> Result<(), Raised> {
        unlink(path, dir_fd, "remove")
    }

    /// Set the access and modified time of path.
    ///
    /// path may always be specified as a string.
    /// On some platforms, path may also be specified as an open file descriptor.
    ///   If this functionality is unavailable, using it raises an exception.
    ///
    /// If times is not None, it must be a tuple (atime, mtime);
    ///     atime and mtime should be expressed as float seconds since the epoch.
    /// If ns is specified, it must be a tuple (atime_ns, mtime_ns);
    ///     atime_ns and mtime_ns should be expressed as integer nanoseconds
    ///     since the epoch.
    /// If times is None and ns is unspecified, utime uses the current time.
    /// Specifying tuples for both times and ns is an error.
    ///
    /// If dir_fd is not None, it should be a file descriptor open to a directory,
    ///   and path should be relative; path will then be relative to that directory.
    /// If follow_symlinks is False, and the last element of the path is a symbolic
    ///   link, utime will modify the symbolic link itself instead of the file the
    ///   link points to.
    /// It is an error to use dir_fd or follow_symlinks when specifying path
    ///   as an open file descriptor.
    /// dir_fd and follow_symlinks may not be available on your platform.
    ///   If they are unavailable, using them will raise a NotImplementedError.
    #[signature(path, times = None, *, ns = None, dir_fd = CURRENT, follow_symlinks = true)]
    #[shown("($module, /, path, times=None, *, ns=<unrepresentable>,\n      dir_fd=None, follow_symlinks=True)")]
    fn utime(
        path: &Object,
        times: Option<&Object>,
        ns: Option<&Object>,
        dir_fd: DirFd,
        follow_symlinks: bool,
    ) -> Result<(), Raised> {
        let path = Path::new(Some(path), "utime", "path", PATH_OR_FD)?;
        habu_runtime::audit!(
            "os.utime",
            path.object.clone(),
            times.map(Object::to_ref),
            ns.map(Object::to_ref),
            dir_fd.shown()
        )?;
        let times = times_of(times, ns)?;
        path.check_dir_fd(dir_fd)?;
        path.check_follow(follow_symlinks)?;
        let flags = if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        // SAFETY: the path is a C string, and there are two times.
        done(&path, || unsafe {
            match path.fd {
                Some(fd) => libc::futimens(fd, times.as_ptr()),
                None => libc::utimensat(dir_fd.0, path.as_ptr(), times.as_ptr(), flags),
            }
        })
    }

    /// Create a "fifo" (a POSIX named pipe).
    ///
    /// If dir_fd is not None, it should be a file descriptor open to a directory,
    ///   and path should be relative; path will then be relative to that directory.
    /// dir_fd may not be implemented on your platform.
    ///   If it is unavailable, using it will raise a NotImplementedError.
    #[signature(path, mode = 438, *, dir_fd = CURRENT)]
    #[shown("($module, /, path, mode=438, *, dir_fd=None)")]
    fn mkfifo(path: &Object, mode: i32, dir_fd: DirFd) -> Result<(), Raised> {
        let path = Path::new(Some(path), "mkfifo", "path", PATH)?;
        // SAFETY: the path is a C string.
        retry_or_raise(unsafe { outside(|| libc::mkfifoat(dir_fd.0, path.as_ptr(), mode as libc::mode_t)) }).map(drop)
    }

    /// Create a node in the file system.
    ///
    /// Create a node in the file system (file, device special file or named pipe)
    /// at path.  mode specifies both the permissions to use and the
    /// type of node to be created, being combined (bitwise OR) with one of
    /// S_IFREG, S_IFCHR, S_IFBLK, and S_IFIFO.  If S_IFCHR or S_IFBLK is set on mode,
    /// device defines the newly created device special file (probably using
    /// os.makedev()).  Otherwise device is ignored.
    ///
    /// If dir_fd is not None, it should be a file descriptor open to a directory,
    ///   and path should be relative; path will then be relative to that directory.
    /// dir_fd may not be implemented on your platform.
    ///   If it is unavailable, using it will raise a NotImplementedError.
    #[signature(path, mode = 384, device = 0, *, dir_fd = CURRENT)]
    #[shown("($module, /, path, mode=384, device=0, *, dir_fd=None)")]
    fn mknod(path: &Object, mode: i32, device: u64, dir_fd: DirFd) -> Result<(), Raised> {
        let path = Path::new(Some(path), "mknod", "path", PATH)?;
        // SAFETY: the path is a C string.
        retry_or_raise(unsafe { outside(|| libc::mknodat(dir_fd.0, path.as_ptr(), mode as libc::mode_t, device)) })
            .map(drop)
    }

    /// Extracts a device major number from a raw device number.
    fn major(device: u64) -> Result<u32, Raised> {
        Ok(libc::major(device))
    }

    /// Extracts a device minor number from a raw device number.
    fn minor(device: u64) -> Result<u32, Raised> {
        Ok(libc::minor(device))
    }

    /// Composes a raw device number from the major and minor device numbers.
    fn makedev(major: CInt, minor: CInt) -> Result<u64, Raised> {
        Ok(libc::makedev(major.0 as u32, minor.0 as u32))
    }

    /// Set the current numeric umask and return the previous umask.
    fn umask(mask: CInt) -> Result<u32, Raised> {
        // SAFETY: a plain call.
        Ok(unsafe { libc::umask(mask.0 as libc::mode_t) })
    }

    /// Basic path normalization.
    #[name = "_path_normpath"]
    #[signature(path)]
    fn path_normpath(path: &Object) -> Result<Ref<Str>, Raised> {
        let Some(path) = path.downcast::<Str>() else {
            return Err(raise!(
                TypeError,
                "_path_normpath() argument 'path' must be str, not {}",
                path.ty().full_name()
            ));
        };
        normalised(path)
    }
}

/// A path without `.`, without `..` behind a name, and without doubled slashes; two slashes at the start stay.
fn normalised(path: &Str) -> Result<Ref<Str>, Raised> {
    const SLASH: u32 = b'/' as u32;
    const DOT: u32 = b'.' as u32;
    let text = habu_heap::Buffer::<u32>::try_from_iter(path.chars().iter())?;
    if text.is_empty() {
        return Str::new(".");
    }
    let slashes = text.iter().take_while(|code| **code == SLASH).count();
    let root = match slashes {
        0 => 0,
        2 => 2,
        _ => 1,
    };
    let mut parts = habu_heap::Buffer::<&[u32]>::new();
    for part in text.split(|code| *code == SLASH) {
        match part {
            [] | [DOT] => {}
            [DOT, DOT] => match parts.last() {
                Some([DOT, DOT]) => parts.push(part)?,
                Some(_) => drop(parts.pop()),
                None if root > 0 => {}
                None => parts.push(part)?,
            },
            _ => parts.push(part)?,
        }
    }
    let mut result = habu_heap::Buffer::<u32>::new();
    result.try_extend(std::iter::repeat_n(SLASH, root))?;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            result.push(SLASH)?;
        }
        result.extend_from_slice(part)?;
    }
    if result.is_empty() {
        return Str::new(".");
    }
    Str::from_code_points(&result)
}
