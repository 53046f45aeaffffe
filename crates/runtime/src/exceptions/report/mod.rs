//! How exceptions that nobody catches are told: `sys.excepthook` and `sys.unraisablehook` in native form (`PyErr_Display`).
//!
//! `output` collects the text, `traceback` shows where an exception passed, with `carets` under what failed, `syntax` shows SyntaxErrors,
//! `suggestions` finds names that were meant. Chains of causes and contexts are walked, not recursed into.

mod carets;
mod output;
mod suggestions;
mod syntax;
mod traceback;

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
use crate::types::traceback::Traceback;
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

/// Hands an exception that cannot be raised to `sys.unraisablehook`.
pub fn write_unraisable(exception: &BaseException, object: Option<&Object>) {
    write_unraisable_with(exception, None, object);
}

/// As `write_unraisable`, with words that say where it happened.
pub fn write_unraisable_with(exception: &BaseException, message: Option<&str>, object: Option<&Object>) {
    crate::exceptions::keep_current(|| {
        let message = message.and_then(|message| Str::new(message).ok());
        let message = message.as_ref().map(|message| -> &Object { message });
        let hook = sys_attribute("unraisablehook").filter(|hook| {
            // The built-in hook does what is done here.
            !is_none(hook) && hook.ty().name() != "builtin_function_or_method"
        });
        let told = match hook {
            Some(hook) => call_hook(&hook, exception, message, object),
            None => tell_unraisable(Some(exception.ty()), Some(exception), exception.traceback.get(), message, object),
        };
        if let Err(raised) = told {
            // The hook's own error is told in its place.
            let error = raised.take();
            let text = Str::new("Exception ignored in sys.unraisablehook").ok();
            let shown = text.as_ref().map(|text| -> &Object { text });
            let traceback = error.traceback.get();
            if let Err(raised) = tell_unraisable(Some(error.ty()), Some(&error), traceback, shown, None) {
                raised.clear();
            }
        }
    });
}

fn call_hook(
    hook: &Object,
    exception: &BaseException,
    message: Option<&Object>,
    object: Option<&Object>,
) -> Result<(), Raised> {
    let arguments = crate::types::dict::Dict::new()?;
    let none = crate::types::none();
    arguments.set_str("exc_type", exception.ty())?;
    arguments.set_str("exc_value", exception)?;
    let traceback = exception.traceback.get().map_or_else(crate::types::none, Ref::into_object);
    arguments.set_str("exc_traceback", &traceback)?;
    arguments.set_str("err_msg", message.unwrap_or(&none))?;
    arguments.set_str("object", object.unwrap_or(&none))?;
    let arguments = crate::types::namespace::SimpleNamespace::of(arguments)?;
    protocol::call1(hook, &arguments).map(drop)
}

/// What `sys.unraisablehook` does by default, given its argument.
pub fn default_unraisable_hook(unraisable: &Object) -> Result<(), Raised> {
    if unraisable.isinstance::<BaseException>() || !unraisable.isinstance::<crate::types::namespace::SimpleNamespace>()
    {
        return Err(crate::raise!(TypeError, "sys.unraisablehook argument type must be UnraisableHookArgs"));
    }
    let attribute = |name: &str| -> Result<Option<Ref>, Raised> {
        Ok(Some(protocol::get_attribute_str(unraisable, name)?).filter(|value| !is_none(value)))
    };
    let kind = attribute("exc_type")?;
    let value = attribute("exc_value")?;
    let traceback = attribute("exc_traceback")?.and_then(|traceback| traceback.downcast_into::<Traceback>().ok());
    let message = attribute("err_msg")?;
    let object = attribute("object")?;
    let kind = kind.as_ref().and_then(|kind| kind.downcast::<Type>());
    tell_unraisable(kind, value.as_deref(), traceback, message.as_deref(), object.as_deref())
}

fn tell_unraisable(
    kind: Option<&Type>,
    value: Option<&Object>,
    traceback: Option<Ref<Traceback>>,
    message: Option<&Object>,
    object: Option<&Object>,
) -> Result<(), Raised> {
    let mut output = Output::new();
    match (object, message) {
        (Some(object), message) => {
            match message {
                Some(message) => {
                    output.push(&*protocol::str(message)?)?;
                    output.push_str(": ")?;
                }
                None => output.push_str("Exception ignored in: ")?,
            }
            output.push_or(protocol::repr(object), "<object repr() failed>")?;
            output.push_str("\n")?;
        }
        (None, Some(message)) => {
            output.push(&*protocol::str(message)?)?;
            output.push_str(":\n")?;
        }
        (None, None) => {}
    }
    if let Some(traceback) = traceback {
        traceback::write(&mut output, &traceback, "Traceback (most recent call last):\n", "")?;
    }
    if let Some(kind) = kind {
        write_class_name(&mut output, kind)?;
        if let Some(value) = value {
            output.push_str(": ")?;
            output.push_or(protocol::str(value), "<exception str() failed>")?;
        }
        output.push_str("\n")?;
    }
    output.flush();
    Ok(())
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
        None => output.push_str("<unknown>")?,
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
            self.output.push_or(protocol::repr(&notes), "<__notes__ repr() failed>")?;
            return self.output.push_str("\n");
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
