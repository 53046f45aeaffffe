//! Operators on small integers and floats, without the slots of their types: what `BINARY_OP` does where it has no specialised form.
//!
//! Each gives what the slots of `int` and `float` would, and nothing where an error is to be raised or the numbers are large: then the
//! general way is taken. Operands that are consumed are dropped once the result is there.

use super::fast::{float_result, int_result};
use super::value::Value;
use crate::object::{Object, Raised, Ref, protocol};
use crate::types::float::Float;
use crate::types::int::{Int, arithmetic as integers, bits};

/// A small integer or a float.
enum Number {
    Int(i64),
    Float(f64),
}

/// A number of an exact type; integers of one digit only.
#[inline(always)]
fn number(object: &Object) -> Option<Number> {
    if let Some(float) = object.downcast_exact::<Float>() {
        return Some(Number::Float(float.value()));
    }
    let int = object.downcast_exact::<Int>()?;
    int.is_single().then(|| Number::Int(int.small_value()))
}

/// Result of an operator on two numbers; the operands are gone unless this is nothing or an error.
///
/// # Safety
/// The operands are owned.
#[inline(always)]
pub(super) unsafe fn binary(left: Value, right: Value, argument: usize) -> Option<Result<Value, Raised>> {
    // In-place operators have the numbers behind the others; numbers have none of their own.
    let operator = if argument >= 13 { argument - 13 } else { argument };
    // SAFETY: by the contract; the operands' types were looked at.
    unsafe {
        match (number(&*left)?, number(&*right)?) {
            (Number::Int(a), Number::Int(b)) => {
                if operator == TRUE_DIVIDE {
                    let quotient = (b != 0).then(|| a as f64 / b as f64)?;
                    return Some(fresh_float(left, right, quotient));
                }
                Some(int_result(left, right, ints(operator, a, b)?))
            }
            (Number::Float(a), Number::Float(b)) => Some(float_result(left, right, floats(operator, a, b)?)),
            (Number::Float(a), Number::Int(b)) => Some(mixed_result(left, right, floats(operator, a, b as f64)?, true)),
            (Number::Int(a), Number::Float(b)) => {
                Some(mixed_result(left, right, floats(operator, a as f64, b)?, false))
            }
        }
    }
}

/// What `BINARY_OP` does where [`binary`] gives nothing: integers of any length need no slots either.
#[inline(never)]
pub(super) fn general(left: &Object, right: &Object, argument: usize) -> Result<Ref, Raised> {
    if let (Some(a), Some(b)) = (left.downcast_exact::<Int>(), right.downcast_exact::<Int>())
        && let Some(result) = long_ints(if argument >= 13 { argument - 13 } else { argument }, a, b)
    {
        return result.map(Ref::into_object);
    }
    protocol::operator::binary_op_argument(left, right, argument as u8)
}

/// Operators on integers that give an integer.
#[inline(always)]
fn long_ints(operator: usize, a: &Int, b: &Int) -> Option<Result<Ref<Int>, Raised>> {
    Some(match operator {
        ADD => integers::add_long(a, b),
        SUBTRACT => integers::subtract_long(a, b),
        MULTIPLY => integers::multiply(a, b),
        AND => bits::and(a, b),
        OR => bits::or(a, b),
        XOR => bits::xor(a, b),
        FLOOR_DIVIDE => integers::floor_divide(a, b),
        REMAINDER => integers::remainder(a, b),
        SHIFT_LEFT => bits::left_shift_long(a, b),
        SHIFT_RIGHT => bits::right_shift_long(a, b),
        _ => return None,
    })
}

const ADD: usize = 0;
const AND: usize = 1;
const FLOOR_DIVIDE: usize = 2;
const SHIFT_LEFT: usize = 3;
const MULTIPLY: usize = 5;
const REMAINDER: usize = 6;
const OR: usize = 7;
const SHIFT_RIGHT: usize = 9;
const SUBTRACT: usize = 10;
const TRUE_DIVIDE: usize = 11;
const XOR: usize = 12;

/// Operators on integers of one digit that give an integer.
#[inline(always)]
fn ints(operator: usize, a: i64, b: i64) -> Option<i64> {
    Some(match operator {
        ADD => a + b,
        SUBTRACT => a - b,
        MULTIPLY => a * b,
        AND => a & b,
        OR => a | b,
        XOR => a ^ b,
        // Rounded down, with a remainder of the divisor's sign.
        FLOOR_DIVIDE if b != 0 => {
            let quotient = a / b;
            if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
        }
        REMAINDER if b != 0 => {
            let remainder = a % b;
            if remainder != 0 && (remainder < 0) != (b < 0) { remainder + b } else { remainder }
        }
        SHIFT_LEFT if (0..=32).contains(&b) => a << b,
        SHIFT_RIGHT if b >= 0 => a >> b.min(63),
        _ => return None,
    })
}

/// Operators on floats that cannot fail.
#[inline(always)]
fn floats(operator: usize, a: f64, b: f64) -> Option<f64> {
    Some(match operator {
        ADD => a + b,
        SUBTRACT => a - b,
        MULTIPLY => a * b,
        TRUE_DIVIDE if b != 0.0 => a / b,
        _ => return None,
    })
}

/// A float for two integers, which are dropped.
unsafe fn fresh_float(left: Value, right: Value, result: f64) -> Result<Value, Raised> {
    let result = super::value::value(Float::new(result)?);
    // SAFETY: by the caller's contract.
    unsafe {
        super::value::decref(left);
        super::value::decref(right);
    }
    Ok(result)
}

/// A float for a float and an integer, which are dropped; the float is used again where nobody else has it.
#[inline(always)]
unsafe fn mixed_result(left: Value, right: Value, result: f64, float_left: bool) -> Result<Value, Raised> {
    let (float, int) = if float_left { (left, right) } else { (right, left) };
    // SAFETY: by the caller's contract; a float with one reference is seen by nobody else.
    unsafe {
        if (*float).refcount() == 1 {
            (*float).cast_unchecked::<Float>().set_unshared(result);
            super::value::decref(int);
            return Ok(float);
        }
        fresh_float(left, right, result)
    }
}
