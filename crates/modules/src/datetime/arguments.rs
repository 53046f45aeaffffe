//! Arguments of the constructors, with the words of CPython's `PyArg_ParseTupleAndKeywords`, and the parts of dates and times.

use habu_runtime::object::protocol::number::index;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::calendar::{MAX_YEAR, MIN_YEAR, days_in_month};
use super::zone::TzInfo;

/// The names of a function's arguments.
pub(super) struct Names<const N: usize> {
    /// The function, when errors name it.
    pub(super) function: Option<&'static str>,
    pub(super) names: [&'static str; N],
    /// How many must be there.
    pub(super) required: usize,
    /// How many may be given by position.
    pub(super) positional: usize,
}

impl<const N: usize> Names<N> {
    /// The arguments that were given, in order.
    pub(super) fn parse(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<[Option<Ref>; N], Raised> {
        let shown = self.function.map_or("function".to_owned(), |function| format!("{function}()"));
        let mut given: [Option<Ref>; N] = std::array::from_fn(|at| args.get(at));
        let total = args.len() + kwargs.map_or(0, Dict::len);
        if total > N {
            let (word, s) = (if self.required == N { "exactly" } else { "at most" }, if N == 1 { "" } else { "s" });
            return Err(raise!(TypeError, "{shown} takes {word} {N} argument{s} ({total} given)"));
        }
        if args.len() > self.positional {
            let (most, count) = (self.positional, args.len());
            let word = if self.required < most { "at most" } else { "exactly" };
            let s = if most == 1 { "" } else { "s" };
            return Err(raise!(TypeError, "{shown} takes {word} {most} positional argument{s} ({count} given)"));
        }
        let mut at = 0;
        while let Some((key, value)) = kwargs.and_then(|kwargs| kwargs.next_item(&mut at)) {
            let Some(key) = key.downcast::<Str>() else { return Err(raise!(TypeError, "keywords must be strings")) };
            let Some(place) = self.names.iter().position(|name| key.equals(name)) else {
                let whose = self.function.map_or("this function".to_owned(), |function| format!("{function}()"));
                return Err(raise!(TypeError, "'{key}' is an invalid keyword argument for {whose}"));
            };
            if given[place].is_some() {
                let place = place + 1;
                let whose = self.function.map_or("function".to_owned(), |function| format!("{function}()"));
                return Err(raise!(TypeError, "argument for {whose} given by name ('{key}') and position ({place})"));
            }
            given[place] = Some(value);
        }
        if let Some(missing) = given[..self.required].iter().position(Option::is_none) {
            // Numbers before it are looked at first.
            given[..missing]
                .iter()
                .flatten()
                .filter(|_| self.function.is_none())
                .try_for_each(|number| int(number).map(drop))?;
            let (name, place) = (self.names[missing], missing + 1);
            return Err(raise!(TypeError, "{shown} missing required argument '{name}' (pos {place})"));
        }
        Ok(given)
    }
}

/// The arguments of a call as a tuple and a dictionary.
pub(super) fn gather(args: &[&Object], names: Option<&Tuple>) -> Result<(Ref<Tuple>, Ref<Dict>), Raised> {
    let count = args.len() - names.map_or(0, Tuple::len).min(args.len());
    let (positional, named) = args.split_at(count);
    let kwargs = Dict::new()?;
    for (name, value) in names.iter().flat_map(|names| names.as_slice()).zip(named) {
        kwargs.set(name, value)?;
    }
    Ok((Tuple::from_borrowed(positional)?, kwargs))
}

/// A C int as an argument.
pub(super) fn int(object: &Object) -> Result<i32, Raised> {
    let number = index(object)?;
    match number.to_i64().map(i32::try_from) {
        Some(Ok(value)) => Ok(value),
        Some(Err(_)) if number.is_negative() => Err(raise!(OverflowError, "signed integer is less than minimum")),
        Some(Err(_)) => Err(raise!(OverflowError, "signed integer is greater than maximum")),
        None => Err(raise!(OverflowError, "Python int too large to convert to C int")),
    }
}

/// An integer argument that may be left out.
pub(super) fn int_or(object: &Option<Ref>, default: i32) -> Result<i32, Raised> {
    object.as_ref().map_or(Ok(default), |object| int(object))
}

/// A time zone argument: None for none.
pub(super) fn zone(object: Option<&Object>) -> Result<Option<Ref>, Raised> {
    match object.filter(|object| !is_none(object)) {
        None => Ok(None),
        Some(object) if object.isinstance::<TzInfo>() => Ok(Some(object.to_ref())),
        Some(object) => Err(raise!(
            TypeError,
            "tzinfo argument must be None or of a tzinfo subclass, not type '{}'",
            object.ty().full_name()
        )),
    }
}

/// A string argument.
pub(super) fn text<'a>(object: &'a Object, function: &str, place: usize) -> Result<&'a Str, Raised> {
    match object.downcast::<Str>() {
        Some(text) => Ok(text),
        None => {
            let given = if is_none(object) { "None" } else { object.ty().full_name() };
            Err(raise!(TypeError, "{function}() argument {place} must be str, not {given}"))
        }
    }
}

/// Refuses what is no date.
pub(super) fn check_date(year: i32, month: i32, day: i32) -> Result<(), Raised> {
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(raise!(ValueError, "year {year} is out of range"));
    }
    if !(1..=12).contains(&month) {
        return Err(raise!(ValueError, "month must be in 1..12"));
    }
    if !(1..=days_in_month(year, month)).contains(&day) {
        return Err(raise!(ValueError, "day is out of range for month"));
    }
    Ok(())
}

/// Hour, minute, second, microsecond and fold of a time.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: i32,
    pub(super) minute: i32,
    pub(super) second: i32,
    pub(super) microsecond: i32,
    pub(super) fold: i32,
}

impl Clock {
    /// Refuses what is no time of a day.
    pub(super) fn check(self) -> Result<Clock, Raised> {
        let ranges = [
            (self.hour, 23, "hour must be in 0..23"),
            (self.minute, 59, "minute must be in 0..59"),
            (self.second, 59, "second must be in 0..59"),
            (self.microsecond, 999_999, "microsecond must be in 0..999999"),
            (self.fold, 1, "fold must be either 0 or 1"),
        ];
        match ranges.into_iter().find(|(value, most, _)| !(0..=*most).contains(value)) {
            Some((_, _, message)) => Err(raise!(ValueError, "{message}")),
            None => Ok(self),
        }
    }

    /// The seconds since midnight.
    pub(super) fn seconds(self) -> i64 {
        i64::from(self.hour * 3600 + self.minute * 60 + self.second)
    }

    /// The six bytes of a time in objects and pickles.
    pub(super) fn bytes(self) -> [u8; 6] {
        let [_, high, middle, low] = self.microsecond.to_be_bytes();
        [self.hour as u8, self.minute as u8, self.second as u8, high, middle, low]
    }

    /// The time in six bytes.
    pub(super) fn from_bytes(bytes: [u8; 6], fold: u8) -> Clock {
        let [hour, minute, second, high, middle, low] = bytes;
        Clock {
            hour: i32::from(hour),
            minute: i32::from(minute),
            second: i32::from(second),
            microsecond: i32::from_be_bytes([0, high, middle, low]),
            fold: i32::from(fold),
        }
    }
}

/// The bytes of a state in a pickle: bytes, or a string of Python 2 that was read as Latin-1. `length` is what they must be.
pub(super) fn state<const N: usize>(object: &Object, length_only: &str) -> Result<Option<[u8; N]>, Raised> {
    if let Some(bytes) = object.downcast::<habu_runtime::types::bytes::Bytes>() {
        return Ok(<[u8; N]>::try_from(bytes.as_slice()).ok());
    }
    let Some(text) = object.downcast::<Str>().filter(|text| text.len() == N) else { return Ok(None) };
    let mut bytes = [0; N];
    for (byte, code) in bytes.iter_mut().zip(text.chars().iter()) {
        match u8::try_from(code) {
            Ok(code) => *byte = code,
            Err(_) => {
                return Err(raise!(
                    ValueError,
                    "Failed to encode latin1 string when unpickling a {length_only} object. pickle.load(data, encoding='latin1') is assumed."
                ));
            }
        }
    }
    Ok(Some(bytes))
}
