//! The exponential, and the hyperbolic and circular functions.

use std::f64::consts::E;

use super::{Complex, Result, in_range, is_finite, over_i, special, times_i};

/// Above this `exp` and `cosh` could overflow where their product with a sine does not: log(f64::MAX / 4).
const LOG_LARGE: f64 = 708.396_418_532_264_1;

/// `cmath.exp(z)`.
pub fn exp(z: Complex) -> Result {
    if !is_finite(z) {
        if z.real.is_infinite() && z.imag.is_finite() && z.imag != 0.0 {
            let size = if z.real > 0.0 { f64::INFINITY } else { 0.0 };
            return Ok(Complex::new(size.copysign(z.imag.cos()), size.copysign(z.imag.sin())));
        }
        return special::look_up(&special::EXP, z);
    }
    let (size, factor) = if z.real > LOG_LARGE { ((z.real - 1.0).exp(), E) } else { (z.real.exp(), 1.0) };
    in_range(Complex::new(size * z.imag.cos() * factor, size * z.imag.sin() * factor))
}

/// `cmath.cosh(z)`.
pub fn cosh(z: Complex) -> Result {
    if !is_finite(z) {
        if z.real.is_infinite() && z.imag.is_finite() && z.imag != 0.0 {
            let imag = f64::INFINITY.copysign(z.imag.sin());
            return Ok(Complex::new(f64::INFINITY.copysign(z.imag.cos()), if z.real > 0.0 { imag } else { -imag }));
        }
        return special::look_up(&special::COSH, z);
    }
    let (x, factor) = reduced(z.real);
    in_range(Complex::new(z.imag.cos() * x.cosh() * factor, z.imag.sin() * x.sinh() * factor))
}

/// `cmath.sinh(z)`.
pub fn sinh(z: Complex) -> Result {
    if !is_finite(z) {
        if z.real.is_infinite() && z.imag.is_finite() && z.imag != 0.0 {
            let real = f64::INFINITY.copysign(z.imag.cos());
            return Ok(Complex::new(if z.real > 0.0 { real } else { -real }, f64::INFINITY.copysign(z.imag.sin())));
        }
        return special::look_up(&special::SINH, z);
    }
    let (x, factor) = reduced(z.real);
    in_range(Complex::new(z.imag.cos() * x.sinh() * factor, z.imag.sin() * x.cosh() * factor))
}

/// A large argument less 1, and e to multiply by; else the argument and 1.
fn reduced(x: f64) -> (f64, f64) {
    if x.abs() > LOG_LARGE { (x - 1f64.copysign(x), E) } else { (x, 1.0) }
}

/// `cmath.tanh(z)`.
pub fn tanh(z: Complex) -> Result {
    if !is_finite(z) {
        if z.real.is_infinite() && z.imag.is_finite() && z.imag != 0.0 {
            let imag = 0f64.copysign(2.0 * z.imag.sin() * z.imag.cos());
            return Ok(Complex::new(1f64.copysign(z.real), imag));
        }
        return special::look_up(&special::TANH, z);
    }
    if z.real.abs() > LOG_LARGE {
        let imag = 4.0 * z.imag.sin() * z.imag.cos() * (-2.0 * z.real.abs()).exp();
        return Ok(Complex::new(1f64.copysign(z.real), imag));
    }
    let (x, y) = (z.real.tanh(), z.imag.tan());
    let secant = 1.0 / z.real.cosh();
    let product = x * y;
    let denominator = 1.0 + product * product;
    Ok(Complex::new(x * (1.0 + y * y) / denominator, y / denominator * secant * secant))
}

/// `cmath.cos(z)`.
pub fn cos(z: Complex) -> Result {
    cosh(times_i(z))
}

/// `cmath.sin(z)`.
pub fn sin(z: Complex) -> Result {
    sinh(times_i(z)).map(over_i)
}

/// `cmath.tan(z)`.
pub fn tan(z: Complex) -> Result {
    tanh(times_i(z)).map(over_i)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bound_is_the_logarithm() {
        assert_eq!(super::LOG_LARGE, (f64::MAX / 4.0).ln());
        assert!(super::exp(super::Complex::new(710.0, 0.0)).is_err_and(|e| e == crate::math::MathError::Range));
    }
}
