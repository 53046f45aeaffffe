//! The line editor that an extension provides (`readline`): `input()` asks it where both standard streams are the terminal.

use std::ffi::{CStr, CString, c_char, c_void};

use habu_runtime::object::{Raised, Ref};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::str::{Str, codecs};

/// Called while the program waits for input (`PyOS_InputHook`).
#[unsafe(no_mangle)]
pub static mut PyOS_InputHook: *mut c_void = std::ptr::null_mut();

/// Reads a line from a terminal.
type ReadLine = unsafe extern "C" fn(*mut libc::FILE, *mut libc::FILE, *const c_char) -> *mut c_char;

/// Reads a line from a terminal (`PyOS_ReadlineFunctionPointer`), set by `readline`.
#[unsafe(no_mangle)]
pub static mut PyOS_ReadlineFunctionPointer: Option<ReadLine> = None;

/// The thread that waits in the line editor (`_PyOS_ReadlineTState`).
#[unsafe(no_mangle)]
pub static mut _PyOS_ReadlineTState: *const Thread = std::ptr::null();

unsafe extern "C" {
    static stdin: *mut libc::FILE;
    static stdout: *mut libc::FILE;
}

/// What a line editor gave.
pub enum Read {
    /// A line, mostly with its newline.
    Line(Vec<u8>),
    /// There is no more input.
    End,
    /// A signal came, whose handler may have raised.
    Interrupted,
}

/// Asks the line editor for a line; nothing where there is none, or where the standard streams are no terminal.
pub fn read(prompt: &[u8]) -> Option<Read> {
    // SAFETY: the pointer is set while the lock is held, which this thread holds.
    let editor = unsafe { PyOS_ReadlineFunctionPointer }?;
    // SAFETY: plain calls.
    if unsafe { libc::isatty(0) == 0 || libc::isatty(1) == 0 } {
        return None;
    }
    let prompt = CString::new(prompt).ok()?;
    let thread = Thread::current();
    // SAFETY: the editor takes the lock itself for what it calls back, by the thread that is noted for it; this thread gives the lock up
    // for the call and handles no object meanwhile. What the editor gives is a text of the raw domain, which is the system's memory.
    unsafe {
        _PyOS_ReadlineTState = thread;
        thread.interpreter().lock.release(thread);
        let line = editor(stdin, stdout, prompt.as_ptr());
        thread.interpreter().lock.take(thread);
        _PyOS_ReadlineTState = std::ptr::null();
        if line.is_null() {
            return Some(Read::Interrupted);
        }
        let bytes = CStr::from_ptr(line).to_bytes().to_vec();
        libc::free(line.cast());
        Some(if bytes.is_empty() { Read::End } else { Read::Line(bytes) })
    }
}

/// `input(prompt)` by the line editor; nothing where it is not to be asked.
pub(super) fn input(prompt: Option<&Str>) -> Result<Option<Ref<Str>>, Raised> {
    // SAFETY: as in `read`.
    if unsafe { PyOS_ReadlineFunctionPointer }.is_none() {
        return Ok(None);
    }
    let prompt = match prompt {
        Some(prompt) => codecs::encode(prompt, None, None)?.as_slice().to_vec(),
        None => vec![],
    };
    match read(&prompt) {
        None => Ok(None),
        Some(Read::End) => Err(raise!(EOFError, "EOF when reading a line")),
        Some(Read::Interrupted) => {
            crate::system::blocking::check_signals()?;
            Err(raise!(KeyboardInterrupt, ""))
        }
        Some(Read::Line(line)) => {
            let line = line.strip_suffix(b"\n").unwrap_or(&line);
            codecs::fs_decode(line).map(Some)
        }
    }
}
