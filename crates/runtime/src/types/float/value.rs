//! The floating-point object as Rust uses it.

use std::cell::Cell;
use std::ptr::NonNull;

use habu_heap::Domain;
use habu_macros::pytype;

use crate::exceptions::memory_error;
use crate::object::{Object, PyType, Raised, Ref, Type, allocate};

/// float(x=0, /)
/// --
///
/// Convert a string or number to a floating point number, if possible.
#[pytype(name = "float", generic_get, c_name = "PyFloat_Type", basetype, flag = MATCH_SELF)]
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
        let Some(block) = habu_heap::alloc(Domain::Object, size_of::<Float>()) else { return Err(memory_error()) };
        let object = block.cast::<Float>();
        // SAFETY: the block is ours and has room for the fields.
        unsafe {
            object.write(Float { base: Object::header(&raw const FLOAT_TYPE.ty), value: Cell::new(value) });
            Ok(Ref::from_owned(object))
        }
    }

    /// A number of the type `cls`, float or a subclass.
    pub fn instantiate(cls: &Type, value: f64) -> Result<Ref<Float>, Raised> {
        if std::ptr::eq(cls, Float::type_object()) {
            return Float::new(value);
        }
        crate::object::instantiate(cls, Float::fields(value))
    }

    /// The same value as a number of exactly this type.
    pub fn to_exact(&self) -> Result<Ref<Float>, Raised> {
        if self.is_exact::<Float>() { Ok(Ref::from_borrowed(self)) } else { Float::new(self.value()) }
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

/// The `tp_dealloc` of floats.
///
/// # Safety
/// As `tp_dealloc`.
pub(super) unsafe fn dealloc(object: NonNull<Object>) {
    // SAFETY: a number has no fields that need ending; its block has the size that its type says.
    unsafe {
        let header = object.as_ref();
        if header.is_exact::<Float>() {
            habu_heap::free(Domain::Object, object.cast(), size_of::<Float>());
        } else {
            let ty = header.ty();
            allocate::free_memory(object, ty.preheader_size(), ty.tp_basicsize.get() as usize);
        }
    }
}
