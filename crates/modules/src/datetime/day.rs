//! `date` (`PyDateTime_Date`): a year in two bytes, a month and a day.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::protocol;
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Object, PyType, Raised, Ref, Type, instantiate};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, not_implemented};

use super::arguments::{Clock, Names, check_date, int, int_or, state, text};
use super::calendar::{self, MAX_ORDINAL, MAX_YEAR, MIN_YEAR};
use super::delta::Delta;
use super::moment::DateTime;
use super::{iso, system};

/// date(year, month, day) --> date object
#[pytype(name = "datetime.date", generic_get, basetype)]
pub struct Date {
    base: Object,
    hash: Cell<isize>,
    /// Whether there is a time zone: never for dates, but C code asks all kinds alike.
    aware: u8,
    data: [u8; 4],
}

habu_runtime::assert_layout!(Date, size 32, hash @ 16, aware @ 24, data @ 25);

/// What all constructors of dates take.
const NAMES: Names<3> = Names { function: None, names: ["year", "month", "day"], required: 3, positional: 3 };

/// The four bytes of a date.
pub(super) fn date_bytes(year: i32, month: i32, day: i32) -> [u8; 4] {
    [(year >> 8) as u8, year as u8, month as u8, day as u8]
}

impl Date {
    /// A date of a class, without asking the class.
    pub(super) fn make(cls: &Type, year: i32, month: i32, day: i32) -> Result<Ref, Raised> {
        check_date(year, month, day)?;
        let data = date_bytes(year, month, day);
        instantiate(cls, Date { base: Object::header(cls), hash: Cell::new(-1), aware: 0, data }).map(Ref::into_object)
    }

    /// A date of a class, by the constructor that a subclass has.
    pub(super) fn of_class(cls: &Type, year: i32, month: i32, day: i32) -> Result<Ref, Raised> {
        if std::ptr::eq(cls, Date::type_object()) {
            return Date::make(cls, year, month, day);
        }
        if std::ptr::eq(cls, DateTime::type_object()) {
            return DateTime::make(cls, (year, month, day), Clock::default(), None);
        }
        let arguments = [Int::from_i64(year.into())?, Int::from_i64(month.into())?, Int::from_i64(day.into())?];
        protocol::call(cls, &[&arguments[0], &arguments[1], &arguments[2]])
    }

    /// The local date of a time stamp.
    pub(super) fn from_timestamp(cls: &Type, timestamp: &Object) -> Result<Ref, Raised> {
        let time = system::local(system::whole_seconds(timestamp)?)?;
        Date::of_class(cls, time.year, time.month, time.day)
    }

    /// Year, month and day.
    pub(super) fn ymd(&self) -> (i32, i32, i32) {
        let [high, low, month, day] = self.data;
        (i32::from(high) << 8 | i32::from(low), i32::from(month), i32::from(day))
    }

    /// The number of the day.
    pub(super) fn ordinal(&self) -> i64 {
        let (year, month, day) = self.ymd();
        calendar::to_ordinal(year, month, day)
    }

    /// The date so many days later; a day outside the calendar overflows.
    fn shifted(&self, days: i64) -> Result<Ref, Raised> {
        let ordinal = self.ordinal() + days;
        if !(1..=MAX_ORDINAL).contains(&ordinal) {
            return Err(raise!(OverflowError, "date value out of range"));
        }
        let (year, month, day) = calendar::from_ordinal(ordinal);
        Date::of_class(self.ty(), year, month, day)
    }

    /// `time.struct_time` of the day and a time.
    pub(super) fn struct_time(&self, clock: Clock, dst: i32) -> Result<Ref, Raised> {
        let (year, month, day) = self.ymd();
        let weekday = calendar::weekday(self.ordinal());
        let in_year = calendar::days_before_month(year, month) + day;
        system::struct_time([year, month, day, clock.hour, clock.minute, clock.second, weekday, in_year, dst])
    }

    /// `Wed Jan  1 00:00:00 2020`
    pub(super) fn ctime_text(&self, clock: Clock) -> Result<Ref<Str>, Raised> {
        const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let (year, month, day) = self.ymd();
        let weekday = DAYS.get(calendar::weekday(self.ordinal()) as usize).copied().unwrap_or_default();
        let month = MONTHS.get((month - 1) as usize).copied().unwrap_or_default();
        let Clock { hour, minute, second, .. } = clock;
        Str::from_format(format_args!("{weekday} {month} {day:2} {hour:02}:{minute:02}:{second:02} {year:04}"))
    }

    fn iso_text(&self) -> String {
        let (year, month, day) = self.ymd();
        format!("{year:04}-{month:02}-{day:02}")
    }
}

#[pymethods]
impl Date {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        if let (1, Some(pickled)) = (args.len(), args.get(0))
            && let Some(data) = state::<4>(&pickled, "date")?
            && (1..=12).contains(&data[2])
        {
            let made = Date { base: Object::header(cls), hash: Cell::new(-1), aware: 0, data };
            return instantiate(cls, made).map(Ref::into_object);
        }
        let [year, month, day] = NAMES.parse(args, kwargs)?;
        Date::make(cls, int_or(&year, 0)?, int_or(&month, 0)?, int_or(&day, 0)?)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let (year, month, day) = self.ymd();
        Str::from_format(format_args!("{}({year}, {month}, {day})", self.ty().full_name()))
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref, Raised> {
        protocol::call_method(self, &*Str::intern("isoformat")?, &[])
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        if self.hash.get() == -1 {
            self.hash.set(habu_runtime::hashing::hash_bytes(&self.data));
        }
        Ok(self.hash.get())
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        match other.downcast::<Date>() {
            Some(other) => Ok(boolean(op.holds(self.data.cmp(&other.data)))),
            None => Ok(not_implemented()),
        }
    }

    #[slot(nb_add)]
    fn add(left: &Object, right: &Object) -> Result<Ref, Raised> {
        if left.isinstance::<DateTime>() || right.isinstance::<DateTime>() {
            return Ok(not_implemented());
        }
        match (left.downcast::<Date>(), right.downcast::<Delta>(), right.downcast::<Date>(), left.downcast::<Delta>()) {
            (Some(date), Some(delta), ..) | (_, _, Some(date), Some(delta)) => date.shifted(delta.fields_of().0.into()),
            _ => Ok(not_implemented()),
        }
    }

    #[slot(nb_subtract)]
    fn subtract(left: &Object, right: &Object) -> Result<Ref, Raised> {
        if left.isinstance::<DateTime>() || right.isinstance::<DateTime>() {
            return Ok(not_implemented());
        }
        let Some(date) = left.downcast::<Date>() else { return Ok(not_implemented()) };
        if let Some(other) = right.downcast::<Date>() {
            return Ok(Delta::new(date.ordinal() - other.ordinal(), 0, 0)?.into_object());
        }
        match right.downcast::<Delta>() {
            Some(delta) => date.shifted(-i64::from(delta.fields_of().0)),
            None => Ok(not_implemented()),
        }
    }

    #[getter]
    fn year(&self) -> Result<i32, Raised> {
        Ok(self.ymd().0)
    }

    #[getter]
    fn month(&self) -> Result<i32, Raised> {
        Ok(self.ymd().1)
    }

    #[getter]
    fn day(&self) -> Result<i32, Raised> {
        Ok(self.ymd().2)
    }

    /// Create a date from a POSIX timestamp.
    ///
    /// The timestamp is a number, e.g. created via time.time(), that is interpreted
    /// as local time.
    #[classmethod]
    fn fromtimestamp(cls: &Type, timestamp: &Object) -> Result<Ref, Raised> {
        Date::from_timestamp(cls, timestamp)
    }

    /// Current date or datetime:  same as self.__class__.fromtimestamp(time.time()).
    #[classmethod]
    #[no_signature]
    fn today(cls: &Type) -> Result<Ref, Raised> {
        let now = system::time_now()?;
        protocol::call_method(cls, &*Str::intern("fromtimestamp")?, &[&now])
    }

    /// int -> date corresponding to a proleptic Gregorian ordinal.
    #[classmethod]
    #[no_signature]
    #[varargs]
    fn fromordinal(cls: &Type, ordinal: &Object) -> Result<Ref, Raised> {
        let ordinal = int(ordinal)?;
        if ordinal < 1 {
            return Err(raise!(ValueError, "ordinal must be >= 1"));
        }
        let (year, month, day) = calendar::from_ordinal(ordinal.into());
        if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
            return Err(raise!(ValueError, "year {year} is out of range"));
        }
        Date::of_class(cls, year, month, day)
    }

    /// str -> Construct a date from a string in ISO 8601 format.
    #[classmethod]
    #[no_signature]
    fn fromisoformat(cls: &Type, string: &Object) -> Result<Ref, Raised> {
        let Some(string) = string.downcast::<Str>() else {
            return Err(raise!(TypeError, "fromisoformat: argument must be str"));
        };
        let text = iso::ascii(string)?;
        match iso::date(&text).filter(|_| matches!(text.len(), 7 | 8 | 10)) {
            Some((year, month, day)) => Date::of_class(cls, year, month, day),
            None => Err(iso::invalid(string)),
        }
    }

    /// int, int, int -> Construct a date from the ISO year, week number and weekday.
    ///
    /// This is the inverse of the date.isocalendar() function
    #[classmethod]
    #[no_signature]
    #[signature(year, week, day)]
    fn fromisocalendar(cls: &Type, year: &Object, week: &Object, day: &Object) -> Result<Ref, Raised> {
        let (year, week, day) = (iso_int(year)?, iso_int(week)?, iso_int(day)?);
        match calendar::from_iso_calendar(year, week, day) {
            Ok((year, month, day)) => Date::of_class(cls, year, month, day),
            Err(calendar::IsoProblem::Year) => Err(raise!(ValueError, "Year is out of range: {year}")),
            Err(calendar::IsoProblem::Week) => Err(raise!(ValueError, "Invalid week: {week}")),
            Err(calendar::IsoProblem::Day) => Err(raise!(ValueError, "Invalid day: {day} (range is [1, 7])")),
        }
    }

    /// Return ctime() style string.
    #[no_signature]
    fn ctime(&self) -> Result<Ref<Str>, Raised> {
        self.ctime_text(Clock::default())
    }

    /// format -> strftime() style string.
    #[no_signature]
    #[signature(format)]
    fn strftime(&self, format: &Object) -> Result<Ref, Raised> {
        let tuple = protocol::call_method(self, &*Str::intern("timetuple")?, &[])?;
        let (microsecond, zone) = match self.downcast::<DateTime>() {
            Some(moment) => (moment.clock().microsecond, moment.zone()),
            None => (0, None),
        };
        let this: &Object = self;
        system::strftime(text(format, "strftime", 1)?, &tuple, microsecond, zone.as_deref().map(|zone| (zone, this)))
    }

    /// Formats self with strftime.
    #[no_signature]
    #[varargs]
    fn __format__(&self, format: &Object) -> Result<Ref, Raised> {
        system::format(self, format)
    }

    /// Return string in ISO 8601 format, YYYY-MM-DD.
    #[no_signature]
    fn isoformat(&self) -> Result<Ref<Str>, Raised> {
        Str::new(&self.iso_text())
    }

    /// Return the day of the week represented by the date.
    /// Monday == 1 ... Sunday == 7
    #[no_signature]
    fn isoweekday(&self) -> Result<i32, Raised> {
        Ok(calendar::weekday(self.ordinal()) + 1)
    }

    /// Return a named tuple containing ISO year, week number, and weekday.
    #[no_signature]
    fn isocalendar(&self) -> Result<Ref<Tuple>, Raised> {
        let (year, month, day) = self.ymd();
        let (year, week, day) = calendar::iso_calendar(year, month, day);
        let parts = [year, week, day];
        system::ISO_CALENDAR_DATE.build(|at| Ok(Int::from_i64(parts[at].into())?.into_object()))
    }

    /// Return time tuple, compatible with time.localtime().
    #[no_signature]
    fn timetuple(&self) -> Result<Ref, Raised> {
        self.struct_time(Clock::default(), -1)
    }

    /// Return proleptic Gregorian ordinal.  January 1 of year 1 is day 1.
    #[no_signature]
    fn toordinal(&self) -> Result<i64, Raised> {
        Ok(self.ordinal())
    }

    /// Return the day of the week represented by the date.
    /// Monday == 0 ... Sunday == 6
    #[no_signature]
    fn weekday(&self) -> Result<i32, Raised> {
        Ok(calendar::weekday(self.ordinal()))
    }

    /// Return date with new specified fields.
    #[no_signature]
    #[signature(year = None, month = None, day = None)]
    fn replace(&self, year: Option<&Object>, month: Option<&Object>, day: Option<&Object>) -> Result<Ref, Raised> {
        let (old_year, old_month, old_day) = self.ymd();
        let pick = |given: Option<&Object>, old: i32| given.map_or(Ok(old), int);
        Date::make(self.ty(), pick(year, old_year)?, pick(month, old_month)?, pick(day, old_day)?)
    }

    /// __reduce__() -> (cls, state)
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let state = Tuple::from_refs([Bytes::new(&self.data)?.into_object()])?;
        Tuple::from_refs([self.type_ref().into_object(), state.into_object()])
    }
}

/// A part of an ISO date: one beyond C's int is out of range.
fn iso_int(object: &Object) -> Result<i32, Raised> {
    match int(object) {
        Err(raised) if system::is_overflow() => {
            raised.clear();
            Err(raise!(ValueError, "ISO calendar component out of range"))
        }
        other => other,
    }
}
