//! The slots and methods of `float`.

use std::ptr::NonNull;

use habu_numbers::float::ratio::{NotFinite, as_integer_ratio};
use habu_numbers::float::round::round;

use super::{Float, arithmetic, compare, construct, format, value};
use crate::object::protocol::number::index_as_size;
use crate::object::protocol::sequence::{check_count, no_keywords};
use crate::object::slots::CompareOp;
use crate::object::{Object, PyType, Raised, Ref, Type};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::map::refuses_keywords;
use crate::types::singletons::{is_none, not_implemented};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// A binary operator on doubles; NotImplemented for operands that are neither float nor int.
#[inline(always)]
fn binary(left: &Object, right: &Object, operate: impl FnOnce(f64, f64) -> Result<f64, Raised>) -> Result<Ref, Raised> {
    let Some(left) = arithmetic::operand(left)? else { return Ok(not_implemented()) };
    let Some(right) = arithmetic::operand(right)? else { return Ok(not_implemented()) };
    Ok(Float::new(operate(left, right)?)?.into_object())
}

#[habu_macros::pymethods(with(PLAIN))]
impl Float {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Float>, Raised> {
        if refuses_keywords::<Float>(cls) {
            no_keywords("float", kwargs)?;
        }
        check_count("float", args.len(), 0, 1)?;
        let x = args.as_slice().first();
        let exact = std::ptr::eq(cls, Float::type_object());
        match x {
            None => Float::instantiate(cls, 0.0),
            Some(x) if exact => construct::from_object(x),
            Some(x) => Float::instantiate(cls, construct::from_object(x)?.value()),
        }
    }

    #[slot(tp_vectorcall)]
    fn call_type(_cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref<Float>, Raised> {
        match (arguments, names) {
            ([], None) => Float::new(0.0),
            ([x], None) => construct::from_object(x),
            (_, Some(names)) if names.len() > 0 => Err(raise!(TypeError, "float() takes no keyword arguments")),
            _ => Err(raise!(TypeError, "float expected at most 1 argument, got {}", arguments.len())),
        }
    }

    #[slot(tp_dealloc)]
    unsafe fn dealloc(object: NonNull<Object>) {
        // SAFETY: passed on.
        unsafe { value::dealloc(object) }
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        format::repr(self.value())
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        Ok(compare::hash(self))
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        Ok(compare::compare(self.value(), other, op))
    }

    #[slot(nb_add)]
    fn add(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, |left, right| Ok(left + right))
    }

    #[slot(nb_subtract)]
    fn subtract(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, |left, right| Ok(left - right))
    }

    #[slot(nb_multiply)]
    fn multiply(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, |left, right| Ok(left * right))
    }

    #[slot(nb_remainder)]
    fn remainder(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, arithmetic::remainder)
    }

    #[slot(nb_floor_divide)]
    fn floor_divide(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, arithmetic::floor_divide)
    }

    #[slot(nb_true_divide)]
    fn true_divide(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, arithmetic::true_divide)
    }

    #[slot(nb_divmod)]
    fn divmod(left: &Object, right: &Object) -> Result<Ref, Raised> {
        let Some(left) = arithmetic::operand(left)? else { return Ok(not_implemented()) };
        let Some(right) = arithmetic::operand(right)? else { return Ok(not_implemented()) };
        let (quotient, rest) = arithmetic::divmod(left, right)?;
        Ok(Tuple::from_refs([Float::new(quotient)?.into_object(), Float::new(rest)?.into_object()])?.into_object())
    }

    #[slot(nb_power)]
    fn power(left: &Object, right: &Object, modulus: Option<&Object>) -> Result<Ref, Raised> {
        if modulus.is_some_and(|modulus| !is_none(modulus)) {
            return Err(raise!(TypeError, "pow() 3rd argument not allowed unless all arguments are integers"));
        }
        let Some(left) = arithmetic::operand(left)? else { return Ok(not_implemented()) };
        let Some(right) = arithmetic::operand(right)? else { return Ok(not_implemented()) };
        arithmetic::power(left, right)
    }

    #[slot(nb_negative)]
    fn negative(&self) -> Result<Ref<Float>, Raised> {
        Float::new(-self.value())
    }

    #[slot(nb_positive)]
    fn positive(&self) -> Result<Ref<Float>, Raised> {
        self.to_exact()
    }

    #[slot(nb_absolute)]
    fn absolute(&self) -> Result<Ref<Float>, Raised> {
        Float::new(self.value().abs())
    }

    #[slot(nb_bool)]
    fn truth(&self) -> Result<bool, Raised> {
        Ok(self.value() != 0.0)
    }

    #[slot(nb_int)]
    fn integer(&self) -> Result<Ref<Int>, Raised> {
        construct::truncated(self.value())
    }

    #[slot(nb_float)]
    fn float(&self) -> Result<Ref<Float>, Raised> {
        self.to_exact()
    }

    /// the real part of a complex number
    #[getter]
    fn real(&self) -> Result<Ref<Float>, Raised> {
        self.to_exact()
    }

    /// the imaginary part of a complex number
    #[getter]
    fn imag(&self) -> Result<Ref<Float>, Raised> {
        Float::new(0.0)
    }
}

#[habu_macros::pymethods(table = PLAIN)]
impl Float {
    /// Return self, the complex conjugate of any float.
    fn conjugate(&self) -> Result<Ref<Float>, Raised> {
        self.to_exact()
    }

    /// Return the Integral closest to x between 0 and x.
    fn __trunc__(&self) -> Result<Ref<Int>, Raised> {
        construct::truncated(self.value())
    }

    /// Return the floor as an Integral.
    fn __floor__(&self) -> Result<Ref<Int>, Raised> {
        construct::truncated(self.value().floor())
    }

    /// Return the ceiling as an Integral.
    fn __ceil__(&self) -> Result<Ref<Int>, Raised> {
        construct::truncated(self.value().ceil())
    }

    /// Return the Integral closest to x, rounding half toward even.
    ///
    /// When an argument is passed, work like built-in round(x, ndigits).
    #[signature(ndigits = None, /)]
    fn __round__(&self, ndigits: Option<&Object>) -> Result<Ref, Raised> {
        let Some(places) = ndigits.filter(|places| !is_none(places)) else {
            return Ok(construct::truncated(self.value().round_ties_even())?.into_object());
        };
        let places = index_as_size(places, None)?;
        let rounded = round(self.value(), places as i64)
            .map_err(|_| raise!(OverflowError, "rounded value too large to represent"))?;
        Ok(Float::new(rounded)?.into_object())
    }

    /// Return integer ratio.
    ///
    /// Return a pair of integers, whose ratio is exactly equal to the original float
    /// and with a positive denominator.
    ///
    /// Raise OverflowError on infinities and a ValueError on NaNs.
    ///
    /// >>> (10.0).as_integer_ratio()
    /// (10, 1)
    /// >>> (0.0).as_integer_ratio()
    /// (0, 1)
    /// >>> (-.25).as_integer_ratio()
    /// (-1, 4)
    fn as_integer_ratio(&self) -> Result<Ref<Tuple>, Raised> {
        let (numerator, denominator) = as_integer_ratio(self.value()).map_err(|error| match error {
            NotFinite::Infinite => raise!(OverflowError, "{}", error.ratio_message()),
            NotFinite::NaN => raise!(ValueError, "{}", error.ratio_message()),
        })?;
        Tuple::from_refs([Int::from_number(&numerator)?.into_object(), Int::from_number(&denominator)?.into_object()])
    }

    /// Create a floating-point number from a hexadecimal string.
    ///
    /// >>> float.fromhex('0x1.ffffp10')
    /// 2047.984375
    /// >>> float.fromhex('-0x1p-1074')
    /// -5e-324
    #[classmethod]
    fn fromhex(cls: &Type, string: &Object) -> Result<Ref, Raised> {
        let value = Float::new(construct::from_hex(string)?)?;
        if std::ptr::eq(cls, Float::type_object()) {
            return Ok(value.into_object());
        }
        crate::object::protocol::call1(cls, &value)
    }

    /// Return a hexadecimal representation of a floating-point number.
    ///
    /// >>> (-0.1).hex()
    /// '-0x1.999999999999ap-4'
    /// >>> 3.14159.hex()
    /// '0x1.921f9f01b866ep+1'
    fn hex(&self) -> Result<Ref<Str>, Raised> {
        Str::new(&habu_numbers::float::hex::to_hex(self.value()))
    }

    /// Return True if the float is an integer.
    fn is_integer(&self) -> Result<bool, Raised> {
        Ok(self.value().is_finite() && self.value().floor() == self.value())
    }

    fn __getnewargs__(&self) -> Result<Ref<Tuple>, Raised> {
        Tuple::from_refs([Float::new(self.value())?.into_object()])
    }

    /// You probably don't want to use this function.
    ///
    ///   typestr
    ///     Must be 'double' or 'float'.
    ///
    /// It exists mainly to be used in Python's test suite.
    ///
    /// This function returns whichever of 'unknown', 'IEEE, big-endian' or 'IEEE,
    /// little-endian' best describes the format of floating point numbers used by the
    /// C type named by typestr.
    #[classmethod]
    fn __getformat__(_cls: &Type, typestr: &Str) -> Result<&'static str, Raised> {
        match typestr.as_ascii() {
            Some("double" | "float") if cfg!(target_endian = "little") => Ok("IEEE, little-endian"),
            Some("double" | "float") => Ok("IEEE, big-endian"),
            _ => Err(raise!(ValueError, "__getformat__() argument 1 must be 'double' or 'float'")),
        }
    }

    /// Formats the float according to format_spec.
    fn __format__(&self, format_spec: &Str) -> Result<Ref<Str>, Raised> {
        format::format(self, format_spec)
    }
}
