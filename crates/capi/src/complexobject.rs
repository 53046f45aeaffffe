//! `complexobject.h`

use habu_modules::system::set_errno;
use habu_numbers::complex::{self, Complex as Number, ComplexError};
use habu_runtime::object::{Object, Raised};
use habu_runtime::types::complex::Complex;
use habu_runtime::types::complex::construct::to_complex;

use crate::border::*;
use crate::floatobject::double;

/// A complex number of C (`Py_complex`).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CComplex {
    real: f64,
    imag: f64,
}

impl From<Number> for CComplex {
    fn from(value: Number) -> CComplex {
        CComplex { real: value.real, imag: value.imag }
    }
}

impl From<CComplex> for Number {
    fn from(value: CComplex) -> Number {
        Number::new(value.real, value.imag)
    }
}

/// The complex number that an object has.
fn complex(object: &Object) -> Result<CComplex, Raised> {
    to_complex(object).map(CComplex::from)
}

/// The result of an operation; one that there is not is told by `errno`, which nothing else changes.
fn or_errno(result: Result<Number, ComplexError>) -> CComplex {
    match result {
        Ok(value) => value.into(),
        Err(error) => {
            set_errno(if error.is_zero_division() { libc::EDOM } else { libc::ERANGE });
            CComplex { real: 0.0, imag: 0.0 }
        }
    }
}

export! {
    fn PyComplex_FromDoubles(real: f64, imag: f64) => New { Complex::new(Number { real, imag }) }
    fn PyComplex_FromCComplex(value: CComplex) => New { Complex::new(value.into()) }
    fn PyComplex_AsCComplex(object: &Object) -> CComplex {
        complex(object).unwrap_or(CComplex { real: -1.0, imag: 0.0 })
    }
    fn PyComplex_RealAsDouble(object: &Object) => f64 {
        match object.downcast::<Complex>() {
            Some(value) => Ok(value.value().real),
            None => double(Some(object)),
        }
    }
    fn PyComplex_ImagAsDouble(object: &Object) => f64 {
        Ok(object.downcast::<Complex>().map_or(0.0, |value| value.value().imag))
    }
    fn _Py_c_sum(left: CComplex, right: CComplex) -> CComplex {
        CComplex { real: left.real + right.real, imag: left.imag + right.imag }
    }
    fn _Py_c_diff(left: CComplex, right: CComplex) -> CComplex {
        CComplex { real: left.real - right.real, imag: left.imag - right.imag }
    }
    fn _Py_c_neg(value: CComplex) -> CComplex { CComplex { real: -value.real, imag: -value.imag } }
    fn _Py_c_prod(left: CComplex, right: CComplex) -> CComplex {
        CComplex { real: left.real * right.real - left.imag * right.imag, imag: left.real * right.imag + left.imag * right.real }
    }
    fn _Py_c_quot(left: CComplex, right: CComplex) -> CComplex { or_errno(complex::div(left.into(), right.into())) }
    fn _Py_c_pow(base: CComplex, exponent: CComplex) -> CComplex {
        let power = or_errno(complex::pow_polar(base.into(), exponent.into()));
        if power.real.is_infinite() || power.imag.is_infinite() {
            set_errno(libc::ERANGE);
        }
        power
    }
    fn _Py_c_abs(value: CComplex) -> f64 {
        set_errno(0);
        complex::abs(value.into()).unwrap_or_else(|_| {
            set_errno(libc::ERANGE);
            f64::INFINITY
        })
    }
}
