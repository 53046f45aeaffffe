//! The end of a process whose memory is damaged: what the debug layer found, and where the program was.
//!
//! Nothing here allocates from the heap. CPython's counterpart is `_PyObject_DebugDumpAddress` and what `Py_FatalError` prints.

use std::fmt::Write as _;

use habu_heap::Corruption;
use habu_runtime::threads::Thread;

/// Prints what was found and where the current thread is, and aborts the process.
pub fn report(corruption: &Corruption) {
    let mut text = habu_heap::debug::describe(corruption);
    // CPython names both domains.
    let what = match (corruption.what.strip_prefix("bad ID, "), corruption.letter()) {
        (Some(rest), Some(letter)) => format!("bad ID: Allocated using API '{}', {rest}", char::from(letter)),
        _ => corruption.what.to_owned(),
    };
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\nEnable tracemalloc to get the memory block allocation traceback\n\n\
         Fatal Python error: _PyMem_DebugRawFree: {}\nPython runtime state: initialized\n",
        what
    );
    if Thread::is_attached() {
        // SAFETY: asking for the thread's number touches no memory.
        let _ = write!(text, "\nCurrent thread {:#018x} (most recent call first):\n", unsafe { libc::pthread_self() });
        habu_runtime::eval::for_each_place(|file, line, name| {
            let _ = writeln!(text, "  File \"{file}\", line {line} in {name}");
        });
    }
    eprint!("{text}");
    std::process::abort();
}
