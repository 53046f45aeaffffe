//! `pylifecycle.h`: starting an interpreter for a program in C, running Python's own command line, and ending.

use std::cell::RefCell;
use std::ffi::{OsString, c_char, c_int};
use std::sync::atomic::{AtomicU8, Ordering};

use crate::options::{Action, Options, parse};
use crate::{Begun, Failed};
use habu_modules::startup::{self, finish};
use habu_runtime::threads::{Signals, Thread};

use super::before;
use super::config::Config;
use super::status::Status;
use super::wide;

/// Where the one interpreter of the process is in its life.
static STATE: AtomicU8 = AtomicU8::new(NEW);
const NEW: u8 = 0;
const RUNNING: u8 = 1;
const ENDED: u8 = 2;

thread_local! {
    /// What `Py_RunMain` is to run, kept by the thread that started the interpreter.
    static BEGUN: RefCell<Option<Begun>> = const { RefCell::new(None) };
}

/// Whether an interpreter runs, in the program `habu` too.
fn is_running() -> bool {
    STATE.load(Ordering::Acquire) != ENDED && habu_runtime::threads::start::main_interpreter().is_some()
}

/// Starts the interpreter, and imports `site`.
pub(super) fn begin(options: Options) -> Status {
    if is_running() {
        return Status::ok();
    }
    match STATE.compare_exchange(NEW, RUNNING, Ordering::AcqRel, Ordering::Acquire) {
        Err(RUNNING) => return Status::ok(),
        Err(_) => return Status::error(c"Py_Initialize", c"an interpreter can be started once in a process"),
        Ok(_) => {}
    }
    let _ = super::keep();
    match crate::begin(options) {
        Ok(begun) => {
            BEGUN.set(Some(begun));
            match startup::import_site() {
                Ok(()) => Status::ok(),
                Err(raised) => {
                    let _ = finish::ending_of(raised);
                    Status::error(c"init_import_site", c"Failed to import the site module")
                }
            }
        }
        Err(Failed::Start(code) | Failed::Limit(code)) => Status::exit(code),
    }
}

/// Options from a command line, with what C set before.
fn options(given: &[String]) -> Result<Options, Status> {
    let before = before::now();
    if let Some(home) = &before.home {
        // SAFETY: the program starts its interpreter here, before it has threads that read the environment.
        unsafe { std::env::set_var("PYTHONHOME", home) };
    }
    let given: Vec<OsString> = given.iter().map(OsString::from).collect();
    let mut options = match parse(&given) {
        Ok(Action::Run(options)) => *options,
        Ok(Action::Print(text)) => {
            use std::io::Write;
            return Err(Status::exit(c_int::from(writeln!(std::io::stdout(), "{text}").is_err())));
        }
        Err(message) => return Err(Status::failure(&message)),
    };
    if let Some(path) = &before.path {
        options.config.path = path.split(':').map(str::to_owned).collect();
    }
    Ok(options)
}

/// The command line that says what a configuration does.
fn command_line(config: &Config) -> Vec<String> {
    let arguments = config.argv.texts();
    let name = config.name().or_else(|| arguments.first().cloned());
    let mut given = vec![name.unwrap_or_else(|| "python3".to_owned())];
    let letters = [
        ("-I", config.isolated > 0),
        ("-E", config.use_environment == 0 && config.isolated <= 0),
        ("-S", config.site_import == 0),
        ("-s", config.user_site_directory == 0),
        ("-B", config.write_bytecode == 0),
        ("-u", config.buffered_stdio == 0),
        ("-P", config.safe_path > 0),
        ("-d", config.parser_debug > 0),
        ("-q", config.quiet > 0),
        ("-i", config.interactive > 0 || config.inspect > 0),
        ("-O", config.optimization_level > 0),
        ("-O", config.optimization_level > 1),
        ("-b", config.bytes_warning > 0),
        ("-b", config.bytes_warning > 1),
        ("-v", config.verbose > 0),
        ("-v", config.verbose > 1),
    ];
    given.extend(letters.into_iter().filter(|(_, wanted)| *wanted).map(|(letter, _)| letter.to_owned()));
    let mut pair = |letter: &str, text: String| given.extend([letter.to_owned(), text]);
    if config.dev_mode > 0 {
        pair("-X", "dev".to_owned());
    }
    if config.faulthandler > 0 {
        pair("-X", "faulthandler".to_owned());
    }
    if config.tracemalloc > 0 {
        pair("-X", format!("tracemalloc={}", config.tracemalloc));
    }
    config.xoptions.texts().into_iter().for_each(|text| pair("-X", text));
    config.warnoptions.texts().into_iter().for_each(|text| pair("-W", text));
    match config.program() {
        Some(program) => given.extend(program),
        None if config.parse_argv > 0 => {}
        None => return given,
    }
    given.extend(arguments.into_iter().skip(1));
    given
}

/// `Py_InitializeFromConfig` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn Py_InitializeFromConfig(config: &Config) -> Status {
    if let Some(name) = config.name() {
        before::change(|before| before.program_name = Some(name));
    }
    if let Some(home) = config.home_text() {
        before::change(|before| before.home = Some(home));
    }
    let mut options = match options(&command_line(config)) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if config.parse_argv <= 0 {
        let arguments = config.argv.texts();
        options.config.argv = match arguments.is_empty() {
            true => vec![OsString::new()],
            false => arguments.into_iter().map(OsString::from).collect(),
        };
    }
    if config.install_signal_handlers == 0 {
        options.config.signals = Signals::Left;
    }
    if let Some(executable) = config.executable_text() {
        options.config.executable = executable;
    }
    if config.module_search_paths_set > 0 {
        options.config.path = config.module_search_paths.texts();
    }
    begin(options)
}

/// `Py_InitializeEx` of the C API. Signals are handled by Python where `handlers` is not 0.
#[unsafe(no_mangle)]
pub extern "C" fn Py_InitializeEx(handlers: c_int) {
    if is_running() {
        return;
    }
    // SAFETY: asks for the program's own handler, to put it back.
    let kept = (handlers == 0).then(|| unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGINT, std::ptr::null(), &mut action);
        action
    });
    let name = before::now().program_name.unwrap_or_else(|| "python3".to_owned());
    let status = match options(&[name]) {
        Ok(options) => begin(options),
        Err(status) => status,
    };
    if !status.is_ok() {
        status.leave();
    }
    if let Some(action) = kept {
        // SAFETY: the program's own handler is put back.
        unsafe { libc::sigaction(libc::SIGINT, &action, std::ptr::null_mut()) };
    }
}

/// `Py_Initialize` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn Py_Initialize() {
    Py_InitializeEx(1);
}

/// `Py_FinalizeEx` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn Py_FinalizeEx() -> c_int {
    if STATE.compare_exchange(RUNNING, ENDED, Ordering::AcqRel, Ordering::Acquire).is_err() {
        return 0;
    }
    drop(BEGUN.take());
    let failed = if Thread::is_attached() { finish::finalise() } else { 0 };
    if failed != 0 { -1 } else { 0 }
}

/// `Py_Finalize` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn Py_Finalize() {
    Py_FinalizeEx();
}

/// `Py_RunMain` of the C API.
#[unsafe(no_mangle)]
pub extern "C" fn Py_RunMain() -> c_int {
    let Some(begun) = BEGUN.take() else { return 1 };
    let code = begun.run();
    STATE.store(ENDED, Ordering::Release);
    code
}

/// Runs Python's own command line.
fn main(given: &[String]) -> c_int {
    let status = match options(given) {
        Ok(options) => begin(options),
        Err(status) => status,
    };
    if !status.is_ok() {
        status.leave();
    }
    Py_RunMain()
}

/// `Py_BytesMain` of the C API.
///
/// # Safety
/// As many strings as said.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Py_BytesMain(count: c_int, arguments: *const *const c_char) -> c_int {
    // SAFETY: by the contract.
    let given = (0..count.max(0) as usize).filter_map(|index| unsafe { wide::narrow(arguments.add(index).read()) });
    main(&given.collect::<Vec<_>>())
}

/// `Py_Main` of the C API.
///
/// # Safety
/// As many strings as said.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Py_Main(count: c_int, arguments: *const *const u32) -> c_int {
    // SAFETY: by the contract.
    let given = (0..count.max(0) as usize).filter_map(|index| unsafe { wide::text(arguments.add(index).read()) });
    main(&given.collect::<Vec<_>>())
}
