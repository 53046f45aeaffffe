//! `time`: clocks, sleeping, and calendar time.
//!
//! `clocks` reads the system's clocks and converts seconds; `calendar` has `struct_time` and what is made of one; this file declares
//! the module.

mod calendar;
mod clocks;

use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::boolean;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::namespace::SimpleNamespace;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use crate::fill::set;
use clocks::{Rounding, as_seconds, now, resolution};

/// The module.
pub(crate) struct Time;

/// This module provides various functions to manipulate time values.
///
/// There are two standard representations of time.  One is the number
/// of seconds since the Epoch, in UTC (a.k.a. GMT).  It may be an integer
/// or a floating point number (to represent fractions of seconds).
/// The Epoch is system-defined; on Unix, it is generally January 1st, 1970.
/// The actual value can be retrieved by calling gmtime(0).
///
/// The other representation is a tuple of 9 integers giving local time.
/// The tuple items are:
///   year (including century, e.g. 1998)
///   month (1-12)
///   day (1-31)
///   hours (0-23)
///   minutes (0-59)
///   seconds (0-59)
///   weekday (0-6, Monday is 0)
///   Julian day (day in the year, 1-366)
///   DST (Daylight Savings Time) flag (-1, 0 or 1)
/// If the DST flag is 0, the time is given in the regular time zone;
/// if it is 1, the time is given in the DST time zone;
/// if it is -1, mktime() should guess based on the date and time.
#[pymodule(name = "time", with(CALENDAR))]
impl Time {
    /// time() -> floating point number
    ///
    /// Return the current time in seconds since the Epoch.
    /// Fractions of a second may be present if the system clock provides them.
    #[no_signature]
    fn time() -> Result<f64, Raised> {
        now(libc::CLOCK_REALTIME).map(as_seconds)
    }

    /// time_ns() -> int
    ///
    /// Return the current time in nanoseconds since the Epoch.
    #[no_signature]
    fn time_ns() -> Result<i64, Raised> {
        now(libc::CLOCK_REALTIME)
    }

    /// monotonic() -> float
    ///
    /// Monotonic clock, cannot go backward.
    #[no_signature]
    fn monotonic() -> Result<f64, Raised> {
        now(libc::CLOCK_MONOTONIC).map(as_seconds)
    }

    /// monotonic_ns() -> int
    ///
    /// Monotonic clock, cannot go backward, as nanoseconds.
    #[no_signature]
    fn monotonic_ns() -> Result<i64, Raised> {
        now(libc::CLOCK_MONOTONIC)
    }

    /// perf_counter() -> float
    ///
    /// Performance counter for benchmarking.
    #[no_signature]
    fn perf_counter() -> Result<f64, Raised> {
        now(libc::CLOCK_MONOTONIC).map(as_seconds)
    }

    /// perf_counter_ns() -> int
    ///
    /// Performance counter for benchmarking as nanoseconds.
    #[no_signature]
    fn perf_counter_ns() -> Result<i64, Raised> {
        now(libc::CLOCK_MONOTONIC)
    }

    /// process_time() -> float
    ///
    /// Process time for profiling: sum of the kernel and user-space CPU time.
    #[no_signature]
    fn process_time() -> Result<f64, Raised> {
        now(libc::CLOCK_PROCESS_CPUTIME_ID).map(as_seconds)
    }

    /// process_time() -> int
    ///
    /// Process time for profiling as nanoseconds:
    /// sum of the kernel and user-space CPU time.
    #[no_signature]
    fn process_time_ns() -> Result<i64, Raised> {
        now(libc::CLOCK_PROCESS_CPUTIME_ID)
    }

    /// thread_time() -> float
    ///
    /// Thread time for profiling: sum of the kernel and user-space CPU time.
    #[no_signature]
    fn thread_time() -> Result<f64, Raised> {
        now(libc::CLOCK_THREAD_CPUTIME_ID).map(as_seconds)
    }

    /// thread_time() -> int
    ///
    /// Thread time for profiling as nanoseconds:
    /// sum of the kernel and user-space CPU time.
    #[no_signature]
    fn thread_time_ns() -> Result<i64, Raised> {
        now(libc::CLOCK_THREAD_CPUTIME_ID)
    }

    /// clock_gettime(clk_id) -> float
    ///
    /// Return the time of the specified clock clk_id.
    #[no_signature]
    #[varargs]
    fn clock_gettime(clk_id: i32) -> Result<f64, Raised> {
        now(clk_id).map(as_seconds)
    }

    /// clock_gettime_ns(clk_id) -> int
    ///
    /// Return the time of the specified clock clk_id as nanoseconds.
    #[no_signature]
    #[varargs("clock_gettime")]
    fn clock_gettime_ns(clk_id: i32) -> Result<i64, Raised> {
        now(clk_id)
    }

    /// clock_settime(clk_id, time)
    ///
    /// Set the time of the specified clock clk_id.
    #[no_signature]
    #[varargs]
    fn clock_settime(clk_id: i32, time: &Object) -> Result<(), Raised> {
        clocks::set_clock(clk_id, clocks::nanoseconds(time, Rounding::Floor)?)
    }

    /// clock_settime_ns(clk_id, time)
    ///
    /// Set the time of the specified clock clk_id with nanoseconds.
    #[no_signature]
    #[varargs("clock_settime")]
    fn clock_settime_ns(clk_id: i32, time: &Object) -> Result<(), Raised> {
        let Some(time) = time.downcast::<Int>() else {
            return Err(raise!(TypeError, "expect int, got {}", time.ty().full_name()));
        };
        match time.to_i64() {
            Some(time) => clocks::set_clock(clk_id, time),
            None => Err(raise!(OverflowError, "int too big to convert")),
        }
    }

    /// clock_getres(clk_id) -> floating point number
    ///
    /// Return the resolution (precision) of the specified clock clk_id.
    #[no_signature]
    #[varargs]
    fn clock_getres(clk_id: i32) -> Result<f64, Raised> {
        resolution(clk_id).map(as_seconds)
    }

    /// pthread_getcpuclockid(thread_id) -> int
    ///
    /// Return the clk_id of a thread's CPU time clock.
    #[no_signature]
    #[varargs]
    fn pthread_getcpuclockid(thread_id: u64) -> Result<i32, Raised> {
        clocks::thread_clock(thread_id)
    }

    /// sleep(seconds)
    ///
    /// Delay execution for a given number of seconds.  The argument may be
    /// a floating point number for subsecond precision.
    #[no_signature]
    fn sleep(seconds: &Object) -> Result<(), Raised> {
        let length = clocks::nanoseconds(seconds, Rounding::Up)?;
        if length < 0 {
            return Err(raise!(ValueError, "sleep length must be non-negative"));
        }
        clocks::sleep(length)
    }

    /// get_clock_info(name: str) -> dict
    ///
    /// Get information of the specified clock.
    #[no_signature]
    #[varargs]
    fn get_clock_info(name: &Str) -> Result<Ref<SimpleNamespace>, Raised> {
        let (clock, function, monotonic) = match name.as_ascii() {
            Some("time") => (libc::CLOCK_REALTIME, "clock_gettime(CLOCK_REALTIME)", false),
            Some("monotonic" | "perf_counter") => (libc::CLOCK_MONOTONIC, "clock_gettime(CLOCK_MONOTONIC)", true),
            Some("process_time") => (libc::CLOCK_PROCESS_CPUTIME_ID, "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", true),
            Some("thread_time") => (libc::CLOCK_THREAD_CPUTIME_ID, "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", true),
            _ => return Err(raise!(ValueError, "unknown clock")),
        };
        let info = Dict::new()?;
        info.set_str("implementation", &*Str::new(function)?)?;
        info.set_str("monotonic", &boolean(monotonic))?;
        info.set_str("adjustable", &boolean(!monotonic))?;
        info.set_str("resolution", &*Float::new(as_seconds(resolution(clock)?))?)?;
        SimpleNamespace::of(info)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        calendar::STRUCT_TIME.ready()?;
        set(module, "struct_time", Ref::from_borrowed(calendar::STRUCT_TIME.type_object()))?;
        for (name, clock) in [
            ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
            ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
            ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW),
            ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
            ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
            ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME),
            ("CLOCK_TAI", libc::CLOCK_TAI),
            ("_STRUCT_TM_ITEMS", 11),
        ] {
            set(module, name, i64::from(clock))?;
        }
        calendar::set_zone(module)
    }
}

#[pymodule(table = CALENDAR)]
impl Time {
    /// gmtime([seconds]) -> (tm_year, tm_mon, tm_mday, tm_hour, tm_min,
    ///                        tm_sec, tm_wday, tm_yday, tm_isdst)
    ///
    /// Convert seconds since the Epoch to a time tuple expressing UTC (a.k.a.
    /// GMT).  When 'seconds' is not passed in, convert the current time instead.
    ///
    /// If the platform supports the tm_gmtoff and tm_zone, they are available as
    /// attributes only.
    #[no_signature]
    #[signature(seconds = None, /)]
    #[varargs]
    fn gmtime(seconds: Option<&Object>) -> Result<Ref<Tuple>, Raised> {
        calendar::to_tuple(&calendar::utc(clocks::whole_seconds(seconds)?)?)
    }

    /// localtime([seconds]) -> (tm_year,tm_mon,tm_mday,tm_hour,tm_min,
    ///                           tm_sec,tm_wday,tm_yday,tm_isdst)
    ///
    /// Convert seconds since the Epoch to a time tuple expressing local time.
    /// When 'seconds' is not passed in, convert the current time instead.
    #[no_signature]
    #[signature(seconds = None, /)]
    #[varargs]
    fn localtime(seconds: Option<&Object>) -> Result<Ref<Tuple>, Raised> {
        calendar::to_tuple(&calendar::local(clocks::whole_seconds(seconds)?)?)
    }

    /// asctime([tuple]) -> string
    ///
    /// Convert a time tuple to a string, e.g. 'Sat Jun 06 16:26:11 1998'.
    /// When the time tuple is not present, current time as returned by localtime()
    /// is used.
    #[no_signature]
    #[signature(tuple = None, /)]
    #[varargs(unpack)]
    fn asctime(tuple: Option<&Object>) -> Result<Ref<Str>, Raised> {
        calendar::asctime(&calendar::checked_argument(tuple, "asctime")?)
    }

    /// ctime(seconds) -> string
    ///
    /// Convert a time in seconds since the Epoch to a string in local time.
    /// This is equivalent to asctime(localtime(seconds)). When the time tuple is
    /// not present, current time as returned by localtime() is used.
    #[no_signature]
    #[signature(seconds = None, /)]
    #[varargs]
    fn ctime(seconds: Option<&Object>) -> Result<Ref<Str>, Raised> {
        calendar::asctime(&calendar::local(clocks::whole_seconds(seconds)?)?)
    }

    /// mktime(tuple) -> floating point number
    ///
    /// Convert a time tuple in local time to seconds since the Epoch.
    /// Note that mktime(gmtime(0)) will not generally return zero for most
    /// time zones; instead the returned value will either be equal to that
    /// of the timezone or altzone attributes on the time module.
    #[no_signature]
    fn mktime(tuple: &Object) -> Result<f64, Raised> {
        calendar::mktime(tuple)
    }

    /// strftime(format[, tuple]) -> string
    ///
    /// Convert a time tuple to a string according to a format specification.
    /// See the library reference manual for formatting codes. When the time tuple
    /// is not present, current time as returned by localtime() is used.
    ///
    /// Commonly used format codes:
    ///
    /// %Y  Year with century as a decimal number.
    /// %m  Month as a decimal number [01,12].
    /// %d  Day of the month as a decimal number [01,31].
    /// %H  Hour (24-hour clock) as a decimal number [00,23].
    /// %M  Minute as a decimal number [00,59].
    /// %S  Second as a decimal number [00,61].
    /// %z  Time zone offset from UTC.
    /// %a  Locale's abbreviated weekday name.
    /// %A  Locale's full weekday name.
    /// %b  Locale's abbreviated month name.
    /// %B  Locale's full month name.
    /// %c  Locale's appropriate date and time representation.
    /// %I  Hour (12-hour clock) as a decimal number [01,12].
    /// %p  Locale's equivalent of either AM or PM.
    ///
    /// Other codes may be available on your platform.  See documentation for
    /// the C library strftime function.
    #[no_signature]
    #[signature(format, tuple = None, /)]
    fn strftime(format: &Str, tuple: Option<&Object>) -> Result<Ref<Str>, Raised> {
        calendar::strftime(format, tuple)
    }

    /// strptime(string, format) -> struct_time
    ///
    /// Parse a string to a time tuple according to a format specification.
    /// See the library reference manual for formatting codes (same as
    /// strftime()).
    ///
    /// Commonly used format codes:
    ///
    /// %Y  Year with century as a decimal number.
    /// %m  Month as a decimal number [01,12].
    /// %d  Day of the month as a decimal number [01,31].
    /// %H  Hour (24-hour clock) as a decimal number [00,23].
    /// %M  Minute as a decimal number [00,59].
    /// %S  Second as a decimal number [00,61].
    /// %z  Time zone offset from UTC.
    /// %a  Locale's abbreviated weekday name.
    /// %A  Locale's full weekday name.
    /// %b  Locale's abbreviated month name.
    /// %B  Locale's full month name.
    /// %c  Locale's appropriate date and time representation.
    /// %I  Hour (12-hour clock) as a decimal number [01,12].
    /// %p  Locale's equivalent of either AM or PM.
    ///
    /// Other codes may be available on your platform.  See documentation for
    /// the C library strftime function.
    #[no_signature]
    #[signature(*arguments)]
    fn strptime(arguments: &[&Object]) -> Result<Ref, Raised> {
        let module = habu_runtime::import::import_module("_strptime")?;
        let parse = habu_runtime::object::protocol::get_attribute_str(&module, "_strptime_time")?;
        habu_runtime::object::protocol::call(&parse, arguments)
    }

    /// tzset()
    ///
    /// Initialize, or reinitialize, the local timezone to the value stored in
    /// os.environ['TZ']. The TZ environment variable should be specified in
    /// standard Unix timezone format as documented in the tzset man page
    /// (eg. 'US/Eastern', 'Europe/Amsterdam'). Unknown timezones will silently
    /// fall back to UTC. If the TZ environment variable is not set, the local
    /// timezone is set to the systems best guess of wallclock time.
    /// Changing the TZ environment variable without calling tzset *may* change
    /// the local timezone used by methods such as localtime, but this behaviour
    /// should not be relied on.
    #[no_signature]
    fn tzset(module: &Module) -> Result<(), Raised> {
        calendar::read_zone();
        calendar::set_zone(module)
    }
}

/// Whether an optional argument is there and not None.
fn given(object: Option<&Object>) -> Option<&Object> {
    object.filter(|object| !is_none(object))
}

/// A time in seconds as an argument, in nanoseconds, rounded away from zero.
///
/// Raises TypeError, ValueError for NaN, OverflowError.
pub(crate) fn seconds_as_nanoseconds(seconds: &Object) -> Result<i64, Raised> {
    clocks::nanoseconds(seconds, clocks::Rounding::Up)
}

/// As `seconds_as_nanoseconds` for a time in milliseconds.
pub(crate) fn milliseconds_as_nanoseconds(milliseconds: &Object) -> Result<i64, Raised> {
    clocks::scaled(milliseconds, 1_000_000, clocks::Rounding::Up)
}

/// A moment of the system's clock in parts.
pub(crate) struct Parts {
    pub(crate) year: i32,
    pub(crate) month: i32,
    pub(crate) day: i32,
    pub(crate) hour: i32,
    pub(crate) minute: i32,
    pub(crate) second: i32,
}

/// The parts of a moment in seconds from the epoch, in the local zone or in UTC.
pub(crate) fn parts(seconds: i64, local: bool) -> Result<Parts, Raised> {
    let time = if local { calendar::local(seconds)? } else { calendar::utc(seconds)? };
    Ok(Parts {
        year: time.tm_year.saturating_add(1900),
        month: time.tm_mon + 1,
        day: time.tm_mday,
        hour: time.tm_hour,
        minute: time.tm_min,
        second: time.tm_sec,
    })
}

/// The zone of the local clock at a moment in seconds from the epoch: seconds east of UTC, and its name.
pub(crate) fn local_zone(seconds: i64) -> Result<(i64, Ref<Str>), Raised> {
    let time = calendar::local(seconds)?;
    Ok((time.tm_gmtoff, calendar::zone_name(time.tm_zone)?))
}

/// The system's clock in nanoseconds from the epoch.
pub(crate) fn system_nanoseconds() -> Result<i64, Raised> {
    now(libc::CLOCK_REALTIME)
}
