//! What dates ask of the system and the library: clocks, the local zone, `time.strftime`, `time.struct_time`.

use habu_runtime::exceptions::exc;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::arguments::Clock;
use super::calendar;
use super::delta::Delta;
use super::zone::{TimeZone, ask_name, ask_offset, offset_text};

habu_runtime::struct_sequence! {
    doc "The result of date.isocalendar() or datetime.isocalendar()\n\nThis object may be accessed either as a tuple of\n  ((year, week, weekday))\nor via the object attributes as named in the above tuple."
    pub(super) static ISO_CALENDAR_DATE = "datetime.IsoCalendarDate", visible 3, basicsize 32,
    { year, week, weekday }
}

/// Seconds from 1 January of year 1 (day 1) to the system's epoch.
pub(super) const EPOCH: i64 = 719_163 * 86_400;
/// No fold is longer.
const MAX_FOLD: i64 = 24 * 3600;

/// A moment of the system's clock in parts.
pub(super) struct SystemTime {
    pub(super) year: i32,
    pub(super) month: i32,
    pub(super) day: i32,
    pub(super) clock: Clock,
}

impl SystemTime {
    fn of(time: &crate::time::Parts) -> SystemTime {
        let clock =
            Clock { hour: time.hour, minute: time.minute, second: time.second.min(59), microsecond: 0, fold: 0 };
        SystemTime { year: time.year, month: time.month, day: time.day, clock }
    }

    /// The seconds from year 1.
    fn seconds(&self) -> i64 {
        to_seconds((self.year, self.month, self.day), self.clock)
    }
}

/// The seconds from year 1 to a time of a day.
pub(super) fn to_seconds((year, month, day): (i32, i32, i32), clock: Clock) -> i64 {
    calendar::to_ordinal(year, month, day) * 86_400 + clock.seconds()
}

/// A moment in local time, in seconds from the epoch.
pub(super) fn local(seconds: i64) -> Result<SystemTime, Raised> {
    Ok(SystemTime::of(&crate::time::parts(seconds, true)?))
}

/// A moment in UTC, in seconds from the epoch.
pub(super) fn utc(seconds: i64) -> Result<SystemTime, Raised> {
    Ok(SystemTime::of(&crate::time::parts(seconds, false)?))
}

/// What the local clock shows, in seconds from year 1, when it is `seconds` after year 1 in UTC.
fn local_seconds(seconds: i64) -> Result<i64, Raised> {
    if !(86_400..=(calendar::MAX_ORDINAL + 1) * 86_400).contains(&seconds) {
        return Err(raise!(ValueError, "year is out of range"));
    }
    Ok(local(seconds - EPOCH)?.seconds())
}

/// The moment, in seconds from the epoch, when local clocks show a time.
pub(super) fn timestamp_of_local(day: (i32, i32, i32), clock: Clock) -> Result<i64, Raised> {
    let shown = to_seconds(day, clock);
    let ahead = local_seconds(shown)? - shown;
    let first = shown - ahead;
    let other_ahead = if local_seconds(first)? == shown {
        // One moment was found; perhaps clocks show the time twice.
        let near = if clock.fold != 0 { first + MAX_FOLD } else { first - MAX_FOLD };
        let near_ahead = local_seconds(near)? - near;
        if near_ahead == ahead {
            return Ok(first - EPOCH);
        }
        near_ahead
    } else {
        local_seconds(first)? - first
    };
    let second = shown - other_ahead;
    if local_seconds(second)? == shown {
        return Ok(second - EPOCH);
    }
    if local_seconds(first)? == shown {
        return Ok(first - EPOCH);
    }
    // Clocks never show the time.
    Ok(if clock.fold != 0 { first.min(second) } else { first.max(second) } - EPOCH)
}

/// Whether local clocks show the time of a moment for the second time.
pub(super) fn is_fold(seconds: i64, shown: &SystemTime) -> Result<bool, Raised> {
    if seconds <= MAX_FOLD {
        return Ok(false);
    }
    let shown = shown.seconds();
    let before = local_seconds(EPOCH + seconds - MAX_FOLD)?;
    let jump = shown - before - MAX_FOLD;
    Ok(jump < 0 && local_seconds(EPOCH + seconds + jump)? == shown)
}

/// The zone that local clocks have at a moment.
pub(super) fn local_zone(seconds: i64) -> Result<Ref, Raised> {
    let (offset, name) = crate::time::local_zone(seconds)?;
    TimeZone::of(&*Delta::new(0, offset, 0)?, Some(&*name))
}

/// Seconds from the epoch and microseconds, rounded to even from the middle.
pub(super) fn seconds_and_microseconds(timestamp: &Object) -> Result<(i64, i64), Raised> {
    let too_large = || raise!(OverflowError, "timestamp out of range for platform time_t");
    if let Some(value) = timestamp.downcast::<Float>().map(Float::value) {
        if value.is_nan() {
            return Err(raise!(ValueError, "Invalid value NaN (not a number)"));
        }
        let whole = value.floor();
        let mut microseconds = ((value - whole) * 1e6).round_ties_even() as i64;
        if !(-9.2e18..9.2e18).contains(&whole) {
            return Err(too_large());
        }
        let mut seconds = whole as i64;
        if microseconds >= 1_000_000 {
            microseconds -= 1_000_000;
            seconds += 1;
        }
        return Ok((seconds, microseconds));
    }
    let number = protocol::number::index(timestamp)?;
    number.to_i64().map(|seconds| (seconds, 0)).ok_or_else(too_large)
}

/// Whole seconds from the epoch, rounded down.
pub(super) fn whole_seconds(timestamp: &Object) -> Result<i64, Raised> {
    if let Some(value) = timestamp.downcast::<Float>().map(Float::value)
        && !value.is_nan()
        && (-9.2e18..9.2e18).contains(&value.floor())
    {
        return Ok(value.floor() as i64);
    }
    Ok(seconds_and_microseconds(timestamp)?.0)
}

/// The current moment in seconds and microseconds.
pub(super) fn now() -> Result<(i64, i64), Raised> {
    let nanoseconds = crate::time::system_nanoseconds()?;
    Ok((nanoseconds.div_euclid(1_000_000_000), nanoseconds.rem_euclid(1_000_000_000) / 1000))
}

/// `time.time()`
pub(super) fn time_now() -> Result<Ref, Raised> {
    library("time", "time").and_then(|time| protocol::call0(&time))
}

/// An attribute of a module of the library.
pub(super) fn library(module: &str, name: &str) -> Result<Ref, Raised> {
    protocol::get_attribute_str(&*habu_runtime::import::import_module(module)?, name)
}

/// `time.struct_time` of nine numbers.
pub(super) fn struct_time(parts: [i32; 9]) -> Result<Ref, Raised> {
    let parts = Tuple::build(9, |at| Ok(Int::from_i64(parts[at].into())?.into_object()))?;
    protocol::call1(&*library("time", "struct_time")?, &parts)
}

/// Whether the current exception is an OverflowError.
pub(super) fn is_overflow() -> bool {
    Thread::current().exception().is_some_and(|error| error.ty().is_subtype(exc::OverflowError()))
}

/// `time.strftime` with `%f`, `%z` and `%Z` put in first, which it does not know. `argument` is what the zone is asked about.
pub(super) fn strftime(
    format: &Str,
    tuple: &Object,
    microsecond: i32,
    zone: Option<(&Object, &Object)>,
) -> Result<Ref, Raised> {
    let mut out = habu_runtime::types::str::builder::StrBuilder::with_capacity(format.len())?;
    let mut codes = format.chars().iter().peekable();
    // The zone is asked once for its name.
    let mut shown_name = None;
    while let Some(code) = codes.next() {
        let directive = (code == u32::from('%')).then(|| codes.peek().copied()).flatten();
        match directive.and_then(char::from_u32) {
            Some('f') => out.push_ascii(&format!("{microsecond:06}"))?,
            Some('z') => {
                let offset = zone.map_or(Ok(None), |(zone, about)| ask_offset(Some(zone), "utcoffset", about))?;
                if let Some(offset) = offset {
                    out.push_ascii(&offset_text(&offset, ""))?;
                }
            }
            Some('Z') => {
                let name = match shown_name.take() {
                    Some(name) => name,
                    None => escaped_name(zone)?,
                };
                name.chars().iter().try_for_each(|code| out.push_char(code))?;
                shown_name = Some(name);
            }
            Some(_) => {
                out.push_char(code)?;
                if let Some(next) = codes.peek() {
                    out.push_char(*next)?;
                }
            }
            None => {
                out.push_char(code)?;
                continue;
            }
        }
        codes.next();
    }
    let format = out.finish()?;
    protocol::call(&*library("time", "strftime")?, &[&format, tuple])
}

/// The name that a zone gives, as a format that shows it.
fn escaped_name(zone: Option<(&Object, &Object)>) -> Result<Ref<Str>, Raised> {
    let Some((zone, about)) = zone else { return Str::new("") };
    let Some(name) = ask_name(Some(zone), about)? else { return Str::new("") };
    // The name's own method is asked, which a subclass may have changed.
    let name = protocol::call_method(&name, &*Str::intern("replace")?, &[&*Str::new("%")?, &*Str::new("%%")?])?;
    name.downcast_into::<Str>().map_err(|_| raise!(TypeError, "tzname.replace() did not return a string"))
}

/// `__format__`: by `strftime`, or as text where there is no format.
pub(super) fn format(object: &Object, format: &Object) -> Result<Ref, Raised> {
    let format = super::arguments::text(format, "__format__", 1)?;
    match format.len() {
        0 => protocol::str(object).map(Ref::into_object),
        _ => protocol::call_method(object, &*Str::intern("strftime")?, &[format]),
    }
}
