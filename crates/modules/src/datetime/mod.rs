//! `_datetime`: dates, times, differences and zones, in CPython's layouts.
//!
//! | type | file | layout (`datetime.h`) |
//! | --- | --- | --- |
//! | `timedelta` | `delta` | hash at 16, days 24, seconds 28, microseconds 32; 40 bytes |
//! | `date` | `day` | hash at 16, `hastzinfo` 24, four bytes at 25; 32 bytes |
//! | `time` | `time` | as `date` with six bytes at 25, fold 31, zone 32; 40 bytes |
//! | `datetime` | `moment`, `methods` | as `date` with ten bytes at 25, fold 35, zone 40; 48 bytes |
//! | `tzinfo`, `timezone` | `zone` | header alone; offset at 16, name 24 |
//!
//! The macros of extensions read these fields; `capi` has the structure behind the capsule `datetime.datetime_CAPI`. The constructors in
//! Rust are `Date::make`, `DateTime::make`, `Time::make`, `Delta::new` and `TimeZone::of`, which check ranges.

mod arguments;
mod calendar;
mod capi;
mod day;
mod delta;
mod iso;
mod methods;
mod moment;
mod system;
mod time;
mod zone;

use habu_macros::pymodule;
use habu_runtime::object::{Object, PyType, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::method::instance_method::InstanceMethod;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

pub use self::day::Date;
pub use self::delta::Delta;
pub use self::moment::DateTime;
pub use self::time::Time;
pub use self::zone::{TimeZone, TzInfo};

use self::arguments::Clock;
use self::calendar::{MAX_YEAR, MIN_YEAR};
use crate::fill::set_type;

/// Sets an attribute of a built-in class.
fn set(cls: &Type, name: &str, value: &Object) -> Result<(), Raised> {
    match cls.tp_dict.get() {
        Some(dict) => Dict::set_str(&dict, name, value),
        None => Ok(()),
    }
}

/// The module.
pub struct DateTimeModule;

/// Fast implementation of the datetime type.
#[pymodule(name = "_datetime")]
impl DateTimeModule {
    /// -> (tuple, items)
    #[no_signature]
    fn reduce_iso_calendar_date(date: &Object) -> Result<Ref<Tuple>, Raised> {
        let items = match date.downcast::<Tuple>() {
            Some(items) => Tuple::from_slice(items.as_slice())?.into_object(),
            None => return Err(raise!(TypeError, "expected a tuple, got '{}'", date.ty().full_name())),
        };
        let arguments = Tuple::from_refs([items])?.into_object();
        Tuple::from_refs([Tuple::type_object().to_ref(), arguments])
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "timedelta", Delta::static_type())?;
        set_type(module, "date", Date::static_type())?;
        set_type(module, "datetime", DateTime::static_type())?;
        set_type(module, "time", Time::static_type())?;
        set_type(module, "tzinfo", TzInfo::static_type())?;
        set_type(module, "timezone", TimeZone::static_type())?;
        system::ISO_CALENDAR_DATE.ready()?;
        // Dates by weeks are pickled as plain tuples, by a function that is bound to them.
        let names = module.dictionary()?;
        if let Some(function) = names.remove(&*Str::intern("reduce_iso_calendar_date")?)? {
            let method = InstanceMethod::of(&function)?;
            set(system::ISO_CALENDAR_DATE.type_object(), "__reduce__", &method)?;
        }
        let (smallest, day) = (Delta::new(0, 0, 1)?, Delta::new(1, 0, 0)?);
        let last = Clock { hour: 23, minute: 59, second: 59, microsecond: 999_999, fold: 0 };
        let delta = Delta::type_object();
        set(delta, "min", &*Delta::new(-999_999_999, 0, 0)?)?;
        set(delta, "max", &*Delta::new(999_999_999, 86_399, 999_999)?)?;
        set(delta, "resolution", &smallest)?;
        let date = Date::type_object();
        set(date, "min", &*Date::make(date, MIN_YEAR, 1, 1)?)?;
        set(date, "max", &*Date::make(date, MAX_YEAR, 12, 31)?)?;
        set(date, "resolution", &day)?;
        let time = Time::type_object();
        set(time, "min", &*Time::make(time, Clock::default(), None)?)?;
        set(time, "max", &*Time::make(time, last, None)?)?;
        set(time, "resolution", &smallest)?;
        let moment = DateTime::type_object();
        set(moment, "min", &*DateTime::make(moment, (MIN_YEAR, 1, 1), Clock::default(), None)?)?;
        set(moment, "max", &*DateTime::make(moment, (MAX_YEAR, 12, 31), last, None)?)?;
        set(moment, "resolution", &smallest)?;
        let zone = TimeZone::type_object();
        let utc = zone::utc()?;
        set(zone, "utc", &utc)?;
        set(zone, "min", &*TimeZone::of(&*Delta::new(-1, 60, 0)?, None)?)?;
        set(zone, "max", &*TimeZone::of(&*Delta::new(0, 86_340, 0)?, None)?)?;
        module.set("UTC", &utc)?;
        capi::add(module)?;
        module.set_int("MINYEAR", MIN_YEAR.into())?;
        module.set_int("MAXYEAR", MAX_YEAR.into())
    }
}
