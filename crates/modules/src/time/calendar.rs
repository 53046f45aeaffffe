//! `struct_time`, and times of day made of one or into one by the C library.

use std::ffi::{CStr, CString, c_char, c_int};

use habu_runtime::object::protocol::call_method;
use habu_runtime::object::protocol::number::index;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_runtime::types::structseq::field;
use habu_runtime::types::tuple::Tuple;

use super::{clocks, given};
use crate::fill::set;

habu_runtime::struct_sequence! {
    heap doc "The time value as returned by gmtime(), localtime(), and strptime(), and\n accepted by asctime(), mktime() and strftime().  May be considered as a\n sequence of 9 integers.\n\n Note that several fields' values are not the same as those defined by\n the C language standard for struct tm.  For example, the value of the\n field tm_year is the actual year, not year - 1900.  See individual\n fields' descriptions for details."
    pub(super) static STRUCT_TIME = "time.struct_time", visible 9,
    {
        tm_year: "year, for example, 1993",
        tm_mon: "month of year, range [1, 12]",
        tm_mday: "day of month, range [1, 31]",
        tm_hour: "hours, range [0, 23]",
        tm_min: "minutes, range [0, 59]",
        tm_sec: "seconds, range [0, 61])",
        tm_wday: "day of week, range [0, 6], Monday is 0",
        tm_yday: "day of year, range [1, 366]",
        tm_isdst: "1 if summer time is in effect, 0 if not, and -1 if unknown",
        tm_zone: "abbreviation of timezone name",
        tm_gmtoff: "offset from UTC in seconds",
    }
}

// SAFETY: C's function, with its signature; it reads the environment.
unsafe extern "C" {
    fn tzset();
}

/// Reads the time zone from the environment again.
pub(super) fn read_zone() {
    // SAFETY: only this function and the C library's own read the variable.
    unsafe { tzset() }
}

/// A broken-down time with nothing in it.
fn nothing() -> libc::tm {
    // SAFETY: numbers and a pointer, for which zero and null are values.
    unsafe { std::mem::zeroed() }
}

/// The time in UTC.
pub(super) fn utc(seconds: i64) -> Result<libc::tm, Raised> {
    let mut time = nothing();
    // SAFETY: the call reads the one and fills the other.
    if unsafe { libc::gmtime_r(&seconds, &mut time) }.is_null() {
        return Err(clocks::system_error());
    }
    Ok(time)
}

/// The time in the local zone.
pub(super) fn local(seconds: i64) -> Result<libc::tm, Raised> {
    let mut time = nothing();
    // SAFETY: the call reads the one and fills the other.
    if unsafe { libc::localtime_r(&seconds, &mut time) }.is_null() {
        return Err(clocks::system_error());
    }
    Ok(time)
}

/// The name of a zone.
pub(super) fn zone_name(zone: *const c_char) -> Result<Ref<Str>, Raised> {
    if zone.is_null() {
        return Str::new("");
    }
    // SAFETY: the C library's names of zones end with NUL and stay as long as the zone is not read anew; it is copied here.
    Str::new(&unsafe { CStr::from_ptr(zone) }.to_string_lossy())
}

/// A `struct_time`.
pub(super) fn to_tuple(time: &libc::tm) -> Result<Ref<Tuple>, Raised> {
    STRUCT_TIME.build(|index| {
        let value = match index {
            0 => i64::from(time.tm_year) + 1900,
            1 => i64::from(time.tm_mon) + 1,
            2 => i64::from(time.tm_mday),
            3 => i64::from(time.tm_hour),
            4 => i64::from(time.tm_min),
            5 => i64::from(time.tm_sec),
            6 => i64::from((time.tm_wday + 6) % 7),
            7 => i64::from(time.tm_yday) + 1,
            8 => i64::from(time.tm_isdst),
            9 => return Ok(zone_name(time.tm_zone)?.into_object()),
            _ => time.tm_gmtoff,
        };
        Ok(Int::from_i64(value)?.into_object())
    })
}

/// An item of a tuple as C's `int`.
fn c_int_of(item: &Object) -> Result<c_int, Raised> {
    let Some(value) = index(item)?.to_i64() else {
        return Err(raise!(OverflowError, "Python int too large to convert to C long"));
    };
    c_int::try_from(value).map_err(|_| {
        if value > 0 {
            raise!(OverflowError, "signed integer is greater than maximum")
        } else {
            raise!(OverflowError, "signed integer is less than minimum")
        }
    })
}

/// A tuple as a broken-down time, not checked; the name of its zone is kept in `zone`.
fn from_tuple(argument: &Object, function: &str, zone: &mut Option<CString>) -> Result<libc::tm, Raised> {
    let Some(tuple) = argument.downcast::<Tuple>() else {
        return Err(raise!(TypeError, "Tuple or struct_time argument required"));
    };
    if tuple.len() != 9 {
        return Err(raise!(TypeError, "{function}(): illegal time tuple argument"));
    }
    let mut values = [0; 9];
    for (value, item) in values.iter_mut().zip(tuple.as_slice()) {
        *value = c_int_of(item)?;
    }
    let [year, month, day, hour, minute, second, weekday, yearday, dst] = values;
    let mut time = nothing();
    let Some(year) = year.checked_sub(1900) else { return Err(raise!(OverflowError, "year out of range")) };
    time.tm_year = year;
    time.tm_mon = month.wrapping_sub(1);
    time.tm_mday = day;
    time.tm_hour = hour;
    time.tm_min = minute;
    time.tm_sec = second;
    time.tm_wday = weekday.wrapping_add(1) % 7;
    time.tm_yday = yearday.wrapping_sub(1);
    time.tm_isdst = dst;
    if let Some(name) = field(STRUCT_TIME, argument, 9)
        && let Some(name) = name.downcast::<Str>()
    {
        *zone = CString::new(name.to_string_lossy()).ok();
    }
    if let Some(offset) = field(STRUCT_TIME, argument, 10)
        && let Some(offset) = offset.downcast::<Int>()
    {
        time.tm_gmtoff = offset.to_i64().unwrap_or(0);
    }
    if let Some(zone) = zone {
        time.tm_zone = zone.as_ptr();
    }
    Ok(time)
}

/// Refuses times that the C library must not be asked to show.
fn check(time: &mut libc::tm) -> Result<(), Raised> {
    let within = |value: c_int, least: c_int, most: c_int, what: &str| {
        if (least..=most).contains(&value) { Ok(()) } else { Err(raise!(ValueError, "{what} out of range")) }
    };
    if time.tm_mon == -1 {
        time.tm_mon = 0;
    }
    within(time.tm_mon, 0, 11, "month")?;
    if time.tm_mday == 0 {
        time.tm_mday = 1;
    }
    within(time.tm_mday, 0, 31, "day of month")?;
    within(time.tm_hour, 0, 23, "hour")?;
    within(time.tm_min, 0, 59, "minute")?;
    within(time.tm_sec, 0, 61, "seconds")?;
    within(time.tm_wday, 0, 6, "day of week")?;
    if time.tm_yday == -1 {
        time.tm_yday = 0;
    }
    within(time.tm_yday, 0, 365, "day of year")
}

/// The time that an argument gives, checked; none means now.
pub(super) fn checked_argument(argument: Option<&Object>, function: &str) -> Result<libc::tm, Raised> {
    let Some(argument) = given(argument) else { return local(clocks::whole_seconds(None)?) };
    let mut zone = None;
    let mut time = from_tuple(argument, function, &mut zone)?;
    check(&mut time)?;
    time.tm_zone = std::ptr::null();
    Ok(time)
}

/// `Sat Jun 06 16:26:11 1998`
pub(super) fn asctime(time: &libc::tm) -> Result<Ref<Str>, Raised> {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let day = DAYS.get(time.tm_wday as usize).copied().unwrap_or("?");
    let month = MONTHS.get(time.tm_mon as usize).copied().unwrap_or("?");
    Str::from_format(format_args!(
        "{day} {month}{:3} {:02}:{:02}:{:02} {}",
        time.tm_mday,
        time.tm_hour,
        time.tm_min,
        time.tm_sec,
        i64::from(time.tm_year) + 1900
    ))
}

/// Seconds since the epoch of a local time.
pub(super) fn mktime(argument: &Object) -> Result<f64, Raised> {
    let mut zone = None;
    let mut time = from_tuple(argument, "mktime", &mut zone)?;
    // To tell -1, which is a time, from an error.
    time.tm_wday = -1;
    // SAFETY: the call reads and fills `time`.
    let seconds = unsafe { libc::mktime(&mut time) };
    if seconds == -1 && time.tm_wday == -1 {
        return Err(raise!(OverflowError, "mktime argument out of range"));
    }
    Ok(seconds as f64)
}

/// The UTF-8 of a format; what has none is a UnicodeEncodeError.
fn format_text(format: &Str) -> Result<CString, Raised> {
    let bytes = match format.as_ascii() {
        Some(text) => text.as_bytes().to_vec(),
        None => {
            let encoded = call_method(format, &*Str::intern("encode")?, &[])?;
            encoded.downcast::<Bytes>().map_or_else(Vec::new, |bytes| bytes.as_slice().to_vec())
        }
    };
    CString::new(bytes).map_err(|_| raise!(ValueError, "embedded null character"))
}

/// `time.strftime`
pub(super) fn strftime(format: &Str, argument: Option<&Object>) -> Result<Ref<Str>, Raised> {
    let mut zone = None;
    let mut time = match given(argument) {
        None => local(clocks::whole_seconds(None)?)?,
        Some(argument) => {
            let mut time = from_tuple(argument, "strftime", &mut zone)?;
            check(&mut time)?;
            time
        }
    };
    time.tm_isdst = time.tm_isdst.clamp(-1, 1);
    let format = format_text(format)?;
    if format.is_empty() {
        return Str::new("");
    }
    let most = format.as_bytes().len().saturating_mul(256).max(1024);
    let mut room = habu_heap::Buffer::<u8>::new();
    let mut size = 1024;
    loop {
        room.resize(size, 0)?;
        // SAFETY: the room has `size` bytes; format and zone end with NUL and live until after the call.
        let length = unsafe { libc::strftime(room.as_mut_ptr().cast(), size, format.as_ptr(), &time) };
        if length > 0 || size >= most {
            let text = String::from_utf8_lossy(&room[..length.min(size)]);
            return Str::new(&text);
        }
        size *= 2;
    }
}

/// Sets `timezone`, `altzone`, `daylight` and `tzname` from how winter and summer of this year differ.
pub(super) fn set_zone(module: &Module) -> Result<(), Raised> {
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    read_zone();
    let start = clocks::whole_seconds(None)? / YEAR * YEAR;
    let (january, july) = (local(start)?, local(start + YEAR / 2)?);
    let (january, july) =
        ((-january.tm_gmtoff, zone_name(january.tm_zone)?), (-july.tm_gmtoff, zone_name(july.tm_zone)?));
    let differ = january.0 != july.0;
    // In the south, July has the standard time.
    let (standard, summer) = if january.0 < july.0 { (july, january) } else { (january, july) };
    set(module, "timezone", standard.0)?;
    set(module, "altzone", summer.0)?;
    set(module, "daylight", i64::from(differ))?;
    set(module, "tzname", Tuple::from_refs([standard.1.into_object(), summer.1.into_object()])?)
}
