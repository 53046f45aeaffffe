//! `datetime` (`PyDateTime_DateTime`): a date and a time of day, and perhaps a zone. `methods` has what Python calls.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Type, instantiate, protocol};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, none, not_implemented};

use super::arguments::{Clock, Names, check_date, int_or, state, zone};
use super::calendar::{self, MAX_ORDINAL};
use super::day::{DATE_TYPE, Date, date_bytes};
use super::delta::Delta;
use super::zone::{TzInfo, ask_offset};

#[pytype(name = "datetime.datetime", generic_get, doc = "datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])\n\nThe year, month and day arguments are required. tzinfo may be None, or an\ninstance of a tzinfo subclass. The remaining arguments may be ints.\n", base = DATE_TYPE, basetype)]
/// A moment.
pub struct DateTime {
    base: Object,
    pub(super) hash: Cell<isize>,
    aware: u8,
    pub(super) data: [u8; 10],
    pub(super) fold: Cell<u8>,
    pub(super) tzinfo: Field,
}

habu_runtime::assert_layout!(DateTime, size 48, hash @ 16, aware @ 24, data @ 25, fold @ 35, tzinfo @ 40);

/// What the constructor and `replace` take.
pub(super) const NAMES: Names<9> = Names {
    function: None,
    names: ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"],
    required: 3,
    positional: 8,
};

impl DateTime {
    /// A moment of a class, without asking the class.
    pub(super) fn make(
        cls: &Type,
        (year, month, day): (i32, i32, i32),
        clock: Clock,
        tzinfo: Option<Ref>,
    ) -> Result<Ref, Raised> {
        check_date(year, month, day)?;
        clock.check()?;
        let mut data = [0; 10];
        data[..4].copy_from_slice(&date_bytes(year, month, day));
        data[4..].copy_from_slice(&clock.bytes());
        let made = DateTime {
            base: Object::header(cls),
            hash: Cell::new(-1),
            aware: u8::from(tzinfo.is_some()),
            data,
            fold: Cell::new(clock.fold as u8),
            tzinfo: Field::optional(tzinfo),
        };
        instantiate(cls, made).map(Ref::into_object)
    }

    /// A moment of a class, by the constructor that a subclass has; the fold is set afterwards, since that may not take one.
    pub(super) fn of_class(cls: &Type, day: (i32, i32, i32), clock: Clock, tzinfo: Option<Ref>) -> Result<Ref, Raised> {
        if std::ptr::eq(cls, DateTime::type_object()) {
            return DateTime::make(cls, day, clock, tzinfo);
        }
        let (year, month, day) = day;
        let numbers = [year, month, day, clock.hour, clock.minute, clock.second, clock.microsecond];
        let arguments = Tuple::build(8, |at| match numbers.get(at) {
            Some(number) => Ok(Int::from_i64((*number).into())?.into_object()),
            None => Ok(tzinfo.clone().unwrap_or_else(none)),
        })?;
        let made = protocol::call_tuple(cls, &arguments, None)?;
        if let Some(moment) = made.downcast::<DateTime>() {
            moment.fold.set(clock.fold as u8);
        }
        Ok(made)
    }

    /// Year, month and day.
    pub(super) fn ymd(&self) -> (i32, i32, i32) {
        let [high, low, month, day, ..] = self.data;
        (i32::from(high) << 8 | i32::from(low), i32::from(month), i32::from(day))
    }

    /// Hour, minute, second, microsecond, fold.
    pub(super) fn clock(&self) -> Clock {
        let [_, _, _, _, clock @ ..] = self.data;
        Clock::from_bytes(clock, self.fold.get())
    }

    /// The zone.
    pub(super) fn zone(&self) -> Option<Ref> {
        self.tzinfo.get()
    }

    /// The offset that the zone has then.
    pub(super) fn offset(&self) -> Result<Option<Ref<Delta>>, Raised> {
        ask_offset(self.zone().as_deref(), "utcoffset", self)
    }

    /// The microseconds from year 1 that date and time show.
    pub(super) fn shown(&self) -> i128 {
        let clock = self.clock();
        i128::from(super::system::to_seconds(self.ymd(), clock)) * 1_000_000 + i128::from(clock.microsecond)
    }

    /// The moment so much later (or, with a factor of -1, earlier) with the same zone.
    pub(super) fn plus(&self, delta: &Delta, factor: i128) -> Result<Ref, Raised> {
        self.at(self.shown() + factor * delta.total(), self.zone(), self.ty())
    }

    /// The moment that shows so many microseconds from year 1.
    pub(super) fn at(&self, shown: i128, tzinfo: Option<Ref>, cls: &Type) -> Result<Ref, Raised> {
        const DAY: i128 = 86_400_000_000;
        let ordinal = i64::try_from(shown.div_euclid(DAY)).unwrap_or(0);
        if !(1..=MAX_ORDINAL).contains(&ordinal) {
            return Err(raise!(OverflowError, "date value out of range"));
        }
        let rest = shown.rem_euclid(DAY) as i64;
        let (seconds, microsecond) = ((rest / 1_000_000) as i32, (rest % 1_000_000) as i32);
        let clock =
            Clock { hour: seconds / 3600, minute: seconds / 60 % 60, second: seconds % 60, microsecond, fold: 0 };
        DateTime::of_class(cls, calendar::from_ordinal(ordinal), clock, tzinfo)
    }

    /// The same moment with the other fold.
    fn flipped(&self) -> Result<Ref, Raised> {
        let clock = self.clock();
        DateTime::make(DateTime::type_object(), self.ymd(), Clock { fold: 1 - clock.fold, ..clock }, self.zone())
    }

    /// Whether the offset depends on the fold: then the moment equals none with another zone (PEP 495).
    fn is_ambiguous(&self, offset: Option<&Delta>) -> Result<bool, Raised> {
        let flipped = self.flipped()?;
        let other = flipped.downcast::<DateTime>().map_or(Ok(None), DateTime::offset)?;
        Ok(other.as_deref().map(Delta::total) != offset.map(Delta::total))
    }

    fn ordering(&self, other: &DateTime, op: CompareOp) -> Result<Option<std::cmp::Ordering>, Raised> {
        use std::cmp::Ordering;
        if self.tzinfo.pointer() == other.tzinfo.pointer() {
            return Ok(Some(self.data.cmp(&other.data)));
        }
        let (left, right) = (self.offset()?, other.offset()?);
        let (left_total, right_total) = (left.as_deref().map(Delta::total), right.as_deref().map(Delta::total));
        let ordering = match (left_total, right_total) {
            _ if left_total == right_total => self.data.cmp(&other.data),
            (Some(left), Some(right)) => (self.shown() - left).cmp(&(other.shown() - right)),
            _ => return Ok(None),
        };
        if ordering == Ordering::Equal
            && matches!(op, CompareOp::Eq | CompareOp::Ne)
            && (self.is_ambiguous(left.as_deref())? || other.is_ambiguous(right.as_deref())?)
        {
            return Ok(Some(Ordering::Greater));
        }
        Ok(Some(ordering))
    }

    fn difference(&self, other: &DateTime) -> Result<Ref, Raised> {
        let same_zone = self.tzinfo.pointer() == other.tzinfo.pointer();
        let (left, right) = if same_zone { (None, None) } else { (self.offset()?, other.offset()?) };
        let offsets = match (&left, &right) {
            (None, None) => 0,
            (Some(left), Some(right)) => left.total() - right.total(),
            _ => return Err(raise!(TypeError, "can't subtract offset-naive and offset-aware datetimes")),
        };
        Ok(Delta::from_total(self.shown() - other.shown() - offsets)?.into_object())
    }
}

#[pymethods(with(METHODS))]
impl DateTime {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        if let (1 | 2, Some(pickled)) = (args.len(), args.get(0))
            && let Some(mut data) = state::<10>(&pickled, "datetime")?
            && (1..=12).contains(&(data[2] & 0x7f))
        {
            let tzinfo = match args.get(1) {
                Some(tzinfo) if !tzinfo.is(&none()) && !tzinfo.isinstance::<TzInfo>() => {
                    return Err(raise!(TypeError, "bad tzinfo state arg"));
                }
                tzinfo => tzinfo.filter(|tzinfo| !tzinfo.is(&none())),
            };
            let fold = data[2] >> 7;
            data[2] &= 0x7f;
            let made = DateTime {
                base: Object::header(cls),
                hash: Cell::new(-1),
                aware: u8::from(tzinfo.is_some()),
                data,
                fold: Cell::new(fold),
                tzinfo: Field::optional(tzinfo),
            };
            return instantiate(cls, made).map(Ref::into_object);
        }
        let [year, month, day, hour, minute, second, microsecond, tzinfo, fold] = NAMES.parse(args, kwargs)?;
        let date = (int_or(&year, 0)?, int_or(&month, 0)?, int_or(&day, 0)?);
        let clock = Clock {
            hour: int_or(&hour, 0)?,
            minute: int_or(&minute, 0)?,
            second: int_or(&second, 0)?,
            microsecond: int_or(&microsecond, 0)?,
            fold: int_or(&fold, 0)?,
        };
        check_date(date.0, date.1, date.2)?;
        DateTime::make(cls, date, clock.check()?, zone(tzinfo.as_deref())?)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let ((year, month, day), clock) = (self.ymd(), self.clock());
        let Clock { hour, minute, second, microsecond, fold } = clock;
        let mut shown = format!("{}({year}, {month}, {day}, {hour}, {minute}", self.ty().full_name());
        if second != 0 || microsecond != 0 {
            shown.push_str(&format!(", {second}"));
        }
        if microsecond != 0 {
            shown.push_str(&format!(", {microsecond}"));
        }
        if fold != 0 {
            shown.push_str(", fold=1");
        }
        let mut out = protocol::TextBuilder::new();
        out.push(&*Str::new(&shown)?)?;
        if let Some(zone) = self.zone() {
            out.push_ascii(", tzinfo=")?;
            out.push(&*protocol::repr(&zone)?)?;
        }
        out.push_ascii(")")?;
        out.finish()
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref, Raised> {
        protocol::call_method(self, &*Str::intern("isoformat")?, &[&*Str::intern(" ")?])
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        if self.hash.get() == -1 {
            // Both moments of a fold have one hash: that of the first.
            let offset = match self.fold.get() {
                0 => self.offset()?,
                _ => self.flipped()?.downcast::<DateTime>().map_or(Ok(None), DateTime::offset)?,
            };
            self.hash.set(match offset {
                None => habu_runtime::hashing::hash_bytes(&self.data),
                Some(offset) => protocol::hash(&*Delta::from_total(self.shown() - offset.total())?)?,
            });
        }
        Ok(self.hash.get())
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let unequal = |message: &dyn Fn() -> Raised| match op {
            CompareOp::Eq => Ok(boolean(false)),
            CompareOp::Ne => Ok(boolean(true)),
            _ => Err(message()),
        };
        let Some(moment) = other.downcast::<DateTime>() else {
            if !other.isinstance::<Date>() {
                return Ok(not_implemented());
            }
            let (left, right) = (self.ty().full_name(), other.ty().full_name());
            return unequal(&|| raise!(TypeError, "can't compare {left} to {right}"));
        };
        match self.ordering(moment, op)? {
            Some(ordering) => Ok(boolean(op.holds(ordering))),
            None => unequal(&|| raise!(TypeError, "can't compare offset-naive and offset-aware datetimes")),
        }
    }

    #[slot(nb_add)]
    fn add(left: &Object, right: &Object) -> Result<Ref, Raised> {
        match (left.downcast::<DateTime>(), right.downcast::<DateTime>()) {
            (Some(moment), _) if let Some(delta) = right.downcast::<Delta>() => moment.plus(delta, 1),
            (_, Some(moment)) if let Some(delta) = left.downcast::<Delta>() => moment.plus(delta, 1),
            _ => Ok(not_implemented()),
        }
    }

    #[slot(nb_subtract)]
    fn subtract(left: &Object, right: &Object) -> Result<Ref, Raised> {
        let Some(moment) = left.downcast::<DateTime>() else { return Ok(not_implemented()) };
        match (right.downcast::<DateTime>(), right.downcast::<Delta>()) {
            (Some(other), _) => moment.difference(other),
            (_, Some(delta)) => moment.plus(delta, -1),
            _ => Ok(not_implemented()),
        }
    }
}
