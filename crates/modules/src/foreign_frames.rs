//! Entries of tracebacks for code that is not Python: a frame with a name, a file and a line, and nothing else (`_PyTraceback_Add`).

use habu_compiler::Mode;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::threads::Thread;
use habu_runtime::types::code::Code;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::frame::FrameObject;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::traceback::Traceback;

use crate::compiling::{Source, compile_with};

/// Code that does nothing, with names for a traceback (`PyCode_NewEmpty`).
pub fn empty_code(filename: &str, name: &Str, line: i32) -> Result<Ref, Raised> {
    let source = Source::Bytes(habu_heap::Buffer::from_slice(b"raise AssertionError")?);
    let code = compile_with(&source, filename, Mode::Exec, 0, -1)?;
    let line = Int::from_i64(i64::from(line))?;
    let keywords: [(&str, &Object); 3] = [("co_name", name), ("co_qualname", name), ("co_firstlineno", &line)];
    protocol::call_with_keywords(&*protocol::get_attribute_str(&code, "replace")?, &[], &keywords)
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
            match code.downcast::<Code>() {
                Some(code) => FrameObject::standalone(code, &*Dict::new()?, None),
                None => Err(habu_runtime::raise!(SystemError, "no code")),
            }
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
