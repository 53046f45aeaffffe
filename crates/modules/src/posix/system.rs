//! The system and the process as a whole: `uname`, `times`, `sysconf`, random bytes, the terminal's size.

use habu_macros::pymodule;
use habu_runtime::exceptions::raise_os_error;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{raise, struct_sequence};

use super::Posix;
use super::constants::{CONFSTR, PATHCONF, SYSCONF, number_of};
use super::path::{PATH_OR_FD, Path};
use crate::system::blocking::{check_signals, outside, without_lock};
use crate::system::text::{CText, decode, decode_c};
use crate::system::{CInt, c_int, errno, is_index, last_error};

struct_sequence! {
    heap doc "A tuple of (columns, lines) for holding terminal window size"
    pub static TERMINAL_SIZE = "os.terminal_size", visible 2,
    {
        columns: "width of the terminal window in characters",
        lines: "height of the terminal window in characters",
    }
}

struct_sequence! {
    heap doc "uname_result: Result from os.uname().\n\nThis object may be accessed either as a tuple of\n  (sysname, nodename, release, version, machine),\nor via the attributes sysname, nodename, release, version, and machine.\n\nSee os.uname for more information."
    pub static UNAME_RESULT = "posix.uname_result", visible 5,
    {
        sysname: "operating system name",
        nodename: "name of machine on network (implementation-defined)",
        release: "operating system release",
        version: "operating system version",
        machine: "hardware identifier",
    }
}

struct_sequence! {
    heap doc "times_result: Result from os.times().\n\nThis object may be accessed either as a tuple of\n  (user, system, children_user, children_system, elapsed),\nor via the attributes user, system, children_user, children_system,\nand elapsed.\n\nSee os.times for more information."
    pub static TIMES_RESULT = "posix.times_result", visible 5,
    {
        user: "user time",
        system: "system time",
        children_user: "user time of children",
        children_system: "system time of children",
        elapsed: "elapsed time since an arbitrary point in the past",
    }
}

/// Fills memory with random bytes of the system.
pub fn random_bytes(room: &mut [u8], flags: u32) -> Result<usize, Raised> {
    let mut done = 0;
    while done < room.len() {
        let (start, length) = (room[done..].as_mut_ptr(), room.len() - done);
        // SAFETY: the memory has the length that is told.
        match without_lock(unsafe { outside(|| libc::getrandom(start.cast(), length, flags)) }) {
            -1 if errno() == libc::EINTR => check_signals()?,
            -1 => return Err(last_error()),
            count => done += count as usize,
        }
    }
    Ok(done)
}

/// The number that `sysconf` and its like are asked for: an integer or a known name.
fn configuration(name: &Object, table: &[(&str, i64)]) -> Result<i32, Raised> {
    if is_index(name) {
        return c_int(name);
    }
    let Some(text) = name.downcast::<Str>() else {
        return Err(raise!(TypeError, "configuration names must be strings or integers"));
    };
    match number_of(table, &text.to_string_lossy()) {
        Some(number) => Ok(number as i32),
        None => Err(raise!(ValueError, "unrecognized configuration name")),
    }
}

fn clear_errno() {
    // SAFETY: errno is this thread's.
    unsafe { *libc::__errno_location() = 0 };
}

#[pymodule(table = SYSTEM)]
impl Posix {
    /// Translate an error code to a message string.
    fn strerror(code: CInt) -> Result<Ref<Str>, Raised> {
        Str::new(&habu_runtime::exceptions::os_error::error_text(code.0))
    }

    /// Return an object identifying the current operating system.
    ///
    /// The object behaves like a named tuple with the following fields:
    ///   (sysname, nodename, release, version, machine)
    fn uname() -> Result<Ref<Tuple>, Raised> {
        // SAFETY: the structure is plain data that the call fills with C strings.
        unsafe {
            let mut answer = std::mem::zeroed::<libc::utsname>();
            if libc::uname(&mut answer) < 0 {
                return Err(last_error());
            }
            let fields = [
                answer.sysname.as_ptr(),
                answer.nodename.as_ptr(),
                answer.release.as_ptr(),
                answer.version.as_ptr(),
                answer.machine.as_ptr(),
            ];
            UNAME_RESULT.build(|index| Ok(decode_c(fields[index])?.into_object()))
        }
    }

    /// Return a collection containing process timing information.
    ///
    /// The object returned behaves like a named tuple with these fields:
    ///   (utime, stime, cutime, cstime, elapsed_time)
    /// All fields are floating point numbers.
    fn times() -> Result<Ref<Tuple>, Raised> {
        // SAFETY: the structure is plain data that the call fills.
        let (answer, elapsed, ticks) = unsafe {
            let mut answer = std::mem::zeroed::<libc::tms>();
            let elapsed = libc::times(&mut answer);
            (answer, elapsed, libc::sysconf(libc::_SC_CLK_TCK).max(1))
        };
        if elapsed == -1 {
            return Err(last_error());
        }
        let values = [answer.tms_utime, answer.tms_stime, answer.tms_cutime, answer.tms_cstime, elapsed];
        TIMES_RESULT.build(|index| Ok(Float::new(values[index] as f64 / ticks as f64)?.into_object()))
    }

    /// Return an integer-valued system configuration variable.
    fn sysconf(name: &Object) -> Result<i64, Raised> {
        let name = configuration(name, SYSCONF)?;
        clear_errno();
        // SAFETY: a plain call.
        match unsafe { libc::sysconf(name) } {
            -1 if errno() != 0 => Err(last_error()),
            value => Ok(value),
        }
    }

    /// Return a string-valued system configuration variable.
    fn confstr(name: &Object) -> Result<Option<Ref<Str>>, Raised> {
        let name = configuration(name, CONFSTR)?;
        clear_errno();
        let mut room = habu_heap::Buffer::<u8>::new();
        // SAFETY: without room only the length is told.
        let length = unsafe { libc::confstr(name, std::ptr::null_mut(), 0) };
        if length == 0 {
            return if errno() != 0 { Err(last_error()) } else { Ok(None) };
        }
        room.resize(length, 0)?;
        // SAFETY: the buffer has the length that is told.
        unsafe { libc::confstr(name, room.as_mut_ptr().cast(), length) };
        decode(room.split_last().map_or(&[], |(_, text)| text)).map(Some)
    }

    /// Return the configuration limit name for the file or directory path.
    ///
    /// If there is no limit, return -1.
    /// On some platforms, path may also be specified as an open file descriptor.
    ///   If this functionality is unavailable, using it raises an exception.
    #[signature(path, name)]
    fn pathconf(path: &Object, name: &Object) -> Result<i64, Raised> {
        let path = Path::new(Some(path), "pathconf", "path", PATH_OR_FD)?;
        let name = configuration(name, PATHCONF)?;
        clear_errno();
        // SAFETY: the path is a C string.
        let limit = unsafe {
            match path.fd {
                Some(fd) => libc::fpathconf(fd, name),
                None => libc::pathconf(path.as_ptr(), name),
            }
        };
        match limit {
            -1 if errno() == libc::EINVAL => Err(raise_os_error(libc::EINVAL, None)),
            -1 if errno() != 0 => Err(path.error()),
            limit => Ok(limit),
        }
    }

    /// Return the configuration limit name for the file descriptor fd.
    ///
    /// If there is no limit, return -1.
    fn fpathconf(fd: CInt, name: &Object) -> Result<i64, Raised> {
        let name = configuration(name, PATHCONF)?;
        clear_errno();
        // SAFETY: a plain call.
        match unsafe { libc::fpathconf(fd.0, name) } {
            -1 if errno() != 0 => Err(last_error()),
            limit => Ok(limit),
        }
    }

    /// Return a bytes object containing random bytes suitable for cryptographic use.
    fn urandom(size: isize) -> Result<Ref<Bytes>, Raised> {
        let Ok(size) = usize::try_from(size) else {
            return Err(raise!(ValueError, "negative argument not allowed"));
        };
        let mut room = habu_heap::Buffer::<u8>::new();
        room.resize(size, 0)?;
        random_bytes(&mut room, 0)?;
        Bytes::new(&room)
    }

    /// Obtain a series of random bytes.
    #[signature(size, flags = CInt(0))]
    #[shown("($module, /, size, flags=0)")]
    fn getrandom(size: isize, flags: CInt) -> Result<Ref<Bytes>, Raised> {
        let Ok(size) = usize::try_from(size) else { return Err(raise_os_error(libc::EINVAL, None)) };
        let mut room = habu_heap::Buffer::<u8>::new();
        room.resize(size, 0)?;
        loop {
            let start = room.as_mut_ptr();
            // SAFETY: the memory has the length that is told.
            match without_lock(unsafe { outside(|| libc::getrandom(start.cast(), size, flags.0 as u32)) }) {
                -1 if errno() == libc::EINTR => check_signals()?,
                -1 => return Err(last_error()),
                count => return Bytes::new(room.get(..count as usize).unwrap_or(&[])),
            }
        }
    }

    /// Return the number of CPUs in the system; return None if indeterminable.
    ///
    /// This number is not equivalent to the number of CPUs the current process can
    /// use.  The number of usable CPUs can be obtained with
    /// ``len(os.sched_getaffinity(0))``
    fn cpu_count() -> Result<Option<i64>, Raised> {
        // SAFETY: a plain call.
        Ok(Some(unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) }).filter(|count| *count > 0))
    }

    /// Return the size of the terminal window as (columns, lines).
    ///
    /// The optional argument fd (default standard output) specifies
    /// which file descriptor should be queried.
    ///
    /// If the file descriptor is not connected to a terminal, an OSError
    /// is thrown.
    ///
    /// This function will only be defined if an implementation is
    /// available for this system.
    ///
    /// shutil.get_terminal_size is the high-level function which should
    /// normally be used, os.get_terminal_size is the low-level implementation.
    #[signature(fd = CInt(1), /)]
    fn get_terminal_size(fd: CInt) -> Result<Ref<Tuple>, Raised> {
        // SAFETY: the structure is plain data that the call fills.
        let (size, result) = unsafe {
            let mut size = std::mem::zeroed::<libc::winsize>();
            let result = libc::ioctl(fd.0, libc::TIOCGWINSZ, &mut size);
            (size, result)
        };
        if result != 0 {
            return Err(last_error());
        }
        let values = [size.ws_col, size.ws_row];
        TERMINAL_SIZE.build(|index| Ok(Int::from_i64(values[index].into())?.into_object()))
    }

    /// Return average recent system load information.
    ///
    /// Return the number of processes in the system run queue averaged over
    /// the last 1, 5, and 15 minutes as a tuple of three floats.
    /// Raises OSError if the load average was unobtainable.
    fn getloadavg() -> Result<Ref<Tuple>, Raised> {
        let mut loads = [0.0; 3];
        // SAFETY: there is room for three numbers.
        if unsafe { libc::getloadavg(loads.as_mut_ptr(), 3) } != 3 {
            return Err(raise!(OSError, "Load averages are unobtainable"));
        }
        Tuple::build(3, |index| Ok(Float::new(loads[index])?.into_object()))
    }

    /// Execute the command in a subshell.
    #[signature(command)]
    fn system(command: &Object) -> Result<i32, Raised> {
        let command = CText::of_path(command)?;
        habu_runtime::audit!("os.system", habu_runtime::types::bytes::Bytes::new(command.as_bytes())?)?;
        // SAFETY: a C string.
        Ok(without_lock(unsafe { outside(|| libc::system(command.as_ptr())) }))
    }
}
