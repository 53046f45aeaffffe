//! The module `_stat`: constants and questions about the modes of files.

use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

/// The module.
pub struct Stat;

#[rustfmt::skip]
static CONSTANTS: &[(&str, i64)] = &[
    ("SF_APPEND", 0x40000), ("SF_ARCHIVED", 0x10000), ("SF_IMMUTABLE", 0x20000), ("SF_NOUNLINK", 0x100000),
    ("SF_SNAPSHOT", 0x200000), ("ST_ATIME", 7), ("ST_CTIME", 9), ("ST_DEV", 2), ("ST_GID", 5), ("ST_INO", 1),
    ("ST_MODE", 0), ("ST_MTIME", 8), ("ST_NLINK", 3), ("ST_SIZE", 6), ("ST_UID", 4), ("S_ENFMT", 0o2000),
    ("S_IEXEC", 0o100), ("S_IFBLK", 0o60000), ("S_IFCHR", 0o20000), ("S_IFDIR", 0o40000), ("S_IFDOOR", 0),
    ("S_IFIFO", 0o10000), ("S_IFLNK", 0o120000), ("S_IFPORT", 0), ("S_IFREG", 0o100000), ("S_IFSOCK", 0o140000),
    ("S_IFWHT", 0), ("S_IREAD", 0o400), ("S_IRGRP", 0o40), ("S_IROTH", 4), ("S_IRUSR", 0o400), ("S_IRWXG", 0o70),
    ("S_IRWXO", 7), ("S_IRWXU", 0o700), ("S_ISGID", 0o2000), ("S_ISUID", 0o4000), ("S_ISVTX", 0o1000),
    ("S_IWGRP", 0o20), ("S_IWOTH", 2), ("S_IWRITE", 0o200), ("S_IWUSR", 0o200), ("S_IXGRP", 0o10), ("S_IXOTH", 1),
    ("S_IXUSR", 0o100), ("UF_APPEND", 4), ("UF_COMPRESSED", 32), ("UF_HIDDEN", 32768), ("UF_IMMUTABLE", 2),
    ("UF_NODUMP", 1), ("UF_NOUNLINK", 16), ("UF_OPAQUE", 8),
];

/// A mode as an argument.
fn mode(object: &Object) -> Result<u32, Raised> {
    let Some(value) = object.downcast::<Int>() else { return Err(raise!(TypeError, "an integer is required")) };
    match value.to_i64() {
        Some(value) if value < 0 => Err(raise!(OverflowError, "can't convert negative value to unsigned int")),
        Some(value) => u32::try_from(value).map_err(|_| raise!(OverflowError, "mode out of range")),
        None => Err(raise!(OverflowError, "Python int too large to convert to C unsigned long")),
    }
}

fn is_kind(object: &Object, kind: u32) -> Result<bool, Raised> {
    Ok(mode(object)? & libc::S_IFMT == kind)
}

/// `-rwxrwxrwx`
fn text_of(mode: u32) -> [u8; 10] {
    let mut text = *b"----------";
    text[0] = match mode & libc::S_IFMT {
        libc::S_IFREG => b'-',
        libc::S_IFDIR => b'd',
        libc::S_IFLNK => b'l',
        libc::S_IFBLK => b'b',
        libc::S_IFCHR => b'c',
        libc::S_IFIFO => b'p',
        libc::S_IFSOCK => b's',
        _ => b'?',
    };
    for (index, letter) in b"rwxrwxrwx".iter().enumerate() {
        if mode & (0o400 >> index) != 0 {
            text[index + 1] = *letter;
        }
    }
    for (bit, at, with, without) in [(0o4000, 3, b's', b'S'), (0o2000, 6, b's', b'S'), (0o1000, 9, b't', b'T')] {
        if mode & bit != 0 {
            text[at] = if text[at] == b'x' { with } else { without };
        }
    }
    text
}

/// S_IFMT_: file type bits
/// S_IFDIR: directory
/// S_IFCHR: character device
/// S_IFBLK: block device
/// S_IFREG: regular file
/// S_IFIFO: fifo (named pipe)
/// S_IFLNK: symbolic link
/// S_IFSOCK: socket file
/// S_IFDOOR: door
/// S_IFPORT: event port
/// S_IFWHT: whiteout
#[pymodule(name = "_stat")]
impl Stat {
    /// Return the portion of the file's mode that describes the file type.
    #[name = "S_IFMT"]
    #[no_signature]
    fn format(m: &Object) -> Result<u32, Raised> {
        Ok(mode(m)? & libc::S_IFMT)
    }

    /// Return the portion of the file's mode that can be set by os.chmod().
    #[name = "S_IMODE"]
    #[no_signature]
    fn rights(m: &Object) -> Result<u32, Raised> {
        Ok(mode(m)? & 0o7777)
    }

    /// S_ISBLK(mode) -> bool
    ///
    /// Return True if mode is from a block special device file.
    #[name = "S_ISBLK"]
    #[no_signature]
    fn is_block(m: &Object) -> Result<bool, Raised> {
        is_kind(m, libc::S_IFBLK)
    }

    /// S_ISCHR(mode) -> bool
    ///
    /// Return True if mode is from a character special device file.
    #[name = "S_ISCHR"]
    #[no_signature]
    fn is_character(m: &Object) -> Result<bool, Raised> {
        is_kind(m, libc::S_IFCHR)
    }

    /// S_ISDIR(mode) -> bool
    ///
    /// Return True if mode is from a directory.
    #[name = "S_ISDIR"]
    #[no_signature]
    fn is_directory(m: &Object) -> Result<bool, Raised> {
        is_kind(m, libc::S_IFDIR)
    }

    /// S_ISDOOR(mode) -> bool
    ///
    /// Return True if mode is from a door.
    #[name = "S_ISDOOR"]
    #[no_signature]
    fn is_door(m: &Object) -> Result<bool, Raised> {
        mode(m).map(|_| false)
    }

    /// S_ISFIFO(mode) -> bool
    ///
    /// Return True if mode is from a FIFO (named pipe).
    #[name = "S_ISFIFO"]
    #[no_signature]
    fn is_fifo(m: &Object) -> Result<bool, Raised> {
        is_kind(m, libc::S_IFIFO)
    }

    /// S_ISLNK(mode) -> bool
    ///
    /// Return True if mode is from a symbolic link.
    #[name = "S_ISLNK"]
    #[no_signature]
    fn is_link(m: &Object) -> Result<bool, Raised> {
        is_kind(m, libc::S_IFLNK)
    }

    /// S_ISPORT(mode) -> bool
    ///
    /// Return True if mode is from an event port.
    #[name = "S_ISPORT"]
    #[no_signature]
    fn is_port(m: &Object) -> Result<bool, Raised> {
        mode(m).map(|_| false)
    }

    /// S_ISREG(mode) -> bool
    ///
    /// Return True if mode is from a regular file.
    #[name = "S_ISREG"]
    #[no_signature]
    fn is_regular(m: &Object) -> Result<bool, Raised> {
        is_kind(m, libc::S_IFREG)
    }

    /// S_ISSOCK(mode) -> bool
    ///
    /// Return True if mode is from a socket.
    #[name = "S_ISSOCK"]
    #[no_signature]
    fn is_socket(m: &Object) -> Result<bool, Raised> {
        is_kind(m, libc::S_IFSOCK)
    }

    /// S_ISWHT(mode) -> bool
    ///
    /// Return True if mode is from a whiteout.
    #[name = "S_ISWHT"]
    #[no_signature]
    fn is_whiteout(m: &Object) -> Result<bool, Raised> {
        mode(m).map(|_| false)
    }

    /// Convert a file's mode to a string of the form '-rwxrwxrwx'
    #[no_signature]
    fn filemode(m: &Object) -> Result<Ref<Str>, Raised> {
        Str::from_latin1(&text_of(mode(m)?))
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        CONSTANTS.iter().try_for_each(|(name, value)| module.set_int(name, *value))
    }
}
