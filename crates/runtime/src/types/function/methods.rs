//! What Python sees of functions.

use habu_macros::pymethods;

use super::value::{Function, not_none, wrong_closure};
use crate::object::descriptor_tables::{MemberDef, READONLY, T_OBJECT};
use crate::object::{Object, Raised, Ref, Stopped, Traverse, Type, Visit};
use crate::raise;
use crate::types::cell::Cell;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::method::Method;
use crate::types::singletons::{is_none, none};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// The members that are read from the layout.
pub static MEMBERS: &[MemberDef] = &[
    member(c"__closure__", std::mem::offset_of!(Function, closure), READONLY),
    member(c"__doc__", std::mem::offset_of!(Function, doc), 0),
    member(c"__globals__", std::mem::offset_of!(Function, globals), READONLY),
    member(c"__module__", std::mem::offset_of!(Function, module), 0),
    member(c"__builtins__", std::mem::offset_of!(Function, builtins), READONLY),
];

const fn member(name: &'static std::ffi::CStr, offset: usize, flags: std::ffi::c_int) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind: T_OBJECT, offset: offset as isize, flags, doc: std::ptr::null() }
}

#[pymethods(members = MEMBERS)]
impl Function {
    /// In CPython's order, which `gc.get_referents` shows.
    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.code.traverse(visit)?;
        self.globals.traverse(visit)?;
        self.builtins.traverse(visit)?;
        self.module.traverse(visit)?;
        self.defaults.traverse(visit)?;
        self.kwdefaults.traverse(visit)?;
        self.doc.traverse(visit)?;
        self.name.traverse(visit)?;
        self.dict.traverse(visit)?;
        self.closure.traverse(visit)?;
        self.annotations.traverse(visit)?;
        self.qualname.traverse(visit)
    }

    #[slot(tp_new)]
    #[signature(code, globals, name = None, argdefs = None, closure = None)]
    fn new_function(
        cls: &Type,
        code: &Code,
        globals: &Dict,
        name: Option<&Object>,
        argdefs: Option<&Object>,
        closure: Option<&Object>,
    ) -> Result<Ref<Function>, Raised> {
        let _ = cls;
        let name = match not_none(name).map(|name| (name, name.downcast::<Str>())) {
            None => None,
            Some((_, Some(name))) => Some(name),
            Some((_, None)) => return Err(raise!(TypeError, "arg 3 (name) must be None or string")),
        };
        let defaults = match not_none(argdefs).map(|defaults| defaults.downcast::<Tuple>()) {
            None => None,
            Some(Some(defaults)) => Some(Ref::from_borrowed(defaults)),
            Some(None) => return Err(raise!(TypeError, "arg 4 (defaults) must be None or tuple")),
        };
        let closure = check_closure(code, closure)?;
        crate::audit!("function.__new__", code.to_ref())?;
        let function = Function::new(code, globals)?;
        if let Some(name) = name {
            function.name.set(Some(Ref::from_borrowed(name)));
        }
        function.defaults.set(defaults);
        function.closure.set(closure);
        Ok(function)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        Str::from_format(format_args!("<function {} at {:#x}>", self.qualname(), self.address()))
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        crate::object::protocol::call_tuple(self, args, kwargs)
    }

    #[slot(tp_descr_get)]
    fn bind(&self, instance: Option<&Object>, _owner: Option<&Object>) -> Result<Ref, Raised> {
        match instance {
            Some(instance) if !is_none(instance) => Ok(Method::new(self, instance)?.into_object()),
            // None as an instance means None's own type where an owner says so; as in CPython, None alone is no instance.
            _ => Ok(self.to_ref()),
        }
    }

    #[getter]
    #[name = "__code__"]
    fn code_object(&self) -> Result<Option<Ref<Code>>, Raised> {
        crate::audit!("object.__getattr__", self.to_ref(), "__code__")?;
        Ok(self.code.get())
    }

    #[setter]
    #[name = "__code__"]
    fn set_code_object(&self, value: Option<&Object>) -> Result<(), Raised> {
        let Some(code) = value.and_then(Object::downcast::<Code>) else {
            return Err(raise!(TypeError, "__code__ must be set to a code object"));
        };
        crate::audit!("object.__setattr__", self.to_ref(), "__code__", code.to_ref())?;
        let free = self.closure.get().map_or(0, |closure| closure.len());
        if code.nfreevars.get() as usize != free {
            return Err(raise!(
                ValueError,
                "{}() requires a code object with {free} free vars, not {}",
                self.name.get().unwrap_or_else(crate::types::str::intern::empty),
                code.nfreevars.get()
            ));
        }
        self.version.set(0);
        self.code.set(Some(Ref::from_borrowed(code)));
        Ok(())
    }

    #[getter]
    #[name = "__defaults__"]
    fn get_defaults(&self) -> Result<Option<Ref<Tuple>>, Raised> {
        crate::audit!("object.__getattr__", self.to_ref(), "__defaults__")?;
        Ok(self.defaults.get())
    }

    #[setter]
    #[name = "__defaults__"]
    fn set_defaults(&self, value: Option<&Object>) -> Result<(), Raised> {
        let defaults = match not_none(value).map(|value| value.downcast::<Tuple>()) {
            None => None,
            Some(Some(defaults)) => Some(Ref::from_borrowed(defaults)),
            Some(None) => return Err(raise!(TypeError, "__defaults__ must be set to a tuple object")),
        };
        audit_set(self, "__defaults__", value)?;
        self.version.set(0);
        self.defaults.set(defaults);
        Ok(())
    }

    #[getter]
    #[name = "__kwdefaults__"]
    fn get_kwdefaults(&self) -> Result<Option<Ref<Dict>>, Raised> {
        crate::audit!("object.__getattr__", self.to_ref(), "__kwdefaults__")?;
        Ok(self.kwdefaults.get())
    }

    #[setter]
    #[name = "__kwdefaults__"]
    fn set_kwdefaults(&self, value: Option<&Object>) -> Result<(), Raised> {
        let defaults = match not_none(value).map(|value| value.downcast::<Dict>()) {
            None => None,
            Some(Some(defaults)) => Some(Ref::from_borrowed(defaults)),
            Some(None) => return Err(raise!(TypeError, "__kwdefaults__ must be set to a dict object")),
        };
        audit_set(self, "__kwdefaults__", value)?;
        self.version.set(0);
        self.kwdefaults.set(defaults);
        Ok(())
    }

    #[getter]
    #[name = "__annotations__"]
    fn get_annotations(&self) -> Result<Ref<Dict>, Raised> {
        self.annotations()
    }

    #[setter]
    #[name = "__annotations__"]
    fn set_annotations(&self, value: Option<&Object>) -> Result<(), Raised> {
        let annotations = match not_none(value) {
            None => None,
            Some(value) if value.isinstance::<Dict>() => Some(value.to_ref()),
            Some(_) => return Err(raise!(TypeError, "__annotations__ must be set to a dict object")),
        };
        self.version.set(0);
        self.annotations.set(annotations);
        Ok(())
    }

    #[getter]
    #[name = "__dict__"]
    fn get_dict(&self) -> Result<Ref<Dict>, Raised> {
        if let Some(dict) = self.dict.get() {
            return Ok(dict);
        }
        let dict = Dict::new()?;
        self.dict.set(Some(dict.clone()));
        Ok(dict)
    }

    #[setter]
    #[name = "__dict__"]
    fn set_dict(&self, value: Option<&Object>) -> Result<(), Raised> {
        match value {
            None => Err(raise!(TypeError, "cannot delete __dict__")),
            Some(value) => match value.downcast::<Dict>() {
                Some(dict) => {
                    self.dict.set(Some(Ref::from_borrowed(dict)));
                    Ok(())
                }
                None => {
                    Err(raise!(TypeError, "__dict__ must be set to a dictionary, not a '{}'", value.ty().full_name()))
                }
            },
        }
    }

    #[getter]
    #[name = "__name__"]
    fn get_name(&self) -> Result<Option<Ref<Str>>, Raised> {
        Ok(self.name.get())
    }

    #[setter]
    #[name = "__name__"]
    fn set_name(&self, value: Option<&Object>) -> Result<(), Raised> {
        let Some(name) = value.and_then(Object::downcast::<Str>) else {
            return Err(raise!(TypeError, "__name__ must be set to a string object"));
        };
        self.name.set(Some(Ref::from_borrowed(name)));
        Ok(())
    }

    #[getter]
    #[name = "__qualname__"]
    fn get_qualname(&self) -> Result<Option<Ref<Str>>, Raised> {
        Ok(self.qualname.get())
    }

    #[setter]
    #[name = "__qualname__"]
    fn set_qualname(&self, value: Option<&Object>) -> Result<(), Raised> {
        let Some(name) = value.and_then(Object::downcast::<Str>) else {
            return Err(raise!(TypeError, "__qualname__ must be set to a string object"));
        };
        self.qualname.set(Some(Ref::from_borrowed(name)));
        Ok(())
    }
}

/// The closure of a function made by its constructor.
fn check_closure(code: &Code, closure: Option<&Object>) -> Result<Option<Ref<Tuple>>, Raised> {
    let needed = code.nfreevars.get();
    let closure = closure.filter(|closure| !is_none(closure));
    let Some(object) = closure else {
        return match needed {
            0 => Ok(None),
            _ => Err(raise!(TypeError, "arg 5 (closure) must be tuple")),
        };
    };
    let Some(closure) = object.downcast::<Tuple>() else {
        return Err(raise!(TypeError, "arg 5 (closure) must be None or tuple"));
    };
    if closure.len() != needed as usize {
        return Err(wrong_closure(code.name(), needed, closure.len()));
    }
    for item in closure.as_slice() {
        if !item.isinstance::<Cell>() {
            return Err(raise!(TypeError, "arg 5 (closure) expected cell, found {}", item.ty().full_name()));
        }
    }
    let _ = none;
    Ok(Some(Ref::from_borrowed(closure)))
}

/// Tells hooks that an attribute is set, or deleted.
fn audit_set(function: &Function, name: &str, value: Option<&Object>) -> Result<(), Raised> {
    match value {
        Some(value) => crate::audit!("object.__setattr__", function.to_ref(), name, value.to_ref()),
        None => crate::audit!("object.__delattr__", function.to_ref(), name),
    }
}
