//! Extended attributes of files.

use habu_heap::Buffer;
use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::list::List;

use super::path::{PATH, PATH_FD_OR_NONE, PATH_OR_FD, Path};
use super::{Posix, done};
use crate::system::CInt;
use crate::system::blocking::{outside, without_lock};
use crate::system::text::decode;

/// Room that most values and lists fit in, and the system's most.
const SIZES: [usize; 2] = [256, 65536];

/// Fills a buffer by a call that is told its address and size, with more room where that is too small.
fn fill(path: &Path, mut call: impl FnMut(*mut u8, usize) -> isize) -> Result<Buffer<u8>, Raised> {
    for size in SIZES {
        let mut room = Buffer::<u8>::with_capacity(size)?;
        room.resize(size, 0)?;
        let start = room.as_mut_ptr();
        // SAFETY: the call fills memory of this function alone, and touches no object.
        let count = without_lock(unsafe { outside(|| call(start, size)) });
        if let Ok(count) = usize::try_from(count) {
            room.truncate(count);
            return Ok(room);
        }
        if crate::system::errno() != libc::ERANGE {
            return Err(path.error());
        }
    }
    Err(path.error())
}

#[pymodule(table = XATTR)]
impl Posix {
    /// Return the value of extended attribute attribute on path.
    ///
    /// path may be either a string, a path-like object, or an open file descriptor.
    /// If follow_symlinks is False, and the last element of the path is a symbolic
    ///   link, getxattr will examine the symbolic link itself instead of the file
    ///   the link points to.
    #[signature(path, attribute, *, follow_symlinks = true)]
    fn getxattr(path: &Object, attribute: &Object, follow_symlinks: bool) -> Result<Ref<Bytes>, Raised> {
        let path = Path::new(Some(path), "getxattr", "path", PATH_OR_FD)?;
        let name = Path::new(Some(attribute), "getxattr", "attribute", PATH)?;
        path.check_follow(follow_symlinks)?;
        habu_runtime::audit!("os.getxattr", path.object.clone(), name.object.clone())?;
        // SAFETY: the texts are C strings, and the room is as large as is said.
        let value = fill(&path, |start, size| unsafe {
            match path.fd {
                Some(fd) => libc::fgetxattr(fd, name.as_ptr(), start.cast(), size),
                None if follow_symlinks => libc::getxattr(path.as_ptr(), name.as_ptr(), start.cast(), size),
                None => libc::lgetxattr(path.as_ptr(), name.as_ptr(), start.cast(), size),
            }
        })?;
        Bytes::new(&value)
    }

    /// Set extended attribute attribute on path to value.
    ///
    /// path may be either a string, a path-like object,  or an open file descriptor.
    /// If follow_symlinks is False, and the last element of the path is a symbolic
    ///   link, setxattr will modify the symbolic link itself instead of the file
    ///   the link points to.
    #[signature(path, attribute, value, flags = CInt(0), *, follow_symlinks = true)]
    #[shown("($module, /, path, attribute, value, flags=0, *,\n         follow_symlinks=True)")]
    fn setxattr(
        path: &Object,
        attribute: &Object,
        value: &Object,
        flags: CInt,
        follow_symlinks: bool,
    ) -> Result<(), Raised> {
        let path = Path::new(Some(path), "setxattr", "path", PATH_OR_FD)?;
        let name = Path::new(Some(attribute), "setxattr", "attribute", PATH)?;
        let value = ByteView::new(value)?;
        path.check_follow(follow_symlinks)?;
        habu_runtime::audit!("os.setxattr", path.object.clone(), name.object.clone(), Bytes::new(&value)?, flags.0)?;
        let (start, size) = (value.pointer(), value.len());
        // SAFETY: the texts are C strings, and the exporter keeps the value in place while the view is held.
        done(&path, || unsafe {
            match path.fd {
                Some(fd) => libc::fsetxattr(fd, name.as_ptr(), start.cast(), size, flags.0),
                None if follow_symlinks => libc::setxattr(path.as_ptr(), name.as_ptr(), start.cast(), size, flags.0),
                None => libc::lsetxattr(path.as_ptr(), name.as_ptr(), start.cast(), size, flags.0),
            }
        })
    }

    /// Remove extended attribute attribute on path.
    ///
    /// path may be either a string, a path-like object, or an open file descriptor.
    /// If follow_symlinks is False, and the last element of the path is a symbolic
    ///   link, removexattr will modify the symbolic link itself instead of the file
    ///   the link points to.
    #[signature(path, attribute, *, follow_symlinks = true)]
    fn removexattr(path: &Object, attribute: &Object, follow_symlinks: bool) -> Result<(), Raised> {
        let path = Path::new(Some(path), "removexattr", "path", PATH_OR_FD)?;
        let name = Path::new(Some(attribute), "removexattr", "attribute", PATH)?;
        path.check_follow(follow_symlinks)?;
        habu_runtime::audit!("os.removexattr", path.object.clone(), name.object.clone())?;
        // SAFETY: the texts are C strings.
        done(&path, || unsafe {
            match path.fd {
                Some(fd) => libc::fremovexattr(fd, name.as_ptr()),
                None if follow_symlinks => libc::removexattr(path.as_ptr(), name.as_ptr()),
                None => libc::lremovexattr(path.as_ptr(), name.as_ptr()),
            }
        })
    }

    /// Return a list of extended attributes on path.
    ///
    /// path may be either None, a string, a path-like object, or an open file descriptor.
    /// if path is None, listxattr will examine the current directory.
    /// If follow_symlinks is False, and the last element of the path is a symbolic
    ///   link, listxattr will examine the symbolic link itself instead of the file
    ///   the link points to.
    #[signature(path = None, *, follow_symlinks = true)]
    fn listxattr(path: Option<&Object>, follow_symlinks: bool) -> Result<Ref<List>, Raised> {
        let path = Path::new(path, "listxattr", "path", PATH_FD_OR_NONE)?;
        path.check_follow(follow_symlinks)?;
        habu_runtime::audit!("os.listxattr", path.object.clone())?;
        // SAFETY: the text is a C string, and the room is as large as is said.
        let names = fill(&path, |start, size| unsafe {
            match path.fd {
                Some(fd) => libc::flistxattr(fd, start.cast(), size),
                None if follow_symlinks => libc::listxattr(path.as_ptr(), start.cast(), size),
                None => libc::llistxattr(path.as_ptr(), start.cast(), size),
            }
        })?;
        let list = List::new()?;
        for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            list.push(decode(name)?.into_object())?;
        }
        Ok(list)
    }
}
