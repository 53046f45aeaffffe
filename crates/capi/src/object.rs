//! `object.h`: references, types, attributes, comparison, texts of objects.

use std::ffi::{c_int, c_ulong, c_void};
use std::ptr::NonNull;

use habu_runtime::object::protocol;
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Object, PyType, Raised, Ref, Type, allocate, dealloc};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::{Dict, instance};
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::type_::from_spec::{TypeSpecification, from_spec, slot_of};
use habu_runtime::types::type_::{cache, create, instance_check, ready};
use habu_runtime::types::{boolean, none};

use crate::border::*;

/// An attribute's name, which must be a string.
pub(crate) fn name_of(name: &Object) -> Result<&Str, Raised> {
    match name.downcast::<Str>() {
        Some(name) => Ok(name),
        None => Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name())),
    }
}

/// `object.name`, through the old slot with a C string where a type has only that.
pub(crate) fn get(object: &Object, name: &Str) -> New {
    protocol::get_attribute(object, name)
}

/// `object.name`, nothing where that is an AttributeError.
pub(crate) fn find(object: &Object, name: &Str) -> Result<Option<Ref>, Raised> {
    protocol::lookup_attribute(object, name)
}

/// Gives what was found: 1, nothing: 0, an error: -1.
fn found(result: Result<Option<Ref>, Raised>, place: Out<*mut Object>) -> c_int {
    match result {
        Ok(Some(value)) => {
            place.give(Some(value));
            1
        }
        Ok(None) => {
            place.give(None);
            0
        }
        Err(_) => {
            place.give(None);
            -1
        }
    }
}

/// Whether there is such an attribute; errors are no, as the functions without an error result have it.
fn has(result: Result<Option<Ref>, Raised>) -> c_int {
    match result {
        Ok(found) => c_int::from(found.is_some()),
        Err(raised) => {
            raised.clear();
            0
        }
    }
}

/// Runs `body` with the exception that is set put aside.
pub(crate) fn null_text(object: Option<&Object>, body: impl FnOnce(&Object) -> Result<Ref<Str>, Raised>) -> New {
    match object {
        Some(object) => Ok(body(object)?.into_object()),
        None => Ok(Str::new("<NULL>")?.into_object()),
    }
}

/// Whether a word that should be an address is null, or what the debug layer of the allocators fills memory with.
fn is_filler(address: usize) -> bool {
    let all = |byte: u8| usize::from_ne_bytes([byte; size_of::<usize>()]);
    // Fresh memory, freed memory, and what stands behind a block.
    address == 0 || [0xCD, 0xDD, 0xFD].into_iter().any(|byte| address == all(byte))
}

export! {
    fn Py_IncRef(object: Option<&Object>) -> () { std::mem::forget(take(object)); }
    fn Py_DecRef(object: Option<Ref>) -> () { drop(object); }
    fn Py_NewRef(object: &Object) -> New { Ok(object.to_ref()) }
    fn Py_XNewRef(object: Option<&Object>) -> Option<Ref> { take(object) }
    fn _Py_IncRef(object: Option<&Object>) -> () { std::mem::forget(take(object)); }
    fn _Py_DecRef(object: Option<Ref>) -> () { drop(object); }
    fn Py_Is(left: Borrowed, right: Borrowed) -> c_int { c_int::from(std::ptr::eq(left, right)) }
    fn Py_IsNone(object: &Object) -> c_int { c_int::from(object.is(&none())) }
    fn Py_IsTrue(object: &Object) -> c_int { c_int::from(object.is(&boolean(true))) }
    fn Py_IsFalse(object: &Object) -> c_int { c_int::from(object.is(&boolean(false))) }
    fn _Py_Dealloc(object: NonNull<Object>) -> () {
        // SAFETY: the macros of C call it when the count has reached zero.
        unsafe { dealloc::dealloc(object) }
    }
    fn _Py_NewReference(object: &Object) -> () {
        // SAFETY: the count is the object's first word; a new object belongs to the caller.
        unsafe { std::ptr::from_ref(object).cast::<isize>().cast_mut().write(1) }
    }
    fn _Py_ForgetReference(_object: &Object) -> () {}
    fn PyObject_Init(object: Option<NonNull<Object>>, ty: &Type) -> *mut Object {
        // SAFETY: memory for an instance of the type, which the caller owns.
        unsafe { object.map_or(std::ptr::null_mut(), |object| crate::objimpl::initialise(object, ty).as_ptr()) }
    }
    fn PyObject_InitVar(object: Option<NonNull<Object>>, ty: &Type, size: isize) -> *mut Object {
        let Some(object) = object else { return std::ptr::null_mut() };
        // SAFETY: memory for an instance of the type, which the caller owns; the size is the third word.
        unsafe {
            object.cast::<isize>().add(2).write(size);
            crate::objimpl::initialise(object, ty).as_ptr()
        }
    }
    fn PyObject_GetAttr(object: &Object, name: &Object) => New { get(object, name_of(name)?) }
    fn PyObject_GetAttrString(object: &Object, name: Text) => New { get(object, &*name.intern()?) }
    fn PyObject_SetAttr(object: &Object, name: &Object, value: Option<&Object>) => c_int {
        protocol::set_attribute(object, name_of(name)?, value)
    }
    fn PyObject_SetAttrString(object: &Object, name: Text, value: Option<&Object>) => c_int {
        protocol::set_attribute(object, &*name.intern()?, value)
    }
    fn PyObject_HasAttr(object: &Object, name: &Object) -> c_int {
        has(name_of(name).and_then(|name| find(object, name)))
    }
    fn PyObject_HasAttrString(object: &Object, name: Text) -> c_int {
        has(name.intern().and_then(|name| find(object, &name)))
    }
    fn PyObject_DelAttr(object: &Object, name: &Object) => c_int {
        protocol::set_attribute(object, name_of(name)?, None)
    }
    fn PyObject_DelAttrString(object: &Object, name: Text) => c_int {
        protocol::set_attribute(object, &*name.intern()?, None)
    }
    fn _PyObject_LookupAttr(object: &Object, name: &Object, result: Out<*mut Object>) -> c_int {
        found(name_of(name).and_then(|name| find(object, name)), result)
    }
    fn _PyObject_LookupAttrId(object: &Object, name: &crate::identifier::Identifier, result: Out<*mut Object>) -> c_int {
        found(name.name().and_then(|name| find(object, &name)), result)
    }
    fn _PyObject_GetAttrId(object: &Object, name: &crate::identifier::Identifier) => New { get(object, &*name.name()?) }
    fn _PyObject_SetAttrId(object: &Object, name: &crate::identifier::Identifier, value: Option<&Object>) => c_int {
        protocol::set_attribute(object, &*name.name()?, value)
    }
    fn _PyObject_LookupSpecial(object: &Object, name: &Object) => Option<Ref> {
        protocol::lookup_special(object, name_of(name)?)
    }
    fn _PyObject_LookupSpecialId(object: &Object, name: &crate::identifier::Identifier) => Option<Ref> {
        protocol::lookup_special(object, &*name.name()?)
    }
    fn _PyObject_GetMethod(object: &Object, name: &Object, result: Out<*mut Object>) -> c_int {
        match name_of(name).and_then(|name| habu_runtime::eval::operators::get_method(object, name)) {
            Ok((method, unbound)) => {
                result.give(Some(method));
                c_int::from(unbound)
            }
            Err(_) => {
                result.give(None);
                0
            }
        }
    }
    fn PyObject_GenericGetAttr(object: &Object, name: &Object) => New {
        ready_late(object.ty())?;
        // SAFETY: both are objects.
        unsafe { habu_runtime::types::object::generic_get_attribute(object, name) }
    }
    fn _PyObject_GenericGetAttrWithDict(object: &Object, name: &Object, dict: Option<&Object>, suppress: c_int) => New {
        let name = name_of(name)?;
        let found = match dict.and_then(Object::downcast::<Dict>) {
            Some(dict) => match dict.get(name)? {
                Some(found) => Some(found),
                None => habu_runtime::types::object::generic_get(object, name)?,
            },
            None => habu_runtime::types::object::generic_get(object, name)?,
        };
        match found {
            Some(found) => Ok(found),
            // Null without an exception is what the caller asked for.
            None if suppress != 0 => Err(Raised::set()),
            None => Err(habu_runtime::exceptions::raise_no_attribute(object, name)),
        }
    }
    fn _PyObject_GenericSetAttrWithDict(object: &Object, name: &Object, value: Option<&Object>, _dict: Option<&Object>) => c_int {
        habu_runtime::types::object::generic_set(object, name_of(name)?, value)
    }
    fn _PyObject_NextNotImplemented(object: &Object) -> Option<Ref> {
        let _ = raise!(TypeError, "'{}' object is not iterable", object.ty().full_name());
        None
    }
    fn _PyObject_GetState(object: &Object) => New {
        protocol::call_method(object, &*Str::intern("__getstate__")?, &[])
    }
    fn PyObject_GenericSetAttr(object: &Object, name: &Object, value: Option<&Object>) => c_int {
        ready_late(object.ty())?;
        // SAFETY: all are objects.
        unsafe { habu_runtime::types::object::generic_set_attribute(object, name, value) }.result()
    }
    fn PyObject_GenericGetDict(object: &Object, _context: *mut c_void) => New { instance::dictionary(object) }
    fn PyObject_GenericSetDict(object: &Object, value: Option<&Object>, _context: *mut c_void) => c_int {
        instance::set_dictionary(object, value)
    }
    fn _PyObject_GetDictPtr(object: &Object) -> *mut *mut Object {
        if object.ty().tp_dictoffset.get() < 0 && instance::dictionary(object).is_err() {
            Raised::set().clear();
            return std::ptr::null_mut();
        }
        instance::place(object).map_or(std::ptr::null_mut(), |field| std::ptr::from_ref(field).cast_mut().cast())
    }
    fn PyObject_SelfIter(object: &Object) -> New { Ok(object.to_ref()) }
    fn PyObject_Repr(object: Option<&Object>) -> New { null_text(object, protocol::repr) }
    fn PyObject_Str(object: Option<&Object>) -> New { null_text(object, protocol::str) }
    fn PyObject_ASCII(object: Option<&Object>) -> New { null_text(object, habu_runtime::types::str::ascii) }
    fn PyObject_Bytes(object: Option<&Object>) => New {
        match object {
            Some(object) if object.is_exact::<Bytes>() => Ok(object.to_ref()),
            Some(object) => protocol::call1(Bytes::type_object(), object),
            None => Ok(Bytes::new(b"<NULL>")?.into_object()),
        }
    }
    fn PyObject_Hash(object: &Object) => isize {
        // A static type of C that nobody readied inherits its hash now.
        if object.ty().tp_dict.is_empty() {
            ready::ready(object.ty())?;
        }
        protocol::hash(object)
    }
    fn PyObject_HashNotImplemented(object: &Object) -> isize {
        let _ = protocol::basic::unhashable(object);
        -1
    }
    fn PyObject_IsTrue(object: &Object) => c_int { protocol::truth(object) }
    fn PyObject_Not(object: &Object) => c_int { Ok(!protocol::truth(object)?) }
    fn PyObject_RichCompare(left: Option<&Object>, right: Option<&Object>, op: c_int) => New {
        let (Some(left), Some(right)) = (left, right) else {
            if habu_runtime::threads::Thread::current().has_exception() {
                return Err(Raised::set());
            }
            return Err(bad_internal_call());
        };
        protocol::compare(left, right, CompareOp::from_c(op))
    }
    fn PyObject_RichCompareBool(left: &Object, right: &Object, op: c_int) => c_int {
        let op = CompareOp::from_c(op);
        if left.is(right) && matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(op == CompareOp::Eq);
        }
        protocol::truth(&*protocol::compare(left, right, op)?)
    }
    fn PyObject_Dir(object: Option<&Object>) => New {
        let dir = habu_runtime::eval::builtins();
        let dir = match dir.downcast::<Dict>() {
            Some(names) => names.get_str("dir")?,
            None => None,
        };
        let Some(dir) = dir else { return Err(raise!(SystemError, "no builtins")) };
        match object {
            Some(object) => protocol::call1(&dir, object),
            None => protocol::call0(&dir),
        }
    }
    fn PyCallable_Check(object: Option<&Object>) -> c_int { c_int::from(object.is_some_and(protocol::is_callable)) }
    fn Py_ReprEnter(object: &Object) -> c_int {
        RUNNING.with_borrow_mut(|running| {
            if running.contains(&object.address()) {
                return 1;
            }
            running.push(object.address());
            0
        })
    }
    fn Py_ReprLeave(object: &Object) -> () {
        RUNNING.with_borrow_mut(|running| {
            if let Some(at) = running.iter().rposition(|address| *address == object.address()) {
                running.remove(at);
            }
        });
    }
    fn _PyObject_IsFreed(object: *const Object) -> c_int {
        // SAFETY: what is no filler is the address of an object, or of memory that was one: its second word is there.
        c_int::from(is_filler(object.addr()) || is_filler(unsafe { object.cast::<usize>().add(1).read() }))
    }
    fn _PyObject_IsAbstract(object: Option<&Object>) => c_int {
        let Some(object) = object else { return Ok(false) };
        match find(object, &*Str::intern("__isabstractmethod__")?)? {
            Some(value) => protocol::truth(&value),
            None => Ok(false),
        }
    }
    fn PyObject_CallFinalizer(object: &Object) -> () {
        if let Some(finalize) = object.ty().tp_finalize.get() {
            let collectable = habu_runtime::gc::is_collectable(object);
            if collectable && habu_runtime::gc::is_finalized(object) {
                return;
            }
            // SAFETY: the slot belongs to the object's own type, and the object is alive.
            unsafe { finalize(object.as_pointer()) };
            if collectable {
                habu_runtime::gc::set_finalized(object);
            }
        }
    }
    fn PyObject_CallFinalizerFromDealloc(object: NonNull<Object>) -> c_int {
        // SAFETY: called by a tp_dealloc with the object whole and its count zero.
        unsafe {
            match object.as_ref().ty().tp_finalize.get() {
                Some(finalize) if dealloc::finalize_brought_back(object, finalize) => -1,
                _ => 0,
            }
        }
    }
    fn PyType_IsSubtype(ty: &Type, other: &Type) -> c_int { c_int::from(ty.is_subtype(other)) }
    fn _PyType_CalculateMetaclass(ty: &Type, bases: &Object) => Borrowed {
        let Some(bases) = bases.downcast::<Tuple>() else { return Err(bad_internal_call()) };
        // One of the bases, or what was asked for, keeps it.
        Ok(Some(create::metatype_of(ty, bases)?))
    }
    fn PyType_GetFlags(ty: &Type) -> c_ulong { ty.tp_flags.get() as c_ulong }
    fn PyType_Ready(ty: &Type) => c_int { ready::ready(ty) }
    fn PyType_Modified(ty: &Type) -> () { cache::modified(ty) }
    fn PyType_GenericAlloc(ty: &Type, count: isize) => New { allocate::generic_alloc(ty, count) }
    fn PyType_GenericNew(ty: &Type, _args: *const Object, _kwargs: *const Object) -> New {
        match ty.tp_alloc.get() {
            // SAFETY: the slot is the type's own.
            Some(alloc) => unsafe { alloc(ty, 0) },
            None => allocate::generic_alloc(ty, 0),
        }
    }
    fn PyType_FromSpec(spec: &TypeSpecification) => New {
        // SAFETY: the specification is as the C API asks for.
        unsafe { from_spec(spec, None, None) }
    }
    fn PyType_FromSpecWithBases(spec: &TypeSpecification, bases: Option<&Object>) => New {
        // SAFETY: as above.
        unsafe { from_spec(spec, None, bases) }
    }
    fn PyType_FromModuleAndSpec(module: Option<&Object>, spec: &TypeSpecification, bases: Option<&Object>) => New {
        // SAFETY: as above.
        unsafe { from_spec(spec, module, bases) }
    }
    fn PyType_GetSlot(ty: &Type, slot: c_int) => *mut c_void { slot_of(ty, slot) }
    fn PyType_GetName(ty: &Type) => New { protocol::get_attribute_str(ty, "__name__") }
    fn PyType_GetQualName(ty: &Type) => New { protocol::get_attribute_str(ty, "__qualname__") }
    fn _PyType_Name(ty: &Type) -> Text {
        let full = Text(ty.tp_name.get());
        match full.bytes().iter().rposition(|byte| *byte == b'.') {
            // SAFETY: within the string.
            Some(dot) => Text(unsafe { full.0.add(dot + 1) }),
            None => full,
        }
    }
    fn _PyType_Lookup(ty: &Type, name: &Object) => Borrowed { Ok(ty.lookup(name_of(name)?)) }
    fn _PyType_LookupId(ty: &Type, name: &crate::identifier::Identifier) => Borrowed { Ok(ty.lookup(&*name.name()?)) }
    fn PyType_GetModule(ty: &Type) => *const Object {
        let Some(heap) = ty.as_heap_type() else {
            return Err(raise!(
                TypeError, "PyType_GetModule: Type '{}' is not a heap type", ty.full_name()
            ));
        };
        match heap.ht_module.get() {
            Some(module) => Ok(borrow(&module)),
            None => Err(raise!(
                TypeError, "PyType_GetModule: Type '{}' has no associated module", ty.full_name()
            )),
        }
    }
    fn PyType_GetModuleState(ty: &Type) => *mut c_void {
        let module = ty.as_heap_type().and_then(|heap| heap.ht_module.get());
        match module.as_deref().and_then(Object::downcast::<habu_runtime::types::module::Module>) {
            Some(module) => Ok(module.state.get()),
            None => Err(raise!(
                TypeError, "PyType_GetModule: Type '{}' has no associated module", ty.full_name()
            )),
        }
    }
    fn PyType_GetModuleByDef(ty: &Type, definition: *const c_void) => *const Object {
        use habu_runtime::types::module::Module;
        if let Some(mro) = ty.tp_mro.get() {
            for class in mro.as_slice() {
                let heap = class.downcast::<Type>().and_then(Type::as_heap_type);
                let module = heap.and_then(|heap| heap.ht_module.get());
                if let Some(module) = module.as_deref().and_then(Object::downcast::<Module>)
                    && std::ptr::eq(module.definition.get(), definition)
                {
                    return Ok(borrow(module));
                }
            }
        }
        Err(raise!(
            TypeError, "PyType_GetModuleByDef: No superclass of '{}' has the given module", ty.full_name()
        ))
    }
    fn PyObject_Type(object: Option<&Object>) => New {
        match object {
            Some(object) => Ok(object.type_ref()),
            None => Err(null_error()),
        }
    }
    fn PyObject_IsInstance(object: &Object, class: &Object) => c_int { instance_check::isinstance(object, class) }
    fn PyObject_IsSubclass(derived: &Object, class: &Object) => c_int { instance_check::issubclass(derived, class) }
    fn _PyObject_RealIsInstance(object: &Object, class: &Object) => c_int { instance_check::real_isinstance(object, class) }
    fn _PyObject_RealIsSubclass(derived: &Object, class: &Object) => c_int { instance_check::real_issubclass(derived, class) }
    fn _PyObject_FunctionStr(object: &Object) => New {
        match find(object, &*Str::intern("__qualname__")?)? {
            Some(name) => Ok(Str::from_format(format_args!("{}()", *protocol::str(&name)?))?.into_object()),
            None => Ok(protocol::str(object)?.into_object()),
        }
    }
    fn PyObject_Print(object: Option<&Object>, file: *mut libc::FILE, flags: c_int) => c_int {
        let text = match object {
            None => Str::new("<nil>")?,
            Some(object) if flags & 1 != 0 => protocol::str(object)?,
            Some(object) => protocol::repr(object)?,
        };
        let bytes = encode_utf8(&text)?;
        // SAFETY: the caller gave an open file.
        unsafe { libc::fwrite(bytes.as_slice().as_ptr().cast(), 1, bytes.len(), file) };
        Ok(())
    }
    fn _PyObject_Dump(object: Option<&Object>) -> () {
        eprintln!("{object:?}");
    }
    fn _PyTrash_begin(_thread: *mut c_void, object: NonNull<Object>) -> c_int {
        // SAFETY: called by a tp_dealloc of a collectable object that it has untracked.
        c_int::from(unsafe { dealloc::trash_begin(object) })
    }
    fn _PyTrash_end(_thread: *mut c_void) -> () { dealloc::trash_end(); }
    fn _PyTrash_cond(object: &Object, dealloc: *const c_void) -> c_int {
        c_int::from(object.ty().tp_dealloc.get().is_some_and(|own| own as *const c_void == dealloc))
    }
    fn PyObject_AsFileDescriptor(object: &Object) => c_int { crate::fileobject::descriptor(object) }
}

/// Readies a static type whose extension never did, when an instance is asked for an attribute.
#[inline]
fn ready_late(ty: &Type) -> Result<(), Raised> {
    if ty.tp_dict.is_empty() { ready::ready(ty) } else { Ok(()) }
}

thread_local! {
    /// The objects whose `repr` is running in C code.
    static RUNNING: std::cell::RefCell<Vec<usize>> = const { std::cell::RefCell::new(vec![]) };
}
