//! `array`: sequences of numbers of one kind, kept as bytes.
//!
//! `kind` knows the typecodes, `store` the memory, `methods` what Python calls, `machine` pickles from other machines.

mod iterator;
mod kind;
mod machine;
mod methods;
mod store;

use habu_macros::pymodule;
use habu_runtime::object::{Object, PyType, Raised, Ref, protocol};
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

use crate::fill::{set, set_type};

pub use store::{ARRAY_TYPE, Array};

/// The module.
pub struct ArrayModule;

/// This module defines an object type which can efficiently represent
/// an array of basic values: characters, integers, floating point
/// numbers.  Arrays are sequence types and behave very much like lists,
/// except that the type of objects stored in them is constrained.
#[pymodule(name = "array")]
impl ArrayModule {
    /// Internal. Used for pickling support.
    fn _array_reconstructor(
        arraytype: &Object,
        typecode: &Object,
        mformat_code: i32,
        items: &Object,
    ) -> Result<Ref, Raised> {
        machine::reconstruct(arraytype, typecode, mformat_code, items)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        module.ready_type(iterator::ArrayIterator::static_type())?;
        set_type(module, "array", ARRAY_TYPE)?;
        set(module, "ArrayType", Ref::from_borrowed(&ARRAY_TYPE.ty))?;
        set(module, "typecodes", "bBuhHiIlLqQfd")?;
        // No base class says that arrays are sequences that can be changed.
        let classes = habu_runtime::import::import_module("collections.abc")?;
        let class = protocol::get_attribute_str(&classes, "MutableSequence")?;
        protocol::call_method(&class, &*Str::intern("register")?, &[&ARRAY_TYPE.ty]).map(drop)
    }
}
