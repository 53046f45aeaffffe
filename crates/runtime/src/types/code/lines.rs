//! The iterators over a code object's locations: `co_lines()` and `co_positions()`.
//!
//! An iterator keeps where it stands in the table, so that going through a whole table takes time linear in its size.

use std::cell::Cell;

use habu_bytecode::linetable::{Entries, Entry, Mark};
use habu_macros::{pymethods, pytype};

use super::value::Code;
use crate::object::{Field, IntoObject, Object, Raised, Ref, Room};
use crate::types::tuple::Tuple;

/// Iterates over ranges of bytecode with the same line.
#[pytype(name = "line_iterator", doc = "")]
pub struct LineIterator {
    /// The header.
    pub base: Object,
    code: Field<Code>,
    /// Where it stands in the location table.
    mark: Cell<Mark>,
    room: Room<16>,
}

crate::assert_layout!(LineIterator, size 64);

/// Iterates over the positions of code units.
#[pytype(name = "positions_iterator", doc = "")]
pub struct PositionsIterator {
    /// The header.
    pub base: Object,
    code: Field<Code>,
    /// The next code unit.
    next: Cell<usize>,
    /// What follows the last entry in the location table.
    mark: Cell<Mark>,
    /// The table's entry that was read last: it covers the code unit before `next`.
    last: Cell<Last>,
}

crate::assert_layout!(PositionsIterator, size 80);

/// An entry of the location table: where it ends, and lines and columns, `NOWHERE` for none.
#[derive(Clone, Copy)]
struct Last {
    end: u32,
    places: [i32; 4],
}

const NOWHERE: i32 = i32::MIN;

impl LineIterator {
    /// An iterator over the lines of `code`.
    pub fn new(code: &Code) -> Result<Ref<LineIterator>, Raised> {
        crate::object::create(LineIterator {
            base: Object::of::<LineIterator>(),
            code: Field::new(Ref::from_borrowed(code)),
            mark: Cell::new(Entries::new(code.linetable(), code.firstlineno.get()).mark()),
            room: Room::new(),
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
            mark: Cell::new(Entries::new(code.linetable(), code.firstlineno.get()).mark()),
            last: Cell::new(Last { end: 0, places: [NOWHERE; 4] }),
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
        let Some(places) = self.places_of(&code, offset) else { return Ok(None) };
        let [line, end_line, column, end_column] = places.map(|place| number((place != NOWHERE).then_some(place)));
        Ok(Some(Tuple::from_refs([line?, end_line?, column?, end_column?])?.into_object()))
    }
}

impl PositionsIterator {
    /// The lines and columns of the code unit at `offset`, which never goes back.
    fn places_of(&self, code: &Code, offset: usize) -> Option<[i32; 4]> {
        let last = self.last.get();
        if offset < last.end as usize {
            return Some(last.places);
        }
        let mut entries = Entries::resume(code.linetable(), self.mark.get());
        let found = entries.find(|entry| offset < entry.end);
        self.mark.set(entries.mark());
        let Entry { end, line, end_line, column, end_column, .. } = found?;
        let places = [line, end_line, column, end_column].map(|place| place.unwrap_or(NOWHERE));
        // Code of more than 4 GiB does not come about; an entry there is read again.
        self.last.set(Last { end: u32::try_from(end).unwrap_or(0), places });
        Some(places)
    }
}
