//! `complex`: arithmetic, text in both directions, hash.

pub mod text;

use crate::float;
use crate::math::seam::hypot;

/// A complex number (`Py_complex`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Complex {
    /// The real part.
    pub real: f64,
    /// The imaginary part.
    pub imag: f64,
}

impl Complex {
    /// The number with these parts.
    pub const fn new(real: f64, imag: f64) -> Self {
        Complex { real, imag }
    }
}

impl std::ops::Add for Complex {
    type Output = Complex;

    fn add(self, other: Complex) -> Complex {
        Complex::new(self.real + other.real, self.imag + other.imag)
    }
}

impl std::ops::Sub for Complex {
    type Output = Complex;

    fn sub(self, other: Complex) -> Complex {
        Complex::new(self.real - other.real, self.imag - other.imag)
    }
}

impl std::ops::Mul for Complex {
    type Output = Complex;

    fn mul(self, other: Complex) -> Complex {
        Complex::new(self.real * other.real - self.imag * other.imag, self.real * other.imag + self.imag * other.real)
    }
}

impl std::ops::Neg for Complex {
    type Output = Complex;

    fn neg(self) -> Complex {
        Complex::new(-self.real, -self.imag)
    }
}

/// Why an operation has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComplexError {
    /// ZeroDivisionError: "complex division by zero".
    DivisionByZero,
    /// ZeroDivisionError: "0.0 to a negative or complex power".
    ZeroToNegative,
    /// OverflowError: "complex exponentiation".
    PowerOverflow,
    /// OverflowError: "absolute value too large".
    AbsoluteOverflow,
}

impl ComplexError {
    /// CPython's words.
    pub fn message(self) -> &'static str {
        match self {
            ComplexError::DivisionByZero => "complex division by zero",
            ComplexError::ZeroToNegative => "0.0 to a negative or complex power",
            ComplexError::PowerOverflow => "complex exponentiation",
            ComplexError::AbsoluteOverflow => "absolute value too large",
        }
    }

    /// Whether it is a ZeroDivisionError; else an OverflowError.
    pub fn is_zero_division(self) -> bool {
        matches!(self, ComplexError::DivisionByZero | ComplexError::ZeroToNegative)
    }
}

/// `a / b`, by Smith's method: scaled by the divisor's larger part, so that nothing overflows on the way.
pub fn div(a: Complex, b: Complex) -> Result<Complex, ComplexError> {
    let (real, imag) = (b.real.abs(), b.imag.abs());
    if real >= imag {
        if real == 0.0 {
            return Err(ComplexError::DivisionByZero);
        }
        let ratio = b.imag / b.real;
        let scale = b.real + b.imag * ratio;
        Ok(Complex::new((a.real + a.imag * ratio) / scale, (a.imag - a.real * ratio) / scale))
    } else if imag >= real {
        let ratio = b.real / b.imag;
        let scale = b.real * ratio + b.imag;
        Ok(Complex::new((a.real * ratio + a.imag) / scale, (a.imag * ratio - a.real) / scale))
    } else {
        Ok(Complex::new(f64::NAN, f64::NAN))
    }
}

/// `a ** b`: by squaring for integer exponents up to 100, else by polar coordinates.
pub fn pow(a: Complex, b: Complex) -> Result<Complex, ComplexError> {
    let result = if b.imag == 0.0 && b.real == b.real.floor() && b.real.abs() <= 100.0 {
        pow_integer(a, b.real as i32).map_err(|_| ComplexError::ZeroToNegative)?
    } else {
        pow_polar(a, b)?
    };
    if result.real.is_infinite() || result.imag.is_infinite() {
        return Err(ComplexError::PowerOverflow);
    }
    Ok(result)
}

fn pow_integer(base: Complex, exponent: i32) -> Result<Complex, ComplexError> {
    let one = Complex::new(1.0, 0.0);
    let mut result = one;
    let mut square = base;
    let mut rest = exponent.unsigned_abs();
    while rest > 0 {
        if rest & 1 == 1 {
            result = result * square;
        }
        rest >>= 1;
        square = square * square;
    }
    if exponent > 0 { Ok(result) } else { div(one, result) }
}

/// `a ** b` by polar coordinates; what overflows is infinite.
pub fn pow_polar(a: Complex, b: Complex) -> Result<Complex, ComplexError> {
    if b.real == 0.0 && b.imag == 0.0 {
        return Ok(Complex::new(1.0, 0.0));
    }
    if a.real == 0.0 && a.imag == 0.0 {
        if b.imag != 0.0 || b.real < 0.0 {
            return Err(ComplexError::ZeroToNegative);
        }
        return Ok(Complex::default());
    }
    let size = hypot(a.real, a.imag);
    let mut len = size.powf(b.real);
    let angle = a.imag.atan2(a.real);
    let mut phase = angle * b.real;
    if b.imag != 0.0 {
        len /= (angle * b.imag).exp();
        phase += b.imag * size.ln();
    }
    if phase.is_infinite() {
        // The cosine of infinity is a domain error, which CPython takes for this one.
        return Err(ComplexError::ZeroToNegative);
    }
    Ok(Complex::new(len * phase.cos(), len * phase.sin()))
}

/// `abs(a)`.
pub fn abs(a: Complex) -> Result<f64, ComplexError> {
    let size = hypot(a.real, a.imag);
    if size.is_infinite() && a.real.is_finite() && a.imag.is_finite() {
        return Err(ComplexError::AbsoluteOverflow);
    }
    Ok(size)
}

/// `hash(a)`, from the hashes of its parts (which the caller makes: that of a NaN depends on the object).
pub fn hash(real: i64, imag: i64) -> i64 {
    match real.wrapping_add(imag.wrapping_mul(1_000_003)) {
        -1 => -2,
        hash => hash,
    }
}

/// `hash(a)`, or `None` if a part is a NaN.
pub fn hash_complex(a: Complex) -> Option<i64> {
    Some(hash(float::hash::hash(a.real)?, float::hash::hash(a.imag)?))
}
