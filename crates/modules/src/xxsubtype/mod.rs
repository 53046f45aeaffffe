//! `xxsubtype`: a list and a dictionary with a number beside them, which show how built-in types are derived from (CPython's example
//! module of that name, which its own tests use).

use std::cell::Cell;
use std::mem::offset_of;

use habu_macros::{pymethods, pymodule, pytype};
use habu_runtime::object::descriptor_tables::{READONLY, T_INT};
use habu_runtime::object::{MemberDef, Object, PyType, Raised, Ref, Type};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::none;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, raise};

/// A list with a number.
#[pytype(name = "xxsubtype.spamlist", doc = "", gc, basetype, base = habu_runtime::types::list::LIST_TYPE)]
pub(crate) struct SpamList {
    list: List,
    state: Cell<i32>,
}

/// A dictionary with a number.
#[pytype(name = "xxsubtype.spamdict", doc = "", gc, basetype, base = habu_runtime::types::dict::DICT_TYPE)]
pub(crate) struct SpamDict {
    dict: Dict,
    state: Cell<i32>,
}

assert_layout!(SpamList, size 48, state @ 40);
assert_layout!(SpamDict, size 56, state @ 48);

static MEMBERS: &[MemberDef] = &[MemberDef {
    name: c"state".as_ptr(),
    kind: T_INT,
    offset: offset_of!(SpamDict, state) as isize,
    flags: READONLY,
    doc: c"an int variable for demonstration purposes".as_ptr(),
}];

/// Runs the `__init__` of the type that `object`'s type is derived from.
fn init_as(parent: &Type, object: &Object, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
    match parent.tp_init.get() {
        // SAFETY: the object is an instance of a type derived from the parent.
        Some(init) => unsafe { init(object, args, kwargs) }.result(),
        None => Ok(()),
    }
}

/// `(first, (positional, ..), {named: ..} or None)`: what a method was called with.
fn shown_call(first: Ref, all: &[&Object], names: Option<&Tuple>) -> Result<Ref<Tuple>, Raised> {
    let named = names.map_or(0, Tuple::len);
    let (positional, values) = all.split_at(all.len().saturating_sub(named));
    let keywords = match names.filter(|names| names.len() > 0) {
        Some(names) => {
            let keywords = Dict::new()?;
            for (name, value) in names.as_slice().iter().zip(values) {
                keywords.set(name, value)?;
            }
            keywords.into_object()
        }
        None => none(),
    };
    Tuple::from_refs([first, Tuple::from_borrowed(positional)?.into_object(), keywords])
}

#[pymethods]
impl SpamList {
    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        init_as(List::type_object(), self, args, kwargs)?;
        self.state.set(0);
        Ok(())
    }

    /// getstate() -> state
    #[no_signature]
    fn getstate(&self) -> Result<i32, Raised> {
        Ok(self.state.get())
    }

    /// setstate(state)
    #[no_signature]
    fn setstate(&self, state: i32) -> Result<(), Raised> {
        self.state.set(state);
        Ok(())
    }

    /// classmeth(*args, **kw)
    #[classmethod]
    #[raw]
    #[no_signature]
    fn classmeth(cls: &Type, all: &[&Object], names: Option<&Tuple>) -> Result<Ref<Tuple>, Raised> {
        shown_call(cls.to_ref(), all, names)
    }

    /// staticmeth(*args, **kw)
    #[staticmethod]
    #[raw]
    #[no_signature]
    fn staticmeth(all: &[&Object], names: Option<&Tuple>) -> Result<Ref<Tuple>, Raised> {
        shown_call(none(), all, names)
    }

    /// an int variable for demonstration purposes
    #[getter]
    fn state(&self) -> Result<i32, Raised> {
        Ok(self.state.get())
    }
}

#[pymethods(members = MEMBERS)]
impl SpamDict {
    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        init_as(Dict::type_object(), self, args, kwargs)?;
        self.state.set(0);
        Ok(())
    }

    /// getstate() -> state
    #[no_signature]
    fn getstate(&self) -> Result<i32, Raised> {
        Ok(self.state.get())
    }

    /// setstate(state)
    #[no_signature]
    fn setstate(&self, state: i32) -> Result<(), Raised> {
        self.state.set(state);
        Ok(())
    }
}

/// xxsubtype is an example module showing how to subtype builtin types from C.
/// test_descr.py in the standard test suite requires it in order to complete.
/// If you don't care about the examples, and don't intend to run the Python
/// test suite, you can recompile Python without Modules/xxsubtype.c.
pub(crate) struct XxSubtype;

#[pymodule(name = "xxsubtype")]
impl XxSubtype {
    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        module.add_type(&SPAM_LIST_TYPE)?;
        module.add_type(&SPAM_DICT_TYPE)
    }

    /// Asks an object for an attribute many times, 1000 where no number is given, and tells how many seconds that took.
    #[signature(object, name, count = 1000, /)]
    #[no_signature]
    fn bench(object: &Object, name: &habu_runtime::types::str::Str, count: i32) -> Result<f64, Raised> {
        if count < 0 {
            return Err(raise!(ValueError, "negative count"));
        }
        let start = std::time::Instant::now();
        for _ in 0..count {
            habu_runtime::object::protocol::get_attribute(object, name)?;
        }
        Ok(start.elapsed().as_secs_f64())
    }
}
