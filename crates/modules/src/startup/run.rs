//! Running a program: a script, a command, a module, a folder, the standard input.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use habu_runtime::eval;
use habu_runtime::exceptions::exc;
use habu_runtime::id;
use habu_runtime::object::protocol;
use habu_runtime::object::{Raised, Ref};
use habu_runtime::threads::Thread;
use habu_runtime::types::boolean;
use habu_runtime::types::code::Code;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::str::Str;

use super::source::of_program;
use crate::compiling::{Source, compile_to_run};
use crate::system::text::decode;

/// What is to be run.
pub enum Program {
    /// `-c command`
    Command(OsString),
    /// `-m module`
    Module(String),
    /// A file, or a folder or archive with `__main__`; the path is absolute.
    File(OsString),
    /// The standard input, read to its end.
    Input,
}

/// Runs a program in `__main__`. With `skip_first` (`-x`) the first line of a file counts as empty.
pub fn run(program: &Program, skip_first: bool) -> Result<(), Raised> {
    match program {
        Program::Command(text) => run_command(text),
        Program::Module(name) => run_module(name, true),
        Program::File(path) => run_file(path, skip_first),
        Program::Input => {
            let mut bytes = vec![];
            if let Err(error) = std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes) {
                return Err(habu_runtime::raise!(OSError, "{error}"));
            }
            let main = super::main_module()?;
            let dict = main.namespace()?;
            dict.set(id!(__file__), &*Str::new("<stdin>")?)?;
            dict.set_str("__cached__", &habu_runtime::types::none())?;
            let result = of_program(&bytes, "<stdin>", skip_first).and_then(|source| run_source(&source, "<stdin>"));
            super::finish::flush_after_file();
            result.and_then(|()| forget_file(dict))
        }
    }
}

/// Runs the text of `-c`.
fn run_command(text: &OsStr) -> Result<(), Raised> {
    let Some(text) = text.to_str() else {
        super::complain(format_args!("Unable to decode the command from the command line:"));
        let text = decode(text.as_bytes())?;
        text.keep_utf8()?;
        return Ok(());
    };
    run_source(&Source::Text(habu_heap::Buffer::from_slice(text.as_bytes())?), "<string>")
}

/// Runs the file of PYTHONSTARTUP.
pub fn run_startup(bytes: &[u8], path: &str) -> Result<(), Raised> {
    let dict = super::main_module()?.dictionary()?;
    dict.set(id!(__file__), &*Str::new(path)?)?;
    dict.set_str("__cached__", &habu_runtime::types::none())?;
    let result = of_program(bytes, path, false).and_then(|source| run_source(&source, path));
    result.and_then(|()| forget_file(&dict))
}

/// After a program `__main__` has no file any more: what is typed at a prompt comes from none.
fn forget_file(dict: &Dict) -> Result<(), Raised> {
    for name in ["__file__", "__cached__"] {
        dict.remove(&*Str::intern(name)?)?;
    }
    Ok(())
}

fn run_source(source: &Source, filename: &str) -> Result<(), Raised> {
    let (code, _literals) =
        compile_to_run(source, filename, habu_compiler::Mode::Exec).map_err(|raised| without_place(raised, source))?;
    run_main(&code)
}

/// The error of a file whose bytes could not be decoded names the encoding alone.
fn without_place(raised: Raised, source: &Source) -> Raised {
    use habu_runtime::exceptions::exc;
    let Source::Bytes(bytes) = source else { return raised };
    let Some(error) = Thread::current().exception().filter(|error| error.ty().is(exc::SyntaxError())) else {
        return raised;
    };
    let is_decoding = protocol::get_attribute_str(&error, "lineno")
        .map(|line| line.downcast::<habu_runtime::types::int::Int>().is_some_and(|line| line.to_i64() == Some(0)));
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match (is_decoding, habu_compiler::parse::declaration(text)) {
        (Ok(true), Some(name)) => {
            let text = protocol::get_attribute_str(&error, "msg").and_then(|text| protocol::str(&text));
            raised.clear();
            match text {
                Ok(text) if text.to_string_lossy().ends_with("with BOM") => {
                    habu_runtime::raise!(SyntaxError, "{text}")
                }
                Ok(_) => habu_runtime::raise!(SyntaxError, "encoding problem: {name}"),
                Err(raised) => raised,
            }
        }
        (Err(other), _) => other,
        _ => raised,
    }
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
pub fn prepend_path(folder: &OsStr) -> Result<(), Raised> {
    let Some(path) = crate::sys_::get("path")? else { return Ok(()) };
    let Some(path) = path.downcast::<List>() else { return Ok(()) };
    let zero = habu_runtime::types::int::Int::from_i64(0)?;
    protocol::call_method(path, &*Str::intern("insert")?, &[&zero, &*decode(folder.as_bytes())?]).map(drop)
}

/// Whether `sys.path_hooks` have an importer for a path: a folder, or an archive, that may have a `__main__`.
pub fn has_importer(path: &OsStr) -> Result<bool, Raised> {
    let Some(hooks) = crate::sys_::get("path_hooks")? else { return Ok(false) };
    let hooks = protocol::to_list(&hooks)?;
    let path = decode(path.as_bytes())?;
    let mut index = 0;
    while let Some(hook) = hooks.get(index) {
        index += 1;
        match protocol::call(&hook, &[&path]) {
            Ok(_) => return Ok(true),
            Err(raised) if Thread::current().exception().is_some_and(|error| error.is_a(exc::ImportError())) => {
                raised.clear();
            }
            Err(raised) => return Err(raised),
        }
    }
    Ok(false)
}

fn run_file(path: &OsStr, skip_first: bool) -> Result<(), Raised> {
    if has_importer(path)? {
        prepend_path(path)?;
        return run_module("__main__", false);
    }
    let main = super::main_module()?;
    let dict = main.namespace()?;
    let name = decode(path.as_bytes())?;
    dict.set(id!(__file__), &name)?;
    dict.set_str("__cached__", &habu_runtime::types::none())?;
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let code = error.raw_os_error().unwrap_or(0);
            return Err(habu_runtime::exceptions::raise_os_error(code, Some(&name)));
        }
    };
    let is_compiled = path.as_bytes().ends_with(b".pyc");
    let loader = if is_compiled { "SourcelessFileLoader" } else { "SourceFileLoader" };
    let loader = loader_of(loader, &name)?;
    dict.set(id!(__loader__), &loader)?;
    let result = match is_compiled {
        true => run_compiled(&bytes),
        false => run_source_file(&bytes, path, &name, skip_first),
    };
    super::finish::flush_after_file();
    result.and_then(|()| forget_file(dict))
}

/// Runs a file's source. The compiler takes names that are text: another is given to the code afterwards.
fn run_source_file(bytes: &[u8], path: &OsStr, name: &Str, skip_first: bool) -> Result<(), Raised> {
    let shown = path.to_string_lossy();
    let source = of_program(bytes, &shown, skip_first)?;
    let (code, _literals) =
        compile_to_run(&source, &shown, habu_compiler::Mode::Exec).map_err(|raised| without_place(raised, &source))?;
    if path.to_str().is_none() {
        code.set_filename(name)?;
    }
    run_main(&code)
}

fn loader_of(class: &str, path: &Str) -> Result<Ref, Raised> {
    let external = habu_runtime::import::import_module("_frozen_importlib_external")?;
    let class = protocol::get_attribute_str(&external, class)?;
    protocol::call(&class, &[&*Str::intern("__main__")?, path])
}

/// Runs a `.pyc` file.
fn run_compiled(bytes: &[u8]) -> Result<(), Raised> {
    let Ok((_, data)) = habu_bytecode::pyc::Header::parse(bytes) else {
        if bytes.len() < 16 && bytes.starts_with(&habu_bytecode::pyc::MAGIC) {
            return Err(habu_runtime::raise!(EOFError, "EOF read where not expected"));
        }
        return Err(habu_runtime::raise!(RuntimeError, "Bad magic number in .pyc file"));
    };
    let code = match crate::marshal_::reading::loads(data) {
        Ok(code) => Some(code),
        Err(raised) => {
            raised.clear();
            None
        }
    };
    match code.as_ref().and_then(|code| code.downcast::<Code>()) {
        Some(code) => run_main(code),
        None => Err(habu_runtime::raise!(RuntimeError, "Bad code object in .pyc file")),
    }
}

/// The folder or archive that a path is, for `sys.path`.
pub fn is_folder(path: &str) -> bool {
    Path::new(path).is_dir()
}
