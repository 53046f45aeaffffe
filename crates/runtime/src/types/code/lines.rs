//! The iterators over a code object's locations: `co_lines()` and `co_positions()`.
//!
//! An iterator keeps where it stands in the table, so that going through a whole table takes time linear in its size.

use std::cell::Cell;

use habu_bytecode::linetable::{Entries, Entry, Mark};
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
    /// Where it stands in the location table.
    mark: Cell<Mark>,
}

/// Iterates over the positions of code units.
#[pytype(name = "positions_iterator", doc = "")]
pub struct PositionsIterator {
    /// The header.
    pub base: Object,
    code: Field<Code>,
    /// The next code unit.
    next: Cell<usize>,
    /// The table's entry that was read last, if one was: it covers the code unit before `next`.
    entry: Cell<Option<Entry>>,
    /// What follows that entry in the location table.
    mark: Cell<Mark>,
}

impl LineIterator {
    /// An iterator over the lines of `code`.
    pub fn new(code: &Code) -> Result<Ref<LineIterator>, Raised> {
        crate::object::create(LineIterator {
            base: Object::of::<LineIterator>(),
            code: Field::new(Ref::from_borrowed(code)),
            mark: Cell::new(Entries::new(code.linetable(), code.firstlineno.get()).mark()),
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
            entry: Cell::new(None),
            mark: Cell::new(Entries::new(code.linetable(), code.firstlineno.get()).mark()),
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
        let mut entries = Entries::resume(code.linetable(), self.mark.get());
        let Some(entry) = entries.next() else { return Ok(None) };
        self.mark.set(entries.mark());
        let tuple = Tuple::from_refs([entry.start.into_object()?, entry.end.into_object()?, number(entry.line)?])?;
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
        let Some(entry) = self.entry_for(&code, offset) else { return Ok(None) };
        let Entry { line, end_line, column, end_column, .. } = entry;
        let tuple = Tuple::from_refs([number(line)?, number(end_line)?, number(column)?, number(end_column)?])?;
        Ok(Some(tuple.into_object()))
    }
}

impl PositionsIterator {
    /// The entry that covers the code unit at `offset`, which never goes back.
    fn entry_for(&self, code: &Code, offset: usize) -> Option<Entry> {
        if let Some(entry) = self.entry.get()
            && offset < entry.end
        {
            return Some(entry);
        }
        let mut entries = Entries::resume(code.linetable(), self.mark.get());
        let found = entries.find(|entry| offset < entry.end);
        self.mark.set(entries.mark());
        self.entry.set(found);
        found
    }
}
