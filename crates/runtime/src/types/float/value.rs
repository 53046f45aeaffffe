//! The floating-point object as Rust uses it.

use std::cell::Cell;

use habu_macros::pytype;

use crate::object::{Object, Raised, Ref};

/// Convert a string or number to a floating point number, if possible.
#[pytype(name = "float", basetype, flag = MATCH_SELF)]
pub struct Float {
    /// The header.
    pub base: Object,
    value: Cell<f64>,
}

crate::assert_layout!(Float, size 24, value @ 16);

impl Float {
    /// A floating-point number.
    #[inline(always)]
    pub fn new(value: f64) -> Result<Ref<Float>, Raised> {
        crate::object::create(Float { base: Object::of::<Float>(), value: Cell::new(value) })
    }

    /// The fields of one, for instances of subclasses.
    pub(crate) fn fields(value: f64) -> Float {
        Float { base: Object::of::<Float>(), value: Cell::new(value) }
    }

    /// The value.
    #[inline(always)]
    pub fn value(&self) -> f64 {
        self.value.get()
    }

    /// Changes the value of an object that nobody else has seen.
    #[inline(always)]
    pub(crate) fn set_unshared(&self, value: f64) {
        self.value.set(value);
    }
}

#[habu_macros::pymethods]
impl Float {}
