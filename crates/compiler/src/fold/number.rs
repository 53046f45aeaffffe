//! Arithmetic on numbers as Python does it, for constants. `None` stands for any error.

use habu_numbers::complex::{self, Complex};
use num_bigint::{BigInt, Sign};

use crate::ast::{Constant, Operator};

/// A number of the tower.
#[derive(Clone, Debug)]
pub(super) enum Number {
    Int(BigInt),
    Float(f64),
    Complex(f64, f64),
}

impl Number {
    /// The number that a constant is; booleans are integers.
    pub(super) fn of(constant: &Constant) -> Option<Number> {
        Some(match constant {
            Constant::True => Number::Int(BigInt::from(1)),
            Constant::False => Number::Int(BigInt::from(0)),
            Constant::Int(value) => Number::Int(BigInt::from(*value)),
            Constant::BigInt(value) => Number::Int(value.clone()),
            Constant::Float(value) => Number::Float(*value),
            Constant::Complex(real, imaginary) => Number::Complex(*real, *imaginary),
            _ => return None,
        })
    }

    /// The constant.
    pub(super) fn into_constant(self) -> Constant {
        match self {
            Number::Int(value) => Constant::from_bigint(value),
            Number::Float(value) => Constant::Float(value),
            Number::Complex(real, imaginary) => Constant::Complex(real, imaginary),
        }
    }

    fn to_float(&self) -> Option<f64> {
        match self {
            Number::Int(value) => divide(value, &BigInt::from(1)),
            Number::Float(value) => Some(*value),
            Number::Complex(..) => None,
        }
    }

    fn to_complex(&self) -> Option<(f64, f64)> {
        match self {
            Number::Complex(real, imaginary) => Some((*real, *imaginary)),
            other => Some((other.to_float()?, 0.0)),
        }
    }
}

/// `left op right`.
pub(super) fn binary(op: Operator, left: &Number, right: &Number) -> Option<Number> {
    match (left, right) {
        (Number::Int(left), Number::Int(right)) => integers(op, left, right),
        (Number::Complex(..), _) | (_, Number::Complex(..)) => {
            let (real, imaginary) = complexes(op, left.to_complex()?, right.to_complex()?)?;
            Some(Number::Complex(real, imaginary))
        }
        _ => floats(op, left.to_float()?, right.to_float()?),
    }
}

fn integers(op: Operator, left: &BigInt, right: &BigInt) -> Option<Number> {
    let zero = BigInt::from(0);
    Some(Number::Int(match op {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        Operator::Mult => left * right,
        Operator::BitOr => left | right,
        Operator::BitXor => left ^ right,
        Operator::BitAnd => left & right,
        Operator::Div => return divide(left, right).map(Number::Float),
        Operator::FloorDiv | Operator::Mod => {
            if *right == zero {
                return None;
            }
            let mut quotient = left / right;
            let mut remainder = left % right;
            // Division truncates here, and floors in Python.
            if remainder != zero && (remainder.sign() == Sign::Minus) != (right.sign() == Sign::Minus) {
                quotient -= 1;
                remainder += right;
            }
            if op == Operator::Mod { remainder } else { quotient }
        }
        Operator::Pow => match u32::try_from(right) {
            Ok(exponent) => left.pow(exponent),
            Err(_) if right.sign() == Sign::Minus => {
                let one = BigInt::from(1);
                return floats(op, divide(left, &one)?, divide(right, &one)?);
            }
            // 0, 1 and -1 can be raised to anything.
            Err(_) if left.magnitude().bits() <= 1 => {
                let odd = right & BigInt::from(1) != zero;
                if odd { left.clone() } else { left * left }
            }
            Err(_) => return None,
        },
        Operator::LShift if *left == zero && right.sign() != Sign::Minus => zero,
        Operator::LShift => left << usize::try_from(right).ok()?,
        Operator::RShift => {
            if right.sign() == Sign::Minus {
                return None;
            }
            match usize::try_from(right) {
                Ok(count) => left >> count,
                Err(_) if left.sign() == Sign::Minus => BigInt::from(-1),
                Err(_) => zero,
            }
        }
        Operator::MatMult => return None,
    }))
}

/// The float nearest to `left / right`, ties to even. `None` for a division by zero and where the result is too large.
pub(super) fn divide(left: &BigInt, right: &BigInt) -> Option<f64> {
    const MANTISSA: i64 = 53;
    const LEAST_EXPONENT: i64 = -1074;
    let (a, b) = (left.magnitude(), right.magnitude());
    if b.bits() == 0 {
        return None;
    }
    let negative = (left.sign() == Sign::Minus) != (right.sign() == Sign::Minus);
    if a.bits() == 0 {
        return Some(if right.sign() == Sign::Minus { -0.0 } else { 0.0 });
    }
    // Scale so that the quotient has two bits more than a mantissa, or fewer where the result is subnormal.
    let difference = i64::try_from(a.bits()).ok()? - i64::try_from(b.bits()).ok()?;
    let exponent = (difference - MANTISSA - 1).max(LEAST_EXPONENT - 2);
    let (a, b) = if exponent < 0 {
        (a << usize::try_from(-exponent).ok()?, b.clone())
    } else {
        (a.clone(), b << usize::try_from(exponent).ok()?)
    };
    let quotient = &a / &b;
    let inexact = &quotient * &b != a;
    let mut bits = u64::try_from(&quotient).ok()?;
    let mut exponent = exponent;
    // Drop what exceeds a mantissa, remembering whether anything was lost below the dropped bits.
    let length = i64::from(u64::BITS - bits.leading_zeros());
    let drop = (length - MANTISSA).max(LEAST_EXPONENT - exponent).max(0);
    if drop > 0 {
        if drop >= 64 {
            return Some(if negative { -0.0 } else { 0.0 });
        }
        let lost = bits & ((1 << drop) - 1);
        let half = 1u64 << (drop - 1);
        bits >>= drop;
        exponent += drop;
        if lost > half || (lost == half && (inexact || bits & 1 == 1)) {
            bits += 1;
        }
    }
    let magnitude = scale(bits, exponent);
    if magnitude.is_infinite() {
        return None;
    }
    Some(if negative { -magnitude } else { magnitude })
}

/// `bits * 2 ** exponent`, which is exact unless it overflows.
fn scale(bits: u64, exponent: i64) -> f64 {
    let mut value = bits as f64;
    let mut exponent = exponent;
    while exponent > 0 && value.is_finite() {
        let step = exponent.min(1000);
        value *= 2f64.powi(step as i32);
        exponent -= step;
    }
    while exponent < 0 && value != 0.0 {
        let step = (-exponent).min(1000);
        value /= 2f64.powi(step as i32);
        exponent += step;
    }
    value
}

fn floats(op: Operator, left: f64, right: f64) -> Option<Number> {
    Some(Number::Float(match op {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        Operator::Mult => left * right,
        Operator::Div if right == 0.0 => return None,
        Operator::Div => left / right,
        Operator::FloorDiv | Operator::Mod => {
            if right == 0.0 {
                return None;
            }
            let (quotient, remainder) = floor_divide(left, right);
            if op == Operator::Mod { remainder } else { quotient }
        }
        Operator::Pow => return power(left, right),
        _ => return None,
    }))
}

fn floor_divide(left: f64, right: f64) -> (f64, f64) {
    let mut remainder = left % right;
    let mut quotient = (left - remainder) / right;
    if remainder == 0.0 {
        remainder = 0f64.copysign(right);
    } else if (right < 0.0) != (remainder < 0.0) {
        remainder += right;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0f64.copysign(left / right), remainder);
    }
    let mut floor = quotient.floor();
    if quotient - floor > 0.5 {
        floor += 1.0;
    }
    (floor, remainder)
}

fn power(base: f64, exponent: f64) -> Option<Number> {
    if base == 0.0 && exponent < 0.0 {
        return None;
    }
    if base < 0.0 && base.is_finite() && exponent.is_finite() && exponent != exponent.floor() {
        let (real, imaginary) = complexes(Operator::Pow, (base, 0.0), (exponent, 0.0))?;
        return Some(Number::Complex(real, imaginary));
    }
    let result = base.powf(exponent);
    let overflows = result.is_infinite() && base.is_finite() && exponent.is_finite();
    (!overflows).then_some(Number::Float(result))
}

type Pair = (f64, f64);

/// Arithmetic on complex numbers is what the interpreter does; what it would raise is left to it.
fn complexes(op: Operator, a: Pair, b: Pair) -> Option<Pair> {
    let (a, b) = (Complex::new(a.0, a.1), Complex::new(b.0, b.1));
    let result = match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div => complex::div(a, b).ok()?,
        Operator::Pow => complex::pow(a, b).ok()?,
        _ => return None,
    };
    Some((result.real, result.imag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(left: &str, right: &str) -> Option<f64> {
        divide(&left.parse().expect("a number"), &right.parse().expect("a number"))
    }

    #[test]
    fn division_rounds_to_the_nearest() {
        for (a, b) in [(1, 3), (2, 3), (-7, 2), (10, 5), (1, 10), (123_456_789, 1000), (i64::MAX, 7), (0, 5)] {
            let want = if a.unsigned_abs() < 1 << 53 { Some(a as f64 / b as f64) } else { None };
            let have = divide(&BigInt::from(a), &BigInt::from(b));
            assert!(want.is_none() || have == want, "{a} / {b}");
        }
        // 2**53 + 1 lies between two floats; the even one is taken.
        assert_eq!(ratio("9007199254740993", "1"), Some(9_007_199_254_740_992.0));
        assert_eq!(ratio("9007199254740995", "1"), Some(9_007_199_254_740_996.0));
        assert_eq!(ratio(&format!("1{}", "0".repeat(400)), "1"), None);
        assert_eq!(ratio("1", &format!("1{}", "0".repeat(320))), Some(1e-320));
        assert_eq!(ratio("1", &format!("1{}", "0".repeat(400))), Some(0.0));
        assert_eq!(ratio("1", "0"), None);
    }

    #[test]
    fn integers_floor() {
        let int = |op, a: i64, b: i64| match integers(op, &BigInt::from(a), &BigInt::from(b)) {
            Some(Number::Int(value)) => i64::try_from(&value).ok(),
            _ => None,
        };
        assert_eq!(int(Operator::FloorDiv, 7, -2), Some(-4));
        assert_eq!(int(Operator::Mod, 7, -2), Some(-1));
        assert_eq!(int(Operator::FloorDiv, -7, 2), Some(-4));
        assert_eq!(int(Operator::Mod, -7, 2), Some(1));
        assert_eq!(int(Operator::Mod, 1, 0), None);
        assert_eq!(int(Operator::RShift, -1, 100), Some(-1));
        assert_eq!(int(Operator::LShift, 1, -1), None);
    }

    #[test]
    fn floats_floor_with_signed_zeros() {
        assert_eq!(floor_divide(7.5, -2.0), (-4.0, -0.5));
        let (quotient, remainder) = floor_divide(-0.0, 3.0);
        assert!(quotient.is_sign_negative() && quotient == 0.0);
        assert!(remainder.is_sign_positive() && remainder == 0.0);
        assert!(power(0.0, -1.0).is_none());
        assert!(power(10.0, 400.0).is_none());
    }
}
