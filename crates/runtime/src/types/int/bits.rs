//! Shifts and bitwise operations on integers, as on endless two's complement.

use habu_numbers::digits::{Signed, bitwise, shift};

use super::Int;
use super::value::DIGIT_BITS;
use crate::exceptions::memory_error;
use crate::object::{Raised, Ref};
use crate::raise;

/// The most digits that a size could tell; beyond them is an OverflowError, not a MemoryError.
const MOST_DIGITS: u64 = (isize::MAX as u64 - 24) / 4;

/// The bits to shift by, which are not negative, unless they are `digits` digits and more.
#[inline(always)]
fn shift_count(count: &Int, digits: u64) -> Option<u64> {
    let bits = if count.is_single() { count.small_value() as u64 } else { count.to_u64()? };
    (bits / u64::from(DIGIT_BITS) < digits).then_some(bits)
}

/// `value << count`
#[inline(always)]
pub fn left_shift(value: &Int, count: &Int) -> Result<Ref<Int>, Raised> {
    if value.is_single() && count.is_single() {
        let count = count.small_value();
        if (0..=32).contains(&count) {
            return Int::from_i64(value.small_value() << count);
        }
    }
    left_shift_wide(value, count)
}

#[inline(never)]
fn left_shift_wide(value: &Int, count: &Int) -> Result<Ref<Int>, Raised> {
    left_shift_long(value, count)
}

/// `value << count`, of any length.
#[inline(always)]
pub fn left_shift_long(value: &Int, count: &Int) -> Result<Ref<Int>, Raised> {
    if count.is_negative() {
        return Err(raise!(ValueError, "negative shift count"));
    }
    if value.digits().is_empty() {
        return Int::from_i64(0);
    }
    let Some(bits) = shift_count(count, MOST_DIGITS) else {
        return Err(raise!(OverflowError, "too many digits in integer"));
    };
    if let Some(value) = value.two_digits()
        && bits < u64::from(value.unsigned_abs().leading_zeros())
    {
        return Int::from_i64(value << bits);
    }
    let room = shift::shl_digits(value.digits(), bits).ok_or_else(memory_error)?;
    // SAFETY: the digits are written, as many as `shl` says.
    unsafe {
        Int::build_written(
            room,
            #[inline(always)]
            |out| (value.is_negative(), shift::shl(value.digits(), bits, out)),
        )
    }
}

/// `value >> count`
#[inline(always)]
pub fn right_shift(value: &Int, count: &Int) -> Result<Ref<Int>, Raised> {
    if value.is_single() && count.is_single() {
        let count = count.small_value();
        if count >= 0 {
            return Int::from_i64(value.small_value() >> count.min(63));
        }
    }
    right_shift_wide(value, count)
}

#[inline(never)]
fn right_shift_wide(value: &Int, count: &Int) -> Result<Ref<Int>, Raised> {
    right_shift_long(value, count)
}

/// `value >> count`, of any length.
#[inline(always)]
pub fn right_shift_long(value: &Int, count: &Int) -> Result<Ref<Int>, Raised> {
    if count.is_negative() {
        return Err(raise!(ValueError, "negative shift count"));
    }
    let length = value.digits().len();
    let Some(bits) = shift_count(count, length as u64) else {
        return Int::from_i64(if value.is_negative() { -1 } else { 0 });
    };
    if let Some(value) = value.two_digits() {
        return Int::from_i64(value >> bits.min(63));
    }
    if !value.is_negative() {
        let room = shift::shr_digits(value.digits(), bits);
        // SAFETY: the digits are written, as many as `shr` says.
        return unsafe {
            Int::build_written(
                room,
                #[inline(always)]
                |out| (false, shift::shr(value.digits(), bits, out)),
            )
        };
    }
    let room = length - (bits / u64::from(DIGIT_BITS)) as usize + 1;
    Int::build_signed(room, |out| shift::shr_signed(value.signed(), bits, out))
}

/// An operation on digits: the sign and the number of digits of the result.
type Combine = for<'a> fn(Signed<'a>, Signed<'a>, &mut [u32]) -> (bool, usize);

#[inline(never)]
fn combine_wide(left: &Int, right: &Int, combine: Combine) -> Result<Ref<Int>, Raised> {
    let (left, right) = (left.signed(), right.signed());
    Int::build_signed(bitwise::size(left, right), |out| combine(left, right, out))
}

macro_rules! bitwise {
    ($($(#[$doc:meta])* $name:ident, $wide:ident: $operator:tt, $digits:path;)*) => {
        $($(#[$doc])*
        #[inline(always)]
        pub fn $name(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
            if left.is_single() && right.is_single() {
                return Int::from_i64(left.small_value() $operator right.small_value());
            }
            $wide(left, right)
        }

        #[inline(never)]
        fn $wide(left: &Int, right: &Int) -> Result<Ref<Int>, Raised> {
            if let (Some(left), Some(right)) = (left.two_digits(), right.two_digits()) {
                return Int::from_i64(left $operator right);
            }
            if let (Some(left), Some(right)) = (left.four_digits(), right.four_digits()) {
                return Int::from_i128(left $operator right);
            }
            combine_wide(left, right, $digits)
        })*
    };
}

bitwise! {
    /// `left & right`
    and, and_wide: &, bitwise::and;
    /// `left | right`
    or, or_wide: |, bitwise::or;
    /// `left ^ right`
    xor, xor_wide: ^, bitwise::xor;
}

/// `~value`
#[inline]
pub fn invert(value: &Int) -> Result<Ref<Int>, Raised> {
    if value.is_single() {
        return Int::from_i64(!value.small_value());
    }
    Int::build_signed(value.digits().len() + 1, |out| bitwise::invert(value.signed(), out))
}
