//! `timedelta` (`PyDateTime_Delta`): days, seconds and microseconds, the last two never negative.

use std::cell::Cell;
use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::descriptor_tables::{READONLY, T_INT};
use habu_runtime::object::protocol::{self, Operator};
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{MemberDef, Object, Raised, Ref, Type, create, instantiate};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, not_implemented};

use super::arguments::Names;

const MAX_DAYS: i64 = 999_999_999;
const SECOND: i128 = 1_000_000;
const DAY: i128 = 86_400 * SECOND;

/// Difference between two datetime values.
///
/// timedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)
///
/// All arguments are optional and default to 0.
/// Arguments may be integers or floats, and may be positive or negative.
#[pytype(name = "datetime.timedelta", generic_get, basetype)]
pub struct Delta {
    base: Object,
    hash: Cell<isize>,
    days: i32,
    seconds: i32,
    microseconds: i32,
}

habu_runtime::assert_layout!(Delta, size 40, hash @ 16, days @ 24, seconds @ 28, microseconds @ 32);

const fn member(name: &'static std::ffi::CStr, offset: usize, doc: &'static std::ffi::CStr) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind: T_INT, offset: offset as isize, flags: READONLY, doc: doc.as_ptr() }
}

static MEMBERS: &[MemberDef] = &[
    member(c"days", offset_of!(Delta, days), c"Number of days."),
    member(c"seconds", offset_of!(Delta, seconds), c"Number of seconds (>= 0 and less than 1 day)."),
    member(c"microseconds", offset_of!(Delta, microseconds), c"Number of microseconds (>= 0 and less than 1 second)."),
];

#[cold]
fn too_large() -> Raised {
    raise!(OverflowError, "Python int too large to convert to C int")
}

#[cold]
fn by_zero(modulo_only: bool) -> Raised {
    match modulo_only {
        true => raise!(ZeroDivisionError, "integer modulo by zero"),
        false => raise!(ZeroDivisionError, "integer division or modulo by zero"),
    }
}

/// The quotient rounded to the nearest integer, to an even one from the middle. `divisor` is not zero.
fn nearest(dividend: i128, divisor: i128) -> i128 {
    let (dividend, divisor) = if divisor < 0 { (-dividend, -divisor) } else { (dividend, divisor) };
    let (quotient, rest) = (dividend.div_euclid(divisor), dividend.rem_euclid(divisor));
    let up = match rest.cmp(&(divisor - rest)) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => quotient % 2 != 0,
        std::cmp::Ordering::Less => false,
    };
    quotient + i128::from(up)
}

fn floor(dividend: i128, divisor: i128) -> i128 {
    let quotient = dividend / divisor;
    quotient - i128::from(dividend % divisor != 0 && (dividend < 0) != (divisor < 0))
}

/// The ratio that an instance of a subclass of float says it is.
fn own_ratio(value: &Object) -> Result<(i128, i128), Raised> {
    let ratio = protocol::call_method(value, &*Str::intern("as_integer_ratio")?, &[])?;
    let Some(parts) = ratio.downcast::<Tuple>() else {
        let given = ratio.ty().full_name();
        return Err(raise!(TypeError, "unexpected return type from as_integer_ratio(): expected tuple, got '{given}'"));
    };
    let [above, below] = parts.as_slice() else {
        return Err(raise!(ValueError, "as_integer_ratio() must return a 2-tuple"));
    };
    let part = |part: &Ref| match part.downcast::<Int>() {
        Some(part) => integer(part).ok_or_else(too_large),
        None => Err(raise!(TypeError, "non-integer arguments in division")),
    };
    Ok((part(above)?, part(below)?))
}

/// A total of microseconds times a fraction.
fn fraction(total: i128, above: i128, below: i128) -> Result<i128, Raised> {
    if below == 0 {
        return Err(by_zero(false));
    }
    let product = total.checked_mul(above).ok_or_else(too_large)?;
    Ok(nearest(product, below))
}

/// A finite number as an odd integer (or zero) times a power of two.
fn ratio(value: f64) -> Result<(i128, i32), Raised> {
    if value.is_nan() {
        return Err(raise!(ValueError, "cannot convert NaN to integer ratio"));
    }
    if value.is_infinite() {
        return Err(raise!(OverflowError, "cannot convert Infinity to integer ratio"));
    }
    if value == 0.0 {
        return Ok((0, 0));
    }
    let bits = value.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    let zeros = mantissa.trailing_zeros();
    let mantissa = i128::from(mantissa >> zeros);
    Ok((if value < 0.0 { -mantissa } else { mantissa }, exponent + zeros as i32))
}

/// `value << shift`, unless bits get lost.
fn shifted(value: i128, shift: i32) -> Option<i128> {
    let shift = u32::try_from(shift).ok().filter(|shift| *shift < 127)?;
    value.checked_mul(1i128.checked_shl(shift)?)
}

impl Delta {
    /// A difference of these parts, which may be of any size and sign.
    pub(super) fn new(days: i64, seconds: i64, microseconds: i64) -> Result<Ref<Delta>, Raised> {
        let parts = Delta::parts(days, seconds, microseconds)?;
        create(Delta::fields(Delta::static_type_pointer(), parts))
    }

    /// A difference of a class, of parts of any size and sign.
    pub(super) fn of_class(cls: &Type, days: i64, seconds: i64, microseconds: i64) -> Result<Ref, Raised> {
        let parts = Delta::parts(days, seconds, microseconds)?;
        instantiate(cls, Delta::fields(cls, parts)).map(Ref::into_object)
    }

    /// A difference of a class with parts that C says are in order; the days are checked all the same.
    pub(super) fn unchecked(cls: &Type, days: i32, seconds: i32, microseconds: i32) -> Result<Ref, Raised> {
        Delta::parts(days.into(), 0, 0)?;
        instantiate(cls, Delta::fields(cls, (days, seconds, microseconds))).map(Ref::into_object)
    }

    fn static_type_pointer() -> &'static Type {
        <Delta as habu_runtime::object::PyType>::type_object()
    }

    fn fields(cls: &Type, (days, seconds, microseconds): (i32, i32, i32)) -> Delta {
        Delta { base: Object::header(cls), hash: Cell::new(-1), days, seconds, microseconds }
    }

    fn parts(days: i64, seconds: i64, microseconds: i64) -> Result<(i32, i32, i32), Raised> {
        let seconds = seconds + microseconds.div_euclid(1_000_000);
        let days = days + seconds.div_euclid(86_400);
        if days.abs() > MAX_DAYS {
            return Err(match i32::try_from(days) {
                Ok(_) => raise!(OverflowError, "days={days}; must have magnitude <= {MAX_DAYS}"),
                Err(_) => too_large(),
            });
        }
        Ok((days as i32, seconds.rem_euclid(86_400) as i32, microseconds.rem_euclid(1_000_000) as i32))
    }

    fn total_parts(total: i128) -> Result<(i32, i32, i32), Raised> {
        let days = i64::try_from(total.div_euclid(DAY)).map_err(|_| too_large())?;
        let rest = total.rem_euclid(DAY) as i64;
        Delta::parts(days, 0, rest)
    }

    /// A difference in microseconds.
    pub(super) fn from_total(total: i128) -> Result<Ref<Delta>, Raised> {
        create(Delta::fields(Delta::static_type_pointer(), Delta::total_parts(total)?))
    }

    /// In microseconds.
    pub(super) fn total(&self) -> i128 {
        i128::from(self.days) * DAY + i128::from(self.seconds) * SECOND + i128::from(self.microseconds)
    }

    /// Days, seconds and microseconds.
    pub(super) fn fields_of(&self) -> (i32, i32, i32) {
        (self.days, self.seconds, self.microseconds)
    }

    fn hash_value(&self) -> Result<isize, Raised> {
        if self.hash.get() == -1 {
            let items = [self.days, self.seconds, self.microseconds];
            let tuple = Tuple::build(3, |at| Ok(Int::from_i64(items[at].into())?.into_object()))?;
            self.hash.set(protocol::hash(&tuple)?);
        }
        Ok(self.hash.get())
    }
}

/// An integer in the range that differences have, or nothing: larger ones overflow whatever is done with them.
fn integer(value: &Int) -> Option<i128> {
    value.to_i128()
}

/// What `timedelta(..)` adds up: whole microseconds, and what floats leave over.
#[derive(Default)]
struct Sum {
    whole: i128,
    left_over: f64,
}

impl Sum {
    fn add(&mut self, name: &str, value: &Object, unit: i128) -> Result<(), Raised> {
        if let Some(value) = value.downcast::<Int>() {
            let more = integer(value).and_then(|value| value.checked_mul(unit));
            self.whole = more.and_then(|more| self.whole.checked_add(more)).ok_or_else(too_large)?;
            return Ok(());
        }
        let Some(value) = value.downcast::<Float>().map(Float::value) else {
            let given = value.ty().full_name();
            return Err(raise!(TypeError, "unsupported type for timedelta {name} component: {given}"));
        };
        if value.is_nan() {
            return Err(raise!(ValueError, "cannot convert float NaN to integer"));
        }
        if value.is_infinite() {
            return Err(raise!(OverflowError, "cannot convert float infinity to integer"));
        }
        if value.trunc().abs() > 1e26 {
            return Err(too_large());
        }
        let more = (value.trunc() as i128).checked_mul(unit);
        self.whole = more.and_then(|more| self.whole.checked_add(more)).ok_or_else(too_large)?;
        let fraction = value.fract() * unit as f64;
        self.whole += fraction.trunc() as i128;
        self.left_over += fraction.fract();
        Ok(())
    }

    /// Rounds what is left over, to an even sum from the middle.
    fn total(self) -> i128 {
        let rounded = self.left_over.round();
        if (rounded - self.left_over).abs() != 0.5 {
            return self.whole + rounded as i128;
        }
        let odd = (self.whole & 1) as f64;
        self.whole + (2.0 * ((self.left_over + odd) * 0.5).round() - odd) as i128
    }
}

#[pymethods(members = MEMBERS)]
impl Delta {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Delta>, Raised> {
        const NAMES: Names<7> = Names {
            function: Some("__new__"),
            names: ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"],
            required: 0,
            positional: 7,
        };
        const UNITS: [i128; 7] = [DAY, SECOND, 1, 1000, 60 * SECOND, 3600 * SECOND, 7 * DAY];
        let given = NAMES.parse(args, kwargs)?;
        let mut sum = Sum::default();
        for place in [2, 3, 1, 4, 5, 0, 6] {
            if let Some(value) = &given[place] {
                sum.add(NAMES.names[place], value, UNITS[place])?;
            }
        }
        instantiate(cls, Delta::fields(cls, Delta::total_parts(sum.total())?))
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let mut parts = Vec::with_capacity(3);
        for (name, value) in [("days", self.days), ("seconds", self.seconds), ("microseconds", self.microseconds)] {
            if value != 0 {
                parts.push(format!("{name}={value}"));
            }
        }
        let inside = if parts.is_empty() { "0".to_owned() } else { parts.join(", ") };
        Str::from_format(format_args!("{}({inside})", self.ty().full_name()))
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        let (minutes, seconds) = (self.seconds / 60, self.seconds % 60);
        let mut text = String::new();
        if self.days != 0 {
            text = format!("{} day{}, ", self.days, if self.days.abs() == 1 { "" } else { "s" });
        }
        text.push_str(&format!("{}:{:02}:{seconds:02}", minutes / 60, minutes % 60));
        if self.microseconds != 0 {
            text.push_str(&format!(".{:06}", self.microseconds));
        }
        Str::new(&text)
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        self.hash_value()
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<Delta>() else { return Ok(not_implemented()) };
        Ok(boolean(op.holds(self.fields_of().cmp(&other.fields_of()))))
    }

    #[slot(nb_add)]
    fn add(left: &Object, right: &Object) -> Result<Ref, Raised> {
        match (left.downcast::<Delta>(), right.downcast::<Delta>()) {
            (Some(left), Some(right)) => Ok(Delta::new(
                i64::from(left.days) + i64::from(right.days),
                i64::from(left.seconds + right.seconds),
                i64::from(left.microseconds + right.microseconds),
            )?
            .into_object()),
            _ => Ok(not_implemented()),
        }
    }

    #[slot(nb_subtract)]
    fn subtract(left: &Object, right: &Object) -> Result<Ref, Raised> {
        match (left.downcast::<Delta>(), right.downcast::<Delta>()) {
            (Some(left), Some(right)) => Ok(Delta::from_total(left.total() - right.total())?.into_object()),
            _ => Ok(not_implemented()),
        }
    }

    #[slot(nb_negative)]
    fn negative(&self) -> Result<Ref<Delta>, Raised> {
        Delta::from_total(-self.total())
    }

    #[slot(nb_positive)]
    fn positive(&self) -> Result<Ref<Delta>, Raised> {
        Delta::from_total(self.total())
    }

    #[slot(nb_absolute)]
    fn absolute(&self) -> Result<Ref<Delta>, Raised> {
        Delta::from_total(self.total().abs())
    }

    #[slot(nb_bool)]
    fn bool(&self) -> Result<bool, Raised> {
        Ok(self.fields_of() != (0, 0, 0))
    }

    #[slot(nb_multiply)]
    fn multiply(left: &Object, right: &Object) -> Result<Ref, Raised> {
        let (delta, factor) = match (left.downcast::<Delta>(), right.downcast::<Delta>()) {
            (Some(delta), _) => (delta, right),
            (_, Some(delta)) => (delta, left),
            _ => return Ok(not_implemented()),
        };
        let total = delta.total();
        let product = if let Some(factor) = factor.downcast::<Int>() {
            match integer(factor) {
                _ if total == 0 => Some(0),
                Some(factor) => total.checked_mul(factor),
                None => None,
            }
        } else if factor.isinstance::<Float>() && !factor.is_exact::<Float>() {
            let (above, below) = own_ratio(factor)?;
            Some(fraction(total, above, below)?)
        } else if let Some(factor) = factor.downcast::<Float>() {
            let (mantissa, exponent) = ratio(factor.value())?;
            let product = total * mantissa;
            match exponent {
                0.. => shifted(product, exponent),
                -126.. => Some(nearest(product, 1 << -exponent)),
                _ => Some(0),
            }
        } else {
            return Ok(not_implemented());
        };
        Ok(Delta::from_total(product.ok_or_else(too_large)?)?.into_object())
    }

    #[slot(nb_true_divide)]
    fn divide(left: &Object, right: &Object) -> Result<Ref, Raised> {
        let Some(total) = left.downcast::<Delta>().map(Delta::total) else { return Ok(not_implemented()) };
        if let Some(right) = right.downcast::<Delta>() {
            let (left, right) = (Int::from_i128(total)?, Int::from_i128(right.total())?);
            return protocol::binary_op(&left, &right, Operator::TrueDivide);
        }
        let quotient = if let Some(divisor) = right.downcast::<Int>() {
            match integer(divisor) {
                Some(0) => return Err(by_zero(false)),
                Some(divisor) if divisor.checked_abs().is_some_and(|divisor| divisor < i128::MAX / 2) => {
                    nearest(total, divisor)
                }
                _ => 0,
            }
        } else if right.isinstance::<Float>() && !right.is_exact::<Float>() {
            let (above, below) = own_ratio(right)?;
            fraction(total, below, above)?
        } else if let Some(divisor) = right.downcast::<Float>() {
            match ratio(divisor.value())? {
                (0, _) => return Err(by_zero(false)),
                (mantissa, exponent @ ..0) if total != 0 => {
                    nearest(shifted(total, -exponent).ok_or_else(too_large)?, mantissa)
                }
                (mantissa, exponent) => match shifted(mantissa, exponent.max(0)) {
                    Some(divisor) if divisor.abs() < i128::MAX / 2 => nearest(total, divisor),
                    _ => 0,
                },
            }
        } else {
            return Ok(not_implemented());
        };
        Ok(Delta::from_total(quotient)?.into_object())
    }

    #[slot(nb_floor_divide)]
    fn floor_divide(left: &Object, right: &Object) -> Result<Ref, Raised> {
        let Some(total) = left.downcast::<Delta>().map(Delta::total) else { return Ok(not_implemented()) };
        if let Some(right) = right.downcast::<Delta>() {
            return match right.total() {
                0 => Err(by_zero(false)),
                right => Ok(Int::from_i128(floor(total, right))?.into_object()),
            };
        }
        let Some(divisor) = right.downcast::<Int>() else { return Ok(not_implemented()) };
        let quotient = match integer(divisor) {
            Some(0) => return Err(by_zero(false)),
            Some(divisor) => floor(total, divisor),
            // The divisor is far larger: only the sign is left.
            None => -i128::from(total != 0 && (total < 0) != divisor.is_negative()),
        };
        Ok(Delta::from_total(quotient)?.into_object())
    }

    #[slot(nb_remainder)]
    fn remainder(left: &Object, right: &Object) -> Result<Ref, Raised> {
        match (left.downcast::<Delta>(), right.downcast::<Delta>().map(Delta::total)) {
            (Some(_), Some(0)) => Err(by_zero(true)),
            (Some(left), Some(right)) => {
                let left = left.total();
                Ok(Delta::from_total(left - floor(left, right) * right)?.into_object())
            }
            _ => Ok(not_implemented()),
        }
    }

    #[slot(nb_divmod)]
    fn divmod(left: &Object, right: &Object) -> Result<Ref, Raised> {
        match (left.downcast::<Delta>(), right.downcast::<Delta>().map(Delta::total)) {
            (Some(_), Some(0)) => Err(by_zero(false)),
            (Some(left), Some(right)) => {
                let left = left.total();
                let quotient = floor(left, right);
                let rest = Delta::from_total(left - quotient * right)?.into_object();
                Ok(Tuple::from_refs([Int::from_i128(quotient)?.into_object(), rest])?.into_object())
            }
            _ => Ok(not_implemented()),
        }
    }

    /// Total seconds in the duration.
    #[no_signature]
    fn total_seconds(&self) -> Result<Ref, Raised> {
        let (total, second) = (Int::from_i128(self.total())?, Int::from_i128(SECOND)?);
        protocol::binary_op(&total, &second, Operator::TrueDivide)
    }

    /// __reduce__() -> (cls, state)
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let items = [self.days, self.seconds, self.microseconds];
        let state = Tuple::build(3, |at| Ok(Int::from_i64(items[at].into())?.into_object()))?;
        Tuple::from_refs([self.type_ref().into_object(), state.into_object()])
    }
}

#[cfg(test)]
mod tests {
    use super::{floor, nearest, shifted};

    #[test]
    fn quotients_are_rounded_to_even_from_the_middle() {
        assert_eq!([nearest(5, 2), nearest(7, 2), nearest(-5, 2), nearest(5, -2)], [2, 4, -2, -2]);
        assert_eq!([floor(-7, 2), floor(7, -2), floor(6, 3)], [-4, -4, 2]);
        assert_eq!(shifted(1, 126), Some(1 << 126));
        assert_eq!(shifted(4, 126), None);
    }
}
