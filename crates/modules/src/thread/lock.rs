//! Locks: `_thread.lock` and `_thread.RLock`.
//!
//! A lock is one word that threads wait on by the system's futex, so that a wait can have a limit and can be interrupted by signals.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use habu_macros::{pymethods, pytype};
use habu_runtime::object::{Object, Raised, Ref, Room, Type, protocol};
use habu_runtime::raise;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use crate::system::blocking::{check_signals, without_lock};

/// The longest wait in seconds that a lock takes.
pub const TIMEOUT_MAX: f64 = 9_223_372_036.0;

/// A lock: 0 free, 1 held, 2 held while others may sleep on it, so that only then freeing it needs a call of the system.
pub struct RawLock(AtomicU32);

/// How a wait ended.
#[derive(PartialEq, Clone, Copy)]
pub enum Waited {
    /// The lock is ours.
    Acquired,
    /// The time is over.
    TimedOut,
}

impl RawLock {
    /// A free lock.
    pub const fn new() -> RawLock {
        RawLock(AtomicU32::new(0))
    }

    /// Takes the lock if it is free.
    pub fn try_acquire(&self) -> bool {
        self.0.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Whether it is held.
    pub fn is_held(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// Frees the lock and wakes one thread that waits.
    pub fn release(&self) {
        if self.0.swap(0, Ordering::Release) == 2 {
            // SAFETY: waking touches nothing but the address.
            unsafe { libc::syscall(libc::SYS_futex, self.0.as_ptr(), libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, 1) };
        }
    }

    /// Makes it free, in a process that was just forked.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Waits until the lock is ours or the time is over; handlers of signals run in between.
    pub fn acquire(&self, timeout: Option<Duration>) -> Result<Waited, Raised> {
        if self.try_acquire() {
            return Ok(Waited::Acquired);
        }
        if timeout == Some(Duration::ZERO) {
            return Ok(Waited::TimedOut);
        }
        let end = timeout.map(|timeout| Instant::now().checked_add(timeout));
        loop {
            let left = match end {
                None | Some(None) => None,
                Some(Some(end)) => match end.checked_duration_since(Instant::now()) {
                    Some(left) if left > Duration::ZERO => Some(left),
                    _ => return Ok(Waited::TimedOut),
                },
            };
            if self.0.swap(2, Ordering::Acquire) == 0 {
                return Ok(Waited::Acquired);
            }
            // A handler that raises must not keep a lock from being taken that was freed just now: who took it back in a `finally` relies on it.
            if without_lock(|| self.sleep(left)) {
                check_signals()?;
            }
        }
    }

    /// Sleeps while the lock is held, until it is freed, a signal arrives or the time is over; whether a signal ended it.
    fn sleep(&self, left: Option<Duration>) -> bool {
        let limit = left.map(|left| libc::timespec {
            tv_sec: left.as_secs().min(i64::MAX as u64) as i64,
            tv_nsec: left.subsec_nanos().into(),
        });
        let limit = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: the word lives as long as the object that the caller holds; the limit outlives the call.
        let failed = unsafe {
            libc::syscall(libc::SYS_futex, self.0.as_ptr(), libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG, 2, limit) < 0
        };
        failed && crate::system::errno() == libc::EINTR
    }
}

impl Default for RawLock {
    fn default() -> RawLock {
        RawLock::new()
    }
}

/// What `acquire(blocking, timeout)` asks for: nothing waits for ever.
fn timeout_of(blocking: bool, timeout: Option<&Object>) -> Result<Option<Duration>, Raised> {
    const FOREVER: i64 = -1_000_000_000;
    let nanoseconds = timeout.map_or(Ok(FOREVER), crate::time::seconds_as_nanoseconds)?;
    if !blocking {
        if nanoseconds != FOREVER {
            return Err(raise!(ValueError, "can't specify a timeout for a non-blocking call"));
        }
        return Ok(Some(Duration::ZERO));
    }
    if nanoseconds == FOREVER {
        return Ok(None);
    }
    match u64::try_from(nanoseconds) {
        Ok(nanoseconds) => Ok(Some(Duration::from_nanos(nanoseconds))),
        Err(_) => Err(raise!(ValueError, "timeout value must be positive")),
    }
}

/// A lock object is a synchronization primitive.  To create a lock,
/// call threading.Lock().  Methods are:
///
/// acquire() -- lock the lock, possibly blocking until it can be obtained
/// release() -- unlock of the lock
/// locked() -- test whether the lock is currently locked
///
/// A lock is not owned by the thread that locked it; another thread may
/// unlock it.  A thread attempting to lock a lock that it has already locked
/// will block until another thread unlocks it.  Deadlocks may ensue.
#[pytype(name = "_thread.lock", gc, heap, unbound, immutable, flag = DISALLOW_INSTANTIATION, weaklist = weaklist)]
pub struct Lock {
    base: Object,
    raw: RawLock,
    weaklist: Cell<*const Object>,
    room: Room<8>,
}

habu_runtime::assert_layout!(Lock, size 40, weaklist @ 24);

impl Lock {
    /// A free lock.
    pub fn new() -> Result<Ref<Lock>, Raised> {
        habu_runtime::object::create(Lock {
            base: Object::of::<Lock>(),
            raw: RawLock::new(),
            weaklist: Cell::new(std::ptr::null()),
            room: Room::new(),
        })
    }

    /// The lock itself.
    pub fn raw(&self) -> &RawLock {
        &self.raw
    }

    fn acquire_now(&self, blocking: bool, timeout: Option<&Object>) -> Result<bool, Raised> {
        Ok(self.raw.acquire(timeout_of(blocking, timeout)?)? == Waited::Acquired)
    }

    fn release_now(&self) -> Result<(), Raised> {
        if !self.raw.is_held() {
            return Err(raise!(RuntimeError, "release unlocked lock"));
        }
        self.raw.release();
        Ok(())
    }
}

#[pymethods]
impl Lock {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let state = if self.raw.is_held() { "locked" } else { "unlocked" };
        Str::from_format(format_args!("<{state} {} object at {:#x}>", self.ty().full_name(), self.address()))
    }

    /// acquire(blocking=True, timeout=-1) -> bool
    /// (acquire_lock() is an obsolete synonym)
    ///
    /// Lock the lock.  Without argument, this blocks if the lock is already
    /// locked (even by the same thread), waiting for another thread to release
    /// the lock, and return True once the lock is acquired.
    /// With an argument, this will only block if the argument is true,
    /// and the return value reflects whether the lock is acquired.
    /// The blocking operation is interruptible.
    #[signature(blocking = true, timeout = None)]
    #[no_signature]
    fn acquire(&self, blocking: bool, timeout: Option<&Object>) -> Result<bool, Raised> {
        self.acquire_now(blocking, timeout)
    }

    /// acquire(blocking=True, timeout=-1) -> bool
    #[signature(blocking = true, timeout = None)]
    #[no_signature]
    fn acquire_lock(&self, blocking: bool, timeout: Option<&Object>) -> Result<bool, Raised> {
        self.acquire_now(blocking, timeout)
    }

    /// release()
    /// (release_lock() is an obsolete synonym)
    ///
    /// Release the lock, allowing another thread that is blocked waiting for
    /// the lock to acquire the lock.  The lock must be in the locked state,
    /// but it needn't be locked by the same thread that unlocks it.
    #[no_signature]
    fn release(&self) -> Result<(), Raised> {
        self.release_now()
    }

    /// release()
    #[no_signature]
    fn release_lock(&self) -> Result<(), Raised> {
        self.release_now()
    }

    /// locked() -> bool
    /// (locked_lock() is an obsolete synonym)
    ///
    /// Return whether the lock is in the locked state.
    #[no_signature]
    fn locked(&self) -> Result<bool, Raised> {
        Ok(self.raw.is_held())
    }

    /// locked() -> bool
    #[no_signature]
    fn locked_lock(&self) -> Result<bool, Raised> {
        Ok(self.raw.is_held())
    }

    /// acquire(blocking=True, timeout=-1) -> bool
    #[name = "__enter__"]
    #[signature(blocking = true, timeout = None)]
    #[no_signature]
    fn enter(&self, blocking: bool, timeout: Option<&Object>) -> Result<bool, Raised> {
        self.acquire_now(blocking, timeout)
    }

    /// release()
    #[name = "__exit__"]
    #[signature(*args)]
    #[no_signature]
    fn exit(&self, _args: &[&Object]) -> Result<(), Raised> {
        self.release_now()
    }

    #[name = "_at_fork_reinit"]
    #[no_signature]
    fn at_fork_reinit(&self) -> Result<(), Raised> {
        self.raw.reset();
        Ok(())
    }
}

/// A lock that the thread which holds it may take again.
#[pytype(name = "_thread.RLock", doc = "", gc, heap, unbound, immutable, basetype, weaklist = weaklist)]
pub struct RLock {
    base: Object,
    raw: RawLock,
    /// The thread that holds it, or 0.
    owner: AtomicU64,
    count: Cell<u64>,
    weaklist: Cell<*const Object>,
}

impl RLock {
    fn owned(&self) -> bool {
        self.count.get() > 0 && self.owner.load(Ordering::Relaxed) == super::identity()
    }

    fn acquire_now(&self, blocking: bool, timeout: Option<&Object>) -> Result<bool, Raised> {
        let timeout = timeout_of(blocking, timeout)?;
        if self.owned() {
            let Some(count) = self.count.get().checked_add(1) else {
                return Err(raise!(OverflowError, "Internal lock count overflowed"));
            };
            self.count.set(count);
            return Ok(true);
        }
        if self.raw.acquire(timeout)? == Waited::TimedOut {
            return Ok(false);
        }
        self.owner.store(super::identity(), Ordering::Relaxed);
        self.count.set(1);
        Ok(true)
    }

    fn release_now(&self) -> Result<(), Raised> {
        if !self.owned() {
            return Err(raise!(RuntimeError, "cannot release un-acquired lock"));
        }
        self.count.set(self.count.get() - 1);
        if self.count.get() == 0 {
            self.owner.store(0, Ordering::Relaxed);
            self.raw.release();
        }
        Ok(())
    }
}

#[pymethods]
impl RLock {
    #[slot(tp_new)]
    fn new(cls: &Type) -> Result<Ref<RLock>, Raised> {
        habu_runtime::object::instantiate(
            cls,
            RLock {
                base: Object::header(cls),
                raw: RawLock::new(),
                owner: AtomicU64::new(0),
                count: Cell::new(0),
                weaklist: Cell::new(std::ptr::null()),
            },
        )
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let state = if self.count.get() > 0 { "locked" } else { "unlocked" };
        Str::from_format(format_args!(
            "<{state} {} object owner={} count={} at {:#x}>",
            self.ty().full_name(),
            self.owner.load(Ordering::Relaxed),
            self.count.get(),
            self.address()
        ))
    }

    /// acquire(blocking=True) -> bool
    ///
    /// Lock the lock.  `blocking` indicates whether we should wait
    /// for the lock to be available or not.  If `blocking` is False
    /// and another thread holds the lock, the method will return False
    /// immediately.  If `blocking` is True and another thread holds
    /// the lock, the method will wait for the lock to be released,
    /// take it and then return True.
    /// (note: the blocking operation is interruptible.)
    ///
    /// In all other cases, the method will return True immediately.
    /// Precisely, if the current thread already holds the lock, its
    /// internal counter is simply incremented. If nobody holds the lock,
    /// the lock is taken and its internal counter initialized to 1.
    #[signature(blocking = true, timeout = None)]
    #[no_signature]
    fn acquire(&self, blocking: bool, timeout: Option<&Object>) -> Result<bool, Raised> {
        self.acquire_now(blocking, timeout)
    }

    /// release()
    ///
    /// Release the lock, allowing another thread that is blocked waiting for
    /// the lock to acquire the lock.  The lock must be in the locked state,
    /// and must be locked by the same thread that unlocks it; otherwise a
    /// `RuntimeError` is raised.
    ///
    /// Do note that if the lock was acquire()d several times in a row by the
    /// current thread, release() needs to be called as many times for the lock
    /// to be available for other threads.
    #[no_signature]
    fn release(&self) -> Result<(), Raised> {
        self.release_now()
    }

    /// acquire(blocking=True) -> bool
    #[name = "__enter__"]
    #[signature(blocking = true, timeout = None)]
    #[no_signature]
    fn enter(&self, blocking: bool, timeout: Option<&Object>) -> Result<bool, Raised> {
        self.acquire_now(blocking, timeout)
    }

    /// release()
    #[name = "__exit__"]
    #[signature(*args)]
    #[no_signature]
    fn exit(&self, _args: &[&Object]) -> Result<(), Raised> {
        self.release_now()
    }

    /// _is_owned() -> bool
    ///
    /// For internal use by `threading.Condition`.
    #[name = "_is_owned"]
    #[no_signature]
    fn is_owned(&self) -> Result<bool, Raised> {
        Ok(self.owned())
    }

    /// For internal use by reentrancy checks.
    #[name = "_recursion_count"]
    #[no_signature]
    fn recursion_count(&self) -> Result<u64, Raised> {
        Ok(if self.owned() { self.count.get() } else { 0 })
    }

    /// _acquire_restore(state) -> None
    ///
    /// For internal use by `threading.Condition`.
    #[name = "_acquire_restore"]
    #[no_signature]
    fn acquire_restore(&self, state: &Object) -> Result<(), Raised> {
        let Some(state) = state.downcast::<Tuple>() else {
            let kind = state.ty().name();
            return Err(raise!(TypeError, "_acquire_restore() argument 1 must be 2-item tuple, not {kind}"));
        };
        let [count, owner] = state.as_slice() else {
            let count = state.len();
            return Err(raise!(TypeError, "_acquire_restore() argument 1 must be sequence of length 2, not {count}"));
        };
        let word = |object: &Object| -> Result<u64, Raised> {
            let value = protocol::number::index(object)?;
            value
                .to_i128()
                .and_then(|value| u64::try_from(value).ok())
                .ok_or_else(|| raise!(OverflowError, "Python int too large to convert to C unsigned long"))
        };
        let (count, owner) = (word(count)?, word(owner)?);
        self.raw.acquire(None)?;
        self.owner.store(owner, Ordering::Relaxed);
        self.count.set(count);
        Ok(())
    }

    /// _release_save() -> tuple
    ///
    /// For internal use by `threading.Condition`.
    #[name = "_release_save"]
    #[no_signature]
    fn release_save(&self) -> Result<Ref<Tuple>, Raised> {
        if self.count.get() == 0 {
            return Err(raise!(RuntimeError, "cannot release un-acquired lock"));
        }
        let state = Tuple::from_refs([
            Int::from_u64(self.count.replace(0))?.into_object(),
            Int::from_u64(self.owner.swap(0, Ordering::Relaxed))?.into_object(),
        ]);
        self.raw.release();
        state
    }

    #[name = "_at_fork_reinit"]
    #[no_signature]
    fn at_fork_reinit(&self) -> Result<(), Raised> {
        self.raw.reset();
        self.owner.store(0, Ordering::Relaxed);
        self.count.set(0);
        Ok(())
    }
}
