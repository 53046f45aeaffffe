//! `pythonrun.h`, `compile.h`, `code.h`, `frameobject.h`, `traceback.h`: running source, code objects, frames and tracebacks.

use std::ffi::{c_char, c_int};

use habu_compiler::Mode;
use habu_modules::builtins::line_editor;
use habu_modules::compiling::{Source, compile_with};
use habu_modules::foreign_frames::{self, empty_code};
use habu_modules::startup;
use habu_runtime::eval;
use habu_runtime::eval::frame::{Owner, generator_of};
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::code::Code;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::frame::FrameObject;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;

use crate::border::*;

/// How a start symbol is compiled.
fn mode(start: c_int) -> Result<Mode, Raised> {
    match start {
        256 => Ok(Mode::Single),
        257 => Ok(Mode::Exec),
        258 => Ok(Mode::Eval),
        _ => Err(raise!(ValueError, "compile() mode must be 'exec', 'eval' or 'single'")),
    }
}

/// The bits that the caller's flags carry into the compiler.
fn future_bits(flags: *const c_int) -> u32 {
    if flags.is_null() {
        return 0;
    }
    // SAFETY: the first field of PyCompilerFlags.
    unsafe { flags.read() as u32 & 0x01ff_0000 }
}

/// Compiles source.
pub(crate) fn compile(
    source: Text,
    filename: &str,
    start: c_int,
    flags: *const c_int,
    optimize: c_int,
) -> Result<Ref<Code>, Raised> {
    let source = Source::Bytes(habu_heap::Buffer::from_slice(source.bytes())?);
    compile_with(&source, filename, mode(start)?, future_bits(flags), optimize)
}

/// Runs source in dictionaries.
fn run(
    source: Text,
    filename: &str,
    start: c_int,
    globals: &Object,
    locals: Option<&Object>,
    flags: *const c_int,
) -> New {
    let code = compile(source, filename, start, flags, -1)?;
    let globals = expect::<Dict>(globals)?;
    if globals.get_str("__builtins__")?.is_none() {
        globals.set_str("__builtins__", &eval::builtins())?;
    }
    eval::run_code(&code, globals, locals.unwrap_or(globals))
}

/// Runs source in `__main__` and prints what it raises.
fn run_simple(source: Text, filename: &str, flags: *const c_int) -> c_int {
    let ran = startup::main_module()
        .and_then(|main| main.dictionary())
        .and_then(|main| run(source, filename, 257, &main, None, flags));
    match ran {
        Ok(_) => 0,
        Err(_) => {
            crate::pyerrors::print(true);
            -1
        }
    }
}

/// All of a file.
fn read(file: *mut libc::FILE) -> Vec<u8> {
    let mut all = vec![];
    let mut block = [0u8; 4096];
    loop {
        // SAFETY: an open file; the block has this size.
        let count = unsafe { libc::fread(block.as_mut_ptr().cast(), 1, block.len(), file) };
        if count == 0 {
            return all;
        }
        all.extend_from_slice(&block[..count]);
    }
}

fn run_file(
    file: *mut libc::FILE,
    filename: Text,
    start: c_int,
    globals: &Object,
    locals: Option<&Object>,
    close: bool,
) -> New {
    let mut source = read(file);
    source.push(0);
    if close {
        // SAFETY: an open file, not used any more.
        unsafe { libc::fclose(file) };
    }
    run(Text(source.as_ptr().cast()), &filename.lossy(), start, globals, locals, std::ptr::null())
}

/// Code that says of a compiled function what its parameters and names are; it is not run.
fn described_code(numbers: [c_int; 6], locals: &Object, filename: &Object, names: [&Object; 2]) -> New {
    let [args, positional_only, named_only, count, flags, line] = numbers.map(i64::from);
    let filename = expect::<Str>(filename)?;
    let code = empty_code(&filename.to_string_lossy(), expect::<Str>(names[0])?, line as c_int)?;
    let number = |value: i64| Int::from_i64(value).map(Ref::into_object);
    // Generators and coroutines are told by flags that code which is never resumed must not have.
    let flags = flags & !0x2a0 | 3;
    let made = [
        ("co_argcount", number(args)?),
        ("co_posonlyargcount", number(positional_only)?),
        ("co_kwonlyargcount", number(named_only)?),
        ("co_nlocals", number(count)?),
        ("co_flags", number(flags)?),
        ("co_varnames", locals.to_ref()),
        ("co_qualname", names[1].to_ref()),
    ];
    let keywords: Vec<(&str, &Object)> = made.iter().map(|(name, value)| (*name, &**value)).collect();
    protocol::call_with_keywords(&*protocol::get_attribute_str(&code, "replace")?, &[], &keywords)
}

fn frame_attribute(frame: &Object, name: &str) -> New {
    protocol::get_attribute_str(frame, name)
}

export! {
    fn PyRun_SimpleStringFlags(source: Text, flags: *const c_int) -> c_int { run_simple(source, "<string>", flags) }
    fn PyRun_SimpleString(source: Text) -> c_int { run_simple(source, "<string>", std::ptr::null()) }
    fn PyRun_StringFlags(source: Text, start: c_int, globals: &Object, locals: Option<&Object>, flags: *const c_int) -> New {
        run(source, "<string>", start, globals, locals, flags)
    }
    fn PyRun_String(source: Text, start: c_int, globals: &Object, locals: Option<&Object>) -> New {
        run(source, "<string>", start, globals, locals, std::ptr::null())
    }
    fn PyRun_FileExFlags(file: *mut libc::FILE, filename: Text, start: c_int, globals: &Object, locals: Option<&Object>, close: c_int, _flags: *const c_int) -> New {
        run_file(file, filename, start, globals, locals, close != 0)
    }
    fn PyRun_SimpleFileExFlags(file: *mut libc::FILE, filename: Text, close: c_int, _flags: *const c_int) -> c_int {
        let ran = startup::main_module().and_then(|main| main.dictionary()).and_then(|main| run_file(file, filename, 257, &main, None, close != 0));
        match ran {
            Ok(_) => 0,
            Err(_) => {
                crate::pyerrors::print(true);
                -1
            }
        }
    }
    fn PyRun_AnyFileExFlags(file: *mut libc::FILE, filename: Text, close: c_int, flags: *const c_int) -> c_int {
        // SAFETY: as for this function.
        unsafe { PyRun_SimpleFileExFlags(file, filename, close, flags) }
    }
    fn Py_CompileString(source: Text, filename: Text, start: c_int) => New {
        compile(source, &filename.lossy(), start, std::ptr::null(), -1)
    }
    fn Py_CompileStringFlags(source: Text, filename: Text, start: c_int, flags: *const c_int) => New {
        compile(source, &filename.lossy(), start, flags, -1)
    }
    fn Py_CompileStringObject(source: Text, filename: &Object, start: c_int, flags: *const c_int, optimize: c_int) => New {
        compile(source, &expect::<Str>(filename)?.to_string_lossy(), start, flags, optimize)
    }
    fn PyCode_NewEmpty(filename: Text, name: Text, line: c_int) => New {
        Ok(empty_code(&filename.lossy(), &*name.to_str()?, line)?.into_object())
    }
    fn PyCode_NewWithPosOnlyArgs(
        args: c_int, positional_only: c_int, named_only: c_int, locals: c_int, _stack: c_int, flags: c_int, _code: &Object, _consts: &Object,
        _names: &Object, local_names: &Object, _free: &Object, _cells: &Object, filename: &Object, name: &Object, qualname: &Object,
        line: c_int, _lines: &Object, _handlers: &Object
    ) => New {
        described_code([args, positional_only, named_only, locals, flags, line], local_names, filename, [name, qualname])
    }
    fn PyCode_New(
        args: c_int, named_only: c_int, locals: c_int, _stack: c_int, flags: c_int, _code: &Object, _consts: &Object, _names: &Object,
        local_names: &Object, _free: &Object, _cells: &Object, filename: &Object, name: &Object, qualname: &Object, line: c_int,
        _lines: &Object, _handlers: &Object
    ) => New {
        described_code([args, 0, named_only, locals, flags, line], local_names, filename, [name, qualname])
    }
    fn PyCode_GetCode(code: &Object) -> New { protocol::get_attribute_str(code, "co_code") }
    fn PyCode_GetVarnames(code: &Object) -> New { protocol::get_attribute_str(code, "co_varnames") }
    fn PyCode_GetCellvars(code: &Object) -> New { protocol::get_attribute_str(code, "co_cellvars") }
    fn PyCode_GetFreevars(code: &Object) -> New { protocol::get_attribute_str(code, "co_freevars") }
    fn PyCode_Addr2Line(code: &Object, offset: c_int) -> c_int {
        code.downcast::<Code>().and_then(|code| code.line_at(offset)).unwrap_or(-1)
    }
    fn PyFrame_New(_thread: *const Thread, code: &Object, globals: &Object, locals: Option<&Object>) => New {
        FrameObject::standalone(expect::<Code>(code)?, expect::<Dict>(globals)?, take(locals))
    }
    fn PyFrame_GetCode(frame: &Object) -> New { frame_attribute(frame, "f_code") }
    fn PyFrame_GetBack(frame: &Object) => Option<Ref> { expect::<FrameObject>(frame)?.back() }
    fn PyFrame_GetLocals(frame: &Object) -> New { frame_attribute(frame, "f_locals") }
    fn PyFrame_GetGlobals(frame: &Object) -> New { frame_attribute(frame, "f_globals") }
    fn PyFrame_GetBuiltins(frame: &Object) -> New { frame_attribute(frame, "f_builtins") }
    fn PyFrame_GetGenerator(frame: &FrameObject) -> Option<Ref> {
        let frame = frame.frame()?;
        // SAFETY: the frame is alive as long as its object; one that a generator owns lies in it.
        unsafe {
            (frame.as_ref().owner == Owner::Generator)
                .then(|| Ref::from_borrowed(&*generator_of(frame.as_ptr())).into_object())
        }
    }
    fn PyFrame_GetLasti(frame: &FrameObject) -> c_int {
        // SAFETY: the frame is alive as long as its object.
        frame.frame().map_or(-1, |frame| unsafe { frame.as_ref() }.last_instruction())
    }
    fn PyFrame_GetLineNumber(frame: &FrameObject) -> c_int { frame.line().unwrap_or(-1) }
    fn PyFrame_FastToLocalsWithError(frame: &Object) => c_int { frame_attribute(frame, "f_locals").map(drop) }
    fn PyFrame_FastToLocals(frame: &Object) -> () {
        if let Err(raised) = frame_attribute(frame, "f_locals") {
            raised.clear();
        }
    }
    fn PyFrame_LocalsToFast(frame: &FrameObject, clear: c_int) -> () {
        if let Some(frame) = frame.frame() {
            // SAFETY: the frame is alive as long as its object.
            unsafe { habu_runtime::types::frame::locals::locals_to_fast(frame.as_ptr(), clear != 0) }
        }
    }
    fn PyTraceBack_Here(frame: &FrameObject) -> c_int {
        foreign_frames::add_frame(frame, None);
        0
    }
    fn PyTraceBack_Print(traceback: &Object, file: &Object) => c_int {
        let module = habu_runtime::import::import_module("traceback")?;
        let none = habu_runtime::types::none();
        let print = protocol::get_attribute_str(&module, "print_tb")?;
        let header = Str::new("Traceback (most recent call last):\n")?;
        protocol::call_method(file, &*Str::intern("write")?, &[&header])?;
        protocol::call(&print, &[traceback, &none, file]).map(drop)
    }
    fn _PyTraceback_Add(name: Text, filename: Text, line: c_int) -> () {
        foreign_frames::add_traceback(&name.lossy(), &filename.lossy(), line);
    }
    fn PyOS_Readline(_input: *mut libc::FILE, _output: *mut libc::FILE, prompt: Text) -> *mut c_char {
        let line = match line_editor::read(prompt.bytes()) {
            Some(line) => line,
            None => return std::ptr::null_mut(),
        };
        match line {
            line_editor::Read::Line(line) => crate::pymem::raw_text(&line),
            line_editor::Read::End => crate::pymem::raw_text(b""),
            line_editor::Read::Interrupted => std::ptr::null_mut(),
        }
    }
}
