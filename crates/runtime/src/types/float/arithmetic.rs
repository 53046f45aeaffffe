//! The arithmetic of floats: on doubles, with the errors that Python raises.

use habu_numbers::float::arithmetic as plain;

use super::Float;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::complex::Complex;
use crate::types::int::{Int, value::to_f64};

/// The operand of a float's operator as a double: of a float or an integer; nothing of anything else. An integer may be too large.
#[inline(always)]
pub fn operand(object: &Object) -> Result<Option<f64>, Raised> {
    if let Some(value) = object.downcast_exact::<Float>() {
        return Ok(Some(value.value()));
    }
    other_operand(object)
}

fn other_operand(object: &Object) -> Result<Option<f64>, Raised> {
    if let Some(value) = object.downcast::<Int>() {
        return to_f64(value).map(Some);
    }
    Ok(object.downcast::<Float>().map(Float::value))
}

/// `left + right`
#[inline(always)]
pub fn add(left: &Float, right: &Float) -> Result<Ref<Float>, Raised> {
    Float::new(left.value() + right.value())
}

/// `left - right`
#[inline(always)]
pub fn subtract(left: &Float, right: &Float) -> Result<Ref<Float>, Raised> {
    Float::new(left.value() - right.value())
}

/// `left * right`
#[inline(always)]
pub fn multiply(left: &Float, right: &Float) -> Result<Ref<Float>, Raised> {
    Float::new(left.value() * right.value())
}

/// `left / right`
#[inline(always)]
pub fn true_divide(left: f64, right: f64) -> Result<f64, Raised> {
    if right == 0.0 {
        return Err(raise!(ZeroDivisionError, "float division by zero"));
    }
    Ok(left / right)
}

/// `left // right`
#[inline]
pub fn floor_divide(left: f64, right: f64) -> Result<f64, Raised> {
    plain::floor_div(left, right).ok_or_else(|| raise!(ZeroDivisionError, "float floor division by zero"))
}

/// `left % right`
#[inline]
pub fn remainder(left: f64, right: f64) -> Result<f64, Raised> {
    plain::modulo(left, right).ok_or_else(|| raise!(ZeroDivisionError, "float modulo"))
}

/// `divmod(left, right)`
pub fn divmod(left: f64, right: f64) -> Result<(f64, f64), Raised> {
    plain::floor_divmod(left, right).ok_or_else(|| raise!(ZeroDivisionError, "float divmod()"))
}

/// `left ** right`: a float, or a complex number for a fractional power of a negative one.
pub fn power(left: f64, right: f64) -> Result<Ref, Raised> {
    match plain::pow(left, right) {
        plain::Power::Value(value) => Ok(Float::new(value)?.into_object()),
        plain::Power::Complex => {
            let number = habu_numbers::complex::Complex::new;
            Ok(Complex::new(Complex::power_of(number(left, 0.0), number(right, 0.0))?)?.into_object())
        }
        plain::Power::ZeroDivision => Err(raise!(ZeroDivisionError, "0.0 cannot be raised to a negative power")),
        plain::Power::Overflow => Err(out_of_range()),
    }
}

/// OverflowError(34, 'Numerical result out of range'), as C's `errno` tells it.
#[cold]
pub fn out_of_range() -> Raised {
    let make = || -> Result<Raised, Raised> {
        let (number, text) = (Int::from_i64(34)?, crate::types::str::Str::new("Numerical result out of range")?);
        Ok(crate::exceptions::raise_with_arguments(crate::exceptions::exc::OverflowError(), &[&number, &text]))
    };
    make().unwrap_or_else(|raised| raised)
}
