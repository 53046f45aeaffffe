//! The arithmetic of integers: addition to power.
//!
//! Operands of one digit take a few instructions, those of two digits go through machine integers, longer ones through
//! `habu_numbers`. The functions here are what the evaluation loop calls when it knows both operands to be integers.

use habu_numbers::digits::float::true_divide as divide_digits;
use habu_numbers::digits::{basic, div, mul, power as powers};

use super::Int;
use super::value::DIGIT_MASK;
use crate::exceptions::memory_error;
use crate::object::{Raised, Ref};
use crate::raise;
use crate::types::float::Float;

/// `left + right`
#[inline(always)]
pub fn add(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    if left.is_single() && right.is_single() {
        return Int::from_i64(left.small_value() + right.small_value());
    }
    add_wide(left, right)
}

#[inline(never)]
fn add_wide(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    add_long(left, right)
}

/// `left + right`, where not both have a single digit.
#[inline(always)]
pub fn add_long(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    if left.has_two_digits() && right.has_two_digits() {
        return add_two_digits(left, right);
    }
    if left.is_negative() == right.is_negative() {
        sum(left.digits(), right.digits(), left.is_negative())
    } else {
        difference(left.digits(), right.digits(), left.is_negative())
    }
}

/// `left + right` of at most two digits.
#[inline(never)]
fn add_two_digits(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    Int::from_i64(left.two_digits().unwrap_or(0) + right.two_digits().unwrap_or(0))
}

/// `left - right` of at most two digits.
#[inline(never)]
fn subtract_two_digits(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    Int::from_i64(left.two_digits().unwrap_or(0) - right.two_digits().unwrap_or(0))
}

/// The sum of two magnitudes, of which one has two digits at least.
#[inline(always)]
fn sum(x: &[u32], y: &[u32], negative: bool) -> Result<Ref<Int>, Raised> {
    let len = x.len();
    if len != y.len() || len == 0 {
        return sum_of_lengths(x, y, negative);
    }
    let room = len + usize::from(x[len - 1] + y[len - 1] >= DIGIT_MASK);
    // SAFETY: `add_equal` writes the digits whose number it gives, and the highest of a sum is not 0.
    unsafe {
        Int::build_normalised(
            room,
            #[inline(always)]
            |out| (negative, basic::add_equal(x, y, out)),
        )
    }
}

/// The sum of two magnitudes, of which one has two digits at least.
#[inline(never)]
fn sum_of_lengths(x: &[u32], y: &[u32], negative: bool) -> Result<Ref<Int>, Raised> {
    // SAFETY: `add` writes the digits whose number it gives.
    unsafe {
        Int::build_written(
            basic::sum_size(x, y),
            #[inline(always)]
            |out| (negative, basic::add(x, y, out)),
        )
    }
}

/// The difference of two magnitudes; `negative` says of which sign it is where the first one is larger.
#[inline(always)]
fn difference(x: &[u32], y: &[u32], negative: bool) -> Result<Ref<Int>, Raised> {
    let len = x.len();
    if len != y.len() || len == 0 || x[len - 1].abs_diff(y[len - 1]) < 2 {
        return difference_of_any(x, y, negative);
    }
    let swapped = x[len - 1] < y[len - 1];
    let (x, y) = if swapped { (y, x) } else { (x, y) };
    // SAFETY: `sub_equal` writes as many digits as there are. The highest is not 0, even where one is borrowed from it.
    unsafe {
        Int::build_normalised(
            len,
            #[inline(always)]
            |out| {
                basic::sub_equal(x, y, out);
                (negative != swapped, len)
            },
        )
    }
}

/// The difference of two magnitudes of any lengths, as [`difference`].
#[inline(never)]
fn difference_of_any(x: &[u32], y: &[u32], negative: bool) -> Result<Ref<Int>, Raised> {
    let Some((x, y, swapped)) = basic::prepare_difference(x, y) else { return Int::from_i64(0) };
    // SAFETY: `sub_unnormalised` writes as many digits as the larger one has.
    unsafe {
        Int::build_written(
            x.len(),
            #[inline(always)]
            |out| {
                basic::sub_unnormalised(x, y, out);
                (negative != swapped, x.len())
            },
        )
    }
}

/// `left - right`
#[inline(always)]
pub fn subtract(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    if left.is_single() && right.is_single() {
        return Int::from_i64(left.small_value() - right.small_value());
    }
    subtract_wide(left, right)
}

#[inline(never)]
fn subtract_wide(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    subtract_long(left, right)
}

/// `left - right`, where not both have a single digit.
#[inline(always)]
pub fn subtract_long(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    if left.has_two_digits() && right.has_two_digits() {
        return subtract_two_digits(left, right);
    }
    if left.is_negative() == right.is_negative() {
        difference(left.digits(), right.digits(), left.is_negative())
    } else {
        sum(left.digits(), right.digits(), left.is_negative())
    }
}

/// Charges the working memory of an operation on large numbers, whose results have `digits` digits in all; operations on small ones have next
/// to none. The temporaries of the fastest algorithms take up to six times the memory of the result. Raises MemoryError beyond the limit.
/// Handlers of signals run first, unless the numbers are short.
#[inline]
pub fn working_memory(digits: usize) -> Result<Option<habu_heap::Working>, Raised> {
    const LONG: usize = 64;
    const LARGE: usize = 2048;
    if digits < LONG {
        return Ok(None);
    }
    crate::eval::breaker::check_signals()?;
    if digits < LARGE {
        return Ok(None);
    }
    let bytes = digits.saturating_mul(4 * 6);
    habu_heap::Working::reserve(bytes).map(Some).map_err(|_| memory_error())
}

/// `left * right`
#[inline(always)]
pub fn multiply(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    if left.is_single() && right.is_single() {
        return Int::from_i64(left.small_value() * right.small_value());
    }
    multiply_wide(left, right)
}

#[inline(never)]
fn multiply_wide(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    multiply_long(left, right)
}

/// `left * right`, where not both have a single digit.
#[inline(always)]
pub fn multiply_long(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    if let (Some(x), Some(y)) = (left.word(), right.word()) {
        return Int::from_u128(u128::from(x) * u128::from(y), left.is_negative() != right.is_negative());
    }
    let room = left.digits().len() + right.digits().len();
    let _working = working_memory(room)?;
    // SAFETY: the product's digits are written, as many as it says.
    unsafe { Int::build_written(room, |out| mul::mul_signed(left.signed(), right.signed(), out)) }
}

/// `-value`
#[inline]
pub fn negate(value: &Int) -> Result<Ref<Int>, Raised> {
    if value.is_single() {
        return Int::from_i64(-value.small_value());
    }
    Int::from_digits(value.digits(), !value.is_negative())
}

/// `abs(value)`
#[inline]
pub fn absolute(value: &Int) -> Result<Ref<Int>, Raised> {
    if value.is_negative() { negate(value) } else { value.to_exact() }
}

/// Quotient rounded down of one-digit operands; the divisor is not 0.
#[inline(always)]
fn floor_quotient(left: i64, right: i64) -> i64 {
    if left >= 0 && right > 0 {
        return i64::from(left as u32 / right as u32);
    }
    let (quotient, rest) = (left / right, left % right);
    if rest != 0 && (rest < 0) != (right < 0) { quotient - 1 } else { quotient }
}

/// Remainder with the divisor's sign of one-digit operands; the divisor is not 0.
#[inline(always)]
fn floor_rest(left: i64, right: i64) -> i64 {
    if left >= 0 && right > 0 {
        return i64::from(left as u32 % right as u32);
    }
    let rest = left % right;
    if rest != 0 && (rest < 0) != (right < 0) { rest + right } else { rest }
}

/// Whether both have one digit and the divisor is not 0.
#[inline(always)]
fn simple_division(left: &Int, right: &Int) -> bool {
    left.is_single() && right.is_single() && right.base.size.get() != 0
}

/// `left // right`
#[inline(always)]
pub fn floor_divide(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    if simple_division(left, right) {
        return Int::from_i64(floor_quotient(left.small_value(), right.small_value()));
    }
    floor_divide_wide(left, right)
}

#[inline(never)]
fn floor_divide_wide(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    if right.digits().is_empty() {
        return Err(raise!(ZeroDivisionError, "integer division or modulo by zero"));
    }
    if let (Some(left), Some(right)) = (left.two_digits(), right.two_digits())
        && let Some((quotient, _)) = habu_numbers::digits::small::floor_divmod(left, right)
    {
        return Int::from_i64(quotient);
    }
    if left.is_negative() == right.is_negative() {
        return truncated_quotient(left.digits(), right.digits());
    }
    let (left, right) = (left.signed(), right.signed());
    let _working = working_memory(left.magnitude.len())?;
    let (room, rest_room) = div::floor_divmod_sizes(left, right);
    with_scratch(rest_room, |rest| {
        Int::build_signed(room, |out| {
            div::floor_divmod(left, right, out, rest)
                .map_or((false, 0), |done| (done.quotient_negative, done.quotient_len))
        })
    })
}

/// The quotient of two magnitudes, of which the second is not 0.
#[inline(always)]
fn truncated_quotient(left: &[u32], right: &[u32]) -> Result<Ref<Int>, Raised> {
    let room = div::quotient_size(left, right);
    if room == 0 {
        return Int::from_i64(0);
    }
    let _working = working_memory(left.len())?;
    // SAFETY: the quotient's digits are written, as many as `divide` says.
    unsafe { Int::build_written(room, |out| (false, div::divide(left, right, Some(out), None::<&mut [u32]>).0)) }
}

/// The remainder of two magnitudes, of which the second is not 0.
#[inline(always)]
fn truncated_rest(left: &[u32], right: &[u32], negative: bool) -> Result<Ref<Int>, Raised> {
    if let [divisor] = *right {
        let rest = i64::from(div::rem_digit(left, divisor));
        return Int::from_i64(if negative { -rest } else { rest });
    }
    let _working = working_memory(left.len())?;
    // SAFETY: the remainder's digits are written, as many as `divide` says.
    unsafe {
        Int::build_written(left.len().min(right.len()), |out| {
            (negative, div::divide(left, right, None::<&mut [u32]>, Some(out)).1)
        })
    }
}

/// `left % right`
#[inline(always)]
pub fn remainder(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    if simple_division(left, right) {
        return Int::from_i64(floor_rest(left.small_value(), right.small_value()));
    }
    remainder_wide(left, right)
}

#[inline(never)]
fn remainder_wide(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
    if right.digits().is_empty() {
        return Err(raise!(ZeroDivisionError, "integer modulo by zero"));
    }
    if let (Some(x), Some(y)) = (left.two_digits(), right.two_digits()) {
        let rest = x.unsigned_abs() % y.unsigned_abs().max(1);
        // The remainder has the divisor's sign.
        let rest = if rest != 0 && (x < 0) != (y < 0) { y.unsigned_abs() - rest } else { rest };
        return Int::from_i64(if y < 0 { -(rest as i64) } else { rest as i64 });
    }
    if left.is_negative() == right.is_negative() {
        return truncated_rest(left.digits(), right.digits(), left.is_negative());
    }
    let (left, right) = (left.signed(), right.signed());
    let _working = working_memory(left.magnitude.len())?;
    let (quotient_room, room) = div::floor_divmod_sizes(left, right);
    with_scratch(quotient_room, |quotient| {
        Int::build_signed(room, |out| {
            div::floor_divmod(left, right, quotient, out)
                .map_or((false, 0), |done| (done.remainder_negative, done.remainder_len))
        })
    })
}

/// `divmod(left, right)`
pub fn divmod(left: &Int, right: &Int) -> Result<(Ref<Int>, Ref<Int>), Raised> {
    if right.digits().is_empty() {
        return Err(raise!(ZeroDivisionError, "integer division or modulo by zero"));
    }
    if let (Some(left), Some(right)) = (left.two_digits(), right.two_digits())
        && let Some((quotient, rest)) = habu_numbers::digits::small::floor_divmod(left, right)
    {
        return Ok((Int::from_i64(quotient)?, Int::from_i64(rest)?));
    }
    let (left, right) = (left.signed(), right.signed());
    let _working = working_memory(left.magnitude.len())?;
    let (room, rest_room) = div::floor_divmod_sizes(left, right);
    with_scratch(rest_room, |rest| {
        let mut rest_sign = (false, 0);
        let quotient = Int::build_signed(room, |out| {
            let Some(done) = div::floor_divmod(left, right, out, rest) else { return (false, 0) };
            rest_sign = (done.remainder_negative, done.remainder_len);
            (done.quotient_negative, done.quotient_len)
        })?;
        let rest = Int::from_digits(&rest[..rest_sign.1.min(rest_room)], rest_sign.0)?;
        Ok((quotient, rest))
    })
}

/// Lends room for digits that are not kept: on the stack, for most.
#[inline]
fn with_scratch<R>(room: usize, body: impl FnOnce(&mut [u32]) -> Result<R, Raised>) -> Result<R, Raised> {
    const ON_STACK: usize = 64;
    if room <= ON_STACK {
        return body(&mut [0; ON_STACK][..room]);
    }
    let mut buffer = habu_heap::Buffer::with_capacity(room)?;
    buffer.resize(room, 0)?;
    body(&mut buffer)
}

/// `left / right`
#[inline]
pub fn true_divide(left: &Int, right: &Int) -> Result<Ref<Float>, Raised> {
    Float::new(true_divide_value(left, right)?)
}

/// `left / right` as a double.
#[inline]
pub fn true_divide_value(left: &Int, right: &Int) -> Result<f64, Raised> {
    if simple_division(left, right) {
        return Ok(left.small_value() as f64 / right.small_value() as f64);
    }
    true_divide_wide(left, right)
}

#[inline(never)]
fn true_divide_wide(left: &Int, right: &Int) -> Result<f64, Raised> {
    use habu_numbers::digits::float::TrueDivideError;
    divide_digits(left.signed(), right.signed()).map_err(|error| match error {
        TrueDivideError::Zero => raise!(ZeroDivisionError, "{}", error.message()),
        TrueDivideError::Overflow => raise!(OverflowError, "{}", error.message()),
    })
}

/// `base ** exponent` for an exponent that is not negative.
pub fn power(base: &Int, exponent: &Int) -> Result<Ref<Int>, Raised> {
    match base.two_digits() {
        // These are small however large the exponent is.
        Some(0) => return Int::from_i64(i64::from(exponent.digits().is_empty())),
        Some(1) => return Int::from_i64(1),
        Some(-1) => return Int::from_i64(if exponent.signed().is_odd() { -1 } else { 1 }),
        _ => (),
    }
    let count = exponent.to_u64().ok_or_else(memory_error)?;
    if base.is_single()
        && let Ok(small) = u32::try_from(count)
        && let Some(value) = base.small_value().checked_pow(small)
    {
        return Int::from_i64(value);
    }
    let bits = habu_numbers::digits::bit_length(base.digits()).saturating_mul(count);
    let _working = working_memory(habu_numbers::digits::digits_for_bits(bits))?;
    let value = powers::pow(base.signed(), count).map_err(|_| memory_error())?;
    Int::from_number(&value)
}

/// `pow(base, exponent, modulus)`
pub fn power_modulo(base: &Int, exponent: &Int, modulus: &Int) -> Result<Ref<Int>, Raised> {
    let _working = working_memory(base.digits().len().saturating_add(modulus.digits().len().saturating_mul(3)))?;
    let value = powers::pow_mod(base.signed(), exponent.signed(), modulus.signed())
        .map_err(|error| raise!(ValueError, "{}", error.message()))?;
    Int::from_number(&value)
}
