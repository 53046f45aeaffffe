//! `_csv.reader`: rows out of lines, by a machine that looks at one character after the other.

use std::cell::Cell;
use std::mem::offset_of;

use habu_heap::Buffer;
use habu_macros::{pymethods, pytype};
use habu_runtime::object::descriptor_tables::{READONLY, T_OBJECT, T_ULONG};
use habu_runtime::object::{Field, MemberDef, Object, PyType, Raised, Ref, Room, create, protocol};
use habu_runtime::types::float::Float;
use habu_runtime::types::list::List;
use habu_runtime::types::str::Str;

use super::dialect::{Dialect, Options, Quoting};
use super::{error, field_limit};

#[pytype(
    name = "_csv.reader",
    doc = "CSV reader\n\nReader objects are responsible for reading and parsing tabular data\nin CSV format.\n",
    gc,
    heap_last,
    immutable,
    basetype,
    flag = DISALLOW_INSTANTIATION
)]
/// An iterator over rows.
pub struct Reader {
    base: Object,
    #[traverse]
    dialect: Field<Dialect>,
    #[traverse]
    input: Field,
    /// The fields of the row that is being read, as CPython shows it to the collector: an empty list before the first row.
    #[traverse]
    fields: Field<List>,
    lines: Cell<u64>,
    room: Room<40>,
}

habu_runtime::assert_layout!(Reader, size 88);

static MEMBERS: &[MemberDef] = &[
    MemberDef {
        name: c"dialect".as_ptr(),
        kind: T_OBJECT,
        offset: offset_of!(Reader, dialect) as isize,
        flags: READONLY,
        doc: std::ptr::null(),
    },
    MemberDef {
        name: c"line_num".as_ptr(),
        kind: T_ULONG,
        offset: offset_of!(Reader, lines) as isize,
        flags: READONLY,
        doc: std::ptr::null(),
    },
];

/// Where the machine is.
#[derive(Clone, Copy, PartialEq)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    AfterEscapedNewline,
    InField,
    InQuoted,
    EscapedInQuoted,
    QuoteInQuoted,
    EatNewline,
}

/// What the machine sees at the end of a line.
const END: u32 = u32::MAX - 1;
const LF: u32 = '\n' as u32;
const CR: u32 = '\r' as u32;

/// One row that is being read.
struct Machine {
    options: Options,
    state: State,
    field: Buffer<u32>,
    row: Ref<List>,
    numeric: bool,
    limit: i64,
}

impl Machine {
    fn save(&mut self) -> Result<(), Raised> {
        let text = Str::from_code_points(&self.field)?;
        self.field.clear();
        let value = if std::mem::replace(&mut self.numeric, false) {
            protocol::call1(Float::type_object(), &text)?
        } else {
            text.into_object()
        };
        self.row.push(value)
    }

    fn add(&mut self, code: u32) -> Result<(), Raised> {
        if self.field.len() as i64 >= self.limit {
            return Err(error(format_args!("field larger than field limit ({})", self.limit)));
        }
        Ok(self.field.push(code)?)
    }

    /// A field ends at the end of a line or at a newline.
    fn end_field_at(&mut self, code: u32) -> Result<(), Raised> {
        self.save()?;
        self.state = if code == END { State::StartRecord } else { State::EatNewline };
        Ok(())
    }

    fn is_quote(&self, code: u32) -> bool {
        code == self.options.quote && self.options.quoting != Quoting::Never
    }

    fn start_field(&mut self, code: u32) -> Result<(), Raised> {
        let options = self.options;
        match code {
            LF | CR | END => self.end_field_at(code),
            _ if self.is_quote(code) => {
                self.state = State::InQuoted;
                Ok(())
            }
            _ if code == options.escape => {
                self.state = State::Escaped;
                Ok(())
            }
            _ if code == u32::from(' ') && options.skip_space => Ok(()),
            _ if code == options.delimiter => self.save(),
            _ => {
                self.numeric = options.quoting == Quoting::NonNumeric;
                self.state = State::InField;
                self.add(code)
            }
        }
    }

    fn in_field(&mut self, code: u32) -> Result<(), Raised> {
        match code {
            LF | CR | END => self.end_field_at(code),
            _ if code == self.options.escape => {
                self.state = State::Escaped;
                Ok(())
            }
            _ if code == self.options.delimiter => {
                self.state = State::StartField;
                self.save()
            }
            _ => self.add(code),
        }
    }

    fn quote_in_quoted(&mut self, code: u32) -> Result<(), Raised> {
        let options = self.options;
        match code {
            _ if self.is_quote(code) => {
                self.state = State::InQuoted;
                self.add(code)
            }
            _ if code == options.delimiter => {
                self.state = State::StartField;
                self.save()
            }
            LF | CR | END => self.end_field_at(code),
            _ if !options.strict => {
                self.state = State::InField;
                self.add(code)
            }
            _ => {
                let shown = |code: u32| char::from_u32(code).unwrap_or('\u{fffd}');
                Err(error(format_args!("'{}' expected after '{}'", shown(options.delimiter), shown(options.quote))))
            }
        }
    }

    fn see(&mut self, code: u32) -> Result<(), Raised> {
        match self.state {
            State::StartRecord => match code {
                END => Ok(()),
                LF | CR => {
                    self.state = State::EatNewline;
                    Ok(())
                }
                _ => {
                    self.state = State::StartField;
                    self.start_field(code)
                }
            },
            State::StartField => self.start_field(code),
            State::Escaped => {
                self.state = match code {
                    LF | CR => State::AfterEscapedNewline,
                    _ => State::InField,
                };
                self.add(if code == END { LF } else { code })
            }
            State::AfterEscapedNewline if code == END => Ok(()),
            State::AfterEscapedNewline | State::InField => self.in_field(code),
            State::InQuoted => match code {
                END => Ok(()),
                _ if code == self.options.escape => {
                    self.state = State::EscapedInQuoted;
                    Ok(())
                }
                _ if self.is_quote(code) => {
                    self.state = if self.options.doublequote { State::QuoteInQuoted } else { State::InField };
                    Ok(())
                }
                _ => self.add(code),
            },
            State::EscapedInQuoted => {
                self.state = State::InQuoted;
                self.add(if code == END { LF } else { code })
            }
            State::QuoteInQuoted => self.quote_in_quoted(code),
            State::EatNewline => match code {
                LF | CR => Ok(()),
                END => {
                    self.state = State::StartRecord;
                    Ok(())
                }
                _ => Err(error(format_args!(
                    "new-line character seen in unquoted field - do you need to open the file in universal-newline mode?"
                ))),
            },
        }
    }
}

impl Reader {
    pub(super) fn create(input: Ref, dialect: Ref<Dialect>) -> Result<Ref<Reader>, Raised> {
        create(Reader {
            base: Object::of::<Reader>(),
            input: Field::new(input),
            dialect: Field::new(dialect),
            fields: Field::new(List::new()?),
            lines: Cell::new(0),
            room: Room::new(),
        })
    }
}

#[pymethods(members = MEMBERS)]
impl Reader {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let (Some(input), Some(dialect)) = (self.input.get(), self.dialect.get()) else { return Ok(None) };
        self.fields.set(None);
        let mut machine = Machine {
            options: dialect.options(),
            state: State::StartRecord,
            field: Buffer::new(),
            row: List::new()?,
            numeric: false,
            limit: field_limit()?,
        };
        loop {
            let Some(line) = protocol::next(&input)? else {
                // A record that the input broke off.
                if machine.field.is_empty() && machine.state != State::InQuoted {
                    return Ok(None);
                }
                if machine.options.strict {
                    return Err(error(format_args!("unexpected end of data")));
                }
                machine.save()?;
                return Ok(Some(machine.row.into_object()));
            };
            let Some(line) = line.downcast::<Str>() else {
                let name = line.ty().full_name();
                return Err(error(format_args!(
                    "iterator should return strings, not {name} (the file should be opened in text mode)"
                )));
            };
            self.lines.set(self.lines.get().wrapping_add(1));
            line.chars().iter().try_for_each(|code| machine.see(code))?;
            machine.see(END)?;
            if machine.state == State::StartRecord {
                return Ok(Some(machine.row.into_object()));
            }
        }
    }
}
