//! `_statistics`: the inverse of the normal distribution, for `statistics.NormalDist`.
//!
//! After M. J. Wichura, "Algorithm AS241: The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988): a
//! rational function near the middle, and two of the logarithm's root for the tails.

#![allow(clippy::excessive_precision, reason = "the digits of the publication")]

use habu_macros::pymodule;
use habu_runtime::object::Raised;

/// The module.
pub struct Statistics;

const MIDDLE: ([f64; 8], [f64; 8]) = (
    [
        2509.0809287301226727,
        33430.575583588128105,
        67265.770927008700853,
        45921.953931549871457,
        13731.693765509461125,
        1971.5909503065514427,
        133.14166789178437745,
        3.3871328727963666080,
    ],
    [
        5226.4952788528545610,
        28729.085735721942674,
        39307.895800092710610,
        21213.794301586595867,
        5394.1960214247511077,
        687.18700749205790830,
        42.313330701600911252,
        1.0,
    ],
);

const NEAR_TAIL: ([f64; 8], [f64; 8]) = (
    [
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258,
        3.64784832476320460504,
        5.76949722146069140550,
        4.63033784615654529590,
        1.42343711074968357734,
    ],
    [
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940,
        2.05319162663775882187,
        1.0,
    ],
);

const FAR_TAIL: ([f64; 8], [f64; 8]) = (
    [
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580,
        5.46378491116411436990,
        6.65790464350110377720,
    ],
    [
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ],
);

/// The value of a polynomial, highest coefficient first.
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// The number of standard deviations below which the part `p` of a normal distribution lies; NaN outside of (0, 1).
fn percentage_point(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return polynomial(&MIDDLE.0, r) * q / polynomial(&MIDDLE.1, r);
    }
    let tail = if q <= 0.0 { p } else { 1.0 - p };
    if !(tail > 0.0 && tail < 1.0) {
        return f64::NAN;
    }
    let r = (-tail.ln()).sqrt();
    let ((numerator, denominator), r) = if r <= 5.0 { (NEAR_TAIL, r - 1.6) } else { (FAR_TAIL, r - 5.0) };
    let x = polynomial(&numerator, r) / polynomial(&denominator, r);
    if q < 0.0 { -x } else { x }
}

/// Accelerators for the statistics module.
#[pymodule(name = "_statistics")]
impl Statistics {
    fn _normal_dist_inv_cdf(p: f64, mu: f64, sigma: f64) -> Result<f64, Raised> {
        Ok(mu + percentage_point(p) * sigma)
    }
}
