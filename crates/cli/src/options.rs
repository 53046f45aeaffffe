//! The command line: options up to the program, then the program's own arguments.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use habu_modules::habu_::memory::{LIMIT_VARIABLE, parse_size};
use habu_modules::startup::run::Program;
use habu_runtime::threads::Config;

use crate::{help, paths};

/// What the command line asks for.
pub enum Action {
    /// To run a program.
    Run(Box<Options>),
    /// To print a text and end.
    Print(String),
}

/// A program and what to run it with.
pub struct Options {
    /// What the interpreter is started with.
    pub config: Config,
    /// The program.
    pub program: Program,
    /// What stands first in `sys.path`, unless `-I` or `-P` forbid it.
    pub script_folder: Option<OsString>,
    /// What hashes of texts start from.
    pub hash_secret: (u64, u64),
    /// How the heap is made.
    pub memory: habu_heap::Config,
    /// The limit on memory in bytes.
    pub memory_limit: Option<usize>,
    /// `-x`
    pub skip_first_line: bool,
    /// The file of PYTHONSTARTUP.
    pub startup: Option<String>,
}

/// A complaint about the command line, with the hint where help is.
fn complaint(given: &[String], what: &str) -> String {
    let name = given.first().map_or("habu", String::as_str);
    format!("{what}\nusage: {name} {}\nTry `habu -h' for more information.", help::USAGE)
}

/// Reads the command line; an error is the text to print.
pub fn parse(raw: &[OsString]) -> Result<Action, String> {
    let mut config = Config { orig_argv: raw.to_vec(), ..Config::default() };
    // Options are text; the bytes of what is a program's or a file's are kept.
    let given: &[String] = &raw.iter().map(|argument| argument.to_string_lossy().into_owned()).collect::<Vec<_>>();
    let mut program = None;
    let mut versions = 0;
    let mut memory_limit = None;
    let mut skip_first_line = false;
    let usage = || {
        let name = given.first().map_or("habu", String::as_str);
        format!("usage: {name} {}\n{}", help::USAGE, help::OPTIONS)
    };
    let mut index = 1;
    'options: while let Some(argument) = given.get(index) {
        if argument == "-" || !argument.starts_with('-') {
            break;
        }
        index += 1;
        match argument.as_str() {
            "--" => break,
            "--help" => return Ok(Action::Print(usage())),
            "--help-env" => return Ok(Action::Print(help::ENVIRONMENT.to_owned())),
            "--help-xoptions" => return Ok(Action::Print(help::X_OPTIONS.to_owned())),
            "--help-all" => {
                return Ok(Action::Print(format!("{}\n\n{}\n\n{}", usage(), help::ENVIRONMENT, help::X_OPTIONS)));
            }
            "--version" => {
                versions += 1;
                continue;
            }
            "--check-hash-based-pycs" => {
                let Some(value) = given.get(index).cloned() else {
                    return Err(complaint(given, "Argument expected for the --check-hash-based-pycs options"));
                };
                if !matches!(value.as_str(), "always" | "default" | "never") {
                    let what = "--check-hash-based-pycs must be one of 'default', 'always', or 'never'";
                    return Err(complaint(given, what));
                }
                config.check_hash_pycs = value;
                index += 1;
                continue;
            }
            "--memory-limit" => {
                let Some(value) = given.get(index) else {
                    return Err(complaint(given, "Argument expected for the --memory-limit option"));
                };
                memory_limit = Some(limit(value, "--memory-limit")?);
                index += 1;
                continue;
            }
            long if long.starts_with("--memory-limit=") => {
                memory_limit = Some(limit(&long["--memory-limit=".len()..], "--memory-limit")?);
                continue;
            }
            long if long.starts_with("--") => {
                return Err(complaint(given, &format!("unknown option {long}")));
            }
            _ => {}
        }
        let next = index;
        let letters: Vec<char> = argument.chars().skip(1).collect();
        for (at, letter) in letters.iter().enumerate() {
            let mut value = || -> Result<String, String> {
                let rest: String = letters[at + 1..].iter().collect();
                if !rest.is_empty() {
                    return Ok(rest);
                }
                let Some(text) = given.get(index) else {
                    return Err(complaint(given, &format!("Argument expected for the -{letter} option")));
                };
                index += 1;
                Ok(text.clone())
            };
            let flags = &mut config.flags;
            match letter {
                'b' => flags.bytes_warning += 1,
                'B' => flags.dont_write_bytecode += 1,
                'd' => flags.debug += 1,
                'E' => flags.ignore_environment += 1,
                'h' | '?' => return Ok(Action::Print(usage())),
                'i' => {
                    flags.inspect += 1;
                    flags.interactive += 1;
                }
                'I' => {
                    flags.isolated = 1;
                    flags.ignore_environment = 1;
                    flags.no_user_site = 1;
                    flags.safe_path = true;
                }
                'O' => flags.optimize += 1,
                'P' => flags.safe_path = true,
                'q' => flags.quiet += 1,
                's' => flags.no_user_site += 1,
                'S' => flags.no_site += 1,
                'u' => flags.unbuffered = true,
                'v' => flags.verbose += 1,
                'V' => versions += 1,
                'x' => skip_first_line = true,
                'R' => config.flags.hash_randomization = 1,
                't' => {}
                'J' => return Err(complaint(given, "-J is reserved for Jython")),
                'W' => {
                    let text = value()?;
                    config.warn_options.push(text);
                    continue 'options;
                }
                'X' => {
                    let text = value()?;
                    let (name, setting) = match text.split_once('=') {
                        Some((name, setting)) => (name.to_owned(), Some(setting.to_owned())),
                        None => (text, None),
                    };
                    config.x_options.push((name, setting));
                    continue 'options;
                }
                'c' => {
                    value()?;
                    let text = match index == next {
                        // Behind the letter: only letters that are options stand before it, a byte each.
                        true => raw[next - 1].as_bytes().get(at + 2..).unwrap_or_default(),
                        false => raw[next].as_bytes(),
                    };
                    program = Some(Program::Command(OsString::from_vec([text, b"\n"].concat())));
                    break 'options;
                }
                'm' => {
                    program = Some(Program::Module(value()?));
                    break 'options;
                }
                other => {
                    return Err(complaint(given, &format!("Unknown option: -{other}")));
                }
            }
        }
    }
    if versions > 0 {
        let long = if versions > 1 { format!(" (Habu {}) [Rust]", env!("CARGO_PKG_VERSION")) } else { String::new() };
        return Ok(Action::Print(format!("Python 3.11.7{long}")));
    }
    let rest = &raw[index.min(raw.len())..];
    finish(config, program, rest, memory_limit)
        .map(|options| Action::Run(Box::new(Options { skip_first_line, ..options })))
}

/// Completes what the options leave open: the environment, the program, the paths.
fn finish(
    mut config: Config,
    program: Option<Program>,
    rest: &[OsString],
    memory_limit: Option<usize>,
) -> Result<Options, String> {
    environment(&mut config)?;
    checked(&mut config)?;
    let memory = memory(&config)?;
    config.malloc_stats = variable(&config, "PYTHONMALLOCSTATS").is_some();
    let memory_limit = match (memory_limit, std::env::var(LIMIT_VARIABLE)) {
        (None, Ok(text)) if !text.is_empty() => Some(limit(&text, LIMIT_VARIABLE)?),
        (given, _) => given,
    };
    let (program, argv) = match program {
        Some(Program::Command(text)) => (Program::Command(text), prefixed("-c", rest)),
        Some(Program::Module(name)) => (Program::Module(name), prefixed("-m", rest)),
        _ => match rest.split_first() {
            None => (Program::Input, vec![OsString::new()]),
            Some((first, more)) if first == "-" => (Program::Input, prefixed("-", more)),
            Some((file, _)) => {
                let path = Path::new(file);
                if let Err(error) = std::fs::metadata(path).and_then(|facts| match facts.is_dir() {
                    true => Ok(()),
                    false => std::fs::File::open(path).map(drop),
                }) {
                    let shown = paths::executable().to_string_lossy().into_owned();
                    let number = error.raw_os_error().unwrap_or(0);
                    return Err(format!(
                        "{shown}: can't open file '{}': [Errno {number}] {}",
                        std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display(),
                        paths::error_text(number)
                    ));
                }
                (Program::File(paths::absolute(file)), rest.to_vec())
            }
        },
    };
    config.argv = argv;
    config.trace_frames = trace_frames(&config)?;
    config.no_debug_ranges = config.x_options.iter().any(|(name, _)| name == "no_debug_ranges")
        || variable(&config, "PYTHONNODEBUGRANGES").is_some();
    config.import_times = config.x_options.iter().any(|(name, _)| name == "importtime")
        || variable(&config, "PYTHONPROFILEIMPORTTIME").is_some();
    let hash_secret = hash_secret(&mut config)?;
    paths::find(&mut config)?;
    let startup = variable(&config, "PYTHONSTARTUP");
    let script_folder = match &program {
        _ if config.flags.safe_path => None,
        Program::Command(_) => Some(OsString::new()),
        Program::Module(_) => std::env::current_dir().ok().map(OsString::from),
        Program::File(file) => Some(paths::folder_of(file)),
        Program::Input => Some(OsString::new()),
    };
    let skip_first_line = false;
    Ok(Options { config, program, script_folder, hash_secret, memory, memory_limit, skip_first_line, startup })
}

fn prefixed(first: &str, rest: &[OsString]) -> Vec<OsString> {
    std::iter::once(first.into()).chain(rest.iter().cloned()).collect()
}

/// The variable of the environment, unless `-E` or `-I` hides it; an empty one counts as absent.
pub(crate) fn variable(config: &Config, name: &str) -> Option<String> {
    if config.flags.ignore_environment != 0 {
        return None;
    }
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

/// Flags and options from the environment.
fn environment(config: &mut Config) -> Result<(), String> {
    let number = |value: Option<String>| value.map_or(0, |value| value.parse::<i32>().map_or(1, |value| value.max(1)));
    let optimize = number(variable(config, "PYTHONOPTIMIZE"));
    let verbose = number(variable(config, "PYTHONVERBOSE"));
    let no_bytecode = number(variable(config, "PYTHONDONTWRITEBYTECODE"));
    let no_user_site = number(variable(config, "PYTHONNOUSERSITE"));
    let inspect = number(variable(config, "PYTHONINSPECT"));
    let safe_path = variable(config, "PYTHONSAFEPATH").is_some();
    let unbuffered = variable(config, "PYTHONUNBUFFERED").is_some();
    let warnings = variable(config, "PYTHONWARNINGS");
    config.io_encoding = variable(config, "PYTHONIOENCODING");
    config.pycache_prefix = match x_option(config, "pycache_prefix") {
        // Given without a folder, the option overrules the variable.
        Some(folder) => folder.filter(|folder| !folder.is_empty()).map(str::to_owned),
        None => variable(config, "PYTHONPYCACHEPREFIX"),
    };
    let has_option = |name: &str| config.x_options.iter().any(|(known, _)| known == name);
    let dev = has_option("dev") || variable(config, "PYTHONDEVMODE").is_some();
    let debug = number(variable(config, "PYTHONDEBUG"));
    config.faulthandler = dev || has_option("faulthandler") || variable(config, "PYTHONFAULTHANDLER").is_some();
    let warn_encoding = has_option("warn_default_encoding") || variable(config, "PYTHONWARNDEFAULTENCODING").is_some();
    let flags = &mut config.flags;
    flags.optimize = flags.optimize.max(optimize);
    flags.verbose = flags.verbose.max(verbose);
    flags.dont_write_bytecode = flags.dont_write_bytecode.max(no_bytecode);
    flags.no_user_site = flags.no_user_site.max(no_user_site);
    flags.inspect = flags.inspect.max(inspect);
    flags.safe_path |= safe_path;
    flags.unbuffered |= unbuffered;
    flags.dev_mode = dev;
    flags.debug = flags.debug.max(debug);
    flags.warn_default_encoding = warn_encoding.into();
    // These are switches: how often they are given does not count.
    for switch in
        [&mut flags.dont_write_bytecode, &mut flags.no_user_site, &mut flags.no_site, &mut flags.ignore_environment]
    {
        *switch = (*switch).min(1);
    }
    let mut options: Vec<String> = vec![];
    if dev {
        options.push("default".into());
    }
    options.extend(warnings.iter().flat_map(|text| text.split(',')).map(str::to_owned));
    options.append(&mut config.warn_options);
    match config.flags.bytes_warning {
        0 => {}
        1 => options.push("default::BytesWarning".into()),
        _ => options.push("error::BytesWarning".into()),
    }
    config.warn_options = options;
    Ok(())
}

/// The setting of a `-X` option, given last: nothing for one that is not given, and `Some(None)` for one without a setting.
fn x_option<'a>(config: &'a Config, name: &str) -> Option<Option<&'a str>> {
    config.x_options.iter().rev().find(|(known, _)| known == name).map(|(_, setting)| setting.as_deref())
}

fn fatal(what: &str, state: &str) -> String {
    format!("Fatal Python error: {what}\nPython runtime state: {state}\n")
}

/// Flags whose settings may be wrong.
fn checked(config: &mut Config) -> Result<(), String> {
    let utf8 = match (x_option(config, "utf8"), variable(config, "PYTHONUTF8").as_deref()) {
        (Some(None | Some("1")), _) | (None, Some("1")) => 1,
        (Some(Some("0")), _) | (None, Some("0")) => 0,
        (Some(_), _) => return Err(fatal("preconfig_init_utf8_mode: invalid -X utf8 option value", "preinitializing")),
        (None, Some(_)) => {
            let what = "preconfig_init_utf8_mode: invalid PYTHONUTF8 environment variable value";
            return Err(fatal(what, "preinitializing"));
        }
        // The C and POSIX locales mean UTF-8.
        (None, None) => i32::from(paths::is_c_locale()),
    };
    if let Some(setting) = x_option(config, "frozen_modules")
        && !matches!(setting, None | Some("" | "on" | "off"))
    {
        let what = "bad value for option -X frozen_modules (expected \"on\" or \"off\")";
        return Err(fatal(what, "preinitialized"));
    }
    let limit = |text: &str| text.parse().ok().filter(|&digits: &i32| digits == 0 || digits >= 640);
    let digits = match x_option(config, "int_max_str_digits") {
        Some(setting) => setting.and_then(limit).ok_or_else(|| {
            let what = "-X int_max_str_digits: invalid limit; must be >= 640 or 0 for unlimited.";
            fatal(&format!("config_init_int_max_str_digits: {what}"), "preinitialized")
        })?,
        None => match variable(config, "PYTHONINTMAXSTRDIGITS") {
            None => -1,
            Some(text) => limit(&text).ok_or_else(|| {
                let what = "PYTHONINTMAXSTRDIGITS: invalid limit; must be >= 640 or 0 for unlimited.";
                fatal(&format!("config_init_int_max_str_digits: {what}"), "preinitialized")
            })?,
        },
    };
    config.flags.utf8_mode = utf8;
    config.flags.int_max_str_digits = digits;
    Ok(())
}

/// A limit on memory as it is given.
fn limit(text: &str, source: &str) -> Result<usize, String> {
    parse_size(text).ok_or_else(|| format!("habu: {source}: not a size in bytes: '{text}' (as in 268435456, 256M, 2G)"))
}

/// How the heap is made, by PYTHONMALLOC; `-X dev` stands for its debug layer.
fn memory(config: &Config) -> Result<habu_heap::Config, String> {
    let mut memory = habu_heap::Config::default();
    let given = variable(config, "PYTHONMALLOC");
    let name = given.as_deref().unwrap_or(if config.flags.dev_mode { "debug" } else { "default" });
    (memory.pymalloc, memory.debug) = match name {
        "default" | "pymalloc" => (true, false),
        "debug" | "pymalloc_debug" => (true, true),
        "malloc" => (false, false),
        "malloc_debug" => (false, true),
        _ => {
            return Err("Fatal Python error: preconfig_init_allocator: PYTHONMALLOC: unknown allocator\n\
                        Python runtime state: preinitializing\n"
                .into());
        }
    };
    memory.on_corruption = habu_modules::startup::corruption::report;
    Ok(memory)
}

/// The frames of tracebacks that `tracemalloc` is to keep from the start, 0 for none: by `-X tracemalloc`, else by PYTHONTRACEMALLOC.
fn trace_frames(config: &Config) -> Result<i32, String> {
    let option = config.x_options.iter().rev().find(|(name, _)| name == "tracemalloc");
    let (given, source) = match option {
        Some((_, None)) => return Ok(1),
        Some((_, Some(number))) => (number.clone(), "-X tracemalloc=NFRAME"),
        None => match variable(config, "PYTHONTRACEMALLOC") {
            Some(number) => (number, "PYTHONTRACEMALLOC"),
            None => return Ok(0),
        },
    };
    if given.is_empty() {
        return Ok(0);
    }
    given.parse().ok().filter(|number| (0..=65535).contains(number)).ok_or_else(|| {
        format!("Fatal Python error: config_init_tracemalloc: {source}: invalid number of frames\nPython runtime state: preinitialized\n")
    })
}

/// The secret of string hashes, by PYTHONHASHSEED: 0 for none, a number for a repeatable one, else a random one.
fn hash_secret(config: &mut Config) -> Result<(u64, u64), String> {
    // `-R` overrules the variable.
    let given = variable(config, "PYTHONHASHSEED").filter(|_| config.flags.hash_randomization == 0);
    match given.as_deref() {
        None | Some("random") => {
            config.flags.hash_randomization = 1;
            let mut bytes = [0; 16];
            let random = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
            if random.is_err() {
                return Err("Fatal Python error: failed to get random numbers to initialize Python".into());
            }
            let half = |range: std::ops::Range<usize>| {
                bytes[range].iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte))
            };
            Ok((half(0..8), half(8..16)))
        }
        Some(text) => match text.parse::<u32>().inspect(|_| config.hash_seeded = true) {
            Ok(0) => Ok((0, 0)),
            Ok(seed) => {
                config.flags.hash_randomization = 1;
                Ok(seeded(seed))
            }
            Err(_) => {
                Err("Fatal Python error: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]"
                    .into())
            }
        },
    }
}

/// The secret of a seed: bytes of a linear congruential generator, as CPython documents its hashes to be repeatable.
fn seeded(seed: u32) -> (u64, u64) {
    let mut state = seed;
    let mut bytes = [0u8; 16];
    for byte in &mut bytes {
        state = state.wrapping_mul(214_013).wrapping_add(2_531_011);
        *byte = (state >> 16) as u8;
    }
    let word = |range: std::ops::Range<usize>| {
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[range]);
        u64::from_le_bytes(word)
    };
    (word(0..8), word(8..16))
}
