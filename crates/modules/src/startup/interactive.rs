//! The interactive prompt: reads statements, runs each in `__main__`, shows what it raised, goes on.
//!
//! Lines come from a [`Lines`]: the program `habu` gives an editor where the standard input is a terminal; [`PlainLines`] reads without
//! one, and writes prompts to the standard error, as CPython does. A statement is complete when the compiler says so, by
//! the same flags that `codeop` uses. Whatever happens to one statement, the next one is asked for; only SystemExit ends the loop.

use std::io::{BufRead, Write};

use habu_compiler::Mode;
use habu_heap::Buffer;
use habu_runtime::eval;
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol;
use habu_runtime::object::{Raised, Ref};
use habu_runtime::threads::Thread;
use habu_runtime::types::code::Code;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;

use super::finish::{self, Ending};
use crate::compiling::{FUTURE_MASK, Source, compile_with};
use crate::system::blocking::without_lock;

/// `PyCF_ALLOW_INCOMPLETE_INPUT | PyCF_DONT_IMPLY_DEDENT`: source that ends too early says so.
const MAY_GO_ON: u32 = 0x4000 | 0x200;

/// One line of input.
pub enum Line {
    /// A line; its end is not part of it.
    Text(Vec<u8>),
    /// The input has ended.
    End,
    /// The user pressed the key that interrupts.
    Interrupted,
}

/// Where lines come from; they are read with the interpreter's lock released.
pub trait Lines: Send {
    /// Shows a prompt and reads a line.
    fn read(&mut self, prompt: &str) -> Line;
    /// Takes a complete statement into the history, if there is one.
    fn remember(&mut self, _statement: &str) {}
}

/// Lines of the standard input, with prompts on the standard error.
pub struct PlainLines;

impl Lines for PlainLines {
    fn read(&mut self, prompt: &str) -> Line {
        let mut error = std::io::stderr();
        let _ = error.write_all(prompt.as_bytes()).and_then(|()| error.flush());
        let mut line = vec![];
        match std::io::stdin().lock().read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => Line::End,
            Ok(_) => {
                if line.last() == Some(&b'\n') {
                    line.pop();
                }
                Line::Text(line)
            }
        }
    }
}

/// Asks for statements until the input ends or one of them exits.
pub fn ask(lines: &mut dyn Lines) -> Ending {
    for (name, text) in [("ps1", ">>> "), ("ps2", "... ")] {
        let present = crate::sys_::get(name).ok().flatten().is_some();
        if !present && let Err(raised) = Str::new(text).and_then(|text| crate::sys_::set(name, &text)) {
            raised.clear();
        }
    }
    let mut flags = 0;
    loop {
        let ended = match statement(lines, flags) {
            Ok(Asked::End) => return Ending::Code(0),
            Ok(Asked::Nothing) => Ok(()),
            Ok(Asked::Code(code)) => {
                flags |= code.flag_bits() & FUTURE_MASK as u32;
                run(&code)
            }
            Err(raised) => Err(raised),
        };
        if let Err(raised) = ended {
            match finish::ending_of(raised) {
                Ending::Exit(code) => return Ending::Exit(code),
                Ending::Code(_) | Ending::Interrupted => {}
            }
        }
        finish::flush_after_file();
    }
}

fn run(code: &Code) -> Result<(), Raised> {
    let dict = super::main_module()?.dictionary()?;
    eval::run_module_code(code, dict).map(drop)
}

/// What the prompt brought.
enum Asked {
    /// A statement to run.
    Code(Ref<Code>),
    /// An empty line, or an interrupted statement.
    Nothing,
    /// The end of the input.
    End,
}

/// Reads lines until they are a statement.
fn statement(lines: &mut dyn Lines, flags: u32) -> Result<Asked, Raised> {
    let mut text: Vec<u8> = vec![];
    loop {
        let prompt = prompt(if text.is_empty() { "ps1" } else { "ps2" });
        let mut may_go_on = MAY_GO_ON;
        match without_lock(|| lines.read(&prompt)) {
            Line::Interrupted => {
                super::complain(format_args!("\nKeyboardInterrupt"));
                return Ok(Asked::Nothing);
            }
            Line::End => {
                super::complain(format_args!(""));
                if text.is_empty() {
                    return Ok(Asked::End);
                }
                may_go_on = 0;
            }
            Line::Text(line) => {
                let blank = line.trim_ascii_start().first().is_none_or(|&first| first == b'#');
                if text.is_empty() && blank {
                    return Ok(Asked::Nothing);
                }
                text.extend_from_slice(&line);
                text.push(b'\n');
            }
        }
        // While more may come the last line is given without its end: a block is complete with the empty line after it.
        let shown = if may_go_on != 0 { text.strip_suffix(b"\n").unwrap_or(&text) } else { &text };
        let source = Source::Bytes(Buffer::from_slice(shown)?);
        match compile_with(&source, "<stdin>", Mode::Single, flags | may_go_on, -1) {
            Ok(code) => {
                lines.remember(String::from_utf8_lossy(&text).trim_end());
                return Ok(Asked::Code(code));
            }
            Err(raised) if may_go_on != 0 && is_incomplete() => raised.clear(),
            Err(raised) => {
                lines.remember(String::from_utf8_lossy(&text).trim_end());
                return Err(raised);
            }
        }
    }
}

/// Whether the exception that is set says that the source ends too early.
fn is_incomplete() -> bool {
    let Some(exception) = Thread::current().exception() else { return false };
    exception.is_a(exc::SyntaxError())
        && match protocol::get_attribute_str(&exception, "msg") {
            Ok(message) => message.downcast::<Str>().is_some_and(|message| message.equals("incomplete input")),
            Err(raised) => {
                raised.clear();
                false
            }
        }
}

/// The text of `sys.ps1` or `sys.ps2`; nothing where it has none.
fn prompt(name: &str) -> String {
    let shown = || -> Result<String, Raised> {
        match crate::sys_::get(name)? {
            Some(prompt) => Ok(protocol::str(&prompt)?.to_string_lossy()),
            None => Ok(String::new()),
        }
    };
    shown().unwrap_or_else(|raised| {
        raised.clear();
        String::new()
    })
}

/// Runs the file that PYTHONSTARTUP names, in `__main__`, and the hook of `sys.__interactivehook__`.
pub fn prepare(startup: Option<&str>) -> Option<Ending> {
    if let Some(path) = startup {
        let ran = match std::fs::read(path) {
            Ok(bytes) => super::run::run_startup(&bytes, path),
            Err(error) => {
                super::complain(format_args!("Could not open PYTHONSTARTUP"));
                let code = error.raw_os_error().unwrap_or(0);
                Str::new(path).and_then(|path| Err(habu_runtime::exceptions::raise_os_error(code, Some(&path))))
            }
        };
        if let Err(raised) = ran
            && let exit @ Ending::Exit(_) = finish::ending_of(raised)
        {
            return Some(exit);
        }
    }
    let hook = || -> Result<(), Raised> {
        let Some(hook) = crate::sys_::get("__interactivehook__")?.filter(|hook| !is_none(hook)) else { return Ok(()) };
        // The hook of `site` is for the module `readline`; lines are edited without it here.
        let module = protocol::lookup_attribute(&hook, &*Str::intern("__module__")?)?;
        if module.is_some_and(|module| module.downcast::<Str>().is_some_and(|module| module.equals("site"))) {
            return Ok(());
        }
        protocol::call0(&hook).map(drop)
    };
    match hook() {
        Ok(()) => None,
        Err(raised) => {
            super::complain(format_args!("Failed calling sys.__interactivehook__"));
            match finish::ending_of(raised) {
                exit @ Ending::Exit(_) => Some(exit),
                _ => None,
            }
        }
    }
}

/// The words at the head of a session, on the standard error.
pub fn greet() {
    let version = crate::sys_::get("version").ok().flatten().map_or(String::new(), |version| {
        version.downcast::<Str>().map_or(String::new(), |version| version.to_string_lossy())
    });
    super::complain(format_args!("Python {version} on linux"));
    if Thread::current().interpreter().config.flags.no_site == 0 {
        super::complain(format_args!("Type \"help\", \"copyright\", \"credits\" or \"license\" for more information."));
    }
}
