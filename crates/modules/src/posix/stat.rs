//! `stat` and its results.

use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::struct_sequence;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;

use super::Posix;
use super::path::{CURRENT, DirFd, PATH, PATH_OR_FD, Path};
use crate::system::Descriptor;
use crate::system::blocking::{outside, retry, without_lock};

struct_sequence! {
    heap doc "stat_result: Result from stat, fstat, or lstat.\n\nThis object may be accessed either as a tuple of\n  (mode, ino, dev, nlink, uid, gid, size, atime, mtime, ctime)\nor via the attributes st_mode, st_ino, st_dev, st_nlink, st_uid, and so on.\n\nPosix/windows: If your platform supports st_blksize, st_blocks, st_rdev,\nor st_flags, they are available as attributes only.\n\nSee os.stat for more information."
    pub static STAT_RESULT = "os.stat_result", visible 10,
    complete complete_times,
    {
        st_mode: "protection bits",
        st_ino: "inode",
        st_dev: "device",
        st_nlink: "number of hard links",
        st_uid: "user ID of owner",
        st_gid: "group ID of owner",
        st_size: "total size, in bytes",
        _: "integer time of last access",
        _: "integer time of last modification",
        _: "integer time of last change",
        st_atime: "time of last access",
        st_mtime: "time of last modification",
        st_ctime: "time of last change",
        st_atime_ns: "time of last access in nanoseconds",
        st_mtime_ns: "time of last modification in nanoseconds",
        st_ctime_ns: "time of last change in nanoseconds",
        st_blksize: "blocksize for filesystem I/O",
        st_blocks: "number of blocks allocated",
        st_rdev: "device type (if inode device)",
    }
}

struct_sequence! {
    heap doc "statvfs_result: Result from statvfs or fstatvfs.\n\nThis object may be accessed either as a tuple of\n  (bsize, frsize, blocks, bfree, bavail, files, ffree, favail, flag, namemax),\nor via the attributes f_bsize, f_frsize, f_blocks, f_bfree, and so on.\n\nSee os.statvfs for more information."
    pub static STATVFS_RESULT = "os.statvfs_result", visible 10,
    { f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail, f_flag, f_namemax, f_fsid }
}

/// Times with fractions that were left out are the whole ones.
fn complete_times(values: &mut [Ref]) {
    for index in 7..10 {
        if values.get(index + 3).is_some_and(|value| is_none(value))
            && let Some(whole) = values.get(index).cloned()
        {
            values[index + 3] = whole;
        }
    }
}

/// The system's answer as Python sees it.
pub fn stat_result(stat: &libc::stat) -> Result<Ref<Tuple>, Raised> {
    let times =
        [(stat.st_atime, stat.st_atime_nsec), (stat.st_mtime, stat.st_mtime_nsec), (stat.st_ctime, stat.st_ctime_nsec)];
    STAT_RESULT.build(|index| {
        let number = match index {
            0 => stat.st_mode.into(),
            1 => return Ok(Int::from_u64(stat.st_ino)?.into_object()),
            2 => return Ok(Int::from_u64(stat.st_dev)?.into_object()),
            3 => return Ok(Int::from_u64(stat.st_nlink)?.into_object()),
            4 => stat.st_uid.into(),
            5 => stat.st_gid.into(),
            6 => stat.st_size,
            7..10 => times[index - 7].0,
            10..13 => {
                let (seconds, nanoseconds) = times[index - 10];
                return Ok(Float::new(seconds as f64 + 1e-9 * nanoseconds as f64)?.into_object());
            }
            13..16 => return nanoseconds_of(times[index - 13]),
            16 => stat.st_blksize,
            17 => stat.st_blocks,
            _ => return Ok(Int::from_u64(stat.st_rdev)?.into_object()),
        };
        Ok(Int::from_i64(number)?.into_object())
    })
}

/// Seconds and nanoseconds as nanoseconds, which may be wider than a word.
fn nanoseconds_of((seconds, nanoseconds): (i64, i64)) -> Result<Ref, Raised> {
    let total = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    if let Ok(total) = i64::try_from(total) {
        return Ok(Int::from_i64(total)?.into_object());
    }
    let magnitude = total.unsigned_abs();
    let digits: [u32; 5] = std::array::from_fn(|index| (magnitude >> (30 * index) & 0x3FFF_FFFF) as u32);
    let used = digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
    Ok(Int::from_digits(&digits[..used], total < 0)?.into_object())
}

/// Asks the system about a path or file descriptor.
pub fn do_stat(path: &Path, dir_fd: DirFd, follow: bool) -> Result<Ref<Tuple>, Raised> {
    path.check_dir_fd(dir_fd)?;
    path.check_follow(follow)?;
    match raw_stat(path, dir_fd, follow) {
        Ok(stat) => stat_result(&stat),
        Err(errno) => Err(path.error_of(errno)),
    }
}

/// As `do_stat`, without objects.
pub fn raw_stat(path: &Path, dir_fd: DirFd, follow: bool) -> Result<libc::stat, i32> {
    let (text, fd) = (path.as_ptr(), path.fd);
    // SAFETY: the structure is plain data that the call fills; the path is a C string that outlives the call.
    without_lock(unsafe {
        outside(|| {
            let mut stat = std::mem::zeroed::<libc::stat>();
            let result = match fd {
                Some(fd) => libc::fstat(fd, &mut stat),
                None => {
                    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
                    libc::fstatat(dir_fd.0, text, &mut stat, flags)
                }
            };
            if result == 0 { Ok(stat) } else { Err(crate::system::errno()) }
        })
    })
}

/// The answer about a file system as Python sees it.
fn statvfs_result(answer: &libc::statvfs) -> Result<Ref<Tuple>, Raised> {
    let values = [
        answer.f_bsize,
        answer.f_frsize,
        answer.f_blocks,
        answer.f_bfree,
        answer.f_bavail,
        answer.f_files,
        answer.f_ffree,
        answer.f_favail,
        answer.f_flag,
        answer.f_namemax,
        answer.f_fsid,
    ];
    STATVFS_RESULT.build(|index| Ok(Int::from_u64(values[index])?.into_object()))
}

#[pymodule(table = STAT)]
impl Posix {
    /// Perform a stat system call on the given path.
    ///
    ///   path
    ///     Path to be examined; can be string, bytes, a path-like object or
    ///     open-file-descriptor int.
    ///   dir_fd
    ///     If not None, it should be a file descriptor open to a directory,
    ///     and path should be a relative string; path will then be relative to
    ///     that directory.
    ///   follow_symlinks
    ///     If False, and the last element of the path is a symbolic link,
    ///     stat will examine the symbolic link itself instead of the file
    ///     the link points to.
    ///
    /// dir_fd and follow_symlinks may not be implemented
    ///   on your platform.  If they are unavailable, using them will raise a
    ///   NotImplementedError.
    ///
    /// It's an error to use dir_fd or follow_symlinks when specifying path as
    ///   an open file descriptor.
    #[signature(path, *, dir_fd = CURRENT, follow_symlinks = true)]
    #[shown("($module, /, path, *, dir_fd=None, follow_symlinks=True)")]
    fn stat(path: &Object, dir_fd: DirFd, follow_symlinks: bool) -> Result<Ref<Tuple>, Raised> {
        do_stat(&Path::new(Some(path), "stat", "path", PATH_OR_FD)?, dir_fd, follow_symlinks)
    }

    /// Perform a stat system call on the given path, without following symbolic links.
    ///
    /// Like stat(), but do not follow symbolic links.
    /// Equivalent to stat(path, follow_symlinks=False).
    #[signature(path, *, dir_fd = CURRENT)]
    #[shown("($module, /, path, *, dir_fd=None)")]
    fn lstat(path: &Object, dir_fd: DirFd) -> Result<Ref<Tuple>, Raised> {
        do_stat(&Path::new(Some(path), "lstat", "path", PATH)?, dir_fd, false)
    }

    /// Perform a stat system call on the given file descriptor.
    ///
    /// Like stat(), but for an open file descriptor.
    /// Equivalent to os.stat(fd).
    #[signature(fd)]
    fn fstat(fd: crate::system::CInt) -> Result<Ref<Tuple>, Raised> {
        // SAFETY: the structure is plain data that the call fills.
        let mut stat = unsafe { std::mem::zeroed::<libc::stat>() };
        // SAFETY: as above.
        match retry(|| unsafe { libc::fstat(fd.0, &mut stat) })? {
            Ok(_) => stat_result(&stat),
            Err(errno) => Err(habu_runtime::exceptions::raise_os_error(errno, None)),
        }
    }

    /// Perform a statvfs system call on the given path.
    ///
    /// path may always be specified as a string.
    /// On some platforms, path may also be specified as an open file descriptor.
    ///   If this functionality is unavailable, using it raises an exception.
    #[signature(path)]
    fn statvfs(path: &Object) -> Result<Ref<Tuple>, Raised> {
        let path = Path::new(Some(path), "statvfs", "path", PATH_OR_FD)?;
        // SAFETY: the structure is plain data that the call fills; the path is a C string.
        let (answer, result) = unsafe {
            let mut answer = std::mem::zeroed::<libc::statvfs>();
            let result = without_lock({
                outside(|| match path.fd {
                    Some(fd) => libc::fstatvfs(fd, &mut answer),
                    None => libc::statvfs(path.as_ptr(), &mut answer),
                })
            });
            (answer, result)
        };
        if result != 0 {
            return Err(path.error());
        }
        statvfs_result(&answer)
    }

    /// Perform an fstatvfs system call on the given fd.
    ///
    /// Equivalent to statvfs(fd).
    fn fstatvfs(fd: crate::system::CInt) -> Result<Ref<Tuple>, Raised> {
        // SAFETY: the structure is plain data that the call fills.
        let mut answer = unsafe { std::mem::zeroed::<libc::statvfs>() };
        // SAFETY: as above.
        match retry(|| unsafe { libc::fstatvfs(fd.0, &mut answer) })? {
            Ok(_) => statvfs_result(&answer),
            Err(errno) => Err(habu_runtime::exceptions::raise_os_error(errno, None)),
        }
    }

    /// Change to the directory of the given file descriptor.
    ///
    /// fd must be opened on a directory, not a file.
    /// Equivalent to os.chdir(fd).
    #[signature(fd)]
    fn fchdir(fd: Descriptor) -> Result<(), Raised> {
        // SAFETY: a plain call.
        crate::system::blocking::retry_or_raise(|| unsafe { libc::fchdir(fd.0) }).map(drop)
    }
}
