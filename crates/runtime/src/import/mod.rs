//! Importing: `sys.modules`, `__import__`, and the library's own `importlib`.
//!
//! The machinery is CPython's `importlib/_bootstrap.py` and `_bootstrap_external.py`, read from the library at start-up: this file offers what
//! they cannot do themselves. A module that is in `sys.modules` is found here without a call into Python.

pub mod extension;
pub mod lock;
pub mod timing;

pub use extension::package_context;

use crate::object::protocol::{self, lookup_attribute};
use crate::object::{Object, Raised, Ref};
use crate::threads::Thread;
use crate::types::dict::Dict;
use crate::types::module::Module;
use crate::types::singletons::is_none;
use crate::types::str::Str;
use crate::types::traceback::Traceback;
use crate::{id, raise};

/// The module `importlib._bootstrap`, once it was set up.
pub fn bootstrap_module() -> Option<Ref> {
    Thread::current().interpreter().importlib.get()
}

/// `sys.modules`
pub fn modules() -> Result<Ref<Dict>, Raised> {
    Thread::current().interpreter().modules.get().ok_or_else(|| raise!(RuntimeError, "unable to get sys.modules"))
}

/// The module of this name, if it was imported.
pub fn imported(name: &Str) -> Result<Option<Ref>, Raised> {
    Ok(modules()?.get(name)?.filter(|module| !is_none(module)))
}

/// `importlib.import_module(name)`
pub fn import_module(name: &str) -> Result<Ref, Raised> {
    let name = Str::intern(name)?;
    import_absolute(&name)?;
    match imported(&name)? {
        Some(module) => Ok(module),
        None => Err(crate::exceptions::raise_with_arguments(crate::exceptions::exc::KeyError(), &[&name])),
    }
}

/// Imports a module by its full name and gives it.
fn import_absolute(name: &Str) -> Result<Ref, Raised> {
    if let Some(module) = imported(name)? {
        wait_for(&module, name)?;
        return Ok(module);
    }
    let Some(importlib) = bootstrap_module() else {
        return Err(raise!(ImportError, "import machinery is not initialised"));
    };
    if crate::threads::audit::is_on() {
        let search = |name: &str| sys_attribute(name);
        crate::audit!("import", name.to_ref(), (), search("path"), search("meta_path"), search("path_hooks"))?;
    }
    let import = builtin_import()?;
    let load = || protocol::call_method(&importlib, id!(_find_and_load), &[name, &import]);
    let interpreter = Thread::current().interpreter();
    if interpreter.config.import_times { interpreter.import_times.measure(name, load) } else { load() }
}

fn sys_attribute(name: &str) -> Option<Ref> {
    let sys = Thread::current().interpreter().sys_dict.get()?;
    sys.get_str(name).unwrap_or_else(|raised| {
        raised.clear();
        None
    })
}

/// Waits while another thread imports the module.
fn wait_for(module: &Object, name: &Str) -> Result<(), Raised> {
    let Some(module) = module.downcast::<Module>() else { return Ok(()) };
    let spec = module.dictionary()?.get_name(id!(__spec__)).filter(|spec| !is_none(spec));
    let Some(spec) = spec else { return Ok(()) };
    if let Some(busy) = lookup_attribute(&spec, id!(_initializing))?
        && protocol::truth(&busy)?
        && let Some(importlib) = bootstrap_module()
    {
        protocol::call_method(&importlib, id!(_lock_unlock_module), &[name])?;
    }
    Ok(())
}

/// `__import__(name, globals, locals, fromlist, level)`
pub fn import(name: &Str, globals: Option<&Object>, fromlist: Option<&Object>, level: i32) -> Result<Ref, Raised> {
    if level < 0 {
        return Err(raise!(ValueError, "level must be >= 0"));
    }
    if level == 0 && name.len() == 0 {
        return Err(raise!(ValueError, "Empty module name"));
    }
    import_named(name, globals, fromlist, level).map_err(without_machinery)
}

/// Takes the machinery's own frames out of the traceback of what it raised: for an ImportError all of them, else those that end in
/// `_call_with_frames_removed`. With `-v` they stay.
#[cold]
fn without_machinery(raised: Raised) -> Raised {
    let thread = Thread::current();
    if thread.interpreter().config.flags.verbose > 0 {
        return raised;
    }
    let Some(exception) = thread.exception() else { return raised };
    let all = exception.is_a(crate::exceptions::exc::ImportError());
    // The last entry that stays, nothing for the exception itself; and that before the current run of the machinery's entries.
    let (mut last_kept, mut before_run): (Option<Ref<Traceback>>, Option<Ref<Traceback>>) = (None, None);
    let mut in_machinery = false;
    let mut next = exception.traceback.get();
    while let Some(entry) = next {
        next = entry.next.get();
        let code = entry.frame.get().and_then(|frame| frame.code());
        let is_machinery = code.as_ref().is_some_and(|code| {
            let filename = code.filename();
            filename.equals("<frozen importlib._bootstrap>")
                || filename.equals("<frozen importlib._bootstrap_external>")
        });
        if is_machinery && !in_machinery {
            before_run = last_kept.clone();
        }
        in_machinery = is_machinery;
        let ends_run = || code.as_ref().is_some_and(|code| code.name().equals("_call_with_frames_removed"));
        if is_machinery && (all || ends_run()) {
            match &before_run {
                Some(before) => before.next.set(next.clone()),
                None => exception.traceback.set(next.clone()),
            }
            last_kept = before_run.clone();
        } else {
            last_kept = Some(entry);
        }
    }
    raised
}

fn import_named(name: &Str, globals: Option<&Object>, fromlist: Option<&Object>, level: i32) -> Result<Ref, Raised> {
    let full = match level {
        0 => Ref::from_borrowed(name),
        _ => resolve(name, globals, level)?,
    };
    let module = import_absolute(&full)?;
    let wants_names = match fromlist.filter(|fromlist| !is_none(fromlist)) {
        Some(fromlist) => protocol::truth(fromlist)?,
        None => false,
    };
    if wants_names {
        let Some(fromlist) = fromlist else { return Ok(module) };
        if lookup_attribute(&module, id!(__path__))?.is_none() {
            return Ok(module);
        }
        let Some(importlib) = bootstrap_module() else { return Ok(module) };
        let function = protocol::get_attribute(&importlib, id!(_handle_fromlist))?;
        let import = builtin_import()?;
        return protocol::call(&function, &[&module, fromlist, &import]);
    }
    // `import a.b` binds `a`.
    let text = name.to_string_lossy();
    if level > 0 && text.is_empty() {
        return Ok(module);
    }
    let Some((front, _)) = text.split_once('.') else { return Ok(module) };
    if level == 0 {
        return import_absolute(&*Str::intern(front)?);
    }
    let cut = text.len() - front.len();
    let full = full.to_string_lossy();
    let front = Str::intern(&full[..full.len().saturating_sub(cut)])?;
    imported(&front)?.ok_or_else(|| raise!(KeyError, "'{}' not in sys.modules as expected", front))
}

fn builtin_import() -> Result<Ref, Raised> {
    let builtins = Thread::current().interpreter().builtins.get();
    match builtins.and_then(|builtins| builtins.get_name(id!(__import__))) {
        Some(import) => Ok(import),
        None => Err(raise!(ImportError, "__import__ not found")),
    }
}

/// The full name of a relative import, by `__package__`, `__spec__` or `__name__` of the importer.
fn resolve(name: &Str, globals: Option<&Object>, level: i32) -> Result<Ref<Str>, Raised> {
    let Some(globals) = globals.and_then(Object::downcast::<Dict>) else {
        return Err(match globals {
            Some(_) => raise!(TypeError, "globals must be a dict"),
            None => crate::exceptions::raise_with_arguments(
                crate::exceptions::exc::KeyError(),
                &[&*Str::intern("'__name__' not in globals")?],
            ),
        });
    };
    let package = package_of(globals)?;
    if package.is_empty() {
        return Err(raise!(ImportError, "attempted relative import with no known parent package"));
    }
    let mut base = package.as_str();
    for _ in 1..level {
        base = match base.rsplit_once('.') {
            Some((front, _)) => front,
            None => return Err(raise!(ImportError, "attempted relative import beyond top-level package")),
        };
    }
    match name.len() {
        0 => Str::intern(base),
        _ => Str::intern(&format!("{base}.{name}")),
    }
}

fn package_of(globals: &Dict) -> Result<String, Raised> {
    let given = |name: &Str| globals.get_name(name).filter(|value| !is_none(value));
    let spec = given(id!(__spec__));
    if let Some(package) = given(id!(__package__)) {
        let Some(text) = package.downcast::<Str>() else { return Err(raise!(TypeError, "package must be a string")) };
        if let Some(spec) = spec
            && !protocol::equal(&package, &*protocol::get_attribute(&spec, id!(parent))?)?
        {
            warn("__package__ != __spec__.parent")?;
        }
        return Ok(text.to_string_lossy());
    }
    if let Some(spec) = spec {
        let parent = protocol::get_attribute(&spec, id!(parent))?;
        return match parent.downcast::<Str>() {
            Some(parent) => Ok(parent.to_string_lossy()),
            None => Err(raise!(TypeError, "__spec__.parent must be a string")),
        };
    }
    warn("can't resolve package from __spec__ or __package__, falling back on __name__ and __path__")?;
    let Some(name) = globals.get_name(id!(__name__)) else {
        return Err(crate::exceptions::raise_with_arguments(
            crate::exceptions::exc::KeyError(),
            &[&*Str::intern("'__name__' not in globals")?],
        ));
    };
    let Some(name) = name.downcast::<Str>() else { return Err(raise!(TypeError, "__name__ must be a string")) };
    let name = name.to_string_lossy();
    if globals.get_name(id!(__path__)).is_some() {
        return Ok(name);
    }
    Ok(name.rsplit_once('.').map_or(String::new(), |(front, _)| front.to_owned()))
}

fn warn(message: &str) -> Result<(), Raised> {
    crate::exceptions::warn::warn(crate::exceptions::exc::ImportWarning(), format_args!("{message}"), 1)
}
