//! `cmath`: functions of complex numbers.

use habu_macros::pymodule;
use habu_numbers::cmath as plain;
use habu_numbers::complex::Complex as Value;
use habu_numbers::math::MathError;
use habu_runtime::object::args::{FromArg, Signature};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::complex::Complex;
use habu_runtime::types::complex::construct::to_complex;
use habu_runtime::types::float::Float;
use habu_runtime::types::module::Module;
use habu_runtime::types::tuple::Tuple;

use crate::fill::set;

/// The module.
pub struct Cmath;

/// An argument as a complex number.
struct Number(Value);

impl<'a> FromArg<'a> for Number {
    fn from_arg(object: &'a Object, _: &Signature, _: usize) -> Result<Number, Raised> {
        to_complex(object).map(Number)
    }
}

#[cold]
fn failed(error: MathError) -> Raised {
    match error {
        MathError::Domain => raise!(ValueError, "{}", error.message()),
        MathError::Range => raise!(OverflowError, "{}", error.message()),
    }
}

fn finish(result: plain::Result) -> Result<Ref<Complex>, Raised> {
    Complex::new(result.map_err(failed)?)
}

/// This module provides access to mathematical functions for complex
/// numbers.
#[pymodule(name = "cmath")]
impl Cmath {
    /// Return the arc cosine of z.
    fn acos(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::acos(z.0))
    }

    /// Return the inverse hyperbolic cosine of z.
    fn acosh(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::acosh(z.0))
    }

    /// Return the arc sine of z.
    fn asin(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::asin(z.0))
    }

    /// Return the inverse hyperbolic sine of z.
    fn asinh(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::asinh(z.0))
    }

    /// Return the arc tangent of z.
    fn atan(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::atan(z.0))
    }

    /// Return the inverse hyperbolic tangent of z.
    fn atanh(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::atanh(z.0))
    }

    /// Return the cosine of z.
    fn cos(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::cos(z.0))
    }

    /// Return the hyperbolic cosine of z.
    fn cosh(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::cosh(z.0))
    }

    /// Return the exponential value e**z.
    fn exp(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::exp(z.0))
    }

    /// Return the base-10 logarithm of z.
    fn log10(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::log10(z.0))
    }

    /// Return the sine of z.
    fn sin(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::sin(z.0))
    }

    /// Return the hyperbolic sine of z.
    fn sinh(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::sinh(z.0))
    }

    /// Return the square root of z.
    fn sqrt(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::sqrt(z.0))
    }

    /// Return the tangent of z.
    fn tan(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::tan(z.0))
    }

    /// Return the hyperbolic tangent of z.
    fn tanh(z: Number) -> Result<Ref<Complex>, Raised> {
        finish(plain::tanh(z.0))
    }

    /// Return argument, also known as the phase angle, of a complex.
    fn phase(z: Number) -> Result<f64, Raised> {
        Ok(plain::phase(z.0))
    }

    /// Convert a complex from rectangular coordinates to polar coordinates.
    ///
    /// r is the distance from 0 and phi the phase angle.
    fn polar(z: Number) -> Result<Ref<Tuple>, Raised> {
        let (size, phase) = plain::polar(z.0).map_err(failed)?;
        Tuple::from_refs([Float::new(size)?.into_object(), Float::new(phase)?.into_object()])
    }

    /// Convert from polar coordinates to rectangular coordinates.
    fn rect(r: f64, phi: f64) -> Result<Ref<Complex>, Raised> {
        finish(plain::rect(r, phi))
    }

    /// log(z[, base]) -> the logarithm of z to the given base.
    ///
    /// If the base is not specified, returns the natural logarithm (base e) of z.
    #[signature(z, base = Option::None, /)]
    fn log(z: Number, base: Option<&Object>) -> Result<Ref<Complex>, Raised> {
        match base {
            None => finish(plain::log(z.0)),
            Some(base) => finish(plain::log_base(z.0, to_complex(base)?)),
        }
    }

    /// Return True if both the real and imaginary parts of z are finite, else False.
    fn isfinite(z: Number) -> Result<bool, Raised> {
        Ok(z.0.real.is_finite() && z.0.imag.is_finite())
    }

    /// Checks if the real or imaginary part of z is infinite.
    fn isinf(z: Number) -> Result<bool, Raised> {
        Ok(z.0.real.is_infinite() || z.0.imag.is_infinite())
    }

    /// Checks if the real or imaginary part of z not a number (NaN).
    fn isnan(z: Number) -> Result<bool, Raised> {
        Ok(z.0.real.is_nan() || z.0.imag.is_nan())
    }

    /// Determine whether two complex numbers are close in value.
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
    /// For the values to be considered close, the difference between them must be
    /// smaller than at least one of the tolerances.
    ///
    /// -inf, inf and NaN behave similarly to the IEEE 754 Standard. That is, NaN is
    /// not close to anything, even itself. inf and -inf are only close to themselves.
    #[signature(a, b, *, rel_tol = 1e-09, abs_tol = 0.0)]
    fn isclose(a: Number, b: Number, rel_tol: f64, abs_tol: f64) -> Result<bool, Raised> {
        if rel_tol < 0.0 || abs_tol < 0.0 {
            return Err(raise!(ValueError, "tolerances must be non-negative"));
        }
        let (a, b) = (a.0, b.0);
        if a.real == b.real && a.imag == b.imag {
            return Ok(true);
        }
        if [a.real, a.imag, b.real, b.imag].iter().any(|part| part.is_infinite()) {
            return Ok(false);
        }
        let size = |value: Value| value.real.hypot(value.imag);
        let difference = size(a - b);
        Ok(difference <= rel_tol * size(b) || difference <= rel_tol * size(a) || difference <= abs_tol)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set(module, "pi", std::f64::consts::PI)?;
        set(module, "e", std::f64::consts::E)?;
        set(module, "tau", std::f64::consts::TAU)?;
        set(module, "inf", f64::INFINITY)?;
        set(module, "nan", f64::NAN)?;
        set(module, "infj", Complex::new(Value::new(0.0, f64::INFINITY))?)?;
        set(module, "nanj", Complex::new(Value::new(0.0, f64::NAN))?)
    }
}
