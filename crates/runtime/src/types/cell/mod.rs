//! `cell`: a variable that inner functions share (`PyCellObject`).

use habu_macros::{pymethods, pytype};

use crate::object::slots::CompareOp;
use crate::object::{Field, Object, Raised, Ref, Type, protocol};
use crate::raise;
use crate::types::singletons::{boolean, not_implemented};
use crate::types::str::Str;

/// Create a new cell object.
///
///   contents
///     the contents of the cell. If not specified, the cell will be empty,
///     and
///  further attempts to access its cell_contents attribute will
///     raise a ValueError.
#[pytype(name = "cell", generic_get, c_name = "PyCell_Type", gc)]
pub struct Cell {
    /// The header.
    pub base: Object,
    /// What the variable holds.
    #[traverse]
    pub contents: Field,
}

crate::assert_layout!(Cell, size 24, contents @ 16);

impl Cell {
    /// A cell that holds `contents`, or nothing.
    pub fn new(contents: Option<Ref>) -> Result<Ref<Cell>, Raised> {
        crate::object::create(Cell { base: Object::of::<Cell>(), contents: Field::optional(contents) })
    }
}

#[pymethods]
impl Cell {
    #[slot(tp_new)]
    #[signature(contents = None, /)]
    fn new_cell(cls: &Type, contents: Option<&Object>) -> Result<Ref<Cell>, Raised> {
        let _ = cls;
        Cell::new(contents.map(Object::to_ref))
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        match self.contents.get() {
            None => Str::from_format(format_args!("<cell at {:#x}: empty>", self.address())),
            Some(held) => Str::from_format(format_args!(
                "<cell at {:#x}: {:.80} object at {:#x}>",
                self.address(),
                held.ty().full_name(),
                held.address()
            )),
        }
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<Cell>() else { return Ok(not_implemented()) };
        match (self.contents.get(), other.contents.get()) {
            (Some(left), Some(right)) => protocol::compare(&left, &right, op),
            (left, right) => Ok(boolean(op.holds(left.is_some().cmp(&right.is_some())))),
        }
    }

    #[getter]
    fn cell_contents(&self) -> Result<Ref, Raised> {
        self.contents.get().ok_or_else(|| raise!(ValueError, "Cell is empty"))
    }

    #[setter]
    fn set_cell_contents(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.contents.set(value.map(Object::to_ref));
        Ok(())
    }
}
