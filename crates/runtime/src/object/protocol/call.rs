//! Calling any object: the vectorcall protocol, and `tp_call` where there is none.

use std::ptr::NonNull;

use crate::object::slots::{VECTORCALL_ARGUMENTS_OFFSET, VectorcallFunc};
use crate::object::typeobject::flags;
use crate::object::words::copy_words;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::threads::Thread;
use crate::threads::thread::NativeCall;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::method::Method;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// The vectorcall function of an object, if it has one.
#[inline(always)]
pub fn vectorcall_of(callable: &Object) -> Option<VectorcallFunc> {
    if !callable.ty().has_flag(flags::HAVE_VECTORCALL) {
        return None;
    }
    // SAFETY: the flag says that the offset is that of such a function, or null.
    unsafe { function_at(callable, callable.ty().tp_vectorcall_offset.get()) }
}

/// The function at an offset of an object.
///
/// # Safety
/// Objects of this type have such a function, or null, there.
#[inline(always)]
unsafe fn function_at(callable: &Object, offset: isize) -> Option<VectorcallFunc> {
    // SAFETY: by the contract.
    unsafe { std::ptr::from_ref(callable).byte_offset(offset).cast::<Option<VectorcallFunc>>().read() }
}

/// Calls an object by the vectorcall function that it has, also where its type has a `__call__` of its own: what `tp_call` is for types
/// with such functions (`PyVectorcall_Call`).
pub fn call_by_vectorcall(callable: &Object, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
    let offset = callable.ty().tp_vectorcall_offset.get();
    // SAFETY: a type with an offset has inherited it from one whose objects have such a function, or null, there.
    let function = if offset > 0 { unsafe { function_at(callable, offset) } } else { None };
    let Some(function) = function else {
        return Err(raise!(TypeError, "'{}' object does not support vectorcall", callable.ty().full_name()));
    };
    let _depth = NativeCall::enter(" while calling a Python object")?;
    // SAFETY: the arguments are alive during the call; the function is the callable's own.
    let call = |arguments: &[&Object], names: Option<&Tuple>| unsafe {
        checked(callable, function(callable, arguments.as_ptr().cast(), args.len(), names))
    };
    match kwargs.filter(|kwargs| kwargs.len() > 0) {
        None => call(args.as_borrowed_slice(), None),
        Some(kwargs) => unpacked(args, kwargs, |arguments, names| call(arguments, Some(names))),
    }
}

/// Calls `callable` with the positional arguments, then the values of the arguments named in `names`.
#[inline]
pub fn vectorcall(callable: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
    let count = arguments.len() - names.map_or(0, Tuple::len);
    // SAFETY: the arguments outlive the call; a callee does not keep them beyond it without a reference of its own.
    unsafe { vectorcall_raw(callable, arguments.as_ptr().cast(), count, names) }
}

/// Whether what is called takes references to itself and to its arguments before anything else happens: functions written in Python, whose frames
/// do, and methods of such. A caller may lend them what it does not own for the time of the call, and so show counts that it has no part in.
pub fn takes_references(callable: &Object) -> bool {
    let is_python = |function: &Object| function.is_exact::<Function>() && crate::eval::steps::is_python(function);
    match callable.downcast_exact::<Method>() {
        Some(method) => is_python(method.function()),
        None => is_python(callable),
    }
}

/// An object that somebody else owns, given to a call that takes references of its own before anything runs: from then on it may go.
pub struct Lent {
    pointer: NonNull<Object>,
    _held: Option<Ref>,
}

impl Lent {
    /// Lends an object; where the reference is the only one, it is kept.
    fn new(object: Ref) -> Lent {
        let pointer = object.as_pointer();
        Lent { pointer, _held: (object.refcount() == 1).then_some(object) }
    }

    /// Lends an object to its own special method `name` if that is written in Python; else it is held.
    pub fn to_method(object: Ref, name: &Str) -> Lent {
        let takes = object.ty().has_flag(flags::HEAPTYPE)
            && object.ty().lookup(name).is_some_and(|method| takes_references(&method));
        if takes { Lent::new(object) } else { Lent { pointer: object.as_pointer(), _held: Some(object) } }
    }

    /// The object.
    ///
    /// # Safety
    /// It is for the one call that it is lent for; no Python code runs before, and afterwards it is not looked at.
    pub unsafe fn get(&self) -> &Object {
        // SAFETY: by the contract it is held, or still has the owner that it had when it was lent.
        unsafe { self.pointer.as_ref() }
    }
}

/// `callable(*lent, *arguments)`, where `lent` are the caller's references to what others own, which do not count while the callable runs if that
/// is written in Python.
pub fn call_lending<const N: usize>(callable: &Object, lent: [Ref; N], arguments: &[&Object]) -> Result<Ref, Raised> {
    let takes = takes_references(callable);
    let lent = lent.map(|object| match takes {
        true => Lent::new(object),
        false => Lent { pointer: object.as_pointer(), _held: Some(object) },
    });
    let mut all = habu_heap::Buffer::<&Object>::with_capacity(N + arguments.len())?;
    // SAFETY: each is held, or the callable has references of its own before anything runs; afterwards nobody looks at these.
    all.try_extend(lent.iter().map(|lent| unsafe { lent.get() }).chain(arguments.iter().copied()))?;
    call(callable, &all)
}

/// As `vectorcall`, with the arguments by pointer and `flagged` their number, which may carry VECTORCALL_ARGUMENTS_OFFSET.
///
/// # Safety
/// `arguments` points to the number of objects that `flagged` and `names` say, alive during the call.
#[inline]
pub unsafe fn vectorcall_raw(
    callable: &Object,
    arguments: *const &'static Object,
    flagged: usize,
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    match vectorcall_of(callable) {
        // SAFETY: by the contract; the function is the callable's own.
        Some(function) => unsafe {
            let count = flagged & !VECTORCALL_ARGUMENTS_OFFSET;
            checked_with(callable, arguments, count, function(callable, arguments, flagged, names))
        },
        None => {
            let count = (flagged & !VECTORCALL_ARGUMENTS_OFFSET) as isize;
            // SAFETY: by the contract.
            let arguments = unsafe { crate::object::args::all(arguments, count, names) };
            call_through_tuple(callable, arguments, names)
        }
    }
}

/// Builds a tuple and a dictionary for `tp_call`: also what the vectorcall of a type does with arguments that it has no short way for.
pub fn call_through_tuple(callable: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
    let count = arguments.len() - names.map_or(0, Tuple::len);
    let positional = Tuple::from_borrowed(&arguments[..count])?;
    let keywords = match names.filter(|names| names.len() > 0) {
        None => None,
        Some(names) => {
            let keywords = Dict::with_capacity(names.len())?;
            for (name, value) in names.as_slice().iter().zip(&arguments[count..]) {
                keywords.set(name, value)?;
            }
            Some(keywords)
        }
    };
    call_slot(callable, &positional, keywords.as_deref())
}

/// Calls `callable` with a tuple of arguments and a dictionary of named ones.
pub fn call_tuple(callable: &Object, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
    if let Some(function) = vectorcall_of(callable) {
        let Some(kwargs) = kwargs.filter(|kwargs| kwargs.len() > 0) else {
            let arguments = args.as_borrowed_slice();
            // SAFETY: the tuple keeps the arguments alive.
            return checked(callable, unsafe { function(callable, arguments.as_ptr().cast(), arguments.len(), None) });
        };
        return unpacked(args, kwargs, |arguments, names| vectorcall(callable, arguments, Some(names)));
    }
    call_slot(callable, args, kwargs)
}

/// Calls `callable` through its type's `tp_call`.
fn call_slot(callable: &Object, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
    let Some(call) = callable.ty().tp_call.get() else { return Err(not_callable(callable)) };
    let _depth = NativeCall::enter(" while calling a Python object")?;
    // SAFETY: the slot belongs to the callable's own type.
    checked(callable, unsafe { call(callable, args, kwargs.map(|kwargs| &**kwargs)) })
}

/// Lays the items of a tuple and a dictionary out in a row for a call.
fn unpacked(
    args: &Tuple,
    kwargs: &Dict,
    call: impl FnOnce(&[&Object], &Tuple) -> Result<Ref, Raised>,
) -> Result<Ref, Raised> {
    let mut keep = habu_heap::Buffer::<Ref>::new();
    let mut names = habu_heap::Buffer::<Ref>::new();
    let mut at = 0;
    for argument in args.as_slice() {
        keep.push(argument.clone()).map_err(|_| crate::exceptions::memory_error())?;
    }
    while let Some((name, value)) = kwargs.next_item(&mut at) {
        if !name.isinstance::<Str>() {
            return Err(raise!(TypeError, "keywords must be strings"));
        }
        keep.push(value).map_err(|_| crate::exceptions::memory_error())?;
        names.push(name).map_err(|_| crate::exceptions::memory_error())?;
    }
    let names = Tuple::from_slice(&names)?;
    // SAFETY: a Ref and a reference are one pointer each.
    let arguments: &[&Object] = unsafe { std::slice::from_raw_parts(keep.as_ptr().cast(), keep.len()) };
    call(arguments, &names)
}

/// `callable(*arguments)`
#[inline]
pub fn call(callable: &Object, arguments: &[&Object]) -> Result<Ref, Raised> {
    vectorcall(callable, arguments, None)
}

/// `callable()`
#[inline]
pub fn call0(callable: &Object) -> Result<Ref, Raised> {
    vectorcall(callable, &[], None)
}

/// `callable(argument)`
#[inline]
pub fn call1(callable: &Object, argument: &Object) -> Result<Ref, Raised> {
    vectorcall(callable, &[argument], None)
}

/// `callable(*arguments, **{name: value})` with names known to Rust.
pub fn call_with_keywords(
    callable: &Object,
    arguments: &[&Object],
    keywords: &[(&str, &Object)],
) -> Result<Ref, Raised> {
    let names = Tuple::build(keywords.len(), |index| Ok(Str::intern(keywords[index].0)?.into_object()))?;
    let mut all = habu_heap::Buffer::<&Object>::new();
    for argument in arguments.iter().copied().chain(keywords.iter().map(|(_, value)| *value)) {
        all.push(argument).map_err(|_| crate::exceptions::memory_error())?;
    }
    vectorcall(callable, &all, Some(&names))
}

/// `object.name(*arguments)`, without a bound method where the type has a plain function.
#[inline]
pub fn call_method(object: &Object, name: &Str, arguments: &[&Object]) -> Result<Ref, Raised> {
    call_method_named(object, name, arguments, None)
}

/// As `call_method`; the last arguments are those named in `names`.
pub fn call_method_named(
    object: &Object,
    name: &Str,
    arguments: &[&Object],
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    match crate::eval::operators::get_method(object, name)? {
        (method, true) => call_with_receiver(&method, object, arguments, names),
        (value, false) => vectorcall(&value, arguments, names),
    }
}

/// Calls `function` with the receiver before the other arguments.
pub fn call_with_receiver(
    function: &Object,
    receiver: &Object,
    arguments: &[&Object],
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    const FEW: usize = 8;
    if arguments.len() < FEW {
        let mut all = [receiver; FEW];
        // SAFETY: there is room for one less than FEW behind the receiver.
        unsafe { copy_words(arguments.as_ptr(), all.as_mut_ptr().add(1), arguments.len()) };
        return vectorcall(function, &all[..=arguments.len()], names);
    }
    let mut all = habu_heap::Buffer::<&Object>::with_capacity(arguments.len() + 1)?;
    all.push(receiver)?;
    all.extend_from_slice(arguments)?;
    vectorcall(function, &all, names)
}

/// Calls `function` with the receiver before what `tp_call` was given; no tuple is made of them.
pub fn call_prepended(
    function: &Object,
    receiver: &Object,
    args: &Tuple,
    kwargs: Option<&Dict>,
) -> Result<Ref, Raised> {
    match kwargs.filter(|kwargs| kwargs.len() > 0) {
        None => call_with_receiver(function, receiver, args.as_borrowed_slice(), None),
        Some(kwargs) => {
            // What the arguments are unpacked to holds them all.
            let _held = receiver.to_ref();
            unpacked(args, kwargs, |arguments, names| call_with_receiver(function, receiver, arguments, Some(names)))
        }
    }
}

/// `callable(*arguments, **kwargs)` (`PyObject_VectorcallDict`): with a tuple where the call is by `tp_call`.
pub fn call_with_dict(callable: &Object, arguments: &[&Object], kwargs: Option<&Dict>) -> Result<Ref, Raised> {
    match kwargs.filter(|kwargs| kwargs.len() > 0) {
        None => vectorcall(callable, arguments, None),
        Some(kwargs) => call_tuple(callable, &*Tuple::from_borrowed(arguments)?, Some(kwargs)),
    }
}

/// The error of an object that cannot be called.
#[cold]
pub fn not_callable(callable: &Object) -> Raised {
    raise!(TypeError, "'{}' object is not callable", callable.ty().full_name())
}

/// Whether results of calls are checked for an exception beside them in release builds too.
static STRICT: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// Has every call's result checked for an exception beside it (`PYTHONMALLOC=debug`, `-X dev`).
pub fn be_strict() {
    STRICT.store(true, std::sync::atomic::Ordering::Relaxed);
}

/// A callee must return an object, or have set an exception, and not both. That no result comes without an exception is always checked; that
/// no exception comes with a result, and that the result is a reference of its own, in debug builds and where somebody asked for it.
#[inline(always)]
pub(crate) fn checked(callable: &Object, result: Result<Ref, Raised>) -> Result<Ref, Raised> {
    // SAFETY: there are no arguments to look at.
    unsafe { checked_with(callable, std::ptr::dangling(), 0, result) }
}

/// As `checked`, of a callee that had `count` arguments, which are still there.
///
/// # Safety
/// `arguments` points to so many objects that are alive.
#[inline(always)]
pub(crate) unsafe fn checked_with(
    callable: &Object,
    arguments: *const &Object,
    count: usize,
    result: Result<Ref, Raised>,
) -> Result<Ref, Raised> {
    if result.is_ok() {
        if cfg!(debug_assertions) || STRICT.load(std::sync::atomic::Ordering::Relaxed) {
            // SAFETY: by the contract; without arguments the pointer may be null.
            let arguments = if count == 0 { &[][..] } else { unsafe { std::slice::from_raw_parts(arguments, count) } };
            return strictly(callable, arguments, result);
        }
    } else if !Thread::current().has_exception() {
        return check_result(callable, result);
    }
    result
}

#[inline(never)]
fn strictly(callable: &Object, arguments: &[&Object], result: Result<Ref, Raised>) -> Result<Ref, Raised> {
    if Thread::current().has_exception() {
        return check_result(callable, result);
    }
    let Ok(object) = result else { return result };
    // An argument is held by whoever calls, so that giving it back takes one reference more.
    let is_argument = || arguments.iter().any(|argument| argument.is(&object));
    match object.refcount() {
        ..1 => Err(not_owned(callable, object, "an object that is dead")),
        // What takes references itself may be lent arguments that nobody holds for it; it is none of an extension.
        1 if is_argument() && !takes_references(callable) => {
            Err(not_owned(callable, object, "an argument without a reference of its own"))
        }
        _ => Ok(object),
    }
}

/// The error of a callee that did not count the reference that it gave, which is left to those who did.
#[cold]
fn not_owned(callable: &Object, object: Ref, what: &str) -> Raised {
    std::mem::forget(object);
    raise!(SystemError, "{} returned {what}", shown(callable))
}

/// How a callee is named in errors about it.
#[cold]
fn shown(callable: &Object) -> String {
    match super::repr(callable) {
        Ok(text) => text.to_string_lossy(),
        Err(raised) => {
            raised.clear();
            format!("{callable:?}")
        }
    }
}

/// `_Py_CheckFunctionResult`
#[cold]
pub fn check_result(callable: &Object, result: Result<Ref, Raised>) -> Result<Ref, Raised> {
    let raised = Thread::current().has_exception();
    match &result {
        Ok(_) if raised => {
            let cause = Raised::set().take();
            let shown = shown(callable);
            let _ = raise!(SystemError, "{shown} returned a result with an exception set");
            Err(crate::exceptions::set_cause_of_current(cause))
        }
        Err(_) if !raised => {
            let shown = shown(callable);
            Err(raise!(SystemError, "{shown} returned NULL without setting an exception"))
        }
        _ => result,
    }
}
