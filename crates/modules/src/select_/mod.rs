//! The module `select`: waiting for file descriptors by `select`, `poll` and `epoll`.

pub mod constants;
pub mod epoll;
pub mod poll;

use std::time::{Duration, Instant};

use habu_heap::Buffer;
use habu_macros::pymodule;
use habu_runtime::exceptions::{exc, raise_os_error};
use habu_runtime::object::protocol::sequence::sequence_fast;
use habu_runtime::object::{Object, PyType, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::float::Float;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;

use crate::system::blocking::{check_signals, outside, without_lock};
use crate::system::{errno, file_descriptor};

/// The module.
pub struct Select;

/// A limit of a wait: nothing is for ever.
pub struct Limit {
    end: Option<Instant>,
    zero: bool,
}

impl Limit {
    /// A limit that starts now.
    pub fn new(wait: Option<Duration>) -> Limit {
        Limit { end: wait.and_then(|wait| Instant::now().checked_add(wait)), zero: wait == Some(Duration::ZERO) }
    }

    /// What is left of it.
    pub fn left(&self) -> Option<Duration> {
        if self.zero {
            return Some(Duration::ZERO);
        }
        self.end.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// What is left of it in milliseconds, rounded up; -1 for ever.
    pub fn milliseconds(&self) -> i32 {
        match self.left() {
            None => -1,
            Some(left) => i32::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX),
        }
    }
}

/// A timeout by `convert`, which gives nanoseconds; what is no number is a TypeError with `message`.
pub fn timeout_argument(
    timeout: &Object,
    convert: fn(&Object) -> Result<i64, Raised>,
    message: &str,
) -> Result<i64, Raised> {
    if timeout.isinstance::<Float>() || protocol::number::has_index(timeout) {
        return convert(timeout);
    }
    Err(raise!(TypeError, "{message}"))
}

/// The wait for `poll`, which counts milliseconds in an `int`; nothing, for ever, for a negative one.
pub fn wait_of(nanoseconds: i64) -> Result<Option<Duration>, Raised> {
    let Ok(nanoseconds) = u64::try_from(nanoseconds) else { return Ok(None) };
    if nanoseconds.div_ceil(1_000_000) > i32::MAX as u64 {
        return Err(raise!(OverflowError, "timeout is too large"));
    }
    Ok(Some(Duration::from_nanos(nanoseconds)))
}

/// The descriptors of a sequence of files, in order, with the files.
fn descriptors(files: &Object, set: &mut libc::fd_set) -> Result<Buffer<(i32, Ref)>, Raised> {
    let mut all = Buffer::new();
    let sequence = sequence_fast(files, "arguments 1-3 must be sequences")?;
    let item = |at| match sequence.downcast::<List>() {
        Some(list) => list.get(at),
        None => sequence.downcast::<Tuple>().and_then(|tuple| tuple.get(at)),
    };
    let mut at = 0;
    // Asking a file for its descriptor may change the list.
    while let Some(file) = item(at) {
        let fd = file_descriptor(&file)?;
        if fd as usize >= libc::FD_SETSIZE {
            return Err(raise!(ValueError, "filedescriptor out of range in select()"));
        }
        // SAFETY: the descriptor is in the range of the set.
        unsafe { libc::FD_SET(fd, set) };
        all.push((fd, file))?;
        at += 1;
    }
    Ok(all)
}

/// The files whose descriptors are in the set.
fn ready_files(files: &Buffer<(i32, Ref)>, set: &libc::fd_set) -> Result<Ref, Raised> {
    let list = List::new()?;
    for (fd, file) in files.iter() {
        // SAFETY: the descriptor is in the range of the set.
        if unsafe { libc::FD_ISSET(*fd, set) } {
            list.push(file.clone())?;
        }
    }
    Ok(list.into_object())
}

/// This module supports asynchronous I/O on multiple file descriptors.
///
/// *** IMPORTANT NOTICE ***
/// On Windows, only sockets are supported; on Unix, all file descriptors.
#[pymodule(name = "select")]
impl Select {
    /// Wait until one or more file descriptors are ready for some kind of I/O.
    ///
    /// The first three arguments are iterables of file descriptors to be waited for:
    /// rlist -- wait until ready for reading
    /// wlist -- wait until ready for writing
    /// xlist -- wait for an "exceptional condition"
    /// If only one kind of condition is required, pass [] for the other lists.
    ///
    /// A file descriptor is either a socket or file object, or a small integer
    /// gotten from a fileno() method call on one of those.
    ///
    /// The optional 4th argument specifies a timeout in seconds; it may be
    /// a floating point number to specify fractions of seconds.  If it is absent
    /// or None, the call will never time out.
    ///
    /// The return value is a tuple of three lists corresponding to the first three
    /// arguments; each contains the subset of the corresponding file descriptors
    /// that are ready.
    ///
    /// *** IMPORTANT NOTICE ***
    /// On Windows, only sockets are supported; on Unix, all file
    /// descriptors can be used.
    #[signature(rlist, wlist, xlist, timeout = None, /)]
    fn select(rlist: &Object, wlist: &Object, xlist: &Object, timeout: Option<&Object>) -> Result<Ref<Tuple>, Raised> {
        let wait = match timeout.filter(|timeout| !is_none(timeout)) {
            None => None,
            Some(timeout) => {
                let message = "timeout must be a float or None";
                let nanoseconds = timeout_argument(timeout, crate::time::seconds_as_nanoseconds, message)?;
                let Ok(nanoseconds) = u64::try_from(nanoseconds) else {
                    return Err(raise!(ValueError, "timeout must be non-negative"));
                };
                Some(Duration::from_nanos(nanoseconds))
            }
        };
        // SAFETY: sets are plain data; all bits 0 is the empty one.
        let mut asked = unsafe { std::mem::zeroed::<[libc::fd_set; 3]>() };
        let mut files = Buffer::new();
        for (list, set) in [rlist, wlist, xlist].into_iter().zip(asked.iter_mut()) {
            files.push(descriptors(list, set)?)?;
        }
        let most = files.iter().flat_map(|files| files.iter().map(|(fd, _)| *fd)).max().unwrap_or(-1);
        let limit = Limit::new(wait);
        let answer = loop {
            let mut sets = asked;
            let mut left = limit.left().map(|left| libc::timeval {
                tv_sec: left.as_secs() as i64,
                tv_usec: left.subsec_nanos().div_ceil(1000).min(999_999).into(),
            });
            let left = left.as_mut().map_or(std::ptr::null_mut(), std::ptr::from_mut);
            let [reading, writing, special] = &mut sets;
            // SAFETY: the sets and the limit are alive during the call.
            let (count, failed) = without_lock(unsafe {
                outside(|| {
                    let count = libc::select(most + 1, reading, writing, special, left);
                    (count, errno())
                })
            });
            match count {
                -1 if failed == libc::EINTR => check_signals()?,
                -1 => return Err(raise_os_error(failed, None)),
                0 => break None,
                _ => break Some(sets),
            }
        };
        let Some(sets) = answer else {
            return Tuple::build(3, |_| Ok(List::new()?.into_object()));
        };
        Tuple::build(3, |index| ready_files(&files[index], &sets[index]))
    }

    /// Returns a polling object.
    ///
    /// This object supports registering and unregistering file descriptors, and then
    /// polling them for I/O events.
    fn poll() -> Result<Ref<poll::Poll>, Raised> {
        poll::Poll::new()
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        for (name, value) in constants::CONSTANTS {
            module.set_int(name, *value)?;
        }
        module.set("error", exc::OSError())?;
        module.ready_type(poll::Poll::static_type())?;
        module.add_type(epoll::Epoll::static_type())
    }
}
