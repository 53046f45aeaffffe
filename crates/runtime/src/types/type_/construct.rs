//! Calling a type: `__new__`, then `__init__`; and `T.__new__` of built-in types.

use crate::object::descriptor_tables::{METH_KEYWORDS, METH_VARARGS, MethodFunction};
use crate::object::slots::NewFunc;
use crate::object::typeobject::flags;
use crate::object::{MethodDef, Object, PyType, Raised, Ref, Type};
use crate::types::builtin_function::BuiltinFunction;
use crate::types::dict::Dict;
use crate::types::tuple::Tuple;
use crate::{id, raise};

/// `T.__new__` of a built-in type: the first argument is the class to make an instance of.
static NEW: MethodDef = MethodDef {
    name: c"__new__".as_ptr(),
    function: MethodFunction { keywords: new_entry },
    flags: METH_VARARGS | METH_KEYWORDS,
    doc: c"__new__($type, *args, **kwargs)\n--\n\nCreate and return a new object.  See help(type) for accurate signature.".as_ptr(),
};

unsafe extern "C" fn new_entry(owner: Option<&Object>, args: &Tuple, kwargs: Option<&Object>) -> Result<Ref, Raised> {
    let Some(owner) = owner.and_then(Object::downcast::<Type>) else {
        return Err(raise!(SystemError, "__new__() called with non-type 'self'"));
    };
    let kwargs = match kwargs.map(Object::downcast::<Dict>) {
        None => None,
        Some(Some(kwargs)) => Some(kwargs),
        Some(None) => return Err(raise!(SystemError, "bad argument to internal function")),
    };
    let Some((cls, rest)) = args.as_borrowed_slice().split_first() else {
        return Err(raise!(TypeError, "{}.__new__(): not enough arguments", owner.full_name()));
    };
    let Some(cls) = cls.downcast::<Type>() else {
        return Err(raise!(
            TypeError,
            "{}.__new__(X): X is not a type object ({})",
            owner.full_name(),
            cls.ty().full_name()
        ));
    };
    if !cls.is_subtype(owner) {
        let (owner, cls) = (owner.full_name(), cls.full_name());
        return Err(raise!(TypeError, "{owner}.__new__({cls}): {cls} is not a subtype of {owner}"));
    }
    // `object.__new__(dict)` would make a broken dict: the nearest built-in base must be made by this very function.
    let mut solid = Ref::from_borrowed(cls);
    while solid.has_flag(flags::HEAPTYPE)
        && solid.tp_new.get().is_some_and(|new| new as usize == super::slot_functions::new as *const () as usize)
    {
        let Some(next) = solid.tp_base.get() else { break };
        solid = next;
    }
    let wanted = solid.tp_new.get().map(|new| new as usize);
    if wanted != owner.tp_new.get().map(|new| new as usize) {
        let (owner, cls, safe) = (owner.full_name(), cls.full_name(), solid.full_name());
        return Err(raise!(TypeError, "{owner}.__new__({cls}) is not safe, use {safe}.__new__()"));
    }
    let rest = Tuple::from_borrowed(rest)?;
    match owner.tp_new.get() {
        // SAFETY: cls is a subtype of the slot's type whose layout extends the owner's.
        Some(new) => unsafe { new(cls, &rest, kwargs) },
        None => Err(raise!(TypeError, "cannot create '{}' instances", owner.full_name())),
    }
}

/// Adds `__new__` to the dictionary of a built-in type.
pub fn add_new(ty: &Type, dict: &Dict) -> Result<(), Raised> {
    if dict.get_name(id!(__new__)).is_some() {
        return Ok(());
    }
    dict.set(id!(__new__), &*BuiltinFunction::new(&NEW, Some(ty.to_ref()), None)?)
}

/// The `tp_new` behind a `__new__` of a built-in type.
pub fn builtin_new(method: &Object) -> Option<NewFunc> {
    let function = method.downcast_exact::<BuiltinFunction>()?;
    if !std::ptr::eq(function.method(), &NEW) {
        return None;
    }
    function.receiver()?.downcast::<Type>()?.tp_new.get()
}

/// `cls(*args, **kwargs)`: what `type.__call__` does.
pub fn call_type(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
    if std::ptr::eq(cls, Type::type_object()) {
        if args.len() == 1 && kwargs.is_none_or(|kwargs| kwargs.len() == 0) {
            return Ok(args.as_slice()[0].type_ref().into_object());
        }
        if args.len() != 3 {
            return Err(raise!(TypeError, "type() takes 1 or 3 arguments"));
        }
    }
    let Some(new) = cls.tp_new.get() else {
        return Err(raise!(TypeError, "cannot create '{}' instances", cls.full_name()));
    };
    // SAFETY: the slots belong to the class and its instance.
    unsafe {
        let object = new(cls, args, kwargs)?;
        if object.ty().is_subtype(cls)
            && let Some(init) = object.ty().tp_init.get()
        {
            init(&object, args, kwargs).result()?;
        }
        Ok(object)
    }
}
