//! Interfaces that few extensions use: older names, variants with fewer arguments, and what embedding programs ask.

use std::ffi::{c_char, c_int, c_void};

use habu_modules::pickle::buffer::PickleBuffer;
use habu_modules::posix::process;
use habu_runtime::object::slots::BufferView;
use habu_runtime::object::{Object, PyType, Raised, Ref, Type, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, none};

use crate::border::*;
use crate::pythonrun::{PyRun_AnyFileExFlags, PyRun_FileExFlags, PyRun_SimpleFileExFlags};
use crate::unicode_codecs::{PyCodec_Decode, PyCodec_Encode};

const NO_FLAGS: *const c_int = std::ptr::null();

/// What a codec made, which must be a string.
fn must_be_text(made: New, what: &str, name: Text) -> New {
    let made = made?;
    if made.isinstance::<Str>() {
        return Ok(made);
    }
    let (name, given) = (name.lossy(), made.ty().full_name());
    Err(raise!(
        TypeError,
        "'{name}' {what}r returned '{given}' instead of 'str'; use codecs.{what}() to {what} to arbitrary types"
    ))
}

/// Says that a function is not to be used any more.
fn deprecated(function: &str, instead: &str) -> Result<(), Raised> {
    let category = habu_runtime::exceptions::exc::DeprecationWarning();
    habu_runtime::exceptions::warn(category, format_args!("{function}() is deprecated; use {instead}"), 1)
}

/// The encoding that is meant by null.
fn named(encoding: Text) -> Text {
    if encoding.is_null() { Text(c"utf-8".as_ptr()) } else { encoding }
}

/// A line of a file without its end, for the text of a SyntaxError; nothing where it cannot be read.
fn program_text(path: &[u8], line: c_int) -> Option<Ref> {
    use std::os::unix::ffi::OsStrExt;
    let wanted = usize::try_from(line).ok()?.checked_sub(1)?;
    let source = std::fs::read(std::ffi::OsStr::from_bytes(path)).ok()?;
    let text = source.split_inclusive(|byte| *byte == b'\n').nth(wanted)?;
    utf8_replace(text).map_err(Raised::clear).ok().map(Ref::into_object)
}

/// Completes the SyntaxError that is set with the place where it is; of anything else nothing is changed.
fn locate(filename: Option<&Object>, numbers: [c_int; 4]) -> Result<(), Raised> {
    let Some(error) = Thread::current().take_exception() else { return Ok(()) };
    let complete = || -> Result<(), Raised> {
        let [line, column, end_line, end_column] = numbers;
        let number = |value: c_int| match value {
            value if value < 0 => Ok(none()),
            value => Int::from_i64(value.into()).map(Ref::into_object),
        };
        let set = |name: &str, value: &Object| protocol::set_attribute(&error, &*Str::intern(name)?, Some(value));
        set("lineno", &*Int::from_i64(line.into())?)?;
        set("offset", &*number(column)?)?;
        set("end_lineno", &*number(end_line)?)?;
        set("end_offset", &*number(end_column)?)?;
        if let Some(filename) = filename {
            set("filename", filename)?;
            let path = habu_runtime::types::str::codecs::path_object(filename);
            let path = path.and_then(|path| match path.downcast_into::<Str>() {
                Ok(text) => habu_runtime::types::str::codecs::path_text(&text),
                Err(other) => other.downcast_into::<Bytes>().map_err(|_| bad_internal_call()),
            });
            let text = path.map_or_else(
                |raised| {
                    raised.clear();
                    None
                },
                |path| program_text(path.as_slice(), line),
            );
            set("text", &text.unwrap_or_else(none))?;
        }
        set("print_file_and_line", &none())
    };
    if error.isinstance::<habu_runtime::exceptions::BaseException>()
        && error.ty().is_subtype(habu_runtime::exceptions::exc::SyntaxError())
        && let Err(raised) = complete()
    {
        raised.clear();
    }
    let _ = Thread::current().set_exception(error);
    Ok(())
}

fn located(filename: Option<&Object>, numbers: [c_int; 4]) {
    if let Err(raised) = locate(filename, numbers) {
        raised.clear();
    }
}

/// How strings are hashed (`PyHash_FuncDef`).
#[repr(C)]
pub struct HashFunction {
    hash: extern "C" fn(*const c_void, isize) -> isize,
    name: *const c_char,
    hash_bits: c_int,
    seed_bits: c_int,
}

// SAFETY: the name is static.
unsafe impl Sync for HashFunction {}

extern "C" fn hash_memory(data: *const c_void, length: isize) -> isize {
    habu_runtime::hashing::hash_bytes(memory(data.cast(), length))
}

static HASH_FUNCTION: HashFunction =
    HashFunction { hash: hash_memory, name: c"siphash13".as_ptr(), hash_bits: 64, seed_bits: 128 };

/// The command line as C strings of wide characters, made once.
fn wide_arguments() -> Result<&'static [*mut u32], Raised> {
    static MADE: std::sync::OnceLock<Vec<usize>> = std::sync::OnceLock::new();
    if MADE.get().is_none() {
        let given = habu_runtime::import::import_module("sys")
            .and_then(|sys| protocol::get_attribute_str(&sys, "orig_argv"))?;
        let given = protocol::sequence::to_tuple(&given)?;
        let mut all = vec![];
        for argument in given.as_slice() {
            let text = protocol::str(argument)?;
            let mut wide: Vec<u32> = text.chars().iter().collect();
            wide.push(0);
            all.push(Vec::leak(wide).as_mut_ptr() as usize);
        }
        all.push(0);
        let _ = MADE.set(all);
    }
    let all = MADE.get().map_or(&[][..], |all| all.as_slice());
    // SAFETY: addresses and pointers are the same words.
    Ok(unsafe { std::slice::from_raw_parts(all.as_ptr().cast(), all.len()) })
}

/// `_opcode.stack_effect`
fn stack_effect(opcode: c_int, argument: c_int, jump: c_int) -> Result<c_int, Raised> {
    const INVALID: c_int = c_int::MAX;
    let module = habu_runtime::import::import_module("_opcode")?;
    let function = protocol::get_attribute_str(&module, "stack_effect")?;
    let jump = match jump {
        0 => boolean(false),
        1 => boolean(true),
        _ => none(),
    };
    let opcode_object = Int::from_i64(opcode.into())?;
    let argument = if opcode < 90 { none() } else { Int::from_i64(argument.max(0).into())?.into_object() };
    match protocol::call_with_keywords(&function, &[&opcode_object, &argument], &[("jump", &jump)]) {
        Ok(effect) => Ok(protocol::number::index_as_size(&effect, None)? as c_int),
        Err(raised) => {
            raised.clear();
            Ok(INVALID)
        }
    }
}

/// A stream of a codec.
fn stream(encoding: Text, stream: &Object, errors: Text, attribute: &str) -> New {
    let found = habu_runtime::types::str::codecs::registry::lookup(&*encoding.to_str()?)?;
    let factory = protocol::get_attribute_str(&found, attribute)?;
    match errors.optional()? {
        Some(errors) => protocol::call(&factory, &[stream, &errors]),
        None => protocol::call1(&factory, stream),
    }
}

fn pickle_buffer(object: &Object) -> Result<&PickleBuffer, Raised> {
    object
        .downcast::<PickleBuffer>()
        .ok_or_else(|| raise!(TypeError, "expected PickleBuffer, {} found", object.ty().full_name()))
}

export! {
    fn PyUnicode_AsDecodedObject(object: &Object, encoding: Text, errors: Text) => New {
        expect::<Str>(object)?;
        deprecated("PyUnicode_AsDecodedObject", "PyCodec_Decode() to decode from str")?;
        // SAFETY: as for this function.
        unsafe { PyCodec_Decode(object, named(encoding), errors) }
    }
    fn PyUnicode_AsDecodedUnicode(object: &Object, encoding: Text, errors: Text) => New {
        expect::<Str>(object)?;
        deprecated("PyUnicode_AsDecodedUnicode", "PyCodec_Decode() to decode from str to str")?;
        // SAFETY: as for this function.
        must_be_text(unsafe { PyCodec_Decode(object, named(encoding), errors) }, "decode", named(encoding))
    }
    fn PyUnicode_AsEncodedObject(object: &Object, encoding: Text, errors: Text) => New {
        expect::<Str>(object)?;
        deprecated("PyUnicode_AsEncodedObject", "PyUnicode_AsEncodedString() to encode from str to bytes or PyCodec_Encode() for generic encoding")?;
        // SAFETY: as for this function.
        unsafe { PyCodec_Encode(object, named(encoding), errors) }
    }
    fn PyUnicode_AsEncodedUnicode(object: &Object, encoding: Text, errors: Text) => New {
        expect::<Str>(object)?;
        deprecated("PyUnicode_AsEncodedUnicode", "PyCodec_Encode() to encode from str to str")?;
        // SAFETY: as for this function.
        must_be_text(unsafe { PyCodec_Encode(object, named(encoding), errors) }, "encode", named(encoding))
    }
    fn PyUnicode_DecodeUTF7Stateful(data: *const c_char, length: isize, errors: Text, taken: Out<isize>) => New {
        let module = habu_runtime::import::import_module("_codecs")?;
        let decode = protocol::get_attribute_str(&module, "utf_7_decode")?;
        let errors = errors.optional()?.map_or_else(none, Ref::into_object);
        let last = boolean(taken.is_null());
        let made = protocol::call(&decode, &[&*Bytes::new(memory(data, length))?, &errors, &last])?;
        let pair = expect::<Tuple>(&made)?;
        let (Some(text), Some(count)) = (pair.get(0), pair.get(1)) else { return Err(bad_internal_call()) };
        taken.set(protocol::number::index_as_size(&count, None)?);
        Ok(text)
    }
    fn PyCodec_StreamReader(encoding: Text, source: &Object, errors: Text) => New { stream(encoding, source, errors, "streamreader") }
    fn PyCodec_StreamWriter(encoding: Text, target: &Object, errors: Text) => New { stream(encoding, target, errors, "streamwriter") }
    fn PyRun_AnyFile(file: *mut libc::FILE, filename: Text) -> c_int {
        // SAFETY: as for this function.
        unsafe { PyRun_AnyFileExFlags(file, filename, 0, NO_FLAGS) }
    }
    fn PyRun_AnyFileEx(file: *mut libc::FILE, filename: Text, close: c_int) -> c_int {
        // SAFETY: as for this function.
        unsafe { PyRun_AnyFileExFlags(file, filename, close, NO_FLAGS) }
    }
    fn PyRun_AnyFileFlags(file: *mut libc::FILE, filename: Text, flags: *const c_int) -> c_int {
        // SAFETY: as for this function.
        unsafe { PyRun_AnyFileExFlags(file, filename, 0, flags) }
    }
    fn PyRun_SimpleFile(file: *mut libc::FILE, filename: Text) -> c_int {
        // SAFETY: as for this function.
        unsafe { PyRun_SimpleFileExFlags(file, filename, 0, NO_FLAGS) }
    }
    fn PyRun_SimpleFileEx(file: *mut libc::FILE, filename: Text, close: c_int) -> c_int {
        // SAFETY: as for this function.
        unsafe { PyRun_SimpleFileExFlags(file, filename, close, NO_FLAGS) }
    }
    fn PyRun_File(file: *mut libc::FILE, filename: Text, start: c_int, globals: &Object, locals: Option<&Object>) -> New {
        // SAFETY: as for this function.
        unsafe { PyRun_FileExFlags(file, filename, start, globals, locals, 0, NO_FLAGS) }
    }
    fn PyRun_FileEx(file: *mut libc::FILE, filename: Text, start: c_int, globals: &Object, locals: Option<&Object>, close: c_int) -> New {
        // SAFETY: as for this function.
        unsafe { PyRun_FileExFlags(file, filename, start, globals, locals, close, NO_FLAGS) }
    }
    fn PyRun_FileFlags(file: *mut libc::FILE, filename: Text, start: c_int, globals: &Object, locals: Option<&Object>, flags: *const c_int) -> New {
        // SAFETY: as for this function.
        unsafe { PyRun_FileExFlags(file, filename, start, globals, locals, 0, flags) }
    }
    fn PyErr_SyntaxLocation(filename: Text, line: c_int) -> () {
        // SAFETY: as for this function.
        unsafe { PyErr_SyntaxLocationEx(filename, line, -1) }
    }
    fn PyErr_SyntaxLocationEx(filename: Text, line: c_int, column: c_int) -> () {
        let kept = Thread::current().take_exception();
        let name = filename.optional();
        if let Some(kept) = kept {
            let _ = Thread::current().set_exception(kept);
        }
        if let Ok(name) = name {
            located(name.as_deref().map(AsRef::as_ref), [line, column, line, -1]);
        }
    }
    fn PyErr_SyntaxLocationObject(filename: Option<&Object>, line: c_int, column: c_int) -> () {
        located(filename, [line, column, line, -1]);
    }
    fn PyErr_RangedSyntaxLocationObject(filename: Option<&Object>, line: c_int, column: c_int, end_line: c_int, end_column: c_int) -> () {
        located(filename, [line, column, end_line, end_column]);
    }
    fn PyErr_ProgramText(filename: Text, line: c_int) -> Option<Ref> {
        if filename.is_null() { None } else { program_text(filename.bytes(), line) }
    }
    fn PyErr_ProgramTextObject(filename: Option<&Object>, line: c_int) -> Option<Ref> {
        let path = filename.and_then(Object::downcast::<Str>)?;
        let path = habu_runtime::types::str::codecs::path_text(path).map_err(Raised::clear).ok()?;
        program_text(path.as_slice(), line)
    }
    fn PyThread_create_key() -> c_int {
        let mut key = 0;
        // SAFETY: the place is ours.
        match unsafe { libc::pthread_key_create(&raw mut key, None) } {
            0 => key as c_int,
            _ => -1,
        }
    }
    fn PyThread_delete_key(key: c_int) -> () {
        // SAFETY: what `PyThread_create_key` gave.
        unsafe { libc::pthread_key_delete(key as libc::pthread_key_t) };
    }
    fn PyThread_set_key_value(key: c_int, value: *mut c_void) -> c_int {
        // SAFETY: what `PyThread_create_key` gave.
        if unsafe { libc::pthread_setspecific(key as libc::pthread_key_t, value) } == 0 { 0 } else { -1 }
    }
    fn PyThread_get_key_value(key: c_int) -> *mut c_void {
        // SAFETY: what `PyThread_create_key` gave.
        unsafe { libc::pthread_getspecific(key as libc::pthread_key_t) }
    }
    fn PyThread_delete_key_value(key: c_int) -> () {
        // SAFETY: what `PyThread_create_key` gave.
        unsafe { libc::pthread_setspecific(key as libc::pthread_key_t, std::ptr::null()) };
    }
    fn PyThread_ReInitTLS() -> () {}
    fn PyType_ClearCache() -> u32 { 0 }
    fn PyType_SUPPORTS_WEAKREFS(ty: &Type) -> c_int { c_int::from(ty.tp_weaklistoffset.get() > 0) }
    fn PyHash_GetFuncDef() -> *const HashFunction { &raw const HASH_FUNCTION }
    fn PyOS_BeforeFork() -> () {
        if let Err(raised) = process::before_fork() {
            habu_runtime::exceptions::unraisable(raised, None);
        }
    }
    fn PyOS_AfterFork_Parent() -> () {
        if let Err(raised) = process::after_fork_in_parent() {
            habu_runtime::exceptions::unraisable(raised, None);
        }
    }
    fn PyCompile_OpcodeStackEffect(opcode: c_int, argument: c_int) => c_int { stack_effect(opcode, argument, -1) }
    fn PyCompile_OpcodeStackEffectWithJump(opcode: c_int, argument: c_int, jump: c_int) => c_int { stack_effect(opcode, argument, jump) }
    fn Py_FdIsInteractive(file: *mut libc::FILE, filename: Text) -> c_int {
        // SAFETY: the caller gives an open file.
        if unsafe { libc::isatty(libc::fileno(file)) } != 0 {
            return 1;
        }
        let interactive = Thread::current().interpreter().config.flags.interactive != 0;
        c_int::from(interactive && (filename.is_null() || matches!(filename.bytes(), b"<stdin>" | b"???")))
    }
    fn Py_GETENV(name: Text) -> *mut c_char {
        if Thread::is_attached() && Thread::current().interpreter().config.flags.ignore_environment != 0 {
            return std::ptr::null_mut();
        }
        // SAFETY: a C string.
        unsafe { libc::getenv(name.0) }
    }
    fn Py_GetArgcArgv(count: Out<c_int>, arguments: Out<*const *mut u32>) -> () {
        let all = wide_arguments().unwrap_or_else(|raised| {
            raised.clear();
            // No argument, and the null that ends them.
            &[std::ptr::null_mut()]
        });
        count.set(all.len().saturating_sub(1) as c_int);
        arguments.set(all.as_ptr());
    }
    fn PyFile_OpenCode(path: Text) => New {
        // SAFETY: as for this function.
        unsafe { crate::fileobject::PyFile_OpenCodeObject(&*path.to_str()?) }
    }
    fn PyImport_ExecCodeModuleWithPathnames(name: Text, code: &Object, filename: Text, cached: Text) => New {
        let filename = filename.optional()?.map(Ref::into_object);
        crate::moduleobject::exec_code(&*name.to_str()?, code, filename, cached.optional()?.map(Ref::into_object))
    }
    fn PyImport_ExecCodeModuleObject(name: &Object, code: &Object, filename: Option<&Object>, cached: Option<&Object>) => New {
        crate::moduleobject::exec_code(expect::<Str>(name)?, code, take(filename), take(cached))
    }
    fn PyImport_ImportFrozenModuleObject(name: &Object) => c_int {
        let imp = habu_runtime::import::import_module("_imp")?;
        let made = protocol::call1(&*protocol::get_attribute_str(&imp, "init_frozen")?, name)?;
        Ok(!made.is(&none()))
    }
    fn PyImport_ImportFrozenModule(name: Text) => c_int {
        let name = name.to_str()?;
        // SAFETY: as for this function; -1 says that an exception is set.
        match unsafe { PyImport_ImportFrozenModuleObject(&name) } {
            -1 => Err(Raised::set()),
            found => Ok(found != 0),
        }
    }
    fn PyPickleBuffer_FromObject(object: &Object) => New {
        habu_runtime::types::type_::ready::ready_static(PickleBuffer::static_type())?;
        protocol::call1(PickleBuffer::type_object(), object)
    }
    fn PyPickleBuffer_GetBuffer(object: &Object) => *const BufferView { Ok(std::ptr::from_ref(pickle_buffer(object)?.view()?)) }
    fn PyPickleBuffer_Release(object: &Object) => c_int {
        pickle_buffer(object)?.give_back();
        Ok(())
    }
}
