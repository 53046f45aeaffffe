//! `select.epoll`: a set of descriptors that the system keeps.

use std::cell::Cell;

use habu_heap::Buffer;
use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::raise_os_error;
use habu_runtime::object::{Object, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;

use super::{Limit, timeout_argument, wait_of};
use crate::system::blocking::{check_signals, outside, without_lock};
use crate::system::{CInt, Descriptor, check, errno};

/// How many descriptors can be waited for by default.
const DEFAULT_EVENTS: i32 = 1023;

/// A set of descriptors that the system keeps.
#[pytype(
    name = "select.epoll",
    generic_get,
    heap,
    doc = "select.epoll(sizehint=-1, flags=0)\n\nReturns an epolling object\n\nsizehint must be a positive integer or -1 for the default size. The\nsizehint is used to optimize internal data structures. It doesn't limit\nthe maximum number of monitored events."
)]
pub struct Epoll {
    base: Object,
    fd: Cell<i32>,
}

impl Epoll {
    fn check_open(&self) -> Result<i32, Raised> {
        match self.fd.get() {
            -1 => Err(raise!(ValueError, "I/O operation on closed epoll object")),
            fd => Ok(fd),
        }
    }

    fn close_now(&self) -> Result<(), Raised> {
        let fd = self.fd.replace(-1);
        if fd >= 0 {
            // SAFETY: the descriptor is this object's own.
            check(without_lock(|| unsafe { libc::close(fd) }))?;
        }
        Ok(())
    }

    fn control(&self, operation: i32, fd: i32, events: u32) -> Result<(), Raised> {
        let own = self.check_open()?;
        let mut event = libc::epoll_event { events, u64: fd as u64 };
        // SAFETY: the event outlives the call.
        check(without_lock(|| unsafe { libc::epoll_ctl(own, operation, fd, &mut event) })).map(drop)
    }
}

impl Drop for Epoll {
    fn drop(&mut self) {
        let fd = self.fd.replace(-1);
        if fd >= 0 {
            // SAFETY: the descriptor is this object's own.
            unsafe { libc::close(fd) };
        }
    }
}

#[pymethods]
impl Epoll {
    #[slot(tp_new)]
    #[signature(sizehint = -1, flags = 0)]
    fn new(cls: &Type, sizehint: i32, flags: i32) -> Result<Ref<Epoll>, Raised> {
        if sizehint != -1 && sizehint <= 0 {
            return Err(raise!(ValueError, "sizehint must be positive or -1"));
        }
        if flags & !libc::EPOLL_CLOEXEC != 0 {
            return Err(raise!(OSError, "invalid flags"));
        }
        // SAFETY: a plain call.
        let fd = check(without_lock(|| unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) }))?;
        habu_runtime::object::instantiate(cls, Epoll { base: Object::header(cls), fd: Cell::new(fd) })
    }

    /// Create an epoll object from a given control fd.
    #[classmethod]
    fn fromfd(cls: &Type, fd: CInt) -> Result<Ref<Epoll>, Raised> {
        habu_runtime::object::instantiate(cls, Epoll { base: Object::header(cls), fd: Cell::new(fd.0) })
    }

    /// Close the epoll control file descriptor.
    ///
    /// Further operations on the epoll object will raise an exception.
    fn close(&self) -> Result<(), Raised> {
        self.close_now()
    }

    /// Return the epoll control file descriptor.
    fn fileno(&self) -> Result<i32, Raised> {
        self.check_open()
    }

    /// Registers a new fd or raises an OSError if the fd is already registered.
    ///
    ///   fd
    ///     the target file descriptor of the operation
    ///   eventmask
    ///     a bit set composed of the various EPOLL constants
    ///
    /// The epoll interface supports all file descriptors that support poll.
    #[signature(fd, eventmask = (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT) as u32)]
    #[shown("($self, /, fd,\n         eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)")]
    fn register(&self, fd: Descriptor, eventmask: u32) -> Result<(), Raised> {
        self.control(libc::EPOLL_CTL_ADD, fd.0, eventmask)
    }

    /// Modify event mask for a registered file descriptor.
    ///
    ///   fd
    ///     the target file descriptor of the operation
    ///   eventmask
    ///     a bit set composed of the various EPOLL constants
    #[signature(fd, eventmask)]
    fn modify(&self, fd: Descriptor, eventmask: u32) -> Result<(), Raised> {
        self.control(libc::EPOLL_CTL_MOD, fd.0, eventmask)
    }

    /// Remove a registered file descriptor from the epoll object.
    ///
    ///   fd
    ///     the target file descriptor of the operation
    #[signature(fd)]
    fn unregister(&self, fd: Descriptor) -> Result<(), Raised> {
        self.control(libc::EPOLL_CTL_DEL, fd.0, 0)
    }

    /// Wait for events on the epoll file descriptor.
    ///
    ///   timeout
    ///     the maximum time to wait in seconds (as float);
    ///     a timeout of None or -1 makes poll wait indefinitely
    ///   maxevents
    ///     the maximum number of events returned; -1 means no limit
    ///
    /// Returns a list containing any descriptors that have events to report,
    /// as a list of (fd, events) 2-tuples.
    #[signature(timeout = None, maxevents = -1)]
    fn poll(&self, timeout: Option<&Object>, maxevents: i32) -> Result<Ref<List>, Raised> {
        let own = self.check_open()?;
        let wait = match timeout.filter(|timeout| !is_none(timeout)) {
            None => None,
            Some(timeout) => {
                let message = "timeout must be an integer or None";
                wait_of(timeout_argument(timeout, crate::time::seconds_as_nanoseconds, message)?)?
            }
        };
        let most = match maxevents {
            -1 => DEFAULT_EVENTS,
            most if most < 1 => {
                return Err(raise!(ValueError, "maxevents must be greater than 0, got {most}"));
            }
            most => most,
        };
        let mut events = Buffer::<libc::epoll_event>::new();
        events.resize(most as usize, libc::epoll_event { events: 0, u64: 0 })?;
        let limit = Limit::new(wait);
        let count = loop {
            let (start, left) = (events.as_mut_ptr(), limit.milliseconds());
            // SAFETY: the array has that many entries.
            let (count, failed) = without_lock(unsafe {
                outside(|| {
                    let count = libc::epoll_wait(own, start, most, left);
                    (count, errno())
                })
            });
            match count {
                -1 if failed == libc::EINTR => check_signals()?,
                -1 => return Err(raise_os_error(failed, None)),
                count => break count as usize,
            }
        };
        let list = List::new()?;
        for event in events.iter().take(count) {
            let (fd, mask) = (event.u64 as i32, event.events);
            let pair =
                Tuple::from_refs([Int::from_i64(fd.into())?.into_object(), Int::from_i64(mask.into())?.into_object()])?;
            list.push(pair.into_object())?;
        }
        Ok(list)
    }

    #[name = "__enter__"]
    fn enter(&self) -> Result<Ref, Raised> {
        self.check_open()?;
        Ok(self.to_ref())
    }

    #[name = "__exit__"]
    #[signature(exc_type = None, exc_value = None, exc_tb = None, /)]
    fn exit(
        &self,
        exc_type: Option<&Object>,
        exc_value: Option<&Object>,
        exc_tb: Option<&Object>,
    ) -> Result<(), Raised> {
        let _ = (exc_type, exc_value, exc_tb);
        self.close_now()
    }

    /// True if the epoll handler is closed
    #[getter]
    fn closed(&self) -> Result<bool, Raised> {
        Ok(self.fd.get() < 0)
    }
}
