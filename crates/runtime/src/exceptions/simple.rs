//! The exceptions with a field or two of their own: StopIteration, SystemExit, KeyError, NameError, AttributeError, ImportError.

use habu_macros::{pymethods, pytype};

use super::members::{keywords, members, object};
use crate::exceptions::BaseException;
use crate::exceptions::hierarchy::{EXCEPTION_TYPE, LOOKUP_ERROR_TYPE};
use crate::object::{Field, MemberDef, Object, Raised, Ref, protocol};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Signal the end from iterator.__next__().
#[pytype(name = "StopIteration", gc, basetype, base = EXCEPTION_TYPE, flag = BASE_EXC_SUBCLASS)]
pub struct StopIteration {
    /// What every exception has.
    #[traverse(last)]
    pub base: BaseException,
    /// What the generator returned.
    #[traverse]
    pub value: Field,
}

crate::assert_layout!(StopIteration, size 80, value @ 72);
crate::ends_in_order!(StopIteration: value);

static STOP_ITERATION_MEMBERS: &[MemberDef] =
    members![object(c"value", std::mem::offset_of!(StopIteration, value), c"generator return value")];

#[pymethods(members = STOP_ITERATION_MEMBERS)]
impl StopIteration {
    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        self.base.init(args, kwargs)?;
        self.value.set(Some(args.get(0).unwrap_or_else(crate::types::none)));
        Ok(())
    }
}

/// Request to exit from the interpreter.
#[pytype(name = "SystemExit", gc, basetype, base = crate::exceptions::value::BASE_EXCEPTION_TYPE, flag = BASE_EXC_SUBCLASS)]
pub struct SystemExit {
    /// What every exception has.
    #[traverse(last)]
    pub base: BaseException,
    /// The exit status, or what is printed.
    #[traverse]
    pub code: Field,
}

crate::assert_layout!(SystemExit, size 80, code @ 72);
crate::ends_in_order!(SystemExit: code);

static SYSTEM_EXIT_MEMBERS: &[MemberDef] =
    members![object(c"code", std::mem::offset_of!(SystemExit, code), c"exception code")];

#[pymethods(members = SYSTEM_EXIT_MEMBERS)]
impl SystemExit {
    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        self.base.init(args, kwargs)?;
        match args.as_slice() {
            [] => {}
            [one] => self.code.set(Some(one.clone())),
            _ => self.code.set(Some(args.to_ref())),
        }
        Ok(())
    }
}

/// Mapping key not found.
#[pytype(name = "KeyError", gc, basetype, base = LOOKUP_ERROR_TYPE, flag = BASE_EXC_SUBCLASS)]
pub struct KeyError {
    /// What every exception has.
    #[traverse(last)]
    pub base: BaseException,
}

crate::assert_layout!(KeyError, size 72);

#[pymethods]
impl KeyError {
    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        self.base.init(args, kwargs)
    }

    // The key is shown as repr, so that a missing '' can be seen.
    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        match self.base.arguments().as_slice() {
            [one] => protocol::repr(one),
            _ => self.base.str(),
        }
    }
}

/// Name not found globally.
#[pytype(name = "NameError", gc, basetype, base = EXCEPTION_TYPE, flag = BASE_EXC_SUBCLASS)]
pub struct NameError {
    /// What every exception has.
    #[traverse(last)]
    pub base: BaseException,
    /// The name.
    #[traverse]
    pub name: Field,
}

crate::assert_layout!(NameError, size 80, name @ 72);
crate::ends_in_order!(NameError: name);

static NAME_ERROR_MEMBERS: &[MemberDef] = members![object(c"name", std::mem::offset_of!(NameError, name), c"name")];

#[pymethods(members = NAME_ERROR_MEMBERS)]
impl NameError {
    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        self.base.init(args, None)?;
        let [name] = keywords("NameError", ["name"], kwargs)?;
        self.name.set(name);
        Ok(())
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        self.base.str()
    }
}

/// Attribute not found.
#[pytype(name = "AttributeError", gc, basetype, base = EXCEPTION_TYPE, flag = BASE_EXC_SUBCLASS)]
pub struct AttributeError {
    /// What every exception has.
    #[traverse(last)]
    pub base: BaseException,
    /// The object without the attribute.
    #[traverse]
    pub obj: Field,
    /// The attribute's name.
    #[traverse]
    pub name: Field,
}

crate::assert_layout!(AttributeError, size 88, obj @ 72, name @ 80);
crate::ends_in_order!(AttributeError: obj, name);

static ATTRIBUTE_ERROR_MEMBERS: &[MemberDef] = members![
    object(c"name", std::mem::offset_of!(AttributeError, name), c"attribute name"),
    object(c"obj", std::mem::offset_of!(AttributeError, obj), c"object"),
];

#[pymethods(members = ATTRIBUTE_ERROR_MEMBERS)]
impl AttributeError {
    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        self.base.init(args, None)?;
        let [name, obj] = keywords("AttributeError", ["name", "obj"], kwargs)?;
        self.name.set(name);
        self.obj.set(obj);
        Ok(())
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        self.base.str()
    }
}

/// Import can't find module, or can't find name in module.
#[pytype(name = "ImportError", gc, basetype, base = EXCEPTION_TYPE, flag = BASE_EXC_SUBCLASS)]
pub struct ImportError {
    /// What every exception has.
    #[traverse(last)]
    pub base: BaseException,
    /// The message: the only argument.
    #[traverse]
    pub msg: Field,
    /// The module.
    #[traverse]
    pub name: Field,
    /// Its file.
    #[traverse]
    pub path: Field,
}

crate::assert_layout!(ImportError, size 96, msg @ 72, name @ 80, path @ 88);
crate::ends_in_order!(ImportError: msg, name, path);

static IMPORT_ERROR_MEMBERS: &[MemberDef] = members![
    object(c"msg", std::mem::offset_of!(ImportError, msg), c"exception message"),
    object(c"name", std::mem::offset_of!(ImportError, name), c"module name"),
    object(c"path", std::mem::offset_of!(ImportError, path), c"module path"),
];

#[pymethods(members = IMPORT_ERROR_MEMBERS)]
impl ImportError {
    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        self.base.init(args, None)?;
        let [name, path] = keywords("ImportError", ["name", "path"], kwargs)?;
        self.name.set(name);
        self.path.set(path);
        self.msg.set(if args.len() == 1 { args.get(0) } else { None });
        Ok(())
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        match self.msg.get().map(Ref::downcast_into::<Str>) {
            Some(Ok(text)) if text.is_exact::<Str>() => Ok(text),
            _ => self.base.str(),
        }
    }

    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let (name, path) = (self.name.get(), self.path.get());
        let state = if name.is_some() || path.is_some() {
            let state = match self.base.dict.get() {
                Some(dict) => dict.copy()?,
                None => Dict::new()?,
            };
            if let Some(name) = name {
                state.set_str("name", &name)?;
            }
            if let Some(path) = path {
                state.set_str("path", &path)?;
            }
            Some(state)
        } else {
            self.base.dict.get()
        };
        let (cls, args) = (self.type_ref().into_object(), self.base.arguments().into_object());
        match state {
            Some(state) => Tuple::from_refs([cls, args, state.into_object()]),
            None => Tuple::from_refs([cls, args]),
        }
    }
}

/// `fields` of a StopIteration for an object that is returned, without a call.
pub(super) fn stop_iteration(value: Option<Ref>) -> Result<Ref<BaseException>, Raised> {
    let args = match &value {
        Some(value) => Tuple::from_refs([value.clone()])?,
        None => Tuple::empty(),
    };
    let exception = StopIteration {
        base: BaseException::fields(args),
        value: Field::new(value.unwrap_or_else(crate::types::none)),
    };
    let exception = crate::object::instantiate(crate::exceptions::exc::StopIteration(), exception)?;
    // SAFETY: the type derives from BaseException.
    Ok(unsafe { exception.into_object().cast_into_unchecked() })
}

/// What a StopIteration carries, when `exception` is one.
pub fn stop_iteration_value(exception: &Object) -> Option<Ref> {
    Some(exception.downcast::<StopIteration>()?.value.get().unwrap_or_else(crate::types::none))
}
