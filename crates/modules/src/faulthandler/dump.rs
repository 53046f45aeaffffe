//! Tracebacks written by system calls alone, so that they can come from the handler of a fatal signal.
//!
//! Nothing here allocates, takes a lock, or changes a count. What it reads may be half changed when the process is broken, so every
//! pointer is checked for null and every chain has a limit.

use std::sync::atomic::Ordering;

use habu_runtime::eval::frame::Frame;
use habu_runtime::threads::start::main_interpreter;
use habu_runtime::threads::{Interpreter, Thread};
use habu_runtime::types::module::Module;
use habu_runtime::types::set::SetCore;
use habu_runtime::types::str::Str;

/// The most threads that are shown.
const THREADS: usize = 100;
/// The most frames that are shown.
const FRAMES: usize = 100;
/// The most characters of a text that are shown.
const CHARACTERS: usize = 500;

/// Writes bytes, all of them where it can.
pub(super) fn write(fd: i32, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        // SAFETY: so many bytes are there.
        let count = unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) };
        match usize::try_from(count) {
            Ok(count) if count > 0 => bytes = bytes.get(count..).unwrap_or(&[]),
            _ => return,
        }
    }
}

/// Writes a number with at least `width` digits of the base.
pub(super) fn write_number(fd: i32, mut value: u64, base: u64, width: usize) {
    let mut digits = [b'0'; 24];
    let mut at = digits.len();
    while at > 0 && (value > 0 || digits.len() - at < width.max(1)) {
        at -= 1;
        digits[at] = b"0123456789abcdef"[(value % base) as usize];
        value /= base;
    }
    write(fd, &digits[at..]);
}

/// Writes a text in ASCII, with escapes for the rest.
fn write_text(fd: i32, text: &Str) {
    for (index, code) in text.chars().iter().enumerate() {
        if index == CHARACTERS {
            write(fd, b"...");
            return;
        }
        match code {
            0x20..=0x7e => write(fd, &[code as u8]),
            0..=0xff => {
                write(fd, b"\\x");
                write_number(fd, code.into(), 16, 2);
            }
            0x100..=0xffff => {
                write(fd, b"\\u");
                write_number(fd, code.into(), 16, 4);
            }
            _ => {
                write(fd, b"\\U");
                write_number(fd, code.into(), 16, 8);
            }
        }
    }
}

/// Writes one frame.
///
/// # Safety
/// The frame is one of a thread, or was a moment ago.
unsafe fn write_frame(fd: i32, frame: &Frame) {
    let code = frame.code();
    write(fd, b"  File ");
    // SAFETY: the names of a code object do not change while this looks at them.
    let (file, name) = unsafe { (code.filename.borrow(), code.name.borrow()) };
    match file {
        Some(file) => {
            write(fd, b"\"");
            write_text(fd, file);
            write(fd, b"\"");
        }
        None => write(fd, b"???"),
    }
    write(fd, b", line ");
    match frame.line() {
        Some(line) if line >= 0 => write_number(fd, line as u64, 10, 1),
        _ => write(fd, b"???"),
    }
    write(fd, b" in ");
    match name {
        Some(name) => write_text(fd, name),
        None => write(fd, b"???"),
    }
    write(fd, b"\n");
}

/// Writes the traceback of a thread.
///
/// # Safety
/// The thread is alive.
unsafe fn dump(fd: i32, thread: &Thread) {
    let mut frame = thread.frame().get();
    if frame.is_null() {
        write(fd, b"  <no Python frame>\n");
        return;
    }
    for depth in 0.. {
        if frame.is_null() {
            return;
        }
        if depth == FRAMES {
            write(fd, b"  ...\n");
            return;
        }
        // SAFETY: by the contract; the chain of a thread's frames ends by null.
        let shown = unsafe { &*frame };
        if shown.code.is_null() {
            return;
        }
        if !shown.is_incomplete() {
            // SAFETY: as above.
            unsafe { write_frame(fd, shown) };
        }
        frame = shown.previous;
    }
}

/// Writes the traceback of the thread that runs this, where it runs Python.
pub(super) fn dump_current(fd: i32) {
    write(fd, b"Stack (most recent call first):\n");
    if Thread::is_attached() {
        // SAFETY: the current thread is alive.
        unsafe { dump(fd, Thread::current()) };
    } else {
        write(fd, b"  <no Python frame>\n");
    }
}

/// The interpreter whose threads and modules are shown.
fn interpreter() -> Option<&'static Interpreter> {
    // SAFETY: interpreters are never freed.
    unsafe { super::INTERPRETER.load(Ordering::Acquire).as_ref() }.or_else(main_interpreter)
}

/// Writes the tracebacks of all threads of the main interpreter, the newest first; of the one that runs this alone while threads start or end.
pub(super) fn dump_all(fd: i32) {
    let Some(interpreter) = interpreter() else { return dump_current(fd) };
    // SAFETY: a plain call.
    let own = unsafe { libc::pthread_self() };
    let mut shown = 0;
    let listed = interpreter.threads.look(|thread| {
        shown += 1;
        match shown {
            1 => {}
            2..=THREADS => write(fd, b"\n"),
            _ => {
                if shown == THREADS + 1 {
                    write(fd, b"...\n");
                }
                return;
            }
        }
        let system_thread = thread.thread_id.get();
        let current = system_thread == own;
        write(fd, if current { b"Current thread 0x" } else { b"Thread 0x" });
        write_number(fd, system_thread, 16, 16);
        write(fd, b" (most recent call first):\n");
        if current && interpreter.gc.collecting.get() {
            write(fd, b"  Garbage-collecting\n");
        }
        // SAFETY: the thread is alive while it is listed. Its frames may change while they are read, as in CPython.
        unsafe { dump(fd, thread) };
    });
    if !listed {
        dump_current(fd);
    }
}

/// Writes the names of compiled modules that were imported, but for those that `sys.stdlib_module_names` has.
pub(super) fn dump_extensions(fd: i32) {
    let Some(interpreter) = interpreter() else { return };
    // SAFETY: the process ends: its dictionaries stay as they are, or are read half changed as in CPython.
    let (Some(modules), Some(sys)) = (unsafe { (interpreter.modules.borrow(), interpreter.sys_dict.borrow()) }) else {
        return;
    };
    let mut library = None;
    let _ = sys.for_each_borrowed(|key, value| {
        if key.downcast::<Str>().is_some_and(|key| key.equals("stdlib_module_names")) {
            library = SetCore::of(value);
        }
        Ok(())
    });
    let mut count = 0u64;
    let _ = modules.for_each_borrowed(|key, value| {
        let (Some(name), Some(module)) = (key.downcast::<Str>(), value.downcast::<Module>()) else { return Ok(()) };
        let built_in = || crate::BUILTIN_MODULES.iter().any(|known| name.equals(known.name));
        if module.definition.get().is_null() && !built_in() {
            return Ok(());
        }
        // Names are exact strings, so that looking runs no Python code.
        let of_library = library.is_some_and(|library| {
            library.contains(name).unwrap_or_else(|raised| {
                raised.clear();
                false
            })
        });
        if !of_library {
            write(fd, if count == 0 { b"\nExtension modules: " } else { b", " });
            write_text(fd, name);
            count += 1;
        }
        Ok(())
    });
    if count > 0 {
        write(fd, b" (total: ");
        write_number(fd, count, 10, 1);
        write(fd, b")\n");
    }
}
