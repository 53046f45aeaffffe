//! The system's clocks, in nanoseconds; seconds given by Python as such.

use habu_runtime::exceptions::os_error::raise_os_error;
use habu_runtime::object::protocol::number::index;
use habu_runtime::object::{Object, Raised};
use habu_runtime::raise;
use habu_runtime::types::float::Float;

use super::given;
use crate::system::blocking::{check_signals, without_lock};

const SECOND: i64 = 1_000_000_000;

/// The exception of a call of the system that just failed.
#[cold]
pub(super) fn system_error() -> Raised {
    raise_os_error(std::io::Error::last_os_error().raw_os_error().unwrap_or(0), None)
}

fn to_nanoseconds(time: libc::timespec) -> i64 {
    time.tv_sec.saturating_mul(SECOND).saturating_add(time.tv_nsec)
}

fn to_timespec(nanoseconds: i64) -> libc::timespec {
    libc::timespec { tv_sec: nanoseconds.div_euclid(SECOND), tv_nsec: nanoseconds.rem_euclid(SECOND) }
}

/// What a clock shows.
pub(super) fn now(clock: libc::clockid_t) -> Result<i64, Raised> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills `time`.
    if unsafe { libc::clock_gettime(clock, &mut time) } != 0 {
        return Err(system_error());
    }
    Ok(to_nanoseconds(time))
}

/// The resolution of a clock.
pub(super) fn resolution(clock: libc::clockid_t) -> Result<i64, Raised> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills `time`.
    if unsafe { libc::clock_getres(clock, &mut time) } != 0 {
        return Err(system_error());
    }
    Ok(to_nanoseconds(time))
}

/// Sets a clock.
pub(super) fn set_clock(clock: libc::clockid_t, nanoseconds: i64) -> Result<(), Raised> {
    let time = to_timespec(nanoseconds);
    // SAFETY: the call reads `time`.
    if unsafe { libc::clock_settime(clock, &time) } != 0 {
        return Err(system_error());
    }
    Ok(())
}

/// The clock of a thread's processor time.
pub(super) fn thread_clock(thread: u64) -> Result<libc::clockid_t, Raised> {
    let mut clock = 0;
    // SAFETY: the call fills `clock`; the number must be that of a thread, as in CPython.
    match unsafe { libc::pthread_getcpuclockid(thread as libc::pthread_t, &mut clock) } {
        0 => Ok(clock),
        code => Err(raise_os_error(code, None)),
    }
}

/// Seconds as a double.
#[inline]
pub(super) fn as_seconds(nanoseconds: i64) -> f64 {
    if nanoseconds % SECOND == 0 { (nanoseconds / SECOND) as f64 } else { nanoseconds as f64 / 1e9 }
}

/// What becomes of parts of a unit.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Rounding {
    /// Down.
    Floor,
    /// Away from zero, so that a sleep is never too short.
    Up,
}

impl Rounding {
    fn apply(self, value: f64) -> f64 {
        match self {
            Rounding::Floor => value.floor(),
            Rounding::Up if value >= 0.0 => value.ceil(),
            Rounding::Up => value.floor(),
        }
    }
}

#[cold]
fn out_of_range() -> Raised {
    raise!(OverflowError, "timestamp out of range for platform time_t")
}

fn check_nan(value: f64) -> Result<(), Raised> {
    if value.is_nan() { Err(raise!(ValueError, "Invalid value NaN (not a number)")) } else { Ok(()) }
}

/// A double that is an integer, when it fits.
fn fits(value: f64) -> Option<i64> {
    (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value).then_some(value as i64)
}

/// An argument in seconds as nanoseconds.
pub(super) fn nanoseconds(seconds: &Object, rounding: Rounding) -> Result<i64, Raised> {
    scaled(seconds, SECOND, rounding)
}

/// An argument in units of `scale` nanoseconds as nanoseconds.
pub(super) fn scaled(seconds: &Object, scale: i64, rounding: Rounding) -> Result<i64, Raised> {
    let too_large = || raise!(OverflowError, "timestamp too large to convert to C _PyTime_t");
    if let Some(seconds) = seconds.downcast::<Float>() {
        check_nan(seconds.value())?;
        return fits(rounding.apply(seconds.value() * scale as f64)).ok_or_else(out_of_range);
    }
    index(seconds)?.to_i64().and_then(|seconds| seconds.checked_mul(scale)).ok_or_else(too_large)
}

/// An argument in seconds as whole seconds, rounded down; none means now.
pub(super) fn whole_seconds(seconds: Option<&Object>) -> Result<i64, Raised> {
    let Some(seconds) = given(seconds) else { return Ok(now(libc::CLOCK_REALTIME)?.div_euclid(SECOND)) };
    if let Some(seconds) = seconds.downcast::<Float>() {
        check_nan(seconds.value())?;
        return fits(seconds.value().floor()).ok_or_else(out_of_range);
    }
    index(seconds)?.to_i64().ok_or_else(out_of_range)
}

/// Sleeps.
pub(super) fn sleep(nanoseconds: i64) -> Result<(), Raised> {
    // The clock never gets to what lies beyond its range.
    let Some(end) = now(libc::CLOCK_MONOTONIC)?.checked_add(nanoseconds) else {
        return Err(raise_os_error(libc::EINVAL, None));
    };
    let end = to_timespec(end);
    loop {
        let code = without_lock(|| {
            // SAFETY: the call reads `end`; what is left is not asked for.
            unsafe { libc::clock_nanosleep(libc::CLOCK_MONOTONIC, libc::TIMER_ABSTIME, &end, std::ptr::null_mut()) }
        });
        match code {
            0 => return Ok(()),
            libc::EINTR => check_signals()?,
            code => return Err(raise_os_error(code, None)),
        }
    }
}
