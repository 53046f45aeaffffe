//! `moduleobject.h`, `modsupport.h` (adding to modules), `pycapsule.h`, `import.h`, `sysmodule.h`

use std::ffi::{c_char, c_int, c_long, c_void};

use habu_runtime::exceptions::exc;
use habu_runtime::import::extension;
use habu_runtime::object::{MethodDef, Object, Raised, Ref, Type, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::capsule::{Capsule, Destructor};
use habu_runtime::types::code::Code;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::definition_object::add_functions;
use habu_runtime::types::module::{Module, ModuleDefObject};
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::type_::{foreign, ready};

use crate::border::*;
use crate::format::format;
use crate::identifier::Identifier;

/// The object as a module; else a TypeError.
fn module(object: &Object) -> Result<&Module, Raised> {
    object.downcast::<Module>().ok_or_else(|| raise!(TypeError, "expected module, got {}", object.ty().full_name()))
}

/// Adds an attribute to a module.
fn add(object: &Object, name: Text, value: Option<&Object>) -> Result<(), Raised> {
    let Some(own) = object.downcast::<Module>() else {
        return Err(raise!(TypeError, "PyModule_AddObjectRef() first argument must be a module"));
    };
    let Some(value) = value else {
        if Thread::current().has_exception() {
            return Err(Raised::set());
        }
        return Err(raise!(
            SystemError,
            "PyModule_AddObjectRef() must be called with an exception raised if value is NULL"
        ));
    };
    own.dictionary()?.set(&*name.intern()?, value)
}

/// The name of a module.
fn module_name(object: &Object) -> Result<Ref<Str>, Raised> {
    let Some(own) = object.downcast::<Module>() else {
        return Err(raise!(TypeError, "bad argument type for built-in operation"));
    };
    let name = own.dictionary()?.get_str("__name__")?.and_then(|name| name.downcast_into::<Str>().ok());
    name.ok_or_else(|| raise!(SystemError, "nameless module"))
}

fn file_name(object: &Object) -> Result<Ref<Str>, Raised> {
    let name = module(object)?.dictionary()?.get_str("__file__")?.and_then(|name| name.downcast_into::<Str>().ok());
    name.ok_or_else(|| raise!(SystemError, "module filename missing"))
}

/// A capsule that is whole; else what the C API says.
fn capsule<'a>(object: Option<&'a Object>, function: &str) -> Result<&'a Capsule, Raised> {
    match object.and_then(Object::downcast_exact::<Capsule>).filter(|capsule| !capsule.pointer.get().is_null()) {
        Some(capsule) => Ok(capsule),
        None => Err(raise!(ValueError, "{function} called with invalid PyCapsule object")),
    }
}

fn same_name(capsule: &Capsule, name: Text) -> bool {
    let own = Text(capsule.name.get());
    own.is_null() == name.is_null() && own.bytes() == name.bytes()
}

/// `sys.name`, borrowed.
fn sys_object(name: &str) -> Result<Option<Ref>, Raised> {
    match Thread::current().interpreter().sys_dict.get() {
        Some(sys) => sys.get_str(name),
        None => Ok(None),
    }
}

/// Imports by the full name and gives that module, not its top package.
fn import(name: &Str) -> Result<Ref, Raised> {
    habu_runtime::import::import_module(&name.to_string_lossy())
}

fn add_module(name: &Str) -> Result<Ref, Raised> {
    let modules = habu_runtime::import::modules()?;
    if let Some(known) = modules.get(name)?.filter(|known| known.isinstance::<Module>()) {
        return Ok(known);
    }
    let made = Module::named(name)?.into_object();
    modules.set(name, &made)?;
    Ok(made)
}

/// Runs a code object as a module.
pub(crate) fn exec_code(name: &Str, code: &Object, filename: Option<Ref>, cached: Option<Ref>) -> New {
    let Some(code) = code.downcast::<Code>() else { return Err(bad_internal_call()) };
    let made = add_module(name)?;
    let dict = module(&made)?.dictionary()?;
    if dict.get_str("__builtins__")?.is_none() {
        dict.set_str("__builtins__", &habu_runtime::eval::builtins())?;
    }
    dict.set_str("__file__", &filename.unwrap_or_else(|| code.filename().into_object()))?;
    if let Some(cached) = cached {
        dict.set_str("__cached__", &cached)?;
    }
    habu_runtime::eval::run_code(code, &dict, &dict)?;
    habu_runtime::import::imported(name)?
        .ok_or_else(|| raise!(ImportError, "Loaded module {name} not found in sys.modules"))
}

/// Tells the audit hooks of an event.
fn audit(event: Text, arguments: &Tuple) -> Result<(), Raised> {
    let Some(hooks) = Thread::current().interpreter().audit_hooks.get() else { return Ok(()) };
    if hooks.len() == 0 {
        return Ok(());
    }
    let name = event.to_str()?;
    let mut index = 0;
    while let Some(hook) = hooks.get(index) {
        protocol::call(&hook, &[&name, arguments])?;
        index += 1;
    }
    Ok(())
}

/// Writes text to `sys.stdout` or `sys.stderr`, or to the descriptor where there is none.
fn write_stream(name: &str, descriptor: c_int, text: &Str) {
    habu_runtime::exceptions::keep_current(|| {
        let written = sys_object(name).and_then(|stream| match stream {
            Some(stream) => protocol::call_method(&stream, &*Str::intern("write")?, &[text]).map(drop),
            None => Err(raise!(RuntimeError, "lost sys.{name}")),
        });
        if let Err(raised) = written {
            raised.clear();
            let text = text.to_string_lossy();
            // SAFETY: a plain write of memory that is there.
            unsafe { libc::write(descriptor, text.as_ptr().cast(), text.len()) };
        }
    });
}

/// A module that the program brings (`struct _inittab`).
#[repr(C)]
pub struct Inittab {
    name: Text,
    init: Option<extension::Init>,
}

impl Inittab {
    fn parts(&self) -> (Text, Option<extension::Init>) {
        (self.name, self.init)
    }
}

export! {
    fn PyModuleDef_Init(definition: Option<&ModuleDefObject>) -> Borrowed {
        match definition {
            Some(definition) => {
                definition.initialise();
                std::ptr::from_ref(definition).cast()
            }
            None => NULL,
        }
    }
    fn PyModule_Create2(definition: &ModuleDefObject, _version: c_int) => New { definition.create_single() }
    fn PyModule_FromDefAndSpec2(definition: &ModuleDefObject, spec: &Object, _version: c_int) => New { definition.create(spec) }
    fn PyModule_ExecDef(object: &Object, definition: &ModuleDefObject) => c_int { definition.execute(module(object)?) }
    fn PyModule_NewObject(name: &Object) => New { Module::named(name) }
    fn PyModule_New(name: Text) => New { Module::named(&*name.to_str()?) }
    fn PyModule_AddFunctions(object: &Object, methods: *const MethodDef) => c_int {
        // SAFETY: a table that lives as long as the module.
        add_functions(object, unsafe { foreign::methods(methods) }, &*module_name(object)?)
    }
    fn PyModule_SetDocString(object: &Object, doc: Text) => c_int {
        protocol::set_attribute(object, &*Str::intern("__doc__")?, Some(&*doc.to_str()?))
    }
    fn PyModule_GetDict(object: &Object) => Borrowed {
        match object.downcast::<Module>() {
            Some(own) => own.dictionary().map(Some),
            None => Err(bad_internal_call()),
        }
    }
    fn PyModule_GetNameObject(object: &Object) => New { module_name(object) }
    fn PyModule_GetName(object: &Object) => *const c_char {
        Ok(crate::unicodeobject::cached_utf8(&*module_name(object)?)?.0)
    }
    fn PyModule_GetFilenameObject(object: &Object) => New { file_name(object) }
    fn PyModule_GetFilename(object: &Object) => *const c_char {
        Ok(crate::unicodeobject::cached_utf8(&*file_name(object)?)?.0)
    }
    fn PyModule_GetDef(object: &Object) => *const c_void {
        match object.downcast::<Module>() {
            Some(own) => Ok(own.definition.get()),
            None => Err(raise!(TypeError, "bad argument type for built-in operation")),
        }
    }
    fn PyModule_GetState(object: &Object) => *mut c_void {
        match object.downcast::<Module>() {
            Some(own) => Ok(own.state.get()),
            None => Err(raise!(TypeError, "bad argument type for built-in operation")),
        }
    }
    fn _PyModule_GetState(object: &Module) -> *mut c_void { object.state.get() }
    fn PyModule_AddObjectRef(object: &Object, name: Text, value: Option<&Object>) => c_int { add(object, name, value) }
    fn PyModule_AddObject(object: &Object, name: Text, value: *mut Object) -> c_int {
        // The reference is taken over only on success.
        // SAFETY: an object that the caller owns a reference to, or null.
        let value = unsafe { value.as_ref() };
        match add(object, name, value) {
            Ok(()) => {
                if let Some(value) = value {
                    // SAFETY: as above.
                    unsafe { habu_runtime::object::dealloc::decref(value.as_pointer()) };
                }
                0
            }
            Err(_) => -1,
        }
    }
    fn PyModule_AddIntConstant(object: &Object, name: Text, value: c_long) => c_int { add(object, name, Some(&*Int::from_i64(value)?)) }
    fn PyModule_AddStringConstant(object: &Object, name: Text, value: Text) => c_int { add(object, name, Some(&*value.to_str()?)) }
    fn PyModule_AddType(object: &Object, ty: &Type) => c_int {
        ready::ready(ty)?;
        let name = ty.full_name();
        let short = name.rsplit('.').next().unwrap_or(name);
        module(object)?.dictionary()?.set(&*Str::intern(short)?, ty)
    }
    fn _PyModule_Add(object: &Object, name: Text, value: Option<Ref>) => c_int { add(object, name, value.as_deref()) }
    fn _PyImport_SetModule(name: &Object, object: &Object) => c_int { habu_runtime::import::modules()?.set(name, object) }
    fn PyState_FindModule(definition: &ModuleDefObject) -> Borrowed {
        let found = Thread::current().interpreter().extensions.find(definition);
        found.map_or(NULL, |module| borrow(&module))
    }
    fn PyState_AddModule(object: &Object, definition: &ModuleDefObject) => c_int {
        if !definition.slots.is_null() {
            return Err(raise!(SystemError, "PyState_AddModule called on module with slots"));
        }
        Thread::current().interpreter().extensions.add(object, definition)
    }
    fn PyState_RemoveModule(definition: &ModuleDefObject) => c_int {
        if !definition.slots.is_null() {
            return Err(raise!(SystemError, "PyState_RemoveModule called on module with slots"));
        }
        Thread::current().interpreter().extensions.remove(definition);
        Ok(())
    }
    fn PyCapsule_New(pointer: *mut c_void, name: *const c_char, destructor: Option<Destructor>) => New {
        if pointer.is_null() {
            return Err(raise!(ValueError, "PyCapsule_New called with null pointer"));
        }
        Capsule::new(pointer, name, destructor)
    }
    fn PyCapsule_IsValid(object: Option<&Object>, name: Text) -> c_int {
        let capsule = object.and_then(Object::downcast_exact::<Capsule>);
        c_int::from(capsule.is_some_and(|capsule| !capsule.pointer.get().is_null() && same_name(capsule, name)))
    }
    fn PyCapsule_GetPointer(object: Option<&Object>, name: Text) => *mut c_void {
        let capsule = capsule(object, "PyCapsule_GetPointer")?;
        if !same_name(capsule, name) {
            return Err(raise!(ValueError, "PyCapsule_GetPointer called with incorrect name"));
        }
        Ok(capsule.pointer.get())
    }
    fn PyCapsule_GetName(object: Option<&Object>) => *const c_char { Ok(capsule(object, "PyCapsule_GetName")?.name.get()) }
    fn PyCapsule_GetContext(object: Option<&Object>) => *mut c_void { Ok(capsule(object, "PyCapsule_GetContext")?.context.get()) }
    fn PyCapsule_GetDestructor(object: Option<&Object>) -> Option<Destructor> {
        capsule(object, "PyCapsule_GetDestructor").ok().and_then(|capsule| capsule.destructor.get())
    }
    fn PyCapsule_SetPointer(object: Option<&Object>, pointer: *mut c_void) => c_int {
        if pointer.is_null() {
            return Err(raise!(ValueError, "PyCapsule_SetPointer called with null pointer"));
        }
        capsule(object, "PyCapsule_SetPointer")?.pointer.set(pointer);
        Ok(())
    }
    fn PyCapsule_SetName(object: Option<&Object>, name: *const c_char) => c_int {
        capsule(object, "PyCapsule_SetName")?.name.set(name);
        Ok(())
    }
    fn PyCapsule_SetContext(object: Option<&Object>, context: *mut c_void) => c_int {
        capsule(object, "PyCapsule_SetContext")?.context.set(context);
        Ok(())
    }
    fn PyCapsule_SetDestructor(object: Option<&Object>, destructor: Option<Destructor>) => c_int {
        capsule(object, "PyCapsule_SetDestructor")?.destructor.set(destructor);
        Ok(())
    }
    fn PyCapsule_Import(name: Text, _no_block: c_int) => *mut c_void {
        let full = name.lossy();
        let mut parts = full.split('.');
        let mut object = match parts.next() {
            Some(first) => habu_runtime::import::import_module(first)?,
            None => return Err(raise!(ImportError, "PyCapsule_Import could not import module \"\"")),
        };
        let mut path = full.split('.').next().unwrap_or("").to_owned();
        for part in parts {
            path = format!("{path}.{part}");
            object = match protocol::lookup_attribute(&object, &*Str::intern(part)?)? {
                Some(found) => found,
                None => habu_runtime::import::import_module(&path)?,
            };
        }
        match object.downcast_exact::<Capsule>().filter(|capsule| same_name(capsule, name)) {
            Some(capsule) => Ok(capsule.pointer.get()),
            None => Err(raise!(AttributeError, "PyCapsule_Import \"{full}\" is not valid")),
        }
    }
    fn PyImport_ImportModule(name: Text) => New { import(&*name.to_str()?) }
    fn PyImport_ImportModuleNoBlock(name: Text) => New { import(&*name.to_str()?) }
    fn PyImport_Import(name: &Object) => New {
        let name = expect::<Str>(name)?;
        // As `__import__` of the running code, or the built-in one, does.
        let builtins = habu_runtime::eval::builtins();
        let function = match builtins.downcast::<Dict>() {
            Some(names) => names.get_str("__import__")?,
            None => None,
        };
        let Some(function) = function else { return import(name) };
        let names = habu_runtime::types::list::List::new()?;
        names.push(Str::intern("__doc__")?.into_object())?;
        let globals = match habu_runtime::eval::globals() {
            Some(globals) => globals,
            None => Dict::new()?,
        };
        protocol::call(&function, &[name, &globals, &globals, &names, &*Int::from_i64(0)?])?;
        match habu_runtime::import::imported(name)? {
            Some(found) => Ok(found),
            None => Err(habu_runtime::exceptions::raise_key_error(name)),
        }
    }
    fn PyImport_ImportModuleLevel(name: Text, globals: Option<&Object>, _locals: Option<&Object>, names: Option<&Object>, level: c_int) => New {
        habu_runtime::import::import(&*name.to_str()?, globals, names, level)
    }
    fn PyImport_ImportModuleLevelObject(name: &Object, globals: Option<&Object>, _locals: Option<&Object>, names: Option<&Object>, level: c_int) => New {
        habu_runtime::import::import(expect::<Str>(name)?, globals, names, level)
    }
    fn PyImport_ReloadModule(object: &Object) => New {
        let importlib = habu_runtime::import::import_module("importlib")?;
        protocol::call_method(&importlib, &*Str::intern("reload")?, &[object])
    }
    fn PyImport_GetModuleDict() -> Borrowed {
        habu_runtime::import::modules().map_or(NULL, |modules| borrow(&modules))
    }
    fn PyImport_GetModule(name: &Object) => Option<Ref> { habu_runtime::import::modules()?.get(name) }
    fn _PyImport_GetModuleId(name: &Identifier) => Option<Ref> { habu_runtime::import::modules()?.get(&*name.name()?) }
    fn _PyImport_GetModuleAttr(name: &Object, attribute: &Object) => New {
        protocol::get_attribute(&*import(expect::<Str>(name)?)?, expect::<Str>(attribute)?)
    }
    fn _PyImport_GetModuleAttrString(name: Text, attribute: Text) => New {
        protocol::get_attribute(&*import(&*name.to_str()?)?, &*attribute.to_str()?)
    }
    fn PyImport_AddModule(name: Text) => Borrowed { add_module(&*name.to_str()?).map(Some) }
    fn PyImport_AddModuleObject(name: &Object) => Borrowed { add_module(expect::<Str>(name)?).map(Some) }
    fn PyImport_ExecCodeModule(name: Text, code: &Object) => New { exec_code(&*name.to_str()?, code, None, None) }
    fn PyImport_ExecCodeModuleEx(name: Text, code: &Object, filename: Text) => New {
        let filename = filename.optional()?;
        exec_code(&*name.to_str()?, code, filename.map(Ref::into_object), None)
    }
    fn PyImport_AppendInittab(name: Text, init: Option<extension::Init>) -> c_int {
        match init {
            Some(init) => extension::append_inittab(&name.lossy(), init),
            None => return -1,
        }
        0
    }
    fn PyImport_ExtendInittab(table: *const Inittab) -> c_int {
        let mut at = table;
        // SAFETY: the table ends with an entry without a name.
        while let Some((name, init)) = unsafe { at.as_ref() }.filter(|entry| !entry.name.is_null()).map(Inittab::parts) {
            if let Some(init) = init {
                extension::append_inittab(&name.lossy(), init);
            }
            // SAFETY: as above.
            at = unsafe { at.add(1) };
        }
        0
    }
    fn PyImport_GetMagicNumber() -> c_long { 3495 | 0x0a0d << 16 }
    fn PyImport_GetMagicTag() -> Text { Text(c"cpython-311".as_ptr()) }
    fn PyImport_GetImporter(_path: &Object) => New { Ok(habu_runtime::types::none()) }
    fn _PyImport_AcquireLock() -> () { Thread::current().interpreter().import_lock.acquire(); }
    fn _PyImport_ReleaseLock() -> c_int {
        match Thread::current().interpreter().import_lock.release() {
            Ok(()) => 1,
            Err(raised) => {
                raised.clear();
                -1
            }
        }
    }
    fn _PyImport_IsInitialized(_interpreter: *const c_void) -> c_int { 1 }
    fn PySys_GetObject(name: Text) -> Borrowed {
        let mut found = NULL;
        habu_runtime::exceptions::keep_current(|| match sys_object(&name.lossy()) {
            Ok(object) => found = object.map_or(NULL, |object| borrow(&object)),
            Err(raised) => raised.clear(),
        });
        found
    }
    fn _PySys_GetAttr(_thread: *const c_void, name: &Object) => Borrowed { sys_object(&expect::<Str>(name)?.to_string_lossy()) }
    fn PySys_SetObject(name: Text, value: Option<&Object>) => c_int {
        let Some(sys) = Thread::current().interpreter().sys_dict.get() else { return Err(bad_internal_call()) };
        match value {
            Some(value) => sys.set(&*name.intern()?, value),
            None => sys.remove(&*name.intern()?).map(drop),
        }
    }
    fn PySys_SetArgv(count: c_int, arguments: *const *const u32) => () { set_argv(count, arguments) }
    fn PySys_SetArgvEx(count: c_int, arguments: *const *const u32, _update: c_int) => () { set_argv(count, arguments) }
    fn PySys_SetPath(path: *const u32) => () {
        // SAFETY: a wide string.
        let text = unsafe { crate::unicodeobject::PyUnicode_FromWideChar(path, -1) }?;
        let list = expect::<Str>(&text)?.split_list(Some(&*Str::new(":")?), -1)?;
        match Thread::current().interpreter().sys_dict.get() {
            Some(sys) => sys.set_str("path", &list),
            None => Ok(()),
        }
    }
    fn PySys_HasWarnOptions() -> c_int { c_int::from(!Thread::current().interpreter().config.warn_options.is_empty()) }
    fn PySys_GetXOptions() => Borrowed { sys_object("_xoptions") }
    fn _PySys_GetSizeOf(object: &Object) => u64 {
        let size = protocol::lookup_special(object, &*Str::intern("__sizeof__")?)?;
        let Some(size) = size else {
            return Err(raise!(TypeError, "Type {} doesn't define __sizeof__", object.ty().full_name()));
        };
        let size = protocol::number::index_as_size(&*protocol::call0(&size)?, Some(exc::OverflowError()))?;
        let head = if habu_runtime::gc::is_collectable(object) { object.ty().preheader_size() } else { 0 };
        Ok(size as u64 + head as u64)
    }
}

fn set_argv(count: c_int, arguments: *const *const u32) -> Result<(), Raised> {
    let list = habu_runtime::types::list::List::new()?;
    for index in 0..count.max(0) as usize {
        // SAFETY: the caller gives that many wide strings.
        list.push(unsafe { crate::unicodeobject::PyUnicode_FromWideChar(arguments.add(index).read(), -1) }?)?;
    }
    match Thread::current().interpreter().sys_dict.get() {
        Some(sys) => sys.set_str("argv", &list),
        None => Ok(()),
    }
}

impl Give<()> for () {
    fn give(result: Result<(), Raised>) {
        if let Err(raised) = result {
            raised.clear();
        }
    }
}

/// `PySys_Audit`
unsafe extern "C" fn sys_audit(event: Text, units: Text, list: &mut VaList) -> c_int {
    let hooks = Thread::current().interpreter().audit_hooks.get();
    if hooks.is_none_or(|hooks| hooks.len() == 0) {
        return 0;
    }
    let told = crate::modsupport::build_arguments(units, list, true).and_then(|arguments| audit(event, &arguments));
    if told.is_ok() { 0 } else { -1 }
}

/// `PySys_WriteStdout`, `PySys_FormatStdout`: the conversions of C and of `PyUnicode_FromFormat` are both known.
unsafe extern "C" fn write_stdout(text: Text, list: &mut VaList) {
    if let Ok(text) = format(text, list) {
        write_stream("stdout", 1, &text);
    }
}

/// `PySys_WriteStderr`, `PySys_FormatStderr`
unsafe extern "C" fn write_stderr(text: Text, list: &mut VaList) {
    if let Ok(text) = format(text, list) {
        write_stream("stderr", 2, &text);
    }
}

variadic! {
    PySys_Audit fixed 2 => sys_audit;
    PySys_WriteStdout fixed 1 => write_stdout;
    PySys_FormatStdout fixed 1 => write_stdout;
    PySys_WriteStderr fixed 1 => write_stderr;
    PySys_FormatStderr fixed 1 => write_stderr;
}
