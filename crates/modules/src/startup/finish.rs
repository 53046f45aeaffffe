//! The end of an interpreter: exit functions, streams, what the program left, and the exit code.

use habu_runtime::exceptions::{BaseException, exc, report};
use habu_runtime::id;
use habu_runtime::object::protocol::{self, call_method, lookup_attribute};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::threads::Thread;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;

/// Flushes the standard output and error; whether that worked. What goes wrong with the output is shown.
pub fn flush_streams() -> bool {
    let mut worked = true;
    for name in ["stdout", "stderr"] {
        let Ok(Some(stream)) = crate::sys_::get(name).map_err(Raised::clear) else { continue };
        if is_none(&stream) || is_closed(&stream) {
            continue;
        }
        let flushed = Str::intern("flush").and_then(|flush| call_method(&stream, &flush, &[]));
        if let Err(raised) = flushed {
            worked = false;
            match name {
                "stdout" => habu_runtime::exceptions::unraisable(raised, Some(&stream)),
                _ => raised.clear(),
            }
        }
    }
    worked
}

/// Whether a stream says that it is closed.
fn is_closed(stream: &Object) -> bool {
    let closed = || match lookup_attribute(stream, &*Str::intern("closed")?)? {
        Some(closed) => protocol::truth(&closed),
        None => Ok(false),
    };
    closed().unwrap_or_else(|raised| {
        raised.clear();
        false
    })
}

/// Flushes them after a program in a file, and at the very end; what goes wrong with a program's output shows when it is flushed at the end.
pub fn flush_after_file() {
    habu_runtime::exceptions::keep_current(|| {
        for name in ["stderr", "stdout"] {
            let flushed = || -> Result<(), Raised> {
                match crate::sys_::get(name)? {
                    Some(stream) => call_method(&stream, &*Str::intern("flush")?, &[]).map(drop),
                    None => Ok(()),
                }
            };
            let _ = flushed().map_err(Raised::clear);
        }
    });
}

/// How a program, or a statement at the prompt, ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// It ran to its end, or an exception was shown: the exit code that this means.
    Code(i32),
    /// It asked for the end, with this exit code.
    Exit(i32),
    /// A KeyboardInterrupt ended it, which was shown.
    Interrupted,
}

/// What an exception that nobody caught means: SystemExit is obeyed, others are shown.
pub fn ending_of(raised: Raised) -> Ending {
    let exception = raised.take();
    if exception.ty().is_subtype(exc::SystemExit()) {
        return Ending::Exit(system_exit(&exception));
    }
    let interrupted = exception.ty().is_subtype(exc::KeyboardInterrupt());
    match print_uncaught(&exception) {
        Some(code) => Ending::Exit(code),
        None if interrupted => Ending::Interrupted,
        None => Ending::Code(1),
    }
}

/// The exit code of what `ending_of` says.
pub fn exit_code_of(raised: Raised) -> i32 {
    match ending_of(raised) {
        Ending::Code(code) | Ending::Exit(code) => code,
        Ending::Interrupted => 128 + libc::SIGINT,
    }
}

/// As `ending_of` for a program that is inspected afterwards: SystemExit is shown too.
pub fn ending_inspected(raised: Raised) -> Ending {
    let exception = raised.take();
    let _ = print_uncaught(&exception);
    Ending::Code(1)
}

/// The exit code of `SystemExit`: what is no number is printed.
fn system_exit(exception: &BaseException) -> i32 {
    let code = match protocol::get_attribute_str(exception, "code") {
        Ok(code) => code,
        Err(raised) => {
            raised.clear();
            return 1;
        }
    };
    if is_none(&code) {
        return 0;
    }
    if let Some(number) = code.downcast::<Int>() {
        return number.to_i64().map_or(-1, |number| number as i32);
    }
    let shown = || -> Result<(), Raised> {
        let text = protocol::str(&code)?;
        match crate::sys_::get("stderr")?.filter(|stream| !is_none(stream)) {
            Some(stream) => {
                // The text by itself: it may have characters that no format takes.
                let write = Str::intern("write")?;
                call_method(&stream, &write, &[&text])?;
                call_method(&stream, &write, &[&*Str::new("\n")?])?;
            }
            None => super::complain(format_args!("{text}")),
        }
        Ok(())
    };
    if let Err(raised) = shown() {
        raised.clear();
    }
    1
}

/// Hands an exception to `sys.excepthook`, or shows it when that fails; an exit code if the hook asks for the end.
pub fn print_uncaught(exception: &Ref<BaseException>) -> Option<i32> {
    let traceback = exception.traceback.get().map_or_else(none, |traceback| traceback.into_object());
    let hook = crate::sys_::get("excepthook").ok().flatten().filter(|hook| !is_none(hook));
    let Some(hook) = hook else {
        super::complain(format_args!("sys.excepthook is missing"));
        report::print_exception(exception);
        return None;
    };
    for name in ["last_type", "last_value", "last_traceback"] {
        let value: &Object = match name {
            "last_type" => exception.ty(),
            "last_value" => exception,
            _ => &traceback,
        };
        if let Err(raised) = crate::sys_::set(name, value) {
            raised.clear();
        }
    }
    if let Err(raised) =
        habu_runtime::threads::audit::audit("sys.excepthook", &[&hook, exception.ty(), exception, &traceback])
    {
        let objection = raised.take();
        // A hook that objects with a RuntimeError is obeyed in silence; other errors of hooks are told.
        if objection.is_a(exc::RuntimeError()) {
            return None;
        }
        let raised = Thread::current().set_exception(objection);
        habu_runtime::exceptions::unraisable_with(raised, "Exception ignored in audit hook", None);
    }
    if let Err(raised) = protocol::call(&hook, &[exception.ty(), exception, &traceback]) {
        let second = raised.take();
        if second.ty().is_subtype(exc::SystemExit()) {
            return Some(system_exit(&second));
        }
        super::complain(format_args!("Error in sys.excepthook:"));
        report::print_exception(&second);
        super::complain(format_args!("\nOriginal exception was:"));
        report::print_exception(exception);
    }
    None
}

/// Ends the interpreter: exit functions, the modules' contents, a last collection, the streams. Gives 120 where flushing failed.
pub fn finalise() -> i32 {
    let shut_down = || -> Result<(), Raised> {
        if let Some(threading) = habu_runtime::import::imported(&*Str::intern("threading")?)? {
            call_method(&threading, &*Str::intern("_shutdown")?, &[])?;
        }
        crate::signal::calls::make()
    };
    if let Err(raised) = shut_down() {
        habu_runtime::exceptions::unraisable(raised, None);
    }
    crate::atexit::run_all();
    let thread = Thread::current();
    thread.interpreter().lock.keep_for(thread);
    let mut code = 0;
    if !flush_streams() {
        code = 120;
    }
    Thread::current().interpreter().finalizing.set(true);
    if let Err(raised) = crate::signal::pending::call_off() {
        raised.clear();
    }
    // What is garbage already is finalised while the modules are whole.
    let collector = &Thread::current().interpreter().gc;
    if collector.enabled.get() {
        collector.collect_guarded(2);
    }
    if let Err(raised) = clear_modules() {
        raised.clear();
    }
    if let Err(raised) = report_garbage() {
        raised.clear();
    }
    // What finalizers wrote; the streams are not told of what goes wrong any more.
    flush_after_file();
    let interpreter = Thread::current().interpreter();
    crate::tracemalloc::stop();
    if interpreter.config.malloc_stats {
        crate::sys_::print_malloc_stats();
    }
    code
}

/// Tells of objects in `gc.garbage` that could not be collected.
fn report_garbage() -> Result<(), Raised> {
    use habu_runtime::gc::{GcState, debug};
    let state = GcState::current();
    let Some(garbage) = state.garbage.get().filter(|garbage| garbage.len() > 0) else { return Ok(()) };
    let flags = state.debug.get();
    if flags & debug::SAVEALL != 0 {
        return Ok(());
    }
    let count = garbage.len();
    let hint = match flags & debug::UNCOLLECTABLE {
        0 => "; use gc.set_debug(gc.DEBUG_UNCOLLECTABLE) to list them",
        _ => "",
    };
    let text = format!("gc: {count} uncollectable objects at shutdown{hint}");
    if let Err(raised) = crate::warnings::warn_explicit(exc::ResourceWarning(), &text, "gc", 0) {
        habu_runtime::exceptions::unraisable(raised, None);
    }
    if flags & debug::UNCOLLECTABLE != 0 {
        report::write_to_stderr(&format!("      {}\n", protocol::repr(&garbage)?));
    }
    Ok(())
}

/// Empties the modules, `__main__` first, so that finalizers run while the interpreter can still run them.
fn clear_modules() -> Result<(), Raised> {
    let interpreter = Thread::current().interpreter();
    let modules = habu_runtime::import::modules()?;
    for name in [
        "path",
        "argv",
        "ps1",
        "ps2",
        "last_type",
        "last_value",
        "last_traceback",
        "path_hooks",
        "path_importer_cache",
        "meta_path",
    ] {
        crate::sys_::set(name, &none())?;
    }
    for name in ["stdin", "stdout", "stderr"] {
        if let Some(original) = crate::sys_::get(&format!("__{name}__"))? {
            crate::sys_::set(name, &original)?;
        }
    }
    // The modules are taken out of `sys.modules` and kept by weak references alone, in the order of their import.
    let mut kept: Vec<(String, Ref<Module>)> = vec![];
    let mut at = 0;
    while let Some((name, module)) = modules.next_item(&mut at) {
        if let (Some(name), Ok(module)) = (name.downcast::<Str>(), module.downcast_into::<Module>()) {
            kept.push((name.to_string_lossy(), module));
        }
    }
    modules.clear_items();
    crate::faulthandler::finish();
    Thread::current().context.set(None);
    drop(interpreter.importlib.get());
    // No reference to the dictionaries either: what is garbage with its module is finalised before anything is cleared.
    let mut alive: Vec<Ref> = vec![];
    for (name, module) in kept {
        let reference = habu_runtime::types::weakref::WeakReference::plain(&module)?.into_object();
        if name != "sys" && name != "builtins" {
            drop(module);
            alive.push(reference);
        } else {
            std::mem::forget(module);
        }
    }
    restore_builtins()?;
    habu_runtime::gc::collect_at_end();
    for reference in alive.into_iter().rev() {
        let target = reference
            .downcast::<habu_runtime::types::weakref::WeakReference>()
            .and_then(habu_runtime::types::weakref::WeakReference::target);
        if let Some(module) = target.as_ref().and_then(|target| target.downcast::<Module>()) {
            clear_dictionary(&*module.dictionary()?)?;
        }
    }
    habu_runtime::gc::collect_at_end();
    Ok(())
}

/// Makes `builtins` what it was at start-up: what programs put there ends.
fn restore_builtins() -> Result<(), Raised> {
    let interpreter = Thread::current().interpreter();
    if let (Some(builtins), Some(first)) = (interpreter.builtins.get(), interpreter.builtins_copy.get()) {
        // What ends finds the first contents in place.
        let _before = builtins.copy()?;
        builtins.clear_items();
        builtins.update_from(&first)?;
    }
    Ok(())
}

/// Sets the names of a module to None: first those that begin with one underscore, then the others but `__builtins__`.
fn clear_dictionary(dict: &Dict) -> Result<(), Raised> {
    let none = none();
    for underscored in [true, false] {
        let mut at = 0;
        while let Some((key, value)) = dict.next_item(&mut at) {
            let Some(name) = key.downcast::<Str>() else { continue };
            if is_none(&value) {
                continue;
            }
            let text = name.to_string_lossy();
            let private = text.starts_with('_') && !text.starts_with("__");
            if (underscored && private) || (!underscored && !name.is(id!(__builtins__))) {
                drop(value);
                dict.set(name, &none)?;
            }
        }
    }
    Ok(())
}
