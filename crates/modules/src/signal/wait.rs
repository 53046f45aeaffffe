//! Masks of signals, and waiting for signals without handlers.

use habu_macros::pymodule;
use habu_runtime::object::protocol::iterate::for_each;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::types::int::Int;
use habu_runtime::types::set::Set;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{raise, struct_sequence};

use super::Signal;
use super::pending::{COUNT, run_handlers};
use crate::system::blocking::{outside, without_lock};
use crate::system::{CInt, check, errno, last_error};

struct_sequence! {
    heap doc "struct_siginfo: Result from sigwaitinfo or sigtimedwait.\n\nThis object may be accessed either as a tuple of\n(si_signo, si_code, si_errno, si_pid, si_uid, si_status, si_band),\nor via the attributes si_signo, si_code, and so on."
    pub static STRUCT_SIGINFO = "signal.struct_siginfo", visible 7,
    {
        si_signo: "signal number",
        si_code: "signal code",
        si_errno: "errno associated with this signal",
        si_pid: "sending process ID",
        si_uid: "real user ID of sending process",
        si_status: "exit value or signal",
        si_band: "band event for SIGPOLL",
    }
}

/// A set of signals from an iterable of numbers.
pub fn signal_set(signals: &Object) -> Result<libc::sigset_t, Raised> {
    // SAFETY: the set is plain data that the call fills.
    let mut set = unsafe {
        let mut set = std::mem::zeroed::<libc::sigset_t>();
        libc::sigemptyset(&mut set);
        set
    };
    for_each(signals, |number| {
        let value = protocol::number::index(&number)?;
        let number = value.to_i64().unwrap_or(i64::MAX);
        if !(1..COUNT as i64).contains(&number) {
            return Err(raise!(ValueError, "signal number {number} out of range [1; {}]", COUNT - 1));
        }
        // SAFETY: the set was initialised. Numbers that the library keeps for itself are refused by it, and left out.
        unsafe { libc::sigaddset(&mut set, number as i32) };
        Ok(())
    })?;
    Ok(set)
}

/// A Python set of the signals in a set.
fn python_set(set: &libc::sigset_t) -> Result<Ref<Set>, Raised> {
    let numbers = Set::new()?;
    for number in 1..COUNT as i32 {
        // SAFETY: the set is initialised.
        if unsafe { libc::sigismember(set, number) } == 1 {
            numbers.add_item(&*Int::from_i64(number.into())?)?;
        }
    }
    Ok(numbers)
}

fn siginfo(info: &libc::siginfo_t) -> Result<Ref<Tuple>, Raised> {
    // SAFETY: the fields are plain words, whichever of them the signal has.
    let values = unsafe {
        [
            i64::from(info.si_signo),
            info.si_code.into(),
            info.si_errno.into(),
            info.si_pid().into(),
            info.si_uid().into(),
            info.si_status().into(),
            0,
        ]
    };
    STRUCT_SIGINFO.build(|index| Ok(Int::from_i64(values[index])?.into_object()))
}

#[pymodule(table = WAIT)]
impl Signal {
    /// Fetch and/or change the signal mask of the calling thread.
    fn pthread_sigmask(how: CInt, mask: &Object) -> Result<Ref<Set>, Raised> {
        let mask = signal_set(mask)?;
        // SAFETY: the set is plain data that the call fills.
        let (old, failed) = unsafe {
            let mut old = std::mem::zeroed::<libc::sigset_t>();
            let failed = libc::pthread_sigmask(how.0, &mask, &mut old);
            (old, failed)
        };
        if failed != 0 {
            return Err(habu_runtime::exceptions::raise_os_error(failed, None));
        }
        run_handlers()?;
        python_set(&old)
    }

    /// Examine pending signals.
    ///
    /// Returns a set of signal numbers that are pending for delivery to
    /// the calling thread.
    fn sigpending() -> Result<Ref<Set>, Raised> {
        // SAFETY: the set is plain data that the call fills.
        let (set, result) = unsafe {
            let mut set = std::mem::zeroed::<libc::sigset_t>();
            let result = libc::sigpending(&mut set);
            (set, result)
        };
        check(result)?;
        python_set(&set)
    }

    /// Wait for a signal.
    ///
    /// Suspend execution of the calling thread until the delivery of one of the
    /// signals specified in the signal set sigset.  The function accepts the signal
    /// and returns the signal number.
    fn sigwait(sigset: &Object) -> Result<i32, Raised> {
        let set = signal_set(sigset)?;
        let mut number = 0;
        // SAFETY: the set is initialised, and there is room for the number.
        match without_lock(|| unsafe { libc::sigwait(&set, &mut number) }) {
            0 => Ok(number),
            failed => Err(habu_runtime::exceptions::raise_os_error(failed, None)),
        }
    }

    /// Wait synchronously until one of the signals in *sigset* is delivered.
    ///
    /// Returns a struct_siginfo containing information about the signal.
    fn sigwaitinfo(sigset: &Object) -> Result<Ref<Tuple>, Raised> {
        let set = signal_set(sigset)?;
        // SAFETY: the structure is plain data that the call fills.
        let mut info = unsafe { std::mem::zeroed::<libc::siginfo_t>() };
        // SAFETY: the set is initialised, and there is room for the answer.
        crate::system::blocking::retry_or_raise(unsafe { outside(|| libc::sigwaitinfo(&set, &mut info)) })?;
        siginfo(&info)
    }

    /// Like sigwaitinfo(), but with a timeout.
    ///
    /// The timeout is specified in seconds, with floating point numbers allowed.
    fn sigtimedwait(sigset: &Object, timeout: &Object) -> Result<Option<Ref<Tuple>>, Raised> {
        let set = signal_set(sigset)?;
        let timeout = crate::time::seconds_as_nanoseconds(timeout)?;
        if timeout < 0 {
            return Err(raise!(ValueError, "timeout must be non-negative"));
        }
        let start = std::time::Instant::now();
        let timeout = std::time::Duration::from_nanos(timeout.unsigned_abs());
        loop {
            // A signal that is not waited for ends the call: its handler runs, and the rest of the time is waited.
            let left = timeout.saturating_sub(start.elapsed());
            let left = libc::timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
            // SAFETY: the structure is plain data that the call fills.
            let mut info = unsafe { std::mem::zeroed::<libc::siginfo_t>() };
            // SAFETY: the set is initialised, and there is room for the answer.
            match without_lock(unsafe { outside(|| libc::sigtimedwait(&set, &mut info, &left)) }) {
                -1 if errno() == libc::EAGAIN => return Ok(None),
                -1 if errno() == libc::EINTR => run_handlers()?,
                -1 => return Err(last_error()),
                _ => return siginfo(&info).map(Some),
            }
        }
    }

    /// Send a signal to a thread.
    fn pthread_kill(thread_id: u64, signalnum: CInt) -> Result<(), Raised> {
        habu_runtime::audit!("signal.pthread_kill", thread_id, signalnum.0)?;
        // SAFETY: the caller vouches for the thread, as with the C function.
        match unsafe { libc::pthread_kill(thread_id as libc::pthread_t, signalnum.0) } {
            0 => run_handlers(),
            failed => Err(habu_runtime::exceptions::raise_os_error(failed, None)),
        }
    }

    /// Send a signal to a process referred to by a pid file descriptor.
    #[signature(pidfd, signalnum, siginfo = None, flags = CInt(0), /)]
    #[shown("($module, pidfd, signalnum, siginfo=None, flags=0, /)")]
    fn pidfd_send_signal(pidfd: CInt, signalnum: CInt, siginfo: Option<&Object>, flags: CInt) -> Result<(), Raised> {
        if siginfo.is_some_and(|siginfo| !habu_runtime::types::singletons::is_none(siginfo)) {
            return Err(raise!(TypeError, "siginfo must be None"));
        }
        let null = std::ptr::null::<libc::siginfo_t>();
        // SAFETY: a plain call.
        match unsafe { libc::syscall(libc::SYS_pidfd_send_signal, pidfd.0, signalnum.0, null, flags.0) } {
            -1 => Err(last_error()),
            _ => Ok(()),
        }
    }

    /// Return a set of valid signal numbers on this platform.
    ///
    /// The signal numbers returned by this function can be safely passed to
    /// functions like `pthread_kill`.
    fn valid_signals() -> Result<Ref<Set>, Raised> {
        // SAFETY: the set is plain data that the call fills.
        let set = unsafe {
            let mut set = std::mem::zeroed::<libc::sigset_t>();
            libc::sigfillset(&mut set);
            set
        };
        python_set(&set)
    }
}
