//! Directories: `listdir`, `scandir` and its entries.

use std::cell::Cell;
use std::ffi::CStr;

use habu_heap::Buffer;
use habu_macros::{pymethods, pymodule, pytype};
use habu_runtime::object::{Field, Object, Raised, Ref, Room, protocol};
use habu_runtime::types::list::List;
use habu_runtime::types::str::Str;

use super::Posix;
use super::path::{CURRENT, DirFd, PATH, PATH_FD_OR_NONE, Path};
use super::stat::{raw_stat, stat_result};
use crate::system::blocking::{outside, without_lock};
use crate::system::errno;

/// Opens the directory that a path or a copy of a file descriptor stands for; the errno where that fails.
fn open_directory(path: &Path) -> Result<*mut libc::DIR, i32> {
    let (text, fd) = (path.as_ptr(), path.fd);
    // SAFETY: the path is a C string that outlives the call; a copy of the descriptor is owned by the directory or closed.
    without_lock(unsafe {
        outside(|| {
            let directory = match fd {
                None => libc::opendir(text),
                Some(fd) => {
                    let copy = libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0);
                    if copy < 0 {
                        return Err(errno());
                    }
                    let directory = libc::fdopendir(copy);
                    if directory.is_null() {
                        let failed = errno();
                        libc::close(copy);
                        return Err(failed);
                    }
                    directory
                }
            };
            if directory.is_null() { Err(errno()) } else { Ok(directory) }
        })
    })
}

/// Closes a directory; one that was opened by descriptor is left at its start, because the descriptor's copy shares the place.
fn close_directory(directory: *mut libc::DIR, by_fd: bool) {
    // SAFETY: the directory is open and used no more.
    without_lock(unsafe {
        outside(|| {
            if by_fd {
                libc::rewinddir(directory);
            }
            libc::closedir(directory);
        })
    });
}

/// One entry as the system gives it.
struct RawEntry {
    name: Buffer<u8>,
    inode: u64,
    kind: u8,
}

/// The next entry beside `.` and `..`; nothing at the end.
fn read_entry(directory: *mut libc::DIR, path: &Path) -> Result<Option<RawEntry>, Raised> {
    loop {
        // SAFETY: the directory is open; the entry is read before the next call on it.
        let (entry, failed) = without_lock(unsafe {
            outside(|| {
                *libc::__errno_location() = 0;
                let entry = libc::readdir64(directory);
                (entry, errno())
            })
        });
        if entry.is_null() {
            return if failed == 0 { Ok(None) } else { Err(path.error_of(failed)) };
        }
        // SAFETY: as above; the name ends with NUL.
        let (name, inode, kind) =
            unsafe { (CStr::from_ptr((*entry).d_name.as_ptr()).to_bytes(), (*entry).d_ino, (*entry).d_type) };
        if name != b"." && name != b".." {
            return Ok(Some(RawEntry { name: Buffer::from_slice(name)?, inode, kind }));
        }
    }
}

/// An open directory that is closed when this is dropped.
struct OpenDirectory {
    directory: *mut libc::DIR,
    by_fd: bool,
}

impl Drop for OpenDirectory {
    fn drop(&mut self) {
        close_directory(self.directory, self.by_fd);
    }
}

/// An entry of a directory, as `os.scandir` gives it.
#[pytype(name = "posix.DirEntry", doc = "", heap, flag = DISALLOW_INSTANTIATION)]
pub struct DirEntry {
    base: Object,
    name: Field,
    path: Field,
    /// What `stat` gave, kept.
    stat: Field,
    /// What `lstat` gave, kept.
    lstat: Field,
    kind: Cell<u8>,
    inode: Cell<u64>,
    dir_fd: Cell<i32>,
}

impl DirEntry {
    fn path_for_stat(&self) -> Result<Path, Raised> {
        let field = if self.dir_fd.get() == libc::AT_FDCWD { &self.path } else { &self.name };
        let object = field.get();
        Path::new(object.as_deref(), "DirEntry.stat", "path", PATH)
    }

    /// The result of `stat` or `lstat`, asked for once.
    fn cached_stat(&self, follow: bool) -> Result<Ref, Raised> {
        let field = if follow { &self.stat } else { &self.lstat };
        if let Some(known) = field.get() {
            return Ok(known);
        }
        if follow && !self.is_link()? {
            // What is no link answers both the same.
            let known = self.cached_stat(false)?;
            self.stat.set(Some(known.clone()));
            return Ok(known);
        }
        let path = self.path_for_stat()?;
        let answer = raw_stat(&path, DirFd(self.dir_fd.get()), follow)
            .map_err(|failed| habu_runtime::exceptions::raise_os_error(failed, self.path.get().as_deref()))?;
        let answer = stat_result(&answer)?.into_object();
        field.set(Some(answer.clone()));
        Ok(answer)
    }

    /// Whether it is a symbolic link itself.
    fn is_link(&self) -> Result<bool, Raised> {
        match self.kind.get() {
            libc::DT_UNKNOWN => self.test_mode(false, libc::S_IFLNK),
            kind => Ok(kind == libc::DT_LNK),
        }
    }

    /// Whether the mode that `stat` gives is of the kind; what is gone is of none.
    fn test_mode(&self, follow: bool, kind: u32) -> Result<bool, Raised> {
        let link = self.kind.get() == libc::DT_LNK;
        let unknown = self.kind.get() == libc::DT_UNKNOWN;
        let followed = follow && link;
        if !unknown && !followed {
            let wanted = match kind {
                libc::S_IFDIR => libc::DT_DIR,
                libc::S_IFREG => libc::DT_REG,
                _ => libc::DT_LNK,
            };
            return Ok(self.kind.get() == wanted);
        }
        let path = self.path_for_stat()?;
        if !(if follow { &self.stat } else { &self.lstat }).is_empty() {
            let known = self.cached_stat(follow)?;
            let mode = protocol::sequence::get_index(&known, 0)?;
            let mode = protocol::number::index(&mode)?.to_i64().unwrap_or(0);
            return Ok(mode as u32 & libc::S_IFMT == kind);
        }
        match raw_stat(&path, DirFd(self.dir_fd.get()), follow) {
            Ok(answer) => Ok(answer.st_mode & libc::S_IFMT == kind),
            Err(libc::ENOENT) => Ok(false),
            Err(failed) => Err(habu_runtime::exceptions::raise_os_error(failed, self.path.get().as_deref())),
        }
    }
}

#[pymethods]
impl DirEntry {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let name = self.name.get().unwrap_or_else(habu_runtime::types::none);
        let name = protocol::repr(&name)?;
        Str::from_format(format_args!("<DirEntry {name}>"))
    }

    /// the entry's base filename, relative to scandir() "path" argument
    #[getter]
    fn name(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.name.get())
    }

    /// the entry's full path name; equivalent to os.path.join(scandir_path, entry.name)
    #[getter]
    fn path(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.path.get())
    }

    /// Return True if the entry is a directory; cached per entry.
    #[signature(*, follow_symlinks = true)]
    fn is_dir(&self, follow_symlinks: bool) -> Result<bool, Raised> {
        self.test_mode(follow_symlinks, libc::S_IFDIR)
    }

    /// Return True if the entry is a file; cached per entry.
    #[signature(*, follow_symlinks = true)]
    fn is_file(&self, follow_symlinks: bool) -> Result<bool, Raised> {
        self.test_mode(follow_symlinks, libc::S_IFREG)
    }

    /// Return True if the entry is a symbolic link; cached per entry.
    #[of_class]
    fn is_symlink(&self) -> Result<bool, Raised> {
        self.is_link()
    }

    /// Return stat_result object for the entry; cached per entry.
    #[signature(*, follow_symlinks = true)]
    fn stat(&self, follow_symlinks: bool) -> Result<Ref, Raised> {
        self.cached_stat(follow_symlinks)
    }

    /// Return inode of the entry; cached per entry.
    fn inode(&self) -> Result<u64, Raised> {
        Ok(self.inode.get())
    }

    /// Returns the path for the entry.
    #[name = "__fspath__"]
    fn fspath(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.path.get())
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    fn class_getitem(cls: &habu_runtime::object::Type, item: &Object) -> Result<Ref, Raised> {
        super::generic_alias(cls, item)
    }
}

/// An iterator over the entries of a directory.
#[pytype(name = "posix.ScandirIterator", doc = "", heap, flag = DISALLOW_INSTANTIATION, flag = HAVE_FINALIZE)]
pub struct ScandirIterator {
    base: Object,
    /// The path as it was given, or nothing.
    path: Field,
    directory: Cell<*mut libc::DIR>,
    fd: Cell<i32>,
    room: Room<64>,
}

habu_runtime::assert_layout!(ScandirIterator, size 104);

impl ScandirIterator {
    fn close_now(&self) {
        let directory = self.directory.replace(std::ptr::null_mut());
        if !directory.is_null() {
            close_directory(directory, self.fd.get() >= 0);
        }
    }

    /// The entry with its full path.
    fn entry(&self, raw: &RawEntry) -> Result<Ref, Raised> {
        let given = self.path.get();
        let path = Path::new(given.as_deref(), "scandir", "path", PATH_FD_OR_NONE)?;
        let name = path.name(&raw.name)?;
        let full = if path.fd.is_some() {
            name.clone()
        } else {
            let mut full = Buffer::from_slice(path.as_bytes())?;
            if full.last().is_some_and(|last| *last != b'/') {
                full.push(b'/')?;
            }
            full.extend_from_slice(&raw.name)?;
            path.name(&full)?
        };
        let entry = habu_runtime::object::create(DirEntry {
            base: Object::of::<DirEntry>(),
            name: Field::new(name),
            path: Field::new(full),
            stat: Field::empty(),
            lstat: Field::empty(),
            kind: Cell::new(raw.kind),
            inode: Cell::new(raw.inode),
            dir_fd: Cell::new(path.fd.unwrap_or(libc::AT_FDCWD)),
        })?;
        Ok(entry.into_object())
    }
}

impl Drop for ScandirIterator {
    fn drop(&mut self) {
        self.close_now();
    }
}

#[pymethods]
impl ScandirIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let directory = self.directory.get();
        if directory.is_null() {
            return Ok(None);
        }
        let given = self.path.get();
        let path = Path::new(given.as_deref(), "scandir", "path", PATH_FD_OR_NONE)?;
        match read_entry(directory, &path) {
            Ok(Some(raw)) => self.entry(&raw).map(Some),
            Ok(None) => {
                self.close_now();
                Ok(None)
            }
            Err(raised) => {
                self.close_now();
                Err(raised)
            }
        }
    }

    #[slot(tp_finalize)]
    fn finalize(&self) {
        if self.directory.get().is_null() {
            return;
        }
        habu_runtime::exceptions::keep_current(|| {
            let warned = protocol::repr(self).and_then(|text| {
                crate::system::warn::resource_warning(self, format_args!("unclosed scandir iterator {text}"))
            });
            if let Err(raised) = warned {
                habu_runtime::exceptions::unraisable(raised, Some(self));
            }
            self.close_now();
        });
    }

    #[no_signature]
    fn close(&self) -> Result<(), Raised> {
        self.close_now();
        Ok(())
    }

    #[name = "__enter__"]
    #[no_signature]
    fn enter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[name = "__exit__"]
    #[no_signature]
    #[signature(*args)]
    fn exit(&self, _args: &[&Object]) -> Result<(), Raised> {
        self.close_now();
        Ok(())
    }
}

#[pymodule(table = DIRECTORY)]
impl Posix {
    /// Return a list containing the names of the files in the directory.
    ///
    /// path can be specified as either str, bytes, or a path-like object.  If path is bytes,
    ///   the filenames returned will also be bytes; in all other circumstances
    ///   the filenames returned will be str.
    /// If path is None, uses the path='.'.
    /// On some platforms, path may also be specified as an open file descriptor;\
    ///   the file descriptor must refer to a directory.
    ///   If this functionality is unavailable, using it raises NotImplementedError.
    ///
    /// The list is in arbitrary order.  It does not include the special
    /// entries '.' and '..' even if they are present in the directory.
    #[signature(path = None)]
    fn listdir(path: Option<&Object>) -> Result<Ref<List>, Raised> {
        let path = Path::new(path, "listdir", "path", PATH_FD_OR_NONE)?;
        habu_runtime::audit!("os.listdir", path.object.clone())?;
        let directory = open_directory(&path).map_err(|failed| path.error_of(failed))?;
        let open = OpenDirectory { directory, by_fd: path.fd.is_some() };
        let names = List::new()?;
        while let Some(entry) = read_entry(open.directory, &path)? {
            names.push(path.name(&entry.name)?)?;
        }
        Ok(names)
    }

    /// Return an iterator of DirEntry objects for given path.
    ///
    /// path can be specified as either str, bytes, or a path-like object.  If path
    /// is bytes, the names of yielded DirEntry objects will also be bytes; in
    /// all other circumstances they will be str.
    ///
    /// If path is None, uses the path='.'.
    #[signature(path = None)]
    fn scandir(path: Option<&Object>) -> Result<Ref<ScandirIterator>, Raised> {
        let path = Path::new(path, "scandir", "path", PATH_FD_OR_NONE)?;
        habu_runtime::audit!("os.scandir", path.object.clone())?;
        let directory = open_directory(&path).map_err(|failed| path.error_of(failed))?;
        let open = OpenDirectory { directory, by_fd: path.fd.is_some() };
        let iterator = habu_runtime::object::create(ScandirIterator {
            base: Object::of::<ScandirIterator>(),
            path: Field::optional(path.object.clone()),
            directory: Cell::new(std::ptr::null_mut()),
            fd: Cell::new(path.fd.unwrap_or(-1)),
            room: Room::new(),
        })?;
        iterator.directory.set(open.directory);
        std::mem::forget(open);
        Ok(iterator)
    }

    /// Return the file system path representation of the object.
    ///
    /// If the object is str or bytes, then allow it to pass through as-is. If the
    /// object defines __fspath__(), then return the result of that method. All other
    /// types raise a TypeError.
    #[signature(path)]
    fn fspath(path: &Object) -> Result<Ref, Raised> {
        crate::system::text::fspath(path)
    }

    /// Change the current working directory to the specified path.
    ///
    /// path may always be specified as a string.
    /// On some platforms, path may also be specified as an open file descriptor.
    /// If this functionality is unavailable, using it raises an exception.
    #[signature(path)]
    fn chdir(path: &Object) -> Result<(), Raised> {
        let path = Path::new(Some(path), "chdir", "path", super::path::PATH_OR_FD)?;
        habu_runtime::audit!("os.chdir", path.object.clone())?;
        // SAFETY: the path is a C string.
        let result = without_lock(unsafe {
            outside(|| match path.fd {
                Some(fd) => libc::fchdir(fd),
                None => libc::chdir(path.as_ptr()),
            })
        });
        if result == 0 { Ok(()) } else { Err(path.error()) }
    }

    /// Return a unicode string representing the current working directory.
    fn getcwd() -> Result<Ref<Str>, Raised> {
        crate::system::text::decode(&current_directory()?)
    }

    /// Return a bytes string representing the current working directory.
    fn getcwdb() -> Result<Ref<habu_runtime::types::bytes::Bytes>, Raised> {
        habu_runtime::types::bytes::Bytes::new(&current_directory()?)
    }

    /// Create a directory.
    ///
    /// If dir_fd is not None, it should be a file descriptor open to a directory,
    ///   and path should be relative; path will then be relative to that directory.
    /// dir_fd may not be implemented on your platform.
    ///   If it is unavailable, using it will raise a NotImplementedError.
    ///
    /// The mode argument is ignored on Windows. Where it is used, the current umask
    /// value is first masked out.
    #[signature(path, mode = 511, *, dir_fd = CURRENT)]
    #[shown("($module, /, path, mode=511, *, dir_fd=None)")]
    fn mkdir(path: &Object, mode: i32, dir_fd: DirFd) -> Result<(), Raised> {
        let path = Path::new(Some(path), "mkdir", "path", PATH)?;
        habu_runtime::audit!("os.mkdir", path.object.clone(), mode, dir_fd.shown())?;
        // SAFETY: the path is a C string.
        super::done(&path, || unsafe { libc::mkdirat(dir_fd.0, path.as_ptr(), mode as libc::mode_t) })
    }

    /// Remove a directory.
    ///
    /// If dir_fd is not None, it should be a file descriptor open to a directory,
    ///   and path should be relative; path will then be relative to that directory.
    /// dir_fd may not be implemented on your platform.
    ///   If it is unavailable, using it will raise a NotImplementedError.
    #[signature(path, *, dir_fd = CURRENT)]
    #[shown("($module, /, path, *, dir_fd=None)")]
    fn rmdir(path: &Object, dir_fd: DirFd) -> Result<(), Raised> {
        let path = Path::new(Some(path), "rmdir", "path", PATH)?;
        habu_runtime::audit!("os.rmdir", path.object.clone(), dir_fd.shown())?;
        // SAFETY: the path is a C string.
        super::done(&path, || unsafe { libc::unlinkat(dir_fd.0, path.as_ptr(), libc::AT_REMOVEDIR) })
    }
}

/// The current directory's path.
fn current_directory() -> Result<Buffer<u8>, Raised> {
    let mut room = Buffer::<u8>::new();
    let mut size = 1024;
    loop {
        room.resize(size, 0)?;
        let start = room.as_mut_ptr();
        // SAFETY: the buffer has the length that is told.
        let found = without_lock(unsafe { outside(|| !libc::getcwd(start.cast(), size).is_null()) });
        if found {
            let length = room.iter().position(|byte| *byte == 0).unwrap_or(size);
            room.truncate(length);
            return Ok(room);
        }
        if errno() != libc::ERANGE || size > 1 << 24 {
            return Err(crate::system::last_error());
        }
        size *= 2;
    }
}
