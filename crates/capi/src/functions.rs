//! `methodobject.h`, `classobject.h`, `funcobject.h`, `descrobject.h`, `weakrefobject.h`, `cellobject.h`, `genobject.h`,
//! `genericaliasobject.h`, `namespaceobject.h`

use std::ffi::{c_char, c_int, c_void};
use std::ptr::NonNull;

use habu_runtime::object::descriptor_tables::METH_METHOD;
use habu_runtime::object::{GetSetDef, MemberDef, MethodDef, Object, PyType, Raised, Ref, Type, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::builtin_function::{BuiltinFunction, BuiltinMethod};
use habu_runtime::types::cell::Cell;
use habu_runtime::types::code::Code;
use habu_runtime::types::descriptor::MemberDescriptor;
use habu_runtime::types::descriptor::getset::GetSetDescriptor;
use habu_runtime::types::descriptor::method::{ClassMethodDescriptor, MethodDescriptor};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::function::Function;
use habu_runtime::types::generic_alias;
use habu_runtime::types::method::Method;
use habu_runtime::types::method::instance_method::InstanceMethod;
use habu_runtime::types::namespace::SimpleNamespace;
use habu_runtime::types::property::{ClassMethod, StaticMethod};
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::weakref::{WeakReference, proxy};

use crate::border::*;

/// A function of a table entry.
fn function(
    method: &'static MethodDef,
    receiver: Option<&Object>,
    module: Option<&Object>,
    class: Option<&Type>,
) -> New {
    if method.flags & METH_METHOD != 0 {
        let Some(class) = class else {
            return Err(raise!(SystemError, "attempting to create PyCMethod with a METH_METHOD flag but no class"));
        };
        return Ok(BuiltinMethod::new(method, take(receiver), take(module), Ref::from_borrowed(class))?.into_object());
    }
    if class.is_some() {
        return Err(raise!(SystemError, "attempting to create PyCFunction with class but no METH_METHOD flag"));
    }
    Ok(BuiltinFunction::new(method, take(receiver), take(module))?.into_object())
}

/// The table entry of a builtin function.
fn entry(object: &Object) -> Result<&'static MethodDef, Raised> {
    match object.downcast::<BuiltinFunction>() {
        Some(function) => Ok(function.method()),
        None => Err(bad_internal_call()),
    }
}

/// A weak reference's object, borrowed; None for one that died.
fn referent(reference: Option<&Object>) -> Result<Borrowed, Raised> {
    let target = match reference {
        Some(reference) if reference.isinstance::<WeakReference>() => {
            // SAFETY: just checked.
            unsafe { reference.cast_unchecked::<WeakReference>() }.target()
        }
        Some(reference) if proxy::is_proxy(reference) => {
            // SAFETY: proxies have the layout of weak references.
            unsafe { &*std::ptr::from_ref(reference).cast::<WeakReference>() }.target()
        }
        _ => return Err(bad_internal_call()),
    };
    Ok(target.map_or_else(|| borrow(&habu_runtime::types::none()), |target| borrow(&target)))
}

export! {
    fn PyCFunction_New(method: &'static MethodDef, receiver: Option<&Object>) -> New { function(method, receiver, None, None) }
    fn PyCFunction_NewEx(method: &'static MethodDef, receiver: Option<&Object>, module: Option<&Object>) -> New {
        function(method, receiver, module, None)
    }
    fn PyCMethod_New(method: &'static MethodDef, receiver: Option<&Object>, module: Option<&Object>, class: Option<&Type>) -> New {
        function(method, receiver, module, class)
    }
    fn PyCFunction_GetFunction(object: &Object) => *const c_void {
        // SAFETY: all functions of the union are one pointer.
        Ok(unsafe { entry(object)?.function.one as *const c_void })
    }
    fn PyCFunction_GetSelf(object: &Object) => Borrowed {
        match object.downcast::<BuiltinFunction>() {
            Some(function) => Ok(function.receiver()),
            None => Err(bad_internal_call()),
        }
    }
    fn PyCFunction_GetFlags(object: &Object) => c_int { Ok(entry(object)?.flags) }
    fn PyCFunction_Call(callable: &Object, args: &Object, kwargs: Option<&Object>) => New {
        let kwargs = kwargs.map(expect::<Dict>).transpose()?;
        protocol::call_tuple(callable, expect::<Tuple>(args)?, kwargs)
    }
    fn PyMethod_New(function: Option<&Object>, receiver: Option<&Object>) => New {
        match (function, receiver) {
            (Some(function), Some(receiver)) => Method::new(function, receiver),
            _ => Err(bad_internal_call()),
        }
    }
    fn PyMethod_Function(method: &Object) => *const Object { Ok(borrow(expect::<Method>(method)?.function())) }
    fn PyMethod_Self(method: &Object) => *const Object { Ok(borrow(expect::<Method>(method)?.receiver())) }
    fn PyInstanceMethod_New(function: &Object) => New { InstanceMethod::of(function) }
    fn PyInstanceMethod_Function(method: &Object) => Borrowed { expect::<InstanceMethod>(method)?.callable().map(Some) }
    fn PyStaticMethod_New(function: &Object) => New { StaticMethod::wrap(function) }
    fn PyClassMethod_New(function: &Object) => New { ClassMethod::wrap(function) }
    fn PyFunction_New(code: &Object, globals: &Object) => New {
        Function::new(expect::<Code>(code)?, expect::<Dict>(globals)?)
    }
    fn PyFunction_NewWithQualName(code: &Object, globals: &Object, name: Option<&Object>) => New {
        let made = Function::new(expect::<Code>(code)?, expect::<Dict>(globals)?)?;
        if let Some(name) = name {
            protocol::set_attribute(&made, &*Str::intern("__qualname__")?, Some(name))?;
        }
        Ok(made)
    }
    fn PyFunction_GetCode(function: &Object) => *const Object { Ok(borrow(expect::<Function>(function)?.code())) }
    fn PyFunction_GetGlobals(function: &Object) => Borrowed { attribute(function, "__globals__") }
    fn PyFunction_GetModule(function: &Object) => Borrowed { attribute(function, "__module__") }
    fn PyFunction_GetDefaults(function: &Object) => Borrowed { attribute(function, "__defaults__") }
    fn PyFunction_GetKwDefaults(function: &Object) => Borrowed { attribute(function, "__kwdefaults__") }
    fn PyFunction_GetClosure(function: &Object) => Borrowed { attribute(function, "__closure__") }
    fn PyFunction_GetAnnotations(function: &Object) => Borrowed { attribute(function, "__annotations__") }
    fn PyFunction_SetDefaults(function: &Object, value: &Object) => c_int {
        protocol::set_attribute(function, &*Str::intern("__defaults__")?, Some(value))
    }
    fn PyFunction_SetKwDefaults(function: &Object, value: &Object) => c_int {
        protocol::set_attribute(function, &*Str::intern("__kwdefaults__")?, Some(value))
    }
    fn PyFunction_SetAnnotations(function: &Object, value: &Object) => c_int {
        protocol::set_attribute(function, &*Str::intern("__annotations__")?, Some(value))
    }
    fn PyFunction_SetClosure(function: &Object, value: &Object) => c_int {
        let closure = value.downcast::<Tuple>().map(Ref::from_borrowed);
        expect::<Function>(function)?.set_closure(closure);
        Ok(())
    }
    fn PyDescr_NewMethod(owner: &Type, method: &'static MethodDef) => New {
        MethodDescriptor::new(owner, &*Str::intern(method.name())?, method)
    }
    fn PyDescr_NewClassMethod(owner: &Type, method: &'static MethodDef) => New {
        ClassMethodDescriptor::new(owner, &*Str::intern(method.name())?, method)
    }
    fn PyDescr_NewGetSet(owner: &Type, definition: &'static GetSetDef) => New {
        GetSetDescriptor::new(owner, &*Str::intern(definition.name())?, definition)
    }
    fn PyDescr_NewMember(owner: &Type, definition: &MemberDef) => New {
        MemberDescriptor::new(owner, &*Str::intern(definition.name())?, *definition)
    }
    fn PyDescr_IsData(object: &Object) -> c_int { c_int::from(object.ty().tp_descr_set.get().is_some()) }
    fn PyWrapper_New(descriptor: &Object, receiver: &Object) => New {
        match descriptor.ty().tp_descr_get.get() {
            // SAFETY: the slot belongs to the descriptor's own type.
            Some(bind) => unsafe { bind(descriptor, Some(receiver), Some(receiver.ty())) },
            None => Err(bad_internal_call()),
        }
    }
    fn PyMember_GetOne(address: *const c_char, definition: &MemberDef) => New {
        // SAFETY: the caller gives an object's address.
        let object = unsafe { &*address.cast::<Object>() };
        let made = MemberDescriptor::new(object.ty(), &*Str::intern(definition.name())?, *definition)?;
        match made.ty().tp_descr_get.get() {
            // SAFETY: the slot belongs to the descriptor's own type.
            Some(bind) => unsafe { bind(&made, Some(object), Some(object.ty())) },
            None => Err(bad_internal_call()),
        }
    }
    fn PyMember_SetOne(address: *const c_char, definition: &MemberDef, value: Option<&Object>) => c_int {
        // SAFETY: the caller gives an object's address.
        let object = unsafe { &*address.cast::<Object>() };
        let made = MemberDescriptor::new(object.ty(), &*Str::intern(definition.name())?, *definition)?;
        match made.ty().tp_descr_set.get() {
            // SAFETY: the slot belongs to the descriptor's own type.
            Some(set) => unsafe { set(&made, object, value) }.result(),
            None => Err(bad_internal_call()),
        }
    }
    fn PyWeakref_NewRef(object: &Object, callback: Option<&Object>) => New {
        let callback = callback.filter(|callback| !callback.is(&habu_runtime::types::none()));
        match callback {
            None => WeakReference::plain(object).map(Ref::into_object),
            Some(callback) => protocol::call(WeakReference::type_object(), &[object, callback]),
        }
    }
    fn PyWeakref_NewProxy(object: &Object, callback: Option<&Object>) => New {
        proxy::make(object, callback.filter(|callback| !callback.is(&habu_runtime::types::none())))
    }
    fn PyWeakref_GetObject(reference: Option<&Object>) => *const Object { referent(reference) }
    fn _PyWeakref_GetWeakrefCount(head: *const WeakReference) -> isize {
        let (mut count, mut at) = (0, head);
        // SAFETY: references in the list are alive.
        while let Some(reference) = unsafe { at.as_ref() } {
            count += 1;
            at = reference.next.get();
        }
        count
    }
    fn _PyWeakref_ClearRef(reference: &WeakReference) -> () { reference.unlink(); }
    fn PyObject_ClearWeakRefs(object: NonNull<Object>) -> () {
        habu_runtime::types::weakref::clear_references(object);
    }
    fn PyCell_New(value: Option<&Object>) => New { Cell::new(take(value)) }
    fn PyCell_Get(cell: &Object) => Option<Ref> { Ok(expect::<Cell>(cell)?.contents.get()) }
    fn PyCell_Set(cell: &Object, value: Option<&Object>) => c_int {
        expect::<Cell>(cell)?.contents.set(take(value));
        Ok(())
    }
    fn PyGen_GetCode(generator: &Object) => New { protocol::get_attribute_str(generator, "gi_code") }
    fn _PyGen_FetchStopIterationValue(result: Out<*mut Object>) => c_int {
        let thread = Thread::current();
        if !thread.has_exception() {
            result.give(Some(habu_runtime::types::none()));
            return Ok(());
        }
        let stopped = habu_runtime::eval::generators::stopped_value(thread)?;
        result.give(Some(stopped));
        Ok(())
    }
    fn _PyGen_SetStopIterationValue(value: Option<&Object>) => c_int {
        let _ = habu_runtime::exceptions::raise_stop_iteration(take(value));
        Ok(())
    }
    fn _PyCoro_GetAwaitableIter(object: &Object) => New { habu_runtime::eval::generators::awaitable_iterator(object) }
    fn Py_GenericAlias(origin: &Object, args: &Object) => New { generic_alias::alias(origin, args) }
    fn _PyNamespace_New(kwargs: Option<&Object>) => New {
        let dict = match kwargs {
            Some(kwargs) => expect::<Dict>(kwargs)?.copy()?,
            None => Dict::new()?,
        };
        SimpleNamespace::of(dict)
    }
    fn PyEval_GetFuncName(callable: &Object) -> Text {
        let method = callable.downcast::<Method>().and_then(|method| method.function.get());
        let callable = method.as_deref().unwrap_or(callable);
        let name = if let Some(function) = callable.downcast::<Function>() {
            crate::unicodeobject::cached_utf8(function.code().name()).ok()
        } else if let Some(function) = callable.downcast::<BuiltinFunction>() {
            return Text(function.method().name);
        } else {
            None
        };
        match name {
            Some((text, _)) => Text(text),
            None => Text(callable.ty().tp_name.get()),
        }
    }
    fn PyEval_GetFuncDesc(callable: &Object) -> Text {
        let kinds = [Function::type_object(), Method::type_object(), BuiltinFunction::type_object()];
        Text(if kinds.iter().any(|kind| std::ptr::eq(*kind, callable.ty())) { c"()".as_ptr() } else { c" object".as_ptr() })
    }
}

/// An attribute that the object keeps, borrowed; None is null.
fn attribute(object: &Object, name: &str) -> Result<Option<Ref>, Raised> {
    let _ = expect::<Function>(object)?;
    let value = protocol::get_attribute_str(object, name)?;
    Ok(Some(value).filter(|value| !value.is(&habu_runtime::types::none())))
}
