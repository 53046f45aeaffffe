//! The module `fcntl`: control of file descriptors, and locks on files.

pub mod constants;

use habu_heap::Buffer;
use habu_macros::pymodule;
use habu_runtime::exceptions::raise_os_error;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::buffer::{ByteView, supports_buffer};
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

use crate::system::blocking::{outside, retry_or_raise, without_lock};
use crate::system::{CInt, Descriptor, check};

/// The module.
pub struct Fcntl;

/// The most bytes that an argument may have.
const ROOM: usize = 1024;

/// An argument that is bytes, when it is.
fn bytes_argument(arg: &Object, function: &str) -> Result<Option<Buffer<u8>>, Raised> {
    let bytes = if let Some(text) = arg.downcast::<Str>() {
        crate::system::text::encode(text)?
    } else if supports_buffer(arg) {
        ByteView::new(arg)?.to_buffer()?
    } else {
        return Ok(None);
    };
    if bytes.len() > ROOM {
        return Err(raise!(ValueError, "{function} argument 3 is too long"));
    }
    Ok(Some(bytes))
}

/// An argument that is a number, of which the low 32 bits count.
fn number_argument(arg: &Object) -> Result<u32, Raised> {
    let value = protocol::number::index(arg)?;
    Ok(match value.to_i128() {
        Some(value) => value as u32,
        None => 0,
    })
}

/// This module performs file control and I/O control on file
/// descriptors.  It is an interface to the fcntl() and ioctl() Unix
/// routines.  File descriptors can be obtained with the fileno() method of
/// a file or socket object.
#[pymodule(name = "fcntl")]
impl Fcntl {
    /// Perform the operation `cmd` on file descriptor fd.
    ///
    /// The values used for `cmd` are operating system dependent, and are available
    /// as constants in the fcntl module, using the same names as used in
    /// the relevant C header files.  The argument arg is optional, and
    /// defaults to 0; it may be an int or a string.  If arg is given as a string,
    /// the return value of fcntl is a string of that length, containing the
    /// resulting value put in the arg buffer by the operating system.  The length
    /// of the arg string is not allowed to exceed 1024 bytes.  If the arg given
    /// is an integer or if none is specified, the result value is an integer
    /// corresponding to the return value of the fcntl call in the C code.
    #[signature(fd, cmd, arg = None, /)]
    #[shown("($module, fd, cmd, arg=0, /)")]
    fn fcntl(fd: Descriptor, cmd: CInt, arg: Option<&Object>) -> Result<Ref, Raised> {
        habu_runtime::audit!("fcntl.fcntl", fd.0, cmd.0, arg.map(Object::to_ref))?;
        let number = match arg {
            None => 0,
            Some(arg) => match bytes_argument(arg, "fcntl")? {
                Some(bytes) => {
                    let length = bytes.len();
                    let mut room = [0u8; ROOM];
                    room[..length].copy_from_slice(&bytes);
                    // SAFETY: the memory is larger than any structure that the call fills.
                    retry_or_raise(|| unsafe { libc::fcntl(fd.0, cmd.0, room.as_mut_ptr()) })?;
                    return Ok(Bytes::new(&room[..length])?.into_object());
                }
                None => number_argument(arg)?,
            },
        };
        // SAFETY: a plain call with a number.
        let result = retry_or_raise(|| unsafe { libc::fcntl(fd.0, cmd.0, number as i32) })?;
        Ok(Int::from_i64(result.into())?.into_object())
    }

    /// Perform the operation `request` on file descriptor `fd`.
    ///
    /// The values used for `request` are operating system dependent, and are available
    /// as constants in the fcntl or termios library modules, using the same names as
    /// used in the relevant C header files.
    ///
    /// The argument `arg` is optional, and defaults to 0; it may be an int or a
    /// buffer containing character data (most likely a string or an array).
    #[signature(fd, request, arg = None, mutate_flag = true, /)]
    #[shown("($module, fd, request, arg=0, mutate_flag=True, /)")]
    fn ioctl(fd: Descriptor, request: &Object, arg: Option<&Object>, mutate_flag: bool) -> Result<Ref, Raised> {
        let request = number_argument(request)?;
        habu_runtime::audit!("fcntl.ioctl", fd.0, request, arg.map(Object::to_ref))?;
        let mut number = 0;
        if let Some(arg) = arg {
            if mutate_flag
                && supports_buffer(arg)
                && !arg.isinstance::<Bytes>()
                && let Ok(view) = ByteView::writable(arg).map_err(Raised::clear)
            {
                // The system may write more than there is: a copy with ample room takes it.
                let length = view.len();
                let mut room = [0u8; ROOM + 1];
                let small = length <= ROOM;
                let place = if small {
                    room[..length].copy_from_slice(view.as_slice());
                    room.as_mut_ptr()
                } else {
                    view.pointer()
                };
                // SAFETY: the memory is larger than any structure that the call fills, or what the caller gave.
                let result = check(without_lock(unsafe { outside(|| libc::ioctl(fd.0, request.into(), place)) }))?;
                if small {
                    view.write(0, &room[..length]);
                }
                return Ok(Int::from_i64(result.into())?.into_object());
            }
            match bytes_argument(arg, "ioctl")? {
                Some(bytes) => {
                    let length = bytes.len();
                    let mut room = [0u8; ROOM + 1];
                    room[..length].copy_from_slice(&bytes);
                    // SAFETY: the memory is larger than any structure that the call fills.
                    check(without_lock(|| unsafe { libc::ioctl(fd.0, request.into(), room.as_mut_ptr()) }))?;
                    return Ok(Bytes::new(&room[..length])?.into_object());
                }
                None => number = number_argument(arg)?,
            }
        }
        // SAFETY: a plain call with a number.
        let result = check(without_lock(|| unsafe { libc::ioctl(fd.0, request.into(), number as i32) }))?;
        Ok(Int::from_i64(result.into())?.into_object())
    }

    /// Perform the lock operation `operation` on file descriptor `fd`.
    ///
    /// See the Unix manual page for flock(2) for details (On some systems, this
    /// function is emulated using fcntl()).
    fn flock(fd: Descriptor, operation: CInt) -> Result<(), Raised> {
        habu_runtime::audit!("fcntl.flock", fd.0, operation.0)?;
        // SAFETY: a plain call.
        retry_or_raise(|| unsafe { libc::flock(fd.0, operation.0) }).map(drop)
    }

    /// A wrapper around the fcntl() locking calls.
    ///
    /// `fd` is the file descriptor of the file to lock or unlock, and operation is one
    /// of the following values:
    ///
    ///     LOCK_UN - unlock
    ///     LOCK_SH - acquire a shared lock
    ///     LOCK_EX - acquire an exclusive lock
    ///
    /// When operation is LOCK_SH or LOCK_EX, it can also be bitwise ORed with
    /// LOCK_NB to avoid blocking on lock acquisition.
    #[signature(fd, cmd, len = None, start = None, whence = CInt(0), /)]
    #[shown("($module, fd, cmd, len=0, start=0, whence=0, /)")]
    fn lockf(
        fd: Descriptor,
        cmd: CInt,
        len: Option<&Object>,
        start: Option<&Object>,
        whence: CInt,
    ) -> Result<(), Raised> {
        habu_runtime::audit!("fcntl.lockf", fd.0, cmd.0, len.map(Object::to_ref), start.map(Object::to_ref), whence.0)?;
        let kind = match cmd.0 {
            cmd if cmd & libc::LOCK_UN != 0 => libc::F_UNLCK,
            cmd if cmd & libc::LOCK_SH != 0 => libc::F_RDLCK,
            cmd if cmd & libc::LOCK_EX != 0 => libc::F_WRLCK,
            _ => return Err(raise!(ValueError, "unrecognized lockf argument")),
        };
        let place = |object: Option<&Object>| object.map_or(Ok(0), crate::io::offset_argument);
        // SAFETY: plain data, all of whose bits may be 0.
        let mut lock = unsafe { std::mem::zeroed::<libc::flock>() };
        lock.l_type = kind as i16;
        lock.l_whence = whence.0 as i16;
        lock.l_start = place(start)?;
        lock.l_len = place(len)?;
        let command = if cmd.0 & libc::LOCK_NB != 0 { libc::F_SETLK } else { libc::F_SETLKW };
        match crate::system::blocking::retry(|| {
            // SAFETY: the structure is complete and outlives the call.
            unsafe { libc::fcntl(fd.0, command, &lock) }
        })? {
            Ok(_) => Ok(()),
            Err(failed) => Err(raise_os_error(failed, None)),
        }
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        constants::CONSTANTS.iter().try_for_each(|(name, value)| module.set_int(name, *value))
    }
}
