//! The slots and methods of `int`.

use std::ptr::NonNull;

use habu_numbers::digits::bytes::{from_bytes, from_bytes_size, to_bytes};
use habu_numbers::digits::{bit_count, bit_length};

use super::{Int, arithmetic, bits, compare as comparing, construct, format, text, value};
use crate::object::args::{Given, omitted};
use crate::object::protocol::number::index;
use crate::object::slots::CompareOp;
use crate::object::{Object, PyType, Raised, Ref, Type};
use crate::raise;
use crate::types::bytes::Bytes;
use crate::types::float::Float;
use crate::types::singletons::{boolean, is_none, not_implemented};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// A binary operator: both operands must be integers, else NotImplemented.
#[inline(always)]
fn binary(
    left: &Object,
    right: &Object,
    operate: impl FnOnce(&Int, &Int) -> Result<Ref<Int>, Raised>,
) -> Result<Ref, Raised> {
    match (left.downcast::<Int>(), right.downcast::<Int>()) {
        (Some(left), Some(right)) => Ok(operate(left, right)?.into_object()),
        _ => Ok(not_implemented()),
    }
}

#[habu_macros::pymethods(with(PLAIN, BYTES))]
impl Int {
    #[slot(tp_new)]
    #[signature(x = None, /, base = None)]
    fn new(cls: &Type, x: Option<&Object>, base: Option<&Object>) -> Result<Ref<Int>, Raised> {
        construct::new(cls, x, base)
    }

    #[slot(tp_vectorcall)]
    fn call_type(_cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref<Int>, Raised> {
        let _held = crate::object::args::hold(arguments);
        construct::call_type(arguments, names)
    }

    #[slot(tp_dealloc)]
    unsafe fn dealloc(object: NonNull<Object>) {
        // SAFETY: passed on.
        unsafe { value::dealloc(object) }
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        text::repr(self)
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        Ok(comparing::hash(self))
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<Int>() else { return Ok(not_implemented()) };
        let holds = match op {
            CompareOp::Eq => comparing::equal(self, other),
            CompareOp::Ne => !comparing::equal(self, other),
            _ => op.holds(comparing::compare(self, other)),
        };
        Ok(boolean(holds))
    }

    #[slot(nb_add)]
    fn add(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, arithmetic::add)
    }

    #[slot(nb_subtract)]
    fn subtract(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, arithmetic::subtract)
    }

    #[slot(nb_multiply)]
    fn multiply(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, arithmetic::multiply)
    }

    #[slot(nb_remainder)]
    fn remainder(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, arithmetic::remainder)
    }

    #[slot(nb_floor_divide)]
    fn floor_divide(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, arithmetic::floor_divide)
    }

    #[slot(nb_divmod)]
    fn divmod(left: &Object, right: &Object) -> Result<Ref, Raised> {
        let (Some(left), Some(right)) = (left.downcast::<Int>(), right.downcast::<Int>()) else {
            return Ok(not_implemented());
        };
        let (quotient, rest) = arithmetic::divmod(left, right)?;
        Ok(Tuple::from_refs([quotient.into_object(), rest.into_object()])?.into_object())
    }

    #[slot(nb_true_divide)]
    fn true_divide(left: &Object, right: &Object) -> Result<Ref, Raised> {
        match (left.downcast::<Int>(), right.downcast::<Int>()) {
            (Some(left), Some(right)) => Ok(arithmetic::true_divide(left, right)?.into_object()),
            _ => Ok(not_implemented()),
        }
    }

    #[slot(nb_power)]
    fn power(left: &Object, right: &Object, modulus: Option<&Object>) -> Result<Ref, Raised> {
        let (Some(left), Some(right)) = (left.downcast::<Int>(), right.downcast::<Int>()) else {
            return Ok(not_implemented());
        };
        match modulus.filter(|modulus| !is_none(modulus)) {
            Some(modulus) => match modulus.downcast::<Int>() {
                Some(modulus) => Ok(arithmetic::power_modulo(left, right, modulus)?.into_object()),
                None => Ok(not_implemented()),
            },
            None if right.is_negative() => {
                crate::types::float::arithmetic::power(value::to_f64(left)?, value::to_f64(right)?)
            }
            None => Ok(arithmetic::power(left, right)?.into_object()),
        }
    }

    #[slot(nb_negative)]
    fn negative(&self) -> Result<Ref<Int>, Raised> {
        arithmetic::negate(self)
    }

    #[slot(nb_positive)]
    fn positive(&self) -> Result<Ref<Int>, Raised> {
        self.to_exact()
    }

    #[slot(nb_absolute)]
    fn absolute(&self) -> Result<Ref<Int>, Raised> {
        arithmetic::absolute(self)
    }

    #[slot(nb_bool)]
    fn truth(&self) -> Result<bool, Raised> {
        Ok(self.base.size.get() != 0)
    }

    #[slot(nb_invert)]
    fn invert(&self) -> Result<Ref<Int>, Raised> {
        bits::invert(self)
    }

    #[slot(nb_lshift)]
    fn left_shift(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, bits::left_shift)
    }

    #[slot(nb_rshift)]
    fn right_shift(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, bits::right_shift)
    }

    #[slot(nb_and)]
    fn and(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, bits::and)
    }

    #[slot(nb_xor)]
    fn xor(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, bits::xor)
    }

    #[slot(nb_or)]
    fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, bits::or)
    }

    #[slot(nb_int)]
    fn integer(&self) -> Result<Ref<Int>, Raised> {
        self.to_exact()
    }

    #[slot(nb_index)]
    fn as_index(&self) -> Result<Ref<Int>, Raised> {
        self.to_exact()
    }

    #[slot(nb_float)]
    fn float(&self) -> Result<Ref<Float>, Raised> {
        Float::new(value::to_f64(self)?)
    }

    /// the real part of a complex number
    #[getter]
    fn real(&self) -> Result<Ref<Int>, Raised> {
        self.to_exact()
    }

    /// the imaginary part of a complex number
    #[getter]
    fn imag(&self) -> Result<Ref<Int>, Raised> {
        Int::from_i64(0)
    }

    /// the numerator of a rational number in lowest terms
    #[getter]
    fn numerator(&self) -> Result<Ref<Int>, Raised> {
        self.to_exact()
    }

    /// the denominator of a rational number in lowest terms
    #[getter]
    fn denominator(&self) -> Result<Ref<Int>, Raised> {
        Int::from_i64(1)
    }
}

#[habu_macros::pymethods(table = PLAIN)]
impl Int {
    /// Returns self, the complex conjugate of any int.
    #[no_signature]
    fn conjugate(&self) -> Result<Ref<Int>, Raised> {
        self.to_exact()
    }

    /// Number of bits necessary to represent self in binary.
    ///
    /// >>> bin(37)
    /// '0b100101'
    /// >>> (37).bit_length()
    /// 6
    fn bit_length(&self) -> Result<u64, Raised> {
        Ok(bit_length(self.digits()))
    }

    /// Number of ones in the binary representation of the absolute value of self.
    ///
    /// Also known as the population count.
    ///
    /// >>> bin(13)
    /// '0b1101'
    /// >>> (13).bit_count()
    /// 3
    fn bit_count(&self) -> Result<u64, Raised> {
        Ok(bit_count(self.digits()))
    }

    /// Return integer ratio.
    ///
    /// Return a pair of integers, whose ratio is exactly equal to the original int
    /// and with a positive denominator.
    ///
    /// >>> (10).as_integer_ratio()
    /// (10, 1)
    /// >>> (-10).as_integer_ratio()
    /// (-10, 1)
    /// >>> (0).as_integer_ratio()
    /// (0, 1)
    fn as_integer_ratio(&self) -> Result<Ref<Tuple>, Raised> {
        Tuple::from_refs([self.to_exact()?.into_object(), Int::from_i64(1)?.into_object()])
    }

    /// Truncating an Integral returns itself.
    #[no_signature]
    fn __trunc__(&self) -> Result<Ref<Int>, Raised> {
        self.to_exact()
    }

    /// Flooring an Integral returns itself.
    #[no_signature]
    fn __floor__(&self) -> Result<Ref<Int>, Raised> {
        self.to_exact()
    }

    /// Ceiling of an Integral returns itself.
    #[no_signature]
    fn __ceil__(&self) -> Result<Ref<Int>, Raised> {
        self.to_exact()
    }

    /// Rounding an Integral returns itself.
    ///
    /// Rounding with an ndigits argument also returns an integer.
    #[signature(ndigits = Option::None, /)]
    fn __round__(&self, ndigits: Option<&Object>) -> Result<Ref<Int>, Raised> {
        match ndigits {
            None => self.to_exact(),
            Some(places) => round(self, &*index(places)?),
        }
    }

    fn __getnewargs__(&self) -> Result<Ref<Tuple>, Raised> {
        Tuple::from_refs([Int::from_digits(self.digits(), self.is_negative())?.into_object()])
    }

    fn __format__(&self, format_spec: &Str) -> Result<Ref<Str>, Raised> {
        format::format(self, format_spec)
    }

    /// Returns size in memory, in bytes.
    fn __sizeof__(&self) -> Result<usize, Raised> {
        Ok(24 + 4 * self.digits().len().max(1))
    }
}

/// `round(value, places)`: to a multiple of a power of ten, halves to the even one.
fn round(value: &Int, places: &Int) -> Result<Ref<Int>, Raised> {
    if !places.is_negative() {
        return value.to_exact();
    }
    // A power of ten with more digits than the integer has bits is more than twice the integer.
    let Some(exponent) =
        places.to_i64().map(i64::unsigned_abs).filter(|count| *count <= bit_length(value.digits()) + 1)
    else {
        return Int::from_i64(0);
    };
    let ten = Int::from_i64(10)?;
    let unit = arithmetic::power(&ten, &*Int::from_u64(exponent)?)?;
    let (quotient, rest) = arithmetic::divmod(value, &unit)?;
    let twice = arithmetic::add(&rest, &rest)?;
    let up = match comparing::compare(&twice, &unit) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => quotient.signed().is_odd(),
        std::cmp::Ordering::Greater => true,
    };
    let lower = arithmetic::subtract(value, &rest)?;
    if up { arithmetic::add(&lower, &unit) } else { Ok(lower) }
}

#[habu_macros::pymethods(table = BYTES)]
impl Int {
    /// Return an array of bytes representing an integer.
    ///
    ///   length
    ///     Length of bytes object to use.  An OverflowError is raised if the
    ///     integer is not representable with the given number of bytes.  Default
    ///     is length 1.
    ///   byteorder
    ///     The byte order used to represent the integer.  If byteorder is 'big',
    ///     the most significant byte is at the beginning of the byte array.  If
    ///     byteorder is 'little', the most significant byte is at the end of the
    ///     byte array.  To request the native byte order of the host system, use
    ///     `sys.byteorder' as the byte order value.  Default is to use 'big'.
    ///   signed
    ///     Determines whether two's complement is used to represent the integer.
    ///     If signed is False and a negative integer is given, an OverflowError
    ///     is raised.
    #[signature(length = 1, byteorder = omitted("'big'"), *, signed = false)]
    fn to_bytes(&self, length: isize, byteorder: Given<'_>, signed: bool) -> Result<Ref<Bytes>, Raised> {
        let little = is_little(byteorder, "to_bytes")?;
        let Ok(length) = usize::try_from(length) else {
            return Err(raise!(ValueError, "length argument must be non-negative"));
        };
        let mut written = Ok(());
        let bytes = Bytes::build(length, |out| {
            written = to_bytes(self.signed(), out, little, signed);
        })?;
        if length == 0 {
            written = to_bytes(self.signed(), &mut [], little, signed);
        }
        match written {
            Ok(()) => Ok(bytes),
            Err(error) => Err(raise!(OverflowError, "{}", error.message())),
        }
    }

    /// Return the integer represented by the given array of bytes.
    ///
    ///   bytes
    ///     Holds the array of bytes to convert.  The argument must either
    ///     support the buffer protocol or be an iterable object producing bytes.
    ///     Bytes and bytearray are examples of built-in objects that support the
    ///     buffer protocol.
    ///   byteorder
    ///     The byte order used to represent the integer.  If byteorder is 'big',
    ///     the most significant byte is at the beginning of the byte array.  If
    ///     byteorder is 'little', the most significant byte is at the end of the
    ///     byte array.  To request the native byte order of the host system, use
    ///     `sys.byteorder' as the byte order value.  Default is to use 'big'.
    ///   signed
    ///     Indicates whether two's complement is used to represent the integer.
    #[classmethod]
    #[signature(bytes, byteorder = omitted("'big'"), *, signed = false)]
    fn from_bytes(cls: &Type, bytes: &Object, byteorder: Given<'_>, signed: bool) -> Result<Ref, Raised> {
        let little = is_little(byteorder, "from_bytes")?;
        let bytes = crate::types::bytes::from_special(bytes)?;
        let bytes = bytes.as_slice();
        let value = Int::build_signed(from_bytes_size(bytes.len()), |out| from_bytes(bytes, little, signed, out))?;
        if std::ptr::eq(cls, Int::type_object()) {
            return Ok(value.into_object());
        }
        crate::object::protocol::call1(cls, &value)
    }
}

/// Which end of the bytes comes first: true for the lowest.
fn is_little(order: Given<'_>, function: &str) -> Result<bool, Raised> {
    let Given(Some(order)) = order else { return Ok(false) };
    let Some(order) = order.downcast::<Str>() else {
        let got = if is_none(order) { "None" } else { order.ty().full_name() };
        return Err(raise!(TypeError, "{function}() argument 'byteorder' must be str, not {got}"));
    };
    match order.as_ascii() {
        Some("little") => Ok(true),
        Some("big") => Ok(false),
        _ => Err(raise!(ValueError, "byteorder must be either 'little' or 'big'")),
    }
}
