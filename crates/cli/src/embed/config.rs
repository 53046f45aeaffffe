//! `PyConfig`: what an interpreter is to be started with, as C says it.

use std::ffi::{c_char, c_int, c_ulong};

use super::status::Status;
use super::wide::{self, List, Wide};

/// `PyConfig`
#[repr(C)]
pub struct Config {
    kind: c_int,
    pub(crate) isolated: c_int,
    pub(crate) use_environment: c_int,
    pub(crate) dev_mode: c_int,
    pub(crate) install_signal_handlers: c_int,
    use_hash_seed: c_int,
    hash_seed: c_ulong,
    pub(crate) faulthandler: c_int,
    pub(crate) tracemalloc: c_int,
    import_time: c_int,
    code_debug_ranges: c_int,
    show_ref_count: c_int,
    dump_refs: c_int,
    dump_refs_file: Wide,
    malloc_stats: c_int,
    filesystem_encoding: Wide,
    filesystem_errors: Wide,
    pycache_prefix: Wide,
    pub(crate) parse_argv: c_int,
    orig_argv: List,
    pub(crate) argv: List,
    pub(crate) xoptions: List,
    pub(crate) warnoptions: List,
    pub(crate) site_import: c_int,
    pub(crate) bytes_warning: c_int,
    warn_default_encoding: c_int,
    pub(crate) inspect: c_int,
    pub(crate) interactive: c_int,
    pub(crate) optimization_level: c_int,
    pub(crate) parser_debug: c_int,
    pub(crate) write_bytecode: c_int,
    pub(crate) verbose: c_int,
    pub(crate) quiet: c_int,
    pub(crate) user_site_directory: c_int,
    configure_c_stdio: c_int,
    pub(crate) buffered_stdio: c_int,
    stdio_encoding: Wide,
    stdio_errors: Wide,
    check_hash_pycs_mode: Wide,
    use_frozen_modules: c_int,
    pub(crate) safe_path: c_int,
    pathconfig_warnings: c_int,
    program_name: Wide,
    pythonpath_env: Wide,
    home: Wide,
    platlibdir: Wide,
    pub(crate) module_search_paths_set: c_int,
    pub(crate) module_search_paths: List,
    stdlib_dir: Wide,
    executable: Wide,
    base_executable: Wide,
    prefix: Wide,
    base_prefix: Wide,
    exec_prefix: Wide,
    base_exec_prefix: Wide,
    skip_source_first_line: c_int,
    run_command: Wide,
    run_module: Wide,
    run_filename: Wide,
    install_importlib: c_int,
    init_main: c_int,
    isolated_interpreter: c_int,
    is_python_build: c_int,
}

/// Flags that are still to be decided.
const UNSET: c_int = -1;

impl Config {
    /// Fills a configuration whose memory holds nothing yet.
    ///
    /// # Safety
    /// `place` may be written to; what stands there is not looked at.
    unsafe fn initialise(place: *mut Config, is_isolated: bool) {
        // SAFETY: all zero is a configuration: numbers, null pointers and empty lists.
        unsafe { place.write_bytes(0, 1) };
        // SAFETY: written just now.
        let config = unsafe { &mut *place };
        let isolated = c_int::from(is_isolated);
        config.kind = if is_isolated { 3 } else { 2 };
        config.isolated = isolated;
        config.use_environment = 1 - isolated;
        config.install_signal_handlers = 1 - isolated;
        config.parse_argv = 1 - isolated;
        config.user_site_directory = 1 - isolated;
        config.safe_path = isolated;
        config.dev_mode = if is_isolated { 0 } else { UNSET };
        config.faulthandler = config.dev_mode;
        config.tracemalloc = config.dev_mode;
        config.use_hash_seed = config.dev_mode;
        config.code_debug_ranges = 1;
        config.site_import = 1;
        config.write_bytecode = 1;
        config.buffered_stdio = 1;
        config.configure_c_stdio = 1 - isolated;
        config.pathconfig_warnings = 1 - isolated;
        config.use_frozen_modules = 1;
        config.install_importlib = 1;
        config.init_main = 1;
    }

    /// A text of the configuration.
    pub(crate) fn text(&self, field: impl FnOnce(&Config) -> &Wide) -> Option<String> {
        // SAFETY: the fields hold null or strings with an end.
        unsafe { wide::text(*field(self)) }
    }

    /// The program's name.
    pub(crate) fn name(&self) -> Option<String> {
        self.text(|config| &config.program_name)
    }

    /// PYTHONHOME.
    pub(crate) fn home_text(&self) -> Option<String> {
        self.text(|config| &config.home)
    }

    /// `sys.executable`
    pub(crate) fn executable_text(&self) -> Option<String> {
        self.text(|config| &config.executable)
    }

    /// What is to be run, as the command line says it.
    pub(crate) fn program(&self) -> Option<[String; 2]> {
        let option = |letter: &str, text: Option<String>| text.map(|text| [letter.to_owned(), text]);
        option("-c", self.text(|config| &config.run_command))
            .or_else(|| option("-m", self.text(|config| &config.run_module)))
            .or_else(|| option("--", self.text(|config| &config.run_filename)))
    }

    fn texts(&mut self) -> [&mut Wide; 21] {
        [
            &mut self.dump_refs_file,
            &mut self.filesystem_encoding,
            &mut self.filesystem_errors,
            &mut self.pycache_prefix,
            &mut self.stdio_encoding,
            &mut self.stdio_errors,
            &mut self.check_hash_pycs_mode,
            &mut self.program_name,
            &mut self.pythonpath_env,
            &mut self.home,
            &mut self.platlibdir,
            &mut self.stdlib_dir,
            &mut self.executable,
            &mut self.base_executable,
            &mut self.prefix,
            &mut self.base_prefix,
            &mut self.exec_prefix,
            &mut self.base_exec_prefix,
            &mut self.run_command,
            &mut self.run_module,
            &mut self.run_filename,
        ]
    }

    /// Fills in what follows from the rest (`PyConfig_Read`).
    fn read(&mut self) -> Status {
        let name = self.name().or_else(|| self.argv.texts().first().cloned().filter(|name| !name.is_empty()));
        if self.program_name.is_null() {
            self.program_name = wide::new(name.as_deref().unwrap_or("python3"));
        }
        let arguments = self.argv.texts();
        if self.orig_argv.texts().is_empty() {
            let status = self.orig_argv.set(&arguments);
            if !status.is_ok() {
                return status;
            }
        }
        for flag in [&mut self.dev_mode, &mut self.faulthandler, &mut self.tracemalloc, &mut self.use_hash_seed] {
            *flag = (*flag).max(0);
        }
        Status::ok()
    }
}

/// `PyConfig_InitPythonConfig` of the C API.
///
/// # Safety
/// The place may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_InitPythonConfig(config: *mut Config) {
    // SAFETY: by the contract.
    unsafe { Config::initialise(config, false) }
}

/// `PyConfig_InitIsolatedConfig` of the C API.
///
/// # Safety
/// The place may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_InitIsolatedConfig(config: *mut Config) {
    // SAFETY: by the contract.
    unsafe { Config::initialise(config, true) }
}

/// `PyConfig_Clear` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn PyConfig_Clear(config: &mut Config) {
    for text in config.texts() {
        // SAFETY: the fields hold null or memory of the raw domain.
        unsafe { wide::replace(text, None) };
    }
    for list in [
        &mut config.orig_argv,
        &mut config.argv,
        &mut config.xoptions,
        &mut config.warnoptions,
        &mut config.module_search_paths,
    ] {
        list.clear();
    }
    config.module_search_paths_set = 0;
}

/// `PyConfig_SetString` of the C API.
///
/// # Safety
/// A field of the configuration, and null or a string with an end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_SetString(_config: &mut Config, field: &mut Wide, text: *const u32) -> Status {
    // SAFETY: by the contract.
    unsafe { wide::replace(field, wide::text(text).as_deref()) };
    Status::ok()
}

/// `PyConfig_SetBytesString` of the C API.
///
/// # Safety
/// As `PyConfig_SetString`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_SetBytesString(
    _config: &mut Config,
    field: &mut Wide,
    text: *const c_char,
) -> Status {
    // SAFETY: by the contract.
    unsafe { wide::replace(field, wide::narrow(text).as_deref()) };
    Status::ok()
}

/// `PyConfig_SetWideStringList` of the C API.
///
/// # Safety
/// A list of the configuration, and as many strings as said.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_SetWideStringList(
    _config: &mut Config,
    list: &mut List,
    length: isize,
    items: *const Wide,
) -> Status {
    // SAFETY: by the contract.
    let texts: Vec<String> =
        (0..length.max(0) as usize).filter_map(|index| unsafe { wide::text(items.add(index).read()) }).collect();
    list.set(&texts)
}

/// `PyConfig_SetArgv` of the C API.
///
/// # Safety
/// As many strings as said.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_SetArgv(config: &mut Config, count: isize, items: *const Wide) -> Status {
    // SAFETY: by the contract.
    let texts: Vec<String> =
        (0..count.max(0) as usize).filter_map(|index| unsafe { wide::text(items.add(index).read()) }).collect();
    config.argv.set(&texts)
}

/// `PyConfig_SetBytesArgv` of the C API.
///
/// # Safety
/// As many strings as said.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_SetBytesArgv(
    config: &mut Config,
    count: isize,
    items: *const *const c_char,
) -> Status {
    // SAFETY: by the contract.
    let texts: Vec<String> =
        (0..count.max(0) as usize).filter_map(|index| unsafe { wide::narrow(items.add(index).read()) }).collect();
    config.argv.set(&texts)
}

/// `PyConfig_Read` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn PyConfig_Read(config: &mut Config) -> Status {
    config.read()
}
