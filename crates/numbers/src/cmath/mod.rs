//! The functions of `cmath`.
//!
//! Finite arguments go by W. Kahan's formulas ("Branch cuts for complex elementary functions", 1987), which keep
//! precision near the branch cuts and signs on them; the others by [`special`], which holds what C99's annex G
//! prescribes. Steps and their order are such that results agree with CPython's to the last bit.

mod hyperbolic;
mod inverse;
mod special;

pub use hyperbolic::{cos, cosh, exp, sin, sinh, tan, tanh};
pub use inverse::{acos, acosh, asin, asinh, atan, atanh};

use std::f64::consts::{LN_2, LN_10};

use crate::complex::{self, Complex};
use crate::math::MathError;
use crate::math::seam;

/// What a function gives.
pub type Result = std::result::Result<Complex, MathError>;

/// Above this a square or a sum of two could overflow.
const LARGE: f64 = f64::MAX / 4.0;

/// `i * z`.
fn times_i(z: Complex) -> Complex {
    Complex::new(-z.imag, z.real)
}

/// `-i * z`.
fn over_i(z: Complex) -> Complex {
    Complex::new(z.imag, -z.real)
}

fn is_finite(z: Complex) -> bool {
    z.real.is_finite() && z.imag.is_finite()
}

/// An infinite result of finite arguments is out of range.
fn in_range(z: Complex) -> Result {
    if z.real.is_infinite() || z.imag.is_infinite() { Err(MathError::Range) } else { Ok(z) }
}

/// The square root in the right half plane, without the special values.
fn sqrt_finite(z: Complex) -> Complex {
    if z.real == 0.0 && z.imag == 0.0 {
        return Complex::new(0.0, z.imag);
    }
    let (x, y) = (z.real.abs(), z.imag.abs());
    let root = if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        // Scaled up, so that no bits are lost among the subnormals.
        let x = seam::ldexp(x, 53);
        seam::ldexp((x + seam::hypot(x, seam::ldexp(y, 53))).sqrt(), -27)
    } else {
        let x = x / 8.0;
        2.0 * (x + seam::hypot(x, y / 8.0)).sqrt()
    };
    let other = y / (2.0 * root);
    if z.real >= 0.0 { Complex::new(root, other.copysign(z.imag)) } else { Complex::new(other, root.copysign(z.imag)) }
}

/// `cmath.sqrt(z)`.
pub fn sqrt(z: Complex) -> Result {
    if is_finite(z) { Ok(sqrt_finite(z)) } else { special::look_up(&special::SQRT, z) }
}

/// `cmath.log(z)`: the natural logarithm.
pub fn log(z: Complex) -> Result {
    if !is_finite(z) {
        return special::look_up(&special::LOG, z);
    }
    let (x, y) = (z.real.abs(), z.imag.abs());
    let real = if x > LARGE || y > LARGE {
        seam::hypot(x / 2.0, y / 2.0).ln() + LN_2
    } else if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        if x == 0.0 && y == 0.0 {
            return Err(MathError::Domain);
        }
        seam::hypot(seam::ldexp(x, 53), seam::ldexp(y, 53)).ln() - 53.0 * LN_2
    } else {
        let size = seam::hypot(x, y);
        if (0.71..=1.73).contains(&size) {
            // Near 1 the logarithm is small: from what the squares have above 1.
            let (larger, smaller) = (x.max(y), x.min(y));
            seam::log1p((larger - 1.0) * (larger + 1.0) + smaller * smaller) / 2.0
        } else {
            size.ln()
        }
    };
    Ok(Complex::new(real, z.imag.atan2(z.real)))
}

/// `cmath.log(z, base)`. A base of 1 is a division by zero, which CPython reports as a domain error; the logarithm of
/// 0 goes into the division as minus infinity.
pub fn log_base(z: Complex, base: Complex) -> Result {
    let logarithm = log(z).unwrap_or(Complex::new(f64::NEG_INFINITY, phase(z)));
    complex::div(logarithm, log(base)?).map_err(|_| MathError::Domain)
}

/// `cmath.log10(z)`.
pub fn log10(z: Complex) -> Result {
    let natural = log(z)?;
    Ok(Complex::new(natural.real / LN_10, natural.imag / LN_10))
}

/// `cmath.phase(z)`.
pub fn phase(z: Complex) -> f64 {
    z.imag.atan2(z.real)
}

/// `cmath.polar(z)`: size and phase. The size may overflow.
pub fn polar(z: Complex) -> std::result::Result<(f64, f64), MathError> {
    let size = complex::abs(z).map_err(|_| MathError::Range)?;
    Ok((size, phase(z)))
}

/// `cmath.rect(size, phase)`.
pub fn rect(size: f64, phase: f64) -> Result {
    if !(size.is_finite() && phase.is_finite()) {
        if size.is_infinite() && phase.is_finite() && phase != 0.0 {
            return Ok(Complex::new(
                size.signum() * f64::INFINITY.copysign(phase.cos()),
                size.signum() * f64::INFINITY.copysign(phase.sin()),
            ));
        }
        return special::look_up(&special::RECT, Complex::new(size, phase));
    }
    if phase == 0.0 {
        // So that the sign of a zero phase lives on.
        return Ok(Complex::new(size, size * phase));
    }
    Ok(Complex::new(size * phase.cos(), size * phase.sin()))
}
