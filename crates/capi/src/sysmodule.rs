//! `sysmodule.h`, `token.h`: hooks, options of the command line that C adds, the numbers of operators. Also rare functions of threads and signals.

use std::ffi::{c_char, c_int, c_void};

use habu_runtime::object::descriptor_tables::{METH_VARARGS, MethodDef, MethodFunction};
use habu_runtime::object::{Object, PyType, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::builtin_function::BuiltinFunction;
use habu_runtime::types::capsule::Capsule;
use habu_runtime::types::code::Code;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use crate::border::*;

/// An audit hook of C (`Py_AuditHookFunction`).
type AuditHook = unsafe extern "C" fn(*const c_char, &Object, *mut c_void) -> c_int;

/// What Python's list of hooks has for one of C: its receiver is a capsule with the function, whose context is the user's word.
static AUDIT_HOOK: MethodDef = MethodDef {
    name: c"audit_hook".as_ptr(),
    function: MethodFunction { varargs: call_audit_hook },
    flags: METH_VARARGS,
    doc: std::ptr::null(),
};

/// # Safety
/// As a method with arguments; the receiver is the capsule that `add_audit_hook` made.
unsafe extern "C" fn call_audit_hook(receiver: Option<&Object>, arguments: &Tuple) -> Result<Ref, Raised> {
    let (Some(capsule), Some(event), Some(told)) =
        (receiver.and_then(Object::downcast::<Capsule>), arguments.get(0), arguments.get(1))
    else {
        return Err(bad_internal_call());
    };
    let Some(event) = event.downcast::<Str>() else { return Err(bad_internal_call()) };
    let Ok(event) = std::ffi::CString::new(event.to_string_lossy()) else { return Ok(none()) };
    // SAFETY: the capsule holds such a function; the text lives through the call.
    let refused = unsafe {
        let hook = std::mem::transmute::<*mut c_void, AuditHook>(capsule.pointer.get());
        hook(event.as_ptr(), &told, capsule.context.get())
    };
    if refused == 0 {
        return Ok(none());
    }
    if Thread::current().has_exception() {
        return Err(Raised::set());
    }
    Err(raise!(SystemError, "error return without exception set"))
}

fn add_audit_hook(hook: *mut c_void, word: *mut c_void) -> Result<(), Raised> {
    if let Err(raised) = habu_runtime::threads::audit::audit("sys.addaudithook", &[]) {
        // A hook that objects with a RuntimeError is obeyed in silence.
        let error = habu_runtime::exceptions::exc::RuntimeError();
        return habu_runtime::object::protocol::attribute::ignore::<()>(raised, error).map(drop);
    }
    let capsule = Capsule::new(hook, std::ptr::null(), None)?;
    capsule.context.set(word);
    let function = BuiltinFunction::bound(&AUDIT_HOOK, &capsule)?;
    let hooks = &Thread::current().interpreter().audit_hooks;
    match hooks.get() {
        Some(hooks) => hooks.push(function.into_object()),
        None => {
            let made = List::new()?;
            made.push(function.into_object())?;
            hooks.set(Some(made));
            Ok(())
        }
    }
}

/// A list or dictionary of `sys`.
fn of_sys<T: PyType>(name: &str) -> Result<Option<Ref<T>>, Raised> {
    let Some(sys) = Thread::current().interpreter().sys_dict.get() else { return Ok(None) };
    Ok(sys.get_str(name)?.and_then(|found| found.downcast_into::<T>().ok()))
}

fn add_warn_option(option: Ref<Str>) -> Result<(), Raised> {
    match of_sys::<List>("warnoptions")? {
        Some(options) => options.push(option.into_object()),
        None => Ok(()),
    }
}

/// `name=value`, or `name` alone, which is true.
fn add_x_option(option: &Str) -> Result<(), Raised> {
    let Some(options) = of_sys::<Dict>("_xoptions")? else { return Ok(()) };
    let option = option.to_string_lossy();
    match option.split_once('=') {
        Some((name, value)) => options.set(&*Str::new(name)?, &*Str::new(value)?),
        None => options.set(&*Str::new(&option)?, &habu_runtime::types::boolean(true)),
    }
}

/// Text of wide characters.
fn wide_text(option: *const u32) -> Result<Ref<Str>, Raised> {
    // SAFETY: the caller gives a string of wide characters with its end.
    let made = unsafe { crate::unicodeobject::PyUnicode_FromWideChar(option, -1) }?;
    made.downcast_into::<Str>().map_err(|_| bad_internal_call())
}

/// Does what has no result to tell an error by.
fn quietly(work: impl FnOnce() -> Result<(), Raised>) {
    if let Err(raised) = work() {
        raised.clear();
    }
}

/// The number of what is not an operator.
const OP: c_int = 54;

/// The number of an operator in the grammar's table (the library's `token`).
fn operator(text: &[u8]) -> c_int {
    match text {
        b"(" => 7,
        b")" => 8,
        b"[" => 9,
        b"]" => 10,
        b":" => 11,
        b"," => 12,
        b";" => 13,
        b"+" => 14,
        b"-" => 15,
        b"*" => 16,
        b"/" => 17,
        b"|" => 18,
        b"&" => 19,
        b"<" => 20,
        b">" => 21,
        b"=" => 22,
        b"." => 23,
        b"%" => 24,
        b"{" => 25,
        b"}" => 26,
        b"==" => 27,
        b"!=" | b"<>" => 28,
        b"<=" => 29,
        b">=" => 30,
        b"~" => 31,
        b"^" => 32,
        b"<<" => 33,
        b">>" => 34,
        b"**" => 35,
        b"+=" => 36,
        b"-=" => 37,
        b"*=" => 38,
        b"/=" => 39,
        b"%=" => 40,
        b"&=" => 41,
        b"|=" => 42,
        b"^=" => 43,
        b"<<=" => 44,
        b">>=" => 45,
        b"**=" => 46,
        b"//" => 47,
        b"//=" => 48,
        b"@" => 49,
        b"@=" => 50,
        b"->" => 51,
        b"..." => 52,
        b":=" => 53,
        _ => OP,
    }
}

/// Where an instruction stands: line, column, last line, last column.
fn location(code: &Object, offset: c_int) -> Option<[c_int; 4]> {
    let code = code.downcast::<Code>()?;
    if offset < 0 {
        let first = code.firstlineno.get();
        return Some([first, 0, first, 0]);
    }
    let entry = habu_bytecode::linetable::entry_at(code.linetable(), code.firstlineno.get(), offset as usize)?;
    let or_unknown = |number: Option<i32>| number.unwrap_or(-1);
    Some([or_unknown(entry.line), or_unknown(entry.column), or_unknown(entry.end_line), or_unknown(entry.end_column)])
}

/// The bits of a code object's flags that a compilation takes over (`PyCF_MASK`).
const FUTURES: c_int = 0x1FE_0000;

export! {
    fn PySys_AddAuditHook(hook: *mut c_void, word: *mut c_void) -> c_int {
        if hook.is_null() || !Thread::is_attached() {
            return -1;
        }
        if add_audit_hook(hook, word).is_ok() { 0 } else { -1 }
    }
    fn PySys_AddWarnOption(option: *const u32) -> () { quietly(|| add_warn_option(wide_text(option)?)); }
    fn PySys_AddWarnOptionUnicode(option: &Object) -> () { quietly(|| add_warn_option(Ref::from_borrowed(expect::<Str>(option)?))); }
    fn PySys_ResetWarnOptions() -> () {
        quietly(|| {
            if let Some(options) = of_sys::<List>("warnoptions")? {
                drop(options.take_all());
            }
            Ok(())
        });
    }
    fn PySys_AddXOption(option: *const u32) -> () { quietly(|| add_x_option(&*wide_text(option)?)); }
    fn PyToken_OneChar(first: c_int) -> c_int { operator(&[first as u8]) }
    fn PyToken_TwoChars(first: c_int, second: c_int) -> c_int { operator(&[first as u8, second as u8]) }
    fn PyToken_ThreeChars(first: c_int, second: c_int, third: c_int) -> c_int { operator(&[first as u8, second as u8, third as u8]) }
    fn PyThread_get_stacksize() -> usize { habu_modules::thread::stack_size_of_new_threads(None) }
    fn PyThread_set_stacksize(size: usize) -> c_int {
        if size != 0 && size < 32768 {
            return -1;
        }
        habu_modules::thread::stack_size_of_new_threads(Some(size));
        0
    }
    fn PyOS_InterruptOccurred() -> c_int { c_int::from(habu_modules::signal::pending::take_interrupt()) }
    fn PyCode_Addr2Location(code: &Object, offset: c_int, line: Out<c_int>, column: Out<c_int>, end_line: Out<c_int>, end_column: Out<c_int>) -> c_int {
        let Some(found) = location(code, offset) else { return 0 };
        line.set(found[0]);
        column.set(found[1]);
        end_line.set(found[2]);
        end_column.set(found[3]);
        1
    }
    fn PyCode_Optimize(code: &Object, _constants: &Object, _names: &Object, _lines: &Object) -> Ref { code.to_ref() }
    fn PyEval_MergeCompilerFlags(flags: &mut c_int) -> c_int {
        let code = habu_runtime::eval::current_frame().ok().flatten().map(|frame| frame.code());
        *flags |= code.flatten().map_or(0, |code| code.flags.get() as c_int & FUTURES);
        c_int::from(*flags != 0)
    }
}
