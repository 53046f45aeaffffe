//! The function object as Rust uses it.

use std::cell::Cell;

use habu_macros::pytype;

use crate::object::slots::VectorcallFunc;
use crate::object::{Field, Object, Raised, Ref};
use crate::raise;
use crate::threads::Thread;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::singletons::{is_none, none};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Create a function object.
///
///   code
///     a code object
///   globals
///     the globals dictionary
///   name
///     a string that overrides the name from the code object
///   argdefs
///     a tuple that specifies the default argument values
///   closure
///     a tuple that supplies the bindings for free variables
#[pytype(name = "function", c_name = "PyFunction_Type", gc, flag = METHOD_DESCRIPTOR, dict = dict, weaklist = weaklist, vectorcall = vectorcall)]
pub struct Function {
    /// The header.
    pub base: Object,
    /// `__globals__`
    #[traverse]
    pub globals: Field<Dict>,
    /// `__builtins__`
    #[traverse]
    pub builtins: Field,
    /// `__name__`
    #[traverse]
    pub name: Field<Str>,
    /// `__qualname__`
    #[traverse]
    pub qualname: Field<Str>,
    /// `__code__`
    #[traverse]
    pub code: Field<Code>,
    /// `__defaults__`
    #[traverse]
    pub defaults: Field<Tuple>,
    /// `__kwdefaults__`
    #[traverse]
    pub kwdefaults: Field<Dict>,
    /// `__closure__`
    #[traverse]
    pub closure: Field<Tuple>,
    /// `__doc__`
    #[traverse]
    pub doc: Field,
    /// `__dict__`
    #[traverse]
    pub dict: Field<Dict>,
    /// Weak references to the function.
    pub weaklist: Cell<*const Object>,
    /// `__module__`
    #[traverse]
    pub module: Field,
    /// `__annotations__`: a dictionary, or a tuple of names and values until somebody asks for it.
    #[traverse]
    pub annotations: Field,
    /// How the function is called.
    pub vectorcall: Cell<VectorcallFunc>,
    /// What call sites check before they use what they know of the function; 0 for none.
    pub version: Cell<u32>,
}

crate::assert_layout!(Function, size 136, globals @ 16, name @ 32, code @ 48, closure @ 72, dict @ 88, weaklist @ 96, module @ 104,
    vectorcall @ 120, version @ 128);
crate::ends_in_order!(Function: globals, builtins, module, defaults, kwdefaults, doc, dict, closure, annotations);

impl Function {
    /// A function of `code` with these globals.
    pub fn new(code: &Code, globals: &Dict) -> Result<Ref<Function>, Raised> {
        let builtins = crate::eval::names::builtins_of_globals(globals)?;
        let module = globals.get(crate::id!(__name__))?;
        Function::with(code, globals, builtins, module)
    }

    /// A function of `code` with all that `new` finds out given.
    pub fn with(code: &Code, globals: &Dict, builtins: Ref, module: Option<Ref>) -> Result<Ref<Function>, Raised> {
        let doc = match code.consts().as_slice().first() {
            Some(first) if first.isinstance::<Str>() => first.clone(),
            _ => none(),
        };
        crate::object::create(Function {
            base: Object::of::<Function>(),
            globals: Field::new(Ref::from_borrowed(globals)),
            builtins: Field::new(builtins),
            name: Field::new(Ref::from_borrowed(code.name())),
            qualname: Field::new(Ref::from_borrowed(code.qualname())),
            code: Field::new(Ref::from_borrowed(code)),
            defaults: Field::empty(),
            kwdefaults: Field::empty(),
            closure: Field::empty(),
            doc: Field::new(doc),
            dict: Field::empty(),
            weaklist: Cell::new(std::ptr::null()),
            module: Field::optional(module),
            annotations: Field::empty(),
            vectorcall: Cell::new(crate::eval::call::function_vectorcall),
            version: Cell::new(0),
        })
    }

    /// The code, borrowed.
    #[inline(always)]
    pub fn code(&self) -> &Code {
        // SAFETY: a function always has code; callers do not keep the borrow over code that may assign `__code__`.
        unsafe { self.code.borrow().unwrap_unchecked() }
    }

    /// `__qualname__`
    pub fn qualname(&self) -> Ref<Str> {
        self.qualname.get().unwrap_or_else(crate::types::str::intern::empty)
    }

    /// The version, given out now if the function has none; 0 when there are no more.
    pub fn version_for_cache(&self) -> u32 {
        if self.version.get() == 0
            && self.vectorcall.get() as usize == crate::eval::call::function_vectorcall as *const () as usize
        {
            let next = &Thread::current().interpreter().eval.next_function_version;
            let version = next.get();
            if version != 0 {
                self.version.set(version);
                next.set(version.wrapping_add(1));
            }
        }
        self.version.get()
    }

    /// `__annotations__` as a dictionary, which is made when it is asked for.
    pub fn annotations(&self) -> Result<Ref<Dict>, Raised> {
        match self.annotations.get() {
            Some(object) => match object.downcast_into::<Dict>() {
                Ok(dict) => Ok(dict),
                Err(pairs) => self.annotations_from_pairs(&pairs),
            },
            None => {
                let dict = Dict::new()?;
                self.annotations.set(Some(dict.clone().into_object()));
                Ok(dict)
            }
        }
    }

    fn annotations_from_pairs(&self, pairs: &Object) -> Result<Ref<Dict>, Raised> {
        let dict = Dict::new()?;
        if let Some(pairs) = pairs.downcast::<Tuple>() {
            for pair in pairs.as_slice().chunks_exact(2) {
                dict.set(&pair[0], &pair[1])?;
            }
        }
        self.annotations.set(Some(dict.clone().into_object()));
        Ok(dict)
    }

    /// Sets `__closure__`, which must have a cell for each free variable.
    pub fn set_closure(&self, closure: Option<Ref<Tuple>>) {
        self.closure.set(closure);
    }
}

/// None as nothing.
pub(super) fn not_none(value: Option<&Object>) -> Option<&Object> {
    value.filter(|value| !is_none(value))
}

/// The error of a call with closure of the wrong length.
pub(super) fn wrong_closure(name: &Str, needed: i32, given: usize) -> Raised {
    raise!(ValueError, "{name} requires closure of length {needed}, not {given}")
}
