//! `print` and `input`.

use habu_macros::pymodule;
use habu_runtime::object::protocol::{self, call_method};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::Builtins;

/// A separator: a string, or nothing for None.
fn separator<'a>(value: Option<&'a Object>, name: &str) -> Result<Option<&'a Str>, Raised> {
    match value.filter(|value| !is_none(value)) {
        None => Ok(None),
        Some(value) => match value.downcast::<Str>() {
            Some(text) => Ok(Some(text)),
            None => Err(raise!(TypeError, "{name} must be None or a string, not {}", value.ty().full_name())),
        },
    }
}

/// A standard stream, which must be there.
fn stream(name: &str) -> Result<Ref, Raised> {
    match crate::sys_::get(name)?.filter(|stream| !is_none(stream)) {
        Some(stream) => Ok(stream),
        None => Err(raise!(RuntimeError, "input(): lost sys.{name}")),
    }
}

#[pymodule(table = OUTPUT)]
impl Builtins {
    /// Prints the values to a stream, or to sys.stdout by default.
    ///
    ///   sep
    ///     string inserted between values, default a space.
    ///   end
    ///     string appended after the last value, default a newline.
    ///   file
    ///     a file-like object (stream); defaults to the current sys.stdout.
    ///   flush
    ///     whether to forcibly flush the stream.
    #[signature(*args, sep = None, end = None, file = None, flush = false)]
    #[shown("($module, /, *args, sep=' ', end='\\n', file=None, flush=False)")]
    fn print(
        args: &[&Object],
        sep: Option<&Object>,
        end: Option<&Object>,
        file: Option<&Object>,
        flush: bool,
    ) -> Result<(), Raised> {
        // CPython gathers the arguments in a tuple: references and the collector's count show it.
        let args = Tuple::from_borrowed(args)?;
        let file = match file.filter(|file| !is_none(file)) {
            Some(file) => file.to_ref(),
            None => match crate::sys_::get("stdout")? {
                None => return Err(raise!(RuntimeError, "lost sys.stdout")),
                Some(file) if is_none(&file) => return Ok(()),
                Some(file) => file,
            },
        };
        let (sep, end) = (separator(sep, "sep")?, separator(end, "end")?);
        let space = Str::from_latin1(b" ")?;
        let newline = Str::from_latin1(b"\n")?;
        let write = protocol::get_attribute_str(&file, "write")?;
        for (index, value) in args.as_slice().iter().enumerate() {
            if index > 0 {
                protocol::call1(&write, sep.unwrap_or(&space))?;
            }
            let text = protocol::str(value)?;
            protocol::call1(&write, &text)?;
        }
        protocol::call1(&write, end.unwrap_or(&newline))?;
        if flush {
            call_method(&file, &*Str::intern("flush")?, &[])?;
        }
        Ok(())
    }

    /// Read a string from standard input.  The trailing newline is stripped.
    ///
    /// The prompt string, if given, is printed to standard output without a
    /// trailing newline before reading input.
    ///
    /// If the user hits EOF (*nix: Ctrl-D, Windows: Ctrl-Z+Return), raise EOFError.
    /// On *nix systems, readline is used if available.
    #[signature(prompt = None, /)]
    #[shown("($module, prompt='', /)")]
    fn input(prompt: Option<&Object>) -> Result<Ref<Str>, Raised> {
        let (input, output, errors) = (stream("stdin")?, stream("stdout")?, stream("stderr")?);
        let flush = Str::intern("flush")?;
        if let Err(raised) = call_method(&errors, &flush, &[]) {
            raised.clear();
        }
        let is_original = |name: &str| -> Result<bool, Raised> {
            let (now, first) = (crate::sys_::get(name)?, crate::sys_::get(&format!("__{name}__"))?);
            Ok(matches!((now, first), (Some(now), Some(first)) if now.is(&first)))
        };
        if is_original("stdin")? && is_original("stdout")? {
            if let Err(raised) = call_method(&output, &flush, &[]) {
                raised.clear();
            }
            let shown = prompt.map(protocol::str).transpose()?;
            if let Some(line) = super::line_editor::input(shown.as_deref())? {
                return Ok(line);
            }
        }
        if let Some(prompt) = prompt {
            let text = protocol::str(prompt)?;
            call_method(&output, &*Str::intern("write")?, &[&text])?;
        }
        if let Err(raised) = call_method(&output, &flush, &[]) {
            raised.clear();
        }
        let line = call_method(&input, &*Str::intern("readline")?, &[])?;
        let Some(line) = line.downcast::<Str>() else {
            return Err(raise!(TypeError, "object.readline() returned non-string"));
        };
        match line.len() {
            0 => Err(raise!(EOFError, "EOF when reading a line")),
            length if line.chars().at(length - 1) == u32::from('\n') => {
                let kept = call_method(line, &*Str::intern("removesuffix")?, &[&*Str::from_latin1(b"\n")?])?;
                kept.downcast_into::<Str>().map_err(|_| super::internal())
            }
            _ => Ok(Ref::from_borrowed(line)),
        }
    }
}
