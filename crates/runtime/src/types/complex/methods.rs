//! The slots and methods of `complex`.

use habu_numbers::complex::{self as plain, Complex as Number};
use habu_numbers::digits::compare::compare_f64;
use habu_numbers::format_spec::{Defaults, Spec, number};

use super::value::failed;
use super::{Complex, construct};
use crate::object::descriptor_tables::{MemberDef, READONLY, T_DOUBLE};
use crate::object::slots::CompareOp;
use crate::object::{Object, Raised, Ref, Type};
use crate::raise;
use crate::types::float::Float;
use crate::types::float::arithmetic as floats;
use crate::types::float::compare::hash_of;
use crate::types::int::Int;
use crate::types::int::format::{defaults_for, parse_spec, refused, to_str, with_locale};
use crate::types::singletons::{boolean, is_none, not_implemented};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// The parts, as members.
static MEMBERS: &[MemberDef] = &[
    MemberDef {
        name: c"real".as_ptr(),
        kind: T_DOUBLE,
        offset: 16,
        flags: READONLY,
        doc: c"the real part of a complex number".as_ptr(),
    },
    MemberDef {
        name: c"imag".as_ptr(),
        kind: T_DOUBLE,
        offset: 24,
        flags: READONLY,
        doc: c"the imaginary part of a complex number".as_ptr(),
    },
];

/// An operand: of a complex number, float or int.
fn operand(object: &Object) -> Result<Option<Number>, Raised> {
    if let Some(value) = object.downcast::<Complex>() {
        return Ok(Some(value.value()));
    }
    Ok(floats::operand(object)?.map(|real| Number::new(real, 0.0)))
}

fn binary(
    left: &Object,
    right: &Object,
    operate: impl FnOnce(Number, Number) -> Result<Number, Raised>,
) -> Result<Ref, Raised> {
    let Some(left) = operand(left)? else { return Ok(not_implemented()) };
    let Some(right) = operand(right)? else { return Ok(not_implemented()) };
    Ok(Complex::new(operate(left, right)?)?.into_object())
}

#[habu_macros::pymethods(members = MEMBERS)]
impl Complex {
    #[slot(tp_new)]
    #[signature(real = None, imag = None)]
    fn construct(cls: &Type, real: Option<&Object>, imag: Option<&Object>) -> Result<Ref<Complex>, Raised> {
        construct::new(cls, real, imag)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        Str::new(&plain::text::repr(self.value()))
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        Ok(plain::hash(hash_of(self.real, self) as i64, hash_of(self.imag, self) as i64) as isize)
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(not_implemented());
        }
        let equal = if let Some(other) = other.downcast::<Int>() {
            self.imag == 0.0 && compare_f64(other.signed(), self.real).is_some_and(std::cmp::Ordering::is_eq)
        } else if let Some(other) = other.downcast::<Float>() {
            self.imag == 0.0 && self.real == other.value()
        } else if let Some(other) = other.downcast::<Complex>() {
            self.real == other.real && self.imag == other.imag
        } else {
            return Ok(not_implemented());
        };
        Ok(boolean(equal == (op == CompareOp::Eq)))
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

    #[slot(nb_true_divide)]
    fn true_divide(left: &Object, right: &Object) -> Result<Ref, Raised> {
        binary(left, right, |left, right| plain::div(left, right).map_err(failed))
    }

    #[slot(nb_power)]
    fn power(left: &Object, right: &Object, modulus: Option<&Object>) -> Result<Ref, Raised> {
        let Some(left) = operand(left)? else { return Ok(not_implemented()) };
        let Some(right) = operand(right)? else { return Ok(not_implemented()) };
        if modulus.is_some_and(|modulus| !is_none(modulus)) {
            return Err(raise!(ValueError, "complex modulo"));
        }
        Ok(Complex::new(Complex::power_of(left, right)?)?.into_object())
    }

    #[slot(nb_negative)]
    fn negative(&self) -> Result<Ref<Complex>, Raised> {
        Complex::new(-self.value())
    }

    #[slot(nb_positive)]
    fn positive(&self) -> Result<Ref<Complex>, Raised> {
        if self.is_exact::<Complex>() { Ok(Ref::from_borrowed(self)) } else { Complex::new(self.value()) }
    }

    #[slot(nb_absolute)]
    fn absolute(&self) -> Result<Ref<Float>, Raised> {
        Float::new(plain::abs(self.value()).map_err(failed)?)
    }

    #[slot(nb_bool)]
    fn truth(&self) -> Result<bool, Raised> {
        Ok(self.real != 0.0 || self.imag != 0.0)
    }

    /// Return the complex conjugate of its argument. (3-4j).conjugate() == 3+4j.
    fn conjugate(&self) -> Result<Ref<Complex>, Raised> {
        Complex::new(Number::new(self.real, -self.imag))
    }

    /// Convert this value to exact type complex.
    fn __complex__(&self) -> Result<Ref<Complex>, Raised> {
        if self.is_exact::<Complex>() { Ok(Ref::from_borrowed(self)) } else { Complex::new(self.value()) }
    }

    fn __getnewargs__(&self) -> Result<Ref<Tuple>, Raised> {
        Tuple::from_refs([Float::new(self.real)?.into_object(), Float::new(self.imag)?.into_object()])
    }

    /// Convert to a string according to format_spec.
    fn __format__(&self, format_spec: &Str) -> Result<Ref<Str>, Raised> {
        if format_spec.len() == 0 {
            return crate::object::protocol::str(self);
        }
        let name = self.ty().full_name();
        let defaults = defaults_for(Defaults::COMPLEX, name);
        let mut spec = Spec::empty(&defaults);
        parse_spec(format_spec, &mut spec, &defaults)?;
        let formatted = with_locale(spec.kind, |locale| number::format_complex(self.value(), &spec, locale, name))
            .map_err(refused)?;
        to_str(&formatted)
    }
}
