//! An interpreter's life: from nothing to `__main__`, and to its end.
//!
//! Order: heap and types (`threads::start`), `sys` and `builtins`, the library's import machinery read from the library's own files,
//! the standard streams, `__main__`, `site`.

pub mod corruption;
pub mod finish;
pub mod interactive;
pub mod run;
mod source;
pub mod streams;

use habu_runtime::id;
use habu_runtime::object::protocol::{self, call_method};
use habu_runtime::object::{Object, PyType, Raised, Ref};
use habu_runtime::threads::start::{Started, start};
use habu_runtime::threads::{Config, Thread};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

/// Why an interpreter could not start.
pub enum StartError {
    /// There was no memory for it.
    NoMemory,
    /// A step failed with an exception, which is set; the step.
    Raised(&'static str, Raised),
}

/// Starts an interpreter with `sys`, `builtins` and the import machinery; without `site` and `__main__`'s program.
pub fn initialise(config: Config, memory: habu_heap::Config) -> Result<Started, StartError> {
    set_locale(&config);
    let Some(started) = start(config, memory) else { return Err(StartError::NoMemory) };
    let step = |name: &'static str, done: Result<(), Raised>| done.map_err(|raised| StartError::Raised(name, raised));
    step("initialising sys and builtins", first_modules())?;
    let frames = started.interpreter.config.trace_frames;
    if frames > 0 {
        step("starting tracemalloc", crate::tracemalloc::start(frames))?;
    }
    step("initialising importlib", import_machinery())?;
    step("initialising signals", crate::signal::initialise())?;
    step("initialising the standard streams", streams::open())?;
    if started.interpreter.config.faulthandler {
        step("initialising faulthandler", crate::faulthandler::enable_at_start())?;
    }
    step("initialising __main__", make_main_module())?;
    Ok(started)
}

/// Takes the encoding of text from the environment; where that is the C locale, one with UTF-8 is taken instead (PEP 538).
fn set_locale(config: &Config) {
    let set = |name: &std::ffi::CStr| {
        // SAFETY: the name is a C string; no other thread runs yet that could read the locale.
        unsafe { libc::setlocale(libc::LC_CTYPE, name.as_ptr()) }
    };
    set(c"");
    // A locale that there is not leaves the C locale in place.
    let is_c = locale_name() == c"C";
    let is_given = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let refused = config.flags.ignore_environment == 0
        && std::env::var_os("PYTHONCOERCECLOCALE").is_some_and(|value| value == "0");
    if !is_c || refused || config.flags.isolated != 0 || is_given("LC_ALL") {
        return;
    }
    for (name, text) in [(c"C.UTF-8", "C.UTF-8"), (c"C.utf8", "C.utf8"), (c"UTF-8", "UTF-8")] {
        if !set(name).is_null() {
            // SAFETY: no other thread runs yet that could read the environment.
            unsafe { std::env::set_var("LC_CTYPE", text) };
            return;
        }
    }
}

/// The locale of text.
fn locale_name() -> &'static std::ffi::CStr {
    // SAFETY: asking for the name changes nothing; it stays until the locale is set, which is done only at the start.
    unsafe {
        let name = libc::setlocale(libc::LC_CTYPE, std::ptr::null());
        if name.is_null() { c"C" } else { std::ffi::CStr::from_ptr(name) }
    }
}

/// Flags that the command line's program asks for again once the interpreter runs.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// `-q`
    pub quiet: bool,
    /// `-i`, PYTHONINSPECT: a prompt after the program.
    pub inspect: bool,
    /// `-i`: a prompt even without a terminal.
    pub interactive: bool,
}

/// What the configuration of the interpreter says about prompts.
pub fn flags() -> Asked {
    let flags = &Thread::current().interpreter().config.flags;
    Asked { quiet: flags.quiet != 0, inspect: flags.inspect != 0, interactive: flags.interactive != 0 }
}

/// Writes a line to the standard error, where nobody can be told that this failed.
pub fn complain(message: std::fmt::Arguments<'_>) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{message}");
}

fn first_modules() -> Result<(), Raised> {
    let interpreter = Thread::current().interpreter();
    interpreter.modules.set(Some(Dict::new()?));
    let builtins = crate::imp::create("builtins")?;
    interpreter.builtins.set(Some(builtins.dictionary()?));
    interpreter.builtins_copy.set(Some(builtins.namespace()?.copy()?));
    let sys = crate::imp::create("sys")?;
    interpreter.sys_dict.set(Some(sys.dictionary()?));
    habu_runtime::types::type_::ready::ready_static(crate::sys_::stderrprinter::StderrPrinter::static_type())?;
    let printer = crate::sys_::stderrprinter::StderrPrinter::over(2)?;
    crate::sys_::set("stderr", &printer)?;
    crate::sys_::set("__stderr__", &printer)?;
    if let Ok(digits) = usize::try_from(interpreter.config.flags.int_max_str_digits) {
        interpreter.int_max_str_digits.set(digits)?;
    }
    // What a second interpreter of the process would start from: contents of modules that are not made anew.
    let kept = Dict::new()?;
    kept.set_str("builtins", &*builtins.namespace()?.copy()?)?;
    kept.set_str("sys", &*sys.namespace()?.copy()?)?;
    interpreter.module_copies.set(Some(kept));
    Ok(())
}

/// Runs the library's `importlib._bootstrap` and `importlib._bootstrap_external`, as `_frozen_importlib` and
/// `_frozen_importlib_external`, and imports `zipimport`.
fn import_machinery() -> Result<(), Raised> {
    let interpreter = Thread::current().interpreter();
    let modules = habu_runtime::import::modules()?;
    let sys = modules.get_str("sys")?;
    let imp = crate::imp::create("_imp")?;
    let bootstrap = essential_module("_frozen_importlib")?;
    modules.set_str("_frozen_importlib", &bootstrap)?;
    interpreter.importlib.set(Some(bootstrap.to_ref()));
    if let Some(sys) = sys {
        call_method(&bootstrap, &*Str::intern("_install")?, &[&sys, &imp])?;
    }
    call_method(&bootstrap, &*Str::intern("_install_external_importers")?, &[])?;
    let zipimport = habu_runtime::import::import_module("zipimport")?;
    let importer = protocol::get_attribute_str(&zipimport, "zipimporter")?;
    if let Some(hooks) = crate::sys_::get("path_hooks")? {
        let first = habu_runtime::types::int::Int::from_i64(0)?;
        call_method(&hooks, &*Str::intern("insert")?, &[&first, &importer])?;
    }
    Ok(())
}

/// A module of the import machinery, made without it.
fn essential_module(name: &str) -> Result<Ref<Module>, Raised> {
    let Some(found) = crate::imp::frozen::FROZEN.iter().find(|module| module.name == name) else {
        return Err(habu_runtime::raise!(ImportError, "No such frozen object named {name}"));
    };
    let module = Module::new(name)?;
    crate::imp::run_frozen(found, &module)?;
    Ok(module)
}

fn make_main_module() -> Result<(), Raised> {
    let main = Module::new("__main__")?;
    let dict = main.dictionary()?;
    let builtins = habu_runtime::import::modules()?.get_str("builtins")?;
    if let Some(builtins) = &builtins {
        dict.set(id!(__builtins__), builtins)?;
    }
    dict.set(id!(__annotations__), &*Dict::new()?)?;
    // Until a program in a file or a module names another.
    if let Some(importlib) = Thread::current().interpreter().importlib.get() {
        dict.set(id!(__loader__), &*protocol::get_attribute_str(&importlib, "BuiltinImporter")?)?;
    }
    habu_runtime::import::modules()?.set_str("__main__", &main)
}

/// Imports `site`, unless `-S` forbids it.
pub fn import_site() -> Result<(), Raised> {
    let config = &Thread::current().interpreter().config;
    if !config.warn_options.is_empty() {
        // The filters that were asked for are in place before anything else is imported; what is wrong with them is printed.
        habu_runtime::import::import_module("warnings")?;
    }
    if config.flags.no_site != 0 {
        return Ok(());
    }
    habu_runtime::import::import_module("site").map(drop)
}

/// The module `__main__`.
pub fn main_module() -> Result<Ref<Module>, Raised> {
    let main = habu_runtime::import::modules()?.get_str("__main__")?;
    match main.map(Ref::downcast_into::<Module>) {
        Some(Ok(main)) => Ok(main),
        _ => Err(habu_runtime::raise!(RuntimeError, "lost __main__")),
    }
}

/// Calls a function of a module of the library.
pub fn call_library(module: &str, function: &str, arguments: &[&Object]) -> Result<Ref, Raised> {
    let module = habu_runtime::import::import_module(module)?;
    protocol::call(&*protocol::get_attribute_str(&module, function)?, arguments)
}
