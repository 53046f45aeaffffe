//! The methods of `datetime`.

use habu_macros::pymethods;
use habu_runtime::object::{Object, PyType, Raised, Ref, Type, protocol};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::float::Float;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::{Str, StrBuilder};
use habu_runtime::types::tuple::Tuple;

use super::arguments::{Clock, Names, gather, int_or, text, zone};
use super::day::Date;
use super::delta::Delta;
use super::moment::{DateTime, NAMES};
use super::time::Time;
use super::zone::{TimeZone, ask_name, ask_offset, offset_text};
use super::{iso, system};

impl DateTime {
    /// The moment of a time stamp, in local time or in a zone.
    pub(super) fn from_timestamp(cls: &Type, timestamp: &Object, tz: Option<&Object>) -> Result<Ref, Raised> {
        let zone = zone(tz)?;
        DateTime::of_timestamp(cls, system::seconds_and_microseconds(timestamp)?, false, zone)
    }

    /// The moment of a time stamp: in UTC, in local time, or in a zone.
    fn of_timestamp(
        cls: &Type,
        (seconds, microseconds): (i64, i64),
        in_utc: bool,
        zone: Option<Ref>,
    ) -> Result<Ref, Raised> {
        let time = if in_utc || zone.is_some() { system::utc(seconds)? } else { system::local(seconds)? };
        let mut clock = Clock { microsecond: microseconds as i32, ..time.clock };
        if !in_utc && zone.is_none() && system::is_fold(seconds, &time)? {
            clock.fold = 1;
        }
        let made = DateTime::of_class(cls, (time.year, time.month, time.day), clock, zone.clone())?;
        match zone {
            Some(zone) => protocol::call_method(&zone, &*Str::intern("fromutc")?, &[&made]),
            None => Ok(made),
        }
    }

    /// Seconds from the epoch, of a moment without a zone as local clocks show it.
    fn local_timestamp(&self) -> Result<i64, Raised> {
        system::timestamp_of_local(self.ymd(), self.clock())
    }

    fn iso_text(&self, separator: &Str, precision: &str) -> Result<Ref<Str>, Raised> {
        let (year, month, day) = self.ymd();
        let mut rest = iso::clock_text(self.clock(), precision)?;
        if let Some(offset) = self.offset()? {
            rest.push_str(&offset_text(&offset, ":"));
        }
        let mut text = StrBuilder::new();
        text.push_str(&format!("{year:04}-{month:02}-{day:02}"))?;
        text.push_chars(separator.chars())?;
        text.push_str(&rest)?;
        text.finish()
    }

    fn day(&self) -> Result<Ref, Raised> {
        let (year, month, day) = self.ymd();
        Date::make(Date::type_object(), year, month, day)
    }

    fn tuple_of(&self, dst: i32) -> Result<Ref, Raised> {
        match self.day()?.downcast::<Date>() {
            Some(day) => day.struct_time(self.clock(), dst),
            None => Err(raise!(SystemError, "a date is no date")),
        }
    }

    fn reduced(&self, protocol: i32) -> Result<Ref<Tuple>, Raised> {
        let mut data = self.data;
        if protocol > 3 && self.fold.get() != 0 {
            data[2] |= 0x80;
        }
        let bytes = Bytes::new(&data)?.into_object();
        let state = match self.zone() {
            Some(zone) => Tuple::from_refs([bytes, zone])?,
            None => Tuple::from_refs([bytes])?,
        };
        Tuple::from_refs([self.type_ref().into_object(), state.into_object()])
    }
}

/// An argument that must be a date or a time.
fn instance<'a, T: PyType>(object: &'a Object, function: &str, place: usize, what: &str) -> Result<&'a T, Raised> {
    object.downcast::<T>().ok_or_else(|| {
        let given = if is_none(object) { "None" } else { object.ty().full_name() };
        raise!(TypeError, "{function}() argument {place} must be {what}, not {given}")
    })
}

#[pymethods(table = METHODS)]
impl DateTime {
    #[getter]
    fn hour(&self) -> Result<i32, Raised> {
        Ok(self.clock().hour)
    }

    #[getter]
    fn minute(&self) -> Result<i32, Raised> {
        Ok(self.clock().minute)
    }

    #[getter]
    fn second(&self) -> Result<i32, Raised> {
        Ok(self.clock().second)
    }

    #[getter]
    fn microsecond(&self) -> Result<i32, Raised> {
        Ok(self.clock().microsecond)
    }

    #[getter]
    #[name = "tzinfo"]
    fn get_tzinfo(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.zone())
    }

    #[getter]
    #[name = "fold"]
    fn get_fold(&self) -> Result<i32, Raised> {
        Ok(self.fold.get().into())
    }

    /// Returns new datetime object representing current time local to tz.
    ///
    ///   tz
    ///     Timezone object.
    ///
    /// If no tz is specified, uses local timezone.
    #[classmethod]
    #[signature(tz = None)]
    fn now(cls: &Type, tz: Option<&Object>) -> Result<Ref, Raised> {
        DateTime::of_timestamp(cls, system::now()?, false, zone(tz)?)
    }

    /// Return a new datetime representing UTC day and time.
    #[classmethod]
    #[no_signature]
    fn utcnow(cls: &Type) -> Result<Ref, Raised> {
        DateTime::of_timestamp(cls, system::now()?, true, None)
    }

    /// timestamp[, tz] -> tz's local time from POSIX timestamp.
    #[classmethod]
    #[no_signature]
    #[signature(timestamp, tz = None)]
    fn fromtimestamp(cls: &Type, timestamp: &Object, tz: Option<&Object>) -> Result<Ref, Raised> {
        DateTime::from_timestamp(cls, timestamp, tz)
    }

    /// Construct a naive UTC datetime from a POSIX timestamp.
    #[classmethod]
    #[no_signature]
    #[varargs]
    fn utcfromtimestamp(cls: &Type, timestamp: &Object) -> Result<Ref, Raised> {
        DateTime::of_timestamp(cls, system::seconds_and_microseconds(timestamp)?, true, None)
    }

    /// string, format -> new datetime parsed from a string (like time.strptime()).
    #[classmethod]
    #[no_signature]
    #[signature(string, format, /)]
    #[varargs]
    fn strptime(cls: &Type, string: &Object, format: &Object) -> Result<Ref, Raised> {
        let (string, format) = (text(string, "strptime", 1)?, text(format, "strptime", 2)?);
        let parse = system::library("_strptime", "_strptime_datetime")?;
        protocol::call(&parse, &[cls, string, format])
    }

    /// date, time -> datetime with same date and time fields
    #[classmethod]
    #[no_signature]
    #[signature(date, time, tzinfo = None)]
    fn combine(cls: &Type, date: &Object, time: &Object, tzinfo: Option<&Object>) -> Result<Ref, Raised> {
        let day = instance::<Date>(date, "combine", 1, "datetime.date")?.ymd();
        let time = instance::<Time>(time, "combine", 2, "datetime.time")?;
        let zone = match tzinfo {
            Some(tzinfo) => zone(Some(tzinfo))?,
            None => time.zone(),
        };
        DateTime::of_class(cls, day, time.clock(), zone)
    }

    /// string -> datetime from a string in most ISO 8601 formats
    #[classmethod]
    #[no_signature]
    fn fromisoformat(cls: &Type, string: &Object) -> Result<Ref, Raised> {
        let Some(string) = string.downcast::<Str>() else {
            return Err(raise!(TypeError, "fromisoformat: argument must be str"));
        };
        let text = iso::ascii(string)?;
        let read = || -> Result<Option<Ref>, Raised> {
            let Some(end) = iso::separator(&text).filter(|_| text.len() >= 7) else { return Ok(None) };
            let Some(day) = text.get(..end.min(text.len())).and_then(iso::date) else { return Ok(None) };
            let (clock, zone) = match text.get(end + 1..) {
                Some(rest) => match iso::time(rest)? {
                    Some(time) => time,
                    None => return Ok(None),
                },
                None if text.len() > end => return Ok(None),
                None => (Clock::default(), None),
            };
            DateTime::of_class(cls, day, clock, zone).map(Some)
        };
        read()?.ok_or_else(|| iso::invalid(string))
    }

    /// Return date object with same year, month and day.
    #[no_signature]
    fn date(&self) -> Result<Ref, Raised> {
        self.day()
    }

    /// Return time object with same time but with tzinfo=None.
    #[no_signature]
    fn time(&self) -> Result<Ref, Raised> {
        Time::make(Time::type_object(), self.clock(), None)
    }

    /// Return time object with same time and tzinfo.
    #[no_signature]
    fn timetz(&self) -> Result<Ref, Raised> {
        Time::make(Time::type_object(), self.clock(), self.zone())
    }

    /// Return ctime() style string.
    #[no_signature]
    fn ctime(&self) -> Result<Ref<Str>, Raised> {
        match self.day()?.downcast::<Date>() {
            Some(day) => day.ctime_text(self.clock()),
            None => Str::new(""),
        }
    }

    /// Return time tuple, compatible with time.localtime().
    #[no_signature]
    fn timetuple(&self) -> Result<Ref, Raised> {
        let dst = ask_offset(self.zone().as_deref(), "dst", self)?;
        self.tuple_of(dst.map_or(-1, |dst| i32::from(dst.total() != 0)))
    }

    /// Return POSIX timestamp as float.
    #[no_signature]
    fn timestamp(&self) -> Result<f64, Raised> {
        match self.zone() {
            Some(_) => {
                let offset = self.offset()?.map_or(0, |offset| offset.total());
                let since = self.shown() - offset - i128::from(system::EPOCH) * 1_000_000;
                let seconds = protocol::call_method(&*Delta::from_total(since)?, &*Str::intern("total_seconds")?, &[])?;
                Ok(seconds.downcast::<Float>().map_or(0.0, Float::value))
            }
            None => Ok(self.local_timestamp()? as f64 + f64::from(self.clock().microsecond) / 1e6),
        }
    }

    /// Return UTC time tuple, compatible with time.localtime().
    #[no_signature]
    fn utctimetuple(&self) -> Result<Ref, Raised> {
        match self.offset()? {
            None => self.tuple_of(0),
            Some(offset) => {
                let moment = self.at(self.shown() - offset.total(), None, DateTime::type_object())?;
                moment.downcast::<DateTime>().map_or_else(|| self.tuple_of(0), |moment| moment.tuple_of(0))
            }
        }
    }

    /// [sep] -> string in ISO 8601 format, YYYY-MM-DDT[HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].
    /// sep is used to separate the year from the time, and defaults to 'T'.
    /// The optional argument timespec specifies the number of additional terms
    /// of the time to include. Valid options are 'auto', 'hours', 'minutes',
    /// 'seconds', 'milliseconds' and 'microseconds'.
    #[no_signature]
    #[signature(sep = None, timespec = None)]
    fn isoformat(&self, sep: Option<&Object>, timespec: Option<&Object>) -> Result<Ref<Str>, Raised> {
        let letter = Str::intern("T")?;
        let separator = match sep {
            None => &letter,
            Some(sep) => match sep.downcast::<Str>().filter(|sep| sep.len() == 1) {
                Some(sep) => sep,
                None => {
                    let given = sep.ty().full_name();
                    return Err(raise!(TypeError, "isoformat() argument 1 must be a unicode character, not {given}"));
                }
            },
        };
        let precision = match timespec {
            Some(precision) => text(precision, "isoformat", 2)?.to_string_lossy(),
            None => "auto".to_owned(),
        };
        self.iso_text(separator, &precision)
    }

    /// Return self.tzinfo.utcoffset(self).
    #[no_signature]
    fn utcoffset(&self) -> Result<Option<Ref<Delta>>, Raised> {
        self.offset()
    }

    /// Return self.tzinfo.tzname(self).
    #[no_signature]
    fn tzname(&self) -> Result<Option<Ref<Str>>, Raised> {
        ask_name(self.zone().as_deref(), self)
    }

    /// Return self.tzinfo.dst(self).
    #[no_signature]
    fn dst(&self) -> Result<Option<Ref<Delta>>, Raised> {
        ask_offset(self.zone().as_deref(), "dst", self)
    }

    /// Return datetime with new specified fields.
    #[no_signature]
    #[raw]
    fn replace(&self, args: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        const REPLACE: Names<9> = Names { function: Some("replace"), required: 0, ..NAMES };
        let (args, kwargs) = gather(args, names)?;
        let [year, month, day, hour, minute, second, microsecond, tzinfo, fold] =
            REPLACE.parse(&args, Some(&kwargs))?;
        let (old, clock) = (self.ymd(), self.clock());
        let date = (int_or(&year, old.0)?, int_or(&month, old.1)?, int_or(&day, old.2)?);
        let clock = Clock {
            hour: int_or(&hour, clock.hour)?,
            minute: int_or(&minute, clock.minute)?,
            second: int_or(&second, clock.second)?,
            microsecond: int_or(&microsecond, clock.microsecond)?,
            fold: int_or(&fold, clock.fold)?,
        };
        let tzinfo = match &tzinfo {
            Some(tzinfo) => zone(Some(tzinfo))?,
            None => self.zone(),
        };
        DateTime::make(self.ty(), date, clock, tzinfo)
    }

    /// tz -> convert to local time in new timezone tz
    #[no_signature]
    #[signature(tz = None)]
    fn astimezone(&self, tz: Option<&Object>) -> Result<Ref, Raised> {
        let wanted = zone(tz)?;
        if let (Some(own), Some(wanted)) = (self.zone(), &wanted)
            && own.is(wanted)
        {
            return Ok(self.to_ref());
        }
        let offset = match self.offset()? {
            Some(offset) => offset,
            // Without a zone, or with one that does not know, it is local time.
            None => {
                let own = system::local_zone(self.local_timestamp()?)?;
                if wanted.as_ref().is_some_and(|wanted| wanted.is(&own)) {
                    return Ok(self.to_ref());
                }
                ask_offset(Some(&own), "utcoffset", self)?.map_or_else(|| Delta::new(0, 0, 0), Ok)?
            }
        };
        let shown = self.shown() - offset.total();
        let zone = match wanted {
            Some(zone) => zone,
            None => {
                let seconds = shown.div_euclid(1_000_000) - i128::from(system::EPOCH);
                system::local_zone(i64::try_from(seconds).unwrap_or(0))?
            }
        };
        let moment = self.at(shown, Some(zone.clone()), self.ty())?;
        match (zone.downcast_exact::<TimeZone>(), moment.downcast::<DateTime>()) {
            (Some(fixed), Some(moment)) => moment.plus(&*fixed.fixed()?, 1),
            _ => protocol::call_method(&zone, &*Str::intern("fromutc")?, &[&moment]),
        }
    }

    /// __reduce_ex__(proto) -> (cls, state)
    #[no_signature]
    #[varargs]
    fn __reduce_ex__(&self, protocol: &Object) -> Result<Ref<Tuple>, Raised> {
        self.reduced(super::arguments::int(protocol)?)
    }

    /// __reduce__() -> (cls, state)
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        self.reduced(2)
    }
}
