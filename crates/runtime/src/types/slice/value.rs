//! The slice object, its evaluation to machine integers, and `indices` with integers of any size.

use std::mem::offset_of;

use habu_macros::{pymethods, pytype};

use crate::object::descriptor_tables::{READONLY, T_OBJECT};
use crate::object::protocol::number::{Operator, binary_op, has_index, index_as_size, index_exact};
use crate::object::protocol::sequence::{SliceIndices, adjust_indices, check_count, no_keywords};
use crate::object::protocol::{compare, compare_truth, repr};
use crate::object::slots::CompareOp;
use crate::object::{Field, MemberDef, Object, Raised, Ref, Type};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::singletons::is_none;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::{boolean, none, not_implemented};

/// slice(stop)
/// slice(start, stop[, step])
///
/// Create a slice object.  This is used for extended slicing (e.g. a[0:10:2]).
#[pytype(name = "slice", generic_get, c_name = "PySlice_Type", gc, free_list = Slice)]
pub struct Slice {
    base: Object,
    #[traverse]
    start: Field,
    #[traverse]
    stop: Field,
    #[traverse]
    step: Field,
}

crate::assert_layout!(Slice, size 40, start @ 16, stop @ 24, step @ 32);
crate::ends_in_order!(Slice: step, start, stop);

const fn member(name: &'static std::ffi::CStr, offset: usize) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind: T_OBJECT, offset: offset as isize, flags: READONLY, doc: std::ptr::null() }
}

static MEMBERS: &[MemberDef] = &[
    member(c"start", offset_of!(Slice, start)),
    member(c"stop", offset_of!(Slice, stop)),
    member(c"step", offset_of!(Slice, step)),
];

/// A part of a slice as a machine integer: None is `missing`; what is too large is clipped.
fn part(value: &Object, missing: isize) -> Result<isize, Raised> {
    if is_none(value) {
        return Ok(missing);
    }
    check_index(value)?;
    index_as_size(value, None)
}

/// A part of a slice must be None or have `__index__`.
fn check_index(value: &Object) -> Result<(), Raised> {
    if !has_index(value) {
        return Err(raise!(TypeError, "slice indices must be integers or None or have an __index__ method"));
    }
    Ok(())
}

impl Slice {
    /// `slice(start, stop, step)`
    pub fn new(start: Ref, stop: Ref, step: Ref) -> Result<Ref<Slice>, Raised> {
        crate::object::create(Slice {
            base: Object::of::<Slice>(),
            start: Field::new(start),
            stop: Field::new(stop),
            step: Field::new(step),
        })
    }

    /// `slice(start, stop)` of two positions.
    pub fn from_positions(start: isize, stop: isize) -> Result<Ref<Slice>, Raised> {
        let position = |value: isize| Int::from_i64(value as i64).map(Ref::into_object);
        Slice::new(position(start)?, position(stop)?, none())
    }

    /// `start`; None only once a collection has cleared the slice.
    pub fn start(&self) -> Ref {
        self.start.get().unwrap_or_else(none)
    }

    /// `stop`
    pub fn stop(&self) -> Ref {
        self.stop.get().unwrap_or_else(none)
    }

    /// `step`
    pub fn step(&self) -> Ref {
        self.step.get().unwrap_or_else(none)
    }

    /// What `unpack` gives, for a slice without a step whose other parts are integers of one digit or None.
    ///
    /// # Safety
    /// No Python code runs meanwhile, which holds of this function.
    unsafe fn small_parts(&self) -> Option<(isize, isize, isize)> {
        let small = |field: &Field, missing: isize| {
            // SAFETY: by the contract.
            let value = unsafe { field.borrow() }?;
            if is_none(value) {
                return Some(missing);
            }
            let value = value.downcast_exact::<Int>()?;
            value.is_single().then(|| value.small_value() as isize)
        };
        // SAFETY: by the contract.
        if !is_none(unsafe { self.step.borrow() }?) {
            return None;
        }
        Some((small(&self.start, 0)?, small(&self.stop, isize::MAX)?, 1))
    }

    /// Start, stop and step as machine integers, for a sequence of any length (`PySlice_Unpack`).  This may run `__index__`, so
    /// the sequence's length is to be asked for afterwards.
    pub fn unpack(&self) -> Result<(isize, isize, isize), Raised> {
        // The usual case: whole numbers of one digit, or None.
        // SAFETY: nothing runs Python code while the parts are borrowed.
        if let Some(parts) = unsafe { self.small_parts() } {
            return Ok(parts);
        }
        // The negative of a step must not overflow.
        let step = part(&self.step(), 1)?.max(-isize::MAX);
        if step == 0 {
            return Err(raise!(ValueError, "slice step cannot be zero"));
        }
        let (first, last) = if step < 0 { (isize::MAX, isize::MIN) } else { (0, isize::MAX) };
        let start = part(&self.start(), first)?;
        let stop = part(&self.stop(), last)?;
        Ok((start, stop, step))
    }

    /// The slice's indices in a sequence whose length `length` gives once the slice's parts are known.
    pub fn resolve(&self, length: impl FnOnce() -> usize) -> Result<SliceIndices, Raised> {
        let (start, stop, step) = self.unpack()?;
        Ok(adjust_indices(length(), start, stop, step))
    }

    /// Start, stop and step for a sequence of `length` items, with integers of any size (`slice.indices`).
    pub(crate) fn long_indices(&self, length: &Int) -> Result<[Ref; 3], Raised> {
        let number = |value: i64| Int::from_i64(value).map(Ref::into_object);
        let step = self.step();
        let (step, negative) = if is_none(&step) {
            (number(1)?, false)
        } else {
            check_index(&step)?;
            let step = index_exact(&step)?;
            if step.digits().is_empty() {
                return Err(raise!(ValueError, "slice step cannot be zero"));
            }
            let negative = step.is_negative();
            (step.into_object(), negative)
        };
        let length = Ref::from_borrowed(length).into_object();
        let (lower, upper) = if negative {
            (number(-1)?, binary_op(&length, &*number(1)?, Operator::Subtract)?)
        } else {
            (number(0)?, length.clone())
        };
        let clip = |value: Ref, missing: &Ref| -> Result<Ref, Raised> {
            if is_none(&value) {
                return Ok(missing.clone());
            }
            check_index(&value)?;
            let value = index_exact(&value)?;
            if value.is_negative() {
                let value = binary_op(&value, &length, Operator::Add)?;
                return Ok(if compare_truth(&value, &lower, CompareOp::Lt)? { lower.clone() } else { value });
            }
            let value = value.into_object();
            Ok(if compare_truth(&value, &upper, CompareOp::Gt)? { upper.clone() } else { value })
        };
        let start = clip(self.start(), if negative { &upper } else { &lower })?;
        let stop = clip(self.stop(), if negative { &lower } else { &upper })?;
        Ok([start, stop, step])
    }

    fn parts(&self) -> Result<Ref<Tuple>, Raised> {
        Tuple::from_refs([self.start(), self.stop(), self.step()])
    }
}

#[pymethods(members = MEMBERS)]
impl Slice {
    #[slot(tp_new)]
    fn construct(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Slice>, Raised> {
        no_keywords("slice", kwargs)?;
        check_count("slice", args.len(), 1, 3)?;
        match args.as_slice() {
            [stop] => Slice::new(none(), stop.clone(), none()),
            [start, stop, rest @ ..] => {
                Slice::new(start.clone(), stop.clone(), rest.first().cloned().unwrap_or_else(none))
            }
            [] => Slice::new(none(), none(), none()),
        }
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        Str::from_format(format_args!(
            "slice({}, {}, {})",
            repr(&self.start())?,
            repr(&self.stop())?,
            repr(&self.step())?
        ))
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<Slice>() else { return Ok(not_implemented()) };
        if self.is(other) {
            return Ok(boolean(op.holds(std::cmp::Ordering::Equal)));
        }
        compare(&*self.parts()?, &*other.parts()?, op)
    }

    /// S.indices(len) -> (start, stop, stride)
    ///
    /// Assuming a sequence of length len, calculate the start and stop
    /// indices, and the stride length of the extended slice described by
    /// S. Out of bounds indices are clipped in a manner consistent with the
    /// handling of normal slices.
    #[no_signature]
    fn indices(&self, length: &Object) -> Result<Ref<Tuple>, Raised> {
        let length = index_exact(length)?;
        if length.is_negative() {
            return Err(raise!(ValueError, "length should not be negative"));
        }
        Tuple::from_refs(self.long_indices(&length)?)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        Tuple::from_refs([self.type_ref().into_object(), self.parts()?.into_object()])
    }
}
