//! The complex number object as Rust uses it.

use habu_macros::pytype;
use habu_numbers::complex::{Complex as Number, ComplexError};

use crate::object::{Object, PyType, Raised, Ref, Type};
use crate::raise;

/// complex(real=0, imag=0)
/// --
///
/// Create a complex number from a real part and an optional imaginary part.
///
/// This is equivalent to (real + imag*1j) where imag defaults to 0.
#[pytype(name = "complex", generic_get, c_name = "PyComplex_Type", basetype)]
pub struct Complex {
    /// The header.
    pub base: Object,
    pub(super) real: f64,
    pub(super) imag: f64,
}

crate::assert_layout!(Complex, size 32, real @ 16, imag @ 24);

impl Complex {
    /// A complex number.
    pub fn new(value: Number) -> Result<Ref<Complex>, Raised> {
        crate::object::create(Complex::fields(value))
    }

    /// A number of the type `cls`, complex or a subclass.
    pub fn instantiate(cls: &Type, value: Number) -> Result<Ref<Complex>, Raised> {
        if std::ptr::eq(cls, Complex::type_object()) {
            return Complex::new(value);
        }
        crate::object::instantiate(cls, Complex::fields(value))
    }

    fn fields(value: Number) -> Complex {
        Complex { base: Object::of::<Complex>(), real: value.real, imag: value.imag }
    }

    /// The value.
    #[inline(always)]
    pub fn value(&self) -> Number {
        Number::new(self.real, self.imag)
    }

    /// `left ** right`
    pub fn power_of(left: Number, right: Number) -> Result<Number, Raised> {
        habu_numbers::complex::pow(left, right).map_err(failed)
    }
}

/// The exception of an operation without a result.
#[cold]
pub(super) fn failed(error: ComplexError) -> Raised {
    if error.is_zero_division() {
        raise!(ZeroDivisionError, "{}", error.message())
    } else {
        raise!(OverflowError, "{}", error.message())
    }
}
