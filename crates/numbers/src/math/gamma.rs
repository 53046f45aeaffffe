//! The gamma function and its logarithm, by Lanczos' approximation.
//!
//! The coefficients are those that Boost publishes as `lanczos13m53`, good to 53 bits. The steps and their order are
//! such that results agree with CPython's to the last bit.

#![expect(clippy::excessive_precision, reason = "the coefficients as they are published")]

use std::f64::consts::PI;

use super::MathError;

const G: f64 = 6.024_680_040_776_729_583_740_234_375;
const G_MINUS_HALF: f64 = 5.524_680_040_776_729_583_740_234_375;
const LOG_PI: f64 = 1.144_729_885_849_400_174_143_427_351_353_058_711_647;

const NUMERATOR: [f64; 13] = [
    23531376880.410759688572007674451636754734846804940,
    42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843,
    17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708,
    1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801,
    31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768,
    186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024,
    210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
];

/// The coefficients of x * (x + 1) * ... * (x + 11).
const DENOMINATOR: [f64; 13] = [
    0.0,
    39916800.0,
    120543840.0,
    150917976.0,
    105258076.0,
    45995730.0,
    13339535.0,
    2637558.0,
    357423.0,
    32670.0,
    1925.0,
    66.0,
    1.0,
];

/// `math.gamma(x)`.
pub fn gamma(x: f64) -> Result<f64, MathError> {
    if !x.is_finite() {
        return if x == f64::NEG_INFINITY { Err(MathError::Domain) } else { Ok(x) };
    }
    if x == 0.0 || (x < 0.0 && x == x.floor()) {
        return Err(MathError::Domain);
    }
    if x == x.floor() && x <= 23.0 {
        // Factorials up to 22! are exact.
        return Ok((1..x as u64).map(|i| i as f64).product());
    }
    let size = x.abs();
    let value = if size < 1e-20 {
        1.0 / x
    } else if size > 200.0 {
        if x < 0.0 { 0.0 / sin_pi(x) } else { f64::INFINITY }
    } else {
        by_lanczos(x, size)
    };
    if value.is_infinite() { Err(MathError::Range) } else { Ok(value) }
}

fn by_lanczos(x: f64, size: f64) -> f64 {
    let y = size + G_MINUS_HALF;
    // What rounding took from y, to correct the power by.
    let lost = if size > G_MINUS_HALF { (y - size) - G_MINUS_HALF } else { (y - G_MINUS_HALF) - size };
    let correction = lost * G / y;
    // In two steps where the power alone would overflow.
    let power = |exponent: f64| y.powf(exponent);
    if x < 0.0 {
        let mut value = -PI / sin_pi(size) / size * y.exp() / lanczos_sum(size);
        value -= correction * value;
        if size < 140.0 {
            value / power(size - 0.5)
        } else {
            let half = power(size / 2.0 - 0.25);
            value / half / half
        }
    } else {
        let mut value = lanczos_sum(size) / y.exp();
        value += correction * value;
        if size < 140.0 {
            value * power(size - 0.5)
        } else {
            let half = power(size / 2.0 - 0.25);
            value * half * half
        }
    }
}

/// `math.lgamma(x)`: the logarithm of the absolute value of gamma.
pub fn lgamma(x: f64) -> Result<f64, MathError> {
    if !x.is_finite() {
        return Ok(if x.is_nan() { x } else { f64::INFINITY });
    }
    if x == x.floor() && x <= 2.0 {
        return if x <= 0.0 { Err(MathError::Domain) } else { Ok(0.0) };
    }
    let size = x.abs();
    if size < 1e-20 {
        return Ok(-size.ln());
    }
    let mut value = lanczos_sum(size).ln() - G;
    value += (size - 0.5) * ((size + G - 0.5).ln() - 1.0);
    if x < 0.0 {
        // By the reflection formula.
        value = LOG_PI - sin_pi(size).abs().ln() - size.ln() - value;
    }
    if value.is_infinite() { Err(MathError::Range) } else { Ok(value) }
}

/// `sin(pi * x)` without the error of `pi * x`: the argument is reduced to an eighth of the circle first.
fn sin_pi(x: f64) -> f64 {
    let y = x.abs() % 2.0;
    let value = match (2.0 * y).round() as i32 {
        0 => (PI * y).sin(),
        1 => (PI * (y - 0.5)).cos(),
        2 => (PI * (1.0 - y)).sin(),
        3 => -(PI * (y - 1.5)).cos(),
        _ => (PI * (y - 2.0)).sin(),
    };
    1f64.copysign(x) * value
}

/// The rational function, in powers of x or of 1/x, whichever is smaller.
fn lanczos_sum(x: f64) -> f64 {
    let pairs = NUMERATOR.iter().zip(&DENOMINATOR);
    let (numerator, denominator) = if x < 5.0 {
        pairs.rev().fold((0.0, 0.0), |(n, d), (a, b)| (n * x + a, d * x + b))
    } else {
        pairs.fold((0.0, 0.0), |(n, d), (a, b)| (n / x + a, d / x + b))
    };
    numerator / denominator
}
