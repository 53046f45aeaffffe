//! `datetime.datetime_CAPI`: what `datetime.h` asks for (`PyDateTime_CAPI`): the types, UTC and constructors.
//!
//! The constructors take the class, and None for no zone. None of them asks the class: what `__new__` of a subclass does is left out, as in
//! CPython, but for those of time stamps, which make instances as the methods of that name do.

use std::ffi::c_int;

use habu_runtime::object::{Object, PyType, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::capsule::Capsule;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::arguments::{Clock, Names, zone};
use super::zone::utc;
use super::{Date, DateTime, Delta, Time, TimeZone, TzInfo};

/// A new reference, or null for an error.
type New = Result<Ref, Raised>;

/// The capsule's contents, as `datetime.h` has them.
#[repr(C)]
struct Api {
    date: &'static Type,
    datetime: &'static Type,
    time: &'static Type,
    delta: &'static Type,
    tzinfo: &'static Type,
    utc: *const Object,
    date_from_date: extern "C" fn(c_int, c_int, c_int, &Type) -> New,
    datetime_from_parts: extern "C" fn(c_int, c_int, c_int, c_int, c_int, c_int, c_int, Option<&Object>, &Type) -> New,
    time_from_parts: extern "C" fn(c_int, c_int, c_int, c_int, Option<&Object>, &Type) -> New,
    delta_from_parts: extern "C" fn(c_int, c_int, c_int, c_int, &Type) -> New,
    zone_from_offset: extern "C" fn(&Object, Option<&Object>) -> New,
    datetime_from_timestamp: extern "C" fn(&Type, &Object, Option<&Object>) -> New,
    date_from_timestamp: extern "C" fn(&Type, &Object) -> New,
    datetime_with_fold:
        extern "C" fn(c_int, c_int, c_int, c_int, c_int, c_int, c_int, Option<&Object>, c_int, &Type) -> New,
    time_with_fold: extern "C" fn(c_int, c_int, c_int, c_int, Option<&Object>, c_int, &Type) -> New,
}

const _: () = assert!(size_of::<Api>() == 15 * 8);

extern "C" fn date_from_date(year: c_int, month: c_int, day: c_int, cls: &Type) -> New {
    Date::make(cls, year, month, day)
}

extern "C" fn datetime_from_parts(
    year: c_int,
    month: c_int,
    day: c_int,
    hour: c_int,
    minute: c_int,
    second: c_int,
    microsecond: c_int,
    tzinfo: Option<&Object>,
    cls: &Type,
) -> New {
    datetime_with_fold(year, month, day, hour, minute, second, microsecond, tzinfo, 0, cls)
}

extern "C" fn datetime_with_fold(
    year: c_int,
    month: c_int,
    day: c_int,
    hour: c_int,
    minute: c_int,
    second: c_int,
    microsecond: c_int,
    tzinfo: Option<&Object>,
    fold: c_int,
    cls: &Type,
) -> New {
    DateTime::make(cls, (year, month, day), Clock { hour, minute, second, microsecond, fold }, zone(tzinfo)?)
}

extern "C" fn time_from_parts(
    hour: c_int,
    minute: c_int,
    second: c_int,
    microsecond: c_int,
    tzinfo: Option<&Object>,
    cls: &Type,
) -> New {
    time_with_fold(hour, minute, second, microsecond, tzinfo, 0, cls)
}

extern "C" fn time_with_fold(
    hour: c_int,
    minute: c_int,
    second: c_int,
    microsecond: c_int,
    tzinfo: Option<&Object>,
    fold: c_int,
    cls: &Type,
) -> New {
    Time::make(cls, Clock { hour, minute, second, microsecond, fold }, zone(tzinfo)?)
}

extern "C" fn delta_from_parts(days: c_int, seconds: c_int, microseconds: c_int, normalize: c_int, cls: &Type) -> New {
    match normalize {
        0 => Delta::unchecked(cls, days, seconds, microseconds),
        _ => Delta::of_class(cls, days.into(), seconds.into(), microseconds.into()),
    }
}

extern "C" fn zone_from_offset(offset: &Object, name: Option<&Object>) -> New {
    let Some(offset) = offset.downcast::<Delta>() else {
        let given = offset.ty().full_name();
        return Err(raise!(TypeError, "offset must be a timedelta, not {given}"));
    };
    TimeZone::of(offset, name.and_then(Object::downcast::<Str>))
}

/// The arguments that C passes as a tuple.
fn positional(args: &Object) -> Result<&Tuple, Raised> {
    args.downcast::<Tuple>().ok_or_else(|| raise!(SystemError, "new style getargs format but argument is not a tuple"))
}

extern "C" fn datetime_from_timestamp(cls: &Type, args: &Object, kwargs: Option<&Object>) -> New {
    const NAMES: Names<2> =
        Names { function: Some("fromtimestamp"), names: ["timestamp", "tz"], required: 1, positional: 2 };
    match NAMES.parse(positional(args)?, kwargs.and_then(Object::downcast::<Dict>))? {
        [Some(timestamp), tz] => DateTime::from_timestamp(cls, &timestamp, tz.as_deref()),
        _ => Err(raise!(SystemError, "a time stamp is missing")),
    }
}

extern "C" fn date_from_timestamp(cls: &Type, args: &Object) -> New {
    const NAMES: Names<1> = Names { function: Some("fromtimestamp"), names: ["timestamp"], required: 1, positional: 1 };
    match NAMES.parse(positional(args)?, None)? {
        [Some(timestamp)] => Date::from_timestamp(cls, &timestamp),
        _ => Err(raise!(SystemError, "a time stamp is missing")),
    }
}

/// Adds the capsule to the module.
pub(super) fn add(module: &Module) -> Result<(), Raised> {
    // The module keeps UTC as long as its interpreter lives; C code may keep the structure beyond that.
    let api = Api {
        date: Date::type_object(),
        datetime: DateTime::type_object(),
        time: Time::type_object(),
        delta: Delta::type_object(),
        tzinfo: TzInfo::type_object(),
        utc: utc()?.into_pointer().as_ptr(),
        date_from_date,
        datetime_from_parts,
        time_from_parts,
        delta_from_parts,
        zone_from_offset,
        datetime_from_timestamp,
        date_from_timestamp,
        datetime_with_fold,
        time_with_fold,
    };
    let api: *mut Api = Box::leak(Box::new(api));
    let capsule = Capsule::new(api.cast(), c"datetime.datetime_CAPI".as_ptr(), None)?;
    module.set("datetime_CAPI", &capsule)
}
