//! `time` (`PyDateTime_Time`): a time of day, and perhaps a zone.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Type, instantiate, protocol};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, none, not_implemented};

use super::arguments::{Clock, Names, int_or, state, text, zone};
use super::delta::Delta;
use super::zone::{TzInfo, ask_name, ask_offset, offset_text};
use super::{iso, system};

/// time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object
///
/// All arguments are optional. tzinfo may be None, or an instance of
/// a tzinfo subclass. The remaining arguments may be ints.
#[pytype(
    name = "datetime.time",
    generic_get,
    doc = "time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object\n\nAll arguments are optional. tzinfo may be None, or an instance of\na tzinfo subclass. The remaining arguments may be ints.\n",
    basetype
)]
pub struct Time {
    base: Object,
    hash: Cell<isize>,
    aware: u8,
    data: [u8; 6],
    fold: u8,
    tzinfo: Field,
}

habu_runtime::assert_layout!(Time, size 40, hash @ 16, aware @ 24, data @ 25, fold @ 31, tzinfo @ 32);

const NAMES_OF_NEW: Names<6> = Names {
    function: None,
    names: ["hour", "minute", "second", "microsecond", "tzinfo", "fold"],
    required: 0,
    positional: 5,
};

impl Time {
    /// A time of a class.
    pub(super) fn make(cls: &Type, clock: Clock, tzinfo: Option<Ref>) -> Result<Ref, Raised> {
        clock.check()?;
        let made = Time {
            base: Object::header(cls),
            hash: Cell::new(-1),
            aware: u8::from(tzinfo.is_some()),
            data: clock.bytes(),
            fold: clock.fold as u8,
            tzinfo: Field::optional(tzinfo),
        };
        instantiate(cls, made).map(Ref::into_object)
    }

    /// Hour, minute, second, microsecond, fold.
    pub(super) fn clock(&self) -> Clock {
        Clock::from_bytes(self.data, self.fold)
    }

    /// The zone.
    pub(super) fn zone(&self) -> Option<Ref> {
        self.tzinfo.get()
    }

    fn offset(&self) -> Result<Option<Ref<Delta>>, Raised> {
        ask_offset(self.zone().as_deref(), "utcoffset", &none())
    }

    /// The time in UTC on a day of its own, in microseconds.
    fn in_utc(&self, offset: &Delta) -> i128 {
        let clock = self.clock();
        i128::from(clock.seconds()) * 1_000_000 + i128::from(clock.microsecond) - offset.total()
    }

    fn text_with_zone(&self, precision: &str) -> Result<Ref<Str>, Raised> {
        let mut shown = iso::clock_text(self.clock(), precision)?;
        if let Some(offset) = self.offset()? {
            shown.push_str(&offset_text(&offset, ":"));
        }
        Str::new(&shown)
    }
}

#[pymethods]
impl Time {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        if let (1 | 2, Some(pickled)) = (args.len(), args.get(0))
            && let Some(data) = state::<6>(&pickled, "time")?
            && data[0] & 0x7f < 24
        {
            let tzinfo = match args.get(1) {
                Some(tzinfo) if !tzinfo.is(&none()) && !tzinfo.isinstance::<TzInfo>() => {
                    return Err(raise!(TypeError, "bad tzinfo state arg"));
                }
                tzinfo => tzinfo.filter(|tzinfo| !tzinfo.is(&none())),
            };
            let mut data = data;
            let fold = data[0] >> 7;
            data[0] &= 0x7f;
            return Time::make(cls, Clock::from_bytes(data, fold), tzinfo);
        }
        let [hour, minute, second, microsecond, tzinfo, fold] = NAMES_OF_NEW.parse(args, kwargs)?;
        let clock = Clock {
            hour: int_or(&hour, 0)?,
            minute: int_or(&minute, 0)?,
            second: int_or(&second, 0)?,
            microsecond: int_or(&microsecond, 0)?,
            fold: int_or(&fold, 0)?,
        };
        Time::make(cls, clock.check()?, zone(tzinfo.as_deref())?)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let Clock { hour, minute, second, microsecond, fold } = self.clock();
        let mut shown = format!("{}({hour}, {minute}", self.ty().full_name());
        if second != 0 || microsecond != 0 {
            shown.push_str(&format!(", {second}"));
        }
        if microsecond != 0 {
            shown.push_str(&format!(", {microsecond}"));
        }
        let mut out = protocol::TextBuilder::new();
        out.push(&*Str::new(&shown)?)?;
        if let Some(zone) = self.zone() {
            out.push_ascii(", tzinfo=")?;
            out.push(&*protocol::repr(&zone)?)?;
        }
        out.push_ascii(if fold != 0 { ", fold=1)" } else { ")" })?;
        out.finish()
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref, Raised> {
        protocol::call_method(self, &*Str::intern("isoformat")?, &[])
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        if self.hash.get() == -1 {
            // Both times of a fold have one hash: that of the first.
            let first = match self.fold {
                0 => self.to_ref(),
                _ => Time::make(Time::type_object(), Clock { fold: 0, ..self.clock() }, self.zone())?,
            };
            let offset = first.downcast::<Time>().map_or(Ok(None), Time::offset)?;
            self.hash.set(match offset {
                None => habu_runtime::hashing::hash_bytes(&self.data),
                Some(offset) => protocol::hash(&*Delta::from_total(self.in_utc(&offset))?)?,
            });
        }
        Ok(self.hash.get())
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<Time>() else { return Ok(not_implemented()) };
        let same_zone = self.tzinfo.pointer() == other.tzinfo.pointer();
        let (left, right) = if same_zone { (None, None) } else { (self.offset()?, other.offset()?) };
        match (left, right) {
            (None, None) => Ok(boolean(op.holds(self.data.cmp(&other.data)))),
            (Some(left), Some(right)) => Ok(boolean(op.holds(self.in_utc(&left).cmp(&other.in_utc(&right))))),
            _ => match op {
                CompareOp::Eq => Ok(boolean(false)),
                CompareOp::Ne => Ok(boolean(true)),
                _ => Err(raise!(TypeError, "can't compare offset-naive and offset-aware times")),
            },
        }
    }

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
    fn tzinfo(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.zone())
    }

    #[getter]
    fn fold(&self) -> Result<i32, Raised> {
        Ok(self.fold.into())
    }

    /// string -> time from a string in ISO 8601 format
    #[classmethod]
    #[no_signature]
    fn fromisoformat(cls: &Type, string: &Object) -> Result<Ref, Raised> {
        let Some(string) = string.downcast::<Str>() else {
            return Err(raise!(TypeError, "fromisoformat: argument must be str"));
        };
        let text = iso::ascii(string)?;
        match iso::time(text.strip_prefix(b"T").unwrap_or(&text))? {
            None => Err(iso::invalid(string)),
            Some((clock, zone)) if std::ptr::eq(cls, Time::type_object()) => Time::make(cls, clock, zone),
            Some((clock, zone)) => {
                let numbers = [clock.hour, clock.minute, clock.second, clock.microsecond];
                let arguments = Tuple::build(5, |at| match numbers.get(at) {
                    Some(number) => Ok(Int::from_i64((*number).into())?.into_object()),
                    None => Ok(zone.clone().unwrap_or_else(none)),
                })?;
                protocol::call_tuple(cls, &arguments, None)
            }
        }
    }

    /// Return string in ISO 8601 format, [HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].
    ///
    /// The optional argument timespec specifies the number of additional terms
    /// of the time to include. Valid options are 'auto', 'hours', 'minutes',
    /// 'seconds', 'milliseconds' and 'microseconds'.
    #[no_signature]
    #[signature(timespec = None)]
    fn isoformat(&self, timespec: Option<&Object>) -> Result<Ref<Str>, Raised> {
        match timespec {
            Some(precision) => self.text_with_zone(&text(precision, "isoformat", 1)?.to_string_lossy()),
            None => self.text_with_zone("auto"),
        }
    }

    /// format -> strftime() style string.
    #[no_signature]
    #[signature(format)]
    fn strftime(&self, format: &Object) -> Result<Ref, Raised> {
        let Clock { hour, minute, second, microsecond, .. } = self.clock();
        // The day is one that all platforms take.
        let tuple = system::struct_time([1900, 1, 1, hour, minute, second, 0, 1, -1])?;
        let (zone, nothing) = (self.zone(), none());
        let asked = zone.as_deref().map(|zone| (zone, &*nothing));
        system::strftime(text(format, "strftime", 1)?, &tuple, microsecond, asked)
    }

    /// Formats self with strftime.
    #[no_signature]
    #[varargs]
    fn __format__(&self, format: &Object) -> Result<Ref, Raised> {
        system::format(self, format)
    }

    /// Return self.tzinfo.utcoffset(self).
    #[no_signature]
    fn utcoffset(&self) -> Result<Option<Ref<Delta>>, Raised> {
        self.offset()
    }

    /// Return self.tzinfo.tzname(self).
    #[no_signature]
    fn tzname(&self) -> Result<Option<Ref<Str>>, Raised> {
        ask_name(self.zone().as_deref(), &none())
    }

    /// Return self.tzinfo.dst(self).
    #[no_signature]
    fn dst(&self) -> Result<Option<Ref<Delta>>, Raised> {
        ask_offset(self.zone().as_deref(), "dst", &none())
    }

    /// Return time with new specified fields.
    #[no_signature]
    #[raw]
    fn replace(&self, args: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        const NAMES: Names<6> = Names { function: Some("replace"), ..NAMES_OF_NEW };
        let (args, kwargs) = super::arguments::gather(args, names)?;
        let [hour, minute, second, microsecond, tzinfo, fold] = NAMES.parse(&args, Some(&kwargs))?;
        let old = self.clock();
        let clock = Clock {
            hour: int_or(&hour, old.hour)?,
            minute: int_or(&minute, old.minute)?,
            second: int_or(&second, old.second)?,
            microsecond: int_or(&microsecond, old.microsecond)?,
            fold: int_or(&fold, old.fold)?,
        };
        let tzinfo = match &tzinfo {
            Some(tzinfo) => zone(Some(tzinfo))?,
            None => self.zone(),
        };
        Time::make(self.ty(), clock, tzinfo)
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

    #[hidden]
    fn reduced(&self, protocol: i32) -> Result<Ref<Tuple>, Raised> {
        let mut data = self.data;
        if protocol > 3 && self.fold != 0 {
            data[0] |= 0x80;
        }
        let bytes = Bytes::new(&data)?.into_object();
        let state = match self.zone() {
            Some(zone) => Tuple::from_refs([bytes, zone])?,
            None => Tuple::from_refs([bytes])?,
        };
        Tuple::from_refs([self.type_ref().into_object(), state.into_object()])
    }
}
