//! Operators on constants, within limits: folding must not make code much larger than its source.

use std::collections::HashSet;

use num_bigint::{BigInt, Sign};

use super::number::{self, Number};
use crate::ast::{Constant, Operator, Text, UnaryOp};
use crate::constants::is_true;

/// The largest integer, in bits, that multiplication, powers and shifts may make.
const MOST_BITS: u64 = 128;
/// The longest tuple that repetition may make.
const MOST_ITEMS: usize = 256;
/// The longest string.
const MOST_CHARACTERS: usize = 4096;
/// The most items of a tuple, those of inner tuples included.
const MOST_ITEMS_IN_ALL: i64 = 1024;

/// `op value`; `None` leaves the operation to run time.
pub(super) fn unary(op: UnaryOp, value: &Constant) -> Option<Constant> {
    if op == UnaryOp::Not {
        return Some(Constant::from_bool(!is_true(value)));
    }
    let result = match (op, Number::of(value)?) {
        (UnaryOp::USub, Number::Int(value)) => Number::Int(-value),
        (UnaryOp::USub, Number::Float(value)) => Number::Float(-value),
        (UnaryOp::USub, Number::Complex(real, imaginary)) => Number::Complex(-real, -imaginary),
        (UnaryOp::Invert, Number::Int(value)) => Number::Int(-value - 1),
        (UnaryOp::UAdd, number) => number,
        _ => return None,
    };
    Some(result.into_constant())
}

/// `left op right`; `None` leaves the operation to run time.
pub(super) fn binary(op: Operator, left: &Constant, right: &Constant) -> Option<Constant> {
    if let (Some(a), Some(b)) = (Number::of(left), Number::of(right)) {
        if let (Number::Int(a), Number::Int(b)) = (&a, &b)
            && !is_small(op, a, b)
        {
            return None;
        }
        let result = number::binary(op, &a, &b)?;
        return Some(match (op, is_bool(left) && is_bool(right)) {
            (Operator::BitAnd | Operator::BitOr | Operator::BitXor, true) => {
                Constant::from_bool(is_true(&result.into_constant()))
            }
            _ => result.into_constant(),
        });
    }
    match op {
        Operator::Add => concatenate(left, right),
        Operator::Mult => match (Number::of(left), Number::of(right)) {
            (Some(Number::Int(count)), None) => repeat(right, &count),
            (None, Some(Number::Int(count))) => repeat(left, &count),
            _ => None,
        },
        _ => None,
    }
}

fn is_bool(constant: &Constant) -> bool {
    matches!(constant, Constant::True | Constant::False)
}

/// Whether the result of an integer operation is small enough to keep.
fn is_small(op: Operator, left: &BigInt, right: &BigInt) -> bool {
    let zero = left.sign() == Sign::NoSign || right.sign() == Sign::NoSign;
    let (left_bits, right_bits) = (left.magnitude().bits(), right.magnitude().bits());
    match op {
        Operator::Mult => zero || left_bits + right_bits <= MOST_BITS,
        Operator::Pow if !zero && right.sign() == Sign::Plus => {
            u64::try_from(right).is_ok_and(|exponent| left_bits <= MOST_BITS / exponent)
        }
        Operator::LShift if !zero => {
            u64::try_from(right).is_ok_and(|count| count <= MOST_BITS && left_bits <= MOST_BITS - count)
        }
        _ => true,
    }
}

fn concatenate(left: &Constant, right: &Constant) -> Option<Constant> {
    Some(match (left, right) {
        (Constant::Str(a), Constant::Str(b)) => Constant::Str(Text::from_bytes([a.as_bytes(), b.as_bytes()].concat())?),
        (Constant::Bytes(a), Constant::Bytes(b)) => Constant::Bytes([&a[..], &b[..]].concat().into()),
        (Constant::Tuple(a), Constant::Tuple(b)) => Constant::Tuple([&a[..], &b[..]].concat().into()),
        _ => return None,
    })
}

fn repeat(value: &Constant, count: &BigInt) -> Option<Constant> {
    let (length, most) = match value {
        Constant::Str(text) => (text.len(), MOST_CHARACTERS),
        Constant::Bytes(bytes) => (bytes.len(), MOST_CHARACTERS),
        Constant::Tuple(items) => (items.len(), MOST_ITEMS),
        _ => return None,
    };
    let times = if length == 0 { 0 } else { usize::try_from(count).ok().filter(|&times| times <= most / length)? };
    if let (Constant::Tuple(items), true) = (value, times > 0) {
        let limit = MOST_ITEMS_IN_ALL / i64::try_from(times).ok()?;
        items_left(items, limit)?;
    }
    Some(match value {
        Constant::Str(text) => Constant::Str(Text::from_bytes(text.as_bytes().repeat(times))?),
        Constant::Bytes(bytes) => Constant::Bytes(bytes.repeat(times).into()),
        Constant::Tuple(items) => Constant::Tuple(vec![&items[..]; times].concat().into()),
        _ => return None,
    })
}

/// What is left of a limit after counting all items of a tuple and its inner tuples; `None` if that is below zero.
fn items_left(items: &[Constant], limit: i64) -> Option<i64> {
    let mut limit = limit - i64::try_from(items.len()).ok()?;
    for item in items {
        if limit < 0 {
            return None;
        }
        if let Constant::Tuple(inner) = item {
            limit = items_left(inner, limit)?;
        }
    }
    (limit >= 0).then_some(limit)
}

/// `value[index]`; `None` leaves it to run time.
pub(super) fn subscript(value: &Constant, index: &Constant) -> Option<Constant> {
    let Number::Int(index) = Number::of(index)? else { return None };
    let index = i64::try_from(&index).ok()?;
    let place = |length: usize| {
        let length = i64::try_from(length).ok()?;
        let index = if index < 0 { index + length } else { index };
        (0..length).contains(&index).then(|| usize::try_from(index).ok()).flatten()
    };
    match value {
        Constant::Str(text) => {
            let point = text.code_points().nth(place(text.len())?)?;
            Some(Constant::Str(Text::from_code_points([point])?))
        }
        Constant::Bytes(bytes) => bytes.get(place(bytes.len())?).map(|&byte| Constant::Int(i64::from(byte))),
        Constant::Tuple(items) => items.get(place(items.len())?).cloned(),
        _ => None,
    }
}

/// The items of a set, each once. Python's equality decides: `1`, `1.0` and `True` are one item, the first that came.
pub(crate) fn distinct(items: Box<[Constant]>) -> Box<[Constant]> {
    let mut seen = HashSet::new();
    items.into_vec().into_iter().filter(|item| seen.insert(comparable(item))).collect()
}

/// A constant that stands for all constants that Python finds equal to this one.
pub(crate) fn comparable(constant: &Constant) -> Constant {
    match constant {
        Constant::True => Constant::Int(1),
        Constant::False => Constant::Int(0),
        Constant::Float(value) => whole(*value).unwrap_or_else(|| constant.clone()),
        Constant::Complex(real, imaginary) if *imaginary == 0.0 => comparable(&Constant::Float(*real)),
        Constant::Tuple(items) => Constant::Tuple(items.iter().map(comparable).collect()),
        other => other.clone(),
    }
}

/// The integer that a float is.
fn whole(value: f64) -> Option<Constant> {
    if !value.is_finite() || value != value.trunc() {
        return None;
    }
    let bits = value.abs().to_bits();
    let exponent = i64::try_from(bits >> 52).ok()? - 1075;
    let mantissa = BigInt::from((bits & ((1 << 52) - 1)) | (u64::from(value != 0.0) << 52));
    let magnitude = if exponent >= 0 {
        mantissa << usize::try_from(exponent).ok()?
    } else {
        mantissa >> usize::try_from(-exponent).ok()?.min(2000)
    };
    Some(Constant::from_bigint(if value < 0.0 { -magnitude } else { magnitude }))
}
