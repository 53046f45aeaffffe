//! Running a program: a script, a command, a module, a folder, the standard input.

use std::path::Path;

use habu_runtime::eval;
use habu_runtime::id;
use habu_runtime::object::protocol;
use habu_runtime::object::{Raised, Ref};
use habu_runtime::threads::Thread;
use habu_runtime::types::boolean;
use habu_runtime::types::code::Code;
use habu_runtime::types::list::List;
use habu_runtime::types::str::Str;

use crate::compiling::{Source, compile_to_run};

/// What is to be run.
pub enum Program {
    /// `-c command`
    Command(String),
    /// `-m module`
    Module(String),
    /// A file, or a folder or archive with `__main__`.
    File(String),
    /// The standard input, read to its end.
    Input,
}

/// Runs a program in `__main__`.
pub fn run(program: &Program) -> Result<(), Raised> {
    match program {
        Program::Command(text) => {
            let source = Source::Text(habu_heap::Buffer::from_slice(text.as_bytes())?);
            run_source(&source, "<string>")
        }
        Program::Module(name) => run_module(name, true),
        Program::File(path) => run_file(path),
        Program::Input => {
            let mut bytes = vec![];
            if let Err(error) = std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes) {
                return Err(habu_runtime::raise!(OSError, "{error}"));
            }
            run_source(&Source::Bytes(habu_heap::Buffer::from_slice(&bytes)?), "<stdin>")
        }
    }
}

fn run_source(source: &Source, filename: &str) -> Result<(), Raised> {
    let (code, _literals) = compile_to_run(source, filename, habu_compiler::Mode::Exec)?;
    run_main(&code)
}

fn run_main(code: &Code) -> Result<(), Raised> {
    let dict = super::main_module()?.dictionary()?;
    eval::run_module_code(code, dict).map(drop)
}

/// `runpy._run_module_as_main(name, alter_argv)`
fn run_module(name: &str, alter_argv: bool) -> Result<(), Raised> {
    let name = Str::new(name)?;
    super::call_library("runpy", "_run_module_as_main", &[&name, &boolean(alter_argv)]).map(drop)
}

/// Puts a folder at the head of `sys.path`.
pub fn prepend_path(folder: &str) -> Result<(), Raised> {
    let Some(path) = crate::sys_::get("path")? else { return Ok(()) };
    let Some(path) = path.downcast::<List>() else { return Ok(()) };
    let zero = habu_runtime::types::int::Int::from_i64(0)?;
    protocol::call_method(path, &*Str::intern("insert")?, &[&zero, &*Str::new(folder)?]).map(drop)
}

fn run_file(path: &str) -> Result<(), Raised> {
    if runs_as_folder(path)? {
        prepend_path(path)?;
        return run_module("__main__", false);
    }
    let main = super::main_module()?;
    let dict = main.namespace()?;
    let name: Ref<Str> = Str::new(path)?;
    dict.set(id!(__file__), &name)?;
    dict.set_str("__cached__", &habu_runtime::types::none())?;
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let code = error.raw_os_error().unwrap_or(0);
            return Err(habu_runtime::exceptions::raise_os_error(code, Some(&name)));
        }
    };
    let loader = if path.ends_with(".pyc") { "SourcelessFileLoader" } else { "SourceFileLoader" };
    let loader = loader_of(loader, path)?;
    dict.set(id!(__loader__), &loader)?;
    match path.ends_with(".pyc") {
        true => run_compiled(&bytes),
        false => {
            crate::compiling::check_file(&bytes, path)?;
            run_source(&Source::Bytes(habu_heap::Buffer::from_slice(&bytes)?), path)
        }
    }
}

fn loader_of(class: &str, path: &str) -> Result<Ref, Raised> {
    let external = habu_runtime::import::import_module("_frozen_importlib_external")?;
    let class = protocol::get_attribute_str(&external, class)?;
    protocol::call(&class, &[&*Str::intern("__main__")?, &*Str::new(path)?])
}

/// Runs a `.pyc` file.
fn run_compiled(bytes: &[u8]) -> Result<(), Raised> {
    let Ok((_, data)) = habu_bytecode::pyc::Header::parse(bytes) else {
        return Err(habu_runtime::raise!(RuntimeError, "Bad magic number in .pyc file"));
    };
    let code = crate::marshal_::reading::loads(data)?;
    match code.downcast::<Code>() {
        Some(code) => run_main(code),
        None => Err(habu_runtime::raise!(RuntimeError, "Bad code object in .pyc file")),
    }
}

/// Whether a path is a folder or an archive that has a `__main__`.
fn runs_as_folder(path: &str) -> Result<bool, Raised> {
    let place = Path::new(path);
    if place.is_dir() {
        return Ok(true);
    }
    let is_archive = std::fs::File::open(place)
        .and_then(|mut file| {
            let mut magic = [0; 4];
            std::io::Read::read_exact(&mut file, &mut magic).map(|()| magic)
        })
        .is_ok_and(|magic| magic == *b"PK\x03\x04");
    Ok(is_archive)
}

/// Whether the program may go on asking at a prompt afterwards.
pub fn wants_inspection() -> bool {
    Thread::current().interpreter().config.flags.inspect != 0
}
