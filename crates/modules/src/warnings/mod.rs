//! The module `_warnings`, and warnings issued by the runtime itself.
//!
//! Filters are a list of tuples `(action, message, category, module, line)`, shared with the library's `warnings`: its list is used once
//! it was imported. A pattern is None, a string to be compared, or a compiled regular expression.

use habu_macros::pymodule;
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol::{self, call_method, get_attribute_str, lookup_attribute};
use habu_runtime::object::{Object, PyType, Raised, Ref, Type};
use habu_runtime::threads::Thread;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{eval, id, raise};

use crate::system::state;

/// The module.
pub struct Warnings;

/// _warnings provides basic warning filtering support.
/// It is a helper module to speed up interpreter start-up.
#[pymodule(name = "_warnings")]
impl Warnings {
    /// Issue a warning, or maybe ignore it or raise an exception.
    #[signature(message, category = None, stacklevel = 1, source = None)]
    #[name = "warn"]
    fn py_warn(
        message: &Object,
        category: Option<&Object>,
        stacklevel: isize,
        source: Option<&Object>,
    ) -> Result<(), Raised> {
        let category = category_of(message, category)?;
        issue(&category, message, stacklevel, source)
    }

    /// Issue a warning, or maybe ignore it or raise an exception.
    #[name = "warn_explicit"]
    #[varargs]
    #[no_signature]
    #[allow(clippy::too_many_arguments, reason = "as many as Python gives")]
    #[signature(message, category, filename, lineno, module = None, registry = None, module_globals = None, source = None)]
    fn py_warn_explicit(
        message: &Object,
        category: &Object,
        filename: &Str,
        lineno: i32,
        module: Option<&Object>,
        registry: Option<&Object>,
        module_globals: Option<&Object>,
        source: Option<&Object>,
    ) -> Result<(), Raised> {
        // The line is asked for, so that errors of the loader show; what is printed comes from the file.
        if let Some(globals) = module_globals.filter(|globals| !is_none(globals)) {
            line_of_source(globals, lineno)?;
        }
        let place = Place {
            filename: filename.to_ref().into_object(),
            line: lineno.into(),
            module: module.map(Object::to_ref),
            registry: registry.filter(|registry| !is_none(registry)).map(Object::to_ref),
        };
        // Of a module that is None nothing is told.
        if place.module.as_ref().is_some_and(|module| is_none(module)) {
            return Ok(());
        }
        explicit(category, message, &place, source)
    }

    #[name = "_filters_mutated"]
    #[no_signature]
    fn filters_mutated() -> Result<(), Raised> {
        let version = &Thread::current().interpreter().warning_filters_version;
        version.set(version.get() + 1);
        Ok(())
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        let filters = List::new()?;
        let add = |action: &str, category: &Type, name: Option<&str>| -> Result<(), Raised> {
            let module = match name {
                Some(name) => Str::intern(name)?.into_object(),
                None => none(),
            };
            let entry = Tuple::from_refs([
                Str::intern(action)?.into_object(),
                none(),
                category.to_ref(),
                module,
                Int::from_i64(0)?.into_object(),
            ])?;
            filters.push(entry.into_object())
        };
        add("default", exc::DeprecationWarning(), Some("__main__"))?;
        add("ignore", exc::DeprecationWarning(), None)?;
        add("ignore", exc::PendingDeprecationWarning(), None)?;
        add("ignore", exc::ImportWarning(), None)?;
        add("ignore", exc::ResourceWarning(), None)?;
        let (registry, action) = (Dict::new()?, Str::intern("default")?);
        module.set("filters", &filters)?;
        module.set("_onceregistry", &registry)?;
        module.set("_defaultaction", &action)?;
        state::set(kept_as("filters"), &filters)?;
        state::set(kept_as("onceregistry"), &registry)?;
        state::set(kept_as("defaultaction"), &action)
    }
}

/// By what name a setting is kept for when the library's is gone.
fn kept_as(name: &str) -> &'static str {
    match name {
        "filters" => "warnings.filters",
        "onceregistry" => "warnings.onceregistry",
        _ => "warnings.defaultaction",
    }
}

/// Where a warning is given.
struct Place {
    filename: Ref,
    line: i64,
    module: Option<Ref>,
    registry: Option<Ref>,
}

/// Asks a module's loader for a line of its source. A module without a loader or a name has none, nor has a loader without sources.
fn line_of_source(globals: &Object, line: i32) -> Result<(), Raised> {
    let Some(globals) = globals.downcast::<Dict>() else {
        return Err(raise!(TypeError, "module_globals must be a dict, not '{}'", globals.ty().full_name()));
    };
    let (loader, name) = (globals.get_str("__loader__")?, globals.get_str("__name__")?);
    let (Some(loader), Some(name)) = (loader, name) else { return Ok(()) };
    let Some(function) = lookup_attribute(&loader, &*Str::intern("get_source")?)? else { return Ok(()) };
    let source = protocol::call1(&function, &name)?;
    if is_none(&source) {
        return Ok(());
    }
    if !source.isinstance::<Str>() {
        return Err(raise!(TypeError, "must be str, not {}", source.ty().full_name()));
    }
    // A subclass's own method is not asked.
    let lines = protocol::call1(&*get_attribute_str(Str::type_object(), "splitlines")?, &source)?;
    let index = usize::try_from(i64::from(line) - 1).ok();
    match index.and_then(|index| lines.downcast::<List>().and_then(|lines| lines.get(index))) {
        Some(_) => Ok(()),
        None => Err(raise!(IndexError, "list index out of range")),
    }
}

/// The category, by the message's class when the message is a warning itself.
fn category_of(message: &Object, category: Option<&Object>) -> Result<Ref<Type>, Raised> {
    if message.ty().is_subtype(exc::Warning()) {
        return Ok(message.type_ref());
    }
    let Some(category) = category.filter(|category| !is_none(category)) else {
        return Ok(Ref::from_borrowed(exc::UserWarning()));
    };
    match category.downcast::<Type>().filter(|category| category.is_subtype(exc::Warning())) {
        Some(category) => Ok(Ref::from_borrowed(category)),
        None => Err(raise!(TypeError, "category must be a Warning subclass, not '{}'", category.ty().full_name())),
    }
}

/// Issues a warning of the runtime for the code that is running.
pub fn warn(category: &Type, message: &str) -> Result<(), Raised> {
    issue(category, &*Str::new(message)?, 1, None)
}

/// Issues a warning about a place in a file.
pub fn warn_explicit(category: &Type, message: &str, filename: &str, line: i64) -> Result<(), Raised> {
    let place = Place { filename: Str::new(filename)?.into_object(), line, module: None, registry: None };
    explicit(category, &*Str::new(message)?, &place, None)
}

fn is_internal(filename: &str) -> bool {
    filename.contains("importlib") && filename.contains("_bootstrap")
}

/// Issues a warning for the caller `level` calls up.
pub fn issue(category: &Type, message: &Object, level: isize, source: Option<&Object>) -> Result<(), Raised> {
    let mut frame = eval::current_frame()?;
    let mut left = level.max(1) - 1;
    while left > 0 {
        frame = match frame {
            Some(frame) => frame.back()?,
            None => break,
        };
        // The import machinery does not count.
        let inside = frame
            .as_ref()
            .and_then(|frame| frame.code())
            .is_some_and(|code| is_internal(&code.filename().to_string_lossy()));
        if !inside {
            left -= 1;
        }
    }
    let (globals, filename, line) = match &frame {
        Some(frame) => {
            let filename = match frame.code() {
                Some(code) => code.filename().into_object(),
                None => none(),
            };
            (frame.globals(), filename, i64::from(frame.line().unwrap_or(0)))
        }
        None => (Thread::current().interpreter().sys_dict.get(), Str::intern("sys")?.into_object(), 1),
    };
    let (mut registry, mut module) = (None, None);
    if let Some(globals) = globals {
        registry = match globals.get_name(id!(__warningregistry__)) {
            Some(registry) => Some(registry),
            None => {
                let registry = Dict::new()?.into_object();
                globals.set(id!(__warningregistry__), &registry)?;
                Some(registry)
            }
        };
        module = globals.get_name(id!(__name__)).filter(|name| name.isinstance::<Str>());
    }
    let module = match module {
        Some(module) => module,
        None => Str::intern("<string>")?.into_object(),
    };
    explicit(category, message, &Place { filename, line, module: Some(module), registry }, source)
}

/// An attribute of the library's `warnings`; where it has none, what it had last, or what this module started with.
fn setting<T: PyType>(name: &str, refusal: fn(&Object) -> Raised) -> Result<Ref<T>, Raised> {
    let library = habu_runtime::import::imported(&*Str::intern("warnings")?)?;
    let found = match library {
        Some(library) => lookup_attribute(&library, &*Str::intern(name)?)?,
        None => None,
    };
    let found = match found {
        Some(found) => {
            if !found.isinstance::<T>() {
                return Err(refusal(&found));
            }
            state::set(kept_as(name), &found)?;
            Some(found)
        }
        None => state::get(kept_as(name))?,
    };
    match found.map(Ref::downcast_into::<T>) {
        Some(Ok(found)) => Ok(found),
        Some(Err(other)) => Err(refusal(&other)),
        None => Err(raise!(SystemError, "_warnings has no {name}")),
    }
}

fn filters() -> Result<Ref<List>, Raised> {
    setting("filters", |_| raise!(ValueError, "_warnings.filters must be a list"))
}

fn once_registry() -> Result<Ref<Dict>, Raised> {
    setting("onceregistry", |other| {
        raise!(TypeError, "_warnings.onceregistry must be a dict, not '{}'", other.ty().full_name())
    })
}

fn default_action() -> Result<Ref<Str>, Raised> {
    setting("defaultaction", |other| {
        raise!(TypeError, "_warnings.defaultaction must be a string, not '{}'", other.ty().full_name())
    })
}

fn matches(pattern: &Object, text: &Object) -> Result<bool, Raised> {
    if is_none(pattern) {
        return Ok(true);
    }
    if pattern.is_exact::<Str>() {
        if !text.isinstance::<Str>() {
            let (one, other) = (pattern.ty().full_name(), text.ty().full_name());
            return Err(raise!(TypeError, "Can't compare {one} and {other}"));
        }
        return protocol::equal(pattern, text);
    }
    Ok(!is_none(&*call_method(pattern, &*Str::intern("match")?, &[text])?))
}

/// The action that the filters say, and the filter.
fn action_for(category: &Object, text: &Object, line: i64, module: &Object) -> Result<(Ref<Str>, Ref), Raised> {
    let filters = filters()?;
    let mut index = 0;
    while let Some(entry) = filters.get(index) {
        index += 1;
        let Some(fields) = entry.downcast::<Tuple>().filter(|fields| fields.len() == 5) else {
            return Err(raise!(ValueError, "_warnings.filters item {} isn't a 5-tuple", index - 1));
        };
        let [action, pattern, kind, place, number] = fields.as_slice() else { continue };
        let Some(action) = action.downcast::<Str>() else {
            return Err(raise!(TypeError, "action must be a string, not '{}'", action.ty().full_name()));
        };
        // All are asked, whatever the first ones say.
        let fits = [
            matches(pattern, text)?,
            matches(place, module)?,
            habu_runtime::types::type_::instance_check::issubclass(category, kind)?,
            is_line(number, line)?,
        ];
        if fits == [true; 4] {
            return Ok((Ref::from_borrowed(action), entry.clone()));
        }
    }
    Ok((default_action()?, none()))
}

/// Whether a filter's number is a line's, or 0, which stands for all.
fn is_line(number: &Object, line: i64) -> Result<bool, Raised> {
    let Some(number) = number.downcast::<Int>() else { return Err(raise!(TypeError, "an integer is required")) };
    let Some(number) = number.to_i64() else {
        return Err(raise!(OverflowError, "Python int too large to convert to C ssize_t"));
    };
    Ok(number == 0 || number == line)
}

/// Whether the registry has the key already; notes it.
fn already_warned(registry: &Object, key: &Object, note: bool) -> Result<bool, Raised> {
    let Some(registry) = registry.downcast::<Dict>() else {
        return Err(raise!(TypeError, "'registry' must be a dict or None"));
    };
    let version = Thread::current().interpreter().warning_filters_version.get();
    let known = registry.get_str("version")?.and_then(|known| known.downcast::<Int>().and_then(Int::to_i64));
    if known != Some(version) {
        registry.clear_items();
        registry.set_str("version", &*Int::from_i64(version)?)?;
    } else if let Some(found) = registry.get(key)?
        && protocol::truth(&found)?
    {
        return Ok(true);
    }
    if note {
        registry.set(key, &habu_runtime::types::boolean(true))?;
    }
    Ok(false)
}

fn explicit(category: &Object, message: &Object, place: &Place, source: Option<&Object>) -> Result<(), Raised> {
    if place.registry.as_ref().is_some_and(|registry| !registry.isinstance::<Dict>()) {
        return Err(raise!(TypeError, "'registry' must be a dict or None"));
    }
    let module = match &place.module {
        Some(module) => module.clone(),
        None => module_of(&place.filename)?,
    };
    let (text, warning, category) = if message.ty().is_subtype(exc::Warning()) {
        (protocol::str(message)?.into_object(), message.to_ref(), message.type_ref().into_object())
    } else {
        (message.to_ref(), protocol::call1(category, message)?, category.to_ref())
    };
    let line = Int::from_i64(place.line)?;
    let key = Tuple::from_borrowed(&[&text, &category, &line])?;
    if let Some(registry) = &place.registry
        && already_warned(registry, &key, false)?
    {
        return Ok(());
    }
    let (action, filter) = action_for(&category, &text, place.line, &module)?;
    let name = action.to_string_lossy();
    match name.as_str() {
        "error" => return Err(habu_runtime::exceptions::raise_object(warning)),
        "ignore" => return Ok(()),
        "always" => {}
        _ => {
            // The registry has the place from now on, whatever comes of it.
            if let Some(registry) = &place.registry {
                already_warned(registry, &key, true)?;
            }
            if is_known(&name, &action, &filter, &text, &category, place)? {
                return Ok(());
            }
        }
    }
    show(&warning, &category, &text, place, source)
}

/// Whether a warning has been given before where the action is one that gives it once; what is no action is a RuntimeError.
fn is_known(
    name: &str,
    action: &Str,
    filter: &Object,
    text: &Object,
    category: &Object,
    place: &Place,
) -> Result<bool, Raised> {
    let short = Tuple::from_borrowed(&[text, category])?;
    match (name, &place.registry) {
        ("once" | "module", Some(registry)) => already_warned(registry, &short, true),
        ("once", None) => already_warned(&*once_registry()?, &short, true),
        ("module" | "default", _) => Ok(false),
        _ => Err(raise!(
            RuntimeError,
            "Unrecognized action ({}) in warnings.filters:\n {}",
            protocol::repr(action)?,
            protocol::repr(filter)?
        )),
    }
}

/// The module's name as a file name suggests it.
fn module_of(filename: &Object) -> Result<Ref, Raised> {
    let text = protocol::str(filename)?.to_string_lossy();
    if text.is_empty() {
        return Ok(Str::intern("<unknown>")?.into_object());
    }
    Ok(Str::new(text.strip_suffix(".py").unwrap_or(&text))?.into_object())
}

/// Shows a warning by the library's `_showwarnmsg`, or on the standard error where it was not imported.
fn show(
    warning: &Object,
    category: &Object,
    text: &Object,
    place: &Place,
    source: Option<&Object>,
) -> Result<(), Raised> {
    let library = match habu_runtime::import::imported(&*Str::intern("warnings")?)? {
        Some(library) => Some(library),
        // A warning with a source needs the library to show where it was allocated.
        None if source.is_some() && !Thread::current().interpreter().finalizing.get() => {
            habu_runtime::import::import_module("warnings").ok()
        }
        None => None,
    };
    if let Some(library) = library
        && let Some(function) = lookup_attribute(&library, &*Str::intern("_showwarnmsg")?)?
    {
        if !protocol::is_callable(&function) {
            return Err(raise!(TypeError, "warnings._showwarnmsg() must be set to a callable"));
        }
        let class = get_attribute_str(&library, "WarningMessage")?;
        let line = Int::from_i64(place.line)?;
        let none = none();
        let message = protocol::call(
            &class,
            &[warning, category, &place.filename, &line, &none, &none, source.unwrap_or(&none)],
        )?;
        return protocol::call1(&function, &message).map(drop);
    }
    let Some(stream) = crate::sys_::get("stderr")?.filter(|stream| !is_none(stream)) else { return Ok(()) };
    let filename = protocol::str(&place.filename)?.to_string_lossy();
    let (name, text) = (protocol::str(&*get_attribute_str(category, "__name__")?)?, protocol::str(text)?);
    let mut shown = format!("{filename}:{}: {name}: {text}\n", place.line);
    let source_line = std::fs::read_to_string(&filename)
        .ok()
        .and_then(|all| all.lines().nth(usize::try_from(place.line - 1).ok()?).map(|line| line.trim().to_owned()));
    if let Some(line) = source_line.filter(|line| !line.is_empty()) {
        shown.push_str(&format!("  {line}\n"));
    }
    call_method(&stream, &*Str::intern("write")?, &[&*Str::new(&shown)?]).map(drop)
}
