//! `_csv.Dialect`: how values are separated, quoted and escaped.

use std::cell::Cell;
use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::exc;
use habu_runtime::object::descriptor_tables::{READONLY, T_BOOL};
use habu_runtime::object::protocol::attribute::ignore;
use habu_runtime::object::{Field, MemberDef, Object, Raised, Ref, Type, create, instantiate, protocol};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::registered;

/// No character: none in Unicode is this large.
pub(super) const UNSET: u32 = u32::MAX;

/// When fields are quoted.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Quoting {
    /// Where it is needed.
    Minimal,
    /// Always.
    All,
    /// All but numbers; what is read without quotes is a number.
    NonNumeric,
    /// Never.
    Never,
}

#[pytype(
    name = "_csv.Dialect",
    doc = "CSV dialect\n\nThe Dialect type records CSV parsing and generation options.\n",
    gc,
    heap_last,
    immutable,
    basetype
)]
/// The options of reading and writing.
pub struct Dialect {
    base: Object,
    doublequote: Cell<bool>,
    skipinitialspace: Cell<bool>,
    strict: Cell<bool>,
    quoting: Cell<i32>,
    delimiter: Cell<u32>,
    quotechar: Cell<u32>,
    escapechar: Cell<u32>,
    #[traverse]
    lineterminator: Field<Str>,
}

habu_runtime::assert_layout!(Dialect, size 48, quoting @ 20, lineterminator @ 40);

const fn flag(name: &'static std::ffi::CStr, offset: usize) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind: T_BOOL, offset: offset as isize, flags: READONLY, doc: std::ptr::null() }
}

static MEMBERS: &[MemberDef] = &[
    flag(c"skipinitialspace", offset_of!(Dialect, skipinitialspace)),
    flag(c"doublequote", offset_of!(Dialect, doublequote)),
    flag(c"strict", offset_of!(Dialect, strict)),
];

/// The parameters in CPython's order.
const NAMES: [&str; 9] = [
    "dialect",
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
];

/// The parameters as they were given or found.
type Given = [Option<Ref>; 9];

fn flag_of(value: &Option<Ref>, default: bool) -> Result<bool, Raised> {
    value.as_deref().map_or(Ok(default), protocol::truth)
}

fn character(name: &str, value: &Option<Ref>, default: u32, may_be_none: bool) -> Result<u32, Raised> {
    let Some(value) = value else { return Ok(default) };
    if may_be_none && is_none(value) {
        return Ok(UNSET);
    }
    let Some(text) = value.downcast::<Str>() else {
        let or_none = if may_be_none { " or None" } else { "" };
        return Err(raise!(TypeError, "\"{name}\" must be string{or_none}, not {}", value.ty().full_name()));
    };
    match (text.len(), text.chars().iter().next()) {
        (1, Some(code)) => Ok(code),
        _ => Err(raise!(TypeError, "\"{name}\" must be a 1-character string")),
    }
}

fn quoting_of(value: &Option<Ref>) -> Result<i32, Raised> {
    let Some(value) = value else { return Ok(0) };
    let Some(number) = value.downcast_exact::<Int>() else {
        return Err(raise!(TypeError, "\"quoting\" must be an integer"));
    };
    match number.to_i64() {
        Some(number @ 0..=3) => Ok(number as i32),
        _ => Err(raise!(TypeError, "bad \"quoting\" value")),
    }
}

impl Dialect {
    /// The dialect that arguments of `reader`, `writer` or `register_dialect` mean.
    pub(super) fn of(
        dialect: Option<&Object>,
        names: Option<&Tuple>,
        values: &[&Object],
    ) -> Result<Ref<Dialect>, Raised> {
        let mut given = Given::default();
        given[0] = dialect.map(Object::to_ref);
        for (name, value) in names.map_or(&[][..], Tuple::as_slice).iter().zip(values) {
            put(&mut given, name, value)?;
        }
        Dialect::make(None, given)
    }

    fn make(cls: Option<&Type>, mut given: Given) -> Result<Ref<Dialect>, Raised> {
        if given[0].as_deref().is_some_and(is_none) {
            given[0] = None;
        }
        let mut source = given[0].take();
        if source.as_deref().is_some_and(|name| name.isinstance::<Str>()) {
            source = source.as_deref().map(registered).transpose()?;
        }
        if let Some(source) = source {
            // An instance is as good as a copy of it: nobody changes it.
            if given.iter().all(Option::is_none)
                && let Some(same) = source.downcast::<Dialect>()
                && cls.is_none_or(|cls| std::ptr::eq(cls, same.ty()))
            {
                return Ok(Ref::from_borrowed(same));
            }
            for (name, place) in NAMES.iter().zip(given.iter_mut()).skip(1) {
                if place.is_none() {
                    *place = match protocol::attribute::get_attribute_str(&source, name) {
                        Ok(value) => Some(value),
                        Err(raised) => ignore(raised, exc::AttributeError())?,
                    };
                }
            }
        }
        Dialect::from_given(cls, &given)
    }

    fn from_given(cls: Option<&Type>, given: &Given) -> Result<Ref<Dialect>, Raised> {
        let [_, delimiter, doublequote, escapechar, lineterminator, quotechar, quoting, skipinitialspace, strict] =
            given;
        let delimiter = character("delimiter", delimiter, u32::from(','), false)?;
        let doublequote = flag_of(doublequote, true)?;
        let escapechar = character("escapechar", escapechar, UNSET, true)?;
        let terminator = match lineterminator {
            None => Some(Str::new("\r\n")?),
            Some(none) if is_none(none) => None,
            Some(text) => match text.downcast::<Str>() {
                Some(text) => Some(Ref::from_borrowed(text)),
                None => return Err(raise!(TypeError, "\"lineterminator\" must be a string")),
            },
        };
        let quote = character("quotechar", quotechar, u32::from('"'), true)?;
        let mut quoting_value = quoting_of(quoting)?;
        let (skipinitialspace, strict) = (flag_of(skipinitialspace, false)?, flag_of(strict, false)?);
        if quoting.is_none() && quotechar.as_deref().is_some_and(is_none) {
            quoting_value = Quoting::Never as i32;
        }
        if quoting_value != Quoting::Never as i32 && quote == UNSET {
            return Err(raise!(TypeError, "quotechar must be set if quoting enabled"));
        }
        if terminator.is_none() {
            return Err(raise!(TypeError, "lineterminator must be set"));
        }
        let fields = Dialect {
            base: Object::of::<Dialect>(),
            doublequote: Cell::new(doublequote),
            skipinitialspace: Cell::new(skipinitialspace),
            strict: Cell::new(strict),
            quoting: Cell::new(quoting_value),
            delimiter: Cell::new(delimiter),
            quotechar: Cell::new(quote),
            escapechar: Cell::new(escapechar),
            lineterminator: Field::optional(terminator),
        };
        match cls {
            Some(cls) => instantiate(cls, fields),
            None => create(fields),
        }
    }

    /// The options, for the length of one row.
    pub(super) fn options(&self) -> Options {
        Options {
            doublequote: self.doublequote.get(),
            skip_space: self.skipinitialspace.get(),
            strict: self.strict.get(),
            quoting: match self.quoting.get() {
                0 => Quoting::Minimal,
                1 => Quoting::All,
                2 => Quoting::NonNumeric,
                _ => Quoting::Never,
            },
            delimiter: self.delimiter.get(),
            quote: self.quotechar.get(),
            escape: self.escapechar.get(),
        }
    }

    /// What ends a row that is written.
    pub(super) fn terminator(&self) -> Ref<Str> {
        self.lineterminator.get().unwrap_or_else(Str::empty)
    }
}

/// A dialect's options as plain values.
#[derive(Clone, Copy)]
pub(super) struct Options {
    pub(super) doublequote: bool,
    pub(super) skip_space: bool,
    pub(super) strict: bool,
    pub(super) quoting: Quoting,
    pub(super) delimiter: u32,
    pub(super) quote: u32,
    pub(super) escape: u32,
}

/// Puts a named argument in its place.
fn put(given: &mut Given, name: &Object, value: &Object) -> Result<(), Raised> {
    let Some(name) = name.downcast::<Str>() else { return Err(raise!(TypeError, "keywords must be strings")) };
    match NAMES.iter().position(|known| name.equals(known)) {
        Some(place) if given[place].is_some() => {
            Err(raise!(TypeError, "argument for function given by name ('{name}') and position ({})", place + 1))
        }
        Some(place) => {
            given[place] = Some(value.to_ref());
            Ok(())
        }
        None => Err(raise!(TypeError, "'{name}' is an invalid keyword argument for this function")),
    }
}

fn shown(code: u32) -> Result<Option<Ref<Str>>, Raised> {
    if code == UNSET { Ok(None) } else { Str::from_char(code).map(Some) }
}

#[pymethods(members = MEMBERS)]
impl Dialect {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Dialect>, Raised> {
        let mut given = Given::default();
        if args.len() > given.len() {
            let count = args.len();
            return Err(raise!(TypeError, "function takes at most {} arguments ({count} given)", given.len()));
        }
        for (place, value) in given.iter_mut().zip(args.as_slice()) {
            *place = Some(value.clone());
        }
        let mut at = 0;
        while let Some((name, value)) = kwargs.and_then(|kwargs| kwargs.next_item(&mut at)) {
            put(&mut given, &name, &value)?;
        }
        Dialect::make(Some(cls), given)
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        let _ = (args, kwargs);
        Ok(())
    }

    /// raises an exception to avoid pickling
    #[name = "__reduce__"]
    #[no_signature]
    #[signature(*args)]
    fn reduce(&self, args: &[&Object]) -> Result<Ref, Raised> {
        let _ = args;
        Err(raise!(TypeError, "cannot pickle 'Dialect' instances"))
    }

    /// raises an exception to avoid pickling
    #[name = "__reduce_ex__"]
    #[no_signature]
    #[signature(*args)]
    fn reduce_ex(&self, args: &[&Object]) -> Result<Ref, Raised> {
        let _ = args;
        Err(raise!(TypeError, "cannot pickle 'Dialect' instances"))
    }

    #[getter]
    #[name = "delimiter"]
    fn shown_delimiter(&self) -> Result<Option<Ref<Str>>, Raised> {
        shown(self.delimiter.get())
    }

    #[getter]
    #[name = "escapechar"]
    fn shown_escapechar(&self) -> Result<Option<Ref<Str>>, Raised> {
        shown(self.escapechar.get())
    }

    #[getter]
    #[name = "lineterminator"]
    fn shown_lineterminator(&self) -> Result<Ref<Str>, Raised> {
        Ok(self.terminator())
    }

    #[getter]
    #[name = "quotechar"]
    fn shown_quotechar(&self) -> Result<Option<Ref<Str>>, Raised> {
        shown(self.quotechar.get())
    }

    #[getter]
    #[name = "quoting"]
    fn shown_quoting(&self) -> Result<i32, Raised> {
        Ok(self.quoting.get())
    }
}
