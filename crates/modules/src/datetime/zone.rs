//! `tzinfo`, the base of time zones, and `timezone`, a fixed offset (`PyDateTime_TimeZone`).

use habu_macros::{pymethods, pytype};
use habu_runtime::object::protocol::{self, lookup_attribute};
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Field, Object, Raised, Ref, Type, create, instantiate};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{none, not_implemented};

use super::delta::Delta;
use super::moment::DateTime;
use crate::system::state;

/// Abstract base class for time zone info objects.
#[pytype(name = "datetime.tzinfo", generic_get, basetype)]
pub struct TzInfo {
    base: Object,
}

habu_runtime::assert_layout!(TzInfo, size 16);

/// Fixed offset from UTC implementation of tzinfo.
#[pytype(name = "datetime.timezone", base = TZ_INFO_TYPE)]
pub struct TimeZone {
    base: Object,
    offset: Field<Delta>,
    name: Field<Str>,
}

habu_runtime::assert_layout!(TimeZone, size 32, offset @ 16, name @ 24);

/// The place where `timezone.utc` is kept.
const UTC: &str = "_datetime.utc";

/// `timezone.utc`
pub(super) fn utc() -> Result<Ref, Raised> {
    if let Some(utc) = state::get(UTC)? {
        return Ok(utc);
    }
    let made = TimeZone::make(&*Delta::new(0, 0, 0)?, None)?.into_object();
    state::set(UTC, &made)?;
    Ok(made)
}

/// Whether an offset is less than a day.
fn in_range(offset: &Delta) -> bool {
    let (days, seconds, microseconds) = offset.fields_of();
    days == 0 || days == -1 && (seconds > 0 || microseconds > 0)
}

/// `±HH:MM[:SS[.ffffff]]`, with a separator between the numbers.
pub(super) fn offset_text(offset: &Delta, separator: &str) -> String {
    let total = offset.total();
    let (sign, total) = if total < 0 { ('-', -total) } else { ('+', total) };
    let (seconds, microseconds) = (total / 1_000_000, total % 1_000_000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{sign}{hours:02}{separator}{minutes:02}");
    if seconds != 0 || microseconds != 0 {
        text.push_str(&format!("{separator}{seconds:02}"));
    }
    if microseconds != 0 {
        text.push_str(&format!(".{microseconds:06}"));
    }
    text
}

/// What a zone says of an argument by `utcoffset` or `dst`.
pub(super) fn ask_offset(zone: Option<&Object>, name: &str, argument: &Object) -> Result<Option<Ref<Delta>>, Raised> {
    let Some(zone) = zone else { return Ok(None) };
    if let Some(zone) = zone.downcast_exact::<TimeZone>() {
        return Ok(if name == "utcoffset" { zone.offset.get() } else { None });
    }
    let said = protocol::call_method(zone, &*Str::intern(name)?, &[argument])?;
    if is_none(&said) {
        return Ok(None);
    }
    match said.downcast_into::<Delta>() {
        Ok(said) if in_range(&said) => Ok(Some(said)),
        Ok(_) => Err(raise!(
            ValueError,
            "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24)."
        )),
        Err(said) => {
            let given = said.ty().full_name();
            Err(raise!(TypeError, "tzinfo.{name}() must return None or timedelta, not '{given}'"))
        }
    }
}

/// What a zone calls itself.
pub(super) fn ask_name(zone: Option<&Object>, argument: &Object) -> Result<Option<Ref<Str>>, Raised> {
    let Some(zone) = zone else { return Ok(None) };
    let said = protocol::call_method(zone, &*Str::intern("tzname")?, &[argument])?;
    if is_none(&said) {
        return Ok(None);
    }
    said.downcast_into::<Str>().map(Some).map_err(|said| {
        raise!(TypeError, "tzinfo.tzname() must return None or a string, not '{}'", said.ty().full_name())
    })
}

impl TimeZone {
    fn make(offset: &Delta, name: Option<&Str>) -> Result<Ref<TimeZone>, Raised> {
        if !in_range(offset) {
            let shown = protocol::repr(offset)?;
            return Err(raise!(
                ValueError,
                "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not {shown}."
            ));
        }
        create(TimeZone {
            base: Object::of::<TimeZone>(),
            offset: Field::new(Ref::from_borrowed(offset)),
            name: Field::optional(name.map(Ref::from_borrowed)),
        })
    }

    /// The zone of an offset; that of UTC is one object.
    pub(super) fn of(offset: &Delta, name: Option<&Str>) -> Result<Ref, Raised> {
        match name {
            None if offset.total() == 0 => utc(),
            _ => TimeZone::make(offset, name).map(Ref::into_object),
        }
    }

    /// The offset.
    pub(super) fn fixed(&self) -> Result<Ref<Delta>, Raised> {
        self.offset.get().map_or_else(|| Delta::new(0, 0, 0), Ok)
    }

    fn is_utc(&self) -> Result<bool, Raised> {
        Ok(state::get(UTC)?.is_some_and(|utc| utc.is(self)))
    }
}

fn must_be_datetime(argument: &Object, name: &str) -> Result<(), Raised> {
    if is_none(argument) || argument.isinstance::<DateTime>() {
        return Ok(());
    }
    let given = argument.ty().full_name();
    Err(raise!(TypeError, "{name}(dt) argument must be a datetime instance or None, not {given}"))
}

/// The argument of `fromutc`, whose zone must be the one that is asked.
fn own_datetime<'a>(argument: &'a Object, zone: &Object) -> Result<&'a DateTime, Raised> {
    let Some(moment) = argument.downcast::<DateTime>() else {
        return Err(raise!(TypeError, "fromutc: argument must be a datetime"));
    };
    match moment.zone().is_some_and(|own| own.is(zone)) {
        true => Ok(moment),
        false => Err(raise!(ValueError, "fromutc: dt.tzinfo is not self")),
    }
}

#[pymethods]
impl TzInfo {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<TzInfo>, Raised> {
        let _ = (args, kwargs);
        instantiate(cls, TzInfo { base: Object::header(cls) })
    }

    /// datetime -> string name of time zone.
    #[no_signature]
    fn tzname(&self, _dt: &Object) -> Result<Ref, Raised> {
        Err(raise!(NotImplementedError, "a tzinfo subclass must implement tzname()"))
    }

    /// datetime -> timedelta showing offset from UTC, negative values indicating West of UTC
    #[no_signature]
    fn utcoffset(&self, _dt: &Object) -> Result<Ref, Raised> {
        Err(raise!(NotImplementedError, "a tzinfo subclass must implement utcoffset()"))
    }

    /// datetime -> DST offset as timedelta positive east of UTC.
    #[no_signature]
    fn dst(&self, _dt: &Object) -> Result<Ref, Raised> {
        Err(raise!(NotImplementedError, "a tzinfo subclass must implement dst()"))
    }

    /// datetime in UTC -> datetime in local time.
    #[no_signature]
    fn fromutc(&self, dt: &Object) -> Result<Ref, Raised> {
        let moment = own_datetime(dt, self)?;
        let Some(offset) = ask_offset(Some(self), "utcoffset", moment)? else {
            return Err(raise!(ValueError, "fromutc: non-None utcoffset() result required"));
        };
        let Some(dst) = ask_offset(Some(self), "dst", moment)? else {
            return Err(raise!(ValueError, "fromutc: non-None dst() result required"));
        };
        let standard = moment.plus(&*Delta::from_total(offset.total() - dst.total())?, 1)?;
        let Some(dst) = ask_offset(Some(self), "dst", &standard)? else {
            return Err(raise!(ValueError, "fromutc: tz.dst() gave inconsistent results; cannot convert"));
        };
        match standard.downcast::<DateTime>() {
            Some(moment) if dst.total() != 0 => moment.plus(&dst, 1),
            _ => Ok(standard),
        }
    }

    /// -> (cls, state)
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let arguments = match lookup_attribute(self, &*Str::intern("__getinitargs__")?)? {
            Some(function) => protocol::call0(&function)?,
            None => Tuple::empty().into_object(),
        };
        let state = protocol::call_method(self, &*Str::intern("__getstate__")?, &[])?;
        Tuple::from_refs([self.type_ref().into_object(), arguments, state])
    }
}

#[pymethods]
impl TimeZone {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let _ = cls;
        let names = super::arguments::Names {
            function: Some("timezone"),
            names: ["offset", "name"],
            required: 1,
            positional: 2,
        };
        let [offset, name] = names.parse(args, kwargs)?;
        let offset = offset.unwrap_or_else(none);
        let Some(offset) = offset.downcast::<Delta>() else {
            let given = if is_none(&offset) { "None" } else { offset.ty().full_name() };
            return Err(raise!(TypeError, "timezone() argument 1 must be datetime.timedelta, not {given}"));
        };
        match &name {
            Some(name) => TimeZone::of(offset, Some(super::arguments::text(name, "timezone", 2)?)),
            None => TimeZone::of(offset, None),
        }
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        if self.is_utc()? {
            return Str::new("datetime.timezone.utc");
        }
        let (class, offset) = (self.ty().full_name(), protocol::repr(&*self.fixed()?)?);
        match self.name.get() {
            Some(name) => Str::from_format(format_args!("{class}({offset}, {})", protocol::repr(&name)?)),
            None => Str::from_format(format_args!("{class}({offset})")),
        }
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        if let Some(name) = self.name.get() {
            return Ok(name);
        }
        let offset = self.fixed()?;
        match offset.total() {
            0 => Str::new("UTC"),
            _ => Str::from_format(format_args!("UTC{}", offset_text(&offset, ":"))),
        }
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        protocol::hash(&*self.fixed()?)
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        match other.downcast::<TimeZone>() {
            Some(other) if matches!(op, CompareOp::Eq | CompareOp::Ne) => {
                protocol::compare(&*self.fixed()?, &*other.fixed()?, op)
            }
            _ => Ok(not_implemented()),
        }
    }

    /// If name is specified when timezone is created, returns the name.  Otherwise returns offset as 'UTC(+|-)HH:MM'.
    #[no_signature]
    fn tzname(&self, dt: &Object) -> Result<Ref<Str>, Raised> {
        must_be_datetime(dt, "tzname")?;
        protocol::str(self)
    }

    /// Return fixed offset.
    #[no_signature]
    fn utcoffset(&self, dt: &Object) -> Result<Ref<Delta>, Raised> {
        must_be_datetime(dt, "utcoffset")?;
        self.fixed()
    }

    /// Return None.
    #[no_signature]
    fn dst(&self, dt: &Object) -> Result<(), Raised> {
        must_be_datetime(dt, "dst")
    }

    /// datetime in UTC -> datetime in local time.
    #[no_signature]
    fn fromutc(&self, dt: &Object) -> Result<Ref, Raised> {
        own_datetime(dt, self)?.plus(&*self.fixed()?, 1)
    }

    /// pickle support
    #[no_signature]
    fn __getinitargs__(&self) -> Result<Ref<Tuple>, Raised> {
        let offset = self.fixed()?.into_object();
        match self.name.get() {
            Some(name) => Tuple::from_refs([offset, name.into_object()]),
            None => Tuple::from_refs([offset]),
        }
    }
}
