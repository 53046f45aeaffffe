//! Calls on sockets that respect the timeout: they wait until the socket is ready, and are made again when a signal interrupted them.

use std::time::{Duration, Instant};

use habu_runtime::exceptions::raise_os_error;
use habu_runtime::object::{Object, Raised};
use habu_runtime::raise;
use habu_runtime::types::singletons::is_none;

use super::value::Socket;
use crate::system::blocking::{check_signals, outside, without_lock};
use crate::system::errno;

/// What a call waits for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Wait {
    /// Something to read.
    Read,
    /// Room to write.
    Write,
    /// The end of a connection's making.
    Connect,
}

/// How a wait ended.
#[derive(PartialEq)]
pub(super) enum Waited {
    /// The socket is ready, or an error is pending.
    Ready,
    /// The time is over.
    TimedOut,
}

/// The moment a socket's timeout ends; nothing where it has none.
pub(super) fn deadline(timeout: i64) -> Option<Instant> {
    u64::try_from(timeout).ok().filter(|timeout| *timeout > 0).and_then(|timeout| {
        // A moment too far away to be told is never reached.
        Instant::now().checked_add(Duration::from_nanos(timeout))
    })
}

/// Raises the TimeoutError of a socket.
#[cold]
pub(super) fn timed_out() -> Raised {
    raise!(TimeoutError, "timed out")
}

/// A timeout argument in nanoseconds; -1 for None.
pub(super) fn parse_timeout(timeout: &Object) -> Result<i64, Raised> {
    if is_none(timeout) {
        return Ok(-1);
    }
    let nanoseconds = crate::time::seconds_as_nanoseconds(timeout)?;
    if nanoseconds < 0 {
        return Err(raise!(ValueError, "Timeout value out of range"));
    }
    Ok(nanoseconds)
}

impl Socket {
    /// Waits until the socket is ready or the moment is reached.
    pub(super) fn wait_until(&self, wait: Wait, end: Option<Instant>) -> Result<Waited, Raised> {
        let events = match wait {
            Wait::Read => libc::POLLIN,
            Wait::Write => libc::POLLOUT,
            Wait::Connect => libc::POLLOUT | libc::POLLERR,
        };
        loop {
            let left = match end {
                None => -1,
                Some(end) => {
                    let left = end.saturating_duration_since(Instant::now());
                    i32::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
                }
            };
            let fd = self.descriptor();
            if fd < 0 {
                return Ok(Waited::Ready);
            }
            let mut asked = libc::pollfd { fd, events, revents: 0 };
            // SAFETY: one entry, alive during the call.
            let (ready, failed) = without_lock(|| unsafe {
                let ready = libc::poll(&raw mut asked, 1, left);
                (ready, errno())
            });
            match ready {
                0 => return Ok(Waited::TimedOut),
                -1 if failed == libc::EINTR => check_signals()?,
                -1 => return Err(raise_os_error(failed, None)),
                _ => return Ok(Waited::Ready),
            }
        }
    }

    /// Makes a call on the descriptor that gives -1 and sets errno where it fails: what it gave, or the errno.
    pub(super) fn attempt(
        &self,
        wait: Wait,
        end: Option<Instant>,
        mut call: impl FnMut(i32) -> isize,
    ) -> Result<Result<usize, i32>, Raised> {
        let patient = self.timeout_nanoseconds() > 0;
        loop {
            if patient && self.wait_until(wait, end)? == Waited::TimedOut {
                return Err(timed_out());
            }
            let fd = self.descriptor();
            // SAFETY: callers make a system call with memory that lives as long; it touches no object.
            let (result, failed) = without_lock(unsafe {
                outside(|| {
                    let result = call(fd);
                    (result, errno())
                })
            });
            match usize::try_from(result) {
                Ok(result) => return Ok(Ok(result)),
                Err(_) if failed == libc::EINTR => check_signals()?,
                // It looked ready, but another took what was there.
                Err(_) if patient && (failed == libc::EAGAIN || failed == libc::EWOULDBLOCK) => {}
                Err(_) => return Ok(Err(failed)),
            }
        }
    }

    /// As `attempt` within the socket's timeout; a failure is raised.
    pub(super) fn perform(&self, wait: Wait, call: impl FnMut(i32) -> isize) -> Result<usize, Raised> {
        self.attempt(wait, deadline(self.timeout_nanoseconds()), call)?.map_err(|failed| raise_os_error(failed, None))
    }
}
