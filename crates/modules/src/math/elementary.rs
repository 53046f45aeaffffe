//! The functions of one float in `math` that are C's, with the errors that Python makes of their special results.

use habu_macros::pymodule;
use habu_numbers::math::seam;
use habu_runtime::object::Raised;

use super::{Infinite, Math, checked};

#[pymodule(table = ELEMENTARY)]
impl Math {
    /// Return the arc cosine (measured in radians) of x.
    ///
    /// The result is between 0 and pi.
    fn acos(x: f64) -> Result<f64, Raised> {
        checked(x, x.acos(), Infinite::Domain)
    }

    /// Return the inverse hyperbolic cosine of x.
    fn acosh(x: f64) -> Result<f64, Raised> {
        checked(x, seam::acosh(x), Infinite::Domain)
    }

    /// Return the arc sine (measured in radians) of x.
    ///
    /// The result is between -pi/2 and pi/2.
    fn asin(x: f64) -> Result<f64, Raised> {
        checked(x, x.asin(), Infinite::Domain)
    }

    /// Return the inverse hyperbolic sine of x.
    fn asinh(x: f64) -> Result<f64, Raised> {
        checked(x, seam::asinh(x), Infinite::Domain)
    }

    /// Return the arc tangent (measured in radians) of x.
    ///
    /// The result is between -pi/2 and pi/2.
    fn atan(x: f64) -> Result<f64, Raised> {
        checked(x, x.atan(), Infinite::Domain)
    }

    /// Return the inverse hyperbolic tangent of x.
    fn atanh(x: f64) -> Result<f64, Raised> {
        checked(x, seam::atanh(x), Infinite::Domain)
    }

    /// Return the cube root of x.
    fn cbrt(x: f64) -> Result<f64, Raised> {
        checked(x, seam::cbrt(x), Infinite::Domain)
    }

    /// Return the cosine of x (measured in radians).
    fn cos(x: f64) -> Result<f64, Raised> {
        checked(x, x.cos(), Infinite::Domain)
    }

    /// Return the hyperbolic cosine of x.
    fn cosh(x: f64) -> Result<f64, Raised> {
        checked(x, x.cosh(), Infinite::Range)
    }

    /// Return e raised to the power of x.
    fn exp(x: f64) -> Result<f64, Raised> {
        checked(x, x.exp(), Infinite::Range)
    }

    /// Return 2 raised to the power of x.
    fn exp2(x: f64) -> Result<f64, Raised> {
        checked(x, seam::exp2(x), Infinite::Range)
    }

    /// Return exp(x)-1.
    ///
    /// This function avoids the loss of precision involved in the direct evaluation of exp(x)-1 for small x.
    fn expm1(x: f64) -> Result<f64, Raised> {
        checked(x, seam::expm1(x), Infinite::Range)
    }

    /// Return the absolute value of the float x.
    fn fabs(x: f64) -> Result<f64, Raised> {
        checked(x, x.abs(), Infinite::Domain)
    }

    /// Return the natural logarithm of 1+x (base e).
    ///
    /// The result is computed in a way which is accurate for x near zero.
    fn log1p(x: f64) -> Result<f64, Raised> {
        checked(x, seam::log1p(x), Infinite::Domain)
    }

    /// Return the sine of x (measured in radians).
    fn sin(x: f64) -> Result<f64, Raised> {
        checked(x, x.sin(), Infinite::Domain)
    }

    /// Return the hyperbolic sine of x.
    fn sinh(x: f64) -> Result<f64, Raised> {
        checked(x, x.sinh(), Infinite::Range)
    }

    /// Return the square root of x.
    fn sqrt(x: f64) -> Result<f64, Raised> {
        checked(x, x.sqrt(), Infinite::Domain)
    }

    /// Return the tangent of x (measured in radians).
    fn tan(x: f64) -> Result<f64, Raised> {
        checked(x, x.tan(), Infinite::Domain)
    }

    /// Return the hyperbolic tangent of x.
    fn tanh(x: f64) -> Result<f64, Raised> {
        checked(x, x.tanh(), Infinite::Domain)
    }

    /// Error function at x.
    fn erf(x: f64) -> Result<f64, Raised> {
        Ok(seam::erf(x))
    }

    /// Complementary error function at x.
    fn erfc(x: f64) -> Result<f64, Raised> {
        Ok(seam::erfc(x))
    }
}
