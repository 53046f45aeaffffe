//! Where things are: the program itself, the 3.11 library, `sys.path` before `site`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use habu_runtime::threads::Config;

use crate::options::variable;

/// The program's own file.
pub(crate) fn executable() -> PathBuf {
    // By the name that it was called by, since a virtual environment has a link to it.
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let found = if called.components().count() > 1 {
        std::path::absolute(&called).ok()
    } else {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).map(|folder| folder.join(&called)).find(|file| file.is_file())
    };
    found.filter(|file| file.is_file()).or_else(|| std::env::current_exe().ok()).unwrap_or_default()
}

/// The system's words for an error number.
pub(crate) fn error_text(number: i32) -> String {
    let text = std::io::Error::from_raw_os_error(number).to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

/// A path from the root; other than by resolving links, which CPython does not do here.
pub(crate) fn absolute(file: &OsStr) -> OsString {
    if file.as_bytes().starts_with(b"/") {
        return file.to_owned();
    }
    match std::env::current_dir().map(PathBuf::into_os_string) {
        Ok(mut folder) if !file.is_empty() && file != "." => {
            if !folder.as_bytes().ends_with(b"/") {
                folder.push("/");
            }
            folder.push(file);
            folder
        }
        Ok(folder) => folder,
        Err(_) => file.to_owned(),
    }
}

/// Whether the locale is C or POSIX, by its own name.
pub(crate) fn is_c_locale() -> bool {
    let name =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    matches!(name.as_deref(), Some("C" | "POSIX"))
}

/// The folder of a script, with links resolved.
pub(crate) fn folder_of(file: &OsStr) -> OsString {
    let path = std::fs::canonicalize(file).unwrap_or_else(|_| PathBuf::from(file));
    path.parent().map_or(OsString::new(), |folder| folder.into())
}

/// Fills in the paths of a configuration.
pub(crate) fn find(config: &mut Config) -> Result<(), String> {
    let executable = executable();
    config.executable = executable.to_string_lossy().into_owned();
    let Some(library) = library(config) else {
        return Err(
            "Fatal Python error: there is no Python 3.11 library; install Debian's libpython3.11-stdlib or set \
                    PYTHONHOME"
                .into(),
        );
    };
    let base_prefix = library.parent().and_then(Path::parent).map_or_else(|| PathBuf::from("/usr"), Path::to_owned);
    config.prefix = virtual_environment(&executable).unwrap_or_else(|| base_prefix.clone());
    config.path = match own_path(&executable)? {
        Some(own) => restricted(config, own),
        None => usual_path(config, &base_prefix, &library),
    };
    config.base_prefix = base_prefix;
    config.library = library;
    Ok(())
}

/// `sys.path` by the environment and the library's folder.
fn usual_path(config: &Config, base_prefix: &Path, library: &Path) -> Vec<String> {
    let mut path: Vec<String> = vec![];
    if let Some(more) = variable(config, "PYTHONPATH") {
        path.extend(more.split(':').map(str::to_owned));
    }
    path.push(base_prefix.join("lib/python311.zip").to_string_lossy().into_owned());
    path.push(library.to_string_lossy().into_owned());
    path.push(library.join("lib-dynload").to_string_lossy().into_owned());
    path
}

/// What a file named as the program with `._pth` behind says: the whole of `sys.path`, and whether `site` is imported.
struct OwnPath {
    path: Vec<String>,
    imports_site: bool,
}

/// Reads the program's `._pth` file, if there is one. Its folders are relative to its own.
fn own_path(executable: &Path) -> Result<Option<OwnPath>, String> {
    let mut name = executable.as_os_str().to_owned();
    name.push("._pth");
    let (Ok(text), Some(folder)) = (std::fs::read_to_string(&name), executable.parent()) else { return Ok(None) };
    let mut own = OwnPath { path: vec![], imports_site: false };
    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
        match line {
            "" => {}
            "import site" => own.imports_site = true,
            line if line.starts_with("import ") => {
                return Err("Fatal Python error: error evaluating path\nPython runtime state: core initialized\n\
                            ValueError: unsupported 'import' line in ._pth file"
                    .into());
            }
            line => own.path.push(normalised(&folder.join(line))),
        }
    }
    Ok(Some(own))
}

/// A path without `.`, and without `..` behind a name.
fn normalised(path: &Path) -> String {
    let mut made = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if made.file_name().is_some() => {
                made.pop();
            }
            part => made.push(part),
        }
    }
    made.to_string_lossy().into_owned()
}

/// Keeps the environment out, as a `._pth` file asks for; gives its path.
fn restricted(config: &mut Config, own: OwnPath) -> Vec<String> {
    let flags = &mut config.flags;
    flags.isolated = 1;
    flags.ignore_environment = 1;
    flags.safe_path = true;
    flags.no_site = i32::from(!own.imports_site);
    own.path
}

fn is_library(folder: &Path) -> bool {
    folder.join("os.py").is_file() && folder.join("importlib/_bootstrap.py").is_file()
}

/// The folder of the pure-Python library: by PYTHONHOME, what the build was told, `python3.11` on the path, the system's.
fn library(config: &Config) -> Option<PathBuf> {
    if let Some(home) = variable(config, "PYTHONHOME") {
        let folder = Path::new(home.split(':').next().unwrap_or(&home)).join("lib/python3.11");
        return is_library(&folder).then_some(folder);
    }
    let built_in = option_env!("HABU_LIBRARY").map(PathBuf::from);
    let beside = std::env::var_os("PATH").map(|path| {
        std::env::split_paths(&path).filter(|folder| folder.join("python3.11").is_file()).collect::<Vec<_>>()
    });
    let beside = beside.into_iter().flatten().filter_map(|folder| {
        let program = std::fs::canonicalize(folder.join("python3.11")).ok()?;
        Some(program.parent()?.parent()?.join("lib/python3.11"))
    });
    let system = ["/usr/lib/python3.11", "/usr/local/lib/python3.11"].map(PathBuf::from);
    built_in.into_iter().chain(beside).chain(system).find(|folder| is_library(folder))
}

/// The folder of the virtual environment that the program stands in.
fn virtual_environment(executable: &Path) -> Option<PathBuf> {
    let folder = executable.parent()?;
    [folder, folder.parent()?].into_iter().find(|folder| folder.join("pyvenv.cfg").is_file()).map(Path::to_owned)
}
