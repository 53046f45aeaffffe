//! The module `_signal`: handlers of signals, timers, masks.

pub mod calls;
pub mod constants;
pub mod pending;
pub mod wait;

use habu_macros::pymodule;
use habu_runtime::exceptions::exc;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::threads::{Signals, Thread};
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use crate::system::{CInt, check, errno, last_error, state};
use pending::{COUNT, HANDLERS, is_main_thread};

/// The module.
pub struct Signal;

/// The number of a signal, checked.
pub fn signal_number(number: i32) -> Result<usize, Raised> {
    match usize::try_from(number) {
        Ok(number @ 1..COUNT) => Ok(number),
        _ => Err(raise!(ValueError, "signal number out of range")),
    }
}

/// The list of handlers by number.
fn handlers() -> Result<Ref<List>, Raised> {
    if let Some(list) = state::get(HANDLERS)?.and_then(|list| list.downcast_into::<List>().ok()) {
        return Ok(list);
    }
    let list = List::new()?;
    for number in 0..COUNT {
        list.push(current_action(number)?)?;
    }
    state::set(HANDLERS, &list)?;
    Ok(list)
}

/// What the system does now with a signal: 0 for the default, 1 where it is ignored, None for what others have set.
fn current_action(number: usize) -> Result<Ref, Raised> {
    if number == 0 {
        return Ok(none());
    }
    // SAFETY: the structure is plain data that the call fills.
    let action = unsafe {
        let mut action = std::mem::zeroed::<libc::sigaction>();
        libc::sigaction(number as i32, std::ptr::null(), &mut action);
        action.sa_sigaction
    };
    match action {
        libc::SIG_DFL | libc::SIG_IGN => Ok(Int::from_u64(action as u64)?.into_object()),
        _ => Ok(none()),
    }
}

/// Tells the system what to do with a signal.
fn set_action(number: usize, action: libc::sighandler_t) -> Result<(), Raised> {
    // SAFETY: the handler does only what a signal handler may; the structure is complete.
    let result = unsafe {
        let mut all = std::mem::zeroed::<libc::sigaction>();
        all.sa_sigaction = action;
        all.sa_flags = libc::SA_ONSTACK;
        libc::sigemptyset(&mut all.sa_mask);
        libc::sigaction(number as i32, &all, std::ptr::null_mut())
    };
    check(result).map(drop)
}

/// Prepares signals at start-up: SIGPIPE and SIGXFSZ are ignored, SIGINT raises KeyboardInterrupt, unless the configuration says that signals are
/// somebody else's.
pub fn initialise() -> Result<(), Raised> {
    match Thread::current().interpreter().config.signals {
        Signals::Handled => pending::install(),
        Signals::Left => {
            pending::install();
            return Ok(());
        }
        Signals::Elsewhere => {
            pending::answer_requests();
            return Ok(());
        }
    }
    let module = habu_runtime::import::import_module("_signal")?;
    set_action(libc::SIGPIPE as usize, libc::SIG_IGN)?;
    set_action(libc::SIGXFSZ as usize, libc::SIG_IGN)?;
    let list = handlers()?;
    for number in [libc::SIGPIPE as usize, libc::SIGXFSZ as usize] {
        drop(list.replace(number, current_action(number)?));
    }
    let interrupt = libc::SIGINT as usize;
    if list.get(interrupt).and_then(|action| action.downcast::<Int>().and_then(Int::to_i64)) == Some(0) {
        let handler = protocol::get_attribute_str(&module, "default_int_handler")?;
        drop(list.replace(interrupt, handler));
        set_action(interrupt, pending::on_signal as *const () as usize)?;
    }
    Ok(())
}

/// A time as Python gives it, in seconds, rounded up to microseconds.
fn timeval_of(value: &Object) -> Result<libc::timeval, Raised> {
    let nanoseconds = crate::time::seconds_as_nanoseconds(value)?;
    // Microseconds, rounded up.
    let micros = nanoseconds.div_euclid(1000) + i64::from(nanoseconds.rem_euclid(1000) > 0);
    Ok(libc::timeval { tv_sec: micros.div_euclid(1_000_000), tv_usec: micros.rem_euclid(1_000_000) })
}

fn seconds_of(value: libc::timeval) -> Result<Ref, Raised> {
    Ok(Float::new(value.tv_sec as f64 + value.tv_usec as f64 / 1e6)?.into_object())
}

fn timer_result(timer: &libc::itimerval) -> Result<Ref<Tuple>, Raised> {
    Tuple::from_refs([seconds_of(timer.it_value)?, seconds_of(timer.it_interval)?])
}

/// Raises `ItimerError` of the last system call.
fn timer_error() -> Raised {
    let number = errno();
    let make = || -> Result<Raised, Raised> {
        let text = Str::new(&habu_runtime::exceptions::os_error::error_text(number))?;
        let number = Int::from_i64(number.into())?;
        match state::get("signal.ItimerError")? {
            Some(kind) => {
                let exception = protocol::call(&kind, &[&number, &text])?;
                Ok(habu_runtime::exceptions::raise_object(exception))
            }
            None => Ok(last_error()),
        }
    };
    make().unwrap_or_else(|raised| raised)
}

/// This module provides mechanisms to use signal handlers in Python.
///
/// Functions:
///
/// alarm() -- cause SIGALRM after a specified time [Unix only]
/// setitimer() -- cause a signal (described below) after a specified
///                float time and the timer may restart then [Unix only]
/// getitimer() -- get current value of timer [Unix only]
/// signal() -- set the action for a given signal
/// getsignal() -- get the signal action for a given signal
/// pause() -- wait until a signal arrives [Unix only]
/// default_int_handler() -- default SIGINT handler
///
/// signal constants:
/// SIG_DFL -- used to refer to the system default handler
/// SIG_IGN -- used to ignore the signal
/// NSIG -- number of defined signals
/// SIGINT, SIGTERM, etc. -- signal numbers
#[pymodule(name = "_signal", with(WAIT))]
impl Signal {
    /// The default handler for SIGINT installed by Python.
    ///
    /// It raises KeyboardInterrupt.
    fn default_int_handler(signalnum: CInt, frame: &Object) -> Result<(), Raised> {
        let _ = (signalnum.0, frame);
        Err(habu_runtime::exceptions::raise_with_arguments(exc::KeyboardInterrupt(), &[]))
    }

    /// Arrange for SIGALRM to arrive after the given number of seconds.
    fn alarm(seconds: CInt) -> Result<u32, Raised> {
        // SAFETY: a plain call.
        Ok(unsafe { libc::alarm(seconds.0 as u32) })
    }

    /// Wait until a signal arrives.
    fn pause() -> Result<(), Raised> {
        // SAFETY: a plain call.
        crate::system::blocking::without_lock(|| unsafe { libc::pause() });
        pending::run_handlers()
    }

    /// Send a signal to the executing process.
    fn raise_signal(signalnum: CInt) -> Result<(), Raised> {
        // SAFETY: a plain call.
        if unsafe { libc::raise(signalnum.0) } != 0 {
            return Err(last_error());
        }
        pending::run_handlers()
    }

    /// Set the action for the given signal.
    ///
    /// The action can be SIG_DFL, SIG_IGN, or a callable Python object.
    /// The previous action is returned.  See getsignal() for possible return values.
    ///
    /// *** IMPORTANT NOTICE ***
    /// A signal handler function is called with two arguments:
    /// the first is the signal number, the second is the interrupted stack frame.
    fn signal(signalnum: CInt, handler: &Object) -> Result<Ref, Raised> {
        if !is_main_thread() {
            return Err(raise!(ValueError, "signal only works in main thread of the main interpreter"));
        }
        let number = signal_number(signalnum.0)?;
        let number_given = if protocol::is_callable(handler) {
            None
        } else {
            match handler.downcast::<Int>().and_then(Int::to_i64) {
                Some(number @ 0..=1) => Some(number as libc::sighandler_t),
                _ => {
                    return Err(raise!(
                        TypeError,
                        "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object"
                    ));
                }
            }
        };
        pending::run_handlers()?;
        let list = handlers()?;
        set_action(number, number_given.unwrap_or(pending::on_signal as *const () as usize))?;
        let kept = match number_given {
            Some(action) => Int::from_u64(action as u64)?.into_object(),
            None => handler.to_ref(),
        };
        Ok(list.replace(number, kept).unwrap_or_else(none))
    }

    /// Return the current action for the given signal.
    ///
    /// The return value can be:
    ///   SIG_IGN -- if the signal is being ignored
    ///   SIG_DFL -- if the default action for the signal is in effect
    ///   None    -- if an unknown handler is in effect
    ///   anything else -- the callable Python object used as a handler
    fn getsignal(signalnum: CInt) -> Result<Ref, Raised> {
        let number = signal_number(signalnum.0)?;
        Ok(handlers()?.get(number).unwrap_or_else(none))
    }

    /// Return the system description of the given signal.
    ///
    /// Returns the description of signal *signalnum*, such as "Interrupt"
    /// for :const:`SIGINT`. Returns :const:`None` if *signalnum` has no
    /// description. Raises :exc:`ValueError` if *signalnum* is invalid.
    fn strsignal(signalnum: CInt) -> Result<Option<Ref<Str>>, Raised> {
        signal_number(signalnum.0)?;
        // SAFETY: the text stays until the next call in this thread.
        let text = unsafe { crate::system::text::decode_c(libc::strsignal(signalnum.0)) }?;
        Ok(Some(text).filter(|text| !text.to_string_lossy().starts_with("Unknown signal")))
    }

    /// Change system call restart behaviour.
    ///
    /// If flag is False, system calls will be restarted when interrupted by
    /// signal sig, else system calls will be interrupted.
    fn siginterrupt(signalnum: CInt, flag: CInt) -> Result<(), Raised> {
        let number = signal_number(signalnum.0)?;
        // SAFETY: the structure is plain data that the first call fills.
        let result = unsafe {
            let mut action = std::mem::zeroed::<libc::sigaction>();
            libc::sigaction(number as i32, std::ptr::null(), &mut action);
            if flag.0 != 0 {
                action.sa_flags &= !libc::SA_RESTART;
            } else {
                action.sa_flags |= libc::SA_RESTART;
            }
            libc::sigaction(number as i32, &action, std::ptr::null_mut())
        };
        check(result).map(drop)
    }

    /// set_wakeup_fd(fd, *, warn_on_full_buffer=True) -> fd
    ///
    /// Sets the fd to be written to (with the signal number) when a signal
    /// comes in.  A library can use this to wakeup select or poll.
    /// The previous fd or -1 is returned.
    ///
    /// The fd must be non-blocking.
    #[signature(fd, /, *, warn_on_full_buffer = true)]
    #[no_signature]
    fn set_wakeup_fd(fd: CInt, warn_on_full_buffer: bool) -> Result<i32, Raised> {
        if !is_main_thread() {
            return Err(raise!(ValueError, "set_wakeup_fd only works in main thread of the main interpreter"));
        }
        if fd.0 != -1 {
            // SAFETY: a plain call.
            let flags = check(unsafe { libc::fcntl(fd.0, libc::F_GETFL) })?;
            if flags & libc::O_NONBLOCK == 0 {
                return Err(raise!(ValueError, "the fd {} must be in non-blocking mode", fd.0));
            }
        }
        Ok(pending::set_wakeup(fd.0, warn_on_full_buffer))
    }

    /// Sets given itimer (one of ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF).
    ///
    /// The timer will fire after value seconds and after that every interval seconds.
    /// The itimer can be cleared by setting seconds to zero.
    ///
    /// Returns old values as a tuple: (delay, interval).
    #[signature(which, seconds, interval = None, /)]
    #[shown("($module, which, seconds, interval=0.0, /)")]
    fn setitimer(which: CInt, seconds: &Object, interval: Option<&Object>) -> Result<Ref<Tuple>, Raised> {
        let zero = libc::timeval { tv_sec: 0, tv_usec: 0 };
        let timer = libc::itimerval {
            it_value: timeval_of(seconds)?,
            it_interval: match interval {
                Some(interval) => timeval_of(interval)?,
                None => zero,
            },
        };
        let mut old = libc::itimerval { it_value: zero, it_interval: zero };
        // SAFETY: both structures are plain data.
        if unsafe { libc::setitimer(which.0 as _, &timer, &mut old) } != 0 {
            return Err(timer_error());
        }
        timer_result(&old)
    }

    /// Returns current value of given itimer.
    fn getitimer(which: CInt) -> Result<Ref<Tuple>, Raised> {
        let zero = libc::timeval { tv_sec: 0, tv_usec: 0 };
        let mut timer = libc::itimerval { it_value: zero, it_interval: zero };
        // SAFETY: the structure is plain data that the call fills.
        if unsafe { libc::getitimer(which.0 as _, &mut timer) } != 0 {
            return Err(timer_error());
        }
        timer_result(&timer)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        for (name, value) in constants::CONSTANTS {
            module.set_int(name, *value)?;
        }
        wait::STRUCT_SIGINFO.ready()?;
        module.set("struct_siginfo", wait::STRUCT_SIGINFO.type_object())?;
        let error = crate::system::new_exception("signal", "itimer_error", &[exc::OSError()])?;
        state::set("signal.ItimerError", &error)?;
        module.set("ItimerError", &error)
    }
}
