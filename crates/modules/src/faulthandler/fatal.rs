//! `Py_FatalError`: the end of a process in which compiled code found something that must not be.

use std::io::Write as _;

/// Prints what happened, where the threads are and which extensions there are, and aborts the process. `show` prints the exception that is
/// set, and says whether there is one: its traceback tells the place.
pub fn fatal(text: &str, show: impl FnOnce() -> bool) -> ! {
    report(format_args!("Fatal Python error: {text}\nPython runtime state: initialized\n"));
    if !show() {
        super::dump::dump_all(2);
    }
    super::dump::dump_extensions(2);
    // The report is written: the handlers of fatal signals have nothing to add.
    super::disable_now();
    std::process::abort();
}

/// Writes a line to the standard error, or nothing where there is none: `eprintln!` would panic.
fn report(line: std::fmt::Arguments) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
