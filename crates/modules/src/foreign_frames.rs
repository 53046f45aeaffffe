//! Entries of tracebacks for code that is not Python: a frame with a name, a file and a line, and nothing else (`_PyTraceback_Add`).

use habu_compiler::{Mode, Options};
use habu_runtime::object::{Raised, Ref};
use habu_runtime::threads::Thread;
use habu_runtime::types::code::Code;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::frame::FrameObject;
use habu_runtime::types::str::Str;
use habu_runtime::types::traceback::Traceback;

use crate::compiling::raise_compile_error;

/// Code that does nothing, with names for a traceback (`PyCode_NewEmpty`).
pub fn empty_code(filename: &str, name: &Str, line: i32) -> Result<Ref<Code>, Raised> {
    // Not by the functions that programs compile with: audit hooks are told of nothing here.
    let output = habu_compiler::compile_text("raise AssertionError", filename.into(), Mode::Exec, &Options::default());
    let mut code = match output {
        Ok(output) => output.code,
        Err(error) => return Err(raise_compile_error(&error, filename)),
    };
    let name = name.to_string_lossy();
    code.name = name.as_str().into();
    code.qualname = name.into();
    code.firstlineno = line;
    Code::from_data(&code)
}

/// Adds a frame to the traceback of the exception that is set.
pub fn add_frame(frame: &FrameObject, line: Option<i32>) {
    let thread = Thread::current();
    let Some(exception) = thread.take_exception() else { return };
    let last = frame.frame().map_or(0, |frame| {
        // SAFETY: the frame is alive as long as its object.
        unsafe { frame.as_ref() }.last_instruction()
    });
    let line = line.or_else(|| frame.line()).unwrap_or(-1);
    let next = exception.traceback.get();
    let made = Traceback::new(next, Ref::from_borrowed(frame), last, line);
    if let Ok(traceback) = &made {
        exception.traceback.set(Some(traceback.clone()));
    }
    drop(made);
    // Compiled code reads the traceback from the thread's state.
    let traceback = exception.traceback.get().map(Ref::into_object);
    thread.raised.put(Some(exception.type_ref().into_object()), Some(exception.into_object()), traceback);
}

/// Adds an entry to the traceback of the exception that is set; where there is no memory for it, there is none.
pub fn add_traceback(name: &str, filename: &str, line: i32) {
    let mut made = None;
    habu_runtime::exceptions::keep_current(|| {
        let make = || -> Result<Ref<FrameObject>, Raised> {
            let code = empty_code(filename, &*Str::new(name)?, line)?;
            FrameObject::standalone(&code, &*Dict::new()?, None)
        };
        match make() {
            Ok(frame) => made = Some(frame),
            Err(raised) => raised.clear(),
        }
    });
    if let Some(frame) = made {
        add_frame(&frame, Some(line));
    }
}
