//! `Py_FatalError`: the end of a process in which compiled code found something that must not be.

use std::io::Write as _;

use habu_runtime::object::Raised;
use habu_runtime::object::protocol::sequence::contains;
use habu_runtime::threads::Thread;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

/// Prints what happened, where the current thread is and which extensions there are, and aborts the process. `show` prints the exception that is
/// set, and says whether there is one: its traceback tells the place.
pub fn fatal(text: &str, show: impl FnOnce() -> bool) -> ! {
    report(format_args!("Fatal Python error: {text}\nPython runtime state: initialized\n"));
    if !show() {
        super::dump::dump_current(2);
    }
    if Thread::is_attached() {
        match extensions() {
            Ok(names) if !names.is_empty() => {
                report(format_args!("\nExtension modules: {} (total: {})", names.join(", "), names.len()));
            }
            Ok(_) => {}
            Err(raised) => raised.clear(),
        }
    }
    // The report is written: the handlers of fatal signals have nothing to add.
    super::disable_now();
    std::process::abort();
}

/// Writes a line to the standard error, or nothing where there is none: `eprintln!` would panic.
fn report(line: std::fmt::Arguments) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The compiled modules that were imported from files, those of the standard library left out.
fn extensions() -> Result<Vec<String>, Raised> {
    let library = crate::system::sys_attribute("stdlib_module_names")?;
    let modules = habu_runtime::import::modules()?;
    let (mut names, mut at) = (vec![], 0);
    while let Some((name, module)) = modules.next_item(&mut at) {
        let (Some(text), Some(module)) = (name.downcast::<Str>(), module.downcast::<Module>()) else { continue };
        let Some(file) = module.dictionary()?.get_str("__file__")? else { continue };
        if !file.downcast::<Str>().is_some_and(|file| file.to_string_lossy().ends_with(".so")) {
            continue;
        }
        match &library {
            Some(library) if contains(library, &name)? => {}
            _ => names.push(text.to_string_lossy()),
        }
    }
    Ok(names)
}
