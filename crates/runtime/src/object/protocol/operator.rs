//! The operators of expressions: which operand's slot is asked, in which order, and the errors (`PyNumber_Add` and its like).
//!
//! The left operand's type is asked first, unless the right one's is a subtype of it that has a slot of its own. `+` and `*` fall back on
//! the sequence suite. An operator's number is that of `BINARY_OP`'s argument.

use crate::id;
use crate::object::slots::{BinaryFunc, NumberMethods, SizeArgFunc, TernaryFunc};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::singletons::{none_static, not_implemented, not_implemented_static};

/// A binary operator, numbered as the argument of `BINARY_OP`; 13 more is its in-place form.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    /// `+`
    Add = 0,
    /// `&`
    And = 1,
    /// `//`
    FloorDivide = 2,
    /// `<<`
    LeftShift = 3,
    /// `@`
    MatrixMultiply = 4,
    /// `*`
    Multiply = 5,
    /// `%`
    Remainder = 6,
    /// `|`
    Or = 7,
    /// `**`
    Power = 8,
    /// `>>`
    RightShift = 9,
    /// `-`
    Subtract = 10,
    /// `/`
    TrueDivide = 11,
    /// `^`
    Xor = 12,
}

const ALL: [Operator; 13] = [
    Operator::Add,
    Operator::And,
    Operator::FloorDivide,
    Operator::LeftShift,
    Operator::MatrixMultiply,
    Operator::Multiply,
    Operator::Remainder,
    Operator::Or,
    Operator::Power,
    Operator::RightShift,
    Operator::Subtract,
    Operator::TrueDivide,
    Operator::Xor,
];

impl Operator {
    /// The operator of a `BINARY_OP` argument, and whether it is in place.
    pub fn from_argument(argument: u8) -> Option<(Operator, bool)> {
        let count = ALL.len() as u8;
        let in_place = argument >= count;
        let index = if in_place { argument - count } else { argument };
        ALL.get(usize::from(index)).map(|operator| (*operator, in_place))
    }

    /// The sign in source.
    pub fn symbol(self) -> &'static str {
        ["+", "&", "//", "<<", "@", "*", "%", "|", "** or pow()", ">>", "-", "/", "^"][self as usize]
    }

    /// The sign of the in-place form.
    pub fn inplace_symbol(self) -> &'static str {
        ["+=", "&=", "//=", "<<=", "@=", "*=", "%=", "|=", "**=", ">>=", "-=", "/=", "^="][self as usize]
    }

    /// The slot in a suite; `Power` has none of this kind.
    #[inline(always)]
    fn slot(self, suite: &NumberMethods) -> Option<BinaryFunc> {
        match self {
            Operator::Add => suite.nb_add.get(),
            Operator::And => suite.nb_and.get(),
            Operator::FloorDivide => suite.nb_floor_divide.get(),
            Operator::LeftShift => suite.nb_lshift.get(),
            Operator::MatrixMultiply => suite.nb_matrix_multiply.get(),
            Operator::Multiply => suite.nb_multiply.get(),
            Operator::Remainder => suite.nb_remainder.get(),
            Operator::Or => suite.nb_or.get(),
            Operator::Power => None,
            Operator::RightShift => suite.nb_rshift.get(),
            Operator::Subtract => suite.nb_subtract.get(),
            Operator::TrueDivide => suite.nb_true_divide.get(),
            Operator::Xor => suite.nb_xor.get(),
        }
    }

    /// The slot of the in-place form.
    #[inline(always)]
    fn inplace_slot(self, suite: &NumberMethods) -> Option<BinaryFunc> {
        match self {
            Operator::Add => suite.nb_inplace_add.get(),
            Operator::And => suite.nb_inplace_and.get(),
            Operator::FloorDivide => suite.nb_inplace_floor_divide.get(),
            Operator::LeftShift => suite.nb_inplace_lshift.get(),
            Operator::MatrixMultiply => suite.nb_inplace_matrix_multiply.get(),
            Operator::Multiply => suite.nb_inplace_multiply.get(),
            Operator::Remainder => suite.nb_inplace_remainder.get(),
            Operator::Or => suite.nb_inplace_or.get(),
            Operator::Power => None,
            Operator::RightShift => suite.nb_inplace_rshift.get(),
            Operator::Subtract => suite.nb_inplace_subtract.get(),
            Operator::TrueDivide => suite.nb_inplace_true_divide.get(),
            Operator::Xor => suite.nb_inplace_xor.get(),
        }
    }
}

/// Asks the operands' slots in turn; NotImplemented when neither knows an answer.
#[inline(always)]
fn ask(left: &Object, right: &Object, select: impl Fn(&NumberMethods) -> Option<BinaryFunc>) -> Result<Ref, Raised> {
    let (left_type, right_type) = (left.ty(), right.ty());
    let left_slot = left_type.number().and_then(&select);
    let mut right_slot = None;
    if !std::ptr::eq(left_type, right_type) {
        right_slot = right_type.number().and_then(&select);
        if right_slot.map(|slot| slot as usize) == left_slot.map(|slot| slot as usize) {
            right_slot = None;
        }
    }
    // SAFETY: a binary slot may be called when either operand is of the slot's type.
    unsafe {
        if let Some(slot) = left_slot {
            if let Some(other) = right_slot
                && right_type.is_subtype(left_type)
            {
                let result = other(left, right)?;
                if !result.is(not_implemented_static()) {
                    return Ok(result);
                }
                right_slot = None;
            }
            let result = slot(left, right)?;
            if !result.is(not_implemented_static()) {
                return Ok(result);
            }
        }
        if let Some(slot) = right_slot {
            return slot(left, right);
        }
    }
    Ok(not_implemented())
}

/// `left operator right`
#[inline]
pub fn binary_op(left: &Object, right: &Object, operator: Operator) -> Result<Ref, Raised> {
    if operator == Operator::Power {
        return power(left, right, none_static());
    }
    let result = ask(left, right, |suite| operator.slot(suite))?;
    if !result.is(not_implemented_static()) {
        return Ok(result);
    }
    drop(result);
    binary_fallback(left, right, operator)
}

/// What `+` and `*` of sequences give, or the error.
#[inline(never)]
fn binary_fallback(left: &Object, right: &Object, operator: Operator) -> Result<Ref, Raised> {
    match operator {
        Operator::Add => {
            if let Some(concat) = left.ty().sequence().and_then(|suite| suite.sq_concat.get()) {
                // SAFETY: the slot belongs to the left operand's own type.
                return unsafe { concat(left, right) };
            }
        }
        Operator::Multiply => {
            if let Some(slot) = left.ty().sequence().and_then(|suite| suite.sq_repeat.get()) {
                return repeat(slot, left, right);
            }
            if let Some(slot) = right.ty().sequence().and_then(|suite| suite.sq_repeat.get()) {
                return repeat(slot, right, left);
            }
        }
        _ => {}
    }
    Err(unsupported(left, right, operator.symbol()))
}

/// Repeats a sequence; the count must have `__index__`.
fn repeat(slot: SizeArgFunc, sequence: &Object, count: &Object) -> Result<Ref, Raised> {
    if !super::number::has_index(count) {
        return Err(raise!(TypeError, "can't multiply sequence by non-int of type '{}'", count.ty().full_name()));
    }
    let count = super::number::index_as_size(count, Some(crate::exceptions::exc::OverflowError()))?;
    // SAFETY: the slot belongs to the sequence's own type.
    unsafe { slot(sequence, count) }
}

/// `left operator= right`: the new value of what stands on the left.
#[inline]
pub fn inplace_op(left: &Object, right: &Object, operator: Operator) -> Result<Ref, Raised> {
    if operator == Operator::Power {
        return inplace_power(left, right, none_static());
    }
    if let Some(slot) = left.ty().number().and_then(|suite| operator.inplace_slot(suite)) {
        // SAFETY: the slot belongs to the left operand's own type.
        let result = unsafe { slot(left, right) }?;
        if !result.is(not_implemented_static()) {
            return Ok(result);
        }
    }
    let result = ask(left, right, |suite| operator.slot(suite))?;
    if !result.is(not_implemented_static()) {
        return Ok(result);
    }
    drop(result);
    inplace_fallback(left, right, operator)
}

#[inline(never)]
fn inplace_fallback(left: &Object, right: &Object, operator: Operator) -> Result<Ref, Raised> {
    match operator {
        Operator::Add => {
            let slot = left.ty().sequence().and_then(|suite| suite.sq_inplace_concat.get().or(suite.sq_concat.get()));
            if let Some(slot) = slot {
                // SAFETY: the slot belongs to the left operand's own type.
                return unsafe { slot(left, right) };
            }
        }
        Operator::Multiply => match (left.ty().sequence(), right.ty().sequence()) {
            (Some(suite), _) => {
                if let Some(slot) = suite.sq_inplace_repeat.get().or(suite.sq_repeat.get()) {
                    return repeat(slot, left, right);
                }
            }
            (None, Some(suite)) => {
                if let Some(slot) = suite.sq_repeat.get() {
                    return repeat(slot, right, left);
                }
            }
            (None, None) => {}
        },
        _ => {}
    }
    Err(unsupported(left, right, operator.inplace_symbol()))
}

/// What `BINARY_OP` with this argument does.
pub fn binary_op_argument(left: &Object, right: &Object, argument: u8) -> Result<Ref, Raised> {
    match Operator::from_argument(argument) {
        Some((operator, false)) => binary_op(left, right, operator),
        Some((operator, true)) => inplace_op(left, right, operator),
        None => Err(raise!(SystemError, "no such operator: {argument}")),
    }
}

/// `divmod(left, right)`
pub fn divmod(left: &Object, right: &Object) -> Result<Ref, Raised> {
    let result = ask(left, right, |suite| suite.nb_divmod.get())?;
    if result.is(not_implemented_static()) {
        return Err(unsupported(left, right, "divmod()"));
    }
    Ok(result)
}

#[cold]
fn unsupported(left: &Object, right: &Object, symbol: &str) -> Raised {
    if symbol == ">>" && super::is_callable(left) && is_builtin_print(left) {
        return raise!(
            TypeError,
            "unsupported operand type(s) for >>: '{}' and '{}'. Did you mean \"print(<message>, file=<output_stream>)\"?",
            left.ty().full_name(),
            right.ty().full_name()
        );
    }
    raise!(
        TypeError,
        "unsupported operand type(s) for {symbol}: '{}' and '{}'",
        left.ty().full_name(),
        right.ty().full_name()
    )
}

/// Whether the object is the built-in function `print`, which Python 2 printed to files with `>>`.
fn is_builtin_print(object: &Object) -> bool {
    if object.ty().full_name() != "builtin_function_or_method" {
        return false;
    }
    match super::get_attribute(object, id!(__name__)) {
        Ok(name) => name.downcast::<crate::types::str::Str>().is_some_and(|name| name.equals("print")),
        Err(raised) => {
            raised.clear();
            false
        }
    }
}

/// `pow(base, exponent, modulus)`; None for no modulus.
pub fn power(base: &Object, exponent: &Object, modulus: &Object) -> Result<Ref, Raised> {
    ternary(base, exponent, modulus, "** or pow()")
}

/// `base **= exponent`
pub fn inplace_power(base: &Object, exponent: &Object, modulus: &Object) -> Result<Ref, Raised> {
    if let Some(slot) = base.ty().number().and_then(|suite| suite.nb_inplace_power.get()) {
        // SAFETY: the slot belongs to the left operand's own type.
        let result = unsafe { slot(base, exponent, Some(modulus)) }?;
        if !result.is(not_implemented_static()) {
            return Ok(result);
        }
    }
    ternary(base, exponent, modulus, "**=")
}

/// Asks the slots for `**` of all three operands.
fn ternary(left: &Object, right: &Object, third: &Object, symbol: &str) -> Result<Ref, Raised> {
    let slot_of = |object: &Object| object.ty().number().and_then(|suite| suite.nb_power.get());
    let same = |one: Option<TernaryFunc>, other: Option<TernaryFunc>| {
        one.map(|slot| slot as usize) == other.map(|slot| slot as usize)
    };
    let left_slot = slot_of(left);
    let mut right_slot = slot_of(right);
    if std::ptr::eq(left.ty(), right.ty()) || same(left_slot, right_slot) {
        right_slot = None;
    }
    let asked_right = right_slot;
    // SAFETY: a ternary slot may be called when any operand is of the slot's type.
    let call = |slot: TernaryFunc| unsafe { slot(left, right, Some(third)) };
    if let Some(slot) = left_slot {
        if let Some(other) = right_slot
            && right.ty().is_subtype(left.ty())
        {
            let result = call(other)?;
            if !result.is(not_implemented_static()) {
                return Ok(result);
            }
            right_slot = None;
        }
        let result = call(slot)?;
        if !result.is(not_implemented_static()) {
            return Ok(result);
        }
    }
    if let Some(slot) = right_slot {
        let result = call(slot)?;
        if !result.is(not_implemented_static()) {
            return Ok(result);
        }
    }
    let third_slot = slot_of(third);
    if let Some(slot) = third_slot
        && !same(third_slot, left_slot)
        && !same(third_slot, asked_right)
    {
        let result = call(slot)?;
        if !result.is(not_implemented_static()) {
            return Ok(result);
        }
    }
    Err(if third.is(none_static()) {
        unsupported(left, right, symbol)
    } else {
        raise!(
            TypeError,
            "unsupported operand type(s) for {symbol}: '{}', '{}', '{}'",
            left.ty().full_name(),
            right.ty().full_name(),
            third.ty().full_name()
        )
    })
}

/// Declares a unary operator.
macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident: $slot:ident, $message:literal;)*) => {
        $($(#[$doc])*
        pub fn $name(object: &Object) -> Result<Ref, Raised> {
            match object.ty().number().and_then(|suite| suite.$slot.get()) {
                // SAFETY: the slot belongs to the object's own type.
                Some(slot) => unsafe { slot(object) },
                None => Err(raise!(TypeError, concat!("bad operand type for ", $message, ": '{}'"), object.ty().full_name())),
            }
        })*
    };
}

unary! {
    /// `-object`
    negative: nb_negative, "unary -";
    /// `+object`
    positive: nb_positive, "unary +";
    /// `~object`
    invert: nb_invert, "unary ~";
    /// `abs(object)`
    absolute: nb_absolute, "abs()";
}
