//! What the program `habu` does: it reads the command line as CPython does, starts an interpreter, runs the program, ends. The shared library
//! for programs that embed Python does the same in steps.

mod editor;
pub mod embed;
mod help;
pub mod options;
mod paths;

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Write};

use habu_modules::startup::finish::{self, Ending};
use habu_modules::startup::interactive::{self, Lines, PlainLines};
use habu_modules::startup::run::{self, Program};
use habu_modules::startup::{self, StartError, complain};
use habu_runtime::object::Raised;
use options::{Action, Options};

/// Runs a command line; gives the exit code.
pub fn main_with(given: &[OsString]) -> i32 {
    match options::parse(given) {
        Ok(Action::Run(options)) => match begin(*options) {
            Ok(begun) => begun.run(),
            Err(Failed::Start(code) | Failed::Limit(code)) => code,
        },
        Ok(Action::Print(text)) => i32::from(writeln!(std::io::stdout(), "{text}").is_err()),
        Err(message) => {
            complain(format_args!("{message}"));
            if message.starts_with("Fatal") { 1 } else { 2 }
        }
    }
}

/// Why an interpreter did not start, with the exit code; what went wrong was told.
pub enum Failed {
    /// A step of starting failed.
    Start(i32),
    /// The memory limit is too low.
    Limit(i32),
}

/// An interpreter that was started, and what it is to run.
pub struct Begun {
    program: Program,
    script_folder: Option<OsString>,
    skip_first_line: bool,
    startup: Option<String>,
}

/// Starts the interpreter. The current thread is its first one, and has its lock.
pub fn begin(options: Options) -> Result<Begun, Failed> {
    habu_runtime::hashing::set_secret(options.hash_secret.0, options.hash_secret.1);
    let Options { config, program, script_folder, skip_first_line, startup, memory, memory_limit, .. } = options;
    let started = match startup::initialise(config, memory) {
        Ok(started) => started,
        Err(StartError::NoMemory) => {
            complain(format_args!("Fatal Python error: there is no memory for an interpreter"));
            return Err(Failed::Start(1));
        }
        Err(StartError::Raised(step, raised)) => {
            complain(format_args!("Fatal Python error: {step} failed"));
            let _ = finish::ending_of(raised);
            return Err(Failed::Start(1));
        }
    };
    if let Some(limit) = memory_limit
        && let Err(in_use) = habu_modules::habu_::memory::limit_to(Some(limit))
    {
        complain(format_args!(
            "habu: the memory limit of {limit} bytes is below the {in_use} bytes that starting takes"
        ));
        return Err(Failed::Limit(2));
    }
    if !watch_memory() {
        return Err(Failed::Limit(2));
    }
    habu_capi::configure(&started.interpreter.config);
    Ok(Begun { program, script_folder, skip_first_line, startup })
}

/// Switches on what the environment asks for to find faults in the memory system: an audit after every collection, and a full collection at every
/// so many-th allocation of a collectable object. False when the number is none.
fn watch_memory() -> bool {
    let gc = habu_runtime::gc::GcState::current();
    let given = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty() && value != "0");
    gc.auditing.set(given("HABU_AUDIT").is_some());
    let Some(every) = given("HABU_STRESS") else { return true };
    match every.to_str().and_then(|every| every.parse().ok()) {
        Some(every) => gc.set_stress(every),
        None => complain(format_args!("habu: HABU_STRESS is a number of allocations, not {}", every.display())),
    }
    gc.stress.get() != 0
}

impl Begun {
    /// Runs the program and ends the interpreter; gives the exit code.
    pub fn run(self) -> i32 {
        let mut session = Session { lines: None };
        let ending =
            session.run(&self.program, self.script_folder.as_deref(), self.skip_first_line, self.startup.as_deref());
        drop(session);
        let failed = finish::finalise();
        match ending {
            _ if failed != 0 => failed,
            Ending::Interrupted => die_of_interrupt(),
            Ending::Code(code) | Ending::Exit(code) => code,
        }
    }
}

/// A program, and the prompt before or after it.
struct Session {
    lines: Option<Box<dyn Lines>>,
}

impl Session {
    fn run(&mut self, program: &Program, folder: Option<&OsStr>, skip_first: bool, startup: Option<&str>) -> Ending {
        let asks = matches!(program, Program::Input) && is_interactive();
        let prepare = || -> Result<(), Raised> {
            startup::import_site()?;
            let is_place = match program {
                Program::File(path) => run::has_importer(path)?,
                _ => false,
            };
            match folder {
                Some(folder) if !is_place => run::prepend_path(folder),
                _ => Ok(()),
            }
        };
        if let Err(raised) = prepare() {
            return ending_of_start(raised);
        }
        if asks {
            if !startup::flags().quiet {
                interactive::greet();
            }
            return interactive::prepare(startup).unwrap_or_else(|| self.ask());
        }
        let ending = match run::run(program, skip_first) {
            Ok(()) => Ending::Code(0),
            Err(raised) if startup::flags().inspect => finish::ending_inspected(raised),
            Err(raised) => finish::ending_of(raised),
        };
        // A program may ask for the prompt too, by setting the variable.
        let wants_prompt = startup::flags().inspect || std::env::var_os("PYTHONINSPECT").is_some_and(|v| !v.is_empty());
        match ending {
            Ending::Exit(_) => ending,
            _ if wants_prompt && is_interactive() => self.ask(),
            _ => ending,
        }
    }

    fn ask(&mut self) -> Ending {
        let lines = self.lines.insert(match editor::Terminal::open() {
            Some(terminal) if std::io::stdin().is_terminal() => Box::new(terminal),
            _ => Box::new(PlainLines),
        });
        interactive::ask(&mut **lines)
    }
}

/// How the process ends when starting did not go through: a limit that is too low for that is told in a line.
fn ending_of_start(raised: Raised) -> Ending {
    let thread = habu_runtime::threads::Thread::current();
    let error = raised.take();
    if let Some(limit) = thread.interpreter().heap.limit()
        && error.ty().is_subtype(habu_runtime::exceptions::exc::MemoryError())
    {
        complain(format_args!("habu: the memory limit of {limit} bytes is below what starting takes"));
        return Ending::Code(2);
    }
    finish::ending_of(thread.set_exception(error))
}

/// Whether statements are asked for at a prompt.
fn is_interactive() -> bool {
    startup::flags().interactive || std::io::stdin().is_terminal()
}

/// Ends the process by the signal that interrupted it, so that a shell sees it.
fn die_of_interrupt() -> i32 {
    // SAFETY: the signal's handler is put back to the system's own, and the signal is sent to this process.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_DFL);
        libc::kill(libc::getpid(), libc::SIGINT);
    }
    128 + libc::SIGINT
}
