//! Calls of Python functions: frames for them, and the binding of arguments to parameters with CPython's messages.
//!
//! Arguments are moved into the new frame's slots, not copied. Binding that needs more than that (defaults, keywords, `*args`, `**kwargs`)
//! is out of line.

use habu_bytecode::code::{CO_OPTIMIZED, CO_VARARGS, CO_VARKEYWORDS};

use super::frame::{Frame, Returns};
use super::value::{NULL, Value, incref, new_value, own, own_optional, value, xdecref};
use crate::object::slots::VECTORCALL_ARGUMENTS_OFFSET;
use crate::object::words::copy_words;
use crate::object::{Object, Raised, Ref, protocol};
use crate::raise;
use crate::threads::Thread;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// How a Python function is called from Rust and C.
///
/// # Safety
/// As every vectorcall function; `callable` is a function.
#[unsafe(export_name = "_PyFunction_Vectorcall")]
pub unsafe extern "C" fn function_vectorcall(
    callable: &Object,
    arguments: *const &'static Object,
    flagged: usize,
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    // SAFETY: the slot is the function type's own; the arguments are as `flagged` and `names` say.
    unsafe {
        let function = callable.cast_unchecked::<Function>();
        let count = flagged & !VECTORCALL_ARGUMENTS_OFFSET;
        let total = count + names.map_or(0, Tuple::len);
        let thread = Thread::current();
        // The binder takes the arguments over, so it gets references of its own.
        let arguments = arguments.cast::<Value>();
        for index in 0..total {
            incref(*arguments.add(index));
        }
        let function = Ref::from_borrowed(function).into_pointer().as_ptr();
        let frame = push_call(thread, function, arguments, count, names)?;
        super::run::run(thread, frame, false)
    }
}

/// Runs code in globals and locals.
pub(super) fn run_code(code: &Code, globals: &Dict, locals: &Object) -> Result<Ref, Raised> {
    if globals.get(crate::id!(__builtins__))?.is_none() {
        let builtins = super::builtins();
        globals.set(crate::id!(__builtins__), &builtins)?;
    }
    let function = Function::new(code, globals)?;
    if code.nfreevars.get() > 0 {
        return Err(raise!(TypeError, "code object passed to exec() may not contain free variables"));
    }
    call_with_locals(&function, Some(locals))
}

/// Runs the code of a module whose dictionary the caller gives up: from then on only the function and the frame hold it.
pub fn run_module_code(code: &Code, dict: Ref<Dict>) -> Result<Ref, Raised> {
    let function = Function::new(code, &dict)?;
    let thread = Thread::current();
    // SAFETY: there are no arguments.
    unsafe {
        let locals = super::value::value(dict.into_object());
        let frame = push_frame(thread, Ref::from_borrowed(&function), locals, std::ptr::null(), 0, None)?;
        super::run::run(thread, frame, false)
    }
}

/// Calls a function without arguments, with locals as a class body has them.
pub fn call_with_locals(function: &Function, locals: Option<&Object>) -> Result<Ref, Raised> {
    let thread = Thread::current();
    // SAFETY: there are no arguments.
    unsafe {
        let locals = locals.map_or(NULL, new_value);
        let frame = push_frame(thread, Ref::from_borrowed(function), locals, std::ptr::null(), 0, None)?;
        super::run::run(thread, frame, false)
    }
}

/// A frame for a call of `function`: the arguments, `count` positional ones and then those named in `names`, are moved into it. On an error
/// they are dropped.
///
/// # Safety
/// `arguments` points to so many owned values, which the caller has no more afterwards; `locals` is owned or null.
pub unsafe fn push_frame(
    thread: &Thread,
    function: Ref<Function>,
    locals: Value,
    arguments: *const Value,
    count: usize,
    names: Option<&Tuple>,
) -> Result<*mut Frame, Raised> {
    // SAFETY: by the contract.
    unsafe {
        if names.is_none()
            && locals.is_null()
            && let Some(result) = push_surplus(thread, function.as_pointer().as_ptr(), arguments, count)
        {
            // The frame has it.
            std::mem::forget(function);
            return result;
        }
        let total = count + names.map_or(0, Tuple::len);
        let code = Ref::from_borrowed(function.code());
        let verified = if code.unverified.get() == 0 { Ok(()) } else { code.verify() };
        let frame = match verified.and_then(|()| thread.eval.stack.push(Frame::words_for(&code))) {
            Ok(frame) => frame,
            Err(raised) => {
                drop_arguments(arguments, total);
                drop(own_optional(locals));
                return Err(raised);
            }
        };
        // Code of a module in a function keeps its names in the globals.
        let locals = match locals.is_null() && code.flags.get() & CO_OPTIMIZED == 0 {
            true => function.globals.get().map_or(NULL, |globals| value(globals.into_object())),
            false => locals,
        };
        let code = code.into_pointer().as_ptr();
        Frame::initialise(frame, function.into_pointer().as_ptr(), code, locals);
        let slots = (*frame).slots();
        for index in 0..(*code).nlocalsplus.get() as usize {
            slots.add(index).write(NULL);
        }
        match bind(&*(*frame).function, &*code, slots, arguments, count, names) {
            Ok(()) => Ok(frame),
            Err(raised) => {
                Frame::end(frame);
                thread.eval.stack.pop(frame);
                Err(raised)
            }
        }
    }
}

/// As `push_frame`, for positional arguments, with defaults for parameters that they do not reach, and nothing else to bind; nothing when there is no room at hand, or the
/// function takes its arguments otherwise: then nothing was moved.
///
/// # Safety
/// As `push_frame`; `function` is owned and moves.
#[inline(always)]
pub unsafe fn push_exact(
    thread: &Thread,
    function: *mut Function,
    arguments: *const Value,
    count: usize,
) -> Option<*mut Frame> {
    // SAFETY: by the contract.
    unsafe {
        let code = (*function).code();
        let simple = code.takes_plainly() && code.kwonlyargcount.get() == 0;
        let argcount = code.argcount.get() as usize;
        if !simple || argcount < count {
            return None;
        }
        let missing = argcount - count;
        let mut defaults: *const Value = std::ptr::null();
        if missing > 0 {
            // The last parameters have the defaults; nothing runs between here and where they are taken.
            let given = (*function).defaults.borrow()?;
            let first = given.len().checked_sub(missing)?;
            defaults = crate::types::tuple::value::items_pointer(given).as_ptr().cast::<Value>().add(first);
        }
        let frame = thread.eval.stack.push_here(Frame::words_for(code))?;
        incref(std::ptr::from_ref(code).cast_mut().cast());
        Frame::initialise(frame, function, std::ptr::from_ref(code).cast_mut(), NULL);
        let slots = (*frame).slots();
        for index in 0..count {
            *slots.add(index) = *arguments.add(index);
        }
        for index in 0..missing {
            let default = *defaults.add(index);
            incref(default);
            *slots.add(count + index) = default;
        }
        for index in argcount..code.nlocalsplus.get() as usize {
            *slots.add(index) = NULL;
        }
        Some(frame)
    }
}

/// As `push_exact`, for a function that takes what is beyond its parameters as a tuple (`*args`), with an argument for each parameter.
///
/// # Safety
/// As `push_exact`.
#[inline]
unsafe fn push_surplus(
    thread: &Thread,
    function: *mut Function,
    arguments: *const Value,
    count: usize,
) -> Option<Result<*mut Frame, Raised>> {
    // SAFETY: by the contract.
    unsafe {
        let code = (*function).code();
        let argcount = code.argcount.get() as usize;
        if !code.takes_surplus() || code.kwonlyargcount.get() != 0 || count < argcount {
            return None;
        }
        let frame = thread.eval.stack.push_here(Frame::words_for(code))?;
        incref(std::ptr::from_ref(code).cast_mut().cast());
        Frame::initialise(frame, function, std::ptr::from_ref(code).cast_mut(), NULL);
        let slots = (*frame).slots();
        copy_words(arguments, slots, argcount);
        for index in argcount..code.nlocalsplus.get() as usize {
            *slots.add(index) = NULL;
        }
        let surplus = arguments.add(argcount);
        match Tuple::take_from(surplus.cast(), count - argcount) {
            Ok(tuple) => {
                *slots.add(argcount) = value(tuple);
                Some(Ok(frame))
            }
            Err(raised) => {
                drop_arguments(surplus, count - argcount);
                Frame::end(frame);
                thread.eval.stack.pop(frame);
                Some(Err(raised))
            }
        }
    }
}

/// A frame for a call of a Python function from the loop; the function moves as the arguments do.
///
/// # Safety
/// As `push_frame`; `function` is owned and moves.
#[inline(always)]
pub(super) unsafe fn push_call(
    thread: &Thread,
    function: *mut Function,
    arguments: *const Value,
    count: usize,
    names: Option<&Tuple>,
) -> Result<*mut Frame, Raised> {
    // SAFETY: by the contract.
    unsafe {
        if names.is_none()
            && let Some(frame) = push_exact(thread, function, arguments, count)
        {
            return Ok(frame);
        }
        push_frame(thread, own(function.cast()).cast_into_unchecked(), NULL, arguments, count, names)
    }
}

/// A frame for the `__init__` of a new instance, called with `count` arguments, those in `names` included. Under `top` stand a null, the class and
/// the arguments: the instance takes the place of the null, as the result; the others stay until the frame is left (`end_init`). So programs
/// count, and see die, what they would if the call went through the class's `tp_call`, with a tuple of the arguments.
///
/// # Safety
/// The class and the arguments are owned; they are gone if this fails.
pub(super) unsafe fn push_init(
    thread: &Thread,
    top: &mut *mut Value,
    instance: Ref,
    init: Ref<Function>,
    count: usize,
    names: Option<&Tuple>,
) -> Result<*mut Frame, Raised> {
    let returns = if names.is_some() { Returns::NamedInstance } else { Returns::Instance };
    let named = names.map_or(0, Tuple::len);
    // SAFETY: by the contract; the frame takes over a reference to each argument, and the one to the instance in the place of the class.
    unsafe {
        let base = top.sub(count + 2);
        *base = new_value(&instance);
        let class = std::mem::replace(&mut *base.add(1), value(instance));
        // One reference is the frame's.
        add_init(base, count, returns, 1);
        let frame = push_call(thread, init.into_pointer().as_ptr(), base.add(1), 1 + count - named, names);
        *base.add(1) = class;
        match frame {
            Ok(frame) => (*frame).returns = returns,
            Err(_) => abandon_init(top, count, returns),
        }
        frame
    }
}

/// How many references to each argument there are beside that of its place on the stack: of the tuple of arguments, and of the array that they are
/// copied to when there are named ones.
#[inline(always)]
fn extra_of(returns: Returns) -> isize {
    if returns == Returns::NamedInstance { 2 } else { 1 }
}

/// Adds the references that nothing but their number shows, and `more` to each argument.
#[inline(always)]
unsafe fn add_init(base: *mut Value, count: usize, returns: Returns, more: isize) {
    // SAFETY: by the callers' contract all are live.
    unsafe {
        let add = |value: Value, number: isize| (*value).refcount.set((*value).refcount.get() + number);
        if returns == Returns::NamedInstance {
            add(*base, 1);
        }
        for index in 0..count {
            add(*base.add(2 + index), extra_of(returns) + more);
        }
    }
}

/// Takes the class and the arguments of a call that `push_init` began off the caller's stack, and leaves the instance, unless `__init__` returned
/// something.
///
/// # Safety
/// `top` is the caller's stack pointer, `count` the argument of the CALL that it stands at, and the frame that was pushed is gone; `result` is owned
/// and gone afterwards.
#[inline(always)]
pub(super) unsafe fn end_init(
    top: &mut *mut Value,
    count: usize,
    returns: Returns,
    result: Value,
) -> Result<(), Raised> {
    // SAFETY: by the contract the stack is as `push_init` left it.
    unsafe {
        let checked = super::operators::check_init_result(&*result);
        super::value::decref(result);
        if checked.is_err() {
            abandon_init(top, count, returns);
            return checked;
        }
        let base = top.sub(count + 2);
        if returns == Returns::NamedInstance {
            (**base).refcount.set((**base).refcount.get() - 1);
        }
        *top = base.add(1);
        drop_arguments_of_init(base, count, returns);
        Ok(())
    }
}

/// Drops the class and the arguments, which stand behind `base`.
#[inline(always)]
unsafe fn drop_arguments_of_init(base: *mut Value, count: usize, returns: Returns) {
    // SAFETY: by the callers' contract; the reference of its place keeps each argument until that is dropped.
    unsafe {
        super::value::decref(*base.add(1));
        for index in 0..count {
            let argument = *base.add(2 + index);
            (*argument).refcount.set((*argument).refcount.get() - extra_of(returns));
            super::value::decref(argument);
        }
    }
}

/// As `end_init` where there is no result: the instance goes first.
///
/// # Safety
/// As `end_init`.
#[cold]
#[inline(never)]
unsafe fn abandon_init(top: &mut *mut Value, count: usize, returns: Returns) {
    // SAFETY: by the contract; the instance is taken off its place before it goes.
    unsafe {
        let base = top.sub(count + 2);
        if returns == Returns::NamedInstance {
            (**base).refcount.set((**base).refcount.get() - 1);
        }
        let instance = std::mem::replace(&mut *base, NULL);
        super::value::decref(instance);
        drop_arguments_of_init(base, count, returns);
        *top = base;
    }
}

/// As `abandon_init` for the frame `caller`, which stands at the CALL.
///
/// # Safety
/// As `abandon_init`.
pub(super) unsafe fn unwind_init(caller: *const Frame, top: &mut *mut Value, returns: Returns) {
    // SAFETY: by the contract; the CALL is the unit before its cache.
    unsafe { abandon_init(top, usize::from(*(*caller).previous_unit.sub(CALL_CACHE) >> 8), returns) }
}

/// Ends a frame that a CALL of `caller` pushed and that calls nest too deeply to go on in.
///
/// # Safety
/// `top` is the caller's stack pointer.
#[cold]
#[inline(never)]
pub(super) unsafe fn give_up(thread: &Thread, caller: *const Frame, frame: *mut Frame, top: &mut *mut Value) {
    // SAFETY: by the contract; nobody else has the frame.
    unsafe {
        let returns = (*frame).returns;
        Frame::end(frame);
        thread.eval.stack.pop(frame);
        if matches!(returns, Returns::Instance | Returns::NamedInstance) {
            unwind_init(caller, top, returns);
        }
    }
}

/// The units of cache behind a CALL.
pub(super) const CALL_CACHE: usize = 4;

/// A frame for the `__getitem__` of the object at `operands`, with the key behind it, where that is a Python function which takes these two and
/// there is room at hand; else nothing was moved.
///
/// # Safety
/// The two operands are owned; they move if this succeeds.
pub(super) unsafe fn push_subscript(thread: &Thread, operands: *const Value) -> Option<*mut Frame> {
    // SAFETY: by the contract.
    unsafe {
        let function = super::operators::subscript_function(&**operands)?.into_pointer().as_ptr();
        let frame = push_exact(thread, function, operands, 2);
        if frame.is_none() {
            super::value::decref(function.cast());
        }
        frame
    }
}

/// Calls what is no Python function with arguments on the stack, which stay there: `count` positional ones and then those named in `names`. Hooks
/// are told where there are some.
///
/// # Safety
/// `arguments` points to so many values, behind the callable.
#[inline(always)]
pub(super) unsafe fn call_object(
    thread: &Thread,
    callable: &Object,
    arguments: *const Value,
    count: usize,
    names: Option<&Tuple>,
    traced: bool,
) -> Result<Ref, Raised> {
    let from = arguments.cast();
    // SAFETY: by the contract; the place before the arguments is the callable's, which may be borrowed for the call.
    unsafe {
        match names {
            _ if traced => super::trace::call(thread, callable, from, count, names),
            None => super::fast::call(callable, from, count),
            Some(_) => protocol::call::vectorcall_raw(callable, from, count | VECTORCALL_ARGUMENTS_OFFSET, names),
        }
    }
}

/// Drops arguments that found no place.
unsafe fn drop_arguments(arguments: *const Value, count: usize) {
    for index in 0..count {
        // SAFETY: by the callers' contract.
        unsafe { xdecref(*arguments.add(index)) };
    }
}

/// Binds arguments to the parameters, which are the first slots; the slots are null before. All arguments are gone afterwards.
///
/// # Safety
/// As `push_frame`; `slots` are those of a frame of `code`.
pub unsafe fn bind(
    function: &Function,
    code: &Code,
    slots: *mut Value,
    arguments: *const Value,
    count: usize,
    names: Option<&Tuple>,
) -> Result<(), Raised> {
    let argcount = code.argcount.get() as usize;
    let total = argcount + code.kwonlyargcount.get() as usize;
    let flags = code.flags.get();
    let named = names.map_or(0, Tuple::len);
    // SAFETY: by the contract: each argument is moved to a slot or dropped, once.
    unsafe {
        let taken = count.min(argcount);
        copy_words(arguments, slots, taken);
        if count == argcount && total == argcount && flags & (CO_VARARGS | CO_VARKEYWORDS) == 0 && named == 0 {
            return Ok(());
        }
        let surplus = arguments.wrapping_add(taken);
        let mut result = Ok(());
        if flags & CO_VARARGS != 0 {
            let tuple = Tuple::build(count - taken, |index| Ok(own(*surplus.add(index))));
            match tuple {
                Ok(tuple) => *slots.add(total) = value(tuple),
                Err(raised) => {
                    drop_arguments(surplus, count - taken + named);
                    return Err(raised);
                }
            }
        }
        let mut keywords = None;
        if flags & CO_VARKEYWORDS != 0 {
            match Dict::new() {
                Ok(dict) => {
                    *slots.add(total + usize::from(flags & CO_VARARGS != 0)) = value(dict.clone());
                    keywords = Some(dict);
                }
                Err(raised) => result = Err(raised),
            }
        }
        if let Some(names) = names {
            let values = arguments.add(count);
            for (index, name) in names.as_slice().iter().enumerate() {
                let argument = own(*values.add(index));
                if result.is_ok() {
                    result = bind_named(function, code, slots, name, argument, keywords.as_deref(), names);
                }
            }
        }
        if flags & CO_VARARGS == 0 && count > argcount {
            if result.is_ok() {
                result = Err(too_many_positional(function, code, slots, count));
            }
            drop_arguments(surplus, count - taken);
        }
        result?;
        fill_defaults(function, code, slots, count)
    }
}

/// Binds one named argument.
unsafe fn bind_named(
    function: &Function,
    code: &Code,
    slots: *mut Value,
    name: &Object,
    argument: Ref,
    keywords: Option<&Dict>,
    all_names: &Tuple,
) -> Result<(), Raised> {
    let total = (code.argcount.get() + code.kwonlyargcount.get()) as usize;
    let first = code.posonlyargcount.get() as usize;
    if !name.isinstance::<Str>() {
        return Err(raise!(TypeError, "{}() keywords must be strings", function.qualname()));
    }
    let parameters = &code.localsplusnames().as_slice()[..total];
    // Names are interned nearly always: identity first.
    let mut found = parameters[first..].iter().position(|parameter| parameter.is(name)).map(|at| at + first);
    if found.is_none() {
        for (index, parameter) in parameters.iter().enumerate().skip(first) {
            if protocol::equal(name, parameter)? {
                found = Some(index);
                break;
            }
        }
    }
    match found {
        Some(index) => {
            // SAFETY: the index is that of a parameter.
            unsafe {
                let slot = slots.add(index);
                if !(*slot).is_null() {
                    let name = protocol::str(name)?;
                    let function = function.qualname();
                    return Err(raise!(TypeError, "{function}() got multiple values for argument '{name}'"));
                }
                *slot = value(argument);
            }
            Ok(())
        }
        None => match keywords {
            Some(keywords) => keywords.set(name, &argument),
            None => Err(unexpected_keyword(function, code, name, all_names)),
        },
    }
}

/// Fills parameters without an argument with their defaults; an error for those without one.
unsafe fn fill_defaults(function: &Function, code: &Code, slots: *mut Value, count: usize) -> Result<(), Raised> {
    let argcount = code.argcount.get() as usize;
    // SAFETY: indices are those of parameters.
    unsafe {
        if count < argcount {
            let defaults = function.defaults.get();
            let defaults = defaults.as_ref().map_or(&[][..], |defaults| defaults.as_slice());
            // More defaults than parameters: the last ones count.
            let defaults = &defaults[defaults.len().saturating_sub(argcount)..];
            let required = argcount - defaults.len();
            if (count..required).any(|index| (*slots.add(index)).is_null()) {
                return Err(missing_arguments(function, code, slots, 0..required, "positional"));
            }
            for (index, default) in defaults.iter().enumerate() {
                let slot = slots.add(required + index);
                if (*slot).is_null() {
                    *slot = new_value(default);
                }
            }
        }
        let kwonly = code.kwonlyargcount.get() as usize;
        if kwonly > 0 {
            let defaults = function.kwdefaults.get();
            let mut missing = false;
            for index in argcount..argcount + kwonly {
                let slot = slots.add(index);
                if !(*slot).is_null() {
                    continue;
                }
                let default = match &defaults {
                    Some(defaults) => defaults.get(&code.localsplusnames().as_slice()[index])?,
                    None => None,
                };
                match default {
                    Some(default) => *slot = value(default),
                    None => missing = true,
                }
            }
            if missing {
                return Err(missing_arguments(function, code, slots, argcount..argcount + kwonly, "keyword-only"));
            }
        }
    }
    Ok(())
}

/// The error of parameters without an argument.
#[cold]
unsafe fn missing_arguments(
    function: &Function,
    code: &Code,
    slots: *mut Value,
    range: std::ops::Range<usize>,
    kind: &str,
) -> Raised {
    let mut names = Vec::new();
    for index in range {
        // SAFETY: the index is that of a parameter.
        if unsafe { *slots.add(index) }.is_null() {
            match protocol::repr(&code.slot_name(index)) {
                Ok(name) => names.push(name.to_string()),
                Err(raised) => return raised,
            }
        }
    }
    let count = names.len();
    let shown = match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
    };
    let plural = if count == 1 { "" } else { "s" };
    raise!(TypeError, "{}() missing {count} required {kind} argument{plural}: {shown}", function.qualname())
}

/// The error of too many positional arguments.
#[cold]
unsafe fn too_many_positional(function: &Function, code: &Code, slots: *mut Value, given: usize) -> Raised {
    let argcount = code.argcount.get() as usize;
    let kwonly = code.kwonlyargcount.get() as usize;
    // SAFETY: indices are those of parameters.
    let kwonly_given = (argcount..argcount + kwonly).filter(|index| !unsafe { *slots.add(*index) }.is_null()).count();
    let defaults = function.defaults.get().map_or(0, |defaults| defaults.len());
    let (takes, plural) = match defaults {
        0 => (argcount.to_string(), argcount != 1),
        _ => (format!("from {} to {argcount}", argcount.saturating_sub(defaults)), true),
    };
    let s = |many: bool| if many { "s" } else { "" };
    let keyword_part = match kwonly_given {
        0 => String::new(),
        n => format!(" positional argument{} (and {n} keyword-only argument{})", s(given != 1), s(n != 1)),
    };
    raise!(
        TypeError,
        "{}() takes {takes} positional argument{} but {given}{keyword_part} {} given",
        function.qualname(),
        s(plural),
        if given == 1 && kwonly_given == 0 { "was" } else { "were" }
    )
}

/// The error of a named argument that no parameter takes.
#[cold]
fn unexpected_keyword(function: &Function, code: &Code, name: &Object, all_names: &Tuple) -> Raised {
    let positional_only = code.posonlyargcount.get() as usize;
    let mut passed = Vec::new();
    for parameter in &code.localsplusnames().as_slice()[..positional_only] {
        for given in all_names.as_slice() {
            match protocol::equal(given, parameter) {
                Ok(true) => passed.push(parameter.downcast::<Str>().map_or_else(String::new, |name| name.to_string())),
                Ok(false) => {}
                Err(raised) => return raised,
            }
        }
    }
    let function = function.qualname();
    if !passed.is_empty() {
        let passed = passed.join(", ");
        return raise!(
            TypeError,
            "{function}() got some positional-only arguments passed as keyword arguments: '{passed}'"
        );
    }
    match protocol::str(name) {
        Ok(name) => raise!(TypeError, "{function}() got an unexpected keyword argument '{name}'"),
        Err(raised) => raised,
    }
}
