//! The program `habu`: reads the command line as CPython does, starts an interpreter, runs the program, ends.

mod options;
mod paths;

use habu_modules::startup::{self, StartError, finish, run};
use habu_runtime::object::Raised;
use options::{Action, Options};

fn main() {
    // The functions of the C API are called by extensions alone: this keeps them in the program.
    if habu_capi::keep() == 0 {
        eprintln!("Fatal Python error: no C API");
    }
    let given: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let code = match options::parse(&given) {
        Ok(Action::Run(options)) => start(*options),
        Ok(Action::Print(text)) => {
            println!("{text}");
            0
        }
        Err(message) => {
            eprintln!("{message}");
            if message.starts_with("Fatal") { 1 } else { 2 }
        }
    };
    std::process::exit(code);
}

fn start(options: Options) -> i32 {
    habu_runtime::hashing::set_secret(options.hash_secret.0, options.hash_secret.1);
    let program = options.program;
    let script_folder = options.script_folder;
    let _started = match startup::initialise(options.config, options.memory) {
        Ok(started) => started,
        Err(StartError::NoMemory) => {
            eprintln!("Fatal Python error: there is no memory for an interpreter");
            return 1;
        }
        Err(StartError::Raised(step, raised)) => {
            eprintln!("Fatal Python error: {step} failed");
            let _ = finish::exit_code_of(raised);
            return 1;
        }
    };
    if let Some(limit) = options.memory_limit
        && let Err(in_use) = habu_modules::habu_::memory::limit_to(Some(limit))
    {
        eprintln!("habu: the memory limit of {limit} bytes is below the {in_use} bytes that starting takes");
        return 2;
    }
    if std::env::var_os("HABU_AUDIT").is_some_and(|value| !value.is_empty() && value != "0") {
        habu_runtime::gc::GcState::current().auditing.set(true);
    }
    let mut run = || -> Result<(), Raised> {
        startup::import_site()?;
        if let Some(folder) = &script_folder {
            run::prepend_path(folder)?;
        }
        run::run(&program)
    };
    let code = match run() {
        Ok(()) => 0,
        Err(raised) => finish::exit_code_of(raised),
    };
    match finish::finalise() {
        0 => code,
        failed => failed,
    }
}
