//! The location table (`co_linetable`): which source range each code unit comes from.
//!
//! The format is that of CPython 3.11 (PEP 626 and PEP 657). The table is a sequence of
//! entries, each for 1 to 8 code units. An entry starts with a byte `0x80 | form << 3 | units - 1`;
//! no other byte has the top bit set. The forms:
//!
//! | form | line | columns | bytes that follow |
//! | --- | --- | --- | --- |
//! | 0-9 | same | `form * 8 + (a >> 4)`, and that `+ (a & 15)` | `a` |
//! | 10-12 | `+ form - 10` | two bytes | start column, end column |
//! | 13 | signed | none | line delta |
//! | 14 | signed | both | line delta, end line - line, start column + 1, end column + 1 |
//! | 15 | none at all | none | |
//!
//! Numbers are little-endian groups of six bits with `0x40` on all but the last; signed ones have
//! the sign in the lowest bit. Line deltas count from the line of the entry before, the first from
//! `co_firstlineno`; form 15 leaves that line as it was.

const FORM_ONE_LINE: u8 = 10;
const FORM_NO_COLUMNS: u8 = 13;
const FORM_LONG: u8 = 14;
const FORM_NONE: u8 = 15;

/// The most code units that one entry can stand for.
const MAX_UNITS: usize = 8;

/// A source range as the compiler hands it over: -1 stands for unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Location {
    /// First line, from 1.
    pub line: i32,
    /// Last line.
    pub end_line: i32,
    /// First column, in bytes of UTF-8 from 0.
    pub column: i32,
    /// The column after the last.
    pub end_column: i32,
}

impl Location {
    /// No source at all: artificial code.
    pub const NONE: Location = Location { line: -1, end_line: -1, column: -1, end_column: -1 };

    /// A line without columns.
    pub const fn line(line: i32) -> Location {
        Location { line, end_line: line, column: -1, end_column: -1 }
    }
}

/// Builds a location table.
#[derive(Clone, Debug)]
pub struct LineTableBuilder {
    table: Vec<u8>,
    line: i32,
}

impl LineTableBuilder {
    /// Starts a table for a code object with that `co_firstlineno`.
    pub fn new(firstlineno: i32) -> LineTableBuilder {
        LineTableBuilder { table: Vec::new(), line: firstlineno }
    }

    /// Adds one instruction of `units` code units, its `EXTENDED_ARG`s and caches included.
    /// CPython 3.11 gives every instruction an entry of its own, so call this once for each.
    pub fn push(&mut self, mut units: usize, location: Location) {
        while units > MAX_UNITS {
            self.entry(MAX_UNITS, location);
            units -= MAX_UNITS;
        }
        if units > 0 {
            self.entry(units, location);
        }
    }

    /// The finished table.
    pub fn finish(self) -> Box<[u8]> {
        self.table.into()
    }

    fn entry(&mut self, units: usize, location: Location) {
        let Location { line, end_line, column, end_column } = location;
        if line < 0 {
            return self.first_byte(FORM_NONE, units);
        }
        let delta = line.wrapping_sub(self.line);
        self.line = line;
        if column < 0 || end_column < 0 {
            if end_line == line || end_line == -1 {
                self.first_byte(FORM_NO_COLUMNS, units);
                return self.signed(delta);
            }
        } else if end_line == line {
            if delta == 0 && column < 80 && (0..16).contains(&(end_column - column)) {
                self.first_byte((column >> 3) as u8, units);
                return self.table.push(((column & 7) << 4 | (end_column - column)) as u8);
            }
            if (0..3).contains(&delta) && column < 128 && end_column < 128 {
                self.first_byte(FORM_ONE_LINE + delta as u8, units);
                return self.table.extend_from_slice(&[column as u8, end_column as u8]);
            }
        }
        self.first_byte(FORM_LONG, units);
        self.signed(delta);
        self.unsigned(end_line.saturating_sub(line).max(0) as u32);
        self.unsigned(column.saturating_add(1).max(0) as u32);
        self.unsigned(end_column.saturating_add(1).max(0) as u32);
    }

    fn first_byte(&mut self, form: u8, units: usize) {
        self.table.push(0x80 | form << 3 | (units - 1) as u8);
    }

    fn unsigned(&mut self, mut value: u32) {
        while value >= 0x40 {
            self.table.push(0x40 | (value & 0x3F) as u8);
            value >>= 6;
        }
        self.table.push(value as u8);
    }

    fn signed(&mut self, value: i32) {
        let sign = u32::from(value < 0);
        self.unsigned(value.unsigned_abs() << 1 | sign);
    }
}

/// One entry of a location table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The byte offset of the first code unit.
    pub start: usize,
    /// The byte offset after the last code unit.
    pub end: usize,
    /// The first line, if there is one.
    pub line: Option<i32>,
    /// The last line.
    pub end_line: Option<i32>,
    /// The first column.
    pub column: Option<i32>,
    /// The column after the last.
    pub end_column: Option<i32>,
}

/// The entries of a location table. Ends at the first malformed entry; see [`is_well_formed`].
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    table: &'a [u8],
    line: i32,
    offset: usize,
}

/// Where an iteration over a table stands, for an iterator that outlives the borrow of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// How many bytes at the table's end are not read yet.
    left: usize,
    line: i32,
    offset: usize,
}

impl<'a> Entries<'a> {
    /// Decodes `table`, of a code object with that `co_firstlineno`.
    pub fn new(table: &'a [u8], firstlineno: i32) -> Entries<'a> {
        Entries { table, line: firstlineno, offset: 0 }
    }

    /// Goes on in `table` from where [`Entries::mark`] was asked.
    pub fn resume(table: &'a [u8], mark: Mark) -> Entries<'a> {
        let read = table.len().saturating_sub(mark.left);
        Entries { table: table.get(read..).unwrap_or_default(), line: mark.line, offset: mark.offset }
    }

    /// Where the iteration stands.
    pub fn mark(&self) -> Mark {
        Mark { left: self.table.len(), line: self.line, offset: self.offset }
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.table.split_first()?;
        self.table = rest;
        Some(byte)
    }

    fn unsigned(&mut self) -> Option<u32> {
        let mut value = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte()?;
            if byte & 0x80 != 0 || shift > 30 {
                return None;
            }
            value |= u32::from(byte & 0x3F) << shift;
            if byte & 0x40 == 0 {
                return Some(value);
            }
            shift += 6;
        }
    }

    fn signed(&mut self) -> Option<i32> {
        let value = self.unsigned()?;
        let magnitude = (value >> 1) as i32;
        Some(if value & 1 != 0 { magnitude.wrapping_neg() } else { magnitude })
    }

    fn column(&mut self) -> Option<Option<i32>> {
        Some(self.unsigned()?.checked_sub(1).and_then(|column| i32::try_from(column).ok()))
    }
}

impl Iterator for Entries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let first = self.byte()?;
        if first & 0x80 == 0 {
            self.table = &[];
            return None;
        }
        let form = first >> 3 & 15;
        let start = self.offset;
        self.offset = start + 2 * (usize::from(first & 7) + 1);
        let mut entry = Entry { start, end: self.offset, line: None, end_line: None, column: None, end_column: None };
        match form {
            0..FORM_ONE_LINE => {
                let byte = self.byte()?;
                let column = i32::from(form) << 3 | i32::from(byte >> 4 & 7);
                entry.column = Some(column);
                entry.end_column = Some(column + i32::from(byte & 15));
            }
            FORM_ONE_LINE..FORM_NO_COLUMNS => {
                self.line = self.line.wrapping_add(i32::from(form - FORM_ONE_LINE));
                entry.column = Some(i32::from(self.byte()?));
                entry.end_column = Some(i32::from(self.byte()?));
            }
            FORM_NO_COLUMNS => self.line = self.line.wrapping_add(self.signed()?),
            FORM_LONG => {
                self.line = self.line.wrapping_add(self.signed()?);
                entry.end_line = Some(self.line.wrapping_add(self.unsigned()? as i32));
                entry.column = self.column()?;
                entry.end_column = self.column()?;
            }
            _ => return Some(entry),
        }
        entry.line = Some(self.line);
        entry.end_line = entry.end_line.or(entry.line);
        Some(entry)
    }
}

/// The table with lines alone, as `-X no_debug_ranges` wants it.
pub fn without_columns(table: &[u8], firstlineno: i32) -> Box<[u8]> {
    let mut builder = LineTableBuilder::new(firstlineno);
    for entry in Entries::new(table, firstlineno) {
        builder.push((entry.end - entry.start) / 2, entry.line.map_or(Location::NONE, Location::line));
    }
    builder.finish()
}

/// Whether every entry of the table can be decoded.
pub fn is_well_formed(mut table: &[u8]) -> bool {
    while !table.is_empty() {
        match behind_entry(table) {
            Some(rest) => table = rest,
            None => return false,
        }
    }
    true
}

/// What follows the first entry of a table that is not empty.
fn behind_entry(table: &[u8]) -> Option<&[u8]> {
    let (&first, rest) = table.split_first()?;
    if first & 0x80 == 0 {
        return None;
    }
    let (bytes, numbers) = match first >> 3 & 15 {
        0..FORM_ONE_LINE => (1, 0),
        FORM_ONE_LINE..FORM_NO_COLUMNS => (2, 0),
        FORM_NO_COLUMNS => (0, 1),
        FORM_LONG => (0, 4),
        _ => (0, 0),
    };
    let mut entries = Entries { table: rest.get(bytes..)?, line: 0, offset: 0 };
    for _ in 0..numbers {
        entries.unsigned()?;
    }
    Some(entries.table)
}

/// The byte ranges and lines of `co_lines`: one for each entry.
pub fn lines(table: &[u8], firstlineno: i32) -> impl Iterator<Item = (usize, usize, Option<i32>)> {
    Entries::new(table, firstlineno).map(|entry| (entry.start, entry.end, entry.line))
}

/// The entry that the code unit at a byte offset belongs to.
pub fn entry_at(table: &[u8], firstlineno: i32, offset: usize) -> Option<Entry> {
    Entries::new(table, firstlineno).find(|entry| offset < entry.end)
}

/// The line of the code unit at a byte offset: CPython's `PyCode_Addr2Line`. It is asked for with every exception, and reads no columns.
pub fn line_at(table: &[u8], firstlineno: i32, offset: usize) -> Option<i32> {
    let mut entries = Entries { table, line: firstlineno, offset: 0 };
    loop {
        let first = entries.byte().filter(|first| first & 0x80 != 0)?;
        entries.offset += 2 * (usize::from(first & 7) + 1);
        let form = first >> 3 & 15;
        match form {
            FORM_ONE_LINE..FORM_NO_COLUMNS => entries.line = entries.line.wrapping_add(i32::from(form - FORM_ONE_LINE)),
            FORM_NO_COLUMNS | FORM_LONG => entries.line = entries.line.wrapping_add(entries.signed()?),
            _ => {}
        }
        if offset < entries.offset {
            return (form <= FORM_LONG).then_some(entries.line);
        }
        // Only the first byte of an entry has the highest bit.
        let next = entries.table.iter().position(|byte| byte & 0x80 != 0)?;
        entries.table = &entries.table[next..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(line: i32, end_line: i32, column: i32, end_column: i32) -> Location {
        Location { line, end_line, column, end_column }
    }

    #[test]
    fn each_form_round_trips() {
        let locations = [
            (1, location(10, 10, 0, 3), 2),
            (2, location(10, 10, 79, 94), 2),
            (1, location(10, 10, 80, 94), 3),
            (1, location(10, 10, 5, 30), 3),
            (3, location(12, 12, 127, 127), 3),
            (1, location(15, 15, 1, 2), 5),
            (1, location(3, 3, 1, 2), 5),
            (1, location(3, 4, 1, 2), 5),
            (1, location(3, 3, 200, 100), 8 - 1),
            (1, Location::line(3), 2),
            (1, Location::line(300), 3),
            (1, Location::NONE, 1),
            (1, location(300, -1, -1, -1), 2),
            (1, location(300, 302, -1, -1), 5),
            (11, location(300, 300, 0, 0), 4),
        ];
        let mut builder = LineTableBuilder::new(10);
        for (units, at, bytes) in locations {
            let before = builder.table.len();
            builder.push(units, at);
            assert_eq!(builder.table.len() - before, bytes, "{at:?}");
        }
        let table = builder.finish();
        assert!(is_well_formed(&table));
        let known = |value: i32| (value >= 0).then_some(value);
        let mut decoded = Entries::new(&table, 10);
        let mut offset = 0;
        for (mut units, at, _) in locations {
            while units > 0 {
                let entry = decoded.next().unwrap();
                assert_eq!((entry.start, entry.end), (offset, offset + 2 * units.min(8)));
                offset = entry.end;
                units -= units.min(8);
                assert_eq!(entry.line, known(at.line));
                assert_eq!(entry.column, known(at.column));
                assert_eq!(entry.end_column, known(at.end_column));
                assert_eq!(entry.end_line, known(if at.end_line < 0 { at.line } else { at.end_line }));
            }
        }
        assert_eq!(decoded.next(), None);
    }

    #[test]
    fn iteration_goes_on_from_a_mark() {
        let mut builder = LineTableBuilder::new(4);
        for line in 4..40 {
            builder.push(line as usize % 11 + 1, location(line, line + line % 2, line % 7, 3 * line));
        }
        let table = builder.finish();
        let mut mark = Entries::new(&table, 4).mark();
        for expected in Entries::new(&table, 4) {
            let mut entries = Entries::resume(&table, mark);
            assert_eq!(entries.next(), Some(expected));
            mark = entries.mark();
        }
        assert_eq!(Entries::resume(&table, mark).next(), None);
    }

    #[test]
    fn lines_of_offsets() {
        let mut builder = LineTableBuilder::new(1);
        builder.push(1, location(1, 1, 0, 1));
        builder.push(2, location(1, 1, 4, 5));
        builder.push(1, Location::NONE);
        builder.push(1, location(5, 5, 4, 5));
        let table = builder.finish();
        let lines: Vec<_> = lines(&table, 1).collect();
        assert_eq!(lines, [(0, 2, Some(1)), (2, 6, Some(1)), (6, 8, None), (8, 10, Some(5))]);
        assert_eq!(line_at(&table, 1, 4), Some(1));
        assert_eq!(line_at(&table, 1, 9), Some(5));
        assert_eq!(line_at(&table, 1, 10), None);
    }

    #[test]
    fn malformed_tables_end_early() {
        for bad in [&b"\x01"[..], b"\x80", b"\xd0\x05", b"\xe8\x40", b"\xf0\x00\x00\x00", b"\x80\x00\x01"] {
            assert!(!is_well_formed(bad), "{bad:?}");
            assert!(Entries::new(bad, 1).count() <= 1);
        }
        assert!(is_well_formed(b""));
        assert!(!is_well_formed(b"\xe8\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f"));
    }
}
