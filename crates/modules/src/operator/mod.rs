//! `_operator`: the operators as functions, and objects that fetch.

mod digest;
mod getters;

pub(crate) use getters::push_named;

use habu_macros::pymodule;
use habu_runtime::object::protocol::number::{
    Operator, absolute, binary_op, index_exact, inplace_op, invert, negative, positive,
};
use habu_runtime::object::protocol::sequence::{self, delete_item, get_item, set_item};
use habu_runtime::object::protocol::{self, compare, truth, vectorcall};
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::module::Module;
use habu_runtime::types::tuple::Tuple;

/// Operator interface.
///
/// This module exports a set of functions implemented in C corresponding
/// to the intrinsic operators of Python.  For example, operator.add(x, y)
/// is equivalent to the expression x+y.  The function names are those
/// used for special methods; variants without leading and trailing
/// '__' are also provided for convenience.
pub struct Operators;

#[pymodule(name = "_operator", with(ARITHMETIC, INPLACE))]
impl Operators {
    /// Return True if a is true, False otherwise.
    fn truth(a: &Object) -> Result<bool, Raised> {
        truth(a)
    }

    /// Same as b in a (note reversed operands).
    fn contains(a: &Object, b: &Object) -> Result<bool, Raised> {
        sequence::contains(a, b)
    }

    /// Return the first index of b in a.
    #[name = "indexOf"]
    fn index_of(a: &Object, b: &Object) -> Result<usize, Raised> {
        sequence::index_of(a, b)
    }

    /// Return the number of items in a which are, or which equal, b.
    #[name = "countOf"]
    fn count_of(a: &Object, b: &Object) -> Result<usize, Raised> {
        sequence::count(a, b)
    }

    /// Same as a is b.
    #[name = "is_"]
    fn is(a: &Object, b: &Object) -> Result<bool, Raised> {
        Ok(a.is(b))
    }

    /// Same as a is not b.
    fn is_not(a: &Object, b: &Object) -> Result<bool, Raised> {
        Ok(!a.is(b))
    }

    /// Same as a.__index__()
    fn index(a: &Object) -> Result<Ref, Raised> {
        Ok(index_exact(a)?.into_object())
    }

    /// Same as not a.
    #[name = "not_"]
    fn not(a: &Object) -> Result<bool, Raised> {
        Ok(!truth(a)?)
    }

    /// Same as a + b, for a and b sequences.
    fn concat(a: &Object, b: &Object) -> Result<Ref, Raised> {
        sequence::concatenated(a, b)
    }

    /// Same as a += b, for a and b sequences.
    fn iconcat(a: &Object, b: &Object) -> Result<Ref, Raised> {
        sequence::concatenated_in_place(a, b)
    }

    /// Same as a[b].
    fn getitem(a: &Object, b: &Object) -> Result<Ref, Raised> {
        get_item(a, b)
    }

    /// Same as a[b] = c.
    fn setitem(a: &Object, b: &Object, c: &Object) -> Result<(), Raised> {
        set_item(a, b, c)
    }

    /// Same as del a[b].
    fn delitem(a: &Object, b: &Object) -> Result<(), Raised> {
        delete_item(a, b)
    }

    /// Same as a == b.
    fn eq(a: &Object, b: &Object) -> Result<Ref, Raised> {
        compare(a, b, CompareOp::Eq)
    }

    /// Same as a != b.
    fn ne(a: &Object, b: &Object) -> Result<Ref, Raised> {
        compare(a, b, CompareOp::Ne)
    }

    /// Same as a < b.
    fn lt(a: &Object, b: &Object) -> Result<Ref, Raised> {
        compare(a, b, CompareOp::Lt)
    }

    /// Same as a <= b.
    fn le(a: &Object, b: &Object) -> Result<Ref, Raised> {
        compare(a, b, CompareOp::Le)
    }

    /// Same as a > b.
    fn gt(a: &Object, b: &Object) -> Result<Ref, Raised> {
        compare(a, b, CompareOp::Gt)
    }

    /// Same as a >= b.
    fn ge(a: &Object, b: &Object) -> Result<Ref, Raised> {
        compare(a, b, CompareOp::Ge)
    }

    /// Return 'a == b'.
    ///
    /// This function uses an approach designed to prevent
    /// timing analysis, making it appropriate for cryptography.
    ///
    /// a and b must both be of the same type: either str (ASCII only),
    /// or any bytes-like object.
    ///
    /// Note: If a and b are of different lengths, or if an error occurs,
    /// a timing attack could theoretically reveal information about the
    /// types and lengths of a and b--but not their values.
    fn _compare_digest(a: &Object, b: &Object) -> Result<bool, Raised> {
        digest::compare_digest(a, b)
    }

    /// Return an estimate of the number of items in obj.
    ///
    /// This is useful for presizing containers when building from an iterable.
    ///
    /// If the object supports len(), the result will be exact.
    /// Otherwise, it may over- or under-estimate by an arbitrary amount.
    /// The result will be an integer >= 0.
    #[signature(obj, default = 0, /)]
    fn length_hint(obj: &Object, default: isize) -> Result<isize, Raised> {
        // The default is given back as it is, which a length cannot be.
        let hint = protocol::length_hint(obj, usize::MAX)?;
        Ok(if hint == usize::MAX { default } else { hint as isize })
    }

    /// Same as obj(*args, **kwargs).
    #[raw]
    #[shown("($module, obj, /, *args, **kwargs)")]
    fn call(args: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        match args {
            [callable, rest @ ..] if args.len() > names.map_or(0, Tuple::len) => vectorcall(callable, rest, names),
            _ => Err(raise!(TypeError, "call expected at least 1 argument, got 0")),
        }
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        module.add_type(getters::ITEM_GETTER_TYPE)?;
        module.add_type(getters::ATTRIBUTE_GETTER_TYPE)?;
        module.add_type(getters::METHOD_CALLER_TYPE)
    }
}

#[pymodule(table = ARITHMETIC)]
impl Operators {
    /// Same as a + b.
    fn add(a: &Object, b: &Object) -> Result<Ref, Raised> {
        binary_op(a, b, Operator::Add)
    }

    /// Same as a - b.
    fn sub(a: &Object, b: &Object) -> Result<Ref, Raised> {
        binary_op(a, b, Operator::Subtract)
    }

    /// Same as a * b.
    fn mul(a: &Object, b: &Object) -> Result<Ref, Raised> {
        binary_op(a, b, Operator::Multiply)
    }

    /// Same as a @ b.
    fn matmul(a: &Object, b: &Object) -> Result<Ref, Raised> {
        binary_op(a, b, Operator::MatrixMultiply)
    }

    /// Same as a // b.
    fn floordiv(a: &Object, b: &Object) -> Result<Ref, Raised> {
        binary_op(a, b, Operator::FloorDivide)
    }

    /// Same as a / b.
    fn truediv(a: &Object, b: &Object) -> Result<Ref, Raised> {
        binary_op(a, b, Operator::TrueDivide)
    }

    /// Same as a % b.
    fn r#mod(a: &Object, b: &Object) -> Result<Ref, Raised> {
        binary_op(a, b, Operator::Remainder)
    }

    /// Same as a << b.
    fn lshift(a: &Object, b: &Object) -> Result<Ref, Raised> {
        binary_op(a, b, Operator::LeftShift)
    }

    /// Same as a >> b.
    fn rshift(a: &Object, b: &Object) -> Result<Ref, Raised> {
        binary_op(a, b, Operator::RightShift)
    }

    /// Same as a & b.
    #[name = "and_"]
    fn and(a: &Object, b: &Object) -> Result<Ref, Raised> {
        binary_op(a, b, Operator::And)
    }

    /// Same as a ^ b.
    fn xor(a: &Object, b: &Object) -> Result<Ref, Raised> {
        binary_op(a, b, Operator::Xor)
    }

    /// Same as a | b.
    #[name = "or_"]
    fn or(a: &Object, b: &Object) -> Result<Ref, Raised> {
        binary_op(a, b, Operator::Or)
    }

    /// Same as a ** b.
    fn pow(a: &Object, b: &Object) -> Result<Ref, Raised> {
        binary_op(a, b, Operator::Power)
    }

    /// Same as -a.
    fn neg(a: &Object) -> Result<Ref, Raised> {
        negative(a)
    }

    /// Same as +a.
    fn pos(a: &Object) -> Result<Ref, Raised> {
        positive(a)
    }

    /// Same as abs(a).
    fn abs(a: &Object) -> Result<Ref, Raised> {
        absolute(a)
    }

    /// Same as ~a.
    fn inv(a: &Object) -> Result<Ref, Raised> {
        invert(a)
    }

    /// Same as ~a.
    fn invert(a: &Object) -> Result<Ref, Raised> {
        invert(a)
    }
}

#[pymodule(table = INPLACE)]
impl Operators {
    /// Same as a += b.
    fn iadd(a: &Object, b: &Object) -> Result<Ref, Raised> {
        inplace_op(a, b, Operator::Add)
    }

    /// Same as a -= b.
    fn isub(a: &Object, b: &Object) -> Result<Ref, Raised> {
        inplace_op(a, b, Operator::Subtract)
    }

    /// Same as a *= b.
    fn imul(a: &Object, b: &Object) -> Result<Ref, Raised> {
        inplace_op(a, b, Operator::Multiply)
    }

    /// Same as a @= b.
    fn imatmul(a: &Object, b: &Object) -> Result<Ref, Raised> {
        inplace_op(a, b, Operator::MatrixMultiply)
    }

    /// Same as a //= b.
    fn ifloordiv(a: &Object, b: &Object) -> Result<Ref, Raised> {
        inplace_op(a, b, Operator::FloorDivide)
    }

    /// Same as a /= b.
    fn itruediv(a: &Object, b: &Object) -> Result<Ref, Raised> {
        inplace_op(a, b, Operator::TrueDivide)
    }

    /// Same as a %= b.
    fn imod(a: &Object, b: &Object) -> Result<Ref, Raised> {
        inplace_op(a, b, Operator::Remainder)
    }

    /// Same as a <<= b.
    fn ilshift(a: &Object, b: &Object) -> Result<Ref, Raised> {
        inplace_op(a, b, Operator::LeftShift)
    }

    /// Same as a >>= b.
    fn irshift(a: &Object, b: &Object) -> Result<Ref, Raised> {
        inplace_op(a, b, Operator::RightShift)
    }

    /// Same as a &= b.
    fn iand(a: &Object, b: &Object) -> Result<Ref, Raised> {
        inplace_op(a, b, Operator::And)
    }

    /// Same as a ^= b.
    fn ixor(a: &Object, b: &Object) -> Result<Ref, Raised> {
        inplace_op(a, b, Operator::Xor)
    }

    /// Same as a |= b.
    fn ior(a: &Object, b: &Object) -> Result<Ref, Raised> {
        inplace_op(a, b, Operator::Or)
    }

    /// Same as a **= b.
    fn ipow(a: &Object, b: &Object) -> Result<Ref, Raised> {
        inplace_op(a, b, Operator::Power)
    }
}
