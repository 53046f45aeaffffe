//! `_csv.writer`: rows as text.

use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::descriptor_tables::{READONLY, T_OBJECT};
use habu_runtime::object::{Field, MemberDef, Object, Raised, Ref, Room, create, protocol};
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::builder::StrBuilder;

use super::dialect::{Dialect, Options, Quoting, UNSET};
use super::error;

#[pytype(
    name = "_csv.writer",
    doc = "CSV writer\n\nWriter objects are responsible for generating tabular data\nin CSV format from sequence input.\n",
    gc,
    heap_last,
    immutable,
    basetype,
    flag = DISALLOW_INSTANTIATION
)]
/// What turns rows into text.
pub struct Writer {
    base: Object,
    #[traverse]
    dialect: Field<Dialect>,
    /// The bound method `write` of the file.
    #[traverse]
    write: Field,
    /// The class of errors.
    #[traverse]
    error: Field,
    room: Room<32>,
}

habu_runtime::assert_layout!(Writer, size 72);

static MEMBERS: &[MemberDef] = &[MemberDef {
    name: c"dialect".as_ptr(),
    kind: T_OBJECT,
    offset: offset_of!(Writer, dialect) as isize,
    flags: READONLY,
    doc: std::ptr::null(),
}];

/// How a character stands in a field.
#[derive(PartialEq)]
enum Place {
    /// As it is.
    Plain,
    /// Only between quotes.
    NeedsQuotes,
    /// Twice, between quotes or not.
    Doubled,
    /// Behind the escape character.
    Escaped,
}

fn place_of(code: u32, options: &Options, terminator: &Str) -> Place {
    let special = code == options.delimiter
        || code == options.escape
        || code == options.quote
        || terminator.chars().iter().any(|end| end == code);
    if !special {
        return Place::Plain;
    }
    if options.quoting == Quoting::Never {
        return Place::Escaped;
    }
    if code == options.quote {
        return if options.doublequote { Place::Doubled } else { Place::Escaped };
    }
    if code == options.escape { Place::Escaped } else { Place::NeedsQuotes }
}

/// Appends a field.
fn append(
    out: &mut StrBuilder,
    field: Option<&Str>,
    mut quoted: bool,
    options: &Options,
    terminator: &Str,
) -> Result<(), Raised> {
    let Some(field) = field else {
        return if quoted { out.push_repeated(options.quote, 2) } else { Ok(()) };
    };
    quoted |= field
        .chars()
        .iter()
        .any(|code| matches!(place_of(code, options, terminator), Place::NeedsQuotes | Place::Doubled));
    if quoted {
        out.push_char(options.quote)?;
    }
    for code in field.chars().iter() {
        match place_of(code, options, terminator) {
            Place::Escaped if options.escape == UNSET => {
                return Err(error(format_args!("need to escape, but no escapechar set")));
            }
            Place::Escaped => out.push_char(options.escape)?,
            Place::Doubled => out.push_char(options.quote)?,
            Place::Plain | Place::NeedsQuotes => {}
        }
        out.push_char(code)?;
    }
    if quoted {
        out.push_char(options.quote)?;
    }
    Ok(())
}

impl Writer {
    pub(super) fn create(write: Ref, dialect: Ref<Dialect>) -> Result<Ref<Writer>, Raised> {
        create(Writer {
            base: Object::of::<Writer>(),
            dialect: Field::new(dialect),
            write: Field::new(write),
            error: Field::new(super::ERROR.ty.to_ref()),
            room: Room::new(),
        })
    }

    fn write_row(&self, row: &Object) -> Result<Ref, Raised> {
        let (Some(write), Some(dialect)) = (self.write.get(), self.dialect.get()) else {
            return Ok(habu_runtime::types::none());
        };
        let (options, terminator) = (dialect.options(), dialect.terminator());
        let fields = match protocol::iterator(row) {
            Ok(fields) => fields,
            Err(raised) => {
                protocol::attribute::ignore::<()>(raised, habu_runtime::exceptions::exc::TypeError())?;
                return Err(error(format_args!("iterable expected, not {}", row.ty().full_name())));
            }
        };
        let (mut out, mut count) = (StrBuilder::with_capacity(64)?, 0usize);
        while let Some(field) = protocol::next(&fields)? {
            if count > 0 {
                out.push_char(options.delimiter)?;
            }
            count += 1;
            let quoted = match options.quoting {
                Quoting::All => true,
                Quoting::NonNumeric => !is_number(&field),
                Quoting::Minimal | Quoting::Never => false,
            };
            match field.downcast::<Str>() {
                Some(text) => append(&mut out, Some(text), quoted, &options, &terminator)?,
                None if is_none(&field) => append(&mut out, None, quoted, &options, &terminator)?,
                None => append(&mut out, Some(&*protocol::str(&field)?), quoted, &options, &terminator)?,
            }
        }
        if count > 0 && out.len() == 0 {
            // A row of one empty field must not look like an empty row.
            if options.quoting == Quoting::Never {
                return Err(error(format_args!("single empty field record must be quoted")));
            }
            append(&mut out, None, true, &options, &terminator)?;
        }
        out.push(&terminator)?;
        super::write(&write, &*out.finish()?)
    }
}

/// Whether the object has the slots of a number (`PyNumber_Check`).
fn is_number(object: &Object) -> bool {
    crate::itertools::endless::is_number(object)
}

#[pymethods(members = MEMBERS)]
impl Writer {
    /// writerow(iterable)
    ///
    /// Construct and write a CSV record from an iterable of fields.  Non-string
    /// elements will be converted to string.
    #[no_signature]
    fn writerow(&self, row: &Object) -> Result<Ref, Raised> {
        self.write_row(row)
    }

    /// writerows(iterable of iterables)
    ///
    /// Construct and write a series of iterables to a csv file.  Non-string
    /// elements will be converted to string.
    #[no_signature]
    fn writerows(&self, rows: &Object) -> Result<(), Raised> {
        let rows = protocol::iterator(rows)?;
        while let Some(row) = protocol::next(&rows)? {
            drop(self.write_row(&row)?);
        }
        Ok(())
    }
}
