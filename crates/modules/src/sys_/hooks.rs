//! The hooks that show values and exceptions.

use habu_macros::pymodule;
use habu_runtime::exceptions::{BaseException, report};
use habu_runtime::object::protocol::{self, call_method};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::traceback::Traceback;
use habu_runtime::types::tuple::Tuple;

use super::Sys;

/// Shows an object whose `repr` the stream cannot encode: what it cannot is escaped.
fn write_escaped(output: &Object, object: &Object) -> Result<(), Raised> {
    let encoding = protocol::get_attribute_str(output, "encoding")?;
    let handler = Str::intern("backslashreplace")?;
    let text = protocol::repr(object)?;
    let bytes = call_method(&text, &*Str::intern("encode")?, &[&encoding, &handler])?;
    let write = Str::intern("write")?;
    match protocol::lookup_attribute(output, &*Str::intern("buffer")?)? {
        Some(buffer) => call_method(&buffer, &write, &[&bytes]).map(drop),
        None => {
            let text = call_method(&bytes, &*Str::intern("decode")?, &[&encoding, &*Str::intern("strict")?])?;
            call_method(output, &write, &[&text]).map(drop)
        }
    }
}

#[pymodule(table = HOOKS)]
impl Sys {
    /// Print an object to sys.stdout and also save it in builtins._
    fn displayhook(object: &Object) -> Result<(), Raised> {
        if is_none(object) {
            return Ok(());
        }
        let Some(builtins) = Thread::current().interpreter().builtins.get() else {
            return Err(raise!(RuntimeError, "lost builtins module"));
        };
        builtins.set_str("_", &none())?;
        let Some(output) = super::get("stdout")?.filter(|output| !is_none(output)) else {
            return Err(raise!(RuntimeError, "lost sys.stdout"));
        };
        let write = Str::intern("write")?;
        let text = protocol::repr(object)?;
        if let Err(raised) = call_method(&output, &write, &[&text]) {
            protocol::attribute::ignore::<Ref>(raised, habu_runtime::exceptions::exc::UnicodeEncodeError())?;
            write_escaped(&output, object)?;
        }
        call_method(&output, &write, &[&*Str::from_latin1(b"\n")?])?;
        builtins.set_str("_", object)
    }

    /// Handle an exception by displaying it with a traceback on sys.stderr.
    #[signature(exctype, value, traceback, /)]
    fn excepthook(exctype: &Object, value: &Object, traceback: &Object) -> Result<(), Raised> {
        let _ = exctype;
        if let Some(exception) = value.downcast::<BaseException>() {
            if exception.traceback.is_empty()
                && let Some(traceback) = traceback.downcast::<Traceback>()
            {
                exception.traceback.set(Some(Ref::from_borrowed(traceback)));
            }
            report::print_exception(exception);
            return Ok(());
        }
        report::print_no_exception(value);
        Ok(())
    }

    /// Handle an unraisable exception.
    ///
    /// The unraisable argument has the following attributes:
    ///
    /// * exc_type: Exception type.
    /// * exc_value: Exception value, can be None.
    /// * exc_traceback: Exception traceback, can be None.
    /// * err_msg: Error message, can be None.
    /// * object: Object causing the exception, can be None.
    #[signature(unraisable, /)]
    fn unraisablehook(unraisable: &Object) -> Result<(), Raised> {
        report::default_unraisable_hook(unraisable)
    }

    /// breakpointhook(*args, **kws)
    ///
    /// This hook function is called by built-in breakpoint().
    #[raw]
    fn breakpointhook(args: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        let ignore = Thread::current().interpreter().config.flags.ignore_environment != 0;
        let variable = if ignore { None } else { std::env::var("PYTHONBREAKPOINT").ok() };
        let target = match variable.as_deref() {
            Some("0") => return Ok(none()),
            None | Some("") => "pdb.set_trace".to_owned(),
            Some(other) => other.to_owned(),
        };
        let (module, name) = target.rsplit_once('.').unwrap_or(("builtins", &target));
        let found =
            habu_runtime::import::import_module(module).and_then(|module| protocol::get_attribute_str(&module, name));
        match found {
            Ok(hook) => protocol::vectorcall(&hook, args, names),
            Err(raised) => {
                raised.clear();
                let text = format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{target}\"");
                crate::warnings::warn(habu_runtime::exceptions::exc::RuntimeWarning(), &text)?;
                Ok(none())
            }
        }
    }
}
