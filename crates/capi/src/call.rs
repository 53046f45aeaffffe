//! `cpython/abstract.h`: calling objects.

use habu_runtime::object::protocol::{self, call as calls};
use habu_runtime::object::slots::VECTORCALL_ARGUMENTS_OFFSET;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::tuple::Tuple;

use crate::border::*;
use crate::identifier::Identifier;
use crate::modsupport::build_arguments;
use crate::object::name_of;

/// A tuple of positional arguments.
fn positional(args: &Object) -> Result<&Tuple, Raised> {
    match args.downcast::<Tuple>() {
        Some(args) => Ok(args),
        None => Err(raise!(TypeError, "argument list must be a tuple")),
    }
}

/// A dictionary of named arguments, or nothing.
fn named(kwargs: Option<&Object>) -> Result<Option<&Dict>, Raised> {
    match kwargs {
        None => Ok(None),
        Some(kwargs) => expect::<Dict>(kwargs).map(Some),
    }
}

/// Calls with arguments in a row, the named ones as a dictionary.
fn call_dict(callable: &Object, args: &[&Object], kwargs: Option<&Object>) -> New {
    match named(kwargs)?.filter(|kwargs| kwargs.len() > 0) {
        None => protocol::call(callable, args),
        kwargs => protocol::call_tuple(callable, &*Tuple::from_borrowed(args)?, kwargs),
    }
}

/// The objects of variable arguments, up to a null.
fn objects<'a>(list: &mut VaList) -> Vec<&'a Object> {
    let mut all = vec![];
    while let Some(object) = list.object() {
        all.push(object);
    }
    all
}

/// The number of arguments, without the flag.
pub(crate) fn argument_count(flagged: usize) -> usize {
    flagged & !VECTORCALL_ARGUMENTS_OFFSET
}

export! {
    fn PyObject_CallNoArgs(callable: &Object) => New { protocol::call0(callable) }
    fn PyObject_CallOneArg(callable: &Object, argument: &Object) => New { protocol::call1(callable, argument) }
    fn _PyObject_CallNoArgs(callable: &Object) => New { protocol::call0(callable) }
    fn PyObject_Call(callable: &Object, args: &Object, kwargs: Option<&Object>) => New {
        protocol::call_tuple(callable, positional(args)?, named(kwargs)?)
    }
    fn PyObject_CallObject(callable: &Object, args: Option<&Object>) => New {
        match args {
            None => protocol::call0(callable),
            Some(args) => protocol::call_tuple(callable, positional(args)?, None),
        }
    }
    fn _PyObject_Call(_thread: *const Thread, callable: &Object, args: &Object, kwargs: Option<&Object>) => New {
        protocol::call_tuple(callable, positional(args)?, named(kwargs)?)
    }
    fn PyEval_CallObjectWithKeywords(callable: &Object, args: Option<&Object>, kwargs: Option<&Object>) => New {
        match args {
            None => protocol::call_tuple(callable, &Tuple::empty(), named(kwargs)?),
            Some(args) => protocol::call_tuple(callable, positional(args)?, named(kwargs)?),
        }
    }
    fn PyObject_Vectorcall(callable: &Object, args: *const &'static Object, count: usize, names: Option<&Tuple>) => New {
        // SAFETY: the caller gives that many arguments.
        unsafe { calls::vectorcall_raw(callable, args, count, names) }
    }
    fn _PyObject_Vectorcall(callable: &Object, args: *const &'static Object, count: usize, names: Option<&Tuple>) => New {
        // SAFETY: the caller gives that many arguments.
        unsafe { calls::vectorcall_raw(callable, args, count, names) }
    }
    fn PyObject_VectorcallDict(callable: &Object, args: *const &'static Object, count: usize, kwargs: Option<&Object>) => New {
        call_dict(callable, items(args, argument_count(count)), kwargs)
    }
    fn _PyObject_FastCall(callable: &Object, args: *const &'static Object, count: isize) => New {
        protocol::call(callable, items(args, count.max(0) as usize))
    }
    fn _PyObject_FastCallDictTstate(_thread: *const Thread, callable: &Object, args: *const &'static Object, count: usize, kwargs: Option<&Object>) => New {
        call_dict(callable, items(args, argument_count(count)), kwargs)
    }
    fn _PyObject_MakeTpCall(_thread: *const Thread, callable: &Object, args: *const &'static Object, count: isize, keywords: Option<&Object>) => New {
        let args = args.cast::<&Object>();
        match keywords {
            Some(keywords) if keywords.isinstance::<Tuple>() => {
                let names = expect::<Tuple>(keywords)?;
                let all = items(args, count.max(0) as usize + names.len());
                let kwargs = Dict::with_capacity(names.len())?;
                for (name, value) in names.as_slice().iter().zip(&all[count.max(0) as usize..]) {
                    kwargs.set(name, value)?;
                }
                let positional = Tuple::from_borrowed(&all[..count.max(0) as usize])?;
                through_slot(callable, &positional, Some(&kwargs))
            }
            keywords => {
                let positional = Tuple::from_borrowed(items(args, count.max(0) as usize))?;
                through_slot(callable, &positional, named(keywords)?)
            }
        }
    }
    fn PyObject_VectorcallMethod(name: &Object, args: *const &'static Object, count: usize, names: Option<&Tuple>) => New {
        let all = items(args, argument_count(count) + names.map_or(0, Tuple::len));
        let Some((receiver, rest)) = all.split_first() else { return Err(bad_internal_call()) };
        let (method, unbound) = habu_runtime::eval::operators::get_method(receiver, name_of(name)?)?;
        protocol::vectorcall(&method, if unbound { all } else { rest }, names)
    }
    fn PyVectorcall_Call(callable: &Object, args: &Object, kwargs: Option<&Object>) => New {
        calls::call_by_vectorcall(callable, positional(args)?, named(kwargs)?)
    }
    fn PyVectorcall_Function(callable: &Object) -> *const std::ffi::c_void {
        calls::vectorcall_of(callable).map_or(std::ptr::null(), |function| function as *const std::ffi::c_void)
    }
    fn _Py_CheckFunctionResult(_thread: *const Thread, callable: Option<&Object>, result: Option<Ref>, place: Text) => New {
        let raised = Thread::current().has_exception();
        let shown = || match callable {
            Some(callable) => protocol::repr(callable).map(|text| text.to_string_lossy()),
            None => Ok(place.lossy().into_owned()),
        };
        match result {
            None if !raised => Err(raise!(SystemError, "{} returned NULL without setting an exception", shown()?)),
            None => Err(Raised::set()),
            Some(result) if raised => {
                drop(result);
                let cause = Raised::set().take();
                let _ = raise!(SystemError, "{} returned a result with an exception set", shown()?);
                Err(habu_runtime::exceptions::set_cause_of_current(cause))
            }
            Some(result) => Ok(result),
        }
    }
    fn _PyStack_AsDict(values: *const &'static Object, names: &Tuple) => New {
        let dict = Dict::with_capacity(names.len())?;
        for (name, value) in names.as_slice().iter().zip(items(values, names.len())) {
            dict.set(name, value)?;
        }
        Ok(dict)
    }
    fn _PyObject_Call_Prepend(_thread: *const Thread, callable: &Object, first: &Object, args: &Object, kwargs: Option<&Object>) => New {
        let rest = expect::<Tuple>(args)?;
        let all = Tuple::build(rest.len() + 1, |index| match index {
            0 => Ok(first.to_ref()),
            _ => Ok(rest.as_slice()[index - 1].clone()),
        })?;
        protocol::call_tuple(callable, &all, named(kwargs)?)
    }
}

/// Calls through `tp_call`.
fn through_slot(callable: &Object, args: &Tuple, kwargs: Option<&Dict>) -> New {
    let Some(call) = callable.ty().tp_call.get() else { return Err(calls::not_callable(callable)) };
    let _depth = habu_runtime::threads::thread::NativeCall::enter(" while calling a Python object")?;
    // SAFETY: the slot belongs to the callable's own type.
    calls::check_result(callable, unsafe { call(callable, args, kwargs.map(|kwargs| &**kwargs)) })
}

/// `_PyObject_CallFunction_SizeT`; with `CLEAN` false `PyObject_CallFunction`, whose callers did not define `PY_SSIZE_T_CLEAN`.
unsafe extern "C" fn call_function<const CLEAN: bool>(callable: &Object, format: Text, list: &mut VaList) -> New {
    let args = build_arguments(format, list, CLEAN)?;
    protocol::call_tuple(callable, &args, None)
}

/// `PyObject_CallMethod`
unsafe extern "C" fn call_method<const CLEAN: bool>(
    object: &Object,
    name: Text,
    format: Text,
    list: &mut VaList,
) -> New {
    let method = protocol::get_attribute(object, &*name.intern()?)?;
    if !protocol::is_callable(&method) {
        return Err(raise!(TypeError, "attribute of type '{}' is not callable", method.ty().full_name()));
    }
    let args = build_arguments(format, list, CLEAN)?;
    protocol::call_tuple(&method, &args, None)
}

/// `_PyObject_CallMethodId`
unsafe extern "C" fn call_method_id<const CLEAN: bool>(
    object: &Object,
    name: &Identifier,
    format: Text,
    list: &mut VaList,
) -> New {
    let method = protocol::get_attribute(object, &*name.name()?)?;
    let args = build_arguments(format, list, CLEAN)?;
    protocol::call_tuple(&method, &args, None)
}

/// `PyObject_CallFunctionObjArgs`
unsafe extern "C" fn call_objects(callable: &Object, list: &mut VaList) -> New {
    protocol::call(callable, &objects(list))
}

/// `PyObject_CallMethodObjArgs`
unsafe extern "C" fn call_method_objects(object: Option<&Object>, name: Option<&Object>, list: &mut VaList) -> New {
    let (Some(object), Some(name)) = (object, name) else { return Err(null_error()) };
    protocol::call_method(object, name_of(name)?, &objects(list))
}

/// `_PyObject_CallMethodIdObjArgs`
unsafe extern "C" fn call_method_id_objects(object: &Object, name: &Identifier, list: &mut VaList) -> New {
    protocol::call_method(object, &*name.name()?, &objects(list))
}

variadic! {
    PyObject_CallFunction fixed 2 => call_function::<false>;
    _PyObject_CallFunction_SizeT fixed 2 => call_function::<true>;
    PyEval_CallFunction fixed 2 => call_function::<false>;
    PyObject_CallMethod fixed 3 => call_method::<false>;
    _PyObject_CallMethod_SizeT fixed 3 => call_method::<true>;
    PyEval_CallMethod fixed 3 => call_method::<false>;
    _PyObject_CallMethodId fixed 3 => call_method_id::<false>;
    _PyObject_CallMethodId_SizeT fixed 3 => call_method_id::<true>;
    PyObject_CallFunctionObjArgs fixed 1 => call_objects;
    PyObject_CallMethodObjArgs fixed 2 => call_method_objects;
    _PyObject_CallMethodIdObjArgs fixed 2 => call_method_id_objects;
}
