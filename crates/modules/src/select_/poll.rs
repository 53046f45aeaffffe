//! `select.poll`: descriptors with the events that are waited for.

use std::cell::Cell;

use habu_heap::Buffer;
use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::{raise_key_error, raise_os_error};
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;

use super::{Limit, timeout_argument, wait_of};
use crate::system::blocking::{check_signals, outside, without_lock};
use crate::system::{Descriptor, errno};

/// Descriptors with the events that are waited for.
#[pytype(name = "select.poll", doc = "", heap, flag = DISALLOW_INSTANTIATION)]
pub struct Poll {
    base: Object,
    entries: Cell<Buffer<(i32, u16)>>,
    running: Cell<bool>,
}

habu_runtime::assert_layout!(Poll, size 48);

/// Events as an argument.
fn mask(object: Option<&Object>) -> Result<u16, Raised> {
    let Some(object) = object else { return Ok((libc::POLLIN | libc::POLLPRI | libc::POLLOUT) as u16) };
    let value = protocol::number::index(object)?;
    match value.to_i64() {
        Some(value) if value < 0 => Err(raise!(ValueError, "value must be positive")),
        Some(value) if value <= i64::from(u16::MAX) => Ok(value as u16),
        _ if value.is_negative() => Err(raise!(ValueError, "value must be positive")),
        _ => Err(raise!(OverflowError, "Python int too large for C unsigned short")),
    }
}

impl Poll {
    /// No descriptors yet.
    pub fn new() -> Result<Ref<Poll>, Raised> {
        habu_runtime::object::create(Poll {
            base: Object::of::<Poll>(),
            entries: Cell::new(Buffer::new()),
            running: Cell::new(false),
        })
    }

    /// Lends the entries to a closure that runs no Python code.
    fn with<R>(&self, look: impl FnOnce(&mut Buffer<(i32, u16)>) -> R) -> R {
        let mut entries = self.entries.take();
        let result = look(&mut entries);
        self.entries.set(entries);
        result
    }
}

/// Marks a poll as running while it lives.
struct Running<'a>(&'a Cell<bool>);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

#[pymethods]
impl Poll {
    /// Register a file descriptor with the polling object.
    ///
    ///   fd
    ///     either an integer, or an object with a fileno() method returning an int
    ///   eventmask
    ///     an optional bitmask describing the type of events to check for
    #[signature(fd, eventmask = None, /)]
    #[shown("($self, fd,\n         eventmask=select.POLLIN | select.POLLPRI | select.POLLOUT, /)")]
    fn register(&self, fd: Descriptor, eventmask: Option<&Object>) -> Result<(), Raised> {
        let mask = mask(eventmask)?;
        self.with(|entries| {
            match entries.iter_mut().find(|entry| entry.0 == fd.0) {
                Some(entry) => entry.1 = mask,
                None => entries.push((fd.0, mask))?,
            }
            Ok(())
        })
    }

    /// Modify an already registered file descriptor.
    ///
    ///   fd
    ///     either an integer, or an object with a fileno() method returning
    ///     an int
    ///   eventmask
    ///     a bitmask describing the type of events to check for
    fn modify(&self, fd: Descriptor, eventmask: &Object) -> Result<(), Raised> {
        let mask = mask(Some(eventmask))?;
        let found =
            self.with(|entries| entries.iter_mut().find(|entry| entry.0 == fd.0).map(|entry| entry.1 = mask)).is_some();
        if found { Ok(()) } else { Err(raise_os_error(libc::ENOENT, None)) }
    }

    /// Remove a file descriptor being tracked by the polling object.
    fn unregister(&self, fd: Descriptor) -> Result<(), Raised> {
        let removed = self.with(|entries| {
            let place = entries.iter().position(|entry| entry.0 == fd.0)?;
            Some(entries.remove(place))
        });
        match removed {
            Some(_) => Ok(()),
            None => Err(raise_key_error(&*Int::from_i64(fd.0.into())?)),
        }
    }

    /// Polls the set of registered file descriptors.
    ///
    ///   timeout
    ///     The maximum time to wait in milliseconds, or else None (or a negative
    ///     value) to wait indefinitely.
    ///
    /// Returns a list containing any descriptors that have events or errors to
    /// report, as a list of (fd, event) 2-tuples.
    #[signature(timeout = None, /)]
    fn poll(&self, timeout: Option<&Object>) -> Result<Ref<List>, Raised> {
        let wait = match timeout.filter(|timeout| !is_none(timeout)) {
            None => None,
            Some(timeout) => {
                let message = "timeout must be an integer or None";
                wait_of(timeout_argument(timeout, crate::time::milliseconds_as_nanoseconds, message)?)?
            }
        };
        if self.running.replace(true) {
            return Err(raise!(RuntimeError, "concurrent poll() invocation"));
        }
        let _running = Running(&self.running);
        let mut asked = Buffer::<libc::pollfd>::new();
        self.with(|entries| {
            let mut events =
                entries.iter().map(|(fd, events)| libc::pollfd { fd: *fd, events: *events as i16, revents: 0 });
            events.try_for_each(|entry| asked.push(entry))
        })?;
        let limit = Limit::new(wait);
        loop {
            let (start, count, left) = (asked.as_mut_ptr(), asked.len(), limit.milliseconds());
            // SAFETY: the array has that many entries.
            let (ready, failed) = without_lock(unsafe {
                outside(|| {
                    let ready = libc::poll(start, count as libc::nfds_t, left);
                    (ready, errno())
                })
            });
            match ready {
                -1 if failed == libc::EINTR => check_signals()?,
                -1 => return Err(raise_os_error(failed, None)),
                _ => break,
            }
        }
        let list = List::new()?;
        for entry in asked.iter().filter(|entry| entry.revents != 0) {
            let pair = Tuple::from_refs([
                Int::from_i64(entry.fd.into())?.into_object(),
                Int::from_i64((entry.revents as u16).into())?.into_object(),
            ])?;
            list.push(pair.into_object())?;
        }
        Ok(list)
    }
}
