//! The integer object as Rust uses it, and `bool`, which has its layout.
//!
//! The digits stand behind the header, least significant first; the header's size is their number, negative for a negative
//! integer, 0 for zero. Integers from -5 to 256 are static.

use std::cell::Cell;
use std::ptr::NonNull;

use habu_macros::pytype;

use crate::exceptions::memory_error;
use crate::object::static_cell::ProcessStatic;
use crate::object::{Object, Raised, Ref, VarObject};

/// int([x]) -> integer
/// int(x, base=10) -> integer
///
/// Convert a number or string to an integer, or return 0 if no arguments
/// are given.  If x is a number, return x.__int__().  For floating point
/// numbers, this truncates towards zero.
///
/// If x is not a number or if base is given, then x must be a string,
/// bytes, or bytearray instance representing an integer literal in the
/// given base.  The literal can be preceded by '+' or '-' and be surrounded
/// by whitespace.  The base defaults to 10.  Valid bases are 0 and 2-36.
/// Base 0 means to interpret the base from the string as an integer literal.
/// >>> int('0b100', base=0)
/// 4
#[pytype(name = "int", basetype, subclass_flag = LONG_SUBCLASS, flag = MATCH_SELF, itemsize = 4)]
pub struct Int {
    /// The header; its size is the number of digits with the sign.
    pub base: VarObject,
    digits: [u32; 0],
}

crate::assert_layout!(Int, size 24, digits @ 24);

/// bool(x) -> bool
///
/// Returns True when the argument x is true, False otherwise.
/// The builtins True and False are the only two instances of the class bool.
/// The class bool cannot be subclassed.
#[pytype(name = "bool", base = crate::types::int::INT_TYPE, itemsize = 4, basicsize = 24)]
pub struct Bool {
    /// The integer.
    pub base: VarObject,
    digit: u32,
}

/// The bits of a digit.
pub const DIGIT_BITS: u32 = 30;
/// The largest digit.
pub const DIGIT_MASK: u32 = (1 << DIGIT_BITS) - 1;

/// An integer of one digit.
#[repr(C)]
struct SmallInt {
    base: VarObject,
    digit: u32,
}

const SMALLEST: i64 = -5;
const LARGEST: i64 = 256;

static SMALL: [ProcessStatic<SmallInt>; 262] = {
    let mut all = [const { ProcessStatic(SmallInt { base: VarObject::shared_header(&raw const INT_TYPE.ty, 1), digit: 0 }) };
        262];
    let mut index = 0;
    while index < 262 {
        let value = index as i64 + SMALLEST;
        all[index].0.digit = if value < 0 { -value as u32 } else { value as u32 };
        all[index].0.base.size = Cell::new(if value < 0 {
            -1
        } else if value == 0 {
            0
        } else {
            1
        });
        index += 1;
    }
    all
};

static BOOLS: [ProcessStatic<Bool>; 2] = [
    ProcessStatic(Bool {
        base: VarObject { base: Object::header(&raw const BOOL_TYPE.ty), size: Cell::new(0) },
        digit: 0,
    }),
    ProcessStatic(Bool {
        base: VarObject { base: Object::header(&raw const BOOL_TYPE.ty), size: Cell::new(1) },
        digit: 1,
    }),
];

/// True or False, static.
#[inline(always)]
pub fn boolean_static(value: bool) -> &'static Bool {
    &BOOLS[value as usize].0
}

impl Int {
    /// The static integer, when `value` is one of them.
    #[inline(always)]
    pub fn small(value: i64) -> Option<&'static Int> {
        if !(SMALLEST..=LARGEST).contains(&value) {
            return None;
        }
        // SAFETY: SmallInt has the layout of an integer of one digit.
        Some(unsafe { &*(&raw const SMALL[(value - SMALLEST) as usize]).cast::<Int>() })
    }

    /// An integer.
    #[inline]
    pub fn from_i64(value: i64) -> Result<Ref<Int>, Raised> {
        if let Some(small) = Int::small(value) {
            return Ok(Ref::from_borrowed(small));
        }
        Int::from_magnitude(value.unsigned_abs(), value < 0)
    }

    /// An integer.
    pub fn from_u64(value: u64) -> Result<Ref<Int>, Raised> {
        if let Some(small) = i64::try_from(value).ok().and_then(Int::small) {
            return Ok(Ref::from_borrowed(small));
        }
        Int::from_magnitude(value, false)
    }

    #[inline]
    fn from_magnitude(mut value: u64, negative: bool) -> Result<Ref<Int>, Raised> {
        let count = if value <= u64::from(DIGIT_MASK) {
            1
        } else if value >> (2 * DIGIT_BITS) == 0 {
            2
        } else {
            3
        };
        Int::build(count, negative, |digits| {
            for digit in digits {
                *digit = value as u32 & DIGIT_MASK;
                value >>= DIGIT_BITS;
            }
            count
        })
    }

    /// An integer of up to `room` digits that `fill` writes: it gives how many it used; leading zeros are taken off here.
    /// The block has room for `room` digits, so it should not be much more than is used.
    #[inline]
    pub fn build(room: usize, negative: bool, fill: impl FnOnce(&mut [u32]) -> usize) -> Result<Ref<Int>, Raised> {
        if room > isize::MAX as usize / 8 {
            return Err(memory_error());
        }
        let object = crate::object::allocate::raw_memory(0, 24 + 4 * room.max(1), false)?.cast::<Int>();
        // SAFETY: the memory has room for the digits, which are zeroed before they are lent.
        unsafe {
            object.write(Int { base: VarObject::header(&raw const INT_TYPE.ty, 0), digits: [] });
            let digits = object.cast::<u8>().add(24).cast::<u32>();
            digits.write_bytes(0, room.max(1));
            let digits = std::slice::from_raw_parts_mut(digits.as_ptr(), room);
            let mut used = fill(digits).min(room);
            while used > 0 && digits[used - 1] == 0 {
                used -= 1;
            }
            let object = Ref::from_owned(object);
            object.base.size.set(if negative { -(used as isize) } else { used as isize });
            if used <= 1
                && let Some(small) = Int::small(object.small_value())
            {
                return Ok(Ref::from_borrowed(small));
            }
            Ok(object)
        }
    }

    /// An integer of these digits.
    pub fn from_digits(digits: &[u32], negative: bool) -> Result<Ref<Int>, Raised> {
        Int::build(digits.len(), negative, |to| {
            to.copy_from_slice(digits);
            digits.len()
        })
    }

    /// The digits, least significant first, without leading zeros.
    #[inline(always)]
    pub fn digits(&self) -> &[u32] {
        let start = std::ptr::from_ref(self).cast::<u8>();
        // SAFETY: the digits stand behind the header.
        unsafe { std::slice::from_raw_parts(start.add(24).cast(), self.base.size.get().unsigned_abs()) }
    }

    /// The digits with the sign, for the algorithms of `habu_numbers`.
    #[inline(always)]
    pub fn signed(&self) -> habu_numbers::digits::Signed<'_> {
        habu_numbers::digits::Signed { negative: self.is_negative(), magnitude: self.digits() }
    }

    /// Whether the integer is below zero.
    #[inline(always)]
    pub fn is_negative(&self) -> bool {
        self.base.size.get() < 0
    }

    /// Whether the integer has at most one digit.
    #[inline(always)]
    pub fn is_single(&self) -> bool {
        (self.base.size.get() + 1) as usize <= 2
    }

    /// The value of an integer of at most one digit.
    #[inline(always)]
    pub fn small_value(&self) -> i64 {
        debug_assert!(self.is_single());
        let start = std::ptr::from_ref(self).cast::<u8>();
        // SAFETY: every integer has room for one digit, which is 0 for zero.
        let digit = unsafe { start.add(24).cast::<u32>().read() };
        self.base.size.get() as i64 * i64::from(digit)
    }

    /// The value, when it fits.
    #[inline]
    pub fn to_i64(&self) -> Option<i64> {
        self.to_i128().and_then(|value| i64::try_from(value).ok())
    }

    /// The value, when it has at most four digits.
    pub fn to_i128(&self) -> Option<i128> {
        let digits = self.digits();
        if digits.len() > 4 {
            return None;
        }
        let magnitude = digits.iter().rev().fold(0i128, |value, digit| value << DIGIT_BITS | i128::from(*digit));
        Some(if self.is_negative() { -magnitude } else { magnitude })
    }
}

/// The `tp_dealloc` of integers.
///
/// # Safety
/// As `tp_dealloc`.
pub unsafe fn dealloc(object: NonNull<Object>) {
    // SAFETY: the object is an integer whose fields need no ending; its room may be larger than its digits.
    unsafe {
        let preheader = object.as_ref().ty().preheader_size();
        crate::object::allocate::free_memory_unsized(object, preheader);
    }
}

/// The nearest double; too large is an OverflowError.
pub fn to_f64(value: &Int) -> Result<f64, Raised> {
    habu_numbers::digits::float::to_f64(value.signed())
        .ok_or_else(|| crate::raise!(OverflowError, "int too large to convert to float"))
}

#[habu_macros::pymethods]
impl Int {}

#[habu_macros::pymethods]
impl Bool {}
