//! The module `posix`: system calls, one file for each family.

pub mod constants;
pub mod directory;
pub mod environment;
pub mod files;
pub mod identity;
pub mod links;
pub mod path;
pub mod process;
pub mod scheduling;
pub mod spawn;
pub mod stat;
pub mod system;
pub mod vectors;
pub mod xattr;

use habu_macros::pymodule;
use habu_runtime::object::{Object, PyType, Raised, Ref, Type};
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

use crate::system::blocking::{outside, without_lock};
use path::Path;

/// The module.
pub struct Posix;

/// What the functions of the module could be built with; `os` reads which of them take a file descriptor or a directory's.
const HAVE_FUNCTIONS: &[&str] = &[
    "HAVE_EVENTFD",
    "HAVE_FACCESSAT",
    "HAVE_FCHDIR",
    "HAVE_FCHMOD",
    "HAVE_FCHMODAT",
    "HAVE_FCHOWN",
    "HAVE_FCHOWNAT",
    "HAVE_FEXECVE",
    "HAVE_FDOPENDIR",
    "HAVE_FPATHCONF",
    "HAVE_FSTATAT",
    "HAVE_FSTATVFS",
    "HAVE_FTRUNCATE",
    "HAVE_FUTIMENS",
    "HAVE_FUTIMES",
    "HAVE_FUTIMESAT",
    "HAVE_LINKAT",
    "HAVE_LCHOWN",
    "HAVE_LSTAT",
    "HAVE_LUTIMES",
    "HAVE_MEMFD_CREATE",
    "HAVE_MKDIRAT",
    "HAVE_MKFIFOAT",
    "HAVE_MKNODAT",
    "HAVE_OPENAT",
    "HAVE_READLINKAT",
    "HAVE_RENAMEAT",
    "HAVE_SYMLINKAT",
    "HAVE_UNLINKAT",
    "HAVE_UTIMENSAT",
];

/// Makes a call about a path that gives 0, or -1 and sets errno.
fn done(path: &Path, call: impl FnMut() -> i32) -> Result<(), Raised> {
    // SAFETY: callers make a system call with numbers and texts that live as long; it touches no object.
    if without_lock(unsafe { outside(call) }) == 0 { Ok(()) } else { Err(path.error()) }
}

/// `cls[item]`
fn generic_alias(cls: &Type, item: &Object) -> Result<Ref, Raised> {
    habu_runtime::types::generic_alias::value::alias(cls, item)
}

/// This module provides access to operating system functionality that is
/// standardized by the C Standard and the POSIX standard (a thinly
/// disguised Unix interface).  Refer to the library manual and
/// corresponding Unix manual entries for more information on calls.
#[pymodule(
    name = "posix",
    with(STAT, DIRECTORY, FILES, LINKS, PROCESS, IDENTITY, ENVIRONMENT, SYSTEM, SCHEDULING, SPAWN, VECTORS, XATTR)
)]
impl Posix {
    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        for sequence in [
            &stat::STAT_RESULT,
            &stat::STATVFS_RESULT,
            &system::TERMINAL_SIZE,
            &system::UNAME_RESULT,
            &system::TIMES_RESULT,
            &process::WAITID_RESULT,
            &scheduling::SCHED_PARAM,
        ] {
            sequence.ready()?;
            let ty = sequence.type_object();
            module.set(ty.name(), ty)?;
        }
        for ty in [directory::DirEntry::static_type(), directory::ScandirIterator::static_type()] {
            module.ready_type(ty)?;
        }
        module.set("DirEntry", directory::DirEntry::type_object())?;
        module.set("error", habu_runtime::exceptions::exc::OSError())?;
        constants::fill(module)?;
        let functions = List::new()?;
        for name in HAVE_FUNCTIONS {
            functions.push(Str::new(name)?.into_object())?;
        }
        module.set("_have_functions", &functions)?;
        module.set("environ", &*environment::environ()?)
    }
}
