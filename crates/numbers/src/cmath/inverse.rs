//! The inverse hyperbolic and circular functions.

use std::f64::consts::{FRAC_PI_2, LN_2};

use super::{Complex, LARGE, Result, is_finite, over_i, special, sqrt_finite, times_i};
use crate::math::MathError;
use crate::math::seam;

/// The logarithm of twice the size of a large number: what the inverse functions come to far out.
fn log_twice_size(z: Complex) -> f64 {
    seam::hypot(z.real / 2.0, z.imag / 2.0).ln() + LN_2 * 2.0
}

fn is_large(z: Complex) -> bool {
    z.real.abs() > LARGE || z.imag.abs() > LARGE
}

/// `cmath.acos(z)`.
pub fn acos(z: Complex) -> Result {
    if !is_finite(z) {
        return special::look_up(&special::ACOS, z);
    }
    if is_large(z) {
        let size = log_twice_size(z);
        return Ok(Complex::new(z.imag.abs().atan2(z.real), -size.copysign(z.imag)));
    }
    let minus = sqrt_finite(Complex::new(1.0 - z.real, -z.imag));
    let plus = sqrt_finite(Complex::new(1.0 + z.real, z.imag));
    Ok(Complex::new(2.0 * minus.real.atan2(plus.real), seam::asinh(plus.real * minus.imag - plus.imag * minus.real)))
}

/// `cmath.acosh(z)`.
pub fn acosh(z: Complex) -> Result {
    if !is_finite(z) {
        return special::look_up(&special::ACOSH, z);
    }
    if is_large(z) {
        return Ok(Complex::new(log_twice_size(z), z.imag.atan2(z.real)));
    }
    let minus = sqrt_finite(Complex::new(z.real - 1.0, z.imag));
    let plus = sqrt_finite(Complex::new(z.real + 1.0, z.imag));
    Ok(Complex::new(seam::asinh(minus.real * plus.real + minus.imag * plus.imag), 2.0 * minus.imag.atan2(plus.real)))
}

/// `cmath.asinh(z)`.
pub fn asinh(z: Complex) -> Result {
    if !is_finite(z) {
        return special::look_up(&special::ASINH, z);
    }
    if is_large(z) {
        return Ok(Complex::new(log_twice_size(z).copysign(z.real), z.imag.atan2(z.real.abs())));
    }
    let plus = sqrt_finite(Complex::new(1.0 + z.imag, -z.real));
    let minus = sqrt_finite(Complex::new(1.0 - z.imag, z.real));
    Ok(Complex::new(
        seam::asinh(plus.real * minus.imag - minus.real * plus.imag),
        z.imag.atan2(plus.real * minus.real - plus.imag * minus.imag),
    ))
}

/// `cmath.atanh(z)`.
pub fn atanh(z: Complex) -> Result {
    if !is_finite(z) {
        return special::look_up(&special::ATANH, z);
    }
    // Computed in the right half plane.
    if z.real.is_sign_negative() {
        return right_atanh(-z).map(|w| -w);
    }
    right_atanh(z)
}

fn right_atanh(z: Complex) -> Result {
    let y = z.imag.abs();
    let sqrt_large = LARGE.sqrt();
    if z.real > sqrt_large || y > sqrt_large {
        let size = seam::hypot(z.real / 2.0, z.imag / 2.0);
        return Ok(Complex::new(z.real / 4.0 / size / size, -FRAC_PI_2.copysign(-z.imag)));
    }
    if z.real == 1.0 && y < f64::MIN_POSITIVE.sqrt() {
        if y == 0.0 {
            return Err(MathError::Domain);
        }
        return Ok(Complex::new(
            -(y.sqrt() / seam::hypot(y, 2.0).sqrt()).ln(),
            (2f64.atan2(-y) / 2.0).copysign(z.imag),
        ));
    }
    let away = 1.0 - z.real;
    Ok(Complex::new(
        seam::log1p(4.0 * z.real / (away * away + y * y)) / 4.0,
        -(-2.0 * z.imag).atan2(away * (1.0 + z.real) - y * y) / 2.0,
    ))
}

/// `cmath.asin(z)`.
pub fn asin(z: Complex) -> Result {
    asinh(times_i(z)).map(over_i)
}

/// `cmath.atan(z)`.
pub fn atan(z: Complex) -> Result {
    atanh(times_i(z)).map(over_i)
}
