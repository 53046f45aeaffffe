//! `ContextVar` and the `Token` of a change.

use std::cell::Cell;
use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::{exc, raise_with_arguments};
use habu_runtime::gc;
use habu_runtime::object::descriptor_tables::{READONLY, T_OBJECT};
use habu_runtime::object::{Field, MemberDef, Object, Raised, Ref, Type, create, instantiate, protocol};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::dict::value::may_be_tracked;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::context::Context;
use super::missing;

#[pytype(name = "_contextvars.ContextVar", generic_get, c_name = "PyContextVar_Type", doc = "", gc)]
/// A variable whose value depends on the context.
pub struct ContextVar {
    base: Object,
    #[traverse]
    name: Field<Str>,
    #[traverse]
    default: Field,
    /// Where CPython keeps the value that was found last.
    cached: Cell<[usize; 3]>,
    hash: Cell<isize>,
}

habu_runtime::assert_layout!(ContextVar, size 64, name @ 16, hash @ 56);

static MEMBERS: &[MemberDef] = &[MemberDef {
    name: c"name".as_ptr(),
    kind: T_OBJECT,
    offset: offset_of!(ContextVar, name) as isize,
    flags: READONLY,
    doc: std::ptr::null(),
}];

impl ContextVar {
    /// A new variable.
    pub fn create(cls: &Type, name: &Str, default: Option<&Object>) -> Result<Ref<ContextVar>, Raised> {
        let variable = instantiate(
            cls,
            ContextVar {
                base: Object::of::<ContextVar>(),
                name: Field::new(Ref::from_borrowed(name)),
                default: Field::optional(default.map(Object::to_ref)),
                cached: Cell::new([0; 3]),
                hash: Cell::new(0),
            },
        )?;
        let address = std::ptr::from_ref::<ContextVar>(&variable) as usize;
        let hash = (address.rotate_right(4) as isize) ^ name.hash();
        variable.hash.set(if hash == -1 { -2 } else { hash });
        // As in CPython, the collector need not know a variable whose name and default are no containers.
        if default.is_none_or(|default| !may_be_tracked(default)) && !may_be_tracked(name) {
            gc::untrack(&variable);
        }
        Ok(variable)
    }

    pub(super) fn hash_bits(&self) -> u64 {
        let hash = self.hash.get() as u64;
        hash ^ hash >> 32
    }

    /// The value in the current context; else `default`, else the variable's own default.
    pub fn value(&self, default: Option<&Object>) -> Result<Option<Ref>, Raised> {
        if let Some(context) = Context::current_or_none()
            && let Some(value) = context.find(self)
        {
            return Ok(Some(value));
        }
        Ok(default.map(Object::to_ref).or_else(|| self.default.get()))
    }

    /// Sets the value in the current context.
    pub fn change(&self, value: &Object) -> Result<Ref<Token>, Raised> {
        let context = Context::current()?;
        let old = context.find(self);
        let token = create(Token {
            base: Object::of::<Token>(),
            context: Field::new(context.clone()),
            variable: Field::new(Ref::from_borrowed(self)),
            old: Field::optional(old),
            used: Cell::new(false),
        })?;
        context.put(self, value)?;
        Ok(token)
    }

    /// Takes back a change.
    pub fn take_back(&self, token: &Token) -> Result<(), Raised> {
        let shown = || protocol::repr(token);
        if token.used.get() {
            return Err(raise!(RuntimeError, "{} has already been used once", &*shown()?));
        }
        if token.variable.pointer() != std::ptr::from_ref(self) {
            return Err(raise!(ValueError, "{} was created by a different ContextVar", &*shown()?));
        }
        let context = Context::current()?;
        if token.context.pointer() != std::ptr::from_ref::<Context>(&context) {
            return Err(raise!(ValueError, "{} was created in a different Context", &*shown()?));
        }
        token.used.set(true);
        match token.old.get() {
            Some(old) => context.put(self, &old),
            None => context.remove(self),
        }
    }
}

#[pymethods(members = MEMBERS)]
impl ContextVar {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<ContextVar>, Raised> {
        let count = args.len();
        if count == 0 {
            return Err(raise!(TypeError, "ContextVar() takes exactly 1 positional argument (0 given)"));
        }
        if count > 1 {
            return Err(raise!(TypeError, "ContextVar() takes at most 1 positional argument ({count} given)"));
        }
        let mut default = None;
        let mut at = 0;
        while let Some((key, value)) = kwargs.and_then(|kwargs| kwargs.next_item(&mut at)) {
            match key.downcast::<Str>() {
                Some(key) if key.equals("default") => default = Some(value),
                Some(key) => {
                    return Err(raise!(TypeError, "'{key}' is an invalid keyword argument for ContextVar()"));
                }
                None => return Err(raise!(TypeError, "keywords must be strings")),
            }
        }
        match args.get(0).as_deref().and_then(|name| name.downcast::<Str>()) {
            Some(name) => ContextVar::create(cls, name, default.as_deref()),
            None => Err(raise!(TypeError, "context variable name must be a str")),
        }
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        Ok(self.hash.get())
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let Some(name) = self.name.get() else { return Str::new("<ContextVar>") };
        let name = protocol::repr(&name)?;
        let address = std::ptr::from_ref(self);
        match self.default.get() {
            Some(default) => {
                let default = protocol::repr(&default)?;
                Str::from_format(format_args!("<ContextVar name={name} default={default} at {address:p}>"))
            }
            None => Str::from_format(format_args!("<ContextVar name={name} at {address:p}>")),
        }
    }

    /// Return a value for the context variable for the current context.
    ///
    /// If there is no value for the variable in the current context, the method will:
    ///  * return the value of the default argument of the method, if provided; or
    ///  * return the default value for the context variable, if it was created
    ///    with one; or
    ///  * raise a LookupError.
    #[signature(default = None, /)]
    #[shown("($self, default=<unrepresentable>, /)")]
    fn get(&self, default: Option<&Object>) -> Result<Ref, Raised> {
        match self.value(default)? {
            Some(value) => Ok(value),
            None => Err(raise_with_arguments(exc::LookupError(), &[self])),
        }
    }

    /// Call to set a new value for the context variable in the current context.
    ///
    /// The required value argument is the new value for the context variable.
    ///
    /// Returns a Token object that can be used to restore the variable to its previous
    /// value via the `ContextVar.reset()` method.
    fn set(&self, value: &Object) -> Result<Ref<Token>, Raised> {
        self.change(value)
    }

    /// Reset the context variable.
    ///
    /// The variable is reset to the value it had before the `ContextVar.set()` that
    /// created the token was used.
    fn reset(&self, token: &Object) -> Result<(), Raised> {
        match token.downcast::<Token>() {
            Some(token) => self.take_back(token),
            None => Err(raise!(TypeError, "expected an instance of Token, got {}", &*protocol::repr(token)?)),
        }
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    #[no_signature]
    fn class_getitem(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        habu_runtime::types::generic_alias::alias(cls, item)
    }
}

#[pytype(name = "_contextvars.Token", generic_get, c_name = "PyContextToken_Type", doc = "", gc)]
/// What a variable was before a change.
pub struct Token {
    base: Object,
    #[traverse]
    context: Field<Context>,
    #[traverse]
    variable: Field<ContextVar>,
    #[traverse]
    old: Field,
    used: Cell<bool>,
}

habu_runtime::assert_layout!(Token, size 48);

#[pymethods]
impl Token {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Token>, Raised> {
        let _ = (cls, args, kwargs);
        Err(raise!(RuntimeError, "Tokens can only be created by ContextVars"))
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        Err(habu_runtime::object::protocol::basic::unhashable(self))
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let Some(variable) = self.variable.get() else { return Str::new("<Token>") };
        let (used, variable) = (if self.used.get() { " used" } else { "" }, protocol::repr(&variable)?);
        Str::from_format(format_args!("<Token{used} var={variable} at {:p}>", std::ptr::from_ref(self)))
    }

    #[getter]
    fn var(&self) -> Result<Option<Ref<ContextVar>>, Raised> {
        Ok(self.variable.get())
    }

    #[getter]
    fn old_value(&self) -> Result<Ref, Raised> {
        self.old.get().map_or_else(missing, Ok)
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    #[no_signature]
    fn class_getitem(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        habu_runtime::types::generic_alias::alias(cls, item)
    }
}

/// The type of `Token.MISSING`.
#[pytype(name = "Token.MISSING", generic_get, doc = "")]
pub(super) struct TokenMissing {
    base: Object,
}

impl TokenMissing {
    pub(super) fn create() -> Result<Ref<TokenMissing>, Raised> {
        create(TokenMissing { base: Object::of::<TokenMissing>() })
    }
}

#[pymethods]
impl TokenMissing {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        Str::new("<Token.MISSING>")
    }
}
