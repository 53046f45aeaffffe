//! Operators and protocols that instructions ask of objects, where these are not in `object::protocol`.

use super::fast;
use super::frame::Frame;
use super::value::{Value, own};
use crate::object::slots::CompareOp;
use crate::object::{Object, Raised, Ref, protocol};
use crate::raise;
use crate::types::cell::Cell;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::int::{Int, compare as comparing};
use crate::types::list::List;
use crate::types::singletons::{boolean, boolean_static};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// `COMPARE_OP`, where the loop does not know the answer at once.
#[inline(never)]
pub fn compare(left: &Object, right: &Object, argument: u8) -> Result<Ref, Raised> {
    if let (Some(left), Some(right)) = (left.downcast_exact::<Int>(), right.downcast_exact::<Int>()) {
        return Ok(boolean(fast::holds(argument, comparing::compare(left, right))));
    }
    protocol::compare(left, right, CompareOp::from_c(i32::from(argument)))
}

/// The truth of a value, with the booleans first.
#[inline(always)]
pub fn truth(object: &Object) -> Result<bool, Raised> {
    if object.is(boolean_static(true)) {
        return Ok(true);
    }
    if object.is(boolean_static(false)) {
        return Ok(false);
    }
    truth_slow(object)
}

/// What is tested most, apart from booleans, is told without its slots.
#[inline(never)]
fn truth_slow(object: &Object) -> Result<bool, Raised> {
    if let Some(number) = object.downcast_exact::<Int>() {
        return Ok(!number.digits().is_empty());
    }
    if let Some(list) = object.downcast_exact::<List>() {
        return Ok(list.len() > 0);
    }
    if let Some(text) = object.downcast_exact::<Str>() {
        return Ok(text.len() > 0);
    }
    protocol::truth(object)
}

/// `FORMAT_VALUE`: the specification, if `arg` says that there is one, stands on top, the object under it.
///
/// # Safety
/// These are live objects under `top`, which stay the caller's.
pub unsafe fn format_top(top: *mut Value, arg: usize) -> Result<Ref, Raised> {
    // SAFETY: by the contract.
    let at = |down: usize| unsafe { &*(*top.sub(down)) };
    let (object, spec) = if arg & 4 != 0 { (at(2), Some(at(1))) } else { (at(1), None) };
    format_value(object, spec, (arg & 3) as u8)
}

/// `FORMAT_VALUE`
fn format_value(object: &Object, spec: Option<&Object>, conversion: u8) -> Result<Ref, Raised> {
    let converted = match conversion {
        1 => Some(protocol::str(object)?),
        2 => Some(protocol::repr(object)?),
        3 => Some(crate::types::str::ascii(object)?),
        _ => None,
    };
    let object = converted.as_ref().map_or(object, |text| &**text);
    if spec.is_none() && object.is_exact::<Str>() {
        return Ok(object.to_ref());
    }
    Ok(protocol::format(object, spec)?.into_object())
}

/// `MAKE_FUNCTION`: the code and what `flags` say stand at `top`; they are moved into the function.
///
/// # Safety
/// `frame` runs, and `top` is its stack pointer with so many values under it; they are gone if this succeeds.
pub unsafe fn make_function(frame: &Frame, flags: u32, top: *mut Value) -> Result<Ref<Function>, Raised> {
    // SAFETY: by the contract; code from outside may give values of other kinds than the compiler does: they are checked here.
    unsafe {
        let code: &Object = &**top.sub(1);
        let Some(code) = code.downcast::<Code>() else { return Err(raise!(SystemError, "MAKE_FUNCTION needs code")) };
        let closure = if flags & 8 != 0 { (**top.sub(2)).downcast::<Tuple>() } else { None };
        if !is_closure_of(closure, code) {
            return Err(raise!(SystemError, "MAKE_FUNCTION needs a cell for each free variable"));
        }
        let globals = frame.globals();
        let module = globals.get(crate::id!(__name__))?;
        let function = Function::with(code, globals, frame.builtins().to_ref(), module)?;
        let mut at = top.sub(1);
        drop(own(*at));
        let mut next = || {
            at = at.sub(1);
            own(*at)
        };
        if flags & 8 != 0 {
            function.closure.set(next().downcast_into::<Tuple>().ok());
        }
        if flags & 4 != 0 {
            function.annotations.set(Some(next()));
        }
        if flags & 2 != 0 {
            function.kwdefaults.set(next().downcast_into::<Dict>().ok());
        }
        if flags & 1 != 0 {
            function.defaults.set(next().downcast_into::<Tuple>().ok());
        }
        Ok(function)
    }
}

/// Whether a closure has a cell for each free variable of the code, which the prologue of the code relies on.
fn is_closure_of(closure: Option<&Tuple>, code: &Code) -> bool {
    let cells = closure.map_or(&[][..], Tuple::as_slice);
    cells.len() == code.free_count() && cells.iter().all(|cell| cell.is_exact::<Cell>())
}

/// `LOAD_BUILD_CLASS`
pub fn load_build_class(frame: &Frame) -> Result<Ref, Raised> {
    let name = crate::id!(__build_class__);
    let found = match frame.builtins().downcast_exact::<Dict>() {
        Some(dict) => dict.get(name)?,
        None => protocol::attribute::ignore_none(protocol::get_item(frame.builtins(), name))?,
    };
    found.ok_or_else(|| raise!(NameError, "__build_class__ not found"))
}

/// `LOAD_ASSERTION_ERROR`
pub fn assertion_error() -> Ref {
    crate::exceptions::exc::AssertionError().to_ref()
}

/// The two methods of a context manager: `__enter__` and `__exit__`, bound, or the asynchronous ones.
pub fn context_methods(manager: &Object, asynchronous: bool) -> Result<(Ref, Ref), Raised> {
    let (enter, exit, kind) = if asynchronous {
        (crate::id!(__aenter__), crate::id!(__aexit__), "asynchronous ")
    } else {
        (crate::id!(__enter__), crate::id!(__exit__), "")
    };
    let name = manager.ty().full_name();
    let Some(entered) = protocol::lookup_special(manager, enter)? else {
        return Err(raise!(TypeError, "'{name}' object does not support the {kind}context manager protocol"));
    };
    let Some(exited) = protocol::lookup_special(manager, exit)? else {
        return Err(raise!(
            TypeError,
            "'{name}' object does not support the {kind}context manager protocol (missed {exit} method)"
        ));
    };
    Ok((entered, exited))
}

/// `WITH_EXCEPT_START`: calls `__exit__` with the exception.
pub fn call_exit(exit: &Object, exception: &Object) -> Result<Ref, Raised> {
    let ty = exception.type_ref();
    let traceback = exception
        .downcast::<crate::exceptions::BaseException>()
        .and_then(|exception| exception.traceback.get())
        .map_or_else(crate::types::none, Ref::into_object);
    protocol::call(exit, &[&*ty, exception, &traceback])
}

/// `CALL_FUNCTION_EX`: the arguments behind `*` as a tuple.
pub fn arguments_tuple(callable: &Object, arguments: &Object) -> Result<Ref<Tuple>, Raised> {
    if let Some(tuple) = arguments.downcast_exact::<Tuple>() {
        return Ok(Ref::from_borrowed(tuple));
    }
    if arguments.ty().tp_iter.get().is_none() && !protocol::sequence::is_sequence(arguments) {
        let function = super::build::function_name(callable)?;
        let got = arguments.ty().full_name();
        return Err(raise!(TypeError, "{function} argument after * must be an iterable, not {got}"));
    }
    protocol::to_tuple(arguments)
}

/// `PRINT_EXPR`: `sys.displayhook(value)`.
pub fn print_expression(value: &Object) -> Result<(), Raised> {
    let sys = crate::threads::Thread::current().interpreter().sys_dict.get();
    let hook = match sys {
        Some(sys) => sys.get_str("displayhook")?,
        None => None,
    };
    let Some(hook) = hook else { return Err(raise!(RuntimeError, "lost sys.displayhook")) };
    drop(protocol::call1(&hook, value)?);
    Ok(())
}

/// `SETUP_ANNOTATIONS`
pub fn setup_annotations(frame: &Frame) -> Result<(), Raised> {
    let name = crate::id!(__annotations__);
    // SAFETY: the frame owns its locals.
    let Some(locals) = (unsafe { frame.locals.as_ref() }) else {
        return Err(raise!(SystemError, "no locals found when setting up annotations"));
    };
    let present = match locals.downcast_exact::<Dict>() {
        Some(dict) => dict.contains(name)?,
        None => protocol::attribute::ignore_none(protocol::get_item(locals, name))?.is_some(),
    };
    if !present {
        let annotations = Dict::new()?;
        protocol::set_item(locals, name, &annotations)?;
    }
    Ok(())
}

/// `LOAD_METHOD`: a method of the object's type unbound (`true`), or the attribute's value.
pub fn get_method(object: &Object, name: &Str) -> Result<(Ref, bool), Raised> {
    use crate::object::PyType;
    let ty = object.ty();
    let generic = Object::type_object().tp_getattro.get().map(|slot| slot as usize);
    if ty.tp_getattro.get().map(|slot| slot as usize) != generic {
        return Ok((protocol::get_attribute(object, name)?, false));
    }
    let found = ty.lookup(name);
    if let Some(method) = &found
        && method.ty().has_flag(crate::object::typeobject::flags::METHOD_DESCRIPTOR)
    {
        if ty.tp_dictoffset.get() != 0
            && let Some(own) = crate::types::dict::instance::get(object, name)?
        {
            return Ok((own, false));
        }
        return Ok((Ref::clone(method), true));
    }
    Ok((protocol::get_attribute(object, name)?, false))
}

/// The instance that a call of a class makes whose `__init__` is a Python function and whose `__new__` is object's, with that function; nothing
/// for other classes.
#[inline]
pub fn plain_instance(class: &Object) -> Option<Result<(Ref, Ref<Function>), Raised>> {
    use crate::object::typeobject::flags;
    use crate::object::{PyType, Type};
    use habu_bytecode::code::{CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR};
    // SAFETY: the caller has checked that this is a type.
    let class = unsafe { class.cast_unchecked::<Type>() };
    let object_new = Object::type_object().tp_new.get().map(|slot| slot as usize);
    if !class.has_flag(flags::HEAPTYPE)
        || class.has_flag(flags::IS_ABSTRACT)
        || class.tp_new.get().map(|slot| slot as usize) != object_new
    {
        return None;
    }
    let python_init = crate::types::type_::slot_functions::init as *const () as usize;
    if class.tp_init.get().map(|slot| slot as *const () as usize) != Some(python_init) {
        return None;
    }
    let init = class.lookup(crate::id!(__init__))?;
    if !init.is_exact::<Function>() || !super::steps::is_python(&init) {
        return None;
    }
    // SAFETY: the type was compared.
    let init = unsafe { init.cast_into_unchecked::<Function>() };
    // A generator is made without a return from the frame.
    if init.code().flags.get() & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR) != 0 {
        return None;
    }
    let made = crate::object::instantiate(class, Object::header(Object::type_object()));
    Some(made.map(|made| (made, init)))
}

/// The Python function `__getitem__` of an object's class, where a frame with the object and a key is all that calling it takes.
#[inline]
pub fn subscript_function(container: &Object) -> Option<Ref<Function>> {
    use crate::object::typeobject::flags;
    let ty = container.ty();
    if !ty.has_flag(flags::HEAPTYPE) {
        return None;
    }
    let found = ty.lookup(crate::id!(__getitem__))?;
    if !found.is_exact::<Function>() || !super::steps::is_python(&found) {
        return None;
    }
    // SAFETY: the type was compared.
    let function = unsafe { found.cast_into_unchecked::<Function>() };
    let code = function.code();
    let flags = habu_bytecode::code::CO_VARARGS | habu_bytecode::code::CO_VARKEYWORDS;
    let simple = code.argcount.get() == 2 && code.kwonlyargcount.get() == 0 && code.flags.get() & flags == 0;
    simple.then_some(function)
}

/// Refuses what an `__init__` returned, unless it is None.
#[inline(always)]
pub fn check_init_result(result: &Object) -> Result<(), Raised> {
    #[cold]
    fn refused(result: &Object) -> Raised {
        raise!(TypeError, "__init__() should return None, not '{}'", result.ty().full_name())
    }
    if crate::types::singletons::is_none(result) { Ok(()) } else { Err(refused(result)) }
}
