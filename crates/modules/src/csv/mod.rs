//! `_csv`: reading and writing of comma-separated values (PEP 305).

pub mod dialect;
pub mod reader;
pub mod writer;

use habu_macros::pymodule;
use habu_runtime::exceptions::hierarchy::EXCEPTION_TYPE;
use habu_runtime::exceptions::raise_text;
use habu_runtime::object::protocol;
use habu_runtime::object::{Object, PyType, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use self::dialect::Dialect;
use self::reader::Reader;
use self::writer::Writer;
use crate::fill::{set_type, static_exception};
use crate::system::state;

static_exception!(
    /// `csv.Error`
    pub ERROR,
    "_csv.Error" plain,
    EXCEPTION_TYPE
);

/// Raises `csv.Error`.
#[cold]
fn error(message: std::fmt::Arguments<'_>) -> Raised {
    raise_text(&ERROR.ty, message)
}

const DIALECTS: &str = "_csv.dialects";
const LIMIT: &str = "_csv.field_size_limit";
const DEFAULT_LIMIT: i64 = 128 * 1024;

/// The registered dialects by name.
fn dialects() -> Result<Ref<Dict>, Raised> {
    if let Some(Ok(known)) = state::get(DIALECTS)?.map(Ref::downcast_into::<Dict>) {
        return Ok(known);
    }
    let made = Dict::new()?;
    state::set(DIALECTS, &made)?;
    Ok(made)
}

/// The dialect of a name.
fn registered(name: &Object) -> Result<Ref, Raised> {
    dialects()?.get(name)?.ok_or_else(|| error(format_args!("unknown dialect")))
}

/// How long a field may be.
fn field_limit() -> Result<i64, Raised> {
    let kept = state::get(LIMIT)?;
    Ok(kept.as_deref().and_then(|kept| kept.downcast::<Int>()).and_then(Int::to_i64).unwrap_or(DEFAULT_LIMIT))
}

/// The arguments of `reader` and `writer`: what to work on, and the dialect.
fn subject_and_dialect(args: &[&Object], names: Option<&Tuple>) -> Result<(Ref, Ref<Dialect>), Raised> {
    let count = args.len() - names.map_or(0, Tuple::len);
    let (positional, named) = args.split_at(count);
    let Some(subject) = positional.first() else {
        return Err(raise!(TypeError, " expected at least 1 argument, got 0"));
    };
    if positional.len() > 2 {
        return Err(raise!(TypeError, " expected at most 2 arguments, got {}", positional.len()));
    }
    Ok((subject.to_ref(), Dialect::of(positional.get(1).copied(), names, named)?))
}

/// The module.
pub struct Csv;

/// CSV parsing and writing.
///
/// This module provides classes that assist in the reading and writing
/// of Comma Separated Value (CSV) files, and implements the interface
/// described by PEP 305.  Although many CSV files are simple to parse,
/// the format is not formally defined by a stable specification and
/// is subtle enough that parsing lines of a CSV file with something
/// like line.split(",") is bound to fail.  The module supports three
/// basic APIs: reading, writing, and registration of dialects.
#[pymodule(name = "_csv")]
impl Csv {
    ///     csv_reader = reader(iterable [, dialect='excel']
    ///                         [optional keyword args])
    ///     for row in csv_reader:
    ///         process(row)
    ///
    /// The "iterable" argument can be any object that returns a line
    /// of input for each iteration, such as a file object or a list.  The
    /// optional "dialect" parameter is discussed below.  The function
    /// also accepts optional keyword arguments which override settings
    /// provided by the dialect.
    ///
    /// The returned object is an iterator.  Each iteration returns a row
    /// of the CSV file (which can span multiple input lines).
    #[raw]
    #[no_signature]
    fn reader(args: &[&Object], names: Option<&Tuple>) -> Result<Ref<Reader>, Raised> {
        let (input, dialect) = subject_and_dialect(args, names)?;
        Reader::create(protocol::iterator(&input)?, dialect)
    }

    ///     csv_writer = csv.writer(fileobj [, dialect='excel']
    ///                             [optional keyword args])
    ///     for row in sequence:
    ///         csv_writer.writerow(row)
    ///
    ///     [or]
    ///
    ///     csv_writer = csv.writer(fileobj [, dialect='excel']
    ///                             [optional keyword args])
    ///     csv_writer.writerows(rows)
    ///
    /// The "fileobj" argument can be any object that supports the file API.
    #[raw]
    #[no_signature]
    fn writer(args: &[&Object], names: Option<&Tuple>) -> Result<Ref<Writer>, Raised> {
        let (file, dialect) = subject_and_dialect(args, names)?;
        match protocol::lookup_attribute(&file, &*Str::intern("write")?)? {
            Some(write) if protocol::is_callable(&write) => Writer::create(write, dialect),
            _ => Err(raise!(TypeError, "argument 1 must have a \"write\" method")),
        }
    }

    /// Return a list of all known dialect names.
    ///
    ///     names = csv.list_dialects()
    fn list_dialects() -> Result<Ref<List>, Raised> {
        protocol::sequence::to_list(&*dialects()?)
    }

    /// Create a mapping from a string name to a dialect class.
    ///     dialect = csv.register_dialect(name[, dialect[, **fmtparams]])
    #[raw]
    #[no_signature]
    fn register_dialect(args: &[&Object], names: Option<&Tuple>) -> Result<(), Raised> {
        let (name, dialect) = {
            let count = args.len() - names.map_or(0, Tuple::len);
            if let Some(name) = args[..count].first()
                && !name.isinstance::<Str>()
                && count <= 2
            {
                return Err(raise!(TypeError, "dialect name must be a string"));
            }
            subject_and_dialect(args, names)?
        };
        dialects()?.set(&name, &dialect)
    }

    /// Delete the name/dialect mapping associated with a string name.
    ///
    ///     csv.unregister_dialect(name)
    #[signature(name)]
    fn unregister_dialect(name: &Object) -> Result<(), Raised> {
        match dialects()?.remove(name)? {
            Some(_) => Ok(()),
            None => Err(error(format_args!("unknown dialect"))),
        }
    }

    /// Return the dialect instance associated with name.
    ///
    ///     dialect = csv.get_dialect(name)
    #[signature(name)]
    fn get_dialect(name: &Object) -> Result<Ref, Raised> {
        registered(name)
    }

    /// Sets an upper limit on parsed fields.
    ///
    ///     csv.field_size_limit([limit])
    ///
    /// Returns old limit. If limit is not given, no new limit is set and
    /// the old limit is returned
    #[signature(new_limit = None)]
    #[shown("($module, /, new_limit=<unrepresentable>)")]
    fn field_size_limit(new_limit: Option<&Object>) -> Result<i64, Raised> {
        let old = field_limit()?;
        if let Some(limit) = new_limit {
            let Some(limit) = limit.downcast_exact::<Int>() else {
                return Err(raise!(TypeError, "limit must be an integer"));
            };
            let Some(limit) = limit.to_i64() else {
                return Err(raise!(OverflowError, "Python int too large to convert to C long"));
            };
            state::set(LIMIT, &*Int::from_i64(limit)?)?;
        }
        Ok(old)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "Dialect", Dialect::static_type())?;
        set_type(module, "Reader", Reader::static_type())?;
        set_type(module, "Writer", Writer::static_type())?;
        set_type(module, "Error", ERROR)?;
        module.set("_dialects", &*dialects()?)?;
        module.set_text("__version__", "1.0")?;
        for (name, value) in [("QUOTE_MINIMAL", 0), ("QUOTE_ALL", 1), ("QUOTE_NONNUMERIC", 2), ("QUOTE_NONE", 3)] {
            module.set_int(name, value)?;
        }
        Ok(())
    }
}

/// `file.write(text)` by its bound method.
fn write(write: &Object, text: &Str) -> Result<Ref, Raised> {
    protocol::call1(write, text)
}
