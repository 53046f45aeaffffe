//! The range object: its start, stop, step and length are integer objects; where all fit a machine word, arithmetic is done in 128
//! bits, else through the integers' own operators.

use std::mem::offset_of;

use habu_macros::pytype;

use crate::object::descriptor_tables::{READONLY, T_OBJECT_EX};
use crate::object::protocol::compare_truth;
use crate::object::protocol::number::{Operator, binary_op};
use crate::object::slots::CompareOp;
use crate::object::{Field, MemberDef, Object, Raised, Ref};
use crate::raise;
use crate::types::int::Int;

/// range(stop) -> range object
/// range(start, stop[, step]) -> range object
///
/// Return an object that produces a sequence of integers from start (inclusive)
/// to stop (exclusive) by step.  range(i, j) produces i, i+1, i+2, ..., j-1.
/// start defaults to 0, and stop is omitted!  range(4) produces 0, 1, 2, 3.
/// These are exactly the valid indices for a list of 4 elements.
/// When step is given, it specifies the increment (or decrement).
#[pytype(name = "range", generic_get, c_name = "PyRange_Type", flag = SEQUENCE)]
pub struct Range {
    base: Object,
    start: Field<Int>,
    stop: Field<Int>,
    step: Field<Int>,
    length: Field<Int>,
}

crate::assert_layout!(Range, size 48, start @ 16, stop @ 24, step @ 32, length @ 40);

const fn member(name: &'static std::ffi::CStr, offset: usize) -> MemberDef {
    MemberDef {
        name: name.as_ptr(),
        kind: T_OBJECT_EX,
        offset: offset as isize,
        flags: READONLY,
        doc: std::ptr::null(),
    }
}

pub(super) static MEMBERS: &[MemberDef] = &[
    member(c"start", offset_of!(Range, start)),
    member(c"stop", offset_of!(Range, stop)),
    member(c"step", offset_of!(Range, step)),
];

/// An integer of up to 128 bits as an object.
pub(super) fn integer(value: i128) -> Result<Ref<Int>, Raised> {
    if let Ok(value) = i64::try_from(value) {
        return Int::from_i64(value);
    }
    let mut rest = value.unsigned_abs();
    Int::build(5, value < 0, |digits| {
        for digit in digits.iter_mut() {
            *digit = rest as u32 & crate::types::int::value::DIGIT_MASK;
            rest >>= crate::types::int::value::DIGIT_BITS;
        }
        digits.len()
    })
}

/// An operator on two integers, whose result is one again.
pub(super) fn arithmetic(left: &Int, right: &Int, operator: Operator) -> Result<Ref<Int>, Raised> {
    binary_op(left, right, operator)?
        .downcast_into::<Int>()
        .map_err(|_| raise!(SystemError, "an operator of integers gave something else"))
}

/// `(last - first) // step + 1` for a progression in machine words; 0 when it is empty.
pub(super) fn count(start: i64, stop: i64, step: i64) -> u64 {
    let (start, stop, step) = (i128::from(start), i128::from(stop), i128::from(step));
    if step > 0 && start < stop {
        ((stop - start - 1) / step + 1) as u64
    } else if step < 0 && stop < start {
        ((start - stop - 1) / -step + 1) as u64
    } else {
        0
    }
}

/// The number of items of a progression.
fn count_of(start: &Int, stop: &Int, step: &Int) -> Result<Ref<Int>, Raised> {
    if let (Some(start), Some(stop), Some(step)) = (start.to_i64(), stop.to_i64(), step.to_i64()) {
        return Int::from_u64(count(start, stop, step));
    }
    let one = Int::from_i64(1)?;
    let zero = Int::from_i64(0)?;
    let negative = step.is_negative();
    let (low, high) = if negative { (stop, start) } else { (start, stop) };
    if compare_truth(low, high, CompareOp::Ge)? {
        return Ok(zero);
    }
    let step = if negative { arithmetic(&zero, step, Operator::Subtract)? } else { Ref::from_borrowed(step) };
    let distance = arithmetic(&*arithmetic(high, low, Operator::Subtract)?, &one, Operator::Subtract)?;
    arithmetic(&*arithmetic(&distance, &step, Operator::FloorDivide)?, &one, Operator::Add)
}

impl Range {
    /// The range of these three integers; `step` must not be 0.
    pub fn new(start: Ref<Int>, stop: Ref<Int>, step: Ref<Int>) -> Result<Ref<Range>, Raised> {
        let length = count_of(&start, &stop, &step)?;
        crate::object::create(Range {
            base: Object::of::<Range>(),
            start: Field::new(start),
            stop: Field::new(stop),
            step: Field::new(step),
            length: Field::new(length),
        })
    }

    /// Where the range starts.
    pub fn start(&self) -> &Int {
        Range::part(&self.start)
    }

    /// Where the range stops.
    pub fn stop(&self) -> &Int {
        Range::part(&self.stop)
    }

    /// From one item to the next.
    pub fn step(&self) -> &Int {
        Range::part(&self.step)
    }

    /// The number of items.
    pub fn length(&self) -> &Int {
        Range::part(&self.length)
    }

    fn part(field: &Field<Int>) -> &Int {
        // SAFETY: the fields are filled when the range is made, and never change or are emptied before it dies.
        unsafe { field.borrow().unwrap_unchecked() }
    }

    /// Start and step, when they, the stop and the length fit a machine word.
    pub(super) fn words(&self) -> Option<(i64, i64, i64)> {
        self.stop().to_i64()?;
        Some((self.start().to_i64()?, self.step().to_i64()?, self.length().to_i64()?))
    }

    /// The item at an index, which is not checked.
    pub(super) fn item_at(&self, index: &Int) -> Result<Ref<Int>, Raised> {
        if let (Some((start, step, _)), Some(index)) = (self.words(), index.to_i64()) {
            // Below 2**127: an index is at most the length.
            if let Some(value) = i128::from(index).checked_mul(step.into()) {
                return integer(i128::from(start) + value);
            }
        }
        let distance = arithmetic(index, self.step(), Operator::Multiply)?;
        arithmetic(self.start(), &distance, Operator::Add)
    }

    /// Whether an integer is one of the items.
    pub(super) fn contains_integer(&self, value: &Int) -> Result<bool, Raised> {
        if let (Some((start, step, length)), Some(value)) = (self.words(), value.to_i64()) {
            let distance = i128::from(value) - i128::from(start);
            let step = i128::from(step);
            return Ok(distance % step == 0 && (0..i128::from(length)).contains(&(distance / step)));
        }
        let (start, stop) = (self.start(), self.stop());
        let inside = if self.step().is_negative() {
            compare_truth(value, start, CompareOp::Le)? && compare_truth(value, stop, CompareOp::Gt)?
        } else {
            compare_truth(start, value, CompareOp::Le)? && compare_truth(value, stop, CompareOp::Lt)?
        };
        if !inside {
            return Ok(false);
        }
        let distance = arithmetic(value, start, Operator::Subtract)?;
        Ok(arithmetic(&distance, self.step(), Operator::Remainder)?.digits().is_empty())
    }
}
