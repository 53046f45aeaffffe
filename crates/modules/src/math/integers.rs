//! The functions of integers in `math`: divisors, factorials, choices, products and roots.

use habu_macros::pymodule;
use habu_numbers::digits::{bit_length, combinatorics, digits_for_bits, gcd, small, sqrt};
use habu_runtime::exceptions::memory_error;
use habu_runtime::object::args::{Given, omitted};
use habu_runtime::object::protocol::iterate::{iterator, next};
use habu_runtime::object::protocol::number::index;
use habu_runtime::object::protocol::{Operator, binary_op};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::{Int, arithmetic};
use habu_runtime::types::singletons::is_none;

use super::Math;

/// The greatest common divisor.
fn divisor(a: &Int, b: &Int) -> Result<Ref<Int>, Raised> {
    if let (Some(a), Some(b)) = (a.to_i64(), b.to_i64()) {
        return Int::from_u64(gcd::gcd_u64(a.unsigned_abs(), b.unsigned_abs()));
    }
    let _working = arithmetic::working_memory(a.digits().len().max(b.digits().len()))?;
    Int::from_number(&gcd::gcd(a.digits(), b.digits()))
}

/// Charges the working memory of a product of `count` numbers that have at most `bits` bits each.
fn product_memory(bits: u64, count: u64) -> Result<Option<habu_heap::Working>, Raised> {
    arithmetic::working_memory(digits_for_bits(bits.saturating_mul(count)))
}

/// The product of the items, in floats and integers as long as they are that.
fn product(iterable: &Object, start: Ref) -> Result<Ref, Raised> {
    let items = iterator(iterable)?;
    let mut result = start;
    while let Some(item) = next(&items)? {
        result = match (result.downcast_exact::<Int>(), item.downcast_exact::<Int>()) {
            (Some(left), Some(right)) => arithmetic::multiply(left, right)?.into_object(),
            _ => match (result.downcast_exact::<Float>(), item.downcast_exact::<Float>()) {
                (Some(left), Some(right)) => Float::new(left.value() * right.value())?.into_object(),
                _ => binary_op(&result, &item, Operator::Multiply)?,
            },
        };
    }
    Ok(result)
}

/// The count of a factorial or a choice that fits in 64 bits.
fn count(value: &Int, message: impl FnOnce() -> Raised) -> Result<u64, Raised> {
    value.to_i64().map(|value| value as u64).ok_or_else(message)
}

#[pymodule(table = INTEGERS)]
impl Math {
    /// Find n!.
    ///
    /// Raise a ValueError if x is negative or non-integral.
    fn factorial(n: &Object) -> Result<Ref<Int>, Raised> {
        let n = index(n)?;
        if n.is_negative() {
            return Err(raise!(ValueError, "factorial() not defined for negative values"));
        }
        let n = count(&n, || raise!(OverflowError, "factorial() argument should not exceed {}", i64::MAX))?;
        let _working = product_memory(u64::from(64 - n.leading_zeros()), n)?;
        Int::from_number(&combinatorics::factorial(n).map_err(|_| memory_error())?)
    }

    /// Number of ways to choose k items from n items without repetition and without order.
    ///
    /// Evaluates to n! / (k! * (n - k)!) when k <= n and evaluates
    /// to zero when k > n.
    ///
    /// Also called the binomial coefficient because it is equivalent
    /// to the coefficient of k-th term in polynomial expansion of the
    /// expression (1 + x)**n.
    ///
    /// Raises TypeError if either of the arguments are not integers.
    /// Raises ValueError if either of the arguments are negative.
    fn comb(n: &Object, k: &Object) -> Result<Ref<Int>, Raised> {
        let (n, k) = (index(n)?, index(k)?);
        if n.is_negative() {
            return Err(raise!(ValueError, "n must be a non-negative integer"));
        }
        if k.is_negative() {
            return Err(raise!(ValueError, "k must be a non-negative integer"));
        }
        if habu_runtime::types::int::compare::compare(&n, &k).is_lt() {
            return Int::from_i64(0);
        }
        let least = combinatorics::smaller_k(n.digits(), k.digits()).filter(|count| *count <= i64::MAX as u64);
        let Some(least) = least else {
            return Err(raise!(OverflowError, "min(n - k, k) must not exceed {}", i64::MAX));
        };
        let _working = product_memory(bit_length(n.digits()), least)?;
        Int::from_number(&combinatorics::comb(n.digits(), least).map_err(|_| memory_error())?)
    }

    /// Number of ways to choose k items from n items without repetition and with order.
    ///
    /// Evaluates to n! / (n - k)! when k <= n and evaluates
    /// to zero when k > n.
    ///
    /// If k is not specified or is None, then k defaults to n
    /// and the function returns n!.
    ///
    /// Raises TypeError if either of the arguments are not integers.
    /// Raises ValueError if either of the arguments are negative.
    #[signature(n, k = None, /)]
    fn perm(n: &Object, k: Option<&Object>) -> Result<Ref<Int>, Raised> {
        let Some(k) = k.filter(|k| !is_none(k)) else { return Math::factorial(n) };
        let (n, k) = (index(n)?, index(k)?);
        if n.is_negative() {
            return Err(raise!(ValueError, "n must be a non-negative integer"));
        }
        if k.is_negative() {
            return Err(raise!(ValueError, "k must be a non-negative integer"));
        }
        if habu_runtime::types::int::compare::compare(&n, &k).is_lt() {
            return Int::from_i64(0);
        }
        let k = count(&k, || raise!(OverflowError, "k must not exceed {}", i64::MAX))?;
        let _working = product_memory(bit_length(n.digits()), k)?;
        Int::from_number(&combinatorics::perm(n.digits(), k).map_err(|_| memory_error())?)
    }

    /// Greatest Common Divisor.
    #[signature(*integers)]
    #[shown("($module, *integers)")]
    fn gcd(integers: &[&Object]) -> Result<Ref<Int>, Raised> {
        let Some((first, rest)) = integers.split_first() else { return Int::from_i64(0) };
        let mut result = arithmetic::absolute(&*index(first)?)?;
        for item in rest {
            result = divisor(&result, &*index(item)?)?;
        }
        Ok(result)
    }

    /// Least Common Multiple.
    #[signature(*integers)]
    #[shown("($module, *integers)")]
    fn lcm(integers: &[&Object]) -> Result<Ref<Int>, Raised> {
        let Some((first, rest)) = integers.split_first() else { return Int::from_i64(1) };
        let mut result = arithmetic::absolute(&*index(first)?)?;
        for item in rest {
            let item = index(item)?;
            let _working = arithmetic::working_memory(result.digits().len().saturating_add(item.digits().len()))?;
            result = Int::from_number(&combinatorics::lcm(result.signed(), item.signed()))?;
        }
        Ok(result)
    }

    /// Return the integer part of the square root of the input.
    fn isqrt(n: &Object) -> Result<Ref<Int>, Raised> {
        let n = index(n)?;
        if n.is_negative() {
            return Err(raise!(ValueError, "isqrt() argument must be nonnegative"));
        }
        match small::to_u64(n.digits()) {
            Some(value) => Int::from_u64(value.isqrt()),
            None => {
                let _working = arithmetic::working_memory(n.digits().len())?;
                Int::from_number(&sqrt::isqrt(n.digits()))
            }
        }
    }

    /// Calculate the product of all the elements in the input iterable.
    ///
    /// The default start value for the product is 1.
    ///
    /// When the iterable is empty, return the start value.  This function is
    /// intended specifically for use with numeric values and may reject
    /// non-numeric types.
    #[signature(iterable, /, *, start = omitted("1"))]
    fn prod(iterable: &Object, start: Given<'_>) -> Result<Ref, Raised> {
        let start = match start {
            Given(Some(start)) => start.to_ref(),
            Given(None) => Int::from_i64(1)?.into_object(),
        };
        product(iterable, start)
    }
}
