//! An interpreter's life: from nothing to `__main__`, and to its end.
//!
//! Order: heap and types (`threads::start`), `sys` and `builtins`, the library's import machinery read from the library's own files,
//! the standard streams, `__main__`, `site`.

pub mod finish;
pub mod run;
pub mod streams;

use habu_runtime::object::protocol::{self, call_method};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::threads::start::{Started, start};
use habu_runtime::threads::{Config, Thread};
use habu_runtime::types::code::Code;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_runtime::{eval, id};

use crate::compiling::{Source, compile_with};

/// Why an interpreter could not start.
pub enum StartError {
    /// There was no memory for it.
    NoMemory,
    /// A step failed with an exception, which is set; the step.
    Raised(&'static str, Raised),
}

/// Starts an interpreter with `sys`, `builtins` and the import machinery; without `site` and `__main__`'s program.
pub fn initialise(config: Config, memory: habu_heap::Config) -> Result<Started, StartError> {
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
    step("initialising __main__", make_main_module())?;
    Ok(started)
}

fn first_modules() -> Result<(), Raised> {
    let interpreter = Thread::current().interpreter();
    interpreter.modules.set(Some(Dict::new()?));
    let builtins = crate::imp::create("builtins")?;
    interpreter.builtins.set(Some(builtins.dictionary()?));
    interpreter.builtins_copy.set(Some(builtins.namespace()?.copy()?));
    let sys = crate::imp::create("sys")?;
    interpreter.sys_dict.set(Some(sys.dictionary()?));
    // What a second interpreter of the process would start from: contents of modules that are not made anew.
    let kept = Dict::new()?;
    kept.set_str("builtins", &*builtins.namespace()?.copy()?)?;
    kept.set_str("sys", &*sys.namespace()?.copy()?)?;
    interpreter.module_copies.set(Some(kept));
    Ok(())
}

/// Reads `importlib/_bootstrap.py` and `_bootstrap_external.py` of the library, as `_frozen_importlib` and
/// `_frozen_importlib_external`.
fn import_machinery() -> Result<(), Raised> {
    let interpreter = Thread::current().interpreter();
    let modules = habu_runtime::import::modules()?;
    let sys = modules.get_str("sys")?;
    let imp = crate::imp::create("_imp")?;
    let bootstrap = library_module("_frozen_importlib", "importlib/_bootstrap.py")?;
    modules.set_str("_frozen_importlib", &bootstrap)?;
    interpreter.importlib.set(Some(bootstrap.to_ref()));
    if let Some(sys) = sys {
        call_method(&bootstrap, &*Str::intern("_install")?, &[&sys, &imp])?;
    }
    let external = library_module("_frozen_importlib_external", "importlib/_bootstrap_external.py")?;
    modules.set_str("_frozen_importlib_external", &external)?;
    // What `_install_external_importers` does, but for the import of a frozen module, which is there already.
    bootstrap.set("_bootstrap_external", &external)?;
    call_method(&external, &*Str::intern("_install")?, &[&bootstrap])?;
    Ok(())
}

/// A module made of a file of the library, without the import machinery.
fn library_module(name: &str, file: &str) -> Result<Ref<Module>, Raised> {
    let interpreter = Thread::current().interpreter();
    let path = interpreter.config.library.join(file);
    let shown = format!("<frozen {}>", file.trim_end_matches(".py").replace('/', "."));
    let source = match std::fs::read(&path) {
        Ok(source) => source,
        Err(error) => {
            return Err(habu_runtime::raise!(ImportError, "cannot read {}: {error}", path.display()));
        }
    };
    let source = Source::Bytes(habu_heap::Buffer::from_slice(&source)?);
    let code: Ref<Code> = compile_with(&source, &shown, habu_compiler::Mode::Exec, 0, -1)?;
    let module = Module::new(name)?;
    let dict = module.dictionary()?;
    dict.set(id!(__builtins__), &*eval::builtins())?;
    eval::run_code(&code, &dict, &dict)?;
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
    habu_runtime::import::modules()?.set_str("__main__", &main)
}

/// Imports `site`, unless `-S` forbids it.
pub fn import_site() -> Result<(), Raised> {
    if Thread::current().interpreter().config.flags.no_site != 0 {
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
