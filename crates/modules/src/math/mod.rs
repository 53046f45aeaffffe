//! `math`: functions of floats and integers.
//!
//! `elementary` has the functions of one float that are C's; `integers` those of integers; this file the rest.

mod elementary;
mod integers;

use habu_macros::pymodule;
use habu_numbers::math::integers::Log;
use habu_numbers::math::sum::{ExactSum, SumError};
use habu_numbers::math::{MathError, gamma as gammas, neighbours, norm, seam};
use habu_runtime::exceptions::memory_error;
use habu_runtime::id;
use habu_runtime::object::protocol::number::to_f64;
use habu_runtime::object::protocol::{call0, for_each, lookup_special};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::float::Float;
use habu_runtime::types::float::construct::truncated;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::tuple::Tuple;

use crate::fill::set;

/// The module.
pub struct Math;

/// What an infinite result of a finite argument means.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Infinite {
    /// A pole: ValueError.
    Domain,
    /// Too large: OverflowError.
    Range,
}

#[cold]
fn failed(error: MathError) -> Raised {
    match error {
        MathError::Domain => raise!(ValueError, "{}", error.message()),
        MathError::Range => raise!(OverflowError, "{}", error.message()),
    }
}

/// The result of a function of `x`, unless it says that there is none.
#[inline(always)]
pub(crate) fn checked(x: f64, result: f64, infinite: Infinite) -> Result<f64, Raised> {
    if result.is_finite() { Ok(result) } else { special(x, result, infinite) }
}

#[cold]
fn special(x: f64, result: f64, infinite: Infinite) -> Result<f64, Raised> {
    if result.is_nan() && !x.is_nan() {
        return Err(failed(MathError::Domain));
    }
    if result.is_infinite() && x.is_finite() {
        return Err(failed(if infinite == Infinite::Range { MathError::Range } else { MathError::Domain }));
    }
    Ok(result)
}

/// The logarithm of a float or an integer of any size.
fn logarithm(x: &Object, log: Log) -> Result<f64, Raised> {
    if let Some(x) = x.downcast::<Int>() {
        return log.of_int(x.signed()).ok_or_else(|| failed(MathError::Domain));
    }
    let x = to_f64(x)?;
    if x <= 0.0 {
        return Err(failed(MathError::Domain));
    }
    Ok(log.of(x))
}

/// Rounds by the special method `name`, or as a float.
fn round_by(x: &Object, name: &habu_runtime::types::str::Str, round: fn(f64) -> f64) -> Result<Ref, Raised> {
    if !x.is_exact::<Float>()
        && let Some(method) = lookup_special(x, name)?
    {
        return call0(&method);
    }
    Ok(truncated(round(to_f64(x)?))?.into_object())
}

/// The coordinates of a point: of a tuple, or of any iterable.
fn coordinates(point: &Object) -> Result<habu_heap::Buffer<f64>, Raised> {
    let mut values = habu_heap::Buffer::new();
    for_each(point, |item| Ok(values.push(to_f64(&item)?)?))?;
    Ok(values)
}

fn pair(first: Ref, second: Ref) -> Result<Ref<Tuple>, Raised> {
    Tuple::from_refs([first, second])
}

/// This module provides access to the mathematical functions
/// defined by the C standard.
#[pymodule(name = "math", with(ELEMENTARY, INTEGERS))]
impl Math {
    /// Return the arc tangent (measured in radians) of y/x.
    ///
    /// Unlike atan(y/x), the signs of both x and y are considered.
    fn atan2(y: f64, x: f64) -> Result<f64, Raised> {
        Ok(y.atan2(x))
    }

    /// Return the ceiling of x as an Integral.
    ///
    /// This is the smallest integer >= x.
    fn ceil(x: &Object) -> Result<Ref, Raised> {
        round_by(x, id!(__ceil__), f64::ceil)
    }

    /// Return the floor of x as an Integral.
    ///
    /// This is the largest integer <= x.
    fn floor(x: &Object) -> Result<Ref, Raised> {
        round_by(x, id!(__floor__), f64::floor)
    }

    /// Truncates the Real x to the nearest Integral toward 0.
    ///
    /// Uses the __trunc__ magic method.
    fn trunc(x: &Object) -> Result<Ref, Raised> {
        if let Some(x) = x.downcast_exact::<Float>() {
            return Ok(truncated(x.value())?.into_object());
        }
        match lookup_special(x, id!(__trunc__))? {
            Some(method) => call0(&method),
            None => Err(raise!(TypeError, "type {} doesn't define __trunc__ method", x.ty().full_name())),
        }
    }

    /// Return a float with the magnitude (absolute value) of x but the sign of y.
    ///
    /// On platforms that support signed zeros, copysign(1.0, -0.0)
    /// returns -1.0.
    ///
    fn copysign(x: f64, y: f64) -> Result<f64, Raised> {
        Ok(x.copysign(y))
    }

    /// Convert angle x from radians to degrees.
    fn degrees(x: f64) -> Result<f64, Raised> {
        Ok(x * (180.0 / std::f64::consts::PI))
    }

    /// Convert angle x from degrees to radians.
    fn radians(x: f64) -> Result<f64, Raised> {
        Ok(x * (std::f64::consts::PI / 180.0))
    }

    /// Return the Euclidean distance between two points p and q.
    ///
    /// The points should be specified as sequences (or iterables) of
    /// coordinates.  Both inputs must have the same dimension.
    ///
    /// Roughly equivalent to:
    ///     sqrt(sum((px - qx) ** 2.0 for px, qx in zip(p, q)))
    fn dist(p: &Object, q: &Object) -> Result<f64, Raised> {
        let (p, q) = (coordinates(p)?, coordinates(q)?);
        if p.len() != q.len() {
            return Err(raise!(ValueError, "both points must have the same number of dimensions"));
        }
        Ok(norm::dist(&p, &q))
    }

    /// hypot(*coordinates) -> value
    ///
    /// Multidimensional Euclidean distance from the origin to a point.
    ///
    /// Roughly equivalent to:
    ///     sqrt(sum(x**2 for x in coordinates))
    ///
    /// For a two dimensional point (x, y), gives the hypotenuse
    /// using the Pythagorean theorem:  sqrt(x*x + y*y).
    ///
    /// For example, the hypotenuse of a 3/4/5 right triangle is:
    ///
    ///     >>> hypot(3.0, 4.0)
    ///     5.0
    ///
    #[no_signature]
    #[signature(*coordinates)]
    fn hypot(coordinates: &[&Object]) -> Result<f64, Raised> {
        let mut values = habu_heap::Buffer::with_capacity(coordinates.len())?;
        for coordinate in coordinates {
            values.push(to_f64(coordinate)?)?;
        }
        Ok(norm::hypot(&values))
    }

    /// Return fmod(x, y), according to platform C.
    ///
    /// x % y may differ.
    fn fmod(x: f64, y: f64) -> Result<f64, Raised> {
        if y.is_infinite() && x.is_finite() {
            return Ok(x);
        }
        let result = x % y;
        if result.is_nan() && !x.is_nan() && !y.is_nan() {
            return Err(failed(MathError::Domain));
        }
        Ok(result)
    }

    /// Difference between x and the closest integer multiple of y.
    ///
    /// Return x - n*y where n*y is the closest integer multiple of y.
    /// In the case where x is exactly halfway between two multiples of
    /// y, the nearest even value of n is used. The result is always exact.
    fn remainder(x: f64, y: f64) -> Result<f64, Raised> {
        if x.is_finite() && y.is_infinite() {
            return Ok(x);
        }
        let result = seam::remainder(x, y);
        if result.is_nan() && !x.is_nan() && !y.is_nan() {
            return Err(failed(MathError::Domain));
        }
        Ok(result)
    }

    /// Return x**y (x to the power of y).
    fn pow(x: f64, y: f64) -> Result<f64, Raised> {
        let result = x.powf(y);
        if x.is_finite() && y.is_finite() {
            if result.is_nan() {
                return Err(failed(MathError::Domain));
            }
            if result.is_infinite() {
                return Err(failed(if x == 0.0 { MathError::Domain } else { MathError::Range }));
            }
        }
        Ok(result)
    }

    /// Return the mantissa and exponent of x, as pair (m, e).
    ///
    /// m is a float and e is an int, such that x = m * 2.**e.
    /// If x is 0, m and e are both 0.  Else 0.5 <= abs(m) < 1.0.
    fn frexp(x: f64) -> Result<Ref<Tuple>, Raised> {
        let (mantissa, exponent) = neighbours::frexp(x);
        pair(Float::new(mantissa)?.into_object(), Int::from_i64(i64::from(exponent))?.into_object())
    }

    /// Return x * (2**i).
    ///
    /// This is essentially the inverse of frexp().
    fn ldexp(x: f64, i: &Object) -> Result<f64, Raised> {
        let Some(exponent) = i.downcast::<Int>() else {
            return Err(raise!(TypeError, "Expected an int as second argument to ldexp."));
        };
        let exponent = habu_numbers::digits::small::to_i64_clamped(exponent.signed());
        neighbours::ldexp(x, exponent).ok_or_else(|| failed(MathError::Range))
    }

    /// Return the fractional and integer parts of x.
    ///
    /// Both results carry the sign of x and are floats.
    fn modf(x: f64) -> Result<Ref<Tuple>, Raised> {
        let (fraction, whole) = neighbours::modf(x);
        pair(Float::new(fraction)?.into_object(), Float::new(whole)?.into_object())
    }

    /// Return the next floating-point value after x towards y.
    fn nextafter(x: f64, y: f64) -> Result<f64, Raised> {
        Ok(neighbours::nextafter(x, y))
    }

    /// Return the value of the least significant bit of the float x.
    fn ulp(x: f64) -> Result<f64, Raised> {
        Ok(neighbours::ulp(x))
    }

    /// Gamma function at x.
    fn gamma(x: f64) -> Result<f64, Raised> {
        gammas::gamma(x).map_err(failed)
    }

    /// Natural logarithm of absolute value of Gamma function at x.
    fn lgamma(x: f64) -> Result<f64, Raised> {
        gammas::lgamma(x).map_err(failed)
    }

    /// log(x, [base=math.e])
    /// Return the logarithm of x to the given base.
    ///
    /// If the base not specified, returns the natural logarithm (base e) of x.
    #[no_signature]
    #[signature(x, base = None, /)]
    #[varargs(unpack)]
    fn log(x: &Object, base: Option<&Object>) -> Result<f64, Raised> {
        let value = logarithm(x, Log::Natural)?;
        let Some(base) = base else { return Ok(value) };
        habu_runtime::types::float::arithmetic::true_divide(value, logarithm(base, Log::Natural)?)
    }

    /// Return the base 2 logarithm of x.
    fn log2(x: &Object) -> Result<f64, Raised> {
        logarithm(x, Log::Binary)
    }

    /// Return the base 10 logarithm of x.
    fn log10(x: &Object) -> Result<f64, Raised> {
        logarithm(x, Log::Decimal)
    }

    /// Return an accurate floating point sum of values in the iterable seq.
    ///
    /// Assumes IEEE-754 floating point arithmetic.
    fn fsum(seq: &Object) -> Result<f64, Raised> {
        let refuse = |error: SumError| match error {
            SumError::Overflow => raise!(OverflowError, "{}", error.message()),
            SumError::OppositeInfinities => raise!(ValueError, "{}", error.message()),
            SumError::Memory => memory_error(),
        };
        let mut sum = ExactSum::new();
        for_each(seq, |item| sum.add(to_f64(&item)?).map_err(refuse))?;
        sum.finish().map_err(refuse)
    }

    /// Return True if x is neither an infinity nor a NaN, and False otherwise.
    fn isfinite(x: f64) -> Result<bool, Raised> {
        Ok(x.is_finite())
    }

    /// Return True if x is a positive or negative infinity, and False otherwise.
    fn isinf(x: f64) -> Result<bool, Raised> {
        Ok(x.is_infinite())
    }

    /// Return True if x is a NaN (not a number), and False otherwise.
    fn isnan(x: f64) -> Result<bool, Raised> {
        Ok(x.is_nan())
    }

    /// Determine whether two floating point numbers are close in value.
    ///
    ///   rel_tol
    ///     maximum difference for being considered "close", relative to the
    ///     magnitude of the input values
    ///   abs_tol
    ///     maximum difference for being considered "close", regardless of the
    ///     magnitude of the input values
    ///
    /// Return True if a is close in value to b, and False otherwise.
    ///
    /// For the values to be considered close, the difference between them
    /// must be smaller than at least one of the tolerances.
    ///
    /// -inf, inf and NaN behave similarly to the IEEE 754 Standard.  That
    /// is, NaN is not close to anything, even itself.  inf and -inf are
    /// only close to themselves.
    #[signature(a, b, *, rel_tol = 1e-09, abs_tol = 0.0)]
    fn isclose(a: f64, b: f64, rel_tol: f64, abs_tol: f64) -> Result<bool, Raised> {
        if rel_tol < 0.0 || abs_tol < 0.0 {
            return Err(raise!(ValueError, "tolerances must be non-negative"));
        }
        if a == b {
            return Ok(true);
        }
        if a.is_infinite() || b.is_infinite() {
            return Ok(false);
        }
        let difference = (b - a).abs();
        Ok(difference <= (rel_tol * b).abs() || difference <= (rel_tol * a).abs() || difference <= abs_tol)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set(module, "pi", std::f64::consts::PI)?;
        set(module, "e", std::f64::consts::E)?;
        set(module, "tau", std::f64::consts::TAU)?;
        set(module, "inf", f64::INFINITY)?;
        set(module, "nan", f64::NAN)
    }
}
