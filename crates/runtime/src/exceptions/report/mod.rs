//! How exceptions that nobody catches are told: `sys.excepthook` and `sys.unraisablehook` in native form (`PyErr_Display`).
//!
//! `output` collects the text, `traceback` shows where an exception passed, with `carets` under what failed, `syntax` shows SyntaxErrors,
//! `suggestions` finds names that were meant. Chains of causes and contexts are walked, not recursed into.

mod carets;
mod output;
mod suggestions;
mod syntax;
mod traceback;
mod unraisable;

pub use self::unraisable::{default_unraisable_hook, write_unraisable, write_unraisable_with};

use self::output::Output;
use crate::exceptions::BaseException;
use crate::exceptions::group::BaseExceptionGroup;
use crate::id;
use crate::object::protocol;
use crate::object::{Object, Raised, Ref, Type};
use crate::threads::Thread;
use crate::threads::thread::NativeCall;
use crate::types::singletons::is_none;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// How many exceptions of one group are shown.
const GROUP_WIDTH: usize = 15;
/// How deep groups in groups are shown.
const GROUP_DEPTH: usize = 10;

const CAUSE: &str = "The above exception was the direct cause of the following exception:";
const CONTEXT: &str = "During handling of the above exception, another exception occurred:";

/// Writes an exception with its traceback, causes, contexts and notes to `sys.stderr`.  Errors meanwhile are forgotten.
pub fn print_exception(exception: &BaseException) {
    crate::exceptions::keep_current(|| {
        let mut printer = Printer { output: Output::new(), seen: std::collections::HashSet::new() };
        if let Err(raised) = printer.with_chain(exception) {
            raised.clear();
        }
        printer.output.flush();
    });
}

/// The text that `print_exception` writes.
pub fn exception_text(exception: &BaseException) -> Result<Ref<Str>, Raised> {
    let mut printer = Printer { output: Output::new(), seen: std::collections::HashSet::new() };
    printer.with_chain(exception)?;
    printer.output.text()
}

/// Writes a text to `sys.stderr`, or to the process's standard error where there is none. Errors are forgotten.
pub fn write_to_stderr(text: &str) {
    crate::exceptions::keep_current(|| {
        let mut output = Output::new();
        match output.push_str(text) {
            Ok(()) => output.flush(),
            Err(raised) => raised.clear(),
        }
    });
}

/// Writes, in the place of an exception, that a value is none.
pub fn print_no_exception(value: &Object) {
    write_to_stderr(&format!(
        "TypeError: print_exception(): Exception expected for value, {} found\n",
        value.ty().full_name()
    ));
}

/// An attribute of `sys`.
fn sys_attribute(name: &str) -> Option<Ref> {
    let sys = Thread::current().interpreter().sys_dict.get()?;
    match sys.get_str(name) {
        Ok(value) => value,
        Err(raised) => {
            raised.clear();
            None
        }
    }
}

/// `module.qualname`, without the module for built-in exceptions and those of the program itself.
fn write_class_name(output: &mut Output, kind: &Type) -> Result<(), Raised> {
    let module = protocol::lookup_attribute(kind, id!(__module__)).unwrap_or_else(|raised| {
        raised.clear();
        None
    });
    match module.as_ref().and_then(|module| module.downcast::<Str>()) {
        Some(module) if module.equals("builtins") || module.equals("__main__") => {}
        Some(module) => {
            output.push(module)?;
            output.push_str(".")?;
        }
        None => output.push_str("<unknown>.")?,
    }
    let name = protocol::get_attribute(kind, id!(__qualname__)).and_then(|name| protocol::str(&name));
    output.push_or(name, "<unknown>")
}

/// What is printed of one exception, its chain and its group.
struct Printer {
    output: Output,
    /// The addresses of the exceptions shown so far, all alive through the first one.
    seen: std::collections::HashSet<usize>,
}

impl Printer {
    /// Shows an exception after those that led to it.
    fn with_chain(&mut self, exception: &BaseException) -> Result<(), Raised> {
        // The newest is found first and shown last.
        let mut chain: habu_heap::Buffer<(Ref<BaseException>, &'static str)> = habu_heap::Buffer::new();
        chain.push((Ref::from_borrowed(exception), ""))?;
        self.seen.insert(exception.address());
        let mut at = Ref::from_borrowed(exception);
        loop {
            let (next, message) = match at.cause.get() {
                Some(cause) => (Some(cause), CAUSE),
                None if at.suppress_context.get() => (None, ""),
                None => (at.context.get(), CONTEXT),
            };
            let Some(next) = next.filter(|next| self.seen.insert(next.address())) else { break };
            chain.push((next.clone(), message))?;
            at = next;
        }
        let closes = self.output.needs_close;
        while let Some((exception, message)) = chain.pop() {
            // The message says how an exception led to the one that is shown after it.
            self.output.needs_close = if chain.is_empty() { closes } else { self.output.needs_close };
            self.one(&exception)?;
            if !message.is_empty() {
                self.output.margin()?;
                self.output.push_str("\n")?;
                self.output.margin()?;
                self.output.push_str(message)?;
                self.output.push_str("\n")?;
                self.output.margin()?;
                self.output.push_str("\n")?;
            }
        }
        Ok(())
    }

    fn one(&mut self, exception: &BaseException) -> Result<(), Raised> {
        let Some(group) = exception.downcast::<BaseExceptionGroup>() else { return self.plain(exception) };
        if self.output.depth > GROUP_DEPTH {
            self.output.margin()?;
            self.output.push_str("... (max_group_depth is 10)\n")?;
            return Ok(());
        }
        self.group(group)
    }

    /// Shows a group and what is in it.
    fn group(&mut self, group: &BaseExceptionGroup) -> Result<(), Raised> {
        let outermost = self.output.depth == 0;
        if outermost {
            self.output.depth = 1;
        }
        self.plain(&group.base)?;
        let exceptions = group.exceptions.get().unwrap_or_else(Tuple::empty);
        let total = exceptions.len();
        let shown = if total <= GROUP_WIDTH { total } else { GROUP_WIDTH + 1 };
        self.output.needs_close = false;
        for index in 0..shown {
            let last = index + 1 == shown;
            if last {
                // Where the last one is a group itself, that group closes the frame.
                self.output.needs_close = true;
            }
            let cut = index >= GROUP_WIDTH;
            self.output.indent()?;
            self.output.push_str(if index == 0 { "+-" } else { "  " })?;
            if cut {
                self.output.push_str("+---------------- ... ----------------\n")?;
            } else {
                self.output.push_str(&format!("+---------------- {} ----------------\n", index + 1))?;
            }
            self.output.depth += 1;
            if cut {
                let left = total - GROUP_WIDTH;
                let plural = if left > 1 { "s" } else { "" };
                self.output.margin()?;
                self.output.push_str(&format!("and {left} more exception{plural}\n"))?;
            } else if let Some(exception) = exceptions.as_slice()[index].downcast::<BaseException>() {
                let _depth = NativeCall::enter(" in print_exception_group")?;
                self.with_chain(exception)?;
            }
            if last && self.output.needs_close {
                self.output.indent()?;
                self.output.push_str("+------------------------------------\n")?;
                self.output.needs_close = false;
            }
            self.output.depth -= 1;
        }
        if outermost {
            self.output.depth = 0;
        }
        Ok(())
    }

    /// Shows one exception alone: traceback, class, message, notes.
    fn plain(&mut self, exception: &BaseException) -> Result<(), Raised> {
        let is_group = exception.isinstance::<BaseExceptionGroup>();
        if let Some(traceback) = exception.traceback.get() {
            let header = match is_group {
                true => "Exception Group Traceback (most recent call last):\n",
                false => "Traceback (most recent call last):\n",
            };
            let margin = match self.output.depth {
                1 if is_group => "+ ",
                0 => "",
                _ => "| ",
            };
            traceback::write(&mut self.output, &traceback, header, margin)?;
        }
        let message = syntax::write_place(&mut self.output, exception)?;
        self.output.margin()?;
        write_class_name(&mut self.output, &exception.type_ref())?;
        match message {
            Some(message) if is_none(&message) => {}
            Some(message) => self.message(&message)?,
            None => self.message(exception)?,
        }
        match suggestions::suggest(exception) {
            Ok(Some(name)) => {
                self.output.push_str(". Did you mean: '")?;
                self.output.push(&name)?;
                self.output.push_str("'?")?;
            }
            Ok(None) => {}
            Err(raised) => raised.clear(),
        }
        self.output.push_str("\n")?;
        self.notes(exception)
    }

    fn message(&mut self, value: &Object) -> Result<(), Raised> {
        match protocol::str(value) {
            Ok(text) if text.len() == 0 => Ok(()),
            Ok(text) => {
                self.output.push_str(": ")?;
                self.output.push(&text)
            }
            Err(raised) => {
                raised.clear();
                self.output.push_str(": <exception str() failed>")
            }
        }
    }

    fn notes(&mut self, exception: &BaseException) -> Result<(), Raised> {
        let notes = match protocol::lookup_attribute(exception, id!(__notes__)) {
            Ok(Some(notes)) => notes,
            Ok(None) => return Ok(()),
            Err(raised) => {
                raised.clear();
                return Ok(());
            }
        };
        if !protocol::sequence::is_sequence(&notes) {
            self.output.margin()?;
            return self.output.push_or(protocol::repr(&notes), "<__notes__ repr() failed>");
        }
        let notes = protocol::to_list(&notes)?;
        let mut index = 0;
        while let Some(note) = notes.get(index) {
            index += 1;
            match protocol::str(&note) {
                Ok(text) => self.output.push_lines(&text)?,
                Err(raised) => {
                    raised.clear();
                    self.output.margin()?;
                    self.output.push_str("<note str() failed>")?;
                }
            }
            self.output.push_str("\n")?;
        }
        Ok(())
    }
}
