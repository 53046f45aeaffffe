//! The iterators over a code object's locations: `co_lines()` and `co_positions()`.

use std::cell::Cell;

use habu_bytecode::linetable::Entries;
use habu_macros::{pymethods, pytype};

use super::value::Code;
use crate::object::{Field, IntoObject, Object, Raised, Ref};
use crate::types::tuple::Tuple;

/// Iterates over ranges of bytecode with the same line.
#[pytype(name = "line_iterator", doc = "")]
pub struct LineIterator {
    /// The header.
    pub base: Object,
    code: Field<Code>,
    /// The next entry of the location table, by number.
    next: Cell<usize>,
}

/// Iterates over the positions of code units.
#[pytype(name = "positions_iterator", doc = "")]
pub struct PositionsIterator {
    /// The header.
    pub base: Object,
    code: Field<Code>,
    /// The next code unit.
    next: Cell<usize>,
    /// The number of the table's entry that covers it.
    entry: Cell<usize>,
}

impl LineIterator {
    /// An iterator over the lines of `code`.
    pub fn new(code: &Code) -> Result<Ref<LineIterator>, Raised> {
        crate::object::create(LineIterator {
            base: Object::of::<LineIterator>(),
            code: Field::new(Ref::from_borrowed(code)),
            next: Cell::new(0),
        })
    }
}

impl PositionsIterator {
    /// An iterator over the positions of `code`.
    pub fn new(code: &Code) -> Result<Ref<PositionsIterator>, Raised> {
        crate::object::create(PositionsIterator {
            base: Object::of::<PositionsIterator>(),
            code: Field::new(Ref::from_borrowed(code)),
            next: Cell::new(0),
            entry: Cell::new(0),
        })
    }
}

fn number(value: Option<i32>) -> Result<Ref, Raised> {
    value.into_object()
}

#[pymethods]
impl LineIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    /// One range for each entry of the table, also where several have the same line.
    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(code) = self.code.get() else { return Ok(None) };
        let mut entries = Entries::new(code.linetable(), code.firstlineno.get());
        let Some(first) = entries.nth(self.next.get()) else { return Ok(None) };
        self.next.set(self.next.get() + 1);
        let tuple = Tuple::from_refs([first.start.into_object()?, first.end.into_object()?, number(first.line)?])?;
        Ok(Some(tuple.into_object()))
    }
}

#[pymethods]
impl PositionsIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(code) = self.code.get() else { return Ok(None) };
        let offset = self.next.get() * 2;
        if self.next.get() >= code.unit_count() {
            return Ok(None);
        }
        self.next.set(self.next.get() + 1);
        let entries = Entries::new(code.linetable(), code.firstlineno.get()).enumerate().skip(self.entry.get());
        let found = entries.skip_while(|(_, entry)| entry.end <= offset).next();
        let fields = match found {
            Some((index, entry)) => {
                self.entry.set(index);
                [entry.line, entry.end_line, entry.column, entry.end_column]
            }
            None => return Ok(None),
        };
        let [line, end_line, column, end_column] = fields;
        let tuple = Tuple::from_refs([number(line)?, number(end_line)?, number(column)?, number(end_column)?])?;
        Ok(Some(tuple.into_object()))
    }
}
