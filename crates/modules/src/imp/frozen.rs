//! Frozen modules: those that CPython 3.11 carries in itself, so that importing them asks the file system for nothing but their code.
//!
//! Here their code comes from the library: from the `.pyc` beside the source where that is up to date, else from the source. The names, the
//! files and what `_imp.find_frozen` tells of them are CPython's (`frozen.c`).

use std::path::{Path, PathBuf};

use habu_bytecode::pyc::Header;
use habu_runtime::object::{Raised, Ref};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::code::Code;
use habu_runtime::types::str::Str;

use crate::compiling::{Source, compile_with};

/// A frozen module.
pub struct Frozen {
    /// The name that it is imported by.
    pub name: &'static str,
    /// The module that the code was written for, as `find_frozen` tells it: `<` marks the module of a package that is imported by another name.
    pub origin: Option<&'static str>,
    /// The source, below the library's folder.
    file: &'static str,
    /// Whether it is a package.
    pub is_package: bool,
    /// Whether it stays when frozen modules are switched off: the import machinery itself.
    is_essential: bool,
}

const fn module(name: &'static str, origin: &'static str, file: &'static str) -> Frozen {
    Frozen { name, origin: Some(origin), file, is_package: false, is_essential: false }
}

const fn package(name: &'static str, origin: &'static str, file: &'static str) -> Frozen {
    Frozen { name, origin: Some(origin), file, is_package: true, is_essential: false }
}

const fn essential(name: &'static str, origin: &'static str, file: &'static str) -> Frozen {
    Frozen { name, origin: Some(origin), file, is_package: false, is_essential: true }
}

/// The modules, in CPython's order.
pub static FROZEN: &[Frozen] = &[
    essential("_frozen_importlib", "importlib._bootstrap", "importlib/_bootstrap.py"),
    essential("_frozen_importlib_external", "importlib._bootstrap_external", "importlib/_bootstrap_external.py"),
    essential("zipimport", "zipimport", "zipimport.py"),
    module("abc", "abc", "abc.py"),
    module("codecs", "codecs", "codecs.py"),
    module("io", "io", "io.py"),
    module("_collections_abc", "_collections_abc", "_collections_abc.py"),
    module("_sitebuiltins", "_sitebuiltins", "_sitebuiltins.py"),
    module("genericpath", "genericpath", "genericpath.py"),
    module("ntpath", "ntpath", "ntpath.py"),
    module("posixpath", "posixpath", "posixpath.py"),
    module("os.path", "posixpath", "posixpath.py"),
    module("os", "os", "os.py"),
    module("site", "site", "site.py"),
    module("stat", "stat", "stat.py"),
    module("importlib.util", "importlib.util", "importlib/util.py"),
    module("importlib.machinery", "importlib.machinery", "importlib/machinery.py"),
    module("runpy", "runpy", "runpy.py"),
    module("__hello__", "__hello__", "__hello__.py"),
    module("__hello_alias__", "__hello__", "__hello__.py"),
    package("__phello_alias__", "__hello__", "__hello__.py"),
    module("__phello_alias__.spam", "__hello__", "__hello__.py"),
    package("__phello__", "__phello__", "__phello__/__init__.py"),
    module("__phello__.__init__", "<__phello__", "__phello__/__init__.py"),
    package("__phello__.ham", "__phello__.ham", "__phello__/ham/__init__.py"),
    module("__phello__.ham.__init__", "<__phello__.ham", "__phello__/ham/__init__.py"),
    module("__phello__.ham.eggs", "__phello__.ham.eggs", "__phello__/ham/eggs.py"),
    module("__phello__.spam", "__phello__.spam", "__phello__/spam.py"),
];

/// The module of this name, if it may be used.
pub fn find(name: &Str) -> Option<&'static Frozen> {
    let found = FROZEN.iter().find(|module| name.equals(module.name))?;
    let allowed = found.is_essential || is_switched_on();
    (allowed && found.path().is_file()).then_some(found)
}

/// Whether frozen modules are used: what tests said last, else `-X frozen_modules`.
fn is_switched_on() -> bool {
    let interpreter = Thread::current().interpreter();
    match interpreter.frozen_modules.get() {
        0 => {
            let option = interpreter.config.x_options.iter().rev().find(|(name, _)| name == "frozen_modules");
            option.is_none_or(|(_, value)| value.as_deref() != Some("off"))
        }
        chosen => chosen > 0,
    }
}

impl Frozen {
    fn path(&self) -> PathBuf {
        Thread::current().interpreter().config.library.join(self.file)
    }

    /// The code, whose file names are those of frozen modules.
    pub fn code(&self) -> Result<Ref<Code>, Raised> {
        let path = self.path();
        let shown = match self.origin {
            Some(origin) => format!("<frozen {}>", origin.trim_start_matches('<')),
            None => format!("<frozen {}>", self.name),
        };
        if let Some(code) = habu_runtime::gc::state::uncounted(|| compiled(&path))? {
            code.set_filename(&*Str::new(&shown)?)?;
            return Ok(code);
        }
        let source = match std::fs::read(&path) {
            Ok(source) => source,
            Err(error) => return Err(raise!(ImportError, "cannot read {}: {error}", path.display())),
        };
        let source = Source::Bytes(habu_heap::Buffer::from_slice(&source)?);
        compile_with(&source, &shown, habu_compiler::Mode::Exec, 0, 0)
    }
}

/// The code in the `.pyc` of a source, if there is one that belongs to it; what is broken there is as if it were not.
fn compiled(source: &Path) -> Result<Option<Ref<Code>>, Raised> {
    let (Some(folder), Some(stem)) = (source.parent(), source.file_stem()) else { return Ok(None) };
    let mut name = stem.to_os_string();
    name.push(".cpython-311.pyc");
    let Ok(data) = std::fs::read(folder.join("__pycache__").join(name)) else { return Ok(None) };
    let Ok((Header::Timestamp { mtime, size }, marshalled)) = Header::parse(&data) else { return Ok(None) };
    let Ok(facts) = std::fs::metadata(source) else { return Ok(None) };
    let modified = std::os::unix::fs::MetadataExt::mtime(&facts) as u32;
    if modified != mtime || facts.len() as u32 != size {
        return Ok(None);
    }
    match crate::marshal_::reading::loads(marshalled) {
        Ok(code) => Ok(code.downcast_into::<Code>().ok()),
        Err(raised) => {
            raised.clear();
            Ok(None)
        }
    }
}
