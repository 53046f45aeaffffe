//! Calls that a specialised `PRECALL` makes: what is called has been seen before, and the `CALL` behind it is skipped.
//!
//! Each function looks at the operands first; where they are not as expected it gives nothing and has touched nothing, and the general
//! instruction runs. Else the operands are gone, in the order in which they were pushed, whatever the result is.

use std::sync::atomic::{AtomicPtr, Ordering};

use super::value::{Value, decref, new_value, own, value};
use crate::object::descriptor_tables::{
    METH_FASTCALL, METH_KEYWORDS, METH_METHOD, METH_NOARGS, METH_O, METH_STATIC, METH_VARARGS, MethodDef,
};
use crate::object::{Object, PyType, Raised, Ref, Type, protocol};
use crate::threads::thread::NativeCall;
use crate::types::builtin_function::{BUILTIN_FUNCTION_TYPE, BuiltinFunction};
use crate::types::descriptor::MethodDescriptor;
use crate::types::descriptor::method::METHOD_DESCRIPTOR_TYPE;
use crate::types::int::Int;
use crate::types::list::List;
use crate::types::singletons::boolean_static;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// The result of a call, or nothing where the operands are others.
pub(super) type Called = Option<Result<Value, Raised>>;

/// `METH_FASTCALL | METH_KEYWORDS`
pub(super) const FAST_KEYWORDS: i32 = METH_FASTCALL | METH_KEYWORDS;
/// The flags that say how a table entry is called.
pub(super) const CALL_MASK: i32 =
    METH_VARARGS | METH_FASTCALL | METH_NOARGS | METH_O | METH_KEYWORDS | METH_METHOD | METH_STATIC;

/// Functions that calls are told from others by their table entries, which are static: an object's memory may become another's.
pub(super) struct Known(AtomicPtr<MethodDef>);

impl Known {
    /// Remembers the entry.
    pub(super) fn learn(&self, method: &'static MethodDef) {
        self.0.store(std::ptr::from_ref(method).cast_mut(), Ordering::Relaxed);
    }

    #[inline(always)]
    fn is(&self, method: &'static MethodDef) -> bool {
        std::ptr::eq(method, self.0.load(Ordering::Relaxed))
    }
}

/// `builtins.len`
pub(super) static LEN: Known = Known(AtomicPtr::new(std::ptr::null_mut()));
/// `builtins.isinstance`
pub(super) static ISINSTANCE: Known = Known(AtomicPtr::new(std::ptr::null_mut()));
/// `list.append`
pub(super) static APPEND: Known = Known(AtomicPtr::new(std::ptr::null_mut()));

/// What is called, its arguments with the receiver, and their number.
///
/// # Safety
/// At `base` stand a null or a method, a callable or the method's receiver, and `count` arguments.
#[inline(always)]
pub(super) unsafe fn operands(base: *mut Value, count: usize) -> (Value, *mut Value, usize) {
    // SAFETY: by the contract.
    unsafe {
        match (*base).is_null() {
            true => (*base.add(1), base.add(2), count),
            false => (*base, base.add(1), count + 1),
        }
    }
}

/// Ends a call: drops the arguments, then what was called.
#[inline(always)]
unsafe fn finish((callable, arguments, total): (Value, *mut Value, usize), result: Result<Ref, Raised>) -> Called {
    // SAFETY: by the callers' contract the operands are owned.
    unsafe {
        for index in 0..total {
            decref(*arguments.add(index));
        }
        decref(callable);
    }
    Some(result.map(value))
}

/// The entry of a built-in function that is called with these flags.
#[inline(always)]
unsafe fn function(callable: Value, flags: i32) -> Option<&'static BuiltinFunction> {
    // SAFETY: the callable is live while it is on the stack.
    unsafe {
        let exact = std::ptr::eq((*callable).ty.get(), &BUILTIN_FUNCTION_TYPE.ty);
        let function = exact.then(|| &*callable.cast::<BuiltinFunction>())?;
        (function.method.flags & CALL_MASK == flags).then_some(function)
    }
}

/// The entry of a method that is called with these flags, if the receiver is one of its type's.
#[inline(always)]
unsafe fn method(callable: Value, receiver: *const Value, flags: i32) -> Option<&'static MethodDef> {
    // SAFETY: as above.
    unsafe {
        if !std::ptr::eq((*callable).ty.get(), &METHOD_DESCRIPTOR_TYPE.ty) {
            return None;
        }
        let descriptor = &*callable.cast::<MethodDescriptor>();
        (descriptor.method.flags & CALL_MASK == flags && descriptor.head.accepts(&**receiver))
            .then_some(descriptor.method)
    }
}

macro_rules! forms {
    ($($(#[$doc:meta])* fn $name:ident($base:ident, $count:ident) $body:block)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// At `base` stand a null or a method, a callable or the method's receiver, and `count` arguments, all owned.
            pub(super) unsafe fn $name($base: *mut Value, $count: usize) -> Called {
                // SAFETY: by the contract; the type of what is called and its flags are compared before it is called by them.
                unsafe { $body }
            }
        )*
    };
}

forms! {
    /// `PRECALL_NO_KW_LEN`
    fn len(base, count) {
        let all @ (callable, arguments, total) = operands(base, count);
        let known = function(callable, METH_O).is_some_and(|function| LEN.is(function.method));
        if !known || total != 1 {
            return None;
        }
        let length = protocol::length(&**arguments);
        finish(all, length.and_then(|length| Ok(Int::from_i64(length as i64)?.into_object())))
    }

    /// `PRECALL_NO_KW_ISINSTANCE`
    fn isinstance(base, count) {
        let all @ (callable, arguments, total) = operands(base, count);
        let known = function(callable, METH_FASTCALL).is_some_and(|function| ISINSTANCE.is(function.method));
        if !known || total != 2 {
            return None;
        }
        let answer = crate::types::type_::instance_check::isinstance(&**arguments, &**arguments.add(1));
        finish(all, answer.map(|answer| own(new_value(boolean_static(answer)))))
    }

    /// `PRECALL_NO_KW_TYPE_1`
    fn type_1(base, count) {
        let all @ (callable, arguments, total) = operands(base, count);
        if total != 1 || !std::ptr::eq(callable.cast(), Type::type_object()) {
            return None;
        }
        let ty = own(new_value((**arguments).ty()));
        finish(all, Ok(ty))
    }

    /// `PRECALL_NO_KW_STR_1`
    fn str_1(base, count) {
        let all @ (callable, arguments, total) = operands(base, count);
        if total != 1 || !std::ptr::eq(callable.cast(), Str::type_object()) {
            return None;
        }
        let text = protocol::str(&**arguments);
        finish(all, text.map(Ref::into_object))
    }

    /// `PRECALL_NO_KW_TUPLE_1`
    fn tuple_1(base, count) {
        let all @ (callable, arguments, total) = operands(base, count);
        if total != 1 || !std::ptr::eq(callable.cast(), Tuple::type_object()) {
            return None;
        }
        finish(all, protocol::to_tuple(&**arguments).map(Ref::into_object))
    }

    /// `PRECALL_BUILTIN_CLASS`
    fn builtin_class(base, count) {
        let all @ (callable, arguments, total) = operands(base, count);
        if !std::ptr::eq((*callable).ty.get(), Type::type_object()) {
            return None;
        }
        let vectorcall = (*callable.cast::<Type>()).tp_vectorcall.get()?;
        let result = vectorcall(&*callable, arguments.cast(), total, None);
        finish(all, protocol::call::checked(&*callable, result))
    }

    /// `PRECALL_NO_KW_BUILTIN_O`
    fn builtin_o(base, count) {
        let all @ (callable, arguments, total) = operands(base, count);
        let function = function(callable, METH_O).filter(|_| total == 1)?;
        let result = match NativeCall::enter(" while calling a Python object") {
            Ok(_depth) => (function.method.function.one)(function.receiver.borrow(), Some(&**arguments)),
            Err(raised) => Err(raised),
        };
        finish(all, protocol::call::checked(&*callable, result))
    }

    /// `PRECALL_NO_KW_BUILTIN_FAST`
    fn builtin_fast(base, count) {
        let all @ (callable, arguments, total) = operands(base, count);
        let function = function(callable, METH_FASTCALL)?;
        let result = (function.method.function.fast)(function.receiver.borrow(), arguments.cast(), total as isize);
        finish(all, protocol::call::checked(&*callable, result))
    }

    /// `PRECALL_BUILTIN_FAST_WITH_KEYWORDS`, without keywords.
    fn builtin_fast_keywords(base, count) {
        let all @ (callable, arguments, total) = operands(base, count);
        let function = function(callable, FAST_KEYWORDS)?;
        let call = function.method.function.fast_keywords;
        let result = call(function.receiver.borrow(), arguments.cast(), total as isize, None);
        finish(all, protocol::call::checked(&*callable, result))
    }

    /// `PRECALL_NO_KW_METHOD_DESCRIPTOR_NOARGS`
    fn method_noargs(base, count) {
        let all @ (callable, arguments, total) = operands(base, count);
        let method = if total == 1 { method(callable, arguments, METH_NOARGS)? } else { return None };
        let result = match NativeCall::enter(" while calling a Python object") {
            Ok(_depth) => (method.function.one)(Some(&**arguments), None),
            Err(raised) => Err(raised),
        };
        finish(all, protocol::call::checked(&*callable, result))
    }

    /// `PRECALL_NO_KW_METHOD_DESCRIPTOR_O`
    fn method_o(base, count) {
        let all @ (callable, arguments, total) = operands(base, count);
        let method = if total == 2 { method(callable, arguments, METH_O)? } else { return None };
        let result = match NativeCall::enter(" while calling a Python object") {
            Ok(_depth) => (method.function.one)(Some(&**arguments), Some(&**arguments.add(1))),
            Err(raised) => Err(raised),
        };
        finish(all, protocol::call::checked(&*callable, result))
    }

    /// `PRECALL_NO_KW_METHOD_DESCRIPTOR_FAST`
    fn method_fast(base, count) {
        let all @ (callable, arguments, total) = operands(base, count);
        let method = if total > 0 { method(callable, arguments, METH_FASTCALL)? } else { return None };
        let result = (method.function.fast)(Some(&**arguments), arguments.add(1).cast(), total as isize - 1);
        finish(all, protocol::call::checked(&*callable, result))
    }

    /// `PRECALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS`, without keywords.
    fn method_fast_keywords(base, count) {
        let all @ (callable, arguments, total) = operands(base, count);
        let method = if total > 0 { method(callable, arguments, FAST_KEYWORDS)? } else { return None };
        let call = method.function.fast_keywords;
        let result = call(Some(&**arguments), arguments.add(1).cast(), total as isize - 1, None);
        finish(all, protocol::call::checked(&*callable, result))
    }
}

/// `PRECALL_NO_KW_LIST_APPEND`: whether an item was appended; then the operands are gone. The item moves.
///
/// # Safety
/// As for the forms.
#[inline(always)]
pub(super) unsafe fn list_append(base: *mut Value, count: usize) -> Option<Result<(), Raised>> {
    // SAFETY: by the contract.
    unsafe {
        let (callable, list) = (*base, *base.add(1));
        if count != 1 || callable.is_null() || !(*list).is_exact::<List>() {
            return None;
        }
        let method = method(callable, &raw const list, METH_O).filter(|method| APPEND.is(method));
        method?;
        let result = (*list).cast_unchecked::<List>().push(own(*base.add(2)));
        decref(list);
        decref(callable);
        Some(result)
    }
}

/// The table entry of a built-in function or method.
pub(super) fn entry_of(object: &Object) -> Option<&'static MethodDef> {
    // SAFETY: the types are compared.
    unsafe {
        if std::ptr::eq(object.ty.get(), &BUILTIN_FUNCTION_TYPE.ty) {
            return Some(object.cast_unchecked::<BuiltinFunction>().method);
        }
        std::ptr::eq(object.ty.get(), &METHOD_DESCRIPTOR_TYPE.ty)
            .then(|| object.cast_unchecked::<MethodDescriptor>().method)
    }
}

/// The name of the module of a built-in function, or of the type of a method.
pub(super) fn owner_of(object: &Object) -> Option<String> {
    // SAFETY: the types are compared.
    unsafe {
        if std::ptr::eq(object.ty.get(), &BUILTIN_FUNCTION_TYPE.ty) {
            let module = object.cast_unchecked::<BuiltinFunction>().module.get()?;
            return module.downcast::<Str>().map(Str::to_string_lossy);
        }
        std::ptr::eq(object.ty.get(), &METHOD_DESCRIPTOR_TYPE.ty)
            .then(|| object.cast_unchecked::<MethodDescriptor>().head.owner().name().to_string())
    }
}
